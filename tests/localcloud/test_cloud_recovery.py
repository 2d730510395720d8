"""Repairs after a killed engine, and the ledger they rest on.

Cannot prove what the engine leaves when it is killed: tests/localcloud/test_cloud_engine.py kills one.
"""

import json
import threading
import time

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud import ledger
from localcloud.aws.running import AWS
from localcloud.cloud import LocalCloudError, recovery
from localcloud.cloud.carrying_over import carry_over
from localcloud.cloud.project import Place
from localcloud.ledger import Change, Creation
from localcloud.state.replay import Typed
from localcloud.state.server import lives
from localcloud.state.store import Process, Store

VPC = "urn:pulumi:dev::demo::aws:ec2/vpc:Vpc::main"
LOG = "urn:pulumi:dev::demo::accordion:index:Network$aws:cloudwatch/logGroup:LogGroup::flow"
OTHER = "urn:pulumi:prod::demo::aws:ec2/vpc:Vpc::main"
EUROPE = (("region", "eu-west-1"),)
GONE = 2**22 - 1  # no process has this id: the kernel counts up from low ones


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path / "place").make()


@pytest.fixture
def store(place):
    made = Store(place.database, lives)
    yield made
    made.close()


def write_state(store, resources=(), pending=(), stack="dev"):
    deployment = {"resources": list(resources), "pending_operations": list(pending)}
    store.create("demo", stack, {}, None, Typed(deployment, 3, []))


def write_ledger(place, *creations):
    lines = [json.dumps(entry) for entry in ledger.entries(creations)]
    place.ledger.write_text("\n".join(lines) + "\n")


def pending(kind, urn):
    return {"type": kind, "resource": {"urn": urn, "type": "aws:ec2/vpc:Vpc"}}


class Cloud:
    """A provider that finishes creations as it is told: key -> id, or None for one that fails."""

    def __init__(self, place, fails=(), ends=None):
        self.place, self.fails, self.ends = place, fails, ends or {}
        self.deleted, self.finished = [], []

    def finish(self, begun):
        self.finished += [made.key for made in begun]
        for made in begun:
            if made.key in self.ends:
                end = self.ends[made.key]
                ledger.append(
                    self.place.ledger, "created" if end else "failed", made.key, **({"id": end} if end else {})
                )
                ledger.request_file(self.place.ledger, made.key).unlink()

    def delete(self, creations):
        self.deleted += [made.id for made in creations]
        for made in creations:
            if made.id not in self.fails:
                ledger.append(self.place.ledger, "deleted", "", urn=made.urn, id=made.id)
        return [(made, "in use") for made in creations if made.id in self.fails]


def repair(place, store, fails=(), engine=None, cloud=None):
    ran, cloud = [], cloud or Cloud(place, fails)

    def quietly(arguments):
        ran.append(" ".join(arguments))
        return engine() if engine else ""

    said = recovery.repair(place, store, "demo", "dev", quietly, [AWS], lambda: cloud)
    return said, ran, cloud.deleted


def begin(place, *begun, unknown=True):
    """Creations (key, URN) that a provider began; what they asked is kept."""
    ledger.requests(place.ledger).mkdir(exist_ok=True)
    for key, urn in begun:
        ledger.append(place.ledger, "begin", key, urn=urn, region="eu-west-1", time=float(key.partition("-")[0]))
        ledger.request_file(place.ledger, key).write_bytes(b"asked")
        if unknown:
            ledger.append(place.ledger, "unknown", key)


def called(place, *keys):
    """The journal of a stand-in for AWS that these creations called."""
    lines = [json.dumps({"time": 1.0, "invocation": f"{key}/abc/1"}, separators=(",", ":")) for key in keys]
    place.journal.write_text("\n".join(["{}", *lines]) + "\n")


def test_nothing_to_repair_says_nothing(place, store):
    assert repair(place, store) == (None, [], [])
    write_state(store)
    assert repair(place, store) == (None, [], [])


def test_a_stack_that_another_command_works_on_is_left_alone(place, store):
    write_state(store, pending=[pending("creating", VPC)])
    mine = psutil.Process()
    store.begin(
        store.plan(store.stack("demo", "dev"), "update", False, {}), Process(mine.pid, mine.create_time()), None, None
    )
    assert repair(place, store) == (None, [], [])


def test_what_a_killed_engine_had_begun_is_settled(place, store):
    write_state(store)
    update = store.begin(store.plan(store.stack("demo", "dev"), "update", False, {}), Process(GONE, 0.0), None, None)
    begin = {"version": 1, "kind": 0, "sequenceID": 1, "operationID": 1, "operation": pending("creating", VPC)}
    store.append(update.id, update.token, [begin])
    write_ledger(place, Creation(VPC, "vpc-1", (), 1.0))
    said, ran, deleted = repair(place, store)
    assert (ran, deleted) == ([], ["vpc-1"])
    assert said == (
        "an earlier command on stack dev was interrupted: 1 pending operation settled; "
        "1 resource that no state knew deleted"
    )
    assert store.latest(store.stack("demo", "dev")).deployment.get("pending_operations") is None


def test_what_the_provider_is_still_making_is_waited_for(place, store):
    write_state(store, pending=[pending("creating", VPC)])
    begun = {"event": "begin", "key": "1-0", "urn": VPC, "region": "eu-west-1", "time": time.time()}
    place.ledger.write_text(json.dumps(begun) + "\n")

    def end():
        with place.ledger.open("a") as file:
            file.write(json.dumps({"event": "created", "key": "1-0", "id": "vpc-1"}) + "\n")

    provider = threading.Timer(0.3, end)
    provider.start()
    said, _, deleted = repair(place, store)
    provider.join()
    assert deleted == ["vpc-1"]
    assert said.endswith("1 resource that no state knew deleted")


def test_a_line_that_follows_a_torn_one_is_whole(place):
    place.ledger.write_bytes(b'{"event": "begin", "key": "1-0", "u')
    begin(place, ("2-0", VPC))
    assert [made.key for made in ledger.read(place.ledger)] == ["2-0"]
    assert place.ledger.read_bytes().count(b"\n") == 3


def test_what_was_made_for_a_pending_creation_and_no_state_knows_is_deleted_newest_first(place, store):
    write_state(
        store,
        resources=[{"urn": LOG, "type": "aws:cloudwatch/logGroup:LogGroup", "id": "known"}],
        pending=[pending("creating", LOG)],
    )
    write_ledger(
        place,
        Creation(VPC, "vpc-kept-on-purpose", EUROPE, 1.0),
        Creation(LOG, "known", EUROPE, 2.0),
        Creation(LOG, "first", EUROPE, 3.0),
        Creation(LOG, "second", EUROPE, 4.0),
        Creation(OTHER, "vpc-of-prod", EUROPE, 5.0),
    )
    said, ran, deleted = repair(place, store)
    assert deleted == ["second", "first"]
    assert said == (
        "an earlier command on stack dev was interrupted: 1 pending operation settled; "
        "2 resources that no state knew deleted"
    )
    assert ran == []


def test_what_was_being_updated_or_deleted_is_read_from_the_cloud(place, store):
    write_state(
        store,
        resources=[{"urn": VPC, "type": "aws:ec2/vpc:Vpc", "id": "vpc-1"}],
        pending=[pending("deleting", VPC), pending("updating", LOG)],
    )
    said, ran, _ = repair(place, store)
    assert ran == [f"refresh --stack dev --yes --skip-preview --target {VPC}"]
    assert said.endswith("2 pending operations settled; 1 resource read anew")


def test_what_could_not_be_read_is_read_by_the_next_command(place, store):
    def dies():
        raise LocalCloudError("killed")

    write_state(
        store, resources=[{"urn": VPC, "type": "aws:ec2/vpc:Vpc", "id": "vpc-1"}], pending=[pending("updating", VPC)]
    )
    with pytest.raises(LocalCloudError, match="it could not be repaired; try again, or forget everything"):
        repair(place, store, engine=dies)
    said, ran, _ = repair(place, store)
    assert ran == [f"refresh --stack dev --yes --skip-preview --target {VPC}"]
    assert said == "an earlier command on stack dev was interrupted: 1 resource read anew"
    assert repair(place, store) == (None, [], [])


def test_what_cannot_be_deleted_or_has_no_id_is_named(place, store):
    write_state(store, pending=[pending("creating", VPC), pending("creating", LOG)])
    write_ledger(place, Creation(VPC, "vpc-1", (), 1.0), Creation(LOG, None, (), 2.0))
    assert repair(place, store, fails=["vpc-1"])[0] == (
        "an earlier command on stack dev was interrupted: 2 pending operations settled; "
        "could not delete aws:ec2/vpc:Vpc vpc-1, which the next command tries again: in use; "
        "may have left aws:cloudwatch/logGroup:LogGroup flow behind, which `accordion local reset` removes"
    )


def test_what_could_not_be_deleted_is_tried_again_until_it_is_free_or_a_state_knows_it(place, store):
    write_state(store, pending=[pending("creating", VPC)])
    write_ledger(place, Creation(VPC, "vpc-1", (), 1.0), Creation(VPC, "vpc-2", (), 2.0))
    repair(place, store, fails=["vpc-1", "vpc-2"])
    said, _, deleted = repair(place, store, fails=["vpc-2"])
    assert deleted == ["vpc-2", "vpc-1"]
    assert said == (
        "an earlier command on stack dev was interrupted: 1 resource that no state knew deleted; "
        "could not delete aws:ec2/vpc:Vpc vpc-2, which the next command tries again: in use"
    )
    taken_over = {"resources": [{"urn": VPC, "type": "aws:ec2/vpc:Vpc", "id": "vpc-2"}]}
    store.put(store.stack("demo", "dev"), Typed(taken_over, 3, []))
    assert repair(place, store) == (None, [], [])
    assert not list(place.root.glob("unsettled*"))


def test_a_creation_that_never_came_to_a_call_has_made_nothing(place, store):
    write_state(store)
    begin(place, ("1-0", VPC))
    called(place, "2-0", "11-0")
    cloud = Cloud(place)
    said, _, deleted = repair(place, store, cloud=cloud)
    assert said == "an earlier command on stack dev was interrupted: 1 creation without a known end looked up"
    assert (cloud.finished, deleted, ledger.read(place.ledger)) == ([], [], [])
    assert list(ledger.requests(place.ledger).iterdir()) == []
    assert repair(place, store) == (None, [], [])


def test_creations_without_a_known_end_are_made_again_oldest_first_and_go_newest_first(place, store):
    write_state(store, resources=[{"urn": LOG, "type": "aws:cloudwatch/logGroup:LogGroup", "id": "kept"}])
    begin(place, ("2-0", LOG), ("1-0", VPC), ("3-0", VPC), ("4-0", LOG), ("5-0", OTHER))
    called(place, "1-0", "2-0", "3-0", "4-0", "5-0")
    cloud = Cloud(place, ends={"1-0": "vpc-1", "2-0": "log-2", "3-0": None, "4-0": "kept"})
    said, _, deleted = repair(place, store, cloud=cloud)
    assert cloud.finished == ["1-0", "2-0", "3-0", "4-0"]
    assert deleted == ["log-2", "vpc-1"]
    assert said == (
        "an earlier command on stack dev was interrupted: 4 creations without a known end looked up; "
        "2 resources that no state knew deleted"
    )
    assert [made.key for made in ledger.read(place.ledger)] == ["4-0", "5-0"], "the state's own, and another stack's"


def test_where_nothing_answers_as_the_first_time_a_creation_is_not_made_again(place, store):
    write_state(store, pending=[pending("creating", VPC)])
    begin(place, ("1-0", VPC))
    cloud = Cloud(place, ends={"1-0": "vpc-1"})
    said, _, deleted = repair(place, store, cloud=cloud)
    assert (cloud.finished, deleted) == ([], [])
    assert said.endswith("may have left aws:ec2/vpc:Vpc main behind, which `accordion local reset` removes")


def test_a_creation_whose_end_cannot_be_learnt_is_looked_up_by_the_next_command(place, store):
    write_state(store)
    begin(place, ("1-0", VPC))
    called(place, "1-0")
    said, _, deleted = repair(place, store, cloud=Cloud(place))
    assert deleted == []
    assert said == (
        "an earlier command on stack dev was interrupted: 1 creation without a known end looked up; "
        "how the creation of aws:ec2/vpc:Vpc main ended is not known yet, and the next command looks it up"
    )
    assert repair(place, store, cloud=Cloud(place, ends={"1-0": "vpc-1"}))[2] == ["vpc-1"]


def test_a_repair_that_is_killed_after_it_learnt_an_id_forgets_no_orphan(place, store):
    write_state(store)
    begin(place, ("1-0", VPC))
    called(place, "1-0")
    dying = Cloud(place, ends={"1-0": "vpc-1"})
    dying.delete = lambda creations: 1 / 0
    with pytest.raises(ZeroDivisionError):
        repair(place, store, cloud=dying)
    assert repair(place, store)[2] == ["vpc-1"]


def test_what_begins_after_the_look_at_who_is_at_work_is_another_commands(place, store, monkeypatch):
    write_state(store, pending=[pending("creating", VPC)])
    look = store.active

    def then_another_begins(stack):
        found = look(stack)
        begin(place, ("9-0", VPC), unknown=False)
        ledger.append(place.ledger, "created", "9-0", id="vpc-of-the-other")
        return found

    monkeypatch.setattr(store, "active", then_another_begins)
    assert repair(place, store)[2] == []


def test_what_was_changed_without_a_known_end_is_read_anew_once(place, store):
    write_state(store, resources=[{"urn": VPC, "type": "aws:ec2/vpc:Vpc", "id": "vpc-1"}])
    for key, urn in (("1-0", LOG), ("2-0", VPC), ("3-0", OTHER), ("4-0", VPC)):
        ledger.append(place.ledger, "changing", key, urn=urn)
        ledger.append(place.ledger, "ended", key)
    ledger.append(place.ledger, "settled", "4-0")
    said, ran, _ = repair(place, store)
    assert ran == [f"refresh --stack dev --yes --skip-preview --target {VPC}"]
    assert said == "an earlier command on stack dev was interrupted: 1 resource read anew"
    assert ledger.unsettled(place.ledger) == {"3-0": Change(OTHER, in_work=False)}
    assert repair(place, store) == (None, [], [])


def test_a_change_that_the_provider_is_still_at_is_read_when_it_has_ended(place, store, monkeypatch):
    write_state(store, resources=[{"urn": VPC, "type": "aws:ec2/vpc:Vpc", "id": "vpc-1"}])
    ledger.append(place.ledger, "changing", "1-0", urn=VPC)
    waits = []

    def meanwhile(_seconds):
        waits.append(ledger.unsettled(place.ledger)["1-0"].in_work)
        if len(waits) == 3:
            ledger.append(place.ledger, "ended", "1-0")

    monkeypatch.setattr("localcloud.cloud.recovery.time.sleep", meanwhile)
    assert repair(place, store)[1] == [f"refresh --stack dev --yes --skip-preview --target {VPC}"]
    assert waits == [True] * 3


def test_what_was_made_and_the_engine_was_not_told_goes_and_what_it_knows_stays(place, store):
    write_state(store, resources=[{"urn": VPC, "type": "aws:ec2/vpc:Vpc", "id": "vpc-known"}])
    for key, made, unheard in (("1-0", "vpc-known", True), ("2-0", "vpc-lost", True), ("3-0", "vpc-removed", False)):
        begin(place, (key, VPC), unknown=False)
        ledger.append(place.ledger, "created", key, id=made, unheard=True)
        if not unheard:
            ledger.append(place.ledger, "settled", key)
    said, _, deleted = repair(place, store)
    assert deleted == ["vpc-lost"]
    assert said == "an earlier command on stack dev was interrupted: 1 resource that no state knew deleted"
    assert repair(place, store) == (None, [], [])


def test_what_an_older_version_noted_to_be_read_is_read(place, store):
    write_state(store, resources=[{"urn": VPC, "type": "aws:ec2/vpc:Vpc", "id": "vpc-1"}])
    (place.root / "unsettled.demo.dev.json").write_text(json.dumps([VPC]))
    assert repair(place, store)[1] == [f"refresh --stack dev --yes --skip-preview --target {VPC}"]


@pytest.mark.parametrize("key", ["", "1", "../1-0", "1-0/..", "1-0\n", "kept-1", "/1-0"])
def test_what_is_no_key_becomes_no_file(place, key):
    with pytest.raises(ValueError, match="no key of a creation"):
        ledger.request_file(place.ledger, key)


def test_strangers_are_what_is_in_the_ledger_and_in_no_stacks_state(place, store):
    write_state(store, resources=[{"urn": VPC, "type": "aws:ec2/vpc:Vpc", "id": "vpc-1"}])
    write_state(store, resources=[{"urn": OTHER, "type": "aws:ec2/vpc:Vpc", "id": "vpc-2"}], stack="prod")
    write_ledger(place, *(Creation(VPC, f"vpc-{n}", (), float(n)) for n in (1, 2, 3)))
    assert [made.id for made in recovery.strangers(place, store)] == ["vpc-3"]


STATE = {"version": 3, "checkpoint": {"stack": "organization/demo/dev", "latest": {"resources": [{"urn": VPC}]}}}


def old_file(place, stack="dev", text=None):
    file = place.backend / ".pulumi" / "stacks" / "demo" / f"{stack}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(STATE) if text is None else text)
    return file


def test_states_of_the_file_backend_are_carried_over_once(place, store):
    old_file(place)
    old_file(place, "empty", json.dumps({"version": 3, "checkpoint": {"stack": "organization/demo/empty"}}))
    old_file(place).with_name("dev.json.bak").write_text("{")
    assert carry_over(place, store) == ["demo/dev", "demo/empty"]
    assert store.latest(store.stack("demo", "dev")).deployment == {"resources": [{"urn": VPC}]}
    assert store.count(store.stack("demo", "empty")) == 0
    assert carry_over(place, store) == []
    assert (place.root / "backend.carried-over" / ".pulumi" / "stacks" / "demo" / "dev.json").exists()


def test_a_carrying_over_that_was_killed_goes_on_and_changes_nothing_that_was_done_since(place, store):
    store.create("demo", "dev", {}, None, Typed({"resources": []}, 3, []))
    old_file(place)
    old_file(place, "prod")
    assert carry_over(place, store) == ["demo/prod"]
    assert store.count(store.stack("demo", "dev")) == 0


def test_a_torn_state_is_carried_over_from_its_backup(place, store):
    old_file(place, text='{"version": 3, "che').with_name("dev.json.bak").write_text(json.dumps(STATE))
    carry_over(place, store)
    assert store.count(store.stack("demo", "dev")) == 1


TORN_STATES = (
    b"", b"{", b"{}", b"[]", b"3", b"null", b'"x"', b"\xff\xfe", b"\0" * 4_096, b"[" * 100_000, b'{"checkpoint": []}', b'{"checkpoint": "x"}',
    b'{"checkpoint": {"latest": [1]}}', b'{"checkpoint": {"latest": "x"}}', b'{"checkpoint": {"latest": {"resources": 3}}}',
    b'{"checkpoint": {"latest": {"resources": ["x"]}}}', b'{"version": "x", "checkpoint": {"latest": {"resources": []}}}',
    b'{"features": 3, "checkpoint": {"latest": {"resources": []}}}',
)  # fmt: skip


@pytest.mark.parametrize("torn", TORN_STATES, ids=lambda torn: repr(torn[:50]))
def test_whatever_an_old_state_holds_it_is_a_state_or_its_backup_is_taken_or_it_is_told(place, store, torn):
    file = old_file(place)
    file.write_bytes(torn)
    with pytest.raises(LocalCloudError) as told:
        carry_over(place, store)
    assert str(told.value) == (
        f"the state of stack dev and its backup are damaged: {file}; `accordion local reset` forgets both"
    )
    assert (store.stacks(), place.backend.is_dir()) == ([], True)
    file.with_name("dev.json.bak").write_text(json.dumps(STATE))
    lost = "its state is damaged: the last step may be missing; `accordion local refresh` reads the cloud anew"
    assert carry_over(place, store) == [f"demo/dev (from its backup, since {lost})"]
    assert store.latest(store.stack("demo", "dev")).deployment == {"resources": [{"urn": VPC}]}


def test_a_torn_state_without_a_backup_is_told_with_what_to_do(place, store):
    file = old_file(place, text="{")
    with pytest.raises(LocalCloudError) as error:
        carry_over(place, store)
    assert str(error.value) == (
        f"the state of stack dev and its backup are damaged: {file}; `accordion local reset` forgets both"
    )
    assert file.exists()


def test_a_creation_knows_its_type_and_stack():
    made = Creation(LOG, "x", (), 0)
    assert made.type == "aws:cloudwatch/logGroup:LogGroup"
    assert made.stack == ("demo", "dev")


def test_a_failed_creation_is_none_and_one_without_an_end_may_be_one():
    lines = [
        json.dumps({"event": "begin", "key": "1", "urn": VPC, "region": "", "time": 1.0}),
        json.dumps({"event": "failed", "key": "1"}),
        json.dumps({"event": "begin", "key": "2", "urn": LOG, "region": "", "time": 2.0}),
    ]
    assert ledger.outstanding(lines) == [Creation(LOG, None, (), 2.0)]


def test_a_torn_line_hides_nothing_behind_it():
    line, other = (
        json.dumps({"event": "begin", "key": key, "urn": urn, "region": "", "time": time})
        for key, urn, time in (("1", VPC, 1.0), ("2", LOG, 2.0))
    )
    for torn in (line[:20], "[]", "1", '{"event": "begin"}'):
        assert ledger.outstanding([line, torn, other]) == [Creation(VPC, None, (), 1.0), Creation(LOG, None, (), 2.0)]


def test_a_torn_last_line_is_passed_over():
    line = json.dumps({"event": "begin", "key": "1", "urn": VPC, "region": "", "time": 1.0})
    assert ledger.outstanding([line, line[:20]]) == [Creation(VPC, None, (), 1.0)]


EVENTS = st.lists(
    st.tuples(st.sampled_from(["create", "fail", "delete", "die", "unknown", "again"]), st.integers(0, 5)), max_size=30
)


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
        if event in ("again", "unknown"):
            lines.append(json.dumps({"event": event, "key": str(key)}))
        if event == "fail":
            lines.append(json.dumps({"event": "failed", "key": str(key)}))
    told = ledger.outstanding(lines)
    assert ledger.outstanding(json.dumps(entry) for entry in ledger.entries(told)) == told
