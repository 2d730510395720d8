"""What AWS makes with an account or a network, taken over by a program: VPC, subnets, route tables."""

from typing import Any

from localcloud.aws.client import Aws, Refused
from localcloud.aws.kind import Kind, Part, Props, answered, ask
from localcloud.aws.kinds.ec2_calls import ARN, flag, owner, retag, vpc_attribute, where
from localcloud.aws.kinds.ec2_network import SUBNET_FLAGS, VPC_FLAGS, own_ipv6, subnet_ipv6, with_ipv6
from localcloud.aws.kinds.ec2_routing import inline_routes, put_routes


def keep(aws: Aws, resource_id: str, props: Props) -> None:
    """AWS keeps it: only the program lets go of it."""


def _forced(call: str, member: str) -> Any:
    """Deleted only where the program says so."""

    def drop(aws: Aws, resource_id: str, props: Props) -> None:
        if props.get("forceDestroy") in (True, "true"):
            aws("ec2", call, **{member: resource_id})

    return drop


def take_vpc(aws: Aws, props: Props) -> str:
    """The default VPC of the region, made where there is none."""
    found = aws("ec2", "describe_vpcs", Filters=where(is_default="true"))["Vpcs"]
    return str((found[0] if found else aws("ec2", "create_default_vpc")["Vpc"])["VpcId"])


def take_subnet(aws: Aws, props: Props) -> str:
    """The default subnet of a zone, made where there is none."""
    zone = props["availabilityZone"]
    found = aws("ec2", "describe_subnets", Filters=where(default_for_az="true", availability_zone=zone))["Subnets"]
    made = found[0] if found else aws("ec2", "create_default_subnet", AvailabilityZone=zone)["Subnet"]
    return str(made["SubnetId"])


def take_table(aws: Aws, props: Props) -> str:
    """The table that its network was made with; routes that it has are the program's from now on."""
    table = str(props["defaultRouteTableId"])
    put_routes(aws, table, [], props)
    return table


def _tables(aws: Aws, vpc: str) -> list[Props]:
    found: list[Props] = aws("ec2", "describe_route_tables", Filters=where(vpc_id=vpc))["RouteTables"]
    return found


def _main(aws: Aws, vpc: str) -> Props:
    for table in _tables(aws, vpc):
        for association in table["Associations"]:
            if association.get("Main"):
                return {**association, "RouteTableId": table["RouteTableId"], "VpcId": vpc}
    raise Refused(f"vpcId: the network {vpc} has no main route table")


def take_main(aws: Aws, props: Props) -> str:
    """Another table becomes the main one."""
    old = _main(aws, props["vpcId"])["RouteTableAssociationId"]
    request = {"AssociationId": old, "RouteTableId": props["routeTableId"]}
    return str(aws("ec2", "replace_route_table_association", **request)["NewAssociationId"])


def main_table(aws: Aws, association: str, props: Props) -> Props | None:
    """The main table of the network."""
    found = _main(aws, props["vpcId"])
    return found if found["RouteTableAssociationId"] == association else None


def first_table(aws: Aws, association: str, live: Props, props: Props) -> str:
    """The table that the network was made with: the first one."""
    return str(_tables(aws, props["vpcId"])[0]["RouteTableId"])


def give_main_back(aws: Aws, association: str, props: Props) -> None:
    """The table that the network was made with is the main one again."""
    original = first_table(aws, association, {}, props)
    if _main(aws, props["vpcId"])["RouteTableId"] != original:
        aws("ec2", "replace_route_table_association", AssociationId=association, RouteTableId=original)


def change_main(aws: Aws, association: str, old: Props, new: Props) -> None:
    """Another table becomes the main one; AWS gives the association another id, so that it is replaced."""


_VPC_PARTS: dict[str, Part] = {ours: flag("modify_vpc_attribute", "VpcId", m) for ours, m in VPC_FLAGS.items()}
_SUBNET_PARTS: dict[str, Part] = {
    ours: flag("modify_subnet_attribute", "SubnetId", m) for ours, m in SUBNET_FLAGS.items()
}
_GROUP = where(vpc_id="{id}", group_name="default")
_ACL = where(vpc_id="{id}", default="true")

ROWS = (
    Kind(
        "aws:ec2/defaultVpc:DefaultVpc", "ec2", "create_default_vpc", "", tags=None, tagger=retag, creates=take_vpc,
        look=("describe_vpcs", {"VpcIds": ["{id}"]}, "Vpcs[0]"), drop=_forced("delete_vpc", "VpcId"),
        after=with_ipv6, updates=lambda aws, i, old, new: None,
        unserved={"ipv6CidrBlock", "ipv6CidrBlockNetworkBorderGroup", "ipv6IpamPoolId", "ipv6NetmaskLength"},
        computed={"ipv6CidrBlock", "ipv6CidrBlockNetworkBorderGroup"}, also={"forceDestroy"}, unread={"forceDestroy"},
        defaults={"enableDnsSupport": True, "enableDnsHostnames": True, "enableNetworkAddressUsageMetrics": False,
                  "assignGeneratedIpv6CidrBlock": False, "forceDestroy": False},
        parts={**_VPC_PARTS, "assignGeneratedIpv6CidrBlock": own_ipv6},
        drifts={name: vpc_attribute(name) for name in VPC_FLAGS},
        aside={"MainRouteTableId": ask("ec2", "describe_route_tables", "RouteTables[0].RouteTableId",
                                       Filters=where(vpc_id="{id}", association__main="true"))},
        outputs={
            "arn": ARN + "vpc/{id}", "ownerId": owner, "mainRouteTableId": answered("MainRouteTableId"),
            "defaultRouteTableId": answered("MainRouteTableId"),
            "defaultSecurityGroupId": ask(
                "ec2", "describe_security_groups", "SecurityGroups[0].GroupId", Filters=_GROUP
            ),
            "defaultNetworkAclId": ask("ec2", "describe_network_acls", "NetworkAcls[0].NetworkAclId", Filters=_ACL),
            "existingDefaultVpc": lambda aws, i, live, props: True,
        },
    ),
    Kind(
        "aws:ec2/defaultSubnet:DefaultSubnet", "ec2", "create_default_subnet", "", tags=None, tagger=retag,
        creates=take_subnet, look=("describe_subnets", {"SubnetIds": ["{id}"]}, "Subnets[0]"),
        drop=_forced("delete_subnet", "SubnetId"), after=with_ipv6, updates=lambda aws, i, old, new: None,
        replaces={"availabilityZone", "ipv6Native"}, also={"forceDestroy"}, unread={"forceDestroy"},
        unserved={"customerOwnedIpv4Pool", "enableDns64", "enableResourceNameDnsAaaaRecordOnLaunch",
                  "mapCustomerOwnedIpOnLaunch", "privateDnsHostnameTypeOnLaunch"},
        defaults={**dict.fromkeys(SUBNET_FLAGS, False), "ipv6Native": False, "forceDestroy": False,
                  "mapPublicIpOnLaunch": True},
        parts={**_SUBNET_PARTS, "ipv6CidrBlock": subnet_ipv6},
        removals={"ipv6CidrBlock": lambda aws, i, old, props: subnet_ipv6(aws, i, None, props)},
        computed={"privateDnsHostnameTypeOnLaunch"},
        outputs={
            "arn": ARN + "subnet/{id}", "existingDefaultSubnet": lambda aws, i, live, props: True,
            "ipv6CidrBlockAssociationId": answered("Ipv6AssociationId"),
            "privateDnsHostnameTypeOnLaunch": answered("PrivateDnsNameOptionsOnLaunch.HostnameType || 'ip-name'"),
            "enableResourceNameDnsARecordOnLaunch": lambda aws, i, live, props: bool(
                (live.get("PrivateDnsNameOptionsOnLaunch") or {}).get("EnableResourceNameDnsARecord")
            ),
        },
    ),
    Kind(
        "aws:ec2/defaultRouteTable:DefaultRouteTable", "ec2", "create_route_table", "", tags=None, tagger=retag,
        creates=take_table, look=("describe_route_tables", {"RouteTableIds": ["{id}"]}, "RouteTables[0]"), drop=keep,
        parts={"routes": put_routes}, removals={"routes": lambda aws, i, old, props: put_routes(aws, i, [], props)},
        updates=lambda aws, i, old, new: None, unordered={"routes", "propagatingVgws"}, computed={"propagatingVgws"},
        unserved={"propagatingVgws"}, also={"defaultRouteTableId"}, replaces={"defaultRouteTableId"},
        rename={"propagatingVgws": None, "routes": None, "defaultRouteTableId": None},
        imports=lambda given: (given, {"defaultRouteTableId": given}),
        outputs={"arn": ARN + "route-table/{id}", "ownerId": owner, "routes": inline_routes,
                 "defaultRouteTableId": "{id}"},
    ),
    Kind(
        "aws:ec2/mainRouteTableAssociation:MainRouteTableAssociation", "ec2", "replace_route_table_association", "",
        tags=None, creates=take_main, look=main_table, drop=give_main_back, updates=change_main, alone=True,
        replaces={"vpcId", "routeTableId"}, also={"vpcId"}, rename={"vpcId": None},
        outputs={"originalRouteTableId": first_table, "vpcId": answered("VpcId")},
    ),
)  # fmt: skip
