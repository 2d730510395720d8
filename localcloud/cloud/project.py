"""The Pulumi project that a command is about, and where its cloud lives on this machine."""

import hashlib
import os
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import platformdirs
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from localcloud.cloud.errors import LocalCloudError

PROJECT_FILES = ("Pulumi.yaml", "Pulumi.yml", "Pulumi.json")
STACK_SUFFIXES = (".yaml", ".yml", ".json")
DEFAULT_STACK = "dev"


def yaml() -> YAML:
    """A reader and writer that keeps scalars as they were written: `1.10` and `0755` are no numbers to tidy."""
    reader = YAML(typ="rt")
    reader.preserve_quotes = True
    reader.width = 1_000_000
    return reader


@dataclass(frozen=True)
class Project:
    """A Pulumi project on disk."""

    file: Path
    """Its Pulumi.yaml."""

    @property
    def folder(self) -> Path:
        """The project's folder, absolute."""
        return self.file.parent

    @cached_property
    def document(self) -> dict[str, Any]:
        """Pulumi.yaml as it was read.

        Raises: LocalCloudError when it is no YAML mapping with a name.
        """
        try:
            document = yaml().load(self.file.read_text())
        except YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            line = f":{mark.line + 1}" if mark else ""
            raise LocalCloudError(f"{self.file}{line}: not valid YAML; {getattr(error, 'problem', error)}") from None
        if not isinstance(document, dict) or not isinstance(document.get("name"), str):
            raise LocalCloudError(f"{self.file}: wanted a mapping with a `name`, as every Pulumi project has")
        return document

    @property
    def name(self) -> str:
        """The project's name."""
        return str(self.document["name"])

    @property
    def stack_folder(self) -> Path:
        """Where the stack files are."""
        directory = self.document.get("stackConfigDir") or self.document.get("config")
        return self.folder / directory if isinstance(directory, str) else self.folder

    def stack_file(self, stack: str) -> Path:
        """The user's file of a stack; it need not be there."""
        candidates = [self.stack_folder / f"Pulumi.{stack}{suffix}" for suffix in STACK_SUFFIXES]
        return next((file for file in candidates if file.exists()), candidates[0])

    def stacks(self) -> list[str]:
        """Names of the stacks that have a file."""
        names = [
            re.fullmatch(r"Pulumi\.(.+)\.(?:ya?ml|json)", path.name) for path in self.stack_folder.glob("Pulumi.*")
        ]
        return sorted(found[1] for found in names if found)


def find_project(start: Path) -> Project:
    """The project of a folder: its Pulumi.yaml, or that of the nearest folder above.

    Raises: LocalCloudError when there is none.
    """
    start = Path(os.path.abspath(start))  # noqa: PTH100 - keeps symbolic links as the user sees them
    for folder in (start, *start.parents):
        for name in PROJECT_FILES:
            if (folder / name).is_file():
                return Project(folder / name)
    raise LocalCloudError(f"no Pulumi.yaml in {start} or a folder above; change to a Pulumi project")


@dataclass(frozen=True)
class Place:
    """Where one project's cloud keeps everything: per user and per checkout, so that no two meet.

    The key is the project's real path: two checkouts of one repository are two clouds, and a moved one starts anew.
    """

    root: Path

    @property
    def shadow(self) -> Path:
        """The folder that the engine takes for the project."""
        return self.root / "shadow"

    @property
    def generated(self) -> Path:
        """Stack files as last made for the shadow, to tell what `config set` has changed since."""
        return self.root / "generated"

    @property
    def database(self) -> Path:
        """The states of all stacks and the journals of their updates."""
        return self.root / "state.db"

    @property
    def token(self) -> Path:
        """A file with the token that the state service asks for."""
        return self.root / "state.token"

    @property
    def backend(self) -> Path:
        """The engine's file backend, which kept the states before there was a service for them."""
        return self.root / "backend"

    @property
    def home(self) -> Path:
        """The engine's PULUMI_HOME."""
        return self.root / "home"

    @property
    def passphrase(self) -> Path:
        """A file with the passphrase of local secrets."""
        return self.root / "passphrase"

    @property
    def journal(self) -> Path:
        """The changes of the stand-in for AWS."""
        return self.root / "journal"

    @property
    def ledger(self) -> Path:
        """What the provider has made and deleted."""
        return self.root / "ledger"

    @property
    def logs(self) -> Path:
        """What the servers print."""
        return self.root / "logs"

    def make(self) -> "Place":
        """Make the folders, for this user alone: journal and state may hold secrets."""
        self.root.mkdir(parents=True, exist_ok=True)
        self.root.chmod(0o700)
        for folder in (self.shadow, self.generated, self.home, self.logs):
            folder.mkdir(exist_ok=True)
        return self


def place_of(project: Project) -> Place:
    """The place of a project's cloud: below the user's state folder, named after the project and its path."""
    digest = hashlib.sha256(str(project.folder.resolve()).encode()).hexdigest()[:10]
    readable = re.sub(r"[^A-Za-z0-9._-]", "-", project.name)[:40]
    return Place(Path(platformdirs.user_state_path("accordion")) / "local" / f"{readable}-{digest}")
