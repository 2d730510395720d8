"""The row of an Auto Scaling group: its capacity, its warm pool, its instance refresh, what is attached to it."""

import re
import time
from collections.abc import Callable
from typing import Any

from localcloud.provider import shapes
from localcloud.provider.client import Aws, Refused
from localcloud.provider.kind import Kind, Props, answered

OF_THE_WAY = (
    "forceDelete", "forceDeleteWarmPool", "waitForCapacityTimeout", "waitForElbCapacity", "minElbCapacity",
    "ignoreFailedScalingActivities", "instanceRefresh", "metricsGranularity",
)  # fmt: skip
"""Inputs that say how the official provider works; AWS holds none of them."""

REFRESHING = ("launchConfiguration", "launchTemplate", "mixedInstancesPolicy")
"""A change of these starts an instance refresh where one is configured; `triggers` adds to them."""

PROTECTION_BATCH = 50
"""Instances that SetInstanceProtection takes at once."""

GRACE_PERIOD = 300
"""Seconds: the official provider's default of `healthCheckGracePeriod`."""


class NotInService(Refused):
    """A group did not reach its capacity in time."""


def described(aws: Aws, name: str) -> Props | None:
    """The group as Auto Scaling describes it; None when there is none."""
    found = aws("autoscaling", "describe_auto_scaling_groups", AutoScalingGroupNames=[name])["AutoScalingGroups"]
    return found[0] if found else None


def there_is(aws: Aws, name: str) -> Props:
    """The group, which must exist."""
    return described(aws, name) or {}


def put_tags(aws: Aws, name: str, tags: list[Props], props: Props) -> None:
    """The group's tags become these."""
    fixed = {"ResourceId": name, "ResourceType": "auto-scaling-group"}
    keys = {tag["key"] for tag in tags}
    if gone := [fixed | {"Key": tag["Key"]} for tag in there_is(aws, name).get("Tags", []) if tag["Key"] not in keys]:
        aws("autoscaling", "delete_tags", Tags=gone)
    wanted = [
        fixed | {"Key": t["key"], "Value": t["value"], "PropagateAtLaunch": t["propagateAtLaunch"] in (True, "true")} for t in tags
    ]
    if wanted:
        aws("autoscaling", "create_or_update_tags", Tags=wanted)


def collect_metrics(aws: Aws, name: str, metrics: list[str], props: Props) -> None:
    """The collected metrics become these."""
    there = {metric["Metric"] for metric in there_is(aws, name).get("EnabledMetrics", [])}
    if gone := sorted(there - set(metrics)):
        aws("autoscaling", "disable_metrics_collection", AutoScalingGroupName=name, Metrics=gone)
    if metrics:
        granularity = props.get("metricsGranularity", "1Minute")
        aws("autoscaling", "enable_metrics_collection", AutoScalingGroupName=name, Metrics=metrics, Granularity=granularity)


def suspend(aws: Aws, name: str, processes: list[str], props: Props) -> None:
    """The suspended processes become these."""
    there = {process["ProcessName"] for process in there_is(aws, name).get("SuspendedProcesses", [])}
    if gone := sorted(there - set(processes)):
        aws("autoscaling", "resume_processes", AutoScalingGroupName=name, ScalingProcesses=gone)
    if processes:
        aws("autoscaling", "suspend_processes", AutoScalingGroupName=name, ScalingProcesses=processes)


def put_warm_pool(aws: Aws, name: str, pool: Props, props: Props) -> None:
    """The warm pool becomes this one."""
    request = shapes.to_aws("autoscaling", shapes.input_shape("autoscaling", "put_warm_pool"), pool, {})
    aws("autoscaling", "put_warm_pool", **{"AutoScalingGroupName": name} | request)


def drop_warm_pool(aws: Aws, name: str, pool: Props, props: Props) -> None:
    """The group has no warm pool any more."""
    force = bool(props.get("forceDeleteWarmPool") or props.get("forceDelete"))
    aws("autoscaling", "delete_warm_pool", AutoScalingGroupName=name, ForceDelete=force)


def put_hooks(aws: Aws, name: str, hooks: list[Props]) -> None:
    """Put each hook; a hook that is no longer listed stays, since `LifecycleHook` resources may have made it."""
    shape = shapes.input_shape("autoscaling", "put_lifecycle_hook")
    for hook in hooks:
        request = shapes.to_aws("autoscaling", shape, hook, {"name": "LifecycleHookName"})
        aws("autoscaling", "put_lifecycle_hook", **{"AutoScalingGroupName": name} | request)


def cleared(put: Callable[..., None]) -> Callable[..., None]:
    """The removal of a list: it becomes empty."""
    return lambda aws, name, old, props: put(aws, name, [], props)


ATTACHED: dict[str, tuple[str, str]] = {
    "targetGroupArns": ("load_balancer_target_groups", "TargetGroupARNs"),
    "loadBalancers": ("load_balancers", "LoadBalancerNames"),
    "trafficSources": ("traffic_sources", "TrafficSources"),
}
"""Input -> what comes after `attach_` and `detach_` in the call, and its member: UpdateAutoScalingGroup has none of these."""


def reattach(aws: Aws, name: str, what: str, old: list[Any], new: list[Any]) -> None:
    """Detach what is no longer wanted, attach what is."""
    suffix, member = ATTACHED[what]
    for verb, some in (("detach", [x for x in old if x not in new]), ("attach", [x for x in new if x not in old])):
        if some:
            shape = shapes.input_shape("autoscaling", f"{verb}_{suffix}")
            items = shapes.to_aws("autoscaling", shape, {member: some}, {})
            aws("autoscaling", f"{verb}_{suffix}", AutoScalingGroupName=name, **items)


def refresh_is_due(old: Props, new: Props) -> bool:
    """Whether a configured instance refresh starts: a launch setting or a listed trigger changed.

    Triggers are written as in Terraform (`tag`, `vpc_zone_identifier`), so names are compared without case and plural.
    """
    listed = {shapes.norm(name) for name in (new.get("instanceRefresh") or {}).get("triggers") or []}
    names = [k for k in old.keys() | new.keys() if k in REFRESHING or shapes.norm(k) in listed]
    return any(old.get(name) != new.get(name) for name in names)


def start_refresh(aws: Aws, name: str, props: Props) -> None:
    """Start the instance refresh with its preferences, after cancelling one that is in progress."""
    wanted = {k: v for k, v in props["instanceRefresh"].items() if k != "triggers"}
    if (wanted.get("preferences") or {}).get("autoRollback"):
        # A roll back needs to know what to refresh to (StartInstanceRefresh, DesiredConfiguration).
        keys = [k for k in ("launchTemplate", "mixedInstancesPolicy") if props.get(k)]
        wanted["desiredConfiguration"] = {k: props[k] for k in keys}
    renamed = {f"desiredConfiguration.{path}": member for path, member in TEMPLATE_NAMES.items()}
    request = shapes.to_aws("autoscaling", shapes.input_shape("autoscaling", "start_instance_refresh"), wanted, renamed)
    there = aws("autoscaling", "describe_instance_refreshes", AutoScalingGroupName=name)["InstanceRefreshes"]
    if any(refresh["Status"] in ("Pending", "InProgress", "Baking") for refresh in there):
        aws("autoscaling", "cancel_instance_refresh", AutoScalingGroupName=name)
    aws("autoscaling", "start_instance_refresh", **{"AutoScalingGroupName": name} | request)


def seconds(duration: str) -> float:
    """A Go duration such as `10m` or `1h30m` in seconds."""
    units = {"h": 3600.0, "m": 60.0, "s": 1.0}
    return sum(float(number) * units[unit] for number, unit in re.findall(r"([\d.]+)([hms])", duration))


def wait_for_capacity(aws: Aws, name: str, props: Props) -> None:
    """Wait until as many instances are in service as the group wants; raises NotInService after `waitForCapacityTimeout`."""
    within = seconds(props.get("waitForCapacityTimeout") or "10m")
    ends, pause = time.monotonic() + within, 0.05
    while within:
        group = there_is(aws, name)
        in_service = sum(i["LifecycleState"] == "InService" and i["HealthStatus"] == "Healthy" for i in group["Instances"])
        wanted = int(props.get("desiredCapacity") or props.get("minSize") or 0)
        lacking = f"{in_service} of {wanted} instances in service" if in_service < wanted else _balanced(aws, group, props)
        if not lacking:
            return
        if time.monotonic() > ends:
            raise NotInService(f"group {name} did not reach its capacity within {within:.0f} s: {lacking}")
        time.sleep(pause)
        pause = min(pause * 1.5, 5.0)


def _balanced(aws: Aws, group: Props, props: Props) -> str | None:
    """What lacks of the healthy targets that `minElbCapacity` or `waitForElbCapacity` asks for."""
    exact, least = int(props.get("waitForElbCapacity") or 0), int(props.get("minElbCapacity") or 0)
    if not exact and not least:
        return None
    healthy = [
        sum(t["TargetHealth"]["State"] == "healthy" for t in aws("elbv2", "describe_target_health", TargetGroupArn=arn)["TargetHealthDescriptions"])
        for arn in group.get("TargetGroupARNs") or []
    ]
    count = min(healthy, default=0)
    enough = count == exact if exact else count >= least
    return None if enough else f"{count} of {exact or least} targets healthy"


def contradictions(props: Props) -> list[tuple[str, str]]:
    """What CreateAutoScalingGroup refuses for reasons that its request model does not state."""
    found = []
    given = [name for name in REFRESHING if props.get(name)]
    if len(given) != 1 and not any(name in props for name in REFRESHING if name not in given):
        found.append(("launchTemplate", "give exactly one of 'launchConfiguration', 'launchTemplate' and 'mixedInstancesPolicy'"))
    low, high, count = (props.get(name) for name in ("minSize", "maxSize", "desiredCapacity"))
    if _number(low) and _number(high) and float(low) > float(high):
        found.append(("maxSize", f"{high:g} is below minSize {low:g}"))
    if _number(count) and _number(low) and _number(high) and not float(low) <= float(count) <= float(high):
        found.append(("desiredCapacity", f"{count:g} is not between minSize {low:g} and maxSize {high:g}"))
    if props.get("availabilityZones") and props.get("vpcZoneIdentifiers"):
        found.append(("availabilityZones", "conflicts with 'vpcZoneIdentifiers': give one of them"))
    return found


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def joined_zones(props: Props) -> Props:
    """The subnets are one text in AWS."""
    zones = props.get("vpcZoneIdentifiers")
    return props | ({"vpcZoneIdentifiers": ",".join(zones)} if zones else {})


def split_zones(live: Props) -> Props:
    """The answer with lists where Pulumi has lists, and tags as they are asked for."""
    tags = [{"key": t["Key"], "value": t["Value"], "propagateAtLaunch": t["PropagateAtLaunch"]} for t in live.get("Tags") or []]
    pool = {k: v for k, v in (live.get("WarmPoolConfiguration") or {}).items() if k != "Status"}
    return {k: v for k, v in live.items() if k != "VPCZoneIdentifier"} | {
        "vpcZoneIdentifiers": [zone for zone in (live.get("VPCZoneIdentifier") or "").split(",") if zone],
        "Tags": sorted(tags, key=lambda tag: tag["key"]),
        "EnabledMetrics": [metric["Metric"] for metric in live.get("EnabledMetrics") or []],
        "SuspendedProcesses": [process["ProcessName"] for process in live.get("SuspendedProcesses") or []],
        "warmPool": pool or None,
    }


def create(aws: Aws, props: Props) -> str:
    """Create the group, attach its traffic sources, wait for its capacity; nothing is left when it does not come."""
    asked = {"healthCheckGracePeriod": GRACE_PERIOD} | props
    aws("autoscaling", "create_auto_scaling_group", **GROUP.request("create_auto_scaling_group", asked))
    name = str(props["name"])
    try:
        wait_for_capacity(aws, name, props)
    except Exception:
        aws("autoscaling", "delete_auto_scaling_group", AutoScalingGroupName=name, ForceDelete=True)
        raise
    return name


def update(aws: Aws, resource_id: str, old: Props, new: Props) -> None:
    """Update the group and what is attached, refresh its instances if that is due, wait for its capacity."""
    for what in ATTACHED:
        reattach(aws, resource_id, what, old.get(what) or [], new.get(what) or [])
    if old.get("initialLifecycleHooks") != new.get("initialLifecycleHooks"):
        put_hooks(aws, resource_id, new.get("initialLifecycleHooks") or [])
    changed = GROUP.changed(old, new) - {*ATTACHED, "initialLifecycleHooks", *OF_THE_WAY, *GROUP.parts, *GROUP.removals}
    if changed:
        sent = {name: new[name] for name in changed if new.get(name) is not None}
        request = GROUP.request("update_auto_scaling_group", sent)
        aws("autoscaling", "update_auto_scaling_group", **{"AutoScalingGroupName": resource_id} | request)
    if new.get("instanceRefresh") and refresh_is_due(old, new):
        start_refresh(aws, resource_id, new)
    if changed & {"minSize", "maxSize", "desiredCapacity"}:
        wait_for_capacity(aws, resource_id, new)


def drain_and_delete(aws: Aws, resource_id: str, props: Props) -> None:
    """Delete the warm pool, take the instances down to none unless `forceDelete`, delete the group."""
    group, force = described(aws, resource_id), props.get("forceDelete") in (True, "true")
    if group is None:
        return
    if group.get("WarmPoolConfiguration"):
        drop_warm_pool(aws, resource_id, {}, props)
    if not force:
        unprotect(aws, group)
        none = {"MinSize": 0, "MaxSize": 0, "DesiredCapacity": 0}
        aws("autoscaling", "update_auto_scaling_group", AutoScalingGroupName=resource_id, **none)
        wait_until_empty(aws, resource_id)
    aws("autoscaling", "delete_auto_scaling_group", AutoScalingGroupName=resource_id, ForceDelete=force)


def unprotect(aws: Aws, group: Props) -> None:
    """Let a protected instance go when the group is scaled in to nothing, as the official provider does."""
    protected = [i["InstanceId"] for i in group["Instances"] if i.get("ProtectedFromScaleIn")]
    for start in range(0, len(protected), PROTECTION_BATCH):
        some = protected[start : start + PROTECTION_BATCH]
        fixed = {"AutoScalingGroupName": group["AutoScalingGroupName"], "ProtectedFromScaleIn": False}
        aws("autoscaling", "set_instance_protection", **fixed, InstanceIds=some)


def wait_until_empty(aws: Aws, name: str, within: float = 600.0) -> None:
    """Wait until the group has no instances; raises NotInService after `within` seconds."""
    ends, pause = time.monotonic() + within, 0.05
    while instances := there_is(aws, name).get("Instances"):
        if time.monotonic() > ends:
            raise NotInService(f"group {name} still had {len(instances)} instances after {within:.0f} s")
        time.sleep(pause)
        pause = min(pause * 1.5, 5.0)


TEMPLATE_NAMES = {"launchTemplate.id": "LaunchTemplateId", "launchTemplate.name": "LaunchTemplateName"}
MIXED = "mixedInstancesPolicy.launchTemplate"

GROUP = Kind(
    "aws:autoscaling/group:Group", "autoscaling", "create_auto_scaling_group", "{name}", tags="list", autoname="name", autoname_max=255,
    look=("describe_auto_scaling_groups", {"AutoScalingGroupNames": ["{id}"]}, "AutoScalingGroups[0]"),
    creates=create, updates=update, drop=drain_and_delete, replaces={"name", "namePrefix"},
    rename={
        "name": "AutoScalingGroupName", "namePrefix": None, "vpcZoneIdentifiers": "VPCZoneIdentifier", **TEMPLATE_NAMES,
        "protectFromScaleIn": "NewInstancesProtectedFromScaleIn", "targetGroupArns": "TargetGroupARNs",
        "loadBalancers": "LoadBalancerNames", "launchConfiguration": "LaunchConfigurationName",
        "initialLifecycleHooks": "LifecycleHookSpecificationList", "initialLifecycleHooks.name": "LifecycleHookName",
        "serviceLinkedRoleArn": "ServiceLinkedRoleARN", **dict.fromkeys(OF_THE_WAY),
    },
    before=joined_zones, after=split_zones, refuses=contradictions,
    parts={
        "tags": put_tags, "enabledMetrics": collect_metrics, "suspendedProcesses": suspend, "warmPool": put_warm_pool,
    },
    removals={
        "tags": cleared(put_tags), "enabledMetrics": cleared(collect_metrics), "suspendedProcesses": cleared(suspend),
        "warmPool": drop_warm_pool,
    },
    defaults={
        "healthCheckGracePeriod": GRACE_PERIOD, "metricsGranularity": "1Minute", "waitForCapacityTimeout": "10m",
        "protectFromScaleIn": False, "capacityRebalance": False, "maxInstanceLifetime": 0, "terminationPolicies": ["Default"],
        "forceDelete": False, "forceDeleteWarmPool": False, "ignoreFailedScalingActivities": False,
        "enabledMetrics": [], "suspendedProcesses": [], "warmPool.minSize": 0, "warmPool.poolState": "Stopped",
        "warmPool.instanceReusePolicy": {"reuseOnScaleIn": False},
    },
    computed={
        "desiredCapacity", "healthCheckType", "availabilityZones", "vpcZoneIdentifiers", "defaultCooldown", "serviceLinkedRoleArn",
        "targetGroupArns", "loadBalancers", "trafficSources", "capacityReservationSpecification", "availabilityZoneDistribution",
        "desiredCapacityType", "defaultInstanceWarmup", "launchTemplate.id", "launchTemplate.name", "launchTemplate.version",
        f"{MIXED}.launchTemplateSpecification.launchTemplateId", f"{MIXED}.launchTemplateSpecification.launchTemplateName",
        f"{MIXED}.launchTemplateSpecification.version", "mixedInstancesPolicy.instancesDistribution",
        *(f"mixedInstancesPolicy.instancesDistribution.{name}" for name in (
            "onDemandAllocationStrategy", "onDemandBaseCapacity", "onDemandPercentageAboveBaseCapacity", "spotAllocationStrategy",
            "spotInstancePools", "spotMaxPrice",
        )),
    },
    unordered={"vpcZoneIdentifiers", "availabilityZones", "tags", "enabledMetrics", "suspendedProcesses", "targetGroupArns", "loadBalancers",
               "trafficSources", "initialLifecycleHooks"},
    unread={*OF_THE_WAY, "initialLifecycleHooks", "trafficSources"},
    outputs={
        "arn": answered("AutoScalingGroupARN"), "predictedCapacity": answered("PredictedCapacity || `0`"),
        "warmPoolSize": answered("WarmPoolSize || `0`"),
    },
)  # fmt: skip
