"""`accordion scale`, `tasks`, `logs`, `run` and `exec` on answers in AWS's place. It cannot prove that AWS, or a session of its
CLI, does what it is asked for: nothing here has run on an account."""

from __future__ import annotations

import datetime
import json
import stat
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from operations import cli, lists
from operations.live import day_to_day
from operations.live.calls import RUNNING
from tests.operations.answered import ACCOUNT, NOW, World, arn, refusal, state

COMMANDS = {"exec": ["--print"], "logs": [], "run": ["migrate"], "scale": [], "tasks": []}
LOGS = "aws:cloudwatch/logGroup:LogGroup"
GROUP = "aws:autoscaling/group:Group"


class Account(World):
    """Answers, and what was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[str, Mapping[str, Any]]] = []
        for operation in ("register_scalable_target", "suspend_processes", "resume_processes"):
            self.answers[operation] = lambda _: {}

    def __getattr__(self, operation: str) -> Any:
        call = super().__getattr__(operation)

        def noted(**asked: Any) -> dict[str, Any]:
            self.asked.append((operation, asked))
            found: dict[str, Any] = call(**asked)
            return found

        return noted

    def of(self, operation: str) -> list[Mapping[str, Any]]:
        return [asked for name, asked in self.asked if name == operation]


def declared(count: int = 1, **target: Any) -> dict[str, Any]:
    """A state of services that log, and of a group."""
    made = state(count)
    resources = made["deployment"]["resources"]
    for one in resources:
        if one["type"].endswith(":Target"):
            one["inputs"] |= target
    owners = [one["urn"] for one in resources if one["type"] == "accordion:index:ContainerService"]
    for owner in owners:
        name = owner.rpartition("::")[2]
        urn = f"urn:pulumi:dev::accordion::{LOGS}::{name}-logs"
        resources.append(
            {
                "urn": urn,
                "type": LOGS,
                "id": f"/{name}",
                "inputs": {"name": f"/{name}"},
                "parent": owner,
                "custom": True,
            }
        )
    urn = f"urn:pulumi:dev::accordion::{GROUP}::fleet"
    resources.append(
        {
            "urn": urn,
            "type": GROUP,
            "id": "fleet-1",
            "inputs": {"name": "fleet-1", "minSize": 1, "maxSize": 3},
            "custom": True,
        }
    )
    return made


GROUPS = {
    "AutoScalingGroups": [
        {
            "AutoScalingGroupName": "fleet-1", "MinSize": 1, "MaxSize": 3, "DesiredCapacity": 2,
            "Instances": [
                {"InstanceId": "i-1", "LifecycleState": "InService", "HealthStatus": "Healthy", "AvailabilityZone": "eu-central-1a",
                 "LaunchTemplate": {"LaunchTemplateName": "fleet", "Version": "4"}},
                {"InstanceId": "i-2", "LifecycleState": "Pending", "HealthStatus": "Healthy", "AvailabilityZone": "eu-central-1b"},
            ],
            "SuspendedProcesses": [{"ProcessName": "AlarmNotification"}],
        }
    ]
}  # fmt: skip


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Account:
    world = Account()
    world.answers["describe_auto_scaling_groups"] = lambda _: GROUPS
    monkeypatch.setattr("operations.live.source.clients", lambda *_, **__: world)
    monkeypatch.setattr("time.sleep", lambda _: None)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    Path("state.json").write_text(json.dumps(declared()))
    return world


Said = Callable[..., tuple[int, str, str]]


@pytest.fixture
def said(account: Account, capsys: pytest.CaptureFixture[str]) -> Said:
    def run(*words: str) -> tuple[int, str, str]:
        code = cli.run([words[0], "--state", "state.json", *words[1:]])
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return run


def test_scale_tells_counts_bounds_and_what_is_held(said: Said) -> None:
    assert said("scale") == (
        0,
        "fleet: 1 running, 2 desired, 1 to 3; held: AlarmNotification\ns0: 4 running, 4 desired, 2 to 6\n",
        "",
    )


def test_a_hold_suspends_all_that_moves_the_count_and_nothing_that_replaces_units(said: Said, account: Account) -> None:
    assert said("scale", "--hold")[0] == 0
    every = {"DynamicScalingInSuspended": True, "DynamicScalingOutSuspended": True, "ScheduledScalingSuspended": True}
    target = {"ServiceNamespace": "ecs", "ResourceId": "service/s0/s0", "ScalableDimension": "ecs:service:DesiredCount"}
    assert account.of("register_scalable_target") == [target | {"SuspendedState": every}]
    processes = ["AlarmNotification", "ScheduledActions"]
    assert account.of("suspend_processes") == [{"AutoScalingGroupName": "fleet-1", "ScalingProcesses": processes}]


def test_what_was_declared_as_suspended_stays_so_when_scaling_goes_on(said: Said, account: Account) -> None:
    Path("state.json").write_text(json.dumps(declared(suspendedState={"scheduledScalingSuspended": True})))
    assert said("scale", "--resume", "--service", "s0")[0] == 0
    assert account.of("register_scalable_target")[0]["SuspendedState"] == {
        "DynamicScalingInSuspended": False,
        "DynamicScalingOutSuspended": False,
        "ScheduledScalingSuspended": True,
    }
    assert account.of("resume_processes") == []


def test_a_role_that_may_not_hold_is_told_which_right_it_lacks(said: Said, account: Account) -> None:
    def denied(_: Any) -> dict[str, Any]:
        raise refusal("AccessDeniedException")

    account.answers["register_scalable_target"] = denied
    assert said("scale", "--hold", "--service", "s0") == (
        2,
        "",
        "error: s0 is as it was: the role may not do this: it lacks application-autoscaling:RegisterScalableTarget\n",
    )


def test_tasks_are_listed_over_all_pages_with_version_and_zone_and_instances_with_their_template(said: Said) -> None:
    code, out, _ = said("tasks", "--format", "json")
    rows = json.loads(out)["tasks"]
    assert code == 0
    assert [row["id"] for row in rows] == ["i-1", "i-2", "t3", "t2", "t1", "t0"]
    assert (rows[0]["version"], rows[0]["status"], rows[0]["zone"]) == ("fleet:4", "inservice", "eu-central-1a")
    assert (rows[2]["version"], rows[2]["status"], rows[2]["started"]) == (
        "s0:3",
        "running",
        "2026-11-02T07:00:00+00:00",
    )


def test_why_a_task_stopped_is_told_without_what_is_secret(said: Said, account: Account) -> None:
    def stopped(asked: Mapping[str, Any]) -> dict[str, Any]:
        container = {"name": "app", "lastStatus": "STOPPED", "exitCode": 137, "reason": "OutOfMemory: password=hunter2"}
        more = {"lastStatus": "STOPPED", "stoppedReason": "Essential container exited", "stoppedAt": NOW}
        return {"tasks": [account.task(of) | more | {"containers": [container]} for of in asked["tasks"][:1]]}

    account.answers["describe_tasks"] = stopped
    code, out, _ = said("tasks", "--stopped", "--service", "s0")
    assert (code, out.splitlines()[0]) == (0, "dev: 1 stopped")
    assert "stopped 2026-11-02T12:00:00+00:00  Essential container exited" in out
    assert "  app: exit code 137, OutOfMemory: [secret]\n" in out
    assert account.of("list_tasks")[0]["desiredStatus"] == "STOPPED"


def events(*pages: list[tuple[int, str, str]]) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    def answer(asked: Mapping[str, Any]) -> dict[str, Any]:
        place = int(asked.get("nextToken", 0))
        found = [
            {"timestamp": at, "logStreamName": f"app/app/{task}", "message": text} for at, task, text in pages[place]
        ]
        return {"events": found, **({"nextToken": str(place + 1)} if place + 1 < len(pages) else {})}

    return answer


def test_logs_are_read_over_all_pages_in_the_order_of_time_and_without_secrets(said: Said, account: Account) -> None:
    account.answers["filter_log_events"] = events(
        [(2_000, "t1", "token: abc123\n"), (3_000, "t2", "third")], [], [(1_000, "t1", "first \x1b[2Jline")]
    )
    code, out, _ = said("logs", "--since", "1h", "--filter", "ERROR")
    assert code == 0
    assert out.splitlines() == [
        "1970-01-01T00:00:01.000+00:00  s0  t1  first  [2Jline",
        "1970-01-01T00:00:02.000+00:00  s0  t1  [secret]",
        "1970-01-01T00:00:03.000+00:00  s0  t2  third",
    ]
    asked = account.of("filter_log_events")
    assert (len(asked), asked[0]["logGroupName"], asked[0]["filterPattern"]) == (3, "/s0", "ERROR")
    ago = datetime.datetime.now(datetime.UTC).timestamp() * 1000 - asked[0]["startTime"]
    assert ago >= 3_600_000


def test_logs_of_one_task_and_the_newest_of_them(said: Said, account: Account) -> None:
    account.answers["filter_log_events"] = events([(1_000, "t1", "a"), (2_000, "t2", "b"), (3_000, "t1", "c")])
    assert said("logs", "--task", "t1", "--last", "1")[1] == "1970-01-01T00:00:03.000+00:00  s0  t1  c\n"


def test_logs_without_an_end_are_read_to_a_limit_that_is_told(said: Said, account: Account) -> None:
    account.answers["filter_log_events"] = lambda asked: {
        "events": [], "nextToken": str(int(asked.get("nextToken", 0)) + 1),
    }  # fmt: skip
    code, out, err = said("logs")
    assert (code, out) == (0, "nothing in the last 10m\n")
    assert err == (
        "s0: there is more than is read, and its newest part is missing: give a shorter --since, or a --filter\n"
    )
    assert len(account.of("filter_log_events")) == 50


def test_logs_are_followed_each_event_once_until_somebody_ends_it(
    said: Said, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = int(datetime.datetime.now(datetime.UTC).timestamp() * 1000)
    first = {"timestamp": now - 5_000, "logStreamName": "app/app/t1", "eventId": "1", "message": "a"}
    second = {"timestamp": now, "logStreamName": "app/app/t2", "eventId": "2", "message": "b"}
    looks = iter([[first], [first], refusal("ThrottlingException", "slow down"), [first, second]])
    waits = iter(range(3))

    def answer(_: Mapping[str, Any]) -> dict[str, Any]:
        look = next(looks)
        if isinstance(look, Exception):
            raise look
        return {"events": look}

    def sleep(_: float) -> None:
        if next(waits, None) is None:
            raise KeyboardInterrupt

    account.answers["filter_log_events"] = answer
    monkeypatch.setattr("operations.day_to_day.logs.time.sleep", sleep)
    code, out, err = said("logs", "--follow")
    assert code == 0
    assert [line.partition("  ")[2] for line in out.splitlines()] == ["s0  t1  a", "s0  t2  b"]
    assert "the logs of s0 are not known" in err


def test_followed_events_are_lines_of_json_that_keep_to_the_schema(
    said: Said, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    account.answers["filter_log_events"] = events([(1_000, "t1", "a"), (2_000, "t1", "b")])

    def end(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("operations.day_to_day.logs.time.sleep", end)
    lines = [json.loads(line) for line in said("logs", "--follow", "--format", "json")[1].splitlines()]
    assert [line["message"] for line in lines] == ["a", "b"]
    lists.LogEvents.model_validate({"stack": "dev", "events": lines})


@pytest.mark.parametrize("command", ["logs", "scale", "tasks"])
def test_json_keeps_to_its_schema(said: Said, account: Account, command: str) -> None:
    account.answers["filter_log_events"] = events([(1_000, "t1", "a")])
    code, out, _ = said(command, "--format", "json")
    answer = json.loads(out)
    assert code == 0
    assert [bool(rows) for key, rows in answer.items() if key not in ("version", "stack")] == [True]
    lists.ANSWERS[command].model_validate_json(out)


@pytest.mark.parametrize("since", ["soon", "-5m", "100000000000d"])
def test_a_time_that_is_none_is_told(said: Said, since: str) -> None:
    code, out, err = said("logs", f"--since={since}")
    assert (code, out) == (2, "")
    assert err.startswith("error: --since: ")


def ending(account: Account, **stopped: Any) -> None:
    """The task is placed, found at the third look, and then has stopped."""
    looks = iter([[], [], [{"lastStatus": "RUNNING"}], [{"lastStatus": "STOPPED", **stopped}]])
    placed = {"taskArn": arn("ecs", "task/s0/once")}
    account.answers["run_task"] = lambda _: {"tasks": [placed], "failures": []}
    account.answers["describe_tasks"] = lambda _: {"tasks": [placed | one for one in next(looks)]}
    network = {"networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-1"]}}}
    placing = {"capacityProviderStrategy": [{"capacityProvider": "FARGATE_SPOT"}], "launchType": "FARGATE"}
    account.answers["describe_services"] = lambda _: {"services": [account.service("s0") | network | placing]}


def test_run_starts_one_task_as_the_service_runs_waits_and_ends_with_its_exit_code(
    said: Said, account: Account
) -> None:
    ending(account, containers=[{"name": "app", "exitCode": 3}], stoppedReason="Essential container exited")
    assert said("run", "--", "./migrate", "--to", "7") == (
        3,
        "task once has ended with exit code 3: Essential container exited\n",
        "s0: task once is started, its command ./migrate --to 7\n",
    )
    (asked,) = account.of("run_task")
    assert len(asked["clientToken"]) == 32
    assert {key: value for key, value in asked.items() if key != "clientToken"} == {
        "cluster": arn("ecs", "cluster/s0"),
        "taskDefinition": arn("ecs", "task-definition/s0:3"),
        "count": 1,
        "startedBy": "accordion-run",
        "overrides": {"containerOverrides": [{"name": "app", "command": ["./migrate", "--to", "7"]}]},
        "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-1"]}},
        "capacityProviderStrategy": [{"capacityProvider": "FARGATE_SPOT"}],
    }


def test_a_task_that_never_had_an_exit_code_is_exit_code_2_with_its_reason(said: Said, account: Account) -> None:
    ending(
        account,
        containers=[{"name": "app", "reason": "CannotPullContainerError"}],
        stoppedReason="Task failed to start",
    )
    code, _, err = said("run", "migrate")
    assert code == 2
    assert err.endswith("once has stopped without an exit code: Task failed to start, CannotPullContainerError\n")


def test_a_task_that_is_not_placed_is_told_with_what_ecs_says(said: Said, account: Account) -> None:
    ending(account)
    account.answers["run_task"] = lambda _: {"tasks": [], "failures": [{"reason": "RESOURCE:ENI", "detail": "no room"}]}
    assert said("run", "migrate") == (2, "", "error: s0: no task was started: RESOURCE:ENI no room\n")


def test_a_task_that_does_not_end_goes_on_and_how_to_stop_it_is_told(said: Said, account: Account) -> None:
    ending(account)
    placed = {"taskArn": arn("ecs", "task/s0/once"), "lastStatus": "RUNNING"}
    account.answers["describe_tasks"] = lambda _: {"tasks": [placed]}
    code, _, err = said("run", "--limit", "1", "migrate")
    assert code == 2
    assert err.endswith("task once has not ended within 1 s and goes on: aws ecs stop-task --cluster s0 --task once\n")


def test_one_look_that_is_throttled_ends_no_wait_and_three_do(said: Said, account: Account) -> None:
    ending(account)
    tried = iter(range(99))
    done = {
        "taskArn": arn("ecs", "task/s0/once"),
        "lastStatus": "STOPPED",
        "containers": [{"name": "app", "exitCode": 0}],
    }

    def throttled(_: Any) -> dict[str, Any]:
        if next(tried) in (0, 1, 3, 4, 5):
            raise refusal("ThrottlingException")
        return {"tasks": [done]}

    account.answers["describe_tasks"] = throttled
    assert said("run", "migrate")[0] == 0
    code, _, err = said("run", "migrate")
    assert code == 2
    assert "how task once ended is not known, it may go on: AWS throttles ecs DescribeTasks" in err


EXACT = (
    f"aws ecs execute-command --region eu-central-1 --cluster arn:aws:ecs:eu-central-1:{ACCOUNT}:cluster/s0 --task "
    f"arn:aws:ecs:eu-central-1:{ACCOUNT}:task/s0/t3 --container app --interactive --command"
)


def test_exec_prints_the_exact_command_where_the_plugin_is_missing(said: Said) -> None:
    code, out, err = said("exec")
    assert (code, out) == (2, f"{EXACT} /bin/sh\n")
    assert err == (
        "error: no session is opened, as the AWS CLI and the Session Manager plugin of the AWS CLI is not here; the "
        "command above opens it where there is one\n"
    )
    assert said("exec", "--print", "--", "ls", "-l", "a b") == (0, f"{EXACT} 'ls -l '\"'\"'a b'\"'\"''\n", "")


def test_exec_runs_that_command_where_all_is_there_and_ends_as_it_does(said: Said, tmp_path: Path) -> None:
    for name in ("aws", "session-manager-plugin"):
        Path(name).write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/ran\nexit 7\n')
        Path(name).chmod(0o755 | stat.S_IXUSR)
    assert said("exec")[0] == 7
    assert Path("ran").read_text() == f"{EXACT.removeprefix('aws ')} /bin/sh\n"


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["--task", "x"], "s0 has no running task x: there are t3, t2, t1, t0"),
        (["--container", "no"], "task t3 has no container 'no': there are app"),
    ],
)
def test_exec_into_what_is_not_there_says_what_is(said: Said, words: list[str], text: str) -> None:
    assert said("exec", *words) == (2, "", f"error: {text}\n")


def test_exec_into_a_task_that_was_started_without_it_says_what_to_declare(said: Said, account: Account) -> None:
    account.answers["describe_tasks"] = lambda asked: {
        "tasks": [account.task(of) | {"enableExecuteCommand": False} for of in asked["tasks"]]
    }
    code, _, err = said("exec", "--print")
    assert code == 2
    assert "task t3 has no ECS Exec; tasks that were started without it cannot be entered: declare `execute_comm" in err


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("ExpiredTokenException", "AWS does not take the credentials (ExpiredTokenException): sign in again"),
        ("ThrottlingException", "5 attempts were turned away; try later"),
        ("ClusterNotFoundException", "there is none (ClusterNotFoundException)"),
    ],
)
@pytest.mark.parametrize("command", COMMANDS)
def test_on_bad_days_every_command_ends_with_a_sentence_and_exit_code_2(
    said: Said, account: Account, command: str, code: str, text: str
) -> None:
    def refused(_: Any) -> dict[str, Any]:
        raise refusal(code)

    for operation in account.answers:
        if operation != "get_caller_identity":
            account.answers[operation] = refused
    account.answers["filter_log_events"] = refused
    ended, out, err = said(command, "--service", "s0", *COMMANDS[command])
    assert (ended, out) == (2, "")
    assert text in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("command", COMMANDS)
def test_a_service_that_is_not_there_is_told_with_those_that_are(said: Said, command: str) -> None:
    code, out, err = said(command, "--service", "no", *COMMANDS[command])
    assert (code, out) == (2, "")
    assert err.startswith("error: stack dev has no service ")
    assert err.rstrip().endswith("s0")


@pytest.mark.parametrize("command", COMMANDS)
def test_a_service_that_was_half_deleted_is_told(said: Said, account: Account, command: str) -> None:
    account.answers["describe_services"] = lambda _: {"services": [account.service("s0") | {"status": "INACTIVE"}]}
    account.answers["list_tasks"] = lambda _: {"taskArns": []}
    account.answers["filter_log_events"] = lambda _: {"events": []}
    code, out, err = said(command, "--service", "s0", *COMMANDS[command])
    nothing = {"tasks": "dev: 0 running or starting\n", "logs": "nothing in the last 10m\n"}
    wanted = {
        "exec": "error: s0 has no running task\n",
        "run": "error: s0: the service s0 is not there\n",
        "scale": "error: s0: the service s0 is not there\n",
    }
    assert (code, out, err) == ((0, nothing[command], "") if command in nothing else (2, "", wanted[command]))


@pytest.mark.parametrize("command", COMMANDS)
def test_the_policy_of_a_command_is_of_the_calls_that_it_makes(said: Said, account: Account, command: str) -> None:
    ending(account, containers=[{"name": "app", "exitCode": 0}])
    if command != "run":
        account.answers["describe_tasks"] = lambda asked: {"tasks": [account.task(of) for of in asked["tasks"]]}
    account.answers["filter_log_events"] = lambda _: {"events": []}
    said(command, *COMMANDS[command])
    if command == "scale":
        said(command, "--hold")
        said(command, "--resume")
    made = {operation for operation, _ in account.asked}
    by_cli = {"execute_command"} if command == "exec" else set()
    without_groups = {call.operation for call in day_to_day.CALLS[command]} - by_cli
    assert made == without_groups
    actions = json.loads(said(command, "--policy")[1])["Statement"][0]["Action"]
    wanted = {call.action for call in day_to_day.CALLS[command] if call.action}
    assert set(actions) == wanted | ({"iam:PassRole"} if command == "run" else set())


def test_only_what_is_marked_so_writes() -> None:
    reading = ("describe", "list", "get", "filter")
    for call in {call for calls in day_to_day.CALLS.values() for call in calls}:
        assert call.writes == (not call.operation.startswith(reading)), call.operation
    assert not any(call.writes for call in RUNNING)
