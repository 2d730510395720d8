"""URNs of resources: `urn:pulumi:stack::project::parent type$type::name`."""

from collections.abc import Callable
from typing import Any

ROOT_TYPE = "pulumi:pulumi:Stack"
_HEAD = "urn:pulumi:"

Resource = dict[str, Any]
"""A resource of a deployment, as in the engine's JSON."""


def parts(urn: str) -> tuple[str, str, str, str]:
    """Stack, project, types with those of the parents, and name of a URN; the name may contain the separator."""
    stack, project, types, name = urn.removeprefix(_HEAD).split("::", 3)
    return stack, project, types, name


def joined(stack: str, project: str, types: str, name: str) -> str:
    """The URN of these parts."""
    return f"{_HEAD}{stack}::{project}::{types}::{name}"


def under(urn: str, parent: str) -> str:
    """The URN of a resource whose parent has got another URN."""
    stack, project, types, name = parts(urn)
    return joined(stack, project, f"{parts(parent)[2]}${types.rpartition('$')[2]}", name)


def rewritten(resource: Resource, new: Callable[[str], str]) -> Resource:
    """A copy of a resource with each URN that it refers to, and its own, replaced."""
    copy = dict(resource)
    for key in ("urn", "parent", "deletedWith", "viewOf"):
        if copy.get(key):
            copy[key] = new(copy[key])
    for key in ("dependencies", "replaceWith"):
        if copy.get(key):
            copy[key] = [new(urn) for urn in copy[key]]
    if copy.get("propertyDependencies"):
        copy["propertyDependencies"] = {
            name: [new(urn) for urn in urns or ()] for name, urns in copy["propertyDependencies"].items()
        }
    if copy.get("provider"):
        urn, separator, id_ = copy["provider"].rpartition("::")
        copy["provider"] = f"{new(urn)}{separator}{id_}"
    return copy


def renamed(urn: str, project: str, stack: str) -> str:
    """The URN in a stack, or a project, of another name: the root resource is named after both."""
    _, _, types, name = parts(urn)
    return joined(stack, project, types, f"{project}-{stack}" if types == ROOT_TYPE else name)
