"""ElastiCache's replication groups with their clusters, of which moto keeps few settings and deletes none."""

from typing import Any

from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.elasticache.exceptions import ReplicationGroupAlreadyExists, ReplicationGroupNotFound
from moto.elasticache.responses import ElastiCacheResponse

from localcloud.aws.moto_gaps._patching import Refusal, add, replace
from localcloud.aws.moto_gaps.elasticache import (
    Doc,
    arn,
    deliver,
    held,
    host,
    new_cluster,
    settle,
    tag,
    untag,
    zones_of,
)

OF_GROUP = ("CacheNodeType", "SnapshotRetentionLimit", "SnapshotWindow", "NetworkType", "IpDiscovery",
            "TransitEncryptionEnabled", "TransitEncryptionMode", "AutoMinorVersionUpgrade", "KmsKeyId",
            "AtRestEncryptionEnabled", "ClusterMode")  # fmt: skip


def _fill(response: Any, doc: Doc, asked: Doc) -> None:
    """Bring a group, and its members, to what a request says."""
    doc |= {name: asked[name] for name in OF_GROUP if asked.get(name) is not None}
    for name, member in (("ReplicationGroupDescription", "Description"), ("Engine", "Engine")):
        doc[member] = asked.get(name) or doc.get(member)
    for name, member in (("AutomaticFailoverEnabled", "AutomaticFailover"), ("MultiAZEnabled", "MultiAZ")):
        if name in asked or member not in doc:
            doc[member] = "enabled" if asked.get(name) else "disabled"
    if asked.get("AuthTokenUpdateStrategy") == "DELETE":
        doc["AuthTokenEnabled"] = False
    elif asked.get("AuthToken"):
        doc["AuthTokenEnabled"] = True
    groups = set(doc.get("UserGroupIds") or asked.get("UserGroupIds") or ()) | set(asked.get("UserGroupIdsToAdd") or ())
    gone = groups if asked.get("RemoveUserGroups") else set(asked.get("UserGroupIdsToRemove") or ())
    for group in groups - gone - held(response, "usergroup").keys():
        raise Refusal("UserGroupNotFound", f"UserGroup {group} not found.")
    doc["UserGroupIds"] = sorted(groups - gone)
    deliver(doc, asked.get("LogDeliveryConfigurations"))
    _members(response, doc, asked)


def _members(response: Any, doc: Doc, asked: Doc) -> None:
    """The clusters of a group: kept, made or gone, as its numbers say."""
    clusters, name, made = held(response, "cluster"), doc["ReplicationGroupId"], doc["Spec"]
    shards, each, sharded = made["shards"], made["replicas"] + 1, doc["ClusterEnabled"]
    wanted = [
        [f"{name}-{s + 1:04}-{n + 1:03}" if sharded else f"{name}-{n + 1:03}" for n in range(each)]
        for s in range(shards)
    ]
    zones, names = zones_of(response, made["asked"]), [one for shard in wanted for one in shard]
    for gone in set(doc.get("MemberClusters") or ()) - set(names):
        clusters.pop(gone, None)
    for n, member in enumerate(names):
        if member in clusters:
            settle(response, clusters[member], asked | {"Sharded": sharded})
        else:
            whole = made["asked"] | {"Engine": doc["Engine"], "Sharded": sharded}
            whole |= {"PreferredAvailabilityZone": zones[n % each % len(zones)], "PreferredCacheClusterAZs": None}
            clusters[member] = new_cluster(response, member, whole) | {"ReplicationGroupId": name}
    first = clusters[names[0]]
    port, tls = first["Port"], doc.get("TransitEncryptionEnabled")
    doc |= {"MemberClusters": names, "SnapshotWindow": first["SnapshotWindow"], "CacheNodeType": first["CacheNodeType"]}
    doc["NodeGroups"] = [_shard(response, doc, n, shard, port) for n, shard in enumerate(wanted)]
    if sharded:
        labels = (f"clustercfg.{name}", "*") if tls else (name, "*", "clustercfg")
        doc["ConfigurationEndpoint"] = {"Address": host(response, *labels), "Port": port}


def _shard(response: Any, doc: Doc, number: int, members: list[str], port: int) -> Doc:
    name, tls, sharded = doc["ReplicationGroupId"], doc.get("TransitEncryptionEnabled"), doc["ClusterEnabled"]
    clusters, shards = held(response, "cluster"), doc["Spec"]["shards"]
    shard: Doc = {
        "NodeGroupId": f"{number + 1:04}", "Status": "available",
        "NodeGroupMembers": [
            {"CacheClusterId": one, "CacheNodeId": "0001",
             "PreferredAvailabilityZone": clusters[one]["PreferredAvailabilityZone"]}
            | ({} if sharded else {"CurrentRole": "replica" if n else "primary",
                                   "ReadEndpoint": clusters[one]["CacheNodes"][0]["Endpoint"]})
            for n, one in enumerate(members)
        ],
    }  # fmt: skip
    if sharded:
        width = 16_384 // shards
        last = 16_383 if number == shards - 1 else width * (number + 1) - 1
        return shard | {"Slots": f"{width * number}-{last}"}
    for member, secure, plain in (("PrimaryEndpoint", "master", ""), ("ReaderEndpoint", "replica", "-ro")):
        labels = (f"{secure}.{name}", "*") if tls else (f"{name}{plain}", "*", "ng", "0001")
        shard[member] = {"Address": host(response, *labels), "Port": port}
    return shard


@replace(ElastiCacheResponse)
def create_replication_group(original: Any, self: Any) -> Any:
    """Make a group and its clusters."""
    asked, groups = dict(self.params), held(self, "replicationgroup")
    name = asked["ReplicationGroupId"].lower()
    if name in groups:
        raise ReplicationGroupAlreadyExists(name)
    shards, replicas = asked.get("NumNodeGroups") or 1, asked.get("ReplicasPerNodeGroup") or 0
    if asked.get("NumCacheClusters"):
        shards, replicas = 1, asked["NumCacheClusters"] - 1
    if asked.get("AutomaticFailoverEnabled") and shards * (replicas + 1) < 2:
        raise Refusal(
            "InvalidParameterValue", "Automatic failover requires at least two cache clusters in a replication group."
        )
    if asked.get("AuthToken") and not asked.get("TransitEncryptionEnabled"):
        raise Refusal(
            "InvalidParameterCombination", "The AUTH token is only supported when encryption-in-transit is enabled"
        )
    parameters = held(self, "parametergroup").get(asked.get("CacheParameterGroupName") or "", {})
    sharded = (
        shards > 1 or asked.get("ClusterMode") in ("enabled", "compatible")
        or str(asked.get("CacheParameterGroupName")).endswith(".cluster.on")
        or (parameters.get("Parameters") or {}).get("cluster-enabled") == "yes"
    )  # fmt: skip
    doc: Doc = {
        "ReplicationGroupId": name, "Status": "available", "ARN": arn(self, "replicationgroup", name),
        "ReplicationGroupCreateTime": utcnow(), "ClusterEnabled": sharded, "AuthTokenEnabled": False,
        "Engine": asked.get("Engine") or "redis", "ClusterMode": "enabled" if sharded else "disabled",
        "SnapshotRetentionLimit": 0, "TransitEncryptionEnabled": False,
        "AtRestEncryptionEnabled": asked.get("Engine") == "valkey", "AutoMinorVersionUpgrade": True,
        "DataTiering": "disabled", "NetworkType": "ipv4", "IpDiscovery": "ipv4",
        "Spec": {"shards": shards, "replicas": replicas, "asked": asked},
    }  # fmt: skip
    if asked.get("TransitEncryptionEnabled"):
        doc["TransitEncryptionMode"] = "required"
    _fill(self, doc, asked)
    groups[name] = doc
    tag(self, doc["ARN"], asked)
    return ActionResult({"ReplicationGroup": doc})


def _group(response: Any) -> Doc:
    name = response.params["ReplicationGroupId"].lower()
    if name not in held(response, "replicationgroup"):
        raise ReplicationGroupNotFound(name)
    return held(response, "replicationgroup")[name]


@replace(ElastiCacheResponse)
def describe_replication_groups(original: Any, self: Any) -> Any:
    """One or all."""
    groups = held(self, "replicationgroup")
    found = [_group(self)] if self.params.get("ReplicationGroupId") else list(groups.values())
    return ActionResult({"ReplicationGroups": found})


@replace(ElastiCacheResponse)
def modify_replication_group(original: Any, self: Any) -> Any:
    """Change a group and its members, at once."""
    doc, asked = _group(self), dict(self.params)
    _fill(self, doc, asked)
    doc["Spec"]["asked"] |= {k: v for k, v in asked.items() if k != "SecurityGroupIds" or v}
    return ActionResult({"ReplicationGroup": doc})


def _resize(self: Any, **numbers: int) -> Any:
    doc = _group(self)
    if doc["AutomaticFailover"] == "enabled" and (numbers.get("replicas") == 0) and not doc["ClusterEnabled"]:
        raise Refusal("InvalidReplicationGroupState", "Automatic failover needs a replica")
    doc["Spec"] |= numbers
    _members(self, doc, {})
    return ActionResult({"ReplicationGroup": doc})


@add(ElastiCacheResponse)
def increase_replica_count(self: Any) -> Any:
    """More replicas of each shard."""
    return _resize(self, replicas=self.params["NewReplicaCount"])


@add(ElastiCacheResponse)
def decrease_replica_count(self: Any) -> Any:
    """Fewer replicas of each shard."""
    return _resize(self, replicas=self.params["NewReplicaCount"])


@add(ElastiCacheResponse)
def modify_replication_group_shard_configuration(self: Any) -> Any:
    """More shards, or fewer."""
    return _resize(self, shards=self.params["NodeGroupCount"])


@replace(ElastiCacheResponse)
def delete_replication_group(original: Any, self: Any) -> Any:
    """Delete a group with its clusters."""
    doc = _group(self)
    for member in doc["MemberClusters"]:
        held(self, "cluster").pop(member, None)
    del held(self, "replicationgroup")[doc["ReplicationGroupId"]]
    untag(self, doc["ARN"])
    return ActionResult({"ReplicationGroup": doc | {"Status": "deleting"}})
