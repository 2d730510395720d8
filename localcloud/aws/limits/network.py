"""Networks, routes and security groups."""

from collections.abc import Iterator

from localcloud.aws.limits._checks import Check, Fault, Props, each, form, needed, network, number, some
from localcloud.aws.limits._conditions import sized, told

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


def port_range(direction: str) -> Check:
    """Ports of TCP and UDP begin at 0; a type of ICMP is one of a byte."""

    def check(props: Props) -> Iterator[Fault]:
        for place, rule in each(props, f"{direction}[]"):
            kind = str(rule.get("protocol")).lower() if isinstance(rule, dict) else ""
            for name in ("fromPort", "toPort") if kind in ("tcp", "udp", "6", "17") else ():
                if (port := number(rule.get(name))) is not None and port < 0:
                    yield f"{place}.{name}", f"{port:g} is no port of {kind}; allowed are 0 to 65535"
            for name in ("fromPort", "toPort") if kind in ("icmp", "icmpv6", "1", "58") else ():
                if (port := number(rule.get(name))) is not None and not -1 <= port <= 255:
                    yield f"{place}.{name}", f"{port:g} is no type or code of {kind}; allowed are -1 to 255"

    return check


def named_hosts(props: Props) -> Iterator[Fault]:
    """Instances have names where names are resolved."""
    if props.get("enableDnsHostnames") in (True, "true") and props.get("enableDnsSupport") in (False, "false"):
        yield "enableDnsHostnames", "needs 'enableDnsSupport': true"


def native(props: Props) -> Iterator[Fault]:
    """A subnet of IPv6 alone has no block of IPv4; addresses of IPv6 come from a block."""
    if props.get("ipv6Native") in (True, "true") and props.get("cidrBlock") is not None:
        yield "cidrBlock", "is not for 'ipv6Native': true"
    sixth = any(props.get(name) is not None for name in ("ipv6CidrBlock", "ipv6IpamPoolId", "ipv6NetmaskLength"))
    if props.get("assignIpv6AddressOnCreation") in (True, "true") and not sixth and told(props, "ipv6CidrBlock"):
        yield "assignIpv6AddressOnCreation", "needs 'ipv6CidrBlock'"


def _group_rules(direction: str) -> tuple[Check, ...]:
    return (
        known_protocol(f"{direction}[].protocol"), network(f"{direction}[].cidrBlocks[]"),
        network(f"{direction}[].ipv6CidrBlocks[]", 6),
        form(f"{direction}[].description", DESCRIPTION, DESCRIBED), sized(f"{direction}[].description", 0, 255),
        port_range(direction),
    )  # fmt: skip


RULE = (
    known_protocol("ipProtocol"), ports, network("cidrIpv4"), network("cidrIpv6", 6),
    some(*SOURCES), form("description", DESCRIPTION, DESCRIBED), sized("description", 0, 255),
)  # fmt: skip

LIMITS: dict[str, tuple[Check, ...]] = {
    "aws:ec2/vpc:Vpc": (
        needed("cidrBlock"), network("cidrBlock", shortest=16, longest=28), named_hosts,
        form("instanceTenancy", r"(?!host$).*", "is for instances alone; allowed are default, dedicated"),
    ),
    "aws:ec2/subnet:Subnet": (
        lambda props: () if props.get("ipv6Native") else needed("cidrBlock")(props),
        network("cidrBlock", shortest=16, longest=28),
        network("ipv6CidrBlock", 6, shortest=44, longest=64), native,
    ),
    "aws:ec2/route:Route": (
        network("destinationCidrBlock"), network("destinationIpv6CidrBlock", 6), some(*DESTINATIONS),
        some(*ROUTE_TARGETS),
    ),
    "aws:ec2/routeTable:RouteTable": (network("routes[].cidrBlock"), network("routes[].ipv6CidrBlock", 6)),
    "aws:ec2/securityGroup:SecurityGroup": (
        form("name", r"(?!sg-).*", "begins with 'sg-', which AWS keeps for ids"), sized("name", 1, 255),
        form("name", f"(?!default$){DESCRIPTION}", "is 'default', or has characters that a name may not have"),
        sized("description", 0, 255),
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
