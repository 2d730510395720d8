"""Inputs that are not known yet are refused for nothing: every served type, each part of its inputs in turn.

So a first preview sees them: what the program reads of resources that are not made yet is unknown. It cannot prove that
a wrong input beside an unknown one is told; test_refusals.py does for the product's own field.
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
