"""The figures of a run by name, with unit and direction of better; and expectations on them, such as
`overload_minutes < 5`."""

from __future__ import annotations

import dataclasses
import difflib
import math
import operator
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Literal

Better = Literal["lower", "higher", "neither"]
_TIMES = MappingProxyType({"ms": 0.001, "s": 1.0, "m": 60.0, "min": 60.0, "minutes": 60.0, "h": 3_600.0, "d": 86_400.0})
"""Seconds by the unit that a person may write behind a number."""


@dataclasses.dataclass(frozen=True, slots=True)
class Figure:
    """One figure of a report."""

    name: str
    title: str
    unit: str
    """`requests`, `min`, `s`, `%`, `units`, `unit-hours`, `per month` (in the price table's currency), or nothing."""
    better: Better
    headline: bool = False
    """Whether it belongs into a comment on a pull request."""


_ROWS: tuple[tuple[str, str, str, Better, bool], ...] = (
    ("overload_requests", "requests above capacity", "requests", "lower", True),
    ("overload_minutes", "time in overload", "min", "lower", True),
    ("longest_overload_minutes", "longest overload", "min", "lower", False),
    ("goal_share", "within the latency goal, without overload", "%", "higher", False),
    ("worst_latency", "worst latency, an estimate", "s", "lower", False),
    ("alarm_p50", "reaction to the first scale-out, p50", "s", "lower", False),
    ("alarm_p95", "reaction to the first scale-out, p95", "s", "lower", False),
    ("alarm_max", "reaction to the first scale-out, longest", "s", "lower", False),
    ("reaction_p50", "reaction to new capacity serving, p50", "s", "lower", False),
    ("reaction_p95", "reaction to new capacity serving, p95", "s", "lower", True),
    ("reaction_max", "reaction to new capacity serving, longest", "s", "lower", False),
    ("mean_units", "units serving, mean", "units", "lower", True),
    ("peak_units", "units serving, peak", "units", "lower", True),
    ("slack", "slack: 1 - needed / supplied", "%", "lower", True),
    ("theta_u", "under-provisioning, share of need", "%", "lower", False),
    ("theta_o", "over-provisioning, share of need", "%", "lower", False),
    ("tau_u", "time under-provisioned", "%", "lower", False),
    ("tau_o", "time over-provisioned", "%", "lower", False),
    ("a_u", "units missing, mean", "units", "lower", False),
    ("a_o", "units in surplus, mean", "units", "lower", False),
    ("actions", "scaling actions", "", "lower", True),
    ("reversals", "reversals", "", "lower", False),
    ("flaps", "flaps: reversals within half an hour", "", "lower", True),
    ("minutes_at_minimum", "time at the minimum", "min", "neither", False),
    ("minutes_at_maximum", "time at the maximum", "min", "lower", True),
    ("unit_hours", "unit-hours billed", "unit-hours", "lower", False),
    ("cost_per_month", "cost per month", "per month", "lower", True),
    ("fixed_cost_per_month", "a fixed fleet of the peak size", "per month", "neither", False),
    ("saved_share", "saved against the fixed fleet", "%", "higher", False),
)
FIGURES: Mapping[str, Figure] = MappingProxyType({row[0]: Figure(*row) for row in _ROWS})
"""Every figure of a report, in the order of the report."""

_COMPARISONS: Mapping[str, Callable[[float, float], bool]] = MappingProxyType(
    {"<=": operator.le, ">=": operator.ge, "==": operator.eq, "!=": operator.ne, "<": operator.lt, ">": operator.gt}
)
_FORM = re.compile(
    r"\s*([A-Za-z_][A-Za-z0-9_]*)\s*(<=|>=|==|!=|<|>)\s*(-?[0-9]{1,15}(?:\.[0-9]{1,9})?)\s*([A-Za-z%][A-Za-z%-]*)?\s*"
)


class ExpectationError(ValueError):
    """An expectation that cannot be read; the message says what is allowed."""


@dataclasses.dataclass(frozen=True, slots=True)
class Expectation:
    """What a figure must be: `value` in the figure's own unit."""

    text: str
    figure: Figure
    comparison: str
    value: float

    def holds(self, measured: float | None) -> bool:
        """Whether the measured figure keeps it. A figure that was not measured keeps none."""
        return measured is not None and not math.isnan(measured) and _COMPARISONS[self.comparison](measured, self.value)


def parse_expectation(text: str) -> Expectation:
    """The expectation that `text` writes: a figure, a comparison, a number, perhaps a unit.

    Raises ExpectationError on another form, on an unknown figure (it names the nearest), or on a unit of another kind.
    """
    found = _FORM.fullmatch(text)
    if not found:
        raise ExpectationError(
            "expected a figure, a comparison (<, <=, >, >=, ==, !=) and a number, such as `overload_minutes < 5`"
        )
    name, comparison, number, unit = found.groups()
    figure = FIGURES.get(name)
    if figure is None:
        near = difflib.get_close_matches(name, FIGURES, n=1, cutoff=0.5)
        hint = f"did you mean `{near[0]}`" if near else f"allowed {', '.join(FIGURES)}"
        raise ExpectationError(f"not a figure: `{name}`; {hint}")
    return Expectation(" ".join(text.split()), figure, comparison, float(number) * _factor(figure, unit))


def _factor(figure: Figure, unit: str | None) -> float:
    """What turns a number in `unit` into the figure's own unit."""
    if unit is None:
        return 1.0
    if unit not in _units_of(figure):
        allowed = ", ".join(_units_of(figure)) or "none: it is a count"
        raise ExpectationError(f"`{figure.name}` has no unit `{unit}`, allowed {allowed}")
    return _TIMES[unit] / _TIMES[figure.unit] if figure.unit in _TIMES else 1.0


def _units_of(figure: Figure) -> tuple[str, ...]:
    if figure.unit in _TIMES:
        return tuple(_TIMES)
    if figure.unit == "per month":
        return ("USD",)
    return (figure.unit,) if figure.unit else ()
