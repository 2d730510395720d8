"""A journal of changes, so that the cloud on this machine survives a stop, a kill and a restart with the same ids.

Each changing request is written to a file before it is handled; the next start handles them again in the same order.
The answers are the same because nothing else decides them: one request is handled at a time, moto's random numbers are
seeded with the request's number in the journal (and, for what a service has from the start, with the service's name),
and moto's clock stands at the recorded moment (`localcloud.aws.moto_gaps.clock`). Reads are not written.
"""

import io
import re
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from localcloud.aws.journal_file import Entry, Environment, JournalFile

Answer = tuple[str, list[tuple[str, str]], bytes]
"""Status line, headers and body of a response."""

REMEMBERED_ANSWERS: Final = 8192
"""How many answers to changes are kept for clients that repeat a request whose answer was lost, which a later command
may do: many times what an engine has in work at once [own]."""

CHANGE: Final = "X-Accordion-Change"
"""The header of an answer that has the number of the change: who keeps it knows later whether the change was lost."""


# Actions that change nothing that lasts; the other actions are taken for changes, which is always safe.
_READS = re.compile(r"(Describe|List|Get|Head|Search|Filter|Lookup|BatchGet|BatchDescribe|Assume|Test)")
# Headers that differ from try to try or concern the connection only.
_DROPPED_HEADERS = frozenset(
    (
        "HTTP_ACCEPT",
        "HTTP_ACCEPT_ENCODING",
        "HTTP_AMZ_SDK_INVOCATION_ID",
        "HTTP_AMZ_SDK_REQUEST",
        "HTTP_CONNECTION",
        "HTTP_CONTENT_LENGTH",
        "HTTP_EXPECT",
        "HTTP_TRANSFER_ENCODING",
        "HTTP_USER_AGENT",
        "HTTP_X_AMZ_DATE",
        "HTTP_X_AMZ_USER_AGENT",
    )
)
_WITHOUT_BODY = ("204", "304")
_KEPT = ("REQUEST_METHOD", "PATH_INFO", "QUERY_STRING", "REQUEST_URI", "RAW_URI", "CONTENT_TYPE")


NOT_KEPT = 507
"""HTTP status of a change that was not handled, as the journal could not be written (RFC 4918, 11.5)."""


def action(environment: Environment, body: bytes) -> str | None:
    """The AWS operation of a request, from its target header, path or form body; None for a REST request."""
    if target := environment.get("HTTP_X_AMZ_TARGET"):
        return str(target).rpartition(".")[2]
    if "/operation/" in environment["PATH_INFO"]:
        return str(environment["PATH_INFO"]).rpartition("/")[2]
    if found := re.match(rb"(?:.*&)?Action=(\w+)", body):
        return found[1].decode()
    return None


def changes(environment: Environment, body: bytes) -> bool:
    """Whether a request may change what the cloud holds."""
    if environment["PATH_INFO"].startswith("/moto-api"):
        return False
    name = action(environment, body)
    return not _READS.match(name) if name else environment["REQUEST_METHOD"] not in ("GET", "HEAD", "OPTIONS")


class World:
    """What the journal needs to know about the simulation behind the application."""

    def seed(self, number: int) -> None:
        """Make random numbers depend on a change's number alone."""
        raise NotImplementedError

    def at(self, moment: float | None) -> None:
        """Set the clock to a moment, or let it run."""
        raise NotImplementedError


class Recorder:
    """WSGI middleware: handles one request at a time and writes changes before they are handled.

    A client that repeats a request whose answer it did not get (boto3 sends the same invocation id) gets the answer of
    the first try, after a restart too, so that a kill in the middle of a create makes nothing twice.
    """

    def __init__(self, application: Callable[..., Iterable[bytes]], journal: JournalFile | None, world: World) -> None:
        self._application = application
        self._journal = journal
        self._world = world
        self._lock = threading.Lock()
        self._answers: OrderedDict[str, Answer] = OrderedDict()
        self.count = journal.emptied if journal else 0
        """The number of the last change."""

    def replay(self, last: int = 0) -> int:
        """Handle the journal's entries again and return how many there were. A failing request fails again.

        `last` is the number of a change that was handled once, in the file or not: numbers, and with them ids, go on
        after it, since somebody may still know what had them.
        """
        entries = self._journal.entries if self._journal else []
        replayed = len(entries)
        for entry in entries:
            if entry is None:
                self.count += 1
            else:
                self._change(entry)
        entries.clear()
        self.count = max(self.count, last)
        return replayed

    def forget(self, last: int = 0) -> None:
        """Begin the file anew: there is nothing in the cloud. The next change is the one after `last`."""
        self.count = last
        self._answers.clear()
        if self._journal:
            self._journal.clear(last)

    @contextmanager
    def still(self) -> Iterator[None]:
        """No request is handled while this lasts."""
        with self._lock:
            yield

    def close(self) -> None:
        """Wait for the request in work, then close the file; no request is handled after it."""
        self._lock.acquire(timeout=10)
        if self._journal:
            self._journal.close()

    def __call__(self, environment: Environment, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request."""
        body = _body(environment)
        with self._lock:
            status, headers, content = self._handle(environment, body)
        if not any(name.lower() == "content-length" for name, _ in headers) and not status.startswith(_WITHOUT_BODY):
            headers = [*headers, ("Content-Length", str(len(content)))]  # an answer that broke off is known by it
        start_response(status, headers)
        return [content]

    def _handle(self, environment: Environment, body: bytes) -> Answer:
        if not changes(environment, body):
            answer = self._call(environment, body)
            if environment["PATH_INFO"] == "/moto-api/reset":
                self.forget()
            return answer
        invocation = environment.get("HTTP_AMZ_SDK_INVOCATION_ID", "")
        if invocation in self._answers:
            return self._answers[invocation]
        entry = Entry(time.time(), invocation, _relevant(environment), body, self.count + 1)
        if self._journal:
            try:
                self._journal.append(entry)
            except OSError as error:
                return (
                    f"{NOT_KEPT} Insufficient Storage",
                    [("Content-Type", "text/plain")],
                    str(error.strerror).encode(),
                )
        return self._change(entry)

    def _change(self, entry: Entry) -> Answer:
        self.count = entry.number or self.count + 1
        self._world.seed(self.count)
        self._world.at(entry.time)
        try:
            answer = self._call(entry.environment, entry.body)
        finally:
            self._world.at(None)
        answer = (answer[0], [*answer[1], (CHANGE, str(self.count))], answer[2])
        if entry.invocation:
            self._answers[entry.invocation] = answer
            if len(self._answers) > REMEMBERED_ANSWERS:
                self._answers.popitem(last=False)
        return answer

    def _call(self, environment: Environment, body: bytes) -> Answer:
        collected: list[Any] = []

        def start_response(status: str, headers: list[tuple[str, str]], _error: Any = None) -> None:
            collected[:] = [status, headers]

        try:
            answer = self._application(_complete(environment, body), start_response)
            content = b"".join(answer)
        except Exception as error:  # noqa: BLE001 - one request must not end the server, and a replay goes on
            return (
                "500 Internal Server Error",
                [("Content-Type", "text/plain")],
                f"{type(error).__name__}: {error}".encode(),
            )
        status, headers = collected
        return status, headers, content


def _body(environment: Environment) -> bytes:
    source = environment["wsgi.input"]
    if environment.get("wsgi.input_terminated"):
        return bytes(source.read())
    return bytes(source.read(int(environment.get("CONTENT_LENGTH") or 0)))


def _relevant(environment: Environment) -> Environment:
    headers = {k: v for k, v in environment.items() if k.startswith("HTTP_") and k not in _DROPPED_HEADERS}
    # moto notes there how S3 metadata with underscores was spelt; see moto.moto_server.werkzeug_app.
    spelling = {k: v for k, v in environment.items() if k.startswith("moto.") and v}
    return {k: environment[k] for k in _KEPT if k in environment} | headers | spelling


def _complete(environment: Environment, body: bytes) -> Environment:
    return {
        "SCRIPT_NAME": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        **environment,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
    }
