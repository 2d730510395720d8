"""HorizontalPodAutoscalers of Kubernetes: autoscaling/v2 and v1, and the v2beta1 and v2beta2 before them.

They are brought into the shape of AWS's answers, as a service's target tracking. Source: API reference of Kubernetes,
HorizontalPodAutoscaler v1 and v2; k8s.io/api/autoscaling/v2beta1 for the older form and for the annotations that v1
keeps of a v2 object.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from operations.failures import CannotRun
from operations.imports import Found, as_map, aws, maps

KIND = "HorizontalPodAutoscaler"
_PREDEFINED: Mapping[str, str] = {
    "cpu": "ECSServiceAverageCPUUtilization",
    "memory": "ECSServiceAverageMemoryUtilization",
}
"""Resource -> the metric of AWS's that is read as it."""
_DEFAULT_TARGET = 80
"""Percent of cpu, of an autoscaler that names no metric [API reference, `metrics`]."""
_DEFAULT_MINIMUM = 1
_OLD_METRICS = "autoscaling.alpha.kubernetes.io/metrics"
_OLD_BEHAVIOUR = "autoscaling.alpha.kubernetes.io/behavior"
"""Annotations in which v1 keeps what it has no field for, as JSON."""
_CONTROLLER = (
    "the controller: these rules are simulated as an ECS service's target tracking, whose alarms and cooldowns are not "
    "the loop of 15 s, the tolerance of 10 % and the stabilisation of Kubernetes"
)


def is_source(document: Any) -> bool:
    """Whether a document is an object of Kubernetes: an autoscaler, or what a chart makes beside it."""
    return is_autoscaler(document) or all(isinstance(as_map(document).get(key), str) for key in ("apiVersion", "kind"))


def is_autoscaler(document: Any) -> bool:
    """Whether an object is an autoscaler."""
    return as_map(document).get("kind") == KIND


def found(document: Any) -> list[Found]:
    """The workload that an autoscaler scales; none for another object."""
    if not is_autoscaler(document):
        return []
    spec, kept = as_map(document.get("spec")), as_map(as_map(document.get("metadata")).get("annotations"))
    name = as_map(spec.get("scaleTargetRef")).get("name") or as_map(document.get("metadata")).get("name")
    identity = f"service/kubernetes/{name}"
    said = [_CONTROLLER]
    behaviour = as_map(spec.get("behavior")) or as_map(_uncapitalised(_annotated(kept, _OLD_BEHAVIOUR, said)))
    stays = _is_off(behaviour, "scaleDown")
    said += _of_behaviour(behaviour)
    metrics = [*maps(spec.get("metrics")), *maps(_annotated(kept, _OLD_METRICS, said))]
    policies = list(_policies(spec, metrics, said))
    target = {
        "ResourceId": identity,
        "ScalableDimension": "ecs:service:DesiredCount",
        "MinCapacity": spec.get("minReplicas") if spec.get("minReplicas") is not None else _DEFAULT_MINIMUM,
        "MaxCapacity": spec.get("maxReplicas"),
    }
    for policy in policies:
        policy["ResourceId"] = identity
        policy["TargetTrackingScalingPolicyConfiguration"]["DisableScaleIn"] = stays
    (made,) = aws.found({"ScalableTargets": [target], "ScalingPolicies": policies})
    made.left_out[:0] = said
    return [made]


def refuse_without(documents: list[Any], where: str) -> None:
    """Raises CannotRun where objects of Kubernetes hold no autoscaler."""
    if documents and not any(is_autoscaler(one) for one in documents):
        kinds = ", ".join(dict.fromkeys(str(one["kind"]) for one in documents))
        raise CannotRun(f"{where}: holds {kinds} of Kubernetes and no {KIND}")


def _policies(spec: dict[str, Any], metrics: list[dict[str, Any]], said: list[str]) -> Iterator[dict[str, Any]]:
    """A policy for each metric that is read; what is not goes into `said`."""
    named = spec.get("targetCPUUtilizationPercentage")
    if named is None and not metrics:
        said.append(f"metrics: none is named, for which Kubernetes takes cpu at {_DEFAULT_TARGET} %, and so it is read")
        named = _DEFAULT_TARGET
    if named is not None:
        yield _policy("cpu", named, said)
    for metric in metrics:
        kind = str(metric.get("type"))
        of = as_map(metric.get(kind[:1].lower() + kind[1:]))
        resource, target = str(of.get("name")), as_map(of.get("target"))
        percent = target.get("averageUtilization", of.get("targetAverageUtilization"))
        if kind not in ("Resource", "ContainerResource"):
            said.append(f"metric {_name(of)} of type {kind}: only cpu and memory of the pods are read")
        elif resource not in _PREDEFINED:
            said.append(f"metric {resource} of type {kind}: only cpu and memory of the pods are read")
        elif percent is None:
            said.append(
                f"{resource}: its target is an amount ({_amount(of, target)}), and only a share of what a pod requests "
                "is read"
            )
        else:
            if kind == "ContainerResource":
                said.append(f"{resource}: of the container {of.get('container')} alone there, of the whole unit here")
            yield _policy(resource, percent, said)


def _policy(resource: str, percent: Any, said: list[str]) -> dict[str, Any]:
    said.append(f"{resource}: percent of the request there, of the unit's whole here")
    configuration = {
        "TargetValue": percent,
        "PredefinedMetricSpecification": {"PredefinedMetricType": _PREDEFINED[resource]},
    }
    return {
        "PolicyName": resource,
        "PolicyType": "TargetTrackingScaling",
        "TargetTrackingScalingPolicyConfiguration": configuration,
    }


def _name(metric: dict[str, Any]) -> str:
    return str(as_map(metric.get("metric")).get("name") or metric.get("metricName"))


def _amount(metric: dict[str, Any], target: dict[str, Any]) -> str:
    return str(target.get("averageValue") or metric.get("targetAverageValue") or "none is named")


def _annotated(annotations: dict[str, Any], name: str, said: list[str]) -> Any:
    """What an annotation holds."""
    if name not in annotations:
        return None
    try:
        return json.loads(str(annotations[name]))
    except (ValueError, RecursionError):
        said.append(f"{name}: is no JSON")
        return None


def _uncapitalised(value: Any) -> Any:
    """The same with keys as the API has them: the annotation has Go's names."""
    if isinstance(value, dict):
        return {key[:1].lower() + key[1:]: _uncapitalised(inner) for key, inner in as_map(value).items()}
    return value


def _is_off(behaviour: dict[str, Any], direction: str) -> bool:
    return as_map(behaviour.get(direction)).get("selectPolicy") == "Disabled"


def _of_behaviour(behaviour: dict[str, Any]) -> Iterator[str]:
    """What of a behaviour has no words: that nothing scales in has."""
    if _is_off(behaviour, "scaleUp"):
        yield "behavior.scaleUp: is switched off there (selectPolicy: Disabled), and read as if it were on"
    for direction, rules in behaviour.items():
        words = ", ".join(as_map(rules))
        if words and not _is_off(behaviour, direction):
            yield f"behavior.{direction}: a rules file has no words for {words}"
