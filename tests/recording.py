"""The recording test kit: a program built on a monitor that keeps what the engine would have received.

`build(program)` runs a function on a fresh engine and returns `Registrations`: types, names, parents, inputs, options,
outputs. It fails on two resources with one URN, on an output that never resolves, and on an exception anywhere in the
program. It cannot prove that AWS accepts anything, nor ids, diffs or replacements.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import gc
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

import pulumi
from google.protobuf import json_format
from pulumi.runtime import mocks as sdk
from pulumi.runtime import resource, rpc
from pulumi.runtime.proto import source_pb2
from pulumi.runtime.settings import SETTINGS, set_root_resource
from pulumi.runtime.stack import run_pulumi_func

ACCOUNT, REGION = "123456789012", "eu-central-1"
STACK_TYPE = "pulumi:pulumi:Stack"
TIME_LIMIT = 20.0
"""Seconds after which a program counts as stuck on an output that nobody resolves."""

Answer = Callable[[str, Mapping[str, Any]], dict[str, Any]]
"""(logical name, inputs) -> the outputs that AWS would add."""


@dataclass(frozen=True)
class Secret:
    """A value that the engine would have kept encrypted."""

    value: Any


@dataclass(frozen=True)
class Registration:
    """One resource as the engine would have received it."""

    type: str
    """Type token, such as aws:ec2/vpc:Vpc."""
    name: str
    """Logical name."""
    parent: str
    """Logical name of the parent; empty below the stack."""
    urn: str
    inputs: dict[str, Any]
    """In camel case; whole numbers as integers, secrets as `Secret`."""
    protect: bool
    ignore_changes: tuple[str, ...]
    replace_on_changes: tuple[str, ...]
    delete_before_replace: bool
    replacement_trigger: Any
    """A change of it replaces the resource; None without one."""
    aliases: tuple[str, ...]
    """Names or URNs of former identities."""
    depends_on: tuple[str, ...]
    """Logical names of explicit and implicit dependencies, sorted."""
    provider: str
    """Provider reference; empty for the default provider and for components."""
    custom: bool


@dataclass
class Registrations:
    """Everything that one program registered, ordered by type and name."""

    all: tuple[Registration, ...]
    result: Any
    """What the program returned, outputs resolved."""
    _outputs: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Registration]:
        return iter(self.all)

    def tree(self) -> list[tuple[str, str, str]]:
        """(type, name, parent's name) of every resource, sorted."""
        return sorted((found.type, found.name, found.parent) for found in self.all)

    def names(self) -> set[str]:
        return {found.name for found in self.all}

    def of(self, type_: str) -> list[Registration]:
        """All of one type, by the token or its last part: `aws:ec2/vpc:Vpc` or `Vpc`."""
        return [found for found in self.all if type_ in (found.type, found.type.rsplit(":", 1)[-1])]

    def one(self, type_: str) -> Registration:
        """The only one of a type."""
        found = self.of(type_)
        assert len(found) == 1, f"{len(found)} of {type_}: {[each.name for each in found]}"
        return found[0]

    def named(self, name: str) -> Registration:
        """The only one with a logical name."""
        found = [each for each in self.all if each.name == name]
        assert len(found) == 1, f"{len(found)} resources named {name}, there are {sorted(self.names())}"
        return found[0]

    def under(self, parent: str) -> list[Registration]:
        """Children of the resource with that logical name."""
        return [found for found in self.all if found.parent == parent]

    def outputs(self, name: str) -> dict[str, Any]:
        """What the component with that logical name registered as its outputs."""
        return self._outputs[self.named(name).urn]

    def urns(self) -> set[str]:
        return {found.urn for found in self.all}

    def unchanged(self, other: Registrations) -> set[str]:
        """URNs in both whose inputs are the same."""
        mine = {found.urn: found.inputs for found in self.all}
        return {found.urn for found in other.all if found.urn in mine and mine[found.urn] == found.inputs}


def _arn(service: str, rest: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{rest}"


def _load_balancer(name: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    kind = "net" if inputs.get("loadBalancerType") == "network" else "app"
    suffix = f"{kind}/{name}/50dc6c495c0c9188"
    return {
        "arn": _arn("elasticloadbalancing", f"loadbalancer/{suffix}"),
        "arnSuffix": suffix,
        "dnsName": f"{name}.elb.amazonaws.com",
        "zoneId": "Z215JYRZR1TBD5",
    }


def _target_group(name: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    suffix = f"targetgroup/{name}/73e2d6bc24d8a067"
    return {"arn": _arn("elasticloadbalancing", suffix), "arnSuffix": suffix}


ANSWERS: dict[str, Answer] = {
    "aws:lb/loadBalancer:LoadBalancer": _load_balancer,
    "aws:lb/targetGroup:TargetGroup": _target_group,
    "aws:ec2/eip:Eip": lambda name, inputs: {"publicIp": f"ip-of-{name}", "allocationId": f"{name}-id"},
    "aws:ec2/vpc:Vpc": lambda name, inputs: {"defaultSecurityGroupId": f"{name}-default-group"},
    "aws:ec2/natGateway:NatGateway": lambda name, inputs: {"publicIp": f"ip-of-{name}"},
    "aws:s3/bucket:Bucket": lambda name, inputs: {"bucket": f"{name}-bucket", "arn": f"arn:aws:s3:::{name}-bucket"},
    "aws:iam/role:Role": lambda name, inputs: {"arn": f"arn:aws:iam::{ACCOUNT}:role/{name}"},
    "aws:sns/topic:Topic": lambda name, inputs: {"arn": _arn("sns", name)},
    "aws:ecs/cluster:Cluster": lambda name, inputs: {"arn": _arn("ecs", f"cluster/{name}-1a2b3c4")},
    "aws:ec2/launchTemplate:LaunchTemplate": lambda name, inputs: {"latestVersion": 1, "defaultVersion": 1},
}
"""What AWS would answer beside the inputs, by type.

Every type also gets `arn` and a physical `name` unless it has them.
"""


class Answers(sdk.Mocks):
    """Answers a registration with its inputs and the outputs of the table."""

    def __init__(self, answers: Mapping[str, Answer]) -> None:
        self._answers = {**ANSWERS, **answers}

    def call(self, args: sdk.MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]] | None]:
        raise AssertionError(f"{args.token}: a component asks the cloud nothing while it previews")

    def new_resource(self, args: sdk.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        if not args.custom:
            return "", dict(args.inputs)
        module = args.typ.split(":")[1].split("/")[0]
        general = {"arn": _arn(module, args.name), "name": f"{args.name}-1a2b3c4"}
        answer = self._answers.get(args.typ)
        return f"{args.name}-id", {
            **general,
            **(answer(args.name, args.inputs) if answer else {}),
            **args.inputs,
        }


class RecordingMonitor(sdk.MockMonitor):
    """Keeps each registration request and each registered output."""

    def __init__(self, answers: Mapping[str, Answer], project: str, stack: str) -> None:
        super().__init__(Answers(answers))
        self._root = f"urn:pulumi:{stack}::{project}::"
        self.requests: list[tuple[str, Any]] = []
        self.outputs: dict[str, dict[str, Any]] = {}

    def make_urn(self, parent: str, type_: str, name: str) -> str:
        """The URN; the SDK's own asks context variables, which its worker threads do not have."""
        above = f"{parent.split('::')[2]}$" if parent and STACK_TYPE not in parent else ""
        return f"{self._root}{above}{type_}::{name}"

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 - the protocol's name
        with _loop_of_this_thread():
            response = super().RegisterResource(request)
        self.requests.append((response.urn, request))
        return response

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802 - the protocol's name
        self.outputs[request.urn] = _struct(request.outputs)
        return super().RegisterResourceOutputs(request)

    def Invoke(self, request: Any) -> Any:  # noqa: N802 - the protocol's name
        with _loop_of_this_thread():
            return super().Invoke(request)


def build(
    program: Callable[[], Any],
    *,
    answers: Mapping[str, Answer] | None = None,
    project: str = "accordion",
    stack: str = "test",
    preview: bool = False,
    time_limit: float = TIME_LIMIT,
) -> Registrations:
    """Run `program` on a fresh recording engine and return what it registered.

    Outputs belong to one engine: make them inside `program`.

    `result` is what the program returned; Outputs in it, and in maps and lists of it, are resolved. Raises whatever the
    program raises, and AssertionError for duplicate URNs or an output that does not resolve in `time_limit` seconds.
    """
    monitor = RecordingMonitor(answers or {}, project, stack)
    result: list[Any] = []

    def run() -> None:
        result.append(program())

    async def resolve() -> Any:
        await run_pulumi_func(run)
        returned = result[0]
        if isinstance(returned, pulumi.Output | Mapping | list | tuple):
            return await pulumi.Output.from_input(returned).future(with_unknowns=False)
        return returned

    def on_a_fresh_engine() -> Any:
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)  # before set_mocks: the SDK binds its futures to the current loop
        try:
            SETTINGS.outputs = set()  # the SDK keeps those of the program before
            set_root_resource(None)  # type: ignore[arg-type]  # the SDK then makes a new stack resource
            sdk.set_mocks(monitor.mocks, project=project, stack=stack, preview=preview, monitor=monitor)
            return loop.run_until_complete(asyncio.wait_for(resolve(), time_limit))
        finally:
            _close(loop)

    try:
        with _without_collection(), mock.patch.object(resource, "_get_stack_trace", source_pb2.StackTrace):
            resolved = contextvars.copy_context().run(on_a_fresh_engine)  # the SDK's settings live in context variables
    except TimeoutError:
        landed = sorted(request.name for _, request in monitor.requests if request.type != STACK_TYPE)
        raise AssertionError(f"an output did not resolve in {time_limit:g} s; registered so far: {landed}") from None
    _no_duplicates(monitor.requests)
    return Registrations(_registrations(monitor.requests), resolved, monitor.outputs)


@contextlib.contextmanager
def _without_collection() -> Iterator[None]:
    """A large program under mocks spends a third of its time in the garbage collector, which finds nothing."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _close(loop: asyncio.AbstractEventLoop) -> None:
    pending = asyncio.all_tasks(loop)
    for task in pending:
        task.cancel()
    loop.run_until_complete(asyncio.gather(*pending, return_exceptions=True))
    loop.run_until_complete(loop.shutdown_default_executor())
    loop.close()
    asyncio.set_event_loop(None)


@contextlib.contextmanager
def _loop_of_this_thread() -> Iterator[None]:
    """The SDK's mock monitor opens a loop in the worker thread and leaves it open; this one is closed."""
    if threading.current_thread() is threading.main_thread():
        yield
        return
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        yield
    finally:
        asyncio.set_event_loop(None)
        loop.close()


def _no_duplicates(requests: list[tuple[str, Any]]) -> None:
    counts = Counter(urn for urn, _ in requests)
    duplicates = sorted(urn for urn, count in counts.items() if count > 1)
    assert not duplicates, f"two resources with one URN: {', '.join(duplicates)}"


def _registrations(requests: list[tuple[str, Any]]) -> tuple[Registration, ...]:
    found = [_registration(urn, request) for urn, request in requests if request.type != STACK_TYPE]
    return tuple(sorted(found, key=lambda each: (each.type, each.name)))


def _registration(urn: str, request: Any) -> Registration:
    on_stack = f"::{STACK_TYPE}::" in request.parent
    return Registration(
        type=request.type,
        name=request.name,
        parent="" if on_stack else _name(request.parent),
        urn=urn,
        inputs=_struct(request.object),
        protect=request.protect,
        ignore_changes=tuple(request.ignoreChanges),
        replace_on_changes=tuple(request.replaceOnChanges),
        delete_before_replace=request.deleteBeforeReplace,
        replacement_trigger=_plain(json_format.MessageToDict(request.replacement_trigger)),
        aliases=tuple(alias.urn or alias.spec.name for alias in request.aliases),
        depends_on=tuple(sorted({_name(dependency) for dependency in request.dependencies})),
        provider=request.provider,
        custom=request.custom,
    )


def _name(urn: str) -> str:
    return urn.rsplit("::", 1)[-1]


def _struct(struct: Any) -> dict[str, Any]:
    plain: dict[str, Any] = _plain(json_format.MessageToDict(struct))
    return plain


def _plain(value: Any) -> Any:
    """A protocol value as Python: whole floats as integers, secrets marked, references to resources as their id."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        signature = value.get(rpc._special_sig_key)
        if signature == rpc._special_secret_sig:
            return Secret(_plain(value["value"]))
        return {key: _plain(item) for key, item in value.items()}
    return value
