"""Auto Scaling groups by attributes: what an override asks of instances, and what fits to a warm pool or a hook.

Sources: Amazon EC2 Auto Scaling API, InstanceRequirements, InstancesDistribution, RefreshPreferences, PutLifecycleHook,
PutWarmPool; EC2UG, warm pools; the official provider's checks of a group; PREFLIGHT rules/autoscaling.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from localcloud.aws.limits._checks import Check, Fault, Props, alone, at_least, each, form, number, one_of, within
from localcloud.aws.limits.groups import OVERRIDES, SPREAD
from localcloud.provider.wire import is_unknown, unknowns

NEEDED = ("memoryMib", "vcpuCount")
RANGES = (
    *NEEDED, "acceleratorCount", "acceleratorTotalMemoryMib", "baselineEbsBandwidthMbps", "memoryGibPerVcpu",
    "networkBandwidthGbps", "networkInterfaceCount", "totalLocalStorageGb",
)  # fmt: skip
APART = (
    ("allowedInstanceTypes", "excludedInstanceTypes"),
    ("spotMaxPricePercentageOverLowestPrice", "maxSpotPriceAsPercentageOfOptimalOnDemandPrice"),
)
MOST_HOOKS = 5
LONGEST_WAIT = 172_800
"""Seconds between checkpoints, and of a bake."""
DURATION = r"-?0|([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+"
TOLD = r"arn:[\w-]+:(sns|sqs|lambda):.+"
HOOKS = "initialLifecycleHooks"


def requirements(props: Props) -> Iterator[Fault]:
    """Memory and processors are said; no range runs backwards; types are allowed or excluded."""
    for place, needs in each(props, f"{OVERRIDES}[].instanceRequirements"):
        if not isinstance(needs, dict):
            continue
        for name in NEEDED:
            if needs.get(name) is None:
                yield f"{place}.{name}", "missing required property of 'instanceRequirements'"
        for name in RANGES:
            block = needs.get(name)
            low, high = (number(block.get(end)) for end in ("min", "max")) if isinstance(block, dict) else (None, None)
            if low is not None and high is not None and low > high:
                yield f"{place}.{name}.min", f"{low:g} is above max {high:g}"
        for first, second in APART:
            if needs.get(first) and needs.get(second):
                yield f"{place}.{second}", f"conflicts with {first!r}: give one of them"


def prepared(props: Props) -> Iterator[Fault]:
    """A warm pool holds instances of no weights, and none of Spot."""
    if props.get("warmPool") is None or is_unknown(props["warmPool"]):
        return
    for place, _ in each(props, f"{OVERRIDES}[].weightedCapacity"):
        yield place, "is not for a group with a 'warmPool'"
    for place, share in each(props, f"{SPREAD}.onDemandPercentageAboveBaseCapacity"):
        found = number(share)
        if found is not None and found < 100:
            yield place, f"{found:g} asks for Spot instances, which a 'warmPool' does not hold"


def hooks(props: Props) -> Iterator[Fault]:
    """Few hooks are made with a group, each with a name of its own."""
    found = props.get(HOOKS)
    if not isinstance(found, list) or unknowns(found):
        return
    if len(found) > MOST_HOOKS:
        yield HOOKS, f"{len(found)} are given, allowed are {MOST_HOOKS}; others are resources of their own"
    seen: Counter[Any] = Counter()
    for i, hook in enumerate(found):
        name = hook.get("name") if isinstance(hook, dict) else None
        seen[name] += 1
        if seen[name] == 2:
            yield f"{HOOKS}[{i}].name", f"{name!r} is the name of another hook too"


def told(path: str) -> tuple[Check, ...]:
    """Whom a hook tells: a topic or a queue, by a role; a function, without one."""

    def roles(props: Props) -> Iterator[Fault]:
        found = each(props, path) if path else [("", props)]
        for place, hook in found:
            if not isinstance(hook, dict) or hook.get("roleArn") is None:
                continue
            at, target = f"{place}.roleArn" if place else "roleArn", hook.get("notificationTargetArn")
            if target is None:
                yield at, "needs 'notificationTargetArn', to which it sends"
            elif isinstance(target, str) and ":lambda:" in target:
                yield at, "is not for a function, which is told by its own policy"

    target = f"{path}.notificationTargetArn" if path else "notificationTargetArn"
    return (
        roles, form(target, TOLD, "is no ARN of a topic, a queue or a function"),
        form(target, r"(?!.*:sqs:.*\.fifo$).*", "is a queue that keeps order, which hooks do not tell"),
    )  # fmt: skip


REFRESH = "instanceRefresh.preferences"

LIMITS: dict[str, tuple[Check, ...]] = {
    "aws:autoscaling/group:Group": (
        requirements, prepared, hooks, *told(f"{HOOKS}[]"), alone("targetGroupArns", "trafficSources"),
        one_of("metricsGranularity", "1Minute"), form("waitForCapacityTimeout", DURATION, "is no duration such as 10m"),
        form(f"{SPREAD}.spotMaxPrice", r"(\d+(\.\d*)?|\.\d+)?", "is no price in dollars an hour"),
        one_of("instanceRefresh.strategy", "Rolling", "ReplaceRootVolume"),
        one_of(f"{REFRESH}.scaleInProtectedInstances", "Refresh", "Ignore", "Wait"),
        one_of(f"{REFRESH}.standbyInstances", "Terminate", "Ignore", "Wait"), at_least(f"{REFRESH}.instanceWarmup", 0),
        *(within(f"{REFRESH}.{name}", 0, LONGEST_WAIT, "seconds") for name in ("bakeTime", "checkpointDelay")),
    ),
    "aws:autoscaling/lifecycleHook:LifecycleHook": told(""),
}  # fmt: skip
