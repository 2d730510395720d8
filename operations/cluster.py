"""An existing Dask cluster as the place where cases run. The package `distributed` is optional, loaded only here."""

from __future__ import annotations

import contextlib
import importlib
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from elasticity.sweeps import IN_FLIGHT, Executor, Threads, collected
from operations.failures import CannotRun

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")
_ADDRESS = re.compile(r"(tcp|tls)://([^\s:/]+|\[[0-9a-fA-F:]+\]):[0-9]{1,5}")
CONNECT_SECONDS = 10
"""How long a scheduler may take to answer."""


class _Cluster:
    """The workers of one scheduler."""

    def __init__(self, client: Any, address: str) -> None:
        self._client, self._address = client, address

    def map(self, function: Callable[[_Item], _Result], items: Iterable[_Item]) -> Iterator[_Result]:
        """As `elasticity.sweeps.Executor.map`; raises CannotRun where the workers cannot run it."""
        workers = sum(self._client.ncores().values())
        if not workers:
            raise CannotRun(f"--dask {self._address}: the scheduler has no workers: start some with `dask worker`")
        try:
            # Pure tasks would be told apart by hashing their loads; results are dropped once collected.
            yield from collected(
                lambda item: self._client.submit(function, item, pure=False), items, workers * IN_FLIGHT
            )
        except ImportError as error:
            raise CannotRun(
                f"--dask {self._address}: a worker lacks the module {error.name}: install the same accordion there"
            ) from None


@contextmanager
def executor(address: str | None, workers: int | None = None) -> Iterator[Executor]:
    """The cluster at `address`, or this machine's cores where there is none; raises CannotRun where nothing answers."""
    if address is None:
        yield Threads(workers)
        return
    if not _ADDRESS.fullmatch(address):
        raise CannotRun(f"--dask: got {address!r}, expected the address of a scheduler, such as tcp://127.0.0.1:8786")
    try:
        distributed: Any = importlib.import_module("distributed")
    except ImportError:
        raise CannotRun(
            "--dask: the package distributed is not installed: pip install 'accordion[dask]', or leave --dask out"
        ) from None
    try:
        client = distributed.Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except OSError:
        raise CannotRun(f"--dask {address}: no Dask scheduler answers there within {CONNECT_SECONDS} s") from None
    with contextlib.closing(client):
        yield _Cluster(client, address)
