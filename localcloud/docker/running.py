"""Docker on this machine: which Engine and which registry, and which projects use one.

There is nothing to stand in for: the Engine is a real one. It is the one that DOCKER_HOST names, else that of
`make docker` in this checkout, and none else: an Engine that a person has for other work is not taken by itself.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from docker_client.client import FOLDER, VERIFY
from localcloud import ledger
from localcloud.clouds import Cloud

if TYPE_CHECKING:
    from localcloud.cloud.project import Place

VARIABLE = "DOCKER_HOST"
OF_CHECKOUT = Path(__file__).parents[2] / ".docker" / "host"
"""The file in which `make docker` leaves the address of its Engine."""
REGISTRY = "ACCORDION_REGISTRY"
"""A variable, `127.0.0.1:PORT`: the registry beside that Engine, which images without another one go to."""

_IMPORT = re.compile(rb"^[ \t]*(?:import|from)[ \t]+pulumi_docker\b", re.MULTILINE)
_NOT_OF_THE_PROGRAM = frozenset({"node_modules", "site-packages", "tests", "__pycache__"})
_MOST_FILES = 5_000  # of a folder in which more lies than a program


def _sources(folder: Path) -> Iterator[Path]:
    """Python files of the program in a folder: no hidden folder, no tests, no environment."""
    for place, folders, files in os.walk(folder):
        if "pyvenv.cfg" in files:
            folders.clear()
            continue
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in _NOT_OF_THE_PROGRAM)
        yield from (Path(place, name) for name in files if name.endswith(".py"))


def imports_the_sdk(folder: Path) -> bool:
    """Whether the program in a folder imports pulumi_docker; a file that cannot be read does not."""
    for _, file in zip(range(_MOST_FILES), _sources(folder), strict=False):
        try:
            text = file.read_bytes()
        except OSError:
            continue
        if b"pulumi_docker" in text and _IMPORT.search(text):
            return True
    return False


def _read(file: Path) -> str | None:
    try:
        return file.read_text().strip() or None
    except OSError:
        return None


def registry(environment: Mapping[str, str]) -> str | None:
    """The registry that is named, else that of `make docker` in this checkout, where its Engine is the one in use."""
    if named := environment.get(REGISTRY):
        return named
    if environment.get(VARIABLE) not in (None, "", _read(OF_CHECKOUT)):
        return None
    port = _read(OF_CHECKOUT.with_name("registry.port"))
    return f"127.0.0.1:{port}" if port else None


class Docker(Cloud):
    """Docker: an Engine that runs on this machine."""

    title, package, module = "Docker", "docker", "localcloud.docker.cloud"

    def is_used(self, folder: Path | None, place: Place) -> bool:
        """A project whose program imports pulumi_docker, or that has something on the Engine still."""
        if folder is not None and imports_the_sdk(folder):
            return True
        return any(made.cloud == self.package for made in ledger.read(place.ledger))

    def asked(self, place: Place) -> Collection[str]:
        """Every creation that was begun: the Engine knows of each, by name and time, whether it has made something."""
        return {made.key for made in ledger.read(place.ledger) if made.cloud == self.package and made.id is None}

    def address(self, environment: Mapping[str, str]) -> str | None:
        """What DOCKER_HOST names, else the Engine of `make docker` in this checkout."""
        return environment.get(VARIABLE) or _read(OF_CHECKOUT)

    def settings(self, environment: Mapping[str, str]) -> str:
        """The registry that is named, and the certificates of an Engine with TLS."""
        return "|".join(environment.get(name, "") for name in (REGISTRY, VERIFY, FOLDER))

    def variables(self, endpoint: str | None, token: str, environment: Mapping[str, str]) -> Mapping[str, str]:
        """The same Engine for the program's own Docker clients, and the registry beside it."""
        if not endpoint:
            return {}
        found = registry(environment)
        return {VARIABLE: endpoint, REGISTRY: found} if found else {VARIABLE: endpoint}


DOCKER = Docker()
