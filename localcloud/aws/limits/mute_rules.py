"""Mute rules of alarms. Sources: CloudWatch API, Schedule and MuteTargets; the validation of the Terraform provider."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from localcloud.aws.limits._checks import Check, Fault, Props, each, needed
from localcloud.aws.limits.cron import MUTES
from localcloud.aws.limits.durations import duration
from localcloud.aws.limits.scaling import scheduled, zone

SCHEDULE = "rule.schedule"


def lasting(props: Props) -> Iterator[Fault]:
    """A window lasts between a minute and 15 days."""
    for place, value in each(props, f"{SCHEDULE}.duration"):
        found = duration(str(value))
        if found is None:
            yield place, f"{value!r} is no duration of ISO 8601 such as PT4H or P2DT12H"
        elif not timedelta(minutes=1) <= found <= timedelta(days=15):
            yield place, f"{value} is not within PT1M to P15D"


def dated(props: Props) -> Iterator[Fault]:
    """Start and end are whole minutes, in order, and for windows that come again."""
    once = any(str(value).startswith("at(") for _, value in each(props, f"{SCHEDULE}.expression"))
    found = {}
    for name in ("startDate", "expireDate"):
        for place, value in each(props, name):
            try:
                found[name] = datetime.fromisoformat(str(value))
            except ValueError:
                yield place, f"{value!r} is no time such as 2026-12-31T23:59:00Z"
                continue
            if found[name].tzinfo is None:
                yield place, f"{value!r} has no offset; write 2026-12-31T23:59:00Z"
                del found[name]
            elif found[name].second or found[name].microsecond:
                yield place, f"{value!r} has seconds, which must be 00"
            if once:
                yield place, "an at(...) comes once: leave it out"
    if len(found) == 2 and found["expireDate"] <= found["startDate"]:
        yield "expireDate", f"{props['expireDate']} is not after startDate {props['startDate']}"


def targets(props: Props) -> Iterator[Fault]:
    """A rule silences up to 100 alarms."""
    for place, names in each(props, "muteTargets.alarmNames"):
        if isinstance(names, list) and len(names) > 100:
            yield place, f"{len(names)} alarms are more than 100, the most of one rule"


LIMITS: dict[str, tuple[Check, ...]] = {
    "aws:cloudwatch/alarmMuteRule:AlarmMuteRule": (
        needed("rule"), scheduled(f"{SCHEDULE}.expression", MUTES), zone(f"{SCHEDULE}.timezone"), lasting, dated,
        targets,
    ),
}  # fmt: skip
