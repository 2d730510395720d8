"""A stranger's manifest, plan or template and CloudWatch's answers as files go through the guide's commands. Cannot prove
that what is recorded of AWS looks like these days: the simulator made them."""

from __future__ import annotations

import datetime
import json
import shlex
from pathlib import Path
from typing import Any

import pytest

from operations.cli import run
from tests.operations import terraform_samples
from tests.operations.read_samples import resource
from tests.operations.test_fit_guide import shown

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "guides" / "exported.md").read_text(encoding="utf-8")
MANIFEST = """\
name: web
type: Load Balanced Web Service
image: { build: Dockerfile, port: 8080 }
http: { path: / }
cpu: 512
memory: 1024
count:
  range: 2-20
  cpu_percentage: { value: 55, cooldown: { in: 5m, out: 2m } }
"""
_CPU = [{"target_value": 55, "scale_in_cooldown": 300, "scale_out_cooldown": 120, "predefined_metric_specification": [
    {"predefined_metric_type": "ECSServiceAverageCPUUtilization"}]}]  # fmt: skip
_OF = {"resource_id": "service/shop/web", "service_namespace": "ecs", "scalable_dimension": "ecs:service:DesiredCount"}
PLAN = {"format_version": "1.2", "terraform_version": "1.11.4", "planned_values": {"root_module": {"resources": [
    resource("aws_ecs_service", "web", {"name": "web"}),
    resource("aws_appautoscaling_target", "web", {**_OF, "min_capacity": 2, "max_capacity": 20}),
    resource("aws_appautoscaling_policy", "cpu", {**_OF, "name": "ECSServiceAverageCPUUtilization:service/shop/web", "policy_type": "TargetTrackingScaling", "target_tracking_scaling_policy_configuration": _CPU}),
]}}}  # fmt: skip


def of_a_module() -> dict[str, Any]:
    """The same service in a whole plan: from a module within a module, of which no id is known."""
    text = json.dumps(terraform_samples.SERVICE_MODULE).replace('"shop"', '"web"').replace("module.shop", "module.web")
    plan: dict[str, Any] = json.loads(text)
    root = plan["planned_values"]["root_module"]
    root["resources"] = []
    (service,) = root["child_modules"][0]["child_modules"]
    kept = []
    for one in service["resources"]:
        if one["type"] == "aws_appautoscaling_target":
            one["values"].update(min_capacity=2, max_capacity=20)
        if one["type"] == "aws_appautoscaling_policy":
            one["values"]["target_tracking_scaling_policy_configuration"] = _CPU
            one["values"]["name"] = "ECSServiceAverageCPUUtilization:service/shop/web"
        if one["type"] != "aws_appautoscaling_scheduled_action" and one.get("index") in (0, "cpu"):
            kept.append(one)
    service["resources"] = kept
    return plan


POLICY = "web-ECSServiceAverageCPUUtilization-ScalingPolicy"
"""As Copilot names it."""


def day(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((ROOT / "examples" / "recorded" / f"{name}.json").read_text(encoding="utf-8"))
    return content


def minutes(recorded: dict[str, Any]) -> list[str]:
    start = datetime.datetime.fromisoformat(recorded["start"])
    return [(start + datetime.timedelta(minutes=place)).isoformat() for place in range(len(recorded["requests"]))]


def metric_data(recorded: dict[str, Any], period: int = 1) -> dict[str, Any]:
    """As `aws cloudwatch get-metric-data` writes it, newest first; a minute without requests has no datapoint."""
    times, results = minutes(recorded), []
    for key in ("requests", "cpu", "response_time", "running", "desired"):
        pairs = [pair for pair in zip(times, recorded[key], strict=True) if pair[1] is not None][::-period]
        results.append(
            {"Id": key, "Label": key, "Timestamps": [time for time, _ in pairs], "Values": [value for _, value in pairs],
             "StatusCode": "Complete"}
        )  # fmt: skip
    return {"MetricDataResults": results, "Messages": []}


def activities(*days: dict[str, Any]) -> dict[str, Any]:
    """As `aws application-autoscaling describe-scaling-activities` writes it, newest first."""
    rows = [
        {
            "ActivityId": str(place),
            "Description": f"Setting desired count to {one['after']}.",
            "Cause": f"monitor alarm TargetTracking-service/shop/web in state ALARM triggered policy {POLICY}",
            "StartTime": one["time"].replace("Z", "+00:00"),
            "StatusCode": "Successful",
        }
        for place, one in enumerate(one for recorded in days for one in recorded["activities"])
    ]
    return {"ScalingActivities": rows[::-1]}


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    days = {name: day(name) for name in ("monday", "tuesday")}
    for name, recorded in days.items():
        (tmp_path / f"metrics-{name}.json").write_text(json.dumps(metric_data(recorded)))
    (tmp_path / "activities.json").write_text(json.dumps(activities(*days.values())))
    (tmp_path / "manifest.yml").write_text(MANIFEST)
    (tmp_path / "plan.json").write_text(json.dumps(PLAN))
    (tmp_path / "module.json").write_text(json.dumps(of_a_module()))
    return tmp_path


@pytest.mark.parametrize("source", ["manifest.yml", "plan.json", "module.json"])
def test_a_stranger_goes_from_a_manifest_or_a_plan_and_an_export_to_a_replay_that_fits(
    files: Path, capsys: pytest.CaptureFixture[str], source: str
) -> None:
    commands = [shlex.split(command)[1:] for command, _ in shown(GUIDE)]
    assert [command[0] for command in commands] == ["read", "check", "record", "simulate", "fit", "record", "replay"]
    for command in commands:
        capsys.readouterr()
        assert run([source if word == "manifest.yml" else word for word in command]) == 0, command
    replay = ["replay", "tuesday.json", "--settings"]
    assert run([*replay, "fitted.yaml", "--limit", "1"]) == 0
    assert run([*replay, "rules.yaml", "--limit", "10"]) == 1, "a guess of the unit is another service"


def recorded(*options: str) -> int:
    return run(["record", "--rules", "rules.yaml", "--output", "recording.json", *options])


def test_a_recording_of_an_export_is_that_of_the_account_and_names_the_rule_of_each_policy(files: Path) -> None:
    assert run(["read", "manifest.yml", "--output", "rules.yaml"]) == 0
    assert recorded("--exported", "metrics-monday.json", "--exported", "activities.json") == 0
    found, known = json.loads((files / "recording.json").read_text()), day("monday")
    for key in ("requests", "cpu", "response_time", "running", "desired"):
        assert found[key] == known[key], key
    assert [(one["time"], one["before"], one["after"], one["cause"]) for one in found["activities"]] == [
        (one["time"], one["before"], one["after"], "cpu") for one in known["activities"]
    ]
    assert (found["workload"], found["parameters"]) == ("web", {"drain": 60.0})


def test_what_get_metric_statistics_writes_is_read_by_the_statistic_that_counts(files: Path) -> None:
    monday = day("monday")
    assert run(["read", "manifest.yml", "--output", "rules.yaml"]) == 0
    options = []
    for label, statistic, key in (("RequestCount", "Sum", "requests"), ("CPUUtilization", "Average", "cpu")):
        pairs = zip(minutes(monday), monday[key], strict=True)
        rows = [{"Timestamp": time, statistic: value, "Unit": "None"} for time, value in pairs]
        (files / f"{label}.json").write_text(json.dumps({"Label": label, "Datapoints": rows}))
        options += ["--exported", f"{label}.json"]
    assert recorded(*options) == 0
    found = json.loads((files / "recording.json").read_text())
    assert (found["requests"], found["cpu"]) == (monday["requests"], monday["cpu"])
    assert "activities: not recorded: no file has any" in found["notes"]


def _result(**changed: Any) -> dict[str, Any]:
    one = {"Id": "requests", "Timestamps": ["2026-01-05T00:00:00Z", "2026-01-05T00:01:00Z"], "Values": [1.0, 2.0]}
    return {"MetricDataResults": [{**one, **changed}]}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (_result(StatusCode="PartialData"), "metrics.json: requests: is not whole, its StatusCode is PartialData: ask again"),
        (_result(Values=[1.0]), "metrics.json: requests: expected as many Timestamps as Values"),
        (_result(Values=[1.0, "x"]), "metrics.json: requests: got 'x' as a value, expected a number"),
        (_result(Timestamps=["2026-01-05T00:00:00Z", "2026-01-05T00:05:00Z"]), "metrics.json: requests: has datapoints each 300 s, and a recording is by minute: --period 60"),
        (_result(Timestamps=["2026-01-05T00:00:00Z", "2026-01-05T00:00:20Z"]), "metrics.json: requests: has datapoints at 00:00:20, and a recording is by minute: --period 60"),
        (_result(Timestamps=["2026-01-05T00:00:00Z", "9999-12-31T23:59:59Z"]), "metrics.json: requests: got '9999-12-31T23:59:59Z' as a time, expected one such as 2026-01-05T00:00:00Z"),
        (_result(Timestamps=["2026-01-05T00:00:00Z", "2027-01-05T00:00:00Z"], Values=[1, 2]), "metrics.json: requests: has datapoints each 3.1536e+07 s, and a recording is by minute: --period 60"),
        ({"Label": "RequestCount", "Datapoints": [{"Timestamp": "2026-01-05T00:00:00Z", "Average": 1.0}]}, "metrics.json: RequestCount: 1 datapoints without Sum: --statistics Sum"),
        (_result(Id="cpu"), "nothing counts the requests: give RequestCount of the target group, by --statistics Sum"),
        (_result() | {"NextToken": "x"}, "metrics.json: the answer is not whole, it has a NextToken: ask without --max-items"),
        ({"Activities": []}, "metrics.json: activities of an ec2_group, and web is another"),
    ],
)  # fmt: skip
def test_an_export_that_is_not_whole_or_not_by_minute_is_told_with_its_cure(
    files: Path, capsys: pytest.CaptureFixture[str], content: dict[str, Any], said: str
) -> None:
    assert run(["read", "manifest.yml", "--output", "rules.yaml"]) == 0
    capsys.readouterr()
    (files / "metrics.json").write_text(json.dumps(content))
    assert recorded("--exported", "metrics.json") == 2
    assert capsys.readouterr().err == f"error: {said}\n"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--exported", "metrics-monday.json"], "give both --exported and --rules"),
        (["--exported", "metrics-monday.json", "--rules", "rules.yaml", "--region", "eu-west-1"], "--exported and --rules do not go together with --region"),
    ],
)  # fmt: skip
def test_an_export_asks_nobody(files: Path, capsys: pytest.CaptureFixture[str], options: list[str], said: str) -> None:
    assert run(["record", *options]) == 2
    assert said in capsys.readouterr().err
