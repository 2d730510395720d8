"""A stack file with one scalar changed, or one key more, and all else as it was written, comments too."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode

from operations.failures import CannotRun


def with_scalar(text: str, path: Sequence[str], value: Any) -> str:
    """The text with another scalar at `path`, in JSON's form, which is YAML's too; raises CannotRun where it is
    written elsewhere, by an alias or a merge."""
    node = _at(text, path)
    if not isinstance(node, ScalarNode):
        raise CannotRun(f"{'.'.join(path)} is no single value: write it by hand")
    start, end = node.start_mark.index, node.end_mark.index
    line_end = "\n" * text[start:end].endswith("\n")  # of a block such as `|`
    return f"{text[:start]}{json.dumps(value, ensure_ascii=False)}{line_end}{text[end:]}"


def with_key(text: str, path: Sequence[str], key: str, value: str) -> str:
    """The text with `key` in the map at `path`, changed where it is there; raises CannotRun as above."""
    node = _at(text, path)
    if not isinstance(node, MappingNode):
        raise CannotRun(f"{'.'.join(path)} is no map: write it by hand")
    if any(of.value == key for of, _ in node.value):
        return with_scalar(text, [*path, key], value)
    start, entry = node.start_mark.index, f"{key}: {json.dumps(value)}"
    if node.flow_style:
        return f"{text[: start + 1]} {entry},{text[start + 1 :]}"
    return f"{text[:start]}{entry}\n{' ' * node.start_mark.column}{text[start:]}"


def _at(text: str, path: Sequence[str]) -> Node:
    """The node at `path`; what has an anchor would be changed wherever that is used."""
    node: Any = YAML().compose(text)
    for key in path:
        found = [value for of, value in node.value if of.value == key] if isinstance(node, MappingNode) else []
        if not found or found[0].anchor:
            raise CannotRun(f"{'.'.join(path)} is written elsewhere too, by an anchor or `<<`: change it by hand")
        node = found[0]
    return node  # type: ignore[no-any-return]
