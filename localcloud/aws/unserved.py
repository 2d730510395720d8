"""Types of services that are served, which have no row, and why: the refusal says it.

`LACKING` holds what moto 5.2.5, the stand-in for AWS, would have to have for a row; a test holds it to moto, so that an
entry goes when moto learns the operation. `HELD` names what moto has and nobody has written a row for.
"""

from collections.abc import Iterator

LACKING: dict[str, tuple[str, str]] = {
    "apigateway/domainNameAccessAssociation:DomainNameAccessAssociation":
        ("apigateway", "create_domain_name_access_association"),
    "apigatewayv2/routingRule:RoutingRule": ("apigatewayv2", "create_routing_rule"),
    "cloudfront/anycastIpList:AnycastIpList": ("cloudfront", "create_anycast_ip_list"),
    "cloudfront/connectionFunction:ConnectionFunction": ("cloudfront", "create_connection_function"),
    "cloudfront/connectionGroup:ConnectionGroup": ("cloudfront", "create_connection_group"),
    "cloudfront/continuousDeploymentPolicy:ContinuousDeploymentPolicy":
        ("cloudfront", "create_continuous_deployment_policy"),
    "cloudfront/distributionTenant:DistributionTenant": ("cloudfront", "create_distribution_tenant"),
    "cloudfront/fieldLevelEncryptionConfig:FieldLevelEncryptionConfig":
        ("cloudfront", "create_field_level_encryption_config"),
    "cloudfront/fieldLevelEncryptionProfile:FieldLevelEncryptionProfile":
        ("cloudfront", "create_field_level_encryption_profile"),
    "cloudfront/monitoringSubscription:MonitoringSubscription": ("cloudfront", "create_monitoring_subscription"),
    "cloudfront/multitenantDistribution:MultitenantDistribution": ("cloudfront", "create_distribution_tenant"),
    "cloudfront/realtimeLogConfig:RealtimeLogConfig": ("cloudfront", "create_realtime_log_config"),
    "cloudfront/trustStore:TrustStore": ("cloudfront", "create_trust_store"),
    "cloudfront/vpcOrigin:VpcOrigin": ("cloudfront", "create_vpc_origin"),
    "cognito/identityPoolProviderPrincipalTag:IdentityPoolProviderPrincipalTag":
        ("cognitoidentity", "set_principal_tag_attribute_map"),
    "cognito/managedLoginBranding:ManagedLoginBranding": ("cognitoidp", "create_managed_login_branding"),
    "elasticache/globalReplicationGroup:GlobalReplicationGroup": ("elasticache", "create_global_replication_group"),
    "elasticache/reservedCacheNode:ReservedCacheNode": ("elasticache", "purchase_reserved_cache_nodes_offering"),
    "lambda/capacityProvider:CapacityProvider": ("awslambda", "create_capacity_provider"),
    "lambda/codeSigningConfig:CodeSigningConfig": ("awslambda", "create_code_signing_config"),
    "lambda/functionRecursionConfig:FunctionRecursionConfig": ("awslambda", "put_function_recursion_config"),
    "lambda/functionScalingConfig:FunctionScalingConfig": ("awslambda", "put_function_scaling_config"),
    "lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig":
        ("awslambda", "put_provisioned_concurrency_config"),
    "lambda/runtimeManagementConfig:RuntimeManagementConfig": ("awslambda", "put_runtime_management_config"),
    "rds/certificate:Certificate": ("rds", "modify_certificates"),
    "rds/clusterActivityStream:ClusterActivityStream": ("rds", "start_activity_stream"),
    "rds/clusterEndpoint:ClusterEndpoint": ("rds", "create_db_cluster_endpoint"),
    "rds/customDbEngineVersion:CustomDbEngineVersion": ("rds", "create_custom_db_engine_version"),
    "rds/instanceAutomatedBackupsReplication:InstanceAutomatedBackupsReplication":
        ("rds", "start_db_instance_automated_backups_replication"),
    "rds/integration:Integration": ("rds", "create_integration"),
    "rds/proxyEndpoint:ProxyEndpoint": ("rds", "create_db_proxy_endpoint"),
    "rds/reservedInstance:ReservedInstance": ("rds", "purchase_reserved_db_instances_offering"),
}  # fmt: skip
"""Token without `aws:` -> (moto's service, the operation that it lacks)."""

HELD = frozenset({
    "apigatewayv2/integrationResponse:IntegrationResponse", "apigatewayv2/model:Model",
    "apigatewayv2/routeResponse:RouteResponse", "cloudfront/keyGroup:KeyGroup",
    "cloudfront/keyValueStore:KeyValueStore", "cloudfront/publicKey:PublicKey",
    "lambda/layerVersionPermission:LayerVersionPermission", "rds/clusterRoleAssociation:ClusterRoleAssociation",
    "rds/clusterSnapshot:ClusterSnapshot", "rds/clusterSnapshotCopy:ClusterSnapshotCopy",
    "rds/eventSubscription:EventSubscription", "rds/exportTask:ExportTask", "rds/globalCluster:GlobalCluster",
    "rds/instanceDesiredState:InstanceDesiredState", "rds/optionGroup:OptionGroup", "rds/proxy:Proxy",
    "rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup", "rds/proxyTarget:ProxyTarget",
    "rds/roleAssociation:RoleAssociation", "rds/shardGroup:ShardGroup", "rds/snapshot:Snapshot",
    "rds/snapshotCopy:SnapshotCopy", "sfn/alias:Alias",
})  # fmt: skip
"""Tokens without `aws:` of what moto has."""

OTHERWISE = {
    "apigateway/restApiPut:RestApiPut": "give the document as 'body' of an aws.apigateway.RestApi",
    "cloudfront/keyvaluestoreKey:KeyvaluestoreKey": "moto has no service for the keys of a key-value store",
    "cloudfront/keyvaluestoreKeysExclusive:KeyvaluestoreKeysExclusive":
        "moto has no service for the keys of a key-value store",
    "lambda/coreNetworkConnector:CoreNetworkConnector": "botocore has no operation for it yet",
    "lambda/invocation:Invocation": "functions are kept here and never run",
    "lambda/microvmsImage:MicrovmsImage": "botocore has no operation for it yet",
    "lambda/resourcePolicy:ResourcePolicy": "give aws.lambda_.Permission, statement by statement",
}  # fmt: skip
"""Token without `aws:` -> another reason, or what to do instead."""


def reasons() -> Iterator[tuple[str, str]]:
    """(token, why it is not served)."""
    for token, (_, operation) in LACKING.items():
        words = "".join(part.title() for part in operation.split("_"))
        yield f"aws:{token}", f"moto 5.2.5, the stand-in for AWS, has no {words}"
    for token in HELD:
        yield f"aws:{token}", "moto 5.2.5, the stand-in for AWS, has it and no row does yet"
    for token, why in OTHERWISE.items():
        yield f"aws:{token}", why
