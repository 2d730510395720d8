"""Speed and memory of searches and fleets, as figures by name: `python -m bench.tuning`.

Wall time depends on what else the machine does, so processor time of this process stands beside it.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from bench.simulator import MONTH_MINUTES, RULE_SETS, load, rules
from elasticity import sweeps
from elasticity.sweeps import Case, Threads
from elasticity.tuning import Goal, Trial, space
from operations.optimiser import Optimiser
from operations.tune import GENERATION, Wanted, tune

ROOT = Path(__file__).parents[1]
DAYS = 30
FLEET = 300
TRIALS = 600


def _case(name: str = "web", days: int = DAYS) -> Case:
    return Case(name=name, rules=rules(), loads=(load(days),), ticks=(60,), tariff=_price)


def _price(_units: float) -> float:
    return 0.05


def _timed(call: Callable[[], Any]) -> tuple[float, float]:
    """Seconds of wall and of processor time."""
    wall, processor = time.perf_counter(), time.process_time()
    call()
    return time.perf_counter() - wall, time.process_time() - processor


def _cases(services: int) -> Iterator[Case]:
    for number in range(services):
        yield _case(f"service-{number}")


def _swept(services: int, workers: int | None = None) -> None:
    for _ in sweeps.sweep(_cases(services), Threads(workers)):
        pass


def _resident(services: int) -> float:
    """Peak resident memory in MB of a process of its own that sweeps so many services of 30 days."""
    code = f"from bench.tuning import _swept, peak; _swept({services}); print(peak())"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return float(done.stdout)


def peak() -> float:
    """Peak resident memory of this process, MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_024  # kB on Linux


def _asked() -> None:
    """What the optimiser takes for itself, without a simulation."""
    parameters = space(rules(), "ecs_service")
    optimiser = Optimiser(parameters, Goal(()), seed=0, generation=GENERATION)
    for _ in range(TRIALS // GENERATION):
        points = optimiser.ask(GENERATION)
        optimiser.tell([Trial(point, None, float(sum(point)), float(point[0]), (), ()) for point in points])


def figures() -> dict[str, str]:
    """Every figure by what it says."""
    case, sets = _case(), [rules(40.0 + number * 0.04) for number in range(RULE_SETS)]
    sweeps.figures(case, sets[:2])  # the kernel is compiled and loaded
    found: dict[str, str] = {}
    minutes = RULE_SETS * MONTH_MINUTES / 1e6
    for workers in (1, os.cpu_count() or 1):
        wall, processor = _timed(partial(sweeps.figures, case, sets, workers))
        threads = "1 thread" if workers == 1 else f"{workers} threads"
        found[f"{RULE_SETS:,} rule sets on {DAYS} days, every kind of rule, {threads}"] = (
            f"{wall:.2f} s; {processor:.2f} s of processor; {minutes / wall:.1f} million scenario-minutes/s, "
            f"{minutes / processor:.1f} million per processor second"
        )
    wall, processor = _timed(_asked)
    found[f"the optimiser alone, {TRIALS} rule sets"] = f"{wall:.2f} s; {processor:.2f} s of processor"
    wanted = Wanted(file=ROOT / "Pulumi.prod.yaml", service="web", trials=TRIALS)
    done: list[Any] = []
    wall, processor = _timed(lambda: done.append(tune(wanted)))
    found[f"accordion tune, service web of Pulumi.prod.yaml, {len(done[0].result.trials):,} rule sets on 2 loads"] = (
        f"{wall:.1f} s; {processor:.1f} s of processor"
    )
    wall, processor = _timed(lambda: _swept(FLEET))
    found[f"a fleet of {FLEET} services on {DAYS} days each, loads made on the way"] = (
        f"{wall:.1f} s; {processor:.1f} s of processor"
    )
    few, many = _resident(FLEET // 10), _resident(FLEET)
    found["peak memory of a fleet"] = f"{few:.0f} MB for {FLEET // 10} services, {many:.0f} MB for {FLEET}"
    return found


if __name__ == "__main__":
    for name, value in figures().items():
        print(f"{name}: {value}")  # noqa: T201 - the result
