"""The task definition: containers in the form of ECS's API.

Source: ECS developer guide, task definition parameters; API ContainerDefinition.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi

from components.container_service.args import ContainerServiceArgs
from components.specs.container import Container
from components.specs.container_service import MAIN_CONTAINER, ContainerServiceSpec

LOG_BUFFER = "25m"
"""Log lines that wait in memory while CloudWatch is slow; beyond it they are dropped, the application goes on [own]."""


def container_definitions(
    args: ContainerServiceArgs, log_group_name: pulumi.Input[str], region: pulumi.Input[str]
) -> pulumi.Output[str]:
    """JSON of all containers, the main one first."""
    options = {
        "awslogs-group": log_group_name,
        "awslogs-region": region,
        "mode": "non-blocking",
        "max-buffer-size": LOG_BUFFER,
    }
    return pulumi.Output.json_dumps(
        [
            _definition(name, container, args, {**options, "awslogs-stream-prefix": name})
            for name, container in args.spec.containers.items()
        ]
    )


def _definition(
    name: str, container: Container, args: ContainerServiceArgs, log_options: Mapping[str, pulumi.Input[str]]
) -> dict[str, Any]:
    main = name == MAIN_CONTAINER
    environment: dict[str, Any] = {**container.environment, **(args.environment if main else {})}
    secrets: dict[str, Any] = {**container.secrets, **(args.secrets if main else {})}
    definition = {
        "name": name,
        "image": _image(container, args, main=main),
        "essential": container.essential,
        "command": list(container.command),
        "entryPoint": list(container.entry_point),
        "workingDirectory": container.working_directory,
        "cpu": container.cpu,
        "memory": container.memory or (main_memory(args.spec) if main else None),
        "portMappings": [
            {
                "name": port_name,
                "containerPort": port.number,
                "hostPort": port.number,
                "protocol": port.protocol,
                **({"appProtocol": port.application} if port.application else {}),
            }
            for port_name, port in container.ports.items()
        ],
        "environment": [{"name": key, "value": environment[key]} for key in sorted(environment)],
        "secrets": [{"name": key, "valueFrom": secrets[key]} for key in sorted(secrets)],
        "mountPoints": _mount_points(name, container),
        "dependsOn": [
            {"containerName": other, "condition": condition} for other, condition in container.depends_on.items()
        ],
        "healthCheck": _health_check(container),
        "user": container.user,
        "privileged": False,
        "readonlyRootFilesystem": container.read_only_root,
        "linuxParameters": {"initProcessEnabled": True},
        "stopTimeout": args.spec.stop_timeout(container),
        "logConfiguration": {"logDriver": "awslogs", "options": dict(log_options)},
    }
    return {key: value for key, value in definition.items() if value is not None and value != []}


def _image(container: Container, args: ContainerServiceArgs, *, main: bool) -> pulumi.Input[str] | None:
    if main and args.image is not None:
        return args.image
    return container.image.reference if container.image is not None else None


def main_memory(spec: ContainerServiceSpec) -> int | None:
    """MiB left to the main container as its limit; none where the sidecars' limits take everything."""
    rest = spec.memory - sum(sidecar.memory or 0 for sidecar in spec.sidecars.values())
    return rest if rest >= 6 else None


def _health_check(container: Container) -> dict[str, Any] | None:
    check = container.health_check
    if check is None:
        return None
    return {
        "command": ["CMD-SHELL" if len(check.command) == 1 else "CMD", *check.command],
        "interval": round(check.interval),
        "timeout": round(check.timeout),
        "retries": check.retries,
        "startPeriod": round(check.start_period),
    }


def _mount_points(name: str, container: Container) -> list[dict[str, Any]]:
    scratch = [
        {"sourceVolume": f"{name}-{volume}", "containerPath": path, "readOnly": False}
        for volume, path in container.scratch.items()
    ]
    shared = [
        {"sourceVolume": volume, "containerPath": efs.path, "readOnly": efs.read_only}
        for volume, efs in container.efs.items()
    ]
    return [*scratch, *shared]


def volumes(containers: Mapping[str, Container]) -> list[dict[str, Any]]:
    """Scratch volumes of each container, then the file systems."""
    scratch: list[dict[str, Any]] = [
        {"name": f"{name}-{volume}"} for name, container in containers.items() for volume in container.scratch
    ]
    shared: dict[str, dict[str, Any]] = {}
    for container in containers.values():
        for volume, efs in container.efs.items():
            access = {"authorization_config": {"iam": "ENABLED"}}
            if efs.access_point is not None:
                access["authorization_config"]["access_point_id"] = efs.access_point
            shared[volume] = {
                "name": volume,
                "efs_volume_configuration": {
                    "file_system_id": efs.file_system_id,
                    "root_directory": efs.root_directory,
                    "transit_encryption": "ENABLED",
                    **access,
                },
            }
    return [*scratch, *shared.values()]
