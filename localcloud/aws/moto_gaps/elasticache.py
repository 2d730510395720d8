"""ElastiCache's clusters, of which moto keeps few settings, changes and deletes none.

Here each is what AWS answers, made of what was asked for: moto's own are not used.
"""

import hashlib
import re
from typing import Any

from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.ec2.models import ec2_backends
from moto.elasticache.exceptions import (
    CacheClusterAlreadyExists,
    CacheClusterNotFound,
    CacheSubnetGroupNotFound,
)
from moto.elasticache.responses import ElastiCacheResponse

from localcloud.aws.moto_gaps._patching import Refusal, add, replace

VERSIONS = {"redis": "7.1.0", "valkey": "8.1.0", "memcached": "1.6.22"}
"""What an engine runs when the program does not say: a version that ElastiCache had in 2025."""
PATCHES = {
    "redis": {"7.0": "7.0.7", "7.1": "7.1.0", "6.2": "6.2.6", "6.0": "6.0.5", "6.x": "6.2.6"},
    "valkey": {"7.2": "7.2.6", "8.0": "8.0.1", "8.1": "8.1.0"},
}
"""The version that two numbers stand for."""
PORTS = {"memcached": 11_211}
WINDOW, SNAPSHOTS = "sun:05:00-sun:06:00", "03:00-04:00"
Doc = dict[str, Any]


def held(response: Any, kind: str) -> dict[str, Doc]:
    """What the account has of a kind in the region."""
    everything: dict[str, dict[str, Doc]] = vars(response.elasticache_backend).setdefault("held", {})
    return everything.setdefault(kind, {})


def arn(response: Any, kind: str, name: str) -> str:
    """The ARN of a thing."""
    backend = response.elasticache_backend
    return f"arn:aws:elasticache:{backend.region_name}:{backend.account_id}:{kind}:{name}"


def _region(response: Any) -> str:
    area, side, number = response.elasticache_backend.region_name.rsplit("-", 2)
    return f"{area.replace('-', '')}{side[0]}{number}"


def host(response: Any, *labels: str) -> str:
    """An address; six characters are the account's own."""
    backend = response.elasticache_backend
    own = hashlib.sha256(f"{backend.account_id} {backend.region_name}".encode()).hexdigest()[:6]
    found = ".".join(label.replace("*", own) for label in labels)
    return f"{found}.{_region(response)}.cache.amazonaws.com"


def full_version(engine: str, asked: str | None) -> str:
    """The version that runs."""
    if asked is None:
        return VERSIONS[engine]
    return PATCHES.get(engine, {}).get(asked, asked)


def family(engine: str, version: str) -> str:
    """The family of parameter groups of a version."""
    major, minor = version.split(".")[:2]
    if engine == "memcached" or (engine == "redis" and int(major) < 6):
        return f"{engine}{major}.{minor}"
    return f"{engine}{major}.x" if engine == "redis" and major == "6" else f"{engine}{major}"


def parameter_group(response: Any, engine: str, version: str, asked: str | None, *, sharded: bool = False) -> str:
    """The group of parameters, which fits the engine."""
    fits = family(engine, version)
    if not asked:
        return f"default.{fits}{'.cluster.on' if sharded else ''}"
    groups = held(response, "parametergroup")
    if asked not in groups and not asked.startswith("default."):
        raise Refusal("CacheParameterGroupNotFound", f"CacheParameterGroup {asked} not found.")
    own = groups[asked]["CacheParameterGroupFamily"] if asked in groups else asked.removeprefix("default.")
    if own.removesuffix(".cluster.on") != fits:
        raise Refusal(
            "InvalidParameterCombination",
            f"Expected a parameter group of family {fits} but found one of family {own.removesuffix('.cluster.on')}",
        )
    return asked


def _in_network(response: Any, asked: Doc) -> list[Doc]:
    """The security groups, which are of the subnets' network."""
    backend, name = response.elasticache_backend, asked.get("CacheSubnetGroupName")
    if name and name != "default" and name not in backend.cache_subnet_groups:
        raise CacheSubnetGroupNotFound(name)
    ec2 = ec2_backends[backend.account_id][backend.region_name]
    vpc = backend.cache_subnet_groups[name].vpc_id if name in backend.cache_subnet_groups else None
    for group in asked.get("SecurityGroupIds") or ():
        found = ec2.get_security_group_from_id(group)
        if found is None or (vpc and found.vpc_id != vpc):
            raise Refusal("InvalidParameterValue", f"Security group {group} is not in the VPC of the subnet group.")
    chosen = asked.get("SecurityGroupIds") or []
    if not chosen and vpc:
        default = ec2.get_default_security_group(vpc)
        chosen = [default.id] if default else []
    return [{"SecurityGroupId": group, "Status": "active"} for group in chosen]


def zones_of(response: Any, asked: Doc) -> list[str]:
    """The zones that nodes may be in, those that are asked for first."""
    backend = response.elasticache_backend
    named = list(asked.get("PreferredAvailabilityZones") or asked.get("PreferredCacheClusterAZs") or ())
    if asked.get("PreferredAvailabilityZone"):
        named = [asked["PreferredAvailabilityZone"]]
    group = backend.cache_subnet_groups.get(asked.get("CacheSubnetGroupName"))
    own = [f"{backend.region_name}{letter}" for letter in "ab"]
    if group:
        ec2 = ec2_backends[backend.account_id][backend.region_name]
        own = sorted({subnet.availability_zone for subnet in ec2.describe_subnets(subnet_ids=group.subnet_ids)})
    return named or own


LOGS = ("LogType", "DestinationType", "DestinationDetails", "LogFormat")


def deliver(doc: Doc, asked: list[Doc] | None) -> None:
    """Logs are delivered, or no longer."""
    by_type = {one["LogType"]: one for one in doc.get("LogDeliveryConfigurations") or []}
    for one in asked or []:
        if one.get("Enabled") is False:
            by_type.pop(one["LogType"], None)
        else:
            by_type[one["LogType"]] = {k: one[k] for k in LOGS if k in one} | {"Status": "active"}
    doc["LogDeliveryConfigurations"] = list(by_type.values())


SHARED = {
    "CacheNodeType": "CacheNodeType", "PreferredMaintenanceWindow": "PreferredMaintenanceWindow",
    "SnapshotRetentionLimit": "SnapshotRetentionLimit", "SnapshotWindow": "SnapshotWindow",
    "AutoMinorVersionUpgrade": "AutoMinorVersionUpgrade", "IpDiscovery": "IpDiscovery", "NetworkType": "NetworkType",
    "TransitEncryptionEnabled": "TransitEncryptionEnabled", "AtRestEncryptionEnabled": "AtRestEncryptionEnabled",
    "CacheSubnetGroupName": "CacheSubnetGroupName", "TransitEncryptionMode": "TransitEncryptionMode",
}  # fmt: skip
"""Members of requests that a cluster answers as they are."""


def settle(response: Any, doc: Doc, asked: Doc) -> None:
    """Bring a cluster to what a request says."""
    engine = asked.get("Engine") or doc.get("Engine") or "redis"
    version = full_version(
        engine, asked.get("EngineVersion") or (doc.get("EngineVersion") if "Engine" in doc else None)
    )
    if doc.get("Engine") == engine and _numbers(version) < _numbers(doc["EngineVersion"]):
        raise Refusal("InvalidParameterCombination", f"Cannot downgrade from {doc['EngineVersion']} to {version}")
    group = asked.get("CacheParameterGroupName")
    if group or doc.get("EngineVersion") != version:
        old = (doc.get("CacheParameterGroup") or {}).get("CacheParameterGroupName", "")
        keeps = None if old.startswith("default.") else old
        name = parameter_group(response, engine, version, group or keeps, sharded=bool(asked.get("Sharded")))
        doc["CacheParameterGroup"] = {"CacheParameterGroupName": name, "ParameterApplyStatus": "in-sync"}
    doc |= {"Engine": engine, "EngineVersion": version}
    doc |= {member: asked[name] for name, member in SHARED.items() if asked.get(name) is not None}
    if asked.get("NotificationTopicArn"):
        doc["NotificationConfiguration"] = {"TopicArn": asked["NotificationTopicArn"], "TopicStatus": "active"}
    if asked.get("NotificationTopicStatus") == "inactive":
        doc.pop("NotificationConfiguration", None)
    if "SecurityGroupIds" in asked or "SecurityGroups" not in doc:
        doc["SecurityGroups"] = _in_network(response, {"CacheSubnetGroupName": doc.get("CacheSubnetGroupName")} | asked)
    deliver(doc, asked.get("LogDeliveryConfigurations"))


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))


def place(response: Any, doc: Doc, count: int, asked: Doc) -> None:
    """The nodes of a cluster, and where they are reached."""
    engine, name = doc["Engine"], doc["CacheClusterId"]
    port = asked.get("Port") or doc.get("Port") or PORTS.get(engine, 6_379)
    zones = zones_of(response, {"CacheSubnetGroupName": doc.get("CacheSubnetGroupName")} | asked)
    across = asked.get("AZMode") == "cross-az" or len(asked.get("PreferredAvailabilityZones") or ()) > 1
    spread = zones if across else zones[:1]
    kept = doc.get("CacheNodes") or []
    doc["CacheNodes"] = kept[:count] + [
        {
            "CacheNodeId": f"{n + 1:04}", "CacheNodeStatus": "available", "CacheNodeCreateTime": utcnow(),
            "CustomerAvailabilityZone": spread[n % len(spread)], "ParameterGroupStatus": "in-sync",
            "Endpoint": {"Address": host(response, name, "*", f"{n + 1:04}"), "Port": port},
        }
        for n in range(len(kept), count)
    ]  # fmt: skip
    used = {node["CustomerAvailabilityZone"] for node in doc["CacheNodes"]}
    doc |= {
        "NumCacheNodes": count, "Port": port,
        "PreferredAvailabilityZone": next(iter(used)) if len(used) == 1 else "Multiple",
    }  # fmt: skip
    if engine == "memcached":
        doc["ConfigurationEndpoint"] = {"Address": host(response, name, "*", "cfg"), "Port": port}


def new_cluster(response: Any, name: str, asked: Doc, count: int = 1) -> Doc:
    """A cluster as it is made."""
    doc: Doc = {
        "CacheClusterId": name, "CacheClusterStatus": "available", "CacheClusterCreateTime": utcnow(),
        "PreferredMaintenanceWindow": WINDOW, "SnapshotRetentionLimit": 0, "AutoMinorVersionUpgrade": True,
        "TransitEncryptionEnabled": False, "AtRestEncryptionEnabled": False, "AuthTokenEnabled": False,
        "NetworkType": "ipv4", "IpDiscovery": "ipv4", "ARN": arn(response, "cluster", name),
        "CacheSubnetGroupName": "default",
    }  # fmt: skip
    settle(response, doc, asked)
    if doc["Engine"] != "memcached" and "SnapshotWindow" not in doc:
        doc["SnapshotWindow"] = SNAPSHOTS
    place(response, doc, count, asked)
    return doc


def tag(response: Any, thing: str, asked: Doc) -> None:
    """Tag what was made."""
    if asked.get("Tags"):
        response.elasticache_backend.tagging_service.tag_resource(thing, asked["Tags"])


def untag(response: Any, thing: str) -> None:
    """Tags go with their thing."""
    response.elasticache_backend.tagging_service.delete_all_tags_for_resource(thing)


# --- clusters


@replace(ElastiCacheResponse)
def create_cache_cluster(original: Any, self: Any) -> Any:
    """Make a cluster."""
    asked, clusters = dict(self.params), held(self, "cluster")
    name, count = asked["CacheClusterId"].lower(), asked.get("NumCacheNodes") or 1
    if name in clusters:
        raise CacheClusterAlreadyExists(name)
    if not asked.get("CacheNodeType"):
        raise Refusal("InvalidParameterValue", "The parameter CacheNodeType must be provided and must not be null.")
    if (asked.get("Engine") or "redis") != "memcached" and count > 1:
        raise Refusal(
            "InvalidParameterValue", "Cannot create a Redis cluster with a NumCacheNodes parameter greater than 1."
        )
    if asked.get("AZMode") == "cross-az" and count == 1:
        raise Refusal(
            "InvalidParameterCombination",
            "Must specify at least two cache nodes in order to specify AZ Mode of 'cross-az'.",
        )
    clusters[name] = new_cluster(self, name, asked, count)
    tag(self, clusters[name]["ARN"], asked)
    return ActionResult({"CacheCluster": clusters[name]})


def _cluster(response: Any) -> Doc:
    name = response.params["CacheClusterId"].lower()
    if name not in held(response, "cluster"):
        raise CacheClusterNotFound(name)
    return held(response, "cluster")[name]


@replace(ElastiCacheResponse)
def describe_cache_clusters(original: Any, self: Any) -> Any:
    """One or all; their nodes when they are asked for."""
    found = [_cluster(self)] if self.params.get("CacheClusterId") else list(held(self, "cluster").values())
    shown = self.params.get("ShowCacheNodeInfo")
    return ActionResult({"CacheClusters": [
        one if shown else {k: v for k, v in one.items() if k != "CacheNodes"} for one in found
    ]})  # fmt: skip


@add(ElastiCacheResponse)
def modify_cache_cluster(self: Any) -> Any:
    """Change a cluster, at once."""
    doc, asked = _cluster(self), dict(self.params)
    settle(self, doc, asked)
    if asked.get("NumCacheNodes") or asked.get("AZMode"):
        zones = {"PreferredAvailabilityZones": asked.get("NewAvailabilityZones")}
        place(self, doc, asked.get("NumCacheNodes") or doc["NumCacheNodes"], zones | asked)
    return ActionResult({"CacheCluster": doc})


@replace(ElastiCacheResponse)
def delete_cache_cluster(original: Any, self: Any) -> Any:
    """Delete a cluster that is in no group."""
    doc = _cluster(self)
    if doc.get("ReplicationGroupId"):
        raise Refusal(
            "InvalidCacheClusterState",
            f"Cache cluster {doc['CacheClusterId']} is serving as primary for replication group "
            f"{doc['ReplicationGroupId']} and cannot be deleted.",
        )
    del held(self, "cluster")[doc["CacheClusterId"]]
    untag(self, doc["ARN"])
    return ActionResult({"CacheCluster": doc | {"CacheClusterStatus": "deleting"}})
