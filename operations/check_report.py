"""What `accordion check` says of one place of a stack file, before it becomes text, JSON or SARIF."""

from __future__ import annotations

from dataclasses import dataclass

from elasticity.checks import Finding, Severity
from elasticity.faults import Fault


@dataclass(frozen=True, slots=True)
class PlacedFinding:
    """One finding, or one fault of the settings, at its place."""

    file: str
    """As it was named."""
    line: int | None
    path: str
    """Keys joined by dots; empty for the whole file."""
    code: str | None
    """None for a fault of the settings."""
    severity: Severity
    message: str
    cure: str
    """Empty where the message says it."""
    accepted: str | None = None
    """The written reason, where the rules accept the finding."""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        where = f"{place} {self.path}" if self.path else place
        what = f"{self.code} {self.severity}" if self.code else self.severity
        return f"{where}: {what}: {self.message}{f'; {self.cure}' if self.cure else ''}"

    @classmethod
    def of_fault(cls, fault: Fault) -> PlacedFinding:
        """What the program would refuse: an error without a code."""
        return cls(fault.file, fault.line, fault.path, None, "error", fault.message, fault.cure)

    @classmethod
    def of_finding(cls, found: Finding, file: str, line: int | None, path: str) -> PlacedFinding:
        """What the linter found, where it is written."""
        return cls(file, line, path, found.code, found.severity, found.message, found.cure, found.accepted)
