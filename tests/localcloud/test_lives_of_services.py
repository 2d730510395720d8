"""The whole life of each type of a managed service: made, changed in place, replaced, changed behind our back, imported,
deleted. It cannot prove what AWS itself would answer.
"""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.localcloud.catalogue import World
from tests.localcloud.catalogue_services import SERVICES, WAITING, archive
from tests.localcloud.lives import Life
from tests.localcloud.lives_of_caches import CACHE_LIVES
from tests.localcloud.lives_of_cognito import COGNITO_LIVES
from tests.localcloud.lives_of_programs import PROGRAM_LIVES
from tests.localcloud.lives_of_rest_apis import REST_LIVES

Values = dict[str, Any]


FUNCTION, PERMISSION = "lambda/function:Function", "lambda/permission:Permission"
LIVES: dict[str, Life] = PROGRAM_LIVES | REST_LIVES | COGNITO_LIVES | CACHE_LIVES | {
    FUNCTION: Life(
        {
            "timeout": 20, "memorySize": 512, "environment": {"variables": {"TABLE": "orders"}},
            "reservedConcurrentExecutions": 5, "deadLetterConfig": None, "tracingConfig": {"mode": "Active"},
            "loggingConfig": {"logFormat": "JSON", "applicationLogLevel": "INFO", "systemLogLevel": "WARN"},
            "ephemeralStorage": {"size": 1024}, "code": archive(**{"index.py": "def handler(e, c): return 2"}),
            "architectures": ["arm64"], "snapStart": {"applyOn": "PublishedVersions"}, "layers": None,
        },
        {"name": "other"},
        ("lambda", "update_function_configuration", {"FunctionName": "{id}", "Timeout": 77}, "timeout", 77),
        unimported=frozenset({"code"}),
        more=lambda w: {
            "deadLetterConfig": {"targetArn": w.out("sqs/queue:Queue", "arn")}, "timeout": 10,
            "layers": [w.out("lambda/layerVersion:LayerVersion", "arn")],
        },
    ),
    PERMISSION: Life(
        None, {"action": "lambda:GetFunction", "principal": "sns.amazonaws.com", "sourceArn": "arn:aws:sns:::x"},
        import_id="{function}/{id}",
    ),
    "lambda/eventSourceMapping:EventSourceMapping": Life(
        {
            "batchSize": 5, "enabled": False, "filterCriteria": {"filters": [{"pattern": '{"body": ["a"]}'}]},
            "functionResponseTypes": ["ReportBatchItemFailures"], "scalingConfig": {"maximumConcurrency": 4},
        },
        {"eventSourceArn": "arn:aws:sqs:eu-west-1:123456789012:other"},
        ("lambda", "update_event_source_mapping", {"UUID": "{id}", "BatchSize": 7}, "batchSize", 7),
        more=lambda w: {"batchSize": 10},
    ),
    "lambda/alias:Alias": Life(
        {"description": "now"}, {"name": "other"},
        ("lambda", "update_alias", {"FunctionName": "{functionName}", "Name": "live", "Description": "x",
                                    "FunctionVersion": "$LATEST"}, "description", "x"),
        import_id="{functionName}/live",
    ),
    "lambda/functionUrl:FunctionUrl": Life(
        {"authorizationType": "NONE", "cors": {"allowOrigins": ["https://shop.example"], "maxAge": 60},
         "invokeMode": "RESPONSE_STREAM"},
        {"functionName": "other"},
        ("lambda", "update_function_url_config", {"FunctionName": "{id}", "AuthType": "NONE"},
         "authorizationType", "NONE"),
    ),
    "lambda/layerVersion:LayerVersion": Life(
        None, {"layerName": "other", "description": "b", "code": archive(**{"python/shared.py": "x = 2"})},
        unimported=frozenset({"code"}),
    ),
    "apigatewayv2/api:Api": Life(
        {"description": "of the shop", "corsConfiguration": {"allowOrigins": ["*"], "maxAge": 60}, "version": "2",
         "disableExecuteApiEndpoint": True},
        {},
        ("apigatewayv2", "update_api", {"ApiId": "{id}", "Name": "renamed"}, "name", "renamed"),
    ),
    "apigatewayv2/stage:Stage": Life(
        {
            "description": "for all", "stageVariables": {"a": "2"}, "accessLogSettings": None, "tags": {"b": "2"},
            "defaultRouteSettings": {"throttlingBurstLimit": 10, "throttlingRateLimit": 5},
            "routeSettings": [{"routeKey": "GET /orders", "throttlingBurstLimit": 1, "throttlingRateLimit": 2}],
        },
        {"name": "other", "apiId": "other"},
        ("apigatewayv2", "update_stage", {"ApiId": "{apiId}", "StageName": "{id}", "Description": "x"},
         "description", "x"),
        import_id="{apiId}/{id}",
        more=lambda w: {
            "stageVariables": {"a": "1"}, "tags": {"a": "1"},
            "accessLogSettings": {"destinationArn": w.out("cloudwatch/logGroup:LogGroup", "arn"), "format": "$context"},
        },
    ),
    "apigatewayv2/integration:Integration": Life(
        {"description": "orders", "timeoutMilliseconds": 5000, "requestParameters": {"overwrite:path": "/x"},
         "responseParameters": [{"statusCode": "403", "mappings": {"append:header.a": "b"}}]},
        {"integrationType": "AWS", "apiId": "other"},
        ("apigatewayv2", "update_integration", {"ApiId": "{apiId}", "IntegrationId": "{id}", "Description": "x"},
         "description", "x"),
        import_id="{apiId}/{id}",
    ),
    "apigatewayv2/route:Route": Life(
        {"routeKey": "POST /orders", "authorizationType": "AWS_IAM", "operationName": None},
        {"apiId": "other"},
        ("apigatewayv2", "update_route", {"ApiId": "{apiId}", "RouteId": "{id}", "RouteKey": "PUT /x"},
         "routeKey", "PUT /x"),
        import_id="{apiId}/{id}", more=lambda w: {"operationName": "list"},
    ),
    "apigatewayv2/authorizer:Authorizer": Life(
        {"name": "people", "jwtConfiguration": {"audiences": ["shop", "desk"], "issuer": "https://users.example"}},
        {"authorizerType": "REQUEST"},
        ("apigatewayv2", "update_authorizer", {"ApiId": "{apiId}", "AuthorizerId": "{id}", "Name": "x"}, "name", "x"),
        import_id="{apiId}/{id}",
    ),
    "apigatewayv2/deployment:Deployment": Life(
        {"description": "second"}, {"triggers": {"routes": "2"}},
        ("apigatewayv2", "update_deployment", {"ApiId": "{apiId}", "DeploymentId": "{id}", "Description": "x"},
         "description", "x"),
        import_id="{apiId}/{id}", more=lambda w: {"triggers": {"routes": "1"}}, unimported=frozenset({"triggers"}),
    ),
    "apigatewayv2/domainName:DomainName": Life(
        {"domainNameConfiguration": {"certificateArn": "arn:aws:acm:eu-west-1:123456789012:certificate/other",
                                     "endpointType": "REGIONAL", "securityPolicy": "TLS_1_2"}, "tags": {"b": "2"}},
        {"domainName": "other.shop.example"},
        ("apigatewayv2", "update_domain_name", {"DomainName": "{id}", "RoutingMode": "ROUTING_RULE_ONLY"},
         "routingMode", "ROUTING_RULE_ONLY"),
        more=lambda w: {"tags": {"a": "1"}, "routingMode": "API_MAPPING_ONLY"},
    ),
    "apigatewayv2/apiMapping:ApiMapping": Life(
        {"apiMappingKey": None}, {"domainName": "other.shop.example"},
        ("apigatewayv2", "update_api_mapping", {"ApiMappingId": "{id}", "DomainName": "{domainName}", "ApiId": "{apiId}",
                                                "ApiMappingKey": "v2"}, "apiMappingKey", "v2"),
        import_id="{id}/{domainName}",
    ),
    "apigatewayv2/vpcLink:VpcLink": Life(
        {"name": "renamed", "tags": {"b": "2"}}, {"securityGroupIds": ["sg-other"], "subnetIds": ["subnet-other"]},
        ("apigatewayv2", "update_vpc_link", {"VpcLinkId": "{id}", "Name": "x"}, "name", "x"),
        more=lambda w: {"tags": {"a": "1"}},
    ),
    "cloudwatch/eventBus:EventBus": Life(
        {"description": "orders", "deadLetterConfig": None}, {"name": "other"},
        ("events", "update_event_bus", {"Name": "{id}", "Description": "x"}, "description", "x"),
        more=lambda w: {"deadLetterConfig": {"arn": w.out("sqs/queue:Queue", "arn")}},
    ),
    "kinesis/stream:Stream": Life(
        {"shardCount": 4, "retentionPeriod": 72, "shardLevelMetrics": ["IncomingBytes"], "encryptionType": None,
         "kmsKeyId": None},
        {"name": "other"},
        ("kinesis", "increase_stream_retention_period", {"StreamName": "{name}", "RetentionPeriodHours": 96},
         "retentionPeriod", 96),
        import_id="{name}",
        more=lambda w: {"encryptionType": "KMS", "kmsKeyId": "alias/aws/kinesis", "retentionPeriod": 48,
                        "shardLevelMetrics": ["OutgoingBytes"]},
    ),
    "kinesis/streamConsumer:StreamConsumer": Life(None, {"name": "other", "streamArn": "arn:aws:kinesis:eu-west-1:123456789012:stream/b"}),
    "sfn/stateMachine:StateMachine": Life(
        {"definition": WAITING.replace("1", "2"), "tracingConfiguration": {"enabled": True},
         "loggingConfiguration": None},
        {"name": "other", "type": "EXPRESS"},
        ("stepfunctions", "update_state_machine", {"stateMachineArn": "{id}", "tracingConfiguration": {"enabled": False}},
         "tracingConfiguration", {"enabled": False}),
        more=lambda w: {"loggingConfiguration": {
            "level": "ERROR", "logDestination": w.out("cloudwatch/logGroup:LogGroup", "arn") + ":*",
        }},
    ),
    "cloudfront/originAccessControl:OriginAccessControl": Life(
        {"description": "of the site", "signingBehavior": "no-override"}, {"name": "other"},
    ),
    "cloudfront/distribution:Distribution": Life(
        {
            "comment": "the site", "defaultRootObject": "index.html", "priceClass": "PriceClass_100",
            "customErrorResponses": [{"errorCode": 404, "responseCode": 200, "responsePagePath": "/index.html"}],
            "orderedCacheBehaviors": [{
                "pathPattern": "/api/*", "targetOriginId": "site", "viewerProtocolPolicy": "https-only",
                "allowedMethods": ["GET", "HEAD", "OPTIONS"], "cachedMethods": ["GET", "HEAD"], "compress": True,
                "forwardedValues": {"queryString": True, "cookies": {"forward": "all"}, "headers": ["Origin"]},
                "defaultTtl": 0, "maxTtl": 0,
            }],
            "restrictions": {"geoRestriction": {"restrictionType": "whitelist", "locations": ["DE", "AT"]}},
            "isIpv6Enabled": True, "tags": {"b": "2"},
        },
        {"staging": True}, more=lambda w: {"tags": {"a": "1"}},
    ),
    "rds/instance:Instance": Life(
        {
            "instanceClass": "db.m7g.large", "allocatedStorage": 50, "backupRetentionPeriod": 7, "multiAz": True,
            "deletionProtection": False, "password": "another-password", "applyImmediately": True,
            "performanceInsightsEnabled": True, "enabledCloudwatchLogsExports": ["iam-db-auth-error"], "storageType": "gp3",
            "iamDatabaseAuthenticationEnabled": True, "maxAllocatedStorage": 100, "port": 5433,
            "parameterGroupName": None,
        },
        {"engine": "mysql", "username": "other", "storageEncrypted": True, "dbName": "other", "identifier": "other"},
        ("rds", "modify_db_instance", {"DBInstanceIdentifier": "{identifier}", "BackupRetentionPeriod": 3},
         "backupRetentionPeriod", 3),
        import_id="{identifier}", unimported=frozenset({"password", "skipFinalSnapshot", "applyImmediately"}),
        more=lambda w: {
            "enabledCloudwatchLogsExports": ["postgresql", "upgrade"], "backupRetentionPeriod": 5,
            "parameterGroupName": w.id("rds/parameterGroup:ParameterGroup"),
        },
    ),
    "rds/cluster:Cluster": Life(
        {
            "backupRetentionPeriod": 7, "masterPassword": "another-password", "applyImmediately": True,
            "enabledCloudwatchLogsExports": None, "iamDatabaseAuthenticationEnabled": True,
            "serverlessv2ScalingConfiguration": {"minCapacity": 0.5, "maxCapacity": 4},
        },
        {"masterUsername": "other", "storageEncrypted": True, "databaseName": "other"},
        ("rds", "modify_db_cluster", {"DBClusterIdentifier": "{id}", "BackupRetentionPeriod": 3},
         "backupRetentionPeriod", 3),
        unimported=frozenset({"masterPassword", "skipFinalSnapshot", "applyImmediately"}),
        more=lambda w: {"enabledCloudwatchLogsExports": ["postgresql"], "backupRetentionPeriod": 5},
    ),
    "rds/clusterInstance:ClusterInstance": Life(
        {"instanceClass": "db.r7g.xlarge", "promotionTier": 2, "applyImmediately": True},
        {"identifier": "other", "engine": "aurora-mysql"},
        ("rds", "modify_db_instance", {"DBInstanceIdentifier": "{id}", "DBInstanceClass": "db.r7g.4xlarge"},
         "instanceClass", "db.r7g.4xlarge"),
        unimported=frozenset({"applyImmediately"}),
    ),
    "rds/subnetGroup:SubnetGroup": Life({"description": "of the orders"}, {"name": "other"}),
    **{
        f"rds/{name[0].lower()}{name[1:]}:{name}": Life(
            {"parameters": [{"name": "log_min_duration_statement", "value": "500"},
                            {"name": "max_connections", "value": "200", "applyMethod": "pending-reboot"}]},
            {"family": "postgres15", "description": "other", "name": "other"},
            ("rds", f"modify_db_{infix}parameter_group", {
                f"DB{infix.title().rstrip('_')}ParameterGroupName": "{id}", "Parameters": [
                    {"ParameterName": "log_min_duration_statement", "ParameterValue": "9", "ApplyMethod": "immediate"},
                    {"ParameterName": "max_connections", "ParameterValue": "200", "ApplyMethod": "pending-reboot"},
                ]},
             "parameters", [{"name": "max_connections", "value": "200", "applyMethod": "pending-reboot"},
                            {"name": "log_min_duration_statement", "value": "9", "applyMethod": "immediate"}]),
        )
        for name, infix in (("ParameterGroup", ""), ("ClusterParameterGroup", "cluster_"))
    },
}  # fmt: skip


def filled(value: Any, texts: Values) -> Any:
    """The arguments of a call with the outputs in their places."""
    if isinstance(value, Mapping):
        return {k: filled(v, texts) for k, v in value.items()}
    if isinstance(value, list):
        return [filled(v, texts) for v in value]
    return value.format(**texts) if isinstance(value, str) and value.startswith("{") and value.endswith("}") else value


def test_every_type_of_these_services_has_a_life() -> None:
    assert sorted(LIVES) == sorted(SERVICES)


@pytest.mark.parametrize("token", sorted(LIVES))
def test_a_type_is_made_changed_replaced_imported_and_deleted(provider: Any, cloud: Any, token: str) -> None:
    world, life = World(provider), LIVES[token]
    first = world.inputs(token) | life.more(world)
    second = {k: v for k, v in (first | life.change).items() if v is not None} if life.change is not None else None
    made = provider.create(f"aws:{token}", first)
    provider._settled(made, first)
    if second is not None:
        difference = provider.diff(made, second)
        assert difference.any, "the change shows no difference"
        assert difference.replaces == [], "the change is one in place"
        made = provider.update(made, second)
        provider._settled(made, second)
    now = second or first
    for name, value in life.replaces.items():
        assert provider.diff(made, now | {name: value}).replaces == [name], f"{name} cannot change in place"
    found = provider.imported(f"aws:{token}", life.import_id.format(**made.state | {"id": made.id}))
    assert found is not None, "what was made cannot be imported"
    assert found.id == made.id
    names = {k: made.inputs[k] for k in made.inputs.get("__defaults", ())}
    imported = type(made)(made.token, made.id, found.inputs, found.state)
    assert provider.diff(imported, now | names).detail.keys() == life.unimported
    if life.behind:
        service, call, arguments, name, value = life.behind
        getattr(cloud(service), call)(**filled(arguments, made.state | {"id": made.id}))
        changed = provider.refresh(made)
        assert changed.inputs[name] == value, "a change behind our back is not seen"
    provider.delete(made)
    assert (provider.refresh(made) is not None) == life.kept
