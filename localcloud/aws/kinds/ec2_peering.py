"""Ways out of a network and into another: egress-only gateways, peering, interfaces; and launch configurations."""

from typing import Any

from localcloud.aws import shapes
from localcloud.aws.client import Aws
from localcloud.aws.kind import Calls, Kind, Naming, OwnCalls, Properties, Props, Tags, Translation, answered
from localcloud.aws.kinds.ec2_calls import ARN, flag, owner, retag

TRUE = (True, "true")
ENDED = ("deleted", "deleting", "rejected", "expired", "failed")


def peering(aws: Aws, connection: str, props: Props) -> Props | None:
    """The connection; None once it has ended."""
    found = aws("ec2", "describe_vpc_peering_connections", VpcPeeringConnectionIds=[connection])
    for one in found["VpcPeeringConnections"]:
        if one["Status"]["Code"] not in ENDED:
            mine, peer = one["RequesterVpcInfo"], one["AccepterVpcInfo"]
            return {
                **one, "VpcId": mine["VpcId"], "PeerVpcId": peer["VpcId"],
                "PeerOwnerId": peer.get("OwnerId") or aws.account, "PeerRegion": peer.get("Region") or aws.region,
            }  # fmt: skip
    return None


def accept(aws: Aws, connection: str, value: Any, props: Props) -> None:
    """The other side agrees, where the program speaks for both."""
    found = peering(aws, connection, props)
    if value in TRUE and found and found["Status"]["Code"] == "pending-acceptance":
        aws("ec2", "accept_vpc_peering_connection", VpcPeeringConnectionId=connection)


def options(member: str) -> Any:
    """What one side lets the other do."""

    def put(aws: Aws, connection: str, value: Props, props: Props) -> None:
        allowed = (value or {}).get("allowRemoteVpcDnsResolution") in TRUE
        request = {member: {"AllowDnsResolutionFromRemoteVpc": allowed}}
        aws("ec2", "modify_vpc_peering_connection_options", VpcPeeringConnectionId=connection, **request)

    return put


def said(side: str, ours: str) -> Any:
    """What one side lets the other do, as AWS has it; nothing where nothing was ever said."""

    def read(aws: Aws, connection: str, live: Props, props: Props) -> Props | None:
        found = (live.get(side) or {}).get("PeeringOptions") or {}
        allowed = bool(found.get("AllowDnsResolutionFromRemoteVpc"))
        return {"allowRemoteVpcDnsResolution": allowed} if allowed or props.get(ours) else None

    return read


def pending(props: Props) -> list[tuple[str, str]]:
    """What AWS has only once both sides agree."""
    other = props.get("peerRegion") and props.get("autoAccept") in TRUE
    why = "the other region accepts by an aws.ec2.VpcPeeringConnectionAccepter of its own"
    return [("autoAccept", f"conflicts with 'peerRegion': {why}")] if other else []


def take(aws: Aws, props: Props) -> str:
    """The other side of a connection that is there."""
    connection = str(props["vpcPeeringConnectionId"])
    accept(aws, connection, props.get("autoAccept"), props)
    return connection


def addresses(props: Props) -> Props:
    """The first private address is the primary one."""
    found = {k: v for k, v in props.items() if k != "privateIps"}
    if props.get("privateIps"):
        found["privateIpAddresses"] = [
            {"privateIpAddress": ip, "primary": i == 0} for i, ip in enumerate(props["privateIps"])
        ]
    return found


def put_groups(aws: Aws, interface: str, groups: Any, props: Props) -> None:
    """The groups of an interface."""
    aws("ec2", "modify_network_interface_attribute", NetworkInterfaceId=interface, Groups=list(groups))


def put_description(aws: Aws, interface: str, text: Any, props: Props) -> None:
    """What the interface is for."""
    aws("ec2", "modify_network_interface_attribute", NetworkInterfaceId=interface, Description={"Value": text})


def configuration(aws: Aws, name: str, live: Props, props: Props) -> Any:
    """The mapping of the root device, as the program wrote it."""
    return props.get("rootBlockDevice")


def encoded(props: Props) -> Props:
    """User data is coded on the way, volumes are one list."""
    found = {"enableMonitoring": True}  # the official provider's default, which it sends
    found |= {k: v for k, v in props.items() if k not in ("userDataBase64", "rootBlockDevice", "ebsBlockDevices")}
    if props.get("userDataBase64"):
        found["userData"] = props["userDataBase64"]
    mappings = []
    for device in [props.get("rootBlockDevice"), *(props.get("ebsBlockDevices") or ())]:
        if device:
            shape = shapes.service("autoscaling").shape_for("Ebs")
            body = {k: v for k, v in device.items() if k not in ("deviceName", "noDevice")}
            ebs = shapes.to_aws("autoscaling", shape, body, {})
            mappings.append({"DeviceName": device.get("deviceName") or "/dev/xvda", "Ebs": ebs})
    return found | ({"blockDeviceMappings": mappings} if mappings else {})


PEERED = {"accepter": "AccepterPeeringConnectionOptions", "requester": "RequesterPeeringConnectionOptions"}
SIDES = {"accepter": said("AccepterVpcInfo", "accepter"), "requester": said("RequesterVpcInfo", "requester")}

ROWS = (
    Kind(
        "aws:ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway",
        Calls(
            "ec2", "create_egress_only_internet_gateway", "EgressOnlyInternetGateway.EgressOnlyInternetGatewayId",
            read=("describe_egress_only_internet_gateways", {"EgressOnlyInternetGatewayIds": ["{id}"]},
                  "EgressOnlyInternetGateways[0]"),
            delete=("delete_egress_only_internet_gateway", {"EgressOnlyInternetGatewayId": "{id}"}),
        ),
        tags=Tags("egress-only-internet-gateway", update=retag), properties=Properties(force_new={"vpcId"}),
        outputs={"vpcId": answered("Attachments[0].VpcId")},
    ),
    Kind(
        "aws:ec2/vpcPeeringConnection:VpcPeeringConnection",
        Calls(
            "ec2", "create_vpc_peering_connection", "VpcPeeringConnection.VpcPeeringConnectionId", read=peering,
            delete=("delete_vpc_peering_connection", {"VpcPeeringConnectionId": "{id}"}),
        ),
        tags=Tags("vpc-peering-connection", update=retag),
        properties=Properties(
            force_new={"vpcId", "peerVpcId", "peerOwnerId", "peerRegion"}, computed={"peerOwnerId", "peerRegion"},
            write_only={"autoAccept"}, computed_on_update={"acceptStatus"},
        ),
        own_calls=OwnCalls(
            put={"autoAccept": accept, **{ours: options(member) for ours, member in PEERED.items()}},
            remove={ours: options(member) for ours, member in PEERED.items()} | {"autoAccept": lambda aws, i, v,
            p: None},
        ),
        validate=pending, outputs={"acceptStatus": answered("Status.Code"), **SIDES},
    ),
    Kind(
        "aws:ec2/vpcPeeringConnectionAccepter:VpcPeeringConnectionAccepter",
        Calls(
            "ec2", "accept_vpc_peering_connection", "", custom_create=take, read=peering,
            delete=lambda aws, i, props: None, update=lambda aws, i, old, new: None,
            import_id=lambda given: (given, {"vpcPeeringConnectionId": given}),
        ),
        tags=Tags(None, update=retag),
        properties=Properties(
            force_new={"vpcPeeringConnectionId"}, write_only={"autoAccept"}, computed_on_update={"acceptStatus"},
        ),
        own_calls=OwnCalls(
            put={"autoAccept": accept, **{ours: options(member) for ours, member in PEERED.items()}},
            remove={ours: options(member) for ours, member in PEERED.items()} | {"autoAccept": lambda aws, i, v,
            p: None},
        ),
        outputs={"acceptStatus": answered("Status.Code"), **SIDES},
    ),
    Kind(
        "aws:ec2/networkInterface:NetworkInterface",
        Calls(
            "ec2", "create_network_interface", "NetworkInterface.NetworkInterfaceId",
            read=("describe_network_interfaces", {"NetworkInterfaceIds": ["{id}"]}, "NetworkInterfaces[0]"),
            delete=("delete_network_interface", {"NetworkInterfaceId": "{id}"}),
        ),
        tags=Tags("network-interface", update=retag),
        translation=Translation(
            encode=addresses,
            rename={"securityGroups": "Groups", "privateIp": "PrivateIpAddress", "privateIps": "PrivateIpAddresses",
                    "tags": "TagSet"},
            unserved={"attachments", "connectionTrackingSpecification", "enaSrdSpecification", "enablePrimaryIpv6",
                      "ipv4PrefixCount", "ipv4Prefixes", "ipv6AddressCount", "ipv6AddressListEnabled",
                      "ipv6AddressLists",
                      "ipv6Addresses", "ipv6PrefixCount", "ipv6Prefixes", "privateIpListEnabled", "privateIpLists",
                      "privateIpsCount"},
        ),
        properties=Properties(
            force_new={"subnetId", "interfaceType", "privateIp", "privateIps"},
            defaults={"sourceDestCheck": True, "description": ""}, unordered={"securityGroups", "privateIps"},
            computed={"securityGroups", "privateIp", "privateIps", "interfaceType"}, write_only={"interfaceType"},
        ),
        own_calls=OwnCalls(
            update={"securityGroups": put_groups, "description": put_description},
            put={"sourceDestCheck": flag("modify_network_interface_attribute", "NetworkInterfaceId",
            "SourceDestCheck")},
        ),
        outputs={
            "arn": ARN + "network-interface/{id}", "ownerId": owner,
            "securityGroups": answered("Groups[].GroupId"),
            "privateIps": answered("PrivateIpAddresses[].PrivateIpAddress"),
            "interfaceType": answered("InterfaceType || 'interface'"),
            "privateIpsCount": lambda aws, i, live, props: max(0, len(live.get("PrivateIpAddresses") or ()) - 1),
        },
    ),
    Kind(
        "aws:ec2/launchConfiguration:LaunchConfiguration",
        Calls(
            "autoscaling", "create_launch_configuration", "{name}",
            read=("describe_launch_configurations", {"LaunchConfigurationNames": ["{id}"]}, "LaunchConfigurations[0]"),
            delete=("delete_launch_configuration", {"LaunchConfigurationName": "{id}"}),
        ),
        naming=Naming("name"), tags=Tags(None),
        translation=Translation(
            encode=encoded,
            rename={"name": "LaunchConfigurationName", "enableMonitoring": "InstanceMonitoring.Enabled",
                    "rootBlockDevice": None, "ebsBlockDevices": None, "userDataBase64": None},
            served={"rootBlockDevice", "ebsBlockDevices", "userDataBase64"}, unserved={"ephemeralBlockDevices"},
        ),
        properties=Properties(
            write_only={"rootBlockDevice", "ebsBlockDevices", "userDataBase64", "userData", "metadataOptions",
            "spotPrice",
                    "placementTenancy"},
            force_new={"name", "namePrefix", "imageId", "instanceType", "associatePublicIpAddress", "ebsBlockDevices",
                      "ebsOptimized", "enableMonitoring", "iamInstanceProfile", "keyName", "metadataOptions",
                      "placementTenancy", "rootBlockDevice", "securityGroups", "spotPrice", "userData",
                      "userDataBase64"},
            defaults={"enableMonitoring": True, "ebsOptimized": False}, unordered={"securityGroups"},
            computed={"associatePublicIpAddress", "metadataOptions", "ebsOptimized", "keyName"},
        ),
        outputs={"arn": answered("LaunchConfigurationARN")},
    ),
)  # fmt: skip
