"""Environments that end: which are listed, which may go, and that a teardown which is ended anywhere is finished by the
next. The engine is one of ours in memory; the real one runs in `tests/engine/test_environments.py`. Cannot prove that a
real backend's words about locks stay as they are, nor how long AWS lists what is deleted."""

from __future__ import annotations

import json
import os
import random
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click
import pytest

from operations import cli
from operations.environments import environment
from operations.environments.command import command as environments
from operations.environments.engine import Lock, Outcome, locks_in
from operations.environments.environment import Environment, of_state
from operations.environments.teardown import Result, take_down
from operations.live.answers import Items, Unanswered
from operations.live.calls import Call
from stacks.settings import load
from tests.operations.test_hostile_command_lines import ended, words

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
HOURS_3 = timedelta(hours=3)
ROOT = Path(__file__).parents[2]


class Killed(BaseException):
    """What nobody can catch."""


@dataclass
class World:
    """Clouds and states that outlive whoever is at them; `until` steps from now everything ends."""

    states: dict[str, list[str]] = field(default_factory=dict)
    cloud: dict[str, str] = field(default_factory=dict)
    """ARN to stack, which is its tag."""
    expires: dict[str, str] = field(default_factory=dict)
    locks: dict[str, tuple[Lock, ...]] = field(default_factory=dict)
    until: int = 10**9
    steps: int = 0
    cancelled: list[str] = field(default_factory=list)
    described: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    """By operation, how a kind that lingers is described."""

    def step(self) -> None:
        self.steps += 1
        if self.steps > self.until:
            raise Killed

    def deployed(self, stack: str, count: int = 3, expires: str = "2026-01-05T10:00:00Z") -> None:
        arns = [f"arn:aws:ec2:eu-central-1:123456789012:vpc/{stack}-{number}" for number in range(count)]
        self.states[stack], self.expires[stack] = arns, expires
        self.cloud |= dict.fromkeys(arns, stack)

    # The engine.

    def stacks(self) -> list[str]:
        return list(self.states)

    def state(self, stack: str) -> dict[str, Any]:
        tags = json.dumps({"tags": {"stack": stack, "expires": self.expires.get(stack, "")}})
        provider = {
            "type": "pulumi:providers:aws",
            "inputs": {"region": "eu-central-1", "defaultTags": tags},
            "custom": True,
        }
        resources = [{"type": "aws:ec2/vpc:Vpc", "custom": True, "id": arn} for arn in self.states[stack]]
        return {"deployment": {"resources": [provider, *resources] if resources else []}}

    def make(self, stack: str, secrets_provider: str | None) -> None:
        self.states[stack] = []

    def up(self, stack: str) -> Outcome:
        for arn in [f"arn:aws:ec2:eu-central-1:123456789012:vpc/{stack}-{number}" for number in range(3)]:
            self.cloud[arn] = stack
            self.step()
            self.states[stack].append(arn)
            self.step()
        return Outcome(0)

    def destroy(self, stack: str) -> Outcome:
        if self.locks.get(stack):
            return Outcome(255, self.locks[stack])
        self.step()
        for arn in list(self.states[stack]):
            self.cloud.pop(arn, None)
            self.step()
            self.states[stack].remove(arn)
            self.step()
        return Outcome(0)

    def cancel(self, stack: str) -> None:
        self.cancelled.append(stack)
        self.locks.pop(stack)
        self.step()

    def remove(self, stack: str) -> None:
        assert not self.states[stack]
        del self.states[stack]
        self.step()

    # The cloud.

    def ask(self, call: Call, **parameters: Any) -> Items:
        self.step()
        if call.action != "tag:GetResources":
            return [dict(one) for one in self.described.get(call.title, ())]
        tags = {one["Key"]: one["Values"] for one in parameters["TagFilters"]}
        assert tags["application"] == ["accordion"]
        return [{"ResourceARN": arn} for arn, stack in self.cloud.items() if [stack] == tags["stack"]]

    def take_down(self, *, now: datetime = NOW) -> tuple[Result, list[str]]:
        said: list[str] = []
        chosen = [one for one in environment.all_of(self) if one.expired(now)]
        return take_down(chosen, self, lambda _: self, now, HOURS_3, said.append), said


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.chdir(tmp_path)
    for name in ("Pulumi.dev.yaml", "Pulumi.prod.yaml"):
        (tmp_path / name).write_text((ROOT / name).read_text())
    made = World()
    monkeypatch.setattr("operations.environments.engine.engine_of", lambda **_: made)
    monkeypatch.setattr("operations.live.source.answers_of", lambda *_, **__: made)
    return made


def three(world: World) -> None:
    for number in (1, 2, 3):
        world.deployed(f"pr-{number}")
    world.locks["pr-2"] = (Lock("ci", "runner-1", 12, NOW - timedelta(hours=4)),)
    world.deployed("pr-4", expires="2026-01-06T10:00:00Z")
    world.deployed("dev")


def steps_of_three() -> int:
    counted = World()
    three(counted)
    counted.take_down()
    return counted.steps


POINTS = sorted(random.Random(20260105).sample(range(steps_of_three()), 20))


@pytest.mark.parametrize("point", POINTS)
def test_a_teardown_that_is_killed_anywhere_ends_empty_at_the_next_run(world: World, point: int) -> None:
    three(world)
    world.until = point
    with pytest.raises(Killed):
        world.take_down()
    world.until = 10**9
    result, _ = world.take_down()
    assert (result.left, result.leftovers) == ({}, {})
    assert sorted(world.states) == ["dev", "pr-4"]
    assert set(world.cloud.values()) == {"dev", "pr-4"}


def test_what_a_killed_up_has_made_and_no_state_knows_is_listed_until_it_is_gone(world: World) -> None:
    world.make("pr-1", None)
    world.until = 2
    with pytest.raises(Killed):
        world.up("pr-1")
    world.until, world.expires["pr-1"] = 10**9, "2026-01-05T10:00:00Z"
    lost = "arn:aws:ec2:eu-central-1:123456789012:vpc/pr-1-1"
    for _ in range(2):  # the state is empty the second time, and the stack is still a name to find it by
        result, _ = world.take_down()
        assert result.leftovers == {"pr-1": [lost]}
        assert result.left == {"pr-1": "1 leftovers, which its state does not know"}
    del world.cloud[lost]
    result, _ = world.take_down()
    assert (result.gone, result.left, world.states) == (["pr-1"], {}, {})


def test_revisions_of_task_definitions_are_history_and_no_leftover(world: World) -> None:
    world.deployed("pr-1", 0)
    world.cloud["arn:aws:ecs:eu-central-1:123456789012:task-definition/web:3"] = "pr-1"
    assert world.take_down()[0].gone == ["pr-1"]


LINGERING = {
    "arn:aws:ec2:eu-central-1:123456789012:natgateway/nat-1": ("DescribeNatGateways", "State", "deleted", "deleting"),
    "arn:aws:ecs:eu-central-1:123456789012:service/shop/web": ("DescribeServices", "status", "INACTIVE", "DRAINING"),
    "arn:aws:ecs:eu-central-1:123456789012:cluster/shop": ("DescribeClusters", "status", "INACTIVE", "ACTIVE"),
}


@pytest.mark.parametrize("arn", LINGERING)
def test_what_aws_lists_for_a_while_after_its_deletion_is_no_leftover(world: World, arn: str) -> None:
    title, member, gone, there = LINGERING[arn]
    world.deployed("pr-1", 0)
    world.cloud[arn] = "pr-1"
    world.described[title] = [{member: there}]
    assert world.take_down()[0].leftovers == {"pr-1": [arn]}
    world.described[title] = [{member: gone}]
    assert world.take_down()[0].gone == ["pr-1"]


HERE, ELSEWHERE = socket.gethostname(), "runner-7"
LOCKS: dict[str, tuple[Lock, bool, str]] = {
    "older than any job": (Lock("ci", ELSEWHERE, 4, NOW - timedelta(hours=3, seconds=1)), True, "ci on runner-7 (process 4) is at it since 2026-01-05 08:59 UTC"),
    "younger": (Lock("ci", ELSEWHERE, 4, NOW - HOURS_3), False, "ci on runner-7 (process 4) is at it since 2026-01-05 09:00 UTC"),
    "of a process that is gone from this machine": (Lock("me", HERE, 2**22 + 1, NOW), True, f"me on {HERE} (process {2**22 + 1}) is at it since 2026-01-05 12:00 UTC"),
    "of a process of this machine": (Lock("me", HERE, os.getpid(), NOW), False, f"me on {HERE} (process {os.getpid()}) is at it since 2026-01-05 12:00 UTC"),
    "of nobody that is told": (Lock(), False, "somebody is at it"),
}  # fmt: skip


@pytest.mark.parametrize("case", LOCKS)
def test_a_lock_is_told_and_cancelled_only_where_nobody_can_be_at_it(world: World, case: str) -> None:
    lock, stale, told = LOCKS[case]
    world.deployed("pr-1")
    world.deployed("pr-2")
    world.locks["pr-1"] = (lock,)
    result, said = world.take_down()
    assert f"pr-1: locked: {told}" in said
    assert world.cancelled == (["pr-1"] if stale else [])
    assert result.gone == (["pr-1", "pr-2"] if stale else ["pr-2"])
    assert result.left == ({} if stale else {"pr-1": "it is locked, and whoever holds it may still be at it"})


def test_of_several_locks_each_must_be_stale(world: World) -> None:
    world.deployed("pr-1")
    world.locks["pr-1"] = (Lock("ci", ELSEWHERE, 4, NOW - timedelta(days=1)), Lock("ci", ELSEWHERE, 5, NOW))
    world.take_down()
    assert world.cancelled == []


def test_the_engines_words_about_locks_are_read() -> None:
    said = (
        "error: the stack is currently locked by 2 lock(s). Either wait for the other process(es) to end or delete the lock file with "
        "`pulumi cancel`.\n  s3://states/.pulumi/locks/organization/accordion/pr-1/a.json: created by runner@fv-az1 (pid 1892) at "
        "2026-01-05T08:00:00Z\n  s3://states/b.json: created by me@host (pid 7) at yesterday\n"
    )
    assert locks_in(said) == (
        Lock("runner", "fv-az1", 1892, datetime(2026, 1, 5, 8, tzinfo=UTC)),
        Lock("me", "host", 7, None),
    )
    assert locks_in("error: [409] Conflict: Another update is currently in progress.") == (Lock(),)
    assert locks_in("error: no such bucket") == ()


def test_one_that_cannot_be_asked_for_leftovers_stays_and_the_others_go(world: World) -> None:
    world.deployed("pr-1")
    world.deployed("pr-2")

    def asked(one: Environment) -> World:
        if one.stack == "pr-1":
            call = Call("resourcegroupstaggingapi", "get_resources", None, ())
            raise Unanswered(call, "denied", "the role may not read this")
        return world

    result = take_down(environment.all_of(world), world, asked, NOW, HOURS_3, lambda _: None)
    assert result.left == {"pr-1": "what is left by its tag could not be asked: the role may not read this"}
    assert list(world.states) == ["pr-1"]


EXPIRED = {
    "over": (Environment("pr-1", 3, NOW - timedelta(hours=5)), True, "5 h ago"),
    "now": (Environment("pr-1", 3, NOW), True, "0 h ago"),
    "in days": (Environment("pr-1", 3, NOW + timedelta(days=3)), False, "in 3 d"),
    "over, and stays": (Environment("pr-1", 3, NOW - timedelta(hours=5), persist=True), False, "stays (persist)"),
    "killed before it was one": (Environment("pr-1", 0), True, "never deployed"),
    "made by hand": (Environment("pr-1", 3), False, "no expiry"),
}


@pytest.mark.parametrize("case", EXPIRED)
def test_what_may_go_is_what_is_over_and_what_never_was(case: str) -> None:
    one, over, left = EXPIRED[case]
    assert (one.expired(NOW), one.left(NOW)) == (over, left)


@pytest.mark.parametrize(
    "tags",
    [
        {"tags": {"expires": "2026-01-05T10:00:00Z", "persist": "true"}},
        None,
        "",
        {"tags": None},
        {"tags": {"expires": "soon"}},
    ],
)
@pytest.mark.parametrize("form", [json.dumps, lambda value: value])
def test_an_expiry_is_read_from_the_provider_in_the_state(tags: Any, form: Callable[[Any], Any]) -> None:
    inputs = {
        "region": "eu-central-1",
        "defaultTags": form(tags) if tags else tags,
        "allowedAccountIds": form(["123456789012"]),
    }
    found = of_state(
        "pr-1", {"deployment": {"resources": [{"type": "pulumi:providers:aws", "custom": True, "inputs": inputs}]}}
    )
    said = isinstance(tags, dict) and "persist" in str(tags)
    assert (found.expires, found.persist) == ((datetime(2026, 1, 5, 10, tzinfo=UTC), True) if said else (None, False))
    assert (found.region, found.accounts, found.resources) == ("eu-central-1", ("123456789012",), 0)


def test_create_writes_a_file_like_another_with_an_expiry_and_destroy_takes_it_away(world: World, capsys: Any) -> None:
    assert cli.run(["environments", "create", "pr-1", "--lifetime", "2d"]) == 0
    assert capsys.readouterr().out.startswith("pr-1 is there until ")
    settings, like = load(Path("Pulumi.pr-1.yaml")), load(Path("Pulumi.dev.yaml"))
    expires = environment.moment_of(settings.environment.expires)  # type: ignore[attr-defined]
    assert expires is not None
    assert timedelta(hours=47) < expires - datetime.now(UTC) <= timedelta(days=2)
    changed = {"environment": settings.environment.model_copy(update={"expires": None})}  # type: ignore[attr-defined]
    assert settings.model_copy(update=changed) == like
    assert cli.run(["environments", "destroy", "pr-1"]) == 0
    assert capsys.readouterr().out == "1 gone: pr-1\n"
    assert (Path("Pulumi.pr-1.yaml").exists(), world.states, world.cloud) == (False, {}, {})


def test_as_many_environments_as_may_be_keep_the_next_from_being_made(world: World, capsys: Any) -> None:
    for number in range(5):
        world.deployed(f"pr-{number}")
    world.deployed("dev")
    assert cli.run(["environments", "create", "pr-9"]) == 2
    assert capsys.readouterr().err == (
        "error: there are 5 environments (pr-0, pr-1, pr-2, pr-3, pr-4), and at most 5 may be at a time: "
        "`accordion environments destroy` one, or wait until one expires\n"
    )
    assert ("pr-9" in world.states, Path("Pulumi.pr-9.yaml").exists()) == (False, False)
    assert cli.run(["environments", "create", "pr-4"]) == 0, "one that is there already is no more"


REFUSED = {
    (
        "create",
        "prod",
    ): "'prod' is no name of an environment: pr- and up to 16 small letters, digits and -, as in pr-12",
    (
        "create",
        "pr-1",
        "--like",
        "prod",
    ): "Pulumi.prod.yaml: `environment.production` is true, and what ends by itself is no production",
    (
        "create",
        "pr-1",
        "--like",
        "none",
    ): "Pulumi.none.yaml: there is no such file; here are Pulumi.dev.yaml, Pulumi.pr-5.yaml, Pulumi.prod.yaml",
    ("create", "pr-5"): "Pulumi.pr-5.yaml is there and has no `environment.expires`: it is not ours to write over",
    ("destroy", "dev"): "'dev' is no name of an environment: pr- and up to 16 small letters, digits and -, as in pr-12",
    ("destroy", "pr-8"): "no environment pr-8: there is none",
    ("destroy",): "give names of environments, or --expired",
    ("destroy", "pr-1", "--expired"): "give names of environments, or --expired",
}


@pytest.mark.parametrize("line", REFUSED, ids=" ".join)
def test_nothing_that_is_no_environment_is_made_or_taken_down(world: World, capsys: Any, line: tuple[str, ...]) -> None:
    Path("Pulumi.pr-5.yaml").write_text(Path("Pulumi.dev.yaml").read_text())
    assert cli.run(["environments", *line]) == 2
    assert capsys.readouterr().err.splitlines()[-1] == f"error: {REFUSED[line]}"
    assert world.steps == 0


def test_the_list_says_when_each_may_go_and_the_rest_stays_out_of_it(world: World, capsys: Any) -> None:
    world.deployed("pr-1", expires="2020-01-05T10:00:00Z")
    world.deployed("pr-2", expires="2999-01-05T10:00:00Z")
    world.deployed("dev")
    assert cli.run(["environments", "list"]) == 0
    assert capsys.readouterr().out.splitlines()[0] == "2 environments there"
    assert cli.run(["environments", "expired", "--format", "json"]) == 0
    only = {"stack": "pr-1", "resources": 3, "expires": "2020-01-05T10:00:00+00:00", "persist": False, "expired": True}
    assert json.loads(capsys.readouterr().out) == {"version": 1, "environments": [only]}
    assert cli.run(["environments", "destroy", "--expired"]) == 0
    assert (capsys.readouterr().out, sorted(world.states)) == ("1 gone: pr-1\n", ["dev", "pr-2"])


@pytest.mark.parametrize("name", ["create", "list", "expired", "destroy"])
def test_a_word_that_does_not_fit_ends_in_a_sentence(world: World, capsys: Any, name: str) -> None:
    assert isinstance(environments, click.Group)
    world.deployed("pr-1")
    own = environments.commands[name]
    for parameter in own.params:
        first = ["pr-1"] if name in ("create", "destroy") and isinstance(parameter, click.Option) else []
        option = [parameter.opts[0]] if isinstance(parameter, click.Option) else []
        for word in words(parameter):
            line = ["environments", name, *first, *option, word]
            assert ended(line, capsys) is None, line
