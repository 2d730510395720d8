"""The table of the engine's flags against the engine that is pinned. Cannot prove what a newer one on PATH knows, nor
short flags and values that may be left out: the engine tells those in its help alone, from which the table is written."""

import json
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from localcloud.cloud import arguments
from localcloud.engine import PIN, obtain, sources

pytestmark = pytest.mark.engine


def commands(command: dict[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    yield path, command.get("flags", {})
    for name, inner in command.get("commands", {}).items():
        yield from commands(inner, (*path, name))


def test_each_flag_of_each_command_of_the_engine_is_read_as_the_engine_types_it(tmp_path: Any) -> None:
    engine = obtain()
    if sources.version_of(engine.binary) != PIN:
        pytest.skip(f"the table is that of {PIN}, and another engine is on PATH")
    asked = [str(engine.binary), "generate-cli-spec"]
    told = json.loads(subprocess.run(asked, capture_output=True, text=True, check=True, cwd=tmp_path).stdout)
    optional = {"--refresh", "--suppress-permalink", "--attach-debugger", "--draft", "--update", "--preview"}
    refused = {"login", "logout", "new"}
    wrong = [
        f"{' '.join(path)} --{name}"
        for path, flags in commands(told)
        for name, flag in flags.items()
        if path and path[0] not in refused and f"--{name}" not in optional
        if (read_with(path, name) == "value") is (flag["type"] == "boolean")
    ]
    assert wrong == []


def read_with(path: tuple[str, ...], flag: str) -> str:
    """Whether `value` behind the flag is taken for its value or for a word of its own."""
    passed = arguments._split([*path, f"--{flag}", "value"])
    return "value" if (f"--{flag}", "value", True) in passed else "word"
