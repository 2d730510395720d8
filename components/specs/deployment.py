"""Where the tasks of a service run, and how a new revision of them takes over, in plain values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, NamedTuple, Self

from pydantic import Discriminator, Field, Tag, model_validator

from components.specs.container import Name
from elasticity.faults import Fault
from elasticity.quantities import Duration
from elasticity.rules import Model, Units, refuse

LONGEST_WAIT = 86_400
"""Seconds of a bake time or of a step at most (API DeploymentConfiguration)."""
LONGEST_APPROVAL = 14 * 86_400
"""Seconds of an approval at most (API DeploymentLifecycleHookTimeoutConfiguration: 20,160 minutes)."""


class Step(NamedTuple):
    """One shift of requests to the new version."""

    percent: float
    """Of all requests, what the new version gets from then on."""
    wait: float
    """Seconds until the next step."""


class Capacity(Model):
    """What the tasks run on: always a capacity-provider strategy, so that later changes of weights replace nothing."""

    kind: Literal["fargate", "ec2"] = "fargate"
    """`ec2` takes the capacity provider that the program passes."""
    base: Units = 0
    """Tasks that run on demand before any weight counts."""
    on_demand_weight: Annotated[int, Field(ge=0, le=1000)] = 1
    spot_weight: Annotated[int, Field(ge=0, le=1000)] = 0
    """Fargate Spot. It has no fallback to on-demand (containers-roadmap#852): outside dev keep a base of at least 1."""

    @model_validator(mode="after")
    def _something_runs(self) -> Self:
        faults: list[Fault] = []
        if self.on_demand_weight + self.spot_weight == 0:
            faults.append(Fault(("on_demand_weight",), "all weights are 0: at least one must be above 0"))
        if self.kind == "ec2" and self.spot_weight:
            faults.append(Fault(("spot_weight",), "belongs to Fargate: on EC2 the Auto Scaling group mixes in Spot"))
        refuse(type(self), faults)
        return self


class Approval(Model):
    """A gate of a release: it waits at a stage until `accordion release continue` or `rollback`, within a time limit.

    A hook of ECS with the target `PAUSE`: it needs no function and no role of its own.
    """

    stage: Literal["pre_scale_up", "post_scale_up", "post_test_traffic_shift", "post_production_traffic_shift"]
    """Before tasks of the new version start; once they run and nobody reaches them; once the test route leads to them;
    once all requests do, before the bake time."""
    time_limit: Duration = Duration(86_400)
    """How long it waits; whole minutes from 1m to 14d. ECS's own default is a day."""
    at_limit: Literal["rollback", "continue"] = "rollback"
    """What happens when nobody has answered by then."""

    @model_validator(mode="after")
    def _limit_fits(self) -> Self:
        if not 60 <= self.time_limit <= LONGEST_APPROVAL or self.time_limit % 60:
            refuse(type(self), [Fault(("time_limit",), "allowed whole minutes from 1m to 14d")])
        return self


class _Any(Model):
    """What every strategy has."""

    circuit_breaker: bool = True
    """Fails a deployment after half the desired count of failed tasks, at least 3, at most 200."""
    rollback: bool = True
    """Back to the last completed deployment, when the circuit breaker or an alarm fails this one."""
    zone_rebalancing: bool = True
    """Moves tasks between zones; needs a maximum above 100 percent."""


class Rolling(_Any):
    """New tasks take the place of old ones, as many at a time as the percentages leave room for."""

    strategy: Literal["rolling"] = "rolling"
    minimum_percent: Annotated[int, Field(ge=0, le=100)] = 100
    """Of the desired count, what runs at least while tasks are replaced."""
    maximum_percent: Annotated[int, Field(ge=100, le=400)] = 200
    """Of the desired count, what runs at most while tasks are replaced."""

    @model_validator(mode="after")
    def _percents_fit(self) -> Self:
        faults: list[Fault] = []
        if self.maximum_percent == 100 and self.zone_rebalancing:
            text = (
                "moves a task by starting its successor first, which a maximum of 100 percent forbids (EL072): "
                "raise `maximum_percent`, or set `zone_rebalancing: false`"
            )
            faults.append(Fault(("zone_rebalancing",), text))
        if self.maximum_percent == 100 and self.minimum_percent == 100:
            text = (
                "with a minimum of 100 too no task may start or stop, so no deployment can begin: "
                "raise the maximum or lower the minimum"
            )
            faults.append(Fault(("maximum_percent",), text))
        refuse(type(self), faults)
        return self

    @property
    def gradual(self) -> bool:
        """Whether two revisions run side by side on two target groups."""
        return False

    @property
    def steps(self) -> tuple[Step, ...]:
        """No traffic is shifted: tasks are replaced behind one target group."""
        return ()


class _Shifting(_Any):
    """All tasks of the new version start beside those that serve, and the balancer's requests are shifted to them."""

    bake_time: Duration = Duration(600)
    """After all requests have shifted, both versions run on and an alarm turns the release back; whole minutes, at
    most 24h."""
    approvals: dict[Name, Approval] = {}
    """Gates that the release waits at, by name."""

    @property
    def minimum_percent(self) -> int:
        """All that serve stay."""
        return 100

    @property
    def maximum_percent(self) -> int:
        """As many of the new version run beside them."""
        return 200

    @property
    def gradual(self) -> bool:
        """Whether two revisions run side by side on two target groups."""
        return True

    def _faults_of(self, *times: str) -> None:
        faults = [
            Fault((field,), "allowed whole minutes up to 24h")
            for field in times
            if getattr(self, field) % 60 or getattr(self, field) > LONGEST_WAIT
        ]
        places: dict[str, str] = {}
        for name, approval in self.approvals.items():
            first = places.setdefault(approval.stage, name)
            if first != name:
                text = f"waits where {first} waits already: one gate for each stage"
                faults.append(Fault(("approvals", name, "stage"), text))
        refuse(type(self), faults)


class BlueGreen(_Shifting):
    """All requests shift at once to the new version."""

    strategy: Literal["blue_green"]

    @model_validator(mode="after")
    def _times_fit(self) -> Self:
        self._faults_of("bake_time")
        return self

    @property
    def steps(self) -> tuple[Step, ...]:
        """All at once."""
        return (Step(100.0, 0.0),)


class Linear(_Shifting):
    """Requests shift to the new version in equal steps."""

    strategy: Literal["linear"]
    percent: Annotated[float, Field(ge=3, le=100, multiple_of=0.1)] = 10
    """Of the requests, what each step shifts; in tenths."""
    interval: Duration = Duration(360)
    """From one step to the next; whole minutes, at most 24h."""

    @model_validator(mode="after")
    def _times_fit(self) -> Self:
        self._faults_of("bake_time", "interval")
        return self

    @property
    def steps(self) -> tuple[Step, ...]:
        """Equal steps, the last one to all requests; it is not waited after (API LinearConfiguration)."""
        count = -(-1_000 // round(self.percent * 10))
        shares = [min(100.0, round(self.percent * step, 1)) for step in range(1, count + 1)]
        return tuple(Step(share, self.interval if share < 100 else 0.0) for share in shares)


class Canary(_Shifting):
    """A small part of the requests shifts to the new version, later all the rest."""

    strategy: Literal["canary"]
    percent: Annotated[float, Field(ge=0.1, le=99, multiple_of=0.1)] = 5
    """Of the requests, what the new version gets first; in tenths."""
    interval: Duration = Duration(600)
    """How long it gets no more; whole minutes, at most 24h."""

    @model_validator(mode="after")
    def _times_fit(self) -> Self:
        self._faults_of("bake_time", "interval")
        return self

    @property
    def steps(self) -> tuple[Step, ...]:
        """The canary, then everything."""
        return Step(float(self.percent), float(self.interval)), Step(100.0, 0.0)


def _strategy_of(value: Any) -> str:
    """The branch by which a value is judged; what names no strategy rolls, and what names none of these is told so."""
    found = value.get("strategy") if isinstance(value, Mapping) else getattr(value, "strategy", None)
    return found if isinstance(found, str) and found in STRATEGIES else "rolling"


STRATEGIES = ("rolling", "blue_green", "linear", "canary")
Deployment = Annotated[
    Annotated[Rolling, Tag("rolling")]
    | Annotated[BlueGreen, Tag("blue_green")]
    | Annotated[Linear, Tag("linear")]
    | Annotated[Canary, Tag("canary")],
    Discriminator(_strategy_of),
]
"""How a new version takes over, and what turns it back: one of four strategies."""
