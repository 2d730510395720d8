"""Functions that look for what is there: tables, groups, networks, images, credentials of a registry."""

import base64
from collections.abc import Callable
from typing import Any

from localcloud.aws.client import Aws, Refused
from localcloud.aws.kind import Props
from localcloud.aws.kinds.ec2_calls import ARN
from localcloud.aws.kinds.invokes import filters, image_list, like, pairs, single


def _asked(arguments: Props, **names: str) -> list[Props]:
    """The filters of a lookup, and those that stand for an argument: `vpcId="vpc-id"`."""
    mine = [{"Name": to, "Values": [arguments[ours]]} for ours, to in names.items() if arguments.get(ours)]
    return filters(arguments) + mine


def _arn(aws: Aws, what: str, found_id: str) -> str:
    return (ARN + "{what}/{id}").format(region=aws.region, account=aws.account, what=what, id=found_id)


def route_table(aws: Aws, arguments: Props) -> Props:
    """One route table, by id, subnet, gateway, network or filters."""
    names = {"subnetId": "association.subnet-id", "gatewayId": "association.gateway-id", "vpcId": "vpc-id"}
    asked = _asked(arguments, routeTableId="route-table-id", **names)
    found = single(aws("ec2", "describe_route_tables", Filters=asked)["RouteTables"], "EC2 Route Table")
    routes = [
        {
            ours: str(route.get(member) or "")
            for ours, member in (
                ("cidrBlock", "DestinationCidrBlock"), ("ipv6CidrBlock", "DestinationIpv6CidrBlock"),
                ("destinationPrefixListId", "DestinationPrefixListId"), ("gatewayId", "GatewayId"),
                ("natGatewayId", "NatGatewayId"), ("networkInterfaceId", "NetworkInterfaceId"),
                ("transitGatewayId", "TransitGatewayId"), ("vpcPeeringConnectionId", "VpcPeeringConnectionId"),
                ("egressOnlyGatewayId", "EgressOnlyInternetGatewayId"), ("instanceId", "InstanceId"),
                ("carrierGatewayId", "CarrierGatewayId"), ("localGatewayId", "LocalGatewayId"),
                ("coreNetworkArn", "CoreNetworkArn"), ("vpcEndpointId", "VpcEndpointId"),
                ("odbNetworkArn", "OdbNetworkArn"),
            )
        }
        for route in found.get("Routes") or ()
        if route.get("GatewayId") != "local"
    ]  # fmt: skip
    ties = [
        {
            "main": bool(tie.get("Main")), "subnetId": tie.get("SubnetId") or "",
            "gatewayId": tie.get("GatewayId") or "",
            "routeTableAssociationId": tie["RouteTableAssociationId"], "routeTableId": found["RouteTableId"],
        }
        for tie in found.get("Associations") or ()
    ]  # fmt: skip
    first = next((tie for tie in ties if tie["subnetId"]), {"subnetId": "", "gatewayId": ""})
    return {
        "subnetId": first["subnetId"], "gatewayId": first["gatewayId"], **arguments,
        "id": found["RouteTableId"], "routeTableId": found["RouteTableId"], "vpcId": found["VpcId"],
        "arn": _arn(aws, "route-table", found["RouteTableId"]), "ownerId": found.get("OwnerId") or aws.account,
        "routes": routes, "associations": ties, "tags": pairs(found.get("Tags")), "region": aws.region,
    }  # fmt: skip


def route_tables(aws: Aws, arguments: Props) -> Props:
    """The ids of the tables that match."""
    found = aws("ec2", "describe_route_tables", Filters=_asked(arguments, vpcId="vpc-id"))["RouteTables"]
    return {**arguments, "id": aws.region, "ids": [one["RouteTableId"] for one in found], "region": aws.region}


def security_group(aws: Aws, arguments: Props) -> Props:
    """One security group."""
    asked = _asked(arguments, id="group-id", name="group-name", vpcId="vpc-id")
    found = single(aws("ec2", "describe_security_groups", Filters=asked)["SecurityGroups"], "EC2 Security Group")
    return {
        **arguments, "id": found["GroupId"], "name": found["GroupName"], "description": found["Description"],
        "vpcId": found["VpcId"], "arn": _arn(aws, "security-group", found["GroupId"]),
        "tags": pairs(found.get("Tags")), "region": aws.region,
    }  # fmt: skip


def security_groups(aws: Aws, arguments: Props) -> Props:
    """The security groups that match."""
    found = aws("ec2", "describe_security_groups", Filters=filters(arguments))["SecurityGroups"]
    ids = [one["GroupId"] for one in found]
    return {
        **arguments, "id": aws.region, "ids": ids, "arns": [_arn(aws, "security-group", one) for one in ids],
        "vpcIds": [one["VpcId"] for one in found], "region": aws.region,
    }  # fmt: skip


def vpcs(aws: Aws, arguments: Props) -> Props:
    """The ids of the networks that match."""
    found = aws("ec2", "describe_vpcs", Filters=filters(arguments))["Vpcs"]
    return {**arguments, "id": aws.region, "ids": [one["VpcId"] for one in found], "region": aws.region}


def internet_gateway(aws: Aws, arguments: Props) -> Props:
    """One internet gateway."""
    asked = _asked(arguments, internetGatewayId="internet-gateway-id")
    found = single(aws("ec2", "describe_internet_gateways", Filters=asked)["InternetGateways"], "EC2 Internet Gateway")
    ties = [{"state": tie["State"], "vpcId": tie["VpcId"]} for tie in found.get("Attachments") or ()]
    gateway = found["InternetGatewayId"]
    return {
        **arguments, "id": gateway, "internetGatewayId": gateway, "arn": _arn(aws, "internet-gateway", gateway),
        "attachments": ties, "ownerId": found.get("OwnerId") or aws.account, "tags": pairs(found.get("Tags")),
        "region": aws.region,
    }  # fmt: skip


def prefix_list(aws: Aws, arguments: Props) -> Props:
    """The addresses of a service of the region, by name or id."""
    found = aws("ec2", "describe_managed_prefix_lists", Filters=filters(arguments))["PrefixLists"]
    for ours, member in (("prefixListId", "PrefixListId"), ("name", "PrefixListName")):
        found = [one for one in found if not arguments.get(ours) or one[member] == arguments[ours]]
    chosen = single(found, "EC2 Prefix List")
    entries = aws("ec2", "get_managed_prefix_list_entries", PrefixListId=chosen["PrefixListId"])["Entries"]
    return {
        **arguments, "id": chosen["PrefixListId"], "name": chosen["PrefixListName"],
        "cidrBlocks": [entry["Cidr"] for entry in entries], "region": aws.region,
    }  # fmt: skip


def image_ids(aws: Aws, arguments: Props) -> Props:
    """The ids of the images that match, the newest first."""
    found = image_list(aws, arguments)
    ids = [one["ImageId"] for one in found]
    return {**arguments, "id": aws.region, "ids": ids[::-1] if arguments.get("sortAscending") else ids}


BUCKET_OWNER = "75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a"
"""The owner that every access list of this cloud names."""


def canonical_user(aws: Aws, arguments: Props) -> Props:
    """The account as access lists of S3 name it."""
    return {"id": BUCKET_OWNER, "displayName": ""}


def registry(aws: Aws, arguments: Props) -> Props:
    """What Docker logs in with."""
    request = {"registryIds": [arguments["registryId"]]} if arguments.get("registryId") else {}
    found = aws("ecr", "get_authorization_token", **request)["authorizationData"][0]
    user, _, password = base64.b64decode(found["authorizationToken"]).decode().partition(":")
    return {
        **arguments, "id": aws.region, "authorizationToken": found["authorizationToken"], "userName": user,
        "password": password, "expiresAt": found["expiresAt"].strftime("%Y-%m-%dT%H:%M:%SZ"),
        "proxyEndpoint": found["proxyEndpoint"], "region": aws.region,
    }  # fmt: skip


def repository(aws: Aws, arguments: Props) -> Props:
    """One image repository."""
    request = {"registryId": arguments["registryId"]} if arguments.get("registryId") else {}
    found = aws("ecr", "describe_repositories", repositoryNames=[arguments["name"]], **request)["repositories"][0]
    tags = aws("ecr", "list_tags_for_resource", resourceArn=found["repositoryArn"])["tags"]
    images = aws("ecr", "describe_images", repositoryName=arguments["name"])["imageDetails"]
    return {
        **arguments, **like("aws:ecr/repository:Repository", found), "id": arguments["name"],
        "name": arguments["name"], "arn": found["repositoryArn"], "repositoryUrl": found["repositoryUri"],
        "registryId": found["registryId"], "tags": {tag["Key"]: tag["Value"] for tag in tags},
        "mostRecentImageTags": images[-1].get("imageTags", []) if images else [], "region": aws.region,
    }  # fmt: skip


def state_of(token: str, what: str, find: Callable[[Aws, Props], str]) -> Callable[[Aws, Props], Props]:
    """A function that answers the outputs of a resource that is there."""

    def answer(aws: Aws, arguments: Props) -> Props:
        from localcloud.aws.kinds import KINDS  # the rows are gathered after this module

        found_id = find(aws, arguments)
        known, props = KINDS[token].calls.import_id(found_id)
        found = KINDS[token].state(aws.at(thorough=True), known, props or arguments)
        if found is None:
            raise Refused(f"no matching {what} found")
        return {**arguments, **found}

    return answer


def target_group(aws: Aws, arguments: Props) -> str:
    """The ARN of a target group, by ARN or name."""
    if arguments.get("arn"):
        return str(arguments["arn"])
    found = aws("elbv2", "describe_target_groups", Names=[arguments["name"]])["TargetGroups"]
    return str(single(found, "ELBv2 Target Group")["TargetGroupArn"])


def named(argument: str) -> Callable[[Aws, Props], str]:
    """The id is an argument."""
    return lambda aws, arguments: str(arguments[argument])


def bucket(aws: Aws, arguments: Props) -> Props:
    """A bucket that is there."""
    found = state_of("aws:s3/bucket:Bucket", "S3 Bucket", named("bucket"))(aws, arguments)
    return {**found, "bucketRegion": aws.region}


def default_tags(aws: Aws, arguments: Props) -> Props:
    """The tags that the provider gives to everything."""
    return {"id": "aws", "tags": dict(aws.default_tags)}


def zone(aws: Aws, arguments: Props) -> Props:
    """One zone of the region."""
    asked = _asked(arguments, name="zone-name", zoneId="zone-id", state="state")
    found = single(
        aws("ec2", "describe_availability_zones", Filters=asked)["AvailabilityZones"], "EC2 Availability Zone"
    )
    name = found["ZoneName"]
    return {
        **arguments, "id": name, "name": name, "zoneId": found["ZoneId"], "state": found["State"],
        "nameSuffix": name.removeprefix(aws.region), "region": aws.region, "groupName": aws.region,
        "groupLongName": "", "networkBorderGroup": aws.region, "optInStatus": "opt-in-not-required",
        "parentZoneId": "", "parentZoneName": "", "zoneType": "availability-zone",
    }  # fmt: skip


ROLE = state_of("aws:iam/role:Role", "IAM Role", named("name"))
INVOKES: dict[str, Callable[[Aws, Props], Any]] = {
    "aws:ec2/getRouteTable:getRouteTable": route_table,
    "aws:ec2/getRouteTables:getRouteTables": route_tables,
    "aws:ec2/getSecurityGroup:getSecurityGroup": security_group,
    "aws:ec2/getSecurityGroups:getSecurityGroups": security_groups,
    "aws:ec2/getVpcs:getVpcs": vpcs,
    "aws:ec2/getInternetGateway:getInternetGateway": internet_gateway,
    "aws:ec2/getPrefixList:getPrefixList": prefix_list,
    "aws:ec2/getAmiIds:getAmiIds": image_ids,
    "aws:s3/getCanonicalUserId:getCanonicalUserId": canonical_user,
    "aws:s3/getBucket:getBucket": bucket,
    "aws:ecr/getAuthorizationToken:getAuthorizationToken": registry,
    "aws:ecr/getCredentials:getCredentials": registry,
    "aws:ecr/getRepository:getRepository": repository,
    "aws:iam/getRole:getRole": ROLE,
    "aws:lb/getTargetGroup:getTargetGroup": state_of(
        "aws:lb/targetGroup:TargetGroup", "ELBv2 Target Group", target_group
    ),
    "aws:index/getDefaultTags:getDefaultTags": default_tags,
    "aws:index/getAvailabilityZone:getAvailabilityZone": zone,
}
