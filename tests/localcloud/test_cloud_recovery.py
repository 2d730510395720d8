"""Repairs after a killed engine, and the ledger they rest on.

Cannot prove what the engine leaves when it is killed: tests/localcloud/test_cloud_engine.py kills one.
"""

import json
import os
import socket
import threading
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud import ledger
from localcloud.cloud import LocalCloudError, recovery
from localcloud.cloud.project import Place
from localcloud.ledger import Creation

VPC = "urn:pulumi:dev::demo::aws:ec2/vpc:Vpc::main"
LOG = "urn:pulumi:dev::demo::accordion:index:Network$aws:cloudwatch/logGroup:LogGroup::flow"
OTHER = "urn:pulumi:prod::demo::aws:ec2/vpc:Vpc::main"
GONE = 2**22 - 1  # no process has this id: the kernel counts up from low ones


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path / "place").make()


def lock(place, pid, taken, stack="dev"):
    folder = place.backend / ".pulumi" / "locks" / "organization" / "demo" / stack
    folder.mkdir(parents=True)
    stamp = datetime.fromtimestamp(taken, UTC).isoformat().replace("+00:00", "Z")
    content = {"pid": pid, "username": "ada", "hostname": socket.gethostname(), "timestamp": stamp}
    (folder / "one.json").write_text(json.dumps(content))
    return folder / "one.json"


def write_state(place, resources=(), pending=(), stack="dev"):
    file = place.state_file("demo", stack)
    file.parent.mkdir(parents=True, exist_ok=True)
    latest = {"resources": list(resources), "pending_operations": list(pending)}
    file.write_text(json.dumps({"version": 3, "checkpoint": {"latest": latest}}))


def write_ledger(place, *creations):
    lines = [json.dumps(entry) for entry in ledger.entries(creations)]
    place.ledger.write_text("\n".join(lines) + "\n")


class Engine:
    def __init__(self, place):
        self.place, self.ran = place, []

    def __call__(self, arguments):
        self.ran.append(" ".join(item for item in arguments if not item.startswith("/")))
        if "export" in arguments:
            latest = recovery.state(self.place.state_file("demo", "dev"))
            (self.place.root / "recovery.json").write_text(json.dumps({"version": 3, "deployment": latest}))
        if "import" in arguments:
            self.imported = json.loads((self.place.root / "recovery.json").read_text())
        return ""


def repair(place, fails=()):
    engine, deleted = Engine(place), []

    def delete(creations):
        deleted.extend(made.id for made in creations)
        return [(made, "in use") for made in creations if made.id in fails]

    said = recovery.repair(place, "demo", "dev", engine, delete)
    return said, engine, deleted


def test_nothing_to_repair_says_nothing(place):
    write_state(place)
    said, engine, deleted = repair(place)
    assert (said, engine.ran, deleted) == (None, [], [])


def test_a_stack_that_another_command_works_on_is_left_alone(place):
    held = lock(place, os.getpid(), time.time())
    write_state(place, pending=[{"type": "creating", "resource": {"urn": VPC}}])
    said, engine, deleted = repair(place)
    assert (said, engine.ran, deleted) == (None, [], [])
    assert held.exists()


def test_a_lock_whose_process_is_gone_is_removed(place):
    held = lock(place, GONE, time.time())
    write_state(place)
    assert repair(place)[0] == "an earlier command on stack dev was interrupted: its lock is removed"
    assert not held.exists()


def test_a_lock_whose_process_id_was_recycled_is_removed(place):
    held = lock(place, os.getpid(), time.time() - 10**6)
    write_state(place)
    assert "its lock is removed" in repair(place)[0]
    assert not held.exists()


def test_a_torn_lock_is_removed(place):
    held = lock(place, GONE, time.time())
    held.write_text('{"pid": 1')
    assert "its lock is removed" in repair(place)[0]


def test_a_torn_state_comes_back_from_its_backup(place):
    lock(place, GONE, time.time())
    write_state(place)
    file = place.state_file("demo", "dev")
    whole = file.read_text()
    file.with_name("dev.json.bak").write_text(whole)
    file.write_text(whole[:20])
    repair(place)
    assert file.read_text() == whole


def test_a_torn_state_without_a_backup_is_told_with_what_to_do(place):
    lock(place, GONE, time.time())
    write_state(place)
    file = place.state_file("demo", "dev")
    file.write_text("{")
    with pytest.raises(LocalCloudError) as error:
        repair(place)
    assert str(error.value) == (
        f"the state of stack dev and its backup are damaged: {file}; `accordion local reset` forgets both"
    )


def test_what_the_provider_is_still_making_is_waited_for(place):
    lock(place, GONE, time.time() - 1)
    write_state(place)
    begun = {"event": "begin", "key": "1-0", "urn": VPC, "region": "eu-west-1", "time": time.time()}
    place.ledger.write_text(json.dumps(begun) + "\n")

    def end():
        with place.ledger.open("a") as file:
            file.write(json.dumps({"event": "created", "key": "1-0", "id": "vpc-1"}) + "\n")

    provider = threading.Timer(0.3, end)
    provider.start()
    said, _, deleted = repair(place)
    provider.join()
    assert deleted == ["vpc-1"]
    assert said.endswith("its lock is removed; 1 resource that no state knew deleted")


def test_a_lock_of_another_machine_is_left_to_it(place):
    held = lock(place, GONE, time.time())
    held.write_text(held.read_text().replace(socket.gethostname(), "elsewhere"))
    assert repair(place)[0] is None
    assert held.exists()


def test_what_the_killed_engine_made_and_no_state_knows_is_deleted_newest_first(place):
    now = time.time()
    lock(place, GONE, now - 10)
    write_state(
        place,
        resources=[{"urn": VPC, "type": "aws:ec2/vpc:Vpc", "id": "vpc-known"}],
        pending=[{"type": "creating", "resource": {"urn": LOG}}],
    )
    write_ledger(
        place,
        Creation(VPC, "vpc-old", "eu-west-1", now - 100),
        Creation(VPC, "vpc-known", "eu-west-1", now - 9),
        Creation(LOG, "first", "eu-west-1", now - 8),
        Creation(LOG, "second", "eu-west-1", now - 7),
        Creation(OTHER, "vpc-of-prod", "eu-west-1", now - 6),
    )
    said, engine, deleted = repair(place)
    assert deleted == ["second", "first"]
    assert said == (
        "an earlier command on stack dev was interrupted: its lock is removed; 1 pending operation settled; "
        "2 resources that no state knew deleted"
    )
    assert engine.ran == ["stack export --stack dev --file", "stack import --stack dev --file"]
    assert "pending_operations" not in engine.imported["deployment"]


def test_after_a_lock_cancelled_by_hand_pending_creations_still_tell_the_orphans(place):
    write_state(place, pending=[{"type": "creating", "resource": {"urn": LOG}}])
    write_ledger(place, Creation(LOG, "flow", "", 1.0), Creation(VPC, "kept", "", 2.0))
    assert repair(place)[2] == ["flow"]


def test_what_was_being_updated_or_deleted_is_read_from_the_cloud(place):
    lock(place, GONE, time.time())
    write_state(
        place,
        resources=[{"urn": VPC, "type": "aws:ec2/vpc:Vpc", "id": "vpc-1"}],
        pending=[{"type": "deleting", "resource": {"urn": VPC}}, {"type": "updating", "resource": {"urn": LOG}}],
    )
    assert repair(place)[1].ran[-1] == f"refresh --stack dev --yes --skip-preview --target {VPC}"


def test_after_a_command_without_checkpoints_the_whole_state_is_read_anew(place):
    now = time.time()
    lock(place, GONE, now)
    write_state(place)
    write_ledger(place, Creation(VPC, "vpc-1", "", now + 1))
    marker = recovery.without_checkpoints(place, "demo", "dev")
    marker.touch()
    said, engine, deleted = repair(place)
    assert deleted == ["vpc-1"]
    assert engine.ran == ["refresh --stack dev --yes --skip-preview"]
    assert said == (
        "an earlier command on stack dev was interrupted: its lock is removed; 1 resource that no state knew deleted; "
        "the state read anew, since it ran without checkpoints"
    )
    assert not marker.exists()


def test_a_marker_without_a_lock_is_of_a_command_that_came_to_its_end(place):
    write_state(place)
    marker = recovery.without_checkpoints(place, "demo", "dev")
    marker.touch()
    assert repair(place)[0] is None
    assert not marker.exists()


def test_what_cannot_be_deleted_or_has_no_id_is_named(place):
    now = time.time()
    lock(place, GONE, now)
    write_state(place)
    write_ledger(place, Creation(VPC, "vpc-1", "", now + 1), Creation(LOG, None, "", now + 2))
    assert repair(place, fails=["vpc-1"])[0] == (
        "an earlier command on stack dev was interrupted: its lock is removed; "
        "could not delete aws:ec2/vpc:Vpc vpc-1: in use; may have left aws:cloudwatch/logGroup:LogGroup flow behind, "
        "which `accordion local reset` removes"
    )


def test_strangers_are_what_is_in_the_ledger_and_in_no_stacks_state(place):
    write_state(place, resources=[{"urn": VPC, "type": "aws:ec2/vpc:Vpc", "id": "vpc-1"}])
    write_state(place, resources=[{"urn": OTHER, "type": "aws:ec2/vpc:Vpc", "id": "vpc-2"}], stack="prod")
    write_ledger(place, *(Creation(VPC, f"vpc-{n}", "", float(n)) for n in (1, 2, 3)))
    assert [made.id for made in recovery.strangers(place)] == ["vpc-3"]


def test_a_creation_knows_its_type_and_stack():
    made = Creation(LOG, "x", "", 0)
    assert made.type == "aws:cloudwatch/logGroup:LogGroup"
    assert made.stack == ("demo", "dev")


def test_a_failed_creation_is_none_and_one_without_an_end_may_be_one():
    lines = [
        json.dumps({"event": "begin", "key": "1", "urn": VPC, "region": "", "time": 1.0}),
        json.dumps({"event": "failed", "key": "1"}),
        json.dumps({"event": "begin", "key": "2", "urn": LOG, "region": "", "time": 2.0}),
    ]
    assert ledger.outstanding(lines) == [Creation(LOG, None, "", 2.0)]


def test_a_torn_last_line_is_passed_over():
    line = json.dumps({"event": "begin", "key": "1", "urn": VPC, "region": "", "time": 1.0})
    assert ledger.outstanding([line, line[:20]]) == [Creation(VPC, None, "", 1.0)]


EVENTS = st.lists(st.tuples(st.sampled_from(["create", "fail", "delete", "die"]), st.integers(0, 5)), max_size=30)


@given(EVENTS)
def test_a_ledger_written_anew_tells_the_same(events):
    lines, key = [], 0
    for event, number in events:
        if event == "delete":
            lines.append(json.dumps({"event": "deleted", "key": "", "urn": VPC, "id": str(number)}))
            continue
        key += 1
        lines.append(json.dumps({"event": "begin", "key": str(key), "urn": VPC, "region": "", "time": float(key)}))
        if event == "create":
            lines.append(json.dumps({"event": "created", "key": str(key), "id": str(number)}))
        if event == "fail":
            lines.append(json.dumps({"event": "failed", "key": str(key)}))
    told = ledger.outstanding(lines)
    assert ledger.outstanding(json.dumps(entry) for entry in ledger.entries(told)) == told
