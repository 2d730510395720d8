"""What *elastic* means for one service or group: the bounds, and the rules that move the capacity between them.

One `Elasticity` object is checked (`elasticity.checks`), translated (`components.scaling`), simulated
(`elasticity.simulator`) and compared with what runs (`operations`); it is never typed twice. Rules are maps keyed by
name: the key becomes the name of the rule's resources and its row in every report.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Annotated, Literal, Self, TypeVar, cast

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    ValidationError,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, InitErrorDetails, PydanticCustomError

from elasticity import docstrings
from elasticity.faults import Fault
from elasticity.metrics import METRICS
from elasticity.platforms import BEHAVIOUR, MINUTE, PLATFORM_NAMES, PlatformName
from elasticity.quantities import Duration, Rate

Platform = PlatformName
PLATFORMS = PLATFORM_NAMES

BOUNDED_METRICS = frozenset(name for name, kind in METRICS.items() if kind.bounded)
"""Metrics in percent: no target above 100, and growth of one step at most 100 / target."""
TIME_METRICS = frozenset(name for name, kind in METRICS.items() if kind.unit == "s")
"""Metrics whose target or threshold is a duration."""
PREDEFINED_METRICS = tuple(METRICS)
"""Metrics that need no declaration, as `elasticity.metrics` describes them."""

RuleName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,19}$")]
"""Lower case, at most 20 characters: it becomes part of resource names."""
Count = Annotated[int, Field(ge=0, le=100_000, strict=True)]
Percentage = Annotated[float, Field(ge=0, le=100)]


def _a_count_is_a_number(value: object) -> object:
    if isinstance(value, float) and value.is_integer():
        return int(value)  # Pulumi's configuration and state hold every number as a float
    return value


Units = Annotated[Count, BeforeValidator(_a_count_is_a_number)]
"""Tasks or instances, a whole number."""
Amount = Annotated[float, Field(allow_inf_nan=False, strict=True)] | Duration
"""A plain number in the metric's own unit, or a duration where the metric is a time."""


class Model(BaseModel):
    """Frozen, no unknown keys, and no value in an error: it may be a secret in the wrong place."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
        validate_default=True,
        populate_by_name=True,
    )

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """The schema, each property with the docstring of its attribute."""
        made = handler(core_schema)
        properties = handler.resolve_ref_schema(made).get("properties", {})
        for name, text in docstrings.of_attributes(cls).items():
            field = cls.model_fields.get(name)
            if field is not None and (field.alias or name) in properties:
                properties[field.alias or name]["description"] = text
        return made


def refuse(model: type[BaseModel], faults: Iterable[Fault]) -> None:
    """Raise all faults at once, each at its own path below the model; nothing when there is none."""
    details: list[InitErrorDetails] = [
        {"type": PydanticCustomError("rule", "{fault}", {"fault": fault.text}), "loc": fault.path, "input": None}
        for fault in faults
    ]
    if details:
        raise ValidationError.from_exception_data(model.__name__, details, hide_input=True)


_Narrow = TypeVar("_Narrow", bound=Model)


def narrowed(wide: Model, kind: type[_Narrow]) -> _Narrow:
    """The fields of `kind` alone, of a model that has more: what a component is told."""
    fields = {name: getattr(wide, name) for name in kind.model_fields}
    return cast("_Narrow", kind.model_construct(wide.model_fields_set & kind.model_fields.keys(), **fields))


class Queue(Model):
    """The queue that `queue_delay` looks at."""

    name: str = Field(min_length=1, max_length=80)
    """Name of the SQS queue."""
    time_per_message: Duration
    """Mean time that one unit needs for one message. Acceptable messages per unit = target / time_per_message."""


class Unit(Model):
    """What one task or instance can do. The simulator and the linter need it; AWS never sees it."""

    capacity: Rate | None = None
    """Requests (or messages) that one unit serves at full utilisation."""
    start_up: Duration | None = None
    """From the decision to launch until the unit serves, health checks included."""
    running_after: Duration | None = None
    """Of a service: from the decision to launch until the task runs, which ECS counts from then on, in the base of a
    policy and in cpu. Without it a task runs as soon as it serves."""
    start_up_cpu: Percentage | None = None
    """CPU in percent of a task that runs and does not serve yet; without it `idle_cpu`."""
    service_time: Duration | None = None
    """Mean time to serve one request on an idle unit; the base of the latency estimate."""
    idle_cpu: Percentage = 0.0
    """CPU in percent of a unit without load."""
    idle_memory: Percentage = 0.0
    """Memory in percent of a unit without load."""
    full_memory: Percentage | None = None
    """Memory in percent at full utilisation; without it memory does not follow the load."""
    saturation: Percentage | None = None
    """CPU in percent at which latency breaks down; a target at or above it is a finding."""
    longest_request: Duration | None = None
    """The longest request or message that must be able to finish when a unit stops."""


class Metric(Model):
    """A CloudWatch metric, or an expression over other entries of the map by their keys."""

    namespace: str | None = None
    name: str | None = None
    dimensions: dict[str, str] = {}
    statistic: str = "Average"
    """Average, Sum, Minimum, Maximum, SampleCount, or a percentile such as p90."""
    period: Duration = Duration(60)
    expression: str | None = None
    """CloudWatch metric math; ids are keys of `metrics`."""
    silent_when_idle: bool = False
    """True where no datapoint is published without load: missing data then means idle."""
    bounded: bool = False
    """True for a percentage that cannot pass 100."""

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        if (self.expression is None) == (self.name is None):
            raise PydanticCustomError("metric_form", "give either `namespace` and `name`, or `expression`")
        if self.name is not None and self.namespace is None:
            raise PydanticCustomError("metric_form", "`namespace` is missing beside `name`")
        if self.expression is not None and (self.namespace or self.dimensions):
            raise PydanticCustomError(
                "metric_form", "an expression has no `namespace` or `dimensions`: put these on the metrics it names"
            )
        return self


class _OnMetric(Model):
    metric: str
    """cpu, memory, requests_per_target, response_time, queue_delay, or a key of `metrics`."""


def _amount_faults(metric: str, amount: float | None, *path: str | int) -> list[Fault]:
    """What keeps `amount` at `path` from being a value of the metric."""
    if amount is None:
        return []
    field, duration = path[0], isinstance(amount, Duration)
    if metric in TIME_METRICS and not duration:
        return [Fault(path, f"got a plain number for {metric}, expected {Duration.expected}")]
    if metric in PREDEFINED_METRICS and metric not in TIME_METRICS and duration:
        return [Fault(path, f"got a duration for {metric}, expected a plain number")]
    if field in ("target", "threshold") and metric in BOUNDED_METRICS and not 1 <= amount <= 100:
        return [Fault(path, f"got a percentage {'above 100' if amount > 100 else 'below 1'}, allowed 1 to 100")]
    if field == "target" and amount <= 0:
        return [Fault(path, "got 0 or less, allowed above 0")]
    return []


def _period_faults(metric: str, period: float | None) -> list[Fault]:
    """What keeps a rule on `metric` from having a period of its own, on every platform."""
    path = ("metric_period",)
    if period is None:
        return []
    if metric not in METRICS:
        return [Fault(path, f"the period of {metric} is `metrics.{metric}.period`: set it there")]
    if not METRICS[metric].of_units:
        fine = ", ".join(name for name, kind in METRICS.items() if kind.of_units)
        return [Fault(path, f"{metric} comes each minute, only {fine} may come more often: leave it out")]
    periods = sorted({MINUTE, *(seconds for one in BEHAVIOUR.values() for seconds in one.fine_metrics.values())})
    if period not in periods:
        return [Fault(path, f"got {Duration(period)}, allowed {' or '.join(f'{one}s' for one in periods)}")]
    return []


class TargetTracking(_OnMetric):
    """Keep a metric near a target: capacity = ceil(current x metric / target), within the bounds."""

    target: Amount
    """In the metric's unit: percent, requests per minute and target, a duration, or the custom metric's own."""
    scale_in_cooldown: Duration | None = None
    """Service only; AWS's default is 5m."""
    scale_out_cooldown: Duration | None = None
    """Service only; AWS's default is 5m."""
    warm_up: Duration | None = None
    """Group only: until a new instance counts. Without it the group's default warm-up."""
    scale_in: bool = True
    """False: this rule never removes capacity."""
    metric_period: Duration | None = None
    """`20s`: look at cpu, or memory of a service, each 20 s instead of each minute, and act in a quarter of the time.
    Needs units that publish it so (`monitoring` of the service)."""

    @model_validator(mode="after")
    def _target_fits_its_metric(self) -> Self:
        faults = _amount_faults(self.metric, self.target, "target")
        refuse(type(self), [*faults, *_period_faults(self.metric, self.metric_period)])
        return self


class Step(Model):
    """One interval of a step policy: bounds are differences from the threshold, in the metric's unit. A missing bound
    is open."""

    from_: Amount | None = Field(default=None, alias="from")
    to: Amount | None = None
    change: int
    """Units, percent, or the exact capacity, as the policy's `adjustment` says. Negative removes."""


class StepScaling(_OnMetric):
    """Change capacity by how far a metric is from a threshold, through an alarm of its own."""

    threshold: Amount
    steps: tuple[Step, ...] = Field(min_length=1)
    adjustment: Literal["change", "percent", "exact"] = "change"
    """ChangeInCapacity, PercentChangeInCapacity or ExactCapacity."""
    minimum_adjustment: Annotated[int, Field(ge=1)] | None = None
    """Smallest size of a percent change, in units."""
    comparison: Literal[
        "GreaterThanOrEqualToThreshold", "GreaterThanThreshold", "LessThanOrEqualToThreshold", "LessThanThreshold"
    ] = "GreaterThanOrEqualToThreshold"
    evaluation_periods: Annotated[int, Field(ge=1)] = 3
    datapoints_to_alarm: Annotated[int, Field(ge=1)] | None = None
    """Without it, all evaluation periods."""
    period: Duration = Duration(60)
    missing_data: Literal["missing", "ignore", "breaching", "notBreaching"] = "missing"
    aggregation: Literal["Average", "Minimum", "Maximum"] = "Average"
    cooldown: Duration | None = None
    """Service only."""
    warm_up: Duration | None = None
    """Group only."""

    @model_validator(mode="after")
    def _threshold_fits_its_metric(self) -> Self:
        faults = _amount_faults(self.metric, self.threshold, "threshold")
        for index, step in enumerate(self.steps):
            faults += _amount_faults(self.metric, step.from_, "steps", index, "from")
            faults += _amount_faults(self.metric, step.to, "steps", index, "to")
        refuse(type(self), faults)
        return self

    @property
    def scales_out(self) -> bool:
        """Whether the alarm watches the high side."""
        return self.comparison.startswith("Greater")


class Scheduled(Model):
    """Set the bounds at a time. Nothing restores them: a schedule that raises needs one that lowers."""

    cron: str | None = None
    """Five fields everywhere (minute hour day month weekday), written in the platform's dialect on translation; six
    fields (EventBridge) on services only."""
    at: str | None = None
    """One local time, YYYY-MM-DDThh:mm:ss."""
    rate: str | None = None
    """Service only: `1 hour`, `5 minutes`."""
    time_zone: str
    """IANA name, such as Europe/Berlin."""
    minimum: Units | None = None
    maximum: Units | None = None
    desired: Units | None = None
    """Group only."""
    start: AwareDatetime | None = None
    end: AwareDatetime | None = None

    @model_validator(mode="after")
    def _one_time_and_some_effect(self) -> Self:
        if sum(form is not None for form in (self.cron, self.at, self.rate)) != 1:
            raise PydanticCustomError("schedule_form", "give exactly one of `cron`, `at` and `rate`")
        if self.minimum is None and self.maximum is None and self.desired is None:
            raise PydanticCustomError("schedule_effect", "give `minimum`, `maximum` or, for a group, `desired`")
        return self


class Predictive(_OnMetric):
    """Raise capacity ahead of a forecast; never lowers it. The metric is cpu or requests_per_target."""

    metric: Literal["cpu", "requests_per_target"]
    target: Amount
    mode: Literal["forecast_only", "forecast_and_scale"] = "forecast_only"
    forecast_reviewed: bool = False
    """True once someone has compared the forecasts with the load; `forecast_and_scale` asks for it."""
    buffer: Duration = Duration(300)
    """How long before the hour capacity is raised; below 1h."""
    maximum_breach: Literal["honor", "increase"] = "honor"
    maximum_buffer: Annotated[int, Field(ge=0, le=100)] | None = None
    """Percent above the forecast, with `increase` only."""

    @model_validator(mode="after")
    def _target_fits_its_metric(self) -> Self:
        refuse(type(self), _amount_faults(self.metric, self.target, "target"))
        return self


class Fallback(Model):
    """What a controller wants when metrics have been missing for long; without one the count stays."""

    replicas: Units
    after: Duration = Duration(180)
    """Since metrics began to be missing."""
    only_higher: bool = True
    """Whether a higher count stays; KEDA's `currentReplicasIfHigher`."""


class Elasticity(Model):
    """Bounds first, then rules; each rule may be the only one."""

    minimum: Units
    maximum: Units
    initial: Units | None = None
    """Capacity at creation; without it the minimum. Afterwards the rules own it."""
    target_tracking: dict[RuleName, TargetTracking] = {}
    step_scaling: dict[RuleName, StepScaling] = {}
    scheduled: dict[RuleName, Scheduled] = {}
    predictive: dict[RuleName, Predictive] = {}
    metrics: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,30}$")], Metric] = {}
    """CloudWatch metrics and metric math by the name that rules use."""
    queue: Queue | None = None
    unit: Unit = Unit()
    accept: dict[str, str] = {}
    """Findings accepted on purpose: code -> the reason, in words."""

    @model_validator(mode="after")
    def _names_resolve(self) -> Self:
        faults: list[Fault] = []
        seen: dict[str, str] = {}
        for kind in ("target_tracking", "step_scaling", "scheduled", "predictive"):
            for name, rule in getattr(self, kind).items():
                if name in seen:
                    faults.append(
                        Fault(
                            (kind, name),
                            f"the name is taken by {seen[name]}.{name}: rule names are unique across kinds",
                        )
                    )
                seen[name] = kind
                metric = getattr(rule, "metric", None)
                if metric is not None and metric not in PREDEFINED_METRICS and metric not in self.metrics:
                    allowed = ", ".join([*PREDEFINED_METRICS, *self.metrics])
                    faults.append(
                        Fault(
                            (kind, name, "metric"),
                            f"not a known metric, allowed {allowed}; or declare it under `metrics`",
                        )
                    )
                if metric == "queue_delay" and self.queue is None:
                    faults.append(
                        Fault(
                            (kind, name, "metric"),
                            "queue_delay needs `queue` with `name` and `time_per_message` beside the rules",
                        )
                    )
        faults += [
            Fault(("metrics", name), "the name belongs to a predefined metric: choose another")
            for name in self.metrics
            if name in PREDEFINED_METRICS
        ]
        for code, reason in self.accept.items():
            if not re.fullmatch(r"EL\d{3}", code):
                faults.append(Fault(("accept", code), "not the code of a finding, such as EL046"))
            elif not reason.strip():
                faults.append(Fault(("accept", code), "a finding is accepted with a reason in words"))
        refuse(type(self), faults)
        return self

    @property
    def has_rules(self) -> bool:
        """Whether anything but the bounds is declared: then the autoscaler owns the live count."""
        return bool(self.target_tracking or self.step_scaling or self.scheduled or self.predictive)

    @property
    def at_creation(self) -> int:
        """Units at creation."""
        return self.minimum if self.initial is None else self.initial
