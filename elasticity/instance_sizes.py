"""How many tasks one instance holds: its size by the name of its type, and bin packing by cpu, memory and network
interfaces.

Sizes follow the naming of EC2's general families: c, m, r from the fifth generation on (2, 4, 8 GiB per vCPU) and
t3, t3a, t4g. Of any other type vCPU and memory are given. Source: EC2 instance types; ECSDG cluster auto scaling
(bin packing over cpu, memory and network interfaces).
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from types import MappingProxyType

MEMORY_FOR_TASKS = 0.93
"""Share of an instance's memory that ECS registers for tasks: the kernel keeps the rest `[asm]`."""
CPU_UNITS = 1_024
"""Of one vCPU (ECS: task definition parameters)."""
_GENERAL = re.compile(
    r"(?P<family>[cmr])(?P<generation>\d+)(?P<marks>[a-z-]*)\.(?:(?P<name>medium|large)|(?P<times>\d*)xlarge)"
)
_BURSTABLE = re.compile(r"t(?:3|3a|4g)\.(?P<name>nano|micro|small|medium|large|xlarge|2xlarge)")
_GIB_PER_VCPU: Mapping[str, int] = MappingProxyType({"c": 2, "m": 4, "r": 8})
_BURSTABLE_SIZES: Mapping[str, tuple[int, int]] = MappingProxyType(
    {
        "nano": (2, 512),
        "micro": (2, 1_024),
        "small": (2, 2_048),
        "medium": (2, 4_096),
        "large": (2, 8_192),
        "xlarge": (4, 16_384),
        "2xlarge": (8, 32_768),
    }
)
_FIRST_REGULAR_GENERATION = 5
_IRREGULAR = frozenset({"c5n"})


@dataclasses.dataclass(frozen=True, slots=True)
class InstanceSize:
    """What one instance has for tasks."""

    vcpus: float
    memory: float
    """MiB that ECS registers."""
    interfaces: int | None = None
    """Network interfaces for tasks, one each; None where they are no limit."""

    def tasks(self, cpu: float, memory: float) -> int:
        """Tasks of so many CPU units and MiB that one instance holds."""
        fitting = min(self.vcpus * CPU_UNITS / cpu, self.memory / memory)
        return int(fitting + 1e-9) if self.interfaces is None else min(int(fitting + 1e-9), self.interfaces)


def size_of(instance_type: str) -> tuple[int, int] | None:
    """vCPUs and MiB of an instance type by its name; None where the name does not say."""
    burstable = _BURSTABLE.fullmatch(instance_type)
    if burstable:
        return _BURSTABLE_SIZES[burstable["name"]]
    found = _GENERAL.fullmatch(instance_type)
    if not found or int(found["generation"]) < _FIRST_REGULAR_GENERATION:
        return None
    if f"{found['family']}{found['generation']}{found['marks']}" in _IRREGULAR:
        return None
    vcpus = {"medium": 1, "large": 2}.get(found["name"] or "") or 4 * int(found["times"] or 1)
    return vcpus, vcpus * _GIB_PER_VCPU[found["family"]] * 1_024
