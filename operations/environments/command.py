"""`accordion environments`: make one for a pull request, list them, take down those whose time is over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import click

from elasticity.quantities import Duration
from operations.failures import BROKEN, DONE, CannotRun, as_cannot_run
from operations.options import console, file_of, form

if TYPE_CHECKING:
    from operations.environments.environment import Environment
    from operations.environments.teardown import Result

FORMATS = ("table", "json")
MOST = 5
"""Environments at a time, where nobody says otherwise [own]."""
local = click.option("--local", is_flag=True, help="On the cloud on this machine.")


def _time(_context: click.Context, _option: click.Parameter, text: str) -> timedelta:
    try:
        return timedelta(seconds=float(Duration.parse(text)))
    except ValueError as error:
        raise click.BadParameter(str(error)) from None
    except OverflowError:
        raise click.BadParameter("longer than a calendar is") from None


@click.group()
def command() -> None:
    """An environment for each pull request: a stack of its own, with an expiry as a tag and in its state.

    \b
        accordion environments create pr-12 --like dev --lifetime 3d
        accordion environments list
        accordion environments destroy pr-12
        accordion environments destroy --expired     on a schedule
    """


@command.command()
@click.argument("name")
@click.option("--like", default="dev", show_default=True, help="The stack whose file is taken, with an expiry.")
@click.option(
    "--lifetime", metavar="DURATION", callback=_time, default="3d", show_default=True, help="From now until it may go."
)
@click.option("--persist", is_flag=True, help="It stays beyond its expiry, until it is made again without this.")
@click.option(
    "--at-most",
    type=click.IntRange(min=1),
    default=MOST,
    show_default=True,
    help="Environments at a time, this one too.",
)
@click.option("--secrets-provider", help="The key of its secrets: awskms://alias/...  [default: the backend's]")
@local
def create(
    name: str, like: str, lifetime: timedelta, at_most: int, secrets_provider: str | None, *, persist: bool, local: bool
) -> int:
    """Deploy an environment; a second time, what has changed, and its time begins anew.

    Exit code 2: there are as many as may be, or nothing could be deployed; nothing was made.
    """
    from operations.environments import environment
    from operations.environments.engine import engine_of

    environment.checked(name)
    with as_cannot_run():
        engine = engine_of(local=local)
        there = {stack for stack in engine.stacks() if stack.startswith(environment.PREFIX)}
        others = sorted(there - {name})
        if len(others) >= at_most:
            said = f"there are {len(others)} environments ({', '.join(others)}), and at most {at_most} may be at a time"
            raise CannotRun(f"{said}: `accordion environments destroy` one, or wait until one expires")
        try:
            expires = environment.until(datetime.now(UTC), lifetime)
        except OverflowError:
            raise CannotRun("--lifetime: longer than a calendar is") from None
        environment.write_file(name, file_of(None, like), expires, persist=persist)
        if name not in there:
            engine.make(name, secrets_provider)
        outcome = engine.up(name)
    for lock in outcome.locks:
        click.echo(f"{name}: locked: {lock}", err=True)
    if outcome.code == 0:
        click.echo(f"{name} is there until {expires:%Y-%m-%d %H:%M} UTC{', and stays (persist)' if persist else ''}")
    return outcome.code


@command.command("list")
@form(FORMATS)
@local
def list_(form: str, *, local: bool) -> int:
    """The environments that there are, and when each may go."""
    return _show(form, local, only_expired=False)


@command.command()
@form(FORMATS)
@local
def expired(form: str, *, local: bool) -> int:
    """Those whose time is over; what was never deployed whole is among them."""
    return _show(form, local, only_expired=True)


def _show(form: str, local: bool, *, only_expired: bool) -> int:
    from operations.environments import environment
    from operations.environments.engine import engine_of

    now = datetime.now(UTC)
    with as_cannot_run():
        found = environment.all_of(engine_of(local=local))
    found = [one for one in found if not only_expired or one.expired(now)]
    if form == "json":
        from operations import lists

        click.echo(lists.document(lists.Environments, environments=[_row(one, now) for one in found]))
        return DONE
    which = "whose time is over" if only_expired else "there"
    click.echo(f"{len(found)} environment{'s' * (len(found) != 1)} {which}")
    if found:
        from rich.table import Table

        table = Table("", "resources", "expires", "", box=None, show_edge=False)
        for one in found:
            table.add_row(
                one.stack, str(one.resources), f"{one.expires:%Y-%m-%d %H:%M}" if one.expires else "-", one.left(now)
            )
        console().print(table)
    return DONE


def _row(one: Environment, now: datetime) -> dict[str, object]:
    expires = one.expires.isoformat() if one.expires else None
    row = {"stack": one.stack, "resources": one.resources, "expires": expires, "persist": one.persist}
    return row | {"expired": one.expired(now)}


@command.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--expired", "only_expired", is_flag=True, help="All whose time is over.")
@click.option(
    "--stale-lock",
    metavar="DURATION",
    callback=_time,
    default="3h",
    show_default=True,
    help="A lock older than this is nobody's; longer than any of your jobs may take.",
)
@click.option(
    "--like", default="dev", show_default=True, help="Whose region and account it has, if its state is empty."
)
@local
def destroy(names: tuple[str, ...], stale_lock: timedelta, like: str, *, only_expired: bool, local: bool) -> int:
    """Take environments down, wherever the last try was ended, and look by their tags for what is left.

    Exit code 0: nothing is left of them. 1: something is, and what. 2: it could not be tried.
    """
    from operations.environments import environment
    from operations.environments.engine import engine_of
    from operations.environments.teardown import take_down
    from operations.live.source import answers_of

    if bool(names) == only_expired:
        raise click.UsageError("give names of environments, or --expired")
    wanted = {environment.checked(name) for name in names}
    now = datetime.now(UTC)
    with as_cannot_run():
        engine = engine_of(local=local)
        known = environment.all_of(engine)
        if missing := sorted(wanted - {one.stack for one in known}):
            there = f"there are {', '.join(one.stack for one in known)}" if known else "there is none"
            raise CannotRun(f"no environment {', '.join(missing)}: {there}")
        chosen = [one for one in known if (one.expired(now) if only_expired else one.stack in wanted)]
        region, accounts = environment.place_of(file_of(None, like))
        result = take_down(
            chosen,
            engine,
            lambda one: answers_of(one.region or region, local=local, accounts=one.accounts or accounts),
            now,
            stale_lock,
            lambda text: click.echo(text, err=True),
        )
    return _report(result)


def _report(result: Result) -> int:
    left = f", {len(result.left)} left" if result.left else ""
    click.echo(f"{len(result.gone)} gone{': ' + ', '.join(result.gone) if result.gone else ''}{left}")
    for stack, why in result.left.items():
        click.echo(f"{stack}: {why}")
        for arn in result.leftovers.get(stack, ()):
            click.echo(f"  {arn}")
    if result.leftovers:
        click.echo("delete what is left, by its ARN; the stack stays until the next run finds nothing of it")
    return BROKEN if result.left else DONE
