"""`accordion fit`: what a recording tells of a unit and of the scaling service, as settings."""

from __future__ import annotations

from pathlib import Path

import click

from elasticity.recordings.recording import read_recording
from operations import options, terminal
from operations.failures import CannotRun
from operations.files import write_atomically
from operations.recordings.fit_report import FORMATS, rules_file
from stacks.settings import SettingsError, parse


@click.command()
@click.argument("file", metavar="RECORDING", type=options.FILE)
@click.option("--output", type=options.FILE, help="Write the recorded rules with what was found as a rules file.")
@options.form(tuple(FORMATS))
@options.picture
def command(file: Path, output: Path | None, form: str, picture: Path | None) -> None:
    """Find what one unit can do and how the scaling service acts, from a recording.

    Capacity, idle cpu, service time and start-up of a unit; delay, age of the datapoint, low factor and the share that
    a scale-in may take: each with an interval, and with the reason where the recording cannot tell it.
    """
    from elasticity.recordings.fit import fit

    recording = read_recording(file)
    found = fit(recording)
    if not found.estimates:
        reasons = "\n".join(f"{name}: {reason}" for name, reason in found.refusals)
        raise CannotRun(f"{file}: this recording tells none of the numbers\n{reasons}")
    if output is not None:
        write_atomically(output, _settings(recording.workload, rules_file(recording, found)).encode())
    options.print_answer(FORMATS[form](recording, found), form)
    if output is not None:
        terminal.say(f"wrote {output}")
    if picture is not None:
        from operations.charts import write_in_themes
        from operations.recordings import fit_chart

        for path in write_in_themes(picture, lambda theme, kind: fit_chart.draw(recording, found, theme, kind)):
            terminal.say(f"wrote {path}")


def _settings(workload: str, text: str) -> str:
    """A rules file that was made, where every other command takes it."""
    try:
        parse("rules.yaml", text)
    except SettingsError as error:
        lines = "\n".join(str(fault) for fault in error.faults)
        raise CannotRun(f"{workload}: the recorded rules are no valid rules file:\n{lines}") from None
    return text
