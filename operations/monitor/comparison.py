"""What every check works with: the declaration, the answers, the clock, and the differences that it has found."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import math
import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from operations.declared import HIDDEN, Declaration, Part
from operations.live.answers import Answers, Items, Unanswered, moment
from operations.live.calls import Call
from operations.monitor.verdict import Category, Difference, Unknown
from operations.redaction import hidden

PULUMI = "pulumi"
"""The engine before a real account; on the cloud on this machine it is called by `accordion local`."""
ABSENT = "nothing"
"""How a value is shown that is not there."""


@dataclasses.dataclass
class Stack:
    """A declaration with whoever answers for what runs."""

    declared: Declaration
    answers: Answers
    now: datetime.datetime
    engine: str = PULUMI
    """How the engine is called, for the cures."""

    def ask(self, call: Call, **parameters: Any) -> Items:
        """As `Answers.ask`."""
        return self.answers.ask(call, **parameters)

    def there(self, call: Call, **parameters: Any) -> Items:
        """The same; nothing where AWS says that what was asked for is gone."""
        try:
            return self.ask(call, **parameters)
        except Unanswered as missing:
            if missing.why != "gone":
                raise
            return []

    def up(self, *flags: str) -> str:
        """The command that deploys what is declared, over what AWS has now."""
        return f"{self.engine} up --refresh {shlex.join(['--stack', self.declared.stack, *flags])}"

    def rollback(self) -> str:
        """The command that brings the version before back."""
        return self.accordion("rollback")

    def accordion(self, *command: str) -> str:
        """A command of accordion about this stack."""
        option = ["--local"] if self.engine != PULUMI else []
        return shlex.join(["accordion", *command, *option, "--stack", self.declared.stack])

    def anew(self, part: Part) -> str:
        """The command that makes one resource anew."""
        return self.up("--replace", part.urn) if part.urn else self.up()

    def since(self, value: Any) -> float:
        """Seconds that have passed since a moment; without end where there is none."""
        found = moment(value)
        return (self.now - found).total_seconds() if found else float("inf")


def aws(*words: str) -> str:
    """A command of the aws CLI, safe to paste."""
    return shlex.join(["aws", *words])


@dataclasses.dataclass
class Findings:
    """What the checks of one component have found."""

    component: str
    compared: int = 0
    differences: list[Difference] = dataclasses.field(default_factory=list)
    unknown: list[Unknown] = dataclasses.field(default_factory=list)
    remarks: list[str] = dataclasses.field(default_factory=list)

    def add(
        self,
        kind: str,
        resource: str,
        what: str,
        declared: Any,
        running: Any,
        cure: str,
        category: Category = "different",
    ) -> None:
        """One difference."""
        self.compared += 1
        self.differences.append(
            Difference(
                component=self.component,
                kind=kind,
                category=category,
                resource=resource,
                what=what,
                declared=hidden(shown(declared)),
                running=hidden(shown(running)),
                cure=hidden(cure),
            )
        )

    def compare(self, kind: str, resource: str, what: str, declared: Any, running: Any, cure: str) -> bool:
        """A difference where two values are not the same; whether they are. A secret is compared with nothing."""
        if HIDDEN in (declared, running):
            return True
        self.compared += 1
        if same(declared, running):
            return True
        self.compared -= 1
        self.add(kind, resource, what, declared, running, cure)
        return False

    def waits_for(self, what: str, why: str) -> None:
        """Something that is still going on."""
        self.unknown.append(Unknown(component=self.component, what=what, why=why, waits=True))


Check = Callable[[Stack, Part, Findings], None]


def run(checks: Iterable[tuple[str, Check]], stack: Stack, part: Part, findings: Findings) -> None:
    """Each check by itself: one that gets no answer is told, and the others go on."""
    for title, check in checks:
        with told(title, findings):
            check(stack, part, findings)


@contextlib.contextmanager
def told(what: str, findings: Findings) -> Iterator[None]:
    """A call without an answer becomes something that is not known."""
    try:
        yield
    except Unanswered as missing:
        findings.unknown.append(Unknown(component=findings.component, what=what, why=str(missing)))
    except (AttributeError, KeyError, IndexError, TypeError, ValueError) as error:
        form = "what was told, or what is declared, has another form than is known"
        why = f"{form} ({type(error).__name__}: {hidden(str(error))})"
        findings.unknown.append(Unknown(component=findings.component, what=what, why=why))


def same(declared: Any, running: Any) -> bool:
    """Whether two values mean the same: numbers by value, what is not given as what is empty."""
    if isinstance(declared, Mapping) and isinstance(running, Mapping):
        return all(same(declared.get(name), running.get(name)) for name in {*declared, *running})
    if _listed(declared) and _listed(running):
        return len(declared) == len(running) and all(map(same, declared, running))
    if declared in (None, "", [], {}, ()) and running in (None, "", [], {}, ()):
        return True
    wanted, has = _number(declared), _number(running)
    if wanted is not None and has is not None:
        return math.isclose(wanted, has, rel_tol=1e-9)
    return bool(declared == running)


def _listed(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _number(value: Any) -> float | None:
    if isinstance(value, (bool, str)) or value is None:
        try:
            return float(value) if isinstance(value, str) else None
        except ValueError:
            return None
    return float(value) if isinstance(value, (int, float)) else None


def shown(value: Any) -> str:
    """A value in words."""
    if value in (None, "", [], {}, ()):
        return ABSENT
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {shown(one)}" for name, one in value.items() if one not in (None, "", [], {}))
    if _listed(value):
        return ", ".join(map(shown, value))
    return str(value)


def camel(value: Any) -> Any:
    """AWS's members, TargetValue, as the provider names them, targetValue."""
    if isinstance(value, Mapping):
        return {name[:1].lower() + name[1:]: camel(one) for name, one in value.items()}
    return [camel(one) for one in value] if _listed(value) else value
