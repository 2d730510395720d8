"""Findings that only a simulated run can show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from elasticity.checks.finding import Finding, finding

MOST_AT_MAXIMUM = 5.0
"""Percent of the time."""
MOST_REVERSALS = 2.0
"""An hour."""
_HOUR = 60.0
"""Minutes."""


def el090(figures: Mapping[str, float | None], minutes: float) -> Iterator[Finding]:
    """Pinned at the maximum for more than 5 % of the time, or overloaded there."""
    at_maximum = figures.get("minutes_at_maximum") or 0.0
    overloaded = figures.get("overload_minutes_at_maximum") or 0.0
    share = 100 * at_maximum / minutes
    cure = "raise the maximum, or make a unit do more"
    if share > MOST_AT_MAXIMUM:
        message = f"{share:.1f} % of the time at the maximum, allowed {MOST_AT_MAXIMUM:g} %"
        yield finding("EL090", ("maximum",), message, cure)
    elif overloaded > 0:
        yield finding("EL090", ("maximum",), f"overloaded for {overloaded:g} minutes at the maximum", cure)


def el091(figures: Mapping[str, float | None], minutes: float) -> Iterator[Finding]:
    """More than two reversals an hour."""
    an_hour = (figures.get("reversals") or 0.0) * _HOUR / minutes
    if an_hour > MOST_REVERSALS:
        message = f"{an_hour:.1f} reversals an hour, allowed {MOST_REVERSALS:g}"
        cure = "move the thresholds apart, lengthen the scale-in cooldown, or make steps smaller"
        yield finding("EL091", (), message, cure)
