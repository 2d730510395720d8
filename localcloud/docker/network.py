"""Networks."""

from localcloud.docker import rules
from localcloud.docker.codec import LABELS, Block, Field
from localcloud.docker.engine import Engine, quoted
from localcloud.docker.kind import Kind, drop_empty
from localcloud.provider.naming import Naming
from localcloud.provider.plan import Properties
from localcloud.provider.resource import Caller, Props

FORM = Block(
    (
        Field("name", "Name"),
        Field("driver", "Driver"),
        Field("options", "Options"),
        Field("internal", "Internal", default=False),
        Field("attachable", "Attachable", default=False),
        Field("ingress", "Ingress", default=False),
        Field("ipv6", "EnableIPv6", default=False),
        Field("ipamDriver", "IPAM.Driver", default="default"),
        Field("ipamOptions", "IPAM.Options"),
        Field(
            "ipamConfigs",
            "IPAM.Config",
            Block(
                (
                    Field("subnet", "Subnet"),
                    Field("ipRange", "IPRange"),
                    Field("gateway", "Gateway"),
                    Field("auxAddress", "AuxiliaryAddresses"),
                )
            ),
            many=True,
        ),
        Field("labels", "Labels", LABELS),
    )
)
_INPUTS = tuple(field.name for field in FORM.fields)


class Network(Kind):
    """A network; nothing of it changes in place."""

    listed = "/networks"
    naming = Naming("name")
    rules = rules.NETWORK
    properties = Properties(
        force_new=frozenset(_INPUTS),
        defaults=FORM.defaults,
        computed=frozenset({"driver", "options", "ipamOptions", "ipamConfigs"}),
        unordered=FORM.unordered,
    )

    def make(self, session: Engine, inputs: Props, caller: Caller) -> tuple[str, Props]:
        """Make it. The Engine allows two of a name where one is local; here a second is refused."""
        body = drop_empty(FORM.encode(inputs)) | {"CheckDuplicate": True}
        made = session.ask("POST", "/networks/create", body)["Id"]
        return made, self.in_the_words_of(inputs, self.live(session, made, inputs) or {})

    def update(self, session: Engine, resource_id: str, old: Props, new: Props, state: Props, caller: Caller) -> Props:
        """Nothing of it changes in place; what a program says in other words stays as it is."""
        return self.in_the_words_of(new, self.live(session, resource_id, new) or {})

    def delete(self, session: Engine, resource_id: str, state: Props) -> None:
        """Delete it, as soon as the containers of what was deleted before have left it."""
        session.remove_when_free(f"/networks/{quoted(resource_id)}")

    def live(self, session: Engine, resource_id: str, asked: Props) -> Props | None:
        """The network."""
        found = session.find(f"/networks/{quoted(resource_id)}")
        return None if found is None else FORM.decode(found) | {"scope": found["Scope"]}


NETWORK = Network("docker:index/network:Network")
