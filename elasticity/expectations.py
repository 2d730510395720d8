"""The figures of a run by name, with unit and direction of better; and expectations on them, such as
`overload_minutes < 5`, or on a quantile of many runs, such as `p90 overload_minutes < 5`."""

from __future__ import annotations

import dataclasses
import difflib
import math
import operator
import re
from collections.abc import Callable, Iterable, Mapping
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
    """`requests`, `min`, `s`, `h`, `share` (0 to 1), `%`, `units`, `USD` (stands for the price table's currency), or
    nothing for a count."""
    better: Better
    headline: bool = False
    """Whether it belongs into a comment on a pull request."""


_ROWS: tuple[tuple[str, str, str, Better, bool], ...] = (
    ("requests", "requests that arrived", "requests", "neither", False),
    ("overload_requests", "requests above capacity", "requests", "lower", True),
    ("overload_minutes", "time in overload", "min", "lower", True),
    ("overload_minutes_at_maximum", "time in overload at the maximum", "min", "lower", False),
    ("longest_overload", "longest overload", "min", "lower", False),
    ("lost_requests", "requests that failed (lost or 504)", "requests", "lower", False),
    ("retried_requests", "requests sent again after they failed", "requests", "lower", False),
    ("highest_backlog", "most requests waiting", "requests", "lower", False),
    ("worst_latency", "worst latency (estimate)", "s", "lower", False),
    ("latency_kept", "time within the latency goal", "share", "higher", False),
    ("reaction_p50", "reaction until new capacity serves, p50", "s", "lower", False),
    ("reaction_p95", "reaction until new capacity serves, p95", "s", "lower", True),
    ("reaction_max", "reaction until new capacity serves, longest", "s", "lower", False),
    ("alarm_p50", "reaction until the first scale-out, p50", "s", "lower", False),
    ("alarm_p95", "reaction until the first scale-out, p95", "s", "lower", False),
    ("alarm_max", "reaction until the first scale-out, longest", "s", "lower", False),
    ("mean_units", "units serving, mean", "units", "lower", True),
    ("peak_units", "units serving, peak", "units", "lower", True),
    ("needed_units", "units needed, mean", "units", "neither", False),
    ("peak_needed_units", "units needed, peak", "units", "neither", False),
    ("slack", "slack (1 - needed / supplied)", "share", "lower", True),
    ("theta_u", "under-provisioning, share of need (theta_u)", "%", "lower", False),
    ("theta_o", "over-provisioning, share of need (theta_o)", "%", "lower", False),
    ("a_u", "units missing, mean (a_u)", "units", "lower", False),
    ("a_o", "units in surplus, mean (a_o)", "units", "lower", False),
    ("tau_u", "time under-provisioned (tau_u)", "%", "lower", False),
    ("tau_o", "time over-provisioned (tau_o)", "%", "lower", False),
    ("upsilon", "instability (upsilon)", "%", "lower", False),
    ("k", "supply changes more than demand (k)", "share", "lower", False),
    ("k_prime", "demand changes more than supply (k')", "share", "lower", False),
    ("jitter", "jitter", "per step", "neither", False),
    ("actions", "scaling actions", "", "lower", True),
    ("scale_outs", "scale-outs", "", "lower", False),
    ("scale_ins", "scale-ins", "", "lower", False),
    ("reversals", "reversals", "", "lower", False),
    ("flaps", "flaps (reversals within 30 min)", "", "lower", True),
    ("minutes_at_minimum", "time at the minimum", "min", "neither", False),
    ("minutes_at_maximum", "time at the maximum", "min", "lower", True),
    ("unit_hours", "unit-hours billed", "h", "lower", False),
    ("instance_hours", "instance-hours billed", "h", "lower", False),
    ("cost_per_month", "cost per month at this rate", "USD", "lower", True),
    ("fixed_fleet_cost_per_month", "fixed fleet that the peak needs, per month", "USD", "neither", False),
    ("cost_against_fixed_fleet", "cost against a fixed fleet that the peak needs", "share", "lower", False),
    ("cost_per_million_requests", "cost per million requests", "USD", "lower", False),
)
FIGURES: Mapping[str, Figure] = MappingProxyType({row[0]: Figure(*row) for row in _ROWS})
"""Every figure of `elasticity.simulator.FIGURES`, in its order; a test compares the two."""

_COMPARISONS: Mapping[str, Callable[[float, float], bool]] = MappingProxyType(
    {"<=": operator.le, ">=": operator.ge, "==": operator.eq, "!=": operator.ne, "<": operator.lt, ">": operator.gt}
)
_FORM = re.compile(
    r"\s*(?:([A-Za-z][A-Za-z0-9.]*)\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*(<=|>=|==|!=|<|>)\s*(-?[0-9]{1,15}(?:\.[0-9]{1,9})?)\s*([A-Za-z%][A-Za-z%-]*)?\s*"
)

_QUANTILE = re.compile(r"p([1-9][0-9]?)")


class ExpectationError(ValueError):
    """An expectation that cannot be read; the message says what is allowed."""


@dataclasses.dataclass(frozen=True, slots=True)
class Expectation:
    """What a figure must be: `value` in the figure's own unit."""

    text: str
    figure: Figure
    comparison: str
    value: float
    quantile: float | None = None
    """Share of the runs of an ensemble, above 0 and below 1: the figure is that quantile over them; None for the one
    run."""

    def holds(self, measured: float | None) -> bool:
        """Whether the measured figure keeps it. A figure that was not measured keeps none."""
        return measured is not None and not math.isnan(measured) and _COMPARISONS[self.comparison](measured, self.value)


def parse_expectation(text: str) -> Expectation:
    """The expectation that `text` writes: a figure, a comparison, a number, perhaps a unit; before the figure perhaps
    a quantile, `p1` to `p99`.

    Raises ExpectationError on another form, on an unknown figure (it names the nearest), on a quantile that is none, or
    on a unit of another kind.
    """
    found = _FORM.fullmatch(text)
    if not found:
        raise ExpectationError(
            "expected a figure, a comparison (<, <=, >, >=, ==, !=) and a number, such as `overload_minutes < 5` or, "
            "over many runs, `p90 overload_minutes < 5`"
        )
    before, name, comparison, number, unit = found.groups()
    quantile = None if before is None else _QUANTILE.fullmatch(before)
    if before is not None and quantile is None:
        raise ExpectationError(f"not a quantile: `{before}`; allowed p1 to p99, such as `p90 overload_minutes < 5`")
    figure = FIGURES.get(name)
    if figure is None and _QUANTILE.fullmatch(name):
        raise ExpectationError(
            f"`{name}` is a quantile: a figure stands behind it, as in `{name} overload_minutes < 5`"
        )
    if figure is None:
        near = difflib.get_close_matches(name, FIGURES, n=1, cutoff=0.5)
        hint = f"did you mean `{near[0]}`" if near else f"allowed {', '.join(FIGURES)}"
        raise ExpectationError(f"not a figure: `{name}`; {hint}")
    share = None if quantile is None else int(quantile[1]) / 100
    return Expectation(" ".join(text.split()), figure, comparison, float(number) * _factor(figure, unit), share)


def of_one_run(expectations: Iterable[Expectation]) -> tuple[Expectation, ...]:
    """Those that one run keeps or breaks; the others need the runs of an ensemble."""
    return tuple(item for item in expectations if item.quantile is None)


def _factor(figure: Figure, unit: str | None) -> float:
    """What turns a number in `unit` into the figure's own unit."""
    if unit is None:
        return 1.0
    allowed = _units_of(figure)
    if unit not in allowed:
        listed = ", ".join(allowed) or "none: it is a count"
        raise ExpectationError(f"`{figure.name}` has no unit `{unit}`, allowed {listed}")
    return allowed[unit]


def _units_of(figure: Figure) -> Mapping[str, float]:
    """Units that a person may write, with their factor to the figure's own."""
    if figure.unit in _TIMES:
        return {unit: seconds / _TIMES[figure.unit] for unit, seconds in _TIMES.items()}
    if figure.unit == "share":
        return {"%": 0.01}
    return {figure.unit: 1.0} if re.fullmatch(r"[A-Za-z%]+", figure.unit) else {}
