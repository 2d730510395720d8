"""Answers of CloudWatch as JSON: of get-metric-data, and of get-metric-statistics. Source: API GetMetricData,
GetMetricStatistics."""

from __future__ import annotations

import json
from typing import Any

from elasticity.traces import TraceError


def series(path: str, text: str) -> dict[str, list[tuple[Any, Any]]]:
    """Times and values as they stand in the answer, by id or label of the result.

    Raises TraceError, with `path`, on text that is no such answer, and on one that says itself that it is not whole.
    """
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise TraceError(f"{path}:{error.lineno}: not JSON: {error.msg}") from None
    except RecursionError:
        raise TraceError(f"{path}:1: not an answer of CloudWatch: lists within lists without end") from None
    answer = document if isinstance(document, dict) else {}
    if answer.get("NextToken"):
        raise TraceError(f"{path}:1: the answer is not whole, it has a NextToken: ask without --max-items")
    if isinstance(answer.get("MetricDataResults"), list) and answer["MetricDataResults"]:
        results: dict[str, list[tuple[Any, Any]]] = {}
        for entry in answer["MetricDataResults"]:
            key, points = _result(path, entry)
            results.setdefault(key, []).extend(points)
        return results
    if isinstance(answer.get("Datapoints"), list):
        return {str(answer.get("Label") or "value"): _datapoints(path, answer["Datapoints"])}
    raise TraceError(
        f"{path}:1: neither MetricDataResults nor Datapoints: "
        "expected the answer of get-metric-data or get-metric-statistics"
    )


def _result(path: str, entry: Any) -> tuple[str, list[tuple[Any, Any]]]:
    """Id or label and points of one result of get-metric-data."""
    times, values = (entry.get(key) for key in ("Timestamps", "Values")) if isinstance(entry, dict) else (0, 0)
    if not isinstance(times, list) or not isinstance(values, list) or len(times) != len(values):
        raise TraceError(f"{path}:1: a result without as many Timestamps as Values")
    key = str(entry.get("Id") or entry.get("Label"))
    if entry.get("StatusCode", "Complete") != "Complete":
        raise TraceError(f"{path}:1: result {key} is not whole, its StatusCode is not Complete: ask again")
    return key, list(zip(times, values, strict=True))


def _datapoints(path: str, points: list[Any]) -> list[tuple[Any, Any]]:
    """Time and value of each datapoint of get-metric-statistics, by the one statistic that a load is counted in."""
    if not all(isinstance(point, dict) for point in points):
        raise TraceError(f"{path}:1: Datapoints: expected maps with a Timestamp and a statistic")
    statistics = ("Sum", "Average", "SampleCount", "Maximum")
    statistic = next((key for key in statistics if any(key in point for point in points)), "Sum")
    return [(point.get("Timestamp"), point.get(statistic)) for point in points]
