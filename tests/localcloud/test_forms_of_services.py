"""Usual forms of the types of API Gateway, Cognito and ElastiCache: made, seen without drift, changed to another form in
place, seen without drift again, deleted. It cannot prove that AWS takes them.
"""

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from tests.localcloud.catalogue import World, policy
from tests.localcloud.catalogue_services import trusting

Form = Callable[[World], dict[str, Any]]


def unique() -> str:
    """A word of no other test."""
    return uuid.uuid4().hex[:10]


FORMS: dict[str, tuple[str, Form, Form | None]] = {
    "a pool with a second factor by text": (
        "aws:cognito/userPool:UserPool",
        lambda w: {
            "mfaConfiguration": "ON",
            "smsConfiguration": {"externalId": "x", "snsCallerArn": trusting(w, "lambda")},
            "smsAuthenticationMessage": "code {####}",
            "deviceConfiguration": {"challengeRequiredOnNewDevice": True, "deviceOnlyRememberedOnUserPrompt": True},
            "userAttributeUpdateSettings": {"attributesRequireVerificationBeforeUpdates": ["email"]},
            "autoVerifiedAttributes": ["email"],
        },
        lambda w: {"mfaConfiguration": "OFF", "autoVerifiedAttributes": ["email"]},
    ),
    "a pool that keeps its second factor": (
        "aws:cognito/userPool:UserPool",
        lambda w: {"mfaConfiguration": "OPTIONAL", "softwareTokenMfaConfiguration": {"enabled": True}},
        lambda w: {
            "mfaConfiguration": "OPTIONAL",
            "softwareTokenMfaConfiguration": {"enabled": True},
            "autoVerifiedAttributes": ["email"],
        },
    ),
    "a pool that mails": (
        "aws:cognito/userPool:UserPool",
        lambda w: {
            "name": f"p{unique()}",
            "usernameAttributes": ["email"],
            "usernameConfiguration": {"caseSensitive": False},
            "emailConfiguration": {"emailSendingAccount": "COGNITO_DEFAULT"},
            "adminCreateUserConfig": {
                "allowAdminCreateUserOnly": True,
                "inviteMessageTemplate": {
                    "emailMessage": "hi {username} {####}",
                    "emailSubject": "s",
                    "smsMessage": "hi {username} {####}",
                },
            },
            "verificationMessageTemplate": {
                "defaultEmailOption": "CONFIRM_WITH_LINK",
                "emailMessageByLink": "{##Click##}",
                "emailSubjectByLink": "s",
            },
            "userPoolAddOns": {"advancedSecurityMode": "AUDIT"},
            "userPoolTier": "PLUS",
            "deletionProtection": "INACTIVE",
        },
        None,
    ),
    "a pool with a policy of sign-in": (
        "aws:cognito/userPool:UserPool",
        lambda w: {
            "signInPolicy": {"allowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP"]},
            "emailVerificationMessage": "m {####}",
            "emailVerificationSubject": "s",
            "smsVerificationMessage": "m {####}",
        },
        lambda w: {"emailVerificationMessage": "n {####}", "emailVerificationSubject": "t"},
    ),
    "a pool with triggers": (
        "aws:cognito/userPool:UserPool",
        lambda w: {
            "lambdaConfig": {
                "preTokenGenerationConfig": {
                    "lambdaArn": w.out("lambda/function:Function", "arn"),
                    "lambdaVersion": "V2_0",
                },
                "postConfirmation": w.out("lambda/function:Function", "arn"),
                "customEmailSender": {"lambdaArn": w.out("lambda/function:Function", "arn"), "lambdaVersion": "V1_0"},
                "kmsKeyId": w.out("kms/key:Key", "arn"),
            }
        },
        lambda w: {"lambdaConfig": {"postConfirmation": w.out("lambda/function:Function", "arn")}},
    ),
    "a client of a machine": (
        "aws:cognito/userPoolClient:UserPoolClient",
        lambda w: {
            "userPoolId": w.id("cognito/userPool:UserPool"),
            "generateSecret": True,
            "allowedOauthFlows": ["client_credentials"],
            "allowedOauthFlowsUserPoolClient": True,
            "allowedOauthScopes": w.out("cognito/resourceServer:ResourceServer", "scopeIdentifiers"),
        },
        None,
    ),
    "a client with lifetimes of tokens": (
        "aws:cognito/userPoolClient:UserPoolClient",
        lambda w: {
            "userPoolId": w.id("cognito/userPool:UserPool"),
            "explicitAuthFlows": ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
            "preventUserExistenceErrors": "ENABLED",
            "readAttributes": ["email"],
            "writeAttributes": ["email"],
            "logoutUrls": ["https://a.example"],
            "enableTokenRevocation": False,
            "refreshTokenRotation": {"feature": "ENABLED", "retryGracePeriodSeconds": 10},
            "tokenValidityUnits": {"accessToken": "minutes", "idToken": "minutes", "refreshToken": "days"},
            "accessTokenValidity": 60,
            "idTokenValidity": 60,
        },
        None,
    ),
    "a provider by SAML": (
        "aws:cognito/identityProvider:IdentityProvider",
        lambda w: {
            "userPoolId": w.id("cognito/userPool:UserPool"),
            "providerName": "corp",
            "providerType": "SAML",
            "providerDetails": {"MetadataURL": "https://idp.example/m"},
            "attributeMapping": {"email": "http://schemas.xmlsoap.org/x"},
            "idpIdentifiers": ["corp"],
        },
        None,
    ),
    "a private API": (
        "aws:apigateway/restApi:RestApi",
        lambda w: {
            "name": f"n{unique()}",
            "endpointConfiguration": {"types": "PRIVATE"},
            "policy": policy("execute-api:Invoke", "execute-api:/*", AWS="*"),
            "minimumCompressionSize": 0,
        },
        lambda w: {"endpointConfiguration": {"types": "PRIVATE"}, "binaryMediaTypes": ["*/*"]},
    ),
    "an integration through a link": (
        "aws:apigateway/integration:Integration",
        lambda w: {
            "restApi": w.id("apigateway/restApi:RestApi"),
            "resourceId": w.id("apigateway/resource:Resource"),
            "httpMethod": w.out("apigateway/method:Method", "httpMethod"),
            "type": "HTTP_PROXY",
            "integrationHttpMethod": "GET",
            "uri": "https://x.example/{id}",
            "connectionType": "VPC_LINK",
            "connectionId": w.id("apigateway/vpcLink:VpcLink"),
            "requestParameters": {"integration.request.path.id": "method.request.path.id"},
            "tlsConfig": {"insecureSkipVerification": True},
        },
        None,
    ),
    "an integration with nothing": (
        "aws:apigateway/integration:Integration",
        lambda w: {
            "restApi": w.id("apigateway/restApi:RestApi"),
            "resourceId": w.id("apigateway/resource:Resource"),
            "httpMethod": w.out("apigateway/method:Method", "httpMethod"),
            "type": "MOCK",
            "passthroughBehavior": "WHEN_NO_TEMPLATES",
            "requestTemplates": {"application/json": '{"statusCode": 200}'},
        },
        None,
    ),
    "an integration with a queue": (
        "aws:apigateway/integration:Integration",
        lambda w: {
            "restApi": w.id("apigateway/restApi:RestApi"),
            "resourceId": w.id("apigateway/resource:Resource"),
            "httpMethod": w.out("apigateway/method:Method", "httpMethod"),
            "type": "AWS",
            "integrationHttpMethod": "POST",
            "uri": "arn:aws:apigateway:eu-west-1:sqs:path/123456789012/q",
            "credentials": trusting(w, "apigateway"),
            "requestTemplates": {"application/json": "Action=SendMessage&MessageBody=$input.body"},
            "requestParameters": {"integration.request.header.Content-Type": "'application/x-www-form-urlencoded'"},
        },
        None,
    ),
    "a stage with a cache": (
        "aws:apigateway/stage:Stage",
        lambda w: {
            "restApi": w.id("apigateway/restApi:RestApi"),
            "deployment": w.id("apigateway/deployment:Deployment"),
            "stageName": "v1",
            "cacheClusterEnabled": True,
            "cacheClusterSize": "0.5",
        },
        lambda w: {
            "restApi": w.id("apigateway/restApi:RestApi"),
            "deployment": w.id("apigateway/deployment:Deployment"),
            "stageName": "v1",
        },
    ),
    "settings of one method": (
        "aws:apigateway/methodSettings:MethodSettings",
        lambda w: {
            "restApi": w.id("apigateway/restApi:RestApi"),
            "stageName": w.out("apigateway/stage:Stage", "stageName"),
            "methodPath": "orders/GET",
            "settings": {"cachingEnabled": True, "cacheTtlInSeconds": 60, "loggingLevel": "ERROR"},
        },
        lambda w: {
            "restApi": w.id("apigateway/restApi:RestApi"),
            "stageName": w.out("apigateway/stage:Stage", "stageName"),
            "methodPath": "orders/GET",
            "settings": {"throttlingRateLimit": 5},
        },
    ),
    "a domain name at the edge": (
        "aws:apigateway/domainName:DomainName",
        lambda w: {
            "domainName": f"{unique()}.shop.example",
            "certificateArn": w.out("acm/certificate:Certificate", "arn"),
        },
        None,
    ),
    "a mapping of no path": (
        "aws:apigateway/basePathMapping:BasePathMapping",
        lambda w: {
            "restApi": w.id("apigateway/restApi:RestApi"),
            "stageName": w.out("apigateway/stage:Stage", "stageName"),
            "domainName": w.out("apigateway/domainName:DomainName", "domainName"),
        },
        None,
    ),
    "an authorizer by request": (
        "aws:apigateway/authorizer:Authorizer",
        lambda w: {
            "restApi": w.id("apigateway/restApi:RestApi"),
            "type": "REQUEST",
            "authorizerUri": w.out("lambda/function:Function", "invokeArn"),
            "identitySource": "method.request.header.A,method.request.header.B",
            "authorizerResultTtlInSeconds": 0,
            "authorizerCredentials": trusting(w, "lambda"),
        },
        None,
    ),
    "an authorizer by a pool": (
        "aws:apigateway/authorizer:Authorizer",
        lambda w: {
            "restApi": w.id("apigateway/restApi:RestApi"),
            "type": "COGNITO_USER_POOLS",
            "providerArns": [w.out("cognito/userPool:UserPool", "arn")],
        },
        None,
    ),
    "a usage plan": (
        "aws:apigateway/usagePlan:UsagePlan",
        lambda w: {
            "throttleSettings": {"rateLimit": 10},
            "quotaSettings": {"limit": 10, "period": "WEEK", "offset": 2},
        },
        lambda w: {"throttleSettings": {"burstLimit": 10}},
    ),
    "a key of one's own value": (
        "aws:apigateway/apiKey:ApiKey",
        lambda w: {"value": f"a-value-of-a-key-{unique()}", "enabled": False},
        lambda w: {},
    ),
    "a cluster of Redis": (
        "aws:elasticache/cluster:Cluster",
        lambda w: {
            "engine": "redis",
            "nodeType": "cache.t4g.micro",
            "numCacheNodes": 1,
            "engineVersion": "7.0",
            "parameterGroupName": "default.redis7",
            "port": 6380,
            "snapshotRetentionLimit": 1,
            "snapshotWindow": "05:00-06:00",
            "autoMinorVersionUpgrade": "false",
        },
        None,
    ),
    "a group of Valkey in shards": (
        "aws:elasticache/replicationGroup:ReplicationGroup",
        lambda w: {
            "description": "d",
            "engine": "valkey",
            "engineVersion": "8.0",
            "nodeType": "cache.t4g.micro",
            "numNodeGroups": 2,
            "replicasPerNodeGroup": 1,
            "automaticFailoverEnabled": True,
            "multiAzEnabled": True,
            "atRestEncryptionEnabled": True,
            "transitEncryptionEnabled": True,
        },
        lambda w: {
            "description": "d",
            "engine": "valkey",
            "engineVersion": "8.1",
            "nodeType": "cache.t4g.micro",
            "numNodeGroups": 3,
            "replicasPerNodeGroup": 2,
            "automaticFailoverEnabled": True,
            "multiAzEnabled": True,
            "atRestEncryptionEnabled": True,
            "transitEncryptionEnabled": True,
        },
    ),
    "a group that becomes Valkey": (
        "aws:elasticache/replicationGroup:ReplicationGroup",
        lambda w: {"description": "d", "engine": "redis", "engineVersion": "7.1", "nodeType": "cache.t4g.micro"},
        lambda w: {"description": "d", "engine": "valkey", "engineVersion": "8.0", "nodeType": "cache.t4g.micro"},
    ),
    "a group with a token": (
        "aws:elasticache/replicationGroup:ReplicationGroup",
        lambda w: {
            "description": "d",
            "nodeType": "cache.t4g.micro",
            "numCacheClusters": 1,
            "preferredCacheClusterAzs": ["eu-west-1a"],
            "transitEncryptionEnabled": True,
            "authToken": "a-token-of-enough-characters",
        },
        None,
    ),
    "a user by IAM": (
        "aws:elasticache/user:User",
        lambda w: {
            "userId": f"u{unique()}",
            "userName": "u",
            "engine": "valkey",
            "accessString": "on ~* +@all",
            "authenticationMode": {"type": "iam"},
        },
        None,
    ),
    "a user without password": (
        "aws:elasticache/user:User",
        lambda w: {
            "userId": f"u{unique()}",
            "userName": "u",
            "engine": "REDIS",
            "accessString": "on ~* +@all",
            "noPasswordRequired": True,
        },
        None,
    ),
    "a user with two passwords": (
        "aws:elasticache/user:User",
        lambda w: {
            "userId": f"u{unique()}",
            "userName": "u",
            "engine": "redis",
            "accessString": "on ~* +@all",
            "authenticationMode": {
                "type": "password",
                "passwords": ["a-long-enough-password", "another-long-password"],
            },
        },
        None,
    ),
}
"""Name -> (type, inputs, inputs of a second form)."""


@pytest.mark.parametrize("name", sorted(FORMS))
def test_a_usual_form_settles_changes_and_goes(provider: Any, name: str) -> None:
    world, (token, form, other) = World(provider), FORMS[name]
    inputs = form(world)
    made = provider.create(token, inputs)
    provider._settled(made, inputs)
    if other is not None:
        then = other(world) | {kept: inputs[kept] for kept in ("name", "value") if kept in inputs}
        difference = provider.diff(made, then)
        assert (difference.any, difference.replaces) == (True, [])
        made = provider.update(made, then)
        provider._settled(made, then)
    provider.delete(made)
    assert provider.refresh(made) is None
