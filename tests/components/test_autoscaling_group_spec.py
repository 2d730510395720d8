"""What an Auto Scaling group may not be: each refusal of the spec at its place and in full.

It cannot prove that the limits of EC2 Auto Scaling are still those that were read.
"""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from components.specs import AutoscalingGroupSpec
from components.specs.instance import architecture_of

BOUNDS = {"minimum": 1, "maximum": 4}
RULES = {**BOUNDS, "target_tracking": {"cpu": {"metric": "cpu", "target": 55}}}
TYPES = {"instance_types": ["m7i.large"]}
ATTRIBUTES = {"attributes": {"vcpus": {"minimum": 2}, "memory": {"minimum": 4096}}}


def faults(given: dict[str, Any]) -> dict[str, str]:
    """Place to text."""
    with pytest.raises(ValidationError) as raised:
        AutoscalingGroupSpec.model_validate(given)
    return {".".join(map(str, error["loc"])): error["msg"] for error in raised.value.errors()}


REFUSED = {
    "nothing to launch": ({"count": 1}, {"instance_types": "give either `instance_types` or `attributes`"}),
    "types and attributes": (
        {**TYPES, **ATTRIBUTES, "count": 1},
        {"instance_types": "give either `instance_types` or `attributes`"},
    ),
    "attributes in an order": (
        {**ATTRIBUTES, "count": 1},
        {"purchase.on_demand_allocation": "attributes have no order to prioritise: set `lowest-price`"},
    ),
    "another architecture": (
        {"instance_types": ["m7i.large", "m7g.large"], "count": 1},
        {"instance_types.1": "m7g.large is an arm64 type, the architecture is x86_64"},
    ),
    "no count": (
        TYPES,
        {
            "count": "missing: without `elasticity` nothing sets the number of instances; "
            "after removing rules state the count to settle on"
        },
    ),
    "rules and a count": (
        {**TYPES, "count": 1, "elasticity": RULES},
        {"count": "the rules under `elasticity` own the count: remove one of the two"},
    ),
    "a count under a capacity provider": (
        {**TYPES, "count": 1, "capacity_provider": {}},
        {"count": "ECS moves the size: give `elasticity` with `minimum` and `maximum` instead"},
    ),
    "bounds alone": (
        {**TYPES, "elasticity": BOUNDS},
        {"elasticity": "bounds without a rule move nothing: add a rule, or give `count` for a group of fixed size"},
    ),
    "rollback to a parameter": (
        {**TYPES, "count": 1, "refresh": {"rollback": True}},
        {
            "refresh.rollback": "AWS cannot roll back to a launch template whose image is an SSM parameter: "
            "give `image.id`, or leave `rollback` out"
        },
    ),
    "two images": (
        {**TYPES, "count": 1, "image": {"id": "ami-0123456789abcdef0", "parameter": "/golden"}},
        {"image.id": "stands beside `parameter`: give one of the two, or none for Amazon Linux"},
    ),
    "a short life": ({**TYPES, "count": 1, "maximum_lifetime": "1h"}, {"maximum_lifetime": "allowed 1d to 365d"}),
    "spot in a warm pool": (
        {**TYPES, "count": 1, "purchase": {"spot": 50}, "warm_pool": {}},
        {"warm_pool": "a warm pool holds no Spot instances: set `purchase.spot` to 0 or remove the pool"},
    ),
    "two start-ups": (
        {**TYPES, "elasticity": {**RULES, "unit": {"start_up": "1m"}}, "start_up": "2m"},
        {"start_up": "stands under `elasticity.unit` too: keep that one"},
    ),
    "steps that run backwards": (
        {**TYPES, "elasticity": BOUNDS, "capacity_provider": {"minimum_step": 5, "maximum_step": 2}},
        {"capacity_provider.maximum_step": "is below `minimum_step`"},
    ),
    "cloud-init on a container instance": (
        {**TYPES, "elasticity": BOUNDS, "capacity_provider": {}, "user_data": "#cloud-config\n"},
        {
            "user_data": "with a capacity provider it must be a shell script: "
            "the lines that join the cluster stand in it too"
        },
    ),
    "a start-up of two hours": (
        {**TYPES, "count": 1, "start_up": "2h"},
        {"start_up": "AWS waits at most 1h for an instance to warm up"},
    ),
    "a range that runs backwards": (
        {"count": 1, "attributes": {"vcpus": {"minimum": 4, "maximum": 2}, "memory": {"minimum": 1}}},
        {"attributes.vcpus.maximum": "is below `minimum`"},
    ),
    "half a percent": ({**TYPES, "count": 1, "purchase": {"spot": 12.5}}, {"purchase.spot": "allowed whole percent"}),
    "too wide a maintenance": (
        {**TYPES, "count": 1, "maintenance": {"minimum_healthy": 50}},
        {"maintenance.maximum_healthy": "more than 100 above `minimum_healthy`, which AWS refuses"},
    ),
    "checkpoints that fall": (
        {**TYPES, "count": 1, "refresh": {"checkpoints": [50, 20]}},
        {"refresh.checkpoints": "must rise, each percentage once"},
    ),
    "a hook without time": (
        {**TYPES, "count": 1, "hooks": {"drain": {"transition": "terminating", "heartbeat": "5s"}}},
        {"hooks.drain.heartbeat": "allowed whole seconds from 30s to 2h"},
    ),
}


@pytest.mark.parametrize(("given", "expected"), REFUSED.values(), ids=REFUSED.keys())
def test_a_group_that_cannot_be_is_refused(given, expected):
    assert faults(given) == expected


ARCHITECTURES = {
    "arm64": ["m7g.large", "t4g.small", "c7gn.xlarge", "im4gn.large", "g5g.xlarge", "a1.large", "x2gd.medium", "r8g.metal-24xl"],
    "x86_64": ["m7i.large", "g4dn.xlarge", "g6.xlarge", "t3.micro", "m7i-flex.large", "p5.48xlarge", "c5d.large"],
}  # fmt: skip


@pytest.mark.parametrize(("architecture", "types"), ARCHITECTURES.items())
def test_the_architecture_is_read_from_the_types_name(architecture, types):
    assert {kind: architecture_of(kind) for kind in types} == dict.fromkeys(types, architecture)
