"""Gaps of moto's Kinesis: the ARN and the tags of a consumer."""

from typing import Any

from moto.core.responses import ActionResult
from moto.core.utils import unix_time, utcnow
from moto.kinesis.models import KinesisBackend
from moto.kinesis.responses import KinesisResponse

from localcloud.aws.moto_gaps._patching import Refusal, add, replace


@replace(KinesisBackend)
def register_stream_consumer(original: Any, self: Any, stream_arn: str, consumer_name: str) -> Any:
    """A consumer's ARN ends in the moment of its making, and its name is taken once."""
    if any(one.consumer_name == consumer_name for one in self._find_stream_by_arn(stream_arn).consumers):
        raise Refusal(
            "ResourceInUseException",
            f"Consumer {consumer_name} under stream {stream_arn} already exists for account {self.account_id}.",
        )
    made = original(self, stream_arn, consumer_name)
    made.consumer_arn = f"{stream_arn}/consumer/{consumer_name}:{int(unix_time(utcnow()))}"
    made.tags = {}
    return made


def _tagged(backend: Any, arn: str) -> Any:
    """The consumer or the stream of an ARN."""
    for stream in backend.streams.values():
        if stream.arn == arn:
            return stream
        for consumer in stream.consumers:
            if consumer.consumer_arn == arn:
                return consumer
    raise Refusal("ResourceNotFoundException", f"{arn} not found")


@add(KinesisResponse)
def tag_resource(self: Any) -> Any:
    """Tags of a stream or a consumer."""
    _tagged(self.kinesis_backend, self._get_param("ResourceARN")).tags |= self._get_param("Tags")
    return ActionResult({})


@add(KinesisResponse)
def untag_resource(self: Any) -> Any:
    """Fewer tags."""
    found = _tagged(self.kinesis_backend, self._get_param("ResourceARN"))
    for key in self._get_param("TagKeys"):
        found.tags.pop(key, None)
    return ActionResult({})


@add(KinesisResponse)
def list_tags_for_resource(self: Any) -> Any:
    """All tags."""
    found = _tagged(self.kinesis_backend, self._get_param("ResourceARN"))
    return ActionResult({"Tags": [{"Key": k, "Value": v} for k, v in found.tags.items()]})
