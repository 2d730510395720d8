"""`accordion performance`: one command, one answer, three exit codes."""

from __future__ import annotations

import dataclasses
import datetime
import functools
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from operations import options, terminal
from operations.controller.stack import is_on_swarm, stack_on_swarm
from operations.declared import deployed
from operations.failures import DONE, CannotRun, as_cannot_run
from operations.live.calls import policy
from operations.performance.render import FORMATS
from operations.performance.report import PerformanceReport, ServicePerformance, Unread, service_report
from operations.performance.source import CALLS, Source, from_aws, from_controller, from_files, from_log
from operations.recordings.record import times_of
from operations.simulate import expectation, prices_of
from operations.simulate import remarks as of_prices
from stacks.compositions import Settings
from stacks.settings import load
from stacks.workloads import Workload, workloads_of

if TYPE_CHECKING:
    from elasticity.expectations import Expectation
    from elasticity.pricing import Prices
    from elasticity.recordings.performance import Performance
    from elasticity.recordings.recording import Recording

_AT_ONCE, _ALL = datetime.timedelta(minutes=-1), datetime.timedelta(days=36_500)
"""How late a controller's log is, whose last minute counts as far as it is written; and how long it is kept."""


@click.command()
@click.argument("file", metavar="[STACK_FILE]", required=False, type=options.FILE)
@click.option("--stack", help="Name of the stack; its file lies in this folder.  [default: dev, without --from]")
@click.option(
    "--from", "saved", type=options.FILE, multiple=True, help="A file that `accordion record` wrote; repeat it."
)
@click.option("--local", is_flag=True, help="The stack on the cloud on this machine.")
@click.option("--state", type=options.FILE, help="A state that `pulumi stack export` wrote, in place of the backend's.")
@click.option(
    "--log",
    "decided",
    type=options.FILE,
    help="On Docker Swarm: the log of an `accordion scale` that is no service of the stack.",
)
@options.period
@click.option("--policy", "print_policy", is_flag=True, help="Print the IAM policy that this command needs.")
@options.service
@click.option("--capacity", help="What one unit serves, where no file says it: 50/s.")
@click.option("--assert", "asserted", multiple=True, help="'overload_minutes < 5': exit code 1 where it is broken.")
@options.prices
@options.form(tuple(FORMATS))
@options.picture
def command(
    file: Path | None,
    stack: str | None,
    saved: tuple[Path, ...],
    state: Path | None,
    decided: Path | None,
    last: str | None,
    start: str | None,
    end: str | None,
    service: str | None,
    capacity: str | None,
    asserted: tuple[str, ...],
    prices: Path | None,
    form: str,
    picture: Path | None,
    *,
    local: bool,
    print_policy: bool,
) -> int:
    """Does what runs keep its promises? Reads what was recorded of each service and group: headroom, time over target
    and at the maximum, reaction times, overload, cost, scaling activities. It only reads.

    The promises are the expectations of the stack file, and --assert.

    Exit code 0: kept. 1: a promise is broken. 2: it could not be told, and why.
    """
    if print_policy:
        click.echo(json.dumps(policy(CALLS, "AccordionPerformance"), indent=2))
        return DONE
    asks = {"--local": local, "--state": state, "--log": decided, "--last": last, "--start": start, "--end": end}
    if saved and (beside := [option for option, value in asks.items() if value]):
        raise click.UsageError(f"--from does not go together with {' and '.join(beside)}")
    with as_cannot_run():
        settings = _settings(file, stack, needed=not saved)
        if saved:
            source = from_files(saved)
        elif is_on_swarm(stack_file := options.file_of(file, stack or "dev")):
            on_swarm = stack_on_swarm(stack_file, stack or "dev", state, local=local)
            times = times_of(last, start, end, _AT_ONCE, _ALL)
            if decided is None:
                source = from_controller(on_swarm, stack or "dev", *times, local=local)
            else:
                source = from_log(decided, on_swarm.names, stack or "dev", *times)
        elif decided is not None:
            raise click.UsageError("--log is the log of a controller on Docker Swarm, and this stack is on AWS")
        else:
            declaration = deployed(stack or "dev", state, local=local)
            source = from_aws(declaration, *times_of(last, start, end), service, local=local)
        table = prices_of(prices, settings)
        wanted = [expectation("--assert", text) for text in asserted]
        known = {} if settings is None else workloads_of(settings)
        chosen = _chosen(source, service)
        measured = {
            name: _measured(one, known.get(name), _unit(capacity), table) for name, one in chosen.recordings.items()
        }
    report = PerformanceReport(
        title=chosen.title,
        services=tuple(_service(found, known.get(name), wanted, table) for name, found in measured.items()),
        unread=tuple(
            Unread(workload=name, why=why, promised=bool(wanted or _expected(known.get(name))))
            for name, why in chosen.unread.items()
        ),
        remarks=_remarks(settings, table, measured),
        requests=chosen.requests,
    )
    options.print_answer(FORMATS[form](report), form)
    if picture is not None:
        _draw(picture, measured)
    return report.exit_code


def _settings(file: Path | None, stack: str | None, *, needed: bool) -> Settings | None:
    """The stack file: what is expected, and what a unit can do; None where recordings are read without one."""
    if file is None and stack is None and not needed:
        return None
    return load(options.file_of(file, stack or "dev"))


def _chosen(source: Source, service: str | None) -> Source:
    if service is None:
        return source
    if service not in source.recordings and not source.unread:
        there = ", ".join(source.recordings) or "none"
        raise CannotRun(f"--service {service}: was not recorded; recorded are {there}")
    return dataclasses.replace(
        source, recordings={name: one for name, one in source.recordings.items() if name == service}
    )


def _unit(capacity: str | None) -> Mapping[str, Any]:
    return {} if capacity is None else {"capacity": capacity}


def _measured(recording: Recording, workload: Workload | None, given: Mapping[str, Any], prices: Prices) -> Performance:
    from elasticity.recordings.performance import performance
    from operations.recordings.known import unit_of

    unit = unit_of(recording.rules.unit if workload is None else workload.rules.unit, given)
    goal = None if workload is None else workload.simulation.latency_goal
    return performance(
        recording,
        unit,
        latency_goal=None if goal is None else float(goal),
        tariff=None if workload is None else workload.unit_cost(prices).each,
        prices=prices,
    )


def _expected(workload: Workload | None) -> tuple[str, ...]:
    return () if workload is None else workload.simulation.expectations


def _service(
    found: Performance, workload: Workload | None, asserted: Sequence[Expectation], prices: Prices
) -> ServicePerformance:
    from elasticity.expectations import of_one_run, parse_expectation

    declared = _expected(workload)
    cost = None if workload is None else workload.unit_cost(prices)
    remarks = [] if cost is None else [f"without a price, in no sum: {line}" for line in cost.unpriced]
    expected = [*map(parse_expectation, declared), *asserted]
    if len(of_one_run(expected)) < len(expected):
        remarks.append("expectations on a quantile are of many runs, and not judged here: `accordion simulate` does")
    return service_report(
        found,
        of_one_run(expected),
        currency=prices.currency,
        price_words=cost.words if cost is not None and cost.known else "",
        remarks=remarks,
    )


def _remarks(settings: Settings | None, prices: Prices, measured: Mapping[str, Performance]) -> tuple[str, ...]:
    said = ["metrics come minute by minute: what is shorter is not seen, and times of reactions are right to a minute"]
    if any(found.counted for found in measured.values()):
        said.append("units that start or drain are billed and not counted here")
    said.append("what the simulator makes of the same load: `accordion fit` and `accordion replay` on a recording")
    return (*said, *(of_prices(prices) if settings is not None else ()))


def _draw(picture: Path, measured: Mapping[str, Performance]) -> None:
    from operations.charts import write_in_themes
    from operations.performance import chart

    for name, found in measured.items():
        place = picture if len(measured) == 1 else picture.with_name(f"{picture.stem}-{name}{picture.suffix}")
        for path in write_in_themes(place, functools.partial(chart.draw, found)):
            terminal.say(f"wrote {path}")
