"""`accordion local`: any pulumi command on a cloud on this machine, and that cloud's start, stop, status and reset."""

import importlib
import os
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from localcloud.cloud import LocalCloud, LocalCloudError
from operations.terminal import progress, say
from stacks.packages import packages_of

_GIVEN = "accordion.arguments"
_CHECK_BUILD = "--check-build"
"""Of `preview`, beside pulumi's own: images are built, and not pushed."""
_ELSEWHERE = {"load": "operations.playing.command"}
"""Commands of this group that are modules of their own, which know this one: imported when they are used."""


def cloud_here() -> LocalCloud:
    """The local cloud of the project in or above the current folder."""
    return LocalCloud.of(Path.cwd(), progress, say, packages_of)


class PulumiGroup(click.Group):
    """A group whose every other command is pulumi's, with pulumi's own flags and help."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of our own commands, in alphabetical order."""
        return sorted([*super().list_commands(ctx), *_ELSEWHERE])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Our own command of this name."""
        if cmd_name not in _ELSEWHERE:
            return super().get_command(ctx, cmd_name)
        found = importlib.import_module(_ELSEWHERE[cmd_name]).command
        return found if isinstance(found, click.Command) else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Our own command, or the one that hands everything to pulumi."""
        if args and (args[0] in self.commands or args[0] in _ELSEWHERE):
            return super().resolve_command(ctx, args)
        # Past click, which would take a `--` and abbreviations for its own.
        ctx.meta[_GIVEN] = list(args)
        return "pulumi", _pulumi, []


@click.group(
    cls=PulumiGroup,
    options_metavar="[OPTIONS]",
    subcommand_metavar="COMMAND | PULUMI-COMMAND [FLAGS]...",
    context_settings={"ignore_unknown_options": True},
)
@click.option(
    "--without-checkpoints",
    is_flag=True,
    hidden=True,
    help="Without effect: every step is kept, at little more than the cost of none. Scripts may still name it.",
)
def command(without_checkpoints: bool) -> None:
    """Run any pulumi command on a cloud on this machine: no account, nothing written into the project.

    \b
        accordion local up                 deploy
        accordion local preview --diff     see what would change (--check-build builds images, and pushes none)
        accordion local config set KEY V   for this machine only
        accordion local destroy

    The cloud starts by itself and belongs to this checkout. Each pulumi command shows its own --help.
    """
    if without_checkpoints:
        say("--without-checkpoints has no effect any more: every step is kept, at little more than the cost of none")


@click.command(hidden=True)
@click.pass_context
def _pulumi(ctx: click.Context) -> int:
    """Hand the arguments to pulumi."""
    given = list(ctx.meta[_GIVEN])
    if given[:1] in (["preview"], ["pre"]) and _CHECK_BUILD in given:
        from stacks.builds import CHECK_BUILD  # the models of settings, which no other command of pulumi's needs

        given.remove(_CHECK_BUILD)
        os.environ[CHECK_BUILD] = "1"
    return cloud_here().run(given, Path.cwd())


@command.command(short_help="Start the cloud, print where AWS clients find it.")
def start() -> None:
    """Start the cloud and print where AWS clients find it."""
    cloud = cloud_here()
    running = cloud.start(cloud.stack_or_none())
    for each in cloud.clouds:
        if (attached := running.get(each.package)) and (endpoint := attached.endpoint):
            click.echo(f'{each.title} answers on {endpoint}; shell variables: eval "$(accordion local env)"')


@command.command()
def stop() -> None:
    """Stop the cloud; its resources and states stay for the next start."""
    ran = cloud_here().stop()
    click.echo("stopped; everything is kept for the next start" if ran else "it was not running")


@command.command()
def status() -> None:
    """Show what runs, which stacks there are, and what belongs to none."""
    found = cloud_here().status()
    table = Table("server", "process", "port", box=None)
    for name, where in found.servers.items():
        table.add_row(name, *(map(str, where) if where else ("not running", "")))
    stacks = Table("stack", "resources", box=None)
    for name, count in sorted(found.stacks.items()):
        stacks.add_row(name, str(count))
    console = Console()
    console.print(table)
    if found.stacks:
        console.print(stacks)
    for stranger in found.strangers:
        console.print(f"in no state: {stranger}", highlight=False, soft_wrap=True)
    if found.strangers:
        console.print("what is in no state was kept on purpose or lost; `accordion local reset` removes everything")
    if any(found.servers.values()):
        console.print(found.ends, highlight=False, soft_wrap=True)
    console.print(f"kept in {found.place}", highlight=False, soft_wrap=True)
    if found.fault:
        say(f"nothing can be deployed: {found.fault}")


@command.command(short_help="Forget everything of this project's cloud.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def reset(yes: bool) -> None:
    """Forget everything of this project's cloud: resources, states of all stacks, local configuration."""
    cloud = cloud_here()
    if not yes:
        try:
            stacks = cloud.status().stacks
            what = ", ".join(f"{name} ({count} resources)" for name, count in sorted(stacks.items())) or "no stack"
        except LocalCloudError as error:
            what = f"what there is cannot be told, as {error}"
        click.confirm(f"forget the local cloud of {cloud.project.folder}: {what}?", abort=True, err=True)
    cloud.reset()
    click.echo("forgotten; the next command starts an empty cloud")


@command.command(short_help="Print shell variables for plain pulumi, aws and boto3.")
def env() -> None:
    """Print shell variables for plain pulumi, aws and boto3: eval "$(accordion local env)"."""
    click.echo(os.fsencode(cloud_here().exports()), nl=False)  # bytes: a path need not be text
