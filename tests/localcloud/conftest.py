"""One local cloud for the session: a moto server as a process of its own, and the offline provider in front of it."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import grpc
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError
from google.protobuf import struct_pb2
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from localcloud.admission import secret_access_key
from localcloud.aws.client import forget_real_credentials
from localcloud.aws.cloud import AwsCloud
from localcloud.provider import wire
from localcloud.provider.server import start

forget_real_credentials()

SERVERS = {"endpoint", "filled_aws", "plain_aws", "start_aws"}
"""Fixtures that start a server in AWS's place: what uses them is of the marker `cloud`."""

Values = dict[str, Any]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test by what it needs, so that none is forgotten in a file."""
    for item in items:
        if not isinstance(item, pytest.Function):
            continue
        parameters = item.callspec.params if hasattr(item, "callspec") else {}
        if SERVERS & (set(item.fixturenames) - parameters.keys()):
            item.add_marker("cloud")


class Failed(Exception):  # noqa: N818 -- the answer, not a fault of the test
    """What the provider answered in place of a result."""


@dataclass
class Difference:
    """A Diff's answer."""

    detail: dict[str, str]
    replaces: list[str]
    delete_before_replace: bool

    @property
    def any(self) -> bool:
        return bool(self.detail)


@dataclass
class Made:
    """A resource that a test has made, as the engine would remember it."""

    token: str
    id: str
    inputs: Values
    state: Values

    @property
    def own(self) -> Values:
        """The inputs without those that the provider adds."""
        return {k: v for k, v in self.inputs.items() if k not in ("region", "tagsAll")}


@dataclass
class Provider:
    """One configured provider instance, spoken to over gRPC as the engine does."""

    channel: grpc.Channel
    stub: Any
    region: str
    made: list[Made] = field(default_factory=list)

    def _call(self, method: str, request: Any) -> Any:
        try:
            return getattr(self.stub, method)(request)
        except grpc.RpcError as error:
            failed = Failed(error.details())
            failed.metadata = error.trailing_metadata()
            raise failed from None

    @staticmethod
    def urn(token: str, name: str) -> str:
        return f"urn:pulumi:test::accordion::{token}::{name}"

    def check(
        self, token: str, inputs: Values, name: str = "thing", olds: Values | None = None, secret: tuple[str, ...] = ()
    ) -> tuple[Values, list[tuple[str, str]]]:
        """The checked inputs and (property, reason) of each failure."""
        news = wire.struct(inputs, wire.Secrets(properties=set(secret)))
        request = provider_pb2.CheckRequest(
            urn=self.urn(token, name), type=token, news=news, olds=wire.struct(olds or {}), randomSeed=os.urandom(32)
        )
        answer = self._call("Check", request)
        return wire.plain(answer.inputs)[0], [(f.property, f.reason) for f in answer.failures]

    def create(self, token: str, inputs: Values, name: str = "thing", *, preview: bool = False) -> Made:
        """Check, then Create; a failed check fails the test."""
        checked, failures = self.check(token, inputs, name)
        assert failures == []
        request = provider_pb2.CreateRequest(
            urn=self.urn(token, name), type=token, properties=wire.struct(checked), preview=preview
        )
        answer = self._call("Create", request)
        made = Made(token, answer.id, checked, wire.plain(answer.properties)[0])
        if not preview:
            self.made.append(made)
        return made

    def diff(self, made: Made, inputs: Values, ignore: tuple[str, ...] = (), name: str = "thing") -> Difference:
        """Check against what is there, then Diff."""
        news, failures = self.check(made.token, inputs, name, made.inputs)
        assert failures == []
        request = provider_pb2.DiffRequest(
            urn=self.urn(made.token, name),
            type=made.token,
            id=made.id,
            olds=wire.struct(made.state),
            old_inputs=wire.struct(made.inputs),
            news=wire.struct(news),
            ignoreChanges=list(ignore),
        )
        answer = self._call("Diff", request)
        kind = provider_pb2.PropertyDiff.Kind
        assert (answer.changes == provider_pb2.DiffResponse.DIFF_SOME) == bool(answer.detailedDiff)
        detail = {path: kind.Name(how.kind) for path, how in answer.detailedDiff.items()}
        return Difference(detail, list(answer.replaces), answer.deleteBeforeReplace)

    def update(self, made: Made, inputs: Values, *, preview: bool = False, name: str = "thing") -> Made:
        """Check, then Update."""
        news, failures = self.check(made.token, inputs, name, made.inputs)
        assert failures == []
        request = provider_pb2.UpdateRequest(
            urn=self.urn(made.token, name),
            type=made.token,
            id=made.id,
            olds=wire.struct(made.state),
            old_inputs=wire.struct(made.inputs),
            news=wire.struct(news),
            preview=preview,
        )
        updated = Made(made.token, made.id, news, wire.plain(self._call("Update", request).properties)[0])
        if not preview:
            self.made = [updated if m is made else m for m in self.made]
        return updated

    def refresh(self, made: Made) -> Made | None:
        """What `pulumi refresh` would remember; None when the resource is gone."""
        return self._read(made.token, made.id, made.state, made.inputs)

    def imported(self, token: str, resource_id: str) -> Made | None:
        """What `pulumi import` would remember; None when there is no such resource."""
        return self._read(token, resource_id, {}, {})

    def _read(self, token: str, resource_id: str, state: Values, inputs: Values) -> Made | None:
        request = provider_pb2.ReadRequest(
            urn=self.urn(token, "thing"),
            type=token,
            id=resource_id,
            properties=wire.struct(state),
            inputs=wire.struct(inputs),
        )
        answer = self._call("Read", request)
        if not answer.id:
            return None
        return Made(token, answer.id, wire.plain(answer.inputs)[0], wire.plain(answer.properties)[0])

    def delete(self, made: Made, name: str = "thing") -> None:
        request = provider_pb2.DeleteRequest(
            urn=self.urn(made.token, name), type=made.token, id=made.id, properties=wire.struct(made.state)
        )
        self._call("Delete", request)
        self.made = [m for m in self.made if m is not made]

    def invoke(self, token: str, arguments: Values | None = None) -> Values:
        answer = self._call("Invoke", provider_pb2.InvokeRequest(tok=token, args=wire.struct(arguments or {})))
        if answer.failures:
            raise Failed(answer.failures[0].reason)
        return wire.plain(getattr(answer, "return"))[0]

    def cycle(self, token: str, inputs: Values, changed: Values | None = None, import_id: str | None = None) -> Made:
        """Create, see no drift, see no difference, update to `changed` and see the same, import without a difference."""
        made = self.create(token, inputs)
        self._settled(made, inputs)
        if changed is not None:
            found = self.diff(made, changed)
            assert found.any, "the change shows no difference"
            assert found.replaces == [], "the change is one in place"
            made = self.update(made, changed)
            self._settled(made, changed)
        found = self.imported(token, import_id or made.id)
        assert found is not None, "what was made cannot be imported"
        assert found.id == made.id
        wanted = changed if changed is not None else inputs
        assert self.diff(Made(token, made.id, found.inputs, found.state), wanted_by_import(wanted, made)).detail == {}
        return made

    def _settled(self, made: Made, inputs: Values) -> None:
        again = self.refresh(made)
        assert again is not None, "what was made is not there"
        assert again.inputs == made.inputs, "a refresh right after the change shows drift"
        assert self.diff(Made(made.token, made.id, again.inputs, again.state), inputs).detail == {}


def wanted_by_import(inputs: Values, made: Made) -> Values:
    """The program's inputs at an import: it has to give the name that the resource has."""
    names = {k: made.inputs[k] for k in made.inputs.get("__defaults", ())}
    return inputs | names


TOKEN = "the-token-of-the-tests-0123456789"
SECRET = secret_access_key(TOKEN)
KEY = "ACCT0000123456789012"
MOTO = [sys.executable, "-m", "localcloud.aws.moto"]


def token_file(folder: Path) -> str:
    """A file with the token of the tests."""
    file = folder / "token"
    file.write_text(TOKEN)
    return str(file)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A moto server with the project's gaps filled, behind its journal."""
    port, folder = _free_port(), tmp_path_factory.mktemp("aws")
    command = [*MOTO, "--token-file", token_file(folder), "--port", str(port), "--journal", str(folder / "journal")]
    log = (folder / "log").open("wb")
    root = Path(__file__).parents[2]
    server = subprocess.Popen(command, stdout=log, stderr=log, cwd=root, env=os.environ | {"PYTHONPATH": str(root)})
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(2_400):
            try:
                socket.create_connection(("127.0.0.1", port), timeout=5).close()
                break
            except OSError:
                assert server.poll() is None, (folder / "log").read_text()
                time.sleep(0.05)
        yield address
    finally:
        server.terminate()
        server.wait(120)
        log.close()


@pytest.fixture(scope="session")
def provider_port(endpoint: str) -> Iterator[int]:
    """The provider's gRPC server, in this process."""
    server, port = start(AwsCloud(endpoint, SECRET))
    yield port
    server.stop(None).wait()


@pytest.fixture
def connect(provider_port: int) -> Iterator[Any]:
    """f(region, default_tags, **configuration) -> a provider instance of its own, as the engine makes one."""
    channels = []

    def open_one(region: str = "eu-west-1", default_tags: Values | None = None, **config: str) -> Provider:
        # Without an option of its own, gRPC would give every instance the same connection.
        options = [("grpc.use_local_subchannel_pool", 1)]
        channel = grpc.insecure_channel(f"127.0.0.1:{provider_port}", options)
        channels.append(channel)
        provider = Provider(channel, provider_pb2_grpc.ResourceProviderStub(channel), region)
        variables = {f"aws:config:{k}": v for k, v in ({"region": region} | config).items()}
        if default_tags is not None:
            variables["aws:config:defaultTags"] = _json({"tags": default_tags})
        provider._call("Configure", provider_pb2.ConfigureRequest(variables=variables, args=struct_pb2.Struct()))
        return provider

    yield open_one
    for channel in channels:
        channel.close()


def _json(value: Any) -> str:
    import json

    return json.dumps(value)


@pytest.fixture
def provider(connect: Any) -> Iterator[Provider]:
    """A provider instance in eu-west-1 without default tags; what a test leaves behind goes when it ends."""
    found: Provider = connect()
    yield found
    for made in reversed(list(found.made)):
        with contextlib.suppress(Failed):
            found.delete(made)


@pytest.fixture
def cloud(endpoint: str) -> Any:
    """f(service) -> a boto3 client of the local cloud in eu-west-1, to look at it or to cause drift."""

    def client(service: str, region: str = "eu-west-1") -> Any:
        return boto3.client(
            service,
            region_name=region,
            endpoint_url=endpoint,
            aws_access_key_id=KEY,
            aws_secret_access_key=SECRET,
        )

    return client


@pytest.fixture
def vpc(provider: Provider) -> Made:
    """A VPC of 10.0.0.0/16."""
    return provider.create("aws:ec2/vpc:Vpc", {"cidrBlock": "10.0.0.0/16"})


@pytest.fixture
def gateway(provider: Provider, vpc: Made) -> Made:
    """The way out of the VPC, which public gateways and balancers need."""
    return provider.create("aws:ec2/internetGateway:InternetGateway", {"vpcId": vpc.id}, "gateway")


@pytest.fixture
def subnets(provider: Provider, vpc: Made) -> list[Made]:
    """Two subnets in two zones."""
    zones = ("eu-west-1a", "eu-west-1b")
    return [
        provider.create(
            "aws:ec2/subnet:Subnet", {"vpcId": vpc.id, "cidrBlock": f"10.0.{i}.0/24", "availabilityZone": zone}, zone
        )
        for i, zone in enumerate(zones)
    ]


# ---- moto itself, for the tests of localcloud.aws.moto, localcloud.aws.journal and localcloud.aws.moto_gaps


class Aws:
    """A server in AWS's place, of its own for a test module, and what tests of it share."""

    PLAIN = """
import sys
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server
application = DomainDispatcherApplication(create_backend_app)
make_server("127.0.0.1", int(sys.argv[1]), application, threaded=True, request_handler=MotoRequestHandler).serve_forever()
"""

    def __init__(self, command: list[str], log: Path) -> None:
        self.port = _free_port()
        root = Path(__file__).parents[2]
        environment = os.environ | {"PYTHONPATH": str(root), "MOTO_IAM_LOAD_MANAGED_POLICIES": "true"}
        with log.open("ab") as output:
            arguments = [part.format(port=self.port) for part in command]
            self.process = subprocess.Popen(arguments, stdout=output, stderr=output, cwd=root, env=environment)
        self._clients: dict[tuple[str, str], Any] = {}
        self._names = 0
        for _ in range(6_000):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return
            assert self.process.poll() is None, log.read_text()
            time.sleep(0.02)
        raise AssertionError(log.read_text())

    def client(self, service: str, region: str = "eu-west-1") -> Any:
        """A boto3 client that does not repeat what fails."""
        if (service, region) not in self._clients:
            self._clients[service, region] = boto3.client(
                service,
                region_name=region,
                endpoint_url=f"http://127.0.0.1:{self.port}",
                aws_access_key_id=KEY,
                aws_secret_access_key=SECRET,
                config=Config(retries={"total_max_attempts": 1}),
            )
        return self._clients[service, region]

    def __getattr__(self, service: str) -> Any:
        if service.startswith("_"):
            raise AttributeError(service)
        return self.client({"scaling": "application-autoscaling"}.get(service, service))

    def name(self) -> str:
        """A name that nothing has yet."""
        self._names += 1
        return f"thing-{self._names}"

    def network(self, *, open_to_the_world: bool = True) -> tuple[str, list[str]]:
        """A VPC with a subnet in each of two zones and an internet gateway."""
        vpc = self.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        if open_to_the_world:
            gateway = self.ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
            self.ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
        subnets = [
            self.ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=f"eu-west-1{zone}")
            for number, zone in enumerate("ab")
        ]
        return vpc, [subnet["Subnet"]["SubnetId"] for subnet in subnets]

    @staticmethod
    def refusal(call: Any) -> str:
        """How a call is refused, or that it is not."""
        try:
            call()
        except ClientError as error:
            return f"{error.response['Error']['Code']}: {error.response['Error']['Message']}"
        return "accepted"

    def lacks(self, scenario: Any) -> bool:
        """Whether a gap is there: the scenario does not go as on AWS, or not to its end."""
        try:
            observed, expected = scenario(self)
        except (BotoCoreError, ClientError, ResponseParserError, KeyError, IndexError):
            return True
        return bool(observed != expected)

    def end(self, how: int = signal.SIGTERM) -> int:
        """Send a signal and wait for the exit code."""
        self.process.send_signal(how)
        return self.process.wait(120)


@pytest.fixture(scope="session")
def aws_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("aws-servers") / "log"


@pytest.fixture
def start_aws(aws_log: Path) -> Iterator[Any]:
    """f(journal, *options) -> a server with its gaps filled; all are ended with the test."""
    servers = []

    def start(journal: Path, *options: str) -> Aws:
        files = ["--token-file", token_file(journal.parent), "--journal", str(journal)]
        command = [*MOTO, "--port", "{port}", *files, *options]
        servers.append(Aws(command, aws_log))
        return servers[-1]

    yield start
    for server in servers:
        if server.process.poll() is None:
            server.end(signal.SIGKILL)


@pytest.fixture(scope="module")
def filled_aws(aws_log: Path) -> Iterator[Aws]:
    """moto with its gaps filled."""
    server = Aws([*MOTO, "--port", "{port}", "--token-file", token_file(aws_log.parent)], aws_log)
    yield server
    assert server.end() == 0


@pytest.fixture(scope="module")
def plain_aws(aws_log: Path) -> Iterator[Aws]:
    """moto as it is."""
    server = Aws([sys.executable, "-c", Aws.PLAIN, "{port}"], aws_log)
    yield server
    server.end(signal.SIGKILL)
