"""What is wrong, in one shape: with a stack file, or with rules that a platform cannot hold.

A finding of the linter says the same of rules that work otherwise than meant, and has a code and a severity besides.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong."""

    path: str
    """Keys joined by dots: of the file, or below `elasticity`; empty for the whole file."""
    message: str
    """What was got and what is allowed; never the value of a setting."""
    cure: str = ""
    """What to do; empty where the message says it."""
    file: str = ""
    """As it was named; empty where no file is known."""
    line: int | None = None
    """From 1; None when it is unknown, such as that of a value given on the command line."""

    @property
    def place(self) -> str:
        """File and line, as far as they are known."""
        return self.file if self.line is None else f"{self.file}:{self.line}"

    def __str__(self) -> str:
        where = " ".join(part for part in (self.place, self.path) if part)
        return f"{where}: {self.message}{f'; {self.cure}' if self.cure else ''}"
