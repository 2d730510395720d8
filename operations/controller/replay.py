"""A controller's log decided again: each tick from what it saw, by the functions that decided it."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from elasticity.input_files import InputFileError, read_text
from operations.controller.decisions import Memory, Policy, decide, refused
from operations.controller.documents import VERSION, as_decided, decided, memory_of, observation_of, policy_of
from operations.failures import CannotRun

_LARGEST = 1 << 30  # bytes of a log


@dataclasses.dataclass(frozen=True)
class Differs:
    """A tick that is decided otherwise now."""

    at: str
    service: str
    logged: Mapping[str, Any]
    now: Mapping[str, Any]


@dataclasses.dataclass(frozen=True)
class Replayed:
    """How many ticks a log has, and which of them are decided otherwise."""

    ticks: int
    actions: int
    differing: tuple[Differs, ...]
    left_out: int = 0
    """Ticks before the first line of kind `begin` of their service: an Engine drops the first lines of a long log."""


def log_of(path: Path) -> Iterator[dict[str, Any]]:
    """The lines of a log in a file. Raises CannotRun."""
    try:
        text = read_text(path, maximum=_LARGEST)
    except FileNotFoundError:
        raise CannotRun(f"{path}: there is no such file") from None
    except InputFileError as error:
        raise CannotRun(f"{path}: {error}") from None
    return lines_of(text, str(path))


def lines_of(text: str, where: str) -> Iterator[dict[str, Any]]:
    """The lines of a log; a last one that was not written to its end is left out. Raises CannotRun."""
    rows = text.splitlines()
    for number, row in enumerate(rows, 1):
        try:
            line = json.loads(row)
        except ValueError:
            if number == len(rows) and not text.endswith("\n"):
                return
            raise CannotRun(f"{where}, line {number}: not a line of a controller's log: it is no JSON") from None
        if not isinstance(line, dict) or line.get("version") != VERSION:
            raise CannotRun(f"{where}, line {number}: not a line of a controller's log of version {VERSION}")
        yield line


def replay(lines: Iterable[Mapping[str, Any]], where: str) -> Replayed:
    """Decide every tick again; raises CannotRun for what is no log of a controller."""
    known: dict[str, tuple[Policy, Memory]] = {}
    before: dict[str, Memory] = {}
    differing: list[Differs] = []
    ticks = actions = 0
    headless: dict[str, list[int]] = {}
    for number, line in enumerate(lines, 1):
        try:
            kind, service = line["kind"], line["service"]
            if kind == "begin":
                policy = policy_of(line["policy"])
                known[service] = policy, memory_of(line["memory"], policy)
                before.pop(service, None)
            elif kind == "action":
                actions += line["outcome"] == "done"
                if line["outcome"] == "changed meanwhile" and service in known:
                    policy, memory = known[service]
                    known[service] = policy, refused(memory, before.get(service, memory), int(line["replicas"]))
            elif kind == "tick":
                if service not in known:
                    headless.setdefault(service, []).append(number)
                    continue
                policy, memory = known[service]
                before[service] = memory = dataclasses.replace(memory, held=bool(line["held"]))
                memory, tick = decide(memory, policy, observation_of(line))
                known[service] = policy, memory
                ticks += 1
                if as_decided(tick) != decided(line):
                    differing.append(Differs(str(line["at"]), service, decided(line), as_decided(tick)))
        except (LookupError, TypeError, AttributeError, ValueError, ArithmeticError, MemoryError) as error:
            raise CannotRun(f"{where}, line {number}: not a line of a controller's log: {error}") from None
    for service in headless.keys() - known.keys():
        why = f"no line of kind `begin` of {service} stands anywhere: give a longer log"
        raise CannotRun(f"{where}, line {headless[service][0]}: not a line of a controller's log: {why}")
    return Replayed(ticks, actions, tuple(differing), sum(map(len, headless.values())))
