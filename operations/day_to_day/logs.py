"""`accordion logs`: what the containers of a service said."""

from __future__ import annotations

import dataclasses
import datetime
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from elasticity.quantities import Duration
from operations import lists
from operations.day_to_day.chosen import Running, answered, options, running, short
from operations.failures import DONE, CannotRun
from operations.live.day_to_day import LOG_EVENTS
from operations.options import form
from operations.redaction import redacted
from operations.terminal import say

PAGES = 50
"""Of a group at most, each of up to 1 MiB or 10,000 events (CloudWatch Logs API reference, FilterLogEvents)."""
EVERY = 2.0
"""Seconds between two looks that follow: FilterLogEvents may be called five times a second in an account (CloudWatch
Logs quotas) [own]."""
LATE = 30.0
"""Seconds by which an event may come later than its own time says [own]: that far each look goes back."""


@click.command()
@options("logs")
@click.option("--since", metavar="DURATION", default="10m", show_default=True, help="From so long ago.")
@click.option(
    "--filter", "pattern", default="", help="A filter pattern of CloudWatch Logs: ERROR, '{ $.status = 500 }'."
)
@click.option("--task", default="", help="Only of the task with this id.")
@click.option("--last", type=click.IntRange(min=1), help="Only so many, the newest.")
@click.option("--follow", is_flag=True, help="Go on with what is said from now on, until Ctrl-C.")
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
    follow: bool,
) -> int:
    """What the containers of the services said: time, service, task, line. Keys and passwords are hidden.

    With --follow and --format json each event is a line of its own.
    """
    try:
        back = float(Duration.parse(since))
    except ValueError as error:
        raise CannotRun(f"--since: {error}") from None
    found = running(stack, state, local=local)
    try:
        start = datetime.datetime.now(datetime.UTC) - datetime.timedelta(seconds=back)
    except OverflowError:
        raise CannotRun(f"--since: {since!r} is longer ago than there is time") from None
    look = Look(found, service, pattern, task)
    rows = look.since(start)[-last if last else None :]
    if form == "json" and not follow:
        click.echo(lists.document(lists.LogEvents, stack=found.declared.stack, events=rows))
        return DONE
    for row in rows:
        click.echo(_line(row, form))
    if follow:
        return _follow(look, form)
    if not rows:
        click.echo(f"nothing in the last {since}" + (f" that fits {pattern!r}" if pattern else ""))
    return DONE


def _line(row: Mapping[str, Any], form: str) -> str:
    if form == "json":
        return lists.LogEvent.model_validate(row).model_dump_json()
    return f"{row['at']}  {row['service']}  {row['task'][:12]}  {row['message']}"


def _follow(look: Look, form: str) -> int:
    """Each event once, as it comes, until Ctrl-C; a look without an answer is told, and the next one goes on."""
    try:
        while True:
            time.sleep(EVERY)
            late = datetime.datetime.now(datetime.UTC) - datetime.timedelta(seconds=LATE)
            try:
                rows = look.since(late)
            except CannotRun as missing:
                say(missing.message)
                continue
            for row in rows:
                click.echo(_line(row, form))
    except KeyboardInterrupt:
        return DONE


@dataclasses.dataclass
class Look:
    """What is asked for, and what was shown already."""

    found: Running
    service: str | None
    pattern: str
    task: str
    _shown: dict[tuple[str, str], float] = dataclasses.field(default_factory=dict)
    """When an event was last seen, by group and its own number."""

    def since(self, start: datetime.datetime) -> list[dict[str, Any]]:
        """Events from a moment on that were not shown before, by time; raises CannotRun."""
        rows: list[dict[str, Any]] = []
        for part in self.found.services(self.service):
            for group in self.found.log_groups(part):
                with answered(f"the logs of {part.component} are not known"):
                    rows += list(self._events(part.component, group, start))
        oldest = start.timestamp() - LATE
        self._shown = {key: at for key, at in self._shown.items() if at >= oldest}
        return sorted(rows, key=lambda row: row["at"])

    def _events(self, service: str, group: str, start: datetime.datetime) -> Iterator[dict[str, Any]]:
        asked: dict[str, Any] = {"logGroupName": group, "startTime": max(0, int(start.timestamp() * 1000))}
        if self.pattern:
            asked["filterPattern"] = self.pattern
        for _ in range(PAGES):
            answer = self.found.answers.ask(LOG_EVENTS, **asked)[0]
            for event in answer.get("events") or []:
                stream = short(event.get("logStreamName"))  # prefix/container/task
                seconds, number = event["timestamp"] / 1000, (group, str(event.get("eventId")))
                if (self.task and stream != self.task) or (event.get("eventId") and number in self._shown):
                    continue
                self._shown[number] = seconds
                at = datetime.datetime.fromtimestamp(seconds, datetime.UTC)
                message = redacted(str(event.get("message") or "").rstrip("\n"))
                yield {
                    "at": at.isoformat(timespec="milliseconds"), "service": service, "task": stream, "message": message,
                }  # fmt: skip
            if not answer.get("nextToken") or answer["nextToken"] == asked.get("nextToken"):
                return
            asked["nextToken"] = answer["nextToken"]
        say(
            f"{service}: there is more than is read, and its newest part is missing: give a shorter --since, or a "
            "--filter"
        )
