"""What AWS makes with an account or a network, taken over by a program: VPC, subnets, route tables."""

from typing import Any

from localcloud.aws.client import Aws, Refused
from localcloud.aws.kind import Calls, Kind, OwnCalls, Part, Properties, Props, Tags, Translation, answered, ask
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
        "aws:ec2/defaultVpc:DefaultVpc",
        Calls(
            "ec2", "create_default_vpc", "", custom_create=take_vpc,
            read=("describe_vpcs", {"VpcIds": ["{id}"]}, "Vpcs[0]"), delete=_forced("delete_vpc", "VpcId"),
            update=lambda aws, i, old, new: None,
        ),
        tags=Tags(None, update=retag),
        translation=Translation(
            decode=with_ipv6,
            unserved={"ipv6CidrBlock", "ipv6CidrBlockNetworkBorderGroup", "ipv6IpamPoolId", "ipv6NetmaskLength"},
            served={"forceDestroy"},
        ),
        properties=Properties(
            computed={"ipv6CidrBlock", "ipv6CidrBlockNetworkBorderGroup"}, write_only={"forceDestroy"},
            defaults={"enableDnsSupport": True, "enableDnsHostnames": True, "enableNetworkAddressUsageMetrics": False,
                      "assignGeneratedIpv6CidrBlock": False, "forceDestroy": False},
        ),
        own_calls=OwnCalls(
            put={**_VPC_PARTS, "assignGeneratedIpv6CidrBlock": own_ipv6},
            read={name: vpc_attribute(name) for name in VPC_FLAGS},
            join={"MainRouteTableId": ask("ec2", "describe_route_tables", "RouteTables[0].RouteTableId",
                                           Filters=where(vpc_id="{id}", association__main="true"))},
        ),
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
        "aws:ec2/defaultSubnet:DefaultSubnet",
        Calls(
            "ec2", "create_default_subnet", "", custom_create=take_subnet,
            read=("describe_subnets", {"SubnetIds": ["{id}"]}, "Subnets[0]"),
            delete=_forced("delete_subnet", "SubnetId"), update=lambda aws, i, old, new: None,
        ),
        tags=Tags(None, update=retag),
        translation=Translation(
            decode=with_ipv6, served={"forceDestroy"},
            unserved={"customerOwnedIpv4Pool", "enableDns64", "enableResourceNameDnsAaaaRecordOnLaunch",
                      "mapCustomerOwnedIpOnLaunch", "privateDnsHostnameTypeOnLaunch"},
        ),
        properties=Properties(
            force_new={"availabilityZone", "ipv6Native"}, write_only={"forceDestroy"},
            defaults={**dict.fromkeys(SUBNET_FLAGS, False), "ipv6Native": False, "forceDestroy": False,
                      "mapPublicIpOnLaunch": True},
            computed={"privateDnsHostnameTypeOnLaunch"},
        ),
        own_calls=OwnCalls(
            put={**_SUBNET_PARTS, "ipv6CidrBlock": subnet_ipv6},
            remove={"ipv6CidrBlock": lambda aws, i, old, props: subnet_ipv6(aws, i, None, props)},
        ),
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
        "aws:ec2/defaultRouteTable:DefaultRouteTable",
        Calls(
            "ec2", "create_route_table", "", custom_create=take_table,
            read=("describe_route_tables", {"RouteTableIds": ["{id}"]}, "RouteTables[0]"), delete=keep,
            update=lambda aws, i, old, new: None, import_id=lambda given: (given, {"defaultRouteTableId": given}),
        ),
        tags=Tags(None, update=retag),
        translation=Translation(
            unserved={"propagatingVgws"}, served={"defaultRouteTableId"},
            rename={"propagatingVgws": None, "routes": None, "defaultRouteTableId": None},
        ),
        properties=Properties(
            unordered={"routes", "propagatingVgws"}, computed={"propagatingVgws"}, force_new={"defaultRouteTableId"},
        ),
        own_calls=OwnCalls(
            put={"routes": put_routes}, remove={"routes": lambda aws, i, old, props: put_routes(aws, i, [], props)},
        ),
        outputs={"arn": ARN + "route-table/{id}", "ownerId": owner, "routes": inline_routes,
                 "defaultRouteTableId": "{id}"},
    ),
    Kind(
        "aws:ec2/mainRouteTableAssociation:MainRouteTableAssociation",
        Calls(
            "ec2", "replace_route_table_association", "", custom_create=take_main, read=main_table,
            delete=give_main_back, update=change_main,
        ),
        tags=Tags(None), translation=Translation(served={"vpcId"}, rename={"vpcId": None}),
        properties=Properties(delete_before_replace=True, force_new={"vpcId", "routeTableId"}),
        outputs={"originalRouteTableId": first_table, "vpcId": answered("VpcId")},
    ),
)  # fmt: skip
