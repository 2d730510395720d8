"""The rows of networks and security groups, over gRPC against moto. It cannot prove that AWS itself would answer the same."""

from typing import Any

import pytest

VPC, SUBNET, TABLE = "aws:ec2/vpc:Vpc", "aws:ec2/subnet:Subnet", "aws:ec2/routeTable:RouteTable"
GATEWAY, ROUTE, ADDRESS = "aws:ec2/internetGateway:InternetGateway", "aws:ec2/route:Route", "aws:ec2/eip:Eip"
GROUP = "aws:ec2/securityGroup:SecurityGroup"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"


def web(*sources: str, **more: Any) -> dict[str, Any]:
    return {"protocol": "tcp", "fromPort": 443, "toPort": 443, "cidrBlocks": list(sources), **more}


def test_a_vpc_lives_through_its_life(provider: Any) -> None:
    made = provider.cycle(
        VPC,
        {"cidrBlock": "10.1.0.0/16", "enableDnsHostnames": True, "tags": {"Name": "one"}},
        {"cidrBlock": "10.1.0.0/16", "enableDnsSupport": True, "tags": {"Name": "two"}},
    )
    assert made.state["enableDnsHostnames"] is False
    assert made.state["arn"] == f"arn:aws:ec2:eu-west-1:123456789012:vpc/{made.id}"
    for name in ("mainRouteTableId", "defaultSecurityGroupId", "defaultNetworkAclId", "ownerId", "dhcpOptionsId"):
        assert made.state[name]
    provider.delete(made)
    assert provider.refresh(made) is None


def test_a_subnet_lives_through_its_life(provider: Any, vpc: Any) -> None:
    plain = {"vpcId": vpc.id, "cidrBlock": "10.0.7.0/24", "availabilityZone": "eu-west-1b"}
    made = provider.cycle(SUBNET, plain | {"mapPublicIpOnLaunch": True}, plain)
    assert made.state["mapPublicIpOnLaunch"] is False
    found = provider.diff(made, plain | {"cidrBlock": "10.0.8.0/24"})
    assert (found.detail, found.replaces) == ({"cidrBlock": "UPDATE_REPLACE"}, ["cidrBlock"])
    provider.delete(made)
    assert provider.refresh(made) is None


def test_a_gateway_moves_from_one_vpc_to_another(provider: Any, vpc: Any) -> None:
    other = provider.create(VPC, {"cidrBlock": "10.9.0.0/16"})
    made = provider.cycle(GATEWAY, {"vpcId": vpc.id, "tags": {"a": "b"}}, {"vpcId": other.id})
    assert made.state["vpcId"] == other.id
    provider.delete(made)
    assert provider.refresh(made) is None


def test_a_nat_gateway_has_the_address_that_it_was_given(provider: Any, gateway: Any, subnets: Any) -> None:
    address = provider.cycle(ADDRESS, {"domain": "vpc", "tags": {"a": "b"}}, {"tags": {"a": "c"}})
    made = provider.cycle(
        "aws:ec2/natGateway:NatGateway",
        {"allocationId": address.id, "subnetId": subnets[0].id},
        {"allocationId": address.id, "subnetId": subnets[0].id, "tags": {"Name": "nat"}},
    )
    assert made.state["publicIp"] == address.state["publicIp"]
    provider.delete(made)
    assert provider.refresh(made) is None


@pytest.mark.parametrize("name", ["availabilityMode", "secondaryAllocationIds", "vpcId"])
def test_a_regional_nat_gateway_is_refused_by_name(provider: Any, name: str) -> None:
    value: Any = ["eipalloc-1"] if name.endswith("Ids") else "regional"
    _, failures = provider.check("aws:ec2/natGateway:NatGateway", {"allocationId": "a", "subnetId": "b", name: value})
    why = "the offline provider does not serve this property; see docs/guides/adding-a-resource-type.md"
    assert failures == [(name, why)]


def test_a_table_its_routes_and_associations(provider: Any, vpc: Any, subnets: Any) -> None:
    gateway = provider.create(GATEWAY, {"vpcId": vpc.id})
    table = provider.cycle(TABLE, {"vpcId": vpc.id, "tags": {"Name": "public"}}, {"vpcId": vpc.id})
    other = provider.create(TABLE, {"vpcId": vpc.id})
    wanted = {"routeTableId": table.id, "destinationCidrBlock": "0.0.0.0/0", "gatewayId": gateway.id}
    made = provider.cycle(ROUTE, wanted, import_id=f"{table.id}_0.0.0.0/0")
    assert made.state["state"] == "active"
    found = provider.diff(made, wanted | {"destinationCidrBlock": "10.20.0.0/16"})
    assert (found.replaces, found.delete_before_replace) == (["destinationCidrBlock"], True)
    token = "aws:ec2/routeTableAssociation:RouteTableAssociation"
    tied = provider.create(token, {"subnetId": subnets[0].id, "routeTableId": table.id})
    assert provider.diff(tied, {"subnetId": subnets[0].id, "routeTableId": other.id}).detail == {
        "routeTableId": "UPDATE"
    }
    for resource in (tied, made):
        provider.delete(resource)
        assert provider.refresh(resource) is None


def test_a_route_changes_its_target_in_place(provider: Any, vpc: Any, subnets: Any) -> None:
    gateway = provider.create(GATEWAY, {"vpcId": vpc.id})
    address = provider.create(ADDRESS, {})
    nat = provider.create("aws:ec2/natGateway:NatGateway", {"allocationId": address.id, "subnetId": subnets[0].id})
    table = provider.create(TABLE, {"vpcId": vpc.id})
    where = {"routeTableId": table.id, "destinationCidrBlock": "0.0.0.0/0"}
    made = provider.create(ROUTE, where | {"gatewayId": gateway.id})
    found = provider.diff(made, where | {"natGatewayId": nat.id})
    assert found.detail == {"gatewayId": "DELETE", "natGatewayId": "ADD"}
    updated = provider.update(made, where | {"natGatewayId": nat.id})
    assert provider.refresh(updated).inputs == updated.inputs


def test_inline_routes_come_and_go(provider: Any, vpc: Any) -> None:
    gateway = provider.create(GATEWAY, {"vpcId": vpc.id})
    route = {"cidrBlock": "0.0.0.0/0", "gatewayId": gateway.id}
    made = provider.create(TABLE, {"vpcId": vpc.id, "routes": [route]})
    assert provider.refresh(made).inputs == made.inputs
    made = provider.update(made, {"vpcId": vpc.id})
    assert provider.imported(TABLE, made.id).inputs == {"vpcId": vpc.id}


def test_a_security_group_lives_through_its_life(provider: Any, vpc: Any, cloud: Any) -> None:
    shared = {"vpcId": vpc.id, "description": "web", "egress": [web("0.0.0.0/0", protocol="-1", fromPort=0, toPort=0)]}
    made = provider.cycle(
        GROUP,
        shared | {"ingress": [web("10.0.0.0/8", "192.168.0.0/16")]},
        shared | {"ingress": [web("192.168.0.0/16", description="inside"), web(self=True)]},
    )
    assert made.inputs["name"].startswith("thing-")
    cloud("ec2").authorize_security_group_ingress(
        GroupId=made.id,
        IpPermissions=[{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}],
    )
    assert {"protocol": "tcp", "fromPort": 22, "toPort": 22, "cidrBlocks": ["0.0.0.0/0"]} in provider.refresh(
        made
    ).inputs["ingress"]
    provider.delete(made)
    assert provider.refresh(made) is None


def test_the_order_of_rules_and_of_their_blocks_is_no_difference(provider: Any, vpc: Any) -> None:
    inputs = {
        "vpcId": vpc.id,
        "ingress": [web("10.0.0.0/8", "10.1.0.0/16"), web("10.2.0.0/16", fromPort=80, toPort=80)],
    }
    made = provider.create(GROUP, inputs)
    turned = [web("10.2.0.0/16", fromPort=80, toPort=80), web("10.1.0.0/16", "10.0.0.0/8")]
    assert provider.diff(made, inputs | {"ingress": turned}).detail == {}


def test_a_new_security_group_lets_nothing_out_by_itself(provider: Any, vpc: Any, cloud: Any) -> None:
    made = provider.create(GROUP, {"vpcId": vpc.id})
    assert cloud("ec2").describe_security_groups(GroupIds=[made.id])["SecurityGroups"][0]["IpPermissionsEgress"] == []


@pytest.mark.parametrize("token", [INGRESS, EGRESS])
def test_a_rule_of_its_own_is_changed_in_place(provider: Any, vpc: Any, token: str) -> None:
    group = provider.create(GROUP, {"vpcId": vpc.id})
    peer = provider.create(GROUP, {"vpcId": vpc.id}, "peer")
    shared = {"securityGroupId": group.id, "ipProtocol": "tcp"}
    made = provider.cycle(
        token,
        shared | {"fromPort": 80, "toPort": 80, "cidrIpv4": "10.0.0.0/8", "description": "a", "tags": {"a": "b"}},
        shared | {"fromPort": 443, "toPort": 443, "cidrIpv4": "10.0.0.0/9", "tags": {"a": "c"}},
    )
    provider.cycle(token, shared | {"fromPort": 90, "toPort": 90, "referencedSecurityGroupId": peer.id})
    provider.cycle(token, {"securityGroupId": group.id, "ipProtocol": "-1", "cidrIpv6": "::/0"})
    provider.delete(made)
    assert provider.refresh(made) is None


def test_the_default_group_is_closed_and_never_deleted(provider: Any, vpc: Any, cloud: Any) -> None:
    made = provider.cycle("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", {"vpcId": vpc.id, "tags": {"a": "b"}})
    found = cloud("ec2").describe_security_groups(GroupIds=[made.id])["SecurityGroups"][0]
    assert (found["IpPermissions"], found["IpPermissionsEgress"]) == ([], [])
    provider.delete(made)
    assert provider.refresh(made) is not None


@pytest.mark.parametrize(
    ("token", "inputs", "failure"),
    [
        (
            GROUP,
            {"ingress": [web("10.0.0.0/8", toPort=99999)]},
            ("ingress[0].toPort", "99999 is not a port: -1 to 65535"),
        ),
        (
            GROUP,
            {"ingress": [web()]},
            (
                "ingress[0]",
                "names no source or destination: give one of 'cidrBlocks', 'ipv6CidrBlocks', 'prefixListIds', 'securityGroups', 'self'",
            ),
        ),
        (
            INGRESS,
            {"securityGroupId": "sg-1", "ipProtocol": "tcp", "fromPort": 9, "toPort": 8, "cidrIpv4": "10.0.0.0/8"},
            ("toPort", "8 is below fromPort 9"),
        ),
        (
            INGRESS,
            {"securityGroupId": "sg-1", "ipProtocol": "-1", "cidrIpv4": "10.0.0.0/8", "cidrIpv6": "::/0"},
            ("cidrIpv6", "conflicts with 'cidrIpv4': a rule has one source or destination"),
        ),
        (
            VPC,
            {"cidrBlock": "10.0.0.0/16", "instanceTenancy": "shared"},
            ("instanceTenancy", "'shared' is not allowed; allowed are default, dedicated, host"),
        ),
        (
            SUBNET,
            {
                "vpcId": "vpc-1",
                "cidrBlock": "10.0.0.0/24",
                "availabilityZone": "eu-west-1a",
                "availabilityZoneId": "euw1-az1",
            },
            ("availabilityZoneId", "conflicts with 'availabilityZone': give one of them"),
        ),
        (
            ROUTE,
            {
                "routeTableId": "rtb-1",
                "destinationCidrBlock": "0.0.0.0/0",
                "gatewayId": "igw-1",
                "natGatewayId": "nat-1",
            },
            ("natGatewayId", "conflicts with 'gatewayId': a route has one target"),
        ),
    ],
)
def test_what_aws_would_refuse_is_refused_in_the_preview(
    provider: Any, token: str, inputs: dict[str, Any], failure: tuple[str, str]
) -> None:
    assert provider.check(token, inputs)[1] == [failure]
