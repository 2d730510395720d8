"""`accordion up`: the dev environment on a cloud on this machine, and what a person wants to know of it then."""

import json
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from elasticity.quantities import Duration
from elasticity.rules import Elasticity, Scheduled
from localcloud.cloud.project import DEFAULT_STACK
from operations.local import cloud_here
from stacks.compositions import Settings
from stacks.settings import load
from stacks.workloads import scaled

WIDE = 400
"""Columns of the tables: a terminal folds a long address, which can then still be copied whole."""

NEXT_STEPS = (
    ("local stack{stack}", "what was deployed"),
    ("local preview --diff{stack}", "what an edited stack file changes"),
    ("local env", "variables for aws, boto3, pulumi"),
    ("simulate --stack {name}", "what the rules do under load"),
    ("local destroy{stack}", "take it down again"),
)
"""What a person may want to type now, and what it shows."""
A_MODEL = """\
This cloud is a model of AWS: it keeps and checks what is declared. No container
or instance runs, so the addresses above lead nowhere."""


def next_steps(stack: str, command: str) -> str:
    """The commands to type next, as they can be typed here, each within 80 columns."""
    named = "" if stack == DEFAULT_STACK else f" --stack {stack}"
    typed = [(f"{command} {line.format(stack=named, name=stack)}", what) for line, what in NEXT_STEPS]
    width = max(len(line) for line, _ in typed)
    listed = "\n".join(f"  {line:{width}}  {what}" for line, what in typed)
    return f"{A_MODEL}\n\nLook around next:\n{listed}"


def command_here() -> str:
    """How `accordion` is typed here: by its name where that is on PATH, else by the way to it."""
    found = Path(sys.argv[0])
    if shutil.which("accordion") or found.name != "accordion":
        return "accordion"
    here = Path.cwd()
    return str(found.relative_to(here) if found.is_absolute() and found.is_relative_to(here) else found)


def outputs_table(outputs: Mapping[str, object]) -> Table:
    """Stack outputs, one value per row, nested ones by their path; a secret one is the engine's `[secret]`."""
    table = Table("output", "value", title="Outputs", title_justify="left", box=None, show_edge=False)
    for name, value in _leaves(outputs):
        # As text: `[secret]` would be taken for mark-up.
        table.add_row(Text(name), Text(value, overflow="fold"))
    return table


def _leaves(value: object, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, inner in sorted(value.items()):
            yield from _leaves(inner, f"{path}.{name}" if path else str(name))
    else:
        yield path, value if isinstance(value, str) else json.dumps(value)


def rules_of(elasticity: Elasticity) -> str:
    """The rules, one per line: `cpu: keeps cpu near 55`."""
    said = [
        f"{name}: keeps {rule.metric} near {_amount(rule.target)}" for name, rule in elasticity.target_tracking.items()
    ]
    said += [
        f"{name}: steps on {rule.metric} from {_amount(rule.threshold)}"
        for name, rule in elasticity.step_scaling.items()
    ]
    said += [
        f"{name}: {_bounds(rule)} at {rule.cron or rule.rate or rule.at}, {rule.time_zone}"
        for name, rule in elasticity.scheduled.items()
    ]
    said += [
        f"{name}: forecasts {rule.metric} near {_amount(rule.target)}, {rule.mode}"
        for name, rule in elasticity.predictive.items()
    ]
    return "\n".join(said) or "none"


def _amount(value: float) -> str:
    return str(value) if isinstance(value, Duration) else f"{value:g}"


def _bounds(rule: Scheduled) -> str:
    said = {"minimum": rule.minimum, "maximum": rule.maximum, "desired": rule.desired}
    return ", ".join(f"{name} {count}" for name, count in said.items() if count is not None)


def elasticity_table(settings: Settings) -> Table:
    """Bounds and rules of everything that scales, one service or group per row."""
    table = Table(
        "", "minimum", "maximum", "rules", title="Elasticity", title_justify="left", box=None, show_edge=False
    )
    for name, workload in scaled(settings).items():
        rules = workload.rules
        table.add_row(name, str(rules.minimum), str(rules.maximum), rules_of(rules))
    return table


@click.command()
@click.option("--stack", default="dev", show_default=True, help="Name of the stack.")
def command(stack: str) -> int:
    """Deploy a stack on a cloud on this machine; a second time, only what has changed."""
    cloud = cloud_here()
    code = cloud.run(["up", "--yes", "--skip-preview", "--suppress-outputs", "--stack", stack], Path.cwd())
    if code:
        return code
    tables = [outputs_table(cloud.outputs(stack))]
    file = cloud.project.stack_file(stack)
    if file.exists():
        tables.append(elasticity_table(load(file)))
    for table in tables:
        click.echo(f"\n{rendered(table)}")
    click.echo(f"\n{next_steps(stack, command_here())}")
    return 0


def rendered(table: Table) -> str:
    """The table without the spaces that fill its last column: a narrow terminal would fold them to empty lines."""
    console = Console(width=WIDE)
    with console.capture() as captured:
        console.print(table)
    return "\n".join(line.rstrip() for line in captured.get().splitlines())
