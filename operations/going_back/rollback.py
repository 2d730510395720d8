"""`accordion rollback`: bring a version back, image, configuration and rules, with a preview first."""

from __future__ import annotations

import datetime
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path

import click

from operations.changes import changes_of_sections
from operations.declared import Declaration
from operations.engine import Engine, engine_of, is_wanted
from operations.failures import BROKEN, DONE, CannotRun
from operations.files import write_atomically
from operations.going_back import stack_file
from operations.going_back.history import declared_versions, kept
from operations.going_back.versions import Update, deployed, essence, history, message_of, target
from operations.live.answers import Answers, Remembered, Unanswered
from operations.live.calls import BACK, policy
from operations.live.source import answers_of
from operations.monitor.before import compare_images
from operations.monitor.comparison import Stack
from operations.monitor.judge import check_account
from operations.options import FILE, file_of
from operations.redaction import redacted
from stacks.compositions import Settings
from stacks.packages import ON_SWARM, PACKAGES
from stacks.settings import SettingsError
from stacks.stack_file import StackFile
from stacks.workloads import workloads_of


@click.command()
@click.argument("version", required=False, type=click.IntRange(min=1))
@click.option("--stack", default="dev", show_default=True, help="Name of the stack.")
@click.option("--local", is_flag=True, help="The stack on the cloud on this machine.")
@click.option("--yes", is_flag=True, help="Do not ask after the preview.")
@click.option("--preview", "only_preview", is_flag=True, help="End after the preview.")
@click.option("--output", type=FILE, help="Only write the stack file of the version; deploys nothing.")
@click.option("--from", "saved", type=FILE, help="For --output: what `pulumi stack history --json` wrote.")
@click.option(
    "--policy-pack",
    "packs",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="A folder of guardrails that preview and deployment are held to; may be given again.",
)
@click.option(
    "--policy", "print_policy", is_flag=True, help="Print the IAM policy that this needs beside that of `up`."
)
def command(
    version: int | None,
    stack: str,
    output: Path | None,
    saved: Path | None,
    packs: tuple[Path, ...],
    *,
    local: bool,
    yes: bool,
    only_preview: bool,
    print_policy: bool,
) -> int:
    """Bring a version back: its image, configuration and rules, with a preview first.

    VERSION is of `accordion history`; without it, the newest before with other settings. The settings are those that
    the backend kept of the version; the program and secrets are those of this folder. It leaves an update of its own.
    """
    if print_policy:
        click.echo(json.dumps(policy(BACK, "AccordionRollback"), indent=2))
        return DONE
    if saved is not None and output is None:
        raise click.UsageError("--from needs --output: a saved history deploys nothing")
    if output is not None and (yes or only_preview or packs):
        raise click.UsageError(
            "--output does not go together with --yes, --preview and --policy-pack: it deploys nothing"
        )
    file = file_of(None, stack)
    engine = engine_of(local=local)
    found = kept(saved) if saved is not None else history(engine, stack)
    chosen = target(found, stack, version)
    settings = _settings(chosen)
    current = stack_file.here(file)
    text = stack_file.of_version(chosen, current)
    if output is not None:
        write_atomically(output, text)
        click.echo(f"{output}: the settings of version {chosen.version} of {stack}, {chosen.moment}")
        return DONE
    for line in _plan(found, chosen, stack):
        click.echo(line)
    for key in stack_file.lost_secrets(chosen, current):
        click.echo(f"not brought back: the secret {key}, which {file.name} has no more")
    if (gone := _gone(settings, stack, local=local)) is not None:
        click.echo(gone, err=True)
        return BROKEN
    return _deploy(engine, chosen, stack, text, packs, yes=yes, only_preview=only_preview)


def _settings(chosen: Update) -> Settings:
    try:
        return chosen.settings()
    except SettingsError as error:
        where = f"commit {chosen.commit[:10]}" if chosen.commit else "a commit of that time"
        said = f"version {chosen.version} has settings that this program does not take: check out {where} and try again"
        raise CannotRun(f"{said}\n{error}") from None


def _plan(found: Sequence[Update], chosen: Update, stack: str) -> list[str]:
    """What will be another one, in words, the answer first."""
    images = ", ".join(f"{name} {shown}" for name, shown in declared_versions(chosen).items())
    head = f"back to version {chosen.version} of {stack}, {chosen.moment}" + (f": {images}" if images else "")
    try:
        now = deployed(found, stack)
    except CannotRun:
        return [f"{head}; nothing is deployed"]
    changed = changes_of_sections(essence(now.sections), essence(chosen.sections))
    lines = [f"  {redacted(line)}" for line in changed]
    return [head, *(lines or [f"  its settings are those of version {now.version}, which was deployed last"])]


def _gone(settings: Settings, stack: str, *, local: bool) -> str | None:
    """The refusal where an image is not in its registry any more; what cannot be looked at is said on standard error.

    Raises CannotRun where AWS, or the Engine of a Swarm, cannot be asked at all.
    """
    if PACKAGES.get(settings.composition) == ON_SWARM:
        return _refused(_gone_on_swarm(settings, local=local))
    answers: Answers = answers_of(settings.region, local=local, accounts=settings.account_ids)
    declaration = Declaration(stack=stack, source="state", region=settings.region or "", accounts=settings.account_ids)
    context = Stack(declaration, Remembered(answers), datetime.datetime.now(datetime.UTC))
    check_account(context)
    gone = []
    for workload in workloads_of(settings).values():
        findings = compare_images(context, workload)
        gone += [f"{one.component}: {one.resource}" for one in findings.differences]
        for remark in findings.remarks:
            click.echo(remark, err=True)
        for one in findings.unknown:
            click.echo(f"{one.component}: {one.what} not looked at: {one.why}", err=True)
    return _refused(gone)


def _gone_on_swarm(settings: Settings, *, local: bool) -> list[str]:
    """Images that neither the Engine has nor their registry; what cannot be looked at is said on standard error."""
    from operations.live.engine import IMAGES, engine_answers  # Pulumi and gRPC with it: not for whoever asks for AWS

    engine, gone = engine_answers(local=local), []
    for workload in workloads_of(settings).values():
        for image in workload.needs.images:
            try:
                if not engine.ask(IMAGES, name=image):
                    gone.append(f"{workload.name}: {image}")
            except Unanswered as missing:
                click.echo(f"{workload.name}: image {image} not looked at: {missing}", err=True)
    return gone


def _refused(gone: Sequence[str]) -> str | None:
    if not gone:
        return None
    listed = "".join(f"\n  {one}" for one in gone)
    return f"refused, nothing was changed: its image is not in the registry any more{listed}\npush it, or name another"


def _deploy(
    engine: Engine,
    chosen: Update,
    stack: str,
    text: str,
    packs: Sequence[Path],
    *,
    yes: bool,
    only_preview: bool,
) -> int:
    with tempfile.TemporaryDirectory(prefix="accordion-") as folder:  # readable by its owner alone
        file = Path(folder, f"Pulumi.{stack.rpartition('/')[2]}.yaml")
        write_atomically(file, text)
        held = [word for pack in packs for word in ("--policy-pack", str(pack.absolute()))]
        own = ["--stack", stack, "--config-file", str(file), *held]
        if engine.run(["preview", *own]):
            raise CannotRun("the preview failed: nothing was changed")
        engine.check_settings(stack, chosen.sections)
        if not is_wanted(f"bring version {chosen.version} of {stack} back?", only_preview=only_preview, yes=yes):
            return DONE
        said = message_of(chosen)
        if engine.run(["up", *own, "--yes", "--skip-preview", "--message", said]):
            click.echo(f"the {said} failed on its way: see above, then run it again", err=True)
            return BROKEN
    option = engine.option
    click.echo(f"version {chosen.version} of {stack} is deployed again")
    click.echo(f"does it run? accordion monitor{option} --stack {stack} --wait")
    for line in _left_behind(file_of(None, stack), chosen, f"{option} --stack {stack}"):
        click.echo(line)
    return DONE


def _left_behind(path: Path, chosen: Update, options: str) -> list[str]:
    """What the stack file still says otherwise: the next `up` would deploy it."""
    try:
        written = StackFile.read(path).sections if path.exists() else None
    except SettingsError:
        written = None
    if written is None:
        return []
    changed = changes_of_sections(essence(chosen.sections), essence(written))
    if not changed:
        return []
    command_ = f"accordion rollback {chosen.version}{options} --output {path.name}"
    head = f"{path.name} still says otherwise, and the next `up` deploys it: revert its commit, or `{command_}`"
    return [head, *(f"  {redacted(line)}" for line in changed)]
