"""What is different between two sets of properties, and what of an answer is drift: by a row's own rules of sameness.

A path is written twice: with indexes for people and the engine (`rules[0].priority`), without for the row
(`rules.priority`).
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from localcloud.provider.wire import is_unknown, number_text

_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_SEGMENT = re.compile(r'\["((?:[^"\\]|\\.)*)"\]|\[(\*|\d+)\]|([^.\[\]]+)')


@dataclass(frozen=True)
class Sameness:
    """When two values of a property count as the same. Paths are those of a row."""

    defaults: Mapping[str, Any] = field(default_factory=dict)
    computed: frozenset[str] = frozenset()
    unordered: frozenset[str] = frozenset()
    write_only: frozenset[str] = frozenset()
    normalize: Mapping[str, Callable[[str], Any]] = field(default_factory=dict)
    """Row path of a text -> what two texts that mean the same have in common."""
    document: Callable[[dict[str, Any]], Any] = lambda block: None
    """f(an object in a JSON document) -> what two that mean the same have in common; None: no more than JSON says."""


class Change(NamedTuple):
    """One changed property."""

    path: str
    row_path: str
    kind: str
    """ADD, DELETE or UPDATE."""


def key(path: str, name: str) -> str:
    """The path of a member, in the engine's notation."""
    if _PLAIN_KEY.fullmatch(name):
        return f"{path}.{name}" if path else name
    return f"{path}[{json.dumps(name)}]"


def below(row_path: str, name: str) -> str:
    """The path of a member, in a row's notation."""
    return f"{row_path}.{name}" if row_path else name


def document(value: Any, own: Callable[[dict[str, Any]], Any] = lambda block: None) -> Any:
    """A JSON text or structure in its canonical form, or None when it is neither; `own` is `Sameness.document`."""
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        try:
            value = json.loads(value)
        except ValueError:
            return None
    return _canonical(value, own) if isinstance(value, dict | list) else None


def _canonical(value: Any, own: Callable[[dict[str, Any]], Any]) -> Any:
    if isinstance(value, list):
        return [_canonical(v, own) for v in value]
    if not isinstance(value, dict):
        return number_text(value) if isinstance(value, float) and value.is_integer() else value
    found = own(value)
    return {k: _canonical(v, own) for k, v in value.items()} if found is None else found


def same(a: Any, b: Any, rules: Sameness, path: str = "") -> bool:
    """Whether two values are the same by the row's rules."""
    return not any(differences(a, b, rules, row_path=path))


def differences(old: Any, new: Any, rules: Sameness, path: str = "", row_path: str = "") -> Iterator[Change]:
    """Every changed leaf."""
    if isinstance(old, dict) and isinstance(new, dict):
        for name in sorted(old.keys() | new.keys()):
            if not name.startswith("__"):
                yield from _member(old.get(name), new.get(name), rules, key(path, name), below(row_path, name))
    elif isinstance(old, list | tuple) and isinstance(new, list | tuple):
        if row_path in rules.unordered:
            yield from _as_sets(list(old), list(new), rules, path, row_path)
        else:
            yield from _as_lists(old, new, rules, path, row_path)
    elif not _same_leaf(old, new, rules, row_path):
        yield Change(path, row_path, "UPDATE")


def _member(a: Any, b: Any, rules: Sameness, path: str, row_path: str) -> Iterator[Change]:
    if a is None and b is None:
        return
    if b is None and row_path in rules.computed:
        return
    default = rules.defaults.get(row_path)
    if default is not None and (a is None or b is None) and same(default, b if a is None else a, rules, row_path):
        return
    if a is None or b is None:
        if not says_nothing(a if b is None else b, row_path):
            yield Change(path, row_path, "ADD" if a is None else "DELETE")
        return
    yield from differences(a, b, rules, path, row_path)


def _as_lists(
    old: list[Any] | tuple[Any, ...], new: list[Any] | tuple[Any, ...], rules: Sameness, path: str, row_path: str
) -> Iterator[Change]:
    for i in range(max(len(old), len(new))):
        here = f"{path}[{i}]"
        if i >= len(old):
            yield Change(here, row_path, "ADD")
        elif i >= len(new):
            yield Change(here, row_path, "DELETE")
        else:
            yield from differences(old[i], new[i], rules, here, row_path)


def _as_sets(old: list[Any], new: list[Any], rules: Sameness, path: str, row_path: str) -> Iterator[Change]:
    added = []
    left = dict(enumerate(old))
    for i, value in enumerate(new):
        match = next((j for j, other in left.items() if same(other, value, rules, row_path)), None)
        if match is None:
            added.append(i)
        else:
            del left[match]
    for i in sorted({*added, *left}):
        kind = "UPDATE" if i in added and i in left else "ADD" if i in added else "DELETE"
        if kind == "UPDATE":
            yield from differences(old[i], new[i], rules, f"{path}[{i}]", row_path)
        else:
            yield Change(f"{path}[{i}]", row_path, kind)


def _same_leaf(a: Any, b: Any, rules: Sameness, row_path: str) -> bool:
    form = rules.normalize.get(row_path)
    if form and isinstance(a, str) and isinstance(b, str) and not (is_unknown(a) or is_unknown(b)):
        return bool(form(a) == form(b))
    return _same_scalar(a, b, rules)


def _same_scalar(a: Any, b: Any, rules: Sameness) -> bool:
    if a == b and isinstance(a, bool) == isinstance(b, bool):
        return True
    if is_unknown(a) or is_unknown(b):
        return False
    if isinstance(a, int | float) or isinstance(b, int | float):
        return not isinstance(a, dict | list) and not isinstance(b, dict | list) and number_text(a) == number_text(b)
    one = document(a, rules.document)
    return one is not None and one == document(b, rules.document)


def reconcile(
    asked: Any, live: Any, rules: Sameness, row_path: str = "", *, complete: bool, thorough: bool = False
) -> Any:
    """What the cloud has, in the words of what was asked for.

    Where the two are the same, the value as it was asked for, so that formatting and order are no drift. A structure is
    compared on the keys that were asked for; `complete` adds the other keys of the answer, for a state's outputs. Of a
    `thorough` answer, what it does not hold is gone; of another, it was not asked about and is as it was asked for.
    """
    if asked is None or row_path in rules.write_only:
        return live if asked is None else asked
    if live is None:
        return None if thorough and _is_gone(asked, rules, row_path) else asked
    if isinstance(asked, dict) and isinstance(live, dict):
        found = {
            k: reconcile(v, live.get(k), rules, below(row_path, k), complete=complete, thorough=thorough)
            for k, v in asked.items()
        }
        found = {k: v for k, v in found.items() if v is not None or asked[k] is None}
        strayed = {k: v for k, v in live.items() if k not in asked and v is not None}
        if not complete:
            strayed = {k: v for k, v in strayed.items() if _strayed(v, rules, below(row_path, k))}
        return found | strayed
    if isinstance(asked, list | tuple) and isinstance(live, list | tuple):
        return _reconcile_lists(list(asked), list(live), rules, row_path, complete=complete, thorough=thorough)
    return asked if _same_leaf(asked, live, rules, row_path) else live


def _is_gone(asked: Any, rules: Sameness, row_path: str) -> bool:
    """Whether an answer without this member says something else than what was asked for."""
    default = rules.defaults.get(row_path)
    if default is not None and same(default, asked, rules, row_path):
        return False
    return not says_nothing(asked, row_path)


def says_nothing(value: Any, row_path: str) -> bool:
    """Whether a value is as good as none: an empty one, but for a block below the top level (`action: {none: {}}`)."""
    return value in ([], "") or ("." not in row_path and value == {})


def _strayed(value: Any, rules: Sameness, row_path: str) -> bool:
    """Whether a member that was not asked for is away from the value that the cloud gives it by itself."""
    default = rules.defaults.get(row_path)
    return default is not None and not same(default, value, rules, row_path)


def _reconcile_lists(
    asked: list[Any], live: list[Any], rules: Sameness, row_path: str, *, complete: bool, thorough: bool
) -> list[Any]:
    if row_path not in rules.unordered:
        pairs = [
            reconcile(a, b, rules, row_path, complete=complete, thorough=thorough)
            for a, b in zip(asked, live, strict=False)
        ]
        return pairs + live[len(asked) :]
    left, found = list(live), []
    for value in asked:
        fits = [
            (i, kept)
            for i, other in enumerate(left)
            if same(value, reconcile(value, other, rules, row_path, complete=False), rules, row_path)
            for kept in [reconcile(value, other, rules, row_path, complete=complete, thorough=thorough)]
        ]
        if fits:
            # What an answer does not hold is kept as asked: of several that fit, the one that says most of it is meant.
            place, kept = max(fits, key=lambda fit: _said(value, left[fit[0]]))
            if not isinstance(value, dict) or not value or _said(value, left[place]):
                found.append(kept)
                del left[place]
    return found + left


def _said(asked: Any, live: Any) -> int:
    """How many members of a block an answer has as they were asked for."""
    if not isinstance(asked, dict) or not isinstance(live, dict):
        return 0
    return sum(1 for name in asked if live.get(name) is not None)


def segments(path: str) -> tuple[str, ...]:
    """A property path in pieces: `tags["a.b"]`, `rules[0].name`, `rules[*]`."""
    return tuple(quoted or index or name for quoted, index, name in _SEGMENT.findall(path))


def at(value: Any, path: str) -> Any:
    """What a path leads to; None where it leads nowhere."""
    for step in segments(path):
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list | tuple) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        else:
            return value if is_unknown(value) else None
    return value


def put(value: Any, path: str, leaf: Any) -> Any:
    """The value with another leaf at a path; without it for None. A path that leads nowhere changes nothing."""
    return _put(value, segments(path), leaf)


def _put(value: Any, steps: tuple[str, ...], leaf: Any) -> Any:
    if not steps:
        return leaf
    head, *rest = steps
    if isinstance(value, dict):
        inner = _put(value.get(head), tuple(rest), leaf) if head in value or not rest else None
        return {k: v for k, v in value.items() if k != head} | ({} if inner is None else {head: inner})
    if isinstance(value, list | tuple) and head.isdigit() and int(head) < len(value):
        return [_put(v, tuple(rest), leaf) if i == int(head) else v for i, v in enumerate(value)]
    return value


def covers(pattern: str, path: str) -> bool:
    """Whether a path of `ignoreChanges` covers a changed path: itself, what lies below it, and `*` for any member."""
    wanted, found = segments(pattern), segments(path)
    return len(wanted) <= len(found) and all(w in ("*", f) for w, f in zip(wanted, found, strict=False))
