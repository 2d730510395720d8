"""The arrays and numbers that the kernel works on: every name has one place, one unit, one meaning.

Groups are named tuples of flat arrays (structure of arrays), so that the same kernel source runs on Python lists and, compiled, on
numpy arrays. Times are whole seconds from the start of the run; rates are per second; utilisation is 0 to 1, metrics are in their own
unit (cpu and memory in percent).
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

Integers: TypeAlias = list[int]
"""A list of int, or a numpy array of int64."""
Reals: TypeAlias = list[float]
"""A list of float, or a numpy array of float64."""

NEVER = 1 << 60
"""A time after every run."""
UNLIMITED = 1 << 40
"""A count above every capacity."""

ECS_SERVICE, EC2_GROUP, CAPACITY_PROVIDER = range(3)
QUEUE, LOSS = range(2)
CPU, MEMORY, REQUESTS, RESPONSE_TIME, QUEUE_DELAY, RESERVATION, ARRIVALS, BACKLOG_SIZE, COLUMN = range(9)
"""Kinds of signal: what one datapoint is made of."""
AT_LEAST, ABOVE, AT_MOST, BELOW = range(4)
"""Comparisons of an alarm."""
MISSING, IGNORE, BREACHING, NOT_BREACHING = range(4)
"""What a missing datapoint means."""
OK, ALARM, INSUFFICIENT = range(3)
TRACKING, STEPS = range(2)
CHANGE, PERCENT, EXACT = range(3)
AVERAGE, LEAST, MOST = range(3)
MANAGED_SCALING = -1
"""Owner of the alarms that size the group below a capacity provider."""

# Places in `Work.state`.
(
    DESIRED, SERVING, STARTING, WARMING, DRAINING, LOWEST, HIGHEST, OUT_UNTIL, IN_UNTIL, ADDED, FLOOR, TOKENS, REFILLED, WAITS,
    HEAD, FIRST, TAIL, DRAIN_HEAD, DRAIN_TAIL, NEXT, NEXT_WARM, NEXT_SIGNAL, SCHEDULE_AT, FORECAST_AT, PAUSE_AT, DIRECTION, ACTED,
    NOTES, INVOKED, ABOVE_TARGET, EPISODE, ANSWERED, OVERLOADED, INSTANCES, INSTANCES_STARTING, INSTANCE_HEAD, INSTANCE_TAIL,
    YOUNG_UNTIL, SERVED_BEFORE, NEEDED_BEFORE,
) = range(40)  # fmt: skip
STATE_SIZE = 40

# Places in `Work.flow`.
BACKLOG, RAMP = range(2)

# Places in `totals`: sums over the run. Ticks are counted, seconds follow by the length of a tick.
(
    ARRIVED, SERVED, LOST, OVERLOAD, OVERLOAD_TICKS, LONGEST_TICKS, KEPT_TICKS, SUPPLY, PEAK, DEMAND, PEAK_DEMAND, UNDER, OVER,
    UNDER_SHARE, OVER_SHARE, UNDER_TICKS, OVER_TICKS, IDLE_TICKS, UNSTABLE, SUPPLY_FIRST, DEMAND_FIRST, SUPPLY_CHANGES,
    DEMAND_CHANGES, OUT_ACTIONS, IN_ACTIONS, REVERSALS, FLAPS, AT_LOWEST_TICKS, AT_HIGHEST_TICKS, UNIT_SECONDS, MINIMUM_SECONDS,
    INSTANCE_SECONDS, LAUNCHED, WORST_LATENCY, LEFT, HIGHEST_BACKLOG, DESIRED_SUM,
) = range(37)  # fmt: skip
TOTALS_SIZE = 37
REACTION_BINS = 2_048
"""Reactions are counted by whole ticks up to here; longer ones are counted in the last bin."""

# Codes of the decision log.
(
    ALARM_CHANGED, SCALED_OUT, SCALED_IN, HELD_BY_COOLDOWN, UNDER_WAY, AT_MAXIMUM, AT_MINIMUM, HELD_BY_AGREEMENT, HELD_BY_DEPLOYMENT,
    HELD_BY_IN_COOLDOWN, HELD_BY_WARM_UP, HELD_BY_FORECAST, OUTVOTED, NO_STEP, NO_CHANGE, SCHEDULED, SCHEDULE_REFUSED, FORECAST,
    FORECAST_ONLY, UNITS_SERVE, INSTANCES_OUT, INSTANCES_IN, INSTANCES_HELD, INSTANCES_NOT_EMPTY, INSTANCES_JOINED, SUPERSEDED,
) = range(26)  # fmt: skip


class Plan(NamedTuple):
    """The numbers of one run that never change; integers and reals in fixed types, so that one compilation serves all."""

    ticks: int
    tick: int
    platform: int
    record: int
    minimum: int
    maximum: int
    initial: int
    unit_capacity: float
    idle_cpu: float
    idle_memory: float
    memory_slope: float
    service_time: float
    servers_per_unit: float
    variability: float
    latency_goal: float
    reaction_utilisation: float
    time_per_message: float
    start_up: int
    drain: int
    slow_start: int
    warm_up: int
    burst: int
    launch_rate: int
    """Units per second beyond the burst, in thousandths, as `state[TOKENS]` is."""
    overflow: int
    timeout: int
    scale_in_fraction: float
    reversal_window: int
    units_per_instance: int
    instance_minimum: int
    instance_maximum: int
    instance_initial: int
    instance_start_up: int
    instance_warm_up: int
    reservation_target: float
    instance_least_step: int
    instance_most_step: int
    instance_in_fraction: float


class Loads(NamedTuple):
    """What arrives, per tick."""

    rate: Reals
    """Requests per second."""
    window: Reals
    """Requests that arrived within the client timeout up to the end of the tick; empty without a timeout."""
    needed: Integers
    """Units that keep the objective."""
    columns: Reals
    """Values of metrics given with the load, one series after the other; NaN where missing."""


class Signals(NamedTuple):
    """Metrics that alarms watch, one entry each."""

    kind: Integers
    column: Integers
    period: Integers
    delay: Integers
    again: Integers
    """Seconds between evaluations: the re-invocation period."""
    first_close: Integers
    first_evaluation: Integers
    alarms_from: Integers
    alarms_to: Integers
    ring: Integers
    """Start of its datapoints in `Work.points`."""
    ring_size: Integers


class Alarms(NamedTuple):
    """Alarms, those of one signal side by side."""

    threshold: Reals
    comparison: Integers
    periods: Integers
    enough: Integers
    range: Integers
    missing: Integers
    policy: Integers
    """Index of the policy it invokes, or MANAGED_SCALING."""
    raises: Integers
    """1 on the high side of managed scaling."""


class Policies(NamedTuple):
    """Target-tracking and step policies."""

    kind: Integers
    signal: Integers
    target: Reals
    """Target, or threshold of a step policy."""
    high: Integers
    """Its alarm; of a step policy the only one."""
    low: Integers
    """-1 where scale-in is disabled, and for step policies."""
    out_cooldown: Integers
    in_cooldown: Integers
    warm_up: Integers
    adjustment: Integers
    least: Integers
    aggregation: Integers
    low_side: Integers
    """1 where the alarm breaches below its threshold: a metric at the threshold then belongs to the side below."""
    steps_from: Integers
    steps_to: Integers


class Steps(NamedTuple):
    """Step adjustments: bounds as differences from the threshold."""

    lower: Reals
    upper: Reals
    change: Integers


class Calendar(NamedTuple):
    """Scheduled actions in order of time; -1 for a value that is not set."""

    time: Integers
    minimum: Integers
    maximum: Integers
    desired: Integers
    rule: Integers


class Forecasts(NamedTuple):
    """Capacity by forecast, in order of time."""

    time: Integers
    capacity: Integers
    maximum: Integers
    """The maximum then in force; -1 where the maximum is honoured."""
    acts: Integers
    """0 for a rule that only forecasts."""
    rule: Integers


class Pauses(NamedTuple):
    """Deployments: from (inclusive) and to (exclusive), in order, apart."""

    start: Integers
    end: Integers


class Work(NamedTuple):
    """What the run changes; sized by `workspace`."""

    state: Integers
    flow: Reals
    values: Reals
    weights: Reals
    points: Reals
    origin: Reals
    deviation: Reals
    weight: Reals
    next_close: Integers
    next_evaluation: Integers
    closed: Integers
    seen: Integers
    unbroken: Integers
    newest: Reals
    breaches: Integers
    alarm: Integers
    invoked: Integers
    proposal: Integers
    noted: Integers
    launched: Integers
    ready: Integers
    warm: Integers
    count: Integers
    drain_end: Integers
    drain_count: Integers
    instance_ready: Integers
    instance_count: Integers


class Recorded(NamedTuple):
    """What one run writes per tick; empty arrays in a sweep."""

    capacity: Reals
    serving: Integers
    desired: Integers
    starting: Integers
    waiting: Integers
    draining: Integers
    minimum: Integers
    maximum: Integers
    utilisation: Reals
    backlog: Reals
    latency: Reals
    instances: Integers


class Notes(NamedTuple):
    """The raw decision log; empty arrays in a sweep."""

    time: Integers
    code: Integers
    subject: Integers
    """Index of policy, alarm or calendar entry, by code."""
    metric: Reals
    base: Integers
    before: Integers
    proposed: Integers
    after: Integers


class Reactions(NamedTuple):
    """Counts of reactions by their length in ticks."""

    to_alarm: Integers
    to_service: Integers
