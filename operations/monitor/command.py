"""`accordion monitor`: one command, one verdict, three exit codes."""

from __future__ import annotations

import json
import time
from collections.abc import Collection, Mapping
from pathlib import Path
from types import MappingProxyType

import click

from operations.failures import DONE
from operations.live.calls import policy
from operations.options import FILE, file_of, form, print_answer, stack_file
from operations.terminal import say
from stacks.packages import ON_SWARM, packages_of

FORMS = ("text", "json", "markdown")
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
@form(FORMS)
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
    say(_question(file_of(file, stack), stack, state or outputs, saved, local=local, before=before))
    from operations.monitor import look as looks  # models and clients take a second: the line above comes before them

    settings = looks.settings_of(file, stack)
    if before:
        look = looks.before(settings, file_of(file, stack), stack, local=local)
    else:
        look = looks.after(settings, stack, state, outputs, saved, local=local)
    if waits:
        from operations.monitor.wait import wait

        followed = looks.followed(settings, stack, state, outputs, local=local)
        wait(followed, limit, every=min(every, 5), sleep=time.sleep, clock=time.monotonic)
    if watch:
        from operations.monitor.watch import watch as show

        return show(lambda: look()[0], every)
    verdict = looks.judged(look, save, again=saved is None)
    from operations.monitor.render import FORMATS

    print_answer(FORMATS[form](verdict), form)
    return verdict.exit_code


def _question(path: Path, stack: str, named: Path | None, saved: Path | None, *, local: bool, before: bool) -> str:
    """What is about to be asked, and whom."""
    if saved is not None:
        return f"judging what {saved} kept; nobody is asked"
    on_swarm = packages_of(path) == ON_SWARM
    asked = "the Docker Engine" if on_swarm else "the local cloud" if local else "AWS"
    if before:
        return f"asking {asked} whether all that stack {stack} needs is there"
    backend = "the local cloud" if local else "pulumi's backend"
    return f"asking {asked} what runs of stack {stack}, declared by {named or f'its state in {backend}'}"


def _refuse_together(given: Collection[str]) -> None:
    for option, others in EXCLUDED.items():
        if option in given and (beside := [name for name in others if name in given]):
            raise click.UsageError(f"{option} does not go together with {' and '.join(beside)}")
