"""The linter of rules: coded findings, each with its reason and its cure, on typed settings alone.

One generator function per code, `elNNN`, beside its kin; `CODES` says what each code means, docs/findings.md shows an
example of each.
"""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Callable, Iterator, Mapping

from elasticity import arguments
from elasticity.checks import bounds, capacity, levels, metrics, predictive, reach, runs, schedules, steps, timing
from elasticity.checks.context import FIRST_DAY, LintContext
from elasticity.checks.finding import CODES, FROM_A_RUN, RETIRED, Code, Finding, finding
from elasticity.faults import SEVERITIES, Severity
from elasticity.rules import Elasticity

__all__ = [
    "CODES",
    "FIRST_DAY",
    "SEVERITIES",
    "Code",
    "Finding",
    "LintContext",
    "Severity",
    "check",
    "check_run",
    "judge",
    "judge_fixed",
]

Check = Callable[[Elasticity, LintContext], Iterator[Finding]]

CHECKS: tuple[Check, ...] = (
    bounds.el001,
    bounds.el002,
    bounds.el003,
    reach.el004,
    reach.el005,
    reach.el006,
    reach.el007,
    bounds.el010,
    bounds.el011,
    steps.el012,
    steps.el013,
    bounds.el014,
    levels.el015,
    levels.el016,
    levels.el017,
    levels.el018,
    metrics.el020,
    metrics.el021,
    metrics.el022,
    metrics.el023,
    levels.el024,
    metrics.el025,
    timing.el030,
    timing.el032,
    timing.el033,
    timing.el034,
    timing.el035,
    steps.el040,
    metrics.el041,
    metrics.el042,
    capacity.el043,
    bounds.el044,
    capacity.el045,
    capacity.el046,
    steps.el047,
    steps.el048,
    levels.el049,
    schedules.el050,
    schedules.el051,
    schedules.el052,
    schedules.el053,
    schedules.el054,
    schedules.el055,
    schedules.el056,
    schedules.el057,
    predictive.el060,
    predictive.el061,
    predictive.el062,
    predictive.el063,
    capacity.el070,
    capacity.el071,
    capacity.el072,
    capacity.el073,
    bounds.el080,
    timing.el081,
)
"""By code."""
OF_A_FIXED_NUMBER: tuple[Check, ...] = (capacity.el072, capacity.el073)
"""Those that are about the number of units alone, whether rules move it or not."""


def judge(rules: Elasticity, context: LintContext | None = None, *, on: datetime.date | None = None) -> list[Finding]:
    """Every finding, by code and path; those that the rules accept carry the written reason.

    An accepted code that is found nowhere is a finding itself, EL000. `on` and `context` as for `check`.
    """
    context = context or LintContext()
    if on is not None:
        context = context.model_copy(update={"on": on})
    found = [one for check_one in CHECKS for one in check_one(rules, context)]
    found += _accepted_for_nothing(rules, {one.code for one in found})
    return _sorted(dataclasses.replace(one, accepted=rules.accept.get(one.code)) for one in found)


def judge_fixed(count: int, context: LintContext) -> list[Finding]:
    """Every finding on a number of units that nothing moves, by code and path."""
    still = Elasticity(minimum=count, maximum=count)
    return _sorted(one for check_one in OF_A_FIXED_NUMBER for one in check_one(still, context))


def check(rules: Elasticity, context: LintContext | None = None, *, on: datetime.date | None = None) -> list[Finding]:
    """What is wrong with `rules`, by code and path; without what they accept (`accept: {code: reason}`).

    `context` is what a linter has to know beside them: the platform, the environment, settings of the service or group;
    what is unknown there is not judged. `on` begins the year in which schedules are looked at, for clock changes and
    coincidences; without it that of `context`, 2026-01-01. Never raises on rules that the models accept; ValueError on
    what are no rules. The source of each condition stands at the function of its code.
    """
    if not isinstance(rules, Elasticity):
        got = arguments.kind(rules)
        raise ValueError(
            f"`rules`: got {got}, allowed an Elasticity: `Elasticity.model_validate` makes one of a mapping"
        )
    return [one for one in judge(rules, context, on=on) if one.accepted is None]


def check_run(figures: Mapping[str, float | None], *, minutes: float, rules: Elasticity | None = None) -> list[Finding]:
    """What a simulated run of `minutes` shows: EL090 and EL091, without what `rules` accept.

    `figures` by name: `minutes_at_maximum`, `reversals`, and where known `overload_minutes_at_maximum`; what is absent
    or None counts as none. Raises ValueError unless `minutes` is above 0.
    """
    if not minutes > 0:
        raise ValueError(f"`minutes`: got {minutes}, allowed above 0")
    found = _sorted(one for check_one in (runs.el090, runs.el091) for one in check_one(figures, minutes))
    return [one for one in found if rules is None or one.code not in rules.accept]


def _accepted_for_nothing(rules: Elasticity, found: set[str]) -> Iterator[Finding]:
    for code in rules.accept:
        if code in RETIRED:
            message, cure = f"{code} is found no more: {RETIRED[code]}", "remove the line"
        elif code not in CODES:
            message, cure = f"there is no finding {code}", "correct the code, or remove the line"
        elif code in found or code in FROM_A_RUN:
            continue
        else:
            message, cure = f"{code} is accepted and not found", "remove the line"
        yield finding("EL000", ("accept", code), message, cure)


def _sorted(found: Iterator[Finding]) -> list[Finding]:
    return sorted(found, key=lambda one: (one.code, [str(part) for part in one.path], one.message))
