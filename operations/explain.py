"""`accordion explain`: which bounds hold at a time and why, how the platform writes them, how long a doubling takes."""

from __future__ import annotations

import dataclasses
import datetime
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from rich.markup import escape
from rich.padding import Padding

from operations import options
from operations.failures import as_cannot_run
from operations.reaction import Reaction, parameters_of, reaction
from operations.timetable import (
    Bound,
    Writing,
    clock_changes_around,
    following,
    in_force,
    local_time,
    parse_time,
    writings,
    zone_of,
)
from operations.workloads import chosen
from stacks.settings import load
from stacks.workloads import Workload


@dataclasses.dataclass(frozen=True)
class Explanation:
    """The whole answer for one service or group."""

    member: str
    platform: str
    at: datetime.datetime
    time_zone: str
    minimum: Bound
    maximum: Bound
    following: tuple[str, ...]
    writings: tuple[Writing, ...]
    clock_changes: tuple[str, ...]
    doubling: Reaction


def explain(member: Workload, text: str, zone: str | None) -> Explanation:
    """The answer for one member; raises CannotRun on a time or a rule that cannot be read."""
    rules, shown = member.rules, zone_of(member.rules, zone)
    at = parse_time(text, shown)
    change = parameters_of(member).clock_change or "skip_gap_first_repeat"
    now = at.astimezone(datetime.UTC)
    minimum, maximum = in_force(rules, member.platform, now, shown, change)
    return Explanation(
        member=member.name,
        platform=member.platform,
        at=at,
        time_zone=shown,
        minimum=minimum,
        maximum=maximum,
        following=tuple(following(rules, member.platform, now, shown, change)),
        writings=tuple(writings(rules, member.platform)),
        clock_changes=tuple(clock_changes_around(rules, member.platform, now)),
        doubling=reaction(member, minimum.value, maximum.value),
    )


def document(answer: Explanation) -> dict[str, Any]:
    """The answer as plain values."""
    found = dataclasses.asdict(answer)
    found["at"] = answer.at.isoformat()
    return found


def lines(answer: Explanation) -> Iterator[str]:
    """The answer in words, a line each."""
    clock = local_time(answer.at, answer.time_zone)
    zone = "" if clock.endswith(f" {answer.time_zone}") else f", {answer.time_zone}"
    yield f"{answer.member} ({answer.platform}) at {clock}{zone}"
    yield from (f"  {line}" for line in verdict(answer))
    yield ""
    yield f"minimum {answer.minimum.value}: {answer.minimum.why}"
    yield f"maximum {answer.maximum.value}: {answer.maximum.why}"
    if answer.minimum.before is not None and answer.minimum.value < answer.minimum.before:
        yield "a lower minimum removes nothing by itself: capacity stays until a rule acts"
    yield from _section("Clock changes", answer.clock_changes)
    yield from _section("Next", answer.following)
    yield from _section(
        "On the platform",
        tuple(
            f"{item.rule}: {item.declared} is written {item.written}"
            + ("" if item.written.startswith("StartTime") else f", time zone {item.time_zone}")
            for item in answer.writings
        ),
    )
    yield from _section("When the load doubles", answer.doubling.steps)
    served = answer.doubling
    if served.served_after is not None:
        spread = ""
        if served.least is not None and served.most is not None:
            spread = f" ({served.least:g} to {served.most:g} s by the publication delay)"
        yield f"  the doubled load lies at the target again after {served.served_after:g} s{spread}"


def verdict(answer: Explanation) -> list[str]:
    """The answer in three lines: the bounds, what a doubled load meets, which bound changes next."""
    after = answer.doubling.served_after
    doubled = answer.doubling.steps[-1] if after is None else f"it lies at the target again after {after:g} s"
    return [
        f"between {answer.minimum.value} and {answer.maximum.value} units",
        f"when the load doubles: {doubled}",
        f"next: {answer.following[0]}" if answer.following else "next: no schedule changes a bound",
    ]


def _section(title: str, rows: tuple[str, ...]) -> Iterator[str]:
    if rows:
        yield ""
        yield title
        yield from (f"  {row}" for row in rows)


@click.command()
@options.stack_file
@options.service
@click.option("--at", help="'Mon 08:55' (in an ordinary winter week) or 2026-03-29T02:30.  [default: now]")
@click.option("--time-zone", help="IANA name; without it that of the schedules, or UTC.")
@options.form(("text", "json"))
def command(
    file: Path | None, stack: str, service: str | None, at: str | None, time_zone: str | None, form: str
) -> None:
    """Which bounds hold at a time, which schedule set them, and how long a doubling of the load takes to be served."""
    path = options.file_of(file, stack)
    at = at or datetime.datetime.now(datetime.UTC).isoformat(timespec="minutes")
    with as_cannot_run():
        answers = [explain(member, at, time_zone) for member in chosen(load(path), service, path.name)]
    if form == "json":
        click.echo(json.dumps([document(answer) for answer in answers], indent=1, sort_keys=True))
        return
    console = options.console()
    for place, answer in enumerate(answers):
        if place:
            console.print()
        for line in lines(answer):
            if not (console.is_terminal and line):
                console.print(escape(line), highlight=False, soft_wrap=True)
                continue
            text = line.lstrip()
            console.print(Padding(escape(text), (0, 0, 0, len(line) - len(text)), expand=False), highlight=False)
