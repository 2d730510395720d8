"""What both scaling services refuse of policies, schedules and groups, each beside what they take: data for
test_refusals.py. Sources: the tables of limits."""

from typing import Any

Values = dict[str, Any]

LABEL = "app/web/0123456789abcdef/targetgroup/web/0123456789abcdef"
STAT: Values = {"stat": "Sum", "metric": {"metricName": "Depth", "namespace": "Jobs"}}
GROUPS, SERVICES = "predictiveScalingConfiguration", "predictiveScalingPolicyConfiguration"
ONE = f"{GROUPS}.metricSpecification"
EACH = f"{SERVICES}.metricSpecifications[0]"
PAIR, SCALING, LOAD = (f"predefined{what}Specification" for what in ("MetricPair", "ScalingMetric", "LoadMetric"))
CPU = {"predefinedMetricType": "ASGCPUUtilization"}
OWN_SCALING, OWN_LOAD, OWN_CAPACITY = (
    f"customized{what}MetricSpecification" for what in ("Scaling", "Load", "Capacity")
)
TRACKED, SERVICE_TRACKED = "targetTrackingConfiguration", "targetTrackingScalingPolicyConfiguration"
TEMPLATE = {"launchTemplateSpecification": {"launchTemplateId": "lt-0123456789abcdef0"}}
OVERRIDES = "mixedInstancesPolicy.launchTemplate.overrides"
SPREAD = "mixedInstancesPolicy.instancesDistribution"
NEEDS = f"{OVERRIDES}[0].instanceRequirements"
LAUNCHING = "autoscaling:EC2_INSTANCE_LAUNCHING"
ROLE = "arn:aws:iam::123456789012:role/x"
QUEUE, FUNCTION = "arn:aws:sqs:eu-west-1:123456789012:q", "arn:aws:lambda:eu-west-1:123456789012:function:f"


def foreseen(**metric: Any) -> Values:
    return {GROUPS: {"metricSpecification": {"targetValue": 50} | metric}}


def planned(**config: Any) -> Values:
    return {GROUPS: {"metricSpecification": {"targetValue": 50, PAIR: CPU}} | config}


def of_a_service(**metric: Any) -> Values:
    return {SERVICES: {"metricSpecifications": [{"targetValue": "50"} | metric]}}


def asked(*queries: Values) -> Values:
    return {"metricDataQueries": list(queries) or [{"id": "a", "metricStat": STAT}]}


def predefined(kind: str, **more: Any) -> Values:
    return {"predefinedMetricSpecification": {"predefinedMetricType": kind} | more}


def tracked(block: str, **metric: Any) -> Values:
    return {block: {"targetValue": 50} | metric}


def by_math(*periods: int) -> Values:
    stats = [
        {"id": f"m{i}", "metricStat": STAT | {"period": period}, "returnData": False}
        for i, period in enumerate(periods)
    ]
    return {
        "customizedMetricSpecification": {"metrics": [*stats, {"id": "e", "expression": "m0 + m1", "returnData": True}]}
    }


def mixed(*overrides: Values, **spread: Any) -> Values:
    template: Values = TEMPLATE | ({"overrides": list(overrides)} if overrides else {})
    policy = {"launchTemplate": template} | ({"instancesDistribution": spread} if spread else {})
    return {"launchTemplate": None, "mixedInstancesPolicy": policy}


def needing(**more: Any) -> Values:
    found: Values = {"memoryMib": {"min": 4096}, "vcpuCount": {"min": 2}} | more
    return mixed({"instanceRequirements": {name: value for name, value in found.items() if value is not None}})


def hooks(*names: str, **more: Any) -> Values:
    return {"initialLifecycleHooks": [{"name": name, "lifecycleTransition": LAUNCHING} | more for name in names]}


def refreshed(**preferences: Any) -> Values:
    return {"instanceRefresh": {"strategy": "Rolling", "preferences": preferences}}


def twice(value: Any, *more: Any) -> list[tuple[str, Values]]:
    """A hook made with its group, and one of its own."""
    return [("group", hooks("h", **value)), ("hook", value), *more]


NOT_ALB = "is only for a metric of an application balancer, not"
HOOK_PLACES = (("group", "initialLifecycleHooks[0]."), ("hook", ""))

REFUSED: list[tuple[str, Values, list[tuple[str, str]]]] = [
    # predictive policies
    ("predictive of a group", foreseen(**{PAIR: CPU, OWN_CAPACITY: asked()}), [(f"{ONE}.{OWN_CAPACITY}", f"is only for a policy with {OWN_LOAD!r}")]),
    ("predictive of a group", foreseen(**{PAIR: {"predefinedMetricType": "ALBRequestCount", "resourceLabel": "web"}}),
     [(f"{ONE}.{PAIR}.resourceLabel", "'web' is not of the form app/<balancer>/<id>/targetgroup/<target group>/<id>")]),
    ("predictive of a group", planned(schedulingBufferTime="1.5"), [(f"{GROUPS}.schedulingBufferTime", "'1.5' is no whole number")]),
    *(("predictive of a group", foreseen(targetValue=aim, **{PAIR: CPU}), [(f"{ONE}.targetValue", f"{aim} is not above 0")]) for aim in (0, -1)),
    ("predictive of a service", of_a_service(**{PAIR: {"predefinedMetricType": "ECSServiceTotalCPUUtilization"}}),
     [(f"{EACH}.{PAIR}.predefinedMetricType",
       "'ECSServiceTotalCPUUtilization' is not allowed; allowed are ECSServiceCPUUtilization, ECSServiceMemoryUtilization, ALBRequestCount")]),
    ("predictive of a service", of_a_service(**{SCALING: {"predefinedMetricType": "ECSServiceCPUUtilization"},
                                                LOAD: {"predefinedMetricType": "ECSServiceTotalCPUUtilization"}}),
     [(f"{EACH}.{SCALING}.predefinedMetricType",
       "'ECSServiceCPUUtilization' is not allowed; allowed are ECSServiceAverageCPUUtilization, ECSServiceAverageMemoryUtilization, ALBRequestCountPerTarget")]),
    ("predictive of a service", of_a_service(**{SCALING: {"predefinedMetricType": "ECSServiceAverageCPUUtilization"},
                                                LOAD: {"predefinedMetricType": "TotalALBRequestCount"}}),
     [(f"{EACH}.{LOAD}.resourceLabel", "missing required property of TotalALBRequestCount")]),
    # target tracking
    ("tracking of a group", tracked(TRACKED, **predefined("ASGAverageCPUUtilization", resourceLabel=LABEL)),
     [(f"{TRACKED}.predefinedMetricSpecification.resourceLabel", f"{NOT_ALB} ASGAverageCPUUtilization")]),
    ("tracking of a service", tracked(SERVICE_TRACKED, **predefined("ECSServiceAverageCPUUtilization", resourceLabel=LABEL)),
     [(f"{SERVICE_TRACKED}.predefinedMetricSpecification.resourceLabel", f"{NOT_ALB} ECSServiceAverageCPUUtilization")]),
    ("tracking of a group", tracked(TRACKED, targetValue=0, **predefined("ASGAverageCPUUtilization")), [(f"{TRACKED}.targetValue", "0 is not above 0")]),
    ("tracking of a service", tracked(SERVICE_TRACKED, targetValue=-5, **predefined("ECSServiceAverageCPUUtilization")),
     [(f"{SERVICE_TRACKED}.targetValue", "-5 is not above 0")]),
    ("tracking of a group", tracked(TRACKED, **by_math(10, 60)),
     [(f"{TRACKED}.customizedMetricSpecification.metrics", "its metrics have periods of 10 and 60 seconds, allowed is one")]),
    # schedules
    ("schedule", {"endTime": "2090-01-01T00:00:00Z"}, [("endTime", "needs 'startTime' or 'recurrence'")]),
    ("action", {"startTime": "tomorrow"}, [("startTime", "'tomorrow' is not of the form 2030-01-31T08:00:00Z")]),
    # groups
    ("group", {"metricsGranularity": "5Minute"}, [("metricsGranularity", "'5Minute' is not allowed; allowed are 1Minute")]),
    ("group", {"waitForCapacityTimeout": "ten"}, [("waitForCapacityTimeout", "'ten' is no duration such as 10m")]),
    ("group", {"targetGroupArns": ["arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/a/b"], "trafficSources": [{"identifier": "arn:x"}]},
     [("trafficSources", "conflicts with 'targetGroupArns': give one of them")]),
    *(("group", needing(**{name: None}), [(f"{NEEDS}.{name}", "missing required property of 'instanceRequirements'")]) for name in ("memoryMib", "vcpuCount")),
    *(("group", needing(**{name: {"min": 4, "max": 2}}), [(f"{NEEDS}.{name}.min", "4 is above max 2")]) for name in (
        "memoryMib", "vcpuCount", "acceleratorCount", "acceleratorTotalMemoryMib", "baselineEbsBandwidthMbps", "memoryGibPerVcpu",
        "networkBandwidthGbps", "networkInterfaceCount", "totalLocalStorageGb")),
    ("group", needing(allowedInstanceTypes=["m5.*"], excludedInstanceTypes=["t3.*"]),
     [(f"{NEEDS}.excludedInstanceTypes", "conflicts with 'allowedInstanceTypes': give one of them")]),
    ("group", needing(spotMaxPricePercentageOverLowestPrice=20, maxSpotPriceAsPercentageOfOptimalOnDemandPrice=50),
     [(f"{NEEDS}.maxSpotPriceAsPercentageOfOptimalOnDemandPrice", "conflicts with 'spotMaxPricePercentageOverLowestPrice': give one of them")]),
    *(("group", mixed(spotMaxPrice=price), [(f"{SPREAD}.spotMaxPrice", f"{price!r} is no price in dollars an hour")]) for price in ("cheap", "-1")),
    ("group", mixed({"instanceType": "m7g.large", "weightedCapacity": "1"}) | {"warmPool": {"minSize": 1}},
     [(f"{OVERRIDES}[0].weightedCapacity", "is not for a group with a 'warmPool'")]),
    ("group", mixed({"instanceType": "m7g.large"}, onDemandPercentageAboveBaseCapacity=50) | {"warmPool": {"minSize": 1}},
     [(f"{SPREAD}.onDemandPercentageAboveBaseCapacity", "50 asks for Spot instances, which a 'warmPool' does not hold")]),
    ("group", {"instanceRefresh": {"strategy": "BlueGreen"}}, [("instanceRefresh.strategy", "'BlueGreen' is not allowed; allowed are Rolling, ReplaceRootVolume")]),
    ("group", refreshed(scaleInProtectedInstances="Keep"),
     [("instanceRefresh.preferences.scaleInProtectedInstances", "'Keep' is not allowed; allowed are Refresh, Ignore, Wait")]),
    ("group", refreshed(instanceWarmup="-2"), [("instanceRefresh.preferences.instanceWarmup", "-2 is below 0, the least that is allowed")]),
    # hooks
    ("group", hooks(*"abcdef"), [("initialLifecycleHooks", "6 are given, allowed are 5; others are resources of their own")]),
    ("group", hooks("a", "a"), [("initialLifecycleHooks[1].name", "'a' is the name of another hook too")]),
    *((base, value, [(f"{at}roleArn", "needs 'notificationTargetArn', to which it sends")])
      for (base, value), (_, at) in zip(twice({"roleArn": ROLE}), HOOK_PLACES, strict=True)),
    *((base, value, [(f"{at}roleArn", "is not for a function, which is told by its own policy")])
      for (base, value), (_, at) in zip(twice({"roleArn": ROLE, "notificationTargetArn": FUNCTION}), HOOK_PLACES, strict=True)),
    *((base, value, [(f"{at}notificationTargetArn", f"'{QUEUE}.fifo' is a queue that keeps order, which hooks do not tell")])
      for (base, value), (_, at) in zip(twice({"roleArn": ROLE, "notificationTargetArn": f"{QUEUE}.fifo"}), HOOK_PLACES, strict=True)),
    ("hook", {"roleArn": ROLE, "notificationTargetArn": "arn:aws:s3:::b"},
     [("notificationTargetArn", "'arn:aws:s3:::b' is no ARN of a topic, a queue or a function")]),
]  # fmt: skip

TAKEN: list[tuple[str, Values]] = [
    *(("predictive of a group", foreseen(**{PAIR: CPU | {"resourceLabel": label}})) for label in (LABEL, "testLabel")),
    ("predictive of a group", foreseen(**{PAIR: {"predefinedMetricType": "ALBRequestCount", "resourceLabel": LABEL}})),
    ("predictive of a group", foreseen(**{OWN_SCALING: asked(), OWN_LOAD: asked(), OWN_CAPACITY: asked()})), ("predictive of a group", planned(schedulingBufferTime="0")),
    ("predictive of a service", of_a_service(**{SCALING: {"predefinedMetricType": "ALBRequestCountPerTarget", "resourceLabel": LABEL},
                                                LOAD: {"predefinedMetricType": "TotalALBRequestCount", "resourceLabel": LABEL}})),
    ("tracking of a group", tracked(TRACKED, **predefined("ALBRequestCountPerTarget", resourceLabel=LABEL))), ("tracking of a group", tracked(TRACKED, **by_math(60, 60))),
    ("tracking of a service", tracked(SERVICE_TRACKED, targetValue=0.001, **predefined("ECSServiceAverageCPUUtilization"))),
    ("schedule", {"recurrence": "0 8 * * *", "endTime": "2090-01-01T00:00:00Z"}), ("schedule", {"startTime": "2089-01-01T00:00:00Z", "endTime": "2090-01-01T00:00:00Z"}),
    ("action", {"startTime": "2090-01-01T00:00:00+02:00"}),
    ("group", {"metricsGranularity": "1Minute", "waitForCapacityTimeout": "1h30m"}), ("group", {"waitForCapacityTimeout": "0"}), ("group", {"trafficSources": [{"identifier": "arn:x"}]}),
    ("group", needing(memoryGibPerVcpu={"min": 2, "max": 2}, allowedInstanceTypes=["m5.*"])), ("group", mixed(spotMaxPrice="0.5")), ("group", mixed(spotMaxPrice="")),
    ("group", mixed({"instanceType": "m7g.large"}, onDemandPercentageAboveBaseCapacity=100) | {"warmPool": {"minSize": 1}}), ("group", {"warmPool": {"poolState": "Hibernated"}}),
    ("group", refreshed(scaleInProtectedInstances="Wait", standbyInstances="Terminate", instanceWarmup="300", bakeTime=172_800)), ("group", hooks(*"abcde")),
    *twice({"notificationTargetArn": FUNCTION}), *twice({"roleArn": ROLE, "notificationTargetArn": QUEUE}),
]  # fmt: skip
