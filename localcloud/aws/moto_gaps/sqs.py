"""Gaps of moto's SQS: who may send a queue dead letters, and a policy that other attributes drop."""

from typing import Any

from moto.sqs.models import Queue

from localcloud.aws.moto_gaps._patching import replace


@replace(Queue)
def _set_attributes(original: Any, self: Any, attributes: dict[str, Any], now: float | None = None) -> None:
    """A request without a policy leaves the policy that is there."""
    original(self, attributes if "Policy" in attributes else {"Policy": self.policy, **attributes}, now)


def _attributes(self: Any) -> dict[str, Any]:
    """Show who may send dead letters here, where it was said."""
    found: dict[str, Any] = _shown.fget(self)  # type: ignore[misc]
    allowed = vars(self).get("redrive_allow_policy")
    return found | ({"RedriveAllowPolicy": allowed} if allowed else {})


_shown: property = Queue.attributes  # type: ignore[assignment]
Queue.attributes = property(_attributes)  # type: ignore[method-assign, assignment]
