"""Rules as other tools write them: small examples of our own in the shape of what is public."""

from __future__ import annotations

import json
from typing import Any


def resource(kind: str, name: str, values: dict[str, Any], module: str = "", index: Any = None) -> dict[str, Any]:
    """One resource of `terraform show -json`."""
    shown = "" if index is None else f'["{index}"]' if isinstance(index, str) else f"[{index}]"
    address = f"{module}{'.' if module else ''}{kind}.{name}{shown}"
    made = {"address": address, "mode": "managed", "type": kind, "name": name, "values": values}
    return made if index is None else {**made, "index": index}


def refers(kind: str, name: str, **expressions: list[str] | Any) -> dict[str, Any]:
    """One resource of a configuration, with what its attributes refer to."""
    return {
        "address": f"{kind}.{name}", "mode": "managed", "type": kind, "name": name,
        "expressions": {key: {"references": value} if isinstance(value, list) else {"constant_value": value} for key, value in expressions.items()},
    }  # fmt: skip


def _cpu(target: float, **rest: Any) -> list[dict[str, Any]]:
    kind = {"predefined_metric_type": "ECSServiceAverageCPUUtilization", "resource_label": None}
    return [
        {
            "target_value": target,
            "disable_scale_in": False,
            "predefined_metric_specification": [kind],
            "customized_metric_specification": [],
            **rest,
        }
    ]


_TARGET = {"service_namespace": "ecs", "scalable_dimension": "ecs:service:DesiredCount"}
_STEPS = [{"adjustment_type": "ChangeInCapacity", "cooldown": 60, "metric_aggregation_type": "Maximum", "min_adjustment_magnitude": None, "step_adjustment": [
    {"metric_interval_lower_bound": "0", "metric_interval_upper_bound": "20", "scaling_adjustment": 1},
    {"metric_interval_lower_bound": "20", "metric_interval_upper_bound": "", "scaling_adjustment": 3},
]}]  # fmt: skip
_DOWN = [{"adjustment_type": "ChangeInCapacity", "cooldown": 120, "metric_aggregation_type": "Average", "step_adjustment": [
    {"metric_interval_lower_bound": None, "metric_interval_upper_bound": "0", "scaling_adjustment": -1}]}]  # fmt: skip
_HOT = {
    "alarm_name": "hot", "comparison_operator": "GreaterThanOrEqualToThreshold", "evaluation_periods": 2, "datapoints_to_alarm": None, "metric_name": "CPUUtilization",
    "namespace": "AWS/ECS", "period": 60, "statistic": "Average", "extended_statistic": None, "threshold": 70, "treat_missing_data": "missing", "metric_query": [],
    "dimensions": {"ClusterName": "main", "ServiceName": "orders"}, "actions_enabled": True, "insufficient_data_actions": [],
}  # fmt: skip
_COLD = {
    **_HOT,
    "alarm_name": "cold",
    "comparison_operator": "LessThanThreshold",
    "threshold": 30,
    "evaluation_periods": 15,
}

PLAN: dict[str, Any] = {
    "format_version": "1.2",
    "terraform_version": "1.9.5",
    "planned_values": {"root_module": {
        "resources": [
            resource("aws_ecs_service", "orders", {"name": "orders"}),
            resource("aws_appautoscaling_target", "orders", {**_TARGET, "resource_id": "service/main/orders", "min_capacity": 2, "max_capacity": 12}),
            resource("aws_appautoscaling_policy", "out", {"name": "out", "policy_type": "StepScaling", "resource_id": "service/main/orders", "step_scaling_policy_configuration": _STEPS, "target_tracking_scaling_policy_configuration": []}),
            resource("aws_appautoscaling_policy", "in", {"name": "in", "policy_type": "StepScaling", "resource_id": "service/main/orders", "step_scaling_policy_configuration": _DOWN, "target_tracking_scaling_policy_configuration": []}),
            resource("aws_cloudwatch_metric_alarm", "hot", {**_HOT, "ok_actions": []}),
            resource("aws_cloudwatch_metric_alarm", "cold", {**_COLD, "ok_actions": []}),
            resource("aws_appautoscaling_scheduled_action", "morning", {"name": "morning", "resource_id": "service/main/orders", "schedule": "cron(0 7 ? * MON-FRI *)", "timezone": "Europe/Berlin", "start_time": None, "scalable_target_action": [{"min_capacity": "6", "max_capacity": None}]}),
            resource("aws_autoscaling_group", "batch", {"name": "batch", "min_size": 1, "max_size": 8, "default_instance_warmup": 90, "availability_zones": None, "vpc_zone_identifier": ["subnet-1", "subnet-2", "subnet-3"]}),
            resource("aws_autoscaling_policy", "simple", {"name": "simple", "autoscaling_group_name": "batch", "policy_type": "SimpleScaling", "adjustment_type": "ChangeInCapacity", "scaling_adjustment": 2, "cooldown": 300, "step_adjustment": [], "target_tracking_configuration": []}),
            resource("aws_autoscaling_schedule", "night", {"scheduled_action_name": "night", "autoscaling_group_name": "batch", "min_size": 0, "max_size": -1, "desired_capacity": 0, "recurrence": "0 22 * * *", "time_zone": "Etc/UTC"}),
        ],
        "child_modules": [
            {"address": f'module.web["{key}"]', "resources": [
                resource("aws_ecs_task_definition", "this", {"cpu": "512", "memory": "1024", "requires_compatibilities": ["FARGATE"], "runtime_platform": [{"cpu_architecture": "ARM64"}]}, f'module.web["{key}"]'),
                resource("aws_ecs_service", "this", {"name": key}, f'module.web["{key}"]'),
                resource("aws_appautoscaling_target", "this", {**_TARGET, "min_capacity": least, "max_capacity": 20}, f'module.web["{key}"]', 0),
                resource("aws_appautoscaling_policy", "this", {"name": "cpu", "policy_type": "TargetTrackingScaling", "step_scaling_policy_configuration": [], "target_tracking_scaling_policy_configuration": _cpu(55, scale_in_cooldown=300, scale_out_cooldown=60)}, f'module.web["{key}"]', "cpu"),
                resource("aws_appautoscaling_policy", "this", {"name": "memory", "policy_type": "TargetTrackingScaling", "step_scaling_policy_configuration": [], "target_tracking_scaling_policy_configuration": [
                    {"predefined_metric_specification": [{"predefined_metric_type": "ECSServiceAverageMemoryUtilization"}]}]}, f'module.web["{key}"]', "memory"),
            ]}
            for key, least in (("shop", 3), ("api", 2))
        ] + [{"address": "module.alarms", "resources": [resource("aws_cloudwatch_metric_alarm", "busy", {
            **_HOT, "alarm_name": "busy", "namespace": "AWS/EC2", "dimensions": {"AutoScalingGroupName": "batch"}, "alarm_actions": [None]}, "module.alarms")]}],
    }},
    "resource_changes": [
        {"address": f'module.web["{key}"].aws_appautoscaling_policy.this["memory"]', "change": {"actions": ["create"], "after_unknown": {"arn": True, "target_tracking_scaling_policy_configuration": [{"target_value": True}]}}}
        for key in ("shop", "api")
    ],
    "configuration": {"root_module": {
        "resources": [
            refers("aws_cloudwatch_metric_alarm", "hot", alarm_actions=["aws_appautoscaling_policy.out.arn", "aws_appautoscaling_policy.out"]),
            refers("aws_cloudwatch_metric_alarm", "cold", alarm_actions=["aws_appautoscaling_policy.in.arn", "aws_appautoscaling_policy.in"]),
        ],
        "module_calls": {"alarms": {
            "expressions": {"actions": {"references": ["aws_autoscaling_policy.simple.arn", "aws_autoscaling_policy.simple"]}},
            "module": {"resources": [refers("aws_cloudwatch_metric_alarm", "busy", alarm_actions=["var.actions"])]},
        }, "web": {"module": {"resources": [
            refers("aws_ecs_service", "this", task_definition=["aws_ecs_task_definition.this.arn", "aws_ecs_task_definition.this"]),
            refers("aws_appautoscaling_target", "this", resource_id=["local.cluster_name", "aws_ecs_service.this.name", "aws_ecs_service.this"]),
            refers("aws_appautoscaling_policy", "this", resource_id=["aws_appautoscaling_target.this[0].resource_id", "aws_appautoscaling_target.this[0]", "aws_appautoscaling_target.this"]),
        ]}}},
    }},
}  # fmt: skip
"""A service with step policies in the root, two of a module whose ids are not known yet, and a group."""

_ARN = "arn:aws:autoscaling:eu-west-1:123456789012:scalingPolicy:0-1:resource/ecs/service/main/orders:policyName/out"
STATE: dict[str, Any] = {
    "format_version": "1.0",
    "terraform_version": "1.9.5",
    "values": {"root_module": {"resources": [
        resource("aws_appautoscaling_target", "orders", {**_TARGET, "resource_id": "service/main/orders", "min_capacity": 2, "max_capacity": 12}),
        resource("aws_appautoscaling_policy", "out", {"name": "out", "arn": _ARN, "policy_type": "StepScaling", "resource_id": "service/main/orders", "step_scaling_policy_configuration": _STEPS}),
        resource("aws_cloudwatch_metric_alarm", "hot", {**_HOT, "alarm_actions": [_ARN]}),
    ]}},
}  # fmt: skip
STATE_FILE: dict[str, Any] = {
    "version": 4,
    "terraform_version": "1.9.5",
    "serial": 3,
    "lineage": "0",
    "resources": [
        {"mode": "managed", "type": one["type"], "name": one["name"], "instances": [{"schema_version": 0, "attributes": one["values"], "sensitive_attributes": []}]}
        for one in STATE["values"]["root_module"]["resources"]
    ],
}  # fmt: skip
"""The same as Terraform keeps it."""

TEMPLATE = """\
AWSTemplateFormatVersion: 2010-09-09
Parameters:
  Environment: { Type: String, Default: prod }
  Least: { Type: Number, Default: 2 }
  Most: { Type: Number }
  Cluster: { Type: String }
Mappings:
  Targets: { prod: { cpu: 55 }, test: { cpu: 80 } }
Conditions:
  IsProd: !Equals [!Ref Environment, prod]
  Nightly: !Not [!Condition IsProd]
Resources:
  Service:
    Type: AWS::ECS::Service
    Properties: { ServiceName: !Sub "${Environment}-orders", TaskDefinition: !Ref Task }
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties: { Cpu: 256, Memory: 512, RequiresCompatibilities: [FARGATE] }
  Target:
    Type: AWS::ApplicationAutoScaling::ScalableTarget
    Properties:
      MinCapacity: !If [IsProd, !Ref Least, 1]
      MaxCapacity: !Ref Most
      ResourceId: !Join [/, [service, !Ref Cluster, !GetAtt Service.Name]]
      ScalableDimension: ecs:service:DesiredCount
      ServiceNamespace: ecs
      ScheduledActions:
        - ScheduledActionName: morning
          Schedule: cron(30 6 ? * MON-FRI *)
          Timezone: Europe/Berlin
          ScalableTargetAction: { MinCapacity: 4 }
  Cpu:
    Type: AWS::ApplicationAutoScaling::ScalingPolicy
    Properties:
      PolicyName: cpu
      PolicyType: TargetTrackingScaling
      ScalingTargetId: !Ref Target
      TargetTrackingScalingPolicyConfiguration:
        PredefinedMetricSpecification: { PredefinedMetricType: ECSServiceAverageCPUUtilization }
        TargetValue: !FindInMap [Targets, !Ref Environment, cpu]
        ScaleInCooldown: 180
        ScaleOutCooldown: 60
  Backlog:
    Type: AWS::ApplicationAutoScaling::ScalingPolicy
    Properties:
      PolicyName: backlog
      PolicyType: StepScaling
      ScalingTargetId: !Ref Target
      StepScalingPolicyConfiguration:
        AdjustmentType: PercentChangeInCapacity
        MinAdjustmentMagnitude: 2
        Cooldown: 60
        StepAdjustments:
          - { MetricIntervalLowerBound: 0, ScalingAdjustment: 50 }
  Messages:
    Type: AWS::CloudWatch::Alarm
    Properties:
      Namespace: AWS/SQS
      MetricName: ApproximateNumberOfMessagesVisible
      Dimensions: [{ Name: QueueName, Value: !GetAtt Queue.QueueName }]
      Statistic: Average
      Period: 60
      EvaluationPeriods: 1
      Threshold: 500
      ComparisonOperator: GreaterThanThreshold
      AlarmActions: [!Ref Backlog]
  Queue: { Type: AWS::SQS::Queue }
  Imported:
    Type: AWS::ApplicationAutoScaling::ScalingPolicy
    Properties:
      PolicyName: imported
      PolicyType: TargetTrackingScaling
      ScalingTargetId: !Ref Target
      TargetTrackingScalingPolicyConfiguration:
        PredefinedMetricSpecification: { PredefinedMetricType: ECSServiceAverageMemoryUtilization }
        TargetValue: !ImportValue memory-target
  AtNight:
    Type: AWS::AutoScaling::ScheduledAction
    Condition: Nightly
    Properties: { AutoScalingGroupName: !Ref Group, MinSize: 0, Recurrence: 0 22 * * * }
  Group:
    Type: AWS::AutoScaling::AutoScalingGroup
    Properties:
      MinSize: "1"
      MaxSize: "6"
      AvailabilityZones: !GetAZs ""
      VPCZoneIdentifier: [subnet-1, subnet-2]
      LaunchTemplate: { LaunchTemplateId: !Ref Launch, Version: !GetAtt Launch.LatestVersionNumber }
  Launch:
    Type: AWS::EC2::LaunchTemplate
    Properties: { LaunchTemplateData: { InstanceType: m7g.large } }
  Network:
    Type: AWS::CloudFormation::Stack
    Properties: { TemplateURL: https://example.org/network.yaml }
"""

CDK: dict[str, Any] = {
    "Resources": {
        "ClusterEB0386A7": {"Type": "AWS::ECS::Cluster", "Metadata": {"aws:cdk:path": "Shop/Cluster/Resource"}},
        "WorkerServiceF3A1": {"Type": "AWS::ECS::Service", "Properties": {"TaskDefinition": {"Ref": "WorkerTask"}}, "Metadata": {"aws:cdk:path": "Shop/Worker/QueueService/Service"}},
        "WorkerTask": {"Type": "AWS::ECS::TaskDefinition", "Properties": {"Cpu": "1024", "Memory": "2048", "RequiresCompatibilities": ["FARGATE"], "RuntimePlatform": {"CpuArchitecture": "ARM64"}}},
        "WorkerTaskCountTarget7A": {"Type": "AWS::ApplicationAutoScaling::ScalableTarget", "Properties": {
            "MaxCapacity": 10, "MinCapacity": 1, "ScalableDimension": "ecs:service:DesiredCount", "ServiceNamespace": "ecs",
            "ResourceId": {"Fn::Join": ["", ["service/", {"Ref": "ClusterEB0386A7"}, "/", {"Fn::GetAtt": ["WorkerServiceF3A1", "Name"]}]]},
            "RoleARN": {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":iam::123456789012:role/aws-service-role"]]}}},
        "WorkerTaskCountTargetCpuScaling6B": {"Type": "AWS::ApplicationAutoScaling::ScalingPolicy", "Properties": {
            "PolicyName": "ShopWorkerQueueServiceTaskCountTargetCpuScaling6BBCE555", "PolicyType": "TargetTrackingScaling", "ScalingTargetId": {"Ref": "WorkerTaskCountTarget7A"},
            "TargetTrackingScalingPolicyConfiguration": {"PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"}, "TargetValue": 50}}},
        "WorkerLowerPolicy": {"Type": "AWS::ApplicationAutoScaling::ScalingPolicy", "Properties": {
            "PolicyName": "ShopWorkerQueueServiceTaskCountTargetMessagesScalingLowerPolicy0EA8", "PolicyType": "StepScaling", "ScalingTargetId": {"Ref": "WorkerTaskCountTarget7A"},
            "StepScalingPolicyConfiguration": {"AdjustmentType": "ChangeInCapacity", "MetricAggregationType": "Maximum", "StepAdjustments": [{"MetricIntervalUpperBound": 0, "ScalingAdjustment": -1}]}}},
        "WorkerLowerAlarm": {"Type": "AWS::CloudWatch::Alarm", "Properties": {
            "AlarmActions": [{"Ref": "WorkerLowerPolicy"}], "AlarmDescription": "Lower threshold scaling alarm", "ComparisonOperator": "LessThanOrEqualToThreshold", "EvaluationPeriods": 1,
            "Dimensions": [{"Name": "QueueName", "Value": {"Fn::GetAtt": ["WorkerQueue", "QueueName"]}}], "MetricName": "ApproximateNumberOfMessagesVisible", "Namespace": "AWS/SQS",
            "Period": 300, "Statistic": "Maximum", "Threshold": 0}},
        "WorkerQueue": {"Type": "AWS::SQS::Queue"},
    },
    "Parameters": {"BootstrapVersion": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/cdk-bootstrap/hnb659fds/version"}},
    "Rules": {"CheckBootstrapVersion": {"Assertions": [{"Assert": {"Fn::Not": [{"Fn::Contains": [["1"], {"Ref": "BootstrapVersion"}]}]}}]}},
}  # fmt: skip

STEP_ANSWERS: dict[str, Any] = {
    "ScalableTargets": [{"ServiceNamespace": "ecs", "ResourceId": "service/main/web", "ScalableDimension": "ecs:service:DesiredCount", "MinCapacity": 2, "MaxCapacity": 20}],
    "ScalingPolicies": [{"PolicyName": "slow", "PolicyARN": "arn:slow", "ResourceId": "service/main/web", "PolicyType": "StepScaling", "Alarms": [{"AlarmName": "slow"}],
        "StepScalingPolicyConfiguration": {"AdjustmentType": "ChangeInCapacity", "Cooldown": 120, "StepAdjustments": [{"MetricIntervalLowerBound": 0.0, "MetricIntervalUpperBound": 0.5, "ScalingAdjustment": 2}, {"MetricIntervalLowerBound": 0.5, "ScalingAdjustment": 4}]}}],
    "MetricAlarms": [{"AlarmName": "slow", "ActionsEnabled": True, "AlarmActions": ["arn:slow"], "OKActions": [], "MetricName": "TargetResponseTime", "Namespace": "AWS/ApplicationELB", "Statistic": "Average",
        "Dimensions": [{"Name": "LoadBalancer", "Value": "app/web/1"}], "Period": 60, "EvaluationPeriods": 5, "DatapointsToAlarm": 3, "Threshold": 1.5, "ComparisonOperator": "GreaterThanThreshold", "TreatMissingData": "notBreaching"}],
}  # fmt: skip
MATH_ANSWERS: dict[str, Any] = {
    "AutoScalingGroups": [{"AutoScalingGroupName": "workers", "MinSize": 1, "MaxSize": 30, "AvailabilityZones": ["a", "b", "c"]}],
    "ScalingPolicies": [{"PolicyName": "backlog", "AutoScalingGroupName": "workers", "PolicyType": "TargetTrackingScaling", "EstimatedInstanceWarmup": 120, "TargetTrackingConfiguration": {"TargetValue": 100.0, "CustomizedMetricSpecification": {"Metrics": [
        {"Id": "m1", "MetricStat": {"Metric": {"MetricName": "ApproximateNumberOfMessagesVisible", "Namespace": "AWS/SQS", "Dimensions": [{"Name": "QueueName", "Value": "jobs"}]}, "Stat": "Average"}, "ReturnData": False},
        {"Id": "m2", "MetricStat": {"Metric": {"MetricName": "GroupInServiceInstances", "Namespace": "AWS/AutoScaling", "Dimensions": [{"Name": "AutoScalingGroupName", "Value": "workers"}]}, "Stat": "Average"}, "ReturnData": False},
        {"Id": "e1", "Expression": "m1 / m2", "ReturnData": True}]}}},
        {"PolicyName": "ahead", "AutoScalingGroupName": "workers", "PolicyType": "PredictiveScaling", "PredictiveScalingConfiguration": {"Mode": "ForecastOnly", "SchedulingBufferTime": 600, "MetricSpecifications": [{"TargetValue": 40.0, "PredefinedMetricPairSpecification": {"PredefinedMetricType": "ASGCPUUtilization"}}]}}],
}  # fmt: skip

_RULES = {
    "MinCapacity": 1,
    "MaxCapacity": 9,
    "ScalableDimension": "ecs:service:DesiredCount",
    "ServiceNamespace": "ecs",
}


def _scaled(logical: str, **properties: object) -> dict[str, Any]:
    """A service and its target, as the constructs of `aws-ecs-patterns` synthesise them (aws-cdk-lib 2)."""
    identity = {"Fn::Join": ["", ["service/", {"Ref": "Cluster"}, "/", {"Fn::GetAtt": [logical, "Name"]}]]}
    return {
        logical: {"Type": "AWS::ECS::Service", "Properties": {"Cluster": {"Ref": "Cluster"}, **properties}},
        f"{logical}Target": {
            "Type": "AWS::ApplicationAutoScaling::ScalableTarget",
            "Properties": {**_RULES, "ResourceId": identity},
        },
    }


def _group_of(logical: str, *attributes: dict[str, str]) -> dict[str, Any]:
    properties = {"Port": 80, "Protocol": "HTTP", **({"TargetGroupAttributes": list(attributes)} if attributes else {})}
    return {logical: {"Type": "AWS::ElasticLoadBalancingV2::TargetGroup", "Properties": properties}}


BOUGHT_BY_CDK: dict[str, Any] = {"Resources": {
    "Cluster": {"Type": "AWS::ECS::Cluster"},
    **_group_of("WebGroup", {"Key": "stickiness.enabled", "Value": "false"}, {"Key": "deregistration_delay.timeout_seconds", "Value": "30"}),
    **_group_of("ApiGroup"),
    **_scaled("WebService", LoadBalancers=[{"ContainerName": "web", "ContainerPort": 80, "TargetGroupArn": {"Ref": "WebGroup"}}], CapacityProviderStrategy=[
        {"CapacityProvider": "FARGATE_SPOT", "Weight": 2}, {"Base": 1, "CapacityProvider": "FARGATE", "Weight": 1}]),
    **_scaled("ApiService", LoadBalancers=[{"ContainerName": "api", "ContainerPort": 80, "TargetGroupArn": {"Ref": "ApiGroup"}}], LaunchType="FARGATE"),
    **_scaled("JobService", CapacityProviderStrategy=[{"CapacityProvider": "own", "Weight": 1}]),
    "Mixed": {"Type": "AWS::AutoScaling::AutoScalingGroup", "Properties": {"MinSize": "1", "MaxSize": "6", "MixedInstancesPolicy": {
        "InstancesDistribution": {"OnDemandBaseCapacity": 1, "OnDemandPercentageAboveBaseCapacity": 50},
        "LaunchTemplate": {"LaunchTemplateSpecification": {"LaunchTemplateId": {"Ref": "Template"}}, "Overrides": [{"InstanceType": "m7i.large"}, {"InstanceType": "m6i.large"}]}}}},
}}  # fmt: skip
"""Services and a group with what is bought on Spot, as the CDK writes them."""


def bought_by_terraform(*, planned: bool) -> dict[str, Any]:
    """The same of Terraform: as a plan, in which ids are not known, or as a state, in which they are."""
    group, launch = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web/1", "lt-1"
    strategy = [{"capacity_provider": "FARGATE", "weight": 1, "base": 2}, {"capacity_provider": "FARGATE_SPOT", "weight": 3, "base": 0}]  # fmt: skip
    balancer = {"container_name": "web", "container_port": 80, "elb_name": ""} | ({} if planned else {"target_group_arn": group})  # fmt: skip
    mixed = {"instances_distribution": [{"on_demand_base_capacity": 1, "on_demand_percentage_above_base_capacity": 20}], "launch_template": [
        {"launch_template_specification": [{}], "override": [{"instance_type": "m7g.large"}, {"instance_type": "m6g.large"}]}]}  # fmt: skip
    resources = [
        resource("aws_lb_target_group", "web", {"deregistration_delay": "45"} | ({} if planned else {"arn": group})),
        resource("aws_ecs_service", "web", {"name": "web", "load_balancer": [balancer], "capacity_provider_strategy": strategy}),
        resource("aws_appautoscaling_target", "web", {**_TARGET, "resource_id": "service/main/web", "min_capacity": 2, "max_capacity": 12}),
        resource("aws_launch_template", "plain", {"instance_type": "c7g.large"} | ({} if planned else {"id": launch})),
        resource("aws_autoscaling_group", "plain", {"name": "plain", "min_size": 1, "max_size": 4, "launch_template": [{"version": "$Latest"} | ({} if planned else {"id": launch})]}),
        resource("aws_autoscaling_group", "mixed", {"name": "mixed", "min_size": 1, "max_size": 4, "mixed_instances_policy": [mixed]}),
    ]  # fmt: skip
    shown: dict[str, Any] = {"format_version": "1.2", "terraform_version": "1.11.4"}
    if not planned:
        return shown | {"values": {"root_module": {"resources": resources}}}
    service, fleet = refers("aws_ecs_service", "web"), refers("aws_autoscaling_group", "plain")
    service["expressions"]["load_balancer"] = [{"container_port": {"constant_value": 80}, "target_group_arn": {"references": ["aws_lb_target_group.web.arn", "aws_lb_target_group.web"]}}]  # fmt: skip
    fleet["expressions"]["launch_template"] = [{"id": {"references": ["aws_launch_template.plain.id", "aws_launch_template.plain"]}}]  # fmt: skip
    return shown | {
        "planned_values": {"root_module": {"resources": resources}},
        "configuration": {"root_module": {"resources": [service, fleet]}},
    }


SOURCES: dict[str, str] = {
    "terraform plan": json.dumps(PLAN),
    "terraform state": json.dumps(STATE),
    "terraform state file": json.dumps(STATE_FILE),
    "cloudformation template": TEMPLATE,
    "cdk template": json.dumps(CDK),
    "alarms of aws": json.dumps(STEP_ANSWERS),
    "metric math of aws": json.dumps(MATH_ANSWERS),
    "bought by the cdk": json.dumps(BOUGHT_BY_CDK),
    "bought by terraform": json.dumps(bought_by_terraform(planned=True)),
}
