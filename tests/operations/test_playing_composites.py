"""Composite alarms while a load is played: rules as the API reference writes them. Cannot prove what AWS evaluates when."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operations.playing.composites import Rule, Unread, composite_changes
from operations.playing.history import Change

HIGH = {"a": "ALARM", "b": "OK", "c": "INSUFFICIENT_DATA"}
RULES = {
    "ALARM(a)": True,
    'ALARM("a")': True,
    'ALARM("arn:aws:cloudwatch:eu-central-1:123456789012:alarm:a")': True,
    "OK(a)": False,
    "INSUFFICIENT_DATA(c)": True,
    "NOT ALARM(a)": False,
    "ALARM(b) OR ALARM(a) AND OK(b)": True,
    "(ALARM(a) OR ALARM(b)) AND ALARM(b)": False,
    "ALARM(a) OR ALARM(b) AND ALARM(b)": True,
    "NOT ALARM(b) AND ALARM(a)": True,
    "NOT (ALARM(b) OR ALARM(a))": False,
    "TRUE AND ALARM(a)": True,
    "FALSE OR ALARM(gone)": False,
}


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_holds_over_states_of_other_alarms(rule: str) -> None:
    assert Rule(rule).holds(HIGH) is RULES[rule]


@pytest.mark.parametrize(
    "rule", ["", "ALARM(a", "ALARM(a) ALARM(b)", "AND", "(ALARM(a)", "AT_LEAST(2, ALARM, (a, b))", "alarm(a)"]
)
def test_a_rule_of_another_form_is_not_guessed_at(rule: str) -> None:
    with pytest.raises(Unread):
        Rule(rule)


@given(st.recursive(
    st.sampled_from([("ALARM(a)", True), ("ALARM(b)", False), ("OK(b)", True)]),
    lambda inner: st.one_of(
        inner.map(lambda one: (f"NOT ({one[0]})", not one[1])),
        st.tuples(inner, inner).map(lambda two: (f"({two[0][0]}) AND ({two[1][0]})", two[0][1] and two[1][1])),
        st.tuples(inner, inner).map(lambda two: (f"({two[0][0]}) OR ({two[1][0]})", two[0][1] or two[1][1])),
    ),
))  # fmt: skip
def test_rules_within_rules_hold_as_logic_has_it(rule: tuple[str, bool]) -> None:
    assert Rule(rule[0]).holds(HIGH) is rule[1]


def alarm(name: str, rule: str, **more: Any) -> dict[str, Any]:
    return {"AlarmName": name, "AlarmRule": rule, **more}


def rises(second: int, *, until: int) -> list[Change]:
    return [Change(second, "INSUFFICIENT_DATA", "ALARM", "", True), Change(until, "ALARM", "OK", "", True)]


def played(
    *composites: dict[str, Any], muted: Callable[[str, int], bool] = lambda *_: False
) -> tuple[dict[str, Any], list[str]]:
    others = [
        {"AlarmName": name, "StateValue": state} for name, state in (("still", "ALARM"), ("a", "OK"), ("b", "OK"))
    ]
    changes = {"a": rises(60, until=300), "b": rises(120, until=180)}
    found, said = composite_changes(list(composites), others, changes, muted)
    return {name: [(one.second, one.before, one.after, one.acts) for one in rows] for name, rows in found.items()}, said


BEGINS = (0, "INSUFFICIENT_DATA", "OK", False)


def test_a_composite_alarm_follows_the_alarms_that_the_load_moves() -> None:
    found, said = played(alarm("both", "ALARM(a) AND ALARM(b) AND ALARM(still)"))
    assert found == {"both": [BEGINS, (120, "OK", "ALARM", True), (180, "ALARM", "OK", False)]}
    assert said == []


def test_a_composite_alarm_over_a_composite_alarm_moves_in_the_same_moment() -> None:
    found, _ = played(alarm("above", "ALARM(both)"), alarm("both", "ALARM(a) AND ALARM(b)"))
    assert found["above"] == found["both"] == [BEGINS, (120, "OK", "ALARM", True), (180, "ALARM", "OK", False)]


def test_one_that_hangs_on_nothing_that_moves_stays_as_it_is() -> None:
    assert played(alarm("still-too", "ALARM(still)"), alarm("above", "ALARM(still-too)")) == ({}, [])


def test_those_that_hang_on_each_other_stay_as_they_are() -> None:
    assert played(alarm("x", "ALARM(y) OR ALARM(a)"), alarm("y", "ALARM(x)"))[0] == {}


@pytest.mark.parametrize("how", [{"ActionsEnabled": False}, {"ActionsSuppressor": "still"}])
def test_one_that_may_not_act_changes_its_state_alone(how: dict[str, Any]) -> None:
    assert played(alarm("one", "ALARM(b)", **how))[0]["one"][1] == (120, "OK", "ALARM", False)


def test_a_mute_rule_silences_a_composite_alarm_too() -> None:
    found, _ = played(alarm("one", "ALARM(b)"), muted=lambda name, second: (name, second) == ("one", 120))
    assert found["one"][1] == (120, "OK", "ALARM", False)


def test_a_rule_that_is_not_read_is_said() -> None:
    assert played(alarm("one", "AT_LEAST(1, ALARM, (a))")) == (
        {}, ["one: its rule has a form that is not played, so it stays as it is"],
    )  # fmt: skip
