"""What runs on one load share: rates per tick, needed units, forecasts. Computed once, read by every rule set of a
sweep."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from elasticity.platforms import PlatformParameters
from elasticity.predictive import FORECAST_HOURS, HISTORY_NEEDED_HOURS, HISTORY_USED_HOURS, REFRESH_HOURS
from elasticity.rules import Unit
from elasticity.simulator.conditions import Conditions
from elasticity.simulator.demand import needed_units
from elasticity.simulator.failures import events_of
from elasticity.traces import Load, Reals

Counts = npt.NDArray[np.int64]
HOUR = 3_600
MINUTE = 60
MAXIMUM_KEPT = 256
"""Rows by calendar that are kept for rule sets to come: a search over schedules makes new ones all the time."""


class Prepared:
    """One load under one set of conditions, by ticks and by hours."""

    def __init__(self, load: Load, conditions: Conditions) -> None:
        self.load, self.conditions = load, conditions
        self.tick = conditions.tick
        self.ticks = load.seconds // conditions.tick
        self._kept: dict[Any, Any] = {}
        self._rows: dict[Any, Counts] = {}

    def _once(self, key: Any, make: Callable[[], Any]) -> Any:
        if key not in self._kept:
            self._kept[key] = make()
        return self._kept[key]

    def rows(self, key: Any, make: Callable[[list[str]], Counts], faults: list[str]) -> Counts:
        """What `make` gives for rules equal to `key`, read-only, kept for the next rule set unless it added
        `faults`."""
        kept = self._rows.get(key)
        if kept is not None:
            return kept
        own: list[str] = []
        made = make(own)
        faults += own
        if not own:
            made.flags.writeable = False
            if len(self._rows) >= MAXIMUM_KEPT:
                self._rows = {}
            self._rows[key] = made
        return made

    @functools.cached_property
    def service_parameters(self) -> PlatformParameters:
        """Parameters of the level that the rules act on; raises ValueError where the conditions' are wrong."""
        return self.conditions.service_parameters()

    @functools.cached_property
    def provider_parameters(self) -> PlatformParameters | None:
        """Parameters of the group below a capacity provider; None elsewhere."""
        return self.conditions.provider_parameters()

    @functools.cached_property
    def rates(self) -> Reals:
        """Requests per second, shape (ticks,)."""
        return np.ascontiguousarray(self.load.per_tick(self.tick, self.ticks))

    @functools.cached_property
    def events(self) -> Counts:
        """What fails, as rows of `plant.state.EVENT`."""
        return events_of(self.conditions.failures, self.ticks * self.tick, self.tick)

    @functools.cached_property
    def rate_at_start(self) -> float:
        """Mean requests per second of the first minute."""
        return float(self.rates[: max(1, MINUTE // self.tick)].mean())

    @functools.cached_property
    def columns(self) -> Reals:
        """Metrics given with the load, one series after the other; NaN where missing."""
        series = [self.load.column_per_tick(name, self.tick, self.ticks) for name in self.load.columns]
        return np.concatenate(series) if series else np.zeros(0)

    def needed(self, unit: Unit) -> Counts:
        """Units that keep the objective, shape (ticks,)."""
        found: Counts = self._once(unit, lambda: needed_units(self.rates, unit, self.conditions))
        return found

    def demand(self, unit: Unit) -> Mapping[str, float]:
        """Sums over the load alone: requests that arrive, units needed (`demand`, over ticks), the most of them, ticks
        that need none, and changes from tick to tick."""
        found: Mapping[str, float] = self._once(("demand", unit), lambda: self._demand(self.needed(unit)))
        return found

    def _demand(self, needed: Counts) -> Mapping[str, float]:
        return {
            "arrived": float(np.cumsum(self.rates * self.tick)[-1]),  # one by one, as everything in the kernel
            "demand": float(needed.sum()),
            "peak_demand": float(needed.max()),
            "idle_ticks": float(len(needed) - np.count_nonzero(needed)),
            "demand_changes": float(np.count_nonzero(needed[1:] != needed[:-1])),
        }

    def window(self, timeout: int) -> Reals:
        """Requests that arrived within `timeout` seconds up to the end of each tick; empty without a timeout."""
        if not timeout:
            return np.zeros(0)
        found: Reals = self._once(("window", timeout), lambda: self._window(timeout))
        return found

    def _window(self, timeout: int) -> Reals:
        arrived = np.concatenate(([0.0], np.cumsum(self.rates * self.tick)))
        ends = np.arange(1, self.ticks + 1)
        return np.asarray(arrived[ends] - arrived[np.maximum(0, ends - timeout // self.tick)], dtype=np.float64)

    @property
    def seconds_into_hour(self) -> int:
        """Where in a clock hour the run starts."""
        return int(self.load.start.timestamp()) % HOUR

    @functools.cached_property
    def hourly_maxima(self) -> list[float]:
        """Largest rate of each clock hour; the first is partial where the run starts within an hour."""
        hours = (np.arange(self.ticks) * self.tick + self.seconds_into_hour) // HOUR
        edges = np.flatnonzero(np.diff(hours, prepend=-1))
        return [float(value) for value in np.maximum.reduceat(self.rates, edges)]

    def forecast_hours(self, *, ahead: bool) -> tuple[Counts, Reals]:
        """Hours of the run with their forecast rate, each from the newest forecast made before its capacity is raised.

        `ahead`: capacity is raised before the hour, so that a forecast made at the hour comes too late for it. Raises
        ValueError where the forecast gives too few values, or such that are negative or not finite.
        """
        found: tuple[Counts, Reals] = self._once(("forecast", ahead), lambda: self._forecast_hours(ahead))
        return found

    def _forecast_hours(self, ahead: bool) -> tuple[Counts, Reals]:
        known = [float(value) for value in self.conditions.history]
        series = known + self.hourly_maxima
        first, skip = max(0, HISTORY_NEEDED_HOURS - len(known)), int(ahead)
        hours: list[int] = []
        rates: list[float] = []
        for refresh in range(first, len(self.hourly_maxima), REFRESH_HOURS):
            history = series[: len(known) + refresh][-HISTORY_USED_HOURS:]
            values = [float(value) for value in self.conditions.forecast(history, FORECAST_HOURS)]
            if len(values) < REFRESH_HOURS + 1 or not all(math.isfinite(value) and value >= 0 for value in values):
                raise ValueError(f"expected {FORECAST_HOURS} finite values from 0 up")
            hours += range(refresh + skip, refresh + skip + REFRESH_HOURS)
            rates += values[skip : skip + REFRESH_HOURS]
        inside = np.array(hours, dtype=np.int64) < len(self.hourly_maxima)
        return np.array(hours, dtype=np.int64)[inside], np.array(rates, dtype=np.float64)[inside]
