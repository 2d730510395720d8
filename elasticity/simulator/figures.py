"""The figures of a run, from the kernel's sums: one source for a single run and for a sweep."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from elasticity.pricing import Bill, FargateTask, Instance, Prices, price, rule_alarms
from elasticity.rules import TargetTracking
from elasticity.simulator.configuration import Scenario
from elasticity.simulator.engine import Counts, Outcome

UnitPrice = FargateTask | Instance | float
Tariff = Callable[[float], float | None]
"""From the mean number of billed units to the mean price of a unit-hour; None without a price."""
Figures = dict[str, float | None]

FIGURES: Mapping[str, str] = {
    "requests": "requests that arrived",
    "overload_requests": "requests above capacity",
    "overload_minutes": "minutes with load above capacity",
    "overload_minutes_at_maximum": "of these, with desired at the maximum: the bound is the cause, not the rule",
    "longest_overload": "minutes of the longest overload",
    "lost_requests": "requests that failed (lost or 504)",
    "retried_requests": "requests sent again after they had failed, each attempt counted; not among those that failed",
    "highest_backlog": "most requests that waited at once",
    "worst_latency": "longest estimated latency, seconds; null without end",
    "latency_kept": "share of time below the latency goal and without overload, 0 to 1; null without a goal",
    "reaction_p50": "seconds from load above target x capacity to new capacity serving, median; null without any",
    "reaction_p95": "the same, 95th percentile",
    "reaction_max": "the same, longest",
    "alarm_p50": "seconds from load above target x capacity to the first scale-out, median; null without any",
    "alarm_p95": "the same, 95th percentile",
    "alarm_max": "the same, longest",
    "mean_units": "units serving, mean",
    "peak_units": "units serving, most",
    "needed_units": "units needed, mean",
    "peak_needed_units": "units needed, most",
    "slack": "1 - needed / supplied",
    "theta_u": "missing over needed units, percent",
    "theta_o": "surplus over needed units, percent",
    "a_u": "missing units, mean",
    "a_o": "surplus units, mean",
    "tau_u": "share of time with too few units, percent",
    "tau_o": "share of time with too many units, percent",
    "upsilon": "instability, percent",
    "k": "share of steps in which supply changed by more than demand",
    "k_prime": "share of steps in which demand changed by more than supply",
    "jitter": "changes of supply less changes of demand, per step",
    "actions": "changes of desired",
    "scale_outs": "changes of desired upwards",
    "scale_ins": "changes of desired downwards",
    "reversals": "actions against the one before",
    "flaps": "reversals within half an hour",
    "minutes_at_minimum": "minutes with desired at the minimum",
    "minutes_at_maximum": "minutes with desired at the maximum",
    "unit_hours": "billed unit-hours, starting and draining included, a minute at least for each unit",
    "instance_hours": "billed instance-hours of the group below a capacity provider; null elsewhere",
    "cost_per_month": "730 hours at this rate, in the price table's currency; null without a price",
    "fixed_fleet_cost_per_month": "the same for the units that the peak of the load needs, all the time",
    "cost_against_fixed_fleet": "cost of the run over that of the fleet that its peak needs, all the time",
    "cost_per_million_requests": "cost of a million requests served; null without a price",
}
"""Every figure by name, with what it says and its unit."""


def quantiles(histogram: Counts, shares: Sequence[float], tick: int) -> list[float | None]:
    """Nearest-rank quantiles in seconds of reactions counted by ticks; None without any."""
    found = np.flatnonzero(histogram)
    if not len(found):
        return [None] * len(shares)
    so_far = np.cumsum(histogram[found])
    ranks = [max(1, math.ceil(share * int(so_far[-1]) - 1e-9)) for share in shares]
    return [float(found[place]) * tick for place in np.searchsorted(so_far, ranks)]


def _reactions(name: str, histogram: Counts, tick: int) -> Figures:
    return dict(
        zip((f"{name}_p50", f"{name}_p95", f"{name}_max"), quantiles(histogram, (0.5, 0.95, 1.0), tick), strict=True)
    )


def _elasticity(totals: Mapping[str, float], ticks: int) -> Figures:
    wanted, changes = ticks - totals["idle_ticks"], max(1, ticks - 1)
    return {
        "mean_units": totals["supply"] / ticks,
        "peak_units": totals["peak"],
        "needed_units": totals["demand"] / ticks,
        "peak_needed_units": totals["peak_demand"],
        "slack": 1.0 - totals["demand"] / totals["supply"] if totals["supply"] else 0.0,
        "theta_u": 100.0 * totals["under_share"] / wanted if wanted else 0.0,
        "theta_o": 100.0 * totals["over_share"] / wanted if wanted else 0.0,
        "a_u": totals["under"] / ticks,
        "a_o": totals["over"] / ticks,
        "tau_u": 100.0 * totals["under_ticks"] / ticks,
        "tau_o": 100.0 * totals["over_ticks"] / ticks,
        "upsilon": 100.0 * totals["unstable"] / changes,
        "k": totals["supply_first"] / changes,
        "k_prime": totals["demand_first"] / changes,
        "jitter": (totals["supply_changes"] - totals["demand_changes"]) / ticks,
    }


def bill_of(
    scenario: Scenario, outcome: Outcome, unit: UnitPrice, prices: Prices | None, *, fixed: bool = False
) -> Bill:
    """The bill of the run's window; `fixed`: of a fleet without rules that always has as many units as the
    peak of the load needs, whatever the rules made of it."""
    plan, totals = scenario.plan, outcome.totals
    seconds = float(plan.ticks * plan.tick)
    if fixed:
        fleet = totals["peak_demand"]
        if plan.on_instances:
            fleet = math.ceil(fleet / plan.units_per_instance)
        return price([seconds] * int(fleet), unit, seconds / 3_600.0, prices=prices)
    rules = [row.rule for row in scenario.policy_rows]
    tracking = [rule for rule in rules if isinstance(rule, TargetTracking)]
    with_scale_in = sum(rule.scale_in for rule in tracking)
    alarms = rule_alarms(with_scale_in, len(tracking) - with_scale_in, len(rules) - len(tracking))
    return price([_billed_seconds(scenario, outcome)], unit, seconds / 3_600.0, alarms=alarms, prices=prices)


def _billed_seconds(scenario: Scenario, outcome: Outcome) -> float:
    if scenario.plan.on_instances:
        return float(outcome.totals["instance_seconds"])
    return float(outcome.totals["unit_seconds"] + outcome.totals["minimum_seconds"])


def _cost(scenario: Scenario, outcome: Outcome, unit: UnitPrice | None, prices: Prices | None) -> Figures:
    names = ("cost_per_month", "fixed_fleet_cost_per_month", "cost_against_fixed_fleet", "cost_per_million_requests")
    if unit is None:
        return dict.fromkeys(names)
    bill, fixed = bill_of(scenario, outcome, unit, prices), bill_of(scenario, outcome, unit, prices, fixed=True)
    per_million = bill.per_million(outcome.totals["served"])
    return {
        "cost_per_month": bill.per_month,
        "fixed_fleet_cost_per_month": fixed.per_month,
        "cost_against_fixed_fleet": bill.total / fixed.total if fixed.total else None,
        "cost_per_million_requests": per_million if math.isfinite(per_million) else None,
    }


def figures_of(
    scenario: Scenario, outcome: Outcome, unit: UnitPrice | Tariff | None = None, prices: Prices | None = None
) -> Figures:
    """All of FIGURES for one run."""
    plan, totals = scenario.plan, outcome.totals
    minute = plan.tick / 60.0
    billed = totals["unit_seconds"] + totals["minimum_seconds"]
    is_provider = plan.on_instances
    if callable(unit):
        paid = totals["instance_seconds"] if is_provider else billed
        unit = unit(paid / 3_600.0 / (plan.ticks * plan.tick / 3_600.0))
    found: dict[str, Any] = {
        "requests": totals["arrived"],
        "overload_requests": totals["overload"],
        "overload_minutes": totals["overload_ticks"] * minute,
        "overload_minutes_at_maximum": totals["pinned_ticks"] * minute,
        "longest_overload": totals["longest_ticks"] * minute,
        "lost_requests": totals["lost"],
        "retried_requests": totals["retried"],
        "highest_backlog": totals["highest_backlog"],
        "worst_latency": totals["worst_latency"] if math.isfinite(totals["worst_latency"]) else None,
        "latency_kept": totals["kept_ticks"] / plan.ticks if math.isfinite(plan.latency_goal) else None,
        **_reactions("reaction", outcome.to_service, plan.tick),
        **_reactions("alarm", outcome.to_alarm, plan.tick),
        **_elasticity(totals, plan.ticks),
        "actions": totals["out_actions"] + totals["in_actions"],
        "scale_outs": totals["out_actions"],
        "scale_ins": totals["in_actions"],
        "reversals": totals["reversals"],
        "flaps": totals["flaps"],
        "minutes_at_minimum": totals["at_minimum_ticks"] * minute,
        "minutes_at_maximum": totals["at_maximum_ticks"] * minute,
        "unit_hours": billed / 3_600.0,
        "instance_hours": totals["instance_seconds"] / 3_600.0 if is_provider else None,
        **_cost(scenario, outcome, unit, prices),
    }
    return {name: found[name] for name in FIGURES}
