"""What the engine does not know, through the provider as the engine would: creations made again, orphans deleted."""

import contextlib
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from localcloud import ledger
from localcloud.ledger import Configuration, Creation
from localcloud.provider.ledger import KEY

_TIMEOUT = 60.0  # seconds for a call
_LONG = 300.0  # seconds for a creation, which may wait for a steady state
_ROUNDS = 3  # a resource in use can go when what uses it has gone

Stub = provider_pb2_grpc.ResourceProviderStub


@contextlib.contextmanager
def _instance(port: int, made: Creation) -> Iterator[Stub]:
    """A provider instance like the one that made it."""
    variables = {f"{made.cloud}:config:{name}": value for name, value in made.configuration}
    # Without an option of its own, gRPC would give every instance the same connection.
    with grpc.insecure_channel(
        f"127.0.0.1:{port}", [("grpc.use_local_subchannel_pool", 1), ("grpc.enable_http_proxy", 0)]
    ) as channel:
        stub = Stub(channel)
        stub.Configure(provider_pb2.ConfigureRequest(variables=variables), timeout=_TIMEOUT)
        yield stub


def _configured(made: Creation) -> tuple[str, Configuration]:
    return made.cloud, made.configuration


@dataclass(frozen=True)
class Cleanup:
    """Settles creations through the providers of their clouds."""

    ports: Mapping[str, int]
    """Package of a cloud -> the port of its provider; what stands in another cloud is left."""
    ledger: Path

    def finish(self, begun: Sequence[Creation]) -> None:
        """Make creations whose end nobody knows once more, under their keys, in the order given.

        What was done of them is answered as it was answered first, so nothing is made twice. The provider writes into
        its ledger how each ended, as far as that is known then.
        """
        for (cloud, _), alike in itertools.groupby(begun, _configured):
            many = list(alike)
            if cloud not in self.ports:
                continue
            with _instance(self.ports[cloud], many[0]) as stub:
                for made in many:
                    asked = provider_pb2.CreateRequest.FromString(ledger.request(self.ledger, made.key) or b"")
                    with contextlib.suppress(grpc.RpcError):  # the ledger says how it ended
                        stub.Create(asked, timeout=_LONG, metadata=((KEY, made.key),))

    def delete(self, orphans: Sequence[Creation]) -> list[tuple[Creation, str]]:
        """Delete in the order given, what was made last first: it may use what was made before.

        Returns what could not be deleted, with the reason.
        """
        left = [(made, "") for made in orphans]
        for _ in range(_ROUNDS):
            failed: list[tuple[Creation, str]] = []
            for (cloud, _), alike in itertools.groupby((made for made, _ in left), _configured):
                many = list(alike)
                if cloud not in self.ports:
                    failed += [(made, f"the cloud {cloud} does not run here") for made in many]
                    continue
                with _instance(self.ports[cloud], many[0]) as stub:
                    failed += self._delete(stub, many)
            if len(failed) in (0, len(left)):
                return failed
            left = failed
        return left

    def _delete(self, stub: Stub, orphans: Sequence[Creation]) -> Iterator[tuple[Creation, str]]:
        for made in orphans:
            try:
                self._delete_one(stub, made)
            except grpc.RpcError as error:
                yield made, error.details() or str(error.code())

    def _delete_one(self, stub: Stub, made: Creation) -> None:
        """Delete what is still there: some types need more than an id for both questions."""
        kept = ledger.request(self.ledger, made.key)
        asked = provider_pb2.CreateRequest.FromString(kept).properties if kept else None
        name: dict[str, Any] = {"id": made.id or "", "urn": made.urn, "type": made.type, "name": made.name}
        found = stub.Read(provider_pb2.ReadRequest(**name, properties=asked, inputs=asked), timeout=_TIMEOUT)
        if found.id:
            stub.Delete(provider_pb2.DeleteRequest(**name, properties=found.properties), timeout=_TIMEOUT)
