"""What holds for every ring: how much Hypothesis tries, when Python looks for garbage, what runs first and together."""

from __future__ import annotations

import gc
import os
import signal
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

# No deadline in any: a busy machine would decide what passes. CI tries the same examples each time, so that a change is
# red for what it changed; a person's run looks for new ones.
settings.register_profile("usual", deadline=None, derandomize="CI" in os.environ)
settings.register_profile("quick", deadline=None, max_examples=30)
settings.register_profile("thorough", deadline=None, max_examples=2_000)
settings.load_profile("usual")

# Where tests are started in the background, as by a shell without job control, an interrupt is ignored, and every program
# that a test starts would inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

gc.set_threshold(100_000, 50, 50)  # modules of half a million objects are collected and kept: half of the time (run)


def pytest_collection_finish() -> None:
    """Modules and tests stay to the end: looking at them again finds nothing."""
    gc.collect()
    gc.freeze()


NULL = Path(os.devnull)
NULL_AT_FIRST = NULL.is_char_device()


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item) -> None:
    """Name the test that put a file in the place of the null device, as root can: all that follow would fail of it."""
    assert NULL.is_char_device() or not NULL_AT_FIRST, f"{NULL} is no device any more since {item.nodeid}"


RINGS = ("engine", "cloud")
"""Markers of the rings that begin first: a worker that takes its longest file last ends last."""
TIED = ("tests/engine/", "tests/localcloud/", "tests/operations/test_sweep.py")
"""Files that stay whole: their tests share a cloud or a cluster, which a second worker would start again."""
LONGEST = 900
"""Seconds of a test with the engine, where it says nothing else: its module's stacks may be deployed within it, beside
three others on two cores."""
SHARE = 5
"""Tests of any other file that a worker takes at once."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest rings first, each in random order; those that need a Docker Engine are skipped without one."""
    if needy := [item for item in items if item.get_closest_marker("docker")]:
        from tests import swarm

        if why := swarm.missing():
            for item in needy:
                item.add_marker(pytest.mark.skip(reason=why))
    for item in items:
        if item.get_closest_marker("engine") and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(LONGEST))
    items.sort(key=lambda item: next((place for place, ring in enumerate(RINGS) if item.get_closest_marker(ring)), 9))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: a test with the engine or a container waits for other processes much of the time."""
    return (os.cpu_count() or 1) + 1


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Hand out whole files of tied tests, and a few tests at a time of any other, in the order of collection."""
    from xdist.scheduler import LoadScopeScheduling

    class Shares(LoadScopeScheduling):
        """What a worker takes at once, by the name of each test in it."""

        def __init__(self) -> None:
            config.option.loadscopereorder = False  # else by the number of tests, and the engine's files have few
            super().__init__(config, log)
            self.shares: dict[str, str] = {}
            self.counts: Counter[str] = Counter()

        def _split_scope(self, nodeid: str) -> str:
            if nodeid not in self.shares:
                file = nodeid.partition("::")[0]
                part = 0 if file.startswith(TIED) else self.counts[file] // SHARE
                self.shares[nodeid] = f"{file} {part}"
                self.counts[file] += 1
            return self.shares[nodeid]

    return Shares()
