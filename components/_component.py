"""What every component shares: its token, its inputs in state, the options and tags of its children, its outputs.

No AWS here.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import pulumi
from pydantic import BaseModel

from components.specs.naming import LONGEST_NAME, SUFFIX, reserved

PACKAGE = "accordion"
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")

Extensions = Mapping[str, pulumi.ResourceOptions]
"""Options laid over those of single children, by role: what `transforms` do blindly, by name and checked."""


def token(component: type) -> str:
    """Type token of a component class, `accordion:index:<Class>`: state in somebody's stack, so no class is renamed."""
    return f"{PACKAGE}:index:{component.__name__}"


class Component(pulumi.ComponentResource):
    """A component with a spec.

    A subclass annotates its public outputs, makes its children with `self.name_of(role)` and `self.options_of(role)`,
    sets the annotated attributes and ends with `self.finish()`.
    """

    type_token: ClassVar[str]
    """`accordion:index:<Class>`."""

    def __init_subclass__(cls, **arguments: Any) -> None:
        super().__init_subclass__(**arguments)
        cls.type_token = token(cls)

    def __init__(
        self,
        name: str,
        spec: BaseModel,
        *,
        tags: Mapping[str, pulumi.Input[str]] | None = None,
        extensions: Extensions | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Register the component with its spec as its inputs: in state, in diffs, within reach of policies.

        Raises `pulumi.RunError` for a name that is too long or of the wrong form.
        """
        _check_name(type(self).__name__, name)
        inputs = {"spec": spec.model_dump(mode="json", by_alias=True, exclude_none=True)}
        super().__init__(self.type_token, name, inputs, opts)
        self._instance = name
        self._tags = dict(tags or {})
        self._extensions = dict(extensions or {})
        self._roles: set[str] = set()

    @property
    def instance(self) -> str:
        """The component's own logical name."""
        return self._instance

    def name_of(self, role: str, *, longest: int | None = None) -> str:
        """Logical name of the child with that role.

        `longest` is AWS's limit for the physical name, if it is one that names of ours can reach. Raises
        `pulumi.RunError` when the name does not fit with the engine's suffix: a name that is cut collides.
        """
        name = f"{self._instance}-{role}"
        if longest is not None and len(name) > longest - SUFFIX:
            raise pulumi.RunError(
                f"{type(self).__name__} {self._instance}: the child {name} has {len(name)} characters, allowed are "
                f"{longest - SUFFIX}: AWS limits its name to {longest} and auto-naming adds {SUFFIX}"
            )
        return name

    def options_of(
        self,
        role: str,
        *,
        depends_on: Sequence[pulumi.Resource] = (),
        ignore_changes: Sequence[str] = (),
        replace_on_changes: Sequence[str] = (),
        delete_before_replace: bool | None = None,
        aliases: Sequence[str | pulumi.Alias] = (),
        protect: bool | None = None,
        replacement_trigger: str | None = None,
    ) -> pulumi.ResourceOptions:
        """Options of the child with that role: the component's own, then the user's extension, and the parent last.

        The parent comes last, and the caller's `opts` never reach a child: otherwise it is registered outside its
        component. Provider and protection come from the parent by themselves; ignore lists do not, so they are set
        here.
        """
        self._roles.add(role)
        own = pulumi.ResourceOptions(
            depends_on=list(depends_on) or None,
            ignore_changes=list(ignore_changes) or None,
            replace_on_changes=list(replace_on_changes) or None,
            delete_before_replace=delete_before_replace,
            aliases=list(aliases) or None,
            protect=protect,
            replacement_trigger=replacement_trigger,
        )
        extended = pulumi.ResourceOptions.merge(own, self._extensions.get(role))
        return pulumi.ResourceOptions.merge(extended, pulumi.ResourceOptions(parent=self))

    def tags_of(self, role: str, **more: pulumi.Input[str]) -> dict[str, pulumi.Input[str]]:
        """Tags of the child with that role: its name, the user's tags, then `more`.

        The provider's default tags come on top.
        """
        return {"Name": self.name_of(role), **self._tags, **more}

    def finish(self) -> None:
        """Register the annotated outputs. Last in every constructor, on every path.

        Raises `pulumi.RunError` for an extension of a child that does not exist.
        """
        unknown = sorted(self._extensions.keys() - self._roles)
        if unknown:
            raise pulumi.RunError(
                f"{type(self).__name__} {self._instance}: extensions.{', extensions.'.join(unknown)}: "
                f"no such child, allowed {', '.join(sorted(self._roles)) or 'none'}"
            )
        self.register_outputs({name: _plain(getattr(self, name)) for name in output_names(type(self))})


def output_names(component: type) -> tuple[str, ...]:
    """Names of the outputs of a component class: its public annotated attributes, in order."""
    return tuple(
        name
        for owner in reversed(component.__mro__)
        if issubclass(owner, Component) and owner is not Component
        for name, kind in owner.__annotations__.items()
        if not name.startswith("_") and "ClassVar" not in str(kind)
    )


def _plain(value: Any) -> Any:
    """A value in a form that the engine can keep: dataclasses become maps, resources their ids."""
    if isinstance(value, pulumi.CustomResource):
        return value.id
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def _check_name(component: str, name: str) -> None:
    if len(name) > LONGEST_NAME:
        raise pulumi.RunError(
            f"{component} {name}: the name has {len(name)} characters, allowed are {LONGEST_NAME}: "
            "AWS limits the names of the resources inside to 32"
        )
    if not _NAME.fullmatch(name):
        raise pulumi.RunError(
            f"{component} {name}: the name is not in lower case letters, digits and single hyphens, "
            "starting with a letter"
        )
    if (why := reserved(name)) is not None:
        raise pulumi.RunError(f"{component} {name}: the name {why}")
