"""The examples in the SDK's own documentation of what is served, each run on the local cloud from nothing to nothing.

    python -m bench.documentation [PART OF A TOKEN ...]      one line per example; with -v the whole reason

An example counts where it is self-contained: Python that names nothing from elsewhere. It goes right when the program
ends, a refresh right after it shows no drift, the same program again shows no difference, and everything it made can be
deleted and is then gone. One that does not go right has its reason in `documentation_reasons.py`; the exit code is 1
when one has neither, or a reason that does not hold any more. The engine's part is played in this process over the
SDK's own mock monitor, so that one example takes a second and not twenty; what only the engine can show is
`tests/engine`'s.
"""

from __future__ import annotations

import ast
import builtins
import contextlib
import inspect
import logging
import os
import re
import signal
import subprocess
import sys
import tempfile
import textwrap
import threading
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import struct_pb2
from pulumi.runtime import mocks
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc, resource_pb2

from bench.documentation_reasons import REASONS, Reason
from bench.provider import free_port, until_it_answers
from localcloud.admission import new_token, secret_access_key
from localcloud.aws.cloud import AwsCloud
from localcloud.aws.kinds import INVOKES, KINDS
from localcloud.provider import schema
from localcloud.provider.server import start

ROOT = Path(__file__).parents[1]
REGION = "us-west-2"
"""The region that most of the examples have in mind: their zones are us-west-2a and b."""
REGIONS = {
    "aws:autoscaling/group:Group 8": "us-east-1",
    "aws:dynamodb/table:Table 3": "us-east-1",
    "aws:dynamodb/table:Table 4": "us-east-1",
    "aws:dynamodb/table:Table 5": "us-east-1",
    "aws:ec2/instance:Instance 5": "us-east-2",
    "aws:ec2/vpcPeeringConnectionAccepter:VpcPeeringConnectionAccepter 2": "us-east-1",
}
"""The region of the examples that have another one in mind: by the zones they name, or by what they have elsewhere."""
LIMIT = 90
"""Seconds after which an example counts as stuck."""
_STACK = "pulumi:pulumi:Stack"
_BLOCK = re.compile(r"^[ ]*```python\n(.*?)^[ ]*```", re.DOTALL | re.MULTILINE)
Rows = list[list[str]]


@dataclass(frozen=True)
class Example:
    """A program out of the documentation."""

    token: str
    number: int
    """Counted from 1 within its type."""
    program: str

    @property
    def name(self) -> str:
        """How the listing calls it."""
        return f"{self.token} {self.number}"

    @property
    def known(self) -> Reason | None:
        """Why it does not go right, where that is known."""
        return REASONS.get(self.name)

    @property
    def region(self) -> str:
        """Where it runs."""
        return REGIONS.get(self.name, REGION)


RIGHT, KNOWN, WRONG, STALE = VERDICTS = ("right", "known", "WRONG", "STALE")
"""Goes right; does not, for the reason that is listed; does not, for none; the reason listed does not hold."""


@dataclass
class Result:
    """How an example went."""

    example: Example
    reason: str = ""
    """Empty where it went right."""
    notes: list[str] = field(default_factory=list)

    @property
    def verdict(self) -> str:
        """One of VERDICTS."""
        known = self.example.known
        if not self.reason:
            return STALE if known else RIGHT
        if known is None:
            return WRONG
        return KNOWN if any(known.says in note for note in self.notes) else STALE


def _documentation(token: str) -> str:
    cls = schema.resource_class(token) if token in KINDS else _function(token)
    source = Path(inspect.getsourcefile(cls) or "").read_text()
    tree = ast.parse(source)
    wanted = cls.__name__
    for node in tree.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and node.name == wanted:
            bodies = node.body if isinstance(node, ast.ClassDef) else [node]
            found = [ast.get_docstring(one) or "" for one in bodies if isinstance(one, ast.FunctionDef)]
            return next((text for text in found if "```python" in text), "")
    return ""


def _function(token: str) -> Any:
    import importlib

    module, name = token.split(":")[1].split("/")
    place = importlib.import_module("pulumi_aws" + ("" if module == "index" else f".{module}"))
    return getattr(place, re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower())


def examples(*parts: str) -> list[Example]:
    """Every self-contained example of the served types and functions whose token holds one of the parts."""
    found, seen = [], set()
    for token in [*KINDS, *INVOKES]:
        if parts and not any(part in token for part in parts):
            continue
        with contextlib.suppress(AttributeError, ImportError):
            programs = [textwrap.dedent(p) for p in _BLOCK.findall(_documentation(token))]
            for number, program in enumerate(programs, 1):
                if program not in seen and self_contained(program):
                    seen.add(program)
                    found.append(Example(token, number, program))
    return found


def self_contained(program: str) -> bool:
    """Whether a text is Python that uses no name which it does not define."""
    try:
        tree = ast.parse(program)
    except SyntaxError:
        return False
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    bound = {n.id for n in names if not isinstance(n.ctx, ast.Load)} | set(dir(builtins))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            bound |= {(a.asname or a.name).split(".")[0] for a in node.names}
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            bound.add(node.name)
        elif isinstance(node, ast.arg):
            bound.add(node.arg)
    return all(n.id in bound for n in names)


class Failed(Exception):  # noqa: N818 -- the answer of the provider
    """What the provider refused."""


@dataclass
class _Made:
    urn: str
    token: str
    stub: Any
    id: str
    given: struct_pb2.Struct
    inputs: struct_pb2.Struct
    state: struct_pb2.Struct
    ignored: list[str]


class _Unasked(mocks.Mocks):
    """The SDK wants mocks for a monitor; ours asks the provider instead."""

    def call(self, args: mocks.MockCallArgs) -> Any:
        raise NotImplementedError(args.token)

    def new_resource(self, args: mocks.MockResourceArgs) -> Any:
        raise NotImplementedError(args.typ)


class Monitor(mocks.MockMonitor):
    """The engine's part of an `up`: checks, creates, remembers."""

    def __init__(self, connect: Callable[[dict[str, str]], Any], region: str = REGION) -> None:
        super().__init__(_Unasked())
        self._connect, self._region = connect, region
        self._default: Any = None
        self._providers: dict[str, Any] = {}
        self._lock = threading.Lock()
        self._calls = 0
        self._quiet = threading.Condition()
        self.made: list[_Made] = []
        self.failures: list[str] = []

    def SupportsFeature(self, request: Any) -> Any:  # noqa: N802 -- the protocol's name
        """Secrets and plain values, as the engine hands them to a provider that asks for no more."""
        known = request.id in ("secrets", "deletedWith", "aliasSpecs", "invokeTransforms")
        return resource_pb2.SupportsFeatureResponse(hasSupport=known)

    def _stub(self, reference: str) -> Any:
        with self._lock:
            if reference in self._providers:
                return self._providers[reference]
            if self._default is None:
                self._default = self._connect({"region": self._region})
            return self._default

    @contextlib.contextmanager
    def _call(self) -> Iterator[None]:
        with self._quiet:
            self._calls += 1
        try:
            yield
        finally:
            with self._quiet:
                self._calls -= 1
                self._quiet.notify_all()

    def wait_until_quiet(self) -> None:
        """A program that fails leaves calls under way, which the next one must not meet."""
        with self._quiet:
            self._quiet.wait_for(lambda: not self._calls, LIMIT)

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 -- the protocol's name
        """Check and Create, as the engine makes them."""
        with self._call():
            return self._register(request)

    def _register(self, request: Any) -> Any:
        urn = self.make_urn(request.parent, request.type, request.name)
        if request.type == _STACK or not request.custom:
            return resource_pb2.RegisterResourceResponse(urn=urn, object=request.object)
        if request.type == "pulumi:providers:aws":
            given = {k: str(v) for k, v in dict(request.object).items() if isinstance(v, str)}
            stub = self._connect({"region": self._region} | given)
            with self._lock:
                self._providers[f"{urn}::{request.name}"] = stub
            return resource_pb2.RegisterResourceResponse(urn=urn, id=request.name, object=request.object)
        if not request.type.startswith("aws:"):
            raise self._fail(f"{request.name}: needs another provider: {request.type}")
        stub = self._stub(request.provider)
        try:
            checked = _check(stub, urn, request.type, request.object)
            answer = stub.Create(
                provider_pb2.CreateRequest(urn=urn, type=request.type, name=request.name, properties=checked)
            )
        except (grpc.RpcError, Failed) as error:
            raise self._fail(f"{request.type} {request.name}: {_said(error)}") from None
        ignored = list(request.ignoreChanges)
        made = _Made(urn, request.type, stub, answer.id, request.object, checked, answer.properties, ignored)
        with self._lock:
            self.made.append(made)
        return resource_pb2.RegisterResourceResponse(urn=urn, id=answer.id, object=answer.properties)

    def ReadResource(self, request: Any) -> Any:  # noqa: N802 -- the protocol's name
        """A resource that is there already."""
        urn = self.make_urn(request.parent, request.type, request.name)
        stub = self._stub(request.provider)
        try:
            answer = stub.Read(
                provider_pb2.ReadRequest(urn=urn, type=request.type, id=request.id, properties=request.properties)
            )
        except grpc.RpcError as error:
            raise self._fail(f"{request.type} {request.name}: {_said(error)}") from None
        if not answer.id:
            raise self._fail(f"{request.type} {request.id} is not there")
        return resource_pb2.ReadResourceResponse(urn=urn, properties=answer.properties)

    def Invoke(self, request: Any) -> Any:  # noqa: N802 -- the protocol's name
        """A function of the provider."""
        if not request.tok.startswith("aws:"):
            raise self._fail(f"needs another provider: {request.tok}")
        try:
            answer = self._stub(request.provider).Invoke(provider_pb2.InvokeRequest(tok=request.tok, args=request.args))
        except grpc.RpcError as error:
            raise self._fail(f"{request.tok}: {_said(error)}") from None
        if answer.failures:
            raise self._fail(answer.failures[0].reason)
        return resource_pb2.ResourceInvokeResponse.FromString(answer.SerializeToString())

    def _fail(self, why: str) -> Failed:
        self.failures.append(why)
        return Failed(why)

    def settled(self) -> Iterator[str]:
        """What a refresh and the same program again show, right after everything was made."""
        for one in self.made:
            read = one.stub.Read(
                provider_pb2.ReadRequest(
                    urn=one.urn, type=one.token, id=one.id, properties=one.state, inputs=one.inputs
                )
            )
            if not read.id:
                yield f"{one.token}: is not there after it was made"
                continue
            if read.inputs != one.inputs:
                keys = one.inputs.fields.keys() | read.inputs.fields.keys()
                changed = [k for k in sorted(keys) if one.inputs.fields.get(k) != read.inputs.fields.get(k)]
                if left := [k for k in changed if k not in one.ignored]:
                    yield f"{one.token}: a refresh right after shows drift in {', '.join(left)}"
            news = _check(one.stub, one.urn, one.token, one.given, one.inputs)
            found = one.stub.Diff(
                provider_pb2.DiffRequest(
                    urn=one.urn,
                    type=one.token,
                    id=one.id,
                    olds=one.state,
                    old_inputs=one.inputs,
                    news=news,
                    ignoreChanges=one.ignored,
                )
            )
            if found.detailedDiff:
                yield f"{one.token}: the same program again shows a difference in {', '.join(found.detailedDiff)}"
            one.state = read.properties

    def destroy(self) -> Iterator[str]:
        """Delete everything, the youngest first; what is refused or still there."""
        for one in reversed(self.made):
            try:
                one.stub.Delete(
                    provider_pb2.DeleteRequest(urn=one.urn, type=one.token, id=one.id, properties=one.state)
                )
            except grpc.RpcError as error:
                yield f"{one.token}: cannot be deleted: {_said(error)}"


def _check(stub: Any, urn: str, token: str, given: Any, olds: Any = None) -> Any:
    request = provider_pb2.CheckRequest(urn=urn, type=token, news=given, olds=olds, randomSeed=b"documentation")
    answer = stub.Check(request)
    if answer.failures:
        raise Failed("; ".join(f"{f.property}: {f.reason}" if f.property else f.reason for f in answer.failures))
    return answer.inputs


def _said(error: BaseException) -> str:
    return str(error.details() if isinstance(error, grpc.RpcError) else error)


class Cloud:
    """One local cloud for all examples: a server in AWS's place and the provider in front of it."""

    def __init__(self) -> None:
        port = free_port()
        self.endpoint = f"http://127.0.0.1:{port}"
        self._folder = tempfile.TemporaryDirectory()
        self._token, file = new_token(), Path(self._folder.name) / "token"
        file.write_text(self._token)
        command = [sys.executable, "-m", "localcloud.aws.moto", "--port", str(port), "--token-file", str(file)]
        self._aws = subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=ROOT)
        until_it_answers(port, self._aws)
        self._provider, self._port = start(AwsCloud(self.endpoint, secret_access_key(self._token)))
        self._channels: list[grpc.Channel] = []

    def connect(self, config: dict[str, str]) -> Any:
        """A provider instance of its own."""
        options = [("grpc.use_local_subchannel_pool", 1)]
        channel = grpc.insecure_channel(f"127.0.0.1:{self._port}", options)
        self._channels.append(channel)
        stub = provider_pb2_grpc.ResourceProviderStub(channel)
        variables = {f"aws:config:{k}": v for k, v in config.items()}
        stub.Configure(provider_pb2.ConfigureRequest(variables=variables, args=struct_pb2.Struct()))
        return stub

    def reset(self) -> None:
        """Empty the cloud."""
        for channel in self._channels:
            channel.close()
        self._channels.clear()
        headers = {"Authorization": f"token {self._token}"}
        address = f"{self.endpoint}/moto-api/reset"
        request = urllib.request.Request(address, method="POST", headers=headers)  # noqa: S310 -- our own server
        urllib.request.urlopen(request, timeout=300).close()  # noqa: S310 -- as above

    def close(self) -> None:
        """End both."""
        self._provider.stop(None).wait()
        self._aws.terminate()
        self._aws.wait(60)
        self._folder.cleanup()

    def run(self, example: Example) -> Result:
        """One example from nothing to nothing."""
        self.reset()
        monitor = Monitor(self.connect, example.region)
        mocks.set_mocks(monitor.mocks, project="documentation", stack="bench", monitor=monitor)

        def program() -> None:
            exec(compile(example.program, example.name, "exec"), {"__name__": "__main__"})  # noqa: S102 -- the SDK's own

        result = Result(example)
        with _time_limit(LIMIT), _somewhere():
            try:
                mocks.test(program)()  # type: ignore[no-untyped-call]
            except Exception as error:  # noqa: BLE001 -- whatever ends a program is its result
                result.notes += monitor.failures or [f"{type(error).__name__}: {error}"]
            try:
                if not result.notes:
                    result.notes += monitor.settled()
                    result.notes += monitor.destroy()
            except Exception as error:  # noqa: BLE001 -- as above
                result.notes.append(_said(error))
        monitor.wait_until_quiet()
        result.reason = result.notes[0] if result.notes else ""
        return result


@contextlib.contextmanager
def _time_limit(seconds: int) -> Iterator[None]:
    def late(_signal: int, _frame: Any) -> None:
        raise TimeoutError(f"not ended after {seconds} s")

    former = signal.signal(signal.SIGALRM, late)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, former)


@contextlib.contextmanager
def _somewhere() -> Iterator[None]:
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            yield
        finally:
            os.chdir(before)


def results(*parts: str, told: Callable[[Result], None] | None = None) -> list[Result]:
    """Every example, run."""
    logging.disable(logging.ERROR)  # each failure is in its result; the SDK's loop tells it once more per resource
    cloud, found = Cloud(), []
    try:
        for example in examples(*parts):
            found.append(cloud.run(example))
            if told:
                told(found[-1])
    finally:
        cloud.close()
    return found


def tables() -> list[tuple[str, Rows]]:
    """The figures, why examples do not go right, and what is still to be done."""
    found = results()
    counts = Counter(r.verdict for r in found)
    figures = [
        ["figure", "measured", "goal"],
        ["self-contained examples of what is served", str(len(found)), ""],
        ["go right", str(counts[RIGHT]), ""],
        ["do not, for a reason that is listed", str(counts[KNOWN]), ""],
        ["neither, or for another reason than the listed one", str(counts[WRONG] + counts[STALE]), "0"],
    ]
    why = Counter(r.example.known.kind for r in found if r.verdict == KNOWN and r.example.known)
    reasons = [["why an example does not go right", "examples"], *([text, str(n)] for text, n in why.most_common())]
    open_ones = [[r.example.name, r.verdict, _short(r.reason)] for r in found if r.verdict in (WRONG, STALE)]
    listing = [("Neither", [["example", "verdict", "reason"], *open_ones])] if open_ones else []
    return [("", figures), ("", reasons), *listing]


def _short(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= 160 else plain[:157] + "..."


def main() -> int:
    """Run the examples of the tokens named, or all, and list them."""
    whole = "-v" in sys.argv
    parts = [a for a in sys.argv[1:] if a != "-v"]

    def told(result: Result) -> None:
        why = "; ".join(result.notes) if whole else _short(result.reason)
        if result.verdict == STALE and result.example.known:
            why = f"the listed reason has {result.example.known.says!r}; {why or 'goes right'}"
        print(f"{result.verdict}  {result.example.name}  {why}", flush=True)  # noqa: T201 -- the result

    counts = Counter(result.verdict for result in results(*parts, told=told))
    said = f"{counts[RIGHT]} of {counts.total()} go right, {counts[KNOWN]} do not for a reason that is listed"
    print(f"{said}, {counts[WRONG] + counts[STALE]} are neither")  # noqa: T201 -- the result
    return 1 if counts[WRONG] or counts[STALE] else 0


if __name__ == "__main__":
    raise SystemExit(main())
