"""Functions that look things up: zones, the caller, images, networks, parameters, certificates, balancers."""

import re
from collections.abc import Callable
from typing import Any

from localcloud.aws import shapes
from localcloud.aws.client import Aws, Refused
from localcloud.aws.kind import Props
from localcloud.aws.kinds import acm, elbv2_balancer, elbv2_listener, route53
from localcloud.aws.kinds.ec2_calls import ARN, where
from localcloud.provider import schema

ACCESS_LOG_ACCOUNTS = {
    "us-east-1": "127311923021",
    "us-east-2": "033677994240",
    "us-west-1": "027434742980",
    "us-west-2": "797873946194",
    "ca-central-1": "985666609251",
    "eu-central-1": "054676820928",
    "eu-west-1": "156460612806",
    "eu-west-2": "652711504416",
    "eu-west-3": "009996457667",
    "eu-north-1": "897822967062",
    "ap-northeast-1": "582318560864",
    "ap-southeast-1": "114774131450",
    "ap-southeast-2": "783225319266",
    "ap-south-1": "718504428378",
    "sa-east-1": "507241528517",
}
"""Accounts that write a balancer's access logs (Elastic Load Balancing User Guide, enable access logs)."""
BALANCER_ZONES = {
    "us-east-1": ("Z35SXDOTRQ7X7K", "Z26RNL4JYFTOTI"),
    "us-east-2": ("Z3AADJGX6KTTL2", "ZLMOA37VPKANP"),
    "us-west-1": ("Z368ELLRRE2KJ0", "Z24FKFUX50B4VW"),
    "us-west-2": ("Z1H1FL5HABSF5", "Z18D5FSROUN65G"),
    "eu-central-1": ("Z215JYRZR1TBD5", "Z3F0SRJ5LGBH90"),
    "eu-west-1": ("Z32O12XQLNTSW2", "Z2IFOLAFXWLO4F"),
    "eu-west-2": ("ZHURV8PSTC4K8", "ZD4D7Y8KGAS4G"),
    "eu-west-3": ("Z3Q77PNBQS71R4", "Z1CMS0P5QUZ6D5"),
    "eu-north-1": ("Z23TAZ6LKFMNIO", "Z1UDT6IFJ4EJM"),
}
"""Route 53 zones of application and network balancers (AWS General Reference, Elastic Load Balancing endpoints)."""


def filters(arguments: Props) -> list[Props]:
    """The filters of a lookup, as EC2 takes them; tags are filters too."""
    named = [{"Name": f["name"], "Values": [str(v) for v in f["values"]]} for f in arguments.get("filters") or ()]
    return named + [{"Name": f"tag:{k}", "Values": [v]} for k, v in (arguments.get("tags") or {}).items()]


def single(found: list[Any], what: str) -> Any:
    """The one that was found; a lookup of none or of several is refused, as the official provider does."""
    if len(found) != 1:
        many = "no matching" if not found else "multiple matching"
        more = "" if not found else "; use more conditions to find a single one"
        raise Refused(f"{many} {what} found{more}")
    return found[0]


def pairs(tags: list[Props] | None) -> dict[str, str]:
    """Tags as a map."""
    return {tag["Key"]: tag["Value"] for tag in tags or ()}


def like(token: str, live: Props, rename: Props | None = None) -> Props:
    """An answer with the names of a resource's outputs."""
    return shapes.to_pulumi(schema.outputs(token), live, rename)


def zones(aws: Aws, arguments: Props) -> Props:
    """The zones of the region."""
    asked = filters(arguments) + where(state=arguments.get("state") or "available")
    found = aws("ec2", "describe_availability_zones", Filters=asked)["AvailabilityZones"]
    out = {
        z["ZoneName"]: z["ZoneId"]
        for z in found
        if z["ZoneName"] not in (arguments.get("excludeNames") or ())
        and z["ZoneId"] not in (arguments.get("excludeZoneIds") or ())
    }
    return {
        **arguments,
        "id": aws.region,
        "names": sorted(out),
        "zoneIds": [out[n] for n in sorted(out)],
        "groupNames": [aws.region],
    }


def caller(aws: Aws, arguments: Props) -> Props:
    """Who asks."""
    me = aws("sts", "get_caller_identity")
    return {"accountId": me["Account"], "arn": me["Arn"], "userId": me["UserId"], "id": me["Account"]}


def region(aws: Aws, arguments: Props) -> Props:
    """The region of the provider, or the one asked for."""
    names = dict.fromkeys(("id", "name", "region", "description"), aws.region)
    return {**names, "endpoint": f"ec2.{aws.region}.amazonaws.com"}


def partition(aws: Aws, arguments: Props) -> Props:
    """The partition of every local cloud."""
    return {"id": "aws", "partition": "aws", "dnsSuffix": "amazonaws.com", "reverseDnsPrefix": "com.amazonaws"}


def parameter(aws: Aws, arguments: Props) -> Props:
    """An SSM parameter."""
    decrypted = arguments.get("withDecryption", True)
    found = aws("ssm", "get_parameter", Name=arguments["name"], WithDecryption=decrypted)["Parameter"]
    plain = found["Type"] != "SecureString"
    value = found["Value"]
    return {
        **arguments,
        "id": found["Name"],
        "arn": found["ARN"],
        "name": found["Name"],
        "type": found["Type"],
        "value": value,
        "insecureValue": value if plain else "",
        "version": found["Version"],
        "region": aws.region,
    }


def image_list(aws: Aws, arguments: Props) -> list[Props]:
    """The images by owner, filters and name, the newest first."""
    request: Props = {"Filters": filters({"filters": arguments.get("filters")})} if arguments.get("filters") else {}
    request |= {"Owners": arguments["owners"]} if arguments.get("owners") else {}
    found = aws("ec2", "describe_images", **request)["Images"]
    if pattern := arguments.get("nameRegex"):
        found = [one for one in found if re.search(pattern, one.get("Name") or "")]
    return sorted(found, key=lambda one: one.get("CreationDate") or "", reverse=True)


def image(aws: Aws, arguments: Props) -> Props:
    """An image by owner, filters and name; the newest where several match and that is asked for."""
    found = image_list(aws, arguments)
    chosen = single(found[:1] if arguments.get("mostRecent") else found, "EC2 AMI")
    plain = {k[0].lower() + k[1:]: v for k, v in chosen.items() if isinstance(v, str | bool)}
    more = {
        "id": chosen["ImageId"],
        "imageId": chosen["ImageId"],
        "arn": f"arn:aws:ec2:{aws.region}::image/{chosen['ImageId']}",
    }
    volumes = [
        {"deviceName": m.get("DeviceName"), "ebs": _texts(m.get("Ebs") or {})}
        for m in chosen.get("BlockDeviceMappings") or ()
    ]
    return {
        **arguments,
        **plain,
        **more,
        "tags": pairs(chosen.get("Tags")),
        "blockDeviceMappings": volumes,
        "region": aws.region,
    }


def _texts(values: Props) -> dict[str, str]:
    return {k[0].lower() + k[1:]: str(v).lower() if isinstance(v, bool) else str(v) for k, v in values.items()}


def vpc(aws: Aws, arguments: Props) -> Props:
    """A VPC by id, block, filters, or as the default one."""
    asked = filters(arguments)
    asked += where(cidr=arguments["cidrBlock"]) if arguments.get("cidrBlock") else []
    asked += where(is_default="true") if arguments.get("default") else []
    request = {"VpcIds": [arguments["id"]]} if arguments.get("id") else {}
    found = single(aws("ec2", "describe_vpcs", **request, Filters=asked)["Vpcs"], "EC2 VPC")
    tables = aws("ec2", "describe_route_tables", Filters=where(vpc_id=found["VpcId"], association__main="true"))[
        "RouteTables"
    ]
    mine = like("aws:ec2/vpc:Vpc", found)
    names = ("enableDnsSupport", "enableDnsHostnames")
    flags = {
        n: aws("ec2", "describe_vpc_attribute", VpcId=found["VpcId"], Attribute=n)[n[0].upper() + n[1:]]["Value"]
        for n in names
    }
    return {
        **mine,
        **flags,
        "id": found["VpcId"],
        "default": found.get("IsDefault", False),
        "tags": pairs(found.get("Tags")),
        "state": found["State"],
        "arn": (ARN + "vpc/{id}").format(region=aws.region, account=aws.account, id=found["VpcId"]),
        "region": aws.region,
        "mainRouteTableId": next((t["RouteTableId"] for t in tables), ""),
        "ownerId": aws.account,
        "cidrBlockAssociations": [
            {"associationId": a["AssociationId"], "cidrBlock": a["CidrBlock"], "state": a["CidrBlockState"]["State"]}
            for a in found.get("CidrBlockAssociationSet") or ()
        ],
    }


def subnets(aws: Aws, arguments: Props) -> Props:
    """The ids of the subnets that match."""
    found = aws("ec2", "describe_subnets", Filters=filters(arguments))["Subnets"]
    return {**arguments, "id": aws.region, "ids": sorted(s["SubnetId"] for s in found), "region": aws.region}


def subnet(aws: Aws, arguments: Props) -> Props:
    """One subnet."""
    asked = filters(arguments)
    for ours, theirs in (("vpcId", "vpc-id"), ("cidrBlock", "cidr-block"), ("availabilityZone", "availability-zone")):
        asked += [{"Name": theirs, "Values": [arguments[ours]]}] if arguments.get(ours) else []
    request = {"SubnetIds": [arguments["id"]]} if arguments.get("id") else {}
    found = single(aws("ec2", "describe_subnets", **request, Filters=asked)["Subnets"], "EC2 Subnet")
    mine = like("aws:ec2/subnet:Subnet", found)
    return {
        **mine,
        "id": found["SubnetId"],
        "arn": found.get("SubnetArn", ""),
        "tags": pairs(found.get("Tags")),
        "state": found["State"],
        "availableIpAddressCount": found.get("AvailableIpAddressCount", 0),
        "defaultForAz": found.get("DefaultForAz", False),
        "region": aws.region,
    }


def hosted_zone(aws: Aws, arguments: Props) -> Props:
    """A zone by id or name."""
    if arguments.get("zoneId"):
        chosen = arguments["zoneId"]
    else:
        name = str(arguments.get("name", "")).rstrip(".") + "."
        private = bool(arguments.get("privateZone"))
        there = aws("route53", "list_hosted_zones")["HostedZones"]
        ids = [z["Id"] for z in there if z["Name"] == name and bool(z["Config"].get("PrivateZone")) == private]
        chosen = single(ids, "Route 53 Hosted Zone").removeprefix("/hostedzone/")
    found = route53.zone(aws, chosen, {})
    tags = route53.tags(aws, chosen, found, {})
    names = {"name": found["Name"], "comment": found["Comment"], "nameServers": found["NameServers"]}
    more = {
        "primaryNameServer": found["PrimaryNameServer"],
        "arn": f"arn:aws:route53:::hostedzone/{chosen}",
        "tags": tags,
    }
    return {**arguments, **names, **more, "id": chosen, "zoneId": chosen}


def certificate(aws: Aws, arguments: Props) -> Props:
    """An issued certificate by domain, or one in the states asked for."""
    states = arguments.get("statuses") or ["ISSUED"]
    there = aws("acm", "list_certificates", CertificateStatuses=states)["CertificateSummaryList"]
    found = [aws("acm", "describe_certificate", CertificateArn=c["CertificateArn"])["Certificate"] for c in there]
    domain = arguments.get("domain")
    found = [c for c in found if not domain or c["DomainName"] == domain]
    found = [c for c in found if not arguments.get("types") or c.get("Type") in arguments["types"]]
    chosen = single(found[-1:] if arguments.get("mostRecent") else found, "ACM Certificate")
    arn = chosen["CertificateArn"]
    tags = acm.tags(aws, arn, chosen, {})
    return {
        **arguments,
        "id": arn,
        "arn": arn,
        "domain": chosen["DomainName"],
        "status": chosen["Status"],
        "tags": tags,
    }


def balancer(aws: Aws, arguments: Props) -> Props:
    """A balancer by ARN, name or tags."""
    request: Props = {"LoadBalancerArns": [arguments["arn"]]} if arguments.get("arn") else {}
    request |= {"Names": [arguments["name"]]} if arguments.get("name") else {}
    there = aws("elbv2", "describe_load_balancers", **request)["LoadBalancers"]
    if wanted := arguments.get("tags"):
        there = [b for b in there if wanted.items() <= elbv2_balancer.tags(aws, b["LoadBalancerArn"], b, {}).items()]
    arn = single(there, "ELBv2 Load Balancer")["LoadBalancerArn"]
    return _state("aws:lb/loadBalancer:LoadBalancer", aws, arn)


def listener(aws: Aws, arguments: Props) -> Props:
    """A listener by ARN, or by its balancer and port."""
    if arguments.get("arn"):
        return _state(elbv2_listener.ROWS[0].token, aws, arguments["arn"])
    there = aws("elbv2", "describe_listeners", LoadBalancerArn=arguments["loadBalancerArn"])["Listeners"]
    found = [one["ListenerArn"] for one in there if one["Port"] == int(arguments["port"])]
    return _state(elbv2_listener.ROWS[0].token, aws, single(found, "ELBv2 Listener"))


def _state(token: str, aws: Aws, resource_id: str) -> Props:
    rows = {row.token: row for row in (*elbv2_balancer.ROWS, *elbv2_listener.ROWS)}
    found = rows[token].state(aws.at(thorough=True), resource_id, {})
    if found is None:
        raise Refused(f"there is no {token} {resource_id}")
    return found


def access_log_account(aws: Aws, arguments: Props) -> Props:
    """The account that writes access logs in this region."""
    if aws.region not in ACCESS_LOG_ACCOUNTS:
        raise Refused(
            f"no account is known that writes access logs in {aws.region}; name the service principal in its place"
        )
    account = ACCESS_LOG_ACCOUNTS[aws.region]
    return {"id": account, "arn": f"arn:aws:iam::{account}:root", "region": aws.region}


def balancer_zone(aws: Aws, arguments: Props) -> Props:
    """The Route 53 zone of the balancers of this region."""
    kind = arguments.get("loadBalancerType") or "application"
    if aws.region not in BALANCER_ZONES:
        raise Refused(f"no zone of load balancers is known in {aws.region}; use the balancer's own zoneId")
    return {"id": BALANCER_ZONES[aws.region][kind == "network"], "loadBalancerType": kind, "region": aws.region}


INVOKES: dict[str, Callable[[Aws, Props], Props]] = {
    "aws:index/getAvailabilityZones:getAvailabilityZones": zones,
    "aws:index/getCallerIdentity:getCallerIdentity": caller,
    "aws:index/getRegion:getRegion": region,
    "aws:index/getPartition:getPartition": partition,
    "aws:ssm/getParameter:getParameter": parameter,
    "aws:ec2/getAmi:getAmi": image,
    "aws:ec2/getVpc:getVpc": vpc,
    "aws:ec2/getSubnets:getSubnets": subnets,
    "aws:ec2/getSubnet:getSubnet": subnet,
    "aws:route53/getZone:getZone": hosted_zone,
    "aws:acm/getCertificate:getCertificate": certificate,
    "aws:lb/getLoadBalancer:getLoadBalancer": balancer,
    "aws:lb/getListener:getListener": listener,
    "aws:lb/getHostedZoneId:getHostedZoneId": balancer_zone,
    "aws:elb/getServiceAccount:getServiceAccount": access_log_account,
}
