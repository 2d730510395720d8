"""What `history`, `config history`, `tasks`, `scale`, `logs` and `environments list` answer in JSON; their schemas are
made of it."""

from __future__ import annotations

from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

Moment = str
"""ISO 8601, UTC."""


class _Plain(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Update(_Plain):
    """One update of a stack."""

    version: int = Field(description="As the backend counts; `accordion rollback` takes it.")
    kind: str = Field(description="update, preview, refresh, destroy ... as the engine names it, or rollback.")
    result: str = Field(description="succeeded, failed, in-progress.")
    began: Moment
    seconds: float | None = Field(description="How long it took; null where it has not ended.")
    author: str | None
    commit: str | None
    dirty: bool = Field(description="Whether the work tree had changes that are in no commit.")
    pipeline: str | None
    message: str
    rollback_to: int | None = Field(description="The version that it brought back.")
    declared: dict[str, str] = Field(description="By workload: its images, without their registry.")
    changes: tuple[str, ...] = Field(description="Settings that differ from the version before, in words.")
    resources: dict[str, int] = Field(description="By what was done to them: how many.")


class History(_Plain):
    """The answer of `accordion history`, newest first."""

    version: Literal[1] = 1
    stack: str
    updates: tuple[Update, ...]


class Container(_Plain):
    """A container of a task."""

    name: str | None
    status: str
    exit_code: int | None
    reason: str | None


class Task(_Plain):
    """A task of a service, or an instance of a group."""

    workload: str = Field(description="The service or group, as the stack file names it.")
    id: str | None
    version: str | None = Field(description="Task definition, or launch template, with its number.")
    status: str
    health: str
    zone: str | None
    started: Moment | None
    stopped: Moment | None
    reason: str | None = Field(description="Why it stopped.")
    containers: tuple[Container, ...]


class Tasks(_Plain):
    """The answer of `accordion tasks`."""

    version: Literal[1] = 1
    stack: str
    tasks: tuple[Task, ...]


class Workload(_Plain):
    """How many units a service or group has."""

    name: str
    desired: int | None
    running: int | None
    minimum: int | None = Field(description="Null for a fixed count.")
    maximum: int | None = Field(description="Null for a fixed count.")
    held: tuple[str, ...] = Field(description="What of its scaling is suspended, as AWS names it.")


class Workloads(_Plain):
    """The answer of `accordion scale`."""

    version: Literal[1] = 1
    stack: str
    workloads: tuple[Workload, ...]


class LogEvent(_Plain):
    """One line of a container; `logs --follow` prints each as a line of its own."""

    at: Moment
    service: str
    task: str
    message: str = Field(description="Without what looks like a key or a password.")


class LogEvents(_Plain):
    """The answer of `accordion logs`, oldest first."""

    version: Literal[1] = 1
    stack: str
    events: tuple[LogEvent, ...]


class KeyVersion(_Plain):
    """One version of a key."""

    id: str = Field(description="Number of a parameter, id of a secret's version; `accordion config restore` takes it.")
    at: Moment | None
    by: str | None = Field(description="Who wrote it, where that is kept.")
    value: str | None = Field(description="Null of a secret.")
    current: bool


class ConfigKey(_Plain):
    """A key of a service."""

    service: str
    key: str
    kind: Literal["value", "secret", "file"]
    versions: tuple[KeyVersion, ...] = Field(description="The newest first.")


class ConfigHistory(_Plain):
    """The answer of `accordion config history`."""

    version: Literal[1] = 1
    stack: str
    keys: tuple[ConfigKey, ...]


class Environment(_Plain):
    """An environment that ends."""

    stack: str
    resources: int
    expires: Moment | None
    persist: bool
    expired: bool


class Environments(_Plain):
    """The answer of `accordion environments list` and `expired`."""

    version: Literal[1] = 1
    environments: tuple[Environment, ...]


ANSWERS: dict[str, type[BaseModel]] = {
    "history": History, "tasks": Tasks, "scale": Workloads, "logs": LogEvents, "environments": Environments,
    "config": ConfigHistory,
}  # fmt: skip
"""By the word of `accordion schema --of`."""
_Answer = TypeVar("_Answer", bound=BaseModel)


def document(answer: type[_Answer], **content: Any) -> str:
    """An answer in JSON, held to its form."""
    return answer.model_validate(content).model_dump_json(indent=2)


def schema(of: str) -> dict[str, Any]:
    """The JSON schema of an answer, `docs/schema/OF.schema.json`."""
    found = ANSWERS[of].model_json_schema(mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | found
