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

Method = Callable[[Any, Any], Any]
"""A method of the servicer: request and context to response."""

_WATCHED = {
    "/pulumirpc.ResourceProvider/Configure": "configure",
    "/pulumirpc.ResourceProvider/Create": "create",
    "/pulumirpc.ResourceProvider/Delete": "delete",
}


class Ledger(grpc.ServerInterceptor):  # type: ignore[misc] # grpc ships no types
    """Writes the ledger from between the engine and the provider's servicer."""

    def __init__(self, path: Path) -> None:
        kept = read(path)
        staged = path.with_name(f"{path.name}.new")
        staged.touch(mode=0o600)
        staged.write_text("".join(json.dumps(entry) + "\n" for entry in entries(kept)))
        staged.replace(path)
        self._file: TextIO = path.open("a", buffering=1)
        self._lock = threading.Lock()
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
        config = request.variables
        self._instances[context.peer()] = {
            "region": config.get("aws:config:region", ""),
            "accounts": config.get("aws:config:allowedAccountIds", ""),
        }
        return inner(request, context)

    def _create(self, inner: Method, request: Any, context: Any) -> Any:
        if request.preview:
            return inner(request, context)
        key = f"{time.time_ns()}-{next(self._keys)}"
        instance = self._instances.get(context.peer(), {"region": "", "accounts": ""})
        self._write("begin", key, urn=request.urn, time=time.time(), **instance)
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
