"""`accordion monitor` of a stack on a Swarm, against answers of an Engine. Cannot prove that an Engine answers so;
tests/engine/test_private_stack.py asks one."""

from __future__ import annotations

import copy
import datetime
import json
from typing import Any

import pytest

from operations.declared import from_state
from operations.live.calls import Call
from operations.live.engine import lines_of
from operations.monitor.comparison import Stack
from operations.monitor.judge import judge
from operations.monitor.verdict import Verdict
from operations.monitor.wait import going_on

URN = "urn:pulumi:private::accordion::"
COMPONENT = f"{URN}accordion:index:SwarmService::web"
IMAGE = "registry.example/web:1"
CHANGE = {"parallelism": 1, "delay": "0s", "failureAction": "rollback", "monitor": "30s", "order": "start-first"}
STATE: dict[str, Any] = {
    "deployment": {
        "resources": [
            {"urn": f"{URN}pulumi:pulumi:Stack::accordion-private", "type": "pulumi:pulumi:Stack"},
            {
                "urn": COMPONENT,
                "type": "accordion:index:SwarmService",
                "parent": f"{URN}pulumi:pulumi:Stack::accordion-private",
                "inputs": {"spec": {"elasticity": {"minimum": 2, "maximum": 4}}},
            },
            {
                "urn": f"{URN}docker:index/service:Service::web-service",
                "type": "docker:index/service:Service",
                "custom": True,
                "id": "s1",
                "parent": COMPONENT,
                "inputs": {
                    "name": "web-service-1",
                    "mode": {"replicated": {"replicas": 2}},
                    "labels": [{"label": "team", "value": "shop"}, {"label": "accordion-declared", "value": "f1"}],
                    "updateConfig": CHANGE,
                    "taskSpec": {
                        "containerSpec": {"image": IMAGE, "env": {"WORD": "planted"}},
                        "resources": {"limits": {"nanoCpus": 250_000_000, "memoryBytes": 134_217_728}},
                        "restartPolicy": {"condition": "any", "delay": "5s"},
                    },
                },
            },
        ]
    }
}
SERVICE: dict[str, Any] = {
    "ID": "s1",
    "Spec": {
        "Name": "web-service-1",
        "Mode": {"Replicated": {"Replicas": 2}},
        "UpdateConfig": {"Parallelism": 1, "FailureAction": "rollback", "Monitor": 30 * 10**9, "Order": "start-first"},
        "TaskTemplate": {
            "ContainerSpec": {"Image": IMAGE},
            "Resources": {"Limits": {"NanoCPUs": 250_000_000, "MemoryBytes": 134_217_728}},
            "RestartPolicy": {"Condition": "any"},
        },
    },
}


def task(
    slot: int, state: str = "running", image: str = IMAGE, desired: str = "running", err: str = ""
) -> dict[str, Any]:
    return {
        "ID": f"t{slot}",
        "Slot": slot,
        "CreatedAt": f"2026-01-01T00:00:{slot:02}Z",
        "DesiredState": desired,
        "Spec": {"ContainerSpec": {"Image": image}},
        "Status": {"State": state, **({"Err": err} if err else {})},
    }


RUNNING = [task(1), task(2)]


class Engine:
    def __init__(
        self, service: dict[str, Any] | None, tasks: list[dict[str, Any]], memory: dict[str, Any] | None = None
    ) -> None:
        self.service, self.tasks, self.memory = service, tasks, memory

    def ask(self, call: Call, **_: Any) -> list[dict[str, Any]]:
        if call.operation == "list_configs":
            labels = {"accordion.controller": json.dumps(self.memory)}
            return (
                [] if self.memory is None else [{"ID": "c1", "Spec": {"Name": "accordion-scale-s1", "Labels": labels}}]
            )
        return self.tasks if call.operation == "list_tasks" else [self.service] if self.service else []


def stack(service: dict[str, Any] | None, tasks: list[dict[str, Any]]) -> Stack:
    declared = from_state(STATE, "private")
    return Stack(declared, Engine(service, tasks), datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC))


def verdict(service: dict[str, Any] | None, tasks: list[dict[str, Any]]) -> Verdict:
    return judge(stack(service, tasks), {})


def changed(path: str, value: Any) -> dict[str, Any]:
    found = node = copy.deepcopy(SERVICE)
    *above, last = path.split("/")
    for key in above:
        node = node.setdefault(key, {})
    node[last] = value
    return found


def test_what_runs_as_declared_is_the_same_whatever_an_update_says_of_itself() -> None:
    for service in (SERVICE, changed("UpdateStatus", {"State": "completed"})):
        told = verdict(service, RUNNING)
        assert (told.answer, told.differences, told.region) == ("same", (), "Docker Swarm")


@pytest.mark.parametrize(
    ("service", "tasks", "key", "running"),
    [
        (None, [], "web.gone", "deleted"),
        (changed("Spec/TaskTemplate/ContainerSpec/Image", "registry.example/web:0"), RUNNING, "web.image",
         "registry.example/web:0"),
        (changed("Spec/Mode/Replicated/Replicas", 5), [task(slot) for slot in range(1, 6)], "web.count", "5"),
        (changed("Spec/TaskTemplate/RestartPolicy/Condition", "none"), RUNNING, "web.setting", "none"),
        (SERVICE, [task(1), task(2, "rejected", err="No such image: web:1")], "web.units",
         "1: No such image: web:1"),
        (SERVICE, [task(1), {**task(1), "ID": "t1-again"}], "web.units", "1: its tasks are starting"),
        (SERVICE, [task(1), task(2, "complete", desired="shutdown")], "web.units",
         "1: a task ended by itself with exit code 0"),
        (SERVICE, [task(1), task(2, image="registry.example/web:0")], "web.units", "1: its tasks are starting"),
        (SERVICE, [task(1), task(2, "pending", err="no suitable node (insufficient resources on 1 node)")], "web.stuck",
         "1: no suitable node (insufficient resources on 1 node)"),
        (changed("UpdateStatus", {"State": "updating"}),
         [task(1), task(2, "pending", err="no suitable node (host-mode port already in use on 1 node)")], "web.stuck",
         "1: no suitable node (host-mode port already in use on 1 node)"),
        (changed("UpdateStatus", {"State": "rollback_completed", "Message": "rollback completed"}), RUNNING,
         "web.deployment", "rolled back: rollback completed"),
        (changed("UpdateStatus", {"State": "rollback_paused"}), RUNNING, "web.deployment",
         "its roll-back failed too, and is paused"),
    ],
)  # fmt: skip
def test_what_is_otherwise_is_told_with_what_the_engine_says(
    service: dict[str, Any] | None, tasks: list[dict[str, Any]], key: str, running: str
) -> None:
    found = {one.key: one.running for one in verdict(service, tasks).open}
    assert found.get(key) == running


@pytest.mark.parametrize(
    ("live", "tasks", "answer", "keys"),
    [("f1", RUNNING, "same", []), ("f0", RUNNING, "differs", ["web.deployment"]),
     ("f1", [task(1)], "differs", ["web.deployment", "web.units"])],
)  # fmt: skip
def test_a_roll_back_to_what_is_declared_is_told_and_is_no_difference(
    live: str, tasks: list[dict[str, Any]], answer: str, keys: list[str]
) -> None:
    """The Swarm says it until the next update; the label tells which declaration the specification is of."""
    service = changed("UpdateStatus", {"State": "rollback_completed", "Message": "rollback completed"})
    service["Spec"]["Labels"] = {"accordion-declared": live}
    told = verdict(service, tasks)
    assert (told.answer, sorted(one.key for one in told.open)) == (answer, keys)
    remark = "web: its last update was rolled back (rollback completed): what is declared runs again"
    assert (remark in told.remarks) == (answer == "same")


def test_a_hold_of_the_controller_is_told_until_it_is_over() -> None:
    for memory, keys in ((None, []), ({"held": False}, []), ({"held": True}, ["web.suspended"])):
        declared = from_state(STATE, "private")
        asked = Stack(declared, Engine(SERVICE, RUNNING, memory), datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC))
        told = judge(asked, {})
        assert [(one.key, one.category) for one in told.open] == [(key, "undeclared") for key in keys]
    assert told.open[0].cure == "accordion scale --resume --stack private"


def test_an_update_that_goes_on_is_waited_for_and_one_that_waits_for_room_is_not() -> None:
    updating = changed("UpdateStatus", {"State": "updating", "Message": "update in progress"})
    tasks = [task(1), task(2, "starting")]
    told = verdict(updating, tasks)
    assert (told.answer, [one.waits for one in told.unknown]) == ("unknown", [True, True])
    assert [one.said for one in going_on(stack(updating, tasks))] == ["updating, 1 of 2 tasks"]
    stuck = [task(1), task(2, "pending", err="no suitable node (1 node not available for new tasks)")]
    assert list(going_on(stack(updating, stuck))) == []


def test_the_image_of_a_pipeline_is_told_and_is_no_difference() -> None:
    other = "registry.example/web:7"
    service = changed("Spec/TaskTemplate/ContainerSpec/Image", other)
    state = copy.deepcopy(STATE)
    state["deployment"]["resources"][1]["inputs"]["spec"]["image_owner"] = "pipeline"
    asked = Engine(service, [task(1, image=other), task(2, image=other)])
    told = judge(Stack(from_state(state, "private"), asked, datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)), {})
    assert told.answer == "same"
    remark = f"web: a pipeline owns the image: {other} runs, {IMAGE} is declared"
    assert told.remarks == (remark,)
    # After an `up` that has sent the pipeline's image the state has it too; the stack file's is told all the same.
    repository, _, version = IMAGE.rpartition(":")
    state["deployment"]["resources"][1]["inputs"]["spec"]["container"] = {
        "image": {"repository": repository, "version": version, "digest": None}
    }
    (sent,) = [one for one in state["deployment"]["resources"] if one["type"] == "docker:index/service:Service"]
    sent["inputs"]["taskSpec"]["containerSpec"]["image"] = other
    told = judge(Stack(from_state(state, "private"), asked, datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)), {})
    assert (told.answer, told.remarks) == ("same", (remark,))


def test_a_tag_that_the_official_provider_has_pinned_is_the_same_image() -> None:
    pinned = f"{IMAGE}@sha256:{'0' * 64}"
    service = changed("Spec/TaskTemplate/ContainerSpec/Image", pinned)
    assert verdict(service, [task(1, image=pinned), task(2, image=pinned)]).answer == "same"


def test_nothing_of_the_environment_is_kept_of_a_state() -> None:
    assert "planted" not in from_state(STATE, "private").model_dump_json()


def test_a_log_is_read_piece_by_piece_and_one_that_is_cut_short_to_its_end() -> None:
    content = b"\x01\x00\x00\x00\x00\x00\x00\x06one\nt\n" + b"\x02\x00\x00\x00\x00\x00\x00\x09three"
    assert list(lines_of(content)) == ["one", "t", "three"]
