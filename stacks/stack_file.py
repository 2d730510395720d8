"""A stack's configuration file, read with the line of every key, so that an error can say where."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError

KeyPath = tuple[str | int, ...]
PROJECT = "accordion"


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with a stack file."""

    file: str
    line: int | None
    """From 1; None when the place is unknown, such as a value given on the command line."""
    path: str
    """Keys joined by dots."""
    message: str
    """What was got, what is allowed, what to do; never the value."""

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{place} {self.path}: {self.message}" if self.path else f"{place}: {self.message}"


class SettingsError(Exception):
    """Everything that is wrong with the settings, at once; its text is one line per fault."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(map(str, faults)))


@dataclass(frozen=True)
class StackFile:
    """The `accordion:` sections of one Pulumi.<stack>.yaml."""

    name: str
    """File name as errors show it."""
    sections: Mapping[str, Any]
    """Section name, without the project's prefix, to its plain value. Secrets are left out."""
    secrets: frozenset[KeyPath] = frozenset()
    """Where `secure:` values stand, by section and key."""
    _document: Any = field(default=None, repr=False)

    @classmethod
    def read(cls, path: Path) -> StackFile:
        """Read and parse `path`; raises SettingsError for a file that is missing, not YAML, or no stack file."""
        return cls.parse(path.name, _text(path))

    @classmethod
    def parse(cls, name: str, text: str) -> StackFile:
        """The same from the file's text."""
        reader = YAML(typ="rt")
        reader.preserve_quotes = True  # `written` gives back what a person wrote
        try:
            document = reader.load(text)
        except DuplicateKeyError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else None
            raise SettingsError([Fault(name, line, "", "this key stands twice: keep one of the two")]) from None
        except MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else None
            raise SettingsError([Fault(name, line, "", f"not YAML: {error.problem or error.context}")]) from None
        except YAMLError as error:
            raise SettingsError([Fault(name, None, "", f"not YAML: {str(error).splitlines()[0]}")]) from None
        config = (document.get("config") or {}) if isinstance(document, Mapping) else None
        if not isinstance(config, Mapping):
            raise SettingsError([Fault(name, None, "", "no stack file: expected a map with the key `config`")])
        prefix = f"{PROJECT}:"
        own = {key.removeprefix(prefix): value for key, value in config.items() if str(key).startswith(prefix)}
        secrets = frozenset(path for section, value in own.items() for path in _secure(value, (section,)))
        return cls(
            name, {section: _plain(value) for section, value in own.items() if not _is_secure(value)}, secrets, document
        )

    def line(self, path: KeyPath) -> int | None:
        """The line of `path` (section, key, ...) or of the nearest key above it; None when the file has neither."""
        node: Any = self._document.get("config") if self._document is not None else None
        found = None
        for position, part in enumerate(path):
            key = f"{PROJECT}:{part}" if position == 0 else part
            if isinstance(node, CommentedMap) and key in node:
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
        node: Any = self._document["config"]
        for position, part in enumerate(path):
            node = node[f"{PROJECT}:{part}" if position == 0 else part]
        return copy.deepcopy(node)

    def fault(self, path: KeyPath, message: str) -> Fault:
        """A fault at `path` of this file."""
        return Fault(self.name, self.line(path), dotted(path), message)


def dotted(path: KeyPath) -> str:
    """`("services", "web", "ports", 0)` as `services.web.ports[0]`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        there = sorted(other.name for other in path.parent.glob("Pulumi.*.yaml"))
        known = f"; here are {', '.join(there)}" if there else ""
        raise SettingsError([Fault(path.name, None, "", f"there is no such file{known}")]) from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError([Fault(path.name, None, "", f"cannot be read: {error.__class__.__name__}")]) from None


def _is_secure(value: Any) -> bool:
    return isinstance(value, Mapping) and set(value) == {"secure"}


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
