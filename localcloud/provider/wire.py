"""Pulumi's values on the wire and as plain Python: unknowns stay sentinel strings, secrets are taken off and
remembered."""

import base64
import contextlib
import itertools
import json
import re
import urllib.parse
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from google.protobuf import struct_pb2

SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 -- the engine's mark of a secret, not one
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
UNKNOWNS = frozenset(
    {
        UNKNOWN,
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    }
)
"""The engine's stand-ins for a value that is not known yet: string first, then one per other kind of value."""
_LONG_ENOUGH = 5  # a shorter secret is looked for as a whole value only: as a part it would be found everywhere


@dataclass
class Secrets:
    """What was secret in values that came over the wire."""

    properties: set[str] = field(default_factory=set)
    """Names of the top level that hold a secret at any depth."""
    texts: set[str] = field(default_factory=set)
    """The secret scalars, as text."""
    names: set[str] = field(default_factory=set)
    """The names of members inside secrets."""
    beside: set[str] = field(default_factory=set)
    """The other scalars, as text: derived from a secret or not, none is told where there is a secret."""

    def within(self, value: Any) -> bool:
        """Whether a secret is this value, a part of this text, or anywhere in this structure."""
        if not self.texts or value is None or isinstance(value, bool):
            return False
        if isinstance(value, dict):
            return any(self.within(v) for v in value.values())
        if isinstance(value, list | tuple):
            return any(self.within(v) for v in value)
        text = number_text(value)
        return text in self.texts or any(len(s) >= _LONG_ENOUGH and s in text for s in self.texts)

    def redact(self, text: str) -> str:
        """The text without any secret, and without what was cut, decoded or quoted from one.

        A message may hold a value in another form than it was given in: each run of characters that it shares with a
        secret goes. Without a secret the text comes back as it is.
        """
        if not self.texts and not self.names:
            return text
        covered = bytearray(len(text))
        for value in self.texts | self.names | self.beside:
            for found in re.finditer(_edge(value).format(re.escape(value)), text):
                covered[found.start() : found.end()] = b"\1" * len(found[0])
        windows = set(itertools.chain.from_iterable(_windows(form) for form in _forms(self.texts | self.names)))
        low = text.lower()
        for i in range(len(low) - _LONG_ENOUGH + 1 if len(low) == len(text) else 0):
            if low[i : i + _LONG_ENOUGH] in windows:
                covered[i : i + _LONG_ENOUGH] = b"\1" * _LONG_ENOUGH
        parts = itertools.groupby(zip(text, covered, strict=True), key=lambda pair: pair[1])
        return "".join("[secret]" if hidden else "".join(sign for sign, _ in part) for hidden, part in parts)

    def __or__(self, other: "Secrets") -> "Secrets":
        return Secrets(
            self.properties | other.properties,
            self.texts | other.texts,
            self.names | other.names,
            self.beside | other.beside,
        )


def _edge(value: str) -> str:
    """Where a value counts: a long one anywhere, a short one alone; a short number is no part of an address, a version
    or a time, which are one value each."""
    if len(value) >= _LONG_ENOUGH:
        return "{}"
    return r"(?<!\w)(?<![0-9][.:-]){}(?!\w)(?![.:-][0-9])" if value.isdecimal() else r"(?<!\w){}(?!\w)"


_GRAMMAR = frozenset(
    {"version", "statement", "effect", "action", "notaction", "resource", "notresource", "principal", "notprincipal"}
    | {"condition", "allow", "2012-10-17"}
)
"""Words of policy documents: a secret document is told by them, and nothing of what is secret in it is."""


def _forms(texts: set[str]) -> Iterator[str]:
    """Each secret as it may stand in a message: unquoted, decoded; of a document what stands in it."""
    for text in texts:
        for form in {text, urllib.parse.unquote(text), *_decoded(text)}:
            try:
                document = json.loads(form) if form.lstrip()[:1] in ("{", "[") else form
            except (ValueError, RecursionError):
                document = form
            for each in _words(document):
                if each.lower() not in _GRAMMAR:
                    quoted = json.dumps(each)[1:-1]
                    ways = {each, repr(each)[1:-1], quoted, repr(quoted)[1:-1]}
                    yield from ways | {way.replace("'", r"\'") for way in ways}  # as where both quotes stand in a text


def _decoded(text: str) -> Iterator[str]:
    with contextlib.suppress(ValueError):
        yield base64.b64decode(text, validate=True).decode()
    with contextlib.suppress(ValueError):
        yield base64.b64encode(text.encode()).decode()


def _words(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield str(name)
            yield from _words(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _words(inner)
    elif value is not None and not isinstance(value, bool):
        yield number_text(value)


def _windows(form: str) -> Iterator[str]:
    low = form.lower()
    return (low[i : i + _LONG_ENOUGH] for i in range(len(low) - _LONG_ENOUGH + 1))


def number_text(value: Any) -> str:
    """A scalar as text; a whole number without its fraction, a truth value in lower case."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def plain(struct: struct_pb2.Struct) -> tuple[dict[str, Any], Secrets]:
    """The properties of a message, and what was secret in them."""
    secrets = Secrets()
    values = {}
    for name, value in struct.fields.items():
        before = len(secrets.texts)
        values[name], hidden = _plain(value, secrets, inside=False)
        if hidden or len(secrets.texts) > before:
            secrets.properties.add(name)
    return values, secrets


def _plain(value: struct_pb2.Value, secrets: Secrets, *, inside: bool) -> tuple[Any, bool]:
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        fields = value.struct_value.fields
        if SIGNATURE in fields and fields[SIGNATURE].string_value == SECRET:
            return _plain(fields["value"], secrets, inside=True)[0], True
        secrets.names |= {name for name in fields if inside and len(name) >= _LONG_ENOUGH}
        items = {name: _plain(inner, secrets, inside=inside) for name, inner in fields.items()}
        return {name: item for name, (item, _) in items.items()}, inside or any(hidden for _, hidden in items.values())
    if kind == "list_value":
        found = [_plain(inner, secrets, inside=inside) for inner in value.list_value.values]
        return [item for item, _ in found], inside or any(hidden for _, hidden in found)
    scalar: Any = None
    if kind == "number_value":
        scalar = int(value.number_value) if value.number_value.is_integer() else value.number_value
    elif kind == "string_value":
        scalar = value.string_value
    elif kind == "bool_value":
        scalar = value.bool_value
    if scalar not in (None, "", True, False) and scalar not in UNKNOWNS:
        (secrets.texts if inside else secrets.beside).add(number_text(scalar))
    return scalar, inside


def struct(values: dict[str, Any], secrets: Secrets | None = None) -> struct_pb2.Struct:
    """The properties as a message; one that was secret, or in which a secret occurs, is marked as secret."""
    message = struct_pb2.Struct()
    for name, value in values.items():
        if value is None:
            continue
        target = message.fields[name]
        if secrets and (name in secrets.properties or secrets.within(value)):
            mark = target.struct_value.fields
            mark[SIGNATURE].string_value = SECRET
            target = mark["value"]
        _fill(target, value)
    return message


def hide(message: struct_pb2.Struct, paths: Collection[str]) -> struct_pb2.Struct:
    """The message with what stands at these paths (`auth.password`) marked as secret, whoever gave it."""
    for path in paths:
        head, _, rest = path.partition(".")
        if head in message.fields:
            _hide(message.fields[head], rest)
    return message


def _hide(value: struct_pb2.Value, rest: str) -> None:
    fields = value.struct_value.fields
    if SIGNATURE in fields and fields[SIGNATURE].string_value == SECRET:
        return
    if not rest:
        plain_value = struct_pb2.Value()
        plain_value.CopyFrom(value)
        value.Clear()
        value.struct_value.fields[SIGNATURE].string_value = SECRET
        value.struct_value.fields["value"].CopyFrom(plain_value)
    elif value.HasField("struct_value"):
        hide(value.struct_value, [rest])


def overlaid(original: struct_pb2.Struct, values: dict[str, Any], secrets: Secrets) -> struct_pb2.Struct:
    """The properties as a message, each secret marked where it was in the original message of them."""
    message = struct({name: value for name, value in values.items() if name not in original.fields}, secrets)
    for name, value in values.items():
        if name in original.fields:
            _overlay(message.fields[name], original.fields[name], value)
    return message


def _overlay(target: struct_pb2.Value, original: struct_pb2.Value, value: Any) -> None:
    was, fields = _plain(original, Secrets(), inside=False)[0], original.struct_value.fields
    if was == value and type(was) is type(value):
        target.CopyFrom(original)
    elif SIGNATURE in fields and fields[SIGNATURE].string_value == SECRET:
        mark = target.struct_value.fields
        mark[SIGNATURE].string_value = SECRET
        _overlay(mark["value"], fields["value"], value)
    elif isinstance(was, dict) and isinstance(value, dict):
        target.struct_value.SetInParent()
        for name, inner in value.items():
            if inner is not None:
                _overlay(target.struct_value.fields[name], fields[name], inner)
    elif isinstance(was, list) and isinstance(value, list) and len(was) == len(value):
        target.list_value.SetInParent()
        for before, inner in zip(original.list_value.values, value, strict=True):
            _overlay(target.list_value.values.add(), before, inner)
    else:  # of another form, such as a document that was an object: a secret inside makes it one as a whole
        target.CopyFrom(struct({"it": value}, _secrets_of(original)).fields["it"])


def _secrets_of(value: struct_pb2.Value) -> Secrets:
    holder = struct_pb2.Struct()
    holder.fields["it"].CopyFrom(value)
    return plain(holder)[1]


def _fill(target: struct_pb2.Value, value: Any) -> None:
    if isinstance(value, dict):
        fields = target.struct_value.fields
        target.struct_value.SetInParent()
        for name, inner in value.items():
            if inner is not None:
                _fill(fields[name], inner)
    elif isinstance(value, list | tuple):
        target.list_value.SetInParent()
        for inner in value:
            _fill(target.list_value.values.add(), inner)
    elif isinstance(value, bool):
        target.bool_value = value
    elif isinstance(value, int | float):
        target.number_value = value
    elif value is None:
        target.null_value = struct_pb2.NULL_VALUE
    else:
        target.string_value = str(value)


def is_unknown(value: Any) -> bool:
    """Whether the value itself is not known yet."""
    return isinstance(value, str) and value in UNKNOWNS


def unknowns(value: Any) -> bool:
    """Whether anything in the value is not known yet."""
    if isinstance(value, dict):
        return any(unknowns(v) for v in value.values())
    if isinstance(value, list | tuple):
        return any(unknowns(v) for v in value)
    return is_unknown(value) or (isinstance(value, str) and any(u in value for u in UNKNOWNS))


def known(value: Any) -> Any:
    """The value without what is not known yet."""
    if isinstance(value, dict):
        return {k: known(v) for k, v in value.items() if not is_unknown(v)}
    if isinstance(value, list | tuple):
        return [known(v) for v in value if not is_unknown(v)]
    return value


def leaves(value: Any) -> Iterator[Any]:
    """Every scalar of the value."""
    if isinstance(value, dict | list | tuple):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from leaves(inner)
    else:
        yield value
