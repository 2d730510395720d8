"""The settings of a rules file: services and groups with their rules, the loads to try them on, and the little that
these need of what stands around them."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from elasticity.faults import Fault
from elasticity.quantities import Duration
from elasticity.rules import Elasticity, Model, Percentage, Units, refuse
from stacks.compositions import RULES_ONLY, Settings
from stacks.simulation import Simulation, failure_faults, parameters_of

Size = Annotated[float, Field(gt=0, le=1e9, allow_inf_nan=False)]
WorkloadName = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_.-]{0,79}$")]


class Scaled(Model):
    """One service or group: its rules, and what the linter, the simulator and the bill have to know beside them."""

    platform: Literal["ecs_service", "ec2_group"] = "ecs_service"
    """Who scales it: Application Auto Scaling (tasks of an ECS service), or an Auto Scaling group."""
    elasticity: Elasticity
    """Bounds and rules."""
    simulation: Simulation = Simulation()
    """Loads that the rules are tried on, and what is expected of them."""
    environment: Literal["development", "staging", "production"] = "production"
    """Users depend on production; findings are judged by it."""
    zones: Annotated[int, Field(ge=1, le=12)] | None = None
    """Availability zones that units spread over."""
    deregistration_delay: Duration | None = None
    """Behind a balancer: how long a unit that leaves finishes its requests."""
    default_warm_up: Duration | None = None
    """Of a group: until a new instance counts."""
    cpu: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    """CPU units of a task; 1024 are one vCPU."""
    memory: Annotated[int, Field(ge=1, le=100_000_000)] | None = None
    """MiB of a task."""
    architecture: Literal["x86_64", "arm64"] = "x86_64"
    """Of a task on Fargate."""
    on_demand_base: Units = 0
    """Units on demand before the share of Spot counts."""
    spot: Percentage = 0.0
    """Percent of the units above the base that run on Spot."""
    instance_type: str | None = None
    """Of a group, such as m7g.large: what its price is looked up by."""
    unit_price: Annotated[float, Field(ge=0, le=1_000_000, allow_inf_nan=False)] | None = None
    """Price of one unit-hour in the currency of the price table, in place of what size or type cost."""

    @model_validator(mode="after")
    def _parts_fit(self) -> Self:
        wrong = parameters_of(self.simulation, self.platform)[1] + failure_faults(self.simulation, self.platform)
        faults = [fault.below("simulation") for fault in wrong]
        if self.simulation.instances is not None:
            faults.append(
                Fault(("simulation", "instances"), "needs a stack file: the size of the tasks and their cluster")
            )
        other = {"ecs_service": ("instance_type", "default_warm_up"), "ec2_group": ("cpu", "memory")}[self.platform]
        kind = {"ecs_service": "a group", "ec2_group": "a service"}[self.platform]
        faults += [
            Fault((name,), f"is of {kind}, and `platform` is {self.platform}")
            for name in other
            if getattr(self, name) is not None
        ]
        if (self.cpu is None) != (self.memory is None):
            missing = "cpu" if self.cpu is None else "memory"
            faults.append(Fault((missing,), "is missing: a task has both `cpu` and `memory`"))
        refuse(type(self), faults)
        return self


class RulesOnly(Settings):
    """A rules file: what scales, by name."""

    composition: ClassVar[str] = RULES_ONLY  # type: ignore[misc]  # no key of the file: it is known by `workloads`
    workloads: Annotated[dict[WorkloadName, Scaled], Field(min_length=1)]
    """Services and groups by name."""

    @property
    def region(self) -> None:
        """A rules file says not where it runs."""
        return


SETTINGS = RulesOnly
