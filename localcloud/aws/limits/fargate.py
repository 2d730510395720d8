"""Which pairs of task cpu and memory Fargate runs.

Source: "Fargate task definition differences for the Linux operating system, task CPU and memory",
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html
"""

from typing import Final

MEMORY: Final[dict[int, frozenset[int]]] = {
    256: frozenset({512, 1024, 2048}),
    512: frozenset(range(1024, 4096 + 1, 1024)),
    1024: frozenset(range(2048, 8192 + 1, 1024)),
    2048: frozenset(range(4096, 16384 + 1, 1024)),
    4096: frozenset(range(8192, 30720 + 1, 1024)),
    8192: frozenset(range(16384, 61440 + 1, 4096)),
    16384: frozenset(range(32768, 122880 + 1, 8192)),
}
"""MiB of memory that go with each number of cpu units."""

_UNITS: Final = {"vcpu": 1024, "gb": 1024}


def units(value: str | int) -> int:
    """Cpu units or MiB of what AWS takes: "256", "0.25 vCPU", "1 GB". Raises ValueError for anything else."""
    text = str(value).strip().lower()
    for unit, factor in _UNITS.items():
        if text.endswith(unit):
            return round(float(text.removesuffix(unit)) * factor)
    return int(text)


def runs(cpu: str | int, memory: str | int) -> bool:
    """Whether Fargate has tasks of this size."""
    try:
        return units(memory) in MEMORY.get(units(cpu), frozenset())
    except ValueError:
        return False
