"""A Swarm in memory for the controller: one service, a store with versions, a clock; and what ends a controller at any
of its steps."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from elasticity.autoscaler.autoscaler import Counts
from elasticity.platforms import platform_parameters
from elasticity.rules import Elasticity
from operations.controller.decisions import Fallback, Key, Policy
from operations.controller.loop import OtherWriterError, Scaler, UnreachableError, View

START = datetime.datetime(2026, 1, 5, 9, tzinfo=datetime.UTC)
NAME = "web"
EVERY = 10
"""Seconds of a period."""

SWARM_STATE = {
    "version": 3,
    "deployment": {
        "resources": [
            {
                "urn": "urn:pulumi:private::accordion::pulumi:pulumi:Stack::accordion-private",
                "type": "pulumi:pulumi:Stack",
                "outputs": {
                    "composition": "private_service",
                    "url": "http://localhost:8080",
                    "proxy": "proxy-1",
                    "services": {"web": {"network": "net-1", "service": NAME, "service_id": "svc1"}},
                },
            }
        ]
    },
}
"""Of the shipped private stack, whose one service is that of a world."""


class Killed(BaseException):
    """Ends a controller as SIGKILL does: nothing of it runs afterwards."""


def policy(fallback: Fallback | None = None, minimum: int = 2, maximum: int = 20, **rules: Any) -> Policy:
    rules = rules or {"target_tracking": {"cpu": {"metric": "cpu", "target": 50}}}
    declared = Elasticity.model_validate({"minimum": minimum, "maximum": maximum, **rules})
    shortened = platform_parameters("ecs_service").with_values(
        metric_period=EVERY, balancer_period=EVERY, publication_delay=0.0, max_scale_in_fraction=1.0
    )
    return Policy(declared, shortened, fallback)


class World:
    """Services, store, measures, log and clock of one Swarm."""

    def __init__(self, load: Callable[[float], float] = lambda _: 100.0, replicas: int = 2) -> None:
        self.seconds = 0.0
        self.load = load
        """Percent of cpu of one task, by second: what all tasks share."""
        self.replicas, self.index, self.id = replicas, 10, "svc1"
        self.is_there = self.is_reachable = True
        self.is_measured = True
        self.requests = 15.0
        """A minute, for a percent of cpu."""
        self.release = False
        self.is_full = False
        """The disk of the log."""
        self.documents: dict[str, tuple[str, int]] = {}
        self.writes: list[tuple[float, int, int, int]] = []
        """Of the count: second, before, after, index that it was written over."""
        self.actions: list[tuple[int, int]] = []
        """Of remembered actions, once each: second of the decision, index."""
        self.lines: list[str] = []
        self.kills_left: Iterator[bool] = iter(())
        self.before_scale: Callable[[], None] = lambda: None

    def step(self) -> None:
        """A point at which a controller may be ended."""
        if next(self.kills_left, False):
            raise Killed
        if not self.is_reachable:
            raise UnreachableError("the Docker Engine does not answer")

    def now(self) -> datetime.datetime:
        return START + datetime.timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds

    def view(self, name: str) -> View | None:
        self.step()
        if not self.is_there or name != NAME:
            return None
        return View(self.id, self.replicas, self.index, Counts(self.replicas), self.release)

    def scale(self, view: View, replicas: int) -> None:
        self.step()
        self.before_scale()
        if view.index != self.index:
            raise OtherWriterError("update out of sequence")
        self.writes.append((self.seconds, self.replicas, replicas, self.index))
        self.replicas, self.index = replicas, self.index + 7
        self.step()

    def by_hand(self, replicas: int) -> None:
        """Somebody else scales."""
        self.replicas, self.index = replicas, self.index + 3

    def read(self, service: str) -> tuple[dict[str, Any], int] | None:
        self.step()
        kept = self.documents.get(service)
        return None if kept is None else (json.loads(kept[0]), kept[1])

    def write(self, service: str, document: Mapping[str, Any], version: int | None) -> int:
        self.step()
        kept = self.documents.get(service)
        if (None if kept is None else kept[1]) != version:
            raise OtherWriterError("the memory has been written by another controller")
        following = (version or 0) + 1
        self.documents[service] = json.dumps(document, allow_nan=False), following
        memory = document.get("memory") or {}
        if (action := memory.get("action")) is not None and action["index"] not in [index for _, index in self.actions]:
            self.actions.append((memory["state"]["now"], action["index"]))
        self.step()
        return following

    unread = ""

    def sample(self, view: View, second: int) -> None:
        self.step()

    def datapoint(self, key: Key, view: View, second: int) -> float:
        return (
            self.load(self.seconds) / view.counts.serving if self.is_measured and view.counts.serving else float("nan")
        )

    def measured(self, view: View, every: int, second: int) -> Mapping[str, float]:
        share = self.datapoint(("cpu", every), view, second)
        return {"cpu": share, "requests_per_target": self.requests * share} if self.is_measured else {}

    def log(self, line: Mapping[str, Any]) -> bool:
        self.step()
        if self.is_full:
            return False
        self.lines.append(json.dumps(line, allow_nan=False))
        self.step()
        return True

    def scaler(self, policy: Policy, holder: str = "first", **given: Any) -> Scaler:
        return Scaler(NAME, policy, self, self, self, Lines(self), self, holder, **given)

    def run(self, scaler: Scaler, ticks: int) -> list[int]:
        """The count after each of so many ticks."""
        counts = []
        for _ in range(ticks):
            self.seconds += EVERY
            scaler.turn()
            counts.append(self.replicas)
        return counts

    def ticks(self) -> list[dict[str, Any]]:
        return [line for line in map(json.loads, self.lines) if line["kind"] == "tick"]

    def outcomes(self) -> list[str]:
        return [line["outcome"] for line in map(json.loads, self.lines) if line["kind"] == "action"]


class Lines:
    """The log of a world."""

    def __init__(self, world: World) -> None:
        self._world = world

    def write(self, line: Mapping[str, Any]) -> bool:
        return self._world.log(line)
