"""Images are built and pushed by a program of pulumi-docker on a real Engine and registry.

It cannot prove what the official plugin does with the same program.
"""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from tests import example_app, swarm
from tests.engine.test_swarm import PROGRAM, ROOT, Stack, local

PROVIDER = "docker-provider.json"

pytestmark = [pytest.mark.engine, pytest.mark.docker]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    project = tmp_path_factory.mktemp("project")
    (project / "Pulumi.yaml").write_text("name: images\nruntime: python\n")
    (project / "__main__.py").write_text(PROGRAM)
    with example_app.context() as context:
        shutil.copytree(context, project / "app")
    made = Stack(project, tmp_path_factory.mktemp("place"))
    yield made
    made.run("destroy")
    local(made.project, made.place).stop()


def image(name: str, **more: Any) -> list[Any]:
    return ["Image", "image", {"image_name": name, "build": {"context": "app", "args": {"VERSION": "1"}}, **more}]


def outputs(stack: Stack) -> dict[str, Any]:
    found: dict[str, Any] = stack.state()["image"]["outputs"]
    return found


def test_a_context_is_built_and_pushed_when_its_content_changes_and_only_then(stack: Stack) -> None:
    registry = swarm.registry()
    if registry is None:
        pytest.skip("no registry is known beside the Engine of DOCKER_HOST")
    name, engine = f"{registry}/app-{stack.mark}:1", swarm.client()
    login = {"server": registry, "username": "somebody", "password": "planted-login"}
    stack.run("up", wanted=[image(name, registry=login)])
    first = outputs(stack)["repoDigest"]
    assert first.startswith(f"{registry}/app-{stack.mark}@sha256:")
    engine.remove_image(name, force=True)
    engine.pull(first)
    assert "VERSION=1" in engine.inspect_image(first)["Config"]["Env"]
    # What means nothing changes nothing: times, rights of others, an ignored file, another log-in.
    app = stack.project / "app"
    for path in app.iterdir():
        os.utime(path, (1, 1))
        path.chmod(path.stat().st_mode & 0o700)
    (app / "notes").write_text(uuid.uuid4().hex)
    login["password"] = "planted-another"
    stack.run("up", "--expect-no-changes", wanted=[image(name, registry=login)])
    stack.run("refresh", "--expect-no-changes")
    assert outputs(stack)["repoDigest"] == first
    assert "planted" not in stack("stack", "export")
    # What is meant changes it.
    changed = image(name, registry=login)
    changed[2]["build"]["args"]["VERSION"] = "2"
    assert "~ 1 updated" in stack.run("up", wanted=[changed])
    second = outputs(stack)["repoDigest"]
    (app / "Dockerfile").write_text((app / "Dockerfile").read_text() + "LABEL more=1\n")
    assert "~ 1 updated" in stack.run("up")
    assert len({first, second, outputs(stack)["repoDigest"]}) == 3


def test_what_keeps_an_image_from_being_built_or_pushed_is_told_and_the_next_up_goes_on(stack: Stack) -> None:
    missing = image("127.0.0.1:1/app:1", build={"context": "nowhere"})
    assert "nowhere is no folder" in stack.run("up", ok=False, wanted=[missing])
    app = stack.project / "app"
    sound = (app / "Dockerfile").read_text()
    # A registry that is down: built, not pushed.
    told = stack.run("up", ok=False, wanted=[image("127.0.0.1:1/app:1")])
    assert "127.0.0.1:1/app:1 cannot be pushed: " in told
    assert "; it is built: see that 127.0.0.1:1 answers and takes the log-in, and run it again" in told
    (app / "Dockerfile").write_text("FROM scratch\nCOPY nothing /\n")
    told = stack.run("up", ok=False, wanted=[image("app:1", skip_push=True)])
    assert "app:1 cannot be built: COPY failed" in told
    with (app / "app").open("ab") as file:
        file.truncate(2 * 2**30)
    told = stack.run("up", ok=False)
    assert "2048 MiB, allowed: 100000 of 1024 MiB; most of it is in app" in told
    (app / "app").unlink()
    shutil.copy(example_app.binary(), app / "app")
    (app / "Dockerfile").write_text(sound)
    stack.run("up", wanted=[image(f"app-{stack.mark}:1", skip_push=True)])
    assert outputs(stack)["repoDigest"] == ""
    stack.run("up", "--expect-no-changes")


class Gate:
    """In front of a registry: it lets so many bytes through to it and is down from then on, until it is opened."""

    def __init__(self, registry: str, most: int) -> None:
        host, _, port = registry.partition(":")
        self.registry, self.left, self.manifests = (host, int(port)), most, 0
        self.server = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.server.getsockname()[1]}"
        Thread(target=self._serve, daemon=True).start()

    def open(self) -> None:
        self.left = 2**40

    def _serve(self) -> None:
        with suppress(OSError):  # the server is closed
            while True:
                client = self.server.accept()[0]
                if self.left <= 0:
                    client.close()
                    continue
                behind = socket.create_connection(self.registry)
                for pair in ((client, behind, True), (behind, client, False)):
                    Thread(target=self._pass_on, args=pair, daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket, counted: bool) -> None:
        with suppress(OSError):
            while read := source.recv(2**16):
                self.manifests += counted and read.startswith(b"PUT ") and b"/manifests/" in read.partition(b"\r\n")[0]
                self.left -= len(read) if counted else 0
                if self.left <= 0:
                    break
                target.sendall(read)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


def test_a_registry_that_goes_down_in_mid_push_is_told_and_the_next_up_pushes_once(stack: Stack) -> None:
    """The Engine tries for 50 s by itself."""
    registry = swarm.registry()
    if registry is None:
        pytest.skip("no registry is known beside the Engine of DOCKER_HOST")
    stack.run("up", wanted=[])
    gate = Gate(registry, 2**20)
    with gate.server:
        name = f"{gate.address}/cut-{stack.mark}:1"
        told = stack.run("up", ok=False, wanted=[image(name)])
        cure = f"it is built: see that {gate.address} answers and takes the log-in, and run it again"
        assert re.search(rf"{re.escape(name)} cannot be pushed: [^\n]+; {re.escape(cure)}", told), told
        assert (gate.left <= 0, gate.manifests) == (True, 0)
        assert stack.state() == {}
        assert json.loads(stack("stack", "export"))["deployment"].get("pending_operations") is None
        gate.open()
        assert "+ 1 created" in stack.run("up")
        assert outputs(stack)["repoDigest"].startswith(f"{gate.address}/cut-{stack.mark}@sha256:")
        stack.run("up", "--expect-no-changes")
        assert gate.manifests == 1


SMALL = 48 * 2**20


@contextmanager
def small_engine(folder: Path) -> Iterator[tuple[str, Path]]:
    """An Engine of its own whose disk has 48 MiB: (its address, its disk)."""
    run = Path(tempfile.mkdtemp(prefix="accordion-", dir="/run"))  # paths of sockets must be short
    host = f"unix://{run}/docker.sock"
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SMALL}", "tmpfs", str(folder)], check=True)
    try:
        apart = ["--exec-root", f"{run}/exec", "--pidfile", f"{run}/pid", "--bridge", "none", "--iptables=false"]
        command = ["dockerd", "--host", host, "--data-root", str(folder), *apart, "--ip-forward=false"]
        with (
            (run / "log").open("w") as log,
            subprocess.Popen([*command, "--insecure-registry", "127.0.0.0/8"], stderr=log, stdout=log) as running,
        ):
            try:
                deadline = time.monotonic() + 180
                while subprocess.run(["docker", "--host", host, "version"], capture_output=True).returncode:
                    assert running.poll() is None, (run / "log").read_text()
                    assert time.monotonic() < deadline, (run / "log").read_text()
                    time.sleep(0.2)
                yield host, folder
            finally:
                running.terminate()
                running.wait(60)
    finally:
        mounts = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()]
        for mount in reversed([one for one in mounts if Path(one).is_relative_to(run) or Path(one) == folder]):
            subprocess.run(["umount", "--lazy", mount], check=True)
        shutil.rmtree(run)


def test_a_full_disk_of_the_engine_is_told_and_the_next_up_goes_on(stack: Stack, tmp_path: Path) -> None:
    registry = swarm.registry()
    if registry is None or os.geteuid() != 0 or not shutil.which("dockerd"):
        pytest.skip("an Engine on a small disk of its own takes root, dockerd and the registry of `make docker`")
    name = f"{registry}/pulled-{stack.mark}:1"
    stack.run("up", wanted=[image(name)])
    room = "the Engine's disk is full: make room there (docker system prune), and run it again"
    (tmp_path / "disk").mkdir()
    project = shutil.copytree(stack.project, tmp_path / "project")
    with small_engine(tmp_path / "disk") as (host, disk):
        small = Stack(project, tmp_path / "place", DOCKER_HOST=host)
        ballast = disk / "ballast"
        for wanted, what in (
            (image("built:1", skip_push=True), "built:1 cannot be built"),
            (["RemoteImage", "image", {"name": name}], f"{re.escape(name)} cannot be pulled"),
        ):
            small.run("up", wanted=[])
            ballast.write_bytes(bytes(shutil.disk_usage(disk).free - 2 * 2**20))
            told = small.run("up", ok=False, wanted=[wanted])
            assert re.search(
                rf"{what}: [^\n]*(?:no space left on device; |it broke off taking the context, as where ){re.escape(room)}",
                told,
            ), told
            assert small.state() == {}
            ballast.unlink()
            assert "+ 1 created" in small.run("up")
            small.run("up", "--expect-no-changes")
        small.run("destroy")
        local(small.project, small.place).stop()


def test_a_preview_builds_only_when_it_is_asked_and_never_pushes(stack: Stack) -> None:
    name, engine = f"127.0.0.1:1/tried-{stack.mark}:1", swarm.client()

    def there() -> bool:
        return bool(engine.images(name))

    def preview(**more: Any) -> str:
        (stack.project / "wanted.json").write_text(json.dumps([image(name, **more)]))
        return stack("preview")

    preview()
    assert not there()
    preview(build_on_preview=True)
    assert there()


def test_a_provider_killed_while_it_builds_leaves_a_stack_that_the_next_up_brings_on(stack: Stack) -> None:
    name, engine = f"slow-{stack.mark}:1", swarm.client()
    stack.run("up", wanted=[image(f"app-{stack.mark}:1", skip_push=True)])  # the provider runs
    (stack.project / "wanted.json").write_text(json.dumps([image(name, skip_push=True)]))
    command = stack.command("up", "--yes", "--skip-preview")
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        for line in running.stdout:
            if "updating" in line or "creating" in line:
                os.kill(json.loads((stack.place / PROVIDER).read_text())["pid"], signal.SIGKILL)
                break
        running.stdout.read()
    stack.run("up")
    assert engine.images(name)
    stack.run("up", "--expect-no-changes")
