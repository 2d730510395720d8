"""Metric alarms, composite alarms and what suppresses them.

Sources: CloudWatch API, PutMetricAlarm and PutCompositeAlarm; the official provider's checks of an alarm; PREFLIGHT
rules/cloudwatch.
"""

import re
from collections.abc import Iterator

from localcloud.aws.limits._checks import Check, Fault, Props, at_least, each, form, needed, number, one_of, within
from localcloud.aws.limits.metric_math import PERCENTILE, of_queries, queries_at, when_told
from localcloud.provider.wire import is_unknown, unknowns

ON_A_BAND = ("LessThanLowerOrGreaterThanUpperThreshold", "LessThanLowerThreshold", "GreaterThanUpperThreshold")
"""Comparisons with an anomaly band; all others are with a threshold."""
OF_ONE_METRIC = ("namespace", "dimensions", "period", "unit", "statistic", "extendedStatistic")
PERIODS = ("period", "metricQueries[].period", "metricQueries[].metric.period")
HOUR, DAY = 3_600, 86_400
LONGEST = {False: (DAY, "a day"), True: (7 * DAY, "a week, with periods of an hour and more")}
TOKEN = re.compile(
    r"\s*(?:(?P<function>ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*(?:\"[^\"]+\"|'[^']+'|[^\s\"'()]+)\s*\)"
    r"|AT_LEAST\s*\([^()]*(?:\([^()]*\)[^()]*)*\)|(?P<word>AND|OR|NOT|TRUE|FALSE)\b|(?P<mark>[()]))",
    re.IGNORECASE,
)


def alarm(props: Props) -> Iterator[Fault]:
    """An alarm on one metric has a statistic; each alarm has a threshold or a band."""
    one = props.get("metricName") is not None
    for name in ("evaluationPeriods", "comparisonOperator"):
        yield from needed(name)(props)
    if one and not (props.get("statistic") or props.get("extendedStatistic")):
        yield "statistic", "missing: give 'statistic' or 'extendedStatistic'"
    if one:
        for name in ("period", "namespace"):
            if props.get(name) is None:
                yield name, "missing required property of an alarm on one metric"
    elif props.get("metricQueries"):
        for name in OF_ONE_METRIC:
            if props.get(name) is not None:
                yield name, "conflicts with 'metricQueries', whose queries say this themselves"
    else:
        yield "metricName", "give one of 'metricName', 'metricQueries'"


def threshold(props: Props) -> Iterator[Fault]:
    """A number, or a band; the comparison is one with the same."""
    limit, band, how = (props.get(name) for name in ("threshold", "thresholdMetricId", "comparisonOperator"))
    if limit is None and band is None:
        yield "threshold", "missing: give 'threshold', or 'thresholdMetricId' for an anomaly band"
    elif limit is not None and band is not None:
        yield "thresholdMetricId", "conflicts with 'threshold': give one of them"
    elif isinstance(how, str) and not is_unknown(how) and (how in ON_A_BAND) != (band is not None):
        told = "'threshold'" if band is None else "'thresholdMetricId'"
        yield "comparisonOperator", f"{how!r} is not for an alarm with {told}"
    queries = props.get("metricQueries")
    known = isinstance(band, str) and isinstance(queries, list) and not unknowns([band, queries])
    if known and band not in [query.get("id") for query in queries or () if isinstance(query, dict)]:
        yield "thresholdMetricId", f"{band!r} is the id of no query"


def window(props: Props) -> Iterator[Fault]:
    """All periods together are a day at most; a week, where each is an hour or more."""
    asked = [found for path in PERIODS for _, value in each(props, path) if (found := number(value))]
    count, period = number(props.get("evaluationPeriods")), max(asked, default=None)
    if count is None or period is None:
        return
    most, told = LONGEST[period >= HOUR]
    if count * period > most:
        yield "evaluationPeriods", f"{count:g} periods of {period:g} seconds are more than {told}"


def rule(props: Props) -> Iterator[Fault]:
    """The rule of a composite alarm is an expression over states of other alarms."""
    text = props.get("alarmRule")
    if not isinstance(text, str) or is_unknown(text):
        return
    if not re.search(r"(?i)\b(ALARM|OK|INSUFFICIENT_DATA)\s*\(|\bAT_LEAST\b|\b(TRUE|FALSE)\b", text):
        yield (
            "alarmRule",
            f"{text!r} names no alarm: wanted ALARM(name), OK(name) or INSUFFICIENT_DATA(name), with AND, OR, NOT",
        )
    elif why := _expression(text):
        yield "alarmRule", f"{text!r} is no expression: {why}"


def _expression(text: str) -> str | None:
    """What is wrong with an expression: states, joined by AND and OR, turned round by NOT, within parentheses."""
    place, depth, wants_value = 0, 0, True
    while text[place:].strip():
        found = TOKEN.match(text, place)
        if not found:
            return f"not understood at {text[place:].strip()[:20]!r}"
        word, place = (found["mark"] or found["word"] or "state").upper(), found.end()
        begins = word in ("(", "NOT", "STATE", "TRUE", "FALSE")
        if begins != wants_value:
            return f"{word} stands where {'a state' if wants_value else 'AND or OR'} is wanted"
        depth += (word == "(") - (word == ")")
        if depth < 0:
            return "a parenthesis is closed that was not opened"
        wants_value = word in ("(", "NOT", "AND", "OR")
    if depth:
        return "a parenthesis is not closed"
    return "it ends where a state is wanted" if wants_value else None


def percentile(props: Props) -> Iterator[Fault]:
    """Few samples matter to a percentile."""
    if props.get("evaluateLowSampleCountPercentiles") and props.get("statistic"):
        yield "evaluateLowSampleCountPercentiles", f"is not for 'statistic': {props['statistic']!r}"


def banded(props: Props) -> Iterator[Fault]:
    """A band wakes people, and scales nothing."""
    if props.get("thresholdMetricId") is None:
        return
    for name in ACTION_LISTS:
        for place, arn in each(props, f"{name}[]"):
            if isinstance(arn, str) and arn.split(":")[2:3] == ["autoscaling"]:
                yield place, "is a scaling policy, which an alarm on an anomaly band does not execute"


def itself(props: Props) -> Iterator[Fault]:
    """A composite alarm is no part of its own rule."""
    text, name = props.get("alarmRule"), props.get("alarmName")
    if isinstance(text, str) and isinstance(name, str) and not is_unknown(text) and not is_unknown(name):
        inner = re.findall(r"(?i)\b(?:ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*[\"']?(.*?)[\"']?\s*\)", text)
        if name in inner:
            yield "alarmRule", f"names {name!r}, the alarm itself"


ACTION_LISTS = ("alarmActions", "okActions", "insufficientDataActions")
TOLD = ("automate", "swf", "autoscaling", "lambda", "sns", "ssm", "ssm-incidents", "aiops")
"""Services that an alarm acts by (PutMetricAlarm, AlarmActions)."""
ACTIONS = (
    *(form(f"{name}[]", r"arn:.+", "is no ARN") for name in ACTION_LISTS),
    *(form(f"{name}[]", rf"(?!arn:).*|arn:[^:]*:({'|'.join(TOLD)}):.*|arn:[^:]*", f"is of none of {', '.join(TOLD)}")
      for name in ACTION_LISTS),
)  # fmt: skip

LIMITS: dict[str, tuple[Check, ...]] = {
    "aws:cloudwatch/metricAlarm:MetricAlarm": (
        alarm, threshold, window, percentile, banded, *ACTIONS, at_least("evaluationPeriods", 1),
        at_least("datapointsToAlarm", 1),
        form("extendedStatistic", PERCENTILE, "is no percentile or trimmed statistic such as p99"),
        one_of("treatMissingData", "breaching", "notBreaching", "ignore", "missing"),
        one_of("evaluateLowSampleCountPercentiles", "evaluate", "ignore"),
        queries_at("metricQueries", "metric", returns=when_told, beside="thresholdMetricId"),
        *of_queries("metricQueries"),
    ),
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": (
        *ACTIONS, rule, itself, within("actionsSuppressor.waitPeriod", 0, 86_400, "seconds"),
        within("actionsSuppressor.extensionPeriod", 0, 86_400, "seconds"),
    ),
}  # fmt: skip
