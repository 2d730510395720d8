"""Which estimates of response time a run needs: where only steps read them that act on what is too long, most
need not be computed.

A datapoint that does not breach is then compared, and nothing else: of alarms that breach in a row, every datapoint
that an action could read has breached, or has closed so soon after one that did that it is computed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from elasticity.autoscaler import layout
from elasticity.autoscaler.signals import Signal
from elasticity.autoscaler.tables import AlarmRow, bound_of, source_of


def only_breaches_are_read(signals: Sequence[Signal], alarms: Sequence[AlarmRow], tick: int) -> bool:
    """Whether a response time that makes no alarm breach has no effect but that: nothing is averaged or calculated
    from it, nothing acts on its being short, and missing datapoints neither breach nor keep an alarm as it is."""
    read = [signals[step.operand] for one in signals for step in one.program if step.operation == layout.CODE_SERIES]
    if any(one.kind == layout.RESPONSE_TIME for one in read):
        return False
    if any(one.kind == layout.RESPONSE_TIME and source_of(one, tick) != layout.AS_IT_IS for one in signals):
        return False
    return all(
        bound_of(row.alarm)[0] > 0.0
        and row.alarm.datapoints_to_alarm == row.alarm.evaluation_periods
        and row.alarm.missing in ("missing", "notBreaching")
        for row in _of_response_time(signals, alarms)
    )


def lowest_breach(signals: Sequence[Signal], alarms: Sequence[AlarmRow]) -> float:
    """Seconds of response time above which the first alarm breaches; infinite where none looks at it."""
    return min((bound_of(row.alarm)[1] for row in _of_response_time(signals, alarms)), default=math.inf)


def longest_reach(signals: Sequence[Signal], alarms: Sequence[AlarmRow], tick: int) -> int:
    """Ticks after a breach in which a datapoint may close that an action on it could read."""
    reach = [
        row.alarm.evaluation_range * signal.period + signal.delay + signal.age + 3 * max(signal.period, signal.again)
        for row in _of_response_time(signals, alarms)
        for signal in (signals[row.signal],)
    ]
    return math.ceil(max(reach, default=0.0) / tick)


def _of_response_time(signals: Sequence[Signal], alarms: Sequence[AlarmRow]) -> Iterator[AlarmRow]:
    return (row for row in alarms if signals[row.signal].kind == layout.RESPONSE_TIME)
