"""What to say about a type or a function that a cloud does not serve."""

import difflib
from collections.abc import Iterable


def unserved_type(token: str, served: Iterable[str], adding: str) -> str:
    """The sentence for a type that is not served: what is near, and how to add it."""
    return f"the local cloud serves no {token}{_near(token, served)}; {adding}"


def unserved_function(token: str, served: Iterable[str], adding: str) -> str:
    """The sentence for a function that is not answered."""
    return f"the local cloud answers no {token}{_near(token, served)}; {adding}"


def _near(token: str, served: Iterable[str]) -> str:
    served = sorted(served)
    module, name = token.split("/")[0], token.split(":")[-1]
    beside = [t for t in served if t.split("/")[0] == module]
    names = {t.split(":")[-1].lower(): t for t in served}
    alike = [names[n] for n in difflib.get_close_matches(name.lower(), names, 2)]
    near = list(dict.fromkeys([*alike, *difflib.get_close_matches(token, beside, 3, 0.5)]))[:3] or beside[:5]
    return f" (nearest served: {', '.join(near)})" if near else ""
