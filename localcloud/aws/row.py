"""One row of the provider as data: a Pulumi type, the AWS calls that serve it, and what differs between the two.

What a row cannot say in data it says in small functions; their arguments are always in the order
`aws, resource id, value or live answer, inputs`.
"""

import functools
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from localcloud.aws import limits, request_validation, shapes
from localcloud.aws.client import Aws
from localcloud.aws.policy_form import policy_form
from localcloud.provider import compare, schema, wire
from localcloud.provider.naming import Naming, is_given
from localcloud.provider.plan import Planned, Properties
from localcloud.provider.resource import Difference, Faults, Props

Create = Callable[[Aws, Props], str]
"""f(aws, inputs) -> id."""
Read = Callable[[Aws, str, Props], Props | None]
"""f(aws, id, inputs) -> the live answer; None when there is none."""
Update = Callable[[Aws, str, Props, Props], Any]
"""f(aws, id, old inputs, new inputs)."""
Delete = Callable[[Aws, str, Props], Any]
"""f(aws, id, inputs)."""
Part = Callable[[Aws, str, Any, Props], Any]
"""f(aws, id, value, inputs): sets, changes or takes away one input. Or f(aws, id, live answer, inputs) -> value."""
UpdateTags = Callable[[Aws, str, list[str], dict[str, str]], Any]
"""f(aws, id, keys that go, tags that are to be there)."""
META_ARGUMENTS = frozenset({"region", "tagsAll"})  # inputs that are not about the resource alone
UNSERVED = "the offline provider does not serve this property; see docs/guides/adding-a-resource-type.md"


@dataclass(frozen=True)
class Calls:
    """The calls that serve a type. Arguments are filled in: `{id}` and `{input}`."""

    service: str
    """Name of the boto3 client."""
    create: str
    """The call that creates; its request shape says which inputs are served."""
    id: str
    """Where its answer holds the id (a JMESPath), or a template over the inputs: `{name}`."""
    read: tuple[str, Props, str] | Read
    """(call, arguments, JMESPath): describes one resource. Or a function."""
    delete: tuple[str, Props] | Delete
    """(call, arguments): deletes it. Or a function."""
    update: tuple[str, Props] | Update | Literal["upsert"] | None = None
    """(call, arguments), sent with the changed inputs; "upsert": the creating call updates too. Or a function."""
    custom_create: Create | None = None
    """In place of one call of `create`, whose request shape still says what is served."""
    created: str | None = None
    """JMESPath in the creating call's answer of what `read` would find: saves the describing call after a create."""
    retry: Callable[[Aws, Callable[[], Props]], Props] = field(default=lambda aws, call: call())
    """f(aws, the creating call) -> its answer: repeats a call whose refusal may end with what is made beside it."""
    import_id: Callable[[str], tuple[str, Props]] = field(default=lambda text: (text, {}))
    """What a person gives to `pulumi import` -> the id and the inputs that `read` needs: `rtb-1_10.0.0.0/8`."""


@dataclass(frozen=True)
class Tags:
    """How a type is tagged."""

    on_create: str | None = "field"
    """"field" of the request, "list" of objects, or the resource type of TagSpecifications; None: in no request."""
    update: UpdateTags | None = None
    """Called when tags change, and after creation when `on_create` is None."""


@dataclass(frozen=True)
class Translation:
    """How inputs become a request, and an answer becomes outputs, where names and forms differ."""

    rename: Mapping[str, str | None] = field(default_factory=dict)
    """Input path -> member of the request; None: in no request. `a: "b.c"` puts it one level deeper; `a: "."` puts the
    members of a block beside it. Read backwards for answers."""
    encode: Callable[[Props], Props] = field(default=lambda props: props)
    """The inputs just before a request is built."""
    decode: Callable[[Props], Props] = field(default=lambda live: live)
    """The describing answer just before it is read: undoes `encode`."""
    together: Collection[str] = frozenset()
    """Inputs that are sent together when one of them changes (`encode` makes one structure of them)."""
    served: Collection[str] = frozenset()
    """Inputs that are served although neither the request nor another field of the row names them."""
    unserved: Collection[str] | Mapping[str, str] = frozenset()
    """Input paths that are refused although the request has a member of their name; as a mapping: path -> what to do
    instead."""


@dataclass(frozen=True)
class OwnCalls:
    """Inputs that calls of their own set, change, take away or read."""

    put: Mapping[str, Part] = field(default_factory=dict)
    """Input -> sets it, after the creating call and when it changes."""
    put_many: tuple[Collection[str], Part] = ((), lambda aws, resource_id, values, props: None)
    """(inputs, f(aws, id, {input: value}, inputs)): set by one call after the creating one; later those that change."""
    update: Mapping[str, Part] = field(default_factory=dict)
    """Input of the creating call -> changes it later."""
    remove: Mapping[str, Part] = field(default_factory=dict)
    """Input -> f(aws, id, old value, inputs): what taking it away does, where `defaults` cannot say it."""
    read: Mapping[str, Part] = field(default_factory=dict)
    """Input -> reads it back. Asked by refresh and import only; `tags` may be here."""
    read_many: Part = field(default=lambda aws, resource_id, live, props: {})
    """f(aws, id, live answer, inputs) -> {input: value}: reads many inputs back with one call. Asked by refresh and
    import only."""
    join: Mapping[str, Part] = field(default_factory=dict)
    """Member -> what another call answers (tags, attributes), put into the describing answer. `tags` are asked for by
    refresh and import only."""


@dataclass(frozen=True)
class Row(Planned[Aws]):
    """A served type.

    Paths of inputs are written without list indexes: `defaultActions.forward.targetGroups.arn`.
    """

    token: str
    calls: Calls
    naming: Naming = field(default_factory=Naming)
    tags: Tags = field(default_factory=Tags)
    translation: Translation = field(default_factory=Translation)
    properties: Properties = field(default_factory=Properties)
    own_calls: OwnCalls = field(default_factory=OwnCalls)
    validate: Callable[[Props], Faults] = field(default=lambda props: ())
    """f(inputs without unknowns) -> what AWS would refuse beyond its request model."""
    validate_new: Callable[[Props], Faults] = field(default=lambda props: ())
    """f(inputs, unknowns as such) -> what AWS would refuse of a resource that is not there yet."""
    outputs: Mapping[str, str | Part] = field(default_factory=dict)
    """Output -> template, or f(aws, id, live answer, inputs). Asked for after each create: no calls that can be
    spared."""

    @property
    def input_schema(self) -> schema.Obj:
        """The inputs, as the SDK has them."""
        return schema.inputs(self.token)

    @property
    def output_schema(self) -> Mapping[str, schema.Type]:
        """The outputs, as the SDK has them."""
        return schema.outputs(self.token)

    def document_form(self, block: dict[str, Any]) -> Any:
        """What two policy documents that mean the same have in common."""
        return policy_form(block)

    @functools.cached_property
    def taggable(self) -> bool:
        """Whether the provider's default tags apply."""
        return "tagsAll" in schema.outputs(self.token)

    @functools.cached_property
    def _members(self) -> frozenset[str]:
        shape = shapes.input_shape(self.calls.service, self.calls.create)
        return frozenset(shapes.norm(m) for m in shape.members) if shape else frozenset()

    @functools.cached_property
    def _named(self) -> frozenset[str]:
        blocks = {path.split(".")[0] for path in self.translation.rename}
        prefix = {f"{self.naming.input}Prefix"} if self.naming.input else set()
        own = {"tags"} if self.taggable or self.tags.on_create == "list" else set()
        fields = {
            *self.own_calls.put,
            *self.own_calls.remove,
            *self.own_calls.update,
            *self.own_calls.put_many[0],
            *self.translation.together,
            *self.translation.served,
            *self.translation.rename,
            *blocks,
        }
        return frozenset({*META_ARGUMENTS, *fields, self.naming.input or "", *prefix, *own})

    def serves(self, prop: str) -> bool:
        """Whether this row serves an input of the top level."""
        return prop not in self.translation.unserved and (prop in self._named or shapes.norm(prop) in self._members)

    def faults(self, props: Props) -> list[tuple[str, str]]:
        """(path, reason) of everything that is not served, or that AWS's own rules forbid, in what is known so far."""
        top = schema.inputs(self.token).props
        found = [(p, self._instead(p)) for p in props if self._refused(p, top)]
        refused = {path for path, _ in found}
        found += [(p, UNSERVED) for p in _paths(props, self.translation.unserved)]
        found += self._named_twice(props)
        checked = {k: v for k, v in wire.known(props).items() if k in top and k not in refused}
        walk = shapes.Walk(self.calls.service, self.translation.rename)
        shape = shapes.input_shape(self.calls.service, self.calls.create)
        try:
            request = walk.to_aws(shape, self.translation.encode(self._own(checked))) if shape else {}
            given = {k: v for k, v in props.items() if k in top}
            # What hangs on something unknown shows once all is known.
            found += [
                (p, why)
                for p, why in [*self._validated(checked, given), *limits.faults(self.token, given)]
                if not wire.unknowns(compare.at(props, p))
            ]
        except (KeyError, ValueError, TypeError, AttributeError, IndexError) as error:
            # A block that lacks what is not known yet cannot be built; it will be once all is known.
            return found if wire.unknowns(props) else [*found, *_unbuildable(error)]
        found += [(path, UNSERVED) for path in walk.misplaced]
        for path, reason in request_validation.faults(shape, request) if shape else ():
            origin = _origin(walk.trail, path)
            if not wire.unknowns(_made_of(given, origin)):
                found.append((origin, reason))
        return list(dict.fromkeys(found))

    def _named_twice(self, props: Props) -> list[tuple[str, str]]:
        """A name and what a name shall begin with: the official provider takes one of them."""
        name, prefix = self.naming.input, f"{self.naming.input}Prefix"
        both = name in props and prefix in self.input_schema.props and props.get(prefix) is not None
        return [(prefix, f"conflicts with {name!r}: give one of them")] if both and is_given(self.naming, props) else []

    def _validated(self, checked: Props, given: Props) -> list[tuple[str, str]]:
        """What the row refuses whatever the unknown turns out to be: of the inputs without it, with its marks, and with
        each value that a switch or an enum of AWS can have."""
        found = list(self.validate(checked))
        if not found or not wire.unknowns(given):
            return found
        for guess in [
            given,
            *({**checked, name: value} for name in given for value in self._values(name, given[name])),
        ]:
            try:
                told = list(self.validate(guess))
            except (KeyError, ValueError, TypeError, AttributeError, IndexError):
                continue
            found = [fault for fault in found if fault in told]
        return found

    def _values(self, name: str, value: Any) -> list[Any]:
        """What an input that is not known yet can turn out to be, where that is little: a switch, an enum, a block with
        an enum."""
        kind = self.input_schema.props.get(name)
        if kind is None or not wire.unknowns(value):
            return []
        if kind.kind == "bool":
            return [True, False]
        shape = shapes.input_shape(self.calls.service, self.calls.create)
        model = next((inner for n, inner in shape.members.items() if shapes.norm(n) == shapes.norm(name)), None)
        if model is None:
            return []
        if kind.kind == "object" and model.type_name == "structure":
            block = {} if wire.is_unknown(value) else wire.known(value)
            inner = {shapes.norm(n): one.metadata.get("enum", ()) for n, one in model.members.items()}
            names = [n for n in schema.obj(kind.of).props if n not in block]
            return [{**block, n: one} for n in names for one in inner.get(shapes.norm(n), ())]
        return list(model.metadata.get("enum", ()))

    def _refused(self, prop: str, top: Mapping[str, Any]) -> bool:
        return prop in top and not self.serves(prop)

    def _instead(self, prop: str) -> str:
        unserved = self.translation.unserved
        return unserved.get(prop, UNSERVED) if isinstance(unserved, Mapping) else UNSERVED

    @staticmethod
    def about(props: Props) -> Props:
        """The inputs that are about the resource itself: a row's functions see no others."""
        return {k: v for k, v in props.items() if k not in META_ARGUMENTS}

    @functools.cached_property
    def _by_own_calls(self) -> frozenset[str]:
        """Inputs that no creating call has: they are set after it."""
        return frozenset({*self.own_calls.put, *self.own_calls.put_many[0]})

    def _own(self, props: Props) -> Props:
        apart = self._by_own_calls | META_ARGUMENTS | ({"tags"} if self.tags.on_create != "field" else set())
        apart |= {f"{self.naming.input}Prefix"} if self.naming.input else set()
        return {k: v for k, v in props.items() if k not in apart and not k.startswith("__")}

    def request(self, call: str, props: Props, **fixed: Any) -> Props:
        """The request of a call from the inputs; raises ValueError on an input that has no place in it."""
        shape = shapes.input_shape(self.calls.service, call)
        encoded = self.translation.encode(self._own(props))
        request: Props = shapes.to_aws(self.calls.service, shape, encoded, self.translation.rename)
        if props.get("tags") and self.tags.on_create not in (None, "field") and "TagSpecifications" in shape.members:
            tags = [{"Key": k, "Value": wire.number_text(v)} for k, v in props["tags"].items()]
            request["TagSpecifications"] = [{"ResourceType": self.tags.on_create, "Tags": tags}]
        return request | fixed

    def with_default_tags(self, aws: Aws, props: Props) -> Props:
        """The inputs with the provider's default tags merged into `tags`."""
        if not (aws.default_tags and self.taggable):
            return props
        if wire.is_unknown(props.get("tags")):
            return props
        return props | {"tags": aws.default_tags | (props.get("tags") or {})}

    # -- what the provider's configuration adds, as the official provider has it: the engine draws a change from the
    #    inputs, so a change of the region or the default tags is seen where it reaches a resource

    def _default(self, aws: Aws, props: Props) -> Props:
        return self.with_default_tags(aws, props).get("tags") or {}

    def faults_of_new(self, news: Props) -> Faults:
        """What AWS would refuse of a resource that is not there yet."""
        return self.validate_new(news)

    def check(
        self, session: Aws, name: str, seed: bytes, news: Props, olds: Props
    ) -> tuple[Props, list[tuple[str, str]]]:
        """The inputs with region and all tags, and everything that is wrong."""
        news = {k: v for k, v in news.items() if k != "tagsAll"}
        checked, found = super().check(session, name, seed, news, olds)
        added: Props = {}
        if "region" in self.input_schema.props and checked.get("region") is None:
            added["region"] = session.region
        if self.taggable:
            added["tagsAll"] = self._default(session, checked)
        return checked | added, found

    def changes(self, session: Aws, old: Props, new: Props, state: Props) -> Iterable[compare.Change]:
        """Every changed leaf; the region against the one that the state has, and all tags."""
        yield from (c for c in super().changes(session, old, new, state) if c.row_path != "region")
        mine, wanted = state.get("region"), new.get("region") or session.region
        if mine is not None and mine != wanted:
            yield compare.Change("region", "region", "UPDATE")
        if self.taggable and "tagsAll" in state:
            tags = self._default(session, new)
            if wire.is_unknown(tags):
                yield compare.Change("tagsAll", "tagsAll", "UPDATE")
            else:
                yield from compare.differences(state["tagsAll"] or {}, tags, self.sameness, "tagsAll", "tagsAll")

    def forcing(self, new: Props) -> set[str]:
        """A region cannot change in place."""
        return super().forcing(new) | {"region"}

    def ignores(self, pattern: str, change: compare.Change) -> bool:
        """A tag is ignored under its own path too."""
        if change.row_path.split(".")[0] != "tagsAll":
            return super().ignores(pattern, change)
        return any(compare.covers(pattern, path) for path in (change.path, change.path.replace("tagsAll", "tags", 1)))

    def diff(self, session: Aws, old: Props, new: Props, state: Props, ignored: Sequence[str]) -> Difference:
        """What brings the old inputs to the new ones."""
        found = super().diff(session, old, new, state, ignored)
        found.configured, found.stable = META_ARGUMENTS, ("arn", "id")
        return found

    def expect_create(self, session: Aws, inputs: Props) -> Props:
        """The outputs of a creation that has not happened."""
        found = super().expect_create(session, inputs)
        if self.taggable:
            found["tagsAll"] = self._default(session, inputs)
        if "region" in self.output_schema:
            found["region"] = inputs.get("region") or session.region
        return found

    def expect_update(self, session: Aws, old: Props, new: Props, state: Props) -> Props:
        """The outputs of an update that has not happened."""
        found = super().expect_update(session, old, new, state)
        if "region" in state:
            found.setdefault("region", state["region"])
        if self.taggable:
            found["tagsAll"] = self._default(session, new)
        return found


def _paths(value: Any, unserved: Collection[str], path: str = "", row_path: str = "") -> Iterable[str]:
    """The nested paths of a value that a row does not serve."""
    if isinstance(value, dict):
        for name, inner in value.items():
            here, row_here = compare.key(path, name), compare.below(row_path, name)
            if row_path and row_here in unserved and inner is not None:
                yield here
            else:
                yield from _paths(inner, unserved, here, row_here)
    elif isinstance(value, list | tuple):
        for i, inner in enumerate(value):
            yield from _paths(inner, unserved, f"{path}[{i}]", row_path)


def _origin(trail: Mapping[str, str], path: str) -> str:
    """The input that a path of a request came from."""
    while path and path not in trail:
        path = path.rpartition(".")[0] if "." in path.rpartition("]")[2] or "[" not in path else path.rpartition("[")[0]
    return trail.get(path, "")


def _made_of(given: Props, path: str) -> Any:
    """The input that a path names, or the block or the whole that it was made of where it is no input itself."""
    while path:
        if (found := compare.at(given, path)) is not None:
            return found
        path = path.rpartition(".")[0]
    return given


def _unbuildable(error: Exception) -> list[tuple[str, str]]:
    path, _, reason = str(error).partition(": ")
    if isinstance(error, ValueError) and reason:
        return [(path, reason)]
    return [("", f"no request can be made of these inputs: {type(error).__name__}: {error}")]
