"""Addresses, certificates and versions of an Engine's API, for the `docker` SDK."""

from __future__ import annotations

import contextlib
import ipaddress
import os
import re
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import SplitResult, urlsplit

VERIFY, FOLDER = "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH"
OLDEST = "1.41"
"""The API version that is spoken: Docker 20.10. An Engine that no longer answers it is asked in its own oldest."""
AUTHORITY, CERTIFICATE, KEY = "ca.pem", "cert.pem", "key.pem"
_SETTINGS = "DOCKER_CONFIG"
_NOBODY = Path(__file__).with_name("nobody")
"""A folder of Docker's settings with a log-in to no registry there is."""
_MAKING = threading.Lock()
_PROBE = 2.0  # seconds
_ALLOWED = "allowed are unix:///path, tcp://127.0.0.1:port, and tcp://host:port with DOCKER_TLS_VERIFY=1"
_TUNNEL = "ssh -N -L /tmp/docker.sock:/var/run/docker.sock USER@HOST, and DOCKER_HOST=unix:///tmp/docker.sock"

_PLAIN = "HTTP request to an HTTPS server"
"""The one of these that is an answer: of an Engine with TLS, to a request without."""
_SAID: Mapping[str, str] = MappingProxyType(
    {
        r"certificate has expired": "its certificate has expired; it needs a new one",
        r"certificate is not yet valid": "its certificate is not valid yet; compare the clocks of both machines",
        r"(?:Hostname|IP address) mismatch, certificate is not valid for '([^']*)'": (
            "its certificate is not for {}; name it in DOCKER_HOST as the certificate does"
        ),
        r"self.signed certificate|unable to get local issuer certificate|CERTIFICATE_VERIFY_FAILED": (
            f"its certificate is signed by no authority of {AUTHORITY} in {FOLDER}"
        ),
        r"(?i)alert.certificate.required|alert.bad.certificate|alert.unknown.ca|alert.certificate.(?:expired|unknown)"
        r"|alert.unsupported.certificate|alert.decrypt.error": (
            f"it refuses our certificate ({CERTIFICATE} in {FOLDER}), which has expired, is of another authority, or "
            "is for no client"
        ),
        r"WRONG_VERSION_NUMBER|record layer failure|HTTPS_PROXY_REQUEST": (
            f"it speaks no TLS at this port; where it is on this machine, unset {VERIFY}"
        ),
        _PLAIN: f"it wants TLS; set {VERIFY}=1 and {FOLDER}",
    }
)
"""What OpenSSL or an Engine says of a failed handshake, and what that means."""


class AddressError(ValueError):
    """An address, or its certificates, by which no Engine is asked; the text says why and what to do."""


def client(address: str, timeout: float, environment: Mapping[str, str] | None = None) -> Any:
    """The SDK's client of the Engine at an address, with the certificates that the environment names.

    It reads no log-in of a person, and goes by no proxy. Raises AddressError before anything is sent; the SDK's own
    errors for an Engine that does not answer.
    """
    known = os.environ if environment is None else environment
    tls = _tls(address, known)
    import docker  # a third of a second, for whoever asks an Engine

    address = re.sub("^https?://", "tcp://", address)
    with _as_nobody():
        made = docker.APIClient(base_url=address, version=OLDEST, timeout=timeout, tls=tls or False)
    made.trust_env = False
    try:
        told = made.version(api_version=False).get("MinAPIVersion") or OLDEST
    except OSError as error:  # those of requests are such
        if tls and explain_tls(error) is None and (said := _alert(urlsplit(address), tls)) is not None:
            raise AddressError(said) from None
        raise
    if docker.utils.version_gte(told, OLDEST) and told != OLDEST:
        made._version = told  # noqa: SLF001 -- another client would read all certificates again
    return made


@contextlib.contextmanager
def _as_nobody() -> Iterator[None]:
    """While a client is made, in which the SDK reads log-ins and headers, and no argument keeps it from that. A file
    that is not there leads it to the person's own; one without any log-in is read again before each pull."""
    with _MAKING:
        before = os.environ.get(_SETTINGS)
        os.environ[_SETTINGS] = str(_NOBODY)
        try:
            yield
        finally:
            del os.environ[_SETTINGS]
            if before is not None:
                os.environ[_SETTINGS] = before


def _tls(address: str, environment: Mapping[str, str]) -> Any:
    """What the SDK is told of TLS; None for an address without."""
    try:
        parts = urlsplit(address)
    except ValueError:  # of brackets
        raise AddressError(f"DOCKER_HOST: got {address!r}; {_ALLOWED}") from None
    if parts.scheme == "unix":
        return None
    if parts.scheme == "ssh":
        raise AddressError(f"DOCKER_HOST: {address} is not asked over ssh from here; make a tunnel: {_TUNNEL}")
    try:
        port = parts.port
    except ValueError:
        port = None
    if parts.scheme not in ("tcp", "http", "https") or not parts.hostname or port is None or parts.path.strip("/"):
        raise AddressError(f"DOCKER_HOST: got {address!r}; {_ALLOWED}")
    if environment.get(VERIFY):
        return _certificates(Path(environment.get(FOLDER) or Path.home() / ".docker"))
    if environment.get(FOLDER) or parts.scheme == "https":
        raise AddressError(
            f"DOCKER_HOST: {address} is to be asked with TLS, and without {VERIFY}=1 nobody checks who answers; set it"
        )
    if not _is_loopback(parts.hostname):
        raise AddressError(
            f"DOCKER_HOST: {address} has no TLS: whoever can send to it there is root on that machine; set {VERIFY}=1 "
            f"and {FOLDER} (a folder with {AUTHORITY}, {CERTIFICATE}, {KEY}), or make a tunnel: {_TUNNEL}"
        )
    return None


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _certificates(folder: Path) -> Any:
    authority, certificate, key = (folder / name for name in (AUTHORITY, CERTIFICATE, KEY))
    if missing := [file.name for file in (authority, certificate, key) if not file.is_file()]:
        raise AddressError(
            f"{FOLDER}: {folder} has no {', '.join(missing)}; it needs {AUTHORITY} (of who signs the Engine's "
            f"certificate), {CERTIFICATE} and {KEY} (ours)"
        )
    context = ssl.create_default_context()
    try:
        context.load_verify_locations(authority)
    except (ssl.SSLError, OSError) as error:
        raise AddressError(f"{FOLDER}: {authority} holds no certificate in PEM ({_why(error)})") from None
    try:
        context.load_cert_chain(certificate, key, password=lambda: "")
    except (ssl.SSLError, OSError) as error:
        raise AddressError(
            f"{FOLDER}: {certificate} and {key} are no pair: both must be PEM, of one another, and the key without a "
            f"passphrase ({_why(error)})"
        ) from None
    import docker

    return docker.tls.TLSConfig((str(certificate), str(key)), str(authority), verify=True)


def _alert(parts: SplitResult, tls: Any) -> str | None:
    """Why an Engine hangs up on our certificate: its alert comes after the handshake, and is lost to a request that is
    being sent meanwhile. None where it does not."""
    context = ssl.create_default_context(cafile=tls.ca_cert)
    context.load_cert_chain(*tls.cert)
    try:
        with (
            socket.create_connection((parts.hostname or "", parts.port or 0), timeout=_PROBE) as plain,
            context.wrap_socket(plain, server_hostname=parts.hostname) as probe,
        ):
            probe.recv(1)
    except OSError as error:  # those of TLS are such
        return explain_tls(error)
    return None


def _why(error: Exception) -> str:
    return str(getattr(error, "reason", None) or getattr(error, "strerror", None) or error)


def explain_tls(error: BaseException) -> str | None:
    """The sentence for a handshake that failed; None for any other error."""
    from docker.errors import APIError

    said = str(getattr(error, "explanation", None) or error)
    # A certificate of which an Engine speaks in its answer is a registry's.
    for pattern in (_PLAIN,) if isinstance(error, APIError) else _SAID:
        if found := re.search(pattern, said):
            meant = _SAID[pattern].format(*found.groups())
            return f"the Docker Engine cannot be trusted, or does not trust us: {meant}"
    return None
