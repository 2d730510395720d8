"""What a change of rules is, setting by setting: the first thing a reader of a comparison wants to know."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from elasticity.rules import Elasticity

_MAPS = frozenset({"target_tracking", "step_scaling", "scheduled", "predictive", "metrics"})
"""Maps by name: an entry that comes or goes is one change."""
_NO_RULE = {"accept"}
"""What moves nothing."""

Path = tuple[str, ...]
_SECRETIVE = re.compile(r"(?i)secret|token|password|passwd|credential|signature|private|api_?key")
"""Names of settings, variables of containers among them, whose values are not repeated."""


def changes(name: str, before: Elasticity, after: Elasticity) -> list[str]:
    """One line for each setting that differs, in the order of the rules: `web.minimum: 2 -> 3`."""
    old, new = (dict(_settings(rules.model_dump(by_alias=True, exclude=_NO_RULE))) for rules in (before, after))
    entries_before, entries_after = ({path[:2] for path in side if path[0] in _MAPS} for side in (old, new))
    found = []
    for path in dict.fromkeys([*new, *old]):
        if path[:2] in entries_after - entries_before:
            line = f"{'.'.join((name, *path[:2]))}: new"
        elif path[:2] in entries_before - entries_after:
            line = f"{'.'.join((name, *path[:2]))}: removed"
        elif old.get(path) != new.get(path):
            line = f"{'.'.join((name, *path))}: {old.get(path, 'not set')} -> {new.get(path, 'not set')}"
        else:
            continue
        found.append(line)
    return list(dict.fromkeys(found))


def changes_of_sections(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """One line for each difference between the settings of two stack files: rules as `changes` tells them, what else
    there is setting by setting; a workload or section that comes or goes is one line."""
    found = []
    for name in dict.fromkeys([*before, *after]):
        old, new = before.get(name), after.get(name)
        if name in _WORKLOADS and isinstance(old, Mapping) and isinstance(new, Mapping):
            for one in dict.fromkeys([*old, *new]):
                found += _of_workload((name, str(one)), old.get(one), new.get(one))
        else:
            found += _of_values((str(name),), old, new)
    return found


_WORKLOADS = frozenset(("services", "groups"))


def _of_workload(path: Path, old: Any, new: Any) -> list[str]:
    if not (isinstance(old, Mapping) and isinstance(new, Mapping)):
        return _of_values(path, old, new)
    was, now = _rules_of(old), _rules_of(new)
    if was is None or now is None:
        told, in_words = [], set()
    else:
        told, in_words = changes(path[-1], was, now), {"elasticity"}
    keys = [key for key in dict.fromkeys([*old, *new]) if key not in in_words]
    return [line for key in keys for line in _of_values((*path, str(key)), old.get(key), new.get(key))] + told


def _rules_of(workload: Mapping[str, Any]) -> Elasticity | None:
    try:
        return Elasticity.model_validate(workload["elasticity"])
    except (KeyError, ValidationError):  # a fixed number of units, or rules of another version of this program
        return None


def _of_values(path: Path, old: Any, new: Any) -> list[str]:
    name = ".".join(path)
    if isinstance(old, Mapping) and new is None:
        return [f"{name}: removed"]
    if isinstance(new, Mapping) and old is None:
        return [f"{name}: new"]
    sides = [dict(_settings(value, path)) for value in (old, new)]
    found = []
    for leaf in dict.fromkeys([*sides[1], *sides[0]]):
        was, now = (side.get(leaf, "not set") for side in sides)
        if was != now:
            hidden = any(_SECRETIVE.search(part) for part in leaf)
            found.append(f"{'.'.join(leaf)}: " + ("another value" if hidden else f"{was} -> {now}"))
    return found


def _settings(value: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Every setting below `value` that holds something, with its text."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield from _settings(part, (*path, str(key)))
    elif isinstance(value, list | tuple):
        for place, part in enumerate(value):
            yield from _settings(part, (*path, str(place)))
    elif value is not None:
        yield path, _text(value)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)
