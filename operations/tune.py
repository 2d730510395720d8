"""`accordion tune`: the cheapest parameters of a service's rules that keep what is expected of it on given loads."""

from __future__ import annotations

import dataclasses
import functools
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import numpy as np
from ruamel.yaml import YAML

from elasticity.expectations import FIGURES, Expectation, of_one_run, parse_expectation
from elasticity.rules import Elasticity
from elasticity.sweeps import Case, Executor, Share, Threads, Unread, figures
from elasticity.traces import Load
from elasticity.tuning import (
    Goal,
    Parameter,
    Result,
    Trial,
    TuningError,
    applied,
    chosen,
    held_out,
    put,
    search,
    space,
)
from operations import options, simulate, terminal
from operations.bands import study_of
from operations.cluster import executor
from operations.compiling import compile_once
from operations.failures import CannotRun, as_cannot_run
from operations.files import is_file, write_atomically
from operations.report.model import Run
from operations.report.tuning import HeldOut, Tuned, as_json, hardest, show
from operations.simulate import Request
from operations.sweep import case_of
from operations.workloads import chosen as chosen_workloads
from stacks.compositions import Settings
from stacks.settings import validate
from stacks.stack_file import StackFile
from stacks.workloads import Workload

if TYPE_CHECKING:
    from elasticity.ensemble import SettledRuns
    from elasticity.pricing import Prices

GENERATION = 40
"""Rule sets that are simulated together, and one generation of the search."""
HELD_OUT = 10
"""Runs of each load that a search over an ensemble does not see, and is judged on."""
CHUNK = 8
"""Rule sets that one worker of a cluster takes at once."""
FORMATS = ("table", "yaml", "json")


@dataclasses.dataclass(frozen=True)
class Wanted:
    """What was asked for on the command line."""

    stack: str = "dev"
    file: Path | None = None
    service: str | None = None
    loads: tuple[str, ...] = ()
    expected: tuple[str, ...] = ()
    ranges: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()
    trials: int = 600
    seed: int = 0
    prices: Path | None = None
    cold: bool = False
    bands: bool = False
    runs: int = 20
    """Of each load, that a search over an ensemble sees."""
    workers: int | None = None
    dask: str | None = None

    @property
    def path(self) -> Path:
        """The stack file."""
        return options.file_of(self.file, self.stack)


def tune(wanted: Wanted) -> Tuned:
    """Search; raises CannotRun for anything that keeps it from running."""
    with as_cannot_run():
        file = StackFile.read(wanted.path)
        settings = validate(file)
        member = _member(settings, wanted)
        member = simulate.starting_cold(member) if wanted.cold else member
        prices = simulate.prices_of(wanted.prices, settings)
        expected = [
            *map(parse_expectation, member.simulation.expectations),
            *(simulate.expectation("--expect", text) for text in wanted.expected),
        ]
        expectations = tuple(dict.fromkeys(expected)) if wanted.bands else of_one_run(dict.fromkeys(expected))
        if len(expectations) < len(set(expected)):
            terminal.say("expectations on a quantile are searched for with --bands alone")
        if not expectations:
            raise CannotRun(
                f"{wanted.path.name}: nothing is expected of {member.name}: give --expect 'overload_minutes < 5', or "
                "write `simulation.expectations` in the stack file"
            )
        loads = _loads(member, wanted)
        unseen = _unseen(member, loads, wanted)
        parameters = _parameters(member, wanted)
        case = case_of(member, loads, prices)
        compile_once()
        goal = _goal(case, expectations, member, prices)
        evaluate, unseen_runs = _ensembles(member, loads, prices, wanted)
        result = _searched(case, parameters, goal, member, wanted, evaluate)
        before = _runs(member, (*loads, *unseen), prices, wanted)
        found = dataclasses.replace(member, rules=result.nearest.rules or member.rules)
        after = _runs(found, (*loads, *unseen), prices, wanted)
    runs = [dataclasses.replace(new, before=old) for old, new in zip(before, after, strict=True)]
    rules, fragment = _fragment(file, member, parameters, result.nearest)
    return Tuned(
        stack_file=wanted.path.name,
        seed=wanted.seed,
        member=member.name,
        goal=goal,
        parameters=parameters,
        result=result,
        fragment=fragment,
        rules=rules,
        seen=tuple(runs[: len(loads)]),
        unseen=tuple(runs[len(loads) :]),
        currency=prices.currency,
        held_out=_held_out(unseen_runs, loads, expectations, member.rules, found.rules),
        remarks=_remarks(member, prices, goal),
    )


def _member(settings: Settings, wanted: Wanted) -> Workload:
    found = chosen_workloads(settings, wanted.service, wanted.path.name)
    if len(found) > 1:
        names = ", ".join(member.name for member in found)
        raise CannotRun(f"{wanted.path.name}: several services scale here: give --service with one of {names}")
    return found[0]


def _loads(member: Workload, wanted: Wanted) -> tuple[Load, ...]:
    names = wanted.loads or tuple(name for name in member.simulation.loads if name not in wanted.unseen)
    found = [load for name in names for load in _named(member, name, wanted)]
    if not found:
        raise CannotRun(
            f"{wanted.path.name}: no load to search on: name some under `simulation.loads` of {member.name}"
        )
    return tuple(found)


def _named(member: Workload, name: str, wanted: Wanted) -> list[Load]:
    return simulate.loads_for(member, Request(file=wanted.path, service=member.name, load=name))


def _unseen(member: Workload, seen: Sequence[Load], wanted: Wanted) -> tuple[Load, ...]:
    """The loads that are kept from the search: those named, or some made of what it sees."""
    if not wanted.unseen:
        return tuple(held_out(seen))
    found: list[Load] = []
    for name in wanted.unseen:
        if name in member.simulation.loads:
            found += _named(member, name, wanted)
        elif is_file(Path(name)):
            found += simulate.loads_for(member, Request(file=wanted.path, trace=Path(name)))
        else:
            known = ", ".join(member.simulation.loads)
            raise CannotRun(f"--unseen {name}: neither a trace file nor a load of {member.name}, allowed {known}")
    both = {load.name for load in seen} & {load.name for load in found}
    if both:
        raise CannotRun(f"--unseen: the search sees {', '.join(sorted(both))} too: leave it out of --load")
    return tuple(found)


def _parameters(member: Workload, wanted: Wanted) -> tuple[Parameter, ...]:
    ranges = {}
    for text in wanted.ranges:
        name, equals, bounds = text.partition("=")
        low, dots, high = bounds.partition("..")
        if not (name and equals and low and dots and high):
            raise CannotRun(f"--range: got {text!r}, expected a name and two values, such as minimum=2..6")
        ranges[name.strip()] = (low.strip(), high.strip())
    try:
        return chosen(space(member.rules, member.platform), ranges, wanted.kept)
    except TuningError as error:
        raise CannotRun(str(error)) from None


def _goal(case: Case, expectations: tuple[Expectation, ...], member: Workload, prices: Prices) -> Goal:
    """Cost where units have a price, else their mean number; on the other axis the first expectation that the rules in
    force break, or overload."""
    cost = "cost_per_month" if member.simulated_cost(prices).known else "mean_units"
    found = figures(case)
    for item in expectations:
        values = found[item.figure.name][0]
        kept = all(item.holds(None if np.isnan(value) else float(value)) for value in values)
        if not kept and item.figure.name != cost and item.figure.better != "neither":
            return Goal(expectations, cost, item.figure.name)
    return Goal(expectations, cost)


Evaluate = Callable[[Sequence[Elasticity]], Mapping[str, Any]]


def _ensembles(
    member: Workload, loads: Sequence[Load], prices: Prices, wanted: Wanted
) -> tuple[Evaluate | None, SettledRuns | None]:
    """What a search over an ensemble measures rule sets with, the loads as they are among its runs; and the runs that
    it does not see. Nothing where no ensemble is asked for."""
    if not wanted.bands:
        return None, None
    from elasticity.ensemble import SettledRuns

    studies = [study_of(member, load, simulate.tick_for(load, member), prices, {}) for load in loads]
    seen = SettledRuns(studies, runs=wanted.runs, seed=wanted.seed)
    unseen = SettledRuns(studies, runs=HELD_OUT, seed=wanted.seed + 1)
    case = case_of(member, loads, prices)

    def evaluate(rule_sets: Sequence[Elasticity]) -> Mapping[str, Any]:
        parts = (figures(case, rule_sets, workers=wanted.workers), seen.figures(rule_sets, workers=wanted.workers))
        return {name: np.concatenate([part[name] for part in parts], axis=1) for name in FIGURES}

    return evaluate, unseen


def _searched(
    case: Case,
    parameters: tuple[Parameter, ...],
    goal: Goal,
    member: Workload,
    wanted: Wanted,
    evaluate: Evaluate | None,
) -> Result:
    from operations.optimiser import Optimiser  # optuna takes 0.3 s

    optimiser = Optimiser(parameters, goal, seed=wanted.seed, generation=GENERATION)
    passes = _linter(member)
    with executor(wanted.dask, wanted.workers) as place, terminal.counted("rule sets", wanted.trials) as advance:
        return search(
            case.rules,
            parameters,
            goal,
            evaluate or _evaluator(case, place, wanted.workers),
            optimiser,
            trials=wanted.trials,
            batch=GENERATION,
            passes=passes,
            progress=advance,
        )


def _evaluator(case: Case, place: Executor, workers: int | None) -> Callable[[Sequence[Elasticity]], Mapping[str, Any]]:
    if isinstance(place, Threads):
        return functools.partial(figures, case, workers=workers)

    unread = Unread.of(case)

    def evaluate(rule_sets: Sequence[Elasticity]) -> Mapping[str, Any]:
        chunks = [rule_sets[first : first + CHUNK] for first in range(0, len(rule_sets), CHUNK)]
        parts = list(place.map(Share.figures, (Share(unread, chunk) for chunk in chunks)))
        return {name: np.concatenate([part[name] for part in parts]) for name in FIGURES}

    return evaluate


def _linter(member: Workload) -> Callable[[Elasticity], bool]:
    """Whether rules have no error of the linter, and no warning that the rules in force do not have."""
    from elasticity.checks import check

    context = member.lint_context()
    known = {(item.code, item.path) for item in check(member.rules, context) if item.severity != "error"}

    def passes(rules: Elasticity) -> bool:
        return all(item.severity == "note" or (item.code, item.path) in known for item in check(rules, context))

    return passes


def _runs(member: Workload, loads: Sequence[Load], prices: Prices, wanted: Wanted) -> list[Run]:
    request = Request(file=wanted.path)
    return [simulate.simulated(member, load, prices, request) for load in loads]


def _fragment(
    file: StackFile, member: Workload, parameters: Sequence[Parameter], trial: Trial
) -> tuple[Elasticity, str]:
    """The rules of a trial, and their YAML as the stack file writes it, comments kept."""
    declared = member.elasticity or member.rules
    rules = applied(declared, parameters, trial.point) or declared
    node = file.written((*member.path, "elasticity"))
    for item, place in zip(parameters, trial.point, strict=True):
        if item.values[place] != item.now:
            put(node, item.path, item.written(place))
    text = _yaml({"elasticity": node})
    reader = YAML(typ="safe", pure=True)
    reader.composer.warn_double_anchors = False  # the later one holds, as in the stack file
    again = reader.load(text)["elasticity"]
    if Elasticity.model_validate(again) != rules:  # written with anchors or merge keys of elsewhere in the file
        text = _yaml({"elasticity": rules.model_dump(mode="json", by_alias=True, exclude_unset=True)})
    return rules, text


def _yaml(data: Any) -> str:
    writer = YAML()
    writer.width = 120
    writer.indent(mapping=2, sequence=4, offset=2)
    text = io.StringIO()
    writer.dump(data, text)
    return text.getvalue()


def _held_out(
    runs: SettledRuns | None,
    loads: Sequence[Load],
    expectations: Sequence[Expectation],
    before: Elasticity,
    found: Elasticity,
) -> tuple[HeldOut, ...]:
    """In how many runs that the search has not seen every expectation is kept, of each load."""
    if runs is None:
        return ()
    measured = runs.figures([before, found])
    kept = np.ones((2, len(loads) * HELD_OUT), dtype=bool)
    for item in expectations:
        kept &= np.vectorize(item.holds, otypes=[bool])(measured[item.figure.name])
    counts = kept.reshape(2, len(loads), HELD_OUT).sum(axis=2)
    return tuple(
        HeldOut(load.name, HELD_OUT, int(counts[1, place]), int(counts[0, place])) for place, load in enumerate(loads)
    )


def _remarks(member: Workload, prices: Prices, goal: Goal) -> tuple[str, ...]:
    found = list(simulate.remarks(prices))
    cost = member.simulated_cost(prices)
    found += [f"without a price, not included in the total: {item}" for item in cost.unpriced]
    if goal.cost != "cost_per_month":
        found.append("the units have no price: their mean number stands for the cost; --prices takes a file")
    return tuple(found)


def _pictures(tuned: Tuned, picture: Path) -> Iterator[Path]:
    from operations import charts, pareto_chart

    words = pareto_chart.Words(
        f"{tuned.member}: cost against service of {len(tuned.result.trials):,} rule sets", tuned.currency
    )
    form = picture.suffix.lower()
    for theme in charts.THEMES:
        path = picture.with_name(f"{picture.stem}{'' if theme == 'light' else '-' + theme}{form}")
        write_atomically(path, pareto_chart.draw(tuned.result, tuned.goal, words, theme, form.removeprefix(".")))
        yield path


@click.command()
@click.argument("file", metavar="[STACK_FILE]", required=False, type=options.FILE)
@click.option("--stack", default="dev", show_default=True, help="Name of the stack, or its file.")
@click.option("--service", help="The service or group; needed where several scale.")
@click.option("--load", "loads", multiple=True, help="Only this load of the stack file; may be repeated.")
@click.option("--expect", "expected", multiple=True, help="'overload_minutes < 5', beside those of the stack file.")
@click.option("--range", "ranges", multiple=True, help="Values of a parameter: minimum=2..6; maximum only so.")
@click.option("--keep", "kept", multiple=True, help="Leave a parameter as it is: target_tracking.cpu.target.")
@click.option("--trials", type=click.IntRange(1, 1_000_000), default=600, show_default=True, help="Rule sets to try.")
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=0, show_default=True, help="Same seed, same result.")
@options.cold
@click.option("--bands", is_flag=True, help="Search over runs of what is not known too, and judge on runs not seen.")
@click.option("--runs", type=click.IntRange(1, 1_000), default=20, show_default=True, help="Of --bands, of each load.")
@click.option("--unseen", multiple=True, metavar="LOAD|TRACE", help="Kept from the search and judged at the end.")
@options.picture
@options.form(FORMATS)
@options.prices
@options.executor
@options.no_cache
def command(picture: Path | None, form: str, stack: str, **asked: Any) -> int:
    """Search the cheapest parameters of the scaling rules that keep the expectations, and print the YAML to paste.

    Exit codes: 0 found, 1 nothing keeps the expectations, 2 it could not be run.
    """
    if Path(stack).suffix in (".yaml", ".yml"):
        stack, asked["file"] = "", asked["file"] or Path(stack)
    tuned = tune(Wanted(stack=stack, **asked))
    if form == "json":
        click.echo(as_json(tuned), nl=False)
    elif form == "yaml":
        click.echo(tuned.fragment, nl=False)
    else:
        show(tuned, options.console())
    if form == "yaml" and tuned.result.best is None:
        for line in hardest(tuned):
            terminal.say(line)
    for text in tuned.warnings:
        terminal.say(f"warning: {text}")
    if picture is not None:
        for path in _pictures(tuned, picture):
            terminal.say(f"wrote {path}")
    return 0 if tuned.result.best is not None else 1
