"""What the engine reads where a stack file has a word without quotes.

The engine's reader (Go, yaml.v3) keeps forms of YAML 1.1 that ours (YAML 1.2) has left: 010 is its 8. `word` follows
`resolve` of that module; tests/stacks/engine_yaml holds it to what the engine itself reads.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}(?:[Tt ].*)?", re.DOTALL)
"""What one of the readers may take for a time: each gives a program another text of it."""
_NAMED: Mapping[str, Any] = MappingProxyType(
    {
        **dict.fromkeys(("true", "True", "TRUE"), True),
        **dict.fromkeys(("false", "False", "FALSE"), False),
        **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
        **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
        **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), math.inf),
        **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), -math.inf),
    }
)
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_WHOLE = re.compile(r"([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))")
_EXACT = 2**53
"""Up to here a float64 holds every whole number."""
_BETWEEN_DIGITS = re.compile("(?<=[0-9])_(?=[0-9])")
_SIGN_INSIDE = re.compile(r"0(?:b([-+][01]+)|o([-+][0-7]+))")
"""A whole number whose sign stands behind its base, which the engine's reader also takes."""


def word(text: str) -> Any:
    """The value that the engine reads: None, a truth value, a number, or the text itself. A time is left a text: see
    DATE."""
    if text in _NAMED:
        return _NAMED[text]
    if text[:1] == ".":
        return _float(_BETWEEN_DIGITS.sub("", text), text)
    if text[:1] not in set("0123456789+-"):
        return text
    plain = text.replace("_", "")
    found = _whole(plain)
    return _float(plain, text) if found is None else found


def _whole(plain: str) -> int | None:
    inside = _SIGN_INSIDE.fullmatch(plain)
    if inside:
        return int(inside[1], 2) if inside[1] else int(inside[2], 8)
    found = _WHOLE.fullmatch(plain)
    if not found:
        return None
    sign, *digits = found.groups()
    value = next(int(part, base) for part, base in zip(digits, (16, 2, 8, 10), strict=True) if part is not None)
    value = -value if sign == "-" else value
    return value if -(2**63) <= value < (2**63 if sign else 2**64) else None


def _float(plain: str, text: str) -> float | str:
    if not _FLOAT.fullmatch(plain):
        return text
    value = float(plain)
    return text if math.isinf(value) else value  # out of range is no number for it


def difference(text: str, ours: Any) -> str | None:
    """How the two readings of an unquoted word differ, with what to write instead; None where they are one.

    `ours` is what this project's reader makes of it. The sentence has nothing of the value, which may be secret.
    """
    if DATE.fullmatch(text):
        return "a date or time without quotes, which the engine reads as another text: quote it"
    if isinstance(ours, str):
        ours = str(ours)
    elif isinstance(ours, (int, float)) and not isinstance(ours, bool):
        ours = float(ours) if isinstance(ours, float) else int(ours)
    engines = word(text)
    if (
        isinstance(engines, float)
        and isinstance(ours, float)
        and not math.isfinite(engines)
        and not math.isfinite(ours)
    ):
        return None  # no number for either: each setting says what it allows
    if isinstance(engines, float) and isinstance(ours, int) and abs(ours) > _EXACT:
        return "a whole number beyond 64 bits, of which the engine keeps the first digits: write a smaller one"
    kinds = {type(ours), type(engines)}
    if ours == engines and (len(kinds) == 1 or kinds == {int, float}):
        return None
    if "_" in text:
        how = "with `_`"
    elif re.match(r"[-+]?0[0-9]", text):
        how = "with a zero in front"
    elif re.match(r"[-+]?0[a-zA-Z]", text):
        how = "of another base than ten"
    else:
        how = "of an unusual form"
    return f"a number {how}, which the engine reads otherwise: write plain digits, or quote it where a text is meant"
