"""What a stack exports, and what operators read back: one class for both."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pulumi


@dataclass(frozen=True)
class NetworkOutputs:
    """Where everything stands."""

    vpc_id: pulumi.Input[str]
    private_subnet_ids: Mapping[str, pulumi.Input[str]]
    """By zone."""
    nat_addresses: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """Public addresses, by zone, from which the stack is seen outside: for the allow lists of others."""


@dataclass(frozen=True)
class ServiceOutputs:
    """One container service, by the names that AWS's own tools take."""

    cluster: pulumi.Input[str]
    service: pulumi.Input[str]
    task_definition: pulumi.Input[str]
    """The declared revision, as an ARN. What runs may be another one after a rollback."""
    log_group: pulumi.Input[str]
    security_group_id: pulumi.Input[str]


@dataclass(frozen=True)
class GroupOutputs:
    """One Auto Scaling group."""

    group: pulumi.Input[str]
    launch_template_id: pulumi.Input[str]
    security_group_id: pulumi.Input[str]


@dataclass(frozen=True)
class SwarmServiceOutputs:
    """One service of a Swarm, by the names that Docker's own tools take."""

    service: pulumi.Input[str]
    service_id: pulumi.Input[str]
    network: pulumi.Input[str]


@dataclass(frozen=True)
class Outputs:
    """All that a stack tells the outside. Values are Outputs in the program and plain once read back."""

    composition: str
    region: str | None = None
    """None where no region is: on machines of one's own."""
    network: NetworkOutputs | None = None
    """The VPC; none on a Swarm."""
    url: pulumi.Input[str] | None = None
    """Where the balancer answers; none without a balancer or for a network balancer."""
    services: Mapping[str, ServiceOutputs | SwarmServiceOutputs] = field(default_factory=dict)
    groups: Mapping[str, GroupOutputs] = field(default_factory=dict)
    topic: pulumi.Input[str] | None = None
    """ARN of the topic that alarms are told to."""
    proxy: pulumi.Input[str] | None = None
    """Name of the Swarm's service that is the reverse proxy."""
    controller: pulumi.Input[str] | None = None
    """Name of the Swarm's service that scales the others."""
    dashboard: pulumi.Input[str] | None = None
    """Name of the CloudWatch dashboard."""
    expires: str | None = None
    """When the stack may be taken down, in UTC; none for one that stays."""

    def exports(self) -> dict[str, Any]:
        """Stack outputs by name, in snake case; what is not there is left out."""
        tree: dict[str, Any] = _tree(self)
        return tree

    @classmethod
    def read(cls, exported: Mapping[str, Any]) -> Outputs:
        """The outputs of a deployed stack from `pulumi stack output --json`.

        Raises ValueError that names every output that is missing.
        """
        on_swarm = any("service_id" in of for of in exported.get("services", {}).values())
        needed = ("composition",) if on_swarm else ("composition", "region", "network")
        missing = [name for name in needed if name not in exported]
        if missing:
            raise ValueError(
                f"the stack has no output {', '.join(missing)}: it is not deployed, or not with this program"
            )
        known = {name: exported[name] for name in _names(cls) & exported.keys()}
        return cls(
            **known
            | {
                "network": _one(NetworkOutputs, exported["network"]) if "network" in exported else None,
                "services": {
                    name: _one(SwarmServiceOutputs if on_swarm else ServiceOutputs, of)
                    for name, of in exported.get("services", {}).items()
                },
                "groups": {name: _one(GroupOutputs, of) for name, of in exported.get("groups", {}).items()},
            }
        )


def _names(kind: Any) -> set[str]:
    return {each.name for each in dataclasses.fields(kind)}


def _one(kind: Any, values: Mapping[str, Any]) -> Any:
    return kind(**{name: values[name] for name in _names(kind) & values.keys()})


def _tree(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        fields = {each.name: getattr(value, each.name) for each in dataclasses.fields(value)}
        return {name: _tree(of) for name, of in fields.items() if of is not None and of != {}}
    if isinstance(value, Mapping):
        return {name: _tree(of) for name, of in value.items()}
    return value
