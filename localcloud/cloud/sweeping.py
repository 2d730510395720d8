"""Delete resources through the provider, as the engine would: for orphans, which the engine does not know."""

from collections.abc import Sequence

import grpc
from google.protobuf import struct_pb2
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from localcloud.ledger import Creation

_TIMEOUT = 60.0  # seconds for a call
_ROUNDS = 3  # a resource in use can go when what uses it has gone


def _delete(stub: provider_pb2_grpc.ResourceProviderStub, made: Creation) -> None:
    identity = made.id or ""
    name = made.urn.rpartition("::")[2]
    found = stub.Read(
        provider_pb2.ReadRequest(
            id=identity,
            urn=made.urn,
            type=made.type,
            name=name,
            properties=struct_pb2.Struct(),
            inputs=struct_pb2.Struct(),
        ),
        timeout=_TIMEOUT,
    )
    request = provider_pb2.DeleteRequest(id=identity, urn=made.urn, type=made.type, name=name)
    if found.id:
        request.properties.CopyFrom(found.properties)
    stub.Delete(request, timeout=_TIMEOUT)


def _instance(port: int, region: str, accounts: str, creations: Sequence[Creation]) -> list[tuple[Creation, str]]:
    known = {"aws:config:region": region, "aws:config:allowedAccountIds": accounts}
    variables = {name: value for name, value in known.items() if value}
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        stub = provider_pb2_grpc.ResourceProviderStub(channel)
        stub.Configure(provider_pb2.ConfigureRequest(variables=variables), timeout=_TIMEOUT)
        left = [(made, "") for made in creations]
        for _ in range(_ROUNDS):
            failed = []
            for made, _reason in left:
                try:
                    _delete(stub, made)
                except grpc.RpcError as error:
                    failed.append((made, error.details() or str(error.code())))
            left = failed
    return left


def delete(port: int, creations: Sequence[Creation]) -> list[tuple[Creation, str]]:
    """Delete what the provider on this port made; returns what could not be deleted, with the reason.

    In the order given: what was made last comes first, since it may use what was made before.
    """
    instances = dict.fromkeys((made.region, made.accounts) for made in creations)
    return [
        left
        for region, accounts in instances
        for left in _instance(
            port, region, accounts, [made for made in creations if (made.region, made.accounts) == (region, accounts)]
        )
    ]
