"""Gaps of moto's CloudWatch that a played load fills: metrics by an index, the history of alarms.

moto looks for each datapoint among all there are: a day of ten metrics took it 20 s (run), the index takes
milliseconds. What clients put with PutMetricData stays with moto, and both are told together.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from moto.cloudwatch.metric_data_expression_parser import parse_expression
from moto.cloudwatch.models import CloudWatchBackend, Dimension, MetricDatum, Statistics
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult

from localcloud.aws.moto_gaps._patching import add, replace
from localcloud.aws.moto_gaps.scaling_activities import moment, page

Key = tuple[str, str, tuple[tuple[str, str], ...]]
"""Namespace, name, and dimensions in order."""
STATISTICS: Final = ("SampleCount", "Average", "Sum", "Minimum", "Maximum")


class Sample(NamedTuple):
    """The values of one period."""

    sum: float
    minimum: float
    maximum: float
    number: float

    def statistic(self, name: str) -> float:
        """One of STATISTICS."""
        whole = {"SampleCount": self.number, "Sum": self.sum, "Minimum": self.minimum, "Maximum": self.maximum}
        return whole[name] if name in whole else self.sum / self.number if self.number else 0.0

    def with_others(self, other: "Sample") -> "Sample":
        """The values of two periods as those of one."""
        return Sample(
            self.sum + other.sum,
            min(self.minimum, other.minimum),
            max(self.maximum, other.maximum),
            self.number + other.number,
        )


def _index(backend: Any) -> dict[Key, dict[int, Sample]]:
    """What was played, by metric and second at which a period begins."""
    found: dict[Key, dict[int, Sample]] = vars(backend).setdefault("played_metrics", {})
    return found


def _units(backend: Any) -> dict[Key, str]:
    found: dict[Key, str] = vars(backend).setdefault("played_units", {})
    return found


def keep_metric(backend: Any, metric: Mapping[str, Any], begin: int, end: int) -> None:
    """Keep the samples of a metric in place of what was played of it from `begin` until `end`."""
    key = (metric["Namespace"], metric["MetricName"], tuple(sorted(metric["Dimensions"].items())))
    known = _index(backend).setdefault(key, {})
    for time in [time for time in known if begin <= time < end]:
        del known[time]
    period = int(metric["Period"])
    known |= {
        begin + place * period: Sample(*map(float, sample))
        for place, sample in enumerate(metric["Samples"])
        if sample is not None
    }
    _units(backend)[key] = metric["Unit"]


def _key(namespace: str, name: str, dimensions: list[dict[str, str]] | None) -> Key:
    return namespace, name, tuple(sorted((one["Name"], one["Value"]) for one in dimensions or ()))


def _put(backend: Any, key: Key) -> Iterator[tuple[int, Sample]]:
    """What clients have put of a metric beside it."""
    namespace, name, dimensions = key
    wanted = sorted(Dimension(*pair) for pair in dimensions)
    for datum in backend.metric_data:
        if (datum.namespace, datum.name) == (namespace, name) and sorted(datum.dimensions) == wanted:
            told = Statistics(list(STATISTICS), datum.timestamp)
            told.metric_data = [datum]
            values: list[Any] = [told.sum, told.minimum, told.maximum, told.sample_count]
            yield int(datum.timestamp.timestamp()), Sample(*map(float, values))


def _periods(backend: Any, key: Key, begin: datetime, end: datetime, period: int) -> dict[int, Sample]:
    """A metric's periods that begin within a time, in order; the first is the one that `begin` lies in."""
    first, last = (moment.replace(tzinfo=UTC).timestamp() for moment in (begin, end))
    found: dict[int, Sample] = {}
    points = [*_index(backend)[key].items(), *_put(backend, key)]
    for time, sample in points:
        place = time // period * period
        if first // period * period <= time < last:
            found[place] = sample if place not in found else found[place].with_others(sample)
    return dict(sorted(found.items()))


@replace(CloudWatchBackend)
def get_metric_data(
    original: Any, self: Any, queries: list[Any], start_time: datetime, end_time: datetime, scan_by: str
) -> Any:
    """Metrics that were played come from the index; metric math is calculated of them too."""
    index = _index(self)
    played = {
        query["Id"]: key
        for query in queries
        if "MetricStat" in query and (key := _key_of(query)) in index and query["MetricStat"]["Stat"] in STATISTICS
    }
    if not played or start_time >= end_time:
        return original(self, queries=queries, start_time=start_time, end_time=end_time, scan_by=scan_by)
    results = {}
    for query in queries:
        if query["Id"] in played:
            results[query["Id"]] = _answer(self, query, played[query["Id"]], start_time, end_time, scan_by)
        elif "MetricStat" in query:
            (results[query["Id"]],) = original(
                self, queries=[{**query, "ReturnData": True}], start_time=start_time, end_time=end_time, scan_by=scan_by
            )
    series = list(results.values())
    for query in queries:
        if "Expression" in query:
            values, times = parse_expression(query["Expression"], series)
            results[query["Id"]] = _result(query, query["Id"], times, values)
    return [results[query["Id"]] for query in queries if query.get("ReturnData", True) in (True, "true")]


def _key_of(query: Mapping[str, Any]) -> Key:
    metric = query["MetricStat"]["Metric"]
    return _key(metric["Namespace"], metric["MetricName"], metric.get("Dimensions"))


def _answer(backend: Any, query: Any, key: Key, begin: datetime, end: datetime, scan_by: str) -> dict[str, Any]:
    stat = query["MetricStat"]
    found = list(_periods(backend, key, begin, end, int(stat["Period"])).items())
    if scan_by == "TimestampDescending":
        found.reverse()
    values = [sample.statistic(stat["Stat"]) for _, sample in found]
    return _result(query, f"{key[1]} {stat['Stat']}", [moment(time) for time, _ in found], values)


def _result(query: Any, label: str, times: list[Any], values: list[Any]) -> dict[str, Any]:
    named = {"id": query["Id"], "label": query.get("Label") or label}
    return {**named, "values": values, "timestamps": times, "status_code": "Complete"}


@replace(CloudWatchBackend)
def get_metric_statistics(
    original: Any,
    self: Any,
    namespace: str,
    metric_name: str,
    start_time: datetime,
    end_time: datetime,
    period: int,
    stats: list[str],
    dimensions: list[dict[str, str]],
    unit: str | None = None,
) -> Any:
    """The same by the older call."""
    key = _key(namespace, metric_name, dimensions)
    if key not in _index(self) or not stats:
        return original(
            self, namespace, metric_name, start_time, end_time, period, stats, dimensions=dimensions, unit=unit
        )
    return [
        {
            "timestamp": moment(time),
            "unit": _units(self)[key],
            **{name: sample.statistic(name) for name in STATISTICS if name in stats},
        }
        for time, sample in _periods(self, key, start_time, end_time, period).items()
    ]


@replace(CloudWatchBackend)
def get_filtered_metrics(
    original: Any, self: Any, metric_name: str, namespace: str, dimensions: list[dict[str, str]]
) -> Any:
    """List what was played too."""
    found = list(original(self, metric_name, namespace, dimensions))
    for space, name, own in sorted(_index(self)):
        named = [{"Name": key, "Value": value} for key, value in own]
        datum = MetricDatum(space, name, 0.0, named, datetime.fromtimestamp(0, UTC))
        if datum.filter(namespace, metric_name, dimensions, found):
            found.append(datum)
    return found


def keep_states(alarm: Any, changes: list[Any], begin: float, end: float) -> None:
    """Keep changes of an alarm's state in place of those that were played from `begin` until `end`; the last one is
    its state."""
    history: list[Any] = vars(alarm).setdefault("played_states", [])
    kept = [row for row in history if not begin <= row[0] < end]
    history[:] = sorted([*kept, *changes], key=lambda row: float(row[0]))
    if not history:
        return
    time, _, after, reason, _ = history[-1]
    alarm.state_value, alarm.state_reason = after, reason
    alarm.state_reason_data = json.dumps({"version": "1.0"})
    alarm.state_updated_timestamp = moment(time)


@add(CloudWatchResponse)
def describe_alarm_history(self: Any) -> ActionResult:
    """Changes of state, and actions that ran: what was played, and what SetAlarmState set."""
    named, kind = self._get_param("AlarmName"), self._get_param("HistoryItemType")
    first, last = self._get_param("StartDate"), self._get_param("EndDate")
    types = self._get_param("AlarmTypes") or ["MetricAlarm"]
    items = [
        item
        for alarm in self.cloudwatch_backend.alarms.values()
        if named in (None, alarm.name) and ("CompositeAlarm" if alarm.rule else "MetricAlarm") in types
        for item in _history(alarm)
        if kind in (None, item["HistoryItemType"])
        and (first is None or item["Timestamp"] >= _aware(first))
        and (last is None or item["Timestamp"] <= _aware(last))
    ]
    items.sort(key=lambda item: item["Timestamp"], reverse=self._get_param("ScanBy") != "TimestampAscending")
    shown, following = page(items, self._get_param("NextToken"), self._get_param("MaxRecords"))
    return ActionResult({"AlarmHistoryItems": shown, "NextToken": following})


def _aware(value: Any) -> datetime:
    found = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _history(alarm: Any) -> Iterator[dict[str, Any]]:
    for time, before, after, reason, ran in vars(alarm).get("played_states", ()):
        yield _changed(alarm, moment(time), before, after, reason)
        if ran:
            for action in alarm.alarm_actions:
                data = {
                    "actionState": "Succeeded",
                    "stateUpdateTimestamp": int(time * 1000),
                    "notificationResource": action,
                }
                summary = f"Successfully executed action {action}"
                yield _item(alarm, moment(time), "Action", summary, data)
    states = [row for row in alarm.history if row[0] == "StateUpdate"]
    reached = [
        *((row[3], row[1], row[4]) for row in states[1:]),
        (alarm.state_value, alarm.state_reason, alarm.state_updated_timestamp),
    ]
    for (_, _, _, before, _), (after, reason, time) in zip(states, reached, strict=False):
        yield _changed(alarm, _aware(time), before, after, reason)


def _changed(alarm: Any, time: datetime, before: str, after: str, reason: str) -> dict[str, Any]:
    data = {
        "version": "1.0",
        "oldState": {"stateValue": before},
        "newState": {"stateValue": after, "stateReason": reason},
    }
    return _item(alarm, time, "StateUpdate", f"Alarm updated from {before} to {after}", data)


def _item(alarm: Any, time: datetime, kind: str, summary: str, data: Any) -> dict[str, Any]:
    return {
        "AlarmName": alarm.name,
        "AlarmType": "CompositeAlarm" if alarm.rule else "MetricAlarm",
        "Timestamp": time,
        "HistoryItemType": kind,
        "HistorySummary": summary,
        "HistoryData": json.dumps(data),
    }
