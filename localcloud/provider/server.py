"""The offline provider: Pulumi's provider protocol in front of a cloud.

Run: `python -m localcloud.provider.server --cloud MODULE --endpoint http://127.0.0.1:4566 --token-file FILE`. The
module has `open_cloud(endpoint, token)`, which returns a `resource.Cloud`. It prints its port, serves every provider
instance of a program from one process (each is a connection of its own, with its own configuration) and ends quietly on
SIGINT and SIGTERM.
"""

import argparse
import functools
import gc
import importlib
import json
import os
import signal
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent import futures
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, TypeVar

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from localcloud.admission import BadToken, read_token
from localcloud.idle import Idle
from localcloud.nearest import unserved_function, unserved_type
from localcloud.provider import coercion, plan, schema, wire
from localcloud.provider.callers import OwnUser
from localcloud.provider.host_client import HostClient
from localcloud.provider.ledger import Ledger
from localcloud.provider.messages import UNFINISHED, hidden, message_of, report_orphan
from localcloud.provider.resource import Cloud, Orphaned, Refused, Resource
from localcloud.server_log import lose_what_finds_no_room

_LARGEST_MESSAGE = 400 * 1024 * 1024  # bytes; the engine's own limit
_THREADS = 64  # on a local cloud the engine has 32 steps at once, and asks for checks beside them
_INSTANCES_KEPT = 256  # connections; each command of a person makes a few


class NotConfigured(Refused):
    """A connection asks for work before it was configured."""


_Method = TypeVar("_Method", bound=Callable[..., Any])


def _plainly(method: _Method) -> _Method:
    """The method, with an error that is one sentence; pulumi itself puts the resource in front of it."""

    @functools.wraps(method)
    def call(self: "Servicer", request: Any, context: grpc.ServicerContext) -> Any:
        try:
            return method(self, request, context)
        except Exception as error:  # noqa: BLE001 -- the boundary: a fault of ours is logged, and told as one
            text = message_of(error, self.cloud.explain)
        return context.abort(grpc.StatusCode.UNKNOWN, text)

    return call  # type: ignore[return-value] # the same signature


class Servicer(provider_pb2_grpc.ResourceProviderServicer):
    """The protocol, for every type that a cloud serves."""

    def __init__(self, cloud: Cloud[Any]) -> None:
        self.cloud = cloud
        self._sessions: OrderedDict[str, Any] = OrderedDict()
        self._engines: OrderedDict[str, HostClient] = OrderedDict()
        self._lock = threading.Lock()

    def _session(self, context: grpc.ServicerContext) -> Any:
        """The cloud as the calling provider instance sees it: attached, all instances share the process."""
        try:
            return self._sessions[context.peer()]
        except KeyError:
            raise NotConfigured("this provider instance was not configured before its first call") from None

    def _engine(self, context: grpc.ServicerContext) -> HostClient:
        """The engine of the calling connection."""
        with self._lock:
            found = self._engines.setdefault(context.peer(), HostClient())
            while len(self._engines) > _INSTANCES_KEPT:
                self._engines.popitem(last=False)
        return found

    def _hidden(self, secrets: wire.Secrets) -> AbstractContextManager[None]:
        return hidden(secrets, self.cloud.explain)

    # -- the provider itself

    def Handshake(self, request: Any, context: grpc.ServicerContext) -> Any:
        """What the provider understands."""
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True, accept_resources=False, accept_outputs=False)

    def Attach(self, request: Any, context: grpc.ServicerContext) -> Any:
        """The engine says where it listens: for what a long call has to say."""
        self._engine(context).address = request.address
        return empty_pb2.Empty()

    def Cancel(self, request: Any, context: grpc.ServicerContext) -> Any:
        """A person wants to stop: what waits for a steady state ends its wait; other calls are short."""
        self._engine(context).cancelled.set()
        return empty_pb2.Empty()

    def GetPluginInfo(self, request: Any, context: grpc.ServicerContext) -> Any:
        """The version that the types are written against."""
        return plugin_pb2.PluginInfo(version=self.cloud.version)

    def GetSchema(self, request: Any, context: grpc.ServicerContext) -> Any:
        """A minimal schema: what is served, and how to add to it, by which our language host judges whole programs."""
        described = {"description": "served by the local cloud"}
        schema = {
            "name": self.cloud.package,
            "version": self.cloud.version,
            "resources": dict.fromkeys(sorted(self.cloud.resources), described),
            "functions": dict.fromkeys(sorted(self.cloud.functions), described),
            "reasons": dict(self.cloud.reasons),
            "adding": [self.cloud.adding_a_type, self.cloud.adding_a_function],
        }
        return provider_pb2.GetSchemaResponse(schema=json.dumps(schema))

    def CheckConfig(self, request: Any, context: grpc.ServicerContext) -> Any:
        """The configuration as it is."""
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: Any, context: grpc.ServicerContext) -> Any:
        """A changed configuration is shown by the resources it changes."""
        return provider_pb2.DiffResponse()

    @_plainly
    def Configure(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Remember the configuration of this instance."""
        head = f"{self.cloud.package}:config:"
        variables = {name.removeprefix(head): value for name, value in request.variables.items()}
        session = self.cloud.configure(variables, self._engine(context).folder)
        with self._lock:
            self._sessions[context.peer()] = session
            while len(self._sessions) > _INSTANCES_KEPT:
                self._sessions.popitem(last=False)
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    # -- resources

    @_plainly
    def Check(self, request: Any, context: grpc.ServicerContext) -> Any:
        """The inputs with a name filled in, and everything that is wrong with them."""
        (news, secrets), (olds, _) = wire.plain(request.news), wire.plain(request.olds)
        token = request.type or plan.type_of(request.urn)
        resource = self.cloud.resources.get(token)
        if resource is None:
            why = provider_pb2.CheckFailure(property="", reason=self._unserved(token))
            return provider_pb2.CheckResponse(inputs=request.news, failures=[why])
        seed = request.randomSeed or request.urn.encode()
        with self._hidden(secrets):
            checked, found = resource.check(self._session(context), plan.name_of(request.urn), seed, news, olds)
        failures = [
            provider_pb2.CheckFailure(
                property=path if path in news else secrets.redact(path), reason=secrets.redact(why)
            )
            for path, why in found
        ]
        inputs = wire.hide(wire.overlaid(request.news, checked, secrets), resource.sensitive)
        return provider_pb2.CheckResponse(inputs=inputs, failures=failures)

    @_plainly
    def Diff(self, request: Any, context: grpc.ServicerContext) -> Any:
        """What differs, leaf by leaf, and what forces a replacement."""
        resource, session = self._resource(request), self._session(context)
        (state, marks), (news, secrets) = wire.plain(request.olds), wire.plain(request.news)
        unfinished, old = _before(request, state)
        with self._hidden(marks | secrets):
            found = resource.diff(session, old, news, state, list(request.ignoreChanges))
        changed = list(dict.fromkeys(plan.top(path) for path in found.detail))
        kinds = provider_pb2.PropertyDiff.Kind
        return provider_pb2.DiffResponse(
            changes=provider_pb2.DiffResponse.DIFF_SOME if found.detail else provider_pb2.DiffResponse.DIFF_NONE,
            replaces=found.replaces,
            diffs=changed,
            detailedDiff={
                path: provider_pb2.PropertyDiff(kind=kinds.Value(how), inputDiff=plan.top(path) not in found.configured)
                for path, how in found.detail.items()
            },
            hasDetailedDiff=True,
            stables=[] if found.replaces else list(found.stable),
            deleteBeforeReplace=found.delete_before_replace or bool(unfinished and found.replaces),
        )

    @_plainly
    def Create(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Make the resource, or say what a preview can know."""
        resource, (props, secrets) = self._resource(request), wire.plain(request.properties)
        session = self._session(context)
        if request.preview:
            with self._hidden(secrets):
                return provider_pb2.CreateResponse(
                    properties=_message(resource, resource.expect_create(session, props), secrets)
                )
        try:
            with self._hidden(secrets):
                caller = self._engine(context).calling(request.urn, secrets.redact)
                resource_id, state = resource.create(session, props, caller)
        except Orphaned as error:
            report_orphan(error, secrets, context)
            raise
        return provider_pb2.CreateResponse(id=resource_id, properties=_message(resource, state, secrets))

    @_plainly
    def Read(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Refresh (with inputs) or import (with none)."""
        resource = self._resource(request)
        (state, marks), (inputs, secrets) = wire.plain(request.properties), wire.plain(request.inputs)
        with self._hidden(marks | secrets):
            found = resource.read(self._session(context), request.id, inputs, state)
        if found is None:  # with empty maps an import of what is not there would succeed
            return provider_pb2.ReadResponse()
        return provider_pb2.ReadResponse(
            id=found.id,
            properties=_message(resource, found.state, marks | secrets),
            inputs=_message(resource, found.inputs, secrets if inputs or state else marks),
        )

    @_plainly
    def Update(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Change the resource in place, or say what a preview can know."""
        resource, session = self._resource(request), self._session(context)
        (state, marks), (news, secrets) = wire.plain(request.olds), wire.plain(request.news)
        _, old = _before(request, state)
        news = plan.without_ignored(news, old, list(request.ignoreChanges))
        if request.preview:
            with self._hidden(marks | secrets):
                expected = resource.expect_update(session, old, news, state)
            return provider_pb2.UpdateResponse(properties=_message(resource, expected, secrets))
        with self._hidden(marks | secrets):
            caller = self._engine(context).calling(request.urn, (marks | secrets).redact)
            live = resource.update(session, request.id, old, news, state, caller)
        return provider_pb2.UpdateResponse(properties=_message(resource, live, secrets))

    @_plainly
    def Delete(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Delete the resource."""
        resource, (state, marks) = self._resource(request), wire.plain(request.properties)
        with self._hidden(marks):
            resource.delete(self._session(context), request.id, state)
        return empty_pb2.Empty()

    @_plainly
    def Invoke(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Answer a function."""
        arguments, secrets = wire.plain(request.args)
        function = self.cloud.functions.get(request.tok)
        if function is None:
            reason = unserved_function(request.tok, self.cloud.functions, self.cloud.adding_a_function)
            return provider_pb2.InvokeResponse(failures=[provider_pb2.CheckFailure(property="", reason=reason)])
        block, outputs = function.schema
        arguments = coercion.block(block.props, arguments)
        if wrong := list(schema.failures(block, arguments)):
            failures = [
                provider_pb2.CheckFailure(property=secrets.redact(each.path), reason=secrets.redact(each.reason))
                for each in wrong
            ]
            return provider_pb2.InvokeResponse(failures=failures)
        with self._hidden(secrets):
            found = coercion.block(outputs, function.invoke(self._session(context), arguments))
        return provider_pb2.InvokeResponse(**{"return": wire.struct(found, secrets)})  # a word of the language

    # -- refused

    @_plainly
    def Call(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Refused: no type has methods."""
        raise Refused(f"the offline provider has no methods on resources: {request.tok}")

    @_plainly
    def Construct(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Refused: no type is a component."""
        raise Refused(f"the offline provider constructs no components: {request.type}")

    def _resource(self, request: Any) -> Resource[Any]:
        token = request.type or plan.type_of(request.urn)
        if token not in self.cloud.resources:
            raise Refused(self._unserved(token))
        return self.cloud.resources[token]

    def _unserved(self, token: str) -> str:
        why = self.cloud.reasons.get(token, "")
        return unserved_type(token, self.cloud.resources, self.cloud.adding_a_type, why)


def _message(resource: Resource[Any], values: dict[str, Any], secrets: wire.Secrets) -> Any:
    """Properties of a resource for the engine: secret is what was, and what its type says."""
    return wire.hide(wire.struct(values, secrets), resource.sensitive)


def _before(request: Any, state: dict[str, Any]) -> tuple[bool, dict[str, Any]]:
    """Whether a creation was never finished, and the inputs that its resource surely has: then none, and no state."""
    if state.get(UNFINISHED):
        state.clear()
        return True, {}
    return False, wire.plain(request.old_inputs)[0] if request.old_inputs.fields else state


def start(
    cloud: Cloud[Any], port: int = 0, ledger: Path | None = None, user: int | None = None, idle: Idle | None = None
) -> tuple[grpc.Server, int]:
    """A running server on loopback, and its port; raises OSError when the port is taken.

    It answers `user`, by number; None: the one that this process runs as.
    """
    callers = OwnUser(user, idle or Idle(None))
    options = [(f"grpc.max_{way}_message_length", _LARGEST_MESSAGE) for way in ("receive", "send")]
    server = grpc.server(
        futures.ThreadPoolExecutor(_THREADS, "provider"),
        options=[*options, ("grpc.so_reuseport", 0)],
        interceptors=[callers, *([Ledger(ledger, cloud)] if ledger else [])],
    )
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Servicer(cloud), server)
    try:
        bound = server.add_insecure_port(f"127.0.0.1:{port}")
    except RuntimeError as error:
        raise OSError(f"port {port} is taken") from error
    callers.listens_on(bound)
    server.start()
    return server, bound


def main(arguments: list[str] | None = None) -> int:
    """Serve until a signal; exit code 2 for a refused endpoint, `os.EX_TEMPFAIL` for a port that is taken."""
    parser = argparse.ArgumentParser(prog="python -m localcloud.provider.server", description=__doc__)
    parser.add_argument("--cloud", required=True, help="module that has the cloud, as `open_cloud(endpoint, token)`")
    parser.add_argument("--endpoint", help="where the cloud answers, such as http://127.0.0.1:4566")
    parser.add_argument("--port", type=int, default=0, help="port to listen on; 0 finds a free one")
    parser.add_argument("--ledger", type=Path, help="file that tells what was made and deleted; see localcloud.ledger")
    parser.add_argument("--token-file", type=Path, required=True, help="file with the place's token")
    chosen = parser.parse_args(arguments)
    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    try:
        token = read_token(chosen.token_file)
        cloud = importlib.import_module(chosen.cloud).open_cloud(chosen.endpoint, token)
        idle = Idle.of(os.environ)
        server, port = start(cloud, chosen.port, chosen.ledger, idle=idle)
    except (ValueError, OSError, BadToken) as error:
        sys.stderr.write(f"error: {error}\n")
        return os.EX_TEMPFAIL if isinstance(error, OSError) else 2
    gc.freeze()  # what is loaded by now stays
    idle.watch()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    stop.wait()
    server.stop(grace=1).wait()
    return 0


if __name__ == "__main__":
    lose_what_finds_no_room()
    raise SystemExit(main())
