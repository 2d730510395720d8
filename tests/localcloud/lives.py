"""What is done to the catalogue's resource of a type in the test of its life."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.localcloud.catalogue import World

Values = dict[str, Any]


@dataclass(frozen=True)
class Life:
    """What is done to the catalogue's resource of a type."""

    change: Values | None = None
    """Inputs of an update in place, beside the catalogue's; None takes one away. None: nothing changes in place."""
    replaces: Mapping[str, Any] = field(default_factory=dict)
    """Input -> another value, which needs another resource."""
    behind: tuple[str, str, Mapping[str, Any], str, Any] | None = None
    """(service, call, its arguments, input, its value as a refresh has to see it); `{id}` and outputs are filled in.
    None: AWS has no call that changes it."""
    import_id: str = "{id}"
    """What a person gives to `pulumi import`, over the outputs."""
    unimported: frozenset[str] = frozenset()
    """Inputs that AWS never tells, so that the first preview after an import shows them."""
    kept: bool = False
    """Whether the resource stays at AWS when the program has it no more."""
    more: Callable[[World], Values] = field(default=lambda world: {})
    """Inputs beside the catalogue's that are there from the start."""
