"""Numbers with units, exact on the way in and out. It cannot prove a rate's quotient exact beyond a float's division."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from elasticity.quantities import Duration, Rate, _Quantity, rate_text
from tests import strategies

DURATION, RATE = TypeAdapter(Duration), TypeAdapter(Rate)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("500ms", 0.5), ("90s", 90), ("5m", 300), ("2h", 7200), ("1d", 86_400), ("0s", 0), (" 5m ", 300)],
)
def test_a_duration_is_its_seconds(text: str, seconds: float) -> None:
    assert Duration.parse(text) == seconds


@pytest.mark.parametrize(("seconds", "text"), [(0, "0s"), (90, "90s"), (300, "5m"), (0.25, "250ms"), (86_400, "1d")])
def test_a_duration_is_written_in_its_largest_whole_unit(seconds: float, text: str) -> None:
    assert str(Duration(seconds)) == text


@given(strategies.durations)
def test_a_written_duration_reads_as_itself(duration: Duration) -> None:
    assert Duration.parse(str(duration)) == duration
    assert eval(repr(duration), {"Duration": Duration}) == duration


@pytest.mark.parametrize("text", ["", "5", "5 m", "-5m", "1.5m", "5min", "m", "\u0665m", "9" * 400 + "d", "5m5s"])
def test_a_duration_in_another_form_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected a duration with its unit, such as 90s, 5m or 2h"):
        Duration.parse(text)


@pytest.mark.parametrize(
    ("text", "per_second"), [("50/s", 50), ("3000/min", 50), ("1.5/h", 1.5 / 3600), ("86400/d", 1)]
)
def test_a_rate_is_per_second_and_kept_as_written(text: str, per_second: float) -> None:
    assert Rate.parse(text) == per_second
    assert str(Rate.parse(text)) == text


def test_a_computed_rate_is_written_per_second() -> None:
    assert str(Rate(2.5)) == "2.5/s"
    assert repr(Rate.parse("3000/min")) == "Rate.parse('3000/min')"


@pytest.mark.parametrize("text", ["50", "50/m", "/s", "-1/s", "1e3/s", "50 / s", "9" * 400 + "/s"])
def test_a_rate_in_another_form_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected a rate with its time, such as 50/s or 3000/min"):
        Rate.parse(text)


@given(st.one_of(st.none(), st.integers(), st.floats(), st.booleans(), st.text(max_size=8), st.lists(st.integers())))
def test_a_model_takes_text_with_a_unit_only(value: object) -> None:
    for adapter in (DURATION, RATE):
        try:
            adapter.validate_python(value)
        except ValidationError:
            continue
        assert isinstance(value, str)


def test_a_model_takes_a_timedelta_as_a_duration_only() -> None:
    assert DURATION.validate_python(datetime.timedelta(minutes=2)) == 120
    with pytest.raises(ValidationError):
        RATE.validate_python(datetime.timedelta(minutes=2))


def test_a_model_keeps_a_quantity_and_writes_it_as_text() -> None:
    ninety = Duration(90)
    assert DURATION.validate_python(ninety) is ninety
    assert DURATION.dump_python(ninety) == "90s"


def test_a_quantity_without_a_unit_cannot_be_read() -> None:
    with pytest.raises(NotImplementedError):
        _Quantity.parse("5m")


@pytest.mark.parametrize(
    ("per_second", "text"),
    [
        (0.0, "0/s"),
        (400.0, "400/s"),
        (49.5, "50/s"),
        (1.25, "1.25/s"),
        (0.05, "3/min"),
        (0.0495, "2.97/min"),
        (1 / 3_600, "1/h"),
        (1 / 86_400, "1/d"),
        (1e-9, "8.64e-05/d"),
    ],
)
def test_a_rate_is_printed_over_the_time_in_which_it_says_something(per_second: float, text: str) -> None:
    assert rate_text(per_second) == text


@given(st.floats(1e-12, 1e12))
def test_no_rate_above_zero_is_printed_as_zero(per_second: float) -> None:
    number, _, _ = rate_text(per_second).partition("/")
    assert float(number) > 0
