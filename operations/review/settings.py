"""What a stack file asks for otherwise than before: settings in words, rules and their effect, cost, findings."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from elasticity.faults import Fault
from elasticity.input_files import InputFileError, read_text
from operations.changes import changes
from operations.check import reports_on
from operations.cost.bill import Bill, bill_of
from operations.failures import CannotRun
from operations.review.model import Cost, Effect
from operations.review.plan import MARKED, UNKNOWN_TEXT
from operations.simulate import Request, prices_of, run
from stacks.compositions import Settings
from stacks.settings import validate
from stacks.stack_file import SettingsError, StackFile
from stacks.workloads import Workload, workloads_of
from stacks.yaml_reader import LARGEST_FILE

if TYPE_CHECKING:
    from elasticity.pricing import Prices

_RULES = "elasticity"


@dataclasses.dataclass(frozen=True)
class Side:
    """One stack file at one end of the change."""

    path: Path
    file: StackFile | None
    settings: Settings | None
    """None where they cannot be read."""
    workloads: Mapping[str, Workload] = dataclasses.field(default_factory=dict)
    problem: str = ""


def side_of(path: Path) -> Side | None:
    """A stack file as this version of the settings reads it; None where there is none."""
    try:
        text = read_text(path, maximum=LARGEST_FILE)
    except FileNotFoundError:
        return None
    except InputFileError as error:
        return Side(path, None, None, problem=str(error))
    file = None
    try:
        file = StackFile.parse(path.name, text)
        settings = validate(file)
        return Side(path, file, settings, workloads_of(settings))
    except SettingsError as error:
        return Side(path, file, None, problem="; ".join(map(str, error.faults)))


def rule_changes(before: Side, after: Side) -> tuple[str, ...]:
    """The rules that differ, in words: of services and groups on both sides, and those that come and go."""
    said = []
    for name in dict.fromkeys([*before.workloads, *after.workloads]):
        old, new = before.workloads.get(name), after.workloads.get(name)
        if old is None or new is None:
            said.append(f"{name}: {'new' if old is None else 'removed'}")
        elif (old.elasticity is None) != (new.elasticity is None):
            said.append(f"{name}: {'scales now' if old.elasticity is None else 'no longer scales'}")
        else:
            said += changes(name, old.rules, new.rules)
    return tuple(said)


def setting_changes(before: Side, after: Side) -> tuple[str, ...]:
    """The other settings that differ, by their keys; values of secrets are not told."""
    if before.file is None or after.file is None:
        return ()
    old, new = (dict(_leaves(side.file.sections)) for side in (before, after) if side.file is not None)
    return tuple(
        f"{path}: {old.get(path, 'not set')} -> {new.get(path, 'not set')}"
        for path in dict.fromkeys([*new, *old])
        if old.get(path) != new.get(path) and f".{_RULES}." not in path
    )


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, part in value.items():
            yield from _leaves(part, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list | tuple):
        for place, part in enumerate(value):
            yield from _leaves(part, f"{path}[{place}]")
    elif value is not None:
        yield path, str(value).lower() if isinstance(value, bool) else str(value)


def moved(before: Side, after: Side) -> list[str]:
    """Services and groups with rules on both sides whose runs can differ."""
    prices = prices_of(None, after.settings)
    return [
        name
        for name, new in after.workloads.items()
        if (old := before.workloads.get(name)) is not None
        and old.elasticity is not None
        and new.elasticity is not None
        and _run_on(old, prices) != _run_on(new, prices)
    ]


def _run_on(member: Workload, prices: Prices) -> tuple[object, ...]:
    """All that a run of a service or group hangs on, beside its loads' files."""
    return (member.rules, member.simulation, member.simulated_on, member.conditions, member.simulated_cost(prices))


@dataclasses.dataclass(frozen=True)
class Simulated:
    """What the loads of a stack say of a change of its rules."""

    runs: tuple[str, ...] = ()
    effects: tuple[Effect, ...] = ()
    broken: tuple[str, ...] = ()
    broken_before: tuple[str, ...] = ()
    unchecked: tuple[str, ...] = ()


def simulated(before: Side, after: Side) -> Simulated:
    """Each load of each service that a change moves, on the rules before and after."""
    from operations.report.model import change, deciding, shown

    runs: list[str] = []
    effects: list[Effect] = []
    broken: list[str] = []
    known: list[str] = []
    unchecked: list[str] = []
    for name in moved(before, after):
        try:
            report = run(Request(file=after.path, against=str(before.path), service=name))
        except CannotRun as error:
            unchecked.append(f"{name}: its rules were not simulated: {error}")
            continue
        for one in report.runs:
            runs.append(one.title)
            if one.before is None:
                continue
            for figure in deciding():
                old, new = one.before.figures[figure.name], one.figures[figure.name]
                texts = shown(figure, old, one.currency), shown(figure, new, one.currency)
                verdict = change(one, figure.name)
                if texts[0] != texts[1] and verdict != "same":
                    effects.append(Effect(one.title, figure.name, figure.title, *texts, verdict))
        for judged in report.broken:
            earlier = judged.run.before
            was = earlier is not None and not dataclasses.replace(judged, run=earlier).kept
            (known if was else broken).append(str(judged).removeprefix("broken: "))
    for name in sorted(after.workloads.keys() - before.workloads.keys()):
        try:
            report = run(Request(file=after.path, service=name))
        except CannotRun:
            continue  # nothing scales there, or it has no load
        runs += [one.title for one in report.runs]
        broken += [str(one).removeprefix("broken: ") for one in report.broken]
    return Simulated(tuple(runs), tuple(effects), tuple(broken), tuple(known), tuple(unchecked))


def cost_change(before: Side | None, after: Side | None) -> tuple[Cost | None, tuple[str, ...]]:
    """What the stack costs on both sides, and what of it has no price."""
    bills: list[Bill | None] = []
    for side in (before, after):
        try:
            if side is None or side.settings is None:
                bills.append(None)
                continue
            # Both on the loads of the head: a rule is priced by what comes, not by what somebody once expected.
            loads = None if after is None else after.workloads
            bills.append(bill_of(side.settings, Request(file=(after or side).path), loads=loads))
        except CannotRun as error:
            return None, (f"its cost: {error}",)
    old, new = bills
    if old is None and new is None:
        return None, ()
    currency = (new or old).currency  # type: ignore[union-attr]
    cost = Cost(currency, _totals(old), _totals(new))
    if cost.before == cost.after:
        return None, ()
    unpriced = () if new is None else new.unpriced
    return cost, (f"what has no price: {', '.join(unpriced)}",) if unpriced else ()


def around(
    now: Settings, before: Iterable[Mapping[str, Any]], after: Iterable[Mapping[str, Any]]
) -> tuple[float, float]:
    """What a month costs of all that stands around the units, by the resources of both sides: least of all what the
    settings do not tell, as a component that makes another gateway."""
    from operations.cost.charges import charged

    prices = prices_of(None, now)
    old, new = (
        charged(
            [
                (str(one["type"]), dict(_known(one.get("inputs") or {})))
                for one in side
                if str(one.get("type")).startswith("aws:")
            ],
            prices,
        )
        for side in (before, after)
    )
    return sum(amount for _, amount in old.monthly), sum(amount for _, amount in new.monthly)


def _known(value: Any) -> Any:
    """A value without what only the deployment makes, or is secret: a price counts neither."""
    if isinstance(value, Mapping):
        return {key: _known(part) for key, part in value.items() if not _is_hidden(part)}
    return [_known(part) for part in value if not _is_hidden(part)] if isinstance(value, list) else value


def _is_hidden(value: Any) -> bool:
    return value == UNKNOWN_TEXT or (isinstance(value, Mapping) and MARKED in value)


def _totals(answer: Bill | None) -> tuple[float | None, float | None, float | None]:
    if answer is None:
        return (0.0, 0.0, 0.0)
    return answer.total("minimum"), answer.total("expected"), answer.total("maximum")


def new_findings(before: Path | None, after: Path, name: str, on: datetime.date) -> tuple[tuple[Fault, ...], int]:
    """The findings of a stack file that its base does not have, named as `name`, and how many both have."""
    known = set()
    if before is not None:
        try:
            known = {(one.code, one.key) for one in reports_on(before, on) if one.accepted is None}
        except (FileNotFoundError, InputFileError):
            known = set()
    try:
        found = [one for one in reports_on(after, on) if one.accepted is None]
    except (FileNotFoundError, InputFileError):
        return (), 0
    new = [dataclasses.replace(one, file=name) for one in found if (one.code, one.key) not in known]
    return tuple(new), len(found) - len(new)
