"""Functions tell of a resource that is there all that the SDK reads of them.

It cannot prove that AWS would tell the same.
"""

import re
import string
from collections.abc import Callable
from typing import Any

import pytest

from localcloud.provider import schema
from tests.localcloud.catalogue import World
from tests.localcloud.conftest import Failed

Values = dict[str, Any]
API, POOL, CLIENT = "apigateway/restApi:RestApi", "cognito/userPool:UserPool", "cognito/userPoolClient:UserPoolClient"
DOMAIN, GROUP = "apigateway/domainName:DomainName", "cognito/userGroup:UserGroup"
FOUND: dict[str, tuple[str, Callable[[World], Values], Values]] = {
    "apigateway/getRestApi:getRestApi": (API, lambda w: {"name": w.out(API, "name")}, {"name": "none"}),
    "apigateway/getResource:getResource": (
        "apigateway/resource:Resource", lambda w: {"restApiId": w.id(API), "path": "/orders"},
        {"restApiId": "none", "path": "/"},
    ),
    "apigateway/getKey:getKey": (
        "apigateway/apiKey:ApiKey", lambda w: {"id": w.id("apigateway/apiKey:ApiKey")}, {"id": "none"},
    ),
    "apigateway/getVpcLink:getVpcLink": (
        "apigateway/vpcLink:VpcLink", lambda w: {"name": w.out("apigateway/vpcLink:VpcLink", "name")}, {"name": "none"},
    ),
    "apigateway/getDomainName:getDomainName": (
        DOMAIN, lambda w: {"domainName": w.id(DOMAIN)}, {"domainName": "none.example"},
    ),
    "cognito/getUserPool:getUserPool": (POOL, lambda w: {"userPoolId": w.id(POOL)}, {"userPoolId": "eu-west-1_none"}),
    "cognito/getUserPoolClient:getUserPoolClient": (
        CLIENT, lambda w: {"userPoolId": w.id(POOL), "clientId": w.id(CLIENT)},
        {"userPoolId": "eu-west-1_none", "clientId": "none"},
    ),
    "cognito/getUserGroup:getUserGroup": (
        GROUP, lambda w: {"userPoolId": w.id(POOL), "name": "buyers"}, {"userPoolId": "eu-west-1_none", "name": "none"},
    ),
    "cognito/getIdentityPool:getIdentityPool": (
        "cognito/identityPool:IdentityPool",
        lambda w: {"identityPoolName": w.out("cognito/identityPool:IdentityPool", "identityPoolName")},
        {"identityPoolName": "none"},
    ),
    "elasticache/getCluster:getCluster": (
        "elasticache/cluster:Cluster", lambda w: {"clusterId": w.id("elasticache/cluster:Cluster")}, {"clusterId": "none"},
    ),
    "elasticache/getSubnetGroup:getSubnetGroup": (
        "elasticache/subnetGroup:SubnetGroup", lambda w: {"name": w.id("elasticache/subnetGroup:SubnetGroup")},
        {"name": "none"},
    ),
    "elasticache/getReplicationGroup:getReplicationGroup": (
        "elasticache/replicationGroup:ReplicationGroup",
        lambda w: {"replicationGroupId": w.id("elasticache/replicationGroup:ReplicationGroup")},
        {"replicationGroupId": "none"},
    ),
    "elasticache/getUser:getUser": (
        "elasticache/user:User", lambda w: {"userId": w.id("elasticache/user:User")}, {"userId": "none"},
    ),
    **{
        f"{module}/{function}:{function}": (f"{module}/{name[0].lower()}{name[1:]}:{name}", asked, nothing)
        for module, function, name, asked, nothing in (
            ("dynamodb", "getTable", "Table", lambda w: {"name": w.id("dynamodb/table:Table")}, {"name": "none"}),
            ("ecs", "getCluster", "Cluster", lambda w: {"clusterName": w.out("ecs/cluster:Cluster", "name")},
             {"clusterName": "none"}),
            ("ecs", "getTaskDefinition", "TaskDefinition",
             lambda w: {"taskDefinition": w.out("ecs/taskDefinition:TaskDefinition", "family")}, {"taskDefinition": "none"}),
            ("iam", "getPolicy", "Policy", lambda w: {"name": w.out("iam/policy:Policy", "name")}, {"name": "none"}),
            ("iam", "getUser", "User", lambda w: {"userName": w.id("iam/user:User")}, {"userName": "none"}),
            ("secretsmanager", "getSecret", "Secret", lambda w: {"name": w.out("secretsmanager/secret:Secret", "name")},
             {"name": "none"}),
            ("sqs", "getQueue", "Queue", lambda w: {"name": w.out("sqs/queue:Queue", "name")}, {"name": "none"}),
            ("sns", "getTopic", "Topic", lambda w: {"name": w.out("sns/topic:Topic", "name")}, {"name": "none"}),
            ("cloudwatch", "getLogGroup", "LogGroup", lambda w: {"name": w.id("cloudwatch/logGroup:LogGroup")},
             {"name": "none"}),
            ("autoscaling", "getGroup", "Group", lambda w: {"name": w.id("autoscaling/group:Group")}, {"name": "none"}),
        )
    },
    "lb/getListenerRule:getListenerRule": (
        "lb/listenerRule:ListenerRule",
        lambda w: {name: w.out("lb/listenerRule:ListenerRule", name) for name in ("listenerArn", "priority")},
        {"arn": "none"},
    ),
    "ecs/getService:getService": (
        "ecs/service:Service",
        lambda w: {"serviceName": w.out("ecs/service:Service", "name"), "clusterArn": w.out("ecs/service:Service", "cluster")},
        {"serviceName": "none", "clusterArn": "none"},
    ),
}  # fmt: skip
"""Function -> (the type that it finds, its arguments, arguments that find nothing)."""


@pytest.mark.parametrize("token", sorted(FOUND))
def test_a_function_finds_what_is_there_and_tells_all_of_it(provider: Any, token: str) -> None:
    world = World(provider)
    made, arguments, nothing = FOUND[token]
    world.make(made)
    found = provider.invoke(f"aws:{token}", arguments(world))
    assert {name for name in schema.promised_by(f"aws:{token}") if found.get(name) is None} == set()
    named = found["id"] if "id" in found else found["arn"]  # a newer function of the official provider has no id
    assert named in (world.id(made), world.id(made).rpartition("/")[2])
    with pytest.raises(Failed):
        provider.invoke(f"aws:{token}", nothing)


def test_a_block_of_a_function_is_a_list_whose_members_are_all_there(provider: Any) -> None:
    world = World(provider)
    table = world.make("dynamodb/table:Table")
    found = provider.invoke("aws:dynamodb/getTable:getTable", {"name": table.id})
    assert (found["hashKey"], found["arn"]) == (table.state["hashKey"], table.state["arn"])
    assert found["attributes"] == table.state["attributes"]
    assert (found["globalSecondaryIndexes"], found["streamArn"]) == ([], "")


def test_a_rule_is_told_with_the_groups_that_it_leads_to_even_where_it_leads_to_one(provider: Any) -> None:
    world = World(provider)
    rule = world.make("lb/listenerRule:ListenerRule")
    (action,) = provider.invoke("aws:lb/getListenerRule:getListenerRule", {"arn": rule.id})["actions"]
    (said,) = rule.state["actions"]
    assert action["forwards"][0]["targetGroups"] == [{"arn": said["targetGroupArn"], "weight": 1}]


def test_a_service_is_told_with_its_deployments(provider: Any) -> None:
    world = World(provider)
    made = world.make("ecs/service:Service")
    arguments = {"serviceName": made.state["name"], "clusterArn": made.state["cluster"]}
    (told,) = provider.invoke("aws:ecs/getService:getService", arguments)["deployments"]
    assert (told["status"], told["taskDefinition"]) == ("PRIMARY", made.state["taskDefinition"])


def test_what_a_secret_holds_is_told(provider: Any) -> None:
    world = World(provider)
    version = world.make("secretsmanager/secretVersion:SecretVersion")
    asked = {"secretId": version.state["secretId"]}
    found = provider.invoke("aws:secretsmanager/getSecretVersion:getSecretVersion", asked)
    assert found["secretString"] == version.state["secretString"]
    assert {n for n in schema.promised_by("aws:secretsmanager/getSecretVersion:getSecretVersion")
            if found.get(n) is None} == set()  # fmt: skip


def test_versions_of_a_secret_are_told_without_what_they_hold(provider: Any) -> None:
    world = World(provider)
    version = world.make("secretsmanager/secretVersion:SecretVersion")
    token = "aws:secretsmanager/getSecretVersions:getSecretVersions"
    found = provider.invoke(token, {"secretId": version.state["secretId"]})
    (told,) = found["versions"]
    assert (told["versionId"], told["versionStages"]) == (version.state["versionId"], ["AWSCURRENT"])
    assert version.state["secretString"] not in str(found)
    assert {n for n in schema.promised_by(token) if found.get(n) is None} == set()


def test_a_secret_of_another_cloud_has_one_version_that_says_so_and_a_name_without_a_secret_is_refused(
    provider: Any,
) -> None:
    token = "aws:secretsmanager/getSecretVersions:getSecretVersions"
    arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:web/db-a1b2c3"
    found, again = (provider.invoke(token, {"secretId": arn}) for _ in range(2))
    (told,) = found["versions"]
    assert re.fullmatch(r"not-on-this-cloud-[0-9a-f]{16}", told["versionId"])
    assert (told["versionStages"], found["name"], found["arn"]) == (["AWSCURRENT"], "web/db", arn)
    assert again == found
    with pytest.raises(Exception, match="ListSecretVersionIds was refused: ResourceNotFoundException: Secrets Manager"):
        provider.invoke(token, {"secretId": "web/db"})


def test_the_log_in_to_a_registry_is_told(provider: Any) -> None:
    token = "aws:ecr/getAuthorizationToken:getAuthorizationToken"
    found = provider.invoke(token, {})
    assert (found["userName"], bool(found["password"])) == ("AWS", True)
    assert {n for n in schema.promised_by(token) if found.get(n) is None} == set()


@pytest.mark.parametrize(("asked", "allowed"), [
    ({"passwordLength": 12, "excludePunctuation": True}, string.ascii_letters + string.digits),
    ({"excludeLowercase": True, "excludeUppercase": True, "excludePunctuation": True, "excludeCharacters": "01"}, "23456789"),
])  # fmt: skip
def test_a_random_password_has_the_characters_that_are_not_left_out(provider: Any, asked: Values, allowed: str) -> None:
    token = "aws:secretsmanager/getRandomPassword:getRandomPassword"
    found = provider.invoke(token, asked)["randomPassword"]
    assert len(found) == asked.get("passwordLength", 32)
    assert set(found) <= set(allowed)
    assert provider.invoke(token, asked)["randomPassword"] != found


def test_an_alias_of_a_key_names_it(provider: Any) -> None:
    world = World(provider)
    alias = world.make("kms/alias:Alias")
    found = provider.invoke("aws:kms/getAlias:getAlias", {"name": alias.state["name"]})
    assert (found["targetKeyId"], found["arn"]) == (alias.state["targetKeyId"], alias.state["arn"])
    assert provider.invoke("aws:kms/getAlias:getAlias", {"name": "alias/aws/s3"})["targetKeyArn"].startswith(
        "arn:aws:kms:"
    )
    with pytest.raises(Failed, match="no matching KMS Alias found: alias/none"):
        provider.invoke("aws:kms/getAlias:getAlias", {"name": "alias/none"})


def test_pools_of_a_name_and_their_clients(provider: Any) -> None:
    world = World(provider)
    client = world.make(CLIENT)
    found = provider.invoke("aws:cognito/getUserPools:getUserPools", {"name": world.out(POOL, "name")})
    assert (found["ids"], found["arns"]) == ([world.id(POOL)], [world.out(POOL, "arn")])
    listed = provider.invoke("aws:cognito/getUserPoolClients:getUserPoolClients", {"userPoolId": world.id(POOL)})
    assert (listed["clientIds"], listed["clientNames"]) == ([client.id], [client.state["name"]])
