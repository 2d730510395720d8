"""A HorizontalPodAutoscaler of Kubernetes, autoscaling/v2. Source: API reference of Kubernetes."""

from __future__ import annotations

from typing import Any

from operations.imports import Found, as_map, maps, rule_name, workload_name


def is_source(document: Any) -> bool:
    """Whether a document is an autoscaler."""
    return isinstance(document, dict) and document.get("kind") == "HorizontalPodAutoscaler"


def found(document: Any) -> list[Found]:
    """The workload that it scales."""
    spec = as_map(document.get("spec"))
    name = as_map(spec.get("scaleTargetRef")).get("name") or as_map(document.get("metadata")).get("name")
    rules: dict[str, Any] = {"minimum": spec.get("minReplicas", 1), "maximum": spec.get("maxReplicas")}
    kept = Found(workload_name(str(name)), {"platform": "ecs_service", "elasticity": rules})
    kept.left_out.append(
        "the controller: these rules are simulated as an ECS service's target tracking, whose alarms and cooldowns are "
        "not the loop of 15 s, the tolerance of 10 % and the stabilisation of Kubernetes"
    )
    if "behavior" in spec:
        kept.left_out.append("behavior: its policies and windows have no words in a rules file")
    tracking: dict[str, Any] = {}
    for metric in maps(spec.get("metrics")):
        resource = as_map(metric.get("resource") or metric.get("containerResource"))
        target = as_map(resource.get("target")).get("averageUtilization")
        if str(resource.get("name")) in ("cpu", "memory") and target is not None:
            tracking[rule_name(str(resource["name"]), tracking)] = {"metric": resource["name"], "target": target}
            kept.left_out.append(f"{resource['name']}: percent of the request there, of the unit's whole here")
        else:
            kept.left_out.append(
                f"a metric of type {metric.get('type')}: only averageUtilization of cpu and memory is read"
            )
    if "targetCPUUtilizationPercentage" in spec:
        tracking["cpu"] = {"metric": "cpu", "target": spec["targetCPUUtilizationPercentage"]}
    if tracking:
        rules["target_tracking"] = tracking
    return [kept]
