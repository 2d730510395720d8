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
from operations.live.answers import Remembered
from operations.live.aws import Aws
from operations.monitor.comparison import Stack
from operations.monitor.judge import judge
from operations.monitor.look import kept
from tests.operations.answered import NOW, World, declaration, digest

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
        "cost": ("cost", "PROD"),
        "cost, exceeded": ("cost", "SMALL BUDGET"),
        "cost --against": ("cost", "SMALL BUDGET", "--against", "PROD"),
        "prices": ("prices", "list", "--region", "eu-west-1"),
        "monitor, the same": ("monitor", "--from", "SAME"),
        "monitor, another": ("monitor", "--from", "ANOTHER"),
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
        "cost": " a month as its loads have it; ",
        "cost, exceeded": "a month exceed the budget of 1.00 by",
        "cost --against": "USD a month: +",
        "prices": "items have a price",
        "monitor, the same": "what runs is what was declared: ",
        "monitor, another": "what runs is not what was declared: ",
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
    for folder in (tmp_path, tmp_path / "examples"):
        shutil.copytree(ROOT / "examples" / "traces", folder / "traces")
    path = tmp_path / "rules.yaml"
    path.write_text(text, encoding="utf-8")
    prod = (ROOT / "Pulumi.prod.yaml").read_text(encoding="utf-8")
    smaller = prod.replace("        minimum: 3\n", "        minimum: 4\n") + "\n  accordion:budget: { maximum: 1 }\n"
    assert smaller.count("        minimum: 4\n") > prod.count("        minimum: 4\n")
    path.with_name("small-budget.yaml").write_text(smaller, encoding="utf-8")
    _saved(World(), path.with_name("same.json"))
    _saved(_another(), path.with_name("another.json"))
    return path


def _another() -> World:
    """Bounds that somebody has raised, an image that is not the one of the tag, a service that is gone."""
    world = World()
    world.target = lambda of: {"ResourceId": of, "MinCapacity": 3, "MaxCapacity": 60}  # type: ignore[method-assign]
    task = world.task
    moved = [{"name": "app", "image": "shop/s0:1.3", "imageDigest": digest("b")}]
    world.task = lambda of: task(of) | {"containers": moved}  # type: ignore[method-assign]
    described = world.answers["describe_services"]
    world.answers["describe_services"] = lambda asked: (
        {"services": []} if asked["services"][0].endswith("s1") else described(asked)
    )
    return world


def _saved(world: World, path: Path) -> None:
    """What `accordion monitor --save` writes of two services."""
    remembered, declared = Remembered(Aws(world)), declaration(2)
    verdict = judge(Stack(declared, remembered, NOW), {})
    path.write_text(kept(verdict, remembered, declared), encoding="utf-8")


def told(arguments: tuple[str, ...], rules: Path, capsys: pytest.CaptureFixture[str]) -> str:
    places = {
        "RULES": str(rules),
        "MONDAY": str(ROOT / "examples" / "recorded" / "monday.json"),
        "PROD": str(ROOT / "Pulumi.prod.yaml"),
        "SMALL BUDGET": str(rules.with_name("small-budget.yaml")),
        "SAME": str(rules.with_name("same.json")),
        "ANOTHER": str(rules.with_name("another.json")),
    }
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
