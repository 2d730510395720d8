"""API Gateway for HTTP and WebSocket: APIs, stages, integrations, routes, authorizers, deployments."""

from collections.abc import Callable, Mapping
from typing import Any

from localcloud.aws.client import Aws, Refused
from localcloud.aws.kind import Calls, Kind, Naming, OwnCalls, Properties, Props, Tags, Translation, nothing
from localcloud.aws.kinds.tagging import retag

SERVICE = "apigatewayv2"
ARN = "arn:aws:apigateway:{region}::/apis/"
QUICK = {"credentialsArn", "routeKey", "target"}
"""Inputs of an API that makes its own integration, route and stage."""
OPENAPI = {"body", "failOnWarnings"}
"""Inputs of an API whose routes and integrations a document has."""


def part_of(call: str, member: str, decode: Callable[[Props], Props] = lambda live: live) -> Callable[..., Props]:
    """Reads a part of an API by its id."""

    def read(aws: Aws, part: str, props: Props) -> Props:
        found = dict(aws(SERVICE, call, ApiId=props["apiId"], **{member: part}))
        return decode(found) | {"ApiId": props["apiId"]}

    return read


def changes(kind: Callable[[], Kind], call: str, member: str, empty: Mapping[str, Any]) -> Callable[..., None]:
    """Sends what changed of a part of an API; `empty` says what takes a value away, where that is no empty text."""

    def update(aws: Aws, part: str, old: Props, new: Props) -> None:
        row = kind()
        changed = row.changed(old, new) - {*row.properties.write_only, "tags", "apiId"}
        if not changed:
            return
        request = row.request(call, {k: v for k, v in new.items() if k in changed and v is not None})
        for name in (n for n in changed if new.get(n) is None):
            request |= row.request(call, {name: empty.get(name, "")})
        aws(SERVICE, call, **({"ApiId": new["apiId"]} if "apiId" in new else {}), **{member: part}, **request)

    return update


def path(text: str) -> tuple[str, Props]:
    """`api/part`."""
    api, _, part = text.partition("/")
    return part, {"apiId": api}


# --- APIs


def api(aws: Aws, api_id: str, props: Props) -> Props:
    """The API."""
    found = dict(aws(SERVICE, "get_api", ApiId=api_id))
    return {k: v for k, v in found.items() if not (k == "CorsConfiguration" and not any(v.values()))}


def import_body(aws: Aws, api_id: str, value: str, props: Props) -> None:
    """Import an OpenAPI document; what the program says beside it stands, and what it leaves out is empty."""
    aws(SERVICE, "reimport_api", ApiId=api_id, Body=value, FailOnWarnings=bool(props.get("failOnWarnings")))
    beside = {name: props.get(name) or "" for name in ("name", "description", "version")}
    cors = props.get("corsConfiguration")
    if cors is None and aws(SERVICE, "get_api", ApiId=api_id).get("CorsConfiguration"):
        aws(SERVICE, "delete_cors_configuration", ApiId=api_id)
    asked = API.request("update_api", beside | ({"corsConfiguration": cors} if cors else {}))
    aws(SERVICE, "update_api", ApiId=api_id, **asked)


def api_fits(props: Props) -> list[tuple[str, str]]:
    """What only one of the two protocols has."""
    found, web = [], props.get("protocolType") == "WEBSOCKET"
    if web:
        found += [(n, "is for protocolType 'HTTP' only") for n in ("corsConfiguration", *sorted(QUICK)) if props.get(n)]
        if not props.get("routeSelectionExpression"):
            found.append(("routeSelectionExpression", "missing: protocolType 'WEBSOCKET' needs it"))
        if props.get("body"):
            found.append(("body", "is for protocolType 'HTTP' only: give routes and integrations"))
    if props.get("body") and "openapi" not in str(props["body"]):
        found.append(("body", "is no OpenAPI document: it has no 'openapi'"))
    if props.get("failOnWarnings") and not props.get("body"):
        found.append(("failOnWarnings", "is for an API with a 'body'"))
    if props.get("routeKey") and not props.get("target"):
        found.append(("target", "missing: 'routeKey' needs it"))
    return found


API: Kind = Kind(
    "aws:apigatewayv2/api:Api",
    Calls(
        SERVICE, "create_api", "ApiId", read=api, delete=("delete_api", {"ApiId": "{id}"}),
        update=lambda aws, i, old, new: change_api(aws, i, old, new),
    ),
    naming=Naming("name", longest=128),
    tags=Tags(update=retag(SERVICE, ARN + "{id}")),
    translation=Translation(rename={"failOnWarnings": None}, served={"failOnWarnings"}),
    properties=Properties(
        force_new={"protocolType"},
        defaults={
            "description": "", "disableExecuteApiEndpoint": False, "version": "",
            "apiKeySelectionExpression": "$request.header.x-api-key", "corsConfiguration.allowCredentials": False,
            "corsConfiguration.maxAge": 0, "routeSelectionExpression": "$request.method $request.path",
        },
        computed={"ipAddressType"}, write_only={*QUICK, *OPENAPI},
        unordered={f"corsConfiguration.{n}" for n in ("allowHeaders", "allowMethods", "allowOrigins", "exposeHeaders")},
    ),
    own_calls=OwnCalls(put={"body": import_body}, remove={"body": nothing}),
    validate=api_fits,
    outputs={"arn": ARN + "{id}", "executionArn": "arn:aws:execute-api:{region}:{account}:{id}"},
)  # fmt: skip


def change_api(aws: Aws, api_id: str, old: Props, new: Props) -> None:
    """Send what changed; rules for other origins are deleted by a call of their own."""
    changed = API.changed(old, new) - {"tags", *OPENAPI}
    if "corsConfiguration" in changed and new.get("corsConfiguration") is None:
        aws(SERVICE, "delete_cors_configuration", ApiId=api_id)
        changed -= {"corsConfiguration"}
    request = API.request("update_api", {k: v for k, v in new.items() if k in changed and v is not None})
    if request:
        aws(SERVICE, "update_api", ApiId=api_id, **request)


# --- stages


def settings_by_route(props: Props) -> Props:
    """Settings of routes as a map by their key."""
    found = props.get("routeSettings")
    if not isinstance(found, list | tuple):
        return props
    return props | {"routeSettings": {
        str(one["routeKey"]): {
            f"{n[0].upper()}{n[1:]}": v for n, v in one.items() if n != "routeKey" and v is not None
        } for one in found
    }}  # fmt: skip


def stage(aws: Aws, name: str, props: Props) -> Props:
    """The stage; settings of routes as the program has them."""
    found = dict(aws(SERVICE, "get_stage", ApiId=props["apiId"], StageName=name))
    found["routeSettings"] = [
        {"routeKey": key} | {f"{n[0].lower()}{n[1:]}": v for n, v in one.items()}
        for key, one in sorted((found.pop("RouteSettings", None) or {}).items())
    ]
    found["DefaultRouteSettings"] = {
        k: v for k, v in (found.get("DefaultRouteSettings") or {}).items() if v not in (False, 0, "OFF", None)
    } or None
    return {k: v for k, v in found.items() if v is not None} | {"ApiId": props["apiId"]}


def change_stage(aws: Aws, name: str, old: Props, new: Props) -> None:
    """Send what changed, and the tags: their calls want the ARN, which has the API's id."""
    empty: Props = {"accessLogSettings": {}, "defaultRouteSettings": {}, "routeSettings": [], "stageVariables": {}}
    changes(lambda: STAGE, "update_stage", "StageName", empty)(aws, name, old, new)
    held = aws(SERVICE, "get_stage", ApiId=new["apiId"], StageName=name).get("Tags") or {}
    wanted = {k: str(v) for k, v in (new.get("tags") or {}).items()}
    if held != wanted:
        retag(SERVICE, f"{ARN}{new['apiId']}/stages/{name}")(aws, name, sorted(held.keys() - wanted.keys()), wanted)


def invoke_url(aws: Aws, name: str, live: Props, props: Props) -> str:
    """Where the stage would answer."""
    endpoint = str(aws(SERVICE, "get_api", ApiId=props["apiId"])["ApiEndpoint"])
    return f"{endpoint}/" if name == "$default" else f"{endpoint}/{name}"


STAGE: Kind = Kind(
    "aws:apigatewayv2/stage:Stage",
    Calls(
        SERVICE, "create_stage", "{name}", read=stage, import_id=path,
        delete=("delete_stage", {"ApiId": "{apiId}", "StageName": "{id}"}),
        update=lambda aws, i, old, new: change_stage(aws, i, old, new),
    ),
    naming=Naming("name", longest=128),
    tags=Tags(),
    translation=Translation(rename={"name": "StageName"}, encode=settings_by_route),
    properties=Properties(
        force_new={"apiId", "name"},
        defaults={
            "autoDeploy": False, "description": "", "routeSettings": [], "stageVariables": {},
            **{f"{block}.{n}": False for block in ("defaultRouteSettings", "routeSettings")
               for n in ("dataTraceEnabled", "detailedMetricsEnabled")},
            **{f"{block}.{n}": 0 for block in ("defaultRouteSettings", "routeSettings")
               for n in ("throttlingBurstLimit", "throttlingRateLimit")},
        },
        computed={"deploymentId", "defaultRouteSettings.loggingLevel", "routeSettings.loggingLevel"},
        unordered={"routeSettings"},
    ),
    outputs={
        "arn": ARN + "{apiId}/stages/{name}", "executionArn": "arn:aws:execute-api:{region}:{account}:{apiId}/{name}",
        "invokeUrl": invoke_url,
    },
)  # fmt: skip


# --- integrations and routes


def mapped(props: Props) -> Props:
    """Parameters of answers as a map by their status."""
    found = props.get("responseParameters")
    if not isinstance(found, list | tuple):
        return props
    return props | {"responseParameters": {str(one["statusCode"]): dict(one["mappings"]) for one in found}}


def integration(live: Props) -> Props:
    """The integration without what is not set."""
    found = live.pop("ResponseParameters", None) or {}
    live["responseParameters"] = [{"statusCode": k, "mappings": v} for k, v in sorted(found.items())]
    return {k: v for k, v in live.items() if v is not None}


def integration_fits(props: Props) -> list[tuple[str, str]]:
    """What each kind of integration needs."""
    kind, found = str(props.get("integrationType") or ""), []
    proxied = kind in ("HTTP_PROXY", "AWS_PROXY", "HTTP", "AWS") and not props.get("integrationSubtype")
    if proxied and props.get("integrationUri") is None:
        found.append(("integrationUri", f"missing: integrationType {kind!r} needs it"))
    if kind == "HTTP_PROXY" and props.get("integrationMethod") is None:
        found.append(("integrationMethod", "missing: integrationType 'HTTP_PROXY' needs it"))
    if props.get("connectionType") == "VPC_LINK" and props.get("connectionId") is None:
        found.append(("connectionId", "missing: connectionType 'VPC_LINK' needs it"))
    return found


def required_by_key(props: Props) -> Props:
    """Which parameters of a request are required, by their key."""
    found = props.get("requestParameters")
    if not isinstance(found, list | tuple):
        return props
    return props | {"requestParameters": {
        str(one["requestParameterKey"]): {"Required": one.get("required") in (True, "true")} for one in found
    }}  # fmt: skip


def route(live: Props) -> Props:
    """The route without what is not set."""
    found = live.pop("RequestParameters", None) or {}
    live["requestParameters"] = [
        {"requestParameterKey": k, "required": bool(v.get("Required"))} for k, v in sorted(found.items())
    ]
    return {k: v for k, v in live.items() if v is not None}


def route_fits(props: Props) -> list[tuple[str, str]]:
    """A route that asks who calls needs somebody who knows."""
    kind = props.get("authorizationType")
    if kind in ("JWT", "CUSTOM") and props.get("authorizerId") is None:
        return [("authorizerId", f"missing: authorizationType {kind!r} needs it")]
    return []


INTEGRATION: Kind = Kind(
    "aws:apigatewayv2/integration:Integration",
    Calls(
        SERVICE, "create_integration", "IntegrationId", import_id=path,
        read=part_of("get_integration", "IntegrationId", integration),
        delete=("delete_integration", {"ApiId": "{apiId}", "IntegrationId": "{id}"}),
        update=changes(
            lambda: INTEGRATION, "update_integration", "IntegrationId",
            {"requestParameters": {}, "requestTemplates": {}, "responseParameters": [], "tlsConfig": {}},
        ),
    ),
    tags=Tags(None),
    translation=Translation(rename={"timeoutMilliseconds": "TimeoutInMillis"}, encode=mapped),
    properties=Properties(
        force_new={"apiId", "integrationType", "integrationSubtype"},
        defaults={"description": "", "connectionType": "INTERNET", "payloadFormatVersion": "1.0",
                  "responseParameters": [], "requestParameters": {}, "requestTemplates": {}},
        computed={"timeoutMilliseconds", "integrationMethod", "passthroughBehavior"},
        unordered={"responseParameters"},
    ),
    validate=integration_fits,
)  # fmt: skip
ROUTE: Kind = Kind(
    "aws:apigatewayv2/route:Route",
    Calls(
        SERVICE, "create_route", "RouteId", read=part_of("get_route", "RouteId", route), import_id=path,
        delete=("delete_route", {"ApiId": "{apiId}", "RouteId": "{id}"}),
        update=changes(
            lambda: ROUTE, "update_route", "RouteId",
            {"authorizationScopes": [], "requestModels": {}, "requestParameters": [], "apiKeyRequired": False},
        ),
    ),
    tags=Tags(None),
    translation=Translation(encode=required_by_key),
    properties=Properties(
        force_new={"apiId"},
        defaults={"apiKeyRequired": False, "authorizationType": "NONE", "requestParameters": [],
                  "authorizationScopes": [], "requestModels": {}},
        unordered={"authorizationScopes", "requestParameters"},
    ),
    validate=route_fits,
)  # fmt: skip
AUTHORIZER: Kind = Kind(
    "aws:apigatewayv2/authorizer:Authorizer",
    Calls(
        SERVICE, "create_authorizer", "AuthorizerId", import_id=path,
        read=part_of("get_authorizer", "AuthorizerId", lambda live: {k: v for k, v in live.items() if v is not None}),
        delete=("delete_authorizer", {"ApiId": "{apiId}", "AuthorizerId": "{id}"}),
        update=changes(
            lambda: AUTHORIZER, "update_authorizer", "AuthorizerId", {"identitySources": [], "jwtConfiguration": {}}
        ),
    ),
    naming=Naming("name", longest=128),
    tags=Tags(None),
    translation=Translation(rename={"identitySources": "IdentitySource"}),
    properties=Properties(
        force_new={"apiId", "authorizerType"},
        defaults={"enableSimpleResponses": False}, computed={"authorizerResultTtlInSeconds"},
        unordered={"identitySources", "jwtConfiguration.audiences"},
    ),
    validate=lambda props: [] if props.get("authorizerType") != "JWT" or props.get("jwtConfiguration") else [
        ("jwtConfiguration", "missing: authorizerType 'JWT' needs it")
    ],
)  # fmt: skip
DEPLOYMENT: Kind = Kind(
    "aws:apigatewayv2/deployment:Deployment",
    Calls(
        SERVICE, "create_deployment", "DeploymentId", read=part_of("get_deployment", "DeploymentId"), import_id=path,
        delete=("delete_deployment", {"ApiId": "{apiId}", "DeploymentId": "{id}"}),
        update=changes(lambda: DEPLOYMENT, "update_deployment", "DeploymentId", {}),
    ),
    tags=Tags(None),
    translation=Translation(rename={"triggers": None}, served={"triggers"}),
    properties=Properties(force_new={"apiId", "triggers"}, write_only={"triggers"}, defaults={"description": ""}),
)  # fmt: skip

ROWS = (API, STAGE, INTEGRATION, ROUTE, AUTHORIZER, DEPLOYMENT)


def get_api(aws: Aws, arguments: Props) -> Props:
    """An API that is there."""
    state = API.state(aws.at(thorough=True), str(arguments["apiId"]), {})
    if state is None:
        raise Refused(f"no matching API Gateway API found: {arguments['apiId']}")
    cors = [state["corsConfiguration"]] if state.get("corsConfiguration") else []
    return {**state, **arguments, "corsConfigurations": cors, "id": arguments["apiId"]}


def get_apis(aws: Aws, arguments: Props) -> Props:
    """The ids of the APIs that match."""
    found = aws(SERVICE, "get_apis")["Items"]
    tags = (arguments.get("tags") or {}).items()
    ids = [
        one["ApiId"] for one in found
        if arguments.get("name") in (None, one["Name"])
        and arguments.get("protocolType") in (None, one["ProtocolType"])
        and all((one.get("Tags") or {}).get(k) == v for k, v in tags)
    ]  # fmt: skip
    return {**arguments, "id": aws.region, "ids": ids}


INVOKES = {"aws:apigatewayv2/getApi:getApi": get_api, "aws:apigatewayv2/getApis:getApis": get_apis}
