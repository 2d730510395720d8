"""How a cloud runs on this machine: the servers that it needs, and what sends its clients to them.

Commands know this of each cloud without loading it. What the provider has to know is in
`localcloud.provider.resource`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from localcloud.cloud.project import Place
    from localcloud.ledger import Creation, Remembers


WARNING = "warning: "
"""Head of a line that a stand-in prints while it starts and that people read."""


@dataclass(frozen=True)
class StandIn:
    """A server that answers in a cloud's place."""

    module: str
    """Module that is run, with `--port PORT` and `--token-file FILE` before its options."""
    options: Callable[[Place], Sequence[str]]
    starting: str
    """What is said while it starts."""
    kept: Callable[[Place], Path] | None = None
    """The file that it keeps all that was made in; None for one that has no such file."""
    settings: Callable[[Mapping[str, str]], str] = lambda environment: ""
    """f(environment) -> what it reads there: another value starts it anew."""


@dataclass(frozen=True)
class Attached:
    """A cloud whose servers answer."""

    endpoint: str | None
    """Where its stand-in does; None for a cloud that needs none."""
    provider: int
    """The port of its provider."""


class Cloud:
    """A cloud on this machine; one that needs less overrides less."""

    title: str
    """What people call it."""
    package: str
    """The name of its Pulumi package: the engine attaches its provider under it, and the ledger names it so."""
    module: str
    """The module that has it for the provider, as `open_cloud(endpoint, token)`: the endpoint is its stand-in's."""
    stand_in: StandIn | None = None

    @property
    def provider(self) -> str:
        """The name of its provider's record and log."""
        return f"{self.package}-provider"

    def is_used(self, folder: Path | None, place: Place) -> bool:
        """Whether the project in a folder may use it, or has something in it: its servers start for such a project
        alone."""
        return True

    def address(self, environment: Mapping[str, str]) -> str | None:
        """Where it answers by itself, on this machine, for a cloud that has no stand-in; None where nothing does."""
        return None

    def settings(self, environment: Mapping[str, str]) -> str:
        """What its provider reads there: another value starts it anew."""
        return ""

    def leads_away(self, variable: str) -> bool:
        """Whether an environment variable may lead to a real account."""
        return False

    def variables(self, endpoint: str | None, token: str, environment: Mapping[str, str]) -> Mapping[str, str]:
        """What sends its clients to the endpoint, and nowhere at all without one; `token` is the place's."""
        return {}

    def asked(self, place: Place) -> Collection[str] | None:
        """Keys of creations (`localcloud.ledger`) with which the cloud was asked to change something.

        Such a creation, made once more under its key, ends as it ended the first time; any other has made nothing. None
        for a cloud that keeps no record of them: how a creation that was cut short ended is not known then.
        """
        return None

    def remembers(self, place: Place) -> Remembers | None:
        """Which changes its record still has, by the numbers that the provider's ledger has of them.

        None for a cloud whose changes have none, or whose record is not there.
        """
        return None

    def of_a_shell(self, environment: Mapping[str, str], made: Iterable[Creation]) -> Mapping[str, str]:
        """What a person's shell is told beyond that; `made` is what stands in the clouds of its place."""
        return {}
