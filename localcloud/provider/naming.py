"""Names for resources whose program gives none: stable from run to run, new for a replacement."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

DEFAULTS = "__defaults"
"""The input in which the names that the provider chose are noted, as the official provider does."""
_TAIL = 7
"""Random characters after the resource's name, as the official provider has it."""
_AFTER_A_PREFIX = 26
"""Those after a prefix that the program gives, where there is room."""


@dataclass(frozen=True)
class Naming:
    """How a type's resources are named where the program does not."""

    input: str | None = None
    """The input that names the resource, filled in when the program leaves it out; None: it has no name."""
    longest: int = 255
    """The longest made-up name before `suffix`: the official provider's, or the cloud's where that is lower."""
    random: bool = True
    """Whether random characters follow the resource's name; an object's key is the name itself."""
    lower: bool = False
    """Whether the resource's name is taken in lower case, as a bucket's is."""
    prefix: str = ""
    """What a name of this kind begins with, such as `alias/`."""
    suffix: Callable[[dict[str, Any]], str] = field(default=lambda props: "")
    """f(inputs) -> what a name ends in, such as `.fifo` for a queue that is one."""


def with_name(
    naming: Naming, logical: str, seed: bytes, news: dict[str, Any], olds: dict[str, Any]
) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """The new inputs with a name: the given one, the one chosen before, or a fresh one made of `logical` and `seed` by
    the type's rule; and (input, reason) when the rule has no room for it."""
    name = naming.input
    if not name or news.get(name) is not None:
        return news, []
    prefix = news.get(f"{name}Prefix")
    tail = hashlib.sha256(seed).hexdigest()
    chosen = olds.get(name) if name in (olds.get(DEFAULTS) or ()) and olds.get(f"{name}Prefix") == prefix else None
    ending = naming.suffix(news)
    if chosen is None and isinstance(prefix, str):
        room = naming.longest - len(prefix) - len(ending)
        chosen = f"{prefix}{tail[: max(_TAIL, min(_AFTER_A_PREFIX, room))]}{ending}"
    elif chosen is None:
        base = logical.lower() if naming.lower else logical
        if naming.random:
            base = f"{base}-"
            if len(base) + _TAIL > naming.longest:
                why = f"name '{base}' plus {_TAIL} random chars is longer than maximum length {naming.longest}"
                return news, [(name, f"{why}; give the resource a shorter name, or set '{name}'")]
            base += tail[:_TAIL]
        chosen = f"{'' if base.startswith(naming.prefix) else naming.prefix}{base}{ending}"
    return news | {name: chosen, DEFAULTS: [name]}, []


def is_given(naming: Naming, news: dict[str, Any]) -> bool:
    """Whether the program itself names the resource."""
    return naming.input is not None and naming.input not in (news.get(DEFAULTS) or ())
