"""Gaps of moto's EventBridge: buses that change, schedules that are none."""

from typing import Any

from moto.core.utils import unix_time
from moto.events.exceptions import ValidationException
from moto.events.models import EventsBackend
from moto.events.responses import EventsHandler

from localcloud.aws.limits.cron import RULES
from localcloud.aws.moto_gaps._patching import add, replace


@replace(EventsBackend)
def put_rule(original: Any, self: Any, name: str, **keywords: Any) -> Any:
    """Refuse a schedule that is none; moto looks at the word before the bracket only."""
    text = keywords.get("scheduled_expression")
    if text and RULES.fault(text):
        raise ValidationException("Parameter ScheduleExpression is not valid.")
    return original(self, name, **keywords)


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
