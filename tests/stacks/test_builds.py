"""An image that a stack file says how to build, on the recording monitor. It cannot prove that a builder takes it:
tests/engine/test_private_stack.py has one."""

from __future__ import annotations

import json
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pulumi
import pytest

from components.container_image import BUILT
from localcloud.docker import running
from operations import local
from operations.cli import run
from stacks import compositions
from stacks.builds import CHECK_BUILD
from stacks.packages import packages_of
from stacks.private_service.build import REGISTRY
from stacks.settings import SettingsError, parse
from tests.recording import Registrations, Secret, build

DIGEST = "sha256:" + "a" * 64
ECR = "123456789012.dkr.ecr.eu-central-1.amazonaws.com"
STACK = """\
config:
  accordion:composition: web_service
  accordion:environment: { region: eu-central-1, account_ids: ["123456789012"], production: false }
  accordion:network: { zones: [eu-central-1a, eu-central-1b] }
  accordion:services:
    web:
      container: { ports: { http: { number: 8080 } } }
      build: { context: app, repository: ghcr.io/shop/web }
      cpu: 256
      memory: 512
      count: 1
"""


@pytest.fixture(autouse=True)
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a program, with a context `app`."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "Dockerfile").write_text("FROM scratch\nCOPY a /\n")
    (tmp_path / "app" / "a").write_text("1")

    def none(name: str) -> None:
        raise LookupError(f"did not find image {name} in its registry")

    monkeypatch.setattr("components.container_image.docker.get_registry_image", none)
    return tmp_path


def built(text: str = STACK, *, preview: bool = False) -> Registrations:
    settings = parse("Pulumi.dev.yaml", text)
    repository = "ghcr.io/shop/web"
    answers: dict[str, Any] = {
        BUILT: lambda name, inputs: {"repoDigest": f"{repository}@{DIGEST}"},
        "aws:ecr/repository:Repository": lambda name, inputs: {"repositoryUrl": f"{ECR}/{name}"},
    }
    return build(lambda: compositions.build(settings).exports(), answers=answers, preview=preview)


def refused(old: str, new: str, text: str = STACK) -> list[str]:
    assert text.count(old) == 1
    with pytest.raises(SettingsError) as told:
        parse("Pulumi.dev.yaml", text.replace(old, new))
    return [f"{fault.key}: {fault.text}" for fault in told.value.faults]


def test_the_task_runs_what_was_built_by_digest() -> None:
    made = built()
    inputs = made.one(BUILT).inputs
    assert inputs["imageName"].startswith("ghcr.io/shop/web:")
    (container,) = json.loads(made.one("aws:ecs/taskDefinition:TaskDefinition").inputs["containerDefinitions"])
    assert container["image"] == f"ghcr.io/shop/web@{DIGEST}"
    assert made.of("aws:ecr/repository:Repository") == []


def test_without_a_repository_one_of_ecr_is_made_which_the_task_may_pull_from(monkeypatch: pytest.MonkeyPatch) -> None:
    token = SimpleNamespace(user_name="AWS", password="planted")
    monkeypatch.setattr("stacks.web_service.build.ecr.get_authorization_token_output", lambda opts: token)
    made = built(STACK.replace(", repository: ghcr.io/shop/web", ""))
    repository = made.one("aws:ecr/repository:Repository").inputs
    assert (repository["imageTagMutability"], repository["imageScanningConfiguration"]) == (
        "IMMUTABLE",
        {"scanOnPush": True},
    )
    policies = json.dumps([each.inputs for each in made.of("aws:iam/rolePolicy:RolePolicy")])
    assert "arn:aws:ecr:eu-central-1:123456789012:web-repository" in policies
    registry = made.one(BUILT).inputs["registry"]
    assert isinstance(registry["password"], Secret)


def test_a_repository_of_ecr_that_stands_may_be_pulled_from() -> None:
    made = built(STACK.replace("ghcr.io/shop/web", f"{ECR}/shop/web"))
    policies = json.dumps([each.inputs for each in made.of("aws:iam/rolePolicy:RolePolicy")])
    assert "arn:aws:ecr:eu-central-1:123456789012:repository/shop/web" in policies


@pytest.mark.parametrize(("given", "builds"), [("1", True), ("0", False), ("", False)])
def test_a_preview_builds_only_where_it_is_asked(given: str, builds: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CHECK_BUILD, given)
    assert built(preview=True).one(BUILT).inputs["buildOnPreview"] is builds
    assert built().one(BUILT).inputs["buildOnPreview"] is False


@pytest.mark.parametrize(
    ("words", "handed", "asked"),
    [
        (["preview", "--check-build", "--diff"], ["preview", "--diff"], "1"),
        (["up", "--check-build"], ["up", "--check-build"], None),
        (["preview"], ["preview"], None),
    ],
)
def test_the_option_is_of_a_preview_alone(
    words: list[str], handed: list[str], asked: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[tuple[list[str], str | None]] = []

    class Cloud:
        def run(self, words: list[str], folder: Path) -> int:
            given.append((words, os.environ.get(CHECK_BUILD)))
            return 0

    monkeypatch.setenv(CHECK_BUILD, "")  # so that it is as it was, whatever the command sets
    monkeypatch.delenv(CHECK_BUILD)
    monkeypatch.setattr(local, "cloud_here", Cloud)
    assert run(["local", *words]) == 0
    assert given == [(handed, asked)]


def test_a_stack_that_builds_needs_an_engine_beside_its_cloud(tmp_path: Path) -> None:
    file = tmp_path / "Pulumi.dev.yaml"
    for text, packages in (
        (STACK, ("aws", "docker")),
        (STACK.replace("      build: { context: app, repository: ghcr.io/shop/web }\n", ""), ("aws",)),
        (STACK.replace("web_service", "private_service"), ("docker",)),
        (STACK.replace("build:", "rebuild:"), ("aws",)),
    ):
        file.write_text(text)
        assert packages_of(file) == packages


def test_a_service_has_one_image_and_one_who_says_which() -> None:
    image = "{ image: { repository: shop/web, version: '1' }, ports"
    assert refused("{ ports", image) == ["services.web.build: stands beside `container.image`: keep one of them"]
    assert refused("      build: { context: app, repository: ghcr.io/shop/web }\n", "") == [
        "services.web.container.image: is missing: name one, or say under the service's `build` how it is built"
    ]
    assert refused("cpu: 256", "cpu: 256\n      image_owner: pipeline") == [
        (
            "services.web.image_owner: a pipeline builds what it releases: name the first image under `container.image` and "
            "leave `build` out"
        )
    ]


def test_on_a_swarm_an_image_needs_a_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(REGISTRY, raising=False)
    private = """\
config:
  accordion:composition: private_service
  accordion:environment: { production: false }
  accordion:services:
    web: { container: {}, build: { context: app, repository: reg.example/web }, count: 1 }
"""
    made = built(private)
    assert made.one("docker:index/service:Service").inputs["taskSpec"]["containerSpec"]["image"] == (
        f"ghcr.io/shop/web@{DIGEST}"
    )
    unnamed = private.replace(", repository: reg.example/web", "")
    with pytest.raises(pulumi.RunError) as told:
        built(unnamed)
    assert str(told.value) == (
        "services.web.build.repository: is missing: nodes of a Swarm pull from a registry; name one, such as "
        "registry.example.org/shop/web; on the local cloud `make docker` has one"
    )
    monkeypatch.setenv(REGISTRY, "127.0.0.1:5001")
    image = built(unnamed).one(BUILT).inputs["imageName"]
    assert image.rpartition(":")[0] == "127.0.0.1:5001/accordion/test/web"


def test_the_image_of_a_swarms_controller_is_built_as_those_of_its_services(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(REGISTRY, raising=False)
    private = """\
config:
  accordion:composition: private_service
  accordion:environment: { production: false }
  accordion:controller: { build: { context: app, repository: reg.example/ops/accordion } }
  accordion:services:
    web:
      container: { image: { repository: shop/web, version: "1" } }
      elasticity: { minimum: 1, maximum: 2, target_tracking: { cpu: { metric: cpu, target: 50 } } }
"""
    made = built(private)
    told = made.named("controller-service").inputs["taskSpec"]["containerSpec"]
    assert told["image"] == f"ghcr.io/shop/web@{DIGEST}", "the answer of the builder here"
    with pytest.raises(pulumi.RunError, match=r"^controller\.build\.repository: is missing: "):
        built(private.replace(", repository: reg.example/ops/accordion", ""))


def test_the_variable_with_a_registry_is_that_of_the_local_cloud() -> None:
    assert REGISTRY == running.REGISTRY
