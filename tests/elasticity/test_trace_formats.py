"""Loads as people have them: each format in the shape in which its tool writes it, read rightly or refused with the cure.

The samples were written by hand after the tools' documentation; they cannot prove that no release of a tool writes
another shape.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from elasticity.trace_files import read_trace
from elasticity.trace_files.formats import FORMATS
from elasticity.trace_files.meaning import Meaning, meaning_of
from elasticity.trace_files.plain import plain_columns
from elasticity.traces import EPOCH, TraceError

UNIX = int(EPOCH.timestamp())
COUNTS = (60, 120, 180)
"""Requests in three minutes: 1, 2 and 3 a second."""
RATES = [1.0, 2.0, 3.0]


def written(folder: Path, content: str | bytes, name: str = "load.txt") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def minutes(pattern: str, values: tuple[Any, ...] = COUNTS) -> str:
    return "".join(
        pattern.format(m=minute, v=value, s=UNIX + 60 * minute, ms=(UNIX + 60 * minute) * 1_000)
        for minute, value in enumerate(values)
    )


def prometheus(metric: dict[str, str], values: tuple[Any, ...]) -> str:
    points = [[UNIX + 60 * place, str(value)] for place, value in enumerate(values)]
    return json.dumps(
        {"status": "success", "data": {"resultType": "matrix", "result": [{"metric": metric, "values": points}]}}
    )


def datadog(expression: str, values: tuple[Any, ...], unit: Any = None) -> str:
    points = [[(UNIX + 60 * place) * 1_000.0, value] for place, value in enumerate(values)]
    one = {
        "metric": "trace.http.request.hits",
        "expression": expression,
        "interval": 60,
        "scope": "service:web",
        "pointlist": points,
        "unit": unit,
    }
    return json.dumps({"status": "ok", "series": [one], "query": expression})


def recording(values: tuple[Any, ...]) -> str:
    return json.dumps({"version": 1, "start": "2026-01-05T00:00:00Z", "requests": values, "rules": {}})


def google(kind: str, unit: str, values: tuple[Any, ...]) -> str:
    points = [
        {
            "interval": {"startTime": f"2026-01-05T00:0{m}:00Z", "endTime": f"2026-01-05T00:0{m + 1}:00Z"},
            "value": {"int64Value": str(v)},
        }
        for m, v in enumerate(values)
    ]
    metric = {"type": "loadbalancing.googleapis.com/https/request_count", "labels": {}}
    return json.dumps(
        {
            "timeSeries": [{"metric": metric, "metricKind": kind, "valueType": "INT64", "points": points[::-1]}],
            "unit": unit,
        }
    )


def azure(field: str, unit: str = "Count", name: str = "Requests") -> str:
    data = [{"timeStamp": f"2026-01-05T00:0{m}:00Z", field: float(v)} for m, v in enumerate(COUNTS)]
    metric = {
        "name": {"value": name, "localizedValue": name},
        "unit": unit,
        "timeseries": [{"metadatavalues": [], "data": data}],
    }
    return json.dumps({"interval": "PT1M", "timespan": "x", "value": [metric]})


DATADOG_2 = json.dumps({"data": {"type": "timeseries_response", "attributes": {
    "series": [{"group_tags": ["service:web"], "query_index": 0, "unit": [{"family": "network", "name": "request"}, {"family": "time", "name": "second"}]}],
    "times": [(UNIX + 60 * m) * 1_000 for m in range(3)], "values": [[1.0, 2.0, 3.0]]}}})  # fmt: skip
STATISTICS = '{{"Timestamp": "2026-01-05T00:0{m}:00Z", "{kind}": {v}.0, "Unit": "{unit}"}}'


def statistics(label: str, kind: str, unit: str, values: tuple[int, ...] = COUNTS) -> str:
    points = ",".join(STATISTICS.format(m=m, v=v, kind=kind, unit=unit) for m, v in enumerate(values))
    return f'{{"Label": "{label}", "Datapoints": [{points}]}}'


LOCUST = (
    "Timestamp,User Count,Type,Name,Requests/s,Failures/s,50%,95%,Total Request Count,Total Failure Count\n"
    + "".join(
        f"{UNIX + place},10,GET,/,{place}.5,0.0,12,20,1,0\n{UNIX + place},10,,Aggregated,{place + 1}.000000,0.000000,12,20,1,0\n"
        for place in range(3)
    )
)
TIMES_OF_REQUESTS = [*range(0, 1_260, 60), *range(1_260, 2_520, 30)]
"""One request a minute for 21 minutes, then two a minute."""
PER_REQUEST = [1 / 60] * 21 + [2 / 60] * 21


def stamp(second: int, milliseconds: bool = True) -> str:
    text = str(np.datetime64("2026-01-05T00:00:00") + np.timedelta64(second, "s"))
    return f"{text}.123456Z" if milliseconds else text


ALB = "".join(
    f"https {stamp(s + 2)} app/web/50dc6c495c0c9188 192.0.2.1:2817 10.0.0.1:80 0.086 0.048 0.037 200 200 0 57 "
    f'"GET https://example.com:443/?at=2020-01-01T00:00:00Z HTTP/1.1" "curl/8" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 '
    f'arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/web/73e2d6bc24d8a067 "Root=1-x" "example.com" "-" '
    f'1 {stamp(s)} "forward" "-" "-" "10.0.0.1:80" "200" "-" "-"\n'
    for s in TIMES_OF_REQUESTS
)
CLASSIC = "".join(
    f'{stamp(s)} web 192.0.2.1:2817 10.0.0.1:80 0.000073 0.001048 0.000057 200 200 0 29 "GET http://example.com:80/ HTTP/1.1" "curl/8" - -\n'
    for s in TIMES_OF_REQUESTS
)
NGINX = "".join(
    f'192.0.2.{s % 200} - - [05/Jan/2026:{s // 3_600 + 1:02}:{s // 60 % 60:02}:{s % 60:02} +0100] "GET / HTTP/1.1" 200 612 "-" "curl/8"\n'
    for s in TIMES_OF_REQUESTS
)
CLOUDFRONT = "#Version: 1.0\n#Fields: date time x-edge-location sc-bytes\n" + "".join(
    f"{stamp(s, False).replace('T', chr(9))}\tFRA2-C1\t500\n" for s in TIMES_OF_REQUESTS
)
VEGETA_CSV = "".join(
    f"{(UNIX + s) * 10**9 + 5},200,1000,0,5,,Ym9keQ==,big,{n},GET,http://x/,\n" for n, s in enumerate(TIMES_OF_REQUESTS)
)
VEGETA_JSON = "".join(
    json.dumps(
        {"attack": "", "seq": n, "code": 200, "timestamp": stamp(s).replace("Z", "+00:00"), "latency": 5, "bytes_in": 1}
    )
    + "\n"
    for n, s in enumerate(TIMES_OF_REQUESTS)
)
K6_CSV = "metric_name,timestamp,metric_value,check,error\n" + "".join(
    f"http_reqs,{UNIX + s},1.000000,,\nhttp_req_duration,{UNIX + s},12.5,,\n" for s in TIMES_OF_REQUESTS
)
K6_JSON = '{"type":"Metric","data":{"name":"http_reqs","type":"counter"},"metric":"http_reqs"}\n' + "".join(
    json.dumps({"metric": name, "type": "Point", "data": {"time": stamp(s), "value": 1, "tags": {}}}) + "\n"
    for s in TIMES_OF_REQUESTS for name in ("http_reqs", "http_req_duration")
)  # fmt: skip
HEY = "response-time,DNS+dialup,DNS,Request-write,Response-delay,Response-read,status-code,offset\n" + "".join(
    f"0.0101,0.0020,0.0010,0.0001,0.0090,0.0001,200,{s}.0123\n" for s in reversed(TIMES_OF_REQUESTS)
)
JMETER = "timeStamp,elapsed,label,responseCode,success\n" + "".join(
    f"{(UNIX + s) * 1_000},12,home,200,true\n" for s in TIMES_OF_REQUESTS
)
REQUESTS_CSV = "TIMESTAMP,ContextTokens,GeneratedTokens\n" + "".join(
    f"{stamp(s, False)}.9799600,4808,10\n" for s in TIMES_OF_REQUESTS
)
EXPLORER = "TimeSeries ID,loadbalancing/request_count\nresource.url_map_name,web\n" + minutes(
    "Mon Jan 05 2026 01:0{m}:00 GMT+0100 (Central European Standard Time),{v}\n"
)

READ: dict[str, tuple[str, dict[str, Any], list[float]]] = {
    "prometheus, named per second": (prometheus({"__name__": "job:requests:rate5m", "job": "web"}, (1, 2, 3)), {}, RATES),
    "prometheus, an expression": (prometheus({}, (1, 2, 3)), {"per": "second"}, RATES),
    "promtool": (json.dumps([{"metric": {}, "values": [[UNIX + 60 * m, str(m + 1)] for m in range(3)]}]), {"per": "second"}, RATES),
    "grafana, wide": (minutes("2026-01-05 00:0{m}:00,{v}\n").join(['"Time","web"\n', ""]), {}, RATES),
    "grafana, wide, rates with units": ("Time,web\n" + "2026-01-05 00:00:00,1 req/s\n2026-01-05 00:01:00,2.00 req/s\n2026-01-05 00:02:00,0.003 K req/s\n", {}, RATES),
    "grafana, for Excel": ("sep=,\r\n" + '"Time","sum(rate(requests[1m]))"\r\n' + minutes("{ms},{v}\r\n", (1, 2, 3)), {}, RATES),
    "grafana, milliseconds": ("Time,Value\n" + minutes("{ms},{v}\n"), {}, RATES),
    "grafana, long": ("Series;Time;Value\n" + minutes("web;2026-01-05T00:0{m}:00+00:00;{v}\n"), {}, RATES),
    "grafana, long, one of two": ("Series;Time;Value\n" + minutes("web;2026-01-05T00:0{m}:00+00:00;{v}\n") + minutes("api;2026-01-05T00:0{m}:00+00:00;7\n"), {"value_column": "web"}, RATES),
    "grafana, long, all": ("Series;Time;Value\n" + minutes("web;2026-01-05T00:0{m}:00+00:00;{v}\n") + minutes("api;2026-01-05T00:0{m}:00+00:00;60\n"), {"value_column": "*"}, [2.0, 3.0, 4.0]),
    "wide, all": ("timestamp,web,api\n" + minutes("2026-01-05T00:0{m}:00Z,{v},60\n"), {"value_column": "*"}, [2.0, 3.0, 4.0]),
    "datadog, count": (datadog("sum:trace.http.request.hits{service:web}.as_count()", COUNTS), {}, RATES),
    "datadog, rate": (datadog("sum:trace.http.request.hits{service:web}.as_rate()", (1, 2, 3)), {}, RATES),
    "datadog, by unit": (datadog("sum:trace.http.request.hits{*}", (1, 2, 3), [{"family": "network", "name": "request"}, {"family": "time", "name": "second"}]), {}, RATES),
    "datadog, version 2": (DATADOG_2, {}, RATES),
    "datadog, grouped CSV": ("time,group,value\n" + minutes("{ms},service:web,{v}\n") + minutes("{ms},service:api,60\n"), {"value_column": "*"}, [2.0, 3.0, 4.0]),
    "a recording": (recording(COUNTS), {}, RATES),
    "a recording, a minute without a datapoint": (recording((60, None, 180)), {}, [1.0, 0.0, 3.0]),
    "google, delta": (google("DELTA", "1", COUNTS), {}, RATES),
    "google, rate": (google("GAUGE", "1/s", (1, 2, 3)).replace('"valueType"', '"unit": "1/s", "valueType"'), {}, RATES),
    "google, metrics explorer": (EXPLORER, {}, RATES),
    "azure, total": (azure("total"), {}, RATES),
    "azure, the portal's CSV": ("Requests for web\n\nTimestamp (UTC),Requests (Sum)\n" + minutes("1/5/2026 12:0{m}:00 AM,{v}\n").replace("1/5/", "1/15/"), {}, RATES),
    "cloudwatch, samples of a time": (statistics("TargetResponseTime", "SampleCount", "Seconds"), {}, RATES),
    "cloudwatch, console": ("Full label,RequestCount\nLabel,RequestCount\nPeriod,60\nStatistic,Sum\n" + minutes("2026/01/05 00:0{m}:00,{v}\n"), {}, RATES),
    "athena": ('"minute","_col1"\n' + minutes('"2026-01-05 00:0{m}:00.000 UTC","{v}"\n'), {}, RATES),
    "athena, its columns named": ('"_col0","hits","misses"\n' + minutes('"2026-01-05 00:0{m}:00.000","{v}","1"\n'), {"time_column": "_col0", "value_column": "hits"}, RATES),
    "newest first": ("bin(1m),count(*)\n" + "".join(reversed(minutes("2026-01-05 00:0{m}:00.000,{v}\n").splitlines(keepends=True))), {}, RATES),
    "locust": (LOCUST, {}, RATES),
    "k6, CSV": (K6_CSV, {}, PER_REQUEST),
    "k6, JSON": (K6_JSON, {}, PER_REQUEST),
    "vegeta, CSV": (VEGETA_CSV, {}, PER_REQUEST),
    "vegeta, JSON": (VEGETA_JSON, {}, PER_REQUEST),
    "hey": (HEY, {}, PER_REQUEST),
    "jmeter": (JMETER, {}, PER_REQUEST),
    "alb": (ALB, {}, PER_REQUEST),
    "classic balancer": (CLASSIC, {}, PER_REQUEST),
    "nginx": (NGINX, {}, PER_REQUEST),
    "cloudfront": (CLOUDFRONT, {}, PER_REQUEST),
    "a row for each request": (REQUESTS_CSV, {"per": "request"}, PER_REQUEST),
    "offsets": ("seconds,requests\n" + minutes("{m}0,{v}\n").replace("10,", "60,").replace("20,", "120,").replace("00,", "0,", 1), {}, RATES),
    "offsets in minutes": ("minute,requests\n" + minutes("{m},{v}\n"), {}, RATES),
    "offsets of zones": ("timestamp,requests\n2026-10-25T02:59:00+02:00,60\n2026-10-25T02:00:00+01:00,120\n2026-10-25T02:01:00+01:00,180\n", {}, RATES),
    "days first": ("time,requests\n" + minutes("15/01/2026 00:0{m},{v}\n"), {}, RATES),
    "months first": ("time,requests\n" + minutes("01/15/2026 00:0{m},{v}\n"), {}, RATES),
    "days with points, decimal commas": ("Zeit;Anfragen\n" + minutes("05.01.2026 00:0{m};{v},0\n"), {}, RATES),
    "thousands": ("time,requests\n" + minutes('2026-01-05T00:0{m}:00Z,"{v}"\n', ("1,200", "2,400", "1,200,000")), {}, [20.0, 40.0, 20_000.0]),
    "thousands with points": ("time;requests\n" + minutes("2026-01-05T00:0{m}:00Z;{v}\n", ("1.200", "2.400,0", "1.200.000")), {}, [20.0, 40.0, 20_000.0]),
    "K and M": ("time,requests\n" + minutes("2026-01-05T00:0{m}:00Z,{v}\n", ("600", "1.2 K", "0.6M")), {}, [10.0, 20.0, 10_000.0]),
    "jitter of a second": ("time,requests\n2026-01-05T00:00:00Z,60\n2026-01-05T00:01:01Z,120\n2026-01-05T00:01:59Z,180\n", {}, RATES),
    "jitter of parts of a second": ("time,requests\n2026-01-05T00:00:00.2Z,60\n2026-01-05T00:01:00.9Z,120\n2026-01-05T00:02:00.1Z,180\n", {}, RATES),
    "markers of missing values": ("time,requests\n" + minutes("2026-01-05T00:0{m}:00Z,{v}\n", (60, "null", 180)), {}, [1.0, 0.0, 3.0]),
    "a rate by its name": ("time,requests_per_second\n" + minutes("2026-01-05T00:0{m}:00Z,{v}\n", (1, 2, 3)), {}, RATES),
    "a rate, rpm": ("time,rpm\n" + minutes("2026-01-05T00:0{m}:00Z,{v}\n"), {}, RATES),
    "the column that can be a load": ("time,cpu,rps\n" + minutes("2026-01-05T00:0{m}:00Z,99,{v}\n", (1, 2, 3)), {}, RATES),
    "insisted": ("time,cpu\n" + minutes("2026-01-05T00:0{m}:00Z,{v}\n"), {"value_column": "cpu", "per": "step"}, RATES),
}  # fmt: skip


@pytest.mark.parametrize("name", READ)
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_a_load_is_read_as_its_tool_wrote_it(tmp_path: Path, name: str, packed: bool) -> None:
    text, asked, expected = READ[name]
    load = read_trace(written(tmp_path, gzip.compress(text.encode()) if packed else text), **asked)
    assert load.values.tolist() == pytest.approx(expected)
    assert load.origin.startswith("read as ")


CPU = "time,{}\n2026-01-05T00:00:00Z,40\n2026-01-05T00:01:00Z,41\n"
NO_LOAD = "; if it is a load all the same, give both --value-column and --per"
REFUSED: dict[str, tuple[str, str]] = {
    "prometheus, an instant": ('{"status":"success","data":{"resultType":"vector","result":[]}}', "the answer of an instant query has no course of time: ask /api/v1/query_range with start, end and step"),
    "prometheus, nothing said": (prometheus({}, (1, 2, 3)), "`value` says not what its values count: add --per second for rate(), --per minute for an increase over a minute"),
    "prometheus, a counter": (prometheus({"__name__": "http_requests_total"}, (1, 2, 3)), "`http_requests_total` is a counter since its process began: query its rate(), such as sum(rate(...[1m]))" + NO_LOAD),
    "a recording without a zone": (recording(COUNTS).replace("Z", ""), "start, requests: expected a time with its zone, and a list of counts"),
    "datadog, an average": (datadog("avg:trace.http.request.hits{*}.as_count()", COUNTS), "`service:web` is an average, and a load is a sum: ask the source for the sum of each period" + NO_LOAD),
    "datadog, nothing said": (datadog("sum:trace.http.request.hits{*}", COUNTS), "`service:web` says not what its values count: query it with .as_count(), or add --per second"),
    "google, a counter": (google("CUMULATIVE", "1", COUNTS), "`request_count` is a counter since its start: ask with perSeriesAligner ALIGN_DELTA or ALIGN_RATE" + NO_LOAD),
    "azure, an average": (azure("average"), "`Requests` has no total: ask with --aggregation Total" + NO_LOAD),
    "azure, a share": (azure("average", "Percent", "CpuPercentage"), "`CpuPercentage` is measured in Percent, not in requests" + NO_LOAD),
    "cloudwatch, an average": (statistics("RequestCount", "Average", "Count", (1, 1, 1)), "`RequestCount` is an average, and a load is a sum: ask the source for the sum of each period: --statistics Sum" + NO_LOAD),
    "cloudwatch, ones": (json.dumps({"MetricDataResults": [{"Id": "m1", "Label": "RequestCount", "Timestamps": [UNIX + 60 * m for m in range(6)], "Values": [1.0] * 6}]}).replace("m1", "RequestCount"), "`RequestCount` is 1 all the time, as the Average of RequestCount is: ask for its Sum; if it is a load all the same, add --per step"),
    "cloudwatch, cpu": (statistics("CPUUtilization", "Average", "Percent"), "`CPUUtilization` is measured in Percent, not in requests" + NO_LOAD),
    "cloudwatch, cpu as metric data": ('{"MetricDataResults": [{"Id": "m1", "Label": "CPUUtilization", "Timestamps": ["2026-01-05T00:00:00Z"], "Values": [1]}]}', "`m1` is the use of processors" + NO_LOAD),
    "cloudwatch, an average of the console": ("Label,RequestCount\nPeriod,60\nStatistic,Average\n2026/01/05 00:00:00,1\n2026/01/05 00:01:00,1\n", "`RequestCount` is an average, and a load is a sum: ask the source for the sum of each period" + NO_LOAD),
    "k6, a summary": ('{"root_group": {}, "metrics": {"http_reqs": {"count": 5, "rate": 1.2}}}', "is the summary of a run of k6, which has no course of time: run it with --out csv=load.csv"),
    "vegeta, a report": ('{"latencies": {}, "requests": 5, "rate": 2.0}', "is a report of vegeta, which has no course of time: give the results, by vegeta encode --to csv"),
    "locust, statistics": ("Type,Name,Request Count,Failure Count,Median Response Time\nGET,/,5,0,12\n", "is the statistics of a run of Locust, which have no course of time: give the file _stats_history.csv"),
    "cpu": (CPU.format("cpu"), "`cpu` is the use of processors" + NO_LOAD),
    "memory": (CPU.format("memory_used"), "`memory_used` is the use of memory" + NO_LOAD),
    "latency": (CPU.format("p95_latency_ms"), "`p95_latency_ms` is a percentile (p95), not a sum" + NO_LOAD),
    "response time": (CPU.format("TargetResponseTime"), "`TargetResponseTime` is a time, not a number of requests" + NO_LOAD),
    "a rate of nothing": (CPU.format("request_rate"), "`request_rate` is a rate, and its name does not say per what: add --per second, minute or hour"),
    "of one target": (CPU.format("RequestCountPerTarget"), "`RequestCountPerTarget` counts the requests of one unit, not of all" + NO_LOAD),
    "percent behind the numbers": ("time,web\n2026-01-05T00:00:00Z,40%\n2026-01-05T00:01:00Z,41%\n", "`web` is measured in %, not in requests" + NO_LOAD),
    "milliseconds behind the numbers": ("time,web\n2026-01-05T00:00:00Z,40 ms\n2026-01-05T00:01:00Z,41 ms\n", "`web` is measured in ms, not in requests" + NO_LOAD),
    "several series": ("Series;Time;Value\n" + minutes("web;2026-01-05T00:0{m}:00Z;{v}\n") + minutes("api;2026-01-05T00:0{m}:00Z;{v}\n"), "2 series stand below each other, name one as value column, or `*` for their sum: web, api"),
    "a growing counter": ("time,requests_total\n" + minutes("2026-01-05T00:0{m}:00Z,{v}\n", tuple(range(10))), "`requests_total` only grows, as a counter since its start does: export its increase in each step or its rate; if it is a load all the same, add --per step"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_load_is_refused_with_the_cure(tmp_path: Path, name: str) -> None:
    text, expected = REFUSED[name]
    path = written(tmp_path, text)
    with pytest.raises(TraceError) as refused:
        read_trace(path)
    said = str(refused.value).split(": ", 1)
    assert said[0].startswith(f"{path}:")
    assert said[1] == expected


AMBIGUOUS = "the date can be read day first or month first, and no row tells which: write times as 2026-01-05T00:00:00Z"


@pytest.mark.parametrize("written_so", ["05/01/2026 00:0{m}", "5/1/2026, 12:0{m} AM", "05-01-2026 00:0{m}:00"])
def test_a_date_that_could_be_of_two_days_is_refused(tmp_path: Path, written_so: str) -> None:
    path = written(tmp_path, "time,requests\n" + minutes(f'"{written_so}",{{v}}\n'))
    with pytest.raises(TraceError) as refused:
        read_trace(path)
    assert str(refused.value) == f"{path}:2: {AMBIGUOUS}"


def test_numbers_that_can_be_read_two_ways_are_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "time;requests\n" + minutes("2026-01-05T00:0{m}:00Z;{v}\n", ("1.234", "2.345", "3.456")))
    with pytest.raises(TraceError) as refused:
        read_trace(path)
    assert "1.234 or 1,234 as a little more than one or as more than a thousand" in str(refused.value)


def test_what_was_recognised_is_told_with_its_gaps(tmp_path: Path) -> None:
    sums = written(
        tmp_path, "timestamp,RequestCount\n2026-01-05 00:00:00,600\n2026-01-05 00:01:00,600\n2026-01-05 02:02:00,600\n"
    )
    load = read_trace(sums)
    assert load.values.sum() * 60 == pytest.approx(1_800)
    assert load.origin == (
        "read as a CSV: `RequestCount`, requests in each step, one each 60 s; 120 missing, counted as 0: a sum is not "
        "reported where nothing happened; times without a zone were read as UTC"
    )


MEANINGS = [
    ("requests", Meaning()),
    ("RequestCount", Meaning()),
    ("app/web/50dc6c495c0c9188 RequestCount", Meaning()),
    ("app/s-1/50dc RequestCount", Meaning()),
    ("http_request_duration_seconds_count", Meaning()),
    ("sum(rate(http_requests_total[5m]))", Meaning("second")),
    ("Requests/s", Meaning("second")),
    ("req/min", Meaning("minute")),
    ("requests per hour", Meaning("hour")),
    ("http_rps", Meaning("second")),
    ("NewConnectionCount", Meaning()),
    ("NumberOfMessagesSent", Meaning()),
]  # fmt: skip
NO_LOADS = (
    "CPUUtilization", "ECS CPU %", "node_load1", "MemoryUtilization", "heap_used", "TargetResponseTime", "latency", "request_duration_seconds", "ProcessedBytes",
    "HealthyHostCount", "RunningTaskCount", "User Count", "ActiveConnectionCount", "ApproximateNumberOfMessagesVisible", "HTTPCode_Target_5XX_Count", "errors",
    "RequestCount (Average)", "avg(rps)", "p99", "max_requests", "GroupDesiredCapacity", "kube_deployment_status_replicas", "cache_hit_ratio",
)  # fmt: skip


@pytest.mark.parametrize(("name", "expected"), MEANINGS)
def test_a_name_says_what_its_values_count(name: str, expected: Meaning) -> None:
    assert meaning_of(name) == expected


@pytest.mark.parametrize("name", NO_LOADS)
def test_a_name_that_is_no_load_is_known(name: str) -> None:
    assert meaning_of(name).refused


def test_every_format_of_the_list_is_reached_by_a_sample(tmp_path: Path) -> None:
    from elasticity.trace_files.content import Content
    from elasticity.trace_files.formats import format_of

    texts = [text for text, *_ in (*READ.values(), *REFUSED.values())]
    more = ["{}", statistics("RequestCount", "Sum", "Count")]
    reached = {format_of(Content("x", text.encode(), "utf-8-sig")).name for text in (*texts, *more)}
    assert reached == {form.name for form in FORMATS}


CELLS = st.one_of(
    st.integers(0, 10**17).map(str),
    st.decimals(0, 10**6, places=3, allow_nan=False).map(str),
    st.sampled_from(
        ["", "0", "007", ".5", "5.", "1e3", "1_0", "x", "12345678", "123456789012345", "1.2.3", "-1", "nan"]
    ),
)
STAMPS = st.sampled_from(
    [
        "2026-01-05T00:00:00Z",
        "2026-01-05 00:00:00",
        "2026/01/05 00:00:00",
        "2026-01-05T00:00:00.000Z",
        "2026-01-05T00:00:00+01:00",
        "1767571200",
        "1767571200000",
    ]
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    STAMPS,
    st.lists(CELLS, min_size=60, max_size=60),
    st.integers(0, 59),
    st.sampled_from("0:-Tx,9\n. "),
    st.integers(0, 30),
)
@example("2026-01-05 00:00:00", ["1"] * 60, 0, "0", 0)
def test_the_reader_without_a_loop_reads_what_the_other_reads_or_nothing(
    stamp: str, cells: list[str], row: int, sign: str, place: int
) -> None:
    """The same bits for what both read; what it leaves is left to the other."""
    stamps = [stamp] * 60
    stamps[row] = stamp[:place] + sign + stamp[place + 1 :]
    rows = "".join(f"{time},{cell}\n" for time, cell in zip(stamps, cells, strict=True))
    found = plain_columns(rows.encode(), 2, 0, [1])
    if found is None:
        return
    from elasticity.trace_files.times import parse_time

    seconds, (values,), _ = found
    for time, cell, second, value in zip(stamps, cells, seconds.tolist(), values.tolist(), strict=True):
        parsed = parse_time(time)
        assert parsed is not None
        assert (parsed if parsed.tzinfo else parsed.replace(tzinfo=EPOCH.tzinfo)).timestamp() == second
        assert (np.isnan(value) and cell == "") or float(cell) == value


@pytest.mark.parametrize(
    "stamp",
    [
        "2026-01-05T00:{m:02}:00Z",
        "2026/01/05 00:{m:02}:00",
        "2026-01-05 00:{m:02}:00.000",
        "2026-01-05T00:{m:02}:00-05:30",
    ],
)
def test_plain_rows_are_read_without_a_loop(stamp: str) -> None:
    rows = "".join(f"{stamp.format(m=m)},{m * 1_234_567},{m / 7:.6f},{'' if m % 2 else m}\n" for m in range(60))
    found = plain_columns(rows.encode(), 4, 0, [1, 2, 3])
    assert found is not None
    seconds, (whole, pointed, gaps), _ = found
    assert np.diff(seconds).tolist() == [60.0] * 59
    assert whole.tolist() == [m * 1_234_567.0 for m in range(60)]
    assert pointed.tolist() == [float(f"{m / 7:.6f}") for m in range(60)]
    assert np.isnan(gaps).sum() == 30


def test_a_second_reading_of_the_same_content_is_the_same_load_and_of_another_is_not(tmp_path: Path) -> None:
    path = written(tmp_path, "time,requests\n" + minutes("2026-01-05T00:0{m}:00Z,{v}\n"))
    first = read_trace(path)
    assert read_trace(path) is first
    assert read_trace(path, per="second") is not first
    written(tmp_path, "time,requests\n" + minutes("2026-01-05T00:0{m}:00Z,{v}\n", (1, 1, 1)))
    assert read_trace(path).values.tolist() == pytest.approx([1 / 60] * 3)
