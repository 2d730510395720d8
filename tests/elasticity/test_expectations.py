"""Figures and expectations on them. It cannot prove that a figure is measured rightly: tests of the simulator do."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elasticity.expectations import FIGURES, ExpectationError, parse_expectation
from elasticity.simulator import FIGURES as MEASURED


def test_every_measured_figure_can_be_expected_and_no_other() -> None:
    assert list(FIGURES) == list(MEASURED)


@pytest.mark.parametrize(
    ("text", "figure", "comparison", "value"),
    [
        ("overload_minutes < 5", "overload_minutes", "<", 5.0),
        ("  overload_minutes<=5.5  ", "overload_minutes", "<=", 5.5),
        ("overload_minutes < 30 s", "overload_minutes", "<", 0.5),
        ("reaction_p95 < 6m", "reaction_p95", "<", 360.0),
        ("reaction_p95 < 400", "reaction_p95", "<", 400.0),
        ("unit_hours < 1d", "unit_hours", "<", 24.0),
        ("slack < 40%", "slack", "<", 0.4),
        ("slack < 0.4", "slack", "<", 0.4),
        ("latency_kept >= 99.5 %", "latency_kept", ">=", 0.995),
        ("theta_u < 3 %", "theta_u", "<", 3.0),
        ("cost_per_month < 400 USD", "cost_per_month", "<", 400.0),
        ("peak_units == 3 units", "peak_units", "==", 3.0),
        ("flaps != 1", "flaps", "!=", 1.0),
        ("jitter > -0.5", "jitter", ">", -0.5),
    ],
)
def test_an_expectation_is_read_in_the_units_of_its_figure(
    text: str, figure: str, comparison: str, value: float
) -> None:
    found = parse_expectation(text)
    assert (found.figure.name, found.comparison) == (figure, comparison)
    assert found.value == pytest.approx(value)


@pytest.mark.parametrize(
    ("text", "quantile"),
    [
        ("overload_minutes < 5", None),
        ("p90 overload_minutes < 5", 0.9),
        ("  p5   latency_kept>=99 % ", 0.05),
        ("p99 reaction_p95 < 6m", 0.99),
    ],
)
def test_a_quantile_may_stand_before_the_figure(text: str, quantile: float | None) -> None:
    found = parse_expectation(text)
    assert (found.quantile, found.text) == (quantile, " ".join(text.split()))


FORM = (
    "expected a figure, a comparison (<, <=, >, >=, ==, !=) and a number, such as `overload_minutes < 5` or, over many "
    "runs, `p90 overload_minutes < 5`"
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", FORM),
        ("overload_minutes", FORM),
        ("overload_minutes =< 5", FORM),
        ("5 > overload_minutes", FORM),
        ("overload_minutes < five", FORM),
        ("overload_minutes < 5; import os", FORM),
        ("__import__('os') < 5", FORM),
        ("overload_minutes < 1e400", FORM),
        ("overlod_minutes < 5", "not a figure: `overlod_minutes`; did you mean `overload_minutes`"),
        ("p100 overload_minutes < 5", "not a quantile: `p100`; allowed p1 to p99, such as `p90 overload_minutes < 5`"),
        ("p0 overload_minutes < 5", "not a quantile: `p0`; allowed p1 to p99, such as `p90 overload_minutes < 5`"),
        ("P90 overload_minutes < 5", "not a quantile: `P90`; allowed p1 to p99, such as `p90 overload_minutes < 5`"),
        ("p9.5 overload_minutes < 5", "not a quantile: `p9.5`; allowed p1 to p99, such as `p90 overload_minutes < 5`"),
        ("mean flaps < 5", "not a quantile: `mean`; allowed p1 to p99, such as `p90 overload_minutes < 5`"),
        ("p90 < 5", "`p90` is a quantile: a figure stands behind it, as in `p90 overload_minutes < 5`"),
        ("p90 overlod_minutes < 5", "not a figure: `overlod_minutes`; did you mean `overload_minutes`"),
        ("p50 p90 flaps < 5", FORM),
        ("zzz < 5", f"not a figure: `zzz`; allowed {', '.join(FIGURES)}"),
        ("flaps < 5 min", "`flaps` has no unit `min`, allowed none: it is a count"),
        ("cost_per_month < 5 EUR", "`cost_per_month` has no unit `EUR`, allowed USD"),
    ],
)
def test_what_is_no_expectation_is_refused_with_what_is_allowed(text: str, message: str) -> None:
    with pytest.raises(ExpectationError) as refused:
        parse_expectation(text)
    assert str(refused.value) == message


@given(st.text(max_size=60))
def test_no_text_ends_in_anything_but_an_expectation_or_its_refusal(text: str) -> None:
    try:
        parse_expectation(text)
    except ExpectationError as refused:
        assert str(refused)  # noqa: PT017 # either outcome is right


@pytest.mark.parametrize(
    ("measured", "holds"), [(4.9, True), (5.0, False), (None, False), (math.nan, False), (math.inf, False)]
)
def test_a_figure_that_was_not_measured_keeps_no_expectation(measured: float | None, holds: bool) -> None:
    assert parse_expectation("overload_minutes < 5").holds(measured) is holds
