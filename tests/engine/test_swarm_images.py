"""Images are built and pushed by a program of pulumi-docker on a real Engine and registry.

It cannot prove what the official plugin does with the same program.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from tests import example_app, swarm
from tests.engine.test_swarm import PROGRAM, ROOT, RUN, Stack, local

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
    command = [sys.executable, "-c", RUN, stack.project, stack.place, "up", "--yes", "--skip-preview", "--stack", "dev"]
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
