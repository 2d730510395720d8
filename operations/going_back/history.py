"""`accordion history`: the versions of a stack, who deployed them, when, and what changed in words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from elasticity.input_files import InputFileError, read_text
from operations import lists
from operations.changes import changes_of_sections
from operations.engine import engine_of
from operations.failures import DONE, CannotRun
from operations.going_back.versions import Update, essence, history, listed, updates
from operations.options import FILE, file_of, form
from operations.redaction import redacted
from stacks.settings import SettingsError
from stacks.workloads import workloads_of

_DIGEST = re.compile(r"@sha256:([0-9a-f]{12})[0-9a-f]*")


@click.command()
@click.option("--stack", default="dev", show_default=True, help="Name of the stack.")
@click.option("--local", is_flag=True, help="The stack on the cloud on this machine.")
@click.option("--from", "saved", type=FILE, help="What `pulumi stack history --json` wrote; asks nobody.")
@click.option("--last", type=click.IntRange(min=1), default=10, show_default=True, help="So many updates.")
@form(("text", "json"))
def command(stack: str, saved: Path | None, last: int, form: str, *, local: bool) -> int:
    """The versions of a stack: who deployed them, when, of which commit, and what changed, rules in words.

    Reads the history of any backend; changes nothing. `accordion rollback VERSION` goes back to one.
    """
    if saved is not None and local:
        raise click.UsageError("--from does not go together with --local")
    file_of(None, stack)  # holds the name to its form
    found = kept(saved) if saved is not None else history(engine_of(local=local), stack)
    rows = list(rows_of(found))[:last]
    if form == "json":
        click.echo(lists.document(lists.History, stack=stack, updates=rows))
    else:
        click.echo("\n".join(lines(stack, found, rows)))
    return DONE


def kept(path: Path) -> list[Update]:
    """The updates in a file that `pulumi stack history --json` wrote; raises CannotRun."""
    try:
        text = read_text(path, maximum=256 << 20)
    except FileNotFoundError:
        raise CannotRun(f"{path}: there is no such file") from None
    except InputFileError as error:
        raise CannotRun(f"{path}: {error}") from None
    return updates(listed(text, str(path)), str(path))


def rows_of(found: Sequence[Update]) -> Iterator[dict[str, Any]]:
    """Each update as plain values, newest first, with what changed since the version before it."""
    for place, update in enumerate(found):
        before = next((one for one in found[place + 1 :] if one.is_version), None)
        back = update.goes_back_to
        yield {
            "version": update.version,
            "kind": "rollback" if back else update.kind,
            "result": update.result,
            "began": update.began.isoformat(),
            "seconds": (update.ended - update.began).total_seconds() if update.ended else None,
            "author": redacted(update.author) or None,
            "commit": update.commit or None,
            "dirty": update.dirty,
            "pipeline": redacted(update.pipeline) or None,
            "message": redacted(update.message),
            "rollback_to": back[0] if back else None,
            "declared": declared_versions(update) if update.is_version else {},
            "changes": [redacted(line) for line in what_changed(before, update)] if update.is_version else [],
            "resources": dict(update.resources),
        }


def what_changed(before: Update | None, after: Update) -> list[str]:
    """The settings that differ, in words; nothing for the first version."""
    if before is None:
        return []
    return changes_of_sections(essence(before.sections), essence(after.sections))


def declared_versions(update: Update) -> dict[str, str]:
    """The images of each workload, without their registry; nothing of settings that this program does not know."""
    try:
        workloads = workloads_of(update.settings())
    except SettingsError:
        return {}
    images = {name: ", ".join(_short(one) for one in workload.needs.images) for name, workload in workloads.items()}
    return {name: shown for name, shown in images.items() if shown}


def _short(reference: str) -> str:
    return _DIGEST.sub(r"@\1", reference.rpartition("/")[2])


def lines(stack: str, found: Sequence[Update], rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """The history as text, its answer first."""
    if not found:
        yield f"stack {stack} has no update yet"
        return
    newest = next((row for row in rows if row["declared"] and row["result"] == "succeeded"), None)
    versions = ", ".join(f"{name} {shown}" for name, shown in newest["declared"].items()) if newest else ""
    told = f"; declared last: version {newest['version']}, {versions}" if newest else ""
    yield f"{stack}: {len(found)} update{'s' * (len(found) != 1)}{told}"
    for row in rows:
        yield ""
        yield f"{row['version']}  {' '.join(_head(row))}"
        declared = ", ".join(f"{name} {shown}" for name, shown in row["declared"].items())
        yield from (f"   {line}" for line in ([f"declared {declared}"] if declared else []) + row["changes"])
    if len(rows) < len(found):
        yield f"\n{len(found) - len(rows)} older: --last {len(found)}"


def _head(row: Mapping[str, Any]) -> Iterator[str]:
    yield f"{row['began'][:16].replace('T', ' ')} UTC"
    yield f"{row['kind']} {row['result']}" + (f" to version {row['rollback_to']}" if row["rollback_to"] else "")
    if row["author"]:
        yield f"by {row['author']}"
    if row["commit"]:
        yield f"at {row['commit'][:10]}" + (" and uncommitted changes" if row["dirty"] else "")
    if row["pipeline"]:
        yield f"in {row['pipeline']}"
    done = [f"{count} {kind}" for kind, count in row["resources"].items() if kind != "same" and count]
    yield f"({', '.join(done) or 'no resource changed'})"
    if row["message"] and not row["rollback_to"]:
        yield f"- {row['message'].splitlines()[0][:100]}"
