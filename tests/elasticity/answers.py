"""What the rows of the vectors ask, answered by `elasticity`: function name of a row -> callable taking the row's
inputs by name.

Nothing is worked out here: an entry translates names and shapes (ISO texts to times, results to plain JSON values) and
no more. What a row leaves open is the function's default: an input that is absent, an empty cell, or a null where the
default is not null. A number may stand as text. An input that the function does not know is a TypeError that names it.
"""

from __future__ import annotations

import datetime
import functools
import inspect
import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from elasticity import (
    alarms,
    calibration,
    capacity_providers,
    measure,
    platforms,
    policies,
    pricing,
    schedules,
)
from tests.elasticity.oracle import alarms as alarms_oracle
from tests.elasticity.oracle import capacity_providers as capacity_providers_oracle
from tests.elasticity.oracle import gates, groups
from tests.elasticity.oracle import limits as limits_oracle
from tests.elasticity.oracle import policies as policies_oracle
from tests.elasticity.oracle import predictive as predictive_oracle
from tests.elasticity.oracle import pricing as pricing_oracle
from tests.elasticity.oracle import queueing as queueing_oracle
from tests.elasticity.oracle import schedules as schedules_oracle

_NUMBER = re.compile(r"\s*[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?\s*", re.IGNORECASE)


def _plain(value: Any) -> Any:
    """Numbers that stand as text as numbers, an empty cell as null, within lists and mappings too."""
    if isinstance(value, str) and (not value.strip() or _NUMBER.fullmatch(value)):
        return (float(value) if re.search(r"[.eE]", value) else int(value)) if value.strip() else None
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, (list, tuple)) else value


def reading(function: Callable[..., Any]) -> Callable[..., Any]:
    """`function` over what a row holds."""
    parameters = inspect.signature(function).parameters
    defaults = {name: one.default for name, one in parameters.items() if one.default is not one.empty}

    @functools.wraps(function)
    def answer(**inputs: Any) -> Any:
        given = {name: _plain(value) for name, value in inputs.items()}
        return function(**{name: one for name, one in given.items() if one is not None or defaults.get(name) is None})

    return answer


def _time(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text)


def _ok(is_valid: bool) -> str:
    return "ok" if is_valid else "error"


def evaluation_interval(evaluation_periods: int, period: float, datapoints_to_alarm: int | None = None) -> float:
    del datapoints_to_alarm  # the interval does not depend on it
    return alarms_oracle.evaluation_interval(evaluation_periods, period)


@functools.wraps(alarms.alarm_faults)
def alarm_settings(**settings: Any) -> str:
    return _ok(not alarms.alarm_faults(**settings))


def managed_alarms(platform: str, target: float) -> dict[str, Any]:
    """For `alarms-target-tracking.csv`: the two alarms of a policy, in the columns of that file."""
    made = alarms.managed_alarms(platform, target)
    signs = {"GreaterThanThreshold": ">", "LessThanThreshold": "<"}
    return {
        column: value
        for side, alarm in (("high", made.side("high")), ("low", made.side("low")))
        for column, value in (
            (f"{side}_threshold", alarm.threshold),
            (f"{side}_comparison", signs[alarm.comparison]),
            (f"{side}_points", alarm.datapoints_to_alarm),
            (f"{side}_periods", alarm.evaluation_periods),
            ("period_s", alarm.period),
        )
    }


def managed_alarm_states(
    platform: str, target: float, series: Sequence[float | None], disable_scale_in: bool = False
) -> Mapping[str, str | None]:
    return alarms.managed_alarms(platform, target, disable_scale_in=disable_scale_in).states(series)


def managed_alarm_history(platform: str, target: float, series: Sequence[float | None], which: str) -> dict[str, Any]:
    states = alarms.managed_alarms(platform, target).side(which).history(series)
    invoked_at = alarms_oracle.invocations(states)
    return {"states": states, "invoked_at": invoked_at, "first_alarm_at": invoked_at[0] if invoked_at else None}


def trigger_delay(platform: str, target: float, load_from: float, load_to: float, metric_period: int) -> float:
    parameters = platforms.platform_parameters(platform).at_period(metric_period)
    return alarms_oracle.trigger_delay(parameters, target, before=load_from, after=load_to)


def step_policy(
    threshold: float,
    adjustment_type: str,
    steps: Sequence[Any] | None = None,
    out_steps: Sequence[Any] | None = None,
    in_steps: Sequence[Any] | None = None,
    min_adjustment_magnitude: int | None = None,
    comparison: str | None = None,
) -> str:
    try:
        return _ok(not policies.step_faults(locals()))
    except ValueError:
        return "error"


def gate(platform: str, event: str, running: str | None) -> dict[str, Any]:
    answer = gates.gate(platform, event, running)
    return {"allowed": answer.allowed, "cancels": answer.cancels}


def activity_duration(activities: Sequence[tuple[str, str]], warm_up: float = 0) -> dict[str, list[float]]:
    durations, launch = calibration.activity_durations(activities, warm_up)
    return {"durations": durations, "launch": launch}


def scenario(
    platform: str, state_changes: Sequence[str], capacity_changes: Sequence[str], capacities: Sequence[Sequence[int]]
) -> dict[str, list[float]]:
    platforms.platform_parameters(platform)
    delays = calibration.effect_delays([_time(t) for t in state_changes], [_time(t) for t in capacity_changes])
    return {"delay_s": delays, "change": [after - before for before, after in capacities]}


def occurrences(
    start: str,
    end: str,
    dialect: str,
    time_zone: str = "UTC",
    cron: str | None = None,
    rate: str | None = None,
    at: str | None = None,
    dst: str = "skip_gap_first_repeat",
) -> list[str]:
    (expression,) = (text for text in (cron, rate, at) if text is not None)
    found = schedules.occurrences(expression, time_zone, _time(start), _time(end), dialect, clock_change=dst)
    return [instant.strftime("%Y-%m-%dT%H:%M:%SZ") for instant in found]


@functools.wraps(occurrences)
def occurrence_count(**inputs: Any) -> int:
    return len(occurrences(**inputs))


@functools.wraps(capacity_providers_oracle.capacity_provider_scale_in_counter)
def capacity_provider_scale_in_counter(**inputs: Any) -> dict[str, bool]:
    return {"scaled_in": capacity_providers_oracle.capacity_provider_scale_in_counter(**inputs)}


@functools.wraps(gates.simple_gate)
def simple_gate(**inputs: Any) -> dict[str, bool]:
    return {"allowed": gates.simple_gate(**inputs)}


@functools.wraps(groups.weighted_scale_in)
def weighted_scale_in(**inputs: Any) -> dict[str, bool]:
    return {"acts": groups.weighted_scale_in(**inputs)}


@functools.wraps(schedules_oracle.scheduled_action)
def scheduled_action(**inputs: Any) -> dict[str, int]:
    after = schedules_oracle.scheduled_action(**inputs)
    return {"minimum": after.minimum, "maximum": after.maximum, "capacity": after.capacity}


def predictive_launch(hour: str, buffer_s: float = 300) -> str:
    on_the_hour = datetime.datetime.combine(datetime.date(2026, 1, 2), datetime.time.fromisoformat(hour))
    launch = predictive_oracle.predictive_launch(on_the_hour, buffer_s)
    return launch.strftime("%H:%M:%S" if launch.second else "%H:%M")


def predictive_timeline(
    forecast: Sequence[int],
    current: int,
    minimum: int,
    maximum: int,
    mode: str,
    first_hour: int = 0,
    buffer_s: float = 0,
    behaviour: str = "HonorMaxCapacity",
    buffer: float | None = None,
) -> list[int]:
    # At the full hour itself the time of day and the lead do not show.
    predictive_launch(f"{first_hour % 24:02}:00", buffer_s)
    return predictive_oracle.predictive_timeline(forecast, current, minimum, maximum, mode, behaviour, buffer)


def provisioning_time(platform: str, provisioned_after: float, triggered_after: float) -> float:
    platforms.platform_parameters(platform)
    return groups.provisioning_time(provisioned_after, triggered_after)


def fleet_start(platform: str, tasks: int) -> dict[str, float]:
    first, last = groups.fleet_start(tasks, host=platform)
    return {"first_s": first, "last_s": last}


def launch_parts(platform: str, total: float, shares: Mapping[str, float]) -> float:
    assert platform
    return math.fsum(groups.launch_parts(total, shares).values())


def erlang(servers: int, offered: float) -> dict[str, float]:
    figures = queueing_oracle.erlang(servers, offered)
    return {
        "erlang_b": figures.erlang_b,
        "erlang_c": figures.erlang_c,
        "Lq": figures.queue_length,
        "wait_per_service": figures.wait_per_service,
    }


def erlang_wait(servers: int, offered: float, service_time: float = 1) -> float | str:
    figures = queueing_oracle.erlang(servers, offered)
    return figures.wait_per_service * service_time if figures.has_steady_state else "no steady state"


def mmc(servers: int, arrival_rate: float, service_rate: float) -> dict[str, float]:
    figures = queueing_oracle.mmc(servers, arrival_rate, service_rate)
    return {
        "p0": figures.empty,
        "p_wait": figures.waits,
        "L": figures.in_system,
        "Lq": figures.in_queue,
        "W": figures.sojourn,
        "Wq": figures.wait,
        "rho": arrival_rate / (servers * service_rate),
    }


def mm1_sojourn(service_rate: float, arrival_rate: float) -> dict[str, float]:
    percentiles = {
        f"p{percent}": queueing_oracle.mm1_percentile(arrival_rate, service_rate, percent / 100)
        for percent in range(1, 100)
    }
    return {"mean": queueing_oracle.mm1_mean(arrival_rate, service_rate), **percentiles}


def fluid(capacity: float, load: Sequence[tuple[float, float]], queue: bool = True) -> dict[str, float]:
    flow = queueing_oracle.fluid(capacity, load, queue=queue)
    return {
        "arrivals": flow.arrivals,
        "lost": flow.lost,
        "lost_share": flow.lost_share,
        "backlog": flow.backlog,
        "peak_backlog": flow.peak_backlog,
        "max_backlog": flow.peak_backlog,
        "delay": flow.delay,
        "peak_delay": flow.peak_delay,
        "peak_delay_s": flow.peak_delay,
        "max_delay": flow.peak_delay,
        "max_delay_s": flow.peak_delay,
        "drain_time": flow.drain_time,
        "drain_s": flow.drain_time,
        "empty_at": flow.empty_at,
        "empty_at_s": flow.empty_at,
        "drained_at": flow.empty_at,
        "drained_at_s": flow.empty_at,
    }


def rate(item: str) -> dict[str, float]:
    return pricing.shipped_prices().rate(item)


@functools.wraps(pricing_oracle.alb_cost)
def alb_cost(**inputs: Any) -> dict[str, float]:
    cost = pricing_oracle.alb_cost(**inputs)
    return {"lcu": cost.lcu, "per_hour": cost.per_hour}


def elasticity_measure(demand: Sequence[float], supply: Sequence[float], measure_name: str) -> float:
    """For `elasticity-measures.csv`."""
    return measure.measures(demand=demand, supply=supply)[measure_name]


def valid(platform: str, setting: str, value: object) -> str:
    return _ok(limits_oracle.is_valid(platform, setting, value))


_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "activity_duration": activity_duration,
    "alarm_settings": alarm_settings,
    "alarm_state": alarms.alarm_state,
    "alb_cost": alb_cost,
    "apply_change": policies_oracle.apply_change,
    "billing": rate,
    "capacity_provider_launch": capacity_providers_oracle.capacity_provider_launch,
    "capacity_provider_reservation": capacity_providers.capacity_provider_reservation,
    "capacity_provider_scale_in_counter": capacity_provider_scale_in_counter,
    "capacity_provider_size": capacity_providers.capacity_provider_size,
    "combine": policies.combine,
    "cooldown_capacity": gates.cooldown_capacity,
    "cooldown_start": gates.cooldown_start,
    "counts_in_metric": gates.counts_in_metric,
    "default": limits_oracle.default,
    "deregistration_time": groups.deregistration_time,
    "ecs_step": gates.ecs_step,
    "elasticity_measure": elasticity_measure,
    "erlang": erlang,
    "erlang_wait": erlang_wait,
    "evaluation_interval": evaluation_interval,
    "fargate_cost": pricing_oracle.fargate_cost,
    "fleet_cost": pricing_oracle.fleet_cost,
    "fleet_start": fleet_start,
    "fluid": fluid,
    "gate": gate,
    "largest_growth": policies.largest_growth,
    "launch_parts": launch_parts,
    "launch_start": groups.launch_start,
    "launch_time": groups.launch_time,
    "managed_alarm_history": managed_alarm_history,
    "managed_alarm_states": managed_alarm_states,
    "managed_alarms": managed_alarms,
    "mm1_sojourn": mm1_sojourn,
    "mmc": mmc,
    "nat_cost": pricing_oracle.nat_cost,
    "occurrence_count": occurrence_count,
    "occurrences": occurrences,
    "predictive_capacity": predictive_oracle.predictive_capacity,
    "predictive_launch": predictive_launch,
    "predictive_maximum": predictive_oracle.predictive_maximum,
    "predictive_timeline": predictive_timeline,
    "provisioning_time": provisioning_time,
    "rate": rate,
    "rebalancing_ceiling": groups.rebalancing_ceiling,
    "round_change": policies_oracle.round_change,
    "scenario": scenario,
    "scheduled_action": scheduled_action,
    "scheduled_end": schedules_oracle.scheduled_end,
    "simple_gate": simple_gate,
    "slow_start_split": groups.slow_start_split,
    "spot_ratio": pricing_oracle.spot_ratio,
    "step_capacity": policies.step_capacity,
    "step_change": policies_oracle.step_change,
    "step_policy": step_policy,
    "target_tracking_capacity": policies.target_tracking_capacity,
    "tracking_scenario": policies_oracle.tracking_scenario,
    "trigger_delay": trigger_delay,
    "valid": valid,
    "warm_pool_size": groups.warm_pool_size,
    "warm_up_time": gates.warm_up_time,
    "warming_step": gates.warming_step,
    "weighted_scale_in": weighted_scale_in,
}

ANSWERS: Mapping[str, Callable[..., Any]] = {name: reading(function) for name, function in _FUNCTIONS.items()}
