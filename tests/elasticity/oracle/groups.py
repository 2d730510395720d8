"""Mechanics of a group, its balancer and its launches: warm pool, rebalancing, weights, slow start, deregistration,
start times."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from elasticity import arguments
from elasticity.platforms import platform_parameters
from elasticity.rounding import floor
from tests.elasticity.oracle.alarms import trigger_delay

ZERO_TO_ONE_TOLERANCE = 1e-6
BOOT = 20.0
"""Boot and user data of an instance that joins a cluster, in seconds: 10 to 60 published, 20 shipped `[asm]`."""


def warm_pool_size(desired: int, maximum: int, max_prepared: int | None = None) -> int:
    """Instances that a warm pool holds: (max prepared capacity, else maximum) - desired, at least 0 (EC2UG warm
    pools)."""
    maximum, prepared = arguments.count("maximum", maximum), arguments.optional_count("max_prepared", max_prepared)
    return max(0, (maximum if prepared is None else prepared) - arguments.count("desired", desired))


def rebalancing_ceiling(maximum: int) -> int:
    """Most instances while a group rebalances its zones: 10 % above the maximum or one, the larger (EC2UG benefits)."""
    maximum = arguments.count("maximum", maximum)
    return maximum + max(1, floor(maximum * 0.1))


def weighted_scale_in(desired: int, current: int, change: int, smallest_weight: int | None = None) -> bool:
    """Whether an instance of a weighted group goes when `desired` changes by `change` at `current` units.

    Not while current - smallest weight lies below the new desired. Without the weight, not while the decrement is less
    than the difference between current and desired. Source: EC2UG as-scaling-simple-step, on instance weighting.
    """
    desired, current = arguments.count("desired", desired), arguments.count("current", current)
    if arguments.count("change", change, -math.inf) >= 0:
        return False
    if smallest_weight is None:
        return -change >= current - desired
    return current - smallest_weight >= desired + change


def slow_start_split(load: float, shares: Sequence[float]) -> list[float]:
    """Requests per second of each target: its ramp (0 to 1) over the sum of ramps; an even split where all ramps are 0.

    Raises ValueError without a target or on a ramp outside 0 to 1. Source: ELB edit-target-group-attributes, a linear
    ramp.
    """
    arguments.number("load", load, 0)
    if not shares or not all(0 <= share <= 1 for share in shares):
        raise ValueError("`shares`: expected one ramp from 0 to 1 per target, at least one")
    total = sum(shares)
    return [load * (share / total if total else 1 / len(shares)) for share in shares]


def slow_start_share(age: float, duration: float) -> float:
    """How far up its linear ramp a target is, `age` seconds after it became healthy; 1 where slow start is off (0)."""
    return 1.0 if duration <= 0 else min(1.0, max(0.0, age / duration))


def deregistration_time(delay: float, in_flight: float, longest: float | None = None) -> float:
    """Seconds until a leaving target is free: none without a request in flight, else the delay or the `longest` of
    them, the shorter.

    Source: ELB target-group docs.
    """
    arguments.number("delay", delay, 0)
    if not arguments.number("in_flight", in_flight, 0):
        return 0.0
    return delay if longest is None else min(delay, longest)


def launch_time(platform: str) -> float:
    """Seconds from decision to running of a plain unit: no image pull, boot, hook or health check
    (`PlatformParameters.start_up`)."""
    return platform_parameters(platform).start_up


def launch_start(task_number: int, burst: int = 100, per_second: float = 20.0) -> float:
    """Earliest start, in seconds, of the k-th task (from 1) of one burst, from a token bucket (ECSDG throttling)."""
    number, free = arguments.count("task_number", task_number, 1), arguments.count("burst", burst)
    return max(0.0, (number - free) / arguments.number("per_second", per_second, above=0))


def provisioning_time(provisioned_after: float, triggered_after: float) -> float:
    """Seconds from trigger to running, of two times after one load step. Raises ValueError where the trigger comes
    later."""
    if provisioned_after < triggered_after:
        raise ValueError("`provisioned_after` lies before `triggered_after`")
    return provisioned_after - triggered_after


def launch_parts(total: float, shares: Mapping[str, float]) -> dict[str, float]:
    """Seconds of each part of a launch of `total` seconds. Raises ValueError unless the shares add up to 1."""
    arguments.number("total", total, 0)
    if abs(sum(shares.values()) - 1) > ZERO_TO_ONE_TOLERANCE:
        raise ValueError("`shares`: do not add up to 1")
    return {part: total * share for part, share in shares.items()}


HOSTS = ("ecs_on_ec2", "ecs_on_fargate")
"""Where the tasks of a large start run."""


def fleet_start(
    tasks: int, burst: int = 100, per_second: float = 20.0, host: str = "ecs_on_ec2"
) -> tuple[float, float]:
    """Seconds from zero to the first and to the last of `tasks`: an order of magnitude, nothing more.

    On a capacity provider the first two instances come from the reservation alarm, which zero instances hold at 200 %;
    the rest wait until these have warmed up, then for the next datapoint, their own start and the launch rate of tasks.
    On Fargate the launch rate and the start of a task are all. Raises ValueError on another host. Source of the order
    of magnitude: Ionescu 2022 (150 to 600 s and 30 to 270 s for 3500 tasks).
    """
    arguments.one_of("host", host, HOSTS)
    provider, task = platform_parameters("capacity_provider"), platform_parameters("ecs_service")
    if host == "ecs_on_fargate":
        return task.start_up, task.start_up + launch_start(tasks, burst, per_second)
    trigger = trigger_delay(provider, target=100, before=100, after=200)
    start = provider.start_up + BOOT + task.start_up
    first = trigger + start
    second_wave = trigger + provider.start_up + (provider.warm_up or 0.0) + provider.metric_period / 2
    return first, second_wave + start + launch_start(tasks, burst, per_second)
