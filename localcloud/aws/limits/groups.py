"""Auto Scaling groups: mixed instances policies, instance refreshes, warm pools, hooks, what launches.

Source: Amazon EC2 Auto Scaling API, CreateAutoScalingGroup, InstancesDistribution, LaunchTemplateOverrides,
RefreshPreferences, PutWarmPool, PutLifecycleHook.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from localcloud.aws.limits._checks import (
    Check,
    Fault,
    Props,
    at_least,
    each,
    form,
    number,
    one_of,
    only_one,
    within,
)
from localcloud.aws.limits._conditions import arn_of
from localcloud.aws.limits.instances import tag
from localcloud.provider.wire import is_unknown, unknowns

MIXED = "mixedInstancesPolicy"
OVERRIDES = f"{MIXED}.launchTemplate.overrides"
SPREAD = f"{MIXED}.instancesDistribution"
MOST_OVERRIDES, MOST_REQUIREMENTS = 40, 4
HEAVIEST = 999
ON_DEMAND = ("lowest-price", "prioritized")
SPOT = ("capacity-optimized", "capacity-optimized-prioritized", "lowest-price", "price-capacity-optimized")
BY_PRIORITY = {"onDemandAllocationStrategy": "prioritized", "spotAllocationStrategy": "capacity-optimized-prioritized"}
"""Strategies that need a list of types in an order, which requirements are not."""
HEARTBEAT = (30, 7_200)
"""Seconds of a lifecycle hook (PutLifecycleHook)."""
MOMENT, MOMENTS = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "is not of the form 2030-01-31T08:00:00Z"
"""How the official provider takes the times of a schedule."""
LEAST_HEALTHY = 90
"""minHealthyPercentage of an instance refresh that does not say it."""
LONGEST_WARMUP = 3_600
"""Seconds of defaultInstanceWarmup; -1 takes it away."""


def overrides(props: Props) -> Iterator[Fault]:
    """Each override is of one type or of requirements, no type twice; all have weights, or none has."""
    for place, found in each(props, OVERRIDES):
        if unknowns(found) or not isinstance(found, list):
            continue
        listed = [one for one in found if isinstance(one, dict)]
        if len(listed) > MOST_OVERRIDES:
            yield place, f"{len(listed)} overrides, allowed are {MOST_OVERRIDES}"
        demanding = [i for i, one in enumerate(listed) if one.get("instanceRequirements")]
        if len(demanding) > MOST_REQUIREMENTS:
            yield place, f"{len(demanding)} sets of instanceRequirements, allowed are {MOST_REQUIREMENTS}"
        yield from _types(place, listed)
        if demanding and len(demanding) < len(listed):
            other = next(i for i in range(len(listed)) if i not in demanding)
            if listed[other].get("instanceType"):
                yield f"{place}[{other}].instanceType", "conflicts with 'instanceRequirements' of another override"
        yield from _weights(place, listed)


def _types(place: str, listed: list[dict[str, Any]]) -> Iterator[Fault]:
    seen: Counter[tuple[str, str]] = Counter()
    for i, one in enumerate(listed):
        kind, spec = one.get("instanceType"), one.get("launchTemplateSpecification")
        if kind and one.get("instanceRequirements"):
            yield f"{place}[{i}].instanceRequirements", "conflicts with 'instanceType': give one of them"
        if kind:
            seen[kind, str(spec or "")] += 1
            if seen[kind, str(spec or "")] == 2:
                yield f"{place}[{i}].instanceType", f"{kind!r} stands in another override too"


def _weights(place: str, listed: list[dict[str, Any]]) -> Iterator[Fault]:
    weighted = [i for i, one in enumerate(listed) if one.get("weightedCapacity") is not None]
    for i in weighted:
        found = number(listed[i]["weightedCapacity"])
        if found is None or found != int(found) or not 1 <= found <= HEAVIEST:
            yield (
                f"{place}[{i}].weightedCapacity",
                f"{listed[i]['weightedCapacity']!r} is no whole number within 1 to {HEAVIEST}",
            )
    if weighted and len(weighted) < len(listed):
        bare = next(i for i in range(len(listed)) if i not in weighted)
        yield f"{place}[{bare}].weightedCapacity", "missing: all overrides have a weight, or none has"


def pools(props: Props) -> Iterator[Fault]:
    """A number of pools is for the cheapest ones; an order of types is for types."""
    for place, spread in each(props, SPREAD):
        if not isinstance(spread, dict):
            continue
        strategy = spread.get("spotAllocationStrategy")
        if spread.get("spotInstancePools") and strategy not in (None, "lowest-price") and not is_unknown(strategy):
            yield (
                f"{place}.spotInstancePools",
                f"is only for 'spotAllocationStrategy': 'lowest-price', not {strategy!r}",
            )
        by_need = any(isinstance(one, dict) for _, one in each(props, f"{OVERRIDES}[].instanceRequirements"))
        for name, ordered in BY_PRIORITY.items():
            if by_need and spread.get(name) == ordered:
                yield f"{place}.{name}", f"{ordered!r} needs an order of types, which 'instanceRequirements' are not"


def templates(props: Props) -> Iterator[Fault]:
    """A launch template is named by its id or by its name."""
    first, second = ("id", "name"), ("launchTemplateId", "launchTemplateName")
    for names, at in (
        (first, "launchTemplate"), (second, f"{MIXED}.launchTemplate.launchTemplateSpecification"),
        (second, f"{OVERRIDES}[].launchTemplateSpecification"),
    ):  # fmt: skip
        yield from only_one(*names, among=at)(props)


LAUNCHED = ("launchConfiguration", "launchTemplate", "mixedInstancesPolicy")


def launched(props: Props) -> Iterator[Fault]:
    """A group launches from one thing."""
    if len([name for name in LAUNCHED if props.get(name)]) != 1:
        yield (
            "launchTemplate",
            "give exactly one of 'launchConfiguration', 'launchTemplate' and 'mixedInstancesPolicy'",
        )


def refresh(props: Props) -> Iterator[Fault]:
    """Percentages of an instance refresh, as those of the group's own maintenance policy."""
    for place, wishes in each(props, "instanceRefresh.preferences"):
        low, high = (number(wishes.get(f"{end}HealthyPercentage")) for end in ("min", "max"))
        least = LEAST_HEALTHY if low is None else low
        if low is not None and not 0 <= low <= 100:
            yield f"{place}.minHealthyPercentage", f"{low:g} is not within 0 to 100"
        if high is not None and not 100 <= high <= 200:
            yield f"{place}.maxHealthyPercentage", f"{high:g} is not within 100 to 200"
        elif high is not None and high - least > 100:
            yield f"{place}.maxHealthyPercentage", f"{high:g} is more than 100 above minHealthyPercentage {least:g}"
        points = wishes.get("checkpointPercentages")
        if wishes.get("checkpointDelay") is not None and not points:
            yield f"{place}.checkpointDelay", "needs 'checkpointPercentages'"
        if isinstance(points, list) and not unknowns(points):
            found = [number(point) for point in points]
            known = [one for one in found if one is not None and 1 <= one <= 100]
            if known != found or known != sorted(set(known)):
                yield f"{place}.checkpointPercentages", f"{points} do not rise within 1 to 100"


def sends_to_a_topic(path: str, role: str) -> Check:
    """A hook that tells a topic or a queue has a role for it; one that tells a function or nobody has none."""

    def check(props: Props) -> Iterator[Fault]:
        for place, target in each(props, f"{path}.notificationTargetArn" if path else "notificationTargetArn"):
            holder = place.rpartition(".")[0]
            block = dict(each(props, path)).get(holder, {}) if path else props
            told = isinstance(target, str) and target.split(":")[2:3] in (["sns"], ["sqs"])
            if told and block.get(role) is None:
                yield f"{holder}.{role}" if holder else role, "missing: who may send to the topic or queue"

    return check


def _hook(path: str) -> tuple[Check, ...]:
    prefix = f"{path}." if path else ""
    return (
        within(f"{prefix}heartbeatTimeout", *HEARTBEAT, "seconds"),
        one_of(f"{prefix}defaultResult", "CONTINUE", "ABANDON"),
        one_of(f"{prefix}lifecycleTransition", "autoscaling:EC2_INSTANCE_LAUNCHING",
               "autoscaling:EC2_INSTANCE_TERMINATING"),
        sends_to_a_topic(path, "roleArn"),
    )  # fmt: skip


def asked(props: Props) -> Iterator[Fault]:
    """The sizes that a schedule says, among themselves; -1 leaves one alone."""
    low, high, count = (_size(props.get(name)) for name in ("minSize", "maxSize", "desiredCapacity"))
    if low is not None and high is not None and low > high:
        yield "maxSize", f"{high:g} is below minSize {low:g}"
    elif count is not None and low is not None and count < low:
        yield "desiredCapacity", f"{count:g} is below minSize {low:g}"
    elif count is not None and high is not None and count > high:
        yield "desiredCapacity", f"{count:g} is above maxSize {high:g}"


def _size(value: Any) -> float | None:
    found = None if is_unknown(value) else number(value)
    return None if found == -1 else found


def _sizes(*names: str) -> Iterator[Check]:
    for name in names:
        yield at_least(name, -1)


LIMITS: dict[str, tuple[Check, ...]] = {
    "aws:autoscaling/group:Group": (
        launched, overrides, pools, templates, refresh,
        within(f"{SPREAD}.onDemandPercentageAboveBaseCapacity", 0, 100, "percent"),
        at_least(f"{SPREAD}.onDemandBaseCapacity", 0), within(f"{SPREAD}.spotInstancePools", 0, 20),
        one_of(f"{SPREAD}.onDemandAllocationStrategy", *ON_DEMAND),
        one_of(f"{SPREAD}.spotAllocationStrategy", *SPOT),
        within("defaultInstanceWarmup", 0, LONGEST_WARMUP, "seconds", also=frozenset({-1})),
        at_least("defaultCooldown", 0), at_least("healthCheckGracePeriod", 0),
        at_least("warmPool.maxGroupPreparedCapacity", -1), at_least("warmPool.minSize", 0),
        one_of("warmPool.poolState", "Stopped", "Running", "Hibernated"),
        one_of("desiredCapacityType", "units", "vcpu", "memory-mib"), *_hook("initialLifecycleHooks[]"),
        tag("tags[]."), arn_of("serviceLinkedRoleArn", "iam"), arn_of("targetGroupArns[]", "elasticloadbalancing"),
        one_of("trafficSources[].type", "elb", "elbv2", "vpc-lattice"),
    ),
    "aws:autoscaling/schedule:Schedule": (
        asked, *_sizes("minSize", "maxSize", "desiredCapacity"),
        form("startTime", MOMENT, MOMENTS), form("endTime", MOMENT, MOMENTS),
    ),
    "aws:autoscaling/lifecycleHook:LifecycleHook": _hook(""),
}  # fmt: skip
