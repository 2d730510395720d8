"""`accordion local load`: one load, one day of a cloud that scales."""

from __future__ import annotations

import dataclasses
import datetime
import shlex
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from operations import options, terminal
from operations.failures import CannotRun, as_cannot_run

if TYPE_CHECKING:
    from elasticity.traces import Load
    from operations.live.answers import Items
    from operations.live.source import Local
    from operations.playing.happening import Happening
    from operations.playing.scaled import Mute
    from operations.simulate import Request
    from stacks.workloads import Workload

MINUTE = 60
_LONGEST = datetime.timedelta(days=15)
"""How long CloudWatch keeps datapoints of a minute (API GetMetricStatistics)."""
_STRETCH = 6 * 3_600
"""Seconds of play that are put into the cloud at once where no speed is given [own]."""


@click.command("load", short_help="Play a load: alarms, policies and counts of the stack act on it.")
@options.stack_file
@options.service
@click.option("--load", help="A load of the stack file.  [default: the only one]")
@options.drawn_or_recorded
@click.option(
    "--from",
    "start",
    metavar="TIME",
    help="When the load begins, with its zone: 2026-01-05T00:00Z.  [default: so that it ends now]",
)
@click.option(
    "--speed",
    type=click.FloatRange(min=0, min_open=True),
    help="Times faster than the clock: 60 plays an hour in a minute.  [default: as fast as it goes]",
)
@options.cold
@click.option("--dry-run", is_flag=True, help="Say what would happen, and change nothing.")
@options.no_cache
def command(
    start: str | None,
    speed: float | None,
    *,
    dry_run: bool,
    **asked: Any,
) -> None:
    """Play a load into the CloudWatch of the cloud on this machine, and let the stack's alarms and policies act on it.

    Targets, policies, schedules, mute rules and suspended states are those that stand in the local cloud now; what one
    task or instance serves, and the loads by name, come from the stack file. Afterwards metrics, histories of alarms,
    scaling activities and counts are there for every AWS client, as for `accordion monitor --local` and
    `accordion performance --local`. What is played again takes the place of what was played of the same time.
    """
    from operations.simulate import Request

    request = Request(**asked)
    if sum(value is not None for value in (request.load, request.trace, request.shape)) > 1:
        raise click.UsageError("give one of --load, --trace and --shape")
    with as_cannot_run():
        found, place = _happenings(request, start)
    for one in found:
        _report(one)
    begin = found[0].timeline.start
    seconds = max(one.timeline.seconds for one in found) // MINUTE * MINUTE
    end = begin + datetime.timedelta(seconds=seconds)
    if dry_run:
        terminal.say("nothing was changed: without --dry-run the load is played")
        return
    _play(found, place, seconds, speed)
    named = f"--stack {request.stack}"
    file = "" if request.file is None else f" {shlex.quote(str(request.file))}"
    click.echo(f"played {_length(seconds)}, {_iso(begin)} to {_iso(end)}; what it shows:")
    click.echo(f"  accordion performance{file} --local {named} --start {_iso(begin)} --end {_iso(end)}")
    click.echo(f"  accordion monitor --local {named}")


def _happenings(request: Request, start: str | None) -> tuple[list[Happening], Local]:
    """What the load makes of each service and group, and where they are."""
    from operations.declared import deployed
    from operations.live import calls
    from operations.live.answers import Remembered
    from operations.live.aws import Aws, clients
    from operations.live.source import local_place
    from operations.performance.source import scaled_parts
    from operations.playing.composites import COMPOSITES
    from operations.playing.happening import happening
    from operations.playing.scaled import mutes_of, scaled_of
    from operations.workloads import chosen
    from stacks.settings import load as load_settings

    settings = load_settings(request.path)
    loads = _loads(chosen(settings, request.service, request.path.name), request)
    declaration = deployed(request.stack, None, local=True)
    parts = scaled_parts(declaration)
    if absent := [name for name in loads if name not in parts]:
        there = ", ".join(parts) or "nothing"
        raise CannotRun(
            f"{', '.join(absent)}: not deployed in stack {declaration.stack} of the local cloud, where {there} scales: "
            f"accordion local up --stack {request.stack}"
        )
    longest = max(load.seconds for _, load in loads.values())
    begin = _begin(start, longest)
    place = local_place(declaration.region, declaration.accounts)
    source = Remembered(Aws(clients(place.region, endpoint=place.endpoint, keys=place.keys)))
    mutes, alarms = mutes_of(source), source.ask(calls.ALARMS)
    composites = source.ask(COMPOSITES, AlarmTypes=["CompositeAlarm"])
    found = []
    for name, (workload, load) in loads.items():
        scaled = scaled_of(source, name, parts[name], workload)
        found.append(happening(scaled, load, begin, mutes, alarms))
    return _with_composites(found, composites, alarms, mutes, begin), place


def _with_composites(
    found: Sequence[Happening],
    composites: Items,
    alarms: Items,
    mutes: Sequence[Mute],
    begin: datetime.datetime,
) -> list[Happening]:
    """What happened, with the composite alarms over all of it: they stand beside what lasts longest."""
    from operations.playing.composites import composite_changes

    longest = max(found, key=lambda one: one.timeline.seconds)

    def muted(name: str, second: int) -> bool:
        spans = (span for mute in mutes if name in mute.alarms for span in mute.within(begin, longest.timeline.seconds))
        return any(first <= second < last for first, last in spans)

    changes = {name: rows for one in found for name, rows in one.changes.items()}
    moved, said = composite_changes(composites, alarms, changes, muted)
    for line in said:
        terminal.say(line)
    beside = dataclasses.replace(longest, changes={**longest.changes, **moved})
    return [beside if one is longest else one for one in found]


def _loads(members: Sequence[Workload], request: Request) -> dict[str, tuple[Workload, Load]]:
    """The load of each service and group that has one, by name."""
    from operations.simulate import as_asked, loads_for, with_load

    found: dict[str, tuple[Workload, Load]] = {}
    for member in with_load(list(members), request):
        loads = loads_for(member, request)
        if len(loads) > 1:
            names = ", ".join(load.name for load in loads)
            raise CannotRun(f"{request.path.name} {member.name}: has several loads: give --load, one of {names}")
        if loads:
            found[member.name] = (as_asked(member, request), loads[0])
    if not found:
        raise CannotRun(
            f"{request.path.name}: no load to play: name some under `simulation.loads` of a service, "
            "or give --shape 'spike base=50/s peak=400/s' or --trace FILE"
        )
    return found


def _begin(start: str | None, seconds: int) -> datetime.datetime:
    """The first minute; raises CannotRun where CloudWatch would take no datapoint of it."""
    from operations.recordings.record import minute

    now = datetime.datetime.now(datetime.UTC).replace(second=0, microsecond=0)
    length = datetime.timedelta(seconds=seconds // MINUTE * MINUTE)
    if length < datetime.timedelta(minutes=1):
        raise CannotRun(f"the load is {seconds} s long: expected at least a minute")
    oldest = now - _LONGEST
    if length > _LONGEST:
        raise CannotRun(
            f"the load is {_length(seconds)} long: CloudWatch keeps datapoints of a minute for {_LONGEST.days} days, "
            "and a load may be as long"
        )
    begin = now - length if start is None else minute("--from", start)
    if begin < oldest:
        raise CannotRun(
            f"--from {_iso(begin)}: CloudWatch keeps datapoints of a minute for {_LONGEST.days} days: give "
            f"{_iso(oldest)} or later"
        )
    if begin > now - length:
        raise CannotRun(
            f"--from {_iso(begin)}: the load of {_length(seconds)} would not be over yet: give {_iso(now - length)} or "
            "earlier"
        )
    return begin


def _play(found: Sequence[Happening], place: Local, seconds: int, speed: float | None) -> None:
    """Put stretch after stretch into the cloud, at the speed that was asked for."""
    from localcloud.aws.played import NotPlayed, send

    stretch = _STRETCH if speed is None else max(MINUTE, round(speed / MINUTE) * MINUTE)
    began = time.monotonic()
    with terminal.counted("playing", seconds // MINUTE) as advance:
        for first in range(0, seconds, stretch):
            last = min(seconds, first + stretch)
            if speed is not None and (wait := began + last / speed - time.monotonic()) > 0:
                time.sleep(wait)
            begin = found[0].timeline.start.timestamp()
            played: dict[str, Any] = {"from": begin + first, "to": begin + last}
            for one in found:
                own = min(last, one.timeline.seconds // MINUTE * MINUTE)
                if own > first:
                    for key, rows in one.between(first, own).items():
                        played.setdefault(key, []).extend(rows)
            try:
                send(place.endpoint, place.keys, place.region or "us-east-1", played)
            except NotPlayed as error:
                done = _length(first) if first else "nothing"
                raise CannotRun(f"{error}; {done} was played") from None
            advance((last - first) // MINUTE)


def _report(one: Happening) -> None:
    """What happened to a service or group, in lines."""
    timeline, scaled = one.timeline, one.scaled
    name = scaled.name
    actions = timeline.actions()
    outward = sum(item.after > item.before for item in actions)
    alarms = sum(len(changes) for there, changes in one.changes.items() if there in set(scaled.alarms.values()))
    click.echo(
        f"{name}: {timeline.load.min():.3g} to {timeline.load.max():.3g} requests/s; desired {timeline.desired[0]} to "
        f"{timeline.desired[-1]}, most {timeline.desired.max()}; {outward:,} times out, {len(actions) - outward:,} in; "
        f"{alarms:,} changes of its {len(scaled.alarms):,} alarms"
    )
    for note in scaled.notes:
        terminal.say(f"{name}: {note}")


def _length(seconds: int) -> str:
    hours, minutes = divmod(seconds // MINUTE, 60)
    return " ".join(part for part in (f"{hours:,} h" if hours else "", f"{minutes} min" if minutes else "") if part)


def _iso(moment: datetime.datetime) -> str:
    return moment.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%MZ")
