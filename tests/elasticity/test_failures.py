"""What is declared to fail: known answers by hand, and what holds for every load.

It cannot prove which units AWS takes, nor how soon it launches others in another zone.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elasticity.simulator import (
    DownstreamLimit,
    Instances,
    RollingDeployment,
    SimulationError,
    SpotInterruptions,
    Timeline,
    ZoneLoss,
    engine,
    simulate,
)
from elasticity.simulator.failures import Failure
from elasticity.traces import steady, step
from tests.elasticity.simulations import any_rules, load_of, loads, rule_set, tracking

AT = 3_600
SIX = rule_set(6, 6)
"""Six units of 50/s that nothing moves; another one serves after 60 s."""


def run(failure: Failure, rate: float = 150.0, rules: Any = SIX, **rest: Any) -> Timeline:
    return simulate(rules, steady(rate, 2 * AT), failures={"x": failure}, **rest)


def served_from(timeline: Timeline, second: int, count: int) -> list[int]:
    """Units that serve, in steps of 30 s."""
    return [int(timeline.serving[(second + 30 * step) // timeline.tick]) for step in range(count)]


def said(timeline: Timeline) -> list[tuple[int, str]]:
    return [(one.second, one.text) for one in timeline.decisions if one.kind == "failure"]


def test_a_lost_zone_takes_its_units_at_once_and_others_serve_after_their_start_up() -> None:
    timeline = run(ZoneLoss(at=AT, share=1 / 3), rate=250.0)
    assert served_from(timeline, AT - 30, 5) == [6, 4, 4, 6, 6]
    assert said(timeline) == [(AT, "2 of 6 units are gone: 4 serve")]
    figures = timeline.figures()
    assert (figures["overload_minutes"], figures["overload_requests"]) == (1, 50 * 60)  # 250/s on four of 50/s
    assert "failure x: 33.3333 % of the units are gone at once 1:00:00 after the start" in timeline.notes


@pytest.mark.parametrize(("share", "left"), [(0.01, 5), (0.34, 3), (0.5, 3), (2 / 3, 2), (1.0, 0)])
def test_a_share_is_rounded_up_to_whole_units(share: float, left: int) -> None:
    assert run(ZoneLoss(at=AT, share=share)).serving[AT // 10] == left


def test_units_that_start_are_lost_with_the_others() -> None:
    timeline = simulate(
        SIX,
        steady(150.0, 2 * AT),
        failures={"first": ZoneLoss(at=AT, share=0.5), "second": ZoneLoss(at=AT + 30, share=0.5)},
    )
    assert said(timeline) == [
        (AT, "3 of 6 units are gone: 3 serve"), (AT + 30, "2 of 3 units are gone, and 2 that start: 1 serve"),
    ]  # fmt: skip
    assert served_from(timeline, AT, 5) == [3, 1, 2, 6, 6]


@pytest.mark.parametrize(
    ("warning", "expected"), [(120.0, [6, 6, 8, 8, 6]), (30.0, [6, 4, 6, 6, 6]), (0.0, [4, 4, 6, 6, 6])]
)
def test_units_of_spot_serve_until_their_warning_is_over_and_others_start_meanwhile(
    warning: float, expected: list[int]
) -> None:
    timeline = run(SpotInterruptions(at=(float(AT),), units=2, warning=warning))
    assert served_from(timeline, AT, 5) == expected
    assert said(timeline)[0] == (AT, "2 of 6 units are told to go")
    assert (AT + int(warning)) in {second for second, text in said(timeline) if "units are gone" in text}


def test_interruptions_at_a_rate_are_drawn_with_their_seed() -> None:
    some = SpotInterruptions(per_hour=6.0, seed=3)
    times = some.times(100 * AT)
    assert times == SpotInterruptions(per_hour=6.0, seed=3).times(100 * AT)
    assert times != SpotInterruptions(per_hour=6.0, seed=4).times(100 * AT)
    assert len(times) == pytest.approx(600, abs=75)  # three standard deviations
    found = {second for second, text in said(run(some)) if "told" in text}
    assert found == {10 * int(np.ceil(time / 10)) for time in some.times(2 * AT)}


@pytest.mark.parametrize(
    ("percents", "capacity", "paid"),
    [
        ((100, 200), 300, 12),
        ((50, 200), 300, 12),
        ((50, 100), 150, 6),
        ((40, 100), 150, 6),  # 2.4 tasks: three are kept
        ((50, 110), 150, 6),  # 6.6 tasks: room for none
        ((0, 100), 0, 6),
    ],
)
def test_a_deployment_without_room_for_another_task_serves_with_fewer(
    percents: tuple[int, int], capacity: int, paid: int
) -> None:
    least, most = percents
    timeline = run(RollingDeployment(at=AT, length=600, minimum_percent=least, maximum_percent=most))
    inside = slice(AT // 10, (AT + 600) // 10)
    assert set(timeline.capacity[inside]) == {capacity}
    assert set(np.delete(timeline.capacity, np.arange(inside.start, inside.stop))) == {300}
    usual = simulate(SIX, steady(150.0, 2 * AT)).figures()["unit_hours"]
    assert timeline.figures()["unit_hours"] == pytest.approx((usual or 0) + (paid - 6) / 6)
    assert said(timeline) == [
        (AT, f"a deployment begins, between {least} and {most} % of the units"), (AT + 600, "the deployment ends"),
    ]  # fmt: skip


def test_a_deployment_during_a_spike_suspends_scale_in() -> None:
    rules = rule_set(2, 20, **tracking(target=60.0))
    fall = step(400.0, 50.0, at=AT, duration=3 * AT)
    plain = simulate(rules, fall, begins="settled")
    held = simulate(
        rules, fall, begins="settled", failures={"x": RollingDeployment(at=AT, length=AT, maximum_percent=200)}
    )
    first = min(one.second for one in plain.actions())
    assert AT < first < 2 * AT
    assert min(one.second for one in held.actions()) >= 2 * AT


@pytest.mark.parametrize(
    ("limit", "capacity"),
    [
        (DownstreamLimit(rate=120.0), 120),
        (DownstreamLimit(connections=100, per_unit=30), 150),
        (DownstreamLimit(connections=100, per_unit=101), 0),
        (DownstreamLimit(rate=1e9), 300),
    ],
)
def test_more_units_than_what_lies_behind_them_takes_are_of_no_use(limit: DownstreamLimit, capacity: int) -> None:
    timeline = run(limit, rate=200.0)
    assert set(timeline.capacity) == {capacity}
    assert timeline.figures()["overload_minutes"] == (120 if capacity < 200 else 0)


def test_cpu_does_not_see_a_limit_downstream_and_requests_scale_out_for_nothing() -> None:
    limit = {"database": DownstreamLimit(rate=120.0)}
    load = steady(400.0, AT)
    by_cpu = simulate(rule_set(4, 20, **tracking(target=70.0)), load, failures=limit)
    assert by_cpu.utilisation[-1] == pytest.approx(100 * 120 / 200)  # four units of 50/s serve 120/s
    assert by_cpu.figures()["scale_outs"] == 0
    by_requests = simulate(rule_set(4, 20, **tracking("requests_per_target", 1_800)), load, failures=limit)
    assert by_requests.serving[-1] == 14
    assert by_requests.figures()["overload_minutes"] == by_cpu.figures()["overload_minutes"] == 60


def test_a_zone_takes_its_instances_too() -> None:
    hosts = Instances(units_per_instance=2, minimum=1, maximum=6, start_up=60.0)
    timeline = run(ZoneLoss(at=AT, share=0.5), platform="capacity_provider", instances=hosts)
    assert timeline.serving[AT // 10] == 3
    assert int(timeline.instances[AT // 10]) in (1, 2)
    assert timeline.serving[-1] == 6


@pytest.mark.parametrize(
    ("failure", "fault"),
    [
        (ZoneLoss(at=1, share=0.0), "share: got 0, allowed above 0 up to 1"),
        (ZoneLoss(at=-1, share=0.5), "got -1 as a time, allowed finite seconds from 0 up"),
        (SpotInterruptions(), "give `at` or `per_hour`"),
        (SpotInterruptions(at=(1.0,), units=0), "units: got 0, allowed 1 and more"),
        (RollingDeployment(at=0, length=0), "length: got 0, allowed finite seconds above 0"),
        (RollingDeployment(at=0, length=1, minimum_percent=101), "minimum_percent: got 101, allowed 0 to 100"),
        (RollingDeployment(at=0, length=1, maximum_percent=100), "minimum_percent: is that of the maximum: ECS could neither stop nor start a task"),
        (DownstreamLimit(), "give either `rate`, or `connections` with `per_unit`"),
        (DownstreamLimit(connections=5), "give `connections` and `per_unit` together"),
        (DownstreamLimit(rate=0.0), "rate: got 0, allowed above 0"),
    ],
)  # fmt: skip
def test_what_cannot_happen_is_refused_with_its_place(failure: Failure, fault: str) -> None:
    with pytest.raises(SimulationError) as refused:
        run(failure)
    assert f"failures.x.{fault}" in str(refused.value).splitlines()


def test_failures_of_another_kind_and_deployments_of_a_group_are_refused() -> None:
    with pytest.raises(SimulationError, match=r"^failures.x: got text, allowed ZoneLoss or SpotInterruptions or"):
        simulate(SIX, steady(1.0, 600), failures={"x": "zone"})
    rolling = {"a": RollingDeployment(at=0, length=60), "b": RollingDeployment(at=59, length=60)}
    with pytest.raises(SimulationError, match=r"^failures.a: deployments are of services: a group refreshes"):
        simulate(SIX, steady(1.0, 600), failures={"a": rolling["a"]}, platform="ec2_group")
    with pytest.raises(SimulationError, match=r"^failures.b: begins while a runs: a service has one deployment"):
        simulate(SIX, steady(1.0, 600), failures=rolling)


def bits(timeline: Timeline) -> list[Any]:
    series = (timeline.capacity, timeline.serving, timeline.desired, timeline.utilisation, timeline.backlog)
    return [one.tolist() for one in series] + [timeline.figures()]


NOTHING: dict[str, Failure] = {
    "later": ZoneLoss(at=1e9, share=1.0),
    "database": DownstreamLimit(rate=1e12),
    "rolling": RollingDeployment(at=1e9, length=60),
}


@settings(max_examples=40, deadline=None)
@given(any_rules(), loads())
def test_what_never_happens_changes_no_bit(rules: Any, load: Any) -> None:
    assert bits(simulate(rules, load, tick=60, failures=NOTHING)) == bits(simulate(rules, load, tick=60))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0, 600, width=32), min_size=60, max_size=60), st.floats(0.01, 1), st.floats(0.01, 1))
def test_of_a_fixed_fleet_a_larger_loss_is_never_less_overload(rates: list[float], one: float, other: float) -> None:
    less, more = sorted((one, other))
    runs = [simulate(SIX, load_of(rates), failures={"x": ZoneLoss(at=1_200, share=share)}) for share in (less, more)]
    assert runs[0].figures()["overload_requests"] <= runs[1].figures()["overload_requests"]
    assert (runs[0].capacity >= runs[1].capacity).all()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0, 600, width=32), min_size=60, max_size=60), st.floats(1, 400), st.floats(1, 400))
def test_of_a_fixed_fleet_a_tighter_limit_is_never_less_overload(rates: list[float], one: float, other: float) -> None:
    tight, wide = sorted((one, other))
    found = [
        simulate(SIX, load_of(rates), failures={"x": DownstreamLimit(rate=rate)}).figures() for rate in (wide, tight)
    ]
    assert found[0]["overload_requests"] <= found[1]["overload_requests"]


ALL: dict[str, Failure] = {
    "zone": ZoneLoss(at=4_000, share=0.4),
    "spot": SpotInterruptions(per_hour=4.0, seed=1, units=2),
    "rolling": RollingDeployment(at=1_500, length=900, minimum_percent=50, maximum_percent=100),
    "database": DownstreamLimit(rate=300.0),
}


@settings(max_examples=30, deadline=None)
@given(any_rules(), loads(), st.sampled_from(("ecs_service", "ec2_group")))
def test_units_stay_in_their_bounds_and_come_back_whatever_fails(rules: Any, load: Any, platform: str) -> None:
    if platform == "ec2_group":
        rules = rule_set(1, 8)
    failures = {name: one for name, one in ALL.items() if platform == "ecs_service" or name != "rolling"}
    timeline = simulate(rules, load, platform=platform, tick=60, failures=failures)
    assert (timeline.serving >= 0).all()
    assert (timeline.capacity <= 300.0).all()
    assert (timeline.desired >= 0).all()
    quiet = simulate(rules, load, platform=platform, tick=60, failures={"zone": ALL["zone"]})
    still = np.flatnonzero(np.diff(quiet.desired) != 0)
    if not len(still):
        assert quiet.serving[-1] == quiet.desired[-1]


@pytest.mark.skipif(not engine.can_compile(), reason="numba is not installed")
@pytest.mark.parametrize("rules", [rule_set(2, 20, **tracking(target=60.0)), SIX])
def test_plain_and_compiled_runs_of_failures_are_the_same_bits(rules: Any) -> None:
    load = load_of([50.0, 400.0, 300.0, 20.0] * 60)
    plain, fast = (simulate(rules, load, failures=ALL, compiled=compiled) for compiled in (False, True))
    assert plain.to_json() == fast.to_json()
