"""What a stack of Auto Scaling groups is told: each group, how traffic comes to it, what is watched.

Needs no engine.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from components.specs import (
    AutoscalingGroupSpec,
    BalancedService,
    GroupAlarms,
    RollbackAlarms,
    Watch,
)
from components.specs.balanced_service import ServiceName
from elasticity.faults import Fault
from elasticity.rules import narrowed, refuse
from stacks.aws.settings import OF_A_CLUSTER, AwsSettings, WorkloadSettings, simulation_faults


class Group(WorkloadSettings, AutoscalingGroupSpec):
    """One Auto Scaling group of a stack: what it is, how traffic comes to it, what is watched."""

    alarms: GroupAlarms = GroupAlarms()
    rollback_alarms: RollbackAlarms | None = RollbackAlarms()
    """Alarms that stop an instance refresh, and roll it back where AWS can; null for none."""

    @model_validator(mode="after")
    def _simulation_fits(self) -> Self:
        faults = simulation_faults(self.simulation, self.elasticity is not None, "ec2_group")
        if self.simulation.instances is not None:
            faults.append(Fault(("simulation", "instances"), "belong to a service: a group is of instances itself"))
        refuse(type(self), faults)
        return self

    @property
    def behind_balancer(self) -> BalancedService | None:
        """How the balancer leads to it: by instance."""
        return self.traffic.model_copy(update={"target_type": "instance"}) if self.traffic else None

    @property
    def maximum_units(self) -> int:
        """Instances at the most."""
        return self.bounds[1]

    @property
    def deployment_alarms(self) -> RollbackAlarms | None:
        """Those that stop a refresh; none where there is none."""
        return self.rollback_alarms if self.refresh else None

    @property
    def own_alarms(self) -> Mapping[str, Watch]:
        """Of its instances and its queue."""
        return self.made_of(self.alarms.watches, self.elasticity, counted=True)

    @property
    def insights_metrics(self) -> int:
        """Those of the cluster that is made for its capacity provider."""
        return OF_A_CLUSTER * (self.capacity_provider is not None and self.container_insights)

    @property
    def spec(self) -> AutoscalingGroupSpec:
        """What the component is told."""
        return narrowed(self, AutoscalingGroupSpec)


class InstanceFleetSettings(AwsSettings):
    """A stack of Auto Scaling groups. Each field is a section of the stack file, under `accordion:`."""

    section: ClassVar[str] = "groups"

    composition: Literal["instance_fleet"]
    """Auto Scaling groups are built."""
    groups: dict[ServiceName, Group] = Field(default={})
    """Auto Scaling groups by name."""

    @property
    def declared(self) -> Mapping[str, Group]:
        """The groups."""
        return self.groups


SETTINGS = InstanceFleetSettings
