"""What a change would do, before it is done: Check, Diff and the expected outputs of a preview, from what is known of a
type's properties."""

import functools
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic

from localcloud.provider import coercion, compare, naming, schema, wire
from localcloud.provider.naming import Naming
from localcloud.provider.resource import Difference, Faults, Props, Session


def type_of(urn: str) -> str:
    """The type token in a URN."""
    return urn.split("::")[2].split("$")[-1]


def name_of(urn: str) -> str:
    """The resource's name in a URN."""
    return urn.split("::", 3)[3]


def top(path: str) -> str:
    """The property of the top level in a path."""
    return compare.segments(path)[0]


@dataclass(frozen=True)
class Properties:
    """What is known of a type's properties, beside their names and types. Paths are written without list indexes."""

    force_new: Collection[str] = frozenset()
    """Input paths (top level or nested) that cannot change in place."""
    force_new_if: Callable[[Props], Collection[str]] = field(default=lambda props: ())
    """f(new inputs) -> further inputs that force a replacement, where another input decides it."""
    delete_before_replace: bool = False
    """A second one with the same inputs cannot stand beside the first."""
    defaults: Mapping[str, Any] = field(default_factory=dict)
    """Input path -> what the cloud has when it is left out: no difference, and sent when the input is taken away."""
    computed: Collection[str] = frozenset()
    """Input paths that the cloud chooses when they are left out: leaving them out is never a difference."""
    computed_on_update: Collection[str] = frozenset()
    """Outputs that an update changes: not known in a preview of one."""
    computed_once: Collection[str] = frozenset()
    """Outputs that the cloud tells once, when it makes the resource: later ones keep what the state has."""
    unordered: Collection[str] = frozenset()
    """Input paths of lists whose order means nothing."""
    normalize: Mapping[str, Callable[[str], Any]] = field(default_factory=dict)
    """Input path of a text -> f(text): what two texts that mean the same have in common, where JSON equality is not
    enough."""
    sensitive: Collection[str] = frozenset()
    """Paths of inputs and outputs that are secret whether or not a program says so."""
    write_only: Collection[str] = frozenset()
    """Input paths that no answer of the cloud holds (secret values, settings of the provider): kept as asked for."""


class Planned(ABC, Generic[Session]):
    """The half of a type that works on plain values alone, by its schema and its properties.

    It is `Resource` but for create, read, update and delete.
    """

    token: str
    naming: Naming = Naming()
    properties: Properties = Properties()

    @property
    @abstractmethod
    def input_schema(self) -> schema.Obj:
        """The inputs."""

    @property
    @abstractmethod
    def output_schema(self) -> Mapping[str, schema.Type]:
        """The outputs."""

    @property
    def sensitive(self) -> Collection[str]:
        """Paths that are secret whether or not a program says so."""
        return self.properties.sensitive

    @functools.cached_property
    def sameness(self) -> compare.Sameness:
        """When two values of this type count as the same."""
        known = self.properties
        return compare.Sameness(
            known.defaults,
            frozenset(known.computed),
            frozenset(known.unordered),
            frozenset(known.write_only),
            known.normalize,
            self.document_form,
        )

    def document_form(self, block: dict[str, Any]) -> Any:
        """What two objects in JSON documents that mean the same have in common; None where that is JSON's alone."""
        return None

    def faults(self, news: Props) -> Faults:
        """What the cloud would refuse of inputs whose types are right; with marks of what is not known."""
        return ()

    def faults_of_new(self, news: Props) -> Faults:
        """What it would refuse, beyond that, of a resource that is not there yet."""
        return ()

    @property
    def shown_defaults(self) -> Mapping[str, Any]:
        """The defaults as outputs."""
        return self.properties.defaults

    def check(
        self, session: Session, name: str, seed: bytes, news: Props, olds: Props
    ) -> tuple[Props, list[tuple[str, str]]]:
        """The inputs in the form of their types with a name, and (path, reason) of all that is wrong."""
        given = {k: v for k, v in news.items() if not k.startswith("__") and v is not None}
        news = coercion.block(self.input_schema.props, given)
        news, unnamed = naming.with_name(self.naming, name, seed, news, olds)
        wrong = list(schema.failures(self.input_schema, news))
        found = [(failure.path, failure.reason) for failure in wrong]
        found += [*unnamed, *self.faults(_as_unknown(news, wrong))]
        if not olds and not found:
            found = list(self.faults_of_new(news))
        return news, found

    def changes(self, session: Session, old: Props, new: Props, state: Props) -> Iterable[compare.Change]:
        """Every changed leaf."""
        return compare.differences(old, new, self.sameness)

    def forcing(self, new: Props) -> set[str]:
        """Paths whose change forces a replacement."""
        return {*self.properties.force_new, *self.properties.force_new_if(new)}

    def ignores(self, pattern: str, change: compare.Change) -> bool:
        """Whether a path of `ignoreChanges` covers a change."""
        return compare.covers(pattern, change.path)

    def diff(self, session: Session, old: Props, new: Props, state: Props, ignored: Sequence[str]) -> Difference:
        """What brings the old inputs to the new ones."""
        found = Difference()
        given = naming.is_given(self.naming, new)
        old = {k: v for k, v in old.items() if k in self.input_schema.props}
        new = {k: v for k, v in new.items() if k in self.input_schema.props}
        # What the cloud chose before and the program now says itself is no change.
        old |= {k: state[k] for k in new if old.get(k) is None and state.get(k) is not None}
        forcing = self.forcing(new)
        for change in self.changes(session, old, new, state):
            if any(self.ignores(pattern, change) for pattern in ignored):
                continue
            hard = _forces(forcing, change.row_path)
            found.detail[change.path] = change.kind + ("_REPLACE" if hard else "")
            if hard and top(change.path) not in found.replaces:
                found.replaces.append(top(change.path))
        same_name = given and old.get(self.naming.input or "") == new.get(self.naming.input or "")
        found.delete_before_replace = bool(found.replaces) and (same_name or self.properties.delete_before_replace)
        return found

    def expect_create(self, session: Session, inputs: Props) -> Props:
        """The outputs of a creation that has not happened: what was asked for, and the rest unknown."""
        unknown: Props = dict.fromkeys(self.output_schema, wire.UNKNOWN)
        shown = {k: v for k, v in inputs.items() if k in unknown}
        shown |= {k: v for k, v in self.shown_defaults.items() if k in unknown and k not in inputs}
        return unknown | shown

    def expect_update(self, session: Session, old: Props, new: Props, state: Props) -> Props:
        """The outputs of an update that has not happened."""
        kept = {k: v for k, v in state.items() if k not in self.input_schema.props}
        shown = kept | {k: v for k, v in new.items() if k in self.output_schema}
        shown |= {k: state[k] for k in state if k not in shown and k in self.properties.computed}
        shown |= {k: v for k, v in self.shown_defaults.items() if k in self.output_schema and k not in shown}
        changed = (k for k in self.properties.computed_on_update if k in self.output_schema)
        return shown | dict.fromkeys(changed, wire.UNKNOWN)

    def read_back(self, inputs: Props, state: Props, live: Props) -> Props:
        """The inputs that a program would have to give for the outputs `live` that were read.

        An import comes with neither inputs nor state; a resource without any input is refreshed too.
        """
        return self.refreshed(inputs, live) if inputs or state else self.imported(live)

    def refreshed(self, inputs: Props, state: Props) -> Props:
        """The inputs of a refresh: as they were asked for where the cloud agrees, else what the cloud has.

        What the provider noted in them stays.
        """
        sameness = self.sameness
        found = {k: v for k, v in inputs.items() if k.startswith("__")}
        for name, asked in inputs.items():
            if name not in found:
                thorough, live = name in self.output_schema, state.get(name)
                if compare.says_nothing(live, name) and not compare.says_nothing(asked, name):
                    live = None  # gone: the output is empty by the promise of its type
                found[name] = compare.reconcile(asked, live, sameness, name, complete=False, thorough=thorough)
        strayed = {
            k: state[k]
            for k, default in self.properties.defaults.items()
            if k not in inputs and state.get(k) is not None and not compare.same(default, state[k], sameness, k)
        }
        return {k: v for k, v in (found | strayed).items() if v is not None}

    def imported(self, state: Props) -> Props:
        """The inputs of an import: everything that the cloud has and the program could have said."""
        return {
            name: value
            for name, t in self.input_schema.props.items()
            if name not in self.properties.write_only
            for value in [_as_input(t, state.get(name))]
            if value not in (None, [], {}, "")
        }


def _as_input(t: schema.Type, value: Any) -> Any:
    """An output without what the input does not know."""
    if t.kind == "object" and isinstance(value, dict):
        props = schema.obj(t.of).props
        kept = {k: _as_input(inner, value.get(k)) for k, inner in props.items() if value.get(k) is not None}
        return {k: v for k, v in kept.items() if v not in ("", [])}
    if t.kind == "list" and isinstance(value, list | tuple):
        return [_as_input(t.of, v) for v in value]
    return value


def _as_unknown(news: Props, wrong: list[schema.Failure]) -> Props:
    """The inputs with what is wrong taken for not known: the rest is still held against the cloud's own rules, and
    none of them says a second time, in other words, what is wrong already."""
    sound = news
    for failure in wrong:
        sound = compare.put(sound, failure.path, None)
        if failure.doubtful and compare.at(sound, failure.doubtful) is None:
            sound = compare.put(sound, failure.doubtful, wire.UNKNOWN)
    return sound


def _forces(forcing: set[str], row_path: str) -> bool:
    steps = row_path.split(".")
    return any(".".join(steps[:n]) in forcing for n in range(1, len(steps) + 1))


def without_ignored(new: Props, old: Props, ignored: Sequence[str]) -> Props:
    """The new inputs with the old value wherever a whole input is ignored (the engine does the same; other callers may
    not)."""
    names = {p for p in ignored if re.fullmatch(r"\w+", p)}
    kept = {k: v for k, v in new.items() if k not in names}
    return kept | {k: old[k] for k in names if k in old}
