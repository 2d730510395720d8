"""A simulated run as JSON: the model of the text that `Timeline.to_json` writes, and its schema."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, WithJsonSchema, create_model
from pydantic.json_schema import SkipJsonSchema

from elasticity.platforms import PLATFORM_NAMES
from elasticity.rules import Model
from elasticity.simulator.figures import FIGURES

Stamp = Annotated[str, Field(pattern="Z$")]
_Number = Annotated[float | int, WithJsonSchema({"type": "number"})]
_Counts = tuple[Annotated[int, Field(ge=0)], ...]
_Numbers = tuple[_Number, ...]


def without_default(schema: dict[str, Any]) -> None:
    """For what a document leaves out where there is none: its schema then names no default."""
    schema.pop("default", None)


FiguresDocument: Any = create_model(  # type: ignore[call-overload]
    "Figures",
    __config__=ConfigDict(frozen=True, extra="forbid"),
    **{name: (_Number | None, Field(description=text)) for name, text in FIGURES.items()},
)


class DecisionDocument(Model):
    """What happened at one moment, and why."""

    time: Stamp
    second: Annotated[int, Field(ge=0)]
    """From the start of the run."""
    kind: Literal["alarm", "scale_out", "scale_in", "held", "schedule", "forecast", "units", "instances", "failure"]
    rule: str
    """Key of the rule or name of the alarm."""
    before: int
    """Desired units before; 0 for an alarm."""
    after: int
    text: str
    """One sentence: what, and why."""


class ParameterDocument(Model):
    """A parameter in force, and what stands behind its default."""

    name: str
    value: _Number | str | None
    default: _Number | str | None
    unit: str
    grade: str
    """doc, emp, pub or asm: what stands behind the default."""
    source: str


class SeriesDocument(Model):
    """One value per tick, in force during the tick."""

    load: _Numbers
    """Requests per second."""
    needed: _Counts
    """Fewest units that keep the objective."""
    capacity: _Numbers
    """Requests per second that the serving units can serve."""
    serving: _Counts
    """Units serving."""
    desired: _Counts
    """Desired units."""
    starting: _Counts
    """Units starting."""
    waiting: _Counts
    """Units desired that could not start yet."""
    draining: _Counts
    """Units draining."""
    minimum: _Counts
    """Minimum in force."""
    maximum: _Counts
    """Maximum in force."""
    utilisation: _Numbers
    """CPU in percent."""
    backlog: _Numbers
    """Requests waiting at the end of the tick."""
    latency: tuple[_Number | None, ...]
    """Estimated seconds; null where requests wait and nothing serves."""
    instances: _Counts
    """Running instances below a capacity provider."""


class TimelineDocument(Model):
    """A simulated run of scaling rules. Times are UTC."""

    version: Literal[1] = Field(alias="schema")
    """Of this schema."""
    platform: Annotated[str, WithJsonSchema({"enum": list(PLATFORM_NAMES)})]
    start: Stamp
    tick: Annotated[int, Field(ge=1)]
    """Seconds."""
    ticks: Annotated[int, Field(ge=1)]
    figures: FiguresDocument
    decisions: tuple[DecisionDocument, ...]
    parameters: tuple[ParameterDocument, ...]
    notes: Annotated[tuple[str, ...], Field(min_length=1)]
    """What is not modelled, what was filled in or rounded."""
    series: SeriesDocument | SkipJsonSchema[None] = Field(default=None, json_schema_extra=without_default)
    """Only where they are asked for."""


def schema() -> dict[str, Any]:
    """The JSON schema of `Timeline.to_json`."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **TimelineDocument.model_json_schema(mode="serialization"),
    }
