"""Gaps of moto's API Gateway for REST: what a request says is kept, everything changes, what is taken is refused.

moto drops members of requests, knows few of the operations that change a thing and answers half of the missing things
with a fault of its own. Here each thing has, beside moto's model of it, what it was told.
"""

import json
import re
from typing import Any
from urllib.parse import unquote

from botocore import xform_name
from moto.apigateway import models
from moto.apigateway.exceptions import (
    BadRequestException,
    ConflictException,
    NotFoundException,
)
from moto.apigateway.responses import APIGatewayResponse

from localcloud.aws.moto_gaps._patching import add, replace
from localcloud.aws.moto_gaps.apigateway_patching import Impossible, apply, members, shape_of, typed

DEFAULTS: dict[str, dict[str, Any]] = {
    "Integration": {"timeoutInMillis": 29_000, "passthroughBehavior": "WHEN_NO_MATCH"},
    "Stage": {"cacheClusterStatus": "NOT_AVAILABLE", "tracingEnabled": False},
}
"""Model of moto -> what AWS has when the request leaves it out."""
UNTOLD: dict[str, dict[str, Any]] = {"RestAPI": {"version": "V1"}, "Integration": {"integrationResponses": {}}}
"""Model of moto -> what moto makes up, and AWS does not answer."""
NOUNS = (
    r"base|path|mapping|request|validator|gateway|response|usage|plan|key|stage|deployment|model|authorizer|client"
    r"|certificate|part|version"
)
METHOD_SETTING = re.compile(
    r"/(?P<method>.+)/(?P<name>(?:metrics|logging|throttling|caching)/\w+)|/(?P<gone>[^/]+/(?:[A-Z]+|\*))"
)
SETTINGS = {
    "metrics/enabled": ("metricsEnabled", "boolean"), "logging/loglevel": ("loggingLevel", "string"),
    "logging/dataTrace": ("dataTraceEnabled", "boolean"), "throttling/burstLimit": ("throttlingBurstLimit", "integer"),
    "throttling/rateLimit": ("throttlingRateLimit", "double"), "caching/enabled": ("cachingEnabled", "boolean"),
    "caching/ttlInSeconds": ("cacheTtlInSeconds", "integer"),
    "caching/dataEncrypted": ("cacheDataEncrypted", "boolean"),
    "caching/requireAuthorizationForCacheControl": ("requireAuthorizationForCacheControl", "boolean"),
    "caching/unauthorizedCacheControlHeaderStrategy": ("unauthorizedCacheControlHeaderStrategy", "string"),
}  # fmt: skip
"""Path of a setting of methods -> its member, and its kind."""


def told(thing: Any) -> dict[str, Any]:
    """What a thing was told beside moto's model of it."""
    found: dict[str, Any] = vars(thing).setdefault("told", {})
    return found


def beside(owner: Any, kind: str) -> dict[str, Any]:
    """What an account or an API has of a kind that moto has no model of, by name."""
    everything: dict[str, dict[str, Any]] = vars(owner).setdefault("held", {})
    return everything.setdefault(kind, {})


def _as_told(model: type, name: str) -> None:
    defaults, untold = DEFAULTS.get(model.__name__, {}), UNTOLD.get(model.__name__, {})

    @replace(model, name)
    def as_told(original: Any, self: Any) -> dict[str, Any]:
        held = {k: v for k, v in original(self).items() if v is not None and v != untold.get(k, ())}
        return {k: v for k, v in (defaults | held | told(self)).items() if v is not None}


MODELS: tuple[type, ...] = (
    models.Deployment, models.IntegrationResponse, models.Integration, models.MethodResponse, models.Method,
    models.Authorizer, models.Stage, models.ApiKey, models.UsagePlan, models.VpcLink, models.DomainName, models.Model,
    models.BasePathMapping, models.GatewayResponse, models.Account, models.UsagePlanKey, models.RestAPI,
    models.Resource, models.RequestValidator,
)  # fmt: skip
for model in MODELS:
    _as_told(model, "to_dict" if hasattr(model, "to_dict") else "to_json")


def steps_of(response: Any) -> list[str]:
    """The path of a request in its steps."""
    return unquote(response.path).strip("/").split("/")


def _thing(backend: Any, steps: list[str]) -> Any:
    """What a path names."""
    match steps:
        case ["account"]:
            return backend.get_account()
        case ["apikeys", key]:
            return backend.get_api_key(key)
        case ["usageplans", plan]:
            return backend.get_usage_plan(plan)
        case ["usageplans", plan, "keys", key]:
            return backend.get_usage_plan_key(plan, key)
        case ["vpclinks", link]:
            return backend.get_vpc_link(link)
        case ["domainnames", name]:
            return backend.get_domain_name(name)
        case ["domainnames", name, "basepathmappings", path]:
            return backend.get_base_path_mapping(name, path)
        case ["restapis", api]:
            return backend.get_rest_api(api)
        case ["restapis", api, "resources", resource]:
            return backend.get_resource(api, resource)
        case ["restapis", api, "resources", resource, "methods", method, *rest]:
            return _part(backend.get_method(api, resource, method), rest)
        case ["restapis", api, kind, name]:
            held = getattr(backend.get_rest_api(api), {
                "requestvalidators": "request_validators", "gatewayresponses": "gateway_responses",
            }.get(kind, kind))  # fmt: skip
            return held[name]
    return _beside_moto(backend, steps)


def _beside_moto(backend: Any, steps: list[str]) -> Any:
    """What moto has no model of."""
    match steps:
        case ["clientcertificates", name]:
            return beside(backend, "clientcertificates")[name]
        case ["restapis", api, "documentation", kind, name]:
            return beside(backend.get_rest_api(api), kind)[name]
    raise NotFoundException("Invalid resource identifier specified")


def _part(method: Any, steps: list[str]) -> Any:
    """A part of a method."""
    match steps:
        case []:
            return method
        case ["responses", status]:
            return method.method_responses[status]
        case ["integration"] if method.method_integration:
            return method.method_integration
        case ["integration", "responses", status]:
            return _part(method, ["integration"]).integration_responses[status]
    raise NotFoundException("Invalid Integration identifier specified")


def find(response: Any, steps: list[str]) -> Any:
    """What a path names; refuses what is not there as AWS does."""
    try:
        return _thing(response.backend, steps)
    except (KeyError, TypeError):
        what = " ".join(re.findall(NOUNS, steps[-2])).title()
        raise NotFoundException(f"Invalid {what} identifier specified") from None


def shown(thing: Any) -> dict[str, Any]:
    """A thing as AWS answers it."""
    found: dict[str, Any] = thing.to_dict() if hasattr(thing, "to_dict") else thing.to_json()
    return found


def _answer(thing: Any, status: int = 200) -> Any:
    return status, {"status": str(status)}, json.dumps(shown(thing))


# --- what is made keeps what it was told

MADE = {
    "create_rest_api": ("id", "CreateRestApi"), "create_stage": ("stageName", "CreateStage"),
    "create_deployment": ("id", "CreateDeployment"), "create_authorizer": ("id", "CreateAuthorizer"),
    "create_request_validator": ("id", "CreateRequestValidator"), "create_model": ("name", "CreateModel"),
    "create_api_key": ("id", "CreateApiKey"), "create_usage_plan": ("id", "CreateUsagePlan"),
    "create_domain_name": ("domainName", "CreateDomainName"), "create_vpc_link": ("id", "CreateVpcLink"),
    "create_base_path_mapping": ("basePath", "CreateBasePathMapping"),
    "put_method": ("", "PutMethod"), "put_method_response": ("", "PutMethodResponse"),
    "put_integration": ("", "PutIntegration"), "put_integration_response": ("", "PutIntegrationResponse"),
    "put_gateway_response": ("", "PutGatewayResponse"),
}  # fmt: skip
"""Action -> (the member of its answer that names what it made, the operation); no member: the path names it."""
TAKEN = {
    "put_method": "Method already exists for this resource",
    "put_method_response": "Response already exists for this resource",
    "create_model": "Model name already exists for this REST API",
    "create_domain_name": "The domain name you provided already exists.",
    "create_base_path_mapping": "Base path already exists for this domain name",
}
"""Action -> how AWS refuses a second one of that name."""


def _keeps(action: str, member: str, operation: str) -> None:
    known = members(shape_of(operation))

    @replace(APIGatewayResponse, action)
    def make(original: Any, self: Any) -> Any:
        asked = json.loads(self.body or "{}")
        steps = steps_of(self)
        if action in TAKEN:
            name = asked.get({"create_base_path_mapping": "basePath"}.get(action, member)) or "(none)"
            try:
                _thing(self.backend, [*steps, name] if member else steps)
            except (KeyError, TypeError, NotFoundException):
                pass
            else:
                raise ConflictException(TAKEN[action])
        answer = original(self)
        if answer[0] >= 400:
            return answer
        made = json.loads(answer[2])
        thing = find(self, [*steps, str(made[member])] if member else steps)
        held = shown(thing)
        told(thing).update(
            {k: v for k, v in asked.items() if k in known and v is not None and held.get(k) in (None, [], {}, "")}
        )
        if action == "put_integration" and not held.get("cacheNamespace"):
            told(thing).setdefault("cacheNamespace", steps[3])
        return answer[0], answer[1], json.dumps(shown(thing))


for action, (member, operation) in MADE.items():
    _keeps(action, member, operation)

# --- everything changes by operations on paths

CHANGED = (
    "RestApi", "Method", "MethodResponse", "Integration", "IntegrationResponse", "Deployment", "Stage", "Authorizer",
    "ApiKey", "UsagePlan", "VpcLink", "DomainName", "Model", "RequestValidator", "GatewayResponse", "Account",
    "Resource",
)  # fmt: skip


def changes(name: str) -> None:
    """Give a kind of thing its updating call."""
    shape = shape_of(f"Update{name}")

    def update(self: Any) -> Any:
        thing = find(self, steps_of(self))
        held, operations = shown(thing), json.loads(self.body)["patchOperations"]
        apart = APART.get(name)
        done = {n: apart(self.backend, held, each) if apart else "" for n, each in enumerate(operations)}
        try:
            touched = apply(shape, held, [operations[n] for n, member in done.items() if not member])
        except Impossible as error:
            raise BadRequestException(str(error)) from None
        _fits(self.backend, name, steps_of(self), held)
        for member in touched | {member for member in done.values() if member}:
            value = told(thing)[member] = held.get(member)
            if xform_name(member) in vars(thing) and not isinstance(value, dict):
                setattr(thing, xform_name(member), value)
        return _answer(thing)

    action = xform_name(f"Update{name}")
    if hasattr(APIGatewayResponse, action):
        replace(APIGatewayResponse, action)(lambda original, self: update(self))
    else:
        update.__name__ = action
        add(APIGatewayResponse)(update)


def _fits(backend: Any, name: str, steps: list[str], held: dict[str, Any]) -> None:
    """A stage serves a deployment of its API."""
    if name == "Stage" and held.get("deploymentId") not in backend.get_rest_api(steps[1]).deployments:
        raise NotFoundException("Invalid Deployment identifier specified")


def _set_for_methods(backend: Any, stage: dict[str, Any], operation: dict[str, Any]) -> str:
    """Do an operation that is about settings of methods; returns the member that it changed, or nothing."""
    found = METHOD_SETTING.fullmatch(operation["path"])
    if not found:
        return ""
    settings = stage["methodSettings"] = dict(stage.get("methodSettings") or {})
    if found["gone"]:
        settings.pop(found["gone"], None)
        return "methodSettings"
    if found["name"] not in SETTINGS:
        raise BadRequestException(f"Invalid method setting path: {operation['path']}")
    member, kind = SETTINGS[found["name"]]
    before = settings.get(found["method"]) or {
        "throttlingBurstLimit": 5_000, "throttlingRateLimit": 10_000.0, "dataTraceEnabled": False,
        "metricsEnabled": False, "loggingLevel": "OFF", "cachingEnabled": False, "cacheTtlInSeconds": 300,
        "cacheDataEncrypted": False, "requireAuthorizationForCacheControl": True,
        "unauthorizedCacheControlHeaderStrategy": "SUCCEED_WITH_RESPONSE_HEADER",
    }  # fmt: skip
    settings[found["method"]] = before | {member: typed(kind, operation["value"])}
    return "methodSettings"


def _set_for_stages(backend: Any, plan: dict[str, Any], operation: dict[str, Any]) -> str:
    """Do an operation that is about the stages of a usage plan; returns the member that it changed, or nothing."""
    head, *rest = (step.replace("~1", "/") for step in operation["path"].lstrip("/").split("/"))
    if head != "apiStages":
        return ""
    name = rest[0] if rest else operation["value"]
    api, _, stage = name.partition(":")
    stages = [dict(one) for one in plan.get("apiStages") or []]
    at = next((one for one in stages if (one["apiId"], one["stage"]) == (api, stage)), None)
    if not rest and operation["op"] == "add":
        _stage(backend, api, stage)
        stages = stages if at else [*stages, {"apiId": api, "stage": stage}]
    elif at is None:
        raise NotFoundException(f"Usage Plan Stage Not Found: {name}")
    elif not rest:
        stages.remove(at)
    elif operation["op"] == "remove":
        at["throttle"] = {k: v for k, v in (at.get("throttle") or {}).items() if rest[2:] and k != rest[2]}
    else:
        path, limit = rest[2], rest[3]
        throttle = at["throttle"] = dict(at.get("throttle") or {})
        number = float(operation["value"]) if limit == "rateLimit" else int(operation["value"])
        throttle[path] = {"burstLimit": 0, "rateLimit": 0.0} | throttle.get(path, {}) | {limit: number}
    plan["apiStages"] = stages
    return "apiStages"


def _stage(backend: Any, api: str, stage: str) -> None:
    if api not in backend.apis or stage not in backend.apis[api].stages:
        raise BadRequestException(f"API Stage not found: {api}:{stage}")


APART = {"Stage": _set_for_methods, "UsagePlan": _set_for_stages}
"""What has operations of its own form."""
for name in CHANGED:
    changes(name)
