"""A verdict as text, as Markdown, as JSON. The first three lines of each are the answer."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from types import MappingProxyType

from operations.monitor.verdict import Difference, Verdict

_WORDS = {
    "same": "what runs is what was declared",
    "differs": "what runs is not what was declared",
    "unknown": "it could not be told whether what runs is what was declared",
}
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]")


def plain(text: str) -> str:
    """What AWS told without what could move a terminal's cursor or turn the direction of writing."""
    return _CONTROL.sub(" ", text)


def head(verdict: Verdict) -> list[str]:
    """The answer in three lines."""
    place = f"{verdict.stack}, {verdict.region}, {verdict.at:%Y-%m-%d %H:%M:%S} UTC"
    accepted = len(verdict.differences) - len(verdict.open)
    counts = [
        f"{len(verdict.open)} {'difference' if len(verdict.open) == 1 else 'differences'}",
        f"{accepted} accepted",
        f"{len(verdict.unknown)} not known",
        f"{verdict.compared} properties compared",
    ]
    return [f"{_WORDS[verdict.answer]}: {place}", ", ".join(counts), _most(verdict)]


def _most(verdict: Verdict) -> str:
    """Where to look first."""
    if verdict.open:
        by_kind = Counter(one.key for one in verdict.open)
        return "look at " + ", ".join(f"{key} ({count})" if count > 1 else key for key, count in by_kind.most_common(6))
    if any(one.waits for one in verdict.unknown):
        return "a deployment is still going on: `--wait` follows it to its end"
    if verdict.unknown:
        return f"first: {verdict.unknown[0].why}"
    return (
        f"declared by the {verdict.declared_by} of the last deployment"
        if verdict.declared_by != "stack file"
        else "declared by the stack file"
    )


def text(verdict: Verdict) -> str:
    """For a terminal and for a log."""
    lines = head(verdict)
    for one in verdict.open:
        lines += ["", *_difference(one)]
    for unknown in verdict.unknown:
        lines += ["", f"not known: {unknown.component}, {unknown.what}: {unknown.why}"]
    accepted = [one for one in verdict.differences if one.accepted is not None]
    if accepted:
        lines.append("")
    lines += [f"accepted: {one.key}, {one.what} {one.running}: {one.accepted}" for one in accepted]
    if verdict.remarks:
        lines += ["", *verdict.remarks]
    return "\n".join(map(plain, lines)) + "\n"


def _difference(one: Difference) -> list[str]:
    where = f"{one.key} ({one.category}): {one.resource}"
    return [
        where,
        f"  {one.what}: declared {one.declared}, running {one.running}",
        f"  cure: {one.cure}",
    ]


def markdown(verdict: Verdict) -> str:
    """For a pull request or an incident."""
    first, second, third = head(verdict)
    lines = [f"**{escaped(first)}**", "", f"{escaped(second)}; {escaped(third)}"]
    if verdict.open:
        lines += ["", "| what | resource | property | declared | running | cure |", "|---|---|---|---|---|---|"]
        for one in verdict.open:
            cells = (f"{one.key} ({one.category})", one.resource, one.what, one.declared, one.running)
            lines.append(f"| {' | '.join(map(escaped, cells))} | {_code(one.cure)} |")
    if verdict.unknown:
        lines += ["", "Not known:", ""]
        lines += [f"- {escaped(f'{one.component}, {one.what}: {one.why}')}" for one in verdict.unknown]
    accepted = [one for one in verdict.differences if one.accepted is not None]
    if accepted:
        lines += ["", "Accepted:", ""]
        lines += [f"- {escaped(f'{one.key}, {one.what} {one.running}: {one.accepted}')}" for one in accepted]
    lines += ["", *(f"{escaped(remark)}" for remark in verdict.remarks)] if verdict.remarks else []
    return "\n".join(lines) + "\n"


def escaped(text: str) -> str:
    """The same as Markdown that shows every character."""
    shown = plain(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"([\\`*_\[\]|~#@])", r"\\\1", shown)


def _code(text: str) -> str:
    """A command as it is typed: no character of it may be changed, or quotes would no longer hold what they hold."""
    shown = plain(text).replace("|", "\\|")
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", shown)), default=0))
    return f"{fence} {shown} {fence}"


def document(verdict: Verdict) -> str:
    """JSON; its schema is docs/schema/monitor.schema.json."""
    return verdict.model_dump_json(indent=2) + "\n"


FORMATS: Mapping[str, Callable[[Verdict], str]] = MappingProxyType(
    {"text": text, "json": document, "markdown": markdown}
)
