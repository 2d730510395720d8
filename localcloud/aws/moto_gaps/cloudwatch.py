"""Gaps of moto's CloudWatch: composite alarms, checks, alarms that keep their state when they are put again."""

import re
from typing import Any, Final

from moto.cloudwatch.models import CloudWatchBackend
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult, EmptyResult
from moto.core.utils import get_service_model

from localcloud.aws.moto_gaps._patching import Refusal, add, keep, replace

ENUMS: Final = {"ComparisonOperator": "ComparisonOperator", "Statistic": "Statistic", "Unit": "StandardUnit"}
"""Members of PutMetricAlarm whose values the service model lists, and the list's name."""
MISSING_DATA: Final = ("breaching", "notBreaching", "ignore", "missing")
"""https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html"""
SUPPRESSION: Final = ("ActionsSuppressor", "ActionsSuppressorWaitPeriod", "ActionsSuppressorExtensionPeriod")
_DAY, _WEEK = 86_400, 604_800
_OTHER_STATISTICS = re.compile(r"(tm|wm|tc|ts|pr)\d|iqm$|(TM|WM|TC|TS|PR)\(")
_NAMED = re.compile(r"(?:ALARM|OK|INSUFFICIENT_DATA)\(\s*[\"']?([^\"')]+?)[\"']?\s*\)")


@replace(CloudWatchResponse)
def put_metric_alarm(original: Any, self: Any) -> Any:
    """Refuse what AWS refuses: values, periods, and more or less than one kind of metric."""
    parameters = self._get_params()
    for check in (_check_required, _check_enums, _check_metric, _check_queries, _check_periods):
        check(parameters)
    return original(self)


@replace(CloudWatchBackend, "put_metric_alarm")
def store_alarm(original: Any, self: Any, **keywords: Any) -> Any:
    """A new alarm has no data yet (moto: OK); one put again keeps its state; take trimmed means and the like."""
    old = self.alarms.get(keywords["name"])
    statistic = keywords.pop("extended_statistic", None)
    other = statistic if statistic and _OTHER_STATISTICS.match(statistic) else None
    alarm = original(self, **keywords, extended_statistic=None if other else statistic)
    if other:
        alarm.extended_statistic = other
    if old:
        for name in ("state_value", "state_reason", "state_reason_data", "state_updated_timestamp", "history"):
            setattr(alarm, name, getattr(old, name))
    else:
        alarm.state_value = "INSUFFICIENT_DATA"
    return alarm


@replace(CloudWatchBackend)
def delete_alarms(original: Any, self: Any, alarm_names: list[str]) -> None:
    """Refuse an alarm that a composite alarm names; tags go with their alarm, in moto they stay."""
    for name in alarm_names:
        for other in self.alarms.values():
            if other.rule and other.name not in alarm_names and name in _names_in(other.rule):
                raise Refusal(
                    "ValidationError", f"Cannot delete {name} as composite alarm(s) depend on it: {other.name}"
                )
    arns = [self.alarms[name].alarm_arn for name in alarm_names if name in self.alarms]
    original(self, alarm_names)
    for arn in arns:
        self.tagger.delete_all_tags_for_resource(arn)


@add(CloudWatchResponse)
def put_composite_alarm(self: Any) -> Any:
    """moto stores and lists composite alarms, but has lost the action that makes them."""
    parameters = self._get_params()
    known = self.cloudwatch_backend.alarms
    missing = [name for name in _names_in(parameters["AlarmRule"]) if name not in known]
    if missing:
        raise Refusal(
            "ValidationError",
            f"Could not save the composite alarm as alarms [{', '.join(missing)}] in the alarm rule do not exist",
        )
    answer = _put_metric_alarm_unchecked(self)
    keep(known[parameters["AlarmName"]], parameters, SUPPRESSION)
    return answer


_Response: Any = CloudWatchResponse
_put_metric_alarm_unchecked = _Response.put_metric_alarm.__wrapped__


@add(CloudWatchResponse)
def put_anomaly_detector(self: Any) -> Any:
    """Keep a detector."""
    _detectors(self).append(self._get_params())
    return EmptyResult()


@add(CloudWatchResponse)
def describe_anomaly_detectors(self: Any) -> Any:
    """List the detectors."""
    return ActionResult({"AnomalyDetectors": _detectors(self)})


@add(CloudWatchResponse)
def delete_anomaly_detector(self: Any) -> Any:
    """Forget a detector."""
    if self._get_params() not in _detectors(self):
        raise Refusal("ResourceNotFoundException", "The anomaly detector does not exist")
    _detectors(self).remove(self._get_params())
    return EmptyResult()


def _detectors(response: Any) -> list[dict[str, Any]]:
    detectors: list[dict[str, Any]] = vars(response.cloudwatch_backend).setdefault("anomaly_detectors", [])
    return detectors


def _names_in(rule: str) -> list[str]:
    return [name.rpartition(":alarm:")[2] for name in _NAMED.findall(rule)]


def _check_enums(parameters: dict[str, Any]) -> None:
    model: Any = get_service_model("cloudwatch")
    allowed = {member: model.shape_for(shape).enum for member, shape in ENUMS.items()}
    for member, values in {**allowed, "TreatMissingData": MISSING_DATA}.items():
        if member in parameters and parameters[member] not in values:
            raise Refusal(
                "ValidationError",
                f"1 validation error detected: Value '{parameters[member]}' at '{member[0].lower()}{member[1:]}' "
                f"failed to satisfy constraint: Member must satisfy enum value set: [{', '.join(values)}]",
            )


def _check_required(parameters: dict[str, Any]) -> None:
    for member in ("ComparisonOperator", "EvaluationPeriods"):
        if member not in parameters:
            raise Refusal("ValidationError", f"The parameter {member} is required.")


def _check_queries(parameters: dict[str, Any]) -> None:
    queries, band = parameters.get("Metrics") or [], parameters.get("ThresholdMetricId")
    returned = [q for q in queries if q.get("ReturnData", True) in (True, "true") and q.get("Id") != band]
    if queries and len(returned) != 1:
        raise Refusal(
            "ValidationError", "Invalid metrics list: exactly one element of the metrics list must return data"
        )


def _check_metric(parameters: dict[str, Any]) -> None:
    if ("MetricName" in parameters) == bool(parameters.get("Metrics")):
        raise Refusal("ValidationError", "Exactly one of MetricName and Metrics must be given")
    if "MetricName" not in parameters:
        return
    for member in ("Namespace", "Period"):
        if member not in parameters:
            raise Refusal("ValidationError", f"{member} must be given with MetricName")
    if ("Statistic" in parameters) == ("ExtendedStatistic" in parameters):
        raise Refusal("InvalidParameterCombination", "Exactly one of Statistic and ExtendedStatistic must be given")


def _check_periods(parameters: dict[str, Any]) -> None:
    periods, period = int(parameters["EvaluationPeriods"]), int(parameters.get("Period", 60))
    if period not in (10, 20, 30) and period % 60:
        raise Refusal("ValidationError", f"Invalid Period {period}: it must be 10, 20, 30 or a multiple of 60")
    if periods * period > (_DAY if period < 3600 else _WEEK):
        raise Refusal("ValidationError", "Metrics cannot be checked across more than a day (a week for hourly periods)")
    if int(parameters.get("DatapointsToAlarm", 1)) > periods:
        raise Refusal("ValidationError", "DatapointsToAlarm must be less than or equal to EvaluationPeriods")
