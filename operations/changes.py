"""What a change of rules is, setting by setting: the first thing a reader of a comparison wants to know."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from elasticity.rules import Elasticity

_MAPS = frozenset({"target_tracking", "step_scaling", "scheduled", "predictive", "metrics"})
"""Maps by name: an entry that comes or goes is one change."""
_NO_RULE = {"accept"}
"""What moves nothing."""

Path = tuple[str, ...]


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
