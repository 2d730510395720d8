"""The autoscaler by itself: what the simulator decided is decided again from recorded datapoints, and AWS's gates, held
by the vectors, are those of `step`. It cannot say when AWS would have seen a datapoint."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from elasticity.autoscaler import autoscaler
from elasticity.autoscaler.autoscaler import AutoscalerState, Counts, Decision, begin, step
from elasticity.autoscaler.formula import place_of
from elasticity.platforms import platform_parameters
from elasticity.policies import target_tracking_capacity
from elasticity.rules import Elasticity
from elasticity.simulator import simulate
from elasticity.simulator.plant import run
from tests.elasticity.golden_runs import IN, LOADS, OFFICE, OUT, UNIT
from tests.elasticity.oracle import gates

START = LOADS["spike"].start
CPU = ("cpu", 60)
RULES: dict[str, dict[str, Any]] = {
    "tracking": {"target_tracking": {"cpu": {"metric": "cpu", "target": 50}}},
    "two": {
        "target_tracking": {
            "cpu": {"metric": "cpu", "target": 50},
            "rate": {"metric": "requests_per_target", "target": 1_200},
        }
    },
    "steps": {"step_scaling": {"hot": OUT, "cold": IN}},
    "calendar": {"scheduled": OFFICE, "target_tracking": {"cpu": {"metric": "cpu", "target": 50}}},
}


def rules(minimum: int = 2, maximum: int = 12, **rest: Any) -> Elasticity:
    return Elasticity.model_validate({"minimum": minimum, "maximum": maximum, "unit": UNIT, **rest})


def fed(state: AutoscalerState, values: list[float], serving: int, **counts: int) -> list[Decision]:
    """Decisions at the end of each minute with a datapoint of cpu, the units as they are."""
    found = []
    for value in values:
        found.append(step(state, state.now + 60, {CPU: value}, Counts(serving, **counts)))
        state = found[-1].state
    return found


@pytest.mark.parametrize("platform", ["ecs_service", "ec2_group"])
@pytest.mark.parametrize("load", ["spike", "flash", "idle"])
@pytest.mark.parametrize("kind", RULES)
def test_what_a_simulation_decided_is_decided_again_from_its_datapoints(
    kind: str, load: str, platform: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    declared, seen, counts = rules(**RULES[kind]), {}, {}
    observe = run.observe

    def watched(plan: Any, tables: Any, state: Any, points: Any, notes: Any, time: int) -> int:
        before = list(state.seen)
        is_invoked = observe(plan, tables, state, points, notes, time)
        for signal in range(tables.signals):
            place = before[tables.signal_clock[signal]]
            if state.seen[tables.signal_clock[signal]] > place:
                seen.setdefault(time, {})[signal] = points[place_of(tables, signal, place)]
        counts[time] = Counts(state.serving, state.starting, state.warming)
        return is_invoked

    monkeypatch.setattr(run, "observe", watched)
    as_seen = {"age_at_action": 600}  # beyond the delay: actions use what alarms have seen
    timeline = simulate(declared, LOADS[load], platform=platform, tick=10, parameters=as_seen, compiled=False)
    state, desired = begin(declared, START, platform=platform), []
    names = {place: key for key, place in state.metrics.items()}
    moments = set(seen) | {item.second for item in timeline.decisions if item.kind == "schedule"}
    for time in sorted(moments):
        datapoints = {names[signal]: value for signal, value in seen.get(time, {}).items()}
        decision = step(state, time, datapoints, counts[time])
        desired.append((time, decision.desired, decision.bounds))
        state = decision.state
    assert desired == [
        (time, timeline.desired[time // 10], (timeline.minimum[time // 10], timeline.maximum[time // 10]))
        for time in sorted(moments)
    ]


@pytest.mark.parametrize("running", ["out", "in", None])
@pytest.mark.parametrize("event", ["out", "in"])
def test_a_service_is_held_by_the_cooldowns_that_the_vectors_hold(event: str, running: str | None) -> None:
    """After an action one way, within its cooldown of ten minutes: `step` acts where AWS's gate lets the alarm act."""
    cooldown = f"scale_{running}_cooldown" if running else None
    hot = {**OUT, "evaluation_periods": 1, "steps": [{"from": 0, "change": 3}], "cooldown": "10m"}
    cold = {**IN, "evaluation_periods": 1, "cooldown": "10m"}
    state, values = begin(rules(step_scaling={"hot": hot, "cold": cold}), START, desired=6), {"out": 85.0, "in": 10.0}
    if running:
        before = fed(state, [values[running]], 6)[-1]
        assert before.reason == f"scale_{running}: {'hot' if running == 'out' else 'cold'}"
        state = before.state
    desired = state.kernel.desired
    now = fed(state, [values[event]], desired)[-1]
    gate = gates.gate("ecs_service", f"scale_{event}_alarm", cooldown)
    if running == event == "out":  # it acts by what it adds beyond the running one: that is nothing here
        expected = gates.cooldown_capacity(desired, 6, 3)
        assert (now.desired, now.blocked_by) == (expected, "scale_out_cooldown")
        return
    assert (now.desired != desired) == gate.allowed
    assert now.blocked_by == ("" if gate.allowed else cooldown)
    over = fed(now.state, [50.0] * 10 + [values["in"]], now.desired)[-1]
    assert over.desired == now.desired - 1, "after the cooldown it acts again"


def test_a_group_waits_for_its_warm_up_before_it_scales_in_and_counts_only_what_is_warm() -> None:
    state = begin(rules(**RULES["steps"]), START, platform="ec2_group", desired=6)
    warming = fed(state, [10.0] * 5, 6, warming=2)[-1]
    assert (warming.desired, warming.blocked_by) == (6, "warm_up")
    assert fed(state, [10.0] * 5, 6)[-1].reason == "scale_in: cold"
    hot = fed(begin(rules(**RULES["steps"]), START, platform="ec2_group", desired=6), [80.0] * 3, 6, warming=3)[-1]
    assert (hot.desired, hot.blocked_by) == (7, "")


READINGS = st.lists(
    st.tuples(st.sampled_from((1, 3, 16)), st.floats(0, 130), st.floats(0, 6_000), st.integers(0, 14)),
    min_size=1, max_size=8,
)  # fmt: skip
"""Minutes that two metrics stay at a level with so many units in service, one after the other."""


def walked(state: AutoscalerState, readings: list[tuple[int, float, float, int]]) -> list[tuple[int, Decision]]:
    """Desired before and the decision, minute by minute; units follow desired as a plant's would."""
    found, desired = [], state.kernel.desired
    for minutes, cpu, rate, behind in readings:
        for _ in range(minutes):
            points = {key: cpu if key[0] == "cpu" else rate for key in state.metrics}
            decision = step(state, state.now + 60, points, Counts(max(0, desired - behind), starting=behind))
            found.append((desired, decision))
            state, desired = decision.state, decision.desired
    return found


@pytest.mark.parametrize("platform", ["ecs_service", "ec2_group"])
@given(st.sampled_from(sorted(RULES)), READINGS)
def test_desired_never_leaves_the_bounds_whatever_is_measured(
    platform: str, kind: str, readings: list[tuple[int, float, float, int]]
) -> None:
    state = begin(rules(**RULES[kind]), START, platform=platform, desired=5)
    assert all(now.bounds[0] <= now.desired <= now.bounds[1] for _, now in walked(state, readings))


@given(READINGS, st.sampled_from((0, 120, 600)), st.sampled_from((0, 120, 600)))
def test_no_scale_in_comes_within_a_cooldown_and_a_second_scale_out_adds_only_what_is_missing(
    readings: list[tuple[int, float, float, int]], out: int, inward: int
) -> None:
    cooldowns = {"scale_out_cooldown": f"{out}s", "scale_in_cooldown": f"{inward}s"}
    tracked = {"cpu": {"metric": "cpu", "target": 50, **cooldowns}}
    held_until = 0
    for before, now in walked(begin(rules(target_tracking=tracked), START, desired=5), readings):
        if now.desired < before:
            assert now.state.now >= held_until
        if now.desired != before:
            held_until = now.state.now + (out if now.desired > before else inward)


@given(st.integers(1, 400), st.floats(0, 1_000), st.integers(1, 100), st.sampled_from(("ecs_service", "ec2_group")))
def test_tracking_asks_for_what_the_formula_says_once_an_alarm_lasts(
    units: int, metric: float, target: int, platform: str
) -> None:
    tracked = {"t": {"metric": "m", "target": float(target)}}
    declared = {"m": {"namespace": "Tests", "name": "M"}}
    formula = platform_parameters(platform).with_values(max_scale_in_fraction=1.0)
    made = rules(0, 100_000, target_tracking=tracked, metrics=declared)
    state = begin(made, START, platform=platform, desired=units, parameters=formula)
    for _ in range(15):
        now = step(state, state.now + 60, {("m", 60): metric}, Counts(units))
        state = now.state
        if now.desired != units:
            break
    low = (0.9 if platform == "ecs_service" else 0.7) * target
    assume(abs(metric - low) > 1e-6)
    expected = units if low <= metric <= target else target_tracking_capacity(units, metric, target, maximum=100_000)
    assert now.desired == expected


def test_a_step_is_pure_the_same_state_gives_the_same_decision_again() -> None:
    state = begin(rules(**RULES["tracking"]), START, desired=4)
    state = fed(state, [80.0, 80.0], 4)[-1].state
    first, again = (step(state, 240, {CPU: 80.0}, Counts(4)) for _ in range(2))
    assert first == again
    assert (first.desired, first.bounds, first.reason) == (7, (2, 12), "scale_out: cpu")
    assert state.kernel.desired == 4


def test_bounds_agreement_and_deployments_are_named_as_what_blocks() -> None:
    state = begin(rules(4, 4, **RULES["tracking"]), START)
    assert fed(state, [80.0] * 3, 4)[-1].blocked_by == "maximum"
    assert fed(state, [10.0] * 15, 4)[-1].blocked_by == "minimum"
    two = begin(rules(**RULES["two"]), START, desired=6)
    for _ in range(15):
        two_now = step(two, two.now + 60, {CPU: 10.0, ("requests_per_target", 60): 1_190.0}, Counts(6))
        two = two_now.state
    assert (two_now.desired, two_now.blocked_by) == (6, "agreement")
    state = begin(rules(**RULES["tracking"]), START, desired=6)
    for _ in range(15):
        decision = step(state, state.now + 60, {CPU: 10.0}, Counts(6, deploying=True))
        state = decision.state
    assert (decision.desired, decision.blocked_by) == (6, "deployment")


def test_schedules_that_fell_due_set_bounds_before_anything_else() -> None:
    state = begin(rules(**RULES["calendar"]), START)
    hour = datetime.timedelta(hours=1)
    decision = step(state, int(hour.total_seconds()), {}, Counts(2))
    assert (decision.desired, decision.bounds, decision.reason) == (6, (6, 14), "schedule: up")


@pytest.mark.parametrize(("content", "words"), [
    ({"target_tracking": {"cpu": {"metric": "cpu", "target": 50, "warm_up": "60s"}}}, "target_tracking.cpu.warm_up: a service has no warm-up"),
    ({"predictive": {"ahead": {"metric": "cpu", "target": 40}}}, "predictive.ahead: no forecast is made here"),
])  # fmt: skip
def test_rules_that_cannot_be_decided_are_refused_at_the_beginning(content: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        begin(rules(**content), START)


def test_time_that_goes_back_and_metrics_that_nobody_reads_are_refused() -> None:
    state = fed(begin(rules(**RULES["tracking"]), START), [50.0], 2)[-1].state
    with pytest.raises(ValueError, match="now: got 59, expected later than the last step, 59"):
        step(state, 59, {}, Counts(2))
    with pytest.raises(ValueError, match="no rule reads"):
        step(state, 120, {("memory", 60): 3.0}, Counts(2))


def test_no_two_codes_of_the_log_are_the_same_block() -> None:
    assert len(set(autoscaler.BLOCKS.values())) == len(autoscaler.BLOCKS)
