"""What exists elsewhere as the workloads of a rules file: one module for each source."""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Mapping
from typing import Any


class Untranslated(Exception):  # noqa: N818 - a reason that is told, and no fault
    """Why something of a source has no words in a rules file."""


BESIDE: Mapping[str, str] = {
    "scaling plan": "a plan of AWS Auto Scaling makes bounds and policies of its own: read what runs, `--live`",
    "lifecycle hook": "it holds an instance before it serves or after it has: count that in start_up",
    "warm pool": "instances that wait in it start sooner: set start_up to what they need",
}
"""What changes how a group scales and has no words in a rules file -> why, and what to do."""


@dataclasses.dataclass(frozen=True)
class Unknown:
    """A value that a source names and does not hold; as text, what it names."""

    text: str
    why: str
    """As the end of a sentence that begins with the name of what is unknown."""

    def __str__(self) -> str:
        return self.text


@dataclasses.dataclass
class Found:
    """One service or group that a source describes, in the words of a rules file, and what of it has none."""

    name: str
    settings: dict[str, Any]
    left_out: list[str] = dataclasses.field(default_factory=list)
    """What could not be translated, each with its reason."""
    notes: list[str] = dataclasses.field(default_factory=list)
    """What was translated and is worth knowing: a rule that has another name here, a number that was counted."""
    rule_of: dict[str, str] = dataclasses.field(default_factory=dict)
    """By the name that a policy or schedule has there, the name of its rule here."""
    callers: dict[str, dict[str, str]] = dataclasses.field(default_factory=dict)
    """By the name that a step policy has there, the alarm there that calls each of its rules here."""


def rule_name(text: str, taken: Mapping[str, Any]) -> str:
    """A name that rules may have, made of another and not taken yet."""
    plain = re.sub(r"[^a-z0-9_-]+", "-", text.lower()).strip("-_")
    plain = plain if plain[:1].isalpha() else f"r-{plain}".rstrip("-")
    return _free(plain, 20, "-", taken)


def metric_key(text: str, taken: Mapping[str, Any]) -> str:
    """A key that metrics may have, made of a name of CloudWatch's and not taken yet."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text)
    plain = re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")
    plain = plain if plain[:1].isalpha() else f"m_{plain}".rstrip("_")
    return _free(plain, 31, "_", taken)


def _free(plain: str, length: int, joint: str, taken: Mapping[str, Any]) -> str:
    name, number = plain[:length].rstrip("-_"), 2
    while name in taken:
        tail = f"{joint}{number}"
        name, number = plain[: length - len(tail)].rstrip("-_") + tail, number + 1
    return name


def workload_name(text: str) -> str:
    """A name that workloads may have, made of another."""
    plain = re.sub(r"[^A-Za-z0-9_.-]+", "-", text).strip("-_.")
    return (plain if plain[:1].isalpha() else f"w-{plain}")[:80] or "workload"


def number(value: Any, what: str) -> Any:
    """A number, where a source writes numbers as texts too; anything else as it is, for the settings to judge.

    Raises Untranslated for a value that the source does not hold.
    """
    if isinstance(value, Unknown):
        raise Untranslated(f"{what}: {value.why}")
    if isinstance(value, str) and len(value) <= 40:
        try:
            written = float(value)
        except ValueError:
            return value
        if not math.isfinite(written):
            return value
        value = written
    if isinstance(value, float) and math.isfinite(value) and value.is_integer() and abs(value) < 1e15:
        return int(value)
    return value


def seconds(value: Any, what: str = "a duration") -> str | None:
    """A number of seconds as a duration; None for anything else.

    Raises Untranslated for one that the source does not hold.
    """
    value = number(value, what)
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value < 1e9:
        return None
    return f"{value}s" if isinstance(value, int) else f"{round(value * 1000)}ms"


def truth(value: Any) -> bool:
    """Whether a value says yes, as a boolean or as its word."""
    return value is True or str(value).lower() in ("true", "yes", "on", "1")


def as_map(value: Any) -> dict[str, Any]:
    """A map, or an empty one."""
    return {str(key): inner for key, inner in value.items()} if isinstance(value, dict) else {}


def as_list(value: Any) -> list[Any]:
    """A list, or an empty one."""
    return value if isinstance(value, list) else []


def maps(value: Any) -> list[dict[str, Any]]:
    """The maps of a list; none of anything else."""
    return [as_map(one) for one in value] if isinstance(value, list) else []
