"""Taking environments down. Whatever ends it, the next run goes on: a stack is forgotten last, when the cloud has
nothing left of it, so that as long as anything is there, there is a name to find it by."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from operations.environments.engine import Engine
from operations.environments.environment import Environment, forget_file
from operations.live.answers import Answers, Unanswered
from operations.live.calls import CLUSTERS, NAT_GATEWAYS, SERVICES, TAGGED, Call
from stacks.stack_file import PROJECT

_HISTORY = (":task-definition/",)
"""What AWS keeps of a thing that is deleted, without a price: revisions that are no longer active (Amazon ECS API
reference, DeregisterTaskDefinition)."""


@dataclass(frozen=True)
class _Lingering:
    """A kind that AWS still lists, with its tags, for a while after it was deleted."""

    call: Call
    parameters: Callable[[str], dict[str, Any]]
    """By the part of the ARN behind the kind."""
    state: str
    gone: str
    """What the member `state` then says."""


_LINGERING: Mapping[str, _Lingering] = MappingProxyType(
    {
        # "A deleted NAT gateway is visible for about an hour" (Amazon VPC User Guide, delete a NAT gateway).
        ":natgateway/": _Lingering(NAT_GATEWAYS, lambda name: {"NatGatewayIds": [name]}, "State", "deleted"),
        # INACTIVE services and clusters stay discoverable for a time (Amazon ECS API reference, DeleteService,
        # DeleteCluster).
        ":service/": _Lingering(
            SERVICES,
            lambda name: dict(zip(("cluster", "services"), _in_cluster(name), strict=True)),
            "status",
            "INACTIVE",
        ),
        ":cluster/": _Lingering(CLUSTERS, lambda name: {"clusters": [name]}, "status", "INACTIVE"),
    }
)


def _in_cluster(name: str) -> tuple[str, list[str]]:
    cluster, _, service = name.rpartition("/")
    return cluster, [service]


Asked = Callable[[Environment], Answers]
"""Who knows what is in the cloud of an environment."""
Say = Callable[[str], None]


@dataclass
class Result:
    """What came of a teardown."""

    gone: list[str] = field(default_factory=list)
    left: dict[str, str] = field(default_factory=dict)
    """Those that are still there, and why."""
    leftovers: dict[str, list[str]] = field(default_factory=dict)
    """By environment, the ARNs that its state does not know."""


def take_down(
    environments: Iterable[Environment], engine: Engine, asked: Asked, now: datetime, stale_after: timedelta, say: Say
) -> Result:
    """Take each environment down, one after another; one that cannot be does not keep the others."""
    result = Result()
    for environment in environments:
        stack = environment.stack
        say(f"{stack}: {environment.resources} resources, {environment.left(now)}")
        if kept := _destroyed(stack, engine, now, stale_after, say):
            result.left[stack] = kept
            continue
        try:
            found = leftovers(environment, asked)
        except Unanswered as missing:
            result.left[stack] = f"what is left by its tag could not be asked: {missing}"
            continue
        if found:
            result.leftovers[stack] = found
            result.left[stack] = f"{len(found)} leftovers, which its state does not know"
            continue
        engine.remove(stack)
        forget_file(stack)
        result.gone.append(stack)
    return result


def _destroyed(stack: str, engine: Engine, now: datetime, stale_after: timedelta, say: Say) -> str:
    """Why the engine could not delete all that the state knows; empty when it could."""
    outcome = engine.destroy(stack)
    if outcome.code and outcome.locks:
        for lock in outcome.locks:
            say(f"{stack}: locked: {lock}")
        if not all(lock.surely_stale(now, stale_after) for lock in outcome.locks):
            return "it is locked, and whoever holds it may still be at it"
        say(f"{stack}: nobody can be at it any more: its lock is cancelled")
        engine.cancel(stack)
        outcome = engine.destroy(stack)
    return f"`destroy` ended with exit code {outcome.code}; the next run goes on" if outcome.code else ""


def leftovers(environment: Environment, asked: Asked) -> list[str]:
    """What carries the environment's tags and is still there, by ARN. Raises Unanswered."""
    tags = [{"Key": "application", "Values": [PROJECT]}, {"Key": "stack", "Values": [environment.stack]}]
    answers = asked(environment)
    found = {str(one["ResourceARN"]) for one in answers.ask(TAGGED, TagFilters=tags)}
    return sorted(arn for arn in found if not _is_gone(arn, answers))


def _is_gone(arn: str, answers: Answers) -> bool:
    if any(part in arn for part in _HISTORY):
        return True
    for part, kind in _LINGERING.items():
        _, found, name = arn.partition(part)
        if found:
            try:
                there = answers.ask(kind.call, **kind.parameters(name))
            except Unanswered as missing:
                if missing.why == "gone":
                    return True
                raise
            return all(one.get(kind.state) == kind.gone for one in there)
    return False
