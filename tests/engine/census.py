"""What an account holds in one region, as far as the stacks could leave something there."""

from collections.abc import Callable, Iterator
from typing import Any

import jmespath

_LIVING = {"Name": "instance-state-name", "Values": ["pending", "running", "stopping", "stopped"]}

LISTINGS: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
    ("acm", "list_certificates", "CertificateSummaryList[].CertificateArn", {}),
    (
        "application-autoscaling",
        "describe_scalable_targets",
        "ScalableTargets[].ResourceId",
        {"ServiceNamespace": "ecs"},
    ),
    (
        "application-autoscaling",
        "describe_scaling_policies",
        "ScalingPolicies[].PolicyARN",
        {"ServiceNamespace": "ecs"},
    ),
    (
        "application-autoscaling",
        "describe_scheduled_actions",
        "ScheduledActions[].ScheduledActionARN",
        {"ServiceNamespace": "ecs"},
    ),
    ("autoscaling", "describe_auto_scaling_groups", "AutoScalingGroups[].AutoScalingGroupName", {}),
    ("autoscaling", "describe_policies", "ScalingPolicies[].PolicyARN", {}),
    ("autoscaling", "describe_scheduled_actions", "ScheduledUpdateGroupActions[].ScheduledActionARN", {}),
    ("cloudwatch", "describe_alarms", "[MetricAlarms, CompositeAlarms][][].AlarmName", {}),
    ("cloudwatch", "list_dashboards", "DashboardEntries[].DashboardName", {}),
    ("ec2", "describe_addresses", "Addresses[].AllocationId", {}),
    ("ec2", "describe_flow_logs", "FlowLogs[].FlowLogId", {}),
    ("ec2", "describe_instances", "Reservations[].Instances[].InstanceId", {"Filters": [_LIVING]}),
    ("ec2", "describe_internet_gateways", "InternetGateways[].InternetGatewayId", {}),
    ("ec2", "describe_launch_templates", "LaunchTemplates[].LaunchTemplateId", {}),
    ("ec2", "describe_nat_gateways", "NatGateways[?State != 'deleted'].NatGatewayId", {}),
    ("ec2", "describe_network_acls", "NetworkAcls[].NetworkAclId", {}),
    ("ec2", "describe_network_interfaces", "NetworkInterfaces[].NetworkInterfaceId", {}),
    ("ec2", "describe_route_tables", "RouteTables[].RouteTableId", {}),
    ("ec2", "describe_security_groups", "SecurityGroups[].GroupId", {}),
    ("ec2", "describe_subnets", "Subnets[].SubnetId", {}),
    ("ec2", "describe_volumes", "Volumes[].VolumeId", {}),
    ("ec2", "describe_vpc_endpoints", "VpcEndpoints[?State != 'deleted'].VpcEndpointId", {}),
    ("ec2", "describe_vpcs", "Vpcs[].VpcId", {}),
    ("ecs", "describe_capacity_providers", "capacityProviders[].name", {}),
    ("ecs", "list_task_definition_families", "families", {"status": "ACTIVE"}),
    ("elbv2", "describe_load_balancers", "LoadBalancers[].LoadBalancerName", {}),
    ("elbv2", "describe_target_groups", "TargetGroups[].TargetGroupName", {}),
    ("events", "list_rules", "Rules[].Name", {}),
    ("iam", "list_instance_profiles", "InstanceProfiles[].InstanceProfileName", {}),
    ("iam", "list_policies", "Policies[].Arn", {"Scope": "Local"}),
    ("iam", "list_roles", "Roles[].RoleName", {}),
    ("kms", "list_aliases", "Aliases[].AliasName", {}),
    ("logs", "describe_log_groups", "logGroups[].logGroupName", {}),
    ("s3", "list_buckets", "Buckets[].Name", {}),
    ("secretsmanager", "list_secrets", "SecretList[].Name", {}),
    ("servicediscovery", "list_namespaces", "Namespaces[].Name", {}),
    ("sns", "list_subscriptions", "Subscriptions[].SubscriptionArn", {}),
    ("sns", "list_topics", "Topics[].TopicArn", {}),
    ("sqs", "list_queues", "QueueUrls", {}),
)
"""Service, call, what to look at in its answer, parameters."""


def _pages(client: Any, call: str, parameters: dict[str, Any]) -> Iterator[Any]:
    if client.can_paginate(call):
        yield from client.get_paginator(call).paginate(**parameters)
    else:
        yield getattr(client, call)(**parameters)


def _keys(client: Any) -> list[str]:
    """Keys but those that wait for deletion, which no stack can hasten, and those that AWS makes for its services."""
    ids = [key["KeyId"] for page in _pages(client, "list_keys", {}) for key in page["Keys"]]
    told = [client.describe_key(KeyId=each)["KeyMetadata"] for each in ids]
    own = [key for key in told if not key["Description"].startswith("Default master key that protects")]
    return sorted(key["KeyId"] for key in own if key["KeyState"] != "PendingDeletion")


def _clusters(client: Any) -> list[str]:
    """A deleted cluster stays to be seen for a while, as inactive."""
    arns = [arn for page in _pages(client, "list_clusters", {}) for arn in page["clusterArns"]]
    told = client.describe_clusters(clusters=arns)["clusters"] if arns else []
    return sorted(cluster["clusterName"] for cluster in told if cluster["status"] != "INACTIVE")


def census(client: Callable[[str], Any]) -> dict[str, list[str]]:
    """Names or ids by kind; kinds of which there are none are left out."""
    found: dict[str, list[str]] = {"kms keys": _keys(client("kms")), "ecs clusters": _clusters(client("ecs"))}
    for service, call, look, parameters in LISTINGS:
        each = client(service)
        answers = [jmespath.search(look, page) or [] for page in _pages(each, call, parameters)]
        found[f"{service} {call}"] = sorted(name for answer in answers for name in answer)
    return {kind: names for kind, names in found.items() if names}
