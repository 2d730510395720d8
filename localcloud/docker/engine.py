"""The Engine's API by the `docker` SDK: plain requests for what the Engine knows and the SDK does not."""

import base64
import functools
import json
import re
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote

from docker_client import AddressError, client, explain_tls
from localcloud.provider.resource import Refused

_PATIENCE = 120.0  # seconds for one answer; pulls and pushes answer line by line
_BUILDING = 1800.0  # seconds that a step of a build may say nothing
_LAST_LINES = 10  # of a build that fails
_LEAVING = 30.0  # seconds
_POLL = 0.5  # seconds
_IN_USE = ("active endpoints", "in use")
_FULL = "no space left on device"
_ROOM = "the Engine's disk is full: make room there (docker system prune), and run it again"
_NETWORKS = "/networks"
_IN_NO_SWARM = 503  # said of a worker too
_RPC = re.compile(r"rpc error: code = \w+ desc = ")
_LEADERLESS = "does not have a leader"
NO_LEADER = (
    "the Swarm has no leader, since half of its managers or more are gone: its tasks run on, and nothing of it can be "
    "read or changed; start the managers again, or where they are lost: docker swarm init --force-new-cluster"
)
"""What is said where a Swarm has lost its quorum."""
NONE_HERE = (
    "no Docker Engine is known here; name yours (DOCKER_HOST=unix:///var/run/docker.sock), or start one for this "
    "checkout alone: make docker"
)


class Engine:
    """An Engine at an address: `unix:///path`, `tcp://127.0.0.1:port`, or `tcp://host:port` with TLS."""

    def __init__(self, address: str, folder: Callable[[], Path | None] = lambda: None) -> None:
        self.address = address
        self.folder = folder
        """Where the person's program runs, from which its relative paths are meant; None where nobody can tell."""

    def asked_from(self, folder: Callable[[], Path | None]) -> "Engine":
        """The same Engine, for a program that runs there."""
        return Engine(self.address, folder)

    @functools.cached_property
    def api(self) -> Any:
        """The SDK's client; it reads no log-in of a person, so none reaches a registry."""
        return client(self.address, _PATIENCE)

    def url(self, path: str) -> str:
        """Of a path, in the version that is spoken."""
        return f"{self.api.base_url}/v{self.api.api_version}{path}"

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        **params: Any,
    ) -> Any:
        """One request; `params` are its query, where mappings are JSON. Returns the answer's JSON, None for none.

        Raises: docker.errors.APIError for what the Engine refuses, and for a network that it does not know while its
        Swarm has no leader.
        """
        if method != "GET" or not path.startswith(_NETWORKS):
            return self._ask(method, path, body, headers, params)
        from docker.errors import NotFound

        try:
            found = self._ask(method, path, body, headers, params)
        except NotFound:
            self._has_leader()
            raise
        if not found:
            self._has_leader()
        return found

    def _has_leader(self) -> None:
        """Raises APIError where the Engine's Swarm has no leader: it then tells of its own networks alone, as if there
        were no others, where it refuses all else that is the Swarm's (Engine 20.10, run)."""
        from docker.errors import APIError

        try:
            self._ask("GET", "/swarm", None, None, {})
        except APIError as error:
            if error.status_code != _IN_NO_SWARM:
                raise

    def _ask(
        self, method: str, path: str, body: Any, headers: Mapping[str, str] | None, params: Mapping[str, Any]
    ) -> Any:
        from docker.errors import create_api_error_from_http_exception
        from requests import HTTPError

        query = {name: json.dumps(value) if isinstance(value, dict) else value for name, value in params.items()}
        url = self.url(path)
        answer = self.api.request(method, url, json=body, params=query, headers=headers, timeout=_PATIENCE)
        try:
            answer.raise_for_status()
        except HTTPError as error:
            create_api_error_from_http_exception(error)
        return answer.json() if answer.content else None

    def find(self, path: str) -> Any:
        """The answer to a GET; None for what is not there."""
        from docker.errors import NotFound

        try:
            return self.ask("GET", path)
        except NotFound:
            return None

    def remove(self, path: str, **params: Any) -> None:
        """DELETE; what is gone already is no error."""
        from docker.errors import NotFound

        try:
            self.ask("DELETE", path, **params)
        except NotFound:
            return

    def remove_when_free(self, path: str) -> None:
        """DELETE, as soon as the containers of what was deleted before are gone."""
        from docker.errors import APIError

        deadline = time.monotonic() + _LEAVING
        while True:
            try:
                return self.remove(path)
            except APIError as error:
                if not any(sign in str(error.explanation) for sign in _IN_USE) or time.monotonic() > deadline:
                    raise
            time.sleep(_POLL)

    def digest(self, name: str, auth: Mapping[str, str] | None) -> str | None:
        """The digest that the registry of an image has under its name now; None where it has none."""
        from docker.errors import NotFound

        try:
            found = self.ask("GET", f"/distribution/{quoted(name)}/json", headers=registry_auth(auth))
        except NotFound:
            return None
        return str(found["Descriptor"]["digest"])

    def forget(self, name: str, digest: str, auth: Mapping[str, str] | None) -> None:
        """Delete an image from its registry, which is on this machine and so needs no certificate.

        Raises: Refused where it allows no deletion.
        """
        import requests

        host, _, path = repository(name).partition("/")
        login = (auth.get("username", ""), auth.get("password", "")) if auth else None
        with requests.Session() as session:
            session.trust_env = False  # no proxy, and no log-in of a person
            url = f"http://{host}/v2/{path}/manifests/{digest}"
            answer = session.delete(url, auth=login, timeout=_PATIENCE)
        if answer.status_code == requests.codes.method_not_allowed:
            raise Refused(f"the registry of {name} deletes nothing; keepRemotely: true leaves the image in it")
        if answer.status_code not in (requests.codes.accepted, requests.codes.not_found):
            raise Refused(f"the registry of {name} says {answer.status_code} to the deletion of {digest}")

    def pull(self, name: str, platform: str | None) -> None:
        """Pull an image.

        Raises: Refused with what the registry said.
        """
        lines = self.api.pull(name, stream=True, decode=True, platform=platform)
        _follow(lines, f"{name} cannot be pulled", "see that its registry has it and answers, and run it again")

    def build(self, archive: IO[bytes], **options: Any) -> str:
        """Build the context in an archive, the classic way; `options` are those of the SDK. Returns the image's id.

        Raises: Refused with what the builder said last, or where it broke off taking the archive.
        """
        from docker.errors import APIError
        from requests import ConnectionError as BrokenOff

        what = f"{options['tag'] or 'the image'} cannot be built"
        said: deque[str] = deque(maxlen=_LAST_LINES)
        image = ""
        try:
            for line in self.api.build(
                fileobj=archive, custom_context=True, decode=True, rm=True, forcerm=True, timeout=_BUILDING, **options
            ):
                if "error" in line:
                    raise Refused("\n".join([_with_room(f"{what}: {line['error']}"), *said]))
                if text := str(line.get("stream") or "").rstrip():
                    said.append(text)
                image = (line.get("aux") or {}).get("ID", image)
        except APIError as error:
            raise Refused(_with_room(f"{what}: {str(error.explanation).strip()}")) from error
        except BrokenOff as error:
            self.ask("GET", "/info")  # where it does not answer, that is what is told
            # It says why in an answer that nobody reads who is still sending.
            raise Refused(f"{what}: it broke off taking the context, as where {_ROOM}") from error
        if not image:
            raise Refused(f"{options['tag'] or 'the image'} was built, and the Engine did not tell its id")
        return image

    def call(self, image: str, name: str) -> None:
        """Give an image on the Engine another name."""
        self.ask("POST", f"/images/{image}/tag", repo=repository(name), tag=tag(name))

    def push(self, name: str, auth: Mapping[str, str] | None) -> str:
        """Push an image; returns the digest of its manifest.

        Raises: Refused with what the registry said.
        """
        lines = self.api.push(repository(name), tag=tag(name), stream=True, decode=True, auth_config=auth)
        cure = f"it is built: see that {name.partition('/')[0]} answers and takes the log-in, and run it again"
        digest = _follow(lines, f"{name} cannot be pushed", cure)
        if not digest:
            raise Refused(f"{name} was pushed, and the Engine did not tell its digest")
        return digest


def _with_room(said: str) -> str:
    """What the Engine says, with what to do where its disk is full."""
    return f"{said}; {_ROOM}" if _FULL in said else said


def _follow(lines: Iterator[dict[str, Any]], what: str, cure: str) -> str:
    """Read a pull or push to its end; the SDK raises nothing where one fails. Returns the digest, empty for none."""
    digest = ""
    for line in lines:
        if "error" in line:
            said = f"{what}: {line['error']}"
            raise Refused(_with_room(said) if _FULL in said else f"{said}; {cure}")
        digest = (line.get("aux") or {}).get("Digest", digest)
    return digest


def quoted(name: str) -> str:
    """A name or id as a part of a path; those of images have slashes, which the Engine takes as they are."""
    return quote(name, safe="/:@")


def repository(name: str) -> str:
    """A reference to an image without tag and digest."""
    bare = name.partition("@")[0]
    head, colon, tag = bare.rpartition(":")
    return head if colon and "/" not in tag else bare


def tag(name: str) -> str:
    """The tag of a reference without digest; the Engine takes none for all that are there."""
    return name.removeprefix(repository(name)).removeprefix(":") or "latest"


def registry_auth(auth: Mapping[str, Any] | None) -> dict[str, str]:
    """The header with the log-in to a registry, from a service's `auth`; none without one."""
    if not auth:
        return {}
    names = {"username": "username", "password": "password", "serverAddress": "serveraddress"}
    login = {there: str(auth.get(here) or "") for here, there in names.items()}
    return {"X-Registry-Auth": base64.urlsafe_b64encode(json.dumps(login).encode()).decode()}


def explain(error: BaseException) -> str | None:
    """The sentence for what the Engine refuses, or for one that does not answer; None for any other error."""
    if isinstance(error, AddressError):
        return str(error)
    room = type(error).__module__.partition(".")[0]
    if room not in ("docker", "requests", "urllib3"):
        return None
    if (sentence := explain_tls(error)) is not None:
        return sentence
    said = _RPC.sub("", str(getattr(error, "explanation", None) or "")).strip()
    if _LEADERLESS in said:
        return NO_LEADER
    if said:
        return _with_room(f"the Docker Engine says: {said}")
    if getattr(error, "response", None) is not None:
        return f"the Docker Engine says: {error}"
    if PermissionError.__name__ in str(error):  # of a socket, which the libraries have wrapped in others
        return "the Docker Engine's socket is not for this user: be root, or of the socket's group"
    return f"the Docker Engine does not answer ({error}); is it running? `docker info`, or here: make docker"
