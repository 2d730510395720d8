"""What the services of AWS write down of a run: states of alarms, scaling activities."""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from elasticity.alarms import BREACHES, alarm_state
from operations.imports import maps
from operations.playing.metrics import Series

if TYPE_CHECKING:
    from elasticity.simulator import Decision, Held, Timeline
    from operations.live.answers import Items
    from operations.playing.scaled import Scaled

_STATISTICS = ("Sum", "Minimum", "Maximum", "SampleCount")
_WORDS: Mapping[str, str] = {
    "GreaterThanOrEqualToThreshold": "greater than or equal to",
    "GreaterThanThreshold": "greater than",
    "LessThanOrEqualToThreshold": "less than or equal to",
    "LessThanThreshold": "less than",
}
_DIMENSION = "ecs:service:DesiredCount"


@dataclasses.dataclass(frozen=True)
class Change:
    """An alarm in another state."""

    second: int
    """Of the run."""
    before: str
    after: str
    reason: str
    acts: bool
    """Whether its actions ran."""


def scaling_alarms(scaled: Scaled, timeline: Timeline, held: Held) -> dict[str, list[Change]]:
    """By the name of each alarm that a policy has, what became of it; it begins with no data."""
    found: dict[str, list[Change]] = {there: [] for there in scaled.alarms.values()}
    rows = {row.name: row.alarm for row in timeline.scenario.alarm_rows}
    for one in timeline.alarm_changes:
        if one.alarm in scaled.alarms:
            alarm = rows[one.alarm]
            muted = any(begin <= one.second < end for begin, end in held.muted.get(one.alarm, ()))
            reason = _reason(
                one.after,
                one.value,
                alarm.threshold,
                alarm.comparison,
                alarm.datapoints_to_alarm,
                alarm.evaluation_periods,
            )
            acts = one.after == "ALARM" and not muted
            found[scaled.alarms[one.alarm]].append(Change(one.second, one.before, one.after, reason, acts))
    return found


def _reason(state: str, value: float | None, threshold: float, comparison: str, needed: int, periods: int) -> str:
    """As CloudWatch writes it, without the list of datapoints."""
    if state == "INSUFFICIENT_DATA" or value is None:
        return f"Insufficient Data: {periods} datapoints were unknown."
    crossed = "was" if state == "ALARM" else "was not"
    return (
        f"Threshold Crossed: {needed} out of the last {periods} datapoints, the newest [{value:.6g}] {crossed} "
        f"{_WORDS[comparison]} the threshold ({threshold:g}) (minimum {needed} datapoints for OK -> ALARM transition)."
    )


def other_alarms(alarms: Items, series: Sequence[Series], seconds: int, delay: int) -> dict[str, list[Change]]:
    """By name, what became of each alarm on one of the metrics; those with metric math, percentiles or bands are left
    out. A datapoint is seen `delay` seconds after its period."""
    known = {one.key: one for one in series}
    found = {}
    for alarm in alarms:
        dimensions = tuple(
            sorted((str(one.get("Name")), str(one.get("Value"))) for one in maps(alarm.get("Dimensions")))
        )
        metric = known.get((str(alarm.get("Namespace")), str(alarm.get("MetricName")), dimensions))
        simple = alarm.get("Statistic") in ("Average", *_STATISTICS) and alarm.get("ComparisonOperator") in BREACHES
        if metric is not None and simple and int(alarm["Period"]) % metric.period == 0:
            found[str(alarm["AlarmName"])] = list(_evaluated(alarm, metric, seconds, delay))
    return found


def _evaluated(alarm: Mapping[str, Any], metric: Series, seconds: int, delay: int) -> Iterator[Change]:
    period, periods = int(alarm["Period"]), int(alarm["EvaluationPeriods"])
    needed = int(alarm.get("DatapointsToAlarm") or periods)
    threshold, comparison = float(alarm["Threshold"]), str(alarm["ComparisonOperator"])
    points = _points(metric, str(alarm["Statistic"]), period)
    state = "INSUFFICIENT_DATA"
    for place in range(len(points)):
        time = (place + 1) * period + delay
        if time >= seconds:
            return
        now = alarm_state(
            points[max(0, place + 1 - periods) : place + 1],
            threshold,
            comparison,
            periods,
            needed,
            str(alarm.get("TreatMissingData") or "missing"),
            state,
            namespace=metric.namespace,
        )
        if now != state:
            reason = _reason(now, points[place], threshold, comparison, needed, periods)
            yield Change(time, state, now, reason, acts=now == "ALARM" and alarm.get("ActionsEnabled") is not False)
            state = now


def _points(metric: Series, statistic: str, period: int) -> list[float | None]:
    size = period // metric.period
    found: list[float | None] = []
    for first in range(0, len(metric.samples) - size + 1, size):
        part = [one for one in metric.samples[first : first + size] if one is not None]
        if not part:
            found.append(None)
            continue
        total, count = sum(one[0] for one in part), sum(one[3] for one in part)
        values = (total, min(one[1] for one in part), max(one[2] for one in part), count)
        whole = dict(zip(_STATISTICS, values, strict=True))
        found.append(whole.get(statistic, total / count if count else 0.0))
    return found


def activities(scaled: Scaled, timeline: Timeline) -> list[dict[str, Any]]:
    """Every scaling activity of a run, as its service tells them, times in seconds since 1970."""
    write = _of_group if scaled.subject.of_instances else _of_service
    return [one for decision in timeline.decisions for one in write(scaled, timeline, decision)]


def _cause(scaled: Scaled, decision: Decision) -> str:
    """Which alarm called which policy."""
    policy = scaled.policies.get(decision.rule)
    if policy is None:
        return decision.rule
    side = "AlarmHigh" if decision.after > decision.before else "AlarmLow"
    alarm = policy.alarms.get("Alarm") or policy.alarms.get(side, side)
    return f"monitor alarm {alarm} in state ALARM triggered policy {policy.label}"


def _schedule(scaled: Scaled, decision: Decision) -> str:
    """The name that a schedule has there."""
    labels = {rule: label for label, rule in scaled.subject.found.rule_of.items()}
    return labels.get(decision.rule, decision.rule)


def _identity(*parts: object) -> str:
    """An id that a second play of the same has too."""
    digest = hashlib.sha256("/".join(map(str, parts)).encode()).hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-{digest[12:16]}-{digest[16:20]}-{digest[20:32]}"


def _of_service(scaled: Scaled, timeline: Timeline, decision: Decision) -> Iterator[dict[str, Any]]:
    resource = scaled.subject.identity
    time = decision.time.timestamp()

    def activity(what: str, description: str, cause: str, message: str) -> dict[str, Any]:
        return {
            "ActivityId": _identity(resource, time, what),
            "ServiceNamespace": "ecs",
            "ResourceId": resource,
            "ScalableDimension": _DIMENSION,
            "Description": description,
            "Cause": cause,
            "StartTime": time,
            "EndTime": time,
            "StatusCode": "Successful",
            "StatusMessage": message,
        }

    cause = _cause(scaled, decision)
    if decision.kind == "schedule":
        cause = f"scheduled action name {_schedule(scaled, decision)} was triggered"
        tick = decision.second // timeline.tick
        low, high = int(timeline.minimum[tick]), int(timeline.maximum[tick])
        said = f"Setting min capacity to {low} and max capacity to {high}"
        done = f"Successfully set min capacity to {low} and max capacity to {high}"
        yield activity("bounds", said, cause, done)
    elif decision.kind == "forecast":
        cause = f"predictive scaling policy {_schedule(scaled, decision)} was triggered"
    if decision.kind in _ACTIONS and decision.before != decision.after:
        done = f"Successfully set desired count to {decision.after}. Change successfully fulfilled by ecs."
        yield activity("desired", f"Setting desired count to {decision.after}.", cause, done)


_ACTIONS = ("scale_out", "scale_in", "schedule", "forecast")


def _of_group(scaled: Scaled, _timeline: Timeline, decision: Decision) -> Iterator[dict[str, Any]]:
    """Each instance that comes or goes is an activity of its own."""
    if decision.kind not in _ACTIONS or decision.before == decision.after:
        return
    group, time, stamp = scaled.subject.identity, decision.time.timestamp(), _stamp(decision.time)
    why = f"a {_cause(scaled, decision)}"
    if decision.kind == "schedule":
        why = f"scheduled action name {_schedule(scaled, decision)} was triggered"
    elif decision.kind == "forecast":
        why = f"predictive scaling policy {_schedule(scaled, decision)} was triggered"
    comes = decision.after > decision.before
    did, way = ("started", "increasing") if comes else ("taken out of service", "shrinking")
    span = f"from {decision.before} to {decision.after}"
    for number in range(abs(decision.after - decision.before)):
        identity = _identity(group, time, number)
        instance = f"i-{identity.replace('-', '')[:17]}"
        yield {
            "ActivityId": identity,
            "AutoScalingGroupName": group,
            "Description": f"{'Launching a new' if comes else 'Terminating'} EC2 instance: {instance}",
            "Cause": (
                f"At {stamp} {why} changing the desired capacity {span}.  At {stamp} an instance was {did} in response "
                f"to a difference between desired and actual capacity, {way} the capacity {span}."
            ),
            "StartTime": time,
            "EndTime": time,
            "StatusCode": "Successful",
            "Progress": 100,
            "Details": "{}",
        }


def _stamp(time: datetime.datetime) -> str:
    return time.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
