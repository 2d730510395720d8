"""What a run needs beside rules and load: the platform with its parameters, the units' surroundings, what is declared
to happen."""

from __future__ import annotations

import dataclasses
import datetime
import math
import numbers
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import NoneType
from typing import Any, Literal, get_args

from elasticity import arguments
from elasticity.measure import FLAP_WINDOW
from elasticity.platforms import BEHAVIOUR, Parameter, PlatformParameters, Value, platform_parameters
from elasticity.predictive import Forecast, seasonal_naive
from elasticity.simulator.failures import Failure, Failures, faults_of
from elasticity.simulator.plant.state import MOST_RETRIES

TICKS = (1, 2, 5, 10, 15, 20, 30, 60)
"""Lengths of a tick in seconds: divisors of a minute."""
Overflow = Literal["queue", "loss"]
Begins = Literal["settled", "cold"]
LONGEST_SLOW_START = 900


class SimulationError(ValueError):
    """Rules, load and conditions that cannot be simulated together; one line for each fault, with the cure."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Deployment:
    """A rolling deployment of a service: scale-in is suspended from `start` to `end`, aware times."""

    start: datetime.datetime
    end: datetime.datetime


@dataclasses.dataclass(frozen=True, kw_only=True)
class Retries:
    """Clients that send again, at once, what has failed; the balancer counts each attempt."""

    factor: float = 1.0
    """Share of the requests that fail which is sent again, above 0 up to 1."""
    limit: int = 3
    """Times that one request is sent again at most, 1 to 10."""

    def faults(self) -> list[str]:
        """What is wrong with them."""
        found = []
        if not 0 < self.factor <= 1:
            found.append(f"retries.factor: got {self.factor:g}, allowed above 0 up to 1")
        if not 1 <= self.limit <= MOST_RETRIES:
            found.append(f"retries.limit: got {self.limit}, allowed 1 to {MOST_RETRIES}")
        return found


@dataclasses.dataclass(frozen=True, kw_only=True)
class Instances:
    """The Auto Scaling group below a capacity provider."""

    units_per_instance: int
    """Tasks that one instance holds."""
    minimum: int = 0
    maximum: int = 100
    initial: int | None = None
    """Instances at the start; without it as many as the initial tasks need."""
    target_capacity: float = 100.0
    """1 to 100; below 100 the difference is spare."""
    start_up: float | None = None
    """Seconds until an instance takes tasks; without it the platform's."""
    parameters: Mapping[str, Value] = dataclasses.field(default_factory=dict)
    """Changed parameters of the capacity provider."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Conditions:
    """Everything that a run depends on beside rules and load; times in seconds."""

    platform: str = "ecs_service"
    tick: int = 10
    parameters: PlatformParameters | Mapping[str, Value] | None = None
    """The platform's parameters, or those that differ from the shipped ones."""
    deployments: Sequence[Deployment] = ()
    failures: Failures = dataclasses.field(default_factory=dict)
    """What goes wrong, by name: `ZoneLoss`, `SpotInterruptions`, `RollingDeployment`, `DownstreamLimit`."""
    forecast: Forecast = seasonal_naive
    """From hourly maxima (requests per second) and a number of hours to that many values ahead."""
    history: Sequence[float] = ()
    """Hourly maxima (requests per second) before the run, oldest first, for predictive rules."""
    begins: Begins = "cold"
    """Cold, with the capacity at creation (the minimum, or `initial`), or settled, with what the rules hold at the load
    of the first minute, as the commands begin."""
    latency_goal: float | None = None
    """Seconds; `latency_kept` is the share of time below it and without overload."""
    overflow: Overflow = "queue"
    """What exceeds capacity waits, or is lost."""
    client_timeout: float | None = None
    """Requests that have waited so long leave the queue; None: they wait for ever."""
    retries: Retries | None = None
    """Whether clients send again what has failed; it needs a client timeout, or loss."""
    slow_start: float = 0.0
    """The target group's slow start: 0, or 30 to 900."""
    default_instance_warm_up: float | None = None
    """The group's default; None: the platform's."""
    arrival_variation: float = 1.0
    service_variation: float = 1.0
    """Squared coefficients of variation behind the latency estimate; 1 and 1 for M/M/c."""
    fresh_breach: Literal["INSUFFICIENT_DATA", "previous"] = "INSUFFICIENT_DATA"
    """State of an alarm after fewer breaching datapoints than it needs and nothing else: older and newer editions of
    the guide differ."""
    reversal_window: float = FLAP_WINDOW
    """A reversal within it counts as a flap."""
    instances: Instances | None = None
    """The group below; needed on a capacity provider."""

    def faults(self) -> list[str]:
        """What is wrong with these conditions alone, each with what is allowed."""
        found = []
        if self.tick not in TICKS:
            found.append(f"tick: got {self.tick}, allowed {', '.join(map(str, TICKS))} seconds")
        if self.overflow not in ("queue", "loss"):
            found.append(f"overflow: got {self.overflow!r}, allowed queue, loss")
        if self.begins not in get_args(Begins):
            found.append(f"begins: got {self.begins!r}, allowed {', '.join(get_args(Begins))}")
        if self.fresh_breach not in ("INSUFFICIENT_DATA", "previous"):
            found.append(f"fresh_breach: got {self.fresh_breach!r}, allowed INSUFFICIENT_DATA, previous")
        if not (self.slow_start == 0 or 30 <= self.slow_start <= LONGEST_SLOW_START):
            found.append(f"slow_start: got {self.slow_start}, allowed 0 (off) or 30 to 900 seconds")
        for name in ("latency_goal", "client_timeout", "default_instance_warm_up"):
            value = getattr(self, name)
            if value is not None and not (math.isfinite(value) and value >= 0):
                found.append(f"{name}: got {value}, allowed finite seconds from 0 up")
        found += [
            f"{name}: got {getattr(self, name)}, allowed finite numbers from 0 up"
            for name in ("arrival_variation", "service_variation", "reversal_window")
            if not (math.isfinite(getattr(self, name)) and getattr(self, name) >= 0)
        ]
        behaviour = BEHAVIOUR.get(self.platform)  # type: ignore[call-overload] # any text
        if self.waits_for_instances and self.instances is None:
            found.append("instances: missing, a capacity provider needs `Instances(units_per_instance=...)`")
        if not self.waits_for_instances and self.instances is not None:
            found.append(f"instances: got some on {self.platform}, allowed on a capacity provider only")
        if behaviour is not None and not behaviour.deployments and self.deployments:
            found.append(f"deployments: got some on {self.platform}, allowed on services only")
        found += self._retry_faults()
        found += faults_of(self.failures, deploys=behaviour is None or behaviour.deployments)
        return [*found, *_instance_faults(self.instances), *_deployment_faults(self.deployments)]

    def _retry_faults(self) -> list[str]:
        if self.retries is None:
            return []
        found = self.retries.faults()
        if not self.client_timeout and self.overflow == "queue":
            found.append("retries: nothing ever fails without `client_timeout`: give it, such as 60s")
        return found

    def _retry_rows(self) -> list[Parameter]:
        if self.retries is None:
            return []
        declared = "declared by the user"
        return [
            Parameter("retries.factor", self.retries.factor, 1.0, "", "asm", declared),
            Parameter("retries.limit", self.retries.limit, 3, "", "asm", declared),
        ]

    @property
    def waits_for_instances(self) -> bool:
        """Whether the rules are those of tasks that wait for instances of a group below."""
        behaviour = BEHAVIOUR.get(self.platform)  # type: ignore[call-overload] # any text
        return behaviour is not None and behaviour.by_reservation

    def other_kinds(self) -> list[str]:
        """Which conditions are of a kind that nothing can be computed with, each with what is allowed."""
        found = [
            f"{name}: got {arguments.kind(value)}, allowed {allowed}"
            for name, (kinds, allowed) in _KINDS.items()
            for value in (getattr(self, name),)
            if isinstance(value, (bool, str, bytes)) or not isinstance(value, kinds)
        ]
        if isinstance(self.failures, Mapping):
            found += [
                f"failures.{name}: got {arguments.kind(one)}, allowed {' or '.join(_FAILURES)}"
                for name, one in self.failures.items()
                if not isinstance(one, get_args(Failure))
            ]
        if isinstance(self.deployments, Iterable):
            found += [
                f"deployments.{place}: got {arguments.kind(deployment)}, allowed a Deployment"
                for place, deployment in enumerate(self.deployments)
                if not isinstance(deployment, Deployment)
            ]
        return found

    def service_parameters(self) -> PlatformParameters:
        """Parameters of the level that the rules act on: of tasks on a capacity provider those of a service."""
        shipped = platform_parameters("ecs_service" if self.waits_for_instances else self.platform)
        if isinstance(self.parameters, PlatformParameters):
            if self.parameters.platform != shipped.platform:
                raise ValueError(f"parameters: got those of {self.parameters.platform}, expected {shipped.platform}")
            return self.parameters
        return shipped.with_values(**(self.parameters or {}))

    def provider_parameters(self) -> PlatformParameters | None:
        """Parameters of the group below a capacity provider; None elsewhere."""
        if self.instances is None:
            return None
        return platform_parameters("capacity_provider").with_values(**self.instances.parameters)

    def rows(self) -> tuple[Parameter, ...]:
        """The conditions in the form of the platform's parameter table."""
        declared = "declared by the user"
        rows = [
            Parameter("tick", self.tick, 10, "s", "asm", "length of a time step"),
            Parameter(
                "begins", self.begins, self.begins, "", "asm", "with what the rules hold, or cold as at creation"
            ),
            Parameter("overflow", self.overflow, "queue", "", "asm", "what exceeds capacity waits or is lost"),
            Parameter(
                "client_timeout", self.client_timeout, None, "s", "asm", "the balancer's idle timeout, or declared"
            ),
            *self._retry_rows(),
            Parameter("latency_goal", self.latency_goal, None, "s", "asm", declared),
            Parameter("slow_start", self.slow_start, 0.0, "s", "doc", "ELB API TargetGroupAttribute"),
            Parameter("arrival_variation", self.arrival_variation, 1.0, "", "asm", "Poisson arrivals"),
            Parameter("service_variation", self.service_variation, 1.0, "", "asm", "exponential service times"),
            Parameter(
                "fresh_breach",
                self.fresh_breach,
                "INSUFFICIENT_DATA",
                "",
                "doc",
                "CWUG AlarmThatSendsEmail, older edition",
            ),
            Parameter("reversal_window", self.reversal_window, FLAP_WINDOW, "s", "asm", "a flap: out and in within it"),
        ]
        rows += [
            Parameter(f"failures.{name}", str(one), str(one), "", "asm", declared)
            for name, one in self.failures.items()
        ]
        if self.instances is not None:
            for field in dataclasses.fields(self.instances):
                value = getattr(self.instances, field.name)
                if field.name != "parameters":
                    default = None if field.default is dataclasses.MISSING else field.default
                    rows.append(Parameter(f"instances.{field.name}", value, default, "", "asm", declared))
        return tuple(rows)


_SECONDS = "a number of seconds"
_FAILURES = tuple(kind.__name__ for kind in get_args(Failure))
_KINDS: Mapping[str, tuple[Any, str]] = {
    "tick": (int, "a whole number of seconds"),
    "parameters": ((PlatformParameters, Mapping, NoneType), "PlatformParameters or a mapping of those that differ"),
    "deployments": (Iterable, "a list of Deployment"),
    "failures": (Mapping, "a mapping of names to failures"),
    "forecast": (Callable, "a function of hourly maxima and a number of hours"),
    "history": (Iterable, "a list of requests per second, one an hour"),
    "latency_goal": ((numbers.Real, NoneType), _SECONDS),
    "client_timeout": ((numbers.Real, NoneType), _SECONDS),
    "retries": ((Retries, NoneType), "Retries(factor=..., limit=...)"),
    "slow_start": (numbers.Real, _SECONDS),
    "default_instance_warm_up": ((numbers.Real, NoneType), _SECONDS),
    "arrival_variation": (numbers.Real, "a number"),
    "service_variation": (numbers.Real, "a number"),
    "reversal_window": (numbers.Real, _SECONDS),
    "instances": ((Instances, NoneType), "Instances(units_per_instance=...)"),
}
"""Of each condition the kinds of value that it takes, and these in words; text is none of them."""


def _instance_faults(instances: Instances | None) -> list[str]:
    if instances is None:
        return []
    found = []
    if instances.units_per_instance < 1:
        found.append(f"instances.units_per_instance: got {instances.units_per_instance}, allowed 1 and more")
    if not 0 <= instances.minimum <= instances.maximum:
        found.append("instances: the minimum is below 0 or above the maximum")
    if not 0 < instances.target_capacity <= 100:
        found.append(f"instances.target_capacity: got {instances.target_capacity:g}, allowed 1 to 100")
    return found


def _deployment_faults(deployments: Sequence[Deployment]) -> list[str]:
    found = []
    for place, deployment in enumerate(deployments):
        if deployment.start.tzinfo is None or deployment.end.tzinfo is None:
            found.append(f"deployments.{place}: got a time without a zone, expected aware times")
        elif deployment.end <= deployment.start:
            found.append(f"deployments.{place}: ends before it starts")
    return found
