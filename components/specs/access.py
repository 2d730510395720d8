"""What a unit may reach and may do: openings of its security group, statements of its role."""

from __future__ import annotations

import math
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from elasticity.faults import Fault
from elasticity.rules import Model, refuse

PortNumber = Annotated[int, Field(ge=1, le=65_535)]
Cidr = Annotated[str, Field(pattern=r"^\d{1,3}(\.\d{1,3}){3}/(3[0-2]|[12]?\d)$")]


class Opening(Model):
    """One port or range, to or from one address range or security group."""

    port: PortNumber | None = None
    """None together with protocol `all`: every port."""
    to_port: PortNumber | None = None
    """End of a range; without it the one port."""
    protocol: Literal["tcp", "udp", "all"] = "tcp"
    cidr: Cidr | None = None
    security_group: Annotated[str, Field(pattern=r"^sg-[0-9a-f]+$")] | None = None
    prefix_list: Annotated[str, Field(pattern=r"^pl-[0-9a-f]+$")] | None = None

    @model_validator(mode="after")
    def _one_peer_and_a_port(self) -> Self:
        faults: list[Fault] = []
        if sum(peer is not None for peer in (self.cidr, self.security_group, self.prefix_list)) != 1:
            faults.append(Fault(("cidr",), "give exactly one of `cidr`, `security_group` and `prefix_list`"))
        if (self.protocol == "all") != (self.port is None):
            faults.append(Fault(("port",), "give a port with tcp and udp, none with `protocol: all`"))
        if self.to_port is not None and (self.port is None or self.to_port < self.port):
            faults.append(Fault(("to_port",), "below `port`, or without it"))
        refuse(type(self), faults)
        return self


HTTPS_ANYWHERE = Opening(port=443, cidr="0.0.0.0/0")


class Permission(Model):
    """One allow statement of a role."""

    actions: tuple[Annotated[str, Field(pattern=r"^[a-z0-9-]+:[A-Za-z0-9*]+$")], ...] = Field(min_length=1)
    """Such as s3:GetObject. A whole service (`s3:*`) is refused."""
    resources: tuple[Annotated[str, Field(pattern=r"^(arn:\S+|\*)$")], ...] = Field(min_length=1)
    """ARNs; `*` only for actions that know no resource."""
    conditions: dict[str, dict[str, str | tuple[str, ...]]] = {}
    """Operator to key to value, as in IAM."""

    @model_validator(mode="after")
    def _names_its_actions(self) -> Self:
        refuse(
            type(self),
            [
                Fault(("actions", index), "a whole service is more than an application needs: name the actions")
                for index, action in enumerate(self.actions)
                if whole_service(action)
            ],
        )
        return self

    @property
    def statement(self) -> dict[str, object]:
        """The statement as IAM writes it."""
        condition: dict[str, object] = {"Condition": self.conditions} if self.conditions else {}
        return {"Effect": "Allow", "Action": list(self.actions), "Resource": list(self.resources), **condition}


def whole_service(action: str) -> bool:
    """Whether an action of IAM stands for every action of a service, or of all."""
    return set(action.rpartition(":")[2]) == {"*"}


def whole_units(amount: float) -> int:
    """Rounded up to a whole number: seconds that an API takes, never fewer than asked for."""
    return math.ceil(amount - 1e-9)
