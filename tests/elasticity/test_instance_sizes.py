"""Sizes of instances by name against EC2's own list as moto carries it; it cannot prove what ECS registers of their
memory."""

from __future__ import annotations

import gzip
import importlib.resources
import json

import pytest

from elasticity.instance_sizes import InstanceSize, size_of


def test_every_size_that_a_name_gives_is_the_types_own() -> None:
    packed = importlib.resources.files("moto") / "ec2" / "resources" / "instance_types.json.gz"
    types = json.loads(gzip.decompress(packed.read_bytes()))
    named = {name: size for name in types if (size := size_of(name)) is not None}
    assert len(named) > 800
    real = {name: (types[name]["VCpuInfo"]["DefaultVCpus"], types[name]["MemoryInfo"]["SizeInMiB"]) for name in named}
    assert named == real


@pytest.mark.parametrize("name", ["c5n.large", "m4.large", "u-6tb1.metal", "m7g.metal", "m7g", "p5.48xlarge", ""])
def test_a_name_that_does_not_say_its_size_gives_none(name: str) -> None:
    assert size_of(name) is None


@pytest.mark.parametrize(
    ("size", "tasks"),
    [
        (InstanceSize(2, 8_000), 4),
        (InstanceSize(2, 3_000), 2),
        (InstanceSize(1, 8_000), 2),
        (InstanceSize(2, 8_000, interfaces=2), 2),
        (InstanceSize(0.25, 8_000), 0),
    ],
)
def test_tasks_are_packed_by_what_runs_out_first(size: InstanceSize, tasks: int) -> None:
    assert size.tasks(cpu=512, memory=1_024) == tasks
