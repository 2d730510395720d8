"""Constants that AWS ships beside the platform parameters, and which values its settings allow.

A setting is found by our name or by AWS's own (`default_instance_warmup`, `DefaultInstanceWarmup`).
"""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Mapping
from types import MappingProxyType

from elasticity.platforms import EVIDENCE, PLATFORM_NAMES, Value, platform_parameters

ANY = "any"
PLACES = (*PLATFORM_NAMES, "alb", "cloudwatch", ANY)
"""Where a setting may belong: a platform, the balancer, CloudWatch, or everywhere."""


def _key(name: str) -> str:
    """A name in our spelling: CamelCase becomes snake_case, and the unit that ends an attribute's name is left out."""
    plain = re.sub(r"\.(timeout|duration)_seconds$", "", name)
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", plain).lower().replace("-", "_")
    return re.sub(r"_(seconds|count)$", "", snake)


def _check_place(platform: str) -> None:
    if platform not in PLACES:
        raise ValueError(f"not a platform: got {platform!r}, allowed {', '.join(PLACES)}")


@dataclasses.dataclass(frozen=True, slots=True)
class Shipped:
    """A default of AWS that is not a parameter of the simulation."""

    value: Value
    unit: str
    grade: str
    source: str


_HIGH_RESOLUTION = Shipped(20, "s", "doc", "ECS target-tracking-faster-auto-scaling")
_PREDICTIVE = "API PredictiveScalingConfiguration"
_FORECAST = "EC2UG ec2-auto-scaling-predictive-scaling"
_MANAGED = "ECS API ManagedScaling"

SHIPPED: Mapping[tuple[str, str], Shipped] = MappingProxyType(
    {
        ("ecs_service", "high_resolution_period"): _HIGH_RESOLUTION,
        ("ecs_service", "schedule_resolution"): Shipped(60, "s", "doc", "AASUG scheduled scaling"),
        ("ec2_group", "schedule_resolution"): Shipped(60, "s", "doc", "EC2UG scheduled scaling"),
        ("ec2_group", "scheduled_lateness_max"): Shipped(120, "s", "doc", "EC2UG scheduled scaling"),
        ("ecs_service", "scheduled_lateness_max"): Shipped(5, "s", "doc", "AASUG: within a few seconds; 5 is ours"),
        ("ec2_group", "lifecycle_heartbeat"): Shipped(3_600, "s", "doc", "EC2UG lifecycle-hooks"),
        ("ec2_group", "lifecycle_global_limit"): Shipped(172_800, "s", "doc", "EC2UG lifecycle-hooks: 48 h"),
        ("ec2_group", "lifecycle_heartbeat_limit"): Shipped(100, "heartbeats", "doc", "EC2UG lifecycle-hooks"),
        ("ec2_group", "lifecycle_default_result"): Shipped("ABANDON", "", "doc", "EC2UG lifecycle-hooks"),
        ("ec2_group", "heartbeat_timeout"): Shipped(3_600, "s", "doc", "API PutLifecycleHook"),
        ("ec2_group", "default_result"): Shipped("ABANDON", "", "doc", "API PutLifecycleHook"),
        ("ec2_group", "health_check_grace_console"): Shipped(300, "s", "doc", "EC2UG health-check-grace-period"),
        ("ec2_group", "health_check_grace_api"): Shipped(0, "s", "doc", "EC2UG health-check-grace-period"),
        ("ec2_group", "health_check_grace_period"): Shipped(0, "s", "doc", "EC2UG: 0 for every API client"),
        ("ec2_group", "default_cooldown"): Shipped(300, "s", "doc", "EC2UG ec2-auto-scaling-scaling-cooldowns"),
        ("ec2_group", "default_instance_warmup"): Shipped(None, "s", "doc", "EC2UG: unset; default cooldown counts"),
        ("ec2_group", "warm_pool_start"): Shipped(30, "s", "pub", "InfoQ 2021 on the AWS launch"),
        ("ec2_group", "warm_pool_state"): Shipped("Stopped", "", "doc", "EC2UG ec2-auto-scaling-warm-pools"),
        ("ec2_group", "pool_state"): Shipped("Stopped", "", "doc", "API PutWarmPool"),
        ("ecs_service", "cooldown"): Shipped(300, "s", "doc", "AASUG step scaling; API StepScalingPolicyConfiguration"),
        ("ec2_group", "customised_metric_period"): Shipped(60, "s", "doc", "API TargetTrackingMetricStat"),
        ("ec2_group", "basic_monitoring_period"): Shipped(300, "s", "doc", "EC2UG monitoring"),
        ("ec2_group", "detailed_monitoring_period"): Shipped(60, "s", "doc", "EC2UG monitoring"),
        ("capacity_provider", "instance_warmup_period"): Shipped(300, "s", "doc", _MANAGED),
        ("capacity_provider", "target_capacity"): Shipped(100, "%", "doc", _MANAGED),
        ("capacity_provider", "minimum_scaling_step_size"): Shipped(1, "instances", "doc", _MANAGED),
        ("capacity_provider", "maximum_scaling_step_size"): Shipped(10_000, "instances", "doc", _MANAGED),
        ("alb", "slow_start"): Shipped(0, "s", "doc", "ELB API TargetGroupAttribute"),
        ("alb", "deregistration_delay"): Shipped(300, "s", "doc", "ELB API TargetGroupAttribute"),
        ("alb", "minimum_healthy_targets"): Shipped(1, "targets", "doc", "ELB target-group-health"),
        ("alb", "health_check_interval"): Shipped(30, "s", "doc", "ELB API CreateTargetGroup"),
        ("alb", "healthy_threshold"): Shipped(5, "checks", "doc", "ELB API CreateTargetGroup"),
        ("alb", "unhealthy_threshold"): Shipped(2, "checks", "doc", "ELB API CreateTargetGroup"),
        (ANY, "metric_aggregation_type"): Shipped("Average", "", "doc", "API PutScalingPolicy"),
        (ANY, "predictive_mode"): Shipped("ForecastOnly", "", "doc", _PREDICTIVE),
        (ANY, "mode"): Shipped("ForecastOnly", "", "doc", _PREDICTIVE),
        (ANY, "predictive_buffer"): Shipped(300, "s", "doc", _PREDICTIVE),
        (ANY, "scheduling_buffer_time"): Shipped(300, "s", "doc", _PREDICTIVE),
        (ANY, "max_capacity_breach_behavior"): Shipped("HonorMaxCapacity", "", "doc", _PREDICTIVE),
        (ANY, "forecast_history_needed"): Shipped(24, "h", "doc", _FORECAST),
        (ANY, "forecast_history_used"): Shipped(336, "h", "doc", _FORECAST),
        (ANY, "forecast_horizon"): Shipped(48, "h", "doc", _FORECAST),
        (ANY, "forecast_refresh"): Shipped(6, "h", "doc", _FORECAST),
        (ANY, "schedule_time_zone"): Shipped("UTC", "", "doc", "EC2UG and AASUG scheduled scaling"),
        ("cloudwatch", "missing"): Shipped("missing", "", "doc", "API PutMetricAlarm, TreatMissingData"),
        ("cloudwatch", "treat_missing_data"): Shipped("missing", "", "doc", "API PutMetricAlarm"),
        ("cloudwatch", "evaluation_frequency"): Shipped(60, "s", "doc", "CWUG: once a minute; 10 s below a minute"),
        ("cloudwatch", "evaluation_frequency_high_resolution"): Shipped(10, "s", "doc", "CWUG AlarmThatSendsEmail"),
    }
)
"""By place and setting."""


def default(platform: str, setting: str) -> Value:
    """The shipped value of a setting: a platform parameter, or an entry of `SHIPPED` for the platform or for any.

    Raises ValueError on an unknown platform, KeyError that names the settings there are.
    """
    _check_place(platform)
    key = _key(setting)
    for place in (platform, ANY):
        if (place, key) in SHIPPED:
            return SHIPPED[place, key].value
    if platform in PLATFORM_NAMES and key in EVIDENCE:
        return _parameter(platform, key)
    known = sorted({name for place, name in SHIPPED if place in (platform, ANY)} | set(EVIDENCE))
    raise KeyError(f"no default of {setting} on {platform}: known are {', '.join(known)}")


def _parameter(platform: str, name: str) -> Value:
    value: Value = getattr(platform_parameters(platform), name)
    return value


@dataclasses.dataclass(frozen=True, slots=True)
class Limit:
    """What a number may be: one of `also`, or from `least` to `most` (both included), whole unless `fractions`."""

    least: float
    most: float
    also: tuple[float, ...] = ()
    fractions: bool = False
    source: str = ""

    def allows(self, value: object) -> bool:
        """Whether `value` is allowed."""
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            return False
        if value in self.also:
            return True
        return self.least <= value <= self.most and (self.fractions or value == int(value))

    def __str__(self) -> str:
        alternatives = [f"{number:g}" for number in self.also]
        if self.least <= self.most:
            upper = f"{self.least:g} and more" if math.isinf(self.most) else f"{self.least:g} to {self.most:g}"
            alternatives.append(upper)
        return " or ".join(alternatives)


_NOTHING_ELSE = (1.0, 0.0)
_MINUTES = tuple(float(60 * minute) for minute in range(1, 1_441))
_PERIODS = Limit(*_NOTHING_ELSE, also=(10, 20, 30, *_MINUTES), source="API PutMetricAlarm")
_GROUP_PERIODS = Limit(*_NOTHING_ELSE, also=(10, 30, 60), source="API TargetTrackingMetricStat")
_SERVICE_PERIODS = Limit(*_NOTHING_ELSE, also=(20, 60), source="ECS target-tracking-faster-auto-scaling")
_BUFFER = Limit(0, 3_599, source=_PREDICTIVE)
_COOLDOWN = Limit(0, math.inf, source="API PutScalingPolicy")
_STEP_SIZE = Limit(1, 10_000, source=_MANAGED)

LIMITS: Mapping[tuple[str, str], Limit] = MappingProxyType(
    {
        ("ec2_group", "default_instance_warmup"): Limit(0, 3_600, also=(-1,), source="EC2UG default-instance-warmup"),
        ("ec2_group", "estimated_instance_warmup"): Limit(0, math.inf, source="API PutScalingPolicy"),
        ("ec2_group", "default_cooldown"): _COOLDOWN,
        ("ec2_group", "lifecycle_heartbeat"): Limit(30, 7_200, source="API PutLifecycleHook"),
        ("ec2_group", "heartbeat_timeout"): Limit(30, 7_200, source="API PutLifecycleHook"),
        ("ec2_group", "health_check_grace_period"): Limit(0, math.inf, source="API CreateAutoScalingGroup"),
        ("ec2_group", "instance_weight"): Limit(1, 999, source="API LaunchTemplateOverrides"),
        ("ec2_group", "customised_metric_period"): _GROUP_PERIODS,
        ("ec2_group", "metric_period"): _GROUP_PERIODS,
        ("ecs_service", "predefined_metric_period"): _SERVICE_PERIODS,
        ("ecs_service", "metric_period"): _SERVICE_PERIODS,
        ("ecs_service", "scale_in_cooldown"): _COOLDOWN,
        ("ecs_service", "scale_out_cooldown"): _COOLDOWN,
        ("capacity_provider", "target_capacity"): Limit(1, 100, source=_MANAGED),
        ("capacity_provider", "minimum_scaling_step_size"): _STEP_SIZE,
        ("capacity_provider", "minimum_step"): _STEP_SIZE,
        ("capacity_provider", "maximum_scaling_step_size"): _STEP_SIZE,
        ("capacity_provider", "maximum_step"): _STEP_SIZE,
        ("capacity_provider", "instance_warmup_period"): Limit(0, 10_000, source=_MANAGED),
        ("alb", "slow_start"): Limit(30, 900, also=(0,), source="ELB API TargetGroupAttribute"),
        ("alb", "deregistration_delay"): Limit(0, 3_600, source="ELB API TargetGroupAttribute"),
        ("alb", "health_check_interval"): Limit(5, 300, source="ELB API CreateTargetGroup"),
        ("alb", "healthy_threshold"): Limit(2, 10, source="ELB API CreateTargetGroup"),
        ("alb", "unhealthy_threshold"): Limit(2, 10, source="ELB API CreateTargetGroup"),
        ("cloudwatch", "period"): _PERIODS,
        (ANY, "period"): _PERIODS,
        (ANY, "predictive_buffer"): _BUFFER,
        (ANY, "scheduling_buffer_time"): _BUFFER,
        (ANY, "max_capacity_buffer"): Limit(0, 100, source=_PREDICTIVE),
        (ANY, "step_adjustments"): Limit(1, 20, source="EC2UG as-scaling-simple-step"),
        (ANY, "metric_math_metrics"): Limit(1, 10, source="EC2UG target-tracking-metric-math"),
        (ANY, "min_adjustment_magnitude"): Limit(1, math.inf, source="API PutScalingPolicy"),
    }
)
"""By place and setting; seconds, units or percent as the setting's default."""


def limit(platform: str, setting: str) -> Limit:
    """The limit of a setting on a platform, else on any. Raises ValueError and KeyError as `default`."""
    _check_place(platform)
    key = _key(setting)
    for place in (platform, ANY):
        if (place, key) in LIMITS:
            return LIMITS[place, key]
    known = sorted({name for place, name in LIMITS if place in (platform, ANY)})
    raise KeyError(f"no limit of {setting} on {platform}: known are {', '.join(known)}")


def is_valid(platform: str, setting: str, value: object) -> bool:
    """Whether AWS allows `value` for a setting. Raises as `limit`."""
    return limit(platform, setting).allows(value)
