"""A row that lives: creates, updates and deletes what its data describes."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

import jmespath
from botocore.exceptions import ClientError

from localcloud.aws.client import Aws, Refused, sentence
from localcloud.aws.reading import Reading, fill, is_gone
from localcloud.aws.row import OF_THE_PROVIDER, Part, Props, Row
from localcloud.provider import compare, schema

SAME_CALL = "=make"

__all__ = [
    "OF_THE_PROVIDER",
    "Kind",
    "Orphaned",
    "Part",
    "Props",
    "Row",
    "answered",
    "ask",
    "fill",
    "is_gone",
    "nothing",
]


class Orphaned(Refused):
    """A creation failed halfway, and what it had made could not be deleted again."""

    def __init__(self, message: str, resource_id: str, props: Props) -> None:
        super().__init__(message)
        self.resource_id, self.props = resource_id, props


class Kind(Reading):
    """A served type: the data of a Row, read back by Reading, and its life."""

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
        tagged = self.with_default_tags(aws, self.about(props))
        if self.creates:
            resource_id = self.creates(aws, tagged)
        else:
            request = self.request(self.make, tagged)
            answer = self.in_time(aws, lambda: aws(self.service, self.make, **request))
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
        except Exception as error:  # noqa: BLE001 -- whatever it is, what was made must be told
            why = f"{sentence(cause)}; what was made could not be deleted again: {sentence(error)}"
            raise Orphaned(why, resource_id, props) from cause

    def update(self, aws: Aws, resource_id: str, old: Props, new: Props) -> None:
        """Bring the resource from the old inputs to the new ones, but for its tags."""
        changed = self.changed(old, new)
        removed = {k for k in changed if new.get(k) is None}
        full = self._with_defaults(old, self.about(new), removed)
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
            for k in ((old.keys() | new.keys()) & settable.keys()) - OF_THE_PROVIDER
            if any(compare.differences({k: old.get(k)}, {k: new.get(k)}, self.sameness))
        }

    def _with_defaults(self, old: Props, new: Props, removed: set[str]) -> Props:
        """The new inputs, with AWS's own value wherever one was taken away."""
        full = new | {k: self.defaults[k] for k in removed if k in self.defaults}
        nested = {path: value for path, value in self.defaults.items() if "." in path}
        for path, value in nested.items():
            full = _fill_in(full, old, path.split("."), value)
        stuck = removed - self.defaults.keys() - self.removals.keys() - set(self.folds) - {"tags"}
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
