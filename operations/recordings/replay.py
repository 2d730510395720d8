"""`accordion replay`: a recorded load once more on the recorded rules, recorded beside simulated."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from elasticity.recordings.recording import read_recording
from operations import options, terminal
from operations.failures import BROKEN, DONE
from operations.recordings.known import given, known_of
from operations.recordings.replay_report import FORMATS


@click.command()
@click.argument("file", metavar="RECORDING", type=options.FILE)
@given
@click.option(
    "--limit", type=click.FloatRange(min=0), help="Percent of error above which the exit code is 1.  [default: none]"
)
@options.form(tuple(FORMATS))
@options.picture
def command(
    file: Path,
    settings: Path | None,
    service: str | None,
    parameters: tuple[str, ...],
    limit: float | None,
    form: str,
    picture: Path | None,
    **unit: Any,
) -> int:
    """Run a recorded load on the recorded rules, and lay what was recorded over what is simulated.

    The answer: by how many unit-minutes both differ, what differs first, and why. What one unit can do is taken from
    --settings or the other options, since no recording says it; `accordion fit` finds it.

    Exit codes: 0 done, 1 the error is above --limit, 2 it could not be run.
    """
    from elasticity.recordings.replay import replay

    recording = read_recording(file)
    known = known_of(recording, settings, service, unit, parameters)
    found = replay(recording, known.unit, known.parameters)
    options.print_answer(FORMATS[form](found), form)
    for line in recording.untranslated:
        terminal.say(f"not simulated: {line}")
    if picture is not None:
        from operations.charts import write_in_themes
        from operations.recordings import replay_chart

        for path in write_in_themes(picture, lambda theme, kind: replay_chart.draw(found, theme, kind)):
            terminal.say(f"wrote {path}")
    return BROKEN if limit is not None and 100 * found.error > limit else DONE
