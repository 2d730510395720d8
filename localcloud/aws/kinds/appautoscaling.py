"""Application Auto Scaling: scalable targets, scaling policies, scheduled actions."""

from localcloud.aws.client import Aws
from localcloud.aws.kind import Calls, Kind, Naming, OwnCalls, Properties, Props, Tags, Translation, answered, fill
from localcloud.aws.kinds.autoscaling import with_times
from localcloud.aws.kinds.tagging import tags_of

SERVICE = "application-autoscaling"
SCALED = {
    "ServiceNamespace": "{serviceNamespace}",
    "ResourceId": "{resourceId}",
    "ScalableDimension": "{scalableDimension}",
}
ONE_TARGET = {
    "ServiceNamespace": "{serviceNamespace}",
    "ResourceIds": ["{resourceId}"],
    "ScalableDimension": "{scalableDimension}",
}
IDENTITY = frozenset({"resourceId", "scalableDimension", "serviceNamespace"})


def target_path(text: str) -> tuple[str, Props]:
    """What import of a target is given: `namespace/resource/dimension`, where the resource has slashes of its own."""
    namespace, _, rest = text.partition("/")
    resource, _, dimension = rest.rpartition("/")
    return resource, {"serviceNamespace": namespace, "resourceId": resource, "scalableDimension": dimension}


def policy_path(text: str) -> tuple[str, Props]:
    """What import of a policy is given: `namespace/resource/dimension/policy`."""
    target, _, name = text.rpartition("/")
    return name, target_path(target)[1] | {"name": name}


def action_path(text: str) -> tuple[str, Props]:
    """What import of a scheduled action is given: `namespace/resource/dimension/action`."""
    name, props = policy_path(text)
    return f"{name}-{props['serviceNamespace']}-{props['resourceId']}", props


def bounds(props: Props) -> list[tuple[str, str]]:
    """A minimum above the maximum is refused."""
    low, high = props.get("minCapacity"), props.get("maxCapacity")
    if isinstance(low, int | float) and isinstance(high, int | float) and low > high:
        return [("maxCapacity", f"{high:g} is below minCapacity {low:g}")]
    return []


def action_bounds(props: Props) -> list[tuple[str, str]]:
    """The bounds that a scheduled action sets are in order."""
    action = props.get("scalableTargetAction")
    return [(f"scalableTargetAction.{path}", why) for path, why in bounds(action)] if isinstance(action, dict) else []


def register_again(aws: Aws, resource_id: str, old: Props, new: Props) -> None:
    """The target as it is now wanted; its tags have calls of their own, by its ARN, which only the inputs can find."""
    if TARGET.changed(old, new) - {"tags"}:
        aws(SERVICE, "register_scalable_target", **TARGET.request("register_scalable_target", new | {"tags": None}))
    found = aws(SERVICE, "describe_scalable_targets", **fill(ONE_TARGET, resource_id, new))
    arn = str(found["ScalableTargets"][0]["ScalableTargetARN"])
    was, tags = aws(SERVICE, "list_tags_for_resource", ResourceARN=arn)["Tags"], new.get("tags") or {}
    if gone := sorted(was.keys() - tags.keys()):
        aws(SERVICE, "untag_resource", ResourceARN=arn, TagKeys=gone)
    if was != tags and tags:
        aws(SERVICE, "tag_resource", ResourceARN=arn, Tags=tags)


def default_type(props: Props) -> Props:
    """The official provider's default, which it sends."""
    return {"policyType": "StepScaling"} | props


LINKED_ROLES = {
    "appstream": "AppStreamFleet", "cassandra": "CassandraTable", "comprehend": "ComprehendEndpoint",
    "dynamodb": "DynamoDBTable", "ec2": "EC2SpotFleetRequest", "ecs": "ECSService", "elasticache": "ElastiCacheRG",
    "elasticmapreduce": "EMRContainerService", "kafka": "KafkaCluster", "lambda": "LambdaConcurrency",
    "neptune": "NeptuneCluster", "rds": "RDSCluster", "sagemaker": "SageMakerEndpoint", "workspaces": "WorkSpacesPool",
}  # fmt: skip
"""Namespace -> the end of the service-linked role's name ("Service-linked roles for Application Auto Scaling")."""


def linked_role(aws: Aws, resource_id: str, live: Props, props: Props) -> str | None:
    """The role that scales: the one given, or the service's own."""
    namespace = str(live["ServiceNamespace"])
    if live.get("RoleARN") or namespace not in LINKED_ROLES:
        return live.get("RoleARN")
    role = f"AWSServiceRoleForApplicationAutoScaling_{LINKED_ROLES[namespace]}"
    return f"arn:aws:iam::{aws.account}:role/aws-service-role/{namespace}.application-autoscaling.amazonaws.com/{role}"


TRACKING = "targetTrackingScalingPolicyConfiguration"

TARGET = Kind(
    "aws:appautoscaling/target:Target",
    Calls(
        SERVICE, "register_scalable_target", "{resourceId}",
        read=("describe_scalable_targets", ONE_TARGET, "ScalableTargets[0]"),
        delete=("deregister_scalable_target", SCALED), update=register_again, import_id=target_path,
    ),
    translation=Translation(rename={"roleArn": "RoleARN"}),
    properties=Properties(
        force_new=IDENTITY, computed={"roleArn", "suspendedState"},
        defaults={f"suspendedState.{name}": False for name in (
            "dynamicScalingInSuspended", "dynamicScalingOutSuspended", "scheduledScalingSuspended",
        )},
    ),
    own_calls=OwnCalls(join={"tags": tags_of(SERVICE, ResourceARN="{ScalableTargetARN}")}), validate=bounds,
    outputs={"arn": answered("ScalableTargetARN"), "roleArn": linked_role},
)  # fmt: skip

ROWS = (
    TARGET,
    Kind(
        "aws:appautoscaling/policy:Policy",
        Calls(
            SERVICE, "put_scaling_policy", "{name}",
            read=("describe_scaling_policies", SCALED | {"PolicyNames": ["{id}"]}, "ScalingPolicies[0]"),
            delete=("delete_scaling_policy", SCALED | {"PolicyName": "{id}"}), update="upsert", import_id=policy_path,
        ),
        naming=Naming("name"), tags=Tags(None),
        translation=Translation(rename={"name": "PolicyName"}, encode=default_type),
        properties=Properties(
            force_new=IDENTITY | {"name"}, defaults={"policyType": "StepScaling", f"{TRACKING}.disableScaleIn": False},
            computed={
                f"{TRACKING}.scaleInCooldown", f"{TRACKING}.scaleOutCooldown",
                f"{TRACKING}.customizedMetricSpecification.metrics.returnData",
                "stepScalingPolicyConfiguration.metricAggregationType", "stepScalingPolicyConfiguration.cooldown",
                "predictiveScalingPolicyConfiguration.mode",
                "predictiveScalingPolicyConfiguration.maxCapacityBreachBehavior",
            },
            unordered={"stepScalingPolicyConfiguration.stepAdjustments",
            f"{TRACKING}.customizedMetricSpecification.dimensions"},
        ),
        outputs={"arn": answered("PolicyARN"), "alarmArns": answered("Alarms[].AlarmARN || `[]`")},
    ),
    Kind(
        "aws:appautoscaling/scheduledAction:ScheduledAction",
        Calls(
            SERVICE, "put_scheduled_action", "{name}-{serviceNamespace}-{resourceId}",
            read=("describe_scheduled_actions", SCALED | {"ScheduledActionNames": ["{name}"]}, "ScheduledActions[0]"),
            delete=("delete_scheduled_action", SCALED | {"ScheduledActionName": "{name}"}), update="upsert",
            import_id=action_path,
        ),
        naming=Naming("name"), tags=Tags(None),
        translation=Translation(rename={"name": "ScheduledActionName"}, decode=with_times("StartTime", "EndTime")),
        properties=Properties(force_new=IDENTITY | {"name"}, defaults={"timezone": "UTC"}), validate=action_bounds,
        outputs={"arn": answered("ScheduledActionARN")},
    ),
)  # fmt: skip
