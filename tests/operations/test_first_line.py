"""`accordion monitor` says what it asks before anything slow is imported: what is imported is counted, by name. Seconds
are `python -m bench monitor`'s; what a slow disk does to them is not proved."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from operations.monitor.command import FORMS
from operations.monitor.render import FORMATS
from tests.operations.answered import state

SLOW = (
    "boto3", "botocore", "components", "docker", "elasticity.rules", "guardrails", "localcloud", "numpy", "pulumi", "pydantic",
    "rich", "ruamel", "stacks.settings", "urllib3", "yaml",
)  # fmt: skip
"""Packages whose import takes long, and those of ours that import them."""
PROGRAM = """
import io, json, sys

class Watched(io.StringIO):
    first = None

    def write(self, text):
        if text.strip() and Watched.first is None:
            Watched.first = text, sorted(sys.modules)
        return super().write(text)

sys.stdout, sys.stderr = Watched(), Watched()
from operations import cli

code = cli.run(sys.argv[1:])
said, then = Watched.first
sys.__stdout__.write(json.dumps([code, said, then, sorted(sys.modules), sys.stderr.getvalue()]))
"""


def imported(modules: list[str]) -> set[str]:
    return {slow for slow in SLOW for name in modules if name == slow or name.startswith(f"{slow}.")}


@pytest.mark.parametrize(
    ("words", "line", "also"),
    [
        (
            ("--state", "state.json"),
            "asking AWS what runs of stack dev, declared by state.json",
            {"boto3", "pydantic", "stacks.settings"},
        ),
        (("--from", "kept.json"), "judging what kept.json kept; nobody is asked", {"pydantic"}),
        (
            ("--before", "--stack", "prod"),
            "asking AWS whether all that stack prod needs is there",
            {"pydantic", "stacks.settings"},
        ),
    ],
)
def test_the_first_line_comes_before_anything_slow_is_imported(
    words: tuple[str, ...], line: str, also: set[str], tmp_path: Path
) -> None:
    (tmp_path / "state.json").write_text(json.dumps(state()))
    alone = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    found = subprocess.run(
        [sys.executable, "-c", PROGRAM, "monitor", *words],
        cwd=tmp_path,
        env=alone | {"AWS_EC2_METADATA_DISABLED": "true", "HOME": str(tmp_path)},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    code, said, before, after, told = json.loads(found.stdout)
    assert (code, said.strip()) == (2, line), told  # there are no credentials, no such file
    assert imported(before) == set()
    assert imported(after) >= also, "the names above are those of modules that this command does import"


def test_the_forms_that_are_offered_are_those_that_are_written() -> None:
    assert tuple(FORMATS) == FORMS
