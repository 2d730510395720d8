"""ElastiCache: clusters, and the groups of subnets and of parameters that they are in."""

from typing import Any

from localcloud.aws.client import Aws
from localcloud.aws.kind import Calls, Kind, Naming, OwnCalls, Properties, Props, Tags, Translation, answered
from localcloud.aws.kinds.elasticache_calls import (
    LOGS,
    SERVICE,
    changed_request,
    logs_of,
    logs_to_request,
    put_tags,
    shown_version,
    tags_of,
)
from localcloud.aws.kinds.lookups import named, state_of
from localcloud.aws.kinds.rds import at_once

AT_ONCE = 20
"""Parameters that one ModifyCacheParameterGroup takes."""

# --- clusters


def cluster(aws: Aws, name: str, props: Props) -> Props:
    """The cluster with its nodes."""
    found = dict(
        aws(SERVICE, "describe_cache_clusters", CacheClusterId=name, ShowCacheNodeInfo=True)["CacheClusters"][0]
    )
    nodes = found.get("CacheNodes") or []
    zones = [node["CustomerAvailabilityZone"] for node in nodes]
    port = nodes[0]["Endpoint"]["Port"] if nodes else None
    entry = found.get("ConfigurationEndpoint")
    return found | {
        "cacheNodes": [
            {"id": node["CacheNodeId"], "address": node["Endpoint"]["Address"], "port": node["Endpoint"]["Port"],
             "availabilityZone": node["CustomerAvailabilityZone"], "outpostArn": ""}
            for node in nodes
        ],
        "engineVersionActual": found["EngineVersion"], "Port": port,
        "EngineVersion": shown_version(found["Engine"], found["EngineVersion"]),
        "azMode": "cross-az" if len(set(zones)) > 1 else "single-az",
        "CacheParameterGroupName": found["CacheParameterGroup"]["CacheParameterGroupName"],
        "SecurityGroupIds": [one["SecurityGroupId"] for one in found.get("SecurityGroups") or ()],
        "NotificationTopicArn": (found.get("NotificationConfiguration") or {}).get("TopicArn"),
        "PreferredAvailabilityZones": zones, "logs": logs_of(found),
        "entry": f"{entry['Address']}:{entry['Port']}" if entry else "", "address": entry["Address"] if entry else "",
    }  # fmt: skip


def change_cluster(aws: Aws, name: str, old: Props, new: Props) -> None:
    """Send what changed; AWS would wait for the window with some of it."""
    apart = {"azMode", "preferredAvailabilityZones"}
    off = {"notificationTopicArn": {"NotificationTopicStatus": "inactive"}}
    changed = CLUSTER.changed(old, new) - {"tags", "applyImmediately", "finalSnapshotIdentifier"}
    request = changed_request(CLUSTER, "modify_cache_cluster", old, new, apart, off)
    fewer = (old.get("numCacheNodes") or 1) - (new.get("numCacheNodes") or 1)
    if fewer > 0:
        held = old.get("numCacheNodes") or 1
        request["CacheNodeIdsToRemove"] = [f"{n:04}" for n in range(held - fewer + 1, held + 1)]
    if fewer < 0 and new.get("preferredAvailabilityZones"):
        request["NewAvailabilityZones"] = list(new["preferredAvailabilityZones"])[fewer:]
    if new.get("azMode") and {"azMode", "numCacheNodes"} & changed:
        request["AZMode"] = new["azMode"]
    if request:
        at_once(aws, new, changed)
        now = new.get("applyImmediately") in (True, "true")
        aws(SERVICE, "modify_cache_cluster", CacheClusterId=name, ApplyImmediately=now, **request)


def cluster_fits(props: Props) -> list[tuple[str, str]]:
    """What an engine needs, and what goes together."""
    found, engine, count = [], props.get("engine") or "redis", props.get("numCacheNodes")
    if props.get("nodeType") is None:
        found.append(("nodeType", "missing: a cluster needs it"))
    if engine == "memcached" and count is None:
        found.append(("numCacheNodes", "missing: engine 'memcached' needs it"))
    if engine != "memcached" and isinstance(count, int) and count > 1:
        found.append(("numCacheNodes", f"engine {engine!r} has one node; take a replication group for more"))
    if props.get("azMode") == "cross-az" and count == 1:
        found.append(("azMode", "'cross-az' needs 'numCacheNodes' of 2 or more"))
    if engine == "memcached":
        saved = ("snapshotRetentionLimit", "snapshotWindow", "snapshotName", "snapshotArns", "finalSnapshotIdentifier")
        found += [(name, "is not for engine 'memcached'") for name in saved if props.get(name)]
    return found


CLUSTER: Kind = Kind(
    "aws:elasticache/cluster:Cluster",
    Calls(
        SERVICE, "create_cache_cluster", "CacheCluster.CacheClusterId", read=cluster, update=change_cluster,
        delete=("delete_cache_cluster", {"CacheClusterId": "{id}"}),
    ),
    naming=Naming("clusterId", longest=50, lower=True),
    tags=Tags(update=put_tags("cluster")),
    translation=Translation(
        rename={
            "clusterId": "CacheClusterId", "nodeType": "CacheNodeType", "parameterGroupName": "CacheParameterGroupName",
            "subnetGroupName": "CacheSubnetGroupName", "maintenanceWindow": "PreferredMaintenanceWindow",
            "availabilityZone": "PreferredAvailabilityZone", "azMode": "AZMode",
        },
        encode=lambda props: logs_to_request({
            k: v for k, v in props.items() if k not in ("applyImmediately", "finalSnapshotIdentifier")
        }),
        served={"applyImmediately", "finalSnapshotIdentifier"},
        unserved={
            "replicationGroupId": "give the replication group more with its 'numCacheClusters'",
            "outpostMode": "the local cloud has no Outposts", "preferredOutpostArn": "the local cloud has no Outposts",
        },
    ),
    properties=Properties(
        force_new={
            "availabilityZone", "clusterId", "engine", "networkType", "port", "snapshotArns", "snapshotName",
            "subnetGroupName", "transitEncryptionEnabled",
        },
        force_new_if=lambda new: {"nodeType"} if new.get("engine") == "memcached" else (),
        defaults={"applyImmediately": False, "autoMinorVersionUpgrade": "true", "snapshotRetentionLimit": 0, LOGS: []},
        computed={
            "availabilityZone", "azMode", "engine", "engineVersion", "ipDiscovery", "maintenanceWindow", "networkType",
            "nodeType", "numCacheNodes", "parameterGroupName", "port", "preferredAvailabilityZones", "securityGroupIds",
            "snapshotWindow", "subnetGroupName", "transitEncryptionEnabled",
        },
        write_only={"applyImmediately", "finalSnapshotIdentifier", "snapshotArns", "snapshotName"},
        computed_on_update={"cacheNodes", "engineVersionActual"},
        unordered={"securityGroupIds", LOGS, "preferredAvailabilityZones"}, normalize={"clusterId": str.lower},
    ),
    own_calls=OwnCalls(read={"tags": tags_of("cluster")}),
    validate=cluster_fits,
    outputs={
        "cacheNodes": answered("cacheNodes"), "engineVersionActual": answered("engineVersionActual"),
        "clusterAddress": answered("address"), "configurationEndpoint": answered("entry"), LOGS: answered("logs"),
        "azMode": answered("azMode"),
    },
)  # fmt: skip

# --- subnets

GROUP = "aws:elasticache/subnetGroup:SubnetGroup"


def subnet_group(aws: Aws, name: str, props: Props) -> Props:
    """The group with the ids of its subnets."""
    found = dict(aws(SERVICE, "describe_cache_subnet_groups", CacheSubnetGroupName=name)["CacheSubnetGroups"][0])
    return found | {"SubnetIds": [one["SubnetIdentifier"] for one in found.get("Subnets") or ()]}


def change_subnets(aws: Aws, name: str, old: Props, new: Props) -> None:
    """A group is given all its subnets."""
    aws(SERVICE, "modify_cache_subnet_group", CacheSubnetGroupName=name, SubnetIds=list(new["subnetIds"]),
        CacheSubnetGroupDescription=str(new.get("description") or "Managed by Pulumi"))  # fmt: skip


SUBNET_GROUP = Kind(
    GROUP,
    Calls(
        SERVICE, "create_cache_subnet_group", "CacheSubnetGroup.CacheSubnetGroupName", read=subnet_group,
        update=change_subnets, delete=("delete_cache_subnet_group", {"CacheSubnetGroupName": "{id}"}),
    ),
    naming=Naming("name", lower=True),
    tags=Tags(update=put_tags("subnetgroup")),
    translation=Translation(
        rename={"name": "CacheSubnetGroupName", "description": "CacheSubnetGroupDescription"},
        encode=lambda props: {"description": "Managed by Pulumi"} | props,
    ),
    properties=Properties(
        force_new={"name"}, defaults={"description": "Managed by Pulumi"}, unordered={"subnetIds"},
        computed_on_update={"vpcId"}, normalize={"name": str.lower},
    ),
    own_calls=OwnCalls(read={"tags": tags_of("subnetgroup")}),
)  # fmt: skip

# --- parameters


def parameters(aws: Aws, name: str) -> dict[str, str]:
    """The parameters that somebody set."""
    found = aws(SERVICE, "describe_cache_parameters", CacheParameterGroupName=name, Source="user")["Parameters"]
    return {one["ParameterName"]: one["ParameterValue"] for one in found}


def put_parameters(aws: Aws, name: str, value: Any, props: Props) -> None:
    """Set the parameters, and give those that are no longer named their own value again."""
    wanted, held = {one["name"]: str(one["value"]) for one in value or ()}, parameters(aws, name)
    new = [{"ParameterName": k, "ParameterValue": v} for k, v in wanted.items() if held.get(k) != v]
    gone = [{"ParameterName": k, "ParameterValue": v} for k, v in held.items() if k not in wanted]
    for call, some in (("modify_cache_parameter_group", new), ("reset_cache_parameter_group", gone)):
        for start in range(0, len(some), AT_ONCE):
            part = some[start : start + AT_ONCE]
            aws(SERVICE, call, CacheParameterGroupName=name, ParameterNameValues=part)


PARAMETER_GROUP = Kind(
    "aws:elasticache/parameterGroup:ParameterGroup",
    Calls(
        SERVICE, "create_cache_parameter_group", "CacheParameterGroup.CacheParameterGroupName",
        read=("describe_cache_parameter_groups", {"CacheParameterGroupName": "{id}"}, "CacheParameterGroups[0]"),
        delete=("delete_cache_parameter_group", {"CacheParameterGroupName": "{id}"}),
        update=lambda aws, i, old, new: None,
    ),
    naming=Naming("name", lower=True),
    tags=Tags(update=put_tags("parametergroup")),
    translation=Translation(
        rename={"name": "CacheParameterGroupName", "family": "CacheParameterGroupFamily"},
        encode=lambda props: {"description": "Managed by Pulumi"} | props,
    ),
    properties=Properties(
        force_new={"name", "family", "description"},
        defaults={"description": "Managed by Pulumi", "parameters": []}, unordered={"parameters"},
        normalize={"name": str.lower},
    ),
    own_calls=OwnCalls(
        put={"parameters": put_parameters}, read={"tags": tags_of("parametergroup")},
        remove={"parameters": lambda aws, i, old, props: put_parameters(aws, i, [], props)},
    ),
    outputs={"parameters": lambda aws, i, live, props: [
        {"name": name, "value": value} for name, value in parameters(aws, i).items()
    ]},
)  # fmt: skip

ROWS = (CLUSTER, SUBNET_GROUP, PARAMETER_GROUP)


def get_cluster(aws: Aws, arguments: Props) -> Props:
    """A cluster that is there."""
    state = state_of("aws:elasticache/cluster:Cluster", "ElastiCache Cluster", named("clusterId"))(aws, arguments)
    return {**state, "replicationGroupId": "", "notificationTopicArn": state.get("notificationTopicArn") or ""}


INVOKES = {
    "aws:elasticache/getCluster:getCluster": get_cluster,
    "aws:elasticache/getSubnetGroup:getSubnetGroup": state_of(GROUP, "ElastiCache Subnet Group", named("name")),
}
