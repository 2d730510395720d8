"""The engine's published HTTP protocol, answered on loopback for the stacks of one place.

Routes and shapes are those of `backend/httpstate/client` in the CLI module and `apitype` in the SDK module. What is
not kept here (organizations, policies, deployments of Pulumi Cloud) has no route and is answered with 404, which the
engine takes for a service that has none of it.
"""

import contextlib
import errno
import gzip
import json
import os
import re
import signal
import sqlite3
import sys
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import click
import psutil

from localcloud.admission import Admission, BadToken, read_token
from localcloud.idle import Idle
from localcloud.server_log import lose_what_finds_no_room
from localcloud.state import ORGANIZATION, sealing
from localcloud.state.replay import VERSION, ReplayError, Typed
from localcloud.state.store import (
    PREVIEW,
    Conflict,
    Expired,
    Missing,
    Newer,
    NotEmpty,
    Operation,
    Process,
    Stack,
    Store,
    out_of_room,
)

_BODY_LIMIT = 400 * 1024 * 1024  # bytes of a request, decompressed; the engine's own limit of a message
_LENGTH_DIGITS = 16  # of a body's length; no limit comes near it
_GZIP_FROM = 4096  # bytes of an answer from which packing is worth its time
_SAME_BIRTH = 1.0  # seconds: creation times come from clock ticks and the boot time

Json = dict[str, Any]


class Refused(Exception):  # noqa: N818 - an answer
    """A request that is answered with an error."""

    def __init__(self, code: int, message: str) -> None:
        """With the HTTP status and what the engine shows."""
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Request:
    """A request, read."""

    stack: str
    project: str
    operation: str
    tail: str
    """What else the path names."""
    query: Mapping[str, str]
    body: Json
    token: str
    """The lease's, for requests of a running update."""
    engine: str | None
    """The engine's version, from the user agent."""
    peer: int
    """The client's port."""


def lives(process: Process) -> bool:
    """Whether the process is still there, and no other has its id."""
    try:
        found = psutil.Process(process.pid)
        same = abs(found.create_time() - process.born) < _SAME_BIRTH
        return same and found.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
    except psutil.Error:
        return True


def client(port: int) -> Process | None:
    """The engine that speaks from this port of the loopback address; None when no process of that name does."""
    for process in psutil.process_iter(["name"]):
        if not (process.info["name"] or "").startswith("pulumi"):
            continue
        with contextlib.suppress(psutil.Error):
            if any(c.laddr.port == port for c in process.net_connections(kind="tcp")):
                return Process(process.pid, process.create_time())
    return None


def _time(at: float | None) -> int:
    return int(at or 0)


def _untyped(state: Typed) -> Json:
    return {"version": state.schema, "features": state.features, "deployment": state.deployment}


def _typed(body: Json) -> Typed:
    """The deployment in a request.

    Raises: Refused for what no engine of today reads.
    """
    deployment, version, features = body.get("deployment"), body.get("version"), body.get("features") or []
    if not isinstance(deployment, dict) or not isinstance(version, int) or not isinstance(features, list):
        raise Refused(400, "wanted a deployment: an object with version, features and deployment")
    if version not in (3, 4):
        raise Refused(400, f"deployment of schema version {version}; kept are 3 and 4")
    return Typed(deployment, version, [str(name) for name in features])


@dataclass
class Service:
    """The protocol over a store."""

    store: Store
    vault: sealing.Vault
    who: Callable[[int], Process | None] = field(default=client)
    """The process that speaks from a port."""

    def _stack(self, request: Request) -> Stack:
        return self.store.stack(request.project, request.stack)

    # Who and what

    def capabilities(self, _: Request) -> Json:
        """What the engine may use."""
        schema = {"capability": "deployment-schema-version", "version": 1, "configuration": {"version": 4}}
        return {"capabilities": [schema, {"capability": "batch-encrypt"}]}

    def user(self, _: Request) -> Json:
        """The one user that there is."""
        one = {"githubLogin": ORGANIZATION, "name": ORGANIZATION}
        return {"id": ORGANIZATION, **one, "organizations": [one], "identities": []}

    def default_organization(self, _: Request) -> Json:
        """The owner of a stack that is named without one."""
        return {"GitHubLogin": ORGANIZATION}

    # Stacks

    def stacks(self, request: Request) -> Json:
        """Summaries of all stacks, or those of a project or with a tag."""
        wanted, tag = request.query.get("project"), request.query.get("tagName")
        if request.query.get("organization", ORGANIZATION) != ORGANIZATION:
            return {"stacks": []}
        found = [
            stack
            for stack in self.store.stacks(wanted)
            if not tag or (tag in stack.tags and request.query.get("tagValue", stack.tags[tag]) == stack.tags[tag])
        ]
        return {"stacks": [self._summary(stack) for stack in found]}

    def _summary(self, stack: Stack) -> Json:
        history = self.store.history(stack)
        about: Json = {
            "id": str(stack.id),
            "orgName": ORGANIZATION,
            "projectName": stack.project,
            "stackName": stack.name,
        }
        if history:
            about |= {"lastUpdate": _time(history[0].began), "resourceCount": self.store.count(stack)}
        return about

    def project(self, request: Request) -> Json:
        """Whether a project has stacks."""
        if not self.store.stacks(request.project):
            raise Missing(f"no project {request.project}")
        return {}

    def create_stack(self, request: Request) -> Json:
        """Make a stack."""
        name, state = request.body.get("stackName"), request.body.get("state")
        if not isinstance(name, str) or not re.fullmatch(r"[A-Za-z0-9_.-]{1,100}", name):
            raise Refused(400, f"stack name {name!r}: wanted 1 to 100 letters, digits, '_', '.' or '-'")
        tags, config = request.body.get("tags") or {}, request.body.get("config")
        self.store.create(request.project, name, tags, config, _typed(state) if state else None)
        return {}

    def get_stack(self, request: Request) -> Json:
        """A stack and the update that holds it, or held it last."""
        stack = self._stack(request)
        active = self.store.active(stack)
        history = self.store.history(stack)
        about: Json = {
            "id": str(stack.id),
            "orgName": ORGANIZATION,
            "projectName": stack.project,
            "stackName": stack.name,
            "tags": stack.tags,
            "version": stack.version,
            "activeUpdate": active.id if active else history[0].id if history else "",
        }
        if stack.config:
            about["config"] = stack.config
        if active:
            about["currentOperation"] = {"kind": active.kind, "author": ORGANIZATION, "started": _time(active.began)}
        return about

    def delete_stack(self, request: Request) -> Json:
        """Forget a stack."""
        try:
            self.store.remove(self._stack(request), request.query.get("force") == "true")
        except NotEmpty:
            raise Refused(400, "Bad Request: Stack still contains resources.") from None  # words that the engine knows
        return {}

    def rename_stack(self, request: Request) -> Json:
        """Give a stack another name, or move it to another project."""
        stack = self._stack(request)
        project, name = request.body.get("newProject") or stack.project, request.body.get("newName") or stack.name
        self.store.rename(stack, project, name)
        return {}

    def tag_stack(self, request: Request) -> Json:
        """Replace the tags."""
        self.store.tag(self._stack(request), request.body)
        return {}

    def configure_stack(self, request: Request) -> Json:
        """Replace what the stack keeps of its configuration."""
        self.store.configure(self._stack(request), request.body)
        return {}

    # States

    def export(self, request: Request) -> Json:
        """The state, the latest or that of a version."""
        stack = self._stack(request)
        return _untyped(self.store.at(stack, int(request.tail)) if request.tail else self.store.latest(stack))

    def import_(self, request: Request) -> Json:
        """Replace the state."""
        return {"updateId": self.store.put(self._stack(request), _typed(request.body))}

    def updates(self, request: Request) -> Json:
        """The history, newest first, by pages when asked so."""
        history = self.store.history(self._stack(request))
        size, page = int(request.query.get("pageSize", 0)), max(int(request.query.get("page", 1)), 1)
        shown = history[size * (page - 1) : size * page] if size > 0 else history
        return {"updates": [_info(operation) for operation in shown]}

    def update(self, request: Request) -> Json:
        """One update of the history: the latest, or that of a version."""
        for operation in self.store.history(self._stack(request)):
            if request.tail in ("latest", str(operation.version)):
                return {"info": _info(operation)}
        raise Missing(f"no update {request.tail} of stack {request.stack}")

    # Secrets, for a stack that was made without a passphrase provider

    def encrypt(self, request: Request) -> Json:
        """Encrypt a value."""
        return {"ciphertext": self.vault.seal(request.body["plaintext"])}

    def decrypt(self, request: Request) -> Json:
        """Decrypt a value."""
        return {"plaintext": self.vault.open(request.body["ciphertext"])}

    def encrypt_all(self, request: Request) -> Json:
        """Encrypt values."""
        return {"ciphertexts": [self.vault.seal(value) for value in request.body.get("plaintexts") or ()]}

    def decrypt_all(self, request: Request) -> Json:
        """Decrypt values."""
        return {"plaintexts": {value: self.vault.open(value) for value in request.body.get("ciphertexts") or ()}}

    def nothing(self, _: Request) -> Json:
        """Take note of nothing."""
        return {}

    # Updates

    def plan(self, request: Request) -> Json:
        """Note an update that may begin."""
        dry = request.tail == PREVIEW or bool((request.body.get("options") or {}).get("dryRun"))
        metadata = request.body.get("metadata") or {}
        kept = {
            "config": request.body.get("config") or {},
            "message": metadata.get("message") or "",
            "environment": metadata.get("environment") or {},
        }
        return {"updateID": self.store.plan(self._stack(request), request.tail, dry, kept)}

    def begin(self, request: Request) -> Json:
        """Begin an update; from here on each step is an entry of its journal."""
        process = self.who(request.peer)
        begun = self.store.begin(request.operation, process, request.engine, request.body.get("tags"))
        journal = min(int(request.body.get("journalVersion") or 0), VERSION)
        return {
            "version": begun.version,
            "token": begun.token,
            "tokenExpiration": _time(begun.lease),
            "journalVersion": journal,
        }

    def status(self, request: Request) -> Json:
        """How far an update is."""
        return {"status": self.store.operation(request.operation).status, "events": []}

    def journal(self, request: Request) -> Json:
        """Write entries; the answer says that they are on disk."""
        self.store.append(request.operation, request.token, request.body.get("entries") or ())
        return {}

    def checkpoint(self, request: Request) -> Json:
        """Write a whole state: from an engine whose user has switched journals off."""
        if request.body.get("deployment"):
            self.store.checkpoint(request.operation, request.token, _typed(request.body))
        return {}

    def events(self, request: Request) -> Json:
        """Of what the engine shows, the count of what was done is kept, for the history."""
        for event in request.body.get("events") or [request.body]:
            if changes := (event.get("summaryEvent") or {}).get("resourceChanges"):
                self.store.record_changes(request.operation, request.token, changes)
        return {}

    def renew(self, request: Request) -> Json:
        """Renew a lease."""
        seconds = float(request.body.get("duration") or 0)
        return {"token": self.store.renew(request.operation, request.token, seconds)}

    def complete(self, request: Request) -> Json:
        """End an update: its journal becomes the state."""
        self.store.end(request.operation, request.token, request.body.get("status") == "succeeded")
        return {}

    def cancel(self, request: Request) -> Json:
        """End an update from outside."""
        self.store.cancel(request.operation)
        return {}


_RESULTS = {"succeeded": "succeeded", "failed": "failed"}


def _info(operation: Operation) -> Json:
    return {
        "kind": operation.kind,
        "startTime": _time(operation.began),
        "endTime": _time(operation.ended),
        "message": operation.request.get("message", ""),
        "environment": operation.request.get("environment", {}),
        "config": operation.request.get("config", {}),
        "result": _RESULTS.get(operation.status, "in-progress"),
        "version": operation.version,
        "resourceChanges": operation.changes or {},
    }


_ROOT = "/api/stacks/(?P<organization>[^/]+)"
_PROJECT = f"{_ROOT}/(?P<project>[^/]+)"
_STACK = f"{_PROJECT}/(?P<stack>[^/]+)"
_UPDATE = f"{_STACK}/(?:update|preview|refresh|destroy)/(?P<operation>[0-9a-f]+)"
Answer = Callable[[Service, Request], Json]

ROUTES: list[tuple[str, str, Answer]] = [
    # The journal and the events first: they are nearly all of the requests.
    ("PATCH", f"{_UPDATE}/journalentries", Service.journal),
    ("POST", f"{_UPDATE}/events(?:/batch)?", Service.events),
    ("POST", f"{_UPDATE}/renew_lease", Service.renew),
    ("POST", f"{_UPDATE}/complete", Service.complete),
    ("POST", f"{_UPDATE}/cancel", Service.cancel),
    ("PATCH", f"{_UPDATE}/checkpoint", Service.checkpoint),
    ("POST", _UPDATE, Service.begin),
    ("GET", _UPDATE, Service.status),
    ("POST", f"{_STACK}/(?P<tail>update|preview|refresh|destroy)", Service.plan),
    ("GET", f"{_STACK}/export(?:/(?P<tail>[0-9]+))?", Service.export),
    ("POST", f"{_STACK}/import", Service.import_),
    ("GET", f"{_STACK}/updates", Service.updates),
    ("GET", f"{_STACK}/updates/(?P<tail>latest|[0-9]+)", Service.update),
    ("POST", f"{_STACK}/encrypt", Service.encrypt),
    ("POST", f"{_STACK}/decrypt", Service.decrypt),
    ("POST", f"{_STACK}/batch-encrypt", Service.encrypt_all),
    ("POST", f"{_STACK}/batch-decrypt", Service.decrypt_all),
    ("POST", f"{_STACK}/decrypt/log-(?:batch-)?decryption", Service.nothing),
    ("POST", f"{_STACK}/rename", Service.rename_stack),
    ("PATCH", f"{_STACK}/tags", Service.tag_stack),
    ("PUT", f"{_STACK}/config", Service.configure_stack),
    ("GET", _STACK, Service.get_stack),
    ("DELETE", _STACK, Service.delete_stack),
    ("HEAD", _PROJECT, Service.project),
    ("POST", _PROJECT, Service.create_stack),
    ("GET", "/api/capabilities", Service.capabilities),
    ("GET", "/api/user", Service.user),
    ("GET", "/api/user/organizations/default", Service.default_organization),
    ("GET", "/api/user/stacks", Service.stacks),
]
_COMPILED = [(method, re.compile(pattern), answer) for method, pattern, answer in ROUTES]
_STATUS = {Missing: 404, Conflict: 409, Expired: 403, ReplayError: 400, sealing.NotSealedHere: 400}


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, port: int, service: Service, token: str) -> None:
        self.service = service  # before the port, since a taken one closes the server
        super().__init__(("127.0.0.1", port), _Handler)
        self.idle = Idle.of(os.environ)
        self.admission = Admission(self.server_port, token)

    def server_close(self) -> None:
        """Give up the port and close the states."""
        super().server_close()
        self.service.store.close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exc_info()[1], ConnectionError):  # a killed engine closes nothing
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"  # connections are kept
    disable_nagle_algorithm = True
    wbufsize = -1  # an answer goes out whole

    def _serve(self) -> None:
        try:
            code, answer = 200, self._answer()
        except Refused as error:
            code, answer = error.code, {"code": error.code, "message": str(error)}
        except tuple(_STATUS) as error:
            code = _STATUS[type(error)]
            answer = {"code": code, "message": str(error)}
        except Exception as error:  # noqa: BLE001 - the engine is to say it, and the next request to be answered
            self.log_error("%s %s: %r", self.command, self.path, error)
            said = out_of_room(error, self.server.service.store.path)
            code = HTTPStatus.INSUFFICIENT_STORAGE if said else HTTPStatus.INTERNAL_SERVER_ERROR
            answer = {"code": code, "message": said or f"the local cloud's state service failed: {error!r}"}
        self._send(code, json.dumps(answer).encode())

    def _answer(self) -> Json:
        with self.server.idle.busy():
            return self._let_in()

    def _let_in(self) -> Json:
        raw = self._body()  # read in any case, or what is left of it would be taken for the next request
        if fault := self.server.admission.fault(self.headers.get("Host"), self.headers.get("Origin")):
            raise Refused(403, fault)
        kind, _, token = (self.headers.get("Authorization") or "").partition(" ")
        if kind == "token" and not self.server.admission.knows(token):
            raise Refused(401, "the token is not that of this place")
        url = urlsplit(self.path)
        answer, named = self._route(url.path)
        leased = answer in _LEASED
        if kind != ("update-token" if leased else "token"):
            raise Refused(401, "the token is missing")
        if named.get("organization", ORGANIZATION) != ORGANIZATION:
            raise Refused(404, f"no organization {named['organization']}; every stack here is of {ORGANIZATION}")
        request = Request(
            stack=named.get("stack", ""),
            project=named.get("project", ""),
            operation=named.get("operation", ""),
            tail=named.get("tail", ""),
            query={name: values[-1] for name, values in parse_qs(url.query).items()},
            body=self._read(raw, answer),
            token=token,
            engine=self._engine(),
            peer=self.client_address[1],
        )
        return answer(self.server.service, request)

    def _route(self, path: str) -> tuple[Answer, dict[str, str]]:
        """What answers this path, and what the path names."""
        for method, pattern, answer in _COMPILED:
            if method == self.command and (found := pattern.fullmatch(path)):
                return answer, {name: unquote(value) for name, value in found.groupdict().items() if value}
        raise Refused(404, f"{self.command} {path}: the local cloud's state service has no such route")

    def _body(self) -> bytes:
        said = self.headers.get("Content-Length") or "0"
        if not (said.isascii() and said.isdigit() and len(said) < _LENGTH_DIGITS):  # -1 would wait for the end
            self.close_connection = True
            raise Refused(400, "the length of the body is no number")
        length = int(said)
        if length > _BODY_LIMIT:
            self.close_connection = True
            raise Refused(413, f"a body of {length} bytes; at most {_BODY_LIMIT}")
        return self.rfile.read(length)

    def _read(self, raw: bytes, answer: Answer) -> Json:
        if not raw:
            return {}
        if self.headers.get("Content-Encoding") == "gzip":
            try:
                unpacker = zlib.decompressobj(wbits=31)
                raw = unpacker.decompress(raw, _BODY_LIMIT)
            except zlib.error as error:
                raise Refused(400, f"the body is not gzip: {error}") from None
            if unpacker.unconsumed_tail:
                raise Refused(413, f"a body of more than {_BODY_LIMIT} bytes, unpacked")
        if answer is Service.events and b'"summaryEvent"' not in raw:
            return {"events": [{}]}  # most of what the engine shows is not kept, so it is not read
        try:
            body = json.loads(raw)
        except ValueError as error:
            raise Refused(400, f"the body is not JSON: {error}") from None
        if not isinstance(body, dict):
            raise Refused(400, "the body is not a JSON object")
        return body

    def _engine(self) -> str | None:
        found = re.match(r"pulumi-cli/\S+ \(([^;)]+)", self.headers.get("User-Agent") or "")
        return found[1] if found else None

    def _send(self, code: int, body: bytes) -> None:
        self.send_response(code)
        if len(body) > _GZIP_FROM and "gzip" in (self.headers.get("Accept-Encoding") or ""):
            body = gzip.compress(body, 1)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_HEAD = do_POST = do_PATCH = do_PUT = do_DELETE = _serve  # noqa: N815 - the base class's names

    def log_request(self, code: Any = "-", size: Any = "-") -> None:
        """Write nothing for an answer."""


_LEASED = {Service.journal, Service.events, Service.renew, Service.complete, Service.checkpoint}
"""Requests of a running update: they bear its lease's token in place of the place's."""


def serving(port: int, database: Path, token: str, key: bytes) -> _Server:
    """The server, listening and not yet answering; port 0 takes a free one."""
    return _Server(port, Service(Store(database, lives), sealing.Vault(key)), token)


@click.command(context_settings={"show_default": True})
@click.option("--port", type=click.IntRange(1, 65535), required=True, help="Port on the loopback address.")
@click.option("--database", type=click.Path(dir_okay=False, path_type=Path), required=True, help="File of the states.")
@click.option("--token-file", type=click.Path(path_type=Path), required=True, help="File with the place's token.")
def main(port: int, database: Path, token_file: Path) -> None:
    """Keep the states of stacks on this machine."""
    try:
        token = read_token(token_file)
        server = serving(port, database, token, sealing.key_of(token))
    except BadToken as error:
        click.echo(f"error: {error}", err=True)
        raise SystemExit(2) from None
    except (sqlite3.DatabaseError, Newer) as error:
        said = out_of_room(error, database) or f"the states in {database} cannot be read: {error}"
        click.echo(f"error: {said}", err=True)
        raise SystemExit(2) from None
    except OSError as error:
        click.echo(f"error: cannot serve port {port}: {os.strerror(error.errno or 0)}", err=True)
        raise SystemExit(os.EX_TEMPFAIL if error.errno == errno.EADDRINUSE else 2) from None
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    signal.signal(signal.SIGINT, lambda *_: sys.exit(0))
    click.echo(f"http://127.0.0.1:{port}")
    sys.stdout.flush()
    server.idle.watch()
    with contextlib.suppress(SystemExit), server:
        server.serve_forever()


if __name__ == "__main__":
    lose_what_finds_no_room()
    main()
