"""Where the tasks of a service run, and how a new revision of them takes over, in plain values."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from elasticity.faults import Fault
from elasticity.quantities import Duration
from elasticity.rules import Model, Units, refuse


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


class Deployment(Model):
    """How a new task definition takes over, and what turns it back."""

    strategy: Literal["rolling", "blue_green", "linear", "canary"] = "rolling"
    """All but rolling need two target groups and a listener rule per attachment."""
    minimum_percent: Annotated[int, Field(ge=0, le=100)] = 100
    maximum_percent: Annotated[int, Field(ge=100, le=400)] = 200
    circuit_breaker: bool = True
    """Fails a deployment after half the desired count of failed tasks, at least 3, at most 200."""
    rollback: bool = True
    """Back to the last completed deployment, when the circuit breaker or an alarm fails this one."""
    zone_rebalancing: bool = True
    """Moves tasks between zones; needs a maximum above 100 percent."""
    bake_time: Duration = Duration(600)
    """After all traffic has shifted, both revisions run on; whole minutes up to 24h. Not for rolling."""
    canary_percent: Annotated[float, Field(ge=0.1, le=99)] = 5
    canary_bake_time: Duration = Duration(600)
    linear_percent: Annotated[float, Field(ge=3, le=100)] = 10
    linear_bake_time: Duration = Duration(360)

    @model_validator(mode="after")
    def _percents_and_times_fit(self) -> Self:
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
        faults += [
            Fault((field,), "allowed whole minutes up to 24h")
            for field in ("bake_time", "canary_bake_time", "linear_bake_time")
            if getattr(self, field) % 60 or getattr(self, field) > 86_400
        ]
        refuse(type(self), faults)
        return self

    @property
    def gradual(self) -> bool:
        """Whether two revisions run side by side on two target groups."""
        return self.strategy != "rolling"
