"""An existing Dask cluster as the place where cases run. The package `distributed` is optional, loaded only here."""

from __future__ import annotations

import contextlib
import importlib
import re
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from elasticity.sweeps import IN_FLIGHT, Executor, Read, Source, Threads, collected
from elasticity.traces import TraceError
from operations.failures import CannotRun

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")
_ADDRESS = re.compile(r"(tcp|tls)://([^\s:/]+|\[[0-9a-fA-F:]+\]):[0-9]{1,5}")
CONNECT_SECONDS = 10
"""How long a scheduler may take to answer."""
KEPT = 64
"""Loads that stay on the cluster for the cases to come; of a year of minutes each has 4 MB."""


def _read(source: Source) -> Read:
    try:
        return Read(source.read())
    except TraceError as error:
        return Read(error)


def _on_loads(function: Callable[[Any], _Result], item: Any, loads: list[Read]) -> _Result:
    return function(item.with_sources(loads))


class _Cluster:
    """The workers of one scheduler."""

    def __init__(self, client: Any, address: str) -> None:
        self._client, self._address = client, address
        self._there: OrderedDict[str, Any] = OrderedDict()

    def _load(self, source: Source) -> Any:
        """The load of a source on the cluster: what it is read from travels once, and is read there."""
        try:
            name, packed = source.packed()
        except TraceError as error:
            name, packed = Read(error).packed()
        key = f"load-{name}"
        if key not in self._there:
            self._there[key] = self._client.submit(_read, packed, key=key)
            if len(self._there) > KEPT:
                self._there.popitem(last=False)
        self._there.move_to_end(key)
        return self._there[key]

    def _submit(self, function: Callable[[Any], _Result], item: Any) -> Any:
        loads = [self._load(source) for source in item.sources]
        # Pure tasks would be told apart by hashing what they are made of; results are dropped once collected.
        return self._client.submit(_on_loads, function, item.with_sources(()), loads, pure=False)

    def map(self, function: Callable[[_Item], _Result], items: Iterable[_Item]) -> Iterator[_Result]:
        """As `elasticity.sweeps.Executor.map`; raises CannotRun where the workers cannot run it."""
        workers = sum(self._client.ncores().values())
        if not workers:
            raise CannotRun(f"--dask {self._address}: the scheduler has no workers: start some with `dask worker`")
        try:
            yield from collected(lambda item: self._submit(function, item), items, workers * IN_FLIGHT)
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
    dask: Any = importlib.import_module("dask")
    # What a trace holds is sent in a task, once; Dask warns of tasks above 10 MB, as they would mostly be sent often.
    with contextlib.closing(client), dask.config.set({"distributed.admin.large-graph-warning-threshold": "1GiB"}):
        yield _Cluster(client, address)
