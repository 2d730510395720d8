"""What a month of a stack may cost."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from elasticity.rules import Model

Limit = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class Budget(Model):
    """What a month may cost, in the currency of the price table: `accordion cost` ends with 1 where it costs more."""

    expected: Limit | None = None
    """As the loads of the file have it."""
    maximum: Limit | None = None
    """With every service and group at its maximum."""
