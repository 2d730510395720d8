"""A row that lives: creates, updates and deletes what its data describes."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

import jmespath
from botocore.exceptions import ClientError

from localcloud.aws.client import Aws, Refused, sentence
from localcloud.aws.reading import Reading, fill, is_gone
from localcloud.aws.row import (
    META_ARGUMENTS,
    Calls,
    Create,
    Delete,
    OwnCalls,
    Part,
    Read,
    Row,
    Tags,
    Translation,
    Update,
)
from localcloud.provider import compare, schema
from localcloud.provider.naming import Naming
from localcloud.provider.plan import Properties
from localcloud.provider.resource import Caller, Found, Orphaned, Props

__all__ = [
    "META_ARGUMENTS",
    "Calls",
    "Create",
    "Delete",
    "Kind",
    "Naming",
    "OwnCalls",
    "Part",
    "Properties",
    "Props",
    "Read",
    "Row",
    "Tags",
    "Translation",
    "Update",
    "answered",
    "ask",
    "fill",
    "is_gone",
    "nothing",
]


class Kind(Reading):
    """A served type: the data of a Row, read back by Reading, and its life."""

    def create(self, session: Aws, inputs: Props, caller: Caller) -> tuple[str, Props]:
        """Make the resource; return its id and state. Nothing is left behind when a part or the describing fails."""
        aws = session.at(inputs.get("region"), caller=caller)
        resource_id = self._create(aws, inputs)
        try:
            state = self.state(aws, resource_id, inputs)
            if state is None:
                raise Refused(f"{self.token} {resource_id} is not there after the call that made it")
        except Exception as error:
            self._clean_up(aws, resource_id, inputs, error)
            raise
        return str(state["id"]), state

    def read(self, session: Aws, resource_id: str, inputs: Props, state: Props) -> Found | None:
        """What AWS has, in the words of the program."""
        asked = inputs or state
        resource_id, props = (resource_id, asked) if asked else self.calls.import_id(resource_id)
        aws = session.at(props.get("region") or state.get("region"), thorough=True)
        live = self.state(aws, resource_id, props)
        if live is None:
            return None
        live |= self._kept_outputs(live, state)
        return Found(live["id"], live, self.read_back(inputs, state, live))

    def update(self, session: Aws, resource_id: str, old: Props, new: Props, state: Props, caller: Caller) -> Props:
        """Bring the resource and its tags from the old inputs to the new ones; return its state."""
        aws = session.at(new.get("region"), caller=caller)
        self._update(aws, resource_id, old, new)
        self._retag(aws, resource_id, state.get("tagsAll") or {}, new)
        live = self.state(aws, resource_id, new)
        if live is None:
            raise Refused(f"{self.token} {resource_id} is not there any more; `pulumi refresh` tells the state so")
        return live | self._kept_outputs(live, state)

    def delete(self, session: Aws, resource_id: str, state: Props) -> None:
        """Delete the resource; what is gone already is no error."""
        self._delete(session.at(state.get("region")), resource_id, state)

    def _kept_outputs(self, live: Props, state: Props) -> Props:
        """The outputs that only the creation could tell, as the state has them."""
        return {name: state[name] for name in self.properties.computed_once if state.get(name) and not live.get(name)}

    def _create(self, aws: Aws, props: Props) -> str:
        """Make the resource and its parts; return its id."""
        tagged = self.with_default_tags(aws, self.about(props))
        calls = self.calls
        if calls.custom_create:
            resource_id = calls.custom_create(aws, tagged)
        else:
            request = self.request(calls.create, tagged)
            # Before the call: nothing is made whose id cannot be known.
            named = calls.id.format(**tagged) if "{" in calls.id else None
            answer = calls.retry(aws, lambda: aws(calls.service, calls.create, **request))
            resource_id = named or jmespath.search(calls.id, answer)
            if calls.created and not self._later(tagged):
                aws.at_hand[resource_id] = jmespath.search(calls.created, answer)
        try:
            for name in sorted(self.own_calls.put.keys() & tagged.keys()):
                if tagged[name] is not None:
                    self.own_calls.put[name](aws, resource_id, tagged[name], tagged)
            self._set_together(aws, resource_id, tagged.keys(), tagged)
            if self.tags.on_create is None and self.tags.update and tagged.get("tags"):
                self.tags.update(aws, resource_id, [], tagged["tags"])
        except Exception as error:
            self._clean_up(aws, resource_id, props, error)
            raise
        return resource_id

    def _later(self, props: Props) -> set[str]:
        """Inputs that are set after the creating call, and change what it answered."""
        return set(self.own_calls.put.keys() & props.keys())

    def _set_together(self, aws: Aws, resource_id: str, names: Collection[str], props: Props) -> None:
        inputs, put = self.own_calls.put_many
        values = {name: props[name] for name in inputs if name in names and props.get(name) is not None}
        if values:
            put(aws, resource_id, values, props)

    def _clean_up(self, aws: Aws, resource_id: str, props: Props, cause: Exception) -> None:
        try:
            self._delete(aws, resource_id, props)
        except Exception as error:  # noqa: BLE001 -- whatever it is, what was made must be told
            why = f"{sentence(cause)}; what was made could not be deleted again: {sentence(error)}"
            raise Orphaned(why, resource_id, props) from cause

    def _update(self, aws: Aws, resource_id: str, old: Props, new: Props) -> None:
        """Bring the resource from the old inputs to the new ones, but for its tags."""
        changed = self.changed(old, new)
        removed = {k for k in changed if new.get(k) is None}
        full = self._with_defaults(old, self.about(new), removed)
        tagged = self.with_default_tags(aws, full)
        if callable(self.calls.update):
            self.calls.update(aws, resource_id, old, tagged)
        else:
            self._send(aws, resource_id, changed, removed, tagged)
        for name in sorted(changed & self.own_calls.put.keys()):
            if full.get(name) is not None:
                self.own_calls.put[name](aws, resource_id, full[name], tagged)
        for name in sorted(changed & self.own_calls.update.keys()):
            if full.get(name) is not None:
                self.own_calls.update[name](aws, resource_id, full[name], tagged)
        self._set_together(aws, resource_id, changed, tagged)
        for name in sorted(removed & self.own_calls.remove.keys()):
            self.own_calls.remove[name](aws, resource_id, old[name], tagged)

    def _retag(self, aws: Aws, resource_id: str, old_tags: Mapping[str, str], new: Props) -> None:
        """Bring the tags that AWS has to those of the new inputs with the default tags."""
        if self.tags.update and self.taggable:
            tags = self.with_default_tags(aws, new).get("tags") or {}
            if tags != old_tags:
                self.tags.update(aws, resource_id, sorted(old_tags.keys() - tags.keys()), tags)

    def changed(self, old: Props, new: Props) -> set[str]:
        """The inputs of the top level that differ."""
        settable = schema.inputs(self.token).props
        return {
            k
            for k in ((old.keys() | new.keys()) & settable.keys()) - META_ARGUMENTS
            if any(compare.differences({k: old.get(k)}, {k: new.get(k)}, self.sameness))
        }

    def _with_defaults(self, old: Props, new: Props, removed: set[str]) -> Props:
        """The new inputs, with AWS's own value wherever one was taken away."""
        full = new | {k: self.properties.defaults[k] for k in removed if k in self.properties.defaults}
        nested = {path: value for path, value in self.properties.defaults.items() if "." in path}
        for path, value in nested.items():
            full = _fill_in(full, old, path.split("."), value)
        said = {*self.properties.defaults, *self.own_calls.remove, *self.translation.together, "tags"}
        stuck = {k for k in removed - said if self._sent(k) and k not in self.translation.served}
        if stuck and self.calls.update != "upsert" and not callable(self.calls.update):
            names = ", ".join(sorted(stuck))
            raise Refused(f"{names}: AWS keeps what it has when this is left out; set the value that it shall have")
        return full

    def _sent(self, name: str) -> bool:
        """Whether a request has a member for an input."""
        return self.translation.rename.get(name, name) is not None

    def _send(self, aws: Aws, resource_id: str, changed: set[str], removed: set[str], props: Props) -> None:
        apart = {*self._by_own_calls, *self.own_calls.update, "tags", *META_ARGUMENTS}
        body = changed - apart - (removed & self.own_calls.remove.keys())
        body = {k for k in body if self._sent(k)}
        if body & set(self.translation.together):
            body |= set(self.translation.together)
        update = self.calls.update
        if update == "upsert":
            if body or ("tags" in changed and self.tags.on_create == "field" and not self.tags.update):
                aws(self.calls.service, self.calls.create, **self.request(self.calls.create, props))
        elif isinstance(update, tuple) and body:
            call, fixed = update
            sent = {k: props[k] for k in body if props.get(k) is not None}
            aws(self.calls.service, call, **self.request(call, sent, **fill(fixed, resource_id, props)))
        elif body - removed:
            names = ", ".join(sorted(body))
            raise Refused(f"{names}: the offline provider has no call that changes this")

    def _delete(self, aws: Aws, resource_id: str, props: Props) -> None:
        try:
            if callable(self.calls.delete):
                self.calls.delete(aws, resource_id, props)
            else:
                call, arguments = self.calls.delete
                aws(self.calls.service, call, **fill(arguments, resource_id, props))
        except ClientError as error:
            if not is_gone(error):
                raise


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


def _fill_in(new: Props, old: Props, steps: list[str], value: Any) -> Props:
    """The new inputs with a nested default where the old ones had a value that was taken away."""
    head, *rest = steps
    mine, former = new.get(head), old.get(head)
    if not rest:
        return new | {head: value} if mine is None and former is not None else new
    if isinstance(mine, dict) and isinstance(former, dict):
        return new | {head: _fill_in(mine, former, rest, value)}
    return new
