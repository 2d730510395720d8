"""`accordion cost`: what a stack's units cost a month at least, as expected from its loads, and at most; offline."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from elasticity.pricing import MONTH_HOURS, Prices, alarm_cost, rule_alarms
from elasticity.rules import Elasticity
from elasticity.waking import needs_waking
from operations import options
from operations.failures import as_cannot_run
from operations.simulate import Request, loads_for, prices_of, simulated
from operations.workloads import chosen
from stacks.settings import load
from stacks.workloads import UnitCost, Workload, shared_costs, workloads_of

if TYPE_CHECKING:
    from operations.report.model import Run


@dataclasses.dataclass(frozen=True)
class Envelope:
    """Cost of one service or group per month, in the price table's currency; None where units have no price."""

    name: str
    units_least: int
    units_expected: float | None
    """Mean units billed over its loads; None without a load."""
    units_most: int
    minimum: float | None
    expected: float | None
    maximum: float | None
    words: str
    unpriced: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Bill:
    """The whole answer."""

    title: str
    currency: str
    region: str
    envelopes: tuple[Envelope, ...]
    fixed: tuple[tuple[str, float], ...]
    """Parts that do not scale, per month."""
    unpriced: tuple[str, ...]
    dates: tuple[str, ...]
    """Item of the price table, its date and source."""

    def total(self, which: str) -> float | None:
        """Sum of `minimum`, `expected` or `maximum` with the fixed parts; None where a part is not known."""
        parts = [getattr(envelope, which) for envelope in self.envelopes]
        if any(part is None for part in parts):
            return None
        return float(sum(parts) + sum(amount for _, amount in self.fixed))


def bounds(rules: Elasticity) -> tuple[int, int]:
    """The lowest minimum and the highest maximum that ever hold: those at the top, or of a schedule. A forecast that
    may raise the maximum is not in them."""
    lows = [rules.minimum, *(rule.minimum for rule in rules.scheduled.values() if rule.minimum is not None)]
    highs = [rules.maximum, *(rule.maximum for rule in rules.scheduled.values() if rule.maximum is not None)]
    lows += [rule.maximum for rule in rules.scheduled.values() if rule.maximum is not None]
    return min(lows), max(*highs, *lows)


def envelope(member: Workload, cost: UnitCost, runs: list[Run], prices: Prices) -> Envelope:
    """Least, expected and most of one member.

    Expected is the mean over the time of its loads of the units billed, starting and draining ones too, at the price of
    that many. It is kept within least and most, which draining units could leave.
    """
    minimum, maximum = bounds(member.rules)
    hours = sum(run.timeline.seconds for run in runs) / 3_600
    billed = sum(float(run.figures["unit_hours"] or 0.0) for run in runs)
    units = min(float(maximum), max(float(minimum), billed / hours)) if hours else None
    words = cost.words
    if any(rule.maximum_breach == "increase" for rule in member.rules.predictive.values()):
        words += "; a forecast may raise the maximum, and the cost with it"
    alarms = _alarms(member.rules, prices)

    def monthly(count: float | None) -> float | None:
        return None if count is None or not cost.known else cost.hourly(count) * MONTH_HOURS + alarms

    return Envelope(
        member.name, minimum, units, maximum, monthly(minimum), monthly(units), monthly(maximum), words, cost.unpriced
    )


def fixed_envelope(name: str, count: int, cost: UnitCost) -> Envelope:
    """A service or group of a fixed size: least, expected and most are the same."""
    month = cost.hourly(count) * MONTH_HOURS if cost.known else None
    return Envelope(name, count, float(count), count, month, month, month, cost.words, cost.unpriced)


def _alarms(rules: Elasticity, prices: Prices) -> float:
    if "cloudwatch_alarm" not in prices:
        return 0.0
    with_scale_in = sum(rule.scale_in for rule in rules.target_tracking.values())
    without = len(rules.target_tracking) - with_scale_in
    steps = len(rules.step_scaling) + needs_waking(rules)  # one alarm each
    return alarm_cost(rule_alarms(with_scale_in, without, steps), prices=prices)


def bill(request: Request) -> Bill:
    """The cost of the stack of `request`; raises CannotRun where a load cannot be run."""
    with as_cannot_run():
        settings = load(request.path)
        prices = prices_of(request.prices)
        found, items = [], ["cloudwatch_alarm"]
        if request.service is not None:
            chosen(settings, request.service, request.path.name)
        for name, member in workloads_of(settings).items():
            if request.service not in (None, name):
                continue
            cost = member.unit_cost(prices)
            items += cost.items
            if member.elasticity is not None:
                runs = [simulated(member, load, prices, request) for load in loads_for(member, request)]
                found.append(envelope(member, cost, runs, prices))
            else:
                found.append(fixed_envelope(name, member.rules.minimum, cost))
    shared = shared_costs(settings, prices)
    items += shared.items
    return Bill(
        title=request.path.name,
        currency=prices.currency,
        region=prices.region,
        envelopes=tuple(found),
        fixed=shared.monthly,
        unpriced=tuple(dict.fromkeys([*shared.unpriced, *(item for each in found for item in each.unpriced)])),
        dates=tuple(f"{item}: {prices.dated(item)}" for item in dict.fromkeys(items) if item in prices),
    )


def document(answer: Bill) -> dict[str, Any]:
    """The answer as plain values."""
    return {
        "schema": 1,
        **dataclasses.asdict(answer),
        "total": {which: answer.total(which) for which in ("minimum", "expected", "maximum")},
    }


def _amount(value: float | None) -> str:
    return "unknown" if value is None else f"{value:,.2f}"


def _in_short(answer: Bill) -> str:
    minimum, expected, maximum = (answer.total(which) for which in ("minimum", "expected", "maximum"))
    if minimum is None or maximum is None:
        return f"{answer.title}: the cost cannot be told: something that scales has no price"
    between = f"{_amount(minimum)} at least, {_amount(maximum)} at most"
    if expected is None:
        return f"{answer.title}: {between} {answer.currency} a month; without loads nothing tells what to expect"
    return f"{answer.title}: {_amount(expected)} {answer.currency} a month as its loads have it; {between}"


_HEADS = ("what", "units: least / mean / most", "at the minimum", "expected", "at the maximum")


def show(answer: Bill, console: Console) -> None:
    """Print the answer in a sentence, then as a table with what is not included in the total below it."""
    console.print(_in_short(answer), style="bold", highlight=False)
    console.print()
    title = f"{escape(answer.title)}: per month, in {answer.currency}, list prices of {answer.region}"
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for heading in _HEADS:
        table.add_column(heading, justify="left" if heading == _HEADS[0] else "right")
    for each in answer.envelopes:
        middle = "no load" if each.units_expected is None else f"{each.units_expected:.1f}"
        units = f"{each.units_least} / {middle} / {each.units_most}"
        table.add_row(each.name, units, *(_amount(value) for value in (each.minimum, each.expected, each.maximum)))
    for name, amount in answer.fixed:
        table.add_row(name, "", *[_amount(amount)] * 3)
    table.add_row("all together", "", *(_amount(answer.total(which)) for which in ("minimum", "expected", "maximum")))
    console.print(table)
    for each in answer.envelopes:
        if each.words:
            console.print(f"{escape(each.name)}: {escape(each.words)}", highlight=False)
    for line in answer.unpriced:
        console.print(f"without a price, not included in the total: {escape(line)}", highlight=False)
    for line in answer.dates:
        console.print(f"price of {escape(line)}", style="dim", highlight=False)


@click.command()
@options.stack_file
@options.service
@options.prices
@options.form(("table", "json"))
def command(form: str, **asked: Any) -> None:
    """What a stack costs a month: at its minimum, as expected from the loads of its file, at its maximum.

    Offline, from a dated table. What has no price is listed and not included in the total.
    """
    answer = bill(Request(**asked))
    if form == "json":
        click.echo(json.dumps(document(answer), indent=1, sort_keys=True))
    else:
        show(answer, options.console())
