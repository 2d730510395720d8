"""All that the attached providers refuse of a program, told at once.

The engine ends a program at the first resource that a provider refuses. Here the tokens of resources and functions are
held against what the providers serve before a request leaves the program, and resources are checked by their providers
before the engine hears of them. From the first refusal on the engine is told of nothing more: the program goes on to
its end as in a preview, with outputs that are not known, and the run fails with the whole list.

Runs in the program's own process, under its interpreter and its SDK: see `program`. Of this project it imports only
what lies beside it in the cache folder.
"""

import asyncio
import functools
import inspect
import json
import threading
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, NamedTuple

import grpc
from google.protobuf import empty_pb2, struct_pb2

if __package__:
    from localcloud.nearest import because, near
else:
    from nearest import because, near  # type: ignore[import-not-found, no-redef, unused-ignore] # beside this file in the cache folder

_PATIENCE = 10.0  # seconds for one answer of a provider on this machine
_DEPTH = 4  # levels of an unserved function's answer; types of rules hold themselves
_SHOWN = 8  # places of one type

_PROVIDERS = "pulumi:providers:"

Where = Callable[[], str]
"""The line of the program that is at work, `file:line`; empty when none is."""


class Provider:
    """A provider that is attached to the engine, asked directly."""

    def __init__(self, package: str, address: str, configuration: Mapping[str, str]) -> None:
        from pulumi.runtime.proto import provider_pb2

        self.package = package
        self._address = address
        self._defaults = {name: text for name, text in configuration.items() if name.startswith(f"{package}:")}
        self._instances: dict[str, Any] = {}
        self._configured: dict[str, Mapping[str, str]] = {}
        self._lock = threading.Lock()
        with self._channel() as channel:
            asked = _stub(channel).GetSchema(provider_pb2.GetSchemaRequest(), timeout=_PATIENCE)
        told = json.loads(asked.schema)
        self.adding_a_type, self.adding_a_function = told["adding"]  # no other provider says that
        self.reasons: Mapping[str, str] = told["reasons"]
        self.resources, self.functions = frozenset(told["resources"]), frozenset(told["functions"])

    def _channel(self) -> Any:
        # A provider knows its instances by their connections, and gRPC would give them all the same one.
        return grpc.insecure_channel(self._address, options=[("grpc.use_local_subchannel_pool", 1)])

    def configure(self, urn: str, inputs: struct_pb2.Struct) -> None:
        """Remember the configuration of an explicit provider resource."""
        given = {name: value.string_value for name, value in inputs.fields.items() if value.HasField("string_value")}
        self._configured[urn] = {f"{self.package}:{name}": text for name, text in given.items()}

    def instance(self, reference: str) -> Any:
        """The provider as a resource means it: `urn::id`, or empty for the default one."""
        from pulumi.runtime.proto import provider_pb2

        urn = reference.rpartition("::")[0]
        with self._lock:
            if urn not in self._instances:
                stub = _stub(self._channel())
                chosen = self._configured.get(urn, self._defaults).items()
                variables = {f"{self.package}:config:{name.partition(':')[2]}": text for name, text in chosen}
                stub.Configure(
                    provider_pb2.ConfigureRequest(variables=variables, args=struct_pb2.Struct()), timeout=_PATIENCE
                )
                self._instances[urn] = stub
            return self._instances[urn]


def _stub(channel: Any) -> Any:
    from pulumi.runtime.proto import provider_pb2_grpc

    return provider_pb2_grpc.ResourceProviderStub(channel)


def attached(environment: Mapping[str, str], configuration: Mapping[str, str]) -> dict[str, Provider]:
    """The providers of ours that the engine is told to use, by package; others are left alone."""
    found = {}
    for entry in environment.get("PULUMI_DEBUG_PROVIDERS", "").split(","):
        package, _, port = entry.partition(":")
        try:
            found[package] = Provider(package, f"127.0.0.1:{int(port)}", configuration)
        except (grpc.RpcError, ValueError, LookupError, TypeError):
            continue  # somebody else's, or gone: the engine tells
    return found


class Use(NamedTuple):
    """A resource of the program, or a call of a function."""

    name: str
    """Empty for a function."""
    where: str

    def __str__(self) -> str:
        return f"{self.name} ({self.where})" if self.name and self.where else self.name or self.where


class Refusals:
    """What is refused of one program."""

    def __init__(self, providers: Mapping[str, Provider], where: Where, *, dry_run: bool) -> None:
        self._providers, self._where, self._dry_run = providers, where, dry_run
        self.types: dict[str, dict[Use, None]] = {}
        """Types that are not served, with the resources of each."""
        self.functions: dict[str, dict[Use, None]] = {}
        self.faults: dict[str, None] = {}
        """What is wrong with resources of types that are served, a line each."""
        self._sent = 0
        self._checked: set[tuple[str, ...]] = set()
        self._first = threading.Lock()
        self._transformed = False
        self._lock = threading.Lock()

    @property
    def collecting(self) -> bool:
        """Whether the engine is told of nothing more."""
        return bool(self.types or self.functions or self.faults)

    def _provider_of(self, token: str) -> Provider | None:
        return self._providers.get(token.partition(":")[0])

    def _unserved(self, token: str, kind: str) -> bool:
        provider = self._provider_of(token)
        return provider is not None and token not in getattr(provider, kind)

    # -- what the program says, before a request is made of it

    def register(self, token: str, name: str) -> None:
        """Note a resource, if its type is not served."""
        if self._unserved(token, "resources"):
            self.types.setdefault(token, {})[Use(name, self._where())] = None

    def call(self, token: str) -> bool:
        """Note a call of a function, if it is not served; returns whether that is so."""
        unserved = self._unserved(token, "functions")
        if unserved:
            self.functions.setdefault(token, {})[Use("", self._where())] = None
        return unserved

    # -- what would be sent to the engine

    def registered(self, send: Callable[..., Any], request: Any, project: str, stack: str) -> Any:
        """Register a resource with the engine, or answer as a preview does."""
        from pulumi.runtime.proto import resource_pb2

        urn = f"urn:pulumi:{stack}::{project}::{request.type}::{request.name}"
        provider = self._provider_of(request.type)
        # What the engine will change of a resource first, here or in a callback, is left to it.
        changed = request.ignoreChanges or request.transforms or self._transformed
        if provider and not changed and not self._unserved(request.type, "resources"):
            self._check_when_due(provider, request, urn)
        if self.collecting:
            answer = resource_pb2.RegisterResourceResponse(urn=urn, object=request.object)
        else:
            answer = send(request)
            self._sent += request.custom and not _package(request.type)
        if package := self._providers.get(_package(request.type)):
            package.configure(answer.urn, request.object)
        return answer

    def _check_when_due(self, provider: Provider, request: Any, urn: str) -> None:
        """Check each resource in a preview, which costs about a millisecond of each.

        In a deployment, which a preview has mostly gone before: the first of those that name the same properties, so
        that no property that is not served is met when the half is made.
        """
        if not (self.collecting or self._dry_run):
            shape = (request.type, *sorted(request.object.fields))
            with self._first:
                if shape not in self._checked:
                    self._check(provider, request, urn)
                    self._checked.add(shape)
                    return
        if self.collecting or self._dry_run:
            self._check(provider, request, urn)

    def _check(self, provider: Provider, request: Any, urn: str) -> None:
        """Hold a resource of a served type against its provider, without the engine."""
        from pulumi.runtime.proto import provider_pb2

        asked = provider_pb2.CheckRequest(urn=urn, type=request.type, name=request.name, news=request.object)
        for value in asked.news.fields.values():
            _take_for_unknown(value)
        # Nobody knows here whether there are older inputs, and what holds for new resources alone is told once the
        # engine asks.
        asked.olds.CopyFrom(asked.news)
        try:
            failures = provider.instance(request.provider).Check(asked, timeout=_PATIENCE).failures
        except grpc.RpcError:
            return  # no answer about what is wrong: the engine gets the same, and tells
        position = request.sourcePosition
        use = Use(request.name, f"{position.uri.rpartition('/')[2]}:{position.line}" if position.line else "")
        for each in failures:
            line = f"{request.type} {use}: " + (f"{each.property}: " if each.property else "") + each.reason
            with self._lock:
                self.faults[line] = None

    def invoked(self, send: Callable[..., Any], request: Any) -> Any:
        """Ask a function: of the engine, or, where that takes no more, of its provider."""
        from pulumi.runtime.proto import provider_pb2, resource_pb2

        provider = self._provider_of(request.tok)
        if not self.collecting or provider is None:
            return send(request)
        # Newer SDKs have a message of the monitor's own, with the same fields and one more.
        kind: Any = getattr(resource_pb2, "ResourceInvokeResponse", provider_pb2.InvokeResponse)
        if getattr(request, "dependsOn", ()):
            return kind(unknown=True)  # it waits for resources that nobody makes
        asked = provider_pb2.InvokeRequest(tok=request.tok, args=request.args)
        return kind.FromString(provider.instance(request.provider).Invoke(asked).SerializeToString())

    def text(self, *, ended: bool = False) -> str:
        """All that is refused; `ended`: the program ended with an exception before its end."""
        counts = [_counted(len(self.types), "type"), _counted(len(self.functions), "function")]
        unserved = " and ".join(filter(None, counts))
        lines = [f"the local cloud does not serve {unserved} of this program{self._made()}:"] if unserved else []
        adding: dict[str, None] = {}
        for kind, found in (("resources", self.types), ("functions", self.functions)):
            for token, uses in sorted(found.items()):
                provider = self._providers[token.partition(":")[0]]
                adding[provider.adding_a_type if kind == "resources" else provider.adding_a_function] = None
                why = because(provider.reasons.get(token, ""))
                beside = near(token, getattr(provider, kind))
                lines.append(f"  {token}: {_listed([str(use) for use in uses])}{why}{beside}")
        if self.faults:
            head = "it also refuses:" if lines else f"the local cloud refuses what this program asks for{self._made()}:"
            lines += [head, *(f"  {line}" for line in sorted(self.faults))]
        if ended:
            lines.append("the program ended early, so what it would have made later is not in this list")
        elif self.functions:
            lines.append("what the program makes only of their answers is not in this list")
        return "\n".join([*lines, *adding])

    def _made(self) -> str:
        if self._dry_run:
            return ""
        if not self._sent:
            return ", and nothing of it was made or changed"
        return f"; {_counted(self._sent, 'resource')} had been registered before that was known"

    # -- the SDK

    def watch(self, monitor: Any, project: str, stack: str) -> None:
        """Stand between the program and the engine, for as long as the program runs."""
        if not self._providers:
            return
        import pulumi
        from pulumi import resource, runtime
        from pulumi.runtime import settings

        for name in ("register_resource", "read_resource"):
            setattr(resource, name, self._noting(getattr(resource, name)))
        for name in ("invoke", "invoke_async", "invoke_single", "invoke_output", "invoke_output_single"):
            if hasattr(runtime, name):
                setattr(runtime, name, self._answering(name, getattr(runtime, name), pulumi))
        dry = settings.is_dry_run
        settings.is_dry_run = lambda: self.collecting or dry()
        if hasattr(monitor, "RegisterStackTransform"):
            monitor.RegisterStackTransform = self._transforming(monitor.RegisterStackTransform)
        send, ask = monitor.RegisterResource, monitor.Invoke
        monitor.RegisterResource = lambda request: self.registered(send, request, project, stack)
        monitor.Invoke = lambda request: self.invoked(ask, request)
        for name, answer in self._silent(project, stack).items():
            if hasattr(monitor, name):
                setattr(monitor, name, self._unless_collecting(getattr(monitor, name), answer))

    def _transforming(self, register: Callable[..., Any]) -> Callable[..., Any]:
        def noted(request: Any) -> Any:
            self._transformed = True
            return register(request)

        return noted

    def _noting(self, register: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(register)
        def noted(res: Any, ty: str, name: str, *more: Any, **named: Any) -> Any:
            self.register(ty, name)
            return register(res, ty, name, *more, **named)

        return noted

    def _answering(self, name: str, function: Callable[..., Any], pulumi: Any) -> Callable[..., Any]:
        from pulumi.runtime.invoke import InvokeResult

        signature = inspect.signature(function)

        @functools.wraps(function)
        def answered(*given: Any, **named: Any) -> Any:
            asked = signature.bind(*given, **named).arguments
            if not self.call(asked["tok"]):
                return function(*given, **named)
            if "output" in name:
                return pulumi.Output.from_input(pulumi.UNKNOWN)
            value = _placeholder(asked.get("typ"))
            if "single" in name:
                value = next(iter(value.values()), None) if isinstance(value, dict) else value
            if "async" in name:
                return asyncio.sleep(0, value)
            return InvokeResult(value)

        return answered

    def _silent(self, project: str, stack: str) -> dict[str, Callable[[Any], Any]]:
        """What the engine would answer to what it is not told: method -> f(request)."""
        from pulumi.runtime.proto import provider_pb2, resource_pb2

        return {
            "ReadResource": lambda request: resource_pb2.ReadResourceResponse(
                urn=f"urn:pulumi:{stack}::{project}::{request.type}::{request.name}", properties=request.properties
            ),
            "RegisterResourceOutputs": lambda _: empty_pb2.Empty(),
            "Call": lambda _: provider_pb2.CallResponse(),
            # It would begin to delete what was not registered.
            "SignalAndWaitForShutdown": lambda _: empty_pb2.Empty(),
        }

    def _unless_collecting(self, send: Callable[..., Any], answer: Callable[[Any], Any]) -> Callable[..., Any]:
        return lambda request: answer(request) if self.collecting else send(request)

    def judged(self, run: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
        """The SDK's run of a program, that fails with what is refused."""
        from pulumi import RunError, log

        @functools.wraps(run)
        async def judged(program: Callable[[], None]) -> None:
            try:
                await run(program)
            except Exception:
                if self.collecting:
                    log.error(self.text(ended=True))
                raise
            if self.collecting:
                raise RunError(self.text())

        return judged


def _package(token: str) -> str:
    """The package that a provider resource is for; empty for another type."""
    return token.removeprefix(_PROVIDERS) if token.startswith(_PROVIDERS) else ""


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'s'[: count != 1]}" if count else ""


def _listed(items: list[str]) -> str:
    shown = ", ".join(filter(None, items[:_SHOWN]))
    return f"{shown} and {len(items) - _SHOWN} more" if len(items) > _SHOWN else shown


def _placeholder(typ: Any) -> Any:
    """An answer of a function that nobody gives: right in its types, so that the program can go on."""
    from pulumi.runtime import rpc

    if typ is None:
        return {}
    return rpc.translate_output_properties(_blank(typ, 0), lambda name: name, typ)


def _take_for_unknown(value: struct_pb2.Value) -> None:
    """Make a text of which a part is not known one that is not known."""
    from pulumi.runtime import rpc

    if value.HasField("struct_value"):
        for inner in value.struct_value.fields.values():
            _take_for_unknown(inner)
    elif value.HasField("list_value"):
        for inner in value.list_value.values:
            _take_for_unknown(inner)
    elif rpc.UNKNOWN in value.string_value:
        value.string_value = rpc.UNKNOWN


def _blank(typ: Any, depth: int) -> Any:
    """A value of a type of the SDK: texts are marks of what is not known, lists have one element."""
    from pulumi import _types
    from pulumi.runtime import rpc

    typ = _types.unwrap_optional_type(typ)
    if _types.is_output_type(typ):
        types = _types.output_type_types(typ) if depth < _DEPTH else {}
        return {name: _blank(inner, depth + 1) for name, inner in types.items()}
    origin, inside = getattr(typ, "__origin__", typ), getattr(typ, "__args__", ())
    if inspect.isclass(origin) and issubclass(origin, Mapping):
        return {}
    if inspect.isclass(origin) and issubclass(origin, Sequence) and origin is not str:
        return [_blank(inside[0], depth + 1)] if inside else []
    return {bool: False, int: 1, float: 1.0}.get(typ, rpc.UNKNOWN)
