"""What AWS refuses beside the product's own field, each beside an input that it takes.

Every case begins from whole inputs that are sound, changes them, and expects exactly these faults of the preview's
check. It cannot prove that AWS uses these words, nor that the tables are complete.
"""

from string import Formatter
from types import SimpleNamespace
from typing import Any

import pytest

from localcloud.aws import limits
from localcloud.aws.kinds import KINDS
from localcloud.provider.wire import UNKNOWN
from tests.localcloud import (
    refused_apis,
    refused_databases,
    refused_functions,
    refused_identity,
    refused_instances,
    refused_records,
    refused_stores,
    refused_workloads,
)
from tests.localcloud.parts import places, replaced

Values = dict[str, Any]
SESSION: Any = SimpleNamespace(region="eu-west-1", default_tags={}, account="123456789012")
TABLES = (
    refused_stores,
    refused_workloads,
    refused_identity,
    refused_functions,
    refused_records,
    refused_databases,
    refused_instances,
    refused_apis,
)


def whole(base: Values, change: Values) -> Values:
    return {name: value for name, value in (base | change).items() if value is not None}


REFUSED = [
    pytest.param(token, whole(base, change), faults, id=f"{token.partition(':')[0]}-{i}")
    for table in TABLES
    for token, base, refused, _ in table.CASES
    for i, (change, faults) in enumerate(refused)
]
TAKEN = [
    pytest.param(token, whole(base, change), id=f"{token.partition(':')[0]}-{i}")
    for table in TABLES
    for token, base, _, taken in table.CASES
    for i, change in enumerate([{}, *taken])
]


def told(token: str, inputs: Values) -> list[tuple[str, str]]:
    return KINDS[f"aws:{token}"].check(SESSION, "thing", b"seed", inputs, {})[1]


@pytest.mark.parametrize(("token", "inputs", "faults"), REFUSED)
def test_what_aws_refuses_is_refused_at_its_property(token: str, inputs: Values, faults: Any) -> None:
    assert told(token, inputs) == faults


@pytest.mark.parametrize(("token", "inputs"), TAKEN)
def test_what_aws_takes_beside_it_is_taken(token: str, inputs: Values) -> None:
    assert told(token, inputs) == []


@pytest.mark.parametrize(("token", "inputs"), TAKEN)
def test_sound_inputs_of_which_something_is_not_known_yet_are_refused_for_nothing(token: str, inputs: Values) -> None:
    for path in places(inputs):
        assert told(token, replaced(inputs, path, UNKNOWN)) == [], path


@pytest.mark.parametrize(("token", "inputs", "_faults"), REFUSED)
def test_no_table_fails_on_what_is_absent_or_not_known(token: str, inputs: Values, _faults: Any) -> None:
    for path in places(inputs):
        for by in (UNKNOWN, None):
            list(limits.faults(f"aws:{token}", replaced(inputs, path, by)))


IDS = {
    token: kind.calls.id for token, kind in KINDS.items() if "{" in getattr(kind, "calls", SimpleNamespace(id="")).id
}


@pytest.mark.parametrize("token", IDS)
def test_what_an_id_is_made_of_is_asked_for_before_anything_is_made(token: str) -> None:
    kind = KINDS[token]
    names = {name for _, name, _, _ in Formatter().parse(IDS[token]) if name}
    given = {*kind.input_schema.required, *kind.properties.defaults, kind.naming.input}
    refused = {path for path, _ in kind.check(SESSION, "thing", b"seed", {}, {})[1]}
    assert names <= given | refused
