"""Speed and calibration of the simulator, as tables: `python -m bench.simulator`.

Figures depend on the machine and on what else it does; ratios within one table were measured in the same run.
"""

from __future__ import annotations

import dataclasses
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from rich.console import Console
from rich.table import Table

from bench.simpy_model import Service
from elasticity.calibration import activity_durations, effect_delays
from elasticity.platforms import platform_parameters
from elasticity.rules import Elasticity
from elasticity.simulator import simulate, simulate_many
from elasticity.trace_files import read_trace
from elasticity.traces import Load, daily, step

MONTH_MINUTES = 43_200
RULE_SETS = 1_000
EVERY_KIND: dict[str, Any] = {
    "minimum": 2,
    "maximum": 40,
    "target_tracking": {"cpu": {"metric": "cpu", "target": 50.0}},
    "step_scaling": {"hot": {"metric": "cpu", "threshold": 80.0, "steps": [{"from": 0.0, "change": 2}]}},
    "scheduled": {
        "morning": {"cron": "0 8 * * MON-FRI", "time_zone": "Europe/Berlin", "minimum": 4},
        "evening": {"cron": "0 19 * * MON-FRI", "time_zone": "Europe/Berlin", "minimum": 2},
    },
    "predictive": {"daily": {"metric": "cpu", "target": 50.0, "mode": "forecast_and_scale", "forecast_reviewed": True}},
    "unit": {"capacity": "60/s", "start_up": "60s", "service_time": "100ms", "idle_cpu": 5},
}
"""Every kind of rule, latency estimate included; three alarms on one metric."""
THREE_METRICS: dict[str, Any] = {
    "target_tracking": {
        "cpu": {"metric": "cpu", "target": 50.0},
        "requests": {"metric": "requests_per_target", "target": 1_800.0},
    },
    "step_scaling": {"late": {"metric": "response_time", "threshold": "500ms", "steps": [{"from": "0s", "change": 2}]}},
}
"""The same with five alarms on three metrics."""
METRIC_MATH: dict[str, Any] = {
    "metrics": {
        "all": {"namespace": "AWS/ApplicationELB", "name": "RequestCount", "statistic": "Sum"},
        "running": {"namespace": "ECS/ContainerInsights", "name": "RunningTaskCount"},
        "each": {"expression": "all / IF(running > 0, running, 1)"},
    },
    "target_tracking": {
        "cpu": {"metric": "cpu", "target": 50.0},
        "requests": {"metric": "each", "target": 1_800.0},
    },
}
"""The same with five alarms, two of them on metric math over two metrics."""


def rules(target: float = 50.0, **changes: Any) -> Elasticity:
    """Every kind of rule, with another cpu target."""
    chosen = {**EVERY_KIND, **changes}
    tracking = {**chosen["target_tracking"], "cpu": {"metric": "cpu", "target": target}}
    return Elasticity.model_validate({**chosen, "target_tracking": tracking})


def one_rule() -> Elasticity:
    """One cpu target and nothing else: what the SimPy model knows."""
    plain = {"target_tracking": {"cpu": {"metric": "cpu", "target": 50.0}}, "step_scaling": {}, "scheduled": {}}
    unit = {"capacity": "60/s", "start_up": "60s"}
    return Elasticity.model_validate({"minimum": 2, "maximum": 40, **plain, "unit": unit})


def load(days: int, resolution: int = 300) -> Load:
    """A daily curve with noise, one point each `resolution` seconds."""
    return daily(50, 800, days=days, resolution=resolution).with_noise(1)


def best(call: Callable[[], Any], repeats: int = 5) -> float:
    """Shortest of some wall-clock times, seconds."""
    times = []
    for _ in range(repeats):
        begin = time.perf_counter()
        call()
        times.append(time.perf_counter() - begin)
    return min(times)


def table(title: str, *columns: str) -> Table:
    """A table that reads as Markdown too."""
    made = Table(title=title, title_justify="left", box=None)
    for place, column in enumerate(columns):
        made.add_column(column, justify="right" if place else "left")
    return made


def single_runs() -> Table:
    """One run with timeline, log and figures, every feature on."""
    made = table(
        "One run, every kind of rule, with timeline and log (put into words when asked for)",
        "run",
        "seconds",
        "ns a tick",
        "wanted",
    )
    for name, days, tick, wanted in (
        ("30 days of minutes", 30, 60, "0.1 s"),
        ("a year of minutes", 365, 60, "1 s"),
        ("30 days of 10 s ticks", 30, 10, ""),
    ):
        trace = load(days)
        simulate(rules(), trace, tick=tick, latency_goal=0.3, compiled=True)
        seconds = best(partial(simulate, rules(), trace, tick=tick, latency_goal=0.3, compiled=True))
        made.add_row(name, f"{seconds:.3f}", f"{seconds / (days * 86_400 / tick) * 1e9:.0f}", wanted)
    trace = load(30)
    seconds = best(lambda: simulate(rules(), trace, tick=60, latency_goal=0.3, compiled=False), 2)
    made.add_row("30 days of minutes, plain Python", f"{seconds:.3f}", f"{seconds / MONTH_MINUTES * 1e9:.0f}", "")
    return made


def cold_start() -> Table:
    """A process of its own: imports, one run, nothing warm."""
    made = table("Cold: a new process, 7 days of minutes", "way", "seconds")
    script = (
        "from bench.simulator import load, rules; from elasticity.simulator import simulate; "
        "simulate(rules(), load(7), tick=60, compiled={})"
    )
    for name, way in (
        ("plain Python", "False"),
        ("compiled, from the cache", "True"),
        ("as the engine chooses", "None"),
    ):
        seconds = best(partial(subprocess.run, [sys.executable, "-c", script.format(way)], check=True), 2)
        made.add_row(name, f"{seconds:.2f}")
    return made


def linearity() -> Table:
    """Cost by length."""
    made = table("Cost by length, compiled, figures only", "days", "seconds", "ns a minute")
    for days in (1, 10, 100):
        trace = load(days)
        seconds = best(partial(simulate_many, [rules()], [trace], latency_goal=0.3, workers=1), 10)
        made.add_row(str(days), f"{seconds:.4f}", f"{seconds / (days * 1_440) * 1e9:.0f}")
    return made


def sweeps() -> Table:
    """Rule sets on 30 days, with memory; by the clock, and by the processor's time, which others do not change."""
    made = table(
        "Sweep over 30 days of minutes, every kind of rule, in million minutes a second",
        "rules", "rule sets", "cores", "seconds", "by the clock", "by processor time", "MB more",
    )  # fmt: skip
    process = psutil.Process()
    for name, changes, resolution in (
        ("three alarms, one metric", {}, 300),
        ("five alarms, three metrics", THREE_METRICS, 300),
        ("the same, a load that changes each minute", THREE_METRICS, 60),
        ("five alarms, metric math", METRIC_MATH, 300),
    ):
        trace = load(30, resolution)
        sets = [rules(30.0 + place / RULE_SETS * 40, **changes) for place in range(RULE_SETS)]
        simulate_many(sets[:10], [trace], latency_goal=0.3)
        for count, cores in ((100, 2), (RULE_SETS, 1), (RULE_SETS, 2)):
            before, busy = process.memory_info().rss, time.process_time()
            seconds = best(partial(simulate_many, sets[:count], [trace], latency_goal=0.3, workers=cores), 1)
            busy = time.process_time() - busy
            more = (process.memory_info().rss - before) / 1e6
            work = count * MONTH_MINUTES / 1e6
            made.add_row(
                name,
                str(count),
                str(cores),
                f"{seconds:.2f}",
                f"{work / seconds:.1f}",
                f"{cores * work / busy:.1f}",
                f"{more:.1f}",
            )
    return made


def against_simpy() -> Table:
    """The same model, the same load, the same capacity series."""
    title = "The same model in SimPy: one rule that scales in at one stroke, 30 days of minutes"
    made = table(title, "engine", "seconds", "ratio", "same series")
    trace, chosen = load(30), one_rule()
    at_once = dataclasses.replace(platform_parameters("ecs_service"), max_scale_in_fraction=1.0)
    expected = simulate(chosen, trace, tick=60, compiled=True, parameters=at_once).desired
    series: list[int] = []
    simpy_seconds = best(lambda: series.extend(Service(chosen, trace).run()), 1)
    same = np.mean(np.array(series) == expected)
    made.add_row("SimPy", f"{simpy_seconds:.3f}", "1", f"{100 * same:.1f} %")
    for name, call in (
        ("simulate, with timeline", lambda: simulate(chosen, trace, tick=60, compiled=True)),
        ("simulate, plain Python", lambda: simulate(chosen, trace, tick=60, compiled=False)),
        ("simulate_many, one run", lambda: simulate_many([chosen], [trace], workers=1)),
    ):
        seconds = best(call, 3)
        made.add_row(name, f"{seconds:.4f}", f"{simpy_seconds / seconds:.0f}", "")
    return made


def mean_trigger(period: int, before: float, after: float) -> float:
    """Mean seconds from a load step to the scale-out, over the phases of a period."""
    parameters = platform_parameters("ecs_service").at_period(period)
    unit = {"capacity": "50/s", "start_up": "23s"}
    tracking = {"cpu": {"metric": "cpu", "target": 50.0}}
    chosen = Elasticity.model_validate({"minimum": 2, "maximum": 20, "target_tracking": tracking, "unit": unit})
    delays = []
    for phase in range(period):
        trace = step(before, after, at=3_600 + phase, duration=4_500, resolution=1)
        timeline = simulate(chosen, trace, tick=1, parameters=parameters)
        second = next(item.second for item in timeline.decisions if item.kind == "scale_out")
        delays.append(second - 3_600 - phase)
    return statistics.mean(delays)


def calibration() -> Table:
    """Simulated against published."""
    made = table("Calibration", "figure", "published", "simulated", "within", "source")
    benchmark = "AWS launch post 2026-06-18 (load and phase not published)"
    for period, published, tolerance in ((60, 363, 30), (20, 86, 10)):
        for levels in ((20.0, 95.0), (45.0, 51.0)):
            found = mean_trigger(period, *levels)
            made.add_row(
                f"trigger after a step {levels[0]:.0f} to {levels[1]:.0f} %, {period} s metrics",
                f"{published} s",
                f"{found:.0f} s",
                "yes" if abs(found - published) <= tolerance else "NO",
                benchmark,
            )
    made.add_row("task provisioned after the trigger", "23 s", "23 s (declared)", "yes", benchmark)
    log = (("17:11:31", "17:12:04"), ("14:53:49", "14:54:23"), ("14:39:58", "14:40:31"))
    launches = statistics.mean(activity_durations(log)[1])
    shipped = platform_parameters("ec2_group").start_up
    made.add_row(
        "group: decision to InService", f"{launches:.1f} s", f"{shipped:.0f} s",
        "yes" if abs(launches - shipped) <= 1 else "NO", "activity log of 2018 (ASG-LOG-2018)",
    )  # fmt: skip
    times = [np.datetime64(text).astype("datetime64[ms]").item() for text in (
        "2024-12-05T21:22:22.189", "2024-12-05T21:27:22", "2024-12-05T21:43:47.153", "2024-12-05T21:48:47",
    )]  # fmt: skip
    delay = statistics.mean(effect_delays(times[::2], times[1::2]))
    made.add_row(
        "group: state change to effect",
        f"{delay:.0f} s",
        "0 s",
        "not modelled",
        "event pair (ASG-EVENT), not explained",
    )
    return made


def reading() -> Table:
    """A year of minutes as CSV, by processor time: without a loop, with faults by line, and once more."""
    made = table("Reading a year of minutes as CSV", "file", "seconds of processor time")
    times = np.datetime64("2026-01-01T00:00:00") + np.arange(365 * 1_440) * np.timedelta64(60, "s")
    counts = np.random.default_rng(1).integers(0, 100_000, len(times))
    rows = [f"{stamp}Z,{count}" for stamp, count in zip(times.astype(str), counts, strict=True)]
    with tempfile.TemporaryDirectory() as folder:
        for name, header, last in (
            ("plain", "timestamp,requests", ""),
            ("with a quoted cell", 'timestamp,"requests"', '"7"'),
        ):
            path = Path(folder) / f"{len(last)}.csv"
            path.write_text("\n".join([header, *rows[:-1], f"{times[-1]}Z,{last or counts[-1]}"]) + "\n")
            for said in (name, f"{name}, again"):
                begin = time.process_time()
                read_trace(path)
                made.add_row(said, f"{time.process_time() - begin:.3f}")
    return made


def tables() -> Iterator[Table]:
    """Every table, each measured when it is asked for."""
    for make in (single_runs, cold_start, linearity, reading, sweeps, against_simpy, calibration):
        yield make()


def main() -> None:
    """Print every table."""
    console = Console(width=150)
    for made in tables():
        console.print(made)
        console.print()


if __name__ == "__main__":
    main()
