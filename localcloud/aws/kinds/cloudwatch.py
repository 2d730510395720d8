"""CloudWatch: metric alarms, composite alarms, dashboards. Log groups are in `logs`, event rules in `events`."""

from typing import Any

from localcloud.aws.kind import Calls, Kind, Naming, OwnCalls, Properties, Props, Tags, Translation, answered
from localcloud.aws.kinds.tagging import retag, tags_of

ALARM_ARN = "arn:aws:cloudwatch:{region}:{account}:alarm:{id}"
OF_THE_METRIC = ("namespace", "metricName", "dimensions")


def pairs(dimensions: dict[str, str] | None) -> list[Props]:
    """Dimensions are a map in Pulumi and a list in AWS."""
    return [{"name": name, "value": value} for name, value in (dimensions or {}).items()]


def nested_metrics(props: Props) -> Props:
    """The metric of a query lies one level deeper in AWS, beside its period and statistic."""
    queries = []
    for asked in props.get("metricQueries") or []:
        query = {"returnData": False} | asked  # as the official provider sends it; AWS itself would take true
        if metric := query.get("metric"):
            inner = {name: metric[name] for name in OF_THE_METRIC if metric.get(name) is not None}
            outer = {name: value for name, value in metric.items() if name not in OF_THE_METRIC}
            if "dimensions" in inner:
                inner["dimensions"] = pairs(inner["dimensions"])
            queries.append(query | {"metric": outer | {"metric": inner}})
        else:
            queries.append(query)
    listed = {"dimensions": pairs(props["dimensions"])} if props.get("dimensions") else {}
    return props | listed | ({"metricQueries": queries} if queries else {})


def flat_metrics(live: Props) -> Props:
    """The answer with each query's metric as Pulumi has it."""
    queries = []
    for query in live.get("Metrics") or []:
        found = {name: value for name, value in query.items() if name != "MetricStat"}
        if stat := query.get("MetricStat"):
            metric = stat["Metric"] | {name: value for name, value in stat.items() if name != "Metric"}
            found["MetricStat"] = metric | {"Dimensions": _map(metric.get("Dimensions"))}
        queries.append(found)
    return live | {"Dimensions": _map(live.get("Dimensions")), "Metrics": queries}


def _map(dimensions: list[dict[str, str]] | None) -> dict[str, str]:
    return {pair["Name"]: pair["Value"] for pair in dimensions or []}


def one_kind_of_alarm(props: Props) -> list[tuple[str, str]]:
    """What PutMetricAlarm refuses for reasons that its request model does not state."""
    found = []
    given = [name for name in ("metricName", "metricQueries") if props.get(name)]
    if len(given) == 2:
        found.append(("metricQueries", "conflicts with 'metricName': an alarm watches one metric or one expression"))
    if props.get("statistic") and props.get("extendedStatistic"):
        found.append(("extendedStatistic", "conflicts with 'statistic': give one of them"))
    wanted, periods = _number(props.get("datapointsToAlarm")), _number(props.get("evaluationPeriods"))
    if wanted is not None and periods is not None and wanted > periods:
        found.append(("datapointsToAlarm", f"{wanted:g} is above evaluationPeriods {periods:g}"))
    period = _number(props.get("period"))
    if period is not None and period not in (10, 20, 30) and period % 60:
        found.append(("period", f"{period:g} is not allowed; allowed are 10, 20, 30 and multiples of 60"))
    return found


def _number(value: Any) -> Any:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def flat_suppressor(props: Props) -> Props:
    """The suppressing alarm and its two periods lie beside each other in AWS."""
    suppressor = props.get("actionsSuppressor")
    rest = {name: value for name, value in props.items() if name != "actionsSuppressor"}
    if not suppressor:
        return rest
    return rest | {
        "actionsSuppressor": suppressor.get("alarm"),
        "actionsSuppressorWaitPeriod": suppressor.get("waitPeriod"),
        "actionsSuppressorExtensionPeriod": suppressor.get("extensionPeriod"),
    }


def nested_suppressor(live: Props) -> Props:
    """The answer with the suppressing alarm as one block."""
    names = {
        "ActionsSuppressor": "alarm",
        "ActionsSuppressorWaitPeriod": "waitPeriod",
        "ActionsSuppressorExtensionPeriod": "extensionPeriod",
    }
    block = {ours: live[theirs] for theirs, ours in names.items() if live.get(theirs) is not None}
    return {name: value for name, value in live.items() if name not in names} | {"actionsSuppressor": block or None}


ACTIONS = frozenset({"alarmActions", "okActions", "insufficientDataActions"})

ROWS = (
    Kind(
        "aws:cloudwatch/metricAlarm:MetricAlarm",
        Calls(
            "cloudwatch", "put_metric_alarm", "{name}",
            read=("describe_alarms", {"AlarmNames": ["{id}"], "AlarmTypes": ["MetricAlarm"]}, "MetricAlarms[0]"),
            delete=("delete_alarms", {"AlarmNames": ["{id}"]}), update="upsert",
        ),
        naming=Naming("name"), tags=Tags(update=retag("cloudwatch", ALARM_ARN)),
        translation=Translation(
            rename={
                "name": "AlarmName", "metricQueries": "Metrics", "metricQueries.metric": "MetricStat",
                "evaluateLowSampleCountPercentiles": "EvaluateLowSampleCountPercentile",
            },
            encode=nested_metrics, decode=flat_metrics,
            unserved={"evaluationCriteria", "evaluationInterval", "evaluationWindow", "warmUpConfiguration"},
        ),
        properties=Properties(
            force_new={"name"}, defaults={"actionsEnabled": True, "treatMissingData": "missing"},
            computed={"datapointsToAlarm", "evaluateLowSampleCountPercentiles", "metricQueries.returnData",
            "metricQueries.metric.unit"},
            unordered={*ACTIONS, "metricQueries"},
        ),
        own_calls=OwnCalls(join={"tags": tags_of("cloudwatch", ResourceARN="{AlarmArn}")}), validate=one_kind_of_alarm,
        outputs={"arn": answered("AlarmArn")},
    ),
    Kind(
        "aws:cloudwatch/compositeAlarm:CompositeAlarm",
        Calls(
            "cloudwatch", "put_composite_alarm", "{alarmName}",
            read=("describe_alarms", {"AlarmNames": ["{id}"], "AlarmTypes": ["CompositeAlarm"]}, "CompositeAlarms[0]"),
            delete=("delete_alarms", {"AlarmNames": ["{id}"]}), update="upsert",
        ),
        tags=Tags(update=retag("cloudwatch", ALARM_ARN)),
        translation=Translation(
            rename={"actionsSuppressor": "ActionsSuppressor"}, encode=flat_suppressor, decode=nested_suppressor,
        ),
        properties=Properties(
            force_new={"alarmName"}, delete_before_replace=True, defaults={"actionsEnabled": True}, unordered=ACTIONS,
        ),
        own_calls=OwnCalls(join={"tags": tags_of("cloudwatch", ResourceARN="{AlarmArn}")}),
        outputs={"arn": answered("AlarmArn")},
    ),
    Kind(
        "aws:cloudwatch/dashboard:Dashboard",
        Calls(
            "cloudwatch", "put_dashboard", "{dashboardName}", read=("get_dashboard", {"DashboardName": "{id}"}, "@"),
            delete=("delete_dashboards", {"DashboardNames": ["{id}"]}), update="upsert",
        ),
        tags=Tags(None), properties=Properties(force_new={"dashboardName"}, delete_before_replace=True),
        outputs={"dashboardArn": answered("DashboardArn"), "dashboardName": answered("DashboardName")},
    ),
)  # fmt: skip
