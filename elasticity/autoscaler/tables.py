"""Signals, alarms and policies as the columns of the kernel's tables."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

from elasticity.alarms import Alarm
from elasticity.autoscaler import layout
from elasticity.autoscaler.signals import Signal
from elasticity.rules import StepScaling, TargetTracking

COMPARISONS = {
    "GreaterThanOrEqualToThreshold": (1.0, True),
    "GreaterThanThreshold": (1.0, False),
    "LessThanOrEqualToThreshold": (-1.0, True),
    "LessThanThreshold": (-1.0, False),
}
"""The side that breaches as a sign, and whether the threshold itself does."""
MISSING = {
    "missing": layout.MISSING,
    "ignore": layout.IGNORE,
    "breaching": layout.BREACHING,
    "notBreaching": layout.NOT_BREACHING,
}
ADJUSTMENTS = {"change": layout.CHANGE, "percent": layout.PERCENT, "exact": layout.EXACT}
AGGREGATIONS = {"Average": layout.AVERAGE, "Minimum": layout.MINIMUM, "Maximum": layout.MAXIMUM}
Numbers = list[int] | list[float]


class AlarmRow(NamedTuple):
    """One alarm with its owner, for arrays and for words."""

    signal: int
    alarm: Alarm
    policy: int
    raises: int
    name: str
    lowers: bool = False
    """On the low side of target tracking: it acts only where all of them agree."""


class PolicyRow(NamedTuple):
    """One policy, for arrays and for words; alarms are positions in the sorted list."""

    name: str
    rule: TargetTracking | StepScaling
    signal: int
    warm_up: int
    out_cooldown: int
    in_cooldown: int


def source_of(signal: Signal, tick: int) -> int:
    """Where a datapoint comes from: one tick that is one period leaves nothing to average."""
    if signal.kind == layout.CALCULATED:
        return layout.BY_PROGRAM
    return layout.AS_IT_IS if signal.period == tick and signal.kind != layout.COLUMN else layout.MEASURED


def _is_same_again(signal: Signal, signals: Sequence[Signal], tick: int) -> bool:
    """Whether a tick like the one before gives the same datapoint again."""
    if signal.kind != layout.CALCULATED:
        return source_of(signal, tick) == layout.AS_IT_IS
    read = [signals[step.operand] for step in signal.program if step.operation == layout.CODE_SERIES]
    return all(_is_same_again(other, signals, tick) for other in read)


def bound_of(alarm: Alarm) -> tuple[float, float]:
    """Sign and bound of an alarm: a value breaches where it is above the bound, times the sign."""
    sign, with_threshold = COMPARISONS[alarm.comparison]
    bound = sign * alarm.threshold
    return sign, math.nextafter(bound, -math.inf) if with_threshold else bound


def signal_table(
    signals: Sequence[Signal],
    rows: Sequence[AlarmRow],
    epoch: int,
    tick: int,
    up: Callable[[float], int],
    apart: bool,
) -> tuple[dict[str, Numbers], int]:
    """Columns of the signals, and the length of all their rings of datapoints.

    `epoch`: start of the run in Unix seconds; `tick` in seconds; `up` rounds seconds up to whole ticks; `apart`: each
    signal has a clock of its own.
    """
    table: dict[str, Numbers] = {}
    last, lengths, evaluations = (0, 0, 0), [], list[int]()
    for place, signal in enumerate(signals):
        own = [position for position, row in enumerate(rows) if row.signal == place]
        delay = up(signal.delay)
        longest = max((rows[position].alarm.evaluation_range for position in own), default=1)
        lengths.append(longest + delay // signal.period + 3)
        close = signal.period - epoch % signal.period
        first_code = len(table.get("code_operation", ()))
        for step in signal.program:
            _add_row(table, code_operation=step.operation, code_operand=step.operand, code_number=step.number)
        evaluation = close + delay if own else layout.NEVER
        timing = (signal.period, signal.again, close)
        when = evaluations[-1] if evaluations else evaluation
        goes_along = evaluation == when or layout.NEVER in (evaluation, when)  # without alarms any time is right
        if timing == last and goes_along and not apart:
            evaluations[-1] = min(when, evaluation)
        else:
            evaluations.append(evaluation)
            _add_row(
                table,
                clock_period=signal.period,
                clock_again=signal.again,
                clock_first_close=close,
                clock_signals_from=place,
                clock_signals_to=place,
            )
            last = timing
        table["clock_signals_to"][-1] = place + 1
        source = source_of(signal, tick)
        if source == layout.MEASURED:
            _add_row(table, signal_measured=place)
        _add_row(
            table,
            signal_clock=len(table["clock_period"]) - 1,
            signal_kind=signal.kind,
            signal_column=signal.column,
            signal_period=signal.period,
            signal_first_close=close,
            signal_age=up(signal.age),
            signal_source=source,
            signal_factor=float(signal.period) if signal.kind == layout.ARRIVALS else 1.0,
            signal_same=_is_same_again(signal, signals, tick),
            signal_silent=signal.silent,
            signal_alarms_from=own[0] if own else 0,
            signal_alarms_to=own[-1] + 1 if own else 0,
            signal_code_from=first_code,
            signal_code_to=first_code + len(signal.program),
        )
    table["clock_first_evaluation"] = evaluations
    return table, _add_rings(table, lengths)


def _add_rings(table: dict[str, Numbers], lengths: Sequence[int]) -> int:
    """Give each signal a ring of at least its length, those of a clock equal ones; returns the length of all."""
    end = 0
    for first, after in zip(table.get("clock_signals_from", ()), table.get("clock_signals_to", ()), strict=True):
        size = 1 << max(lengths[int(first) : int(after)]).bit_length()
        _add_row(table, clock_ring_mask=size - 1)
        for _ in range(int(first), int(after)):
            _add_row(table, signal_ring=end)
            end += size
    return end


def _add_row(table: dict[str, Numbers], **row: float) -> None:
    for name, value in row.items():
        table.setdefault(name, []).append(value)  # type: ignore[arg-type] # one name, one type


def alarm_table(rows: Sequence[AlarmRow]) -> dict[str, Numbers]:
    """Columns of the alarms."""
    table: dict[str, Numbers] = {}
    for row in rows:
        sign, bound = bound_of(row.alarm)
        _add_row(
            table,
            alarm_sign=sign,
            alarm_bound=bound,
            alarm_periods=row.alarm.evaluation_periods,
            alarm_datapoints=row.alarm.datapoints_to_alarm,
            alarm_range=row.alarm.evaluation_range,
            alarm_missing=MISSING[row.alarm.missing],
            alarm_signal=row.signal,
            alarm_policy=row.policy,
            alarm_raises=row.raises,
            alarm_acts=0 if row.policy < 0 else -1 if row.lowers else 1,
        )
    return table


def policy_table(rows: Sequence[PolicyRow], alarms: Sequence[AlarmRow]) -> dict[str, Numbers]:
    """Columns of the policies and of their steps; `alarms` in the order of their table."""
    table: dict[str, Numbers] = {}
    for place, row in enumerate(rows):
        own = [position for position, alarm in enumerate(alarms) if alarm.policy == place]
        first = len(table.get("step_change", ()))
        if isinstance(row.rule, StepScaling):
            for step in row.rule.steps:
                _add_row(
                    table,
                    step_lower=-math.inf if step.from_ is None else float(step.from_),
                    step_upper=math.inf if step.to is None else float(step.to),
                    step_change=step.change,
                )
        _add_row(
            table,
            policy_signal=row.signal,
            policy_high=own[0],
            policy_low=own[1] if len(own) > 1 else -1,
            policy_out_cooldown=row.out_cooldown,
            policy_in_cooldown=row.in_cooldown,
            policy_warm_up=row.warm_up,
            policy_steps_from=first,
            policy_steps_to=len(table.get("step_change", ())),
            **_specific(row.rule),
        )
    return table


def _specific(rule: TargetTracking | StepScaling) -> dict[str, float]:
    if isinstance(rule, TargetTracking):
        return {
            "policy_kind": layout.TRACKING,
            "policy_target": float(rule.target),
            "policy_adjustment": layout.CHANGE,
            "policy_minimum_adjustment": 0,
            "policy_aggregation": layout.AVERAGE,
            "policy_low_side": 0,
        }
    return {
        "policy_kind": layout.STEPS,
        "policy_target": float(rule.threshold),
        "policy_adjustment": ADJUSTMENTS[rule.adjustment],
        "policy_minimum_adjustment": rule.minimum_adjustment or 0,
        "policy_aggregation": AGGREGATIONS[rule.aggregation],
        "policy_low_side": 0 if rule.scales_out else 1,
    }


class Rows(Protocol):
    """What rules have become: signals, alarms and policies."""

    alarms: list[AlarmRow]
    policies: list[PolicyRow]

    @property
    def signals(self) -> list[Signal]:
        """All of them, in the order of their places."""

    def up(self, seconds: float) -> int:
        """Seconds, rounded up to whole ticks."""


def rule_tables(
    rows: Rows, epoch: int, tick: int, *, apart: bool = False
) -> tuple[dict[str, Any], tuple[AlarmRow, ...], int]:
    """Fields of `layout.Tables`, the alarms in their order, and the length of the rings of all datapoints; `apart`:
    each signal has a clock of its own, for whoever is told datapoints one by one."""
    alarms = tuple(sorted(rows.alarms, key=lambda row: row.signal))
    signals, points = signal_table(rows.signals, alarms, epoch, tick, rows.up, apart)
    tables = {
        "clocks": len(signals.get("clock_period", ())),
        "signals": len(rows.signals),
        "measured": len(signals.get("signal_measured", ())),
        "alarms": len(alarms),
        "lowering": sum(row.lowers for row in alarms),
        "policies": len(rows.policies),
        "codes": len(signals.get("code_operation", ())),
        **signals,
        **alarm_table(alarms),
        **policy_table(rows.policies, alarms),
    }
    return tables, alarms, points
