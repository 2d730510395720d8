"""The verdict on answers that are made up: what is told, what is not known, how often AWS is asked. It cannot prove
that AWS answers in these forms; their members are held against botocore's models, and the stand-in is asked elsewhere."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import botocore.session
import jsonschema
import pytest
from botocore.exceptions import ConnectTimeoutError, NoCredentialsError, ReadTimeoutError
from click.testing import CliRunner

from operations.declared import Component, from_outputs, from_state
from operations.failures import CannotRun
from operations.live import calls
from operations.live.answers import Remembered, Unanswered
from operations.live.aws import Aws
from operations.monitor.command import command
from operations.monitor.comparison import Stack
from operations.monitor.judge import confirmed, judge
from operations.monitor.render import document, head, markdown, text
from operations.monitor.shared import _leads_to
from operations.monitor.verdict import Verdict, schema
from stacks.deviations import KINDS
from stacks.settings import parse
from stacks.stack_file import SettingsError
from tests.operations.answered import NOW, World, arn, declaration, deployments, digest, refusal, state

ROOT = Path(__file__).parents[2]


def look(world: World, count: int = 1, accepted: Mapping[str, str] | None = None, **changes: Any) -> Verdict:
    return judge(Stack(declaration(count, **changes), Remembered(Aws(world)), NOW), accepted or {})


def told(verdict: Verdict) -> list[tuple[str, str, str, str]]:
    return [(one.key, one.what, one.declared, one.running) for one in verdict.differences]


def test_a_stack_that_runs_as_declared_is_the_same() -> None:
    verdict = look(World())
    assert (verdict.answer, verdict.exit_code, told(verdict), verdict.unknown) == ("same", 0, [], ())
    assert head(verdict) == [
        "what runs is what was declared: dev, eu-central-1, 2026-11-02 12:00:00 UTC",
        f"0 differences, 0 accepted, 0 not known, {verdict.compared} properties compared",
        "declared by the state of the last deployment",
    ]


def rolled_back(world: World, running: str = "r4") -> None:
    """The newest deployment went back to another revision, of the same task definition unless another is told."""
    world.answers["list_service_deployments"] = lambda asked: {
        "serviceDeployments": deployments(asked["service"], "ROLLBACK_SUCCESSFUL")
    }
    back = {
        "serviceRevisionArn": arn("ecs", f"service-revision/s0/s0/{running}"),
        "reason": "Service deployment rolled back because of alarms.",
    }
    before = world.details
    world.answers["describe_service_deployments"] = lambda asked: {
        "serviceDeployments": [
            before(of) | {"status": "ROLLBACK_SUCCESSFUL", "rollback": back} for of in asked["serviceDeploymentArns"]
        ]
    }


def test_a_silent_rollback_is_told_with_both_versions_though_the_task_definition_is_the_declared_one() -> None:
    world = World()
    rolled_back(world)
    verdict = look(world)
    assert told(verdict) == [
        (
            "s0.deployment",
            "deployment d6",
            "s0:3 (shop/s0:1.3), revision r6",
            (
                "rolled back to s0:3 (shop/s0:1.3), revision r4 (the same task definition): "
                "Service deployment rolled back because of alarms"
            ),
        )
    ]
    assert verdict.differences[0].cure == (
        "mend the version, then pulumi up --refresh --stack dev; or accordion rollback --stack dev"
    )


def test_another_digest_under_the_same_tag_is_told() -> None:
    world = World()
    task = world.task
    world.answers["describe_tasks"] = lambda asked: {
        "tasks": [
            one | ({"containers": [one["containers"][0] | {"imageDigest": digest("b")}]} if place == 1 else {})
            for place, one in enumerate(map(task, asked["tasks"]))
        ]
    }
    assert told(look(world)) == [
        ("s0.image", "image of app", f"shop/s0:1.3@{digest('a')}", f"shop/s0:1.3@{digest('b')} in 1 of 4 tasks")
    ]


def test_a_mute_rule_over_an_alarm_that_scales_is_told_and_one_over_another_alarm_is_not() -> None:
    world, high = World(), "TargetTracking-service/s0/s0-AlarmHigh"
    muted = {"night": [high, "other"], "else": ["other"]}
    world.answers["list_alarm_mute_rules"] = world.listed(
        "AlarmMuteRuleSummaries",
        lambda _: [
            {"AlarmMuteRuleArn": arn("cloudwatch", f"alarm-mute-rule:{name}"), "Status": "ACTIVE"} for name in muted
        ],
        "NextToken",
    )
    world.answers["get_alarm_mute_rule"] = lambda asked: {
        "Name": asked["AlarmMuteRuleName"],
        "Status": "ACTIVE",
        "MuteTargets": {"AlarmNames": muted[asked["AlarmMuteRuleName"]]},
    }
    verdict = look(world)
    assert told(verdict) == [
        ("s0.mute_rule", "mute rule", "nothing", f"ACTIVE, silences {high}: the rule does not act")
    ]
    assert verdict.differences[0].cure == "aws cloudwatch delete-alarm-mute-rule --alarm-mute-rule-name night"


def test_failed_activities_of_the_last_day_are_told_once_for_each_reason() -> None:
    world = World()

    def activity(hours: float, status: str, message: str) -> dict[str, Any]:
        start = NOW - datetime.timedelta(hours=hours)
        return {
            "StartTime": start,
            "StatusCode": status,
            "StatusMessage": message,
            "Description": "Setting desired count to 5.",
        }

    world.answers["describe_scaling_activities"] = lambda _: {
        "ScalingActivities": [
            activity(2, "Failed", "Service is INACTIVE"),
            activity(3, "Failed", "Service is INACTIVE"),
            activity(1, "Successful", "fine"),
            activity(30, "Failed", "long ago"),
        ]
    }
    assert told(look(world)) == [
        (
            "s0.activity",
            "scaling activity",
            "successful",
            "failed 2 times, last 2 h ago: Setting desired count to 5.: Service is INACTIVE",
        )
    ]


def test_units_that_are_missing_are_told_once_they_had_time_to_start() -> None:
    world = World()
    short = world.service("s0") | {"runningCount": 2}
    world.answers["describe_services"] = lambda _: {"services": [short]}
    assert [one.key for one in look(world).differences] == ["s0.units"]
    starting = {"StartTime": NOW - datetime.timedelta(seconds=90), "StatusCode": "Successful"}
    world.answers["describe_scaling_activities"] = lambda _: {"ScalingActivities": [starting]}
    assert told(look(world)) == []


@pytest.mark.parametrize(
    "status", ["PENDING", "IN_PROGRESS", "STOP_REQUESTED", "ROLLBACK_REQUESTED", "ROLLBACK_IN_PROGRESS"]
)
def test_a_deployment_that_is_going_on_is_not_known_yet(status: str) -> None:
    world = World()
    world.answers["list_service_deployments"] = lambda asked: {
        "serviceDeployments": deployments(asked["service"], status)
    }
    world.answers["describe_service_deployments"] = lambda asked: {
        "serviceDeployments": [
            world.details(of) | {"status": status, "lifecycleStage": "BAKE_TIME"}
            for of in asked["serviceDeploymentArns"]
        ]
    }
    verdict = look(world)
    assert (verdict.exit_code, [one.why for one in verdict.unknown]) == (
        2,
        [f"deployment d6 is {status}, at BAKE_TIME"],
    )
    assert head(verdict)[2] == "a deployment is still going on: `--wait` follows it to its end"


def test_a_release_that_waits_for_an_answer_says_so_with_the_command() -> None:
    world = World()
    world.answers["list_service_deployments"] = lambda asked: {
        "serviceDeployments": deployments(asked["service"], "IN_PROGRESS")
    }
    gate = {"hookId": "h1", "status": "AWAITING_ACTION", "expiresAt": NOW + datetime.timedelta(hours=2)}
    more = {"status": "IN_PROGRESS", "lifecycleStage": "POST_SCALE_UP", "lifecycleHookDetails": [gate]}
    world.answers["describe_service_deployments"] = lambda asked: {
        "serviceDeployments": [world.details(of) | more for of in asked["serviceDeploymentArns"]]
    }
    until = f"{NOW + datetime.timedelta(hours=2):%Y-%m-%d %H:%MZ}"
    assert [one.why for one in look(world).unknown] == [
        (
            f"deployment d6 is IN_PROGRESS, at POST_SCALE_UP, for an answer until {until}: accordion release continue "
            "--stack dev, or rollback in place of continue"
        )
    ]


def test_early_success_is_not_yet_settled() -> None:
    world = World()
    service = world.service("s0")
    older = {"id": "ecs-svc/5", "status": "ACTIVE", "runningCount": 2}
    world.answers["describe_services"] = lambda _: {
        "services": [service | {"deployments": [*service["deployments"], older]}]
    }
    verdict = look(world)
    assert [(one.why, one.waits) for one in verdict.unknown] == [
        ("it has succeeded, and 2 tasks of the version before still run", True)
    ]


def test_an_accepted_difference_does_not_fail_and_one_that_is_not_found_is_said() -> None:
    world = World()
    world.answers["describe_scalable_targets"] = lambda asked: {
        "ScalableTargets": [world.target(asked["ResourceIds"][0]) | {"MinCapacity": 3}]
    }
    reasons = {"s0.bounds": "the campaign lasts until Friday", "s0.alarm": "gone"}
    verdict = look(world, accepted=reasons)
    assert (verdict.exit_code, [one.accepted for one in verdict.differences]) == (
        0,
        ["the campaign lasts until Friday"],
    )
    assert verdict.remarks == ("accepted and not found: s0.alarm; take it out of the stack file",)
    assert "accepted: s0.bounds, minimum 3: the campaign lasts until Friday" in text(verdict)


REFUSALS = {
    "AccessDeniedException": "the role may not read this: it lacks application-autoscaling:DescribeScalingActivities",
    "ThrottlingException": "AWS throttles application-autoscaling DescribeScalingActivities: 5 attempts were turned "
    "away; try later",
    "ExpiredTokenException": "AWS does not take the credentials (ExpiredTokenException): sign in again",
    "InternalServiceException": "application-autoscaling DescribeScalingActivities was refused "
    "(InternalServiceException): no",
}


@pytest.mark.parametrize(("code", "said"), REFUSALS.items(), ids=REFUSALS)
def test_what_is_not_answered_is_told_and_all_else_is_judged(code: str, said: str) -> None:
    world = World()

    def refuse(_: Mapping[str, Any]) -> dict[str, Any]:
        raise refusal(code)

    world.answers["describe_scaling_activities"] = refuse
    verdict = look(world)
    assert (verdict.exit_code, [(one.what, one.why) for one in verdict.unknown]) == (2, [("scaling activities", said)])
    world.answers["describe_scalable_targets"] = lambda asked: {
        "ScalableTargets": [world.target(asked["ResourceIds"][0]) | {"MinCapacity": 3}]
    }
    assert look(world).exit_code == 1, "a difference that is certain is the answer, whatever else is not known"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (refusal("ExpiredToken"), "AWS does not take the credentials (ExpiredToken): sign in again"),
        (NoCredentialsError(), "there are no AWS credentials here: sign in"),
        (ConnectTimeoutError(endpoint_url="https://sts"), "sts did not take the connection within 5 s"),
        (ReadTimeoutError(endpoint_url="https://sts"), "sts did not answer within 20 s"),
        (refusal("Throttling"), "AWS throttles sts GetCallerIdentity: 5 attempts were turned away; try later"),
    ],
)
def test_without_credentials_or_an_answer_nothing_is_judged(error: Exception, said: str) -> None:
    world = World()

    def fail(_: Mapping[str, Any]) -> dict[str, Any]:
        raise error

    world.answers["get_caller_identity"] = fail
    with pytest.raises(CannotRun) as refused:
        look(world)
    assert refused.value.format_message() == said


def test_credentials_of_another_account_are_refused_before_anything_is_missed() -> None:
    world = World()
    world.answers["get_caller_identity"] = lambda _: {"Account": "999999999999"}
    with pytest.raises(CannotRun) as refused:
        look(world)
    assert refused.value.format_message() == (
        "the credentials are of account 999999999999, and stack dev stands in 123456789012: sign in there"
    )
    assert sum(world.requests.values()) == 1


def test_what_passes_by_itself_is_told_only_when_it_is_there_twice(capsys: pytest.CaptureFixture[str]) -> None:
    world, slept = World(), list[float]()
    high = world.service("s0") | {"desiredCount": 7, "runningCount": 7}
    world.answers["describe_services"] = lambda _: {"services": [high]}
    assert [one.key for one in confirmed(lambda: look(world), slept.append).differences] == ["s0.count"]

    def settle(seconds: float) -> None:
        slept.append(seconds)
        high.update({"desiredCount": 6, "runningCount": 6})

    assert confirmed(lambda: look(world), settle).differences == ()
    assert slept == [30.0, 30.0]
    assert capsys.readouterr().err.splitlines() == ["looking again in 30 s: units come and go"] * 2


def test_a_service_that_is_gone_is_one_difference() -> None:
    world = World()

    def gone(_: Mapping[str, Any]) -> dict[str, Any]:
        raise refusal("ClusterNotFoundException", "Cluster not found.")

    world.answers["describe_services"] = gone
    assert told(look(world)) == [("s0.gone", "service", "as declared", "deleted")]


def test_a_thousand_services_take_at_most_twelve_requests_each() -> None:
    world = World()
    verdict = look(world, 1_000)
    assert (verdict.answer, told(verdict)) == ("same", [])
    pages = {"list_service_deployments": 3, "list_tasks": 2}  # of a world that gives three items a page
    asked = sum(
        number / pages.get(operation, 1)
        for operation, number in world.requests.items()
        if operation != "describe_scalable_targets"
    )
    assert asked / 1_000 <= 12
    assert world.requests["list_service_deployments"] == 3_000, "every page is asked for"
    assert world.requests["describe_scalable_targets"] == 20 * 17, "fifty at once, three a page"


def test_the_newest_deployment_is_found_on_the_last_page() -> None:
    world = World()
    rolled_back(world)
    assert [one.what for one in look(world).differences] == ["deployment d6"]


def test_a_page_that_leads_to_itself_ends() -> None:
    world = World()
    world.answers["list_tasks"] = lambda _: {"taskArns": [], "nextToken": "again"}
    assert [one.why for one in look(world).unknown] == ["ecs ListTasks gives the same page again and again"]


SESSION = botocore.session.get_session()


def operation_of(call: calls.Call) -> Any:
    return SESSION.get_service_model(call.service).operation_model(call.title)


CALLS = dict.fromkeys((*calls.RUNNING, *calls.BEFORE))


@pytest.mark.parametrize("call", list(CALLS), ids=lambda call: f"{call.title}-{call.service}-{call.items}")
def test_a_call_reads_members_that_aws_has_and_pages_as_aws_does(call: calls.Call) -> None:
    operation = operation_of(call)
    shape = operation.output_shape
    members = shape.members
    if call.page:
        assert call.page[0] in operation.input_shape.members
        assert call.page[1] in members
    else:
        assert not {"NextToken", "nextToken", "NextMarker"} & members.keys()
    if call.batch:
        assert operation.input_shape.members[call.batch[0]].type_name == "list"
    inside = shape if call.items is None else members[call.items]
    inside = inside.member if inside.type_name == "list" else inside
    assert set(call.kept) - inside.members.keys() == set()


def test_the_policy_allows_what_is_called_and_nothing_that_writes() -> None:
    answer = CliRunner().invoke(command, ["--policy"])
    (statement,) = json.loads(answer.output)["Statement"]
    actions = statement["Action"]
    assert actions == sorted(actions)
    assert [one for one in actions if not one.partition(":")[2].startswith(("Describe", "List", "Get"))] == []
    assert len(actions) == len({call.action for call in CALLS if call.action})


def test_every_call_of_a_look_is_in_the_policy() -> None:
    world = World()
    look(world)
    known = {call.operation for call in calls.RUNNING}
    assert set(world.requests) - known == set()


def test_what_strangers_wrote_moves_no_cursor_and_breaks_no_table() -> None:
    world = World()
    evil = "x\x1b[2J|<script>`\n| a"
    policy = world.policy("service/s0/s0")
    world.answers["describe_scaling_policies"] = lambda _: {
        "ScalingPolicies": [policy, policy | {"PolicyName": evil, "Alarms": []}]
    }
    verdict = look(world)
    assert "\x1b" not in text(verdict)
    shown = markdown(verdict)
    assert "\x1b" not in shown
    cure = "`` aws application-autoscaling delete-scaling-policy --service-namespace ecs --scalable-dimension "
    cure += "ecs:service:DesiredCount --resource-id service/s0/s0 --policy-name 'x [2J\\|<script>` \\| a' ``"
    assert cure in shown, "the quotes hold what they held"
    assert "<script>" not in shown.replace(cure, "")
    (row,) = [line for line in shown.splitlines() if "policy" in line and line.startswith("| s0")]
    assert row.replace("\\|", "").count("|") == 7


def test_the_json_of_a_verdict_is_of_the_committed_schema() -> None:
    world = World()
    rolled_back(world)
    content = json.loads(document(look(world)))
    committed = json.loads((ROOT / "docs/schema/monitor.schema.json").read_text())
    assert committed == schema()
    jsonschema.validate(content, committed)
    assert content["answer"] == "differs"


def test_the_answer_stands_in_the_first_three_lines() -> None:
    world = World()
    rolled_back(world)
    assert text(look(world)).splitlines()[:3] == [
        "what runs is not what was declared: dev, eu-central-1, 2026-11-02 12:00:00 UTC",
        f"1 difference, 0 accepted, 0 not known, {look(world).compared} properties compared",
        "look at s0.deployment",
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"deployment": {}}, "stack dev is not deployed: its state has no resources"),
        ({}, "the state of dev has another form than `pulumi stack export` writes"),
        ({"deployment": {"resources": [1]}}, "the state of dev has another form than `pulumi stack export` writes: 'int' object is not subscriptable"),
        ({"deployment": {"resources": [{"urn": "urn:pulumi:dev::a::b::c", "type": "b"}]}}, "the state has no provider of AWS with a region: nothing of AWS is deployed"),
    ],
)  # fmt: skip
def test_a_state_that_is_none_is_told(content: dict[str, Any], said: str) -> None:
    with pytest.raises(CannotRun) as refused:
        from_state(content, "dev")
    assert refused.value.format_message() == said


def test_half_deleted_and_half_made_resources_are_not_known() -> None:
    content = state()
    resources = content["deployment"]["resources"]
    old = next(one for one in resources if one["type"] == "aws:ecs/taskDefinition:TaskDefinition")
    resources.append(old | {"delete": True, "id": arn("ecs", "task-definition/s0:2")})
    content["deployment"]["pending_operations"] = [
        {"resource": {"urn": "urn:pulumi:dev::a::b::web-alarm"}, "type": "creating"}
    ]
    verdict = judge(Stack(from_state(content, "dev"), Remembered(Aws(World())), NOW), {})
    assert verdict.exit_code == 2
    assert [one.component for one in verdict.unknown] == ["s0-taskdefinition", "web-alarm"]


def test_secrets_of_a_state_are_not_kept() -> None:
    content = state(1, name="s0")
    hidden = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "v1:abc"}
    task = next(one for one in content["deployment"]["resources"] if "taskDefinition:" in one["type"])
    task["inputs"]["containerDefinitions"] = json.dumps(
        [{"name": "app", "image": "shop/s0:1.3", "environment": [{"name": "K", "value": "hunter2"}]}]
    )
    service = next(one for one in content["deployment"]["resources"] if one["type"] == "aws:ecs/service:Service")
    service["inputs"]["healthCheckGracePeriodSeconds"] = hidden
    kept = from_state(content, "dev").model_dump_json()
    assert "hunter2" not in kept
    assert "ciphertext" not in kept
    assert told(judge(Stack(from_state(content, "dev"), Remembered(Aws(World())), NOW), {})) == []


OUTPUTS: dict[str, Any] = {
    "composition": "web_service",
    "region": "eu-central-1",
    "network": {"vpc_id": "vpc-1", "private_subnet_ids": {}},
    "services": {
        "s0": {
            "cluster": "s0",
            "service": "s0",
            "task_definition": arn("ecs", "task-definition/s0:2"),
            "log_group": "s0",
            "security_group_id": "sg-1",
        }
    },
}


def test_a_file_of_outputs_tells_the_version_and_says_what_it_leaves_out() -> None:
    verdict = judge(Stack(from_outputs(OUTPUTS, "dev", {}), Remembered(Aws(World())), NOW), {})
    assert told(verdict) == [("s0.version", "task definition", "s0:2", "s0:3 (shop/s0:1.3), revision r6")]
    assert verdict.remarks == (
        (
            "a file of outputs names services and groups only: policies, schedules, alarms, listeners and security groups "
            "were not compared"
        ),
    )


def test_the_version_of_a_pipeline_is_told_and_is_no_difference() -> None:
    declared = from_outputs(OUTPUTS, "dev", {"s0": Component(name="s0", image_owner="pipeline")})
    verdict = judge(Stack(declared, Remembered(Aws(World())), NOW), {})
    assert told(verdict) == []
    assert verdict.remarks[0] == (
        "s0: a pipeline owns the image: s0:3 (shop/s0:1.3), revision r6 runs, s0:2 is declared"
    )


def test_the_version_of_a_pipeline_is_told_though_the_state_was_refreshed() -> None:
    whole = state(1)
    for one in whole["deployment"]["resources"]:
        if one["type"] == "accordion:index:ContainerService":
            one["inputs"]["spec"]["image_owner"] = "pipeline"
        if one["type"] == "aws:ecs/taskDefinition:TaskDefinition":
            one["id"], one["outputs"] = "s0", {"arn": arn("ecs", "task-definition/s0:2")}
    verdict = judge(Stack(from_state(whole, "dev"), Remembered(Aws(World())), NOW), {})
    assert told(verdict) == []
    assert "s0: a pipeline owns the image: s0:3 (shop/s0:1.3), revision r6 runs, s0:2 (shop/s0:1.3) is declared" in (
        verdict.remarks
    )


def test_outputs_of_an_older_version_are_told() -> None:
    with pytest.raises(CannotRun) as refused:
        from_outputs({"region": "eu-central-1"}, "dev", {})
    assert refused.value.format_message() == (
        "the outputs of dev: the stack has no output composition, network: it is not deployed, or not with this program"
    )
    older = OUTPUTS | {"services": {"s0": {"cluster": "s0"}}}
    with pytest.raises(CannotRun) as refused:
        from_outputs(older, "dev", {})
    assert refused.value.format_message() == (
        "the outputs of dev are of another version of this program: missing 4 required positional arguments: 'service', "
        "'task_definition', 'log_group', and 'security_group_id'"
    )


def test_unanswered_things_are_remembered_too() -> None:
    world = World()

    def refuse(_: Mapping[str, Any]) -> dict[str, Any]:
        raise refusal("AccessDenied")

    world.answers["list_tasks"] = refuse
    remembered = Remembered(Aws(world))
    for _ in range(2):
        with pytest.raises(Unanswered):
            remembered.ask(calls.TASK_ARNS, cluster="s0", serviceName="s0")
    assert world.requests["list_tasks"] == 1


GUIDE = (ROOT / "docs/guides/monitor.md").read_text()


def test_the_guide_has_every_kind_of_difference_and_no_other() -> None:
    rows = dict(re.findall(r"^\| `([a-z_]+)` \| (.*) \|$", GUIDE, re.MULTILINE))
    assert rows == dict(KINDS)


def test_every_kind_is_told_somewhere_in_the_monitor() -> None:
    code = "".join(path.read_text() for path in (ROOT / "operations/monitor").glob("*.py"))
    assert [kind for kind in KINDS if f'"{kind}"' not in code] == []


@pytest.mark.parametrize(
    ("accept", "said"),
    [
        ({"web.bounds": ""}, "accordion.monitor.accept.web.bounds"),
        ({"wbe.bounds": "x"}, "wbe is no component; did you mean web"),
        ({"web.bound": "x"}, "bound is no kind of difference; did you mean bounds"),
        ({"web": "x"}, "nothing is no kind of difference; allowed activity"),
    ],
)
def test_an_acceptance_that_can_accept_nothing_is_refused(accept: dict[str, str], said: str) -> None:
    content = (ROOT / "Pulumi.dev.yaml").read_text() + "  accordion:monitor:\n    accept:\n"
    content += "".join(f"      {key}: {json.dumps(reason)}\n" for key, reason in accept.items())
    with pytest.raises(SettingsError) as refused:
        parse("Pulumi.dev.yaml", content)
    assert said.removeprefix("accordion.") in str(refused.value)


def test_a_stack_file_accepts_a_difference() -> None:
    content = (ROOT / "Pulumi.dev.yaml").read_text()
    content += "  accordion:monitor:\n    accept:\n      web.bounds: the campaign needs a higher floor until Friday\n"
    assert parse("Pulumi.dev.yaml", content).accepted_deviations == {
        "web.bounds": "the campaign needs a higher floor until Friday"
    }


def test_a_forward_by_weights_leads_to_its_groups_in_the_words_of_aws_and_of_the_provider() -> None:
    groups = [{"TargetGroupArn": "b", "Weight": 0}, {"TargetGroupArn": "a", "Weight": 100}]
    live = [{"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}]
    declared = [{"type": "forward", "forward": {"targetGroups": [{"arn": "a", "weight": 100}, {"arn": "b"}]}}]
    assert list(_leads_to(live)) == list(_leads_to(declared)) == ["a", "b"]
    assert list(_leads_to([{"Type": "forward", "TargetGroupArn": "a"}])) == ["a"]
    assert list(_leads_to([{"Type": "redirect", "RedirectConfig": {}}])) == ["redirect"]
