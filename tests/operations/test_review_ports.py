"""A review beside a stack on a Swarm that runs: what is said where both want a port.

Cannot prove: that a Swarm's task waits for a port; the Engine's answers are made up, in its form.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from operations.live.engine import NODES, SERVICES
from operations.review import ports, settings

ROOT = Path(__file__).parents[2]


class Engine:
    def __init__(self, nodes: int, published: dict[str, int]) -> None:
        self.answers: dict[Any, list[dict[str, Any]]] = {
            NODES: [{"ID": f"node{place}", "Description": {}} for place in range(nodes)],
            SERVICES: [
                {"Spec": {"Name": name, "EndpointSpec": {"Ports": [{"PublishedPort": port}]} if port else {}}}
                for name, port in published.items()
            ],
        }

    def ask(self, call: Any) -> list[dict[str, Any]]:
        return self.answers[call]


def said(monkeypatch: pytest.MonkeyPatch, engine: Engine) -> str:
    monkeypatch.setattr(ports, "engine_answers", lambda *, local: engine)
    side = settings.side_of(ROOT / "Pulumi.private.yaml")
    assert side is not None
    return ports.taken(side.settings)


def test_a_port_that_a_service_has_is_told_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Engine(1, {"accordion-private-proxy": 8080, "other": 9090, "web": 0})
    assert said(monkeypatch, engine) == (
        "port 8080 (service accordion-private-proxy) of the Engine's node is taken, and the base wants it too: take that "
        "stack down (`accordion local destroy --stack NAME`), or give the review an Engine of its own (DOCKER_HOST)"
    )


@pytest.mark.parametrize(
    "engine", [Engine(1, {"other": 9090, "web": 0}), Engine(2, {"proxy": 8080})], ids=["free", "another node"]
)
def test_nothing_is_said_where_a_node_may_have_it(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    assert said(monkeypatch, engine) == ""


def test_a_stack_on_aws_wants_no_port_of_a_node() -> None:
    side = settings.side_of(ROOT / "Pulumi.dev.yaml")
    assert side is not None
    assert ports.taken(side.settings) == ""
