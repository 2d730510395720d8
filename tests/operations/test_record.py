"""`accordion record` gives back what an account has run, in pages, with its gaps, and asks nothing but what its policy
allows. Made-up answers and moto stand for AWS: they cannot prove that AWS answers in no other shape.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from bench.recordings import recorded
from elasticity.recordings.recording import SERIES, Recording, read_recording
from elasticity.rules import Elasticity
from elasticity.simulator import simulate
from elasticity.traces import shape
from operations.cli import run
from operations.live import calls, source
from operations.recordings.recorder import CALLS
from tests.operations.answered import arn, refusal
from tests.operations.recorded_account import OTHER, POINTS, TARGETS, RecordedAccount

NOW = datetime.datetime.now(datetime.UTC).replace(second=0, microsecond=0)
START = NOW - datetime.timedelta(days=3)
UNIT = {"capacity": "50/s", "start_up": "60s", "service_time": "80ms"}


def made(platform: str = "ecs_service", **changes: Any) -> Recording:
    waits = {"scale_in_cooldown": "5m", "scale_out_cooldown": "5m"} if platform == "ecs_service" else {}
    tracking = {"cpu": {"metric": "cpu", "target": 50, **waits}}
    rules = Elasticity.model_validate({"minimum": 2, "maximum": 20, "unit": UNIT, "target_tracking": tracking})
    load = shape("daily", low=60.0, high=400.0, days=2)
    run_ = simulate(rules, load, tick=10, platform=platform)
    found = recorded(run_, rules, workload="web", noise=0.0)
    moved = [one.model_copy(update={"time": one.time + (START - found.start)}) for one in found.activities]
    return found.model_copy(update={"start": START, "activities": tuple(moved), **changes})


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> RecordedAccount:
    return of(made(), monkeypatch)


def of(recording: Recording, monkeypatch: pytest.MonkeyPatch) -> RecordedAccount:
    found = RecordedAccount(recording)
    monkeypatch.setattr(source, "clients", lambda _region: found)
    return found


def record(folder: Path, *options: str) -> Recording:
    path = folder / "recording.json"
    time = ("--start", START.isoformat(), "--end", (START + datetime.timedelta(hours=48)).isoformat())
    assert run(["record", "web", *(options or time), "--output", str(path)]) == 0
    return read_recording(path)


@pytest.mark.parametrize("platform", ["ecs_service", "ec2_group"])
def test_what_has_run_is_what_is_recorded(platform: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recording = made(platform)
    account = of(recording, monkeypatch)
    found = record(tmp_path)
    assert {name: getattr(found, name) for name in SERIES} == {name: getattr(recording, name) for name in SERIES}
    assert len(found.activities) > 5
    assert found.activities == recording.activities
    assert (found.workload, found.platform, found.start) == ("web", platform, START)
    assert found.rules == recording.rules
    assert found.parameters == ({"warm_up": 90.0} if platform == "ec2_group" else {})
    assert len(account.asked) > 48 * 60 / POINTS, "more than one page a day"


def test_the_recording_is_fitted_and_replayed(account: RecordedAccount, tmp_path: Path) -> None:
    record(tmp_path)
    path, fitted = str(tmp_path / "recording.json"), str(tmp_path / "fitted.yaml")
    assert run(["fit", path, "--output", fitted]) == 0
    assert run(["replay", path, "--settings", fitted, "--limit", "5"]) == 0


def test_nothing_of_the_account_stands_in_the_file(account: RecordedAccount, tmp_path: Path) -> None:
    account.answers["describe_scheduled_actions"] = refused
    text = record(tmp_path).to_json()
    assert "lacks application-autoscaling:DescribeScheduledActions" in text
    for word in ("123456789012", "arn:", "fedcba9876543210", "targetgroup", "TargetTracking-"):
        assert word not in text, word


def refused(_asked: Mapping[str, Any]) -> dict[str, Any]:
    raise refusal("AccessDeniedException", "User: arn:aws:iam::123456789012:user/x is not authorized")


def test_it_asks_nothing_that_its_policy_does_not_allow(
    account: RecordedAccount, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record(tmp_path)
    capsys.readouterr()
    assert run(["record", "--policy"]) == 0
    (statement,) = json.loads(capsys.readouterr().out)["Statement"]
    assert statement["Action"] == sorted({call.action for call in CALLS})
    assert account.requests.keys() <= {call.operation for call in CALLS}
    assert [action for action in statement["Action"] if action.partition(":")[2][:3] not in ("Des", "Get", "Lis")] == []


def test_a_gap_is_null_and_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recording = made()
    cpu = tuple(None if 100 <= place < 130 else value for place, value in enumerate(recording.cpu))
    of(recording.model_copy(update={"cpu": cpu}), monkeypatch)
    found = record(tmp_path)
    assert found.cpu == cpu
    assert "cpu: 30 of 2,880 minutes have no datapoint" in found.notes
    assert "memory: nothing was recorded" in found.notes


def test_without_container_insights_the_tasks_that_report_are_counted(account: RecordedAccount, tmp_path: Path) -> None:
    account.insights = False
    found = record(tmp_path)
    assert found.running == account.recording.running
    assert found.desired == ()
    assert "running: the tasks that reported cpu are counted, since Container Insights is not on" in found.notes
    assert [one.before for one in found.activities[1:]] == [one.after for one in found.activities[:-1]]
    assert found.activities[0].before == account.recording.activities[0].before, "as many as ran in the minute before"


def test_an_activity_that_failed_is_kept_as_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recording = made()
    first, second, *others = recording.activities
    failed = (first.model_copy(update={"succeeded": False}), second, *others)
    of(recording.model_copy(update={"activities": failed}), monkeypatch)
    found = record(tmp_path)
    assert [one.succeeded for one in found.activities[:2]] == [False, True]


def test_activities_that_may_not_be_read_are_told_as_missing(account: RecordedAccount, tmp_path: Path) -> None:
    account.answers["describe_scaling_activities"] = refused
    found = record(tmp_path)
    assert found.activities == ()
    said = "the role may not read this: it lacks application-autoscaling:DescribeScalingActivities"
    assert f"activities: not recorded: {said}" in found.notes


def failing(code: str) -> Any:
    def answer(_asked: Mapping[str, Any]) -> dict[str, Any]:
        raise refusal(code)

    return answer


def halved(account: RecordedAccount) -> Any:
    def answer(asked: Mapping[str, Any]) -> dict[str, Any]:
        found = account.metric_data(asked)
        for result in found["MetricDataResults"]:
            result["StatusCode"] = "InternalError"
        return {"MetricDataResults": found["MetricDataResults"]}

    return answer


def test_what_cannot_be_told_whole_is_refused_and_writes_nothing(
    account: RecordedAccount, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = dict(account.answers)
    for operation, answer, said in (
        ("get_metric_data", failing("Throttling"), "CloudWatch cannot be asked, and a gap would be read as no requests: AWS throttles cloudwatch GetMetricData"),
        ("get_metric_data", halved(account), "CloudWatch gave only a part of cpu, desired, memory, requests_0, response_time_0, running, samples (InternalError): try again"),
        ("get_metric_data", lambda _: {"MetricDataResults": []}, "web: CloudWatch has no requests of it from "),
        ("describe_target_groups", refused, "web: AWS cannot be asked for its load balancer: the role may not read this"),
        ("describe_target_groups", lambda _: {"TargetGroups": []}, "web: is behind no application load balancer"),
        ("describe_scalable_targets", lambda _: {"ScalableTargets": []}, "web: not in this account and region, which have nothing that scales"),
    ):  # fmt: skip
        account.answers = {**whole, operation: answer}
        output = tmp_path / "none.json"
        assert run(["record", "web", "--last", "1h", "--output", str(output)]) == 2
        assert capsys.readouterr().err.startswith(f"error: {said}"), operation
        assert not output.exists()


def test_what_was_kept_gives_the_same_recording_without_asking(
    account: RecordedAccount, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, again = tmp_path / "kept.json", tmp_path / "again.json"
    time = ("--start", START.isoformat(), "--end", (START + datetime.timedelta(hours=48)).isoformat())
    found = record(tmp_path, *time, "--save", str(kept))
    monkeypatch.setattr(source, "clients", lambda _region: pytest.fail("asked"))
    assert run(["record", "--from", str(kept), "--output", str(again)]) == 0
    assert read_recording(again) == found


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "name a service or group, or give --from"),
        (("web", "--start", "yesterday"), "--start: got 'yesterday', expected a time with its zone"),
        (("web", "--start", "2026-01-05T00:00"), "--start: got '2026-01-05T00:00', which has no zone"),
        (("web", "--start", "2020-01-05T00:00Z"), "CloudWatch keeps datapoints of a minute for 15 days: got 2020-01-05"),
        (("web", "--start", "9999-01-05T00:00Z"), "the time from 9999-01-05T00:00:00+00:00 to "),
        (("web", "--start", "0001-01-01T00:00+14:00"), "--start: got '0001-01-01T00:00+14:00', which is out of reach"),
        (("web", "--last", "soon"), "--last: 'soon': expected a duration with its unit"),
        (("web", "--last", "0s"), "the time from "),
        (("web", "--last", "16d"), "CloudWatch keeps datapoints of a minute for 15 days"),
        (("web", "--last", "1d", "--start", "2026-01-05T00:00Z"), "give --start or --last"),
        (("web", "--from", "kept.json"), "--from does not go together with NAME"),
        (("--from", "none.json"), "none.json: there is no such file"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_an_option_is_said(
    options: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["record", *options]) == 2
    assert f"error: {said}" in capsys.readouterr().err


def test_a_file_of_another_command_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "kept.json"
    path.write_text(json.dumps({"answers": {}}))
    assert run(["record", "--from", str(path)]) == 2
    assert capsys.readouterr().err == (
        f"error: {path}: not a file that `accordion record --save` wrote: it has no name and time\n"
    )


def test_two_target_groups_are_one_load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    account = of(made(), monkeypatch)
    both = [{"targetGroupArn": arn("elasticloadbalancing", name)} for name in (TARGETS, OTHER)]
    account.answers["describe_services"] = lambda _: {"services": [{"serviceName": "web", "loadBalancers": both}]}
    found, one = record(tmp_path), account.recording
    assert found.requests == tuple(2 * (value or 0.0) for value in one.requests)
    assert found.response_time == pytest.approx(one.response_time)


def test_every_call_is_a_reading_one() -> None:
    assert [call.title for call in CALLS if not call.operation.startswith(("describe_", "get_", "list_"))] == []
    assert calls.METRIC_DATA.action == "cloudwatch:GetMetricData"
