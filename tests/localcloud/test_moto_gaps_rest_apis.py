"""API Gateway's REST APIs on the local cloud, as AWS has them; that AWS's own words are these is not proved here."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from cryptography import x509

Scenario = Callable[[Any], tuple[Any, Any]]
SCENARIOS: list[Scenario] = []


def scenario(function: Scenario) -> Scenario:
    """What was observed, and what AWS does; run against moto as it is and with its gaps filled."""
    SCENARIOS.append(function)
    return function


def api(aws: Any, **members: Any) -> tuple[Any, str, str]:
    """A client, a new API and its root."""
    client = aws.client("apigateway")
    made = client.create_rest_api(name=aws.name(), **members)
    return client, made["id"], client.get_resources(restApiId=made["id"])["items"][0]["id"]


def method(aws: Any, *, joined: bool = True, **members: Any) -> tuple[Any, dict[str, str]]:
    """A client, and what names a new method."""
    client, made, root = api(aws)
    at = {"restApiId": made, "resourceId": root, "httpMethod": "GET"}
    client.put_method(**at, authorizationType="NONE")
    if joined:
        client.put_integration(**at, type="HTTP", integrationHttpMethod="GET", uri="https://shop.example", **members)
    return client, at


def deployed(aws: Any) -> tuple[Any, str, str]:
    """A client, an API and a deployment of it."""
    client, at = method(aws)
    return client, at["restApiId"], client.create_deployment(restApiId=at["restApiId"])["id"]


@scenario
def an_api_keeps_what_it_was_made_with_and_changes_it(aws: Any) -> tuple[Any, Any]:
    client, made, _ = api(aws, binaryMediaTypes=["image/gif"], version="7", description="a")
    client.update_rest_api(restApiId=made, patchOperations=[
        {"op": "add", "path": "/binaryMediaTypes/image~1png"}, {"op": "remove", "path": "/binaryMediaTypes/image~1gif"},
        {"op": "replace", "path": "/minimumCompressionSize", "value": "10"},
        {"op": "replace", "path": "/disableExecuteApiEndpoint", "value": "false"},
    ])  # fmt: skip
    found = client.get_rest_api(restApiId=made)
    return (
        (found["version"], found["binaryMediaTypes"], found["minimumCompressionSize"], found["disableExecuteApiEndpoint"]),
        ("7", ["image/png"], 10, False),
    )  # fmt: skip


@scenario
def a_method_changes(aws: Any) -> tuple[Any, Any]:
    client, at = method(aws)
    client.update_method(**at, patchOperations=[
        {"op": "replace", "path": "/authorizationType", "value": "AWS_IAM"},
        {"op": "add", "path": "/requestParameters/method.request.querystring.page", "value": "true"},
    ])  # fmt: skip
    found = client.get_method(**at)
    return (found["authorizationType"], found["requestParameters"]), (
        "AWS_IAM", {"method.request.querystring.page": True},
    )  # fmt: skip


@scenario
def an_integration_has_its_defaults_and_keeps_its_cache(aws: Any) -> tuple[Any, Any]:
    client, at = method(aws, cacheKeyParameters=["method.request.path.a"])
    found = client.get_integration(**at)
    return (
        found["cacheKeyParameters"], found["cacheNamespace"] == at["resourceId"], found["timeoutInMillis"],
        found["passthroughBehavior"],
    ), (["method.request.path.a"], True, 29_000, "WHEN_NO_MATCH")  # fmt: skip


@scenario
def a_method_without_an_integration_cannot_be_deployed(aws: Any) -> tuple[Any, Any]:
    client, at = method(aws)
    at = {**at, "httpMethod": "POST"}
    client.put_method(**at, authorizationType="NONE")
    refused = aws.refusal(lambda: client.create_deployment(restApiId=at["restApiId"]))
    return refused, "BadRequestException: No integration defined for method"


@scenario
def an_answer_of_an_integration_needs_one_of_the_method(aws: Any) -> tuple[Any, Any]:
    client, at = method(aws)
    refused = aws.refusal(lambda: client.put_integration_response(**at, statusCode="200", selectionPattern=""))
    return refused, "NotFoundException: Invalid Response status code specified"


@scenario
def a_path_and_a_method_are_taken_once(aws: Any) -> tuple[Any, Any]:
    client, at = method(aws)
    below = {"restApiId": at["restApiId"], "parentId": at["resourceId"], "pathPart": "orders"}
    client.create_resource(**below)
    told = (
        aws.refusal(lambda: client.create_resource(**below)),
        aws.refusal(lambda: client.put_method(**at, authorizationType="NONE")),
    )
    return told, (
        "ConflictException: Another resource with the same parent already has this name: orders",
        "ConflictException: Method already exists for this resource",
    )


@scenario
def what_is_below_a_resource_goes_with_it(aws: Any) -> tuple[Any, Any]:
    client, made, root = api(aws)
    upper = client.create_resource(restApiId=made, parentId=root, pathPart="a")["id"]
    client.create_resource(restApiId=made, parentId=upper, pathPart="b")
    client.delete_resource(restApiId=made, resourceId=upper)
    return [one["path"] for one in client.get_resources(restApiId=made)["items"]], ["/"]


@scenario
def a_deployment_that_a_stage_serves_stays(aws: Any) -> tuple[Any, Any]:
    client, made, deployment = deployed(aws)
    client.create_stage(restApiId=made, stageName="live", deploymentId=deployment)
    refused = aws.refusal(lambda: client.delete_deployment(restApiId=made, deploymentId=deployment))
    return refused, "BadRequestException: Active stages pointing to this deployment must be moved or deleted"


@scenario
def a_stage_serves_a_deployment_of_its_api(aws: Any) -> tuple[Any, Any]:
    client, made, _ = deployed(aws)
    refused = aws.refusal(lambda: client.create_stage(restApiId=made, stageName="live", deploymentId="other"))
    return refused, "BadRequestException: Deployment id does not exist"


@scenario
def settings_of_a_method_go_again(aws: Any) -> tuple[Any, Any]:
    client, made, deployment = deployed(aws)
    client.create_stage(restApiId=made, stageName="live", deploymentId=deployment)
    stage = {"restApiId": made, "stageName": "live"}
    for method in ("*/*", "~1orders/GET"):
        operation = {"op": "replace", "path": f"/{method}/throttling/burstLimit", "value": "5"}
        client.update_stage(**stage, patchOperations=[operation])
    client.update_stage(**stage, patchOperations=[{"op": "remove", "path": "/*/*"}])
    found = client.get_stage(**stage)["methodSettings"]
    return {name: one["throttlingBurstLimit"] for name, one in found.items()}, {"~1orders/GET": 5}


@scenario
def everything_with_an_arn_has_tags(aws: Any) -> tuple[Any, Any]:
    client, made, _ = api(aws, tags={"a": "1", "b": "2"})
    arn = f"arn:aws:apigateway:eu-west-1::/restapis/{made}"
    client.tag_resource(resourceArn=arn, tags={"c": "3"})
    client.untag_resource(resourceArn=arn, tagKeys=["a"])
    return client.get_tags(resourceArn=arn)["tags"], {"b": "2", "c": "3"}


@scenario
def a_usage_plan_limits_single_methods(aws: Any) -> tuple[Any, Any]:
    client, made, deployment = deployed(aws)
    client.create_stage(restApiId=made, stageName="live", deploymentId=deployment)
    plan = client.create_usage_plan(name=aws.name())["id"]
    client.update_usage_plan(usagePlanId=plan, patchOperations=[
        {"op": "add", "path": "/apiStages", "value": f"{made}:live"},
        {"op": "replace", "path": f"/apiStages/{made}:live/throttle/~1orders~1GET/burstLimit", "value": "5"},
    ])  # fmt: skip
    found = client.get_usage_plan(usagePlanId=plan)["apiStages"]
    return found, [{"apiId": made, "stage": "live", "throttle": {"/orders/GET": {"burstLimit": 5, "rateLimit": 0.0}}}]


@scenario
def what_is_not_there_is_told_so(aws: Any) -> tuple[Any, Any]:
    client, at = method(aws, joined=False)
    made = {"restApiId": at["restApiId"]}
    calls = (
        lambda: client.get_integration(**at), lambda: client.get_deployment(**made, deploymentId="other"),
        lambda: client.get_request_validator(**made, requestValidatorId="other"),
        lambda: client.get_method_response(**at, statusCode="200"), lambda: client.delete_rest_api(restApiId="other"),
    )  # fmt: skip
    return [aws.refusal(call).split(":")[0] for call in calls], ["NotFoundException"] * len(calls)


@scenario
def an_authorizer_keeps_its_expression_and_changes_its_pools(aws: Any) -> tuple[Any, Any]:
    client, made, _ = api(aws)
    pools = [f"arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_{n}" for n in "ab"]
    asked = {"type": "COGNITO_USER_POOLS", "identityValidationExpression": "x", "providerARNs": pools[:1]}
    at = {"restApiId": made, "authorizerId": client.create_authorizer(restApiId=made, name="a", **asked)["id"]}
    operations = [{"op": "add", "path": "/providerARNs", "value": pools[1]},
                  {"op": "remove", "path": "/providerARNs", "value": pools[0]}]  # fmt: skip
    client.update_authorizer(**at, patchOperations=operations)
    found = client.get_authorizer(**at)
    return (found["identityValidationExpression"], found["providerARNs"]), ("x", pools[1:])


@scenario
def an_operation_on_no_member_is_refused(aws: Any) -> tuple[Any, Any]:
    client, made, _ = api(aws)
    operation = {"op": "replace", "path": "/colour", "value": "red"}
    refused = aws.refusal(lambda: client.update_rest_api(restApiId=made, patchOperations=[operation]))
    return refused.split(" Must")[0], ("BadRequestException: Invalid patch path '/colour' specified for op 'replace'.")


@scenario
def a_regional_name_is_in_the_zone_of_its_region(aws: Any) -> tuple[Any, Any]:
    asked = {"regionalCertificateArn": "arn:aws:acm:eu-west-1:123456789012:certificate/a"}
    made = aws.client("apigateway").create_domain_name(domainName=f"{aws.name()}.shop.example", **asked)
    return (made["regionalHostedZoneId"], "distributionDomainName" in made), ("ZLY8HYME6SFDD", False)


URI = "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/f/invocations"
SWAGGER = {
    "swagger": "2.0", "info": {"title": "imported", "version": "1"},
    "x-amazon-apigateway-binary-media-types": ["image/png"],
    "securityDefinitions": {
        "people": {"type": "apiKey", "name": "Authorization", "in": "header",
                   "x-amazon-apigateway-authorizer": {"type": "cognito_user_pools", "providerARNs": ["arn:aws:cognito-idp:x"]}},
        "key": {"type": "apiKey", "name": "x-api-key", "in": "header"},
    },
    "definitions": {"Order": {"type": "object"}},
    "paths": {"/orders/{id}": {
        "parameters": [{"name": "id", "in": "path", "required": True, "type": "string"}],
        "get": {
            "operationId": "order", "security": [{"people": ["orders/read"]}, {"key": []}],
            "responses": {"200": {"description": "there", "headers": {"X-Total": {"type": "string"}}}, "default": {}},
            "x-amazon-apigateway-integration": {
                "type": "aws", "httpMethod": "POST", "uri": URI, "passthroughBehavior": "never",
                "responses": {"default": {"statusCode": "200"}},
            },
        },
        "x-amazon-apigateway-any-method": {"x-amazon-apigateway-integration": {"type": "mock"}},
    }},
}  # fmt: skip


@scenario
def a_document_becomes_resources_methods_and_integrations(aws: Any) -> tuple[Any, Any]:
    client, made, root = api(aws)
    client.create_resource(restApiId=made, parentId=root, pathPart="former")
    client.put_rest_api(restApiId=made, mode="overwrite", body=json.dumps(SWAGGER).encode())
    paths = {one["path"]: one["id"] for one in client.get_resources(restApiId=made)["items"]}
    at = {"restApiId": made, "resourceId": paths["/orders/{id}"], "httpMethod": "GET"}
    found, told = client.get_method(**at), client.get_rest_api(restApiId=made)
    joined = found["methodIntegration"]
    return (
        sorted(paths), paths["/"] == root, found["authorizationType"], found["authorizationScopes"],
        found["apiKeyRequired"], found["requestParameters"], found["operationName"],
        found["methodResponses"]["200"]["responseParameters"], joined["passthroughBehavior"],
        joined["integrationResponses"], told["name"], told["binaryMediaTypes"],
        client.get_method(**at | {"httpMethod": "ANY"})["methodIntegration"]["type"],
        [one["name"] for one in client.get_models(restApiId=made)["items"]],
    ), (
        ["/", "/orders", "/orders/{id}"], True, "COGNITO_USER_POOLS", ["orders/read"], True,
        {"method.request.path.id": True}, "order", {"method.response.header.X-Total": False}, "NEVER",
        {"200": {"statusCode": "200", "responseTemplates": {}}}, "imported", ["image/png"], "MOCK", ["Order"],
    )  # fmt: skip


@scenario
def a_document_that_is_none_is_refused(aws: Any) -> tuple[Any, Any]:
    client, made, _ = api(aws)
    texts = (b"{", b"[]", b'{"openapi": "3.0.1"}')
    refused = [aws.refusal(lambda text=text: client.put_rest_api(restApiId=made, body=text)) for text in texts]
    return refused, ["BadRequestException: Invalid OpenAPI input."] * 3


@scenario
def a_certificate_of_a_stage_stays(aws: Any) -> tuple[Any, Any]:
    client, made, deployment = deployed(aws)
    name = client.generate_client_certificate(description="d")["clientCertificateId"]
    text = client.get_client_certificate(clientCertificateId=name)["pemEncodedCertificate"]
    client.create_stage(restApiId=made, stageName="live", deploymentId=deployment)
    stage, path = {"restApiId": made, "stageName": "live"}, {"op": "replace", "path": "/clientCertificateId"}
    client.update_stage(**stage, patchOperations=[path | {"value": name}])
    held = aws.refusal(lambda: client.delete_client_certificate(clientCertificateId=name)).split(":")[0]
    client.update_stage(**stage, patchOperations=[path | {"value": ""}])
    client.delete_client_certificate(clientCertificateId=name)
    gone = aws.refusal(lambda: client.get_client_certificate(clientCertificateId=name))
    subject = x509.load_pem_x509_certificate(text.encode()).subject.rfc4514_string()
    return (held, gone, subject), (
        "BadRequestException", "NotFoundException: Invalid Client Certificate identifier specified", "CN=ApiGateway",
    )  # fmt: skip


@scenario
def a_version_of_documentation_needs_parts_and_is_taken_once(aws: Any) -> tuple[Any, Any]:
    client, made, _ = api(aws)
    version = {"restApiId": made, "documentationVersion": "1"}
    without = aws.refusal(lambda: client.create_documentation_version(**version)).split(":")[0]
    part = {"restApiId": made, "location": {"type": "API"}, "properties": "{}"}
    client.create_documentation_part(**part)
    twice = aws.refusal(lambda: client.create_documentation_part(**part)).split(":")[0]
    client.create_documentation_version(**version)
    again = aws.refusal(lambda: client.create_documentation_version(**version)).split(":")[0]
    return (without, twice, again), ("NotFoundException", "ConflictException", "ConflictException")


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_the_local_cloud_does_as_aws(scenario: Scenario, filled_aws: Any) -> None:
    observed, expected = scenario(filled_aws)
    assert observed == expected


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_moto_still_needs_the_patch(scenario: Scenario, plain_aws: Any) -> None:
    assert plain_aws.lacks(scenario), "moto does this by itself now: remove the patch"
