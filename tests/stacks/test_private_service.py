"""Settings, workloads and packages of a stack on a Swarm. Cannot prove that an Engine takes what is built."""

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pulumi
import pytest
from pulumi.runtime import set_all_config

from components.specs.balanced_service import BalancedService
from components.specs.reverse_proxy import ReverseProxySpec
from components.swarm import Route, haproxy
from elasticity.pricing import shipped_prices
from operations.controller.decisions import Fallback
from operations.controller.settings import ControllerSettings
from stacks import compositions
from stacks.compositions import COMPOSITIONS
from stacks.packages import PACKAGES, packages_of
from stacks.private_service import controlled, live
from stacks.settings import SettingsError, load, parse
from stacks.workloads import shared_costs, workloads_of
from tests.recording import Registrations, build

ROOT = Path(__file__).parents[2]
FILE = ROOT / "Pulumi.private.yaml"
TEXT = FILE.read_text()


FAR = """metrics: { m: { namespace: A, name: b } }
        step_scaling: { far: { metric: m, threshold: 5, steps: [{ from: 0, change: 1 }] } }"""


def faults(*changes: tuple[str, str]) -> list[str]:
    with pytest.raises(SettingsError) as told:
        parse("Pulumi.private.yaml", changed(*changes))
    return [f"{fault.key}: {fault.text}" for fault in told.value.faults]


@pytest.mark.parametrize(
    ("line", "path", "said"),
    [
        ("capacity: { base: 1 }", "capacity", "a Swarm has no capacity providers and no Spot"),
        ("sidecars: {}", "sidecars", "a task of a Swarm is one container"),
        ("execute_command: true", "execute_command", "the Engine has `docker exec`"),
        ("deployment: { strategy: canary }", "deployment.strategy", "a Swarm replaces tasks and shifts no traffic"),
    ],
)
def test_a_key_that_only_aws_has_is_refused_with_what_to_do(line: str, path: str, said: str) -> None:
    (found,) = faults(("memory: 128", f"memory: 128\n      {line}"))
    assert found.startswith(f"services.web.{path}: {said}")


@pytest.mark.parametrize(
    ("rules", "path", "said"),
    [
        ("predictive: { ahead: { metric: cpu, target: 50 } }", "predictive.ahead", "forecasts are a service of AWS"),
        ("queue: { name: q, time_per_message: 1s }", "queue", "is an SQS queue"),
        (FAR, "metrics.m", "is CloudWatch's, which nobody publishes here: the controller reads cpu, memory, "),
    ],
)
def test_rules_that_nobody_could_act_on_are_refused(rules: str, path: str, said: str) -> None:
    found = faults(("maximum: 4", f"maximum: 4\n        {rules}"))
    assert [one for one in found if one.startswith(f"services.web.elasticity.{path}: {said}")], found


QUERIED = (
    ("memory: 128", """memory: 128
      queries:
        cpu: 100 * sum(rate(cpu_seconds_total[$period])) / $replicas / 0.25
        backlog: sum(jobs_waiting)
      fallback: { replicas: 3, after: 2m }"""),
    ("maximum: 4\n", """maximum: 4
        metrics: { backlog: { namespace: Shop, name: Backlog } }
        step_scaling: { far: { metric: backlog, threshold: 50, steps: [{ from: 0, change: 1 }], cooldown: 4m } }
"""),
    ("accordion:services:", "accordion:prometheus_server: { address: http://prometheus:9090 }\n  accordion:services:"),
)  # fmt: skip


def changed(*changes: tuple[str, str]) -> str:
    text = TEXT
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def test_what_a_prometheus_is_asked_and_what_holds_without_it_is_told_to_the_controller() -> None:
    settings: Any = parse("Pulumi.private.yaml", changed(*QUERIED))
    told = ControllerSettings.model_validate(controlled.told(settings, {"web": "web-1"}, "proxy-1"))
    assert told.prometheus == "http://prometheus:9090"
    assert told.services["web-1"].queries == {
        "cpu": "100 * sum(rate(cpu_seconds_total[$period])) / $replicas / 0.25",
        "backlog": "sum(jobs_waiting)",
    }
    assert told.services["web-1"].policy.fallback == Fallback(3, after=120, only_higher=True)


def test_what_the_controller_alone_is_told_changes_no_task() -> None:
    def declared(text: str) -> Any:
        settings = parse("Pulumi.private.yaml", text)
        made = build(lambda: compositions.build(settings).exports(), stack="private").named("web-service").inputs
        return made["labels"], made["taskSpec"]

    assert declared(changed(*QUERIED)) == declared(TEXT)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("address: http://prometheus:9090", "address: prometheus:9090"),
         "prometheus_server.address: expected an address such as http://prometheus:9090, and no password"),
        (("address: http://prometheus:9090", "address: http://me:word@prometheus:9090"),
         "prometheus_server.address: expected an address such as http://prometheus:9090, and no password"),
        (("accordion:prometheus_server: { address: http://prometheus:9090 }\n  ", ""),
         "prometheus_server: is missing: services.web.queries are asked of it; name its `address`"),
        (("sum(jobs_waiting)", "sum(jobs_waiting)\n        lag: up"),
         "services.web.queries.lag: no rule is on it, so nobody would ask it; rules are on cpu, backlog"),
        (("replicas: 3", "replicas: 9"),
         "services.web.fallback.replicas: got 9, allowed the bounds of `elasticity`, 2 to 4"),
        (("after: 2m", "after: 2500ms"), "services.web.fallback.after: allowed whole seconds"),
    ],
)  # fmt: skip
def test_a_source_of_metrics_that_could_not_serve_is_refused(change: tuple[str, str], said: str) -> None:
    old, new = change
    assert changed(*QUERIED).count(old) == 1
    with pytest.raises(SettingsError) as told:
        parse("Pulumi.private.yaml", changed(*QUERIED).replace(old, new))
    assert [f"{fault.key}: {fault.text}" for fault in told.value.faults] == [said]


def test_a_prometheus_that_nobody_asks_is_left_out() -> None:
    assert faults(QUERIED[2]) == ["prometheus_server: no service has `queries`: nothing is asked of it, leave it out"]


def test_rules_on_requests_that_a_prometheus_counts_need_no_proxy() -> None:
    text = changed(
        ("cpu: { metric: cpu, target: 70, scale_in_cooldown: 5m, scale_out_cooldown: 4m }",
         "rate: { metric: requests_per_target, target: 900, scale_in_cooldown: 5m, scale_out_cooldown: 4m }"),
        ("      traffic:\n        port: 8080\n        health_check: { path: /health, interval: 5s, timeout: 2s }\n",
         "      queries: { requests_per_target: '60 * sum(rate(answered_total[$period])) / $replicas' }\n"),
        QUERIED[2],
    )  # fmt: skip
    proxy = text[text.index("  accordion:proxy:") : text.index("  accordion:controller:")]
    settings: Any = parse("Pulumi.private.yaml", text.replace(proxy, ""))
    told = ControllerSettings.model_validate(controlled.told(settings, {"web": "web-1"}, None))
    assert told.services["web-1"].endpoint is None


def test_rules_on_requests_need_somebody_who_counts_them() -> None:
    found = faults(
        ("cpu: { metric: cpu, target: 70, scale_in_cooldown: 5m, scale_out_cooldown: 4m }",
         "rate: { metric: requests_per_target, target: 900 }"),
        ("      traffic:\n        port: 8080\n        health_check: { path: /health, interval: 5s, timeout: 2s }\n", ""),
        ("  accordion:proxy:\n", "  accordion:unused:\n"),
    )  # fmt: skip
    assert any(one.startswith("services.web.elasticity.target_tracking.rate.metric: nobody counts") for one in found)


def test_a_port_of_the_node_and_a_task_that_starts_first_exclude_each_other() -> None:
    found = faults(("memory: 128", "memory: 128\n      published_ports: { http: 9000 }"))
    assert [one.partition(":")[0] for one in found] == [
        "services.web.deployment.order",
        "services.web.published_ports.http",
    ]


def test_a_task_costs_its_share_of_a_node() -> None:
    settings = load(FILE)
    cost = workloads_of(settings)["web"].unit_cost(shipped_prices())
    assert cost.hourly(2) == pytest.approx(2 * 0.05 * max(0.25 / 2, 128 / 8192))
    assert shared_costs(settings, shipped_prices()).monthly == (
        ("proxy, its share of 1 node", pytest.approx(0.05 * 0.125 * 730)),
        ("controller, its share of 1 node", pytest.approx(0.05 * 0.03125 * 730)),
    )


def test_each_composition_says_its_packages_and_a_file_of_another_program_none(tmp_path: Path) -> None:
    assert set(PACKAGES) == set(COMPOSITIONS)
    assert (packages_of(FILE), packages_of(ROOT / "Pulumi.dev.yaml")) == (("docker",), ("aws",))
    other = tmp_path / "Pulumi.x.yaml"
    assert packages_of(other) is None
    for text in (
        "config: {}\n",
        "config:\n  accordion:composition: other\n",
        "config:\n  # accordion:composition: web_service\n",
    ):
        other.write_text(text)
        assert packages_of(other) is None


def built() -> Registrations:
    settings = load(FILE)
    return build(lambda: compositions.build(settings).exports(), stack="private")


def test_the_service_says_all_that_an_update_would_leave_to_the_engine() -> None:
    made = built().named("web-service").inputs
    assert made["taskSpec"]["restartPolicy"] == {"condition": "any", "delay": "5s"}
    assert made["taskSpec"]["containerSpec"]["stopGracePeriod"] == "30s"
    assert made["updateConfig"]["failureAction"] == "rollback"
    assert made["rollbackConfig"]["failureAction"] == "pause"
    assert made["mode"] == {"replicated": {"replicas": 2}}
    assert made["endpointSpec"] == {"mode": "dnsrr"}


def test_the_proxy_finds_tasks_by_name_and_escapes_what_its_file_would_take_for_its_own() -> None:
    spec = ReverseProxySpec.model_validate({"image": {"repository": "haproxy", "version": "1"}, "certificate": "tls"})
    traffic = BalancedService.model_validate(
        {
            "port": 8080,
            "health_check": {"path": "/a#b"},
            "routes": {
                "shop": {"priority": 2, "hosts": ["*.example.org"]},
                "api": {"priority": 1, "paths": ["/a?i/*"]},
            },
        }
    )
    text = haproxy.configuration(spec, {"web": Route(traffic, 17)})
    lines = [line.strip() for line in text.splitlines()]
    assert "bind :8080 ssl crt /run/secrets/tls alpn h2,http/1.1 ssl-min-ver TLSv1.2" in lines
    assert "server-template task 1-32 tasks.web:8080" in lines
    assert "http-check send meth GET uri /a\\#b ver HTTP/1.1 hdr Host web" in lines
    chosen = [line for line in lines if line.startswith(("acl", "use_backend", "default_backend"))]
    assert chosen == [
        "acl web_api_path path -m reg ^/a.i/.*$",
        "use_backend web if web_api_path",
        "acl web_shop_host req.hdr(host),host_only -m reg -i ^.*\\\\.example\\\\.org$",
        "use_backend web if web_shop_host",
        "default_backend nowhere",
    ]


def test_no_engine_is_no_number_and_no_end_of_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
    found = build(lambda: live.asked_of("web"), stack="private").result
    assert found == live.Live(None, None, None)


@pytest.mark.parametrize(
    ("attached", "asked"),
    [
        ("", ("tcp://manager:2376", "1", "/of the stack")),
        ("aws:1234", ("tcp://manager:2376", "1", "/of the stack")),
        ("aws:1234,docker:1235", ("unix:///of/the/machine.sock", "", "/of the machine")),
    ],
)
def test_the_engine_that_is_asked_is_the_one_that_the_provider_changes(
    attached: str, asked: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    def client(address: str, _: float, known: Mapping[str, str]) -> None:
        seen.append((address, known["DOCKER_TLS_VERIFY"], known["DOCKER_CERT_PATH"]))
        raise OSError

    def program() -> live.Live:
        set_all_config({"docker:host": "tcp://manager:2376", "docker:certPath": "/of the stack"})
        try:
            return live.asked_of("web")
        finally:
            set_all_config({})

    seen: list[tuple[str, ...]] = []
    monkeypatch.setattr(live, "client", client)
    monkeypatch.setenv("PULUMI_DEBUG_PROVIDERS", attached)
    monkeypatch.setenv("DOCKER_HOST", "unix:///of/the/machine.sock")
    monkeypatch.setenv("DOCKER_TLS_VERIFY", "")
    monkeypatch.setenv("DOCKER_CERT_PATH", "/of the machine")
    assert build(program, stack="private").result == live.Live()
    assert seen == [asked]


def test_an_address_of_the_stack_that_is_not_asked_is_told_by_its_own_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def program() -> None:
        set_all_config({"docker:host": "ssh://ada@manager"})
        try:
            live.asked_of("web")
        finally:
            set_all_config({})

    monkeypatch.setenv("DOCKER_HOST", "unix:///of/the/machine.sock")
    with pytest.raises(pulumi.RunError) as told:
        build(program, stack="private")
    assert str(told.value) == (
        "docker:host: ssh://ada@manager is not asked over ssh from here; make a tunnel: ssh -N -L "
        "/tmp/docker.sock:/var/run/docker.sock USER@HOST, and docker:host=unix:///tmp/docker.sock"
    )


def template(*secrets: str, config: str = "c") -> dict[str, Any]:
    container = {"Image": "shop/web:1", "Secrets": [{"SecretName": name} for name in secrets]}
    return {"ContainerSpec": container | {"Configs": [{"ConfigName": config}]}}


@pytest.mark.parametrize(
    ("state", "used"),
    [
        (None, {"now", "task", "c"}),
        ("completed", {"now", "task", "c"}),
        ("updating", {"now", "task", "before", "c", "d"}),
        ("paused", {"now", "task", "before", "c", "d"}),
        ("rollback_started", {"now", "task", "before", "c", "d"}),
    ],
)
def test_what_a_service_uses_is_told_by_its_specification_its_tasks_and_what_an_update_may_go_back_to(
    state: str | None, used: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Engine:
        def inspect_service(self, _: str) -> dict[str, Any]:
            status = {} if state is None else {"UpdateStatus": {"State": state}}
            spec = {"Mode": {"Replicated": {"Replicas": 3}}, "TaskTemplate": template("now")}
            return {"ID": "x", "Spec": spec, "PreviousSpec": {"TaskTemplate": template("before", config="d")}, **status}

        def tasks(self, filters: dict[str, str]) -> list[dict[str, Any]]:
            assert filters == {"service": "x", "desired-state": "running"}
            return [{"Spec": template("task")}, {"Spec": {"ContainerSpec": {}}}]

        def close(self) -> None: ...

    monkeypatch.setattr(live, "client", lambda *_: Engine())
    found = build(lambda: live.asked_of("web"), stack="private").result
    assert found == live.Live(3, "shop/web:1", frozenset(used))


IMAGE = "{ repository: accordion/controller, version: 1.0.0 } # examples/controller; `make private-images` builds it"
"""Of the controller, in the shipped file."""


@pytest.mark.parametrize(
    ("instead", "said"),
    [
        ("{}", "controller.image: is missing: name one, or say under `build` how it is built"),
        (f"{IMAGE}\n    build: {{ context: ., repository: registry.example.org/a }}", "controller.build: stands beside `image`: keep one of them"),
        (f"{IMAGE}\n    secrets: [word]", "controller.secrets: it needs none: it asks the Engine by its socket"),
        (f"{IMAGE}\n    count: 2", "controller.count: one controller scales a service; a second one would wait for its lease"),
        (f"{IMAGE}\n    user: root", "controller.user: got a text of another form, allowed the number of a user, and of a group, such as \"65532:998\""),
    ],
)  # fmt: skip
def test_a_controller_that_could_not_run_is_refused(instead: str, said: str) -> None:
    line = f"    image: {IMAGE}"
    assert TEXT.count(line) == 1
    new = "    cpu: 64" if instead == "{}" else f"    image: {instead}"
    assert said in faults((line, new))


def test_a_controller_has_a_name_of_its_own_and_something_to_scale() -> None:
    assert faults(("    web:\n", "    controller:\n")) == [
        "services.controller: is the name of the controller: choose another"
    ]
    start, end = TEXT.index("      elasticity:\n"), TEXT.index("      simulation:\n")
    found = faults((TEXT[start:end], "      count: 2\n"), (TEXT[end:], ""))
    assert found == ["controller: no service has `elasticity` with rules to scale by: leave it out"]


def test_in_production_its_image_is_one_content_too() -> None:
    text = "in production an image names one content: give `digest` or an immutable version"
    found = faults(("production: false", "production: true"), ("version: 1.0.0 } # examples/controller", "version: latest, allow_mutable: true } # examples/controller"))  # fmt: skip
    assert f"controller.image.allow_mutable: {text}" in found


def stack(*changes: tuple[str, str]) -> Registrations:
    text = TEXT
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    settings = parse("Pulumi.private.yaml", text)
    return build(lambda: compositions.build(settings).exports(), stack="private")


def test_the_controller_has_the_socket_on_managers_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///run/elsewhere/docker.sock")
    made = stack().named("controller-service").inputs
    told = made["taskSpec"]["containerSpec"]
    assert (told["commands"], told["args"]) == (["accordion"], ["scale", "--settings", "/controller.json"])
    assert (told["readOnly"], told["capDrops"], told["user"]) == (True, ["ALL"], "0:0")
    assert told["mounts"] == [
        {"type": "tmpfs", "target": "/tmp"},
        {"type": "bind", "source": "/run/elsewhere/docker.sock", "target": "/run/docker.sock"},
    ]
    assert told["env"]["DOCKER_HOST"] == "unix:///run/docker.sock"
    assert made["taskSpec"]["placement"] == {"constraints": ["node.role==manager"]}
    assert made["taskSpec"]["resources"] == {
        "reservation": {"nanoCpus": 62_500_000, "memoryBytes": 128 << 20},
        "limits": {"nanoCpus": 250_000_000, "memoryBytes": 128 << 20},
    }
    assert (made["mode"], made["endpointSpec"]) == ({"replicated": {"replicas": 1}}, {"mode": "dnsrr"})
    assert (made["updateConfig"]["order"], made["updateConfig"]["failureAction"]) == ("stop-first", "rollback")
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:2375")
    source = stack().named("controller-service").inputs["taskSpec"]["containerSpec"]["mounts"][1]["source"]
    assert source == "/var/run/docker.sock", "of another machine nobody here knows where it is"


def test_every_service_names_its_network_by_the_id_alone() -> None:
    """By `name` the official provider replaces the service at each `up` (the SDK's own words of it), and both conflict."""
    services = stack().of("docker:index/service:Service")
    assert len(services) >= 3
    for one in services:
        assert [set(each) & {"id", "name"} for each in one.inputs["taskSpec"]["networksAdvanceds"]] == [{"id"}], (
            one.name
        )


def test_other_rules_are_another_configuration_which_knows_services_by_their_names_on_the_network() -> None:
    first, other = stack(), stack(("target: 70", "target: 60"))
    (kept,) = [one for one in first.of("docker:index/serviceConfig:ServiceConfig") if "settings" in one.name]
    (changed,) = [one for one in other.of("docker:index/serviceConfig:ServiceConfig") if "settings" in one.name]
    assert kept.name != changed.name
    told = json.loads(base64.b64decode(kept.inputs["data"]))
    assert list(told["services"]) == ["web"]
    assert told["services"]["web"]["elasticity"]["target_tracking"]["cpu"]["target"] == 70
    assert told["services"]["web"]["endpoint"]["service"] == "proxy"
    assert told["reaches"] == "network"
    network = first.named("web-service").inputs["taskSpec"]["networksAdvanceds"][0]
    assert (told["network"], network["aliases"]) == (network["id"], ["web"])
    assert ControllerSettings.model_validate(told).services["web"].policy.rules.maximum == 4
    # Made before the services and gone after them, so that it can take away what it remembers of them.
    assert "controller-service" in first.named("web-service").depends_on
    assert first.result["controller"]


def test_without_one_nothing_of_it_is_built() -> None:
    made = stack((TEXT[TEXT.index("  accordion:controller:") : TEXT.index("  accordion:services:")], ""))
    assert [one.name for one in made if "controller" in one.name] == []
    assert "controller" not in made.result
