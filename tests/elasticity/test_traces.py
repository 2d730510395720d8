"""Shapes, transformations and files of loads; they cannot prove that an export of tomorrow's console still looks like this."""

from __future__ import annotations

import contextlib
import datetime
import gzip
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from elasticity.trace_files import parse_time, read_trace
from elasticity.traces import (
    EPOCH,
    SHAPES,
    Load,
    TraceError,
    combined,
    daily,
    ramp,
    shape,
    spike,
    square,
    steady,
    step,
    weekly,
)

CSV = "timestamp,value\n"


def written(folder: Path, text: str, name: str = "load.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


# Shapes.


@pytest.mark.parametrize(
    ("load", "expected"),
    [
        (steady(5, 240), [5, 5, 5, 5]),
        (ramp(0, 40, 240), [5, 15, 25, 35]),
        (ramp(10, 20, 60, lead=60, hold=60), [10, 15, 20]),
        (step(1, 9, at=120, duration=240), [1, 1, 9, 9]),
        (spike(1, 9, at=60, length=60, duration=240), [1, 9, 1, 1]),
        (square(1, 9, period=120, duration=240), [1, 9, 1, 9]),
        (square(1, 9, period=240, duration=240, high_share=0.25), [1, 1, 1, 9]),
        (daily(10, 30, peak_hour=12, resolution=21_600), [10, 20, 30, 20]),
    ],
)
def test_shapes_hold_their_numbers(load: Load, expected: list[float]) -> None:
    assert load.values.tolist() == pytest.approx(expected)


def test_a_week_is_lower_at_its_weekend() -> None:
    load = weekly(10, 30, peak_hour=12, weekend=0.5, resolution=43_200)
    assert load.values.tolist() == pytest.approx([10, 30] * 5 + [10, 20] * 2)


def test_every_shape_is_found_by_its_name() -> None:
    assert shape("steady", rate=5, duration=60).values.tolist() == [5.0]
    assert set(SHAPES) == {"steady", "ramp", "step", "spike", "square", "daily", "weekly"}


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: shape("saw"), "not a load shape: got 'saw', allowed steady, ramp, step, spike, square, daily, weekly"),
        (
            lambda: steady(-1, 60),
            "steady: got a value that is negative or not finite, allowed finite numbers from 0 up",
        ),
        (
            lambda: ramp(float("nan"), 1, 60),
            "ramp: got a value that is negative or not finite, allowed finite numbers from 0 up",
        ),
        (lambda: steady(1, 90), "steady: got a duration of 90 s, allowed whole multiples of the resolution of 60 s"),
        (lambda: steady(1, 60, resolution=0), "steady: got a resolution of 0 s, allowed whole seconds from 1 up"),
        (
            lambda: steady(1, 1e9, resolution=1),
            "steady: got 1000000000 points, allowed 50000000: take a coarser resolution",
        ),
        (
            lambda: square(1, 2, period=0, duration=60),
            "square: got a period of 0 s, allowed from the resolution of 60 s up",
        ),
        (lambda: step(1, 2, at=60, duration=60), "step: got `at` 60 s, allowed below the duration of 60 s"),
        (
            lambda: spike(1, 2, at=math.nan, length=60, duration=60),
            "spike: got `at` nan s, allowed below the duration of 60 s",
        ),
        (lambda: square(1, 2, period=60, duration=60, high_share=2), "square: got high_share 2, allowed 0 to 1"),
        (lambda: steady(1, 60).scaled(-1), "scale: got -1, allowed finite numbers from 0 up"),
        (lambda: steady(1, 60).shifted(0.5), "shift: got 0.5 s, allowed whole seconds"),
        (lambda: steady(1, 60).repeated(0), "repeat: got 0, allowed whole numbers from 1 up"),
        (lambda: steady(1, 60).repeated(10**8), "repeat: got 100000000 times 1 points, allowed 50000000 in all"),
        (lambda: steady(1, 60).window(0, 2), "window: got points 0 to 2, allowed 0 to 1"),
        (
            lambda: steady(1, 60).with_noise(True),
            "noise: got no seed, expected a whole number from 0 up, so that a run can be repeated",
        ),
        (lambda: Load(values=np.array([]), step=60), "load: got no values, expected at least one"),
        (lambda: Load(values=np.array([1.0]), step=0), "load: got a step of 0 s, allowed whole seconds from 1 up"),
        (
            lambda: Load(values=np.array([1.0]), step=60, start=datetime.datetime(2026, 1, 1)),  # noqa: DTZ001
            "load: got a start without a time zone, expected one such as 2026-01-05T00:00:00Z",
        ),
        (
            lambda: Load(values=np.array([1.0]), step=60, interpolation="cubic"),  # type: ignore[arg-type]
            "load: got interpolation 'cubic', allowed step, linear",
        ),
        (
            lambda: steady(1, 120).with_columns({"jobs": [1.0]}),
            "steady: column jobs needs one finite or missing value for each point",
        ),
        (
            lambda: combined([steady(1, 60), steady(1, 60, resolution=30)]),
            "sum: expected loads of the same start and step",
        ),
    ],
)
def test_a_bad_number_is_refused_with_what_is_allowed(make: Any, message: str) -> None:
    with pytest.raises(TraceError) as refused:
        make()
    assert str(refused.value) == message


def test_an_unknown_number_of_a_shape_is_refused_with_those_there_are() -> None:
    with pytest.raises(TraceError, match=r"^steady: .*speed.*; its numbers are "):
        shape("steady", rate=1, duration=60, speed=3)


# Transformations.


def test_loads_are_scaled_shifted_repeated_cut_and_added() -> None:
    load = step(1, 2, at=60, duration=120).with_columns({"jobs": [7.0, 8.0]})
    assert load.scaled(3).values.tolist() == [3.0, 6.0]
    assert load.shifted(3_600).start == EPOCH + datetime.timedelta(hours=1)
    assert load.repeated(2).values.tolist() == [1.0, 2.0, 1.0, 2.0]
    assert load.repeated(2).columns["jobs"].tolist() == [7.0, 8.0, 7.0, 8.0]
    assert load.window(1, 1).columns["jobs"].tolist() == [8.0]
    assert load.window(1, 1).start == EPOCH + datetime.timedelta(minutes=1)
    assert combined([load, load]).values.tolist() == [2.0, 4.0]
    assert load.end == EPOCH + datetime.timedelta(minutes=2)


def test_ticks_take_steps_means_or_lines() -> None:
    load = Load(values=np.array([0.0, 10.0, 20.0]), step=60)
    assert load.per_tick(30).tolist() == [0.0, 0.0, 10.0, 10.0, 20.0, 20.0]
    assert load.per_tick(120).tolist() == [5.0]
    assert load.per_tick(40).tolist() == pytest.approx([0.0, 5.0, 10.0, 20.0], abs=5)
    lines = Load(values=np.array([0.0, 10.0, 20.0]), step=60, interpolation="linear")
    assert lines.per_tick(60).tolist() == pytest.approx([5.0, 15.0, 20.0])


@given(st.floats(0, 1e6), st.sampled_from((1, 7, 60, 300)), st.sampled_from((1, 10, 60)))
def test_a_constant_stays_exactly_constant_at_any_tick(rate: float, grain: int, tick: int) -> None:
    load = Load(values=np.full(600, rate), step=grain)
    assert set(load.per_tick(tick).tolist()) <= {rate}


@given(st.lists(st.floats(0, 1e5), min_size=1, max_size=20), st.integers(0, 2**40))
def test_noise_is_whole_requests_around_the_load_and_repeatable(rates: list[float], seed: int) -> None:
    load = Load(values=np.array(rates), step=60)
    noisy = load.with_noise(seed)
    assert np.array_equal(noisy.values, load.with_noise(seed).values)
    assert np.allclose(noisy.values * 60, np.round(noisy.values * 60))
    assert all(value == 0 for value, rate in zip(noisy.values, rates, strict=True) if rate == 0)


def test_values_cannot_be_changed_behind_a_runs_back() -> None:
    with pytest.raises(ValueError, match="read-only"):
        steady(1, 60).values[0] = 2.0


# Files.


def test_a_csv_of_counts_becomes_a_rate_with_its_gaps_filled(tmp_path: Path) -> None:
    rows = "2026-01-05 00:00:00,300\n2026-01-05 00:05:00,600\n2026-01-05 00:15:00,900\n2026-01-05 00:20:00,\n"
    load = read_trace(written(tmp_path, CSV + rows))
    assert (load.step, load.filled, load.start) == (300, 2, EPOCH)
    assert load.values.tolist() == [1.0, 2.0, 0.0, 3.0, 0.0]
    rate = read_trace(written(tmp_path, CSV + rows), per="second")
    assert rate.values.tolist() == [300.0, 600.0, 600.0, 900.0, 900.0]
    linear = read_trace(written(tmp_path, CSV + rows), interpolation="linear")
    assert linear.values.tolist() == [1.0, 2.0, 2.5, 3.0, 3.0]


@pytest.mark.parametrize(
    ("per", "expected"), [("step", 2.0), ("second", 120.0), ("minute", 2.0), ("hour", 120 / 3_600)]
)
def test_values_count_per_step_or_are_rates(tmp_path: Path, per: Any, expected: float) -> None:
    path = written(tmp_path, CSV + "2026-01-05T00:00:00Z,120\n2026-01-05T00:01:00Z,120\n")
    assert read_trace(path, per=per).values.tolist() == pytest.approx([expected] * 2)


def test_columns_are_named_or_known_and_further_ones_kept(tmp_path: Path) -> None:
    text = "when,a,b\n2026-01-05T00:00:00+01:00,1,7\n2026-01-05T00:01:00+01:00,2,\n"
    load = read_trace(written(tmp_path, text), time_column="when", value_column="a", columns=["b"], per="second")
    assert load.start == EPOCH - datetime.timedelta(hours=1)
    assert load.values.tolist() == [1.0, 2.0]
    assert load.columns["b"][0] == 7.0
    assert np.isnan(load.columns["b"][1])


def test_an_export_of_the_cloudwatch_console_is_read(tmp_path: Path) -> None:
    text = (
        "Full label,RequestCount\nLabel,RequestCount\nPeriod,60\nStatistic,Sum\n"
        "2026/01/05 00:00:00,60\n2026/01/05 00:01:00,120\n"
    )
    assert read_trace(written(tmp_path, text)).values.tolist() == [1.0, 2.0]


def test_answers_of_get_metric_data_are_read_in_order_of_time(tmp_path: Path) -> None:
    results = [
        {"Id": "m1", "Label": "RequestCount", "Timestamps": ["2026-01-05T00:01:00Z", "2026-01-05T00:00:00Z"], "Values": [120, 60]},
        {"Id": "m2", "Label": "Jobs", "Timestamps": ["2026-01-05T00:00:00Z"], "Values": [5]},
    ]  # fmt: skip
    path = written(tmp_path, json.dumps({"MetricDataResults": results, "Messages": []}), "load.json")
    load = read_trace(path, value_column="m1", columns=["m2"])
    assert load.values.tolist() == [1.0, 2.0]
    assert load.columns["m2"][0] == 5.0
    with pytest.raises(TraceError) as refused:
        read_trace(path)
    assert str(refused.value) == f"{path}:1: there are several results, name one as value column: m1, m2"


def test_answers_of_get_metric_statistics_are_read(tmp_path: Path) -> None:
    points = [
        {"Timestamp": f"2026-01-05T00:0{minute}:00Z", "Sum": 60.0 * minute, "Unit": "Count"} for minute in (2, 0, 1)
    ]
    path = written(tmp_path, json.dumps({"Label": "RequestCount", "Datapoints": points}), "load.json")
    assert read_trace(path).values.tolist() == [0.0, 1.0, 2.0]


@pytest.mark.parametrize("text", ["2026-01-05T00:00:00Z", "2026-01-05 00:00:00", "2026/01/05 00:00", "1767571200"])
def test_times_are_read_in_the_forms_that_tools_write(text: str) -> None:
    time = parse_time(text)
    assert time is not None
    assert time.replace(tzinfo=datetime.UTC) == EPOCH


ROW = "2026-01-05T00:0{}:00Z,{}\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "{}:1: the file is empty, expected a header and rows with a time and a value"),
        (" \n\n", "{}:1: the file is empty, expected a header and rows with a time and a value"),
        (CSV, "{}:1: there are no rows below the header, expected a time and a value in each"),
        (
            "2026-01-05T00:00:00Z,5\n2026-01-05T00:01:00Z,6\n",
            "{}:1: there is no header, expected one such as timestamp,value",
        ),
        (
            "when,value\nnoon,5\n",
            (
                "{}:1: no time column: expected one of timestamp, time, date, datetime, @timestamp, or one named by the "
                "caller as time column; the header has when, value"
            ),
        ),
        (
            "timestamp,a,b\n2026-01-05T00:00:00Z,1,2\n",
            (
                "{}:1: no value column: expected value, requests, requestcount or one named by the caller "
                "(`*`: the sum of all), the header has timestamp, a, b"
            ),
        ),
        (
            "timestamp,value,value\n2026-01-05T00:00:00Z,1,2\n",
            "{}:1: the column value is there more than once, the header has timestamp, value, value",
        ),
        (
            CSV + ROW.format(0, "many") + ROW.format(1, -3) + ROW.format(2, "inf") + "soon,4\n" + ROW.format(4, "1,2"),
            (
                "{0}:2: value: got text, expected a number from 0 up, or nothing where it is missing\n"
                "{0}:3: value: got a negative number, expected a number from 0 up, or nothing where it is missing\n"
                "{0}:4: value: got no finite number, expected a number from 0 up, or nothing where it is missing\n"
                "{0}:5: the time is not readable, expected one such as 2026-01-05T00:00:00Z\n"
                "{0}:6: got 3 cells, the header has 2"
            ),
        ),
        (
            CSV + ROW.format(0, 1) + ROW.format(1, 1) + ROW.format(1, 1) + ROW.format(0, 1),
            (
                "{0}:4: the time repeats that of the row above, expected increasing times\n"
                "{0}:5: the time lies before that of the row above, expected increasing times"
            ),
        ),
        (
            CSV + ROW.format(0, 1) + ROW.format(1, 1) + "2026-01-05T00:02:00,1\n",
            "{}:4: the time has another zone than the others: write all times in UTC",
        ),
        (
            CSV + ROW.format(0, 1) + ROW.format(2, 1) + ROW.format(5, 1),
            "{}:4: the time is 180 s after the row above, expected a multiple of the step of 120 s",
        ),
        (CSV + ROW.format(0, 1), "{}:2: there is only one row: the step between rows is unknown"),
        (CSV + ROW.format(0, "") + ROW.format(1, ""), "{}:2: no row has a value"),
        (
            CSV + "2026-01-05T00:00:00.5Z,1\n2026-01-05T00:01:07.5Z,1\n2026-01-05T00:03:00Z,1\n",
            (
                "{0}:2: the time has fractions of a second and lies on no even step; if each row is one request, add --per request\n"
                "{0}:3: the time has fractions of a second and lies on no even step; if each row is one request, add --per request"
            ),
        ),
        (
            CSV + ROW.format(0, 1) + ROW.format(1, "1_000"),
            "{}:3: value: got text, expected a number from 0 up, or nothing where it is missing",
        ),
        (
            CSV + "9999-12-31T23:58:00Z,1\n1969-12-31T23:59:00Z,1\n",
            "{0}:2: the time lies outside 1970 to 2199\n{0}:3: the time lies outside 1970 to 2199",
        ),
        ("[1, 2", "{}:1: not JSON: Expecting ',' delimiter"),
        ("[" * 100_000, "{}:1: not a load: lists within lists without end"),
        ('{"Datapoints": ["a", 3]}', "{}:1: Datapoints: expected maps with a Timestamp and a statistic"),
        (
            '{"NextToken": "x", "MetricDataResults": [{}]}',
            "{}:1: the answer is not whole, it has a NextToken: ask without --max-items",
        ),
        (
            '{"MetricDataResults": [{"Id": "m1", "Timestamps": [], "Values": [], "StatusCode": "PartialData"}]}',
            "{}:1: result m1 is not whole, its StatusCode is not Complete: ask again",
        ),
        (
            "{}",
            (
                "{}:1: JSON of no known kind: expected that of get-metric-data, get-metric-statistics, a Prometheus range "
                "query, a Datadog query, timeSeries.list of Google Cloud Monitoring, az monitor metrics list, results of k6 "
                "or vegeta, a recording of accordion"
            ),
        ),
    ],
)
def test_a_bad_file_is_refused_with_its_lines(tmp_path: Path, text: str, message: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(TraceError) as refused:
        read_trace(path)
    assert str(refused.value) == message.format(path)


def test_a_query_of_logs_insights_is_a_trace(tmp_path: Path) -> None:
    path = written(tmp_path, "bin(1m),count(*)\n2026-01-05 00:00:00.000,60\n2026-01-05 00:01:00.000,120\n")
    assert read_trace(path).values.tolist() == [1.0, 2.0]


def test_unix_times_are_seconds_or_milliseconds(tmp_path: Path) -> None:
    seconds = read_trace(written(tmp_path, CSV + "1767571200,60\n1767571260,60\n"))
    thousandths = read_trace(written(tmp_path, CSV + "1767571200000,60\n1767571260000,60\n"))
    assert (thousandths.start, thousandths.step) == (seconds.start, seconds.step) == (EPOCH, 60)


def test_a_compressed_file_is_read_and_one_that_is_cut_off_or_too_large_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "load.csv.gz"
    packed = gzip.compress((CSV + ROW.format(0, 60)).encode()) + gzip.compress(ROW.format(1, 120).encode())
    path.write_bytes(packed)
    assert read_trace(path).values.tolist() == [1.0, 2.0]
    path.write_bytes(packed[:-9])
    with pytest.raises(TraceError) as refused:
        read_trace(path)
    assert str(refused.value) == f"{path}: is compressed by gzip, and cut off"
    monkeypatch.setattr("elasticity.trace_files.LARGEST_FILE", 1024 * 1024)
    path.write_bytes(gzip.compress(b"0" * 2 * 1024 * 1024))
    with pytest.raises(TraceError) as refused:
        read_trace(path)
    assert str(refused.value) == f"{path}: holds more than 1 MiB, the most that is read"


@pytest.mark.parametrize(
    ("seconds", "message"),
    [
        (math.nan, "shift: got nan s, allowed whole seconds"),
        (math.inf, "shift: got inf s, allowed whole seconds"),
        (1e15, "shift: got 1e+15 s, which leads outside 1970 to 2199"),
        (6e9, "steady: got a start in the year 2216, allowed 1970 to 2199"),
    ],
)
def test_a_load_stays_within_the_years_that_schedules_know(seconds: float, message: str) -> None:
    with pytest.raises(TraceError) as refused:
        steady(1, 60).shifted(seconds)
    assert str(refused.value) == message


def test_many_faults_are_told_twenty_at_a_time(tmp_path: Path) -> None:
    path = written(tmp_path, CSV + "".join(f"2026-01-05T00:{minute:02}:00Z,x\n" for minute in range(30)))
    with pytest.raises(TraceError) as refused:
        read_trace(path)
    lines = str(refused.value).splitlines()
    assert len(lines) == 21
    assert lines[-1] == f"{path}: and 10 more faults"


def test_a_missing_file_other_text_and_a_named_column_that_is_not_there_are_told(tmp_path: Path) -> None:
    with pytest.raises(TraceError) as refused:
        read_trace(tmp_path / "none.csv")
    assert str(refused.value) == f"{tmp_path / 'none.csv'}: cannot be read: No such file or directory"
    binary = tmp_path / "binary.csv"
    binary.write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(TraceError) as refused:
        read_trace(binary)
    assert str(refused.value) == f"{binary}: is not utf-8 text"
    path = written(tmp_path, CSV + ROW.format(0, 1) + ROW.format(1, 1))
    with pytest.raises(TraceError) as refused:
        read_trace(path, columns=["jobs"])
    assert str(refused.value) == f"{path}:1: the column jobs is missing, the header has timestamp, value"
    with pytest.raises(TraceError) as refused:
        read_trace(path, per="day")  # type: ignore[arg-type]
    assert str(refused.value) == f"{path}: got values per 'day', allowed step, second, minute, hour, request"


@pytest.mark.long
def test_a_million_rows_are_read(tmp_path: Path) -> None:
    times = np.datetime64("2026-01-05T00:00:00") + np.arange(1_000_000) * np.timedelta64(10, "s")
    path = written(tmp_path, CSV + "\n".join(f"{time},1" for time in times.astype(str)) + "\n")
    load = read_trace(path)
    assert (len(load.values), load.step, load.filled) == (1_000_000, 10, 0)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=200))
def test_nonsense_is_refused_and_never_a_traceback(tmp_path: Path, text: str) -> None:
    for name in ("load.csv", "load.json"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8", errors="replace")
        with contextlib.suppress(TraceError):
            read_trace(path)
