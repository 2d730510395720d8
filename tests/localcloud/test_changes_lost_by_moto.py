"""Moto's own journal cut after whole lines: the servers that start from it tell what is lost, and the provider settles it.

Real servers of one place, and no engine: what stands in its place asks the provider as it does. It cannot prove what
an engine makes of it: `test_changes_lost.py` cuts at every line, with a dictionary in the engine's place.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from localcloud import ledger
from localcloud.aws.running import AWS
from localcloud.cloud import recovery
from localcloud.cloud.cleanup import Cleanup
from localcloud.cloud.lifecycle import Lifecycle
from localcloud.cloud.project import Place
from localcloud.provider import wire
from localcloud.state.replay import Typed
from localcloud.state.server import lives
from localcloud.state.store import Store
from tests.localcloud.conftest import Made, Provider


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = Place(tmp_path / "place").make()
    yield made
    Lifecycle(made, [AWS]).reset()


def provider_at(port: int) -> Provider:
    channel = grpc.insecure_channel(f"127.0.0.1:{port}", [("grpc.use_local_subchannel_pool", 1)])
    stub = provider_pb2_grpc.ResourceProviderStub(channel)
    stub.Configure(provider_pb2.ConfigureRequest(variables={"aws:config:region": "eu-west-1"}))
    return Provider(channel, stub, "eu-west-1")


def there(provider: Provider, made: Made, name: str) -> bool:
    asked = provider_pb2.ReadRequest(id=made.id, urn=provider.urn(made.token, name), type=made.token, name=name)
    return bool(provider.stub.Read(asked).id)


def test_servers_that_start_from_a_journal_cut_at_a_lines_end_tell_what_is_lost_and_it_is_settled(place: Place) -> None:
    told: list[str] = []
    cycle = Lifecycle(place, [AWS], told.append)
    provider = provider_at(cycle.start()["aws"].provider)
    jobs = provider.create("aws:sqs/queue:Queue", {"name": "jobs"}, "jobs")
    network = provider.create("aws:ec2/vpc:Vpc", {"cidrBlock": "10.0.0.0/16"}, "network")
    whole = place.journal.read_bytes()
    lost = provider.create("aws:ec2/subnet:Subnet", {"vpcId": network.id, "cidrBlock": "10.0.1.0/24"}, "lost")
    deleted = provider_pb2.DeleteRequest(
        id=jobs.id,
        urn=provider.urn(jobs.token, "jobs"),
        type=jobs.token,
        name="jobs",
        properties=wire.struct(jobs.state),
    )
    provider.stub.Delete(deleted)
    provider.channel.close()
    cycle.stop()
    place.journal.write_bytes(whole)

    port = cycle.start()["aws"].provider
    (said,) = told
    assert said.startswith("warning: AWS on this machine has lost ")
    assert f"aws:ec2/subnet:Subnet {lost.id} is gone; aws:sqs/queue:Queue {jobs.id} is there again although" in said
    assert said.endswith("; the next `accordion local up` settles that of stack test")
    provider = provider_at(port)
    assert [there(provider, *each) for each in ((network, "network"), (lost, "lost"), (jobs, "jobs"))] == [True, False, True]  # fmt: skip

    store = Store(place.database, lives)
    try:
        kept = [(network, "network"), (lost, "lost")]
        resources = [{"urn": provider.urn(made.token, name), "type": made.token, "id": made.id} for made, name in kept]
        store.create("accordion", "test", {}, None, Typed({"resources": resources}, 3, []))
        read: list[str] = []

        def quietly(arguments: Any) -> str:
            read.extend(arguments[arguments.index("--target") + 1 :: 2])
            assert not there(provider, lost, "lost")
            return ""

        settled = recovery.repair(
            place, store, "accordion", "test", quietly, [AWS], lambda: Cleanup({"aws": port}, place.ledger)
        )
    finally:
        store.close()
    assert settled == "changes of stack test were lost: 1 resource that no state knew deleted; 1 resource read anew"
    assert read == [provider.urn(lost.token, "lost")]
    assert not there(provider, jobs, "jobs")
    assert [made.id for made in ledger.read(place.ledger)] == [network.id]
    again = provider.create("aws:ec2/subnet:Subnet", {"vpcId": network.id, "cidrBlock": "10.0.1.0/24"}, "lost")
    assert again.id != lost.id, "no id is given twice"
    provider.channel.close()
    cycle.stop()
    cycle.start()
    assert len(told) == 1, "it is told once"
