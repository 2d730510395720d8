"""Every row of the vectors is a test named by its id. It cannot prove agreement with AWS as it is
today, only with published and derived numbers."""

from __future__ import annotations

import collections
import csv
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.elasticity.answers import ANSWERS, reading
from tests.elasticity.decided import DECIDED, NotDecidedError
from tests.elasticity.refusals import refuses

VECTORS = Path(__file__).parent / "vectors"
Row = dict[str, str]

FORMS: Mapping[str, frozenset[str]] = {
    "function": frozenset({"id", "evidence", "function", "inputs", "expected"}),
    "missing data": frozenset({"id", "evidence", "evaluation_periods", "datapoints_to_alarm", "points", "to_fill"}),
    "managed alarms": frozenset({"id", "evidence", "platform", "target", "high_threshold", "low_threshold"}),
    "measure": frozenset({"id", "evidence", "demand", "supply", "measure", "expected"}),
}
"""By what a file holds: the columns that tell it; others may stand beside them."""

DATAPOINT = {"0": 0, "X": 1, "-": None}
SETTINGS = {"missing": "missing", "ignore": "ignore", "breaching": "breaching", "not_breaching": "notBreaching"}
RETAINED = ("OK", "ALARM", "INSUFFICIENT_DATA")


def form_of(path: Path, columns: list[str]) -> str:
    """What a file holds, by its columns and not by its name."""
    for form, needed in FORMS.items():
        if needed <= set(columns):
            return form
    raise ValueError(f"{path.name}: columns {', '.join(columns)} are of no form that vectors have")


def rows(form: str, folder: Path = VECTORS) -> Iterator[Row]:
    """The rows of all files of one form in the folder."""
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines)
            if form_of(path, list(reader.fieldnames or ())) == form:
                yield from reader


def marks(row: Row) -> list[pytest.MarkDecorator]:
    """Class A is our assumption: marked, so that a run can leave it out."""
    return [pytest.mark.assumption] if row["evidence"].split("/")[0] == "A" else []


def numbered(form: str) -> Iterator[tuple[str, Row]]:
    """The rows with their ids; an id that is given twice gets a number, so that one test says so and not all fail."""
    seen: collections.Counter[str] = collections.Counter()
    for row in rows(form):
        seen[row["id"]] += 1
        yield row["id"] + ("" if seen[row["id"]] == 1 else f"/{seen[row['id']]}"), row


def named(form: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(
        "row", [pytest.param(row, id=name, marks=marks(row)) for name, row in numbered(form)]
    )


def agrees(actual: Any, expected: Any, tolerance: float | None) -> bool:
    """Whether `actual` is what a row expects: its relations, of an object the named keys, reals to 1e-9 or the
    tolerance."""
    if isinstance(expected, dict):
        if expected.keys() == {"not"}:
            return not agrees(actual, expected["not"], tolerance)
        if expected.keys() == {"at_least", "first"}:
            return bool(actual >= expected["at_least"] >= expected["first"])
        if expected.keys() == {"at_most", "first"}:
            return bool(actual <= expected["at_most"] <= expected["first"])
        return all(key in actual and agrees(actual[key], expected[key], tolerance) for key in expected)
    if isinstance(expected, list):
        return len(actual) == len(expected) and all(
            agrees(one, other, tolerance) for one, other in zip(actual, expected, strict=True)
        )
    if isinstance(expected, (bool, str, type(None))) or isinstance(actual, (bool, str, type(None))):
        return actual is expected or (isinstance(actual, str) and actual == expected)
    if isinstance(expected, int) and isinstance(actual, int) and tolerance is None:
        return actual == expected
    return bool(abs(actual - expected) <= (1e-9 if tolerance is None else tolerance) + 1e-12)


def alternatives(actual: Any, expected: Any, tolerance: float | None) -> Iterator[Any]:
    """Expectations that are wrong where `expected` is right."""
    if isinstance(expected, dict):
        if expected.keys() == {"not"}:
            yield {"not": actual}
        elif "first" in expected:
            yield {"at_least": actual + 1, "first": 0}
            yield {"at_most": actual - 1, "first": actual}
        else:
            yield {**expected, "no such key": 0}
            for key, value in expected.items():
                yield from ({**expected, key: other} for other in alternatives(actual[key], value, tolerance))
    elif isinstance(expected, list):
        yield [*expected, 0]
        for index, value in enumerate(expected):
            for other in alternatives(actual[index], value, tolerance):
                yield [*expected[:index], other, *expected[index + 1 :]]
    elif isinstance(expected, bool):
        yield not expected
    elif isinstance(expected, str):
        yield expected + "?"
    elif expected is None:
        yield 0
    else:
        off = 1 if tolerance is None and isinstance(expected, int) else 3 * (tolerance or 1e-8) + 1e-8
        yield from (expected + off, expected - off)


def answered(row: Row) -> tuple[Any, Any, float | None]:
    """What a row of a function gets, what it expects, and its tolerance."""
    if row["function"] not in ANSWERS:
        raise KeyError(f"row {row['id']}: no answer for the function {row['function']}: add it to ANSWERS")
    actual = ANSWERS[row["function"]](**json.loads(row["inputs"]))
    return actual, json.loads(row["expected"]), float(row["tolerance"]) if row.get("tolerance") else None


@named("function")
def test_a_row_holds(row: Row) -> None:
    actual, expected, tolerance = answered(row)
    assert agrees(actual, expected, tolerance), f"{row.get('statement')}: got {actual}"


@named("function")
def test_a_row_with_another_expectation_fails(row: Row) -> None:
    actual, expected, tolerance = answered(row)
    others = list(alternatives(actual, expected, tolerance))
    assert others
    assert not any(agrees(actual, other, tolerance) for other in others)


NOT_DECIDED = {
    "CP-09": "managed scaling is the plant's",
    "OWN-CW-05i": "managed scaling is the plant's",
    "OWN-SC-49": "a schedule that sets nothing is no rule",
    "OWN-MP-02": "`step` knows no predictive policy",
    "OWN-MP-03": "`step` knows no predictive policy",
    "OWN-MP-09": "below its low threshold tracking never computes so many units",
    "OWN-MP-10": "`step` knows no simple policy",
    "OWN-MP-16": "above its target tracking never computes fewer units",
    "OWN-TT-01a": "between low threshold and target no alarm asks",
    "OWN-TT-01c": "between low threshold and target no alarm asks",
    "OWN-TT-01d": "between low threshold and target no alarm asks",
    "OWN-TT-01r": "more units than any maximum allows",
}
"""Rows that no decision can show, each with the reason; all others of these functions are held by `step` too."""


@pytest.mark.parametrize(
    "row", [pytest.param(row, id=name) for name, row in numbered("function") if row["function"] in DECIDED]
)
def test_the_autoscaler_decides_what_a_row_says(row: Row) -> None:
    expected, tolerance = json.loads(row["expected"]), float(row["tolerance"]) if row.get("tolerance") else None
    decided = reading(DECIDED[row["function"]])
    if row["id"] in NOT_DECIDED:
        with refuses(NOT_DECIDED[row["id"]], NotDecidedError):
            decided(**json.loads(row["inputs"]))
        return
    actual = decided(**json.loads(row["inputs"]))
    assert agrees(actual, expected, tolerance), f"{row.get('statement')}: got {actual}"


@pytest.mark.parametrize(
    ("row", "setting", "previous"),
    [
        pytest.param(row, setting, previous, id=f"{name}/{setting}/{previous}", marks=marks(row))
        for name, row in numbered("missing data")
        for setting in SETTINGS
        for previous in RETAINED
    ],
)
def test_missing_data(row: Row, setting: str, previous: str) -> None:
    points = [DATAPOINT[point] for point in row["points"].split()]
    state = ANSWERS["alarm_state"](
        points=points,
        threshold=0.5,
        comparison="GreaterThanThreshold",
        evaluation_periods=row["evaluation_periods"],
        datapoints_to_alarm=row["datapoints_to_alarm"],
        missing=SETTINGS[setting],
        previous=previous,
    )
    assert state == (previous if row[setting] == "retain" else row[setting])
    real = sum(point is not None for point in points)
    assert max(0, int(row["evaluation_periods"]) - real) == int(row["to_fill"]), "the row contradicts itself"


@named("managed alarms")
def test_managed_alarms(row: Row) -> None:
    made = ANSWERS["managed_alarms"](platform=row["platform"], target=row["target"])
    columns = ("high_threshold", "high_comparison", "high_points", "low_threshold", "low_comparison", "low_points")
    for column in (*columns, "period_s"):
        expected: Any = row[column] if row[column] in "<>" else float(row[column])
        assert agrees(made[column], expected, None), column


@named("measure")
def test_measure(row: Row) -> None:
    demand, supply = row["demand"].split(), row["supply"].split()
    actual = ANSWERS["elasticity_measure"](demand=demand, supply=supply, measure_name=row["measure"])
    assert agrees(actual, float(row["expected"]), float(row["tolerance"]))


def test_no_row_is_left_out_and_no_id_is_given_twice() -> None:
    ids = [row["id"] for form in FORMS for row in rows(form)]
    files = [path.read_text(encoding="utf-8-sig").splitlines(keepends=True) for path in VECTORS.glob("*.csv")]
    assert len(ids) == sum(len(list(csv.reader(lines))) - 1 for lines in files)
    assert len(set(ids)) == len(ids)


def test_every_answer_but_those_of_a_form_of_its_own_has_a_row() -> None:
    assert set(ANSWERS) - {row["function"] for row in rows("function")} == {"elasticity_measure", "managed_alarms"}


# A file that is new

NEW = "id,evidence,function,inputs,expected,tolerance,statement,source,note\n"


def test_a_new_file_is_found_by_its_columns_whatever_its_name(tmp_path: Path) -> None:
    (tmp_path / "zebra.csv").write_text(NEW + 'Z-1,X,round_change,"{""change"": 1.5}",2,,a row,here,extra\n')
    (row,) = rows("function", tmp_path)
    assert answered(row) == (2, 2, None)


def test_a_new_file_of_no_known_form_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "zebra.csv").write_text("id,stripes\nZ-1,12\n")
    with refuses("zebra.csv: columns id, stripes are of no form that vectors have"):
        list(rows("function", tmp_path))


def test_an_unknown_function_is_refused_by_name() -> None:
    with refuses("row Z-1: no answer for the function zebra: add it to ANSWERS", KeyError):
        answered({"id": "Z-1", "function": "zebra", "inputs": "{}", "expected": "1"})


@pytest.mark.parametrize("function", sorted(ANSWERS))
def test_an_unknown_input_is_refused_by_name(function: str) -> None:
    row = next((row for row in rows("function") if row["function"] == function), None)
    inputs = json.loads(row["inputs"]) if row else {}
    with pytest.raises((TypeError, ValueError), match="zebra"):
        ANSWERS[function](**inputs, zebra=1)


@pytest.mark.parametrize(
    ("function", "inputs", "expected"),
    [
        ("target_tracking_capacity", {"current": "10", "metric": "150.0", "target": "1e2"}, 15),
        ("target_tracking_capacity", {"current": 10, "metric": "", "target": 100}, 10),
        ("step_change", {"metric": "60", "policy": {"threshold": "50", "adjustment_type": "ExactCapacity",
                                                    "steps": [{"lower": "0", "upper": "", "change": "3"}]}}, 3),
        ("alarm_state", {"points": ["1", "", None], "threshold": ".5", "comparison": "GreaterThanThreshold",
                         "evaluation_periods": "3", "datapoints_to_alarm": "", "missing": None, "previous": ""},
         "ALARM"),
        ("predictive_launch", {"hour": "10:00"}, "09:55"),
        ("occurrences", {"cron": "0 8 * * *", "time_zone": "", "start": "2026-01-01T00:00:00Z",
                         "end": "2026-01-02T00:00:00Z", "dialect": "ec2", "dst": None}, ["2026-01-01T08:00:00Z"]),
        ("fleet_cost", {"hourly": "3.6", "lifetimes": ["60", "61"]}, 0.121),
        ("alb_cost", {"new_connections_s": 25, "gb_hour": None}, {"lcu": 1, "per_hour": 0.0305}),
    ],
)  # fmt: skip
def test_numbers_may_stand_as_text_and_what_is_left_open_is_the_default(
    function: str, inputs: dict[str, Any], expected: Any
) -> None:
    assert agrees(ANSWERS[function](**inputs), expected, None)


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


@pytest.mark.parametrize(
    ("form", "column", "test"),
    [
        ("measure", "expected", test_measure),
        ("managed alarms", "low_threshold", test_managed_alarms),
        ("managed alarms", "high_points", test_managed_alarms),
        ("managed alarms", "period_s", test_managed_alarms),
    ],
)
def test_a_spoilt_row_of_a_form_of_its_own_fails(form: str, column: str, test: Callable[[Row], None]) -> None:
    for row in rows(form):
        with pytest.raises(AssertionError):
            test({**row, column: str(float(row[column]) + 1)})


def test_a_spoilt_row_of_missing_data_fails() -> None:
    other = {"OK": "ALARM", "ALARM": "OK", "INSUFFICIENT_DATA": "OK", "retain": "OK"}
    for row in rows("missing data"):
        for setting in SETTINGS:
            with pytest.raises(AssertionError):
                test_missing_data({**row, setting: other[row[setting]]}, setting, "ALARM")
