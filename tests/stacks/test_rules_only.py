"""A file of rules alone is checked, simulated, explained and tuned as a stack file is, with the same faults at the same
lines. Cannot prove that the rules run anywhere: nothing says where they came from."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner
from ruamel.yaml import YAML

from elasticity.pricing import load_prices
from operations.cli import run
from operations.schema import command, schema_text
from operations.simulate import Request, simulated
from operations.workloads import chosen
from stacks.settings import SettingsError, load, parse
from stacks.workloads import workloads_of

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "rules.yaml"
TEXT = """\
workloads:
  web:
    elasticity:
      minimum: 2
      maximum: 10
      unit: { capacity: 50/s, start_up: 60s }
      target_tracking:
        cpu: { metric: cpu, target: 60 }
    simulation:
      loads:
        news: { spike: { base: 60/s, peak: 300/s } }
      expectations: [overload_minutes < 60]
"""


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("minimum: 2", "minimun: 2", ["rules.yaml:4 workloads.web.elasticity.minimun: unknown key; did you mean `minimum`"]),
        ("target: 60", "target: 160", ["rules.yaml:8 workloads.web.elasticity.target_tracking.cpu.target: got a percentage above 100, allowed 1 to 100"]),
        ("    elasticity:", "    platform: swarm\n    elasticity:", ["rules.yaml:3 workloads.web.platform: got a text, allowed one of ecs_service, ec2_group"]),
        ("    elasticity:", "    instance_type: m7g.large\n    cpu: 512\n    elasticity:", [
            "rules.yaml:2 workloads.web.memory: is missing: a task has both `cpu` and `memory`",
            "rules.yaml:3 workloads.web.instance_type: is of a group, and `platform` is ecs_service",
        ]),
        ("workloads:", "workload:", ["rules.yaml:1 workload: unknown key; did you mean `workloads`"]),
        ("workloads:", "stacks: 1\nworkloads:", ["rules.yaml:1 stacks: unknown key; allowed budget, workloads"]),
        (TEXT, "workloads: {}\n", ["rules.yaml:1 workloads: got too few entries, allowed 1 or more"]),
        (TEXT, "workloads:\n  web:\n    password: { secure: x }\n", None),
    ],
)  # fmt: skip
def test_a_fault_is_told_at_its_line(old: str, new: str, said: list[str] | None) -> None:
    with pytest.raises(SettingsError) as refused:
        parse("rules.yaml", TEXT.replace(old, new, 1))
    if said is None:
        assert "a secret has no place inside the settings" in str(refused.value)
    else:
        assert str(refused.value).splitlines() == said


def test_the_same_rules_give_the_same_figures_and_findings_as_in_a_stack_file(tmp_path: Path) -> None:
    (stacked,) = chosen(load(ROOT / "Pulumi.prod.yaml"), "web", "prod")
    service = stacked.declared  # type: ignore[attr-defined]
    found = YAML(typ="safe").load(ROOT / "Pulumi.prod.yaml")["config"]["accordion:services"]["web"]
    simulation = {key: value for key, value in found["simulation"].items() if key != "loads"}
    simulation["loads"] = {"campaign": found["simulation"]["loads"]["campaign"]}
    written = {
        "deregistration_delay": str(service.traffic.deregistration_delay),
        "zones": 3,
        "cpu": service.cpu,
        "memory": service.memory,
        "architecture": service.architecture.lower(),
        "elasticity": found["elasticity"],
        "simulation": simulation,
    }
    path = tmp_path / "rules.yaml"
    with path.open("w") as file:
        YAML().dump({"workloads": {"web": written}}, file)
    alone = workloads_of(load(path))["web"]
    prices = load_prices()
    request = Request(shape="spike base=300/s peak=850/s")
    from operations.simulate import loads_for

    (one,) = loads_for(stacked, request)
    figures = {
        name: simulated(member, one, prices, request).figures for name, member in (("stack", stacked), ("alone", alone))
    }
    timed = [key for key in figures["stack"] if "cost" not in key]
    assert {key: figures["alone"][key] for key in timed} == {key: figures["stack"][key] for key in timed}


def test_the_committed_schema_and_reference_are_current_and_the_example_fits() -> None:
    committed = (ROOT / "docs/schema/rules.schema.json").read_text()
    assert committed == schema_text("rules"), "run `accordion schema --of rules --output docs/schema/rules.schema.json`"
    printed = CliRunner().invoke(command, ["--of", "rules", "--format", "markdown"]).stdout
    assert (ROOT / "docs/rules-file.md").read_text() == printed
    jsonschema.validate(YAML(typ="safe").load(EXAMPLE), json.loads(committed))
    assert not jsonschema.Draft202012Validator(json.loads(committed)).is_valid({"workloads": {"web": {}}})


@pytest.mark.parametrize(
    ("arguments", "code", "shown"),
    [
        (("check", "rules.yaml"), 0, "1 file: 0 errors"),
        (("simulate", "rules.yaml", "--log", "0"), 0, "web / news"),
        (("simulate", "rules.yaml", "--assert", "peak_units < 2"), 1, "web / news"),
        (("explain", "rules.yaml", "--at", "Mon 08:55"), 0, "web (ecs_service)"),
        (("cost", "rules.yaml"), 0, "give `cpu` and `memory`, or `unit_price`"),
        (("sweep", "rules.yaml"), 0, "rules"),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else None,
)
def test_every_command_on_rules_takes_the_file(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    code: int,
    shown: str,
) -> None:
    (tmp_path / "rules.yaml").write_text(TEXT)
    monkeypatch.chdir(tmp_path)
    assert run(arguments) == code
    assert shown in capsys.readouterr().out


def test_tune_writes_the_rules_as_the_file_does(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text(TEXT.replace("maximum: 10", "maximum: 10  # the quota"))
    assert run(["tune", str(path), "--trials", "40", "--format", "yaml"]) == 0
    assert "# the quota" in capsys.readouterr().out
