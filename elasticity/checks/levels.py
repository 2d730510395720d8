"""Findings on targets and thresholds against what a unit can show: floors, service times, capacities, proportion."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from elasticity.checks.context import LintContext
from elasticity.checks.finding import Finding, finding
from elasticity.checks.metrics import underlying
from elasticity.checks.words import amount, listed
from elasticity.faults import KeyPath
from elasticity.metrics import METRICS
from elasticity.platforms import platform_parameters
from elasticity.quantities import rate_text
from elasticity.rules import Elasticity, Metric, TargetTracking

_PER_MINUTE = 60.0


def _wanted(rules: Elasticity, metric: str) -> Iterator[tuple[KeyPath, float]]:
    """Where rules on a metric add capacity: path and level of each target, and of each threshold of a step that adds
    above it."""
    for name, rule in rules.target_tracking.items():
        if rule.metric == metric:
            yield ("target_tracking", name, "target"), rule.target
    for name, step in rules.step_scaling.items():
        if step.metric == metric and step.scales_out and any(one.change > 0 for one in step.steps):
            yield ("step_scaling", name, "threshold"), step.threshold


def floors(rules: Elasticity) -> Mapping[str, float]:
    """Percent that an idle unit shows, by metric."""
    return {"cpu": rules.unit.idle_cpu, "memory": rules.unit.idle_memory}


def el015(rules: Elasticity, context: LintContext) -> Iterator[Finding]:
    """An idle floor at or above the target: the smallest load holds the metric above it on any number of units, so the
    rule adds until the maximum and never stops. Source: the formula of target tracking."""
    for metric, floor in floors(rules).items():
        for path, level in _wanted(rules, metric):
            if floor and floor >= level:
                message = (
                    f"an idle unit shows {floor:g} % {metric}, and the {path[-1]} is {amount(level)}: "
                    f"capacity runs to the maximum of {rules.maximum} and stays there"
                )
                cure = f"raise the {path[-1]} well above {floor:g}, or lower the idle floor"
                yield finding("EL015", path, message, cure)


def el016(rules: Elasticity, context: LintContext) -> Iterator[Finding]:
    """A response time below the service time: no number of units answers faster than one idle unit."""
    service = rules.unit.service_time
    for path, level in _wanted(rules, "response_time"):
        if service is not None and level < service:
            message = (
                f"an idle unit answers in {service}, and the {path[-1]} is {amount(level)}: "
                f"capacity runs to the maximum of {rules.maximum} and stays there"
            )
            yield finding("EL016", path, message, f"raise the {path[-1]} above {service}, or make the service faster")


def el017(rules: Elasticity, context: LintContext) -> Iterator[Finding]:
    """A queue delay below the time of one message: less than one waiting message per unit is wanted. Source: EC2UG
    as-using-sqs-queue, acceptable backlog = delay / time of a message."""
    if rules.queue is None:
        return
    each = rules.queue.time_per_message
    for path, level in _wanted(rules, "queue_delay"):
        if level < each:
            message = (
                f"one message takes {each}, and the {path[-1]} is {amount(level)}: "
                f"{level / each:.2g} waiting messages per unit, one message asks for {-int(-each // level)} units"
            )
            yield finding("EL017", path, message, f"raise the {path[-1]} to several times {each}")


def el018(rules: Elasticity, context: LintContext) -> Iterator[Finding]:
    """Requests per target at or above what a unit serves: it is full before the rule acts."""
    if not rules.unit.capacity:
        return
    served = rules.unit.capacity * _PER_MINUTE
    forecasts = ((("predictive", name, "target"), rule.target) for name, rule in rules.predictive.items()
                 if rule.metric == "requests_per_target")  # fmt: skip
    for path, level in (*_wanted(rules, "requests_per_target"), *forecasts):
        if level >= served:
            message = (
                f"a unit serves {rate_text(rules.unit.capacity)}, {served:g} a minute, and the {path[-1]} is "
                f"{amount(level)}: it is full before this rule acts"
            )
            cure = f"the {path[-1]} counts requests per minute: 60 % of a unit are {0.6 * served:g}"
            yield finding("EL018", path, message, cure)


TOTALS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "AWS/SQS": frozenset(
            {
                "ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesDelayed",
                "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesVisible",
                "NumberOfMessagesSent",
            }
        ),
        "AWS/ApplicationELB": frozenset(
            {
                "ActiveConnectionCount", "ConsumedLCUs", "NewConnectionCount", "ProcessedBytes", "RequestCount",
                "HTTPCode_Target_2XX_Count",
            }
        ),
        "AWS/NetworkELB": frozenset({"ActiveFlowCount", "NewFlowCount", "ProcessedBytes", "ConsumedLCUs"}),
        "AWS/Kinesis": frozenset({"IncomingRecords", "IncomingBytes", "GetRecords.IteratorAgeMilliseconds"}),
        "AWS/AmazonMQ": frozenset({"MessageCount", "MessageReadyCount", "QueueSize"}),
    }
)  # fmt: skip
"""Metrics of the whole load, by namespace: more units leave them as they are, or let them fall over time. Source:
AASUG and EC2UG, target tracking, choosing metrics: RequestCount of a balancer and messages of a queue do not work."""


def _is_total(metric: Metric) -> bool:
    return metric.name in TOTALS.get(metric.namespace or "", frozenset())


def el024(rules: Elasticity, context: LintContext) -> Iterator[Finding]:
    """Target tracking of a metric that capacity does not divide. An expression that divides is taken to divide by
    units."""
    for name, rule in rules.target_tracking.items():
        parts = underlying(rules, rule.metric)
        totals = [part.name for part in parts if _is_total(part)]
        divides = any("/" in (part.expression or "") for part in parts)
        if totals and not divides:
            message = (
                f"{totals[0]} belongs to the whole load: with twice the units it does not halve, "
                "so each datapoint asks for more"
            )
            cure = (
                "track what one unit has of it: `queue_delay`, `requests_per_target`, or an expression that divides by "
                "running units; or write a step rule"
            )
            yield finding("EL024", ("target_tracking", name, "metric"), message, cure)


def el049(rules: Elasticity, context: LintContext) -> Iterator[Finding]:
    """A tracking rule that never scales in holds a unit at less than the ones that do: what it adds is below their low
    side, and they take it back. At `n` units just above its level, `n + 1` have `n / (n + 1)` of that each.

    Source: AASUG, target tracking, several policies: out as soon as one asks for it, in when all that may agree.
    """
    capacity, idle = rules.unit.capacity, float(rules.unit.idle_cpu)
    removing = {name: rule for name, rule in rules.target_tracking.items() if rule.scale_in}
    following = {
        name: rule for name, rule in rules.target_tracking.items()
        if rule.metric in METRICS and METRICS[rule.metric].follows_load
    }  # fmt: skip
    if not capacity or not removing or not removing.keys() <= following.keys():
        return
    factor = platform_parameters(context.platform).low_factor

    def share(rule: TargetTracking, level: float) -> float:
        return METRICS[rule.metric].share(level, capacity, idle)

    low = min(share(rule, rule.target * factor) for rule in removing.values())
    held = min(share(rule, rule.target) for rule in removing.values())
    for name, rule in following.items():
        if name in removing:
            continue
        level = share(rule, rule.target)
        units = next((n for n in range(max(rules.minimum, 1), rules.maximum) if level * n < low * (n + 1)), None)
        if level <= 0 or level > held or units is None:
            continue
        load = rate_text(level * units * capacity)
        whom = listed(removing)
        verb = "takes" if len(removing) == 1 else "take"
        message = (
            f"above {load} this rule makes {units} units {units + 1}, which are below the low side of {whom}, and "
            f"{whom} {verb} one back, again and again"
        )
        none, one = share(rule, 0.0), share(rule, 1.0)
        above = amount((held - none) / (one - none))
        cure = f"raise the target above {above}, or let this rule scale in too: then both have to agree"
        yield finding("EL049", ("target_tracking", name, "target"), message, cure)
