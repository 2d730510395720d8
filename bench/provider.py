"""One creation through the provider against the bare boto3 call behind it, in turn, on one moto in one run."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import boto3
import grpc
from google.protobuf import struct_pb2
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from localcloud.admission import new_token, secret_access_key

_POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
)
_ALARM = {
    "namespace": "AWS/ECS", "metricName": "CPUUtilization", "statistic": "Average", "threshold": 80, "period": 60,
    "comparisonOperator": "GreaterThanThreshold", "evaluationPeriods": 3,
}  # fmt: skip
_ROLE = {"AssumeRolePolicyDocument": _POLICY}
_ALARM_REQUEST = {name[0].upper() + name[1:]: value for name, value in _ALARM.items()}
KINDS: tuple[tuple[str, dict[str, Any], str, str, str, dict[str, Any]], ...] = (
    ("aws:ec2/vpc:Vpc", {"cidrBlock": "10.0.0.0/16"}, "ec2", "create_vpc", "", {"CidrBlock": "10.0.0.0/16"}),
    ("aws:sns/topic:Topic", {}, "sns", "create_topic", "Name", {}),
    ("aws:ecs/cluster:Cluster", {}, "ecs", "create_cluster", "clusterName", {}),
    ("aws:iam/role:Role", {"assumeRolePolicy": _POLICY}, "iam", "create_role", "RoleName", _ROLE),
    ("aws:cloudwatch/logGroup:LogGroup", {}, "logs", "create_log_group", "logGroupName", {}),
    ("aws:cloudwatch/metricAlarm:MetricAlarm", _ALARM, "cloudwatch", "put_metric_alarm", "AlarmName", _ALARM_REQUEST),
)
"""Type, inputs, and the boto3 call that makes the same: service, call, the member that names, the other members."""


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def until_it_answers(port: int, process: subprocess.Popen[bytes]) -> None:
    """Wait for a server; raises RuntimeError when it does not come."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"nothing answers on port {port}")


class Bench:
    """A moto and a provider of their own."""

    def __enter__(self) -> Bench:
        """Start both; they end with the block."""
        self._folder = tempfile.TemporaryDirectory()
        moto, provider = free_port(), free_port()
        self.endpoint = f"http://127.0.0.1:{moto}"
        journal = str(Path(self._folder.name) / "journal")
        token = Path(self._folder.name) / "token"
        token.write_text(new_token())
        file = ["--token-file", str(token)]
        self._secret = secret_access_key(token.read_text())
        serve = ["localcloud.provider.server", "--cloud", "localcloud.aws.cloud", *file]
        commands = [
            (moto, ["localcloud.aws.moto", "--port", str(moto), *file, "--journal", journal]),
            (provider, [*serve, "--endpoint", self.endpoint, "--port", str(provider)]),
        ]
        self._processes = []
        for port, arguments in commands:
            process = subprocess.Popen([sys.executable, "-m", *arguments], stdout=subprocess.DEVNULL)
            self._processes.append(process)
            until_it_answers(port, process)
        self._channel = grpc.insecure_channel(f"127.0.0.1:{provider}")
        self._stub = provider_pb2_grpc.ResourceProviderStub(self._channel)
        self._stub.Configure(provider_pb2.ConfigureRequest(variables={"aws:config:region": "eu-west-1"}))
        return self

    def __exit__(self, *_: object) -> None:
        """Stop both."""
        self._channel.close()
        for process in self._processes:
            process.terminate()
            process.wait(10)
        self._folder.cleanup()

    def alternate(self, count: int) -> tuple[list[float], list[float]]:
        """Seconds of each of `count` creations through the provider (Check and Create) and of the bare calls."""
        session = boto3.Session("ACCT0000123456789012", self._secret, region_name="eu-west-1")
        client: Any = session.client
        clients = {kind[2]: client(kind[2], endpoint_url=self.endpoint) for kind in KINDS}
        through, bare = [], []
        for number in range(-len(KINDS), count):  # the first of each kind loads models and is not counted
            token, inputs, service, call, named, request = KINDS[number % len(KINDS)]
            begin = time.perf_counter()
            self._create(token, inputs, f"through-{number}")
            middle = time.perf_counter()
            getattr(clients[service], call)(**request, **({named: f"bare-{number}"} if named else {}))
            end = time.perf_counter()
            if number >= 0:
                through.append(middle - begin)
                bare.append(end - middle)
        return through, bare

    def _create(self, token: str, inputs: dict[str, Any], name: str) -> None:
        urn = f"urn:pulumi:bench::bench::{token}::{name}"
        news = struct_pb2.Struct()
        news.update(inputs)
        check = provider_pb2.CheckRequest(urn=urn, news=news, randomSeed=name.encode(), type=token, name=name)
        checked = self._stub.Check(check)
        if checked.failures:
            raise RuntimeError(f"{token}: {checked.failures[0].reason}")
        create = provider_pb2.CreateRequest(urn=urn, properties=checked.inputs, type=token, name=name, timeout=60)
        self._stub.Create(create)
