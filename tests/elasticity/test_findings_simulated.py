"""The simulator judges the linter: for each code that names a danger of behaviour, rules that the code finds run into that
danger, and after its cure neither code nor danger is left. It cannot prove more of AWS than the simulator knows."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from elasticity.checks import CODES, FROM_A_RUN, LintContext, check
from elasticity.checks.steps import _circles
from elasticity.rules import Elasticity
from elasticity.simulator import Timeline, simulate
from elasticity.traces import Load, combined, ramp, spike, steady
from tests.elasticity.simulations import load_of

HOUR = 3_600
UNIT: dict[str, Any] = {"capacity": "50/s", "start_up": "60s", "service_time": "100ms"}
OUT = {"metric": "cpu", "threshold": 70.0, "steps": [{"from": 0, "change": 2}], "evaluation_periods": 3}
IN = {
    "metric": "cpu", "threshold": 25.0, "comparison": "LessThanThreshold", "steps": [{"to": 0, "change": -1}],
    "evaluation_periods": 5,
}  # fmt: skip


@dataclasses.dataclass
class Case:
    """Rules that a code finds, the same after its cure, and what happens to the first under a load."""

    bad: dict[str, Any]
    cured: dict[str, Any]
    load: Load
    danger: Callable[[Timeline], bool]
    context: dict[str, Any] = dataclasses.field(default_factory=dict)
    options: dict[str, Any] = dataclasses.field(default_factory=dict)


def tracked(metric: str, target: Any, **rest: Any) -> dict[str, Any]:
    return {metric: {"metric": metric, "target": target, **rest}}


def content(rules: dict[str, Any]) -> Elasticity:
    return Elasticity.model_validate({"minimum": 2, "maximum": 20, "unit": UNIT, **rules})


def at_maximum(timeline: Timeline) -> bool:
    """Whether it ends at the maximum although at most half of that is needed."""
    needed = np.ceil(timeline.load[-1] / 50)
    return bool(timeline.desired[-1] == timeline.maximum[-1] >= 2 * needed)


def never_falls(timeline: Timeline) -> bool:
    return bool(timeline.desired[-1] == timeline.desired.max() > timeline.minimum[-1])


def overloaded_at_the_end(timeline: Timeline) -> bool:
    return bool(timeline.load[-1] > timeline.capacity[-1])


RISE_AND_SILENCE = combined([spike(0.0, 300.0, at=HOUR, length=2 * HOUR, duration=6 * HOUR)])


@st.composite
def el002(draw: st.DrawFn) -> Case:
    target = draw(st.integers(20, 80))
    bad = {"minimum": 0, "target_tracking": tracked("cpu", target)}
    load = steady(draw(st.integers(5, 40)), 3 * HOUR)
    return Case(bad, {**bad, "minimum": 1}, load, lambda timeline: not timeline.serving.any())


@st.composite
def el004(draw: st.DrawFn) -> Case:
    units = draw(st.integers(1, 10))
    bad = {"minimum": units, "maximum": units, "target_tracking": tracked("cpu", 60)}
    load = steady(50.0 * units * draw(st.floats(0.9, 3)), 2 * HOUR)
    return Case(bad, {**bad, "maximum": 4 * units}, load, lambda timeline: timeline.actions() == ())


@st.composite
def el005(draw: st.DrawFn) -> Case:
    most, factor = draw(st.integers(3, 20)), draw(st.floats(1.05, 3))
    peak = 50.0 * most * factor
    bad = {"maximum": most, "target_tracking": tracked(draw(st.sampled_from(("cpu",))), 60)}
    cured = {**bad, "maximum": int(2 * most * factor) + 1}
    return Case(bad, cured, steady(peak, 4 * HOUR), overloaded_at_the_end, {"peak": peak})


@st.composite
def el006(draw: st.DrawFn) -> Case:
    if draw(st.booleans()):
        rule = draw(st.sampled_from((("cpu", 60), ("requests_per_target", 1_500), ("memory", 50))))
        unit = {**UNIT, "full_memory": 90}
        bad = {"unit": unit, "target_tracking": tracked(*rule, scale_in=False)}
        return Case(bad, {"unit": unit, "target_tracking": tracked(*rule)}, RISE_AND_SILENCE, never_falls)
    bad = {"step_scaling": {"hot": OUT}}
    return Case(bad, {"step_scaling": {"hot": OUT, "cold": IN}}, RISE_AND_SILENCE, never_falls)


@st.composite
def el007(draw: st.DrawFn) -> Case:
    initial = draw(st.integers(4, 10))
    bad = {"initial": initial, "step_scaling": {"cold": IN}}
    load = load_of([5.0] * 240 + [50.0 * draw(st.integers(3, 8))] * 240)
    return Case(bad, {**bad, "step_scaling": {"cold": IN, "hot": OUT}}, load, overloaded_at_the_end)


@st.composite
def el010(draw: st.DrawFn) -> Case:
    target = draw(st.integers(88, 99))
    bad = {"maximum": 60, "target_tracking": tracked("cpu", target)}
    load = spike(60.0, 60.0 * draw(st.integers(4, 8)), at=HOUR, length=2 * HOUR, duration=4 * HOUR)
    cured = {**bad, "target_tracking": tracked("cpu", 50)}
    quick = float(simulate(content(cured), load, tick=60, compiled=False).figures()["overload_minutes"] or 0)
    return Case(
        bad, cured, load, lambda timeline: float(timeline.figures()["overload_minutes"] or 0) >= 1.5 * quick + 1
    )


@st.composite
def el012(draw: st.DrawFn) -> Case:
    out = {**OUT, "threshold": draw(st.integers(40, 80)), "steps": [{"from": 0, "change": draw(st.integers(1, 4))}],
           "cooldown": "10m"}  # fmt: skip
    low = draw(st.integers(20, 70)) + 0.37
    inward = {**IN, "threshold": low, "steps": [{"to": 0, "change": -draw(st.integers(1, 3))}], "cooldown": "10m"}
    bad = {"maximum": 30, "step_scaling": {"out": out, "in": inward}}
    rules = content(bad)
    found = next(_circles(rules, rules.step_scaling["out"], rules.step_scaling["in"]), None)
    assume(found is not None and low < out["threshold"])
    metric, before, *_ = found or (0.0, 0)
    load = steady(50.0 * before * metric / 100 * 1.0005, 12 * HOUR)
    apart = {**inward, "threshold": 0.4 * out["threshold"] * before / (before + 8), "steps": [{"to": 0, "change": -1}]}
    cured = {**bad, "initial": before, "step_scaling": {"out": out, "in": apart}}
    return Case({**bad, "initial": before}, cured, load, lambda timeline: (timeline.figures()["reversals"] or 0) >= 4)


@st.composite
def el015(draw: st.DrawFn) -> Case:
    metric, floor = draw(st.sampled_from(("cpu", "memory"))), draw(st.integers(10, 60))
    unit = {**UNIT, f"idle_{metric}": floor, "full_memory": 95}
    target = draw(st.integers(5, floor))
    load = steady(draw(st.floats(0.5, 10)), 12 * HOUR)
    if metric == "cpu" and draw(st.booleans()):
        hot = {**OUT, "threshold": float(target)}
        bad = {"unit": unit, "step_scaling": {"hot": hot, "cold": {**IN, "threshold": 4.0}}}
        cured = {"unit": unit, "step_scaling": {"hot": {**hot, "threshold": 90.0}, "cold": {**IN, "threshold": 4.0}}}
        return Case(bad, cured, load, at_maximum)
    bad = {"unit": unit, "target_tracking": tracked(metric, target)}
    return Case(bad, {"unit": unit, "target_tracking": tracked(metric, floor + 35)}, load, at_maximum)


@st.composite
def el016(draw: st.DrawFn) -> Case:
    service = draw(st.integers(20, 250))
    unit = {"capacity": "50/s", "start_up": "60s", "service_time": f"{service}ms"}
    target = draw(st.integers(1, service - 1))
    bad = {"unit": unit, "target_tracking": tracked("response_time", f"{target}ms")}
    cured = {"unit": unit, "target_tracking": tracked("response_time", f"{4 * service}ms")}
    return Case(bad, cured, steady(draw(st.floats(1, 20)), 6 * HOUR), at_maximum)


@st.composite
def el017(draw: st.DrawFn) -> Case:
    each = draw(st.integers(1, 8))
    unit = {"capacity": f"{60 // each}/min", "start_up": "45s"}
    queue = {"name": "jobs", "time_per_message": f"{each}s"}
    target = f"{each * draw(st.integers(100, 600))}ms"
    bad = {"minimum": 1, "unit": unit, "queue": queue, "target_tracking": tracked("queue_delay", target)}
    cured = {**bad, "target_tracking": tracked("queue_delay", f"{each * 60}s")}
    busy = 0.98 * (60 // each) / 60  # of one unit, with some messages at once
    load = load_of([busy] * 60 + [busy + draw(st.integers(6, 12)) / 60] + [busy] * 120)
    return Case(bad, cured, load, lambda timeline: timeline.desired.max() >= 4)


@st.composite
def el018(draw: st.DrawFn) -> Case:
    target = draw(st.integers(3_000, 12_000))
    bad = {"target_tracking": tracked("requests_per_target", target)}
    cured = {"target_tracking": tracked("requests_per_target", draw(st.integers(1_200, 1_800)))}
    load = ramp(40.0, 400.0, 5 * HOUR, lead=HOUR, hold=HOUR)

    def full_before(timeline: Timeline) -> bool:
        first = next((item.second for item in timeline.actions()), len(timeline.load) * 60)
        return bool((timeline.load > timeline.capacity)[: first // 60].any())

    return Case(bad, cured, load, full_before)


@st.composite
def el021(draw: st.DrawFn) -> Case:
    slow = tracked("response_time", f"{draw(st.integers(130, 400))}ms")
    beside = tracked("cpu", draw(st.integers(30, 60))) if draw(st.booleans()) else {}
    bad = {"initial": 8, "target_tracking": {**slow, **beside}}
    never = tracked("response_time", slow["response_time"]["target"], scale_in=False)
    cured = {**bad, "target_tracking": {**never, **tracked("cpu", 60), **beside}}
    return Case(bad, cured, steady(0.0, 6 * HOUR), lambda timeline: timeline.desired[-1] == 8)


@st.composite
def el024(draw: st.DrawFn) -> Case:
    rate = draw(st.integers(60, 200))
    metrics = {"all": {"namespace": "AWS/ApplicationELB", "name": "RequestCount", "statistic": "Sum"}}
    target = rate * 60 * draw(st.floats(0.2, 0.8))
    bad = {"metrics": metrics, "target_tracking": tracked("all", target)}
    cured = {"target_tracking": tracked("requests_per_target", 1_500)}
    return Case(bad, cured, steady(rate, 6 * HOUR), at_maximum)


@st.composite
def el030(draw: st.DrawFn) -> Case:
    start_up, target = draw(st.integers(60, 200)), draw(st.integers(50, 65))
    unit = {**UNIT, "start_up": f"{start_up}s"}
    bad = {"maximum": 60, "unit": unit,
           "target_tracking": tracked("cpu", target, scale_out_cooldown=f"{draw(st.integers(0, 60))}s")}  # fmt: skip
    cooldown = f"{start_up + 230}s"
    cured = {**bad, "target_tracking": tracked("cpu", target, scale_out_cooldown=cooldown, scale_in_cooldown=cooldown)}
    load = spike(50.0, 200.0, at=HOUR, length=3 * HOUR, duration=4 * HOUR)
    settled = simulate(content(cured), load, compiled=False).desired.max()
    return Case(bad, cured, load, lambda timeline: timeline.desired.max() >= 1.4 * settled, {}, {"tick": 10})


@st.composite
def el041(draw: st.DrawFn) -> Case:
    metric, target = draw(st.sampled_from(("cpu", "memory"))), draw(st.integers(30, 80))
    floor = target * draw(st.floats(0.92, 0.98))
    unit = {**UNIT, f"idle_{metric}": floor, "full_memory": 100}
    bad = {"unit": unit, "initial": 9, "target_tracking": tracked(metric, target)}
    cured = {**bad, "unit": {**unit, f"idle_{metric}": 0.5 * target}}
    return Case(bad, cured, steady(0.0, 4 * HOUR), lambda timeline: timeline.desired[-1] == 9)


@st.composite
def el048(draw: st.DrawFn) -> Case:
    units = draw(st.integers(6, 16))
    cold = {**IN, "evaluation_periods": 1, "adjustment": "percent",
            "steps": [{"to": 0, "change": -draw(st.integers(50, 80))}]}  # fmt: skip
    bad = {"initial": units, "step_scaling": {"hot": OUT, "cold": cold}}
    cured = {**bad, "step_scaling": {"hot": OUT, "cold": {**cold, "evaluation_periods": 5}}}
    busy = 50.0 * units * 0.6
    load = load_of([busy] * 60 + [busy * draw(st.floats(0, 0.3))] + [busy] * 60)
    return Case(bad, cured, load, lambda timeline: bool((timeline.load > timeline.capacity).any()))


@st.composite
def el049(draw: st.DrawFn) -> Case:
    target, units = draw(st.integers(40, 70)), draw(st.integers(2, 6))
    share = target / 100 * draw(st.floats(0.6, 0.88))
    cpu, of = tracked("cpu", target, scale_in_cooldown="60s", scale_out_cooldown="60s"), 50 * 60
    bad = {"target_tracking": {**cpu, **tracked("requests_per_target", share * of, scale_in=False)}}
    agreed = tracked("requests_per_target", share * of)
    raised = tracked("requests_per_target", target / 100 * of * draw(st.floats(1.05, 1.3)), scale_in=False)
    cured = {"target_tracking": {**cpu, **draw(st.sampled_from((agreed, raised)))}}
    load = steady(50 * share * units * 1.03, 6 * HOUR)
    return Case(bad, cured, load, lambda timeline: timeline.figures()["reversals"] >= 4)


@st.composite
def el056(draw: st.DrawFn) -> Case:
    raised = draw(st.integers(3, 12))
    morning = {"cron": "0 8 * * *", "time_zone": "UTC", "minimum": raised}
    bad = {"target_tracking": tracked("cpu", 60), "scheduled": {"morning": morning}}
    evening = {"cron": "0 18 * * *", "time_zone": "UTC", "minimum": 2}
    cured = {**bad, "scheduled": {"morning": morning, "evening": evening}}
    return Case(bad, cured, steady(2.0, 23 * HOUR), lambda timeline: timeline.desired[-1] == raised)


SIMULATED = {
    "EL002": el002(), "EL004": el004(), "EL005": el005(), "EL006": el006(), "EL007": el007(), "EL010": el010(),
    "EL012": el012(), "EL015": el015(), "EL016": el016(), "EL017": el017(), "EL018": el018(), "EL021": el021(),
    "EL024": el024(), "EL030": el030(), "EL041": el041(), "EL048": el048(), "EL049": el049(),
    "EL056": el056(),
}  # fmt: skip
NOT_A_DANGER_OF_BEHAVIOUR = {
    "EL000": "an entry of `accept`", "EL001": "refused by AWS", "EL003": "about failures, which no load declares",
    "EL011": "about an alarm that only tells", "EL013": "refused by AWS", "EL014": "counts steps, as EL010",
    "EL020": "broken metrics are not simulated", "EL022": "refused by AWS", "EL023": "the period of monitoring",
    "EL025": "what units publish is not simulated",
    "EL032": "health checks that kill are not simulated", "EL033": "health checks that kill are not simulated",
    "EL034": "a recommendation of AWS", "EL035": "a margin for what comes back, which no load breaks by itself",
    "EL040": "refused by AWS, or a warning of its pages", "EL042": "target groups are not simulated",
    "EL043": "two owners of one group are not simulated", "EL044": "a bound of the group below",
    "EL045": "refused by AWS", "EL046": "about interruptions, which no load declares",
    "EL047": "a part of a rule that is never used", "EL050": "refused by AWS", "EL051": "refused by AWS",
    "EL052": "what AWS does then nobody knows", "EL053": "what AWS does then nobody knows",
    "EL054": "a reading of the expression", "EL055": "a reading of the zone", "EL057": "a schedule without a time",
    "EL060": "what people have looked at", "EL061": "a cap on cost that is missing", "EL062": "a note",
    "EL063": "refused by AWS", "EL070": "deployments of a count are not simulated",
    "EL071": "strategies are not simulated", "EL072": "rebalancing is not simulated",
    "EL073": "about deployments, which no load declares", "EL080": "quotas are not simulated",
    "EL081": "single requests are not simulated",
}  # fmt: skip


def test_each_code_is_simulated_or_says_why_not() -> None:
    assert set(CODES) - FROM_A_RUN == SIMULATED.keys() | NOT_A_DANGER_OF_BEHAVIOUR.keys()
    assert not SIMULATED.keys() & NOT_A_DANGER_OF_BEHAVIOUR.keys()


@pytest.mark.parametrize("code", SIMULATED)
@settings(max_examples=12)
@given(data=st.data())
def test_what_a_code_names_happens_and_its_cure_removes_it(code: str, data: st.DataObject) -> None:
    case = data.draw(SIMULATED[code])
    options = {"tick": 60, "compiled": False, **case.options}
    context = LintContext.model_validate(case.context)
    bad, cured = content(case.bad), content(case.cured)
    assert code in {one.code for one in check(bad, context)}
    assert case.danger(simulate(bad, case.load, **options))
    assert code not in {one.code for one in check(cured, context)}
    assert not case.danger(simulate(cured, case.load, **options))
