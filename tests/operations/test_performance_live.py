"""`accordion performance` of a stack: what it asks of AWS, what it makes of the answers, and what it says where there are
none. Made-up answers stand for AWS: they cannot prove that AWS answers in no other shape.
"""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import pytest

from operations.cli import run
from operations.live import source
from operations.live.calls import policy
from operations.performance.source import CALLS
from tests.operations.answered import ACCOUNT, REGION, arn, refusal
from tests.operations.recorded_account import RecordedAccount, declared_scaled
from tests.operations.test_record import START, made

RULES = """\
workloads:
  web:
    elasticity:
      minimum: 2
      maximum: 20
      unit: { capacity: 50/s, start_up: 60s }
      target_tracking: { cpu: { metric: cpu, target: 50 } }
    simulation:
      loads: { any: { steady: { rate: 1/s } } }
      expectations: [overload_minutes < 5]
"""
TIME = ("--start", START.isoformat(), "--end", (START + datetime.timedelta(hours=48)).isoformat())


def refusing(code: str) -> Any:
    def answer(_asked: Any) -> dict[str, Any]:
        raise refusal(code)

    return answer


@pytest.fixture(params=["ecs_service", "ec2_group"])
def account(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RecordedAccount:
    found = RecordedAccount(made(request.param))
    found.answers["get_caller_identity"] = lambda _: {"Account": ACCOUNT}
    monkeypatch.setattr(source, "clients", lambda _region: found)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "state.json").write_text(json.dumps(declared_scaled(found)))
    (tmp_path / "rules.yaml").write_text(RULES)
    return found


def performance(*options: str) -> int:
    return run(["performance", "rules.yaml", "--state", "state.json", *TIME, *options])


def test_a_stack_is_read_under_the_names_of_its_file(
    account: RecordedAccount, capsys: pytest.CaptureFixture[str]
) -> None:
    assert performance() == 0, account
    first, second, third, *_ = capsys.readouterr().out.splitlines()
    assert first.startswith(f"it keeps its promises: dev, {REGION}, ")
    assert second == "1 service; 1 promise: 1 kept, 0 broken, 0 not known"
    assert third.startswith("web: no overload, ")


def test_it_asks_nothing_that_its_policy_does_not_allow(
    account: RecordedAccount, capsys: pytest.CaptureFixture[str]
) -> None:
    performance()
    capsys.readouterr()
    assert run(["performance", "--policy"]) == 0
    assert json.loads(capsys.readouterr().out) == policy(CALLS, "AccordionPerformance")
    allowed = {call.operation for call in CALLS}
    assert set(account.requests) - allowed == set()
    assert all(call.operation.startswith(("describe_", "get_", "list_")) for call in CALLS)


def test_expired_credentials_are_one_sentence(account: RecordedAccount, capsys: pytest.CaptureFixture[str]) -> None:
    account.answers["get_caller_identity"] = refusing("ExpiredToken")
    assert performance() == 2
    shown = capsys.readouterr()
    assert (shown.out, shown.err) == ("", "error: AWS does not take the credentials (ExpiredToken): sign in again\n")


def test_credentials_of_another_account_are_refused(
    account: RecordedAccount, capsys: pytest.CaptureFixture[str]
) -> None:
    account.answers["get_caller_identity"] = lambda _: {"Account": "999999999999"}
    assert performance() == 2
    assert f"and stack dev stands in {ACCOUNT}: sign in there" in capsys.readouterr().err


def test_metrics_that_may_not_be_read_are_not_taken_for_a_calm_day(
    account: RecordedAccount, capsys: pytest.CaptureFixture[str]
) -> None:
    account.answers["get_metric_data"] = refusing("AccessDenied")
    assert performance() == 2
    first, second, third, *_ = capsys.readouterr().out.splitlines()
    assert first.startswith("it could not be told whether it keeps its promises: dev")
    assert second.startswith("0 services; 0 promises")
    assert third.startswith("first: web: CloudWatch cannot be asked, and a gap would be read as no requests")
    assert "cloudwatch:GetMetricData" in third


def test_a_service_of_which_nothing_is_expected_may_be_unread_beside_one_that_is_kept(
    account: RecordedAccount, capsys: pytest.CaptureFixture[str]
) -> None:
    state = declared_scaled(account)
    (scaled,) = (one for one in state["deployment"]["resources"] if one.get("custom"))
    owner = scaled["parent"].replace("::web", "::worker")
    other = {**scaled, "urn": scaled["urn"].replace("web-", "worker-"), "parent": owner, "id": "service/shop/worker"}
    other["inputs"] = {**scaled["inputs"], "resourceId": "service/shop/worker", "name": "worker"}
    component = {"urn": owner, "type": "accordion:index:ContainerService", "inputs": {}}
    state["deployment"]["resources"] += [component, other]
    Path("state.json").write_text(json.dumps(state))
    assert performance() == 0
    assert "not read: worker: " in capsys.readouterr().out
    assert performance("--assert", "flaps < 100") == 2


def test_a_service_that_is_gone_is_unread_and_said(
    account: RecordedAccount, capsys: pytest.CaptureFixture[str]
) -> None:
    key = "AutoScalingGroups" if account.group else "ScalableTargets"
    account.answers["describe_auto_scaling_groups" if account.group else "describe_scalable_targets"] = lambda _: {
        key: []
    }
    assert performance() == 2
    assert "not read: web: " in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--service", "wbe"), "--service wbe: does not scale in dev; what scales is web"),
        (("--from", "x.json"), "--from does not go together with --state and --start and --end"),
    ],
)
def test_a_mistake_is_one_message(
    account: RecordedAccount, options: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert performance(*options) == 2, account
    shown = capsys.readouterr()
    assert shown.out == ""
    assert said in shown.err


def test_a_stack_that_is_not_deployed_is_one_sentence(
    account: RecordedAccount, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("state.json").write_text(json.dumps({"version": 3, "deployment": {"resources": []}}))
    assert performance() == 2, account
    assert capsys.readouterr().err == "error: stack dev is not deployed: its state has no resources\n"


def test_the_arn_of_a_balancer_is_no_part_of_the_answer(
    account: RecordedAccount, capsys: pytest.CaptureFixture[str]
) -> None:
    assert performance("--format", "json") == 0, account
    assert arn("elasticloadbalancing", "") not in capsys.readouterr().out
