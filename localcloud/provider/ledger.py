"""The provider's side of the ledger: what writes it, see `localcloud.ledger`."""

import functools
import itertools
import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

import grpc

from localcloud.ledger import entries, read
from localcloud.provider.resource import Cloud

Method = Callable[[Any, Any], Any]
"""A method of the servicer: request and context to response."""

_WATCHED = {
    "/pulumirpc.ResourceProvider/Configure": "configure",
    "/pulumirpc.ResourceProvider/Create": "create",
    "/pulumirpc.ResourceProvider/Delete": "delete",
}


class Ledger(grpc.ServerInterceptor):  # type: ignore[misc] # grpc ships no types
    """Writes the ledger from between the engine and the provider's servicer."""

    def __init__(self, path: Path, cloud: Cloud[Any]) -> None:
        kept = read(path)
        staged = path.with_name(f"{path.name}.new")
        staged.touch(mode=0o600)
        staged.write_text("".join(json.dumps(entry) + "\n" for entry in entries(kept)))
        staged.replace(path)
        self._file: TextIO = path.open("a", buffering=1)
        self._lock = threading.Lock()
        self._cloud = cloud
        self._instances: dict[str, dict[str, str]] = {}
        self._keys = itertools.count()

    def _write(self, event: str, key: str, **values: object) -> None:
        line = json.dumps({"event": event, "key": key, **values}) + "\n"
        with self._lock:
            self._file.write(line)

    def intercept_service(self, continuation: Callable[[Any], Any], details: Any) -> Any:
        """Wrap the three methods that matter."""
        handler = continuation(details)
        watched = _WATCHED.get(details.method)
        if watched is None or handler is None:
            return handler
        observe = getattr(self, f"_{watched}")
        return grpc.unary_unary_rpc_method_handler(
            functools.partial(observe, handler.unary_unary),
            request_deserializer=handler.request_deserializer,
            response_serializer=handler.response_serializer,
        )

    def _configure(self, inner: Method, request: Any, context: Any) -> Any:
        self._instances[context.peer()] = {
            member: request.variables.get(f"{self._cloud.package}:config:{variable}", "")
            for member, variable in self._cloud.identity.items()
        }
        return inner(request, context)

    def _create(self, inner: Method, request: Any, context: Any) -> Any:
        if request.preview:
            return inner(request, context)
        key = f"{time.time_ns()}-{next(self._keys)}"
        instance = self._instances.get(context.peer()) or dict.fromkeys(self._cloud.identity, "")
        self._write("begin", key, urn=request.urn, time=time.time(), cloud=self._cloud.package, **instance)
        try:
            response = inner(request, context)
        except BaseException:
            # What could be neither finished nor deleted is told to the engine with its id, so its state has it.
            self._write("failed", key)
            raise
        self._write("created", key, id=response.id)
        return response

    def _delete(self, inner: Method, request: Any, context: Any) -> Any:
        response = inner(request, context)
        self._write("deleted", "", urn=request.urn, id=request.id)
        return response
