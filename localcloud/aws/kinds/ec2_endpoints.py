"""Endpoints of AWS services inside a VPC, and flow logs."""

from typing import Any

from localcloud.aws.client import Aws, Refused
from localcloud.aws.kind import Calls, Kind, Properties, Props, Tags, Translation, answered
from localcloud.aws.kinds.ec2_calls import ARN, owner, retag

LISTS = {"routeTableIds": "RouteTableIds", "subnetIds": "SubnetIds", "securityGroupIds": "SecurityGroupIds"}
SUBJECTS = {"vpcId": "VPC", "subnetId": "Subnet", "eniId": "NetworkInterface"}
"""Input -> ResourceType of CreateFlowLogs."""


def endpoint(aws: Aws, endpoint_id: str, props: Props) -> Props | None:
    """The endpoint; one that is deleted stays in view for a while."""
    found = aws("ec2", "describe_vpc_endpoints", VpcEndpointIds=[endpoint_id])["VpcEndpoints"]
    return found[0] if found and found[0]["State"].lower() not in ("deleted", "deleting") else None


def modify(aws: Aws, endpoint_id: str, old: Props, new: Props) -> None:
    """What is in a list and shall not be goes, what shall be comes."""
    live = endpoint(aws, endpoint_id, new) or {}
    there = {**live, "SecurityGroupIds": [group["GroupId"] for group in live.get("Groups") or ()]}
    request: Props = {}
    for ours, member in LISTS.items():
        if ours in old or ours in new:
            wanted, has = new.get(ours) or [], there.get(member) or []
            added, gone = [x for x in wanted if x not in has], [x for x in has if x not in wanted]
            request |= ({f"Add{member}": added} if added else {}) | ({f"Remove{member}": gone} if gone else {})
    if new.get("policy") != old.get("policy"):
        request |= {"PolicyDocument": new["policy"]} if new.get("policy") else {"ResetPolicy": True}
    if request:
        aws("ec2", "modify_vpc_endpoint", VpcEndpointId=endpoint_id, **request)


def prefix_list(aws: Aws, endpoint_id: str, live: Props, props: Props) -> str | None:
    """The addresses of a gateway endpoint's service, by which rules name it."""
    if live.get("VpcEndpointType", "Gateway").lower() != "gateway":
        return None
    name = [{"Name": "prefix-list-name", "Values": [live["ServiceName"]]}]
    found = aws("ec2", "describe_managed_prefix_lists", Filters=name)["PrefixLists"]
    return next((one["PrefixListId"] for one in found), None)


def fits_its_type(props: Props) -> list[tuple[str, str]]:
    """A gateway endpoint has route tables, an interface endpoint subnets and groups."""
    kind = props.get("vpcEndpointType", "Gateway")
    wrong = {"Gateway": ("subnetIds", "securityGroupIds", "privateDnsEnabled"), "Interface": ("routeTableIds",)}.get(
        kind, ()
    )
    found = [(name, f"is not for endpoints of type {kind}") for name in wrong if props.get(name)]
    if not props.get("serviceName"):
        found.append(("serviceName", "missing required property"))
    return found


def create_flow_log(aws: Aws, props: Props) -> str:
    """A flow log; a refusal lies inside an answer that says success."""
    given = [name for name in SUBJECTS if props.get(name)]
    if len(given) != 1:
        raise Refused(f"vpcId: give exactly one of {', '.join(repr(name) for name in SUBJECTS)}")
    request = FLOW_LOG.request("create_flow_logs", {k: v for k, v in props.items() if k not in SUBJECTS})
    subject: Props = {"ResourceIds": [props[given[0]]], "ResourceType": SUBJECTS[given[0]]}
    made = aws("ec2", "create_flow_logs", **request, **subject)
    for refused in made.get("Unsuccessful") or ():
        raise Refused(f"CreateFlowLogs was refused: {refused['Error']['Code']}: {refused['Error']['Message']}")
    return str(made["FlowLogIds"][0])


def subject(name: str) -> Any:
    """What the log is of, under the input that names this kind of thing."""
    prefix = {"vpcId": "vpc-", "subnetId": "subnet-", "eniId": "eni-"}[name]
    return lambda aws, i, live, props: live["ResourceId"] if live["ResourceId"].startswith(prefix) else None


def drop_flow_log(aws: Aws, log: str, props: Props) -> None:
    """Delete the log."""
    aws("ec2", "delete_flow_logs", FlowLogIds=[log])


def drop_endpoint(aws: Aws, endpoint_id: str, props: Props) -> None:
    """Delete the endpoint; a refusal lies inside an answer that says success."""
    answer = aws("ec2", "delete_vpc_endpoints", VpcEndpointIds=[endpoint_id])
    for refused in answer.get("Unsuccessful") or ():
        raise Refused(f"DeleteVpcEndpoints was refused: {refused['Error']['Code']}: {refused['Error']['Message']}")


FIELDS = (
    "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status"
)
LINE = " ".join(f"${{{field}}}" for field in FIELDS.split())
"""The default format of a flow log's line (Amazon VPC User Guide, flow log records)."""

FLOW_LOG = Kind(
    "aws:ec2/flowLog:FlowLog",
    Calls(
        "ec2",
        "create_flow_logs",
        "FlowLogIds[0]",
        custom_create=create_flow_log,
        read=("describe_flow_logs", {"FlowLogIds": ["{id}"]}, "FlowLogs[0]"),
        delete=drop_flow_log,
        update=lambda aws, i, old, new: None,
    ),
    tags=Tags("vpc-flow-log", update=retag),
    translation=Translation(
        rename={"iamRoleArn": "DeliverLogsPermissionArn", "vpcId": None, "subnetId": None, "eniId": None},
        unserved={
            "deliverCrossAccountRole",
            "destinationOptions",
            "transitGatewayId",
            "transitGatewayAttachmentId",
            "regionalNatGatewayId",
            "tagFieldSpecifications",
        },
    ),
    properties=Properties(
        force_new={
            *SUBJECTS,
            "trafficType",
            "logDestination",
            "logDestinationType",
            "logFormat",
            "maxAggregationInterval",
            "iamRoleArn",
        },
        defaults={"logDestinationType": "cloud-watch-logs", "maxAggregationInterval": 600, "logFormat": LINE},
    ),
    outputs={"arn": ARN + "vpc-flow-log/{id}", **{name: subject(name) for name in SUBJECTS}},
)

ROWS = (
    Kind(
        "aws:ec2/vpcEndpoint:VpcEndpoint",
        Calls(
            "ec2",
            "create_vpc_endpoint",
            "VpcEndpoint.VpcEndpointId",
            read=endpoint,
            delete=drop_endpoint,
            created="VpcEndpoint",
            update=modify,
        ),
        tags=Tags("vpc-endpoint", update=retag),
        translation=Translation(
            encode=lambda props: {"vpcEndpointType": "Gateway"} | props,
            rename={"policy": "PolicyDocument"},
            unserved={
                "autoAccept",
                "dnsOptions",
                "ipAddressType",
                "resourceConfigurationArn",
                "serviceNetworkArn",
                "serviceRegion",
                "subnetConfigurations",
            },
        ),
        properties=Properties(
            force_new={"vpcId", "serviceName", "vpcEndpointType", "privateDnsEnabled"},
            defaults={"vpcEndpointType": "Gateway"},
            computed={"policy", "privateDnsEnabled", *LISTS},
            unordered={*LISTS},
        ),
        validate=fits_its_type,
        outputs={
            "arn": ARN + "vpc-endpoint/{id}",
            "ownerId": owner,
            "securityGroupIds": answered("Groups[].GroupId"),
            "prefixListId": prefix_list,
            "requesterManaged": lambda aws, i, live, props: bool(live.get("RequesterManaged")),
            "ipAddressType": answered("IpAddressType || 'ipv4'"),
            "serviceRegion": answered("ServiceRegion"),
        },
    ),
    FLOW_LOG,
)
