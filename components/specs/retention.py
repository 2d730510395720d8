"""How long logs are kept: days that CloudWatch Logs knows, written as a duration."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from elasticity.quantities import Duration

_DAY = 86_400
RETENTION_DAYS = (
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
)  # fmt: skip
"""Days that `PutRetentionPolicy` takes. Source: CloudWatch Logs API reference, PutRetentionPolicy."""


def days(duration: Duration) -> int:
    """Whole days in a duration that `Retention` or `WholeDays` let through."""
    return round(duration / _DAY)


def _whole_days(value: Duration) -> Duration:
    if value < _DAY or value % _DAY:
        raise PydanticCustomError("whole_days", "got a time that is not in whole days, such as 90d")
    return value


def _known_to_cloudwatch(value: Duration) -> Duration:
    if value % _DAY or days(value) not in RETENTION_DAYS:
        allowed = ", ".join(f"{count}d" for count in RETENTION_DAYS)
        raise PydanticCustomError(
            "retention", "got a time that CloudWatch Logs does not keep, allowed {allowed}", {"allowed": allowed}
        )
    return value


WholeDays = Annotated[Duration, AfterValidator(_whole_days)]
"""A duration of one day or more, in whole days: `90d`."""
Retention = Annotated[Duration, AfterValidator(_known_to_cloudwatch)]
"""How long a CloudWatch log group keeps its events: one of `RETENTION_DAYS`, written as `90d`."""
