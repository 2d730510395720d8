"""Volumes."""

from types import MappingProxyType

from localcloud.docker import rules
from localcloud.docker.codec import LABELS, Block, Field
from localcloud.docker.engine import Engine, quoted
from localcloud.docker.kind import Kind, drop_empty
from localcloud.provider.naming import Naming
from localcloud.provider.plan import Properties
from localcloud.provider.resource import Caller, Props, Refused

FORM = Block(
    (
        Field("name", "Name"),
        Field("driver", "Driver"),
        Field("driverOpts", "Options"),
        Field("labels", "Labels", LABELS),
    )
)


class Volume(Kind):
    """A volume on the Engine's machine; nothing of it changes in place."""

    listed = "/volumes"
    naming = Naming("name")
    rules = rules.VOLUME
    unserved = MappingProxyType({"cluster": "cluster volumes need a storage plugin on each node"})
    properties = Properties(
        force_new=frozenset({"name", "driver", "driverOpts", "labels"}),
        computed=frozenset({"driver"}),
        unordered=FORM.unordered,
    )

    def make(self, session: Engine, inputs: Props, caller: Caller) -> tuple[str, Props]:
        """Make it. The Engine gives an existing one of that name, with somebody's data in it: refused."""
        name = str(inputs["name"])
        if session.find(f"/volumes/{quoted(name)}") is not None:
            raise Refused(f"there is a volume {name} already, and its data with it; import it, or choose another name")
        body = drop_empty(FORM.encode(inputs))
        body["DriverOpts"] = body.pop("Options", {})  # another name in the answer than in the request
        made = session.ask("POST", "/volumes/create", body)["Name"]
        return made, self.in_the_words_of(inputs, self.live(session, made, inputs) or {})

    def update(self, session: Engine, resource_id: str, old: Props, new: Props, state: Props, caller: Caller) -> Props:
        """Nothing of it changes in place."""
        return self.in_the_words_of(new, self.live(session, resource_id, new) or {})

    def delete(self, session: Engine, resource_id: str, state: Props) -> None:
        """Delete it with its data, as soon as no container has it."""
        session.remove_when_free(f"/volumes/{quoted(resource_id)}")

    def live(self, session: Engine, resource_id: str, asked: Props) -> Props | None:
        """The volume."""
        found = session.find(f"/volumes/{quoted(resource_id)}")
        return None if found is None else FORM.decode(found) | {"mountpoint": found["Mountpoint"]}


VOLUME = Volume("docker:index/volume:Volume")
