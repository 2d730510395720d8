"""Auto Scaling: policies, scheduled actions, lifecycle hooks and attachments; the group is in `autoscaling_group`."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from localcloud.aws.client import Aws
from localcloud.aws.kind import Calls, Kind, Naming, Properties, Props, Tags, Translation, answered
from localcloud.aws.kinds.autoscaling_group import GROUP
from localcloud.provider.wire import is_unknown

GROUP_AND_NAME = {"AutoScalingGroupName": "{autoscalingGroupName}"}
UNCHANGED = -1
"""A size that a scheduled action leaves alone, as the official provider writes it."""


def in_group(name: str) -> Callable[[str], tuple[str, Props]]:
    """What import is given: `group/name`."""

    def parse(text: str) -> tuple[str, Props]:
        group, _, own = text.partition("/")
        return own or group, {"autoscalingGroupName": group, name: own}

    return parse


def iso(value: Any) -> Any:
    """A time as AWS and Pulumi write it: UTC, whole seconds."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if isinstance(value, datetime) else value


def with_times(*names: str) -> Callable[[Props], Props]:
    """The answer with its times as text."""
    return lambda live: live | {name: iso(live[name]) for name in names if live.get(name)}


SIZES = ("minSize", "maxSize", "desiredCapacity")


def sizes_that_change(props: Props) -> Props:
    """The request without the sizes that stay as they are."""
    return {k: v for k, v in props.items() if not (k in SIZES and v == UNCHANGED)}


def left_alone(live: Props) -> Props:
    """The answer with its times as text, and with the official provider's mark on a size that it does not set."""
    sizes = {member: live.get(member, UNCHANGED) for member in ("MinSize", "MaxSize", "DesiredCapacity")}
    return with_times("StartTime", "EndTime")(live) | sizes


def put_schedule(aws: Aws, props: Props) -> str:
    """A new scheduled action. The official provider sends 0 for a size that is not set, and so does this row."""
    zeros = {name: 0 for name in SIZES if props.get(name) is None}
    aws("autoscaling", SCHEDULED, **SCHEDULE.request(SCHEDULED, props | zeros))
    if {"maxSize", "desiredCapacity"} & zeros.keys():
        aws.caller.warn(
            f"schedule {props['scheduledActionName']} takes group {props['autoscalingGroupName']} down to no instance: "
            f"{', '.join(sorted(zeros))} is sent as 0 where it is not set. Set a size to -1 to leave it alone."
        )
    return str(props["scheduledActionName"])


def put_schedule_again(aws: Aws, resource_id: str, old: Props, new: Props) -> None:
    """The scheduled action as it is now wanted; a size that is not set stays as AWS has it."""
    if not SCHEDULE.changed(old, new):
        return
    asked = {"AutoScalingGroupName": new["autoscalingGroupName"], "ScheduledActionNames": [resource_id]}
    there = aws("autoscaling", "describe_scheduled_actions", **asked)["ScheduledUpdateGroupActions"]
    live = left_alone(there[0]) if there else {}
    kept = {name: live.get(name[0].upper() + name[1:], UNCHANGED) for name in SIZES if new.get(name) is None}
    aws("autoscaling", SCHEDULED, **SCHEDULE.request(SCHEDULED, new | kept))


def sizes_of_a_new_one(props: Props) -> list[tuple[str, str]]:
    """A size that a new scheduled action does not set is 0, and has to fit the others all the same."""
    sent = {name: 0 if props.get(name) is None else props[name] for name in SIZES}
    if any(is_unknown(value) for value in sent.values()):
        return []
    zeros = [name for name in SIZES if props.get(name) is None]
    told = "the official provider sends 0 for what is not set; set it, or -1 to leave it alone"
    low, high, count = (None if sent[name] == UNCHANGED else sent[name] for name in SIZES)
    if low is not None and high is not None and low > high and "maxSize" in zeros:
        return [("maxSize", f"missing: 0 is below minSize {low:g}; {told}")]
    if "desiredCapacity" in zeros and low:
        return [("desiredCapacity", f"missing: 0 is below minSize {low:g}; {told}")]
    if "maxSize" in zeros and count:
        return [("maxSize", f"missing: 0 is below desiredCapacity {count:g}; {told}")]
    return []


def begins_later(props: Props) -> list[tuple[str, str]]:
    """A new scheduled action begins and ends in the time to come."""
    found = []
    for name in ("startTime", "endTime"):
        try:
            moment = datetime.fromisoformat(str(props.get(name)))
        except ValueError:
            continue
        if moment.tzinfo and moment <= datetime.now(UTC):
            found.append((name, f"{props[name]} is in the past"))
    return found


def something_to_set(props: Props) -> list[tuple[str, str]]:
    """A scheduled action changes at least one size."""
    if any(props.get(name) != UNCHANGED for name in SIZES):
        return []
    return [("minSize", "give minSize, maxSize or desiredCapacity: all of them are -1, which leaves them alone")]


def attach(aws: Aws, props: Props) -> str:
    """Tie a target group or a classic balancer to the group: there is no object of its own in AWS."""
    call, member, arn = _attaching(props, "attach")
    aws("autoscaling", call, AutoScalingGroupName=props["autoscalingGroupName"], **{member: [arn]})
    return f"{props['autoscalingGroupName']}-{arn.rpartition('/')[2]}"


def detach(aws: Aws, resource_id: str, props: Props) -> None:
    """Untie it, unless the group is gone."""
    call, member, arn = _attaching(props, "detach")
    if attached(aws, resource_id, props):
        aws("autoscaling", call, AutoScalingGroupName=props["autoscalingGroupName"], **{member: [arn]})


def attached(aws: Aws, resource_id: str, props: Props) -> Props | None:
    """The inputs, while the group still has what was attached."""
    there = aws("autoscaling", "describe_auto_scaling_groups", AutoScalingGroupNames=[props["autoscalingGroupName"]])
    held = [
        a for g in there["AutoScalingGroups"] for a in g.get("TargetGroupARNs", []) + g.get("LoadBalancerNames", [])
    ]
    return props if _attaching(props, "attach")[2] in held else None


def _attaching(props: Props, verb: str) -> tuple[str, str, str]:
    if props.get("lbTargetGroupArn"):
        return f"{verb}_load_balancer_target_groups", "TargetGroupARNs", props["lbTargetGroupArn"]
    return f"{verb}_load_balancers", "LoadBalancerNames", props["elb"]


def one_of_two(props: Props) -> list[tuple[str, str]]:
    """An attachment is of one thing."""
    given = [name for name in ("elb", "lbTargetGroupArn") if props.get(name)]
    return [] if len(given) == 1 else [("lbTargetGroupArn", "give exactly one of 'lbTargetGroupArn' and 'elb'")]


CUSTOM = "targetTrackingConfiguration.customizedMetricSpecification"


def schedule_arn(aws: Aws, name: str, live: Props, props: Props) -> str:
    """The ARN of a scheduled action; moto has none, so that its unique part is made of the two names."""
    group = str(props.get("autoscalingGroupName") or live.get("AutoScalingGroupName"))
    unique = uuid.uuid5(uuid.NAMESPACE_URL, f"{aws.account}/{aws.region}/{group}/{name}")
    where = f"arn:aws:autoscaling:{aws.region}:{aws.account}:scheduledUpdateGroupAction:{unique}"
    return str(live.get("ScheduledActionARN") or f"{where}:autoScalingGroupName/{group}:scheduledActionName/{name}")


SCHEDULED = "put_scheduled_update_group_action"

SCHEDULE = Kind(
    "aws:autoscaling/schedule:Schedule",
    Calls(
        "autoscaling", SCHEDULED, "{scheduledActionName}",
        read=("describe_scheduled_actions", GROUP_AND_NAME | {"ScheduledActionNames": ["{id}"]},
        "ScheduledUpdateGroupActions[0]"),
        delete=("delete_scheduled_action", GROUP_AND_NAME | {"ScheduledActionName": "{id}"}),
        custom_create=put_schedule, update=put_schedule_again, import_id=in_group("scheduledActionName"),
    ),
    tags=Tags(None), translation=Translation(encode=sizes_that_change, decode=left_alone),
    properties=Properties(
        force_new={"scheduledActionName", "autoscalingGroupName"},
        computed={"minSize", "maxSize", "desiredCapacity", "startTime", "endTime", "timeZone", "recurrence"},
    ),
    validate=something_to_set, validate_new=lambda props: sizes_of_a_new_one(props) + begins_later(props),
    outputs={"arn": schedule_arn},
)  # fmt: skip

ROWS = (
    GROUP,
    Kind(
        "aws:autoscaling/policy:Policy",
        Calls(
            "autoscaling", "put_scaling_policy", "{name}",
            read=("describe_policies", GROUP_AND_NAME | {"PolicyNames": ["{id}"]}, "ScalingPolicies[0]"),
            delete=("delete_policy", GROUP_AND_NAME | {"PolicyName": "{id}"}), update="upsert",
            import_id=in_group("name"),
        ),
        naming=Naming("name"), tags=Tags(None),
        translation=Translation(rename={"name": "PolicyName", f"{CUSTOM}.metricDimensions": "Dimensions"}),
        properties=Properties(
            force_new={"name", "autoscalingGroupName"},
            defaults={"policyType": "SimpleScaling", "enabled": True,
            "targetTrackingConfiguration.disableScaleIn": False},
            computed={
                "metricAggregationType", "cooldown", "estimatedInstanceWarmup", "predictiveScalingConfiguration.mode",
                f"{CUSTOM}.metrics.returnData", "predictiveScalingConfiguration.maxCapacityBreachBehavior",
            },
            unordered={"stepAdjustments"},
        ),
        outputs={"arn": answered("PolicyARN")},
    ),
    SCHEDULE,
    Kind(
        "aws:autoscaling/lifecycleHook:LifecycleHook",
        Calls(
            "autoscaling", "put_lifecycle_hook", "{name}",
            read=("describe_lifecycle_hooks", GROUP_AND_NAME | {"LifecycleHookNames": ["{id}"]}, "LifecycleHooks[0]"),
            delete=("delete_lifecycle_hook", GROUP_AND_NAME | {"LifecycleHookName": "{id}"}), update="upsert",
            import_id=in_group("name"),
        ),
        naming=Naming("name"), tags=Tags(None), translation=Translation(rename={"name": "LifecycleHookName"}),
        properties=Properties(
            force_new={"name", "autoscalingGroupName"}, computed={"defaultResult", "heartbeatTimeout"},
        ),
    ),
    Kind(
        "aws:autoscaling/attachment:Attachment",
        Calls(
            "autoscaling", "attach_load_balancer_target_groups", "", custom_create=attach, read=attached, delete=detach,
        ),
        tags=Tags(None),
        translation=Translation(
            encode=lambda props: {k: v for k, v in props.items() if k == "autoscalingGroupName"},
            served={"elb", "lbTargetGroupArn"},
        ),
        properties=Properties(force_new={"autoscalingGroupName", "elb", "lbTargetGroupArn"}), validate=one_of_two,
    ),
)  # fmt: skip
