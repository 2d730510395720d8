"""`accordion record`: what happened to a service or group, from CloudWatch or from saved answers, in one file."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import click

from elasticity.quantities import Duration
from elasticity.recordings.recording import OF_A_QUEUE, SERIES, Recording
from operations import options, terminal
from operations.failures import CannotRun
from operations.files import write_atomically
from operations.live.answers import Remembered, Saved, read_file
from operations.live.calls import policy
from operations.live.source import answers_of
from operations.recordings.exported import exported as of_export
from operations.recordings.recorder import CALLS, KEPT, MINUTE, record

SAVED_VERSION = 1
_LATE = datetime.timedelta(minutes=5)
"""By which the newest datapoints are late: what ends now is asked for until then [own]."""


@click.command()
@click.argument("name", required=False)
@options.period
@click.option("--region", help="Where to ask.  [default: that of the environment]")
@click.option("--local", is_flag=True, help="The cloud on this machine.")
@click.option("--save", type=options.FILE, help="Keep all that AWS said, for --from; it names the account.")
@click.option("--from", "saved", type=options.FILE, help="Record from what --save kept; asks nobody.")
@click.option(
    "--exported",
    multiple=True,
    type=options.FILE,
    help="With --rules: a file that the AWS CLI wrote, of metrics by minute or of scaling activities; may be repeated.",
)
@click.option("--rules", type=options.FILE, help="With --exported: the rules or stack file of what was exported.")
@click.option("--policy", "print_policy", is_flag=True, help="Print the IAM policy that this command needs.")
@click.option("--output", type=options.FILE, help="Write the recording here.")
def command(
    name: str | None,
    last: str | None,
    start: str | None,
    end: str | None,
    region: str | None,
    save: Path | None,
    saved: Path | None,
    exported: tuple[Path, ...],
    rules: Path | None,
    output: Path | None,
    *,
    local: bool,
    print_policy: bool,
) -> None:
    """Write down what happened to the service or group NAME: requests, cpu, memory, response time, running and desired
    units of each minute, scaling activities, rules and bounds. For `fit`, `replay`, `simulate --trace`. It only reads.

    NAME is that of an ECS service (web, or cluster/web) or of an Auto Scaling group that scales. Nothing in the file
    names an account. With --exported and --rules nobody is asked: it is made of files that the AWS CLI wrote.
    """
    if print_policy:
        click.echo(json.dumps(policy(CALLS, "AccordionRecord"), indent=2))
        return
    asked = {
        "--last": last, "--start": start, "--end": end, "--region": region, "--local": local, "--save": save,
        "--from": saved,
    }  # fmt: skip
    if exported or rules is not None:
        if beside := [option for option, value in asked.items() if value]:
            raise click.UsageError(f"--exported and --rules do not go together with {' and '.join(beside)}")
        if not exported or rules is None:
            raise click.UsageError("give both --exported and --rules")
        recorded = of_export(exported, rules, name)
    elif saved is not None:
        alone = {"NAME": name, **{option: value for option, value in asked.items() if option != "--from"}}
        if beside := [option for option, value in alone.items() if value]:
            raise click.UsageError(f"--from does not go together with {' and '.join(beside)}")
        recorded = _from_saved(saved)
    else:
        if name is None:
            raise click.UsageError("name a service or group, or give --from")
        recorded = _from_aws(name, *times_of(last, start, end), region, local, save)
    if output is None:
        click.echo(recorded.to_json(), nl=False)
    else:
        write_atomically(output, recorded.to_json())
    known = [
        f"{series} {sum(value is not None for value in getattr(recorded, series)):,}" for series in _told(recorded)
    ]
    terminal.say(
        f"{recorded.workload}: {recorded.minutes:,} minutes from {recorded.start.isoformat()}; "
        f"datapoints: {', '.join(known)}; {len(recorded.activities):,} scaling activities"
    )
    for line in (*recorded.notes, *(f"not translated: {line}" for line in recorded.untranslated)):
        terminal.say(line)


def _told(recorded: Recording) -> tuple[str, ...]:
    """The series that are told of, whether or not anything is in them."""
    return (*SERIES, *(name for name in OF_A_QUEUE if getattr(recorded, name)))


def _from_aws(
    name: str, start: datetime.datetime, end: datetime.datetime, region: str | None, local: bool, save: Path | None
) -> Recording:
    source = Remembered(answers_of(region, local=local))
    try:
        return record(source, name, start, end)
    finally:
        if save is not None:
            kept = {
                "version": SAVED_VERSION,
                "name": name,
                "start": start.isoformat(),
                "end": end.isoformat(),
                "answers": source.saved(),
            }
            write_atomically(save, json.dumps(kept, indent=1, sort_keys=True, default=_text) + "\n")


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime.datetime) else str(value)


def _from_saved(path: Path) -> Recording:
    content = read_file(path, "record")
    try:
        name = str(content["name"])
        start, end = (datetime.datetime.fromisoformat(content[key]) for key in ("start", "end"))
    except (KeyError, TypeError, ValueError):
        raise CannotRun(f"{path}: not a file that `accordion record --save` wrote: it has no name and time") from None
    if start.tzinfo is None or end.tzinfo is None:
        raise CannotRun(f"{path}: start, end: expected times with their zone")
    return record(Saved(content["answers"], str(path)), name, start, end)


def times_of(
    last: str | None,
    start: str | None,
    end: str | None,
    late: datetime.timedelta = _LATE,
    kept: datetime.timedelta = KEPT,
) -> tuple[datetime.datetime, datetime.datetime]:
    """The time that `--last`, or `--start` and `--end`, ask for, in whole minutes; raises CannotRun.

    `late`: how long datapoints are under way. `kept`: how long CloudWatch keeps them.
    """
    now = datetime.datetime.now(datetime.UTC)
    if last is not None and start is not None:
        raise click.UsageError("give --start or --last")
    until = min(minute("--end", end), now) if end is not None else now - late
    until = until.replace(second=0, microsecond=0)
    if start is not None:
        first = minute("--start", start)
    else:
        try:
            length = float(Duration.parse(last or "24h"))
            first = until - datetime.timedelta(seconds=length - length % 60)
        except (ValueError, OverflowError) as error:
            raise CannotRun(f"--last: {error}") from None
    if first >= until:
        raise CannotRun(f"the time from {first.isoformat()} to {until.isoformat()} is empty")
    if first < now - kept:
        oldest = (now - kept + MINUTE).replace(second=0, microsecond=0)
        raise CannotRun(
            f"CloudWatch keeps datapoints of a minute for {kept.days} days: got {first.isoformat()}, allowed from "
            f"{oldest.isoformat()} on"
        )
    return first, until


def minute(option: str, text: str) -> datetime.datetime:
    """The minute in UTC that an option names with its zone; raises CannotRun."""
    try:
        found = datetime.datetime.fromisoformat(text)
    except ValueError:
        raise CannotRun(f"{option}: got {text!r}, expected a time with its zone, such as 2026-01-05T00:00Z") from None
    if found.tzinfo is None:
        raise CannotRun(f"{option}: got {text!r}, which has no zone: write 2026-01-05T00:00Z")
    try:
        return found.astimezone(datetime.UTC).replace(second=0, microsecond=0)
    except OverflowError:
        raise CannotRun(f"{option}: got {text!r}, which is out of reach") from None
