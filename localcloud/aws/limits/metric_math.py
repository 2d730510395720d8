"""Metric math: which of an alarm's or a policy's queries gives the answer, and what its expressions may name.

Sources: CloudWatch API, PutMetricAlarm and MetricDataQuery; Application Auto Scaling API,
TargetTrackingMetricDataQuery; CloudWatch User Guide, Using metric math.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from localcloud.aws.limits._checks import Check, Fault, Props, each, number, only_one
from localcloud.provider.wire import is_unknown, unknowns

ID = re.compile(r"[a-z][A-Za-z0-9_]*")
NAMED = re.compile(r"(?<![\w.])[a-z][A-Za-z0-9_]*\b")
QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
INSIGHTS = re.compile(r"\s*SELECT\b", re.IGNORECASE)
"""A query of Metrics Insights, which names metrics and not queries."""


def _listed(holder: Any, name: str) -> list[Props]:
    found = holder.get(name) if isinstance(holder, dict) else None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def queries_at(path: str, metric: str, *, returns: Callable[[Props], bool], beside: str = "") -> Check:
    """A list of queries: each an expression or a metric, with an id of its own, and exactly one that is returned.

    `metric` is the member that holds a metric; `returns` says whether a query is returned; `beside` is the input that
    names a band, which is returned beside the one.
    """

    def check(props: Props) -> Iterator[Fault]:
        holder, _, name = path.rpartition(".")
        for place, block in each(props, holder) if holder else [("", props)]:
            found = _listed(block, name)
            at = f"{place}.{name}" if place else name
            if not found or unknowns(block[name]):
                continue
            yield from _formed(at, found, metric)
            band = block.get(beside) if beside else None
            if is_unknown(band):
                continue
            given = [query.get("id") for query in found if returns(query) and query.get("id") != band]
            if len(given) != 1:
                listed = f"{len(given)} do: {', '.join(map(str, given))}" if given else "none does"
                yield at, f"exactly one of the queries has 'returnData': true, {listed}"

    return check


def _formed(at: str, found: list[Props], metric: str) -> Iterator[Fault]:
    ids = Counter(str(query.get("id")) for query in found)
    for i, query in enumerate(found):
        here, own = f"{at}[{i}]", str(query.get("id"))
        yield from ((f"{here}{p}", why) for p, why in _kind(query, metric))
        if not ID.fullmatch(own):
            yield f"{here}.id", f"{own!r} is no id: letters, digits and underscores, a lower-case letter first"
        elif ids[own] > 1:
            yield f"{here}.id", f"{own!r} is the id of another query too"
        expression = query.get("expression")
        if isinstance(expression, str) and not INSIGHTS.match(expression):
            strangers = sorted(set(NAMED.findall(QUOTED.sub("", expression))) - ids.keys())
            if strangers:
                yield f"{here}.expression", f"names {', '.join(strangers)}, which is the id of no query"


def _kind(query: Props, metric: str) -> Iterator[Fault]:
    for place, why in only_one("expression", metric, among="query")({"query": query}):
        yield place.removeprefix("query"), why


CUSTOM = ("metricName", "namespace", "statistic")


def customized(path: str) -> Check:
    """A custom metric is one metric with all that names it, or queries."""

    def check(props: Props) -> Iterator[Fault]:
        for place, block in each(props, path):
            if not isinstance(block, dict):
                continue
            given = [name for name in CUSTOM if block.get(name) is not None]
            if block.get("metrics") and given:
                yield f"{place}.{given[0]}", "conflicts with 'metrics': give one metric or queries"
            elif not block.get("metrics"):
                yield from (
                    (f"{place}.{name}", "missing required property of a custom metric without 'metrics'")
                    for name in CUSTOM
                    if name not in given
                )

    return check


def periods(path: str, *allowed: int) -> Check:
    """A period from a list of seconds."""
    told = ", ".join(str(one) for one in allowed)

    def check(props: Props) -> Iterator[Fault]:
        for place, value in each(props, path):
            found = number(value)
            if found is not None and found not in allowed:
                yield place, f"{found:g} is not allowed; allowed are {told} seconds"

    return check


def unless_told(query: Props) -> bool:
    """A query of a scaling policy is returned unless it says otherwise."""
    return query.get("returnData") is not False


def when_told(query: Props) -> bool:
    """A query of an alarm is returned where it says so: the official provider sends false where it says nothing."""
    return query.get("returnData") is True


GROUP, SERVICE = "targetTrackingConfiguration", "targetTrackingScalingPolicyConfiguration"


def _tracking(block: str) -> tuple[Check, ...]:
    custom = f"{block}.customizedMetricSpecification"
    return customized(custom), queries_at(f"{custom}.metrics", "metricStat", returns=unless_told)


LIMITS: dict[str, tuple[Check, ...]] = {
    "aws:autoscaling/policy:Policy": (
        *_tracking(GROUP), periods(f"{GROUP}.customizedMetricSpecification.period", 10, 30, 60),
        periods(f"{GROUP}.customizedMetricSpecification.metrics[].metricStat.period", 10, 30, 60),
    ),
    "aws:appautoscaling/policy:Policy": _tracking(SERVICE),
}  # fmt: skip
