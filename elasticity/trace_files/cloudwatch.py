"""Answers of CloudWatch as JSON: of get-metric-data, and of get-metric-statistics. Source: API GetMetricData,
GetMetricStatistics."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from elasticity.trace_files.documents import Series
from elasticity.trace_files.faults import listed
from elasticity.trace_files.meaning import AVERAGE, Meaning, meaning_of
from elasticity.traces import TraceError

_NO_REQUESTS = ("Percent", "Seconds", "Milliseconds", "Microseconds")


def metric_data(answer: Any, path: str) -> Sequence[Series]:
    """Series of get-metric-data, by id or label.

    Raises TraceError on an answer that says itself that it is not whole.
    """
    _whole(answer, path)
    found: dict[str, Series] = {}
    for entry in answer["MetricDataResults"]:
        key, label, points = _result(path, entry)
        if key in found:
            found[key].points.extend(points)
        else:
            found[key] = Series(key, points, meaning_of(label))
    return list(found.values())


def metric_statistics(answer: Any, path: str) -> Sequence[Series]:
    """The one series of get-metric-statistics, by the statistic that counts."""
    _whole(answer, path)
    points = answer["Datapoints"]
    if not all(isinstance(point, dict) for point in points):
        raise TraceError(f"{path}:1: Datapoints: expected maps with a Timestamp and a statistic")
    statistics = ("Sum", "SampleCount", "Average", "Maximum", "Minimum")
    statistic = next((key for key in statistics if any(key in point for point in points)), "Sum")
    label = str(answer.get("Label") or "value")
    units = {str(point.get("Unit")) for point in points}
    pairs = [(point.get("Timestamp"), point.get(statistic)) for point in points]
    return [Series(label, pairs, _of_statistic(label, statistic, units))]


def _of_statistic(label: str, statistic: str, units: set[str]) -> Meaning:
    """What a statistic of a metric counts; the number of samples of a time is the number of requests."""
    if statistic == "SampleCount":
        return Meaning("step") if units & set(_NO_REQUESTS) else meaning_of(label)
    if units & set(_NO_REQUESTS):
        return Meaning(
            refused=f"is measured in {next(unit for unit in _NO_REQUESTS if unit in units)}, not in requests"
        )
    named = meaning_of(label)
    if named.refused:
        return named
    if units == {"Count/Second"}:
        return Meaning("second")
    if statistic == "Sum":
        return named
    return Meaning(
        refused=f"{AVERAGE}: --statistics Sum" if statistic == "Average" else f"is a {statistic}: ask for its Sum"
    )


def _whole(answer: Any, path: str) -> None:
    if answer.get("NextToken"):
        raise TraceError(f"{path}:1: the answer is not whole, it has a NextToken: ask without --max-items")


def _result(path: str, entry: Any) -> tuple[str, str, list[tuple[Any, Any]]]:
    """Id or label, label, and points of one result of get-metric-data."""
    times, values = (entry.get(key) for key in ("Timestamps", "Values")) if isinstance(entry, dict) else (0, 0)
    if not isinstance(times, list) or not isinstance(values, list) or len(times) != len(values):
        raise TraceError(f"{path}:1: a result without as many Timestamps as Values")
    key = str(entry.get("Id") or entry.get("Label"))
    if entry.get("StatusCode", "Complete") != "Complete":
        raise TraceError(f"{path}:1: result {listed([key])} is not whole, its StatusCode is not Complete: ask again")
    return key, str(entry.get("Label") or key), list(zip(times, values, strict=True))
