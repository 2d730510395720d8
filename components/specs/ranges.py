"""Ranges of durations, said in errors as people write them."""

from __future__ import annotations

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from elasticity.quantities import Duration


def between(low: str, high: str) -> AfterValidator:
    """A validator that lets durations from `low` to `high` through, both as people write them."""
    minimum, maximum = Duration.parse(low), Duration.parse(high)

    def check(value: Duration) -> Duration:
        if not minimum <= value <= maximum or value % 1:
            raise PydanticCustomError(
                "duration_range",
                "got {got}, allowed {low} to {high} in whole seconds",
                {"got": str(value), "low": low, "high": high},
            )
        return value

    return AfterValidator(check)
