"""Every command that reports, at the width of a split terminal, of a terminal and of a wide one: the answer comes first,
no line is longer than the terminal, no name is broken. It cannot prove that a person finds the answer clear."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import pytest

from operations import cli, options

ROOT = Path(__file__).parents[2]
SPIKE = ("--shape", "spike base=60/s peak=900/s")
COMMANDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "simulate": ("simulate", "RULES", *SPIKE, "--assert", "overload_minutes < 1"),
        "simulate --all": ("simulate", "RULES", *SPIKE, "--all", "--log", "all", "--assert", "peak_units > 1"),
        "simulate --bands": ("simulate", "RULES", *SPIKE, "--bands", "--runs", "4", "--assert", "peak_units > 1"),
        "explain": ("explain", "RULES", "--at", "Mon 08:55"),
        "tune": ("tune", "RULES", "--trials", "4", "--load", "campaign"),
        "tune, broken": ("tune", "RULES", "--trials", "4", "--load", "campaign", "--expect", "cost_per_month < 0.01"),
        "sweep": ("sweep", "RULES"),
        "sweep, broken": ("sweep", "RULES", "--expect", "overload_minutes < 1"),
        "check": ("check", "RULES"),
        "performance": ("performance", "--from", "MONDAY", "--capacity", "42/s", "--assert", "overload_minutes < 5"),
        "fit": ("fit", "MONDAY"),
        "replay": ("replay", "MONDAY", "--capacity", "42/s", "--start-up", "80s"),
    }
)
PART = 5
"""Letters from which the beginning of a word is told from a word of its own."""
VERDICTS: Mapping[str, str] = MappingProxyType(
    {
        "simulate": "broken: 1 of ",
        "simulate --all": "kept: the expectation",
        "simulate --bands": "kept: the expectation kept in ",
        "explain": "when the load doubles: ",
        "tune": "kept: the expectation on ",
        "tune, broken": "broken: no rule set keeps ",
        "sweep": "kept: every expectation in 2 runs",
        "sweep, broken": "broken: in ",
        "check": "1 file: 0 errors",
        "performance": "it keeps its promises",
        "fit": "numbers told by ",
        "replay": "unit-minutes",
    }
)
"""What the first lines say."""
LONG_RULE, LONG_SERVICE = "cpu-of-every-process", "orders-and-payments-of-retail"
"""As long as a rule's name may be, and a service's that is wider than its column."""


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    text = (ROOT / "examples" / "rules.yaml").read_text(encoding="utf-8")
    text = text.replace("        cpu:  ", f"        {LONG_RULE}: ").replace("\n  web:", f"\n  {LONG_SERVICE}:")
    assert LONG_RULE in text
    assert LONG_SERVICE in text
    shutil.copytree(ROOT / "examples" / "traces", tmp_path / "traces")
    path = tmp_path / "rules.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def told(arguments: tuple[str, ...], rules: Path, capsys: pytest.CaptureFixture[str]) -> str:
    places = {"RULES": str(rules), "MONDAY": str(ROOT / "examples" / "recorded" / "monday.json")}
    code = cli.run([places.get(word, word) for word in arguments])
    out, err = capsys.readouterr()
    assert code in (0, 1), err
    return re.sub(r"\x1b\[[0-9;]*m", "", out)


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("name", COMMANDS)
def test_a_report_answers_first_fits_the_terminal_and_breaks_no_name(
    rules: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, name: str, width: int
) -> None:
    wide = set(told(COMMANDS[name], rules, capsys).split())  # in no terminal
    monkeypatch.setattr(options, "columns", lambda: width)
    lines = told(COMMANDS[name], rules, capsys).splitlines()
    assert VERDICTS[name] in " ".join(" ".join(lines[:8]).split())
    assert [line for line in lines if len(line) > width and len(line.split()) > 1] == []
    words = {word for line in lines for word in line.split() if len(word) >= PART and word.isascii()}
    assert [word for word in words - wide if any(whole.startswith(word) for whole in wide)] == []
