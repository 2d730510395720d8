"""Answers in AWS's place, without a server: any number of services, in pages, and refusals on demand."""

from __future__ import annotations

import datetime
import json
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from operations.declared import Declaration, from_state

REGION, ACCOUNT = "eu-central-1", "123456789012"
NOW = datetime.datetime(2026, 11, 2, 12, 0, tzinfo=datetime.UTC)
BEFORE = NOW - datetime.timedelta(hours=5)
Answer = Callable[[Mapping[str, Any]], dict[str, Any]]
PAGE = 3
"""Items of a page: less than most lists have."""


def refusal(code: str, message: str = "no") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "Operation")


def arn(service: str, rest: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{rest}"


def state(count: int = 1, **changes: Any) -> dict[str, Any]:
    """A state of `count` services with rules, in the engine's form; `changes` to the inputs of each service."""
    resources: list[dict[str, Any]] = [
        {"urn": "urn:pulumi:dev::accordion::pulumi:pulumi:Stack::accordion-dev", "type": "pulumi:pulumi:Stack"},
        {
            "urn": "urn:pulumi:dev::accordion::pulumi:providers:aws::aws",
            "type": "pulumi:providers:aws",
            "inputs": {"region": REGION, "allowedAccountIds": json.dumps([ACCOUNT])},
        },
    ]
    for name in (f"s{number}" for number in range(count)):
        spec = {"elasticity": {"minimum": 2, "maximum": 6, "unit": {"start_up": "1m"}}}
        owner = f"urn:pulumi:dev::accordion::accordion:index:ContainerService::{name}"
        resources.append({"urn": owner, "type": "accordion:index:ContainerService", "inputs": {"spec": spec}})

        def declare(kind: str, number: str, inputs: dict[str, Any], owner: str = owner, name: str = name) -> None:
            urn = f"urn:pulumi:dev::accordion::{kind}::{name}-{kind.rpartition(':')[2].lower()}"
            resources.append(
                {"urn": urn, "type": kind, "id": number, "inputs": inputs, "parent": owner, "custom": True}
            )

        definition = arn("ecs", f"task-definition/{name}:3")
        images = json.dumps([{"name": "app", "image": f"shop/{name}:1.3"}])
        declare("aws:ecs/taskDefinition:TaskDefinition", definition, {"containerDefinitions": images})
        service = {"cluster": arn("ecs", f"cluster/{name}"), "name": name, "taskDefinition": definition, **changes}
        declare("aws:ecs/service:Service", arn("ecs", f"service/{name}/{name}"), service)
        resource = f"service/{name}/{name}"
        bounds = {"resourceId": resource, "minCapacity": 2, "maxCapacity": 6}
        declare("aws:appautoscaling/target:Target", resource, bounds)
        tracking = {
            "targetValue": 50,
            "predefinedMetricSpecification": {"predefinedMetricType": "ECSServiceAverageCPUUtilization"},
        }
        policy = {
            "name": "cpu",
            "resourceId": resource,
            "policyType": "TargetTrackingScaling",
            "targetTrackingScalingPolicyConfiguration": tracking,
        }
        declare("aws:appautoscaling/policy:Policy", "cpu", policy)
    return {"version": 3, "deployment": {"resources": resources}}


def declaration(count: int = 1, **changes: Any) -> Declaration:
    return from_state(state(count, **changes), "dev")


def deployments(service: str, status: str = "SUCCESSFUL") -> list[dict[str, Any]]:
    """Seven, oldest first, so that the newest stands on the last page."""
    return [
        {
            "serviceDeploymentArn": arn("ecs", f"service-deployment/{service}/{service}/d{number}"),
            "createdAt": BEFORE + datetime.timedelta(minutes=number),
            "targetServiceRevisionArn": arn("ecs", f"service-revision/{service}/{service}/r{number}"),
            "status": "SUCCESSFUL" if number < 6 else status,
        }
        for number in range(7)
    ]


def digest(letter: str) -> str:
    return f"sha256:{letter * 64}"


class World:
    """What AWS would answer. `answers` by operation may be replaced by a test; a raised ClientError is a refusal."""

    def __init__(self) -> None:
        self.requests: Counter[str] = Counter()
        self.answers: dict[str, Answer] = {
            "get_caller_identity": lambda _: {"Account": ACCOUNT},
            "describe_services": lambda asked: {"services": [self.service(asked["services"][0])]},
            "list_service_deployments": self.listed("serviceDeployments", lambda asked: deployments(asked["service"])),
            "describe_service_deployments": lambda asked: {"serviceDeployments": [self.details(of) for of in asked["serviceDeploymentArns"]]},
            "describe_service_revisions": lambda asked: {"serviceRevisions": [self.revision(of) for of in asked["serviceRevisionArns"]]},
            "list_tasks": self.listed("taskArns", lambda asked: [arn("ecs", f"task/{asked['serviceName']}/t{n}") for n in range(4)]),
            "describe_tasks": lambda asked: {"tasks": [self.task(of) for of in asked["tasks"]]},
            "describe_scalable_targets": self.listed("ScalableTargets", lambda asked: [self.target(of) for of in asked["ResourceIds"]], "NextToken"),
            "describe_scaling_policies": lambda asked: {"ScalingPolicies": [self.policy(asked["ResourceId"])]},
            "describe_scheduled_actions": lambda _: {"ScheduledActions": []},
            "describe_scaling_activities": lambda _: {"ScalingActivities": []},
            "describe_alarms": self.listed("MetricAlarms", lambda asked: [self.alarm(of) for of in asked["AlarmNames"]], "NextToken"),
            "run_task": lambda _: {"tasks": [self.task(arn("ecs", "task/s0/once"))]},
            "list_alarm_mute_rules": lambda _: {"AlarmMuteRuleSummaries": []},
        }  # fmt: skip
        self._lock = threading.Lock()

    def __call__(self, _service: str) -> Any:
        return self

    def __getattr__(self, operation: str) -> Any:
        if operation not in self.__dict__.get("answers", {}):
            raise AttributeError(operation)

        def call(**asked: Any) -> dict[str, Any]:
            with self._lock:
                self.requests[operation] += 1
            return self.answers[operation](asked)

        return call

    def listed(self, member: str, items: Callable[[Mapping[str, Any]], list[Any]], token: str = "nextToken") -> Answer:
        def answer(asked: Mapping[str, Any]) -> dict[str, Any]:
            start, every = int(asked.get(token, 0)), items(asked)
            more = {token: str(start + PAGE)} if start + PAGE < len(every) else {}
            return {member: every[start : start + PAGE], **more}

        return answer

    def service(self, name: str) -> dict[str, Any]:
        return {
            "serviceName": name,
            "status": "ACTIVE",
            "desiredCount": 4,
            "runningCount": 4,
            "pendingCount": 0,
            "taskDefinition": arn("ecs", f"task-definition/{name}:3"),
            "deployments": [{"id": "ecs-svc/6", "status": "PRIMARY", "rolloutState": "COMPLETED", "runningCount": 4, "updatedAt": BEFORE}],
        }  # fmt: skip

    def details(self, of: str) -> dict[str, Any]:
        name, number = of.split("/")[-2:]
        target = {"arn": arn("ecs", f"service-revision/{name}/{name}/r{number[1:]}")}
        return {"serviceDeploymentArn": of, "status": "SUCCESSFUL", "targetServiceRevision": target}

    def revision(self, of: str) -> dict[str, Any]:
        name = of.split("/")[-2]
        images = [{"containerName": "app", "image": f"shop/{name}:1.3", "imageDigest": digest("a")}]
        return {
            "serviceRevisionArn": of,
            "taskDefinition": arn("ecs", f"task-definition/{name}:3"),
            "containerImages": images,
        }

    def task(self, of: str) -> dict[str, Any]:
        name = of.split("/")[-2]
        container: dict[str, Any] = {"name": "app", "image": f"shop/{name}:1.3", "imageDigest": digest("a")}
        once = of.endswith("/once")  # a task that somebody ran, and that has ended
        if once:
            container["exitCode"] = 0
        return {
            "taskArn": of,
            "taskDefinitionArn": arn("ecs", f"task-definition/{name}:3"),
            "lastStatus": "STOPPED" if once else "RUNNING",
            "startedAt": BEFORE,
            "enableExecuteCommand": True,
            "containers": [container],
        }

    def target(self, of: str) -> dict[str, Any]:
        return {"ResourceId": of, "MinCapacity": 2, "MaxCapacity": 6}

    def policy(self, resource: str) -> dict[str, Any]:
        configuration = {
            "TargetValue": 50.0,
            "PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"},
        }
        return {
            "PolicyARN": arn("autoscaling", f"scalingPolicy:{resource}"),
            "PolicyName": "cpu",
            "PolicyType": "TargetTrackingScaling",
            "ResourceId": resource,
            "TargetTrackingScalingPolicyConfiguration": configuration,
            "Alarms": [{"AlarmName": f"TargetTracking-{resource}-{side}"} for side in ("AlarmHigh", "AlarmLow")],
        }

    def alarm(self, name: str) -> dict[str, Any]:
        high = name.endswith("AlarmHigh")
        resource = name.removeprefix("TargetTracking-").removesuffix("-AlarmHigh").removesuffix("-AlarmLow")
        return {
            "AlarmName": name,
            "ActionsEnabled": True,
            "AlarmActions": [f"{arn('autoscaling', f'scalingPolicy:{resource}')}:createdBy/1"],
            "ComparisonOperator": "GreaterThanThreshold" if high else "LessThanThreshold",
            "EvaluationPeriods": 3 if high else 15,
            "Threshold": 50.0 if high else 45.0,
            "Period": 60,
            "StateValue": "OK",
        }
