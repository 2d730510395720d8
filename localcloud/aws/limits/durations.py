"""Durations of ISO 8601 that have one length: days, hours, minutes and seconds."""

import re
from datetime import timedelta

_FORM = re.compile(
    r"P(?=.)(?:(?P<days>\d{1,6})D)?(?:T(?=\d)(?:(?P<hours>\d{1,6})H)?(?:(?P<minutes>\d{1,6})M)?(?:(?P<seconds>\d{1,6})S)?)?"
)


def duration(text: str) -> timedelta | None:
    """`PT4H`, `P2DT12H`; None where it is none."""
    found = _FORM.fullmatch(text)
    return None if found is None else timedelta(**{name: int(value) for name, value in found.groupdict("0").items()})
