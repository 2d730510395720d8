"""What the simulated plant works on beside the autoscaler's `layout`: records of the same kind, plain or compiled, in
the same units."""

from __future__ import annotations

from elasticity.autoscaler.layout import Integers, Reals

# Rings with rows of fixed width, flat: the width, then the places within a row.
COHORT, LAUNCHED, READY, WARM, COUNT = 4, 0, 1, 2, 3
DRAIN, DRAIN_END, DRAIN_COUNT = 2, 0, 1
GROUP, GROUP_READY, GROUP_COUNT = 2, 0, 1
EVENT, EVENT_TIME, EVENT_KIND, EVENT_AMOUNT, EVENT_OTHER = 5, 0, 1, 2, 3
"""What is declared to fail, in order of time. The fifth place holds the failure."""
LOSE_SHARE, TELL, LOSE_TOLD, DEPLOY, DEPLOYED = range(5)
MILLION = 1_000_000
MOST_RETRIES = 10
RECORD = 12
RECORDED = (
    "capacity",
    "serving",
    "desired",
    "starting",
    "waiting",
    "draining",
    "minimum",
    "maximum",
    "utilisation",
    "backlog",
    "latency",
    "instances",
)
"""A row of the timeline."""

REACTION_BINS = 2_048
"""Reactions are counted by whole ticks up to here; longer ones are counted in the last bin."""


class PlantState:
    """What the plant owns: units and instances on their way, and the figures of the tick."""

    draining: int
    tokens: int
    refilled: int
    waits: int
    head: int
    first: int
    """First cohort that still starts."""
    tail: int
    drain_head: int
    drain_tail: int
    next: int
    next_warm: int
    next_running: int
    above_target: int
    episode: int
    answered: int
    overloaded: int
    instances: int
    instances_starting: int
    instance_head: int
    instance_tail: int
    young_until: int
    leaving: int
    """Units that serve and have been told to go: others are launched in their place."""
    deploying: int
    steady: int
    """Whether a tick of the same load would be like this one: no backlog, and neither units nor bounds have changed."""
    units_changed: int
    """Whether units or bounds may be others than in the tick before."""
    units_since: int
    """The first tick with the units there are."""
    alike_since: int
    """The first tick with the units there are and the units that are needed."""
    needed: int
    units: int
    """Of the ticks alike, as all that follows: units that serve."""
    billed: int
    billed_instances: int
    at_minimum: int
    at_maximum: int
    power: float
    served: float
    lost: float
    waiting: float
    backlog: float
    exponent_for: float
    """Servers that `exponent` was computed for."""
    exponent: float
    wait_for: float
    """Utilisation that `wait` was computed for, with `exponent_for` servers."""
    wait: float
    waiting_read: int
    """The tick up to which each latency may be read, as one has breached."""
    calm_units: float
    calm_up_to: float
    """Utilisation up to which so many units keep the latency goal, and no request waits longer than one before."""
    to_alarm: Integers
    """Reactions by their length in ticks: from the load's rise to the first scale-out."""
    to_service: Integers
    """The same to the first new unit that serves."""
    event_at: int
    kept_percent: int
    room_percent: int
    again: float
    """Requests that are sent again in the next tick."""
    lately: float
    """Requests that have arrived within the client timeout, those sent again included."""
    again_by_attempt: Reals
    """Of `again`, those that are sent for the first time, the second, ..."""
    waiting_by_attempt: Reals
    """The same of the backlog."""


class Totals:
    """Sums over the run. Ticks are counted; seconds follow by the length of a tick."""

    served: float
    lost: float
    overload: float
    overload_ticks: int
    pinned_ticks: int
    """Of these, with desired at the maximum: the bound is the cause, not the rule."""
    longest_ticks: int
    kept_ticks: int
    supply: int
    peak: int
    under: int
    over: int
    under_share: float
    over_share: float
    under_ticks: int
    over_ticks: int
    unstable: int
    supply_first: int
    demand_first: int
    supply_changes: int
    at_minimum_ticks: int
    at_maximum_ticks: int
    unit_seconds: int
    minimum_seconds: int
    instance_seconds: int
    launched: int
    worst_latency: float
    retried: float
    left: float
    highest_backlog: float


SIZES = {
    **dict.fromkeys(("to_alarm", "to_service"), REACTION_BINS),
    **dict.fromkeys(("again_by_attempt", "waiting_by_attempt"), MOST_RETRIES + 1),
}
"""Lengths of the tables in `PlantState`."""
