"""Networks, routes and security groups."""

from collections.abc import Iterator

from localcloud.aws.limits._checks import Check, Fault, Props, each, form, needed, network, number, some

DESCRIPTION = r"[0-9A-Za-z_ .:/()#,@\[\]+=&;{}!$*-]*"
DESCRIBED = "has characters that a description may not have: letters, digits, spaces and ._-:/()#,@[]+=&;{}!$*"
PROTOCOLS = {"tcp", "udp", "icmp", "icmpv6", "all", "-1"}
ROUTE_TARGETS = (
    "carrierGatewayId", "coreNetworkArn", "egressOnlyGatewayId", "gatewayId", "localGatewayId", "natGatewayId",
    "networkInterfaceId", "transitGatewayId", "vpcEndpointId", "vpcPeeringConnectionId",
)  # fmt: skip
DESTINATIONS = ("destinationCidrBlock", "destinationIpv6CidrBlock", "destinationPrefixListId")
SOURCES = ("cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId")


def known_protocol(path: str, *others: str) -> Check:
    """A protocol by its name, or its number from IANA; `others` are names beside the usual ones."""
    names = {*PROTOCOLS, *others}
    listed = ", ".join(["tcp", "udp", "icmp", "icmpv6", *others])

    def check(props: Props) -> Iterator[Fault]:
        for place, value in each(props, path):
            number_of_it = number(value)
            if str(value).lower() not in names and (number_of_it is None or not 0 <= number_of_it <= 255):
                yield place, f"{value!r} is no protocol; allowed are {listed}, -1 (all), and 0 to 255"

    return check


def ports(props: Props) -> Iterator[Fault]:
    """TCP, UDP and ICMP rules have ports (ICMP: a type and a code)."""
    kind = str(props.get("ipProtocol", "-1")).lower()
    if kind in {"tcp", "udp", "icmp", "icmpv6", "6", "17", "1", "58"}:
        for name in ("fromPort", "toPort"):
            if props.get(name) is None:
                yield name, f"missing required property of a rule for {kind}"


def _group_rules(direction: str) -> tuple[Check, ...]:
    return (
        known_protocol(f"{direction}[].protocol"), network(f"{direction}[].cidrBlocks[]"),
        network(f"{direction}[].ipv6CidrBlocks[]", 6),
        form(f"{direction}[].description", DESCRIPTION, DESCRIBED),
    )  # fmt: skip


RULE = (
    known_protocol("ipProtocol"), ports, network("cidrIpv4"), network("cidrIpv6", 6),
    some(*SOURCES), form("description", DESCRIPTION, DESCRIBED),
)  # fmt: skip

LIMITS: dict[str, tuple[Check, ...]] = {
    "aws:ec2/vpc:Vpc": (needed("cidrBlock"), network("cidrBlock", shortest=16, longest=28)),
    "aws:ec2/subnet:Subnet": (
        lambda props: () if props.get("ipv6Native") else needed("cidrBlock")(props),
        network("cidrBlock", shortest=16, longest=28),
        network("ipv6CidrBlock", 6, shortest=44, longest=64),
    ),
    "aws:ec2/route:Route": (
        network("destinationCidrBlock"), network("destinationIpv6CidrBlock", 6), some(*DESTINATIONS),
        some(*ROUTE_TARGETS),
    ),
    "aws:ec2/routeTable:RouteTable": (network("routes[].cidrBlock"), network("routes[].ipv6CidrBlock", 6)),
    "aws:ec2/securityGroup:SecurityGroup": (
        form("name", r"(?!sg-).*", "begins with 'sg-', which AWS keeps for ids"),
        form("description", f"{DESCRIPTION}", DESCRIBED), *_group_rules("ingress"), *_group_rules("egress"),
    ),
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": (*_group_rules("ingress"), *_group_rules("egress")),
    "aws:ec2/securityGroupRule:SecurityGroupRule": (
        known_protocol("protocol"), network("cidrBlocks[]"), network("ipv6CidrBlocks[]", 6),
        form("description", DESCRIPTION, DESCRIBED),
    ),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": RULE,
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": RULE,
}  # fmt: skip
