"""The metrics that rules name without declaring them: one row each; whoever needs to know something of one asks here.

What CloudWatch calls them on each platform stands in `components.scaling.metrics`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from elasticity.autoscaler import layout


def _says_nothing(_level: float, _capacity: float, _idle_cpu: float) -> float:
    """Time follows utilisation by no fixed share: a rule on it is taken to begin at full capacity."""
    return 1.0


@dataclass(frozen=True, kw_only=True)
class MetricKind:
    """One metric that is known by name."""

    unit: Literal["%", "requests/min", "s"]
    signal: int
    """What one datapoint is made of, a kind of signal of `elasticity.autoscaler.layout`."""
    bounded: bool = False
    """In percent: no target above 100, and growth of one step at most 100 / target."""
    silent_when_idle: bool = False
    """Whether nothing is published without load."""
    needs_a_unit: bool = True
    """Whether it says nothing while no unit runs."""
    of_units: bool = False
    """Whether units publish it, at the platform's metric period; the others come each minute."""
    by_balancer: bool = False
    """Whether an application balancer in front publishes it."""
    share: Callable[[float, float, float], float] = _says_nothing
    """Share of a unit's capacity, 0 to 1, at which it reaches a level: from level, capacity (requests per second) and
    cpu of an idle unit in percent."""

    @property
    def follows_load(self) -> bool:
        """Whether a level of it is a share of a unit's capacity."""
        return self.share is not _says_nothing


METRICS: Mapping[str, MetricKind] = MappingProxyType(
    {
        "cpu": MetricKind(
            unit="%",
            signal=layout.CPU,
            bounded=True,
            of_units=True,
            share=lambda level, _capacity, idle_cpu: (level - idle_cpu) / 100.0,
        ),
        "memory": MetricKind(unit="%", signal=layout.MEMORY, bounded=True, of_units=True),
        "requests_per_target": MetricKind(
            unit="requests/min",
            signal=layout.REQUESTS,
            by_balancer=True,
            share=lambda level, capacity, _idle_cpu: level / 60.0 / capacity,
        ),
        "response_time": MetricKind(unit="s", signal=layout.RESPONSE_TIME, by_balancer=True, silent_when_idle=True),
        "queue_delay": MetricKind(unit="s", signal=layout.QUEUE_DELAY, needs_a_unit=False),
    }
)
"""`cpu`, `memory`: percent, mean over the units. `requests_per_target`: requests per minute and target.
`response_time`: mean seconds. `queue_delay`: time that the newest message will wait, so visible messages per running
unit times `queue.time_per_message`."""
