"""What is done to API Gateway's REST APIs and their parts in the test of their lives."""

import json

from tests.localcloud.lives import Life

METHOD = {"restApiId": "{restApi}", "resourceId": "{resourceId}", "httpMethod": "{httpMethod}"}


def changed(path: str, value: str, op: str = "replace") -> list[dict[str, str]]:
    """One operation on a path."""
    return [{"op": op, "path": path, "value": value}]


def document(title: str) -> str:
    """A document of an API with one method."""
    answer = {"200": {"description": "there"}}
    joined = {"type": "mock", "requestTemplates": {"application/json": '{"statusCode": 200}'}}
    method = {"responses": answer, "x-amazon-apigateway-integration": joined}
    return json.dumps(
        {"openapi": "3.0.1", "info": {"title": title, "version": "1"}, "paths": {"/orders": {"get": method}}}
    )


REST_LIVES: dict[str, Life] = {
    "apigateway/clientCertificate:ClientCertificate": Life(
        {"description": "renewed", "tags": {"b": "2"}}, {},
        ("apigateway", "update_client_certificate", {"clientCertificateId": "{id}", "patchOperations": [
            {"op": "replace", "path": "/description", "value": "x"}]}, "description", "x"),
        more=lambda w: {"tags": {"a": "1"}},
    ),
    "apigateway/documentationPart:DocumentationPart": Life(
        {"properties": '{"description": "one order"}'}, {"restApiId": "other", "location": {"type": "API"}},
        ("apigateway", "update_documentation_part", {
            "restApiId": "{restApiId}", "documentationPartId": "{documentationPartId}",
            "patchOperations": [{"op": "replace", "path": "/properties", "value": ' {"description": "x"}'}],
        }, "properties", ' {"description": "x"}'),
    ),
    "apigateway/documentationVersion:DocumentationVersion": Life(
        {"description": "first"}, {"restApiId": "other", "version": "2"},
        ("apigateway", "update_documentation_version", {
            "restApiId": "{restApiId}", "documentationVersion": "{version}",
            "patchOperations": [{"op": "replace", "path": "/description", "value": "x"}],
        }, "description", "x"),
    ),
    "apigateway/restApi:RestApi": Life(
        {
            "body": document("second"), "name": "renamed", "description": "of the shop", "binaryMediaTypes": ["image/png", "image/jpeg"],
            "minimumCompressionSize": "1024", "apiKeySource": "AUTHORIZER", "disableExecuteApiEndpoint": True,
            "endpointConfiguration": {"types": "EDGE"}, "tags": {"b": "2"},
        },
        {},
        ("apigateway", "update_rest_api", {"restApiId": "{id}", "patchOperations": changed("/description", "x")},
         "description", "x"),
        more=lambda w: {
            "description": "first", "binaryMediaTypes": ["image/gif"], "tags": {"a": "1"},
            "body": document("first"), "putRestApiMode": "merge",
        },
        unimported=frozenset({"body", "putRestApiMode"}),
    ),
    "apigateway/restApiPolicy:RestApiPolicy": Life(
        {"policy": '{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", '
                   '"Action": "execute-api:Invoke", "Resource": "execute-api:/*"}]}'},
        {"restApiId": "other"},
    ),
    "apigateway/resource:Resource": Life(
        {"pathPart": "{order+}"}, {"restApi": "other"},
        ("apigateway", "update_resource", {"restApiId": "{restApi}", "resourceId": "{id}",
                                           "patchOperations": changed("/pathPart", "x")}, "pathPart", "x"),
        import_id="{restApi}/{id}",
    ),
    "apigateway/method:Method": Life(
        {
            "authorization": "AWS_IAM", "apiKeyRequired": True, "operationName": "list",
            "requestParameters": {"method.request.querystring.page": True, "method.request.header.X-Trace": False},
            "requestModels": {"application/json": "Error"}, "authorizationScopes": ["orders/read", "orders/list"],
        },
        {"httpMethod": "POST", "resourceId": "other", "restApi": "other"},
        ("apigateway", "update_method", METHOD | {"patchOperations": changed("/operationName", "x")},
         "operationName", "x"),
        import_id="{restApi}/{resourceId}/{httpMethod}",
        more=lambda w: {
            "requestParameters": {"method.request.querystring.size": True}, "authorizationScopes": ["orders/write"],
        },
    ),
    "apigateway/methodResponse:MethodResponse": Life(
        {"responseParameters": {"method.response.header.X-Total": True}, "responseModels": None},
        {"statusCode": "201"},
        ("apigateway", "update_method_response", METHOD | {
            "statusCode": "{statusCode}", "patchOperations": changed("/responseModels/text~1html", "Empty", "add"),
        }, "responseModels", {"text/html": "Empty"}),
        import_id="{restApi}/{resourceId}/{httpMethod}/{statusCode}",
        more=lambda w: {"responseModels": {"application/json": "Empty"}},
    ),
    "apigateway/integration:Integration": Life(
        {
            "timeoutMilliseconds": 5000, "cacheKeyParameters": ["method.request.path.a"], "cacheNamespace": "orders",
            "requestParameters": {"integration.request.header.X-A": "'a'"}, "contentHandling": "CONVERT_TO_TEXT",
            "requestTemplates": None, "uri": "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/x/invocations",
        },
        {"type": "AWS", "integrationHttpMethod": "GET", "httpMethod": "POST", "passthroughBehavior": "NEVER",
         "credentials": "arn:aws:iam::123456789012:role/other"},
        ("apigateway", "update_integration", METHOD | {"patchOperations": changed("/timeoutInMillis", "70")},
         "timeoutMilliseconds", 70),
        import_id="{restApi}/{resourceId}/{httpMethod}",
        more=lambda w: {
            "requestTemplates": {"application/json": "{}"}, "cacheKeyParameters": ["method.request.path.b"],
        },
    ),
    "apigateway/integrationResponse:IntegrationResponse": Life(
        {"responseTemplates": {"application/json": "$input.body"}, "contentHandling": "CONVERT_TO_TEXT",
         "responseParameters": {"method.response.header.X-Total": "'1'"}, "selectionPattern": None},
        {"statusCode": "201"},
        ("apigateway", "update_integration_response", METHOD | {
            "statusCode": "{statusCode}", "patchOperations": changed("/contentHandling", "CONVERT_TO_BINARY"),
        }, "contentHandling", "CONVERT_TO_BINARY"),
        import_id="{restApi}/{resourceId}/{httpMethod}/{statusCode}",
        more=lambda w: {"selectionPattern": "2.."},
    ),
    "apigateway/response:Response": Life(
        {"statusCode": "403", "responseTemplates": None,
         "responseParameters": {"gatewayresponse.header.WWW-Authenticate": "'Basic'"}},
        {"responseType": "THROTTLED", "restApiId": "other"},
        ("apigateway", "update_gateway_response", {
            "restApiId": "{restApiId}", "responseType": "{responseType}", "patchOperations": changed("/statusCode", "418"),
        }, "statusCode", "418"),
        import_id="{restApiId}/{responseType}",
    ),
    "apigateway/deployment:Deployment": Life(
        {"description": "second"}, {"triggers": {"routes": "2"}, "restApi": "other", "variables": {"a": "2"}},
        ("apigateway", "update_deployment", {"restApiId": "{restApi}", "deploymentId": "{id}",
                                             "patchOperations": changed("/description", "x")}, "description", "x"),
        import_id="{restApi}/{id}", unimported=frozenset({"triggers"}),
        more=lambda w: {"triggers": {"routes": "1"}, "description": "first"},
    ),
    "apigateway/stage:Stage": Life(
        {
            "description": "for all", "variables": {"a": "2", "b": "3"}, "accessLogSettings": None, "tags": {"b": "2"},
            "xrayTracingEnabled": True, "cacheClusterEnabled": True, "cacheClusterSize": "1.6",
            "canarySettings": None, "documentationVersion": "2",
        },
        {"stageName": "other", "restApi": "other"},
        ("apigateway", "update_stage", {"restApiId": "{restApi}", "stageName": "{stageName}",
                                        "patchOperations": changed("/variables/a", "9")},
         "variables", {"a": "9", "b": "3"}),
        import_id="{restApi}/{stageName}",
        more=lambda w: {
            "variables": {"a": "1", "c": "4"}, "tags": {"a": "1"},
            "canarySettings": {"percentTraffic": 10.5, "deploymentId": w.id("apigateway/deployment:Deployment")},
            "accessLogSettings": {
                "destinationArn": w.out("cloudwatch/logGroup:LogGroup", "arn"), "format": "$context.requestId",
            },
        },
    ),
    "apigateway/methodSettings:MethodSettings": Life(
        {"settings": {"metricsEnabled": False, "loggingLevel": "INFO", "throttlingBurstLimit": 10,
                      "throttlingRateLimit": 5.5, "cachingEnabled": True}},
        {"methodPath": "orders/GET", "stageName": "other", "restApi": "other"},
        ("apigateway", "update_stage", {"restApiId": "{restApi}", "stageName": "{stageName}",
                                        "patchOperations": changed("/*/*/logging/loglevel", "ERROR")},
         "settings", {"metricsEnabled": False, "loggingLevel": "ERROR", "throttlingBurstLimit": 10,
                      "throttlingRateLimit": 5.5, "cachingEnabled": True}),
        import_id="{restApi}/{stageName}/{methodPath}",
    ),
    "apigateway/apiKey:ApiKey": Life(
        {"description": "of the shop", "enabled": False, "customerId": None, "tags": {"b": "2"}},
        {"value": "another-value-of-enough-characters"},
        ("apigateway", "update_api_key", {"apiKey": "{id}", "patchOperations": changed("/description", "x")},
         "description", "x"),
        more=lambda w: {"customerId": "c-1", "tags": {"a": "1"}},
    ),
    "apigateway/usagePlan:UsagePlan": Life(
        {
            "description": "gold", "throttleSettings": {"burstLimit": 20, "rateLimit": 10.5}, "productCode": "GOLD",
            "quotaSettings": None, "tags": {"b": "2"},
        },
        {},
        ("apigateway", "update_usage_plan", {"usagePlanId": "{id}", "patchOperations": changed("/throttle/burstLimit", "7")},
         "throttleSettings", {"burstLimit": 7, "rateLimit": 10.5}),
        more=lambda w: {
            "quotaSettings": {"limit": 100, "period": "DAY"}, "tags": {"a": "1"},
            "apiStages": [{
                "apiId": w.id("apigateway/restApi:RestApi"), "stage": w.out("apigateway/stage:Stage", "stageName"),
                "throttles": [{"path": "/orders/GET", "rateLimit": 3.5}],
            }],
        },
    ),
    "apigateway/usagePlanKey:UsagePlanKey": Life(
        None, {"keyId": "other", "usagePlanId": "other"}, import_id="{usagePlanId}/{id}",
    ),
    "apigateway/authorizer:Authorizer": Life(
        {"name": "people", "type": "REQUEST", "identitySource": "method.request.header.X-Token",
         "authorizerResultTtlInSeconds": 0, "identityValidationExpression": None},
        {"restApi": "other"},
        ("apigateway", "update_authorizer", {"restApiId": "{restApi}", "authorizerId": "{id}",
                                             "patchOperations": changed("/name", "x")}, "name", "x"),
        import_id="{restApi}/{id}", more=lambda w: {"identityValidationExpression": "^Bearer .+$"},
    ),
    "apigateway/requestValidator:RequestValidator": Life(
        {"name": "all", "validateRequestBody": None, "validateRequestParameters": True}, {"restApi": "other"},
        ("apigateway", "update_request_validator", {"restApiId": "{restApi}", "requestValidatorId": "{id}",
                                                    "patchOperations": changed("/name", "x")}, "name", "x"),
        import_id="{restApi}/{id}",
    ),
    "apigateway/model:Model": Life(
        {"schema": '{"type": "array"}', "description": "of an order"},
        {"name": "other", "contentType": "text/plain", "restApi": "other"},
        ("apigateway", "update_model", {"restApiId": "{restApi}", "modelName": "{name}",
                                        "patchOperations": changed("/description", "x")}, "description", "x"),
        import_id="{restApi}/{name}",
    ),
    "apigateway/account:Account": Life(
        {"cloudwatchRoleArn": "arn:aws:iam::123456789012:role/other"}, {},
        ("apigateway", "update_account", {
            "patchOperations": changed("/cloudwatchRoleArn", "arn:aws:iam::123456789012:role/x"),
        }, "cloudwatchRoleArn", "arn:aws:iam::123456789012:role/x"),
        import_id="api-gateway-account",
    ),
    "apigateway/domainName:DomainName": Life(
        {"securityPolicy": "TLS_1_2", "tags": {"b": "2"}}, {"domainName": "other.shop.example"},
        ("apigateway", "update_domain_name", {"domainName": "{id}", "patchOperations": changed("/securityPolicy", "TLS_1_0")},
         "securityPolicy", "TLS_1_0"),
        more=lambda w: {"tags": {"a": "1"}},
    ),
    "apigateway/basePathMapping:BasePathMapping": Life(
        {"stageName": None}, {"domainName": "other.shop.example", "basePath": "v2"},
        ("apigateway", "update_base_path_mapping", {
            "domainName": "{domainName}", "basePath": "{basePath}", "patchOperations": changed("/stage", "live"),
        }, "stageName", "live"),
        import_id="{domainName}/{basePath}",
    ),
    "apigateway/vpcLink:VpcLink": Life(
        {"name": "renamed", "description": "inside", "tags": {"b": "2"}},
        {"targetArn": "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/net/other/0123456789abcdef"},
        ("apigateway", "update_vpc_link", {"vpcLinkId": "{id}", "patchOperations": changed("/description", "x")},
         "description", "x"),
        more=lambda w: {"tags": {"a": "1"}},
    ),
}  # fmt: skip
