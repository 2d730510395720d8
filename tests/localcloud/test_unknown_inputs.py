"""Inputs that are not known yet are refused for nothing: every served type, each part of its inputs in turn.

So a first preview sees them: what the program reads of resources that are not made yet is unknown. It cannot prove that
every wrong input beside an unknown one is told: some are, and test_refusals.py has the product's own field.
"""

from types import SimpleNamespace
from typing import Any

import pytest

from localcloud.aws.kinds import KINDS
from localcloud.provider.wire import UNKNOWN
from tests.localcloud.catalogue import INPUTS, World
from tests.localcloud.parts import places, replaced


class Unread(dict[str, Any]):
    """The outputs of what is not made yet."""

    def __missing__(self, name: str) -> str:
        return UNKNOWN


class Unmade:
    """A provider that makes nothing: all ids and outputs are unknown."""

    def create(self, *_: Any, **__: Any) -> Any:
        return SimpleNamespace(id=UNKNOWN, state=Unread())


def applied(value: Any) -> Any:
    """A text that is built of something unknown is unknown, as an `apply` has it."""
    if isinstance(value, dict):
        return {name: applied(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [applied(inner) for inner in value]
    return UNKNOWN if isinstance(value, str) and UNKNOWN in value else value


@pytest.mark.parametrize("token", INPUTS)
def test_the_inputs_of_a_first_preview_are_refused_for_nothing(token: str) -> None:
    inputs = applied(World(Unmade()).inputs(token))
    kind = KINDS[f"aws:{token}"]
    assert list(kind.faults(inputs)) == []
    for path in places(inputs):
        assert list(kind.faults(replaced(inputs, path, UNKNOWN))) == [], path


WRONG = [
    (
        "lb/listener:Listener",
        {"loadBalancerArn": UNKNOWN, "port": 443, "protocol": "HTTPS",
         "defaultActions": [{"type": "forward", "targetGroupArn": UNKNOWN}]},
        [("certificateArn", "missing required property for a listener of protocol HTTPS")],
    ),
    (
        "lb/loadBalancer:LoadBalancer",
        {"name": UNKNOWN, "securityGroups": UNKNOWN},
        [("subnets", "missing required property: give 'subnets' or 'subnetMappings'")],
    ),
    (
        "dynamodb/table:Table",
        {"hashKey": "id", "attributes": [{"name": "id", "type": "S"}], "tags": UNKNOWN, "name": UNKNOWN},
        [(name, "missing required property of a table that is 'PROVISIONED'; at least 1")
         for name in ("readCapacity", "writeCapacity")],
    ),
    (
        "cloudwatch/eventRule:EventRule",
        {"name": UNKNOWN, "description": UNKNOWN},
        [("eventPattern", "missing: give eventPattern or scheduleExpression")],
    ),
    (
        "elasticache/cluster:Cluster",
        {"engine": "redis", "numCacheNodes": 2, "subnetGroupName": UNKNOWN, "nodeType": UNKNOWN},
        [("numCacheNodes", "engine 'redis' has one node; take a replication group for more")],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("token", "inputs", "expected"), WRONG, ids=[case[0] for case in WRONG])
def test_what_is_wrong_beside_something_unknown_is_told(token: str, inputs: Any, expected: Any) -> None:
    assert list(KINDS[f"aws:{token}"].faults(inputs)) == expected
