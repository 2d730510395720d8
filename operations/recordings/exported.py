"""A recording of what somebody has exported by the AWS CLI: answers of CloudWatch and scaling activities as files, with
the rules of a rules or stack file. Source: API GetMetricData, GetMetricStatistics, DescribeScalingActivities."""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from elasticity.recordings.recording import MOST_MINUTES, SERIES, Recording
from operations.failures import CannotRun
from operations.imports import Found, as_map, maps
from operations.imports.documents import documents_of
from operations.live.answers import moment
from operations.recordings.recorder import BALANCED, METRICS, MINUTE, Points, Subject, changes_of, made, series_of
from stacks.settings import load
from stacks.workloads import Workload, scaled

_STATISTICS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        metric.name: (metric.series, metric.statistic)
        for metrics in (BALANCED, *METRICS.values())
        for metric in metrics
        if metric.series in SERIES
    }
)
"""Name of a metric -> the series that it is, and the statistic of it that counts."""
_ACTIVITIES: Mapping[str, str] = MappingProxyType({"ScalingActivities": "ecs_service", "Activities": "ec2_group"})
_WHAT = "answers of `aws cloudwatch get-metric-data` or `get-metric-statistics`, or of `describe-scaling-activities`"
_ABOUT: Mapping[str, str] = MappingProxyType(
    {
        "CPUUtilization": "cpu",
        "MemoryUtilization": "memory",
        "RequestCount": "requests_per_target",
        "ResponseTime": "response_time",
    }
)
"""What the name of a policy often says -> the metric that its rule tracks: Copilot and the console name policies after
their metric."""


def exported(paths: Sequence[Path], rules: Path, name: str | None) -> Recording:
    """The recording of what the files hold and of the rules of `rules`; `name`: which of its services and groups.

    Raises CannotRun for a file of another kind, for an answer that is not whole or not by minute, and where nothing
    counts requests.
    """
    workload = _workload(rules, name)
    points: dict[str, Points] = {}
    rows: list[dict[str, Any]] = []
    for path in paths:
        for document in documents_of(path):
            answer = as_map(document)
            if answer.get("NextToken"):
                raise CannotRun(f"{path}: the answer is not whole, it has a NextToken: ask without --max-items")
            if found := next((key for key in _ACTIVITIES if isinstance(answer.get(key), list)), None):
                if _ACTIVITIES[found] != workload.platform:
                    raise CannotRun(f"{path}: activities of an {_ACTIVITIES[found]}, and {workload.name} is another")
                rows += maps(answer[found])
                continue
            told = list(_series(answer, path))
            if not told:
                raise CannotRun(f"{path}: holds no metric of a recording: expected {_WHAT}")
            for series, values in told:
                points.setdefault(series, {}).update(values)
    if not points.get("requests"):
        raise CannotRun("nothing counts the requests: give RequestCount of the target group, by --statistics Sum")
    return _recording(workload, points, rows)


def _workload(path: Path, name: str | None) -> Workload:
    found = scaled(load(path))
    if name is None and len(found) == 1:
        (name,) = found
    if name not in found:
        asked = f"no service or group with rules is called {name}" if name else "which one is meant is open"
        raise CannotRun(f"{path}: {asked}: give one of {', '.join(found) or 'none: there are none'} as NAME")
    return found[name]


def _series(answer: Mapping[str, Any], path: Path) -> Iterator[tuple[str, Points]]:
    """Each series of an answer that a recording has."""
    for result in maps(answer.get("MetricDataResults")):
        named = [str(result.get(key) or "") for key in ("Id", "Label")]
        series = next((key for text in named if (key := _series_named(text)) is not None), None)
        if series is None:
            raise CannotRun(f"{path}: {named[0] or named[1]}: of no metric that a recording has: {_names()}")
        if result.get("StatusCode", "Complete") != "Complete":
            raise CannotRun(f"{path}: {named[0]}: is not whole, its StatusCode is {result['StatusCode']}: ask again")
        times, values = result.get("Timestamps"), result.get("Values")
        if not isinstance(times, list) or not isinstance(values, list) or len(times) != len(values):
            raise CannotRun(f"{path}: {named[0]}: expected as many Timestamps as Values")
        yield series, _points(zip(times, values, strict=True), f"{path}: {named[0]}")
    if isinstance(answer.get("Datapoints"), list):
        label = str(answer.get("Label"))
        if label not in _STATISTICS:
            raise CannotRun(f"{path}: {label}: of no metric that a recording has: {_names()}")
        series, statistic = _STATISTICS[label]
        rows = maps(answer["Datapoints"])
        if missing := [row for row in rows if statistic not in row]:
            raise CannotRun(
                f"{path}: {label}: {len(missing):,} datapoints without {statistic}: --statistics {statistic}"
            )
        yield series, _points(((row.get("Timestamp"), row[statistic]) for row in rows), f"{path}: {label}")


def _series_named(text: str) -> str | None:
    """The series that an id or a label names: its own name, or that of its metric, alone or as the last word."""
    last = text.split()[-1] if text.split() else ""
    for known in (text, last):
        if known in SERIES:
            return known
        if known in _STATISTICS:
            return _STATISTICS[known][0]
    return None


def _names() -> str:
    return f"allowed as Id or Label {', '.join(SERIES)}, or {', '.join(_STATISTICS)}"


def _points(pairs: Any, where: str) -> Points:
    found: Points = {}
    for time, value in pairs:
        try:
            at = moment(time)
            at = None if at is None else (at.astimezone(datetime.UTC) + MINUTE) - MINUTE
        except (ValueError, OverflowError):
            at = None
        if at is None:
            raise CannotRun(f"{where}: got {str(time)[:40]!r} as a time, expected one such as 2026-01-05T00:00:00Z")
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise CannotRun(f"{where}: got {str(value)[:40]!r} as a value, expected a number")
        found[at] = float(value)
    odd = next((at for at in found if at.second or at.microsecond), None)
    ordered = sorted(found)
    steps = [later - earlier for earlier, later in itertools.pairwise(ordered)]
    if odd is not None or (steps and min(steps) > MINUTE):
        got = f"each {min(steps).total_seconds():g} s" if odd is None else f"at {odd:%H:%M:%S}"
        raise CannotRun(f"{where}: has datapoints {got}, and a recording is by minute: --period 60")
    return found


def _recording(workload: Workload, points: dict[str, Points], rows: list[dict[str, Any]]) -> Recording:
    times = [at for values in points.values() for at in values]
    start, end = min(times), max(times) + MINUTE
    minutes = int((end - start) / MINUTE)
    if minutes > MOST_MINUTES:
        raise CannotRun(f"got a time of {minutes:,} minutes, allowed 1 to {MOST_MINUTES:,}")
    notes = ["metrics: exported by hand; their statistics are taken to be Sum of requests and Average of all else"]
    if not rows:
        notes.append("activities: not recorded: no file has any")
    counted = next((points[key] for key in ("desired", "running") if points.get(key)), {})
    rules = workload.rules.model_dump(mode="json", by_alias=True, exclude_unset=True)
    found = Found(workload.name, {"platform": workload.platform, "elasticity": rules})
    subject = Subject(found, workload.name, ())
    changes = changes_of(rows, subject, start, end, counted)
    for change in changes:
        change["cause"] = _rule_of(change["cause"], workload)
    series = {key: series_of(values, start, minutes) for key, values in points.items()}
    parameters = dict(workload.conditions.get("parameters") or {})
    return made(subject, start, series, changes, notes, parameters)


def _rule_of(cause: str, workload: Workload) -> str:
    """The rule that a policy or schedule is in the file: by its name, by the one metric that its name says, or as the
    only one that there is; else the name as it is."""
    rules = workload.rules
    acting = {**rules.target_tracking, **rules.step_scaling, **rules.predictive}
    if not cause or cause in {*acting, *rules.scheduled}:
        return cause
    metric = next((metric for word, metric in _ABOUT.items() if word in cause), None)
    alike = [name for name, rule in acting.items() if rule.metric == metric]
    if len(alike) == 1:
        return alike[0]
    return next(iter(acting)) if len(acting) == 1 and not rules.scheduled else cause
