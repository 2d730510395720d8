"""How long an alarm looks back, and how long after a step it fires on the mean."""

from __future__ import annotations

import math
from collections.abc import Sequence

from elasticity import arguments
from elasticity.alarms import managed_alarms
from elasticity.platforms import PlatformParameters, platform_parameters


def invocations(states: Sequence[str]) -> list[int]:
    """Positions (from 1) at which a scaling action runs: at the change to ALARM and again for each further period in
    it.

    Source: CWUG, alarm actions: Auto Scaling actions repeat while the state lasts, others do not.
    """
    return [position for position, state in enumerate(states, start=1) if state == "ALARM"]


def reaction(platform: str | PlatformParameters, target: float, before: float, after: float, phase: float) -> float:
    """Seconds from a load step to the scale-out trigger, on a resting system.

    The metric lies at `before` and jumps to `after`, `phase` seconds into a period; that period's datapoint holds the
    mix of both. Returns infinity where the new level never alarms. Raises ValueError unless 0 <= phase < period.
    """
    parameters = platform_parameters(platform) if isinstance(platform, str) else platform
    period, alarm = parameters.metric_period, managed_alarms(parameters, target).high
    if not 0 <= phase < period:
        raise ValueError("`phase`: got a time outside the period")
    mixed = before + (after - before) * (period - phase) / period
    rest = alarm.evaluation_range
    series = [before] * rest + [mixed] + [after] * rest
    closed = next((at for at in invocations(alarm.history(series, first="OK")) if at > rest), None)
    return math.inf if closed is None else (closed - rest) * period - phase + parameters.publication_delay


def evaluation_interval(evaluation_periods: int, period: float) -> float:
    """Seconds that one evaluation looks back over: periods x length of a period (CWUG AlarmThatSendsEmail)."""
    return arguments.count("evaluation_periods", evaluation_periods, 1) * arguments.number("period", period, above=0)


def trigger_delay(platform: str | PlatformParameters, target: float, before: float, after: float) -> float:
    """Mean of `reaction` over the phase of the step, one phase a second: what a benchmark of many runs would find."""
    parameters = platform_parameters(platform) if isinstance(platform, str) else platform
    phases = range(parameters.metric_period)
    return sum(reaction(parameters, target, before, after, phase + 0.5) for phase in phases) / len(phases)
