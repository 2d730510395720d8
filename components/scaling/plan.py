"""What a translation takes and gives: the context of one service or group, planned resources, refusals. No Pulumi here.

Values that exist only once something is deployed (names, ARNs) pass through untouched: a string in a test, an Output in
a program.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from elasticity.faults import Fault

TARGET = "aws:appautoscaling/target:Target"
SERVICE_POLICY = "aws:appautoscaling/policy:Policy"
SERVICE_SCHEDULE = "aws:appautoscaling/scheduledAction:ScheduledAction"
GROUP_POLICY = "aws:autoscaling/policy:Policy"
GROUP_SCHEDULE = "aws:autoscaling/schedule:Schedule"
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
CAPACITY_PROVIDER = "aws:ecs/capacityProvider:CapacityProvider"


@dataclass(frozen=True)
class Reference:
    """An output of another planned resource."""

    type: str
    role: str
    output: str


@dataclass(frozen=True)
class Joined:
    """Texts one after the other, some of which may be known only after deployment."""

    parts: tuple[Any, ...]


@dataclass(frozen=True)
class ScalingResource:
    """One resource to be: its type, its role in the component, its inputs in snake case.

    Inputs hold plain values, `Reference`, `Joined`, and whatever the context passed in.
    """

    type: str
    role: str
    inputs: Mapping[str, Any]
    ignored: tuple[str, ...] = ()
    """Inputs whose changes are left to their owner."""


Refused = tuple[Fault, ...]
"""In place of what could not be made."""


@dataclass(frozen=True)
class Translated:
    """What one rule becomes: a policy or a schedule, the alarm that runs it, or why the platform cannot hold it."""

    resource: ScalingResource | None = None
    alarm: ScalingResource | None = None
    refusals: Refused = ()

    @property
    def resources(self) -> list[ScalingResource]:
        """The policy or schedule, then its alarm."""
        return [one for one in (self.resource, self.alarm) if one is not None]


@dataclass(frozen=True)
class ScalingPlan:
    """What the rules of one service or group become, by kind and name of rule; what no rule asked for stays empty."""

    base: ScalingResource | None = None
    """What the rules act through: a service's scalable target, a capacity provider; a group is made elsewhere."""
    target_tracking: Mapping[str, Translated] = field(default_factory=dict)
    step_scaling: Mapping[str, Translated] = field(default_factory=dict)
    scheduled: Mapping[str, Translated] = field(default_factory=dict)
    predictive: Mapping[str, Translated] = field(default_factory=dict)
    wake: Translated = Translated()
    """The step from zero to one, where a queue's rules may go to zero."""

    @property
    def translated(self) -> list[Translated]:
        """All rules, kind by kind."""
        kinds = (self.target_tracking, self.step_scaling, self.scheduled, self.predictive)
        return [*(one for kind in kinds for one in kind.values()), self.wake]

    @property
    def resources(self) -> list[ScalingResource]:
        """Every resource, in the order of their dependencies."""
        base = [] if self.base is None else [self.base]
        return [*base, *(resource for one in self.translated for resource in one.resources)]

    @property
    def refusals(self) -> list[Fault]:
        """Everything that the platform cannot hold."""
        return [refusal for one in self.translated for refusal in one.refusals]


class RefusedRulesError(ValueError):
    """Rules that the platform cannot hold; the text has one line for each."""

    def __init__(self, refusals: Sequence[Fault]) -> None:
        self.refusals = tuple(refusals)
        super().__init__("\n".join(str(refusal) for refusal in refusals))


@dataclass(frozen=True)
class BalancedTarget:
    """One target group behind an application balancer, by the suffixes of their ARNs."""

    balancer: Any
    """app/<name>/<id>."""
    target_group: Any
    """targetgroup/<name>/<id>."""
    alternate: Any = None
    """The second target group of a blue/green, linear or canary deployment."""

    @property
    def label(self) -> Joined:
        """Resource label of the predefined request metrics."""
        return Joined((self.balancer, "/", self.target_group))

    @property
    def pairs(self) -> list[tuple[Any, Any]]:
        """Balancer and target group, for each group that may get traffic."""
        groups = [self.target_group] if self.alternate is None else [self.target_group, self.alternate]
        return [(self.balancer, group) for group in groups]


@dataclass(frozen=True)
class ServiceContext:
    """One ECS service."""

    cluster: Any
    """Name of the cluster."""
    service: Any
    """Name of the service."""
    targets: tuple[BalancedTarget, ...] = ()
    container_insights: bool = True
    """Whether the cluster publishes RunningTaskCount."""
    bounds: tuple[int, int] | None = None
    """Minimum and maximum that hold when it is deployed; without them those of the rules."""
    held: tuple[str, ...] = ()
    """Bounds that are left as they are: `minimum`, `maximum`."""

    @property
    def placeholders(self) -> dict[str, Any]:
        """What `${…}` in the dimensions of a declared metric stands for."""
        return {"cluster": self.cluster, "service": self.service, **_balancing(self.targets)}


@dataclass(frozen=True)
class GroupContext:
    """One Auto Scaling group."""

    group: Any
    """Name of the group."""
    targets: tuple[BalancedTarget, ...] = ()

    @property
    def placeholders(self) -> dict[str, Any]:
        """What `${…}` in the dimensions of a declared metric stands for."""
        return {"group": self.group, **_balancing(self.targets)}


@dataclass(frozen=True)
class ProviderContext:
    """One ECS capacity provider over a group."""

    group: Any
    """Name of the group."""
    group_arn: Any
    target_capacity: int = 100
    minimum_step: int = 1
    maximum_step: int = 10_000
    warm_up: int = 300
    """Seconds."""
    managed_draining: bool = True
    managed_termination_protection: bool = True


Context = ServiceContext | GroupContext | ProviderContext


def _balancing(targets: tuple[BalancedTarget, ...]) -> dict[str, Any]:
    if not targets:
        return {}
    return {"balancer": targets[0].balancer, "target_group": targets[0].target_group}
