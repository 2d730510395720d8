"""Every call that is made to AWS, in one table: what is kept of an answer, how it is paged, which right it needs.

All of them read; those that do not stand in `operations.live.day_to_day`. The
IAM policies that `accordion monitor --policy` and `accordion read --policy` print are made of
this table.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

IAM_PREFIX: Mapping[str, str] = MappingProxyType({"elbv2": "elasticloadbalancing", "service-quotas": "servicequotas"})
"""The prefix of a service's actions where it is not boto3's name (Service Authorization Reference)."""


@dataclass(frozen=True)
class Call:
    """One operation of one service."""

    service: str
    """As boto3 names it."""
    operation: str
    """In snake case."""
    items: str | None
    """The member of an answer with what was asked for; None where the answer itself is the one item."""
    kept: tuple[str, ...]
    """The members of an item that are read; nothing else is kept, so that nothing else can be told or saved."""
    page: tuple[str, str] | None = None
    """Members of the request and of the answer that lead to the next page; None where there is one page."""
    batch: tuple[str, int] | None = None
    """The member of the request that lists what is asked for, and how many it takes at once (API reference)."""
    right: str | None = None
    """The IAM action where it is not the operation's own name; empty where none is needed."""
    writes: bool = False
    """Whether it changes what runs."""

    @property
    def title(self) -> str:
        """As AWS writes the operation: DescribeServices."""
        return "".join(part.capitalize() for part in self.operation.split("_"))

    @property
    def action(self) -> str:
        """The IAM action; empty where none is needed."""
        if self.right is not None:
            return self.right
        return f"{IAM_PREFIX.get(self.service, self.service)}:{self.title}"

    def keep(self, answer: Mapping[str, Any]) -> list[dict[str, Any]]:
        """What is read of one page."""
        found: Any = answer if self.items is None else answer.get(self.items) or []
        found = [found] if isinstance(found, Mapping) else found
        return [{name: item[name] for name in self.kept if item.get(name) is not None} for item in found]


_NEXT = ("nextToken", "nextToken")
_NEXT_CAPITAL = ("NextToken", "NextToken")
_MARKER = ("Marker", "NextMarker")

IDENTITY = Call("sts", "get_caller_identity", None, ("Account",), right="")

SERVICES = Call(
    "ecs",
    "describe_services",
    "services",
    (
        "serviceArn",
        "serviceName",
        "status",
        "desiredCount",
        "runningCount",
        "pendingCount",
        "taskDefinition",
        "deployments",
        "loadBalancers",
        "deploymentConfiguration",
        "networkConfiguration",
        "enableExecuteCommand",
        "healthCheckGracePeriodSeconds",
        "availabilityZoneRebalancing",
        "capacityProviderStrategy",
    ),
    batch=("services", 10),
)
SERVICE_DEPLOYMENTS = Call(
    "ecs",
    "list_service_deployments",
    "serviceDeployments",
    ("serviceDeploymentArn", "createdAt", "finishedAt", "targetServiceRevisionArn", "status", "statusReason"),
    page=_NEXT,
)
DEPLOYMENT_DETAILS = Call(
    "ecs",
    "describe_service_deployments",
    "serviceDeployments",
    (
        "serviceDeploymentArn",
        "status",
        "statusReason",
        "lifecycleStage",
        "targetServiceRevision",
        "sourceServiceRevisions",
        "rollback",
        "deploymentCircuitBreaker",
        "deploymentConfiguration",
        "lifecycleHookDetails",
        "alarms",
    ),
    batch=("serviceDeploymentArns", 20),
)
REVISIONS = Call(
    "ecs",
    "describe_service_revisions",
    "serviceRevisions",
    ("serviceRevisionArn", "taskDefinition", "containerImages", "createdAt"),
    batch=("serviceRevisionArns", 20),
)
TASK_DEFINITION = Call(
    "ecs",
    "describe_task_definition",
    "taskDefinition",
    ("taskDefinitionArn", "cpu", "memory", "requiresCompatibilities", "runtimePlatform"),
)
"""Its size alone: containers with their variables are not kept."""
TASK_ARNS = Call("ecs", "list_tasks", None, ("taskArns",), page=_NEXT)
TASKS = Call(
    "ecs",
    "describe_tasks",
    "tasks",
    ("taskArn", "taskDefinitionArn", "lastStatus", "startedBy", "startedAt", "containers"),
    batch=("tasks", 100),
)

SCALABLE_TARGETS = Call(
    "application-autoscaling",
    "describe_scalable_targets",
    "ScalableTargets",
    ("ResourceId", "ScalableDimension", "MinCapacity", "MaxCapacity", "SuspendedState"),
    page=_NEXT_CAPITAL,
    batch=("ResourceIds", 50),
)
SCALING_POLICIES = Call(
    "application-autoscaling",
    "describe_scaling_policies",
    "ScalingPolicies",
    (
        "PolicyARN",
        "PolicyName",
        "PolicyType",
        "ResourceId",
        "StepScalingPolicyConfiguration",
        "TargetTrackingScalingPolicyConfiguration",
        "PredictiveScalingPolicyConfiguration",
        "Alarms",
    ),
    page=_NEXT_CAPITAL,
)
SCHEDULED_ACTIONS = Call(
    "application-autoscaling",
    "describe_scheduled_actions",
    "ScheduledActions",
    ("ScheduledActionName", "ResourceId", "Schedule", "Timezone", "StartTime", "EndTime", "ScalableTargetAction"),
    page=_NEXT_CAPITAL,
)
SCALING_ACTIVITIES = Call(
    "application-autoscaling",
    "describe_scaling_activities",
    "ScalingActivities",
    ("ActivityId", "Description", "Cause", "StartTime", "StatusCode", "StatusMessage"),
    page=_NEXT_CAPITAL,
)

GROUPS = Call(
    "autoscaling",
    "describe_auto_scaling_groups",
    "AutoScalingGroups",
    (
        "AutoScalingGroupName",
        "MinSize",
        "MaxSize",
        "DesiredCapacity",
        "SuspendedProcesses",
        "Instances",
        "LaunchTemplate",
        "MixedInstancesPolicy",
        "HealthCheckType",
        "HealthCheckGracePeriod",
        "DefaultInstanceWarmup",
        "VPCZoneIdentifier",
        "AvailabilityZones",
        "TargetGroupARNs",
        "Status",
    ),
    page=_NEXT_CAPITAL,
    batch=("AutoScalingGroupNames", 50),
)
GROUP_POLICIES = Call(
    "autoscaling",
    "describe_policies",
    "ScalingPolicies",
    (
        "PolicyARN",
        "PolicyName",
        "PolicyType",
        "AutoScalingGroupName",
        "MinAdjustmentMagnitude",
        "ScalingAdjustment",
        "Cooldown",
        "Enabled",
        "AdjustmentType",
        "MetricAggregationType",
        "StepAdjustments",
        "EstimatedInstanceWarmup",
        "TargetTrackingConfiguration",
        "PredictiveScalingConfiguration",
        "Alarms",
    ),
    page=_NEXT_CAPITAL,
)
GROUP_SCHEDULES = Call(
    "autoscaling",
    "describe_scheduled_actions",
    "ScheduledUpdateGroupActions",
    (
        "ScheduledActionName",
        "AutoScalingGroupName",
        "Recurrence",
        "TimeZone",
        "StartTime",
        "EndTime",
        "MinSize",
        "MaxSize",
        "DesiredCapacity",
    ),
    page=_NEXT_CAPITAL,
)
GROUP_ACTIVITIES = Call(
    "autoscaling",
    "describe_scaling_activities",
    "Activities",
    ("ActivityId", "Description", "Cause", "StartTime", "StatusCode", "StatusMessage"),
    page=_NEXT_CAPITAL,
)
REFRESHES = Call(
    "autoscaling",
    "describe_instance_refreshes",
    "InstanceRefreshes",
    ("InstanceRefreshId", "Status", "StatusReason", "StartTime", "EndTime", "PercentageComplete", "RollbackDetails"),
    page=_NEXT_CAPITAL,
)
TEMPLATES = Call(
    "ec2",
    "describe_launch_templates",
    "LaunchTemplates",
    ("LaunchTemplateId", "DefaultVersionNumber", "LatestVersionNumber"),
    page=_NEXT_CAPITAL,
    batch=("LaunchTemplateIds", 200),
)

ALARMS = Call(
    "cloudwatch",
    "describe_alarms",
    "MetricAlarms",
    (
        "AlarmName",
        "ActionsEnabled",
        "OKActions",
        "AlarmActions",
        "InsufficientDataActions",
        "StateValue",
        "StateUpdatedTimestamp",
        "MetricName",
        "Namespace",
        "Statistic",
        "ExtendedStatistic",
        "Dimensions",
        "Period",
        "EvaluationPeriods",
        "DatapointsToAlarm",
        "Threshold",
        "ComparisonOperator",
        "TreatMissingData",
        "ThresholdMetricId",
        "Metrics",
    ),
    page=_NEXT_CAPITAL,
    batch=("AlarmNames", 100),
)
COMPOSITE_ALARMS = Call(
    "cloudwatch",
    "describe_alarms",
    "CompositeAlarms",
    ("AlarmName", "ActionsEnabled", "AlarmActions", "OKActions", "AlarmRule"),
    page=_NEXT_CAPITAL,
    batch=("AlarmNames", 100),
)
MUTE_RULES = Call(
    "cloudwatch",
    "list_alarm_mute_rules",
    "AlarmMuteRuleSummaries",
    ("AlarmMuteRuleArn", "Status", "ExpireDate"),
    page=_NEXT_CAPITAL,
)
MUTE_RULE = Call("cloudwatch", "get_alarm_mute_rule", None, ("Name", "AlarmMuteRuleArn", "MuteTargets", "Status"))

METRIC_DATA = Call(
    "cloudwatch",
    "get_metric_data",
    "MetricDataResults",
    ("Id", "Timestamps", "Values", "StatusCode"),
    page=_NEXT_CAPITAL,
)

TARGET_GROUPS = Call(
    "elbv2", "describe_target_groups", "TargetGroups", ("TargetGroupArn", "LoadBalancerArns"), page=_MARKER
)
TARGET_HEALTH = Call("elbv2", "describe_target_health", "TargetHealthDescriptions", ("Target", "TargetHealth"))
LISTENERS = Call(
    "elbv2",
    "describe_listeners",
    "Listeners",
    ("ListenerArn", "Port", "Protocol", "SslPolicy", "Certificates", "DefaultActions"),
    page=_MARKER,
)
LISTENER_RULES = Call(
    "elbv2", "describe_rules", "Rules", ("RuleArn", "Priority", "Conditions", "Actions"), page=_MARKER
)
SECURITY_GROUP_RULES = Call(
    "ec2",
    "describe_security_group_rules",
    "SecurityGroupRules",
    (
        "SecurityGroupRuleId",
        "GroupId",
        "IsEgress",
        "IpProtocol",
        "FromPort",
        "ToPort",
        "CidrIpv4",
        "CidrIpv6",
        "PrefixListId",
        "ReferencedGroupInfo",
    ),
    page=_NEXT_CAPITAL,
)
CERTIFICATE = Call(
    "acm", "describe_certificate", "Certificate", ("CertificateArn", "Status", "Type", "NotAfter", "RenewalEligibility")
)

IMAGES = Call("ecr", "describe_images", "imageDetails", ("imageDigest", "imageTags"), page=_NEXT)
SECRET = Call("secretsmanager", "describe_secret", None, ("ARN", "DeletedDate"))
PARAMETERS = Call("ssm", "describe_parameters", "Parameters", ("Name", "ARN", "Type"), page=_NEXT_CAPITAL)
SUBNETS = Call(
    "ec2",
    "describe_subnets",
    "Subnets",
    ("SubnetId", "AvailableIpAddressCount", "AvailabilityZone"),
    page=_NEXT_CAPITAL,
    batch=("SubnetIds", 200),
)
QUOTA = Call("service-quotas", "get_service_quota", "Quota", ("QuotaCode", "QuotaName", "Value"))

TAGGED = Call(
    "resourcegroupstaggingapi",
    "get_resources",
    "ResourceTagMappingList",
    ("ResourceARN",),
    page=("PaginationToken", "PaginationToken"),
    right="tag:GetResources",
)
NAT_GATEWAYS = Call("ec2", "describe_nat_gateways", "NatGateways", ("State",), page=_NEXT_CAPITAL)
CLUSTERS = Call("ecs", "describe_clusters", "clusters", ("status",))
LEFT_BEHIND = (TAGGED, NAT_GATEWAYS, CLUSTERS, SERVICES)
"""What a look for what is left of an environment may call."""

RUNNING = (
    IDENTITY,
    SERVICES,
    SERVICE_DEPLOYMENTS,
    DEPLOYMENT_DETAILS,
    REVISIONS,
    TASK_ARNS,
    TASKS,
    SCALABLE_TARGETS,
    SCALING_POLICIES,
    SCHEDULED_ACTIONS,
    SCALING_ACTIVITIES,
    GROUPS,
    GROUP_POLICIES,
    GROUP_SCHEDULES,
    GROUP_ACTIVITIES,
    REFRESHES,
    TEMPLATES,
    ALARMS,
    COMPOSITE_ALARMS,
    MUTE_RULES,
    MUTE_RULE,
    TARGET_HEALTH,
    LISTENERS,
    LISTENER_RULES,
    SECURITY_GROUP_RULES,
    CERTIFICATE,
)
"""What a look at a running stack may call."""
BEFORE = (IDENTITY, IMAGES, SECRET, PARAMETERS, CERTIFICATE, SUBNETS, QUOTA)
"""What a look before a deployment may call."""
BACK = (IDENTITY, IMAGES)
"""What a way back may call."""


def policy(calls: Iterable[Call] = RUNNING + BEFORE, name: str = "AccordionMonitor") -> dict[str, Any]:
    """The IAM policy for these calls: no action beside theirs, and none that writes; `name` is its statement's."""
    actions = sorted({call.action for call in calls if call.action})
    return {
        "Version": "2012-10-17",
        "Statement": [{"Sid": name, "Effect": "Allow", "Action": actions, "Resource": "*"}],
    }
