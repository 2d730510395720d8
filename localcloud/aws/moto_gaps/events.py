"""Gaps of moto's EventBridge: buses that change."""

from typing import Any

from moto.core.utils import unix_time
from moto.events.responses import EventsHandler

from localcloud.aws.moto_gaps._patching import add


@add(EventsHandler)
def update_event_bus(self: Any) -> Any:
    """All that a bus is put with, but for its name."""
    bus = self.events_backend.describe_event_bus(self._get_param("Name"))
    for member, name in (("Description", "description"), ("KmsKeyIdentifier", "kms_key_identifier"),
                         ("DeadLetterConfig", "dead_letter_config")):  # fmt: skip
        value = self._get_param(member)
        if value is not None:
            setattr(bus, name, value or None)
    bus.last_modified_time = unix_time()
    return "{}", {"Content-Type": "application/json"}
