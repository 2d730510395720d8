"""Rules of security groups as resources of their own."""

from collections.abc import Callable

from localcloud.aws.client import Aws
from localcloud.aws.kind import Calls, Kind, Properties, Props, Tags, Translation
from localcloud.aws.kinds.ec2_calls import ARN, retag
from localcloud.aws.kinds.ec2_security import ALL_TRAFFIC, port_faults, protocol, tag_specification

RULE_MEMBERS = (
    ("cidrIpv4", "IpRanges", "CidrIp", "CidrIpv4"),
    ("cidrIpv6", "Ipv6Ranges", "CidrIpv6", "CidrIpv6"),
    ("prefixListId", "PrefixListIds", "PrefixListId", "PrefixListId"),
    ("referencedSecurityGroupId", "UserIdGroupPairs", "GroupId", "ReferencedGroupId"),
)
"""Input of a rule -> member of IpPermission, member of its elements, member of a request to modify it."""


def one_source(props: Props) -> list[tuple[str, str]]:
    """A rule names one source or destination, and ports that fit its protocol."""
    names = [ours for ours, _, _, _ in RULE_MEMBERS]
    given = [name for name in names if props.get(name)]
    found = []
    if len(given) > 1:
        found.append((given[1], f"conflicts with {given[0]!r}: a rule has one source or destination"))
    kind = protocol(props, "ipProtocol") if "ipProtocol" in props else None
    if kind == ALL_TRAFFIC:
        found += [
            (n, "a rule for all protocols ('-1') takes no ports: leave it out")
            for n in ("fromPort", "toPort")
            if n in props
        ]
    elif kind:
        found += port_faults(props, "", kind)
    return found


def authorise(direction: str) -> Callable[[Aws, Props], str]:
    """One rule, with tags."""

    def create(aws: Aws, props: Props) -> str:
        kind = protocol(props, "ipProtocol")
        wanted: Props = {"IpProtocol": kind}
        if kind != ALL_TRAFFIC:
            wanted |= {
                member: int(props[ours])
                for ours, member in (("fromPort", "FromPort"), ("toPort", "ToPort"))
                if ours in props
            }
        why = {"Description": props["description"]} if props.get("description") else {}
        for ours, member, key, _ in RULE_MEMBERS:
            if props.get(ours):
                wanted[member] = [{key: props[ours], **why}]
        tags = (
            {"TagSpecifications": [tag_specification("security-group-rule", props["tags"])]}
            if props.get("tags")
            else {}
        )
        made = aws(
            "ec2",
            f"authorize_security_group_{direction}",
            GroupId=props["securityGroupId"],
            IpPermissions=[wanted],
            **tags,
        )
        rule = made["SecurityGroupRules"][0]
        aws.at_hand[rule["SecurityGroupRuleId"]] = rule
        return str(rule["SecurityGroupRuleId"])

    return create


def modify_rule(aws: Aws, rule: str, old: Props, new: Props) -> None:
    """Change a rule in place: same id."""
    kind = protocol(new, "ipProtocol")
    wanted: Props = {"IpProtocol": kind}
    if kind == ALL_TRAFFIC:
        wanted |= {"FromPort": -1, "ToPort": -1}
    else:
        wanted |= {
            member: int(new[ours]) for ours, member in (("fromPort", "FromPort"), ("toPort", "ToPort")) if ours in new
        }
    wanted |= {member: new[ours] for ours, _, _, member in RULE_MEMBERS if new.get(ours)}
    wanted["Description"] = new.get("description") or ""
    request = {"SecurityGroupRuleId": rule, "SecurityGroupRule": wanted}
    aws("ec2", "modify_security_group_rules", GroupId=new["securityGroupId"], SecurityGroupRules=[request])


def without_ports(live: Props) -> Props:
    """A rule for all protocols has no ports; a rule without a description has none."""
    out = {k: v for k, v in live.items() if v != ""}
    if out.get("IpProtocol") == ALL_TRAFFIC:
        out = {k: v for k, v in out.items() if k not in ("FromPort", "ToPort")}
    group = (out.get("ReferencedGroupInfo") or {}).get("GroupId")
    return out | ({"ReferencedSecurityGroupId": group} if group else {})


ANSWERED = ("cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId", "description")


def rule(token: str, direction: str) -> Kind:
    """The row of a rule of its own."""
    return Kind(
        token,
        Calls(
            "ec2",
            f"authorize_security_group_{direction}",
            "",
            custom_create=authorise(direction),
            read=("describe_security_group_rules", {"SecurityGroupRuleIds": ["{id}"]}, "SecurityGroupRules[0]"),
            delete=(
                f"revoke_security_group_{direction}",
                {"GroupId": "{securityGroupId}", "SecurityGroupRuleIds": ["{id}"]},
            ),
            update=modify_rule,
        ),
        tags=Tags(None, update=retag),
        translation=Translation(
            decode=without_ports,
            served={ours for ours, _, _, _ in RULE_MEMBERS} | {"description", "securityGroupId"},
            rename={"securityGroupId": "GroupId"} | {name: name[0].upper() + name[1:] for name in ANSWERED},
            encode=for_the_model,
        ),
        properties=Properties(force_new={"securityGroupId"}),
        validate=one_source,
        outputs={"arn": ARN + "security-group-rule/{id}", "securityGroupRuleId": "{id}"},
    )


def for_the_model(props: Props) -> Props:
    """What of a rule the flat request has a member for: the rest is in `IpPermissions`, which `authorise` builds."""
    return {k: props[k] for k in ("securityGroupId", "ipProtocol", "fromPort", "toPort") if k in props}


ROWS = (
    rule("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "ingress"),
    rule("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", "egress"),
)
