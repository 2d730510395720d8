"""One tick of one service: from what is remembered and what was seen to what is wanted. Pure: the same memory and the
same observation give the same decision, in the controller and in a replay of its log.

What the rules want is decided by `elasticity.autoscaler.step`. Here stands what a controller adds to it: a count that
somebody else has set, times in which it must not act, metrics that are missing, actions that wait to be done.
"""

from __future__ import annotations

import dataclasses
import datetime
import math
from collections.abc import Iterator, Mapping
from typing import Literal

from elasticity.autoscaler.autoscaler import AutoscalerState, Counts, begin, step, with_desired, without_action
from elasticity.autoscaler.kept import carried
from elasticity.bounds_in_force import in_force
from elasticity.metrics import METRICS
from elasticity.platforms import PlatformParameters
from elasticity.rules import Elasticity

MINUTE = 60
CATCH_UP = 64
"""Ticks that nobody saw and that are counted as missing datapoints; alarms look back less far than this [own]."""
_DAY = datetime.timedelta(days=1)
Key = tuple[str, int]
Suspended = Literal["", "held", "release", "stopped"]
SUSPENDED: Mapping[Suspended, str] = {
    "held": "held by a person: accordion scale --resume lets it go on",
    "release": "a release is being watched: a write would spoil its rollback",
    "stopped": "somebody has set 0 replicas, below the minimum: it is left alone until it has some",
}
"""Why nothing is decided at a tick, in words."""


@dataclasses.dataclass(frozen=True)
class Fallback:
    """What is wanted when metrics have been missing for long; without one the count stays as it is."""

    replicas: int
    after: int
    """Seconds."""
    only_higher: bool = True
    """Whether a count that is higher already stays (KEDA's currentReplicasIfHigher)."""


@dataclasses.dataclass(frozen=True)
class Policy:
    """What a service is scaled by."""

    rules: Elasticity
    parameters: PlatformParameters
    fallback: Fallback | None = None


@dataclasses.dataclass(frozen=True)
class Action:
    """A change of the count that was decided, from a count that the service had at an index of its version."""

    before: int
    after: int
    index: int


@dataclasses.dataclass(frozen=True)
class Memory:
    """All that has to outlive a restart."""

    state: AutoscalerState
    action: Action | None = None
    """The newest one; whether it was done is read from the service."""
    missing_since: int | None = None
    """Seconds from the start at which metrics began to be missing."""
    held: bool = False


@dataclasses.dataclass(frozen=True)
class Observation:
    """What was seen at a tick."""

    second: int
    """Since the start of the memory's state."""
    datapoints: Mapping[Key, float]
    """By metric and period, NaN for a missing one."""
    counts: Counts
    replicas: int
    """What the service is to have, as its specification says."""
    index: int
    """Of the service's version: a write is refused where it has moved on."""
    release: bool = False
    """Whether an update or a rollback is going on."""


@dataclasses.dataclass(frozen=True)
class Tick:
    """What was decided, and why."""

    desired: int
    bounds: tuple[int, int]
    reason: str
    """As in a decision of the autoscaler; `bounds`, or `fallback: no metrics for 180 s`; empty: nothing is done."""
    blocked_by: str
    suspended: Suspended
    adopted: int | None
    """The count that somebody else has set, where it is another than was wanted before."""


def tick_of(state: AutoscalerState) -> int:
    """Seconds between two ticks: the greatest that meets the end of every metric's period; a minute without metrics."""
    return math.gcd(*(period for _, period in state.metrics)) or MINUTE


def due(state: AutoscalerState, second: int) -> list[Key]:
    """The metrics whose period ends at a tick."""
    return [key for key in state.metrics if second % key[1] == 0]


def begun(policy: Policy, at: datetime.datetime, replicas: int) -> Memory:
    """The first memory of a service that has so many replicas: bounds are those that schedules have left.

    Seconds count from the midnight (UTC) before, so that periods end with the clock's.
    """
    return Memory(_state(policy, at, replicas, _midnight(at)))


def begun_again(memory: Memory, policy: Policy, at: datetime.datetime) -> Memory:
    """The memory for other rules: alarms begin anew; the count, cooldowns and a hold stay."""
    fresh = _state(policy, at, memory.state.kernel.desired, memory.state.start)
    return dataclasses.replace(memory, state=carried(memory.state, fresh), missing_since=None)


def _midnight(at: datetime.datetime) -> datetime.datetime:
    return at.astimezone(datetime.UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def _state(policy: Policy, at: datetime.datetime, replicas: int, start: datetime.datetime) -> AutoscalerState:
    left = in_force(policy.rules, policy.parameters.platform, at)
    state = begin(
        policy.rules,
        start,
        platform=policy.parameters.platform,
        desired=replicas,
        parameters=policy.parameters,
        bounds=(left["minimum"].value, left["maximum"].value),
    )
    every = tick_of(state)
    this_tick = math.floor((at - start).total_seconds()) // every * every
    return dataclasses.replace(state, now=this_tick - 1)


def decide(memory: Memory, policy: Policy, seen: Observation) -> tuple[Memory, Tick]:
    """What is wanted at this tick, and what to remember; an action is in the memory, to be done after it is safe.

    Raises ValueError where the time of the observation is not after that of the memory.
    """
    state, adopted = _as_it_is(memory, seen)
    suspended = _suspended(memory, state, seen)
    for second in _unseen(state, seen.second):
        nothing = dict.fromkeys(due(state, second), math.nan)
        state = step(state, second, nothing, seen.counts, suspended=True).state
    decision = step(state, seen.second, seen.datapoints, seen.counts, suspended=bool(suspended))
    since = _missing_since(memory, policy.rules, seen)
    desired, reason = decision.desired, decision.reason
    if not suspended:
        desired, reason = _beyond_rules(policy, decision.bounds, desired, reason, seen, since)
    made = decision.state if desired == decision.desired else with_desired(decision.state, desired)
    action = Action(seen.replicas, desired, seen.index) if desired != seen.replicas else None
    after = Memory(made, action, since, memory.held)
    blocked_by = "" if suspended else decision.blocked_by
    return after, Tick(desired, decision.bounds, "" if suspended else reason, blocked_by, suspended, adopted)


def refused(after: Memory, before: Memory, replicas: int) -> Memory:
    """What to remember where the service had changed before the action of `after` reached it: it was not done, so no
    cooldown runs for it."""
    state = with_desired(without_action(after.state, before.state), replicas)
    return dataclasses.replace(after, state=state, action=None)


def is_open(action: Action | None, replicas: int, index: int) -> bool:
    """Whether an action was decided and surely not done: the service is exactly as it was seen then."""
    return action is not None and (replicas, index) == (action.before, action.index)


def _as_it_is(memory: Memory, seen: Observation) -> tuple[AutoscalerState, int | None]:
    """The state with the count that the service has, and that count where somebody else has set it."""
    if seen.replicas == memory.state.kernel.desired:
        return memory.state, None
    return with_desired(memory.state, seen.replicas), seen.replicas


def _suspended(memory: Memory, state: AutoscalerState, seen: Observation) -> Suspended:
    if seen.release:
        return "release"
    if memory.held:
        return "held"
    return "stopped" if seen.replicas == 0 < state.kernel.minimum else ""


def _unseen(state: AutoscalerState, second: int) -> Iterator[int]:
    """Ticks between the last one and this, while nobody looked: the newest of them."""
    every = tick_of(state)
    first = max(state.now + 1, second - CATCH_UP * every)
    yield from range(-(-first // every) * every, second, every)


def _missing_since(memory: Memory, rules: Elasticity, seen: Observation) -> int | None:
    """When metrics began to be missing. One that says nothing while there is no load is not missing then."""
    expected = {key: value for key, value in seen.datapoints.items() if not _is_silent(rules, key[0])}
    if not expected:
        return memory.missing_since
    if any(math.isnan(value) for value in expected.values()):
        return seen.second if memory.missing_since is None else memory.missing_since
    return None


def _is_silent(rules: Elasticity, metric: str) -> bool:
    known = rules.metrics[metric] if metric in rules.metrics else METRICS[metric]
    return known.silent_when_idle


def _beyond_rules(
    policy: Policy, bounds: tuple[int, int], desired: int, reason: str, seen: Observation, since: int | None
) -> tuple[int, str]:
    """The fallback where metrics are missing for long, then the bounds, which nothing passes."""
    fallback = policy.fallback
    if fallback is not None and since is not None and seen.second - since >= fallback.after:
        wanted = max(desired, fallback.replicas) if fallback.only_higher else fallback.replicas
        if wanted != desired:
            desired, reason = wanted, f"fallback: no metrics for {seen.second - since} s"
    within = min(bounds[1], max(bounds[0], desired))
    return (within, "bounds") if within != desired else (desired, reason)
