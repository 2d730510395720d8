"""What `up` waits for of a service, and what becomes of a creation that was cut short, on answers in an Engine's place,
in the order in which a real one gave them.

It cannot prove that an Engine answers so: tests/engine/test_private_stack.py and test_swarm.py have one.
"""

import copy
import threading
from collections.abc import Callable, Sequence
from typing import Any, cast

import pytest
from docker.errors import APIError, NotFound
from requests import ConnectionError as NoConnection

from localcloud.docker.cloud import DockerCloud
from localcloud.docker.engine import Engine, explain
from localcloud.docker.service import SERVICE
from localcloud.ledger import WORK, Work
from localcloud.provider.resource import Caller, Refused

TEMPLATE: dict[str, Any] = {
    "ContainerSpec": {"Image": "web:1", "Env": ["A=1"]},
    "Resources": {"Limits": {"NanoCPUs": 10**9}},
    "RestartPolicy": {"Condition": "any"},
    "ForceUpdate": 0,
}
NEW = {**TEMPLATE, "ContainerSpec": {"Image": "web:1", "Env": ["A=2"]}}
PROPS: dict[str, Any] = {
    "name": "web",
    "taskSpec": {"containerSpec": {"image": "web:1", "env": {"A": "2"}}},
    "mode": {"replicated": {"replicas": 1}},
    "convergeConfig": {"timeout": "2s"},
}


def task(template: dict[str, Any], state: str = "running", **status: str) -> dict[str, Any]:
    return {
        "Spec": copy.deepcopy(template),
        "DesiredState": "running",
        "Status": {"State": state, **status},
        "UpdatedAt": "2026-01-01T00:00:00Z",
    }


Look = tuple[str | None, list[dict[str, Any]]] | Exception
"""State of the update, and tasks; or what happens instead of an answer."""


class Answers:
    """An Engine that gives one look after the other, the last one again and again."""

    def __init__(self, looks: Sequence[Look]) -> None:
        self.looks, self.asked = list(looks), 0

    def ask(self, method: str, path: str, *_: Any, **__: Any) -> Any:
        if method == "POST":
            self.asked = 0
            return None
        place = min(self.asked, len(self.looks) - 1)
        look = self.looks[place]
        if isinstance(look, Exception):
            raise look
        if path == "/tasks":
            self.asked += 1
            return look[1]
        status = {"UpdateStatus": {"State": look[0], "Message": "why"}} if look[0] else {}
        return {"Spec": {"Name": "web", "TaskTemplate": NEW}, "Version": {"Index": 1}, **status}

    def find(self, path: str) -> Any:
        return self.ask("GET", path)


def update(*looks: Look) -> Answers:
    engine = Answers(looks)
    caller = cast("Caller", type("Asking", (), {"cancelled": threading.Event()})())
    SERVICE.update(cast("Engine", engine), "s1", PROPS, PROPS, PROPS, caller)
    return engine


def test_right_after_a_write_the_tasks_of_before_run_and_are_waited_for_though_nothing_says_that_an_update_goes_on() -> (
    None
):
    old, new = [task(TEMPLATE)], [task(NEW)]
    assert update((None, old), ("updating", old), ("updating", new), ("completed", new)).asked == 4
    # A change that needs no new task leaves the status alone.
    assert update((None, new)).asked == 1
    # A placement that the node fulfils stays out of the tasks.
    assert update((None, [task({**NEW, "Placement": {"Constraints": ["node.role==manager"]}})])).asked == 1


@pytest.mark.parametrize(
    ("looks", "said"),
    [
        ([("rollback_completed", [task(NEW, "failed", Err="task: non-zero exit (137): unhealthy container")])],
         "its update ended as rollback_completed: why; task: non-zero exit (137): unhealthy container"),
        ([("rollback_completed", [task(NEW, "complete", Message="finished")])],
         "its update ended as rollback_completed: why; a task ended by itself with exit code 0"),
        ([("paused", [])], "its update ended as paused: why"),
        ([("updating", [task(NEW, "starting"), task(NEW, "complete")])],
         "did not converge within 2s: 0 of 1 tasks run; a task ended by itself with exit code 0"),
        ([("updating", [task(NEW, "pending", Err="no suitable node (1 node not available for new tasks)")])],
         "did not converge within 2s: 0 of 1 tasks run; no suitable node (1 node not available for new tasks)"),
        # An Engine that was started again calls the update completed, whatever runs.
        ([("updating", [task(TEMPLATE)]), ("completed", [task(TEMPLATE)])], "did not converge within 2s: 0 of 1 tasks run"),
    ],
)  # fmt: skip
def test_what_does_not_come_up_is_refused_with_what_the_engine_says_of_its_tasks(looks: list[Look], said: str) -> None:
    with pytest.raises(Refused) as caught:
        update(*looks)
    assert str(caught.value) == said


def test_an_engine_that_is_gone_in_the_middle_of_a_wait_is_told_in_a_sentence() -> None:
    with pytest.raises(NoConnection) as caught:
        update(("updating", [task(TEMPLATE)]), NoConnection("refused"))
    assert explain(caught.value) == (
        "the Docker Engine does not answer (refused); is it running? `docker info`, or here: make docker"
    )


TYPES = {token.rpartition(":")[2]: kind for token, kind in DockerCloud("unix:///nowhere").resources.items()}
BEGUN = 1_767_225_600  # 2026-01-01T00:00:00Z


class Kept:
    """An Engine that has one thing of a name."""

    def __init__(self, name: str, made: str, *, nested: bool) -> None:
        head = {"Spec": {"Name": name}} if nested else {"Name": name}
        self.one, self.made = {"ID": "i1", "Id": "i1", "CreatedAt": made, "Created": made, **head}, list[str]()

    def ask(self, method: str, path: str, *_: Any, **__: Any) -> Any:
        if method == "POST":
            self.made.append(path)
        return {"Volumes": [self.one]} if path == "/volumes" else [self.one]

    def find(self, path: str) -> None:
        return None


@pytest.mark.parametrize(
    ("kind", "found"),
    [("Network", "i1"), ("Volume", "i1"), ("Secret", "i1"), ("ServiceConfig", "i1"), ("Service", "i1"),
     ("Image", None), ("RemoteImage", None), ("RegistryImage", None)],
)  # fmt: skip
@pytest.mark.parametrize(
    ("name", "made"),
    [("web", "2026-01-01T00:00:00.5Z"), ("web", "2025-12-31T23:59:59.9Z"), ("web-2", "2026-01-01T00:00:09Z")],
)
def test_a_creation_that_was_cut_short_is_looked_up_by_name_and_time_and_never_made_again(
    kind: str, found: str | None, name: str, made: str
) -> None:
    engine = Kept(name, made, nested=kind in ("Secret", "ServiceConfig", "Service"))
    token = WORK.set(Work(f"{BEGUN}000000000-1", again=True))
    try:
        caller = cast("Caller", None)
        if found and (name, made) == ("web", "2026-01-01T00:00:00.5Z"):
            assert TYPES[kind].create(cast("Engine", engine), {"name": "web"}, caller)[0] == found
        else:  # there before it began, or of another name: somebody else's
            with pytest.raises(Refused, match="nothing was made"):
                TYPES[kind].create(cast("Engine", engine), {"name": "web"}, caller)
        assert engine.made == []
    finally:
        WORK.reset(token)


def test_of_an_engine_that_goes_away_while_something_is_made_nobody_knows_what_it_has_done() -> None:
    class Gone:
        def ask(self, *_: Any, **__: Any) -> Any:
            raise NoConnection("reset by peer")

    for again in (False, True):
        work = Work(f"{BEGUN}000000000-1", again=again)
        token = WORK.set(work)
        try:
            with pytest.raises(NoConnection):
                TYPES["Network"].create(cast("Engine", Gone()), {"name": "web"}, cast("Caller", None))
            assert work.unanswered
        finally:
            WORK.reset(token)


class WithoutLeader(Engine):
    """An Engine that lists no network, and says that of its Swarm."""

    def __init__(self, status: int, said: str) -> None:
        super().__init__("unix:///nowhere")
        self.status, self.said = status, said

    def _ask(self, method: str, path: str, *_: Any) -> Any:
        if path == "/networks":
            return []
        error = NotFound("no such network") if path != "/swarm" else APIError("no", explanation=self.said)
        error.response = type("Answer", (), {"status_code": self.status if path == "/swarm" else 404})()
        raise error


@pytest.mark.parametrize(
    "asked",
    [lambda engine: engine.ask("GET", "/networks"), lambda engine: engine.find("/networks/n")],
    ids=["listed", "looked up"],
)
def test_a_network_that_is_not_told_is_not_there_only_where_the_swarm_has_a_leader(
    asked: Callable[[Engine], Any],
) -> None:
    leaderless = (
        "rpc error: code = Unknown desc = The swarm does not have a leader. It's possible that too few are online."
    )
    with pytest.raises(APIError) as caught:
        asked(WithoutLeader(500, leaderless))
    assert explain(caught.value) == (
        "the Swarm has no leader, since half of its managers or more are gone: its tasks run on, and nothing of it can be "
        "read or changed; start the managers again, or where they are lost: docker swarm init --force-new-cluster"
    )
    assert not asked(WithoutLeader(503, "This node is not a swarm manager."))
