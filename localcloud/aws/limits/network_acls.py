"""Network ACLs. Sources: EC2 API, CreateNetworkAclEntry; VPC User Guide, network ACLs."""

from collections.abc import Iterator

from localcloud.aws.limits._checks import Check, Fault, Props, each, network, number, one_of, within
from localcloud.aws.limits.network import known_protocol
from localcloud.provider.wire import is_unknown

ANY_PROTOCOL = frozenset({"-1", "all"})
PORTED = frozenset({"tcp", "udp", "6", "17"})


def fitting(prefix: str, at: str = "") -> Check:
    """One block of addresses, and ports that fit the protocol."""

    def check(props: Props) -> Iterator[Fault]:
        blocks = [(at, props)] if not prefix else [(f"{place}.", rule) for place, rule in each(props, prefix)]
        for place, rule in blocks:
            if not isinstance(rule, dict):
                continue
            given = [name for name in ("cidrBlock", "ipv6CidrBlock") if rule.get(name)]
            if len(given) != 1:
                why = "give exactly one of 'cidrBlock' and 'ipv6CidrBlock'"
                yield f"{place}{'ipv6CidrBlock' if given else 'cidrBlock'}", why
            yield from _ports(place, rule)

    return check


def _ports(place: str, rule: Props) -> Iterator[Fault]:
    kind, names = str(rule.get("protocol")).lower(), ("fromPort", "toPort")
    if is_unknown(rule.get("protocol")):
        return
    found = {name: number(rule.get(name)) for name in names}
    low, high = found.values()
    if kind in ANY_PROTOCOL:
        for name, value in found.items():
            if value:
                yield f"{place}{name}", "entries for all protocols ('-1') take no ports: give 0"
        return
    for name, value in found.items():
        if value is not None and not -1 <= value <= 65535:
            yield f"{place}{name}", f"{value:g} is not a port: -1 to 65535"
        if kind in PORTED and rule.get(name) is None:
            yield f"{place}{name}", f"missing required property of an entry for {kind}"
    if kind in PORTED and low is not None and high is not None and low > high:
        yield f"{place}toPort", f"{high:g} is below fromPort {low:g}"


def _entries(direction: str) -> tuple[Check, ...]:
    at = f"{direction}[]"
    return (
        fitting(at), known_protocol(f"{at}.protocol", "ah", "esp"), network(f"{at}.cidrBlock"),
        network(f"{at}.ipv6CidrBlock", 6), within(f"{at}.ruleNo", 1, 32766),
        one_of(f"{at}.action", "allow", "deny", also="(?i)allow|deny"),
    )  # fmt: skip


LIMITS: dict[str, tuple[Check, ...]] = {
    "aws:ec2/networkAcl:NetworkAcl": (*_entries("ingress"), *_entries("egress")),
    "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl": (*_entries("ingress"), *_entries("egress")),
    "aws:ec2/networkAclRule:NetworkAclRule": (
        fitting(""), known_protocol("protocol", "ah", "esp"), network("cidrBlock"), network("ipv6CidrBlock", 6),
        within("ruleNumber", 1, 32766), one_of("ruleAction", "allow", "deny", also="(?i)allow|deny"),
    ),
}  # fmt: skip
