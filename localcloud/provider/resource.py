"""What a cloud is to the provider, and what a type of resources is: protocols over plain values.

A cloud implements `Cloud`, its types `Resource`, its functions `Function`. `Session` is the cloud's own: what its
configuration made of one provider instance. Values are plain Python, in the form in which `wire` has them: what is not
known yet is a mark in place of a value, and no value says that it is secret.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from localcloud.provider.schema import Obj, Type  # the SDK of Pulumi is nothing that an Engine's client needs

Props = dict[str, Any]
Faults = Iterable[tuple[str, str]]
"""(path, reason) of each thing that is wrong."""
Session = TypeVar("Session")
_Session = TypeVar("_Session", contravariant=True)


class Refused(Exception):  # noqa: N818 -- what happened, in the words of the cloud
    """What the local cloud or a cloud's own rules refuse, as a sentence for the person."""


class Orphaned(Refused):
    """A creation failed halfway, and what it had made could not be deleted again."""

    def __init__(self, message: str, resource_id: str, props: Props) -> None:
        super().__init__(message)
        self.resource_id, self.props = resource_id, props


@dataclass(frozen=True)
class Caller:
    """Who asked for a call that may last."""

    warn: Callable[[str], None] = lambda text: None
    """Says one sentence to the person while the call lasts."""
    cancelled: threading.Event = field(default_factory=threading.Event)
    """Set when the person wants to stop."""
    folder: Callable[[], Path | None] = lambda: None
    """Where the person's program runs."""


@dataclass
class Difference:
    """What differs, and what follows from it."""

    detail: dict[str, str] = field(default_factory=dict)
    """Property path -> ADD, DELETE or UPDATE, with _REPLACE where it forces a replacement."""
    replaces: list[str] = field(default_factory=list)
    """Inputs of the top level that force a replacement."""
    delete_before_replace: bool = False
    stable: Collection[str] = ("id",)
    """Outputs that no update changes."""
    configured: Collection[str] = ()
    """Properties of the top level that come from the provider's configuration: inputs of an older state may lack
    them, so their difference is one of the outputs."""


@dataclass(frozen=True)
class Found:
    """A resource as it was read."""

    id: str
    state: Props
    """Its outputs."""
    inputs: Props
    """The inputs that a program would have to give for it."""


class Resource(Protocol[_Session]):
    """A type of resources. Each method may raise Refused, and errors that its cloud explains."""

    @property
    def sensitive(self) -> Collection[str]:
        """Paths of properties that are secret whether or not a program says so: inputs and outputs."""

    def check(
        self, session: _Session, name: str, seed: bytes, news: Props, olds: Props, /
    ) -> tuple[Props, list[tuple[str, str]]]:
        """The inputs with what the provider adds, and everything that is wrong with them, as (path, reason).

        `name` is the resource's name in the program, `seed` what a made-up name is drawn from; `olds` are the inputs
        that were checked before, empty for a new resource.
        """

    def diff(self, session: _Session, old: Props, new: Props, state: Props, ignored: Sequence[str], /) -> Difference:
        """What brings the old inputs to the new ones. `ignored` are the paths of `ignoreChanges`."""

    def create(self, session: _Session, inputs: Props, caller: Caller, /) -> tuple[str, Props]:
        """Make it; returns its id and outputs. Nothing is left behind when that fails.

        Raises: Orphaned where something is.
        """

    def read(self, session: _Session, resource_id: str, inputs: Props, state: Props, /) -> Found | None:
        """What there is, for a refresh; for an import with neither inputs nor state. None when it is gone."""

    def update(
        self, session: _Session, resource_id: str, old: Props, new: Props, state: Props, caller: Caller, /
    ) -> Props:
        """Bring it from the old inputs to the new ones; returns its outputs."""

    def delete(self, session: _Session, resource_id: str, state: Props, /) -> None:
        """Delete it; what is gone already is no error."""

    def expect_create(self, session: _Session, inputs: Props, /) -> Props:
        """The outputs of a creation that has not happened."""

    def expect_update(self, session: _Session, old: Props, new: Props, state: Props, /) -> Props:
        """The outputs of an update that has not happened."""


class Function(Protocol[_Session]):
    """A function of a cloud."""

    @property
    def schema(self) -> tuple[Obj, Mapping[str, Type]]:
        """Its arguments and its outputs."""

    def invoke(self, session: _Session, arguments: Props, /) -> Props:
        """The answer; raises Refused with a sentence when there is none, or too much."""


class Cloud(Protocol[Session]):
    """A cloud that the provider serves."""

    @property
    def package(self) -> str:
        """The name of its Pulumi package: the first part of its tokens."""

    @property
    def version(self) -> str:
        """The version of the package that its types are written against."""

    @property
    def resources(self) -> Mapping[str, Resource[Session]]:
        """Token -> type."""

    @property
    def functions(self) -> Mapping[str, Function[Session]]:
        """Token -> function."""

    @property
    def reasons(self) -> Mapping[str, str]:
        """Token of a type that is not served -> why, where there is more to say than that it has no row."""

    @property
    def adding_a_type(self) -> str:
        """Half a sentence for who needs a type that is not served."""

    @property
    def adding_a_function(self) -> str:
        """The same for a function."""

    @property
    def identity(self) -> Collection[str]:
        """The variables of the configuration that a resource's making hangs on: the ledger keeps them."""

    def configure(self, variables: Mapping[str, str], folder: Callable[[], Path | None], /) -> Session:
        """What one provider instance works with.

        `variables` are its configuration, without `package:config:`; `folder` tells where the person's program runs.

        Raises: Refused for a configuration that cannot be.
        """

    def explain(self, error: BaseException, /) -> str | None:
        """The sentence for an error in which the cloud refuses something; None for any other error."""


def sentence(error: BaseException, explain: Callable[[BaseException], str | None]) -> str:
    """What went wrong, without a traceback."""
    if (said := explain(error)) is not None:
        return said
    if isinstance(error, Refused | ValueError) or type(error).__module__.startswith("localcloud."):
        return str(error)
    return f"the offline provider failed: {type(error).__name__}: {error}"
