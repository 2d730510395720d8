"""What differs between an ECS service, an EC2 group, a capacity provider and a service of Docker Swarm: parameters with
default, evidence grade and source.

Every report prints these tables, so that a reader sees which figures AWS documents and which are ours. Grades: `doc`
AWS reference documentation, `emp` read from published alarms, logs or events, `pub` published elsewhere (AWS blog,
benchmark), `ran` measured here on the real thing, `own` what Accordion's controller does, `asm` our assumption.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Literal, get_args

from elasticity import arguments

PlatformName = Literal["ecs_service", "ec2_group", "capacity_provider", "swarm_service"]
PLATFORM_NAMES: tuple[PlatformName, ...] = get_args(PlatformName)
Value = int | float | str | None
MINUTE = 60


@dataclasses.dataclass(frozen=True, slots=True)
class Parameter:
    """One printed row: a parameter in force, what it would be by default, and what stands behind the default."""

    name: str
    value: Value
    default: Value
    unit: str
    grade: str
    source: str

    @property
    def is_changed(self) -> bool:
        """Whether a user set it to something else than the default."""
        return self.value != self.default


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """What a platform does otherwise than another, beyond its numbers: whoever asks, asks here and for no name."""

    units: Literal["tasks", "instances"]
    rule_cooldowns: bool = False
    """Whether each policy has cooldowns."""
    rule_warm_ups: bool = False
    """Whether a policy's new units warm up before they count."""
    by_reservation: bool = False
    """Whether ECS sizes it by what its tasks need, at an empty instance's cost, and tasks wait for instances."""
    basic_monitoring: bool = False
    """Whether units may report each five minutes only."""
    tracked_periods: tuple[int, ...] = ()
    """Seconds of a declared metric that target tracking takes; empty where it takes none."""
    fine_metrics: Mapping[str, int] = dataclasses.field(default_factory=dict, hash=False)
    """By metric that units can publish more often, seconds of such a period (`...HighResolution`)."""
    schedule_dialect: Literal["application", "ec2"] = "ec2"
    """`application`: six cron fields and rates; `ec2`: five fields and no rate."""
    schedules_set_desired: bool = False
    simple_policies: bool = False
    deployments: bool = True
    """Whether a rolling deployment may suspend scale-in."""

    def refused_period(self, metric: str, period: float | None) -> str:
        """Why a rule on `metric` cannot look at it each `period` seconds here; empty where it can, or asks for none."""
        if period is None or period == MINUTE or self.fine_metrics.get(metric) == period:
            return ""
        fine = [f"{seconds}s for {name}" for name, seconds in self.fine_metrics.items()]
        allowed = " or ".join([f"{MINUTE}s", *fine])
        return f"{self.units} publish no {metric} each {period:g}s, allowed {allowed}"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class PlatformParameters:
    """All parameters of one platform; times in seconds. Change one with `dataclasses.replace` or `with_values`."""

    platform: PlatformName
    metric_period: int = 60
    """Seconds that one datapoint covers."""
    balancer_period: int | None = None
    """The same of what a balancer publishes; None: a minute."""
    publication_delay: float
    """From the end of a metric's period until an alarm has seen its datapoint."""
    publication_delay_least: float
    """Lower end of what fits the evidence: reaction times are reported with it."""
    publication_delay_most: float
    """Upper end of what fits the evidence."""
    age_at_action: float | None = 0.0
    """Since the end of its period, of the datapoint that an action uses which an alarm repeats while it lasts: from 0,
    the newest there is, to all of `publication_delay`, the newest that the alarm has seen."""
    high_evaluation_periods: int = 3
    high_datapoints_to_alarm: int = 3
    low_evaluation_periods: int = 15
    low_datapoints_to_alarm: int = 15
    low_factor: float
    """Threshold of the low alarm as a share of the target."""
    extra_range: int = 2
    """Datapoints that an evaluation fetches beyond its evaluation periods."""
    reinvocation_period: int = 60
    """How often an alarm that stays in ALARM runs its scaling action again."""
    capacity_base: Literal["running", "warmed"]
    """What a policy counts from: running units, or those in service and past their warm-up."""
    requests_counted: str | None = "received"
    """Which requests `requests_per_target` counts: all that the target group has `received`, or those `completed`."""
    scale_out_cooldown: float | None = None
    scale_in_cooldown: float | None = None
    warm_up: float | None = None
    """Warm-up where neither policy nor group sets one."""
    max_scale_in_fraction: float = 0.1
    """Largest share of the units that one scale-in of target tracking may remove, rounded down; one unit may always go.
    0: one at a time; 1: as many as the formula leaves out."""
    minimum_step: int | None = None
    """Fewest units that one managed scale-out launches."""
    maximum_step: int | None = None
    """Most units that one managed scale-out launches."""
    start_up: float
    """From decision to running, without image pull, boot, hooks and health checks."""
    launch_burst: int | None = None
    """Units that may launch at once; None for no limit."""
    launch_rate: float | None = None
    """Units per second beyond the burst."""
    drain: float = 300.0
    """Deregistration delay: a leaving unit costs but takes no new request."""
    schedule_lateness: float = 0.0
    schedule_lateness_most: float | None = None
    clock_change: str | None = "skip_gap_first_repeat"
    """What a schedule does at a local time that is skipped or repeated (`elasticity.schedules.CLOCK_CHANGES`)."""
    predictive_mode: str | None = "ForecastOnly"
    predictive_buffer: float | None = 300.0
    maximum_breach: str | None = "HonorMaxCapacity"

    @property
    def behaviour(self) -> Behaviour:
        """What the platform does otherwise than another."""
        return BEHAVIOUR[self.platform]

    def with_values(self, **values: Value) -> PlatformParameters:
        """A copy with some parameters changed; with another `metric_period` come the delay and the re-invocation that
        belong to it, unless they are given too.

        Only the pair of 60 s and 20 s on an ECS service has a published delay; elsewhere the platform's own stays
        `[asm]`.

        Raises ValueError that names the unknown ones and the allowed, or a value of another kind: counts and periods
        are whole, times finite, none of them negative.
        """
        kinds = _kinds()
        unknown = sorted(values.keys() - kinds.keys())
        if unknown:
            raise ValueError(f"not a platform parameter: {', '.join(unknown)}; allowed {', '.join(kinds)}")
        checked = {name: _checked(name, kinds[name], value) for name, value in values.items()}
        if checked.get("metric_period", self.metric_period) != self.metric_period:
            checked = {**self._belonging_to(checked["metric_period"]), **checked}
        return dataclasses.replace(self, **checked)  # type: ignore[arg-type] # one row, one type: the field's own

    def at_period(self, period: int) -> PlatformParameters:
        """The same platform with metrics of another period, with the delay and the re-invocation that belong to it."""
        return self if period == self.metric_period else self.with_values(metric_period=period)

    def _belonging_to(self, period: Any) -> dict[str, Any]:
        """Delays and re-invocation of another period: published ones, of a minute those that are shipped; else delays
        stay, but for those that were published for the period before."""
        delays = PUBLISHED_DELAYS.get((self.platform, period))
        if delays is None and (period == MINUTE or (self.platform, self.metric_period) in PUBLISHED_DELAYS):
            delays = {name: getattr(PLATFORMS[self.platform], name) for name in _DELAYS}
        return {**(delays or {}), "reinvocation_period": min(MINUTE, period)}

    def rows(self) -> tuple[Parameter, ...]:
        """The table that a report prints: each parameter with value, default, unit, grade and source."""
        defaults = platform_parameters(self.platform)
        found = []
        for name, (unit, grades, source) in EVIDENCE.items():
            if getattr(self, name) is None and getattr(defaults, name) is None:
                continue
            of_aws = (grades.get(self.platform, grades["any"]), source)
            grade, source = ELSEWHERE.get(self.platform, {}).get(name, of_aws)
            source = "; ".join([*self._ends_in_words(name, unit), source])
            found.append(Parameter(name, getattr(self, name), getattr(defaults, name), unit, grade, source))
        return tuple(found)

    def ends(self, name: str) -> tuple[Value, Value] | None:
        """Both ends of what fits the evidence, of a parameter that nobody has settled; None of the others."""
        if ELSEWHERE.get(self.platform, {}).get(name, ("", ""))[0] == "own":
            return None
        return ENDS[name](self) if name in ENDS and getattr(self, name) is not None else None

    def _ends_in_words(self, name: str, unit: str) -> list[str]:
        ends = self.ends(name)
        return [] if ends is None else [f"between {ends[0]} and {ends[1]} {unit}".rstrip()]


CHOICES: Mapping[str, tuple[str, ...]] = MappingProxyType({"requests_counted": ("received", "completed")})
"""Parameters that are words: the two ends of what nobody has settled, the default first."""
ENDS: Mapping[str, Callable[[PlatformParameters], tuple[Value, Value]]] = MappingProxyType(
    {
        "publication_delay": lambda known: (known.publication_delay_least, known.publication_delay_most),
        "age_at_action": lambda known: (0.0, known.publication_delay),
        "requests_counted": lambda _known: ("received", "completed"),
        "max_scale_in_fraction": lambda known: (0.5, 0.5) if known.behaviour.by_reservation else (0.0, 1.0),
    }
)
"""Parameters that no document settles: from what to what each may be. Where a run begins, failures, retries and what a
unit does before it serves are none of them: the user declares these, and their range with them."""
_FROM_ZERO = ("extra_range",)
"""The only count that may be none."""


@functools.cache
def _kinds() -> Mapping[str, str]:
    """The parameters that can be changed, each with its annotation."""
    return {field.name: str(field.type) for field in dataclasses.fields(PlatformParameters) if field.name != "platform"}


def _checked(name: str, kind: str, value: Value) -> Value:
    """`value`, where it is of the field's kind, written as its annotation."""
    if value is None and kind.endswith("| None"):
        return None
    if kind.startswith("int"):
        return arguments.count(name, value, 0 if name in _FROM_ZERO else 1)
    if kind.startswith("float"):
        return arguments.number(name, value, 0)
    if not isinstance(value, str):
        raise ValueError(f"`{name}`: got {arguments.kind(value)}, allowed text")
    return arguments.one_of(name, value, CHOICES[name]) if name in CHOICES else value


def _grades(every: str = "doc", **by_platform: str) -> Mapping[str, str]:
    return MappingProxyType({"any": every, **by_platform})


_BENCHMARK = (
    "AWS launch post of 2026-06-18: 363 s and 86 s from load step to trigger; the split is ours. Groups: a guess"
)
_GRADUALLY = (
    "ECSDG managed-scaling-behavior; for rules the user guides say in more gradually than out, and published logs of "
    "small services and groups show one unit at a time: 4, 3, 2"
)
_REPEATED = (
    "the published 363 s tell the first action alone; at all of the delay a load that hardly varies oscillates "
    "under settings in wide use, and no published log of activities does"
)
_DUMPS = "published alarm dumps: 7 of 7 services, 6 of 6 groups, 5 of 5 capacity providers"
_COOLDOWN = "API TargetTrackingScalingPolicyConfiguration"
_PREDICTIVE = "API PredictiveScalingConfiguration"
_DELAY = _grades("asm", ecs_service="pub, asm")

EVIDENCE: Mapping[str, tuple[str, Mapping[str, str], str]] = MappingProxyType(
    {
        "metric_period": ("s", _grades(), "ECS service-auto-scaling; EC2UG detailed monitoring; ECSDG managed scaling"),
        "balancer_period": ("s", _grades(), "ELB guide, CloudWatch metrics: each 60 s; otherwise who measures says it"),
        "publication_delay": ("s", _DELAY, _BENCHMARK),
        "publication_delay_least": ("s", _DELAY, _BENCHMARK),
        "publication_delay_most": ("s", _DELAY, _BENCHMARK),
        "age_at_action": ("s", _grades("asm"), _REPEATED),
        "high_evaluation_periods": ("periods", _grades("emp"), _DUMPS),
        "high_datapoints_to_alarm": ("datapoints", _grades("emp"), _DUMPS),
        "low_evaluation_periods": (
            "periods",
            _grades("emp", capacity_provider="doc"),
            f"{_DUMPS}; ECSDG managed-scaling",
        ),
        "low_datapoints_to_alarm": (
            "datapoints",
            _grades("emp", capacity_provider="doc"),
            f"{_DUMPS}; ECSDG managed-scaling",
        ),
        "low_factor": ("x target", _grades("emp"), f"{_DUMPS}; AWS documents only 'usually more than 10 % lower'"),
        "extra_range": ("datapoints", _grades("asm"), "CWUG AlarmThatSendsEmail shows 5 datapoints for 3 periods"),
        "reinvocation_period": ("s", _grades("doc", ecs_service="doc (20 s: asm)"), "CWUG AlarmThatSendsEmail"),
        "capacity_base": (
            "",
            _grades(),
            "ECS service-auto-scaling; EC2UG as-scaling-simple-step; ECSDG managed-scaling",
        ),
        "requests_counted": (
            "",
            _grades("doc, asm"),
            "ELB guide, RequestCountPerTarget: received, always reported; the Auto Scaling API's page says completed",
        ),
        "scale_out_cooldown": ("s", _grades(), _COOLDOWN),
        "scale_in_cooldown": ("s", _grades(), _COOLDOWN),
        "warm_up": ("s", _grades(), "EC2UG default-instance-warmup; ECS ManagedScaling instanceWarmupPeriod"),
        "max_scale_in_fraction": ("", _grades("doc, asm", capacity_provider="doc"), _GRADUALLY),
        "minimum_step": ("units", _grades(), "ECS ManagedScaling minimumScalingStepSize"),
        "maximum_step": ("units", _grades(), "ECS ManagedScaling maximumScalingStepSize"),
        "start_up": (
            "s",
            _grades("emp", ecs_service="pub"),
            "AWS launch post: 23 s; activity log of 2018: 33 s to InService",
        ),
        "launch_burst": ("units", _grades(), "ECSDG throttling"),
        "launch_rate": ("units/s", _grades(), "ECSDG throttling"),
        "drain": ("s", _grades(), "ELB API TargetGroupAttribute"),
        "schedule_lateness": ("s", _grades(), "EC2UG and AASUG scheduled scaling: seconds"),
        "schedule_lateness_most": ("s", _grades(), "EC2UG: up to two minutes; AASUG: a few seconds"),
        "clock_change": ("", _grades("pub, asm"), "re:Post on EventBridge Scheduler; Auto Scaling documents nothing"),
        "predictive_mode": ("", _grades(), _PREDICTIVE),
        "predictive_buffer": ("s", _grades(), _PREDICTIVE),
        "maximum_breach": ("", _grades(), _PREDICTIVE),
    }
)
"""By parameter: its unit, its grade per platform, its source."""

_AS_ON_AWS = ("own", "the controller takes AWS's value, so that the same rules act alike")
_ENGINE = "Docker Engine 20.10.24, one node (decision 0042)"

ELSEWHERE: Mapping[PlatformName, Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "swarm_service": MappingProxyType(
            dict.fromkeys(
                (
                    "metric_period",
                    "balancer_period",
                    "high_evaluation_periods",
                    "high_datapoints_to_alarm",
                    "low_evaluation_periods",
                    "low_datapoints_to_alarm",
                    "low_factor",
                    "extra_range",
                    "reinvocation_period",
                    "capacity_base",
                    "scale_out_cooldown",
                    "scale_in_cooldown",
                    "max_scale_in_fraction",
                    "clock_change",
                ),
                _AS_ON_AWS,
            )
            | dict.fromkeys(
                ("publication_delay", "publication_delay_least", "publication_delay_most"),
                ("ran", f"{_ENGINE}: statistics of all tasks in parallel take 1 to 2 s"),
            )
            | {
                "age_at_action": ("own", "the controller acts on the newest datapoint"),
                "requests_counted": ("own", "the proxy or the service counts what it has answered"),
                "start_up": ("ran", f"{_ENGINE}: 0.7 to 1.2 s from the write to a running task without a health check"),
                "drain": ("ran", f"{_ENGINE}: the stop grace period when nothing is said"),
                "schedule_lateness": ("own", "the controller looks at the clock with each datapoint"),
                "schedule_lateness_most": ("own", "the controller looks at the clock with each datapoint"),
            }
        )
    }
)
"""By platform that is not AWS's, grade and source of its parameters."""

PLATFORMS: Mapping[PlatformName, PlatformParameters] = MappingProxyType(
    {
        "ecs_service": PlatformParameters(
            platform="ecs_service",
            publication_delay=170.0,
            publication_delay_least=150.0,
            publication_delay_most=190.0,
            low_factor=0.9,
            capacity_base="running",
            scale_out_cooldown=300.0,
            scale_in_cooldown=300.0,
            start_up=25.0,
            launch_burst=100,
            launch_rate=20.0,
            schedule_lateness_most=5.0,
        ),
        "ec2_group": PlatformParameters(
            platform="ec2_group",
            publication_delay=60.0,
            publication_delay_least=0.0,
            publication_delay_most=190.0,
            low_factor=0.7,
            capacity_base="warmed",
            warm_up=300.0,
            start_up=33.0,
            schedule_lateness_most=120.0,
        ),
        "capacity_provider": PlatformParameters(
            platform="capacity_provider",
            publication_delay=60.0,
            publication_delay_least=0.0,
            publication_delay_most=190.0,
            high_evaluation_periods=1,
            high_datapoints_to_alarm=1,
            low_factor=1.0,
            capacity_base="running",
            warm_up=300.0,
            max_scale_in_fraction=0.5,
            minimum_step=1,
            maximum_step=10_000,
            start_up=33.0,
            age_at_action=None,
            requests_counted=None,
            clock_change=None,
            predictive_mode=None,
            predictive_buffer=None,
            maximum_breach=None,
        ),
        "swarm_service": PlatformParameters(
            platform="swarm_service",
            balancer_period=60,
            publication_delay=2.0,
            publication_delay_least=1.0,
            publication_delay_most=5.0,
            low_factor=0.9,
            capacity_base="running",
            requests_counted="completed",
            scale_out_cooldown=300.0,
            scale_in_cooldown=300.0,
            start_up=1.2,
            drain=10.0,
            schedule_lateness_most=60.0,
            predictive_mode=None,
            predictive_buffer=None,
            maximum_breach=None,
        ),
    }
)


PUBLISHED_DELAYS: Mapping[tuple[PlatformName, int], Mapping[str, Value]] = MappingProxyType(
    {
        ("ecs_service", 20): MappingProxyType(
            {"publication_delay": 21.0, "publication_delay_least": 15.0, "publication_delay_most": 28.0}
        )
    }
)
"""Delays of metrics of another period than a minute that someone has published."""
_DELAYS = ("publication_delay", "publication_delay_least", "publication_delay_most")

BEHAVIOUR: Mapping[PlatformName, Behaviour] = MappingProxyType(
    {
        "ecs_service": Behaviour(
            units="tasks",
            rule_cooldowns=True,
            tracked_periods=(60,),
            # ECSDG target-tracking-faster-auto-scaling
            fine_metrics=MappingProxyType({"cpu": 20, "memory": 20}),
            schedule_dialect="application",
        ),
        "ec2_group": Behaviour(
            units="instances",
            rule_warm_ups=True,
            basic_monitoring=True,
            tracked_periods=(10, 30, 60),
            # API PredefinedMetricSpecification names it and says no period: that of a service
            fine_metrics=MappingProxyType({"cpu": 20}),
            schedules_set_desired=True,
            simple_policies=True,
            deployments=False,
        ),
        "capacity_provider": Behaviour(units="instances", by_reservation=True),
        "swarm_service": Behaviour(
            units="tasks",
            rule_cooldowns=True,
            # the controller asks the Engine itself, as often as a rule wants
            fine_metrics=MappingProxyType({"cpu": 20, "memory": 20}),
            schedule_dialect="application",
        ),
    }
)


def platform_parameters(platform: str) -> PlatformParameters:
    """The shipped parameters of `platform`; raises ValueError that names the platforms there are."""
    for name in PLATFORM_NAMES:
        if name == platform:
            return PLATFORMS[name]
    raise ValueError(f"not a platform: got {platform!r}, allowed {', '.join(PLATFORM_NAMES)}")
