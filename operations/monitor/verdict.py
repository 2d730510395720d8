"""The verdict: what differs, what could not be told, and the one word that follows. JSON is derived from it."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, computed_field

from operations.failures import BROKEN, DONE, NOT_RUN

Category = Literal["different", "undeclared", "added"]
Answer = Literal["same", "differs", "unknown"]
_ANSWER = "differs, where anything does that is not accepted; else unknown, where anything is; else same."
EXIT_CODE: Mapping[str, int] = {"same": DONE, "differs": BROKEN, "unknown": NOT_RUN}


class _Plain(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Difference(_Plain):
    """One property that is not what was declared."""

    component: str = Field(description="The service, group or other component of the stack.")
    kind: str = Field(description="Of the table in docs/guides/monitor.md; with the component it is what is accepted.")
    category: Category = Field(
        description="different: declared, and something else runs. undeclared: nobody declared it, somebody set it. "
        "added: somebody made it beside what was declared."
    )
    resource: str = Field(description="As AWS names it.")
    what: str = Field(description="The property that was compared.")
    declared: str
    running: str
    cure: str = Field(description="A command; of what cannot be cured by one, what to do.")
    accepted: str | None = Field(default=None, description="The reason in the stack file, where it is accepted.")

    @property
    def key(self) -> str:
        """How the stack file accepts it."""
        return f"{self.component}.{self.kind}"


class Unknown(_Plain):
    """What could not be told."""

    component: str
    what: str = Field(description="What was to be compared.")
    why: str = Field(description="A sentence: what was not answered, or what is still going on.")
    waits: bool = Field(default=False, description="Whether it will be known once a deployment has ended.")


class Verdict(_Plain):
    """The answer of `accordion monitor`."""

    version: Literal[1] = 1
    stack: str
    region: str
    at: datetime.datetime = Field(description="When the running state was read.")
    declared_by: Literal["state", "outputs", "stack file"]
    compared: int = Field(description="Properties that were compared.")
    differences: tuple[Difference, ...] = ()
    unknown: tuple[Unknown, ...] = ()
    remarks: tuple[str, ...] = ()
    requests: int = Field(default=0, description="Questions that were asked of AWS, a list of many as one.")

    @computed_field(description=_ANSWER)  # type: ignore[prop-decorator]
    @property
    def answer(self) -> Answer:
        """The one word."""
        if self.open:
            return "differs"
        return "unknown" if self.unknown else "same"

    @property
    def open(self) -> tuple[Difference, ...]:
        """Differences that nobody has accepted."""
        return tuple(one for one in self.differences if one.accepted is None)

    @property
    def exit_code(self) -> int:
        """Of the command."""
        return EXIT_CODE[self.answer]


def schema() -> dict[str, Any]:
    """The JSON schema of a verdict, docs/schema/monitor.schema.json."""
    found = Verdict.model_json_schema(mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Verdict of accordion monitor"} | found
