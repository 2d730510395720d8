"""The catalogue's part for API Gateway's REST APIs."""

import uuid
from collections.abc import Callable
from typing import Any

Values = dict[str, Any]
UNASKED = "AWS has none unless the program asks for it"
ELSEWHERE = "of another kind of this type than the catalogue has"
FOUND_BY = "the resource is found by it: AWS cannot change it"


def api(w: Any) -> str:
    """The API that the parts are of."""
    return str(w.id("apigateway/restApi:RestApi"))


def method(w: Any, token: str = "apigateway/method:Method") -> Values:
    """What names the method, once the part of it is there that the token names."""
    w.make(token)
    return {"restApi": api(w), "resourceId": w.id("apigateway/resource:Resource"), "httpMethod": "GET"}


def served(w: Any) -> Values:
    """An API with something to deploy."""
    method(w, "apigateway/integration:Integration")
    return {"restApi": api(w)}


def log_role(w: Any) -> str:
    """The ARN of a role that may write logs."""
    from tests.localcloud.catalogue_services import trusting  # which has this module's catalogue

    return trusting(w, "apigateway")


REST_APIS: dict[str, Callable[[Any], Values]] = {
    "apigateway/restApi:RestApi": lambda w: {
        "name": f"shop-{uuid.uuid4().hex[:12]}",
        "endpointConfiguration": {"types": "REGIONAL"},
    },
    "apigateway/restApiPolicy:RestApiPolicy": lambda w: {
        "restApiId": api(w),
        "policy": '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", '
        '"Action": "execute-api:Invoke", "Resource": "execute-api:/*"}]}',
    },
    "apigateway/resource:Resource": lambda w: {
        "restApi": api(w),
        "parentId": w.out("apigateway/restApi:RestApi", "rootResourceId"),
        "pathPart": "orders",
    },
    "apigateway/method:Method": lambda w: {
        "restApi": api(w),
        "resourceId": w.id("apigateway/resource:Resource"),
        "httpMethod": "GET",
        "authorization": "NONE",
    },
    "apigateway/methodResponse:MethodResponse": lambda w: method(w) | {"statusCode": "200"},
    "apigateway/integration:Integration": lambda w: (
        method(w)
        | {
            "type": "AWS_PROXY",
            "integrationHttpMethod": "POST",
            "uri": w.out("lambda/function:Function", "invokeArn"),
        }
    ),
    "apigateway/integrationResponse:IntegrationResponse": lambda w: (
        method(w, "apigateway/integration:Integration")
        | method(w, "apigateway/methodResponse:MethodResponse")
        | {"statusCode": "200"}
    ),
    "apigateway/response:Response": lambda w: {
        "restApiId": api(w),
        "responseType": "UNAUTHORIZED",
        "statusCode": "401",
        "responseTemplates": {"application/json": '{"message": "unauthorized"}'},
    },
    "apigateway/deployment:Deployment": served,
    "apigateway/stage:Stage": lambda w: {
        "restApi": api(w),
        "deployment": w.id("apigateway/deployment:Deployment"),
        "stageName": "live",
    },
    "apigateway/methodSettings:MethodSettings": lambda w: {
        "restApi": api(w),
        "stageName": w.out("apigateway/stage:Stage", "stageName"),
        "methodPath": "*/*",
        "settings": {"metricsEnabled": True},
    },
    "apigateway/apiKey:ApiKey": lambda w: {},
    "apigateway/usagePlan:UsagePlan": lambda w: {
        "apiStages": [{"apiId": api(w), "stage": w.out("apigateway/stage:Stage", "stageName")}],
    },
    "apigateway/usagePlanKey:UsagePlanKey": lambda w: {
        "keyId": w.id("apigateway/apiKey:ApiKey"),
        "keyType": "API_KEY",
        "usagePlanId": w.id("apigateway/usagePlan:UsagePlan"),
    },
    "apigateway/authorizer:Authorizer": lambda w: {
        "restApi": api(w),
        "authorizerUri": w.out("lambda/function:Function", "invokeArn"),
    },
    "apigateway/requestValidator:RequestValidator": lambda w: {"restApi": api(w), "validateRequestBody": True},
    "apigateway/model:Model": lambda w: {
        "restApi": api(w),
        "name": "order",
        "contentType": "application/json",
        "schema": '{"type": "object"}',
    },
    "apigateway/account:Account": lambda w: {"cloudwatchRoleArn": log_role(w)},
    "apigateway/domainName:DomainName": lambda w: {
        "domainName": f"{uuid.uuid4().hex[:12]}.shop.example",
        "regionalCertificateArn": w.out("acm/certificate:Certificate", "arn"),
        "endpointConfiguration": {"types": "REGIONAL"},
    },
    "apigateway/basePathMapping:BasePathMapping": lambda w: {
        "domainName": w.out("apigateway/domainName:DomainName", "domainName"),
        "restApi": api(w),
        "basePath": "v1",
        "stageName": w.out("apigateway/stage:Stage", "stageName"),
    },
    "apigateway/vpcLink:VpcLink": lambda w: {"targetArn": w.out("lb/loadBalancer:LoadBalancer", "arn")},
}
REST_APIS |= {
    "apigateway/clientCertificate:ClientCertificate": lambda w: {"description": "of the shop"},
    "apigateway/documentationPart:DocumentationPart": lambda w: {
        "restApiId": api(w),
        "location": {"type": "METHOD", "method": "GET", "path": "/orders"},
        "properties": '{"description": "all orders"}',
    },
    "apigateway/documentationVersion:DocumentationVersion": lambda w: {
        "restApiId": w.out("apigateway/documentationPart:DocumentationPart", "restApiId"),
        "version": "1",
    },
}
EMPTY: dict[str, dict[str, str]] = {
    "apigateway/account:Account": {"features": UNASKED},
    "apigateway/domainName:DomainName": dict.fromkeys(
        ("cloudfrontDomainName", "cloudfrontZoneId", "domainNameId"), ELSEWHERE
    ),
    "apigateway/stage:Stage": {"webAclArn": UNASKED},
}
"""Type -> output that the SDK promises -> why it is empty right after the creation."""
BLIND: dict[str, dict[str, str]] = {
    "apigateway/integrationResponse:IntegrationResponse": {"statusCode": FOUND_BY},
    "apigateway/methodResponse:MethodResponse": {"statusCode": FOUND_BY},
    "apigateway/response:Response": {"responseType": FOUND_BY},
}
"""Type -> property -> why a refresh does not see it otherwise, where no row lists it as `write_only`."""
METHOD = ("restApi", "resourceId", "httpMethod")
UNSAID: dict[str, dict[str, str]] = {
    f"apigateway/{name[0].lower()}{name[1:]}:{name}": dict.fromkeys(found_by, FOUND_BY)
    for name, found_by in {
        "Authorizer": ("restApi",),
        "BasePathMapping": ("domainName",),
        "Deployment": ("restApi",),
        "DocumentationPart": ("restApiId",),
        "DocumentationVersion": ("restApiId", "version"),
        "DomainName": ("domainName",),
        "Integration": METHOD,
        "IntegrationResponse": (*METHOD, "statusCode"),
        "Method": METHOD,
        "MethodResponse": (*METHOD, "statusCode"),
        "Model": ("restApi",),
        "RequestValidator": ("restApi",),
        "Resource": ("restApi",),
        "Response": ("restApiId", "responseType"),
        "Stage": ("restApi", "stageName"),
        "UsagePlanKey": ("keyId", "usagePlanId"),
    }.items()
}
"""Type -> input -> why no answer of AWS taken apart shows it changed and gone."""
