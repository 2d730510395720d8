"""The cloud's own files, torn in every way. A script stands in for the engine, and most servers are not started.

Cannot prove that a disk keeps what it was told to: that would take a loss of power.
"""

import errno
import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from localcloud.aws.running import AWS
from localcloud.cloud import LocalCloud, LocalCloudError, files
from localcloud.cloud.command import Command
from localcloud.cloud.lifecycle import Lifecycle
from localcloud.cloud.processes import Record
from localcloud.cloud.project import Place, find_project, place_of
from localcloud.clouds import Attached
from localcloud.engine import Engine

URN = "urn:pulumi:dev::demo::aws:sqs/queue:Queue::jobs"
VPC = {"urn": URN, "type": "aws:sqs/queue:Queue", "custom": True, "id": "q-1"}
LEDGER = [
    {"event": "begin", "key": "1-1", "urn": URN, "time": 1.0, "cloud": "aws", "configuration": {"region": "eu-west-1"}},
    {"event": "created", "key": "1-1", "id": "q-1"},
]
SERVER = Record(2**22 + 1, 1.0, 5000, "x")


def _half(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


def _folder(file: Path) -> None:
    file.unlink()
    (file / "inner").mkdir(parents=True)


TEARS: dict[str, Callable[[Path], object]] = {
    "half": _half,
    "empty": lambda file: os.truncate(file, 0),
    "not UTF-8": lambda file: file.write_bytes(b"\xff\xfe\x00" * 300),
    "a folder": _folder,
}

FINE = None
STATES, FORGET = "the states in {file} cannot be read: ", "`accordion local reset` forgets"
TOKEN, PHRASE = "its servers answer nobody without it", "the secrets in the states cannot be decrypted without it"
LOCAL, CHOICE = "`accordion local config set` gave this machine; remove it", "it held the chosen stack; remove it"
UNSETTLED = "it told what an interrupted command left to settle; remove it"
EXPECTED: dict[str, dict[str, str | None]] = {
    "state.db": dict.fromkeys(TEARS, STATES) | {"empty": "the states of all stacks were in it; " + FORGET},
    "state.token": dict.fromkeys(TEARS, TOKEN),
    "passphrase": dict.fromkeys(TEARS, PHRASE),
    "ledger": dict.fromkeys(TEARS, FINE) | {"a folder": "{file}: Is a directory; the local cloud keeps its files there: "},
    "journal": dict.fromkeys(TEARS, FINE) | {"empty": "all resources of this cloud were in it; "},
    "unsettled.demo.dev.json": dict.fromkeys(TEARS, UNSETTLED),
    "state.json": dict.fromkeys(TEARS, FINE),
    "aws.json": dict.fromkeys(TEARS, FINE),
    "provider.json": dict.fromkeys(TEARS, FINE),
    "shadow/Pulumi.dev.yaml": dict.fromkeys(TEARS, LOCAL),
    "shadow/Pulumi.yaml": dict.fromkeys(TEARS, FINE) | {"a folder": "Is a directory; the local cloud keeps its files there: "},
    "generated/dev.yaml": dict.fromkeys(TEARS, LOCAL) | {"empty": FINE},
    "generated/dev.digest": dict.fromkeys(TEARS, FINE) | {"a folder": "Is a directory; the local cloud keeps its files there: "},
    "home/credentials.json": dict.fromkeys(TEARS, FINE) | {"a folder": "Is a directory; the local cloud keeps its files there: "},
    "home/workspaces/demo-workspace.json": dict.fromkeys(TEARS, CHOICE) | {"empty": FINE},
}  # fmt: skip
"""What `up` and `preview` say of each file and tear, in part; None: they go on, since nothing is lost with it."""
CASES = [(file, tear) for file in EXPECTED for tear in TEARS]


@pytest.fixture
def cloud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LocalCloud:
    """A cloud with a deployed stack, as it is between two commands."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "Pulumi.yaml").write_text("name: demo\nruntime: python\n")
    (tmp_path / "project" / "Pulumi.dev.yaml").write_text("config:\n  aws:region: eu-west-1\n  demo:size: 3\n")
    engine = tmp_path / "pulumi"
    engine.write_text("#!/bin/sh\nexit 0\n")
    engine.chmod(0o700)
    monkeypatch.setattr(LocalCloud, "engine", lambda _: Engine(engine, "stub"))
    monkeypatch.setattr(Command, "streamed", lambda self, given: len(self.quietly(given)))
    monkeypatch.setattr(Lifecycle, "start", lambda *_: {"aws": Attached("http://127.0.0.1:5000", 6000)})
    monkeypatch.setattr(Lifecycle, "start_states", lambda *_, **__: SERVER)
    project = find_project(tmp_path / "project")
    made = LocalCloud(project, place_of(project), say=lambda _: None)
    with made.store() as store:
        store.create("demo", "dev", {})
        stack = store.stack("demo", "dev")
        from localcloud.state.replay import Typed

        store.put(stack, Typed({"manifest": {}, "resources": [VPC]}, 3, []))
    root = made.place.root
    (root / "ledger").write_text("".join(json.dumps(line) + "\n" for line in LEDGER))
    (root / "journal").write_text("{}\n" * 9)  # who reads it is not started here
    (root / "unsettled.demo.dev.json").write_text(json.dumps({"read": [], "delete": ["1-1"]}))
    for name in ("state", "aws", "provider"):
        (root / f"{name}.json").write_text(json.dumps(SERVER.__dict__))
    (root / "home" / "workspaces").mkdir()
    (root / "home" / "workspaces" / "demo-workspace.json").write_text(json.dumps({"stack": "dev"}))
    assert made.run(["preview"]) == 0
    (root / "unsettled.demo.dev.json").write_text(json.dumps({"read": [], "delete": ["1-1"]}))
    return made


def said(call: Callable[[], object]) -> str | None:
    """What a call is refused with; an error of another kind is a traceback for the user, and fails the test."""
    try:
        call()
    except LocalCloudError as error:
        return str(error)
    return None


def test_every_file_of_a_cloud_is_torn_here(cloud: LocalCloud) -> None:
    root = cloud.place.root
    there = {str(file.relative_to(root)) for file in root.rglob("*") if file.is_file()}
    no_content = {"lock", "shadow/.project"}
    assert there - no_content == set(EXPECTED)


@pytest.mark.parametrize(("name", "tear"), CASES)
def test_a_torn_file_is_told_with_its_place_and_the_way_out_and_reset_always_works(
    cloud: LocalCloud, name: str, tear: str
) -> None:
    file = cloud.place.root / name
    TEARS[tear](file)
    expected = EXPECTED[name][tear]
    status = said(cloud.status)
    for command in ("preview", "up"):
        told = said(lambda command=command: cloud.run([command, "--yes"]))  # type: ignore[misc]
        if expected is None:
            assert told is None
        else:
            assert told is not None
            assert expected.format(file=file) in told
            assert str(file) in told
            assert "accordion local" in told or "XDG_STATE_HOME" in told
            assert told.count(". ") <= 1, "more than two sentences"
    assert status is None or str(file) in status
    assert said(cloud.reset) is None
    assert [entry.name for entry in cloud.place.root.iterdir()] in ([], ["lock"])
    assert said(lambda: cloud.run(["preview"])) is None
    assert said(cloud.status) is None


@pytest.mark.parametrize("name", [name for name in EXPECTED if LOCAL in EXPECTED[name].values() or UNSETTLED in EXPECTED[name].values() or CHOICE in EXPECTED[name].values()])  # fmt: skip
def test_the_way_out_that_is_named_is_one(cloud: LocalCloud, name: str) -> None:
    file = cloud.place.root / name
    TEARS["not UTF-8"](file)
    assert "remove it" in (said(lambda: cloud.run(["up", "--yes"])) or "")
    file.unlink()
    assert cloud.run(["up", "--yes"]) == 0


@pytest.mark.parametrize("what", ["a file in the place of the folder", "a link to nothing", "closed folders"])
def test_reset_works_when_the_folder_itself_is_broken(cloud: LocalCloud, what: str) -> None:
    root = cloud.place.root
    if what == "closed folders":
        (root / "shadow").chmod(0o000)
        root.chmod(0o500)
    else:
        shutil.rmtree(root)
        root.write_text("x") if what.startswith("a file") else root.symlink_to(root.with_name("nowhere"))
        assert str(root) in (said(lambda: cloud.run(["preview"])) or "")
    assert said(cloud.reset) is None
    assert said(lambda: cloud.run(["preview"])) is None


def test_a_folder_in_the_place_of_the_lock_does_not_stop_a_reset(cloud: LocalCloud) -> None:
    (cloud.place.root / "lock").unlink(missing_ok=True)
    (cloud.place.root / "lock" / "inner").mkdir(parents=True)
    assert str(cloud.place.root / "lock") in (said(cloud.stop) or "")
    assert said(cloud.reset) is None
    assert said(cloud.stop) is None


def test_a_reset_asks_although_it_cannot_say_what_there_is(cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    from click.testing import CliRunner

    from operations import local

    TEARS["half"](cloud.place.database)
    monkeypatch.setattr(local, "cloud_here", lambda: cloud)
    no = CliRunner().invoke(local.command, ["reset"], input="n\n")
    assert no.exit_code == 1
    assert f"what there is cannot be told, as the states in {cloud.place.database} cannot be read: " in no.output
    assert cloud.place.database.exists()
    assert CliRunner().invoke(local.command, ["reset", "--yes"]).exit_code == 0
    assert not cloud.place.database.exists()


@pytest.mark.parametrize(("tear", "why"), [("empty", "it is empty"), ("gone", "it is gone")])
def test_a_journal_that_lost_everything_is_not_taken_for_an_empty_cloud(cloud: LocalCloud, tear: str, why: str) -> None:
    journal = cloud.place.journal
    journal.unlink() if tear == "gone" else TEARS[tear](journal)
    told = f"{journal} is damaged ({why}): all resources of this cloud were in it; {files.FORGET}"
    assert said(lambda: cloud.run(["up", "--yes"])) == told
    assert said(cloud.start) == told
    assert said(cloud.reset) is None
    assert cloud.run(["up", "--yes"]) == 0


@pytest.mark.parametrize(
    ("tear", "told"),
    [
        (
            "not UTF-8",
            "{} is not a journal of the local cloud; run `accordion local reset` to begin with an empty cloud",
        ),
        ("a folder", "{} cannot be used: Is a directory; `accordion local reset` begins with an empty cloud"),
    ],
)
def test_a_torn_journal_is_told_by_whoever_waits_for_the_server(place: Place, tear: str, told: str) -> None:
    cycle = Lifecycle(place, [AWS])
    cycle.start()
    cycle.stop()
    TEARS[tear](place.journal)
    assert f"error: {told.format(place.journal)}" in (said(cycle.start) or "")


def test_a_torn_line_of_the_journal_is_told_by_whoever_starts_the_server(place: Place) -> None:
    warned: list[str] = []
    cycle = Lifecycle(place, [AWS], warned.append)
    cycle.start()
    cycle.stop()
    assert warned == []
    place.journal.write_text(place.journal.read_text() + "{\n" + '{"time":1,"body":"Action=CreateVpc')
    cycle.start()
    half, line = warned
    assert half == f"warning: {place.journal}: half a line at the end was dropped, CreateVpc that was never handled"
    assert line.startswith(f"warning: {place.journal} is damaged at line 2 (a change): what was made there is lost")


# -- servers that no pid file tells of


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = Place(tmp_path / "place").make()
    yield made
    Lifecycle(made, [AWS]).reset()


@pytest.mark.parametrize("tear", [*TEARS, "gone", "other kinds"])
def test_a_server_whose_pid_file_is_torn_is_ended_before_another_one_is_started(place: Place, tear: str) -> None:
    cycle = Lifecycle(place, [AWS])
    first = cycle.start_states()
    file = place.root / "state.json"
    if tear == "gone":
        file.unlink()
    elif tear == "other kinds":
        file.write_text(json.dumps(dict.fromkeys(first.__dict__, "x")))
    else:
        TEARS[tear](file)
    if tear == "a folder":
        assert str(file) in (said(cycle.start_states) or "")
        cycle.reset()
    second = cycle.start_states()
    assert cycle.states.running() == second
    assert second.pid != first.pid
    assert cycle.states._strays()[0].pid == second.pid
    assert len(cycle.states._strays()) == 1


def test_the_servers_of_another_cloud_are_no_strays(place: Place, tmp_path: Path) -> None:
    other = Lifecycle(Place(tmp_path / "place-2").make(), [AWS])
    try:
        other.start_states()
        assert Lifecycle(place, [AWS]).states._strays() == []
    finally:
        other.reset()


# -- writing


def _full(*_: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_full_disk_is_one_sentence_and_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    file = tmp_path / "file"
    files.write(file, "before")
    monkeypatch.setattr(*{"fsync": (os, "fsync"), "replace": (Path, "replace")}[step], _full)
    assert said(lambda: files.write(file, "after")) == (
        f"no room is left on the disk of {tmp_path}; nothing is half written: make room and try again"
    )
    assert [(each.name, each.read_text()) for each in tmp_path.iterdir()] == [("file", "before")]


def test_what_is_written_is_for_this_user_alone_and_flushed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flushed = []
    original = os.fsync
    monkeypatch.setattr(os, "fsync", lambda handle: (flushed.append(os.fstat(handle).st_mode), original(handle)))
    old = os.umask(0)
    try:
        files.write(tmp_path / "file", "ümläut\n")
    finally:
        os.umask(old)
    assert (tmp_path / "file").read_bytes() == "ümläut\n".encode()
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o600
    assert len(flushed) == 2, "the file, and the folder that names it"


def test_a_folder_that_cannot_be_written_is_told(cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "x", str(cloud.place.root.parent))

    monkeypatch.setattr(Path, "mkdir", refuse)
    assert said(cloud.start) == (
        f"{cloud.place.root.parent}: Permission denied; the local cloud keeps its files there: let this user write "
        "there, or set XDG_STATE_HOME"
    )


def test_what_the_system_refuses_of_other_files_is_not_told_as_the_clouds(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), files.as_user_error(tmp_path / "place"):
        (tmp_path / "elsewhere").read_text()
