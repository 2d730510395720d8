"""The formats in which loads are recorded: how each is recognised and read, the first that fits. What is recognised and
holds no load is refused with the command that gives one."""

from __future__ import annotations

import csv
import dataclasses
from collections.abc import Callable, Collection
from typing import Any

from elasticity.trace_files import cloudwatch, columns, documents, events, load_tools, tables
from elasticity.trace_files.content import Content
from elasticity.trace_files.recording import Asked, Recording
from elasticity.traces import TraceError

Read = Callable[[Content, Asked], Recording]


@dataclasses.dataclass(frozen=True)
class Format:
    """One row of the list."""

    name: str
    """As reports say it: `read as ...`."""
    recognised: Callable[[Content], bool]
    read: Read


def _document(test: Callable[[Any], bool]) -> Callable[[Content], bool]:
    """JSON whose whole passes a test."""
    return lambda content: content.is_json and not _is_lines(content) and test(content.document)


def _map(*keys: str) -> Callable[[Any], bool]:
    return lambda document: isinstance(document, dict) and document.keys() >= set(keys)


def _is_lines(content: Content) -> bool:
    """Whether a document stands in each line."""
    return isinstance(content.first_row, dict) and len(content.first_lines) > 1


def _lines(test: Callable[[Any], bool]) -> Callable[[Content], bool]:
    """JSON whose first line passes a test; a file of one line is no course of time, but of the kind all the same."""
    return lambda content: isinstance(content.first_row, dict) and test(content.first_row)


def _begins(pattern: Any) -> Callable[[Content], bool]:
    return lambda content: bool(content.first_lines) and pattern.match(content.first_lines[0]) is not None


def _is_prometheus(document: Any) -> bool:
    inner = document.get("data", document) if isinstance(document, dict) else {}
    if isinstance(document, list):
        return bool(document) and isinstance(document[0], dict) and document[0].keys() >= {"metric", "values"}
    return isinstance(inner, dict) and "resultType" in inner and "result" in inner


def _is_google(document: Any) -> bool:
    rows = document.get("timeSeries") if isinstance(document, dict) else document
    return (
        isinstance(rows, list) and bool(rows) and isinstance(rows[0], dict) and rows[0].keys() >= {"metric", "points"}
    )


def _is_azure(document: Any) -> bool:
    rows = document.get("value") if isinstance(document, dict) else None
    return isinstance(rows, list) and bool(rows) and isinstance(rows[0], dict) and "timeseries" in rows[0]


def _is_datadog(document: Any) -> bool:
    rows = document.get("series") if isinstance(document, dict) else None
    return isinstance(rows, list) and bool(rows) and isinstance(rows[0], dict) and "pointlist" in rows[0]


def _is_datadog_second(document: Any) -> bool:
    data = document.get("data") if isinstance(document, dict) else None
    attributes = data.get("attributes") if isinstance(data, dict) else None
    return isinstance(attributes, dict) and attributes.keys() >= {"times", "values"}


def _is_k6_summary(document: Any) -> bool:
    metrics = document.get("metrics") if isinstance(document, dict) else None
    return isinstance(metrics, dict) and ("root_group" in document or "http_reqs" in metrics)


def _list(key: str) -> Callable[[Any], bool]:
    return lambda document: isinstance(document, dict) and isinstance(document.get(key), list)


def _filled(key: str) -> Callable[[Any], bool]:
    return lambda document: isinstance(document, dict) and isinstance(document.get(key), list) and bool(document[key])


def _refused(why: str) -> Read:
    def read(content: Content, _asked: Asked) -> Recording:
        raise TraceError(f"{content.path}:1: {why}")

    return read


def _no_known_document(content: Content, _asked: Asked) -> Recording:
    raise TraceError(f"{content.path}:1: JSON of no known kind: expected that of {', '.join(KNOWN_DOCUMENTS)}")


_Table = Callable[[Content, tables.Table, Asked], Recording]


def _with_header(names: Collection[str]) -> Callable[[Content], bool]:
    """A table whose first line names these columns."""

    def recognised(content: Content) -> bool:
        if content.is_json or not content.first_lines:
            return False
        try:
            first = next(csv.reader(content.first_lines[:1]), [])
        except csv.Error:
            return False
        return {cell.strip().lower() for cell in first} >= set(names)

    return recognised


def _table(read: _Table) -> Read:
    def with_table(content: Content, asked: Asked) -> Recording:
        try:
            return read(content, tables.table_of(content), asked)
        except csv.Error as error:
            raise TraceError(f"{content.path}:1: not a CSV row: {error}") from None

    return with_table


def _console(content: Content) -> bool:
    firsts = {line.split(",")[0].strip('" ').lower() for line in content.first_lines[:8]}
    return "label" in firsts and bool(firsts & {"period", "statistic"})


def _google_csv(content: Content) -> bool:
    return bool(content.first_lines) and content.first_lines[0].lower().lstrip('"').startswith("timeseries id")


def _sep_line(content: Content) -> bool:
    return bool(content.first_lines) and content.first_lines[0].strip().strip('"').startswith("sep=")


FORMATS: tuple[Format, ...] = (
    Format(
        "k6 results, JSON",
        _lines(lambda row: row.get("type") in ("Metric", "Point") and "metric" in row),
        events.k6_lines,
    ),
    Format(
        "vegeta results, JSON", _lines(lambda row: row.keys() >= {"timestamp", "latency", "code"}), events.vegeta_lines
    ),
    Format(
        "a summary of k6",
        _document(_is_k6_summary),
        _refused("is the summary of a run of k6, which has no course of time: run it with --out csv=load.csv"),
    ),
    Format(
        "a report of vegeta",
        _document(_map("latencies", "requests")),
        _refused("is a report of vegeta, which has no course of time: give the results, by vegeta encode --to csv"),
    ),
    Format("get-metric-data", _document(_filled("MetricDataResults")), documents.reader(cloudwatch.metric_data)),
    Format("get-metric-statistics", _document(_list("Datapoints")), documents.reader(cloudwatch.metric_statistics)),
    Format(
        "a recording of accordion",
        _document(_map("version", "start", "requests", "rules")),
        documents.reader(documents.recorded),
    ),
    Format("a Prometheus range query", _document(_is_prometheus), documents.reader(documents.prometheus)),
    Format("a Datadog query", _document(_is_datadog), documents.reader(documents.datadog)),
    Format("a Datadog query, version 2", _document(_is_datadog_second), documents.reader(documents.datadog_second)),
    Format("Google Cloud Monitoring", _document(_is_google), documents.reader(documents.google)),
    Format("Azure Monitor", _document(_is_azure), documents.reader(documents.azure)),
    Format("JSON", lambda content: content.is_json, _no_known_document),
    Format("an access log of an application load balancer", _begins(events.ALB_LINE), events.alb),
    Format("an access log of a classic load balancer", _begins(events.CLASSIC_LINE), events.classic),
    Format("an access log in the common form", _begins(events.COMMON_LINE), events.common),
    Format(
        "a log in the extended form",
        lambda content: content.head.startswith(("#Version:", "#Software:", "#Fields:")),
        events.extended,
    ),
    Format("vegeta results, CSV", _begins(events.VEGETA_ROW), events.vegeta_csv),
    Format("k6 results, CSV", _with_header(("metric_name", "timestamp", "metric_value")), _table(load_tools.k6)),
    Format(
        "Locust's history", _with_header(("timestamp", "user count", "name", "requests/s")), _table(load_tools.locust)
    ),
    Format(
        "Locust's statistics",
        _with_header(("type", "name", "request count", "failure count")),
        _refused(
            "is the statistics of a run of Locust, which have no course of time: give the file _stats_history.csv"
        ),
    ),
    Format("hey results", _with_header(("response-time", "offset")), _table(load_tools.hey)),
    Format("JMeter results", _with_header(("timestamp", "elapsed", "label")), _table(load_tools.jmeter)),
    Format("an export of the CloudWatch console", _console, _table(columns.read)),
    Format("a CSV of Metrics Explorer", _google_csv, _table(columns.read)),
    Format("a CSV for Excel", _sep_line, _table(columns.read)),
    Format("a CSV", lambda _content: True, _table(columns.read)),
)
KNOWN_DOCUMENTS = (
    "get-metric-data", "get-metric-statistics", "a Prometheus range query", "a Datadog query",
    "timeSeries.list of Google Cloud Monitoring", "az monitor metrics list", "results of k6 or vegeta",
    "a recording of accordion",
)  # fmt: skip
"""JSON that is read, as the error names it."""


def format_of(content: Content) -> Format:
    """The format of a file."""
    return next(form for form in FORMATS if form.recognised(content))
