"""API Gateway for REST: who may call, how often and with what: keys, usage plans, authorizers, validators, models."""

import re

from localcloud.aws.client import Aws
from localcloud.aws.kind import Calls, Kind, Naming, OwnCalls, Properties, Props, Tags, Translation, answered
from localcloud.aws.kinds.apigateway_calls import ARN, REST, SERVICE, between, by_path, operations, patches, reads
from localcloud.aws.kinds.lookups import named, state_of
from localcloud.aws.kinds.tagging import retag

API_KEY: Kind = Kind(
    "aws:apigateway/apiKey:ApiKey",
    Calls(
        SERVICE, "create_api_key", "id", read=lambda aws, i, props: key(aws, i),
        delete=("delete_api_key", {"apiKey": "{id}"}),
        update=patches(lambda: API_KEY, "update_api_key", apiKey="{id}"),
    ),
    naming=Naming("name"),
    tags=Tags(update=retag(SERVICE, ARN + "/apikeys/{id}")),
    properties=Properties(
        force_new={"value"}, defaults={"enabled": True, "description": "Managed by Pulumi", "customerId": ""},
        computed={"value"}, computed_on_update={"lastUpdatedDate"},
    ),
    translation=Translation(encode=lambda props: {"enabled": True} | props),
    outputs={"arn": ARN + "/apikeys/{id}"},
)  # fmt: skip


def key(aws: Aws, key_id: str) -> Props:
    """The key with its value."""
    return reads("get_api_key", apiKey="{id}")(aws, key_id, {}) | {
        "value": aws(SERVICE, "get_api_key", apiKey=key_id, includeValue=True)["value"]
    }


# --- usage plans


def throttled(props: Props) -> Props:
    """Limits of single methods as a map by their path."""
    stages = props.get("apiStages")
    if not isinstance(stages, list | tuple):
        return props
    return props | {"apiStages": [
        {k: v for k, v in one.items() if k != "throttles"}
        | ({"throttle": {
            str(limit["path"]): {"burstLimit": limit.get("burstLimit") or 0, "rateLimit": limit.get("rateLimit") or 0.0}
            for limit in one["throttles"]
        }} if one.get("throttles") else {})
        for one in stages
    ]}  # fmt: skip


def limits_in_list(live: Props) -> Props:
    """Limits of single methods as the program has them."""
    stages = [
        {k: v for k, v in one.items() if k != "throttle"}
        | {"throttles": [{"path": path, **limit} for path, limit in sorted((one.get("throttle") or {}).items())]}
        for one in live.get("apiStages") or []
    ]
    return live | {"apiStages": stages}


def change_plan(aws: Aws, plan: str, old: Props, new: Props) -> None:
    """Send what changed; stages go and come one by one, and a block that is left out goes as a whole."""
    changed = USAGE_PLAN.changed(old, new)
    before, after = throttled(old), throttled(new)
    found = [
        each for each in operations(USAGE_PLAN, old, new)
        if each["path"].lstrip("/").split("/")[0] not in ("apiStages", "throttle", "quota")
    ]  # fmt: skip
    for name, path, empty in (
        ("throttleSettings", "/throttle", {"burstLimit": 0, "rateLimit": 0.0}),
        ("quotaSettings", "/quota", {"offset": 0}),
    ):
        if name in changed:
            block = new.get(name)
            found += list(between(path, {}, empty | block)) if block else [{"op": "remove", "path": path}]
    if "apiStages" in changed:
        found += _without(before.get("apiStages") or [])
        for one in after.get("apiStages") or []:
            found.append({"op": "add", "path": "/apiStages", "value": _named(one)})
            for path, limit in (one.get("throttle") or {}).items():
                step = path.replace("~", "~0").replace("/", "~1")
                found += list(between(f"/apiStages/{_named(one)}/throttle/{step}", {}, limit))
    if found:
        aws(SERVICE, "update_usage_plan", usagePlanId=plan, patchOperations=found)


def _named(stage: Props) -> str:
    return f"{stage['apiId']}:{stage['stage']}"


def _without(stages: list[Props]) -> list[Props]:
    return [{"op": "remove", "path": "/apiStages", "value": _named(one)} for one in stages]


def delete_plan(aws: Aws, plan: str, props: Props) -> None:
    """Take its stages away, then the plan."""
    held = aws(SERVICE, "get_usage_plan", usagePlanId=plan).get("apiStages") or []
    if held:
        aws(SERVICE, "update_usage_plan", usagePlanId=plan, patchOperations=_without(held))
    aws(SERVICE, "delete_usage_plan", usagePlanId=plan)


def sell(aws: Aws, plan: str, code: str, props: Props) -> None:
    """Set the product of AWS Marketplace that the plan is of, or none."""
    operation = (
        {"op": "replace", "path": "/productCode", "value": code} if code else {"op": "remove", "path": "/productCode"}
    )
    aws(SERVICE, "update_usage_plan", usagePlanId=plan, patchOperations=[operation])


USAGE_PLAN: Kind = Kind(
    "aws:apigateway/usagePlan:UsagePlan",
    Calls(
        SERVICE, "create_usage_plan", "id", read=reads("get_usage_plan", usagePlanId="{id}"), delete=delete_plan,
        update=change_plan,
    ),
    naming=Naming("name"),
    tags=Tags(update=retag(SERVICE, ARN + "/usageplans/{id}")),
    translation=Translation(
        rename={"throttleSettings": "throttle", "quotaSettings": "quota"}, encode=throttled,
        decode=limits_in_list,
    ),
    properties=Properties(
        defaults={
            "description": "", "apiStages": [], "throttleSettings.burstLimit": 0,
            "throttleSettings.rateLimit": 0.0, "quotaSettings.offset": 0, "apiStages.throttles": [],
            "apiStages.throttles.burstLimit": 0, "apiStages.throttles.rateLimit": 0.0,
        },
        unordered={"apiStages", "apiStages.throttles"},
    ),
    own_calls=OwnCalls(
        put={"productCode": sell}, remove={"productCode": lambda aws, i, value, props: sell(aws, i, "", props)}
    ),
    outputs={"arn": ARN + "/usageplans/{id}", "productCode": answered("productCode")},
)  # fmt: skip
PLAN_KEY = {"usagePlanId": "{usagePlanId}", "keyId": "{id}"}
USAGE_PLAN_KEY = Kind(
    "aws:apigateway/usagePlanKey:UsagePlanKey",
    Calls(
        SERVICE, "create_usage_plan_key", "id", read=reads("get_usage_plan_key", **PLAN_KEY),
        delete=("delete_usage_plan_key", PLAN_KEY), import_id=by_path("{id}", "usagePlanId", "id"),
    ),
    tags=Tags(None),
    translation=Translation(decode=lambda live: live | {"keyType": live.get("type")}),
    properties=Properties(force_new={"keyId", "keyType", "usagePlanId"}),
)  # fmt: skip

# --- authorizers, validators, models


def authorizer_fits(props: Props) -> list[tuple[str, str]]:
    """What each kind of authorizer needs."""
    kind, ttl = props.get("type") or "TOKEN", props.get("authorizerResultTtlInSeconds", 300)
    if kind == "COGNITO_USER_POOLS":
        pools = props.get("providerArns")
        return [] if pools else [("providerArns", "missing: type 'COGNITO_USER_POOLS' needs it")]
    found = [] if props.get("authorizerUri") else [("authorizerUri", f"missing: type {kind!r} needs it")]
    if kind == "REQUEST" and isinstance(ttl, int) and ttl > 0 and props.get("identitySource") == "":
        found.append(("identitySource", "missing: type 'REQUEST' needs it while answers are kept"))
    return found


SOURCE = "method.request.header.Authorization"
AUTHORIZER: Kind = Kind(
    "aws:apigateway/authorizer:Authorizer",
    Calls(
        SERVICE, "create_authorizer", "id", read=reads("get_authorizer", restApiId="{restApi}", authorizerId="{id}"),
        delete=("delete_authorizer", {"restApiId": "{restApi}", "authorizerId": "{id}"}),
        update=patches(lambda: AUTHORIZER, "update_authorizer", restApiId="{restApi}", authorizerId="{id}"),
        import_id=by_path("{id}", "restApi", "id"),
    ),
    naming=Naming("name"),
    tags=Tags(None),
    translation=Translation(
        rename=REST, encode=lambda props: {"type": "TOKEN", "identitySource": SOURCE} | props,
    ),
    properties=Properties(
        force_new={"restApi"}, unordered={"providerArns"},
        defaults={
            "type": "TOKEN", "identitySource": SOURCE, "authorizerResultTtlInSeconds": 300, "authorizerCredentials": "",
            "identityValidationExpression": "",
        },
    ),
    validate=authorizer_fits,
    outputs={"arn": ARN + "/restapis/{restApi}/authorizers/{id}"},
)  # fmt: skip
VALIDATOR: Kind = Kind(
    "aws:apigateway/requestValidator:RequestValidator",
    Calls(
        SERVICE, "create_request_validator", "id",
        read=reads("get_request_validator", restApiId="{restApi}", requestValidatorId="{id}"),
        delete=("delete_request_validator", {"restApiId": "{restApi}", "requestValidatorId": "{id}"}),
        update=patches(
            lambda: VALIDATOR, "update_request_validator", restApiId="{restApi}", requestValidatorId="{id}"
        ),
        import_id=by_path("{id}", "restApi", "id"),
    ),
    naming=Naming("name"),
    tags=Tags(None),
    translation=Translation(rename=REST),
    properties=Properties(
        force_new={"restApi"}, defaults={"validateRequestBody": False, "validateRequestParameters": False}
    ),
)  # fmt: skip


def model_fits(props: Props) -> list[tuple[str, str]]:
    """A name without the character that a made-up one has."""
    name = props.get("name")
    if isinstance(name, str) and not re.fullmatch("[a-zA-Z0-9]+", name):
        return [("name", f"{name!r} has other characters than letters and digits; give the model a 'name'")]
    return []


MODEL: Kind = Kind(
    "aws:apigateway/model:Model",
    Calls(
        SERVICE, "create_model", "id",
        read=reads("get_model", restApiId="{restApi}", modelName="{name}"),
        delete=("delete_model", {"restApiId": "{restApi}", "modelName": "{name}"}),
        update=patches(lambda: MODEL, "update_model", restApiId="{restApi}", modelName="{name}"),
        import_id=by_path("{name}", "restApi", "name"),
    ),
    naming=Naming("name"),
    tags=Tags(None),
    translation=Translation(rename=REST),
    properties=Properties(force_new={"restApi", "name", "contentType"}, defaults={"description": ""}),
    validate=model_fits,
    outputs={"id": lambda aws, i, live, props: live["id"]},
)  # fmt: skip

# --- the account


def set_role(aws: Aws, role: str) -> str:
    """Set the role that logs."""
    operation = {"op": "replace", "path": "/cloudwatchRoleArn", "value": role}
    aws(SERVICE, "update_account", patchOperations=[operation])
    return "api-gateway-account"


def account(aws: Aws, account_id: str, props: Props) -> Props | None:
    """The account's settings; None when none is left that a program could have made."""
    found: Props = aws(SERVICE, "get_account")
    return found if found.get("cloudwatchRoleArn") or not aws.thorough else None


ACCOUNT = Kind(
    "aws:apigateway/account:Account",
    Calls(
        SERVICE, "update_account", "api-gateway-account", read=account,
        custom_create=lambda aws, props: set_role(aws, props.get("cloudwatchRoleArn") or ""),
        delete=lambda aws, i, props: set_role(aws, ""),
        update=lambda aws, i, old, new: set_role(aws, new.get("cloudwatchRoleArn") or ""),
    ),
    tags=Tags(None),
    translation=Translation(rename={"cloudwatchRoleArn": None}, served={"cloudwatchRoleArn"}),
    outputs={
        "cloudwatchRoleArn": lambda aws, i, live, props: live.get("cloudwatchRoleArn"),
        "throttleSettings": lambda aws, i, live, props: [live["throttleSettings"]],
    },
)  # fmt: skip

ROWS = (API_KEY, USAGE_PLAN, USAGE_PLAN_KEY, AUTHORIZER, VALIDATOR, MODEL, ACCOUNT)

INVOKES = {"aws:apigateway/getKey:getKey": state_of("aws:apigateway/apiKey:ApiKey", "API Gateway API Key", named("id"))}
