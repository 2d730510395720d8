"""The private stack through its life on a real Docker Engine: deployed, answering, scaled, updated, rolled back, gone.

Cannot prove what several nodes do, nor what the official plugin does with the same program.
"""

import http.client
import json
import re
import shutil
import subprocess
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from operations.live.swarm import PREFIX
from tests import example_app, swarm
from tests.controlled_service import said_by, until
from tests.engine import planted
from tests.engine.checkout import Checkout
from tests.engine.private_stack import ON_REQUESTS, QUICK, SHORT, Private, private_stack
from tests.engine.processes import Seen
from tests.engine.test_secrets import ELSEWHERE

pytestmark = [pytest.mark.engine, pytest.mark.docker, pytest.mark.timeout(1500)]

PLANTED = ("""planted-first "a" <é> $&+/'b' word""", """planted-second "a" <é> $&+/'b' word""")
"""With what each way of writing writes in its own way."""


def tags_of(repository: str) -> Any:
    """What a registry on this machine has of a repository; None for nothing."""
    registry, _, name = repository.partition("/")
    with closing(http.client.HTTPConnection(registry, timeout=5)) as asked:
        asked.request("GET", f"/v2/{name}/tags/list")
        return json.loads(asked.getresponse().read()).get("tags")


@pytest.fixture(scope="module")
def private(make: Callable[..., Checkout], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Private]:
    folders = {name: str(tmp_path_factory.mktemp("of")) for name in ("TMPDIR", "ACCORDION_CACHE_DIR")}
    with private_stack(make, folders) as made:
        yield made


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
        there = private.services()
        assert "has ended with exit code 1" in local("run", "--service", "web", "--", "-healthcheck", code=1)
        assert private.services() == there
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
    quick = "deployment: { delay: 0s, monitor: 5s, timeout: 180s }"

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
        (quick, "deployment: { rollback: false, delay: 0s, monitor: 5s, timeout: 180s }"),
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
    with checkout.edited("private", private.alone, (QUICK, f"{QUICK}\n      image_owner: pipeline")):
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
