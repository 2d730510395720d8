"""`make docker` where no Engine can be had says why, in a sentence, and ends with 69.

It cannot prove that an Engine starts where it may: the tests of `tests/engine` do, each time they run.
"""

from __future__ import annotations

import gc
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import swarm

ROOT = Path(__file__).parents[2]
NEEDED = ("bash", "dirname", "cksum", "cut", "mkdir", "seq", "sleep", "tail", "cat", "rm", "setsid", "grep", "touch")

Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """f(*arguments, tools, **environment) -> exit status and what is said, in a PATH of `tools`: name -> script, or None
    for the machine's own."""
    script, path = tmp_path / "checkout/.ci/docker", tmp_path / "bin"
    script.parent.mkdir(parents=True)
    path.mkdir()
    shutil.copy(ROOT / ".ci" / "docker", script)

    def run(*arguments: str, tools: dict[str, str | None], **environment: str) -> tuple[int, str]:
        for name, text in {**dict.fromkeys(NEEDED), **tools}.items():
            if text is None:
                path.joinpath(name).symlink_to(str(shutil.which(name)))
            else:
                path.joinpath(name).write_text(f"#!/bin/bash\n{text}\n")
                path.joinpath(name).chmod(0o755)
        done = subprocess.run(
            [script, *arguments], env={"PATH": str(path), **environment}, capture_output=True, text=True
        )
        return done.returncode, (done.stdout + done.stderr).replace(str(tmp_path), "")

    return run


CURL: dict[str, str | None] = {"curl": None}
ROOTS: dict[str, str | None] = {"id": "echo 0"}
SOMEBODYS: dict[str, str | None] = {"id": "echo 1000"}


INSTALLING = "installing docker.io, docker-registry and haproxy (about a minute)\n"
UNNAMED = "which DOCKER_HOST names; start it, or unset DOCKER_HOST for one of this checkout"


@pytest.mark.parametrize(
    ("tools", "named", "said"),
    [
        ({}, "", "curl is not installed"),
        (CURL | SOMEBODYS, "", "starting an Engine takes root; name one that is there with DOCKER_HOST"),
        (CURL | ROOTS, "", "docker.io, docker-registry and haproxy are not installed, and there is no apt-get"),
        (
            CURL | ROOTS | {"apt-get": "echo E: no network >&2; exit 100"},
            "",
            f"{INSTALLING}docker: docker.io could not be installed; see /checkout/.docker/install.log",
        ),
        (CURL | SOMEBODYS, "unix:///no/one.sock", f"no Engine answers at unix:///no/one.sock, {UNNAMED}"),
        (CURL | SOMEBODYS, "tcp://127.0.0.1:1", f"no Engine answers at tcp://127.0.0.1:1, {UNNAMED}"),
        (CURL, "nowhere", "DOCKER_HOST: got nowhere, allowed unix:///path or tcp://127.0.0.1:port"),
    ],
)
def test_where_no_engine_can_be_had_the_reason_is_said(
    run: Run, tools: dict[str, str | None], named: str, said: str
) -> None:
    assert run("start", tools=tools, DOCKER_HOST=named) == (os.EX_UNAVAILABLE, f"docker: {said}\n")


def test_a_command_runs_without_an_engine_too_and_its_status_is_that_of_the_command(run: Run) -> None:
    status, said = run("run", "bash", "-c", "echo tested; exit 3", tools={})
    assert (status, said) == (3, "tested\ndocker: curl is not installed\n")


@pytest.mark.parametrize("kept", ["", "no number\n", "99999999\n", "-1\n"])
def test_a_registry_whose_port_a_full_disk_has_lost_gets_another_one(run: Run, tmp_path: Path, kept: str) -> None:
    script = tmp_path / "checkout/.ci/docker"
    script.write_text(
        script.read_text().replace("/run/accordion", f"{tmp_path}/run").replace("/usr/sbin/haproxy", "/bin")
    )
    port = tmp_path / "checkout/.docker/registry.port"
    port.parent.mkdir()
    port.write_text(kept)
    there = dict.fromkeys(("curl", "dockerd", "docker-registry", "iptables"), "exit 0")
    status, said = run("start", tools={**ROOTS, **there, "cp": None}, PYTHON=sys.executable)
    assert (status, int(port.read_text()) > 0) == (0, True), said


def test_an_engine_whose_registry_does_not_start_is_stopped_after_the_command_too(run: Run, tmp_path: Path) -> None:
    script = tmp_path / "checkout/.ci/docker"
    script.write_text(
        script.read_text().replace("/run/accordion", f"{tmp_path}/run").replace("/usr/sbin/haproxy", "/bin")
    )
    there = {
        "curl": f'[[ $* == *--unix-socket* ]] && [ -e "{tmp_path}/up" ]',
        "dockerd": f"while [ $1 != --pidfile ]; do shift; done; echo $$ >$2; touch {tmp_path}/up; exec sleep 60",
        "docker-registry": "echo no room >&2; exit 1",
        "iptables": "exit 0",
    }
    status, said = run("run", "bash", "-c", "echo tested", tools={**ROOTS, **there}, PYTHON=sys.executable)
    assert status == 0
    assert said.startswith("tested\ndocker: docker-registry does not start here; the end of ")
    assert not list(tmp_path.glob("run-docker-*")), "it is stopped, and its data is gone"


def test_an_engine_that_does_not_answer_is_a_reason_to_skip_tests_and_fails_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nobody/is/here.sock")
    monkeypatch.setattr("tests.example_app.missing", lambda: None)
    why = swarm.missing.__wrapped__()
    gc.collect()  # what is left open is told now, and would fail this test
    assert why is not None
    assert why.startswith("the Docker Engine at unix:///nobody/is/here.sock does not answer: ")
