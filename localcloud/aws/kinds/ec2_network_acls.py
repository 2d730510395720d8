"""Network ACLs: their entries, and which subnet uses which."""

from collections.abc import Callable, Iterator
from typing import Any

from localcloud.aws.client import Aws, Refused
from localcloud.aws.kind import Calls, Kind, OwnCalls, Part, Properties, Props, Tags, Translation, answered
from localcloud.aws.kinds.ec2_calls import ARN, owner, retag, where
from localcloud.aws.kinds.ec2_defaults import keep

EVERYTHING_ELSE = 32767
"""The number of the entry that each ACL ends with, which nobody can take away."""
PROTOCOLS = {"all": "-1", "icmp": "1", "tcp": "6", "udp": "17", "icmpv6": "58", "ah": "51", "esp": "50"}
ICMP = ("1", "58")
BLOCKS = {"cidrBlock": "CidrBlock", "ipv6CidrBlock": "Ipv6CidrBlock"}


def protocol(text: Any) -> str:
    """The protocol's number, as EC2 has it."""
    return PROTOCOLS.get(str(text).lower(), str(text))


def entry(rule: Props, number: str, action: str) -> Props:
    """An entry in the words of EC2; ports and types where its protocol has them."""
    kind = protocol(rule.get("protocol"))
    made: Props = {"ruleNumber": rule.get(number), "protocol": kind, "ruleAction": str(rule.get(action)).lower()}
    made |= {name: rule[name] for name in BLOCKS if rule.get(name)}
    ports = {"from": rule.get("fromPort"), "to": rule.get("toPort")}
    if kind != "-1" and any(value is not None for value in ports.values()):
        made["portRange"] = ports
    if kind in ICMP:
        made["icmpTypeCode"] = {"type": rule.get("icmpType") or 0, "code": rule.get("icmpCode") or 0}
    return made


def as_rule(found: Props, number: str, action: str) -> Props:
    """An entry of an answer in the words of the program."""
    ports, icmp = found.get("PortRange") or {}, found.get("IcmpTypeCode") or {}
    rule = {number: found["RuleNumber"], action: found["RuleAction"], "protocol": found["Protocol"],
            "fromPort": ports.get("From", 0), "toPort": ports.get("To", 0)}  # fmt: skip
    rule |= {ours: found[theirs] for ours, theirs in BLOCKS.items() if found.get(theirs)}
    return rule | ({"icmpType": icmp.get("Type", 0), "icmpCode": icmp.get("Code", 0)} if icmp else {})


def _described(aws: Aws, acl: str) -> Props:
    return dict(aws("ec2", "describe_network_acls", NetworkAclIds=[acl])["NetworkAcls"][0])


def _entries(found: Props, direction: str) -> list[Props]:
    wanted = direction == "egress"
    return [e for e in found["Entries"] if e["Egress"] is wanted and e["RuleNumber"] != EVERYTHING_ELSE]


def entries(direction: str) -> Part:
    """Inline entries: what is there and not wanted goes, what is wanted comes."""

    def put(aws: Aws, acl: str, wanted: Any, props: Props) -> None:
        asked = [ACL_RULE.request("create_network_acl_entry", {
            "networkAclId": acl, "egress": direction == "egress", **rule, "ruleNumber": rule["ruleNo"],
            "ruleAction": rule["action"]}) for rule in wanted or ()]  # fmt: skip
        for old in _entries(_described(aws, acl), direction):
            aws("ec2", "delete_network_acl_entry", NetworkAclId=acl, RuleNumber=old["RuleNumber"], Egress=old["Egress"])
        for request in asked:
            aws("ec2", "create_network_acl_entry", **request)

    return put


def inline(direction: str) -> Callable[..., list[Props] | None]:
    """The entries of an ACL whose program lists them; None where resources of their own make them."""

    def read(aws: Aws, acl: str, live: Props, props: Props) -> list[Props] | None:
        if props and direction not in props:
            return None
        return [as_rule(found, "ruleNo", "action") for found in _entries(live, direction)]

    return read


def subnets(aws: Aws, acl: str, live: Props, props: Props) -> list[str] | None:
    """The subnets of an ACL whose program lists them."""
    if props and "subnetIds" not in props:
        return None
    return [a["SubnetId"] for a in live["Associations"]]


def _of_subnet(aws: Aws, subnet: str) -> Props:
    for found in aws("ec2", "describe_network_acls", Filters=where(association__subnet_id=subnet))["NetworkAcls"]:
        for association in found["Associations"]:
            if association["SubnetId"] == subnet:
                return {**association, "VpcId": found["VpcId"]}
    raise Refused(f"subnetId: there is no subnet {subnet}")


def _move(aws: Aws, association: str, acl: str) -> str:
    request = {"AssociationId": association, "NetworkAclId": acl}
    return str(aws("ec2", "replace_network_acl_association", **request)["NewAssociationId"])


def _default(aws: Aws, vpc: str) -> str:
    found = aws("ec2", "describe_network_acls", Filters=where(vpc_id=vpc, default="true"))["NetworkAcls"]
    return str(found[0]["NetworkAclId"])


def use(aws: Aws, acl: str, wanted: Any, props: Props) -> None:
    """These subnets use the ACL; those that used it and are not wanted use the default one of their network."""
    found = _described(aws, acl)
    there = {a["SubnetId"]: a["NetworkAclAssociationId"] for a in found["Associations"]}
    for subnet in wanted:
        if subnet not in there:
            _move(aws, _of_subnet(aws, subnet)["NetworkAclAssociationId"], acl)
    for subnet, association in there.items():
        if subnet not in wanted and not found["IsDefault"]:
            _move(aws, association, _default(aws, found["VpcId"]))


def drop_acl(aws: Aws, acl: str, props: Props) -> None:
    """Its subnets use the default ACL again."""
    use(aws, acl, [], props)
    aws("ec2", "delete_network_acl", NetworkAclId=acl)


def take_acl(aws: Aws, props: Props) -> str:
    """The ACL that its network was made with; entries that it has are the program's from now on."""
    acl = str(props["defaultNetworkAclId"])
    if not _described(aws, acl)["IsDefault"]:
        raise Refused(f"defaultNetworkAclId: {acl} is not the default network ACL of its network")
    for direction in ("ingress", "egress"):
        entries(direction)(aws, acl, [], props)
    return acl


def create_rule(aws: Aws, props: Props) -> str:
    """Make the entry; its id is what import takes."""
    aws("ec2", "create_network_acl_entry", **ACL_RULE.request("create_network_acl_entry", props))
    egress = str(props.get("egress") in (True, "true")).lower()
    return f"{props['networkAclId']}:{int(props['ruleNumber'])}:{protocol(props['protocol'])}:{egress}"


def _named(text: str) -> tuple[str, int, str, bool]:
    acl, number, kind, egress = text.split(":")
    return acl, int(number), protocol(kind), egress == "true"


def rule_by_name(text: str) -> tuple[str, Props]:
    """`acl-1:100:tcp:false`, as the official provider imports an entry."""
    try:
        acl, number, kind, egress = _named(text)
    except ValueError:
        raise Refused(f"{text!r} is not of the form networkAclId:ruleNumber:protocol:egress") from None
    return f"{acl}:{number}:{kind}:{str(egress).lower()}", {"networkAclId": acl, "ruleNumber": number, "egress": egress}


def rule(aws: Aws, resource_id: str, props: Props) -> Props | None:
    """The entry of this number in its ACL."""
    acl, number, _, _ = _named(resource_id)
    egress = props.get("egress") in (True, "true")
    for found in _described(aws, props.get("networkAclId") or acl)["Entries"]:
        if found["RuleNumber"] == int(props.get("ruleNumber") or number) and found["Egress"] is egress:
            return {**as_rule(found, "ruleNumber", "ruleAction"), "egress": egress, "networkAclId": acl}
    return None


def drop_rule(aws: Aws, resource_id: str, props: Props) -> None:
    """Take the entry away."""
    acl, number, _, egress = _named(resource_id)
    aws("ec2", "delete_network_acl_entry", NetworkAclId=acl, RuleNumber=number, Egress=egress)


def associate(aws: Aws, props: Props) -> str:
    """The subnet uses this ACL."""
    return _move(aws, _of_subnet(aws, props["subnetId"])["NetworkAclAssociationId"], props["networkAclId"])


def association(aws: Aws, association_id: str, props: Props) -> Props | None:
    """Which ACL the association names now."""
    by_id = where(association__association_id=association_id)
    for found in aws("ec2", "describe_network_acls", Filters=by_id)["NetworkAcls"]:
        for one in found["Associations"]:
            if one["NetworkAclAssociationId"] == association_id:
                return {**one, "NetworkAclId": found["NetworkAclId"], "VpcId": found["VpcId"]}
    return None


def give_back(aws: Aws, association_id: str, props: Props) -> None:
    """The subnet uses the default ACL again, unless another association has taken its place."""
    if found := association(aws, association_id, props):
        _move(aws, association_id, _default(aws, found["VpcId"]))


def twice(props: Props) -> Iterator[tuple[str, str]]:
    """An ACL has one entry of a number in each direction."""
    for direction in ("ingress", "egress"):
        seen: set[Any] = set()
        for place, one in enumerate(props.get(direction) or ()):
            number = one.get("ruleNo") if isinstance(one, dict) else None
            if number is not None and number in seen:
                yield f"{direction}[{place}].ruleNo", f"{number} is there already: an ACL has one entry of a number"
            seen.add(number)


def nested(props: Props) -> Props:
    """An entry's ports, type and code lie in blocks of their own in EC2."""
    rest = {k: v for k, v in props.items() if k in ("networkAclId", *BLOCKS)}
    return rest | entry(props, "ruleNumber", "ruleAction") | {"egress": props.get("egress") in (True, "true")}


BELOW = ("ingress", "egress")
SAME: dict[str, Callable[[str], Any]] = {f"{d}.protocol": protocol for d in BELOW}
SAME |= {f"{d}.action": str.lower for d in BELOW}
LISTED: dict[str, Part] = {"ingress": entries("ingress"), "egress": entries("egress"), "subnetIds": use}
UNSAID = {f"{d}.{name}": 0 for d in BELOW for name in ("icmpType", "icmpCode")}
READ: dict[str, str | Part] = {"arn": ARN + "network-acl/{id}", "ownerId": owner, "subnetIds": subnets}

ACL_RULE = Kind(
    "aws:ec2/networkAclRule:NetworkAclRule",
    Calls("ec2", "create_network_acl_entry", "", custom_create=create_rule, read=rule, delete=drop_rule,
          import_id=rule_by_name),
    tags=Tags(None),
    translation=Translation(
        encode=nested, served={"fromPort", "toPort", "icmpType", "icmpCode"},
    ),
    properties=Properties(
        force_new={"networkAclId", "ruleNumber", "protocol", "ruleAction", "egress", "fromPort", "toPort", "icmpType",
                   "icmpCode", *BLOCKS},
        delete_before_replace=True, defaults={"egress": False, "fromPort": 0, "toPort": 0, "icmpType": 0,
                                              "icmpCode": 0},
        normalize={"protocol": protocol, "ruleAction": str.lower},
    ),
)  # fmt: skip

ROWS = (
    ACL_RULE,
    Kind(
        "aws:ec2/networkAcl:NetworkAcl",
        Calls(
            "ec2", "create_network_acl", "NetworkAcl.NetworkAclId",
            read=("describe_network_acls", {"NetworkAclIds": ["{id}"]}, "NetworkAcls[0]"), delete=drop_acl,
            update=lambda aws, i, old, new: None,
        ),
        tags=Tags("network-acl", update=retag),
        translation=Translation(rename={"ingress": None, "egress": None, "subnetIds": None}),
        properties=Properties(
            force_new={"vpcId"}, computed=set(LISTED), unordered=set(LISTED), normalize=SAME, defaults=UNSAID,
        ),
        own_calls=OwnCalls(put=LISTED), validate=twice,
        outputs={**READ, "ingress": inline("ingress"), "egress": inline("egress")},
    ),
    Kind(
        "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl",
        Calls(
            "ec2", "create_network_acl", "", custom_create=take_acl,
            read=("describe_network_acls", {"NetworkAclIds": ["{id}"]}, "NetworkAcls[0]"), delete=keep,
            update=lambda aws, i, old, new: None, import_id=lambda given: (given, {"defaultNetworkAclId": given}),
        ),
        tags=Tags(None, update=retag),
        translation=Translation(
            served={"defaultNetworkAclId"},
            rename={"defaultNetworkAclId": None, "ingress": None, "egress": None, "subnetIds": None},
        ),
        properties=Properties(
            force_new={"defaultNetworkAclId"}, computed={"subnetIds"}, unordered=set(LISTED), normalize=SAME,
            defaults={"ingress": [], "egress": [], **UNSAID},
        ),
        own_calls=OwnCalls(put=LISTED), validate=twice,
        outputs={
            **READ, "defaultNetworkAclId": "{id}", "vpcId": answered("VpcId"),
            "ingress": lambda aws, i, live, props: inline("ingress")(aws, i, live, {}),
            "egress": lambda aws, i, live, props: inline("egress")(aws, i, live, {}),
        },
    ),
    Kind(
        "aws:ec2/networkAclAssociation:NetworkAclAssociation",
        Calls("ec2", "replace_network_acl_association", "", custom_create=associate, read=association,
              delete=give_back),
        tags=Tags(None), translation=Translation(served={"subnetId"}, rename={"subnetId": None}),
        properties=Properties(force_new={"networkAclId", "subnetId"}, delete_before_replace=True),
        outputs={"subnetId": answered("SubnetId")},
    ),
)  # fmt: skip
