"""What the kernel works on: every number and table has one name, one unit, one meaning.

`Plan`, `Tables` and `State` are plain objects with lists when the kernel runs as Python, and records of the
same fields when it is compiled; their declarations here are the source of both. Times are whole seconds from the
start of the run, rates are per second, utilisation is 0 to 1, metrics are in their own unit (cpu and memory in
percent).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar

Integers: TypeAlias = list[int]
"""A list of int, or a numpy array of int64."""
Reals: TypeAlias = list[float]
"""A list of float, or a numpy array of float64."""

Function = TypeVar("Function", bound=Callable[..., Any])


def hot(function: Function) -> Function:
    """A function on the path of many ticks: inlined where the kernel is compiled, these run twice as fast, as a call
    hands each array over in seven parts; all inlined, compiling takes three times as long."""
    function.__dict__["hot"] = True
    return function


def is_hot(function: Callable[..., Any]) -> bool:
    """Whether `hot` stands on it."""
    return "hot" in vars(function)


NEVER = 1 << 60
"""A time after every run."""
UNLIMITED = 1 << 40
"""A count above every capacity."""

QUEUE, LOSS = range(2)
(
    CPU, MEMORY, REQUESTS, RESPONSE_TIME, QUEUE_DELAY, RESERVATION, ARRIVALS, BACKLOG_SIZE,
    RUNNING, DESIRED, STARTING, DRAINING, PRESENT, COLUMN, CALCULATED,
) = range(15)  # fmt: skip
"""Kinds of signal: what one datapoint is made of. From RUNNING to PRESENT counts of units; CALCULATED: metric math."""
(
    CODE_NUMBER, CODE_SERIES, CODE_CHOOSE, CODE_REPEAT, CODE_ABSOLUTE, CODE_CEILING, CODE_FLOOR, CODE_LOGARITHM,
    CODE_ADD, CODE_SUBTRACT, CODE_MULTIPLY, CODE_DIVIDE, CODE_POWER, CODE_LESS, CODE_AT_MOST, CODE_MORE, CODE_AT_LEAST,
    CODE_EQUAL, CODE_UNEQUAL, CODE_AND, CODE_OR, CODE_MAXIMUM, CODE_MINIMUM, CODE_FILL,
) = range(24)  # fmt: skip
"""Operations of metric math; from CODE_ADD on they take two values."""
DEEPEST = 16
"""Values that a program of metric math may hold at once."""
MISSING, IGNORE, BREACHING, NOT_BREACHING = range(4)
"""What a missing datapoint means."""
OK, ALARM, INSUFFICIENT = range(3)
TRACKING, STEPS = range(2)
MEASURED, AS_IT_IS, BY_PROGRAM = range(3)
"""A datapoint is the mean of its ticks, the value of its only tick, or calculated."""
CHANGE, PERCENT, EXACT = range(3)
AVERAGE, MINIMUM, MAXIMUM = range(3)
MANAGED_SCALING = -1
"""Owner of the alarms that size the group below a capacity provider."""
NOTHING, NO_MATCH = -1, -2
"""In place of a proposal: no alarm, or no step that covers the metric."""

# Tables with rows of fixed width, flat: the width, then the places within a row.
SCHEDULE, SCHEDULE_TIME, SCHEDULE_MINIMUM, SCHEDULE_MAXIMUM, SCHEDULE_DESIRED = 5, 0, 1, 2, 3
"""Scheduled actions in order of time; -1 for a value that is not set. The fifth place holds the rule."""
FORECAST, FORECAST_TIME, FORECAST_CAPACITY, FORECAST_MAXIMUM, FORECAST_ACTS = 5, 0, 1, 2, 3
"""Forecasts in order of time; a maximum of -1 is honoured. The fifth place holds the rule."""
PAUSE, PAUSE_START, PAUSE_END = 2, 0, 1
NOTE = 8
"""A row of the decision log: time, code, subject, metric, base, before, proposed, after."""

SMALL = {"clock": 7, "signal": 7, "alarm": 15, "policy": 7, "step": 31, "code": 31}
"""Room in the tables for almost every rule set: what a tick touches then lies close together."""
LARGE = {"clock": 509, "signal": 509, "alarm": 109, "policy": 53, "step": 503, "code": 4093}
"""Room for what AWS allows: 50 policies on a target, each of ten metrics. Odd, so that columns of a row fall into
different cache sets."""

# Codes of the decision log.
(
    ALARM_CHANGED, SCALED_OUT, SCALED_IN, HELD_BY_COOLDOWN, UNDER_WAY, AT_MAXIMUM, AT_MINIMUM, HELD_BY_AGREEMENT,
    HELD_BY_DEPLOYMENT, HELD_BY_IN_COOLDOWN, HELD_BY_WARM_UP, HELD_BY_FORECAST, OUTVOTED, NO_STEP, NO_CHANGE, SCHEDULED,
    SCHEDULE_REFUSED, FORECAST_RAISED, FORECAST_ONLY, UNITS_SERVE, INSTANCES_OUT, INSTANCES_IN, INSTANCES_HELD,
    INSTANCES_JOINED, SUPERSEDED, UNITS_LOST, UNITS_TOLD, DEPLOYMENT_BEGAN, DEPLOYMENT_ENDED,
) = range(29)  # fmt: skip


class Plan:
    """The numbers of one run that never change."""

    ticks: int
    tick: int
    warms_up: int
    """Whether new units warm up, and policies have no cooldowns."""
    on_instances: int
    """Whether units wait for instances of a group below."""
    record: int
    minimum: int
    maximum: int
    initial: int
    failing: int
    """Whether anything is declared to happen to units."""
    unit_capacity: float
    power_limit: float
    """Requests per second that whatever lies behind all units takes; infinite without a limit."""
    idle_cpu: float
    idle_memory: float
    memory_slope: float
    service_time: float
    servers_per_unit: float
    variability: float
    latency_goal: float
    latency_read: int
    """Whether the latency of each tick is asked for; else only the longest, and whether the goal is kept."""
    latency_limit: float
    """Where it is not: seconds that make an alarm breach, and ticks from then on in which an action may read it."""
    latency_hold: int
    read: int
    """The kinds of signal whose values are asked for, each as the bit of its number; all where the timeline is kept."""
    uneven: int
    """Whether a part of the units may be idle while others serve: slow start, or a limit behind all of them."""
    reaction_utilisation: float
    time_per_message: float
    start_up: int
    running_after: int
    """Seconds until a starting unit runs; as many as `start_up` where it serves as soon as it runs."""
    start_up_cpu: float
    """CPU in percent of a unit that runs and does not serve yet."""
    drain: int
    slow_start: int
    warm_up: int
    burst: int
    launch_rate: int
    """Units per second beyond the burst, in thousandths, as `PlantState.tokens` is."""
    requests_received: int
    """Whether requests per target counts what arrives; else what has been served."""
    overflow: int
    timeout: int
    """Whole ticks that a request waits; 0: for ever."""
    longest_wait: float
    """Seconds after which it has left, as declared: no latency above it is reported. Infinite without a timeout."""
    impatient: int
    """Whether requests that are not served may leave: what overflows is lost, they wait no longer, they come back."""
    retry_limit: int
    """Times that a request is sent again at most; 0: never."""
    retry_factor: float
    """Share of those that fail which is sent again."""
    scale_in_fraction: float
    reversal_window: int
    warming_counts: int
    """Whether an instance counts in the metric before it is warm: only where the group sets no warm-up, or 0."""
    fresh_keeps: int
    """Whether few breaching points, all of them fresh, leave an alarm as it is; else INSUFFICIENT_DATA."""
    units_per_instance: int
    instance_minimum: int
    instance_maximum: int
    instance_initial: int
    instance_start_up: int
    instance_warm_up: int
    reservation_target: float
    instance_minimum_step: int
    instance_maximum_step: int
    instance_in_fraction: float


class Tables:
    """Signals, alarms, policies and steps; alarms of one signal stand side by side."""

    clocks: int
    signals: int
    lowering: int
    """Tracking policies that may scale in."""
    measured: int
    """Signals whose datapoints are averages over ticks."""
    alarms: int
    policies: int
    codes: int
    clock_period: Integers
    """Signals that close and are evaluated at the same times have one clock; they stand side by side."""
    clock_again: Integers
    """Seconds between evaluations: the re-invocation period."""
    clock_first_close: Integers
    clock_first_evaluation: Integers
    clock_signals_from: Integers
    clock_signals_to: Integers
    clock_ring_mask: Integers
    """Length of the ring of each of its signals, less one; the length is a power of two."""
    signal_clock: Integers
    signal_kind: Integers
    signal_column: Integers
    signal_period: Integers
    signal_first_close: Integers
    """When its first datapoint closes."""
    signal_age: Integers
    """Seconds since its close that a datapoint must be old for a repeated action to use it."""
    signal_source: Integers
    """MEASURED, AS_IT_IS or BY_PROGRAM: where a datapoint comes from."""
    signal_factor: Reals
    """From the value of a tick to what is published of it: 1, of a rate that is published as a sum the period."""
    signal_same: Integers
    """1 where a tick like the one before gives the same datapoint again: read as it is, or calculated of such."""
    signal_silent: Integers
    """1 where nothing is published without load."""
    signal_measured: Integers
    """The signals that are measured tick by tick, each by its position."""
    signal_alarms_from: Integers
    signal_alarms_to: Integers
    signal_ring: Integers
    """Start of its datapoints in `points`."""
    signal_code_from: Integers
    signal_code_to: Integers
    """Its program where it is calculated."""
    alarm_sign: Reals
    alarm_bound: Reals
    """A datapoint breaches where it is above the bound, times the sign."""
    alarm_periods: Integers
    alarm_datapoints: Integers
    alarm_range: Integers
    alarm_missing: Integers
    alarm_signal: Integers
    alarm_policy: Integers
    """Index of the policy it invokes, or MANAGED_SCALING."""
    alarm_raises: Integers
    """1 on the high side."""
    alarm_acts: Integers
    """1 where its policy acts on it alone, -1 on the low side of tracking, 0 for MANAGED_SCALING."""
    policy_kind: Integers
    policy_signal: Integers
    policy_target: Reals
    """Target, or threshold of a step policy."""
    policy_high: Integers
    """Its alarm; of a step policy the only one."""
    policy_low: Integers
    """-1 where scale-in is disabled, and for step policies."""
    policy_out_cooldown: Integers
    policy_in_cooldown: Integers
    policy_warm_up: Integers
    policy_adjustment: Integers
    policy_minimum_adjustment: Integers
    policy_aggregation: Integers
    policy_low_side: Integers
    """1 where the alarm breaches below its threshold: a metric at the threshold then belongs to the side below."""
    policy_steps_from: Integers
    policy_steps_to: Integers
    step_lower: Reals
    step_upper: Reals
    step_change: Integers
    code_operation: Integers
    code_operand: Integers
    """The signal that is read; of two series 1, of a series and a number 0."""
    code_number: Reals


class State:
    """What the autoscaler owns; its first fields are what it and a plant tell each other, `DECIDED` and `REPORTED`."""

    desired: int
    minimum: int
    """The bounds in force, this one and the next."""
    maximum: int
    serving: int
    starting: int
    warming: int
    """Of those that serve."""
    booting: int
    """Of those that start: they run already, and ECS counts them, before a balancer sends them anything."""
    rate: float
    """Requests of the present tick."""
    values: Reals
    """The present tick's value of each kind of signal, and what it weighs in a mean."""
    weights: Reals
    repeated_ticks: int
    """Ticks, this one included, that were alike in everything: a signal then has the datapoint it had."""
    out_until: int
    in_until: int
    added: int
    """Units that the scale-out of the running cooldown has added."""
    floor: int
    """Capacity by the forecast of the hour."""
    next_signal: int
    schedule_at: int
    forecast_at: int
    pause_at: int
    direction: int
    acted: int
    notes: int
    invoked: int
    raised: int
    """Alarms in ALARM on which a policy acts alone."""
    lowered: int
    """Low alarms of tracking in ALARM."""
    origin: Reals
    deviation: Reals
    weight: Reals
    newest: Reals
    acting: Reals
    """The datapoint that an action uses, and how many datapoints there are up to it."""
    acting_seen: Integers
    acting_at: Integers
    """The evaluation that it was chosen for."""
    next_close: Integers
    next_evaluation: Integers
    next_publication: Integers
    closed: Integers
    """Of a clock, as the next three: datapoints that each of its signals has."""
    seen: Integers
    """Those of them that alarms have been told."""
    alarms_in_alarm: Integers
    evaluated_at: Integers
    """When it was last evaluated with an alarm in ALARM."""
    unbroken: Integers
    unchanged_above: Reals
    unchanged_below: Reals
    """A datapoint between the two changes the state of no alarm of the signal, nor will ones like it."""
    alarmed_at: Integers
    """When an alarm of the signal last went into ALARM."""
    alarm: Integers
    breaches: Integers
    proposal: Integers
    noted: Integers
    stack: Reals
    kept: Reals
    """Newest real value where missing ones repeat it."""
    out_actions: int
    in_actions: int
    reversals: int
    flaps: int


DECIDED = ("desired", "minimum", "maximum")
"""Fields of `State` that the autoscaler sets and a plant follows."""
REPORTED = ("serving", "starting", "warming", "booting", "rate", "values", "weights", "repeated_ticks")
"""Fields of `State` that a plant sets and the autoscaler reads: its units, and what is measured of them."""
TABLES_OF_RULES = {
    **dict.fromkeys(
        (
            "clock_period",
            "clock_again",
            "clock_first_close",
            "clock_first_evaluation",
            "clock_signals_from",
            "clock_signals_to",
            "clock_ring_mask",
        ),
        "clock",
    ),
    **dict.fromkeys(
        (
            "signal_clock",
            "signal_kind",
            "signal_column",
            "signal_period",
            "signal_first_close",
            "signal_age",
            "signal_source",
            "signal_factor",
            "signal_same",
            "signal_silent",
            "signal_measured",
            "signal_alarms_from",
            "signal_alarms_to",
            "signal_ring",
            "signal_code_from",
            "signal_code_to",
        ),
        "signal",
    ),
    **dict.fromkeys(
        (
            "alarm_sign",
            "alarm_bound",
            "alarm_periods",
            "alarm_datapoints",
            "alarm_range",
            "alarm_missing",
            "alarm_signal",
            "alarm_policy",
            "alarm_raises",
            "alarm_acts",
        ),
        "alarm",
    ),
    **dict.fromkeys(
        (
            "policy_kind",
            "policy_signal",
            "policy_target",
            "policy_high",
            "policy_low",
            "policy_out_cooldown",
            "policy_in_cooldown",
            "policy_warm_up",
            "policy_adjustment",
            "policy_minimum_adjustment",
            "policy_aggregation",
            "policy_low_side",
            "policy_steps_from",
            "policy_steps_to",
        ),
        "policy",
    ),
    **dict.fromkeys(("step_lower", "step_upper", "step_change"), "step"),
    **dict.fromkeys(("code_operation", "code_operand", "code_number"), "code"),
}
"""What each table in `Tables` has a place for."""
TABLES_OF_STATE = {
    **dict.fromkeys(
        ("origin", "deviation", "weight", "newest", "acting", "acting_seen", "acting_at", "unbroken", "alarmed_at"),
        "signal",
    ),
    **dict.fromkeys(("unchanged_above", "unchanged_below"), "signal"),
    **dict.fromkeys(("next_close", "next_evaluation", "next_publication"), "clock"),
    **dict.fromkeys(("closed", "seen", "alarms_in_alarm", "evaluated_at"), "clock"),
    **dict.fromkeys(("alarm", "breaches"), "alarm"),
    **dict.fromkeys(("proposal", "noted"), "policy"),
    "kept": "code",
}
"""The same of the tables in `State`."""
SIZES = {
    **dict.fromkeys(("values", "weights"), CALCULATED + 1),
    "stack": DEEPEST,
}
"""Lengths of the other tables in `State`."""
