"""Load balancers, health checks of target groups, actions of listeners and their rules.

Sources: Elastic Load Balancing API, CreateTargetGroup, CreateLoadBalancer, CreateListener, CreateRule and their types;
Quotas for your Application Load Balancers; the official provider's checks of a target group's health check.
"""

import math
import re
from collections.abc import Iterator

from localcloud.aws.limits._checks import (
    Check,
    Fault,
    Props,
    each,
    form,
    needed,
    number,
    one_of,
    within,
)
from localcloud.aws.limits._conditions import sized
from localcloud.provider.wire import is_unknown, unknowns

NAME = r"(?!-)[A-Za-z0-9-]{1,32}(?<!-)"
NAMED = "is not a name of at most 32 letters, digits and hyphens that neither begins nor ends with a hyphen"
STICKINESS = {
    "lb_cookie": ("HTTP", "HTTPS"), "app_cookie": ("HTTP", "HTTPS"), "source_ip": ("TCP", "UDP", "TCP_UDP", "TLS"),
    "source_ip_dest_ip": ("GENEVE",), "source_ip_dest_ip_proto": ("GENEVE",),
}  # fmt: skip
"""Kinds of stickiness, and the protocols of the groups that have them (TargetGroupAttribute)."""
CODES = {"HTTP": (200, 499), "NETWORK": (200, 599), "GRPC": (0, 99)}
"""Codes that a health check may take for healthy (CreateTargetGroup, Matcher); a group's protocol tells which."""
OF_APPLICATIONS = ("HTTP", "HTTPS")
CHECKS = ("HTTP", "HTTPS", "TCP")
INTERVAL = 30
TIMEOUTS = {"HTTP": 5, "HTTPS": 5, "GENEVE": 5}
"""Seconds of a health check's timeout where it is left out; 10 for the other protocols."""
OTHER_TIMEOUT = 10
LARGEST_PORT = 65_535
OF_A_SCHEME = {"privateIpv4Address": True, "allocationId": False, "ipv6Address": False}
"""Addresses of a mapping, and whether they are an internal balancer's (SubnetMapping)."""
MOST_GROUPS, HEAVIEST, LONGEST_STICKINESS = 5, 999, 604_800
LAST = ("forward", "redirect", "fixed-response")
"""What the last action of a rule is; the others come before it."""
CONTENT = ("text/plain", "text/css", "text/html", "application/javascript", "application/json")
KEPT = {"protocol": "#{protocol}", "host": "#{host}", "port": "#{port}", "path": "/#{path}"}
"""What a redirect keeps where it says nothing: one that keeps all of these never ends."""


def check_port(props: Props) -> Iterator[Fault]:
    """The port of the health check."""
    for place, value in each(props, "healthCheck.port"):
        port = number(value)
        if value != "traffic-port" and (port is None or not 1 <= port <= 65535):
            yield place, f"{value!r} is not allowed; allowed are traffic-port and 1 to 65535"


def matcher(props: Props) -> Iterator[Fault]:
    """Codes are single ones, lists or ranges within what the protocol has."""
    if is_unknown(props.get("protocolVersion")) or is_unknown(props.get("protocol")):
        return
    grpc = props.get("protocolVersion") == "GRPC"
    low, high = CODES["GRPC" if grpc else "HTTP" if props.get("protocol") in OF_APPLICATIONS else "NETWORK"]
    for place, value in each(props, "healthCheck.matcher"):
        if not re.fullmatch(r"\d+([-,]\d+)*", str(value)):
            yield place, f"{value!r} is not allowed; wanted codes such as 200, 200,202 or 200-299"
        elif not all(low <= int(code) <= high for code in re.findall(r"\d+", str(value))):
            yield place, f"{value!r} is not within {low} to {high}"


def health(props: Props) -> Iterator[Fault]:
    """A check by TCP knows no paths and codes, and is none of an application's; it ends before the next begins."""
    check, protocol = props.get("healthCheck"), props.get("protocol")
    if not isinstance(check, dict):
        return
    kind, lasts = check.get("protocol", "HTTP"), props.get("targetType") == "lambda"
    by_application = protocol in OF_APPLICATIONS or lasts
    if isinstance(kind, str) and kind.upper() == "TCP":
        for name in ("path", "matcher"):
            if check.get(name) not in (None, ""):
                yield f"healthCheck.{name}", "is not for a check by TCP"
        if by_application:
            told = "'targetType': 'lambda'" if lasts else f"'protocol': {protocol!r}"
            yield "healthCheck.protocol", f"'TCP' is not possible with {told}"
    if check.get("enabled") is False and not lasts and not is_unknown(props.get("targetType")):
        yield "healthCheck.enabled", "false is only for 'targetType': 'lambda'"
    if lasts or is_unknown(protocol):
        return
    interval = number(check.get("interval", INTERVAL))
    timeout = number(check.get("timeout", TIMEOUTS.get(str(protocol), OTHER_TIMEOUT)))
    if interval is None or timeout is None:
        return
    if timeout > interval or (timeout == interval and by_application):
        at, told = (
            ("timeout", f"{timeout:g}") if "timeout" in check else ("interval", f"the default timeout {timeout:g}")
        )
        how = "must be below" if by_application else "is above"
        yield f"healthCheck.{at}", f"{told} {how} the interval of {interval:g} seconds"


def sticky(props: Props) -> Iterator[Fault]:
    """Stickiness of the group's protocol; a cookie of the application has a name."""
    for place, block in each(props, "stickiness"):
        kind, protocol = block.get("type"), props.get("protocol")
        if kind not in STICKINESS:
            continue
        if isinstance(protocol, str) and not is_unknown(protocol) and protocol not in STICKINESS[kind]:
            yield f"{place}.type", f"{kind!r} is not possible with 'protocol': {protocol!r}"
        if kind == "app_cookie" and block.get("enabled", True) is True and block.get("cookieName") is None:
            yield f"{place}.cookieName", "missing required property of stickiness of type app_cookie"


def versions(props: Props) -> Iterator[Fault]:
    """A version of HTTP is of HTTP; what has no port of its own has none given."""
    protocol, kind = props.get("protocol"), props.get("targetType", "instance")
    other = isinstance(protocol, str) and not is_unknown(protocol) and protocol not in OF_APPLICATIONS
    if props.get("protocolVersion") and other:
        yield "protocolVersion", f"is only for HTTP and HTTPS, not {protocol}"
    if kind == "lambda":
        for name in ("port", "protocol", "vpcId"):
            if props.get(name) is not None:
                yield name, "is not for 'targetType': 'lambda'"
    elif not is_unknown(kind):
        for name in ("port", "protocol", "vpcId"):
            if props.get(name) is None:
                yield name, "missing required property for this target type"
    if kind == "alb" and protocol not in (None, "TCP") and not is_unknown(protocol):
        yield "protocol", f"{protocol!r} is not possible with 'targetType': 'alb'; allowed is TCP"


def port(props: Props) -> Iterator[Fault]:
    """All but gateway balancers listen on a port."""
    if re.search(r":loadbalancer/(app|net)/", str(props.get("loadBalancerArn"))):
        yield from needed("port")(props)


def actions(path: str) -> Check:
    """The last action answers, those before it only look; each within its numbers."""

    def check(props: Props) -> Iterator[Fault]:
        listed = [(at, one) for at, one in each(props, f"{path}[]") if isinstance(one, dict)]
        kinds = [str(one.get("type")) for _, one in listed]
        if any(is_unknown(one.get("type")) or unknowns(one.get("order")) for _, one in listed):
            return
        ends = [at for (at, _), kind in zip(listed, kinds, strict=True) if kind in LAST]
        ordered = sorted(listed, key=lambda pair: number(pair[1].get("order")) or math.inf)
        if listed and len(ends) != 1:
            yield path, f"exactly one action is one of {', '.join(LAST)}; {len(ends)} are"
        elif ordered and ordered[-1][0] != ends[0]:
            yield ends[0], "comes before another action, and is the one that answers"
        for at, one in listed:
            yield from _action(at, one)

    return check


def _action(at: str, action: Props) -> Iterator[Fault]:
    forward, redirect, fixed = (action.get(name) for name in ("forward", "redirect", "fixedResponse"))
    if isinstance(forward, dict):
        groups = forward.get("targetGroups")
        if isinstance(groups, list) and not 1 <= len(groups) <= MOST_GROUPS:
            yield f"{at}.forward.targetGroups", f"{len(groups)} target groups, allowed are 1 to {MOST_GROUPS}"
        for place, why in [
            *within("targetGroups[].weight", 0, HEAVIEST)(forward),
            *within("stickiness.duration", 1, LONGEST_STICKINESS, "seconds")(forward),
        ]:
            yield f"{at}.forward.{place}", why
    if isinstance(redirect, dict):
        for name, why in _redirect(redirect):
            yield f"{at}.redirect{name}", why
    if isinstance(fixed, dict):
        for place, why in one_of("contentType", *CONTENT)(fixed):
            yield f"{at}.fixedResponse.{place}", why


def _redirect(redirect: Props) -> Iterator[Fault]:
    if all(redirect.get(name, kept) == kept for name, kept in KEPT.items()):
        yield "", f"leads back to itself: change one of {', '.join(KEPT)}"
    for place, why in form("path", r"/.*", "does not begin with '/'")(redirect):
        yield f".{place}", why
    for place, value in each(redirect, "port"):
        found = number(value)
        if value != KEPT["port"] and (found is None or not 1 <= found <= LARGEST_PORT):
            yield f".{place}", f"{value!r} is not allowed; allowed are #{{port}} and 1 to {LARGEST_PORT}"


def subnets(props: Props) -> Iterator[Fault]:
    """Where a balancer stands is said once; addresses of its own are a network balancer's."""
    if props.get("subnets") and props.get("subnetMappings"):
        yield "subnetMappings", "conflicts with 'subnets': give one of them"
    kind = props.get("loadBalancerType", "application")
    for place, block in each(props, "subnetMappings[]"):
        if not isinstance(block, dict):
            continue
        if block.get("allocationId") and block.get("privateIpv4Address"):
            yield f"{place}.privateIpv4Address", "conflicts with 'allocationId': give one of them"
        for name, internal in OF_A_SCHEME.items():
            if (
                block.get(name)
                and props.get("internal", False) is not internal
                and not is_unknown(props.get("internal"))
            ):
                yield f"{place}.{name}", f"is only for 'internal': {str(internal).lower()}"
    if kind == "application":
        for place, _ in each(props, "subnetMappings[].allocationId"):
            yield place, "is not for a balancer of type application"
    if kind == "gateway" and props.get("internal") is True:
        yield "internal", "is not for a balancer of type gateway"
    if kind == "gateway" and props.get("securityGroups"):
        yield "securityGroups", "are not for a balancer of type gateway"


LIMITS: dict[str, tuple[Check, ...]] = {
    "aws:lb/loadBalancer:LoadBalancer": (
        form("name", NAME, NAMED),
        form("name", r"(?!internal-).*", "begins with 'internal-', which AWS keeps for itself"),
        subnets, within("idleTimeout", 1, 4_000, "seconds"), within("clientKeepAlive", 60, 604_800, "seconds"),
        one_of("loadBalancerType", "application", "network", "gateway"),
        form("securityGroups[]", "sg-.+", "is no id of a group, such as sg-0123"),
    ),
    "aws:lb/targetGroup:TargetGroup": (
        form("name", NAME, NAMED), form("healthCheck.path", r"/.*", "does not begin with '/'"), check_port, matcher,
        one_of("healthCheck.protocol", *CHECKS), health, one_of("stickiness.type", *STICKINESS), sticky, versions,
        within("stickiness.cookieDuration", 0, 604_800, "seconds"),
    ),
    "aws:lb/listener:Listener": (port, actions("defaultActions"), sized("defaultActions", 1, 10, "actions")),
    "aws:lb/listenerRule:ListenerRule": (actions("actions"), sized("actions", 1, 10, "actions")),
}  # fmt: skip
