"""`accordion release` on answers in AWS's place: what it says, what it asks for, what it refuses. It cannot prove that
AWS goes on or turns back."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from operations import cli
from operations.live import day_to_day
from tests.operations.answered import World, arn, refusal, state

IN_AN_HOUR = datetime.timedelta(hours=1, minutes=30, seconds=20)
Said = Callable[..., tuple[int, str, str]]


def side(number: int, percent: float | None = None, running: int = 4) -> dict[str, Any]:
    made: dict[str, Any] = {"arn": arn("ecs", f"service-revision/s0/s0/r{number}")}
    if percent is not None:
        made |= {"requestedProductionTrafficWeight": percent, "runningTaskCount": running, "requestedTaskCount": 4}
    return made


class Account(World):
    """A release of `s0`; `last` is laid over its last deployment, `last_of_all` over that of every other service."""

    def __init__(self) -> None:
        super().__init__()
        self.last: dict[str, Any] = {}
        self.last_of_all: dict[str, Any] = {}
        self.asked: list[tuple[str, Mapping[str, Any]]] = []
        for operation in ("continue_service_deployment", "stop_service_deployment"):
            self.answers[operation] = lambda _: {}
        self.answers["describe_service_revisions"] = lambda asked: {
            "serviceRevisions": [self.versioned(of) for of in asked["serviceRevisionArns"]]
        }

    def __getattr__(self, operation: str) -> Any:
        call = super().__getattr__(operation)

        def noted(**asked: Any) -> dict[str, Any]:
            self.asked.append((operation, asked))
            found: dict[str, Any] = call(**asked)
            return found

        return noted

    def versioned(self, of: str) -> dict[str, Any]:
        number = of.rpartition("/r")[2]
        images = [{"containerName": "app", "image": f"shop/web:{number}"}]
        definition = arn("ecs", f"task-definition/web:{number}")
        return {"serviceRevisionArn": of, "taskDefinition": definition, "containerImages": images}

    def details(self, of: str) -> dict[str, Any]:
        newest = self.last if of.endswith("/s0/d6") else self.last_of_all if of.endswith("/d6") else {}
        return super().details(of) | newest

    def wrote(self) -> list[tuple[str, Mapping[str, Any]]]:
        return [one for one in self.asked if one[0].startswith(("continue", "stop"))]


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Account:
    world = Account()
    monkeypatch.setattr("operations.live.source.clients", lambda *_, **__: world)
    monkeypatch.chdir(tmp_path)
    Path("state.json").write_text(json.dumps(state(1)))
    return world


@pytest.fixture
def said(account: Account, capsys: pytest.CaptureFixture[str]) -> Said:
    def run(which: str, *words: str) -> tuple[int, str, str]:
        code = cli.run(["release", which, "--state", "state.json", *words])
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return run


def shifting(account: Account, *, gate: bool = False, **more: Any) -> None:
    """A canary that has a twentieth of the requests, or waits for a word before it gets them."""
    account.last = {
        "status": "IN_PROGRESS",
        "lifecycleStage": "POST_TEST_TRAFFIC_SHIFT" if gate else "PRODUCTION_TRAFFIC_SHIFT",
        "targetServiceRevision": side(4, 0 if gate else 5),
        "sourceServiceRevisions": [side(3, 100 if gate else 95)],
        "deploymentConfiguration": {"strategy": "CANARY"},
        **more,
    }
    if gate:
        expires = datetime.datetime.now(datetime.UTC) + IN_AN_HOUR
        account.last["lifecycleHookDetails"] = [
            {"hookId": "h1", "status": "SUCCEEDED", "expiresAt": expires, "timeoutAction": "ROLLBACK"},
            {"hookId": "h2", "status": "AWAITING_ACTION", "expiresAt": expires, "timeoutAction": "ROLLBACK"},
        ]


def test_without_a_release_it_says_what_serves(said: Said) -> None:
    assert said("status") == (
        0, "s0: nothing is being released\n  serves: web:6 (shop/web:6), revision r6\n", "",
    )  # fmt: skip


def test_a_release_is_told_with_both_versions_and_their_parts(said: Said, account: Account) -> None:
    shifting(account)
    assert said("status") == (
        0,
        (
            "s0: canary, in_progress at production_traffic_shift\n"
            "  new: web:4 (shop/web:4), revision r4, 5 % of the requests, 4 of 4 tasks\n"
            "  before: web:3 (shop/web:3), revision r3, 95 % of the requests, 4 of 4 tasks\n"
        ),
        "",
    )
    assert account.wrote() == []


def test_a_gate_is_told_with_its_limit_and_the_two_answers(said: Said, account: Account) -> None:
    shifting(account, gate=True)
    _, out, _ = said("status")
    until = f"{account.last['lifecycleHookDetails'][1]['expiresAt']:%Y-%m-%d %H:%MZ}"
    assert out.splitlines()[0] == (
        f"s0: canary, waits at post_test_traffic_shift until {until}, 1 h 30 min left, then it is turned back: "
        "`accordion release continue` or `accordion release rollback`"
    )
    found = json.loads(said("status", "--format", "json")[1])["releases"][0]
    assert (found["stage"], found["at_limit"], found["versions"][0]["percent"]) == (
        "post_test_traffic_shift", "rollback", 0,
    )  # fmt: skip


ARN = arn("ecs", "service-deployment/s0/s0/d6")


def test_an_answer_goes_to_the_gate_that_waits(said: Said, account: Account) -> None:
    shifting(account, gate=True)
    assert said("continue")[0] == 0
    assert said("rollback")[0] == 0
    asked = {"serviceDeploymentArn": ARN, "hookId": "h2"}
    assert account.wrote() == [
        ("continue_service_deployment", asked | {"action": "CONTINUE"}),
        ("continue_service_deployment", asked | {"action": "ROLLBACK"}),
    ]


def test_a_release_that_waits_for_nobody_is_turned_back_by_a_stop(said: Said, account: Account) -> None:
    shifting(account)
    assert said("continue") == (
        2, "", "error: s0 waits for no answer: canary, in_progress at production_traffic_shift\n",
    )  # fmt: skip
    assert said("rollback")[0] == 0
    assert account.wrote() == [("stop_service_deployment", {"serviceDeploymentArn": ARN, "stopType": "ROLLBACK"})]


def test_what_is_over_is_turned_back_by_another_command(said: Said, account: Account) -> None:
    words = "`accordion rollback` brings a version of before back\n"
    assert said("rollback") == (2, "", f"error: s0: nothing is being released; {words}")
    assert said("continue") == (2, "", "error: s0 waits for no answer: nothing is being released\n")
    account.last = {
        "status": "ROLLBACK_SUCCESSFUL",
        "rollback": {"reason": "CloudWatch alarm errors is in ALARM state"},
    }
    reason = "turned back: CloudWatch alarm errors is in ALARM state"
    assert said("rollback") == (2, "", f"error: s0: {reason}; {words}")
    assert said("continue") == (2, "", f"error: s0 waits for no answer: {reason}\n")
    account.answers["list_service_deployments"] = lambda _: {"serviceDeployments": []}
    forgotten = "nothing is being released, and ECS knows of no deployment any more"
    assert said("status") == (0, f"s0: {forgotten}\n", "")
    assert said("rollback") == (2, "", f"error: s0: {forgotten}; {words}")
    assert account.wrote() == []


WAITS = ("PRE_SCALE_UP", "POST_SCALE_UP", "POST_TEST_TRAFFIC_SHIFT", "POST_PRODUCTION_TRAFFIC_SHIFT")
BETWEEN = ("SCALE_UP", "TEST_TRAFFIC_SHIFT", "PRODUCTION_TRAFFIC_SHIFT", "BAKE_TIME", "CLEAN_UP")


@pytest.mark.parametrize("stage", [*WAITS, *BETWEEN])
def test_at_every_stage_it_is_told_and_answered(said: Said, account: Account, stage: str) -> None:
    """The answer goes to the gate where one waits; without one there is nothing to go on from, and a stop turns back."""
    gate = stage in WAITS
    shifting(account, gate=gate, lifecycleStage=stage)
    headline = said("status")[1].splitlines()[0]
    assert headline.startswith(f"s0: canary, {'waits' if gate else 'in_progress'} at {stage.lower()}"), headline
    assert (said("continue")[0], said("rollback")[0]) == (0 if gate else 2, 0)
    operation = "continue_service_deployment" if gate else "stop_service_deployment"
    assert [one for one, _ in account.wrote()] == [operation] * (2 if gate else 1)


def test_of_two_services_under_way_one_is_named_and_both_are_told(said: Said, account: Account) -> None:
    Path("state.json").write_text(json.dumps(state(2)))
    shifting(account, gate=True)
    account.last_of_all = account.last
    told = [line.partition(" until ")[0] for line in said("status")[1].splitlines() if not line.startswith("  ")]
    assert told == [f"s{each}: canary, waits at post_test_traffic_shift" for each in (0, 1)]
    for which in ("continue", "rollback"):
        assert said(which) == (2, "", "error: which service? --service, one of s0, s1\n")
        assert said(which, "--service", "s1")[0] == 0
    assert [asked["serviceDeploymentArn"] for _, asked in account.wrote()] == [
        arn("ecs", "service-deployment/s1/s1/d6")
    ] * 2


def test_a_release_that_was_turned_back_is_a_finding_with_both_versions(said: Said, account: Account) -> None:
    back = {"reason": "CloudWatch alarm errors is in ALARM state", "serviceRevisionArn": side(3)["arn"]}
    account.last = {"status": "ROLLBACK_SUCCESSFUL", "targetServiceRevision": side(4), "rollback": back}
    assert said("status") == (
        1,
        (
            "s0: turned back: CloudWatch alarm errors is in ALARM state\n"
            "  new: web:4 (shop/web:4), revision r4\n"
            "  before: web:3 (shop/web:3), revision r3\n"
        ),
        "",
    )


def test_of_several_services_the_one_under_way_is_meant(said: Said, account: Account) -> None:
    Path("state.json").write_text(json.dumps(state(2)))
    assert said("continue") == (2, "", "error: nothing is being released in stack dev\n")
    shifting(account, gate=True)
    assert said("continue")[0] == 0


@pytest.mark.parametrize("which", ["status", "continue", "rollback"])
def test_on_bad_days_it_ends_with_a_sentence_and_exit_code_2(said: Said, account: Account, which: str) -> None:
    def refused(_: Any) -> dict[str, Any]:
        raise refusal("ThrottlingException")

    account.answers["list_service_deployments"] = refused
    code, out, err = said(which)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert err.startswith("error: the releases are not known: ")


@pytest.mark.parametrize("which", ["status", "continue", "rollback"])
def test_its_policy_is_of_the_calls_that_it_makes(said: Said, account: Account, which: str) -> None:
    for gate in (True, False):
        shifting(account, gate=gate)
        said(which)
    made = {operation for operation, _ in account.asked}
    assert made == {call.operation for call in day_to_day.CALLS[f"release {which}"]}
    statement = json.loads(said(which, "--policy")[1])["Statement"][0]
    assert statement["Sid"] == f"AccordionRelease{which.capitalize()}"
    assert statement["Action"] == sorted(call.action for call in day_to_day.CALLS[f"release {which}"] if call.action)
    assert any(call.writes for call in day_to_day.CALLS[f"release {which}"]) is (which != "status")
