"""Loads kept on disk by content: a second process takes what the first has read, and never anything else.

Cannot prove that a disk fails in no other way than those tried here.
"""

from __future__ import annotations

import hashlib
import os
import stat
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from elasticity import trace_files
from elasticity.trace_files import kept, read_trace
from elasticity.traces import Load


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the entries, where nothing is kept yet; files of any size are kept."""
    monkeypatch.setenv("ACCORDION_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.delenv(kept.SWITCH_OFF, raising=False)
    monkeypatch.setattr(kept, "SMALLEST", 1)
    return tmp_path / "cache" / "loads"


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    path = tmp_path / "week.csv"
    rows = [f"2026-01-05T{n // 60:02}:{n % 60:02}:00Z,{n},{n / 7}" for n in range(300)]
    path.write_text("\n".join(["time,requests,queue", *rows]) + "\n")
    return path


def read(path: Path, **asked: Any) -> Load:
    """As a new process reads it."""
    trace_files._kept.clear()
    return read_trace(path, **asked)


def same(one: Load, other: Load) -> bool:
    arrays = [(one.values, other.values), *((one.columns[name], other.columns[name]) for name in one.columns)]
    words = ("step", "start", "interpolation", "name", "filled", "filled_with", "origin")
    return (
        list(one.columns) == list(other.columns)
        and all(np.array_equal(a, b, equal_nan=True) for a, b in arrays)
        and all(getattr(one, name) == getattr(other, name) for name in words)
    )


ASKED: dict[str, Any] = {"value_column": "requests", "columns": ["queue"]}


def test_a_second_process_takes_what_the_first_has_read(
    trace: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = read(trace, **ASKED)
    assert len(list(folder.iterdir())) == 1
    monkeypatch.setattr(trace_files, "format_of", lambda _content: pytest.fail("the file was read anew"))
    assert same(read(trace, **ASKED), first)
    elsewhere = trace.parent / "other"
    elsewhere.mkdir()
    (elsewhere / "week.csv").write_bytes(trace.read_bytes())
    assert same(read(elsewhere / "week.csv", **ASKED), first), "by content, wherever it lies"


def test_other_content_another_question_or_another_reader_is_read_anew(
    trace: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = read(trace, **ASKED)
    assert not same(read(trace, **ASKED, per="second"), first)
    assert len(list(folder.iterdir())) == 2
    monkeypatch.setattr(kept, "_version", lambda: b"another")
    read(trace, **ASKED)
    assert len(list(folder.iterdir())) == 3
    trace.write_text(trace.read_text().replace(",0,", ",500,", 1))
    assert read(trace, **ASKED).values[0] > first.values[0]


def test_what_is_kept_is_the_users_alone(trace: Path, folder: Path) -> None:
    read(trace, **ASKED)
    (entry,) = folder.iterdir()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(entry.stat().st_mode) == 0o600


DAMAGES = {
    "cut off": lambda content: content[: len(content) // 2],
    "empty": lambda _: b"",
    "one byte of the numbers changed": lambda content: content[:400] + bytes([content[400] ^ 1]) + content[401:],
    "no archive": lambda _: b"timestamp,requests\n",
    "an archive of objects": lambda _: b"\x93NUMPY\x01\x00v\x00{'descr': '|O', 'fortran_order': False, 'shape': (1,), }" + b" " * 60 + b"\n",
}  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_entry_is_none_and_is_written_anew(trace: Path, folder: Path, damage: str) -> None:
    first = read(trace, **ASKED)
    (entry,) = folder.iterdir()
    whole = entry.read_bytes()
    entry.write_bytes(DAMAGES[damage](whole))
    assert same(read(trace, **ASKED), first)
    assert entry.read_bytes() == whole


def test_an_entry_under_the_name_of_another_is_none(trace: Path, folder: Path) -> None:
    read(trace, **ASKED)
    (entry,) = folder.iterdir()
    (folder / kept._name(hashlib.sha256(b"other").digest())).write_bytes(entry.read_bytes())
    assert kept.taken(hashlib.sha256(b"other").digest()) is None


def test_a_folder_that_others_may_write_to_is_not_used(trace: Path, folder: Path) -> None:
    folder.mkdir(parents=True)
    folder.chmod(0o777)
    read(trace, **ASKED)
    assert list(folder.iterdir()) == []


def test_a_folder_that_cannot_be_made_costs_nothing_but_time(
    trace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("ACCORDION_CACHE_DIR", str(tmp_path / "file"))
    assert same(read(trace, **ASKED), read(trace, **ASKED))


def test_switched_off_nothing_is_kept_and_nothing_is_taken(
    trace: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(kept.SWITCH_OFF, "1")
    read(trace, **ASKED)
    assert not folder.exists()


def test_the_entries_that_were_not_asked_for_the_longest_go_first(
    trace: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read(trace, **ASKED)
    (entry,) = folder.iterdir()
    size = entry.stat().st_size
    monkeypatch.setattr(kept, "MOST", 5 * size)
    for number in range(4):
        os.utime(entry, (time.time() + 10 * number + 10,) * 2)  # it was asked for after each other
        read(trace, **ASKED, interpolation="linear", per=("second", "minute", "hour", "step")[number])
    assert entry.exists()
    assert sum(path.stat().st_size for path in folder.iterdir()) <= 5 * size


def test_a_small_file_is_not_kept(trace: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "SMALLEST", 256 * 1024)
    read(trace, **ASKED)
    assert not folder.exists()
