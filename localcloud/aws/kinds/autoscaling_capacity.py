"""An Auto Scaling group on its way to its capacity, and to none."""

import re
import time

from localcloud.aws.client import Aws, Refused
from localcloud.aws.kind import Props
from localcloud.aws.kinds.autoscaling_parts import there_is

PROTECTION_BATCH = 50
"""Instances that SetInstanceProtection takes at once."""


class NotInService(Refused):
    """A group did not reach its capacity in time."""


def seconds(duration: str) -> float:
    """A Go duration such as `10m` or `1h30m` in seconds."""
    units = {"h": 3600.0, "m": 60.0, "s": 1.0}
    return sum(float(number) * units[unit] for number, unit in re.findall(r"([\d.]+)([hms])", duration))


def wait_for_capacity(aws: Aws, name: str, props: Props) -> None:
    """Wait until the instances in service are as many as wanted, or weigh as much; raises NotInService after
    `waitForCapacityTimeout`."""
    within = seconds(props.get("waitForCapacityTimeout") or "10m")
    ends, pause = time.monotonic() + within, 0.05
    while within:
        group = there_is(aws, name)
        in_service = sum(
            int(i.get("WeightedCapacity") or 1)
            for i in group["Instances"]
            if i["LifecycleState"] == "InService" and i["HealthStatus"] == "Healthy"
        )
        wanted = int(props.get("desiredCapacity") or props.get("minSize") or 0)
        lacking = (
            f"a capacity of {in_service} of {wanted} in service"
            if in_service < wanted
            else _balanced(aws, group, props)
        )
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
        sum(
            t["TargetHealth"]["State"] == "healthy"
            for t in aws("elbv2", "describe_target_health", TargetGroupArn=arn)["TargetHealthDescriptions"]
        )
        for arn in group.get("TargetGroupARNs") or []
    ]
    count = min(healthy, default=0)
    enough = count == exact if exact else count >= least
    return None if enough else f"{count} of {exact or least} targets healthy"


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
