"""What `accordion fit` answers: as text, the answer first; as JSON; as settings, a rules file."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Literal

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedSeq

from elasticity.ensemble.assumptions import DECLARED
from elasticity.quantities import Duration, Rate
from elasticity.recordings.fit import Fit, Number
from elasticity.recordings.recording import Recording
from elasticity.rules import Model
from operations import options
from operations.imports import workload_name


class Refusal(Model):
    """One number that the recording cannot tell."""

    name: str
    reason: str


class Residuals(Model):
    """CPU in percent of each minute, null where there is none."""

    modelled: tuple[float | None, ...]
    residual: tuple[float | None, ...]
    """Recorded less modelled, in the minutes that were fitted."""


class FitReport(Model):
    """What a recording tells of a unit and of the scaling service."""

    version: Literal[1] = 1
    workload: str
    minutes: int
    found: tuple[Number, ...]
    not_told: tuple[Refusal, ...]
    cpu_off: float | None
    """Root mean square of the residuals, in points of cpu."""
    settings: dict[str, Any]
    """The same as a rules file, without the rules: `elasticity.unit`, `simulation.parameters`, and the intervals as
    `simulation.bands.ranges`."""
    series: Residuals


_WRITTEN: Mapping[str, Callable[[float], Any]] = MappingProxyType(
    {
        "unit.capacity": lambda value: _rate(value),
        "unit.idle_cpu": lambda value: round(min(value, 100.0), 2),
        "unit.service_time": lambda value: f"{max(1, round(value * 1_000))}ms",
        "unit.start_up": lambda value: f"{round(value)}s",
        "parameters.publication_delay": lambda value: round(value),
        "parameters.age_at_action": lambda value: round(value),
        "parameters.low_factor": lambda value: round(value, 3),
        "parameters.max_scale_in_fraction": lambda value: round(value, 3),
    }
)
"""How a number is written as a setting."""


def _rate(value: float) -> str:
    """Four digits that count, in a form that rates take: no exponent."""
    return f"{format(Decimal(f'{value:.4g}'), 'f')}/s"


def settings_of(fit: Fit) -> dict[str, Any]:
    """What was found, as the settings of one workload."""
    parts: dict[str, dict[str, Any]] = {"unit": {}, "parameters": {}}
    ranges: dict[str, CommentedSeq] = {}
    for one in fit.estimates:
        part, _, key = one.name.partition(".")
        parts[part][key] = _WRITTEN[one.name](one.value)
        ends = range_of(one)
        if ends is not None:
            pair = CommentedSeq(ends)
            pair.fa.set_flow_style()
            ranges[one.name.removeprefix("parameters.")] = pair
    settings: dict[str, Any] = {}
    if parts["unit"]:
        settings["elasticity"] = {"unit": parts["unit"]}
    if parts["parameters"]:
        settings["simulation"] = {"parameters": parts["parameters"]}
    if ranges:
        settings.setdefault("simulation", {})["bands"] = {"ranges": ranges}
    return settings


def range_of(one: Number) -> tuple[float, float] | None:
    """Both ends of an interval for `simulation.bands.ranges`, in the parameter's own unit, around the value as it is
    written; None where bands take no range: of a unit's number that is not varied or may be nothing."""
    place, _, name = one.name.partition(".")
    if place == "unit" and name not in DECLARED:
        return None
    written = _WRITTEN[one.name](one.value)
    value = float(written) if isinstance(written, int | float) else _read(written)
    low, high = (float(f"{end:.4g}") for end in (max(one.low, 0.0), max(one.high, 0.0)))
    low, high = min(low, value), max(high, value)
    return None if place == "unit" and not low > 0 else (low, high)


def _read(written: str) -> float:
    return float(Rate.parse(written)) if written.endswith("/s") else float(Duration.parse(written))


def rules_file(recording: Recording, fit: Fit) -> str:
    """The recorded rules with what was found, as a rules file; intervals and what is not told as comments."""
    found = settings_of(fit)
    rules = recording.rules.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    rules["unit"] = {**rules.get("unit", {}), **found.get("elasticity", {}).get("unit", {})}
    fitted = found.get("simulation", {})
    simulation = {**fitted, "parameters": {**recording.parameters, **fitted.get("parameters", {})}}
    text = io.StringIO()
    writer = YAML()
    writer.width = 120
    name = workload_name(recording.workload)
    writer.dump(
        {"workloads": {name: {"platform": recording.platform, "elasticity": rules, "simulation": simulation}}}, text
    )
    head = [f"# Written by accordion fit, from {recording.minutes:,} minutes of {recording.workload}."]
    head += [f"# {one.name}: {_interval(one)}, from {one.evidence}" for one in fit.estimates]
    head += [f"# Not told: {name}: {reason}" for name, reason in fit.refusals]
    head += [f"# Not in these rules: {line}" for line in recording.untranslated]
    return "\n".join(head) + "\n" + text.getvalue()


def report_of(recording: Recording, fit: Fit) -> FitReport:
    """The report of a fit."""
    return FitReport(
        workload=recording.workload,
        minutes=recording.minutes,
        found=fit.estimates,
        not_told=tuple(Refusal(name=name, reason=reason) for name, reason in fit.refusals),
        cpu_off=fit.off if fit.off == fit.off else None,  # not a number where there is no model
        settings=settings_of(fit),
        series=Residuals(modelled=_listed(fit.cpu), residual=_listed(fit.residual)),
    )


def _listed(values: Any) -> tuple[float | None, ...]:
    return tuple(round(float(value), 3) if value == value else None for value in values)  # as above


def _amount(value: float, unit: str) -> str:
    return f"{value:,.4g} {unit}".rstrip()


def _interval(one: Number) -> str:
    return f"{_amount(one.low, one.unit)} to {_amount(one.high, one.unit)}"


def text(recording: Recording, fit: Fit) -> str:
    """How much was told and how far off the model of cpu is; each number; what is not told; the settings."""
    wanted = len(fit.estimates) + len(fit.refusals)
    off = f"; cpu is {fit.off:.2f} points off its model" if fit.off == fit.off else ""  # as above
    lines = [
        f"{recording.workload}: {len(fit.estimates)} of {wanted} numbers told by {recording.minutes:,} minutes{off}",
        "",
    ]
    rows = [("", "found", "95 % interval", "read from")]
    rows += [
        (one.name, _amount(one.value, one.unit), f"{one.low:,.4g} to {one.high:,.4g}", one.evidence)
        for one in fit.estimates
    ]
    lines += _aligned(rows, options.columns())
    lines += [f"{name} not told: {reason}" for name, reason in fit.refusals]
    written = io.StringIO()
    YAML().dump(settings_of(fit), written)
    return "\n".join([*lines, "", "as settings of the workload:", "", written.getvalue()])


def _aligned(rows: Sequence[tuple[str, ...]], most: int | None) -> Iterator[str]:
    """Columns side by side; where they have no room beside each other, the last of each row in a line of its own."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    apart = most is not None and sum(widths) + 2 * (len(widths) - 1) > most
    for row in rows:
        shown = row[:-1] if apart else row
        yield "  ".join(cell.ljust(width) for cell, width in zip(shown, widths, strict=False)).rstrip()
        if apart and row is not rows[0]:
            yield f"  {rows[0][-1]} {row[-1]}"


def document(recording: Recording, fit: Fit) -> str:
    """JSON; its schema is docs/schema/fit.schema.json."""
    return report_of(recording, fit).model_dump_json(indent=1) + "\n"


FORMATS: Mapping[str, Callable[[Recording, Fit], str]] = MappingProxyType({"text": text, "json": document})


def schema() -> dict[str, Any]:
    """The JSON schema of the answer, docs/schema/fit.schema.json."""
    found = FitReport.model_json_schema(mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | found
