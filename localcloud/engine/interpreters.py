"""Which Python runs a program, as the official host chooses it: by tool chain, declared environment or activated one.

Run as a script it is the dynamic provider's start: `pulumi-resource-pulumi-python` lies beside the language host, and
the engine starts it in the program's folder with the runtime's options in `PULUMI_RUNTIME_*`.

It must run from a cache folder with nothing but the standard library.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

PIP, POETRY, UV = TOOLCHAINS = ("pip", "poetry", "uv")
LOCKS = {"uv.lock": UV, "poetry.lock": POETRY}
"""File -> the tool chain that it stands for where Pulumi.yaml names none, in the official host's order."""
ACTIVATED = ("VIRTUAL_ENV", "CONDA_PREFIX")
"""What a shell with an activated environment has set."""
INSTALL = "`accordion local install`, or plain `pulumi install`, makes it and installs the program's requirements"
SHADOW_MARKER = ".project"
"""A file in the local cloud's shadow of a project that holds the path of the project."""
_QUESTION_TIMEOUT = 60.0  # seconds


class ProgramError(Exception):
    """A program that cannot be started; the message is for its author."""


def above(folder: Path, name: str) -> Path | None:
    """The nearest folder that has a file, the given one or one above it."""
    return next((each for each in (folder, *folder.parents) if (each / name).exists()), None)


def toolchain(options: Mapping[str, object], program: Path) -> str:
    """The tool chain of a program in a folder: the one that `runtime.options` names, or that of its lock file, or pip.

    Raises: ProgramError for one that there is not.
    """
    named = options.get("toolchain")
    if named is None:
        return next((chain for name, chain in LOCKS.items() if above(program, name)), PIP)
    if named not in TOOLCHAINS:
        raise ProgramError(f"runtime option toolchain: {named!r} is not allowed; allowed are {', '.join(TOOLCHAINS)}")
    return str(named)


def environment(options: Mapping[str, object], root: Path, program: Path) -> Path | None:
    """The virtual environment that the options and the tool chain mean, there or not; None: they mean none.

    `root` is where Pulumi.yaml lies, `program` the folder of the program.

    Raises: ProgramError when Poetry has to be asked and cannot answer.
    """
    chain, declared = toolchain(options, program), options.get("virtualenv")
    if declared:
        return root / str(declared)
    if chain == UV:
        return (above(program, "uv.lock") or above(program, "pyproject.toml") or program) / ".venv"
    if chain == POETRY:
        return _poetrys(program)
    return None


def _poetrys(program: Path) -> Path:
    inside = (above(program, "pyproject.toml") or program) / ".venv"
    if python_of(inside).exists():
        return inside
    command = shutil.which("poetry")
    if command is None:
        raise ProgramError(
            "runtime option toolchain: poetry is not on PATH, and it alone knows where the program's environment is; "
            "install it, or add the option virtualenv with the path that `poetry env info --path` prints"
        )
    answer = subprocess.run(
        [command, "env", "info", "--path"],
        cwd=program,
        capture_output=True,
        text=True,
        timeout=_QUESTION_TIMEOUT,
        check=False,
    )
    path = answer.stdout.strip()
    if answer.returncode or not path:
        raise ProgramError(f"runtime option toolchain: poetry has no environment for {program}; {INSTALL}")
    return Path(path)


def python_of(prefix: Path) -> Path:
    """The Python of an environment."""
    return prefix / "bin" / "python"


def ambient(program: Path) -> Path:
    """The Python of a program that means no environment: `PULUMI_PYTHON_CMD`, an activated environment with Pulumi's
    SDK in it, or the interpreter that runs this file.

    That interpreter comes first where it lies in the program's own project: whoever runs a project by its own
    environment, such as `make up`, means that one, whatever a shell has activated.

    Raises: ProgramError when `PULUMI_PYTHON_CMD` names nothing that is there.
    """
    named = os.environ.get("PULUMI_PYTHON_CMD")
    if named:
        found = shutil.which(named)
        if found is None:
            raise ProgramError(f"PULUMI_PYTHON_CMD: there is no {named} on PATH")
        return Path(found)
    project = above(program, "Pulumi.yaml") or program
    if not Path(sys.prefix).is_relative_to(project):
        for name in ACTIVATED:
            prefix = Path(os.environ.get(name) or os.devnull)
            if python_of(prefix).exists() and any(prefix.glob("lib/python3*/site-packages/pulumi")):
                return python_of(prefix)
    return Path(sys.executable)


def interpreter(options: Mapping[str, object], root: Path, program: Path) -> Path:
    """The Python that a program wants. `options` is `runtime.options` of Pulumi.yaml.

    Raises: ProgramError when the environment that it means is not there.
    """
    prefix = environment(options, root, program)
    if prefix is None:
        return ambient(program)
    if not python_of(prefix).exists():
        said = "virtualenv" if options.get("virtualenv") else "toolchain"
        raise ProgramError(f"runtime option {said}: no Python at {python_of(prefix)}; {INSTALL}")
    return python_of(prefix)


def activated(python: Path, variables: Mapping[str, str]) -> dict[str, str]:
    """The variables of a process under a Python: where it is one of an environment, that one is activated, so that
    commands of the program's requirements are found."""
    prefix = python.parent.parent
    if not (prefix / "pyvenv.cfg").exists():
        return dict(variables)
    found = {name: value for name, value in variables.items() if name not in ("PYTHONHOME", *ACTIVATED)}
    path = os.pathsep.join([str(python.parent), variables.get("PATH", os.defpath)])
    return found | {"VIRTUAL_ENV": str(prefix), "PATH": path}


def commands(options: Mapping[str, object], root: Path, program: Path) -> list[list[str]]:
    """What installs a program's requirements, command by command.

    Raises: ProgramError when the tool chain is not there, or the program has not what it installs from.
    """
    chain = toolchain(options, program)
    if chain != PIP:
        command = shutil.which(chain)
        if command is None:
            raise ProgramError(f"runtime option toolchain: {chain} is not on PATH; install it, or use toolchain: pip")
        if above(program, "pyproject.toml") is None:
            how = "uv init --bare --no-package && uv add -r requirements.txt" if chain == UV else "poetry init"
            raise ProgramError(f"there is no pyproject.toml in {program} or above it; `{how}` makes one")
        return [[command, "sync"] if chain == UV else [command, "install", "--no-ansi"]]
    prefix, found = environment(options, root, program), []
    if prefix is not None and not python_of(prefix).exists():
        found.append([str(ambient(program)), "-m", "venv", str(prefix)])
    python = str(python_of(prefix) if prefix else ambient(program))
    if (program / "requirements.txt").exists():
        found.append([python, "-m", "pip", "install", "-r", "requirements.txt"])
    return found


def main() -> None:
    """Become the dynamic provider of the program in this folder."""
    names = {"virtualenv": "PULUMI_RUNTIME_VIRTUALENV", "toolchain": "PULUMI_RUNTIME_TOOLCHAIN"}
    options = {name: os.environ[variable] for name, variable in names.items() if os.environ.get(variable)}
    try:
        python = interpreter(options, Path.cwd(), Path.cwd())
    except ProgramError as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(1) from None
    arguments = [str(python), "-u", "-m", "pulumi.dynamic", *sys.argv[1:]]
    os.execve(python, arguments, activated(python, os.environ))  # noqa: S606 - the engine watches this process


if __name__ == "__main__":
    main()
