"""What a stack file says to the guardrails: whether users depend on it, what it demands and allows, and what it does
otherwise on purpose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from guardrails.values import number

Level = Literal["off", "advisory", "mandatory"]
"""Whether a guardrail is silent, tells, or stops a deployment: the weakest first."""
LEVELS: tuple[Level, ...] = get_args(Level)
COMMON_TAGS = ("application", "stack", "managed-by")
"""Tags that every composition gives through its provider (`stacks/aws/provider.py`); a test holds them against it."""


@dataclass(frozen=True)
class Ceilings:
    """The most that an environment allows; None, or no pattern, where it allows anything."""

    units: float | None = None
    """Tasks of one service, instances of one group."""
    task_cpu: float | None = None
    """CPU units of one task: 1024 are one vCPU."""
    task_memory: float | None = None
    """MiB of one task."""
    instance_types: tuple[str, ...] = ()
    """Patterns of types, such as `m7g.*`."""


@dataclass(frozen=True)
class StackSaid:
    """What a stack says of itself."""

    production: bool = False
    """Whether users depend on it: then every guardrail is mandatory."""
    accept: Mapping[str, str] = field(default_factory=dict)
    """`<guardrail>` or `<guardrail>.<resource>` -> the reason, in words."""
    severity: Mapping[str, Level] = field(default_factory=dict)
    """Guardrail -> its level where that is above its own."""
    required_tags: tuple[str, ...] = ()
    """Keys of tags that everything carries."""
    ceilings: Ceilings = Ceilings()

    def accepts(self, guardrail: str, resource: str) -> bool:
        """Whether what a guardrail says of a resource, by its logical name, is done on purpose."""
        return guardrail in self.accept or f"{guardrail}.{resource}" in self.accept

    def level(self, guardrail: str, elsewhere: Level) -> Level:
        """The level of a guardrail whose own, where no users depend on the stack, is `elsewhere`."""
        if self.production:
            return "mandatory"
        return max(elsewhere, self.severity.get(guardrail, elsewhere), key=LEVELS.index)


def said(environment: Any, guardrails: Any) -> StackSaid:
    """The settings `environment` and `guardrails` of a stack as its configuration holds them.

    A stack without `environment` is of another program: no production, and no tag is demanded but those that it names
    itself. An exception without a reason is none; what has not the form of a setting says nothing.
    """
    environment = environment if isinstance(environment, Mapping) else None
    own: Mapping[str, Any] = guardrails if isinstance(guardrails, Mapping) else {}
    ceilings = _map(own.get("ceilings"))
    tags = () if environment is None else (*COMMON_TAGS, *map(str, _map(environment.get("tags"))))
    return StackSaid(
        production=environment is not None and environment.get("production", True) is True,
        accept={str(key): why for key, why in _map(own.get("accept")).items() if isinstance(why, str) and why.strip()},
        severity={str(name): level for name, level in _map(own.get("severity")).items() if level in LEVELS},
        required_tags=tuple(dict.fromkeys((*tags, *_texts(own.get("required_tags"))))),
        ceilings=Ceilings(
            number(ceilings.get("units")),
            number(ceilings.get("task_cpu")),
            number(ceilings.get("task_memory")),
            _texts(ceilings.get("instance_types")),
        ),
    )


def _map(value: Any) -> Mapping[Any, Any]:
    return value if isinstance(value, Mapping) else {}


def _texts(value: Any) -> tuple[str, ...]:
    is_list = isinstance(value, Sequence) and not isinstance(value, str)
    return tuple(each for each in value if isinstance(each, str) and each) if is_list else ()
