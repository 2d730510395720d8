"""What the types of pulumi-docker have in common: names and types from its SDK, rules, and what is refused by name."""

import datetime
from abc import abstractmethod
from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any

from localcloud.docker.engine import Engine
from localcloud.docker.rules import Rule, broken
from localcloud.ledger import WORK
from localcloud.provider import compare, schema, wire
from localcloud.provider.plan import Planned
from localcloud.provider.resource import Caller, Faults, Found, Props, Refused


class Kind(Planned[Engine]):
    """A type of pulumi-docker on an Engine."""

    rules: Mapping[str, Rule] = MappingProxyType({})
    unserved: Mapping[str, str] = MappingProxyType({})
    """Path of a property that is refused by name -> why."""

    listed: str = ""
    """Where the Engine lists what was made, by name; empty for images, which the next deployment makes anew."""

    def __init__(self, token: str) -> None:
        self.token = token

    def create(self, session: Engine, inputs: Props, caller: Caller) -> tuple[str, Props]:
        """Make it. A creation that was begun before, and of which nobody knows how it ended, is looked up: it has made
        what has its name and was not there before it began.

        Raises: Refused where such a creation has made nothing.
        """
        work = WORK.get()
        try:
            if work is None or not work.again:
                return self.make(session, inputs, caller)
            work.name("look")
            return self._begun(session, inputs, int(work.key.partition("-")[0]) // 10**9)
        except Exception as error:
            from requests import RequestException

            if work is not None and isinstance(error, RequestException) and error.response is None:
                work.unanswered = True  # the Engine is gone, and nobody knows what it has done
            raise

    def _begun(self, session: Engine, inputs: Props, second: int) -> tuple[str, Props]:
        found = self._made_since(session, str(inputs.get("name", "")), second)
        if found is None:
            raise Refused("nothing was made")
        return found, self.in_the_words_of(inputs, self.live(session, found, inputs) or {})

    def _made_since(self, session: Engine, name: str, second: int) -> str | None:
        """The id of what has that name and was made in that second or later; the clock is this machine's, as the Engine
        is."""
        if not self.listed:
            return None
        answer = session.ask("GET", self.listed, filters={"name": [name]})
        for one in answer.get("Volumes") or () if isinstance(answer, dict) else answer:
            made = str(one.get("CreatedAt") or one["Created"])[:19]
            at = datetime.datetime.fromisoformat(f"{made}+00:00").timestamp()
            if (one.get("Spec") or one)["Name"] == name and at >= second:
                return str(one.get("ID") or one.get("Id") or name)
        return None

    @abstractmethod
    def make(self, session: Engine, inputs: Props, caller: Caller) -> tuple[str, Props]:
        """Make it; returns its id and outputs. Nothing is left behind when that fails.

        Raises: Orphaned where something is.
        """

    @property
    def input_schema(self) -> schema.Obj:
        """The inputs, from the SDK."""
        return schema.inputs(self.token)

    @property
    def output_schema(self) -> Mapping[str, schema.Type]:
        """The outputs, from the SDK."""
        return schema.outputs(self.token)

    def faults(self, news: Props) -> Faults:
        """What is not served, and what the Engine or the official provider would refuse."""
        for path, why in self.unserved.items():
            if compare.at(news, path) is not None:
                yield path, f"the offline provider does not serve this property: {why}"
        yield from broken(news, self.rules)
        yield from self.contradictions(news)

    def contradictions(self, news: Props) -> Faults:
        """What is wrong of several properties together."""
        return ()

    def in_the_words_of(self, inputs: Props, live: Props) -> Props:
        """Outputs: what the Engine has, in the words of the program where both mean the same."""
        found = {
            name: compare.reconcile(inputs.get(name), live.get(name), self.sameness, name, complete=True, thorough=True)
            for name in live.keys() | (inputs.keys() & self.output_schema.keys())
        }
        return {name: value for name, value in found.items() if value is not None and not name.startswith("__")}

    def read(self, session: Engine, resource_id: str, inputs: Props, state: Props) -> Found | None:
        """What the Engine has."""
        live = self.live(session, resource_id, inputs or state)
        if live is None:
            return None
        kept = {name: value for name, value in state.items() if name in self.not_told and name not in live}
        outputs = kept | self.in_the_words_of(inputs or state, live)
        return Found(resource_id, outputs, self.read_back(inputs, state, outputs))

    @property
    def not_told(self) -> Collection[str]:
        """Outputs that no answer of the Engine holds."""
        return {path for path in self.properties.write_only if "." not in path}

    @abstractmethod
    def live(self, session: Engine, resource_id: str, asked: Props) -> Props | None:
        """The properties that the Engine has; None when it is gone. `asked` are the inputs, empty for an import."""


def every(token: str) -> frozenset[str]:
    """Every input of a type whose any change makes another resource."""
    return frozenset(schema.inputs(token).props)


def drop_empty(values: dict[str, Any]) -> dict[str, Any]:
    """The values without what says nothing to the Engine."""
    return {
        name: value for name, value in values.items() if value not in (None, "", [], {}) and not wire.is_unknown(value)
    }
