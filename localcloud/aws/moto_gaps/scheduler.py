"""Gaps of moto's EventBridge Scheduler: schedules that are none, tags that outlive their group."""

from typing import Any

from moto.scheduler.exceptions import ValidationException
from moto.scheduler.models import EventBridgeSchedulerBackend as Backend

from localcloud.aws.limits.cron import APPLICATION, zone_fault
from localcloud.aws.moto_gaps._patching import replace


@replace(Backend)
def create_schedule(original: Any, self: Any, **keywords: Any) -> Any:
    """Refuse what AWS cannot read."""
    _check(keywords)
    return original(self, **keywords)


@replace(Backend)
def update_schedule(original: Any, self: Any, **keywords: Any) -> Any:
    """Refuse what AWS cannot read."""
    _check(keywords)
    return original(self, **keywords)


@replace(Backend)
def delete_schedule_group(original: Any, self: Any, name: str | None) -> None:
    """Tags go with their group."""
    arn = self.get_schedule_group(group_name=name).arn
    original(self, name)
    self.tagger.delete_all_tags_for_resource(arn)


def _check(keywords: dict[str, Any]) -> None:
    text, zone = keywords["schedule_expression"], keywords.get("schedule_expression_timezone")
    if APPLICATION.fault(text or ""):
        raise ValidationException(f"Invalid Schedule Expression {text}.")
    if zone and zone_fault(zone):
        raise ValidationException(f"Invalid Schedule Expression Timezone {zone}.")
