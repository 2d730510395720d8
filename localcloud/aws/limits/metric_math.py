"""Metric math: which of an alarm's or a policy's queries gives the answer, and what its expressions may name.

Sources: CloudWatch API, PutMetricAlarm and MetricDataQuery; Application Auto Scaling API,
TargetTrackingMetricDataQuery; CloudWatch User Guide, Using metric math.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from localcloud.aws.limits._checks import Check, Fault, Props, each, number, one_of, only_one
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


PERCENTILE = (
    r"(p|tm|tc|ts|wm)(100|\d{1,2}(\.\d{1,10})?)|IQM|"
    r"(PR|TC|TM|TS|WM)\((\d+(\.\d+)?%?)?:(\d+(\.\d+)?%?)?\)"
)
STATISTICS = ("SampleCount", "Average", "Sum", "Minimum", "Maximum")
MOST_QUERIES = 10
"""Metrics, and expressions, of one alarm."""
MINUTE, SHORT = 60, (10, 20, 30)


def of_queries(path: str) -> tuple[Check, ...]:
    """What an alarm takes of its queries beyond their form: few of each kind, no search, nothing round in a circle."""

    def check(props: Props) -> Iterator[Fault]:
        found = _listed(props, path)
        if unknowns(props.get(path)):
            return
        for name, what in (("expression", "expressions"), ("metric", "metrics")):
            count = sum(bool(query.get(name)) for query in found)
            if count > MOST_QUERIES:
                yield path, f"{count} {what}, allowed are {MOST_QUERIES}"
        for i, query in enumerate(found):
            text = query.get("expression")
            if isinstance(text, str):
                yield from ((f"{path}[{i}].expression", why) for why in _expression(text))
        yield from _circles(path, found)

    return (
        check, one_of(f"{path}[].metric.stat", *STATISTICS, also=PERCENTILE),
        *(_period(f"{path}[].{name}") for name in ("period", "metric.period")),
    )  # fmt: skip


def _period(path: str) -> Check:
    def check(props: Props) -> Iterator[Fault]:
        for place, value in each(props, path):
            found = number(value)
            if found is not None and found not in SHORT and (found < MINUTE or found % MINUTE):
                yield place, f"{found:g} is not allowed; allowed are 10, 20, 30 and multiples of 60 seconds"

    return check


def _expression(text: str) -> Iterator[str]:
    bare = QUOTED.sub("", text)
    if INSIGHTS.match(text):
        return
    if re.search(r"(?i)\bSEARCH\s*\(", bare):
        yield "SEARCH is not for alarms, which watch one series: name the metrics"
    depth = 0
    for mark in re.findall(r"[()]", bare):
        depth += 1 if mark == "(" else -1
        if depth < 0:
            break
    if depth:
        yield "has a parenthesis without its other half"


def _circles(path: str, found: list[Props]) -> Iterator[Fault]:
    texts = {str(query.get("id")): str(query.get("expression") or "") for query in found}
    named = {own: set(NAMED.findall(QUOTED.sub("", text))) & texts.keys() for own, text in texts.items()}
    for i, query in enumerate(found):
        own, reached, ahead = str(query.get("id")), set[str](), list(named[str(query.get("id"))])
        while ahead:
            if (name := ahead.pop()) not in reached:
                reached.add(name)
                ahead += named[name]
        if own in reached and not INSIGHTS.match(texts[own]):
            yield f"{path}[{i}].expression", f"leads back to {own}, its own id"


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


def of_one_period(path: str) -> Check:
    """The metrics of a policy of a group have one period."""

    def check(props: Props) -> Iterator[Fault]:
        for place, found in each(props, path):
            if unknowns(found) or not isinstance(found, list):
                continue
            stats = [query.get("metricStat") for query in found if isinstance(query, dict)]
            asked = sorted({number(stat.get("period")) or MINUTE for stat in stats if isinstance(stat, dict)})
            if len(asked) > 1:
                yield (
                    place,
                    f"its metrics have periods of {' and '.join(f'{one:g}' for one in asked)} seconds, allowed is one",
                )

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
        of_one_period(f"{GROUP}.customizedMetricSpecification.metrics"),
    ),
    "aws:appautoscaling/policy:Policy": _tracking(SERVICE),
}  # fmt: skip
