"""Names for resources whose program gives none: stable from run to run, new for a replacement."""

import hashlib
from typing import Any

from localcloud.aws.kind import Kind

DEFAULTS = "__defaults"
"""The input in which the names that the provider chose are noted, as the official provider does."""
_TAIL = 7
"""Random characters after the resource's name, as the official provider has it."""
_AFTER_A_PREFIX = 26
"""Those after a prefix that the program gives, where there is room."""


def with_name(
    kind: Kind, logical: str, seed: bytes, news: dict[str, Any], olds: dict[str, Any]
) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """The new inputs with a name: the given one, the one chosen before, or a fresh one made of `logical` and `seed` by
    the type's rule; and (input, reason) when the rule has no room for it."""
    name = kind.autoname
    if not name or news.get(name) is not None:
        return news, []
    prefix = news.get(f"{name}Prefix")
    tail = hashlib.sha256(seed).hexdigest()
    chosen = olds.get(name) if name in (olds.get(DEFAULTS) or ()) and olds.get(f"{name}Prefix") == prefix else None
    ending = kind.autoname_tail(news)
    if chosen is None and isinstance(prefix, str):
        room = kind.autoname_max - len(prefix) - len(ending)
        chosen = f"{prefix}{tail[: max(_TAIL, min(_AFTER_A_PREFIX, room))]}{ending}"
    elif chosen is None:
        base = logical.lower() if kind.autoname_lower else logical
        if kind.autoname_random:
            base = f"{base}-"
            if len(base) + _TAIL > kind.autoname_max:
                why = f"name '{base}' plus {_TAIL} random chars is longer than maximum length {kind.autoname_max}"
                return news, [(name, f"{why}; give the resource a shorter name, or set '{name}'")]
            base += tail[:_TAIL]
        chosen = f"{'' if base.startswith(kind.autoname_head) else kind.autoname_head}{base}{ending}"
    return news | {name: chosen, DEFAULTS: [name]}, []


def is_given(kind: Kind, news: dict[str, Any]) -> bool:
    """Whether the program itself names the resource."""
    return kind.autoname is not None and kind.autoname not in (news.get(DEFAULTS) or ())
