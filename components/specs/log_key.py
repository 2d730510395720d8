"""What the key of a stack's logs is to be."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from components.specs.retention import WholeDays
from elasticity.quantities import Duration
from elasticity.rules import Model

_SHORTEST, _LONGEST = Duration(7 * 86_400), Duration(30 * 86_400)
"""AWS's bounds of a key's waiting period. Source: KMS API reference, ScheduleKeyDeletion."""


class LogKeySpec(Model):
    """A KMS key that CloudWatch Logs may use for the log groups of its account and region."""

    deletion_window: Annotated[WholeDays, Field(ge=_SHORTEST, le=_LONGEST)] = _LONGEST
    """How long AWS keeps the key after its stack is destroyed; the logs under it can be read until then."""
