"""Every row of the vectors is a test named by its id. It cannot prove agreement with AWS as it is
today, only with published and derived numbers."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.elasticity.answers import ANSWERS

VECTORS = Path(__file__).parent / "vectors"
DATAPOINT = {"0": 0, "X": 1, "-": None}
RETAINED = ("OK", "ALARM", "INSUFFICIENT_DATA")


def rows(*, of: str | None = None) -> Iterator[dict[str, str]]:
    """The rows of one file, or of all files with a `function` column."""
    for path in sorted(VECTORS.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                if path.stem == of or (of is None and "function" in row):
                    yield row


def named(**columns: Any) -> Any:
    return pytest.mark.parametrize("row", [pytest.param(row, id=row["id"]) for row in rows(**columns)])


def agrees(actual: Any, expected: Any, tolerance: float | None) -> bool:
    """Whether `actual` is what a row expects: its relations, of an object the named keys, reals to 1e-9 or the
    tolerance."""
    if isinstance(expected, dict):
        if expected.keys() == {"not"}:
            return not agrees(actual, expected["not"], tolerance)
        if expected.keys() == {"at_least", "first"}:
            return actual >= expected["at_least"] >= expected["first"]
        if expected.keys() == {"at_most", "first"}:
            return actual <= expected["at_most"] <= expected["first"]
        return all(key in actual and agrees(actual[key], expected[key], tolerance) for key in expected)
    if isinstance(expected, list):
        return len(actual) == len(expected) and all(
            agrees(one, other, tolerance) for one, other in zip(actual, expected, strict=True)
        )
    if isinstance(expected, (bool, str, type(None))) or isinstance(actual, (bool, str, type(None))):
        return actual is expected or (isinstance(actual, str) and actual == expected)
    if isinstance(expected, int) and isinstance(actual, int) and tolerance is None:
        return actual == expected
    return abs(actual - expected) <= (1e-9 if tolerance is None else tolerance) + 1e-12


@named()
def test_a_row_holds(row: dict[str, str]) -> None:
    actual = ANSWERS[row["function"]](**json.loads(row["inputs"]))
    tolerance = float(row["tolerance"]) if row["tolerance"] else None
    assert agrees(actual, json.loads(row["expected"]), tolerance), f"{row['statement']}: got {actual}"


@pytest.mark.parametrize(
    ("row", "setting", "previous"),
    [
        pytest.param(row, setting, previous, id=f"{row['id']}/{setting}/{previous}")
        for row in rows(of="alarms-missing-data")
        for setting in ("missing", "ignore", "breaching", "not_breaching")
        for previous in RETAINED
    ],
)
def test_missing_data(row: dict[str, str], setting: str, previous: str) -> None:
    points = [DATAPOINT[point] for point in row["points"].split()]
    expected = previous if row[setting] == "retain" else row[setting]
    state = ANSWERS["alarm_state"](
        points=points,
        threshold=0.5,
        comparison="GreaterThanThreshold",
        evaluation_periods=int(row["evaluation_periods"]),
        datapoints_to_alarm=int(row["datapoints_to_alarm"]),
        missing={"not_breaching": "notBreaching"}.get(setting, setting),
        previous=previous,
    )
    assert state == expected
    real = sum(point is not None for point in points)
    assert max(0, int(row["evaluation_periods"]) - real) == int(row["to_fill"]), "the row contradicts itself"


@named(of="alarms-target-tracking")
def test_managed_alarms(row: dict[str, str]) -> None:
    made = ANSWERS["managed_alarms"](platform=row["platform"], target=float(row["target"]))
    columns = ("high_threshold", "high_comparison", "high_points", "low_threshold", "low_comparison", "low_points")
    for column in (*columns, "period_s"):
        expected: Any = row[column] if row[column] in "<>" else float(row[column])
        assert agrees(made[column], expected, None), column


@named(of="elasticity-measures")
def test_measure(row: dict[str, str]) -> None:
    demand, supply = ([float(number) for number in row[side].split()] for side in ("demand", "supply"))
    actual = ANSWERS["elasticity_measure"](demand=demand, supply=supply, measure_name=row["measure"])
    assert agrees(actual, float(row["expected"]), float(row["tolerance"]))


def test_no_row_is_left_out() -> None:
    special = ("alarms-missing-data", "alarms-target-tracking", "elasticity-measures")
    ids = [row["id"] for of in (None, *special) for row in rows(of=of)]
    on_disk = [row["id"] for path in VECTORS.glob("*.csv") for row in rows(of=path.stem)]
    assert sorted(ids) == sorted(on_disk)
    assert len(set(ids)) == len(ids), "an id is given twice"


@pytest.mark.parametrize(
    ("actual", "expected", "tolerance"),
    [
        (3, 4, None),
        (3.0, 3.1, 0.05),
        ("OK", {"not": "OK"}, None),
        (2, {"at_least": 3, "first": 3}, None),
        (4, {"at_most": 3, "first": 3}, None),
        ({"a": 1}, {"b": 1}, None),
        ([1], [1, 2], None),
        (True, 1, None),
        (None, 0, None),
        ("1", 1, None),
    ],
)
def test_the_comparison_can_fail(actual: Any, expected: Any, tolerance: float | None) -> None:
    assert not agrees(actual, expected, tolerance)
