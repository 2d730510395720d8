"""Gaps of moto's SNS: attributes of topics that it keeps and does not answer."""

from typing import Any, Final

from moto.core.utils import camelcase_to_underscores
from moto.sns.responses import SNSResponse

from localcloud.aws.moto_gaps._patching import replace

KEPT: Final = (
    "ArchivePolicy",
    "FifoThroughputScope",
    "SignatureVersion",
    "TracingConfig",
    *(
        f"{protocol}{what}"
        for protocol in ("Application", "Firehose", "HTTP", "Lambda", "SQS")
        for what in ("FailureFeedbackRoleArn", "SuccessFeedbackRoleArn", "SuccessFeedbackSampleRate")
    ),
)
"""Attributes that CreateTopic and SetTopicAttributes take and GetTopicAttributes of moto leaves out."""


@replace(SNSResponse)
def get_topic_attributes(original: Any, self: Any) -> Any:
    """Answer every attribute that was set."""
    answer = original(self)
    held = vars(self.backend.get_topic(self._get_param("TopicArn")))
    found = {name: held.get(camelcase_to_underscores(name)) for name in KEPT}
    answer.result["Attributes"] |= {name: value for name, value in found.items() if value not in (None, "")}
    return answer
