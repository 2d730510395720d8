"""What the last deployment left behind, and when this one runs: the two things that a declaration alone cannot say.

A program reads both once (`stacks.deployed`) and hands them to its components; without them a component declares what
its spec says and nothing else. Two things need them: bounds that a schedule owns at this hour, and a new name for what
AWS does not let stand beside the old.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Deployed:
    """Resources of the stack's last state, by type and logical name, each with its outputs in camel case."""

    resources: Mapping[tuple[str, str], Mapping[str, Any]] = field(default_factory=dict)
    moment: datetime.datetime | None = None
    """When this deployment runs, aware; None where nobody says so."""

    @classmethod
    def of(cls, outputs: Mapping[str, Any], moment: datetime.datetime | None) -> Deployed:
        """What the engine answers about a stack: URN to `{type, outputs}`."""
        return cls(
            {(found["type"], urn.rpartition("::")[2]): found.get("outputs") or {} for urn, found in outputs.items()},
            moment,
        )

    def outputs(self, type_token: str, name: str) -> Mapping[str, Any]:
        """Outputs of one resource; empty where there is none."""
        return self.resources.get((type_token, name), {})

    def like(self, type_token: str, outputs: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
        """All of one type with these outputs among theirs, by logical name."""
        return {
            name: found
            for (type_, name), found in self.resources.items()
            if type_ == type_token and all(found.get(key) == value for key, value in outputs.items())
        }


NOTHING_KNOWN = Deployed()
"""No state was read and no clock: the first deployment, or a program that hands nothing over."""
