"""What CloudWatch refuses of alarms and metric filters, each beside what it takes: data for test_refusals.py. Sources:
the tables of limits."""

from typing import Any

Values = dict[str, Any]

SUM: Values = {"id": "m1", "metric": {"metricName": "A", "namespace": "B", "period": 60, "stat": "Sum"}}
BAND = {"threshold": None, "thresholdMetricId": "b", "comparisonOperator": "GreaterThanUpperThreshold"}
POLICY = "arn:aws:autoscaling:eu-west-1:123456789012:scalingPolicy:x:autoScalingGroupName/g:policyName/p"
MADE = "metricTransformation"


def queries(*found: Values) -> Values:
    return {"metricQueries": list(found)}


def summed(name: str = "m1", returned: bool = False, **metric: Any) -> Values:
    return {"id": name, "metric": SUM["metric"] | metric} | ({"returnData": True} if returned else {})


def told(expression: str, name: str = "e", returned: bool = True, **more: Any) -> Values:
    return {"id": name, "expression": expression} | ({"returnData": True} if returned else {}) | more


def extended(statistic: str, **more: Any) -> Values:
    return {"statistic": None, "extendedStatistic": statistic} | more


def made(**more: Any) -> Values:
    return {MADE: {"name": "Errors", "namespace": "Jobs", "value": "1"} | more}


REFUSED: list[tuple[str, Values, list[tuple[str, str]]]] = [
    ("alarm", {"evaluateLowSampleCountPercentiles": "ignore"}, [("evaluateLowSampleCountPercentiles", "is not for 'statistic': 'Average'")]),
    ("alarm", {"okActions": ["arn:aws:sqs:eu-west-1:123456789012:q"]},
     [("okActions[0]", "'arn:aws:sqs:eu-west-1:123456789012:q' is of none of automate, swf, autoscaling, lambda, sns, ssm, ssm-incidents, aiops")]),
    ("alarm by math", queries(summed(returned=True), *(told("m1", f"e{i}", returned=False) for i in range(11))), [("metricQueries", "11 expressions, allowed are 10")]),
    ("alarm by math", queries(told("m0"), *(summed(f"m{i}") for i in range(11))), [("metricQueries", "11 metrics, allowed are 10")]),
    ("alarm by math", queries(told("SUM(SEARCH('{AWS/ECS,ServiceName} cpu', 'Sum', 60))")),
     [("metricQueries[0].expression", "SEARCH is not for alarms, which watch one series: name the metrics")]),
    ("alarm by math", queries(summed(returned=True, stat="Median")),
     [("metricQueries[0].metric.stat", "'Median' is not allowed; allowed are SampleCount, Average, Sum, Minimum, Maximum")]),
    *(("alarm by math", queries(summed(returned=True, period=period)),
       [("metricQueries[0].metric.period", f"{period} is not allowed; allowed are 10, 20, 30 and multiples of 60 seconds")]) for period in (15, 45, 90)),
    ("alarm by math", queries(told('SELECT AVG(CPUUtilization) FROM "AWS/ECS"', period=45)),
     [("metricQueries[0].period", "45 is not allowed; allowed are 10, 20, 30 and multiples of 60 seconds")]),
    ("alarm by math", {"evaluationPeriods": 1441} | queries(summed(returned=True)), [("evaluationPeriods", "1441 periods of 60 seconds are more than a day")]),
    *(("alarm by math", queries(told(text), SUM), [("metricQueries[0].expression", "has a parenthesis without its other half")]) for text in ("(m1", "m1)", ")m1(")),
    ("alarm by math", queries(told("e + 1"), SUM), [("metricQueries[0].expression", "leads back to e, its own id")]),
    ("alarm by math", queries(told("f"), told("e", "f", returned=False)),
     [(f"metricQueries[{i}].expression", f"leads back to {name}, its own id") for i, name in enumerate("ef")]),
    ("alarm by math", BAND | {"alarmActions": [POLICY]} | queries(told("ANOMALY_DETECTION_BAND(m1, 2)", "b", returned=False), summed(returned=True)),
     [("alarmActions[0]", "is a scaling policy, which an alarm on an anomaly band does not execute")]),
    *(("composite", {"alarmRule": rule}, [("alarmRule", "names 'c', the alarm itself")]) for rule in ("ALARM(c)", "OK(a) AND NOT ALARM(\"c\")")),
    # metric filters
    ("filter", made(dimensions={"a": "$.a"}, defaultValue="0"), [(f"{MADE}.defaultValue", "conflicts with 'dimensions': give one of them")]),
    ("filter", made(dimensions={name: f"$.{name}" for name in "abcd"}), [(f"{MADE}.dimensions", "4 are given, allowed are 3")]),
    ("filter", made(dimensions={"a": "web"}), [(f'{MADE}.dimensions["a"]', "'web' is no field of the event such as $.name or $1")]),
    ("filter", made(namespace="AWS/Jobs"), [(f"{MADE}.namespace", "'AWS/Jobs' begins with AWS/, which AWS keeps for itself")]),
    ("filter", made(value="one"), [(f"{MADE}.value", "'one' is neither a number nor a field such as $.size")]),
    ("filter", {"pattern": "{ $.level = 40"}, [("pattern", "begins with '{' and does not end with '}'")]),
    ("filter", {"pattern": "[ip, user"}, [("pattern", "begins with '[' and does not end with ']'")]),
]  # fmt: skip

TAKEN: list[tuple[str, Values]] = [
    ("alarm", extended("p99", evaluateLowSampleCountPercentiles="ignore")), ("alarm", extended("tm90")), ("alarm", extended("TM(10%:90%)")), ("alarm", {"period": 20}),
    *(("alarm", {"alarmActions": [arn]}) for arn in (POLICY, "arn:aws:sns:eu-west-1:123456789012:t", "arn:aws:ssm:eu-west-1:123456789012:opsitem:1",
                                                    "arn:aws:automate:eu-west-1:ec2:recover", "arn:aws:lambda:eu-west-1:123456789012:function:f")),
    ("alarm by math", queries(told("m0"), *(summed(f"m{i}") for i in range(10)))), ("alarm by math", queries(summed(returned=True, stat="p99"))),
    ("alarm by math", queries(told("FILL(m1, (0)) / f"), told("m1 * 2", "f", returned=False), SUM)), ("alarm by math", queries(summed(returned=True, period=10))),
    ("alarm by math", {"evaluationPeriods": 168} | queries(summed(returned=True, period=3600))),
    ("alarm by math", BAND | queries(told("ANOMALY_DETECTION_BAND(m1, 2)", "b", returned=False), summed(returned=True))),
    ("composite", {"alarmRule": "ALARM(cc) OR OK('c c')"}),
    ("filter", {}), ("filter", made(dimensions={name: f"$.{name}" for name in "abc"})), ("filter", made(value="$.size", defaultValue="0")), ("filter", made(value="-0.5")),
    ("filter", {"pattern": "[ip, user]"}), ("filter", {"pattern": " { $.level = 40 } "}), ("filter", {"pattern": ""}),
]  # fmt: skip
