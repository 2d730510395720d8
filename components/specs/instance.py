"""One instance of a group, in plain values: its image, its type or attributes, its price, its disk."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from elasticity.faults import Fault
from elasticity.rules import Model, Percentage, Units, refuse

Architecture = Literal["x86_64", "arm64"]
_GRAVITON = re.compile(r"(a1|[a-z]+\d+g[a-z-]*)\.")


def architecture_of(instance_type: str) -> Architecture:
    """The architecture of an instance type by its name: AWS's own processors carry a `g` behind the generation."""
    return "arm64" if _GRAVITON.match(instance_type) else "x86_64"


class MachineImage(Model):
    """The AMI, by the SSM parameter that its owner moves, or by one id."""

    parameter: Annotated[str, Field(pattern=r"^(/[A-Za-z0-9_.-]+)+(:\S+)?$")] | None = None
    """Name of an SSM parameter (`:version` or `:label` may follow). EC2 reads it at each launch.
    AWS cannot roll an instance refresh back to a parameter (API RollbackInstanceRefresh)."""
    id: Annotated[str, Field(pattern=r"^ami-[0-9a-f]{8,17}$")] | None = None
    """One AMI: what a refresh with rollback needs."""

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if self.parameter is not None and self.id is not None:
            refuse(
                type(self), [Fault(("id",), "stands beside `parameter`: give one of the two, or none for Amazon Linux")]
            )
        return self


class Range(Model):
    """From a minimum to an optional maximum."""

    minimum: Annotated[int, Field(ge=0)]
    maximum: Annotated[int, Field(ge=0)] | None = None

    @model_validator(mode="after")
    def _is_a_range(self) -> Self:
        if self.maximum is not None and self.maximum < self.minimum:
            refuse(type(self), [Fault(("maximum",), "is below `minimum`")])
        return self


class InstanceAttributes(Model):
    """Attribute-based choice: every instance type that fits."""

    vcpus: Range
    memory: Range
    """MiB."""
    manufacturers: tuple[Literal["intel", "amd", "amazon-web-services"], ...] = ()
    burstable: Literal["included", "excluded", "required"] = "excluded"
    generations: tuple[Literal["current", "previous"], ...] = ("current",)
    excluded: tuple[Annotated[str, Field(pattern=r"^[a-z0-9*.-]+$")], ...] = ()
    """Types or patterns such as m5.8xlarge or r*."""


class Purchase(Model):
    """How much is bought on demand, and how much of the rest as Spot."""

    on_demand_base: Units = 0
    """Instances on demand before any share counts."""
    spot: Percentage = 0
    """Percent Spot above the base, whole numbers."""
    spot_allocation: Literal["price-capacity-optimized", "capacity-optimized", "lowest-price"] = (
        "price-capacity-optimized"
    )
    on_demand_allocation: Literal["prioritized", "lowest-price"] = "prioritized"
    """`prioritized` takes the instance types in the order given; attributes know `lowest-price` only."""

    @model_validator(mode="after")
    def _whole_percent(self) -> Self:
        if self.spot % 1:
            refuse(type(self), [Fault(("spot",), "allowed whole percent")])
        return self


class Disk(Model):
    """The root volume: gp3, encrypted, deleted with its instance."""

    size: Annotated[int, Field(ge=1, le=65_536)] = 30
    """GiB."""
    iops: Annotated[int, Field(ge=3000, le=80_000)] | None = None
    throughput: Annotated[int, Field(ge=125, le=2000)] | None = None
    """MiB a second."""
    device: Annotated[str, Field(pattern=r"^/dev/[a-z0-9]+$")] = "/dev/xvda"
    """The AMI's root device."""
