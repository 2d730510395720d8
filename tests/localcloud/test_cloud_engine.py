"""The wrapper and the language host with the real engine on the local cloud, on a small program.

Cannot prove what AWS would do, nor that engines newer than the pin behave in the same way.
"""

import hashlib
import json
import os
import re
import shutil
import signal
import socketserver
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import boto3
import psutil
import pulumi
import pytest

from localcloud.admission import secret_access_key
from localcloud.engine import obtain

pytestmark = pytest.mark.engine

ROOT = Path(__file__).parents[2]

PROGRAM = """\
import os
import sys

import pulumi
import pulumi_aws as aws

config = pulumi.Config()
options = pulumi.ResourceOptions(provider=aws.Provider("aws", region="eu-west-1"))
for number in range(config.get_int("clusters") or 2):
    tags = {"round": config.get("round") or "0"}
    aws.ecs.Cluster(f"cluster-{number}", name=f"cluster-{number}-{pulumi.get_stack()}", tags=tags, opts=options)
log = aws.cloudwatch.LogGroup("log", retention_in_days=30, opts=options)
pulumi.export("log", log.name)
pulumi.export("token", config.get_secret("token"))
pulumi.export("root", pulumi.get_root_directory())
pulumi.export("python", sys.prefix)
pulumi.export("key", os.environ["AWS_ACCESS_KEY_ID"])
fault = os.environ.get("FAULT")
if fault == "refused":
    raise pulumi.RunError("Pulumi.dev.yaml:3: minimum is above maximum")
if fault == "raised":
    {}["missing"]
if fault == "in apply":
    log.name.apply(lambda _: {}["missing"])
if fault == "in apply, beside a task that fails when it is cancelled":
    import asyncio

    async def stubborn():
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            raise asyncio.InvalidStateError("invalid state") from None

    log.name.apply(lambda _: setattr(asyncio, "kept", asyncio.ensure_future(stubborn())))
    log.name.apply(lambda _: {}["missing"])
if fault == "died":
    os._exit(3)
"""

DYNAMIC = """\
import os
import sys

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, Resource, ResourceProvider, UpdateResult

from naming import label


class Labels(ResourceProvider):
    def create(self, props):
        return CreateResult(id_="label", outs={**props, "label": label(props["stem"]), "by": sys.prefix})

    def diff(self, _id, olds, news):
        return DiffResult(changes=olds["stem"] != news["stem"])

    def update(self, _id, olds, news):
        return UpdateResult(outs={**news, "label": label(news["stem"]), "by": sys.prefix})


class Label(Resource):
    label: pulumi.Output[str]
    by: pulumi.Output[str]

    def __init__(self, name, stem):
        super().__init__(Labels(), name, {"stem": stem, "label": None, "by": None})


made = Label("label", os.environ.get("STEM", "first"))
pulumi.export("label", made.label)
pulumi.export("made by", made.by)
"""

STACK_FILE = """\
# values for dev
secretsprovider: awskms://alias/real?region=eu-west-1
encryptedkey: AQIDAHg
config:
  demo:token:
    secure: v1:abc:def
  demo:nested:
    hosts: [{secure: v1:ghi}]
"""


@dataclass
class Checkout:
    folder: Path
    environment: dict[str, str]
    stack: str = "dev"

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "operations.cli", *arguments],
            cwd=self.folder,
            env=self.environment | {"PULUMI_STACK": self.stack} | environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def __call__(self, *arguments: str, code: int = 0, **environment: str) -> str:
        process = self.start(*arguments, **environment)
        said, _ = process.communicate(timeout=240)
        assert process.returncode == code, said
        return said

    def up(self, *arguments: str, code: int = 0, **environment: str) -> str:
        options = ("--yes", "--skip-preview", "--suppress-progress", "--color=never")
        return self("local", "up", *options, *arguments, code=code, **environment)

    def outputs(self) -> dict[str, str]:
        return json.loads(self("local", "stack", "output", "--json", "--show-secrets"))

    @property
    def place(self) -> Path:
        (found,) = [
            folder
            for folder in Path(self.environment["XDG_STATE_HOME"], "accordion", "local").iterdir()
            if (folder / "shadow" / ".project").read_text().strip() == str(self.folder)
        ]
        return found

    def record(self, server: str) -> dict[str, int]:
        return json.loads((self.place / f"{server}.json").read_text())

    def client(self, service: str):
        return boto3.client(
            service,
            endpoint_url=f"http://127.0.0.1:{self.record('aws')['port']}",
            region_name="eu-west-1",
            aws_access_key_id="ACCT0000123456789012",
            aws_secret_access_key=secret_access_key((self.place / "state.token").read_text()),
        )

    def clusters(self) -> list[str]:
        ecs = self.client("ecs")
        listed = [arn for page in ecs.get_paginator("list_clusters").paginate() for arn in page["clusterArns"]]
        found = ecs.describe_clusters(clusters=listed)["clusters"] if listed else []
        names = [each["clusterName"] for each in found if each["status"] == "ACTIVE"]
        return sorted(name for name in names if name.endswith(f"-{self.stack}"))

    def git(self, *arguments: str) -> str:
        command = ["git", "-c", "user.name=ada", "-c", "user.email=ada@example.com", *arguments]
        return subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=True).stdout


HELD_AFTER = """\
import itertools
import os
import sys
import time

HELD_AFTER = {!r}

if "localcloud.provider.server" in sys.orig_argv:
    from localcloud.provider.server import Servicer

    done = {{}}

    def held(method):
        inherited = getattr(Servicer, method)

        def call(self, request, context):
            try:
                with open(HELD_AFTER) as file:
                    run, steps = file.read().split()
            except FileNotFoundError:
                return inherited(self, request, context)
            if not getattr(request, "preview", False) and next(done.setdefault(run, itertools.count())) >= int(steps):
                while os.path.exists(HELD_AFTER) and context.is_active():
                    time.sleep(0.02)
                if not context.is_active():
                    raise RuntimeError("the engine that asked is gone")
            return inherited(self, request, context)

        setattr(Servicer, method, call)

    held("Create")
    held("Delete")
"""
"""A module that Python imports as it starts: where a file says so, the provider takes so many steps and waits with the
next ones until the file or the engine that asks is gone. What is to be killed in the middle cannot end before."""


def new_checkout(parent: Path, name: str, stack_file: str | None = None) -> Checkout:
    folder = parent / name
    folder.mkdir()
    (folder / "Pulumi.yaml").write_text("name: demo\nruntime: python\n")
    (folder / "__main__.py").write_text(PROGRAM)
    if stack_file is not None:
        (folder / "Pulumi.dev.yaml").write_text(stack_file)
    (parent / "sitecustomize.py").write_text(HELD_AFTER.format(str(parent / "held-after")))
    environment = os.environ | {
        "XDG_STATE_HOME": str(parent / "state"),
        "PYTHONPATH": os.pathsep.join([str(parent), str(ROOT)]),
        "PYTHONDONTWRITEBYTECODE": "1",
        "AWS_ACCESS_KEY_ID": "AKIAREAL",
        "AWS_PROFILE": "real",
        "PULUMI_ACCESS_TOKEN": "pul-real",
    }
    return Checkout(folder, environment)


@pytest.fixture
def make(tmp_path) -> Iterator[Callable[..., Checkout]]:
    """Checkouts of their own, with clouds of their own: some 10 s each."""
    made = []

    def checkout(name: str = "demo", stack_file: str | None = None) -> Checkout:
        made.append(new_checkout(tmp_path, name, stack_file))
        return made[-1]

    yield checkout
    for each in made:
        each("local", "stop")


@pytest.fixture(scope="module")
def deployed(tmp_path_factory) -> Iterator[Checkout]:
    """A checkout with `dev` deployed, for tests that leave it like that."""
    checkout = new_checkout(tmp_path_factory.mktemp("deployed"), "demo")
    checkout.up()
    yield checkout
    checkout("local", "stop")


@pytest.fixture
def fresh(deployed, request) -> Checkout:
    """The same checkout on a stack of the test's own."""
    stack = hashlib.sha256(request.node.name.encode()).hexdigest()[:8]
    return replace(deployed, stack=f"s{stack}")


@pytest.fixture
def project_file(deployed) -> Iterator[Path]:
    """The checkout's Pulumi.yaml, as it was again after the test."""
    file = deployed.folder / "Pulumi.yaml"
    before = file.read_text()
    yield file
    file.write_text(before)


def killed_during(checkout: Checkout, *arguments: str, after: int = 6, what: tuple[str, ...] = ("engine",)) -> str:
    """Start a command, kill its engine, servers or all when it has done a few steps; returns what it said."""
    lines: list[str] = []
    held = Path(checkout.environment["XDG_STATE_HOME"]).with_name("held-after")
    held.write_text(f"{uuid.uuid4()} {after}")
    try:
        with checkout.start(*arguments) as process:
            assert process.stdout is not None
            for line in process.stdout:
                lines.append(line)
                steps = sum(bool(re.search(r" (created|updated|deleted) \(", each)) for each in lines)
                if held.exists() and steps == after:
                    (engine,) = [child for child in psutil.Process(process.pid).children() if child.name() == "pulumi"]
                    pids = {"engine": engine.pid, "command": process.pid}
                    pids |= {name: checkout.record(name)["pid"] for name in ("state", "aws", "provider")}
                    for name in what:
                        os.kill(pids[name], signal.SIGKILL)
                    held.unlink()
    finally:
        held.unlink(missing_ok=True)
    ends = {"command": -signal.SIGKILL, "engine": 137}
    assert process.returncode == next((ends[name] for name in ends if name in what), 0), "".join(lines)
    return "".join(lines)


def test_up_works_with_no_account_and_a_second_one_finds_nothing_to_do(make):
    demo = make()
    assert "+ 5 created" in demo.up()
    assert "5 unchanged" in demo.up()
    assert demo.clusters() == ["cluster-0-dev", "cluster-1-dev"]
    outputs = demo.outputs()
    assert outputs["key"] == "ACCT0000123456789012"
    assert outputs["root"] == str(demo.folder)
    assert outputs["python"] == sys.prefix
    assert "- 5 deleted" in demo("local", "destroy", "--yes", "--skip-preview", "--suppress-progress")
    assert demo.clusters() == []


@pytest.fixture
def asked() -> Iterator[tuple[dict[str, str], list[str]]]:
    """Variables that send every request for another machine to a proxy, and what the proxy was asked."""
    requests: list[str] = []

    class Proxy(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            requests.append(self.rfile.readline().decode())

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Proxy) as server:
        threading.Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
        address = f"http://127.0.0.1:{server.server_address[1]}"
        yield {"HTTP_PROXY": address, "HTTPS_PROXY": address, "NO_PROXY": "127.0.0.1,localhost"}, requests
        server.shutdown()


def test_no_command_asks_another_machine(deployed, asked):
    variables, requests = asked
    deployed.up(**variables)
    deployed("local", "preview", **variables)
    deployed("local", "refresh", "--yes", "--skip-preview", **variables)
    assert requests == []


def test_no_command_changes_anything_that_git_tracks(make):
    demo = make(stack_file=STACK_FILE)
    demo.git("init", "-q")
    demo.git("add", "-A")
    demo.git("commit", "-qm", "all")
    demo("local", "stack", "init", "prod")
    demo("local", "stack", "select", "dev")
    demo("local", "config", "set", "round", "1")
    demo.up("--stack", "dev", "-c", "clusters=1")
    demo("local", "preview", "--stack", "dev", "--save-plan", str(demo.folder.parent / "plan.json"))
    demo("local", "refresh", "--yes", "--skip-preview", "--stack", "dev")
    demo("local", "destroy", "--yes", "--skip-preview", "--stack", "dev")
    demo("local", "stack", "rm", "--yes", "dev")
    assert demo.git("status", "--porcelain", "--ignored") == ""
    assert (demo.folder / "Pulumi.dev.yaml").read_text() == STACK_FILE


def test_config_set_goes_to_the_local_copy_and_says_so(make):
    demo = make(stack_file="config:\n  demo:round: '1'\n")
    said = demo("local", "config", "set", "round", "2")
    assert said == "kept in the local copy; Pulumi.dev.yaml is as it was\n"
    assert demo("local", "config", "get", "round") == "2\n"


def test_secrets_of_another_place_become_placeholders_that_can_be_replaced(make):
    demo = make(stack_file=STACK_FILE)
    said = demo.up()
    assert said.count("secrets of Pulumi.dev.yaml are not decrypted here; placeholders stand for demo:token") == 1
    assert demo.outputs()["token"].startswith("placeholder-")
    demo("local", "config", "set", "--secret", "token", "correct horse")
    said = demo.up()
    assert "placeholders" not in said
    assert demo.outputs()["token"] == "correct horse"
    kept = [file for file in demo.place.rglob("*") if file.is_file() and b"correct horse" in file.read_bytes()]
    assert kept == []


def test_one_slip_in_a_stack_file_previewed_once_does_no_harm_when_it_is_mended(fresh):
    file = fresh.folder / f"Pulumi.{fresh.stack}.yaml"
    slips = (
        b"config: abc\n",
        b"config:\n  demo:round: <<\n",
        b"config:\n  demo:round: [\n",
        b"config:\n  round: \xff\n",
        b"config:\n  demo:a: &a [*a]\n",
        b"config:\n  nobody: 1\n  : 2\n",
    )
    for content in slips:
        file.write_bytes(content)
        with fresh.start("local", "preview", "--suppress-progress", "--color=never") as process:
            said, _ = process.communicate(timeout=240)
        assert "Traceback" not in said
        file.write_text("config:\n  demo:round: mended\n")
        assert "+ 5 to create" in fresh("local", "preview", "--suppress-progress", "--color=never"), content
        assert fresh("local", "config", "get", "round") == "mended\n"


def test_a_setting_by_a_path_leaves_what_else_its_key_holds(fresh):
    file = fresh.folder / f"Pulumi.{fresh.stack}.yaml"
    file.write_text("config:\n  demo:nested:\n    team: old\n    tags: {owner: me, hosts: [a, b]}\n")
    try:
        line = ("--config-path", "-c", "demo:nested.tags.team=shop", "--config=demo:nested.tags.hosts[1]=c")
        for _ in ("a stack that is not there yet", "one that is"):
            fresh("local", "preview", *line)
            nested = json.loads(fresh("local", "config", "get", "nested"))
            assert nested == {"team": "old", "tags": {"owner": "me", "hosts": ["a", "c"], "team": "shop"}}
    finally:
        file.unlink()


def test_paths_on_the_command_line_are_those_of_the_user(fresh):
    shutil.copytree(ROOT / "tests" / "localcloud" / "policy_pack", fresh.folder / "pack")
    said = fresh("local", "preview", "--policy-pack", "pack", "--suppress-progress", "--color=never", code=1)
    assert "retention is under 90 days" in said
    fresh("local", "preview", "--save-plan", "plan.json")
    assert json.loads((fresh.folder / "plan.json").read_text())["resourcePlans"]
    fresh.up("--plan", "plan.json")
    fresh("local", "stack", "export", "--file", "state.json")
    assert json.loads((fresh.folder / "state.json").read_text())["deployment"]["resources"]


def test_a_preview_can_be_read_by_a_program(fresh):
    command = [sys.executable, "-m", "operations.cli", "local", "preview", "--json"]
    environment = fresh.environment | {"PULUMI_STACK": fresh.stack}
    ran = subprocess.run(command, cwd=fresh.folder, env=environment, capture_output=True, text=True, check=True)
    plan = json.loads(ran.stdout)
    assert plan["changeSummary"] == {"create": 5}


@pytest.mark.parametrize(
    ("fault", "expected", "without"),
    [
        ("refused", "error: Pulumi.dev.yaml:3: minimum is above maximum\n", "Traceback"),
        ("raised", '__main__.py", line 22, in <module>\n        {}["missing"]', "runpy"),
        (
            "in apply",
            '__main__.py", line 24, in <lambda>\n        log.name.apply(lambda _: {}["missing"])',
            "site-packages",
        ),
        (
            "in apply, beside a task that fails when it is cancelled",
            '__main__.py", line 35, in <lambda>\n        log.name.apply(lambda _: {}["missing"])',
            "invalid state",
        ),
        ("died", "the program ended early with exit code 3", "Traceback"),
    ],
)
def test_a_faulty_program_is_told_once_and_with_its_own_frames_alone(fresh, fault, expected, without):
    said = fresh("local", "preview", "--suppress-progress", "--color=never", code=1, FAULT=fault)
    diagnostics = said[said.index("Diagnostics:") :]
    assert diagnostics.count(expected) == 1, said
    assert without not in said


def test_the_state_holds_where_the_program_declares_a_resource_and_no_other_frame(deployed):
    state = deployed("local", "stack", "export")
    (log,) = [made for made in json.loads(state)["deployment"]["resources"] if made["type"].endswith("LogGroup")]
    line = 1 + PROGRAM.splitlines().index(next(line for line in PROGRAM.splitlines() if "LogGroup(" in line))
    assert log["sourcePosition"].endswith(f"__main__.py#{line}")
    assert "stackTrace" not in state


def test_a_program_with_an_environment_of_its_own_runs_in_it(fresh, project_file):
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", "venv"], cwd=fresh.folder, check=True)
    (packages,) = (fresh.folder / "venv" / "lib").glob("python*/site-packages")
    (packages / "ours.pth").write_text(str(Path(psutil.__file__).parents[1]))
    text = "name: demo\nruntime: {name: python, options: {virtualenv: venv}}\n"
    project_file.write_text(text)
    fresh.up()
    assert fresh.outputs()["python"] == str(fresh.folder / "venv")


def test_an_activated_environment_runs_the_program(fresh):
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", "active"], cwd=fresh.folder, check=True)
    (packages,) = (fresh.folder / "active" / "lib").glob("python*/site-packages")
    (packages / "ours.pth").write_text(str(Path(psutil.__file__).parents[1]))
    (packages / "pulumi").symlink_to(Path(pulumi.__file__).parent)
    fresh.up(VIRTUAL_ENV=str(fresh.folder / "active"))
    assert fresh.outputs()["python"] == str(fresh.folder / "active")


def test_a_dynamic_provider_runs_under_the_programs_own_interpreter_and_imports_its_modules(make):
    checkout = make()
    (checkout.folder / "Pulumi.yaml").write_text(
        "name: demo\nruntime: {name: python, options: {toolchain: pip, virtualenv: venv}}\n"
    )
    (checkout.folder / "__main__.py").write_text(DYNAMIC)
    (checkout.folder / "naming.py").write_text("def label(stem):\n    return f'{stem}-of-mine'\n")
    checkout("local", "install")
    (packages,) = (checkout.folder / "venv" / "lib").glob("python*/site-packages")
    (packages / "ours.pth").write_text(str(Path(psutil.__file__).parents[1]))
    assert "+ 2 created" in checkout.up()
    assert checkout.outputs() == {"label": "first-of-mine", "made by": str(checkout.folder / "venv")}
    assert "2 unchanged" in checkout.up()
    assert "~ 1 updated" in checkout.up(STEM="second")
    assert checkout.outputs()["label"] == "second-of-mine"
    assert "- 2 deleted" in checkout("local", "destroy", "--yes", "--skip-preview", "--color=never")


def test_a_declared_environment_that_is_not_there_is_told(deployed, project_file):
    text = "name: demo\nruntime: {name: python, options: {virtualenv: nowhere}}\n"
    project_file.write_text(text)
    said = deployed("local", "preview", "--suppress-progress", "--color=never", code=1)
    assert (
        f"runtime option virtualenv: no Python at {deployed.folder}/nowhere/bin/python; `accordion local install`"
        in said
    )


def test_plain_pulumi_and_aws_clients_use_the_cloud_after_env(make):
    demo, foreign = make(), make("foreign")
    (foreign.folder / "Pulumi.yaml").write_text("name: foreign\nruntime: python\n")
    script = """
    eval "$(cd "$DEMO" && "$PYTHON" -m operations.cli local env)"
    pulumi stack init mine && pulumi up --yes --skip-preview --stack mine
    "$PYTHON" -c 'import boto3; print(boto3.client("ecs", region_name="eu-west-1").list_clusters()["clusterArns"])'
    """
    ran = subprocess.run(
        ["/bin/sh", "-ec", script],
        cwd=foreign.folder,
        env=foreign.environment | {"DEMO": str(demo.folder), "PYTHON": sys.executable},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "warning" not in ran.stdout + ran.stderr
    assert "+ 5 created" in ran.stdout
    assert "cluster/cluster-0-mine" in ran.stdout
    foreign("local", "status")


def test_two_checkouts_run_side_by_side_without_meeting(make):
    one, two = make("one"), make("two")
    both = [checkout.start("local", "up", "--yes", "--skip-preview") for checkout in (one, two)]
    assert [process.communicate(timeout=240)[0].count("+ 5 created") for process in both] == [1, 1]
    one("local", "destroy", "--yes", "--skip-preview")
    assert one.clusters() == []
    assert two.clusters() == ["cluster-0-dev", "cluster-1-dev"]


def test_two_stacks_of_a_checkout_run_side_by_side(deployed):
    both = [deployed.start("local", "up", "--yes", "--skip-preview", "--stack", stack) for stack in ("two", "prod")]
    assert [process.communicate(timeout=240)[0].count("+ 5 created") for process in both] == [1, 1]
    deployed("local", "destroy", "--yes", "--skip-preview", "--stack", "prod")
    assert "5 unchanged" in deployed("local", "refresh", "--yes", "--skip-preview", "--stack", "two")


def test_import_takes_over_what_is_already_there(fresh):
    fresh.client("ecs").create_cluster(clusterName="found")
    fresh("local", "config", "set", "aws:region", "eu-west-1")
    said = fresh("local", "import", "aws:ecs/cluster:Cluster", "found", "found", "--yes", "--skip-preview")
    assert "1 imported" in said


def test_stop_and_start_keep_everything(deployed):
    before = deployed.outputs()
    deployed("local", "stop")
    assert "5 unchanged" in deployed("local", "refresh", "--yes", "--skip-preview")
    assert deployed.outputs() == before


@pytest.mark.parametrize("server", ["aws", "provider", "state"])
def test_a_killed_server_is_started_again_by_the_next_command(deployed, server):
    before = deployed.outputs()
    os.kill(deployed.record(server)["pid"], signal.SIGKILL)
    assert "5 unchanged" in deployed("local", "refresh", "--yes", "--skip-preview")
    assert "5 unchanged" in deployed.up()
    assert deployed.outputs() == before


def test_a_killed_engine_is_repaired_before_the_next_command(fresh):
    killed_during(fresh, "local", "up", "--yes", "--skip-preview", "-c", "clusters=40")
    said = fresh.up()
    assert re.search(r"interrupted: \d+ pending operations? settled", said) or "interrupted" not in said
    assert "43 unchanged" in fresh("local", "refresh", "--yes", "--skip-preview")
    assert len(fresh.clusters()) == 40
    assert f"-{fresh.stack}\n" not in fresh("local", "status", COLUMNS="200")


EVERYTHING = ("engine", "state", "aws", "provider", "command")


@pytest.mark.parametrize(
    ("command", "what"),
    [(command, what) for command in ("up", "destroy") for what in (("state",), ("state", "engine"), EVERYTHING)],
    ids=lambda value: value if isinstance(value, str) else "+".join(value),
)
def test_a_killed_state_service_loses_no_step(make, command, what):
    demo = make()
    if command == "destroy":
        demo.up("-c", "clusters=40")
    killed_during(demo, "local", command, "--yes", "--skip-preview", "--parallel=4", "-c", "clusters=40", what=what)
    demo.up("-c", "clusters=40")
    assert "43 unchanged" in demo("local", "refresh", "--yes", "--skip-preview")
    assert len(demo.clusters()) == 40
    assert "in no state" not in demo("local", "status", COLUMNS="200")


NETWORK = """\
import json

import pulumi
import pulumi_aws as aws

options = pulumi.ResourceOptions(provider=aws.Provider("aws", region="eu-west-1"))
vpc = aws.ec2.Vpc("net", cidr_block="10.0.0.0/16", opts=options)
subnet = aws.ec2.Subnet("subnet", vpc_id=vpc.id, cidr_block="10.0.0.0/24", opts=options)
table = aws.ec2.RouteTable("table", vpc_id=vpc.id, opts=options)
aws.ec2.RouteTableAssociation("association", route_table_id=table.id, subnet_id=subnet.id, opts=options)
group = aws.ec2.SecurityGroup("group", vpc_id=vpc.id, opts=options)
aws.vpc.SecurityGroupIngressRule(
    "rule", security_group_id=group.id, ip_protocol="tcp", from_port=80, to_port=80, cidr_ipv4="10.0.0.0/8", opts=options
)
trusted = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ecs-tasks.amazonaws.com"}}
policy = json.dumps({"Version": "2012-10-17", "Statement": [trusted]})
aws.iam.Role("role", name=f"role-{pulumi.get_stack()}", assume_role_policy=policy, opts=options)
"""

KILLED_AT = """\
import os
import signal
import sys

server, point = os.environ["KILLED_AT"].split()


def killed_at(owner, method, told, before):
    inherited = getattr(owner, method)

    def call(self, *arguments, **values):
        if not before:
            inherited(self, *arguments, **values)
        if point in told(*arguments):
            os.kill(os.getpid(), signal.SIGKILL)
        if before:
            inherited(self, *arguments, **values)

    setattr(owner, method, call)


if server == "aws" and "localcloud.aws.moto" in sys.orig_argv:
    from localcloud.aws.journal_file import JournalFile

    killed_at(JournalFile, "append", lambda entry: str(entry.body), before=False)
if server == "provider" and "localcloud.provider.server" in sys.orig_argv:
    from localcloud.provider.ledger import Ledger

    killed_at(Ledger, "_created", lambda work, urn, resource_id: urn, before=True)
"""
"""A module that Python imports as it starts: kills a server right after a request stands in the journal, or right
before the id of what AWS has made stands in the ledger."""


@pytest.fixture(scope="module")
def network(tmp_path_factory) -> Iterator[Checkout]:
    checkout = new_checkout(tmp_path_factory.mktemp("network"), "demo")
    (checkout.folder / "__main__.py").write_text(NETWORK)
    killing = checkout.folder.parent / "killing"
    killing.mkdir()
    (killing / "sitecustomize.py").write_text(KILLED_AT)
    yield checkout
    checkout("local", "stop")


@pytest.mark.parametrize(
    ("server", "point"),
    [
        ("aws", "Action=CreateSubnet"),
        ("aws", "Action=AuthorizeSecurityGroupIngress"),
        ("aws", "Action=CreateRole"),
        ("provider", "::association"),
        ("provider", "::role"),
    ],
)
def test_what_was_made_without_anybody_knowing_its_id_is_found_and_goes(network, server, point):
    stack = hashlib.sha256(point.encode()).hexdigest()[:8]
    demo = replace(network, stack=f"s{stack}")
    demo("local", "stop")
    path = os.pathsep.join([str(demo.folder.parent / "killing"), str(ROOT)])
    up = ("local", "up", "--yes", "--skip-preview", "--parallel=1")
    with demo.start(*up, KILLED_AT=f"{server} {point}", PYTHONPATH=path) as process:
        process.communicate(timeout=240)
    assert process.returncode in (1, 255)
    said = demo.up()
    assert "1 creation without a known end looked up; 1 resource that no state knew deleted" in said, said
    assert "9 unchanged" in demo("local", "refresh", "--yes", "--skip-preview")
    assert "in no state" not in demo("local", "status", COLUMNS="200")
    resources = json.loads(demo("local", "stack", "export"))["deployment"]["resources"]
    (net,) = [each["id"] for each in resources if each["type"] == "aws:ec2/vpc:Vpc"]
    found = demo.client("ec2").describe_subnets(Filters=[{"Name": "vpc-id", "Values": [net]}])["Subnets"]
    assert [each["SubnetId"] for each in found] == [r["id"] for r in resources if r["type"] == "aws:ec2/subnet:Subnet"]
    assert "- 9 deleted" in demo("local", "destroy", "--yes", "--skip-preview", "--suppress-progress")


def test_a_killed_destroy_keeps_what_it_did_and_the_next_up_makes_it_again(fresh):
    fresh.up("-c", "clusters=40")
    # One after the other: else the engine may be done before it is killed.
    killed_during(fresh, "local", "destroy", "--yes", "--skip-preview", "--parallel=1")
    said = fresh.up()
    assert re.search(r"\+ \d+ created", said)
    assert "43 unchanged" in fresh("local", "refresh", "--yes", "--skip-preview")
    assert len(fresh.clusters()) == 40


def test_the_history_of_a_stack_tells_what_was_done(fresh):
    fresh.up("--message", "first")
    fresh("local", "destroy", "--yes", "--skip-preview", "--message", "gone")
    history = json.loads(fresh("local", "stack", "history", "--json"))
    shown = [(each["version"], each["kind"], each["message"], each["resourceChanges"]) for each in history]
    assert shown == [(2, "destroy", "gone", {"delete": 5}), (1, "update", "first", {"create": 5})]
    before = json.loads(fresh("local", "stack", "export", "--version", "1"))
    assert len(before["deployment"]["resources"]) == 5


def test_a_second_command_on_a_busy_stack_is_told_who_holds_it(fresh):
    with fresh.start("local", "up", "--yes", "--skip-preview", "--parallel=1", "-c", "clusters=40") as first:
        assert any("created (" in line for line in first.stdout)
        (engine,) = [child for child in psutil.Process(first.pid).children() if child.name() == "pulumi"]
        engine.suspend()  # at a known point: it cannot end before the second has asked
        try:
            said = fresh.up(code=1)
        finally:
            engine.resume()
        first.communicate(timeout=240)
    assert re.search(r"another update of stack \w+ is running: update, begun at [0-9:]+ by process \d+", said)


def test_a_stack_made_by_hand_in_an_exported_shell_keeps_its_secrets(fresh):
    script = f'eval "$({sys.executable} -m operations.cli local env)"; cd "$PLACE/shadow"; '
    script += "pulumi stack init hand; pulumi config set --secret token s3cret -s hand; pulumi config get token -s hand"
    said = subprocess.run(
        ["/bin/sh", "-c", script],
        cwd=fresh.folder,
        env=fresh.environment | {"PLACE": str(fresh.place)},
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert said.splitlines()[-1] == "s3cret"
    kept = [file for file in fresh.place.rglob("*") if file.is_file() and b"s3cret" in file.read_bytes()]
    assert kept == []


def test_a_killed_engine_takes_its_language_host_and_program_along(fresh):
    killed_during(fresh, "local", "up", "--yes", "--skip-preview", "-c", "clusters=40")
    deadline = time.monotonic() + 120
    while running := [p.pid for p in psutil.process_iter(["cwd"]) if p.info["cwd"] == str(fresh.folder)]:
        assert time.monotonic() < deadline, running
        time.sleep(0.1)


def test_a_reader_that_goes_away_leaves_no_lock(fresh):
    command = f"{sys.executable} -m operations.cli local up --yes --skip-preview | head -1"
    subprocess.run(
        ["/bin/sh", "-c", command],
        cwd=fresh.folder,
        env=fresh.environment | {"PULUMI_STACK": fresh.stack},
        check=True,
        capture_output=True,
    )
    assert "5 unchanged" in fresh("local", "preview", "--suppress-progress")


def test_reset_forgets_everything(make):
    demo = make()
    demo.up()
    demo("local", "reset", "--yes")
    assert "+ 5 created" in demo.up()


def test_the_engines_version_is_the_pin_or_newer():
    answer = subprocess.run([obtain().binary, "version"], capture_output=True, text=True, check=True)
    assert re.fullmatch(r"v3\.\d+\.\d+\n", answer.stdout)
