"""The provider answers its own user alone, where the system tells whose a connection is.

The engine attaches to a port and sends no credentials, so nothing in a call can be checked; the kernel knows the user
at the other end of a connection of this machine. Linux says so in a file; elsewhere every local user is answered.
"""

import functools
import os
import time
from collections import OrderedDict
from pathlib import Path
from typing import Any

import grpc

from localcloud.idle import Idle

_TABLES = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
_LOOPBACK = ("0100007F", "0000000000000000FFFF00000100007F")  # 127.0.0.1, and the same in an IPv6 socket
_LISTENS = "0A"
_ENDING = ("06", "07")  # TIME_WAIT and CLOSE have no user any more
_ROOT = 0
_LOOKS = 5  # the kernel may leave a line out while others come and go
_PAUSE = 0.01  # seconds
_REMEMBERED = 256  # connections


def user_of(table: str, port: int, peer: int) -> int | None:
    """The user whose end of a loopback connection is this peer's port, from the kernel's table of sockets."""
    ends = [(f"{each}:{peer:04X}", f"{each}:{port:04X}") for each in _LOOPBACK]
    for line in table.splitlines()[1:]:
        fields = line.split()
        if tuple(fields[1:3]) in ends and fields[3] not in _ENDING:
            return int(fields[7])
    return None


def shows_listener(table: str, port: int) -> bool:
    """Whether the table shows a server on this port: some systems have the file, and not all sockets in it."""
    own = [f"{each}:{port:04X}" for each in _LOOPBACK]
    return any(
        fields[1] in own and fields[3] == _LISTENS for line in table.splitlines()[1:] if (fields := line.split())
    )


class OwnUser(grpc.ServerInterceptor):  # type: ignore[misc] # grpc ships no types
    """Refuses the calls of other users than the one that the provider runs as, and root; counts those it lets in."""

    def __init__(self, user: int | None, idle: Idle) -> None:
        self._user = os.getuid() if user is None else user
        self._idle = idle
        self._port = 0
        self._known: OrderedDict[str, bool] = OrderedDict()

    def listens_on(self, port: int) -> None:
        """Tell the port of the server."""
        self._port = port

    def _is_own(self, peer: str) -> bool:
        if peer not in self._known:
            self._known[peer] = self._look(peer)
            while len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        return self._known[peer]

    def _look(self, peer: str) -> bool:
        number, seen = int(peer.rpartition(":")[2]), False
        for _ in range(_LOOKS):
            table = "".join(_read(each) for each in _TABLES)
            found = user_of(table, self._port, number)
            if found is not None:
                return found in (self._user, _ROOT)
            seen = seen or shows_listener(table, self._port)
            time.sleep(_PAUSE)
        return not seen  # the system does not tell

    def intercept_service(self, continuation: Any, details: Any) -> Any:
        """Wrap every method."""
        handler = continuation(details)
        if handler is None or handler.unary_unary is None:
            return handler
        return grpc.unary_unary_rpc_method_handler(
            functools.partial(self._answer, handler.unary_unary),
            request_deserializer=handler.request_deserializer,
            response_serializer=handler.response_serializer,
        )

    def _answer(self, inner: Any, request: Any, context: Any) -> Any:
        if not self._is_own(context.peer()):
            context.abort(grpc.StatusCode.PERMISSION_DENIED, "this provider answers the user that started it alone")
        with self._idle.busy():
            return inner(request, context)


def _read(table: Path) -> str:
    try:
        return table.read_text()
    except OSError:
        return ""
