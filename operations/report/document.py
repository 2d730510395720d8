"""The report as JSON; the schema is docs/schema/report.schema.json. Equal runs give equal text."""

from __future__ import annotations

import json
from typing import Any

from elasticity.expectations import FIGURES
from operations.report.model import Report, Run, compared

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
    found["timeline"]["figures"] = run.figures
    if run.before is not None:
        found["before"] = _run(run.before, series)
        found["compared"] = {
            name: compared(figure, run.before.figures[name], run.figures[name]) or None
            for name, figure in FIGURES.items()
        }
    return found
