"""Times of scheduled rules in the forms of the two platforms.

The language writes five cron fields everywhere. A service takes six (EventBridge), with weekdays by name, since the two
dialects number them differently; a group takes five, with numbers.
"""

from __future__ import annotations

import datetime
import re

from elasticity import cron
from elasticity.faults import Fault, KeyPath
from elasticity.rules import Scheduled
from elasticity.schedules import time_zone_of

_WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")


def service_schedule(rule: Scheduled, path: KeyPath) -> str | Fault:
    """`cron(…)`, `rate(…)` or `at(…)` of Application Auto Scaling."""
    if rule.at is not None:
        local = _local_time(rule.at, path)
        return local if isinstance(local, Fault) else f"at({rule.at})"
    if rule.rate is not None:
        if re.fullmatch(r"1 (minute|hour|day)|(?!1 )[1-9]\d* (minutes|hours|days)", rule.rate):
            return f"rate({rule.rate})"
        cure = "write a number and its unit, such as `1 hour` or `5 minutes`"
        return Fault((*path, "rate"), "not a rate", cure)
    fields = (rule.cron or "").split()
    try:
        if len(fields) == 6:
            cron.parse(" ".join(fields), "application")
            return f"cron({' '.join(fields)})"
        return f"cron({cron.to_application(' '.join(fields))})"
    except cron.BothDayFieldsError as error:
        return Fault((*path, "cron"), error.reason, error.cure)
    except cron.CronError as error:
        return Fault((*path, "cron"), str(error), _FIVE_FIELDS)


_FIVE_FIELDS = "write minute hour day-of-month month day-of-week, such as `0 8 * * MON-FRI`"


def group_recurrence(rule: Scheduled, path: KeyPath) -> str | Fault:
    """Five cron fields with numbers for EC2 Auto Scaling."""
    if rule.rate is not None:
        cure = "write `cron`, such as `0 * * * *` for every hour"
        return Fault((*path, "rate"), "an Auto Scaling group has no rates", cure)
    fields = (rule.cron or "").split()
    if len(fields) == 6:
        reason = "an Auto Scaling group takes five cron fields, six are for services"
        return Fault((*path, "cron"), reason, _FIVE_FIELDS + "; a year is said by `start` and `end`")
    try:
        cron.parse(" ".join(fields), "ec2")
    except cron.CronError as error:
        return Fault((*path, "cron"), str(error), _FIVE_FIELDS)
    minute, hour, month_day, month, weekday = fields
    month = _numbered(month, {name: number for number, name in enumerate(_MONTHS, start=1)})
    weekday = re.sub(r"-SUN\b", "-7", weekday.upper())
    weekday = _numbered(weekday, {name: number for number, name in enumerate(_WEEKDAYS)})
    return " ".join((minute, hour, month_day, month, weekday))


def _numbered(field: str, numbers: dict[str, int]) -> str:
    return re.sub(r"[A-Za-z]{3}", lambda found: str(numbers[found[0].upper()]), field)


def utc_of(rule: Scheduled, path: KeyPath) -> str | Fault:
    """The one time of a rule with `at`, in UTC; an hour that comes twice means its first."""
    local = _local_time(rule.at or "", path)
    if isinstance(local, Fault):
        return local
    return utc_text(local.replace(tzinfo=time_zone_of(rule.time_zone)))


def utc_text(moment: datetime.datetime) -> str:
    """A moment as AWS writes it: whole seconds in UTC."""
    return moment.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _local_time(text: str, path: KeyPath) -> datetime.datetime | Fault:
    if re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", text):
        try:
            return datetime.datetime.fromisoformat(text)  # naive on purpose: a local time
        except ValueError:
            pass
    return Fault((*path, "at"), "not a time", "write a local time as 2026-12-24T18:00:00")
