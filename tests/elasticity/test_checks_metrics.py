"""Findings on metrics, steps and times, at their boundaries. It cannot prove that AWS refuses what is called refused."""

from __future__ import annotations

from typing import Any

import pytest

from elasticity.checks import check
from tests.elasticity.findings import CPU, cure_of, found, rules

JOBS = {"namespace": "Shop", "name": "Jobs"}
SILENT = {**JOBS, "silent_when_idle": True}
REQUESTS = {"metric": "requests_per_target", "target": 900, "scale_out_cooldown": "60s"}
TIME = {"metric": "response_time", "target": "300ms"}
BLUE, GREEN = (
    {"namespace": "AWS/ApplicationELB", "name": "RequestCountPerTarget", "statistic": "Sum", "dimensions": {"TargetGroup": group}}
    for group in ("targetgroup/blue/1", "targetgroup/green/2")
)  # fmt: skip


def out(threshold: Any = 30, change: int = 1, metric: str = "jobs", **more: Any) -> dict[str, Any]:
    return {
        "metric": metric,
        "threshold": threshold,
        "cooldown": "60s",
        "steps": [{"from": 0, "change": change}],
        **more,
    }


def inward(threshold: Any = 20, metric: str = "jobs", **more: Any) -> dict[str, Any]:
    return {
        "metric": metric,
        "threshold": threshold,
        "comparison": "LessThanThreshold",
        "steps": [{"to": 0, "change": -1}],
        **more,
    }


def stepped(metrics: dict[str, Any] | None = None, **step_rules: Any) -> Any:
    return rules(target_tracking={}, step_scaling=step_rules, metrics=metrics or {"jobs": JOBS})


@pytest.mark.parametrize(
    ("more", "fewer", "bounds", "expected"),
    [
        # 30 x 2 / (2 + 1) = 20
        (out(30), inward(20), {}, ["step_scaling.out.threshold warning: from 2 to 3 units the metric falls from 30 to about 20, where in scales in, to 2 units and 30, and it begins anew"]),
        (out(30), inward(19.9), {}, []),
        (out(30), inward(20), {"minimum": 3}, []),
        (out(30), inward(20), {"maximum": 2}, []),
        (out(30, 50, adjustment="percent"), inward(20), {}, ["step_scaling.out.threshold warning: from 2 to 3 units the metric falls from 30 to about 20, where in scales in, to 2 units and 30, and it begins anew"]),
        # from 4 to 6 the metric falls to 20, one fewer has 24, and there it rests
        (out(30, 50, adjustment="percent"), inward(20), {"minimum": 3}, []),
        (out(30, 10, adjustment="percent", minimum_adjustment=2), inward(15), {}, []),
        (out(30, 10, adjustment="exact"), inward(6), {}, []),
        # two fewer at once pass the rest between the thresholds
        (out(30, 50, adjustment="percent"), inward(20, steps=[{"to": 0, "change": -2}]), {"minimum": 3}, ["step_scaling.out.threshold warning: from 4 to 6 units the metric falls from 30 to about 20, where in scales in, to 4 units and 30, and it begins anew"]),
        # the large step acts far above the threshold only, where it is not too much
        (out(30, steps=[{"from": 0, "to": 30, "change": 1}, {"from": 30, "change": 4}]), inward(19), {}, []),
        (out(30, 1), inward(20, metric="other"), {}, []),
        (out(30, -1), inward(29), {}, []),
        (out("30s"), inward("20s"), {}, ["step_scaling.out.threshold warning: from 2 to 3 units the metric falls from 30s to about 20s, where in scales in, to 2 units and 30s, and it begins anew"]),
    ],
)  # fmt: skip
def test_what_a_step_adds_is_not_taken_away_at_once(
    more: dict[str, Any], fewer: dict[str, Any], bounds: dict[str, int], expected: list[str]
) -> None:
    content = rules(
        target_tracking={}, step_scaling={"out": more, "in": fewer}, metrics={"jobs": JOBS, "other": JOBS}, **bounds
    )
    assert found(content, "EL012") == expected


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([{"from": 0, "to": 10, "change": 1}, {"from": 10, "change": 2}], []),
        ([{"from": 0, "to": 10, "change": 1}, {"from": 11, "change": 2}], ["step_scaling.out.steps error: there is a gap between steps"]),
        ([{"from": 0, "to": 10, "change": 1}, {"from": 9, "change": 2}], ["step_scaling.out.steps error: steps overlap"]),
        ([{"from": 0, "to": 10, "change": 1}], ["step_scaling.out.steps error: a positive upper bound needs a step with an open upper bound"]),
        ([{"change": 1}], ["step_scaling.out.steps error: a step has both bounds open"]),
        ([{"from": 5, "change": 1}], ["step_scaling.out.steps warning: no step covers what lies just above the threshold: the alarm fires, and its action fails"]),
        ([{"to": 0, "change": 1}], ["step_scaling.out.steps warning: no step covers what lies just above the threshold: the alarm fires, and its action fails"]),
        ([{"to": 0, "change": 1}, {"from": 0, "change": 2}], []),
        ([*({"from": n, "to": n + 1, "change": 1} for n in range(19)), {"from": 19, "change": 1}], []),
        ([*({"from": n, "to": n + 1, "change": 1} for n in range(20)), {"from": 20, "change": 1}], ["step_scaling.out.steps error: there are more than 20 steps"]),
    ],
)  # fmt: skip
def test_steps_fit_together(steps: list[dict[str, Any]], expected: list[str]) -> None:
    assert found(stepped(out=out(steps=steps)), "EL013") == expected


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([{"to": 0, "change": -1}], []),
        ([{"from": -10, "to": 0, "change": -1}, {"to": -10, "change": -2}], []),
        ([{"to": -5, "change": -1}], ["step_scaling.in.steps warning: no step covers what lies just below the threshold: the alarm fires, and its action fails"]),
        ([{"from": 0, "change": -1}], ["step_scaling.in.steps warning: no step covers what lies just below the threshold: the alarm fires, and its action fails"]),
    ],
)  # fmt: skip
def test_the_first_step_on_the_low_side_ends_at_the_threshold(steps: list[dict[str, Any]], expected: list[str]) -> None:
    assert found(stepped(**{"in": inward(steps=steps)}), "EL013") == expected


@pytest.mark.parametrize(
    ("rule", "metric", "el020", "el021"),
    [
        (inward(missing_data="breaching"), JOBS, ["step_scaling.in.missing_data warning: missing data of jobs counts as low and removes capacity"], []),
        (inward(missing_data="breaching"), SILENT, [], []),
        (inward(missing_data="notBreaching"), JOBS, [], []),
        (inward(missing_data="missing"), JOBS, [], []),
        (inward(missing_data="missing"), SILENT, [], ["step_scaling.in.missing_data warning: without load jobs has no datapoints, and the alarm does not fire"]),
        (inward(missing_data="ignore"), SILENT, [], ["step_scaling.in.missing_data warning: without load jobs has no datapoints, and the alarm does not fire"]),
        (inward(missing_data="notBreaching"), SILENT, [], []),
        (out(missing_data="breaching"), JOBS, [], []),
        (out(missing_data="missing"), SILENT, [], []),
    ],
)  # fmt: skip
def test_silence_on_the_low_side_means_what_is_declared(
    rule: dict[str, Any], metric: dict[str, Any], el020: list[str], el021: list[str]
) -> None:
    content = stepped({"jobs": metric}, **{"in": rule})
    assert (found(content, "EL020"), found(content, "EL021")) == (el020, el021)


@pytest.mark.parametrize(
    ("tracking", "metrics", "expected"),
    [
        ({"cpu": CPU}, {}, []),
        ({"r": REQUESTS}, {}, []),
        ({"r": REQUESTS, "cpu": CPU}, {}, []),
        ({"t": TIME}, {}, ["target_tracking.t.metric warning: without traffic response_time has no datapoints, so this rule never agrees to scale in"]),
        ({"t": TIME, "cpu": CPU}, {}, ["target_tracking.t.metric warning: without traffic response_time has no datapoints, so this rule never agrees to scale in, and the other tracking rules wait for it: cpu"]),
        ({"t": {**TIME, "scale_in": False}, "cpu": CPU}, {}, []),
        ({"j": {"metric": "jobs", "target": 5}}, {"jobs": SILENT}, ["target_tracking.j.metric warning: without traffic jobs has no datapoints, so this rule never agrees to scale in"]),
        ({"j": {"metric": "sum", "target": 5}}, {"jobs": SILENT, "sum": {"expression": "jobs * 2"}}, ["target_tracking.j.metric warning: without traffic sum has no datapoints, so this rule never agrees to scale in"]),
        ({"j": {"metric": "sum", "target": 5}}, {"jobs": SILENT, "sum": {"expression": "FILL(jobs, 0) * 2"}}, []),
        ({"j": {"metric": "sum", "target": 5}}, {"sum": {"expression": "sum + 1"}}, []),
    ],
)  # fmt: skip
def test_a_tracked_metric_that_falls_silent_never_comes_down(
    tracking: dict[str, Any], metrics: dict[str, Any], expected: list[str]
) -> None:
    assert found(rules(target_tracking=tracking, metrics=metrics), "EL021") == expected


FINE = {"jobs": {**JOBS, "period": "10s"}}


@pytest.mark.parametrize(
    ("rule", "metrics", "expected"),
    [
        (out(period="60s"), {}, []),
        (out(period="90s"), {}, ["step_scaling.out.period error: the period is not 10, 20, 30 or a multiple of 60 seconds"]),
        (out(period="30s"), {}, ["step_scaling.out.period error: a period below 60 seconds needs a metric that is stored at high resolution"]),
        (out(period="30s"), FINE, []),
        (out(period="30s", metric="cpu"), {}, ["step_scaling.out.period error: a period below 60 seconds needs a metric that is stored at high resolution"]),
        (out(evaluation_periods=1440), {}, []),
        (out(evaluation_periods=1441), {}, ["step_scaling.out.evaluation_periods error: evaluation periods x period is above 86,400 seconds"]),
        (out(period="1h", evaluation_periods=168), {}, []),
        (out(period="1h", evaluation_periods=169), {}, ["step_scaling.out.evaluation_periods error: evaluation periods x period is above 604,800 seconds"]),
        (out(datapoints_to_alarm=3), {}, []),
        (out(datapoints_to_alarm=4), {}, ["step_scaling.out.datapoints_to_alarm error: datapoints to alarm are not between 1 and the evaluation periods"]),
        (out(), {"jobs": {**JOBS, "period": "25s"}}, ["metrics.jobs.period error: the period is not 10, 20, 30 or a multiple of 60 seconds"]),
        (out(), {"jobs": {**JOBS, "namespace": "AWS/ECS", "period": "10s"}}, ["metrics.jobs.period error: a period below 60 seconds needs a metric that is stored at high resolution"]),
    ],
)  # fmt: skip
def test_an_alarm_has_a_period_and_a_window_that_cloudwatch_takes(
    rule: dict[str, Any], metrics: dict[str, Any], expected: list[str]
) -> None:
    assert found(stepped({"jobs": JOBS, **metrics}, out=rule), "EL022") == expected


@pytest.mark.parametrize(
    ("platform", "period", "expected"),
    [
        ("ecs_service", "60s", []),
        ("ecs_service", "10s", ["target_tracking.j.metric error: jobs has another period than tracking takes here, 60s"]),
        ("ec2_group", "10s", []),
        ("ec2_group", "30s", []),
        ("ec2_group", "20s", ["target_tracking.j.metric error: jobs has another period than tracking takes here, 10s or 30s or 60s"]),
        ("capacity_provider", "20s", []),
    ],
)  # fmt: skip
def test_a_tracked_metric_has_a_period_that_its_platform_takes(platform: str, period: str, expected: list[str]) -> None:
    content = rules(
        target_tracking={"j": {"metric": "jobs", "target": 5}}, metrics={"jobs": {**JOBS, "period": period}}
    )
    assert found(content, "EL022", platform=platform) == expected


@pytest.mark.parametrize(
    ("metric", "context", "expected"),
    [
        ("cpu", {"platform": "ec2_group", "detailed_monitoring": False}, ["context.detailed_monitoring warning: instances report cpu every 5 minutes: rule takes 15 minutes to grow, 75 to shrink"]),
        ("cpu", {"platform": "ec2_group"}, []),
        ("cpu", {"platform": "ecs_service", "detailed_monitoring": False}, []),
        ("requests_per_target", {"platform": "ec2_group", "detailed_monitoring": False}, []),
    ],
)  # fmt: skip
def test_a_group_that_tracks_cpu_has_detailed_monitoring(
    metric: str, context: dict[str, Any], expected: list[str]
) -> None:
    assert found(rules(target_tracking={"rule": {"metric": metric, "target": 60}}), "EL023", **context) == expected


@pytest.mark.parametrize(
    ("tracking", "steps", "expected"),
    [
        ({"a": CPU, "b": CPU}, {}, ["target_tracking.b.metric error: a and b track cpu: AWS takes one tracking policy for a metric"]),
        ({"a": CPU, "b": CPU, "c": CPU}, {}, ["target_tracking.c.metric error: a, b and c track cpu: AWS takes one tracking policy for a metric"]),
        ({"a": {"metric": "jobs", "target": 3}, "b": {"metric": "same", "target": 4}}, {}, ["target_tracking.b.metric error: a and b track jobs and same, which are one metric: AWS takes one tracking policy for a metric"]),
        ({"a": CPU}, {"less": inward()}, ["step_scaling.less warning: less scales in beside a"]),
        ({"a": {**CPU, "scale_in": False}}, {"less": inward()}, []),
        ({"a": CPU}, {"more": out()}, []),
        ({"a": CPU}, {"both": out(steps=[{"to": 0, "change": -1}, {"from": 0, "change": 1}])}, ["step_scaling.both warning: both scales in beside a"]),
        ({"a": CPU}, {"exact": inward(adjustment="exact", steps=[{"to": 0, "change": 2}])}, ["step_scaling.exact warning: exact scales in beside a"]),
        ({"a": CPU}, {"exact": out(adjustment="exact")}, []),
    ],
)  # fmt: skip
def test_one_metric_has_one_rule_and_one_kind_shrinks(
    tracking: dict[str, Any], steps: dict[str, Any], expected: list[str]
) -> None:
    assert (
        found(rules(target_tracking=tracking, step_scaling=steps, metrics={"jobs": JOBS, "same": JOBS}), "EL040")
        == expected
    )


@pytest.mark.parametrize(
    ("floor", "platform", "expected", "cure"),
    [
        (54, "ecs_service", "idle cpu is 54, the low side 54: this rule never scales in", "60"),
        (53.9, "ecs_service", None, None),
        (42, "ec2_group", "idle cpu is 42, the low side 42: this rule never scales in", "60"),
        (41.9, "ec2_group", None, None),
        (55, "ecs_service", "idle cpu is 55, the low side 54: this rule never scales in", "61.2"),
        (0, "ecs_service", None, None),
    ],
)
def test_an_idle_floor_stays_below_the_low_side(
    floor: float, platform: str, expected: str | None, cure: str | None
) -> None:
    content = rules(unit={"idle_cpu": floor})
    assert found(content, "EL041", platform=platform) == (
        [f"target_tracking.cpu.target warning: {expected}"] if expected else []
    )
    cures = [f"raise the target above {cure}, lower the idle floor, or say `scale_in: false` here"] if cure else []
    assert cure_of(content, "EL041", platform=platform) == cures


def test_one_idle_floor_holds_back_every_tracking_rule() -> None:
    memory = {"metric": "memory", "target": 50}
    content = rules(target_tracking={"cpu": CPU, "memory": memory}, unit={"idle_memory": 49})
    expected = "target_tracking.memory.target warning: idle memory is 49, the low side 45: cpu and memory never agree to scale in"
    assert found(content, "EL041") == [expected]
    assert (
        found(
            rules(target_tracking={"cpu": CPU, "memory": {**memory, "scale_in": False}}, unit={"idle_memory": 50}),
            "EL041",
        )
        == []
    )


@pytest.mark.parametrize(
    ("metric", "metrics", "deployment", "expected"),
    [
        ("blue", {"blue": BLUE}, "blue_green", ["target_tracking.r.metric error: blue counts the requests of one target group, blue_green uses two"]),
        ("blue", {"blue": BLUE}, "canary", ["target_tracking.r.metric error: blue counts the requests of one target group, canary uses two"]),
        ("blue", {"blue": BLUE}, "rolling", []),
        ("both", {"blue": BLUE, "green": GREEN, "both": {"expression": "blue + green"}}, "blue_green", []),
        ("both", {"blue": BLUE, "both": {"expression": "blue + blue"}}, "linear", ["target_tracking.r.metric error: both counts the requests of one target group, linear uses two"]),
        ("requests_per_target", {}, "blue_green", []),
    ],
)  # fmt: skip
def test_requests_are_counted_on_both_target_groups(
    metric: str, metrics: dict[str, Any], deployment: str, expected: list[str]
) -> None:
    content = rules(target_tracking={"r": {"metric": metric, "target": 900}}, metrics=metrics)
    assert found(content, "EL042", deployment=deployment) == expected


def test_a_forecast_on_requests_does_not_go_with_two_target_groups() -> None:
    forecast = {name: {"metric": name, "target": 50} for name in ("requests_per_target", "cpu")}
    content = rules(predictive={"r": forecast["requests_per_target"], "c": forecast["cpu"]})
    expected = ["predictive.r.metric error: a forecast on requests looks at one target group, blue_green uses two"]
    assert found(content, "EL042", deployment="blue_green") == expected


COOLDOWN = "target_tracking.cpu.scale_out_cooldown warning: scale-out cooldown"
STEP_COOLDOWN = "step_scaling.out.cooldown warning: scale-out cooldown"
BEFORE, LATER = "ends before what it adds is seen: start-up", "then 230s until a datapoint shows it"


def tracked(unit: str | None = None, **rule: Any) -> Any:
    return rules(
        target_tracking={"cpu": {"metric": "cpu", "target": 60, **rule}},
        unit={"start_up": unit} if unit else {},
        metrics={"slow": {**JOBS, "period": "5m"}},
    )


def stepped_up(unit: str, **rule: Any) -> Any:
    return rules(target_tracking={}, step_scaling={"out": out(metric="cpu", **rule)}, unit={"start_up": unit})


@pytest.mark.parametrize(
    ("content", "context", "expected"),
    [
        (tracked("60s", scale_out_cooldown="290s"), {}, []),
        (tracked("60s", scale_out_cooldown="289s"), {}, [f"{COOLDOWN} 289s {BEFORE} 1m, {LATER}"]),
        (tracked("60s"), {}, []),
        (tracked("300s"), {}, []),
        (tracked("120s", scale_out_cooldown="299s"), {}, [f"{COOLDOWN} 299s {BEFORE} 2m, {LATER}"]),
        (tracked("301s"), {}, [f"{COOLDOWN} 5m {BEFORE} 301s, {LATER}"]),
        (tracked("90s", scale_out_cooldown="60s"), {"platform": "ec2_group"}, []),
        (tracked(scale_out_cooldown="3m", scale_in_cooldown="3m"), {}, []),
        (tracked(scale_out_cooldown="3m", scale_in_cooldown="179s"), {}, ["target_tracking.cpu.scale_in_cooldown warning: scale-in cooldown 179s is shorter than the scale-out cooldown, 3m"]),
        (tracked(scale_out_cooldown="3m", scale_in_cooldown="1m", scale_in=False), {}, []),
        (stepped_up("60s", cooldown="290s"), {}, []),
        (stepped_up("60s", cooldown="289s"), {}, [f"{STEP_COOLDOWN} 289s {BEFORE} 1m, {LATER}"]),
        (stepped_up("240s", cooldown=None), {}, []),
        (stepped_up("241s", cooldown=None), {}, [f"{STEP_COOLDOWN} 5m {BEFORE} 241s, {LATER}"]),
        (stepped_up("60s", cooldown="299s", period="2m"), {}, [f"{STEP_COOLDOWN} 299s {BEFORE} 1m, then 290s until a datapoint shows it"]),
        (tracked("60s", metric="slow", scale_out_cooldown="299s"), {}, [f"{COOLDOWN} 299s {BEFORE} 1m, then 470s until a datapoint shows it"]),
        (rules(target_tracking={}, step_scaling={"in": inward(metric="cpu", cooldown="1s")}, unit={"start_up": "60s"}), {}, []),
    ],
)  # fmt: skip
def test_a_cooldown_outlasts_the_start_up(content: Any, context: dict[str, Any], expected: list[str]) -> None:
    assert found(content, "EL030", **context) == expected


@pytest.mark.parametrize("start_up", [None, "0s", "30s", "60s", "90s", "4m"])
@pytest.mark.parametrize("metric", ["cpu", "memory", "requests_per_target"])
def test_the_defaults_of_aws_are_found_nowhere(start_up: str | None, metric: str) -> None:
    unit = {"start_up": start_up, "full_memory": 90} if start_up else {}
    for cooldowns in ({}, {"scale_out_cooldown": "300s", "scale_in_cooldown": "300s"}):
        content = rules(target_tracking={"t": {"metric": metric, "target": 50, **cooldowns}}, unit=unit)
        assert check(content) == []


def test_the_code_of_a_long_cooldown_is_found_no_more_and_its_acceptance_says_why() -> None:
    content = rules(accept={"EL031": "on purpose"})
    expected = (
        "accept.EL031 note: EL031 is found no more: a scale-out cooldown as long as AWS's default is what keeps rules "
        "from acting twice on one rise"
    )
    assert found(content, "EL000") == [expected]


@pytest.mark.parametrize(
    ("content", "context", "expected"),
    [
        (tracked("60s"), {"health_check_grace": "60s", "default_warm_up": "60s"}, []),
        (tracked("60s"), {"health_check_grace": "59s"}, ["context.health_check_grace warning: health-check grace 59s is shorter than the start-up, 1m"]),
        (tracked("60s"), {"default_warm_up": "0s"}, ["context.default_warm_up warning: default warm-up 0s is shorter than the start-up, 1m"]),
        (tracked("60s", warm_up="59s"), {}, ["target_tracking.cpu.warm_up warning: warm-up 59s is shorter than the start-up, 1m"]),
        (tracked("60s", warm_up="60s"), {}, []),
        (tracked(warm_up="1s"), {"health_check_grace": "1s"}, []),
        (rules(step_scaling={"out": out(metric="cpu", warm_up="1s")}, unit={"start_up": "60s"}), {}, ["step_scaling.out.warm_up warning: warm-up 1s is shorter than the start-up, 1m"]),
    ],
)  # fmt: skip
def test_grace_and_warm_up_outlast_the_start_up(content: Any, context: dict[str, Any], expected: list[str]) -> None:
    assert found(content, "EL032", **context) == expected


@pytest.mark.parametrize(
    ("code", "context", "expected"),
    [
        ("EL033", {"platform": "ec2_group", "health_check": "ELB"}, ["context.health_check_grace error: the balancer judges instances from their first second"]),
        ("EL033", {"platform": "capacity_provider", "health_check": "ELB", "health_check_grace": "0s"}, ["context.health_check_grace error: the balancer judges instances from their first second"]),
        ("EL033", {"platform": "ec2_group", "health_check": "ELB", "health_check_grace": "1s"}, []),
        ("EL033", {"platform": "ec2_group", "health_check": "EC2"}, []),
        ("EL033", {"platform": "ecs_service", "health_check": "ELB"}, []),
        ("EL034", {"platform": "ec2_group"}, ["context.default_warm_up warning: the group's default instance warm-up is not set"]),
        ("EL034", {"platform": "ec2_group", "default_warm_up": "0s"}, []),
        ("EL034", {"platform": "ecs_service"}, []),
        ("EL035", {"simple_scaling": True}, ["context.simple_scaling warning: a simple-scaling policy waits for each activity and its cooldown before it looks again"]),
    ],
)  # fmt: skip
def test_a_group_waits_for_its_instances(code: str, context: dict[str, Any], expected: list[str]) -> None:
    assert found(rules(), code, **context) == expected


def test_a_group_that_only_schedules_move_needs_no_warm_up() -> None:
    assert found(rules(target_tracking={}), "EL034", platform="ec2_group") == []


@pytest.mark.parametrize(
    ("content", "context", "expected"),
    [
        (tracked("90s", scale_in_cooldown="90s"), {}, []),
        (tracked("90s", scale_in_cooldown="89s"), {}, ["target_tracking.cpu.scale_in_cooldown warning: scale-in cooldown 89s is shorter than the start-up, 90s: what leaves cannot be back in time"]),
        (tracked("90s", scale_in_cooldown="119s"), {"slow_start": "30s"}, ["target_tracking.cpu.scale_in_cooldown warning: scale-in cooldown 119s is shorter than start-up and slow start together, 2m: what leaves cannot be back in time"]),
        (tracked("90s", scale_in_cooldown="1s", scale_in=False), {}, []),
        (tracked(scale_in_cooldown="1s"), {"slow_start": "30s"}, []),
    ],
)  # fmt: skip
def test_scale_in_waits_for_what_would_have_to_come_back(
    content: Any, context: dict[str, Any], expected: list[str]
) -> None:
    assert found(content, "EL035", **context) == expected


LONG = {"longest_request": "60s"}
QUEUE = {"name": "jobs", "time_per_message": "45s"}


@pytest.mark.parametrize(
    ("content", "context", "expected"),
    [
        ({"unit": LONG}, {"deregistration_delay": "60s", "stop_timeout": "30s"}, []),
        ({"unit": LONG}, {"deregistration_delay": "59s"}, ["context.deregistration_delay warning: deregistration delay 59s is shorter than the longest request, 1m"]),
        ({"unit": LONG}, {"stop_timeout": "59s"}, ["context.stop_timeout warning: stop timeout 59s is shorter than the longest message, 1m"]),
        ({"queue": QUEUE}, {"stop_timeout": "44s"}, ["context.stop_timeout warning: stop timeout 44s is shorter than the longest message, 45s"]),
        ({"queue": QUEUE}, {"stop_timeout": "45s"}, []),
        ({"queue": QUEUE, "unit": LONG}, {"stop_timeout": "45s", "deregistration_delay": "60s"}, []),
        ({}, {"stop_timeout": "1s", "deregistration_delay": "1s"}, []),
        ({"unit": LONG}, {}, []),
    ],
)  # fmt: skip
def test_work_may_end_before_its_unit_does(
    content: dict[str, Any], context: dict[str, Any], expected: list[str]
) -> None:
    assert found(rules(**content), "EL081", **context) == expected


def test_the_cure_of_a_short_cooldown_names_the_time() -> None:
    assert cure_of(tracked("301s"), "EL030") == ["raise it to 531s"]
    assert cure_of(tracked("60s", scale_out_cooldown="60s"), "EL030") == ["raise it to 290s"]
