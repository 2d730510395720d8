"""Properties of pulumi-docker in the Engine's form and back, what is refused of them, what is secret.

It cannot prove that an Engine takes the form: tests/engine/test_swarm.py has one.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi.runtime.proto import provider_pb2

from localcloud.cloud.project import Place
from localcloud.docker import served
from localcloud.docker.build import _place
from localcloud.docker.cloud import DockerCloud
from localcloud.docker.codec import duration, nanoseconds
from localcloud.docker.engine import Engine
from localcloud.docker.running import DOCKER, imports_the_sdk, registry
from localcloud.docker.service_spec import SERVICE
from localcloud.provider import compare, schema, wire
from localcloud.provider.resource import Refused
from localcloud.provider.server import Servicer

TYPES = DockerCloud("unix:///nowhere").resources
KIND = {token.rpartition(":")[2]: kind for token, kind in TYPES.items()}
IMAGE = "127.0.0.1:5000/app:1"
SERVICE_OF = {"name": "web", "taskSpec": {"containerSpec": {"image": IMAGE}}}


@given(st.integers(0, 10**15))
def test_a_time_is_the_same_after_it_was_written_as_the_official_provider_writes_it(count: int) -> None:
    assert nanoseconds(duration(count)) == count


@pytest.mark.parametrize(
    ("text", "count", "written"),
    [
        ("5s", 5 * 10**9, "5s"),
        ("5000ms", 5 * 10**9, "5s"),
        ("1m30s", 90 * 10**9, "1m30s"),
        ("90s", 90 * 10**9, "1m30s"),
        ("2m", 120 * 10**9, "2m"),
        ("1h", 3600 * 10**9, "1h"),
        ("1.5h", 5400 * 10**9, "1h30m"),
        ("0", 0, "0s"),
        ("0s", 0, "0s"),
        ("1500us", 1_500_000, "1.5ms"),
        (".5s", 5 * 10**8, "500ms"),
        ("1.25s", 1_250_000_000, "1.25s"),
    ],
)
def test_times_are_read_as_go_reads_them(text: str, count: int, written: str) -> None:
    assert (nanoseconds(text), duration(count)) == (count, written)


WHOLE: dict[str, Any] = {
    "name": "web",
    "labels": [{"label": "a", "value": "2"}, {"label": "z", "value": "1"}],
    "taskSpec": {
        "containerSpec": {
            "image": IMAGE,
            "labels": [{"label": "l", "value": "v"}],
            "commands": ["/app"],
            "args": ["one"],
            "hostname": "h",
            "env": {"A": "x=y", "B": "1"},
            "dir": "/srv",
            "user": "7",
            "groups": ["9"],
            "privileges": {"seLinuxContext": {"disable": True, "user": "u", "role": "r", "type": "t", "level": "l"}},
            "readOnly": True,
            "mounts": [
                {
                    "target": "/data",
                    "source": "kept",
                    "type": "volume",
                    "readOnly": True,
                    "volumeOptions": {
                        "noCopy": True,
                        "labels": [{"label": "q", "value": "r"}],
                        "driverName": "local",
                        "driverOptions": {"o": "p"},
                    },
                },
                {"target": "/host", "source": "/etc", "type": "bind", "readOnly": False, "bindOptions": {"propagation": "rslave"}},
                {"target": "/tmp", "type": "tmpfs", "readOnly": False, "tmpfsOptions": {"sizeBytes": 1024, "mode": 511}},
            ],
            "stopSignal": "SIGTERM",
            "stopGracePeriod": "20s",
            "healthcheck": {"tests": ["CMD", "/app", "check"], "interval": "5s", "timeout": "2s", "startPeriod": "1s", "retries": 3},
            "hosts": [{"ip": "10.0.0.9", "host": "db"}],
            "dnsConfig": {"nameservers": ["10.0.0.2"], "searches": ["x"], "options": ["ndots:2"]},
            "secrets": [{"secretId": "s1", "secretName": "s", "fileName": "/s", "fileUid": "1", "fileGid": "2", "fileMode": 256}],
            "configs": [{"configId": "c1", "configName": "c", "fileName": "/c", "fileUid": "0", "fileGid": "0", "fileMode": 292}],
            "isolation": "default",
            "init": True,
            "capAdds": ["CAP_NET_ADMIN"],
            "capDrops": ["CAP_CHOWN"],
            "sysctl": {"net.core.somaxconn": "128"},
        },
        "resources": {
            "limits": {"nanoCpus": 500_000_000, "memoryBytes": 67_108_864},
            "reservation": {
                "nanoCpus": 1_000_000,
                "memoryBytes": 16_777_216,
                "genericResources": {"namedResourcesSpecs": ["GPU=one"], "discreteResourcesSpecs": ["SSD=3"]},
            },
        },
        "restartPolicy": {"condition": "any", "delay": "1s", "maxAttempts": 3, "window": "10s"},
        "placement": {
            "constraints": ["node.role==manager"],
            "prefs": ["node.labels.zone"],
            "maxReplicas": 2,
            "platforms": [{"architecture": "amd64", "os": "linux"}],
        },
        "forceUpdate": 4,
        "runtime": "container",
        "networksAdvanceds": [{"name": "net", "aliases": ["shop"], "driverOpts": ["a=b"]}],
        "logDriver": {"name": "json-file", "options": {"max-size": "1m"}},
    },
    "mode": {"replicated": {"replicas": 3}},
    "updateConfig": {"parallelism": 2, "delay": "1s", "failureAction": "rollback", "monitor": "3s", "maxFailureRatio": "0.25", "order": "start-first"},
    "rollbackConfig": {"parallelism": 0, "delay": "0s", "failureAction": "pause", "monitor": "5s", "maxFailureRatio": "0.0", "order": "stop-first"},
    "endpointSpec": {
        "mode": "dnsrr",
        "ports": [{"name": "http", "protocol": "tcp", "targetPort": 80, "publishedPort": 8080, "publishMode": "host"}],
    },
}  # fmt: skip
"""A service in which every property that is served has a value."""


def leaves(block: schema.Obj, path: str = "") -> set[str]:
    found = set()
    for name, kind in block.props.items():
        while kind.kind in ("list", "map"):
            kind = kind.of
        here = f"{path}.{name}" if path else name
        found |= leaves(schema.obj(kind.of), here) if kind.kind == "object" else {here}
    return found


def said(value: Any, path: str = "") -> set[str]:
    if isinstance(value, dict) and path.rpartition(".")[2] not in ("env", "sysctl", "options", "driverOptions"):
        return {inner for name in value for inner in said(value[name], f"{path}.{name}" if path else name)}
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return {inner for each in value for inner in said(each, path)}
    return {path}


def test_every_property_of_a_service_is_served_or_refused_by_name() -> None:
    """Those of the SDK are those of the whole service, but for what is the provider's alone, and what is refused."""
    of_provider = {
        path
        for path in leaves(schema.inputs("docker:index/service:Service"))
        if path.startswith(("auth", "convergeConfig"))
    }
    refused = {
        path
        for path in leaves(schema.inputs("docker:index/service:Service"))
        if any(path.startswith(f"{each}.") for each in KIND["Service"].unserved)
    }
    others = {"mode.global", "taskSpec.networksAdvanceds.id"}
    wanted = leaves(schema.inputs("docker:index/service:Service")) - of_provider - refused - others
    # `options` of dnsConfig is a list, of logDriver a map.
    assert said(WHOLE) == wanted


def places(block: schema.Obj, path: str = "") -> Iterator[tuple[str, str]]:
    """Each property at any depth, with its kind."""
    for name, kind in block.props.items():
        at = f"{path}.{name}" if path else name
        yield at, kind.kind
        while kind.kind in ("list", "map"):
            at, kind = f"{at}[0]" if kind.kind == "list" else f"{at}.key", kind.of
        if kind.kind == "object":
            yield from places(schema.obj(kind.of), at)


WRONG = {"str": {"a": 1}, "bool": "maybe", "int": "many", "number": "many", "list": "x", "map": "x", "object": "x"}


@pytest.mark.parametrize("name", sorted(KIND))
def test_every_property_refuses_another_type_and_an_unknown_neighbour_at_its_place(name: str) -> None:
    """The Engine takes what it does not know and forgets it: a preview has to say it, at every depth."""
    kind, engine = KIND[name], cast("Any", None)
    all_places = dict(places(kind.input_schema))
    assert len(all_places) >= 5
    for path, form in all_places.items():
        _, found = kind.check(engine, "one", b"", put({}, path, WRONG[form]), {})
        assert [at for at, _ in found if path.startswith(at)], (path, found)
        neighbour = f"{path.rpartition('.')[0]}.noSuchThing".removeprefix(".")
        _, found = kind.check(engine, "one", b"", put({}, neighbour, "x"), {})
        assert [said for at, said in found if at == neighbour and said.startswith("unknown property")], (path, found)


def test_the_page_of_what_is_served_is_made_from_the_types() -> None:
    assert served.PAGE.read_text(encoding="utf-8") == served.page(), "run: python -m localcloud.docker.served"


def test_a_service_comes_back_from_the_engines_form_as_it_was_said() -> None:
    encoded = SERVICE.encode(WHOLE)
    assert SERVICE.decode(json.loads(json.dumps(encoded))) == WHOLE
    assert KIND["Service"].faults(WHOLE) is not None
    assert list(KIND["Service"].faults(WHOLE)) == []


def test_what_is_left_out_is_no_difference_to_what_it_means() -> None:
    kind = KIND["Service"]
    plain = {**SERVICE_OF, "updateConfig": {"order": "stop-first"}}
    full = {
        **plain,
        "mode": {"replicated": {"replicas": 1}},
        "updateConfig": {"order": "stop-first", "parallelism": 1, "delay": "0ms", "monitor": "5000ms", "maxFailureRatio": "0", "failureAction": "pause"},
    }  # fmt: skip
    assert kind.diff(None, plain, full, {}, []).detail == {}
    assert kind.diff(None, full, plain, {}, []).detail == {}


def put(props: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    steps = compare.segments(path)
    made = json.loads(json.dumps(props))
    at = made
    for step, after in zip(steps, [*steps[1:], ""], strict=True):
        key: Any = int(step) if step.isdigit() else step
        if after == "":
            at[key] = value
        elif isinstance(at, list):
            at = at[key]
        else:
            at = at.setdefault(key, [{}] if after.isdigit() else {})
    return made


REPLACES = {
    "name": "other",
    "auth": {"serverAddress": "127.0.0.1:1"},
    "mode": {"global": True},
    "taskSpec.networksAdvanceds[0].aliases": ["else"],
    "taskSpec.containerSpec.hosts[0].ip": "10.0.0.7",
    "taskSpec.containerSpec.sysctl": {"net.core.somaxconn": "256"},
}
IN_PLACE = {
    "mode.replicated.replicas": 0,
    "taskSpec.containerSpec.image": "127.0.0.1:5000/app:2",
    "taskSpec.containerSpec.env": {},
    "taskSpec.resources.limits.nanoCpus": 2_000_000,
    "updateConfig.delay": "2s",
    "endpointSpec.ports[0].publishedPort": 8081,
    "labels": [],
    "convergeConfig": {"timeout": "9s"},
}


@pytest.mark.parametrize("path", [*REPLACES, *IN_PLACE])
def test_a_change_replaces_a_service_or_does_not(path: str) -> None:
    found = KIND["Service"].diff(None, WHOLE, put(WHOLE, path, {**REPLACES, **IN_PLACE}[path]), {}, [])
    assert found.detail
    assert bool(found.replaces) == (path in REPLACES)
    assert found.delete_before_replace == (path in REPLACES and path != "name")


class Known:
    """An Engine with one network."""

    def find(self, path: str) -> dict[str, str] | None:
        return {"Id": "n1", "Name": "net"} if path in ("/networks/n1", "/networks/net") else None


def on(*networks: dict[str, Any]) -> dict[str, Any]:
    return put(SERVICE_OF, "taskSpec.networksAdvanceds", list(networks))


@pytest.mark.parametrize(
    ("old", "new", "replaces"),
    [
        ({"id": "n1"}, {"name": "net"}, False),
        ({"name": "n1"}, {"id": "n1"}, False),
        ({"name": "net"}, {"id": "n1"}, False),
        ({"id": "n1"}, {"name": "gone"}, True),
        ({"id": "n1"}, {"id": wire.UNKNOWN}, True),
        ({"id": "n1"}, {"name": "net", "aliases": ["shop"]}, True),
    ],
)
def test_a_network_is_the_same_by_its_name_and_by_its_id(
    old: dict[str, Any], new: dict[str, Any], replaces: bool
) -> None:
    """An import tells the id; a state of before may hold the id as a name, which the official provider deprecates."""
    engine: Any = Known()
    assert bool(KIND["Service"].diff(engine, on(old), on(new), {}, []).replaces) == replaces


def test_an_import_is_answered_in_the_official_providers_words_or_refused_with_the_reason() -> None:
    spec = SERVICE.encode(put(SERVICE_OF, "taskSpec.networksAdvanceds", [{"name": "n1"}]))

    class Engine(Known):
        def find(self, path: str) -> Any:
            return {"Spec": spec} if path == "/services/s1" else super().find(path)

    engine: Any = Engine()
    found = KIND["Service"].read(engine, "s1", {}, {})
    assert found is not None
    assert found.inputs["taskSpec"]["networksAdvanceds"] == [{"id": "n1"}]
    # What the Engine tells of its own accord (20.10) is no difference to a program that leaves it out.
    task = spec["TaskTemplate"]
    task |= {"Resources": {"Limits": {}, "Reservations": {}}, "Placement": {}, "ForceUpdate": 0, "Runtime": "container"}
    task |= {"RestartPolicy": {"Condition": "any", "Delay": 10**9, "MaxAttempts": 0}}
    task["ContainerSpec"] |= {"Isolation": "default", "DNSConfig": {}}
    found = KIND["Service"].read(engine, "s1", {}, {})
    assert found is not None
    program = put(on({"name": "net"}), "taskSpec.restartPolicy", {"condition": "any", "delay": "1000ms"})
    assert KIND["Service"].diff(engine, found.inputs, program, found.state, []).detail == {}
    refused = {
        "Secret": (
            "a secret cannot be imported: a Swarm never tells what is in one, as the official provider says too; "
            "declare it with its data under another name"
        ),
        "RemoteImage": "an image cannot be imported: its id does not tell its name; declare it, and it is found",
        "RegistryImage": "an image cannot be imported: its id does not tell its name; declare it, and it is found",
        "Image": "an image cannot be imported: its id does not tell its context; declare it, and it is built",
    }
    for kind, said in refused.items():
        with pytest.raises(Refused) as told:
            KIND[kind].read(engine, "one", {}, {})
        assert str(told.value) == said


ALLOWED = "a time with its unit, such as 500ms, 5s or 1m30s"
REFUSED = [
    ("updateConfig.monitor", "5", f"got '5', allowed: {ALLOWED}"),
    ("updateConfig.monitor", "five", f"got 'five', allowed: {ALLOWED}"),
    ("updateConfig.delay", "-1s", f"got '-1s', allowed: {ALLOWED}"),
    ("taskSpec.containerSpec.stopGracePeriod", "5 s", f"got '5 s', allowed: {ALLOWED}"),
    ("taskSpec.containerSpec.healthcheck.interval", "10us", "got '10us', allowed: 0s, or 1ms or more"),
    ("taskSpec.containerSpec.healthcheck.tests", ["curl"], "got 'curl', allowed: CMD, CMD-SHELL, NONE"),
    ("updateConfig.order", "first", "got 'first', allowed: stop-first, start-first"),
    ("updateConfig.failureAction", "stop", "got 'stop', allowed: pause, continue, rollback"),
    ("rollbackConfig.failureAction", "rollback", "got 'rollback', allowed: pause, continue"),
    ("updateConfig.maxFailureRatio", "2", "got '2', allowed: a number from 0 to 1, such as 0.25"),
    ("updateConfig.maxFailureRatio", "nan", "got 'nan', allowed: a number from 0 to 1, such as 0.25"),
    ("updateConfig.parallelism", -1, "got -1, allowed: 0 or more"),
    ("mode.replicated.replicas", -1, "got -1, allowed: 0 or more"),
    ("taskSpec.resources.limits.memoryBytes", 1024, "got 1024, allowed: 0 or 4194304 or more"),
    ("taskSpec.resources.limits.nanoCpus", 1, "got 1, allowed: 0 or 1000000 or more"),
    ("taskSpec.restartPolicy.condition", "always", "got 'always', allowed: none, on-failure, any"),
    ("taskSpec.placement.constraints", ["role=manager"], "got 'role=manager', allowed: such as node.role==manager or node.labels.disk!=slow"),
    ("taskSpec.containerSpec.mounts[0].type", "npipe", "got 'npipe', allowed: bind, volume, tmpfs"),
    ("taskSpec.containerSpec.image", "App:1", "got 'App:1', allowed: registry/name:tag or registry/name@sha256:digest, with the name in lower case"),
    ("taskSpec.containerSpec.isolation", "hyperv", "got 'hyperv', allowed: default"),
    ("taskSpec.runtime", "plugin", "got 'plugin', allowed: container"),
    ("endpointSpec.mode", "rr", "got 'rr', allowed: vip, dnsrr"),
    ("endpointSpec.ports[0].publishMode", "ingress", "with mode dnsrr there is no ingress; publish it in mode host"),
    ("endpointSpec.ports[0].targetPort", 0, "got 0, allowed: 1 to 65535"),
    ("endpointSpec.ports[0].protocol", "icmp", "got 'icmp', allowed: tcp, udp, sctp"),
    ("name", "web.shop", "got 'web.shop', allowed: letters, digits, - and _ within, at most 63"),
    ("taskSpec.containerSpec.privileges.credentialSpec", {"file": "x"}, "the offline provider does not serve this property: it is for containers of Windows"),
    ("taskSpec.containerSpec.imag", "x", "unknown property; did you mean 'image'?"),
    ("taskSpec.networksAdvanceds[0].name", None, "names no network; give its id"),
    ("taskSpec.networksAdvanceds[0].id", "n1", "names its network twice; give its id alone"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "value", "why"), REFUSED, ids=lambda value: str(value)[:40])
def test_a_preview_refuses_of_a_service_what_the_engine_or_the_official_provider_would(
    path: str, value: Any, why: str
) -> None:
    _, found = KIND["Service"].check(None, "web", b"", put(WHOLE, path, value), {})
    at = path.rpartition(".")[0] if why.startswith("names ") else path
    assert found == [(at, why)]


@pytest.mark.parametrize(
    "name", ["updateConfig.monitor", "taskSpec.containerSpec.image", "mode.replicated.replicas", "mode"]
)
def test_what_is_not_known_yet_is_refused_for_nothing(name: str) -> None:
    assert list(KIND["Service"].faults(put(WHOLE, name, wire.UNKNOWN))) == []


def test_contradictions_are_told() -> None:
    both = put(WHOLE, "mode", {"global": True, "replicated": {"replicas": 1}}) | {"convergeConfig": {"timeout": "1s"}}
    assert list(KIND["Service"].faults(both)) == [
        ("mode", "global and replicated exclude each other: one task on each node, or so many in all"),
        ("convergeConfig", "a global service has no number to converge to; leave it out"),
    ]
    port = {"targetPort": 80, "publishedPort": 8080}
    twice = {**SERVICE_OF, "endpointSpec": {"ports": [port, {**port, "targetPort": 81}]}}
    assert list(KIND["Service"].faults(twice)) == [
        ("endpointSpec.ports[1].publishedPort", "8080/tcp is published by ports[0] already")
    ]


@pytest.mark.parametrize(
    ("kind", "props", "found"),
    [
        ("Secret", {"data": "cGFzcw=="}, []),
        ("Secret", {"data": "cGFzcw"}, ["expected standard base64 with padding (base64.b64encode), which the Engine decodes"]),
        ("Secret", {"data": "_-_-"}, ["expected standard base64 with padding (base64.b64encode), which the Engine decodes"]),
        ("Secret", {"data": "AAAA" * 171_000}, ["holds 513000 bytes; the Engine takes fewer than 512000"]),
        ("ServiceConfig", {"dataRaw": "x" * 1_024_000}, ["holds 1024000 bytes; the Engine takes fewer than 1024000"]),
        ("ServiceConfig", {"dataRaw": "x" * 1_023_999}, []),
        ("ServiceConfig", {}, ["expected data (base64) or dataRaw (text), and only one of them"]),
        ("ServiceConfig", {"data": "eA==", "dataRaw": "x"}, ["expected data (base64) or dataRaw (text), and only one of them"]),
        ("Volume", {"cluster": {"scope": "single"}}, ["the offline provider does not serve this property: cluster volumes need a storage plugin on each node"]),
        ("RegistryImage", {"name": "127.0.0.1:5000/app:1"}, []),
        ("RegistryImage", {"name": "app:1"}, ["its registry is not on this machine: app:1; allowed: 127.0.0.1:PORT/NAME, localhost:PORT/NAME"]),
        ("RegistryImage", {}, ["missing required property"]),
        ("Image", {"imageName": "app:1"}, ["its registry is not on this machine: app:1; allowed: 127.0.0.1:PORT/NAME, localhost:PORT/NAME; or skipPush: true, which leaves it on the Engine"]),
        ("Image", {"imageName": "127.0.0.1:1/app@sha256:" + "a" * 64}, ["got '127.0.0.1:1/app@sha256:" + "a" * 64 + "', allowed: a name with a tag; the digest is known once it is built"]),
        ("Image", {"imageName": "app:1", "skipPush": True, "build": {"builderVersion": "BuilderBuildKit"}}, ["got 'BuilderBuildKit', allowed: BuilderV1"]),
        ("Image", {"imageName": "app:1", "skipPush": True, "build": {"platform": "linux"}}, ["got 'linux', allowed: os/architecture, such as linux/amd64"]),
        ("Image", {"imageName": "app:1", "skipPush": True, "build": {"addHosts": ["db"]}}, ["got 'db', allowed: name:address"]),
        ("RemoteImage", {"name": "app", "build": {"context": "."}}, ["the offline provider does not serve this property: an image is built by what the program calls for it, and named here"]),
    ],
    ids=lambda value: str(value)[:40],
)  # fmt: skip
def test_the_other_types_refuse_what_their_engine_would(kind: str, props: dict[str, Any], found: list[str]) -> None:
    assert [why for _, why in KIND[kind].check(None, "one", b"", props, {})[1]] == found


@pytest.mark.parametrize(
    ("kind", "props", "path"),
    [
        ("Secret", {"data": "cGFzcw=="}, "data"),
        ("ServiceConfig", {"data": "cGFzcw=="}, "data"),
        ("ServiceConfig", {"dataRaw": "pass"}, "dataRaw"),
        ("Service", {**SERVICE_OF, "auth": {"serverAddress": "127.0.0.1:1", "password": "pass"}}, "auth.password"),
        ("RegistryImage", {"name": "127.0.0.1:1/a", "authConfig": {"address": "127.0.0.1:1", "password": "pass"}}, "authConfig.password"),
        ("Image", {"imageName": "127.0.0.1:1/a", "build": {"context": str(Path(__file__).parents[2] / "examples" / "app")}, "registry": {"username": "x", "password": "pass"}}, "registry.password"),
    ],
)  # fmt: skip
def test_what_the_sdk_leaves_open_is_secret_in_the_inputs_and_in_the_outputs(
    kind: str, props: dict[str, Any], path: str
) -> None:
    servicer, context = Servicer(DockerCloud("unix:///nowhere")), SimpleNamespace(peer=lambda: "here")
    servicer.Configure(provider_pb2.ConfigureRequest(), context)
    urn = f"urn:pulumi:dev::p::{KIND[kind].token}::one"
    checked = servicer.Check(provider_pb2.CheckRequest(urn=urn, news=wire.struct(props)), context)
    assert list(checked.failures) == []
    made = servicer.Create(provider_pb2.CreateRequest(urn=urn, properties=checked.inputs, preview=True), context)
    for message in (checked.inputs, made.properties) if kind != "Image" else (checked.inputs,):  # it has no such output
        _, secrets = wire.plain(message)
        assert compare.at(props, path) in secrets.texts
        assert path.partition(".")[0] in secrets.properties


@pytest.mark.parametrize(
    ("files", "used"),
    [
        ({"__main__.py": "import pulumi\n"}, False),
        ({"__main__.py": "import pulumi_docker as docker\n"}, True),
        ({"shop/web.py": "def web():\n    from pulumi_docker import Service\n"}, True),
        ({"__main__.py": '"""Has nothing to do with pulumi_docker."""\n'}, False),
        ({"__main__.py": "import pulumi_docker_build\n"}, False),
        ({".venv/pyvenv.cfg": "", ".venv/lib/x.py": "import pulumi_docker\n"}, False),
        ({"venv/pyvenv.cfg": "", "venv/lib/x.py": "import pulumi_docker\n"}, False),
        ({"tests/test_web.py": "import pulumi_docker\n"}, False),
    ],
    ids=str,
)
def test_a_project_uses_docker_when_its_program_imports_the_sdk(
    tmp_path: Path, files: dict[str, str], used: bool
) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert imports_the_sdk(tmp_path) == used
    assert DOCKER.is_used(tmp_path, Place(tmp_path / "place")) == used


def test_the_engine_is_the_one_that_is_named_and_none_is_guessed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("localcloud.docker.running.OF_CHECKOUT", tmp_path / "host")
    assert DOCKER.address({}) is None
    assert DOCKER.address({"DOCKER_HOST": "unix:///var/run/docker.sock"}) == "unix:///var/run/docker.sock"
    (tmp_path / "host").write_text("unix:///run/own.sock\n")
    assert DOCKER.address({}) == "unix:///run/own.sock"
    assert DOCKER.settings({"DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": "/certs"}) == "|1|/certs"
    assert DOCKER.variables("unix:///run/own.sock", "token", {}) == {"DOCKER_HOST": "unix:///run/own.sock"}


def test_the_registry_is_the_one_that_is_named_or_stands_beside_the_engine_in_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("localcloud.docker.running.OF_CHECKOUT", tmp_path / "host")
    assert registry({}) is None
    (tmp_path / "host").write_text("unix:///run/own.sock\n")
    (tmp_path / "registry.port").write_text("5001\n")
    for environment, found in (
        ({}, "127.0.0.1:5001"),
        ({"DOCKER_HOST": "unix:///run/own.sock"}, "127.0.0.1:5001"),
        ({"DOCKER_HOST": "unix:///var/run/docker.sock"}, None),
        ({"DOCKER_HOST": "unix:///var/run/docker.sock", "ACCORDION_REGISTRY": "127.0.0.1:5000"}, "127.0.0.1:5000"),
    ):
        assert registry(environment) == found
        told = DOCKER.variables("unix:///run/own.sock", "token", environment)
        assert told.get("ACCORDION_REGISTRY") == found
        assert DOCKER.settings(environment) == environment.get("ACCORDION_REGISTRY", "") + "||"


OF_ECR = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/web-repository:1"


@pytest.mark.parametrize(
    ("name", "user", "found"),
    [
        (OF_ECR, "AWS", f"127.0.0.1:5001/{OF_ECR}"),
        (OF_ECR, None, OF_ECR),
        ("127.0.0.1:1/web:1", "AWS", "127.0.0.1:1/web:1"),
        ("ghcr.io/shop/web:1", "AWS", "ghcr.io/shop/web:1"),
    ],
)
def test_what_the_local_cloud_s_ecr_is_pushed_stands_below_the_registry_beside_the_engine(
    name: str, user: str | None, found: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACCORDION_REGISTRY", "127.0.0.1:5001")
    assert _place(name, {"registry": {"username": user}}) == found
    props = {"imageName": name, "registry": {"username": user}}
    told = KIND["Image"].check(None, "one", b"", props, {})[1]
    assert (told == []) is found.startswith("127.")


def test_what_the_local_cloud_s_ecr_is_pushed_leaves_this_machine_for_no_registry_that_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ACCORDION_REGISTRY", "registry.example.org:5000")
    with pytest.raises(Refused) as told:
        KIND["Image"].expect_create(
            Engine("unix:///nowhere"), {"imageName": OF_ECR, "registry": {"username": "AWS", "password": "planted"}}
        )
    assert str(told.value) == (
        "ACCORDION_REGISTRY: got 'registry.example.org:5000', allowed on the local cloud: 127.0.0.1:PORT, "
        "localhost:PORT; what is pushed to ECR stays on this machine"
    )


@pytest.mark.parametrize(
    ("name", "repository", "tag"),
    [
        ("127.0.0.1:5000/shop/web", "127.0.0.1:5000/shop/web", "latest"),
        ("127.0.0.1:5000/shop/web:1.2", "127.0.0.1:5000/shop/web", "1.2"),
        ("web", "web", "latest"),
    ],
)
def test_an_image_without_a_tag_is_the_latest_and_not_all_of_its_repository(
    name: str, repository: str, tag: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Api:
        def push(self, *asked: str, **more: Any) -> list[dict[str, Any]]:
            told.append((*asked, more["tag"]))
            return [{"aux": {"Digest": "sha256:1"}}]

    told: list[tuple[str, ...]] = []
    engine = Engine("unix:///nowhere")
    monkeypatch.setattr(Engine, "api", Api())
    monkeypatch.setattr(engine, "ask", lambda *_, repo, tag: told.append((repo, tag)))
    engine.call("sha256:2", name)
    assert engine.push(name, None) == "sha256:1"
    assert told == [(repository, tag)] * 2


def test_without_a_registry_a_preview_says_where_one_is_to_be_had(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("localcloud.docker.running.OF_CHECKOUT", tmp_path / "host")
    monkeypatch.delenv("ACCORDION_REGISTRY", raising=False)
    inputs = {"imageName": OF_ECR, "registry": {"username": "AWS"}}
    with pytest.raises(Refused) as told:
        KIND["Image"].expect_create(Engine("unix:///nowhere"), inputs)
    assert str(told.value) == (
        "no registry on this machine keeps what is pushed to ECR, and the local cloud's own has no layers: start one "
        "with `make docker`, or name one (ACCORDION_REGISTRY=127.0.0.1:PORT)"
    )
    KIND["Image"].expect_create(Engine("unix:///nowhere"), {**inputs, "skipPush": True})
