"""What the public functions are given, checked before anything is computed: a wrong kind of value is refused by name
and never taken for another one.

Every fault is a ValueError that says which argument, what kind of value was got, and what is allowed.
"""

from __future__ import annotations

import math
import numbers
from collections.abc import Iterable, Mapping, Sequence
from typing import Any


def kind(value: object) -> str:
    """What was got, in words: a number as it is, of text and the rest the kind only."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, numbers.Real):
        return "NaN, which is no number" if math.isnan(value) else str(value)
    return "text" if isinstance(value, str) else f"a {type(value).__name__}"


def _fault(name: str, value: object, allowed: str) -> ValueError:
    return ValueError(f"`{name}`: got {kind(value)}, allowed {allowed}")


def _range(what: str, minimum: float, maximum: float, above: float | None) -> str:
    if above is not None:
        return f"{what} above {above:g}" + (f" and up to {maximum:g}" if maximum < math.inf else "")
    if minimum == -math.inf:
        return what
    return f"{what} from {minimum:g} " + (f"to {maximum:g}" if maximum < math.inf else "up")


def _is_finite(value: Any) -> bool:
    """Whether it is a number at all, of Python or numpy, and a finite one."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number that no float holds
        return False


def number(
    name: str,
    value: Any,
    minimum: float = -math.inf,
    maximum: float = math.inf,
    *,
    above: float | None = None,
    instead: str = "",
) -> float:
    """`value` as it is, if a finite number from `minimum` to `maximum` and over `above`; `instead` ends the error.

    True and False are no numbers here, nor is text that reads like one.
    """
    if _is_finite(value) and minimum <= value <= maximum and (above is None or value > above):
        found: float = value
        return found
    what = "a finite number" if minimum == -math.inf and above is None else "a number"
    raise _fault(name, value, _range(what, minimum, maximum, above) + instead)


def count(name: str, value: Any, minimum: float = 0, maximum: float = math.inf) -> int:
    """`value` as an int, where it is a whole number from `minimum` to `maximum`; 3.0 is whole."""
    if _is_finite(value) and value == int(value) and minimum <= value <= maximum:
        return int(value)
    raise _fault(name, value, _range("a whole number", minimum, maximum, None))


def optional_count(name: str, value: Any, minimum: float = 0, maximum: float = math.inf) -> int | None:
    """As `count`; None stays None."""
    return None if value is None else count(name, value, minimum, maximum)


def one_of(name: str, value: Any, allowed: Iterable[str]) -> str:
    """`value`, where it is one of the names."""
    names = tuple(allowed)
    if value not in names:
        got = repr(value) if isinstance(value, str) else kind(value)
        raise ValueError(f"`{name}`: got {got}, allowed {', '.join(names)}")
    return str(value)


def sequence(name: str, value: Any, of: str) -> Sequence[Any]:
    """`value` as a sequence of something; text, a mapping and a single value are none."""
    if isinstance(value, (str, bytes, Mapping)) or not isinstance(value, Iterable):
        raise _fault(name, value, f"a list of {of}")
    return value if isinstance(value, Sequence) else list(value)


def mapping(name: str, value: Any, known: Iterable[str]) -> Mapping[str, Any]:
    """`value` as a mapping of `known` keys; raises ValueError that names those it does not know."""
    names = tuple(known)
    if not isinstance(value, Mapping):
        raise _fault(name, value, f"a mapping of {', '.join(names)}")
    unknown = sorted(str(key) for key in value if key not in names)
    if unknown:
        raise ValueError(f"`{name}`: does not know {', '.join(unknown)}, allowed {', '.join(names)}")
    return value


def points(name: str, value: Any) -> Sequence[float | None]:
    """`value` as datapoints: finite numbers, None for a missing one."""
    found = sequence(name, value, "numbers, None for a missing one")
    for point in found:
        if point is not None:
            number(name, point, instead="; write None for a missing one")
    return found
