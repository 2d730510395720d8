"""Waiting, looking before, keeping and watching, on answers that are made up. It cannot prove how long a deployment
takes on AWS: the limit is computed of the service's own settings."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from rich.console import Console

from operations.cli import accordion
from operations.declared import told
from operations.failures import CannotRun
from operations.live import source
from operations.live.answers import Remembered
from operations.live.aws import Aws
from operations.monitor import look as looking
from operations.monitor import wait as waiting
from operations.monitor.before import pre_flight
from operations.monitor.comparison import Stack
from operations.monitor.verdict import Verdict
from operations.monitor.watch import watch
from stacks.settings import load
from tests.operations.answered import NOW, World, declaration, deployments, refusal, state

ROOT = Path(__file__).parents[2]


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def __call__(self) -> float:
        return self.now


def going_on(world: World, clock: Clock, until: float, end: str = "SUCCESSFUL") -> None:
    def status() -> str:
        return "IN_PROGRESS" if clock.now < until else end

    world.answers["list_service_deployments"] = lambda asked: {
        "serviceDeployments": deployments(asked["service"], status())
    }
    world.answers["describe_service_deployments"] = lambda asked: {
        "serviceDeployments": [
            world.details(of)
            | {"status": status(), "targetServiceRevision": {"arn": of, "runningTaskCount": int(clock.now // 20), "requestedTaskCount": 4}}
            for of in asked["serviceDeploymentArns"]
        ]
    }  # fmt: skip


BREAKER = {"deploymentCircuitBreaker": {"enable": True, "rollback": True}, "healthCheckGracePeriodSeconds": 90}


def stack(world: World, **changes: Any) -> Stack:
    return Stack(declaration(1, **changes), Aws(world), NOW)


def test_a_deployment_is_followed_to_its_end_and_its_limit_is_said_before(capsys: pytest.CaptureFixture[str]) -> None:
    world, clock = World(), Clock()
    going_on(world, clock, until=50)
    waiting.wait(stack(world, **BREAKER), None, every=5, sleep=clock.sleep, clock=clock)
    assert clock.slept == [5.0] * 10, "the verdict comes within 5 s of the end"
    assert capsys.readouterr().err.splitlines() == [
        (
            "service/s0/s0: IN_PROGRESS, 0 of 4 tasks; waiting for at most 5.5 min (1 batch of tasks 60 s, 3 failures until "
            "the circuit breaker acts 1.5 min, the way back 60 s, placement 2.0 min)"
        ),
        "service/s0/s0: IN_PROGRESS, 1 of 4 tasks, after 20 s",
        "service/s0/s0: IN_PROGRESS, 2 of 4 tasks, after 40 s",
    ]


def test_at_the_limit_it_is_told_what_was_waited_for(capsys: pytest.CaptureFixture[str]) -> None:
    world, clock = World(), Clock()
    going_on(world, clock, until=10_000)
    with pytest.raises(CannotRun) as refused:
        waiting.wait(stack(world), 12, every=5, sleep=clock.sleep, clock=clock)
    assert refused.value.format_message() == "not over after 12 s, the limit: service/s0/s0: IN_PROGRESS, 0 of 4 tasks"
    assert clock.slept == [5, 5, 2]
    assert "waiting for at most 12 s" in capsys.readouterr().err


def refused_between(world: World, clock: Clock, code: str, begin: float, end: float) -> None:
    listed = world.answers["list_service_deployments"]

    def answer(asked: Any) -> Any:
        if begin <= clock.now < end:
            raise refusal(code)
        return listed(asked)

    world.answers["list_service_deployments"] = answer


def test_what_aws_throttles_while_a_deployment_is_followed_is_asked_again(capsys: pytest.CaptureFixture[str]) -> None:
    world, clock = World(), Clock()
    going_on(world, clock, until=50)
    refused_between(world, clock, "ThrottlingException", 10, 20)
    waiting.wait(stack(world), None, every=5, sleep=clock.sleep, clock=clock)
    assert clock.slept == [5.0] * 10
    said = "AWS throttles ecs ListServiceDeployments: 5 attempts were turned away; try later: asking again"
    assert capsys.readouterr().err.splitlines().count(said) == 2


@pytest.mark.parametrize(
    ("code", "begin", "why"),
    [
        (
            "AccessDeniedException",
            10,
            "the role may not read this: it lacks ecs:ListServiceDeployments",
        ),
        ("ThrottlingException", 0, "AWS throttles ecs ListServiceDeployments: 5 attempts were turned away; try later"),
    ],
)
def test_a_deployment_that_cannot_be_followed_ends_in_a_sentence(code: str, begin: float, why: str) -> None:
    world, clock = World(), Clock()
    going_on(world, clock, until=50)
    refused_between(world, clock, code, begin, 1_000)
    with pytest.raises(CannotRun) as refused:
        waiting.wait(stack(world), None, every=5, sleep=clock.sleep, clock=clock)
    assert refused.value.format_message() == f"the deployment cannot be followed: {why}"
    assert clock.now == begin


def test_nothing_that_goes_on_is_not_waited_for() -> None:
    clock = Clock()
    waiting.wait(stack(World()), None, every=5, sleep=clock.sleep, clock=clock)
    assert clock.slept == []


@pytest.mark.parametrize(
    ("strategy", "seconds"),
    [("rolling", 0), ("blue_green", 600), ("canary", 600 + 360), ("linear", 600 + 9 * 360)],
)
def test_shifts_and_bake_times_are_in_the_limit(strategy: str, seconds: float) -> None:
    deployment = {
        "strategy": strategy,
        "bake_time": "10m",
        "interval": "6m",
        "percent": 10,
    }
    assert told("web", {"deployment": deployment}).bake == seconds
    gates = {"approvals": {"look": {"stage": "post_scale_up", "time_limit": "30m"}}} if seconds else {}
    assert told("web", {"deployment": deployment | gates}).bake == seconds + (1_800 if seconds else 0)


@pytest.mark.parametrize(("desired", "failures"), [(1, 3), (4, 3), (7, 4), (25, 13), (1_000, 200)])
def test_the_limit_counts_the_failures_of_the_circuit_breaker(desired: int, failures: int) -> None:
    declared = stack(World(), **BREAKER)
    part = declared.declared.of("aws:ecs/service:Service")[0]
    (words,) = [what for what, _ in waiting.service_limit(declared, part, desired).parts if "failures" in what]
    assert words == f"{failures} failures until the circuit breaker acts"


def before(world: World, name: str = "prod") -> Verdict:
    settings = load(ROOT / f"Pulumi.{name}.yaml")
    world.answers["get_caller_identity"] = lambda _: {"Account": settings.account_ids[0]}
    return pre_flight(settings, name, Remembered(Aws(world)), NOW)


def everything_there(world: World) -> World:
    world.answers |= {
        "describe_images": lambda asked: {"imageDetails": [{"imageDigest": asked["imageIds"][0]["imageDigest"]}]},
        "describe_secret": lambda asked: {"ARN": asked["SecretId"]},
        "describe_certificate": lambda asked: {
            "Certificate": {"CertificateArn": asked["CertificateArn"], "Status": "ISSUED"}
        },
        "get_service_quota": lambda asked: {"Quota": {"QuotaCode": asked["QuotaCode"], "QuotaName": "vCPUs", "Value": 100.0}},
    }  # fmt: skip
    return world


def test_before_a_deployment_everything_is_there() -> None:
    verdict = before(everything_there(World()))
    assert (verdict.answer, verdict.differences, verdict.unknown) == ("same", (), ())
    assert verdict.compared == 2 + 2 + 1 + 1, "images, secrets, the certificate, the quota"
    assert verdict.remarks == ("network: the stack makes its own subnets; `accordion check` compares their size",)


def test_before_a_deployment_what_is_missing_is_told() -> None:
    world = everything_there(World())

    def gone(_: Mapping[str, Any]) -> dict[str, Any]:
        raise refusal("ImageNotFoundException", "The image does not exist")

    world.answers["describe_images"] = gone
    world.answers["describe_secret"] = lambda asked: {"ARN": asked["SecretId"], "DeletedDate": NOW}
    world.answers["describe_certificate"] = lambda _: {"Certificate": {"Status": "PENDING_VALIDATION"}}
    world.answers["get_service_quota"] = lambda _: {"Quota": {"QuotaName": "Fargate On-Demand vCPU", "Value": 6.0}}
    found = [(one.key, one.declared, one.running) for one in before(world).differences]
    assert found == [
        ("web.missing_image", "there", "there is none"),
        ("web.secret", "there", "scheduled to be deleted"),
        ("api.missing_image", "there", "there is none"),
        ("api.secret", "there", "scheduled to be deleted"),
        ("balancer.certificate", "ISSUED", "PENDING_VALIDATION"),
        ("network.quota", "30 vCPU at the maximum", "6 vCPU"),
    ]


def test_what_a_role_may_not_read_before_a_deployment_is_said() -> None:
    world = everything_there(World())

    def refuse(_: Mapping[str, Any]) -> dict[str, Any]:
        raise refusal("AccessDeniedException")

    world.answers["describe_secret"] = world.answers["get_service_quota"] = refuse
    verdict = before(world)
    assert verdict.exit_code == 2
    assert [(one.component, one.what, one.why) for one in verdict.unknown] == [
        ("web", "secret secret:web/session-key-d4e5f6", "the role may not read this: it lacks secretsmanager:DescribeSecret"),
        ("api", "secret secret:api/database-url-g7h8i9", "the role may not read this: it lacks secretsmanager:DescribeSecret"),
        ("network", "quota L-3032A538", "the role may not read this: it lacks servicequotas:GetServiceQuota"),
    ]  # fmt: skip


def test_an_image_of_another_registry_is_said_not_to_be_looked_at() -> None:
    verdict = before(everything_there(World()), "dev")
    assert (
        verdict.remarks[0]
        == "web: docker.io/nginxinc/nginx-unprivileged:1.29.1 is in no registry of ECR: not looked at"
    )


def monitor(monkeypatch: pytest.MonkeyPatch, world: World, *arguments: str) -> Result:
    monkeypatch.setattr(source, "clients", lambda _region: world)
    return CliRunner().invoke(accordion, ["monitor", *arguments], standalone_mode=False)


def test_what_was_kept_is_judged_again_without_asking_anybody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "state.json").write_text(json.dumps(state()))
    world = World()
    world.answers["describe_scalable_targets"] = lambda asked: {
        "ScalableTargets": [world.target(asked["ResourceIds"][0]) | {"MinCapacity": 3}]
    }
    first = monitor(monkeypatch, world, "--state", "state.json", "--save", "kept.json")
    asked = sum(world.requests.values())
    again = monitor(monkeypatch, world, "--from", "kept.json")
    assert (first.return_value, again.return_value) == (1, 1)
    assert again.stdout == first.stdout
    assert sum(world.requests.values()) == asked
    assert first.stdout.splitlines()[2] == "look at s0.bounds"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "kept.json: there is no such file"),
        ("", "kept.json: not a file that `accordion monitor --save` wrote: Expecting value: line 1 column 1 (char 0)"),
        ("[]", "kept.json: not a file that `accordion monitor --save` wrote: it has no `answers`"),
        ('{"answers": {}}', "kept.json: not of this version of accordion: declared.: Input should be a valid dictionary or instance of Declaration"),
        ('{"answers": {}, "declared": {"stack": "dev", "source": "state", "region": "x"}}', "kept.json: not a file that `accordion monitor --save` wrote: it has no time"),
    ],
)  # fmt: skip
def test_a_kept_file_that_is_none_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str | None, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    if content is not None:
        (tmp_path / "kept.json").write_text(content)
    answer = monitor(monkeypatch, World(), "--from", "kept.json")
    assert isinstance(answer.exception, CannotRun)
    assert answer.exception.format_message() == said


def test_two_monitors_at_once_say_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "state.json").write_text(json.dumps(state(5)))
    monkeypatch.chdir(tmp_path)
    world = World()
    monkeypatch.setattr(source, "clients", lambda _region: world)
    looks = looking.after(None, "dev", tmp_path / "state.json", None, None, local=False)
    found: list[Verdict] = []
    threads = [threading.Thread(target=lambda: found.append(looks()[0])) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one.model_copy(update={"at": NOW}) for one in found] == [found[0].model_copy(update={"at": NOW})] * 2


def test_without_pulumi_the_ways_out_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    answer = monitor(monkeypatch, World())
    assert isinstance(answer.exception, CannotRun)
    assert answer.exception.format_message() == (
        "there is no pulumi on PATH to read the state of stack dev: install it, name a file with --state or --outputs, "
        "or say --local for the cloud on this machine"
    )


def test_what_the_engine_says_of_a_missing_stack_is_passed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = tmp_path / "pulumi"
    engine.write_text("#!/bin/sh\necho \"error: no stack named 'nope' found\" >&2\nexit 255\n")
    engine.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    answer = monitor(monkeypatch, World(), "--stack", "nope")
    assert isinstance(answer.exception, CannotRun)
    assert answer.exception.format_message() == "the state of stack nope cannot be read: no stack named 'nope' found"


def test_options_that_exclude_each_other_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = monitor(monkeypatch, World(), "--from", "a", "--state", "b")
    assert str(answer.exception) == "--from does not go together with --state"


def test_a_watch_goes_on_over_what_cannot_be_told_and_ends_with_the_last_verdict() -> None:
    from operations.monitor.judge import judge

    looks = 0

    def look() -> Verdict:
        nonlocal looks
        looks += 1
        if looks == 1:
            raise CannotRun("sts did not answer within 20 s")
        if looks == 3:
            raise KeyboardInterrupt
        return judge(Stack(declaration(), Remembered(Aws(World())), NOW), {})

    screen = io.StringIO()
    code = watch(look, 0.0, Console(file=screen, force_terminal=True, width=100))
    assert code == 0
    assert "sts did not answer within 20 s" in screen.getvalue()
    assert "what runs is what was declared" in screen.getvalue()
