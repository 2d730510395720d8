"""Metric math against the tables of the CloudWatch guide and against plain arithmetic; it cannot prove what AWS does
where its guide is silent."""

from __future__ import annotations

import contextlib
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elasticity.autoscaler import layout
from elasticity.autoscaler.expressions import ExpressionError, names_in, program_of
from elasticity.autoscaler.formula import calculated
from elasticity.autoscaler.layout import State, Tables
from elasticity.simulator import SimulationError, engine, simulate
from elasticity.traces import Load, spike
from tests.elasticity.simulations import load_of, loads, rule_set

Points = list[float | None]
SUPPORTED = (
    "numbers, ids of metrics, + - * / ^, comparisons, AND, OR, IF, FILL with a number, a series or REPEAT, ABS, CEIL, "
    "FLOOR, LOG, LOG10, PERIOD, TIME_SERIES, and SUM, AVG, MIN, MAX over a list such as [a, b]"
)


def evaluated(expression: str, **series: Points) -> Points:
    """The datapoints of an expression over series of equal length; None where there is none."""
    program = program_of(expression, 60)
    tables, state = engine.plain_object(Tables), engine.plain_object(State)
    state.kept[: len(program)] = [math.nan] * len(program)
    places = {name: place for place, name in enumerate(names_in(program))}
    own = len(places)
    tables.signal_code_to[own] = len(program)
    for place, step in enumerate(program):
        tables.code_operation[place], tables.code_number[place] = step.operation, step.number
        tables.code_operand[place] = places.get(step.name, step.operand)
    tables.signal_ring[:own] = range(own)
    found: Points = []
    for values in zip(*(series[name] for name in places), strict=True):
        points = [math.nan if value is None else value for value in values]
        value = calculated(tables, state, points, own)
        found.append(None if math.isnan(value) else value)
    return found


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("one < two", [0, 0, 1, 0]),
        ("one >= 30", [1, 0, 0, 0]),
        ("one > 15 AND two > 15", [1, 0, 0, 0]),
        ("one > 15 && two > 15", [1, 0, 0, 0]),
        ("one > 25 || two > 15", [1, 0, 1, 0]),
    ],
)
def test_comparisons_and_logical_operators_are_those_of_the_guide(expression: str, expected: Points) -> None:
    assert evaluated(expression, one=[30, 20, 0, 0], two=[20, None, 20, None]) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("IF(one, two, three)", [30, 0, 20, None, None]),
        ("IF(one, 5, three)", [5, 5, 20, None, None]),
        ("IF(one, two, 5)", [30, 0, 5, 5, None]),
        ("IF(one, two)", [30, 0, None, None, None]),
        ("IF(0, two, three)", [0, 0, 20, None, 20]),
        ("IF(two > 20, 10, 2)", [10, None, 2, 2, 10]),
    ],
)
def test_if_drops_and_fills_as_the_guides_tables_say(expression: str, expected: Points) -> None:
    series: dict[str, Points] = {
        "one": [1, 1, 0, 0, None],
        "two": [30, None, 0, 0, 30],
        "three": [0, 0, 20, None, 20],
    }
    used = {name: series[name] for name in names_in(program_of(expression, 60))}
    assert evaluated(expression, **used) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("a + b", [5, 2, 3, None]),
        ("a * b", [6, 0, 0, None]),
        ("a + 1", [3, 3, None, None]),
        ("a / b", [2 / 3, None, 0, None]),
        ("a / 0", [None, None, None, None]),
        ("SUM([a, b])", [5, 2, 3, None]),
        ("AVG([a, b])", [2.5, 1, 1.5, None]),
        ("MAX([a, b])", [3, 2, 3, None]),
        ("MIN([a, b])", [2, 2, 3, None]),
        ("SUM(100 / [a, b])", [50 + 100 / 3, 50, 100 / 3, None]),
        ("AVG([a, b] / b)", [(2 / 3 + 1) / 2, None, 0.5, None]),
        ("FILL(a, 7)", [2, 2, 7, 7]),
        ("FILL(a, b)", [2, 2, 3, None]),
        ("FILL(a, REPEAT)", [2, 2, 2, 2]),
        ("FILL(FILL(b, REPEAT), 0)", [3, 3, 3, 3]),
        ("-a ^ 2", [-4, -4, None, None]),
        ("2 ^ 3 ^ a", [512, 512, None, None]),
        ("(0 - a) ^ 0.5", [None, None, None, None]),
        ("a ^ 5000", [None, None, None, None]),
        ("ABS(a - 2.5)", [0.5, 0.5, None, None]),
        ("CEIL(b / 2) + FLOOR(b / 2)", [3, None, 3, None]),
        ("a / PERIOD(a)", [2 / 60, 2 / 60, None, None]),
        ("TIME_SERIES(4) + a", [6, 6, 4, 4]),
        ("LOG10(a * 50)", [math.log(100) / math.log(10)] * 2 + [None, None]),
        ("a == 2", [1, 1, None, None]),
        ("a != 2", [0, 0, None, None]),
    ],
)
def test_a_missing_point_beside_another_counts_as_zero_and_a_division_by_zero_gives_none(
    expression: str, expected: Points
) -> None:
    series: dict[str, Points] = {"a": [2, 2, None, None], "b": [3, None, 3, None]}
    used = {name: series[name] for name in names_in(program_of(expression, 60))}
    assert evaluated(expression, **used) == pytest.approx(expected)


@st.composite
def arithmetic(draw: st.DrawFn, depth: int = 3) -> str:
    if depth == 0 or draw(st.booleans()):
        return draw(st.sampled_from(("a", "b", "in", "2", "0.5", "1e1")))
    sign = draw(st.sampled_from(("+", "-", "*", "<", ">=", "^")))
    left, right = draw(arithmetic(depth=depth - 1)), draw(arithmetic(depth=depth - 1))
    return f"(({left}) ^ 2)" if sign == "^" else f"(({left}) {sign} ({right}))"


@given(arithmetic(), st.tuples(*[st.integers(-9, 9).map(float)] * 3))
def test_arithmetic_is_that_of_python(expression: str, values: tuple[float, float, float]) -> None:
    names: dict[str, float | None] = dict(zip(("a", "b", "in"), values, strict=True))
    written = f"a * 0 + ({expression})"
    used = names_in(program_of(written, 60))
    python = written.replace("^", "**").replace("in", "c")
    expected = float(eval(python, {"a": names["a"], "b": names["b"], "c": names["in"]}))
    (found,) = evaluated(written, **{name: [names[name]] for name in used})
    assert found == pytest.approx(expected)


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("a +", f"cannot be read, expected {SUPPORTED}"),
        ("a * * 2", f"cannot be read, expected {SUPPORTED}"),
        ("a; b", f"cannot be read at character 2, expected {SUPPORTED}"),
        ("a < b < c", f"cannot be read, expected {SUPPORTED}"),
        ("(" * 500 + "a" + ")" * 500, f"cannot be read, expected {SUPPORTED}"),
        ("-" * 2_000 + "a", f"cannot be read, expected {SUPPORTED}"),
        ("a" * 3_000, "got 3000 characters, allowed 2048"),
        ("STDDEV([a, b])", f"the simulator does not know STDDEV, supported are {SUPPORTED}"),
        ("METRICS()", f"the simulator does not know METRICS, supported are {SUPPORTED}"),
        ("[a, b]", "gives several series, expected one: put SUM, AVG, MIN or MAX around the list"),
        ("[a, b] + [a, b, c]", "combines lists of different lengths"),
        ("IF([a, b], 1, 0)", "has a list where one series is expected"),
        ("2 + 3", "gives a number, expected a series: name a metric"),
        (
            "MAX([a, 1])",
            (
                "has a number in a list, which CloudWatch refuses: a list is of series, and a bound is written "
                "IF(a > 1, a, 1)"
            ),
        ),
        (
            "MAX(a)",
            (
                "MAX of one series is a number over all points that an alarm fetches, which AWS advises against and the "
                "simulator does not know: give a list, such as MAX([a, b])"
            ),
        ),
        ("FILL(a, LINEAR)", "FILL with LINEAR needs the point after the gap, which an alarm has not: take REPEAT"),
        ("PERIOD(a + b)", "PERIOD: expected the id of a metric"),
        ("TIME_SERIES(a)", "TIME_SERIES: expected a number"),
        ("IF(a)", "IF: got 1 arguments, expected 2 to 3"),
        ("+".join(["(a"] * 40) + ")" * 40, "holds 40 values at once, allowed 16: name parts of it"),
    ],
)
def test_what_is_not_supported_is_refused_with_what_is(expression: str, message: str) -> None:
    with pytest.raises(ExpressionError) as refused:
        program_of(expression, 60)
    assert str(refused.value) == message


@given(st.text(st.sampled_from("ab1.^+-*/()[],<>=&|IFMAXSUM _'\n"), max_size=40))
def test_any_text_is_a_program_or_one_clear_fault(text: str) -> None:
    with contextlib.suppress(ExpressionError):
        assert program_of(text, 60)


QUEUE: dict[str, Any] = {
    "visible": {"namespace": "AWS/SQS", "name": "ApproximateNumberOfMessagesVisible", "statistic": "Sum"},
    "running": {"namespace": "ECS/ContainerInsights", "name": "RunningTaskCount"},
    "backlog": {"expression": "visible / IF(running > 0, running, 1)"},
}


def on(metric: str, target: Any, metrics: dict[str, Any] | None = None, **rest: Any) -> Any:
    tracking = {"rule": {"metric": metric, "target": target}}
    return rule_set(1, 20, metrics=metrics or {}, target_tracking=tracking, **rest)


@pytest.mark.parametrize("compiled", [False, True])
def test_a_queue_rule_by_metric_math_acts_as_the_queue_rule_of_the_language(compiled: bool) -> None:
    load = spike(5, 400, at=3_600, length=3_600, duration=14_400)
    by_math = simulate(on("backlog", 150.0, QUEUE), load, tick=60, compiled=compiled)
    queue = {"name": "jobs", "time_per_message": "2s"}
    by_rule = simulate(on("queue_delay", "300s", queue=queue), load, tick=60, compiled=compiled)
    assert by_math.desired.max() > 1
    assert np.array_equal(by_math.desired, by_rule.desired)


def test_a_metric_that_the_load_does_not_give_is_asked_for_by_name() -> None:
    metrics = {
        "jobs": {"namespace": "Shop", "name": "Jobs", "statistic": "Sum"},
        "running": QUEUE["running"],
        "each": {"expression": "jobs / running"},
    }
    with pytest.raises(SimulationError) as refused:
        simulate(on("each", 10.0, metrics), load_of([1.0] * 60))
    assert str(refused.value) == (
        "target_tracking.rule.metric: each: the expression of each needs what the load does not say: Shop Jobs Sum "
        "does not follow from load and capacity: give it as a further column jobs of the trace, "
        "or with load.with_columns({'jobs': values})"
    )
    load = load_of([1.0] * 60).with_columns({"jobs": [45.0] * 60})
    assert simulate(on("each", 10.0, metrics), load, tick=60).desired[-1] == 5


@pytest.mark.parametrize(
    ("metrics", "message"),
    [
        ({"a": {"expression": "b + 1"}, "b": {"expression": "a + 1"}}, "the expression of a needs itself: break the circle"),
        ({"a": {"expression": "cpu * 2"}}, "the expression of a names cpu, allowed are those of `metrics`: a"),
        ({"a": {"expression": "TIME_SERIES(1)"}}, "the expression of a names no metric"),
        (
            {"a": {"expression": "RATE(b)"}, "b": QUEUE["visible"]},
            (
                f"the expression of a: the simulator does not know RATE, supported are {SUPPORTED}; "
                "or give it as a further column a of the trace"
            ),
        ),
    ],
)  # fmt: skip
def test_expressions_that_cannot_be_evaluated_are_refused_with_a_cure(metrics: dict[str, Any], message: str) -> None:
    with pytest.raises(SimulationError) as refused:
        simulate(on("a", 10.0, metrics), load_of([1.0] * 60))
    assert str(refused.value) == f"target_tracking.rule.metric: a: {message}"


def test_an_expression_that_is_given_as_a_column_is_read_from_it() -> None:
    metrics = {"a": {"expression": "RATE(b)"}, "b": QUEUE["visible"]}
    load = load_of([1.0] * 60).with_columns({"a": [50.0] * 60})
    assert simulate(on("a", 10.0, metrics), load, tick=60).desired[-1] == 20


def test_the_datapoint_of_an_expression_comes_with_the_latest_of_its_metrics() -> None:
    metrics = {
        "own": {"namespace": "AWS/ECS", "name": "CPUUtilization", "period": "20s"},
        "all": {"namespace": "AWS/ApplicationELB", "name": "RequestCount", "statistic": "Sum"},
        "mix": {"expression": "own + 0 * all"},
    }
    scenario = simulate(on("mix", 10.0, metrics), load_of([40.0] * 60)).scenario
    assert scenario.tables["signal_kind"] == [layout.CPU, layout.ARRIVALS, layout.CALCULATED]
    assert scenario.tables["signal_period"] == [60, 60, 60]
    closes, evaluations = (np.array(scenario.tables[f"clock_first_{what}"]) for what in ("close", "evaluation"))
    assert (evaluations - closes).tolist() == [layout.NEVER - 60, 170], "no alarm waits for `all`: it goes with `mix`"


MATH: dict[str, Any] = {
    **QUEUE,
    "given": {"namespace": "own", "name": "given"},
    "all": {"namespace": "AWS/ApplicationELB", "name": "RequestCount", "statistic": "Sum"},
    "mixed": {
        "expression": "IF(FILL(given, REPEAT) > 5 AND backlog >= 0, MAX([backlog, given]), all / 60) ^ 1.1 - LOG(all + 1)"
    },
}


@settings(max_examples=10)
@given(loads(), st.lists(st.one_of(st.just(math.nan), st.integers(0, 99).map(float)), min_size=180, max_size=180))
def test_compiled_and_plain_give_the_same_bits(load: Load, given_values: list[float]) -> None:
    load = load.with_columns({"given": given_values})
    rules = on("mixed", 20.0, MATH)
    plain, fast = (simulate(rules, load, tick=60, compiled=way) for way in (False, True))
    assert plain.to_json() == fast.to_json()
