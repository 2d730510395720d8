"""An image of a program has one key and is built once, on the recording monitor.

It cannot prove that a builder takes the context: tests/engine/test_swarm_images.py has one.
"""

from __future__ import annotations

import errno
import os
import shutil
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulumi
import pytest

from components.container_image import BUILT, STAGING, ContainerImage, ContainerImageArgs, registry_digest
from components.deployed import Deployed
from components.specs.container_image import ContainerImageSpec
from image_context import Context
from tests.recording import Answer, Registrations, build

REPOSITORY = "127.0.0.1:5000/shop/web"
DIGEST = f"sha256:{'a' * 64}"
DOCKERFILE = "ARG BASE=base:1\nFROM ${BASE} AS build\nCOPY . /\nFROM scratch\nCOPY --from=build /a /\n"


@pytest.fixture(autouse=True)
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a program, with a context `app`."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "Dockerfile").write_text(DOCKERFILE)
    (tmp_path / "app" / "a").write_text("1")
    return tmp_path


class Registry:
    """What a registry has, and what it was asked for."""

    def __init__(self, **digests: str) -> None:
        self.digests = {"base:1": DIGEST, **digests}
        self.asked: list[str] = []

    def __call__(self, name: str) -> str | None:
        self.asked.append(name)
        return self.digests.get(name)


def made(
    digests: Callable[[str], str | None] | None = None,
    deployed: Deployed | None = None,
    repository: str | None = REPOSITORY,
    preview: bool = False,
    check_build: bool = False,
    **spec: Any,
) -> tuple[Registrations, dict[str, Any]]:
    """What a program with one image registers, and that image's outputs."""

    def body() -> None:
        ContainerImage(
            "web",
            ContainerImageArgs(
                ContainerImageSpec(**{"context": "app", **spec}),
                repository=repository,
                deployed=deployed or Deployed(),
                digests=digests or Registry(),
                check_build=check_build,
            ),
        )

    answers: dict[str, Answer] = {
        BUILT: lambda name, inputs: {"repoDigest": f"{REPOSITORY}@{DIGEST}"},
        "aws:ecr/repository:Repository": lambda name, inputs: {"repositoryUrl": REPOSITORY},
    }
    built = build(body, answers=answers, preview=preview)
    return built, built.outputs("web")


def key(digests: Callable[[str], str | None] | None = None, **spec: Any) -> str:
    found: str = made(digests, **spec)[1]["key"]
    return found


def test_it_is_built_from_what_was_laid_out_with_its_base_by_digest(program: Path) -> None:
    built, outputs = made(version="1.2.0", commit="0123456789abcdef")
    inputs = built.one(BUILT).inputs
    assert inputs["imageName"] == f"{REPOSITORY}:1.2.0-0123456789ab-{outputs['key']}"
    assert inputs["build"]["context"] == ".accordion/contexts/web"
    assert inputs["registry"]["server"] == "127.0.0.1:5000"
    laid_out = program / STAGING / "web"
    assert inputs["build"]["dockerfile"] == ".accordion/contexts/web.Dockerfile"
    assert (program / STAGING / "web.Dockerfile").read_text() == DOCKERFILE.replace("${BASE}", f"base:1@{DIGEST}")
    assert sorted(path.name for path in laid_out.iterdir()) == ["Dockerfile", "a"]
    assert (laid_out / "a").read_text() == "1"
    assert (program / ".accordion" / ".gitignore").read_text() == "*\n"
    assert inputs["buildOnPreview"] is False


def test_the_key_is_of_what_decides_the_image_and_of_nothing_else(program: Path) -> None:
    first = key()
    assert key(version="2", commit="fedcba9876543210") == first
    others = [
        key(arguments={"A": "1"}),
        key(platform="linux/arm64"),
        key(target="build"),
        key(digests=Registry(**{"base:1": f"sha256:{'b' * 64}"})),
        key(arguments={"BASE": "other"}, digests=Registry(**{"other:latest": DIGEST})),
    ]
    (program / "app" / "a").write_text("2")
    others.append(key())
    assert len({first, *others}) == 7


def test_the_programs_own_folder_is_a_context_of_which_what_was_laid_out_before_is_no_part(program: Path) -> None:
    shutil.copytree(program / "app", program, dirs_exist_ok=True)
    assert key(context=".") == key(context=".")
    assert not (program / STAGING / "web" / ".accordion").exists()


@pytest.mark.parametrize(
    ("dockerfile", "pinned"),
    [
        (
            "FROM --platform=linux/arm64 \\\n  base:1 \\\n AS x\nCOPY . /\n",
            "FROM --platform=linux/arm64 {} AS x\n\n\nCOPY . /\n",
        ),
        ("ARG NAME=base\nARG BASE=${NAME}:1\nFROM $BASE\n", "ARG NAME=base\nARG BASE=${NAME}:1\nFROM {}\n"),
        ("FROM base:1\r\nRUN a\x0cb\u2028c\r\nFROM base:1", "FROM {}\nRUN a\x0cb\u2028c\nFROM {}"),
        ("FROM base:1 AS one\nFROM one\nFROM scratch\n", "FROM {} AS one\nFROM one\nFROM scratch\n"),
    ],
)
def test_each_base_is_pinned_however_its_line_is_written(program: Path, dockerfile: str, pinned: str) -> None:
    (program / "app" / "Dockerfile").write_bytes(dockerfile.encode())
    made()
    assert (program / STAGING / "web.Dockerfile").read_text() == pinned.replace("{}", f"base:1@{DIGEST}")


def test_an_image_in_the_state_is_taken_as_it_is_whatever_the_commit() -> None:
    built, outputs = made(version="1", commit="0123456789ab")
    image = built.one(BUILT)
    state = Deployed({(BUILT, image.name): {"imageName": image.inputs["imageName"]}})
    registry = Registry()
    again, _ = made(deployed=state, digests=registry, version="2", commit="ba9876543210")
    assert again.one(BUILT).inputs == image.inputs
    assert registry.asked == ["base:1"]
    assert outputs["tag"] == image.inputs["imageName"].rpartition(":")[2]


def test_an_image_that_the_registry_has_is_not_built() -> None:
    tag = made()[1]["tag"]
    built, outputs = made(digests=Registry(**{f"{REPOSITORY}:{tag}": DIGEST}))
    assert built.of(BUILT) == []
    assert outputs["reference"] == f"{REPOSITORY}@{DIGEST}"


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("invocation failed\nerror: dial tcp 127.0.0.1:40400: connect: connection refused", None),
        ("invocation failed\nerror: Get http://127.0.0.1:404/v2/: EOF", None),
        ("invocation failed\nerror: Get https://a.example.org/v2/shop/error-404/manifests/1: EOF", None),
        ("invocation failed\nerror: a.example.org/404-page:1 and shop/web:404: EOF", None),
        ("registry answers 404: not found", ""),
        ("got bad response from registry: 404 Not Found", ""),
        ("did not find image web:1 in its registry", ""),
    ],
)
def test_a_registry_that_does_not_answer_is_another_thing_than_one_without_the_image(
    said: str, found: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked(name: str) -> None:
        raise RuntimeError(said)

    monkeypatch.setattr("components.container_image.docker.get_registry_image", asked)
    if found is not None:
        assert registry_digest("web:1") is None
        return
    with pytest.raises(pulumi.RunError) as told:
        registry_digest("web:1")
    assert str(told.value) == (
        f"what stands in the registry under web:1 cannot be told: {said.splitlines()[-1]}; see that its registry "
        "answers and takes your log-in (docker login), and run it again"
    )


def test_a_repository_of_its_own_scans_moves_no_tag_is_encrypted_and_keeps_so_many() -> None:
    built, _ = made(repository=None, keep=5)
    repository = built.one("aws:ecr/repository:Repository").inputs
    assert repository["imageTagMutability"] == "IMMUTABLE"
    assert repository["imageScanningConfiguration"] == {"scanOnPush": True}
    assert repository["encryptionConfigurations"] == [{"encryptionType": "KMS"}]
    assert '"countNumber": 5' in built.one("LifecyclePolicy").inputs["policy"]


@pytest.mark.parametrize(
    ("dockerfile", "spec", "told"),
    [
        ("FROM gone:1\n", {}, "line 1 of the Dockerfile: no registry has the base image gone:1"),
        ("ARG A\nFROM $A\n", {}, "line 2 of the Dockerfile: FROM needs A, which has no value; give it in arguments"),
        ("FROM\n", {}, "line 1 of the Dockerfile: FROM names no image; write FROM image"),
        ("FROM --platform=$A\n", {}, "line 1 of the Dockerfile: FROM names no image; write FROM image"),
        ("FROM base:1\nRUNS a\n", {}, "Dockerfile parse error on line 2: unknown instruction: RUNS"),
        ("FROM base:1\nRUN <<A\n", {}, "Dockerfile parse error on line 2: unterminated heredoc"),
        ("FROM scratch\n", {"dockerfile": "none"}, "the Dockerfile none is not there"),
    ],
)
def test_what_cannot_be_built_is_told_with_its_line(
    program: Path, dockerfile: str, spec: dict[str, Any], told: str
) -> None:
    (program / "app" / "Dockerfile").write_text(dockerfile)
    with pytest.raises(pulumi.RunError, match=r"^ContainerImage web: ") as error:
        made(**spec)
    assert str(error.value).endswith(told)


def test_a_preview_builds_only_when_it_is_asked_to_and_only_what_is_not_there() -> None:
    def asks(built: Registrations) -> bool:
        return built.one(BUILT).inputs["buildOnPreview"] is True

    assert not asks(made(preview=True)[0])
    assert asks(made(preview=True, check_build=True)[0])
    up = made(check_build=True)[0]
    assert not asks(up)
    state = Deployed({(BUILT, up.one(BUILT).name): {"imageName": up.one(BUILT).inputs["imageName"]}})
    assert not asks(made(preview=True, check_build=True, deployed=state)[0])


def test_a_context_of_two_gigabytes_is_refused_before_any_of_it_is_read(program: Path) -> None:
    (program / "app" / "data").mkdir()
    (program / "app" / "data" / "dump").touch()
    os.truncate(program / "app" / "data" / "dump", 2 * 2**30)
    tracemalloc.start()
    try:
        with pytest.raises(pulumi.RunError) as told:
            made()
        assert tracemalloc.get_traced_memory()[1] < 64 * 2**20
    finally:
        tracemalloc.stop()
    assert str(told.value) == (
        "ContainerImage web: the context app has 4 files of 2048 MiB, allowed: 100000 of 1024 MiB; most of it is in "
        "data, Dockerfile, a: name in .dockerignore what the image does not need"
    )
    assert not (program / STAGING).exists()
    (program / "app" / ".dockerignore").write_text("data\n")
    assert made()[0].one(BUILT)


def test_a_context_of_many_megabytes_is_laid_out_in_little_memory(program: Path) -> None:
    (program / "app" / "data").touch()
    os.truncate(program / "app" / "data", 256 * 2**20)
    tracemalloc.start()
    try:
        made()
        assert tracemalloc.get_traced_memory()[1] < 64 * 2**20
    finally:
        tracemalloc.stop()
    assert (program / STAGING / "web" / "data").stat().st_size == 256 * 2**20


def test_a_full_disk_is_told_and_the_next_run_goes_on(program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Context, folder: Path) -> None:
        (folder / "a").write_text("")
        raise OSError(errno.ENOSPC, "No space left on device", str(folder / "a"))

    with monkeypatch.context() as patched:
        patched.setattr(Context, "copy_to", full)
        with pytest.raises(pulumi.RunError) as told:
            made()
    assert str(told.value) == (
        "ContainerImage web: its context cannot be laid out in .accordion/contexts/web: no space left on device; make "
        "room there and run it again"
    )
    built, _ = made()
    assert (program / STAGING / "web" / "a").read_text() == "1"
    assert built.one(BUILT)
