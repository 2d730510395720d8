"""What a release strategy needs, said in the stack file's own words. It cannot prove that ECS shifts anything."""

from pathlib import Path

import pytest

from elasticity.simulator import simulate
from stacks.settings import SettingsError, validate
from stacks.simulation import load_of
from stacks.stack_file import StackFile
from stacks.web_service.settings import WebServiceSettings
from stacks.workloads import workloads_of

DEV = (Path(__file__).parents[2] / "Pulumi.dev.yaml").read_text()
ROUTE = "routes: { all: { priority: 10, paths: ['/*'] } }"


def stack(deployment: str, traffic: str = ROUTE, text: str = DEV) -> StackFile:
    text = text.replace(
        "      rollback_alarms: null\n", f"      deployment: {deployment}\n      rollback_alarms: null\n"
    )
    text = text.replace("        port: 8080\n", f"        port: 8080\n        {traffic}\n")
    return StackFile.parse("Pulumi.dev.yaml", text)


def faults_of(file: StackFile) -> dict[str, str]:
    with pytest.raises(SettingsError) as caught:
        validate(file)
    lines = [line.partition(" ")[2].partition(": ") for line in str(caught.value).splitlines()]
    return {place.removeprefix("services.web."): said for place, _, said in lines}


@pytest.mark.parametrize(
    "deployment",
    [
        "{}",
        "{ maximum_percent: 150 }",
        "{ strategy: rolling }",
        "{ strategy: blue_green, bake_time: 5m, approvals: { look: { stage: post_scale_up } } }",
        "{ strategy: canary, percent: 2.5, interval: 15m }",
        "{ strategy: linear, percent: 20, interval: 3m, bake_time: 0m }",
        "{ strategy: linear, percent: 3, interval: 0m, bake_time: 24h }",
        "{ strategy: linear, percent: 100, interval: 24h, bake_time: 0m }",
        "{ strategy: canary, percent: 0.1, interval: 0m, bake_time: 24h }",
        "{ strategy: canary, percent: 99, interval: 24h, bake_time: 0m }",
        "{ strategy: blue_green, bake_time: 0m }",
        "{ strategy: blue_green, bake_time: 24h }",
    ],
)
def test_a_strategy_is_one_setting_with_its_numbers(deployment: str) -> None:
    settings = validate(stack(deployment))
    assert isinstance(settings, WebServiceSettings)
    behind = settings.services["web"].behind_balancer
    assert behind is not None
    assert behind.alternate is ("strategy" in deployment and "rolling" not in deployment)


SHIFTS = (
    "shifts the requests of a load balancer, and this service takes none: add `traffic` with a route, or set rolling"
)
REFUSED = {
    "a strategy that there is not": (
        "{ strategy: kanary, percent: 5 }",
        {
            "deployment.strategy": "got a text, allowed rolling or blue_green or linear or canary",
            "deployment.percent": "unknown key with `strategy: rolling`; it belongs to `strategy: linear` or "
            "`strategy: canary`",
        },
    ),
    "no map": ("canary", {"deployment": "got a text, allowed a map"}),
    "a key of another strategy": (
        "{ strategy: blue_green, interval: 5m }",
        {
            "deployment.interval": "unknown key with `strategy: blue_green`; it belongs to `strategy: linear` or "
            "`strategy: canary`"
        },
    ),
    "a key of none": (
        "{ strategy: canary, bake_tim: 5m }",
        {"deployment.bake_tim": "unknown key; did you mean `bake_time`"},
    ),
    "percent out of bounds": (
        "{ strategy: linear, percent: 2 }",
        {"deployment.percent": "got an integer below 3, allowed 3 to 100"},
    ),
    "a part finer than tenths": (
        "{ strategy: canary, percent: 2.55 }",
        {"deployment.percent": "got a number, allowed 0.1 to 99 in steps of 0.1"},
    ),
    "nobody gets it first": (
        "{ strategy: canary, percent: 100 }",
        {"deployment.percent": "got an integer above 99, allowed 0.1 to 99"},
    ),
    "waits that ECS does not have": (
        "{ strategy: canary, interval: 90s, bake_time: 1441m }",
        {
            "deployment.interval": "allowed whole minutes up to 24h",
            "deployment.bake_time": "allowed whole minutes up to 24h",
        },
    ),
    "a gate that is open too short": (
        "{ strategy: canary, approvals: { look: { stage: post_scale_up, time_limit: 30s } } }",
        {"deployment.approvals.look.time_limit": "allowed whole minutes from 1m to 14d"},
    ),
    "a gate for tests without a way to test": (
        "{ strategy: canary, approvals: { look: { stage: post_test_traffic_shift } } }",
        {
            "deployment.approvals.look.stage": "waits for tests of the new version, which nobody reaches: add "
            "`traffic.test_route`, or wait at post_scale_up"
        },
    ),
    "a gate that ECS cannot hold": (
        "{ strategy: canary, approvals: { look: { stage: production_traffic_shift } } }",
        {
            "deployment.approvals.look.stage": "got a text, allowed one of pre_scale_up, post_scale_up, "
            "post_test_traffic_shift, post_production_traffic_shift"
        },
    ),
}


@pytest.mark.parametrize(("deployment", "faults"), REFUSED.values(), ids=REFUSED)
def test_what_a_strategy_cannot_be_is_told_at_its_place(deployment: str, faults: dict[str, str]) -> None:
    assert faults_of(stack(deployment)) == faults


def test_a_strategy_that_shifts_traffic_needs_traffic_and_one_rule() -> None:
    worker = DEV.replace("      traffic:\n        port: 8080\n        health_check: { path: /, interval: 10s }\n", "")
    assert faults_of(stack("{ strategy: canary }", text=worker)) == {"deployment.strategy": f"canary {SHIFTS}"}
    (said,) = faults_of(stack("{ strategy: canary }", traffic="")).values()
    assert said == "a service with an alternate target group needs a route: ECS moves its weights"
    two = "routes: { a: { priority: 10, paths: ['/a'] }, b: { priority: 11, paths: ['/b'] } }"
    assert list(faults_of(stack("{ strategy: canary }", traffic=two))) == ["traffic.routes"]


RELEASE = (
    "        loads:\n",
    "        failures: { new: { release: { at: 1h, answered_within: 20m } } }\n        loads:\n",
)


@pytest.mark.parametrize(
    ("deployment", "seconds"),
    [
        ("{ strategy: blue_green, bake_time: 15m }", 60 + 900 + 1200),
        ("{ strategy: canary, interval: 5m, bake_time: 15m }", 60 + 300 + 900 + 1200),
        ("{ strategy: linear, percent: 25, interval: 2m, bake_time: 0m }", 60 + 360 + 1200),
    ],
)
def test_a_release_takes_start_up_steps_bake_time_and_answers(deployment: str, seconds: float) -> None:
    settings = validate(stack(deployment, text=DEV.replace(*RELEASE)))
    (new,) = workloads_of(settings)["web"].conditions["failures"].values()
    assert (new.at, new.length, new.minimum_percent, new.maximum_percent) == (3_600, seconds, 100, 200)


def test_both_versions_are_paid_while_a_release_runs() -> None:
    hours = {}
    early = DEV.replace(*RELEASE).replace("at: 1h, answered", "at: 5m, answered")
    for bake in ("5m", "25m"):
        deployment = f"{{ strategy: blue_green, bake_time: {bake} }}"
        workload = workloads_of(validate(stack(deployment, text=early)))["web"]
        load = load_of("demo", workload.simulation.loads["demo"], None)
        run = simulate(workload.rules, load, tick=60, **workload.conditions)
        hours[bake] = float(run.figures()["unit_hours"] or 0)
    assert hours["25m"] - hours["5m"] == pytest.approx(20 / 60), "20 minutes of one more task, before the load comes"


def test_where_nothing_shifts_traffic_no_release_is_simulated() -> None:
    assert faults_of(stack("{}", text=DEV.replace(*RELEASE))) == {
        "simulation.failures.new.release": "nothing here shifts traffic (`deployment.strategy`): describe a `deployment` "
        "with its length instead"
    }


def test_behind_a_network_balancer_traffic_is_not_shifted() -> None:
    network = DEV.replace("listener: { protocol: http }", "kind: network\n    listener: {}")
    assert faults_of(stack("{ strategy: linear }", traffic="", text=network))["traffic.alternate"] == (
        "a second target group needs an application balancer, whose rules have the weights that ECS shifts: choose "
        "`kind: application`, or set `deployment.strategy: rolling`"
    )
