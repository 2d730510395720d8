"""A run whose alarms are muted for a while, or whose policies may not act in one direction; and what its units publish.

It is the same kernel, as plain Python, with two of its functions exchanged for functions around them.
"""

from __future__ import annotations

import dataclasses
import inspect
import types
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Literal

from elasticity.alarms import Alarm
from elasticity.autoscaler.decide import decide
from elasticity.autoscaler.layout import NOTHING, OK
from elasticity.simulator.plant import run
from elasticity.simulator.plant.service import serve

Direction = Literal["out", "in"]
_TAKEN_BACK = (
    "desired",
    "added",
    "out_until",
    "in_until",
    "out_actions",
    "in_actions",
    "reversals",
    "flaps",
    "direction",
    "acted",
    "notes",
)
"""What an action leaves in the autoscaler's state."""
_STATE = list(inspect.signature(serve).parameters).index("state")


@dataclasses.dataclass(frozen=True)
class Held:
    """What keeps alarms and policies from acting, or makes them act otherwise than AWS made them."""

    suspended: frozenset[Direction] = frozenset()
    """Directions in which no policy acts."""
    muted: Mapping[str, Sequence[tuple[float, float]]] = dataclasses.field(default_factory=lambda: MappingProxyType({}))
    """By the name of an alarm in the run (`cpu-AlarmHigh`, `hot-Alarm`): from when until when its actions do not run,
    in seconds of the run. It changes its state as ever."""
    edited: Mapping[str, Alarm] = dataclasses.field(default_factory=lambda: MappingProxyType({}))
    """By the name of an alarm of target tracking in the run, how it stands where somebody has edited it: CloudWatch
    evaluates it so, and what its policy then asks for follows from the target as ever."""


def kernel(held: Held, alarms: Sequence[str], published: list[list[float]]) -> Callable[..., None]:
    """The kernel's `run` under `held`; `alarms` are the run's by position. For each tick a row goes to `published`:
    the value of each kind of signal, then what each weighs in a mean."""
    spans = [(place, held.muted[name]) for place, name in enumerate(alarms) if name in held.muted]
    outward, inward = "out" in held.suspended, "in" in held.suspended

    def decide_held(plan: Any, tables: Any, pauses: Any, state: Any, points: Any, notes: Any, time: int) -> int:
        states = list(state.alarm)
        for place, times in spans:
            if any(begin <= time < end for begin, end in times):
                state.alarm[place] = OK
        before = {name: getattr(state, name) for name in _TAKEN_BACK}
        warm_up = decide(plan, tables, pauses, state, points, notes, time)
        state.alarm[:] = states
        moved = state.desired - before["desired"]
        if not ((outward and moved > 0) or (inward and moved < 0)):
            return warm_up
        for name, value in before.items():
            setattr(state, name, value)
        return NOTHING

    def serve_published(*arguments: Any) -> None:
        serve(*arguments)
        state = arguments[_STATE]
        published.append([*state.values, *state.weights])

    namespace = {**vars(run), "decide": decide_held, "serve": serve_published}
    return types.FunctionType(run.run.__code__, namespace, "run")
