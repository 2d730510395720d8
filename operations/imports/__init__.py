"""What exists elsewhere as the workloads of a rules file: one module for each source."""

from __future__ import annotations

import dataclasses
import re
from typing import Any


@dataclasses.dataclass
class Found:
    """One service or group that a source describes, in the words of a rules file, and what of it has none."""

    name: str
    settings: dict[str, Any]
    left_out: list[str] = dataclasses.field(default_factory=list)
    """What could not be translated, each with its reason."""


def rule_name(text: str, taken: dict[str, Any]) -> str:
    """A name that rules may have, made of another and not taken yet."""
    plain = re.sub(r"[^a-z0-9_-]+", "-", text.lower()).strip("-_")
    plain = plain if plain[:1].isalpha() else f"r-{plain}".rstrip("-")
    name, number = plain[:20].rstrip("-_"), 2
    while name in taken:
        name, number = f"{plain[:17].rstrip('-_')}-{number}", number + 1
    return name


def workload_name(text: str) -> str:
    """A name that workloads may have, made of another."""
    plain = re.sub(r"[^A-Za-z0-9_.-]+", "-", text).strip("-_.")
    return (plain if plain[:1].isalpha() else f"w-{plain}")[:80] or "workload"


def seconds(value: Any) -> str | None:
    """A number of seconds as a duration; None for anything else."""
    return f"{value:g}s" if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0 else None


def as_map(value: Any) -> dict[str, Any]:
    """A map, or an empty one."""
    return {str(key): inner for key, inner in value.items()} if isinstance(value, dict) else {}


def maps(value: Any) -> list[dict[str, Any]]:
    """The maps of a list; none of anything else."""
    return [as_map(one) for one in value] if isinstance(value, list) else []
