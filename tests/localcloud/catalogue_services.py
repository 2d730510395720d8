"""The catalogue's part for managed services: functions, databases, APIs, streams, users."""

import json
import uuid
from collections.abc import Callable
from typing import Any

from localcloud.aws.assets import ARCHIVE, ASSET
from localcloud.provider.wire import SIGNATURE
from tests.localcloud import catalogue_caches, catalogue_cognito, catalogue_programs, catalogue_rest_apis

Values = dict[str, Any]
UNASKED = "AWS has none unless the program asks for it"
ELSEWHERE = "of another kind of this type than the catalogue has"


def archive(**files: str) -> Values:
    """An archive as the engine sends it."""
    members = {name: {SIGNATURE: ASSET, "text": text, "hash": "0"} for name, text in files.items()}
    return {SIGNATURE: ARCHIVE, "hash": "1", "assets": members}


def trusting(w: Any, service: str) -> str:
    """The ARN of a role that a service may take."""
    if service not in w.made:
        statement = {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Principal": {"Service": f"{service}.amazonaws.com"},
        }
        document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        w.made[service] = w.provider.create("aws:iam/role:Role", {"assumeRolePolicy": document}, service)
    return str(w.made[service].state["arn"])


SERVICES: dict[str, Callable[[Any], Values]] = {
    "lambda/function:Function": lambda w: {
        "role": trusting(w, "lambda"),
        "runtime": "python3.13",
        "handler": "index.handler",
        "code": archive(**{"index.py": "def handler(event, context): return 1"}),
    },
    "lambda/permission:Permission": lambda w: {
        "function": w.out("lambda/function:Function", "name"),
        "action": "lambda:InvokeFunction",
        "principal": "events.amazonaws.com",
        "sourceArn": "arn:aws:events:eu-west-1:123456789012:rule/night",
        "sourceAccount": "123456789012",
    },
    "lambda/eventSourceMapping:EventSourceMapping": lambda w: {
        "functionName": w.out("lambda/function:Function", "arn"),
        "eventSourceArn": w.out("sqs/queue:Queue", "arn"),
    },
    "lambda/alias:Alias": lambda w: {
        "name": "live",
        "functionName": w.out("lambda/function:Function", "arn"),
        "functionVersion": "$LATEST",
    },
    "lambda/functionUrl:FunctionUrl": lambda w: {
        "functionName": w.out("lambda/function:Function", "name"),
        "authorizationType": "AWS_IAM",
    },
    "lambda/layerVersion:LayerVersion": lambda w: {
        "layerName": "shared",
        "compatibleRuntimes": ["python3.13"],
        "code": archive(**{"python/shared.py": "x = 1"}),
    },
}

DATABASES: dict[str, Callable[[Any], Values]] = {
    "rds/instance:Instance": lambda w: {
        "identifier": "orders",
        "engine": "postgres",
        "engineVersion": "16",
        "instanceClass": "db.t4g.micro",
        "allocatedStorage": 20,
        "username": "app",
        "password": "correct-horse",
        "dbSubnetGroupName": w.id("rds/subnetGroup:SubnetGroup"),
        "skipFinalSnapshot": True,
    },
    "rds/cluster:Cluster": lambda w: {
        "clusterIdentifier": f"main-{uuid.uuid4().hex[:12]}",  # other tests may have left one
        "engine": "aurora-postgresql",
        "masterUsername": "app",
        "masterPassword": "correct-horse",
        "dbSubnetGroupName": w.id("rds/subnetGroup:SubnetGroup"),
        "skipFinalSnapshot": True,
    },
    "rds/clusterInstance:ClusterInstance": lambda w: {
        "clusterIdentifier": w.id("rds/cluster:Cluster"),
        "engine": "aurora-postgresql",
        "instanceClass": "db.r7g.large",
    },
    "rds/subnetGroup:SubnetGroup": lambda w: {"subnetIds": w.subnets},
    "rds/parameterGroup:ParameterGroup": lambda w: {
        "family": "postgres16",
        "parameters": [{"name": "log_statement", "value": "ddl"}],
    },
    "rds/clusterParameterGroup:ClusterParameterGroup": lambda w: {
        "family": "aurora-postgresql16",
        "parameters": [{"name": "log_statement", "value": "ddl"}],
    },
}
GATEWAYS: dict[str, Callable[[Any], Values]] = {
    "apigatewayv2/api:Api": lambda w: {"name": "shop", "protocolType": "HTTP"},
    "apigatewayv2/stage:Stage": lambda w: {"apiId": w.id("apigatewayv2/api:Api"), "name": "live", "autoDeploy": True},
    "apigatewayv2/integration:Integration": lambda w: {
        "apiId": w.id("apigatewayv2/api:Api"),
        "integrationType": "AWS_PROXY",
        "integrationUri": w.out("lambda/function:Function", "invokeArn"),
        "payloadFormatVersion": "2.0",
    },
    "apigatewayv2/route:Route": lambda w: {
        "apiId": w.id("apigatewayv2/api:Api"),
        "routeKey": "GET /orders",
        "target": f"integrations/{w.id('apigatewayv2/integration:Integration')}",
    },
    "apigatewayv2/authorizer:Authorizer": lambda w: {
        "apiId": w.id("apigatewayv2/api:Api"),
        "name": "users",
        "authorizerType": "JWT",
        "identitySources": ["$request.header.Authorization"],
        "jwtConfiguration": {"audiences": ["shop"], "issuer": "https://users.example"},
    },
    "apigatewayv2/deployment:Deployment": lambda w: {
        "apiId": _routed(w),
        "description": "first",
    },
}


def _routed(w: Any) -> str:
    w.make("apigatewayv2/route:Route")
    return str(w.id("apigatewayv2/api:Api"))


WAITING = json.dumps({"StartAt": "wait", "States": {"wait": {"Type": "Wait", "Seconds": 1, "End": True}}})
STREAMS: dict[str, Callable[[Any], Values]] = {
    "cloudwatch/eventBus:EventBus": lambda w: {},
    "kinesis/stream:Stream": lambda w: {"shardCount": 2},
    "kinesis/streamConsumer:StreamConsumer": lambda w: {"streamArn": w.out("kinesis/stream:Stream", "arn")},
    "sfn/stateMachine:StateMachine": lambda w: {"definition": WAITING, "roleArn": trusting(w, "states")},
}
EDGE: dict[str, Callable[[Any], Values]] = {
    "cloudfront/originAccessControl:OriginAccessControl": lambda w: {
        "originAccessControlOriginType": "s3",
        "signingBehavior": "always",
        "signingProtocol": "sigv4",
    },
    "cloudfront/distribution:Distribution": lambda w: {
        "enabled": True,
        "origins": [
            {
                "originId": "site",
                "domainName": w.out("s3/bucket:Bucket", "bucketRegionalDomainName"),
                "originAccessControlId": w.id("cloudfront/originAccessControl:OriginAccessControl"),
            }
        ],
        "defaultCacheBehavior": {
            "targetOriginId": "site",
            "viewerProtocolPolicy": "redirect-to-https",
            "allowedMethods": ["GET", "HEAD"],
            "cachedMethods": ["GET", "HEAD"],
            "cachePolicyId": "658327ea-f89d-4fab-a63d-7e88639e58f6",
        },
        "restrictions": {"geoRestriction": {"restrictionType": "none"}},
        "viewerCertificate": {"cloudfrontDefaultCertificate": True},
    },
}
SERVICES |= {
    "apigatewayv2/domainName:DomainName": lambda w: {
        "domainName": f"{uuid.uuid4().hex[:12]}.shop.example",
        "domainNameConfiguration": {
            "certificateArn": w.out("acm/certificate:Certificate", "arn"),
            "endpointType": "REGIONAL",
            "securityPolicy": "TLS_1_2",
        },
    },
    "apigatewayv2/apiMapping:ApiMapping": lambda w: {
        "apiId": w.out("apigatewayv2/stage:Stage", "apiId"),
        "domainName": w.id("apigatewayv2/domainName:DomainName"),
        "stage": w.id("apigatewayv2/stage:Stage"),
        "apiMappingKey": "v1",
    },
    "apigatewayv2/vpcLink:VpcLink": lambda w: {
        "subnetIds": w.subnets,
        "securityGroupIds": [w.id("ec2/securityGroup:SecurityGroup")],
    },
}
SERVICES |= catalogue_programs.PROGRAMS | (
    DATABASES
    | GATEWAYS
    | STREAMS
    | EDGE
    | catalogue_rest_apis.REST_APIS
    | catalogue_cognito.COGNITO
    | catalogue_caches.CACHES
)

UNSIGNED = {"signingJobArn": UNASKED, "signingProfileVersionArn": UNASKED}
UNENCRYPTED = ("kmsKeyId", "performanceInsightsRetentionPeriod")
EMPTY: dict[str, dict[str, str]] = {
    "lambda/eventSourceMapping:EventSourceMapping": dict.fromkeys(
        (
            "amazonManagedKafkaEventSourceConfig",
            "lastProcessingResult",
            "maximumRecordAgeInSeconds",
            "maximumRetryAttempts",
            "parallelizationFactor",
            "selfManagedKafkaEventSourceConfig",
        ),
        ELSEWHERE,
    ),
    "lambda/function:Function": UNSIGNED,
    "lambda/layerVersion:LayerVersion": UNSIGNED,
    "sfn/stateMachine:StateMachine": dict.fromkeys(
        ("description", "stateMachineVersionArn", "versionDescription"), UNASKED
    ),
    "apigatewayv2/integration:Integration": {"integrationResponseSelectionExpression": ELSEWHERE},
    "apigatewayv2/authorizer:Authorizer": {"authorizerResultTtlInSeconds": ELSEWHERE},
    "rds/cluster:Cluster": dict.fromkeys(("masterUserSecrets", "performanceInsightsRetentionPeriod"), UNASKED),
    "rds/clusterInstance:ClusterInstance": dict.fromkeys(UNENCRYPTED, UNASKED),
    "rds/instance:Instance": dict.fromkeys(
        (
            "iops",
            "listenerEndpoints",
            "masterUserSecrets",
            "performanceInsightsRetentionPeriod",
            "replicas",
            "storageThroughput",
        ),
        UNASKED,
    ),
}
EMPTY |= catalogue_programs.EMPTY | catalogue_rest_apis.EMPTY | catalogue_cognito.EMPTY | catalogue_caches.EMPTY
"""Type -> output that the SDK promises -> why it is empty right after the creation."""

FOUND_BY = "the resource is found by it: AWS cannot change it"
ALWAYS = "AWS always has one: an answer without it is none"
AS_TEXT = "inside a document as text, which is not taken apart"
BLIND: dict[str, dict[str, str]] = {**catalogue_programs.BLIND, **catalogue_rest_apis.BLIND, **catalogue_cognito.BLIND}
"""Type -> property -> why a refresh does not see it otherwise, where no row lists it as `write_only`."""
UNSAID: dict[str, dict[str, str]] = {
    "apigatewayv2/apiMapping:ApiMapping": {"domainName": FOUND_BY},
    "lambda/alias:Alias": {"functionName": FOUND_BY},
    "kinesis/stream:Stream": {"shardCount": ALWAYS},
    **{
        f"apigatewayv2/{name.lower()}:{name}": {"apiId": FOUND_BY}
        for name in ("Authorizer", "Deployment", "Integration", "Route", "Stage")
    },
    "apigatewayv2/integration:Integration": {"apiId": FOUND_BY, "payloadFormatVersion": ALWAYS},
    "lambda/functionUrl:FunctionUrl": {"functionName": FOUND_BY},
    "lambda/layerVersion:LayerVersion": {"layerName": FOUND_BY},
    "lambda/permission:Permission": dict.fromkeys(
        ("action", "function", "principal", "sourceAccount", "sourceArn"), AS_TEXT
    ),
    **catalogue_programs.UNSAID,
    **catalogue_rest_apis.UNSAID,
    **catalogue_cognito.UNSAID,
    **catalogue_caches.UNSAID,
}
"""Type -> input -> why no answer of AWS taken apart shows it changed and gone."""
