"""Servers in the background, known by process id and creation time, so that a recycled id is never taken for one."""

import contextlib
import hashlib
import json
import os
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psutil

from localcloud import whole_files
from localcloud.cloud import files
from localcloud.cloud.errors import LocalCloudError

_READY_TIMEOUT = 600.0  # seconds: a long journal is replayed before the first answer
_STOP_TIMEOUT = 10.0  # seconds for a server to end on SIGTERM
_OTHER_PORTS = 5  # tries, when a server ends since its port was lost
_POLL = 0.05  # seconds
_END_POLL = 0.01  # seconds
_STARTED: list[subprocess.Popen[bytes]] = []  # to be asked how they ended
_SAME_TIME = 1.0  # seconds: creation times come from clock ticks and the boot time


@dataclass(frozen=True)
class Record:
    """A server that was started: what a pid file holds."""

    pid: int
    created: float
    """The process's creation time in seconds since the epoch."""
    port: int
    fingerprint: str
    """Of what the server was started with; another one means that it has to start anew."""


class _Server(subprocess.Popen[bytes]):
    """A process that is to outlive the one that started it: Python would warn of a child still running."""

    def __del__(self) -> None:
        """Nothing to tell."""


def process_of(pid: int, created: float) -> psutil.Process | None:
    """The living process with this id that was created at this time; None when it is gone or another has its id."""
    try:
        process = psutil.Process(pid)
        same = abs(process.create_time() - created) < _SAME_TIME
        return process if same and process.status() != psutil.STATUS_ZOMBIE else None
    except psutil.NoSuchProcess:
        return None


def listens(process: psutil.Process, port: int) -> bool:
    """Whether this very process listens on the port: a dying one may still hold it."""
    try:
        connections = process.net_connections(kind="tcp")
    except psutil.Error:
        return False
    return any(c.status == psutil.CONN_LISTEN and c.laddr.port == port for c in connections)


def free_port(wanted: int | None = None) -> int:
    """A free port of the loopback address: the wanted one when it is free, so that a shell's exports stay true."""
    for port in (wanted, 0) if wanted else (0,):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return int(probe.getsockname()[1])
    raise LocalCloudError("no free port on 127.0.0.1; end programs that hold ports, then try again")


@dataclass(frozen=True)
class Server:
    """One background server of a place."""

    name: str
    folder: Path
    """The place's root: pid file and logs lie in it."""
    command: Callable[[int], list[str]]
    """The command line for a port; it ends with `os.EX_TEMPFAIL` when the port is taken."""
    environment: Mapping[str, str]
    fingerprint: str
    marks: tuple[str, ...] = ()
    """The module that Python runs and what follows it; with them, servers are found that no pid file tells of."""

    @property
    def record_file(self) -> Path:
        """The pid file."""
        return self.folder / f"{self.name}.json"

    @property
    def log(self) -> Path:
        """What the server prints, over all its starts."""
        return self.folder / "logs" / f"{self.name}.log"

    def last_record(self) -> Record | None:
        """What the pid file says; None without a readable one."""
        try:
            found = Record(**json.loads(self.record_file.read_text()))
        except (OSError, ValueError, TypeError):
            return None
        sound = all(isinstance(value, int | float) for value in (found.pid, found.created, found.port))
        return found if sound and isinstance(found.fingerprint, str) else None

    def _strays(self) -> list[psutil.Process]:
        """This place's servers of this kind that no pid file tells of any more: it is damaged, or was removed.

        Known by their module and by a file of the place on their command line.
        """
        found = []
        for process in psutil.process_iter() if self.marks else ():
            with contextlib.suppress(psutil.Error):
                line = process.cmdline()
                if line[1 : 2 + len(self.marks)] == ["-m", *self.marks] and any(
                    item.startswith(f"{self.folder}/") for item in line
                ):
                    found.append(process)
        return found

    def running(self) -> Record | None:
        """The record of the living server; None when it does not run."""
        record = self.last_record()
        return record if record and process_of(record.pid, record.created) else None

    def answering(self) -> Record | None:
        """The record of the living server that listens; None otherwise."""
        record = self.running()
        process = record and process_of(record.pid, record.created)
        return record if record and process and listens(process, record.port) else None

    def start(self) -> Record:
        """Start the server and wait until it, and no other process, listens.

        A port can be lost between looking and listening, to any connection of the machine: then another one is taken.

        Raises: LocalCloudError when it ends early; the message has the end of its log.
        """
        last = self.last_record()
        self.log.parent.mkdir(parents=True, exist_ok=True)
        begin = self.logged()
        code = None
        for wanted in (last.port if last else None, *[None] * _OTHER_PORTS):
            record, code = self._started(free_port(wanted))
            if record:
                return record
            if code != os.EX_TEMPFAIL:
                break
        raise LocalCloudError(self._did_not_start(code, begin))

    def _started(self, port: int) -> tuple[Record | None, int | None]:
        """The record of the server that listens; without one its exit code, None when it was too slow."""
        with self.log.open("ab") as log:
            child = _Server(
                self.command(port),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                env=dict(self.environment),
                start_new_session=True,  # a Ctrl-C in the terminal is for the engine
            )
        _STARTED.append(child)
        process = psutil.Process(child.pid)
        record = Record(child.pid, process.create_time(), port, self.fingerprint)
        try:
            files.write(self.record_file, json.dumps(asdict(record)))
        except LocalCloudError:
            child.kill()  # nobody would know of it
            raise
        deadline = time.monotonic() + _READY_TIMEOUT
        while not listens(process, port):
            code = child.poll()
            if code is not None or time.monotonic() > deadline:
                self.record_file.unlink(missing_ok=True)
                child.kill()
                return None, code
            time.sleep(_POLL)
        return record, None

    def logged(self) -> int:
        """How long the log is."""
        return self.log.stat().st_size if self.log.exists() else 0

    def said(self, begin: int) -> list[str]:
        """The lines of the log from there on."""
        with self.log.open("rb") as log:
            log.seek(begin)
            return log.read().decode(errors="replace").strip().splitlines()

    def _did_not_start(self, code: int | None, begin: int) -> str:
        if whole_files.is_full(self.folder):
            return whole_files.no_room(self.folder)
        how = "did not answer in time" if code is None else f"ended with exit code {code}"
        tail = self.said(begin)[-5:]
        said = "".join(f"\n  {line}" for line in tail)
        return f"the local cloud's {self.name} {how}; see {self.log}{said}"

    def stop(self) -> bool:
        """End the server; whether there was one to end.

        The pid file stays: its port is used again at the next start.
        """
        record = self.running()
        process = record and process_of(record.pid, record.created)
        found = [process] if process else self._strays()
        for each in found:
            with contextlib.suppress(psutil.NoSuchProcess):
                each.terminate()
                if not ended(each, _STOP_TIMEOUT):
                    each.kill()
                    ended(each, _STOP_TIMEOUT)
        for child in _STARTED:
            child.poll()  # lets the Popen of this one know that it has ended
        return bool(found)


def ended(process: psutil.Process, within: float) -> bool:
    """Wait for a process to end; whether it has within these seconds.

    One that has ended stays in the table of processes until its parent has asked how. In a container the parent of a
    server is the first process, which may take seconds to ask or never do.
    """
    deadline = time.monotonic() + within
    while process_of(process.pid, process.create_time()):
        if time.monotonic() > deadline:
            return False
        time.sleep(_END_POLL)
    return True


def fingerprint(*parts: str, code: Path, leave_out: Sequence[str] = ()) -> str:
    """A digest of how a server is started and of its code, by size and time of each file: a pull starts it anew.

    `leave_out` names folders directly below `code` that this server does not run.
    """
    files = sorted(path for path in code.rglob("*.py") if path.relative_to(code).parts[0] not in leave_out)
    stats = [(str(path), path.stat()) for path in files]
    return hash_of([*parts, *([name, s.st_size, s.st_mtime_ns] for name, s in stats)])


def hash_of(value: object) -> str:
    """A short stable digest of plain data."""
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()[:16]


def loopback(endpoint: str) -> str:
    """The endpoint, when it is on the loopback address.

    Raises: LocalCloudError for any other: a command for the local cloud must never reach a real account.
    """
    parts = urlsplit(endpoint)
    host = parts.hostname
    if parts.scheme == "unix" and not host:
        return endpoint  # a socket in a file
    if host not in ("127.0.0.1", "::1", "localhost"):
        raise LocalCloudError(
            f"endpoint {endpoint}: host {host!r} is not this machine; allowed: 127.0.0.1, ::1, localhost"
        )
    return endpoint


def alive(pid: int, not_younger_than: float) -> bool:
    """Whether a process with this id lives and existed at that time (seconds since the epoch)."""
    try:
        process = psutil.Process(pid)
        return process.create_time() <= not_younger_than + _SAME_TIME and process.status() != psutil.STATUS_ZOMBIE
    except (psutil.NoSuchProcess, ValueError):
        return False
