"""`--wait`: follow the deployments of a stack to their end, within a limit that is computed and said before."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterator
from typing import Any

from localcloud.docker.codec import nanoseconds
from operations.declared import GROUP, SERVICE, SWARM_SERVICE, TARGET_GROUP, Part
from operations.failures import CannotRun
from operations.live.answers import Remembered, Unanswered
from operations.monitor import swarm
from operations.monitor.comparison import Stack
from operations.monitor.groups import REFRESHING, live_group, newest_refresh
from operations.monitor.judge import check_account, now
from operations.monitor.services import GOING_ON, last_deployment, live_service, older_running, resource_id
from operations.terminal import say

LEAST_FAILURES, MOST_FAILURES = 3, 200
"""Failed tasks after which the circuit breaker ends a deployment: half of the desired count, within these (Amazon ECS
Developer Guide, deployment circuit breaker)."""
START_UP = 300.0
"""Seconds of a start-up that nobody declared [own]."""
_PASSES = frozenset({"throttled", "unreachable"})
"""Why AWS may not answer now and answer later."""
SLACK = 120.0
"""Seconds in which ECS places tasks and tells states [own]."""


@dataclasses.dataclass(frozen=True)
class Limit:
    """How long a deployment can take to succeed, or to fail and to be rolled back."""

    parts: tuple[tuple[str, float], ...]
    """What takes time, in words, and its seconds."""

    @property
    def seconds(self) -> float:
        """All together."""
        return sum(seconds for _, seconds in self.parts)

    def __str__(self) -> str:
        made_of = ", ".join(f"{what} {_minutes(seconds)}" for what, seconds in self.parts)
        return f"{_minutes(self.seconds)} ({made_of})"


def _minutes(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.1f} min"


def service_limit(stack: Stack, part: Part, desired: int) -> Limit:
    """The longest that a deployment of a service takes by its own settings."""
    component, properties = stack.declared.component(part.component), part.properties
    start_up = component.start_up or START_UP
    check, drain = _health(stack, part)
    maximum = float(properties.get("deploymentMaximumPercent") or 200)
    minimum = float(properties.get("deploymentMinimumHealthyPercent") or 100)
    room = math.floor(desired * maximum / 100) - math.ceil(desired * minimum / 100)
    batches = math.ceil(desired / max(1, room)) if desired else 1
    shift = [("traffic shifts and bake time", component.bake)] if component.bake else []
    breaker = properties.get("deploymentCircuitBreaker") or {}
    failing: list[tuple[str, float]] = []
    if breaker.get("enable"):
        failures = min(MOST_FAILURES, max(LEAST_FAILURES, math.ceil(desired / 2)))
        rounds = math.ceil(failures / max(1, min(room, desired) or 1))
        grace = float(properties.get("healthCheckGracePeriodSeconds") or 0)
        failing.append((f"{failures} failures until the circuit breaker acts", rounds * (max(start_up, grace) + check)))
        if breaker.get("rollback"):
            failing.append(("the way back", batches * (start_up + check)))
    going = (f"{batches} {'batch' if batches == 1 else 'batches'} of tasks", batches * (start_up + check + drain))
    return Limit((going, *shift, *failing, ("placement", SLACK)))


def _health(stack: Stack, part: Part) -> tuple[float, float]:
    """Seconds until a target counts as healthy or not, and until one that leaves is gone."""
    arns = {one.get("targetGroupArn") for one in part.properties.get("loadBalancers") or []}
    check = drain = 0.0
    for group in (one for one in stack.declared.of(TARGET_GROUP) if one.id in arns):
        health = group.properties.get("healthCheck") or {}
        checks = max(float(health.get("healthyThreshold") or 5), float(health.get("unhealthyThreshold") or 2))
        check = max(check, float(health.get("interval") or 30) * checks)
        drain = max(drain, float(group.properties.get("deregistrationDelay") or 300))
    return check, drain


def group_limit(stack: Stack, part: Part, size: int) -> Limit:
    """The longest that an instance refresh takes, there and back: one instance at a time at the worst."""
    warm_up = float(part.properties.get("defaultInstanceWarmup") or 0)
    one = max(warm_up, stack.declared.component(part.component).start_up or START_UP)
    return Limit(((f"{size} instances", 2 * size * (one + SLACK)), ("the first instance", SLACK)))


def swarm_limit(stack: Stack, part: Part) -> Limit:
    """The longest that an update of a Swarm takes, one task after another, and the way back."""
    tasks = max(1, swarm.wanted(stack, part))
    change = part.properties.get("updateConfig") or {}
    delay, monitor = (nanoseconds(str(change.get(name) or "0s")) / 1e9 for name in ("delay", "monitor"))
    start_up = stack.declared.component(part.component).start_up or START_UP
    going = (f"{tasks} {'task' if tasks == 1 else 'tasks'}", tasks * (start_up + delay))
    return Limit((going, ("watched", monitor), ("the way back", tasks * start_up), ("placement", SLACK)))


@dataclasses.dataclass(frozen=True)
class Going:
    """A deployment that is not over."""

    name: str
    said: str
    limit: Limit


def going_on(stack: Stack) -> Iterator[Going]:
    """Deployments and refreshes of a stack that are not over; raises Unanswered."""
    for part in stack.declared.of(SERVICE):
        service = live_service(stack, part)
        if service is None:
            continue
        last = last_deployment(stack, part)
        older = older_running(service)
        if last and (last["status"] in GOING_ON or (last["status"] == "SUCCESSFUL" and older)):
            said, limit = _progress(last, service, len(older)), service_limit(stack, part, service["desiredCount"])
            yield Going(resource_id(part), said, limit)
    for part in stack.declared.of(SWARM_SERVICE):
        if (going := swarm.going_on(stack, part)) is not None:
            yield Going(str(part.properties["name"]), going, swarm_limit(stack, part))
    for part in stack.declared.of(GROUP):
        group = live_group(stack, part)
        refresh = newest_refresh(stack, part) if group else None
        if group and refresh and refresh["Status"] in REFRESHING:
            said = f"{refresh['Status']}, {refresh.get('PercentageComplete', 0)} % done"
            yield Going(group["AutoScalingGroupName"], said, group_limit(stack, part, group["DesiredCapacity"]))


def _progress(last: dict[str, Any], service: dict[str, Any], older: int) -> str:
    target = last.get("targetServiceRevision") or {}
    stage = f", {last['lifecycleStage']}" if last.get("lifecycleStage") else ""
    left = f", {older} older still running" if older else ""
    running = target.get("runningTaskCount", service["runningCount"])
    return (
        f"{last['status']}{stage}, {running} of {target.get('requestedTaskCount', service['desiredCount'])} tasks{left}"
    )


def wait(
    stack: Stack,
    limit: int | None,
    *,
    every: float,
    sleep: Callable[[float], None],
    clock: Callable[[], float],
) -> None:
    """Return once nothing is going on; raises CannotRun at the limit, with what was waited for, and where AWS does not
    say what is going on: at once, or at the limit where that may pass."""
    source, began = stack.answers, clock()
    check_account(stack)
    longest: float | None = None
    said: dict[str, str] = {}
    while True:
        fresh = dataclasses.replace(stack, answers=Remembered(source), now=now())
        try:
            going = list(going_on(fresh))
        except Unanswered as missing:
            if missing.why not in _PASSES or longest is None or clock() - began >= longest:
                raise CannotRun(f"the deployment cannot be followed: {missing}") from None
            say(f"{missing}: asking again")
            sleep(every)
            continue
        if not going:
            return
        if longest is None:
            longest = float(limit) if limit is not None else max(one.limit.seconds for one in going)
            for one in going:
                say(f"{one.name}: {one.said}; waiting for at most {_minutes(longest) if limit else one.limit}")
                said[one.name] = one.said
        for one in going:
            if said.get(one.name) != one.said:
                say(f"{one.name}: {one.said}, after {_minutes(clock() - began)}")
                said[one.name] = one.said
        if clock() - began >= longest:
            waited = "; ".join(f"{one.name}: {one.said}" for one in going)
            raise CannotRun(f"not over after {_minutes(longest)}, the limit: {waited}")
        sleep(min(every, max(0.0, longest - (clock() - began))))
