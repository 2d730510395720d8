"""A Swarm of three managers: tasks, controllers and commands over its nodes, and nodes that are drained and lost.

Every node has a network and an Engine of its own, and all share this machine: it cannot prove what real distance
between machines does, nor anything of several zones, and images are put on each node, since no registry is in front.
"""

from __future__ import annotations

import contextlib
import json
import re
import urllib.request
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from localcloud.docker.engine import NO_LEADER, Engine
from operations.controller.settings import ScaledService
from operations.live.swarm import SwarmServices, TaskReaders
from stacks.private_service.live import asked_of
from tests import private_images, swarm
from tests.certificates import Authority
from tests.controlled_service import Service, controller, controller_service, engine, lasting, load, said_by, until
from tests.engine.checkout import Checkout
from tests.engine.private_stack import Private
from tests.engine.test_controller import told
from tests.recording import build
from tests.swarm_nodes import Node, Nodes, address, several

pytestmark = [
    pytest.mark.engine,
    pytest.mark.docker,
    pytest.mark.timeout(1200),
    pytest.mark.allow_hosts(["127.0.0.1", "::1", *(address(number) for number in (1, 2, 3))]),
]


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nodes]:
    with several(tmp_path_factory.mktemp("nodes"), 3) as made, pytest.MonkeyPatch.context() as patch:
        patch.setenv("DOCKER_HOST", made.all[0].host)
        yield made


@pytest.fixture(scope="module")
def image(nodes: Nodes) -> str:
    name = swarm.build(f"accordion-nodes-{uuid.uuid4().hex[:8]}", "1")
    if why := swarm.trial(name):
        pytest.skip(why)
    nodes.spread(name)
    return name


class SpreadService(Service):
    """A service whose tasks run on several nodes."""

    def __init__(self, nodes: Nodes, image: str, replicas: int) -> None:
        self.nodes = nodes
        super().__init__(image, replicas)

    def inside(self) -> contextlib.AbstractContextManager[None]:
        return self.nodes.all[0].inside()

    def places(self) -> Counter[str]:
        """How many tasks run on each node, by the name of the node."""
        return Counter(self.nodes.named(task["NodeID"]) for task in self.tasks())

    def addresses(self) -> list[str]:
        """Of tasks whose port of IPv4 and IPv6 is one."""
        found = []
        for task in self.tasks():
            ports = {one["PublishedPort"] for one in task["Status"].get("PortStatus", {}).get("Ports", ())}
            node = next(one for one in self.nodes.all if one.id == task["NodeID"])
            found += [f"{node.address}:{ports.pop()}"] if len(ports) == 1 else []
        return found


def spread(nodes: Nodes, image: str, replicas: int) -> contextlib.AbstractContextManager[SpreadService]:
    return lasting(SpreadService(nodes, image, replicas))


def at(node: Node) -> dict[str, Any]:
    """For a controller on that node."""
    return {"host": node.host, "begin": node.within()}


def test_tasks_of_other_nodes_are_read_by_their_own_metrics_and_cpu_says_of_whom_it_is(
    nodes: Nodes, image: str, tmp_path: Path
) -> None:
    with spread(nodes, image, 3) as live:
        assert live.places() == Counter({"node-1": 1, "node-2": 1, "node-3": 1})
        rules = told(live.name, minimum=3, maximum=6)
        rules["services"][live.name]["elasticity"]["target_tracking"]["cpu"] = {"metric": "cpu", "target": 60}
        (scaled,) = rules["services"].values()
        with nodes.all[0].inside():
            view = SwarmServices(engine()).view(live.name)
            assert view is not None
            asked = TaskReaders(
                engine(), ScaledService.model_validate(scaled), metrics=frozenset({"cpu", "requests_per_target"})
            )
            found = asked.read(view)
        assert set(found) == {task["ID"] for task in live.tasks()}
        assert {one.requests for one in found.values()} == {0.0}, "each was asked, on whichever node"
        assert [one.cpu is not None for one in found.values()].count(True) == 1, "of its own node's task alone"
        with controller(tmp_path, rules, **at(nodes.all[0])) as scaling:
            with load(live, 12.0):
                until(lambda: live.replicas == 6, "it does not scale out")
                until(lambda: live.places() == Counter({"node-1": 2, "node-2": 2, "node-3": 2}), "tasks do not spread")
            assert (
                "cpu: read of 1 of 3 tasks, since an Engine has statistics of its own node's tasks alone; `queries` of "
                "a Prometheus tell of all\n"
            ) in scaling.said.read_text()
            cpu = {line["datapoints"]["cpu/2"] for line in scaling.lines("tick") if "cpu/2" in line["datapoints"]}
            assert cpu == {None}, "a third of the tasks does not speak for all"
            # While a metric is missing nothing is taken away: by the other rule alone it is.
            scaling.settings.write_text(json.dumps(told(live.name, minimum=3, maximum=6)))
            until(lambda: live.replicas == 3, "it does not scale in")
            assert scaling.stop() == 0


def test_as_a_service_it_asks_tasks_of_every_node_on_their_network(nodes: Nodes, image: str) -> None:
    with (
        spread(nodes, image, 3) as live,
        controller_service(live, told(live.name, minimum=3, maximum=6), "node.hostname==node-1") as name,
    ):
        until(lambda: f"{live.name}: 3 tasks, 3 to 6\n" in said_by(name), "it does not start")
        with load(live, 12.0):
            until(lambda: live.replicas == 6, "it does not scale out")
        assert "read of" not in said_by(name), "every task answers"


def test_a_drained_node_is_left_and_a_constraint_that_no_node_fits_waits(
    nodes: Nodes, image: str, tmp_path: Path
) -> None:
    with (
        spread(nodes, image, 3) as live,
        controller(tmp_path, told(live.name, minimum=3, maximum=4), **at(nodes.all[0])) as scaling,
    ):
        until(lambda: scaling.lines("tick"), "it does not look")
        nodes.availability(nodes.all[1], "drain")
        try:
            until(lambda: live.places() == Counter({"node-1": 2, "node-3": 1}) or live.places() == Counter(
                {"node-1": 1, "node-3": 2}), "the tasks do not move")  # fmt: skip
            with load(live, 12.0):
                until(lambda: live.replicas == 4, "it does not scale out on the others")
                until(lambda: sum(live.places().values()) == 4, "the tasks do not run")
            assert "node-2" not in live.places()
        finally:
            nodes.availability(nodes.all[1], "active")
        until(lambda: live.replicas == 3, "it does not scale in")
        # Placement: all on one node, then on none.
        place = {"Constraints": ["node.hostname==node-2"]}
        live.write(lambda spec: spec["TaskTemplate"].update(Placement=place))
        until(lambda: live.places() == Counter({"node-2": 3}), "the tasks do not go where they must")
        live.write(lambda spec: spec["TaskTemplate"].update(Placement={"Constraints": ["node.labels.zone==z"]}))
        until(lambda: scaling.lines("tick")[-1]["suspended"] == "release", "it does not see that the update waits")
        assert live.replicas == 3
        live.write(lambda spec: spec["TaskTemplate"].update(Placement={}))
        until(lambda: scaling.lines("tick")[-1]["suspended"] == "", "it does not go on")


def test_an_engine_is_asked_over_the_network_with_tls_and_says_whose_certificate_does_not_fit(
    nodes: Nodes, image: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, _ = nodes.all
    monkeypatch.setenv("DOCKER_TLS_VERIFY", "1")
    ours, expired = nodes.authority.folder(tmp_path / "ours"), nodes.authority.folder(tmp_path / "expired", days=-1)
    stranger = Authority("stranger").folder(tmp_path / "stranger", trusted=nodes.authority)
    monkeypatch.setenv("DOCKER_CERT_PATH", str(ours))
    rules = told("", minimum=1, maximum=2)["services"][""]
    with spread(nodes, image, 1) as live:
        settings = {"services": {live.name: rules}}
        elsewhere: dict[str, Any] = {"host": first.with_tls, "begin": second.within()}
        with controller(tmp_path, settings, **elsewhere) as scaling, load(live, 12.0):
            until(lambda: live.replicas == 2, "it does not scale out over TLS")
        with second.inside():
            asked = Engine(first.with_tls)
            made = asked.ask("POST", "/networks/create", {"Name": live.name + "-tls", "Driver": "overlay"})["Id"]
            asked.remove(f"/networks/{made}")
            assert asked.find(f"/networks/{made}") is None
            monkeypatch.setenv("DOCKER_HOST", first.with_tls)
            found = build(lambda: asked_of(live.name), stack="private").result
            assert (found.count, found.image) == (2, image)
            monkeypatch.setenv("DOCKER_HOST", first.host)
            asked.api.close()
        for folder in (expired, stranger):
            monkeypatch.setenv("DOCKER_CERT_PATH", str(folder))
            with controller(tmp_path, settings, **elsewhere) as scaling:
                assert scaling.process.wait(timeout=60) == 2
            assert scaling.said.read_text() == (
                "error: the Docker Engine cannot be trusted, or does not trust us: it refuses our certificate (cert.pem in "
                "DOCKER_CERT_PATH), which has expired, is of another authority, or is for no client\n"
            )
        monkeypatch.delenv("DOCKER_TLS_VERIFY")
        monkeypatch.delenv("DOCKER_CERT_PATH")
        with controller(tmp_path, settings, **elsewhere) as scaling:
            assert scaling.process.wait(timeout=60) == 2
        assert f"DOCKER_HOST: {first.with_tls} has no TLS: " in scaling.said.read_text()


def test_of_two_controllers_on_two_managers_one_acts_and_the_other_takes_over_when_a_machine_is_lost(
    nodes: Nodes, image: str, tmp_path: Path
) -> None:
    lost, other = nodes.all[2], nodes.all[1]
    for name in ("first", "second"):
        tmp_path.joinpath(name).mkdir()
    rules = told("", minimum=3, maximum=6)["services"][""]
    with spread(nodes, image, 3) as live:
        settings = {"services": {live.name: rules}}
        # The first asks the lost machine's Engine from another one, and so outlives it.
        with controller(tmp_path / "first", settings, host=lost.host, begin=nodes.all[0].within()) as first:
            until(lambda: len(first.lines("tick")) > 2, "it does not look")
            with controller(tmp_path / "second", settings, **at(other)) as second:
                until(lambda: "another controller scales it" in second.said.read_text(), "it does not wait")
                assert second.lines("tick") == []
                lost.kill()
                try:
                    until(lambda: second.lines("tick"), "it does not take over")
                    begun = second.lines("begin")[0]["memory"]["state"]["now"]
                    assert begun >= first.lines("tick")[-1]["second"], "what the first has seen is remembered"
                    until(lambda: re.search(f"{live.name}: the Docker Engine does not answer", first.said.read_text()),
                          "the first does not say that its Engine is gone")  # fmt: skip
                    ticks = len(first.lines("tick"))
                    # Two of three managers are a quorum: the lost node's task is started elsewhere, and scaling goes on.
                    until(lambda: live.places().keys() == {"node-1", "node-2"}, "the lost node's task is not replaced")
                    assert live.replicas == 3, "a node that is lost is no reason to scale"
                    with load(live, 12.0):
                        until(lambda: live.replicas == 6, "it does not scale out")
                    assert len(first.lines("tick")) == ticks, "without its Engine the first decides nothing"
                finally:
                    lost.revive()
                    nodes.settled()
                until(lambda: "another controller scales it" in first.said.read_text(), "the first does not come back")
                done = [one for each in (first, second) for one in each.lines("action") if one["outcome"] == "done"]
                assert len({one["at"] for one in done}) == len(done)
                assert (first.stop(), second.stop()) == (0, 0)


class Spread(Private):
    """The private stack on several nodes."""

    def __init__(self, checkout: Checkout, nodes: Nodes) -> None:
        super().__init__(checkout)
        self.nodes = nodes
        file = checkout.folder / "Pulumi.private.yaml"
        file.write_text(file.read_text().replace(*self.alone))
        checkout.git("commit", "--quiet", "--all", "--message", "a controller by hand")
        swarm.build(self.image, "1.0.0")
        for image in (f"{self.image}:1.0.0", f"{self.image}-proxy:1"):
            nodes.spread(image)

    def told(self, *words: str) -> tuple[int, str]:
        """A command of a person, on whatever it ends with."""
        local = () if words[0] == "local" else ("--local",)
        process = self.checkout.start(*words, "--stack", "private", *local)
        said, _ = process.communicate(timeout=240)
        return process.returncode, said

    def answer_of(self, path: str) -> str:
        """What the URL answers on the node that has the proxy."""
        proxy = self.checkout.outputs("private")["proxy"]
        (task,) = [
            one
            for one in self.engine.tasks({"service": proxy, "desired-state": "running"})
            if one["Status"]["State"] == "running"
        ]
        node = next(one for one in self.nodes.all if one.id == task["NodeID"])
        url = f"http://{node.address}:{self.port}{path}"
        with self.nodes.all[0].inside(), urllib.request.urlopen(url, timeout=5) as answer:
            text: str = answer.read().decode()
        return text


def test_the_private_stack_runs_over_nodes_outlives_one_and_says_that_its_swarm_has_no_leader(
    nodes: Nodes, image: str, make: Callable[..., Checkout], tmp_path: Path
) -> None:
    if why := private_images.missing():
        pytest.skip(why)
    first, second, third = nodes.all
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    private = Spread(make(DOCKER_HOST=first.host, TMPDIR=str(temporary)), nodes)
    lost: list[Node] = []
    try:
        private.up()
        assert "what runs is what was declared" in private.told("monitor", "--wait")[1]
        private.scale(4)
        until(lambda: sum(private.tasks.values()) == 4, "the tasks do not run")
        on = {task["NodeID"] for task in private.engine.tasks({"service": private.service, "desired-state": "running"})}
        assert on == {node.id for node in nodes.all}
        code, said = private.told("monitor")
        assert (code, "what runs is what was declared" in said) == (0, True), said
        assert private.answer_of("/version") == '{"commit":"unknown","version":"1.0.0"}\n'
        # A machine is lost: two of three managers go on, and its tasks are started elsewhere.
        third.kill()
        lost.append(third)
        until(lambda: third.id not in {
            task["NodeID"] for task in private.engine.tasks({"service": private.service, "desired-state": "running"})
        }, "the lost node's tasks are not replaced")  # fmt: skip
        until(lambda: private.told("monitor")[0] == 0, "the monitor does not see that all run again")
        assert private.count == 4
        settings = tmp_path / "controller.json"
        settings.write_text(private.told("scale", "--show-settings")[1])
        with controller(tmp_path, json.loads(settings.read_text()), **at(first)) as scaling:
            until(lambda: f"{private.service}: 4 tasks, 2 to 4" in scaling.said.read_text(), "it does not look")
            # Another one: one of three is no quorum.
            second.kill()
            lost.append(second)
            until(lambda: NO_LEADER in private.told("monitor")[1], "the monitor does not say that there is no leader")
            code, said = private.told("monitor")
            assert code == 2, said
            assert "is gone" not in said, "what cannot be told is not said to be gone"
            code, said = private.told("local", "refresh", "--yes", "--skip-preview", "--color=never")
            assert (code != 0, NO_LEADER in said, "Traceback" in said) == (True, True, False), said
            with private.checkout.edited("private", ("cpu: 256", "cpu: 300")):
                code, said = private.told("local", "up", "--yes", "--skip-preview", "--color=never")
            assert (code != 0, NO_LEADER in said, "Traceback" in said) == (True, True, False), said
            code, said = private.told("scale", "--hold")
            assert (code, NO_LEADER in said, "Traceback" in said) == (2, True, False), said
            until(
                lambda: f"{private.service}: {NO_LEADER}" in scaling.said.read_text(), "the controller does not say so"
            )
            assert scaling.process.poll() is None
            ticks = len(scaling.lines("tick"))
            for node in list(lost):
                node.revive()
                lost.remove(node)
            nodes.settled()
            until(lambda: len(scaling.lines("tick")) > ticks, "the controller does not go on")
            assert scaling.stop() == 0
        private.up()
        until(lambda: private.told("monitor")[0] == 0, "what runs is not what was declared")
        assert private.count == 4
    finally:
        for node in lost:
            node.revive()
        nodes.settled()
        private.checkout.destroy("private")
        private.engine.close()
