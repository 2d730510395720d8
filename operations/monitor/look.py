"""One look of `accordion monitor`: what is declared, who is asked, the verdict; and what is kept of it."""

from __future__ import annotations

import datetime
import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from operations import declared
from operations.declared import Component, Declaration
from operations.failures import CannotRun
from operations.files import write_atomically
from operations.live.answers import Answers, Remembered, Saved, read_file
from operations.live.source import answers_for, answers_of
from operations.monitor.comparison import Stack
from operations.monitor.judge import confirmed, judge, now
from operations.monitor.verdict import Verdict
from operations.options import file_of
from stacks.compositions import Settings
from stacks.packages import ON_SWARM, packages_of
from stacks.settings import load
from stacks.workloads import workloads_of

SAVED_VERSION = 1
Look = tuple[Verdict, Remembered, Declaration | None]
"""A verdict, what was asked for it, and what was declared; None where the stack file alone declares."""


def settings_of(file: Path | None, stack: str) -> Settings | None:
    """The stack file, for what it accepts; None where it was not named and is not here."""
    path = file_of(file, stack)
    try:
        absent = file is None and not path.exists()
    except (OSError, ValueError):
        absent = False  # a name that no file can have, of which the reader tells
    return None if absent else load(path)


def _engine(local: bool) -> str:
    return "accordion local" if local else "pulumi"


def _declaration(
    settings: Settings | None, stack: str, state: Path | None, outputs: Path | None, local: bool
) -> Declaration:
    if outputs is not None:
        content = declared.read(outputs, "outputs as `pulumi stack output --json` writes them")
        return declared.from_outputs(content, stack, _components(settings))
    return declared.deployed(stack, state, local=local)


def _components(settings: Settings | None) -> dict[str, Component]:
    """Bounds and start-up of every service and group, from the stack file."""
    if settings is None:
        return {}
    found = {}
    for name, workload in workloads_of(settings).items():
        rules = workload.rules
        bounds = {"minimum": [rules.minimum], "maximum": [rules.maximum]}
        for rule in rules.scheduled.values():
            for side, value in (("minimum", rule.minimum), ("maximum", rule.maximum)):
                bounds[side] += [] if value is None else [value]
        told = {side: tuple(values) for side, values in bounds.items()} if workload.elasticity else {}
        start_up = float(rules.unit.start_up) if rules.unit and rules.unit.start_up else None
        found[name] = Component(name=name, start_up=start_up, bounds=told)
    return found


def followed(settings: Settings | None, stack: str, state: Path | None, outputs: Path | None, *, local: bool) -> Stack:
    """The stack, to be asked again and again."""
    declaration = _declaration(settings, stack, state, outputs, local)
    return Stack(declaration, answers_for(declaration, local=local), now(), _engine(local))


def _accepted(settings: Settings | None) -> Mapping[str, str]:
    return {} if settings is None else settings.accepted_deviations


def after(
    settings: Settings | None, stack: str, state: Path | None, outputs: Path | None, saved: Path | None, *, local: bool
) -> Callable[[], Look]:
    """Looks at what runs after a deployment, or at what `saved` kept of it."""
    if saved is not None:
        content = read_file(saved)
        declaration = declared.restored(content.get("declared"), str(saved))
        at = _moment(content.get("at"), saved)
        source: Answers = Saved(content["answers"], str(saved))
    else:
        at = None
        declaration = _declaration(settings, stack, state, outputs, local)
        source = answers_for(declaration, local=local)

    def look() -> Look:
        remembered = Remembered(source)
        verdict = judge(Stack(declaration, remembered, at or now(), _engine(local)), _accepted(settings))
        counted = verdict.model_copy(update={"requests": sum(remembered.calls.values())})
        return counted, remembered, declaration

    return look


def before(settings: Settings | None, path: Path, stack: str, *, local: bool) -> Callable[[], Look]:
    """Looks at what a deployment needs."""
    from operations.monitor.before import pre_flight

    if settings is None:
        raise CannotRun(f"{path}: there is no such file, and what is to be deployed stands in it")
    if packages_of(path) == ON_SWARM:
        raise CannotRun("--before asks AWS what a deployment needs; on a Swarm `up` tells what its tasks wait for")
    asked = settings

    def look() -> Look:
        remembered = Remembered(answers_of(asked.region, local=local, accounts=asked.account_ids))
        verdict = pre_flight(asked, stack, remembered, now())
        return verdict.model_copy(update={"requests": sum(remembered.calls.values())}), remembered, None

    return look


def judged(look: Callable[[], Look], save: Path | None, *, again: bool) -> Verdict:
    """The verdict of a look, or of two where `again` and something may pass by itself; `save`: a file for what was
    read."""
    looks: list[Look] = []

    def one() -> Verdict:
        looks.append(look())
        return looks[-1][0]

    verdict = confirmed(one, time.sleep) if again else one()
    if save is not None:
        _, remembered, declaration = looks[-1]
        write_atomically(save, kept(verdict, remembered, declaration))
    return verdict


def _moment(value: Any, path: Path) -> datetime.datetime:
    try:
        return datetime.datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise CannotRun(f"{path}: not a file that `accordion monitor --save` wrote: it has no time") from None


def kept(verdict: Verdict, remembered: Remembered, declaration: Declaration | None) -> str:
    """What --save writes and --from reads."""
    content = {
        "version": SAVED_VERSION,
        "at": verdict.at.isoformat(),
        "declared": declaration.model_dump(mode="json") if declaration else None,
        "answers": remembered.saved(),
    }
    return json.dumps(content, indent=1, sort_keys=True, default=_plain) + "\n"


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime.datetime) else str(value)
