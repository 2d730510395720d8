"""Composite alarms while a load is played: their rules over the states of other alarms.

Source: CloudWatch API reference, PutCompositeAlarm: ALARM, OK and INSUFFICIENT_DATA of an alarm, TRUE, FALSE, AND, OR,
NOT and brackets; NOT binds before AND, AND before OR.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, Any

from operations.live import calls
from operations.playing.history import Change

if TYPE_CHECKING:
    from operations.live.answers import Items

_TOKEN = re.compile(
    r"""\s*(?:
    (?P<state>ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*(?:"(?P<quoted>[^"]+)"|(?P<plain>[^\s()"]+))\s*\)
    |(?P<word>AND|OR|NOT|TRUE|FALSE)\b|(?P<bracket>[()]))""",
    re.VERBOSE,
)
States = Mapping[str, str]
"""By name of an alarm, its state."""
Holds = Callable[[States], bool]


COMPOSITES = dataclasses.replace(
    calls.COMPOSITE_ALARMS, kept=("AlarmName", "ActionsEnabled", "AlarmRule", "ActionsSuppressor")
)
"""What is asked of composite alarms."""


class Unread(ValueError):  # noqa: N818 - what is the case
    """A rule that this reader does not know."""


class Rule:
    """The rule of a composite alarm; raises Unread."""

    def __init__(self, text: str) -> None:
        self.children: set[str] = set()
        self._tokens = list(self._read(text))
        self.holds = self._either()
        """f(states) -> whether the composite alarm is in ALARM."""
        if self._tokens:
            raise Unread(text)

    def _read(self, text: str) -> Iterator[tuple[str, str]]:
        place = 0
        while text[place:].strip():
            found = _TOKEN.match(text, place)
            if found is None:
                raise Unread(text)
            place = found.end()
            if found["state"]:
                yield found["state"], self._name(found["quoted"] or found["plain"])
            else:
                yield found["word"] or found["bracket"], ""

    def _name(self, alarm: str) -> str:
        name = alarm.rpartition(":alarm:")[2]
        self.children.add(name)
        return name

    def _next(self, *wanted: str) -> bool:
        if self._tokens and self._tokens[0][0] in wanted:
            self._tokens.pop(0)
            return True
        return False

    def _either(self) -> Holds:
        parts = [self._all()]
        while self._next("OR"):
            parts.append(self._all())
        return lambda states: any(part(states) for part in parts)

    def _all(self) -> Holds:
        parts = [self._one()]
        while self._next("AND"):
            parts.append(self._one())
        return lambda states: all(part(states) for part in parts)

    def _one(self) -> Holds:
        if self._next("NOT"):
            inner = self._one()
            return lambda states: not inner(states)
        if self._next("("):
            inner = self._either()
            if not self._next(")"):
                raise Unread("a bracket is not closed")
            return inner
        if not self._tokens:
            raise Unread("it ends too early")
        kind, name = self._tokens.pop(0)
        if kind in ("TRUE", "FALSE"):
            return lambda _: kind == "TRUE"
        if not name:
            raise Unread(kind)
        return lambda states: states.get(name) == kind


def composite_changes(
    composites: Items,
    alarms: Items,
    changes: Mapping[str, Sequence[Change]],
    muted: Callable[[str, int], bool],
) -> tuple[dict[str, list[Change]], list[str]]:
    """What becomes of composite alarms, by name, and what is said of those that stay as they are.

    `changes`: by name, those of the alarms that the load moves, which begin without data; every other alarm of `alarms`
    keeps its state. `muted(name, second)`: whether a mute rule silences it then.
    """
    states = {str(one["AlarmName"]): str(one.get("StateValue")) for one in alarms}
    states |= dict.fromkeys(changes, "INSUFFICIENT_DATA")
    rules, said = _read_rules(composites)
    moving = {str(one["AlarmName"]): one for one in composites if str(one["AlarmName"]) in rules}
    moved = _that_move(rules, changes)
    found: dict[str, list[Change]] = {name: [] for name in moved}
    states |= dict.fromkeys(moved, "INSUFFICIENT_DATA")
    by_second: dict[int, list[tuple[str, str]]] = {0: []}
    for name, rows in changes.items():
        for row in rows:
            by_second.setdefault(row.second, []).append((name, row.after))
    for second in sorted(by_second):
        states |= dict(by_second[second])
        for name in moved:
            after = "ALARM" if rules[name].holds(states) else "OK"
            if after != states[name]:
                acts = after == "ALARM" and _acts(moving[name], states) and not muted(name, second)
                reason = (
                    f"{name} transitioned to {after} as its rule {'holds' if after == 'ALARM' else 'does not hold'}"
                )
                found[name].append(Change(second, states[name], after, reason, acts))
                states[name] = after
    return found, said


def _read_rules(composites: Items) -> tuple[dict[str, Rule], list[str]]:
    rules, said = {}, []
    for one in composites:
        name = str(one["AlarmName"])
        try:
            rules[name] = Rule(str(one.get("AlarmRule", "")))
        except Unread:
            said.append(f"{name}: its rule has a form that is not played, so it stays as it is")
    return rules, said


def _that_move(rules: Mapping[str, Rule], changes: Mapping[str, Any]) -> list[str]:
    """Composite alarms that hang on what the load moves, each after those that it hangs on; none that hangs on
    itself."""
    moving: set[str] = set()
    while more := {name for name, rule in rules.items() if rule.children & {*changes, *moving}} - moving:
        moving |= more
    try:
        return list(TopologicalSorter({name: rules[name].children & moving for name in sorted(moving)}).static_order())
    except CycleError:
        return []


def _acts(alarm: Mapping[str, Any], states: States) -> bool:
    suppressor = str(alarm.get("ActionsSuppressor") or "").rpartition(":alarm:")[2]
    return alarm.get("ActionsEnabled") is not False and states.get(suppressor) != "ALARM"
