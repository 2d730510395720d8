"""The state of an autoscaler as a document, for whoever has to go on after a restart.

Only what differs from a first state is kept: tables have room for what a platform allows, and rules need little of it.
"""

from __future__ import annotations

import dataclasses
import datetime
import math
from collections.abc import Mapping
from typing import Any

from elasticity.autoscaler.autoscaler import ACTION, AutoscalerState, begin
from elasticity.platforms import PlatformParameters
from elasticity.rules import Elasticity

_WORDS = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}
"""What JSON has no number for."""


def saved(state: AutoscalerState) -> dict[str, Any]:
    """All that earlier steps have left, as values of JSON. Rules and parameters are not among it."""
    fresh = _begun(state.rules, state.start, state.parameters)
    kernel = {
        name: kept
        for name, value in vars(state.kernel).items()
        if (kept := _difference(value, getattr(fresh.kernel, name))) is not None
    }
    points = _difference(state.points, fresh.points) or []
    return {"start": state.start.isoformat(), "now": state.now, "kernel": kernel, "points": points}


def restored(document: Mapping[str, Any], rules: Elasticity, parameters: PlatformParameters) -> AutoscalerState:
    """The state that `saved` wrote, of the same rules and parameters; raises ValueError where it is none."""
    try:
        state = _begun(rules, datetime.datetime.fromisoformat(document["start"]), parameters)
        for name, value in document["kernel"].items():
            setattr(state.kernel, name, _filled(value, getattr(state.kernel, name)))
        return dataclasses.replace(state, now=int(document["now"]), points=_filled(document["points"], state.points))
    except (KeyError, TypeError, AttributeError, IndexError, ArithmeticError) as error:
        raise ValueError(f"not the state of an autoscaler with these rules: {type(error).__name__}: {error}") from None


def carried(state: AutoscalerState, begun: AutoscalerState) -> AutoscalerState:
    """`begun`, the first state of other rules from the same start, with the cooldowns that run in `state`."""
    for name in ACTION:
        setattr(begun.kernel, name, getattr(state.kernel, name))
    return begun


def _begun(rules: Elasticity, start: datetime.datetime, parameters: PlatformParameters) -> AutoscalerState:
    return begin(rules, start, platform=parameters.platform, parameters=parameters)


def _difference(value: Any, fresh: Any) -> Any:
    """What is kept of a value; None where nothing differs. A table is kept up to its last place that differs."""
    if not isinstance(value, list):
        return None if _same(value, fresh) else _written(value)
    last = max(
        (place for place, (one, other) in enumerate(zip(value, fresh, strict=True)) if not _same(one, other)),
        default=-1,
    )
    return [_written(one) for one in value[: last + 1]] if last >= 0 else None


def _same(one: float, other: float) -> bool:
    return one == other or (one != one and other != other)


def _written(value: float) -> float | str:
    return value if not isinstance(value, float) or math.isfinite(value) else str(value)


def _filled(value: Any, fresh: Any) -> Any:
    if not isinstance(fresh, list):
        return _read(value, fresh)
    if len(value) > len(fresh):
        raise IndexError("a table is longer than with these rules")
    return [_read(one, fresh[place]) for place, one in enumerate(value)] + fresh[len(value) :]


def _read(value: Any, fresh: float) -> float:
    number = _WORDS[value] if isinstance(value, str) else value
    return type(fresh)(number) if not isinstance(fresh, int) or math.isfinite(number) else number
