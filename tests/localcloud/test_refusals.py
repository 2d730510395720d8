"""What AWS refuses in the product's own field, each beside an input that it takes.

Every case begins from whole inputs that are sound, changes them, and expects exactly these faults of the row and of its
tables. It cannot prove that AWS uses these words, nor that the tables are complete.
"""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from elasticity.steps import StepInterval, StepPolicy, adjusted_capacity, step_capacity, step_faults
from localcloud.aws import limits
from localcloud.aws.kinds import KINDS
from localcloud.aws.limits.steps import ADJUSTMENTS
from localcloud.aws.moto_gaps.autoscaling_policies import adjusted, chosen, within
from localcloud.provider.wire import UNKNOWN
from tests.localcloud import refused_alarms, refused_balancing, refused_scaling, refused_services, refused_tasks
from tests.localcloud.parts import places, replaced

Values = dict[str, Any]
GROUP_POLICY, POLICY = "aws:autoscaling/policy:Policy", "aws:appautoscaling/policy:Policy"
TARGET, ACTION = "aws:appautoscaling/target:Target", "aws:appautoscaling/scheduledAction:ScheduledAction"
GROUP, SCHEDULE = "aws:autoscaling/group:Group", "aws:autoscaling/schedule:Schedule"
HOOK, SERVICE = "aws:autoscaling/lifecycleHook:LifecycleHook", "aws:ecs/service:Service"
TASK, PROVIDER = "aws:ecs/taskDefinition:TaskDefinition", "aws:ecs/capacityProvider:CapacityProvider"
TARGETS, LISTENER = "aws:lb/targetGroup:TargetGroup", "aws:lb/listener:Listener"
RULE, BALANCER = "aws:lb/listenerRule:ListenerRule", "aws:lb/loadBalancer:LoadBalancer"
ALARM, COMPOSITE = "aws:cloudwatch/metricAlarm:MetricAlarm", "aws:cloudwatch/compositeAlarm:CompositeAlarm"
DASHBOARD, TEMPLATE = "aws:cloudwatch/dashboard:Dashboard", "aws:ec2/launchTemplate:LaunchTemplate"
PROVIDERS = "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders"

ARN = "arn:aws:elasticloadbalancing:eu-west-1:123456789012"
TG, LB = f"{ARN}:targetgroup/web/0123456789abcdef", f"{ARN}:loadbalancer/app/web/0123456789abcdef"
SCALED = {
    "serviceNamespace": "ecs", "resourceId": "service/main/web", "scalableDimension": "ecs:service:DesiredCount",
}  # fmt: skip
METRIC = {"metricName": "Depth", "namespace": "Jobs", "statistic": "Average"}
STAT = {"stat": "Sum", "metric": {"metricName": "Depth", "namespace": "Jobs"}}
UP = {"scalingAdjustment": 1, "metricIntervalLowerBound": "0"}
PAIR = {"targetValue": 50, "predefinedMetricPairSpecification": {"predefinedMetricType": "ASGCPUUtilization"}}
ECS_PAIR = {
    "targetValue": "50",
    "predefinedMetricPairSpecification": {"predefinedMetricType": "ECSServiceCPUUtilization"},
}
SPECIFICATION = {"launchTemplateId": "lt-0123456789abcdef0", "version": "$Latest"}
NEEDS = {"memoryMib": {"min": 4096}, "vcpuCount": {"min": 2}}
FORWARD = {"type": "forward", "targetGroupArn": TG}
WIDGET = {"type": "metric", "properties": {"region": "eu-west-1", "metrics": [["AWS/ECS", "CPUUtilization"]]}}


def tracking(**metric: Any) -> Values:
    return {"targetTrackingConfiguration": {"targetValue": 50} | metric}


def service_tracking(**metric: Any) -> Values:
    return {"targetTrackingScalingPolicyConfiguration": {"targetValue": 50} | metric}


def mixed(overrides: list[Values] | None = None, **spread: Any) -> Values:
    template = {"launchTemplateSpecification": SPECIFICATION} | ({"overrides": overrides} if overrides else {})
    policy = {"launchTemplate": template} | ({"instancesDistribution": spread} if spread else {})
    return {"launchTemplate": None, "mixedInstancesPolicy": policy}


def task(**container: Any) -> Values:
    return {"containerDefinitions": json.dumps([{"name": "app", "image": "nginx", "memory": 128} | container])}


def dashboard(**widget: Any) -> Values:
    return {"dashboardBody": json.dumps({"widgets": [{k: v for k, v in (WIDGET | widget).items() if v is not None}]})}


BASES: dict[str, tuple[str, Values]] = {
    "step of a group": (
        GROUP_POLICY,
        {"autoscalingGroupName": "g", "policyType": "StepScaling", "adjustmentType": "ChangeInCapacity", "stepAdjustments": [UP]},
    ),
    "simple": (GROUP_POLICY, {"autoscalingGroupName": "g", "adjustmentType": "ChangeInCapacity", "scalingAdjustment": 1}),
    "tracking of a group": (
        GROUP_POLICY,
        {"autoscalingGroupName": "g", "policyType": "TargetTrackingScaling"} | tracking(customizedMetricSpecification=METRIC),
    ),
    "predictive of a group": (
        GROUP_POLICY,
        {"autoscalingGroupName": "g", "policyType": "PredictiveScaling", "predictiveScalingConfiguration": {"metricSpecification": PAIR}},
    ),
    "step of a service": (
        POLICY,
        SCALED | {"stepScalingPolicyConfiguration": {"adjustmentType": "ChangeInCapacity", "stepAdjustments": [UP]}},
    ),
    "tracking of a service": (
        POLICY,
        SCALED | {"policyType": "TargetTrackingScaling"} | service_tracking(customizedMetricSpecification=METRIC),
    ),
    "predictive of a service": (
        POLICY,
        SCALED | {"policyType": "PredictiveScaling", "predictiveScalingPolicyConfiguration": {"metricSpecifications": [ECS_PAIR]}},
    ),
    "target": (TARGET, SCALED | {"minCapacity": 1, "maxCapacity": 4}),
    "action": (ACTION, SCALED | {"name": "a", "schedule": "rate(1 day)", "scalableTargetAction": {"minCapacity": 1}}),
    "group": (GROUP, {"name": "g", "minSize": 1, "maxSize": 3, "launchTemplate": {"id": "lt-0123456789abcdef0"}}),
    "schedule": (SCHEDULE, {"autoscalingGroupName": "g", "scheduledActionName": "s", "minSize": 1, "maxSize": 5, "desiredCapacity": 2}),
    "hook": (HOOK, {"autoscalingGroupName": "g", "name": "h", "lifecycleTransition": "autoscaling:EC2_INSTANCE_LAUNCHING"}),
    "service": (SERVICE, {"name": "web", "cluster": "main", "taskDefinition": "web:1"}),
    "task": (TASK, {"family": "web"} | task()),
    "provider": (
        PROVIDER,
        {"name": "nodes", "autoScalingGroupProvider": {"autoScalingGroupArn": "arn:aws:autoscaling:g"}},
    ),
    "providers": (PROVIDERS, {"clusterName": "main"}),
    "cluster": ("aws:ecs/cluster:Cluster", {"name": "main"}),
    "targets": (TARGETS, {"name": "web", "port": 80, "protocol": "HTTP", "vpcId": "vpc-1", "targetType": "ip"}),
    "network targets": (TARGETS, {"name": "web", "port": 80, "protocol": "TCP", "vpcId": "vpc-1", "targetType": "ip"}),
    "listener": (LISTENER, {"loadBalancerArn": LB, "port": 80, "protocol": "HTTP", "defaultActions": [FORWARD]}),
    "rule": (
        RULE,
        {"listenerArn": "arn", "priority": 1, "actions": [FORWARD], "conditions": [{"pathPattern": {"values": ["/a"]}}]},
    ),
    "balancer": (BALANCER, {"name": "web", "subnets": ["subnet-1", "subnet-2"]}),
    "alarm": (
        ALARM,
        {"name": "a", "metricName": "CPUUtilization", "namespace": "AWS/ECS", "statistic": "Average", "period": 60,
         "evaluationPeriods": 3, "comparisonOperator": "GreaterThanThreshold", "threshold": 80},
    ),
    "alarm by math": (
        ALARM,
        {"name": "a", "evaluationPeriods": 3, "comparisonOperator": "GreaterThanThreshold", "threshold": 80,
         "metricQueries": [{"id": "total", "expression": "m1 + m2", "returnData": True},
                           *({"id": i, "metric": {"metricName": "A", "namespace": "B", "period": 60, "stat": "Sum"}} for i in ("m1", "m2"))]},
    ),
    "filter": (
        "aws:cloudwatch/logMetricFilter:LogMetricFilter",
        {"name": "f", "pattern": "ERROR", "logGroupName": "g",
         "metricTransformation": {"name": "Errors", "namespace": "Jobs", "value": "1"}},
    ),
    "composite": (COMPOSITE, {"alarmName": "c", "alarmRule": "ALARM(a) AND NOT (OK(\"b\") OR INSUFFICIENT_DATA('c d'))"}),
    "dashboard": (DASHBOARD, {"dashboardName": "d"} | dashboard()),
    "template": (TEMPLATE, {"name": "web", "imageId": "ami-12c6146b", "instanceType": "m7g.large"}),
}  # fmt: skip

STEP = "stepScalingPolicyConfiguration"
SPREAD = "mixedInstancesPolicy.instancesDistribution"
OVERRIDES = "mixedInstancesPolicy.launchTemplate.overrides"


def stepped(*steps: tuple[str | None, str | None], change: int = 1, **more: Any) -> Values:
    """Step adjustments of a group's policy."""
    bounds = ("metricIntervalLowerBound", "metricIntervalUpperBound")
    listed = [
        {"scalingAdjustment": change} | {k: v for k, v in zip(bounds, step, strict=True) if v is not None}
        for step in steps
    ]
    return {"stepAdjustments": listed} | more


def service_stepped(*steps: tuple[str | None, str | None], change: int = 1, **more: Any) -> Values:
    """The same of a service's policy."""
    return {STEP: {"adjustmentType": "ChangeInCapacity"} | stepped(*steps, change=change, **more)}


CLOSED = [("0", "10"), ("10", "20")]
FALLING = [("-20", "-10"), ("-10", "0")]
EXACT = {"adjustmentType": "ExactCapacity"}
MAGNITUDE = {"minAdjustmentMagnitude": 2}
PERCENT = {"adjustmentType": "PercentChangeInCapacity"}
MANY = [(str(i), str(i + 1) if i < 20 else None) for i in range(21)]
PREDICTIVE, SERVICE_PREDICTIVE = "predictiveScalingConfiguration", "predictiveScalingPolicyConfiguration"


def foreseen(**more: Any) -> Values:
    return {PREDICTIVE: {"metricSpecification": PAIR} | more}


def service_foreseen(**more: Any) -> Values:
    return {SERVICE_PREDICTIVE: {"metricSpecifications": [ECS_PAIR]} | more}


INCREASE = {"maxCapacityBreachBehavior": "IncreaseMaxCapacity"}
HONOR = {"maxCapacityBreachBehavior": "HonorMaxCapacity"}
NO_BUFFER = "missing required property of IncreaseMaxCapacity"
ONLY_INCREASE = "is only for 'maxCapacityBreachBehavior': 'IncreaseMaxCapacity'"
NO_LOWER = "-20 is negative, and no step below it is without a lower bound"
NO_UPPER = "20 is positive, and no step above it is without an upper bound"
BOTH_100 = "both deploymentMaximumPercent and deploymentMinimumHealthyPercent cannot be 100, which blocks deployments"
ECS_ONLY = "is only for 'deploymentController': {'type': 'ECS'}, not CODE_DEPLOY"
CODE_DEPLOY = {"deploymentController": {"type": "CODE_DEPLOY"}} | refused_services.behind(refused_services.BY_GROUP)
BREAKER = {"deploymentCircuitBreaker": {"enable": True, "rollback": True}}
ALARMS = {"alarms": {"alarmNames": ["a"], "enable": True, "rollback": True}}
DAEMON, ON_EC2 = {"schedulingStrategy": "DAEMON"}, {"launchType": "EC2"}
FARGATE = {"launchType": "FARGATE", "networkConfiguration": {"subnets": ["subnet-1"]}}
SPOT = {"capacityProviderStrategies": [{"capacityProvider": "FARGATE_SPOT", "weight": 1}]}
REBALANCED = {"availabilityZoneRebalancing": "ENABLED"}
MORE = (refused_services, refused_balancing, refused_scaling, refused_alarms, refused_tasks)
ZONES = {"type": "spread", "field": "attribute:ecs.availability-zone"}


def canary(percent: float, strategy: str = "CANARY", **more: Any) -> Values:
    return {"deploymentConfiguration": {"strategy": strategy, "canaryConfiguration": {"canaryPercent": percent}} | more}


def checked(**check: Any) -> Values:
    return {"healthCheck": check}


def queries(*texts: str) -> Values:
    return {"conditions": [{"queryStrings": [{"value": text} for text in texts]}]}


def math(*found: Values) -> Values:
    return {"metricQueries": list(found)}


ONE = {"id": "m1", "metric": {"metricName": "A", "namespace": "B", "period": 60, "stat": "Sum"}}
EBS = {"deviceName": "/dev/sda1"}

CASES: list[tuple[str, Values, list[tuple[str, str]]]] = [
    # steps: both kinds of policies
    ("step of a group", stepped(*CLOSED), [("stepAdjustments[1].metricIntervalUpperBound", NO_UPPER)]),
    ("step of a service", service_stepped(*CLOSED), [(f"{STEP}.stepAdjustments[1].metricIntervalUpperBound", NO_UPPER)]),
    ("step of a group", stepped(*FALLING), [("stepAdjustments[0].metricIntervalLowerBound", NO_LOWER)]),
    ("step of a service", service_stepped(*FALLING), [(f"{STEP}.stepAdjustments[0].metricIntervalLowerBound", NO_LOWER)]),
    ("step of a group", stepped(("0", None), change=-1, **EXACT),
     [("stepAdjustments[0].scalingAdjustment", "-1 is negative, an exact capacity is not")]),
    ("step of a service", service_stepped(("0", None), change=-1, **EXACT),
     [(f"{STEP}.stepAdjustments[0].scalingAdjustment", "-1 is negative, an exact capacity is not")]),
    ("simple", EXACT | {"scalingAdjustment": -2}, [("scalingAdjustment", "-2 is negative, an exact capacity is not")]),
    ("step of a group", MAGNITUDE, [("minAdjustmentMagnitude", "is only for PercentChangeInCapacity, not for ChangeInCapacity")]),
    ("step of a service", service_stepped(("0", None), **MAGNITUDE),
     [(f"{STEP}.minAdjustmentMagnitude", "is only for PercentChangeInCapacity, not for ChangeInCapacity")]),
    ("simple", MAGNITUDE, [("minAdjustmentMagnitude", "is only for PercentChangeInCapacity, not for ChangeInCapacity")]),
    ("step of a group", stepped(*MANY), [("stepAdjustments", "21 steps, allowed are 20")]),
    ("step of a service", service_stepped(*MANY), [(f"{STEP}.stepAdjustments", "21 steps, allowed are 20")]),
    ("step of a service", {STEP: {"stepAdjustments": [UP]}}, [(f"{STEP}.adjustmentType", "missing required property of a step policy")]),
    ("step of a group", {"cooldown": 60}, [("cooldown", "is only for policies of type SimpleScaling, not StepScaling")]),
    ("simple", {"estimatedInstanceWarmup": 60},
     [("estimatedInstanceWarmup", "is only for policies of type StepScaling and TargetTrackingScaling, not SimpleScaling")]),
    ("step of a group", {"adjustmentType": "Add"},
     [("adjustmentType", "'Add' is not allowed; allowed are ChangeInCapacity, ExactCapacity, PercentChangeInCapacity")]),
    ("step of a group", {"metricAggregationType": "Sum"},
     [("metricAggregationType", "'Sum' is not allowed; allowed are Minimum, Maximum, Average")]),
    ("step of a service", {"serviceNamespace": "dynamodb", "resourceId": "table/a", "scalableDimension": "dynamodb:table:ReadCapacityUnits"},
     [("policyType", "there are no step policies of dynamodb")]),
    # targets
    ("target", {"scalableDimension": "dynamodb:table:ReadCapacityUnits"},
     [("scalableDimension", "'dynamodb:table:ReadCapacityUnits' is no dimension of ecs")]),
    ("target", {"resourceId": "main/web"}, [("resourceId", "'main/web' is not of the form service/<cluster>/<service>")]),
    # predictive
    ("predictive of a group", foreseen(**INCREASE), [(f"{PREDICTIVE}.maxCapacityBuffer", NO_BUFFER)]),
    ("predictive of a service", service_foreseen(**INCREASE), [(f"{SERVICE_PREDICTIVE}.maxCapacityBuffer", NO_BUFFER)]),
    ("predictive of a group", foreseen(**HONOR, maxCapacityBuffer="10"), [(f"{PREDICTIVE}.maxCapacityBuffer", ONLY_INCREASE)]),
    ("predictive of a service", service_foreseen(maxCapacityBuffer=10), [(f"{SERVICE_PREDICTIVE}.maxCapacityBuffer", ONLY_INCREASE)]),
    ("predictive of a group", foreseen(schedulingBufferTime="3600"),
     [(f"{PREDICTIVE}.schedulingBufferTime", "3600 is not within 0 to 3599 seconds")]),
    ("predictive of a service", service_foreseen(schedulingBufferTime=3600),
     [(f"{SERVICE_PREDICTIVE}.schedulingBufferTime", "3600 is not within 0 to 3599 seconds")]),
    ("predictive of a service", service_foreseen(metricSpecifications=[ECS_PAIR, ECS_PAIR]),
     [(f"{SERVICE_PREDICTIVE}.metricSpecifications", "2 metric specifications, allowed is 1")]),
    ("predictive of a group", foreseen(metricSpecification={"targetValue": 50}),
     [(f"{PREDICTIVE}.metricSpecification", f"give exactly one of 'predefined{what}MetricSpecification', 'customized{what}MetricSpecification': the metric {told}, or 'predefinedMetricPairSpecification'")
      for what, told in (("Scaling", "to scale by"), ("Load", "of the load"))]),
    ("predictive of a group", foreseen(metricSpecification={"targetValue": 50, "predefinedMetricPairSpecification": {"predefinedMetricType": "ALBRequestCount"}}),
     [(f"{PREDICTIVE}.metricSpecification.predefinedMetricPairSpecification.resourceLabel", "missing required property of ALBRequestCount")]),
    # target tracking
    ("tracking of a group", tracking(customizedMetricSpecification={"metricName": "Depth", "namespace": "Jobs"}),
     [("targetTrackingConfiguration.customizedMetricSpecification.statistic", "missing required property of a custom metric without 'metrics'")]),
    ("tracking of a group", tracking(customizedMetricSpecification=METRIC | {"period": 20}),
     [("targetTrackingConfiguration.customizedMetricSpecification.period", "20 is not allowed; allowed are 10, 30, 60 seconds")]),
    ("tracking of a service", service_tracking(customizedMetricSpecification={"metrics": [{"id": "a", "metricStat": STAT, "returnData": False}]}),
     [("targetTrackingScalingPolicyConfiguration.customizedMetricSpecification.metrics", "exactly one of the queries has 'returnData': true, none does")]),
    ("tracking of a group", tracking(customizedMetricSpecification={"metrics": [{"id": "a", "expression": "b * 2"}]}),
     [("targetTrackingConfiguration.customizedMetricSpecification.metrics[0].expression", "names b, which is the id of no query")]),
    # mixed instances
    ("group", mixed(onDemandPercentageAboveBaseCapacity=150),
     [(f"{SPREAD}.onDemandPercentageAboveBaseCapacity", "150 is not within 0 to 100 percent")]),
    ("group", mixed([{"instanceRequirements": NEEDS, "instanceType": "m7g.large"}]),
     [(f"{OVERRIDES}[0].instanceRequirements", "conflicts with 'instanceType': give one of them")]),
    ("group", mixed([{"instanceType": "m7g.large", "weightedCapacity": "2"}, {"instanceType": "m6g.large"}]),
     [(f"{OVERRIDES}[1].weightedCapacity", "missing: all overrides have a weight, or none has")]),
    ("group", mixed([{"instanceType": "m7g.large"}, {"instanceType": "m7g.large"}]),
     [(f"{OVERRIDES}[1].instanceType", "'m7g.large' stands in another override too")]),
    ("group", mixed([{"instanceType": "m7g.large", "weightedCapacity": "1000"}]),
     [(f"{OVERRIDES}[0].weightedCapacity", "'1000' is no whole number within 1 to 999")]),
    ("group", mixed([{"instanceType": f"m7g.{i}xlarge"} for i in range(41)]), [(OVERRIDES, "41 overrides, allowed are 40")]),
    ("group", mixed(spotAllocationStrategy="cheapest"),
     [(f"{SPREAD}.spotAllocationStrategy", "'cheapest' is not allowed; allowed are capacity-optimized, capacity-optimized-prioritized, lowest-price, price-capacity-optimized")]),
    ("group", mixed(spotAllocationStrategy="capacity-optimized", spotInstancePools=3),
     [(f"{SPREAD}.spotInstancePools", "is only for 'spotAllocationStrategy': 'lowest-price', not 'capacity-optimized'")]),
    ("group", mixed([{"instanceRequirements": NEEDS}], onDemandAllocationStrategy="prioritized"),
     [(f"{SPREAD}.onDemandAllocationStrategy", "'prioritized' needs an order of types, which 'instanceRequirements' are not")]),
    ("group", {"launchTemplate": {"id": "lt-0123456789abcdef0", "name": "web"}},
     [("launchTemplate.name", "conflicts with 'id': give one of 'id', 'name'")]),
    ("group", {"defaultInstanceWarmup": 3601}, [("defaultInstanceWarmup", "3601 is not within 0 to 3600 seconds or -1")]),
    ("group", {"instanceRefresh": {"strategy": "Rolling", "preferences": {"minHealthyPercentage": 40, "maxHealthyPercentage": 150}}},
     [("instanceRefresh.preferences.maxHealthyPercentage", "150 is more than 100 above minHealthyPercentage 40")]),
    ("hook", {"heartbeatTimeout": 10}, [("heartbeatTimeout", "10 is not within 30 to 7200 seconds")]),
    ("hook", {"defaultResult": "STOP"}, [("defaultResult", "'STOP' is not allowed; allowed are CONTINUE, ABANDON")]),
    ("hook", {"notificationTargetArn": "arn:aws:sns:eu-west-1:123456789012:t"}, [("roleArn", "missing: who may send to the topic or queue")]),
    # schedules of groups
    ("schedule", {"minSize": 6}, [("maxSize", "5 is below minSize 6")]),
    ("schedule", {"desiredCapacity": 9}, [("desiredCapacity", "9 is above maxSize 5")]),
    ("schedule", {"minSize": 3}, [("desiredCapacity", "2 is below minSize 3")]),
    ("schedule", {"minSize": -2}, [("minSize", "-2 is below -1, the least that is allowed")]),
    ("schedule", {"startTime": "2030-01-01"}, [("startTime", "'2030-01-01' is not of the form 2030-01-31T08:00:00Z")]),
    # services
    ("service", {"deploymentMaximumPercent": 100, "deploymentMinimumHealthyPercent": 100}, [("deploymentMaximumPercent", BOTH_100)]),
    ("service", {"deploymentMaximumPercent": 100}, [("deploymentMaximumPercent", BOTH_100)]),
    ("service", CODE_DEPLOY | BREAKER, [("deploymentCircuitBreaker", ECS_ONLY)]),
    ("service", CODE_DEPLOY | ALARMS, [("alarms", ECS_ONLY)]),
    ("service", CODE_DEPLOY | DAEMON, [("schedulingStrategy", f"'DAEMON' {ECS_ONLY}")]),
    ("service", CODE_DEPLOY | {"deploymentConfiguration": {"strategy": "BLUE_GREEN"}},
     [("deploymentConfiguration.strategy", f"'BLUE_GREEN' {ECS_ONLY}")]),
    ("service", DAEMON | FARGATE, [("schedulingStrategy", "'DAEMON' is not supported with 'launchType': 'FARGATE'")]),
    ("service", DAEMON | SPOT, [("schedulingStrategy", "'DAEMON' is not supported with capacity provider FARGATE_SPOT")]),
    ("service", ON_EC2 | {"networkConfiguration": {"subnets": ["subnet-1"], "assignPublicIp": True}},
     [("networkConfiguration.assignPublicIp", "is not supported with 'launchType': 'EC2'")]),
    ("service", ON_EC2 | {"platformVersion": "LATEST"}, [("platformVersion", "is not supported with 'launchType': 'EC2'")]),
    ("service", REBALANCED | {"deploymentMaximumPercent": 100, "deploymentMinimumHealthyPercent": 50},
     [("availabilityZoneRebalancing", "'ENABLED' needs a deploymentMaximumPercent above 100, got 100")]),
    ("service", REBALANCED | {"orderedPlacementStrategies": [{"type": "binpack", "field": "memory"}]},
     [("availabilityZoneRebalancing", "'ENABLED' needs a spread over attribute:ecs.availability-zone as the first of 'orderedPlacementStrategies'")]),
    ("service", canary(5.05), [("deploymentConfiguration.canaryConfiguration.canaryPercent", "5.05 is no multiple of 0.1")]),
    ("service", canary(0.05), [("deploymentConfiguration.canaryConfiguration.canaryPercent", "0.05 is not within 0.1 to 100")]),
    ("service", canary(5, "LINEAR"), [("deploymentConfiguration.canaryConfiguration", "is only for 'strategy': 'CANARY', not 'LINEAR'")]),
    ("service", {"deploymentConfiguration": {"strategy": "LINEAR", "linearConfiguration": {"stepPercent": 2}}},
     [("deploymentConfiguration.linearConfiguration.stepPercent", "2 is not within 3 to 100")]),
    ("service", {"deploymentConfiguration": {"strategy": "BLUE_GREEN", "bakeTimeInMinutes": "1441"}},
     [("deploymentConfiguration.bakeTimeInMinutes", "1441 is not within 0 to 1440 minutes")]),
    ("service", {"orderedPlacementStrategies": [{"type": "binpack", "field": "disk"}]},
     [("orderedPlacementStrategies[0].field", "'disk' is not allowed; allowed are cpu, memory")]),
    ("service", {"placementConstraints": [{"type": "memberOf"}]},
     [("placementConstraints[0].expression", "missing required property of a constraint of type memberOf")]),
    ("service", {"capacityProviderStrategies": [{"capacityProvider": "FARGATE", "weight": 1}, {"capacityProvider": "nodes", "weight": 1}]},
     [("capacityProviderStrategies", "is a mix of Fargate and of groups of instances, which a strategy cannot be")]),
    ("service", {"capacityProviderStrategies": [{"capacityProvider": "FARGATE", "weight": 0}, {"capacityProvider": "FARGATE_SPOT", "weight": 0}]},
     [("capacityProviderStrategies", "at least one of several capacity providers has a 'weight' above 0")]),
    ("providers", {"capacityProviders": ["FARGATE", "FARGATE_SPOT"], "defaultCapacityProviderStrategies": [
        {"capacityProvider": "FARGATE", "weight": 1, "base": 1}, {"capacityProvider": "FARGATE_SPOT", "base": 1}]},
     [("defaultCapacityProviderStrategies[1].base", "only one capacity provider of a strategy has a base")]),
    ("service", {"serviceRegistries": {"registryArn": "arn:x", "port": 80, "containerPort": 80, "containerName": "app"}},
     [("serviceRegistries.port", "conflicts with 'containerPort': give one of them")]),
    ("provider", {"name": "ecs-nodes"}, [("name", "'ecs-nodes' begins with one of aws, ecs, fargate, which are ECS's")]),
    ("provider", {"autoScalingGroupProvider": {"autoScalingGroupArn": "arn:aws:autoscaling:g", "managedScaling": {"minimumScalingStepSize": 9, "maximumScalingStepSize": 3}}},
     [("autoScalingGroupProvider.managedScaling.minimumScalingStepSize", "9 is above maximumScalingStepSize 3")]),
    # tasks
    ("task", task(memory=None), [("containerDefinitions[0].memory", "missing: give 'memory' or 'memoryReservation', or the task's 'memory'")]),
    ("task", task(name="my app"), [("containerDefinitions[0].name", "'my app' is not a name of at most 255 letters, digits, hyphens and underscores")]),
    ("task", {"networkMode": "awsvpc"} | task(links=["db"]), [("containerDefinitions[0].links", "are only for 'networkMode': 'bridge', not 'awsvpc'")]),
    ("task", {"networkMode": "host"} | task(portMappings=[{"containerPort": 80, "hostPort": 81}]),
     [("containerDefinitions[0].portMappings[0].hostPort", "81 is not containerPort 80, as 'networkMode': 'host' wants")]),
    # target groups
    ("targets", {"protocol": "HTTPS"} | checked(interval=5), [("healthCheck.interval", "the default timeout 5 must be below the interval of 5 seconds")]),
    ("targets", checked(interval=5), [("healthCheck.interval", "the default timeout 5 must be below the interval of 5 seconds")]),
    ("targets", checked(protocol="TCP"), [("healthCheck.protocol", "'TCP' is not possible with 'protocol': 'HTTP'")]),
    ("network targets", checked(protocol="TCP", matcher="200"), [("healthCheck.matcher", "is not for a check by TCP")]),
    ("network targets", checked(protocol="TCP", path="/"), [("healthCheck.path", "is not for a check by TCP")]),
    ("network targets", checked(interval=5), [("healthCheck.interval", "the default timeout 10 is above the interval of 5 seconds")]),
    ("network targets", checked(protocol="UDP"), [("healthCheck.protocol", "'UDP' is not allowed; allowed are HTTP, HTTPS, TCP")]),
    ("targets", checked(enabled=False), [("healthCheck.enabled", "false is only for 'targetType': 'lambda'")]),
    ("targets", checked(matcher="200-599"), [("healthCheck.matcher", "'200-599' is not within 200 to 499")]),
    ("network targets", {"stickiness": {"type": "lb_cookie"}}, [("stickiness.type", "'lb_cookie' is not possible with 'protocol': 'TCP'")]),
    ("targets", {"stickiness": {"type": "app_cookie"}}, [("stickiness.cookieName", "missing required property of stickiness of type app_cookie")]),
    ("network targets", {"protocolVersion": "HTTP2"}, [("protocolVersion", "is only for HTTP and HTTPS, not TCP")]),
    ("targets", {"targetType": "alb"}, [("protocol", "'HTTP' is not possible with 'targetType': 'alb'; allowed is TCP")]),
    # rules and listeners
    ("rule", queries("a", "b", "c", "d", "e", "f"), [("conditions", "6 values of all conditions together, allowed are 5")]),
    ("rule", {"conditions": [{"pathPattern": {"values": [c]}} for c in ("/a", "/b")]}, [("conditions", "2 conditions are 'pathPattern', allowed is 1")]),
    ("rule", {"conditions": [{"sourceIp": {"values": ["10.0.0.1/8"]}}]},
     [("conditions[0].sourceIp.values[0]", "'10.0.0.1/8' has host bits set; did you mean '10.0.0.0/8'?")]),
    ("rule", {"conditions": [{"pathPattern": {"values": ["/" + "a" * 128]}}]}, [("conditions[0].pathPattern.values[0]", "is longer than 128 characters")]),
    ("listener", {"defaultActions": [{"type": "redirect", "redirect": {"statusCode": "HTTP_301"}}]},
     [("defaultActions[0].redirect", "leads back to itself: change one of protocol, host, port, path")]),
    ("listener", {"defaultActions": [FORWARD, FORWARD]}, [("defaultActions", "exactly one action is one of forward, redirect, fixed-response; 2 are")]),
    ("listener", {"defaultActions": [{"type": "forward", "forward": {"targetGroups": [{"arn": TG, "weight": 1000}]}}]},
     [("defaultActions[0].forward.targetGroups[0].weight", "1000 is not within 0 to 999")]),
    ("rule", {"priority": 50_001}, [("priority", "50001 is above the allowed 50000")]),
    ("balancer", {"subnetMappings": [{"subnetId": "subnet-1"}]}, [("subnetMappings", "conflicts with 'subnets': give one of them")]),
    ("balancer", {"idleTimeout": 4001}, [("idleTimeout", "4001 is not within 1 to 4000 seconds")]),
    # alarms
    ("alarm", {"evaluationPeriods": None}, [("evaluationPeriods", "missing required property")]),
    ("alarm", {"comparisonOperator": None}, [("comparisonOperator", "missing required property")]),
    ("alarm", {"namespace": None}, [("namespace", "missing required property of an alarm on one metric")]),
    ("alarm", {"metricName": None}, [("metricName", "give one of 'metricName', 'metricQueries'")]),
    ("alarm", {"comparisonOperator": "GreaterThanUpperThreshold"}, [("comparisonOperator", "'GreaterThanUpperThreshold' is not for an alarm with 'threshold'")]),
    ("alarm", {"evaluationPeriods": 1441}, [("evaluationPeriods", "1441 periods of 60 seconds are more than a day")]),
    ("alarm", {"period": 3600, "evaluationPeriods": 169}, [("evaluationPeriods", "169 periods of 3600 seconds are more than a week, with periods of an hour and more")]),
    ("alarm", {"statistic": None, "extendedStatistic": "p99", "evaluateLowSampleCountPercentiles": "maybe"},
     [("evaluateLowSampleCountPercentiles", "'maybe' is not allowed; allowed are evaluate, ignore")]),
    ("alarm by math", math(ONE), [("metricQueries", "exactly one of the queries has 'returnData': true, none does")]),
    ("alarm by math", math(ONE | {"returnData": True}, ONE | {"id": "m2", "returnData": True}),
     [("metricQueries", "exactly one of the queries has 'returnData': true, 2 do: m1, m2")]),
    ("alarm by math", math({"id": "total", "expression": "m1 + m3", "returnData": True}, ONE),
     [("metricQueries[0].expression", "names m3, which is the id of no query")]),
    ("alarm by math", math(ONE | {"id": "M1", "returnData": True}),
     [("metricQueries[0].id", "'M1' is no id: letters, digits and underscores, a lower-case letter first")]),
    ("alarm by math", math(ONE | {"returnData": True}, ONE),
     [(f"metricQueries[{i}].id", "'m1' is the id of another query too") for i in (0, 1)]),
    ("alarm by math", math(ONE | {"returnData": True, "expression": "1"}),
     [("metricQueries[0].metric", "conflicts with 'expression': give one of 'expression', 'metric'")]),
    ("alarm by math", {"period": 60}, [("period", "conflicts with 'metricQueries', whose queries say this themselves")]),
    ("composite", {"alarmRule": "ALARM(a) OK(b)"}, [("alarmRule", "'ALARM(a) OK(b)' is no expression: STATE stands where AND or OR is wanted")]),
    ("composite", {"alarmRule": "ALARM(a) AND (OK(b)"}, [("alarmRule", "'ALARM(a) AND (OK(b)' is no expression: a parenthesis is not closed")]),
    ("composite", {"alarmRule": "ALARM(a) AND"}, [("alarmRule", "'ALARM(a) AND' is no expression: it ends where a state is wanted")]),
    ("composite", {"alarmRule": "ALARM(a) XOR OK(b)"}, [("alarmRule", "'ALARM(a) XOR OK(b)' is no expression: not understood at 'XOR OK(b)'")]),
    # dashboards
    ("dashboard", {"dashboardBody": "{"}, [("dashboardBody", "is no JSON: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)")]),
    ("dashboard", {"dashboardBody": "{}"}, [("dashboardBody", "missing required member 'widgets'")]),
    ("dashboard", dashboard(type="graph"), [("dashboardBody", "widgets[0].type: 'graph' is not allowed; allowed are metric, text, log, alarm, explorer, custom")]),
    ("dashboard", dashboard(type=None), [("dashboardBody", "widgets[0].type: missing required member")]),
    ("dashboard", dashboard(properties=None), [("dashboardBody", "widgets[0].properties: missing required member")]),
    ("dashboard", dashboard(width=25), [("dashboardBody", "widgets[0].width: 25 is no whole number within 1 to 24")]),
    ("dashboard", dashboard(properties={"metrics": [["A", "B"]]}),
     [("dashboardBody", "widgets[0].properties.region: missing required member of a widget of type metric")]),
    ("dashboard", dashboard(properties={"region": "eu-west-1", "metrics": [["A", "B", "C"]]}),
     [("dashboardBody", "widgets[0].properties.metrics[0]: expected a namespace, a name, and each dimension with its value, or an expression")]),
    ("dashboard", dashboard(type="text", properties={}), [("dashboardBody", "widgets[0].properties.markdown: missing required member of a widget of type text")]),
    # launch templates
    ("template", {"vpcSecurityGroupIds": ["sg-1"], "networkInterfaces": [{"deviceIndex": 0}]},
     [("vpcSecurityGroupIds", "conflicts with 'networkInterfaces': name the groups in 'networkInterfaces[].securityGroups'")]),
    ("template", {"userData": "#!/bin/sh"}, [("userData", "is not base64: encode it, as with base64.b64encode")]),
    ("template", {"blockDeviceMappings": [EBS | {"ebs": {"volumeType": "io2"}}]},
     [("blockDeviceMappings[0].ebs.iops", "missing required property of a volume of type io2")]),
    ("template", {"blockDeviceMappings": [EBS, EBS]}, [("blockDeviceMappings[1].deviceName", "'/dev/sda1' is mapped twice")]),
    ("template", {"name": "a"}, [("name", "'a' is not a name of 3 to 128 letters, digits and ().-/_")]),
    ("template", {"instanceRequirements": NEEDS}, [("instanceRequirements", "conflicts with 'instanceType': give one of them")]),
    *(case for more in MORE for case in more.REFUSED),
]  # fmt: skip

NEIGHBOURS: list[tuple[str, Values]] = [
    *((name, {}) for name in BASES),
    ("step of a group", stepped(*CLOSED, ("20", None))), ("step of a service", service_stepped(*CLOSED, ("20", None))),
    ("step of a group", stepped((None, "-20"), *FALLING)), ("step of a service", service_stepped((None, "-20"), *FALLING)),
    ("step of a group", stepped((None, "0"), ("0", None))), ("step of a group", stepped((None, "0"))),
    ("step of a group", stepped(("0.1", "0.3"), ("0.3", None))),
    ("step of a group", stepped(*MANY[1:])), ("step of a group", PERCENT | MAGNITUDE), ("simple", PERCENT | MAGNITUDE),
    ("step of a service", service_stepped(("0", None), **(PERCENT | MAGNITUDE))),
    ("step of a group", stepped(("0", None), change=0, **EXACT)), ("simple", EXACT | {"scalingAdjustment": 0}),
    ("step of a group", {"cooldown": 0, "estimatedInstanceWarmup": 60}), ("simple", {"cooldown": 60}),
    ("predictive of a group", foreseen(**INCREASE, maxCapacityBuffer="0", schedulingBufferTime="3599")),
    ("predictive of a service", service_foreseen(**INCREASE, maxCapacityBuffer=100, schedulingBufferTime=0)),
    ("predictive of a service", service_foreseen(**HONOR)),
    ("predictive of a group", foreseen(metricSpecification={
        "targetValue": 50, "predefinedScalingMetricSpecification": {"predefinedMetricType": "ASGAverageCPUUtilization"},
        "predefinedLoadMetricSpecification": {"predefinedMetricType": "ASGTotalCPUUtilization"}})),
    ("tracking of a group", tracking(customizedMetricSpecification=METRIC | {"period": 10})),
    ("tracking of a group", tracking(predefinedMetricSpecification={"predefinedMetricType": "ASGAverageCPUUtilizationHighResolution"})),
    ("tracking of a service", service_tracking(predefinedMetricSpecification={"predefinedMetricType": "ECSServiceAverageMemoryUtilizationHighResolution"})),
    ("tracking of a service", service_tracking(customizedMetricSpecification={"metrics": [{"id": "a", "metricStat": STAT}]})),
    ("group", mixed([{"instanceType": "m7g.large", "weightedCapacity": "1"}, {"instanceType": "m6g.large", "weightedCapacity": "999"}],
                    onDemandPercentageAboveBaseCapacity=100, onDemandAllocationStrategy="prioritized")),
    ("group", mixed([{"instanceType": f"m7g.{i}xlarge"} for i in range(40)], onDemandPercentageAboveBaseCapacity=0)),
    ("group", mixed([{"instanceRequirements": NEEDS}], spotAllocationStrategy="price-capacity-optimized")),
    ("group", mixed(spotAllocationStrategy="lowest-price", spotInstancePools=3)),
    ("group", {"defaultInstanceWarmup": -1}), ("hook", {"heartbeatTimeout": 30, "defaultResult": "ABANDON"}),
    ("hook", {"notificationTargetArn": "arn:aws:sns:eu-west-1:123456789012:t", "roleArn": "arn:aws:iam::123456789012:role/x"}),
    ("schedule", {"startTime": "2090-01-31T08:00:00Z"}), ("schedule", {"minSize": 2, "maxSize": -1, "desiredCapacity": -1}), ("schedule", {"minSize": 2, "maxSize": 2}),
    ("service", {"deploymentMaximumPercent": 100, "deploymentMinimumHealthyPercent": 99}),
    ("service", {"deploymentMaximumPercent": 101, "deploymentMinimumHealthyPercent": 100}),
    ("service", BREAKER | ALARMS), ("service", CODE_DEPLOY | {"deploymentCircuitBreaker": {"enable": False, "rollback": False}}),
    ("service", DAEMON | ON_EC2 | {"deploymentMaximumPercent": 100}), ("service", DAEMON),
    ("service", FARGATE | {"networkConfiguration": {"subnets": ["subnet-1"], "assignPublicIp": True}, "platformVersion": "LATEST"}),
    ("service", ON_EC2 | {"networkConfiguration": {"subnets": ["subnet-1"], "assignPublicIp": False}}),
    ("service", REBALANCED), ("service", REBALANCED | {"orderedPlacementStrategies": [ZONES, {"type": "binpack", "field": "memory"}]}),
    ("service", canary(5.1, bakeTimeInMinutes="1440")), ("service", canary(0.1)), ("service", canary(100)),
    ("service", {"deploymentConfiguration": {"strategy": "LINEAR", "linearConfiguration": {"stepPercent": 3.3}}}),
    ("service", {"serviceRegistries": {"registryArn": "arn:x", "port": 80}}), ("service", SPOT),
    ("task", {"memory": "512"} | task(memory=None)), ("task", task(memory=None, memoryReservation=64)), ("task", task(links=["db"])),
    ("targets", checked(interval=6)), ("targets", checked(interval=5, timeout=4, matcher="200-499")),
    ("network targets", checked(protocol="TCP", interval=10)), ("network targets", checked(protocol="HTTP", path="/", matcher="200-599")),
    ("network targets", checked(interval=10, timeout=10)),
    ("network targets", {"stickiness": {"type": "source_ip"}}),
    ("targets", {"stickiness": {"type": "app_cookie", "cookieName": "session"}}), ("targets", {"protocolVersion": "HTTP2"}),
    ("network targets", {"targetType": "alb"} | checked(protocol="HTTP")), ("targets", {"targetType": "lambda", "port": None, "protocol": None, "vpcId": None} | checked(enabled=False)),
    ("rule", queries("a", "b", "c", "d", "e")), ("rule", {"conditions": [{"sourceIp": {"values": ["10.0.0.0/8", "2001:db8::/32"]}}]}),
    ("rule", {"conditions": [{"httpHeader": {"httpHeaderName": n, "values": ["1"]}} for n in ("A", "B")]}),
    ("listener", {"defaultActions": [{"type": "redirect", "redirect": {"statusCode": "HTTP_301", "protocol": "HTTPS", "port": "443"}}]}),
    ("alarm", {"evaluationPeriods": 1440}), ("alarm", {"period": 3600, "evaluationPeriods": 168}), ("alarm", {"period": 10}),
    ("alarm by math", math({"id": "q1", "expression": "SELECT AVG(CPUUtilization) FROM SCHEMA(\"AWS/ECS\", ServiceName)", "period": 60, "returnData": True})),
    ("alarm by math", math({"id": "e1", "expression": "IF(m1 > 1.5e2, 1, 0)", "returnData": True}, ONE)),
    ("composite", {"alarmRule": "TRUE"}), ("composite", {"alarmRule": "(ALARM(\"arn:aws:cloudwatch:eu-west-1:1:alarm:a\") OR FALSE)"}),
    ("dashboard", {"dashboardBody": '{"widgets": []}'}),
    ("dashboard", dashboard(properties={"region": "eu-west-1", "metrics": [["A", "B", "C", "d"], ["...", "e"], [{"expression": "SEARCH('a', 'Sum', 60)"}]]})),
    ("dashboard", dashboard(properties={"annotations": {"alarms": ["arn:aws:cloudwatch:eu-west-1:1:alarm:a"]}})),
    ("dashboard", dashboard(type="text", properties={"markdown": "# A"}, x=0, y=900, width=24, height=1000)),
    ("template", {"networkInterfaces": [{"deviceIndex": 0, "securityGroups": ["sg-1"], "associatePublicIpAddress": "true"}]}),
    ("template", {"vpcSecurityGroupIds": ["sg-1"], "userData": "IyEvYmluL3NoCg=="}),
    ("template", {"blockDeviceMappings": [EBS | {"ebs": {"volumeType": "gp3", "throughput": 200}}]}),
    *(case for more in MORE for case in more.TAKEN),
]  # fmt: skip


def whole(base: str, change: Values) -> tuple[str, Values]:
    token, inputs = BASES[base]
    return token, {name: value for name, value in (inputs | change).items() if value is not None}


@pytest.mark.parametrize(("base", "change", "faults"), CASES, ids=[f"{c[0]}-{i}" for i, c in enumerate(CASES)])
def test_what_aws_refuses_is_refused_by_the_row_with_property_and_sentence(
    base: str, change: Values, faults: Any
) -> None:
    token, inputs = whole(base, change)
    assert KINDS[token].faults(inputs) == faults


@pytest.mark.parametrize(("base", "change"), NEIGHBOURS, ids=[f"{c[0]}-{i}" for i, c in enumerate(NEIGHBOURS)])
def test_what_aws_takes_right_beside_it_is_taken(base: str, change: Values) -> None:
    token, inputs = whole(base, change)
    assert KINDS[token].faults(inputs) == []


@pytest.mark.parametrize(("base", "change"), NEIGHBOURS, ids=[f"{c[0]}-{i}" for i, c in enumerate(NEIGHBOURS)])
def test_sound_inputs_of_which_something_is_not_known_yet_are_refused_for_nothing(base: str, change: Values) -> None:
    token, inputs = whole(base, change)
    for path in places(inputs):
        partly = replaced(inputs, path, UNKNOWN)
        assert KINDS[token].faults(partly) == [], path


@pytest.mark.parametrize(("base", "change", "_faults"), CASES, ids=[f"{c[0]}-{i}" for i, c in enumerate(CASES)])
def test_no_table_fails_on_what_is_absent_or_not_known(base: str, change: Values, _faults: Any) -> None:
    token, inputs = whole(base, change)
    for path in places(inputs):
        for by in (UNKNOWN, None):
            list(limits.faults(token, replaced(inputs, path, by)))


GOLDEN = Path(__file__).parents[1] / "components" / "golden" / "scaling"


def camel(value: Any) -> Any:
    """Inputs of the SDK as the engine has them, references to other resources not known yet."""
    if isinstance(value, str) and value.startswith("<aws:"):
        return UNKNOWN
    if isinstance(value, dict):
        return {re.sub(r"_([a-z0-9])", lambda m: m[1].upper(), name): camel(inner) for name, inner in value.items()}
    return [camel(inner) for inner in value] if isinstance(value, list) else value


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.json")), ids=lambda path: path.stem)
def test_nothing_that_rules_are_translated_into_is_refused(path: Path) -> None:
    made = json.loads(path.read_text(encoding="utf-8"))
    assert [fault for one in made for fault in limits.faults(one["type"], camel(one["inputs"]))] == []


BOUNDS = st.one_of(st.none(), st.integers(-3, 3).map(float), st.sampled_from([0.1, 0.3, -0.5]))
STEPS = st.lists(st.tuples(BOUNDS, BOUNDS, st.integers(-3, 3)), min_size=1, max_size=23)
SIDE_BY_SIDE = st.lists(st.integers(-20, 20), min_size=1, max_size=22, unique=True).flatmap(
    lambda ends: st.tuples(st.just(sorted(ends)), st.booleans(), st.booleans(), st.integers(-2, 2)).map(
        lambda drawn: [
            (float(low) if low is not None else None, float(high) if high is not None else None, drawn[3])
            for low, high in zip(
                [*([None] if drawn[1] else []), *drawn[0]], [*drawn[0], None] if drawn[1] else [*drawn[0][1:], None],
                strict=True,
            )
        ][: None if drawn[2] else -1] or [(0.0, None, 1)]
    )
)  # fmt: skip


@given(
    st.one_of(STEPS, SIDE_BY_SIDE),
    st.sampled_from(["ChangeInCapacity", "PercentChangeInCapacity", "ExactCapacity"]),
    st.one_of(st.none(), st.integers(1, 9)),
)
def test_a_step_policy_is_refused_here_exactly_where_the_rules_refuse_it(steps: Any, kind: Any, least: Any) -> None:
    policy = StepPolicy(0.0, kind, tuple(StepInterval(*step) for step in steps), least)
    texts = [(low if low is None else str(low), high if high is None else str(high), by) for low, high, by in steps]
    listed = [stepped((low, high), change=by)["stepAdjustments"][0] for low, high, by in texts]
    body = {"adjustmentType": kind, "stepAdjustments": listed} | ({"minAdjustmentMagnitude": least} if least else {})
    refused = bool(step_faults(policy))
    of_a_group = BASES["step of a group"][1] | body
    of_a_service = BASES["step of a service"][1] | {STEP: body}
    assert bool(list(limits.faults(GROUP_POLICY, of_a_group))) == refused
    assert bool(list(limits.faults(POLICY, of_a_service))) == refused


FEW = st.one_of(st.integers(0, 12), st.integers(0, 3_000))


@example(3, 10, "PercentChangeInCapacity", 0)
@example(3, -10, "PercentChangeInCapacity", 0)
@example(10, -25, "PercentChangeInCapacity", 0)
@given(FEW, st.integers(-400, 400), st.sampled_from(ADJUSTMENTS), st.integers(0, 12))
def test_an_adjustment_gives_here_what_it_gives_in_the_rules(current: int, change: int, kind: Any, least: int) -> None:
    assert adjusted(current, change, kind, least) == adjusted_capacity(current, change, kind, least or None)


@given(
    SIDE_BY_SIDE,
    st.integers(-25, 25),
    st.integers(0, 40),
    st.sampled_from(ADJUSTMENTS),
    st.integers(0, 12),
    st.tuples(st.integers(0, 40), st.integers(0, 40)).map(sorted),
)
def test_an_executed_step_gives_what_the_rules_give_within_the_bounds(
    steps: Any, difference: int, current: int, kind: Any, least: int, bounds: list[int]
) -> None:
    least = least if kind == "PercentChangeInCapacity" else 0
    policy = StepPolicy(
        100.0,
        kind,
        tuple(StepInterval(low, high, abs(by) if kind == "ExactCapacity" else by) for low, high, by in steps),
        least or None,
        watches_low_side=all(high is not None and high <= 0 for _, high, _ in steps),
    )
    names = ("MetricIntervalLowerBound", "MetricIntervalUpperBound", "ScalingAdjustment")
    listed = [
        {n: str(v) for n, v in zip(names[:2], (step.lower, step.upper), strict=True) if v is not None}
        | {names[2]: step.change}
        for step in policy.steps
    ]
    if step_faults(policy):
        return
    change = chosen(listed, float(difference))
    wanted = current if change is None else adjusted(current, change, kind, least)
    low, high = bounds
    assert within(wanted, low, high) == step_capacity(current, 100.0 + difference, policy, minimum=low, maximum=high)
