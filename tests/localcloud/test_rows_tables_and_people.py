"""Tables, users and OIDC providers over gRPC against moto: it cannot prove what DynamoDB or IAM would do with them."""

import json
from typing import Any

import pytest

TABLE, USER = "aws:dynamodb/table:Table", "aws:iam/user:User"
OIDC = "aws:iam/openIdConnectProvider:OpenIdConnectProvider"
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
ID, AT = {"name": "id", "type": "S"}, {"name": "at", "type": "N"}
ON_DEMAND = {"attributes": [ID], "hashKey": "id", "billingMode": "PAY_PER_REQUEST"}
GLOBAL = ON_DEMAND | {"streamEnabled": True, "streamViewType": "NEW_AND_OLD_IMAGES"}
WITNESS = {"regionName": "us-west-2"}


def allow(action: str) -> str:
    statement = {"Effect": "Allow", "Action": action, "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def by_time(**more: Any) -> dict[str, Any]:
    return {"name": "by-time", "hashKey": "at", "projectionType": "ALL", **more}


def by_keys(hash_key: str, range_key: str) -> dict[str, Any]:
    keys = [{"attributeName": hash_key, "keyType": "HASH"}, {"attributeName": range_key, "keyType": "RANGE"}]
    return {"name": "by-keys", "keySchemas": keys, "projectionType": "ALL"}


CASES = [
    (ON_DEMAND | {"tags": {"a": "1"}}, ON_DEMAND | {"tags": {"a": "2"}, "deletionProtectionEnabled": True}),
    (
        ON_DEMAND | {"ttl": {"attributeName": "expires", "enabled": True}, "pointInTimeRecovery": {"enabled": True}},
        ON_DEMAND,
    ),
    (
        {"attributes": [ID, AT], "hashKey": "id", "rangeKey": "at", "readCapacity": 1, "writeCapacity": 1},
        {"attributes": [ID, AT], "hashKey": "id", "rangeKey": "at", "readCapacity": 5, "writeCapacity": 2},
    ),
    (ON_DEMAND, ON_DEMAND | {"streamEnabled": True, "streamViewType": "NEW_IMAGE"}),
    (
        ON_DEMAND | {"attributes": [ID, AT], "globalSecondaryIndexes": [by_time()]},
        ON_DEMAND
        | {
            "attributes": [ID, AT],
            "globalSecondaryIndexes": [by_time(projectionType="INCLUDE", nonKeyAttributes=["who"])],
        },
    ),
    (
        ON_DEMAND
        | {
            "attributes": [ID, AT, {"name": "who", "type": "S"}],
            "rangeKey": "at",
            "localSecondaryIndexes": [{"name": "by-who", "rangeKey": "who", "projectionType": "KEYS_ONLY"}],
        },
        None,
    ),
    (ON_DEMAND, ON_DEMAND | {"serverSideEncryption": {"enabled": True}}),
    (
        ON_DEMAND | {"attributes": [ID, AT], "globalSecondaryIndexes": [by_keys("at", "id")]},
        ON_DEMAND | {"attributes": [ID, AT], "globalSecondaryIndexes": [by_keys("id", "at")]},
    ),
    (
        GLOBAL | {"replicas": [{"regionName": "us-east-2"}, {"regionName": "us-west-2"}]},
        GLOBAL | {"replicas": [{"regionName": "us-west-2", "pointInTimeRecovery": True}, {"regionName": "eu-west-3"}]},
    ),
    (GLOBAL | {"replicas": [{"regionName": "us-east-2"}]}, GLOBAL),
    (
        GLOBAL
        | {"replicas": [{"regionName": "us-east-2", "consistencyMode": "STRONG"}], "globalTableWitness": WITNESS},
        None,
    ),
]


@pytest.mark.parametrize(
    ("inputs", "changed"),
    CASES,
    ids=[
        "protection",
        "expiry and recovery",
        "capacity",
        "stream",
        "index",
        "local index",
        "encryption",
        "index by a list of keys",
        "replicas",
        "no replicas any more",
        "witness",
    ],
)
def test_a_table_lives_through_its_life(provider: Any, inputs: Any, changed: Any) -> None:
    made = provider.cycle(TABLE, inputs, changed)
    assert made.state["arn"] == f"arn:aws:dynamodb:eu-west-1:123456789012:table/{made.id}"
    if changed and changed.get("deletionProtectionEnabled"):
        made = provider.update(made, inputs)
    provider.delete(made)
    assert provider.refresh(made) is None


def test_replicas_say_where_they_are_and_go_with_their_table(provider: Any, cloud: Any) -> None:
    made = provider.create(TABLE, GLOBAL | {"name": "everywhere", "replicas": [{"regionName": "us-east-2"}]})
    (replica,) = made.state["replicas"]
    assert replica["arn"] == "arn:aws:dynamodb:us-east-2:123456789012:table/everywhere"
    assert replica["streamArn"].startswith(f"{replica['arn']}/stream/")
    provider.delete(made)
    assert "everywhere" not in cloud("dynamodb", region="us-east-2").list_tables()["TableNames"]


def test_the_local_region_is_no_replica(provider: Any) -> None:
    with pytest.raises(Exception, match="Cannot add, delete, or update the local region through ReplicaUpdates"):
        provider.create(TABLE, GLOBAL | {"replicas": [{"regionName": "eu-west-1"}]})


def test_the_consistency_of_replicas_does_not_change(provider: Any) -> None:
    made = provider.create(TABLE, GLOBAL | {"replicas": [{"regionName": "us-east-2"}]})
    strong = [{"regionName": region, "consistencyMode": "STRONG"} for region in ("us-east-2", "us-west-2")]
    with pytest.raises(Exception, match="consistency of a table with replicas does not change"):
        provider.update(made, GLOBAL | {"replicas": strong})


@pytest.mark.parametrize(
    ("inputs", "failures"),
    [
        ({"attributes": [AT], "hashKey": "id", "billingMode": "PAY_PER_REQUEST"},
         [("attributes", "all attributes must be indexed: 'at' is in no key; other attributes of items are not declared"),
          ("attributes", "all indexes must be of attributes that are defined: 'id' is not")]),
        ({"attributes": [ID], "hashKey": "id"},
         [("readCapacity", "missing required property of a table that is 'PROVISIONED'; at least 1"),
          ("writeCapacity", "missing required property of a table that is 'PROVISIONED'; at least 1")]),
        (ON_DEMAND | {"billingMode": "ON_DEMAND", "readCapacity": 1, "writeCapacity": 1},
         [("billingMode", "'ON_DEMAND' is not allowed; allowed are PROVISIONED, PAY_PER_REQUEST")]),
        (ON_DEMAND | {"attributes": [{"name": "id", "type": "string"}]},
         [("attributes[0].type", "'string' is not allowed; allowed are S, N, B")]),
        (ON_DEMAND | {"readCapacity": 5}, [("readCapacity", "not with 'billingMode': 'PAY_PER_REQUEST'")]),
        (ON_DEMAND | {"streamEnabled": True},
         [("streamViewType", "missing required property, since 'streamEnabled' is true")]),
        (GLOBAL | {"replicas": [{"regionName": "a", "consistencyMode": "STRONG"}, {"regionName": "b"}]},
         [("replicas", "the 'consistencyMode' of all replicas is the same")]),
        (GLOBAL | {"replicas": [{"regionName": "a", "consistencyMode": "STRONG"}]},
         [("replicas", "'consistencyMode': 'STRONG' needs two replicas, or one and a 'globalTableWitness'")]),
        (GLOBAL | {"replicas": [{"regionName": "a"}], "globalTableWitness": WITNESS},
         [("globalTableWitness", "only with a replica whose 'consistencyMode' is 'STRONG'")]),
        (GLOBAL | {"replicas": [{"regionName": "a", "consistencyMode": "WEAK"}]},
         [("replicas[0].consistencyMode", "'WEAK' is not allowed; allowed are STRONG, EVENTUAL")]),
    ],
    ids=["attributes", "capacity", "billing", "type", "capacity on demand", "stream", "two modes", "strong alone",
         "witness alone", "mode"],
)  # fmt: skip
def test_a_table_that_aws_would_refuse_is_refused_by_check(provider: Any, inputs: Any, failures: Any) -> None:
    assert sorted(provider.check(TABLE, inputs)[1]) == failures


def test_a_user_and_its_policies(provider: Any) -> None:
    user = provider.cycle(
        USER, {"name": "ci", "path": "/robots/"}, {"name": "ci", "path": "/people/", "tags": {"a": "b"}}
    )
    own = provider.cycle(
        "aws:iam/userPolicy:UserPolicy",
        {"user": "ci", "name": "own", "policy": allow("s3:GetObject")},
        {"user": "ci", "name": "own", "policy": allow("s3:PutObject")},
        "ci:own",
    )
    tied = provider.cycle("aws:iam/userPolicyAttachment:UserPolicyAttachment", {"user": "ci", "policyArn": READ_ONLY})
    for resource in (tied, own, user):
        provider.delete(resource)
        assert provider.refresh(resource) is None


def test_a_group_and_its_policies(provider: Any) -> None:
    group = provider.cycle("aws:iam/group:Group", {"name": "operators"})
    own = provider.cycle(
        "aws:iam/groupPolicy:GroupPolicy", {"group": "operators", "name": "own", "policy": allow("s3:GetObject")}, None
    )
    tied = provider.cycle(
        "aws:iam/groupPolicyAttachment:GroupPolicyAttachment", {"group": "operators", "policyArn": READ_ONLY}
    )
    for resource in (tied, own, group):
        provider.delete(resource)
        assert provider.refresh(resource) is None


def test_a_provider_for_deployments_from_ci(provider: Any) -> None:
    plain = {"url": "https://token.actions.githubusercontent.com", "clientIdLists": ["sts.amazonaws.com"]}
    print_ = {"thumbprintLists": ["6938fd4d98bab03faadb97b34396831e3780aea1"]}
    made = provider.cycle(OIDC, plain | print_, plain | print_ | {"clientIdLists": ["sts.amazonaws.com", "other"]})
    assert made.state["arn"].endswith("oidc-provider/token.actions.githubusercontent.com")
    assert provider.check(OIDC, plain | {"url": "http://a.b"})[1] == [
        ("url", "'http://a.b' does not begin with 'https://'")
    ]
    provider.delete(made)
    assert provider.refresh(made) is None
