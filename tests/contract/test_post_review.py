"""What a pull request's own code has left is posted as a stranger's: a `gh` of ours stands in for the code host.

Cannot prove that the code host's answers have the form that is written here, nor what it makes of a comment.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).parents[2] / ".ci" / "post-review"
HEAD = "a" * 40
MARK = "<!-- accordion review -->"
GH = f"""#!{sys.executable}
import json, os, pathlib, sys
folder = pathlib.Path(os.environ["STANDS_FOR_GH"])
arguments = sys.argv[2:]
content = sys.stdin.buffer.read().decode() if "--input" in arguments else None
with (folder / "log").open("a") as log:
    log.write(json.dumps([arguments, content]) + "\\n")
answers = json.loads((folder / "answers").read_text())
place = arguments[-1].partition("?")[0]
if place.endswith("/zip"):
    sys.stdout.buffer.write((folder / "zip").read_bytes())
elif place in answers:
    print(json.dumps(answers[place]))
else:
    sys.exit(f"gh: Not Found (HTTP 404): {{place}}")
"""


def archive(files: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", compression) as opened:
        for name, data in files.items():
            opened.writestr(name, data)
    return content.getvalue()


@dataclass
class CodeHost:
    """One run with one artifact, one pull request, its comments."""

    folder: Path
    artifact: bytes = field(default_factory=lambda: archive({"number": b"12", "comment.md": b"## Review\n"}))
    size: int | None = None
    artifacts: int = 1
    head: str = HEAD
    comments: list[dict[str, Any]] = field(default_factory=list)

    def post(self) -> tuple[int, str, list[tuple[list[str], Any]]]:
        """Exit code, what was said, and what was written: arguments and content."""
        listed = [{"id": 7, "name": "review", "size_in_bytes": self.size or len(self.artifact)}] * self.artifacts
        written: dict[str, Any] = {
            "repos/o/r/actions/runs/99/artifacts": {"artifacts": listed},
            "repos/o/r/pulls/12": {"head": {"sha": self.head}},
            "repos/o/r/issues/12/comments": [self.comments],
            **{f"repos/o/r/issues/comments/{one['id']}": {} for one in self.comments},
        }
        (self.folder / "answers").write_text(json.dumps(written))
        (self.folder / "zip").write_bytes(self.artifact)
        (self.folder / "log").write_text("")
        gh = self.folder / "gh"
        gh.write_text(GH)
        gh.chmod(0o755)
        environment = {
            "PATH": f"{self.folder}:{os.environ['PATH']}",
            "STANDS_FOR_GH": str(self.folder),
            "GITHUB_REPOSITORY": "o/r",
            "RUN_ID": "99",
            "HEAD_SHA": HEAD,
        }
        done = subprocess.run([sys.executable, SCRIPT], env=environment, capture_output=True, text=True, check=False)
        asked = [json.loads(line) for line in (self.folder / "log").read_text().splitlines()]
        return done.returncode, done.stdout + done.stderr, [(line[0], json.loads(line[1])) for line in asked if line[1]]


@pytest.fixture
def host(tmp_path: Path) -> CodeHost:
    return CodeHost(tmp_path)


def test_the_first_comment_is_written_with_its_commit_and_the_way_to_its_pictures(host: CodeHost) -> None:
    code, said, written = host.post()
    assert (code, said) == (0, "posted under pull request 12\n")
    run = "https://github.com/o/r/actions/runs/99"
    body = (
        f"{MARK}\n## Review\n\n\n---\nMade of aaaaaaaaaaaa by the pull request's own code; "
        f"pictures and the long version: [artifact of the run]({run})\n"
    )
    assert written == [(["--method", "POST", "--input", "-", "repos/o/r/issues/12/comments"], {"body": body})]


def test_the_last_comment_of_ours_is_replaced_and_nobody_elses(host: CodeHost) -> None:
    bot, person = {"login": "github-actions[bot]"}, {"login": "somebody"}
    host.comments = [
        {"id": 1, "user": bot, "body": f"{MARK}\nolder"},
        {"id": 2, "user": person, "body": f"{MARK}\nimitated"},
        {"id": 3, "user": bot, "body": "another workflow's"},
    ]
    code, _, written = host.post()
    assert code == 0
    assert [arguments for arguments, _ in written] == [
        ["--method", "PATCH", "--input", "-", "repos/o/r/issues/comments/1"]
    ]


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "another pull request's number": (
        {"head": "b" * 40},
        f"pull request 12 does not stand at {HEAD}, of which this is the review",
    ),
    "no artifact": ({"artifacts": 0}, "the run has left 0 artifacts called 'review', one is wanted"),
    "two artifacts": ({"artifacts": 2}, "the run has left 2 artifacts called 'review', one is wanted"),
    "a large artifact": ({"size": 20971521}, "the artifact has 20971521 bytes, at most 20971520 are read"),
    "no archive": ({"artifact": b"PK"}, "the artifact is no archive, or number in it cannot be read"),
    "a torn archive": (
        {"artifact": archive({"number": b"12", "comment.md": b"x" * 999})[:-80]},
        "the artifact is no archive, or number in it cannot be read",
    ),
    "no number": ({"artifact": archive({"comment.md": b"x"})}, "the artifact has no number"),
    "no comment": ({"artifact": archive({"number": b"12"})}, "the artifact has no comment.md"),
    "a comment elsewhere": (
        {"artifact": archive({"number": b"12", "../comment.md": b"x"})},
        "the artifact has no comment.md",
    ),
    "a file that unpacks to a gigabyte": (
        {"artifact": archive({"number": b"12", "comment.md": b"\0" * 50_000_000})},
        "comment.md has more than 240000 bytes",
    ),
    "bytes that are no text": (
        {"artifact": archive({"number": b"12", "comment.md": b"\xff\xfe"})},
        "comment.md is not UTF-8",
    ),
    "a comment that is too long": (
        {"artifact": archive({"number": b"12", "comment.md": b"x" * 60_001})},
        "comment.md has 60001 characters, at most 60000 are posted",
    ),
    "a pull request that is not there": (
        {"artifact": archive({"number": b"13", "comment.md": b"x"})},
        "the code host refused repos/o/r/pulls/13: gh: Not Found (HTTP 404): repos/o/r/pulls/13",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_review_is_not_posted_and_the_reason_is_said(host: CodeHost, case: str) -> None:
    changed, reason = REFUSED[case]
    for name, value in changed.items():
        setattr(host, name, value)
    assert host.post() == (1, f"not posted: {reason}\n", [])


NO_NUMBERS = [
    b"",
    b"0",
    b"012",
    b"-1",
    b"12\n",
    b" 12",
    b"12/../13",
    b"12?x=1",
    b"$(id)",
    b"1;id",
    b"1234567890",
    "\u0661\u0662".encode(),
]


@pytest.mark.parametrize("number", NO_NUMBERS)
def test_a_number_is_digits_and_nothing_else(host: CodeHost, number: bytes) -> None:
    host.artifact = archive({"number": number, "comment.md": b"x"})
    assert host.post() == (1, "not posted: number holds no number of a pull request\n", [])


HARMLESS = {
    "@somebody and @org/team look": "@\u200bsomebody and @\u200borg/team look",
    "(@somebody) `@everyone`": "(@\u200bsomebody) `@\u200beveryone`",
    "docker.io/web@sha256:0a1b": "docker.io/web@sha256:0a1b",
    "<!-- accordion review -->": "<\u200b!-- accordion review -->",
    "\x1b[2Jgone\x00\r\n": "[2Jgone\n",
    "right \u202eto left": "right to left",
    "$(id) `id` ${{ github.token }}": "$(id) `id` ${{ github.token }}",
    "| a | b |\n\tc": "| a | b |\n\tc",
}


@pytest.mark.parametrize("text", HARMLESS)
def test_a_comment_calls_nobody_and_imitates_no_other(host: CodeHost, text: str) -> None:
    host.artifact = archive({"number": b"12", "comment.md": text.encode()})
    code, _, ((_, content),) = host.post()
    assert code == 0
    assert content["body"].removeprefix(f"{MARK}\n").partition("\n\n---\n")[0] == HARMLESS[text]
