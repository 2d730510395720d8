"""`accordion simulate`: the rules of a stack on loads, as a report, a picture, a comparison, a gate."""

from __future__ import annotations

import dataclasses
import difflib
import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from pydantic import ValidationError

from elasticity.checks import check_run
from elasticity.expectations import FIGURES, Expectation, ExpectationError, parse_expectation
from elasticity.platforms import CHOICES
from elasticity.quantities import Duration
from operations import options
from operations.bands import Asked, with_bands
from operations.changes import changes
from operations.failures import CannotRun, as_cannot_run
from operations.files import is_file, revision, write_atomically
from operations.workloads import chosen as chosen_workloads
from stacks import error_text
from stacks.compositions import Settings
from stacks.packages import ON_SWARM, PACKAGES
from stacks.settings import load as load_settings
from stacks.settings import parse
from stacks.simulation import SHAPES, LoadDescription, load_of, parameters_of
from stacks.stack_file import StackFile
from stacks.workloads import UnitCost, Workload, scaled

if TYPE_CHECKING:
    from elasticity.pricing import Prices
    from elasticity.rules import Elasticity
    from elasticity.traces import Load
    from operations.report.model import Report, Run

FINE_SECONDS = 3 * 86_400
"""Loads up to here are run in ticks of 10 s, longer ones in ticks of 60 s or the shortest period that a rule looks at,
unless a tick is given."""
FORMATS = ("table", "json", "markdown")


@dataclasses.dataclass(frozen=True)
class Request:
    """What was asked for on the command line."""

    stack: str = "dev"
    file: Path | None = None
    service: str | None = None
    load: str | None = None
    trace: Path | None = None
    time_column: str | None = None
    value_column: str | None = None
    per: str | None = None
    shape: str | None = None
    parameters: tuple[str, ...] = ()
    client_timeout: Duration | None = None
    cold: bool = False
    against: str | None = None
    asserted: tuple[str, ...] = ()
    seed: int | None = None
    tick: int | None = None
    prices: Path | None = None
    bands: Asked | None = None
    """Runs of an ensemble, where they were asked for."""
    figure: str | None = None
    """Whose assumptions are ranked."""
    drawn: bool = False
    """Whether a picture or a page follows."""

    @property
    def path(self) -> Path:
        """The stack file."""
        return options.file_of(self.file, self.stack)


def run(request: Request) -> Report:
    """The report that `request` asks for; raises CannotRun for anything that keeps it from running."""
    from operations.report.model import Judgement, Report

    with as_cannot_run():
        asserted = [expectation("--assert", text) for text in request.asserted]
        settings = load_settings(request.path)
        prices = prices_of(request.prices, settings)
        before = _before(request)
        runs: list[Run] = []
        judgements: list[Judgement] = []
        chosen = with_load(chosen_workloads(settings, request.service, request.path.name), request)
        for member in chosen:
            loads = loads_for(member, request)
            for load in loads:
                earlier = before.get(member.name) if before is not None else None
                if before is not None and earlier is None:
                    raise CannotRun(f"{request.against}: no service or group with rules is called {member.name} there")
                declared = () if request.trace or request.shape else member.simulation.expectations
                expected = [*map(parse_expectation, declared), *asserted]
                asked = request.bands
                if asked is None and any(item.quantile is not None for item in expected):
                    asked = Asked(seed=request.seed or 0, curves=request.drawn)
                done = _run(member, load, prices, request, asked)
                if earlier is not None:
                    done = dataclasses.replace(done, before=_run(earlier, load, prices, request, asked))
                runs.append(done)
                judgements += [Judgement(done, item) for item in expected]
        if not runs:
            raise CannotRun(
                f"{request.path.name}: no load to run on: name some under `simulation.loads` of a service, "
                "or give --shape 'spike base=50/s peak=400/s' or --trace FILE"
            )
    accepted = {member.name: member.rules for member in chosen}
    said = (
        *remarks(prices),
        *(note for member in chosen for note in member.remarks),
        *(line for done in runs for line in found_in(done, accepted[done.member])),
    )
    pairs = [(before[item.name], item) for item in chosen if before and item.name in before]
    changed = [line for old, item in pairs for line in changes(item.name, old.rules, item.rules)]
    return Report(request.path.name, request.against or "", tuple(runs), tuple(judgements), said, tuple(changed))


def _run(member: Workload, load: Load, prices: Prices, request: Request, asked: Asked | None) -> Run:
    """One run as the command line wants it, with its ensemble where one is asked for."""
    member = as_asked(member, request)
    done = simulated(member, load, prices, request)
    return done if asked is None else with_bands(done, member, load, prices, asked)


def found_in(done: Run, rules: Elasticity) -> list[str]:
    """What only a run shows, unless the rules accept it: pinned at the maximum (EL090), turning often (EL091)."""
    found = check_run(done.figures, minutes=done.timeline.seconds / 60, rules=rules)
    return [f"{one.code} {one.severity}: {done.title}: {one.message}; {one.cure}" for one in found]


def remarks(prices: Prices) -> tuple[str, ...]:
    """What a reader must know of the prices."""
    if prices.items or prices.is_own:
        return ()
    cure = f"`accordion prices update --region {prices.region}` writes one from AWS's own lists, --prices takes it"
    return (f"no price table of {prices.region} is shipped, so nothing has a price: {cure}",)


def prices_of(path: Path | None, settings: Settings | None) -> Prices:
    """The shipped price table of the region where a stack lives, with a user's file over it; of a stack on machines of
    one's own a table without a list price. Raises CannotRun on a fault."""
    from elasticity.pricing import load_prices, own_prices

    try:
        if settings is not None and PACKAGES.get(settings.composition) == ON_SWARM:
            return own_prices(path)
        return load_prices(path, None if settings is None else settings.region)
    except ValueError as error:
        raise CannotRun(str(error)) from None


def expectation(option: str, text: str) -> Expectation:
    """What an option of the command line expects; raises CannotRun."""
    try:
        return parse_expectation(text)
    except ExpectationError as error:
        raise CannotRun(f"{option} {text!r}: {error}") from None


def tick_for(load: Load, member: Workload) -> int:
    """Seconds of a time step where none is given; it divides every period that the rules look at."""
    if load.seconds <= FINE_SECONDS:
        return 10
    rules = member.rules
    periods = [rule.metric_period for rule in rules.target_tracking.values()]
    periods += [metric.period for metric in rules.metrics.values()]
    periods += [rule.period for rule in rules.step_scaling.values()]
    own = member.parameters.get("metric_period", 60)
    return math.gcd(60, *(int(period) for period in (*periods, own) if period))


def _before(request: Request) -> Mapping[str, Workload] | None:
    if request.against is None:
        return None
    if is_file(Path(request.against)):
        return scaled(load_settings(Path(request.against)))
    name = f"{request.path.name} at {request.against}"
    return scaled(parse(name, revision(request.against, request.path)))


def loads_for(member: Workload, request: Request) -> list[Load]:
    """The loads that a member is run on."""
    described: dict[str, LoadDescription]
    folder: Path | None = request.path.parent
    if request.shape is not None:
        described = {request.shape.split()[0] if request.shape.split() else "": described_shape(request.shape)}
    elif request.trace is not None:
        trace = {
            "file": str(request.trace),
            "time_column": request.time_column,
            "value_column": request.value_column,
            "per": request.per,
        }
        described, folder = {request.trace.stem: _described("--trace", {"trace": trace})}, None
    else:
        described = dict(member.simulation.loads)
        if request.load is not None:
            (member,) = with_load([member], request)
            described = {request.load: member.simulation.loads[request.load]}
    loads = [load_of(name, description, folder) for name, description in described.items()]
    if request.seed is not None and request.bands is None:
        loads = [load.with_noise(request.seed) for load in loads]
    return loads


def with_load(members: list[Workload], request: Request) -> list[Workload]:
    """Those that have the load asked for; all where none is asked for."""
    if request.load is None:
        return members
    found = [member for member in members if request.load in member.simulation.loads]
    if not found:
        loads = list(dict.fromkeys(name for member in members for name in member.simulation.loads))
        near = difflib.get_close_matches(request.load, loads, 1)
        known = f"did you mean {near[0]}" if near else f"allowed {', '.join(loads) or 'none: there are no loads'}"
        names = ", ".join(member.name for member in members)
        raise CannotRun(f"{request.path.name}: {names}: no load is called {request.load}; {known}")
    return found


def described_shape(text: str) -> LoadDescription:
    """The load that `spike base=50/s peak=400/s` writes; raises CannotRun with everything that is wrong."""
    name, *pairs = text.split() or [""]
    if name not in SHAPES:
        raise CannotRun(f"--shape: not a load shape: {name!r}, allowed {', '.join(SHAPES)}")
    numbers: dict[str, Any] = {}
    outer: dict[str, Any] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key or not value:
            raise CannotRun(f"--shape: got {pair!r}, expected a name and a value, such as peak=400/s")
        place = outer if key in _OUTER else numbers
        if key in place:
            raise CannotRun(f"--shape: {key} stands twice")
        place[key] = _number(value)
    return _described("--shape", {name: numbers, **outer})


def _described(option: str, load: Mapping[str, Any]) -> LoadDescription:
    try:
        return LoadDescription.model_validate(load)
    except ValidationError as error:
        faults = error_text.faults(error, LoadDescription, StackFile(option, {}))
        raise CannotRun("\n".join(map(str, faults))) from None


_OUTER = frozenset({"scale", "shift", "repeat", "noise", "start"})


def _number(text: str) -> Any:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def starting_cold(member: Workload) -> Workload:
    """The member whose runs begin as at its creation, whatever its file says."""
    return dataclasses.replace(member, simulation=member.simulation.model_copy(update={"cold": True}))


def as_asked(member: Workload, request: Request) -> Workload:
    """The member with the parameters, the patience and the start of the command line."""
    if request.client_timeout is not None:
        patient = member.simulation.model_copy(update={"client_timeout": request.client_timeout})
        member = dataclasses.replace(member, simulation=patient)
    if request.cold:
        member = starting_cold(member)
    if not request.parameters:
        return member
    given: dict[str, float | str] = {}
    for pair in request.parameters:
        name, equals, value = pair.partition("=")
        number = _number(value)
        if not equals or (isinstance(number, str) and name.strip() not in CHOICES):
            raise CannotRun(f"--platform-parameter: got {pair!r}, expected a name and a number, such as drain=60")
        given[name.strip()] = number
    known, faults = parameters_of(member.simulation.model_copy(update={"parameters": given}), member.platform)
    if faults:
        raise CannotRun("\n".join(f"--platform-parameter {fault.path[-1]}: {fault.text}" for fault in faults))
    return dataclasses.replace(member, changed_parameters=known)


def simulated(member: Workload, load: Load, prices: Prices, request: Request) -> Run:
    """One run, with the price of a unit as the mean fleet of that run pays it."""
    from elasticity.simulator import SimulationError, simulate
    from operations.report.model import Run

    tick = request.tick or tick_for(load, member)
    try:
        timeline = simulate(member.rules, load, platform=member.simulated_on, tick=tick, **member.conditions)
    except SimulationError as error:
        lines = [f"{request.path.name} {member.name}, load {load.name}: {line}" for line in str(error).splitlines()]
        raise CannotRun("\n".join(lines)) from None
    cost = member.simulated_cost(prices)
    measured = timeline.figures()
    billed = measured["unit_hours"] if measured["instance_hours"] is None else measured["instance_hours"]
    hours = float(billed or 0.0) / (timeline.seconds / 3_600)
    timeline = dataclasses.replace(timeline, unit_price=cost.each(hours), prices=prices)
    return Run(
        member=member.name,
        load=load.name,
        platform=member.simulated_on,
        timeline=timeline,
        figures=timeline.figures(),
        currency=prices.currency,
        price_words=_price_words(cost, prices),
        unpriced=cost.unpriced,
    )


def _price_words(cost: UnitCost, prices: Prices) -> str:
    if not cost.known or prices.is_own:
        return cost.words if cost.known else ""
    dated = "; ".join(f"{item} {prices.items[item].get('date', 'undated')}" for item in cost.items)
    return f"{cost.words}, with the alarms of the rules ({prices.region}, {dated})"


def _rendered(report: Report, form: str, log: int | None, everything: bool, ranked: str | None) -> None:
    from operations.report import document, markdown, table

    if form == "json":
        click.echo(document.write(report), nl=False)
    elif form == "markdown":
        click.echo(markdown.write(report), nl=False)
    else:
        table.show(report, options.console(), log, everything=everything, ranked=ranked)


def _pictures(report: Report, picture: Path, ranked: str | None) -> list[Path]:
    """One picture per run, each light and dark; with several runs, their names stand in the files' names."""
    from operations import charts

    written = []
    for run_ in report.runs:
        stem = picture.stem if len(report.runs) == 1 else f"{picture.stem}-{run_.member}-{run_.load}"
        for theme in charts.THEMES:
            name = f"{stem}{'' if theme == 'light' else '-' + theme}{picture.suffix.lower()}"
            path = picture.with_name(name)
            form = picture.suffix.lower().removeprefix(".")
            if run_.bands is None:
                drawn = {path: charts.draw(run_, theme, form)}
            else:
                drawn = _of_bands(run_, path, theme, form, report, ranked)
            for place, picture_ in drawn.items():
                write_atomically(place, picture_)
                written.append(place)
    return written


def _of_bands(run_: Run, path: Path, theme: str, form: str, report: Report, ranked: str | None) -> dict[Path, bytes]:
    """Ribbons over time in the file that was asked for; beside it what the first ranked figure hangs on."""
    from operations import bands_chart
    from operations.report.bands import ranked_figures

    name = ranked_figures(run_, [item for item in report.judgements if item.run is run_], ranked)[0]
    beside = path.with_name(f"{path.stem}-tornado{path.suffix}")
    return {
        path: bands_chart.draw(run_, theme, form),
        beside: bands_chart.draw_tornado(run_, name, theme, form),
    }


def _log_limit(_context: click.Context, _option: click.Parameter, text: str) -> int | None:
    if text == "all":
        return None
    if not text.isdecimal():
        raise click.BadParameter("expected a number from 0 up, or all")
    return int(text)


def _patience(_context: click.Context, _option: click.Parameter, text: str | None) -> Duration | None:
    """A time in whole seconds above 0, as the stack file takes it."""
    if text is None:
        return None
    try:
        found = Duration.parse(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None
    if not found or found % 1:
        raise click.BadParameter(f"got {text}, allowed whole seconds above 0")
    return found


@click.command()
@options.stack_file
@options.service
@click.option("--load", help="Only this load of the stack file.")
@options.drawn_or_recorded
@click.option("--platform-parameter", "parameters", multiple=True, help="Another value: publication_delay=150.")
@click.option(
    "--client-timeout",
    callback=_patience,
    help="How long a request waits, such as 30s, before it has failed; 1d for a queue that nobody leaves.",
)
@options.cold
@click.option("--against", metavar="REV|FILE", help="Compare with the stack file at a git revision, or with a file.")
@click.option("--assert", "asserted", multiple=True, help="'overload_minutes < 5': exit code 1 where it is broken.")
@options.form(FORMATS)
@options.picture
@click.option("--html", "page", type=options.FILE, help="Write one page with a zoomable timeline, readable offline.")
@click.option("--log", callback=_log_limit, default="10", show_default=True, help="Decisions shown per run, or all.")
@click.option("--all", "everything", is_flag=True, help="Every figure, and every parameter with its source.")
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    help="Add Poisson noise to the load, drawn with this seed; with --bands, the seed of all that is drawn.",
)
@click.option("--bands", "banded", is_flag=True, help="Show p10, p50 and p90 of many runs over what is not known.")
@click.option("--runs", type=click.IntRange(1, 100_000), help="Of --bands.  [default: the stack file's, else 200]")
@click.option(
    "--range", "ranges", multiple=True, help="Of --bands: both ends of a parameter, unit.capacity=45/s..55/s."
)
@click.option("--rank", "figure", metavar="FIGURE", help="Of --bands: rank what this figure hangs on.")
@options.workers
@click.option(
    "--tick",
    type=click.IntRange(1, 60),
    help="Seconds of a time step; 10, or for loads above 3 days 60 or the shortest period that a rule looks at.",
)
@options.prices
@options.no_cache
def command(
    form: str,
    picture: Path | None,
    page: Path | None,
    log: int | None,
    runs: int | None,
    ranges: tuple[str, ...],
    workers: int | None,
    *,
    everything: bool,
    banded: bool,
    **asked: Any,
) -> int:
    """Replay a load on the scaling rules of a stack: what they do, when and why, and what it costs.

    Exit codes: 0 done and every expectation kept, 1 an expectation is broken, 2 it could not be run.
    """
    request = Request(**asked, drawn=picture is not None or page is not None)
    if banded:
        drawn = Asked(
            runs=runs,
            seed=request.seed or 0,
            workers=workers,
            ranges=ranges,
            curves=request.drawn,
        )
        request = dataclasses.replace(request, bands=drawn)
    elif given := [
        name for name, value in (("--runs", runs), ("--range", ranges), ("--rank", request.figure)) if value
    ]:
        raise click.UsageError(f"{', '.join(given)}: give --bands too")
    if request.figure is not None and request.figure not in FIGURES:
        raise click.UsageError(f"--rank: not a figure: {request.figure}; allowed {', '.join(FIGURES)}")
    if sum(value is not None for value in (request.load, request.trace, request.shape)) > 1:
        raise click.UsageError("give one of --load, --trace and --shape")
    report = run(request)
    _rendered(report, form, log, everything, request.figure)
    written = _pictures(report, picture, request.figure) if picture is not None else []
    if page is not None:
        from operations.report import html

        write_atomically(page, html.write(report, request.figure))
        written.append(page)
    for path in written:
        click.echo(f"wrote {path}", err=True)
    if form != "table":
        for item in report.broken:
            click.echo(str(item), err=True)
    return 1 if report.broken else 0
