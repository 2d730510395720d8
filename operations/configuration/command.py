"""`accordion config`: what the keys of services were before, how they differ, and how an older version comes back."""

from __future__ import annotations

import datetime
import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click

from operations import lists
from operations.configuration import edited
from operations.configuration.committed import SECTION
from operations.configuration.keys import (
    CURRENT,
    Key,
    Version,
    committed_versions,
    keys_of,
    named,
    on_swarm_now,
    version_named,
    versions_declared,
    versions_of,
)
from operations.day_to_day.chosen import answered
from operations.declared import ON_SWARM, Declaration
from operations.engine import Engine, engine_of, is_wanted
from operations.failures import BROKEN, DONE, CannotRun
from operations.files import write_atomically
from operations.going_back.versions import Update, history
from operations.live.answers import Answers, Remembered
from operations.live.day_to_day import MOVE_CURRENT, policy_of
from operations.live.source import answers_for
from operations.monitor.comparison import Stack
from operations.monitor.judge import check_account
from operations.options import file_of, form
from operations.redaction import redacted
from stacks.settings import load
from stacks.stack_file import PROJECT, text_of

_Command = TypeVar("_Command", bound=Callable[..., Any])
_UNKNOWN = "what was before is not known"


@click.group()
def command() -> None:
    """The keys of a stack's services: what they were, how they differ, and how an older version comes back.

    \b
        accordion config history    every version of each key: when, by whom; never the value of a secret
        accordion config diff       two environments, two versions of a key, or what is declared and what is there
        accordion config restore    an older version becomes the newest, with a preview first
    """


def _options(name: str) -> Callable[[_Command], _Command]:
    """`--stack`, `--local` and `--policy` of the command of that name."""

    def with_options(of: _Command) -> _Command:
        @wraps(of)
        def called(*arguments: Any, print_policy: bool, **keywords: Any) -> Any:
            if print_policy:
                click.echo(json.dumps(policy_of(name), indent=2))
                return DONE
            return of(*arguments, **keywords)

        made: Any = called
        for option in (
            click.option("--policy", "print_policy", is_flag=True, help="Print the IAM policy that this needs."),
            click.option("--local", is_flag=True, help="The stack on the cloud on this machine."),
            click.option("--stack", default="dev", show_default=True, help="Name of the stack."),
        ):
            made = option(made)
        return made  # type: ignore[no-any-return]

    return with_options


class Configured:
    """The keys of a stack file, and whoever knows their versions."""

    def __init__(self, stack: str, *, local: bool) -> None:
        self.stack, self.file, self.local = stack, file_of(None, stack), local
        self.settings = load(self.file)
        self.keys = keys_of(self.settings, stack)
        self._answers: Answers | None = None
        self._updates: list[Update] | None = None

    @property
    def answers(self) -> Answers:
        """Asked in the account where the stack stands. Raises CannotRun."""
        if self._answers is None:
            region = self.settings.region or ON_SWARM
            declaration = Declaration(
                stack=self.stack, source="state", region=region, accounts=self.settings.account_ids
            )
            answers = Remembered(answers_for(declaration, local=self.local))
            check_account(Stack(declaration, answers, datetime.datetime.now(datetime.UTC)))
            self._answers = answers
        return self._answers

    def versions(self, key: Key) -> list[Version]:
        """The newest first; raises CannotRun where nobody answers."""
        if key.stored is None:
            self._updates = self._updates or history(engine_of(local=self.local), self.stack)
            return versions_declared(key, self._updates)
        with answered(_UNKNOWN):
            found = versions_of(key, self.answers, self.stack)
        # On this machine's cloud a secret of the stack file is a placeholder, whatever it says.
        return found if self.local else [*found, *committed_versions(key, self.file)]


@command.command("history")
@click.argument("key", required=False)
@_options("config history")
@form(("text", "json"))
def versions_before(key: str | None, stack: str, form: str, *, local: bool) -> int:
    """Every version of each key, or of one (service.KEY): when, by whom, and the value of what is no secret."""
    found = Configured(stack, local=local)
    chosen = [named(found.keys, key, stack)] if key else found.keys
    versions = {one.title: found.versions(one) for one in chosen}
    if form == "json":
        rows = [_row(one, versions[one.title]) for one in chosen]
        click.echo(lists.document(lists.ConfigHistory, stack=stack, keys=rows))
        return DONE
    counted = sum(map(len, versions.values()))
    click.echo(f"{stack}: {len(chosen)} key{'s' * (len(chosen) != 1)}, {counted} version{'s' * (counted != 1)}")
    for one in chosen:
        click.echo(f"\n{one.title} ({one.kind})")
        for line in _lines(one, versions[one.title]):
            click.echo(f"  {line}")
    return DONE


def _row(key: Key, versions: Sequence[Version]) -> dict[str, Any]:
    rows = [one.row | {"value": _shown(one.value) if one.value is not None else None} for one in versions]
    return {"service": key.service, "key": key.name, "kind": key.kind, "versions": rows}


def _lines(key: Key, versions: Sequence[Version]) -> Iterator[str]:
    if not versions:
        yield "it was not deployed yet"
    for one in versions:
        at = f"{one.at:%Y-%m-%d %H:%MZ}" if one.at else "-"
        value = "[secret]" if key.kind == "secret" else _shown(one.value or "")
        yield "  ".join(part for part in (one.id, at, one.by, value, "current" if one.current else "") if part)


def _shown(value: str) -> str:
    """On one line, and without what looks like a key."""
    first, *more = redacted(value).splitlines() or [""]
    return f"{first} ... ({len(more) + 1} lines)" if more else first


@command.command()
@click.argument("key", required=False)
@click.argument("versions", nargs=-1)
@click.option("--against", help="Another stack: what its stack file says otherwise.")
@_options("config diff")
def diff(key: str | None, versions: tuple[str, ...], against: str | None, stack: str, *, local: bool) -> int:
    """What differs: from another environment (--against), between two versions of a key (service.KEY FROM TO), or,
    without either, between what is declared and what is there.

    Exit code 1 where something does.
    """
    if (len(versions) not in (0, 2)) or (key is not None and not versions) or (key and against):
        raise click.UsageError("give --against STACK, or service.KEY with two versions, or neither")
    found = Configured(stack, local=local)
    if against is not None:
        lines = list(_between(found.keys, Configured(against, local=local).keys, against))
        head = f"{stack} and {against}"
    elif key is not None:
        chosen = named(found.keys, key, stack)
        known = found.versions(chosen)
        old, new = (version_named(chosen, known, one) for one in versions)
        lines, head = list(_of_versions(chosen, old, new)), f"{key} in {stack}"
    else:
        lines = [line for one in found.keys for line in _of_live(one, found)]
        head = f"{stack} and what is there"
    click.echo(f"{head}: {len(lines)} difference{'s' * (len(lines) != 1)}")
    for line in lines:
        click.echo(f"  {line}")
    return BROKEN if lines else DONE


def _between(keys: Sequence[Key], others: Sequence[Key], other: str) -> Iterator[str]:
    """By key; the place of a secret is each environment's own."""
    ours, theirs = {one.title: one for one in keys}, {one.title: one for one in others}
    for title in dict.fromkeys((*ours, *theirs)):
        if title not in theirs:
            yield f"{title}: {other} has none"
        elif title not in ours:
            yield f"{title}: only {other} has it"
        elif ours[title].kind != theirs[title].kind:
            yield f"{title}: a {ours[title].kind}, in {other} a {theirs[title].kind}"
        elif ours[title].declared != theirs[title].declared:
            yield f"{title}: {_shown(ours[title].declared)}, in {other} {_shown(theirs[title].declared)}"


def _of_versions(key: Key, old: Version, new: Version) -> Iterator[str]:
    if old.id == new.id or (key.kind != "secret" and old.value == new.value):
        return
    if key.kind == "secret":
        yield f"version {old.id} of {_day(old)}, and {new.id} of {_day(new)}: values of secrets are not read"
    else:
        yield f"{_shown(old.value or '')} ({_day(old)}) -> {_shown(new.value or '')} ({_day(new)})"


def _of_live(key: Key, configured: Configured) -> Iterator[str]:
    if key.stored is None:
        with answered("what is there is not known"):
            there = on_swarm_now(key, configured.answers, configured.stack)
        if there is None:
            yield f"{key.title}: declared, and not deployed"
        elif there != key.declared:
            yield f"{key.title}: declared {_shown(key.declared)}, there {_shown(there)}"
        return
    versions = configured.versions(key)
    if not versions:
        yield f"{key.title}: declared, and not deployed"
        return
    now = versions[0]
    if key.kind != "secret" and now.value != key.declared:
        yield f"{key.title}: declared {_shown(key.declared)}, there {_shown(now.value or '')} ({_day(now)})"
    pinned = key.source.version if key.source else None
    if pinned is not None and pinned != now.id:
        yield f"{key.title}: declared version {pinned}, current {now.id} ({_day(now)})"


def _day(version: Version) -> str:
    return f"{version.at:%Y-%m-%d %H:%MZ}" if version.at else "a time that nobody knows"


@command.command()
@click.argument("key")
@click.argument("version")
@click.option("--yes", is_flag=True, help="Do not ask after the preview.")
@click.option("--preview", "only_preview", is_flag=True, help="End after the preview.")
@_options("config restore")
def restore(key: str, version: str, stack: str, *, local: bool, yes: bool, only_preview: bool) -> int:
    """Make an older version of a key (service.KEY) the newest, with a preview first, and roll the service.

    A value comes back in the stack file, which is then deployed. A secret of Secrets Manager becomes current again
    there; a version that the stack file pins comes back in the stack file, and so does a Swarm's secret, encrypted
    as a commit has it.
    """
    found = Configured(stack, local=local)
    chosen = named(found.keys, key, stack)
    versions = found.versions(chosen)
    wanted = version_named(chosen, versions, version)
    if chosen.secret is not None and wanted.encrypted is None:
        set_again = f"`pulumi config set --secret --path 'service_secrets[\"{chosen.secret}\"]' --stack {stack}`"
        raise CannotRun(
            f"{key}: the Engine gives no secret out. Where its value was committed, `accordion config history {key}` "
            f"lists it as git:..., and that can be restored; else {set_again} with the value of before, which gets its "
            "name of before"
        )
    text = text_of(found.file)
    change = _restored(chosen, wanted, text)
    if _is_now(chosen, wanted):
        click.echo(f"{key} is that of version {wanted.id}: nothing to restore")
        return DONE
    click.echo(f"{key} becomes that of version {wanted.id}, {_day(wanted)}{_said(chosen, wanted)}")
    rolled = dict.fromkeys(one.service for one in found.keys if one is chosen or (one.secret or one) == chosen.secret)
    click.echo(f"  rolled: {', '.join(rolled)}, whose tasks are replaced")
    engine = engine_of(local=local)
    _preview(engine, stack, found.file.name, change)
    if not is_wanted(f"restore {key}?", only_preview=only_preview, yes=yes):
        return DONE
    if chosen.source is not None and chosen.source.version is None:
        _make_current(found, chosen.source.arn, wanted, versions)
    else:
        write_atomically(found.file, change)
    words = ["up", "--stack", stack, "--yes", "--skip-preview", "--message", f"restore {key} to version {wanted.id}"]
    if engine.run(words):
        moved = chosen.source is not None and chosen.source.version is None
        where = "in Secrets Manager" if moved else f"in {found.file.name}"
        click.echo(f"{key} is restored {where}, and its deployment failed: see above, then deploy again", err=True)
        return BROKEN
    click.echo(f"{key} is that of version {wanted.id} again")
    click.echo(f"does it run? accordion monitor{engine.option} --stack {stack} --wait")
    return DONE


def _restored(key: Key, wanted: Version, text: str) -> str:
    """The stack file by which the version is deployed."""
    if wanted.encrypted is not None:
        return edited.with_scalar(text, ["config", SECTION, key.secret or "", "secure"], wanted.encrypted)
    service = ("config", f"{PROJECT}:services", key.service)
    if key.source is not None:
        return edited.with_key(text, [*service, "configuration", "secrets", key.name], "version", wanted.id)
    if wanted.value is None:
        raise CannotRun(f"{key.title}: version {wanted.id} is encrypted, and no value of ours: nothing was changed")
    if key.kind == "file":
        return edited.with_scalar(text, [*service, "configs", key.name], wanted.value)
    return edited.with_scalar(text, [*service, "configuration", "values", key.name], _typed(key, wanted.value))


def _typed(key: Key, text: str) -> Any:
    """The value in the type that is declared now: a number stays one."""
    try:
        declared, before = json.loads(key.declared), json.loads(text)
    except ValueError:
        return text
    return before if isinstance(declared, bool | int | float) and isinstance(before, bool | int | float) else text


def _is_now(key: Key, wanted: Version) -> bool:
    if key.source is not None:
        return key.source.version == wanted.id if key.source.version else wanted.current
    if wanted.encrypted is not None:
        return wanted.current
    return wanted.value == key.declared


def _said(key: Key, wanted: Version) -> str:
    return "" if key.kind == "secret" else f": {_shown(key.declared)} -> {_shown(wanted.value or '')}"


def _preview(engine: Engine, stack: str, name: str, text: str) -> None:
    with tempfile.TemporaryDirectory(prefix="accordion-") as folder:  # readable by its owner alone
        file = Path(folder, name)
        write_atomically(file, text)
        if engine.run(["preview", "--stack", stack, "--config-file", str(file)]):
            raise CannotRun("the preview failed: nothing was changed")


def _make_current(found: Configured, arn: str, wanted: Version, versions: Sequence[Version]) -> None:
    with answered("nothing was changed"):
        stage = {"VersionStage": CURRENT, "MoveToVersionId": wanted.id}
        if before := next((one.id for one in versions if one.current), None):
            stage["RemoveFromVersionId"] = before
        found.answers.ask(MOVE_CURRENT, SecretId=arn, **stage)
