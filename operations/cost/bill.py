"""The bill of a stack file: each service and group at its minimum, as its loads have it, at its maximum; offline."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from elasticity.input_files import InputFileError, read_text
from elasticity.pricing import MONTH_HOURS, Prices, alarm_cost, rule_alarms
from elasticity.rules import Elasticity
from elasticity.waking import needs_waking
from operations.cost.use import Rates, Used, UsedCost, used_costs
from operations.failures import CannotRun, as_cannot_run
from operations.simulate import Request, loads_for, prices_of, simulated
from operations.workloads import chosen
from stacks.budget import Budget
from stacks.compositions import Settings
from stacks.settings import load
from stacks.workloads import SharedCosts, UnitCost, Workload, shared_costs, workloads_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from operations.report.model import Run

LARGEST_STATE = 64 * 1024 * 1024
"""Bytes of a state that are read."""
COLUMNS = ("minimum", "expected", "maximum")


@dataclasses.dataclass(frozen=True)
class LoadCost:
    """What one load makes of one service or group, per month where nothing else is said."""

    load: str
    units: float
    """Mean units billed."""
    cost: float | None
    """With the alarms of the rules; None where units have no price."""
    fixed_fleet: float | None
    """The same for as many units as the peak of the load needs, all the time."""
    overload_minutes: float
    """Minutes a month with more load than the units can serve."""


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
    loads: tuple[LoadCost, ...] = ()


@dataclasses.dataclass(frozen=True)
class Bill:
    """The whole answer."""

    title: str
    currency: str
    region: str
    """Whose list prices these are; empty for machines of one's own."""
    envelopes: tuple[Envelope, ...]
    fixed: tuple[tuple[str, float], ...]
    """Parts that do not scale, per month."""
    unpriced: tuple[str, ...]
    dates: tuple[str, ...]
    """Item of the price table, its date and source."""
    used: tuple[UsedCost, ...] = ()
    """What is charged by use, as far as loads and `simulation.per_request` tell it."""
    budget: Budget = dataclasses.field(default_factory=Budget)
    """None of it where a part of the stack was asked for."""

    @property
    def price_words(self) -> str:
        """What the prices are."""
        if self.region:
            return f"list prices of {self.region}"
        known = any(envelope.expected is not None for envelope in self.envelopes)
        return "at the price of a machine-hour that the file says" if known else "no machine-hour has a price"

    def total(self, which: str) -> float | None:
        """Sum of `minimum`, `expected` or `maximum` with the fixed parts; None where a part is not known."""
        parts = [getattr(envelope, which) for envelope in self.envelopes]
        return None if any(part is None for part in parts) else self.known(which)

    def known(self, which: str) -> float:
        """The same of those parts that are known."""
        parts = [getattr(envelope, which) for envelope in self.envelopes]
        around = sum(amount for _, amount in self.fixed) + sum(getattr(line, which) for line in self.used)
        return float(sum(part for part in parts if part is not None) + around)

    def exceeded(self) -> tuple[str, ...]:
        """What of the budget is exceeded, in words; raises CannotRun where that cannot be told."""
        said, untold = [], []
        for which in ("expected", "maximum"):
            limit = getattr(self.budget, which)
            if limit is None:
                continue
            if (known := self.known(which)) > limit:
                said.append(
                    f"{which}: {known:,.2f} {self.currency} a month exceed the budget of {limit:,.2f} "
                    f"by {known - limit:,.2f}"
                )
            elif self.total(which) is None:
                missing = [each.name for each in self.envelopes if getattr(each, which) is None]
                cure = "name loads under its `simulation`, or give --prices a table with what is not priced"
                untold.append(f"budget.{which}: cannot be judged: what {', '.join(missing)} costs is not known: {cure}")
        if untold and not said:
            raise CannotRun("\n".join(f"{self.title}: {line}" for line in untold))
        return tuple(said)


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
    known = prices.figure("cloudwatch_alarm", "month") is not None
    watched = alarm_cost(alarms, prices=prices) if known else 0.0
    counted = () if known or not alarms else (f"{alarms} alarms of the rules of {member.name}",)

    def monthly(count: float | None) -> float | None:
        return None if count is None or not cost.known else cost.hourly(count) * MONTH_HOURS + watched

    return Envelope(
        member.name,
        minimum,
        units,
        maximum,
        monthly(minimum),
        monthly(units),
        monthly(maximum),
        words,
        (*cost.unpriced, *counted),
        tuple(_load_cost(run) for run in runs),
    )


def fixed_envelope(name: str, count: int, cost: UnitCost) -> Envelope:
    """A service or group of a fixed size: least, expected and most are the same."""
    month = cost.hourly(count) * MONTH_HOURS if cost.known else None
    return Envelope(name, count, float(count), count, month, month, month, cost.words, cost.unpriced)


def _load_cost(run: Run) -> LoadCost:
    hours, figures = run.timeline.seconds / 3_600, run.figures
    return LoadCost(
        load=run.load,
        units=float(figures["unit_hours"] or 0.0) / hours,
        cost=figures["cost_per_month"],
        fixed_fleet=figures["fixed_fleet_cost_per_month"],
        overload_minutes=float(figures["overload_minutes"] or 0.0) * MONTH_HOURS / hours,
    )


def _rates(runs: list[Run]) -> Rates:
    means = [float(run.timeline.load.mean()) for run in runs]
    seconds = [run.timeline.seconds for run in runs]
    mean = sum(one * length for one, length in zip(means, seconds, strict=True)) / sum(seconds)
    return min(means), mean, max(means)


def _alarms(rules: Elasticity, prices: Prices) -> int:
    """Those that the rules make, and that cost something: the alarms of a controller of one's own do not."""
    if prices.is_own:
        return 0
    with_scale_in = sum(rule.scale_in for rule in rules.target_tracking.values())
    without = len(rules.target_tracking) - with_scale_in
    return rule_alarms(with_scale_in, without, len(rules.step_scaling) + needs_waking(rules))


def bill(request: Request, state: Path | None = None) -> Bill:
    """The cost of the stack of `request`; with the resources of a state, what stands around its units is priced from
    these. Raises CannotRun where a load cannot be run."""
    with as_cannot_run():
        settings = load(request.path)
    return bill_of(settings, request, registered=None if state is None else resources_of(state))


def resources_of(state: Path) -> list[tuple[str, Mapping[str, Any]]]:
    """Type and inputs of each resource on AWS in a state, as `pulumi stack export` prints it; raises CannotRun."""
    try:
        listed = json.loads(read_text(state, maximum=LARGEST_STATE))["deployment"]["resources"]
        custom = [one for one in listed if one.get("custom") and not str(one["type"]).startswith("pulumi:")]
        return [(str(one["type"]), dict(one.get("inputs") or {})) for one in custom]
    except FileNotFoundError:
        raise CannotRun(f"{state}: there is no such file") from None
    except InputFileError as error:
        raise CannotRun(f"{state}: {error}") from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise CannotRun(f"{state}: not the state of a stack; give what `pulumi stack export` prints") from None


def bill_of(
    settings: Settings,
    request: Request,
    *,
    title: str | None = None,
    loads: Mapping[str, Workload] | None = None,
    registered: Iterable[tuple[str, Mapping[str, Any]]] | None = None,
) -> Bill:
    """The cost of a stack with these settings, on its own loads, or on those of a workload of `loads` by the same name.
    What stands around its units is told by the settings, or by the resources that are `registered`, type and inputs.
    Files of loads lie beside the stack file of `request`. Raises CannotRun where a load cannot be run."""
    with as_cannot_run():
        prices = prices_of(request.prices, settings)
        found: list[Envelope] = []
        items: list[str] = []
        used: list[Used] = []
        if request.service is not None:
            chosen(settings, request.service, request.path.name)
        for name, member in workloads_of(settings).items():
            if request.service not in (None, name):
                continue
            cost = member.unit_cost(prices)
            items += cost.items
            if member.elasticity is not None:
                tried = loads_for((loads or {}).get(name, member), request)
                runs = [simulated(member, one, prices, request) for one in tried]
                found.append(envelope(member, cost, runs, prices))
                if runs:
                    weight = member.simulation.per_request
                    balanced = member.deregistration_delay is not None
                    used.append(Used(_rates(runs), weight, balanced, member.log_retention))
                items += ["cloudwatch_alarm"] if _alarms(member.rules, prices) else []
            else:
                found.append(fixed_envelope(name, member.rules.minimum, cost))
        shared = shared_costs(settings, prices)
    if registered is not None and prices.is_own:
        raise CannotRun(
            "--state prices what AWS charges beside units; of a stack on Docker Swarm nothing is charged so"
        )
    if registered is not None:
        from operations.cost.charges import charged  # the rows are needed for a state alone

        standing = charged(registered, prices)
        unpriced = ("data transfer", *standing.unpriced)
        shared = SharedCosts(standing.monthly, standing.items, unpriced, shared.balancer, shared.routes)
    items += shared.items
    by_use, counted = used_costs(used if len(used) == len(found) else [], shared, prices)
    around = [line for line in shared.unpriced if line not in counted]
    return Bill(
        title=request.path.name if title is None else title,
        currency=prices.currency,
        region=prices.region,
        envelopes=tuple(found),
        fixed=shared.monthly,
        unpriced=tuple(dict.fromkeys([*around, *(item for each in found for item in each.unpriced)])),
        dates=tuple(f"{item}: {prices.dated(item)}" for item in dict.fromkeys(items) if item in prices),
        used=by_use,
        budget=settings.budget if request.service is None else Budget(),
    )


def document(answer: Bill) -> dict[str, Any]:
    """The answer as plain values."""
    return {
        "schema": 1,
        **dataclasses.asdict(dataclasses.replace(answer, budget=None)),  # type: ignore[arg-type]  # a model, below
        "budget": answer.budget.model_dump(),
        "total": {which: answer.total(which) for which in COLUMNS},
    }
