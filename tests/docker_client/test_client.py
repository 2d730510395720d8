"""Which addresses of an Engine are asked, and what is said of certificates that do not fit.

The server here only shakes hands and tells a version: it cannot prove that a real Engine answers so, which is for
tests/engine/test_several_nodes.py.
"""

from __future__ import annotations

import base64
import contextlib
import http.server
import io
import json
import os
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pulumi
import pytest
from docker.errors import APIError

from docker_client import AddressError, client
from localcloud.docker.engine import Engine, explain
from operations.failures import CannotRun
from operations.live.swarm import engine_at
from stacks.private_service import live
from tests.certificates import Authority
from tests.recording import build

TUNNEL = "ssh -N -L /tmp/docker.sock:/var/run/docker.sock USER@HOST, and DOCKER_HOST=unix:///tmp/docker.sock"
ALLOWED = "allowed are unix:///path, tcp://127.0.0.1:port, and tcp://host:port with DOCKER_TLS_VERIFY=1"
PREFIX = "the Docker Engine cannot be trusted, or does not trust us: "


@contextlib.contextmanager
def answering(folder: Path | None, told: Mapping[str, str], headers: list[str] | None = None) -> Iterator[int]:
    """An Engine that tells its version, and the path that it was asked; with the certificates of a folder. Its port.

    `headers` gets those of each request.
    """

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if headers is not None:
                headers.append(str(self.headers))
            content = json.dumps(told if self.path == "/version" else {"path": self.path}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def do_POST(self) -> None:
            if headers is not None:
                headers.append(str(self.headers))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"aux": {"ID": "sha256:1"}}\n')

        def log_message(self, *_: object) -> None:
            pass

    class Quiet(http.server.ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            pass  # handshakes that fail are what is tested

    with Quiet(("127.0.0.1", 0), Handler) as server:
        if folder is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
            context.load_verify_locations(folder / "ca.pem")
            context.verify_mode = ssl.CERT_REQUIRED
            server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(("address", "environment", "said"), [
    ("tcp://10.0.0.7:2375", {}, "DOCKER_HOST: tcp://10.0.0.7:2375 has no TLS: whoever can send to it there is root on that machine; set DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH (a folder with ca.pem, cert.pem, key.pem), or make a tunnel: " + TUNNEL),
    ("http://manager:2375", {"DOCKER_TLS_VERIFY": ""}, "DOCKER_HOST: http://manager:2375 has no TLS: whoever can send to it there is root on that machine; set DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH (a folder with ca.pem, cert.pem, key.pem), or make a tunnel: " + TUNNEL),
    ("tcp://127.0.0.1:2376", {"DOCKER_CERT_PATH": "/certs"}, "DOCKER_HOST: tcp://127.0.0.1:2376 is to be asked with TLS, and without DOCKER_TLS_VERIFY=1 nobody checks who answers; set it"),
    ("https://manager:2376", {}, "DOCKER_HOST: https://manager:2376 is to be asked with TLS, and without DOCKER_TLS_VERIFY=1 nobody checks who answers; set it"),
    ("ssh://ada@manager", {}, "DOCKER_HOST: ssh://ada@manager is not asked over ssh from here; make a tunnel: " + TUNNEL),
    ("tcp://manager", {"DOCKER_TLS_VERIFY": "1"}, "DOCKER_HOST: got 'tcp://manager'; " + ALLOWED),
    ("tcp://manager:port", {}, "DOCKER_HOST: got 'tcp://manager:port'; " + ALLOWED),
    ("tcp://manager:2376/path", {}, "DOCKER_HOST: got 'tcp://manager:2376/path'; " + ALLOWED),
    ("ftp://manager:21", {}, "DOCKER_HOST: got 'ftp://manager:21'; " + ALLOWED),
    ("manager:2376", {}, "DOCKER_HOST: got 'manager:2376'; " + ALLOWED),
    ("tcp://[::1:2375", {}, "DOCKER_HOST: got 'tcp://[::1:2375'; " + ALLOWED),
    ("tcp://[manager]:2375", {}, "DOCKER_HOST: got 'tcp://[manager]:2375'; " + ALLOWED),
])  # fmt: skip
def test_an_address_by_which_no_engine_is_asked_is_refused_with_what_to_do(
    address: str, environment: Mapping[str, str], said: str
) -> None:
    with pytest.raises(AddressError) as refused:
        client(address, 5.0, environment)
    assert str(refused.value) == said
    assert explain(refused.value) == said


def _no_folder(folder: Path) -> str:
    return (
        f"DOCKER_CERT_PATH: {folder} has no ca.pem, cert.pem, key.pem; it needs ca.pem (of who signs the Engine's "
        "certificate), cert.pem and key.pem (ours)"
    )


def _no_key(folder: Path) -> str:
    Authority().folder(folder).joinpath("key.pem").unlink()
    return (
        f"DOCKER_CERT_PATH: {folder} has no key.pem; it needs ca.pem (of who signs the Engine's certificate), cert.pem "
        "and key.pem (ours)"
    )


def _no_certificate(folder: Path) -> str:
    Authority().folder(folder).joinpath("ca.pem").write_text("nothing")
    return f"DOCKER_CERT_PATH: {folder}/ca.pem holds no certificate in PEM (NO_CERTIFICATE_OR_CRL_FOUND)"


def _another_key(folder: Path) -> str:
    other = Authority().folder(folder.with_name("other"))
    Authority().folder(folder).joinpath("key.pem").write_bytes(other.joinpath("key.pem").read_bytes())
    return (
        f"DOCKER_CERT_PATH: {folder}/cert.pem and {folder}/key.pem are no pair: both must be PEM, of one another, and the "
        "key without a passphrase (KEY_VALUES_MISMATCH)"
    )


@pytest.mark.parametrize("broken", [_no_folder, _no_key, _no_certificate, _another_key])
def test_files_that_are_missing_or_do_not_fit_are_told(broken: Callable[[Path], str], tmp_path: Path) -> None:
    folder = tmp_path / "client"
    said = broken(folder)
    with pytest.raises(AddressError) as refused:
        client("tcp://127.0.0.1:1", 5.0, {"DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": str(folder)})
    assert str(refused.value) == said


@pytest.mark.parametrize(("server", "ours", "said"), [
    ({"names": ("127.0.0.1",), "days": -1}, {}, "its certificate has expired; it needs a new one"),
    ({"names": ("manager", "10.0.0.7")}, {}, "its certificate is not for 127.0.0.1; name it in DOCKER_HOST as the certificate does"),
    ({"names": ("127.0.0.1",), "by": "other"}, {}, "its certificate is signed by no authority of ca.pem in DOCKER_CERT_PATH"),
    ({"names": ("127.0.0.1",)}, {"days": -1}, "it refuses our certificate (cert.pem in DOCKER_CERT_PATH), which has expired, is of another authority, or is for no client"),
    ({"names": ("127.0.0.1",)}, {"by": "other"}, "it refuses our certificate (cert.pem in DOCKER_CERT_PATH), which has expired, is of another authority, or is for no client"),
    (None, {}, "it speaks no TLS at this port; where it is on this machine, unset DOCKER_TLS_VERIFY"),
])  # fmt: skip
def test_a_handshake_that_fails_is_told_by_whose_certificate(
    server: Mapping[str, object] | None, ours: Mapping[str, object], said: str, tmp_path: Path
) -> None:
    signing = {"own": Authority("own"), "other": Authority("other")}

    def made(name: str, by: str = "own", names: tuple[str, ...] = (), days: int = 10) -> Path:
        return signing[by].folder(tmp_path / name, *names, days=days, trusted=signing["own"])

    folder = None if server is None else made("server", **server)  # type: ignore[arg-type] # a table's row
    told = {"DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": str(made("client", **ours))}  # type: ignore[arg-type] # as above
    with answering(folder, {}) as port, pytest.raises(Exception) as failed:  # noqa: PT011 -- whichever the SDK raises
        client(f"tcp://127.0.0.1:{port}", 5.0, told)
    assert explain(failed.value) == PREFIX + said


def test_a_certificate_of_which_the_engine_speaks_is_not_its_own() -> None:
    said = 'Get "https://registry.example.org/v2/": x509: certificate has expired or is not yet valid'
    assert explain(APIError("500 Server Error", None, said)) == f"the Docker Engine says: {said}"
    plain = "Client sent an HTTP request to an HTTPS server."
    assert (
        explain(APIError("400 Client Error", None, plain))
        == f"{PREFIX}it wants TLS; set DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH"
    )


def test_with_certificates_that_fit_it_is_asked_past_proxies_and_other_authorities(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = Authority()
    folder, server = own.folder(tmp_path / "client"), own.folder(tmp_path / "server", "127.0.0.1")
    monkeypatch.setenv("DOCKER_TLS_VERIFY", "1")
    monkeypatch.setenv("DOCKER_CERT_PATH", str(folder))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "none.pem"))
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    with answering(server, {"MinAPIVersion": "1.12"}) as port:
        for scheme in ("tcp", "https"):
            engine = Engine(f"{scheme}://127.0.0.1:{port}")
            assert engine.ask("GET", "/info") == {"path": "/v1.41/info"}
            engine.api.close()


@pytest.mark.parametrize(
    ("oldest", "spoken"), [("1.24", "1.41"), ("1.41", "1.41"), ("1.44", "1.44"), ("1.100", "1.100")]
)
def test_an_engine_that_answers_1_41_no_longer_is_asked_in_its_own_oldest_version(oldest: str, spoken: str) -> None:
    with answering(None, {"MinAPIVersion": oldest}) as port:
        engine = Engine(f"tcp://127.0.0.1:{port}")
        assert engine.ask("GET", "/info") == {"path": f"/v{spoken}/info"}
        engine.api.close()


LOG_INS: tuple[object, ...] = (
    {"auths": {"registry.example.org": {"auth": base64.b64encode(b"ada:planted").decode()}}, "HttpHeaders": {"X-Who": "ada"}},
    {"auths": {"registry.example.org": {"auth": "no log-in"}}},
    {"credsStore": "none"},
    [],
)  # fmt: skip


@pytest.mark.parametrize("settings", LOG_INS)
@pytest.mark.parametrize("place", ["HOME", "DOCKER_CONFIG"])
def test_a_persons_log_ins_are_sent_to_no_engine_and_stay_as_they_are(
    settings: object, place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DOCKER_CONFIG", raising=False)
    monkeypatch.setenv(place, str(tmp_path))
    folder = tmp_path / ".docker" if place == "HOME" else tmp_path
    folder.mkdir(exist_ok=True)
    (folder / "config.json").write_text(json.dumps(settings))
    environment = dict(os.environ)
    headers: list[str] = []
    with answering(None, {}, headers) as port:
        engine = Engine(f"tcp://127.0.0.1:{port}")
        engine.pull("registry.example.org/web:1", None)
        engine.build(io.BytesIO(b""), tag="web:1")
        engine.api.close()
    assert len(headers) == 3
    known = {line.partition(":")[0] for line in "".join(headers).splitlines() if line}
    assert known == {
        "Host", "User-Agent", "Accept-Encoding", "Accept", "Connection", "Content-Length", "Transfer-Encoding",
        "Content-Type", "X-Registry-Config",
    }  # fmt: skip
    (sent,) = [line.partition(": ")[2] for line in "".join(headers).splitlines() if line.startswith("X-Registry")]
    assert json.loads(base64.urlsafe_b64decode(sent)) == {"nobody.invalid": {}}
    assert dict(os.environ) == environment


def test_a_command_ends_with_the_sentence_and_a_program_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DOCKER_TLS_VERIFY", raising=False)
    monkeypatch.delenv("DOCKER_CERT_PATH", raising=False)
    with pytest.raises(CannotRun) as refused:
        engine_at("tcp://10.0.0.7:2375")
    assert refused.value.format_message().startswith("DOCKER_HOST: tcp://10.0.0.7:2375 has no TLS: ")
    monkeypatch.setenv("DOCKER_HOST", "tcp://10.0.0.7:2375")
    with pytest.raises(pulumi.RunError, match=r"^DOCKER_HOST: tcp://10\.0\.0\.7:2375 has no TLS: "):
        build(lambda: live.asked_of("web"), stack="private")
