"""What joins things of EC2 that are there: volumes to instances, tables to endpoints, options to networks."""

from localcloud.aws.client import Aws
from localcloud.aws.kind import Calls, Kind, Naming, Properties, Props, Tags, Translation, answered
from localcloud.aws.kinds.cognito_people import parts
from localcloud.aws.kinds.ec2_calls import ARN, owner, retag
from localcloud.aws.kinds.ec2_peering import PEERED, SIDES, options, peering

# --- volumes


def volume(aws: Aws, attachment: str, props: Props) -> Props | None:
    """The attachment of the volume to the instance; None when there is none."""
    found = aws("ec2", "describe_volumes", VolumeIds=[props["volumeId"]])["Volumes"][0]["Attachments"]
    return next(
        ({**one, "DeviceName": one["Device"]} for one in found if one["InstanceId"] == props["instanceId"]), None
    )


def detach(aws: Aws, attachment: str, props: Props) -> None:
    """Take the volume off, unless the program leaves it there."""
    if props.get("skipDestroy") not in (True, "true") and volume(aws, attachment, props):
        request = {"VolumeId": props["volumeId"], "InstanceId": props["instanceId"], "Device": props["deviceName"]}
        aws("ec2", "detach_volume", **request, Force=props.get("forceDetach") in (True, "true"))


HOW = {"forceDetach", "skipDestroy", "stopInstanceBeforeDetaching"}
VOLUME = Kind(
    "aws:ec2/volumeAttachment:VolumeAttachment",
    Calls(
        "ec2", "attach_volume", "vai-{volumeId}-{instanceId}", read=volume, delete=detach,
        update=lambda aws, i, old, new: None,
        import_id=lambda text: (
            "vai-{1}-{2}".format(*text.split(":")), parts(":", "deviceName", "volumeId", "instanceId")(text)[1]
        ),
    ),
    tags=Tags(None),
    translation=Translation(rename={"deviceName": "Device", **dict.fromkeys(HOW)}, served=HOW),
    properties=Properties(
        force_new={"deviceName", "volumeId", "instanceId"}, write_only=HOW, defaults=dict.fromkeys(HOW, False),
    ),
    outputs={"deviceName": answered("DeviceName")},
)  # fmt: skip

# --- options of DHCP

NAMES = {
    "domainName": "domain-name", "domainNameServers": "domain-name-servers", "ntpServers": "ntp-servers",
    "netbiosNameServers": "netbios-name-servers", "netbiosNodeType": "netbios-node-type",
    "ipv6AddressPreferredLeaseTime": "ipv6-address-preferred-lease-time",
}  # fmt: skip
"""Input -> what DHCP calls it."""


def make_options(aws: Aws, props: Props) -> str:
    """Options have one form on the way in and another on the way out."""
    asked = []
    for name, key in NAMES.items():
        if props.get(name):
            value = props[name]
            asked.append({"Key": key, "Values": list(value) if isinstance(value, list | tuple) else [str(value)]})
    return str(aws("ec2", "create_dhcp_options", DhcpConfigurations=asked)["DhcpOptions"]["DhcpOptionsId"])


def dhcp(aws: Aws, options_id: str, props: Props) -> Props:
    """The options in the words of the program."""
    found = dict(aws("ec2", "describe_dhcp_options", DhcpOptionsIds=[options_id])["DhcpOptions"][0])
    held = {one["Key"]: [v["Value"] for v in one["Values"]] for one in found.pop("DhcpConfigurations", ())}
    for name, key in NAMES.items():
        if key in held:
            found[name] = held[key] if name.endswith("Servers") else held[key][0]
    return found


DHCP = Kind(
    "aws:ec2/vpcDhcpOptions:VpcDhcpOptions",
    Calls(
        "ec2", "create_dhcp_options", "DhcpOptions.DhcpOptionsId", custom_create=make_options, read=dhcp,
        delete=("delete_dhcp_options", {"DhcpOptionsId": "{id}"}),
    ),
    tags=Tags(None, update=retag),
    translation=Translation(rename=dict.fromkeys(NAMES), served={*NAMES}),
    properties=Properties(force_new={*NAMES}, write_only={"ipv6AddressPreferredLeaseTime"}),
    validate=lambda props: [] if any(props.get(name) for name in NAMES) else [
        ("domainNameServers", f"missing: give one of {', '.join(map(repr, NAMES))}")
    ],
    outputs={"arn": ARN + "dhcp-options/{id}", "ownerId": owner, **{name: answered(name) for name in NAMES}},
)  # fmt: skip


def options_of(aws: Aws, association: str, props: Props) -> Props | None:
    """The options of a network; None when it has others."""
    found = aws("ec2", "describe_vpcs", VpcIds=[props["vpcId"]])["Vpcs"][0]
    return {"VpcId": props["vpcId"], "DhcpOptionsId": found["DhcpOptionsId"]}


def use_options(aws: Aws, props: Props) -> str:
    """Give a network its options."""
    aws("ec2", "associate_dhcp_options", VpcId=props["vpcId"], DhcpOptionsId=props["dhcpOptionsId"])
    return f"{props['dhcpOptionsId']}-{props['vpcId']}"


DHCP_OF_VPC = Kind(
    "aws:ec2/vpcDhcpOptionsAssociation:VpcDhcpOptionsAssociation",
    Calls(
        "ec2", "associate_dhcp_options", "{dhcpOptionsId}-{vpcId}", custom_create=use_options, read=options_of,
        delete=lambda aws, i, props: use_options(aws, props | {"dhcpOptionsId": "default"}),
        update=lambda aws, i, old, new: use_options(aws, new),
        import_id=lambda text: (text, {"vpcId": text}),
    ),
    tags=Tags(None),
    properties=Properties(force_new={"vpcId", "dhcpOptionsId"}),
    outputs={"id": lambda aws, i, live, props: f"{live['DhcpOptionsId']}-{live['VpcId']}"},
)  # fmt: skip

# --- ranges of networks


def range_of(aws: Aws, association: str, props: Props) -> Props | None:
    """The range among those of its network."""
    found = aws("ec2", "describe_vpcs", VpcIds=[props["vpcId"]])["Vpcs"][0]
    return next(
        ({**one, "VpcId": props["vpcId"]} for one in found["CidrBlockAssociationSet"]
         if one["AssociationId"] == association and one["CidrBlockState"]["State"] == "associated"), None,
    )  # fmt: skip


NO_IPAM = "the local cloud has no IPAM: give 'cidrBlock'"
RANGE = Kind(
    "aws:ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation",
    Calls(
        "ec2", "associate_vpc_cidr_block", "CidrBlockAssociation.AssociationId", read=range_of,
        delete=("disassociate_vpc_cidr_block", {"AssociationId": "{id}"}),
        import_id=lambda text: (text.partition(",")[0], {"vpcId": text.partition(",")[2]}),
    ),
    tags=Tags(None),
    translation=Translation(unserved={"ipv4IpamPoolId": NO_IPAM, "ipv4NetmaskLength": NO_IPAM}),
    properties=Properties(force_new={"vpcId", "cidrBlock"}),
    validate=lambda props: [] if props.get("cidrBlock") else [("cidrBlock", "missing: the local cloud has no IPAM")],
)  # fmt: skip

# --- endpoints


def joined(member: str, ours: str) -> Kind:
    """The row of a route table of an endpoint."""
    noun = ours.removesuffix("Id")
    kind = f"vpcEndpoint{noun[0].upper()}{noun[1:]}Association"

    def change(aws: Aws, how: str, props: Props) -> None:
        request = {"VpcEndpointId": props["vpcEndpointId"], f"{how}{member}": [props[ours]]}
        aws("ec2", "modify_vpc_endpoint", **request)

    def make(aws: Aws, props: Props) -> str:
        change(aws, "Add", props)
        return f"a-{props['vpcEndpointId']}-{props[ours]}"

    def look(aws: Aws, association: str, props: Props) -> Props | None:
        asked = [props["vpcEndpointId"]]
        found = aws("ec2", "describe_vpc_endpoints", VpcEndpointIds=asked)["VpcEndpoints"]
        there = found and props[ours] in (found[0].get(member) or ())
        return {"vpcEndpointId": props["vpcEndpointId"], ours: props[ours]} if there else None

    def given(text: str) -> tuple[str, Props]:
        endpoint, _, other = text.partition("/")
        return f"a-{endpoint}-{other}", {"vpcEndpointId": endpoint, ours: other}

    return Kind(
        f"aws:ec2/{kind}:{kind[0].upper()}{kind[1:]}",
        Calls(
            "ec2", "modify_vpc_endpoint", "", custom_create=make, read=look, import_id=given,
            delete=lambda aws, i, props: change(aws, "Remove", props),
        ),
        tags=Tags(None), translation=Translation(rename={ours: None}, served={ours}),
        properties=Properties(force_new={"vpcEndpointId", ours}), outputs={ours: answered(ours)},
    )  # fmt: skip


# --- what two peers let each other do


def settle(aws: Aws, connection: str, props: Props) -> str:
    """Set what each side lets the other do."""
    for ours, member in PEERED.items():
        if props.get(ours) is not None:
            options(member)(aws, connection, props[ours], props)
    return connection


PEERS = Kind(
    "aws:ec2/peeringConnectionOptions:PeeringConnectionOptions",
    Calls(
        "ec2", "modify_vpc_peering_connection_options", "{vpcPeeringConnectionId}",
        custom_create=lambda aws, props: settle(aws, props["vpcPeeringConnectionId"], props), read=peering,
        # The official provider leaves them as they are.
        delete=lambda aws, i, props: None,
        update=lambda aws, i, old, new: settle(aws, i, {name: {} for name in PEERED if old.get(name)} | new) and None,
        import_id=lambda text: (text, {"vpcPeeringConnectionId": text}),
    ),
    tags=Tags(None),
    translation=Translation(rename=dict.fromkeys(PEERED), served={*PEERED}),
    properties=Properties(force_new={"vpcPeeringConnectionId"}, computed={*PEERED}),
    outputs={**SIDES},
)  # fmt: skip

# --- lists of prefixes


def prefixes(aws: Aws, list_id: str, props: Props) -> Props | None:
    """The list with its entries."""
    found = aws("ec2", "describe_managed_prefix_lists", PrefixListIds=[list_id])["PrefixLists"]
    if not found or found[0]["State"] == "delete-complete":
        return None
    entries = aws("ec2", "get_managed_prefix_list_entries", PrefixListId=list_id)["Entries"]
    shown = [{"cidr": one["Cidr"], "description": one.get("Description") or ""} for one in entries]
    return {**found[0], "entries": [{k: v for k, v in one.items() if v != ""} for one in shown]}


def change_prefixes(aws: Aws, list_id: str, old: Props, new: Props) -> None:
    """Send what changed; entries come and go, each with the version that it changes."""
    live = prefixes(aws, list_id, new) or {}
    before = {one["cidr"]: one.get("description") or "" for one in live["entries"]}
    after = {one["cidr"]: one.get("description") or "" for one in new.get("entries") or ()}
    gone = [{"Cidr": cidr} for cidr in sorted(before) if before[cidr] != after.get(cidr)]
    more = [
        {"Cidr": cidr} | ({"Description": after[cidr]} if after[cidr] else {})
        for cidr in sorted(after) if before.get(cidr) != after[cidr]
    ]  # fmt: skip
    name = {"PrefixListName": new["name"]}
    if LIST.changed(old, new) - {"tags", "entries"}:
        aws("ec2", "modify_managed_prefix_list", PrefixListId=list_id, MaxEntries=new["maxEntries"], **name)
    for request in ({"RemoveEntries": gone}, {"AddEntries": more}):
        if next(iter(request.values())):
            version = (prefixes(aws, list_id, new) or {})["Version"]
            aws("ec2", "modify_managed_prefix_list", PrefixListId=list_id, CurrentVersion=version, **name, **request)


def list_fits(props: Props) -> list[tuple[str, str]]:
    """No more entries than there is room for, each once."""
    entries, most = props.get("entries") or [], props.get("maxEntries")
    found = []
    if isinstance(most, int | float) and len(entries) > most:
        found.append(("entries", f"{len(entries)} entries are more than 'maxEntries' {most:g}"))
    cidrs = [one.get("cidr") for one in entries if isinstance(one, dict)]
    found += [(f"entries[{i}].cidr", f"{cidr} is there already") for i, cidr in enumerate(cidrs) if cidr in cidrs[:i]]
    return found


LIST: Kind = Kind(
    "aws:ec2/managedPrefixList:ManagedPrefixList",
    Calls(
        "ec2", "create_managed_prefix_list", "PrefixList.PrefixListId", read=prefixes, update=change_prefixes,
        delete=("delete_managed_prefix_list", {"PrefixListId": "{id}"}),
    ),
    naming=Naming("name", longest=255),
    tags=Tags("prefix-list", update=retag),
    translation=Translation(rename={"name": "PrefixListName", "arn": "PrefixListArn"}),
    properties=Properties(
        force_new={"addressFamily"}, defaults={"entries": []}, unordered={"entries"}, computed_on_update={"version"},
    ),
    validate=list_fits, outputs={"ownerId": owner},
)  # fmt: skip

ROWS = (
    VOLUME, DHCP, DHCP_OF_VPC, RANGE, joined("RouteTableIds", "routeTableId"), PEERS, LIST,
)  # fmt: skip
