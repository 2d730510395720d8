"""Gaps of moto's API Gateway for HTTP and WebSocket: stages that change, deployments, quick creation, empty values."""

import json
import string
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from botocore import xform_name
from moto.apigateway import urls as urls_of_both
from moto.apigatewayv2 import urls
from moto.apigatewayv2.exceptions import APIGatewayV2Error
from moto.apigatewayv2.models import Api, ApiGatewayV2Backend, Stage
from moto.apigatewayv2.responses import ApiGatewayV2Response
from moto.moto_api._internal import mock_random

from localcloud.aws.moto_gaps._patching import add, replace

_API, _TAGS = (
    "{0}/v2/apis/(?P<api_id>[^/]+)",
    "{0}/v2/tags/(?P<resource_arn_pt1>[^/]+)/apis/(?P<resource_arn_pt2>[^/]+)",
)
for path in (
    f"{_API}/deployments$",
    f"{_API}/deployments/(?P<deployment_id>[^/]+)$",
    f"{_TAGS}/stages/(?P<resource_arn_pt3>[^/]+)$",
):
    for paths in (urls_of_both.url_paths, urls.url_paths):  # the older service's application serves these addresses
        paths[path] = ApiGatewayV2Response.dispatch


class Refused(APIGatewayV2Error):  # noqa: N818 -- what happened
    """What API Gateway refuses, or does not find."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(kind, message)
        self.code = {"NotFoundException": 404, "ConflictException": 409}.get(kind, 400)


def _backend(response: Any) -> Any:
    return response.apigatewayv2_backend


def _parts(response: Any) -> list[str]:
    path: str = unquote(response.path)
    return path.split("/")


def _answer(value: Any) -> Any:
    return 200, {}, json.dumps(value)


def _empties(kind: str, find: Callable[[Any, list[str]], Any]) -> None:
    """An update with an empty member takes the value away."""

    @replace(ApiGatewayV2Response, f"update_{kind}")
    def update(original: Any, self: Any) -> Any:
        answer = original(self)
        thing = find(self, _parts(self))
        for member, value in json.loads(self.body).items():
            name = xform_name(member)
            if value in ("", [], {}) and hasattr(thing, name):
                setattr(thing, name, None)
        return answer if answer[0] != 200 else _answer(thing.to_json())


_empties("api", lambda self, parts: _backend(self).get_api(parts[-1]))
_empties("route", lambda self, parts: _backend(self).get_route(parts[-3], parts[-1]))
_empties("integration", lambda self, parts: _backend(self).get_integration(parts[-3], parts[-1]))
_empties("authorizer", lambda self, parts: _backend(self).get_authorizer(parts[-3], parts[-1]))


@replace(ApiGatewayV2Response)
def create_api(original: Any, self: Any) -> Any:
    """A target makes an integration, a route and a stage that deploys itself."""
    status, headers, body = original(self)
    asked, made = json.loads(self.body), json.loads(body)
    api = _backend(self).get_api(made["apiId"])
    api.ip_address_type = asked.get("ipAddressType") or "ipv4"
    if asked.get("protocolType") == "WEBSOCKET":
        api.api_endpoint = api.api_endpoint.replace("https://", "wss://")
    if target := asked.get("target"):
        proxy = "AWS_PROXY" if target.startswith("arn:") else "HTTP_PROXY"
        nothing = dict.fromkeys((
            "connection_id", "content_handling_strategy", "description", "passthrough_behavior",
            "integration_subtype", "request_parameters", "request_templates", "response_parameters",
            "template_selection_expression", "timeout_in_millis", "tls_config",
        ))  # fmt: skip
        joined = api.create_integration(
            **nothing, connection_type="INTERNET", credentials_arn=asked.get("credentialsArn"),
            integration_method="POST" if proxy == "AWS_PROXY" else "ANY", integration_type=proxy,
            integration_uri=target, payload_format_version="2.0" if proxy == "AWS_PROXY" else "1.0",
        )  # fmt: skip
        api.create_route(
            api_key_required=False, authorization_scopes=[], authorization_type=None, authorizer_id=None,
            model_selection_expression=None, operation_name=None, request_models=None, request_parameters=None,
            route_key=asked.get("routeKey") or "$default", route_response_selection_expression=None,
            target=f"integrations/{joined.id}",
        )  # fmt: skip
        api.create_stage({"stageName": "$default", "autoDeploy": True})
    return status, headers, json.dumps(api.to_json())


@replace(ApiGatewayV2Response, "update_api")
def update_quickly(original: Any, self: Any) -> Any:
    """The target and the addresses change too."""
    answer = original(self)
    asked = json.loads(self.body)
    api = _backend(self).get_api(_parts(self)[-1])
    if asked.get("ipAddressType"):
        api.ip_address_type = asked["ipAddressType"]
    if asked.get("target") and api.integrations:
        next(iter(api.integrations.values())).integration_uri = asked["target"]
    return answer if answer[0] != 200 else _answer(api.to_json())


@replace(Api)
def to_json(original: Any, self: Any) -> dict[str, Any]:
    """By which addresses it is reached."""
    found: dict[str, Any] = original(self)
    return found | {"ipAddressType": getattr(self, "ip_address_type", "ipv4")}


@replace(ApiGatewayV2Backend)
def create_stage(original: Any, self: Any, api_id: str, config: dict[str, Any]) -> Any:
    """A name is taken once."""
    if config["stageName"] in self.get_api(api_id).stages:
        raise Refused("ConflictException", "Stage already exists")
    return original(self, api_id, config)


@replace(Stage, "to_json")
def stage_to_json(original: Any, self: Any) -> dict[str, Any]:
    """Which deployment it serves."""
    found: dict[str, Any] = original(self)
    settings = {"detailedMetricsEnabled": False} | (found["defaultRouteSettings"] or {})
    return found | {"deploymentId": self.config.get("deploymentId"), "defaultRouteSettings": settings}


@add(ApiGatewayV2Response)
def update_stage(self: Any) -> Any:
    """All members change; an empty one takes the value away."""
    parts = _parts(self)
    stage = _backend(self).get_stage(parts[-3], parts[-1])
    for member, value in json.loads(self.body).items():
        stage.config[member] = value
        setattr(stage, xform_name(member), value if value not in ("", {}) or member.endswith(("Variables", "Settings"))
                else None)  # fmt: skip
    if not stage.access_log_settings:
        stage.access_log_settings = None
    return _answer(stage.to_json())


def _stage_of(response: Any) -> Any:
    """The stage that a request for tags is about; None for another thing."""
    parts = _parts(response)
    if "stages" not in parts or "apis" not in parts:
        return None
    return _backend(response).get_stage(parts[parts.index("apis") + 1], parts[parts.index("stages") + 1])


@replace(ApiGatewayV2Response)
def tag_resource(original: Any, self: Any) -> Any:
    """A stage has tags too."""
    stage = _stage_of(self)
    if stage is None:
        return original(self)
    stage.tags = {**(stage.tags or {}), **json.loads(self.body)["tags"]}
    return 201, {}, "{}"


@replace(ApiGatewayV2Response)
def untag_resource(original: Any, self: Any) -> Any:
    """A stage has tags too."""
    stage = _stage_of(self)
    if stage is None:
        return original(self)
    gone = self.querystring.get("tagKeys") or []
    stage.tags = {k: v for k, v in (stage.tags or {}).items() if k not in gone}
    return 200, {}, "{}"


def _deployments(api: Any) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = vars(api).setdefault("deployments", {})
    return found


def _deployment(response: Any) -> tuple[Any, str]:
    parts = _parts(response)
    api, name = _backend(response).get_api(parts[-3]), parts[-1]
    if name not in _deployments(api):
        raise Refused("NotFoundException", f"Invalid Deployment identifier specified {name}")
    return api, name


@add(ApiGatewayV2Response)
def create_deployment(self: Any) -> Any:
    """A deployment of the routes; without one there is nothing to deploy."""
    api = _backend(self).get_api(_parts(self)[-2])
    if not api.routes:
        raise Refused("BadRequestException", "Unable to deploy API because no routes exist in this API")
    asked = json.loads(self.body or "{}")
    name = "".join(mock_random.choice(string.ascii_lowercase + string.digits) for _ in range(6))
    made = {"deploymentId": name, "deploymentStatus": "DEPLOYED", "autoDeployed": False}
    _deployments(api)[name] = made | ({"description": asked["description"]} if asked.get("description") else {})
    if stage := asked.get("stageName"):
        api.get_stage(stage).config["deploymentId"] = name
    return 201, {}, json.dumps(_deployments(api)[name])


@add(ApiGatewayV2Response)
def get_deployment(self: Any) -> Any:
    """One deployment."""
    api, name = _deployment(self)
    return _answer(_deployments(api)[name])


@add(ApiGatewayV2Response)
def update_deployment(self: Any) -> Any:
    """What is said about it."""
    api, name = _deployment(self)
    _deployments(api)[name] |= json.loads(self.body)
    return _answer(_deployments(api)[name])


@add(ApiGatewayV2Response)
def delete_deployment(self: Any) -> Any:
    """A deployment that a stage serves stays."""
    api, name = _deployment(self)
    if any(stage.config.get("deploymentId") == name for stage in api.stages.values()):
        raise Refused(
            "BadRequestException",
            "Active stages pointing to this deployment must be moved or deleted",
        )
    del _deployments(api)[name]
    return 204, {}, ""
