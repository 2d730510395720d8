"""The image of examples/app on a real Engine: healthy by its own check, and gone with exit code 0.

Cannot prove anything about other platforms than the one it is built on.
"""

import time
import uuid
from collections.abc import Iterator

import pytest

from tests import swarm

pytestmark = pytest.mark.docker


@pytest.fixture(scope="module")
def image() -> Iterator[str]:
    name = swarm.build(f"accordion-app-{uuid.uuid4().hex[:8]}", "1.2.3", COMMIT="abc")
    yield name
    swarm.client().remove_image(name, force=True)


def test_the_image_is_one_layer_on_nothing_that_runs_as_nobody(image: str) -> None:
    about = swarm.client().inspect_image(image)
    assert len(about["RootFS"]["Layers"]) == 1
    assert about["Config"]["User"] == "65532:65532"
    assert about["Config"]["Env"][-2:] == ["VERSION=1.2.3", "COMMIT=abc"]


def test_a_container_becomes_healthy_by_the_check_in_its_image_and_stops_with_0(image: str) -> None:
    engine = swarm.client()
    settings = engine.create_host_config(network_mode="none")
    container = engine.create_container(image, environment={"LISTEN": "127.0.0.1:8080"}, host_config=settings)["Id"]
    try:
        engine.start(container)
        while (state := engine.inspect_container(container)["State"])["Health"]["Status"] == "starting":
            assert state["Running"], state
            time.sleep(0.2)
        assert state["Health"]["Status"] == "healthy", state
        engine.stop(container, timeout=60)
        assert engine.inspect_container(container)["State"]["ExitCode"] == 0
        assert '"msg":"stopped"' in engine.logs(container).decode()
    finally:
        engine.remove_container(container, force=True)
