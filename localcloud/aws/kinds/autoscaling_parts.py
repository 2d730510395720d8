"""What a group has by calls of its own: tags, metrics, suspended processes, warm pool, hooks, attachments."""

from collections.abc import Callable
from typing import Any

from localcloud.aws import shapes
from localcloud.aws.client import Aws
from localcloud.aws.kind import Props


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
        fixed | {"Key": t["key"], "Value": t["value"], "PropagateAtLaunch": t["propagateAtLaunch"] in (True, "true")}
        for t in tags
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
        aws(
            "autoscaling",
            "enable_metrics_collection",
            AutoScalingGroupName=name,
            Metrics=metrics,
            Granularity=granularity,
        )


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
"""Input -> what comes after `attach_` and `detach_` in the call, and its member: no update has these."""


def reattach(aws: Aws, name: str, what: str, old: list[Any], new: list[Any]) -> None:
    """Detach what is no longer wanted, attach what is."""
    suffix, member = ATTACHED[what]
    for verb, some in (("detach", [x for x in old if x not in new]), ("attach", [x for x in new if x not in old])):
        if some:
            shape = shapes.input_shape("autoscaling", f"{verb}_{suffix}")
            items = shapes.to_aws("autoscaling", shape, {member: some}, {})
            aws("autoscaling", f"{verb}_{suffix}", AutoScalingGroupName=name, **items)
