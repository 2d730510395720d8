"""The private stack on a real Docker Engine, for tests: on images and a port of its own, with real requests."""

from __future__ import annotations

import http.client
import json
import os
import re
import socket
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from localcloud.docker.running import DOCKER
from tests import private_images, swarm
from tests.controlled_service import SENDERS
from tests.engine.checkout import Checkout

QUICK = "memory: 128\n      deployment: { delay: 0s, monitor: 5s, timeout: 180s }"
ON_REQUESTS = (
    ("cpu: { metric: cpu, target: 70, scale_in_cooldown: 5m, scale_out_cooldown: 4m }",
     "rate: { metric: requests_per_target, target: 120, scale_in_cooldown: 4s, scale_out_cooldown: 4s }"),
    ("cost_per_month < 15 USD", "cost_per_month < 30 USD"),  # scaled out most of the time
)  # fmt: skip
CONTROLLER = re.compile(r"  accordion:controller:.*?(?=  accordion:services:)", re.DOTALL)
SHORT = (
    "      simulation:\n",
    """      simulation:
        parameters:
          { metric_period: 2, balancer_period: 2, high_evaluation_periods: 2, high_datapoints_to_alarm: 2,
            low_evaluation_periods: 3, low_datapoints_to_alarm: 3 }
""",
)
"""Periods of 2 s for the controller."""


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
    return port


class Private:
    """The stack, on images and a port of its own."""

    def __init__(self, checkout: Checkout) -> None:
        self.checkout, self.engine, self.port = checkout, swarm.client(), free_port()
        self.temporary = Path(checkout.variables["TMPDIR"])
        self.image = f"{swarm.registry() or 'accordion'}/private-{uuid.uuid4().hex[:8]}"
        file = checkout.folder / "Pulumi.private.yaml"
        text = file.read_text()
        proxy = private_images.haproxy(f"{self.image}-proxy", "1").rpartition(":")[0]
        controller = private_images.controller(f"{self.image}-controller", "1").rpartition(":")[0]
        for old, new in (
            ("accordion/example-app", self.image),
            ("repository: accordion/haproxy, version: 2.6.12", f'repository: "{proxy}", version: "1"'),
            ("repository: accordion/controller, version: 1.0.0", f'repository: "{controller}", version: "1"'),
            ("port: 8080\n  accordion:controller", f"port: {self.port}\n  accordion:controller"),
            ("memory: 128", QUICK),
        ):
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        (lines,) = CONTROLLER.findall(text)
        self.alone = (lines, "")
        """Without a controller of its own, for tests of other things."""
        file.write_text(text)
        checkout.git("commit", "--quiet", "--all", "--message", "images of the test")

    def up(self, *arguments: str, code: int = 0) -> str:
        return self.checkout.up("private", *arguments, code=code)

    def answer(self, path: str) -> tuple[int, str]:
        """Of the URL; asked again while nothing is behind the proxy yet."""
        for _ in range(180):
            try:
                with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)) as asked:
                    asked.request("GET", path)
                    answer = asked.getresponse()
                    text = answer.read().decode()
                if answer.status != 503:
                    return answer.status, text
            except OSError:
                pass
            time.sleep(0.5)
        return 503, ""

    @property
    def service(self) -> str:
        name: str = self.checkout.outputs("private")["services"]["web"]["service"]
        return name

    @property
    def specification(self) -> dict[str, Any]:
        spec: dict[str, Any] = self.engine.inspect_service(self.service)["Spec"]
        return spec

    @property
    def count(self) -> int:
        count: int = self.specification["Mode"]["Replicated"]["Replicas"]
        return count

    def scale(self, count: int, service: str = "web") -> None:
        """As a controller does: the specification as it is, with another number."""
        found = self.engine.inspect_service(self.checkout.outputs("private")["services"][service]["service"])
        spec = found["Spec"] | {"Mode": {"Replicated": {"Replicas": count}}}
        url = f"{self.engine.base_url}/v1.41/services/{found['ID']}/update"
        assert self.engine.post(url, json=spec, params={"version": found["Version"]["Index"]}).status_code == 200

    @property
    def tasks(self) -> dict[str, int]:
        """Tasks that are to run and do, by image."""
        found = self.engine.tasks({"service": self.service, "desired-state": "running"})
        running = (task for task in found if task["Status"]["State"] == "running")
        return dict(Counter(task["Spec"]["ContainerSpec"]["Image"] for task in running))

    @contextmanager
    def load(self, rate: float) -> Iterator[None]:
        """So many requests a second to the URL."""
        ended = threading.Event()

        def send() -> None:
            began, count = time.monotonic(), 0
            # By the clock: where each answer takes its time, so many after each other would be fewer a second.
            while not ended.wait(max(0.0, began + count * SENDERS / rate - time.monotonic())):
                count += 1
                asked = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
                with suppress(OSError, http.client.HTTPException), closing(asked):
                    asked.request("GET", "/work?ms=0")
                    asked.getresponse().read()

        threads = [threading.Thread(target=send) for _ in range(SENDERS)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            ended.set()
            for thread in threads:
                thread.join()

    def controller_settings(self) -> str:
        """As a file, with short periods."""
        told = json.loads(self.checkout("scale", "--stack", "private", "--local", "--show-settings"))
        periods = {"metric_period": 2, "balancer_period": 2}
        told["services"] = {name: one | {"parameters": periods} for name, one in told["services"].items()}
        return json.dumps(told)

    def services(self) -> set[str]:
        """Ids of the services of its images: others on the Engine come and go meanwhile."""
        found = self.engine.services()
        images = {one["ID"]: one["Spec"]["TaskTemplate"]["ContainerSpec"]["Image"] for one in found}
        return {number for number, image in images.items() if image.startswith(self.image)}

    def there(self) -> set[str]:
        """Ids of what the Engine has of all that it can keep."""
        lists = (self.engine.services(), self.engine.networks(), self.engine.secrets(), self.engine.configs())
        return {one.get("ID") or one["Id"] for found in lists for one in found}


@contextmanager
def private_stack(make: Callable[..., Checkout], folders: Mapping[str, str]) -> Iterator[Private]:
    """The stack in a checkout of its own, with two versions of the service's image; skips with the reason."""
    if why := private_images.missing():
        pytest.skip(why)
    registry = swarm.registry() or ""
    made = Private(make(DOCKER_HOST=DOCKER.address(os.environ) or "", ACCORDION_REGISTRY=registry, **folders))
    for version in ("1.0.0", "2.0.0"):
        swarm.build(made.image, version)
    if why := swarm.trial(f"{made.image}:1.0.0"):
        pytest.skip(why)
    yield made
    made.checkout.destroy("private")
