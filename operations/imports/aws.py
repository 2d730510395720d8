"""Answers of AWS: describe-scalable-targets, describe-scaling-policies and describe-scheduled-actions of Application
Auto Scaling; describe-auto-scaling-groups, describe-policies and describe-scheduled-actions of EC2 Auto Scaling;
describe-alarms of CloudWatch. Other readers bring what they know into this shape. Source: API references of the three.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from elasticity.metrics import METRICS
from elasticity.platforms import platform_parameters
from elasticity.rules import Model, Predictive, Scheduled, StepScaling, TargetTracking
from operations.imports import (
    BESIDE,
    Found,
    Unknown,
    Untranslated,
    as_list,
    as_map,
    maps,
    number,
    rule_name,
    seconds,
    truth,
    workload_name,
)
from operations.imports.cloudwatch import amount, is_fine, rule_of, tracked

KEYS = (
    "ScalableTargets",
    "ScalingPolicies",
    "ScheduledActions",
    "AutoScalingGroups",
    "ScheduledUpdateGroupActions",
    "MetricAlarms",
)
"""The lists of answers that are read."""
_ADJUSTMENTS: Mapping[str, str] = {
    "ChangeInCapacity": "change",
    "PercentChangeInCapacity": "percent",
    "ExactCapacity": "exact",
}
_PAIRS: Mapping[str, str] = {
    "ASGCPUUtilization": "cpu",
    "ECSServiceCPUUtilization": "cpu",
    "ALBRequestCount": "requests_per_target",
}
"""Pairs of a predictive policy -> the metric that they are about."""
_MODES: Mapping[str, str] = {"ForecastOnly": "forecast_only", "ForecastAndScale": "forecast_and_scale"}
_BREACHES: Mapping[str, str] = {"HonorMaxCapacity": "honor", "IncreaseMaxCapacity": "increase"}
_MODELS: Mapping[str, type[Model]] = {
    "target_tracking": TargetTracking,
    "step_scaling": StepScaling,
    "scheduled": Scheduled,
    "predictive": Predictive,
}
_SERVICE, _GROUP = "ecs_service", "ec2_group"
_DIMENSION = "ecs:service:DesiredCount"
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
DEREGISTRATION_DELAY = 300
"""Seconds, of a target group that says none [ELBv2 API reference, TargetGroupAttribute]."""
_LONGEST_NAME = 20
_ON_DEMAND, _SPOT = "FARGATE", "FARGATE_SPOT"


def is_source(document: Any) -> bool:
    """Whether a document is one of these answers."""
    return isinstance(document, dict) and any(isinstance(document.get(key), list) for key in KEYS)


def found(document: Any) -> list[Found]:
    """Every ECS service and group of the answers, which may be several as one map."""
    rows = {key: maps(document.get(key)) for key in KEYS}
    by_id: dict[str, Found] = {}
    for target in rows["ScalableTargets"]:
        by_id[str(target.get("ResourceId", ""))] = _target(target)
    for group in rows["AutoScalingGroups"]:
        by_id[str(group.get("AutoScalingGroupName", ""))] = _group(group)
    unassigned = Found("not-read", {})
    for key, take in _TAKERS.items():
        for row in rows[key]:
            identity = row.get("ResourceId") or row.get("AutoScalingGroupName")
            of = by_id.get(str(identity))
            label = str(row.get("PolicyName") or row.get("ScheduledActionName"))
            if of is None and isinstance(identity, Unknown):
                unassigned.left_out.append(f"{label}: what it scales {identity.why}")
            elif of is None:
                unassigned.left_out.append(
                    f"{label}: its target is in none of the files: "
                    "give describe-scalable-targets or describe-auto-scaling-groups too"
                )
            elif "elasticity" in of.settings:
                try:
                    take(row, of, label, rows["MetricAlarms"])
                except Untranslated as reason:
                    of.left_out.append(f"{label}: {reason}")
    return [*by_id.values(), *([unassigned] if unassigned.left_out else [])]


def _target(target: dict[str, Any]) -> Found:
    """The bounds of a scalable target, and of its task what is known."""
    identity, dimension = str(target.get("ResourceId", "")), target.get("ScalableDimension")
    if dimension != _DIMENSION:
        kept = Found(workload_name(identity), {})
        kept.left_out.append(f"{dimension}: only the number of tasks of a service is simulated")
        return kept
    kept = Found(workload_name(identity.rpartition("/")[2]), {"platform": _SERVICE})
    _bounds(kept, target, "MinCapacity", "MaxCapacity")
    if any(truth(value) for value in as_map(target.get("SuspendedState")).values()):
        kept.left_out.append("SuspendedState: scaling is suspended there now; the rules are read as if it were not")
    _bought(kept, maps(target.get("CapacityProviderStrategy")))
    try:
        if (delay := seconds(target.get("DeregistrationDelay"), "deregistration delay")) is not None:
            kept.settings["deregistration_delay"] = delay
    except Untranslated as reason:
        kept.left_out.append(str(reason))
    task = as_map(target.get("TaskDefinition"))
    size = {key: number(task.get(key), key) for key in ("cpu", "memory") if not isinstance(task.get(key), Unknown)}
    if all(isinstance(size.get(key), int) and size[key] > 0 for key in ("cpu", "memory")):
        kept.settings.update(size)
        if as_map(task.get("runtimePlatform")).get("cpuArchitecture") == "ARM64":
            kept.settings["architecture"] = "arm64"
    return kept


def _bought(kept: Found, strategy: list[dict[str, Any]]) -> None:
    """What of a service runs on Spot: the shares of Fargate's two capacity providers."""
    try:
        shares = {str(one.get("CapacityProvider")): number(one.get("Weight") or 0, "weight") for one in strategy}
        bases = {str(one.get("CapacityProvider")): number(one.get("Base") or 0, "base") for one in strategy}
    except Untranslated as reason:
        kept.left_out.append(f"capacity provider strategy: {reason}")
        return
    if others := [name for name in shares if name not in (_ON_DEMAND, _SPOT)]:
        kept.left_out.append(
            f"capacity provider {', '.join(others)}: its instances are not read here: tasks start as if there were room"
        )
    elif bases.get(_SPOT):
        kept.left_out.append(f"base of {_SPOT}: a rules file has a base on demand only")
    elif all(isinstance(one, int) and one >= 0 for one in (*shares.values(), *bases.values())) and shares.get(_SPOT):
        kept.settings["spot"] = round(100 * shares[_SPOT] / sum(shares.values()), 1)
        kept.settings.update({"on_demand_base": base} if (base := bases.get(_ON_DEMAND)) else {})


def _mixed(kept: Found, policy: dict[str, Any]) -> None:
    """What of a group runs on Spot, and the first of its types, which stands for all."""
    bought = as_map(policy.get("InstancesDistribution"))
    try:
        base = number(bought.get("OnDemandBaseCapacity") or 0, "OnDemandBaseCapacity")
        above = bought.get("OnDemandPercentageAboveBaseCapacity")
        share = 100 if above in (None, "") else number(above, "OnDemandPercentageAboveBaseCapacity")
    except Untranslated as reason:
        kept.left_out.append(str(reason))
    else:
        if isinstance(share, int | float) and 0 <= share < 100:
            kept.settings["spot"] = 100 - share
            kept.settings.update({"on_demand_base": base} if base else {})
    template = as_map(policy.get("LaunchTemplate"))
    types = [one["InstanceType"] for one in maps(template.get("Overrides")) if isinstance(one.get("InstanceType"), str)]
    if types:
        kept.settings["instance_type"] = types[0]
        if len(types) > 1:
            kept.notes.append(f"instance_type: the first of {', '.join(types)} stands for all of them")


def _group(group: dict[str, Any]) -> Found:
    """The bounds, zones, warm-up, type and purchase of a group."""
    kept = Found(workload_name(str(group.get("AutoScalingGroupName", ""))), {"platform": _GROUP})
    _bounds(kept, group, "MinSize", "MaxSize")
    zones, subnets = group.get("AvailabilityZones"), group.get("VPCZoneIdentifier")
    if isinstance(zones, list) and zones:
        kept.settings["zones"] = len(zones)
    elif isinstance(subnets, list) and subnets:
        kept.settings["zones"] = len(subnets)
        kept.notes.append(f"zones: counted from its {len(subnets)} subnets, one in each")
    try:
        if (warm := seconds(group.get("DefaultInstanceWarmup"), "DefaultInstanceWarmup")) is not None:
            kept.settings["default_warm_up"] = warm
    except Untranslated as reason:
        kept.left_out.append(str(reason))
    if isinstance(group.get("InstanceType"), str):
        kept.settings["instance_type"] = group["InstanceType"]
    if mixed := as_map(group.get("MixedInstancesPolicy")):
        _mixed(kept, mixed)
    kept.left_out += _without_words(group)
    return kept


def _without_words(group: dict[str, Any]) -> Iterator[str]:
    """What a group does otherwise than its rules say."""
    suspended = [str(as_map(one).get("ProcessName") or one) for one in as_list(group.get("SuspendedProcesses"))]
    if suspended:
        yield f"SuspendedProcesses: {', '.join(suspended)}: suspended there, and read as if not"
    if truth(group.get("NewInstancesProtectedFromScaleIn")):
        yield "NewInstancesProtectedFromScaleIn: instances are kept from scale-in there, and not here"
    if group.get("WarmPoolConfiguration"):
        yield f"warm pool: {BESIDE['warm pool']}"
    if group.get("LifecycleHookSpecificationList"):
        yield f"lifecycle hook: {BESIDE['lifecycle hook']}"


def _bounds(kept: Found, row: dict[str, Any], low: str, high: str) -> None:
    try:
        kept.settings["elasticity"] = {"minimum": number(row.get(low), low), "maximum": number(row.get(high), high)}
    except Untranslated as reason:
        kept.left_out.append(f"left out, since a bound is not known: {reason}")


def _policy(row: dict[str, Any], of: Found, label: str, alarms: list[dict[str, Any]]) -> None:
    """Add a policy; raises Untranslated."""
    if row.get("Enabled") is False:
        raise Untranslated("is switched off there (Enabled: false), and left out")
    for keys, take in _POLICIES.items():
        value = next((row[key] for key in keys if row.get(key)), None)
        if isinstance(value, Unknown):
            raise Untranslated(f"{keys[0]}: {value.why}")
        if as_map(value):
            return take(as_map(value), row, of, label, alarms)
    kind = _kind(row)
    if kind in ("StepScaling", "SimpleScaling"):
        return _step(row, row, of, label, alarms)
    raise Untranslated(f"{kind}: policies of this kind are not read")


def _tracking(
    configuration: dict[str, Any], row: dict[str, Any], of: Found, label: str, _alarms: list[dict[str, Any]]
) -> None:
    declared = dict(of.settings["elasticity"].get("metrics", {}))
    metric = tracked(configuration, declared, label)
    made = {
        "metric": metric,
        "target": amount(configuration.get("TargetValue"), metric, "TargetValue"),
        **_waits(of, {"scale_in_cooldown": "ScaleInCooldown", "scale_out_cooldown": "ScaleOutCooldown"}, configuration),
        **_warm_up(of, row),
    }
    if truth(configuration.get("DisableScaleIn")):
        made["scale_in"] = False
    if is_fine(configuration):
        made["metric_period"] = "20s"
    _add(of, "target_tracking", made, label, metric if metric in METRICS else "tracking", declared)


def _step(
    configuration: dict[str, Any], row: dict[str, Any], of: Found, label: str, alarms: list[dict[str, Any]]
) -> None:
    """One rule for each alarm that calls the policy."""
    simple = configuration.get("ScalingAdjustment") is not None and not configuration.get("StepAdjustments")
    calling = [alarm for alarm in alarms if _calls(alarm, row, "AlarmActions")]
    if any(_calls(alarm, row, "OKActions", "InsufficientDataActions") for alarm in alarms):
        of.left_out.append(f"{label}: it is called too when an alarm ends: a rules file calls on its beginning only")
    if not calling:
        raise Untranslated(
            f"{_kind(row)}: its threshold stands in its alarm, which is in none of the files: give "
            "`aws cloudwatch describe-alarms` too"
            if not alarms
            else f"{_kind(row)}: none of the alarms calls it"
        )
    for alarm in calling:
        declared = dict(of.settings["elasticity"].get("metrics", {}))
        made = rule_of(alarm, declared, label)
        made["adjustment"] = _ADJUSTMENTS.get(
            str(configuration.get("AdjustmentType")), configuration.get("AdjustmentType")
        )
        made["steps"] = (
            [{"change": number(configuration["ScalingAdjustment"], "ScalingAdjustment")}]
            if simple
            else [_interval(one, made["metric"]) for one in maps(configuration.get("StepAdjustments"))]
        )
        aggregation = configuration.get("MetricAggregationType")
        if isinstance(aggregation, Unknown) and not simple:
            of.notes.append(f"{label}: MetricAggregationType {aggregation.why}; taken as AWS's default, Average")
        elif aggregation not in (None, "") and not simple:
            made["aggregation"] = aggregation
        if configuration.get("MinAdjustmentMagnitude") not in (None, "", 0):
            made["minimum_adjustment"] = number(configuration["MinAdjustmentMagnitude"], "MinAdjustmentMagnitude")
        made.update(_waits(of, {"cooldown": "Cooldown"}, configuration))
        made.update(_warm_up(of, row, "Cooldown" if simple else "EstimatedInstanceWarmup"))
        side = "out" if str(made.get("comparison", "")).startswith("Greater") else "in"
        about = made["metric"] if made["metric"] in METRICS else "step"
        _add(of, "step_scaling", made, label, f"{about}-{side}", declared)
        of.callers.setdefault(label, {})[of.rule_of[label]] = str(alarm.get("AlarmName"))
        if simple:
            of.left_out.append(f"{label}: simple scaling does nothing while it waits; here a step waits for warm-up")
        if alarm.get("ActionsEnabled") is False:
            of.left_out.append(f"{label}: the actions of its alarm are switched off there; read as if they were on")


def _kind(row: dict[str, Any]) -> str:
    simple = row.get("ScalingAdjustment") is not None and not row.get("StepScalingPolicyConfiguration")
    return str(row.get("PolicyType") or ("SimpleScaling" if simple else "StepScaling"))


def _interval(one: dict[str, Any], metric: str) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for source, key in (("MetricIntervalLowerBound", "from"), ("MetricIntervalUpperBound", "to")):
        if one.get(source) not in (None, ""):
            made[key] = amount(one[source], metric, source)
    made["change"] = number(one.get("ScalingAdjustment"), "ScalingAdjustment")
    return made


def _calls(alarm: dict[str, Any], row: dict[str, Any], *members: str) -> bool:
    """Whether an alarm calls a policy."""
    actions = [str(one) for key in members for one in as_list(alarm.get(key))]
    if row.get("PolicyARN") and str(row["PolicyARN"]) in actions:
        return True
    named = [one.get("AlarmName") for one in maps(row.get("Alarms"))]
    return members == ("AlarmActions",) and alarm.get("AlarmName") in named and not row.get("PolicyARN")


def _predictive(
    configuration: dict[str, Any], _row: dict[str, Any], of: Found, label: str, _alarms: list[dict[str, Any]]
) -> None:
    specification = next(iter(maps(configuration.get("MetricSpecifications"))), {})
    pair = as_map(specification.get("PredefinedMetricPairSpecification")).get("PredefinedMetricType")
    if str(pair) not in _PAIRS:
        raise Untranslated(f"a forecast of {pair or 'a metric of its own'}: a rules file has no such forecast")
    metric, mode = _PAIRS[str(pair)], str(configuration.get("Mode", "ForecastOnly"))
    made: dict[str, Any] = {
        "metric": metric,
        "target": amount(specification.get("TargetValue"), metric, "TargetValue"),
        "mode": _MODES.get(mode, mode),
    }
    if buffer := seconds(configuration.get("SchedulingBufferTime"), "SchedulingBufferTime"):
        made["buffer"] = buffer
    breach = str(configuration.get("MaxCapacityBreachBehavior", "HonorMaxCapacity"))
    made["maximum_breach"] = _BREACHES.get(breach, breach)
    if configuration.get("MaxCapacityBuffer") not in (None, "") and made["maximum_breach"] == "increase":
        made["maximum_buffer"] = number(configuration["MaxCapacityBuffer"], "MaxCapacityBuffer")
    _add(of, "predictive", made, label, f"{metric}-forecast", {})


def _warms_up(of: Found) -> bool:
    return platform_parameters(of.settings["platform"]).behaviour.rule_warm_ups


def _waits(of: Found, keys: Mapping[str, str], row: dict[str, Any]) -> dict[str, str]:
    """Cooldowns, which services have."""
    if _warms_up(of):
        return {}
    found = {key: seconds(row.get(source), source) for key, source in keys.items()}
    return {key: value for key, value in found.items() if value is not None}


def _warm_up(of: Found, row: dict[str, Any], source: str = "EstimatedInstanceWarmup") -> dict[str, str]:
    """Warm-up, which groups have."""
    warm = seconds(row.get(source), source) if _warms_up(of) else None
    return {} if warm is None else {"warm_up": warm}


def _schedule(row: dict[str, Any], of: Found, label: str, _alarms: list[dict[str, Any]]) -> None:
    """Add a scheduled action; raises Untranslated."""
    action = as_map(row.get("ScalableTargetAction"))
    made: dict[str, Any] = {"time_zone": str(row.get("Timezone") or row.get("TimeZone") or "UTC"), **_when(row)}
    for key, value in (
        ("minimum", action.get("MinCapacity", row.get("MinSize"))),
        ("maximum", action.get("MaxCapacity", row.get("MaxSize"))),
        ("desired", row.get("DesiredCapacity")),
    ):
        if value not in (None, ""):
            size = number(value, key)
            if not isinstance(size, int) or isinstance(size, bool):
                raise Untranslated(f"{key}: is no whole number")
            if size >= 0:  # Terraform writes -1 for a bound that stays
                made[key] = size
    _add(of, "scheduled", made, label, "schedule", {})


def _when(row: dict[str, Any]) -> dict[str, Any]:
    when = row.get("Schedule") or row.get("Recurrence") or ""
    if isinstance(when, Unknown):
        raise Untranslated(f"its time: {when.why}")
    text, start = str(when).strip(), _moment(row.get("StartTime"))
    if not text:
        if start is None:
            raise Untranslated("it has neither a schedule nor a time")
        return {"at": start[:19], "time_zone": "UTC"}
    made: dict[str, Any] = {"cron": text}
    if text.startswith(("cron(", "at(", "rate(")) and text.endswith(")"):
        kind, _, inner = text[:-1].partition("(")
        made = {kind: inner}
    end = _moment(row.get("EndTime"))
    times = {"start": start, "end": end} if "at" not in made else {}
    return {**made, **{key: value for key, value in times.items() if value is not None}}


def _moment(value: Any) -> str | None:
    """A time in UTC, as text."""
    if isinstance(value, datetime.datetime):
        value = value.isoformat()
    if not isinstance(value, str) or not _MOMENT.match(value):
        return None
    try:
        moment = datetime.datetime.fromisoformat(value)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)
    try:
        return moment.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except OverflowError:
        return None


def _add(of: Found, kind: str, made: dict[str, Any], label: str, otherwise: str, declared: dict[str, Any]) -> None:
    """Add a rule that is valid by itself, with the metrics that it brought; raises Untranslated."""
    try:
        _MODELS[kind].model_validate(made)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise Untranslated(f"{where}: {first['msg']}".removeprefix(": ")) from None
    rules = of.settings["elasticity"]
    taken = {name: None for every in _MODELS for name in rules.get(every, {})}
    name = rule_name(label if len(label) <= _LONGEST_NAME else otherwise, taken)
    if len(label) > _LONGEST_NAME:
        of.notes.append(f"{kind}.{name}: {label}")
    rules.setdefault(kind, {})[name] = made
    of.rule_of[label] = name
    if declared:
        rules["metrics"] = declared


_Take = Callable[[dict[str, Any], dict[str, Any], Found, str, list[dict[str, Any]]], None]
_POLICIES: Mapping[tuple[str, ...], _Take] = {
    ("TargetTrackingScalingPolicyConfiguration", "TargetTrackingConfiguration"): _tracking,
    ("StepScalingPolicyConfiguration",): _step,
    ("PredictiveScalingPolicyConfiguration", "PredictiveScalingConfiguration"): _predictive,
}
"""By the members in which a policy has its configuration, of the two services."""
_TAKERS: Mapping[str, Callable[[dict[str, Any], Found, str, list[dict[str, Any]]], None]] = {
    "ScalingPolicies": _policy,
    "ScheduledActions": _schedule,
    "ScheduledUpdateGroupActions": _schedule,
}
