"""`accordion read`: rules that exist elsewhere as a rules file, and what of them could not be translated."""

from __future__ import annotations

import datetime
import io
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import click
from ruamel.yaml import YAML

from operations import options, terminal
from operations.failures import CannotRun
from operations.files import write_atomically
from operations.imports import Found, aws, cloudformation, copilot, kubernetes, running, terraform
from operations.imports.documents import documents_of
from operations.live.calls import policy
from operations.live.source import answers_of
from stacks.settings import SettingsError, parse

SOURCES: Mapping[str, ModuleType] = {
    "saved answers of AWS (describe-scalable-targets, describe-auto-scaling-groups, ...)": aws,
    "a Copilot manifest": copilot,
    "a HorizontalPodAutoscaler": kubernetes,
    "a plan or state of Terraform as JSON": terraform,
    "a template of CloudFormation or the CDK": cloudformation,
}


def found_in(
    paths: Sequence[Path], parameters: Mapping[str, str] | None = None, environment: str | None = None
) -> list[Found]:
    """What the files describe; `parameters`: of templates, over their defaults; `environment`: of Copilot's manifests.

    Raises CannotRun for a file that cannot be read or is of no known source.
    """
    answers: dict[str, Any] = {}
    found: list[Found] = []
    templates = manifests = 0
    for path in paths:
        objects: list[Any] = []
        for document in documents_of(path):
            source = next((module for module in SOURCES.values() if module.is_source(document)), None)
            if source is None:
                raise CannotRun(f"{path}: of no known source: expected {', '.join(SOURCES)}")
            if source is aws:
                for key, rows in document.items():
                    if isinstance(rows, list):
                        answers.setdefault(str(key), []).extend(rows)
            elif source is cloudformation:
                templates += 1
                found += cloudformation.found(document, parameters)
            elif source is copilot:
                manifests += 1
                found += copilot.found(document, environment)
            else:
                objects += [document] if source is kubernetes else []
                found += source.found(document)
        kubernetes.refuse_without(objects, str(path))
    if parameters and not templates:
        raise CannotRun("--parameter is of templates of CloudFormation, and none is among the files")
    if environment is not None and not manifests:
        raise CannotRun("--environment is of Copilot's manifests, and none is among the files")
    return [*found, *(aws.found(answers) if answers else [])]


def _running(region: str | None, only: Sequence[str], save: Path | None, local: bool) -> list[Found]:
    """What runs in an account; what AWS said is kept in `save`."""
    account = running.Account(answers_of(region, local=local), only)
    answers = account.answers()
    if save is not None:
        write_atomically(save, json.dumps(answers, indent=1, default=_time).encode())
    missing = Found("AWS", {}, account.missing)
    return [*aws.found(answers), *([missing] if account.missing else [])]


def _time(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime.datetime) else str(value)


def _named(parameters: Sequence[str]) -> dict[str, str]:
    pairs = [one.partition("=") for one in parameters]
    if wrong := [name for name, equals, _ in pairs if not equals]:
        raise click.BadParameter(f"{wrong[0]}: expected NAME=VALUE", param_hint="--parameter")
    return {name: value for name, _, value in pairs}


def rules_file(found: Sequence[Found], unit: Mapping[str, str]) -> str:
    """The rules file of what was found, with what was left out as comments; raises CannotRun where nothing is left."""
    kept = [one for one in found if "elasticity" in one.settings]
    if not kept:
        raise CannotRun("; ".join(["nothing that scales was found", *_left_out(found)]))
    workloads: dict[str, Any] = {}
    for one in kept:
        name, number = one.name, 2
        while name in workloads:
            name, number = f"{one.name}-{number}", number + 1
        if unit:
            one.settings["elasticity"]["unit"] = dict(unit)
        workloads[name] = one.settings
    text = io.StringIO()
    writer = YAML()
    writer.width = 120
    writer.dump({"workloads": workloads}, text)
    head = ["# Written by accordion read.", *(f"# {line}" for line in _notes(found))]
    head += [f"# Not translated: {line}" for line in _left_out(found)]
    if "capacity" not in unit:
        head.append("# Missing: elasticity.unit.capacity, what one unit serves, such as 50/s: nothing records it.")
    return "\n".join(head) + "\n" + text.getvalue()


def _left_out(found: Sequence[Found]) -> list[str]:
    return [" ".join(f"{one.name}: {line}".split()) for one in found for line in one.left_out]


def _notes(found: Sequence[Found]) -> list[str]:
    return [" ".join(f"{one.name}: {line}".split()) for one in found for line in one.notes]


@click.command()
@click.argument("files", nargs=-1, type=options.FILE)
@click.option("--live", is_flag=True, help="Ask AWS, read-only: every ECS service and Auto Scaling group that scales.")
@click.option("--region", help="Where --live asks.  [default: that of the environment]")
@click.option("--local", is_flag=True, help="With --live: the cloud on this machine.")
@click.option("--only", multiple=True, metavar="NAME", help="With --live: this service or group; may be repeated.")
@click.option("--save", type=options.FILE, help="With --live: keep what AWS said, for `accordion read FILE`.")
@click.option("--policy", "print_policy", is_flag=True, help="Print the IAM policy that --live needs.")
@click.option("--capacity", help="What one unit serves: 50/s.")
@click.option("--start-up", help="From the decision until a new unit serves: 60s.")
@click.option("--parameter", "parameters", multiple=True, metavar="NAME=VALUE", help="Of a CloudFormation template.")
@click.option("--environment", metavar="NAME", help="Of a Copilot manifest: as this one of its environments has it.")
@click.option("--output", type=options.FILE, help="Write the rules file here.")
def command(
    files: tuple[Path, ...],
    region: str | None,
    only: tuple[str, ...],
    save: Path | None,
    capacity: str | None,
    start_up: str | None,
    parameters: tuple[str, ...],
    environment: str | None,
    output: Path | None,
    *,
    live: bool,
    local: bool,
    print_policy: bool,
) -> None:
    """Turn rules that exist elsewhere into a rules file: a plan or state of Terraform as JSON, a template of
    CloudFormation or the CDK, saved answers of AWS, a Copilot manifest, a HorizontalPodAutoscaler, or what runs in an
    account (--live). What could not be translated stands in the file as comments, and on standard error.
    """
    if print_policy:
        click.echo(json.dumps(policy(running.CALLS, "AccordionRead"), indent=2))
        return
    asked = {"--region": region, "--local": local, "--only": only, "--save": save}
    if not live and (alone := [name for name, value in asked.items() if value]):
        raise click.UsageError(f"{' and '.join(alone)} needs --live")
    if live == bool(files):
        raise click.UsageError("name files to read, or give --live")
    found = _running(region, only, save, local) if live else found_in(files, _named(parameters), environment)
    unit = {key: value for key, value in (("capacity", capacity), ("start_up", start_up)) if value is not None}
    text = rules_file(found, unit)
    if output is not None or not sys.stdout.isatty():  # a terminal shows them in the file itself
        for line in _left_out(found):
            terminal.say(f"not translated: {line}")
    try:
        parse(output.name if output is not None else "rules.yaml", text)
    except SettingsError as error:
        lines = "\n".join(str(fault) for fault in error.faults)
        raise CannotRun(f"what was read is no valid rules file:\n{lines}") from None
    if output is None:
        options.print_answer(text)
    else:
        write_atomically(output, text)
