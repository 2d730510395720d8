"""`accordion up`: the dev environment on a cloud on this machine, and what a person wants to know of it then."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from elasticity.quantities import Duration
from elasticity.rules import Elasticity, Scheduled
from operations.local import cloud_here
from stacks.settings import Settings, load

WIDE = 400
"""Columns of the tables: a terminal folds a long address, which can then still be copied whole."""

NEXT_STEPS = """\
Look around next:
  accordion local stack             what was deployed
  accordion local preview --diff    what would change, after an edit of Pulumi.{stack}.yaml
  accordion local env               variables for aws, boto3 and plain pulumi on this cloud
  accordion simulate --stack {stack}    what the rules do under load
  accordion local destroy           take it down again
(the command is in .venv/bin; `accordion --help` lists the others)
"""


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
    scaled = {name: service.elasticity for name, service in settings.services.items()}
    scaled |= {name: group.elasticity for name, group in settings.groups.items()}
    for name, rules in scaled.items():
        if rules is not None:
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
    console = Console(width=WIDE)
    console.print()
    console.print(outputs_table(cloud.outputs(stack)))
    console.print()
    file = cloud.project.stack_file(stack)
    if file.exists():
        console.print(elasticity_table(load(file)))
        console.print()
    console.print(NEXT_STEPS.format(stack=stack), end="", highlight=False, soft_wrap=True)
    return 0
