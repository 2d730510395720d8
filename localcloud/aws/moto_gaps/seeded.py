"""Random numbers of moto's that hang on a name alone, so that what is made does not depend on what came before."""

from collections.abc import Iterator
from contextlib import contextmanager

from moto.moto_api._internal import mock_random


@contextmanager
def random_of(name: str) -> Iterator[None]:
    """Random numbers of a name; those of the request go on behind it as they were."""
    before = mock_random.getstate()
    mock_random.seed(name)
    try:
        yield
    finally:
        mock_random.setstate(before)
