"""What is done to ElastiCache's clusters, groups and users in the test of their lives."""

from tests.localcloud.catalogue_caches import first_user
from tests.localcloud.lives import Life

TOPIC = "arn:aws:sns:eu-west-1:123456789012:caches"
CACHE_LIVES: dict[str, Life] = {
    "elasticache/subnetGroup:SubnetGroup": Life(
        {"description": "of the carts", "tags": {"b": "2"}}, {"name": "other"},
        ("elasticache", "modify_cache_subnet_group", {"CacheSubnetGroupName": "{name}", "CacheSubnetGroupDescription": "x"},
         "description", "x"),
        more=lambda w: {"tags": {"a": "1"}},
    ),
    "elasticache/parameterGroup:ParameterGroup": Life(
        {"parameters": [{"name": "timeout", "value": "60"}, {"name": "maxmemory-policy", "value": "noeviction"}]},
        {"family": "redis6.x", "description": "other", "name": "other"},
        ("elasticache", "reset_cache_parameter_group", {
            "CacheParameterGroupName": "{name}",
            "ParameterNameValues": [{"ParameterName": "timeout", "ParameterValue": "60"}],
        }, "parameters", [{"name": "maxmemory-policy", "value": "noeviction"}]),
        more=lambda w: {"parameters": [{"name": "notify-keyspace-events", "value": "Ex"}]},
    ),
    "elasticache/cluster:Cluster": Life(
        {
            "numCacheNodes": 3, "maintenanceWindow": "mon:03:00-mon:04:00", "applyImmediately": True,
            "notificationTopicArn": None, "azMode": "cross-az", "tags": {"b": "2"},
        },
        {"clusterId": "other", "nodeType": "cache.m7g.large", "port": 11212},
        ("elasticache", "modify_cache_cluster", {"CacheClusterId": "{clusterId}", "NumCacheNodes": 4}, "numCacheNodes", 4),
        unimported=frozenset({"applyImmediately"}),
        more=lambda w: {"notificationTopicArn": TOPIC, "tags": {"a": "1"}, "azMode": "cross-az"},
    ),
    "elasticache/replicationGroup:ReplicationGroup": Life(
        {
            "description": "all carts", "numCacheClusters": 3, "nodeType": "cache.m7g.large", "engineVersion": "7.1",
            "multiAzEnabled": True, "snapshotRetentionLimit": 5, "snapshotWindow": "01:00-02:00",
            "parameterGroupName": "default.redis7", "notificationTopicArn": None, "applyImmediately": True,
            "tags": {"b": "2"}, "userGroupIds": None,
            "logDeliveryConfigurations": [{"destination": "slow", "destinationType": "cloudwatch-logs",
                                           "logFormat": "json", "logType": "slow-log"}],
        },
        {"replicationGroupId": "other", "port": 6380, "atRestEncryptionEnabled": True},
        ("elasticache", "modify_replication_group", {"ReplicationGroupId": "{id}", "ReplicationGroupDescription": "x"},
         "description", "x"),
        unimported=frozenset({"applyImmediately"}),
        more=lambda w: {
            "notificationTopicArn": TOPIC, "tags": {"a": "1"}, "engineVersion": "7.0",
            "userGroupIds": [w.id("elasticache/userGroup:UserGroup")],
            "logDeliveryConfigurations": [{"destination": "engine", "destinationType": "cloudwatch-logs",
                                           "logFormat": "json", "logType": "engine-log"}],
        },
    ),
    "elasticache/user:User": Life(
        {"accessString": "on ~* +@all", "passwords": ["another-long-password"], "tags": {"b": "2"}},
        {"userId": "other", "userName": "other"},
        ("elasticache", "modify_user", {"UserId": "{userId}", "AccessString": "off ~* -@all"},
         "accessString", "off ~* -@all"),
        more=lambda w: {"tags": {"a": "1"}}, unimported=frozenset({"passwords"}),
    ),
    "elasticache/userGroup:UserGroup": Life(
        {"tags": {"b": "2"}, "engine": "valkey", "userIds": None}, {"userGroupId": "other"},
        more=lambda w: {"tags": {"a": "1"}, "userIds": [first_user(w), w.id("elasticache/user:User")]},
    ),
    "elasticache/userGroupAssociation:UserGroupAssociation": Life(None, {"userGroupId": "other", "userId": "other"}),
    "elasticache/serverlessCache:ServerlessCache": Life(
        {"description": "of the shop", "userGroupId": None, "snapshotRetentionLimit": None, "dailySnapshotTime": "10:00",
         "cacheUsageLimits": {"dataStorage": {"maximum": 20, "minimum": 2, "unit": "GB"}}, "tags": {"b": "2"}},
        {"name": "other", "subnetIds": ["subnet-other"], "kmsKeyId": "other"},
        ("elasticache", "modify_serverless_cache", {"ServerlessCacheName": "{id}", "Description": "x"},
         "description", "x"),
        more=lambda w: {
            "tags": {"a": "1"}, "dailySnapshotTime": "09:00", "snapshotRetentionLimit": 1, "engine": "redis",
            "userGroupId": w.id("elasticache/userGroup:UserGroup"),
        },
    ),
}  # fmt: skip
