"""The older resource of one rule of a security group, which may name several sources."""

import hashlib
import json
from typing import Any

from localcloud.aws.client import Aws, Refused
from localcloud.aws.kind import Calls, Kind, Properties, Props, Tags, Translation
from localcloud.aws.kinds.ec2_security import SOURCES, permission, port_faults, protocol

DIRECTIONS = ("ingress", "egress")
GIVEN = ("type", "protocol", "fromPort", "toPort", "cidrBlocks", "ipv6CidrBlocks", "prefixListIds", "self",
         "sourceSecurityGroupId", "securityGroupId")  # fmt: skip


def wanted(props: Props) -> Props:
    """The rule as AWS takes it."""
    source = props.get("sourceSecurityGroupId")
    return permission(props | ({"securityGroups": [source]} if source else {}), props["securityGroupId"])


def direction(props: Props) -> str:
    """`ingress` or `egress`."""
    return str(props["type"])


def create(aws: Aws, props: Props) -> str:
    """Authorise it; its id is made of what it says, as the official provider's is."""
    group = props["securityGroupId"]
    aws("ec2", f"authorize_security_group_{direction(props)}", GroupId=group, IpPermissions=[wanted(props)])
    said = json.dumps([props.get(name) for name in GIVEN])
    return f"sgrule-{int(hashlib.sha256(said.encode()).hexdigest()[:8], 16)}"


def _sources(permissions: list[Props], rule: Props) -> dict[tuple[str, str], str]:
    """(member, source) -> description, of every source that AWS has for these ports."""
    ports = ("IpProtocol", "FromPort", "ToPort")
    same = [p for p in permissions if [p.get(k) for k in ports] == [rule.get(k) for k in ports]]
    return {
        (member, source[key]): source.get("Description") or ""
        for p in same
        for _, member, key in SOURCES
        for source in p.get(member) or ()
    }


def look(aws: Aws, rule_id: str, props: Props) -> Props | None:
    """The rule as it was asked for, while AWS has every source of it; with the description that AWS has."""
    found = aws("ec2", "describe_security_groups", GroupIds=[props["securityGroupId"]])["SecurityGroups"][0]
    there = found["IpPermissions" if direction(props) == "ingress" else "IpPermissionsEgress"]
    asked = wanted(props)
    mine, has = _sources([asked], asked), _sources(there, asked)
    if not mine.keys() <= has.keys():
        return None
    return {**props, "description": next(has[source] for source in mine)}


def update(aws: Aws, rule_id: str, old: Props, new: Props) -> None:
    """Only the description changes in place: the rule is taken out and authorised with the new one."""
    revoke(aws, rule_id, old)
    create(aws, new)


def revoke(aws: Aws, rule_id: str, props: Props) -> None:
    """Take the rule out."""
    group = props["securityGroupId"]
    aws("ec2", f"revoke_security_group_{direction(props)}", GroupId=group, IpPermissions=[wanted(props)])


def faults(props: Props) -> list[tuple[str, str]]:
    """What the official provider and AuthorizeSecurityGroup refuse."""
    found = []
    if props.get("type") not in (None, *DIRECTIONS):
        found.append(("type", f"{props['type']!r} is not allowed; allowed are {', '.join(DIRECTIONS)}"))
    sources = ("cidrBlocks", "ipv6CidrBlocks", "prefixListIds", "sourceSecurityGroupId", "self")
    if not any(props.get(name) for name in sources):
        found.append(("", f"names no source or destination: give one of {', '.join(map(repr, sources))}"))
    both = [n for n in ("cidrBlocks", "ipv6CidrBlocks", "self") if props.get("sourceSecurityGroupId") and props.get(n)]
    found += [(name, "conflicts with 'sourceSecurityGroupId': give one of them") for name in both]
    return found + (port_faults(props, "", protocol(props)) if "protocol" in props else [])


def imported(text: str) -> tuple[str, Props]:
    """`sg-1_ingress_tcp_80_80_10.0.0.0/8`, several sources separated by `_`."""
    group, kind, name, low, high, *sources = text.split("_")
    if not sources or kind not in DIRECTIONS:
        raise Refused(f"{text!r} is not of the form sg-1_ingress_tcp_80_80_10.0.0.0/8")
    props: Props = {"securityGroupId": group, "type": kind, "protocol": name, "fromPort": int(low), "toPort": int(high)}
    for source in sources:
        if source == "self":
            props["self"] = True
        elif source.startswith("sg-"):
            props["sourceSecurityGroupId"] = source
        else:
            inputs = {"pl-": "prefixListIds"}.get(source[:3], "ipv6CidrBlocks" if ":" in source else "cidrBlocks")
            props.setdefault(inputs, []).append(source)
    return text, props


def rule_of_its_own(aws: Aws, rule_id: str, live: Props, props: Props) -> Any:
    """The id of AWS, where the rule is a single one."""
    asked = wanted(props)
    if len(_sources([asked], asked)) != 1:
        return None
    filters = [{"Name": "group-id", "Values": [props["securityGroupId"]]}]
    ((_, source),) = _sources([asked], asked)
    for one in aws("ec2", "describe_security_group_rules", Filters=filters)["SecurityGroupRules"]:
        names = (one.get("CidrIpv4"), one.get("CidrIpv6"), one.get("PrefixListId"),
                 (one.get("ReferencedGroupInfo") or {}).get("GroupId"))  # fmt: skip
        ports = (one["FromPort"], one["ToPort"]) == (asked.get("FromPort", -1), asked.get("ToPort", -1))
        if source in names and ports and one["IsEgress"] == (direction(props) == "egress"):
            return one["SecurityGroupRuleId"]
    return None


ROWS = (
    Kind(
        "aws:ec2/securityGroupRule:SecurityGroupRule",
        Calls(
            "ec2", "authorize_security_group_ingress", "", custom_create=create, read=look, delete=revoke,
            update=update, import_id=imported,
        ),
        tags=Tags(None), translation=Translation(encode=lambda props: {}, served={*GIVEN, "description"}),
        properties=Properties(
            force_new=set(GIVEN), defaults={"self": False, "description": ""},
            unordered={"cidrBlocks", "ipv6CidrBlocks", "prefixListIds"},
            normalize={"protocol": lambda text: protocol({"protocol": text})}, delete_before_replace=True,
        ),
        validate=faults, outputs={"securityGroupRuleId": rule_of_its_own},
    ),
)  # fmt: skip
