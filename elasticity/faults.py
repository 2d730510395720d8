"""What is wrong, in one shape: in the model of a stack file, in rules that a platform cannot hold, in rules that work
otherwise than meant (a finding of the linter, which has a code besides)."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Literal

KeyPath = tuple[str | int, ...]
"""Keys and places in a list, from the outermost on."""
Severity = Literal["error", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")
"""From the worst on."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong."""

    path: KeyPath
    """Below what was looked at: a model, the rules, a file; empty for the whole of it."""
    message: str
    """What was got and what is allowed, or what was found, with its numbers; never the value of a setting."""
    cure: str = ""
    """What to do; empty where the message says it."""
    file: str = ""
    """As it was named; empty where no file is known."""
    line: int | None = None
    """From 1; None when it is unknown, such as that of a value given on the command line."""
    code: str | None = None
    """Of a finding; None for what the program refuses."""
    severity: Severity = "error"
    accepted: str | None = None
    """The written reason, where the rules accept a finding."""

    def below(self, *path: str | int) -> Fault:
        """The same fault, seen from where `path` leads to what was looked at."""
        return dataclasses.replace(self, path=(*path, *self.path))

    @property
    def key(self) -> str:
        """The path as a reader writes it, `services.web.ports[0]`."""
        return dotted(self.path)

    @property
    def place(self) -> str:
        """File and line, as far as they are known."""
        return self.file if self.line is None else f"{self.file}:{self.line}"

    @property
    def text(self) -> str:
        """What is wrong and what to do, without where."""
        return f"{self.message}; {self.cure}" if self.cure else self.message

    def __str__(self) -> str:
        where = " ".join(part for part in (self.place, self.key) if part)
        return f"{where}: {self.text}"


def dotted(path: KeyPath) -> str:
    """`("services", "web", "ports", 0)` as `services.web.ports[0]`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text
