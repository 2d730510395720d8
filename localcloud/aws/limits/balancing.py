"""Load balancers and target groups."""

import re
from collections.abc import Iterator

from localcloud.aws.limits._checks import Check, Fault, Props, each, form, needed, number, one_of

NAME = r"(?!-)[A-Za-z0-9-]{1,32}(?<!-)"
NAMED = "is not a name of at most 32 letters, digits and hyphens that neither begins nor ends with a hyphen"
STICKINESS = ("lb_cookie", "app_cookie", "source_ip", "source_ip_dest_ip", "source_ip_dest_ip_proto")
CODES = {"HTTP": (200, 599), "GRPC": (0, 99)}
"""Codes that a health check may take for healthy (CreateTargetGroup, Matcher; an application balancer's own 200 to 499
is stricter, which the target group alone does not tell)."""
MOST_VALUES = 5
"""Values of all conditions of a rule together (Quotas for your Application Load Balancers)."""


def check_port(props: Props) -> Iterator[Fault]:
    """The port of the health check."""
    for place, value in each(props, "healthCheck.port"):
        port = number(value)
        if value != "traffic-port" and (port is None or not 1 <= port <= 65535):
            yield place, f"{value!r} is not allowed; allowed are traffic-port and 1 to 65535"


def matcher(props: Props) -> Iterator[Fault]:
    """Codes are single ones, lists or ranges within what the protocol has."""
    grpc = props.get("protocolVersion") == "GRPC"
    low, high = CODES["GRPC" if grpc else "HTTP"]
    for place, value in each(props, "healthCheck.matcher"):
        if not re.fullmatch(r"\d+([-,]\d+)*", str(value)):
            yield place, f"{value!r} is not allowed; wanted codes such as 200, 200,202 or 200-299"
        elif not all(low <= int(code) <= high for code in re.findall(r"\d+", str(value))):
            yield place, f"{value!r} is not within {low} to {high}"


def port(props: Props) -> Iterator[Fault]:
    """All but gateway balancers listen on a port."""
    if re.search(r":loadbalancer/(app|net)/", str(props.get("loadBalancerArn"))):
        yield from needed("port")(props)


def conditions(props: Props) -> Iterator[Fault]:
    """A rule has few values."""
    blocks = [
        b for c in props.get("conditions") or () if isinstance(c, dict) for b in c.values() if isinstance(b, dict)
    ]
    values = [value for block in blocks if isinstance(block.get("values"), list) for value in block["values"]]
    if len(values) > MOST_VALUES:
        yield "conditions", f"{len(values)} values of all conditions together, allowed are {MOST_VALUES}"


LIMITS: dict[str, tuple[Check, ...]] = {
    "aws:lb/loadBalancer:LoadBalancer": (
        form("name", NAME, NAMED),
        form("name", r"(?!internal-).*", "begins with 'internal-', which AWS keeps for itself"),
    ),
    "aws:lb/targetGroup:TargetGroup": (
        form("name", NAME, NAMED), form("healthCheck.path", r"/.*", "does not begin with '/'"), check_port, matcher,
        one_of("stickiness.type", *STICKINESS),
    ),
    "aws:lb/listener:Listener": (port,),
    "aws:lb/listenerRule:ListenerRule": (conditions,),
}  # fmt: skip
