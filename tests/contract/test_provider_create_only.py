"""Which inputs force a replacement, row by row against CloudFormation's create-only properties in cfn-lint.

It cannot prove that the official Terraform-based provider replaces on the same inputs: CloudFormation is another model of AWS.
"""

import functools
import re
from collections.abc import Iterator
from typing import Any

import pytest
from cfnlint.schema import ResourceNotFoundError
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from localcloud.aws.kinds import KINDS
from localcloud.aws.second_names import SECOND_NAMES
from localcloud.aws.shapes import norm
from localcloud.provider import schema

CLOUDFORMATION = {
    "aws:apigateway/response:Response": "AWS::ApiGateway::GatewayResponse",
    "aws:cognito/userGroup:UserGroup": "AWS::Cognito::UserPoolGroup",
    "aws:cognito/user:User": "AWS::Cognito::UserPoolUser",
    "aws:cognito/userInGroup:UserInGroup": "AWS::Cognito::UserPoolUserToGroupAttachment",
    "aws:cognito/resourceServer:ResourceServer": "AWS::Cognito::UserPoolResourceServer",
    "aws:cognito/identityProvider:IdentityProvider": "AWS::Cognito::UserPoolIdentityProvider",
    "aws:elasticache/cluster:Cluster": "AWS::ElastiCache::CacheCluster",
    "aws:rds/instance:Instance": "AWS::RDS::DBInstance",
    "aws:rds/cluster:Cluster": "AWS::RDS::DBCluster",
    "aws:rds/subnetGroup:SubnetGroup": "AWS::RDS::DBSubnetGroup",
    "aws:rds/parameterGroup:ParameterGroup": "AWS::RDS::DBParameterGroup",
    "aws:rds/clusterParameterGroup:ClusterParameterGroup": "AWS::RDS::DBClusterParameterGroup",
    "aws:cloudwatch/eventBus:EventBus": "AWS::Events::EventBus",
    "aws:lambda/functionUrl:FunctionUrl": "AWS::Lambda::Url",
    "aws:ec2/eip:Eip": "AWS::EC2::EIP",
    "aws:ec2/vpcEndpoint:VpcEndpoint": "AWS::EC2::VPCEndpoint",
    "aws:ec2/vpc:Vpc": "AWS::EC2::VPC",
    "aws:ec2/natGateway:NatGateway": "AWS::EC2::NatGateway",
    "aws:ec2/routeTableAssociation:RouteTableAssociation": "AWS::EC2::SubnetRouteTableAssociation",
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": "AWS::EC2::SecurityGroupIngress",
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": "AWS::EC2::SecurityGroupEgress",
    "aws:lb/loadBalancer:LoadBalancer": "AWS::ElasticLoadBalancingV2::LoadBalancer",
    "aws:lb/targetGroup:TargetGroup": "AWS::ElasticLoadBalancingV2::TargetGroup",
    "aws:lb/listener:Listener": "AWS::ElasticLoadBalancingV2::Listener",
    "aws:lb/listenerRule:ListenerRule": "AWS::ElasticLoadBalancingV2::ListenerRule",
    "aws:lb/listenerCertificate:ListenerCertificate": "AWS::ElasticLoadBalancingV2::ListenerCertificate",
    "aws:iam/policy:Policy": "AWS::IAM::ManagedPolicy",
    "aws:acm/certificate:Certificate": "AWS::CertificateManager::Certificate",
    "aws:route53/zone:Zone": "AWS::Route53::HostedZone",
    "aws:route53/record:Record": "AWS::Route53::RecordSet",
    "aws:wafv2/webAcl:WebAcl": "AWS::WAFv2::WebACL",
    "aws:wafv2/webAclAssociation:WebAclAssociation": "AWS::WAFv2::WebACLAssociation",
    "aws:appautoscaling/target:Target": "AWS::ApplicationAutoScaling::ScalableTarget",
    "aws:appautoscaling/policy:Policy": "AWS::ApplicationAutoScaling::ScalingPolicy",
    "aws:autoscaling/group:Group": "AWS::AutoScaling::AutoScalingGroup",
    "aws:autoscaling/policy:Policy": "AWS::AutoScaling::ScalingPolicy",
    "aws:autoscaling/schedule:Schedule": "AWS::AutoScaling::ScheduledAction",
    "aws:autoscaling/lifecycleHook:LifecycleHook": "AWS::AutoScaling::LifecycleHook",
    "aws:cloudwatch/metricAlarm:MetricAlarm": "AWS::CloudWatch::Alarm",
    "aws:cloudwatch/logGroup:LogGroup": "AWS::Logs::LogGroup",
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": "AWS::Logs::MetricFilter",
    "aws:cloudwatch/eventRule:EventRule": "AWS::Events::Rule",
    "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders": "AWS::ECS::ClusterCapacityProviderAssociations",
    "aws:sns/topicSubscription:TopicSubscription": "AWS::SNS::Subscription",
}
"""Type -> the name in CloudFormation, where it is not the type's own in capitals."""
SERVICES = {
    "ec2": "EC2", "iam": "IAM", "s3": "S3", "kms": "KMS", "ecs": "ECS", "ecr": "ECR", "sns": "SNS", "sqs": "SQS", "ssm": "SSM",
    "rds": "RDS", "sfn": "StepFunctions", "apigateway": "ApiGateway", "cognito": "Cognito", "elasticache": "ElastiCache", "apigatewayv2": "ApiGatewayV2", "cloudfront": "CloudFront", "cloudwatch": "CloudWatch", "secretsmanager": "SecretsManager", "servicediscovery": "ServiceDiscovery",
}  # fmt: skip
NAMES: dict[str, dict[str, str]] = {
    "AWS::EC2::EIP": {"Domain": "domain", "NetworkBorderGroup": "networkBorderGroup"},
    "AWS::EC2::SecurityGroup": {"GroupName": "name", "GroupDescription": "description"},
    "AWS::EC2::FlowLog": {"ResourceId": "vpcId", "DeliverLogsPermissionArn": "iamRoleArn"},
    "AWS::ElasticLoadBalancingV2::LoadBalancer": {"Type": "loadBalancerType", "Scheme": "internal"},
    "AWS::IAM::ManagedPolicy": {"ManagedPolicyName": "name"},
    "AWS::KMS::Alias": {"AliasName": "name"},
    "AWS::S3::Bucket": {"BucketName": "bucket", "ObjectLockEnabled": "objectLockEnabled"},
    "AWS::EC2::SecurityGroupIngress": {
        "GroupId": "securityGroupId",
        "CidrIp": "cidrIpv4",
        "SourcePrefixListId": "prefixListId",
        "SourceSecurityGroupId": "referencedSecurityGroupId",
    },
    "AWS::EC2::SecurityGroupEgress": {
        "GroupId": "securityGroupId",
        "CidrIp": "cidrIpv4",
        "DestinationPrefixListId": "prefixListId",
        "DestinationSecurityGroupId": "referencedSecurityGroupId",
    },
}
"""Type -> CloudFormation's property -> the input, where neither the words nor `<Type>Name` say it."""
DIFFERENCES: dict[str, dict[str, str]] = {
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": dict.fromkeys(
        ("ipProtocol", "fromPort", "toPort", "cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId"),
        "ModifySecurityGroupRules changes a rule in place, under the same id; CloudFormation does not use it",
    ),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": dict.fromkeys(
        ("ipProtocol", "fromPort", "toPort", "cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId"),
        "ModifySecurityGroupRules changes a rule in place, under the same id; CloudFormation does not use it",
    ),
    "aws:apigateway/apiKey:ApiKey": {"name": "UpdateApiKey changes it in place; pulumi-aws uses it"},
    "aws:apigateway/requestValidator:RequestValidator": {
        "name": "UpdateRequestValidator changes it in place; pulumi-aws uses it"
    },
    "aws:apigateway/resource:Resource": dict.fromkeys(
        ("parentId", "pathPart"), "UpdateResource changes it in place; pulumi-aws uses it"
    ),
    "aws:cognito/user:User": dict.fromkeys(
        ("clientMetadata", "desiredDeliveryMediums", "forceAliasCreation", "messageAction", "validationData"),
        "only the making of a user heeds it; pulumi-aws keeps the user",
    ),
    "aws:elasticache/replicationGroup:ReplicationGroup": {
        "preferredCacheClusterAzs": "pulumi-aws heeds it in the creation only and says so"
    },
    "aws:ec2/keyPair:KeyPair": {"tags": "CreateTags changes them in place; pulumi-aws uses it"},
    "aws:kinesis/streamConsumer:StreamConsumer": {"tags": "TagResource changes them in place; pulumi-aws uses it"},
    "aws:rds/instance:Instance": {"dbSubnetGroupName": "ModifyDBInstance moves it; pulumi-aws uses it"},
    "aws:ec2/routeTableAssociation:RouteTableAssociation": {
        "routeTableId": "ReplaceRouteTableAssociation changes it in place; pulumi-aws uses it"
    },
}
"""Type -> {input that CloudFormation replaces on and the row does not: why}."""


STRICTER: dict[str, dict[str, str]] = {
    "aws:scheduler/schedule:Schedule": {
        "groupName": "UpdateSchedule finds a schedule by its group and cannot move it: the official provider replaces it",
    },
    "aws:apigatewayv2/authorizer:Authorizer": {"authorizerType": "pulumi-aws makes another one"},
    "aws:apigatewayv2/integration:Integration": dict.fromkeys(
        ("integrationSubtype", "integrationType"), "pulumi-aws makes another one"
    ),
    "aws:elasticache/cluster:Cluster": {"transitEncryptionEnabled": "ModifyCacheCluster has no member for it"},
    "aws:elasticache/parameterGroup:ParameterGroup": {"description": "ElastiCache has no call that changes it"},
    "aws:cognito/identityPool:IdentityPool": {"developerProviderName": "pulumi-aws makes another one"},
    "aws:cognito/userPool:UserPool": {"name": "pulumi-aws makes another one"}
    | dict.fromkeys(
        ("aliasAttributes", "usernameAttributes", "usernameConfiguration"), "UpdateUserPool has no member for it"
    ),
    "aws:cloudwatch/eventBus:EventBus": {"eventSourceName": "UpdateEventBus has no member for it"},
    "aws:secretsmanager/secret:Secret": {"type": "pulumi-aws says that it cannot be changed after creation"},
    "aws:rds/cluster:Cluster": dict.fromkeys(
        ("availabilityZones", "engine", "masterUsername"),
        "ModifyDBCluster has no member for it, or none that changes it",
    ),
    "aws:rds/instance:Instance": dict.fromkeys(
        ("availabilityZone", "engine"),
        "pulumi-aws makes another one; ModifyDBInstance changes it for Oracle only, or not",
    ),
    "aws:acm/certificate:Certificate": {"validationMethod": "only RequestCertificate takes it"},
    "aws:autoscaling/schedule:Schedule": {
        "scheduledActionName": "it is the identity; CloudFormation makes the name itself"
    },
    "aws:cloudwatch/eventRule:EventRule": {"eventBusName": "a rule is named within its bus and cannot move"},
    "aws:cloudwatch/logGroup:LogGroup": {"logGroupClass": "only CreateLogGroup takes it"},
    "aws:ec2/eip:Eip": dict.fromkeys(("domain", "publicIpv4Pool"), "only AllocateAddress takes it"),
    "aws:ec2/instance:Instance": {
        "privateIp": "an interface keeps its primary address, as pulumi-aws has it",
        "tenancy": "ModifyInstancePlacement goes between dedicated and host only",
    },
    "aws:ec2/natGateway:NatGateway": {
        "availabilityZoneAddresses": "moto has no AssociateNatGatewayAddress for a gateway of several zones"
    },
    "aws:ec2/vpc:Vpc": {"instanceTenancy": "ModifyVpcTenancy goes from dedicated to default only"},
    "aws:ec2/vpcEndpoint:VpcEndpoint": {
        "privateDnsEnabled": "AWS changes it in place; moto's ModifyVpcEndpoint does not, so that a change in place would be lost"
    },
    "aws:ecs/service:Service": {"launchType": "UpdateService has no member for it"},
    "aws:iam/group:Group": {"path": "AWS changes it in place; moto's UpdateGroup does not, so that it would be lost"},
    "aws:kms/key:Key": dict.fromkeys(("keyUsage", "multiRegion"), "only CreateKey takes it"),
    "aws:route53/record:Record": dict.fromkeys(
        ("name", "type", "setIdentifier"), "it is part of the identity of a record"
    ),
    "aws:s3/bucket:Bucket": {
        "objectLockEnabled": "only CreateBucket takes it in pulumi-aws; later it is a resource of its own"
    },
    "aws:ssm/parameter:Parameter": {"dataType": "a parameter keeps its data type when it is overwritten"},
}
"""Type -> {input that the row replaces on and CloudFormation does not: why}."""


def name_in_cloudformation(token: str) -> str | None:
    """The name, when cfn-lint has a schema of it."""
    module, name = token.removeprefix("aws:").split("/")[0], token.split(":")[-1]
    found = CLOUDFORMATION.get(token) or f"AWS::{SERVICES.get(module, module.title())}::{name}"
    return found if schema_of(found) else None


@functools.cache
def schema_of(name: str) -> dict[str, Any] | None:
    """cfn-lint's copy of a type's schema."""
    try:
        found: dict[str, Any] = PROVIDER_SCHEMA_MANAGER.get_resource_schema("eu-west-1", name).schema
    except ResourceNotFoundError:
        return None
    return found


def create_only(name: str) -> frozenset[str]:
    """CloudFormation's create-only properties of the top level."""
    pointers = (schema_of(name) or {}).get("createOnlyProperties", [])
    return frozenset(re.sub(r"^/properties/", "", p) for p in pointers if p.count("/") == 2)


def input_of(token: str, name: str, prop: str) -> str | None:
    """The input that a property of CloudFormation is, if it is one."""
    inputs = schema.inputs(token).props
    if prop in NAMES.get(name, {}):
        return NAMES[name][prop]
    own = name.split("::")[-1]
    if prop in (f"{own}Name", "Name") and "name" in inputs:
        return "name"
    return next((i for i in inputs if norm(i) == norm(prop)), None)


def compared() -> Iterator[tuple[str, str]]:
    for token in sorted(KINDS):
        if name := name_in_cloudformation(token):
            yield token, name


@pytest.mark.parametrize(("token", "name"), list(compared()))
def test_a_row_replaces_on_what_cloudformation_calls_create_only(token: str, name: str) -> None:
    kind = KINDS[token]
    theirs = {i for prop in create_only(name) if (i := input_of(token, name, prop)) and kind.serves(i)}
    ours = {path.split(".")[0] for path in kind.properties.force_new}
    stated = DIFFERENCES.get(token, {})
    assert theirs - ours == stated.keys()


@pytest.mark.parametrize(("token", "name"), list(compared()))
def test_a_row_replaces_on_no_more_than_cloudformation_but_for_stated_reasons(token: str, name: str) -> None:
    properties = (schema_of(name) or {})["properties"]
    known = {input_of(token, name, prop) for prop in properties}
    theirs = {input_of(token, name, prop) for prop in create_only(name)}
    ours = {path for path in KINDS[token].properties.force_new if "." not in path}
    assert (ours & known) - theirs == STRICTER.get(token, {}).keys()


def test_every_stated_difference_is_of_a_row_and_has_a_reason() -> None:
    assert DIFFERENCES.keys() | STRICTER.keys() <= KINDS.keys()
    reasons = [why for table in (DIFFERENCES, STRICTER) for stated in table.values() for why in stated.values()]
    assert all(len(why.split()) > 3 for why in reasons)


def test_most_rows_are_compared() -> None:
    assert len(list(compared())) >= 0.6 * len(KINDS.keys() - SECOND_NAMES.keys())


@pytest.mark.parametrize("token", sorted(KINDS))
def test_what_a_row_replaces_on_is_an_input_that_it_serves(token: str) -> None:
    kind = KINDS[token]
    inputs = schema.inputs(token).props
    assert {path for path in kind.properties.force_new if path.split(".")[0] not in inputs} == set()
    assert {path for path in kind.properties.force_new if not kind.serves(path.split(".")[0])} == set()
