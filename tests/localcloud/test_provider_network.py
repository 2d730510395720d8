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


NAT = "aws:ec2/natGateway:NatGateway"


@pytest.mark.parametrize("named", [False, True], ids=["in every zone", "with addresses of its own"])
def test_a_regional_nat_gateway_lives_through_its_life(provider: Any, vpc: Any, subnets: Any, named: bool) -> None:
    provider.create(GATEWAY, {"vpcId": vpc.id})
    given = []
    if named:
        for zone in ("eu-west-1a", "eu-west-1b"):
            address = provider.create(ADDRESS, {"domain": "vpc"}, zone)
            given.append({"availabilityZone": zone, "allocationIds": [address.id]})
    inputs = {"vpcId": vpc.id, "availabilityMode": "regional"} | ({"availabilityZoneAddresses": given} if named else {})
    made = provider.create(NAT, inputs)
    again = provider.refresh(made)
    assert (again.inputs, again.state) == (made.inputs, made.state)
    assert provider.diff(made, inputs).detail == {}
    zones = [one["availabilityZone"] for one in made.state["regionalNatGatewayAddresses"]]
    assert zones == ["eu-west-1a", "eu-west-1b"]
    assert made.state["regionalNatGatewayAutoMode"] == ("disabled" if named else "enabled")
    table = provider.create(TABLE, {"vpcId": vpc.id})
    route = {"routeTableId": table.id, "destinationCidrBlock": "0.0.0.0/0", "natGatewayId": made.id}
    provider.delete(provider.create(ROUTE, route))
    provider.delete(made)
    assert provider.refresh(made) is None


@pytest.mark.parametrize(
    ("inputs", "failures"),
    [
        ({"availabilityMode": "regional"}, [("vpcId", "missing required property for a regional NAT gateway")]),
        (
            {"availabilityMode": "regional", "vpcId": "v", "subnetId": "s"},
            [("subnetId", "a regional NAT gateway takes none: give 'availabilityZoneAddresses', or nothing")],
        ),
        (
            {"availabilityMode": "regional", "vpcId": "v", "connectivityType": "private"},
            [("connectivityType", "a regional NAT gateway is public")],
        ),
        (
            {"allocationId": "a", "subnetId": "s", "vpcId": "v"},
            [("vpcId", "only a regional NAT gateway takes it")],
        ),
    ],
)
def test_a_nat_gateway_is_of_one_zone_or_of_the_network(provider: Any, inputs: Any, failures: Any) -> None:
    assert provider.check(NAT, inputs)[1] == failures


def test_a_network_has_routes_of_ipv6(provider: Any) -> None:
    vpc = provider.create("aws:ec2/vpc:Vpc", {"cidrBlock": "10.3.0.0/16", "assignGeneratedIpv6CidrBlock": True})
    gateway = provider.create(GATEWAY, {"vpcId": vpc.id})
    way_out = provider.create("aws:ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway", {"vpcId": vpc.id})
    routes = [
        {"ipv6CidrBlock": "::/0", "egressOnlyGatewayId": way_out.id},
        {"cidrBlock": "0.0.0.0/0", "gatewayId": gateway.id},
        {"cidrBlock": "10.3.0.0/16", "gatewayId": "local"},
    ]
    table = provider.create(TABLE, {"vpcId": vpc.id, "routes": routes})
    assert provider.refresh(table).inputs == table.inputs
    assert provider.diff(table, {"vpcId": vpc.id, "routes": routes}).detail == {}
    route = {"routeTableId": vpc.state["mainRouteTableId"], "destinationIpv6CidrBlock": "::/0"}
    made = provider.cycle(ROUTE, route | {"gatewayId": gateway.id}, import_id=f"{vpc.state['mainRouteTableId']}_::/0")
    provider.delete(made)
    assert provider.refresh(made) is None


def test_the_main_table_can_be_another_one(provider: Any, vpc: Any, cloud: Any) -> None:
    table = provider.create(TABLE, {"vpcId": vpc.id})
    made = provider.create(
        "aws:ec2/mainRouteTableAssociation:MainRouteTableAssociation", {"vpcId": vpc.id, "routeTableId": table.id}
    )
    assert made.state["originalRouteTableId"] == vpc.state["mainRouteTableId"]
    where = [{"Name": "vpc-id", "Values": [vpc.id]}, {"Name": "association.main", "Values": ["true"]}]
    main = lambda: [t["RouteTableId"] for t in cloud("ec2").describe_route_tables(Filters=where)["RouteTables"]]  # noqa: E731
    assert main() == [table.id]
    provider.delete(made)
    assert main() == [vpc.state["mainRouteTableId"]]
    provider.delete(table)


def test_networks_are_joined(provider: Any, vpc: Any) -> None:
    other = provider.create("aws:ec2/vpc:Vpc", {"cidrBlock": "10.4.0.0/16"})
    token, inputs = "aws:ec2/vpcPeeringConnection:VpcPeeringConnection", {"vpcId": vpc.id, "peerVpcId": other.id}
    made = provider.create(token, inputs)
    assert made.state["acceptStatus"] == "pending-acceptance"
    made = provider.update(made, inputs | {"autoAccept": True})
    assert made.state["acceptStatus"] == "active"
    asked = inputs | {"autoAccept": True, "requester": {"allowRemoteVpcDnsResolution": True}}
    made = provider.update(made, asked)
    assert provider.refresh(made).inputs == made.inputs
    provider.delete(made)
    assert provider.refresh(made) is None


@pytest.mark.parametrize(
    ("token", "arguments", "found"),
    [
        ("getRouteTable", {}, "routeTableId"),
        ("getRouteTables", {}, "ids"),
        ("getSecurityGroup", {"name": "default"}, "description"),
        ("getInternetGateway", {}, "attachments"),
    ],
)
def test_what_is_there_is_found(provider: Any, vpc: Any, token: str, arguments: Any, found: str) -> None:
    provider.create(GATEWAY, {"vpcId": vpc.id})
    by = {"getInternetGateway": {"filters": [{"name": "attachment.vpc-id", "values": [vpc.id]}]}}
    answer = provider.invoke(f"aws:ec2/{token}:{token}", by.get(token, {"vpcId": vpc.id}) | arguments)
    assert answer[found]


@pytest.mark.parametrize(
    ("owner", "pattern", "architecture"),
    [
        ("099720109477", "ubuntu/images/hvm-ssd/ubuntu-jammy-22.04-amd64-server-*", "x86_64"),
        ("099720109477", "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-arm64-server-*", "arm64"),
        ("136693071363", "debian-12-amd64-*", "x86_64"),
        ("amazon", "Windows_Server-2022-English-Full-Base-*", "x86_64"),
        ("amazon", "bottlerocket-aws-ecs-2-x86_64-*", "x86_64"),
        ("309956199498", "RHEL-9.*_HVM-*-x86_64-*", "x86_64"),
        ("amazon", "al2023-ami-2023*-x86_64", "x86_64"),
    ],
)
def test_the_images_that_programs_look_for_are_there(
    provider: Any, owner: str, pattern: str, architecture: str
) -> None:
    asked = {"owners": [owner], "mostRecent": True, "filters": [{"name": "name", "values": [pattern]}]}
    found = provider.invoke("aws:ec2/getAmi:getAmi", asked)
    assert (found["architecture"], found["state"]) == (architecture, "available")
    provider.delete(provider.create("aws:ec2/instance:Instance", {"ami": found["id"], "instanceType": "t3.micro"}))


@pytest.mark.parametrize(
    "name",
    [
        "canonical/ubuntu/server/22.04/stable/current/amd64/hvm/ebs-gp2/ami-id",
        "canonical/ubuntu/server/noble/stable/current/arm64/hvm/ebs-gp3/ami-id",
        "debian/release/12/latest/amd64",
        "ami-windows-latest/Windows_Server-2022-English-Full-Base",
        "bottlerocket/aws-ecs-2/arm64/latest/image_id",
        "ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64",
    ],
)
def test_the_parameters_that_name_images_are_there(provider: Any, cloud: Any, name: str) -> None:
    found = provider.invoke("aws:ssm/getParameter:getParameter", {"name": f"/aws/service/{name}"})["value"]
    assert cloud("ec2").describe_images(ImageIds=[found])["Images"][0]["ImageId"] == found


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


def test_the_route_of_a_gateway_endpoint_is_not_of_the_table_that_lists_its_routes(provider: Any, vpc: Any) -> None:
    gateway = provider.create("aws:ec2/internetGateway:InternetGateway", {"vpcId": vpc.id})
    inputs = {"vpcId": vpc.id, "routes": [{"cidrBlock": "0.0.0.0/0", "gatewayId": gateway.id}]}
    table = provider.create("aws:ec2/routeTable:RouteTable", inputs)
    service = {"vpcId": vpc.id, "serviceName": "com.amazonaws.eu-west-1.s3", "routeTableIds": [table.id]}
    endpoint = provider.create("aws:ec2/vpcEndpoint:VpcEndpoint", service)
    assert provider.refresh(table).inputs == table.inputs
    other = {"vpcId": vpc.id, "routes": [{"cidrBlock": "10.9.0.0/16", "gatewayId": gateway.id}]}
    provider.update(table, other)
    assert provider.refresh(endpoint).inputs == endpoint.inputs


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
