"""The real engine on the file backend and on the state service: the same programs end in the same states.

Every journal that the engine writes here is given, prefix by prefix, to the engine's own replay too. It cannot prove that an engine of
another version replays alike.
"""

import json
import os
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from localcloud.admission import secret_access_key
from localcloud.cloud.project import Place
from localcloud.cloud.session import LocalCloud
from localcloud.state import sealing
from localcloud.state.server import serving
from localcloud.state.store import Store
from tests.localcloud.test_state_replay import oracle, ours, plain

__all__ = ["oracle"]  # a fixture

pytestmark = pytest.mark.engine

PROGRAM = """\
import os

import pulumi
import pulumi_aws as aws

step = os.environ["STEP"]
config = pulumi.Config()
later = step not in ("up", "secrets")
first = pulumi.ResourceOptions(delete_before_replace=True)
bus = aws.ecs.Cluster("cluster", name="one", tags={"round": "2" if later else "1"})
log = aws.cloudwatch.LogGroup("log", name="log-2" if later else "log-1", retention_in_days=30)
other = aws.cloudwatch.LogGroup("other", name="other-2" if later else "other-1", retention_in_days=30, opts=first)
if step not in ("remove", "refresh"):
    aws.cloudwatch.LogGroup("leaf", name="leaf", opts=pulumi.ResourceOptions(depends_on=[log, other], parent=bus))
if step == "alias":
    aws.ecs.Cluster("renamed", name="two", opts=pulumi.ResourceOptions(aliases=[pulumi.Alias(name="second")]))
elif later:
    aws.ecs.Cluster("second", name="two")
if step == "fault":
    aws.cloudwatch.LogGroup("refused", name="log-2", opts=pulumi.ResourceOptions(depends_on=[log]))
    aws.ecs.Cluster("third", name="three")
pulumi.export("secret", config.get_secret("token"))
pulumi.export("arn", log.arn)
"""

UP = ("up", "--yes", "--skip-preview")
STEPS: list[tuple[str, tuple[str, ...]]] = [
    ("up", UP),
    ("secrets", ("config", "set", "--secret", "token", "s3cret")),
    ("secrets", UP),
    ("preview", ("preview",)),
    ("targets", (*UP, "--target", "**LogGroup::log", "--target-dependents")),
    ("update", UP),
    ("alias", UP),
    ("update", UP),
    ("fault", UP),
    ("fault", ("refresh", "--yes", "--skip-preview")),
    ("update", UP),
    ("update", ("state", "taint", "urn:pulumi:dev::demo::aws:ecs/cluster:Cluster::second", "--yes")),
    ("update", UP),
    ("update", (*UP, "--refresh")),
    ("remove", UP),
    ("update", ("import", "aws:ecs/cluster:Cluster", "found", "found", "--yes", "--skip-preview", "--protect=false")),
    ("refresh", ("refresh", "--yes", "--skip-preview")),
    ("refresh", ("destroy", "--yes", "--skip-preview", "--target", "**LogGroup::other", "--target-dependents")),
    ("refresh", ("destroy", "--yes", "--skip-preview")),
]
"""What is run, in turn: the program's variant and the command. Between the commands the cloud is changed by hand."""


@dataclass
class Leg:
    """A place, an engine and a way to keep states."""

    cloud: LocalCloud
    environment: dict[str, str]
    folder: Path
    journals: list[tuple[dict, list[dict]]] = field(default_factory=list)

    def pulumi(self, *arguments: str, step: str = "", ok: bool = True) -> str:
        binary = str(self.cloud.engine().binary)
        line = [binary, "-C", str(self.folder), *arguments, "--non-interactive", "--color=never"]
        done = subprocess.run(
            line, env=self.environment | {"STEP": step}, stdin=subprocess.DEVNULL, capture_output=True, text=True
        )
        assert (done.returncode == 0) == ok, done.stdout + done.stderr
        return done.stdout

    def state(self) -> dict:
        return normal(json.loads(self.pulumi("stack", "export", "--stack", "dev")))


def normal(export: dict) -> dict:
    """A state without times and without what differs from one run to the next by chance."""
    text = json.dumps(export)
    # Numbers of provider instances, salts and ciphertexts are random.
    text = re.sub(r"(default_\d+_\d+_\d+::|\"id\": \")[0-9a-f]{8}-[0-9a-f-]{27}", r"\1instance", text)
    text = re.sub(r"v1:[A-Za-z0-9+/=:]{20,}", "sealed", text)
    shown = json.loads(text)
    deployment = shown["deployment"]
    deployment.pop("manifest")
    for resource in deployment.get("resources") or ():
        for name in ("created", "modified", "sourcePosition", "stackTrace"):
            resource.pop(name, None)
        resource.get("dependencies", []).sort()  # a set in the SDK
        # A property that depends on nothing: after a refresh the engine's replay leaves it out, its file backend not.
        on = {name: sorted(urns) for name, urns in resource.pop("propertyDependencies", {}).items() if urns}
        if on:
            resource["propertyDependencies"] = on
    # What does not depend on one another is registered in any order; the oracle below looks at the order.
    deployment.get("resources", []).sort(key=lambda each: (each["urn"], bool(each.get("delete")), each.get("id", "")))
    return shown


def differences(one: object, other: object, path: str = "") -> list[tuple[str, object, object]]:
    """Where two plain values differ."""
    if isinstance(one, dict) and isinstance(other, dict):
        keys = sorted({*one, *other})
        return [each for key in keys for each in differences(one.get(key), other.get(key), f"{path}.{key}")]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = enumerate(zip(one, other, strict=True))
        return [each for index, pair in pairs for each in differences(*pair, f"{path}[{index}]")]
    return [] if one == other else [(path, one, other)]


@pytest.fixture(scope="module")
def cloud(tmp_path_factory) -> Iterator[LocalCloud]:
    folder = tmp_path_factory.mktemp("project")
    (folder / "Pulumi.yaml").write_text("name: demo\nruntime: python\n")
    (folder / "__main__.py").write_text(PROGRAM)
    place = Place(tmp_path_factory.mktemp("place"))
    from localcloud.cloud.project import find_project

    made = LocalCloud(find_project(folder), place, say=lambda _: None)
    yield made
    made.stop()


@pytest.fixture
def recorded(cloud, tmp_path, monkeypatch) -> Iterator[tuple[int, list[tuple[dict, list[dict]]]]]:
    """A state service that notes each journal beside the state before it: its port, and the journals."""
    server = serving(0, tmp_path / "state.db", "secret", sealing.key_of("secret"))
    journals: dict[str, tuple[dict, list[dict]]] = {}
    append = Store.append

    def noted(store: Store, operation: str, token: str, entries: list[dict]) -> None:
        if operation not in journals:
            journals[operation] = (store.latest(store.stack("demo", "dev")).deployment, [])
        append(store, operation, token, entries)
        journals[operation][1].extend(entries)

    monkeypatch.setattr(Store, "append", noted)
    threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
    yield server.server_port, journals
    server.shutdown()
    server.server_close()


def leg(cloud: LocalCloud, folder: Path, backend: str) -> Leg:
    from localcloud.cloud.environment import child_environment

    running = cloud.start()
    folder.mkdir()
    for file in (cloud.place.shadow / "Pulumi.yaml", cloud.place.shadow / ".project"):
        shutil.copy(file, folder)
    variables = child_environment(cloud.place, cloud.engine().binary, os.environ, 9, cloud.clouds, running)
    home = {"PULUMI_HOME": str(folder / "home"), "PULUMI_BACKEND_URL": backend, "PULUMI_ACCESS_TOKEN": "secret"}
    made = Leg(cloud, variables | home, folder)
    made.pulumi("stack", "init", "dev", "--secrets-provider", "passphrase")
    return made


def states(of: Leg, client) -> list[dict]:
    """The state after each step; steps that are meant to fail do."""
    client("ecs").create_cluster(clusterName="found")
    seen = []
    for step, arguments in STEPS:
        options = ("--parallel=1",) if arguments[0] in ("up", "refresh", "destroy", "import") else ()
        if arguments[0] == "import":
            options += ("--generate-code=false",)
        if step == "refresh" and arguments[0] == "refresh":
            client("logs").delete_log_group(logGroupName="log-2")  # something goes away behind the engine's back
        stack = () if arguments[0] == "config" else ("--stack", "dev")
        of.pulumi(*arguments, *options, *stack, step=step, ok=(step, arguments[0]) != ("fault", "up"))
        seen.append(of.state())
    return seen


def test_the_same_commands_end_in_the_same_states_on_the_file_backend_and_on_the_service(
    cloud, tmp_path, recorded, oracle
):
    import boto3

    def client(service: str):
        endpoint = cloud.start()["aws"].endpoint
        secret = secret_access_key(cloud.place.token.read_text())
        keys = {"aws_access_key_id": "ACCT0000123456789012", "aws_secret_access_key": secret}
        return boto3.client(service, endpoint_url=endpoint, region_name="us-east-1", **keys)

    port, journals = recorded
    (tmp_path / "files").mkdir()
    on_files = states(leg(cloud, tmp_path / "file", f"file://{tmp_path / 'files'}"), client)
    on_service = states(leg(cloud, tmp_path / "service", f"http://127.0.0.1:{port}"), client)
    for (step, arguments), wanted, got in zip(STEPS, on_files, on_service, strict=True):
        assert differences(got, wanted) == [], (step, arguments)
    kinds = {entry["kind"] for _, entries in journals.values() for entry in entries}
    assert {0, 1, 2, 3, 4, 6, 7} <= kinds  # what engines write in such commands
    for base, entries in journals.values():
        ordered = sorted(entries, key=lambda entry: entry["sequenceID"])
        assert plain(ours(base, ordered)) == plain(oracle(base, ordered))
