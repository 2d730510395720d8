"""A ledger names the cloud of each line. It cannot prove that a cloud deletes what it is asked to: its own tests do."""

import json
from pathlib import Path

from localcloud import ledger
from localcloud.cloud import recovery
from localcloud.cloud.cleanup import Cleanup
from localcloud.cloud.project import Place
from localcloud.clouds import Cloud
from localcloud.ledger import Creation
from localcloud.state.replay import Typed
from localcloud.state.server import lives
from localcloud.state.store import Store

URN = "urn:pulumi:dev::demo::{type}::{name}"


def line(**entry: object) -> str:
    return json.dumps({"event": "begin", "time": 1.0} | entry)


def test_a_line_of_before_there_were_several_clouds_is_of_aws() -> None:
    urn = URN.format(type="aws:ec2/vpc:Vpc", name="a")
    (made,) = ledger.outstanding([line(key="1-1", urn=urn, region="eu-west-1", accounts='["111111111111"]')])
    assert (made.cloud, dict(made.configuration)) == (
        "aws",
        {"region": "eu-west-1", "allowedAccountIds": '["111111111111"]'},
    )


def test_a_line_of_another_cloud_keeps_its_cloud_and_what_says_where_it_stands() -> None:
    urn = URN.format(type="toy:index:Shelf", name="a")
    lines = [line(key="1-1", urn=urn, cloud="toy", configuration={"folder": "/here"})]
    (made,) = ledger.outstanding(lines)
    assert (made.cloud, made.configuration) == ("toy", (("folder", "/here"),))
    again = [json.dumps(entry) for entry in ledger.entries([made])]
    assert ledger.outstanding(again) == [made]


def test_what_stands_in_a_cloud_that_does_not_run_is_left_and_named(tmp_path: Path) -> None:
    urn = URN.format(type="toy:index:Shelf", name="a")
    made = Creation(urn, "shelf-1", (("folder", "/here"),), 1.0, "toy")
    sweep = Cleanup({"aws": 9}, tmp_path / "ledger")
    sweep.finish([made])
    assert sweep.delete([made]) == [(made, "the cloud toy does not run here")]


class Recorded(Cloud):
    """A cloud that was asked to change something by one creation."""

    title, package, module = "Toy", "toy", "tests.localcloud.toy"

    def asked(self, place):
        return {"1-1"}


class Forgetful(Cloud):
    """A cloud that keeps no record."""

    title, package, module = "Toy", "toy", "tests.localcloud.toy"


class Settled:
    """What a sweep is asked to do."""

    def __init__(self) -> None:
        self.finished: list[str] = []

    def finish(self, begun):
        self.finished += [made.key for made in begun]

    def delete(self, orphans):
        return ()


def settled(place: Place, cloud: Cloud) -> tuple[str | None, list[str], list[str]]:
    """What is said of two creations that were cut short, which of them were made again, which are still listed."""
    for key, name in (("1-1", "asked"), ("1-2", "never-asked")):
        urn = URN.format(type="toy:index:Shelf", name=name)
        ledger.append(place.ledger, "begin", key, urn=urn, cloud="toy", configuration={}, kept=True, time=1.0)
        ledger.requests(place.ledger).mkdir(exist_ok=True)
        ledger.request_file(place.ledger, key).write_bytes(b"")
    store, sweep = Store(place.database, lives), Settled()
    try:
        store.create("demo", "dev", {}, None, Typed({"resources": []}, 3, []))
        said = recovery.repair(place, store, "demo", "dev", lambda arguments: "", [cloud], lambda: sweep)
    finally:
        store.close()
    return said, sweep.finished, [made.name for made in ledger.read(place.ledger)]


def test_a_creation_is_made_again_where_its_cloud_was_asked_something(tmp_path: Path) -> None:
    _, finished, listed = settled(Place(tmp_path / "place").make(), Recorded())
    assert (finished, listed) == (["1-1"], ["asked"])


def test_of_a_cloud_without_a_record_what_may_be_left_is_named(tmp_path: Path) -> None:
    said, finished, listed = settled(Place(tmp_path / "place").make(), Forgetful())
    assert finished == []
    assert sorted(listed) == ["asked", "never-asked"]
    assert said == (
        "an earlier command on stack dev was interrupted: may have left toy:index:Shelf never-asked, "
        "toy:index:Shelf asked behind, which `accordion local reset` removes"
    )
