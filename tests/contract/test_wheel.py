"""The wheel alone, in an empty folder and without any extra, reads, checks, simulates, explains, prices and sweeps.

Cannot prove that an index serves the wheel, nor what pip takes of other versions of the libraries: it runs in this
environment with every library of an extra hidden.
"""

from __future__ import annotations

import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from image_context import Context
from tests.contract.test_dependencies import ROOT, WITHOUT_EXTRAS
from tests.operations import read_samples

ALONE = f"""
import sys
sys.path[:] = [sys.argv.pop(1), *(place for place in sys.path if place not in ("", {str(ROOT)!r}))]
{WITHOUT_EXTRAS}"""


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel's content."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "content")
    return folder / "content"


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A folder with a template of somebody else's, and the rules of the examples."""
    (tmp_path / "template.yaml").write_text(read_samples.TEMPLATE)
    (tmp_path / "given.yaml").write_text((ROOT / "examples" / "rules.yaml").read_text())
    for trace in (ROOT / "examples" / "traces").iterdir():
        (tmp_path / "traces").mkdir(exist_ok=True)
        (tmp_path / "traces" / trace.name).write_bytes(trace.read_bytes())
    return tmp_path


COMMANDS = (
    ("read", "template.yaml", "--parameter", "Most=9", "--capacity", "50/s", "--start-up", "60s", "--output", "rules.yaml"),
    ("check", "given.yaml"),
    ("simulate", "given.yaml", "--load", "campaign", "--html", "page.html"),
    ("explain", "given.yaml", "--at", "2026-11-30T09:00"),
    ("cost", "given.yaml"),
    ("sweep", "given.yaml"),
    ("schema", "--of", "rules"),
)  # fmt: skip


@pytest.mark.parametrize("arguments", COMMANDS, ids=lambda arguments: arguments[0])
def test_the_wheel_alone_answers(unpacked: Path, here: Path, arguments: tuple[str, ...]) -> None:
    command = [sys.executable, "-c", ALONE, str(unpacked), *arguments]
    ended = subprocess.run(command, cwd=here, capture_output=True, text=True, check=False)
    assert ended.returncode in (0, 1), ended.stderr
    assert "Traceback" not in ended.stderr
    if "--output" in arguments:
        assert (here / "rules.yaml").read_text().startswith("# Written by accordion read.")
    else:
        assert ended.stdout
    if "--html" in arguments:
        assert "<html" in (here / "page.html").read_text()[:400]


def test_the_wheel_holds_no_test_and_nothing_that_git_does_not_track(unpacked: Path) -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split(
        "\n"
    )
    inside = {str(path.relative_to(unpacked)) for path in unpacked.rglob("*") if path.is_file()}
    own = {path for path in inside if ".dist-info/" not in path}
    assert own - set(tracked) == set()
    assert {path.partition("/")[0] for path in own} == {
        "components",
        "docker_client",
        "elasticity",
        "guardrails",
        "image_context",
        "localcloud",
        "operations",
        "stacks",
    }


def test_the_image_of_the_controller_is_built_of_all_that_the_wheel_holds() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    packages = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    sent = Context.read(ROOT, ROOT / "examples" / "controller" / "Dockerfile")
    folders = {entry.path.partition("/")[0] for entry in sent.entries if "/" in entry.path}
    assert folders == {*packages, "examples"}
