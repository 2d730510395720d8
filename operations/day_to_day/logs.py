"""`accordion logs`: what the containers of a service said."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from elasticity.quantities import Duration
from operations.day_to_day.chosen import Running, answered, options, running, short
from operations.failures import DONE, CannotRun
from operations.live.aws import redacted
from operations.live.day_to_day import LOG_EVENTS
from operations.options import form
from operations.terminal import say

PAGES = 50
"""Of a group at most, each of up to 1 MiB or 10,000 events (CloudWatch Logs API reference, FilterLogEvents)."""


@click.command()
@options("logs")
@click.option("--since", metavar="DURATION", default="10m", show_default=True, help="From so long ago.")
@click.option(
    "--filter", "pattern", default="", help="A filter pattern of CloudWatch Logs: ERROR, '{ $.status = 500 }'."
)
@click.option("--task", default="", help="Only of the task with this id.")
@click.option("--last", type=click.IntRange(min=1), help="Only so many, the newest.")
@form(("text", "json"))
def command(
    stack: str,
    service: str | None,
    state: Path | None,
    since: str,
    pattern: str,
    task: str,
    last: int | None,
    form: str,
    *,
    local: bool,
) -> int:
    """What the containers of the services said: time, service, task, line. Keys and passwords are hidden."""
    try:
        back = float(Duration.parse(since))
    except ValueError as error:
        raise CannotRun(f"--since: {error}") from None
    found = running(stack, state, local=local)
    try:
        start = datetime.datetime.now(datetime.UTC) - datetime.timedelta(seconds=back)
    except OverflowError:
        raise CannotRun(f"--since: {since!r} is longer ago than there is time") from None
    rows = []
    for part in found.services(service):
        for group in found.log_groups(part):
            with answered(f"the logs of {part.component} are not known"):
                rows += list(_events(found, part.component, group, start, pattern, task))
    rows = sorted(rows, key=lambda row: row["at"])[-last if last else None :]
    if form == "json":
        click.echo(json.dumps({"version": 1, "stack": found.declared.stack, "events": rows}, indent=2))
        return DONE
    for row in rows:
        click.echo(f"{row['at']}  {row['service']}  {row['task'][:12]}  {row['message']}")
    if not rows:
        click.echo(f"nothing in the last {since}" + (f" that fits {pattern!r}" if pattern else ""))
    return DONE


def _events(
    found: Running, service: str, group: str, start: datetime.datetime, pattern: str, task: str
) -> Iterator[dict[str, Any]]:
    asked: dict[str, Any] = {"logGroupName": group, "startTime": max(0, int(start.timestamp() * 1000))}
    if pattern:
        asked["filterPattern"] = pattern
    for _ in range(PAGES):
        answer = found.answers.ask(LOG_EVENTS, **asked)[0]
        for event in answer.get("events") or []:
            stream = short(event.get("logStreamName"))  # prefix/container/task
            if task and stream != task:
                continue
            at = datetime.datetime.fromtimestamp(event["timestamp"] / 1000, datetime.UTC)
            message = redacted(str(event.get("message") or "").rstrip("\n"))
            yield {
                "at": at.isoformat(timespec="milliseconds"), "service": service, "task": stream, "message": message,
            }  # fmt: skip
        if not answer.get("nextToken") or answer["nextToken"] == asked.get("nextToken"):
            return
        asked["nextToken"] = answer["nextToken"]
    say(f"{service}: there is more than is read, and its newest part is missing: give a shorter --since, or a --filter")
