"""`accordion monitor`: one command, one verdict, three exit codes."""

from __future__ import annotations

import datetime
import json
import time
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import click

from operations import declared
from operations.declared import Component, Declaration
from operations.failures import DONE, CannotRun
from operations.files import write_atomically
from operations.live.answers import Answers, Remembered, Saved, read_file
from operations.live.calls import policy
from operations.live.source import answers_for, answers_of
from operations.monitor.comparison import Stack
from operations.monitor.judge import confirmed, judge, now
from operations.monitor.render import FORMATS
from operations.monitor.verdict import Verdict
from operations.options import FILE, file_of, form, print_answer, stack_file
from stacks.compositions import Settings
from stacks.packages import ON_SWARM, packages_of
from stacks.settings import load
from stacks.workloads import workloads_of

SAVED_VERSION = 1
Look = tuple[Verdict, Remembered, Declaration | None]
"""A verdict, what was asked for it, and what was declared; None where the stack file alone declares."""

EXCLUDED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "--from": ("--before", "--state", "--outputs", "--local", "--wait", "--watch", "--save"),
        "--before": ("--state", "--outputs", "--wait", "--watch", "--save"),
        "--outputs": ("--state",),
        "--watch": ("--wait", "--save"),
    }
)
"""What an option does not go together with."""


@click.command()
@stack_file
@click.option("--local", is_flag=True, help="The stack on the cloud on this machine.")
@click.option("--state", type=FILE, help="A state that `pulumi stack export` wrote, in place of the backend's.")
@click.option("--outputs", type=FILE, help="What `pulumi stack output --json` wrote; compares less.")
@click.option("--save", type=FILE, help="Keep all that was read, for later.")
@click.option("--from", "saved", type=FILE, help="Judge what --save kept; asks nobody.")
@click.option("--wait", "waits", is_flag=True, help="Follow a deployment to its end, then judge.")
@click.option("--limit", type=click.IntRange(min=1), help="Seconds to wait at most.  [default: computed, and said]")
@click.option("--before", is_flag=True, help="Before a deployment: is what it needs there, and is there room?")
@click.option("--watch", is_flag=True, help="Look again and again, on a terminal, until Ctrl-C.")
@click.option("--every", type=click.IntRange(min=2), default=15, show_default=True, help="Seconds between looks.")
@click.option("--policy", "print_policy", is_flag=True, help="Print the IAM policy that this command needs.")
@form(tuple(FORMATS))
def command(
    file: Path | None,
    stack: str,
    state: Path | None,
    outputs: Path | None,
    save: Path | None,
    saved: Path | None,
    limit: int | None,
    every: int,
    form: str,
    *,
    local: bool,
    waits: bool,
    before: bool,
    watch: bool,
    print_policy: bool,
) -> int:
    """Is what runs what was declared? Reads the state of a stack and asks AWS; changes nothing.

    Exit code 0: the same. 1: something differs. 2: it could not be told, and what.
    """
    if print_policy:
        click.echo(json.dumps(policy(), indent=2))
        return DONE
    given = {
        "--from": saved, "--before": before, "--state": state, "--outputs": outputs, "--local": local, "--wait": waits,
        "--watch": watch, "--save": save,
    }  # fmt: skip
    _refuse_together({name for name, value in given.items() if value})
    settings = _settings(file, stack)
    look: Callable[[], Look]
    if before:
        look = _before(settings, file_of(file, stack), stack, local)
    else:
        look = _after(settings, stack, state, outputs, saved, local)
    if waits:
        from operations.monitor.wait import wait

        followed, source = _opened(settings, stack, state, outputs, local)
        wait(
            Stack(followed, source, now(), _engine(local)),
            limit,
            every=min(every, 5),
            sleep=time.sleep,
            clock=time.monotonic,
        )
    if watch:
        from operations.monitor.watch import watch as show

        return show(lambda: look()[0], every)
    looks: list[Look] = []

    def one() -> Verdict:
        looks.append(look())
        return looks[-1][0]

    verdict = one() if saved else confirmed(one, time.sleep)
    _, remembered, declaration = looks[-1]
    if save is not None:
        write_atomically(save, _kept(verdict, remembered, declaration))
    print_answer(FORMATS[form](verdict), form)
    return verdict.exit_code


def _refuse_together(given: Collection[str]) -> None:
    for option, others in EXCLUDED.items():
        if option in given and (beside := [name for name in others if name in given]):
            raise click.UsageError(f"{option} does not go together with {' and '.join(beside)}")


def _settings(file: Path | None, stack: str) -> Settings | None:
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


def _opened(
    settings: Settings | None, stack: str, state: Path | None, outputs: Path | None, local: bool
) -> tuple[Declaration, Answers]:
    declaration = _declaration(settings, stack, state, outputs, local)
    return declaration, answers_for(declaration, local=local)


def _accepted(settings: Settings | None) -> Mapping[str, str]:
    return {} if settings is None else settings.accepted_deviations


def _after(
    settings: Settings | None, stack: str, state: Path | None, outputs: Path | None, saved: Path | None, local: bool
) -> Callable[[], Look]:
    if saved is not None:
        content = read_file(saved)
        declaration = declared.restored(content.get("declared"), str(saved))
        at = _moment(content.get("at"), saved)
        source: Answers = Saved(content["answers"], str(saved))
    else:
        at = None
        declaration, source = _opened(settings, stack, state, outputs, local)

    def look() -> Look:
        remembered = Remembered(source)
        verdict = judge(Stack(declaration, remembered, at or now(), _engine(local)), _accepted(settings))
        counted = verdict.model_copy(update={"requests": sum(remembered.calls.values())})
        return counted, remembered, declaration

    return look


def _before(settings: Settings | None, path: Path, stack: str, local: bool) -> Callable[[], Look]:
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


def _moment(value: Any, path: Path) -> datetime.datetime:
    try:
        return datetime.datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise CannotRun(f"{path}: not a file that `accordion monitor --save` wrote: it has no time") from None


def _kept(verdict: Verdict, remembered: Remembered, declaration: Declaration | None) -> str:
    content = {
        "version": SAVED_VERSION,
        "at": verdict.at.isoformat(),
        "declared": declaration.model_dump(mode="json") if declaration else None,
        "answers": remembered.saved(),
    }
    return json.dumps(content, indent=1, sort_keys=True, default=_plain) + "\n"


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime.datetime) else str(value)
