"""A child under a new name takes over what AWS does not let stand twice.

The engine makes what is new before it deletes what is old. Where AWS refuses the second (two tracking policies on one
metric, two listener rules of one priority, two equal security group rules), a renamed key would be stuck for ever: the
child is then registered as the former one (an alias), and stays the same resource. docs/decisions/0022.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi

from components._component import Component
from components.deployed import Deployed

Values = Mapping[str, Any]


@dataclass(frozen=True)
class Single:
    """What AWS lets stand once only, among the resources of one type at one place."""

    type: str
    """Type token."""
    what: str
    """In words, for the sentence about a rule that takes it from another."""
    identity: Callable[[Values], Hashable | None]
    """From inputs in snake case or outputs in camel case; None where nothing is single."""
    vague: Callable[[Hashable], bool] = lambda _: False
    """Whether two of that identity may yet differ in what is known after deployment only."""


def former_names(
    component: Component,
    deployed: Deployed,
    single: Single,
    place: Values,
    planned: Mapping[str, Values],
) -> dict[str, Sequence[pulumi.Alias]]:
    """By role, the alias of each planned child that takes over what a deployed one of another name holds.

    `place`: outputs that children of this component share, such as the ARN of their listener; without their values
    nothing is deployed there. `planned`: role to inputs, of all children of the type. Raises `pulumi.RunError` where a
    child that is kept would take what another still holds: nothing but a new name helps then.
    """
    if any(value is None for value in place.values()):
        return {}
    held = {name: single.identity(found) for name, found in deployed.like(single.type, place).items()}
    wanted = {component.name_of(role): single.identity(inputs) for role, inputs in planned.items()}
    roles = {component.name_of(role): role for role in planned}
    unclear = {one for found in (held, wanted) for one, count in Counter(found.values()).items() if count > 1}
    aliases: dict[str, Sequence[pulumi.Alias]] = {}
    for name, identity in wanted.items():
        if identity is None or identity in unclear:
            continue
        holder = next((other for other, has in held.items() if has == identity and other != name), None)
        if holder is None:
            continue
        if (name in held or holder in wanted) and single.vague(identity):
            continue
        if name in held or holder in wanted:
            taken = holder.removeprefix(f"{component.instance}-")
            raise pulumi.RunError(
                f"{component.instance}: {roles[name]} takes over the {single.what} of {taken}, "
                f"and AWS has it once only: give {'each of the two' if holder in wanted else 'it'} a new name, "
                "then what is deployed moves along"
            )
        aliases[roles[name]] = [pulumi.Alias(name=holder)]
    return aliases


def plain(values: Any) -> Any:
    """Keys of inputs and outputs in one form, values as they are; Outputs and what is empty left out."""
    if isinstance(values, Mapping):
        found = {key.replace("_", "").lower(): plain(value) for key, value in values.items()}
        return {key: value for key, value in found.items() if value not in (None, "", [], {})}
    if isinstance(values, list | tuple):
        return [plain(value) for value in values]
    return None if isinstance(values, pulumi.Output) else values
