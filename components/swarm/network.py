"""The overlay network of a stack."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
import pulumi_docker as docker

from components._component import Component, Extensions
from components.specs.swarm_network import SwarmNetworkSpec
from components.swarm.specification import labels


@dataclass(frozen=True)
class SwarmNetworkArgs:
    """What the network is connected to."""

    spec: SwarmNetworkSpec = field(default_factory=SwarmNetworkSpec)
    tags: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """Labels."""
    extensions: Extensions = field(default_factory=dict)


class SwarmNetwork(Component):
    """One overlay network: services on it reach one another by name, and nobody else reaches them."""

    network_id: pulumi.Output[str]
    network_name: pulumi.Output[str]
    network: docker.Network
    """The network itself: the escape hatch for what this component does not offer."""

    def __init__(self, name: str, args: SwarmNetworkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args.spec, tags=args.tags, extensions=args.extensions, opts=opts)
        spec = args.spec
        self.network = docker.Network(
            self.name_of("overlay"),
            driver="overlay",
            attachable=spec.attachable,
            options={"encrypted": "true"} if spec.encrypted else None,
            ipam_configs=[{"subnet": spec.subnet}] if spec.subnet else None,
            labels=labels(args.tags),
            opts=self.options_of("overlay"),
        )
        self.network_id, self.network_name = self.network.id, self.network.name
        self.finish()
