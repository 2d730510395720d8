"""The kernel against the pure functions of `elasticity`, and compiled against plain; it cannot prove that either is right."""

from __future__ import annotations

import math
import operator
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from filelock import FileLock
from hypothesis import example, given, settings
from hypothesis import strategies as st

from elasticity import measure
from elasticity.alarms import Alarm
from elasticity.autoscaler import decide, layout, observe
from elasticity.autoscaler.layout import Plan, State, Tables
from elasticity.autoscaler.tables import COMPARISONS, MISSING, bound_of
from elasticity.capacity_providers import capacity_provider_reservation, capacity_provider_size
from elasticity.policies import Proposal, adjusted_capacity, combine, step_capacity, target_tracking_capacity
from elasticity.rules import Elasticity, StepScaling
from elasticity.simulator import Instances, engine, simulate, simulate_many
from elasticity.simulator.conditions import Conditions
from elasticity.simulator.configuration import Scenario, configure, plan_of
from elasticity.simulator.engine import plain_object
from elasticity.simulator.plant import instances, service
from elasticity.simulator.plant.state import PlantState
from elasticity.simulator.prepared import Prepared
from elasticity.traces import Load, square
from tests.elasticity.oracle import measure as measure_oracle
from tests.elasticity.oracle import queueing as queueing_oracle
from tests.elasticity.simulations import any_rules, load_of, loads, rule_set, step_rules, tracking, tracking_rules

STATES = ("OK", "ALARM", "INSUFFICIENT_DATA")
POINT = st.sampled_from((None, 0.0, 49.0, 50.0, 51.0, 80.0))
HIGHER = "GreaterThanThreshold"


def scenario_of(rules: Elasticity, load: Load, **options: Any) -> Scenario:
    return configure(rules, Prepared(load, Conditions(**options)), record=True)


@settings(max_examples=300)
@given(
    st.lists(POINT, min_size=1, max_size=12),
    st.sampled_from(sorted(COMPARISONS)),
    st.integers(1, 6),
    st.integers(1, 6),
    st.sampled_from(sorted(MISSING)),
)
@example([80.0, 0.0, 0.0, 0.0], HIGHER, 2, 1, "missing")  # the first point of all leaves the window
@example([80.0, None, None, None], HIGHER, 3, 3, "missing")  # an old breach followed by silence
@example([80.0, 80.0, None, 80.0, 0.0, 80.0], HIGHER, 3, 2, "missing")
def test_alarms_take_the_states_of_the_pure_function_after_every_point(
    points: list[float | None], comparison: Any, periods: int, enough: int, missing: Any
) -> None:
    enough = min(enough, periods)
    alarm = Alarm(50.0, comparison, periods, enough, missing=missing)
    rules = {
        "custom": {
            "metric": "custom", "threshold": 50.0, "comparison": comparison, "evaluation_periods": periods,
            "datapoints_to_alarm": enough, "missing_data": missing, "steps": [{"from": 0.0, "change": 0}],
        }
    }  # fmt: skip
    metrics = {"custom": {"namespace": "own", "name": "custom"}}
    values = [math.nan if point is None else point for point in points]
    load = load_of([1.0] * (len(points) + 1)).with_columns({"custom": [*values, 0.0]})
    timeline = simulate(
        rule_set(step_scaling=rules, metrics=metrics),
        load,
        tick=60,
        parameters={"publication_delay": 0.0},
        compiled=False,
    )
    changes = {
        item.second // 60: item.text.split(" to ")[1].split(":")[0]
        for item in timeline.decisions
        if item.kind == "alarm"
    }
    state, simulated = "INSUFFICIENT_DATA", []
    for place in range(1, len(points) + 1):
        state = changes.get(place, state)
        simulated.append(state)
    assert simulated == alarm.history(points)


@given(st.integers(0, 500), st.floats(0, 1e4), st.floats(0.1, 1e4))
def test_tracking_proposes_what_the_pure_function_does(current: int, metric: float, target: float) -> None:
    assert decide.tracking_capacity(current, metric, target) == target_tracking_capacity(current, metric, target)


@given(step_rules(), st.integers(0, 200), st.floats(0, 120, width=32), st.integers(0, 9))
def test_steps_propose_what_the_pure_function_does(
    rules: dict[str, Any], current: int, metric: float, least: int
) -> None:
    for name, declared in rules["step_scaling"].items():
        rule = StepScaling.model_validate(
            {**declared, **({"minimum_adjustment": least} if least and declared.get("adjustment") == "percent" else {})}
        )
        scenario = scenario_of(
            rule_set(step_scaling={name: rule.model_dump(by_alias=True)}), load_of([1.0] * 60), tick=60
        )
        tables: Tables = plain_object(Tables, scenario.tables)
        proposed = decide.step_capacity(tables, 0, current, metric)
        assert (current if proposed == layout.NO_MATCH else proposed) == step_capacity(current, metric, rule)


@given(st.integers(0, 300), st.integers(-150, 300), st.integers(0, 9))
def test_a_percentage_is_rounded_as_by_the_pure_function(current: int, percent: int, least: int) -> None:
    proposed = max(0, current + decide.percent_change(current, percent, least))
    assert proposed == adjusted_capacity(current, percent, "PercentChangeInCapacity", least)


@settings(max_examples=300)
@given(
    st.integers(0, 30),
    st.lists(
        st.tuples(st.booleans(), st.sampled_from(("high", "low", "ok")), st.integers(0, 40), st.booleans()),
        min_size=1,
        max_size=4,
    ),
)
def test_several_policies_are_combined_as_the_pure_function_does(
    current: int, drawn: list[tuple[bool, str, int, bool]]
) -> None:
    proposals = []
    for is_tracking, alarm, capacity, scale_in in drawn:
        allowed = "ok" if is_tracking and alarm == "low" and not scale_in else alarm
        proposed = capacity if allowed != "ok" else None
        if is_tracking and proposed is not None:
            proposed = max(current, proposed) if allowed == "high" else min(current, proposed)
        proposals.append(
            Proposal("target_tracking" if is_tracking else "step", allowed, proposed, not is_tracking or scale_in)
        )
    tables, state = plain_object(Tables), plain_object(State)
    tables.policies = len(proposals)
    for place, proposal in enumerate(proposals):
        is_tracking = proposal.kind == "target_tracking"
        tables.policy_kind[place] = layout.TRACKING if is_tracking else layout.STEPS
        high, low = 2 * place, 2 * place + 1 if is_tracking and proposal.scale_in else -1
        tables.policy_signal[place] = tables.signal_clock[place] = place
        tables.policy_high[place], tables.policy_low[place] = high, low
        fired = high if proposal.alarm == "high" or not is_tracking else low
        state.alarm[high] = layout.OK
        if proposal.alarm != "ok":
            state.alarm[fired] = layout.ALARM
            state.evaluated_at[place] = 60
        state.proposal[place] = layout.NOTHING if proposal.capacity is None else proposal.capacity
    any_out = any((item.capacity or 0) > current for item in proposals)
    against = decide.blocking_policy(tables, state, current)
    winner = decide.largest(tables, state, 60, current, any_out, any_out or against == layout.NOTHING)
    chosen = current if winner == layout.NOTHING else state.proposal[winner]
    assert chosen == combine("ecs_service", current, proposals)


@given(st.integers(1, 200), st.floats(0, 1.5), st.floats(0, 1e4), st.floats(0.001, 2.0), st.floats(1, 100))
def test_latency_is_that_of_the_queueing_module(
    units: int, busy: float, backlog: float, service_time: float, capacity: float
) -> None:
    plan = Plan()
    plan.service_time, plan.servers_per_unit, plan.variability = service_time, 1.0, 1.0
    power = units * capacity
    share = 1.0 if backlog > 0 else min(1.0, busy)
    found = service.latency(plan, plain_object(PlantState), float(units), share, backlog, power)
    expected = queueing_oracle.latency(units, busy * power, capacity, service_time, backlog)
    assert found == pytest.approx(expected, rel=1e-9)


@given(st.integers(0, 50), st.integers(0, 50))
def test_reservation_is_that_of_the_capacity_provider_module(needed: int, running: int) -> None:
    assert instances.reservation(needed, running) == capacity_provider_reservation(needed, running)


@given(st.integers(1, 50), st.integers(0, 50), st.integers(50, 100))
def test_managed_scaling_asks_for_the_size_of_the_pure_function(needed: int, running: int, target: int) -> None:
    scenario = scenario_of(
        rule_set(), load_of([1.0] * 60), tick=60, platform="capacity_provider",
        instances=Instances(units_per_instance=1, maximum=1_000, initial=running, target_capacity=float(target)),
    )  # fmt: skip
    plant: PlantState = plain_object(PlantState)
    plant.instances = running
    instances.add_instances(scenario.plan, plain_object(State), plant, [0] * 20, [], 0, needed)
    expected = capacity_provider_size(needed, running, target)
    assert plant.instances_starting == max(0, expected - running)


HOLDS: dict[Any, Any] = {
    "GreaterThanOrEqualToThreshold": operator.ge,
    "GreaterThanThreshold": operator.gt,
    "LessThanOrEqualToThreshold": operator.le,
    "LessThanThreshold": operator.lt,
}
LEVEL = st.one_of(st.sampled_from((0.0, -0.0, 0.1, 50.0, math.nan)), st.floats(allow_infinity=True))


@given(LEVEL, LEVEL.filter(math.isfinite), st.sampled_from(sorted(HOLDS)))
def test_a_datapoint_breaches_by_its_comparison_and_a_missing_one_never(value: float, level: float, name: Any) -> None:
    found = observe.breaches(value, *bound_of(Alarm(level, name, 1, 1)))
    assert found == HOLDS[name](value, level)


@given(any_rules(), loads())
def test_figures_are_those_of_the_measures_on_the_series(rules: Elasticity, load: Load) -> None:
    timeline = simulate(rules, load, tick=60, compiled=False)
    figures, expected = timeline.figures(), measure.measures(timeline.needed, timeline.serving)
    for name in ("theta_u", "theta_o", "a_u", "a_o", "tau_u", "tau_o", "upsilon", "k", "k_prime", "jitter", "slack"):
        assert figures[name] == pytest.approx(expected[name], rel=1e-9, abs=1e-9), name
    over = measure_oracle.overload(timeline.load, timeline.capacity, 60.0)
    assert figures["overload_requests"] == pytest.approx(over.requests)
    assert figures["overload_minutes"] == over.seconds / 60
    assert figures["longest_overload"] == over.longest / 60
    pinned = (timeline.load > timeline.capacity) & (timeline.desired >= timeline.maximum)
    assert figures["overload_minutes_at_maximum"] == pinned.sum()
    assert figures["minutes_at_minimum"] == measure_oracle.time_at(timeline.desired, timeline.minimum, 60.0) / 60
    assert figures["minutes_at_maximum"] == measure_oracle.time_at(timeline.desired, timeline.maximum, 60.0) / 60
    moves = [(0.0, float(rules.at_creation))]
    moves += [(float(item.second), float(item.after)) for item in timeline.actions()]
    actions = measure_oracle.activity([at for at, _ in moves], [after for _, after in moves])
    assert (figures["actions"], figures["reversals"]) == (actions.actions, actions.reversals)
    assert figures["flaps"] == actions.flaps


EVERYTHING: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({**tracking()}, {"latency_goal": 0.3}),
    ({**tracking(scale_in=False)}, {"overflow": "loss"}),
    (
        {"predictive": {"p": {"metric": "cpu", "target": 40.0, "mode": "forecast_and_scale"}}},
        {"history": [200.0] * 200},
    ),
    ({**tracking()}, {"client_timeout": 20.0, "slow_start": 90.0}),
]


@settings(max_examples=15)
@given(any_rules(), loads(), st.sampled_from(EVERYTHING), st.sampled_from((10, 60)))
def test_compiled_and_plain_give_the_same_bits(
    rules: Elasticity, load: Load, extra: tuple[dict[str, Any], dict[str, Any]], tick: int
) -> None:
    chosen = Elasticity.model_validate({**rules.model_dump(by_alias=True), **extra[0]})
    plain, fast = (simulate(chosen, load, tick=tick, compiled=way, **extra[1]) for way in (False, True))
    assert plain.to_json() == fast.to_json()


@settings(max_examples=10)
@given(tracking_rules(cooldowns=False), loads(), st.integers(1, 4))
def test_compiled_and_plain_agree_on_groups_and_capacity_providers(
    rules: dict[str, Any], load: Load, per_instance: int
) -> None:
    for options in (
        {"platform": "ec2_group"},
        {"platform": "capacity_provider", "instances": Instances(units_per_instance=per_instance)},
    ):
        plain, fast = (simulate(rule_set(**rules), load, compiled=way, **options) for way in (False, True))
        assert plain.to_json() == fast.to_json()


def test_a_sweep_gives_the_figures_of_single_runs() -> None:
    rule_sets = [rule_set(1, 12, **tracking(target=float(target))) for target in (30, 50, 70)]
    wave = [square(20, 400, period=7_200, duration=86_400), load_of([30.0] * 300)]
    sweep = simulate_many(rule_sets, wave, latency_goal=0.3, unit_price=0.05)
    for row, rules in enumerate(rule_sets):
        for column, load in enumerate(wave):
            single = simulate(rules, load, tick=60, latency_goal=0.3, unit_price=0.05, compiled=False).figures()
            swept = {name: values[row, column] for name, values in sweep.figures.items()}
            assert swept == pytest.approx(
                {name: math.nan if value is None else value for name, value in single.items()}, rel=0, nan_ok=True
            )


def test_rule_sets_of_one_sweep_keep_their_own_calendars() -> None:
    wave = square(20, 400, period=7_200, duration=172_800)
    calendars: list[dict[str, Any]] = [
        {
            "scheduled": {"noon": {"cron": "0 12 * * *", "time_zone": "UTC", "minimum": minimum}},
            "predictive": predictive,
        }
        for minimum in (3, 6, 3)
        for predictive in (
            {},
            {"hourly": {"metric": "cpu", "target": 20.0, "mode": "forecast_and_scale", "forecast_reviewed": True}},
        )
    ]
    rule_sets = [rule_set(1, 12, **tracking(), **calendar) for calendar in calendars]
    sweep = simulate_many(rule_sets, [wave])
    alone = [simulate_many([rules], [wave])["unit_hours"][0, 0] for rules in rule_sets]
    assert sweep["unit_hours"][:, 0].tolist() == alone
    assert len(set(alone)) == 4


def test_the_plan_of_a_record_has_the_fields_of_the_object() -> None:
    numbers = {name: float(place) for place, name in enumerate(Plan.__annotations__)}
    plan = plan_of(**numbers)
    record = engine.record(Plan, vars(plan))[0]
    assert {name: record[name] for name in Plan.__annotations__} == vars(plan)
    assert np.dtype(engine.RECORDS["small"][Plan]).names == tuple(Plan.__annotations__)


@pytest.mark.parametrize(
    ("is_loaded", "is_cached", "ticks", "sizes", "plain"),
    [
        (False, False, 43_200, layout.SMALL, True),
        (False, True, 10_080, layout.SMALL, True),
        (False, True, 525_600, layout.SMALL, False),
        (False, False, 3_153_600, layout.SMALL, False),
        (True, True, 60, layout.SMALL, False),
        (True, True, 43_200, layout.LARGE, True),
    ],
)
def test_a_short_run_does_not_wait_for_a_compiler(
    monkeypatch: pytest.MonkeyPatch, is_loaded: bool, is_cached: bool, ticks: int, sizes: Any, plain: bool
) -> None:
    monkeypatch.setattr(engine._Compiled, "run", print if is_loaded else None)
    monkeypatch.setattr(engine, "is_cached", lambda: is_cached)
    assert engine.use_plain(ticks, sizes) is plain


def test_the_cache_is_a_folder_of_the_user_by_the_kernels_own_source(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ACCORDION_CACHE_DIR", str(tmp_path))
    folder = engine.cache_folder()
    assert folder.parent == tmp_path / "kernel"
    assert not engine.is_cached()
    assert folder == engine.cache_folder()


def test_the_kernel_is_compiled_for_the_types_that_runs_have() -> None:
    rules = rule_set(
        **tracking(),
        scheduled={"night": {"cron": "0 20 * * *", "time_zone": "UTC", "minimum": 2}},
        predictive={"daily": {"metric": "cpu", "target": 50.0, "mode": "forecast_and_scale"}},
    )
    run = engine.compiled_run()
    simulate(rules, load_of([120.0] * 120), tick=60, compiled=True, platform="ec2_group")
    simulate(rule_set(**tracking()), load_of([1.0] * 60).with_columns({"jobs": [1.0] * 60}), tick=60, compiled=True)
    own = engine.signature()
    assert [types for types in run.signatures if types[1] == own[1]] == [own]  # type: ignore[attr-defined]


class Compiler:
    """A dispatcher that only notes that it is told to compile."""

    def __init__(self) -> None:
        self.told = threading.Event()

    def compile(self, types: Any) -> None:
        self.told.set()


@pytest.fixture
def compiler(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Compiler:
    """What a first compiled run of this process would compile with, and no cache yet."""
    made = Compiler()
    monkeypatch.setenv("ACCORDION_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(engine._Compiled, "run", None)
    monkeypatch.setattr(engine, "_dispatcher", lambda: made)
    return made


def test_of_two_processes_one_waits_for_what_the_other_compiles(compiler: Compiler) -> None:
    folder = engine.cache_folder()
    folder.mkdir(parents=True)
    first = threading.Thread(target=engine.compiled_run)
    with FileLock(folder / "lock"):
        first.start()
        assert not compiler.told.wait(0.1)
    first.join()
    assert compiler.told.is_set()


def test_without_a_cache_folder_nobody_is_waited_for(compiler: Compiler) -> None:
    assert engine.compiled_run() is compiler
    assert compiler.told.is_set()
    assert not engine.cache_folder().exists()


def test_rule_sets_beyond_the_small_tables_run_in_large_ones() -> None:
    many = {f"cpu{place}": {"metric": "cpu", "target": 50.0 + place} for place in range(9)}
    one = simulate(rule_set(target_tracking=many), load_of([120.0] * 120), tick=60, compiled=False)
    few = simulate(rule_set(**tracking(target=50.0)), load_of([120.0] * 120), tick=60, compiled=False)
    assert engine.sizes_for(one.scenario.tables) is layout.LARGE
    assert np.array_equal(one.desired, few.desired)


@pytest.mark.parametrize(("said", "compiles"), [("1", False), ("2", False), ("0", True), ("", True), ("yes", True)])
def test_numbas_own_switch_makes_everything_plain(monkeypatch: pytest.MonkeyPatch, said: str, compiles: bool) -> None:
    pytest.importorskip("numba")
    monkeypatch.setenv("NUMBA_DISABLE_JIT", said)
    assert engine.can_compile() is compiles


def test_a_process_in_which_numba_is_switched_off_gives_the_same_figures(tmp_path: Path) -> None:
    pytest.importorskip("numba")
    program = (
        "from elasticity import Elasticity, simulate_many; from elasticity.traces import spike\n"
        "rules = Elasticity.model_validate({'minimum': 2, 'maximum': 6, 'unit': {'capacity': '60/s', 'start_up': '60s'},"
        " 'target_tracking': {'cpu': {'metric': 'cpu', 'target': 55}}})\n"
        "print(simulate_many([rules], [spike(base=50, peak=200, at=600, length=300, duration=1800)])['unit_hours'])"
    )
    said = [
        subprocess.run(
            [sys.executable, "-c", program],
            env=os.environ | {"NUMBA_DISABLE_JIT": switch},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for switch in ("0", "1")
    ]
    assert said[0] == said[1] != ""
