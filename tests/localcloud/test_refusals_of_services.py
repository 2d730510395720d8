"""What a program gets wrong about REST APIs, Cognito and ElastiCache is refused in the preview, at its property.

It cannot prove that AWS refuses it in these words.
"""

from typing import Any

import pytest

POOL, ARN = "eu-west-1_abc", "arn:aws:lambda:eu-west-1:123456789012:function:f"
METHOD = {"restApi": "a", "resourceId": "b", "httpMethod": "GET"}
JOINED = METHOD | {"type": "AWS_PROXY", "integrationHttpMethod": "POST"}
SETTINGS = {"restApi": "a", "stageName": "s", "methodPath": "*/*"}
CACHE = {"engine": "memcached", "nodeType": "cache.t4g.micro", "numCacheNodes": 1}
GROUP = {"description": "d", "nodeType": "cache.t4g.micro"}
USER = {"userId": "u", "userName": "u", "engine": "redis", "accessString": "on ~* +@all"}
HTTP_NAME = {"domainName": "a.example", "domainNameConfiguration": {"certificateArn": ARN, "endpointType": "REGIONAL"}}
TOLD = {"actions": {"highAction": {"eventAction": "BLOCK", "notify": True}}}
WRONG: list[tuple[str, dict[str, Any], str, str]] = [
    ("apigatewayv2/api:Api", {"protocolType": "HTTP", "body": "hello"}, "body", "is no OpenAPI document"),
    ("apigatewayv2/api:Api", {"protocolType": "HTTP", "failOnWarnings": True}, "failOnWarnings", "is for an API with"),
    ("apigatewayv2/api:Api", {"protocolType": "WEBSOCKET", "routeSelectionExpression": "$a", "body": "openapi: 3.0.1"},
     "body", "is for protocolType 'HTTP' only"),
    ("apigatewayv2/domainName:DomainName", HTTP_NAME | {"domainNameConfiguration": {
        "certificateArn": ARN, "endpointType": "EDGE", "securityPolicy": "TLS_1_2"}},
     "domainNameConfiguration.endpointType", "'EDGE' is not allowed; allowed is REGIONAL"),
    ("apigateway/documentationPart:DocumentationPart", {"restApiId": "a", "properties": "{}", "location": {"type": "VERB"}},
     "location.type", "'VERB' is not allowed"),
    ("cognito/riskConfiguration:RiskConfiguration", {"userPoolId": POOL}, "accountTakeoverRiskConfiguration", "missing"),
    ("cognito/riskConfiguration:RiskConfiguration", {"userPoolId": POOL, "accountTakeoverRiskConfiguration": TOLD},
     "accountTakeoverRiskConfiguration.notifyConfiguration", "an action with 'notify' needs it"),
    ("cognito/userPoolUICustomization:UserPoolUICustomization", {"userPoolId": POOL}, "css", "missing"),
    ("cognito/managedUserPoolClient:ManagedUserPoolClient", {"userPoolId": POOL}, "namePattern", "give exactly one of"),
    ("cognito/managedUserPoolClient:ManagedUserPoolClient", {"userPoolId": POOL, "namePattern": "a", "namePrefix": "b"},
     "namePattern", "give exactly one of"),
    ("apigateway/method:Method", METHOD | {"authorization": "CUSTOM"}, "authorizerId", "missing: authorization 'CUSTOM'"),
    ("apigateway/method:Method", METHOD | {"authorization": "IAM"}, "authorization", "'IAM' is not allowed"),
    ("apigateway/integration:Integration", JOINED, "uri", "missing: type 'AWS_PROXY' needs it"),
    ("apigateway/integration:Integration", JOINED | {"uri": ARN}, "uri", "API Gateway calls it by its `invoke_arn`"),
    ("apigateway/integration:Integration", JOINED | {"uri": "https://a"}, "uri", "is no ARN"),
    ("apigateway/integration:Integration", METHOD | {"type": "HTTP", "uri": "https://a"}, "integrationHttpMethod", "missing"),
    ("apigateway/integration:Integration", METHOD | {"type": "MOCK", "connectionType": "VPC_LINK"}, "connectionId", "missing"),
    ("apigateway/integration:Integration", METHOD | {"type": "MOCK", "timeoutMilliseconds": 10}, "timeoutMilliseconds", "50"),
    ("apigateway/resource:Resource", {"restApi": "a", "parentId": "b", "pathPart": "/orders"}, "pathPart", "no part of a path"),
    ("apigateway/restApi:RestApi", {"body": "hello"}, "body", "is no OpenAPI document"),
    ("apigateway/restApi:RestApi", {"putRestApiMode": "merge"}, "putRestApiMode", "is for an API with a 'body'"),
    ("apigateway/model:Model", {"restApi": "a", "contentType": "text/plain"}, "name", "give the model a 'name'"),
    ("apigateway/authorizer:Authorizer", {"restApi": "a"}, "authorizerUri", "missing: type 'TOKEN' needs it"),
    ("apigateway/authorizer:Authorizer", {"restApi": "a", "type": "COGNITO_USER_POOLS"}, "providerArns", "missing"),
    ("apigateway/methodSettings:MethodSettings", SETTINGS | {"settings": {"loggingLevel": "WARN"}}, "settings.loggingLevel",
     "'WARN' is not allowed; allowed are OFF, ERROR, INFO"),
    ("apigateway/methodSettings:MethodSettings", SETTINGS | {"methodPath": "/orders/GET", "settings": {}}, "methodPath",
     "is no path of a method"),
    ("apigateway/domainName:DomainName", {"domainName": "a.example"}, "certificateArn", "give one of"),
    ("apigateway/apiKey:ApiKey", {"value": "short"}, "value", "20 to 128 characters"),
    ("cognito/userPool:UserPool", {"mfaConfiguration": "ON"}, "mfaConfiguration", "'ON' needs one of"),
    ("cognito/userPool:UserPool", {"aliasAttributes": ["email"], "usernameAttributes": ["email"]}, "aliasAttributes",
     "conflicts with 'usernameAttributes'"),
    ("cognito/userPool:UserPool", {"schemas": [{"name": "a", "attributeDataType": "String", "required": True}]},
     "schemas[0].required", "cannot be required"),
    ("cognito/userPool:UserPool", {"passwordPolicy": {"minimumLength": 3}}, "passwordPolicy.minimumLength", "3"),
    ("cognito/userPoolClient:UserPoolClient", {"userPoolId": POOL, "allowedOauthFlowsUserPoolClient": True},
     "allowedOauthFlows", "missing"),
    ("cognito/userPoolClient:UserPoolClient", {"userPoolId": POOL, "allowedOauthFlows": ["client_credentials"]},
     "generateSecret", "needs a client with a secret"),
    ("cognito/userPoolClient:UserPoolClient", {"userPoolId": POOL, "defaultRedirectUri": "https://a"},
     "defaultRedirectUri", "is none of 'callbackUrls'"),
    ("cognito/userPoolDomain:UserPoolDomain", {"userPoolId": POOL, "domain": "in.shop.example"}, "certificateArn", "missing"),
    ("cognito/userPoolDomain:UserPoolDomain", {"userPoolId": POOL, "domain": "my-cognito"}, "domain", "is no domain"),
    ("cognito/user:User", {"userPoolId": POOL, "username": "a", "password": "a", "temporaryPassword": "b"}, "password",
     "conflicts with 'temporaryPassword'"),
    ("cognito/identityPoolRoleAttachment:IdentityPoolRoleAttachment",
     {"identityPoolId": "eu-west-1:00000000-0000-4000-8000-000000000000", "roles": {"admin": ARN}}, "roles.admin",
     "allowed are authenticated, unauthenticated"),
    ("elasticache/cluster:Cluster", {"engine": "redis"}, "nodeType", "missing"),
    ("elasticache/cluster:Cluster", CACHE | {"azMode": "cross-az"}, "azMode", "needs 'numCacheNodes' of 2 or more"),
    ("elasticache/cluster:Cluster", CACHE | {"engine": "redis", "numCacheNodes": 2}, "numCacheNodes", "has one node"),
    ("elasticache/cluster:Cluster", CACHE | {"snapshotWindow": "01:00-02:00"}, "snapshotWindow", "is not for engine"),
    ("elasticache/cluster:Cluster", CACHE | {"clusterId": "a--b"}, "clusterId", "is no id of a cluster"),
    ("elasticache/replicationGroup:ReplicationGroup", GROUP | {"automaticFailoverEnabled": True}, "numCacheClusters",
     "must be at least 2"),
    ("elasticache/replicationGroup:ReplicationGroup", GROUP | {"multiAzEnabled": True}, "automaticFailoverEnabled",
     "must be true if 'multiAzEnabled' is true"),
    ("elasticache/replicationGroup:ReplicationGroup", GROUP | {"authToken": "a-token-of-enough-characters"},
     "transitEncryptionEnabled", "must be true where there is an 'authToken'"),
    ("elasticache/replicationGroup:ReplicationGroup", GROUP | {"numCacheClusters": 2, "numNodeGroups": 1},
     "numCacheClusters", "conflicts with 'numNodeGroups'"),
    ("elasticache/user:User", USER, "passwords", "missing"),
]  # fmt: skip
"""(type, inputs, the property, words of the reason)."""


@pytest.mark.parametrize(("token", "inputs", "path", "words"), WRONG)
def test_a_mistake_is_refused_at_its_property(
    provider: Any, token: str, inputs: dict[str, Any], path: str, words: str
) -> None:
    _, failures = provider.check(f"aws:{token}", inputs)
    assert [reason for at, reason in failures if at == path and words in reason], failures
