"""What environments ask of the Pulumi engine: whichever backend it is logged in to, or the cloud on this machine."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from operations.declared import exported
from operations.failures import CannotRun

if TYPE_CHECKING:
    from localcloud.cloud import LocalCloud

_LIST_TIMEOUT = 120
"""Seconds in which a backend lists its stacks [own]."""
_LOCKED = re.compile(r"created by (?P<who>\S+)@(?P<host>\S+) \(pid (?P<pid>\d+)\) at (?P<at>\S+)")
"""How a backend of files or buckets tells of a lock (pulumi, backend/diy/lock.go)."""
_BUSY = re.compile(r"currently locked|another update is currently in progress", re.IGNORECASE)


@dataclass(frozen=True)
class Lock:
    """Who is at a stack, as far as the backend tells."""

    who: str = "somebody"
    host: str = ""
    pid: int = 0
    since: datetime | None = None

    def surely_stale(self, now: datetime, after: timedelta) -> bool:
        """Whether nobody can be at it any more: its process is gone from this machine, or it is older than `after`."""
        if self.host and self.host == socket.gethostname() and not _runs(self.pid):
            return True
        return self.since is not None and now - self.since > after

    def __str__(self) -> str:
        if not self.host:
            return "somebody is at it"
        since = f" since {self.since:%Y-%m-%d %H:%M} UTC" if self.since else ""
        return f"{self.who} on {self.host} (process {self.pid}) is at it{since}"


@dataclass(frozen=True)
class Outcome:
    """How a command of the engine ended."""

    code: int
    locks: tuple[Lock, ...] = ()
    """Why it did not begin; none where it did."""


class Engine(Protocol):
    """The stacks of this project, and what is done to them."""

    def stacks(self) -> list[str]:
        """Names, without organisation and project."""

    def state(self, stack: str) -> dict[str, Any]:
        """As `pulumi stack export` writes it."""

    def make(self, stack: str, secrets_provider: str | None) -> None:
        """An empty stack of that name, where there is none."""

    def up(self, stack: str) -> Outcome:
        """Deploy what the stack file says."""

    def destroy(self, stack: str) -> Outcome:
        """Delete all that its state knows."""

    def cancel(self, stack: str) -> None:
        """Take away its locks."""

    def remove(self, stack: str) -> None:
        """Forget the empty stack, and its file."""


def locks_in(said: str) -> tuple[Lock, ...]:
    """The locks that the engine's words tell of."""
    found = tuple(
        Lock(each["who"], each["host"], int(each["pid"]), _moment(each["at"])) for each in _LOCKED.finditer(said)
    )
    return found or ((Lock(),) if _BUSY.search(said) else ())


class Pulumi:
    """The `pulumi` on PATH, in this folder."""

    def stacks(self) -> list[str]:
        """Of the backend that it is logged in to."""
        listed = json.loads(self._quietly("stack", "ls", "--json"))
        return [str(one["name"]).rpartition("/")[2] for one in listed]

    def state(self, stack: str) -> dict[str, Any]:
        """From the backend."""
        return exported(stack)

    def make(self, stack: str, secrets_provider: str | None) -> None:
        """With secrets under the given key, or the backend's own."""
        given = ("--secrets-provider", secrets_provider) if secrets_provider else ()
        self._quietly("stack", "init", stack, *given)

    def up(self, stack: str) -> Outcome:
        """With the guardrails."""
        return self._streamed("up", "--yes", "--skip-preview", "--policy-pack", "guardrails", "--stack", stack)

    def destroy(self, stack: str) -> Outcome:
        """Of what the state knows; the program is not run, so its code need not be here."""
        return self._streamed("destroy", "--yes", "--skip-preview", "--stack", stack)

    def cancel(self, stack: str) -> None:
        """Every lock of the stack."""
        self._quietly("cancel", "--yes", "--stack", stack)

    def remove(self, stack: str) -> None:
        """Refuses where anything is left in the state."""
        self._quietly("stack", "rm", "--yes", "--stack", stack)

    def _streamed(self, *words: str) -> Outcome:
        with self._started(*words, stderr=subprocess.STDOUT, stdout=subprocess.PIPE) as process:
            said = []
            for line in process.stdout or ():
                sys.stderr.write(line)
                said.append(line)
        return Outcome(process.returncode, locks_in("".join(said)) if process.returncode else ())

    def _quietly(self, *words: str) -> str:
        with self._started(*words, stderr=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            try:
                said, wrong = process.communicate(timeout=_LIST_TIMEOUT)
            except subprocess.TimeoutExpired:
                process.kill()
                raise CannotRun(f"pulumi {' '.join(words[:2])} did not answer within {_LIST_TIMEOUT} s") from None
        if process.returncode:
            raise CannotRun(f"pulumi {' '.join(words[:2])}: {wrong.strip().removeprefix('error: ') or said.strip()}")
        return said

    def _started(self, *words: str, stdout: int, stderr: int) -> subprocess.Popen[str]:
        command = ["pulumi", *words, "--non-interactive", "--color=never"]
        try:
            return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr, text=True)
        except FileNotFoundError:
            said = "there is no pulumi on PATH: install it, or say --local for the cloud on this machine"
            raise CannotRun(said) from None


class Local:
    """The cloud on this machine; who is at a stack there, and no longer lives, it finds out by itself."""

    def __init__(self, cloud: LocalCloud) -> None:
        self._cloud = cloud

    def stacks(self) -> list[str]:
        """Of this project."""
        own = f"{self._cloud.project.name}/"
        return [name.removeprefix(own) for name in self._cloud.status().stacks if name.startswith(own)]

    def state(self, stack: str) -> dict[str, Any]:
        """From the state service."""
        return self._cloud.state(stack)

    def make(self, stack: str, secrets_provider: str | None) -> None:
        """The first `up` makes it."""

    def up(self, stack: str) -> Outcome:
        """As `accordion local up`."""
        return self._run("up", "--yes", "--skip-preview", "--suppress-outputs", "--stack", stack)

    def destroy(self, stack: str) -> Outcome:
        """As `accordion local destroy`."""
        return self._run("destroy", "--yes", "--skip-preview", "--stack", stack)

    def cancel(self, stack: str) -> None:
        """Every lock of the stack."""
        self._run("cancel", "--yes", "--stack", stack)

    def remove(self, stack: str) -> None:
        """Refuses where anything is left in the state."""
        if self._run("stack", "rm", "--yes", "--stack", stack).code:
            raise CannotRun(f"stack {stack} could not be removed")

    def _run(self, *words: str) -> Outcome:
        return Outcome(self._cloud.run(words, Path.cwd()))


def engine_of(*, local: bool) -> Engine:
    """The engine that was asked for."""
    if not local:
        return Pulumi()
    from operations.local import cloud_here

    return Local(cloud_here())


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True
