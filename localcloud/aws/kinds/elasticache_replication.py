"""ElastiCache: replication groups, and the users that they let in."""

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

SETTINGS = {"applyImmediately", "finalSnapshotIdentifier", "authTokenUpdateStrategy"}
NUMBERS = {"numCacheClusters", "numNodeGroups", "replicasPerNodeGroup"}
NO_OUTPOSTS = "the local cloud has no Outposts and no shards of unlike sizes; give 'numNodeGroups'"


def group(aws: Aws, name: str, props: Props) -> Props:
    """The group with what its first cluster tells of all."""
    asked = {"ReplicationGroupId": name}
    found = dict(aws(SERVICE, "describe_replication_groups", **asked)["ReplicationGroups"][0])
    first = aws(SERVICE, "describe_cache_clusters", CacheClusterId=found["MemberClusters"][0], ShowCacheNodeInfo=True)[
        "CacheClusters"
    ][0]
    shards = found["NodeGroups"]
    entry = found.get("ConfigurationEndpoint") or {}
    topic = (first.get("NotificationConfiguration") or {}).get("TopicArn")
    return found | {
        "ReplicationGroupDescription": found["Description"], "Engine": first["Engine"],
        "AutomaticFailoverEnabled": found["AutomaticFailover"] == "enabled",
        "MultiAZEnabled": found["MultiAZ"] == "enabled", "engineVersionActual": first["EngineVersion"],
        "EngineVersion": shown_version(first["Engine"], first["EngineVersion"]),
        "CacheParameterGroupName": first["CacheParameterGroup"]["CacheParameterGroupName"],
        "CacheSubnetGroupName": first.get("CacheSubnetGroupName"), "NotificationTopicArn": topic,
        "PreferredMaintenanceWindow": first["PreferredMaintenanceWindow"],
        "SecurityGroupIds": [one["SecurityGroupId"] for one in first.get("SecurityGroups") or ()],
        "Port": first["CacheNodes"][0]["Endpoint"]["Port"], "NumCacheClusters": len(found["MemberClusters"]),
        "NumNodeGroups": len(shards), "ReplicasPerNodeGroup": len(shards[0]["NodeGroupMembers"]) - 1,
        "configuration": entry.get("Address", ""), "logs": logs_of(found),
        "primary": (shards[0].get("PrimaryEndpoint") or {}).get("Address", ""),
        "reader": (shards[0].get("ReaderEndpoint") or {}).get("Address", ""),
    }  # fmt: skip


def change_group(aws: Aws, name: str, old: Props, new: Props) -> None:
    """Send what changed; numbers of shards and of replicas have calls of their own."""
    changed = REPLICATION_GROUP.changed(old, new) - {"tags", *SETTINGS}
    asked = {"ReplicationGroupId": name, "ApplyImmediately": True}
    live = group(aws, name, {})
    _resize(aws, asked, live, new, changed)
    apart = {*NUMBERS, "userGroupIds", "preferredCacheClusterAzs"}
    off = {
        "notificationTopicArn": {"NotificationTopicStatus": "inactive"},
        "authToken": {"AuthTokenUpdateStrategy": "DELETE"},
    }
    request = changed_request(REPLICATION_GROUP, "modify_replication_group", old, new, apart, off)
    if request.get("AuthToken"):
        request["AuthTokenUpdateStrategy"] = new.get("authTokenUpdateStrategy") or "ROTATE"
    if "userGroupIds" in changed:
        had, wanted = set(old.get("userGroupIds") or ()), set(new.get("userGroupIds") or ())
        for member, ids in (("UserGroupIdsToAdd", wanted - had), ("UserGroupIdsToRemove", had - wanted)):
            if ids:
                request[member] = sorted(ids)
    if request:
        at_once(aws, new, changed)
        now = new.get("applyImmediately") in (True, "true")
        aws(SERVICE, "modify_replication_group", **asked | {"ApplyImmediately": now}, **request)


def _resize(aws: Aws, asked: Props, live: Props, new: Props, changed: set[str]) -> None:
    shards = new.get("numNodeGroups")
    if "numNodeGroups" in changed and shards and shards != live["NumNodeGroups"]:
        names = [one["NodeGroupId"] for one in live["NodeGroups"]]
        fewer = {"NodeGroupsToRemove": names[shards:]} if shards < len(names) else {}
        aws(SERVICE, "modify_replication_group_shard_configuration", **asked, NodeGroupCount=shards, **fewer)
    replicas = new.get("replicasPerNodeGroup")
    if "numCacheClusters" in changed and new.get("numCacheClusters"):
        replicas = new["numCacheClusters"] - 1
    if {"numCacheClusters", "replicasPerNodeGroup"} & changed and replicas is not None:
        more = replicas - live["ReplicasPerNodeGroup"]
        if more:
            call = "increase_replica_count" if more > 0 else "decrease_replica_count"
            aws(SERVICE, call, **asked, NewReplicaCount=replicas)


def group_fits(props: Props) -> list[tuple[str, str]]:
    """What the official provider and AWS want together."""
    found = []
    count = props.get("numCacheClusters")
    given = [name for name in ("numNodeGroups", "replicasPerNodeGroup") if props.get(name) is not None]
    if count is not None and given:
        found.append(("numCacheClusters", f"conflicts with {given[0]!r}: give one of them"))
    if props.get("nodeType") is None and props.get("globalReplicationGroupId") is None:
        found.append(("nodeType", "missing: a replication group needs it"))
    failover = props.get("automaticFailoverEnabled")
    if failover and not given and (count or 1) < 2:
        found.append(("numCacheClusters", "must be at least 2 if 'automaticFailoverEnabled' is true"))
    if props.get("multiAzEnabled") and not failover:
        found.append(("automaticFailoverEnabled", "must be true if 'multiAzEnabled' is true"))
    if isinstance(props.get("numNodeGroups"), int) and props["numNodeGroups"] > 1 and not failover:
        found.append(("automaticFailoverEnabled", "must be true where there are several node groups"))
    if props.get("authToken") and not props.get("transitEncryptionEnabled"):
        found.append(("transitEncryptionEnabled", "must be true where there is an 'authToken'"))
    if props.get("authToken") and props.get("userGroupIds"):
        found.append(("authToken", "conflicts with 'userGroupIds': give one of them"))
    if props.get("engine") == "memcached":
        found.append(("engine", "'memcached' is not allowed; allowed are redis, valkey"))
    return found


REPLICATION_GROUP: Kind = Kind(
    "aws:elasticache/replicationGroup:ReplicationGroup",
    Calls(
        SERVICE, "create_replication_group", "ReplicationGroup.ReplicationGroupId", read=group, update=change_group,
        delete=("delete_replication_group", {"ReplicationGroupId": "{id}"}),
    ),
    naming=Naming("replicationGroupId", longest=40, lower=True),
    tags=Tags(update=put_tags("replicationgroup")),
    translation=Translation(
        rename={
            "description": "ReplicationGroupDescription", "nodeType": "CacheNodeType",
            "parameterGroupName": "CacheParameterGroupName", "subnetGroupName": "CacheSubnetGroupName",
            "maintenanceWindow": "PreferredMaintenanceWindow",
        },
        encode=lambda props: logs_to_request({k: v for k, v in props.items() if k not in SETTINGS and v != []}),
        served=SETTINGS,
        unserved={
            "authTokenWo": "give 'authToken'", "authTokenWoVersion": "give 'authToken'",
            "dataTieringEnabled": "the local cloud has no tiers of data", "durability": "the local cloud keeps no data",
            "globalReplicationGroupId": "the local cloud has no global replication groups",
            "nodeGroupConfigurations": NO_OUTPOSTS, "securityGroupNames": "those are of EC2-Classic",
        },
    ),
    properties=Properties(
        force_new={
            "atRestEncryptionEnabled", "kmsKeyId", "networkType", "port", "replicationGroupId", "snapshotArns",
            "snapshotName", "subnetGroupName",
        },
        defaults={
            "automaticFailoverEnabled": False, "multiAzEnabled": False, "snapshotRetentionLimit": 0, LOGS: [],
            "userGroupIds": [], "engine": "redis", "applyImmediately": False,
        },
        computed={
            "atRestEncryptionEnabled", "autoMinorVersionUpgrade", "clusterMode", "engineVersion", "ipDiscovery",
            "maintenanceWindow", "networkType", "nodeType", "numCacheClusters", "numNodeGroups", "parameterGroupName",
            "port", "replicasPerNodeGroup", "securityGroupIds", "snapshotWindow", "subnetGroupName",
            "transitEncryptionEnabled", "transitEncryptionMode",
        },
        write_only={*SETTINGS, "authToken", "preferredCacheClusterAzs", "snapshotArns", "snapshotName"},
        computed_on_update={
            "configurationEndpointAddress", "engineVersionActual", "memberClusters", "primaryEndpointAddress",
            "readerEndpointAddress",
        },
        unordered={"securityGroupIds", "userGroupIds", LOGS}, normalize={"replicationGroupId": str.lower},
    ),
    own_calls=OwnCalls(read={"tags": tags_of("replicationgroup")}),
    validate=group_fits,
    outputs={
        "configurationEndpointAddress": answered("configuration"), LOGS: answered("logs"),
        "engineVersionActual": answered("engineVersionActual"), "primaryEndpointAddress": answered("primary"),
        "readerEndpointAddress": answered("reader"),
        "dataTieringEnabled": lambda aws, i, live, props: live["DataTiering"] == "enabled",
    },
)  # fmt: skip

# --- users

HIDDEN = {"passwords", "authenticationMode.passwords"}


def user(aws: Aws, user_id: str, props: Props) -> Props:
    """The user, and by what it is known."""
    found = dict(aws(SERVICE, "describe_users", UserId=user_id)["Users"][0])
    how = found.get("Authentication") or {}
    kind = str(how.get("Type")).replace("no-password", "no-password-required")
    return found | {
        "AuthenticationMode": {"type": kind, "passwordCount": how.get("PasswordCount") or 0},
        "NoPasswordRequired": kind == "no-password-required",
    }


def change_user(aws: Aws, user_id: str, old: Props, new: Props) -> None:
    """Send what changed."""
    changed = USER.changed(old, new) - {"tags"}
    request = USER.request("modify_user", {k: v for k, v in new.items() if k in changed and v is not None})
    if request:
        aws(SERVICE, "modify_user", UserId=user_id, **request)


USER: Kind = Kind(
    "aws:elasticache/user:User",
    Calls(
        SERVICE, "create_user", "UserId", read=user, update=change_user, delete=("delete_user", {"UserId": "{id}"}),
    ),
    tags=Tags(update=put_tags("user")),
    translation=Translation(
        rename={"authenticationMode.passwordCount": None},
        unserved={"passwordsWo": "give 'passwords'", "passwordsWoVersion": "give 'passwords'"},
    ),
    properties=Properties(
        force_new={"userId", "userName"}, computed={"authenticationMode", "noPasswordRequired"}, write_only=HIDDEN,
        defaults={"noPasswordRequired": False}, unordered={"passwords", "authenticationMode.passwords"},
        normalize={"engine": str.lower, "userId": str.lower},
    ),
    own_calls=OwnCalls(read={"tags": tags_of("user")}),
    validate=lambda props: [] if any(
        props.get(name) for name in ("passwords", "noPasswordRequired", "authenticationMode")
    ) else [("passwords", "missing: give 'passwords', 'noPasswordRequired' or 'authenticationMode'")],
)  # fmt: skip


def change_users(aws: Aws, group_id: str, old: Props, new: Props) -> None:
    """Users come and go."""
    had, wanted = set(old.get("userIds") or ()), set(new.get("userIds") or ())
    members = (("UserIdsToAdd", wanted - had), ("UserIdsToRemove", had - wanted))
    request: Props = {member: sorted(ids) for member, ids in members if ids}
    if "engine" in USER_GROUP.changed(old, new):
        request["Engine"] = new["engine"]
    if request:
        aws(SERVICE, "modify_user_group", UserGroupId=group_id, **request)


USER_GROUP: Kind = Kind(
    "aws:elasticache/userGroup:UserGroup",
    Calls(
        SERVICE, "create_user_group", "UserGroupId", update=change_users,
        read=("describe_user_groups", {"UserGroupId": "{id}"}, "UserGroups[0]"),
        delete=("delete_user_group", {"UserGroupId": "{id}"}),
    ),
    tags=Tags(update=put_tags("usergroup")),
    translation=Translation(encode=lambda props: {k: v for k, v in props.items() if v != []}),
    properties=Properties(
        force_new={"userGroupId"}, defaults={"userIds": []}, unordered={"userIds"},
        normalize={"engine": str.lower, "userGroupId": str.lower},
    ),
    own_calls=OwnCalls(read={"tags": tags_of("usergroup")}),
)  # fmt: skip

ROWS = (REPLICATION_GROUP, USER, USER_GROUP)


def get_group(aws: Aws, arguments: Props) -> Props:
    """A replication group that is there."""
    find = state_of("aws:elasticache/replicationGroup:ReplicationGroup", "ElastiCache Replication Group",
                    named("replicationGroupId"))  # fmt: skip
    found = find(aws, arguments)
    token = aws(SERVICE, "describe_replication_groups", ReplicationGroupId=found["id"])["ReplicationGroups"][0]
    return {**found, "authTokenEnabled": bool(token.get("AuthTokenEnabled"))}


def get_user(aws: Aws, arguments: Props) -> Props:
    """A user that is there; passwords are told by nobody."""
    found = state_of("aws:elasticache/user:User", "ElastiCache User", named("userId"))(aws, arguments)
    mode = found.get("authenticationMode")
    return {**found, "authenticationModes": [mode] if mode else [], "passwords": []}


INVOKES = {
    "aws:elasticache/getReplicationGroup:getReplicationGroup": get_group,
    "aws:elasticache/getUser:getUser": get_user,
}
