"""The parameters of a rule set that may be searched: where each stands, its values in ascending order, the one in
force."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from pydantic import ValidationError

from elasticity.platforms import platform_parameters
from elasticity.quantities import Duration
from elasticity.rules import BOUNDED_METRICS, Elasticity, Predictive, StepScaling, TargetTracking

Path = tuple[str | int, ...]
Point = tuple[int, ...]
"""One value of each parameter, by its place among the values."""
Kind = Literal["count", "number", "duration"]
MOST_VALUES = 61
"""Values of a parameter at most; a wider range is searched in coarser steps."""


class TuningError(ValueError):
    """What was asked for cannot be searched; the message says what can."""


@dataclass(frozen=True, slots=True)
class Range:
    """Values from `low` to `high` in steps of `step`; counts, the metric's own unit, or seconds."""

    low: float
    high: float
    step: float


PERCENT = Range(30, 90, 1)
"""Targets and thresholds in percent. Below 30 units stand idle; above 90 one step grows by a tenth at most [own]."""
TIMES: Mapping[str, Range] = MappingProxyType(
    {
        "scale_out_cooldown": Range(0, 300, 30),
        "scale_in_cooldown": Range(60, 900, 60),
        "cooldown": Range(0, 600, 30),
        "warm_up": Range(30, 600, 30),
        "buffer": Range(0, 3_300, 300),
    }
)
"""Durations by field, in seconds: up to AWS's default of 300 for the way out, three times that for the way in; a buffer
lies below an hour [own]."""
PERCENT_CHANGE = Range(5, 200, 5)
"""Size of a step in percent [own]."""
AROUND = (0.5, 2.0)
"""Other targets and thresholds lie between half and twice what they are [own]."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One number of the rules that may change."""

    path: Path
    """Keys below the rules."""
    kind: Kind
    values: tuple[float, ...]
    """Ascending; durations in seconds. The one in force is among them, unless a given range leaves it out."""
    now: float
    """What is in force: as declared, or the platform's default."""

    @property
    def name(self) -> str:
        """`target_tracking.cpu.target`, `step_scaling.backlog.steps[0].change`."""
        text = ""
        for part in self.path:
            text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
        return text

    def written(self, place: int) -> int | float | str:
        """A value as a stack file holds it."""
        return written(self.kind, self.values[place])

    @property
    def place_now(self) -> int:
        """Where the value in force stands among the values, or the one nearest to it."""
        return min(range(len(self.values)), key=lambda place: abs(self.values[place] - self.now))


def written(kind: Kind, value: float) -> int | float | str:
    """A value as a stack file holds it: a duration with its unit, a whole number without a point."""
    if kind == "duration":
        return str(Duration(value))
    return int(value) if float(value).is_integer() else value


def space(rules: Elasticity, platform: str) -> tuple[Parameter, ...]:
    """What may be searched in `rules` on a platform, in the order of the rules; `maximum` stands first among them, and
    is searched only where it is asked for."""
    found = [_count(("minimum",), rules.minimum, rules), _count(("maximum",), rules.maximum, rules)]
    found += _of_tracking(rules, platform)
    found += _of_steps(rules, platform)
    found += [
        _count(("scheduled", name, "minimum"), rule.minimum, rules)
        for name, rule in rules.scheduled.items()
        if rule.minimum is not None
    ]
    for name, forecast in rules.predictive.items():
        if forecast.mode == "forecast_and_scale":
            found.append(_amount(("predictive", name, "target"), forecast.target, forecast, rules))
            found.append(_time(("predictive", name, "buffer"), forecast.buffer, None))
    return tuple(found)


ONLY_WHEN_ASKED = frozenset({"maximum"})
"""The maximum caps what a surprise may cost, and the loads at hand say nothing about surprises."""


def _of_tracking(rules: Elasticity, platform: str) -> Iterator[Parameter]:
    defaults = platform_parameters(platform)
    fields = ("warm_up",) if defaults.behaviour.rule_warm_ups else ("scale_out_cooldown", "scale_in_cooldown")
    for name, rule in rules.target_tracking.items():
        yield _amount(("target_tracking", name, "target"), rule.target, rule, rules)
        for field in fields:
            if field != "scale_in_cooldown" or rule.scale_in:
                yield _time(("target_tracking", name, field), getattr(rule, field), getattr(defaults, field))


def _of_steps(rules: Elasticity, platform: str) -> Iterator[Parameter]:
    defaults = platform_parameters(platform)
    field, default = ("warm_up", "warm_up") if defaults.behaviour.rule_warm_ups else ("cooldown", "scale_out_cooldown")
    for name, rule in rules.step_scaling.items():
        yield _amount(("step_scaling", name, "threshold"), rule.threshold, rule, rules)
        for place, step in enumerate(rule.steps):
            path = ("step_scaling", name, "steps", place, "change")
            if rule.adjustment == "exact":
                yield _count(path, step.change, rules)
            elif step.change:
                yield _change(path, step.change, rule.adjustment)
        yield _time(("step_scaling", name, field), getattr(rule, field), getattr(defaults, default))


def _change(path: Path, change: int, adjustment: str) -> Parameter:
    """A change keeps its direction."""
    size, sign = abs(change), 1 if change > 0 else -1
    within = PERCENT_CHANGE if adjustment == "percent" else Range(1, size + 4, 1)
    return Parameter(path, "count", _values(within, change, sign), change)


def _count(path: Path, now: int, rules: Elasticity) -> Parameter:
    """Units: from one up (zero only where it is there already), to the maximum, or its double for the maximum."""
    high = 2 * rules.maximum if path == ("maximum",) else rules.maximum
    return Parameter(path, "count", _values(Range(min(1, now), max(high, now), 1), now), now)


def _time(path: Path, now: float | None, default: float | None) -> Parameter:
    in_force = float(now if now is not None else default or 0.0)
    return Parameter(path, "duration", _values(TIMES[str(path[-1])], in_force), in_force)


def _amount(path: Path, now: float, rule: TargetTracking | StepScaling | Predictive, rules: Elasticity) -> Parameter:
    kind: Kind = "duration" if isinstance(now, Duration) else "number"
    metric = rules.metrics.get(rule.metric)
    if rule.metric in BOUNDED_METRICS or (metric is not None and metric.bounded):
        return Parameter(path, kind, _values(PERCENT, float(now)), float(now))
    low, high = sorted((AROUND[0] * now, AROUND[1] * now))
    step = max(_round_step(abs(now) / 20), 0.001 if kind == "duration" else 0.0)
    within = Range(math.ceil(low / step - 1e-9) * step, high, step) if step else Range(now, now, 1)
    return Parameter(path, kind, _values(within, float(now)), float(now))


def _round_step(size: float) -> float:
    """The largest of 1, 2, 5 times a power of ten that is not above `size`; 0 for 0."""
    if size <= 0:
        return 0.0
    power = 10.0 ** math.floor(math.log10(size) + 1e-9)
    return max(factor * power for factor in (1, 2, 5) if factor * power <= size * (1 + 1e-9))


def _values(within: Range, now: float | None, sign: int = 1) -> tuple[float, ...]:
    """The values of a range, at most `MOST_VALUES`, and the one in force."""
    steps = round((within.high - within.low) / within.step + 1e-9)
    coarser = max(1, math.ceil(steps / (MOST_VALUES - 1)))
    values = {sign * _rounded(within.low + index * within.step) for index in range(0, steps + 1, coarser)}
    return tuple(sorted(values if now is None else values | {now}))


def _rounded(value: float) -> float:
    """Without the tail that adding steps leaves: nine digits."""
    return float(f"{value:.9g}")


def chosen(
    parameters: Sequence[Parameter], ranges: Mapping[str, tuple[str, str]], kept: Sequence[str] = ()
) -> tuple[Parameter, ...]:
    """The parameters that a search may change: without those `kept`, with the `ranges` (name to lowest and highest, as
    a stack file writes them) in place of their own. Raises TuningError on an unknown name or a value out of kind."""
    known = {parameter.name: parameter for parameter in parameters}
    for name in (*ranges, *kept):
        if name not in known:
            near = difflib.get_close_matches(name, known, 1, cutoff=0.5)
            hint = f"did you mean {near[0]}" if near else f"allowed {', '.join(known)}"
            raise TuningError(f"not a parameter of these rules: {name}; {hint}")
    found = [
        _within(parameter, *ranges[parameter.name]) if parameter.name in ranges else parameter
        for parameter in parameters
        if parameter.name not in kept and (parameter.name in ranges or parameter.name not in ONLY_WHEN_ASKED)
    ]
    if not any(len(parameter.values) > 1 for parameter in found):
        raise TuningError("there is nothing left to search: every parameter is kept")
    return tuple(parameter for parameter in found if len(parameter.values) > 1)


def _within(parameter: Parameter, low: str, high: str) -> Parameter:
    try:
        first, last = (
            float(Duration.parse(text) if parameter.kind == "duration" else float(text)) for text in (low, high)
        )
    except ValueError:
        expected = Duration.expected if parameter.kind == "duration" else "a number"
        raise TuningError(f"{parameter.name}: got {low}..{high}, expected twice {expected}") from None
    if not (math.isfinite(first) and math.isfinite(last) and first <= last):
        raise TuningError(f"{parameter.name}: got {low}..{high}, expected the lower first")
    if parameter.kind == "count" and not (first.is_integer() and last.is_integer()):
        raise TuningError(f"{parameter.name}: got {low}..{high}, expected whole numbers")
    size = 1.0 if parameter.kind == "count" else _round_step((last - first) / 20) or 1.0
    if parameter.kind == "duration":
        size = max(1.0, size)
    values = {*_values(Range(first, last, size), None), first, last}
    if first <= parameter.now <= last:
        values.add(parameter.now)
    return Parameter(parameter.path, parameter.kind, tuple(sorted(values)), parameter.now)


def current(parameters: Sequence[Parameter]) -> Point:
    """The point that changes nothing, or as little as given ranges allow."""
    return tuple(parameter.place_now for parameter in parameters)


def applied(rules: Elasticity, parameters: Sequence[Parameter], point: Point) -> Elasticity | None:
    """The rules at a point; what has not changed stays as it was declared. None where the values do not go together."""
    changes = [
        (parameter.path, parameter.written(place))
        for parameter, place in zip(parameters, point, strict=True)
        if parameter.values[place] != parameter.now
    ]
    if not changes:
        return rules
    data = rules.model_dump(by_alias=True, exclude_unset=True)
    for path, value in changes:
        put(data, path, value)
    try:
        return Elasticity.model_validate(data)
    except ValidationError:
        return None


def put(data: Any, path: Path, value: int | float | str) -> None:
    """Set one value below nested maps and lists; its key may be new."""
    for part in path[:-1]:
        data = data[part]
    data[path[-1]] = value
