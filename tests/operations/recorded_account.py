"""An account in AWS's place that has run what a recording says: `record` must give it back."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from typing import Any

from elasticity.recordings.recording import Recording
from tests.operations.answered import ACCOUNT, REGION, World, arn

POINTS = 400
"""Datapoints of a page."""
BALANCER, TARGETS = "app/shop/0123456789abcdef", "targetgroup/web/fedcba9876543210"
OTHER = "targetgroup/other/0000000000000000"
POLICY = "scale by processor, forever and ever"
"""Longer than names of rules are."""
SERIES = {
    "RequestCount": "requests",
    "CPUUtilization": "cpu",
    "MemoryUtilization": "memory",
    "TargetResponseTime": "response_time",
    "RunningTaskCount": "running",
    "DesiredTaskCount": "desired",
    "GroupInServiceInstances": "running",
    "GroupDesiredCapacity": "desired",
}


class RecordedAccount(World):
    """Answers of AWS for one service (`service/shop/web`) or group (`web`); lists come in pages."""

    def __init__(self, recording: Recording) -> None:
        super().__init__()
        self.recording = recording
        self.asked: list[Mapping[str, Any]] = []
        self.group = recording.platform == "ec2_group"
        self.insights = True
        (rule,) = recording.rules.target_tracking.values()
        predefined = "ASGAverageCPUUtilization" if self.group else "ECSServiceAverageCPUUtilization"
        configuration: dict[str, Any] = {
            "TargetValue": rule.target,
            "PredefinedMetricSpecification": {"PredefinedMetricType": predefined},
        }
        if not self.group:
            configuration |= {
                "ScaleInCooldown": float(rule.scale_in_cooldown or 0),
                "ScaleOutCooldown": float(rule.scale_out_cooldown or 0),
            }
        bounds = (recording.rules.minimum, recording.rules.maximum)
        of_group = self._groups(bounds, configuration)
        of_service = self._services(bounds, configuration)
        self.answers = {
            **(of_group if self.group else of_service),
            "describe_target_groups": lambda asked: {
                "TargetGroups": [
                    {
                        "TargetGroupArn": one,
                        "LoadBalancerArns": [arn("elasticloadbalancing", f"loadbalancer/{BALANCER}")],
                    }
                    for one in asked["TargetGroupArns"]
                ]
            },
            "get_metric_data": self.metric_data,
        }

    def _services(self, bounds: tuple[int, int], configuration: dict[str, Any]) -> dict[str, Any]:
        named = {"ResourceId": "service/shop/web", "ScalableDimension": "ecs:service:DesiredCount"}
        policy = {
            **named,
            "PolicyName": POLICY,
            "PolicyType": "TargetTrackingScaling",
            "TargetTrackingScalingPolicyConfiguration": configuration,
        }
        service = {"serviceName": "web", "loadBalancers": [{"targetGroupArn": arn("elasticloadbalancing", TARGETS)}]}
        return {
            "describe_scalable_targets": lambda _: {"ScalableTargets": [{**named, "MinCapacity": bounds[0], "MaxCapacity": bounds[1]}]},
            "describe_auto_scaling_groups": lambda _: {"AutoScalingGroups": []},
            "describe_scaling_policies": lambda _: {"ScalingPolicies": [policy]},
            "describe_scheduled_actions": lambda _: {"ScheduledActions": []},
            "describe_services": lambda _: {"services": [service]},
            "describe_scaling_activities": self.listed("ScalingActivities", lambda _: self.service_activities(), "NextToken"),
        }  # fmt: skip

    def _groups(self, bounds: tuple[int, int], configuration: dict[str, Any]) -> dict[str, Any]:
        row = {"AutoScalingGroupName": "web", "MinSize": bounds[0], "MaxSize": bounds[1], "DefaultInstanceWarmup": 90}
        row["TargetGroupARNs"] = [arn("elasticloadbalancing", TARGETS)]
        policy = {
            "AutoScalingGroupName": "web",
            "PolicyName": POLICY,
            "PolicyType": "TargetTrackingScaling",
            "TargetTrackingConfiguration": configuration,
        }
        return {
            "describe_scalable_targets": lambda _: {"ScalableTargets": []},
            "describe_auto_scaling_groups": lambda _: {"AutoScalingGroups": [row]},
            "describe_policies": lambda _: {"ScalingPolicies": [policy]},
            "describe_scheduled_actions": lambda _: {"ScheduledUpdateGroupActions": []},
            "describe_scaling_activities": self.listed("Activities", lambda _: self.group_activities(), "NextToken"),
        }  # fmt: skip

    def service_activities(self) -> list[dict[str, Any]]:
        """Newest first, as AWS lists them."""
        return [
            {
                "ActivityId": str(place),
                "Description": f"Setting desired count to {one.after}.",
                "Cause": f"monitor alarm TargetTracking-service/shop/web-AlarmHigh-0a in state ALARM triggered policy {POLICY}",
                "StartTime": one.time,
                "StatusCode": "Successful" if one.succeeded else "Failed",
            }
            for place, one in reversed(list(enumerate(self.recording.activities)))
        ]

    def group_activities(self) -> list[dict[str, Any]]:
        """One for each instance that came or went."""
        rows = []
        for one in self.recording.activities:
            at = one.time.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            before = one.before or 0
            cause = (
                f"At {at} a monitor alarm TargetTracking-web-AlarmHigh-0a in state ALARM triggered policy {POLICY} "
                f"changing the desired capacity from {before} to {one.after}.  At {at} an instance was started in "
                f"response to a difference between desired and actual capacity, increasing the capacity from {before} to {one.after}."
            )  # fmt: skip
            rows += [{"ActivityId": "x", "Cause": cause, "StartTime": one.time, "StatusCode": "Successful"}] * abs(
                one.after - before
            )
        return rows[::-1]

    def metric_data(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Datapoints of the time that is asked for, so many a page."""
        self.asked.append(asked)
        begin = int(asked.get("NextToken", 0))
        results, more = [], False
        for query in asked["MetricDataQueries"]:
            points = self.points(query["MetricStat"], asked["StartTime"], asked["EndTime"])
            page = points[begin : begin + POINTS]
            more = more or begin + POINTS < len(points)
            results.append(
                {
                    "Id": query["Id"],
                    "Label": "x",
                    "Timestamps": [time for time, _ in page],
                    "Values": [value for _, value in page],
                }
            )
        for result in results:
            result["StatusCode"] = "PartialData" if more else "Complete"
        return {"MetricDataResults": results, **({"NextToken": str(begin + POINTS)} if more else {})}

    def points(
        self, stat: Mapping[str, Any], start: datetime.datetime, end: datetime.datetime
    ) -> list[tuple[datetime.datetime, float]]:
        metric = stat["Metric"]
        assert stat["Period"] == 60
        wanted = {
            "AWS/ApplicationELB": {"LoadBalancer": BALANCER, "TargetGroup": TARGETS},
            "AWS/EC2": {"AutoScalingGroupName": "web"},
            "AWS/AutoScaling": {"AutoScalingGroupName": "web"},
        }.get(metric["Namespace"], {"ClusterName": "shop", "ServiceName": "web"})
        named = {one["Name"]: one["Value"] for one in metric["Dimensions"]}
        assert named in (wanted, {**wanted, "TargetGroup": OTHER})
        if metric["Namespace"] == "ECS/ContainerInsights" and not self.insights:
            return []
        name = "running" if stat["Stat"] == "SampleCount" else SERIES[metric["MetricName"]]
        values = getattr(self.recording, name)
        times = (self.recording.start + datetime.timedelta(minutes=place) for place in range(len(values)))
        return [
            (time, value)
            for time, value in zip(times, values, strict=True)
            if value is not None and start <= time < end
        ]


def moved(recording: Recording, start: datetime.datetime) -> Recording:
    """The same at another time."""
    later = [one.model_copy(update={"time": one.time + (start - recording.start)}) for one in recording.activities]
    return recording.model_copy(update={"start": start, "activities": tuple(later)})


def declared_scaled(account: RecordedAccount) -> dict[str, Any]:
    """The state of a stack, in the engine's form, that declares what the account runs."""
    stack = "urn:pulumi:dev::accordion"
    owner = f"{stack}::accordion:index:ContainerService::web"
    scaled: dict[str, Any] = {
        "urn": f"{stack}::aws:appautoscaling/target:Target::web-target",
        "type": "aws:appautoscaling/target:Target",
        "id": "service/shop/web",
        "inputs": {"resourceId": "service/shop/web", "minCapacity": 2, "maxCapacity": 20},
        "parent": owner,
        "custom": True,
    }
    if account.group:
        scaled |= {
            "urn": f"{stack}::aws:autoscaling/group:Group::web-group",
            "type": "aws:autoscaling/group:Group",
            "id": "web",
            "inputs": {"name": "web", "minSize": 2, "maxSize": 20},
        }
    provider = f"{stack}::pulumi:providers:aws::aws"
    inputs = {"region": REGION, "allowedAccountIds": json.dumps([ACCOUNT])}
    resources = [
        {"urn": f"{stack}::pulumi:pulumi:Stack::accordion-dev", "type": "pulumi:pulumi:Stack"},
        {"urn": provider, "type": "pulumi:providers:aws", "inputs": inputs},
        {"urn": owner, "type": "accordion:index:ContainerService", "inputs": {}},
        scaled,
    ]
    return {"version": 3, "deployment": {"resources": resources}}
