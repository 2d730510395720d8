"""The images of HAProxy, of the controller and of Prometheus for private stacks, of what Debian has: no hub is asked.

`python -m tests.private_images` puts the images that Pulumi.private.yaml names on the Engine: `make private-images`.
"""

from __future__ import annotations

import compileall
import importlib.metadata
import io
import py_compile
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
import tomllib
from collections.abc import Callable, Iterable
from pathlib import Path

from tests import swarm
from tests.swarm import client

ROOT = Path(__file__).parents[1]
SEARCHED = "/usr/sbin:/usr/local/sbin"
PROGRAM = "opt/accordion"
"""Packages of the controller in its image."""
REQUIRED = ROOT / "examples" / "controller" / "requirements.txt"
_NOT_NEEDED = shutil.ignore_patterns(
    "test", "tests", "idlelib", "tkinter", "turtledemo", "lib2to3", "ensurepip", "site-packages", "dist-packages",
    "config-*", "*.opt-*.pyc", "_test*.so", "_tkinter*.so",
)  # fmt: skip
"""Of the standard library."""
COMMAND = "#!/usr/local/bin/python3\nfrom operations.cli import main\n\nmain()\n"


def missing() -> str | None:
    """Why the image of HAProxy cannot be made here; None where it can."""
    return None if shutil.which("haproxy", path=SEARCHED) else "no haproxy on this machine: apt-get install haproxy"


def linked(*programs: Path) -> set[Path]:
    """Libraries that programs and modules of this machine are linked with."""
    done = subprocess.run(["ldd", *programs], check=True, capture_output=True, text=True).stdout
    return {Path(path) for path in re.findall(r"(/\S+) \(0x", done)}


def haproxy(repository: str, tag: str) -> str:
    """HAProxy of this machine with the libraries that it is linked with, and nothing else. Returns the image's name."""
    program = Path(shutil.which("haproxy", path=SEARCHED) or "")
    return _imported(repository, tag, [(path, str(path)) for path in (program, *linked(program))], ['CMD ["haproxy"]'])


def prometheus(repository: str, tag: str) -> str:
    """Prometheus as Debian has it, with the libraries that it is linked with. Returns the image's name; raises OSError
    with the reason where this machine has none and can fetch none."""
    with tempfile.TemporaryDirectory() as fetched:
        found = shutil.which("prometheus") or _fetched("prometheus", Path(fetched))
        files = [(path, str(path)) for path in linked(Path(found))]
        return _imported(repository, tag, [(Path(found), "/prometheus"), *files], ['ENTRYPOINT ["/prometheus"]'])


def _fetched(package: str, into: Path) -> Path:
    """A program of Debian's, unpacked and not installed: nothing of it starts by itself."""
    into.chmod(0o755)  # apt fetches as a user of its own
    for command in (["apt-get", "update", "-qq"], ["apt-get", "download", "-qq", package]):
        if shutil.which("apt-get") is None:
            raise OSError(f"no {package} on this machine, and no apt-get")
        done = subprocess.run(command, cwd=into, capture_output=True, text=True, check=False)
        if done.returncode:
            raise OSError(f"{' '.join(command)}: {done.stderr.strip()}")
    (archive,) = into.glob("*.deb")
    subprocess.run(["dpkg-deb", "--extract", archive, into], check=True)
    return into / "usr/bin" / package


def controller(repository: str, tag: str) -> str:
    """The program of this checkout on this machine's Python, with the packages that examples/controller pins, and
    nothing else. Returns the image's name."""
    with tempfile.TemporaryDirectory() as made:
        stage = Path(made)
        python = stage / "usr/local/bin/python3"
        python.parent.mkdir(parents=True)
        shutil.copy(Path(sys.executable).resolve(), python)
        library = stage / "usr/local/lib" / f"python{sys.version_info.major}.{sys.version_info.minor}"
        shutil.copytree(sysconfig.get_path("stdlib"), library, ignore=_NOT_NEEDED, symlinks=False)
        packages = stage / PROGRAM
        _install(packages)
        command = stage / "usr/local/bin/accordion"
        command.write_text(COMMAND)
        command.chmod(0o755)
        modules = [*library.rglob("*.so"), *packages.rglob("*.so")]
        files = [(each, f"/{each.name}") for each in stage.iterdir()]
        files += [(path, str(path)) for path in linked(Path(sys.executable).resolve(), *modules)]
        told = [f"ENV PYTHONPATH=/{PROGRAM} LANG=C.UTF-8", 'ENTRYPOINT ["accordion"]', "USER 65532:65532"]
        return _imported(repository, tag, files, told)


def _install(into: Path) -> None:
    """Packages of the checkout and those that its controller is pinned to, compiled."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    for name in project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]:
        shutil.copytree(ROOT / name, into / name, ignore=shutil.ignore_patterns("__pycache__"))
    about = into / "accordion.dist-info" / "METADATA"
    about.parent.mkdir()
    about.write_text(importlib.metadata.distribution("accordion").read_text("METADATA") or "")
    for line in REQUIRED.read_text().splitlines():
        if (pinned := re.match(r"([\w.-]+)==(\S+)( ;.*)?", line)) is None:
            continue
        if pinned[3] and "sys_platform" in pinned[3]:
            continue  # of other systems
        found = importlib.metadata.distribution(pinned[1])
        assert found.version == pinned[2], f"{pinned[0]} is pinned, {found.version} is here"
        for file in found.files or ():
            if ".." not in file.parts and "__pycache__" not in file.parts:
                place = into / file
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(str(file.locate()), place)
    compileall.compile_dir(
        into, quiet=1, stripdir=str(into), prependdir=f"/{PROGRAM}", workers=0,
        invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
    )  # fmt: skip


def _imported(repository: str, tag: str, files: Iterable[tuple[Path, str]], told: list[str]) -> str:
    """An image of files at their places, with instructions of a Dockerfile."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for path, place in files:
            archive.add(path.resolve(), place.lstrip("/"), filter=_of_root)
    client().import_image_from_data(packed.getvalue(), repository=repository, tag=tag, changes=told)
    return f"{repository}:{tag}"


def _of_root(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    return member


IMAGES: dict[str, Callable[[str, str], str]] = {
    "accordion/example-app:1.0.0": swarm.build,
    "accordion/haproxy:2.6.12": haproxy,
    "accordion/controller:1.0.0": controller,
}
"""Those that Pulumi.private.yaml names."""

if __name__ == "__main__":
    if why := swarm.missing() or missing():
        raise SystemExit(f"private-images: {why}")
    for name, make in IMAGES.items():
        print(f"private-images: {make(*name.split(':'))}")  # noqa: T201 -- what a person asked for
