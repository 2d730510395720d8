"""Calls of the day-to-day commands, some of which change what runs; those in `operations.live.calls` all read."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from operations.live.calls import (
    DEPLOYMENT_DETAILS,
    GROUPS,
    IDENTITY,
    REVISIONS,
    SCALABLE_TARGETS,
    SERVICE_DEPLOYMENTS,
    TASK_ARNS,
    Call,
    policy,
)

SERVICES = Call(
    "ecs",
    "describe_services",
    "services",
    (
        "serviceName",
        "status",
        "desiredCount",
        "runningCount",
        "taskDefinition",
        "networkConfiguration",
        "capacityProviderStrategy",
        "launchType",
        "platformVersion",
    ),
    batch=("services", 10),
)
TASKS = Call(
    "ecs",
    "describe_tasks",
    "tasks",
    (
        "taskArn",
        "taskDefinitionArn",
        "lastStatus",
        "desiredStatus",
        "healthStatus",
        "availabilityZone",
        "startedAt",
        "stoppedAt",
        "stopCode",
        "stoppedReason",
        "enableExecuteCommand",
        "containers",
    ),
    batch=("tasks", 100),
)
LOG_EVENTS = Call("logs", "filter_log_events", None, ("events", "nextToken"))
"""One page: whoever asks ends where it is enough."""
RUN_TASK = Call("ecs", "run_task", None, ("tasks", "failures"), writes=True)
STOP_TASK = Call("ecs", "stop_task", None, (), writes=True)
"""Asked of the local cloud alone."""
EXECUTE = Call("ecs", "execute_command", None, (), writes=True)
"""Made by the AWS CLI, which opens the session."""
HOLD_SERVICE = Call("application-autoscaling", "register_scalable_target", None, (), writes=True)
HOLD_GROUP = Call("autoscaling", "suspend_processes", None, (), writes=True)
RESUME_GROUP = Call("autoscaling", "resume_processes", None, (), writes=True)

CONTINUE_RELEASE = Call("ecs", "continue_service_deployment", None, (), writes=True)
STOP_RELEASE = Call("ecs", "stop_service_deployment", None, (), writes=True)
PARAMETER_HISTORY = Call(
    "ssm",
    "get_parameter_history",
    "Parameters",
    ("Version", "Type", "Value", "LastModifiedDate", "LastModifiedUser"),
    page=("NextToken", "NextToken"),
)
"""Without decryption."""
SECRET_VERSIONS = Call(
    "secretsmanager",
    "list_secret_version_ids",
    "Versions",
    ("VersionId", "VersionStages", "CreatedDate"),
    page=("NextToken", "NextToken"),
)
MOVE_CURRENT = Call("secretsmanager", "update_secret_version_stage", None, (), writes=True)
_VERSIONS = (IDENTITY, PARAMETER_HISTORY, SECRET_VERSIONS)
_RELEASES = (IDENTITY, SERVICE_DEPLOYMENTS, DEPLOYMENT_DETAILS, REVISIONS)

CALLS: Mapping[str, tuple[Call, ...]] = MappingProxyType(
    {
        "config diff": _VERSIONS,
        "config history": _VERSIONS,
        "config restore": (*_VERSIONS, MOVE_CURRENT),
        "exec": (IDENTITY, TASK_ARNS, TASKS, EXECUTE),
        "logs": (IDENTITY, LOG_EVENTS),
        "release continue": (*_RELEASES, CONTINUE_RELEASE),
        "release rollback": (*_RELEASES, CONTINUE_RELEASE, STOP_RELEASE),
        "release status": _RELEASES,
        "run": (IDENTITY, SERVICES, RUN_TASK, TASKS),
        "scale": (IDENTITY, SERVICES, SCALABLE_TARGETS, GROUPS, HOLD_SERVICE, HOLD_GROUP, RESUME_GROUP),
        "tasks": (IDENTITY, TASK_ARNS, TASKS, GROUPS),
    }
)
"""What each command may call."""
_BESIDE: Mapping[str, tuple[str, ...]] = MappingProxyType({"run": ("iam:PassRole",)})
"""Rights that an operation needs beside its own (Service Authorization Reference: RunTask passes the task's roles)."""


def policy_of(command: str) -> dict[str, Any]:
    """The IAM policy of one command."""
    made = policy(CALLS[command], f"Accordion{command.title().replace(' ', '')}")
    statement = made["Statement"][0]
    statement["Action"] = sorted({*statement["Action"], *_BESIDE.get(command, ())})
    return made
