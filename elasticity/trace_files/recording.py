"""What a reader hands on: one series that was asked for, others beside it, and what it knows of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

from elasticity.trace_files.meaning import Per
from elasticity.traces import Interpolation, Reals


@dataclasses.dataclass(frozen=True)
class Asked:
    """What the caller says of a file; None where the file is to say it."""

    per: Per | None = None
    time_column: str | None = None
    value_column: str | None = None
    columns: tuple[str, ...] = ()
    interpolation: Interpolation = "step"

    @property
    def insists(self) -> bool:
        """Whether somebody says which column is the load and what it counts: then its name decides nothing."""
        return self.value_column is not None and self.per is not None


@dataclasses.dataclass(frozen=True)
class Recording:
    """One series of a file."""

    name: str
    seconds: Reals
    """Unix seconds, as they stand in the file."""
    values: Reals
    """NaN where one is missing; requests, or requests per second, minute or hour."""
    lines: Sequence[int] | None = None
    """Line of each value; None where all stand in one document."""
    per: Per | None = None
    """What the file says that a value counts; None where it says nothing."""
    refused: str = ""
    """Why the series is no load, as a sentence goes on after its name."""
    columns: Mapping[str, Reals] = dataclasses.field(default_factory=dict)
    """Further metrics at the same times."""
    period: int | None = None
    """Seconds between values, where the file says it."""
    words: tuple[str, ...] = ()
    """What a reader must know of how it was read."""

    def line(self, place: int) -> int:
        """Where the value at `place` stands."""
        return 1 if self.lines is None else self.lines[place]
