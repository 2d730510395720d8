"""Where a `pulumi` binary comes from: PATH, the official installer, or a build from Go modules."""

import os
import re
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from semver import VersionInfo

PIN = VersionInfo.parse("3.274.1")
"""The version that is installed or built: the newest that Go modules serve."""

OLDEST = VersionInfo.parse("3.250.0")
"""The oldest engine on PATH that is taken: the tests of the engine were run with it and with the pin."""

MODULE = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
MODULE_FOLDER = Path(__file__).parent
_VERSION_VARIABLE = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version"
_INSTALLER_TIMEOUT = 20.0  # seconds for a connection: behind a firewall that drops packets it would hang for minutes
_QUESTION_TIMEOUT = 30.0  # seconds for a command that only prints a version


class EngineError(Exception):
    """No usable engine; the message says what to install."""


class SourceUnavailable(Exception):  # noqa: N818 - an answer to "can this source serve?", not a failure of the command
    """This source cannot give a binary; the message says why, as half a sentence."""


def fits(version: VersionInfo) -> bool:
    """Whether an engine of this version can run programs of the SDK in the lock: of the same major, and not older than
    the oldest that was tried."""
    return version.major == PIN.major and version >= OLDEST


def version_of(binary: Path) -> VersionInfo | None:
    """Ask a binary for its version; None when it does not answer with one."""
    environment = os.environ | {"PULUMI_SKIP_UPDATE_CHECK": "true"}
    try:
        answer = subprocess.run(
            [str(binary), "version"],
            env=environment,
            capture_output=True,
            text=True,
            timeout=_QUESTION_TIMEOUT,
            check=False,
        )
        return VersionInfo.parse(answer.stdout.strip().removeprefix("v"))
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None


def on_path(cache: Path, version: Callable[[Path], VersionInfo | None] = version_of) -> Path:
    """The first `pulumi` on PATH outside our own cache.

    Raises: SourceUnavailable when there is none, or the first one's version does not fit.
    """
    folders = os.environ.get("PATH", "").split(os.pathsep)
    outside = [folder for folder in folders if folder and not Path(folder).resolve().is_relative_to(cache.resolve())]
    found = shutil.which("pulumi", path=os.pathsep.join(outside)) if outside else None
    if found is None:
        raise SourceUnavailable("no pulumi on PATH")
    binary = Path(found).resolve()
    answer = version(binary)
    if answer is None or not fits(answer):
        has = "names no version" if answer is None else f"is {answer}"
        raise SourceUnavailable(f"{found} {has}, wanted >= {OLDEST} and < {PIN.major + 1}")
    return binary


@contextmanager
def _connections_give_up() -> Iterator[None]:
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(_INSTALLER_TIMEOUT)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)


def install(target: Path) -> None:
    """Put the pinned `pulumi` at `target` with Pulumi's own installer (a download of about 100 MB).

    Raises: SourceUnavailable when the installer cannot be reached or fails.
    """
    from pulumi.automation import PulumiCommand  # a third of a second, needed once per user

    with tempfile.TemporaryDirectory(dir=target.parent) as folder, _connections_give_up():
        try:
            PulumiCommand.install(root=folder, version=PIN)
            (Path(folder) / "bin" / "pulumi").replace(target)
        except (OSError, subprocess.SubprocessError) as error:
            # A missing network is a bare URLError, which is an OSError.
            reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or type(error).__name__
            raise SourceUnavailable(f"the official installer failed ({reason})") from error


@dataclass(frozen=True)
class Go:
    """A Go tool chain that can build the engine."""

    command: str
    version: str


def required_go() -> str:
    """The Go version that our go.mod names, such as `1.26`."""
    found = re.search(r"^go (\S+)$", (MODULE_FOLDER / "go.mod").read_text(), re.MULTILINE)
    if found is None:
        raise EngineError(f"{MODULE_FOLDER / 'go.mod'} names no Go version")
    return found[1]


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version)[:3])


def go_tool() -> Go:
    """The `go` on PATH.

    Raises: SourceUnavailable when there is none or it is older than go.mod asks for.
    """
    command = shutil.which("go")
    if command is None:
        raise SourceUnavailable("no go on PATH")
    environment = os.environ | {"GOTOOLCHAIN": "local"}  # else go would fetch a tool chain of several 100 MB
    answer = subprocess.run(
        [command, "env", "GOVERSION"],
        cwd=tempfile.gettempdir(),
        env=environment,
        capture_output=True,
        text=True,
        timeout=_QUESTION_TIMEOUT,
        check=False,
    )
    version = answer.stdout.strip().removeprefix("go")
    if _numbers(version) < _numbers(required_go()):
        raise SourceUnavailable(f"{command} is {version or 'of no known version'}, wanted >= {required_go()}")
    return Go(command, version)


def build(target: Path, go: Go) -> None:
    """Build the pinned `pulumi` at `target` from Go modules.

    Run on 2 cores: download 28 s, build 3.5 minutes, 112 MB binary, 1.4 GB of modules.

    Raises: SourceUnavailable with the last line of go's output when the build fails.
    """
    # The work is done on a copy: go may rewrite go.mod and go.sum, and nothing that git tracks may change.
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        for name in ("go.mod", "go.sum"):
            shutil.copyfile(MODULE_FOLDER / name, Path(folder) / name)
        built = Path(folder) / "pulumi"
        answer = subprocess.run(
            [
                go.command,
                "build",
                "-trimpath",
                f"-ldflags=-s -w -X {_VERSION_VARIABLE}=v{PIN}",
                f"-o={built}",
                MODULE,
            ],
            cwd=folder,
            env=os.environ | {"GOTOOLCHAIN": "local"},
            capture_output=True,
            text=True,
            check=False,
        )
        if answer.returncode or not built.exists():
            last = (answer.stderr.strip().splitlines() or ["no output"])[-1]
            raise SourceUnavailable(f"the build from Go modules failed ({last})")
        built.replace(target)
