"""Route 53: health checks of endpoints, of other checks, of alarms."""

import uuid
from typing import Any

from localcloud.aws.client import Aws
from localcloud.aws.kind import Calls, Kind, OwnCalls, Properties, Props, Tags, Translation

NAMES = {
    "ipAddress": "IPAddress", "port": "Port", "type": "Type", "resourcePath": "ResourcePath",
    "fqdn": "FullyQualifiedDomainName", "searchString": "SearchString", "requestInterval": "RequestInterval",
    "failureThreshold": "FailureThreshold", "measureLatency": "MeasureLatency", "invertHealthcheck": "Inverted",
    "disabled": "Disabled", "childHealthThreshold": "HealthThreshold", "childHealthchecks": "ChildHealthChecks",
    "enableSni": "EnableSNI", "regions": "Regions", "insufficientDataHealthStatus": "InsufficientDataHealthStatus",
    "routingControlArn": "RoutingControlArn",
}  # fmt: skip
"""Input -> member of the configuration."""
FIXED = {"type", "requestInterval", "measureLatency", "referenceName", "routingControlArn"}
RESET = ("ChildHealthChecks", "FullyQualifiedDomainName", "Regions", "ResourcePath")
"""Members that an update clears when they are named so."""
PROBING = frozenset({"HTTP", "HTTP_STR_MATCH", "HTTPS", "HTTPS_STR_MATCH", "TCP"})


def config(props: Props) -> Props:
    """The configuration in the words of Route 53."""
    made = {theirs: props[ours] for ours, theirs in NAMES.items() if props.get(ours) is not None}
    if props.get("cloudwatchAlarmName"):
        made["AlarmIdentifier"] = {"Name": props["cloudwatchAlarmName"], "Region": props.get("cloudwatchAlarmRegion")}
    return made


def create(aws: Aws, props: Props) -> str:
    """The check, under a reference that the official provider makes up."""
    reference = f"{props.get('referenceName') or 'terraform'}-{uuid.uuid4().hex[:26]}"[:64]
    request = CHECK.request("create_health_check", props) | {"CallerReference": reference}
    return str(aws("route53", "create_health_check", **request)["HealthCheck"]["Id"])


def described(aws: Aws, resource_id: str, props: Props) -> Props | None:
    """The configuration in the words of the program."""
    found = aws("route53", "get_health_check", HealthCheckId=resource_id)["HealthCheck"]["HealthCheckConfig"]
    alarm = found.get("AlarmIdentifier") or {}
    live = {ours: found.get(theirs) for ours, theirs in NAMES.items()}
    return live | {"cloudwatchAlarmName": alarm.get("Name"), "cloudwatchAlarmRegion": alarm.get("Region")}


def change(aws: Aws, resource_id: str, old: Props, new: Props) -> None:
    """Change what may change; clear what is no longer there."""
    if not CHECK.changed(old, new) - {"tags", "triggers"}:
        return
    request = CHECK.request("create_health_check", new)["HealthCheckConfig"]
    fixed = {NAMES[name] for name in FIXED & NAMES.keys()}
    sent = {name: value for name, value in request.items() if name not in fixed and value != []}
    before, after = config(old), config(new)
    gone = [name for name in RESET if before.get(name) and not after.get(name)]
    aws("route53", "update_health_check", HealthCheckId=resource_id, **sent,
        **({"ResetElements": gone} if gone else {}))  # fmt: skip


def retag(aws: Aws, resource_id: str, gone: list[str], tags: dict[str, str]) -> None:
    """Set the tags of a check."""
    request: Props = {"RemoveTagKeys": gone} if gone else {}
    if tags:
        request["AddTags"] = [{"Key": k, "Value": v} for k, v in tags.items()]
    aws("route53", "change_tags_for_resource", ResourceType="healthcheck", ResourceId=resource_id, **request)


def tags(aws: Aws, resource_id: str, live: Props, props: Props) -> dict[str, str]:
    """The tags of a check."""
    found = aws("route53", "list_tags_for_resource", ResourceType="healthcheck", ResourceId=resource_id)
    return {tag["Key"]: tag["Value"] for tag in found["ResourceTagSet"]["Tags"]}


def fitting(props: Props) -> list[tuple[str, str]]:
    """Each type has what it looks at, and nothing else."""
    kind = props.get("type")
    needs: dict[Any, tuple[str, ...]] = {
        "CALCULATED": ("childHealthchecks",), "CLOUDWATCH_METRIC": ("cloudwatchAlarmName", "cloudwatchAlarmRegion"),
        "RECOVERY_CONTROL": ("routingControlArn",), "HTTP_STR_MATCH": ("searchString",),
        "HTTPS_STR_MATCH": ("searchString",),
    }  # fmt: skip
    lacking = [name for name in needs.get(kind, ()) if not props.get(name)]
    found = [(name, f"missing required property of type {kind!r}") for name in lacking]
    if kind in PROBING and not (props.get("ipAddress") or props.get("fqdn")):
        found.append(("fqdn", f"missing: type {kind!r} needs 'fqdn' or 'ipAddress'"))
    if kind == "TCP" and props.get("port") is None:
        found.append(("port", "missing required property of type 'TCP'"))
    return found


CHECK = Kind(
    "aws:route53/healthCheck:HealthCheck",
    Calls("route53", "create_health_check", "", custom_create=create, read=described, update=change,
          delete=("delete_health_check", {"HealthCheckId": "{id}"})),
    tags=Tags(None, update=retag),
    translation=Translation(
        encode=lambda props: {"CallerReference": "given", "HealthCheckConfig": config(props)},
        served={*NAMES, "referenceName", "triggers", "cloudwatchAlarmName", "cloudwatchAlarmRegion"},
    ),
    properties=Properties(
        force_new=FIXED, unordered={"childHealthchecks", "regions"},
        computed={"port", "enableSni", "requestInterval", "failureThreshold"},
        defaults={"disabled": False, "invertHealthcheck": False, "measureLatency": False},
        write_only={"referenceName", "triggers"},
    ),
    own_calls=OwnCalls(join={"tags": tags}), validate=fitting,
    outputs={"arn": "arn:aws:route53:::healthcheck/{id}"},
)  # fmt: skip
ROWS = (CHECK,)
