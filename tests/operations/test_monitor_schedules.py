"""Which value a bound should have by the schedules that are due, and when nobody can say. Cannot prove when AWS acts."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from operations.declared import GROUP, GROUP_SCHEDULE, SERVICE_SCHEDULE, TARGET, Declaration, Part
from operations.live.answers import Saved
from operations.monitor.comparison import Stack
from operations.monitor.rules import due

NOON = datetime.datetime(2026, 11, 4, 12, 0, tzinfo=datetime.UTC)  # a Wednesday
DEPLOYED = "2026-11-01T10:00:00Z"


def part(kind: str, changed: str | None = DEPLOYED, **properties: Any) -> Part:
    return Part(type=kind, name="x", id="x", urn="", component="web", properties=properties, changed=changed)


def of_a_service(
    name: str, schedule: str, minimum: int | None = 4, changed: str | None = DEPLOYED, **more: Any
) -> Part:
    action = {"minCapacity": minimum} if minimum is not None else {"maxCapacity": 9}
    return part(SERVICE_SCHEDULE, changed, name=name, schedule=schedule, scalableTargetAction=action, **more)


def told(
    *schedules: Part, now: datetime.datetime = NOON, engine: str = "pulumi", owner: Part | None = None
) -> str | None:
    declared = Declaration(stack="prod", source="state", region="eu-central-1")
    platform = "ec2_group" if owner and owner.type == GROUP else "ecs_service"
    found = due(Stack(declared, Saved({}, "none"), now, engine), platform, schedules, owner or part(TARGET), "minimum")
    return str(found) if found else None


MORNING, EVENING = of_a_service("morning", "cron(0 8 * * ? *)"), of_a_service("evening", "cron(0 20 * * ? *)", 2)


def test_the_schedule_that_fired_last_has_set_the_bound() -> None:
    assert told(MORNING, EVENING) == "4, by schedule morning since 2026-11-04 08:00 UTC"
    assert told(MORNING, EVENING, now=NOON.replace(hour=7)) == "2, by schedule evening since 2026-11-03 20:00 UTC"


def test_schedules_of_one_moment_may_each_have_set_it() -> None:
    both = told(MORNING, of_a_service("office", "cron(0 8 ? * WED *)", 6))
    assert both == "4 or 6, by schedule morning, office since 2026-11-04 08:00 UTC"


def test_time_zones_of_schedules_count() -> None:
    assert told(of_a_service("morning", "cron(0 8 * * ? *)", timezone="America/New_York"), now=NOON) == (
        "4, by schedule morning since 2026-11-03 13:00 UTC"
    )


def test_a_schedule_that_sets_once_has_set_it_since() -> None:
    assert told(of_a_service("fair", "at(2026-11-02T09:00:00)")) == "4, by schedule fair since 2026-11-02 09:00 UTC"


def test_a_schedule_that_has_ended_has_set_it_the_last_time_before() -> None:
    ended = of_a_service("morning", "cron(0 8 * * ? *)", endTime="2026-11-03T00:00:00Z")
    assert told(ended) == "4, by schedule morning since 2026-11-02 08:00 UTC"


def test_schedules_of_groups_are_read_in_their_own_form() -> None:
    morning = part(GROUP_SCHEDULE, scheduledActionName="morning", recurrence="0 8 * * *", minSize=3, maxSize=-1)
    assert told(morning, owner=part(GROUP)) == "3, by schedule morning since 2026-11-04 08:00 UTC"


NOT_KNOWN: dict[str, dict[str, Any]] = {
    "no schedule sets this bound": {"schedules": [of_a_service("most", "cron(0 8 * * ? *)", None)]},
    "it is only just due": {"schedules": [MORNING], "now": NOON.replace(hour=8, minute=9)},
    "nothing was due since the deployment": {"schedules": [of_a_service("a", "cron(0 8 * * ? *)", 4, "2026-11-04T09:00:00Z")]},
    "the owner was written since": {"schedules": [MORNING], "owner": part(TARGET, "2026-11-04T09:00:00Z")},
    "the state does not say when it was written": {"schedules": [of_a_service("a", "cron(0 8 * * ? *)", 4, None)]},
    "a rate counts from a moment that AWS knows": {"schedules": [MORNING, of_a_service("a", "rate(5 hours)")]},
    "an expression that nobody reads": {"schedules": [of_a_service("a", "cron(0 8 * *)")]},
    "the local cloud moves nothing by the clock": {"schedules": [MORNING], "engine": "accordion local"},
}  # fmt: skip


@pytest.mark.parametrize("why", NOT_KNOWN)
def test_nothing_is_said_where_it_is_not_known(why: str) -> None:
    asked = dict(NOT_KNOWN[why])
    assert told(*asked.pop("schedules"), **asked) is None
