"""What a stack file had of a secret in earlier commits: encrypted, as it stands there. Nothing is decrypted here."""

from __future__ import annotations

import datetime
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml.error import YAMLError

from operations.failures import CannotRun
from operations.files import revision
from stacks.stack_file import PROJECT
from stacks.yaml_reader import read_yaml

SECTION = f"{PROJECT}:service_secrets"
COMMITS = 50
"""Of the stack file, the newest, that are looked at [own]."""
_KEY = ("environment", "secretsprovider", "encryptedkey", "encryptionsalt")
"""Keys of a stack file beside `config`: how its secrets are decrypted (pulumi/sdk, workspace.ProjectStack)."""


@dataclass(frozen=True)
class Committed:
    """A secret from one commit of the stack file until the next that has another."""

    commit: str
    at: datetime.datetime
    by: str
    encrypted: str
    current: bool
    """Whether the file has it now."""


def committed(file: Path, secret: str) -> list[Committed]:
    """Each ciphertext of a secret that the file's key opens, the newest first; empty without git or such commits."""
    now = _document(file.read_text())
    found: list[Committed] = []
    for commit, at, by in _commits(file):
        try:
            then = _document(revision(commit, file))
        except CannotRun:
            continue  # the file was not there
        encrypted = _encrypted(then, secret)
        if encrypted is None or any(then.get(key) != now.get(key) for key in _KEY):
            continue
        if found and found[-1].encrypted == encrypted:
            found.pop()  # it stood there earlier than in the commit seen before
        found.append(Committed(commit, at, by, encrypted, encrypted == _encrypted(now, secret)))
    return found


def _commits(file: Path) -> Iterator[tuple[str, datetime.datetime, str]]:
    """Of the file, the newest first."""
    words = ["git", "log", "--no-show-signature", f"--max-count={COMMITS}", "--format=%H%x09%cI%x09%an"]
    asked = [*words, "--", f"./{file.name}"]
    try:
        told = subprocess.run(asked, cwd=file.resolve().parent, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return
    for line in told.stdout.splitlines() if told.returncode == 0 else ():
        commit, at, by = line.split("\t", 2)
        yield commit, datetime.datetime.fromisoformat(at).astimezone(datetime.UTC), by


def _document(text: str) -> Mapping[str, Any]:
    try:
        document, _ = read_yaml(text)
    except YAMLError:
        return {}
    return document if isinstance(document, Mapping) else {}


def _encrypted(document: Mapping[str, Any], secret: str) -> str | None:
    found: Any = document
    for part in ("config", SECTION, secret, "secure"):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found if isinstance(found, str) else None
