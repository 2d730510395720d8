"""ElastiCache: serverless caches, and single users of a group of users."""

from localcloud.aws.client import Aws
from localcloud.aws.kind import Calls, Kind, Naming, OwnCalls, Properties, Props, Tags, Translation, answered
from localcloud.aws.kinds.cognito_people import parts
from localcloud.aws.kinds.elasticache_calls import SERVICE, put_tags, tags_of


def cache(aws: Aws, name: str, props: Props) -> Props:
    """The cache, its addresses as lists."""
    found = dict(aws(SERVICE, "describe_serverless_caches", ServerlessCacheName=name)["ServerlessCaches"][0])
    return found | {"endpoints": [found["Endpoint"]], "readerEndpoints": [found["ReaderEndpoint"]]}


def change_cache(aws: Aws, name: str, old: Props, new: Props) -> None:
    """Send what changed; a group of users goes by a member of its own."""
    changed = CACHE.changed(old, new) - {"tags"}
    request = CACHE.request("modify_serverless_cache", {k: v for k, v in new.items() if k in changed and v is not None})
    if "userGroupId" in changed and not new.get("userGroupId"):
        request["RemoveUserGroup"] = True
    if changed:
        aws(SERVICE, "modify_serverless_cache", ServerlessCacheName=name, **request)


CACHE: Kind = Kind(
    "aws:elasticache/serverlessCache:ServerlessCache",
    Calls(
        SERVICE, "create_serverless_cache", "ServerlessCache.ServerlessCacheName", read=cache, update=change_cache,
        delete=("delete_serverless_cache", {"ServerlessCacheName": "{id}"}),
    ),
    naming=Naming("name", longest=40, lower=True),
    tags=Tags(update=put_tags("serverlesscache")),
    translation=Translation(
        rename={
            "name": "ServerlessCacheName", "snapshotArnsToRestores": "SnapshotArnsToRestore",
            "cacheUsageLimits.ecpuPerSeconds": "ECPUPerSecond", "timeouts": None,
        },
        served={"timeouts"},
    ),
    properties=Properties(
        force_new={"kmsKeyId", "name", "networkType", "snapshotArnsToRestores", "subnetIds"},
        computed={
            "dailySnapshotTime", "majorEngineVersion", "networkType", "securityGroupIds", "subnetIds",
            "cacheUsageLimits", "description",
        },
        defaults={"snapshotRetentionLimit": 0, "userGroupId": ""},
        write_only={"snapshotArnsToRestores", "timeouts"}, unordered={"securityGroupIds", "subnetIds"},
        computed_on_update={"fullEngineVersion"}, normalize={"engine": str.lower, "name": str.lower},
    ),
    own_calls=OwnCalls(read={"tags": tags_of("serverlesscache")}),
)  # fmt: skip


def member(aws: Aws, member_id: str, props: Props) -> Props | None:
    """The user in its group; None when it is in it no more."""
    found = aws(SERVICE, "describe_user_groups", UserGroupId=props["userGroupId"])["UserGroups"][0]
    return (
        {"userGroupId": props["userGroupId"], "userId": props["userId"]}
        if props["userId"] in found["UserIds"]
        else None
    )


def join(aws: Aws, props: Props) -> str:
    """Put a user into a group."""
    aws(SERVICE, "modify_user_group", UserGroupId=props["userGroupId"], UserIdsToAdd=[props["userId"]])
    return f"{props['userGroupId']},{props['userId']}"


MEMBER: Kind = Kind(
    "aws:elasticache/userGroupAssociation:UserGroupAssociation",
    Calls(
        SERVICE, "modify_user_group", "{userGroupId},{userId}", read=member, custom_create=join,
        delete=lambda aws, i, props: aws(
            SERVICE, "modify_user_group", UserGroupId=props["userGroupId"], UserIdsToRemove=[props["userId"]]
        ),
        import_id=parts(",", "userGroupId", "userId"),
    ),
    tags=Tags(None),
    translation=Translation(rename={"userId": None}, served={"userId"}),
    properties=Properties(force_new={"userGroupId", "userId"}),
    outputs={"userId": answered("userId")},
)  # fmt: skip

ROWS = (CACHE, MEMBER)
