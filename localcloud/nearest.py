"""What to say about a type or a function that a cloud does not serve.

The language host says it of a whole program and the provider of one request. The host carries this file beside its own,
without the rest of this package.
"""

import difflib
from collections.abc import Iterable


def unserved_type(token: str, served: Iterable[str], adding: str, why: str = "") -> str:
    """The sentence for a type that is not served: why, what is near, and how to add it."""
    return f"the local cloud serves no {token}{because(why)}{near(token, served)}; {adding}"


def because(why: str) -> str:
    """A reason as the next part of a sentence."""
    return f": {why}" if why else ""


def unserved_function(token: str, served: Iterable[str], adding: str) -> str:
    """The sentence for a function that is not answered."""
    return f"the local cloud answers no {token}{near(token, served)}; {adding}"


def near(token: str, served: Iterable[str]) -> str:
    """The served tokens that are near, in brackets; empty when there is none."""
    served = sorted(served)
    module, name = token.split("/")[0], token.split(":")[-1]
    beside = [t for t in served if t.split("/")[0] == module]
    names = {t.split(":")[-1].lower(): t for t in served}
    alike = [names[n] for n in difflib.get_close_matches(name.lower(), names, 2)]
    found = list(dict.fromkeys([*alike, *difflib.get_close_matches(token, beside, 3, 0.5)]))[:3] or beside[:5]
    return f" (nearest served: {', '.join(found)})" if found else ""
