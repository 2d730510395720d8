"""The controller scales a service of a real Swarm, with shortened periods.

It cannot prove anything of a Swarm of several machines, nor of Engines newer than the one that is here.
"""

from __future__ import annotations

import json
import re
import signal
import time
import urllib.request
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from operations.controller.loop import OtherWriterError
from operations.live.swarm import PREFIX, SwarmServices, SwarmStore
from tests import swarm
from tests.controlled_service import controller, controller_service, engine, load, said_by, scale, service, until

pytestmark = [pytest.mark.engine, pytest.mark.docker]

EVERY = 2
"""Seconds of a period."""


@pytest.fixture(scope="module")
def image() -> Iterator[str]:
    name = swarm.build(f"accordion-scaled-{uuid.uuid4().hex[:8]}", "1")
    if why := swarm.trial(name):
        pytest.skip(why)
    yield name
    swarm.client().remove_image(name, force=True)


def told(name: str, minimum: int = 1, maximum: int = 4, target: float = 120.0) -> dict[str, Any]:
    """Settings: so many requests a minute and task."""
    tracked = {
        "rate": {
            "metric": "requests_per_target", "target": target, "scale_out_cooldown": "4s", "scale_in_cooldown": "4s",
        }
    }  # fmt: skip
    periods = {
        "high_evaluation_periods": 2,
        "high_datapoints_to_alarm": 2,
        "low_evaluation_periods": 3,
        "low_datapoints_to_alarm": 3,
    }
    return {
        "services": {
            name: {
                "elasticity": {"minimum": minimum, "maximum": maximum, "target_tracking": tracked},
                "endpoint": {"port": 8080, "ignored": ["/health"]},
                "parameters": {
                    "metric_period": EVERY,
                    "balancer_period": EVERY,
                    "max_scale_in_fraction": 1.0,
                    **periods,
                },
            }
        }
    }


def test_a_service_is_scaled_out_and_in_without_touching_its_tasks_and_its_log_is_decided_again(
    image: str, tmp_path: Path
) -> None:
    with service(image, 1) as live, controller(tmp_path, told(live.name), "--metrics-port", "0") as scaling:
        before, first = live.spec()["Spec"], live.tasks()[0]["ID"]
        until(lambda: scaling.lines("tick"), "it does not look")
        with load(live, 10.0):
            until(lambda: live.replicas == 4, "it does not scale out")
            until(lambda: len(live.tasks()) == 4, "the tasks do not run")
            address = re.search(r"http://127\.0\.0\.1:\d+/metrics", scaling.said.read_text())
            assert address is not None
            metrics = urllib.request.urlopen(address[0]).read().decode()
            assert f'accordion_scale_maximum{{service="{live.name}"}} 4.0' in metrics
            assert f'accordion_scale_holder{{service="{live.name}"}} 1.0' in metrics
        until(lambda: live.replicas == 1, "it does not scale in")
        until(lambda: len(live.tasks()) == 1, "the tasks do not stop")
        assert live.tasks()[0]["ID"] == first, "the first slot stays, its task untouched"
        assert live.spec()["Spec"] == before
        assert scaling.stop() == 0
        actions = scaling.lines("action")
        assert {one["outcome"] for one in actions} == {"done"}
        assert (actions[0]["before"], max(one["after"] for one in actions), actions[-1]["after"]) == (1, 4, 1)
        ticks = len(scaling.lines("tick"))
        assert scale("--replay", str(scaling.log)) == (
            0, f"{ticks} of {ticks} ticks are decided the same again; changes done: {len(actions)}\n"
        )  # fmt: skip
        kept = SwarmStore(engine()).read(live.id)
        assert kept is not None
        assert kept[0]["holder"] == "", "whoever comes next need not wait"


def test_one_that_was_killed_is_followed_by_another_that_knows_its_cooldowns(image: str, tmp_path: Path) -> None:
    with service(image, 2) as live:
        with controller(tmp_path, told(live.name, minimum=2)) as first:
            until(lambda: len(first.lines("tick")) > 2, "it does not look")
            first.stop(signal.SIGKILL)
        with controller(tmp_path, told(live.name, minimum=2), log="second.jsonl") as second:
            until(lambda: "another controller scales it" in second.said.read_text(), "it does not wait for the lease")
            until(lambda: second.lines("tick"), "it does not take over")
            begun = second.lines("begin")[0]
            assert begun["why"] == "started"
            last = first.lines("tick")[-1]["second"]
            assert begun["memory"]["state"]["now"] >= last, "what the first has seen is remembered"
            assert second.stop() == 0


def test_held_released_stopped_reloaded_and_deleted(image: str, tmp_path: Path) -> None:
    with (
        service(image, 2, Delay=20 * 10**9, Order="start-first") as live,  # it goes on while a command starts
        controller(tmp_path, told(live.name, minimum=2)) as scaling,
        load(live, 10.0),
    ):

        def suspended() -> str:
            return str((scaling.lines("tick") or [{"suspended": None}])[-1]["suspended"])

        assert scale("--settings", str(scaling.settings), "--hold")[0] == 0
        until(lambda: suspended() == "held", "it is not held")
        held_at = live.replicas
        time.sleep(4 * EVERY)
        assert live.replicas == held_at
        # A release: nothing is written until it is over.
        live.write(lambda spec: spec["TaskTemplate"]["ContainerSpec"].update(Env=["A=1"]))
        assert scale("--settings", str(scaling.settings), "--resume")[0] == 0
        until(lambda: suspended() == "release", "it does not see the release")
        assert live.spec()["UpdateStatus"]["State"] == "updating"
        assert live.replicas == held_at
        until(lambda: live.replicas == 4, "it does not go on after the release")
        done = [line for line in scaling.lines("action") if line["outcome"] == "done"]
        releases = [line["at"] for line in scaling.lines("tick") if line["suspended"] == "release"]
        assert all(not releases[0] <= one["at"] <= releases[-1] for one in done)
        # Stopped by a person.
        live.write(lambda spec: spec["Mode"]["Replicated"].update(Replicas=0))
        until(lambda: suspended() == "stopped", "it does not leave it alone")
        live.write(lambda spec: spec["Mode"]["Replicated"].update(Replicas=2))
        until(lambda: suspended() == "", "it does not go on")
        # Other rules, without a stop; wrong ones are told.
        scaling.settings.write_text("{")
        until(lambda: "the settings are as they were" in scaling.said.read_text(), "it takes wrong settings")
        scaling.settings.write_text(json.dumps(told(live.name, minimum=3, maximum=3)))
        until(lambda: live.replicas == 3, "it does not take other rules")
        assert scaling.lines("begin")[-1]["memory"]["state"]["now"] > 0
        ticks = len(scaling.lines("tick"))
        swarm.client().remove_service(live.id)
        until(lambda: f"there is no service {live.name}" in scaling.said.read_text(), "it does not say so")
        assert scaling.process.poll() is None
        assert scaling.stop() == 0
        assert len(scaling.lines("tick")) >= ticks
        code, said = scale("--replay", str(scaling.log))
        assert (code, said.split(" of ")[0]) == (0, str(len(scaling.lines("tick"))))


def test_a_write_over_another_version_is_refused_and_a_memory_too_and_those_of_services_that_are_gone_go(
    image: str,
) -> None:
    services, store = SwarmServices(engine()), SwarmStore(engine())
    with service(image, 1) as live:
        view = services.view(live.name)
        assert view is not None
        live.write(lambda spec: spec.update(Labels={"a": "b"}))
        with pytest.raises(OtherWriterError):
            services.scale(view, 3)
        assert live.replicas == 1
        written = store.write(live.id, {"text": "x" * 20_000}, None)
        with pytest.raises(OtherWriterError):
            store.write(live.id, {}, None)
        again = store.write(live.id, {"held": True}, written)
        with pytest.raises(OtherWriterError):
            store.write(live.id, {}, written)
        assert store.read(live.id) == ({"held": True}, again)
    assert live.id in store.forget_gone()
    assert store.read(live.id) is None
    assert [one for one in swarm.client().configs() if one["Spec"]["Name"] == f"{PREFIX}{live.id}"] == []


def test_while_the_only_node_is_drained_nothing_is_lost_and_scaling_goes_on_after_it(
    image: str, tmp_path: Path
) -> None:
    client = swarm.client()

    def availability(value: str) -> None:
        node = client.nodes()[0]
        client.update_node(node["ID"], node["Version"]["Index"], {**node["Spec"], "Availability": value})

    with service(image, 2) as live, controller(tmp_path, told(live.name, minimum=2)) as scaling:
        until(lambda: scaling.lines("tick"), "it does not look")
        try:
            availability("drain")
            until(lambda: scaling.lines("tick")[-1]["serving"] == 0, "the tasks do not stop")
            until(lambda: scaling.lines("tick")[-1]["starting"] == 2, "new ones do not wait for a node")
            assert live.replicas == 2
        finally:
            availability("active")
        until(lambda: scaling.lines("tick")[-1]["serving"] == 2, "they do not come back")
        with load(live, 10.0):
            until(lambda: live.replicas == 4, "it does not scale out afterwards")


def test_as_a_service_of_the_swarm_it_scales_by_addresses_on_its_network_and_is_followed_when_it_is_killed(
    image: str,
) -> None:
    """Its image is not proved: the program is this machine's, in folders that are mounted."""
    with service(image, 1) as live, controller_service(live, told(live.name)) as name:
        client = swarm.client()
        until(lambda: f"scaling {live.name}" in said_by(name), "it does not start")
        with load(live, 10.0):
            until(lambda: live.replicas == 4, "it does not scale out")
            (task,) = [one for one in client.tasks({"service": name}) if one["Status"]["State"] == "running"]
            client.kill(task["Status"]["ContainerStatus"]["ContainerID"])
            until(lambda: len(client.tasks({"service": name})) == 2, "no other one is started")
        until(lambda: live.replicas == 1, "the next one does not scale in")
