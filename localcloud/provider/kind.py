"""One row of the provider: a Pulumi type, the AWS calls that serve it, and what differs between the two.

A row is data. What it cannot say in data it says in small functions; their arguments are always in the order
`aws, resource id, value or live answer, inputs`.
"""

import functools
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import jmespath
from botocore.exceptions import ClientError

from localcloud.provider import compare, schema, shapes, strict, wire
from localcloud.provider.client import Aws, Refused, sentence

Props = dict[str, Any]
Part = Callable[[Aws, str, Any, Props], Any]
GONE = re.compile(r"NotFound|NoSuch|does not exist|Nonexist|NonExist|MISSING|not found|\(404\)")
OF_THE_PROVIDER = frozenset({"region"})  # inputs that are not about the resource
SAME_CALL = "=make"
UNSERVED = "the offline provider does not serve this property; see docs/guides/adding-a-resource-type.md"


class Orphaned(Refused):
    """A creation failed halfway, and what it had made could not be deleted again."""

    def __init__(self, message: str, resource_id: str, props: Props) -> None:
        super().__init__(message)
        self.resource_id, self.props = resource_id, props


@dataclass(frozen=True)
class Kind:
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
    """(call, arguments) of an update, which sends the changed inputs; ("=make",) where the creating call updates too."""
    rename: Mapping[str, str | None] = field(default_factory=dict)
    """Input path -> member of the request; None: in no request. `a: "b.c"` puts it one level deeper; `a: "."` puts the
    members of a block beside it. Read backwards for answers."""
    replaces: Collection[str] = frozenset()
    """Input paths (top level or nested) that cannot change in place."""
    parts: Mapping[str, Part] = field(default_factory=dict)
    """Input -> f(aws, id, value, props): set by a call of its own, after the creating call and when it changes."""
    alters: Mapping[str, Part] = field(default_factory=dict)
    """Input of the creating call -> f(aws, id, value, props): changes it later by a call of its own."""
    together: tuple[Collection[str], Part] = ((), lambda aws, resource_id, values, props: None)
    """(inputs, f(aws, id, {input: value}, props)): set by one call after the creating one, and again those that change."""
    strays: Callable[..., Props] = field(default=lambda aws, resource_id, live, props: {})
    """f(aws, id, live, props) -> {input: value}: reads many inputs back with one call. Asked by refresh and import only."""
    removals: Mapping[str, Part] = field(default_factory=dict)
    """Input -> f(aws, id, old value, props): what taking the input away does, where `defaults` cannot say it."""
    outputs: Mapping[str, str | Callable[..., Any]] = field(default_factory=dict)
    """Output -> template, or f(aws, id, live, props). Asked for after each create: no calls that can be spared."""
    drifts: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    """Input -> f(aws, id, live, props): how to read it back with a call of its own. Asked by refresh and import only;
    `tags` may be here."""
    defaults: Mapping[str, Any] = field(default_factory=dict)
    """Input path -> what AWS has when it is left out. No difference between the two; sent when the input is taken away."""
    computed: Collection[str] = frozenset()
    """Input paths that AWS chooses when they are left out: leaving them out is never a difference."""
    unordered: Collection[str] = frozenset()
    """Input paths of lists whose order means nothing."""
    documents: Collection[str] = frozenset()
    """Input paths that hold JSON text; kept for the reader, since any two JSON texts are compared as documents."""
    forms: Mapping[str, Callable[[str], Any]] = field(default_factory=dict)
    """Input path of a text -> f(text): what two texts that mean the same have in common, where JSON equality is not enough."""
    unread: Collection[str] = frozenset()
    """Input paths that no answer of AWS holds (secret values, settings of the provider): kept as they were asked for."""
    unserved: Collection[str] = frozenset()
    """Input paths that are refused although the request has a member of their name."""
    also: Collection[str] = frozenset()
    """Inputs that are served although neither the request nor another field of the row names them."""
    varies: Collection[str] = frozenset()
    """Outputs that an update changes: not known in a preview of one."""
    refuses: Callable[[Props], Iterable[tuple[str, str]]] = field(default=lambda props: ())
    """f(inputs without unknowns) -> (path, reason) of what AWS would refuse beyond its request model; shown by Check."""
    tags: str | None = "field"
    """"field" of the request, "list" of objects, or the resource type of TagSpecifications; None: not in the request."""
    tagger: Callable[..., Any] | None = None
    """f(aws, id, removed keys, tags): called when tags change, and after creation when `tags` is None."""
    autoname: str | None = None
    """The input that names the resource, filled in when the program leaves it out."""
    autoname_max: int = 63
    autoname_head: str = ""
    """What a name of this kind begins with, such as `alias/`."""
    autoname_tail: str = ""
    """What a name of this kind ends in, such as `.fifo`."""
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
        fields = {*self.parts, *self.removals, *self.alters, *self.together[0], *self.folds, *self.also, *self.rename, *blocks}
        return frozenset({*OF_THE_PROVIDER, *fields, self.autoname or "", *prefix, *own})

    def serves(self, prop: str) -> bool:
        """Whether this row serves an input of the top level."""
        return prop not in self.unserved and (prop in self._named or shapes.norm(prop) in self._members)

    # -- what Check asks

    def faults(self, props: Props) -> list[tuple[str, str]]:
        """(path, reason) of everything that is not served, or that AWS's own rules forbid, in what is known so far."""
        top = schema.inputs(self.token).props
        found = [(p, UNSERVED) for p in props if self._refused(p, top)]
        refused = {path for path, _ in found}
        found += [(p, UNSERVED) for p in _paths(props, self.unserved)]
        checked = {k: v for k, v in wire.known(props).items() if k in top and k not in refused}
        walk, shape = shapes.Walk(self.service, self.rename), shapes.input_shape(self.service, self.make)
        try:
            request = walk.to_aws(shape, self.before(self._own(checked))) if shape else {}
            # What hangs on something unknown shows once all is known.
            found += [(p, why) for p, why in self.refuses(checked) if not wire.unknowns(compare.at(props, p))]
        except (KeyError, ValueError, TypeError, AttributeError, IndexError) as error:
            # A block that lacks what is not known yet cannot be built; it will be once all is known.
            return found if wire.unknowns(props) else [*found, *_unbuildable(error)]
        found += [(path, UNSERVED) for path in walk.misplaced]
        for path, reason in strict.faults(shape, request) if shape else ():
            found.append((_origin(walk.trail, path), reason))
        return list(dict.fromkeys(found))

    def _refused(self, prop: str, top: Mapping[str, Any]) -> bool:
        return prop in top and not self.serves(prop)

    def _own(self, props: Props) -> Props:
        apart = OF_THE_PROVIDER | self.parts.keys() | set(self.together[0]) | ({"tags"} if self.tags != "field" else set())
        apart |= {f"{self.autoname}Prefix"} if self.autoname else set()
        return {k: v for k, v in props.items() if k not in apart and not k.startswith("__")}

    # -- create, update, delete

    def request(self, call: str, props: Props, **fixed: Any) -> Props:
        """The request of a call from the inputs; raises ValueError on an input that has no place in it."""
        shape = shapes.input_shape(self.service, call)
        request: Props = shapes.to_aws(self.service, shape, self.before(self._own(props)), self.rename)
        if props.get("tags") and self.tags not in (None, "field") and "TagSpecifications" in shape.members:
            tags = [{"Key": k, "Value": wire.number_text(v)} for k, v in props["tags"].items()]
            request["TagSpecifications"] = [{"ResourceType": self.tags, "Tags": tags}]
        return request | fixed

    def made(self, aws: Aws, props: Props) -> tuple[str, Props]:
        """Make the resource; return its id and state. Nothing is left behind when a part or the describing fails."""
        resource_id = self.create(aws, props)
        try:
            state = self.state(aws, resource_id, props)
            if state is None:
                raise Refused(f"{self.token} {resource_id} is not there after the call that made it")
        except Exception as error:
            self._clean_up(aws, resource_id, props, error)
            raise
        return str(state["id"]), state

    def create(self, aws: Aws, props: Props) -> str:
        """Make the resource and its parts; return its id."""
        tagged = self.with_default_tags(aws, props)
        if self.creates:
            resource_id = self.creates(aws, tagged)
        else:
            answer = aws(self.service, self.make, **self.request(self.make, tagged))
            resource_id = self.id.format(**tagged) if "{" in self.id else jmespath.search(self.id, answer)
            if self.answers and not self._later(tagged):
                aws.at_hand[resource_id] = jmespath.search(self.answers, answer)
        try:
            for name in sorted(self.parts.keys() & tagged.keys()):
                if tagged[name] is not None:
                    self.parts[name](aws, resource_id, tagged[name], tagged)
            self._set_together(aws, resource_id, tagged.keys(), tagged)
            if self.tags is None and self.tagger and tagged.get("tags"):
                self.tagger(aws, resource_id, [], tagged["tags"])
        except Exception as error:
            self._clean_up(aws, resource_id, props, error)
            raise
        return resource_id

    def _later(self, props: Props) -> set[str]:
        """Inputs that are set after the creating call, and change what it answered."""
        return set(self.parts.keys() & props.keys())

    def _set_together(self, aws: Aws, resource_id: str, names: Collection[str], props: Props) -> None:
        inputs, put = self.together
        values = {name: props[name] for name in inputs if name in names and props.get(name) is not None}
        if values:
            put(aws, resource_id, values, props)

    def _clean_up(self, aws: Aws, resource_id: str, props: Props, cause: Exception) -> None:
        try:
            self.delete(aws, resource_id, props)
        except Exception as error:
            why = f"{sentence(cause)}; what was made could not be deleted again: {sentence(error)}"
            raise Orphaned(why, resource_id, props) from cause

    def update(self, aws: Aws, resource_id: str, old: Props, new: Props) -> None:
        """Bring the resource from the old inputs to the new ones, but for its tags."""
        changed = self.changed(old, new)
        removed = {k for k in changed if new.get(k) is None}
        full = self._with_defaults(old, new, removed)
        tagged = self.with_default_tags(aws, full)
        if self.updates:
            self.updates(aws, resource_id, old, tagged)
        else:
            self._send(aws, resource_id, changed, removed, tagged)
        for name in sorted(changed & self.parts.keys()):
            if full.get(name) is not None:
                self.parts[name](aws, resource_id, full[name], tagged)
        for name in sorted(changed & self.alters.keys()):
            if full.get(name) is not None:
                self.alters[name](aws, resource_id, full[name], tagged)
        self._set_together(aws, resource_id, changed, tagged)
        for name in sorted(removed & self.removals.keys()):
            self.removals[name](aws, resource_id, old[name], tagged)

    def retag(self, aws: Aws, resource_id: str, old_tags: Mapping[str, str], new: Props) -> None:
        """Bring the tags that AWS has to those of the new inputs with the default tags."""
        if self.tagger and self.taggable:
            tags = self.with_default_tags(aws, new).get("tags") or {}
            if tags != old_tags:
                self.tagger(aws, resource_id, sorted(old_tags.keys() - tags.keys()), tags)

    def changed(self, old: Props, new: Props) -> set[str]:
        """The inputs of the top level that differ."""
        settable = schema.inputs(self.token).props
        return {
            k
            for k in (old.keys() | new.keys()) & settable.keys()
            if any(compare.differences({k: old.get(k)}, {k: new.get(k)}, self.sameness))
        }

    def _with_defaults(self, old: Props, new: Props, removed: set[str]) -> Props:
        """The new inputs, with AWS's own value wherever one was taken away."""
        full = new | {k: self.defaults[k] for k in removed if k in self.defaults}
        nested = {path: value for path, value in self.defaults.items() if "." in path}
        for path, value in nested.items():
            full = _fill_in(full, old, path.split("."), value)
        stuck = removed - self.defaults.keys() - self.removals.keys() - self.folds - {"tags"}
        stuck = {k for k in stuck if self.rename.get(k, k) is not None and k not in self.also}
        if stuck and self.change != (SAME_CALL,) and not self.updates:
            names = ", ".join(sorted(stuck))
            raise Refused(f"{names}: AWS keeps what it has when this is left out; set the value that it shall have")
        return full

    def _send(self, aws: Aws, resource_id: str, changed: set[str], removed: set[str], props: Props) -> None:
        apart = self.parts.keys() | self.alters.keys() | set(self.together[0]) | {"tags"} | OF_THE_PROVIDER
        body = changed - apart - (removed & self.removals.keys())
        body = {k for k in body if self.rename.get(k, k) is not None}
        if body & set(self.folds):
            body |= set(self.folds)
        if self.change == (SAME_CALL,):
            if body or ("tags" in changed and self.tags == "field" and not self.tagger):
                aws(self.service, self.make, **self.request(self.make, props))
        elif self.change and body:
            call, fixed = self.change
            sent = {k: props[k] for k in body if props.get(k) is not None}
            aws(self.service, call, **self.request(call, sent, **fill(fixed, resource_id, props)))
        elif body - removed:
            names = ", ".join(sorted(body))
            raise Refused(f"{names}: the offline provider has no call that changes this")

    def delete(self, aws: Aws, resource_id: str, props: Props) -> None:
        """Delete the resource; what is gone already is no error."""
        try:
            if callable(self.drop):
                self.drop(aws, resource_id, props)
            else:
                call, arguments = self.drop
                aws(self.service, call, **fill(arguments, resource_id, props))
        except ClientError as error:
            if not is_gone(error):
                raise

    # -- state

    def live(self, aws: Aws, resource_id: str, props: Props) -> Props | None:
        """What AWS says about the resource; None when it is gone."""
        try:
            if callable(self.look):
                found: Props | None = self.look(aws, resource_id, props)
                return found
            call, arguments, path = self.look
            found = jmespath.search(path, aws(self.service, call, **fill(arguments, resource_id, props)))
        except ClientError as error:
            if not is_gone(error):
                raise
            return None
        return found

    def state(self, aws: Aws, resource_id: str, props: Props) -> Props | None:
        """The outputs: what AWS answers, in the words of what was asked for; None when the resource is gone."""
        live = aws.at_hand.pop(resource_id, None) or self.live(aws, resource_id, props)
        if live is None:
            return None
        outputs = schema.outputs(self.token)
        asides = {m: how for m, how in self.aside.items() if aws.thorough or shapes.norm(m) != "tag"}
        live = dict(live) | {member: how(aws, resource_id, live, props) for member, how in asides.items()}
        live = self.after(live)
        found = shapes.to_pulumi(outputs, live, self.rename)
        found |= {"id": resource_id} | ({"region": props.get("region") or aws.region} if "region" in outputs else {})
        texts = {k: v for k, v in {**self.defaults, **props, **found}.items() if isinstance(v, str | int)}
        texts |= {"account": aws.account, "region": props.get("region") or aws.region}
        for name, how in self.outputs.items():
            found[name] = how(aws, resource_id, live, props) if callable(how) else how.format(**texts)
        if aws.thorough:
            found |= {name: how(aws, resource_id, live, props) for name, how in self.drifts.items()}
            found |= self.strays(aws, resource_id, live, props)
        names = [name for name in dict.fromkeys([*outputs, *props]) if name in outputs]
        state = {name: self._output(name, props, found, thorough=aws.thorough) for name in names}
        if self.taggable:
            state |= self._tags(aws, props, found.get("tags"))
        return state | {"id": found["id"]}

    @functools.cached_property
    def shown_defaults(self) -> Props:
        """`defaults` as outputs: an object that AWS keeps in a list is not there when the list is empty."""
        outputs = schema.outputs(self.token)
        return {
            name: default
            for name, default in self.defaults.items()
            if default != [] or name not in outputs or outputs[name].kind != "object"
        }

    def _output(self, name: str, props: Props, found: Props, *, thorough: bool) -> Any:
        if not thorough and (name in self.drifts or name in self.together[0]):
            return props.get(name, self.shown_defaults.get(name))
        value = compare.reconcile(props.get(name), found.get(name), self.sameness, name, complete=True)
        return self.shown_defaults.get(name) if value is None else value

    def _tags(self, aws: Aws, props: Props, live: Mapping[str, str] | None) -> Props:
        mine = {k: wire.number_text(v) for k, v in (props.get("tags") or {}).items() if v is not None}
        everything = dict(aws.default_tags) | mine if live is None else dict(live)
        everything = {k: v for k, v in everything.items() if not k.startswith("aws:")}
        tags = {k: v for k, v in everything.items() if k in mine or aws.default_tags.get(k) != v}
        return {"tagsAll": everything, "tags": tags or None}

    def refreshed(self, inputs: Props, state: Props) -> Props:
        """The inputs of a refresh: as they were asked for where AWS agrees, else what AWS has."""
        found = {k: v for k, v in inputs.items() if k.startswith("__")}
        for name, asked in inputs.items():
            if name not in found:
                value = compare.reconcile(asked, state.get(name), self.sameness, name, complete=False)
                found[name] = None if name == "tags" and state.get(name) is None else value
        strayed = {
            k: state[k]
            for k, default in self.defaults.items()
            if k not in inputs and state.get(k) is not None and not compare.same(default, state[k], self.sameness, k)
        }
        if self.taggable and not inputs.get("tags") and state.get("tags"):
            strayed["tags"] = state["tags"]
        return {k: v for k, v in (found | strayed).items() if v is not None}

    def imported(self, state: Props) -> Props:
        """The inputs of an import: everything that AWS has and the program could have said."""
        props = schema.inputs(self.token).props
        return {
            name: value
            for name, t in props.items()
            if name not in OF_THE_PROVIDER and self.serves(name) and name not in self.unread
            for value in [_as_input(t, state.get(name))]
            if value not in (None, [], {}, "")
        }

    def with_default_tags(self, aws: Aws, props: Props) -> Props:
        """The inputs with the provider's default tags merged into `tags`."""
        if not (aws.default_tags and self.taggable):
            return props
        return props | {"tags": aws.default_tags | (props.get("tags") or {})}


def is_gone(error: ClientError) -> bool:
    """Whether AWS says that there is no such resource."""
    return GONE.search(str(error)) is not None


def fill(arguments: Any, resource_id: str, props: Props) -> Any:
    """The {names} in the arguments of a call, filled from the resource."""
    if isinstance(arguments, dict):
        return {k: fill(v, resource_id, props) for k, v in arguments.items()}
    if isinstance(arguments, list):
        return [fill(v, resource_id, props) for v in arguments]
    return arguments.format(**{**props, "id": resource_id}) if isinstance(arguments, str) else arguments


def answered(path: str) -> Callable[..., Any]:
    """An output under a name of its own in the describing answer."""
    compiled = jmespath.compile(path)
    return lambda aws, resource_id, live, props: compiled.search(live)


def ask(service: str, call: str, path: str, **arguments: Any) -> Callable[..., Any]:
    """An output that another call answers."""
    compiled = jmespath.compile(path)
    return lambda aws, resource_id, live, props: compiled.search(
        aws(service, call, **fill(arguments, resource_id, props))
    )


def nothing(aws: Aws, resource_id: str, value: Any, props: Props) -> None:
    """The part of an input that governs how the official provider works, not what AWS holds."""


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


def _fill_in(new: Props, old: Props, steps: list[str], value: Any) -> Props:
    """The new inputs with a nested default where the old ones had a value that was taken away."""
    head, *rest = steps
    mine, former = new.get(head), old.get(head)
    if not rest:
        return new | {head: value} if mine is None and former is not None else new
    if isinstance(mine, dict) and isinstance(former, dict):
        return new | {head: _fill_in(mine, former, rest, value)}
    return new


def _as_input(t: schema.Type, value: Any) -> Any:
    """An output without what the input does not know."""
    if t.kind == "object" and isinstance(value, dict):
        props = schema.obj(t.of).props
        kept = {k: _as_input(inner, value.get(k)) for k, inner in props.items() if value.get(k) is not None}
        return {k: v for k, v in kept.items() if v not in ("", [])}
    if t.kind == "list" and isinstance(value, list | tuple):
        return [_as_input(t.of, v) for v in value]
    return value
