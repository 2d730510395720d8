"""The offline `aws` provider: Pulumi's provider protocol in front, boto3 against a moto server behind.

Run: python server.py ENDPOINT [PORT]. It prints its port, serves every provider instance of a program from one process
(each instance is a connection of its own, with its own region and default tags) and stops on SIGTERM.
"""

import asyncio
import contextvars
import functools
import hashlib
import json
import signal
import sys

import boto3
import grpc
from localcloud.provider import kinds as rows, schema, strict
from botocore.config import Config
from google.protobuf import empty_pb2
from pulumi.provider.experimental import provider as protocol
from pulumi.provider.experimental.property_value import PropertyValue
from pulumi.provider.experimental.server import ProviderServicer
from pulumi.runtime._grpc_settings import _GRPC_CHANNEL_OPTIONS
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

VERSION = "7.51.1"
CHANGE = {(False, True): "ADD", (True, False): "DELETE", (True, True): "UPDATE"}

connection = contextvars.ContextVar("connection")


def plain(value: PropertyValue):
    inner = value.value
    if isinstance(inner, tuple):
        return [plain(item) for item in inner]
    return {k: plain(v) for k, v in inner.items()} if hasattr(inner, "items") else inner


def wire(value) -> PropertyValue:
    if isinstance(value, dict):
        return PropertyValue({k: wire(v) for k, v in value.items()})
    if isinstance(value, list | tuple):
        return PropertyValue([wire(v) for v in value])
    if isinstance(value, bool | str) or value is None:
        return PropertyValue(value)
    return PropertyValue(float(value) if isinstance(value, int | float) else str(value))


def plain_map(values):
    return {k: plain(v) for k, v in values.items()}


def secret_strings(value: PropertyValue, inside=False):
    """Every string that is secret, however deep."""
    inside, inner = inside or value.is_secret, value.value
    if isinstance(inner, str) and inside:
        yield inner
    for child in inner.values() if hasattr(inner, "values") else inner if isinstance(inner, tuple) else ():
        yield from secret_strings(child, inside)


def wire_map(values, secrets_of=()):
    """To the wire; a property is secret when a secret of the inputs is anywhere in it (tagsAll repeats tags)."""
    hidden = {s for v in dict(secrets_of).values() for s in secret_strings(v) if s}

    def secret(value):
        if isinstance(value, dict | list | tuple):
            return any(map(secret, value.values() if isinstance(value, dict) else value))
        return value in hidden

    return {k: wire(v).with_secret(True) if hidden and secret(v) else wire(v) for k, v in values.items() if v is not None}


class Aws:
    """boto3 clients of one region against one endpoint; each request is held against AWS's own model first."""

    account = "123456789012"

    def __init__(self, endpoint, region="us-east-1", default_tags=None):
        self.region, self.default_tags = region, default_tags or {}
        session = boto3.Session("test", "test", region_name=region)
        config = Config(max_pool_connections=32, retries={"mode": "standard", "total_max_attempts": 3})
        self.client = functools.cache(lambda service: session.client(service, endpoint_url=endpoint, config=config))

    def __call__(self, service, call, /, **request):
        strict.refuse(service, call, request)
        return getattr(self.client(service), call)(**request)


class OfflineAws(protocol.Provider):
    def __init__(self, endpoint):
        self.endpoint, self.instances = endpoint, {}

    @property
    def aws(self) -> Aws:
        """The configured instance that this call belongs to: attached, all instances share the process."""
        return self.instances[connection.get()]

    async def configure(self, request):
        config = {k.removeprefix("aws:config:"): v for k, v in request.variables.items()}
        tags = json.loads(config.get("defaultTags", "{}")).get("tags")
        self.instances[connection.get()] = Aws(self.endpoint, config.get("region", "us-east-1"), tags)
        return protocol.ConfigureResponse(accept_secrets=True, supports_preview=True, accept_outputs=False, accept_resources=False)

    async def check(self, request):
        kind, news, olds = rows.KINDS.get(request.type), plain_map(request.new_inputs), plain_map(request.old_inputs)
        if kind is None:
            why = protocol.CheckFailure("", f"the offline provider serves no {request.type}")
            return protocol.CheckResponse(inputs=request.new_inputs, failures=[why])
        news = {k: v for k, v in news.items() if not k.startswith("__") and v is not None}
        name = kind.autoname
        if name and name not in news and f"{name}Prefix" not in news:
            tail = hashlib.sha256(request.random_seed or request.urn.encode()).hexdigest()[:7]
            kept = olds.get(name) if name in olds.get("__defaults", ()) else None
            news |= {name: kept or f"{request.name}-{tail}"[-kind.autoname_max :], "__defaults": [name]}
        shape = schema.inputs(request.type)
        failures = [protocol.CheckFailure(path, why) for path, why in schema.failures(shape, news)]
        unserved = [p for p in news if p in shape.props and not kind.serves(p)]
        failures += [protocol.CheckFailure(p, "the offline provider does not serve this property yet") for p in unserved]
        return protocol.CheckResponse(inputs=wire_map(news, request.new_inputs), failures=failures)

    async def diff(self, request):
        kind, old, new = rows.KINDS[request.type], plain_map(request.old_state), plain_map(request.new_inputs)
        detail, forced = {}, []
        for k in sorted(old.keys() | new.keys()):
            chosen_by_aws = k in kind.replaces and k not in new  # after an import
            if k in request.ignore_changes or k.startswith("__") or old.get(k) == new.get(k) or chosen_by_aws:
                continue
            hard = k in kind.replaces and new.get(k) not in schema.UNKNOWNS
            forced += [k] * hard
            change = CHANGE[k in old, k in new] + ("_REPLACE" if hard else "")
            detail[k] = protocol.PropertyDiff(protocol.PropertyDiffKind[change], True)
        # A name that the user gave cannot exist twice.
        given = kind.autoname and kind.autoname not in new.get("__defaults", ()) and old.get(kind.autoname) == new.get(kind.autoname)
        return protocol.DiffResponse(
            changes=bool(detail),
            replaces=forced,
            diffs=list(detail),
            detailed_diff=detail,
            stables=[] if forced else ["arn", "id"],
            delete_before_replace=bool(forced and given),
        )

    async def create(self, request):
        kind, props = rows.KINDS[request.type], plain_map(request.properties)
        if request.preview:
            return protocol.CreateResponse(
                "", wire_map({k: schema.UNKNOWN for k in schema.outputs(request.type)} | props, request.properties)
            )
        resource_id = await asyncio.to_thread(kind.create, self.aws, props)
        state = await asyncio.to_thread(kind.state, self.aws, resource_id, props)
        if state is None:
            raise RuntimeError(f"{kind.token} {resource_id} is not there after the call that made it")
        return protocol.CreateResponse(resource_id, wire_map(state, request.properties))

    async def read(self, request):
        """Refresh (with inputs) or import (with none)."""
        kind, state, inputs = rows.KINDS[request.type], plain_map(request.properties), plain_map(request.inputs)
        resource_id, given = (request.resource_id, inputs or state) if inputs or state else kind.imports(request.resource_id)
        live = await asyncio.to_thread(kind.state, self.aws, resource_id, given)
        if live is None:
            return protocol.ReadResponse("", {}, {})
        if inputs:
            found = {k: live.get(k, v) for k, v in inputs.items()}
        else:
            found = {k: live[k] for k in schema.inputs(request.type).props if live.get(k) not in (None, [], {}) and k != "region"}
        secrets = request.inputs or request.properties
        return protocol.ReadResponse(live["id"], wire_map(state | live, secrets), wire_map(found, secrets))

    async def update(self, request):
        kind, old, new = rows.KINDS[request.type], plain_map(request.olds), plain_map(request.news)
        if request.preview:
            return protocol.UpdateResponse(wire_map(old | new, request.news))
        await asyncio.to_thread(kind.update, self.aws, request.resource_id, old, new)
        return protocol.UpdateResponse(wire_map(await asyncio.to_thread(kind.state, self.aws, request.resource_id, new), request.news))

    async def delete(self, request):
        await asyncio.to_thread(rows.KINDS[request.type].delete, self.aws, request.resource_id, plain_map(request.properties))

    async def invoke(self, request):
        if request.tok not in rows.INVOKES:
            return protocol.InvokeResponse(failures=[protocol.CheckFailure("", f"the offline provider answers no {request.tok}")])
        answer = await asyncio.to_thread(rows.INVOKES[request.tok], self.aws, plain_map(request.args))
        return protocol.InvokeResponse(wire_map(answer))


class Servicer(ProviderServicer):
    """What the SDK's servicer lacks: Attach and Handshake, the old inputs in Diff, plain error texts, who is calling."""

    async def Attach(self, request, context):
        self._engine_address = request.address
        return empty_pb2.Empty()

    async def Diff(self, request, context):
        if request.old_inputs.fields:
            request.olds.CopyFrom(request.old_inputs)
        return await super().Diff(request, context)

    async def Read(self, request, context):
        answer = await super().Read(request, context)
        return answer if answer.id else provider_pb2.ReadResponse()  # with empty maps an import of what is not there succeeds


def _plainly(name):
    inherited = getattr(Servicer, name)

    async def call(self, request, context):
        connection.set(context.peer())
        try:
            return await inherited(self, request, context)
        except grpc.aio.AbortError:
            raise
        except Exception as error:
            await context.abort(grpc.StatusCode.UNKNOWN, str(error).split(":\n  File")[0])

    return call


for _name in ("Check", "Configure", "Diff", "Create", "Read", "Update", "Delete", "Invoke"):
    setattr(Servicer, _name, _plainly(_name))


async def serve(endpoint, port=0):
    server = grpc.aio.server(options=_GRPC_CHANNEL_OPTIONS)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Servicer([], VERSION, OfflineAws(endpoint), ""), server)
    port = server.add_insecure_port(f"127.0.0.1:{port}")
    await server.start()
    print(port, flush=True)
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    await stop.wait()
    await server.stop(1)


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 0))
