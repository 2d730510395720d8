"""The report as JSON: models, and their schema, docs/schema/report.schema.json. Equal runs give equal text."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema, create_model
from pydantic.json_schema import SkipJsonSchema

from elasticity.ensemble import QUANTILES, Bands
from elasticity.expectations import FIGURES, Expectation
from elasticity.simulator.document import TimelineDocument, without_default
from operations.report.model import Judgement, Report, Run, change, deciding

_Compared = Annotated[
    Literal["better", "worse", "same"] | None, Field(description="Of this run against the one before.")
]
_FigureName = Annotated[str, WithJsonSchema({"enum": list(FIGURES)})]


class _Plain(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


_Figures: Any = create_model("Figures", __base__=_Plain, **dict.fromkeys(FIGURES, (_Compared, ...)))  # type: ignore[call-overload]


class QuantilesDocument(_Plain):
    """One figure over the runs of an ensemble."""

    p10: float | None
    p50: float | None
    p90: float | None
    runs: int = Field(description="Runs that have the figure.")


_Banded: Any = create_model(  # type: ignore[call-overload]
    "FiguresOverRuns", __base__=_Plain, **dict.fromkeys(FIGURES, (QuantilesDocument, ...))
)


class AssumptionDocument(_Plain):
    """What was varied, from what to what, on which evidence."""

    name: str
    default: float | str = Field(description="In force.")
    low: float | str
    high: float | str
    unit: str
    grade: str
    source: str


class SwingDocument(_Plain):
    """What one assumption alone does to a figure."""

    name: str = Field(description="Of the assumption; load.noise, load.days and failures.NAME for what is drawn.")
    at_low: float | None
    at_high: float | None
    lowest: float
    highest: float


class BandsDocument(_Plain):
    """The ensemble around a run."""

    runs: int
    seed: int
    kept: int | None = Field(description="Runs that keep every expectation; null where none is declared.")
    figures: _Banded
    varied: tuple[AssumptionDocument, ...]
    drawn: tuple[str, ...] = Field(description="What else was drawn of the load.")
    swings: Annotated[
        dict[str, tuple[SwingDocument, ...]],
        Field(description="By figure that people decide on: its assumptions, the widest first."),
    ]


class RunDocument(_Plain):
    """One rule set on one load."""

    service: str = Field(description="Service or group.")
    load: str
    currency: str
    price: str = Field(description="How the price of a unit came about; empty without one.")
    unpriced: tuple[str, ...] = Field(description="What is not included in any sum.")
    timeline: TimelineDocument
    before: RunDocument | SkipJsonSchema[None] = Field(
        default=None,
        description="The same load before; only in a comparison.",
        json_schema_extra=without_default,
    )
    bands: BandsDocument | SkipJsonSchema[None] = Field(
        default=None, description="Only where an ensemble was run.", json_schema_extra=without_default
    )
    compared: _Figures | SkipJsonSchema[None] = Field(
        default=None, description="Each figure; only in a comparison.", json_schema_extra=without_default
    )


class ExpectationDocument(_Plain):
    """One expectation on one run."""

    service: str
    load: str
    expectation: str = Field(description="As written.")
    figure: _FigureName
    quantile: float | SkipJsonSchema[None] = Field(
        default=None,
        description="Share of the runs of the ensemble; only where it is expected of a quantile.",
        json_schema_extra=without_default,
    )
    comparison: Literal["<", "<=", ">", ">=", "==", "!="]
    value: float = Field(description="In the figure's own unit.")
    measured: float | None = Field(description="Null where the run has no such figure.")
    kept: bool


class Document(_Plain):
    """The report of `accordion simulate --format json`."""

    version: Literal[1] = Field(alias="schema")
    title: str
    against: str | None = Field(description="Revision or file of the runs before.")
    changes: tuple[str, ...] = Field(description="Settings of the rules that differ from those before.")
    runs: tuple[RunDocument, ...]
    expectations: tuple[ExpectationDocument, ...]
    remarks: tuple[str, ...]
    ok: bool = Field(description="Whether every expectation is kept.")


def write(report: Report, *, series: bool = False) -> str:
    """The text of the document; with the series of every tick where asked."""
    return json.dumps(document(report, series=series), indent=1, sort_keys=True, allow_nan=False) + "\n"


def document(report: Report, *, series: bool = False) -> dict[str, Any]:
    """The document as plain values."""
    made = Document(
        schema=1,
        title=report.title,
        against=report.against or None,
        changes=report.changes,
        runs=tuple(
            _run(run, series, [item.expectation for item in report.judgements if item.run is run])
            for run in report.runs
        ),
        expectations=tuple(map(_expectation, report.judgements)),
        remarks=report.remarks,
        ok=not report.broken,
    )
    return made.model_dump(mode="json", by_alias=True, exclude_unset=True)


def _expectation(item: Judgement) -> ExpectationDocument:
    beside = {} if item.expectation.quantile is None else {"quantile": item.expectation.quantile}
    return ExpectationDocument(
        **beside,
        service=item.run.member,
        load=item.run.load,
        expectation=item.expectation.text,
        figure=item.expectation.figure.name,
        comparison=item.expectation.comparison,
        value=item.expectation.value,
        measured=item.measured,
        kept=item.kept,
    )


def _run(run: Run, series: bool, expected: Sequence[Expectation]) -> RunDocument:
    beside: dict[str, Any] = {} if run.bands is None else {"bands": _bands(run, run.bands, expected)}
    if run.before is not None:
        verdicts = {name: change(run, name) or None for name in FIGURES}
        beside |= {"before": _run(run.before, series, expected), "compared": _Figures(**verdicts)}
    return RunDocument(
        service=run.member,
        load=run.load,
        currency=run.currency,
        price=run.price_words,
        unpriced=run.unpriced,
        timeline=json.loads(run.timeline.to_json(series=series)),
        **beside,
    )


def _bands(run: Run, bands: Bands, expected: Sequence[Expectation]) -> BandsDocument:
    figures = {
        name: QuantilesDocument(
            runs=len(bands.measured(name)),
            **{label: bands.quantile(name, share) for label, share in QUANTILES.items()},
        )
        for name in FIGURES
    }
    ranked = {} if run.tornado is None else {item.name: run.tornado.swings(item.name) for item in deciding(expected)}
    return BandsDocument(
        runs=bands.runs,
        seed=bands.seed,
        kept=bands.kept(expected) if expected else None,
        figures=_Banded(**figures),
        varied=tuple(AssumptionDocument(**_fields(AssumptionDocument, item)) for item in bands.assumptions),
        drawn=bands.variants,
        swings={
            name: tuple(SwingDocument(**_fields(SwingDocument, item)) for item in swings)
            for name, swings in ranked.items()
        },
    )


def _fields(model: type[BaseModel], item: Any) -> dict[str, Any]:
    return {name: getattr(item, name) for name in model.model_fields}


def schema() -> dict[str, Any]:
    """The JSON schema of the document; docs/schema/report.schema.json is its text."""
    found = Document.model_json_schema(mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | found
