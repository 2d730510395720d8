"""`accordion explain`: which bounds hold at a time and why, how the platform writes them, how long a doubling takes."""

from __future__ import annotations

import dataclasses
import datetime
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.markup import escape

from components.scaling.schedules import group_recurrence, service_schedule, utc_of
from elasticity.platforms import PlatformParameters, platform_parameters
from elasticity.rules import Elasticity, Scheduled
from elasticity.schedules import ClockChange, clock_changes, time_zone_of
from operations import elastic
from operations.elastic import CannotRun, Member
from operations.simulate import WIDTH, told_as_a_mistake

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
USUAL_MONDAY = datetime.date(2026, 1, 12)
"""A weekday without a date is taken in the week of this Monday: no clock is read, so the answer stays the same."""
LOOK_BACK = datetime.timedelta(days=400)
"""How far back a schedule that still holds is looked for: more than a year."""
LOOK_AHEAD = datetime.timedelta(days=400)
DOUBLING = 4 * 3_600
"""Seconds of the run that shows a doubling."""
EDGE = 3_600
YEARS = (1972, 2198)
"""First and last year that can be asked for: cron knows 1970 to 2199, and more than a year around is looked at."""


@dataclasses.dataclass(frozen=True)
class Bound:
    """One bound in force."""

    value: int
    why: str
    rule: str
    """Name of the schedule that set it; empty where it is as declared."""
    before: int | None = None
    """What held until that schedule."""


@dataclasses.dataclass(frozen=True)
class Writing:
    """A schedule as the platform holds it."""

    rule: str
    declared: str
    written: str
    time_zone: str


@dataclasses.dataclass(frozen=True)
class Doubling:
    """What happens when the load doubles."""

    steps: tuple[str, ...]
    served_after: float | None
    """Seconds until the doubled load lies at the rule's target again; None where it never does."""
    least: float | None
    most: float | None
    """The same with the least and the most publication delay that the evidence allows."""


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
    doubling: Doubling


def parse_time(text: str, zone: str) -> datetime.datetime:
    """`Mon 08:55` in the week of USUAL_MONDAY, or `2026-03-29T02:30`, in `zone`; raises CannotRun on another form."""
    tz = time_zone_of(zone)
    found = re.fullmatch(r"([A-Za-z]+)\s+(\d{1,2}):(\d{2})", text.strip())
    weekday = _weekday(found[1].lower()) if found else None
    if found and weekday is not None and int(found[2]) < 24 and int(found[3]) < 60:
        day = USUAL_MONDAY + datetime.timedelta(days=weekday)
        return datetime.datetime.combine(day, datetime.time(int(found[2]), int(found[3])), tz)
    try:
        moment = datetime.datetime.fromisoformat(text.strip())
    except ValueError:
        raise CannotRun(f"--at: got {text!r}, expected a time such as 'Mon 08:55' or 2026-03-29T02:30") from None
    if not YEARS[0] <= moment.year <= YEARS[1]:
        raise CannotRun(f"--at: got the year {moment.year}, allowed {YEARS[0]} to {YEARS[1]}")
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=tz)


def _weekday(name: str) -> int | None:
    """Days after Monday of `mon` or `monday`; None for another word."""
    return next((place for place, day in enumerate(WEEKDAYS) if name in (day, day[:3])), None)


def zone_of(rules: Elasticity, given: str | None) -> str:
    """The zone that times are read and shown in: the one given, else the schedules' where they agree, else UTC."""
    if given is not None:
        try:
            time_zone_of(given)
        except ValueError as error:
            raise CannotRun(f"--time-zone: {str(error).removeprefix('`time_zone`: ')}") from None
        return given
    zones = {rule.time_zone for rule in rules.scheduled.values()}
    return zones.pop() if len(zones) == 1 else "UTC"


@dataclasses.dataclass(frozen=True)
class _Firing:
    """One time at which a schedule runs."""

    time: datetime.datetime
    place: int
    name: str
    rule: Scheduled


def _firings(
    rules: Elasticity, platform: str, start: datetime.datetime, end: datetime.datetime, clock_change: str
) -> list[_Firing]:
    """The schedules of the rules in order of time; of one minute in the order of declaration."""
    from elasticity.simulator.calendar import occurrences_of

    found = []
    for place, (name, rule) in enumerate(rules.scheduled.items()):
        try:
            times = occurrences_of(rule, platform, start, end, clock_change)
        except ValueError as error:
            raise CannotRun(f"scheduled.{name}: {error}") from None
        found += [_Firing(time, place, name, rule) for time in times]
    return sorted(found, key=lambda firing: (firing.time, firing.place))


def _expression(rule: Scheduled) -> str:
    return rule.cron or rule.rate or rule.at or ""


def _local(moment: datetime.datetime, zone: str) -> str:
    return moment.astimezone(time_zone_of(zone)).strftime("%a %Y-%m-%d %H:%M %Z")


def _in_force(rules: Elasticity, firings: list[_Firing], zone: str) -> tuple[Bound, Bound]:
    held = {}
    for side in ("minimum", "maximum"):
        setting = [firing for firing in firings if getattr(firing.rule, side) is not None]
        if not setting:
            held[side] = Bound(getattr(rules, side), "as declared: no schedule has set it before", "")
            continue
        last = setting[-1]
        before = getattr(setting[-2].rule if len(setting) > 1 else rules, side)
        why = f"set by {last.name} ({_expression(last.rule)}, {last.rule.time_zone}) on {_local(last.time, zone)}"
        held[side] = Bound(getattr(last.rule, side), why, last.name, before)
    return held["minimum"], held["maximum"]


def _following(firings: list[_Firing], zone: str) -> Iterator[str]:
    """The next time of each schedule, in order."""
    seen: set[str] = set()
    for firing in firings:
        if firing.name not in seen:
            seen.add(firing.name)
            sides = [f"{side} {getattr(firing.rule, side)}" for side in ("minimum", "maximum", "desired")
                     if getattr(firing.rule, side) is not None]  # fmt: skip
            yield f"{_local(firing.time, zone)}: {firing.name} sets {' and '.join(sides)}"


def writings(rules: Elasticity, platform: str) -> list[Writing]:
    """Each schedule in the platform's own form; raises CannotRun where the platform cannot hold it."""
    from components.scaling.plan import Refusal

    refusals: list[Refusal] = []
    found = []
    for name, rule in rules.scheduled.items():
        path = f"scheduled.{name}"
        if platform != "ec2_group":
            written = service_schedule(rule, path, refusals)
        elif rule.at is not None:
            written = f"StartTime {utc_of(rule, path, refusals)}"
        else:
            written = group_recurrence(rule, path, refusals)
        found.append(Writing(name, _expression(rule), written or "", rule.time_zone))
    if refusals:
        raise CannotRun("\n".join(f"{refusal.path}: {refusal.reason}; {refusal.cure}" for refusal in refusals))
    return found


def _changes(rules: Elasticity, platform: str, at: datetime.datetime) -> Iterator[str]:
    """The schedules that a clock change within a day of `at` hits, and what they do then."""
    day = datetime.timedelta(days=1)
    for name, rule in rules.scheduled.items():
        if rule.cron is None:
            continue
        dialect = "ec2" if platform == "ec2_group" or len(rule.cron.split()) == 5 else "application"
        for change in clock_changes(rule.cron, rule.time_zone, at - day, at + day, dialect):
            yield _change(name, rule.time_zone, change)
    yield from _offset_changes({rule.time_zone for rule in rules.scheduled.values()}, at)


def _change(name: str, zone: str, change: ClockChange) -> str:
    local = change.local.strftime("%Y-%m-%d %H:%M")
    does = "it does not run" if change.kind == "skipped" else "it runs at the first"
    said = "does not exist" if change.kind == "skipped" else "comes twice"
    return f"{name}: {local} {said} in {zone}; {does} (as EventBridge Scheduler does; AWS documents nothing here)"


def _offset_changes(zones: set[str], at: datetime.datetime) -> Iterator[str]:
    """A change of the clock on the local day of `at`."""
    for zone in sorted(zones):
        tz = time_zone_of(zone)
        local = at.astimezone(tz).date()
        first, last = (
            datetime.datetime.combine(day, datetime.time(), tz) for day in (local, local + datetime.timedelta(days=1))
        )
        before, after = first.utcoffset(), last.utcoffset()
        if before is not None and after is not None and before != after:
            hours = (after - before).total_seconds() / 3_600
            way = "forward" if hours > 0 else "back"
            yield f"{local}: clocks in {zone} go {way} by {abs(hours):g} h, schedules follow local time"


def doubling(member: Member, minimum: int, maximum: int) -> Doubling:
    """What happens when the load doubles on a resting system of `minimum` units, at the target of its first rule."""
    from elasticity.simulator.demand import reaction_utilisation

    rules = member.rules.model_copy(
        update={"minimum": minimum, "maximum": maximum, "initial": None, "scheduled": {}, "predictive": {}}
    )
    capacity = float(rules.unit.capacity or 0.0)
    if not capacity:
        return Doubling(("not known: `unit.capacity` is not declared",), None, None, None)
    if not any((rules.target_tracking, rules.step_scaling)):
        return Doubling(("no rule acts on a load: capacity follows schedules and forecasts alone",), None, None, None)
    units = max(1, minimum)
    share = reaction_utilisation(rules)
    before = units * capacity * share * 0.99
    opening = (
        f"{units} unit{'s serve' if units > 1 else ' serves'} {before:.0f} requests/s, just below where the first rule"
        f" acts ({100 * share:.0f} % of capacity); as a period begins the load doubles to {2 * before:.0f}/s"
    )
    rules = rules.model_copy(update={"initial": units if minimum == 0 else None})
    parameters = _parameters(member)
    runs = [_run(member, rules, before, share, delay) for delay in _delays(parameters)]
    served, least, most = (run[1] for run in runs)
    steps = [opening, *_anatomy(member, rules, parameters), *runs[0][0]]
    if served is None:
        room = maximum * capacity * share
        steps.append(
            f"the target is not reached again within {(DOUBLING - EDGE) // 3_600} h: at their target the maximum of "
            f"{maximum} units serves {room:.0f} requests/s"
        )
    return Doubling(tuple(steps), served, least, most)


def _parameters(member: Member) -> PlatformParameters:
    return platform_parameters(member.platform).with_values(**member.options["parameters"])


def _delays(parameters: PlatformParameters) -> tuple[float, float, float]:
    return parameters.publication_delay, parameters.publication_delay_least, parameters.publication_delay_most


def _anatomy(member: Member, rules: Elasticity, parameters: PlatformParameters) -> Iterator[str]:
    """The parts of one reaction."""
    period, needed = parameters.metric_period, parameters.high_evaluation_periods
    delay, least, most = _delays(parameters)
    if rules.target_tracking:
        yield (
            f"a datapoint covers {period} s; the high alarm needs {parameters.high_datapoints_to_alarm} of {needed}"
            f" above the target: {(needed - 1) * period} to {(needed + 1) * period} s, by where in a period load rises"
        )
    yield f"a datapoint is seen {delay:g} s after its period ({least:g} to {most:g} s fit what is known of AWS)"
    start_up = parameters.start_up if rules.unit.start_up is None else float(rules.unit.start_up)
    said = "as declared, health checks included" if rules.unit.start_up is not None else "the platform's, without image"
    yield f"a new unit serves {start_up:g} s after it is asked for ({said})"
    if member.ground == "capacity_provider":
        yield "before that it waits for an instance where none has room: the group below follows the tasks"
    if member.platform == "ec2_group":
        yield f"an instance counts after a warm-up of {member.options['default_instance_warm_up']:g} s"


def _run(
    member: Member, rules: Elasticity, before: float, share: float, delay: float
) -> tuple[list[str], float | None]:
    """What acted after the edge, and seconds until the doubled load lies at the target (`share` of capacity) again."""
    import numpy as np

    from elasticity.simulator import SimulationError, simulate
    from elasticity.traces import step

    options = {**member.options, "parameters": {**member.options["parameters"], "publication_delay": delay}}
    load = step(before, 2 * before, at=EDGE, duration=DOUBLING, resolution=10)
    try:
        timeline = simulate(rules, load, platform=member.ground, tick=10, **options)
    except SimulationError as error:
        raise CannotRun(f"{member.name}: {error}") from None
    after = slice(EDGE // 10, None)
    enough = np.flatnonzero(timeline.capacity[after] * share >= 2 * before)
    over = float((timeline.load[after] > timeline.capacity[after]).sum() * 10)
    served = float(enough[0] * 10) if len(enough) else None
    last = DOUBLING if served is None else EDGE + served
    steps = [
        f"+{item.second - EDGE} s: {item.rule or 'capacity'}: {item.text}"
        for item in timeline.decisions
        if EDGE <= item.second <= last
        and (item.kind == "units" or (item.kind == "alarm" and "to ALARM" in item.text) or item in timeline.actions())
    ]
    steps.append(f"for {over:g} s the load is above capacity" if over else "the load is never above capacity")
    return steps, served


def explain(member: Member, text: str, zone: str | None) -> Explanation:
    """The answer for one member; raises CannotRun on a time or a rule that cannot be read."""
    rules, shown = member.rules, zone_of(member.rules, zone)
    at = parse_time(text, shown)
    change = _parameters(member).clock_change or "skip_gap_first_repeat"
    now = at.astimezone(datetime.UTC)
    soon = now + datetime.timedelta(seconds=1)
    minimum, maximum = _in_force(rules, _firings(rules, member.platform, now - LOOK_BACK, soon, change), shown)
    later = _firings(rules, member.platform, soon, now + LOOK_AHEAD, change)
    return Explanation(
        member=member.name,
        platform=member.platform,
        at=at,
        time_zone=shown,
        minimum=minimum,
        maximum=maximum,
        following=tuple(_following(later, shown)),
        writings=tuple(writings(rules, member.platform)),
        clock_changes=tuple(_changes(rules, member.platform, now)),
        doubling=doubling(member, minimum.value, maximum.value),
    )


def document(answer: Explanation) -> dict[str, Any]:
    """The answer as plain values."""
    found = dataclasses.asdict(answer)
    found["at"] = answer.at.isoformat()
    return found


def lines(answer: Explanation) -> Iterator[str]:
    """The answer in words, a line each."""
    yield f"{answer.member} ({answer.platform}) at {_local(answer.at, answer.time_zone)}, {answer.time_zone}"
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


def _section(title: str, rows: tuple[str, ...]) -> Iterator[str]:
    if rows:
        yield ""
        yield title
        yield from (f"  {row}" for row in rows)


@click.command()
@click.argument("file", metavar="[STACK_FILE]", required=False, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--stack", default="dev", show_default=True, help="Name of the stack; its file lies in this folder.")
@click.option("--service", help="Only this service or group.")
@click.option("--at", required=True, help="A time: 'Mon 08:55' (in an ordinary winter week) or 2026-03-29T02:30.")
@click.option("--time-zone", help="IANA name; without it that of the schedules, or UTC.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(file: Path | None, stack: str, service: str | None, at: str, time_zone: str | None, form: str) -> None:
    """Which bounds hold at a time, which schedule set them, and how long a doubling of the load takes to be served."""
    path = file or Path(f"Pulumi.{stack}.yaml")
    with told_as_a_mistake():
        answers = [explain(member, at, time_zone) for member in elastic.chosen(elastic.read(path), service, path.name)]
    if form == "json":
        click.echo(json.dumps([document(answer) for answer in answers], indent=1, sort_keys=True))
        return
    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    for place, answer in enumerate(answers):
        if place:
            console.print()
        for line in lines(answer):
            console.print(escape(line), highlight=False, soft_wrap=not console.is_terminal)
