"""The names that the provider makes up, type by type, beside those of the official provider.

The table is pulumi-aws's own (provider/resource_overrides.go and provider/autonaming.go): a type with an input `name`
is named by its resource's name, a dash and seven characters, 255 at most, unless it stands below. Where AWS takes fewer
characters, that is the most here too: there the official provider makes a name that AWS then refuses. It cannot prove
that AWS takes each character of a name; the tests of the rows' own refusals do where AWS says which.
"""

import re
from typing import Any

import pytest

from localcloud.aws import kinds
from localcloud.aws.client import Aws
from localcloud.aws.second_names import SECOND_NAMES
from localcloud.provider import schema

NOT_NAMED = {"aws:route53/record:Record"}
"""Types whose input `name` is no name to make up: it is the domain name of a record."""
NAMED_BY = {
    "aws:cloudwatch/eventTarget:EventTarget": "targetId",
    "aws:ec2/keyPair:KeyPair": "keyName",
    "aws:elasticache/cluster:Cluster": "clusterId",
    "aws:elasticache/replicationGroup:ReplicationGroup": "replicationGroupId",
    "aws:s3/bucket:Bucket": "bucket",
    "aws:s3/bucketV2:BucketV2": "bucket",
    "aws:s3/bucketObject:BucketObject": "key",
    "aws:s3/bucketObjectv2:BucketObjectv2": "key",
}
"""Types that are named by another input."""
LONGEST = {
    "aws:cloudwatch/eventRule:EventRule": 64, "aws:iam/role:Role": 64, "aws:kms/alias:Alias": 238,
    "aws:lb/loadBalancer:LoadBalancer": 32, "aws:lb/targetGroup:TargetGroup": 32,
    "aws:s3/bucket:Bucket": 63, "aws:s3/bucketV2:BucketV2": 63, "aws:sns/topic:Topic": 80, "aws:sqs/queue:Queue": 80,
    # AWS takes fewer than 255
    "aws:cloudwatch/eventTarget:EventTarget": 64, "aws:ec2/launchTemplate:LaunchTemplate": 125,
    "aws:iam/user:User": 64, "aws:iam/group:Group": 128,
    "aws:iam/instanceProfile:InstanceProfile": 128, "aws:iam/policy:Policy": 128, "aws:iam/rolePolicy:RolePolicy": 128,
    "aws:iam/userPolicy:UserPolicy": 128, "aws:iam/groupPolicy:GroupPolicy": 128,
    "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace": 253, "aws:servicediscovery/service:Service": 127,
    "aws:elasticache/cluster:Cluster": 50, "aws:elasticache/replicationGroup:ReplicationGroup": 40,
    "aws:wafv2/webAcl:WebAcl": 128, "aws:cognito/resourceServer:ResourceServer": 256,
    **dict.fromkeys(
        (f"aws:cognito/{name}" for name in
         ("userPool:UserPool", "userPoolClient:UserPoolClient", "userGroup:UserGroup")), 128,
    ),
    "aws:cloudwatch/eventBus:EventBus": 256, "aws:kinesis/stream:Stream": 128,
    "aws:kinesis/streamConsumer:StreamConsumer": 128, "aws:sfn/stateMachine:StateMachine": 80,
    "aws:cloudfront/originAccessControl:OriginAccessControl": 64, "aws:apigatewayv2/api:Api": 128, "aws:apigatewayv2/stage:Stage": 128,
    "aws:cloudfront/function:Function": 64, "aws:scheduler/schedule:Schedule": 64,
    "aws:scheduler/scheduleGroup:ScheduleGroup": 64, "aws:sfn/activity:Activity": 80,
    "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter": 512,
    "aws:elasticache/serverlessCache:ServerlessCache": 40, "aws:apigatewayv2/vpcLink:VpcLink": 128,
    **dict.fromkeys(
        (f"aws:cloudfront/{name}" for name in
         ("cachePolicy:CachePolicy", "originRequestPolicy:OriginRequestPolicy", "responseHeadersPolicy:ResponseHeadersPolicy")),
        128,
    ),
    "aws:apigatewayv2/authorizer:Authorizer": 128, "aws:lambda/alias:Alias": 128, "aws:lambda/function:Function": 64,
}  # fmt: skip
"""The most characters of a made-up name, before `.fifo` and after `alias/`."""
RANDOM = r"-[0-9a-f]{7}"
FORM = {
    "aws:kms/alias:Alias": rf"alias/myThing{RANDOM}",
    "aws:s3/bucket:Bucket": rf"mything{RANDOM}",
    "aws:s3/bucketV2:BucketV2": rf"mything{RANDOM}",
    "aws:rds/clusterParameterGroup:ClusterParameterGroup": rf"mything{RANDOM}",
    "aws:rds/parameterGroup:ParameterGroup": rf"mything{RANDOM}",
    "aws:rds/subnetGroup:SubnetGroup": rf"mything{RANDOM}",
    **{
        f"aws:elasticache/{name}": rf"mything{RANDOM}"
        for name in (
            "cluster:Cluster",
            "parameterGroup:ParameterGroup",
            "replicationGroup:ReplicationGroup",
            "serverlessCache:ServerlessCache",
            "subnetGroup:SubnetGroup",
        )
    },
    "aws:s3/bucketObject:BucketObject": "myThing",
    "aws:s3/bucketObjectv2:BucketObjectv2": "myThing",
}
"""What `myThing` becomes, where it is not `myThing-` and seven characters."""
LONGEST |= {second: LONGEST[first] for second, first in SECOND_NAMES.items() if first in LONGEST}
FIFO = {"aws:sqs/queue:Queue": "fifoQueue", "aws:sns/topic:Topic": "fifoTopic"}


def named_by(token: str) -> str | None:
    """The input that the official provider makes a name for."""
    plainly = "name" if "name" in schema.inputs(token).props and token not in NOT_NAMED else None
    return NAMED_BY.get(token, plainly)


def made_up(token: str, logical: str, inputs: dict[str, Any] | None = None) -> tuple[Any, list[str]]:
    """The name of a resource, and what Check says of it."""
    checked, faults = kinds.KINDS[token].check(Aws("http://127.0.0.1:1"), logical, b"seed", inputs or {}, {})
    prop = named_by(token) or "name"
    return checked.get(prop), [why for path, why in faults if path == prop]


NAMED = sorted(token for token in kinds.KINDS if named_by(token))


@pytest.mark.parametrize("token", sorted(kinds.KINDS))
def test_a_type_is_named_by_the_input_that_the_official_provider_names_it_by(token: str) -> None:
    assert kinds.KINDS[token].naming.input == named_by(token)


@pytest.mark.parametrize("token", NAMED)
def test_a_name_has_the_form_that_the_official_provider_gives_it(token: str) -> None:
    name, _ = made_up(token, "myThing")
    assert re.fullmatch(FORM.get(token, rf"myThing{RANDOM}"), name)


@pytest.mark.parametrize("token", [token for token in NAMED if NAMED_BY.get(token) != "key"])
def test_a_name_is_as_long_as_the_official_provider_lets_it_be_and_no_longer(token: str) -> None:
    longest = LONGEST.get(token, 255)
    name, _ = made_up(token, "a" * (longest - 8))
    assert len(name.removeprefix("alias/")) == longest
    name, faults = made_up(token, "a" * (longest - 7))
    assert name is None
    told = f"name '{'a' * (longest - 7)}-' plus 7 random chars is longer than maximum length {longest}"
    assert faults == [f"{told}; give the resource a shorter name, or set '{named_by(token)}'"]


@pytest.mark.parametrize(("token", "switch"), FIFO.items())
@pytest.mark.parametrize("given", [True, "true"])
def test_the_name_of_a_fifo_queue_or_topic_ends_in_fifo(token: str, switch: str, given: Any) -> None:
    name, faults = made_up(token, "q", {switch: given})
    assert re.fullmatch(rf"q{RANDOM}\.fifo", name)
    assert faults == []
    prefixed, faults = made_up(token, "q", {switch: given, "namePrefix": "jobs-"})
    assert re.fullmatch(r"jobs-[0-9a-f]{26}\.fifo", prefixed)
    assert faults == []


def test_an_alias_that_is_named_as_one_gets_no_second_head() -> None:
    assert re.fullmatch(rf"alias/key{RANDOM}", made_up("aws:kms/alias:Alias", "alias/key")[0])
