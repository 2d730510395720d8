"""`accordion sweep`: every service and group of many stack files on its loads, the worst first."""

from __future__ import annotations

import dataclasses
import functools
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import click
from rich.markup import escape
from rich.padding import Padding

from elasticity.expectations import FIGURES, Expectation, of_one_run, parse_expectation
from operations import options, simulate, terminal
from operations.compiling import compile_once
from operations.failures import CannotRun
from operations.files import is_file, is_folder
from stacks.settings import SettingsError, load
from stacks.simulation import LoadDescription, bent, source_of
from stacks.workloads import Workload, scaled

if TYPE_CHECKING:
    from elasticity.pricing import Prices
    from elasticity.sweeps import Case, Row, Unread
    from elasticity.traces import Load

PATTERN = "Pulumi.*.yaml"
SHOWN = MappingProxyType(
    {
        "overload_minutes": "overload",
        "longest_overload": "longest",
        "reaction_p95": "reaction p95",
        "mean_units": "mean",
        "peak_units": "peak",
        "minutes_at_maximum": "at maximum",
        "flaps": "flaps",
        "cost_per_month": "cost a month",
    }
)
"""Figures of the table and their headings; JSON has them all."""
NARROW = ("overload_minutes", "reaction_p95", "peak_units", "cost_per_month")
"""Those of a terminal narrower than WIDE characters."""
WIDE = 120
JSON_VERSION = 1


def case_of(member: Workload, loads: Sequence[Load], prices: Prices, name: str | None = None) -> Case:
    """A service or group on loads, with the ticks and the price that `accordion simulate` would take."""
    from elasticity.sweeps import Case

    return Case(
        name=name or member.name,
        rules=member.rules,
        loads=tuple(loads),
        ticks=tuple(simulate.tick_for(load, member) for load in loads),
        platform=member.simulated_on,
        options=member.conditions,
        tariff=member.simulated_cost(prices).each,
        prices=prices,
    )


def _case_on(
    member: Workload, prices: Prices, name: str, described: Mapping[str, LoadDescription], loads: Sequence[Load]
) -> Case:
    """The case on what its loads were read from; raises TraceError."""
    bends = zip(described.items(), loads, strict=True)
    return case_of(member, [bent(key, description, load) for (key, description), load in bends], prices, name)


@dataclasses.dataclass
class Fleet:
    """What is found in the stack files, one after the other: nothing of a file is kept once its cases have run."""

    files: tuple[Path, ...]
    price_file: Path | None = None
    """Over the shipped table of each file's region."""
    cold: bool = False
    """Whether every run starts with the minimum, whatever its file says."""
    asserted: tuple[Expectation, ...] = ()
    expected: dict[str, tuple[Expectation, ...]] = dataclasses.field(default_factory=dict)
    """By case."""
    faults: list[str] = dataclasses.field(default_factory=list)
    """What is wrong with files, settings and traces."""
    without_loads: list[str] = dataclasses.field(default_factory=list)
    currencies: set[str] = dataclasses.field(default_factory=set)
    on_quantiles: list[str] = dataclasses.field(default_factory=list)
    """Cases of which a quantile is expected: a sweep has one run of each."""

    def cases(self) -> Iterator[Unread]:
        """Each service and group that has loads, which are read where it runs."""
        from elasticity.sweeps import Unread

        names = stack_names(self.files)
        for path in self.files:
            try:
                settings = load(path)
                prices = simulate.prices_of(self.price_file, settings)
            except SettingsError as error:
                self.faults += [str(dataclasses.replace(fault, file=str(path))) for fault in error.faults]
                continue
            except CannotRun as error:
                self.faults += [f"{path}: {line}" for line in str(error).splitlines()]
                continue
            self.currencies.add(prices.currency)
            found = scaled(settings)
            for member in found.values():
                name = f"{names[path]}/{member.name}"
                described = member.simulation.loads
                if not described:
                    self.without_loads.append(name)
                    continue
                member = simulate.starting_cold(member) if self.cold else member
                expected = (*map(parse_expectation, member.simulation.expectations), *self.asserted)
                self.expected[name] = of_one_run(expected)
                if len(self.expected[name]) < len(expected):
                    self.on_quantiles.append(name)
                yield Unread(
                    name=name,
                    sources=tuple(source_of(description, path.parent) for description in described.values()),
                    made=functools.partial(_case_on, member, prices, name, described),
                )

    @property
    def currency(self) -> str:
        """Of every cost."""
        return " or ".join(sorted(self.currencies)) or "USD"

    def broken(self, row: Row) -> list[Expectation]:
        """The expectations that a row does not keep."""
        return [item for item in self.expected[row.case] if not item.holds(row.figures[item.figure.name])]


def stack_files(paths: Sequence[Path]) -> tuple[Path, ...]:
    """The stack files among and in `paths`, by name, each once; raises CannotRun for what is neither."""
    found: dict[Path, None] = {}
    for path in paths:
        inside = sorted(path.glob(PATTERN)) if is_folder(path) else [path]
        if not inside or not all(map(is_file, inside)):
            raise CannotRun(f"{path}: neither a stack file nor a folder with files called {PATTERN}")
        found |= dict.fromkeys(inside)
    return tuple(found)


def stack_names(files: Sequence[Path]) -> dict[Path, str]:
    """What each stack file is called: its stack, with the folder before it where several stacks have that name."""
    stacks = {path: path.stem.removeprefix("Pulumi.") for path in files}
    for whole in (False, True):
        often = Counter(stacks.values())
        for path, name in stacks.items():
            if often[name] > 1:
                folder = path.parent.as_posix() if whole else path.parent.name
                stacks[path] = f"{folder}/{path.stem.removeprefix('Pulumi.')}"
    return stacks


def ordered(fleet: Fleet, rows: Sequence[Row], by: str) -> list[Row]:
    """The worst first: most broken expectations, then the figure `by`, then name; None counts as best."""
    direction = 1.0 if FIGURES[by].better == "higher" else -1.0

    def rank(row: Row) -> tuple[float, float, str, str]:
        value = row.figures[by]
        return -len(fleet.broken(row)), float("inf") if value is None else direction * value, row.case, row.load

    return sorted(rows, key=rank)


def _as_json(fleet: Fleet, rows: Sequence[Row]) -> str:
    document: Mapping[str, Any] = {
        "version": JSON_VERSION,
        "currency": fleet.currency,
        "rows": [
            {
                "service": row.case,
                "load": row.load,
                "broken": [item.text for item in fleet.broken(row)],
                "figures": dict(row.figures),
            }
            for row in rows
        ],
        "faults": fleet.faults,
        "without_loads": fleet.without_loads,
    }
    return json.dumps(document, indent=2, allow_nan=False) + "\n"


def counted(count: int, what: str) -> str:
    """`1 run`, `2 runs`."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def verdict(fleet: Fleet, rows: Sequence[Row]) -> list[str]:
    """The answer in three lines: expectations, overload, cost."""
    return [_kept(fleet, rows), _overload(rows), _cost(fleet, rows)]


def _kept(fleet: Fleet, rows: Sequence[Row]) -> str:
    from operations.report.model import shown

    if not any(fleet.expected[row.case] for row in rows):
        return "no expectation is declared: --expect 'overload_minutes < 5' makes this a gate"
    failing = [row for row in rows if fleet.broken(row)]
    if not failing:
        return f"kept: every expectation in {counted(len(rows), 'run')}"
    first = fleet.broken(failing[0])[0]
    measured = shown(first.figure, failing[0].figures[first.figure.name], fleet.currency)
    return (
        f"broken: in {len(failing)} of {counted(len(rows), 'run')}, worst {failing[0].case} on {failing[0].load}: "
        f"{first.text}, measured {measured}"
    )


def _overload(rows: Sequence[Row]) -> str:
    from operations.report.model import shown

    over = [row for row in rows if row.figures["overload_minutes"]]
    if not over:
        return "no overload"
    worst = max(over, key=lambda row: row.figures["overload_minutes"] or 0.0)
    minutes = shown(FIGURES["overload_minutes"], worst.figures["overload_minutes"])
    return f"overload: in {len(over)} of {counted(len(rows), 'run')}, at most {minutes}, {worst.case} on {worst.load}"


def _cost(fleet: Fleet, rows: Sequence[Row]) -> str:
    """Of each service on the load that costs most."""
    from operations.report.model import shown

    dearest: dict[str, float | None] = {}
    for row in rows:
        cost, known = row.figures["cost_per_month"], dearest.get(row.case)
        dearest[row.case] = cost if known is None or cost is None else max(known, cost)
    if len(fleet.currencies) > 1:
        return f"cost: not added up: the prices are in {fleet.currency}"
    told = [cost for cost in dearest.values() if cost is not None]
    if not told:
        return "cost: not known: no unit has a price"
    said = shown(FIGURES["cost_per_month"], sum(told), fleet.currency)
    left = f", {len(dearest) - len(told)} without a price" if len(told) < len(dearest) else ""
    return f"cost: {said} a month, of each service on the load that costs most{left}"


def _as_table(fleet: Fleet, rows: Sequence[Row], maximum: int | None) -> None:
    from operations.report.fitted import FittedTable
    from operations.report.model import shown

    console = options.console()
    narrow = console.width < WIDE
    services = len({row.case for row in rows})
    console.print(f"{counted(services, 'service')}, {counted(len(rows), 'run')}", style="bold", highlight=False)
    for line in verdict(fleet, rows):
        style = "bold red" if line.startswith("broken") else ""
        console.print(Padding(escape(line), (0, 0, 0, 2), expand=False), style=style, highlight=False)
    console.print()
    table = FittedTable("The worst first" if len(rows) > 1 else "")
    table.add_column("service")
    table.add_column("load")
    columns = [FIGURES[name] for name in (NARROW if narrow else SHOWN)]
    for figure in columns:
        table.add_column(SHOWN[figure.name], justify="right", no_wrap=True)
    failing = any(fleet.broken(row) for row in rows[:maximum])
    if failing:
        table.add_column("broken")
    for row in rows[:maximum]:
        broken = ", ".join(item.text for item in fleet.broken(row))
        cells = [shown(figure, row.figures[figure.name], fleet.currency) for figure in columns]
        last = [f"[bold red]{escape(broken)}[/]" if broken else ""] if failing else []
        table.add_row(escape(row.case), escape(row.load), *cells, *last)
    if rows:
        console.print(table)
        console.print()
    lines = ["each run starts cold, with the minimum"] if fleet.cold else []
    if maximum is not None and len(rows) > maximum:
        lines.append(f"the worst {maximum} are shown: --top all shows the others")
    if narrow and rows:
        lines.append(f"{len(SHOWN) - len(NARROW)} more figures from {WIDE} characters on, all with --format json")
    if fleet.without_loads:
        lines.append(f"without loads, not run: {', '.join(fleet.without_loads)}")
    for line in lines:
        console.print(escape(line), highlight=False)


def _top(_context: click.Context, _option: click.Parameter, text: str) -> int | None:
    if text == "all":
        return None
    if not text.isdecimal() or not int(text):
        raise click.BadParameter("expected a number from 1 up, or all")
    return int(text)


@click.command()
@click.argument("paths", metavar="FOLDER_OR_FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--expect", "asserted", multiple=True, help="'overload_minutes < 5', of every service beside its own.")
@click.option("--sort", "by", default="overload_minutes", show_default=True, help="Figure that says what is worst.")
@click.option("--top", callback=_top, default="40", show_default=True, help="Rows of the table, or all.")
@options.form(("table", "json"))
@options.cold
@options.prices
@options.executor
@options.no_cache
def command(
    paths: tuple[Path, ...],
    asserted: tuple[str, ...],
    by: str,
    top: int | None,
    form: str,
    cold: bool,
    prices: Path | None,
    workers: int | None,
    dask: str | None,
) -> int:
    """Run every service and group of many stack files on its loads, and show the worst first.

    Exit codes: 0 every expectation kept, 1 some are broken, 2 something could not be run.
    """
    from elasticity.sweeps import sweep
    from operations.cluster import executor

    if by not in FIGURES:
        raise click.UsageError(f"--sort: not a figure: {by}; allowed {', '.join(FIGURES)}")
    fleet = Fleet(
        stack_files(paths),
        prices,
        cold,
        tuple(simulate.expectation("--expect", text) for text in asserted),
    )
    if dask is None:
        compile_once()
    rows: list[Row] = []
    with executor(dask, workers) as place, terminal.counted("runs", None) as advance:
        for row in sweep(fleet.cases(), place):
            advance(1)
            if row.fault:
                fleet.faults += row.fault.splitlines()
            else:
                rows.append(row)
    rows = ordered(fleet, rows, by)
    if form == "json":
        click.echo(_as_json(fleet, rows), nl=False)
    else:
        _as_table(fleet, rows, top)
    if fleet.on_quantiles:
        names = ", ".join(fleet.on_quantiles)
        terminal.say(f"expectations on a quantile are not judged here but by accordion simulate: of {names}")
    for fault in fleet.faults:
        click.echo(f"error: {fault}", err=True)
    if not rows and not fleet.faults:
        raise CannotRun("nothing was run: no service or group has loads under `simulation.loads`")
    if fleet.faults:
        return 2
    return 1 if any(fleet.broken(row) for row in rows) else 0
