"""The network of a Swarm stack in plain values."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field

from elasticity.rules import Model

_NO_VPC = "is a VPC's: the tasks of a Swarm share one overlay network"


class SwarmNetworkSpec(Model):
    """One overlay network, which services of the stack share and nobody else is on."""

    model_config = ConfigDict(
        json_schema_extra={
            "x-refused": dict.fromkeys(
                ("zones", "cidr", "tiers", "nat", "endpoints", "flow_logs", "existing", "dns"), _NO_VPC
            )
        }
    )

    encrypted: bool = True
    """IPsec between nodes, where traffic leaves a node; costs throughput."""
    subnet: Annotated[str, Field(pattern=r"^\d{1,3}(\.\d{1,3}){3}/\d{1,2}$")] | None = None
    """Addresses of tasks; without it the Swarm chooses from its own pool. Another one replaces the network and all on
    it."""
    attachable: bool = False
    """Whether containers beside services may join, for debugging."""
