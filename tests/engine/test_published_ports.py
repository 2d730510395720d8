"""What a service publishes on the Engine of `make docker` is open on loopback alone.

It cannot prove that of an Engine that DOCKER_HOST names: Swarm itself publishes on every address of a node.
"""

from __future__ import annotations

import os
import time
import urllib.request
import uuid

import psutil
import pytest

from tests import swarm
from tests.controlled_service import until

pytestmark = [pytest.mark.engine, pytest.mark.docker]


@pytest.mark.skipif(bool(os.environ.get("DOCKER_HOST")), reason="DOCKER_HOST names an Engine that is not ours")
def test_what_a_service_publishes_is_open_on_loopback_alone() -> None:
    name = f"published-{uuid.uuid4().hex[:8]}"
    engine, image = swarm.client(), swarm.build(name, "1")
    if why := swarm.trial(image):
        pytest.skip(why)
    network = engine.create_network(name, driver="overlay")["Id"]
    service = engine.create_service(
        {"ContainerSpec": {"Image": image}, "Networks": [{"Target": network}]},
        name=name,
        endpoint_spec={"Mode": "dnsrr", "Ports": [{"TargetPort": 8080, "PublishMode": "host"}]},
    )["ID"]
    try:

        def published() -> list[int]:
            tasks = (each["Status"] for each in engine.tasks({"service": service}))
            running = (status for status in tasks if status["State"] == "running")
            return [one["PublishedPort"] for status in running for one in status.get("PortStatus", {}).get("Ports", ())]

        port = until(published, "it does not run")[0]
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/version", timeout=10) as answer:
            assert answer.status == 200
        listening = [each.laddr for each in psutil.net_connections("tcp") if each.status == psutil.CONN_LISTEN]
        assert {address.ip for address in listening if address.port == port} == {"127.0.0.1"}
    finally:
        engine.remove_service(service)
        while engine.containers(all=True, filters={"label": f"com.docker.swarm.service.id={service}"}):
            time.sleep(0.2)
        engine.remove_network(network)
