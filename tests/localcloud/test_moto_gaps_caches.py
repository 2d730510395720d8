"""ElastiCache on the local cloud, as AWS has it; that AWS's own words are these is not proved here."""

from collections.abc import Callable
from typing import Any

import pytest

Scenario = Callable[[Any], tuple[Any, Any]]
SCENARIOS: list[Scenario] = []


def scenario(function: Scenario) -> Scenario:
    """What was observed, and what AWS does; run against moto as it is and with its gaps filled."""
    SCENARIOS.append(function)
    return function


def cluster(aws: Any, **members: Any) -> tuple[Any, str]:
    """A client, and the name of a new cluster."""
    client, name = aws.client("elasticache"), aws.name()
    asked = {"Engine": "memcached", "CacheNodeType": "cache.t4g.micro", "NumCacheNodes": 2} | members
    client.create_cache_cluster(CacheClusterId=name, **asked)
    return client, name


def described(client: Any, name: str) -> Any:
    """The cluster with its nodes."""
    return client.describe_cache_clusters(CacheClusterId=name, ShowCacheNodeInfo=True)["CacheClusters"][0]


def group(aws: Any, **members: Any) -> tuple[Any, str]:
    """A client, and the name of a new replication group."""
    client, name = aws.client("elasticache"), aws.name()
    asked = {"CacheNodeType": "cache.t4g.micro", "NumCacheClusters": 2, "AutomaticFailoverEnabled": True} | members
    client.create_replication_group(ReplicationGroupId=name, ReplicationGroupDescription="x", **asked)
    return client, name


def told(client: Any, name: str) -> Any:
    """The group."""
    return client.describe_replication_groups(ReplicationGroupId=name)["ReplicationGroups"][0]


@scenario
def a_cluster_has_nodes_a_version_and_addresses(aws: Any) -> tuple[Any, Any]:
    client, name = cluster(aws)
    found = described(client, name)
    entry = found["ConfigurationEndpoint"]
    return (
        [node["CacheNodeId"] for node in found["CacheNodes"]], found["EngineVersion"], entry["Port"],
        entry["Address"].startswith(f"{name}.") and entry["Address"].endswith(".cfg.euw1.cache.amazonaws.com"),
        found["CacheParameterGroup"]["CacheParameterGroupName"],
    ), (["0001", "0002"], "1.6.22", 11_211, True, "default.memcached1.6")  # fmt: skip


@scenario
def a_cluster_changes_and_goes(aws: Any) -> tuple[Any, Any]:
    client, name = cluster(aws)
    client.modify_cache_cluster(CacheClusterId=name, NumCacheNodes=3, PreferredMaintenanceWindow="mon:03:00-mon:04:00")
    found = described(client, name)
    client.delete_cache_cluster(CacheClusterId=name)
    gone = aws.refusal(lambda: described(client, name)).split(":")[0]
    return (found["NumCacheNodes"], found["PreferredMaintenanceWindow"], gone), (
        3, "mon:03:00-mon:04:00", "CacheClusterNotFound",
    )  # fmt: skip


@scenario
def redis_has_one_node(aws: Any) -> tuple[Any, Any]:
    refused = aws.refusal(lambda: cluster(aws, Engine="redis"))
    return refused, (
        "InvalidParameterValue: Cannot create a Redis cluster with a NumCacheNodes parameter greater than 1."
    )


@scenario
def a_cluster_is_in_a_subnet_group_that_is_there_and_stays(aws: Any) -> tuple[Any, Any]:
    client, name = aws.client("elasticache"), aws.name()
    missing = aws.refusal(lambda: cluster(aws, CacheSubnetGroupName="none")).split(":")[0]
    _, subnets = aws.network()
    asked = {"CacheSubnetGroupDescription": "x", "SubnetIds": subnets}
    client.create_cache_subnet_group(CacheSubnetGroupName=name, **asked)
    _, made = cluster(aws, CacheSubnetGroupName=name)
    held = aws.refusal(lambda: client.delete_cache_subnet_group(CacheSubnetGroupName=name)).split(":")[0]
    client.delete_cache_cluster(CacheClusterId=made)
    client.modify_cache_subnet_group(CacheSubnetGroupName=name, SubnetIds=subnets[:1])
    found = client.describe_cache_subnet_groups(CacheSubnetGroupName=name)["CacheSubnetGroups"][0]["Subnets"]
    client.delete_cache_subnet_group(CacheSubnetGroupName=name)
    gone = aws.refusal(lambda: client.describe_cache_subnet_groups(CacheSubnetGroupName=name)).split(":")[0]
    return (missing, held, [one["SubnetIdentifier"] for one in found], gone), (
        "CacheSubnetGroupNotFoundFault", "CacheSubnetGroupInUse", subnets[:1], "CacheSubnetGroupNotFoundFault",
    )  # fmt: skip


@scenario
def security_groups_are_of_the_network_of_the_subnets(aws: Any) -> tuple[Any, Any]:
    client, name = aws.client("elasticache"), aws.name()
    _, subnets = aws.network()
    client.create_cache_subnet_group(CacheSubnetGroupName=name, CacheSubnetGroupDescription="x", SubnetIds=subnets)
    other, _ = aws.network()
    stranger = aws.ec2.create_security_group(GroupName=aws.name(), Description="x", VpcId=other)["GroupId"]
    refused = aws.refusal(lambda: cluster(aws, CacheSubnetGroupName=name, SecurityGroupIds=[stranger]))
    return refused.split(":")[0], "InvalidParameterValue"


@scenario
def parameters_are_kept_and_fit_the_engine(aws: Any) -> tuple[Any, Any]:
    client, name = aws.client("elasticache"), aws.name()
    at = {"CacheParameterGroupName": name}
    client.create_cache_parameter_group(**at, CacheParameterGroupFamily="redis7", Description="x")
    values = [
        {"ParameterName": "timeout", "ParameterValue": "60"},
        {"ParameterName": "databases", "ParameterValue": "4"},
    ]
    client.modify_cache_parameter_group(**at, ParameterNameValues=values)
    client.reset_cache_parameter_group(**at, ParameterNameValues=values[1:])
    found = client.describe_cache_parameters(**at, Source="user")["Parameters"]
    refused = aws.refusal(lambda: cluster(aws, CacheParameterGroupName=name))
    return ([one["ParameterName"] for one in found], refused), (
        ["timeout"],
        "InvalidParameterCombination: Expected a parameter group of family memcached1.6 but found one of family redis7",
    )


@scenario
def a_replication_group_has_its_clusters_and_addresses(aws: Any) -> tuple[Any, Any]:
    client, name = group(aws, TransitEncryptionEnabled=True)
    found = told(client, name)
    primary = found["NodeGroups"][0]["PrimaryEndpoint"]["Address"]
    member = described(client, f"{name}-002")
    return (found["MemberClusters"], primary.startswith(f"master.{name}."), member["ReplicationGroupId"]), (
        [f"{name}-001", f"{name}-002"], True, name,
    )  # fmt: skip


@scenario
def a_replication_group_grows_shrinks_and_goes(aws: Any) -> tuple[Any, Any]:
    client, name = group(aws)
    asked = {"ReplicationGroupId": name, "ApplyImmediately": True}
    client.increase_replica_count(**asked, NewReplicaCount=3)
    grown = len(told(client, name)["MemberClusters"])
    client.decrease_replica_count(**asked, NewReplicaCount=1)
    client.modify_replication_group(**asked, CacheNodeType="cache.m7g.large", SnapshotWindow="01:00-02:00")
    found, member = told(client, name), described(client, f"{name}-001")
    client.delete_replication_group(ReplicationGroupId=name)
    gone = aws.refusal(lambda: told(client, name)).split(":")[0]
    return (grown, len(found["MemberClusters"]), found["SnapshotWindow"], member["CacheNodeType"], gone), (
        4, 2, "01:00-02:00", "cache.m7g.large", "ReplicationGroupNotFoundFault",
    )  # fmt: skip


@scenario
def shards_share_the_slots_and_change_in_number(aws: Any) -> tuple[Any, Any]:
    client, name = group(aws, NumCacheClusters=0, NumNodeGroups=2, ReplicasPerNodeGroup=1)
    found = told(client, name)
    asked = {"ReplicationGroupId": name, "ApplyImmediately": True, "NodeGroupCount": 3}
    client.modify_replication_group_shard_configuration(**asked)
    then = told(client, name)
    return (
        [shard["Slots"] for shard in found["NodeGroups"]], found["ClusterEnabled"],
        found["ConfigurationEndpoint"]["Address"].split(".")[2], len(then["MemberClusters"]),
    ), (["0-8191", "8192-16383"], True, "clustercfg", 6)  # fmt: skip


@scenario
def failover_needs_a_second_cluster_and_a_token_needs_encryption(aws: Any) -> tuple[Any, Any]:
    alone = aws.refusal(lambda: group(aws, NumCacheClusters=1)).split(":")[0]
    plain = aws.refusal(lambda: group(aws, AuthToken="a-token-of-enough-characters")).split(":")[0]
    return (alone, plain), ("InvalidParameterValue", "InvalidParameterCombination")


@scenario
def users_change_and_are_in_groups(aws: Any) -> tuple[Any, Any]:
    client, name = aws.client("elasticache"), aws.name()
    asked = {"Engine": "redis", "AccessString": "on ~* +@read", "Passwords": ["correct-horse-battery-staple"]}
    client.create_user(UserId=name, UserName="default", **asked)
    client.create_user(UserId=f"{name}-b", UserName="b", **asked)
    without = aws.refusal(
        lambda: client.create_user_group(UserGroupId=f"{name}-h", Engine="redis", UserIds=[f"{name}-b"])
    )
    client.create_user_group(UserGroupId=f"{name}-g", Engine="redis", UserIds=[name])
    client.modify_user_group(UserGroupId=f"{name}-g", UserIdsToAdd=[f"{name}-b"])
    client.modify_user(UserId=name, AccessString="off ~* -@all")
    held = aws.refusal(lambda: client.delete_user(UserId=name)).split(":")[0]
    found = client.describe_user_groups(UserGroupId=f"{name}-g")["UserGroups"][0]["UserIds"]
    client.delete_user_group(UserGroupId=f"{name}-g")
    client.delete_user(UserId=f"{name}-b")
    gone = aws.refusal(lambda: client.describe_users(UserId=f"{name}-b")).split(":")[0]
    text = client.describe_users(UserId=name)["Users"][0]["AccessString"]
    return (without.split(":")[0], held, found, gone, text), (
        "DefaultUserRequired", "InvalidUserState", [name, f"{name}-b"], "UserNotFound", "off ~* -@all",
    )  # fmt: skip


@scenario
def a_serverless_cache_is_made_changed_and_deleted(aws: Any) -> tuple[Any, Any]:
    client, name = aws.client("elasticache"), aws.name().lower()
    lost = aws.refusal(
        lambda: client.create_serverless_cache(ServerlessCacheName=name, Engine="valkey", SubnetIds=["subnet-0"])
    )
    client.create_serverless_cache(ServerlessCacheName=name, Engine="valkey")
    twice = aws.refusal(lambda: client.create_serverless_cache(ServerlessCacheName=name, Engine="valkey"))
    client.modify_serverless_cache(ServerlessCacheName=name, Description="d")
    found = client.describe_serverless_caches(ServerlessCacheName=name)["ServerlessCaches"][0]
    client.delete_serverless_cache(ServerlessCacheName=name)
    gone = aws.refusal(lambda: client.describe_serverless_caches(ServerlessCacheName=name))
    shown = (found["Description"], found["Status"], found["Endpoint"]["Port"], bool(found["SubnetIds"]))
    return (lost, twice.split(":")[0], shown, gone.split(":")[0]), (
        "InvalidParameterValue: The subnet ID 'subnet-0' does not exist", "ServerlessCacheAlreadyExistsFault",
        ("d", "available", 6379, True), "ServerlessCacheNotFoundFault",
    )  # fmt: skip


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_the_local_cloud_does_as_aws(scenario: Scenario, filled_aws: Any) -> None:
    observed, expected = scenario(filled_aws)
    assert observed == expected


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_moto_still_needs_the_patch(scenario: Scenario, plain_aws: Any) -> None:
    assert plain_aws.lacks(scenario), "moto does this by itself now: remove the patch"
