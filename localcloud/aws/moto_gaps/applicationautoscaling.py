"""Gaps of moto's Application Auto Scaling: predictive policies, tags, filters, checks, and a policy's alarms."""

import json
import re
from decimal import Decimal
from typing import Any, Final

from moto.applicationautoscaling import responses
from moto.applicationautoscaling.exceptions import AWSValidationException
from moto.applicationautoscaling.models import ApplicationAutoscalingBackend as Backend
from moto.applicationautoscaling.models import FakeApplicationAutoscalingPolicy as Policy
from moto.applicationautoscaling.responses import ApplicationAutoScalingResponse as Response
from moto.cloudwatch.models import cloudwatch_backends
from moto.ecs.models import ecs_backends

from localcloud.aws.limits.cron import APPLICATION, zone_fault
from localcloud.aws.moto_gaps import scaling_activities, target_tracking
from localcloud.aws.moto_gaps._patching import Refusal, add, replace

PREDICTIVE: Final = "PredictiveScaling"
_SERVICE: Final = re.compile(r"service/[^/]+/[^/]+")
LOW_FACTOR: Final = Decimal("0.9")
"""The low alarm's share of the target, for ECS services."""


@replace(Policy)
def __init__(original: Any, self: Any, **keywords: Any) -> None:  # noqa: N807 - the method's name
    """Take predictive policies, which moto refuses as an unknown type."""
    predictive = keywords["policy_type"] == PREDICTIVE
    original(self, **{**keywords, "policy_type": "StepScaling" if predictive else keywords["policy_type"]})
    if predictive:
        self.policy_type, self.step_scaling_policy_configuration = PREDICTIVE, None


@replace(Policy)
def _generate_ecs_alarms(_original: Any, self: Any) -> list[Any]:
    """Alarms on the policy's own metric and target; moto's are all on CPU above 6."""
    _, cluster, service = self.resource_id.split("/")
    return target_tracking.make_alarms(
        cloudwatch_backends[self.account_id][self.region_name],
        self.policy_arn,
        self.resource_id,
        self.target_tracking_scaling_policy_configuration,
        {"ClusterName": cluster, "ServiceName": service},
        LOW_FACTOR,
    )


@replace(responses)
def _build_policy(original: Any, policy: Policy) -> dict[str, Any]:
    """Show a predictive policy's configuration."""
    shown: dict[str, Any] = original(policy)
    if policy.policy_type == PREDICTIVE:
        shown["PredictiveScalingPolicyConfiguration"] = policy._policy_body
    return shown


@replace(Backend)
def put_scaling_policy(original: Any, self: Any, **keywords: Any) -> Any:
    """Refuse a second tracking policy on one metric; one put again keeps its ARN and leaves no old alarms behind."""
    names = ("service_namespace", "resource_id", "scalable_dimension", "policy_name")
    old = self.policies.get(Policy.formulate_key(*(keywords[name] for name in names)))
    if keywords["policy_type"] == "TargetTrackingScaling":
        followed = [
            target_tracking.specification(other.target_tracking_scaling_policy_configuration)
            for other in self.policies.values()
            if other is not old
            and other.policy_type == "TargetTrackingScaling"
            and all(getattr(other, name) == keywords[name] for name in names[:3])
        ]
        if target_tracking.specification(keywords["policy_body"]) in followed:
            raise AWSValidationException(target_tracking.ONE_PER_METRIC)
    policy = original(self, **keywords)
    if old:
        old.delete_alarms(self.account_id, self.region_name)
        policy.policy_arn, policy.creation_time = old.policy_arn, old.creation_time
        for alarm in policy.alarms:
            alarm.alarm_actions = [old.policy_arn + ":createdBy" + alarm.alarm_actions[0].partition(":createdBy")[2]]
    return policy


@replace(Backend)
def deregister_scalable_target(original: Any, self: Any, namespace: str, r_id: str, dimension: str) -> None:
    """A target's policies and scheduled actions go with it."""
    original(self, namespace, r_id, dimension)
    key = (namespace, r_id, dimension)
    for policy in list(self.policies.values()):
        if (policy.service_namespace, policy.resource_id, policy.scalable_dimension) == key:
            self.delete_scaling_policy(policy.policy_name, *key)
    self.scheduled_actions = [
        a for a in self.scheduled_actions if (a.service_namespace, a.resource_id, a.scalable_dimension) != key
    ]


@replace(Response, "put_scaling_policy")
def answer_put_scaling_policy(original: Any, response: Any) -> str:
    """Refuse a policy without a target; take predictive configurations."""
    namespace, resource, dimension = _target_of(response)
    if not _backend(response).describe_scalable_targets(namespace, [resource], dimension):
        raise AWSValidationException(
            f"No scalable target registered for namespace: {namespace}, resource ID: {resource}, "
            f"scalable dimension: {dimension}"
        )
    if response._get_param("PolicyType") != PREDICTIVE:
        return str(original(response))
    policy = _backend(response).put_scaling_policy(
        policy_name=response._get_param("PolicyName"),
        service_namespace=namespace,
        resource_id=resource,
        scalable_dimension=dimension,
        policy_type=PREDICTIVE,
        policy_body=response._get_param("PredictiveScalingPolicyConfiguration"),
    )
    return json.dumps({"PolicyARN": policy.policy_arn, "Alarms": []})


@replace(Backend)
def put_scheduled_action(original: Any, self: Any, **keywords: Any) -> None:
    """Refuse an action without a target, one that sets nothing, and a schedule that is none. An update leaves what it
    does not name."""
    names = ("service_namespace", "resource_id", "scalable_dimension")
    namespace, resource, dimension = (keywords[name] for name in names)
    if not self.describe_scalable_targets(namespace, [resource], dimension):
        raise Refusal(
            "ObjectNotFoundException",
            f"No scalable target registered for service namespace: {namespace}, resource ID: {resource}, "
            f"scalable dimension: {dimension}",
        )
    named = (*names, "scheduled_action_name")
    known = any(all(getattr(a, name) == keywords[name] for name in named) for a in self.scheduled_actions)
    text, zone, sizes = (keywords.get(name) for name in ("schedule", "timezone", "scalable_target_action"))
    if text is None and not known:
        raise AWSValidationException("Schedule is required for a new scheduled action")
    if text is not None and (fault := APPLICATION.fault(text)):
        raise AWSValidationException(f"Invalid schedule expression. Details: {fault}")
    if zone is not None and (fault := zone_fault(zone)):
        raise AWSValidationException(f"Invalid timezone. Details: {fault}")
    if sizes is None and not known:
        raise AWSValidationException("Scalable target action is required for a new scheduled action")
    if sizes is not None:
        low, high = (sizes.get(name) for name in ("MinCapacity", "MaxCapacity"))
        if low is None and high is None:
            raise AWSValidationException("A scalable target action needs a minimum capacity or a maximum capacity")
        if low is not None and high is not None and int(low) > int(high):
            raise AWSValidationException("Minimum capacity must be less than or equal to maximum capacity")
    original(self, **keywords)


@replace(Response)
def describe_scaling_policies(original: Any, self: Any) -> str:
    """Filter by name."""
    names = self._get_param("PolicyNames")
    answer = json.loads(original(self))
    if names:
        answer["ScalingPolicies"] = [p for p in answer["ScalingPolicies"] if p["PolicyName"] in names]
    return json.dumps(answer)


@replace(Response)
def register_scalable_target(original: Any, self: Any) -> str:
    """Refuse a minimum above the maximum and a first registration without bounds; keep tags; bring the tasks of an ECS
    service within the bounds, as AWS does at once ("minimum capacity was set to 6", its scaling activity says)."""
    namespace, resource, dimension = _target_of(self)
    if namespace == "ecs" and not _SERVICE.fullmatch(resource):
        raise AWSValidationException("Unsupported service namespace, resource type or scalable dimension")
    old = next(iter(_backend(self).describe_scalable_targets(namespace, [resource], dimension)), None)
    low = self._get_int_param("MinCapacity", old and old.min_capacity)
    high = self._get_int_param("MaxCapacity", old and old.max_capacity)
    if low is None or high is None:
        raise AWSValidationException("Both minimum capacity and maximum capacity are required for a new target")
    if low > high:
        raise AWSValidationException("Minimum capacity must be less than or equal to maximum capacity")
    answer = original(self)
    _tags(self).setdefault(json.loads(answer)["ScalableTargetARN"], {}).update(self._get_param("Tags") or {})
    if namespace == "ecs":
        _bring_within(_backend(self), resource, low, high)
    return str(answer)


def _bring_within(backend: Any, resource: str, low: int, high: int) -> None:
    _, cluster, name = resource.split("/")
    ecs = ecs_backends[backend.account_id][backend.region_name]
    service = ecs._get_service(cluster, name)
    within = max(low, min(int(service.desired_count or 0), high))
    if within != service.desired_count:
        ecs.update_service({"cluster": cluster, "service": name, "desired_count": within})


@add(Response)
def list_tags_for_resource(self: Any) -> str:
    """A target's tags."""
    return json.dumps({"Tags": _tags(self).get(self._get_param("ResourceARN"), {})})


@add(Response)
def tag_resource(self: Any) -> str:
    """Add tags to a target."""
    _tags(self).setdefault(self._get_param("ResourceARN"), {}).update(self._get_param("Tags"))
    return "{}"


@add(Response)
def untag_resource(self: Any) -> str:
    """Take tags from a target."""
    tags = _tags(self).get(self._get_param("ResourceARN"), {})
    for key in self._get_param("TagKeys"):
        tags.pop(key, None)
    return "{}"


def _backend(response: Any) -> Any:
    return response.applicationautoscaling_backend


def _tags(response: Any) -> dict[str, dict[str, str]]:
    tags: dict[str, dict[str, str]] = vars(_backend(response)).setdefault("target_tags", {})
    return tags


def _target_of(response: Any) -> tuple[str, str, str]:
    namespace, resource, dimension = (
        response._get_param(name) for name in ("ServiceNamespace", "ResourceId", "ScalableDimension")
    )
    return namespace, resource, dimension


@add(Response)
def describe_scaling_activities(self: Any) -> str:
    """What a played load has made: nothing scales on this cloud by itself, and what a client changes is no activity."""
    namespace, resource, dimension = _target_of(self)
    rows = [
        row
        for row in scaling_activities.of(_backend(self), resource)
        if row["ServiceNamespace"] == namespace and dimension in (None, row["ScalableDimension"])
    ]
    shown, following = scaling_activities.page(rows, self._get_param("NextToken"), self._get_param("MaxResults"))
    return json.dumps({"ScalingActivities": shown, **({"NextToken": following} if following else {})})
