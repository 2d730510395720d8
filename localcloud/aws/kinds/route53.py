"""Zones and records."""

from typing import Any

from localcloud.aws import request_validation, shapes
from localcloud.aws.client import Aws
from localcloud.aws.kind import Calls, Kind, Naming, OwnCalls, Properties, Props, Tags, Translation

ROUTING = {
    "weightedRoutingPolicies": ("weight", "Weight"),
    "failoverRoutingPolicies": ("type", "Failover"),
    "latencyRoutingPolicies": ("region", "Region"),
}
"""Input, a list of one -> its member, the member of a ResourceRecordSet."""


# -- zones


def create_zone(aws: Aws, props: Props) -> str:
    """The zone; its first VPC makes it private."""
    vpcs = props.get("vpcs") or []
    request: Props = {"Name": props["name"], "CallerReference": aws.unique()}
    request["HostedZoneConfig"] = {"Comment": props.get("comment", COMMENT), "PrivateZone": bool(vpcs)}
    if vpcs:
        request["VPC"] = _vpc(aws, vpcs[0])
    if props.get("delegationSetId"):
        request["DelegationSetId"] = props["delegationSetId"]
    zone = str(aws("route53", "create_hosted_zone", **request)["HostedZone"]["Id"]).removeprefix("/hostedzone/")
    for vpc in vpcs[1:]:
        aws("route53", "associate_vpc_with_hosted_zone", HostedZoneId=zone, VPC=_vpc(aws, vpc))
    return zone


def _vpc(aws: Aws, vpc: Props) -> Props:
    return {"VPCId": vpc["vpcId"], "VPCRegion": vpc.get("vpcRegion") or aws.region}


def zone(aws: Aws, zone_id: str, props: Props) -> Props:
    """The zone with its servers and VPCs."""
    found = aws("route53", "get_hosted_zone", Id=zone_id)
    servers = (found.get("DelegationSet") or {}).get("NameServers") or []
    vpcs = [{"VpcId": v["VPCId"], "VpcRegion": v["VPCRegion"]} for v in found.get("VPCs") or ()]
    mine = found["HostedZone"]
    return {
        "Name": mine["Name"].rstrip("."), "Comment": (mine.get("Config") or {}).get("Comment"), "ZoneId": zone_id,
        "NameServers": sorted(servers), "PrimaryNameServer": servers[0] if servers else None, "Vpcs": vpcs,
    }  # fmt: skip


def update_zone(aws: Aws, zone_id: str, old: Props, new: Props) -> None:
    """The comment and the VPCs change in place."""
    if new.get("comment") != old.get("comment"):
        aws("route53", "update_hosted_zone_comment", Id=zone_id, Comment=new.get("comment") or "")
    there, wanted = ([_vpc(aws, v) for v in props.get("vpcs") or ()] for props in (old, new))
    for vpc in [v for v in wanted if v not in there]:
        aws("route53", "associate_vpc_with_hosted_zone", HostedZoneId=zone_id, VPC=vpc)
    for vpc in [v for v in there if v not in wanted]:
        aws("route53", "disassociate_vpc_from_hosted_zone", HostedZoneId=zone_id, VPC=vpc)


def drop_zone(aws: Aws, zone_id: str, props: Props) -> None:
    """The zone, after its records where the program asks for that."""
    if props.get("forceDestroy"):
        name = str(props["name"]).rstrip(".") + "."
        sets = aws("route53", "list_resource_record_sets", HostedZoneId=zone_id)["ResourceRecordSets"]
        doomed = [one for one in sets if not (one["Name"] == name and one["Type"] in ("NS", "SOA"))]
        changes = [{"Action": "DELETE", "ResourceRecordSet": one} for one in doomed]
        if changes:
            aws("route53", "change_resource_record_sets", HostedZoneId=zone_id, ChangeBatch={"Changes": changes})
    aws("route53", "delete_hosted_zone", Id=zone_id)


def retag(aws: Aws, zone_id: str, gone: list[str], tags: dict[str, str]) -> None:
    """Set the tags of a zone."""
    request: Props = {"RemoveTagKeys": gone} if gone else {}
    if tags:
        request["AddTags"] = [{"Key": k, "Value": v} for k, v in tags.items()]
    aws("route53", "change_tags_for_resource", ResourceType="hostedzone", ResourceId=zone_id, **request)


def tags(aws: Aws, zone_id: str, live: Props, props: Props) -> dict[str, str]:
    """The tags of a zone."""
    found = aws("route53", "list_tags_for_resource", ResourceType="hostedzone", ResourceId=zone_id)["ResourceTagSet"]
    return {tag["Key"]: tag["Value"] for tag in found["Tags"]}


# -- records


def whole_name(aws: Aws, props: Props) -> str:
    """The name with that of its zone, as the official provider completes it."""
    name = str(props["name"]).rstrip(".").lower()
    if props.get("fqdn"):
        return str(props["fqdn"])
    domain = aws("route53", "get_hosted_zone", Id=props["zoneId"])["HostedZone"]["Name"].rstrip(".")
    return name if name == domain or name.endswith(f".{domain}") else f"{name}.{domain}" if name else domain


def record_set(props: Props, name: str) -> Props:
    """The record as Route 53 takes it."""
    out: Props = {"Name": name, "Type": props["type"]}
    for alias in props.get("aliases") or ():
        checked = alias.get("evaluateTargetHealth") in (True, "true")
        out["AliasTarget"] = {
            "HostedZoneId": alias["zoneId"],
            "DNSName": alias["name"],
            "EvaluateTargetHealth": checked,
        }
    if props.get("records"):
        text = props["type"] in ("TXT", "SPF")
        out["ResourceRecords"] = [
            {"Value": f'"{v}"' if text and not v.startswith('"') else v} for v in props["records"]
        ]
    if props.get("ttl") is not None:
        out["TTL"] = int(props["ttl"])
    for ours, (inner, member) in ROUTING.items():
        for policy in props.get(ours) or ():
            out[member] = int(policy[inner]) if member == "Weight" else policy[inner]
    for place in props.get("geolocationRoutingPolicies") or ():
        members = {"continent": "ContinentCode", "country": "CountryCode", "subdivision": "SubdivisionCode"}
        out["GeoLocation"] = {members[k]: v for k, v in place.items() if k in members}
    if props.get("multivalueAnswerRoutingPolicy") in (True, "true"):
        out["MultiValueAnswer"] = True
    names = {"setIdentifier": "SetIdentifier", "healthCheckId": "HealthCheckId"}
    return out | {member: props[ours] for ours, member in names.items() if props.get(ours)}


def change(aws: Aws, action: str, props: Props, name: str) -> None:
    """One change of one record."""
    one = {"Action": action, "ResourceRecordSet": record_set(props, name)}
    aws("route53", "change_resource_record_sets", HostedZoneId=props["zoneId"], ChangeBatch={"Changes": [one]})


def create_record(aws: Aws, props: Props) -> str:
    """The record; one that is there already is overwritten only where the program allows it."""
    name = whole_name(aws, props)
    change(aws, "UPSERT" if props.get("allowOverwrite") in (True, "true") else "CREATE", props, name)
    identity = (props["zoneId"], name, props["type"], props.get("setIdentifier"))
    return "_".join(str(part) for part in identity if part)


def record(aws: Aws, record_id: str, props: Props) -> Props | None:
    """The record in its zone."""
    name = whole_name(aws, props)
    asked = {"StartRecordName": name, "StartRecordType": props["type"], "MaxItems": "100"}
    found = aws("route53", "list_resource_record_sets", HostedZoneId=props["zoneId"], **asked)["ResourceRecordSets"]
    for one in found:
        mine = one["Name"].rstrip(".").replace("\\052", "*") == name and one["Type"] == props["type"]
        if mine and one.get("SetIdentifier") == props.get("setIdentifier"):
            return _read(one, props, name)
    return None


def _read(one: Props, props: Props, name: str) -> Props:
    text = one["Type"] in ("TXT", "SPF")
    out: Props = {
        "zoneId": props["zoneId"],
        "name": props["name"],
        "fqdn": name,
        "type": one["Type"],
        "ttl": one.get("TTL"),
    }
    if values := one.get("ResourceRecords"):
        out["records"] = [v["Value"].strip('"') if text else v["Value"] for v in values]
    if alias := one.get("AliasTarget"):
        target = {"name": alias["DNSName"].rstrip("."), "zoneId": alias["HostedZoneId"]}
        out["aliases"] = [target | {"evaluateTargetHealth": alias["EvaluateTargetHealth"]}]
    for ours, (inner, member) in ROUTING.items():
        if member in one:
            out[ours] = [{inner: one[member]}]
    if place := one.get("GeoLocation"):
        members = {"ContinentCode": "continent", "CountryCode": "country", "SubdivisionCode": "subdivision"}
        out["geolocationRoutingPolicies"] = [{members[k]: v for k, v in place.items()}]
    names = {
        "SetIdentifier": "setIdentifier",
        "HealthCheckId": "healthCheckId",
        "MultiValueAnswer": "multivalueAnswerRoutingPolicy",
    }
    return out | {ours: one[member] for member, ours in names.items() if member in one}


def drop_record(aws: Aws, record_id: str, props: Props) -> None:
    """The record goes as it is now, since Route 53 wants it exactly."""
    live = record(aws, record_id, props)
    if live is not None:
        change(aws, "DELETE", live, str(live["fqdn"]))


def update_record(aws: Aws, record_id: str, old: Props, new: Props) -> None:
    """The same name and type with other values."""
    change(aws, "UPSERT", new, whole_name(aws, new))


def record_by_name(text: str) -> tuple[str, Props]:
    """`Z123_www.example.com_A`, with the set identifier behind where there is one."""
    zone_id, _, rest = text.partition("_")
    parts = rest.split("_")
    at = next((i for i, part in enumerate(parts) if part.isupper() and i), len(parts) - 1)
    props = {"zoneId": zone_id, "name": "_".join(parts[:at]), "type": parts[at]}
    more = "_".join(parts[at + 1 :])
    return text, props | ({"setIdentifier": more} if more else {})


def record_faults(props: Props) -> list[tuple[str, str]]:
    """What ChangeResourceRecordSets refuses beyond or inside its request model."""
    found = []
    if props.get("aliases") and props.get("records"):
        found.append(("records", "conflicts with 'aliases': give one of them"))
    if props.get("records") and props.get("ttl") is None:
        found.append(("ttl", "missing required property for a record with values"))
    if props.get("aliases") and props.get("ttl") is not None:
        found.append(("ttl", "is not for an alias"))
    routed = [
        name for name in (*ROUTING, "geolocationRoutingPolicies", "multivalueAnswerRoutingPolicy") if props.get(name)
    ]
    if routed and not props.get("setIdentifier"):
        found.append(("setIdentifier", f"missing required property beside {routed[0]!r}"))
    body = {ours: props[name] for name, ours in (("type", "Type"), ("setIdentifier", "SetIdentifier")) if name in props}
    shape: Any = shapes.service("route53").shape_for("ResourceRecordSet")
    inputs = {".Type": "type", ".SetIdentifier": "setIdentifier"}
    return found + [(inputs[path], why) for path, why in request_validation.faults(shape, body)]


COMMENT = "Managed by Pulumi"
RECORD_INPUTS = {
    "name",
    "type",
    "zoneId",
    "ttl",
    "records",
    "aliases",
    "setIdentifier",
    "weightedRoutingPolicies",
    "failoverRoutingPolicies",
    "latencyRoutingPolicies",
    "geolocationRoutingPolicies",
    "multivalueAnswerRoutingPolicy",
    "healthCheckId",
    "allowOverwrite",
}

ROWS = (
    Kind(
        "aws:route53/zone:Zone",
        Calls(
            "route53",
            "create_hosted_zone",
            "",
            custom_create=create_zone,
            read=zone,
            delete=drop_zone,
            update=update_zone,
        ),
        naming=Naming("name"),
        tags=Tags(None, update=retag),
        translation=Translation(
            served={"comment", "vpcs", "forceDestroy"},
            rename={"comment": "Comment", "vpcs": "Vpcs", "forceDestroy": None},
            encode=lambda props: {k: props[k] for k in ("name", "delegationSetId") if k in props},
            unserved={"enableAcceleratedRecovery"},
        ),
        properties=Properties(
            force_new={"name", "delegationSetId"},
            defaults={"comment": COMMENT, "forceDestroy": False},
            computed={"vpcs.vpcRegion"},
            unordered={"vpcs"},
            write_only={"forceDestroy", "delegationSetId"},
        ),
        own_calls=OwnCalls(read={"tags": tags}),
        outputs={"arn": "arn:aws:route53:::hostedzone/{id}"},
    ),
    Kind(
        "aws:route53/record:Record",
        Calls(
            "route53",
            "change_resource_record_sets",
            "",
            custom_create=create_record,
            read=record,
            delete=drop_record,
            update=update_record,
            import_id=record_by_name,
        ),
        tags=Tags(None),
        translation=Translation(
            served=RECORD_INPUTS,
            encode=lambda props: {},
            rename={"zoneId": "zoneId"},
            unserved={"cidrRoutingPolicy", "geoproximityRoutingPolicy"},
        ),
        properties=Properties(
            force_new={"zoneId", "name", "type", "setIdentifier"},
            delete_before_replace=True,
            write_only={"allowOverwrite"},
            unordered={"records"},
            computed={"allowOverwrite"},
            defaults={"multivalueAnswerRoutingPolicy": False},
        ),
        validate=record_faults,
    ),
)
