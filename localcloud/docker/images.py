"""Images of a registry: pulled onto the Engine, or pushed from it."""

from types import MappingProxyType

from localcloud.docker import rules
from localcloud.docker.engine import Engine, quoted, repository
from localcloud.docker.kind import Kind
from localcloud.provider.plan import Properties
from localcloud.provider.resource import Caller, Props, Refused

_BUILDING = "an image is built by what the program calls for it, and named here"


def _inspected(session: Engine, name: str) -> Props | None:
    found = session.find(f"/images/{quoted(name)}/json")
    return None if found is None else {"imageId": found["Id"], "repoDigest": _digest_of(found, name)}


def _digest_of(found: Props, name: str) -> str:
    """The digest under which a registry has an image, `name@sha256:...`; empty for one that is in none."""
    digests = [str(each) for each in found.get("RepoDigests") or ()]
    return next((each for each in digests if each.partition("@")[0] == repository(name)), next(iter(digests), ""))


class RemoteImage(Kind):
    """An image on the Engine, pulled where it is not there."""

    rules = rules.IMAGE
    unserved = MappingProxyType({"build": _BUILDING})
    properties = Properties(
        force_new=frozenset({"name", "platform", "pullTriggers", "triggers"}),
        defaults={"keepLocally": False, "forceRemove": False},
        write_only=frozenset({"name", "keepLocally", "forceRemove", "platform", "pullTriggers", "triggers"}),
        unordered=frozenset({"pullTriggers"}),
    )

    def make(self, session: Engine, inputs: Props, caller: Caller) -> tuple[str, Props]:
        """Pull it, unless it is there."""
        name = str(inputs["name"])
        found = _inspected(session, name)
        if found is None:
            session.pull(name, inputs.get("platform"))
            found = _inspected(session, name)
        if found is None:
            raise Refused(f"{name} was pulled, and is not there")
        return f"{found['imageId']}{name}", inputs | found

    def update(self, session: Engine, resource_id: str, old: Props, new: Props, state: Props, caller: Caller) -> Props:
        """What is the provider's alone."""
        kept = {name: value for name, value in state.items() if name not in self.input_schema.props}
        return kept | new

    def delete(self, session: Engine, resource_id: str, state: Props) -> None:
        """Delete it, unless it is to be kept."""
        if not state.get("keepLocally"):
            session.remove(f"/images/{quoted(str(state['name']))}", force=bool(state.get("forceRemove")))

    def live(self, session: Engine, resource_id: str, asked: Props) -> Props | None:
        """The image that has the name now."""
        name = asked.get("name")
        if name is None:
            raise Refused("an image cannot be imported: its id does not tell its name; declare it, and it is found")
        found = _inspected(session, str(name))
        return None if found is None else {"name": name, **found}


class RegistryImage(Kind):
    """An image that is pushed to the registry in its name."""

    rules = rules.IMAGE
    unserved = MappingProxyType(
        {
            "build": _BUILDING,
            "insecureSkipVerify": "the Engine takes registries on this machine without a certificate",
        }
    )
    properties = Properties(
        force_new=frozenset({"name", "triggers"}),
        defaults={"keepRemotely": False},
        write_only=frozenset({"name", "keepRemotely", "triggers", "authConfig"}),
        sensitive=frozenset({"authConfig.password"}),
    )

    def contradictions(self, news: Props) -> list[tuple[str, str]]:
        """It has a name, in which its registry stands; the local cloud reaches none but one on this machine."""
        name = news.get("name")
        if name is None:
            return [("name", "missing required property")]
        if not isinstance(name, str) or rules.an_image(name) is not None:
            return []
        why = rules.of_a_registry_elsewhere(name)
        return [("name", why)] if why else []

    def make(self, session: Engine, inputs: Props, caller: Caller) -> tuple[str, Props]:
        """Push it."""
        digest = session.push(str(inputs["name"]), _login(inputs))
        return digest, inputs | {"sha256Digest": digest}

    def update(self, session: Engine, resource_id: str, old: Props, new: Props, state: Props, caller: Caller) -> Props:
        """What is the provider's alone."""
        return new | {"sha256Digest": state["sha256Digest"]}

    def delete(self, session: Engine, resource_id: str, state: Props) -> None:
        """Delete it from its registry, unless it is to be kept there."""
        if not state.get("keepRemotely"):
            session.forget(str(state["name"]), str(state["sha256Digest"]), _login(state))

    def live(self, session: Engine, resource_id: str, asked: Props) -> Props | None:
        """The image that the registry has under the name now."""
        name = asked.get("name")
        if name is None:
            raise Refused("an image cannot be imported: its id does not tell its name; declare it, and it is found")
        digest = session.digest(str(name), _login(asked))
        return None if digest is None else {"name": name, "sha256Digest": digest}


def _login(props: Props) -> dict[str, str] | None:
    given = props.get("authConfig")
    if not given:
        return None
    return {"username": str(given.get("username") or ""), "password": str(given.get("password") or "")}


REMOTE_IMAGE = RemoteImage("docker:index/remoteImage:RemoteImage")
REGISTRY_IMAGE = RegistryImage("docker:index/registryImage:RegistryImage")
