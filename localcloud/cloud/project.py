"""The Pulumi project that a command is about, and where its cloud lives on this machine."""

import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import platformdirs
from ruamel.yaml import YAML
from ruamel.yaml.composer import MaxDepthExceededError
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent, Event, NodeEvent

from localcloud.cloud.errors import LocalCloudError

PROJECT_FILES = ("Pulumi.yaml", "Pulumi.yml", "Pulumi.json")
STACK_SUFFIXES = (".yaml", ".yml", ".json")
DEFAULT_STACK = "dev"
_LARGEST = 4 * 1024 * 1024  # bytes of a project or stack file
_MOST_VALUES = 200_000
_DEEPEST = 100  # maps and lists within each other; the library takes a time for them that grows with their square

NAME = re.compile(r"[A-Za-z0-9_.-]{1,100}")
"""What the engine takes for the name of a project, or of a stack."""
NAME_FORM = "1 to 100 letters, digits, `-`, `_` and `.`"
_KINDS: Mapping[str, tuple[type, ...]] = {
    "name": (str,),
    "runtime": (str, dict),
    "main": (str,),
    "stackConfigDir": (str,),
    "config": (dict, str),
    "plugins": (dict,),
    "options": (dict,),
    "backend": (dict,),
    "template": (dict,),
}
"""What the keys of a project file hold, as the engine's own schema has them (`workspace/project.json` of its SDK)."""
_KIND_NAMES = {str: "a text", dict: "a map", list: "a list", bool: "true or false", int: "a number", float: "a number"}


def yaml() -> YAML:
    """A reader and writer that keeps scalars as they were written: `1.10` and `0755` are no numbers to tidy."""
    reader = YAML(typ="rt")
    reader.preserve_quotes = True
    reader.width = 1_000_000
    reader.max_depth = _DEEPEST
    reader.composer.warn_double_anchors = False  # the later one holds, as for the engine's reader (run)
    return reader


def text_of(file: Path) -> str:
    """The text of a file of the user's.

    Raises: LocalCloudError when it cannot be read, is too large or no text.
    """
    try:
        if not file.is_file():
            raise LocalCloudError(f"{file}: is no regular file")
        size = file.stat().st_size
        if size > _LARGEST:
            raise LocalCloudError(f"{file}: has {size} bytes, and at most {_LARGEST} are read")
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise LocalCloudError(f"{file}: is not UTF-8 text") from None
    except OSError as error:
        raise LocalCloudError(f"{file}: cannot be read: {os.strerror(error.errno or 0)}") from None


def parsed(text: str, origin: str) -> Any:
    """A document of YAML, within limits: who walks it comes to an end.

    Raises: LocalCloudError, naming the origin.
    """
    if _brackets(text) > _DEEPEST:
        raise LocalCloudError(f"{origin}: brackets more than {_DEEPEST} deep")
    try:
        _refuse_rings(text)
        document = yaml().load(text)
        size = _size(document, {})
    except (RecursionError, MaxDepthExceededError):
        raise LocalCloudError(f"{origin}: not valid YAML; maps or lists are nested too deep") from None
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        raise LocalCloudError(f"{origin}{line}: not valid YAML; {getattr(error, 'problem', error)}") from None
    except (ValueError, TypeError, ArithmeticError, LookupError, AttributeError) as error:
        # What the library trips over: a date that is none, a number that is too large.
        raise LocalCloudError(f"{origin}: not valid YAML; {error}") from None
    if size > _MOST_VALUES:
        raise LocalCloudError(f"{origin}: not valid YAML; more than {_MOST_VALUES} values with every alias written out")
    return document


def _brackets(text: str) -> int:
    """How deep brackets stand within each other: the library looks ahead over all of them before it counts."""
    deepest = depth = 0
    for sign in text:
        depth = max(depth + (sign in "[{") - (sign in "]}"), 0)
        deepest = max(deepest, depth)
    return deepest


def _refuse_rings(text: str) -> None:
    """Refuse an alias within what it names: the library leaves a gap in its place, and says nothing."""
    if "&" not in text or "*" not in text:
        return
    around: list[Event] = []
    named: dict[str, Event] = {}
    for event in yaml().parse(text):
        if isinstance(event, AliasEvent):
            if named.get(event.anchor) in around:
                raise ValueError(
                    f"line {event.start_mark.line + 1}: the alias {event.anchor} stands within what it names"
                )
        elif isinstance(event, NodeEvent) and event.anchor is not None:
            named[event.anchor] = event  # the last of this name
        if isinstance(event, CollectionStartEvent):
            around.append(event)
            if len(around) > _DEEPEST:
                raise MaxDepthExceededError
        elif isinstance(event, CollectionEndEvent):
            around.pop()


def _size(value: Any, known: dict[int, int | None]) -> int:
    """Values in a document with every alias written out."""
    if not isinstance(value, dict | list):
        return 1
    if id(value) in known:
        size = known[id(value)]
        if size is None:
            raise ValueError("an alias stands within what it names")
        return size
    known[id(value)] = None
    size = 1 + sum(_size(each, known) for each in (value.values() if isinstance(value, dict) else value))
    known[id(value)] = size
    return size


def _faults(document: Mapping[str, Any]) -> Iterator[str]:
    """What the engine would refuse of a project file, or take for something else."""
    for key, kinds in _KINDS.items():
        value = document.get(key)
        if value is not None and not isinstance(value, kinds):
            wanted = " or ".join(_KIND_NAMES[kind] for kind in kinds)
            got = next((name for kind, name in _KIND_NAMES.items() if isinstance(value, kind)), type(value).__name__)
            yield f"`{key}` should be {wanted}, got {got}"
    name = document.get("name")
    if name is None:
        yield "`name` is missing, which every Pulumi project has"
    elif isinstance(name, str) and not NAME.fullmatch(name):
        yield f"`name` should be {NAME_FORM}, got {name[:100]!r}"
    plugins = document.get("plugins")
    if isinstance(plugins, dict) and not all(
        isinstance(each, list) and all(isinstance(plugin, dict) for plugin in each) for each in plugins.values()
    ):
        yield "`plugins` should be a map of lists, such as `providers`, of maps with `name` and `path`"
    for key in ("main", "stackConfigDir", "config"):
        if "\0" in str(document.get(key)):
            yield f"`{key}` holds a null character, which no path may"


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

        Raises: LocalCloudError with all that is wrong with it.
        """
        if not os.path.lexists(self.file):
            raise LocalCloudError(
                f"no Pulumi.yaml in {self.folder}, which has a local cloud; put it back, or forget that cloud with "
                "`accordion local reset`"
            )
        document = parsed(text_of(self.file), str(self.file))
        if not isinstance(document, dict):
            raise LocalCloudError(f"{self.file}: wanted a mapping with a `name`, as every Pulumi project has")
        if faults := list(_faults(document)):
            raise LocalCloudError(f"{self.file}: {'; '.join(faults)}")
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

    One that cannot be read is found too, where there is no other: it is told when it is used. So is a folder that lost
    its file and has a cloud, which can be stopped and forgotten without it.

    Raises: LocalCloudError when there is none.
    """
    start = Path(os.path.abspath(start))  # noqa: PTH100 - keeps symbolic links as the user sees them
    folders = (start, *start.parents)
    files = [folder / name for folder in folders for name in PROJECT_FILES]
    for is_one in (Path.is_file, os.path.lexists, _has_a_place):
        found = next((file for file in files if is_one(file)), None)
        if found:
            return Project(found)
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
    """The place of a project's cloud: below the user's state folder, named after the project and its path.

    The path alone says which it is, the name is for people: where it cannot be read, the place that was used last.
    """
    try:
        name = project.name[:40]
    except LocalCloudError:
        there = _places(project.folder)
        return Place(there[-1] if there else _clouds() / f"{project.folder.name[:40]}-{_digest(project.folder)}")
    return Place(_clouds() / f"{name}-{_digest(project.folder)}")


def _clouds() -> Path:
    return Path(platformdirs.user_state_path("accordion")) / "local"


def _digest(folder: Path) -> str:
    return hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:10]


def _places(folder: Path) -> list[Path]:
    """The places of a folder's project under each name that it had, the last used one last."""
    return sorted(_clouds().glob(f"*-{_digest(folder)}"), key=lambda place: place.lstat().st_mtime)


def _has_a_place(file: Path) -> bool:
    return bool(_places(file.parent))
