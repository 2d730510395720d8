"""Plans and states of Terraform, templates of CloudFormation and the CDK, and alarms beside step policies become rules.
The samples are our own, in the shape of public ones (`terraform_samples.py` names them); they cannot prove that no real
file has another: no provider of Terraform was to be had here, so that no plan was made by Terraform itself."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from operations.cli import run
from operations.imports import BESIDE
from stacks.rules_only.settings import Scaled
from stacks.settings import load
from tests.operations import read_samples as samples
from tests.operations import terraform_samples


def read(folder: Path, content: object, *options: str, name: str = "source") -> dict[str, Scaled]:
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    output = folder / "rules.yaml"
    assert run(["read", str(path), "--capacity", "50/s", "--start-up", "60s", "--output", str(output), *options]) == 0
    return dict(load(output).workloads)  # type: ignore[attr-defined]


@pytest.mark.parametrize("kind", samples.SOURCES)
def test_what_is_read_of_every_sample_is_checked_and_simulated(tmp_path: Path, kind: str) -> None:
    found = read(tmp_path, samples.SOURCES[kind])
    assert run(["check", str(tmp_path / "rules.yaml")]) in (0, 1)
    for name, one in found.items():
        derived = all(metric.namespace != "AWS/SQS" for metric in one.elasticity.metrics.values())
        if derived:
            command = ["simulate", str(tmp_path / "rules.yaml"), "--service", name, "--shape", "steady rate=60/s"]
            assert run([*command, "--log", "0"]) == 0


def test_a_plan_links_what_is_not_known_yet_by_the_references_of_its_configuration(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = read(tmp_path, samples.PLAN)
    assert {name: (one.platform, one.elasticity.minimum, one.elasticity.maximum) for name, one in found.items()} == {
        "orders": ("ecs_service", 2, 12),
        "shop": ("ecs_service", 3, 20),
        "api": ("ecs_service", 2, 20),
        "batch": ("ec2_group", 1, 8),
    }
    out, into = (found["orders"].elasticity.step_scaling[name] for name in ("out", "in"))
    assert (out.metric, out.threshold, out.evaluation_periods, out.cooldown, out.aggregation) == (
        "cpu",
        70,
        2,
        60,
        "Maximum",
    )
    assert [(step.from_, step.to, step.change) for step in out.steps] == [(0, 20, 1), (20, None, 3)]
    assert (into.comparison, into.threshold, into.evaluation_periods, into.steps[0].change) == (
        "LessThanThreshold",
        30,
        15,
        -1,
    )
    assert (found["shop"].cpu, found["shop"].memory, found["shop"].architecture) == (512, 1024, "arm64")
    assert found["orders"].cpu is None, "its task definition is not among the resources"
    tracking = found["api"].elasticity.target_tracking
    assert list(tracking) == ["cpu"]
    assert (tracking["cpu"].target, tracking["cpu"].scale_in_cooldown) == (55, 300)
    said = capsys.readouterr().err
    assert "not translated: api: memory: TargetValue: is known after apply only" in said
    morning = found["orders"].elasticity.scheduled["morning"]
    assert (morning.cron, morning.minimum, morning.maximum) == ("0 7 ? * MON-FRI *", 6, None)
    batch = found["batch"]
    assert (batch.zones, batch.default_warm_up) == (3, 90)
    simple, night = batch.elasticity.step_scaling["simple"], batch.elasticity.scheduled["night"]
    assert (simple.metric, simple.steps[0].change, simple.warm_up) == ("cpu", 2, 300), "by a variable of a module"
    assert "batch: simple: simple scaling does nothing while it waits" in said
    assert (night.minimum, night.maximum, night.desired) == (0, None, 0), "-1 leaves a bound as it is"


def test_a_state_reads_as_terraform_shows_it_and_as_it_keeps_it(tmp_path: Path) -> None:
    assert read(tmp_path, samples.STATE) == read(tmp_path, samples.STATE_FILE)


def test_an_alarm_that_may_call_several_instances_calls_that_with_its_own_index(tmp_path: Path) -> None:
    plan: dict[str, Any] = copy.deepcopy(samples.PLAN)
    root = plan["planned_values"]["root_module"]
    root["child_modules"] = []
    target, out, alarm = root["resources"][1], root["resources"][2], root["resources"][4]
    root["resources"] = [target]
    for index, threshold in enumerate((70, 90)):
        for one in (out, alarm):
            values = {
                **one["values"],
                **({"threshold": threshold, "alarm_name": f"a{index}"} if one is alarm else {"name": f"out{index}"}),
            }
            root["resources"].append(samples.resource(one["type"], one["name"], values, index=index))
    found = read(tmp_path, plan)["orders"].elasticity.step_scaling
    assert {name: rule.threshold for name, rule in found.items()} == {"out0": 70, "out1": 90}


def test_a_template_is_worked_out_by_its_parameters_mappings_and_conditions(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = read(tmp_path, samples.TEMPLATE, "--parameter", "Most=9")
    assert set(found) == {"prod-orders", "Group"}
    orders = found["prod-orders"]
    rules = orders.elasticity
    assert (rules.minimum, rules.maximum, orders.cpu, orders.memory) == (2, 9, 256, 512)
    assert (rules.target_tracking["cpu"].target, rules.target_tracking["cpu"].scale_in_cooldown) == (55, 180)
    backlog = rules.step_scaling["backlog"]
    assert (backlog.adjustment, backlog.minimum_adjustment, backlog.threshold) == ("percent", 2, 500)
    assert rules.metrics[backlog.metric].name == "ApproximateNumberOfMessagesVisible"
    assert (rules.scheduled["morning"].cron, rules.scheduled["morning"].minimum) == ("30 6 ? * MON-FRI *", 4)
    group = found["Group"]
    assert (group.instance_type, group.elasticity.maximum, group.elasticity.scheduled) == ("m7g.large", 6, {})
    said = capsys.readouterr().err
    for part in (
        "prod-orders: imported: TargetValue: Fn::ImportValue runs in AWS",
        "template: Network: a nested stack: read its template too",
    ):
        assert part in said


def test_a_parameter_decides_a_condition(tmp_path: Path) -> None:
    found = read(tmp_path, samples.TEMPLATE, "--parameter", "Most=9", "--parameter", "Environment=test")
    rules = found["test-orders"].elasticity
    assert (rules.minimum, rules.target_tracking["cpu"].target) == (1, 80)
    assert found["Group"].elasticity.scheduled["atnight"].minimum == 0


def test_a_parameter_without_a_value_is_told_with_its_cure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert set(read(tmp_path, samples.TEMPLATE)) == {"Group"}
    said = capsys.readouterr().err
    assert "prod-orders: left out, since a bound is not known: MaxCapacity: the template has no value" in said
    assert "give --parameter Most=..." in said


def test_a_template_of_the_cdk_has_readable_names_and_says_what_they_were(tmp_path: Path) -> None:
    found = read(tmp_path, samples.CDK)["Worker-QueueService"]
    assert (found.cpu, found.memory, found.architecture) == (1024, 2048, "arm64")
    assert found.elasticity.target_tracking["cpu"].target == 50
    into = found.elasticity.step_scaling["step-in"]
    assert (into.comparison, into.steps[0].to, into.steps[0].change, into.period) == (
        "LessThanOrEqualToThreshold",
        0,
        -1,
        300,
    )
    text = (tmp_path / "rules.yaml").read_text()
    assert "# Worker-QueueService: target_tracking.cpu: ShopWorkerQueueServiceTaskCountTargetCpuScaling6BBCE555" in text


def test_step_policies_are_read_with_the_alarms_that_call_them(tmp_path: Path) -> None:
    slow = read(tmp_path, samples.STEP_ANSWERS)["web"].elasticity.step_scaling["slow"]
    assert (slow.metric, slow.threshold, slow.datapoints_to_alarm, slow.missing_data) == (
        "response_time",
        1.5,
        3,
        "notBreaching",
    )
    assert [(step.from_, step.to, step.change) for step in slow.steps] == [(0, 0.5, 2), (0.5, None, 4)]


def test_metric_math_and_forecasts_are_read(tmp_path: Path) -> None:
    rules = read(tmp_path, samples.MATH_ANSWERS)["workers"].elasticity
    assert rules.metrics[rules.target_tracking["backlog"].metric].expression == "backlog_m1 / backlog_m2"
    assert rules.metrics["backlog_m2"].name == "GroupInServiceInstances"
    assert (rules.predictive["ahead"].target, rules.predictive["ahead"].buffer) == (40, 600)


def _template(**resources: object) -> dict[str, object]:
    target = {"Type": "AWS::ApplicationAutoScaling::ScalableTarget", "Properties": {
        "MinCapacity": 1, "MaxCapacity": 2, "ResourceId": "service/a/b", "ScalableDimension": "ecs:service:DesiredCount"}}  # fmt: skip
    return {"Resources": {"Target": target, **resources}}


def _doubled(levels: int) -> dict[str, object]:
    """Names that each write two others out: 2 to the power of `levels` characters."""
    return {
        f"S{level}": {"Type": "AWS::ECS::Service", "Properties": {"ServiceName": {"Fn::Sub": f"${{S{level + 1}.Name}}${{S{level + 1}.Name}}"}}}
        for level in range(levels)
    }  # fmt: skip


def _with(minimum: object, **rest: object) -> dict[str, object]:
    made = _template(**rest)
    made["Resources"]["Target"]["Properties"]["MinCapacity"] = minimum  # type: ignore[index]
    return made


NESTED_SUB: Any = "1"
for _ in range(20):
    NESTED_SUB = {"Fn::Sub": ["${a}${a}", {"a": NESTED_SUB}]}
UNKNOWNS: dict[str, tuple[dict[str, Any], str]] = {
    "an include": (_with({"Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": "/etc/passwd"}}}), "Fn::Transform runs in AWS"),
    "a macro": ({**_with({"Fn::Transform": {"Name": "Mine"}}), "Transform": "Mine"}, "Fn::Transform runs in AWS"),
    "a dynamic reference": (_with("{{resolve:ssm:/least}}"), "a dynamic reference, which AWS resolves"),
    "nothing of that name": (_with({"Ref": "Nobody"}), "has neither a parameter nor a resource Nobody"),
    "a name that needs itself": (_with({"Ref": "A"}, A={"Type": "AWS::ECS::Service", "Properties": {"ServiceName": {"Ref": "A"}}}), ""),
    "names that write each other out": (_with({"Ref": "S0"}, **_doubled(200)), "rules.yaml:"),
    "substitutions within each other": (_with(NESTED_SUB), "more than 4,096 characters"),
    "a condition that needs itself": ({**_with({"Fn::If": ["C", 1, 2]}), "Conditions": {"C": {"Fn::Not": [{"Condition": "C"}]}}}, "condition C cannot be told"),
    "conditions that ask each other twice": ({**_with({"Fn::If": ["C0", 1, 2]}), "Conditions": {
        f"C{n}": {"Fn::And": [{"Condition": f"C{n + 1}"}, {"Condition": f"C{n + 1}"}]} for n in range(60)}}, "condition C0 cannot be told"),
}  # fmt: skip


@pytest.mark.parametrize("kind", UNKNOWNS)
def test_what_a_template_does_not_hold_is_told_and_never_fetched(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    document, said = UNKNOWNS[kind]
    path = tmp_path / "template.json"
    path.write_text(json.dumps(document))
    assert run(["read", str(path)]) == 2
    shown = capsys.readouterr()
    assert said in shown.err
    assert "root:" not in shown.err


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("main.tf", 'resource "aws_appautoscaling_target" "web" {}', "is configuration of Terraform: give its plan"),
        ("plan", "PK\x03\x04", "a packed file, such as a plan of Terraform: give `terraform show -json plan`"),
        ("log.json", '{"@level":"info","@message":"x"}\n{"@level":"info"}\n', "is the log of `terraform plan -json`"),
        ("deep.json", "[" * 5000 + "]" * 5000, "maps or lists more than 100 deep"),
        ("deep.yaml", "a: " + "[" * 300 + "]" * 300, "maps or lists more than 100 deep"),
        ("aliases.yaml", "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(f"a{n + 1}: &a{n + 1} [{', '.join([f'*a{n}'] * 10)}]\n" for n in range(8)), "more than 200,000 values with every alias written out"),
        ("self.yaml", "a: &a [*a]\n", "an alias stands within what it names"),
        ("python.yaml", "a: !!python/object/apply:os.system [id]\n", "neither YAML nor JSON that is read here"),
        ("digits.json", '{"a": ' + "9" * 5000 + "}", "neither YAML nor JSON that is read here"),
        ("future.json", json.dumps({**samples.STATE, "format_version": "2.0"}), "format_version 2.0 of Terraform's output is not known here"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_told_with_what_to_give(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, content: str, said: str
) -> None:
    (tmp_path / name).write_text(content)
    assert run(["read", str(tmp_path / name)]) == 2
    shown = capsys.readouterr()
    assert said in shown.err
    assert shown.out == ""


@pytest.mark.parametrize(
    ("given", "said"),
    [("Most", "Most: expected NAME=VALUE"), ("Mots=3", "Mots: not a parameter of the template, which has Environment")],
)
def test_a_wrong_parameter_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str], given: str, said: str) -> None:
    (tmp_path / "template.yaml").write_text(samples.TEMPLATE)
    assert run(["read", str(tmp_path / "template.yaml"), "--parameter", given]) == 2
    assert said in capsys.readouterr().err


def test_autoscalers_in_a_list_or_in_several_documents_are_all_read(tmp_path: Path) -> None:
    one = "kind: HorizontalPodAutoscaler\nspec: {{ scaleTargetRef: {{ name: {} }}, maxReplicas: 4 }}\n"
    assert set(read(tmp_path, f"{one.format('web')}---\n{one.format('api')}")) == {"web", "api"}
    listed = {
        "kind": "List",
        "items": [{"kind": "HorizontalPodAutoscaler", "spec": {"scaleTargetRef": {"name": "web"}, "maxReplicas": 4}}],
    }
    assert set(read(tmp_path, listed)) == {"web"}


def bought(one: Scaled) -> tuple[object, ...]:
    return one.deregistration_delay, one.on_demand_base, one.spot, one.instance_type


def test_a_template_of_the_cdk_tells_what_runs_on_spot_and_how_long_units_drain(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = read(tmp_path, samples.BOUGHT_BY_CDK)
    assert {name: bought(one) for name, one in found.items()} == {
        "WebService": (30, 1, 66.7, None),
        "ApiService": (300, 0, 0, None),
        "JobService": (None, 0, 0, None),
        "Mixed": (None, 1, 50, "m7i.large"),
    }
    assert (
        "# Mixed: instance_type: the first of m7i.large, m6i.large stands for all"
        in (tmp_path / "rules.yaml").read_text()
    )
    said = "not translated: JobService: capacity provider own: its instances are not read here: tasks start as if there were room"
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("planned", [True, False])
def test_terraform_tells_what_runs_on_spot_how_long_units_drain_and_what_a_group_starts(
    tmp_path: Path, planned: bool
) -> None:
    found = read(tmp_path, samples.bought_by_terraform(planned=planned))
    assert {name: bought(one) for name, one in found.items()} == {
        "web": (45, 2, 75, None),
        "plain": (None, 0, 0, "c7g.large"),
        "mixed": (None, 1, 80, "m7g.large"),
    }


UNKNOWN = "known after apply only: plan again once it is applied, or read the state"
HOOK = "it holds an instance before it serves or after it has: count that in start_up"
ZERO = "default_instance_warmup 0 is read as none: a state keeps 0 where nothing has set it"
SAID: dict[str, tuple[str, ...]] = {
    "service module": (f"not-read: jobs-cpu: what it scales is {UNKNOWN}",),
    "group module": (
        "fleet: SuspendedProcesses: AZRebalance, ScheduledActions: suspended there, and read as if not",
        "fleet: NewInstancesProtectedFromScaleIn: instances are kept from scale-in there, and not here",
        "fleet: warm pool: instances that wait in it start sooner: set start_up to what they need",
        f"fleet: lifecycle hook: {HOOK}",
        "fleet: off: is switched off there (Enabled: false), and left out",
        f"fleet: far: Dimensions: is {UNKNOWN}",
        "fleet: in: simple scaling does nothing while it waits; here a step waits for warm-up",
        f"terraform: aws_autoscaling_lifecycle_hook.drain: {HOOK}",
        f"terraform: aws_autoscalingplans_scaling_plan.all: {BESIDE['scaling plan']}",
    ),
    "imported": (
        "market-app: SuspendedState: scaling is suspended there now; the rules are read as if it were not",
        *(
            f"EC2ContainerService-main-1: {name}: simple scaling does nothing while it waits; here a step waits for warm-up"
            for name in ("main-scaleup", "main-scaledown")
        ),
        f"terraform: aws_autoscaling_group.tfer--EC2ContainerService-002D-main-002D-1: {ZERO}",
    ),
    "shown": (f"terraform: aws_autoscaling_group.web: {ZERO}",),
}
"""By whole plan or state, every line that says what is not as there."""


@pytest.mark.parametrize("kind", terraform_samples.SOURCES)
def test_of_a_whole_plan_or_state_nothing_that_scales_is_lost_in_silence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    found = read(tmp_path, terraform_samples.SOURCES[kind])
    assert capsys.readouterr().err.splitlines() == [f"not translated: {line}" for line in SAID[kind]]
    assert run(["check", str(tmp_path / "rules.yaml")]) in (0, 1)
    for name in found:
        command = ["simulate", str(tmp_path / "rules.yaml"), "--service", name, "--shape", "steady rate=60/s"]
        assert run([*command, "--log", "0"]) == 0


def test_a_service_of_a_module_within_a_module_is_read_where_no_id_is_known(tmp_path: Path) -> None:
    shop = read(tmp_path, terraform_samples.SERVICE_MODULE)["shop"]
    rules = shop.elasticity
    assert (rules.minimum, rules.maximum, shop.cpu, shop.memory) == (3, 24, 1024, 4096)
    assert {
        name: (rule.metric, rule.target, rule.scale_in_cooldown, rule.scale_out_cooldown)
        for name, rule in rules.target_tracking.items()
    } == {
        "cpu": ("cpu", 65, 300, 60),
        "memory": ("memory", 75, 300, 60),
        "requests": ("requests_per_target", 900, 300, 30),
    }
    assert {name: (rule.cron, str(rule.at), rule.minimum, rule.maximum) for name, rule in rules.scheduled.items()} == {
        "open": ("30 6 ? * MON-SAT *", "None", 6, 24),
        "sale": (None, "2026-11-27T05:00:00", 12, 40),
    }


def test_alarms_beside_a_module_call_its_policies_by_the_key_of_its_output(tmp_path: Path) -> None:
    fleet = read(tmp_path, terraform_samples.GROUP_MODULE)["fleet"]
    rules = fleet.elasticity
    assert (rules.minimum, rules.maximum, fleet.zones, fleet.default_warm_up) == (2, 20, 3, 180)
    assert {
        name: (rule.metric, rule.threshold, rule.evaluation_periods, rule.aggregation, rule.minimum_adjustment)
        for name, rule in rules.step_scaling.items()
    } == {
        "out": ("cpu", 70, 3, "Maximum", 2),
        "back": ("cpu", 5, 15, "Average", None),
        "in": ("cpu", 20, 20, "Average", None),
    }
    assert [(step.from_, step.to, step.change) for step in rules.step_scaling["out"].steps] == [
        (0, 15, 25),
        (15, None, 50),
    ]
    assert list(rules.target_tracking) == ["track"]
    ahead = rules.predictive["ahead"]
    assert (ahead.mode, ahead.buffer, ahead.maximum_breach, ahead.maximum_buffer) == (
        "forecast_and_scale",
        300,
        "increase",
        10,
    )
    night = rules.scheduled["night"]
    assert (night.cron, night.minimum, night.maximum, night.desired) == ("0 21 * * 1-5", 1, None, None)


def test_empty_texts_and_zeros_of_a_state_stand_for_nothing(tmp_path: Path) -> None:
    found = read(tmp_path, terraform_samples.IMPORTED)
    group = found["EC2ContainerService-main-1"]
    up = group.elasticity.step_scaling["main-scaleup"]
    assert (up.metric, up.datapoints_to_alarm, up.evaluation_periods, up.warm_up) == ("cpu", None, 2, 300)
    assert group.default_warm_up is None
    web = read(tmp_path, terraform_samples.SHOWN)["web-asg"]
    assert (web.default_warm_up, web.instance_type) == (None, "t3.small")
    assert web.elasticity.target_tracking["web-cpu"].warm_up == 300


def test_types_of_the_other_provider_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plan = copy.deepcopy(samples.STATE)
    kind = "awscc_applicationautoscaling_scaling_policy"
    plan["values"]["root_module"]["resources"].append(samples.resource(kind, "cpu", {"policy_name": "cpu"}))
    read(tmp_path, plan)
    said = "a type of the provider awscc is not read: read what runs, `--live`, or its template"
    assert f"not translated: terraform: {kind}.cpu: {said}" in capsys.readouterr().err


def test_a_template_tells_what_beside_a_group_changes_how_it_scales(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    read(tmp_path, {"Resources": {
        "Group": {"Type": "AWS::AutoScaling::AutoScalingGroup", "Properties": {"MinSize": "1", "MaxSize": "6", "NewInstancesProtectedFromScaleIn": True, "LifecycleHookSpecificationList": [{"LifecycleHookName": "warm"}]}},
        "Pool": {"Type": "AWS::AutoScaling::WarmPool", "Properties": {"AutoScalingGroupName": {"Ref": "Group"}}},
        "Hook": {"Type": "AWS::AutoScaling::LifecycleHook", "Properties": {"AutoScalingGroupName": {"Ref": "Group"}}},
        "Plan": {"Type": "AWS::AutoScalingPlans::ScalingPlan", "Properties": {}},
    }})  # fmt: skip
    assert [line.partition(": ")[2].partition(": ")[0] for line in capsys.readouterr().err.splitlines()] == [
        "Group",
        "Group",
        "template",
        "template",
        "template",
    ]
