"""API Gateway for REST: deployments, stages and the settings of their methods, domain names and what they lead to."""

from localcloud.aws.client import Aws
from localcloud.aws.kind import Calls, Kind, OwnCalls, Properties, Props, Tags, Translation, answered
from localcloud.aws.kinds.apigateway_calls import (
    ARN,
    REST,
    SERVICE,
    between,
    by_path,
    operations,
    patches,
    reads,
)
from localcloud.aws.kinds.tagging import retag

DEPLOYMENT: Kind = Kind(
    "aws:apigateway/deployment:Deployment",
    Calls(
        SERVICE, "create_deployment", "id",
        read=reads("get_deployment", restApiId="{restApi}", deploymentId="{id}"),
        delete=("delete_deployment", {"restApiId": "{restApi}", "deploymentId": "{id}"}),
        update=patches(lambda: DEPLOYMENT, "update_deployment", restApiId="{restApi}", deploymentId="{id}"),
        import_id=by_path("{id}", "restApi", "id"),
    ),
    tags=Tags(None),
    translation=Translation(rename=REST | {"triggers": None}, served={"triggers"}),
    properties=Properties(
        force_new={"restApi", "triggers", "variables"}, write_only={"triggers", "variables"},
        defaults={"description": ""},
    ),
)  # fmt: skip

# --- stages

AT = {"restApiId": "{restApi}", "stageName": "{stageName}"}


def log_accesses(aws: Aws, stage_id: str, value: Props, props: Props) -> None:
    """Set where accesses are logged, and in what form."""
    found = [
        {"op": "replace", "path": f"/accessLogSettings/{name}", "value": value[name]}
        for name in ("destinationArn", "format")
    ]
    aws(SERVICE, "update_stage", restApiId=props["restApi"], stageName=props["stageName"], patchOperations=found)


def log_no_accesses(aws: Aws, stage_id: str, value: Props, props: Props) -> None:
    """Log no accesses any more."""
    found = [{"op": "remove", "path": "/accessLogSettings"}]
    aws(SERVICE, "update_stage", restApiId=props["restApi"], stageName=props["stageName"], patchOperations=found)


def show_certificate(aws: Aws, stage_id: str, value: str, props: Props) -> None:
    """Set the certificate that the stage shows to its back ends."""
    found = [{"op": "replace", "path": "/clientCertificateId", "value": value}]
    aws(SERVICE, "update_stage", restApiId=props["restApi"], stageName=props["stageName"], patchOperations=found)


def change_stage(aws: Aws, stage_id: str, old: Props, new: Props) -> None:
    """Send what changed, and the tags: their calls want the ARN, which has the API's id."""
    asked = {"restApiId": new["restApi"], "stageName": new["stageName"]}
    found = list(operations(STAGE, old, new))
    if "canarySettings" in STAGE.changed(old, new) and new.get("canarySettings") is None:
        found = [each for each in found if not each["path"].startswith("/canarySettings")]
        found.append({"op": "remove", "path": "/canarySettings"})
    if found:
        aws(SERVICE, "update_stage", **asked, patchOperations=found)
    held = aws(SERVICE, "get_stage", **asked).get("tags") or {}
    wanted = {k: str(v) for k, v in (new.get("tags") or {}).items()}
    if held != wanted:
        subject = f"{ARN}/restapis/{new['restApi']}/stages/{new['stageName']}"
        retag(SERVICE, subject)(aws, stage_id, sorted(held.keys() - wanted.keys()), wanted)


STAGE: Kind = Kind(
    "aws:apigateway/stage:Stage",
    Calls(
        SERVICE, "create_stage", "ags-{restApi}-{stageName}", read=reads("get_stage", **AT),
        delete=("delete_stage", AT), update=lambda aws, i, old, new: change_stage(aws, i, old, new),
        import_id=by_path("ags-{restApi}-{stageName}", "restApi", "stageName"),
    ),
    tags=Tags(),
    translation=Translation(
        rename=REST | {"deployment": "deploymentId", "xrayTracingEnabled": "tracingEnabled"},
    ),
    properties=Properties(
        force_new={"restApi", "stageName"},
        defaults={
            "description": "", "documentationVersion": "", "cacheClusterEnabled": False, "xrayTracingEnabled": False,
            "variables": {}, "canarySettings.percentTraffic": 0.0, "canarySettings.useStageCache": False,
        },
        computed={"cacheClusterSize"},
    ),
    own_calls=OwnCalls(
        put={"accessLogSettings": log_accesses, "clientCertificateId": show_certificate},
        remove={
            "accessLogSettings": log_no_accesses,
            "clientCertificateId": lambda aws, i, value, props: show_certificate(aws, i, "", props),
        },
    ),
    outputs={
        "arn": ARN + "/restapis/{restApi}/stages/{stageName}",
        "executionArn": "arn:aws:execute-api:{region}:{account}:{restApi}/{stageName}",
        "invokeUrl": "https://{restApi}.execute-api.{region}.amazonaws.com/{stageName}",
    },
)  # fmt: skip

# --- settings of methods

SETTINGS = {
    "metricsEnabled": "metrics/enabled", "loggingLevel": "logging/loglevel", "dataTraceEnabled": "logging/dataTrace",
    "throttlingBurstLimit": "throttling/burstLimit", "throttlingRateLimit": "throttling/rateLimit",
    "cachingEnabled": "caching/enabled", "cacheTtlInSeconds": "caching/ttlInSeconds",
    "cacheDataEncrypted": "caching/dataEncrypted",
    "requireAuthorizationForCacheControl": "caching/requireAuthorizationForCacheControl",
    "unauthorizedCacheControlHeaderStrategy": "caching/unauthorizedCacheControlHeaderStrategy",
}  # fmt: skip
"""Setting -> its path below that of the method."""
UNTHROTTLED = {"throttlingBurstLimit": -1, "throttlingRateLimit": -1.0}


def set_for_methods(aws: Aws, old: Props, props: Props) -> str:
    """Send the settings that differ."""
    before, after = old.get("settings") or {}, UNTHROTTLED | (props.get("settings") or {})
    found: list[Props] = []
    for name, path in SETTINGS.items():
        if after.get(name) is not None:
            found += between(f"/{props['methodPath']}/{path}", before.get(name), after[name])
    if found:
        replaced = [each | {"op": "replace"} for each in found]
        aws(SERVICE, "update_stage", restApiId=props["restApi"], stageName=props["stageName"], patchOperations=replaced)
    return "{restApi}-{stageName}-{methodPath}".format(**props)


def settings(aws: Aws, settings_id: str, props: Props) -> Props | None:
    """The settings at the path; None when there are none."""
    found = aws(SERVICE, "get_stage", restApiId=props["restApi"], stageName=props["stageName"])
    at = (found.get("methodSettings") or {}).get(props["methodPath"])
    return {"settings": at, **{k: props[k] for k in ("restApi", "stageName", "methodPath")}} if at else None


def forget_settings(aws: Aws, settings_id: str, props: Props) -> None:
    """Methods at the path have the stage's own settings again."""
    found = [{"op": "remove", "path": f"/{props['methodPath']}"}]
    aws(SERVICE, "update_stage", restApiId=props["restApi"], stageName=props["stageName"], patchOperations=found)


METHOD_SETTINGS = Kind(
    "aws:apigateway/methodSettings:MethodSettings",
    Calls(
        SERVICE, "update_stage", "{restApi}-{stageName}-{methodPath}", read=settings, delete=forget_settings,
        custom_create=lambda aws, props: set_for_methods(aws, {}, props),
        update=lambda aws, i, old, new: set_for_methods(aws, old, new),
        import_id=by_path("{restApi}-{stageName}-{methodPath}", "restApi", "stageName", "methodPath"),
    ),
    tags=Tags(None),
    translation=Translation(
        rename=dict.fromkeys(("restApi", "stageName", "methodPath", "settings")),
        served={"restApi", "stageName", "methodPath", "settings"},
    ),
    properties=Properties(
        force_new={"restApi", "stageName", "methodPath"},
        defaults={f"settings.{name}": value for name, value in UNTHROTTLED.items()},
        computed={f"settings.{name}" for name in SETTINGS if name not in UNTHROTTLED},
    ),
    outputs={n: answered(n) for n in ("restApi", "stageName", "methodPath", "settings")},
)  # fmt: skip

ROWS = (DEPLOYMENT, STAGE, METHOD_SETTINGS)
