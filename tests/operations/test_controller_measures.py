"""From what tasks say to datapoints, and what a controller is told. Tasks of other nodes are simulated here: it
cannot prove what they really say, which is for tests/engine/test_several_nodes.py."""

from __future__ import annotations

import contextlib
import errno
import json
import math
import os
import shutil
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from docker.errors import APIError

from elasticity.autoscaler.autoscaler import Counts
from localcloud.cloud import LocalCloudError
from operations import cli
from operations.controller import settings as controller_settings
from operations.controller.command import Controller, Lines
from operations.controller.loop import OtherWriterError, UnreachableError, View
from operations.controller.measures import Reading, TaskMeasures
from operations.controller.settings import ScaledService
from operations.failures import CannotRun
from operations.live.swarm import LABEL, PREFIX, SwarmServices, SwarmStore, TaskReaders, _fetched, counted

PORT = 8080
RULES = {"minimum": 1, "maximum": 5, "target_tracking": {"cpu": {"metric": "cpu", "target": 50}}}


class Told:
    """Readings by second, as they were told."""

    unread = ""

    def __init__(self, **elsewhere: float) -> None:
        self.now: Mapping[str, Reading] = {}
        self.elsewhere = elsewhere

    def read(self, view: View) -> Mapping[str, Reading]:
        return self.now

    def query(self, metric: str, period: int, view: View) -> float | None:
        return self.elsewhere.get(metric)


def measured(metric: str, *samples: Mapping[str, Reading], running: int = 2, period: int = 10) -> float:
    told = Told()
    measures, view = TaskMeasures(told, period), View("svc", running, 1, Counts(running))
    for place, readings in enumerate(samples):
        told.now = readings
        measures.sample(view, 100 + place * period)
    return measures.datapoint((metric, period), view, 100 + (len(samples) - 1) * period)


def test_cpu_is_the_mean_of_what_each_task_has_used_of_its_limit_by_its_own_earlier_reading() -> None:
    before = {"a": Reading(0.0, cpu=5.0, cores=0.5), "b": Reading(0.5, cpu=7.0, cores=0.5)}
    now = {"a": Reading(10.0, cpu=7.0, cores=0.5), "b": Reading(10.5, cpu=8.0, cores=0.5)}
    assert measured("cpu", before, now) == pytest.approx((40 + 20) / 2)


def test_a_first_reading_a_container_that_began_anew_and_too_few_tasks_are_no_datapoint() -> None:
    one = {"a": Reading(0.0, cpu=5.0), "b": Reading(0.0, cpu=5.0)}
    assert math.isnan(measured("cpu", one))
    assert math.isnan(measured("cpu", one, {"a": Reading(10.0, cpu=1.0)}))
    later = {"a": Reading(10.0, cpu=6.0)}
    assert math.isnan(measured("cpu", one, later, running=6)), (
        "one of six tasks is on this node: it does not speak for all"
    )
    assert measured("cpu", one, later, running=2) == pytest.approx(10.0)


def test_requests_are_counted_per_minute_and_task_those_of_a_task_that_came_meanwhile_too() -> None:
    before = {"a": Reading(0.0, requests=100.0), "b": Reading(0.0, requests=50.0)}
    now = {"a": Reading(10.0, requests=130.0), "b": Reading(10.0, requests=70.0), "c": Reading(10.0, requests=10.0)}
    assert measured("requests_per_target", before, now, running=3) == pytest.approx(60 / 10 * 60 / 3)


def test_response_time_is_missing_where_nobody_asked() -> None:
    before = {"a": Reading(0.0, seconds=1.0, answers=10.0)}
    assert math.isnan(measured("response_time", before, {"a": Reading(10.0, seconds=1.0, answers=10.0)}, running=1))
    assert measured("response_time", before, {"a": Reading(10.0, seconds=2.0, answers=30.0)}, running=1) == 0.05


def test_memory_is_the_mean_of_the_readings_within_the_period() -> None:
    samples = [{"a": Reading(float(place), memory=value)} for place, value in enumerate((10.0, 20.0, 40.0))]
    assert measured("memory", *samples, running=1) == 40.0


def test_what_prometheus_answers_goes_before_what_tasks_say() -> None:
    measures = TaskMeasures(Told(cpu=33.0), 10)
    assert measures.datapoint(("cpu", 10), View("svc", 1, 1, Counts(1)), 100) == 33.0


def test_samples_of_all_labels_are_summed_but_for_health_checks_and_the_scrape_itself() -> None:
    text = """\
# TYPE http_requests_total counter
http_requests_total{route="/work",code="200"} 7
http_requests_total{route="/work",code="500"} 2
http_requests_total{route="/metrics",code="200"} 40
http_requests_total{route="/health",code="200"} 90
# TYPE took summary
took_sum 3.5
took_count 9
"""
    names = ("http_requests_total", "took_sum", "took_count", "nothing")
    assert counted(text, names, {"/metrics", "/health"}) == [9.0, 3.5, 9.0, None]
    assert counted("{{{ no metrics", names) == [None] * 4
    assert counted("# TYPE requests counter\nrequests 4\n", ("requests",)) == [4.0], "a counter without _total"


class Swarm:
    """An Engine that answers from tables; tasks on two nodes."""

    address = "unix:///var/run/docker.sock"

    def __init__(self) -> None:
        self.answers: dict[tuple[str, str], Any] = {
            ("GET", "/info"): {"Swarm": {"NodeID": "here", "ControlAvailable": True}},
            ("GET", "/nodes/there"): {"Status": {"Addr": "10.0.0.7"}},
        }
        self.asked: list[tuple[str, str, Any, dict[str, Any]]] = []

    def ask(self, method: str, path: str, body: Any = None, **params: Any) -> Any:
        self.asked.append((method, path, body, params))
        answer = self.answers[method, path.partition("?")[0]]
        if isinstance(answer, Exception):
            raise answer
        return answer() if callable(answer) else json.loads(json.dumps(answer))

    def find(self, path: str) -> Any:
        return self.answers.get(("GET", path))


def service(replicas: int = 2, state: str | None = None) -> dict[str, Any]:
    found = {
        "ID": "svc1",
        "Version": {"Index": 40},
        "Spec": {
            "Name": "web",
            "Mode": {"Replicated": {"Replicas": replicas}},
            "TaskTemplate": {"Runtime": "x", "Odd": 1},
        },
    }
    return found if state is None else {**found, "UpdateStatus": {"State": state}}


def task(name: str, node: str, state: str = "running", port: int | None = None) -> dict[str, Any]:
    ports = [] if port is None else [{"TargetPort": 8080, "PublishedPort": port}]
    status = {"State": state, "ContainerStatus": {"ContainerID": f"c-{name}"}, "PortStatus": {"Ports": ports}}
    attached = [{"Network": {"Spec": {}}, "Addresses": ["10.9.0.3/24"]}]
    return {"ID": name, "NodeID": node, "Status": status, "NetworksAttachments": attached, "Spec": {}}


def test_a_service_is_viewed_by_its_exact_name_and_waits_while_a_release_is_watched() -> None:
    engine = Swarm()
    other = {**service(9), "ID": "svc2", "Spec": {**service(9)["Spec"], "Name": "web-canary"}}
    engine.answers["GET", "/services"] = [other, service(3, "updating")]
    engine.answers["GET", "/tasks"] = [task("a", "here"), task("b", "there"), task("c", "there", "preparing")]
    view = SwarmServices(engine).view("web")  # type: ignore[arg-type] # answers as an Engine does
    assert view is not None
    assert (view.id, view.replicas, view.index, view.counts, view.release) == ("svc1", 3, 40, Counts(2, 1), True)
    assert SwarmServices(engine).view("we") is None  # type: ignore[arg-type] # as above


def test_a_node_that_is_drained_leaves_tasks_that_start_and_count_as_such() -> None:
    engine = Swarm()
    engine.answers["GET", "/services"] = [service(3)]
    engine.answers["GET", "/tasks"] = [task("a", "here"), task("b", "", "pending"), task("c", "", "pending")]
    view = SwarmServices(engine).view("web")  # type: ignore[arg-type] # answers as an Engine does
    assert view is not None
    assert view.counts == Counts(1, 2)


@pytest.mark.parametrize(("said", "status", "raised"), [
    ("rpc error: code = Unknown desc = update out of sequence", 500, OtherWriterError),
    ("service svc1 not found", 404, OtherWriterError),
    ("rpc error: code = DeadlineExceeded", 500, UnreachableError),
])  # fmt: skip
def test_the_specification_goes_back_as_it_came_but_for_the_number(said: str, status: int, raised: type) -> None:
    engine = Swarm()
    engine.answers["GET", "/services"], engine.answers["GET", "/tasks"] = [service()], []
    engine.answers["POST", "/services/svc1/update"] = None
    live = SwarmServices(engine)  # type: ignore[arg-type] # answers as an Engine does
    view = live.view("web")
    assert view is not None
    live.scale(view, 7)
    expected = service(7)["Spec"]
    assert engine.asked[-1] == ("POST", "/services/svc1/update", expected, {"version": 40})
    assert view.raw["service"]["Spec"]["Mode"]["Replicated"]["Replicas"] == 2
    error = APIError("no", explanation=said)
    error.response = type("Answer", (), {"status_code": status})()
    engine.answers["POST", "/services/svc1/update"] = error
    with pytest.raises(raised):
        live.scale(view, 7)


def test_a_memory_is_written_over_one_version_only_and_told_when_another_has_written() -> None:
    engine = Swarm()
    kept: list[Any] = []
    engine.answers["GET", "/configs"] = lambda: kept
    engine.answers["POST", "/configs/create"] = None
    store = SwarmStore(engine)  # type: ignore[arg-type] # answers as an Engine does
    assert store.read("svc1") is None
    with pytest.raises(OtherWriterError):
        store.write("svc1", {"held": True}, None)
    spec = engine.asked[-2][2]
    assert (spec["Name"], spec["Labels"]) == (f"{PREFIX}svc1", {LABEL: '{"held":true}'})
    kept.append({"ID": "cfg", "Version": {"Index": 9}, "Spec": spec})
    assert store.read("svc1") == ({"held": True}, 9)
    kept[0] = {"ID": "cfg", "Version": {"Index": 10}, "Spec": {"Name": f"{PREFIX}svc1", "Labels": {LABEL: "not JSON"}}}
    assert store.read("svc1") == ({}, 10)


def published(engine: Swarm, name: str, of_4: int, of_6: int) -> None:
    """A container's port as the Engine says it, of both kinds of addresses."""
    places = [{"HostIp": "::", "HostPort": str(of_6)}, {"HostIp": "0.0.0.0", "HostPort": str(of_4)}]
    engine.answers["GET", f"/containers/c-{name}/json"] = {"NetworkSettings": {"Ports": {f"{PORT}/tcp": places}}}


def readers(
    engine: Swarm, monkeypatch: pytest.MonkeyPatch, reaches: Any
) -> tuple[list[str], Mapping[str, Reading], str]:
    """Where tasks were asked for their metrics, their readings, and what is said of those that were not read."""
    asked: list[str] = []

    def fetched(url: str) -> tuple[float, str]:
        asked.append(url)
        return 5.0, "# TYPE http_requests_total counter\nhttp_requests_total 8\n"

    monkeypatch.setattr("operations.live.swarm._fetched", fetched)
    tracked = {"rate": {"metric": "requests_per_target", "target": 60}}
    scaled = ScaledService.model_validate(
        {"elasticity": {**RULES, "target_tracking": tracked}, "endpoint": {"port": 8080}}
    )
    tasks = [
        task("a", "here", port=31_000),
        task("b", "there", port=32_000),
        task("c", "here"),
        task("d", "there", port=32_001),
    ]
    tasks[3]["Status"]["PortStatus"]["Ports"].append({"TargetPort": 8080, "PublishedPort": 32_000})
    view = View("svc1", 4, 40, Counts(4), raw=MappingProxyType({"tasks": tasks}))
    made = TaskReaders(engine, scaled, reaches=reaches, metrics=frozenset({"requests_per_target"}))  # type: ignore[arg-type] # as above
    return asked, made.read(view), made.unread


def test_tasks_are_asked_at_their_ports_unless_these_are_two_and_those_without_one_by_the_bridge(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    engine = Swarm()
    published(engine, "a", 31_001, 31_000)
    engine.answers["GET", "/networks/docker_gwbridge"] = {"Containers": {"c-c": {"IPv4Address": "172.18.0.5/16"}}}
    asked, found, unread = readers(engine, monkeypatch, "host")
    assert sorted(asked) == [
        "http://10.0.0.7:32000/metrics", "http://127.0.0.1:31001/metrics", "http://172.18.0.5:8080/metrics",
    ]  # fmt: skip
    assert {name: one.requests for name, one in found.items()} == {"a": 8.0, "b": 8.0, "c": 8.0}
    assert unread == (
        "requests_per_target: read of 3 of 4 tasks, since 1 cannot be reached from this node; `reaches: network` asks "
        "them on the services' network"
    )


def test_tasks_of_an_engine_that_is_asked_over_the_network_are_on_its_node_and_not_here(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    engine = Swarm()
    engine.address = "tcp://10.0.0.1:2376"
    published(engine, "a", 31_001, 31_000)
    published(engine, "c", 31_003, 31_003)
    asked, found, _ = readers(engine, monkeypatch, "host")
    assert sorted(asked) == [
        "http://10.0.0.1:31001/metrics", "http://10.0.0.1:31003/metrics", "http://10.0.0.7:32000/metrics",
    ]  # fmt: skip
    assert set(found) == {"a", "b", "c"}


def test_a_controller_on_the_network_asks_every_task_at_its_own_address(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, found, unread = readers(Swarm(), monkeypatch, "network")
    assert asked == ["http://10.9.0.3:8080/metrics"] * 4
    assert (len(found), unread) == (4, "")


def test_statistics_are_read_of_this_nodes_tasks_alone_and_a_stopped_one_says_nothing() -> None:
    engine = Swarm()
    stats = {
        "read": "2026-01-05T00:00:10.5Z",
        "cpu_stats": {"cpu_usage": {"total_usage": 3_000_000_000}, "online_cpus": 2},
        "memory_stats": {"usage": 60, "limit": 100, "stats": {"total_inactive_file": 10}},
    }
    engine.answers["GET", "/containers/c-a/stats"] = stats
    engine.answers["GET", "/containers/c-z/stats"] = {
        "read": "0001-01-01T00:00:00Z",
        "cpu_stats": {"cpu_usage": {"total_usage": 0}},
    }
    scaled = ScaledService.model_validate({"elasticity": RULES})
    made = TaskReaders(engine, scaled, metrics=frozenset({"cpu"}))  # type: ignore[arg-type] # answers as an Engine does
    limited = {**task("a", "here"), "Spec": {"Resources": {"Limits": {"NanoCPUs": 250_000_000}}}}
    tasks = [limited, task("b", "there"), task("z", "here")]
    found = made.read(View("svc1", 3, 40, Counts(3), raw=MappingProxyType({"tasks": tasks})))
    assert list(found) == ["a"]
    assert (found["a"].cpu, found["a"].cores, found["a"].memory) == (3.0, 0.25, 50.0)
    assert made.unread == (
        "cpu: read of 2 of 3 tasks, since an Engine has statistics of its own node's tasks alone; `queries` of a "
        "Prometheus tell of all"
    )


@pytest.mark.parametrize(("service", "words"), [
    ({"elasticity": {**RULES, "target_tracking": {"r": {"metric": "requests_per_target", "target": 9}}}}, "services.web.endpoint: is missing: a rule is on requests_per_target"),
    ({"elasticity": RULES, "queries": {"cpu": "x"}}, "services.web.queries: there is no `prometheus` to ask them of"),
    ({"elasticity": RULES, "parameters": {"metric_perod": 20}}, "services.web.elasticity: not a platform parameter: metric_perod"),
    ({"elasticity": {**RULES, "predictive": {"p": {"metric": "cpu", "target": 40}}}}, "no forecast is made here"),
    ({"elasticity": RULES, "endpoint": {"port": 0}}, "services.web.endpoint.port"),
])  # fmt: skip
def test_settings_that_do_not_fit_are_refused_with_their_place(
    service: dict[str, Any], words: str, tmp_path: Path
) -> None:
    file = tmp_path / "controller.json"
    file.write_text(json.dumps({"services": {"web": service}}))
    with pytest.raises(CannotRun) as refused:
        controller_settings.read(file)
    assert words in refused.value.format_message()


@pytest.mark.parametrize(
    "address",
    [
        "prometheus:9090",
        "file:///etc/passwd",
        "http://user:word@host",
        "http://prometheus:port",
        "http://prometheus:99999",
        "http://prom etheus:9090",
        "http://[::1",
        "http://prometheus:9090/?tenant=1",
        "http://prometheus:9090/#graph",
    ],
)
def test_an_address_that_is_no_prometheus_is_refused(address: str) -> None:
    with pytest.raises(CannotRun, match="prometheus: expected an address"):
        controller_settings.parsed({"services": {"web": {"elasticity": RULES}}, "prometheus": address}, "f")


def test_what_a_proxy_counts_is_for_all_tasks_and_one_proxy_that_does_not_answer_says_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def text(count: int) -> str:
        return (
            "# TYPE haproxy_backend_http_responses_total counter\n"
            f'haproxy_backend_http_responses_total{{proxy="web",code="2xx"}} {count}\n'
            'haproxy_backend_http_responses_total{proxy="other",code="2xx"} 9999\n'
            "# TYPE haproxy_backend_response_time_average_seconds gauge\n"
            'haproxy_backend_response_time_average_seconds{proxy="web"} 0.25\n'
        )

    answers: dict[str, tuple[float, str] | None] = {}
    monkeypatch.setattr("operations.live.swarm._fetched", lambda url: answers[url])
    proxy = {**service(2), "ID": "proxy1", "Spec": {**service(2)["Spec"], "Name": "proxy-1"}}
    engine = Swarm()
    engine.answers["GET", "/services"] = [proxy]
    engine.answers["GET", "/tasks"] = [task("p", "here", port=1), task("q", "here", port=2)]
    for place, each in enumerate("pq", 1):
        ports = {"8404/tcp": [{"HostIp": "0.0.0.0", "HostPort": str(place)}]}
        engine.answers["GET", f"/containers/c-{each}/json"] = {"NetworkSettings": {"Ports": ports}}
    tracked = {
        "rate": {"metric": "requests_per_target", "target": 60},
        "time": {"metric": "response_time", "target": "200ms"},
    }
    front = {
        "service": "proxy-1", "port": 8404, "labels": {"proxy": "web"}, "requests": "haproxy_backend_http_responses_total",
        "average": "haproxy_backend_response_time_average_seconds",
    }  # fmt: skip
    scaled = ScaledService.model_validate({"elasticity": {**RULES, "target_tracking": tracked}, "endpoint": front})
    made = TaskReaders(engine, scaled, metrics=frozenset({"requests_per_target", "response_time"}))  # type: ignore[arg-type] # answers as an Engine does
    view = View("svc1", 4, 40, Counts(4), raw=MappingProxyType({"tasks": []}))
    measures = TaskMeasures(made, 10)
    for second, count in ((100, 10), (110, 50), (120, 90)):
        answers["http://127.0.0.1:1/metrics"] = (float(second), text(count))
        answers["http://127.0.0.1:2/metrics"] = None if second == 120 else (float(second), text(count))
        measures.sample(view, second)
        if second == 110:
            assert measures.datapoint(("requests_per_target", 10), view, second) == pytest.approx(80 / 10 * 60 / 4)
            assert measures.datapoint(("response_time", 10), view, second) == 0.25
    assert math.isnan(measures.datapoint(("requests_per_target", 10), view, 120))
    assert measures.unread == (
        "requests_per_target and response_time: read of 1 of 2 tasks of proxy-1, since the others do not answer at port "
        "8404, path /metrics"
    )


def on_network(name: str, network: str, created: str = "2026-11-30T01:00:00Z", **more: Any) -> dict[str, Any]:
    """A service that is called by that name there."""
    spec = {
        "Name": f"{name}-service-{network}",
        "Mode": {"Replicated": {"Replicas": 2}},
        "TaskTemplate": {"Networks": [{"Target": "other"}, {"Target": network, "Aliases": [name]}]},
    }
    return {"ID": f"{name}-{network}", "Version": {"Index": 7}, "CreatedAt": created, "Spec": spec, **more}


def test_services_are_known_by_their_names_on_a_network_and_the_newer_one_takes_over() -> None:
    engine = Swarm()
    engine.answers["GET", "/services"] = [
        on_network("web", "theirs"),
        on_network("api", "ours"),
        on_network("web", "ours"),
    ]
    engine.answers["GET", "/tasks"] = []
    services = SwarmServices(engine, "ours")  # type: ignore[arg-type] # answers as an Engine does
    found = services.view("web")
    assert found is not None
    assert (found.id, found.replicas) == ("web-ours", 2)
    assert services.view("web-service-ours") is None, "its name in the Swarm is another"
    follower = on_network("web", "ours", "2026-11-30T02:00:00Z", ID="follower")
    engine.answers["GET", "/services"] = [follower, *engine.answers["GET", "/services"]]
    again = services.view("web")
    assert again is not None
    assert again.id == "follower"


def test_tasks_are_asked_at_their_addresses_on_the_known_network(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr("operations.live.swarm._fetched", asked.append)
    engine = Swarm()
    rate = {"rate": {"metric": "requests_per_target", "target": 60}}
    scaled = ScaledService.model_validate({"elasticity": {**RULES, "target_tracking": rate}, "endpoint": {"port": 80}})
    attached = [
        {"Network": {"ID": name}, "Addresses": [f"10.0.{place}.5/24"]} for place, name in enumerate(("other", "ours"))
    ]
    running = {**task("p", "here"), "NetworksAttachments": attached}
    view = View("svc1", 1, 40, Counts(1), raw=MappingProxyType({"tasks": [running]}))
    for network in ("ours", None):
        wanted: Any = {"reaches": "network", "network": network, "metrics": frozenset({"requests_per_target"})}
        made = TaskReaders(engine, scaled, **wanted)  # type: ignore[arg-type] # answers as an Engine does
        made.read(view)
    assert asked == ["http://10.0.1.5:80/metrics", "http://10.0.0.5:80/metrics"]


def test_a_stack_on_a_swarm_tells_its_controller_rules_names_and_who_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    text = (Path(__file__).parents[2] / "Pulumi.private.yaml").read_text(encoding="utf-8")
    (tmp_path / "Pulumi.private.yaml").write_text(
        text.replace("cpu: { metric: cpu, target: 70", "rate: { metric: requests_per_target, target: 900")
    )
    exported = {
        "composition": "private_service",
        "proxy": "proxy-7f",
        "services": {"web": {"service": "web-service-3a", "service_id": "id1", "network": "net"}},
    }
    state = {"deployment": {"resources": [{"type": "pulumi:pulumi:Stack", "outputs": exported}]}}
    (tmp_path / "state.json").write_text(json.dumps(state))
    assert cli.run(["scale", "--stack", "private", "--state", "state.json", "--show-settings"]) == 0
    told = json.loads(capsys.readouterr().out)
    (service,) = told["services"].values()
    assert list(told["services"]) == ["web-service-3a"]
    assert service["endpoint"]["service"] == "proxy-7f"
    assert service["endpoint"]["labels"] == {"proxy": "web"}
    assert service["elasticity"]["target_tracking"]["rate"]["target"] == 900
    assert (
        controller_settings.parsed(told, "f").services["web-service-3a"].policy.parameters.platform == "swarm_service"
    )
    assert cli.run(["scale", "--stack", "private", "--state", "state.json", "--service", "api", "--show-settings"]) == 2
    assert "no service 'api' has rules: there are web" in capsys.readouterr().err
    (tmp_path / "state.json").write_text(json.dumps({"deployment": {"resources": []}}))
    assert cli.run(["scale", "--stack", "private", "--state", "state.json", "--dry-run"]) == 2
    assert "stack private is not deployed" in capsys.readouterr().err


@pytest.mark.parametrize("words", [("--hold",), ("--dry-run",), ("--show-settings",)])
def test_a_stack_that_is_not_on_the_local_cloud_is_told_with_what_deploys_it(
    words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Cloud:
        def state(self, stack: str) -> None:
            raise LocalCloudError(f"the engine could not do `pulumi stack export`: no stack named '{stack}' found")

    monkeypatch.chdir(tmp_path)
    shutil.copy(Path(__file__).parents[2] / "Pulumi.private.yaml", tmp_path)
    monkeypatch.setattr("operations.local.cloud_here", Cloud)
    assert cli.run(["scale", "--stack", "private", "--local", *words]) == 2
    assert capsys.readouterr().err == (
        "error: stack private is not on the local cloud: `accordion local up --stack private` deploys it\n"
    )


@contextlib.contextmanager
def answering(content: bytes, *, slowly: bool = False, head: bytes = b"") -> Iterator[str]:
    """Address of a server that answers once, with this; `slowly`: a byte at a time behind the `head`, for as long as
    somebody reads."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            with contextlib.suppress(OSError):
                connection, _ = server.accept()
                with connection:
                    connection.recv(65_536)
                    pieces = (bytes([each]) for each in content) if slowly else iter([content])
                    connection.sendall(head)
                    for piece in pieces:
                        connection.sendall(piece)
                        if slowly:
                            time.sleep(0.05)

        thread = threading.Thread(target=answer)
        thread.start()
        try:
            yield f"127.0.0.1:{server.getsockname()[1]}"
        finally:
            server.close()
            thread.join()


TEXT = b"http_requests_total 12\n"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n"


@pytest.mark.parametrize(
    ("content", "slowly", "found"),
    [
        (HEAD % len(TEXT) + TEXT, False, True),
        (HEAD % (len(TEXT) + 9) + TEXT, False, False),
        (HEAD % (3 * len(TEXT)) + 3 * TEXT, False, False),
        (b"HTTP/1.1 200 OK\r\n\r\n" + 1_000 * TEXT, True, False),
        (b"HTTP/1.1 200 OK\r\n" + 1_000 * b"A: b\r\n", True, False),
        (b"HTTP/1.1 500 Wrong\r\nContent-Length: 0\r\n\r\n", False, False),
        (b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", False, False),
        (b"not HTTP at all\r\n\r\n", False, False),
        (b"", False, False),
    ],
    ids=[
        "good",
        "cut off",
        "too much",
        "drawn out",
        "a head that is drawn out",
        "an error",
        "elsewhere",
        "no HTTP",
        "nothing",
    ],
)
def test_metrics_that_are_not_whole_in_time_are_missing(
    content: bytes, slowly: bool, found: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("operations.live.swarm._TIMEOUT", 0.5 if slowly else 10.0)
    monkeypatch.setattr("operations.live.swarm._LARGEST", 2 * len(TEXT))
    with answering(content, slowly=slowly) as address:
        told = _fetched(f"http://{address}/metrics")
    assert (None if told is None else told[1]) == (TEXT.decode() if found else None)


@pytest.mark.parametrize(
    "head",
    [b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.0 200 OK\r\nContent-Length: 92\r\n\r\n", HEAD % 92],
    ids=["no length", "HTTP 1.0", "a length"],
)
def test_metrics_that_are_drawn_out_are_waited_for_no_longer(head: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("operations.live.swarm._TIMEOUT", 0.5)
    began = time.monotonic()
    with answering(4 * TEXT, slowly=True, head=head) as address:  # 4.6 s and more
        assert _fetched(f"http://{address}/metrics") is None
        assert time.monotonic() - began < 4.5


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"status": "error"}', b"[" * 100_000])
def test_a_prometheus_that_answers_nonsense_is_no_datapoint(content: bytes) -> None:
    scaled = ScaledService.model_validate({"elasticity": RULES, "queries": {"cpu": "sum(rate(x[$period]))"}})
    with answering(HEAD % len(content) + content) as address:
        made = TaskReaders(Swarm(), scaled, prometheus=f"http://{address}", metrics=frozenset({"cpu"}))  # type: ignore[arg-type] # answers as an Engine does
        answer = made.query("cpu", 60, View("svc1", 1, 1, Counts(1)))
    assert answer is not None
    assert math.isnan(answer)


def test_a_sample_that_stands_twice_counts_once_and_one_without_end_not_at_all() -> None:
    text = 'a{x="1"} 3\na{x="1"} 3\na{x="2"} 4\nb +Inf\nc NaN\n'
    assert counted(text, ("a", "b", "c")) == [7.0, None, None]


def test_a_clock_that_was_set_back_between_two_readings_is_no_datapoint() -> None:
    before, now = {"a": Reading(100.0, requests=10.0)}, {"a": Reading(40.0, requests=20.0)}
    assert math.isnan(measured("requests_per_target", before, now, running=1))


def test_a_dry_run_asks_the_engine_for_nothing_but_answers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    engine = Swarm()
    engine.answers["GET", "/services"] = [service(2)]
    engine.answers["GET", "/tasks"] = [task("p", "here"), task("q", "here")]
    engine.answers["GET", "/containers/c-p/stats"] = engine.answers["GET", "/containers/c-q/stats"] = {}
    monkeypatch.setattr("operations.controller.command.engine_at", lambda _: engine)
    told = controller_settings.parsed({"services": {"web": {"elasticity": RULES}}}, "f")
    made = Controller(lambda: told, "unix:///none", dry_run=True, log=tmp_path / "log.jsonl")
    made.scalers["web"].turn()
    made.stop.set()
    made.run()
    assert {method for method, *_ in engine.asked} == {"GET"}
    assert [json.loads(line)["kind"] for line in (tmp_path / "log.jsonl").read_text().splitlines()] == ["begin", "tick"]


def test_one_service_that_cannot_be_scaled_ends_no_other(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = Swarm()
    every = {**service(2), "Spec": {**service(2)["Spec"], "Mode": {"Global": {}}}}
    engine.answers["GET", "/services"] = [every]
    monkeypatch.setattr("operations.controller.command.engine_at", lambda _: engine)
    told = controller_settings.parsed({"services": {"web": {"elasticity": RULES}}}, "f")
    made = Controller(lambda: told, "unix:///none", dry_run=True, log=tmp_path / "log.jsonl")
    made._turn("web")
    assert "web: web is no replicated service: the Swarm itself says how many tasks it has" in capsys.readouterr().err


def test_a_line_that_a_full_disk_cut_off_leaves_nothing_of_itself(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log, write = Lines(tmp_path / "log.jsonl"), os.write
    assert log.write({"a": 1})

    def full(handle: int, content: bytes) -> int:
        if len(content) < 6:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(handle, content[:5])

    with monkeypatch.context() as patched:
        patched.setattr("operations.controller.command.os.write", full)
        assert not log.write({"b": 1})
        assert not log.write({"b": 2})
    assert log.write({"c": 1})
    assert (tmp_path / "log.jsonl").read_text() == '{"a":1}\n{"c":1}\n'
    said = "the log cannot be written, and scaling goes on: [Errno 28] No space left on device\n"
    assert capsys.readouterr().err == said, "once"
