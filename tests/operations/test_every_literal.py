"""Every literal of every setting, of stack files and of rules files, goes through every command that reads them: what the
models accept, nothing may fail on.

It cannot prove that literals go together: each stands in a file that is otherwise right.
"""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from operations import cli
from operations.cli import run
from operations.monitor.look import SAVED_VERSION
from stacks import compositions
from stacks.settings import SettingsError, load
from tests.operations.answered import NOW
from tests.operations.literals import ON_SWARM, Place, each_once, settings_with
from tests.operations.test_monitor_hostile import ANSWERS, DECLARED
from tests.recording import build

ROOT = Path(__file__).parents[2]
LITERALS = each_once()
REFUSED: dict[tuple[Place, Any], str] = {
    (("services", "*", "container", "essential"), False): "the main container",
    (("services", "*", "sidecars", "*", "depends_on", "*"), "COMPLETE"): "the main container never ends",
    (("services", "*", "sidecars", "*", "depends_on", "*"), "SUCCESS"): "the main container never ends",
}
"""Literals that no file may have at that place, and why; and all below `load_balancer.services`."""
NOT_ON_SWARM = (
    "container.essential=False",
    "container.depends_on",
    "container.ports.*.application",
    "container.efs",
    "traffic.protocol=HTTPS",
    "traffic.protocol_version",
    "traffic.target_type",
    "traffic.alternate",
    "traffic.listener_protocol",
    "traffic.health_check.protocol=HTTPS",
    "traffic.health_check.protocol=TCP",
    "traffic.routes.*.sign_in",
    "elasticity.predictive",
    "simulation.instances",
)
"""Of a service on a Swarm, what only AWS has: the beginning of a place, or a place with a literal."""
COMMANDS: dict[str, list[list[str]]] = {
    "check": [["FILE"], ["FILE", "--format", "sarif"]],
    "config": [["diff", "--stack", "test", "--against", "test"]],
    "cost": [["FILE"]],
    "simulate": [["FILE", "--format", "json", "--tick", "60"]],
    "explain": [["FILE", "--at", "Mon 08:55"]],
    "tune": [["FILE", "--trials", "2", "--expect", "overload_minutes < 100000"]],
    "monitor": [["FILE", "--from", "kept.json"]],
    "performance": [["FILE", "--from", "recorded.json"]],
}
"""What is asked of each file, by command; exit code 1 is an answer too where a command judges."""
JUDGES = ("check", "monitor", "performance")
ALL_AT_ONCE = {"sweep"}
BUILDS = {"up", "local", "review"}
"""They run the program, which is built here on a recorder."""
READ_NO_STACK_FILE = {
    "bootstrap": "nothing: it writes a project",
    "environments": "as `local` and `monitor` do, which are tried",
    "exec": "a state",
    "fit": "a recording",
    "graph": "a state",
    "history": "what a backend keeps",
    "logs": "a state",
    "prices": "a price table",
    "read": "files of others",
    "record": "what AWS answers",
    "release": "a state",
    "replay": "a recording",
    "rollback": "what a backend keeps",
    "run": "a state",
    "scale": "a state",
    "schema": "the models themselves",
    "tasks": "a state",
}


def written(folder: Path, place: Place, literal: Any, stack: str = "test") -> Path:
    """The stack or rules file with that literal."""
    text = io.StringIO()
    settings = settings_with(place, literal)
    if place[0] != "workloads":
        settings = {"config": {f"accordion:{name}": value for name, value in settings.items()}}
    YAML().dump(settings, text)
    path = folder / f"Pulumi.{stack}.yaml"
    path.write_text(text.getvalue(), encoding="utf-8")
    recorded = (ROOT / "examples" / "traces" / "evening-week.csv").read_text(encoding="utf-8").splitlines()
    (folder / "load.csv").write_text("\n".join(recorded[:13]) + "\n", encoding="utf-8")
    return path


def allowed(place: Place, literal: Any) -> bool:
    if place[0] == f"{ON_SWARM}services":
        own = ".".join(place[2:])
        return not any(own == part or own.startswith(f"{part}.") or f"{own}={literal}" == part for part in NOT_ON_SWARM)
    return place[:2] != ("load_balancer", "services") and (place, literal) not in REFUSED


def named(each: tuple[Place, Any]) -> str:
    return f"{'.'.join(each[0])}={each[1]}"


ALLOWED = [each for each in LITERALS if allowed(*each)]


@pytest.mark.parametrize("each", [each for each in LITERALS if not allowed(*each)], ids=named)
def test_a_literal_that_no_file_may_have_is_refused(each: tuple[Place, Any], tmp_path: Path) -> None:
    place, literal = each
    with pytest.raises(SettingsError) as refused:
        load(written(tmp_path, place, literal))
    below = ".".join(place).removeprefix(ON_SWARM).replace("*", "web", 1)
    path = "load_balancer.services" if place[0] == "load_balancer" else below
    assert refused.value.faults[0].key.startswith(path.partition(".*")[0])


def test_every_command_is_tried_or_reads_no_stack_file() -> None:
    assert sorted([*COMMANDS, *ALL_AT_ONCE, *BUILDS, *READ_NO_STACK_FILE]) == sorted(cli.COMMANDS)


@pytest.mark.parametrize(
    ("command", "arguments"),
    [(command, arguments) for command, several in COMMANDS.items() for arguments in several],
    ids=lambda value: value if isinstance(value, str) else " ".join(value[1:3]),
)
def test_every_literal_goes_through_every_command(
    command: str,
    arguments: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A finding or an answer; the settings are right, so nothing says otherwise, and nothing ends in a traceback."""
    monkeypatch.chdir(tmp_path)
    kept = {"version": SAVED_VERSION, "at": NOW.isoformat(), "declared": DECLARED, "answers": ANSWERS}
    (tmp_path / "kept.json").write_text(json.dumps(kept), encoding="utf-8")
    recorded = json.loads((ROOT / "examples" / "recorded" / "monday.json").read_text(encoding="utf-8"))
    (tmp_path / "recorded.json").write_text(json.dumps(recorded | {"workload": "web"}), encoding="utf-8")
    failed = []
    for place, literal in ALLOWED:
        path = written(tmp_path, place, literal)
        try:
            code = run([command, *(path.name if word == "FILE" else word for word in arguments)])
        except Exception as error:  # noqa: BLE001 - which of them is the question
            code, said = -1, repr(error)
        else:
            said = capsys.readouterr().err
        if code not in ((0, 1) if command in JUDGES else (0,)):
            failed.append((named((place, literal)), code, said))
    assert failed == []


def test_every_literal_goes_through_a_sweep(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths = [written(tmp_path, *each, stack=f"test-{number}") for number, each in enumerate(ALLOWED)]
    assert run(["sweep", *map(str, paths), "--format", "json"]) == 0
    said = capsys.readouterr()
    assert (said.err, len(json.loads(said.out)["rows"]) >= len(paths)) == ("", True)


@pytest.mark.parametrize("section", sorted({place[0] for place, _ in ALLOWED} - {"workloads"}))
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
