"""A series on an even grid: the step between its values, jitter, gaps, and what a value counts."""

from __future__ import annotations

import dataclasses
import datetime

import numpy as np

from elasticity.trace_files.faults import MOST_ROWS, Faults, shown
from elasticity.trace_files.meaning import SECONDS, Per
from elasticity.trace_files.recording import Asked, Recording
from elasticity.traces import MOST_POINTS, Load, Reals, TraceError

_JITTER = 0.05
"""Share of a step by which a time may lie beside it; a second at the least, from steps of 5 s up."""
_EVEN = (1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1_200, 1_800, 3_600, 7_200, 21_600, 43_200, 86_400)
"""Steps that recorders use, in seconds: what times with jitter are taken for."""
_UNSAID = "add --per"
"""Stands in what is refused only because nobody says per what it is."""
_COUNTER_POINTS = 10
_ONES = 5


def load_from(recording: Recording, asked: Asked, path: str, form: str, name: str) -> Load:
    """The load of a series; raises TraceError with the lines of what keeps it from being one."""
    faults = Faults(path)
    if len(recording.seconds) == 0:
        raise TraceError(f"{path}:1: there are no rows below the header, expected a time and a value in each")
    per = _per(recording, asked, path)
    recording, turned = _in_order(recording)
    seconds = _whole(recording, faults)
    step, places, moved = _places(recording, seconds, faults)
    _no_counter(recording, asked, path)
    columns = list(recording.columns)
    grid = np.full((len(columns) + 1, int(places[-1]) + 1), np.nan)
    grid[0, places] = recording.values
    for row, column in enumerate(columns, 1):
        grid[row, places] = recording.columns[column]
    values, filled, how = _filled(path, recording.line(0), grid[0], per, asked)
    words = [*recording.words]
    if turned:
        words.append("rows were newest first")
    if moved:
        words.append(f"{moved} times lay beside the step and were moved to it")
    divisor = step if per == "step" else SECONDS[per]
    return Load(
        values=values / divisor,
        step=step,
        start=datetime.datetime.fromtimestamp(int(seconds[0]), datetime.UTC),
        interpolation=asked.interpolation,
        columns={column: grid[row] for row, column in enumerate(columns, 1)},
        name=name,
        filled=filled,
        filled_with=how,
        origin="; ".join(
            [f"read as {form}: {shown(recording.name)}, {_counted(per)}, one each {step} s", _gaps(filled, how), *words]
        ),
    )


def _counted(per: Per) -> str:
    return "requests in each step" if per == "step" else f"requests per {per}"


def _gaps(filled: int, how: str) -> str:
    return f"{filled} missing, {how}" if filled else "none missing"


def _per(recording: Recording, asked: Asked, path: str) -> Per:
    """What a value counts: what somebody says, else what the file says, else requests within a step."""
    unsaid = _UNSAID in recording.refused
    if recording.refused and not (asked.per is not None if unsaid else asked.insists):
        cure = "" if unsaid else "; if it is a load all the same, give both --value-column and --per"
        raise TraceError(f"{path}:1: {shown(recording.name)} {recording.refused}{cure}")
    if recording.per == "request":
        return "step"
    per = asked.per or recording.per or "step"
    return "step" if per == "request" else per


def _in_order(recording: Recording) -> tuple[Recording, bool]:
    """Oldest first; some exports begin with the newest row."""
    if len(recording.seconds) < 2 or not np.all(np.diff(recording.seconds) < 0):
        return recording, False
    lines = None if recording.lines is None else list(recording.lines)[::-1]
    columns = {name: values[::-1] for name, values in recording.columns.items()}
    turned = dataclasses.replace(
        recording, seconds=recording.seconds[::-1], values=recording.values[::-1], lines=lines, columns=columns
    )
    return turned, True


def _whole(recording: Recording, faults: Faults) -> Reals:
    """Times that increase from row to row."""
    seconds = recording.seconds
    for place in np.flatnonzero(np.diff(seconds) <= 0).tolist():
        kind = "repeats" if seconds[place + 1] == seconds[place] else "lies before"
        faults.add(recording.line(place + 1), f"the time {kind} that of the row above, expected increasing times")
    faults.refuse()
    return seconds


def _places(
    recording: Recording, seconds: Reals, faults: Faults
) -> tuple[int, np.ndarray[tuple[int], np.dtype[np.int64]], int]:
    """The step, the place of each time on the grid, and how many times had to be moved onto it."""
    if len(seconds) < 2 and recording.period is None:
        faults.add(recording.line(0), "there is only one row: the step between rows is unknown")
        faults.refuse()
    distances = np.diff(seconds)
    step = int(recording.period or round(float(distances.min())))
    whole = np.all(seconds == np.floor(seconds))
    even = len(distances) > 0 and distances.min() == distances.max() == step
    if not whole or step < 1 or not (even or np.all(distances % step == 0)):
        moved = _moved(seconds, distances, recording.period)
        if moved is not None:
            return moved
        if not whole:
            for place in np.flatnonzero(seconds != np.floor(seconds)).tolist():
                faults.add(
                    recording.line(place),
                    "the time has fractions of a second and lies on no even step; if each row is one request, "
                    "add --per request",
                )
            faults.refuse()
        for place in np.flatnonzero(distances % step != 0).tolist():
            faults.add(
                recording.line(place + 1),
                f"the time is {distances[place]:.0f} s after the row above, "
                f"expected a multiple of the step of {step} s",
            )
    if (seconds[-1] - seconds[0]) / max(1, step) > min(10 * MOST_ROWS, MOST_POINTS):
        faults.add(recording.line(len(seconds) - 1), f"the times span too many steps of {step} s")
    faults.refuse()
    if even:
        return step, np.arange(len(seconds)), 0
    return step, ((seconds - seconds[0]) // step).astype(np.int64), 0


def _moved(
    seconds: Reals, distances: Reals, period: int | None
) -> tuple[int, np.ndarray[tuple[int], np.dtype[np.int64]], int] | None:
    """Times with jitter on the nearest even step; None where they lie on none."""
    usual = float(np.median(distances)) if len(distances) else float(period or 1)
    step = period or min(_EVEN, key=lambda even: abs(even - usual) / even)
    allowed = max(1.0 if step >= 5 else 0.0, step * _JITTER)
    if abs(step - usual) > allowed:
        return None
    offset = float(np.median((seconds - seconds[0] + step / 2) % step - step / 2))
    places = np.rint((seconds - seconds[0] - offset) / step).astype(np.int64)
    beside = seconds - seconds[0] - offset - places * step
    if np.any(np.abs(beside) > allowed) or np.any(np.diff(places) < 1):
        return None
    return step, places - places[0], int(np.count_nonzero(beside))


def _no_counter(recording: Recording, asked: Asked, path: str) -> None:
    """Refuse what only grows since a process started, and the average of ones."""
    if asked.per is not None or recording.per is not None:
        return
    known = recording.values[np.isfinite(recording.values)]
    lower = recording.name.lower()
    changes = np.diff(known)
    grows = len(known) >= _COUNTER_POINTS and np.all(changes >= 0) and np.count_nonzero(changes) > len(changes) / 2
    if grows and any(part in lower for part in ("total", "cumulative", "_count")):
        raise TraceError(
            f"{path}:{recording.line(0)}: {shown(recording.name)} only grows, as a counter since its start does: "
            "export its increase in each step or its rate; if it is a load all the same, add --per step"
        )
    if len(known) >= _ONES and np.all(known == 1) and "requestcount" in lower.replace("_", "").replace(" ", ""):
        raise TraceError(
            f"{path}:{recording.line(0)}: {shown(recording.name)} is 1 all the time, as the Average of RequestCount "
            "is: ask for its Sum; if it is a load all the same, add --per step"
        )


def _filled(path: str, line: int, values: Reals, per: Per, asked: Asked) -> tuple[Reals, int, str]:
    """Values without gaps, how many were missing, and what stands for them.

    A sum is not reported where nothing happened; a rate holds.
    """
    missing = np.isnan(values)
    count = int(missing.sum())
    if count == 0:
        return values, 0, ""
    if missing.all():
        raise TraceError(f"{path}:{line}: no row has a value")
    known = np.flatnonzero(~missing)
    if asked.interpolation == "linear":
        filled = np.interp(np.arange(len(values)), known, values[known])
        return filled, count, "taken from the line between their neighbours"
    if per == "step":
        return np.where(missing, 0.0, values), count, "counted as 0: a sum is not reported where nothing happened"
    before = np.maximum(np.searchsorted(known, np.arange(len(values)), side="right") - 1, 0)
    return values[known[before]], count, "taken as the value before them"
