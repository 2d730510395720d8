"""The functions of API Gateway, Cognito and ElastiCache tell of a resource that is there all that the SDK reads of them.

It cannot prove that AWS would tell the same.
"""

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
}  # fmt: skip
"""Function -> (the type that it finds, its arguments, arguments that find nothing)."""


@pytest.mark.parametrize("token", sorted(FOUND))
def test_a_function_finds_what_is_there_and_tells_all_of_it(provider: Any, token: str) -> None:
    world = World(provider)
    made, arguments, nothing = FOUND[token]
    world.make(made)
    found = provider.invoke(f"aws:{token}", arguments(world))
    assert {name for name in schema.promised_by(f"aws:{token}") if found.get(name) is None} == set()
    assert found["id"] in (world.id(made), world.id(made).rpartition("/")[2])
    with pytest.raises(Failed):
        provider.invoke(f"aws:{token}", nothing)


def test_pools_of_a_name_and_their_clients(provider: Any) -> None:
    world = World(provider)
    client = world.make(CLIENT)
    found = provider.invoke("aws:cognito/getUserPools:getUserPools", {"name": world.out(POOL, "name")})
    assert (found["ids"], found["arns"]) == ([world.id(POOL)], [world.out(POOL, "arn")])
    listed = provider.invoke("aws:cognito/getUserPoolClients:getUserPoolClients", {"userPoolId": world.id(POOL)})
    assert (listed["clientIds"], listed["clientNames"]) == ([client.id], [client.state["name"]])
