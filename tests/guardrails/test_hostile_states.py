"""Resources as no program declares them, such as those of a state that somebody has edited: each guardrail judges or says
nothing, and no predicate ends in an error. A fixed budget of seeds cannot prove that no other input does worse, nor what
the engine makes of a file that is no state."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from guardrails.checks import CHECKS, STACK_CHECKS
from guardrails.values import UNKNOWN, Declared
from tests.guardrails import test_demands, test_guardrails, test_roundabout
from tests.operations.mutations import seeds
from tests.operations.processor_time import within_limit as within_limit

JUNK = (
    None, True, -1, 1e308, float("nan"), "", "x", [], [None], {}, {"a": None}, "9" * 30, "{", "[]", "*", [[]], [{}], "0.0.0.0/99", "::/x",
    '{"Statement": 3}', '{"Statement": [3, { "Action": {} }]}', "[" * 5_000, '{"a":' * 5_000, UNKNOWN,
)  # fmt: skip
RESOURCES = [
    (type_, inputs)
    for type_, inputs, *_ in (
        *test_guardrails.GOOD, *test_guardrails.BAD, *test_roundabout.ROUNDABOUT, *test_roundabout.LOOKALIKES,
    )
]  # fmt: skip
STACKS = [resources for resources, _ in (*test_guardrails.OPEN, *test_roundabout.ROUNDABOUT_STACKS)]
STACKS += [resources for resources, _ in test_demands.STACKS]
ASKED = test_demands.PROD
STACKS += [*test_guardrails.CLOSED, *test_roundabout.LOOKALIKE_STACKS]


def places(value: Any) -> Iterator[tuple[Any, ...]]:
    """Every place inside a value, inside its JSON texts too."""
    for key, one in (
        value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else ()
    ):
        yield (key,)
        yield from ((key, *place) for place in places(_opened(one)))


def _opened(value: Any) -> Any:
    try:
        return json.loads(value) if isinstance(value, str) and value[:1] in "{[" else value
    except ValueError:
        return value


def put(value: Any, place: tuple[Any, ...], junk: Any) -> Any:
    """The value with something else at a place; a text on the way there is one again."""
    found = copy.copy(_opened(value))
    key, *rest = place
    found[key] = put(found[key], tuple(rest), junk) if rest else junk
    return json.dumps(found, default=str) if isinstance(value, str) else found


def faults(predicate: Callable[[], object]) -> str | None:
    try:
        predicate()
    except Exception as error:  # noqa: BLE001 - whatever it is, the engine would show it as a fault of the pack
        return f"{type(error).__name__}: {error}"[:200]
    return None


def test_a_resource_with_anything_in_any_place_is_judged_or_passed_over(within_limit: Any) -> None:
    wrong = {}
    for seed in seeds(1_000):
        rng = random.Random(seed)
        type_, inputs = rng.choice(RESOURCES)
        where = list(places(inputs))
        mutated = put(inputs, rng.choice(where), rng.choice(JUNK)) if where else inputs
        within_limit()
        for check in CHECKS:
            one = Declared(type_, "one", mutated)
            said = faults(lambda check=check, one=one: list(check.sentences(one, ASKED)))
            if said:
                wrong[check.name, seed] = said
    assert wrong == {}


def test_resources_of_a_stack_with_anything_in_any_place_are_judged_or_passed_over(within_limit: Any) -> None:
    wrong = {}
    for seed in seeds(1_000):
        rng = random.Random(seed)
        declared: list[Declared] = list(rng.choice(STACKS))
        number = rng.randrange(len(declared))
        where = list(places(declared[number].inputs))
        if where:
            inputs = put(dict(declared[number].inputs), rng.choice(where), rng.choice(JUNK))
            declared[number] = replace(declared[number], inputs=inputs)
        within_limit()
        for check in STACK_CHECKS:
            said = faults(lambda check=check, declared=declared: list(check.sentences(declared, ASKED)))
            if said:
                wrong[check.name, seed] = said
    assert wrong == {}
