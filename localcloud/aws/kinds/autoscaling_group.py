"""The row of an Auto Scaling group: its capacity, its warm pool, its instance refresh, what is attached to it."""

from typing import Any

from localcloud.aws import shapes
from localcloud.aws.client import Aws
from localcloud.aws.kind import Calls, Kind, Naming, OwnCalls, Properties, Props, Tags, Translation, answered
from localcloud.aws.kinds.autoscaling_capacity import unprotect, wait_for_capacity, wait_until_empty
from localcloud.aws.kinds.autoscaling_parts import (
    ATTACHED,
    cleared,
    collect_metrics,
    described,
    drop_warm_pool,
    put_hooks,
    put_tags,
    put_warm_pool,
    reattach,
    suspend,
)

PROVIDER_ONLY = (
    "forceDelete", "forceDeleteWarmPool", "waitForCapacityTimeout", "waitForElbCapacity", "minElbCapacity",
    "ignoreFailedScalingActivities", "instanceRefresh", "metricsGranularity",
)  # fmt: skip
"""Inputs that say how the official provider works; AWS holds none of them."""

REFRESHING = ("launchConfiguration", "launchTemplate", "mixedInstancesPolicy")
"""A change of these starts an instance refresh where one is configured; `triggers` adds to them."""

GRACE_PERIOD = 300
"""Seconds: the official provider's default of `healthCheckGracePeriod`."""


def refresh_is_due(old: Props, new: Props) -> bool:
    """Whether a configured instance refresh starts: a launch setting or a listed trigger changed.

    Triggers are written as in Terraform (`tag`, `vpc_zone_identifier`), so names are compared without case and plural.
    """
    listed = {shapes.norm(name) for name in (new.get("instanceRefresh") or {}).get("triggers") or []}
    names = [k for k in old.keys() | new.keys() if k in REFRESHING or shapes.norm(k) in listed]
    return any(old.get(name) != new.get(name) for name in names)


def start_refresh(aws: Aws, name: str, props: Props) -> None:
    """Start the instance refresh with its preferences, after cancelling one that is in progress."""
    wanted = {k: v for k, v in props["instanceRefresh"].items() if k != "triggers"}
    if (wanted.get("preferences") or {}).get("autoRollback"):
        # A roll back needs to know what to refresh to (StartInstanceRefresh, DesiredConfiguration).
        keys = [k for k in ("launchTemplate", "mixedInstancesPolicy") if props.get(k)]
        wanted["desiredConfiguration"] = {k: props[k] for k in keys}
    renamed = {f"desiredConfiguration.{path}": member for path, member in TEMPLATE_NAMES.items()}
    request = shapes.to_aws("autoscaling", shapes.input_shape("autoscaling", "start_instance_refresh"), wanted, renamed)
    there = aws("autoscaling", "describe_instance_refreshes", AutoScalingGroupName=name)["InstanceRefreshes"]
    if any(refresh["Status"] in ("Pending", "InProgress", "Baking") for refresh in there):
        aws("autoscaling", "cancel_instance_refresh", AutoScalingGroupName=name)
    aws("autoscaling", "start_instance_refresh", **{"AutoScalingGroupName": name} | request)


def contradictions(props: Props) -> list[tuple[str, str]]:
    """What CreateAutoScalingGroup refuses for reasons that its request model does not state."""
    found = []
    low, high, count = (_number(props.get(name)) for name in ("minSize", "maxSize", "desiredCapacity"))
    if low is not None and high is not None and low > high:
        found.append(("maxSize", f"{high:g} is below minSize {low:g}"))
    if None not in (low, high, count) and not low <= count <= high:
        found.append(("desiredCapacity", f"{count:g} is not between minSize {low:g} and maxSize {high:g}"))
    if props.get("availabilityZones") and props.get("vpcZoneIdentifiers"):
        found.append(("availabilityZones", "conflicts with 'vpcZoneIdentifiers': give one of them"))
    return found


def _number(value: Any) -> Any:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def joined_zones(props: Props) -> Props:
    """The subnets are one text in AWS."""
    zones = props.get("vpcZoneIdentifiers")
    return props | ({"vpcZoneIdentifiers": ",".join(zones)} if zones else {})


def split_zones(live: Props) -> Props:
    """The answer with lists where Pulumi has lists, and tags as they are asked for."""
    tags = [
        {"key": t["Key"], "value": t["Value"], "propagateAtLaunch": t["PropagateAtLaunch"]}
        for t in live.get("Tags") or []
    ]
    pool = {k: v for k, v in (live.get("WarmPoolConfiguration") or {}).items() if k != "Status"}
    return {k: v for k, v in live.items() if k != "VPCZoneIdentifier"} | {
        "vpcZoneIdentifiers": [zone for zone in (live.get("VPCZoneIdentifier") or "").split(",") if zone],
        "Tags": sorted(tags, key=lambda tag: tag["key"]),
        "EnabledMetrics": [metric["Metric"] for metric in live.get("EnabledMetrics") or []],
        "SuspendedProcesses": [process["ProcessName"] for process in live.get("SuspendedProcesses") or []],
        "warmPool": pool or None,
    }


def create(aws: Aws, props: Props) -> str:
    """Create the group, attach its traffic sources, wait for its capacity; nothing is left when it does not come."""
    asked = {"healthCheckGracePeriod": GRACE_PERIOD} | props
    aws("autoscaling", "create_auto_scaling_group", **GROUP.request("create_auto_scaling_group", asked))
    name = str(props["name"])
    try:
        wait_for_capacity(aws, name, props)
    except Exception:
        aws("autoscaling", "delete_auto_scaling_group", AutoScalingGroupName=name, ForceDelete=True)
        raise
    return name


def update(aws: Aws, resource_id: str, old: Props, new: Props) -> None:
    """Update the group and what is attached, refresh its instances if that is due, wait for its capacity."""
    for what in ATTACHED:
        reattach(aws, resource_id, what, old.get(what) or [], new.get(what) or [])
    if old.get("initialLifecycleHooks") != new.get("initialLifecycleHooks"):
        put_hooks(aws, resource_id, new.get("initialLifecycleHooks") or [])
    changed = GROUP.changed(old, new) - {
        *ATTACHED,
        "initialLifecycleHooks",
        *PROVIDER_ONLY,
        *GROUP.own_calls.put,
        *GROUP.own_calls.remove,
    }
    if changed:
        sent = {name: new[name] for name in changed if new.get(name) is not None}
        request = GROUP.request("update_auto_scaling_group", sent)
        aws("autoscaling", "update_auto_scaling_group", **{"AutoScalingGroupName": resource_id} | request)
    if new.get("instanceRefresh") and refresh_is_due(old, new):
        start_refresh(aws, resource_id, new)
    if changed & {"minSize", "maxSize", "desiredCapacity"}:
        wait_for_capacity(aws, resource_id, new)


def drain_and_delete(aws: Aws, resource_id: str, props: Props) -> None:
    """Delete the warm pool, take the instances down to none unless `forceDelete`, delete the group."""
    group, force = described(aws, resource_id), props.get("forceDelete") in (True, "true")
    if group is None:
        return
    if group.get("WarmPoolConfiguration"):
        drop_warm_pool(aws, resource_id, {}, props)
    if not force:
        unprotect(aws, group)
        none = {"MinSize": 0, "MaxSize": 0, "DesiredCapacity": 0}
        aws("autoscaling", "update_auto_scaling_group", AutoScalingGroupName=resource_id, **none)
        wait_until_empty(aws, resource_id)
    aws("autoscaling", "delete_auto_scaling_group", AutoScalingGroupName=resource_id, ForceDelete=force)


TEMPLATE_NAMES = {"launchTemplate.id": "LaunchTemplateId", "launchTemplate.name": "LaunchTemplateName"}
MIXED = "mixedInstancesPolicy.launchTemplate"

GROUP = Kind(
    "aws:autoscaling/group:Group",
    Calls(
        "autoscaling", "create_auto_scaling_group", "{name}",
        read=("describe_auto_scaling_groups", {"AutoScalingGroupNames": ["{id}"]}, "AutoScalingGroups[0]"),
        custom_create=create, update=update, delete=drain_and_delete,
    ),
    naming=Naming("name"), tags=Tags("list"),
    translation=Translation(
        rename={
            "name": "AutoScalingGroupName", "namePrefix": None, "vpcZoneIdentifiers": "VPCZoneIdentifier",
            **TEMPLATE_NAMES,
            "protectFromScaleIn": "NewInstancesProtectedFromScaleIn", "targetGroupArns": "TargetGroupARNs",
            "loadBalancers": "LoadBalancerNames", "launchConfiguration": "LaunchConfigurationName",
            "initialLifecycleHooks": "LifecycleHookSpecificationList",
            "initialLifecycleHooks.name": "LifecycleHookName",
            "serviceLinkedRoleArn": "ServiceLinkedRoleARN", **dict.fromkeys(PROVIDER_ONLY),
        },
        encode=joined_zones, decode=split_zones,
    ),
    properties=Properties(
        force_new={"name", "namePrefix"},
        defaults={
            "healthCheckGracePeriod": GRACE_PERIOD, "metricsGranularity": "1Minute", "waitForCapacityTimeout": "10m",
            "protectFromScaleIn": False, "capacityRebalance": False, "maxInstanceLifetime": 0,
            "terminationPolicies": ["Default"],
            "forceDelete": False, "forceDeleteWarmPool": False, "ignoreFailedScalingActivities": False,
            "enabledMetrics": [], "suspendedProcesses": [], "warmPool.minSize": 0, "warmPool.poolState": "Stopped",
            "warmPool.instanceReusePolicy": {"reuseOnScaleIn": False},
        },
        computed={
            "desiredCapacity", "healthCheckType", "availabilityZones", "vpcZoneIdentifiers", "defaultCooldown",
            "serviceLinkedRoleArn",
            "targetGroupArns", "loadBalancers", "trafficSources", "capacityReservationSpecification",
            "availabilityZoneDistribution",
            "desiredCapacityType", "defaultInstanceWarmup", "launchTemplate.id", "launchTemplate.name",
            "launchTemplate.version",
            f"{MIXED}.launchTemplateSpecification.launchTemplateId",
            f"{MIXED}.launchTemplateSpecification.launchTemplateName",
            f"{MIXED}.launchTemplateSpecification.version", "mixedInstancesPolicy.instancesDistribution",
            *(f"mixedInstancesPolicy.instancesDistribution.{name}" for name in (
                "onDemandAllocationStrategy", "onDemandBaseCapacity", "onDemandPercentageAboveBaseCapacity",
                "spotAllocationStrategy",
                "spotInstancePools", "spotMaxPrice",
            )),
        },
        unordered={"vpcZoneIdentifiers", "availabilityZones", "tags", "enabledMetrics", "suspendedProcesses",
        "targetGroupArns", "loadBalancers",
                   "trafficSources", "initialLifecycleHooks"},
        write_only={
            *PROVIDER_ONLY, "initialLifecycleHooks", "trafficSources", "instanceLifecyclePolicy",
            "serviceLinkedRoleArn",
        },
    ),
    own_calls=OwnCalls(
        put={
            "tags": put_tags, "enabledMetrics": collect_metrics, "suspendedProcesses": suspend,
            "warmPool": put_warm_pool,
        },
        remove={
            "tags": cleared(put_tags), "enabledMetrics": cleared(collect_metrics),
            "suspendedProcesses": cleared(suspend),
            "warmPool": drop_warm_pool,
        },
    ),
    validate=contradictions,
    outputs={
        "arn": answered("AutoScalingGroupARN"), "predictedCapacity": answered("PredictedCapacity || `0`"),
        "warmPoolSize": answered("WarmPoolSize || `0`"),
    },
)  # fmt: skip
