"""Numbers with units: durations and rates as people write them, exact on the way in and on the way out."""

from __future__ import annotations

import datetime
import re
from decimal import Decimal
from typing import Any, Self

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import PydanticCustomError, core_schema

_MILLISECONDS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_PER_SECONDS = {"s": 1, "min": 60, "h": 3_600, "d": 86_400}


class _Quantity(float):
    """A float that is written with its unit; a subclass says how."""

    pattern: str
    expected: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """The quantity that `text` writes; raises ValueError with the allowed form."""
        raise NotImplementedError

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        def validate(value: Any) -> _Quantity:
            if isinstance(value, cls):
                return value
            if isinstance(value, datetime.timedelta) and issubclass(cls, Duration):
                return cls(value.total_seconds())
            if isinstance(value, str):
                try:
                    return cls.parse(value)
                except ValueError:
                    pass
            raise PydanticCustomError("quantity", "expected {expected}", {"expected": cls.expected})

        return core_schema.no_info_plain_validator_function(
            validate,
            serialization=core_schema.plain_serializer_function_ser_schema(str, return_schema=core_schema.str_schema()),
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"type": "string", "pattern": f"^{cls.pattern}$", "description": cls.expected}

    def __repr__(self) -> str:
        return f"{type(self).__name__}.parse({str(self)!r})"


class Duration(_Quantity):
    """A length of time in seconds, not negative, written with its unit: `500ms`, `90s`, `5m`, `2h`, `1d`. Resolution:
    one millisecond."""

    pattern = r"([0-9]{1,12})(ms|s|m|h|d)"
    expected = "a duration with its unit, such as 90s, 5m or 2h"

    @classmethod
    def parse(cls, text: str) -> Self:
        """The quantity that `text` writes; raises ValueError with the allowed form."""
        found = re.fullmatch(cls.pattern, text.strip())
        if not found:
            raise ValueError(f"{text!r}: expected {cls.expected}")
        return cls(int(found[1]) * _MILLISECONDS[found[2]] / 1000)

    def __str__(self) -> str:
        milliseconds = round(self * 1000)
        unit = next(
            (u for u in ("d", "h", "m", "s") if milliseconds % _MILLISECONDS[u] == 0 and milliseconds),
            "s" if not milliseconds else "ms",
        )
        return f"{milliseconds // _MILLISECONDS[unit]}{unit}"


class Rate(_Quantity):
    """Events per second, not negative, written with their time: `50/s`, `3000/min`, `1.5/h`. Kept as written; the
    float is per second."""

    pattern = r"([0-9]{1,12}(?:\.[0-9]{1,12})?)/(s|min|h|d)"
    expected = "a rate with its time, such as 50/s or 3000/min"
    _text: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """The quantity that `text` writes; raises ValueError with the allowed form."""
        found = re.fullmatch(cls.pattern, text.strip())
        if not found:
            raise ValueError(f"{text!r}: expected {cls.expected}")
        rate = cls(float(Decimal(found[1]) / _PER_SECONDS[found[2]]))
        rate._text = text.strip()
        return rate

    def __str__(self) -> str:
        return getattr(self, "_text", None) or f"{float(self)!r}/s"


def with_digits(value: float, digits: int) -> str:
    """A number with so many decimal places, or with two significant digits where it would read as 0 and is not."""
    text = f"{value:,.{digits}f}"
    return f"{value:.2g}" if value and not float(text.replace(",", "")) else text


def significant(value: float) -> str:
    """A number as people read it: whole from 10 up, below that with three digits that say something, never 0 for what
    is not 0."""
    if abs(value) >= 10:
        return f"{value:.0f}"
    return f"{value:.3g}" if abs(value) >= 1e-4 or value == 0 else f"{value:.2e}"


def rate_text(per_second: float) -> str:
    """A rate given per second, over the shortest time in which it is 1 or more: `50/s`, `3/min`, `1.5/h`."""
    for time, seconds in _PER_SECONDS.items():
        if per_second * seconds >= 1:
            return f"{significant(per_second * seconds)}/{time}"
    return f"{significant(per_second * _PER_SECONDS['d'])}/d" if per_second else "0/s"
