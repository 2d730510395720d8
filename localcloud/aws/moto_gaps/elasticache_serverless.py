"""ElastiCache's serverless caches, which moto does not have."""

from typing import Any

from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.ec2.models import ec2_backends
from moto.elasticache.models import ElastiCacheBackend
from moto.elasticache.responses import ElastiCacheResponse

from localcloud.aws.moto_gaps._patching import Refusal, add, replace
from localcloud.aws.moto_gaps.elasticache import Doc, arn, full_version, held, host, tag, untag

KIND = "serverlesscache"
MAJOR = {"redis": "7", "valkey": "8", "memcached": "1.6"}
"""What an engine runs when the program does not say."""
KEPT = (
    "Description", "CacheUsageLimits", "KmsKeyId", "SecurityGroupIds", "UserGroupId", "SubnetIds",
    "SnapshotRetentionLimit", "DailySnapshotTime", "NetworkType",
)  # fmt: skip


def _network(response: Any, asked: Doc) -> Doc:
    """The subnets, and the groups: those of the default network where none are given."""
    own = response.elasticache_backend
    ec2 = ec2_backends[own.account_id][own.region_name]
    ids = list(asked.get("SubnetIds") or ())
    known = {one.id: one for one in ec2.describe_subnets()}
    if missing := [one for one in ids if one not in known]:
        raise Refusal("InvalidParameterValueException", f"The subnet ID '{missing[0]}' does not exist")
    if not ids:
        default = ec2.get_default_vpc()
        ids = [one.id for one in known.values() if default and one.vpc_id == default.id][:3]
    vpc = known[ids[0]].vpc_id if ids else None
    groups = asked.get("SecurityGroupIds") or [
        one.id for one in ec2.describe_security_groups() if one.vpc_id == vpc and one.name == "default"
    ]
    return {"SubnetIds": ids, "SecurityGroupIds": list(groups)}


@add(ElastiCacheResponse)
def create_serverless_cache(self: Any) -> Any:
    """Make a cache, which is there at once."""
    asked, caches = self.params, held(self, KIND)
    name = asked["ServerlessCacheName"].lower()
    if name in caches:
        raise Refusal("ServerlessCacheAlreadyExistsFault", f"Serverless cache {name} already exists.")
    engine = asked["Engine"].lower()
    major = str(asked.get("MajorEngineVersion") or MAJOR.get(engine, "7"))
    port = {"Port": 11211 if engine == "memcached" else 6379}
    caches[name] = {k: asked[k] for k in KEPT if asked.get(k) is not None} | _network(self, asked) | {
        "ServerlessCacheName": name, "Engine": engine, "MajorEngineVersion": major, "Status": "available",
        "FullEngineVersion": full_version(engine, None if major in MAJOR.values() else major) if engine != "valkey"
        or major == MAJOR["valkey"] else full_version(engine, "7.2"),
        "CreateTime": utcnow(), "ARN": arn(self, KIND, name),
        "Endpoint": {"Address": host(self, f"{name}-*", "serverless"), **port},
        "ReaderEndpoint": {"Address": host(self, f"{name}-*", "serverless"), "Port": port["Port"] + 1},
        "SnapshotRetentionLimit": asked.get("SnapshotRetentionLimit") or 0,
        "NetworkType": asked.get("NetworkType") or "ipv4",
    }  # fmt: skip
    if engine != "memcached":
        caches[name].setdefault("DailySnapshotTime", "03:00")
    tag(self, caches[name]["ARN"], asked)
    return ActionResult({"ServerlessCache": caches[name]})


def _cache(response: Any) -> Doc:
    name = response.params["ServerlessCacheName"].lower()
    if name not in held(response, KIND):
        raise Refusal("ServerlessCacheNotFoundFault", f"Serverless Cache {name} not found.")
    return held(response, KIND)[name]


@add(ElastiCacheResponse)
def describe_serverless_caches(self: Any) -> Any:
    """One or all."""
    found = [_cache(self)] if self.params.get("ServerlessCacheName") else list(held(self, KIND).values())
    return ActionResult({"ServerlessCaches": found})


@add(ElastiCacheResponse)
def modify_serverless_cache(self: Any) -> Any:
    """What is given changes."""
    cache, asked = _cache(self), self.params
    cache |= {k: asked[k] for k in (*KEPT, "Engine", "MajorEngineVersion") if asked.get(k) is not None}
    if asked.get("RemoveUserGroup"):
        cache.pop("UserGroupId", None)
    return ActionResult({"ServerlessCache": cache})


@add(ElastiCacheResponse)
def delete_serverless_cache(self: Any) -> Any:
    """It goes at once."""
    cache = _cache(self)
    del held(self, KIND)[cache["ServerlessCacheName"]]
    untag(self, cache["ARN"])
    return ActionResult({"ServerlessCache": cache | {"Status": "deleting"}})


@replace(ElastiCacheBackend)
def list_tags_for_resource(original: Any, self: Any, arn: str) -> Any:
    """Serverless caches have tags too."""
    if arn.split(":")[5] == KIND:
        return self.tagging_service.list_tags_for_resource(arn)
    return original(self, arn)
