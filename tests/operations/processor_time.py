"""A limit of processor time for one case of a fuzz: a busy machine does not decide what hangs."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from types import FrameType

import pytest

LIMIT = 20  # seconds of processor time of one case; the slowest takes 2


class Hangs(BaseException):
    """A case has used up its time."""


@pytest.fixture
def within_limit() -> Iterator[Callable[[], None]]:
    """Begins the time of a case; Hangs is raised in it when the time is over."""

    def over(number: int, frame: FrameType | None) -> None:
        raise Hangs

    before = signal.signal(signal.SIGPROF, over)
    yield lambda: signal.setitimer(signal.ITIMER_PROF, LIMIT)  # type: ignore[func-returns-value]
    signal.setitimer(signal.ITIMER_PROF, 0)
    signal.signal(signal.SIGPROF, before)
