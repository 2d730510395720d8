"""Network ACLs, file systems, health checks and others through their lives: it cannot prove what AWS itself answers."""

from typing import Any

import pytest

from tests.localcloud.conftest import Failed, Made, Values

ACL, RULE = "aws:ec2/networkAcl:NetworkAcl", "aws:ec2/networkAclRule:NetworkAclRule"
DEFAULT_ACL = "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl"


def entry(number: int, **more: Any) -> Values:
    return {"ruleNo": number, "action": "allow", "protocol": "tcp", "fromPort": 443, "toPort": 443} | more


def test_an_acl_lives_through_its_life(provider: Any, cloud: Any, vpc: Made, subnets: list[Made]) -> None:
    ping = entry(120, protocol="icmp", icmpType=8, icmpCode=-1, fromPort=0, toPort=0, cidrBlock="10.0.0.0/8")
    first = {"vpcId": vpc.id, "ingress": [entry(100, cidrBlock="0.0.0.0/0"), ping], "subnetIds": [subnets[0].id]}
    other = {**first, "ingress": [ping, entry(90, ipv6CidrBlock="::/0", protocol="6")], "subnetIds": [subnets[1].id]}
    made = provider.cycle(ACL, first, other)
    found = cloud("ec2").describe_network_acls(NetworkAclIds=[made.id])["NetworkAcls"][0]
    assert [a["SubnetId"] for a in found["Associations"]] == [subnets[1].id]
    shown = {(e["RuleNumber"], e["Protocol"], e.get("Ipv6CidrBlock") or e["CidrBlock"]) for e in found["Entries"]}
    last = (32767, "-1", "0.0.0.0/0")
    assert shown == {(120, "1", "10.0.0.0/8"), (90, "6", "::/0"), last}
    assert [e["IcmpTypeCode"] for e in found["Entries"] if e["RuleNumber"] == 120] == [{"Code": -1, "Type": 8}]
    provider.delete(made)
    assert provider.refresh(made) is None
    back = cloud("ec2").describe_network_acls(Filters=[{"Name": "association.subnet-id", "Values": [subnets[1].id]}])
    assert [acl["IsDefault"] for acl in back["NetworkAcls"]] == [True]


@pytest.mark.parametrize("egress", [True, False])
def test_a_rule_of_an_acl_lives_through_its_life(provider: Any, vpc: Made, egress: bool) -> None:
    acl = provider.create(ACL, {"vpcId": vpc.id})
    inputs = {"networkAclId": acl.id, "ruleNumber": 200, "egress": egress, "protocol": "tcp", "ruleAction": "Deny",
              "cidrBlock": "10.9.0.0/16", "fromPort": 22, "toPort": 22}  # fmt: skip
    made = provider.cycle(RULE, inputs, import_id=f"{acl.id}:200:tcp:{str(egress).lower()}")
    assert provider.refresh(acl).inputs == acl.inputs, "entries of their own resources are not the ACL's"
    replaced = provider.diff(made, inputs | {"toPort": 23})
    assert (replaced.replaces, replaced.delete_before_replace) == (["toPort"], True)
    provider.delete(made)
    assert provider.refresh(made) is None


def test_an_association_that_was_replaced_leaves_the_new_one_alone(
    provider: Any, cloud: Any, vpc: Made, subnets: list[Made]
) -> None:
    one, two = (provider.create(ACL, {"vpcId": vpc.id}, name) for name in ("one", "two"))
    token = "aws:ec2/networkAclAssociation:NetworkAclAssociation"
    first = provider.cycle(token, {"networkAclId": one.id, "subnetId": subnets[0].id})
    second = provider.create(token, {"networkAclId": two.id, "subnetId": subnets[0].id})
    assert provider.refresh(first) is None
    provider.delete(first)
    assert provider.refresh(second) is not None
    provider.delete(second)
    used = cloud("ec2").describe_network_acls(Filters=[{"Name": "association.subnet-id", "Values": [subnets[0].id]}])
    assert used["NetworkAcls"][0]["IsDefault"] is True


def test_the_default_acl_is_taken_with_its_entries_and_kept(provider: Any, cloud: Any, vpc: Made) -> None:
    acl = vpc.state["defaultNetworkAclId"]
    made = provider.cycle(DEFAULT_ACL, {"defaultNetworkAclId": acl}, {"defaultNetworkAclId": acl, "ingress": [
        entry(100, cidrBlock="10.0.0.0/8")]})  # fmt: skip
    assert made.id == acl
    provider.delete(made)
    entries = cloud("ec2").describe_network_acls(NetworkAclIds=[acl])["NetworkAcls"][0]["Entries"]
    assert [e["RuleNumber"] for e in entries if e["RuleNumber"] < 32767] == [100]


def test_an_acl_that_is_not_the_default_one_is_not_taken_for_it(provider: Any, vpc: Made) -> None:
    acl = provider.create(ACL, {"vpcId": vpc.id})
    with pytest.raises(Failed, match=f"defaultNetworkAclId: {acl.id} is not the default network ACL of its network"):
        provider.create(DEFAULT_ACL, {"defaultNetworkAclId": acl.id})


NO_PROTOCOL = "'http' is no protocol; allowed are tcp, udp, icmp, icmpv6, ah, esp, -1 (all), and 0 to 255"
BAD_ENTRIES: list[tuple[Values, list[tuple[str, str]]]] = [
    ({"ruleNo": 0}, [("ingress[0].ruleNo", "0 is not within 1 to 32766")]),
    ({"ruleNo": 32767}, [("ingress[0].ruleNo", "32767 is not within 1 to 32766")]),
    ({"action": "permit"}, [("ingress[0].action", "'permit' is not allowed; allowed are allow, deny")]),
    ({"cidrBlock": None}, [("ingress[0].cidrBlock", "give exactly one of 'cidrBlock' and 'ipv6CidrBlock'")]),
    ({"ipv6CidrBlock": "::/0"}, [("ingress[0].ipv6CidrBlock", "give exactly one of 'cidrBlock' and 'ipv6CidrBlock'")]),
    ({"cidrBlock": "10.0.0.1/8"}, [("ingress[0].cidrBlock",
                                    "'10.0.0.1/8' has host bits set; did you mean '10.0.0.0/8'?")]),
    ({"fromPort": 444}, [("ingress[0].toPort", "443 is below fromPort 444")]),
    ({"toPort": 65536}, [("ingress[0].toPort", "65536 is not a port: -1 to 65535")]),
    ({"protocol": "-1"}, [(f"ingress[0].{n}", "entries for all protocols ('-1') take no ports: give 0")
                          for n in ("fromPort", "toPort")]),
    ({"protocol": "http"}, [("ingress[0].protocol", NO_PROTOCOL)]),
]  # fmt: skip


@pytest.mark.parametrize(("wrong", "failures"), BAD_ENTRIES)
def test_what_aws_refuses_of_an_entry_is_refused_in_the_preview(provider: Any, wrong: Values, failures: Any) -> None:
    one = {"vpcId": "vpc-1", "ingress": [entry(100, cidrBlock="10.0.0.0/8") | wrong]}
    assert sorted(provider.check(ACL, one)[1]) == sorted(failures)


def test_two_entries_of_one_number_are_refused(provider: Any) -> None:
    two = [entry(100, cidrBlock="10.0.0.0/8"), entry(100, cidrBlock="10.1.0.0/16")]
    why = "100 is there already: an ACL has one entry of a number"
    assert provider.check(ACL, {"vpcId": "vpc-1", "egress": two})[1] == [("egress[1].ruleNo", why)]
    assert provider.check(ACL, {"vpcId": "vpc-1", "egress": two[:1], "ingress": two[1:]})[1] == []
