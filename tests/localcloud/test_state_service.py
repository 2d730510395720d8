"""The state service over HTTP, as the engine's client speaks to it.

Cannot prove that the engine is content with the answers: tests/localcloud/test_state_engine.py runs it.
"""

import base64
import contextlib
import functools
import gzip
import http.client
import json
import re
import socket
import sqlite3
import threading
import time
from types import SimpleNamespace

import psutil
import pytest

from localcloud.state import sealing
from localcloud.state.server import ROUTES, Service, lives, serving
from localcloud.state.store import Conflict, Expired, Newer, Process, Store, out_of_room

URN = "urn:pulumi:dev::demo::aws:ec2/vpc:Vpc::main"
VPC = {"urn": URN, "custom": True, "type": "aws:ec2/vpc:Vpc", "id": "vpc-1"}
STACK = "/api/stacks/organization/demo/dev"
GONE = Process(2**22 - 1, 0.0)  # no process has this id: the kernel counts up from low ones


class Client:
    """One connection that is kept, as the engine keeps its own."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.said = ""

    def __call__(self, method, path, body=None, *, lease=None, code=200, token="secret", headers=None):
        credentials = f"update-token {lease}" if lease else f"token {token}"
        given = {"Authorization": credentials, "User-Agent": "pulumi-cli/1 (v3.250.0; linux)"} | (headers or {})
        data = None if body is None else json.dumps(body).encode()
        if lease and data:
            given["Content-Encoding"], data = "gzip", gzip.compress(data)
        self.connection.request(method, path, data, given)
        answer = self.connection.getresponse()
        raw = answer.read()
        if answer.headers.get("Content-Encoding") == "gzip":
            raw = gzip.decompress(raw)
        assert answer.status == code, raw
        return json.loads(raw) if raw else {}


@pytest.fixture
def service(tmp_path):
    server = serving(0, tmp_path / "state.db", "secret", sealing.key_of("secret"))
    server.service.who = lambda _: None
    thread = threading.Thread(target=server.serve_forever, args=[0.01], daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def ask(service):
    client = Client(service.server_port)
    yield client
    client.connection.close()


@pytest.fixture
def stack(ask):
    ask("POST", "/api/stacks/organization/demo", {"stackName": "dev", "tags": {"pulumi:project": "demo"}})
    return ask


def begin(ask, kind="update", *, dry=False, stack=STACK, code=200):
    planned = ask("POST", f"{stack}/{kind}", {"options": {"dryRun": dry}, "metadata": {"message": "why"}})["updateID"]
    begun = ask("POST", f"{stack}/update/{planned}", {"journalVersion": 1}, code=code)
    return f"{stack}/update/{planned}", begun


def entry(sequence, kind=1, number=1, **values):
    return {"version": 1, "kind": kind, "sequenceID": sequence, "operationID": number, **values}


def resources(ask, path=f"{STACK}/export"):
    return [each["id"] for each in ask("GET", path)["deployment"].get("resources") or ()]


def test_an_update_is_kept_step_by_step_and_ends_as_the_state(stack):
    update, begun = begin(stack)
    assert (begun["version"], begun["journalVersion"]) == (1, 1)
    operation = {"type": "creating", "resource": VPC}
    stack("PATCH", f"{update}/journalentries", {"entries": [entry(1, 0, operation=operation)]}, lease=begun["token"])
    assert stack("GET", f"{STACK}/export")["deployment"]["pending_operations"] == [operation]
    stack("PATCH", f"{update}/journalentries", {"entries": [entry(2, state=VPC)]}, lease=begun["token"])
    assert resources(stack) == ["vpc-1"]
    stack("POST", f"{update}/complete", {"status": "succeeded"}, lease=begun["token"])
    stack("POST", f"{update}/complete", {"status": "succeeded"}, lease=begun["token"])  # the answer was lost
    export = stack("GET", f"{STACK}/export")
    assert export["deployment"]["resources"] == [VPC]
    assert export["deployment"]["manifest"]["version"] == "v3.250.0"
    assert "pending_operations" not in export["deployment"]
    assert (export["version"], export["features"]) == (3, [])


def test_entries_that_are_sent_again_count_once_and_their_order_is_their_numbers(stack):
    update, begun = begin(stack)
    made, gone = entry(1, state=VPC), entry(2, number=2, removeNew=1)
    for entries in ([gone], [made], [made, gone]):
        stack("PATCH", f"{update}/journalentries", {"entries": entries}, lease=begun["token"])
    stack("POST", f"{update}/complete", {"status": "succeeded"}, lease=begun["token"])
    assert resources(stack) == []


def test_of_entries_with_a_faulty_one_none_is_kept(stack):
    update, begun = begin(stack)
    entries = [entry(1, state=VPC), entry(2, kind=77)]
    told = stack("PATCH", f"{update}/journalentries", {"entries": entries}, lease=begun["token"], code=400)
    assert "77 is not a valid Kind" in told["message"]
    assert resources(stack) == []


def test_a_second_update_is_refused_while_one_runs_and_a_preview_is_not(stack):
    begin(stack)
    _, refused = begin(stack, code=409)
    assert "another update of stack dev is running: update, begun at" in refused["message"]
    _, preview = begin(stack, "preview")
    assert preview["version"] == 0
    begin(stack, "destroy", dry=True)


def test_what_a_preview_did_is_in_no_history(stack):
    preview, begun = begin(stack, "preview")
    stack("POST", f"{preview}/events/batch", {"events": [{"sequence": 1}]}, lease=begun["token"])
    stack("POST", f"{preview}/complete", {"status": "succeeded"}, lease=begun["token"])
    assert stack("GET", f"{STACK}/updates")["updates"] == []
    stack("GET", f"{STACK}/updates/latest", code=404)


def test_the_history_tells_what_was_done_newest_first_and_each_state_can_be_had(stack):
    for number in (1, 2, 3):
        update, begun = begin(stack)
        gone = {"removeOld": 0} if number > 1 else {}
        made = VPC | {"id": f"vpc-{number}"}
        stack("PATCH", f"{update}/journalentries", {"entries": [entry(1, state=made, **gone)]}, lease=begun["token"])
        summary = {"sequence": 9, "summaryEvent": {"resourceChanges": {"create": number}}}
        stack("POST", f"{update}/events/batch", {"events": [{"sequence": 8}, summary]}, lease=begun["token"])
        status = "succeeded" if number != 2 else "failed"
        stack("POST", f"{update}/complete", {"status": status}, lease=begun["token"])
    history = stack("GET", f"{STACK}/updates")["updates"]
    shown = [(each["version"], each["result"], each["resourceChanges"], each["message"]) for each in history]
    assert shown == [
        (3, "succeeded", {"create": 3}, "why"),
        (2, "failed", {"create": 2}, "why"),
        (1, "succeeded", {"create": 1}, "why"),
    ]
    assert [each["version"] for each in stack("GET", f"{STACK}/updates?pageSize=2&page=2")["updates"]] == [1]
    assert stack("GET", f"{STACK}/updates/latest")["info"]["version"] == 3
    assert [resources(stack, f"{STACK}/export/{n}") for n in (1, 2, 3)] == [["vpc-1"], ["vpc-2"], ["vpc-3"]]
    stack("GET", f"{STACK}/export/4", code=404)


def test_import_replaces_the_state_and_counts_as_an_update(stack):
    state = {"version": 4, "features": ["taint"], "deployment": {"resources": [VPC | {"taint": True}]}}
    update = stack("POST", f"{STACK}/import", state)["updateId"]
    assert stack("GET", f"{STACK}/update/{update}") == {"status": "succeeded", "events": []}
    assert stack("GET", f"{STACK}/export") == state
    assert stack("GET", f"{STACK}/updates")["updates"][0]["kind"] == "import"


@pytest.mark.parametrize(
    "body",
    [{}, {"version": 3}, {"version": 2, "deployment": {}}, {"version": "3", "deployment": {}}, {"deployment": {}}],
)
def test_what_is_no_deployment_is_refused_and_changes_nothing(stack, body):
    stack("POST", f"{STACK}/import", body, code=400)
    assert stack("GET", f"{STACK}/updates")["updates"] == []


def test_a_state_is_not_replaced_under_a_running_update(stack):
    begin(stack)
    stack("POST", f"{STACK}/import", {"version": 3, "deployment": {}}, code=409)
    stack("DELETE", f"{STACK}?force=true", code=409)
    stack("POST", f"{STACK}/rename", {"newName": "other"}, code=409)


def test_a_cancelled_update_keeps_its_steps_and_its_engine_is_refused(stack):
    update, begun = begin(stack)
    stack("PATCH", f"{update}/journalentries", {"entries": [entry(1, state=VPC)]}, lease=begun["token"])
    assert stack("GET", STACK)["activeUpdate"] == update.rpartition("/")[2]
    stack("POST", f"{update}/cancel")
    for path in ("journalentries", "renew_lease"):
        method = "PATCH" if path == "journalentries" else "POST"
        told = stack(method, f"{update}/{path}", {"entries": [], "duration": 300}, lease=begun["token"], code=403)
        assert told["message"].startswith("the update is over")
    assert resources(stack) == ["vpc-1"]
    begin(stack)


def test_a_stack_with_resources_is_removed_by_force_alone(stack):
    stack("POST", f"{STACK}/import", {"version": 3, "deployment": {"resources": [VPC]}})
    told = stack("DELETE", STACK, code=400)
    assert told["message"] == "Bad Request: Stack still contains resources."
    stack("HEAD", "/api/stacks/organization/demo")
    stack("DELETE", f"{STACK}?force=true")
    stack("GET", STACK, code=404)
    stack("HEAD", "/api/stacks/organization/demo", code=404)


def test_a_renamed_stack_has_its_new_name_in_every_urn(stack):
    root = {"urn": "urn:pulumi:dev::demo::pulumi:pulumi:Stack::demo-dev", "type": "pulumi:pulumi:Stack"}
    provider = "urn:pulumi:dev::demo::pulumi:providers:aws::default"
    child = VPC | {"parent": root["urn"], "dependencies": [URN], "provider": f"{provider}::id-1"}
    stack("POST", f"{STACK}/import", {"version": 3, "deployment": {"resources": [root, child]}})
    stack("POST", f"{STACK}/rename", {"newName": "prod", "newProject": "other"})
    renamed = stack("GET", "/api/stacks/organization/other/prod/export")["deployment"]["resources"]
    assert renamed[0]["urn"] == "urn:pulumi:prod::other::pulumi:pulumi:Stack::other-prod"
    assert renamed[1] == child | {
        "urn": "urn:pulumi:prod::other::aws:ec2/vpc:Vpc::main",
        "parent": renamed[0]["urn"],
        "dependencies": ["urn:pulumi:prod::other::aws:ec2/vpc:Vpc::main"],
        "provider": "urn:pulumi:prod::other::pulumi:providers:aws::default::id-1",
    }
    stack("GET", STACK, code=404)


def test_stacks_are_listed_by_project_and_by_tag(stack):
    stack("POST", "/api/stacks/organization/demo", {"stackName": "dev", "tags": {}}, code=409)
    stack("POST", "/api/stacks/organization/demo", {"stackName": "a b"}, code=400)
    stack("POST", "/api/stacks/organization/other", {"stackName": "dev", "tags": {"team": "x"}})

    def listed(query=""):
        return [each["projectName"] for each in stack("GET", f"/api/user/stacks{query}")["stacks"]]

    assert listed() == ["demo", "other"]
    assert listed("?project=demo") == ["demo"]
    assert listed("?tagName=team") == listed("?tagName=team&tagValue=x") == ["other"]
    assert listed("?tagName=team&tagValue=y") == listed("?organization=acme") == []


def test_a_secret_comes_back_and_is_no_plain_text_in_between(stack):
    plain = base64.b64encode(b"s3cret").decode()
    sealed = stack("POST", f"{STACK}/encrypt", {"plaintext": plain})["ciphertext"]
    assert b"s3cret" not in base64.b64decode(sealed)
    assert stack("POST", f"{STACK}/decrypt", {"ciphertext": sealed})["plaintext"] == plain
    both = stack("POST", f"{STACK}/batch-encrypt", {"plaintexts": [plain, plain]})["ciphertexts"]
    assert len(set(both)) == 2
    opened = stack("POST", f"{STACK}/batch-decrypt", {"ciphertexts": both})["plaintexts"]
    assert opened == dict.fromkeys(both, plain)
    for damaged in (f"{sealed[:-8]}AAAAAAA=", "x", plain):
        stack("POST", f"{STACK}/decrypt", {"ciphertext": damaged}, code=400)


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"Authorization": "token other"}, 401),
        ({"Authorization": ""}, 401),
        ({"Authorization": "update-token secret"}, 401),
        ({"Host": "evil.example"}, 403),
        ({"Host": "127.0.0.1:1"}, 403),
    ],
)
def test_nobody_else_is_answered(stack, headers, code):
    stack("GET", STACK, headers=headers, code=code)
    stack("GET", STACK)


STRANGERS = {
    "no token": {"Authorization": ""},
    "another token": {"Authorization": "token other"},
    "another lease": {"Authorization": "update-token other"},
    "the token as a lease": {"Authorization": "update-token secret"},
    "the token as a bearer": {"Authorization": "Bearer secret"},
    "a signature of AWS": {"Authorization": "AWS4-HMAC-SHA256 Credential=ACCT0000123456789012/x"},
    "a token in no encoding": {"Authorization": "token \xff"},
    "a name that leads here": {"Host": "evil.example"},
    "no port": {"Host": "127.0.0.1"},
    "another port": {"Host": "127.0.0.1:1"},
    "another origin": {"Origin": "https://evil.example"},
    "the origin of a file": {"Origin": "null"},
    "the origin of another server": {"Origin": "http://127.0.0.1:1"},
}
PLACES = {"organization": "organization", "project": "demo", "stack": "dev", "operation": "a1", "tail": "1"}


def path_of(pattern: str) -> str:
    """A path that a route's pattern matches."""
    named = re.sub(r"\(\?P<(\w+)>((?:[^()]|\([^()]*\))*)\)", lambda found: PLACES[found[1]], pattern)
    plain = re.sub(r"\(\?:([^()|]*)(?:\|[^()]*)?\)\??", lambda found: found[1], named)
    return plain.replace("/dev/1", "/dev/update") if pattern.endswith("destroy)") else plain


@pytest.mark.parametrize("stranger", STRANGERS)
def test_no_route_answers_a_stranger(stack, stranger):
    before = stack("GET", f"{STACK}/export")
    for method, pattern, answer in ROUTES:
        path = path_of(pattern)
        assert re.fullmatch(pattern, path), pattern
        stack.connection.request(method, path, b"{}", {"Authorization": "token secret"} | STRANGERS[stranger])
        reply = stack.connection.getresponse()
        said = reply.read()
        if answer in (Service.events, Service.checkpoint) and "lease" in stranger and reply.status == 200:
            assert said == b"{}"  # nothing to keep, so that no lease was looked for
            continue
        assert reply.status in {401, 403, 404 if "lease" in stranger else 403}, (answer.__name__, reply.status)
    assert stack("GET", f"{STACK}/export") == before


@pytest.mark.parametrize(
    "path", ["/", "/api/orgs/organization/members", f"{STACK}/nothing", "/api/stacks/acme/demo/dev"]
)
def test_what_is_not_kept_has_no_route(stack, path):
    stack("GET", path, code=404)


@pytest.mark.parametrize("length", ["-1", "x", "1e3", "9" * 5_000, "²"])
def test_a_length_that_is_no_number_ends_the_connection_at_once(service, length):
    with socket.create_connection(("127.0.0.1", service.server_port), timeout=60) as connection:
        head = f"POST /api/user HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {length}\r\n\r\n"
        connection.sendall(head.encode("latin-1"))
        answer = connection.makefile("rb").read()
    assert answer.startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff"])
def test_a_body_that_is_no_object_is_refused_and_the_connection_goes_on(stack, body):
    stack.connection.request("POST", f"{STACK}/import", body, {"Authorization": "token secret"})
    answer = stack.connection.getresponse()
    answer.read()
    assert answer.status == 400
    stack("GET", STACK)


def test_a_lease_is_needed_for_what_belongs_to_an_update(stack):
    update, begun = begin(stack)
    stack("PATCH", f"{update}/journalentries", {"entries": []}, code=401)
    stack("PATCH", f"{update}/journalentries", {"entries": []}, lease="other", code=403)
    assert stack("POST", f"{update}/renew_lease", {"duration": 300}, lease=begun["token"])["token"] == begun["token"]


def test_a_whole_state_of_an_engine_without_journals_is_kept_too(stack):
    update, begun = begin(stack)
    state = {"version": 3, "features": [], "deployment": {"resources": [VPC]}}
    stack("PATCH", f"{update}/checkpoint", state, lease=begun["token"])
    assert resources(stack) == ["vpc-1"]
    stack("POST", f"{update}/complete", {"status": "failed"}, lease=begun["token"])
    assert resources(stack) == ["vpc-1"]


class Full:
    """A connection whose disk has no room for a commit that has something to write."""

    def __init__(self, through):
        self.through = through
        self.before = through.total_changes

    in_transaction = property(lambda self: self.through.in_transaction)

    def execute(self, statement, *values):
        if statement == "COMMIT" and self.through.total_changes != self.before:
            self.before = self.through.total_changes
            raise sqlite3.OperationalError("database or disk is full")
        return self.through.execute(statement, *values)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "state.db"


@pytest.fixture
def store(file):
    made = Store(file, lives)
    made.create("demo", "dev", {})
    yield made
    made.close()


@pytest.fixture
def connections(monkeypatch):
    """Every connection to SQLite that the test opens, and whether it was closed.

    Python 3.13 warns of one that was not, and a warning is an error here; 3.11 says nothing.
    """
    opened = []

    class Noted(sqlite3.Connection):
        closed = False

        def __init__(self, *args, **options):
            super().__init__(*args, **options)
            opened.append(self)

        def close(self):
            super().close()
            self.closed = True

    monkeypatch.setattr(sqlite3, "connect", functools.partial(sqlite3.connect, factory=Noted))
    return opened


def bad_file(file):
    file.write_bytes(b"no database" * 100)


def file_of_a_newer_format(file):
    Store(file, lives).close()
    with contextlib.closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA user_version=2")


@pytest.mark.parametrize(("spoil", "refused"), [(bad_file, sqlite3.DatabaseError), (file_of_a_newer_format, Newer)])
def test_a_file_that_cannot_be_read_is_left_closed(file, connections, spoil, refused):
    spoil(file)
    with pytest.raises(refused):
        Store(file, lives)
    assert {each.closed for each in connections} == {True}


def test_a_service_whose_port_is_taken_leaves_the_states_closed(file, connections):
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match="in use"):
        serving(taken.getsockname()[1], file, "secret", sealing.key_of("secret"))
    assert [each.closed for each in connections] == [True]


def test_a_closed_service_has_closed_its_states(file, connections):
    with serving(0, file, "secret", sealing.key_of("secret")):
        assert [each.closed for each in connections] == [False]
    assert [each.closed for each in connections] == [True]


def started(store, process):
    return store.begin(store.plan(store.stack("demo", "dev"), "update", False, {}), process, "v3.250.0", None)


def test_an_engine_that_is_gone_holds_nothing_and_what_it_began_is_pending(store):
    update = started(store, GONE)
    operation = {"type": "creating", "resource": VPC}
    store.append(update.id, update.token, [entry(1, 0, operation=operation)])
    assert store.active(store.stack("demo", "dev")) is None
    assert store.latest(store.stack("demo", "dev")).deployment["pending_operations"] == [operation]
    assert [each.status for each in store.history(store.stack("demo", "dev"))] == ["failed"]
    started(store, GONE)


def test_what_a_gone_engine_left_is_read_from_a_full_disk_too_and_ended_once_there_is_room(store, monkeypatch):
    update = started(store, GONE)
    operation = {"type": "creating", "resource": VPC}
    store.append(update.id, update.token, [entry(1, 0, operation=operation)])
    stack = store.stack("demo", "dev")
    with monkeypatch.context() as full:
        full.setattr(store, "_connection", Full(store._connection))
        assert store.active(stack) is None
        assert store.latest(stack).deployment["pending_operations"] == [operation]
        assert store.count(stack) == 0
    assert [each.status for each in store.history(stack)] == ["running"]
    assert store.active(stack) is None
    assert [each.status for each in store.history(stack)] == ["failed"]


def test_an_engine_that_lives_holds_its_stack_until_its_lease_runs_out(store, monkeypatch):
    me = psutil.Process()
    update = started(store, Process(me.pid, me.create_time()))
    with pytest.raises(Conflict, match=f"begun at .* by process {me.pid}; wait for its end"):
        started(store, GONE)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 301)
    assert store.renew(update.id, update.token, 300) == update.token  # nobody else wanted the stack
    monkeypatch.setattr(time, "time", lambda: now + 900)
    started(store, GONE)
    with pytest.raises(Expired):
        store.append(update.id, update.token, [entry(1, state=VPC)])


def test_another_process_with_the_same_id_is_not_the_engine(store):
    me = psutil.Process()
    started(store, Process(me.pid, me.create_time() - 3600))
    started(store, GONE)


def test_what_was_answered_is_in_the_file_for_whoever_opens_it(store, file):
    update = started(store, GONE)
    store.append(update.id, update.token, [entry(1, state=VPC)])
    other = Store(file, lives)
    assert other.latest(other.stack("demo", "dev")).deployment["resources"] == [VPC]
    other.close()


def test_the_file_is_its_owners_alone(store, file):
    assert {each.stat().st_mode & 0o777 for each in file.parent.glob("state.db*")} == {0o600}


def test_old_states_are_forgotten_and_the_history_is_not(store):
    for _ in range(35):
        update = started(store, GONE)
        store.end(update.id, update.token, succeeded=True)
    stack = store.stack("demo", "dev")
    assert [each.version for each in store.history(stack)] == list(range(35, 0, -1))
    assert store.at(stack, 6).schema == 3
    with pytest.raises(Exception, match="no version 5 of stack dev; the last 30 are kept"):
        store.at(stack, 5)


def test_a_full_disk_is_told_as_one_and_what_was_answered_is_kept(service, stack):
    database = service.service.store.path
    connection = service.service.store._connection
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count={pages}")
    big = {"stackName": "big", "tags": {f"tag{number}": "x" * 200 for number in range(2_000)}}
    refused = stack("POST", "/api/stacks/organization/demo", big, code=507)
    assert refused["message"] == (
        f"no room is left on the disk of {database}; nothing is half written: make room and try again"
    )
    connection.execute(f"PRAGMA max_page_count={pages + 1_000}")
    stack("GET", STACK)
    stack("POST", "/api/stacks/organization/demo", big)


def test_a_commit_that_finds_no_room_leaves_nothing_open_behind_it(service, stack, monkeypatch):
    store = service.service.store
    through = store._connection
    monkeypatch.setattr(store, "_connection", Full(through))
    stack("POST", "/api/stacks/organization/demo", {"stackName": "next"}, code=507)
    monkeypatch.setattr(store, "_connection", through)
    stack("POST", "/api/stacks/organization/demo", {"stackName": "next"})


@pytest.mark.parametrize(("free", "told"), [(0, True), (2**40, False)])
def test_what_the_disk_answers_is_taken_for_no_room_only_where_there_is_none(tmp_path, monkeypatch, free, told):
    monkeypatch.setattr("localcloud.whole_files.shutil.disk_usage", lambda _: SimpleNamespace(free=free))
    for error in ("disk I/O error", "unable to open database file"):
        assert bool(out_of_room(sqlite3.OperationalError(error), tmp_path / "state.db")) is told
    assert out_of_room(sqlite3.DatabaseError("file is not a database"), tmp_path / "state.db") is None
