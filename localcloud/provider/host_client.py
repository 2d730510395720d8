"""What the provider says to the engine while a call lasts, and what the engine says to it: that a person wants to
stop."""

import contextlib
import threading
from collections.abc import Callable
from pathlib import Path

import grpc
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc

from localcloud.provider.resource import Caller


def program_folder(project: Path) -> Path:
    """The folder of a project's program: that of `main` in its Pulumi.yaml, which the shadow of a project has."""
    from ruamel.yaml import YAML  # seldom needed, and the provider has to start fast

    file = project / "Pulumi.yaml"
    main = YAML(typ="safe").load(file.read_text()).get("main") if file.exists() else None
    found = project / str(main) if main else project
    return found if found.is_dir() else found.parent


class HostClient:
    """The engine behind one connection."""

    def __init__(self) -> None:
        self.address = ""
        """Where the engine listens, `127.0.0.1:port`; empty until it has attached."""
        self.cancelled = threading.Event()
        """Set by the first Ctrl-C: what waits ends its wait."""

    def calling(self, urn: str, redact: Callable[[str], str]) -> Caller:
        """The engine, as it asks for something to be done to a resource; `redact` takes secrets out of warnings."""
        return Caller(lambda text: self.warn(urn, redact(text)), self.cancelled, self.folder)

    def folder(self) -> Path | None:
        """Where the engine's program runs, from which its relative paths are meant; None when nobody can tell.

        The engine says only where it listens, so its process is looked up by that.
        """
        import psutil  # seldom needed, and the provider has to start fast

        port = int(self.address.rpartition(":")[2] or 0)
        with contextlib.suppress(psutil.Error, OSError):
            listens = [c.pid for c in psutil.net_connections("tcp") if c.laddr and c.laddr.port == port and not c.raddr]
            for pid in filter(None, listens):
                return program_folder(Path(psutil.Process(pid).cwd()))
        return None

    def warn(self, urn: str, text: str) -> None:
        """Show a warning beside the resource; one that cannot be delivered is dropped, since the call goes on."""
        if not self.address:
            return
        request = engine_pb2.LogRequest(severity=engine_pb2.WARNING, message=text, urn=urn)
        try:
            with grpc.insecure_channel(self.address) as channel:
                engine_pb2_grpc.EngineStub(channel).Log(request, timeout=5)
        except grpc.RpcError:
            return
