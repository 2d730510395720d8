"""Documents that other tools write, read within limits: JSON, and YAML with the tags that CloudFormation has for its
intrinsic functions (CloudFormation user guide, intrinsic function reference: `!Name` is short for `Fn::Name`)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer, ComposerError, MaxDepthExceededError
from ruamel.yaml.constructor import SafeConstructor
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import AliasEvent
from ruamel.yaml.nodes import MappingNode, ScalarNode

from elasticity.input_files import InputFileError, read_bytes
from operations.failures import CannotRun

LARGEST_JSON = 256 * 1024 * 1024
"""Bytes: a plan of Terraform with some thousand resources has tens of MiB."""
LARGEST_YAML = 4 * 1024 * 1024
"""Bytes: CloudFormation takes templates of 1 MB (its quotas)."""
DEEPEST = 100
"""Levels of maps and lists; a plan with modules ten deep has about 40."""
MOST_VALUES = 200_000
"""Values of a YAML file with its aliases written out."""

_SHORT = frozenset({"Ref", "Condition"})
"""Tags whose long form has no `Fn::`."""
_INSTEAD: Mapping[str, str] = {
    ".tf": "configuration of Terraform: give its plan, `terraform plan -out=p; terraform show -json p > plan.json`",
    ".ts": "a program: give the template that it makes, `cdk synth`",
    ".py": "a program: give the template that it makes, `cdk synth`",
}
"""By suffix: what people name who have something else to name."""

_TEMPLATED = re.compile(r"\{\{-? *(?:if|with|range|include|template|define|required|\.|\$)")
"""What Helm's templates begin an action with."""


def documents_of(path: Path) -> list[Any]:
    """The documents of a file, each of plain values; raises CannotRun with what is wrong and where."""
    try:
        content = read_bytes(path, maximum=LARGEST_JSON)
    except FileNotFoundError:
        raise CannotRun(f"{path}: there is no such file") from None
    except InputFileError as error:
        raise CannotRun(f"{path}: {error}") from None
    if content[:2] == b"PK":
        raise CannotRun(f"{path}: a packed file, such as a plan of Terraform: give `terraform show -json {path.name}`")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise CannotRun(f"{path}: is not UTF-8 text") from None
    if path.suffix in _INSTEAD:
        raise CannotRun(f"{path}: is {_INSTEAD[path.suffix]}")
    read = _json if text.lstrip()[:1] in ("{", "[") else _yaml
    documents = read(path, text)
    if any(_deeper_than_allowed(one) for one in documents):
        raise CannotRun(f"{path}: maps or lists more than {DEEPEST} deep")
    return [one for document in documents for one in _listed(document)]


def _listed(document: Any) -> Iterator[Any]:
    """A list of Kubernetes as its items, which have its kind where it is a list of one kind."""
    kind = document.get("kind") if isinstance(document, dict) else None
    if isinstance(kind, str) and kind.endswith("List") and isinstance(document.get("items"), list):
        of = {key: value for key, value in (("apiVersion", document.get("apiVersion")), ("kind", kind[:-4])) if value}
        yield from ({**of, **one} if isinstance(one, dict) and kind != "List" else one for one in document["items"])
    elif document is not None:
        yield document


def _json(path: Path, text: str) -> list[Any]:
    try:
        return [json.loads(text)]
    except RecursionError:
        raise CannotRun(f"{path}: maps or lists more than {DEEPEST} deep") from None
    except json.JSONDecodeError as error:
        if '"@level"' in text.partition("\n")[0]:
            raise CannotRun(
                f"{path}: is the log of `terraform plan -json`: give `terraform show -json` of a kept plan (-out)"
            ) from None
        if len(text) <= LARGEST_YAML:  # YAML in brackets begins like JSON
            return _yaml(path, text)
        raise CannotRun(f"{path}:{error.lineno}: neither YAML nor JSON that is read here: {error.msg}") from None
    except ValueError as error:  # a number of thousands of digits
        raise CannotRun(f"{path}: neither YAML nor JSON that is read here: {error}") from None


class _Bounded(Composer):
    """Counts the values of a document with every alias written out."""

    def __init__(self, loader: Any = None) -> None:
        super().__init__(loader)
        self.warn_double_anchors = False
        self._values = 0
        self._sizes: dict[str, int | None] = {}

    def compose_node(self, parent: Any, index: Any) -> Any:
        """The node that comes next, counted."""
        event = self.parser.peek_event()
        anchor = event.anchor
        if isinstance(event, AliasEvent):
            size = self._sizes.get(anchor, 0)
            if size is None:
                raise ComposerError(None, None, "an alias stands within what it names", event.start_mark)
            self._count(size, event.start_mark)
            return super().compose_node(parent, index)
        before = self._values
        self._count(1, event.start_mark)
        if anchor is not None:
            self._sizes[anchor] = None
        node = super().compose_node(parent, index)
        if anchor is not None:
            self._sizes[anchor] = self._values - before
        return node

    def _count(self, values: int, mark: Any) -> None:
        self._values += values
        if self._values > MOST_VALUES:
            raise ComposerError(None, None, f"more than {MOST_VALUES:,} values with every alias written out", mark)


class _Tagged(SafeConstructor):
    """Knows the short forms of intrinsic functions, and takes times for the texts that they are."""


def _intrinsic(constructor: Any, suffix: str, node: Any) -> Any:
    name = suffix if suffix in _SHORT else f"Fn::{suffix}"
    if isinstance(node, ScalarNode):
        value: Any = constructor.construct_scalar(node)
        if suffix == "GetAtt":
            value = str(value).split(".", 1)
    elif isinstance(node, MappingNode):
        value = constructor.construct_mapping(node, deep=True)
    else:
        value = constructor.construct_sequence(node, deep=True)
    return {name: value}


_Tagged.add_multi_constructor("!", _intrinsic)
_Tagged.add_constructor("tag:yaml.org,2002:timestamp", SafeConstructor.construct_yaml_str)


def _yaml(path: Path, text: str) -> list[Any]:
    if len(text) > LARGEST_YAML:
        raise CannotRun(f"{path}: is larger than {LARGEST_YAML >> 20} MiB, the most that is read of YAML")
    reader = YAML(typ="safe", pure=True)
    reader.max_depth = DEEPEST
    reader.Composer = _Bounded
    reader.Constructor = _Tagged
    try:
        return [_plain(document) for document in reader.load_all(text)]
    except MaxDepthExceededError:
        raise CannotRun(f"{path}: maps or lists more than {DEEPEST} deep") from None
    except (YAMLError, ValueError, TypeError, ArithmeticError, LookupError, RecursionError) as error:
        if _TEMPLATED.search(text):
            raise CannotRun(f"{path}: is a template of Helm: give what it makes, `helm template`") from None
        mark, problem = getattr(error, "problem_mark", None), getattr(error, "problem", None)
        place = f"{path}:{mark.line + 1}" if mark is not None else str(path)
        said = f": {problem}" if problem else ""
        raise CannotRun(f"{place}: neither YAML nor JSON that is read here{said}") from None


def _plain(value: Any) -> Any:
    """The same with every key a text."""
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list) else value


def _deeper_than_allowed(document: Any) -> bool:
    level, here = 0, [document]
    while here:
        if level > DEEPEST:
            return True
        below: list[Any] = []
        for one in here:
            below += one.values() if isinstance(one, dict) else one if isinstance(one, list) else ()
        here, level = below, level + 1
    return False
