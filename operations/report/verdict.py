"""The answer of a run in three lines: whether its expectations are kept, what of the load it could not serve, what it
costs; each with what it was before the change."""

from __future__ import annotations

from collections.abc import Sequence

from elasticity.expectations import FIGURES
from elasticity.pricing import MONTH_HOURS
from elasticity.quantities import significant
from operations.report.model import Judgement, Run, change, shown

DAY = 86_400
"""Seconds: a load that is shorter says nothing of a month."""


def lines(run: Run, judgements: Sequence[Judgement]) -> list[str]:
    """The three lines; `judgements`: those on this run."""
    return [_kept(judgements), _overload(run), _cost(run)]


def _kept(judgements: Sequence[Judgement]) -> str:
    broken = [item for item in judgements if not item.kept]
    if not judgements:
        return "no expectation is declared: --assert 'overload_minutes < 5' makes this a gate"
    if not broken:
        return "kept: the expectation" if len(judgements) == 1 else f"kept: all {len(judgements)} expectations"
    first = broken[0]
    measured = shown(first.expectation.figure, first.measured, first.run.currency)
    more = f", and {len(broken) - 1} more" if len(broken) > 1 else ""
    return (
        f"broken: {len(broken)} of {len(judgements)} expectations: {first.expectation.text}, measured {measured}{more}"
    )


def _overload(run: Run) -> str:
    figures = run.figures
    if not figures["overload_minutes"]:
        return f"no overload{_before(run, 'overload_minutes')}"
    said = f"overload: {_shown(run, 'overload_minutes')}{_before(run, 'overload_minutes')}"
    said += f", {_shown(run, 'overload_requests')} requests above capacity"
    if figures["overload_minutes_at_maximum"]:
        said += f", {_shown(run, 'overload_minutes_at_maximum')} of it at the maximum"
    lost = figures["lost_requests"]
    again = f", {_shown(run, 'retried_requests')} sent again" if figures["retried_requests"] else ""
    return f"{said}, {_shown(run, 'lost_requests')} failed{again}" if lost else f"{said}, none failed{again}"


def _cost(run: Run) -> str:
    if run.figures["cost_per_month"] is None:
        return f"cost: not known: no price of {', '.join(run.unpriced) or 'a unit'}"
    said = _spent(run)
    if run.figures["cost_against_fixed_fleet"] is not None:
        fleet = run.figures["peak_needed_units"] or 0
        said += f", {_shown(run, 'cost_against_fixed_fleet')} of {fleet:,.0f} fixed units"
    return said


def _spent(run: Run) -> str:
    share, words = window(run)
    figure = FIGURES["cost_per_month"]
    now, before = (
        shown(figure, share * (one.figures[figure.name] or 0), run.currency) for one in (run, run.before or run)
    )
    verdict = change(run, figure.name)
    said = f" (before {before}, {verdict})" if run.before is not None and verdict else ""
    return f"cost: {now} {words}{said}"


def window(run: Run) -> tuple[float, str]:
    """What part of a month's cost is told, and of what: a month of a load that holds whole days; of a shorter one its
    window."""
    days = run.timeline.seconds / DAY
    if days >= 1:
        return 1.0, f"a month of such {'weeks' if days >= 7 else 'days'}"
    minutes = run.timeline.seconds / 60
    length = f"{significant(minutes / 60)} h" if minutes >= 120 else f"{significant(minutes)} min"
    return days * 24 / MONTH_HOURS, f"in these {length}"


def _before(run: Run, name: str) -> str:
    verdict = change(run, name)
    if run.before is None or not verdict:
        return ""
    return f" (before {shown(FIGURES[name], run.before.figures[name], run.currency)}, {verdict})"


def _shown(run: Run, name: str) -> str:
    return shown(FIGURES[name], run.figures[name], run.currency)
