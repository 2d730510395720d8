"""The review as one comment on a pull request: the answer in its first 15 lines, then what it rests on, folded.

Names and values of a stack come from whoever wrote the change: each stands in a code span that it cannot leave, so that
none becomes a heading, a link, a mention or HTML.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from operations.failures import BROKEN, DONE
from operations.review.model import Review, StackReview
from operations.review.plan import KINDS, Property, Resource

MAXIMUM_CHARACTERS = 60_000
"""Of the comment; a code host takes 65,536."""
ANSWER_LINES = 15
_LOSSES, _RULES, _EFFECTS = 4, 2, 2
"""Lines of the answer for each; with the six that always stand there and that of images, 15 are never passed."""
_NAMES, _FIGURES = 3, 4
_VALUE = 60
_SENTENCE = 220
_LISTED = 40
"""Lines of a folded list; the long version has all."""


def code(text: object, longest: int | None = _SENTENCE) -> str:
    """Text of somebody else's in a code span: on one line, with no sign that ends the span or a cell of a table."""
    flat = "".join(map(_sign, " ".join(str(text).split()))) or "(empty)"
    if longest is not None and len(flat) > longest:
        flat = f"{flat[: longest - 1]}…"
    return f"`{flat}`"


def _sign(sign: str) -> str:
    if sign == "`":
        return "'"
    if sign == "|":
        return "¦"
    if unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"):
        return f"\\u{ord(sign):04x}"
    return sign


def write(review: Review, *, whole: bool = False) -> str:
    """The comment; `whole`: the long version, in which nothing is left out and no value shortened."""
    head = "\n".join(answer(review)) + "\n"
    if whole:
        return head + "".join(_sections(review, {}, None))
    levels: dict[str, int] = {stack.name: 0 for stack in review.stacks}
    while True:
        sections = list(_sections(review, levels, _LISTED))
        text = head + "".join(sections)
        if len(text) <= MAXIMUM_CHARACTERS:
            return text
        lengths = {stack.name: len(_changes(stack, levels[stack.name])) for stack in review.stacks}
        shrinkable = [name for name in lengths if levels[name] < len(_LEVELS) - 1]
        if not shrinkable:
            return head + _LEFT_OUT
        levels[max(shrinkable, key=lambda name: (lengths[name], name))] += 1


_LEFT_OUT = "\nThe details do not fit into a comment; they are in the long version (`--full FILE`).\n"


def answer(review: Review) -> list[str]:
    """The first lines: verdict, what is lost, rules and their effect, cost, findings, what nothing checked."""
    lines = [f"## {title(review)}", "", _scope(review), ""]
    lines += _losses(review)
    lines += _asked(review)
    lines += _effects(review)
    lines += _images(review)
    lines += [_cost(review), _found(review), _unchecked(review)]
    return lines


def _images(review: Review) -> list[str]:
    """Whether what would be built builds; no line where nothing would be."""
    said = [
        f"{code(image)} in {code(stack.name)} {'builds' if stack.images_built else 'would be built'}"
        for stack in review.stacks
        for image in stack.images
    ]
    untried = any(stack.images and not stack.images_built for stack in review.stacks)
    return (
        [f"- **Images**: {_joined(said, _NAMES)}{' (not tried: `--check-build`)' if untried else ''}"] if said else []
    )


def title(review: Review) -> str:
    """The verdict in a line."""
    needed = [(stack.name, ", ".join(stack.needed)) for stack in review.stacks if stack.needed]
    unknown = [stack.name for stack in review.stacks if not stack.is_told]
    if review.exit_code == BROKEN:
        return f"A person has to look: {_joined([f'{code(name)} {why}' for name, why in needed], _NAMES)}"
    if review.exit_code == DONE:
        changed = [code(stack.name) for stack in review.stacks if stack.standing in ("changed", "new")]
        if not changed:
            unseen = any(stack.standing == "unseen" for stack in review.stacks)
            return f"Nothing changes in any stack{' that could be looked at' if unseen else ''}"
        if not any(_resources(stack) or stack.standing == "new" for stack in review.stacks):
            return f"Nothing that is deployed changes; the file of {_joined(changed, _NAMES, ', ')} does"
        return (
            f"Nothing to say against it: {_joined(changed, _NAMES, ', ')} {'change' if len(changed) > 1 else 'changes'}"
        )
    return f"It could not be told what becomes of {_joined(map(code, unknown), _NAMES)}"


def _joined(parts: Iterable[str], most: int, between: str = "; ") -> str:
    found = list(parts)
    left = len(found) - most
    shown = found[:most] + ([f"{left} more"] if left > 0 else [])
    return between.join(shown)


def _scope(review: Review) -> str:
    parts = []
    for stack in review.stacks:
        if stack.plan is not None and stack.plan.resources:
            parts.append(f"{code(stack.name)} {_counts(stack.plan.resources)}")
        elif stack.standing in ("refused", "unknown"):
            what = stack.refusal if stack.standing == "refused" else "could not be told"
            parts.append(f"{code(stack.name)} {what}: {code(stack.problem, 120)}")
        elif stack.standing != "unchanged":
            parts.append(f"{code(stack.name)} {_STANDING[stack.standing]}")
    same = [code(stack.name) for stack in review.stacks if stack.standing == "unchanged"]
    if same:
        parts.append(f"no change in {_joined(same, 6, ', ')}")
    files = f"{len(review.files)} file{'' if len(review.files) == 1 else 's'}"
    return f"Against {code(review.asked)} ({code(review.base[:12])}), {files}: {_joined(parts, 6)}."


_STANDING = {
    "changed": "changes in its file alone, and nothing of what is deployed",
    "new": "is new",
    "gone": "has no file any more: what it deployed stays until `destroy`",
    "unseen": "was not looked at",
}


def _counts(resources: Sequence[Resource]) -> str:
    number = Counter(_NEW_REVISION if one.routine else one.kind for one in resources)
    return ", ".join(f"{number[kind]} {kind}" for kind in (*KINDS, _NEW_REVISION) if number[kind])


_NEW_REVISION = "in a new revision"


def _losses(review: Review) -> list[str]:
    """What is replaced or deleted: what asked for it first, then what only follows."""
    groups: dict[tuple[Any, ...], list[tuple[str, Resource]]] = {}
    following: list[Resource] = []
    routine: list[tuple[str, Resource]] = []
    for stack in review.stacks:
        for one in stack.plan.of("replaced", "deleted") if stack.plan else ():
            if one.routine:
                routine.append((stack.name, one))
            elif one.follows:
                following.append(one)
            else:
                key = (one.kind, one.type, tuple(each.path for each in one.forced if not each.follows))
                groups.setdefault(key, []).append((stack.name, one))
    if not groups and not following:
        return [_routine(routine)]
    ordered = sorted(groups.items(), key=lambda item: (_mixed(item[1]), not item[1][0][1].loses, item[0]))
    lines = [_loss(members) for _, members in ordered]
    most = _LOSSES - bool(following) - (len(lines) > _LOSSES - bool(following))
    if len(lines) > most + (len(lines) <= _LOSSES - bool(following)):
        left = ordered[most:]
        lines = lines[:most]
        lines.append(f"- **And {sum(len(members) for _, members in left)} more** replaced or deleted, listed below")
    if following:
        lines.append(_followers(following))
    return lines


def _followers(following: Sequence[Resource]) -> str:
    """What is replaced because something else is: by type, first those with which something goes."""
    types = Counter((one.short_type, one.loses) for one in following)
    ordered = sorted(types.items(), key=lambda item: (not item[0][1], item[0]))
    said = [f"{count} {code(kind)}{f' ({loses})' if loses else ''}" for (kind, loses), count in ordered]
    return f"- **{len(following)} follow**, replaced as they refer to those: {_joined(said, 6, ', ')}"


def _mixed(members: Sequence[tuple[str, Resource]]) -> bool:
    """Whether something that another resource becomes forces it too: it is not where the change began."""
    return any(each.follows for _, one in members for each in one.forced)


def _loss(members: Sequence[tuple[str, Resource]]) -> str:
    first = members[0][1]
    stacks = ", ".join(code(name) for name in dict.fromkeys(name for name, _ in members))
    named = _joined((code(name) for name in dict.fromkeys(one.name for _, one in members)), _NAMES, ", ")
    line = f"- **{first.kind.capitalize()}** in {stacks}: {code(first.short_type)} {named}"
    forced = [each for each in first.forced if not each.follows]
    if forced:
        several = len({str(each) for _, one in members for each in one.forced}) > len(first.forced)
        line += f", forced by {_joined((_property(each, several=several) for each in forced), 2)}"
    return f"{line}: {first.loses}" if first.loses else line


def _routine(routine: Sequence[tuple[str, Resource]]) -> str:
    if not routine:
        return "- **Replaced or deleted**: nothing"
    said = [f"{code(one.name)} in {code(stack)}" for stack, one in routine]
    return f"- **Replaced or deleted**: nothing but {_joined(said, _NAMES, ', ')} ({routine[0][1].routine})"


def _property(one: Property, *, several: bool) -> str:
    return f"{code(one.path)}{', such as' if several else ''} {_value(one.before)} → {_value(one.after)}"


def _value(text: str, longest: int | None = _VALUE) -> str:
    return code(text, longest) if text else "not set"


def _asked(review: Review) -> list[str]:
    """Rules in words, then other settings; equal lines of several stacks once."""
    lines = []
    for what, of in (("Rules", "rules"), ("Settings", "settings")):
        by_line: dict[str, list[str]] = {}
        for stack in review.stacks:
            for line in getattr(stack, of):
                by_line.setdefault(line, []).append(stack.name)
        if by_line:
            said = [f"{_arrow(line)} ({', '.join(map(code, stacks))})" for line, stacks in by_line.items()]
            lines.append(f"- **{what}**: {_joined(said, _FIGURES)}")
    return lines or ["- **Rules and settings**: the same; the program differs" if _differs(review) else _SAME]


_SAME = "- **Rules and settings**: the same"


def _differs(review: Review) -> bool:
    return any(stack.plan is not None and stack.plan.resources for stack in review.stacks)


def _arrow(line: str) -> str:
    """`web.minimum: 2 -> 3` with name and values in spans of their own."""
    name, colon, values = line.partition(": ")
    before, arrow, after = values.partition(" -> ")
    if not colon:
        return code(line)
    if not arrow:
        return f"{code(name)} {code(values)}"
    return f"{code(name)} {code(before, _VALUE)} → {code(after, _VALUE)}"


_FIRST = {
    name: place
    for place, name in enumerate(
        ("overload_minutes", "lost_requests", "worst_latency", "minutes_at_maximum", "cost_per_month", "actions")
    )
}
"""The figures that people decide on, in their order; the others come after them."""


def _effects(review: Review) -> list[str]:
    lines = []
    ruled = [stack for stack in review.stacks if stack.rules or stack.simulated]
    for stack in ruled:
        for run in stack.simulated:
            own = [one for one in stack.effects if one.run == run]
            if own:
                own.sort(key=lambda one: _FIRST.get(one.name, len(_FIRST)))
                lines.append(f"- **Simulated** {code(run)} ({code(stack.name)}): {_joined(map(str, own), _FIGURES)}")
    if len(lines) > _EFFECTS:
        left = len(lines) - _EFFECTS
        lines = [*lines[:_EFFECTS]]
        lines[-1] += f" (and {left} more run{'s' if left > 1 else ''} below)"
    runs = sum(len(stack.simulated) for stack in ruled)
    if runs and not lines:
        return [f"- **Simulated**: no figure differs on {runs} load{'s' if runs > 1 else ''}"]
    if ruled and not runs:
        return ["- **Simulated**: nothing, as no load is declared for what changes"]
    return lines


def _cost(review: Review) -> str:
    said = [_bill_in_short(stack) for stack in review.stacks if stack.cost]
    for stack in review.stacks:
        if stack.around is not None:
            before, now = stack.around
            said.append(
                f"{code(stack.name)}, around its units: {before:,.2f} → {now:,.2f} a month ({now - before:+,.2f})"
            )
    if said:
        return f"- **Cost**: {_joined(said, _NAMES)}"
    structural = any(one.kind in ("created", "deleted") for stack in review.stacks for one in _resources(stack))
    return f"- **Cost**: {_STRUCTURAL if structural else 'the same'}"


def _bill_in_short(stack: StackReview) -> str:
    """`dev` 55.87 → 58.10 USD a month expected (+2.23, +4.0 %), at most 58.53 → 63.94."""
    cost = stack.cost
    if cost is None or cost.before[2] is None or cost.after[2] is None:
        return f"{code(stack.name)} cannot be told"
    said = []
    for word, before, after in zip(("at least", "expected", "at most"), cost.before, cost.after, strict=True):
        if before is None or after is None or f"{before:.2f}" == f"{after:.2f}":
            continue
        share = f", {100 * (after - before) / before:+.1f} %" if before else ""
        said.append(f"{before:,.2f} → {after:,.2f} {word} ({after - before:+,.2f}{share})")
    if not any("expected" in part for part in said) and cost.after[1] is not None:
        said.insert(0, f"{cost.after[1]:,.2f} expected as before")
    return f"{code(stack.name)}, {code(cost.currency, 8)} a month: {', '.join(said)}"


_STRUCTURAL = "the same, as far as the price table knows what comes and goes"


def _resources(stack: StackReview) -> tuple[Resource, ...]:
    return stack.plan.resources if stack.plan is not None else ()


def _found(review: Review) -> str:
    said = [
        f"{code(f'{one.place} {one.key}')} {code(one.code or one.severity)} {code(one.message, 120)}"
        for stack in review.stacks
        for one in stack.findings
    ]
    said += [f"expectation broken: {code(line, 120)}" for stack in review.stacks for line in stack.broken]
    by_rule: dict[tuple[str, str], list[str]] = {}
    for stack in review.stacks:
        for one in stack.guardrails:
            by_rule.setdefault((one.policy, one.resource), []).append(stack.name)
    said += [
        f"guardrail {code(policy)} no longer holds for {code(resource)} ({', '.join(map(code, dict.fromkeys(stacks)))})"
        for (policy, resource), stacks in by_rule.items()
    ]
    known = sum(
        stack.standing_findings + stack.standing_guardrails + len(stack.broken_before) for stack in review.stacks
    )
    before = f" ({known} stood at the base already)" if known else ""
    return f"- **Findings and guardrails**: {_joined(said, 3) or 'none new'}{before}"


def _unchecked(review: Review) -> str:
    said = [f"{code(stack.name)}: {code(line, 200)}" for stack in review.stacks for line in stack.unchecked]
    said += [code(f"{stack.name}: step {line}") for stack in review.stacks if stack.plan for line in stack.plan.odd]
    return f"- **Not checked**: {_joined([*said, *review.unchecked], 3)}"


def _sections(review: Review, levels: dict[str, int], most: int | None) -> Iterator[str]:
    for stack in review.stacks:
        level = levels.get(stack.name, 0)
        body = "".join(_body(stack, level, most))
        if body:
            head = f"<summary><code>{stack_label(stack)}</code>: {_summary(stack)}</summary>"
            yield f"\n<details>{head}\n\n{body}</details>\n"
    differing = "".join(f"- {code(file, None)}\n" for file in review.files[:most])
    left = len(review.files) - (len(review.files) if most is None else most)
    differing += f"- and {left} more\n" if left > 0 else ""
    if differing:
        yield f"\n<details><summary>Files that differ: {len(review.files)}</summary>\n\n{differing}\n</details>\n"
    if review.unchecked or any(stack.unchecked for stack in review.stacks):
        lines = [f"- {line}\n" for line in review.unchecked]
        lines += [f"- {code(stack.name)}: {code(line, None)}\n" for stack in review.stacks for line in stack.unchecked]
        yield f"\n<details><summary>What nothing checked</summary>\n\n{''.join(_some(lines, most))}\n</details>\n"


def stack_label(stack: StackReview) -> str:
    """A stack's name where HTML stands: no sign of it means anything there."""
    return code(stack.name)[1:-1].replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _summary(stack: StackReview) -> str:
    parts = [_counts(_resources(stack))] if _resources(stack) else []
    if stack.standing in ("refused", "unknown"):
        parts.append(stack.refusal if stack.standing == "refused" else "could not be told")
    if stack.plan is not None and not stack.plan.resources:
        parts.append("no resource changes")
    return ", ".join(part for part in parts if part) or stack.standing


def _some(lines: Sequence[str], most: int | None) -> list[str]:
    if most is None or len(lines) <= most:
        return list(lines)
    return [*lines[:most], f"- and {len(lines) - most} more in the long version\n"]


def _body(stack: StackReview, level: int, most: int | None) -> Iterator[str]:
    longest = None if most is None else 400
    if stack.problem:
        yield f"{code(stack.problem, longest or None)}\n\n"
    for what, lines in (("Rules", stack.rules), ("Settings", stack.settings)):
        if lines:
            yield f"**{what}**\n\n{''.join(_some([f'- {_arrow(line)}' + chr(10) for line in lines], most))}\n"
    if stack.effects:
        yield "**Simulated, on the same loads before and after**\n\n"
        yield "| load | figure | before | after | |\n|---|---|--:|--:|---|\n"
        for one in stack.effects:
            yield f"| {code(one.run)} | {one.figure} | {one.before} | {one.after} | {one.verdict} |\n"
        yield "\n"
    judged = [f"- {code(line, longest)}\n" for line in stack.broken]
    judged += [f"- at the base already: {code(line, longest)}\n" for line in stack.broken_before]
    if judged:
        yield f"**Expectations broken**\n\n{''.join(_some(judged, most))}\n"
    if stack.cost is not None:
        yield _bill(stack)
    found = [
        f"- {code(one.place)} {code(one.key)} {code(one.code or '')} {one.severity}: {code(one.text, longest)}\n"
        for one in stack.findings
    ]
    found += [f"- {code(one.policy)} {code(one.resource)}: {code(one.sentence, longest)}\n" for one in stack.guardrails]
    if found:
        yield f"**Findings and guardrails that are new**\n\n{''.join(_some(found, most))}\n"
    if _resources(stack):
        yield _changes(stack, level, whole=most is None)


def _bill(stack: StackReview) -> str:
    cost = stack.cost
    if cost is None:
        return ""
    rows = [f"| a month, in {code(cost.currency, 8)} | before | after |", "|---|--:|--:|"]
    for name, before, after in zip(("least", "expected", "most"), cost.before, cost.after, strict=True):
        rows.append(f"| {name} | {_amount(before)} | {_amount(after)} |")
    return "\n".join(rows) + "\n\n"


def _amount(value: float | None) -> str:
    return "unknown" if value is None else f"{value:,.2f}"


def _changes(stack: StackReview, level: int, *, whole: bool = False) -> str:
    """Every changed resource as a table; a level further, each row is shorter, at the last one row per type."""
    resources = _resources(stack)
    if not resources:
        return ""
    if level == len(_LEVELS) - 1 and not whole:
        number = Counter((one.kind, one.short_type) for one in resources)
        rows = [f"| {kind} | {code(kind_of)} | {count} |" for (kind, kind_of), count in number.items()]
        return "\n".join(["| change | type | resources |", "|---|---|--:|", *rows]) + f"\n\n{_BY_TYPE}\n\n"
    told = _in_whole if whole else _LEVELS[level]
    rows = [f"| {one.kind} | {code(one.short_type)} {code(one.name, None)} | {told(one)} |" for one in resources]
    note = "" if whole or level == 0 else f"{_SHORTENED}\n\n"
    return "\n".join(["| change | resource | what differs |", "|---|---|---|", *rows]) + f"\n\n{note}"


_SHORTENED = "Shortened to fit; the long version (`--full FILE`) has every value."
_BY_TYPE = "Counted by type to fit; the long version (`--full FILE`) names each."


def _in_whole(one: Resource) -> str:
    return "<br>".join(_cells(one.properties, None)) or (one.loses or one.routine)


def _in_detail(one: Resource) -> str:
    return "<br>".join(_some_cells(_cells(one.properties, 100), 12)) or (one.loses or one.routine)


def _in_short(one: Resource) -> str:
    return "<br>".join(_some_cells(_cells(sorted(one.properties, key=lambda each: not each.forces), 30), 2))


def _some_cells(cells: Sequence[str], most: int) -> list[str]:
    left = len(cells) - most
    return [*cells[:most], *([f"and {left} more"] if left > 0 else [])]


def _by_names(one: Resource) -> str:
    tops = dict.fromkeys(each.path.partition(".")[0].partition("[")[0] for each in one.properties)
    return code(", ".join(tops), 40) if tops else ""


def _nothing(_: Resource) -> str:
    return ""


_LEVELS: tuple[Callable[[Resource], str], ...] = (_in_detail, _in_short, _by_names, _nothing, _nothing)
"""What stands in the last cell, the fullest first; the last is a table of types."""


def _cells(properties: Iterable[Property], longest: int | None) -> list[str]:
    """Each property that differs; those that only take up what another resource becomes, by that resource."""
    own: list[str] = []
    taken: dict[tuple[bool, str], list[str]] = {}
    for one in properties:
        if one.follows and one.before.startswith("("):
            taken.setdefault((one.forces, one.before[1:-1]), []).append(code(one.path, longest))
        else:
            values = (
                "known after the deployment"
                if one.follows
                else f"{_value(one.before, longest)} → {_value(one.after, longest)}"
            )
            own.append(f"{code(one.path, longest)} {values}{_FORCED if one.forces else ''}")
    for (forces, name), paths in taken.items():
        follow = "follows" if len(paths) == 1 else "follow"
        own.append(f"{', '.join(paths)} {follow} {code(name, longest)}{_FORCED if forces else ''}")
    return own


_FORCED = " (**forces replacement**)"
