"""Networks: VPC, subnets, gateways, addresses."""

from typing import Any

from localcloud.aws.client import Aws
from localcloud.aws.kind import Calls, Kind, OwnCalls, Part, Properties, Props, Tags, Translation, answered, ask
from localcloud.aws.kinds.ec2_calls import ARN, flag, once_there_is_a_way_out, owner, retag, vpc_attribute, where


def own_ipv6(aws: Aws, vpc_id: str, wanted: Any, props: Props) -> None:
    """A block of IPv6 addresses from Amazon, taken or given back."""
    vpc = aws("ec2", "describe_vpcs", VpcIds=[vpc_id])["Vpcs"][0]
    there = [a for a in vpc.get("Ipv6CidrBlockAssociationSet", []) if a["Ipv6CidrBlockState"]["State"] == "associated"]
    if wanted in (True, "true") and not there:
        aws("ec2", "associate_vpc_cidr_block", VpcId=vpc_id, AmazonProvidedIpv6CidrBlock=True)
    elif wanted in (False, "false"):
        for association in there:
            aws("ec2", "disassociate_vpc_cidr_block", AssociationId=association["AssociationId"])


def with_ipv6(live: Props) -> Props:
    """The first associated block of IPv6 addresses, beside the resource as Pulumi has it."""
    blocks = live.get("Ipv6CidrBlockAssociationSet") or []
    first: Props = next(
        (a for a in blocks if a.get("Ipv6CidrBlockState", {}).get("State", "associated") == "associated"), {}
    )
    found = {"Ipv6CidrBlock": first.get("Ipv6CidrBlock"), "Ipv6AssociationId": first.get("AssociationId")}
    return {**live, **found, "AssignGeneratedIpv6CidrBlock": bool(first)}


def subnet_ipv6(aws: Aws, subnet_id: str, block: Any, props: Props) -> None:
    """The subnet's block of IPv6 addresses."""
    subnet = aws("ec2", "describe_subnets", SubnetIds=[subnet_id])["Subnets"][0]
    for association in subnet.get("Ipv6CidrBlockAssociationSet", []):
        if association["Ipv6CidrBlock"] == block:
            return
        aws("ec2", "disassociate_subnet_cidr_block", AssociationId=association["AssociationId"])
    if block:
        aws("ec2", "associate_subnet_cidr_block", SubnetId=subnet_id, Ipv6CidrBlock=block)


def in_a_zone(props: Props) -> list[tuple[str, str]]:
    """A zone is named once."""
    if props.get("availabilityZone") and props.get("availabilityZoneId"):
        return [("availabilityZoneId", "conflicts with 'availabilityZone': give one of them")]
    return []


def attach_gateway(aws: Aws, gateway: str, vpc: Any, props: Props) -> None:
    """The gateway is attached to this VPC and to no other."""
    detach_gateway(aws, gateway, vpc, props)
    if vpc:
        aws("ec2", "attach_internet_gateway", InternetGatewayId=gateway, VpcId=vpc)


def detach_gateway(aws: Aws, gateway: str, vpc: Any, props: Props) -> None:
    """The gateway is attached to no VPC but this one."""
    found = aws("ec2", "describe_internet_gateways", InternetGatewayIds=[gateway])["InternetGateways"]
    for attachment in found[0]["Attachments"] if found else ():
        aws("ec2", "detach_internet_gateway", InternetGatewayId=gateway, VpcId=attachment["VpcId"])


def drop_gateway(aws: Aws, gateway: str, props: Props) -> None:
    """A gateway must be detached before it is deleted."""
    detach_gateway(aws, gateway, None, props)
    aws("ec2", "delete_internet_gateway", InternetGatewayId=gateway)


def nat_gateway(aws: Aws, gateway: str, props: Props) -> Props | None:
    """The gateway with its address; None once it is deleted."""
    found = aws("ec2", "describe_nat_gateways", NatGatewayIds=[gateway])["NatGateways"]
    if not found or found[0]["State"] in ("deleted", "deleting", "failed"):
        return None
    address: Props = next(iter(found[0].get("NatGatewayAddresses") or []), {})
    mine = {k: address.get(k) for k in ("AllocationId", "PublicIp", "PrivateIp", "NetworkInterfaceId", "AssociationId")}
    return {**found[0], **mine}


def regional_addresses(aws: Aws, gateway: str, live: Props, props: Props) -> list[Props]:
    """The addresses of a regional gateway, zone by zone."""
    if live.get("AvailabilityMode") != "regional":
        return []
    return [{k[0].lower() + k[1:]: v for k, v in one.items()} for one in live.get("NatGatewayAddresses") or ()]


def public_needs_an_address(props: Props) -> list[tuple[str, str]]:
    """CreateNatGateway's own conditions."""
    kind = props.get("connectivityType", "public")
    found = []
    if props.get("availabilityMode") == "regional":
        found += [] if props.get("vpcId") else [("vpcId", "missing required property for a regional NAT gateway")]
        for name in ("subnetId", "allocationId", "privateIp"):
            if props.get(name):
                found.append((name, "a regional NAT gateway takes none: give 'availabilityZoneAddresses', or nothing"))
        if kind == "private":
            found.append(("connectivityType", "a regional NAT gateway is public"))
        return found
    found += [("vpcId", "only a regional NAT gateway takes it")] if props.get("vpcId") else []
    if props.get("availabilityZoneAddresses"):
        found.append(("availabilityZoneAddresses", "only a regional NAT gateway takes them"))
    if "subnetId" not in props:
        found.append(("subnetId", "missing required property for a zonal NAT gateway"))
    if kind == "public" and "allocationId" not in props:
        found.append(("allocationId", "missing required property for a public NAT gateway"))
    if kind == "private" and "allocationId" in props:
        found.append(("allocationId", "a private NAT gateway takes no address"))
    return found


def associate(member: str) -> Part:
    """Give an address to an instance or an interface; what had it before loses it."""

    def put(aws: Aws, allocation: str, target: Any, props: Props) -> None:
        private = {"PrivateIpAddress": props["associateWithPrivateIp"]} if props.get("associateWithPrivateIp") else {}
        aws("ec2", "associate_address", AllocationId=allocation, AllowReassociation=True, **{member: target}, **private)

    return put


def disassociate(aws: Aws, allocation: str, old: Any, props: Props) -> None:
    """The address belongs to nothing any more."""
    for address in aws("ec2", "describe_addresses", AllocationIds=[allocation])["Addresses"]:
        if address.get("AssociationId"):
            aws("ec2", "disassociate_address", AssociationId=address["AssociationId"])


def release(aws: Aws, allocation: str, props: Props) -> None:
    """Give the address back, after what this resource itself gave it to has lost it."""
    if props.get("instance") or props.get("networkInterface"):
        disassociate(aws, allocation, None, props)
    aws("ec2", "release_address", AllocationId=allocation)


def one_target(props: Props) -> list[tuple[str, str]]:
    """An address belongs to one thing."""
    both = props.get("instance") and props.get("networkInterface")
    return [("networkInterface", "conflicts with 'instance': give one of them")] if both else []


VPC_FLAGS = {
    "enableDnsSupport": "EnableDnsSupport",
    "enableDnsHostnames": "EnableDnsHostnames",
    "enableNetworkAddressUsageMetrics": "EnableNetworkAddressUsageMetrics",
}
SUBNET_FLAGS = {
    "mapPublicIpOnLaunch": "MapPublicIpOnLaunch",
    "assignIpv6AddressOnCreation": "AssignIpv6AddressOnCreation",
    "enableResourceNameDnsARecordOnLaunch": "EnableResourceNameDnsARecordOnLaunch",
}

ROWS = (
    Kind(
        "aws:ec2/vpc:Vpc",
        Calls(
            "ec2",
            "create_vpc",
            "Vpc.VpcId",
            read=("describe_vpcs", {"VpcIds": ["{id}"]}, "Vpcs[0]"),
            delete=("delete_vpc", {"VpcId": "{id}"}),
            created="Vpc",
        ),
        tags=Tags("vpc", update=retag),
        translation=Translation(
            decode=with_ipv6,
            unserved={
                "ipv4IpamPoolId",
                "ipv4NetmaskLength",
                "ipv6IpamPoolId",
                "ipv6NetmaskLength",
                "ipv6CidrBlock",
                "ipv6CidrBlockNetworkBorderGroup",
            },
        ),
        properties=Properties(
            force_new={"cidrBlock", "instanceTenancy"},
            computed={"cidrBlock", "ipv6CidrBlock", "ipv6CidrBlockNetworkBorderGroup"},
            defaults={
                "enableDnsSupport": True,
                "enableDnsHostnames": False,
                "enableNetworkAddressUsageMetrics": False,
                "instanceTenancy": "default",
                "assignGeneratedIpv6CidrBlock": False,
            },
        ),
        own_calls=OwnCalls(
            put={ours: flag("modify_vpc_attribute", "VpcId", member) for ours, member in VPC_FLAGS.items()}
            | {"assignGeneratedIpv6CidrBlock": own_ipv6},
            read={name: vpc_attribute(name) for name in VPC_FLAGS},
            join={
                "MainRouteTableId": ask(
                    "ec2",
                    "describe_route_tables",
                    "RouteTables[0].RouteTableId",
                    Filters=where(vpc_id="{id}", association__main="true"),
                )
            },
        ),
        outputs={
            "arn": ARN + "vpc/{id}",
            "ownerId": owner,
            "mainRouteTableId": answered("MainRouteTableId"),
            "defaultRouteTableId": answered("MainRouteTableId"),  # one and the same in the official provider
            "ipv6CidrBlockNetworkBorderGroup": lambda aws, i, live, props: aws.region if live["Ipv6CidrBlock"] else "",
            "defaultSecurityGroupId": ask(
                "ec2",
                "describe_security_groups",
                "SecurityGroups[0].GroupId",
                Filters=where(vpc_id="{id}", group_name="default"),
            ),
            "defaultNetworkAclId": ask(
                "ec2",
                "describe_network_acls",
                "NetworkAcls[0].NetworkAclId",
                Filters=where(vpc_id="{id}", default="true"),
            ),
        },
    ),
    Kind(
        "aws:ec2/subnet:Subnet",
        Calls(
            "ec2",
            "create_subnet",
            "Subnet.SubnetId",
            created="Subnet",
            read=("describe_subnets", {"SubnetIds": ["{id}"]}, "Subnets[0]"),
            delete=("delete_subnet", {"SubnetId": "{id}"}),
        ),
        tags=Tags("subnet", update=retag),
        translation=Translation(
            decode=with_ipv6,
            unserved={
                "outpostArn",
                "ipv4IpamPoolId",
                "ipv4NetmaskLength",
                "ipv6IpamPoolId",
                "ipv6NetmaskLength",
                "enableDns64",
                "customerOwnedIpv4Pool",
                "mapCustomerOwnedIpOnLaunch",
                "enableLniAtDeviceIndex",
                "enableResourceNameDnsAaaaRecordOnLaunch",
                "privateDnsHostnameTypeOnLaunch",
            },
        ),
        properties=Properties(
            force_new={"vpcId", "cidrBlock", "availabilityZone", "availabilityZoneId", "ipv6Native"},
            computed={"availabilityZone", "availabilityZoneId", "privateDnsHostnameTypeOnLaunch"},
            defaults={**dict.fromkeys(SUBNET_FLAGS, False), "ipv6Native": False},
        ),
        own_calls=OwnCalls(
            put={ours: flag("modify_subnet_attribute", "SubnetId", member) for ours, member in SUBNET_FLAGS.items()}
            | {"ipv6CidrBlock": subnet_ipv6},
            remove={"ipv6CidrBlock": lambda aws, i, old, props: subnet_ipv6(aws, i, None, props)},
        ),
        validate=in_a_zone,
        outputs={
            "arn": ARN + "subnet/{id}",
            "ipv6CidrBlockAssociationId": answered("Ipv6AssociationId"),
            "privateDnsHostnameTypeOnLaunch": answered("PrivateDnsNameOptionsOnLaunch.HostnameType || 'ip-name'"),
            "enableResourceNameDnsARecordOnLaunch": lambda aws, i, live, props: bool(
                (live.get("PrivateDnsNameOptionsOnLaunch") or {}).get("EnableResourceNameDnsARecord")
            ),
        },
    ),
    Kind(
        "aws:ec2/internetGateway:InternetGateway",
        Calls(
            "ec2",
            "create_internet_gateway",
            "InternetGateway.InternetGatewayId",
            read=("describe_internet_gateways", {"InternetGatewayIds": ["{id}"]}, "InternetGateways[0]"),
            delete=drop_gateway,
        ),
        tags=Tags("internet-gateway", update=retag),
        properties=Properties(computed={"vpcId"}),
        own_calls=OwnCalls(put={"vpcId": attach_gateway}, remove={"vpcId": detach_gateway}),
        outputs={
            "arn": ARN + "internet-gateway/{id}",
            "vpcId": lambda aws, i, live, props: next((a["VpcId"] for a in live["Attachments"]), None),
        },
    ),
    Kind(
        "aws:ec2/eip:Eip",
        Calls(
            "ec2",
            "allocate_address",
            "AllocationId",
            read=("describe_addresses", {"AllocationIds": ["{id}"]}, "Addresses[0]"),
            delete=release,
            update=lambda aws, i, old, new: None,
        ),
        tags=Tags("elastic-ip", update=retag),
        translation=Translation(
            unserved={
                "address",
                "customerOwnedIpv4Pool",
                "ipamPoolId",
            },
            served={"associateWithPrivateIp"},
            rename={
                "privateIp": "PrivateIpAddress",
                "instance": "InstanceId",
                "networkInterface": "NetworkInterfaceId",
            },
            encode=lambda props: {"domain": "vpc"} | {k: v for k, v in props.items() if k != "associateWithPrivateIp"},
        ),
        properties=Properties(
            force_new={"domain", "publicIpv4Pool", "networkBorderGroup"},
            defaults={"domain": "vpc"},
            computed={"publicIpv4Pool", "networkBorderGroup", "networkInterface"},
            write_only={"associateWithPrivateIp", "networkBorderGroup", "publicIpv4Pool"},
        ),
        own_calls=OwnCalls(
            put={
                "instance": associate("InstanceId"),
                "networkInterface": associate("NetworkInterfaceId"),
            },
            remove={"instance": disassociate, "networkInterface": disassociate},
        ),
        validate=one_target,
        outputs={
            "allocationId": "{id}",
            "arn": ARN + "elastic-ip/{id}",
            "publicDns": lambda aws, i, live, props: (
                f"ec2-{live['PublicIp'].replace('.', '-')}.{aws.region}.compute.amazonaws.com"
            ),
            "privateDns": lambda aws, i, live, props: (
                f"ip-{live['PrivateIpAddress'].replace('.', '-')}.{aws.region}.compute.internal"
                if live.get("PrivateIpAddress")
                else None
            ),
            "networkBorderGroup": lambda aws, i, live, props: live.get("NetworkBorderGroup") or aws.region,
            "publicIpv4Pool": lambda aws, i, live, props: live.get("PublicIpv4Pool") or "amazon",
        },
    ),
    Kind(
        "aws:ec2/natGateway:NatGateway",
        Calls(
            "ec2",
            "create_nat_gateway",
            "NatGateway.NatGatewayId",
            read=nat_gateway,
            retry=once_there_is_a_way_out,
            delete=("delete_nat_gateway", {"NatGatewayId": "{id}"}),
        ),
        tags=Tags("natgateway", update=retag),
        translation=Translation(
            unserved={
                "secondaryAllocationIds",
                "secondaryPrivateIpAddressCount",
                "secondaryPrivateIpAddresses",
                "privateIp",
            },
        ),
        properties=Properties(
            force_new={
                "allocationId",
                "subnetId",
                "connectivityType",
                "availabilityMode",
                "availabilityZoneAddresses",
                "vpcId",
            },
            computed={"privateIp", "vpcId", "availabilityZoneAddresses", "availabilityMode"},
            write_only={"availabilityZoneAddresses"},
            defaults={"connectivityType": "public"},
        ),
        validate=public_needs_an_address,
        outputs={
            "availabilityMode": answered("AvailabilityMode || 'zonal'"),
            "regionalNatGatewayAutoMode": answered("AutoProvisionZones"),
            "regionalNatGatewayAddresses": regional_addresses,
            "secondaryPrivateIpAddressCount": lambda aws, i, live, props: 0,
        },
    ),
)
