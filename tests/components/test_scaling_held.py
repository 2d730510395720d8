"""Bounds at the hour of a deployment, on the recording monitor; cannot prove what the engine does with an ignored
field: tests/engine/test_scheduled_bounds.py deploys."""

from __future__ import annotations

import datetime
from typing import Any

import pulumi
import pytest

from components.autoscaling_group import AutoscalingGroup, AutoscalingGroupArgs
from components.container_service import ContainerService, ContainerServiceArgs
from components.deployed import Deployed
from components.scaling.held import declaration
from components.specs import AutoscalingGroupSpec, ContainerServiceSpec
from elasticity.rules import Elasticity
from tests.recording import Registration, build

TRACKING = {"cpu": {"metric": "cpu", "target": 60}}
OFFICE = {"cron": "0 8 * * *", "time_zone": "Etc/UTC", "minimum": 6}
EVENING = {"cron": "0 20 * * *", "time_zone": "Etc/UTC", "minimum": 2}
SALE = {"at": "2026-03-03T09:00:00", "time_zone": "Etc/UTC", "maximum": 40}
MORNING, NIGHT = (datetime.datetime(2026, 3, 3, hour, tzinfo=datetime.UTC) for hour in (10, 22))
KINDS = ("service", "group")


def rules(maximum: int = 14, **scheduled: Any) -> dict[str, Any]:
    return {"minimum": 2, "maximum": maximum, "target_tracking": TRACKING, "scheduled": scheduled}


def bounded(kind: str, elasticity: dict[str, Any], deployed: Deployed) -> tuple[Registration, dict[str, Any]]:
    """The resource that holds the bounds, and what the component keeps in the state."""

    def service() -> pulumi.Resource:
        container = {"image": {"repository": "docker.io/shop/web", "version": "1.0.0"}}
        spec = {"container": container, "cpu": 256, "memory": 512, "elasticity": elasticity}
        args = ContainerServiceArgs(
            ContainerServiceSpec.model_validate(spec), vpc_id="vpc-1", subnet_ids=["subnet-1"], deployed=deployed
        )
        return ContainerService("web", args)

    def group() -> pulumi.Resource:
        spec = {"image": {"id": "ami-0123456789abcdef0"}, "instance_types": ["m7i.large"], "elasticity": elasticity}
        args = AutoscalingGroupArgs(
            AutoscalingGroupSpec.model_validate(spec), vpc_id="vpc-1", subnet_ids=["subnet-1"], deployed=deployed
        )
        return AutoscalingGroup("web", args)

    made = build(service if kind == "service" else group)
    return made.one("Target" if kind == "service" else "Group"), made.outputs("web")


def bounds(found: Registration) -> tuple[int, int]:
    names = ("minCapacity", "maxCapacity") if "minCapacity" in found.inputs else ("minSize", "maxSize")
    low, high = (found.inputs[name] for name in names)
    return low, high


def after(kind: str, elasticity: dict[str, Any], moment: datetime.datetime) -> Deployed:
    """The state that a deployment of these rules left."""
    component = "ContainerService" if kind == "service" else "AutoscalingGroup"
    kept = declaration(Elasticity.model_validate(elasticity))
    return Deployed({(f"accordion:index:{component}", "web"): {"declared_bounds": kept}}, moment)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("scheduled", "moment", "expected"),
    [
        ({}, MORNING, (2, 14)),
        ({"office": OFFICE, "evening": EVENING}, MORNING, (6, 14)),
        ({"office": OFFICE, "evening": EVENING}, NIGHT, (2, 14)),
        ({"office": OFFICE, "sale": SALE}, MORNING, (6, 40)),
        ({"sale": SALE}, datetime.datetime(2026, 3, 3, 8, 59, tzinfo=datetime.UTC), (2, 14)),
        ({"sale": SALE}, datetime.datetime(2029, 3, 3, tzinfo=datetime.UTC), (2, 40)),
    ],
)
def test_a_changed_declaration_is_deployed_with_the_bounds_of_its_hour(kind, scheduled, moment, expected):
    found, _ = bounded(kind, rules(**scheduled), Deployed(moment=moment))
    assert bounds(found) == expected
    assert not {"min_capacity", "max_capacity", "min_size", "max_size", "minCapacity", "minSize"} & {
        *found.ignore_changes
    }


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("scheduled", "sides"),
    [
        ({}, ()),
        ({"office": OFFICE, "evening": EVENING}, ("min",)),
        ({"sale": SALE}, ("max",)),
        ({"office": OFFICE, "sale": SALE}, ("min", "max")),
    ],
)
def test_an_unchanged_declaration_leaves_what_its_schedules_own_and_nothing_else(kind, scheduled, sides):
    declared = rules(**scheduled)
    found, _ = bounded(kind, declared, after(kind, declared, NIGHT))
    ending = "Capacity" if kind == "service" else "Size"
    held = {name for name in found.ignore_changes if name != "desiredCapacity"}
    assert held == {side + ending for side in sides}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "changed",
    [
        rules(16, office=OFFICE),
        rules(office={**OFFICE, "minimum": 7}),
        rules(office={**OFFICE, "cron": "0 9 * * *"}),
        rules(office=OFFICE, evening=EVENING),
        rules(work=OFFICE),
    ],
)
def test_whatever_changes_in_the_declaration_lets_go_of_the_bounds(kind, changed):
    found, _ = bounded(kind, changed, after(kind, rules(office=OFFICE), MORNING))
    assert {*found.ignore_changes} <= {"desiredCapacity"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_rule_that_moves_no_bound_does_not_let_go_of_them(kind):
    declared = rules(office=OFFICE)
    changed = {**declared, "target_tracking": {"cpu": {"metric": "cpu", "target": 55}}}
    found, _ = bounded(kind, changed, after(kind, declared, MORNING))
    assert [name for name in found.ignore_changes if name.startswith("min")]


@pytest.mark.parametrize("kind", KINDS)
def test_without_a_clock_the_declared_bounds_are_deployed(kind):
    declared = rules(office=OFFICE)
    found, outputs = bounded(kind, declared, Deployed())
    assert bounds(found) == (2, 14)
    assert outputs["declared_bounds"] == declaration(Elasticity.model_validate(declared))


def test_instances_asked_for_at_creation_lie_within_the_bounds_of_the_hour():
    found, _ = bounded("group", {**rules(office=OFFICE), "initial": 3}, Deployed(moment=MORNING))
    assert (found.inputs["minSize"], found.inputs["desiredCapacity"]) == (6, 6)
