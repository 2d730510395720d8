"""Which secrets of a Swarm's service stay while releases complete, fail, stop half-way and follow one another.

The Swarm and the engine are models here, a few lines each. It cannot prove that they do so: tests/engine/test_private_stack.py
has both.
"""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass, field
from typing import Any, Literal

import pulumi
import pytest

from components.deployed import Deployed
from components.specs.swarm_service import SwarmServiceSpec
from components.swarm import Content, SwarmService, SwarmServiceArgs
from components.swarm.versioned import SERVICE
from tests.recording import Registrations, build

SECRET = "docker:index/secret:Secret"
COMPONENT = ("accordion:index:SwarmService", "web")
End = Literal["completed", "rolled back", "rollback is stuck", "paused", "going on"]
ENDS: tuple[End, ...] = ("completed", "rolled back", "rollback is stuck", "paused", "going on")


def released(deployed: Deployed, contents: dict[str, str], in_use: set[str] | None) -> Registrations:
    spec = SwarmServiceSpec.model_validate(
        {"container": {"image": {"repository": "shop/web", "version": "1"}}, "count": 1, "secrets": list(contents)}
    )
    secrets = {name: Content(version, f"value-{version}", secret=True) for name, version in contents.items()}
    args = SwarmServiceArgs(spec, "n", secrets=secrets, deployed=deployed, in_use=in_use)
    return build(lambda: SwarmService("web", args))


@dataclass
class Swarm:
    """What the Engine has, and what the state says."""

    there: set[str] = field(default_factory=set)
    """Names of secrets."""
    spec: frozenset[str] = frozenset()
    before: frozenset[str] | None = None
    tasks: set[frozenset[str]] = field(default_factory=set)
    over: bool = True
    resources: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)

    @property
    def needed(self) -> set[str]:
        """Of the specification in force, of tasks, of what an update that is not over may go back to."""
        maybe = self.before if self.before and not self.over else frozenset()
        return set().union(self.spec, maybe, *self.tasks)

    def up(self, contents: dict[str, str], end: End, *, told: bool) -> None:
        """A deployment: secrets first, then the service, and what is declared no more at the end of one that went
        well."""
        made = released(Deployed(self.resources), contents, self.needed if told else None)
        declared = {one.name: f"{one.name}-1a2b3c4" for one in made.of(SECRET)}
        self.there |= set(declared.values())
        self.resources |= {(SECRET, logical): {"name": name} for logical, name in declared.items()}
        wanted = frozenset(f"web-secret-{name}-{version}-1a2b3c4" for name, version in contents.items())
        assert wanted <= self.there
        changed = wanted != self.spec or not self.over
        if changed:
            self.before, self.spec = self.spec, wanted
            self._ended(end)
        self.resources[COMPONENT] = {}
        if not changed or end == "completed":
            self.resources[COMPONENT] = made.outputs("web")
            mounted = [{"secretName": name} for name in wanted]
            self.resources[SERVICE, "web-service"] = {"taskSpec": {"containerSpec": {"secrets": mounted}}}
            for kind, logical in [key for key in self.resources if key[0] == SECRET and key[1] not in declared]:
                self.there.discard(self.resources.pop((kind, logical))["name"])

    def _ended(self, end: End) -> None:
        self.over = end in ("completed", "rolled back")
        if end == "completed":
            self.tasks = {self.spec}
        elif end == "rolled back":
            self.spec, self.before = self.before or frozenset(), None
            self.tasks = {self.spec}
        elif end == "rollback is stuck":
            self.tasks.add(self.spec)
            self.spec, self.before = self.before or frozenset(), None
        else:
            self.tasks.add(self.spec)


@pytest.mark.parametrize("seed", range(40))
def test_whatever_becomes_of_releases_nothing_that_a_task_or_a_roll_back_needs_is_removed(seed: int) -> None:
    drawn = random.Random(seed)
    swarm = Swarm()
    swarm.up({"word": "a" * 6}, "completed", told=True)
    for step in range(8):
        contents = {
            name: drawn.choice("bcde") * 6 for name in ("word", "other") if name == "word" or drawn.random() < 0.7
        }
        end: End = drawn.choice(ENDS)
        to_go_back_to = swarm.needed
        swarm.up(contents, end, told="other" not in contents or drawn.random() < 0.8)
        assert swarm.needed <= swarm.there, (seed, step, end)
        # With the official plugin a deployment ends before the Engine stops watching: it may go back still.
        if end == "completed":
            assert to_go_back_to <= swarm.there, (seed, step)
    swarm.up(contents, "completed", told=True)
    swarm.up(contents, "completed", told=True)
    left = {name: [one for one in swarm.there if f"-{name}-" in one] for name in ("word", "other")}
    assert len(left["word"]) <= 2
    assert len(left["other"]) <= 2 if "other" in contents else left["other"] == []
    swarm.up(contents, "completed", told=True)
    assert {name: [one for one in swarm.there if f"-{name}-" in one] for name in ("word", "other")} == left


def test_of_releases_that_are_completed_the_last_two_contents_stay() -> None:
    swarm = Swarm()
    for version in ("a", "b", "c", "d"):
        swarm.up({"word": version * 6}, "completed", told=True)
        swarm.up({"word": version * 6}, "completed", told=True)
    assert swarm.there == {"web-secret-word-cccccc-1a2b3c4", "web-secret-word-dddddd-1a2b3c4"}


def test_rotated_twice_in_a_release_that_is_not_over_all_three_are_there_until_the_last_is_completed() -> None:
    swarm = Swarm()
    swarm.up({"word": "a" * 6}, "completed", told=True)
    swarm.up({"word": "b" * 6}, "paused", told=True)
    swarm.up({"word": "c" * 6}, "completed", told=True)
    assert {name.split("-")[3] for name in swarm.there} == {"aaaaaa", "bbbbbb", "cccccc"}
    assert swarm.resources[COMPONENT]["versions"] == {"secret-word": ["cccccc", "aaaaaa", "bbbbbb"]}
    swarm.up({"word": "c" * 6}, "completed", told=True)
    assert {name.split("-")[3] for name in swarm.there} == {"aaaaaa", "cccccc"}


def test_a_secret_that_is_declared_no_more_stays_until_the_release_without_it_is_completed() -> None:
    swarm = Swarm()
    swarm.up({"word": "a" * 6, "other": "b" * 6}, "completed", told=True)
    swarm.up({"word": "a" * 6}, "completed", told=True)
    assert {name.split("-")[2] for name in swarm.there} == {"word", "other"}
    swarm.up({"word": "a" * 6}, "completed", told=True)
    assert {name.split("-")[2] for name in swarm.there} == {"word"}


def test_another_version_of_a_secret_or_a_file_is_said_with_service_and_key(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(pulumi.log, "info", lambda text, resource: said.append(text))
    container = {
        "image": {"repository": "shop/web", "version": "1"},
        "environment": {"DB_PASSWORD_FILE": "/run/secrets/word"},
    }
    spec = SwarmServiceSpec.model_validate(
        {"container": container, "count": 1, "secrets": ["word", "other"], "configs": {"/etc/web.conf": "now"}}
    )
    secrets = {name: Content("b" * 6, "value", secret=True) for name in ("word", "other", "unused")}
    versions = {"secret-word": ["a" * 6], "secret-other": ["a" * 6, "b" * 6], "config-0": ["0" * 8]}

    def deployed(before: dict[str, list[str]]) -> None:
        args = SwarmServiceArgs(spec, "n", secrets=secrets, deployed=Deployed({COMPONENT: {"versions": before}}))
        build(lambda: SwarmService("web", args))

    deployed(versions)
    new = hashlib.sha256(b"now").hexdigest()[:8]
    assert said == [
        "web: secret word (DB_PASSWORD_FILE) goes from version aaaaaa to bbbbbb: its tasks are replaced",
        "web: secret other goes from version aaaaaa to bbbbbb: its tasks are replaced",
        f"web: file /etc/web.conf goes from version 00000000 to {new}: its tasks are replaced",
    ]
    deployed({"secret-word": ["b" * 6], "secret-other": ["b" * 6], "config-0": [new]})
    assert len(said) == 3
