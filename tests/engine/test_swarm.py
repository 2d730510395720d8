"""A program of pulumi-docker lives on a real Docker Engine, through the real engine of Pulumi.

It cannot prove what the official plugin does with the same program, nor anything of a Swarm of several nodes.
"""

import json
import os
import random
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from localcloud.cloud.project import Place, find_project
from localcloud.cloud.session import LocalCloud
from localcloud.docker.running import DOCKER
from tests import swarm

pytestmark = [pytest.mark.engine, pytest.mark.docker]

ROOT = Path(__file__).parents[2]
RUN = "import sys; from tests.engine.test_swarm import local; sys.exit(local(*sys.argv[1:3]).run(sys.argv[3:]))"
PROGRAM = """\
import json
import pathlib

import pulumi
import pulumi_docker as docker


def meant(value):
    # `$name` is the id of what has that name here.
    if isinstance(value, dict):
        return {key: meant(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [meant(inner) for inner in value]
    return globals()[value[1:]].id if str(value)[:1] == "$" else value


for kind, name, props in json.loads(pathlib.Path(__file__).with_name("wanted.json").read_text()):
    made = getattr(docker, kind)(name, **meant(props))
    globals()[name] = made
    if kind == "Network":
        pulumi.export(name, made.scope)
    if kind == "RegistryImage":
        pulumi.export(name, made.sha256_digest)
"""


def local(project: Path | str, place: Path | str) -> LocalCloud:
    return LocalCloud(find_project(Path(project)), Place(Path(place)), clouds=[DOCKER])


class Stack:
    """A stack on the Engine."""

    def __init__(self, project: Path, place: Path, **variables: str) -> None:
        self.project, self.place, self.mark = project, place, uuid.uuid4().hex[:8]
        self.environment = {**os.environ, **variables}

    def command(self, *arguments: str) -> list[str]:
        """A command on it, for a process that a test kills."""
        return [sys.executable, "-c", RUN, str(self.project), str(self.place), *arguments, "--stack", "dev"]

    def __call__(self, *arguments: str, ok: bool = True) -> str:
        command = [*self.command(*arguments), "--color=never"]
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True
        )
        assert (done.returncode == 0) == ok, done.stdout + done.stderr
        return done.stdout

    def run(self, command: str, *arguments: str, ok: bool = True, wanted: list[Any] | None = None) -> str:
        if wanted is not None:
            (self.project / "wanted.json").write_text(json.dumps(wanted))
        return self(command, *arguments, "--yes", "--skip-preview", ok=ok)

    def adopt(self, *names: str) -> None:
        """Forget what has these names, and import it by its id."""
        known = self.state()
        for name in names:  # those that stand in others first
            self("state", "delete", known[name]["urn"], "--yes")
        for name in reversed(names):
            there = known[name]
            self("import", there["type"], name, there["id"], "--yes", "--generate-code=false", "--protect=false")

    def state(self) -> dict[str, dict[str, Any]]:
        resources = json.loads(self("stack", "export"))["deployment"].get("resources") or ()
        return {each["urn"].rpartition("::")[2]: each for each in resources if each["type"].startswith("docker:")}


@pytest.fixture(scope="module")
def image() -> str:
    """A repository with the images `:1` and `:2`; the tests are skipped where the Engine runs no task."""
    repository = f"{swarm.registry() or 'accordion'}/waits-{uuid.uuid4().hex[:8]}"
    for tag in ("1", "2"):
        swarm.build(repository, tag)
    if why := swarm.trial(f"{repository}:1"):
        pytest.skip(why)
    return repository


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory, image: str) -> Iterator[Stack]:
    project = tmp_path_factory.mktemp("project")
    (project / "Pulumi.yaml").write_text("name: swarm\nruntime: python\n")
    (project / "__main__.py").write_text(PROGRAM)
    made = Stack(project, tmp_path_factory.mktemp("place"))
    yield made
    made.run("destroy")
    local(made.project, made.place).stop()


def network(**more: Any) -> list[Any]:
    return ["Network", "net", {"driver": "overlay", "labels": [{"label": "team", "value": "shop"}], **more}]


def service(image: str, network: str, replicas: int = 1, **more: Any) -> list[Any]:
    task = {
        "container_spec": {"image": image, "env": {"A": "1"}, "stop_grace_period": "5000ms"},
        "networks_advanceds": [{"name": network}],
        "restart_policy": {"condition": "any", "delay": "1s"},
    }
    props = {
        "task_spec": task,
        "mode": {"replicated": {"replicas": replicas}},
        "converge_config": {"delay": "1s", "timeout": "60s"},
        "update_config": {"order": "start-first", "failure_action": "rollback", "monitor": "1s"},
        "endpoint_spec": {"mode": "dnsrr"},
    }
    return ["Service", "web", {**props, **more}]


def test_a_network_and_a_service_come_up_stay_change_are_read_and_go(stack: Stack, image: str) -> None:
    name, engine = f"net-{stack.mark}", swarm.client()
    said = stack.run("up", wanted=[network(name=name), service(f"{image}:1", "$net")])
    assert sorted(stack.state()) == ["net", "web"]
    assert 'net: "swarm"' in said
    made = stack.state()["web"]
    there = engine.inspect_service(made["id"])
    assert there["Spec"]["TaskTemplate"]["ContainerSpec"]["StopGracePeriod"] == 5 * 10**9
    stack.run("up", "--expect-no-changes")
    stack.run("refresh", "--expect-no-changes")
    # In place: another number, another image; the service is the same, its tasks run what is declared.
    stack.run("up", wanted=[network(name=name), service(f"{image}:2", "$net", 2)])
    assert stack.state()["web"]["id"] == made["id"]
    tasks = [each for each in engine.tasks({"service": made["id"]}) if each["DesiredState"] == "running"]
    assert [each["Spec"]["ContainerSpec"]["Image"] for each in tasks] == [f"{image}:2"] * 2
    # By hand, as a controller does: a refresh sees it, and the next `up` takes it back.
    spec = engine.inspect_service(made["id"])
    spec["Spec"]["Mode"]["Replicated"]["Replicas"] = 3
    engine.update_service(made["id"], spec["Version"]["Index"], fetch_current_spec=True, mode=spec["Spec"]["Mode"])
    assert "~ 1 updated" in stack.run("refresh")
    assert stack.state()["web"]["outputs"]["mode"] == {"replicated": {"replicas": 3}}
    assert "~ 1 updated" in stack.run("up")
    assert engine.inspect_service(made["id"])["Spec"]["Mode"] == {"Replicated": {"Replicas": 2}}
    # What cannot change in place is replaced, and so is what stands in it.
    said = stack.run("up", wanted=[network(name=f"{name}-b"), service(f"{image}:2", "$net", 1)])
    assert "+-2 replaced" in said
    again = stack.state()["web"]["id"]
    assert again != made["id"]
    stack.run("destroy")
    assert [each["Name"] for each in engine.networks() if each["Name"].startswith(name)] == []
    assert [each["ID"] for each in engine.services() if each["ID"] in (made["id"], again)] == []


def test_every_type_is_made_once_and_what_is_secret_is_not_in_the_state(stack: Stack, image: str) -> None:
    wanted = [
        ["Network", "near", {"name": f"near-{stack.mark}", "ipam_configs": [{"subnet": "10.254.77.0/24"}]}],
        ["Volume", "kept", {"name": f"kept-{stack.mark}", "labels": [{"label": "a", "value": "b"}]}],
        ["Secret", "password", {"data": "cGxhbnRlZC1zZWNyZXQ="}],
        ["ServiceConfig", "settings", {"name": f"settings-{stack.mark}", "data": "cGxhbnRlZC1jb25maWc="}],
        ["ServiceConfig", "plain", {"data_raw": "planted-raw"}],
        ["RemoteImage", "image", {"name": f"{image}:1", "keep_locally": True}],
        service(f"{image}:1", "bridge", auth={"server_address": "127.0.0.1:1", "password": "planted-login"}),
    ]
    wanted[-1][2]["task_spec"].pop("networks_advanceds")
    adopted = service(f"{image}:1", "$net")
    adopted[1] = "adopted"
    adopted[2]["name"] = f"adopted-{stack.mark}"
    adopted[2].pop("converge_config")  # the provider's alone: no Engine tells it to an import
    adopted[2]["task_spec"]["networks_advanceds"] = [{"id": "$net", "aliases": ["shop"]}]
    wanted += [network(name=f"net-{stack.mark}"), adopted]
    if swarm.registry():
        wanted.append(["RegistryImage", "pushed", {"name": f"{image}:1"}])
    stack.run("up", wanted=wanted)
    exported = stack("stack", "export")
    assert [word for word in ("planted", "cGxhbnRlZ") if word in exported] == []
    stack.run("up", "--expect-no-changes")
    stack.run("refresh", "--expect-no-changes")
    kept = swarm.client().inspect_config(stack.state()["plain"]["id"])["Spec"]["Data"]
    assert kept == "cGxhbnRlZC1yYXc="
    stack.adopt("adopted", "net", "near", "kept", "settings")
    stack.run("up", "--expect-no-changes")
    # Whatever of both a program says: the network's id, or its name.
    adopted[2]["task_spec"]["networks_advanceds"] = [{"name": f"net-{stack.mark}", "aliases": ["shop"]}]
    stack.run("up", "--expect-no-changes", wanted=wanted)
    secret = stack.state()["password"]
    said = stack("import", secret["type"], "again", secret["id"], "--yes", "--generate-code=false", ok=False)
    assert "a secret cannot be imported: a Swarm never tells what is in one" in said
    stack.run("destroy")
    assert stack.state() == {}


def test_what_is_wrong_is_told_with_its_place_before_anything_is_made(stack: Stack, image: str) -> None:
    broken = service(f"{image}:1", "no-such", update_config={"monitor": "5", "order": "sideways"})
    broken[2]["task_spec"]["container_spec"]["imag"] = "x"
    told = stack.run("up", ok=False, wanted=[broken, ["Secret", "word", {"data": "url-safe_"}], network()])
    assert "updateConfig.monitor: got '5', allowed: a time with its unit, such as 500ms, 5s or 1m30s" in told
    assert "updateConfig.order: got 'sideways', allowed: stop-first, start-first" in told
    assert "taskSpec.containerSpec.imag: unknown property; did you mean 'image'?" in told
    assert "data: expected standard base64 with padding (base64.b64encode), which the Engine decodes" in told
    assert stack.state() == {}
    late = service("accordion-none/no-such-image:1", "ignored", converge_config={"timeout": "6s"})
    late[2]["task_spec"].pop("networks_advanceds")
    told = stack.run("up", ok=False, wanted=[late])
    assert "did not converge within 6s: 0 of 1 tasks run; No such image: accordion-none/no-such-image:1" in told
    assert stack.state() == {}
    images = [each["Spec"]["TaskTemplate"]["ContainerSpec"]["Image"] for each in swarm.client().services()]
    assert [image for image in images if "no-such-image" in image] == []


def test_killed_at_any_moment_each_type_is_there_once_after_the_next_up(stack: Stack, image: str) -> None:
    """Provider and command in turn, four times, at moments that a seed draws."""
    moments, engine = random.Random(11), swarm.client()

    def wanted(number: int) -> list[Any]:
        named = {"labels": [{"label": "killed", "value": f"{stack.mark}-{number}"}]}
        web = service(f"{image}:1", "$net")
        web[2] |= {**named, "converge_config": {"delay": "1s", "timeout": "90s"}}
        return [
            network(**named),
            ["Volume", "kept", named],
            ["Secret", "word", {"data": "c2VjcmV0", **named}],
            ["ServiceConfig", "plain", {"data_raw": f"number {number}", **named}],
            web,
        ]

    def there() -> list[str]:
        label = {"label": "killed"}
        lists = (
            engine.networks(filters=label), engine.volumes(filters=label)["Volumes"] or [],
            engine.secrets(filters=label), engine.configs(filters=label), engine.services(filters=label),
        )  # fmt: skip
        labels = [(one.get("Spec") or one)["Labels"]["killed"] for found in lists for one in found]
        return [label for label in labels if label.startswith(stack.mark)]

    command = stack.command("up", "--yes", "--skip-preview")
    for number in range(4):
        (stack.project / "wanted.json").write_text(json.dumps(wanted(number)))
        with subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, start_new_session=True
        ) as running:
            assert running.stdout is not None
            for line in running.stdout:
                if "creating" in line or "deleting" in line:
                    break
            time.sleep(moments.uniform(0.0, 1.5))
            if number % 2:
                os.killpg(running.pid, signal.SIGKILL)
            else:
                os.kill(json.loads((stack.place / "docker-provider.json").read_text())["pid"], signal.SIGKILL)
            running.stdout.read()
        stack.run("up")
        assert there() == [f"{stack.mark}-{number}"] * 5
    stack.run("up", "--expect-no-changes")
    stack.run("destroy")
    assert there() == []
