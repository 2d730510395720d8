"""The provider's side of the ledger: what writes it, see `localcloud.ledger`."""

import contextlib
import functools
import itertools
import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import grpc

from localcloud import ledger, whole_files
from localcloud.ledger import WORK, Work, type_of
from localcloud.provider.resource import Cloud

Method = Callable[[Any, Any], Any]
"""A method of the servicer: request and context to response."""

KEY = "accordion-creation"
"""Metadata of a request that makes a begun creation once more: its key."""
_WATCHED = {
    "/pulumirpc.ResourceProvider/Configure": "configure",
    "/pulumirpc.ResourceProvider/Create": "create",
    "/pulumirpc.ResourceProvider/Read": "read",
    "/pulumirpc.ResourceProvider/Update": "update",
    "/pulumirpc.ResourceProvider/Delete": "delete",
}


class Ledger(grpc.ServerInterceptor):  # type: ignore[misc] # grpc ships no types
    """Writes the ledger from between the engine and the provider's servicer."""

    def __init__(self, path: Path, cloud: Cloud[Any]) -> None:
        kept, changing = ledger.read(path), ledger.unsettled(path)
        lines = [*ledger.entries(kept), *ledger.changes(changing)]
        whole_files.put(path, "".join(json.dumps(entry) + "\n" for entry in lines).encode())
        ledger.requests(path).mkdir(mode=0o700, exist_ok=True)
        outstanding = {made.key for made in kept}
        for file in ledger.requests(path).iterdir():
            if file.name not in outstanding:
                file.unlink()
        self._path = path
        self._made = {(made.type, made.id): made.key for made in kept if made.id is not None}
        self._lock = threading.Lock()
        self._cloud = cloud
        self._instances: dict[str, dict[str, str]] = {}
        self._keys = itertools.count()

    def _write(self, event: str, key: str, **values: object) -> None:
        with self._lock:
            ledger.append(self._path, event, key, **values)

    def intercept_service(self, continuation: Callable[[Any], Any], details: Any) -> Any:
        """Wrap the methods that matter."""
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
            name: value
            for name in self._cloud.identity
            if (value := request.variables.get(f"{self._cloud.package}:config:{name}"))
        }
        return inner(request, context)

    def _create(self, inner: Method, request: Any, context: Any) -> Any:
        if request.preview:
            return inner(request, context)
        work = self._begin(request, context)
        token = WORK.set(work)
        try:
            response = inner(request, context)
        except BaseException:
            self._end_without(work, request.urn)
            self._when_heard(context, work.key)
            raise
        finally:
            WORK.reset(token)
        self._created(work, request.urn, response.id)
        self._when_heard(context, work.key)
        return response

    def _when_heard(self, context: Any, key: str) -> None:
        """Settle what was done once its answer has gone out; one whose engine has hung up stays unsettled."""

        def settle() -> None:
            with contextlib.suppress(OSError):  # without the line it is looked at once more
                self._write("settled", key)

        context.add_callback(settle)

    def _of(self, work: Work | None) -> dict[str, object]:
        """The changes that a line rests on."""
        return {"cloud": self._cloud.package, "changes": work.changes} if work and work.changes else {}

    def _begin(self, request: Any, context: Any) -> Work:
        named = dict(context.invocation_metadata()).get(KEY)
        if named is not None:
            return self._begin_again(named, context)
        work = Work(f"{time.time_ns()}-{next(self._keys)}")
        kept = ledger.request_file(self._path, work.key)
        try:
            whole_files.put(kept, request.SerializeToString(), flush=False)  # as the journal's line is not either
            instance = {"cloud": self._cloud.package, "configuration": self._instances.get(context.peer(), {})}
            self._write("begin", work.key, urn=request.urn, time=time.time(), **instance)
        except OSError as error:
            kept.unlink(missing_ok=True)
            context.abort(
                grpc.StatusCode.UNKNOWN,
                f"nothing was made: the ledger of the local cloud cannot be written ({error.strerror}); make room and "
                "run the command again",
            )
        return work

    def _begin_again(self, key: str, context: Any) -> Work:
        if ledger.request(self._path, key) is None:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"no creation was begun as {key!r}")
        with contextlib.suppress(OSError):  # nobody waits for it then, and it is looked up once more
            self._write("again", key)
        return Work(key, again=True)

    def _end_without(self, work: Work, urn: str) -> None:
        """Note that a creation failed, if that is known.

        What ended before it came to any call says nothing of what it did the first time.
        """
        if work.unanswered or (work.again and not work.calls):
            with contextlib.suppress(OSError):  # without the line it counts as begun, and is made again all the same
                self._write("unknown", work.key)
        elif work.left:
            self._created(work, urn, work.left)
        else:
            with contextlib.suppress(OSError):
                self._write("failed", work.key)
                self._forget(work.key)

    def _created(self, work: Work, urn: str, resource_id: str) -> None:
        self._made[type_of(urn), resource_id] = work.key
        with contextlib.suppress(OSError):  # without the line it counts as begun, and is looked up
            self._write("created", work.key, id=resource_id, unheard=True, **self._of(work))

    def _read(self, inner: Method, request: Any, context: Any) -> Any:
        response = inner(request, context)
        if not response.id:
            self._gone(request.urn, request.id)
        return response

    def _update(self, inner: Method, request: Any, context: Any) -> Any:
        return inner(request, context) if request.preview else self._changed(inner, request, context)[0]

    def _changed(self, inner: Method, request: Any, context: Any) -> tuple[Any, Work]:
        """Note a change for as long as the engine may not know its end: its resource is read anew then."""
        key = f"{time.time_ns()}-{next(self._keys)}"
        work = Work("")
        token = WORK.set(work)
        with contextlib.suppress(OSError):
            self._write("changing", key, urn=request.urn)
        try:
            return inner(request, context), work
        finally:
            WORK.reset(token)
            with contextlib.suppress(OSError):
                self._write("ended", key, **self._of(work))
            if not work.unanswered:
                self._when_heard(context, key)

    def _delete(self, inner: Method, request: Any, context: Any) -> Any:
        response, work = self._changed(inner, request, context)
        self._gone(request.urn, request.id, work)
        return response

    def _gone(self, urn: str, resource_id: str, work: Work | None = None) -> None:
        """Note that something is not there, made by this provider or not: a command may have found it again."""
        made = (type_of(urn), resource_id)
        with contextlib.suppress(OSError):  # what is listed and not there is found so by the next look
            self._write("deleted", "", urn=urn, id=resource_id, **self._of(work))
            if key := self._made.pop(made, None):
                self._forget(key)

    def _forget(self, key: str) -> None:
        with contextlib.suppress(ValueError):  # of an older form, without a request
            ledger.request_file(self._path, key).unlink(missing_ok=True)
