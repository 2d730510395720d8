"""The controller on a Swarm in memory: what it decides, remembers and does; ended at any step it neither repeats an
action nor forgets a cooldown. It cannot prove what a real Engine answers: `tests/engine/test_controller.py` does."""

from __future__ import annotations

import itertools
import json
import math
import random
from typing import Any

import pytest

from elasticity.autoscaler.autoscaler import Counts, begin, step
from elasticity.autoscaler.formula import place_of
from elasticity.autoscaler.kept import restored, saved
from elasticity.simulator import simulate
from elasticity.simulator.plant import run as plant_run
from operations.controller import documents
from operations.controller.decisions import Fallback, Memory, Observation, begun, decide
from operations.controller.replay import lines_of, replay
from operations.failures import CannotRun
from tests.elasticity.golden_runs import LOADS, OFFICE, UNIT
from tests.operations.controlled import EVERY, START, Killed, World, policy

STEP: dict[str, Any] = {
    "step_scaling": {
        "hot": {
            "metric": "cpu", "comparison": "GreaterThanThreshold", "threshold": 60, "period": "10s", "evaluation_periods": 1,
            "adjustment": "change", "steps": [{"from": 0, "change": 3}], "cooldown": "10m",
        }
    }
}  # fmt: skip


def replayed(world: World) -> Any:
    return replay(lines_of("".join(f"{line}\n" for line in world.lines), "log"), "log")


def test_a_load_is_followed_out_and_back_and_each_tick_says_why() -> None:
    world = World(lambda second: 600.0 if second < 600 else 100.0)
    counts = world.run(world.scaler(policy()), 150)
    assert counts[:3] == [2, 2, 12], "three periods above the target, then ceil(2 x 300 / 50)"
    assert counts[-1] == 2
    assert world.ticks()[2]["reason"] == "scale_out: cpu"
    assert {line["reason"] for line in world.ticks()} == {"", "scale_out: cpu", "scale_in: cpu"}
    assert replayed(world).differing == ()


@pytest.mark.parametrize("load", ["spike", "flash", "idle"])
def test_the_controller_decides_what_the_simulator_has_decided_at_every_tick(
    load: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = {"target_tracking": {"cpu": {"metric": "cpu", "target": 50}}, "scheduled": OFFICE, "unit": UNIT}
    by = policy(**rules)
    seen: dict[int, dict[int, float]] = {}
    counts: dict[int, Counts] = {}
    observe = plant_run.observe

    def watched(plan: Any, tables: Any, state: Any, points: Any, notes: Any, time: int) -> int:
        before = list(state.seen)
        is_invoked = observe(plan, tables, state, points, notes, time)
        for signal in range(tables.signals):
            place = before[tables.signal_clock[signal]]
            if state.seen[tables.signal_clock[signal]] > place:
                seen.setdefault(time, {})[signal] = points[place_of(tables, signal, place)]
        counts[time] = Counts(state.serving, state.starting)
        return is_invoked

    monkeypatch.setattr(plant_run, "observe", watched)
    trace = LOADS[load]
    timeline = simulate(by.rules, trace, tick=EVERY, parameters=by.parameters, compiled=False)
    state = begin(by.rules, trace.start, parameters=by.parameters)
    memory = Memory(state)
    names = {place: key for key, place in state.metrics.items()}
    wanted, found = [], []
    for time in sorted(set(seen) - {0}):
        points = {names[signal]: value for signal, value in seen[time].items()}
        observation = Observation(time, points, counts[time], memory.state.kernel.desired, 0)
        memory, tick = decide(memory, by, observation)
        found.append((time, tick.desired, tick.bounds))
        at = time // EVERY
        if at < len(timeline.desired):
            wanted.append((time, timeline.desired[at], (timeline.minimum[at], timeline.maximum[at])))
    assert found[: len(wanted)] == wanted
    assert len(wanted) > 100


def test_a_log_fed_to_the_autoscaler_of_the_simulator_gives_the_same_decision_at_every_tick() -> None:
    source = random.Random(3)
    levels = [source.uniform(20, 900) for _ in range(60)]
    world = World(lambda second: levels[int(second) // 300 % 60])
    world.run(world.scaler(policy()), 500)
    line = json.loads(world.lines[0])
    by = documents.policy_of(line["policy"])
    state = documents.memory_of(line["memory"], by).state
    for tick in world.ticks():
        points = {("cpu", EVERY): math.nan if (point := tick["datapoints"]["cpu/10"]) is None else point}
        decision = step(state, tick["second"], points, Counts(tick["serving"], tick["starting"]))
        assert (decision.desired, list(decision.bounds)) == (tick["desired"], tick["bounds"])
        state = decision.state
    assert len(world.writes) > 10
    assert replayed(world).differing == ()
    assert replayed(world).ticks == 500


def test_a_log_that_was_changed_is_seen_to_differ() -> None:
    world = World(lambda _: 600.0)
    world.run(world.scaler(policy()), 5)
    world.lines[3] = world.lines[3].replace('"desired": 12', '"desired": 11')
    found = replayed(world)
    assert [(one.logged["desired"], one.now["desired"]) for one in found.differing] == [(11, 12)]


@pytest.mark.parametrize(("text", "words"), [
    ("nonsense\n{}\n", "log, line 1: not a line of a controller's log: it is no JSON"),
    ("[]\n", "log, line 1: not a line of a controller's log of version 1"),
    ('{"version": 1, "kind": "tick", "service": "web"}\n', "no line of kind `begin` of web"),
    ('{"version": 1, "kind": "begin", "service": "web"}\n', "log, line 1: not a line of a controller's log: 'policy'"),
])  # fmt: skip
def test_what_is_no_log_is_refused_with_its_line(text: str, words: str) -> None:
    with pytest.raises(CannotRun, match=words):
        replay(lines_of(text, "log"), "log")


def test_a_last_line_that_was_cut_off_is_left_out() -> None:
    world = World()
    world.run(world.scaler(policy()), 3)
    text = "\n".join(world.lines)[:-20]
    assert replay(lines_of(text, "log"), "log").ticks == 2


def test_a_state_is_restored_whole() -> None:
    source = random.Random(5)
    by = policy(scheduled=OFFICE, **STEP, target_tracking={"cpu": {"metric": "cpu", "target": 50}})
    state = begun(by, START, 4).state
    for _ in range(200):
        value = source.choice([math.nan, source.uniform(0, 120)])
        state = step(state, state.now + EVERY, dict.fromkeys(state.metrics, value), Counts(4)).state
        again = restored(json.loads(json.dumps(saved(state), allow_nan=False)), by.rules, by.parameters)
        assert repr((vars(again.kernel), again.points, again.now, again.start)) == repr(
            (vars(state.kernel), state.points, state.now, state.start)
        )


def test_killed_at_a_thousand_points_it_never_acts_twice_and_loses_no_cooldown() -> None:
    """A step of +3 with a cooldown of ten minutes, at a load that always asks for it: what acts twice, or forgets a
    cooldown, decides twice within ten minutes or writes a count that nobody decided."""
    kills, decided, written = 0, 0, 0
    for seed in itertools.count():
        source = random.Random(seed)
        world = World(lambda _: 1e6, replicas=2)
        world.kills_left = (source.random() < 0.05 for _ in itertools.count())
        holders = itertools.count()
        scaler = world.scaler(policy(maximum=10_000, **STEP), f"holder {next(holders)}")
        for _ in range(600):
            world.seconds += EVERY
            try:
                scaler.turn()
            except Killed:
                kills += 1
                scaler = world.scaler(policy(maximum=10_000, **STEP), f"holder {next(holders)}")
        seconds = [second for second, _ in world.actions]
        assert all(later - earlier >= 600 for earlier, later in itertools.pairwise(seconds))
        assert all(after - before == 3 for _, before, after, _ in world.writes)
        over = [index for *_, index in world.writes]
        assert len(set(over)) == len(over)
        assert set(over) <= {index for _, index in world.actions}
        assert len(world.actions) - len(world.writes) <= 1, "what was decided is done, by whoever comes next"
        assert world.replicas == 2 + 3 * len(world.writes)
        assert replayed(world).differing == ()
        decided, written = decided + len(world.actions), written + len(world.writes)
        if kills >= 1_000:
            break
    assert decided >= written > 50


def test_of_two_controllers_one_acts_and_the_other_takes_over_when_it_is_gone() -> None:
    world = World(lambda _: 600.0)
    first, second = world.scaler(policy(), "first"), world.scaler(policy(), "second")
    for _ in range(12):
        world.seconds += EVERY
        assert (first.turn().state, second.turn().state) == ("holder", "standby")
    assert [write[1:3] for write in world.writes] == [(2, 12)]
    world.load = lambda _: 60.0
    states = []
    for _ in range(8):
        world.seconds += EVERY
        states.append(second.turn().state)
    assert states == ["standby", "standby", *["holder"] * 6], "after a lease of three ticks"
    assert first.turn().state == "standby", "one that comes back finds that it has lost it"


def test_a_controller_that_ends_in_order_hands_its_lease_on_at_once() -> None:
    world = World()
    first, second = world.scaler(policy(), "first"), world.scaler(policy(), "second")
    world.run(first, 2)
    first.release_lease()
    world.run(second, 1)
    assert second.told.state == "holder"


def test_it_holds_while_a_release_is_watched_and_goes_on_after_it() -> None:
    world = World(lambda _: 600.0)
    scaler = world.scaler(policy())
    world.release = True
    assert world.run(scaler, 10) == [2] * 10
    assert {line["suspended"] for line in world.ticks()} == {"release"}
    world.release = False
    assert world.run(scaler, 1) == [12], "alarms were evaluated meanwhile"


def test_a_release_that_begins_between_decision_and_action_takes_the_action_back_with_its_cooldown() -> None:
    world = World(lambda _: 600.0)
    scaler = world.scaler(policy())
    world.run(scaler, 2)

    def release() -> None:
        if not world.release:  # once: what is written after it would go through
            world.release, world.index = True, world.index + 1

    world.before_scale = release
    assert world.run(scaler, 1) == [2]
    assert (world.outcomes(), world.writes) == (["changed meanwhile"], [])
    world.before_scale, world.release = lambda: None, False
    assert world.run(scaler, 1) == [12], "no cooldown runs for what was not done"
    assert replayed(world).differing == ()


def test_a_count_that_is_set_between_decision_and_action_takes_the_action_back() -> None:
    world = World(lambda _: 600.0)
    scaler = world.scaler(policy())
    world.run(scaler, 2)

    def by_hand() -> None:
        if world.replicas == 2:
            world.by_hand(7)

    world.before_scale = by_hand
    assert world.run(scaler, 1) == [7]
    assert (world.outcomes(), world.writes) == (["changed meanwhile"], [])
    assert replayed(world).differing == ()


def test_an_action_that_was_done_is_not_done_again_where_somebody_sets_the_count_of_before() -> None:
    world = World(lambda _: 600.0)
    world.run(world.scaler(policy(maximum=10_000, **STEP)), 1)
    assert world.outcomes() == ["done"]
    world.by_hand(2)
    world.run(world.scaler(policy(maximum=10_000, **STEP)), 1)  # whoever comes next
    assert [write[1:3] for write in world.writes].count((2, 5)) == 1
    assert world.ticks()[-1]["adopted"] == 2


def test_out_of_sequence_is_read_again_and_the_action_done_where_only_the_index_has_moved() -> None:
    world = World(lambda _: 600.0)
    scaler = world.scaler(policy())
    world.run(scaler, 2)
    moved = iter([1, 1])

    def move() -> None:
        world.index += next(moved, 0)

    world.before_scale = move
    assert world.run(scaler, 1) == [12]
    assert world.outcomes() == ["done"]
    assert len(world.writes) == 1


def test_a_count_that_somebody_sets_is_taken_on_and_brought_within_the_bounds() -> None:
    world = World(lambda _: 200.0, replicas=4)
    scaler = world.scaler(policy())
    world.run(scaler, 2)
    world.by_hand(30)
    assert world.run(scaler, 1) == [20]
    assert (world.ticks()[-1]["adopted"], world.ticks()[-1]["reason"]) == (30, "bounds")


def test_a_service_that_somebody_has_stopped_stays_so_until_it_is_started() -> None:
    world = World(lambda _: 100.0, replicas=3)
    scaler = world.scaler(policy())
    world.run(scaler, 1)
    world.by_hand(0)
    assert world.run(scaler, 5) == [0] * 5
    assert world.ticks()[-1]["suspended"] == "stopped"
    world.by_hand(1)
    assert world.run(scaler, 1) == [2]


def test_metrics_that_are_missing_hold_the_count_or_end_in_the_declared_fallback() -> None:
    holding, falling = World(replicas=4), World(replicas=4)
    held, fallen = holding.scaler(policy()), falling.scaler(policy(Fallback(6, after=60)))
    holding.is_measured = falling.is_measured = False
    assert holding.run(held, 30) == [4] * 30
    assert falling.run(fallen, 30) == [4] * 6 + [6] * 24
    assert falling.ticks()[6]["reason"] == "fallback: no metrics for 60 s"
    higher = World(replicas=9)
    higher.is_measured = False
    assert higher.run(higher.scaler(policy(Fallback(6, after=60))), 20)[-1] == 9
    exact = World(replicas=9)
    exact.is_measured = False
    assert exact.run(exact.scaler(policy(Fallback(6, after=60, only_higher=False))), 20)[-1] == 6
    assert replayed(falling).differing == ()


def test_bounds_of_a_schedule_hold_over_a_restart_and_for_a_controller_that_comes_later() -> None:
    office = policy(scheduled={"up": {"cron": "0 8 * * *", "time_zone": "UTC", "minimum": 6}}, **STEP)
    world = World(lambda _: 6.0)
    assert world.run(world.scaler(office), 1) == [6], "since eight o'clock"
    world.scaler(office)
    assert world.run(world.scaler(office), 1) == [6]


def test_while_nobody_looked_datapoints_were_missing() -> None:
    world = World(lambda _: 600.0)
    scaler = world.scaler(policy())
    world.run(scaler, 2)
    world.seconds += 60
    assert world.run(scaler, 1) == [2], "two periods above the target, then none, then one"
    assert world.run(scaler, 2)[-1] == 12


def test_an_engine_that_does_not_answer_and_a_service_that_is_gone_are_told_and_end_nothing() -> None:
    world = World()
    scaler = world.scaler(policy())
    world.run(scaler, 1)
    world.is_reachable = False
    world.run(scaler, 1)
    assert (scaler.told.state, scaler.told.said) == ("unreachable", "the Docker Engine does not answer")
    world.is_reachable, world.is_there = True, False
    world.run(scaler, 1)
    assert (scaler.told.state, scaler.told.said) == ("gone", "there is no service web")
    world.is_there, world.id = True, "svc2"
    world.run(scaler, 1)
    assert scaler.told.state == "holder"
    assert json.loads(world.lines[-2])["why"] == "nothing is remembered of this service"


def test_other_rules_are_taken_without_a_stop_and_cooldowns_stay() -> None:
    world = World(lambda _: 600.0)
    scaler = world.scaler(
        policy(
            target_tracking={
                "cpu": {"metric": "cpu", "target": 50, "scale_in_cooldown": "10m", "scale_out_cooldown": "10m"}
            }
        )
    )
    world.run(scaler, 3)
    assert world.replicas == 12
    world.load = lambda _: 60.0
    scaler.policy = policy(
        target_tracking={"cpu": {"metric": "cpu", "target": 60, "scale_in_cooldown": "1m", "scale_out_cooldown": "1m"}}
    )
    counts = world.run(scaler, 70)
    assert counts[:57] == [12] * 57, "until ten minutes after the scale-out"
    assert counts[-1] == 2
    assert replayed(world).differing == ()


def test_a_dry_run_writes_nothing_to_the_service_and_says_what_it_would() -> None:
    world = World(lambda _: 600.0)
    assert world.run(world.scaler(policy(), dry_run=True), 30) == [2] * 30
    assert world.writes == []
    assert world.outcomes() == ["dry run"]
    assert replayed(world).differing == ()


def test_a_hold_is_kept_through_ticks_and_restarts_and_ends_when_it_is_taken_back() -> None:
    world = World(lambda _: 600.0)
    scaler = world.scaler(policy())
    world.run(scaler, 1)
    text, version = world.documents["svc1"]
    world.documents["svc1"] = json.dumps({**json.loads(text), "held": True}), version + 1
    assert world.run(scaler, 10) == [2] * 10
    assert world.ticks()[-1]["suspended"] == "held"
    text, version = world.documents["svc1"]
    assert json.loads(text)["held"] is True
    world.documents["svc1"] = json.dumps({**json.loads(text), "held": False}), version + 1
    assert world.run(scaler, 1) == [12]
    assert replayed(world).differing == ()


def places(value: Any, path: tuple[Any, ...] = ()) -> Any:
    """Every place of a document."""
    yield path
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, part in inside:
        yield from places(part, (*path, name))


def edited(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    """A copy with another value at one place."""
    if not path:
        return value
    copied = json.loads(json.dumps(document))
    part = copied
    for name in path[:-1]:
        part = part[name]
    part[path[-1]] = value
    return copied


NONSENSE = (None, "", -1, 10**12, 10**400, 1.5, math.nan, math.inf, True, [], {}, "x", [1], {"a": 1})
"""What a hand may write anywhere."""


def test_a_memory_that_was_edited_by_hand_ends_no_controller_and_leads_beyond_no_bound() -> None:
    world = World(lambda _: 600.0)
    world.run(world.scaler(policy()), 3)
    document = json.loads(world.documents["svc1"][0])
    assert document["memory"]["action"] is not None
    for path in places(document):
        for value in NONSENSE:
            changed = edited(document, path, value)
            after = World(lambda _: 600.0, replicas=world.replicas)
            after.seconds, after.index = world.seconds, world.index
            after.documents["svc1"] = json.dumps(changed if isinstance(changed, dict) else {}), 5
            after.run(after.scaler(policy()), 4)
            assert 2 <= after.replicas <= 20, (path, value)
            assert replayed(after).differing == ()


def test_an_action_that_no_rule_allows_is_not_done_whatever_the_memory_says() -> None:
    world = World(lambda _: 100.0)
    scaler = world.scaler(policy())
    world.run(scaler, 1)
    text, version = world.documents["svc1"]
    document = json.loads(text)
    document["memory"]["action"] = {"before": 2, "after": 500, "index": world.index}
    world.documents["svc1"] = json.dumps(document), version + 1
    assert world.run(scaler, 3) == [2, 2, 2]


def test_a_log_that_was_edited_is_refused_or_decided_otherwise() -> None:
    world = World(lambda _: 600.0)
    world.run(world.scaler(policy()), 3)
    lines = [json.loads(line) for line in world.lines]
    for number, line in enumerate(lines):
        for path in places(line):
            for value in NONSENSE:
                changed = [edited(one, path, value) if place == number else one for place, one in enumerate(lines)]
                try:
                    replay(lines_of("".join(f"{json.dumps(one)}\n" for one in changed), "log"), "log")
                except CannotRun as told:
                    assert told.format_message().startswith("log, line "), (path, value)  # noqa: PT017


@pytest.mark.parametrize(("jump", "counts"), [(-25, [2] * 3), (-3_600, [2, 2, 12]), (3_600, [2, 2, 12])])
def test_a_clock_that_jumps_is_told_and_rules_go_on(jump: int, counts: list[int]) -> None:
    """Set back by less than a lease it is waited for, by more all begins anew; set forward nobody has looked."""
    world = World(lambda _: 100.0)
    scaler = world.scaler(policy())
    world.run(scaler, 3)
    world.load = lambda _: 600.0
    world.seconds += jump
    assert world.run(scaler, 3) == counts
    said = scaler.told.said
    begun_again = [line["why"] for line in map(json.loads, world.lines) if line["kind"] == "begin"][1:]
    assert (begun_again, said) == {
        -25: ([], ""),
        -3_600: (["the clock was set back by 3590 s"], ""),
        3_600: (["the rules once more, for a log whose first lines are kept no longer"], ""),
    }[jump]
    assert replayed(world).differing == ()


def test_a_log_whose_first_lines_are_kept_no_longer_is_decided_again_from_its_first_begin() -> None:
    world = World(lambda second: 600.0 if second // 900 % 2 else 30.0)
    world.run(world.scaler(policy()), 3 * 360 + 5)
    kinds = [line["kind"] for line in map(json.loads, world.lines)]
    assert kinds.count("begin") == 4, "at the start, and once in an hour"
    del world.lines[:7]
    second = [line["kind"] for line in map(json.loads, world.lines)].index("begin")
    ticks = sum(json.loads(line)["kind"] == "tick" for line in world.lines[:second])
    found = replayed(world)
    assert (found.left_out, found.ticks + found.left_out, found.differing) == (ticks, len(world.ticks()), ())
    assert ticks > 300


def test_lines_that_the_log_has_lost_are_told_and_it_is_decided_again_from_there() -> None:
    world = World(lambda _: 600.0)
    scaler = world.scaler(policy())
    world.run(scaler, 2)
    world.is_full = True
    assert world.run(scaler, 3)[-1] == 12, "it scales all the same"
    world.is_full = False
    world.run(scaler, 3)
    kinds = [line["kind"] for line in map(json.loads, world.lines)]
    assert kinds == ["begin", "tick", "tick", "begin", "tick", "tick", "tick"]
    assert json.loads(world.lines[3])["why"] == "lines before this one are lost"
    assert replayed(world).differing == ()
