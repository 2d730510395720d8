"""Metrics and alarms of CloudWatch in the words of a rules file. Source: API MetricAlarm, MetricDataQuery,
PredefinedMetricSpecification."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from elasticity.metrics import METRICS
from operations.imports import Unknown, Untranslated, as_map, maps, metric_key, number, seconds, truth

_PREDEFINED: Mapping[str, str] = {
    "ECSServiceAverageCPUUtilization": "cpu",
    "ASGAverageCPUUtilization": "cpu",
    "ECSServiceAverageMemoryUtilization": "memory",
    "ALBRequestCountPerTarget": "requests_per_target",
}
_FINE = "HighResolution"
"""Behind the name of a predefined metric that units publish each 20 s."""
_PUBLISHED_FINE = frozenset(kind for kind, word in _PREDEFINED.items() if METRICS[word].of_units)
_PREDEFINED_AS_DECLARED: Mapping[str, str] = {
    "ASGAverageNetworkIn": "NetworkIn",
    "ASGAverageNetworkOut": "NetworkOut",
}
"""Predefined types that are a plain metric of AWS/EC2 and have no word of their own."""
_KNOWN: Mapping[tuple[str, str, str], tuple[str, str]] = {
    ("AWS/ECS", "CPUUtilization", "Average"): ("cpu", "ServiceName"),
    ("AWS/ECS", "MemoryUtilization", "Average"): ("memory", "ServiceName"),
    ("AWS/EC2", "CPUUtilization", "Average"): ("cpu", "AutoScalingGroupName"),
    ("AWS/ApplicationELB", "RequestCountPerTarget", "Sum"): ("requests_per_target", "TargetGroup"),
    ("AWS/ApplicationELB", "TargetResponseTime", "Average"): ("response_time", ""),
}
"""Namespace, name and statistic -> the metric's word, and the dimension without which it is another metric."""
_EACH_MINUTE = frozenset({"requests_per_target"})
"""Sums: over another period than a minute they are other numbers."""
_WORD = re.compile(r"[a-z][A-Za-z0-9_]*")


def tracked(specification: dict[str, Any], declared: dict[str, Any], label: str) -> str:
    """The metric of a tracking configuration: a word, or the key under which `declared` has it now.

    Raises Untranslated.
    """
    if predefined := as_map(specification.get("PredefinedMetricSpecification")).get("PredefinedMetricType"):
        kind = str(predefined)
        if kind in _PREDEFINED_AS_DECLARED:
            plain = {"namespace": "AWS/EC2", "name": _PREDEFINED_AS_DECLARED[kind], "statistic": "Average"}
            return _declare(plain, declared)
        plain_kind = kind.removesuffix(_FINE)
        if plain_kind not in (_PUBLISHED_FINE if is_fine(specification) else _PREDEFINED):
            raise Untranslated(f"{predefined}: a rules file has no such metric")
        return _PREDEFINED[plain_kind]
    custom = as_map(specification.get("CustomizedMetricSpecification"))
    if custom.get("MetricName"):
        period = number(custom.get("Period", 60), "Period")
        word = _word(custom, str(custom.get("Statistic", "Average")), period)
        return word or _declare(_plain(custom, str(custom.get("Statistic", "Average"))), declared)
    if queries := maps(custom.get("Metrics")):
        return _calculated(queries, declared, label)
    raise Untranslated("it names no metric that is read")


def is_fine(specification: dict[str, Any]) -> bool:
    """Whether a tracking configuration names a predefined metric of 20 s."""
    named = as_map(specification.get("PredefinedMetricSpecification")).get("PredefinedMetricType")
    return str(named or "").endswith(_FINE)


def watched(alarm: dict[str, Any], declared: dict[str, Any], label: str) -> str:
    """The metric of an alarm, likewise; raises Untranslated."""
    if queries := maps(alarm.get("Metrics")):
        return _calculated(queries, declared, label)
    if not alarm.get("MetricName"):
        raise Untranslated("its alarm names no metric")
    statistic = str(alarm.get("ExtendedStatistic") or alarm.get("Statistic") or "Average")
    period = number(alarm.get("Period", 60), "Period")
    word = _word(alarm, statistic, period)
    if word is not None:
        return word
    plain = _plain(alarm, statistic)
    if isinstance(period, int) and period > 0 and period % 60:
        plain["period"] = f"{period}s"
    return _declare(plain, declared)


def rule_of(alarm: dict[str, Any], declared: dict[str, Any], label: str) -> dict[str, Any]:
    """What a step rule takes from its alarm; raises Untranslated."""
    if alarm.get("ThresholdMetricId"):
        raise Untranslated("its alarm watches a band that CloudWatch learns: a rules file has fixed thresholds only")
    metric = watched(alarm, declared, label)
    made: dict[str, Any] = {"metric": metric, "threshold": amount(alarm.get("Threshold"), metric, "Threshold")}
    for source, key in (
        ("ComparisonOperator", "comparison"),
        ("EvaluationPeriods", "evaluation_periods"),
        ("DatapointsToAlarm", "datapoints_to_alarm"),
        ("TreatMissingData", "missing_data"),
    ):
        if alarm.get(source) not in (None, "", 0):
            made[key] = number(alarm[source], source)
    if period := seconds(alarm.get("Period"), "Period"):
        made["period"] = period
    elif query := next(_periods(maps(alarm.get("Metrics"))), None):
        made["period"] = query
    return made


def amount(value: Any, metric: str, what: str) -> Any:
    """A value of a metric: a duration where the metric is a time; raises Untranslated."""
    value = number(value, what)
    if metric in METRICS and METRICS[metric].unit == "s":
        if isinstance(value, int | float) and value < 0:
            raise Untranslated(f"{what}: a step that begins below 0 s of {metric} has no words in a rules file")
        return seconds(value, what)
    plain = isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1e300
    return float(value) if plain else value


def _word(metric: dict[str, Any], statistic: str, period: Any) -> str | None:
    word, needs = _KNOWN.get((str(metric.get("Namespace")), str(metric.get("MetricName")), statistic), (None, ""))
    if word is None or (word in _EACH_MINUTE and period != 60):
        return None
    return word if not needs or needs in _dimensions(metric) else None


def _plain(metric: dict[str, Any], statistic: str) -> dict[str, Any]:
    plain = {
        "namespace": str(metric.get("Namespace") or ""),
        "name": str(metric["MetricName"]),
        "statistic": statistic,
    }
    if dimensions := _dimensions(metric):
        plain["dimensions"] = dimensions  # type: ignore[assignment]
    return plain


def _dimensions(metric: dict[str, Any]) -> dict[str, str]:
    if isinstance(unknown := metric.get("Dimensions"), Unknown):
        raise Untranslated(f"Dimensions: {unknown.why}")
    return {str(one.get("Name")): str(one.get("Value")) for one in maps(metric.get("Dimensions"))}


def _declare(plain: dict[str, Any], declared: dict[str, Any]) -> str:
    """The key of a metric, declared once."""
    known = next((key for key, value in declared.items() if value == plain), None)
    if known is None:
        known = metric_key(plain["name"], {**METRICS, **declared})
        declared[known] = plain
    return known


def _calculated(queries: list[dict[str, Any]], declared: dict[str, Any], label: str) -> str:
    """Metric math: each query under a key of its own; returns that of the one that is watched."""
    results = [str(one.get("Id")) for one in queries if truth(one.get("ReturnData", True))]
    if len(results) != 1:
        raise Untranslated(f"metric math with {len(results)} results: exactly one can be watched")
    made: dict[str, dict[str, Any]] = {}
    keys: dict[str, str] = {}
    for query in queries:
        name = str(query.get("Id"))
        stat = as_map(query.get("MetricStat"))
        metric = as_map(stat.get("Metric"))
        if query.get("Expression"):
            made[name] = {"expression": str(query["Expression"])}
        elif metric.get("MetricName"):
            made[name] = _plain(metric, str(stat.get("Stat", "Average")))
            period = seconds(stat.get("Period", 60), "Period")
            if period not in (None, "60s"):
                made[name]["period"] = period
        else:
            raise Untranslated("metric math that names no metric that is read")
        keys[name] = metric_key(f"{label}_{name}", {**METRICS, **declared, **dict.fromkeys(keys.values())})
    for name, one in made.items():
        if "expression" in one:
            one["expression"] = _WORD.sub(lambda found: keys.get(found[0], found[0]), one["expression"])
        declared[keys[name]] = one
    return keys[results[0]]


def _periods(queries: list[dict[str, Any]]) -> Iterator[str]:
    for query in queries:
        if period := seconds(as_map(query.get("MetricStat")).get("Period"), "Period"):
            yield period
