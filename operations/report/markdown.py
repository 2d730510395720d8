"""The report as Markdown for a comment on a pull request: always below 4,000 characters."""

from __future__ import annotations

from elasticity.ensemble import QUANTILES, Bands
from operations.report.bands import lines, measure_first, quantiles, ranked_figures, varied_in_words
from operations.report.model import Report, Run, change, clock, delay_words, headline, reported, shown

MAXIMUM_CHARACTERS = 3_999
_MARKS = {"better": " (better)", "worse": " (**worse**)", "same": "", "": ""}
_LOG = 5
_CHANGES = 8
_LONGEST_CHANGE = 120
_LONGEST_LINE = 400
_LONGEST_NOTE = 700
_LONGEST_FOOTER = 1_500
_LONGEST_VARIED = 900


def write(report: Report) -> str:
    """The text: expectations, then figures, then decisions, then what to know; what does not fit is counted."""
    parts = _Text(f"### Scaling of {_clean(report.title)}, simulated\n\n", _footer(report))
    _judgements(report, parts)
    _changes(report, parts)
    for place, run in enumerate(report.runs):
        if not parts.add(_figures(run, report.against)):
            parts.say_left(f"{len(report.runs) - place} of {len(report.runs)} runs do not fit here.")
            return parts.text
    for run in report.runs:
        if run.bands is None and not parts.add(_decisions(run)):
            break
    return parts.text


class _Text:
    """Text that never grows beyond the limit; the footer has its place from the start."""

    def __init__(self, head: str, footer: str) -> None:
        self.body, self.footer, self.left = head, footer, ""

    @property
    def text(self) -> str:
        return self.body + self.left + self.footer

    def add(self, part: str) -> bool:
        """Whether it fitted, with room for one more line."""
        fits = len(self.text) + len(part) + 80 <= MAXIMUM_CHARACTERS
        if fits:
            self.body += part
        return fits

    def say_left(self, line: str) -> None:
        self.left = f"{line}\n\n"


def _clean(text: str, longest: int = _LONGEST_LINE) -> str:
    """Text that breaks no table and no heading, of a bounded length."""
    flat = " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")
    return flat if len(flat) <= longest else flat[: longest - 3] + "..."


def _judgements(report: Report, parts: _Text) -> None:
    for run in report.runs:
        if run.bands is not None:
            own = [item for item in report.judgements if item.run is run]
            parts.add(f"{_clean(run.title)}: {_clean(lines(run, own)[0])}\n\n")
    if not report.judgements:
        return
    if not report.broken:
        count = len(report.judgements)
        parts.add(f"All {count} expectations are kept.\n\n" if count > 1 else "The expectation is kept.\n\n")
        return
    parts.add(f"**{len(report.broken)} of {len(report.judgements)} expectations are broken:**\n\n")
    for place, item in enumerate(report.broken):
        line = f"- {_clean(str(item).removeprefix('broken: '))}\n"
        if len(parts.text) + len(line) > MAXIMUM_CHARACTERS // 2:
            parts.add(f"- and {len(report.broken) - place} more\n")
            break
        parts.add(line)
    parts.add("\n")


def _changes(report: Report, parts: _Text) -> None:
    if not report.against:
        return
    lines = [f"- {_clean(line, _LONGEST_CHANGE)}\n" for line in report.changes[:_CHANGES]]
    left = len(report.changes) - len(lines)
    lines += [f"- and {left} more\n"] if left else []
    head = "What changes in the rules:\n\n" if lines else "No rule changes.\n"
    parts.add(f"{head}{''.join(lines)}\n")


def _figures(run: Run, against: str) -> str:
    rows = []
    if run.bands is not None:
        return _banded(run, run.bands)
    if run.before is not None:
        rows += [f"| {_clean(run.title)} | {_clean(against)} | now |", "|---|--:|--:|"]
    else:
        rows += [f"| {_clean(run.title)} | |", "|---|--:|"]
    for figure in headline():
        value = run.figures[figure.name]
        now = shown(figure, value, run.currency)
        if run.before is None:
            rows.append(f"| {figure.title} | {now} |")
            continue
        old = run.before.figures[figure.name]
        mark = _MARKS[change(run, figure.name)]
        rows.append(f"| {figure.title} | {shown(figure, old, run.currency)} | {now}{mark} |")
    return "\n".join(rows) + "\n\n"


def _banded(run: Run, bands: Bands) -> str:
    """Figures as quantiles, and what the first of them hangs on."""
    rows = [
        f"| {_clean(run.title)}, {bands.runs:,} runs | {' | '.join(QUANTILES)} | in force |",
        "|---|--:|--:|--:|--:|",
    ]
    for figure in headline():
        cells = [text for _, text in quantiles(run, figure)]
        rows.append(
            f"| {figure.title} | {' | '.join(cells)} | {shown(figure, run.figures[figure.name], run.currency)} |"
        )
    said = [
        line
        for name in ranked_figures(run, (), None)
        if run.tornado is not None
        for line in measure_first(run, name, run.tornado.swings(name))
    ]
    varied = "; ".join(map(varied_in_words, bands.assumptions))
    said.append(f"varied (seed {bands.seed}): {varied}; {'; '.join(bands.variants)}".rstrip("; "))
    return "\n".join(rows) + "\n\n" + "".join(f"- {_clean(line, _LONGEST_VARIED)}\n" for line in said) + "\n"


def _decisions(run: Run) -> str:
    decisions, left = reported(run, _LOG)
    if not decisions:
        return f"{_clean(run.title)}: no rule acted.\n\n"
    lines = [f"{_clean(run.title)}, what acted and why (UTC):\n"]
    lines += [f"- {clock(item.time)} {item.rule or item.kind}: {_clean(item.text)}" for item in decisions]
    if left:
        lines.append(f"- and {left} more")
    return "\n".join(lines) + "\n\n"


def _footer(report: Report) -> str:
    """What to know, the most important first, in a bounded length."""
    lines: list[str] = []
    for run in report.runs[:1]:
        lines += [*run.timeline.notes[:2], delay_words(run)]
        changed = [row for row in run.timeline.parameters if row.is_changed and row.source != "declared by the user"]
        if changed:
            lines.append("changed parameters: " + ", ".join(f"{row.name} {row.value} {row.unit}" for row in changed))
    unpriced = sorted({item for run in report.runs for item in run.unpriced})
    if unpriced:
        lines.append("without a price, not included in the total: " + ", ".join(unpriced))
    text = ""
    for line in (*lines, *report.remarks):
        cleaned = f"<sub>{_clean(line, _LONGEST_NOTE)}</sub>\n"
        if line and len(text) + len(cleaned) <= _LONGEST_FOOTER:
            text += cleaned
    return text
