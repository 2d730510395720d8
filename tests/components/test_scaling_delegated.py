"""The one list of fields that somebody else moves.

It cannot prove that the engine leaves them alone: an engine test changes a count behind its back.
"""

from __future__ import annotations

import pytest

from components.specs import DELEGATED, ignored_fields


def test_nothing_is_ignored_where_nothing_moves():
    assert [ignored_fields(entry.type) for entry in DELEGATED] == [[]] * len(DELEGATED)


@pytest.mark.parametrize(
    ("kind", "field"),
    [("aws:ecs/service:Service", "desired_count"), ("aws:autoscaling/group:Group", "desired_capacity")],
)
def test_rules_own_the_live_count(kind, field):
    assert ignored_fields(kind, rules=True) == [field]


def test_bounds_are_delegated_to_the_schedules_that_set_them():
    moved = {entry.stored_as for entry in DELEGATED if entry.when in ("minimum", "maximum")}
    assert moved == {"minSize", "maxSize", "minCapacity", "maxCapacity"}
    assert ignored_fields("aws:appautoscaling/target:Target", rules=True) == []
    assert ignored_fields("aws:appautoscaling/target:Target", held=("minimum",)) == ["min_capacity"]
    assert ignored_fields("aws:autoscaling/group:Group", held=("minimum", "maximum")) == ["min_size", "max_size"]


def test_a_gradual_deployment_owns_the_weights():
    assert ignored_fields("aws:lb/listenerRule:ListenerRule", gradual_deployment=True) == ["actions"]
    assert ignored_fields("aws:lb/listener:Listener", gradual_deployment=True) == ["default_actions"]
