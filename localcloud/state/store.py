"""Stacks, their updates and journals, in SQLite.

An entry of a journal is on disk when `append` returns: a commit of the write-ahead log waits for the disk
(`synchronous=FULL`, 0.2 ms here). Nothing is kept in memory between two calls, so a killed service has lost nothing,
and any process of this user may open the same file.

An update holds its stack while it runs. It is over when the engine says so, when the engine's process is gone, or when
its lease has run out and somebody else wants the stack. Then the state is made from its journal, once.
"""

import contextlib
import datetime
import hashlib
import json
import secrets
import sqlite3
import threading
import time
import uuid
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from localcloud import whole_files
from localcloud.state import urns
from localcloud.state.replay import Deployment, Typed, check, replayed

LEASE = 300.0  # seconds: what the engine asks for
_KEPT = 30  # deployments of a stack, the newest; older updates keep their line in the history
_BUSY = 60.0  # seconds to wait for another process's commit
_FORMAT = 1
_SCHEMA = """
CREATE TABLE stack (
    id INTEGER PRIMARY KEY,
    project TEXT NOT NULL,
    name TEXT NOT NULL,
    tags TEXT NOT NULL,
    config TEXT,
    version INTEGER NOT NULL DEFAULT 0,
    holder TEXT,
    UNIQUE (project, name)
);
CREATE TABLE operation (
    id TEXT PRIMARY KEY,
    stack INTEGER NOT NULL REFERENCES stack ON DELETE CASCADE,
    kind TEXT NOT NULL,
    dry INTEGER NOT NULL,
    request TEXT NOT NULL,
    status TEXT NOT NULL,
    began REAL NOT NULL,
    ended REAL,
    version INTEGER,
    token TEXT,
    lease REAL,
    pid INTEGER,
    born REAL,
    engine TEXT,
    changes TEXT
);
CREATE INDEX operation_of_stack ON operation (stack, version);
CREATE TABLE entry (
    operation TEXT NOT NULL REFERENCES operation ON DELETE CASCADE,
    sequence INTEGER NOT NULL,
    body BLOB NOT NULL,
    UNIQUE (operation, sequence)
);
CREATE TABLE deployment (
    stack INTEGER NOT NULL REFERENCES stack ON DELETE CASCADE,
    version INTEGER NOT NULL,
    schema INTEGER NOT NULL,
    features TEXT NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (stack, version)
);
"""

PREVIEW = "preview"
NOT_STARTED, RUNNING, SUCCEEDED, FAILED = "not started", "running", "succeeded", "failed"
_EMPTY: Deployment = {"manifest": {"time": "0001-01-01T00:00:00Z", "magic": "", "version": ""}, "metadata": {}}
_STALE_PREVIEW = 86_400.0  # seconds after which a preview that was never ended is forgotten


class Missing(Exception):  # noqa: N818 - an answer
    """No such stack, update or version."""


class Conflict(Exception):  # noqa: N818 - an answer
    """The stack is there already, or another update holds it."""


class Expired(Exception):  # noqa: N818 - an answer
    """The update is over, or its lease belongs to somebody else."""


class Newer(Exception):  # noqa: N818 - as above
    """The file was written by a newer version."""


class NotEmpty(Exception):  # noqa: N818 - an answer
    """The stack still has resources."""


@dataclass(frozen=True)
class Process:
    """A process of this machine, known by its id and when it began (seconds since the epoch)."""

    pid: int
    born: float


Lives = Callable[[Process], bool]
"""Whether a process is still there."""


@dataclass(frozen=True)
class Stack:
    """A stack as it is kept."""

    id: int
    project: str
    name: str
    tags: dict[str, str]
    config: dict[str, Any] | None
    version: int
    """Of the last update that has ended."""
    holder: str | None
    """The update that holds it."""


@dataclass(frozen=True)
class Operation:
    """An update, or a preview of one."""

    id: str
    stack: int
    kind: str
    """`update`, `refresh`, `destroy`, `preview` or `import`."""
    dry: bool
    request: dict[str, Any]
    """Configuration, message and environment, as the engine sent them."""
    status: str
    began: float
    ended: float | None
    version: int | None
    token: str | None
    lease: float | None
    process: Process | None
    engine: str | None
    """The engine's version."""
    changes: dict[str, int] | None
    """Resources by what was done to them."""

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return self.status in (SUCCEEDED, FAILED)


def manifest(engine: str | None, at: float) -> dict[str, str]:
    """The head of a deployment that this engine would write at that time."""
    version = engine or ""
    magic = hashlib.sha256(version.encode()).hexdigest() if version else ""
    time_ = datetime.datetime.fromtimestamp(at, datetime.UTC).isoformat().replace("+00:00", "Z")
    return {"time": time_, "magic": magic, "version": version}


def out_of_room(error: Exception, path: Path) -> str | None:
    """The sentence for a disk that is full, whichever of SQLite's words for it this is; None for another error."""
    said = str(error)
    unsaid = said.startswith(("disk I/O error", "unable to open database file"))
    full = said == "database or disk is full" or (unsaid and whole_files.is_full(path.parent))
    return whole_files.no_room(path) if full else None


class Store:
    """The file of one place's states."""

    def __init__(self, path: Path, lives: Lives) -> None:
        """Open the file, or make it, readable by its owner alone.

        Raises: Newer; sqlite3.DatabaseError for a file that is none. Either leaves it closed.
        """
        if not path.exists():
            path.touch(mode=0o600)
        self.path = path
        self._lives = lives
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(path, timeout=_BUSY, isolation_level=None, check_same_thread=False)
        try:
            self._prepare(path)
        except BaseException:
            self.close()
            raise

    def _prepare(self, path: Path) -> None:
        self._connection.row_factory = sqlite3.Row
        for setting in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            self._connection.execute(f"PRAGMA {setting}")
        with self._transaction() as run:
            format_ = run("PRAGMA user_version").fetchone()[0]
            if format_ > _FORMAT:
                raise Newer(f"{path} is of format {format_}, and this version reads {_FORMAT}")
            if format_ == 0:
                for statement in filter(str.strip, _SCHEMA.split(";")):
                    run(statement)
                run(f"PRAGMA user_version={_FORMAT}")

    def close(self) -> None:
        """Close the file, once what is being written is written."""
        with self._lock:
            self._connection.close()

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[Callable[..., sqlite3.Cursor]]:
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection.execute
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:  # SQLite has ended it by itself where the disk is full
                    self._connection.execute("ROLLBACK")
                raise

    def _rows(self, query: str, *values: object) -> list[sqlite3.Row]:
        with self._lock:
            return self._connection.execute(query, values).fetchall()

    # Stacks

    def stacks(self, project: str | None = None) -> list[Stack]:
        """Every stack, or those of a project, by name."""
        rows = self._rows("SELECT * FROM stack WHERE project = coalesce(?, project) ORDER BY project, name", project)
        return [_stack(row) for row in rows]

    def stack(self, project: str, name: str) -> Stack:
        """One stack.

        Raises: Missing.
        """
        rows = self._rows("SELECT * FROM stack WHERE project = ? AND name = ?", project, name)
        if not rows:
            raise Missing(f"no stack {name} in project {project}")
        return _stack(rows[0])

    def create(
        self, project: str, name: str, tags: Mapping[str, str], config: object = None, state: Typed | None = None
    ) -> None:
        """Make a stack, empty or with a first state.

        Raises: Conflict when there is one of this name.
        """
        with self._transaction() as run:
            try:
                made = run(
                    "INSERT INTO stack (project, name, tags, config) VALUES (?, ?, ?, ?)",
                    (project, name, json.dumps(dict(tags)), json.dumps(config) if config else None),
                )
            except sqlite3.IntegrityError:
                raise Conflict(f"stack {project}/{name} already exists") from None
            if state:
                self._keep(run, int(made.lastrowid or 0), 0, state)

    def tag(self, stack: Stack, tags: Mapping[str, str]) -> None:
        """Replace the stack's tags."""
        with self._transaction() as run:
            run("UPDATE stack SET tags = ? WHERE id = ?", (json.dumps(dict(tags)), stack.id))

    def configure(self, stack: Stack, config: object) -> None:
        """Replace what the stack keeps of its configuration."""
        with self._transaction() as run:
            run("UPDATE stack SET config = ? WHERE id = ?", (json.dumps(config), stack.id))

    def remove(self, stack: Stack, force: bool) -> None:
        """Forget a stack with its history.

        Raises: NotEmpty for one with resources, unless forced; Conflict while an update holds it.
        """
        with self._held_by_nobody(stack) as (run, held):
            if not force and (self._latest(run, held).deployment.get("resources") or ()):
                raise NotEmpty
            run("DELETE FROM stack WHERE id = ?", (stack.id,))

    def rename(self, stack: Stack, project: str, name: str) -> None:
        """Give a stack, and every URN in its state, another name.

        Raises: Conflict when that is taken, or while an update holds the stack.
        """
        with self._held_by_nobody(stack) as (run, held):
            try:
                run("UPDATE stack SET project = ?, name = ? WHERE id = ?", (project, name, stack.id))
            except sqlite3.IntegrityError:
                raise Conflict(f"stack {project}/{name} already exists") from None
            latest = self._latest(run, held)
            if "resources" in latest.deployment:
                self._keep(run, stack.id, held.version, _renamed(latest, project, name))

    # States

    def latest(self, stack: Stack) -> Typed:
        """The state of a stack; in the middle of an update as far as its journal goes."""
        self._end_what_is_over(stack)
        with self._transaction() as run:
            held = _one(run, stack.id)
            operation = self._operation(run, held.holder) if held.holder else None
            return self._state_of(run, operation) if operation else self._latest(run, held)

    def at(self, stack: Stack, version: int) -> Typed:
        """The state that an update led to.

        Raises: Missing for one that is not kept.
        """
        with self._transaction() as run:
            kept = self._kept(run, stack.id, version)
        if kept is None:
            raise Missing(f"no version {version} of stack {stack.name}; the last {_KEPT} are kept")
        return kept

    def put(self, stack: Stack, state: Typed) -> str:
        """Replace the state (`stack import`); returns the id of the update that this is.

        Raises: Conflict while an update holds the stack.
        """
        with self._held_by_nobody(stack) as (run, held):
            operation = uuid.uuid4().hex
            now = time.time()
            run(
                "INSERT INTO operation (id, stack, kind, dry, request, status, began, ended, version)"
                " VALUES (?, ?, 'import', 0, '{}', ?, ?, ?, ?)",
                (operation, stack.id, SUCCEEDED, now, now, held.version + 1),
            )
            self._advance(run, stack.id, held.version + 1, state)
            return operation

    def settle(self, stack: Stack) -> None:
        """Take the pending operations out of a state: somebody has seen to them.

        Raises: Conflict while an update holds the stack.
        """
        with self._held_by_nobody(stack) as (run, held):
            latest = self._latest(run, held)
            if latest.deployment.pop("pending_operations", None):
                self._keep(run, held.id, held.version, latest)

    def count(self, stack: Stack) -> int:
        """Resources in a stack's state."""
        return len(self.latest(stack).deployment.get("resources") or ())

    # Updates

    def plan(self, stack: Stack, kind: str, dry: bool, request: Mapping[str, Any]) -> str:
        """Note an update that may begin; returns its id."""
        operation = uuid.uuid4().hex
        with self._transaction() as run:
            now = time.time()
            run("DELETE FROM operation WHERE dry AND began < ?", (now - _STALE_PREVIEW,))
            run(
                "INSERT INTO operation (id, stack, kind, dry, request, status, began) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (operation, stack.id, kind, dry, json.dumps(dict(request)), NOT_STARTED, now),
            )
        return operation

    def begin(
        self, operation_id: str, process: Process | None, engine: str | None, tags: Mapping[str, str] | None
    ) -> Operation:
        """Begin an update: from now on it holds its stack. A preview holds nothing.

        Raises: Conflict when another one does; Expired for one that has begun before; Missing.
        """
        with self._transaction() as run:
            operation = self._operation(run, operation_id)
            if operation.status != NOT_STARTED:
                raise Expired("this update has begun before")
            held = _one(run, operation.stack)
            if not operation.dry:
                held = self._let_go(run, held)
                run("UPDATE stack SET holder = ? WHERE id = ?", (operation_id, held.id))
                if tags is not None:
                    run("UPDATE stack SET tags = ? WHERE id = ?", (json.dumps(dict(tags)), held.id))
            now = time.time()
            run(
                "UPDATE operation SET status = ?, began = ?, version = ?, token = ?, lease = ?, pid = ?, born = ?,"
                " engine = ? WHERE id = ?",
                (
                    RUNNING,
                    now,
                    held.version + (not operation.dry),
                    secrets.token_urlsafe(24),
                    now + LEASE,
                    process and process.pid,
                    process and process.born,
                    engine,
                    operation_id,
                ),
            )
            return self._operation(run, operation_id)

    def renew(self, operation_id: str, token: str, seconds: float) -> str:
        """Renew a lease; returns its token.

        Raises: Expired when the update is over or the token is not the lease's.
        """
        with self._transaction() as run:
            self._leased(run, operation_id, token)
            run("UPDATE operation SET lease = ? WHERE id = ?", (time.time() + min(seconds, LEASE), operation_id))
        return token

    def append(self, operation_id: str, token: str, entries: Iterable[Mapping[str, Any]]) -> None:
        """Write entries of a journal; they are on disk when this returns. One that is there already is left.

        Raises: ReplayError for an entry that cannot be replayed, and then none is written; Expired.
        """
        rows = [(operation_id, check(entry), json.dumps(entry, separators=(",", ":"))) for entry in entries]
        with self._transaction() as run:
            self._leased(run, operation_id, token)
            self._connection.executemany("INSERT OR IGNORE INTO entry VALUES (?, ?, ?)", rows)

    def checkpoint(self, operation_id: str, token: str, state: Typed) -> None:
        """Write a whole state, which stands for the journal so far.

        Raises: Expired.
        """
        with self._transaction() as run:
            operation = self._leased(run, operation_id, token)
            self._keep(run, operation.stack, operation.version or 0, state)

    def record_changes(self, operation_id: str, token: str, changes: Mapping[str, int]) -> None:
        """Keep what an update did, counted by the engine.

        Raises: Expired.
        """
        with self._transaction() as run:
            self._leased(run, operation_id, token)
            run("UPDATE operation SET changes = ? WHERE id = ?", (json.dumps(dict(changes)), operation_id))

    def end(self, operation_id: str, token: str, succeeded: bool) -> None:
        """End an update: its journal becomes the stack's state. A second time changes nothing.

        Raises: Expired.
        """
        with self._transaction() as run:
            operation = self._operation(run, operation_id)
            if operation.over and operation.token == token:
                return  # the engine asks again when an answer was lost
            self._end(run, self._leased(run, operation_id, token), SUCCEEDED if succeeded else FAILED)

    def cancel(self, operation_id: str) -> None:
        """End an update that its engine did not end; what the engine still sends is refused.

        Raises: Conflict when it is over; Missing.
        """
        with self._transaction() as run:
            operation = self._operation(run, operation_id)
            if operation.over:
                raise Conflict("the update is already over")
            self._end(run, operation, FAILED)

    def operation(self, operation_id: str) -> Operation:
        """One update or preview.

        Raises: Missing.
        """
        with self._transaction() as run:
            return self._operation(run, operation_id)

    def active(self, stack: Stack) -> Operation | None:
        """The update that holds a stack; None when none does. One whose engine is gone is ended here."""
        self._end_what_is_over(stack)
        with self._transaction() as run:
            held = _one(run, stack.id)
            operation = self._operation(run, held.holder) if held.holder else None
            return None if operation and self._over(operation) else operation

    def history(self, stack: Stack) -> list[Operation]:
        """The stack's updates, newest first."""
        rows = self._rows(
            "SELECT * FROM operation WHERE stack = ? AND NOT dry AND version IS NOT NULL ORDER BY version DESC",
            stack.id,
        )
        return [_operation(row) for row in rows]

    def _end_what_is_over(self, stack: Stack) -> None:
        """End the update of an engine that is gone; on a full disk the next look does."""
        try:
            with self._transaction() as run:
                held = _one(run, stack.id)
                operation = self._operation(run, held.holder) if held.holder else None
                if operation and self._over(operation):
                    self._end(run, operation, FAILED)
        except sqlite3.OperationalError as error:
            if not out_of_room(error, self.path):
                raise

    # Inside a transaction

    @contextlib.contextmanager
    def _held_by_nobody(self, stack: Stack) -> Iterator[tuple[Callable[..., sqlite3.Cursor], Stack]]:
        with self._transaction() as run:
            yield run, self._let_go(run, _one(run, stack.id))

    def _let_go(self, run: Callable[..., sqlite3.Cursor], stack: Stack) -> Stack:
        """The stack when no update holds it any more; one that is over without a word is ended here."""
        if not stack.holder:
            return stack
        operation = self._operation(run, stack.holder)
        if not self._over(operation) and (operation.lease or 0) > time.time():
            since = datetime.datetime.fromtimestamp(operation.began).astimezone().strftime("%H:%M:%S")
            by = f" by process {operation.process.pid}" if operation.process else ""
            raise Conflict(
                f"another update of stack {stack.name} is running: {operation.kind}, begun at {since}{by}; wait for "
                "its end, or end it with `accordion local cancel`"
            )
        self._end(run, operation, FAILED)
        return _one(run, stack.id)

    def _over(self, operation: Operation) -> bool:
        """Whether the engine of a running update is gone."""
        if operation.process:
            return not self._lives(operation.process)
        return (operation.lease or 0) < time.time()

    def _operation(self, run: Callable[..., sqlite3.Cursor], operation_id: str) -> Operation:
        row = run("SELECT * FROM operation WHERE id = ?", (operation_id,)).fetchone()
        if row is None:
            raise Missing(f"no update {operation_id}")
        return _operation(row)

    def _leased(self, run: Callable[..., sqlite3.Cursor], operation_id: str, token: str) -> Operation:
        operation = self._operation(run, operation_id)
        if operation.status != RUNNING or not secrets.compare_digest(operation.token or "", token):
            raise Expired("the update is over: it was cancelled, or its lease ran out and another update began")
        return operation

    def _end(self, run: Callable[..., sqlite3.Cursor], operation: Operation, status: str) -> None:
        if operation.dry:
            run("DELETE FROM operation WHERE id = ?", (operation.id,))
            return
        self._advance(run, operation.stack, operation.version or 0, self._state_of(run, operation))
        run("UPDATE stack SET holder = NULL WHERE id = ?", (operation.stack,))
        run("UPDATE operation SET status = ?, ended = ? WHERE id = ?", (status, time.time(), operation.id))
        run("DELETE FROM entry WHERE operation = ?", (operation.id,))

    def _state_of(self, run: Callable[..., sqlite3.Cursor], operation: Operation) -> Typed:
        """The state after what a running update has written so far."""
        bodies = run("SELECT body FROM entry WHERE operation = ? ORDER BY sequence", (operation.id,)).fetchall()
        written = self._kept(run, operation.stack, operation.version or 0)
        before = self._latest(run, _one(run, operation.stack))
        if not bodies:
            return written or before
        entries = (json.loads(row["body"]) for row in bodies)
        return replayed(before.deployment, entries, manifest(operation.engine, time.time()))

    def _latest(self, run: Callable[..., sqlite3.Cursor], stack: Stack) -> Typed:
        return self._kept(run, stack.id, stack.version) or Typed(_EMPTY, 3, [])

    def _kept(self, run: Callable[..., sqlite3.Cursor], stack: int, version: int) -> Typed | None:
        row = run("SELECT * FROM deployment WHERE stack = ? AND version = ?", (stack, version)).fetchone()
        if row is None:
            return None
        return Typed(json.loads(zlib.decompress(row["body"])), row["schema"], json.loads(row["features"]))

    def _keep(self, run: Callable[..., sqlite3.Cursor], stack: int, version: int, state: Typed) -> None:
        body = zlib.compress(json.dumps(state.deployment, separators=(",", ":")).encode(), 1)
        row = (stack, version, state.schema, json.dumps(state.features), body)
        run("INSERT OR REPLACE INTO deployment VALUES (?, ?, ?, ?, ?)", row)

    def _advance(self, run: Callable[..., sqlite3.Cursor], stack: int, version: int, state: Typed) -> None:
        self._keep(run, stack, version, state)
        run("UPDATE stack SET version = ? WHERE id = ?", (version, stack))
        run("DELETE FROM deployment WHERE stack = ? AND version <= ?", (stack, version - _KEPT))


def _one(run: Callable[..., sqlite3.Cursor], stack: int) -> Stack:
    row = run("SELECT * FROM stack WHERE id = ?", (stack,)).fetchone()
    if row is None:
        raise Missing("the stack was removed")
    return _stack(row)


def _stack(row: sqlite3.Row) -> Stack:
    config = json.loads(row["config"]) if row["config"] else None
    return Stack(row["id"], row["project"], row["name"], json.loads(row["tags"]), config, row["version"], row["holder"])


def _operation(row: sqlite3.Row) -> Operation:
    return Operation(
        row["id"],
        row["stack"],
        row["kind"],
        bool(row["dry"]),
        json.loads(row["request"]),
        row["status"],
        row["began"],
        row["ended"],
        row["version"],
        row["token"],
        row["lease"],
        Process(row["pid"], row["born"]) if row["pid"] else None,
        row["engine"],
        json.loads(row["changes"]) if row["changes"] else None,
    )


def _renamed(state: Typed, project: str, name: str) -> Typed:
    def new(urn: str) -> str:
        return urns.renamed(urn, project, name)

    deployment = dict(state.deployment)
    deployment["resources"] = [urns.rewritten(resource, new) for resource in deployment.get("resources") or ()]
    if deployment.get("pending_operations"):
        pending: Sequence[dict[str, Any]] = deployment["pending_operations"]
        deployment["pending_operations"] = [
            {**operation, "resource": urns.rewritten(operation["resource"], new)} for operation in pending
        ]
    return Typed(deployment, state.schema, state.features)
