"""The simulator's core model as SimPy processes: one target-tracking rule on an ECS service, one tick a minute.

It exists to be measured beside the simulator, and to give the same capacity series: an independent second opinion.
"""

from __future__ import annotations

import collections
from collections.abc import Generator
from typing import Any

import simpy

from elasticity.alarms import managed_alarms
from elasticity.platforms import platform_parameters
from elasticity.policies import target_tracking_capacity
from elasticity.rules import Elasticity
from elasticity.traces import Load

MINUTE = 60
PUBLISH, EVALUATE, SERVE = 1, 2, 3
"""Order within an instant."""


class Service:
    """A service that follows one cpu target."""

    def __init__(self, rules: Elasticity, load: Load) -> None:
        self.env = simpy.Environment()
        (self.rule,) = rules.target_tracking.values()
        parameters = platform_parameters("ecs_service")
        self.delay = -(-int(parameters.publication_delay) // MINUTE) * MINUTE
        self.alarms = managed_alarms("ecs_service", float(self.rule.target))
        self.cooldowns = (
            int(self.rule.scale_out_cooldown or parameters.scale_out_cooldown or 0),
            int(self.rule.scale_in_cooldown or parameters.scale_in_cooldown or 0),
        )
        self.rules, self.rates = rules, load.per_tick(MINUTE)
        self.capacity, self.start_up = float(rules.unit.capacity or 0), float(rules.unit.start_up or 0)
        self.desired = self.running = rules.at_creation
        self.backlog = 0.0
        self.out_until = self.in_until = self.added = 0
        self.points: collections.deque[float] = collections.deque(maxlen=20)
        self.states = {"high": "INSUFFICIENT_DATA", "low": "INSUFFICIENT_DATA"}
        self.series: list[int] = []

    def start(self, units: int) -> Generator[Any, Any, None]:
        """Units become running after their start-up."""
        yield self.env.timeout(self.start_up)
        self.running += units

    def publish(self, value: float) -> Generator[Any, Any, None]:
        """A datapoint reaches the alarms after its delay; they are evaluated, and the policy runs."""
        yield self.env.timeout(self.delay)
        self.points.append(value)
        for side in ("high", "low"):
            alarm = self.alarms.side(side)
            recent = list(self.points)[-alarm.evaluation_range :]
            self.states[side] = alarm.state(recent, self.states[side])
        now = int(self.env.now)
        if self.states["high"] == "ALARM":
            self.scale_out(value, now)
        elif self.states["low"] == "ALARM" and now >= max(self.out_until, self.in_until):
            self.scale_in(value, now)

    def scale_out(self, value: float, now: int) -> None:
        """Larger only, with what the cooldown has added left out of the base."""
        cooling = now < self.out_until
        base = min(self.running, self.desired - self.added) if cooling else self.running
        wanted = target_tracking_capacity(base, value, float(self.rule.target), maximum=self.rules.maximum)
        more = wanted - self.desired
        if more > 0:
            self.added = more + (self.added if cooling else 0)
            self.out_until, self.in_until = now + self.cooldowns[0], now
            self.desired = wanted
            self.env.process(self.start(more))

    def scale_in(self, value: float, now: int) -> None:
        """Down to the proposal, oldest units first."""
        wanted = target_tracking_capacity(self.running, value, float(self.rule.target), minimum=self.rules.minimum)
        if wanted < self.desired:
            self.running -= self.desired - wanted
            self.desired = wanted
            self.in_until = now + self.cooldowns[1]

    def minutes(self) -> Generator[Any, Any, None]:
        """The load, minute by minute; each closes a datapoint."""
        for rate in self.rates.tolist():
            yield self.env.timeout(0)  # after everything else that is due at this minute
            power = self.capacity * self.running
            self.series.append(self.desired)
            present = self.backlog + rate * MINUTE
            served = min(present, power * MINUTE)
            self.backlog = present - served
            share = served / (power * MINUTE) if self.backlog == 0 and power else 1.0
            self.env.process(self.closed(min(1.0, share) * 100.0))
            yield self.env.timeout(MINUTE - 1e-3)
            yield self.env.timeout(1e-3)

    def closed(self, value: float) -> Generator[Any, Any, None]:
        """A period ends, and its datapoint sets out."""
        yield self.env.timeout(MINUTE - 1e-3)
        yield self.env.timeout(1e-3 - 1e-6)
        yield from self.publish(value)

    def run(self) -> list[int]:
        """Desired units in each minute."""
        self.env.process(self.minutes())
        self.env.run(until=len(self.rates) * MINUTE)
        return self.series
