"""EventBridge: rules and targets. Their tokens are those of CloudWatch, where EventBridge began."""

from typing import Any

from localcloud.aws import shapes
from localcloud.aws.client import Aws, Refused
from localcloud.aws.kind import Calls, Kind, Naming, OwnCalls, Properties, Props, Tags, Translation, answered
from localcloud.aws.kinds.tagging import retag, tags_of

DEFAULT_BUS = "default"
ECS = "ecsTarget"

TARGET_NAMES: dict[str, str | None] = {
    "targetId": "Id", "appsyncTarget": "AppSyncParameters", "batchTarget": "BatchParameters",
    "ecsTarget": "EcsParameters",
    "httpTarget": "HttpParameters", "kinesisTarget": "KinesisParameters", "redshiftTarget": "RedshiftDataParameters",
    "sagemakerPipelineTarget": "SageMakerPipelineParameters", "sqsTarget": "SqsParameters",
    "runCommandTargets": "RunCommandParameters.RunCommandTargets",
    "inputTransformer.inputPaths": "InputPathsMap", "batchTarget.arraySize": "ArrayProperties.Size",
    "batchTarget.jobAttempts": "RetryStrategy.Attempts", "ecsTarget.orderedPlacementStrategies": "PlacementStrategy",
    "ecsTarget.enableEcsManagedTags": "EnableECSManagedTags",
    "ecsTarget.networkConfiguration": "NetworkConfiguration.awsvpcConfiguration",
    "redshiftTarget.dbUser": "DbUser", "redshiftTarget.secretsManagerArn": "SecretManagerArn", "rule": None,
    "eventBusName": None, "forceDestroy": None,
}  # fmt: skip


def rule_id(props: Props) -> str:
    """A rule's id: its name, with the bus before it when that is not the default one."""
    bus = props.get("eventBusName") or DEFAULT_BUS
    return str(props["name"]) if bus == DEFAULT_BUS else f"{bus}/{props['name']}"


def _bus_and_name(resource_id: str) -> tuple[str, str]:
    bus, _, name = resource_id.rpartition("/")
    return bus or DEFAULT_BUS, name


def put_rule(aws: Aws, props: Props) -> str:
    """Put the rule."""
    aws("events", "put_rule", **RULE.request("put_rule", props))
    return rule_id(props)


def change_rule(aws: Aws, resource_id: str, old: Props, new: Props) -> None:
    """The same call as at creation; tags of a rule that is there have a call of their own."""
    if RULE.changed(old, new) - {"tags", "forceDestroy"}:
        aws("events", "put_rule", **RULE.request("put_rule", new | {"tags": None}))


def rule(aws: Aws, resource_id: str, props: Props) -> Props:
    """The rule, and whether it is on."""
    bus, name = _bus_and_name(resource_id)
    found: Props = aws("events", "describe_rule", Name=name, EventBusName=bus)
    on = {"isEnabled": found.get("State") != "DISABLED"} if "isEnabled" in props else {}
    return found | on | {"EventBusName": bus}


def drop_rule(aws: Aws, resource_id: str, props: Props) -> None:
    """Delete the rule; one with targets is refused."""
    bus, name = _bus_and_name(resource_id)
    aws("events", "delete_rule", Name=name, EventBusName=bus, Force=props.get("forceDestroy") in (True, "true"))


def state_of(props: Props) -> Props:
    """`isEnabled` is the older way to say `state`."""
    rest = {name: value for name, value in props.items() if name != "isEnabled"}
    enabled = props.get("isEnabled")
    return rest if enabled is None else {"state": "ENABLED" if enabled in (True, "true") else "DISABLED"} | rest


def retag_rule(aws: Aws, resource_id: str, gone: list[str], tags: dict[str, str]) -> None:
    """Set the tags by the rule's ARN."""
    bus, name = _bus_and_name(resource_id)
    path = name if bus == DEFAULT_BUS else f"{bus}/{name}"
    retag("events", f"arn:aws:events:{aws.region}:{aws.account}:rule/{path}")(aws, resource_id, gone, tags)


def something_to_match(props: Props) -> list[tuple[str, str]]:
    """A rule waits for a pattern or for a time."""
    found = []
    if not props.get("eventPattern") and not props.get("scheduleExpression"):
        found.append(("eventPattern", "missing: give eventPattern or scheduleExpression"))
    if props.get("isEnabled") is not None and props.get("state"):
        found.append(("isEnabled", "conflicts with 'state': give one of them"))
    return found


def put_target(aws: Aws, props: Props) -> str:
    """Put the target on its rule; EventBridge answers with what it could not do."""
    own = {name: value for name, value in props.items() if not name.startswith("__")}
    target = shapes.to_aws("events", _target_shape(), _public_address(own, to_aws=True), TARGET_NAMES)
    bus = props.get("eventBusName") or DEFAULT_BUS
    answer = aws("events", "put_targets", Rule=props["rule"], EventBusName=bus, Targets=[target])
    if answer.get("FailedEntryCount"):
        raise Refused(f"PutTargets: {answer['FailedEntries'][0].get('ErrorMessage')}")
    head = [] if bus == DEFAULT_BUS else [bus]
    return "-".join([*head, str(props["rule"]), str(props["targetId"])])


def change_target(aws: Aws, resource_id: str, old: Props, new: Props) -> None:
    """The same call as at creation."""
    put_target(aws, new)


def target(aws: Aws, resource_id: str, props: Props) -> Props | None:
    """The target of this id on its rule."""
    bus = props.get("eventBusName") or DEFAULT_BUS
    found = aws("events", "list_targets_by_rule", Rule=props["rule"], EventBusName=bus)["Targets"]
    one: Props | None = next((t for t in found if t["Id"] == props["targetId"]), None)
    return None if one is None else _public_address(one | {"rule": props["rule"], "eventBusName": bus}, to_aws=False)


def drop_target(aws: Aws, resource_id: str, props: Props) -> None:
    """Take the target off its rule."""
    bus, force = props.get("eventBusName") or DEFAULT_BUS, props.get("forceDestroy") in (True, "true")
    aws("events", "remove_targets", Rule=props["rule"], EventBusName=bus, Ids=[props["targetId"]], Force=force)


def _target_shape() -> Any:
    return shapes.input_shape("events", "put_targets").members["Targets"].member


def _public_address(value: Props, *, to_aws: bool) -> Props:
    """`assignPublicIp` is a boolean in Pulumi and ENABLED or DISABLED in AWS."""
    name = ECS if to_aws else "EcsParameters"
    block = value.get(name) or {}
    network = block.get("networkConfiguration" if to_aws else "NetworkConfiguration") or {}
    if to_aws and "assignPublicIp" in network:
        address = "ENABLED" if network["assignPublicIp"] in (True, "true") else "DISABLED"
        return value | {name: block | {"networkConfiguration": network | {"assignPublicIp": address}}}
    if not to_aws and (inner := network.get("awsvpcConfiguration")):
        public = {"AssignPublicIp": inner.get("AssignPublicIp") == "ENABLED"}
        return value | {name: block | {"NetworkConfiguration": {"awsvpcConfiguration": inner | public}}}
    return value


def target_path(text: str) -> tuple[str, Props]:
    """What import of a target is given: `[bus/]rule/target`."""
    *bus, rule_name, target_id = text.split("/")
    props: Props = {"rule": rule_name, "targetId": target_id} | ({"eventBusName": bus[0]} if bus else {})
    return "-".join([*bus, rule_name, target_id]), props


def as_request(props: Props) -> Props:
    """The inputs of a target inside its rule's request, for the check against AWS's own rules."""
    inner = {k: v for k, v in props.items() if k not in ("rule", "eventBusName", "forceDestroy")}
    return {
        "rule": props.get("rule"),
        "eventBusName": props.get("eventBusName"),
        "targets": [_public_address(inner, to_aws=True)],
    }


RULE = Kind(
    "aws:cloudwatch/eventRule:EventRule",
    Calls("events", "put_rule", "", custom_create=put_rule, read=rule, delete=drop_rule, update=change_rule),
    naming=Naming("name", longest=64), tags=Tags(update=retag_rule),
    translation=Translation(encode=state_of, rename={"isEnabled": "isEnabled", "forceDestroy": None}),
    properties=Properties(
        force_new={"name", "namePrefix", "eventBusName"},
        defaults={"eventBusName": DEFAULT_BUS, "isEnabled": True, "forceDestroy": False},
        computed={"state", "isEnabled"}, write_only={"forceDestroy"},
    ),
    own_calls=OwnCalls(join={"tags": tags_of("events", ResourceARN="{Arn}")}), validate=something_to_match,
    outputs={"arn": answered("Arn")},
)  # fmt: skip

ROWS = (
    RULE,
    Kind(
        "aws:cloudwatch/eventTarget:EventTarget",
        Calls(
            "events", "put_targets", "", custom_create=put_target, read=target, delete=drop_target,
            update=change_target, import_id=target_path,
        ),
        naming=Naming("targetId", longest=64), tags=Tags(None),
        translation=Translation(
            encode=as_request,
            rename=TARGET_NAMES | {f"targets.{path}": name for path,
            name in TARGET_NAMES.items() if name} | {"rule": "Rule", "eventBusName": "EventBusName"},
            served={"arn", "deadLetterConfig", "input", "inputPath", "inputTransformer", "retryPolicy", "roleArn"},
        ),
        properties=Properties(
            force_new={"rule", "eventBusName", "targetId"},
            defaults={
                "eventBusName": DEFAULT_BUS, "forceDestroy": False, f"{ECS}.taskCount": 1,
                f"{ECS}.enableEcsManagedTags": False,
                f"{ECS}.enableExecuteCommand": False, f"{ECS}.networkConfiguration.assignPublicIp": False,
            },
            write_only={"forceDestroy"},
        ),
    ),
)  # fmt: skip
