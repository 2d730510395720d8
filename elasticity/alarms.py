"""Datapoints to alarm state, with CloudWatch's rules for missing data, and the alarms that target tracking makes."""

from __future__ import annotations

import dataclasses
import operator
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Literal, get_args

from elasticity import arguments
from elasticity.platforms import PlatformParameters, platform_parameters

AlarmState = Literal["OK", "ALARM", "INSUFFICIENT_DATA"]
Missing = Literal["missing", "ignore", "breaching", "notBreaching"]
Comparison = Literal[
    "GreaterThanOrEqualToThreshold", "GreaterThanThreshold", "LessThanOrEqualToThreshold", "LessThanThreshold"
]
Side = Literal["high", "low"]

BREACHES: Mapping[str, Callable[[float, float], bool]] = MappingProxyType(
    {
        "GreaterThanOrEqualToThreshold": operator.ge,
        "GreaterThanThreshold": operator.gt,
        "LessThanOrEqualToThreshold": operator.le,
        "LessThanThreshold": operator.lt,
    }
)
"""By AWS's name of the comparison: whether a value breaches a threshold."""

HIGH_RESOLUTION_PERIODS = (10, 20, 30)
"""Periods below a minute, for metrics stored at high resolution (API PutMetricAlarm)."""
_HOUR, _DAY, _WEEK = 3_600, 86_400, 604_800


def alarm_state(
    points: Sequence[float | None],
    threshold: float,
    comparison: str,
    evaluation_periods: int,
    datapoints_to_alarm: int | None = None,
    missing: str = "missing",
    previous: str = "INSUFFICIENT_DATA",
    *,
    namespace: str | None = None,
    fresh_breach: str = "INSUFFICIENT_DATA",
) -> AlarmState:
    """State of an alarm over one evaluation range.

    `points` are the datapoints of the range, oldest first, None for missing; `threshold` in their unit.
    `datapoints_to_alarm` defaults to `evaluation_periods`. `previous` is the state before. `fresh_breach` is the state
    after too few breaching points with nothing else, of which the oldest is still fresh: INSUFFICIENT_DATA (older
    edition of the guide) or `previous`. A metric of `namespace` AWS/DynamoDB keeps its state on missing data whatever
    the setting. Raises ValueError on unknown names, or unless 1 <= datapoints_to_alarm <= evaluation_periods, both
    whole, and every number is finite.

    Source: CWUG AlarmThatSendsEmail, all cells of its two tables; API PutMetricAlarm.
    """
    arguments.one_of("comparison", comparison, BREACHES)
    arguments.one_of("missing", missing, get_args(Missing))
    arguments.one_of("previous", previous, get_args(AlarmState))
    arguments.one_of("fresh_breach", fresh_breach, ("INSUFFICIENT_DATA", "previous"))
    points, threshold = arguments.points("points", points), arguments.number("threshold", threshold)
    evaluation_periods = arguments.count("evaluation_periods", evaluation_periods, 1)
    needed = arguments.optional_count("datapoints_to_alarm", datapoints_to_alarm, 1, evaluation_periods)
    needed = evaluation_periods if needed is None else needed
    before: AlarmState = next(state for state in get_args(AlarmState) if state == previous)
    if namespace == "AWS/DynamoDB":
        missing = "ignore"

    breach = BREACHES[comparison]
    real = [breach(point, threshold) for point in points if point is not None]
    if len(real) >= evaluation_periods:
        return "ALARM" if sum(real[-evaluation_periods:]) >= needed else "OK"
    if missing in ("breaching", "notBreaching"):
        filled = evaluation_periods - len(real) if missing == "breaching" else 0
        return "ALARM" if sum(real) + filled >= needed else "OK"
    if not real:
        return before if missing == "ignore" else "INSUFFICIENT_DATA"
    return _state_of_few_points(points, real, needed, missing, before, fresh_breach)


def _state_of_few_points(
    points: Sequence[float | None], real: list[bool], needed: int, missing: str, before: AlarmState, fresh_breach: str
) -> AlarmState:
    """Fewer real points than evaluation periods, some at least, and none to be filled in."""
    if sum(real) >= needed:
        return "ALARM"
    if not all(real):
        return "OK"
    if missing == "ignore":
        return before
    oldest_position = len(points) - next(index for index, point in enumerate(points) if point is not None)
    if oldest_position >= needed:
        return "ALARM"  # the premature-alarm rule: an old breach followed by silence
    return "INSUFFICIENT_DATA" if fresh_breach == "INSUFFICIENT_DATA" else before


def alarm_faults(
    period: float, evaluation_periods: int, datapoints_to_alarm: int | None = None, *, high_resolution: bool = True
) -> tuple[str, ...]:
    """What CloudWatch refuses in these settings, in words; empty when nothing. `period` in seconds (API
    PutMetricAlarm)."""
    faults = []
    if period not in HIGH_RESOLUTION_PERIODS and (period <= 0 or period % 60):
        faults.append("the period is not 10, 20, 30 or a multiple of 60 seconds")
    elif period < 60 and not high_resolution:
        faults.append("a period below 60 seconds needs a metric that is stored at high resolution")
    if evaluation_periods < 1:
        faults.append("evaluation periods: at least 1")
    longest = _DAY if period < _HOUR else _WEEK
    if evaluation_periods * period > longest:
        faults.append(f"evaluation periods x period is above {longest:,} seconds")
    if datapoints_to_alarm is not None and not 1 <= datapoints_to_alarm <= evaluation_periods:
        faults.append("datapoints to alarm are not between 1 and the evaluation periods")
    return tuple(faults)


@dataclasses.dataclass(frozen=True, slots=True)
class Alarm:
    """The settings of one metric alarm; `period` in seconds."""

    threshold: float
    comparison: Comparison
    evaluation_periods: int
    datapoints_to_alarm: int
    period: int = 60
    missing: Missing = "missing"
    extra_range: int = 2
    """Datapoints fetched beyond the evaluation periods; 2 is documented for 3 periods, assumed for others."""

    @property
    def evaluation_range(self) -> int:
        """Datapoints that one evaluation looks at."""
        return self.evaluation_periods + self.extra_range

    def state(self, points: Sequence[float | None], previous: str = "INSUFFICIENT_DATA") -> AlarmState:
        """The state when `points` (oldest first, None missing) is all there is; only the evaluation range is read."""
        return alarm_state(
            points=points[-self.evaluation_range :],
            threshold=self.threshold,
            comparison=self.comparison,
            evaluation_periods=self.evaluation_periods,
            datapoints_to_alarm=self.datapoints_to_alarm,
            missing=self.missing,
            previous=previous,
        )

    def history(self, series: Sequence[float | None], first: AlarmState = "INSUFFICIENT_DATA") -> list[AlarmState]:
        """The state after each point of `series`, evaluated once a point, without publication delay."""
        states: list[AlarmState] = []
        for count in range(1, len(series) + 1):
            window = series[max(0, count - self.evaluation_range) : count]
            states.append(self.state(window, states[-1] if states else first))
        return states


@dataclasses.dataclass(frozen=True, slots=True)
class ManagedAlarms:
    """The two alarms of a target-tracking policy; no low one where scale-in is disabled."""

    high: Alarm
    low: Alarm | None

    def side(self, side: str) -> Alarm:
        """The alarm of one side; raises ValueError where there is none."""
        arguments.one_of("side", side, get_args(Side))
        alarm = self.high if side == "high" else self.low
        if alarm is None:
            raise ValueError("there is no low alarm: scale-in is disabled")
        return alarm

    def states(self, series: Sequence[float | None]) -> dict[str, AlarmState | None]:
        """`high` and `low` after the whole of `series`; None for an alarm that does not exist."""
        sides = {"high": self.high, "low": self.low}
        return {
            side: None if alarm is None else [*alarm.history(series)[-1:], "INSUFFICIENT_DATA"][0]
            for side, alarm in sides.items()
        }


def managed_alarms(
    platform: str | PlatformParameters, target: float, *, period: int | None = None, disable_scale_in: bool = False
) -> ManagedAlarms:
    """The alarms that target tracking makes for `target` on `platform` (a name, or changed parameters).

    High: metric > target. Low: metric < factor x target, exact in decimals, so that 0.7 x 90 is 63. Raises ValueError
    unless target > 0. Source: published alarm dumps, logs and labs `[emp]`; factor and counts are parameters of the
    platform.
    """
    arguments.number("target", target, above=0)
    parameters = platform if isinstance(platform, PlatformParameters) else platform_parameters(platform)
    parameters = parameters if period is None else parameters.at_period(period)
    high = Alarm(
        threshold=float(target),
        comparison="GreaterThanThreshold",
        evaluation_periods=parameters.high_evaluation_periods,
        datapoints_to_alarm=parameters.high_datapoints_to_alarm,
        period=parameters.metric_period,
        extra_range=parameters.extra_range,
    )
    low = dataclasses.replace(
        high,
        threshold=float(Decimal(str(float(target))) * Decimal(str(parameters.low_factor))),
        comparison="LessThanThreshold",
        evaluation_periods=parameters.low_evaluation_periods,
        datapoints_to_alarm=parameters.low_datapoints_to_alarm,
    )
    return ManagedAlarms(high, None if disable_scale_in else low)
