"""Properties of pulumi-docker and fields of the Engine's API, by one table for both directions."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

_UNITS = {"ns": 1, "us": 10**3, "µs": 10**3, "ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9}
_PART = re.compile(r"(\d+\.?\d*|\.\d+)(ns|us|µs|ms|s|m|h)")
_DURATION = re.compile(rf"(?:{_PART.pattern})+|0")


def nanoseconds(text: str) -> int:
    """A duration as Go writes it (`1m30s`) in nanoseconds, as the Engine has it: a plain 5 would be five of them.

    Raises: ValueError.
    """
    if not _DURATION.fullmatch(text):
        raise ValueError(f"{text!r} is no duration")
    return int(sum(Decimal(number) * _UNITS[unit] for number, unit in _PART.findall(text)))


def duration(count: int) -> str:
    """Nanoseconds as the official provider writes them: `5s`, `1m30s`, `500ms`, `2m`."""
    if count < _UNITS["s"]:
        unit = next((each for each in ("ms", "us") if count >= _UNITS[each]), "ns")
        return f"{_decimal(Decimal(count) / _UNITS[unit])}{unit}" if count else "0s"
    minutes, rest = divmod(count, _UNITS["m"])
    hours, minutes = divmod(minutes, 60)
    seconds = _decimal(Decimal(rest) / _UNITS["s"])
    parts = [(hours, "h"), (minutes, "m"), (seconds, "s")]
    return "".join(f"{number}{unit}" for number, unit in parts if number not in (0, "0"))


def _decimal(number: Decimal) -> str:
    return f"{number:f}".rstrip("0").rstrip(".") if "." in f"{number:f}" else f"{number:f}"


@dataclass(frozen=True)
class Codec:
    """A value of a program and the same value at the Engine."""

    encode: Callable[[Any], Any] = lambda value: value
    decode: Callable[[Any], Any] = lambda value: value
    normal: Callable[[str], Any] | None = None
    """f(text) -> what two texts that mean the same have in common."""
    unordered: bool = False


def _duration_or_text(text: str) -> Any:
    try:
        return nanoseconds(text)
    except ValueError:
        return text


def _number_or_text(text: str) -> Any:
    try:
        return float(text)
    except ValueError:
        return text


def _pairs(values: Mapping[str, str]) -> list[str]:
    return [f"{name}={value}" for name, value in sorted(values.items())]


def _unpaired(values: list[str]) -> dict[str, str]:
    return {name: value for name, _, value in (pair.partition("=") for pair in values)}


AS_IS = Codec()
DURATION = Codec(nanoseconds, duration, _duration_or_text)
RATIO = Codec(float, lambda ratio: str(float(ratio)), _number_or_text)
PAIRS = Codec(_pairs, _unpaired)
"""A map here, a list of `name=value` there."""
MAP_OF_PAIRS = Codec(_unpaired, _pairs, unordered=True)
"""A list of `name=value` here, a map there."""
LABELS = Codec(
    lambda labels: {each["label"]: each["value"] for each in labels},
    lambda labels: [{"label": name, "value": value} for name, value in sorted(labels.items())],
    unordered=True,
)
SET = Codec(unordered=True)
HOSTS = Codec(
    lambda hosts: [f"{each['ip']} {each['host']}" for each in hosts],
    lambda hosts: [dict(zip(("ip", "host"), each.split(None, 1), strict=False)) for each in hosts],
    unordered=True,
)


@dataclass(frozen=True)
class Field:
    """One property."""

    name: str
    """As programs write it."""
    engine: str
    """The Engine's name for it, with dots where it lies deeper."""
    codec: "Codec | Block" = AS_IS
    default: Any = None
    """What leaving it out means: no difference to a program that says it. None where that is the Engine's choice."""
    many: bool = False
    """Whether it is a list of such blocks."""
    ordered: bool = False
    """Whether their order means something."""


@dataclass(frozen=True)
class Block:
    """Properties that lie together."""

    fields: tuple[Field, ...]

    def encode(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The Engine's form of a program's."""
        found: dict[str, Any] = {}
        for field in self.fields:
            value = values.get(field.name)
            value = field.default if value is None else value
            if value is not None:
                encode = field.codec.encode
                _put(found, field.engine, [encode(each) for each in value] if field.many else encode(value))
        return found

    def decode(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """A program's form of the Engine's; what is empty there is left out."""
        found: dict[str, Any] = {}
        for field in self.fields:
            value = _at(values, field.engine)
            if value is not None and value not in ("", [], {}):
                decode = field.codec.decode
                found[field.name] = [decode(each) for each in value] if field.many else decode(value)
        return found

    def walk(self, path: str = "") -> Iterator[tuple[str, Field]]:
        """Every property below, with its path."""
        for field in self.fields:
            here = f"{path}.{field.name}" if path else field.name
            yield here, field
            if isinstance(field.codec, Block):
                yield from field.codec.walk(here)

    @property
    def defaults(self) -> dict[str, Any]:
        """Path -> what leaving it out means."""
        return {path: field.default for path, field in self.walk() if field.default is not None}

    @property
    def unordered(self) -> frozenset[str]:
        """Paths of lists whose order means nothing."""
        return frozenset(path for path, field in self.walk() if _is_set(field))

    @property
    def normalize(self) -> dict[str, Callable[[str], Any]]:
        """Path of a text -> what two that mean the same have in common."""
        found = ((path, field.codec) for path, field in self.walk())
        return {path: codec.normal for path, codec in found if isinstance(codec, Codec) and codec.normal}


def _is_set(field: Field) -> bool:
    return (field.many and not field.ordered) or (isinstance(field.codec, Codec) and field.codec.unordered)


def _put(target: dict[str, Any], path: str, value: Any) -> None:
    *before, last = path.split(".")
    for step in before:
        target = target.setdefault(step, {})
    target[last] = value


def _at(values: Any, path: str) -> Any:
    for step in path.split("."):
        values = values.get(step) if isinstance(values, dict) else None
    return values
