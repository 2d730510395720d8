"""YAML of a person, read within limits: a file is an input, so its depth, its aliases and its size are checked before
anything is built from it.

A document may be small in bytes and large in values, as aliases repeat what they name (YAML 1.2, 7.1): what is counted
are the values of the document with every alias written out.
"""

from __future__ import annotations

from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer, ComposerError, MaxDepthExceededError
from ruamel.yaml.constructor import ConstructorError, RoundTripConstructor
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import AliasEvent

LARGEST_FILE = 4 * 1024 * 1024
"""Bytes; a stack file of a thousand services has about 2 MiB."""
DEEPEST = 40
"""Levels of maps and lists; the deepest settings have 9."""
MOST_VALUES = 200_000
"""Values of a document with its aliases written out; a thousand services have about 60,000."""
_CORE_TAGS = frozenset(f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null", "map", "seq"))
"""The tags of YAML's core schema (YAML 1.2, 10.3)."""


class _BoundedComposer(Composer):
    """Refuses a document while it is composed: too many values, an alias within its own anchor, a tag of an
    application."""

    def __init__(self, loader: Any = None) -> None:
        super().__init__(loader)
        self.warn_double_anchors = False  # the later one holds, as for the engine's reader
        self._values = 0
        self._sizes: dict[str, int | None] = {}

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
        if tag is not None and str(tag) not in _CORE_TAGS:
            raise ComposerError(None, None, "a tag such as `!name` means nothing here: leave it out", mark)
        before = self._values
        self._count(1, mark)
        if anchor is not None:
            self._sizes[anchor] = None
        node = super().compose_node(parent, index)
        if anchor is not None:
            self._sizes[anchor] = self._values - before
        return node

    def _count(self, values: int, mark: Any) -> None:
        self._values += values
        if self._values > MOST_VALUES:
            said = f"more than {MOST_VALUES:,} values with every alias written out: write fewer"
            raise ComposerError(None, None, said, mark)


class _MarkedConstructor(RoundTripConstructor):
    """Says where a value stands that cannot be built, such as the 30th of February."""

    def construct_object(self, node: Any, deep: bool = False) -> Any:
        """The value of a node."""
        try:
            return super().construct_object(node, deep)
        except (ValueError, OverflowError, TypeError, ArithmeticError):
            raise ConstructorError(
                None, None, "a value that cannot be read as it looks: quote it if it is a text", node.start_mark
            ) from None


def read_yaml(text: str, *, twice: bool = False) -> Any:
    """The document of `text` with the place of every key, comments and quotes kept; with `twice`, keys may stand twice.

    Raises ruamel's YAMLError: not YAML, deeper than DEEPEST, larger than MOST_VALUES, an alias within its own anchor, a
    tag beyond YAML's core.
    """
    reader = YAML(typ="rt")
    reader.preserve_quotes = True
    reader.max_depth = DEEPEST
    reader.allow_duplicate_keys = twice
    reader.Composer = _BoundedComposer
    reader.Constructor = _MarkedConstructor
    try:
        return reader.load(text)
    except MaxDepthExceededError as error:
        said = f"maps or lists more than {DEEPEST} deep"
        raise MarkedYAMLError(None, None, said, error.problem_mark) from None
