"""What one run shows: series per tick, decisions in words, figures, and every parameter behind them."""

from __future__ import annotations

import dataclasses
import datetime
import functools
import json
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from elasticity.measure import Headroom, headroom
from elasticity.platforms import Parameter
from elasticity.pricing import Bill, Prices
from elasticity.simulator.configuration import Scenario
from elasticity.simulator.document import SeriesDocument, TimelineDocument
from elasticity.simulator.engine import Outcome
from elasticity.simulator.figures import Figures, UnitPrice, bill_of, figures_of
from elasticity.simulator.plant.state import RECORDED
from elasticity.simulator.reasons import AlarmChange, Decision, alarm_changes, decisions
from elasticity.traces import Load, Reals

NOT_MODELLED = (
    "not modelled: zone balance and termination order, instance weights, mixed instances, failures that are not "
    "declared, warm pools, lifecycle hooks, simple scaling, network and load-balancer limits, what 'adapts to usage "
    "patterns' does, tracking from zero units, deregistration that ends early, the 300 s "
    "seen once between state change and effect, alarms on percentiles, metric math over a range of points; latency is "
    "an estimate"
)
"""One line for every report: what no document settles, and what is left out."""


@dataclasses.dataclass(frozen=True, eq=False)
class Timeline:
    """One simulated run. Series have one value per tick of `tick` seconds, shape (ticks,), in force during the tick."""

    start: datetime.datetime
    """UTC."""
    tick: int
    """Seconds."""
    platform: str
    load: Reals
    """Requests (or messages) per second."""
    needed: npt.NDArray[np.int64]
    """Fewest units that keep the objective."""
    capacity: Reals
    """Requests per second that the serving units can serve."""
    serving: npt.NDArray[np.int64]
    desired: npt.NDArray[np.int64]
    starting: npt.NDArray[np.int64]
    waiting: npt.NDArray[np.int64]
    """Units desired that could not start yet: launch rate, or no instance with room."""
    draining: npt.NDArray[np.int64]
    minimum: npt.NDArray[np.int64]
    maximum: npt.NDArray[np.int64]
    utilisation: Reals
    """CPU in percent, mean over the serving units."""
    backlog: Reals
    """Requests waiting at the end of the tick."""
    latency: Reals
    """Estimated seconds of a request; infinite where requests wait and nothing serves."""
    instances: npt.NDArray[np.int64]
    """Running instances below a capacity provider; 0 elsewhere."""
    parameters: tuple[Parameter, ...]
    """Every parameter in force, with default, evidence grade and source."""
    notes: tuple[str, ...]
    """What a reader must know: what is not modelled, what was filled in or rounded."""
    scenario: Scenario = dataclasses.field(repr=False)
    outcome: Outcome = dataclasses.field(repr=False)
    unit_price: UnitPrice | None = None
    prices: Prices | None = None

    @property
    def seconds(self) -> int:
        """Length of the run."""
        return len(self.load) * self.tick

    @property
    def running(self) -> npt.NDArray[np.int64]:
        """Units that serve: the count that policies of a service start from."""
        return self.serving

    @functools.cached_property
    def decisions(self) -> tuple[Decision, ...]:
        """What happened and why, in order of time; put into words when first asked for."""
        return tuple(decisions(self.scenario, self.outcome.notes.tolist(), self.start))

    @functools.cached_property
    def alarm_changes(self) -> tuple[AlarmChange, ...]:
        """Alarms that went into another state, in order of time."""
        return tuple(alarm_changes(self.scenario, self.outcome.notes.tolist()))

    def published(self, kind: int) -> tuple[Reals, Reals]:
        """Of a run with `held`: a kind of signal (`elasticity.autoscaler.layout.CPU` ...) tick by tick, and what each
        value weighs in a mean; each of shape (ticks,)."""
        row = self.outcome.published
        return row[:, kind], row[:, row.shape[1] // 2 + kind]

    @functools.cached_property
    def times(self) -> npt.NDArray[np.datetime64]:
        """Start of each tick, UTC, shape (ticks,)."""
        begin = np.datetime64(self.start.astimezone(datetime.UTC).replace(tzinfo=None), "s")
        times: npt.NDArray[np.datetime64] = begin + np.arange(len(self.load)) * np.timedelta64(self.tick, "s")
        return times

    def figures(self) -> Figures:
        """The figures of `elasticity.simulator.FIGURES` by name; None where there is none."""
        return figures_of(self.scenario, self.outcome, self.unit_price, self.prices)

    def bill(self) -> Bill | None:
        """The bill of the window; None without a price of a unit."""
        if self.unit_price is None:
            return None
        return bill_of(self.scenario, self.outcome, self.unit_price, self.prices)

    def headroom(self) -> Headroom:
        """Room above the load, as a share of it."""
        return headroom(self.load, self.capacity)

    def actions(self) -> tuple[Decision, ...]:
        """The decisions that changed desired."""
        return tuple(item for item in self.decisions if item.before != item.after and item.kind in _ACTIONS)

    def to_json(self, *, series: bool = True) -> str:
        """The run as JSON of `TimelineDocument`; equal runs give equal text. `series` False leaves the series out."""
        beside = {"series": {name: _listed(getattr(self, name)) for name in SERIES}} if series else {}
        document = TimelineDocument.model_validate(
            {
                "schema": 1,
                "platform": self.platform,
                "start": _stamp(self.start),
                "tick": self.tick,
                "ticks": len(self.load),
                "figures": {name: _finite(value) for name, value in self.figures().items()},
                "decisions": [
                    {**{name: getattr(item, name) for name in _DECISION}, "time": _stamp(item.time)}
                    for item in self.decisions
                ],
                "parameters": [dataclasses.asdict(parameter) for parameter in self.parameters],
                "notes": self.notes,
                **beside,
            }
        ).model_dump(by_alias=True, exclude_unset=True)
        return json.dumps(document, sort_keys=True, separators=(",", ":"), allow_nan=False) + "\n"


_ACTIONS = frozenset({"scale_out", "scale_in", "schedule", "forecast"})
_DECISION = ("second", "kind", "rule", "before", "after", "text")
SERIES = tuple(SeriesDocument.model_fields)


def _stamp(time: datetime.datetime) -> str:
    return time.astimezone(datetime.UTC).isoformat().replace("+00:00", "Z")


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _listed(values: npt.NDArray[Any]) -> list[float | int | None]:
    if values.dtype.kind == "i" or np.isfinite(values).all():
        return list(values.tolist())
    return [_finite(value) for value in values.tolist()]


def timeline_of(
    scenario: Scenario,
    outcome: Outcome,
    load: Load,
    platform: str,
    parameters: Sequence[Parameter],
    notes: Sequence[str],
    unit_price: UnitPrice | None,
    prices: Prices | None,
) -> Timeline:
    """The timeline of a recorded run."""
    columns = dict(zip(RECORDED, outcome.recorded.T, strict=True))
    reals = {"capacity", "utilisation", "backlog", "latency"}
    series = {
        name: np.ascontiguousarray(column) if name in reals else column.astype(np.int64)
        for name, column in columns.items()
    }
    return Timeline(
        start=load.start.astimezone(datetime.UTC),
        tick=scenario.plan.tick,
        platform=platform,
        load=scenario.rates,
        needed=scenario.needed,
        parameters=tuple(parameters),
        notes=tuple(notes),
        scenario=scenario,
        outcome=outcome,
        unit_price=unit_price,
        prices=prices,
        **series,
    )
