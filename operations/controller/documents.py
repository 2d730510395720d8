"""What the controller remembers, and what it has seen and decided, as JSON: documents and lines of its log.

A log is JSON lines. A line of kind `begin` has the memory from which the ticks after it were decided, and the rules;
one of kind `tick` has all that was seen and what was decided; one of kind `action` says what became of a change.
"""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
import json
import math
from collections.abc import Mapping
from typing import Any, Literal

from elasticity.autoscaler.autoscaler import Counts
from elasticity.autoscaler.kept import restored, saved
from elasticity.platforms import platform_parameters
from elasticity.rules import Elasticity
from operations.controller.decisions import Action, Fallback, Key, Memory, Observation, Policy, Tick

Outcome = Literal["done", "changed meanwhile", "not known", "dry run"]
VERSION = 1
"""Of documents and lines: another one is refused."""


def policy_document(policy: Policy) -> dict[str, Any]:
    """Rules, parameters that differ from the platform's, and the fallback."""
    shipped = platform_parameters(policy.parameters.platform)
    changed = {
        field.name: value
        for field in dataclasses.fields(shipped)
        if (value := getattr(policy.parameters, field.name)) != getattr(shipped, field.name)
    }
    fallback = policy.fallback and dataclasses.asdict(policy.fallback)
    return {
        "rules": policy.rules.model_dump(mode="json", exclude_defaults=True),
        "platform": policy.parameters.platform,
        "parameters": changed,
        "fallback": fallback,
    }


def policy_of(document: Mapping[str, Any]) -> Policy:
    """The policy that `policy_document` wrote; raises ValueError where it is none."""
    parameters = platform_parameters(document["platform"]).with_values(**document["parameters"])
    fallback = document["fallback"]
    return Policy(
        Elasticity.model_validate(document["rules"]), parameters, None if fallback is None else Fallback(**fallback)
    )


def digest(policy: Policy) -> str:
    """Tells one policy from another."""
    text = json.dumps(policy_document(policy), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def memory_document(memory: Memory) -> dict[str, Any]:
    """A memory without its rules."""
    return {
        "state": saved(memory.state),
        "action": memory.action and dataclasses.asdict(memory.action),
        "missing_since": memory.missing_since,
        "held": memory.held,
    }


def memory_of(document: Mapping[str, Any], policy: Policy) -> Memory:
    """The memory that `memory_document` wrote; raises ValueError where it is none of this policy."""
    try:
        action = document["action"]
        return Memory(
            restored(document["state"], policy.rules, policy.parameters),
            None if action is None else Action(**{name: int(value) for name, value in action.items()}),
            None if document["missing_since"] is None else int(document["missing_since"]),
            document["held"],
        )
    except (KeyError, TypeError, AttributeError, ArithmeticError) as error:
        raise ValueError(f"not the memory of a controller: {type(error).__name__}: {error}") from None


def begin_line(at: datetime.datetime, service: str, memory: Memory, policy: Policy, why: str) -> dict[str, Any]:
    """From which memory and by which rules the ticks after this line are decided."""
    return {
        "version": VERSION,
        "kind": "begin",
        "at": _time(at),
        "service": service,
        "why": why,
        "policy": policy_document(policy),
        "memory": memory_document(memory),
    }


def tick_line(
    at: datetime.datetime,
    service: str,
    seen: Observation,
    tick: Tick,
    *,
    held: bool,
    every: int,
    measured: Mapping[str, float],
) -> dict[str, Any]:
    """What was seen and decided; `held`: whether a person held it; `measured`: by metric, of the seconds `every` before
    it, whether or not a rule asks for it."""
    counts = seen.counts
    return {
        "version": VERSION,
        "kind": "tick",
        "at": _time(at),
        "service": service,
        "second": seen.second,
        "datapoints": {f"{name}/{period}": _number(value) for (name, period), value in seen.datapoints.items()},
        "every": every,
        "measured": {name: _number(value) for name, value in measured.items()},
        "serving": counts.serving,
        "starting": counts.starting,
        "replicas": seen.replicas,
        "index": seen.index,
        "release": seen.release,
        "held": held,
        **_decided(tick),
    }


def action_line(
    at: datetime.datetime,
    service: str,
    action: Action,
    outcome: Outcome,
    *,
    replicas: int | None = None,
    said: str = "",
) -> dict[str, Any]:
    """What became of a change. `replicas`: what the service has instead, where it had changed; `said`: an error."""
    return {
        "version": VERSION,
        "kind": "action",
        "at": _time(at),
        "service": service,
        "before": action.before,
        "after": action.after,
        "outcome": outcome,
        **({} if replicas is None else {"replicas": replicas}),
        **({"said": said} if said else {}),
    }


def observation_of(line: Mapping[str, Any]) -> Observation:
    """What a line of kind `tick` says was seen; raises ValueError where it is none."""
    try:
        return Observation(
            second=int(line["second"]),
            datapoints={
                _key(name): math.nan if value is None else float(value) for name, value in line["datapoints"].items()
            },
            counts=Counts(int(line["serving"]), int(line["starting"])),
            replicas=int(line["replicas"]),
            index=int(line["index"]),
            release=bool(line["release"]),
        )
    except (KeyError, TypeError, AttributeError, ArithmeticError) as error:
        raise ValueError(f"not a tick of a controller's log: {type(error).__name__}: {error}") from None


def decided(line: Mapping[str, Any]) -> dict[str, Any]:
    """The decision of a line of kind `tick`, to compare."""
    return {name: line.get(name) for name in ("desired", "bounds", "reason", "blocked_by", "suspended", "adopted")}


def as_decided(tick: Tick) -> dict[str, Any]:
    """A decision in the form of `decided`."""
    return _decided(tick)


def _decided(tick: Tick) -> dict[str, Any]:
    return {**dataclasses.asdict(tick), "bounds": list(tick.bounds)}


def _time(at: datetime.datetime) -> str:
    return at.astimezone(datetime.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _number(value: float) -> float | None:
    """Missing, or not finite, is null in JSON."""
    return value if math.isfinite(value) else None


def _key(name: str) -> Key:
    metric, _, period = name.rpartition("/")
    return metric, int(period)
