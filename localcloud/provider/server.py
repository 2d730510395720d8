"""The offline `aws` provider: Pulumi's provider protocol in front, boto3 against a moto server behind.

Run: `python -m localcloud.provider.server --endpoint http://127.0.0.1:4566 --port 0`. It prints its port, serves every
provider instance of a program from one process (each is a connection of its own, with its own region and default tags)
and ends quietly on SIGINT and SIGTERM.
"""

import argparse
import functools
import gc
import json
import os
import signal
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent import futures
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from localcloud.aws.client import ACCOUNT, Aws, Refused, forget_real_credentials, loopback
from localcloud.aws.kind import Kind, Orphaned, Props
from localcloud.aws.kinds import INVOKES, KINDS
from localcloud.provider import coercion, plan, schema, wire
from localcloud.provider.engine_side import EngineSide
from localcloud.provider.ledger import Ledger
from localcloud.provider.nearest import unserved_function, unserved_type
from localcloud.provider.schema import VERSION
from localcloud.provider.telling import hidden, report_orphan, told

_LARGEST_MESSAGE = 400 * 1024 * 1024  # bytes; the engine's own limit
_ADDED = ("region", "tagsAll")  # inputs that Check adds, so those of an older state may lack them
_THREADS = 32  # the engine sends 16 creates at once by default
_INSTANCES_KEPT = 256  # connections; each command of a person makes a few


class NotConfigured(Refused):
    """A connection asks for work before it was configured."""


class Servicer(provider_pb2_grpc.ResourceProviderServicer):
    """The protocol, for every aws:* type that a row serves."""

    def __init__(self, endpoint: str) -> None:
        self._cloud = Aws(endpoint)
        self._instances: OrderedDict[str, Aws] = OrderedDict()
        self._engines: OrderedDict[str, EngineSide] = OrderedDict()
        self._lock = threading.Lock()

    def _aws(self, context: grpc.ServicerContext) -> Aws:
        """The cloud as the calling provider instance sees it: attached, all instances share the process."""
        try:
            return self._instances[context.peer()]
        except KeyError:
            raise NotConfigured("this provider instance was not configured before its first call") from None

    def _engine(self, context: grpc.ServicerContext) -> EngineSide:
        """The engine of the calling connection."""
        with self._lock:
            found = self._engines.setdefault(context.peer(), EngineSide())
            while len(self._engines) > _INSTANCES_KEPT:
                self._engines.popitem(last=False)
        return found

    def _attended(self, request: Any, context: grpc.ServicerContext, region: str | None) -> Aws:
        """The cloud for a call that may last: it can warn beside its resource, and be cancelled."""
        aws, engine = self._aws(context).at(region), self._engine(context)
        aws.warn, aws.cancelled = functools.partial(engine.warn, request.urn), engine.cancelled
        aws.folder = engine.folder
        return aws

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
        """The version that the rows are written against."""
        return plugin_pb2.PluginInfo(version=VERSION)

    def GetSchema(self, request: Any, context: grpc.ServicerContext) -> Any:
        """A minimal schema: the types that are served."""
        resources = {token: {"description": "served by the local cloud"} for token in sorted(KINDS)}
        schema = {"name": "aws", "version": VERSION, "resources": resources}
        return provider_pb2.GetSchemaResponse(schema=json.dumps(schema))

    def CheckConfig(self, request: Any, context: grpc.ServicerContext) -> Any:
        """The configuration as it is."""
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: Any, context: grpc.ServicerContext) -> Any:
        """A changed configuration is shown by the resources it changes."""
        return provider_pb2.DiffResponse()

    def Configure(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Remember the region, account and default tags of this instance."""
        config = {name.removeprefix("aws:config:"): value for name, value in request.variables.items()}
        allowed, forbidden = _listed(config, "allowedAccountIds"), _listed(config, "forbiddenAccountIds")
        account = next((each for each in allowed or [ACCOUNT] if each not in forbidden), None)
        if account is None:
            raise Refused(f"forbiddenAccountIds names every account that is allowed: {', '.join(allowed or [ACCOUNT])}")
        tags = _parsed(config.get("defaultTags"), {}).get("tags") or {}
        with self._lock:
            self._instances[context.peer()] = self._cloud.at(config.get("region") or "us-east-1", tags, account=account)
            while len(self._instances) > _INSTANCES_KEPT:
                self._instances.popitem(last=False)
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    # -- resources

    def Check(self, request: Any, context: grpc.ServicerContext) -> Any:
        """The inputs with a name filled in, and everything that is wrong with them."""
        (news, secrets), (olds, _) = wire.plain(request.news), wire.plain(request.olds)
        token = request.type or plan.type_of(request.urn)
        kind = KINDS.get(token)
        if kind is None:
            why = provider_pb2.CheckFailure(property="", reason=unserved_type(token, KINDS))
            return provider_pb2.CheckResponse(inputs=request.news, failures=[why])
        checked, found = plan.check(kind, self._aws(context), request.urn, request.randomSeed, news, olds)
        failures = [provider_pb2.CheckFailure(property=p, reason=secrets.redact(why)) for p, why in found]
        inputs = wire.overlaid(request.news, checked, secrets)
        return provider_pb2.CheckResponse(inputs=inputs, failures=failures)

    def Diff(self, request: Any, context: grpc.ServicerContext) -> Any:
        """What differs, leaf by leaf, and what forces a replacement."""
        kind, aws = self._kind(request), self._aws(context)
        state, news = wire.plain(request.olds)[0], wire.plain(request.news)[0]
        old = wire.plain(request.old_inputs)[0] if request.old_inputs.fields else state
        found = plan.diff(kind, aws, old, news, state, list(request.ignoreChanges))
        changed = list(dict.fromkeys(plan.top(path) for path in found.detail))
        kinds = provider_pb2.PropertyDiff.Kind
        return provider_pb2.DiffResponse(
            changes=provider_pb2.DiffResponse.DIFF_SOME if found.detail else provider_pb2.DiffResponse.DIFF_NONE,
            replaces=found.replaces,
            diffs=changed,
            detailedDiff={
                path: provider_pb2.PropertyDiff(kind=kinds.Value(how), inputDiff=plan.top(path) not in _ADDED)
                for path, how in found.detail.items()
            },
            hasDetailedDiff=True,
            stables=[] if found.replaces else ["arn", "id"],
            deleteBeforeReplace=found.delete_before_replace,
        )

    def Create(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Make the resource, or say what a preview can know."""
        kind, (props, secrets) = self._kind(request), wire.plain(request.properties)
        aws = self._attended(request, context, props.get("region"))
        if request.preview:
            return provider_pb2.CreateResponse(properties=wire.struct(plan.expected(kind, aws, props), secrets))
        try:
            with hidden(secrets):
                resource_id, state = kind.made(aws, props)
        except Orphaned as error:
            report_orphan(error, secrets, context)
            raise
        return provider_pb2.CreateResponse(id=resource_id, properties=wire.struct(state, secrets))

    def Read(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Refresh (with inputs) or import (with none)."""
        kind = self._kind(request)
        (state, marks), (inputs, secrets) = wire.plain(request.properties), wire.plain(request.inputs)
        asked = inputs or state
        resource_id, props = (request.id, asked) if asked else kind.calls.import_id(request.id)
        aws = self._aws(context).at(props.get("region") or state.get("region"), thorough=True)
        with hidden(marks | secrets):
            live = kind.state(aws, resource_id, props)
        if live is None:  # with empty maps an import of what is not there would succeed
            return provider_pb2.ReadResponse()
        live |= _told_once(kind, live, state)
        # A resource without any input is refreshed too: only an import comes with neither.
        found = kind.refreshed(inputs, live) if inputs or state else kind.imported(live)
        return provider_pb2.ReadResponse(
            id=live["id"],
            properties=wire.struct(live, marks | secrets),
            inputs=wire.struct(found, secrets if inputs or state else marks),
        )

    def Update(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Change the resource in place, or say what a preview can know."""
        kind, (state, marks), (news, secrets) = self._kind(request), wire.plain(request.olds), wire.plain(request.news)
        old = wire.plain(request.old_inputs)[0] if request.old_inputs.fields else state
        aws = self._attended(request, context, news.get("region"))
        news = plan.without_ignored(news, old, list(request.ignoreChanges))
        if request.preview:
            return provider_pb2.UpdateResponse(
                properties=wire.struct(plan.after_update(kind, aws, state, news), secrets)
            )
        with hidden(marks | secrets):
            kind.update(aws, request.id, old, news)
            kind.retag(aws, request.id, state.get("tagsAll") or {}, news)
            live = kind.state(aws, request.id, news)
            if live is None:
                raise Refused(f"{kind.token} {request.id} is not there any more; `pulumi refresh` tells the state so")
        live |= _told_once(kind, live, state)
        return provider_pb2.UpdateResponse(properties=wire.struct(live, secrets))

    def Delete(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Delete the resource."""
        kind, (state, marks) = self._kind(request), wire.plain(request.properties)
        with hidden(marks):
            kind.delete(self._aws(context).at(state.get("region")), request.id, state)
        return empty_pb2.Empty()

    def Invoke(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Answer a function."""
        arguments, secrets = wire.plain(request.args)
        answer = INVOKES.get(request.tok)
        if answer is None:
            why = provider_pb2.CheckFailure(property="", reason=unserved_function(request.tok, INVOKES))
            return provider_pb2.InvokeResponse(failures=[why])
        block, outputs = schema.function(request.tok)
        arguments = coercion.block(block.props, arguments)
        if wrong := list(schema.failures(block, arguments)):
            failures = [provider_pb2.CheckFailure(property=each.path, reason=each.reason) for each in wrong]
            return provider_pb2.InvokeResponse(failures=failures)
        with hidden(secrets):
            found = coercion.block(outputs, answer(self._aws(context).at(arguments.get("region")), arguments))
        return provider_pb2.InvokeResponse(**{"return": wire.struct(found, secrets)})  # a word of the language

    # -- refused

    def Call(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Refused: no row has methods."""
        raise Refused(f"the offline provider has no methods on resources: {request.tok}")

    def Construct(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Refused: no row is a component."""
        raise Refused(f"the offline provider constructs no components: {request.type}")

    def _kind(self, request: Any) -> Kind:
        token = request.type or plan.type_of(request.urn)
        if token not in KINDS:
            raise Refused(unserved_type(token, KINDS))
        return KINDS[token]


def _plainly(name: str) -> Callable[..., Any]:
    """The method, with an error that is one sentence; pulumi itself puts the resource in front of it."""
    inherited = getattr(Servicer, name)

    def call(self: Servicer, request: Any, context: grpc.ServicerContext) -> Any:
        try:
            return inherited(self, request, context)
        except Exception as error:  # noqa: BLE001 -- the boundary: a fault of ours is logged, and told as one
            text = told(error)
        return context.abort(grpc.StatusCode.UNKNOWN, text)

    return call


for _name in ("Configure", "Check", "Diff", "Create", "Read", "Update", "Delete", "Invoke", "Call", "Construct"):
    setattr(Servicer, _name, _plainly(_name))


def _told_once(kind: Kind, live: Props, state: Props) -> Props:
    """The outputs that only the creation could tell, as the state has them."""
    return {name: state[name] for name in kind.properties.computed_once if state.get(name) and not live.get(name)}


def _parsed(text: str | None, otherwise: Any) -> Any:
    return json.loads(text) if text else otherwise


def _listed(config: Props, name: str) -> list[str]:
    return [str(item) for item in _parsed(config.get(name), [])]


def start(endpoint: str, port: int = 0, ledger: Path | None = None) -> tuple[grpc.Server, int]:
    """A running server on loopback, and its port; raises OSError when the port is taken."""
    options = [(f"grpc.max_{way}_message_length", _LARGEST_MESSAGE) for way in ("receive", "send")]
    server = grpc.server(
        futures.ThreadPoolExecutor(_THREADS, "provider"),
        options=[*options, ("grpc.so_reuseport", 0)],
        interceptors=[Ledger(ledger)] if ledger else [],
    )
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Servicer(endpoint), server)
    try:
        bound = server.add_insecure_port(f"127.0.0.1:{port}")
    except RuntimeError as error:
        raise OSError(f"port {port} is taken") from error
    server.start()
    return server, bound


def main(arguments: list[str] | None = None) -> int:
    """Serve until a signal; exit code 2 for a refused endpoint, `os.EX_TEMPFAIL` for a port that is taken."""
    parser = argparse.ArgumentParser(prog="python -m localcloud.provider.server", description=__doc__)
    parser.add_argument("--endpoint", required=True, help="where moto listens, such as http://127.0.0.1:4566")
    parser.add_argument("--port", type=int, default=0, help="port to listen on; 0 finds a free one")
    parser.add_argument("--ledger", type=Path, help="file that tells what was made and deleted; see localcloud.ledger")
    chosen = parser.parse_args(arguments)
    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    forget_real_credentials()
    try:
        server, port = start(loopback(chosen.endpoint), chosen.port, chosen.ledger)
    except (ValueError, OSError) as error:
        sys.stderr.write(f"error: {error}\n")
        return os.EX_TEMPFAIL if isinstance(error, OSError) else 2
    gc.freeze()  # what is loaded by now stays
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    stop.wait()
    server.stop(grace=1).wait()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
