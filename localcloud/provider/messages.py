"""How the provider tells what went wrong: one sentence, without a traceback, without a secret."""

import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import grpc
from pulumi.runtime.proto import provider_pb2, status_pb2

from localcloud.ledger import WORK
from localcloud.provider import wire
from localcloud.provider.resource import Orphaned, Refused, sentence

Explain = Callable[[BaseException], str | None]
"""The cloud's own sentence for an error, see `resource.Cloud.explain`."""


@contextmanager
def hidden(secrets: wire.Secrets, explain: Explain) -> Iterator[None]:
    """Take secrets out of the text of whatever goes wrong inside."""
    try:
        yield
    except Orphaned as error:
        raise Orphaned(secrets.redact(str(error)), error.resource_id, error.props) from None
    except Exception as error:
        text = secrets.redact(sentence(error, explain))
        if text == sentence(error, explain) and not secrets.texts:
            raise
        if _is_ours(error, explain):
            sys.stderr.write(secrets.redact(traceback.format_exc()))
        raise Refused(text) from None


def message_of(error: Exception, explain: Explain) -> str:
    """The sentence for the person; a fault of our own is written to the log with its traceback."""
    if _is_ours(error, explain):
        traceback.print_exc(file=sys.stderr)
    return sentence(error, explain)


def _is_ours(error: BaseException, explain: Explain) -> bool:
    """Whether it is a fault of our own, which nobody has put into a sentence."""
    return not isinstance(error, Refused | ValueError) and explain(error) is None


UNFINISHED = "__unfinished"
"""Property of a state, hidden as all with two underscores: how much of the inputs was done is not known."""


def report_orphan(error: Orphaned, secrets: wire.Secrets, context: grpc.ServicerContext) -> None:
    """Tell engine and ledger the id of what could be neither finished nor deleted, so that the state has it."""
    if work := WORK.get():
        work.left = error.resource_id
    detail = provider_pb2.ErrorResourceInitFailed(
        id=error.resource_id,
        properties=wire.struct(error.props | {UNFINISHED: True}, secrets),
        inputs=wire.struct(error.props, secrets),
        reasons=[str(error)],
    )
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=str(error))
    status.details.add().Pack(detail)
    context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
