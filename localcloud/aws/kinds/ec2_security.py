"""Security groups and their rules."""

from collections.abc import Callable
from typing import Any

from localcloud.aws.client import Aws, Refused
from localcloud.aws.kind import Calls, Kind, Naming, OwnCalls, Part, Properties, Props, Tags, Translation
from localcloud.aws.kinds.ec2_calls import ARN, owner, retag, where

SOURCES = (
    ("cidrBlocks", "IpRanges", "CidrIp"),
    ("ipv6CidrBlocks", "Ipv6Ranges", "CidrIpv6"),
    ("prefixListIds", "PrefixListIds", "PrefixListId"),
    ("securityGroups", "UserIdGroupPairs", "GroupId"),
)
"""Input of an inline rule -> member of IpPermission, member of its elements."""
ALL_TRAFFIC = "-1"
NUMBERS = {"-1": "-1", "all": "-1", "6": "tcp", "17": "udp", "1": "icmp"}
UNSET = {
    "description": "",
    "self": False,
    "cidrBlocks": [],
    "ipv6CidrBlocks": [],
    "prefixListIds": [],
    "securityGroups": [],
}


def protocol(rule: Props, name: str = "protocol") -> str:
    """The protocol by its name."""
    text = str(rule[name]).lower()
    return NUMBERS.get(text, text)


def permission(rule: Props, group: str) -> Props:
    """An inline rule as AWS takes it."""
    kind = protocol(rule)
    out: Props = {"IpProtocol": kind}
    if kind != ALL_TRAFFIC:
        out |= {"FromPort": int(rule["fromPort"]), "ToPort": int(rule["toPort"])}
    why = {"Description": rule["description"]} if rule.get("description") else {}
    for ours, member, key in SOURCES:
        if rule.get(ours):
            out[member] = [{key: source, **why} for source in rule[ours]]
    if rule.get("self") in (True, "true"):
        out.setdefault("UserIdGroupPairs", []).append({"GroupId": group, **why})
    return out


def rules(direction: str) -> Part:
    """Inline rules: what is there is revoked, what is wanted is authorised."""
    there_in = "IpPermissions" if direction == "ingress" else "IpPermissionsEgress"

    def put(aws: Aws, group: str, wanted: Any, props: Props) -> None:
        found = aws("ec2", "describe_security_groups", GroupIds=[group])["SecurityGroups"][0]
        there = [{k: v for k, v in p.items() if v != []} for p in found[there_in]]
        for source in (pair for p in there for pair in p.get("UserIdGroupPairs", ())):
            source.pop("UserId", None)
        asked = [permission(rule, group) for rule in wanted or ()]
        if there:
            aws("ec2", f"revoke_security_group_{direction}", GroupId=group, IpPermissions=there)
        if asked:
            aws("ec2", f"authorize_security_group_{direction}", GroupId=group, IpPermissions=asked)

    return put


def inline(direction: str) -> Callable[..., Any]:
    """The rules as the program wrote them, where AWS has the same; else one rule per permission."""
    there_in = "IpPermissions" if direction == "ingress" else "IpPermissionsEgress"

    def read(aws: Aws, group: str, live: Props, props: Props) -> list[Props] | None:
        if direction not in props and props:
            return None  # rules of their own resources are not this resource's
        asked = props.get(direction) or []
        there = _flat(live.get(there_in) or [])
        if there == _flat([permission(rule, group) for rule in asked]):
            return list(asked)
        return [rule for p in live.get(there_in) or [] for rule in _as_rules(p, group)]

    return read


def _flat(permissions: list[Props]) -> set[tuple[Any, ...]]:
    """Each single source of each permission: AWS merges permissions of the same ports."""
    return {
        (p["IpProtocol"], p.get("FromPort"), p.get("ToPort"), key, source[key], source.get("Description"))
        for p in permissions
        for _, member, key in SOURCES
        for source in p.get(member) or ()
    }


def _as_rules(found: Props, group: str) -> list[Props]:
    """One inline rule per description, since AWS keeps a description with each source."""
    sources = [(ours, key, s) for ours, member, key in SOURCES for s in found.get(member) or ()]
    rules_by_text: dict[str, Props] = {}
    ports = {"fromPort": found.get("FromPort", 0), "toPort": found.get("ToPort", 0)}
    for ours, key, source in sources:
        text = source.get("Description") or ""
        plain = {"protocol": found["IpProtocol"], **ports} | ({"description": text} if text else {})
        rule = rules_by_text.setdefault(text, plain)
        if source[key] == group:
            rule["self"] = True
        else:
            rule.setdefault(ours, []).append(source[key])
    return list(rules_by_text.values())


def rule_faults(props: Props) -> list[tuple[str, str]]:
    """What AuthorizeSecurityGroup refuses in inline rules."""
    found = []
    for direction in ("ingress", "egress"):
        for i, rule in enumerate(props.get(direction) or ()):
            if not isinstance(rule, dict):
                continue
            at = f"{direction}[{i}]"
            if not any(rule.get(ours) for ours, _, _ in SOURCES) and not rule.get("self"):
                names = ", ".join(repr(ours) for ours, _, _ in SOURCES)
                found.append((at, f"names no source or destination: give one of {names}, 'self'"))
            if "protocol" in rule:
                found += port_faults(rule, f"{at}.", protocol(rule))
    return found


def port_faults(rule: Props, at: str, kind: str) -> list[tuple[str, str]]:
    """Ports that do not fit the protocol, or are none."""
    low, high = rule.get("fromPort"), rule.get("toPort")
    found = []
    if kind == ALL_TRAFFIC:
        for name, value in (("fromPort", low), ("toPort", high)):
            if value not in (None, 0, -1, "0", "-1"):
                found.append((f"{at}{name}", "rules for all protocols ('-1') take no ports: leave it out or give 0"))
        return found
    for name, value in (("fromPort", low), ("toPort", high)):
        if isinstance(value, int | float) and not -1 <= value <= 65535:
            found.append((f"{at}{name}", f"{value:g} is not a port: -1 to 65535"))
    if isinstance(low, int | float) and isinstance(high, int | float) and low > high and kind in ("tcp", "udp"):
        found.append((f"{at}toPort", f"{high:g} is below fromPort {low:g}"))
    return found


def close_egress(aws: Aws, props: Props) -> str:
    """A new group, without the rule by which AWS lets everything out: the official provider removes it too."""
    request = {k: props[k] for k in ("vpcId",) if props.get(k)}
    made = aws(
        "ec2", "create_security_group", GroupName=props["name"], Description=props.get("description") or DESCRIPTION,
        **({"VpcId": request["vpcId"]} if request else {}),
        **({"TagSpecifications": [tag_specification("security-group", props["tags"])]} if props.get("tags") else {}),
    )  # fmt: skip
    group = str(made["GroupId"])
    everything = {"IpProtocol": ALL_TRAFFIC, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    aws("ec2", "revoke_security_group_egress", GroupId=group, IpPermissions=[everything])
    if props.get("vpcId") and not props.get("ingress") and not props.get("egress"):
        known = {"GroupName": props["name"], "Description": props.get("description") or DESCRIPTION}
        aws.at_hand[group] = {**known, "GroupId": group, "VpcId": props["vpcId"], "OwnerId": aws.account}
    return group


def tag_specification(kind: str, tags: dict[str, str]) -> Props:
    """Tags for a creating call of EC2."""
    return {"ResourceType": kind, "Tags": [{"Key": k, "Value": v} for k, v in tags.items()]}


def drop_group(aws: Aws, group: str, props: Props) -> None:
    """Delete the group, after its rules where the program asks for that."""
    if props.get("revokeRulesOnDelete"):
        for direction in ("ingress", "egress"):
            rules(direction)(aws, group, [], props)
    aws("ec2", "delete_security_group", GroupId=group)


def adopt_default(aws: Aws, props: Props) -> str:
    """The VPC's own default group; without a VPC, that of the default VPC. Its rules go first, as there."""
    chosen = where(vpc_id=props["vpcId"], group_name="default") if props.get("vpcId") else _of_default_vpc(aws)
    found = aws("ec2", "describe_security_groups", Filters=chosen)["SecurityGroups"]
    if not found:
        raise Refused("vpcId: there is no default security group in this VPC")
    group = str(found[0]["GroupId"])
    for direction in ("ingress", "egress"):
        if not props.get(direction):
            rules(direction)(aws, group, [], props)
    return group


def _of_default_vpc(aws: Aws) -> list[Props]:
    vpcs = aws("ec2", "describe_vpcs", Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]
    if not vpcs:
        raise Refused("vpcId: there is no default VPC; name one")
    return where(vpc_id=vpcs[0]["VpcId"], group_name="default")


def keep(aws: Aws, group: str, props: Props) -> None:
    """A default group cannot be deleted: it is left as it is, as the official provider leaves it."""


DESCRIPTION = "Managed by Pulumi"
GROUP_NAMES = {
    "name": "GroupName",
    "description": "Description",
    "revokeRulesOnDelete": None,
    "ingress": None,
    "egress": None,
}
RULE_LISTS = {f"{d}{below}" for d in ("ingress", "egress") for below in ("", *(f".{ours}" for ours, _, _ in SOURCES))}
RULE_DEFAULTS = {f"{d}.{name}": value for d in ("ingress", "egress") for name, value in UNSET.items()}


ROWS = (
    Kind(
        "aws:ec2/securityGroup:SecurityGroup",
        Calls(
            "ec2",
            "create_security_group",
            "GroupId",
            custom_create=close_egress,
            read=("describe_security_groups", {"GroupIds": ["{id}"]}, "SecurityGroups[0]"),
            delete=drop_group,
            update=lambda aws, i, old, new: None,
        ),
        naming=Naming("name"),
        tags=Tags("security-group", update=retag),
        translation=Translation(
            rename=GROUP_NAMES,
        ),
        properties=Properties(
            force_new={"name", "namePrefix", "description", "vpcId"},
            defaults={"description": DESCRIPTION, "revokeRulesOnDelete": False, **RULE_DEFAULTS},
            unordered=RULE_LISTS,
            computed={"vpcId", "ingress", "egress", "name", "namePrefix"},
            write_only={"revokeRulesOnDelete"},
        ),
        own_calls=OwnCalls(put={"ingress": rules("ingress"), "egress": rules("egress")}),
        validate=rule_faults,
        outputs={
            "arn": ARN + "security-group/{id}",
            "ownerId": owner,
            "ingress": inline("ingress"),
            "egress": inline("egress"),
        },
    ),
    Kind(
        "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
        Calls(
            "ec2",
            "create_security_group",
            "GroupId",
            custom_create=adopt_default,
            read=("describe_security_groups", {"GroupIds": ["{id}"]}, "SecurityGroups[0]"),
            delete=keep,
            update=lambda aws, i, old, new: None,
        ),
        tags=Tags(None, update=retag),
        translation=Translation(
            rename=GROUP_NAMES,
        ),
        properties=Properties(
            force_new={"vpcId"},
            write_only={"revokeRulesOnDelete"},
            defaults={"revokeRulesOnDelete": False, "ingress": [], "egress": [], **RULE_DEFAULTS},
            unordered=RULE_LISTS,
            computed={"vpcId"},
        ),
        own_calls=OwnCalls(put={"ingress": rules("ingress"), "egress": rules("egress")}),
        validate=rule_faults,
        outputs={
            "arn": ARN + "security-group/{id}",
            "ownerId": owner,
            "ingress": lambda aws, i, live, props: inline("ingress")(aws, i, live, {"ingress": [], **props}),
            "egress": lambda aws, i, live, props: inline("egress")(aws, i, live, {"egress": [], **props}),
        },
    ),
)
