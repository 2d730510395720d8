"""Cooldown and warm-up: what waits and what counts. It cannot prove whether a larger scale-out restarts a cooldown: no
page says."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elasticity.policies import StepPolicy, step_capacity
from tests import strategies
from tests.elasticity.oracle.gates import (
    EVENTS,
    GATES,
    WAITED_FOR,
    Gate,
    bounded_first,
    cooldown_capacity,
    cooldown_start,
    counts_in_metric,
    ecs_step,
    gate,
    simple_gate,
    warm_up_time,
    warming_step,
)
from tests.elasticity.refusals import refuses

PAIRS = [(platform, running) for platform in GATES for running in (None, *GATES[platform])]


@pytest.mark.parametrize(("platform", "running"), PAIRS)
def test_nothing_delays_a_scheduled_action_a_forecast_or_a_replacement(platform: str, running: str | None) -> None:
    for event in ("scheduled_action", "predictive", "unhealthy_replacement"):
        assert gate(platform, event, running) == Gate(allowed=True)


def test_a_scale_in_cooldown_never_delays_a_scale_out() -> None:
    assert gate("ecs_service", "scale_out_alarm", "scale_in_cooldown") == Gate(
        allowed=True, cancels="scale_in_cooldown"
    )


HELD = {
    ("ecs_service", "scale_out_cooldown", "scale_in_alarm"),
    ("ecs_service", "scale_in_cooldown", "scale_in_alarm"),
    ("ecs_service", "deployment", "scale_in_alarm"),
    ("ec2_group", "warm_up", "scale_in_alarm"),
    ("ec2_group", "default_cooldown", "scale_in_alarm"),
    ("capacity_provider", "instance_warmup", "scale_in_alarm"),
    ("capacity_provider", "instance_warmup", "scale_out_alarm"),
}


def test_these_events_wait_and_no_other() -> None:
    held = {
        (platform, running, event)
        for platform, running in PAIRS
        for event in EVENTS
        if not gate(platform, event, running).allowed
    }
    assert held == HELD


def test_unknown_names_are_refused() -> None:
    with refuses("not a platform: got 'vm', allowed ecs_service, ec2_group, capacity_provider, swarm_service"):
        gate("vm", "scale_in_alarm", None)
    with refuses(
        "`event`: got 'boom', allowed scale_out_alarm, scale_in_alarm, scheduled_action, predictive, "
        "unhealthy_replacement"
    ):
        gate("ec2_group", "boom", None)
    with refuses(
        "`running`: got 'deployment', allowed on ec2_group warm_up, default_cooldown, simple_cooldown, activity"
    ):
        gate("ec2_group", "scale_in_alarm", "deployment")


@given(strategies.counts, strategies.counts, strategies.counts)
def test_growth_counts_what_cools_or_warms(baseline: int, waiting: int, adjustment: int) -> None:
    desired = baseline + waiting
    after = cooldown_capacity(desired, baseline, adjustment)
    assert after >= desired, "a running cooldown or warm-up takes nothing back"
    assert after == max(desired, baseline + adjustment)
    assert cooldown_capacity(after, baseline, adjustment) == after, "the same step again adds nothing"


@given(strategies.counts, st.integers(1, 50), st.integers(-100, -1))
def test_shrinking_waits_until_all_units_count(baseline: int, waiting: int, adjustment: int) -> None:
    assert cooldown_capacity(baseline + waiting, baseline, adjustment) == baseline + waiting
    assert cooldown_capacity(baseline, baseline, adjustment) == max(0, baseline + adjustment)


@given(strategies.counts, strategies.step_policies(), st.integers(0, 100))
def test_without_a_warming_unit_a_step_acts_in_full(count: int, policy: StepPolicy, metric: int) -> None:
    assert warming_step(count, count, metric, policy) == step_capacity(count, metric, policy)


@pytest.mark.parametrize(
    ("times", "expected"),
    [((120, 60, 300), 120), ((0, 60, 300), 0), ((None, 60, 300), 60), ((None, None, 200), 200), ((), 300)],
)
def test_the_first_warm_up_that_is_set_counts(times: tuple[float | None, ...], expected: float) -> None:
    assert warm_up_time(*times) == expected


@pytest.mark.parametrize("kind", ["step", "target_tracking", "scheduled", "predictive", "unhealthy_replacement"])
@pytest.mark.parametrize("running", [*WAITED_FOR, None])
def test_only_simple_scaling_waits(kind: str, running: str | None) -> None:
    assert simple_gate(kind, running)
    assert simple_gate("simple", running) == (running is None)


def test_simple_scaling_knows_its_names() -> None:
    with refuses(
        "`policy_kind`: got 'x', allowed simple, step, target_tracking, scheduled, predictive, unhealthy_replacement"
    ):
        simple_gate("x", None)
    with refuses("`running`: got 'x', allowed activity, health_check_replacement, simple_cooldown or None"):
        simple_gate("simple", "x")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("out", [40, 95]), 95),
        (("out", [40, 95], [130]), 130),
        (("in", [600]), 600),
        (("in", [600], [600], [300, 310]), 310),
    ],
)
def test_the_cooldown_starts_when_the_last_instance_is_finished(arguments: tuple[Any, ...], expected: float) -> None:
    assert cooldown_start(*arguments) == expected


def test_a_cooldown_needs_a_direction_and_an_instance() -> None:
    with refuses("`direction`: got 'up', allowed out, in"):
        cooldown_start("up", [1])
    with refuses("`finished_at`: an activity has at least one instance"):
        cooldown_start("out", [])


@pytest.mark.parametrize(
    ("platform", "state", "warm_up", "expected"),
    [
        ("ec2_group", "warming", 300, False),
        ("ec2_group", "warming", None, True),
        ("ec2_group", "warming", -1, True),
        ("ec2_group", "warming", 0, True),
        ("ec2_group", "in_service", 300, True),
        ("ec2_group", "pending", 0, False),
        ("ecs_service", "running", None, True),
        ("ecs_service", "pending", None, False),
        ("capacity_provider", "warming", 300, True),
    ],
)
def test_what_counts_in_the_metric(platform: str, state: str, warm_up: float | None, expected: bool) -> None:
    assert counts_in_metric(platform, state, warm_up) is expected


def test_an_unknown_state_is_refused() -> None:
    with refuses("`state`: got 'warming', allowed on ecs_service provisioning, pending, running, stopping"):
        counts_in_metric("ecs_service", "warming")


@given(st.integers(0, 30), st.integers(0, 30), st.integers(0, 10), st.integers(0, 20), st.integers(0, 20))
def test_a_service_never_moves_against_its_alarm(d: int, running: int, low: int, room: int, size: int) -> None:
    high = low + room
    out, shrunk = ecs_step(d, running, low, high, "high", size), ecs_step(d, running, low, high, "low", -size)
    assert max(d, low) == bounded_first(d, low, high, "high") <= out <= max(d, high)
    assert min(d, low) <= shrunk <= bounded_first(d, low, high, "low") == min(d, high)


def test_a_service_has_two_alarms() -> None:
    with refuses("`alarm`: got 'ok', allowed high, low"):
        ecs_step(1, 1, 1, 2, "ok", 1)
