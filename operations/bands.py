"""What `accordion simulate --bands` runs: an ensemble for each run of the report, and the tornado beside it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from elasticity.quantities import Duration, Rate
from operations.failures import CannotRun

if TYPE_CHECKING:
    from elasticity.ensemble import Study
    from elasticity.pricing import Prices
    from elasticity.traces import Load
    from operations.report.model import Run
    from stacks.workloads import Workload


@dataclasses.dataclass(frozen=True, kw_only=True)
class Asked:
    """What was asked for on the command line; None and nothing for what the stack file says."""

    runs: int | None = None
    seed: int = 0
    workers: int | None = None
    ranges: tuple[str, ...] = ()
    curves: bool = False
    """Whether a picture will be drawn."""


def ranges_of(texts: Iterable[str]) -> dict[str, tuple[float, float]]:
    """Ends by name, of `unit.capacity=45/s..55/s`; raises CannotRun that says what is allowed."""
    found: dict[str, tuple[float, float]] = {}
    for text in texts:
        name, equals, ends = text.partition("=")
        low, dots, high = ends.partition("..")
        if not (name.strip() and equals and low.strip() and dots and high.strip()):
            raise CannotRun(f"--range: got {text!r}, expected a name and two values, such as unit.capacity=45/s..55/s")
        found[name.strip()] = (_end(text, low.strip()), _end(text, high.strip()))
    return found


def _end(text: str, written: str) -> float:
    for read in (float, Rate.parse, Duration.parse):
        try:
            return float(read(written))
        except ValueError:
            continue
    raise CannotRun(
        f"--range: got {written!r} in {text!r}, expected a number, a rate such as 45/s or a time such as 60s"
    )


def study_of(
    member: Workload, load: Load, tick: int, prices: Prices, ranges: Mapping[str, tuple[float, float]]
) -> Study:
    """The study of a workload on one load, with what its settings say of bands."""
    from elasticity.ensemble import LoadVariants, Study
    from elasticity.simulator import Conditions

    said = member.simulation.bands
    return Study(
        rules=member.rules,
        load=load,
        conditions=Conditions(platform=member.simulated_on, tick=tick, **member.conditions),
        variants=LoadVariants(level=said.level, shift=int(said.shift), noise=said.noise, days=said.days),
        declared=frozenset(member.parameters),
        ranges={**{name: (float(low), float(high)) for name, (low, high) in said.ranges.items()}, **ranges},
        unit_price=member.simulated_cost(prices).each,
        prices=prices,
    )


def with_bands(done: Run, member: Workload, load: Load, prices: Prices, asked: Asked) -> Run:
    """The run with its ensemble and its tornado; raises CannotRun with every range that cannot be."""
    from elasticity.ensemble import AssumptionError, ensemble, tornado
    from elasticity.simulator import SimulationError
    from operations.compiling import compile_once

    compile_once()
    study = study_of(member, load, done.timeline.tick, prices, ranges_of(asked.ranges))
    runs = member.simulation.bands.runs if asked.runs is None else asked.runs
    try:
        bands = ensemble(study, runs=runs, seed=asked.seed, workers=asked.workers, curves=asked.curves)
        swings = tornado(study, seed=asked.seed, workers=asked.workers)
    except AssumptionError as error:
        lines = [f"{member.name}: range of {line}" for line in str(error).splitlines()]
        raise CannotRun("\n".join(lines)) from None
    except SimulationError as error:
        lines = [f"{member.name}, load {load.name}, a run of its bands: {line}" for line in str(error).splitlines()]
        raise CannotRun("\n".join(lines)) from None
    return dataclasses.replace(done, bands=bands, tornado=swings)
