"""`accordion check`: what is wrong with the elasticity of stack files, on the typed settings alone: no engine, no
cloud."""

from __future__ import annotations

import dataclasses
import datetime
import fnmatch
import importlib.metadata
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import click

from elasticity.checks import judge, judge_fixed
from elasticity.faults import SEVERITIES, Fault
from elasticity.input_files import InputFileError, read_text
from operations.failures import BROKEN, DONE, CannotRun
from operations.files import write_atomically
from operations.options import file_of, print_answer
from operations.sarif import sarif
from stacks import configuration
from stacks.private_service.settings import PrivateServiceSettings
from stacks.settings import validate
from stacks.stack_file import SettingsError, StackFile
from stacks.workloads import Workload, workloads_of
from stacks.yaml_reader import LARGEST_FILE

PATTERN = "Pulumi.*.yaml"
JSON_VERSION = 1


def reports_on(path: Path, on: datetime.date) -> list[Fault]:
    """Every finding and fault of one stack file, accepted ones included, by line; raises
    FileNotFoundError and InputFileError where it cannot be read."""
    name, text = str(path), read_text(path, maximum=LARGEST_FILE)
    try:
        file = StackFile.parse(name, text)
        settings = validate(file)
        keys = configuration.keys_beside(path)
    except SettingsError as error:
        return [dataclasses.replace(fault, file=fault.file or name) for fault in error.faults]
    reports = [one for workload in workloads_of(settings).values() for one in _found(workload, name, file, on)]
    reports += configuration.judge(settings.configured, keys, file)
    if isinstance(settings, PrivateServiceSettings):
        reports += configuration.judge_secrets(settings.secret_names, file)
    return sorted(reports, key=lambda report: (report.line or 0, report.key, report.code or ""))


def _found(workload: Workload, name: str, file: StackFile, on: datetime.date) -> Iterator[Fault]:
    """What the linter finds, then what the program would refuse beyond the errors among it."""
    if workload.elasticity is None:
        findings = judge_fixed(workload.rules.minimum, workload.lint_context())
    else:
        findings = judge(workload.rules, workload.lint_context(), on=on)
    for found in findings:
        yield _placed(found, workload, name, file)
    known = [found.path for found in findings if found.severity == "error" and found.accepted is None]
    for refusal in workload.refusals():
        path = refusal.path
        if not any(path[: len(other)] == other or other[: len(path)] == path for other in known):
            yield _placed(refusal, workload, name, file)


def _placed(fault: Fault, workload: Workload, name: str, file: StackFile) -> Fault:
    """The fault where its rule is written."""
    place = workload.written(fault.path)
    return dataclasses.replace(fault, path=place, file=name, line=file.line(place))


def counts(reports: Sequence[Fault]) -> dict[str, int]:
    """Errors, warnings and notes that are not accepted, and how many are."""
    by_severity = Counter(report.severity for report in reports if report.accepted is None)
    accepted = sum(report.accepted is not None for report in reports)
    return {f"{severity}s": by_severity[severity] for severity in SEVERITIES} | {"accepted": accepted}


def _as_text(reports: Sequence[Fault], files: Sequence[Path]) -> str:
    lines = [_line(report) for report in reports if report.accepted is None]
    return "\n".join([*lines, _summary(reports, files)]) + "\n"


def _line(report: Fault) -> str:
    where = " ".join(part for part in (report.place, report.key) if part)
    what = " ".join(part for part in (report.code, report.severity) if part)
    return f"{where}: {what}: {report.text}"


def _summary(reports: Sequence[Fault], files: Sequence[Path]) -> str:
    number = counts(reports)
    parts = [_counted(number[f"{severity}s"], severity) for severity in SEVERITIES]
    what = "file" if any(not fnmatch.fnmatch(file.name, PATTERN) for file in files) else "stack file"
    return f"{_counted(len(files), what)}: {', '.join(parts)}, {number['accepted']} accepted"


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _as_json(reports: Sequence[Fault], files: Sequence[Path]) -> str:
    content = {
        "version": JSON_VERSION,
        "files": [str(file) for file in files],
        "findings": [_as_map(report) for report in reports],
        "counts": counts(reports),
    }
    return json.dumps(content, indent=2) + "\n"


def _as_map(report: Fault) -> dict[str, object]:
    keys = ("file", "line", "key", "code", "severity", "message", "cure", "accepted")
    return {"path" if key == "key" else key: getattr(report, key) for key in keys}


def _as_sarif(reports: Sequence[Fault], files: Sequence[Path]) -> str:
    del files  # a result names its own
    return json.dumps(sarif(reports, importlib.metadata.version("accordion")), indent=2) + "\n"


FORMATS: Mapping[str, Callable[[Sequence[Fault], Sequence[Path]], str]] = MappingProxyType(
    {"text": _as_text, "json": _as_json, "sarif": _as_sarif}
)


def _all_reports(files: Sequence[Path], on: datetime.date) -> list[Fault]:
    reports: list[Fault] = []
    problems: list[str] = []
    for file in files:
        try:
            reports += reports_on(file, on)
        except (FileNotFoundError, InputFileError) as error:
            problems.append(f"{file}: {_problem(file, error)}")
    if problems:
        raise CannotRun("\n".join(problems))
    return reports


def _problem(file: Path, error: FileNotFoundError | InputFileError) -> str:
    if isinstance(error, FileNotFoundError):
        there = sorted(other.name for other in file.parent.glob(PATTERN))
        known = f"; here are {', '.join(there)}" if there else ""
        return f"there is no such file{known}"
    return str(error)


def _files_here() -> Iterator[Path]:
    found = sorted(Path().glob(PATTERN))
    if not found:
        raise CannotRun(f"no {PATTERN} here: name stack files, or go to the folder of Pulumi.yaml")
    yield from found


@click.command()
@click.argument("stack_files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--stack", "stacks", multiple=True, help="Name of a stack, whose file lies here; may be repeated.")
@click.option(
    "--format", "form", type=click.Choice(list(FORMATS)), default="text", show_default=True, help="Of the report."
)
@click.option("--output", type=click.Path(path_type=Path), help="Write the report to a file; the text stays on screen.")
@click.option("--strict", is_flag=True, help="Warnings fail too.")
@click.option(
    "--on",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Schedules are looked at for a year from this day.  [default: today]",
)
def command(
    stack_files: tuple[Path, ...],
    stacks: tuple[str, ...],
    form: str,
    output: Path | None,
    *,
    strict: bool,
    on: datetime.datetime | None,
) -> int:
    """Find mistakes in the elasticity rules of stack files and rules files: all Pulumi.*.yaml here, or those named.

    Exit code 0: no errors. 1: errors, or warnings with --strict. 2: could not check.
    """
    files = list(dict.fromkeys((*stack_files, *(file_of(None, stack) for stack in stacks)))) or list(_files_here())
    day = (on or datetime.datetime.now(datetime.UTC)).date()
    reports = _all_reports(files, day)
    content = FORMATS[form](reports, files)
    if output is not None:
        write_atomically(output, content)
        content = _as_text(reports, files)
    print_answer(content, form)
    found = counts(reports)
    return BROKEN if found["errors"] or (strict and found["warnings"]) else DONE
