"""What a change would do, before it is done: Check, Diff and the expected outputs of a preview."""

import re
from dataclasses import dataclass, field
from typing import Any

from localcloud.aws.client import Aws
from localcloud.aws.kind import Kind, Props
from localcloud.provider import coercion, compare, naming, schema, wire

_URN_NAME = "::"


@dataclass
class Difference:
    """What differs, and what follows from it."""

    detail: dict[str, str] = field(default_factory=dict)
    """Property path -> ADD, DELETE or UPDATE, with _REPLACE where it forces a replacement."""
    replaces: list[str] = field(default_factory=list)
    """Inputs of the top level that force a replacement."""
    delete_before_replace: bool = False


def type_of(urn: str) -> str:
    """The type token in a URN."""
    return urn.split(_URN_NAME)[2].split("$")[-1]


def name_of(urn: str) -> str:
    """The resource's name in a URN."""
    return urn.split(_URN_NAME, 3)[3]


def top(path: str) -> str:
    """The property of the top level in a path."""
    return compare.segments(path)[0]


def check(kind: Kind, aws: Aws, urn: str, seed: bytes, news: Props, olds: Props) -> tuple[Props, list[tuple[str, str]]]:
    """The inputs in the form of their types with what the provider adds, and (path, reason) of all that is wrong."""
    block = schema.inputs(kind.token)
    given = {k: v for k, v in news.items() if not k.startswith("__") and k != "tagsAll" and v is not None}
    news = coercion.block(block.props, given)
    news, unnamed = naming.with_name(kind.naming, name_of(urn), seed or urn.encode(), news, olds)
    wrong = list(schema.failures(block, news))
    found = [(failure.path, failure.reason) for failure in wrong]
    found += unnamed + kind.faults(_as_unknown(news, wrong))
    if not olds and not found:
        found = list(kind.validate_new(news))
    return news | _added(kind, aws, news), found


def _added(kind: Kind, aws: Aws, news: Props) -> Props:
    """What the provider's own configuration adds to the inputs, as the official provider has it: the engine draws a
    change from the inputs, so a change of the configuration is seen where it reaches a resource."""
    added: Props = {}
    if "region" in schema.inputs(kind.token).props and news.get("region") is None:
        added["region"] = aws.region
    if kind.taggable:
        added["tagsAll"] = kind.with_default_tags(aws, news).get("tags") or {}
    return added


def _as_unknown(news: Props, wrong: list[schema.Failure]) -> Props:
    """The inputs with what is wrong taken for not known: the rest is still held against the cloud's own rules, and
    none of them says a second time, in other words, what is wrong already."""
    sound = news
    for failure in wrong:
        sound = compare.put(sound, failure.path, None)
        if failure.doubtful and compare.at(sound, failure.doubtful) is None:
            sound = compare.put(sound, failure.doubtful, wire.UNKNOWN)
    return sound


def diff(kind: Kind, aws: Aws, old: Props, new: Props, state: Props, ignored: list[str]) -> Difference:
    """What brings the old inputs to the new ones."""
    found = Difference()
    settable = schema.inputs(kind.token).props
    given = naming.is_given(kind.naming, new)
    old = {k: v for k, v in old.items() if k in settable}
    new = {k: v for k, v in new.items() if k in settable}
    # What AWS chose before and the program now says itself is no change.
    old |= {k: state[k] for k in new if old.get(k) is None and state.get(k) is not None and k != "region"}
    forcing = {*kind.properties.force_new, *kind.properties.force_new_if(new), "region"}
    for change in _changes(kind, aws, old, new, state):
        if any(compare.covers(pattern, change.path) for pattern in ignored):
            continue
        hard = _forces(forcing, change.row_path)
        found.detail[change.path] = change.kind + ("_REPLACE" if hard else "")
        if hard and top(change.path) not in found.replaces:
            found.replaces.append(top(change.path))
    for change in _tag_changes(kind, aws, new, state):
        own = change.path.replace("tagsAll", "tags", 1)
        if not any(compare.covers(pattern, path) for pattern in ignored for path in (change.path, own)):
            found.detail[change.path] = change.kind
    same_name = given and old.get(kind.naming.input or "") == new.get(kind.naming.input or "")
    found.delete_before_replace = bool(found.replaces) and (same_name or kind.properties.delete_before_replace)
    return found


def _changes(kind: Kind, aws: Aws, old: Props, new: Props, state: Props) -> list[compare.Change]:
    changes = [c for c in compare.differences(old, new, kind.sameness) if c.row_path != "region"]
    mine, wanted = state.get("region"), new.get("region") or aws.region
    if mine is not None and mine != wanted:
        changes.append(compare.Change("region", "region", "UPDATE"))
    return changes


def _tag_changes(kind: Kind, aws: Aws, new: Props, state: Props) -> list[compare.Change]:
    """Changed default tags show at `tagsAll`, as the official provider has it."""
    if not kind.taggable or "tagsAll" not in state:
        return []
    wanted = kind.with_default_tags(aws, new).get("tags") or {}
    if wire.is_unknown(wanted):
        return [compare.Change("tagsAll", "tagsAll", "UPDATE")]
    return list(compare.differences(state["tagsAll"] or {}, wanted, kind.sameness, "tagsAll", "tagsAll"))


def _forces(forcing: set[str], row_path: str) -> bool:
    steps = row_path.split(".")
    return any(".".join(steps[:n]) in forcing for n in range(1, len(steps) + 1))


def expected(kind: Kind, aws: Aws, props: Props) -> Props:
    """The outputs of a creation that has not happened: what was asked for, and the rest unknown."""
    unknown = dict.fromkeys(schema.outputs(kind.token), wire.UNKNOWN)
    shown = {k: v for k, v in props.items() if k in unknown}
    shown |= {k: v for k, v in kind.shown_defaults.items() if k in unknown and k not in props}
    if kind.taggable:
        shown["tagsAll"] = kind.with_default_tags(aws, props).get("tags") or {}
    if "region" in unknown:
        shown["region"] = props.get("region") or aws.region
    return unknown | shown


def after_update(kind: Kind, aws: Aws, state: Props, news: Props) -> Props:
    """The outputs of an update that has not happened."""
    outputs = schema.outputs(kind.token)
    kept = {k: v for k, v in state.items() if k not in schema.inputs(kind.token).props}
    shown = kept | {k: v for k, v in news.items() if k in outputs}
    shown |= {k: state[k] for k in state if k not in shown and (k in kind.properties.computed or k == "region")}
    shown |= {k: v for k, v in kind.shown_defaults.items() if k in outputs and k not in shown}
    if kind.taggable:
        shown["tagsAll"] = kind.with_default_tags(aws, news).get("tags") or {}
    return shown | dict.fromkeys((k for k in kind.properties.computed_on_update if k in outputs), wire.UNKNOWN)


def without_ignored(new: Props, old: Props, ignored: list[str]) -> Props:
    """The new inputs with the old value wherever a whole input is ignored (the engine does the same; other callers may
    not)."""
    names = {p for p in ignored if re.fullmatch(r"\w+", p)}
    kept = {k: v for k, v in new.items() if k not in names}
    return kept | {k: old[k] for k in names if k in old}


__all__ = [
    "Any",
    "Difference",
    "after_update",
    "check",
    "diff",
    "expected",
    "name_of",
    "top",
    "type_of",
    "without_ignored",
]
