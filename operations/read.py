"""`accordion read`: rules that exist elsewhere as a rules file, and what of them could not be translated."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import click
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from elasticity.input_files import InputFileError, read_text
from operations import options, terminal
from operations.failures import CannotRun
from operations.files import write_atomically
from operations.imports import Found, aws, copilot, kubernetes
from stacks.settings import SettingsError, parse
from stacks.yaml_reader import LARGEST_FILE, read_yaml

SOURCES: Mapping[str, ModuleType] = {
    "saved answers of AWS (describe-scalable-targets, describe-auto-scaling-groups, ...)": aws,
    "a Copilot manifest": copilot,
    "a HorizontalPodAutoscaler": kubernetes,
}


def found_in(paths: Sequence[Path]) -> list[Found]:
    """What the files describe; raises CannotRun for one that cannot be read or is of no known source."""
    answers: dict[str, Any] = {}
    found: list[Found] = []
    for path in paths:
        document = _document(path)
        source = next((module for module in SOURCES.values() if module.is_source(document)), None)
        if source is None:
            raise CannotRun(f"{path}: of no known source: expected {', or '.join(SOURCES)}")
        if source is aws:
            for key, rows in document.items():
                if isinstance(rows, list):
                    answers.setdefault(str(key), []).extend(rows)
        else:
            found += source.found(document)
    return [*found, *(aws.found(answers) if answers else [])]


def _document(path: Path) -> Any:
    try:
        document, _ = read_yaml(read_text(path, most=LARGEST_FILE))
    except FileNotFoundError:
        raise CannotRun(f"{path}: there is no such file") from None
    except InputFileError as error:
        raise CannotRun(f"{path}: {error}") from None
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{path}:{mark.line + 1}" if mark is not None else str(path)
        raise CannotRun(f"{place}: neither YAML nor JSON that is read here") from None
    return _plain(document)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list) else value


def rules_file(found: Sequence[Found], unit: Mapping[str, str]) -> str:
    """The rules file of what was found, with what was left out as comments; raises CannotRun where nothing is left."""
    kept = [one for one in found if "elasticity" in one.settings]
    if not kept:
        raise CannotRun("nothing that scales was found; " + "; ".join(_left_out(found)))
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
    head = ["# Written by accordion read.", *(f"# Not translated: {line}" for line in _left_out(found))]
    if "capacity" not in unit:
        head.append("# Missing: elasticity.unit.capacity, what one unit serves, such as 50/s: nothing records it.")
    return "\n".join(head) + "\n" + text.getvalue()


def _left_out(found: Sequence[Found]) -> list[str]:
    return [" ".join(f"{one.name}: {line}".split()) for one in found for line in one.left_out]


@click.command()
@click.argument("files", nargs=-1, required=True, type=options.FILE)
@click.option("--capacity", help="What one unit serves: 50/s.")
@click.option("--start-up", help="From the decision until a new unit serves: 60s.")
@click.option("--output", type=options.FILE, help="Write the rules file here.")
def command(files: tuple[Path, ...], capacity: str | None, start_up: str | None, output: Path | None) -> None:
    """Turn rules that exist elsewhere into a rules file: saved answers of AWS, a Copilot manifest, a
    HorizontalPodAutoscaler. What could not be translated stands in the file as comments, and on standard error.
    """
    found = found_in(files)
    unit = {key: value for key, value in (("capacity", capacity), ("start_up", start_up)) if value is not None}
    text = rules_file(found, unit)
    for line in _left_out(found):
        terminal.say(f"not translated: {line}")
    try:
        parse(output.name if output is not None else "rules.yaml", text)
    except SettingsError as error:
        lines = "\n".join(str(fault) for fault in error.faults)
        raise CannotRun(f"what was read is no valid rules file:\n{lines}") from None
    if output is None:
        click.echo(text, nl=False)
    else:
        write_atomically(output, text.encode())
