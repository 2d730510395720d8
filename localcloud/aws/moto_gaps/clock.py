"""moto's clock: it stands still while a change is handled, at a moment that the journal records.

A replay then gives every object the creation time that it had. moto asks for the time in few ways: `utcnow` and
`unix_time` of its core, which look `datetime` up in their module, and `time` or `datetime` of some models' modules.
Each of these names is bound anew when its module has been loaded.
"""

import datetime
import importlib
import time
import types
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

_moment: float | None = None


def stand_at(moment: float | None) -> None:
    """Let the clock stand at a moment (seconds since 1970), or run when it is None."""
    global _moment
    _moment = moment


@contextmanager
def standing_at(moment: float) -> Iterator[None]:
    """Let the clock stand at a moment for a while."""
    before = _moment
    stand_at(moment)
    try:
        yield
    finally:
        stand_at(before)


def seconds() -> float:
    """The clock's time in seconds since 1970."""
    return time.time() if _moment is None else _moment


class _InstancesAreOfTheRealClass(type):
    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, datetime.datetime)


class ClockDatetime(datetime.datetime, metaclass=_InstancesAreOfTheRealClass):
    """`datetime.datetime` with the clock's `now`."""

    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> Any:
        """The clock's time, an ordinary datetime."""
        return datetime.datetime.fromtimestamp(seconds(), tz)

    @classmethod
    def today(cls) -> Any:
        """The clock's local time."""
        return cls.now()


_DATETIME_MODULE: Final = types.SimpleNamespace(**{**vars(datetime), "datetime": ClockDatetime})
_TIME_MODULE: Final = types.SimpleNamespace(**{**vars(time), "time": seconds})

READERS: Final[dict[str, tuple[str, Any]]] = {
    "moto.core.utils": ("datetime", _DATETIME_MODULE),
    "moto.apigateway.models": ("time", _TIME_MODULE),
    "moto.apigatewayv2.models": ("datetime", ClockDatetime),
    "moto.applicationautoscaling.models": ("time", _TIME_MODULE),
    "moto.autoscaling.models": ("datetime", ClockDatetime),
    "moto.cloudwatch.models": ("datetime", ClockDatetime),
    "moto.ecr.models": ("datetime", ClockDatetime),
    "moto.efs.models": ("time", _TIME_MODULE),
    "moto.route53.models": ("datetime", ClockDatetime),
    "moto.s3.models": ("datetime", _DATETIME_MODULE),
    "moto.secretsmanager.models": ("time", _TIME_MODULE),
}
"""Which name of which moto module asks for the time, and what it is bound to."""


def install(module: str) -> None:
    """Make a module of moto ask this clock, if it is one that asks."""
    if module in READERS:
        name, substitute = READERS[module]
        setattr(importlib.import_module(module), name, substitute)
