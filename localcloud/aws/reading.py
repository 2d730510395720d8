"""What AWS has, in the words of Pulumi: the state after a creation, of a refresh and of an import."""

import functools
import re
from collections.abc import Mapping
from typing import Any

import jmespath
from botocore.exceptions import ClientError

from localcloud.aws import shapes
from localcloud.aws.client import Aws
from localcloud.aws.row import META_ARGUMENTS, Row
from localcloud.provider import coercion, compare, schema, wire
from localcloud.provider.resource import Props

GONE = re.compile(r"NotFound|NoSuch|does not exist|DoesNotExist|Nonexist|NonExist|MISSING|not found|\(404\)")


class Reading(Row):
    """A row that reads what is there."""

    def live(self, aws: Aws, resource_id: str, props: Props) -> Props | None:
        """What AWS says about the resource; None when it is gone."""
        try:
            if callable(self.calls.read):
                return self.calls.read(aws, resource_id, props)
            call, arguments, path = self.calls.read
            found: Props | None = jmespath.search(
                path, aws(self.calls.service, call, **fill(arguments, resource_id, props))
            )
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
        asides = {m: how for m, how in self.own_calls.join.items() if aws.thorough or shapes.norm(m) != "tag"}
        live = dict(live) | {member: how(aws, resource_id, live, props) for member, how in asides.items()}
        live = self.translation.decode(live)
        found = shapes.to_pulumi(outputs, live, self.translation.rename)
        found |= {"id": resource_id} | ({"region": props.get("region") or aws.region} if "region" in outputs else {})
        texts = {k: v for k, v in {**self.properties.defaults, **props, **found}.items() if isinstance(v, str | int)}
        texts |= {"account": aws.account, "region": props.get("region") or aws.region}
        for name, how in self.outputs.items():
            found[name] = how(aws, resource_id, live, props) if callable(how) else how.format(**texts)
        if aws.thorough:
            found |= {name: how(aws, resource_id, live, props) for name, how in self.own_calls.read.items()}
            found |= self.own_calls.read_many(aws, resource_id, live, props)
        names = [name for name in dict.fromkeys([*outputs, *props]) if name in outputs]
        state = {name: self._output(name, props, found, thorough=aws.thorough) for name in names}
        if self.taggable:
            state |= self._tags(aws, props, found.get("tags", {} if aws.thorough else None))
        return coercion.block(outputs, state) | {"id": found["id"]}

    @functools.cached_property
    def shown_defaults(self) -> Props:
        """`defaults` as outputs: an object that AWS keeps in a list is not there when the list is empty."""
        outputs = schema.outputs(self.token)
        return {
            name: default
            for name, default in self.properties.defaults.items()
            if default != [] or name not in outputs or outputs[name].kind != "object"
        }

    def _output(self, name: str, props: Props, found: Props, *, thorough: bool) -> Any:
        if (
            not thorough
            and (name in self.own_calls.read or name in self.own_calls.put_many[0])
            and name not in self.outputs
        ):
            return props.get(name, self.shown_defaults.get(name, self._empty.get(name)))
        value = compare.reconcile(
            props.get(name), found.get(name), self.sameness, name, complete=True, thorough=thorough
        )
        value = self.shown_defaults.get(name) if value is None else value
        return self._empty.get(name) if value is None else value

    @functools.cached_property
    def _empty(self) -> Props:
        """Texts, lists and maps that the SDK promises and AWS does not answer: empty, as with the official provider."""
        outputs, empty = schema.outputs(self.token), {"str": "", "list": [], "map": {}}
        return {name: empty.get(outputs[name].kind) for name in schema.promised(self.token) if name in outputs}

    def _tags(self, aws: Aws, props: Props, live: Mapping[str, str] | None) -> Props:
        mine = {k: wire.number_text(v) for k, v in (props.get("tags") or {}).items() if v is not None}
        everything = dict(aws.default_tags) | mine if live is None else dict(live)
        everything = {k: v for k, v in everything.items() if not k.startswith("aws:")}
        tags = {k: v for k, v in everything.items() if k in mine or aws.default_tags.get(k) != v}
        return {"tagsAll": everything, "tags": tags or None}

    def refreshed(self, inputs: Props, state: Props) -> Props:
        """The inputs of a refresh, with the tags that somebody added where the program has none."""
        found = super().refreshed(inputs, state)
        if self.taggable and not inputs.get("tags") and state.get("tags"):
            found["tags"] = state["tags"]
        return found

    def imported(self, state: Props) -> Props:
        """The inputs of an import: of what AWS has, those that are served and about the resource alone."""
        found = super().imported(state)
        return {name: value for name, value in found.items() if name not in META_ARGUMENTS and self.serves(name)}


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
