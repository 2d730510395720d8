"""What the provider says to the engine while a call lasts, and what the engine says to it: that a person wants to
stop."""

import threading

import grpc
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc


class EngineSide:
    """The engine behind one connection."""

    def __init__(self) -> None:
        self.address = ""
        """Where the engine listens, `127.0.0.1:port`; empty until it has attached."""
        self.cancelled = threading.Event()
        """Set by the first Ctrl-C: what waits ends its wait."""

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
