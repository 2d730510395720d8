"""The linter as a whole: its order, what is accepted, runs, and laws over any rules. It cannot prove that a finding is
worth acting on."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import elasticity
from elasticity.checks import CHECKS, CODES, SEVERITIES, Finding, LintContext, check, check_run, judge
from elasticity.checks.finding import FROM_A_RUN
from elasticity.rules import Elasticity, Scheduled
from tests import strategies
from tests.elasticity.findings import rules

BELOW = "minimum 1 is below 2, the least in production"
FLAPPING = {"minutes": 60.0, "minutes_at_maximum": 30.0, "reversals": 3.0}

amounts = st.one_of(st.none(), st.integers(0, 10_000))
sizes = st.one_of(st.none(), st.floats(1e-9, 1e300))
durations = st.one_of(st.none(), strategies.durations)
promises = st.dictionaries(
    st.sampled_from(("cpu", "memory", "response_time", "queue_delay")),
    st.one_of(strategies.durations, st.floats(-1e9, 1e9)),
)
context = st.builds(
    LintContext,
    platform=st.sampled_from(("ecs_service", "ec2_group", "capacity_provider")),
    environment=st.sampled_from(("development", "staging", "production")),
    on=st.dates(datetime.date(1970, 1, 1), datetime.date(2199, 12, 31)),
    zones=amounts,
    peak=sizes,
    objectives=promises,
    deployment=st.sampled_from(("rolling", "blue_green", "linear", "canary")),
    maximum_percent=amounts,
    zone_rebalancing=st.sampled_from((None, True, False)),
    count_followed=st.booleans(),
    strategy_given=st.booleans(),
    force_new_deployment=st.booleans(),
    on_demand_base=amounts,
    spot_share=st.sampled_from((None, 0.0, 50.0, 100.0)),
    health_check=st.sampled_from((None, "EC2", "ELB")),
    health_check_grace=durations,
    default_warm_up=durations,
    detailed_monitoring=st.booleans(),
    simple_scaling=st.booleans(),
    managed_termination_protection=st.booleans(),
    deregistration_delay=durations,
    slow_start=durations,
    stop_timeout=durations,
    unit_cpu=sizes,
    unit_memory=sizes,
    free_addresses=amounts,
    vcpu_quota=amounts,
    group_maximum=amounts,
    instance_cpu=sizes,
    instance_memory=sizes,
)  # fmt: skip

moments = st.one_of(
    st.none(), st.datetimes(timezones=st.sampled_from((datetime.UTC, datetime.timezone(datetime.timedelta(hours=14)))))
)
texts = st.one_of(
    st.text(max_size=20),
    st.sampled_from(("* * * * *", "0 8 ? * 2 *", "30 2 * * *", "cron(1)", "1 minute", "99999 days", "2026-03-29T02:30:00", "9999-12-31T23:59:59", "0001-01-01T00:00:00")),
)  # fmt: skip
zones = st.one_of(st.text(max_size=12), st.sampled_from((*strategies.ZONES, "../UTC", "Europe")))


@st.composite
def odd_schedules(draw: st.DrawFn) -> Scheduled:
    """Schedules that the model accepts, readable or not."""
    return Scheduled.model_validate(
        {
            draw(st.sampled_from(("cron", "at", "rate"))): draw(texts),
            "time_zone": draw(zones),
            "minimum": draw(st.integers(0, 9)),
            "desired": draw(amounts),
            "start": draw(moments),
            "end": draw(moments),
        }
    )


def resolve(rules_or_around: Any, path: tuple[str | int, ...]) -> None:
    """Walk a path; fails where it leads nowhere."""
    here = rules_or_around
    for part in path:
        here = here[part] if isinstance(here, (dict, tuple)) else getattr(here, str(part))


def assert_well_formed(found: list[Finding], content: Elasticity, context: LintContext) -> None:
    for one in found:
        assert one.code in CODES
        assert one.severity in SEVERITIES
        for text in (one.message, one.cure, one.title, one.reason):
            assert text
            assert not text.endswith(".")
        inside = one.path[:1] == ("context",)
        resolve(context if inside else content, one.path[1:] if inside else one.path)


@given(strategies.elasticities(), context)
def test_any_rules_anywhere_are_judged_without_an_error(content: Elasticity, context: LintContext) -> None:
    found = judge(content, context)
    assert_well_formed(found, content, context)
    assert found == judge(content, context), "the same rules give the same findings"


@given(strategies.elasticities(), st.lists(odd_schedules(), max_size=3), context)
def test_schedules_that_nobody_can_read_are_judged_too(
    content: Elasticity, odd: list[Scheduled], context: LintContext
) -> None:
    content = content.model_copy(update={"scheduled": {f"odd{number}": rule for number, rule in enumerate(odd)}})
    assert_well_formed(judge(content, context), content, context)


def test_there_is_one_function_per_code_in_the_order_of_the_table() -> None:
    names = [function.__name__.upper() for function in CHECKS]
    assert names == [code for code in CODES if code not in FROM_A_RUN | {"EL000"}]


def test_findings_come_by_code_and_path() -> None:
    content = rules(
        minimum=1,
        target_tracking={name: {"metric": "cpu", "target": 90 + place} for place, name in enumerate(("b", "a"))},
    )
    order = [(one.code, ".".join(map(str, one.path))) for one in check(content)]
    assert order == [
        ("EL003", "minimum"),
        ("EL010", "target_tracking.a.target"),
        ("EL010", "target_tracking.b.target"),
        ("EL040", "target_tracking.a.metric"),
    ]


def test_rules_that_do_what_they_say_have_no_findings() -> None:
    assert check(rules()) == []


def test_the_package_offers_check_and_finding() -> None:
    assert elasticity.check is check
    assert elasticity.Finding is Finding


def test_an_accepted_finding_is_removed_and_judge_keeps_it_with_its_reason() -> None:
    content = rules(minimum=1, accept={"EL003": "a batch job"})
    assert check(content) == []
    assert [(one.code, one.message, one.accepted) for one in judge(content)] == [("EL003", BELOW, "a batch job")]


@pytest.mark.parametrize(
    ("accepted", "expected"),
    [
        ("EL003", ["EL000 note accept.EL003: EL003 is accepted and not found; remove the line"]),
        ("EL999", ["EL000 note accept.EL999: there is no finding EL999; correct the code, or remove the line"]),
        ("EL090", []),
    ],
)
def test_what_is_accepted_for_nothing_is_noted(accepted: str, expected: list[str]) -> None:
    found = check(rules(accept={accepted: "because"}))
    assert [
        f"{one.code} {one.severity} {'.'.join(map(str, one.path))}: {one.message}; {one.cure}" for one in found
    ] == expected


@pytest.mark.parametrize(
    ("figures", "expected"),
    [
        ({"minutes_at_maximum": 5.0}, []),
        ({"minutes_at_maximum": 5.1}, ["EL090 maximum: 5.1 % of the time at the maximum, allowed 5 %"]),
        ({"minutes_at_maximum": 1.0, "overload_minutes_at_maximum": 0.5}, ["EL090 maximum: overloaded for 0.5 minutes at the maximum"]),
        ({"minutes_at_maximum": None, "reversals": None}, []),
        ({"reversals": 3.0}, []),
        ({"reversals": 4.0}, ["EL091 : 2.4 reversals an hour, allowed 2"]),
    ],
)  # fmt: skip
def test_a_run_shows_what_rules_alone_do_not(figures: dict[str, float | None], expected: list[str]) -> None:
    assert [
        f"{one.code} {'.'.join(map(str, one.path))}: {one.message}" for one in check_run(figures, minutes=100)
    ] == expected


def test_findings_of_a_run_are_accepted_like_others() -> None:
    accepting = rules(accept={"EL090": "the maximum is the budget"})
    assert [one.code for one in check_run(FLAPPING, minutes=60, rules=accepting)] == ["EL091"]
    assert [one.code for one in check_run(FLAPPING, minutes=60, rules=rules())] == ["EL090", "EL091"]


def test_a_run_has_a_length() -> None:
    with pytest.raises(ValueError, match=r"^`minutes`: got 0, allowed above 0$"):
        check_run(FLAPPING, minutes=0)
