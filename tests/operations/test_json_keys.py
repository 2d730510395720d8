"""The keys of each JSON answer are read by programs of others: where no schema is committed, none goes or gets another
name; a new one is written with GOLDEN=write.

It cannot prove what a value means, nor see a key that the shipped stacks do not bring about.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from operations.cli import run
from tests.operations.golden_files import matches

ROOT = Path(__file__).parents[2]
COMMANDS = {
    "check": ["check", "Pulumi.dev.yaml", "rules.yaml", "--format", "json"],
    "cost": ["cost", "--stack", "dev", "--format", "json"],
    "explain": ["explain", "--stack", "staging", "--at", "Mon 06:59", "--format", "json"],
    "sweep": ["sweep", "Pulumi.dev.yaml", "rules.yaml", "--format", "json"],
    "tune": ["tune", "rules.yaml", "--trials", "4", "--format", "json"],
}
RULES = """\
workloads:
  web:
    elasticity:
      minimum: 2
      maximum: 6
      unit: {capacity: 50/s, start_up: 60s, service_time: 40ms}
      target_tracking:
        cpu: {metric: cpu, target: 95}
    simulation:
      loads:
        spike: {spike: {base: 40/s, peak: 90/s, at: 5m, length: 5m, duration: 20m}}
      expectations: [overload_minutes < 100]
"""


def paths(value: Any, path: str = "") -> Iterator[str]:
    """The path of each key, `[]` for every entry of a list."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield f"{path}.{key}".lstrip(".")
            yield from paths(inner, f"{path}.{key}")
    elif isinstance(value, list):
        for inner in value:
            yield from paths(inner, f"{path}[]")


@pytest.mark.parametrize("command", COMMANDS)
def test_the_keys_of_an_answer_are_the_frozen_ones(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    for name in ("Pulumi.dev.yaml", "Pulumi.staging.yaml"):
        (tmp_path / name).write_text((ROOT / name).read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    (tmp_path / "rules.yaml").write_text(RULES, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert run(COMMANDS[command]) in (0, 1)
    found = sorted(set(paths(json.loads(capsys.readouterr().out))))
    found = [path for path in found if not path.startswith("elasticity.")]  # of tune: rules, whose keys have a schema
    matches(f"keys.{command}.txt", "\n".join(found) + "\n")
