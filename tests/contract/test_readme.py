"""The README's examples are real. It cannot prove that its two commands run on a fresh machine; CI does that."""

import re
import shlex
import subprocess
from pathlib import Path

import pytest
from ruamel.yaml import YAML

import stacks.settings
from elasticity.rules import Elasticity
from operations.cli import COMMANDS

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_the_rules_shown_are_valid() -> None:
    (shown,) = blocks("yaml")
    assert Elasticity.model_validate(YAML(typ="safe").load(shown)["elasticity"]).maximum == 12


def test_the_python_shown_runs_and_prints_decisions(capsys: pytest.CaptureFixture[str]) -> None:
    first, second = blocks("python")
    assert max(len(shown.strip().splitlines()) for shown in (first, second)) <= 15
    notebook: dict[str, object] = {}
    exec(compile(first, "README.md", "exec"), notebook)
    assert "cpu" in capsys.readouterr().out
    exec(compile(second, "README.md", "exec"), notebook)
    found, compared, gate, *sweep = capsys.readouterr().out.splitlines()
    assert (found, gate) == ("[]", "True")
    assert "overload_minutes" in compared
    assert len(re.findall(r"[0-9.]+", " ".join(sweep))) == 2 * 8


def test_the_way_to_the_rules_of_a_stack_file_that_is_shown_is_right() -> None:
    (shown,) = re.findall(r"`(stacks\.settings\.load\(.*?elasticity)`", README)
    rules = eval(shown.replace('"Pulumi', f'"{ROOT}/Pulumi'), {"stacks": stacks, "Path": Path})
    assert isinstance(rules, Elasticity)


def test_every_target_of_make_that_is_shown_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"make ([a-z-]+)", " ".join(blocks("console")))) <= targets


def test_every_command_shown_exists() -> None:
    shown = {
        shlex.split(line)[2]
        for line in " ".join(blocks("console")).splitlines()
        if ".venv/bin/accordion" in line.split("#")[0].split()[1:2]
    }
    assert shown <= COMMANDS.keys()


def test_the_first_change_changes_one_line_of_the_stack_file(tmp_path: Path) -> None:
    (line,) = [line for block in blocks("console") for line in block.splitlines() if line.startswith("$ sed")]
    before = (ROOT / "Pulumi.dev.yaml").read_text()
    (tmp_path / "Pulumi.dev.yaml").write_text(before)
    subprocess.run(shlex.split(line.removeprefix("$ ")), cwd=tmp_path, check=True)
    after = (tmp_path / "Pulumi.dev.yaml").read_text()
    changed = [pair for pair in zip(before.splitlines(), after.splitlines(), strict=True) if pair[0] != pair[1]]
    assert changed == [("        maximum: 2", "        maximum: 4")]


@pytest.mark.parametrize("target", re.findall(r"\]\(([^)h#][^)]*)\)", README))
def test_every_link_leads_somewhere(target: str) -> None:
    assert (ROOT / target).exists(), target
