"""A refusal, asserted word for word."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest


@contextlib.contextmanager
def refuses(text: str, error: type[Exception] = ValueError) -> Iterator[None]:
    """The block raises `error` with exactly this text."""
    with pytest.raises(error) as refused:
        yield
    assert refused.value.args[0] == text
