"""One row of the provider as data: a Pulumi type, the AWS calls that serve it, and what differs between the two.

What a row cannot say in data it says in small functions; their arguments are always in the order
`aws, resource id, value or live answer, inputs`.
"""

import functools
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from localcloud.aws import limits, shapes, strict
from localcloud.aws.client import Aws
from localcloud.provider import compare, schema, wire

Props = dict[str, Any]
Part = Callable[[Aws, str, Any, Props], Any]
OF_THE_PROVIDER = frozenset({"region", "tagsAll"})  # inputs that are not about the resource alone
UNSERVED = "the offline provider does not serve this property; see docs/guides/adding-a-resource-type.md"


@dataclass(frozen=True)
class Row:
    """A served type.

    Paths of inputs are written without list indexes: `defaultActions.forward.targetGroups.arn`.
    """

    token: str
    service: str
    """Name of the boto3 client."""
    make: str
    """The call that creates; its request shape says which inputs are served."""
    id: str
    """Where its answer holds the id (a JMESPath), or a template over the inputs: `{name}`."""
    look: Any
    """(call, arguments, JMESPath): describes one resource. `{id}` and `{input}` in the arguments are filled in.
    Or f(aws, id, props) -> the live answer, None when there is none."""
    drop: Any
    """(call, arguments): deletes it. Or f(aws, id, props)."""
    change: tuple[Any, ...] = ()
    """(call, arguments) of an update, which sends the changed inputs; ("=make",): the creating call updates too."""
    rename: Mapping[str, str | None] = field(default_factory=dict)
    """Input path -> member of the request; None: in no request. `a: "b.c"` puts it one level deeper; `a: "."` puts the
    members of a block beside it. Read backwards for answers."""
    replaces: Collection[str] = frozenset()
    """Input paths (top level or nested) that cannot change in place."""
    replaces_also: Callable[[Props], Collection[str]] = field(default=lambda props: ())
    """f(new inputs) -> further inputs that force a replacement, where another input decides it."""
    parts: Mapping[str, Part] = field(default_factory=dict)
    """Input -> f(aws, id, value, props): set by a call of its own, after the creating call and when it changes."""
    alters: Mapping[str, Part] = field(default_factory=dict)
    """Input of the creating call -> f(aws, id, value, props): changes it later by a call of its own."""
    together: tuple[Collection[str], Part] = ((), lambda aws, resource_id, values, props: None)
    """(inputs, f(aws, id, {input: value}, props)): set by one call after the creating one; later those that change."""
    strays: Callable[..., Props] = field(default=lambda aws, resource_id, live, props: {})
    """f(aws, id, live, props) -> {input: value}: reads many inputs back with one call. Asked by refresh and import
    only."""
    removals: Mapping[str, Part] = field(default_factory=dict)
    """Input -> f(aws, id, old value, props): what taking the input away does, where `defaults` cannot say it."""
    outputs: Mapping[str, str | Callable[..., Any]] = field(default_factory=dict)
    """Output -> template, or f(aws, id, live, props). Asked for after each create: no calls that can be spared."""
    drifts: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    """Input -> f(aws, id, live, props): how to read it back with a call of its own. Asked by refresh and import only;
    `tags` may be here."""
    defaults: Mapping[str, Any] = field(default_factory=dict)
    """Input path -> what AWS has when it is left out: no difference, and sent when the input is taken away."""
    computed: Collection[str] = frozenset()
    """Input paths that AWS chooses when they are left out: leaving them out is never a difference."""
    unordered: Collection[str] = frozenset()
    """Input paths of lists whose order means nothing."""
    documents: Collection[str] = frozenset()
    """Input paths that hold JSON text; kept for the reader, since any two JSON texts are compared as documents."""
    forms: Mapping[str, Callable[[str], Any]] = field(default_factory=dict)
    """Input path of a text -> f(text): what two texts that mean the same have in common, where JSON equality is not
    enough."""
    unread: Collection[str] = frozenset()
    """Input paths that no answer of AWS holds (secret values, settings of the provider): kept as asked for."""
    unserved: Collection[str] | Mapping[str, str] = frozenset()
    """Input paths that are refused although the request has a member of their name; as a mapping: path -> what to do
    instead."""
    also: Collection[str] = frozenset()
    """Inputs that are served although neither the request nor another field of the row names them."""
    kept: Collection[str] = frozenset()
    """Outputs that AWS tells once, when it makes the resource: later ones keep what the state has."""
    varies: Collection[str] = frozenset()
    """Outputs that an update changes: not known in a preview of one."""
    refuses: Callable[[Props], Iterable[tuple[str, str]]] = field(default=lambda props: ())
    """f(inputs without unknowns) -> (path, reason) of what AWS would refuse beyond its request model."""
    refuses_new: Callable[[Props], Iterable[tuple[str, str]]] = field(default=lambda props: ())
    """f(inputs, unknowns as such) -> (path, reason) of what AWS would refuse of a resource that is not there yet."""
    tags: str | None = "field"
    """"field" of the request, "list" of objects, or the resource type of TagSpecifications; None: in no request."""
    tagger: Callable[..., Any] | None = None
    """f(aws, id, removed keys, tags): called when tags change, and after creation when `tags` is None."""
    autoname: str | None = None
    """The input that names the resource, filled in when the program leaves it out."""
    autoname_max: int = 255
    """The longest made-up name before `autoname_tail`: the official provider's, or AWS's where that is lower."""
    autoname_random: bool = True
    """Whether random characters follow the resource's name; an object's key is the name itself."""
    autoname_lower: bool = False
    """Whether the resource's name is taken in lower case, as a bucket's is."""
    autoname_head: str = ""
    """What a name of this kind begins with, such as `alias/`."""
    autoname_tail: Callable[[Props], str] = field(default=lambda props: "")
    """f(inputs) -> what a name ends in, such as `.fifo` for a queue that is one."""
    alone: bool = False
    """A second one with the same inputs cannot stand beside the first: a replacement deletes before it creates."""
    folds: Collection[str] = frozenset()
    """Inputs that are sent together when one of them changes (`before` makes one structure of them)."""
    before: Callable[[Props], Props] = field(default=lambda props: props)
    """The inputs just before a request is built."""
    after: Callable[[Props], Props] = field(default=lambda live: live)
    """The describing answer just before it is read: undoes `before`."""
    answers: str | None = None
    """JMESPath in the creating call's answer of what `look` would find: saves the describing call after a create."""
    in_time: Callable[[Aws, Callable[[], Props]], Props] = field(default=lambda aws, call: call())
    """f(aws, the creating call) -> its answer: repeats a call whose refusal may end with what is made beside it."""
    creates: Callable[[Aws, Props], str] | None = None
    """f(aws, props) -> id, in place of one call of `make`, whose request shape still says what is served."""
    updates: Callable[[Aws, str, Props, Props], None] | None = None
    """f(aws, id, old, new), in place of `change`."""
    aside: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    """Member -> f(aws, id, live, props): what another call answers (tags, attributes), put into the describing answer.
    `tags` are asked for by refresh and import only."""
    imports: Callable[[str], tuple[str, Props]] = field(default=lambda text: (text, {}))
    """What a person gives to `pulumi import` -> the id and the inputs that `look` needs: `rtb-1_10.0.0.0/8`."""

    @functools.cached_property
    def sameness(self) -> compare.Sameness:
        """When two values of this type count as the same."""
        return compare.Sameness(
            self.defaults, frozenset(self.computed), frozenset(self.unordered), frozenset(self.unread), self.forms
        )

    @functools.cached_property
    def taggable(self) -> bool:
        """Whether the provider's default tags apply."""
        return "tagsAll" in schema.outputs(self.token)

    @functools.cached_property
    def _members(self) -> frozenset[str]:
        shape = shapes.input_shape(self.service, self.make)
        return frozenset(shapes.norm(m) for m in shape.members) if shape else frozenset()

    @functools.cached_property
    def _named(self) -> frozenset[str]:
        blocks = {path.split(".")[0] for path in self.rename}
        prefix = {f"{self.autoname}Prefix"} if self.autoname else set()
        own = {"tags"} if self.taggable or self.tags == "list" else set()
        fields = {
            *self.parts,
            *self.removals,
            *self.alters,
            *self.together[0],
            *self.folds,
            *self.also,
            *self.rename,
            *blocks,
        }
        return frozenset({*OF_THE_PROVIDER, *fields, self.autoname or "", *prefix, *own})

    def serves(self, prop: str) -> bool:
        """Whether this row serves an input of the top level."""
        return prop not in self.unserved and (prop in self._named or shapes.norm(prop) in self._members)

    def faults(self, props: Props) -> list[tuple[str, str]]:
        """(path, reason) of everything that is not served, or that AWS's own rules forbid, in what is known so far."""
        top = schema.inputs(self.token).props
        found = [(p, self._instead(p)) for p in props if self._refused(p, top)]
        refused = {path for path, _ in found}
        found += [(p, UNSERVED) for p in _paths(props, self.unserved)]
        checked = {k: v for k, v in wire.known(props).items() if k in top and k not in refused}
        walk, shape = shapes.Walk(self.service, self.rename), shapes.input_shape(self.service, self.make)
        try:
            request = walk.to_aws(shape, self.before(self._own(checked))) if shape else {}
            # What hangs on something unknown shows once all is known.
            found += [(p, why) for p, why in self.refuses(checked) if not wire.unknowns(compare.at(props, p))]
            given = {k: v for k, v in props.items() if k in top}
            found += [
                (p, why) for p, why in limits.faults(self.token, given) if not wire.unknowns(compare.at(props, p))
            ]
        except (KeyError, ValueError, TypeError, AttributeError, IndexError) as error:
            # A block that lacks what is not known yet cannot be built; it will be once all is known.
            return found if wire.unknowns(props) else [*found, *_unbuildable(error)]
        found += [(path, UNSERVED) for path in walk.misplaced]
        for path, reason in strict.faults(shape, request) if shape else ():
            found.append((_origin(walk.trail, path), reason))
        return list(dict.fromkeys(found))

    def _refused(self, prop: str, top: Mapping[str, Any]) -> bool:
        return prop in top and not self.serves(prop)

    def _instead(self, prop: str) -> str:
        return self.unserved.get(prop, UNSERVED) if isinstance(self.unserved, Mapping) else UNSERVED

    @staticmethod
    def about(props: Props) -> Props:
        """The inputs that are about the resource itself: a row's functions see no others."""
        return {k: v for k, v in props.items() if k not in OF_THE_PROVIDER}

    def _own(self, props: Props) -> Props:
        apart = (
            OF_THE_PROVIDER | self.parts.keys() | set(self.together[0]) | ({"tags"} if self.tags != "field" else set())
        )
        apart |= {f"{self.autoname}Prefix"} if self.autoname else set()
        return {k: v for k, v in props.items() if k not in apart and not k.startswith("__")}

    def request(self, call: str, props: Props, **fixed: Any) -> Props:
        """The request of a call from the inputs; raises ValueError on an input that has no place in it."""
        shape = shapes.input_shape(self.service, call)
        request: Props = shapes.to_aws(self.service, shape, self.before(self._own(props)), self.rename)
        if props.get("tags") and self.tags not in (None, "field") and "TagSpecifications" in shape.members:
            tags = [{"Key": k, "Value": wire.number_text(v)} for k, v in props["tags"].items()]
            request["TagSpecifications"] = [{"ResourceType": self.tags, "Tags": tags}]
        return request | fixed

    def with_default_tags(self, aws: Aws, props: Props) -> Props:
        """The inputs with the provider's default tags merged into `tags`."""
        if not (aws.default_tags and self.taggable):
            return props
        if wire.is_unknown(props.get("tags")):
            return props
        return props | {"tags": aws.default_tags | (props.get("tags") or {})}


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


def _unbuildable(error: Exception) -> list[tuple[str, str]]:
    path, _, reason = str(error).partition(": ")
    if isinstance(error, ValueError) and reason:
        return [(path, reason)]
    return [("", f"no request can be made of these inputs: {type(error).__name__}: {error}")]
