"""Network ACLs, file systems, health checks and mute rules on the local cloud; it cannot prove that AWS words it so."""

from collections.abc import Callable
from typing import Any

import pytest

Scenario = Callable[[Any], tuple[Any, Any]]
SCENARIOS: list[Scenario] = []


def scenario(function: Scenario) -> Scenario:
    """What was observed, and what AWS does; run against moto as it is and with its gaps filled."""
    SCENARIOS.append(function)
    return function


def acl(aws: Any, vpc: str) -> str:
    return str(aws.ec2.create_network_acl(VpcId=vpc)["NetworkAcl"]["NetworkAclId"])


def acls(aws: Any, **filters: str) -> list[Any]:
    named = [{"Name": name.replace("_", "-"), "Values": [value]} for name, value in filters.items()]
    return list(aws.ec2.describe_network_acls(Filters=named)["NetworkAcls"])


ANYTHING = {"Protocol": "-1", "RuleAction": "allow", "CidrBlock": "0.0.0.0/0"}


@scenario
def a_new_acl_denies_what_no_entry_allows(aws: Any) -> tuple[Any, Any]:
    made = acl(aws, aws.network()[0])
    found = aws.ec2.describe_network_acls(NetworkAclIds=[made])["NetworkAcls"][0]["Entries"]
    return sorted((e["RuleNumber"], e["RuleAction"], e["Egress"]) for e in found), [
        (32767, "deny", False),
        (32767, "deny", True),
    ]


@scenario
def what_is_not_there_cannot_be_taken_from_an_acl(aws: Any) -> tuple[Any, Any]:
    vpc, _ = aws.network()
    made = acl(aws, vpc)
    refused = (
        aws.refusal(lambda: aws.ec2.delete_network_acl_entry(NetworkAclId=made, RuleNumber=7, Egress=False)),
        aws.refusal(lambda: aws.ec2.delete_network_acl_entry(NetworkAclId=made, RuleNumber=32767, Egress=False)),
        aws.refusal(
            lambda: aws.ec2.create_network_acl_entry(NetworkAclId=made, RuleNumber=32767, Egress=True, **ANYTHING)
        ),
        aws.refusal(lambda: aws.ec2.replace_network_acl_association(AssociationId="aclassoc-none", NetworkAclId=made)),
    )
    return refused, (
        f"InvalidNetworkAclEntry.NotFound: The ingress entry with rule number 7 does not exist in network ACL {made}",
        "InvalidParameterValue: Value (32767) for parameter ruleNumber is invalid.",
        "InvalidParameterValue: Value (32767) for parameter ruleNumber is invalid.",
        "InvalidAssociationID.NotFound: The association ID 'aclassoc-none' does not exist",
    )


@scenario
def type_and_code_of_icmp_are_kept(aws: Any) -> tuple[Any, Any]:
    made = acl(aws, aws.network()[0])
    ping = {**ANYTHING, "Protocol": "1", "IcmpTypeCode": {"Type": 8, "Code": -1}}
    aws.ec2.create_network_acl_entry(NetworkAclId=made, RuleNumber=1, Egress=False, **ping)
    changed = {**ping, "IcmpTypeCode": {"Type": 0, "Code": 3}}
    aws.ec2.create_network_acl_entry(NetworkAclId=made, RuleNumber=2, Egress=False, **ping)
    aws.ec2.replace_network_acl_entry(NetworkAclId=made, RuleNumber=2, Egress=False, **changed)
    found = aws.ec2.describe_network_acls(NetworkAclIds=[made])["NetworkAcls"][0]["Entries"]
    kept = {e["RuleNumber"]: e["IcmpTypeCode"] for e in found if e["RuleNumber"] < 3}
    return kept, {1: {"Code": -1, "Type": 8}, 2: {"Code": 3, "Type": 0}}


@scenario
def an_acl_stays_in_its_network(aws: Any) -> tuple[Any, Any]:
    (vpc, subnets), (other, _) = aws.network(), aws.network()
    elsewhere, default = acl(aws, other), acls(aws, vpc_id=vpc, default="true")[0]
    association = next(a for a in default["Associations"] if a["SubnetId"] == subnets[0])["NetworkAclAssociationId"]
    move = aws.ec2.replace_network_acl_association
    return (
        aws.refusal(lambda: move(AssociationId=association, NetworkAclId=elsewhere)),
        aws.refusal(lambda: aws.ec2.delete_network_acl(NetworkAclId=default["NetworkAclId"])),
    ), (
        f"InvalidParameterValue: networkAcl {elsewhere} and subnet belong to different networks",
        f"InvalidParameterValue: cannot delete default network ACL {default['NetworkAclId']}",
    )


@scenario
def an_acl_outlives_its_subnet_and_holds_its_network(aws: Any) -> tuple[Any, Any]:
    vpc, subnets = aws.network(open_to_the_world=False)
    made, default = acl(aws, vpc), acls(aws, vpc_id=vpc, default="true")[0]
    for association in default["Associations"]:
        aws.ec2.replace_network_acl_association(AssociationId=association["NetworkAclAssociationId"], NetworkAclId=made)
    for subnet in subnets:
        aws.ec2.delete_subnet(SubnetId=subnet)
    held = aws.refusal(lambda: aws.ec2.delete_vpc(VpcId=vpc))
    aws.ec2.delete_network_acl(NetworkAclId=made)
    return (held, aws.refusal(lambda: aws.ec2.delete_vpc(VpcId=vpc))), (
        f"DependencyViolation: The vpc '{vpc}' has dependencies and cannot be deleted.",
        "accepted",
    )


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_the_local_cloud_does_as_aws(scenario: Scenario, filled_aws: Any) -> None:
    observed, expected = scenario(filled_aws)
    assert observed == expected


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_moto_still_needs_the_patch(scenario: Scenario, plain_aws: Any) -> None:
    assert plain_aws.lacks(scenario), "moto does this by itself now: remove the patch"
