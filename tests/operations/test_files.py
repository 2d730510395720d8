"""Files of commands: whole or not at all, and from git's history. It cannot prove that a file system keeps what it
renames over a loss of power."""

from __future__ import annotations

import os
import select
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from operations.failures import CannotRun
from operations.files import is_file, is_folder, revision, write_atomically


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("AUTHOR_NAME", "AUTHOR_EMAIL", "COMMITTER_NAME", "COMMITTER_EMAIL"):
        monkeypatch.setenv(f"GIT_{name}", "somebody")
    (tmp_path / "stack.yaml").write_bytes(b"name: Z\xfcrich\n")
    for arguments in (("init", "-q"), ("add", "."), ("commit", "-qm", "latin")):
        subprocess.run(["git", *arguments], cwd=tmp_path, check=True)
    (tmp_path / "stack.yaml").write_text("name: Zürich\n", encoding="utf-8")
    subprocess.run(["git", "commit", "-qam", "unicode"], cwd=tmp_path, check=True)
    return tmp_path


def refusal(name: str, path: Path) -> str:
    with pytest.raises(CannotRun) as refused:
        revision(name, path)
    return refused.value.message


def test_a_file_is_read_as_it_was_at_a_revision(repository: Path) -> None:
    (repository / "stack.yaml").write_text("name: changed\n")
    assert revision("HEAD", repository / "stack.yaml") == "name: Zürich\n"


@pytest.mark.parametrize("name", ["", "  ", "--output=stolen"])
def test_what_names_no_revision_never_reaches_git(repository: Path, name: str) -> None:
    said = f"--against: neither a file nor a git revision: {name!r}"
    assert refusal(name, repository / "stack.yaml") == said


def test_text_in_another_encoding_is_refused(repository: Path) -> None:
    assert refusal("HEAD~1", repository / "stack.yaml") == "--against: stack.yaml at HEAD~1 is not UTF-8 text"


def test_a_file_that_was_not_there_is_told(repository: Path) -> None:
    (repository / "new.yaml").write_text("")
    assert refusal("HEAD", repository / "new.yaml") == (
        "--against: neither a file nor a git revision with new.yaml: 'HEAD' "
        "(path 'new.yaml' exists on disk, but not in 'HEAD')"
    )


def test_outside_of_a_repository_the_reason_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert refusal("HEAD", tmp_path / "stack.yaml") == (
        "--against: neither a file nor a git revision with stack.yaml: 'HEAD' "
        "(not a git repository (or any of the parent directories): .git)"
    )


def test_without_git_there_are_no_revisions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    said = "--against: not a file, and there is no git here to know a revision: 'HEAD'"
    assert refusal("HEAD", tmp_path / "stack.yaml") == said


@pytest.fixture
def interrupted(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", stop)
        yield


@pytest.mark.usefixtures("interrupted")
def test_an_interrupted_writer_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("old")
    with pytest.raises(KeyboardInterrupt):
        write_atomically(tmp_path / "page.html", b"new")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("page.html", "old")]


def unwritten(path: Path) -> str:
    with pytest.raises(CannotRun) as refused:
        write_atomically(path, b"new")
    return refused.value.message.removeprefix(f"{path}: ")


def test_a_link_is_followed_and_a_file_keeps_its_permissions(tmp_path: Path) -> None:
    (tmp_path / "page").write_text("old")
    (tmp_path / "page").chmod(0o640)
    (tmp_path / "link").symlink_to("page")
    (tmp_path / "dangling").symlink_to("made")
    write_atomically(tmp_path / "link", "new")
    write_atomically(tmp_path / "dangling", "made")
    assert (tmp_path / "page").read_text() == "new"
    assert (tmp_path / "page").stat().st_mode & 0o777 == 0o640
    assert (tmp_path / "made").read_text() == "made"
    assert {path.name for path in tmp_path.iterdir() if path.is_symlink()} == {"link", "dangling"}


def test_a_device_is_written_into_and_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "null").symlink_to(os.devnull)
    before = Path(os.devnull).stat()
    write_atomically(tmp_path / "null", b"gone")
    assert os.path.samestat(Path(os.devnull).stat(), before)
    assert unwritten(Path("/dev/full")) == "cannot be written: no space left on device"


def test_a_pipe_is_written_into_where_somebody_reads(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert unwritten(tmp_path / "pipe") == "cannot be written: nobody reads from it"
    held = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    os.set_blocking(held, True)
    content, read = b"x" * 200_000, []

    def reads() -> None:
        select.select([held], [], [])  # before a writer is there, a read ends at once and with nothing
        with os.fdopen(held, "rb") as pipe:
            read.append(pipe.read())

    reader = threading.Thread(target=reads)
    reader.start()
    write_atomically(tmp_path / "pipe", content)
    reader.join()
    assert read == [content]


def test_what_cannot_be_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    assert unwritten(tmp_path) == "cannot be written: it is a folder"
    assert unwritten(tmp_path / "loop") == "cannot be written: too many levels of symbolic links"
    assert unwritten(tmp_path / ("x" * 300)) == "cannot be written: file name too long"
    assert unwritten(tmp_path / "no" / "such") == "cannot be written: no such file or directory"
    assert unwritten(tmp_path / "a\0b") == "cannot be written: its name has a null character"
    told = "cannot be written: its name cannot be written in the encoding of this system's names"
    assert unwritten(tmp_path / "a\ud800b") == told
    assert [path.name for path in tmp_path.iterdir()] == ["loop"]


def test_text_that_utf_8_lacks_stands_as_its_escape(tmp_path: Path) -> None:
    write_atomically(tmp_path / "page", "é \udcff")
    assert (tmp_path / "page").read_bytes() == "é ".encode() + rb"\udcff"


def test_a_name_that_no_file_can_have_is_no_file() -> None:
    for path in (Path("x" * 5_000), Path("a\0b")):
        assert not is_file(path)
        assert not is_folder(path)
