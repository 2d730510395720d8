"""Names for resources whose program gives none: stable from run to run, new for a replacement."""

import hashlib
from typing import Any

from localcloud.aws.kind import Kind

DEFAULTS = "__defaults"
"""The input in which the names that the provider chose are noted, as the official provider does."""
_TAIL = 7


def with_name(kind: Kind, logical: str, seed: bytes, news: dict[str, Any], olds: dict[str, Any]) -> dict[str, Any]:
    """The new inputs with a name: the given one, the one chosen before, or a fresh one made of `logical` and `seed`."""
    name = kind.autoname
    if not name or news.get(name) is not None:
        return news
    prefix = news.get(f"{name}Prefix")
    tail = hashlib.sha256(seed).hexdigest()
    chosen = olds.get(name) if name in (olds.get(DEFAULTS) or ()) and olds.get(f"{name}Prefix") == prefix else None
    if chosen is None and prefix is not None and isinstance(prefix, str):
        chosen = f"{prefix}{tail[: max(_TAIL, min(26, kind.autoname_max - len(prefix)))]}"
    elif chosen is None:
        room = kind.autoname_max - _TAIL - 1 - len(kind.autoname_head) - len(kind.autoname_tail)
        chosen = f"{kind.autoname_head}{logical[:room].rstrip('-')}-{tail[:_TAIL]}{kind.autoname_tail}"
    return news | {name: chosen, DEFAULTS: [name]}


def is_given(kind: Kind, news: dict[str, Any]) -> bool:
    """Whether the program itself names the resource."""
    return kind.autoname is not None and kind.autoname not in (news.get(DEFAULTS) or ())
