"""API Gateway for HTTP and WebSocket: domain names, where the paths below them lead, links into networks."""

from localcloud.aws.kind import Calls, Kind, Naming, Properties, Props, Tags, Translation
from localcloud.aws.kinds.apigatewayv2 import SERVICE
from localcloud.aws.kinds.tagging import retag

ARN = "arn:aws:apigateway:{region}::"
ENDPOINT = "domainNameConfiguration"


def domain_fits(props: Props) -> list[tuple[str, str]]:
    """The official provider's two words."""
    block, found = props.get(ENDPOINT) or {}, []
    for name, only in (("endpointType", "REGIONAL"), ("securityPolicy", "TLS_1_2")):
        if isinstance(block.get(name), str) and block[name].upper() != only:
            found.append((f"{ENDPOINT}.{name}", f"{block[name]!r} is not allowed; allowed is {only}"))
    return found


DOMAIN_NAME: Kind = Kind(
    "aws:apigatewayv2/domainName:DomainName",
    Calls(
        SERVICE, "create_domain_name", "DomainName",
        read=lambda aws, i, props: dict(aws(SERVICE, "get_domain_name", DomainName=i)),
        delete=("delete_domain_name", {"DomainName": "{id}"}), update=("update_domain_name", {"DomainName": "{id}"}),
    ),
    tags=Tags(update=retag(SERVICE, ARN + "/domainnames/{id}")),
    translation=Translation(
        rename={
            ENDPOINT: "DomainNameConfigurations", f"{ENDPOINT}.targetDomainName": "ApiGatewayDomainName",
            "arn": "DomainNameArn",
        },
    ),
    properties=Properties(
        force_new={"domainName"},
        computed={f"{ENDPOINT}.{name}" for name in ("hostedZoneId", "ipAddressType", "targetDomainName")}
        | {"routingMode"},
        computed_on_update={ENDPOINT},
        defaults={"mutualTlsAuthentication": {"truststoreUri": ""}},
    ),
    validate=domain_fits,
)  # fmt: skip


def of_domain(text: str) -> tuple[str, Props]:
    """`mapping/domain`."""
    mapping, _, domain = text.partition("/")
    return mapping, {"domainName": domain}


OF_MAPPING = {"ApiMappingId": "{id}", "DomainName": "{domainName}"}
MAPPING: Kind = Kind(
    "aws:apigatewayv2/apiMapping:ApiMapping",
    Calls(
        SERVICE, "create_api_mapping", "ApiMappingId",
        read=lambda aws, i, props: {
            "DomainName": props["domainName"],
            **aws(SERVICE, "get_api_mapping", ApiMappingId=i, DomainName=props["domainName"]),
        },
        delete=("delete_api_mapping", OF_MAPPING),
        update=lambda aws, i, old, new: aws(
            SERVICE, "update_api_mapping", ApiMappingId=i, DomainName=new["domainName"], ApiId=new["apiId"],
            Stage=new["stage"], ApiMappingKey=new.get("apiMappingKey") or "",
        ),
        import_id=of_domain,
    ),
    tags=Tags(None),
    properties=Properties(force_new={"domainName"}, defaults={"apiMappingKey": ""}),
)  # fmt: skip
VPC_LINK: Kind = Kind(
    "aws:apigatewayv2/vpcLink:VpcLink",
    Calls(
        SERVICE, "create_vpc_link", "VpcLinkId",
        read=lambda aws, i, props: dict(aws(SERVICE, "get_vpc_link", VpcLinkId=i)),
        delete=("delete_vpc_link", {"VpcLinkId": "{id}"}), update=("update_vpc_link", {"VpcLinkId": "{id}"}),
    ),
    naming=Naming("name", longest=128),
    tags=Tags(update=retag(SERVICE, ARN + "/vpclinks/{id}")),
    properties=Properties(
        force_new={"securityGroupIds", "subnetIds"}, unordered={"securityGroupIds", "subnetIds"},
    ),
    outputs={"arn": ARN + "/vpclinks/{id}"},
)  # fmt: skip

ROWS = (DOMAIN_NAME, MAPPING, VPC_LINK)
