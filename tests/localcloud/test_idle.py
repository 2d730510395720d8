"""The end of servers that nobody asks. Cannot prove that no request comes in the moment of the end."""

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from localcloud.admission import secret_access_key
from localcloud.aws.running import AWS
from localcloud.cloud import LocalCloudError
from localcloud.cloud.lifecycle import Lifecycle
from localcloud.cloud.processes import process_of
from localcloud.cloud.project import Place
from localcloud.idle import FOLDERS, VARIABLE, BadLimit, Idle, in_words, limit


@pytest.mark.parametrize(
    ("text", "seconds", "span"),
    [("", 14_400, "4 hours"), ("1s", 1, "1 second"), ("30m", 1_800, "30 minutes"), ("1h", 3_600, "1 hour"), ("2d", 172_800, "2 days")],
)  # fmt: skip
def test_a_limit_is_a_time_with_its_unit(text: str, seconds: float, span: str) -> None:
    assert limit({VARIABLE: text}) == seconds
    assert in_words({VARIABLE: text}).startswith(f"it ends after {span} without a request and keeps everything; ")


def test_a_cloud_may_run_for_ever() -> None:
    assert limit({VARIABLE: "never"}) is None
    assert in_words({VARIABLE: "never"}) == "it runs until `accordion local stop` (ACCORDION_LOCAL_IDLE=never)"
    assert Idle(None).left() is None


@pytest.mark.parametrize(
    "text", ["0", "0h", "5", "-1h", "1.5h", "1 h", "1H", "h", "never!", "1h30m", "9999999d", "\u0661h"]
)
def test_another_text_is_refused_with_what_is_allowed(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = f"ACCORDION_LOCAL_IDLE: got {text!r}, allowed a time such as 30m, 12h or 2d, or never"
    with pytest.raises(BadLimit) as refused:
        limit({VARIABLE: text})
    assert str(refused.value) == message
    monkeypatch.setenv(VARIABLE, text)
    with pytest.raises(LocalCloudError) as told_:
        Lifecycle(Place(tmp_path / "place"), [AWS]).start()
    assert str(told_.value) == message
    Lifecycle(Place(tmp_path / "place").make(), [AWS]).reset()


def test_a_request_at_work_holds_the_end_off_and_counts_from_its_own_end() -> None:
    ended = threading.Event()
    idle = Idle(0.2, ended.set)
    with idle.busy():
        idle.watch()
        assert not ended.wait(1)
        with idle.busy():
            pass
        assert not ended.wait(0.5)
    assert ended.wait(60)


@pytest.mark.parametrize("seconds", [None, 3_600.0])
@pytest.mark.parametrize("gone", ["a/b", "a"])
def test_a_server_whose_folder_is_gone_ends_once_nobody_asks(tmp_path: Path, seconds: float | None, gone: str) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    ended = threading.Event()
    idle = Idle(seconds, ended.set, [tmp_path, tmp_path / "a" / "b"], look=0.1)
    idle.watch()
    assert not ended.wait(1)
    with idle.busy():
        (tmp_path / gone).rename(tmp_path / "elsewhere")
        assert not ended.wait(1)
    assert ended.wait(60)


def test_a_folder_that_cannot_be_looked_at_is_not_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(path: Path) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "stat", closed)
    assert Idle(None, folders=[tmp_path], look=0.1).left() is None


def test_a_server_that_was_told_no_folder_looks_at_none() -> None:
    assert Idle.of({VARIABLE: "never"}).left() is None
    assert Idle.of({VARIABLE: "never", FOLDERS: '["/no/such/folder"]'}).left() is not None


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    made = Place(tmp_path / "place").make()
    yield made
    monkeypatch.delenv(VARIABLE, raising=False)
    Lifecycle(made, [AWS]).reset()


def test_servers_end_by_themselves_and_the_next_start_has_everything(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    cycle = Lifecycle(place, [AWS])
    cycle.start_states()
    cycle.start()
    secret = secret_access_key(place.token.read_text())

    def queues() -> Any:
        connect: Any = boto3.client
        keys = {"aws_access_key_id": "ACCT0000123456789012", "aws_secret_access_key": secret}
        record = cycle.records()["aws"]
        assert record
        endpoint = f"http://127.0.0.1:{record.port}"
        return connect("sqs", endpoint_url=endpoint, region_name="eu-west-1", **keys)

    queues().create_queue(QueueName="kept")
    monkeypatch.setenv(VARIABLE, "5s")  # under load a server needs a moment to be seen
    cycle.start_states()
    cycle.start()
    started = [server.last_record() for server in cycle._servers()]
    for _ in range(2_400):
        if not any(record and process_of(record.pid, record.created) for record in started):
            break
        time.sleep(0.05)
    assert [server.running() for server in cycle._servers()] == [None] * 3
    monkeypatch.setenv(VARIABLE, "1h")
    cycle.start_states()
    cycle.start()
    assert [url.rpartition("/")[2] for url in queues().list_queues()["QueueUrls"]] == ["kept"]


def test_a_server_that_was_told_another_limit_is_started_anew(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    cycle = Lifecycle(place, [AWS])
    first = cycle.start_states()
    assert cycle.start_states() == first
    monkeypatch.setenv(VARIABLE, "never")
    assert cycle.start_states().pid != first.pid
    assert os.environ[VARIABLE] == "never"


@pytest.mark.parametrize("gone", ["the project", "the place"])
def test_servers_end_soon_after_the_folder_of_their_project_or_their_own_is_gone(
    place: Place, tmp_path: Path, gone: str
) -> None:
    project = tmp_path / "project"
    project.mkdir()
    cycle = Lifecycle(place, [AWS], folder=project)
    cycle.start_states()
    cycle.start()
    started = [server.last_record() for server in cycle._servers()]
    assert all(record and process_of(record.pid, record.created) for record in started)
    folder = project if gone == "the project" else place.root
    folder.rename(tmp_path / "elsewhere")
    for _ in range(2_400):
        if not any(record and process_of(record.pid, record.created) for record in started):
            break
        time.sleep(0.05)
    assert not any(record and process_of(record.pid, record.created) for record in started)
    (tmp_path / "elsewhere").rename(folder)
    assert cycle.start_states()
