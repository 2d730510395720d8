"""Settings from stack files: what is accepted and how faults are said. It cannot prove that AWS accepts what the settings ask for."""

import contextlib
import copy
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from stacks.settings import SettingsError, load, schema, validate
from stacks.stack_file import StackFile
from stacks.workloads import workloads_of

ROOT = Path(__file__).parents[2]
SHIPPED = sorted(ROOT.glob("Pulumi.*.yaml"))
DEV = (ROOT / "Pulumi.dev.yaml").read_text()


def faults_of(text: str) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        validate(StackFile.parse("Pulumi.dev.yaml", text))
    return str(caught.value).splitlines()


def line_of(text: str, part: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if part in line)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_every_shipped_stack_file_is_valid(path: Path) -> None:
    assert workloads_of(load(path)), "a stack is built of at least one service or group"


@pytest.mark.parametrize(
    ("right", "wrong", "path", "message"),
    [
        ("minimum: 1", "minimun: 1", "services.web.elasticity.minimun", "unknown key; did you mean `minimum`"),
        ("target: 70", "target: 170", "services.web.elasticity.target_tracking.cpu.target", "got a percentage above 100, allowed 1 to 100"),
        ("metric: cpu,", "metric: cpux,", "services.web.elasticity.target_tracking.cpu.metric",
         "not a known metric, allowed cpu, memory, requests_per_target, response_time, queue_delay; or declare it under `metrics`"),
        ("start_up: 60s", "start_up: 60", "services.web.elasticity.unit.start_up",
         "got an integer, allowed a duration with its unit, such as 90s, 5m or 2h"),
        ("cpu: 256", "cpu: big", "services.web.cpu", "got a text, allowed 128 to 196608"),
        ("spot_weight: 1", "spot_weight: -1", "services.web.capacity.spot_weight", "got an integer below 0, allowed 0 to 1000"),
        ("tell: record", "tell: shout", "alarms.tell", "got a text, allowed one of record, notify, page"),
        ("nat: single", "nat: [single]", "network.nat", "got a list, allowed one of none, single, per_zone, regional"),
        ("accordion:alarms", "accordion:alarm", "alarm", "unknown section; did you mean `alarms`"),
        ("LOG_LEVEL: debug", "LOG_LEVEL: { secure: AAABxyz }", "services.web.container.environment.LOG_LEVEL",
         "a secret has no place inside the settings: name an ARN there, or use a key of its own"),
        ("composition: web_service", "composition: web_servce", "composition", "got a text, allowed one of web_service, instance_fleet, private_service"),
        ("{ protocol: http }", "{}", "load_balancer.listener.certificate_arns", "https needs a certificate: name its ARN, or say `protocol: http`"),
    ],
)  # fmt: skip
def test_a_fault_names_its_file_line_path_and_what_is_allowed(right: str, wrong: str, path: str, message: str) -> None:
    assert right in DEV, "the case must change something"
    text = DEV.replace(right, wrong, 1)
    fault = next(found for found in faults_of(text) if f" {path}: " in found)
    assert fault == f"Pulumi.dev.yaml:{line_of(text, wrong)} {path}: {message}"


def test_all_faults_are_said_at_once_in_the_order_of_the_file() -> None:
    text = (
        DEV.replace("nat: single", "nat: none at all")
        .replace("cpu: 256", "cpu: big")
        .replace("tell: record", "tell: shout")
    )
    assert [fault.split(":")[1].split(" ")[1] for fault in faults_of(text)] == [
        "network.nat",
        "services.web.cpu",
        "alarms.tell",
    ]


def test_a_missing_key_is_said_at_the_line_of_the_map_that_lacks_it() -> None:
    text = DEV.replace("        minimum: 1\n", "")
    line = line_of(text, "elasticity:")
    assert f"Pulumi.dev.yaml:{line} services.web.elasticity.minimum: is missing; give 0 to 100000" in faults_of(text)


def test_a_missing_section_is_said_without_a_line() -> None:
    text = DEV[: DEV.index("  accordion:network:")] + DEV[DEV.index("  accordion:load_balancer:") :]
    assert faults_of(text) == ["Pulumi.dev.yaml network: is missing; give a map"]


def test_no_value_is_printed_since_it_may_be_a_secret_in_the_wrong_place() -> None:
    text = (
        DEV.replace("cpu: 256", "cpu: hunter2")
        .replace("nat: single", "nat: hunter2")
        .replace("minimum: 1", "minimum: hunter2")
    )
    assert "hunter2" not in "\n".join(faults_of(text))


def test_a_zone_of_another_region_is_refused() -> None:
    text = DEV.replace("region: eu-central-1", "region: eu-west-1")
    assert faults_of(text) == [
        f"Pulumi.dev.yaml:{line_of(text, 'zones:')} network.zones: lie in another region than `environment.region`, eu-west-1"
    ]


def test_services_of_one_balancer_that_collide_are_said_at_the_service() -> None:
    services = DEV[DEV.index("    web:") : DEV.index("  accordion:alarms")]
    text = DEV.replace(services, services + services.replace("    web:", "    shop:"))
    line = max(number for number, words in enumerate(text.splitlines(), 1) if "traffic:" in words)
    assert faults_of(text) == [
        f"Pulumi.dev.yaml:{line} services.shop.traffic.routes: only one service may go without routes, and web does"
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("config: [", "Pulumi.dev.yaml:1: not YAML: expected the node content, but found '<stream end>'"),
        ("config: {}\nconfig: {}\n", "Pulumi.dev.yaml:2 config: this key stands twice: keep one of the two"),
        ("- 1\n", "Pulumi.dev.yaml: no stack file: expected a map with the key `config`"),
        ("", "Pulumi.dev.yaml: no stack file: expected a map with the key `config`"),
    ],
)
def test_a_file_that_is_no_stack_file_is_one_sentence(text: str, message: str) -> None:
    assert faults_of(text) == [message]


def test_a_file_that_is_not_there_names_those_that_are(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.prod.yaml").write_text("")
    with pytest.raises(SettingsError, match=r"^Pulumi\.prd\.yaml: there is no such file; here are Pulumi\.prod\.yaml$"):
        load(tmp_path / "Pulumi.prd.yaml")


JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3), max_leaves=6)  # fmt: skip
PLACES = [
    ("network",), ("network", "zones"), ("environment", "tags"), ("services", "web"), ("services", "web", "elasticity"),
    ("services", "web", "elasticity", "target_tracking"), ("services", "web", "traffic", "routes"), ("alarms", "topic"),
]  # fmt: skip


@hypothesis_settings(max_examples=150, deadline=None)
@given(place=st.sampled_from(PLACES), nonsense=JSON)
def test_nonsense_is_never_a_traceback(place: tuple[str, ...], nonsense: object) -> None:
    file = StackFile.parse("Pulumi.dev.yaml", DEV)
    tree = copy.deepcopy(dict(file.sections))
    node = tree
    for key in place[:-1]:
        node = node[key]
    node[place[-1]] = nonsense
    with contextlib.suppress(SettingsError):
        validate(file, tree)


def test_the_schema_for_editors_accepts_every_shipped_stack_file() -> None:
    validator = jsonschema.Draft202012Validator(schema())
    for path in SHIPPED:
        document = YAML(typ="safe").load(path)
        assert [error.message for error in validator.iter_errors(document)] == [], path.name


def test_the_schema_for_editors_refuses_an_unknown_key() -> None:
    document = YAML(typ="safe").load(DEV.replace("minimum: 1", "minimun: 1"))
    assert not jsonschema.Draft202012Validator(schema()).is_valid(document)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("from stacks.settings import load; import stacks.workloads", []),
        ("load(Path('Pulumi.dev.yaml'))", ["web_service.settings"]),
        ("load(Path('Pulumi.fleet.yaml'))", ["instance_fleet.settings"]),
        ("workloads_of(load(Path('Pulumi.fleet.yaml')))", ["instance_fleet.settings", "instance_fleet.workloads"]),
        ("workloads_of(load(Path('Pulumi.private.yaml')))", ["private_service.settings", "private_service.workloads"]),
    ],
)
def test_a_stack_loads_its_own_composition_alone_and_no_provider(asked: str, expected: list[str]) -> None:
    program = (
        "import sys; from pathlib import Path; from stacks.settings import load; from stacks.workloads import workloads_of\n"
        f"{asked}\n"
        "kinds = ('stacks.web_service.', 'stacks.instance_fleet.', 'stacks.private_service.', 'pulumi')\n"
        "print(sorted(name.removeprefix('stacks.') for name in sys.modules if name.startswith(kinds)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout == f"{expected}\n"
