"""One row of the provider: a Pulumi type, the AWS calls that serve it, and what differs between the two.

A row is data. What it cannot say in data it says in small functions; their arguments are always in the order
`aws, resource id, value or live answer, inputs`.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import jmespath
from botocore.exceptions import ClientError

from localcloud.provider import schema, shapes

Props = dict[str, Any]
GONE = re.compile(r"NotFound|NoSuch|does not exist|Nonexist|NonExist|MISSING")
OF_THE_PROVIDER = frozenset({"region"})  # inputs that are not about the resource


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
    look: tuple[str, Props, str]
    """(call, arguments, JMESPath): describes one resource. `{id}` and `{input}` in the arguments are filled in."""
    drop: tuple[str, Props]
    """(call, arguments): deletes it."""
    change: tuple[Any, ...] = ()
    """(call, arguments) of an update, which sends the changed inputs; ("=make",) where the creating call updates too."""
    rename: Mapping[str, str | None] = field(default_factory=dict)
    """Input path -> member of the request; None: in no request. `a: "b.c"` puts it one level deeper."""
    replaces: frozenset[str] | set[str] = frozenset()
    """Input paths (top level or nested) that cannot change in place."""
    parts: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    """Input -> f(aws, id, value, props): set by a call of its own, after the creating call and when it changes."""
    removals: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    """Input -> f(aws, id, old value, props): what taking the input away does, where `defaults` cannot say it."""
    outputs: Mapping[str, Any] = field(default_factory=dict)
    """Output -> template, or f(aws, id, live, props)."""
    defaults: Mapping[str, Any] = field(default_factory=dict)
    """Input path -> what AWS has when it is left out. No difference between the two; sent when the input is taken away."""
    computed: frozenset[str] | set[str] = frozenset()
    """Input paths that AWS chooses when they are left out: leaving them out is never a difference."""
    unordered: frozenset[str] | set[str] = frozenset()
    """Input paths of lists whose order means nothing."""
    documents: frozenset[str] | set[str] = frozenset()
    """Input paths that hold JSON text: compared as documents, not as text."""
    unread: frozenset[str] | set[str] = frozenset()
    """Input paths that no answer of AWS holds (secret values, settings of the provider): kept as they were asked for."""
    unserved: frozenset[str] | set[str] = frozenset()
    """Input paths that are refused although the request has a member of their name."""
    also: frozenset[str] | set[str] = frozenset()
    """Inputs that are served although neither the request nor another field of the row names them."""
    refuses: Callable[[Props], Iterable[tuple[str, str]]] = field(default=lambda props: ())
    """f(inputs without unknowns) -> (path, reason) of what AWS would refuse beyond its request model; shown by Check."""
    tags: str | None = "field"
    """"field" of the request, "list" of objects, or the resource type of TagSpecifications; None: no tags on creation."""
    tagger: Callable[..., Any] | None = None
    """f(aws, id, removed keys, tags)."""
    autoname: str | None = None
    autoname_max: int = 63
    folds: frozenset[str] | set[str] = frozenset()
    """Inputs that `before` folds into one structure, which is sent whole when one of them changes."""
    before: Callable[[Props], Props] = field(default=lambda props: props)
    """The inputs just before a request is built."""
    after: Callable[[Props], Props] = field(default=lambda live: live)
    """The describing answer just before it is read: undoes `before`."""
    aside: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    """Member -> f(aws, id, live, props): what another call answers (tags, attributes), put into the describing answer."""
    imports: Callable[[str], tuple[str, Props]] = field(default=lambda text: (text, {}))
    """What a person gives to `pulumi import` -> the id and the inputs that `look` needs."""
    answers: str | None = None
    """JMESPath in the creating call's answer of what `look` would find: saves the describing call after a create."""

    def serves(self, prop: str) -> bool:
        """Whether this row serves an input of the top level."""
        members = {shapes.norm(m) for m in shapes.input_shape(self.service, self.make).members}
        known = OF_THE_PROVIDER | self.parts.keys() | self.rename.keys() | self.outputs.keys() | self.folds | self.also
        return prop in known or prop in {"tags", self.autoname} or shapes.norm(prop) in members

    def request(self, call: str, props: Props, **fixed: Any) -> Props:
        """The request of a call from the inputs; raises on an input that has no place in it."""
        shape = shapes.input_shape(self.service, call)
        apart = OF_THE_PROVIDER | self.parts.keys() | ({"tags"} if self.tags != "field" else set())
        own = {k: v for k, v in props.items() if k not in apart and not k.startswith("__")}
        request = shapes.to_aws(self.service, shape, self.before(own), self.rename)
        if props.get("tags") and "TagSpecifications" in shape.members:
            tags = [{"Key": k, "Value": v} for k, v in props["tags"].items()]
            request["TagSpecifications"] = [{"ResourceType": self.tags, "Tags": tags}]
        return request | fixed

    def create(self, aws: Any, props: Props) -> str:
        """Make the resource and its parts; return its id."""
        props = self.with_default_tags(aws, props)
        answer = aws(self.service, self.make, **self.request(self.make, props))
        resource_id = self.id.format(**props) if "{" in self.id else jmespath.search(self.id, answer)
        for name in sorted(self.parts.keys() & props.keys()):
            self.parts[name](aws, resource_id, props[name], props)
        return resource_id

    def update(self, aws: Any, resource_id: str, old: Props, new: Props) -> None:
        """Bring the resource from the old inputs to the new ones."""
        settable = schema.inputs(self.token).props
        changed = {k for k in (old.keys() | new.keys()) & settable.keys() if old.get(k) != new.get(k)}
        body = changed - self.parts.keys() - {"tags"}
        if body & self.folds:
            body |= self.folds
        old_tags, new = self.with_default_tags(aws, old).get("tags") or {}, self.with_default_tags(aws, new)
        if self.change == ("=make",) and (body or "tags" in changed):
            aws(self.service, self.make, **self.request(self.make, new))
        elif self.change and body:
            call, fixed = self.change
            sent = {k: new[k] for k in body if k in new}
            aws(self.service, call, **self.request(call, sent, **fill(fixed, resource_id, new)))
        for name in sorted(changed & self.parts.keys() & new.keys()):
            self.parts[name](aws, resource_id, new[name], new)
        if "tags" in changed and self.tagger:
            tags = new.get("tags") or {}
            self.tagger(aws, resource_id, sorted(old_tags.keys() - tags.keys()), tags)

    def state(self, aws: Any, resource_id: str, props: Props) -> Props | None:
        """What AWS answers over what was asked for; None when the resource is gone."""
        call, arguments, path = self.look
        try:
            live = jmespath.search(path, aws(self.service, call, **fill(arguments, resource_id, props)))
        except ClientError as error:
            if not GONE.search(str(error)):
                raise
            return None
        if live is None:
            return None
        live = dict(live) | {member: how(aws, resource_id, live, props) for member, how in self.aside.items()}
        live = self.after(live)
        outputs, ours = schema.outputs(self.token), {member: name for name, member in self.rename.items()}
        found = shapes.to_pulumi(outputs, {ours.get(k, k): v for k, v in live.items()})
        # A structure that was asked for is kept as asked: AWS answers it with its defaults filled in.
        state = props | {k: v for k, v in found.items() if k not in props or k == "tags" or not isinstance(v, dict | list)}
        state |= {"id": resource_id, "region": props.get("region") or aws.region}
        texts = {k: v for k, v in state.items() if isinstance(v, str)} | {"account": aws.account}
        for name, how in self.outputs.items():
            state[name] = how(aws, resource_id, live, props) if callable(how) else how.format(**texts)
        if "tagsAll" in outputs:
            state["tagsAll"] = found.get("tags") or self.with_default_tags(aws, props).get("tags") or {}
            mine = props.get("tags") or {}
            tags = {k: v for k, v in state["tagsAll"].items() if k in mine or aws.default_tags.get(k) != v}
            state["tags"] = tags or props.get("tags")
        return {k: v for k, v in state.items() if k in outputs or k in props or k == "id"}

    def delete(self, aws: Any, resource_id: str, props: Props) -> None:
        """Delete the resource; what is gone already is no error."""
        call, arguments = self.drop
        try:
            aws(self.service, call, **fill(arguments, resource_id, props))
        except ClientError as error:
            if not GONE.search(str(error)):
                raise

    def with_default_tags(self, aws: Any, props: Props) -> Props:
        """The inputs with the provider's default tags merged into `tags`."""
        taggable = aws.default_tags and "tagsAll" in schema.outputs(self.token)
        return props | {"tags": aws.default_tags | (props.get("tags") or {})} if taggable else props


def fill(arguments: Any, resource_id: str, props: Props) -> Any:
    """The {names} in the arguments of a call, filled from the resource."""
    if isinstance(arguments, dict):
        return {k: fill(v, resource_id, props) for k, v in arguments.items()}
    if isinstance(arguments, list):
        return [fill(v, resource_id, props) for v in arguments]
    return arguments.format(**{**props, "id": resource_id}) if isinstance(arguments, str) else arguments


def answered(path: str) -> Callable[..., Any]:
    """An output under a name of its own in the describing answer."""
    return lambda aws, resource_id, live, props: jmespath.search(path, live)


def ask(service: str, call: str, path: str, **arguments: Any) -> Callable[..., Any]:
    """An output that another call answers."""
    return lambda aws, resource_id, live, props: jmespath.search(
        path, aws(service, call, **fill(arguments, resource_id, props))
    )


def nothing(aws: Any, resource_id: str, value: Any, props: Props) -> None:
    """The part of an input that governs how the official provider works, not what AWS holds."""
