"""Services that keep a resource's settings as a map of texts: how inputs become attributes, and back."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from localcloud.aws.kind import Kind, Props
from localcloud.provider import compare, schema
from localcloud.provider.wire import number_text


def title(name: str) -> str:
    """`kmsMasterKeyId` -> `KmsMasterKeyId`."""
    return name[:1].upper() + name[1:]


def packed(names: Mapping[str, str]) -> Callable[[Props], Props]:
    """The inputs with those that are attributes in one map, as the creating call takes them."""

    def pack(props: Props) -> Props:
        found = {names[k]: text(v) for k, v in props.items() if k in names and v is not None}
        return {k: v for k, v in props.items() if k not in names} | ({"attributes": found} if found else {})

    return pack


def text(value: Any) -> str:
    """An attribute's value: JSON stays as it is written."""
    return value if isinstance(value, str) else number_text(value)


def unpacked(names: Mapping[str, str], attributes: Mapping[str, str], documents: Collection[str] = ()) -> Props:
    """The attributes under the names of the inputs; an empty text is no value."""
    return {ours: attributes[theirs] for ours, theirs in names.items() if attributes.get(theirs) not in (None, "")}


def changed(kind: Kind, names: Mapping[str, str], old: Props, new: Props) -> dict[str, str]:
    """Attribute -> new text for each that changed; an empty text takes one away."""
    rules = kind.sameness
    return {
        theirs: text(new[ours]) if new.get(ours) is not None else ""
        for ours, theirs in names.items()
        if any(compare.differences({ours: old.get(ours)}, {ours: new.get(ours)}, rules))
    }


def fifo(name: str) -> Callable[[Props], str]:
    """What the made-up name of a queue or a topic ends in: `.fifo` where this input says that it is one."""
    return lambda props: ".fifo" if props.get(name) is True else ""


def named(token: str, *others: str) -> dict[str, str]:
    """Input -> attribute for all inputs of a type but `others`: by the same name with a capital."""
    return {name: title(name) for name in schema.inputs(token).props if name not in others}
