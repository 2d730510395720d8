"""The `simulation` section: loads and expectations. It cannot prove that a load resembles anybody's real one."""

import datetime
import runpy
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from elasticity.traces import SHAPES as DRAWN
from elasticity.traces import TraceError, weekly
from stacks import error_text
from stacks.simulation import SHAPES, LoadDescription, Simulation, load_of, parameters_of
from stacks.stack_file import StackFile

ROOT = Path(__file__).parents[2]


def described(**form: object) -> LoadDescription:
    return LoadDescription.model_validate(form)


def faults_of(values: dict[str, object]) -> list[str]:
    with pytest.raises(ValidationError) as refused:
        Simulation.model_validate(values)
    return [str(fault) for fault in error_text.faults(refused.value, Simulation, StackFile("file", {}))]


def test_every_drawn_shape_can_be_described() -> None:
    assert set(SHAPES) == set(DRAWN)


@pytest.mark.parametrize("name", SHAPES)
def test_each_shape_has_the_numbers_of_its_function(name: str) -> None:
    rates = {"steady": ["rate"], "spike": ["base", "peak"], "ramp": ["before", "after"], "step": ["before", "after"]}
    given = {key: f"{place + 1}/s" for place, key in enumerate(rates.get(name, ["low", "high"]))}
    load = load_of("some", described(**{name: given}), Path())
    assert load.values.max() <= len(given)
    assert load.name == "some"


def test_a_load_is_scaled_repeated_and_shifted() -> None:
    load = load_of("x", described(weekly={"low": "60/min", "high": "5/s"}, scale=2, repeat=2, shift="1h"), Path())
    expected = weekly(1, 5)
    assert np.array_equal(load.values, np.tile(expected.values * 2, 2))
    assert load.start == expected.start + datetime.timedelta(hours=1)


def test_noise_is_drawn_with_the_seed_alone() -> None:
    one, same, other = (load_of("x", described(steady={"rate": "9/s"}, noise=seed), Path()) for seed in (1, 1, 2))
    assert np.array_equal(one.values, same.values)
    assert not np.array_equal(one.values, other.values)


def test_a_trace_lies_beside_the_stack_file_and_keeps_to_its_step(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("time,seen\n2026-01-05T00:00:00Z,600\n2026-01-05T00:05:00Z,1200\n")
    load = load_of("x", described(trace={"file": "a.csv", "step": "5m"}, start="2026-02-02T00:00:00Z"), tmp_path)
    assert load.values.tolist() == [2, 4]
    assert load.start == datetime.datetime(2026, 2, 2, tzinfo=datetime.UTC)
    with pytest.raises(TraceError, match=r"a\.csv: the rows are 300 s apart, `step` says 1m$"):
        load_of("x", described(trace={"file": "a.csv", "step": "1m"}), tmp_path)


def test_a_load_of_nothing_is_refused() -> None:
    with pytest.raises(TraceError, match=r"^x: the load is 0 all the time: nothing would be shown$"):
        load_of("x", described(steady={"rate": "0/s"}), Path())


FORMS = "steady, ramp, step, spike, square, daily, weekly, trace"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"loads": {"a": {}}}, [f"file loads.a: got none, give exactly one of {FORMS}"]),
        (
            {"loads": {"a": {"steady": {"rate": "1/s"}, "trace": {"file": "x"}}}},
            [f"file loads.a: got `steady` and `trace`, give exactly one of {FORMS}"],
        ),
        (
            {"loads": {"a": {"spike": {"base": 5, "peek": "9/s"}}}},
            [
                "file loads.a.spike.base: got an integer, allowed a rate with its time, such as 50/s or 3000/min",
                "file loads.a.spike.peek: unknown key; did you mean `peak`",
            ],
        ),
        (
            {"loads": {"a": {"steady": {"rate": "1/s"}}}, "expectations": ["overload_minute < 5"]},
            ["file expectations[0]: not a figure: `overload_minute`; did you mean `overload_minutes`"],
        ),
        (
            {"expectations": ["overload_minutes < 5"]},
            ["file loads: are missing: expectations need a load to be measured on"],
        ),
    ],
)
def test_faults_say_where_and_what_is_allowed(values: dict[str, object], expected: list[str]) -> None:
    assert faults_of(values) == expected


def test_parameters_are_those_of_the_platform() -> None:
    simulation = Simulation(
        parameters={"publication_delay": 150, "drian": 3, "high_evaluation_periods": 2.5, "drain": -1}
    )
    given, faults = parameters_of(simulation, "ecs_service")
    assert given == {"publication_delay": 150}
    assert [(fault.path, fault.message) for fault in faults] == [
        (("parameters", "drian"), "not a parameter of ecs_service that is a number; did you mean `drain`"),
        (("parameters", "high_evaluation_periods"), "allowed a whole number from 0 up"),
        (("parameters", "drain"), "allowed 0 or more"),
    ]


def test_a_parameter_of_words_takes_its_words_and_no_number_a_word() -> None:
    given, faults = parameters_of(Simulation(parameters={"requests_counted": "completed"}), "ecs_service")
    assert (given, faults) == ({"requests_counted": "completed"}, [])
    wrong = Simulation(parameters={"requests_counted": "served", "drain": "long"})
    assert [(fault.path, fault.message) for fault in parameters_of(wrong, "ec2_group")[1]] == [
        (("parameters", "requests_counted"), "got served, allowed received, completed"),
        (("parameters", "drain"), "got long, expected a number"),
    ]


def test_the_shipped_traces_are_those_that_their_script_makes() -> None:
    made = runpy.run_path(str(ROOT / "examples" / "traces" / "make.py"))
    for name, (make, seed) in made["TRACES"].items():
        assert (ROOT / "examples" / "traces" / name).read_text() == made["text"](make(), seed)


def test_patience_is_declared_as_a_time_above_zero() -> None:
    assert Simulation.model_validate({"client_timeout": "60s"}).client_timeout == 60
    assert faults_of({"client_timeout": "0s"}) == ["file client_timeout: allowed whole seconds above 0"]
