"""What holds for every ring: how much Hypothesis tries, when Python looks for garbage, what runs first and together."""

from __future__ import annotations

import gc
import itertools
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

# No deadline in any: a busy machine would decide what passes.
settings.register_profile("usual", deadline=None)
settings.register_profile("quick", deadline=None, max_examples=30)
settings.register_profile("thorough", deadline=None, max_examples=2_000)
settings.load_profile("usual")

gc.set_threshold(100_000, 50, 50)  # modules of half a million objects are collected and kept: half of the time (run)


def pytest_collection_finish() -> None:
    """Modules and tests stay to the end: looking at them again finds nothing."""
    gc.collect()
    gc.freeze()


SHARE = 5
"""Tests of a file that a worker takes at once, where nothing ties them together."""
RINGS = ("engine", "cloud")
"""Markers of the rings that begin first: a worker that takes its longest file last ends last."""


def _shares(item: pytest.Function) -> bool:
    """Whether the test has a fixture in common with others of its file, which a second worker would make again."""
    fixtures = itertools.chain.from_iterable(item._fixtureinfo.name2fixturedefs.values())
    return any(fixture.scope == "module" for fixture in fixtures)


def _place(item: pytest.Item) -> int:
    return next((place for place, ring in enumerate(RINGS) if item.get_closest_marker(ring)), len(RINGS))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    """Tell xdist what belongs together: a file whose tests share a fixture, else a few of its tests."""
    alone: Counter[Path] = Counter()
    for item in items:
        group = str(item.path)
        if not (isinstance(item, pytest.Function) and _shares(item)):
            group += f" {alone[item.path] // SHARE}"
            alone[item.path] += 1
        item.add_marker(pytest.mark.xdist_group(group))
    yield
    items.sort(key=_place)
