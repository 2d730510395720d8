"""Rules of elsewhere become a rules file, and what could not be translated is told. The samples were written by hand after
the tools' documentation; they cannot prove that a real account writes no other shape."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from operations.cli import run
from operations.imports.documents import documents_of
from stacks.settings import load
from stacks.workloads import workloads_of
from tests.operations import autoscaler_samples, read_samples, terraform_samples

MANIFEST = """\
name: frontend
type: Load Balanced Web Service
image: { build: ./Dockerfile, port: 80 }
http: { path: / }
cpu: 256
memory: 512
count:
  range: 1-10
  cooldown: { in: 80s, out: 160s }
  cpu_percentage: 70
  memory_percentage: { value: 80, cooldown: { in: 30s } }
  requests: 10000
  response_time: 2s
environments: { test: { count: 1 } }
"""
WORKER = """\
name: orders
type: Worker Service
count:
  range: { min: 1, max: 50, spot_from: 4 }
  queue_delay: { acceptable_latency: 1m, msg_processing_time: 250ms }
"""
TARGETS = {"ScalableTargets": [
    {"ServiceNamespace": "ecs", "ResourceId": "service/main/web", "ScalableDimension": "ecs:service:DesiredCount", "MinCapacity": 2, "MaxCapacity": 20},
    {"ServiceNamespace": "dynamodb", "ResourceId": "table/t", "ScalableDimension": "dynamodb:table:ReadCapacityUnits", "MinCapacity": 5, "MaxCapacity": 20},
]}  # fmt: skip
POLICIES = {"ScalingPolicies": [
    {"PolicyName": "CPU Tracking!", "ResourceId": "service/main/web", "PolicyType": "TargetTrackingScaling", "TargetTrackingScalingPolicyConfiguration": {
        "TargetValue": 60.0, "PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"}, "ScaleInCooldown": 300, "ScaleOutCooldown": 60, "DisableScaleIn": True}},
    {"PolicyName": "steps", "ResourceId": "service/main/web", "PolicyType": "StepScaling"},
    {"PolicyName": "lost", "ResourceId": "service/main/other", "PolicyType": "StepScaling"},
]}  # fmt: skip
ACTIONS = {
    "ScheduledActions": [
        {
            "ScheduledActionName": "morning",
            "ResourceId": "service/main/web",
            "Schedule": "cron(0 7 ? * MON-FRI *)",
            "Timezone": "Europe/Berlin",
            "ScalableTargetAction": {"MinCapacity": 4},
        }
    ]
}
GROUPS = {
    "AutoScalingGroups": [
        {
            "AutoScalingGroupName": "shop",
            "MinSize": 2,
            "MaxSize": 9,
            "AvailabilityZones": ["eu-west-1a", "eu-west-1b"],
            "DefaultInstanceWarmup": 120,
        }
    ]
}
GROUP_POLICIES = {"ScalingPolicies": [{"AutoScalingGroupName": "shop", "PolicyName": "cpu40", "PolicyType": "TargetTrackingScaling", "TargetTrackingConfiguration": {
    "TargetValue": 40.0, "PredefinedMetricSpecification": {"PredefinedMetricType": "ASGAverageCPUUtilization"}}}]}  # fmt: skip


def read(folder: Path, *contents: object) -> dict[str, object]:
    names = []
    for place, content in enumerate(contents):
        path = folder / f"source-{place}"
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        names.append(str(path))
    assert run(["read", *names, "--capacity", "50/s", "--start-up", "60s", "--output", str(folder / "rules.yaml")]) == 0
    workloads = workloads_of(load(folder / "rules.yaml"))
    return {
        name: one.rules.model_dump(mode="json", exclude_unset=True, exclude={"unit"}) for name, one in workloads.items()
    }


def test_a_manifest_of_copilot_is_read_checked_and_simulated(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rules = read(tmp_path, MANIFEST)["frontend"]
    assert (rules["minimum"], rules["maximum"]) == (1, 10)  # type: ignore[index]
    tracked = {
        name: (rule["metric"], str(rule["target"]), str(rule["scale_in_cooldown"]), str(rule["scale_out_cooldown"]))
        for name, rule in rules["target_tracking"].items()
    }  # type: ignore[index]
    assert {name: rule[0] for name, rule in tracked.items()} == {
        "cpu": "cpu",
        "memory": "memory",
        "requests": "requests_per_target",
        "response-time": "response_time",
    }
    text = (tmp_path / "rules.yaml").read_text()
    assert "# Not translated: frontend: environments: " in text
    assert "not translated: frontend: environments: " in capsys.readouterr().err
    found = load(tmp_path / "rules.yaml").workloads["frontend"]  # type: ignore[attr-defined]
    tracking = found.elasticity.target_tracking
    assert (
        tracking["memory"].scale_in_cooldown,
        tracking["memory"].scale_out_cooldown,
        tracking["cpu"].scale_in_cooldown,
    ) == (30, 160, 80)
    assert (tracking["response-time"].target, found.deregistration_delay, found.cpu, found.memory) == (2, 60, 256, 512)
    assert run(["check", str(tmp_path / "rules.yaml")]) in (0, 1)
    assert "EL018" in capsys.readouterr().out, "10,000 requests a minute are more than a unit of 50/s serves"
    assert run(["simulate", str(tmp_path / "rules.yaml"), "--shape", "spike base=60/s peak=300/s", "--log", "0"]) == 0


BY_ENVIRONMENT = """\
name: api
type: Backend Service
http: { path: "/", deregistration_delay: 1m30s }
cpu: 256
memory: 512
count:
  range: 2-10
  cooldown: { in: 2m30s }
  cpu_percentage: { value: 70, cooldown: { out: 1h2m } }
  response_time: 1s500ms
environments:
  test: { count: 1 }
  spot: { count: { spot: 5 } }
  prod:
    http: { deregistration_delay: 45s }
    count:
      range: { min: 3, max: 12, spot_from: 6 }
      cpu_percentage: 60
"""
"""Keys of a manifest in the forms that Copilot's own tests write them in."""
APP_RUNNER = "App Runner scales it by requests at once, and not by alarms"


@pytest.mark.parametrize(
    ("environment", "bounds", "spot", "drain", "targets"),
    [
        (None, (2, 10), (0, 0), 90, {"cpu": (70, 150, 3720), "response-time": (1.5, 150, 60)}),
        ("test", (1, 1), (0, 0), 90, {}),
        ("spot", (5, 5), (0, 100), 90, {}),
        ("prod", (3, 12), (5, 100), 45, {"cpu": (60, 150, 60), "response-time": (1.5, 150, 60)}),
    ],
)
def test_a_manifest_is_read_as_an_environment_has_it(
    tmp_path: Path,
    environment: str | None,
    bounds: tuple[int, int],
    spot: tuple[int, int],
    drain: int,
    targets: dict[str, tuple[float, float, float]],
) -> None:
    manifest, rules = tmp_path / "manifest.yml", tmp_path / "rules.yaml"
    manifest.write_text(BY_ENVIRONMENT)
    chosen = [] if environment is None else ["--environment", environment]
    assert run(["read", str(manifest), "--capacity", "50/s", "--output", str(rules), *chosen]) == 0
    (found,) = load(rules).workloads.values()  # type: ignore[attr-defined]
    assert (found.elasticity.minimum, found.elasticity.maximum) == bounds
    assert (found.on_demand_base, found.spot, found.deregistration_delay) == (*spot, drain)
    tracked = found.elasticity.target_tracking
    assert {
        name: (rule.target, rule.scale_in_cooldown, rule.scale_out_cooldown) for name, rule in tracked.items()
    } == targets
    said = "# Not translated: api: environments: what it changes for test, spot, prod: give --environment, with one of them"
    assert (said in rules.read_text()) is (environment is None)


@pytest.mark.parametrize(
    ("content", "options", "said"),
    [
        (BY_ENVIRONMENT, ["--environment", "stage"], "--environment stage: the manifest of api has test, spot, prod"),
        (
            autoscaler_samples.QUICK,
            ["--environment", "prod"],
            "--environment is of Copilot's manifests, and none is among the files",
        ),
        (
            "name: rd\ntype: Request-Driven Web Service\ncount: high-availability/3\n",
            [],
            f"nothing that scales was found; rd: Request-Driven Web Service: {APP_RUNNER}",
        ),
    ],
)
def test_a_manifest_that_has_no_such_environment_or_is_of_no_service_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str, options: list[str], said: str
) -> None:
    (tmp_path / "manifest.yml").write_text(content)
    assert run(["read", str(tmp_path / "manifest.yml"), *options]) == 2
    assert capsys.readouterr().err == f"error: {said}\n"


def test_a_worker_of_copilot_tracks_its_queue(tmp_path: Path) -> None:
    read(tmp_path, WORKER)
    found = load(tmp_path / "rules.yaml").workloads["orders"]  # type: ignore[attr-defined]
    assert (found.elasticity.target_tracking["queue"].target, found.elasticity.queue.time_per_message) == (60, 0.25)
    assert (found.on_demand_base, found.spot) == (3, 100)


def test_saved_answers_of_aws_are_read_together(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rules = read(tmp_path, TARGETS, POLICIES, ACTIONS)
    found = load(tmp_path / "rules.yaml").workloads["web"].elasticity  # type: ignore[attr-defined]
    assert list(rules) == ["web"]
    cpu = found.target_tracking["cpu-tracking"]
    assert (found.minimum, found.maximum, cpu.target, cpu.scale_in, cpu.scale_out_cooldown) == (2, 20, 60, False, 60)
    morning = found.scheduled["morning"]
    assert (morning.cron, morning.time_zone, morning.minimum) == ("0 7 ? * MON-FRI *", "Europe/Berlin", 4)
    said = capsys.readouterr().err
    for part in (
        "dynamodb:table:ReadCapacityUnits: only the number of tasks",
        "web: steps: StepScaling: its threshold stands in its alarm",
        "lost: its target is in none of the files",
    ):
        assert part in said


def test_a_group_is_read_with_its_zones_and_warm_up(tmp_path: Path) -> None:
    read(tmp_path, GROUPS, GROUP_POLICIES)
    shop = load(tmp_path / "rules.yaml").workloads["shop"]  # type: ignore[attr-defined]
    assert (shop.platform, shop.zones, shop.default_warm_up) == ("ec2_group", 2, 120)
    assert shop.elasticity.target_tracking["cpu40"].target == 40


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("a: 1\n", "of no known source: expected saved answers of AWS"),
        ("a: [1\n", "neither YAML nor JSON that is read here"),
        ('{"ScalableTargets": []}', "nothing that scales was found"),
        (MANIFEST.replace("cpu_percentage: 70", "cpu_percentage: 170"), "rules.yaml:"),
    ],
)
def test_what_is_no_source_is_told_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str, said: str
) -> None:
    path = tmp_path / "source"
    path.write_text(content)
    assert run(["read", str(path)]) == 2
    shown = capsys.readouterr()
    assert said in shown.err
    assert shown.out == ""


ODD = (None, True, -1, 1e300, "", "x", [], {}, [1], {"a": 1}, 10**30, [[]])
"""What may stand where a source has something else."""


def mutated(value: object, chance: random.Random) -> object:
    if chance.random() < 0.06:
        return chance.choice(ODD)
    if isinstance(value, dict):
        return {key: mutated(inner, chance) for key, inner in value.items() if chance.random() > 0.02}
    return [mutated(inner, chance) for inner in value] if isinstance(value, list) else value


SOURCES = {
    "manifest": MANIFEST,
    "worker": WORKER,
    **{kind: autoscaler_samples.SOURCES[kind] for kind in ("catalogue", "hooks", "sidecar")},
    "answers of a service": json.dumps(TARGETS | POLICIES | ACTIONS),
    "answers of a group": json.dumps(GROUPS | GROUP_POLICIES),
    **read_samples.SOURCES,
    **{kind: json.dumps(terraform_samples.SOURCES[kind]) for kind in ("service module", "group module")},
}


@pytest.mark.parametrize("kind", SOURCES)
def test_a_mutated_source_is_read_or_told_in_a_sentence(tmp_path: Path, kind: str) -> None:
    path, chance = tmp_path / "source", random.Random(kind)
    path.write_text(SOURCES[kind])
    (source,) = documents_of(path)
    for _ in range(60):
        path.write_text(json.dumps(mutated(source, chance)))
        assert run(["read", str(path), "--output", str(tmp_path / "rules.yaml")]) in (0, 2)


@pytest.mark.parametrize(
    ("predefined", "metric"),
    [
        ("ECSServiceAverageCPUUtilizationHighResolution", "cpu"),
        ("ECSServiceAverageMemoryUtilizationHighResolution", "memory"),
    ],
)
def test_a_predefined_metric_of_20_s_is_read_as_such(tmp_path: Path, predefined: str, metric: str) -> None:
    (policy,) = POLICIES["ScalingPolicies"][:1]
    configuration = {"TargetValue": 55, "PredefinedMetricSpecification": {"PredefinedMetricType": predefined}}
    policies = {"ScalingPolicies": [{**policy, "TargetTrackingScalingPolicyConfiguration": configuration}]}
    document = json.dumps(read(tmp_path, TARGETS, policies))
    assert f'"metric": "{metric}"' in document
    assert '"metric_period": "20s"' in document


def test_what_a_group_does_otherwise_than_its_rules_say_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (group,), (policy,) = GROUPS["AutoScalingGroups"], GROUP_POLICIES["ScalingPolicies"]
    suspended = [{"ProcessName": "AlarmNotification", "SuspensionReason": "User suspended at 2026-01-05T08:00:00Z"}]
    held = {
        "SuspendedProcesses": suspended,
        "NewInstancesProtectedFromScaleIn": True,
        "WarmPoolConfiguration": {"MinSize": 2, "PoolState": "Stopped"},
        "WarmPoolSize": 2,
    }
    off = {**policy, "PolicyName": "off", "Enabled": False}
    found = read(
        tmp_path, {"AutoScalingGroups": [{**group, **held}]}, {"ScalingPolicies": [{**policy, "Enabled": True}, off]}
    )
    assert list(found["shop"]["target_tracking"]) == ["cpu40"]  # type: ignore[index]
    assert capsys.readouterr().err.splitlines() == [
        "not translated: shop: SuspendedProcesses: AlarmNotification: suspended there, and read as if not",
        "not translated: shop: NewInstancesProtectedFromScaleIn: instances are kept from scale-in there, and not here",
        "not translated: shop: warm pool: instances that wait in it start sooner: set start_up to what they need",
        "not translated: shop: off: is switched off there (Enabled: false), and left out",
    ]
