"""The answer of `accordion performance` as text, as Markdown, as JSON. The first three lines of each are the answer."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from types import MappingProxyType

from elasticity.expectations import FIGURES
from elasticity.metrics import METRICS
from operations.monitor.render import escaped, plain
from operations.performance.report import PerformanceReport, Promise, ServicePerformance, Target, not_told
from operations.report.model import shown

_WORDS = {
    "keeps": "it keeps its promises",
    "breaks": "it breaks its promises",
    "unknown": "it could not be told whether it keeps its promises",
}
SHOWN = (
    "requests", "overload_minutes", "overload_requests", "longest_overload", "minutes_at_maximum", "minutes_at_minimum",
    "highest_backlog", "alarm_p50", "alarm_p95", "reaction_p50", "reaction_p95", "worst_latency", "mean_units",
    "peak_units", "slack", "actions", "scale_outs", "flaps", "unit_hours", "cost_per_month", "cost_against_fixed_fleet",
    "cost_per_million_requests",
)  # fmt: skip
"""The figures that are shown to people; JSON has all."""
_TITLES: Mapping[str, str] = MappingProxyType(
    {
        "worst_latency": "response time of the slowest minute, mean",
        "mean_units": "units, mean",
        "peak_units": "units, peak",
        "unit_hours": "unit-hours",
    }
)
"""Where a recording measures something else than a simulation estimates."""
_ACTIONS = 10
"""Scaling activities and reactions shown; JSON has all."""


def head(report: PerformanceReport) -> list[str]:
    """The answer in three lines."""
    promises = [(service, one) for service in report.services for one in service.promises]
    first = f"{_WORDS[report.answer]}: {report.title}{_period(report.services)}"
    if not promises and report.answer == "keeps":
        first = f"nothing is promised, so nothing is broken: {report.title}{_period(report.services)}"
    counted = {answer: sum(one.answer == answer for _, one in promises) for answer in ("kept", "broken", "unknown")}
    services, given = _counted(len(report.services), "service"), _counted(len(promises), "promise")
    second = f"{services}; {given}: {counted['kept']} kept, {counted['broken']} broken, {counted['unknown']} not known"
    return [first, second, _most(report, promises)]


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _period(services: tuple[ServicePerformance, ...]) -> str:
    if not services:
        return ""
    start = min(one.start for one in services)
    end = max(one.start + datetime.timedelta(minutes=one.minutes) for one in services)
    return f", {_at(start)} to {_at(end)} UTC"


def _most(report: PerformanceReport, promises: list[tuple[ServicePerformance, Promise]]) -> str:
    """Where to look first."""
    broken = [f"{service.workload}: {_broken(one)}" for service, one in promises if one.answer == "broken"]
    if broken:
        more = f", and {len(broken) - 2} more" if len(broken) > 2 else ""
        return "look at " + "; ".join(broken[:2]) + more
    if report.unread:
        return f"first: {report.unread[0]}"
    open_ = [
        f"{service.workload}: {one.expectation}: {one.why}" for service, one in promises if one.answer == "unknown"
    ]
    if open_:
        return f"first: {open_[0]}"
    return "; ".join(_in_short(one) for one in report.services[:3]) or "no service was read"


def _broken(one: Promise) -> str:
    return f"{one.expectation}, measured {one.measured}"


def _in_short(service: ServicePerformance) -> str:
    overload, room = service.figures["overload_minutes"].value, service.headroom
    parts = [] if overload is None else [f"{overload:,.0f} min in overload" if overload else "no overload"]
    parts += [f"least headroom {_share(room.minimum)}"] if room else []
    actions = service.figures["actions"].value
    parts += [] if actions is None else [f"{actions:,.0f} scaling actions"]
    return f"{service.workload}: {', '.join(parts) or 'little could be told'}"


def _share(value: float) -> str:
    return f"{100 * value:,.0f} %"


def _figure(service: ServicePerformance, name: str) -> str:
    one = service.figures[name]
    said = shown(FIGURES[name], one.value, service.currency)
    if one.unknown and one.value is not None:
        said += f" (gaps could add {shown(FIGURES[name], one.unknown, service.currency)})"
    return said


def _rows(service: ServicePerformance) -> list[tuple[str, str]]:
    """Headroom, then the figures that could be told, then the cost of the period."""
    rows = []
    if service.headroom is not None:
        rows.append(
            ("headroom, least / 5th percentile", f"{_share(service.headroom.minimum)} / {_share(service.headroom.p5)}")
        )
    rows += [
        (_title(service, name), _figure(service, name)) for name in SHOWN if service.figures[name].value is not None
    ]
    if service.cost is not None:
        rows.append(("cost of the period", f"{service.cost:,.2f} {service.currency}"))
    return rows


def _title(service: ServicePerformance, name: str) -> str:
    if not service.queued:
        return _TITLES.get(name, FIGURES[name].title)
    if name == "worst_latency":
        return "age of the oldest message, most"
    return _TITLES.get(name, FIGURES[name].title).replace("requests", "messages")


def _target(one: Target) -> str:
    unit = METRICS[one.metric].unit if one.metric in METRICS else ""
    level = f"{one.metric} above {one.level:g} {unit}".rstrip()
    if one.minutes is None:
        return f"{level} ({one.rule}): not known: {one.why}"
    at = f", {one.at_maximum} of them at the maximum" if one.at_maximum else ""
    gaps = f", {one.unknown} minutes not known" if one.unknown else ""
    return f"{level} ({one.rule}): {one.minutes} min, {one.longest} at a stretch{at}{gaps}"


def _reactions(service: ServicePerformance) -> list[str]:
    lines = []
    for one in service.reactions[:_ACTIONS]:
        if one.action is None:
            lines.append(f"{_at(one.rise)}: above a target, and no scale-out came")
            continue
        served = "not seen" if one.serving is None else f"{(one.serving - one.rise).total_seconds():,.0f} s"
        acted = f"{(one.action - one.rise).total_seconds():,.0f} s"
        lines.append(f"{_at(one.rise)}: above a target; scaled out after {acted}, more units after {served}")
    return [*lines, *_more(len(service.reactions))]


def _activities(service: ServicePerformance) -> list[str]:
    lines = []
    for one in service.activities[:_ACTIONS]:
        before = "?" if one.before is None else one.before
        failed = "" if one.succeeded else ", failed"
        lines.append(f"{_at(one.time)}: {before} -> {one.after}{f' by {one.cause}' if one.cause else ''}{failed}")
    return [*lines, *_more(len(service.activities))]


def _more(count: int) -> list[str]:
    return [f"and {count - _ACTIONS:,} more: --format json has all"] if count > _ACTIONS else []


def _at(time: datetime.datetime) -> str:
    return time.astimezone(datetime.UTC).strftime("%Y-%m-%d %H:%M:%S").removesuffix(":00")


def text(report: PerformanceReport) -> str:
    """For a terminal and for a log."""
    lines = head(report)
    for service in report.services:
        end = service.start + datetime.timedelta(minutes=service.minutes)
        lines += ["", f"{service.workload}: {service.minutes:,} minutes, {_at(service.start)} to {_at(end)} UTC"]
        for one in service.promises:
            why = f": {one.why}" if one.why else ""
            lines.append(f"  {one.answer}: {one.expectation} (measured {one.measured}){why}")
        rows = _rows(service)
        width = max((len(title) for title, _ in rows), default=0)
        lines += [f"  {title.ljust(width)}  {value}" for title, value in rows]
        lines += [f"  {_target(one)}" for one in service.over_target]
        for title, found in _lists(service):
            lines += [f"  {title}:", *(f"    {line}" for line in found)]
        lines += [f"  not told: {', '.join(names)}: {why}" for why, names in not_told(service).items()]
        lines += [f"  {line}" for line in service.remarks]
    lines += ["", *(f"not read: {one}" for one in report.unread)] if report.unread else []
    lines += ["", *report.remarks] if report.remarks else []
    return "\n".join(map(plain, lines)) + "\n"


def _lists(service: ServicePerformance) -> list[tuple[str, list[str]]]:
    failed = f", {service.failed} of them failed" if service.failed else ""
    found = [
        ("reactions", _reactions(service)),
        (f"{len(service.activities)} scaling activities{failed}", _activities(service)),
    ]
    return [(title, lines) for title, lines in found if lines]


def markdown(report: PerformanceReport) -> str:
    """For a pull request or an incident."""
    first, second, third = map(escaped, head(report))
    lines = [f"**{first}**", "", second, "", third]
    for service in report.services:
        lines += ["", f"### {escaped(service.workload)}"]
        if service.promises:
            lines += ["", "| promise | answer | measured | |", "|---|---|---|---|"]
            lines += [
                f"| {' | '.join(map(escaped, (one.expectation, one.answer, one.measured, one.why)))} |"
                for one in service.promises
            ]
        lines += ["", "| figure | |", "|---|---|"]
        lines += [f"| {escaped(title)} | {escaped(value)} |" for title, value in _rows(service)]
        lines += ["", *(f"- {escaped(_target(one))}" for one in service.over_target)] if service.over_target else []
        for title, found in _lists(service):
            lines += ["", f"<details><summary>{escaped(title)}</summary>", ""]
            lines += [*(f"- {escaped(line)}" for line in found), "", "</details>"]
        said = [f"not told: {', '.join(names)}: {why}" for why, names in not_told(service).items()]
        said += service.remarks
        lines += ["", *(f"- {escaped(line)}" for line in said)] if said else []
    if report.unread:
        lines += ["", "Not read:", "", *(f"- {escaped(str(one))}" for one in report.unread)]
    lines += ["", *(f"{escaped(line)}" for line in report.remarks)] if report.remarks else []
    return "\n".join(lines) + "\n"


def document(report: PerformanceReport) -> str:
    """JSON; its schema is docs/schema/performance.schema.json."""
    return report.model_dump_json(indent=1) + "\n"


FORMATS: Mapping[str, Callable[[PerformanceReport], str]] = MappingProxyType(
    {"text": text, "json": document, "markdown": markdown}
)
