"""Who reaches what from outside."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from guardrails.addresses import is_world
from guardrails.checks.check import Check, Inputs, StackCheck, canonical
from guardrails.values import UNKNOWN, Declared, at, every, is_off, is_on, maps, number, text

_LAST_PORT = 65_535
_GROUPS = ("aws:ec2/securityGroup:SecurityGroup", "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup")
_INGRESS_RULES = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
_OLDER_RULES = "aws:ec2/securityGroupRule:SecurityGroupRule"
_PREFIX_LISTS = "aws:ec2/managedPrefixList:ManagedPrefixList"
_PREFIX_LIST_ENTRIES = "aws:ec2/managedPrefixListEntry:ManagedPrefixListEntry"
_LISTENER = "aws:lb/listener:Listener"
_PROTOCOLS = {"6": "tcp", "17": "udp", "-1": "all", "1": "icmp", "58": "icmpv6"}
"""Numbers of protocols (IANA) that stand for their names in rules."""
_LISTENER_PROTOCOLS = {"UDP": ("udp",), "TCP_UDP": ("tcp", "udp"), "QUIC": ("udp",), "TCP_QUIC": ("tcp", "udp")}
"""Protocols of listeners that are not TCP alone; all others are."""
USUAL_PORTS = (80, 443)
"""Ports of a listener where the stack declares none, as where the balancer is another stack's."""


class Opening(NamedTuple):
    """Addresses that reach ports of a group."""

    declared: Declared
    group: Any
    """What stands for the security group: its id, the URNs that it comes from, or the resource itself."""
    protocol: str
    first: float
    last: float
    blocks: tuple[str, ...]


def _blocks(rule: Inputs, lists: dict[str, tuple[str, ...]], declared: Declared) -> tuple[str, ...]:
    """Every address that a rule names, in either form of rule, prefix lists of the stack included."""
    named = [rule.get("cidrIpv4"), rule.get("cidrIpv6"), *every(rule, "cidrBlocks"), *every(rule, "ipv6CidrBlocks")]
    if rule.get("prefixListId") or rule.get("prefixListIds"):
        for name in ("prefixListId", "prefixListIds", "ingress"):  # rules within a group refer by `ingress` as a whole
            for urn in declared.refers.get(name, ()):
                named += lists.get(urn, ())
    return tuple(filter(None, map(text, named)))


def _opening(declared: Declared, rule: Inputs, group: Any, lists: dict[str, tuple[str, ...]]) -> Opening:
    given = rule.get("ipProtocol") or rule.get("protocol")
    protocol = text(given).lower() or ("all" if given is None or number(given) == -1 else str(given))
    protocol = _PROTOCOLS.get(protocol, protocol)
    first, last = number(rule.get("fromPort")), number(rule.get("toPort"))
    if protocol == "all" or first is None or last is None or first < 0:
        first, last = 0.0, float(_LAST_PORT)
    return Opening(declared, group, protocol, first, last, _blocks(rule, lists, declared))


def openings(resources: Sequence[Declared]) -> Iterator[Opening]:
    """What every rule of a stack lets in, whichever resource declares it."""
    lists = _prefix_lists(resources)
    for each in resources:
        kind, inputs = canonical(each.type), each.inputs
        if kind in _GROUPS:
            for rule in maps(every(inputs, "ingress")):
                yield _opening(each, rule, each.urn or each.name, lists)
        elif kind == _INGRESS_RULES or (kind == _OLDER_RULES and inputs.get("type") == "ingress"):
            urns = each.refers.get("securityGroupId")
            yield _opening(each, inputs, next(iter(sorted(urns)), None) if urns else _group_of(inputs), lists)


def _group_of(inputs: Inputs) -> str:
    given = inputs.get("securityGroupId")
    return "" if given is UNKNOWN else text(given)


def _prefix_lists(resources: Sequence[Declared]) -> dict[str, tuple[str, ...]]:
    """URN of a prefix list -> the blocks that it holds."""
    found: defaultdict[str, tuple[str, ...]] = defaultdict(tuple)
    for each in resources:
        if canonical(each.type) == _PREFIX_LISTS:
            found[each.urn] += tuple(text(entry.get("cidr")) for entry in maps(every(each.inputs, "entries")))
        elif canonical(each.type) == _PREFIX_LIST_ENTRIES:
            for urn in each.refers.get("prefixListId", ()):
                found[urn] += (text(each.inputs.get("cidr")),)
    return found


def listener_ports(resources: Sequence[Declared]) -> frozenset[tuple[str, float]]:
    """(protocol, port) of the listeners that a stack declares; the usual ones where it declares none."""
    found: set[tuple[str, float]] = set()
    for each in resources:
        if canonical(each.type) == _LISTENER and (port := number(each.inputs.get("port"))) is not None:
            protocols = _LISTENER_PROTOCOLS.get(text(each.inputs.get("protocol")), ("tcp",))
            found |= {(protocol, port) for protocol in protocols}
    return frozenset(found) or frozenset(("tcp", float(port)) for port in USUAL_PORTS)


def world_reaches_listener_ports_only(resources: Sequence[Declared]) -> Iterator[tuple[Declared, str]]:
    """From anywhere, or from a set of addresses that comes to it, only the ports of listeners are reached."""
    allowed = listener_ports(resources)
    by_group: defaultdict[Any, list[Opening]] = defaultdict(list)
    for opening in openings(resources):
        by_group[opening.group or opening.declared.urn or opening.declared.name].append(opening)
    ports = ", ".join(f"{port:g}" for port in sorted({port for _, port in allowed}))
    for rules in by_group.values():
        for opening in rules:
            if opening.first == opening.last and (opening.protocol, opening.first) in allowed:
                continue
            if not opening.blocks or not any(is_world(blocks) for blocks in _together(opening, rules, allowed)):
                continue
            beside = "" if is_world(opening.blocks) else ", with the other rules of its group,"
            said = f"{_ports(opening)}{beside} is open to the world: only ports of listeners may be ({ports}); "
            yield opening.declared, said + "name the source's security group instead"


def _together(
    opening: Opening, rules: Sequence[Opening], allowed: frozenset[tuple[str, float]]
) -> Iterator[tuple[str, ...]]:
    """What the rules of a group let in together, at each stretch of the opening's ports that is no listener's."""
    alike = [other for other in rules if _meets(other, opening)]
    edges = {opening.first, *(edge for other in alike for edge in (other.first, other.last + 1))}
    edges |= {edge for _, port in allowed for edge in (port, port + 1)}
    for port in sorted(edge for edge in edges if opening.first <= edge <= opening.last):
        if (opening.protocol, port) not in allowed:
            yield tuple(block for other in alike if other.first <= port <= other.last for block in other.blocks)


def _meets(one: Opening, other: Opening) -> bool:
    return (one.protocol == other.protocol or "all" in (one.protocol, other.protocol)) and (
        one.first <= other.last and other.first <= one.last
    )


def _ports(opening: Opening) -> str:
    if opening.protocol in ("icmp", "icmpv6"):
        return opening.protocol
    if (opening.first, opening.last) == (0, _LAST_PORT):
        return "every port"
    protocol = "" if opening.protocol == "tcp" else f"{opening.protocol} "
    return f"{protocol}port {opening.first:g}" + (f" to {opening.last:g}" if opening.last != opening.first else "")


def plain_listeners_redirect(resources: Sequence[Declared]) -> Iterator[tuple[Declared, str]]:
    """A balancer that speaks TLS answers nobody in plain text (Security Hub ELB.1)."""
    listeners = [each for each in resources if canonical(each.type) == _LISTENER]
    with_tls = {_balancer(each) for each in listeners if each.inputs.get("protocol") == "HTTPS"} - {None}
    for each in listeners:
        if each.inputs.get("protocol") != "HTTP" or _balancer(each) not in with_tls:
            continue
        kinds = {text(action.get("type")) for action in maps(every(each.inputs, "defaultActions"))}
        if kinds and not kinds & {"redirect", "fixed-response", ""}:
            yield each, "the balancer answers in plain text beside TLS: redirect this listener to HTTPS"


def _balancer(listener: Declared) -> Any:
    """What stands for the balancer: the URNs that its ARN comes from, or the ARN."""
    return listener.refers.get("loadBalancerArn") or text(listener.inputs.get("loadBalancerArn")) or None


def default_groups_let_nobody_in(group: Inputs) -> Iterator[str]:
    """What names no group is in the default one (Security Hub EC2.2)."""
    if any(maps(every(group, "ingress"))):
        yield "the default group lets somebody in: leave ingress out, and give resources groups of their own"


def endpoint_services_name_who_connects(service: Inputs) -> Iterator[str]:
    """Whoever is allowed and need not be accepted is inside."""
    anyone = any("*" in text(each) for each in every(service, "allowedPrincipals"))
    if anyone and is_off(service.get("acceptanceRequired")):
        yield "anyone may connect to the endpoint service: name allowedPrincipals, or set acceptanceRequired"


def _no_public_address(*path: str) -> Any:
    def check(inputs: Inputs) -> Iterator[str]:
        if is_on(at(inputs, *path)) or at(inputs, *path) == "ENABLED":
            yield f"tasks get public addresses: put them into private subnets with {path[-1]} false"

    return check


def subnets_give_no_public_address(inputs: Inputs) -> Iterator[str]:
    """What starts in a subnet has a public address only where somebody says so."""
    if is_on(inputs.get("mapPublicIpOnLaunch")):
        yield "whatever starts here gets a public address: leave mapPublicIpOnLaunch out"


CHECKS = (
    Check(
        "private-tasks",
        "Tasks have no public address.",
        "A task with a public address is attacked past the balancer.",
        {
            "aws:ecs/service:Service": _no_public_address("networkConfiguration", "assignPublicIp"),
            "aws:ecs/taskSet:TaskSet": _no_public_address("networkConfiguration", "assignPublicIp"),
            "aws:cloudwatch/eventTarget:EventTarget": _no_public_address(
                "ecsTarget", "networkConfiguration", "assignPublicIp"
            ),
            "aws:scheduler/schedule:Schedule": _no_public_address(
                "target", "ecsParameters", "networkConfiguration", "assignPublicIp"
            ),
            "aws:pipes/pipe:Pipe": _no_public_address(
                "targetParameters",
                "ecsTaskParameters",
                "networkConfiguration",
                "awsVpcConfiguration",
                "assignPublicIp",
            ),
        },
    ),
    Check(
        "private-subnets",
        "Subnets hand out no public address.",
        "What starts there would get a public address without asking.",
        {
            "aws:ec2/subnet:Subnet": subnets_give_no_public_address,
            "aws:ec2/defaultSubnet:DefaultSubnet": subnets_give_no_public_address,
        },
    ),
    Check(
        "empty-default-groups",
        "Default security groups let nobody in.",
        "What names no security group gets this one.",
        {"aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": default_groups_let_nobody_in},
    ),
    Check(
        "named-connections",
        "Endpoint services are not open to anyone.",
        "Any account could put itself in front of the service.",
        {"aws:ec2/vpcEndpointService:VpcEndpointService": endpoint_services_name_who_connects},
    ),
)
STACK_CHECKS = (
    StackCheck(
        "listener-ports-only",
        "Only listener ports are open to the world.",
        "What is reachable is attacked within minutes.",
        world_reaches_listener_ports_only,
    ),
    StackCheck(
        "redirected-listeners",
        "Balancers with TLS redirect to it.",
        "Passwords and cookies would go in plain text for whoever forgets the s.",
        plain_listeners_redirect,
    ),
)
