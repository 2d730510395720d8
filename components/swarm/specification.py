"""A service spec in the words of pulumi-docker: all of it said, since an update leaves to the Engine what is not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import pulumi

from components.specs.container import Container, ContainerHealthCheck
from components.specs.swarm_service import LOG_FILES, Placement, RollingUpdate, SwarmServiceSpec

MIB = 1024 * 1024
ARCHITECTURES = {"X86_64": "x86_64", "ARM64": "aarch64"}
"""Of a task on AWS, and of a node of a Swarm."""
ROLLBACK_MONITOR = "5s"


def labels(tags: Mapping[str, pulumi.Input[str]]) -> list[Any]:
    """Tags as the list of labels that the provider takes."""
    return [{"label": name, "value": value} for name, value in sorted(tags.items())]


def seconds(value: float) -> str:
    """A time with its unit: a plain number means nanoseconds."""
    return f"{round(value)}s"


def resources(cpu: int, memory: int) -> dict[str, Any]:
    """What a task has: reserved on its node, and its limit."""
    each = amounts(cpu, memory)
    return {"limits": each, "reservation": each}


def amounts(cpu: int, memory: int) -> dict[str, int]:
    """CPU units and MiB as the provider takes them."""
    return {"nano_cpus": round(cpu / 1024 * 1e9), "memory_bytes": memory * MIB}


def placement(spec: Placement, architecture: str | None = None) -> dict[str, Any]:
    """Which nodes tasks run on."""
    constraints = [constraint.replace(" ", "") for constraint in spec.constraints]
    if architecture is not None:
        constraints.append(f"node.platform.arch=={ARCHITECTURES[architecture]}")
    found: dict[str, Any] = {"constraints": constraints} if constraints else {}
    if spec.spread:
        found["prefs"] = [f"spread={label}" for label in spec.spread]
    if spec.maximum_per_node is not None:
        found["max_replicas"] = spec.maximum_per_node
    return found


def restart_policy(delay: float) -> dict[str, Any]:
    """Whatever a task ends with, it is started again: some programs exit with 0 when they are unhealthy."""
    return {"condition": "any", "delay": seconds(delay)}


def update_config(update: RollingUpdate) -> Any:
    """How new tasks take over."""
    return {
        "parallelism": update.parallelism,
        "delay": seconds(update.delay),
        "failure_action": "rollback" if update.rollback else "pause",
        "monitor": seconds(update.monitor),
        "max_failure_ratio": str(float(update.max_failure_ratio)),
        "order": update.order,
    }


def rollback_config(update: RollingUpdate) -> Any:
    """How the tasks before come back: at once, and never given up half-way."""
    return {
        "parallelism": 0,
        "delay": "0s",
        "failure_action": "pause",
        "monitor": ROLLBACK_MONITOR,
        "max_failure_ratio": "0.0",
        "order": update.order,
    }


def health_check(check: ContainerHealthCheck | None) -> dict[str, Any] | None:
    """The command that the Engine runs in the container."""
    if check is None:
        return None
    return {
        "tests": ["CMD-SHELL" if len(check.command) == 1 else "CMD", *check.command],
        "interval": seconds(check.interval),
        "timeout": seconds(check.timeout),
        "start_period": seconds(check.start_period),
        "retries": check.retries,
    }


def container(
    spec: Container, image: pulumi.Input[str], stop_timeout: int, secrets: Mapping[str, Any], configs: Mapping[str, Any]
) -> dict[str, Any]:
    """The container; `secrets` by name, `configs` by path."""
    found: dict[str, Any] = {
        "image": image,
        "commands": list(spec.entry_point),
        "args": list(spec.command),
        "dir": spec.working_directory,
        "env": dict(sorted(spec.environment.items())),
        "user": spec.user,
        "read_only": spec.read_only_root,
        "init": True,
        "stop_grace_period": seconds(stop_timeout),
        "healthcheck": health_check(spec.health_check),
        "mounts": [{"type": "tmpfs", "target": path} for path in spec.scratch.values()],
        "secrets": [
            {"secret_id": made.id, "secret_name": made.name, "file_name": name} for name, made in secrets.items()
        ],
        "configs": [
            {"config_id": made.id, "config_name": made.name, "file_name": path} for path, made in configs.items()
        ],
        "cap_drops": ["ALL"] if spec.user is not None else [],  # who is not root may do nothing with them
    }
    return {name: value for name, value in found.items() if value not in (None, [], {})}


def task_spec(parts: Mapping[str, Any]) -> Any:
    """What each task is; parts that say nothing are left out."""
    return {name: value for name, value in parts.items() if value != {}}


def endpoint(ports: list[dict[str, Any]]) -> Any:
    """Names lead to tasks themselves, not to a virtual address: those need IPVS in the kernel of each node."""
    return {"mode": "dnsrr", **({"ports": ports} if ports else {})}


def log_driver(spec: SwarmServiceSpec) -> dict[str, Any]:
    """Logs that the Engine keeps, by size."""
    each = max(1, spec.log_size // LOG_FILES)
    return {"name": "local", "options": {"max-size": f"{each}m", "max-file": str(LOG_FILES)}}


def fingerprint(*parts: Any) -> str:
    """What tells one declaration from another."""
    return sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()[:16]
