"""`accordion up`: the dev environment on a cloud on this machine, and what a person wants to know of it then."""

import json
from collections.abc import Iterator
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from elasticity.rules import Elasticity
from operations.local import cloud_here
from stacks.settings import Settings, load

NEXT_STEPS = """\
Look around next:
  accordion local stack                  what was deployed
  accordion local preview --diff         after a change in Pulumi.{stack}.yaml: what would change
  accordion local env                    variables for aws, boto3 and plain pulumi on this cloud
  accordion local destroy                take it down again
"""


def rows_of(value: object, path: str = "") -> Iterator[tuple[str, str]]:
    """Path and text of each plain value in an output: `services.web.cluster`, `web-cluster-1`."""
    if isinstance(value, dict):
        for name in sorted(value):
            yield from rows_of(value[name], f"{path}.{name}" if path else str(name))
    else:
        yield path, value if isinstance(value, str) else json.dumps(value)


def outputs_table(outputs: dict[str, object]) -> Table:
    """Stack outputs, one plain value per row; a secret one is what the engine made of it, `[secret]`."""
    table = Table(title="Outputs", title_justify="left", box=None)
    table.add_column("output", no_wrap=True)
    table.add_column("value", overflow="fold")
    for path, text in rows_of(outputs):
        table.add_row(path, Text(text))  # as text: `[secret]` would be taken for mark-up
    return table


def rules_of(elasticity: Elasticity) -> str:
    """The rules in few words: `cpu 55, requests 800; office 0 8 * * MON-FRI`."""
    said = [f"{name}: {rule.metric} {rule.target}" for name, rule in elasticity.target_tracking.items()]
    said += [f"{name}: {rule.metric} from {rule.threshold}" for name, rule in elasticity.step_scaling.items()]
    said += [f"{name}: {rule.cron or rule.rate or rule.at}" for name, rule in elasticity.scheduled.items()]
    said += [f"{name}: {rule.metric} {rule.target}, {rule.mode}" for name, rule in elasticity.predictive.items()]
    return "\n".join(said) or "none"


def elasticity_table(settings: Settings) -> Table:
    """Bounds and rules of everything that scales, one service or group per row."""
    table = Table("", "minimum", "maximum", "rules", title="Elasticity", title_justify="left", box=None)
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
    code = cloud.run(["up", "--yes", "--skip-preview", "--stack", stack], Path.cwd())
    if code:
        return code
    console = Console()
    console.print()
    console.print(outputs_table(cloud.outputs(stack)))
    console.print()
    file = cloud.project.stack_file(stack)
    if file.exists():
        console.print(elasticity_table(load(file)))
        console.print()
    console.print(NEXT_STEPS.format(stack=stack), end="", highlight=False, soft_wrap=True)
    return 0
