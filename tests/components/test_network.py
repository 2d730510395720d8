"""Networks as registrations and their specs.

It cannot prove that AWS routes a packet, nor that a change is made in place.
"""

from __future__ import annotations

import json

import pulumi
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from components.network import Network, NetworkArgs
from components.specs import Dns, Endpoints, ExistingNetwork, FlowLogs, NetworkSpec
from elasticity.quantities import Duration
from tests.recording import Registrations, build

A, B, C = "eu-central-1a", "eu-central-1b", "eu-central-1c"
BARE = {"nat": "none", "flow_logs": None, "endpoints": Endpoints(s3=False)}


def network(name="net", *, tags=None, opts=None, extensions=None, **spec) -> Registrations:
    spec = NetworkSpec(**{"zones": (A, B), **spec})
    return build(lambda: Network(name, NetworkArgs(spec, tags or {}, extensions or {}), opts))


def net(*rows):
    """Rows `type role` as the tree below the component."""
    component = ("accordion:index:Network", "net", "")
    return sorted([component, *((f"aws:{kind}", f"net-{role}", "net") for kind, role in map(str.split, rows))])


TWO_ZONES_WITHOUT_A_WAY_OUT = [
    "ec2/vpc:Vpc vpc",
    "ec2/defaultSecurityGroup:DefaultSecurityGroup default-group",
    "ec2/internetGateway:InternetGateway internet",
    f"ec2/subnet:Subnet public-{A}",
    f"ec2/subnet:Subnet public-{B}",
    f"ec2/subnet:Subnet private-{A}",
    f"ec2/subnet:Subnet private-{B}",
    "ec2/routeTable:RouteTable public-routes",
    f"ec2/routeTable:RouteTable private-{A}-routes",
    f"ec2/routeTable:RouteTable private-{B}-routes",
    f"ec2/routeTableAssociation:RouteTableAssociation public-{A}-association",
    f"ec2/routeTableAssociation:RouteTableAssociation public-{B}-association",
    f"ec2/routeTableAssociation:RouteTableAssociation private-{A}-association",
    f"ec2/routeTableAssociation:RouteTableAssociation private-{B}-association",
    "ec2/route:Route public-internet",
]
FLOW_LOGS = [
    "cloudwatch/logGroup:LogGroup flow-logs",
    "iam/role:Role flow-logs-writer",
    "iam/rolePolicy:RolePolicy flow-logs-write",
    "ec2/flowLog:FlowLog flow-log",
]


def nat_in(zone):
    return [f"ec2/eip:Eip nat-{zone}-address", f"ec2/natGateway:NatGateway nat-{zone}"]


ROUTES = [f"ec2/route:Route private-{A}-nat", f"ec2/route:Route private-{B}-nat"]
SHAPES = {
    "by default a NAT per zone, the S3 endpoint and flow logs": (
        {},
        [
            *TWO_ZONES_WITHOUT_A_WAY_OUT,
            *ROUTES,
            *nat_in(A),
            *nat_in(B),
            "ec2/vpcEndpoint:VpcEndpoint gateway-s3",
            *FLOW_LOGS,
        ],
    ),
    "nothing but tiers": (BARE, TWO_ZONES_WITHOUT_A_WAY_OUT),
    "one NAT": ({**BARE, "nat": "single"}, [*TWO_ZONES_WITHOUT_A_WAY_OUT, *ROUTES, *nat_in(A)]),
    "a regional NAT": (
        {**BARE, "nat": "regional"},
        [
            *TWO_ZONES_WITHOUT_A_WAY_OUT,
            *ROUTES,
            f"ec2/eip:Eip nat-regional-{A}-address",
            f"ec2/eip:Eip nat-regional-{B}-address",
            "ec2/natGateway:NatGateway nat-regional",
        ],
    ),
    "an isolated tier alone has no way out": (
        {**BARE, "zones": (A,), "tiers": ("isolated",)},
        [
            *TWO_ZONES_WITHOUT_A_WAY_OUT[:2],
            f"ec2/subnet:Subnet isolated-{A}",
            "ec2/routeTable:RouteTable isolated-routes",
            f"ec2/routeTableAssociation:RouteTableAssociation isolated-{A}-association",
        ],
    ),
    "interface endpoints bring their group": (
        {**BARE, "endpoints": Endpoints(s3=False, dynamodb=True, interface=("ecr.api", "logs"))},
        [
            *TWO_ZONES_WITHOUT_A_WAY_OUT,
            "ec2/vpcEndpoint:VpcEndpoint gateway-dynamodb",
            "ec2/vpcEndpoint:VpcEndpoint endpoint-ecr-api",
            "ec2/vpcEndpoint:VpcEndpoint endpoint-logs",
            "ec2/securityGroup:SecurityGroup endpoints",
            "vpc/securityGroupIngressRule:SecurityGroupIngressRule endpoints-https",
        ],
    ),
    "an untouched default group": (
        {**BARE, "default_security_group": "untouched"},
        [row for row in TWO_ZONES_WITHOUT_A_WAY_OUT if "default-group" not in row],
    ),
}


@pytest.mark.parametrize(("spec", "rows"), SHAPES.values(), ids=SHAPES)
def test_a_network_makes_exactly(spec, rows):
    assert network(**spec).tree() == net(*rows)


EXISTING = ExistingNetwork(
    vpc_id="vpc-0a1b2c3d",
    cidr="10.9.0.0/16",
    public_subnets={B: "subnet-2", A: "subnet-1"},
    private_subnets={A: "subnet-3"},
    nat_addresses={A: "203.0.113.1"},
)


def test_an_existing_network_makes_nothing_and_has_the_same_outputs():
    built = build(lambda: Network("net", NetworkArgs(NetworkSpec(existing=EXISTING))))
    assert built.tree() == net()
    assert built.outputs("net") == {
        "vpc_id": "vpc-0a1b2c3d",
        "vpc_cidr": "10.9.0.0/16",
        "region": "eu-central-1",
        "zones": [A, B],
        "public_subnet_ids": {A: "subnet-1", B: "subnet-2"},
        "private_subnet_ids": {A: "subnet-3"},
        "isolated_subnet_ids": {},
        "nat_addresses": {A: "203.0.113.1"},
        "private_route_table_ids": {},
        "nat_metrics": {},
    }


def test_the_outputs_are_keyed_by_zone():
    outputs = network(zones=(B, A), nat="single", flow_logs=None).outputs("net")
    assert outputs.pop("nat_metrics").keys() == {B}
    assert outputs == {
        "vpc_id": "net-vpc-id",
        "vpc_cidr": "10.0.0.0/16",
        "region": "eu-central-1",
        "zones": [A, B],
        "account_id": "123456789012",
        "public_subnet_ids": {A: f"net-public-{A}-id", B: f"net-public-{B}-id"},
        "private_subnet_ids": {A: f"net-private-{A}-id", B: f"net-private-{B}-id"},
        "isolated_subnet_ids": {},
        "nat_addresses": {B: f"ip-of-net-nat-{B}-address"},
        "private_route_table_ids": {A: f"net-private-{A}-routes-id", B: f"net-private-{B}-routes-id"},
        "vpc": "net-vpc-id",
    }


@pytest.mark.parametrize(
    ("nat", "places"), [("none", []), ("single", [A]), ("per_zone", [A, B]), ("regional", ["regional"])]
)
def test_each_nat_gateway_has_metrics_of_its_own(nat, places):
    """Source: VPC user guide, NAT gateway metrics: a gateway without free ports fails silently for those behind it."""
    found = network(nat=nat).outputs("net")["nat_metrics"]
    assert list(found) == places
    for place in places:
        assert {each["name"] for each in found[place].values()} == {
            "ErrorPortAllocation",
            "PacketsDropCount",
            "BytesOutToDestination",
            "ActiveConnectionCount",
        }
        assert all(each["dimensions"] == {"NatGatewayId": f"net-nat-{place}-id"} for each in found[place].values())


# Nothing moves

ENDPOINT_LISTS = {"aws:ec2/vpcEndpoint:VpcEndpoint", "accordion:index:Network"}
"""What may grow in place when a zone comes: an endpoint's list of tables or subnets, and the component's own record of
its spec."""
REGIONAL = ENDPOINT_LISTS | {"aws:ec2/natGateway:NatGateway"}
zone_sets = st.sets(st.sampled_from("abcdef"), min_size=1, max_size=6)


def grown(before: Registrations, after: Registrations) -> set[str]:
    """Types of what was there before and is not the same after."""
    assert before.urns() <= after.urns(), "something was removed or renamed"
    changed = before.urns() - before.unchanged(after)
    return {each.type for each in before.all if each.urn in changed}


@pytest.mark.parametrize(
    ("nat", "may_grow"),
    [("none", ENDPOINT_LISTS), ("single", ENDPOINT_LISTS), ("per_zone", ENDPOINT_LISTS), ("regional", REGIONAL)],
)
def test_adding_a_zone_creates_and_moves_nothing(nat, may_grow):
    endpoints = Endpoints(interface=("logs",))
    before = network(zones=(B, C), nat=nat, endpoints=endpoints)
    after = network(zones=(B, C, A), nat=nat, endpoints=endpoints)
    assert grown(before, after) == may_grow


def test_adding_a_zone_only_lengthens_the_lists_of_endpoints():
    def lists(built):
        return built.named("net-gateway-s3").inputs["routeTableIds"]

    before, after = lists(network(zones=(B, C))), lists(network(zones=(A, B, C)))
    assert set(after) - set(before) == {f"net-private-{A}-routes-id"}
    assert set(before) < set(after)


@settings(max_examples=8, deadline=None)
@given(zone_sets, zone_sets)
def test_adding_zones_never_moves_a_subnet(some, more):
    def subnets(letters):
        built = network(zones=tuple(f"eu-central-1{letter}" for letter in sorted(letters)), **BARE)
        return {each.urn: each.inputs for each in built.of("Subnet")}

    before, after = subnets(some), subnets(some | more)
    assert before.items() <= after.items()


def test_dropping_a_zone_removes_and_moves_nothing():
    before, after = network(zones=(A, B, C), nat="per_zone"), network(zones=(A, C), nat="per_zone")
    assert {each.name for each in before} - {each.name for each in after} == {
        *(f"net-{tier}-{B}{part}" for tier in ("public", "private") for part in ("", "-association")),
        f"net-private-{B}-routes",
        f"net-private-{B}-nat",
        f"net-nat-{B}",
        f"net-nat-{B}-address",
    }
    assert grown(after, before) == ENDPOINT_LISTS


def test_dropping_a_tier_removes_and_moves_nothing():
    before, after = network(tiers=("public", "private", "isolated")), network(tiers=("public", "private"))
    gone = {each.name for each in before} - {each.name for each in after}
    assert all(name.startswith("net-isolated") for name in gone)
    assert grown(after, before) == ENDPOINT_LISTS


def test_adding_a_tier_creates_and_moves_nothing():
    before = network(tiers=("public", "private"))
    after = network(tiers=("public", "private", "isolated"))
    assert grown(before, after) == ENDPOINT_LISTS


def test_more_nat_gateways_change_routes_only():
    before, after = network(nat="single"), network(nat="per_zone")
    assert grown(before, after) == {"aws:ec2/route:Route", "accordion:index:Network"}


# The details


def test_no_subnet_gives_out_public_addresses():
    assert {each.inputs["mapPublicIpOnLaunch"] for each in network().of("Subnet")} == {False}


def test_the_private_tier_leaves_through_the_nat_of_its_own_zone():
    built = network()
    for zone in (A, B):
        assert built.named(f"net-private-{zone}-nat").inputs == {
            "routeTableId": f"net-private-{zone}-routes-id",
            "destinationCidrBlock": "0.0.0.0/0",
            "natGatewayId": f"net-nat-{zone}-id",
        }
        assert built.named(f"net-nat-{zone}").inputs["subnetId"] == f"net-public-{zone}-id"


def test_a_single_nat_stands_in_the_first_zone_named():
    built = network(zones=(B, A), nat="single")
    assert built.one("NatGateway").name == f"net-nat-{B}"
    assert built.named(f"net-private-{A}-nat").inputs["natGatewayId"] == f"net-nat-{B}-id"


def test_a_regional_nat_has_a_known_address_in_each_zone():
    built = network(nat="regional")
    assert built.one("NatGateway").inputs == {
        "availabilityMode": "regional",
        "vpcId": "net-vpc-id",
        "availabilityZoneAddresses": [
            {"availabilityZone": A, "allocationIds": [f"net-nat-regional-{A}-address-id"]},
            {"availabilityZone": B, "allocationIds": [f"net-nat-regional-{B}-address-id"]},
        ],
        "tags": {"Name": "net-nat-regional"},
    }
    assert built.outputs("net")["nat_addresses"] == {zone: f"ip-of-net-nat-regional-{zone}-address" for zone in (A, B)}


def test_a_regional_nat_takes_no_address_that_a_zonal_one_still_holds():
    zonal, regional = (network(nat=nat).of("Eip") for nat in ("per_zone", "regional"))
    assert {each.urn for each in zonal} & {each.urn for each in regional} == set()


def test_nat_waits_for_the_internet_gateway():
    assert "net-internet" in network().named(f"net-nat-{A}").depends_on


def test_the_default_group_lets_nothing_in_or_out():
    group = network().one("DefaultSecurityGroup").inputs
    assert (group["ingress"], group["egress"]) == ([], [])


def test_interface_endpoints_are_open_to_the_network_on_https_alone():
    built = network(endpoints=Endpoints(interface=("logs", "com.amazonaws.eu-central-1.ecr.dkr")))
    assert [
        {key: value for key, value in rule.inputs.items() if key not in ("description", "tags")}
        for rule in built.of("SecurityGroupIngressRule")
    ] == [
        {
            "securityGroupId": "net-endpoints-id",
            "cidrIpv4": "10.0.0.0/16",
            "ipProtocol": "tcp",
            "fromPort": 443,
            "toPort": 443,
        }
    ]
    assert built.named("net-endpoint-logs").inputs == {
        "vpcId": "net-vpc-id",
        "serviceName": "com.amazonaws.eu-central-1.logs",
        "vpcEndpointType": "Interface",
        "privateDnsEnabled": True,
        "subnetIds": [f"net-private-{A}-id", f"net-private-{B}-id"],
        "securityGroupIds": ["net-endpoints-id"],
        "tags": {"Name": "net-endpoint-logs"},
    }
    assert (
        built.named("net-endpoint-eu-central-1-ecr-dkr").inputs["serviceName"] == "com.amazonaws.eu-central-1.ecr.dkr"
    )


def test_flow_logs_are_kept_as_long_as_said_and_gathered_as_often():
    built = network(flow_logs=FlowLogs(retention=Duration.parse("90d"), traffic="REJECT", interval="1m"))
    assert built.one("LogGroup").inputs["retentionInDays"] == 90
    log = built.one("FlowLog").inputs
    assert (log["trafficType"], log["maxAggregationInterval"], log["logDestinationType"]) == (
        "REJECT",
        60,
        "cloud-watch-logs",
    )


def test_the_writer_of_flow_logs_may_write_its_own_group_and_serves_its_own_account():
    built = network()
    group = "arn:aws:cloudwatch:eu-central-1:123456789012:net-flow-logs"
    assert json.loads(built.one("RolePolicy").inputs["policy"])["Statement"] == [
        {
            "Effect": "Allow",
            "Action": [
                "logs:CreateLogStream",
                "logs:PutLogEvents",
                "logs:DescribeLogGroups",
                "logs:DescribeLogStreams",
            ],
            "Resource": [group, f"{group}:*"],
        }
    ]
    assert json.loads(built.one("Role").inputs["assumeRolePolicy"])["Statement"] == [
        {
            "Effect": "Allow",
            "Principal": {"Service": "vpc-flow-logs.amazonaws.com"},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}},
        }
    ]


UNTAGGED = {"Route", "RouteTableAssociation", "RolePolicy"}
"""AWS has no tags on them."""


def test_tags_reach_every_child_that_can_carry_them():
    built = network(tags={"team": "shop"}, endpoints=Endpoints(interface=("logs",)))
    tags = {
        each.name: each.inputs.get("tags", {})
        for each in built.under("net")
        if each.type.split(":")[-1] not in UNTAGGED
    }
    assert {name for name, carried in tags.items() if carried.get("team") != "shop"} == set()
    assert {name for name, carried in tags.items() if carried["Name"] != name} == set()


def test_protection_of_a_network_reaches_every_child():
    built = network(opts=pulumi.ResourceOptions(protect=True))
    assert all(each.protect for each in built.all)


def test_an_extension_names_one_child():
    built = network(extensions={f"public-{A}": pulumi.ResourceOptions(ignore_changes=["tags"])})
    assert [each.name for each in built.all if each.ignore_changes == ("tags",)] == [f"net-public-{A}"]


# Specs

DEFAULTS = {
    "tiers": ("public", "private"),
    "nat": "per_zone",
    "endpoints": Endpoints(s3=True, dynamodb=False, interface=()),
    "flow_logs": FlowLogs(retention=Duration.parse("365d"), traffic="ALL"),
    "default_security_group": "closed",
    "dns": Dns(support=True, hostnames=True),
    "existing": None,
}


@pytest.mark.parametrize(("field", "value"), DEFAULTS.items())
def test_a_network_defaults_to_production_values(field, value):
    """Source: the defaults table, network: NAT one per zone; S3 gateway; flow logs on with retention; default group
    closed."""
    assert getattr(NetworkSpec(zones=(A,)), field) == value


FAULTS = {
    "no zones": ({"zones": ()}, {("zones",): "name one to six zones, such as eu-central-1a, or give `existing`"}),
    "a zone twice": ({"zones": (A, A)}, {("zones", 1): "the zone is named twice"}),
    "two regions": (
        {"zones": (A, "eu-west-1a")},
        {("zones", 1): "the zone lies in another region than the first: a network has one"},
    ),
    "no tier": ({"tiers": (), "nat": "none"}, {("tiers",): "name at least one of public, private, isolated"}),
    "a tier twice": ({"tiers": ("public", "private", "public")}, {("tiers",): "a tier is named twice"}),
    "NAT for nobody": (
        {"tiers": ("public",)},
        {("nat",): "NAT leads from a private tier through a public one: add both tiers, or say none"},
    ),
    "an endpoint without names": (
        {"endpoints": Endpoints(interface=("logs",)), "dns": Dns(hostnames=False)},
        {("dns",): "interface endpoints answer by private names: leave `support` and `hostnames` on"},
    ),
    "an endpoint twice": (
        {"endpoints": Endpoints(interface=("logs", "logs"))},
        {("endpoints", "interface"): "a service is named twice"},
    ),
    "an endpoint nowhere": (
        {"endpoints": Endpoints(interface=("logs",)), "tiers": ("public",), "nat": "none"},
        {("endpoints", "interface"): "interface endpoints live in a private or isolated tier: add one"},
    ),
    "an odd block": (
        {"cidr": "10.0.0.1/16"},
        {("cidr",): "not an IPv4 block such as 10.0.0.0/16, with the host bits at zero"},
    ),
    "a large block": ({"cidr": "10.0.0.0/15"}, {("cidr",): "got a /15, allowed /16 to /22"}),
    "a small block": ({"cidr": "10.0.0.0/23"}, {("cidr",): "got a /23, allowed /16 to /22"}),
    "existing and more": (
        {"existing": EXISTING, "nat": "single"},
        {
            ("zones",): "has no meaning beside `existing`, which makes nothing: remove one of them",
            ("nat",): "has no meaning beside `existing`, which makes nothing: remove one of them",
        },
    ),
}


@pytest.mark.parametrize(("spec", "faults"), FAULTS.values(), ids=FAULTS)
def test_a_network_that_cannot_be_is_refused(spec, faults):
    with pytest.raises(ValidationError) as refused:
        NetworkSpec(**{"zones": (A, B), **spec})
    assert {error["loc"]: error["msg"] for error in refused.value.errors()} == faults


def test_an_existing_network_without_subnets_is_refused():
    with pytest.raises(ValidationError) as refused:
        ExistingNetwork(vpc_id="vpc-1", cidr="10.0.0.0/16")
    assert [error["msg"] for error in refused.value.errors()] == [
        "give at least one of `public_subnets`, `private_subnets` and `isolated_subnets`"
    ]


RETENTION_FAULT = (
    "got a time that CloudWatch Logs does not keep, allowed 1d, 3d, 5d, 7d, 14d, 30d, 60d, 90d, 120d, 150d, 180d, 365d, "
    "400d, 545d, 731d, 1096d, 1827d, 2192d, 2557d, 2922d, 3288d, 3653d"
)


@pytest.mark.parametrize("retention", ["91d", "90s", "0s"])
def test_a_retention_that_cloudwatch_does_not_know_is_refused(retention):
    with pytest.raises(ValidationError) as refused:
        FlowLogs(retention=retention)
    assert [error["msg"] for error in refused.value.errors()] == [RETENTION_FAULT]
