"""What a service or group is tried on: loads by name, and what is expected of its rules on each of them."""

from __future__ import annotations

import dataclasses
import datetime
import difflib
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import AfterValidator, AwareDatetime, Field, model_validator
from pydantic_core import PydanticCustomError

from elasticity.expectations import ExpectationError, parse_expectation
from elasticity.faults import Fault
from elasticity.instance_sizes import MEMORY_FOR_TASKS, InstanceSize, size_of
from elasticity.platforms import CHOICES, platform_parameters
from elasticity.quantities import Duration, Rate
from elasticity.rules import Model, RuleName, Units, refuse

if TYPE_CHECKING:
    from elasticity.simulator.failures import Failure
    from elasticity.traces import Load

SHAPES = ("steady", "ramp", "step", "spike", "square", "daily", "weekly")
"""The named shapes of `elasticity.traces`, each with its numbers as a model here."""
Share = Annotated[float, Field(ge=0, le=1)]
Hour = Annotated[float, Field(ge=0, le=24)]
_DAY = Duration(86_400)
_HOUR = Duration(3_600)


def _positive(value: Duration) -> Duration:
    if value <= 0 or value % 1:
        raise PydanticCustomError("duration_range", "allowed whole seconds above 0")
    return value


Length = Annotated[Duration, AfterValidator(_positive)]
"""A duration of whole seconds above 0."""


class Steady(Model):
    """One rate all the time."""

    rate: Rate
    duration: Length = _DAY


class Ramp(Model):
    """`before` for `lead`, a straight way to `after` over `duration`, then `after` for `hold`."""

    before: Rate
    after: Rate
    duration: Length = _HOUR
    lead: Duration = Duration(1_800)
    hold: Duration = _HOUR


class Jump(Model):
    """`before`, and from `at` on `after`; `duration` in all."""

    before: Rate
    after: Rate
    at: Duration = _HOUR
    duration: Length = Duration(4 * 3_600)


class Spike(Model):
    """`base`, but `peak` for `length` from `at` on; `duration` in all."""

    base: Rate
    peak: Rate
    at: Duration = _HOUR
    length: Length = Duration(1_800)
    duration: Length = Duration(4 * 3_600)


class Square(Model):
    """`low`, then `high` for the last `high_share` of each `period`."""

    low: Rate
    high: Rate
    period: Length = _HOUR
    high_share: Share = 0.5
    duration: Length = _DAY


class Daily(Model):
    """A cosine over the day with its peak at `peak_hour`, UTC."""

    low: Rate
    high: Rate
    peak_hour: Hour = 14.0
    days: Annotated[int, Field(ge=1, le=3_660)] = 1


class Weekly(Model):
    """As `daily`; on Saturday and Sunday the rise above `low` is times `weekend`."""

    low: Rate
    high: Rate
    peak_hour: Hour = 14.0
    weekend: Share = 0.5
    weeks: Annotated[int, Field(ge=1, le=520)] = 1


class Trace(Model):
    """A recorded load: a CSV with a time and a value, an export or answer of a monitoring service, results of a load
    generator, or an access log; also as gzip."""

    file: str = Field(min_length=1)
    """Path, relative to the stack file, inside the project."""
    time_column: str | None = None
    """Without it `timestamp`, `time`, `date` or `datetime`, or the only column of times."""
    value_column: str | None = None
    """Column or series; without it `value`, `requests` and the like, or the only other one. `*` is the sum of all."""
    columns: tuple[str, ...] = ()
    """Further metrics of the file, for rules on metrics that do not follow from the load."""
    per: Literal["step", "second", "minute", "hour", "request"] | None = None
    """What a value counts: requests within one step of the file, or a rate; `request`: each row is one request. Without
    it what the file says, else `step`."""
    step: Length | None = None
    """The distance of two rows; without it the smallest in the file. Another distance in the file is an error."""
    interpolation: Literal["step", "linear"] = "step"


class LoadDescription(Model):
    """One load: exactly one shape or trace, then how it is bent."""

    steady: Steady | None = None
    ramp: Ramp | None = None
    step: Jump | None = None
    spike: Spike | None = None
    square: Square | None = None
    daily: Daily | None = None
    weekly: Weekly | None = None
    trace: Trace | None = None
    scale: Annotated[float, Field(gt=0, le=1e6)] = 1.0
    """Factor on every value."""
    shift: Length | None = None
    """Later by so much."""
    repeat: Annotated[int, Field(ge=1, le=3_660)] = 1
    """So many times, one after the other."""
    noise: Annotated[int, Field(ge=0)] | None = None
    """Seed of Poisson counts around the load; without it no noise."""
    start: AwareDatetime | None = None
    """Time of the first point, in place of Monday 2026-01-05T00:00:00Z or the trace's own."""

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        given = [name for name in (*SHAPES, "trace") if getattr(self, name) is not None]
        if len(given) != 1:
            found = " and ".join(f"`{name}`" for name in given) or "none"
            allowed = ", ".join((*SHAPES, "trace"))
            fault = "got {found}, give exactly one of {allowed}"
            raise PydanticCustomError("load_form", fault, {"found": found, "allowed": allowed})
        return self

    @property
    def form(self) -> str:
        """Name of the shape, or `trace`."""
        return next(name for name in (*SHAPES, "trace") if getattr(self, name) is not None)

    @property
    def highest(self) -> float:
        """The highest rate that its numbers draw; of a shape only."""
        return self.scale * max(value for _, value in getattr(self, self.form) if isinstance(value, Rate))


class InstanceGroup(Model):
    """The Auto Scaling group whose capacity provider a service's tasks run on: they wait until an instance has room."""

    type: str | None = None
    """Instance type, such as m7g.large. Its size follows from its name in the families c, m, r (fifth generation and
    later) and t3, t3a, t4g; of any other give `vcpus` and `memory`."""
    vcpus: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    memory: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    """MiB that ECS registers for tasks; without it 93 % of the type's."""
    interfaces: Annotated[int, Field(ge=1)] | None = None
    """Tasks with a network interface of their own that one instance takes; without it no limit (trunking)."""
    minimum: Units = 0
    maximum: Units
    initial: Units | None = None
    """Instances at the start; without it as many as the initial tasks need."""
    target_capacity: Annotated[int, Field(ge=1, le=100)] = 100
    """Percent of the instances in use; below 100 the rest is spare."""
    minimum_step: Annotated[int, Field(ge=1, le=10_000)] = 1
    maximum_step: Annotated[int, Field(ge=1, le=10_000)] = 10_000
    start_up: Duration | None = None
    """From launch until an instance takes tasks; without it 33 s and what the report says."""
    warm_up: Duration | None = None
    """While an instance is younger, no further ones launch; without it 5m."""

    @model_validator(mode="after")
    def _size_is_known(self) -> Self:
        faults: list[Fault] = []
        named = None if self.type is None else size_of(self.type)
        for place, field in enumerate(("vcpus", "memory")):
            if getattr(self, field) is None and named is None:
                given = "there is no `type` to tell it" if self.type is None else "it does not follow from `type`"
                faults.append(
                    Fault((field,), f"is missing, and {given}: give the {('number', 'MiB')[place]} of one instance")
                )
        if self.minimum > self.maximum:
            faults.append(Fault(("minimum",), "is above the maximum"))
        if self.minimum_step > self.maximum_step:
            faults.append(Fault(("minimum_step",), "is above `maximum_step`"))
        refuse(type(self), faults)
        return self

    @property
    def size(self) -> InstanceSize:
        """What one instance has for tasks."""
        vcpus, memory = (size_of(self.type) if self.type else None) or (0, 0)
        return InstanceSize(
            vcpus=float(vcpus) if self.vcpus is None else self.vcpus,
            memory=memory * MEMORY_FOR_TASKS if self.memory is None else self.memory,
            interfaces=self.interfaces,
        )


class ZoneLoss(Model):
    """A zone is lost: a share of the units, those that start included, is gone at once; others are launched."""

    at: Duration
    """From the start of the load."""
    share: Annotated[float, Field(gt=0, le=1)]
    """Of the units, rounded up: 0.34 of three zones, 0.5 of two."""


class SpotInterruptions(Model):
    """Units are told to go, serve on for the time of the warning and are gone; others are launched as they are told."""

    at: tuple[Duration, ...] = ()
    """From the start of the load."""
    per_hour: Annotated[float, Field(ge=0, le=3_600)] = 0.0
    """So many interruptions an hour, drawn with `seed` (a Poisson process), beside those of `at`."""
    seed: Annotated[int, Field(ge=0)] = 0
    units: Annotated[int, Field(ge=1, le=100_000)] = 1
    """At each interruption."""
    warning: Duration = Duration(120)
    """AWS tells two minutes before; 0s where units stop serving at once."""


class RollingDeployment(Model):
    """A deployment of a service: scale-in is suspended. Where `maximum_percent` leaves room for another task, those
    are paid beside the others; else only `minimum_percent` of the tasks desired serve."""

    at: Duration
    """From the start of the load."""
    length: Length
    minimum_percent: Annotated[int, Field(ge=0, le=100)] = 100
    maximum_percent: Annotated[int, Field(ge=100, le=200)] = 200


class Release(Model):
    """A release of a service by its own `deployment.strategy`, which shifts traffic: both versions run, and are paid,
    until the last step and the bake time are over."""

    at: Duration
    """From the start of the load."""
    answered_within: Duration = Duration(0)
    """How long its approvals wait for an answer, all together."""


class DownstreamLimit(Model):
    """What lies behind all units takes no more: further units are of no use. Give `rate`, or `connections` with
    `per_unit`."""

    rate: Rate | None = None
    """Requests."""
    connections: Annotated[int, Field(ge=1)] | None = None
    """Of a database, in all."""
    per_unit: Annotated[int, Field(ge=1)] | None = None
    """Connections that each unit holds."""


class RetriesDescription(Model):
    """Clients send again, at once, what has failed; the balancer counts each attempt."""

    factor: Annotated[float, Field(gt=0, le=1)] = 1.0
    """Share of the requests that fail which is sent again."""
    limit: Annotated[int, Field(ge=1, le=10)] = 3
    """Times that one request is sent again at most."""


FAILURES = ("zone", "spot", "deployment", "release", "downstream")


class FailureDescription(Model):
    """One thing that goes wrong: exactly one of these."""

    zone: ZoneLoss | None = None
    spot: SpotInterruptions | None = None
    deployment: RollingDeployment | None = None
    release: Release | None = None
    downstream: DownstreamLimit | None = None

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        given = [name for name in FAILURES if getattr(self, name) is not None]
        if len(given) != 1:
            found = " and ".join(f"`{name}`" for name in given) or "none"
            fault = "got {found}, give exactly one of {allowed}"
            raise PydanticCustomError("failure_form", fault, {"found": found, "allowed": ", ".join(FAILURES)})
        faults = [Fault((given[0],), text) for text in self.made().faults()]
        refuse(type(self), faults)
        return self

    def made(self, shift: float | None = None) -> Failure:
        """As the simulator takes it; `shift` is how many seconds a release of the workload takes without approvals."""
        from elasticity.simulator import failures  # numpy takes 0.1 s, and few settings have failures

        if self.zone is not None:
            return failures.ZoneLoss(at=float(self.zone.at), share=self.zone.share)
        if self.spot is not None:
            one = self.spot
            times = tuple(float(time) for time in one.at)
            return failures.SpotInterruptions(
                at=times, per_hour=one.per_hour, seed=one.seed, units=one.units, warning=float(one.warning)
            )
        if self.deployment is not None:
            rolling = self.deployment
            return failures.RollingDeployment(
                at=float(rolling.at),
                length=float(rolling.length),
                minimum_percent=rolling.minimum_percent,
                maximum_percent=rolling.maximum_percent,
            )
        if self.release is not None:
            length = max(1.0, (shift or 0.0) + float(self.release.answered_within))
            return failures.RollingDeployment(at=float(self.release.at), length=length)
        behind = self.downstream or DownstreamLimit()
        rate = None if behind.rate is None else float(behind.rate)
        return failures.DownstreamLimit(rate=rate, connections=behind.connections, per_unit=behind.per_unit)


RangeEnd = Annotated[float, Field(allow_inf_nan=False)] | Duration | Rate
"""A number in the parameter's own unit, a time or a rate."""


class BandSettings(Model):
    """What differs between the runs of an ensemble (`accordion simulate --bands`, expectations on a quantile), beside
    the platform's parameters that have two ends."""

    runs: Annotated[int, Field(ge=1, le=100_000)] = 200
    level: Annotated[float, Field(ge=0, lt=1)] = 0.1
    """Share by which the load may be higher or lower."""
    shift: Duration = _HOUR
    """Time by which it may come earlier or later by the clock, of schedules and of datapoints."""
    noise: bool = True
    """Poisson counts around each value of the load."""
    days: bool = True
    """Of loads of several days: each day drawn anew from the days of the load, weekends from weekends."""
    ranges: dict[str, tuple[RangeEnd, RangeEnd]] = Field(default={})
    """Both ends of a parameter, such as `unit.capacity: [45/s, 55/s]` or `publication_delay: [160, 180]`; two equal
    ends hold it still."""


Weight = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class PerRequest(Model):
    """What one request weighs where AWS charges by it: with the loads it tells what a month of that costs. What is not
    said is listed by `accordion cost` and not counted. It changes no simulation."""

    balancer_bytes: Weight | None = None
    """Through the balancer, request and answer together."""
    connections: Share | None = None
    """New connections to the balancer: 1 where each request opens one, 0.1 where ten share one."""
    connection_time: Duration | None = None
    """How long a connection stays open: with `connections` it tells how many are open at once. Without it those are
    not counted."""
    nat_bytes: Weight | None = None
    """Through NAT gateways, both ways."""
    log_bytes: Weight | None = None
    """Taken in by CloudWatch Logs."""


Word = Annotated[str, Field(min_length=1, max_length=30)]
"""A parameter that is one of a few words."""


class Simulation(Model):
    """What the rules are tried on, and what they must keep."""

    loads: dict[RuleName, LoadDescription] = Field(default={})
    expectations: tuple[str, ...] = ()
    """On every load: a figure, a comparison, a number, such as `overload_minutes < 5`; or a quantile of it over the
    runs of an ensemble, such as `p90 overload_minutes < 5`."""
    latency_goal: Duration | None = None
    """The latency estimate must lie below it; `goal_share` is the share of the time in which it does."""
    cold: bool = False
    """True: a run starts with the units of a creation, the minimum or `initial`. Without it, settled: with what the
    rules hold at the load of its first minute, as the report says."""
    client_timeout: Annotated[Duration, AfterValidator(_positive)] | None = None
    """Requests that have waited so long are given up and counted as failed (504). Without it the idle timeout of the
    application balancer in front, 60s unless changed; in a rules file 60s unless a queue is named. Without a balancer,
    or with `1d`, they wait as for ever."""
    retries: RetriesDescription | None = None
    """What fails of patience is sent again, which a rule on requests sees too; what is given up counts as failed.
    Needs requests that fail: behind an application balancer, or `client_timeout`."""
    failures: dict[RuleName, FailureDescription] = Field(default={})
    """What goes wrong in each run, by name: the loss of a zone, Spot interruptions, a deployment, a limit of what lies
    behind the units."""
    parameters: dict[str, Annotated[float, Field(allow_inf_nan=False)] | Word] = Field(default={})
    """Parameters of the platform that differ from the shipped ones, such as `publication_delay: 150`, or
    `requests_counted: completed`."""
    bands: BandSettings = BandSettings()
    """What differs between the runs of an ensemble."""
    per_request: PerRequest = PerRequest()
    """What a request weighs where AWS charges by it."""
    instances: InstanceGroup | None = None
    """Of a service with `capacity.kind: ec2`: the group below it. Without it there is always room for a task."""

    @property
    def peak(self) -> float | None:
        """The highest rate of the loads that are drawn by numbers; a recorded one is left to `accordion simulate`."""
        peaks = [load.highest for load in self.loads.values() if load.trace is None]
        return max((peak for peak in peaks if peak > 0), default=None)

    @property
    def cost_cap(self) -> float | None:
        """What an expectation allows a month to cost."""
        expected = (parse_expectation(text) for text in self.expectations)
        caps = (one.value for one in expected if one.figure.name == "cost_per_month" and one.comparison.startswith("<"))
        return min((cap for cap in caps if cap > 0), default=None)

    @model_validator(mode="after")
    def _expectations_are_readable(self) -> Self:
        faults: list[Fault] = []
        for place, text in enumerate(self.expectations):
            try:
                parse_expectation(text)
            except ExpectationError as error:
                faults.append(Fault(("expectations", place), str(error)))
        if self.expectations and not self.loads:
            faults.append(Fault(("loads",), "are missing: expectations need a load to be measured on"))
        refuse(type(self), faults)
        return self


def failure_faults(simulation: Simulation, platform: str, shift: float | None = None) -> list[Fault]:
    """What is wrong with the failures together, or on `platform`; `shift` is how many seconds a release takes, None
    where none shifts traffic."""
    if not simulation.failures:
        return []
    unknown = [name for name, one in simulation.failures.items() if one.release is not None and shift is None]
    if unknown:
        text = "nothing here shifts traffic (`deployment.strategy`): describe a `deployment` with its length instead"
        return [Fault(("failures", name, "release"), text) for name in unknown]
    from elasticity.simulator.failures import faults_of

    made = {name: one.made(shift) for name, one in simulation.failures.items()}
    deploys = platform_parameters(platform).behaviour.deployments
    found = (text.partition(": ") for text in faults_of(made, deploys=deploys))
    return [Fault(tuple(place.split(".")), text) for place, _, text in found]


def parameters_of(simulation: Simulation, platform: str) -> tuple[dict[str, float | str], list[Fault]]:
    """The changed parameters in the types that `platform` wants, and what it does not know or allow."""
    shipped = {row.name: row.default for row in platform_parameters(platform).rows()}
    numbers = {name: value for name, value in shipped.items() if isinstance(value, int | float)}
    given: dict[str, float | str] = {}
    faults: list[Fault] = []
    for name, value in simulation.parameters.items():
        if name in CHOICES and name in shipped:
            if value in CHOICES[name]:
                given[name] = value
            else:
                faults.append(Fault(("parameters", name), f"got {value}, allowed {', '.join(CHOICES[name])}"))
        elif name not in numbers:
            near = difflib.get_close_matches(name, numbers, 1, cutoff=0.5)
            hint = (
                f"did you mean `{near[0]}`"
                if near
                else f"allowed {', '.join([*numbers, *(word for word in CHOICES if word in shipped)])}"
            )
            faults.append(Fault(("parameters", name), f"not a parameter of {platform} that is a number; {hint}"))
        elif isinstance(value, str):
            faults.append(Fault(("parameters", name), f"got {value}, expected a number"))
        elif value < 0 or (isinstance(numbers[name], int) and value % 1):
            allowed = "a whole number from 0 up" if isinstance(numbers[name], int) else "0 or more"
            faults.append(Fault(("parameters", name), f"allowed {allowed}"))
        else:
            given[name] = int(value) if isinstance(numbers[name], int) else value
    return given, faults


def load_of(name: str, description: LoadDescription, folder: Path | None) -> Load:
    """The load that `description` gives: of a stack file in `folder`, whose traces are relative to it and inside the
    project, or, without a folder, of a person, who may name any file. Raises elasticity.traces.TraceError."""
    return bent(name, description, source_of(description, folder).read())


def bent(name: str, description: LoadDescription, load: Load) -> Load:
    """What a description makes of the load of its shape or trace; raises elasticity.traces.TraceError."""
    from elasticity import traces  # numpy takes 0.1 s, and most commands that read settings need no load

    if description.start is not None:
        load = dataclasses.replace(load, start=description.start.astimezone(datetime.UTC))
    load = load.scaled(description.scale).repeated(description.repeat)
    if description.shift is not None:
        load = load.shifted(int(description.shift))
    if description.noise is not None:
        load = load.with_noise(description.noise)
    if not load.values.any():
        raise traces.TraceError(f"{name}: the load is 0 all the time: nothing would be shown")
    return dataclasses.replace(load, name=name)


def source_of(description: LoadDescription, folder: Path | None) -> Drawn | Recorded:
    """Where the load of a shape or trace comes from, an `elasticity.sweeps.Source`; `folder` as in `load_of`."""
    if description.trace is None:
        return Drawn(description)
    return Recorded(description.trace, folder)


@dataclasses.dataclass(frozen=True)
class Drawn:
    """A load that is drawn by numbers."""

    description: LoadDescription

    def read(self) -> Load:
        """The load before it is bent."""
        from elasticity import traces

        numbers = getattr(self.description, self.description.form)
        given = {field: float(getattr(numbers, field)) for field in type(numbers).model_fields}
        return traces.shape(self.description.form, **given)

    def packed(self) -> tuple[str, Drawn]:
        """As `elasticity.sweeps.Source.packed`."""
        numbers = getattr(self.description, self.description.form)
        return hashlib.sha256(f"{self.description.form} {numbers!r}".encode()).hexdigest(), self


@dataclasses.dataclass(frozen=True)
class Recorded:
    """A load that a file holds."""

    trace: Trace
    folder: Path | None
    """As in `load_of`."""
    content: bytes | None = dataclasses.field(default=None, repr=False)
    """What the file holds, where it is not at hand."""

    def read(self) -> Load:
        """The load before it is bent; raises elasticity.traces.TraceError."""
        return _recorded(self.trace, self.folder, self.content)

    def packed(self) -> tuple[str, Recorded]:
        """As `elasticity.sweeps.Source.packed`."""
        from elasticity.trace_files import content_of

        path = _opened(self.trace, self.folder)
        content = content_of(path)
        digest = hashlib.sha256(f"{path} {self.trace!r}".encode())  # what is wrong with it is told with its path
        digest.update(content)
        return digest.hexdigest(), dataclasses.replace(self, content=content)


def _project(folder: Path) -> Path:
    """The folder of the project's Pulumi.yaml, at or above the stack file's; without one, the stack file's."""
    return next((above for above in (folder, *folder.parents) if (above / "Pulumi.yaml").is_file()), folder)


def _is_inside(path: Path, folder: Path) -> bool:
    """Whether a path leads to a place inside the project of a folder; links that lead to themselves, and names that no
    file can have, lead nowhere and are told where they are opened."""
    try:
        return path.resolve().is_relative_to(_project(folder.resolve()))
    except (RuntimeError, ValueError):
        return True


def _opened(trace: Trace, folder: Path | None) -> Path:
    """The file of a trace; raises elasticity.traces.TraceError where a stack file may not open it."""
    from elasticity.traces import TraceError

    path = (folder or Path()) / trace.file
    if folder is not None and not _is_inside(path, folder):
        raise TraceError(
            f"{path}: lies outside the project, and a stack file opens only what is inside: "
            "copy it there, or name it on the command line by --trace"
        )
    return path


def _recorded(trace: Trace, folder: Path | None, content: bytes | None) -> Load:
    from elasticity.trace_files import read_trace
    from elasticity.traces import TraceError

    path = _opened(trace, folder) if content is None else (folder or Path()) / trace.file
    load = read_trace(
        path,
        content=content,
        per=trace.per,
        time_column=trace.time_column,
        value_column=trace.value_column,
        columns=trace.columns or None,
        interpolation=trace.interpolation,
    )
    if trace.step is not None and float(load.step) != trace.step:
        raise TraceError(f"{path}: the rows are {load.step} s apart, `step` says {trace.step}")
    return load
