"""What is declared in pyproject.toml is what is imported, room by room.

Cannot prove that a release of a library other than the locked one would do.
"""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from localcloud.engine import assembly
from operations.failures import EXTRA_OF

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
OWN = {
    "components",
    "docker_client",
    "elasticity",
    "guardrails",
    "image_context",
    "localcloud",
    "operations",
    "stacks",
    "bench",
    "tests",
}
EXTRAS_OF_ROOM: dict[str, set[str]] = {
    "elasticity": {"fit"},
    "components": {"aws", "docker"},
    "stacks": {"aws", "docker"},
    "guardrails": {"aws"},
    "operations": {"aws", "docker", "tune", "pictures"},
    "docker_client": {"docker"},
    "image_context": {"docker"},
    "localcloud": {"docker", "local"},
    "bench": {"dev"},
    "tests": {"dev"},
    "__main__.py": {"aws"},
}
"""What a room may import beside what is always installed."""

NOT_IMPORTED = {
    "tzdata": "time zones for Python's zoneinfo",
    "flask": "moto's server runs on it",
    "flask-cors": "moto's server runs on it",
    "numba": "imported by name, when a run is long enough",
    "distributed": "imported by name, when a cluster is named",
    "boto3-stubs": "types for mypy",
    "types-psutil": "types for mypy",
    "check-jsonschema": "a command of make lint",
    "codespell": "a command of make lint",
    "import-linter": "a command of make lint",
    "ruff": "a command of make lint",
    "zizmor": "a command of make lint",
    "mypy": "the command of make types",
    "coverage": "a command",
    "pytest-randomly": "a plugin of pytest",
    "pytest-socket": "a plugin of pytest",
    "pytest-timeout": "a plugin of pytest",
}


def declared(group: str | None) -> set[str]:
    """Distributions of an extra, and of the extras that it names; None for what is always installed."""
    found = PROJECT["dependencies"] if group is None else PROJECT["optional-dependencies"][group]
    names: set[str] = set()
    for requirement in map(Requirement, found):
        if requirement.name == PROJECT["name"]:
            names |= {name for extra in requirement.extras for name in declared(extra)}
        else:
            names.add(canonicalize_name(requirement.name))
    return names


def imports(room: str) -> Iterator[tuple[str, str]]:
    """Each import of something that is neither Python's nor ours: module and file."""
    place = ROOT / room
    for file in [place] if place.is_file() else place.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            match node:
                case ast.Import(names=names):
                    modules = [name.name for name in names]
                case ast.ImportFrom(module=str(module), level=0):
                    modules = [module]
                case _:
                    continue
            beside = {other.stem for other in file.parent.glob("*.py")}  # the language host runs as a script
            if file in assembly.HOST_FILES:  # from a folder that holds these
                beside |= {other.stem for other in assembly.HOST_FILES}
            for module in modules:
                if module.partition(".")[0] not in sys.stdlib_module_names | OWN | beside:
                    yield module, str(file.relative_to(ROOT))


DISTRIBUTIONS = packages_distributions()


def distribution_of(module: str) -> str:
    if module.partition(".")[0] == "google":  # a namespace of several distributions; we import this one
        return "protobuf"
    (found,) = set(DISTRIBUTIONS[module.partition(".")[0]])
    return canonicalize_name(found)


@pytest.mark.parametrize("room", EXTRAS_OF_ROOM)
def test_what_a_room_imports_is_declared_for_it(room: str) -> None:
    allowed = declared(None).union(*(declared(extra) for extra in EXTRAS_OF_ROOM[room]))
    assert [(module, file) for module, file in imports(room) if distribution_of(module) not in allowed] == []


def test_what_is_declared_is_imported_or_has_a_reason() -> None:
    imported = {distribution_of(module) for room in EXTRAS_OF_ROOM for module, _ in imports(room)}
    everything = declared(None).union(*map(declared, PROJECT["optional-dependencies"]))
    assert everything - imported - set(NOT_IMPORTED) == set()
    assert set(NOT_IMPORTED) - everything == set()
    assert set(NOT_IMPORTED) & imported == set()


def test_a_missing_library_names_its_extra() -> None:
    extras = {extra: declared(extra) for extra in PROJECT["optional-dependencies"] if extra not in {"dev", "dask"}}
    wanted = {name for names in extras.values() for name in names} - {"flask-cors", "numba"}
    modules = {module: distribution_of(module) for module in EXTRA_OF}
    assert set(modules.values()) == wanted
    assert {module: name in extras[EXTRA_OF[module]] for module, name in modules.items()} == dict.fromkeys(
        modules, True
    )
    smaller = [module for module, name in modules.items() if EXTRA_OF[module] == "local" and name in extras["aws"]]
    assert smaller == []


def test_the_lock_of_the_program_has_every_extra_that_make_up_needs() -> None:
    locked = set(re.findall(r"^([a-z0-9-]+)==", (ROOT / "requirements.txt").read_text(), re.MULTILINE))
    wanted = declared(None).union(*map(declared, ("aws", "docker", "fast", "fit", "local", "pictures", "tune")))
    assert wanted - locked == set()


def test_the_build_back_end_is_in_the_lock_of_the_set_up_alone() -> None:
    back_end = {
        Requirement(each).name
        for each in tomllib.loads((ROOT / "pyproject.toml").read_text())["build-system"]["requires"]
    }
    locked = {
        file: set(re.findall(r"^([a-z0-9-]+)==", (ROOT / file).read_text(), re.MULTILINE))
        for file in ("requirements-setup.txt", "requirements.txt", "requirements-dev.txt")
    }
    assert [file for file, names in locked.items() if back_end & names] == ["requirements-setup.txt"]
    assert back_end <= locked["requirements-setup.txt"]


WITHOUT_EXTRAS = """
import importlib.abc, sys
from localcloud.engine import assembly
from operations.failures import EXTRA_OF
class Absent(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if any(f"{name}.".startswith(f"{module}.") for module in (*EXTRA_OF, "numba")):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Absent())
from elasticity.simulator import engine
engine.can_compile = engine.is_installed = lambda: False
from operations.cli import main
sys.argv[0] = "accordion"
main()
"""


def accordion(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", WITHOUT_EXTRAS, *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    "arguments",
    [
        ("check",),
        ("simulate", "Pulumi.dev.yaml"),
        ("sweep", "Pulumi.dev.yaml"),
        ("explain", "Pulumi.dev.yaml", "--at", "2026-11-30T09:00"),
        ("cost",),
        ("schema",),
        ("check", "examples/rules.yaml"),
        ("simulate", "examples/rules.yaml", "--load", "campaign"),
        ("replay", "examples/recorded/tuesday.json", "--capacity", "50/s"),
        ("explain", "examples/rules.yaml", "--at", "2026-11-30T09:00"),
    ],
    ids=lambda arguments: " ".join(arguments[:2]),
)
def test_the_commands_of_elasticity_run_without_any_extra(arguments: tuple[str, ...]) -> None:
    ended = accordion(*arguments)
    assert ended.returncode in (0, 1), ended.stderr
    assert "accordion[fast]" in ended.stderr or ended.stderr == ""
    assert ended.stdout


@pytest.mark.parametrize(
    ("arguments", "extra"),
    [
        (("tune", "Pulumi.dev.yaml"), "tune"),
        (("fit", "examples/recorded/monday.json"), "fit"),
        (("simulate", "Pulumi.dev.yaml", "--picture", "run.png"), "pictures"),
        (("up",), "local"),
        (("local", "preview"), "local"),
    ],
    ids=lambda value: value if isinstance(value, str) else value[0],
)
def test_a_command_without_its_extra_names_it(arguments: tuple[str, ...], extra: str) -> None:
    ended = accordion(*arguments)
    assert ended.returncode == 2
    wanted = (
        rf"error: this needs \w+, which is not installed; it comes with an extra: pip install 'accordion\[{extra}\]'"
    )
    assert re.fullmatch(wanted, ended.stderr.splitlines()[-1])
    assert "Traceback" not in ended.stderr
