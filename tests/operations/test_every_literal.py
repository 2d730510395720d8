"""Every literal of every setting goes through every command: what the models accept, nothing may fail on.

It cannot prove that literals go together: each stands in a file that is otherwise right.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from operations.cli import run
from stacks import compositions
from stacks.settings import SettingsError, load
from tests.operations.literals import Place, each_once, settings_with
from tests.recording import build

ROOT = Path(__file__).parents[2]
LITERALS = each_once()
REFUSED: dict[tuple[Place, Any], str] = {
    (("services", "*", "container", "essential"), False): "the main container",
    (("services", "*", "sidecars", "*", "depends_on", "*"), "COMPLETE"): "the main container never ends",
    (("services", "*", "sidecars", "*", "depends_on", "*"), "SUCCESS"): "the main container never ends",
}
"""Literals that no file may have at that place, and why; and all below `load_balancer.services`."""
COMMANDS = (
    ["check"],
    ["cost"],
    ["simulate", "--format", "json", "--tick", "60"],
    ["explain", "--at", "Mon 08:55"],
)


def written(folder: Path, place: Place, literal: Any) -> Path:
    """The stack file with that literal."""
    text = io.StringIO()
    sections = {f"accordion:{name}": value for name, value in settings_with(place, literal).items()}
    YAML().dump({"config": sections}, text)
    path = folder / "Pulumi.test.yaml"
    path.write_text(text.getvalue(), encoding="utf-8")
    recorded = (ROOT / "examples" / "traces" / "evening-week.csv").read_text(encoding="utf-8").splitlines()
    (folder / "load.csv").write_text("\n".join(recorded[:13]) + "\n", encoding="utf-8")
    return path


def allowed(place: Place, literal: Any) -> bool:
    return place[:2] != ("load_balancer", "services") and (place, literal) not in REFUSED


def named(each: tuple[Place, Any]) -> str:
    return f"{'.'.join(each[0])}={each[1]}"


ALLOWED = [each for each in LITERALS if allowed(*each)]


@pytest.mark.parametrize("each", [each for each in LITERALS if not allowed(*each)], ids=named)
def test_a_literal_that_no_file_may_have_is_refused(each: tuple[Place, Any], tmp_path: Path) -> None:
    place, literal = each
    with pytest.raises(SettingsError) as refused:
        load(written(tmp_path, place, literal))
    path = "load_balancer.services" if place[0] == "load_balancer" else ".".join(place).replace("*", "web", 1)
    assert refused.value.faults[0].key.startswith(path.partition(".*")[0])


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_every_literal_goes_through_every_command(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A finding or an answer; the settings are right, so nothing says otherwise, and nothing ends in a traceback."""
    monkeypatch.chdir(tmp_path)
    failed = []
    for place, literal in ALLOWED:
        written(tmp_path, place, literal)
        try:
            code = run([*command, "--stack", "test"])
        except Exception as error:  # noqa: BLE001 - which of them is the question
            code, said = -1, repr(error)
        else:
            said = capsys.readouterr().err
        if code not in ((0, 1) if command[0] == "check" else (0,)):
            failed.append((named((place, literal)), code, said))
    assert failed == []


@pytest.mark.parametrize(
    "section", ["composition", "environment", "network", "load_balancer", "services", "groups", "alarms"]
)
def test_every_literal_is_built(section: str, tmp_path: Path) -> None:
    failed = []
    for place, literal in ALLOWED:
        if place[0] != section:
            continue
        settings = load(written(tmp_path, place, literal))
        try:
            registered = build(lambda settings=settings: compositions.build(settings).exports(), stack="test")
        except Exception as error:  # noqa: BLE001 - as above
            failed.append((named((place, literal)), repr(error)))
        else:
            assert list(registered)
    assert failed == []
