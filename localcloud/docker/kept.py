"""Secrets and configurations that a Swarm keeps for its services: what is in one never changes."""

import base64
from collections.abc import Mapping
from typing import Any

from localcloud.docker import rules
from localcloud.docker.codec import LABELS, Block, Field
from localcloud.docker.engine import Engine, quoted
from localcloud.docker.kind import Kind, drop_empty
from localcloud.docker.rules import Rule
from localcloud.provider.naming import Naming
from localcloud.provider.plan import Properties
from localcloud.provider.resource import Caller, Faults, Props, Refused

FORM = Block((Field("name", "Name"), Field("data", "Data"), Field("labels", "Labels", LABELS)))


class Kept(Kind):
    """A secret or a configuration; any change makes another one."""

    naming = Naming("name", longest=64)

    def __init__(self, token: str, path: str, rules: Mapping[str, Rule], data: frozenset[str]) -> None:
        super().__init__(token)
        self.path, self.listed, self.rules, self._data = path, path, rules, data
        self.properties = Properties(
            force_new=frozenset({"name", "labels", *data}),
            unordered=FORM.unordered,
            sensitive=data,
            write_only=data if path == "/secrets" else frozenset(),
        )

    def contradictions(self, news: Props) -> Faults:
        """Data are given once."""
        return rules.of_config(news) if "dataRaw" in self._data else ()

    def make(self, session: Engine, inputs: Props, caller: Caller) -> tuple[str, Props]:
        """Make it."""
        body = FORM.encode(inputs)
        if raw := inputs.get("dataRaw"):
            body["Data"] = base64.b64encode(str(raw).encode()).decode()
        made = session.ask("POST", f"{self.path}/create", drop_empty(body))["ID"]
        kept = {name: value for name, value in inputs.items() if name in self._data}
        return made, kept | self.in_the_words_of(inputs, self.live(session, made, inputs) or {})

    def update(self, session: Engine, resource_id: str, old: Props, new: Props, state: Props, caller: Caller) -> Props:
        """Nothing of it changes in place."""
        return state | new

    def delete(self, session: Engine, resource_id: str, state: Props) -> None:
        """Delete it; the Engine refuses while a service uses it."""
        session.remove(f"{self.path}/{quoted(resource_id)}")

    def live(self, session: Engine, resource_id: str, asked: Props) -> Props | None:
        """What the Swarm tells of it: of a secret all but the data. Raises: Refused for a secret that is imported."""
        if not asked and self.path == "/secrets":
            raise Refused(
                "a secret cannot be imported: a Swarm never tells what is in one, as the official provider says too; "
                "declare it with its data under another name"
            )
        found = session.find(f"{self.path}/{quoted(resource_id)}")
        if found is None:
            return None
        live: dict[str, Any] = FORM.decode(found["Spec"])
        if "dataRaw" in asked and "data" in live:
            live["dataRaw"] = base64.b64decode(live.pop("data")).decode(errors="replace")
        return live


SECRET = Kept("docker:index/secret:Secret", "/secrets", rules.SECRET, frozenset({"data"}))
CONFIG = Kept("docker:index/serviceConfig:ServiceConfig", "/configs", rules.CONFIG, frozenset({"data", "dataRaw"}))
