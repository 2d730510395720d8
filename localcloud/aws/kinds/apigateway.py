"""API Gateway for REST: APIs, resources, methods, and what these answer."""

import re
from typing import Any

from localcloud.aws.client import Aws, Refused
from localcloud.aws.kind import Calls, Kind, Naming, OwnCalls, Properties, Props, Tags, Translation, nothing
from localcloud.aws.kinds.apigateway_calls import ARN, REST, SERVICE, by_path, operations, patches, reads
from localcloud.aws.kinds.tagging import retag

AT = {"restApiId": "{restApi}", "resourceId": "{resourceId}", "httpMethod": "{httpMethod}"}
"""The arguments that name a method."""
IN_PLACE = ("restApi", "resourceId", "httpMethod")
BESIDE_THE_BODY = ("name", "description", "policy", "binaryMediaTypes", "minimumCompressionSize", "apiKeySource")
"""What a document sets, and the program may say otherwise."""


def import_body(aws: Aws, api: str, value: str, props: Props) -> None:
    """Import an OpenAPI document; what the program says beside it stands."""
    mode = {"mode": props.get("putRestApiMode") or "overwrite", "failOnWarnings": bool(props.get("failOnWarnings"))}
    live = aws(SERVICE, "put_rest_api", restApiId=api, body=value.encode(), **mode)
    given = {name: props[name] for name in BESIDE_THE_BODY if props.get(name) is not None}
    held = {name: live[name] for name in given if live.get(name) is not None}
    found = list(operations(REST_API, held, given))
    if found:
        aws(SERVICE, "update_rest_api", restApiId=api, patchOperations=found)


def body_fits(props: Props) -> list[tuple[str, str]]:
    """A body is an OpenAPI document; other inputs say how to take it."""
    body = props.get("body")
    if body is None:
        names = ("failOnWarnings", "putRestApiMode")
        return [(name, "is for an API with a 'body'") for name in names if props.get(name)]
    if not re.search(r"(openapi|swagger)[\"']?\s*:", str(body)):
        return [("body", "is no OpenAPI document: it has neither 'openapi' nor 'swagger'")]
    return []


REST_API: Kind = Kind(
    "aws:apigateway/restApi:RestApi",
    Calls(
        SERVICE, "create_rest_api", "id", read=reads("get_rest_api", restApiId="{id}"),
        delete=("delete_rest_api", {"restApiId": "{id}"}),
        update=patches(lambda: REST_API, "update_rest_api", restApiId="{id}"),
    ),
    naming=Naming("name"),
    tags=Tags(update=retag(SERVICE, ARN + "/restapis/{id}")),
    translation=Translation(
        rename={"failOnWarnings": None, "putRestApiMode": None}, served={"failOnWarnings", "putRestApiMode"},
        unserved={"parameters": "the local cloud imports a body as it stands"},
    ),
    properties=Properties(
        computed={
            "apiKeySource", "binaryMediaTypes", "description", "disableExecuteApiEndpoint", "endpointAccessMode",
            "endpointConfiguration", "endpointConfiguration.ipAddressType", "endpointConfiguration.vpcEndpointIds",
            "minimumCompressionSize", "policy", "securityPolicy",
        },
        unordered={"binaryMediaTypes", "endpointConfiguration.vpcEndpointIds"},
        write_only={"body", "failOnWarnings", "putRestApiMode"},
    ),
    own_calls=OwnCalls(put={"body": import_body}, remove={"body": nothing}),
    validate=body_fits,
    outputs={"arn": ARN + "/restapis/{id}", "executionArn": "arn:aws:execute-api:{region}:{account}:{id}"},
)  # fmt: skip
POLICY: Kind = Kind(
    "aws:apigateway/restApiPolicy:RestApiPolicy",
    Calls(
        SERVICE, "create_rest_api", "{restApiId}",
        read=lambda aws, i, props: (
            {"policy": found, "restApiId": i}
            if (found := aws(SERVICE, "get_rest_api", restApiId=i).get("policy")) else None
        ),
        custom_create=lambda aws, props: put_policy(aws, props["restApiId"], props),
        delete=lambda aws, i, props: put_policy(aws, i, {"policy": ""}),
        update=lambda aws, i, old, new: put_policy(aws, i, new),
    ),
    tags=Tags(None),
    translation=Translation(rename={"restApiId": None}, decode=lambda live: live),
    properties=Properties(force_new={"restApiId"}),
    outputs={"restApiId": "{id}"},
)  # fmt: skip


def put_policy(aws: Aws, api: str, props: Props) -> str:
    """Set the policy of an API."""
    operation = {"op": "replace", "path": "/policy", "value": props["policy"]}
    aws(SERVICE, "update_rest_api", restApiId=api, patchOperations=[operation])
    return api


RESOURCE: Kind = Kind(
    "aws:apigateway/resource:Resource",
    Calls(
        SERVICE, "create_resource", "id",
        read=reads("get_resource", restApiId="{restApi}", resourceId="{id}"),
        delete=("delete_resource", {"restApiId": "{restApi}", "resourceId": "{id}"}),
        update=patches(lambda: RESOURCE, "update_resource", restApiId="{restApi}", resourceId="{id}"),
        import_id=by_path("{id}", "restApi", "id"),
    ),
    tags=Tags(None),
    translation=Translation(rename=REST),
    properties=Properties(force_new={"restApi"}, computed_on_update={"path"}),
)  # fmt: skip


def method_fits(props: Props) -> list[tuple[str, str]]:
    """A method that asks who calls needs somebody who knows."""
    kind = props.get("authorization")
    if kind in ("CUSTOM", "COGNITO_USER_POOLS") and props.get("authorizerId") is None:
        return [("authorizerId", f"missing: authorization {kind!r} needs it")]
    return []


METHOD: Kind = Kind(
    "aws:apigateway/method:Method",
    Calls(
        SERVICE, "put_method", "agm-{restApi}-{resourceId}-{httpMethod}", read=reads("get_method", **AT),
        delete=("delete_method", AT), update=patches(lambda: METHOD, "update_method", **AT),
        import_id=by_path("agm-{restApi}-{resourceId}-{httpMethod}", *IN_PLACE),
    ),
    tags=Tags(None),
    translation=Translation(rename=REST | {"authorization": "authorizationType"}),
    properties=Properties(
        force_new={*IN_PLACE}, unordered={"authorizationScopes"},
        defaults={"apiKeyRequired": False, "authorizationScopes": [], "requestModels": {}, "requestParameters": {}},
    ),
    validate=method_fits,
)  # fmt: skip
METHOD_RESPONSE: Kind = Kind(
    "aws:apigateway/methodResponse:MethodResponse",
    Calls(
        SERVICE, "put_method_response", "agmr-{restApi}-{resourceId}-{httpMethod}-{statusCode}",
        read=reads("get_method_response", **AT, statusCode="{statusCode}"),
        delete=("delete_method_response", AT | {"statusCode": "{statusCode}"}),
        update=patches(lambda: METHOD_RESPONSE, "update_method_response", **AT, statusCode="{statusCode}"),
        import_id=by_path("agmr-{restApi}-{resourceId}-{httpMethod}-{statusCode}", *IN_PLACE, "statusCode"),
    ),
    tags=Tags(None),
    translation=Translation(rename=REST),
    properties=Properties(
        force_new={*IN_PLACE, "statusCode"}, defaults={"responseModels": {}, "responseParameters": {}},
    ),
)  # fmt: skip


def integration(aws: Aws, resource_id: str, props: Props) -> Props:
    """The integration; what it sends with has the name that the method's own verb has elsewhere."""
    found = dict(aws(SERVICE, "get_integration", **{k: v.format(**props) for k, v in AT.items()}))
    return found | {
        "integrationHttpMethod": found.get("httpMethod"), "restApiId": props["restApi"],
        "resourceId": props["resourceId"], "httpMethod": props["httpMethod"],
    }  # fmt: skip


def integration_fits(props: Props) -> list[tuple[str, str]]:
    """What each kind of integration needs."""
    kind, found = str(props.get("type") or ""), []
    if kind in ("AWS", "AWS_PROXY", "HTTP", "HTTP_PROXY"):
        needed = ("uri", "integrationHttpMethod")
        found += [(name, f"missing: type {kind!r} needs it") for name in needed if props.get(name) is None]
    uri = props.get("uri")
    if kind in ("AWS", "AWS_PROXY") and isinstance(uri, str) and not uri.startswith("arn:"):
        found.append(("uri", f"{uri!r} is no ARN, which type {kind!r} needs; of a function it is `invoke_arn`"))
    elif kind in ("AWS", "AWS_PROXY") and isinstance(uri, str) and ":lambda:" in uri and ":apigateway:" not in uri:
        found.append(("uri", f"{uri!r} is the ARN of a function; API Gateway calls it by its `invoke_arn`"))
    if props.get("connectionType") == "VPC_LINK" and props.get("connectionId") is None:
        found.append(("connectionId", "missing: connectionType 'VPC_LINK' needs it"))
    return found


INTEGRATION: Kind = Kind(
    "aws:apigateway/integration:Integration",
    Calls(
        SERVICE, "put_integration", "agi-{restApi}-{resourceId}-{httpMethod}", read=integration,
        delete=("delete_integration", AT), update=patches(lambda: INTEGRATION, "update_integration", **AT),
        import_id=by_path("agi-{restApi}-{resourceId}-{httpMethod}", *IN_PLACE),
    ),
    tags=Tags(None),
    translation=Translation(rename=REST | {"timeoutMilliseconds": "timeoutInMillis"}),
    properties=Properties(
        force_new={*IN_PLACE, "type", "credentials", "integrationHttpMethod", "passthroughBehavior"},
        defaults={
            "connectionType": "INTERNET", "timeoutMilliseconds": 29_000, "cacheKeyParameters": [],
            "requestParameters": {}, "requestTemplates": {},
        },
        computed={"cacheNamespace", "passthroughBehavior", "responseTransferMode"},
        unordered={"cacheKeyParameters"},
    ),
    validate=integration_fits,
)  # fmt: skip
INTEGRATION_RESPONSE: Kind = Kind(
    "aws:apigateway/integrationResponse:IntegrationResponse",
    Calls(
        SERVICE, "put_integration_response", "agir-{restApi}-{resourceId}-{httpMethod}-{statusCode}",
        read=reads("get_integration_response", **AT, statusCode="{statusCode}"),
        delete=("delete_integration_response", AT | {"statusCode": "{statusCode}"}), update="upsert",
        import_id=by_path("agir-{restApi}-{resourceId}-{httpMethod}-{statusCode}", *IN_PLACE, "statusCode"),
    ),
    tags=Tags(None),
    translation=Translation(rename=REST),
    properties=Properties(
        force_new={*IN_PLACE, "statusCode"}, defaults={"responseParameters": {}, "responseTemplates": {}},
    ),
)  # fmt: skip
GATEWAY_RESPONSE: Kind = Kind(
    "aws:apigateway/response:Response",
    Calls(
        SERVICE, "put_gateway_response", "aggr-{restApiId}-{responseType}",
        read=reads("get_gateway_response", restApiId="{restApiId}", responseType="{responseType}"),
        delete=("delete_gateway_response", {"restApiId": "{restApiId}", "responseType": "{responseType}"}),
        update="upsert", import_id=by_path("aggr-{restApiId}-{responseType}", "restApiId", "responseType"),
    ),
    tags=Tags(None),
    properties=Properties(
        force_new={"restApiId", "responseType"}, defaults={"responseParameters": {}, "responseTemplates": {}},
    ),
)  # fmt: skip

ROWS = (
    REST_API, POLICY, RESOURCE, METHOD, METHOD_RESPONSE, INTEGRATION, INTEGRATION_RESPONSE, GATEWAY_RESPONSE,
)  # fmt: skip


def get_rest_api(aws: Aws, arguments: Props) -> Props:
    """The one API of a name."""
    found = [one for one in aws(SERVICE, "get_rest_apis")["items"] if one["name"] == arguments["name"]]
    if len(found) != 1:
        many = "no" if not found else "multiple"
        raise Refused(f"{many} REST APIs with the name {arguments['name']!r} found" if found else
                      f"no REST API with the name {arguments['name']!r} found")  # fmt: skip
    state: dict[str, Any] = REST_API.state(aws.at(thorough=True), found[0]["id"], {}) or {}
    one = state.get("endpointConfiguration")
    return {
        **state, **arguments, "endpointConfigurations": [{**one, "types": [one["types"]]}] if one else [],
        "minimumCompressionSize": state.get("minimumCompressionSize") or "", "policy": state.get("policy") or "",
    }  # fmt: skip


def get_resource(aws: Aws, arguments: Props) -> Props:
    """The resource of a path."""
    found = aws(SERVICE, "get_resources", restApiId=arguments["restApiId"])["items"]
    for one in found:
        if one["path"] == arguments["path"]:
            above = {"parentId": one.get("parentId", ""), "pathPart": one.get("pathPart", "")}
            return {**arguments, **above, "id": one["id"], "region": aws.region}
    raise Refused(f"no Resources with path {arguments['path']!r} found for rest api {arguments['restApiId']!r}")


INVOKES = {
    "aws:apigateway/getRestApi:getRestApi": get_rest_api,
    "aws:apigateway/getResource:getResource": get_resource,
}
