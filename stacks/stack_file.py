"""A stack's configuration file, read with the line of every key, so that an error can say where."""

from __future__ import annotations

import copy
import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from elasticity.faults import Fault, KeyPath
from elasticity.input_files import InputFileError, read_text
from stacks.yaml_reader import LARGEST_FILE, read_yaml

PROJECT = "accordion"
_OF_PULUMI = ("config", "encryptionsalt", "encryptedkey", "secretsprovider", "environment")
"""Keys of a stack file (pulumi/sdk, workspace.ProjectStack)."""
RULES_KEY = "workloads"
"""The one key of a file that holds rules and nothing else: no stack, and nothing of Pulumi around it."""


class SettingsError(Exception):
    """Everything that is wrong with the settings, at once; its text is one line per fault."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(map(str, faults)))


@dataclass(frozen=True)
class StackFile:
    """The `accordion:` sections of one Pulumi.<stack>.yaml, or those of a rules file, which stand at its top."""

    name: str
    """File name as errors show it."""
    sections: Mapping[str, Any]
    """Section name, without the project's prefix, to its plain value. Secrets are left out."""
    secrets: frozenset[KeyPath] = frozenset()
    """Where `secure:` values stand, by section and key."""
    unknown_keys: tuple[Fault, ...] = ()
    """Keys that Pulumi would pass over, or take for another project's, where this project's is meant; and words that
    its reader takes for something else."""
    is_rules: bool = False
    """Whether the file holds rules and nothing else."""
    imports: bool = False
    """Whether values come from an environment of Pulumi ESC too, which nobody asks."""
    _body: Any = field(default=None, repr=False)
    """The map in which the sections stand."""

    @property
    def _prefix(self) -> str:
        return "" if self.is_rules else f"{PROJECT}:"

    @classmethod
    def read(cls, path: Path) -> StackFile:
        """Read and parse `path`; raises SettingsError for a file that is missing, not YAML, or no stack file."""
        return cls.parse(path.name, text_of(path))

    @classmethod
    def parse(cls, name: str, text: str, top: str = RULES_KEY) -> StackFile:
        """The same from the file's text; one with the key `top` outermost is no stack file, and has its sections
        there."""
        try:
            document, twofold = read_yaml(text)
        except DuplicateKeyError as error:
            raise SettingsError([_twice(name, text, error)]) from None
        except MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else None
            raise SettingsError([Fault((), f"not YAML: {_problem(error)}", file=name, line=line)]) from None
        except YAMLError as error:
            raise SettingsError([Fault((), f"not YAML: {str(error).splitlines()[0]}", file=name)]) from None
        if isinstance(document, Mapping) and top in document and "config" not in document:
            misread = [Fault(each.path, each.said, file=name, line=each.line) for each in twofold]
            return cls(name, _plain(document), frozenset(_secure(document, ())), tuple(misread), True, _body=document)
        if top != RULES_KEY:
            raise SettingsError([Fault((), f"expected a map with the key `{top}`", file=name)])
        unknown_keys = _unknown_keys(name, document) if isinstance(document, Mapping) else []
        if isinstance(document, Mapping) and "config" not in document and unknown_keys:
            raise SettingsError(unknown_keys)
        config = document.get("config") if isinstance(document, Mapping) else None
        if config is None and isinstance(document, Mapping):
            config = {}
        if not isinstance(config, Mapping):
            raise SettingsError([Fault((), "no stack file: expected a map with the key `config`", file=name)])
        prefix = f"{PROJECT}:"
        own = {key.removeprefix(prefix): value for key, value in config.items() if str(key).startswith(prefix)}
        secrets = frozenset(path for section, value in own.items() for path in _secure(value, (section,)))
        sections = {section: _plain(value) for section, value in own.items() if not _is_secure(value)}
        misread = [
            Fault(_shown(each.path), each.said, file=name, line=each.line)
            for each in twofold
            if len(each.path) > 1 and each.path[0] == "config" and str(each.path[1]).startswith(prefix)
        ]
        imports = bool(document.get("environment"))
        return cls(name, sections, secrets, (*unknown_keys, *misread), False, imports, config)

    def line(self, path: KeyPath) -> int | None:
        """The line of `path` (section, key, ...) or of the nearest key above it; None when the file has neither."""
        node: Any = self._body
        found = None
        for position, part in enumerate(path):
            key = f"{self._prefix}{part}" if position == 0 else part
            if isinstance(node, CommentedMap) and key in node:
                if key in (node.lc.data or {}):  # a key that `<<` brings along stands elsewhere
                    found = node.lc.key(key)[0] + 1
            elif isinstance(node, CommentedSeq) and isinstance(part, int) and part < len(node):
                found = node.lc.item(part)[0] + 1
            else:
                break
            node = node[key]
        return found

    def written(self, path: KeyPath) -> Any:
        """What stands at `path` (section, key, ...) as it is written, comments and style included: a copy. Raises
        KeyError or IndexError where the file has nothing there."""
        node: Any = self._body
        for position, part in enumerate(path):
            node = node[f"{self._prefix}{part}" if position == 0 else part]
        return copy.deepcopy(node)

    def fault(self, path: KeyPath, message: str) -> Fault:
        """A fault at `path` of this file."""
        return Fault(path, message, file=self.name, line=self.line(path))


def _unknown_keys(name: str, document: Any) -> list[Fault]:
    """Keys beside `config`, and keys of the configuration without this project's name or with one much like it."""
    faults = []
    for key in document.keys() - set(_OF_PULUMI):
        near = difflib.get_close_matches(str(key), (*_OF_PULUMI, RULES_KEY), 1, cutoff=0.5)
        hint = (
            f"did you mean `{near[0]}`"
            if near
            else f"settings stand under `config`, rules without a stack under `{RULES_KEY}`"
        )
        faults.append(Fault((str(key),), f"unknown key; {hint}", file=name, line=_line_of(document, key)))
    config = document.get("config")
    for key in config if isinstance(config, Mapping) else ():
        project, colon, section = str(key).rpartition(":")
        if not colon:
            meant = f"it needs the project's name: write `{PROJECT}:{key}`"
        elif project != PROJECT and difflib.SequenceMatcher(None, project, PROJECT).ratio() > 0.8:
            meant = f"unknown project; did you mean `{PROJECT}:{section}`"
        else:
            continue
        faults.append(Fault((str(key),), meant, file=name, line=_line_of(config, key)))
    return sorted(faults, key=lambda fault: fault.line or 0)


def _line_of(node: Any, key: Any) -> int | None:
    known = isinstance(node, CommentedMap) and key in (node.lc.data or {})
    return node.lc.key(key)[0] + 1 if known else None


_YAML_PROBLEMS = (
    (re.compile(r"found character '\\t'"), "a tab; indent and separate with spaces"),
    (re.compile("found another document"), "a second document begins here; a stack file is one"),
    (re.compile("found undefined alias"), "an alias without its anchor; quote a text that starts with `*`"),
)
"""What the reader says -> what a person reads. The reader repeats parts of values, which may be secret."""
_QUOTED = re.compile(r"'(?!<)[^']{3,}'")


def _problem(error: MarkedYAMLError) -> str:
    said = str(error.problem or error.context)
    return next((words for pattern, words in _YAML_PROBLEMS if pattern.search(said)), _QUOTED.sub("a text", said))


def _twice(name: str, text: str, error: DuplicateKeyError) -> Fault:
    """The fault of a key that stands twice, with its path; the reader's own text repeats both values."""
    line = error.problem_mark.line + 1 if error.problem_mark else None
    key = re.match(r'found duplicate key "(.*?)" with value', str(error.problem), re.DOTALL)
    try:
        document, _ = read_yaml(text, twice=True)
    except YAMLError:
        document = None  # more is wrong further down
    start = (error.context_mark.line, error.context_mark.column) if error.context_mark else None
    above = next((path for path, node in _maps(document, ()) if (node.lc.line, node.lc.col) == start), None)
    path = () if above is None or key is None else _shown((*above, key[1]))
    return Fault(path, "this key stands twice: keep one of the two", file=name, line=line)


def _maps(node: Any, path: KeyPath) -> Iterator[tuple[KeyPath, CommentedMap]]:
    """Every map of a document with its path."""
    if isinstance(node, CommentedMap):
        yield path, node
        for key, value in node.items():
            yield from _maps(value, (*path, str(key)))
    elif isinstance(node, CommentedSeq):
        for index, value in enumerate(node):
            yield from _maps(value, (*path, index))


def _shown(path: KeyPath) -> KeyPath:
    """The path as errors show it: below `config`, sections without the project's name."""
    if len(path) < 2 or path[0] != "config":
        return path
    return (str(path[1]).removeprefix(f"{PROJECT}:"), *path[2:])


def text_of(path: Path, name: str | None = None) -> str:
    """The text of a stack file; raises SettingsError, under `name` or the file's own, for one that cannot be read."""
    shown = name or path.name
    try:
        return read_text(path, maximum=LARGEST_FILE)
    except FileNotFoundError:
        there = sorted(other.name for other in path.parent.glob("Pulumi.*.yaml"))
        known = f"; here are {', '.join(there)}" if there else ""
        raise SettingsError([Fault((), f"there is no such file{known}", file=shown)]) from None
    except InputFileError as error:
        raise SettingsError([Fault((), str(error), file=shown)]) from None


def _is_secure(value: Any) -> bool:
    return isinstance(value, Mapping) and set(value) == {"secure"} and isinstance(value["secure"], str)


def _secure(value: Any, path: KeyPath) -> Iterator[KeyPath]:
    if _is_secure(value):
        yield path
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _secure(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _secure(inner, (*path, index))


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items() if not _is_secure(inner)}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    for kind in (bool, int, float, str):
        if isinstance(value, kind):
            return value if kind is bool else kind(value)
    return value if value is None else str(value)
