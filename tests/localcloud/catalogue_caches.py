"""The catalogue's part for ElastiCache."""

import uuid
from collections.abc import Callable
from typing import Any

Values = dict[str, Any]
ALWAYS = "AWS always has one: an answer without it is none"
ELSEWHERE = "of another kind of this type than the catalogue has"
PASSWORD = "correct-horse-battery-staple"


def first_user(w: Any) -> str:
    """The user that every group of Redis has."""
    if "default" not in w.made:
        inputs = {
            "userId": f"first-{uuid.uuid4().hex[:12]}", "userName": "default", "engine": "redis",
            "accessString": "off ~* -@all", "passwords": [PASSWORD],
        }  # fmt: skip
        w.made["default"] = w.provider.create("aws:elasticache/user:User", inputs, "default")
    return str(w.made["default"].id)


CACHES: dict[str, Callable[[Any], Values]] = {
    "elasticache/subnetGroup:SubnetGroup": lambda w: {"subnetIds": w.subnets},
    "elasticache/parameterGroup:ParameterGroup": lambda w: {
        "family": "redis7",
        "parameters": [{"name": "maxmemory-policy", "value": "allkeys-lru"}],
    },
    "elasticache/cluster:Cluster": lambda w: {
        "clusterId": f"hits-{uuid.uuid4().hex[:12]}",
        "engine": "memcached",
        "nodeType": "cache.t4g.micro",
        "numCacheNodes": 2,
        "subnetGroupName": w.id("elasticache/subnetGroup:SubnetGroup"),
    },
    "elasticache/replicationGroup:ReplicationGroup": lambda w: {
        "replicationGroupId": f"carts-{uuid.uuid4().hex[:12]}",
        "description": "carts",
        "nodeType": "cache.t4g.micro",
        "numCacheClusters": 2,
        "automaticFailoverEnabled": True,
        "subnetGroupName": w.id("elasticache/subnetGroup:SubnetGroup"),
        "parameterGroupName": w.id("elasticache/parameterGroup:ParameterGroup"),
    },
    "elasticache/user:User": lambda w: {
        "userId": f"app-{uuid.uuid4().hex[:12]}",
        "userName": "app",
        "engine": "redis",
        "accessString": "on ~* +@read",
        "passwords": [PASSWORD],
    },
    "elasticache/userGroup:UserGroup": lambda w: {
        "userGroupId": f"apps-{uuid.uuid4().hex[:12]}",
        "engine": "redis",
        "userIds": [first_user(w)],
    },
    "elasticache/userGroupAssociation:UserGroupAssociation": lambda w: {
        "userGroupId": w.out("elasticache/userGroup:UserGroup", "userGroupId"),
        "userId": w.out("elasticache/user:User", "userId"),
    },
    "elasticache/serverlessCache:ServerlessCache": lambda w: {
        "name": f"shop-{uuid.uuid4().hex[:12]}",
        "engine": "valkey",
        "subnetIds": w.subnets,
        "cacheUsageLimits": {"dataStorage": {"maximum": 10, "unit": "GB"}, "ecpuPerSeconds": [{"maximum": 5000}]},
    },
}
EMPTY: dict[str, dict[str, str]] = {
    "elasticache/replicationGroup:ReplicationGroup": {"configurationEndpointAddress": ELSEWHERE},
}
"""Type -> output that the SDK promises -> why it is empty right after the creation."""
UNSAID: dict[str, dict[str, str]] = {
    "elasticache/replicationGroup:ReplicationGroup": dict.fromkeys(("numCacheClusters", "parameterGroupName"), ALWAYS),
}
"""Type -> input -> why no answer of AWS taken apart shows it changed and gone."""
