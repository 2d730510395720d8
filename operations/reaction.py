"""What happens when the load of one service or group doubles: the parts of a reaction, and a simulated one."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from elasticity.platforms import MINUTE, PlatformParameters, platform_parameters
from elasticity.quantities import rate_text
from elasticity.rules import Elasticity, StepScaling, TargetTracking
from operations.failures import CannotRun
from stacks.workloads import Workload

DURATION = 4 * 3_600
"""Seconds of the run that shows a doubling."""
EDGE = 3_600


@dataclasses.dataclass(frozen=True)
class Reaction:
    """What happens when the load doubles."""

    steps: tuple[str, ...]
    served_after: float | None
    """Seconds until the doubled load lies at the rule's target again; None where it never does."""
    least: float | None
    most: float | None
    """The same with the shortest and the longest publication delay that the evidence allows; keys of a report."""


def reaction(member: Workload, minimum: int, maximum: int) -> Reaction:
    """What happens when the load doubles on a resting system of `minimum` units, at the target of its first rule."""
    from elasticity.simulator.demand import reaction_utilisation

    rules = member.rules.model_copy(
        update={"minimum": minimum, "maximum": maximum, "initial": None, "scheduled": {}, "predictive": {}}
    )
    capacity = float(rules.unit.capacity or 0.0)
    if not capacity:
        return Reaction(("not known: `unit.capacity` is not declared",), None, None, None)
    if not any((rules.target_tracking, rules.step_scaling)):
        return Reaction(("no rule acts on a load: capacity follows schedules and forecasts alone",), None, None, None)
    units = max(1, minimum)
    share = reaction_utilisation(rules)
    before = units * capacity * share * 0.99
    opening = (
        f"{units} unit{'s serve' if units > 1 else ' serves'} {_requests(before)}, just below where the first rule"
        f" acts ({100 * share:.0f} % of capacity); as a period begins the load doubles to {rate_text(2 * before)}"
    )
    rules = rules.model_copy(update={"initial": units if minimum == 0 else None})
    parameters = parameters_of(member)
    fine = _fine_period(rules)
    if fine is not None:
        parameters = parameters.at_period(fine)
        member = dataclasses.replace(member, changed_parameters={**member.changed_parameters, "metric_period": fine})
    runs = [_run(member, rules, before, share, delay) for delay in _delays(parameters)]
    served, soonest, latest = (run[1] for run in runs)
    steps = [opening, *_anatomy(member, rules, parameters), *runs[0][0]]
    if served is None:
        room = maximum * capacity * share
        steps.append(
            f"the target is not reached again within {(DURATION - EDGE) // 3_600} h: at their target the maximum of "
            f"{maximum} units serves {_requests(room)}"
        )
    return Reaction(tuple(steps), served, soonest, latest)


def _requests(per_second: float) -> str:
    return rate_text(per_second).replace("/", " requests/")


def parameters_of(member: Workload) -> PlatformParameters:
    """The platform's parameters, with those that the stack file declares otherwise."""
    return platform_parameters(member.platform).with_values(**member.parameters)


def _delays(parameters: PlatformParameters) -> tuple[float, float, float]:
    return parameters.publication_delay, parameters.publication_delay_least, parameters.publication_delay_most


def _anatomy(member: Workload, rules: Elasticity, parameters: PlatformParameters) -> Iterator[str]:
    """The parts of one reaction."""
    for names, at in _periods(rules, parameters):
        period, needed = at.metric_period, at.high_evaluation_periods
        delay, minimum, maximum = _delays(at)
        if rules.target_tracking:
            yield (
                f"{names}a datapoint covers {period} s; the high alarm needs {at.high_datapoints_to_alarm} of {needed}"
                f" above the target: {(needed - 1) * period} to {(needed + 1) * period} s, by where in a period load"
                " rises"
            )
        yield (
            f"{names}a datapoint is seen {delay:g} s after its period ({minimum:g} to {maximum:g} s fit what is known"
            " of AWS)"
        )
    start_up = parameters.start_up if rules.unit.start_up is None else float(rules.unit.start_up)
    said = "as declared, health checks included" if rules.unit.start_up is not None else "the platform's, without image"
    yield f"a new unit serves {start_up:g} s after it is asked for ({said})"
    yield from _declared(member, rules, parameters)
    if platform_parameters(member.simulated_on).behaviour.by_reservation:
        yield "before that it waits for an instance where none has room: the group below follows the tasks"
    if parameters.behaviour.rule_warm_ups:
        yield f"an instance counts after a warm-up of {_warm_ups(rules, _default_warm_up(member, parameters))}"


def _default_warm_up(member: Workload, parameters: PlatformParameters) -> float:
    declared = member.conditions.get("default_instance_warm_up")
    return float((parameters.warm_up or 0.0) if declared is None else declared)


def _warm_ups(rules: Elasticity, default: float) -> str:
    """Seconds until a new instance counts, by the rules that say it otherwise than the group."""
    each: list[TargetTracking | StepScaling] = [*rules.target_tracking.values(), *rules.step_scaling.values()]
    found = sorted({default if rule.warm_up is None else float(rule.warm_up) for rule in each})
    return f"{found[0]:g} s" if len(found) == 1 else f"{found[0]:g} to {found[-1]:g} s, by the rule"


def _fine_period(rules: Elasticity) -> int | None:
    """The period below a minute that every rule looks at; None where there is none."""
    periods = {rule.metric_period for rule in rules.target_tracking.values()}
    if len(periods) != 1 or rules.step_scaling or not max(period or MINUTE for period in periods) < MINUTE:
        return None
    return int(periods.pop() or MINUTE)


def _periods(rules: Elasticity, parameters: PlatformParameters) -> Iterator[tuple[str, PlatformParameters]]:
    """The platform as each rule sees it: of rules that name no period of their own first, then of each period that
    rules name, with their names in front where not all are alike."""
    by_period: dict[int | None, list[str]] = {}
    for name, rule in rules.target_tracking.items():
        own = rule.metric_period
        by_period.setdefault(None if own is None or own >= MINUTE else int(own), []).append(name)
    if not by_period or rules.step_scaling:
        by_period.setdefault(None, list(rules.step_scaling))
    for period in sorted(by_period, key=lambda one: one or MINUTE, reverse=True):
        names = f"{', '.join(by_period[period])}: " if len(by_period) > 1 else ""
        yield names, parameters if period is None else parameters.at_period(period)


def _declared(member: Workload, rules: Elasticity, parameters: PlatformParameters) -> Iterator[str]:
    """What the file declares beside rules that changes a reaction, or is left out of this one."""
    unit = rules.unit
    if unit.running_after is not None and not parameters.behaviour.rule_warm_ups:
        cpu = unit.idle_cpu if unit.start_up_cpu is None else unit.start_up_cpu
        runs = float(unit.running_after)
        yield f"it runs, and counts, {runs:g} s after it is asked for, at {cpu:g} % cpu until it serves"
    if member.simulation.retries is not None:
        factor, limit = member.simulation.retries.factor, member.simulation.retries.limit
        yield f"of what fails {100 * factor:g} % is sent again, up to {limit} times"
    if member.simulation.failures:
        yield f"the declared failures are left out: {', '.join(member.simulation.failures)}"


def _run(
    member: Workload, rules: Elasticity, before: float, share: float, delay: float
) -> tuple[list[str], float | None]:
    """What acted after the edge, and seconds until the doubled load lies at the target (`share` of capacity) again."""
    import numpy as np

    from elasticity.simulator import SimulationError, simulate
    from elasticity.traces import step

    delayed = dataclasses.replace(member, changed_parameters={**member.changed_parameters, "publication_delay": delay})
    load = step(before, 2 * before, at=EDGE, duration=DURATION, resolution=10)
    try:
        timeline = simulate(
            rules, load, platform=member.simulated_on, tick=10, **(delayed.conditions | {"failures": {}})
        )
    except SimulationError as error:
        raise CannotRun(f"{member.name}: {error}") from None
    after = slice(EDGE // 10, None)
    enough = np.flatnonzero(timeline.capacity[after] * share >= 2 * before)
    over = float((timeline.load[after] > timeline.capacity[after]).sum() * 10)
    served = float(enough[0] * 10) if len(enough) else None
    last = DURATION if served is None else EDGE + served
    steps = [
        f"+{item.second - EDGE} s: {item.rule or 'capacity'}: {item.text}"
        for item in timeline.decisions
        if EDGE <= item.second <= last
        and (item.kind == "units" or (item.kind == "alarm" and "to ALARM" in item.text) or item in timeline.actions())
    ]
    steps.append(f"for {over:g} s the load is above capacity" if over else "the load is never above capacity")
    return steps, served
