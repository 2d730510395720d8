"""API Gateway for REST: domain names, the paths below them, and links into networks."""

from localcloud.aws.client import Aws, Refused
from localcloud.aws.kind import Calls, Kind, Naming, Properties, Props, Tags, Translation
from localcloud.aws.kinds.apigateway_calls import ARN, REST, SERVICE, between, patches, reads
from localcloud.aws.kinds.lookups import named, state_of
from localcloud.aws.kinds.tagging import retag

CERTIFICATE = ("certificateName", "certificateBody", "certificateChain", "certificatePrivateKey")


def domain_fits(props: Props) -> list[tuple[str, str]]:
    """A name has one certificate, of its kind."""
    given = [n for n in ("certificateArn", "regionalCertificateArn", "certificateName", "regionalCertificateName")
             if props.get(n)]  # fmt: skip
    if len(given) != 1:
        why = "give one of 'certificateArn', 'regionalCertificateArn'"
        return [("certificateArn", why + (f", not both of {', '.join(given)}" if given else ""))]
    endpoint = props.get("endpointConfiguration")
    types = endpoint.get("types") if isinstance(endpoint, dict) else None
    if types == "REGIONAL" and given[0].startswith("certificate"):
        return [("regionalCertificateArn", "missing: a regional name needs it")]
    if types == "EDGE" and given[0].startswith("regional"):
        return [("certificateArn", "missing: a name at the edge needs it")]
    return []


DOMAIN_NAME: Kind = Kind(
    "aws:apigateway/domainName:DomainName",
    Calls(
        SERVICE, "create_domain_name", "domainName", read=reads("get_domain_name", domainName="{id}"),
        delete=("delete_domain_name", {"domainName": "{id}"}),
        update=patches(lambda: DOMAIN_NAME, "update_domain_name", domainName="{id}"),
    ),
    tags=Tags(update=retag(SERVICE, ARN + "/domainnames/{id}")),
    translation=Translation(
        rename={"cloudfrontDomainName": "distributionDomainName", "cloudfrontZoneId": "distributionHostedZoneId",
                "regionalZoneId": "regionalHostedZoneId"},
        unserved={"policy": "the local cloud has no private domain names"},
    ),
    properties=Properties(
        force_new={"domainName", *CERTIFICATE[1:]}, write_only={*CERTIFICATE[1:]},
        computed={"endpointConfiguration", "endpointConfiguration.ipAddressType", "securityPolicy", "routingMode",
                  "endpointAccessMode", "ownershipVerificationCertificateArn"},
    ),
    validate=domain_fits,
    outputs={"arn": ARN + "/domainnames/{id}"},
)  # fmt: skip

# --- paths below a domain name

ROOT = "(none)"
"""What API Gateway calls the mapping of no path."""


def mapping(aws: Aws, mapping_id: str, props: Props) -> Props:
    """The mapping; that of no path as the program has it."""
    found = dict(aws(SERVICE, "get_base_path_mapping", domainName=props["domainName"], basePath=_path(props)))
    path = {} if found["basePath"] == ROOT else {"basePath": found["basePath"]}
    rest = {k: v for k, v in found.items() if k != "basePath" and v != ""}
    return rest | path | {"domainName": props["domainName"]}


def _path(props: Props) -> str:
    return str(props.get("basePath") or ROOT)


def map_path(aws: Aws, props: Props) -> str:
    """Lead a path to an API."""
    aws(SERVICE, "create_base_path_mapping", **MAPPING.request("create_base_path_mapping", props))
    return f"{props['domainName']}/{props.get('basePath') or ''}"


def change_mapping(aws: Aws, mapping_id: str, old: Props, new: Props) -> None:
    """Lead the path to another API or stage."""
    found = [*between("/restapiId", old["restApi"], new["restApi"]),
             *between("/stage", old.get("stageName"), new.get("stageName"))]  # fmt: skip
    if found:
        aws(
            SERVICE, "update_base_path_mapping", domainName=new["domainName"], basePath=_path(new),
            patchOperations=[each | {"op": "replace"} for each in found],
        )  # fmt: skip


def of_mapping(text: str) -> tuple[str, Props]:
    """`domain/path`."""
    domain, _, path = text.partition("/")
    return f"{domain}/{path}", {"domainName": domain} | ({"basePath": path} if path else {})


MAPPING: Kind = Kind(
    "aws:apigateway/basePathMapping:BasePathMapping",
    Calls(
        SERVICE, "create_base_path_mapping", "{domainName}/", read=mapping, custom_create=map_path,
        delete=lambda aws, i, props: aws(
            SERVICE, "delete_base_path_mapping", domainName=props["domainName"], basePath=_path(props)
        ),
        update=change_mapping, import_id=of_mapping,
    ),
    tags=Tags(None),
    translation=Translation(
        rename=REST | {"stageName": "stage"}, unserved={"domainNameId": "the local cloud has no private domain names"}
    ),
    properties=Properties(force_new={"domainName", "basePath"}, defaults={"basePath": "", "stageName": ""}),
)  # fmt: skip
VPC_LINK: Kind = Kind(
    "aws:apigateway/vpcLink:VpcLink",
    Calls(
        SERVICE, "create_vpc_link", "id", read=reads("get_vpc_link", vpcLinkId="{id}"),
        delete=("delete_vpc_link", {"vpcLinkId": "{id}"}),
        update=patches(lambda: VPC_LINK, "update_vpc_link", vpcLinkId="{id}"),
    ),
    naming=Naming("name"),
    tags=Tags(update=retag(SERVICE, ARN + "/vpclinks/{id}")),
    properties=Properties(force_new={"targetArn"}, defaults={"description": ""}),
    outputs={"arn": ARN + "/vpclinks/{id}"},
)  # fmt: skip

ROWS = (DOMAIN_NAME, MAPPING, VPC_LINK)


def link(aws: Aws, arguments: Props) -> Props:
    """The one link of a name."""
    found = [one for one in aws(SERVICE, "get_vpc_links")["items"] if one["name"] == arguments["name"]]
    if len(found) != 1:
        raise Refused(f"{'no' if not found else 'multiple'} API Gateway VPC Links with the name {arguments['name']!r}")
    one = found[0]
    return {
        "description": "", "statusMessage": "", "tags": {}, **arguments, "id": one["id"], "status": one["status"],
        "targetArns": one["targetArns"], "region": aws.region,
    } | {k: one[k] for k in ("description", "tags") if one.get(k)}  # fmt: skip


INVOKES = {
    "aws:apigateway/getVpcLink:getVpcLink": link,
    "aws:apigateway/getDomainName:getDomainName": state_of(
        "aws:apigateway/domainName:DomainName", "API Gateway Domain Name", named("domainName")
    ),
}
