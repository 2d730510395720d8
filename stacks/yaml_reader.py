"""YAML of a person, read within limits: a file is an input, so its depth, its aliases and its size are checked before
anything is built from it.

A document may be small in bytes and large in values, as aliases repeat what they name (YAML 1.2, 7.1): what is counted
are the values of the document with every alias written out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer, ComposerError, MaxDepthExceededError
from ruamel.yaml.constructor import ConstructorError, RoundTripConstructor
from ruamel.yaml.error import MarkedYAMLError, StringMark
from ruamel.yaml.events import AliasEvent, ScalarEvent
from ruamel.yaml.nodes import MappingNode, ScalarNode

from stacks.engine_reading import difference

LARGEST_FILE = 4 * 1024 * 1024
"""Bytes; a stack file of a thousand services has about 2 MiB."""
DEEPEST = 40
"""Levels of maps and lists; the deepest settings have 9."""
MAXIMUM_VALUES = 200_000
"""Values of a document with its aliases written out; a thousand services have about 60,000."""
KeyPath = tuple[str | int, ...]
_PLAIN_TAGS = frozenset(f"tag:yaml.org,2002:{name}" for name in ("str", "map", "seq"))
"""The tags that both readers take for the same: those of numbers each applies to forms of its own."""
_LINE_BREAKS = re.compile("[\x85\u2028\u2029]")
"""Ends of a line for the engine's reader (YAML 1.1), characters of a text for ours (YAML 1.2)."""
_ANCHOR = re.compile("[A-Za-z0-9_-]+")
_SURROGATE = re.compile("[\ud800-\udfff]")
_SLASH = re.compile(r"(?<!\\)(?:\\\\)*\\/")
_DIRECTIVE = re.compile(r"(?m)\A(?:[ \t]*(?:#.*)?\n)*%")


@dataclass(frozen=True, slots=True)
class TwoReadings:
    """A word that the engine reads otherwise than this project."""

    path: KeyPath
    """Keys as they are written, and places in lists."""
    line: int
    """From 1."""
    said: str
    """What it is and what to write."""


class _BoundedComposer(Composer):
    """Refuses a document while it is composed: too many values, an alias within its own anchor, a tag of an
    application."""

    def __init__(self, loader: Any = None) -> None:
        super().__init__(loader)
        self.warn_double_anchors = False  # the later one holds, as for the engine's reader
        self._values = 0
        self._sizes: dict[str, int | None] = {}
        self._path: list[str | int] = []
        self.words: list[tuple[KeyPath, ScalarNode, bool]] = []
        """Words without quotes by their path, and whether each is a key."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        """The node that comes next, counted."""
        event = self.parser.peek_event()
        anchor, mark = event.anchor, event.start_mark
        if isinstance(event, AliasEvent):
            size = self._sizes.get(anchor, 0)
            if size is None:
                raise ComposerError(None, None, "an alias stands within what it names", mark)
            self._count(size, mark)
            return super().compose_node(parent, index)
        tag = event.ctag
        if tag is not None and str(tag) not in _PLAIN_TAGS:
            raise ComposerError(None, None, "a tag such as `!name` means nothing here: leave it out", mark)
        key = isinstance(parent, MappingNode) and index is None
        if parent is not None and not key:
            self._path.append(str(index.value) if isinstance(index, ScalarNode) else index if index is not None else "")
        self._refuse_by_form(event, parent)
        before = self._values
        self._count(1, mark)
        if anchor is not None:
            self._sizes[anchor] = None
        node = super().compose_node(parent, index)
        if anchor is not None:
            self._sizes[anchor] = self._values - before
        if isinstance(node, ScalarNode) and not node.style and tag is None:
            path = (*self._path, str(node.value)) if key else tuple(self._path)
            self.words.append((path, node, key))
        if parent is not None and not key:
            self._path.pop()
        return node

    def compose_mapping_node(self, anchor: Any) -> Any:
        """A map; keys that are one text for the engine and two values here, as in `{ 1: a, "1": b }`, are refused."""
        node = super().compose_mapping_node(anchor)
        first: dict[str, Any] = {}
        for key, _ in node.value:
            if not isinstance(key, ScalarNode):
                raise ComposerError(None, None, "a list or a map as a key: a key is a text", key.start_mark)
            if key.style and key.value == "<<":
                raise ComposerError(
                    None, None, "a key `<<` is for maps that are merged: leave its quotes out", key.start_mark
                )
            if first.setdefault(key.value, key).tag != key.tag:
                raise ComposerError(None, None, "this key stands twice: keep one of the two", key.start_mark)
        return node

    def _refuse_by_form(self, event: Any, parent: Any) -> None:
        """Raises for what the engine's reader cannot read, or reads as another text."""
        mark = event.start_mark
        if event.anchor is not None and not _ANCHOR.fullmatch(event.anchor):
            raise ComposerError(None, None, "the name of an anchor has letters from a to z, digits, - and _ only", mark)
        if not isinstance(event, ScalarEvent):
            return
        if _SURROGATE.search(event.value):
            raise ComposerError(None, None, "half a character: write it as it is, or as `\\U` with 8 digits", mark)
        if event.value[:1] == "\n":
            raise ComposerError(None, None, "a text that begins with an empty line, which the engine leaves out", mark)
        written = mark.buffer[mark.index : event.end_mark.index] if event.style == '"' and mark.buffer else ""
        if _SLASH.search(written):
            raise ComposerError(None, None, "`\\/` in quotes, which the engine cannot read: write `/`", mark)
        if event.value == "=" and not event.style:
            raise ComposerError(None, None, "`=` alone, which YAML keeps for itself: quote it", mark)
        in_line = parent is not None and parent.flow_style and not event.style
        if in_line and ("?" in event.value[1:] or event.value[:1] == ":"):
            raise ComposerError(None, None, "a text with `?`, or with `:` in front, within brackets: quote it", mark)

    def _count(self, values: int, mark: Any) -> None:
        self._values += values
        if self._values > MAXIMUM_VALUES:
            said = f"more than {MAXIMUM_VALUES:,} values with every alias written out: write fewer"
            raise ComposerError(None, None, said, mark)


class _MarkedConstructor(RoundTripConstructor):
    """Says where a value stands that cannot be built, such as the 30th of February."""

    def construct_object(self, node: Any, deep: bool = False) -> Any:
        """The value of a node."""
        try:
            return super().construct_object(node, deep)
        except (ValueError, TypeError, ArithmeticError, LookupError):
            raise ConstructorError(
                None, None, "a value that cannot be read as it looks: quote it if it is a text", node.start_mark
            ) from None


def read_yaml(text: str, *, twice: bool = False) -> tuple[Any, tuple[TwoReadings, ...]]:
    """The document of `text` with the place of every key, comments and quotes kept, and the words that the engine reads
    otherwise; with `twice`, keys may stand twice.

    Raises ruamel's YAMLError: not YAML, deeper than DEEPEST, larger than MAXIMUM_VALUES, an alias within its anchor,
    a directive, a tag beyond those of texts, maps and lists, an end of a line that only one reader knows.
    """
    reader = YAML(typ="rt")
    reader.preserve_quotes = True
    reader.max_depth = DEEPEST
    reader.allow_duplicate_keys = twice
    reader.Composer = _BoundedComposer
    reader.Constructor = _MarkedConstructor
    _refuse_what_one_reader_knows(text)
    try:
        document = reader.load(text)
    except MaxDepthExceededError as error:
        said = f"maps or lists more than {DEEPEST} deep"
        raise MarkedYAMLError(None, None, said, error.problem_mark) from None
    return document, tuple(_two_readings(reader.composer.words, reader.constructor))


def _refuse_what_one_reader_knows(text: str) -> None:
    for found, said in (
        (
            _LINE_BREAKS.search(text),
            "a character that ends a line for the engine only: write `\\N`, `\\L`, `\\P` in quotes",
        ),
        (_DIRECTIVE.search(text), "a directive such as `%YAML` means nothing here: leave it out"),
    ):
        if found:
            line = text.count("\n", 0, found.start())
            raise MarkedYAMLError(None, None, said, StringMark("", found.start(), line, 0, None, 0))


def _two_readings(words: list[tuple[KeyPath, ScalarNode, bool]], constructor: Any) -> Iterator[TwoReadings]:
    for path, node, key in words:
        if node.value == "<<":
            continue
        ours = constructor.construct_object(node)
        said = difference(node.value, ours)
        whole = isinstance(ours, int) and not isinstance(ours, bool) and node.value == str(ours)
        plain = isinstance(ours, str) or whole
        if said is None and key and not plain:
            said = "a key that is no text: quote it"
        if said is not None:
            yield TwoReadings(path, node.start_mark.line + 1, said)
