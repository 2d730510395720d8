"""The journal's file and middleware; what survives a loss of power is not proved here."""

import errno
import io
import json
import os
import stat
import threading
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud.aws.client import sentence
from localcloud.aws.journal import Recorder, World, changes
from localcloud.aws.journal_file import Entry, JournalError, JournalFile

VERSIONS: dict[str, str | int] = {"moto": "1", "moto_gaps": 1}


class Steps(World):
    """Notes what the recorder asks of the world."""

    def __init__(self) -> None:
        self.seeds: list[int] = []
        self.moments: list[float | None] = []

    def seed(self, number: int) -> None:
        self.seeds.append(number)

    def at(self, moment: float | None) -> None:
        self.moments.append(moment)


class Shelf:
    """An application that keeps what is posted, and fails on request."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []

    def __call__(self, environment: dict[str, Any], start_response: Any) -> list[bytes]:
        body = environment["wsgi.input"].read()
        if body == b"Action=Fail":
            raise RuntimeError("no")
        self.bodies.append(body)
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"number %d" % len(self.bodies)]


def entry(body: bytes, moment: float = 1.0, invocation: str = "") -> Entry:
    return Entry(moment, invocation, {"REQUEST_METHOD": "POST", "PATH_INFO": "/"}, body)


def request(recorder: Recorder, body: bytes, **environment: str) -> tuple[str, bytes]:
    import io

    status: list[str] = []
    answer = recorder(
        {"REQUEST_METHOD": "POST", "PATH_INFO": "/", "CONTENT_LENGTH": str(len(body)), "wsgi.input": io.BytesIO(body)}
        | environment,
        lambda line, _headers: status.append(line),
    )
    return status[0], b"".join(answer)


def bodies(path: Path) -> list[str]:
    return [json.loads(line)["body"] for line in path.read_text().splitlines()[1:]]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "journal"


READS_AND_CHANGES = {
    "a described thing is read": ({"REQUEST_METHOD": "POST", "PATH_INFO": "/"}, b"Action=DescribeVpcs&x=1", False),
    "a made thing is a change": ({"REQUEST_METHOD": "POST", "PATH_INFO": "/"}, b"x=1&Action=CreateVpc", True),
    "a target header names the action": (
        {"REQUEST_METHOD": "POST", "PATH_INFO": "/", "HTTP_X_AMZ_TARGET": "Logs_1.ListTags"},
        b"{}",
        False,
    ),
    "a path names the action": (
        {"REQUEST_METHOD": "POST", "PATH_INFO": "/service/Granite/operation/PutMetricAlarm"},
        b"",
        True,
    ),
    "a get is read": ({"REQUEST_METHOD": "GET", "PATH_INFO": "/bucket"}, b"", False),
    "a put is a change": ({"REQUEST_METHOD": "PUT", "PATH_INFO": "/bucket"}, b"", True),
    "moto's own pages are no changes": ({"REQUEST_METHOD": "POST", "PATH_INFO": "/moto-api/reset"}, b"", False),
}


@pytest.mark.parametrize(("environment", "body", "expected"), READS_AND_CHANGES.values(), ids=READS_AND_CHANGES)
def test_reads_are_told_from_changes(environment: dict[str, Any], body: bytes, expected: bool) -> None:
    assert changes(environment, body) is expected


@pytest.mark.parametrize("body", [b"", b"Action=CreateVpc", "Name=Grüße".encode(), bytes(range(256))])
def test_a_line_holds_an_entry_whatever_its_body(body: bytes) -> None:
    line = entry(body).line()
    assert line.count(b"\n") == 1
    assert Entry.parse(line) == entry(body)


def test_a_new_file_has_a_header_and_belongs_to_its_owner(path: Path) -> None:
    JournalFile(path, VERSIONS).close()
    header = json.loads(path.read_text())
    assert (header["format"], header["moto"], header["moto_gaps"]) == (1, "1", 1)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_entries_come_back_in_order(path: Path) -> None:
    first = JournalFile(path, VERSIONS)
    first.append(entry(b"one"))
    first.append(entry(b"two"))
    first.close()
    second = JournalFile(path, VERSIONS)
    assert [e and e.body for e in second.entries] == [b"one", b"two"]
    second.close()


def test_a_torn_last_line_is_cut_off_and_later_entries_stay_readable(path: Path) -> None:
    first = JournalFile(path, VERSIONS)
    first.append(entry(b"one"))
    first.close()
    with path.open("ab") as file:
        file.write(entry(b"two").line()[:20])
    second = JournalFile(path, VERSIONS)
    assert [e and e.body for e in second.entries] == [b"one"]
    assert second.warnings == [f"{path}: half a line at the end was dropped, a change that was never handled"]
    second.append(entry(b"three"))
    second.close()
    assert bodies(path) == ["one", "three"]


def test_an_entry_that_a_full_disk_cuts_short_leaves_no_half_line(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = JournalFile(path, VERSIONS)
    file.append(entry(b"one"))
    write, room = os.write, [20]

    def full(handle: int, line: bytes) -> int:
        if not room:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(handle, line[: room.pop()])

    monkeypatch.setattr("localcloud.aws.journal_file.os.write", full)
    with pytest.raises(OSError, match="No space left on device"):
        file.append(entry(b"two"))
    monkeypatch.undo()
    file.append(entry(b"three"))
    file.close()
    assert bodies(path) == ["one", "three"]


def test_a_torn_header_begins_anew(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b'{"format": 1')
    file = JournalFile(path, VERSIONS)
    assert file.entries == []
    file.close()
    assert json.loads(path.read_text())["moto"] == "1"


def damaged(path: Path, *lines: bytes) -> JournalFile:
    """A journal with these lines below its header."""
    JournalFile(path, VERSIONS).close()
    with path.open("ab") as file:
        file.writelines(lines)
    return JournalFile(path, VERSIONS)


def numbered(number: int, body: bytes) -> bytes:
    return Entry(1.0, "", {"REQUEST_METHOD": "POST", "PATH_INFO": "/"}, body, number).line()


LOST = (
    "what was made there is lost, and what was made of it; the other {} changes are kept. "
    "`accordion local refresh` tells a stack what is gone, and `up` makes it again"
)


@pytest.mark.parametrize(
    ("broken", "place"),
    [
        (b"garbage\n", "line 3 (a change)"),
        (numbered(2, b"Action=CreateSubnet")[:-9] + b"\n", "line 3 (CreateSubnet)"),
        (b"\x00" * 400 + b"\n", "line 3 (a change)"),
        (b"[]\n", "line 3 (a change)"),
        (b'{"time":1,"environment":{"HTTP_X_AMZ_TARGET":"Logs_1.CreateLogGroup"\n', "line 3 (CreateLogGroup)"),
        (b"\r\x0b\xff\n", "line 3 (a change)"),
        (b"\n", "line 3 (a change)"),
    ],
)
def test_a_damaged_line_costs_its_own_change_alone_and_is_named(path: Path, broken: bytes, place: str) -> None:
    file = damaged(path, numbered(1, b"Action=One"), broken, numbered(3, b"Action=Three"))
    assert file.warnings == [f"{path} is damaged at {place}: {LOST.format(2)}"]
    world, shelf = Steps(), Shelf()
    recorder = Recorder(shelf, file, world)
    recorder.replay()
    assert (world.seeds, shelf.bodies) == ([1, 3], [b"Action=One", b"Action=Three"])
    request(recorder, b"Action=Four")
    recorder.close()
    assert world.seeds == [1, 3, 4]


def test_a_damage_over_several_changes_moves_no_other(path: Path) -> None:
    file = damaged(path, numbered(1, b"Action=One"), b"\x00" * 1000 + b"\n", numbered(5, b"Action=Five"))
    world = Steps()
    recorder = Recorder(Shelf(), file, world)
    recorder.replay()
    recorder.close()
    assert world.seeds == [1, 5]


def test_many_damaged_lines_are_counted(path: Path) -> None:
    file = damaged(path, *[b"?\n"] * 8, numbered(9, b"Action=Nine"))
    places = ", ".join(f"{line} (a change)" for line in range(2, 7))
    assert file.warnings == [f"{path} is damaged at line {places} and 3 more: {LOST.format(1)}"]
    file.close()


def test_an_entry_that_was_joined_to_half_of_another_is_the_one_that_was_handled(path: Path) -> None:
    file = damaged(path, numbered(1, b"Action=One"), numbered(2, b"Action=Torn")[:30] + numbered(2, b"Action=Two"))
    assert file.warnings == []
    assert [each and each.body for each in file.entries] == [b"Action=One", b"Action=Two"]
    file.close()


def test_a_file_of_before_changes_had_numbers_counts_its_lines(path: Path) -> None:
    file = damaged(path, entry(b"Action=One").line(), b"garbage\n", entry(b"Action=Three").line())
    world = Steps()
    recorder = Recorder(Shelf(), file, world)
    recorder.replay()
    request(recorder, b"Action=Four")
    recorder.close()
    assert world.seeds == [1, 3, 4]
    assert json.loads(path.read_text().splitlines()[-1])["number"] == 4


def test_a_journal_of_another_version_is_refused_with_what_to_do(path: Path) -> None:
    JournalFile(path, VERSIONS).close()
    with pytest.raises(JournalError) as refused:
        JournalFile(path, {**VERSIONS, "moto": "2"})
    assert str(refused.value) == (
        f"{path} was written with moto 1 and this is moto 2, which would give other ids; go back to that version, "
        "or run `accordion local reset` to begin with an empty cloud"
    )


def test_a_file_that_is_no_journal_is_left_alone(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("my diary\n")
    with pytest.raises(JournalError) as refused:
        JournalFile(path, VERSIONS)
    assert (
        str(refused.value)
        == f"{path} is not a journal of the local cloud; run `accordion local reset` to begin with an empty cloud"
    )
    assert path.read_text() == "my diary\n"


def test_two_clouds_cannot_share_a_journal(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("localcloud.aws.journal_file.LOCK_PATIENCE", 0.01)
    first = JournalFile(path, VERSIONS)
    with pytest.raises(JournalError) as refused:
        JournalFile(path, VERSIONS)
    assert str(refused.value) == f"{path} is in use by another local cloud; stop that one first"
    first.close()


def test_a_change_is_written_before_it_is_handled(path: Path) -> None:
    seen: list[list[str]] = []

    def application(_environment: dict[str, Any], start_response: Any) -> list[bytes]:
        seen.append(bodies(path))
        start_response("200 OK", [])
        return [b""]

    recorder = Recorder(application, JournalFile(path, VERSIONS), Steps())
    request(recorder, b"Action=CreateVpc")
    request(recorder, b"Action=DescribeVpcs")
    recorder.close()
    assert seen == [["Action=CreateVpc"], ["Action=CreateVpc"]]
    assert bodies(path) == ["Action=CreateVpc"]


def test_a_replay_asks_the_world_for_the_same_seeds_and_moments(path: Path) -> None:
    first, world = Shelf(), Steps()
    recorder = Recorder(first, JournalFile(path, VERSIONS), world)
    for body in (b"Action=CreateVpc", b"Action=Fail", b"Action=DescribeVpcs", b"Action=CreateSubnet"):
        request(recorder, body)
    recorder.close()
    second, again = Shelf(), Steps()
    replayed = Recorder(second, JournalFile(path, VERSIONS), again)
    assert replayed.replay() == 3
    replayed.close()
    assert (again.seeds, again.moments) == (world.seeds, world.moments)
    assert again.seeds == [1, 2, 3]
    assert again.moments[1::2] == [None, None, None]
    assert second.bodies == [b"Action=CreateVpc", b"Action=CreateSubnet"]


def test_an_application_that_raises_answers_500_and_the_next_request_is_served(path: Path) -> None:
    recorder = Recorder(Shelf(), JournalFile(path, VERSIONS), Steps())
    assert request(recorder, b"Action=Fail") == ("500 Internal Server Error", b"RuntimeError: no")
    assert request(recorder, b"Action=Create") == ("200 OK", b"number 1")
    recorder.close()


def test_a_repeated_invocation_gets_the_first_answer_and_changes_nothing_more(path: Path) -> None:
    shelf = Shelf()
    recorder = Recorder(shelf, JournalFile(path, VERSIONS), Steps())
    first = request(recorder, b"Action=Create", HTTP_AMZ_SDK_INVOCATION_ID="a")
    assert request(recorder, b"Action=Create", HTTP_AMZ_SDK_INVOCATION_ID="a") == first
    assert request(recorder, b"Action=Create", HTTP_AMZ_SDK_INVOCATION_ID="b") == ("200 OK", b"number 2")
    recorder.close()
    assert len(bodies(path)) == len(shelf.bodies) == 2


def test_a_repeated_invocation_is_known_after_a_restart(path: Path) -> None:
    recorder = Recorder(Shelf(), JournalFile(path, VERSIONS), Steps())
    first = request(recorder, b"Action=Create", HTTP_AMZ_SDK_INVOCATION_ID="a")
    recorder.close()
    again = Recorder(Shelf(), JournalFile(path, VERSIONS), Steps())
    again.replay()
    assert request(again, b"Action=Create", HTTP_AMZ_SDK_INVOCATION_ID="a") == first
    again.close()
    assert len(bodies(path)) == 1


def test_a_reset_empties_the_file_and_begins_to_count_anew(path: Path) -> None:
    world = Steps()
    recorder = Recorder(Shelf(), JournalFile(path, VERSIONS), world)
    request(recorder, b"Action=Create")
    request(recorder, b"", PATH_INFO="/moto-api/reset")
    assert bodies(path) == []
    request(recorder, b"Action=Create")
    recorder.close()
    assert world.seeds == [1, 1]
    assert bodies(path) == ["Action=Create"]


def test_signatures_that_change_with_each_try_are_not_kept(path: Path) -> None:
    recorder = Recorder(Shelf(), JournalFile(path, VERSIONS), Steps())
    request(recorder, b"Action=Create", HTTP_AMZ_SDK_REQUEST="attempt=1", HTTP_X_AMZ_TARGET="A.Create")
    recorder.close()
    kept = json.loads(path.read_text().splitlines()[1])["environment"]
    assert kept == {"REQUEST_METHOD": "POST", "PATH_INFO": "/", "HTTP_X_AMZ_TARGET": "A.Create"}


def test_one_request_is_handled_at_a_time(path: Path) -> None:
    inside, most = [0], [0]

    def application(_environment: dict[str, Any], start_response: Any) -> list[bytes]:
        inside[0] += 1
        most[0] = max(most[0], inside[0])
        threading.Event().wait(0.002)
        inside[0] -= 1
        start_response("200 OK", [])
        return [b""]

    recorder = Recorder(application, JournalFile(path, VERSIONS), Steps())
    threads = [threading.Thread(target=request, args=(recorder, b"Action=Create")) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    recorder.close()
    assert (most[0], len(bodies(path))) == (1, 20)


def test_a_change_that_cannot_be_written_is_not_handled_and_said(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = JournalFile(path, VERSIONS)
    handled: list[str] = []

    def application(environment: dict[str, Any], start_response: Any) -> list[bytes]:
        handled.append(environment["PATH_INFO"])
        start_response("200 OK", [])
        return [b""]

    recorder = Recorder(application, file, Steps())

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("localcloud.aws.journal_file.os.write", full)
    said: list[str] = []
    asked = {"REQUEST_METHOD": "POST", "PATH_INFO": "/", "CONTENT_LENGTH": "0", "wsgi.input": io.BytesIO(b"")}
    recorder(asked, lambda status, headers: said.append(status))
    monkeypatch.undo()
    assert (said, handled, recorder.count) == (["507 Insufficient Storage"], [], 0)
    file.close()


def test_a_full_disk_is_told_as_one() -> None:
    error = ClientError({"Error": {"Code": "507", "Message": "Insufficient Storage"}}, "CreateSubnet")
    assert sentence(error) == (
        "CreateSubnet changed nothing: the local cloud cannot write its journal, as on a full disk; "
        "make room and run the command again"
    )
