"""Docker as a cloud of the provider: its types, in front of one Engine."""

from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path

from localcloud.docker import engine
from localcloud.docker.build import IMAGE, REGISTRY_DIGEST
from localcloud.docker.engine import NONE_HERE, Engine
from localcloud.docker.images import REGISTRY_IMAGE, REMOTE_IMAGE
from localcloud.docker.kept import CONFIG, SECRET
from localcloud.docker.kind import Kind
from localcloud.docker.network import NETWORK
from localcloud.docker.service import SERVICE
from localcloud.docker.volume import VOLUME
from localcloud.provider.resource import Function, Refused

VERSION = "5.2.0"
"""The version of pulumi-docker that the types are written against."""
GUIDE = "docs/guides/docker.md"
_REASONS = {
    "docker:index/container:Container": "services are what is served here; one task is a service of one replica",
    "docker:index/plugin:Plugin": "plugins change the Engine itself, whose it is",
}


class DockerCloud:
    """The types of pulumi-docker on an Engine."""

    package, version = "docker", VERSION
    adding_a_type = adding_a_function = f"{GUIDE} lists what is served"
    identity = ()

    def __init__(self, address: str | None) -> None:
        self.resources: Mapping[str, Kind] = {
            kind.token: kind for kind in (NETWORK, SERVICE, SECRET, CONFIG, VOLUME, IMAGE, REMOTE_IMAGE, REGISTRY_IMAGE)
        }
        self.functions: Mapping[str, Function[Engine]] = {REGISTRY_DIGEST.token: REGISTRY_DIGEST}
        self.reasons = _REASONS
        self._engine = Engine(address) if address else None

    def configure(self, variables: Mapping[str, str], folder: Callable[[], Path | None]) -> Engine:
        """The one Engine, whatever host a program's configuration names: that is where the official plugin goes."""
        if missing := [name for name in ("docker", "e2b_dockerfile_utils", "pulumi_docker") if find_spec(name) is None]:
            raise Refused(f"this needs {missing[0]}, which comes with an extra: pip install 'accordion[docker]'")
        if self._engine is None:
            raise Refused(NONE_HERE)
        return self._engine.asked_from(folder)

    def explain(self, error: BaseException) -> str | None:
        """The sentence for what the Engine refuses."""
        return engine.explain(error)


def open_cloud(endpoint: str | None, token: str) -> DockerCloud:
    """Docker at the address of an Engine; without one every type is refused with what to do."""
    return DockerCloud(endpoint)
