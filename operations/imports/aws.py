"""Saved answers of AWS: describe-scalable-targets, describe-scaling-policies and describe-scheduled-actions of
Application Auto Scaling; describe-auto-scaling-groups, describe-policies and describe-scheduled-actions of EC2 Auto
Scaling. Source: API references of both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from operations.imports import Found, as_map, maps, rule_name, seconds, workload_name

_METRICS: Mapping[str, str] = {
    "ECSServiceAverageCPUUtilization": "cpu",
    "ASGAverageCPUUtilization": "cpu",
    "ECSServiceAverageMemoryUtilization": "memory",
    "ALBRequestCountPerTarget": "requests_per_target",
}
_KEYS = ("ScalableTargets", "ScalingPolicies", "ScheduledActions", "AutoScalingGroups", "ScheduledUpdateGroupActions")
_ADJUSTMENTS: Mapping[str, str] = {
    "ChangeInCapacity": "change",
    "PercentChangeInCapacity": "percent",
    "ExactCapacity": "exact",
}


def is_source(document: Any) -> bool:
    """Whether a document is one of these answers."""
    return isinstance(document, dict) and any(isinstance(document.get(key), list) for key in _KEYS)


def found(document: Any) -> list[Found]:
    """Every ECS service and group of the answers, which may be several as one map."""
    rows = {key: maps(document.get(key)) for key in _KEYS}
    by_id: dict[str, Found] = {}
    for target in rows["ScalableTargets"]:
        identity = str(target.get("ResourceId", ""))
        if target.get("ScalableDimension") != "ecs:service:DesiredCount":
            kept = Found(workload_name(identity), {})
            kept.left_out.append(
                f"{target.get('ScalableDimension')}: only the number of tasks of a service is simulated"
            )
        else:
            kept = Found(workload_name(identity.rpartition("/")[2]), {"platform": "ecs_service"})
            kept.settings["elasticity"] = {"minimum": target.get("MinCapacity"), "maximum": target.get("MaxCapacity")}
            if any(as_map(target.get("SuspendedState")).values()):
                kept.left_out.append(
                    "SuspendedState: scaling is suspended there now; the rules are read as if it were not"
                )
        by_id[identity] = kept
    for group in rows["AutoScalingGroups"]:
        identity = str(group.get("AutoScalingGroupName", ""))
        kept = Found(workload_name(identity), {"platform": "ec2_group"})
        kept.settings["elasticity"] = {"minimum": group.get("MinSize"), "maximum": group.get("MaxSize")}
        if isinstance(group.get("AvailabilityZones"), list) and group["AvailabilityZones"]:
            kept.settings["zones"] = len(group["AvailabilityZones"])
        if (warm := seconds(group.get("DefaultInstanceWarmup"))) is not None:
            kept.settings["default_warm_up"] = warm
        by_id[identity] = kept
    strays = Found("not-read", {})
    for key, take in (
        ("ScalingPolicies", _policy),
        ("ScheduledActions", _schedule),
        ("ScheduledUpdateGroupActions", _schedule),
    ):
        for row in rows[key]:
            of = by_id.get(str(row.get("ResourceId") or row.get("AutoScalingGroupName")))
            label = str(row.get("PolicyName") or row.get("ScheduledActionName"))
            if of is None:
                strays.left_out.append(
                    f"{label}: its target is in none of the files: "
                    "give describe-scalable-targets or describe-auto-scaling-groups too"
                )
            elif "elasticity" in of.settings:
                reason = take(row, of, label)
                if reason:
                    of.left_out.append(f"{label}: {reason}")
    return [*by_id.values(), *([strays] if strays.left_out else [])]


def _policy(row: dict[str, Any], of: Found, label: str) -> str:
    """Add a policy; returns why it could not be."""
    tracking = as_map(row.get("TargetTrackingScalingPolicyConfiguration") or row.get("TargetTrackingConfiguration"))
    if tracking:
        return _tracking(tracking, row, of, label)
    kind = row.get("PolicyType")
    if kind in ("StepScaling", "SimpleScaling"):
        return f"{kind}: its threshold stands in its alarm, which is not in these answers: write it by hand"
    return f"{kind}: policies of this kind are not read"


def _tracking(tracking: dict[str, Any], row: dict[str, Any], of: Found, label: str) -> str:
    predefined = as_map(tracking.get("PredefinedMetricSpecification")).get("PredefinedMetricType")
    rules = of.settings["elasticity"]
    made: dict[str, Any] = {}
    if predefined is not None:
        if str(predefined) not in _METRICS:
            return f"{predefined}: a rules file has no such metric"
        made["metric"] = _METRICS[str(predefined)]
    else:
        custom = as_map(tracking.get("CustomizedMetricSpecification"))
        if not custom.get("MetricName"):
            return "metric math: write it under `metrics` by hand"
        metrics = rules.setdefault("metrics", {})
        key = rule_name(str(custom["MetricName"]), metrics).replace("-", "_")
        metrics[key] = {
            "namespace": custom.get("Namespace"),
            "name": custom["MetricName"],
            "statistic": custom.get("Statistic", "Average"),
        }
        if dimensions := {str(one.get("Name")): str(one.get("Value")) for one in maps(custom.get("Dimensions"))}:
            metrics[key]["dimensions"] = dimensions
        made["metric"] = key
    made["target"] = tracking.get("TargetValue")
    of_service = of.settings["platform"] == _SERVICE
    for source, key in (("ScaleInCooldown", "scale_in_cooldown"), ("ScaleOutCooldown", "scale_out_cooldown")):
        if of_service and (value := seconds(tracking.get(source))) is not None:
            made[key] = value
    if not of_service and (warm := seconds(row.get("EstimatedInstanceWarmup"))) is not None:
        made["warm_up"] = warm
    if tracking.get("DisableScaleIn") is True:
        made["scale_in"] = False
    taken = rules.setdefault("target_tracking", {})
    taken[rule_name(label, taken)] = made
    return ""


_SERVICE = "ecs_service"


def _schedule(row: dict[str, Any], of: Found, label: str) -> str:
    """Add a scheduled action; returns why it could not be."""
    action = as_map(row.get("ScalableTargetAction"))
    low = action.get("MinCapacity", row.get("MinSize"))
    high = action.get("MaxCapacity", row.get("MaxSize"))
    made: dict[str, Any] = {"time_zone": row.get("Timezone") or row.get("TimeZone") or "UTC"}
    text = str(row.get("Schedule") or row.get("Recurrence") or "")
    if text.startswith(("cron(", "at(", "rate(")) and text.endswith(")"):
        kind, _, inner = text[:-1].partition("(")
        made[kind] = inner
    elif text:
        made["cron"] = text
    else:
        return "an action of one moment: it is over, or write it by hand with `at`"
    made.update(
        {key: value for key, value in (("minimum", low), ("maximum", high)) if isinstance(value, int) and value >= 0}
    )
    if isinstance(row.get("DesiredCapacity"), int) and row["DesiredCapacity"] >= 0:
        made["desired"] = row["DesiredCapacity"]
    taken = of.settings["elasticity"].setdefault("scheduled", {})
    taken[rule_name(label, taken)] = made
    return ""
