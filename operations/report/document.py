"""The report as JSON; the schema is docs/schema/report.schema.json. Equal runs give equal text."""

from __future__ import annotations

import json
from typing import Any

from elasticity import simulator
from elasticity.expectations import FIGURES
from operations.report.model import Report, Run, change

VERSION = 1


def write(report: Report, *, series: bool = False) -> str:
    """The text of the document; with the series of every tick where asked."""
    return json.dumps(document(report, series=series), indent=1, sort_keys=True, allow_nan=False) + "\n"


def document(report: Report, *, series: bool = False) -> dict[str, Any]:
    """The document as plain values."""
    return {
        "schema": VERSION,
        "title": report.title,
        "against": report.against or None,
        "changes": list(report.changes),
        "runs": [_run(run, series) for run in report.runs],
        "expectations": [
            {
                "service": item.run.member,
                "load": item.run.load,
                "expectation": item.expectation.text,
                "figure": item.expectation.figure.name,
                "comparison": item.expectation.comparison,
                "value": item.expectation.value,
                "measured": item.measured,
                "kept": item.kept,
            }
            for item in report.judgements
        ],
        "remarks": list(report.remarks),
        "ok": not report.broken,
    }


def _run(run: Run, series: bool) -> dict[str, Any]:
    found: dict[str, Any] = {
        "service": run.member,
        "load": run.load,
        "currency": run.currency,
        "price": run.price_words,
        "unpriced": list(run.unpriced),
        "timeline": json.loads(run.timeline.to_json(series=series)),
    }
    if run.before is not None:
        found["before"] = _run(run.before, series)
        found["compared"] = {name: change(run, name) or None for name in FIGURES}
    return found


def schema() -> dict[str, Any]:
    """The JSON schema of the document; docs/schema/report.schema.json is its text."""
    text, number = {"type": "string"}, {"type": ["number", "null"]}
    verdict = {"enum": ["better", "worse", "same", None], "description": "of this run against the one before"}
    run = {
        "service": text | {"description": "service or group"},
        "load": text,
        "currency": text,
        "price": text | {"description": "how the price of a unit came about; empty without one"},
        "unpriced": {"type": "array", "items": text, "description": "what is in no sum"},
        "timeline": {"$ref": "#/$defs/timeline"},
    }
    compared_figures = _object(dict.fromkeys(FIGURES, verdict))
    before = {"before": {"$ref": "#/$defs/run", "description": "the same load on the rules before"}}
    judgement = {
        "service": text,
        "load": text,
        "expectation": text | {"description": "as written"},
        "figure": {"enum": list(FIGURES)},
        "comparison": {"enum": ["<", "<=", ">", ">=", "==", "!="]},
        "value": {"type": "number", "description": "in the figure's own unit"},
        "measured": number,
        "kept": {"type": "boolean"},
    }
    top = {
        "schema": {"const": VERSION},
        "title": text,
        "against": {"type": ["string", "null"], "description": "revision or file of the runs before"},
        "changes": {
            "type": "array",
            "items": text,
            "description": "settings of the rules that differ from those before",
        },
        "runs": {"type": "array", "items": {"$ref": "#/$defs/run"}},
        "expectations": {"type": "array", "items": _object(judgement)},
        "remarks": {"type": "array", "items": text},
        "ok": {"type": "boolean", "description": "whether every expectation is kept"},
    }
    timeline = {key: value for key, value in simulator.schema().items() if key != "$schema"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The report of accordion simulate --format json",
        **_object(top),
        "$defs": {"run": _object(run, before | {"compared": compared_figures}), "timeline": timeline},
    }


def _object(required: dict[str, Any], further: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": required | (further or {}),
        "required": list(required),
        "additionalProperties": False,
    }
