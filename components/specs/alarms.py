"""What is watched, from which value on, and who is told. The metrics come as references from the components."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from elasticity.faults import Fault
from elasticity.quantities import Duration
from elasticity.rules import Amount, Metric, Model, RuleName, refuse

Severity = Literal["record", "notify", "page"]
SEVERITIES: tuple[Severity, ...] = ("record", "notify", "page")
"""`record`: the alarm's own history.

`notify`: the topic hears of it. `page`: part of the service's one paging composite.
"""
MissingData = Literal["missing", "ignore", "breaching", "notBreaching"]
Comparison = Literal[
    "GreaterThanOrEqualToThreshold", "GreaterThanThreshold", "LessThanOrEqualToThreshold", "LessThanThreshold"
]
Statistic = Annotated[str, Field(pattern=r"^(Average|Sum|Minimum|Maximum|SampleCount|p(\d{1,2}(\.\d{1,10})?|100))$")]
"""Average, Sum, Minimum, Maximum, SampleCount, or a percentile such as p99."""
ALARM_PERIODS = (10.0, 20.0, 30.0)
"""Seconds allowed below one minute; above, multiples of 60. Source: CloudWatch API reference, PutMetricAlarm."""
LONGEST_WINDOW = 86_400
"""Seconds that evaluation periods may span when the period is below an hour. Source: PutMetricAlarm."""


class Watch(Model):
    """One alarm's shape: M of N periods beyond a threshold."""

    threshold: Amount
    """In the metric's unit: a number, or a duration where the metric is a time."""
    comparison: Comparison = "GreaterThanOrEqualToThreshold"
    statistic: Statistic | None = None
    """Without it the metric's own; or Average, Sum, Minimum, Maximum, SampleCount, p0 to p100."""
    period: Duration = Duration(60)
    evaluation_periods: Annotated[int, Field(ge=1, le=1440)] = 5
    datapoints_to_alarm: Annotated[int, Field(ge=1, le=1440)] = 3
    """3 of 5 minutes (CloudWatch user guide, best practice alarms)."""
    missing_data: MissingData = "missing"
    severity: Severity = "notify"
    runbook: str | None = Field(default=None, pattern=r"^https://\S+$")
    """Where a person reads on; stands in the alarm's description."""

    @model_validator(mode="after")
    def _shape_is_possible(self) -> Self:
        faults: list[Fault] = []
        if self.datapoints_to_alarm > self.evaluation_periods:
            faults.append(Fault(("datapoints_to_alarm",), "must not pass `evaluation_periods`"))
        if float(self.period) not in ALARM_PERIODS and (self.period % 60 or not self.period):
            faults.append(Fault(("period",), "allowed 10s, 20s, 30s, or whole minutes"))
        elif self.period * self.evaluation_periods > LONGEST_WINDOW:
            faults.append(Fault(("evaluation_periods",), "times `period` must not pass one day"))
        refuse(type(self), faults)
        return self


class _AlarmSet(Model):
    """A ready set: each field an alarm, or null for none. What is said about an alarm is laid over its default."""

    durations: ClassVar[frozenset[str]] = frozenset()
    """Fields whose threshold is a time."""

    @model_validator(mode="before")
    @classmethod
    def _lay_over_the_default(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        return {key: cls._laid_over(key, value) for key, value in given.items()}

    @classmethod
    def _laid_over(cls, key: str, value: Any) -> Any:
        field = cls.model_fields.get(key)
        default = field.get_default() if field else None
        if isinstance(default, Watch) and isinstance(value, dict):
            return {**{name: getattr(default, name) for name in Watch.model_fields}, **value}
        return value

    @model_validator(mode="after")
    def _thresholds_have_their_unit(self) -> Self:
        faults: list[Fault] = []
        for name, watch in self.watches.items():
            duration = isinstance(watch.threshold, Duration)
            if name in self.durations and not duration:
                faults.append(Fault((name, "threshold"), f"got a plain number, expected {Duration.expected}"))
            if name not in self.durations and duration:
                faults.append(Fault((name, "threshold"), "got a duration, expected a plain number"))
        refuse(type(self), faults)
        return self

    @property
    def watches(self) -> dict[str, Watch]:
        """The alarms asked for, by name."""
        fields = {name: getattr(self, name) for name in type(self).model_fields}
        return {name: value for name, value in fields.items() if isinstance(value, Watch)}


class BalancerAlarms(_AlarmSet):
    """What users notice, seen by the balancer. It reports only under traffic, so silence is not breaching."""

    durations: ClassVar[frozenset[str]] = frozenset({"latency"})

    errors: Watch | None = Watch(threshold=5.0, missing_data="notBreaching", severity="page")
    """Percent of the service's requests that its targets answered with 5xx, or that found no answer."""
    latency: Watch | None = Watch(threshold=Duration(1), statistic="p99", missing_data="notBreaching", severity="page")
    """Time from the balancer to the answer of a target."""
    unhealthy_hosts: Watch | None = Watch(threshold=1.0, missing_data="notBreaching", severity="notify")
    """Targets that fail their health check, the most within a period."""
    healthy_hosts: Watch | None = Watch(
        threshold=1.0, comparison="LessThanThreshold", missing_data="breaching", severity="page"
    )
    """Targets that pass, the fewest within a period. Silence is trouble."""


_BELOW_DESIRED = Watch(
    threshold=1.0, evaluation_periods=15, datapoints_to_alarm=15, missing_data="notBreaching", severity="notify"
)
_AT_MAXIMUM = Watch(
    threshold=0.0,
    comparison="LessThanOrEqualToThreshold",
    evaluation_periods=15,
    datapoints_to_alarm=15,
    missing_data="notBreaching",
    severity="notify",
)
_DEPLOYMENT_FAILED = Watch(
    threshold=1.0, evaluation_periods=1, datapoints_to_alarm=1, missing_data="notBreaching", severity="page"
)


class ServiceAlarms(_AlarmSet):
    """A container service near or past what it promised."""

    cpu: Watch | None = Watch(threshold=85.0, statistic="Average", missing_data="missing", severity="notify")
    """Percent, mean over the tasks. Keep it 15 points above the target of a rule (EL011)."""
    memory: Watch | None = Watch(threshold=85.0, statistic="Average", missing_data="missing", severity="notify")
    """Percent, mean over the tasks."""
    below_desired: Watch | None = _BELOW_DESIRED
    """Desired minus running tasks; needs Container Insights."""
    at_maximum: Watch | None = _AT_MAXIMUM
    """Units left below the maximum, for 15 minutes: scaling has no room. The maximum is that of the declared bounds."""
    deployment_failed: Watch | None = _DEPLOYMENT_FAILED
    """Deployments that ECS gave up on, by its own event."""


class GroupAlarms(_AlarmSet):
    """An Auto Scaling group near or past what it promised."""

    cpu: Watch | None = Watch(threshold=85.0, statistic="Average", missing_data="missing", severity="notify")
    below_desired: Watch | None = _BELOW_DESIRED
    """Desired minus in-service instances."""
    at_maximum: Watch | None = _AT_MAXIMUM
    """Instances left below the maximum, for 15 minutes."""
    deployment_failed: Watch | None = _DEPLOYMENT_FAILED
    """Instance refreshes that failed, by EC2 Auto Scaling's own event."""


class QueueAlarms(_AlarmSet):
    """Work that waits."""

    durations: ClassVar[frozenset[str]] = frozenset({"age"})

    age: Watch | None = Watch(
        threshold=Duration(900), statistic="Maximum", missing_data="notBreaching", severity="page"
    )
    """Age of the oldest message."""
    depth: Watch | None = None
    """Visible messages; no default, since only their owner knows how many are many."""


class RollbackAlarms(_AlarmSet):
    """What turns a deployment back: the first two promises to users, decided faster (2 of 3 minutes; Copilot)."""

    durations: ClassVar[frozenset[str]] = frozenset({"latency"})

    errors: Watch | None = Watch(
        threshold=5.0,
        evaluation_periods=3,
        datapoints_to_alarm=2,
        missing_data="notBreaching",
        severity="record",
    )
    latency: Watch | None = Watch(
        threshold=Duration(1),
        statistic="p99",
        evaluation_periods=3,
        datapoints_to_alarm=2,
        missing_data="notBreaching",
        severity="record",
    )


class CustomAlarm(Model):
    """An alarm on any metric."""

    metric: Metric
    watch: Watch


class LogAlarm(Model):
    """An alarm on lines of a log."""

    pattern: str = Field(min_length=1, max_length=1024)
    """What a line must match, in CloudWatch's filter syntax: `"OutOfMemoryError"`, or `{ $.level = "fatal" }`."""
    watch: Watch = Watch(
        threshold=1.0, evaluation_periods=1, datapoints_to_alarm=1, missing_data="notBreaching", severity="notify"
    )
    """On the lines of one period; without a word a single line is told."""


class Topic(Model):
    """Where alarms are told: a topic that is made, or given."""

    arn: str | None = Field(default=None, pattern=r"^arn:[a-z-]+:sns:[a-z0-9-]+:\d{12}:.+$")
    """A topic made elsewhere; its policy must let CloudWatch and EventBridge publish."""
    emails: tuple[Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$")], ...] = ()
    """Addresses to subscribe; each must confirm."""

    @model_validator(mode="after")
    def _one_owner(self) -> Self:
        if self.arn and self.emails:
            refuse(
                type(self),
                [Fault(("emails",), "the owner of a given topic subscribes to it: remove `emails` or `arn`")],
            )
        return self


class Suppression(Model):
    """The paging composite keeps quiet while a deployment runs.

    ECS says when a deployment starts; a deployment's failure is told by an alarm of its own, which nothing suppresses.
    """

    longest: Duration = Duration(900)
    """How long after its start a deployment keeps the composite quiet, in whole minutes."""

    wait: Annotated[int, Field(ge=0, le=3600)] = 60
    """Seconds to wait for the suppressor when the composite fires."""
    extension: Annotated[int, Field(ge=0, le=3600)] = 120
    """Seconds of quiet after the suppressor has ended."""

    @model_validator(mode="after")
    def _whole_minutes(self) -> Self:
        if self.longest % 60 or not 60 <= self.longest <= LONGEST_WINDOW:
            refuse(type(self), [Fault(("longest",), "allowed 1m to 1d in whole minutes")])
        return self


class AlarmsSpec(Model):
    """Who is told at most, where, and whether there is a dashboard."""

    tell: Severity = "page"
    """The most that any alarm may do here: dev records, staging notifies, production pages."""
    topic: Topic = Topic()
    """Who hears of notices, and of pages too when there is no `pager`."""
    pager: Topic | None = None
    """Who is paged."""
    suppression: Suppression | None = Suppression()
    """Null: pages go out during deployments too."""
    anomaly_bands: Literal["off", "record"] = "record"
    """Alarms on what is unusual for the hour, for latency and requests; they record and never tell anyone. Each costs
    as much as three alarms."""
    band_width: Annotated[float, Field(gt=0, le=10)] = 3.0
    """Width of a band in standard deviations [own]."""
    dashboard: bool = True

    def told(self, severity: Severity) -> Severity:
        """What an alarm of a severity does here: its own, capped by `tell`."""
        return SEVERITIES[min(SEVERITIES.index(severity), SEVERITIES.index(self.tell))]


AlarmName = RuleName
"""Lower case, at most 20 characters: part of the alarm's name."""
