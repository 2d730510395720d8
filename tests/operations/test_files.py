"""Files of commands: whole or not at all, and from git's history. It cannot prove that a file system keeps what it
renames over a loss of power."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from operations.failures import CannotRun
from operations.files import revision, write_atomically


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
