"""The private stack through its life on a real Docker Engine: deployed, answering, scaled, updated, rolled back, gone.

Cannot prove what several nodes do, nor what the official plugin does with the same program.
"""

import http.client
import json
import os
import re
import shutil
import socket
import subprocess
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from localcloud.docker.running import DOCKER
from operations.live.swarm import PREFIX
from tests import example_app, private_images, swarm
from tests.controlled_service import said_by, until
from tests.engine import planted
from tests.engine.checkout import Checkout
from tests.engine.processes import Seen
from tests.engine.test_secrets import ELSEWHERE

pytestmark = [pytest.mark.engine, pytest.mark.docker, pytest.mark.timeout(1500)]

QUICK = "memory: 128\n      deployment: { delay: 0s, monitor: 5s, timeout: 90s }"
ON_REQUESTS = (
    ("cpu: { metric: cpu, target: 70, scale_in_cooldown: 5m, scale_out_cooldown: 4m }",
     "rate: { metric: requests_per_target, target: 120, scale_in_cooldown: 4s, scale_out_cooldown: 4s }"),
    ("cost_per_month < 15 USD", "cost_per_month < 30 USD"),  # scaled out most of the time
)  # fmt: skip
CONTROLLER = re.compile(r"  accordion:controller:.*?(?=  accordion:services:)", re.DOTALL)
SHORT = (
    "      simulation:\n",
    """      simulation:
        parameters:
          { metric_period: 2, balancer_period: 2, high_evaluation_periods: 2, high_datapoints_to_alarm: 2,
            low_evaluation_periods: 3, low_datapoints_to_alarm: 3 }
""",
)
"""Periods of 2 s for the controller."""
PLANTED = ("""planted-first "a" <é> $&+/'b' word""", """planted-second "a" <é> $&+/'b' word""")
"""With what each way of writing writes in its own way."""


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
    return port


def tags_of(repository: str) -> Any:
    """What a registry on this machine has of a repository; None for nothing."""
    registry, _, name = repository.partition("/")
    with closing(http.client.HTTPConnection(registry, timeout=5)) as asked:
        asked.request("GET", f"/v2/{name}/tags/list")
        return json.loads(asked.getresponse().read()).get("tags")


class Private:
    """The stack, on images and a port of its own."""

    def __init__(self, checkout: Checkout) -> None:
        self.checkout, self.engine, self.port = checkout, swarm.client(), free_port()
        self.temporary = Path(checkout.variables["TMPDIR"])
        self.image = f"{swarm.registry() or 'accordion'}/private-{uuid.uuid4().hex[:8]}"
        file = checkout.folder / "Pulumi.private.yaml"
        text = file.read_text()
        proxy = private_images.haproxy(f"{self.image}-proxy", "1").rpartition(":")[0]
        controller = private_images.controller(f"{self.image}-controller", "1").rpartition(":")[0]
        for old, new in (
            ("accordion/example-app", self.image),
            ("repository: accordion/haproxy, version: 2.6.12", f'repository: "{proxy}", version: "1"'),
            ("repository: accordion/controller, version: 1.0.0", f'repository: "{controller}", version: "1"'),
            ("port: 8080\n  accordion:controller", f"port: {self.port}\n  accordion:controller"),
            ("memory: 128", QUICK),
        ):
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        (lines,) = CONTROLLER.findall(text)
        self.alone = (lines, "")
        """Without a controller of its own, for tests of other things."""
        file.write_text(text)
        checkout.git("commit", "--quiet", "--all", "--message", "images of the test")

    def up(self, *arguments: str, code: int = 0) -> str:
        return self.checkout.up("private", *arguments, code=code)

    def answer(self, path: str) -> tuple[int, str]:
        """Of the URL; asked again while nothing is behind the proxy yet."""
        for _ in range(60):
            try:
                with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)) as asked:
                    asked.request("GET", path)
                    answer = asked.getresponse()
                    text = answer.read().decode()
                if answer.status != 503:
                    return answer.status, text
            except OSError:
                pass
            time.sleep(0.5)
        return 503, ""

    @property
    def service(self) -> str:
        name: str = self.checkout.outputs("private")["services"]["web"]["service"]
        return name

    @property
    def specification(self) -> dict[str, Any]:
        spec: dict[str, Any] = self.engine.inspect_service(self.service)["Spec"]
        return spec

    @property
    def count(self) -> int:
        count: int = self.specification["Mode"]["Replicated"]["Replicas"]
        return count

    def scale(self, count: int) -> None:
        """As a controller does: the specification as it is, with another number."""
        found = self.engine.inspect_service(self.service)
        spec = found["Spec"] | {"Mode": {"Replicated": {"Replicas": count}}}
        url = f"{self.engine.base_url}/v1.41/services/{found['ID']}/update"
        assert self.engine.post(url, json=spec, params={"version": found["Version"]["Index"]}).status_code == 200

    @property
    def tasks(self) -> dict[str, int]:
        """Tasks that are to run and do, by image."""
        found = self.engine.tasks({"service": self.service, "desired-state": "running"})
        running = (task for task in found if task["Status"]["State"] == "running")
        return dict(Counter(task["Spec"]["ContainerSpec"]["Image"] for task in running))

    @contextmanager
    def load(self, rate: float) -> Iterator[None]:
        """So many requests a second to the URL."""
        ended = threading.Event()

        def send() -> None:
            while not ended.wait(1 / rate):
                asked = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
                with suppress(OSError, http.client.HTTPException), closing(asked):
                    asked.request("GET", "/work?ms=0")
                    asked.getresponse().read()

        thread = threading.Thread(target=send)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def controller_settings(self) -> str:
        """As a file, with short periods."""
        told = json.loads(self.checkout("scale", "--stack", "private", "--local", "--show-settings"))
        periods = {"metric_period": 2, "balancer_period": 2}
        told["services"] = {name: one | {"parameters": periods} for name, one in told["services"].items()}
        return json.dumps(told)

    def there(self) -> set[str]:
        """Ids of what the Engine has of all that it can keep."""
        lists = (self.engine.services(), self.engine.networks(), self.engine.secrets(), self.engine.configs())
        return {one.get("ID") or one["Id"] for found in lists for one in found}


@pytest.fixture(scope="module")
def private(make: Callable[..., Checkout], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Private]:
    if why := private_images.missing():
        pytest.skip(why)
    folders = {name: str(tmp_path_factory.mktemp("of")) for name in ("TMPDIR", "ACCORDION_CACHE_DIR")}
    registry = swarm.registry() or ""
    made = Private(make(DOCKER_HOST=DOCKER.address(os.environ) or "", ACCORDION_REGISTRY=registry, **folders))
    for version in ("1.0.0", "2.0.0"):
        swarm.build(made.image, version)
    if why := swarm.trial(f"{made.image}:1.0.0"):
        pytest.skip(why)
    yield made
    made.checkout.destroy("private")


def test_a_stack_is_built_deployed_loaded_scaled_released_rolled_back_and_destroyed(
    private: Private, tmp_path: Path
) -> None:
    """One life, by the commands that a person types."""
    checkout = private.checkout

    def local(*words: str, code: int = 0) -> str:
        return checkout(words[0], "--stack", "private", "--local", *words[1:], code=code)

    log = tmp_path / "log.jsonl"

    def beside() -> str:
        """What a controller says of the service that a person starts by hand."""
        other = checkout.start("scale", "--stack", "private", "--local")
        assert other.stdout is not None
        try:
            return next(line for line in other.stdout if line.startswith(f"{private.service}: "))
        finally:
            other.terminate()
            other.communicate(timeout=60)

    with checkout.edited("private", *ON_REQUESTS, SHORT):
        private.up()
        assert private.checkout.outputs("private")["url"] == f"http://localhost:{private.port}"
        assert private.answer("/version") == (200, '{"commit":"unknown","version":"1.0.0"}\n')
        assert not (checkout.place / "aws.json").exists(), "a stack on a Swarm starts no stand-in for AWS"
        assert "what runs is what was declared" in local("monitor", "--wait")
        # Its controller, a service of the stack, reads what the proxy counts, and one beside it waits.
        private.up("--expect-no-changes")
        name = private.checkout.outputs("private")["controller"]
        assert f"another controller scales it: {name}-" in beside()
        with private.load(10.0):
            until(lambda: private.count == 4, "it does not scale out")
            (task,) = private.engine.tasks({"service": name, "desired-state": "running"})
            private.engine.kill(task["Status"]["ContainerStatus"]["ContainerID"])
        until(lambda: private.count == 2, "the one that follows it does not scale in")
        assert len(private.engine.tasks({"service": name})) == 2
        assert local("scale", "--hold").endswith("nothing moves its count until --resume\n")
        held = local("monitor", code=1)
        assert "web.suspended (undeclared)" in held
        assert "cure: accordion scale --resume --local --stack private" in held
        local("scale", "--resume")
        # Its log, decided again.
        log.write_text(said_by(name, stderr=False))
        again = checkout("scale", "--replay", str(log))
        assert re.match(r"(\d+) of \1 ticks are decided the same again", again), again
        # What the controller has written is what the stack is judged by: the load was above what its tasks can do.
        judged = json.loads(local("performance", "--format", "json"))
        assert judged["title"] == "private, Docker Swarm"
        (web,) = judged["services"]
        assert max(web["series"]["desired"]) > 2
        assert web["figures"]["requests"]["value"] > 50
        assert max(one["after"] for one in web["activities"]) == 4
        assert local("tasks", "--service", "controller").startswith("private: 1 running or starting\ncontroller  ")
        assert "scaling web (each 2 s)" in local("logs", "--service", "controller")
    # Other rules reach it by a new configuration, and it obeys them.
    with checkout.edited("private", *ON_REQUESTS, SHORT, ("minimum: 2", "minimum: 3")):
        assert "~ 2 updated" in private.up(), "the controller and the component around it"
        until(lambda: private.count == 3, "it does not obey other rules")
        # Nothing else is declared otherwise: the number that the rules have set is left alone.
        private.up("--expect-no-changes")
        assert private.count == 3
        # Released: the number that runs is sent along, and every task is the new one when `up` ends.
        with checkout.edited("private", ("version: 1.0.0", "version: 2.0.0")):
            assert "~ 2 updated" in private.up(), "the service, and the component around it"
            assert private.tasks == {f"{private.image}:2.0.0": 3}
            assert private.answer("/version") == (200, '{"commit":"unknown","version":"2.0.0"}\n')
        # A version that never gets healthy: the program ends with 0 when it is told to. The Swarm goes back, `up` says
        # why, and what is declared runs.
        sick = (
            "command: [/app, -healthcheck], interval: 5s, timeout: 2s }",
            "command: [/none], interval: 5s, timeout: 2s }",
        )
        with checkout.edited("private", ("version: 1.0.0", "version: 2.0.0"), sick):
            told = private.up(code=1)
        assert "its update ended as rollback_completed" in told, told
        assert re.search(r"a task ended by itself with exit code 0|unhealthy container", told), told
        assert private.tasks == {f"{private.image}:2.0.0": 3}
        told = local("monitor", "--wait")
        assert "web: its last update was rolled back" in told, told
        assert local("tasks", "--service", "web").startswith("private: 3 running or starting\nweb  ")
        # Rolled back by a person: from the settings that failed to those that run, and once more to those before.
        assert ":2.0.0\n  services.web.container.health_check.command.0: /none -> /app\n" in local("rollback", "--yes")
        assert private.tasks == {f"{private.image}:2.0.0": 3}
        told = local("rollback", "--yes")
        assert re.search(r"back to version \d+ of private, .*:1\.0\.0", told), told
        assert private.tasks == {f"{private.image}:1.0.0": 3}
        assert private.answer("/version") == (200, '{"commit":"unknown","version":"1.0.0"}\n')
        # A command of the program itself, once: its exit code is the answer, and nothing of it is left.
        there = private.there()
        assert "has ended with exit code 1" in local("run", "--service", "web", "--", "-healthcheck", code=1)
        assert private.there() == there
        assert re.match(r"docker --host \S+ exec --interactive --tty \w{12} /app -version\n", local(
            "exec", "--service", "web", "--print", "--", "/app", "-version"
        ))  # fmt: skip
    made = {each["id"] for each in checkout.exported("private") if each["type"].startswith("docker:")}
    assert made <= private.there()
    memory = f"{PREFIX}{checkout.outputs('private')['services']['web']['service_id']}"
    assert memory in {one["Spec"]["Name"] for one in private.engine.configs()}
    checkout.destroy("private")
    assert made & private.there() == set()
    assert memory not in {one["Spec"]["Name"] for one in private.engine.configs()}, "what it remembered goes too"


def test_a_rotated_secret_rolls_the_service_and_is_found_nowhere(private: Private, tmp_path: Path) -> None:
    checkout, search = private.checkout, planted.Search(*PLANTED)
    with checkout.edited("private", private.alone, (QUICK, f"{QUICK}\n      secrets: [word]")):
        told = private.up(code=1)
        assert "1 secret without a value; set them:" in told
        assert "pulumi config set --secret --path 'service_secrets[\"word\"]'" in told
        names: list[str] = []
        for word in PLANTED:
            checkout.configure("private", 'service_secrets["word"]', word, "--secret")
            with Seen() as processes:
                preview = search.look("accordion local preview --diff", checkout.preview("private", "--diff"))
                if names:
                    assert f"web: secret word goes from version {names[0].split('-')[-2]} to " in preview
                search.look("accordion local up --diff", private.up("--diff"))
            assert any("operations.cli" in line for line in processes.lines)
            search.look("command lines of processes", "\n".join(processes.lines))
            search.look("variables of processes", "\n".join(processes.variables))
            (mounted,) = private.specification["TaskTemplate"]["ContainerSpec"]["Secrets"]
            names.append(mounted["SecretName"])
            assert mounted["File"]["Name"] == "word"
            private.up("--expect-no-changes")
        assert len(set(names)) == 2
        kept = {one["Spec"]["Name"] for one in private.engine.secrets()}
        assert set(names) <= kept, "the one before stays for a roll-back"
        history = json.loads(
            checkout("config", "history", "web.word", "--stack", "private", "--local", "--format", "json")
        )
        versions = [name.split("-")[-2] for name in reversed(names)]
        (key,) = history["keys"]
        assert [(one["id"], one["value"], one["current"]) for one in key["versions"]] == [
            (versions[0], None, True),
            (versions[1], None, False),
        ]
        planted.told(search, checkout, "private", tmp_path)
        log, file = tmp_path / "decisions.jsonl", tmp_path / "controller.json"
        file.write_text(search.look("accordion scale --show-settings", private.controller_settings()))
        scaling = checkout.start("scale", "--settings", str(file), "--dry-run", "--log", str(log))
        try:
            until(lambda: log.exists() and '"tick"' in log.read_text(), "it decides nothing")
        finally:
            scaling.terminate()
            said, _ = scaling.communicate(timeout=60)
        search.look("accordion scale", said + log.read_text())
        reference = private.specification["TaskTemplate"]["ContainerSpec"]["Image"]
        search.look("history of the image", json.dumps(private.engine.history(reference)))
        search.look("layers of the image", b"".join(private.engine.get_image(reference)))
        for what, found in (
            ("service", private.engine.inspect_service(private.service)),
            ("tasks", private.engine.tasks({"service": private.service})),
            ("containers", [private.engine.inspect_container(one["Id"]) for one in private.engine.containers()]),
            ("configs", private.engine.configs()),
            ("secrets", private.engine.secrets()),
        ):
            search.look(f"the Engine of its {what}", json.dumps(found, ensure_ascii=False))
        _rotated_during_releases(private, names)
        search.files("the local cloud", checkout.place.rglob("*"))  # state, journals, logs, settings
        search.files("the project", checkout.folder.rglob("*"))
        search.files("the folder of temporary files", private.temporary.rglob("*"))
        checkout.destroy("private")
        checkout("local", "config", "rm", "--stack", "private", "accordion:service_secrets")
        assert there(private, names) == set()
        # A review has placeholders in place of what is encrypted; nothing of it stays on the Engine.
        file, before = checkout.folder / "Pulumi.private.yaml", private.there()
        encrypted = "  accordion:service_secrets: { word: { secure: v1:abcdefghijkl:0123456789 } }\n"
        file.write_text(file.read_text().replace("config:\n", f"config:\n{encrypted}") + ELSEWHERE)
        checkout.git("commit", "--quiet", "--all", "--message", "a secret")
        with checkout.edited("private", ("v1:abcdefghijkl", "v1:lkjihgfedcba"), ("version: 1.0.0", "version: 2.0.0")):
            comment = planted.reviewed(search, checkout, "private", tmp_path)
        checkout.git("reset", "--quiet", "--hard", "HEAD~1")
        assert comment.startswith("## Nothing to say against it: `private` changes"), comment
        assert private.there() == before
        assert search.found == []


def there(private: Private, names: list[str]) -> set[str]:
    """Those of the secrets that the Engine has."""
    return {one["Spec"]["Name"] for one in private.engine.secrets()} & set(names)


def _rotated_during_releases(private: Private, names: list[str]) -> None:
    """A release that stops half-way, and one that is watched still, while the secret is rotated once more: what runs,
    what a roll-back would need and the new one are there; the next deployment goes on and the one after it tidies."""
    checkout = private.checkout
    quick = "deployment: { delay: 0s, monitor: 5s, timeout: 90s }"

    def rotated(*changes: tuple[str, str], code: int = 0) -> str:
        """A deployment with another secret; `names` gets its name."""
        checkout.configure("private", 'service_secrets["word"]', f"{PLANTED[0]} {len(names)}", "--secret")
        with checkout.edited("private", *changes):
            said = private.up(code=code)
        (mounted,) = private.specification["TaskTemplate"]["ContainerSpec"]["Secrets"]
        names.append(mounted["SecretName"])
        return said

    paused = (
        ("command: [/app, -healthcheck], interval: 5s", "command: [/none], interval: 5s"),
        (quick, "deployment: { rollback: false, delay: 0s, monitor: 5s, timeout: 90s }"),
    )
    watched = ((quick, "deployment: { delay: 0s, monitor: 5m, timeout: 10s }"),)
    for stops, reason in ((paused, "its update ended as paused"), (watched, "did not converge within 10s: ")):
        before = names[-1]
        told = rotated(*stops, code=1)
        assert reason in told, told
        assert {before, names[-1]} <= there(private, names)
        rotated()
        assert there(private, names) == {before, *names[-2:]}, (
            "what stopped half-way may be gone back to while its successor is watched"
        )
        private.up()
        assert there(private, names) == {before, names[-1]}
        private.up("--expect-no-changes")


def test_the_image_of_a_pipeline_is_left_by_an_up_and_is_no_difference(private: Private) -> None:
    checkout, engine = private.checkout, private.engine
    if swarm.registry() is None:
        pytest.skip("no registry is known beside the Engine of DOCKER_HOST")
    released = next(line for line in engine.push(f"{private.image}:2.0.0", stream=True, decode=True) if "aux" in line)
    image = f"{private.image}@{released['aux']['Digest']}"
    with checkout.edited("private", (QUICK, f"{QUICK}\n      image_owner: pipeline")):
        private.up()
        update = [
            "docker",
            "--host",
            swarm.address(),
            "service",
            "update",
            "--quiet",
            "--image",
            image,
            private.service,
        ]
        subprocess.run(update, check=True, capture_output=True, timeout=120)
        assert private.answer("/version") == (200, '{"commit":"unknown","version":"2.0.0"}\n')
        with checkout.edited("private", ("cpu: 256", "cpu: 128")):
            private.up()
            assert private.specification["TaskTemplate"]["Resources"]["Limits"]["NanoCPUs"] == 125_000_000
            assert private.tasks == {image: 2}
            told = checkout("monitor", "--stack", "private", "--local")
            assert "what runs is what was declared" in told
            assert f"a pipeline owns the image: {image} runs, {private.image}:1.0.0 is declared" in told
        checkout.destroy("private")


def test_an_image_is_built_pushed_and_run_by_digest_and_a_preview_does_neither(private: Private) -> None:
    checkout, registry = private.checkout, swarm.registry()
    if registry is None:
        pytest.skip("no registry is known beside the Engine of DOCKER_HOST")
    repository = f"{registry}/built-{uuid.uuid4().hex[:8]}"
    line = f"        image: {{ repository: {private.image}, version: 1.0.0 }} # examples/app\n"
    arguments = "arguments: { VERSION: 3.0.0 }"
    build = f'{{ context: built, repository: "{repository}", version: 3.0.0, {arguments} }}'
    context = checkout.folder / "built"
    declared = (private.alone, (line, ""), (QUICK, f"{QUICK}\n      build: {build}\n      secrets: [word]"))
    search = planted.Search(*PLANTED)
    checkout.configure("private", 'service_secrets["word"]', PLANTED[0], "--secret")
    try:
        with example_app.context() as made:
            shutil.copytree(made, context)
        with checkout.edited("private", *declared):
            for options in ((), ("--check-build",)):
                checkout.preview("private", *options)
                there = any(
                    each.startswith(repository) for one in private.engine.images() for each in one["RepoTags"] or ()
                )
                assert there == bool(options), "a preview builds where it is asked to"
                assert tags_of(repository) is None, "and pushes never"
            search.look("accordion local up", private.up())
            reference = private.specification["TaskTemplate"]["ContainerSpec"]["Image"]
            search.look("history of the image", json.dumps(private.engine.history(reference)))
            search.look("layers of the image", b"".join(private.engine.get_image(reference)))
            search.files("the project", checkout.folder.rglob("*"))
            assert search.found == []
            assert re.fullmatch(rf"{re.escape(repository)}@sha256:[0-9a-f]{{64}}", reference)
            assert private.answer("/version")[1].endswith('"version":"3.0.0"}\n')
            private.up("--expect-no-changes")
            # Another content is another image; what the build forgets is no difference.
            (context / "notes").write_text("ignored")
            private.up("--expect-no-changes")
            # Without a repository it goes to the registry of the local cloud.
            unnamed = (f'repository: "{repository}", version: 3.0.0, {arguments}', "arguments: { VERSION: 3.1.0 }")
            with checkout.edited("private", unnamed):
                private.up()
                second = private.specification["TaskTemplate"]["ContainerSpec"]["Image"]
                assert second.startswith(f"{registry}/accordion/private/web@sha256:")
                assert private.answer("/version")[1].endswith('"version":"3.1.0"}\n')
            checkout.destroy("private")
            checkout("local", "config", "rm", "--stack", "private", "accordion:service_secrets")
    finally:
        for folder in (context, checkout.folder / ".accordion"):
            shutil.rmtree(folder, ignore_errors=True)
