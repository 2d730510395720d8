"""The step from zero units to one that rules on a queue bring along: what is deployed beside the declared rules.

Target tracking computes zero from zero, and a backlog per unit needs a unit. So where a rule on the queue may find
none, a step of one unit is registered with an alarm of its own. It is a rule like any other, written here once: the
translation registers it, the simulator runs it, the linter counts on it.
"""

from __future__ import annotations

from collections.abc import Mapping

from elasticity.platforms import platform_parameters
from elasticity.quantities import Duration
from elasticity.rules import Elasticity, Metric, StepScaling

WAKE = "wake"
"""Name of the step; no declared rule may have it."""
WAITING: Mapping[str, str] = {
    "known": "FILL({running}, REPEAT)",
    "units": "FILL({known}, 0)",
    "waiting": "IF({units} < 1, {visible}, 0)",
}
"""Metric math of messages that wait while no unit runs, over `visible` and `running`. A running count that is only late
is repeated; one that has stopped coming, as it may at zero, counts as 0. The last is the alarm's."""
NAME_TAKEN = f"the name `{WAKE}` belongs to the step from zero to one that queue rules bring along"
RUNNING_UNITS: Mapping[str, tuple[str, str]] = {
    "ecs_service": ("ECS/ContainerInsights", "RunningTaskCount"),
    "ec2_group": ("AWS/AutoScaling", "GroupInServiceInstances"),
}
"""Platform -> namespace and name of its metric of running units. Sources: ECSDG Container Insights metrics, AASUG group
metrics."""
VISIBLE_MESSAGES = "ApproximateNumberOfMessagesVisible"
"""Name of SQS's metric of messages that wait; one value each minute."""
SHORTEST_COOLDOWN = 60.0
"""Seconds: the alarm looks once a minute."""


def needs_waking(rules: Elasticity) -> bool:
    """Whether a rule on the queue may find zero units."""
    on_queue = any(
        rule.metric == "queue_delay" for rule in (*rules.target_tracking.values(), *rules.step_scaling.values())
    )
    return (
        on_queue
        and rules.queue is not None
        and (rules.minimum == 0 or any(rule.minimum == 0 for rule in rules.scheduled.values()))
    )


def taken_names(rules: Elasticity) -> list[tuple[str, str]]:
    """Declared rules that have the name of the step that comes along, as kind and name."""
    if not needs_waking(rules):
        return []
    kinds = ("target_tracking", "step_scaling", "scheduled", "predictive")
    return [(kind, WAKE) for kind in kinds if WAKE in getattr(rules, kind)]


def wake_step(rules: Elasticity, *, cooldown: bool) -> StepScaling:
    """The step itself: one more unit at the first minute with waiting messages and no unit; missing data is no backlog.

    With `cooldown`, as services have, of the start-up time and at least SHORTEST_COOLDOWN; groups have warm-ups. It
    ends before the alarm can see the first unit, so a second one may be woken: within a longer one tracking would
    count from the zero before it, and wait.
    """
    own = max(SHORTEST_COOLDOWN, float(rules.unit.start_up or 0))
    return StepScaling.model_validate(
        {
            "metric": _key("waiting"),
            "threshold": 0,
            "comparison": "GreaterThanThreshold",
            "evaluation_periods": 1,
            "missing_data": "notBreaching",
            "aggregation": "Maximum",
            "steps": [{"from": 0, "change": 1}],
            "cooldown": Duration(own) if cooldown else None,
        }
    )


def with_wake(rules: Elasticity, platform: str) -> Elasticity:
    """The rules with the step and its metrics, as they are deployed on `platform`: tasks that wait for the instances of
    a capacity provider are a service's. The rules themselves where nothing needs to be woken."""
    if not needs_waking(rules) or WAKE in rules.step_scaling:
        return rules
    level = platform if platform in RUNNING_UNITS else "ecs_service"
    namespace, name = RUNNING_UNITS[level]
    metrics = {
        _key("visible"): Metric(namespace="AWS/SQS", name=VISIBLE_MESSAGES),
        _key("running"): Metric(namespace=namespace, name=name),
    }
    keys = {key: _key(key) for key in ("visible", "running", *WAITING)}
    metrics |= {_key(key): Metric(expression=text.format(**keys)) for key, text in WAITING.items()}
    step = wake_step(rules, cooldown=platform_parameters(level).scale_out_cooldown is not None)
    return rules.model_copy(
        update={"metrics": rules.metrics | metrics, "step_scaling": rules.step_scaling | {WAKE: step}}
    )


def _key(part: str) -> str:
    """Key of a metric of the step: longer than a declared key may be, so that it never stands for one."""
    return f"{part}_of_the_step_from_zero_to_one"
