"""Attributes of target groups, each of some protocols only.

Sources: Elastic Load Balancing API, TargetGroupAttribute and CreateTargetGroup; the official provider, which leaves out
attributes that a target type does not have, and its tests of stickiness; PREFLIGHT rules/elbv2.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from localcloud.aws.limits._checks import Check, Fault, Props, each, form, number, one_of
from localcloud.provider.wire import is_unknown

APPLICATION = ("HTTP", "HTTPS")
NETWORK = ("TCP", "TLS", "UDP", "TCP_UDP", "QUIC", "TCP_QUIC")
DATAGRAMS = ("UDP", "TCP_UDP")
ONLY_OF: Mapping[str, tuple[str, ...]] = {
    "slowStart": APPLICATION, "loadBalancingAlgorithmType": APPLICATION, "loadBalancingAnomalyMitigation": APPLICATION,
    "proxyProtocolV2": NETWORK, "connectionTermination": NETWORK, "preserveClientIp": NETWORK,
}  # fmt: skip
"""Attributes, and the protocols of the groups that have them."""
ALGORITHMS = ("round_robin", "least_outstanding_requests", "weighted_random")
PORT_OF_GENEVE, CODES_OF_GENEVE = 6_081, (200, 399)
HEALTH = ("dnsFailover", "unhealthyStateRouting")


def _on(value: Any) -> bool:
    return value not in (None, False, 0, "", "false", "0") and not is_unknown(value)


def attributes(props: Props) -> Iterator[Fault]:
    """What an attribute is set to for another protocol is refused; the official provider leaves out what is off."""
    protocol, kind = props.get("protocol"), props.get("targetType", "instance")
    if not isinstance(protocol, str) or is_unknown(protocol) or kind not in ("instance", "ip"):
        return
    for name, kinds in ONLY_OF.items():
        given = props.get(name)
        if protocol not in kinds and (_on(given) or (name == "preserveClientIp" and given is not None)):
            yield name, f"is for groups of protocol {', '.join(kinds)}, not {protocol}"
    if protocol in DATAGRAMS and props.get("preserveClientIp") in (False, "false"):
        yield "preserveClientIp", f"'false' is not possible with 'protocol': {protocol!r}"
    for place, block in each(props, "stickiness"):
        enabled = isinstance(block, dict) and block.get("enabled", True) is True
        if enabled and protocol == "TLS":
            yield f"{place}.enabled", "true is not possible with 'protocol': 'TLS'"
        if enabled and props.get("loadBalancingAlgorithmType") == "weighted_random":
            yield f"{place}.enabled", "true is not possible with 'loadBalancingAlgorithmType': 'weighted_random'"


def mitigated(props: Props) -> Iterator[Fault]:
    """Anomalies are met by weights."""
    algorithm = props.get("loadBalancingAlgorithmType", "round_robin")
    if (
        props.get("loadBalancingAnomalyMitigation") == "on"
        and not is_unknown(algorithm)
        and algorithm != "weighted_random"
    ):
        yield (
            "loadBalancingAnomalyMitigation",
            f"'on' needs 'loadBalancingAlgorithmType': 'weighted_random', not {algorithm!r}",
        )


def encapsulated(props: Props) -> Iterator[Fault]:
    """Gateway balancers reach their targets on one port, and take fewer codes for healthy."""
    if props.get("protocol") != "GENEVE":
        return
    port = number(props.get("port"))
    if port is not None and port != PORT_OF_GENEVE:
        yield "port", f"{port:g} is not {PORT_OF_GENEVE}, the port of protocol GENEVE"
    low, high = CODES_OF_GENEVE
    for place, codes in each(props, "healthCheck.matcher"):
        if not all(low <= int(code) <= high for code in re.findall(r"\d+", str(codes))):
            yield place, f"{codes!r} is not within {low} to {high}"


def checked(props: Props) -> Iterator[Fault]:
    """Codes rise; a balancer behind another one is asked by HTTP; a function has time to answer."""
    for place, codes in each(props, "healthCheck.matcher"):
        for first, last in re.findall(r"(\d+)-(\d+)", str(codes)):
            if int(first) > int(last):
                yield place, f"{codes!r} runs backwards"
    if props.get("targetType") == "alb":
        for place, protocol in each(props, "healthCheck.protocol"):
            if protocol == "TCP":
                yield place, "'TCP' is not possible with 'targetType': 'alb'"
    if props.get("targetType") == "lambda":
        check = props.get("healthCheck")
        timeout, interval = (
            (number(check.get(name)) for name in ("timeout", "interval")) if isinstance(check, dict) else (None, None)
        )
        if timeout is not None and timeout > (interval or INTERVAL):
            yield "healthCheck.timeout", f"{timeout:g} is above the interval of {interval or INTERVAL:g} seconds"


INTERVAL = 30
"""Seconds between two checks that the official provider sends where nothing is said."""


def thresholds(props: Props) -> Iterator[Fault]:
    """A zone leaves the name no later than all targets are asked again."""
    health = props.get("targetGroupHealth")
    if not isinstance(health, dict):
        return
    blocks: list[Props] = [health[name] if isinstance(health.get(name), dict) else {} for name in HEALTH]
    for unit in ("Count", "Percentage"):
        name = f"minimumHealthyTargets{unit}"
        failover, routing = (number(block.get(name)) for block in blocks)
        if failover is not None and routing is not None and failover < routing:
            yield (
                f"targetGroupHealth.dnsFailover.{name}",
                f"{failover:g} is below the {routing:g} of 'unhealthyStateRouting'",
            )


OFF_OR_COUNT = (r"off|[1-9]\d*", "is neither 'off' nor a number from 1 up")
OFF_OR_SHARE = (r"off|[1-9]\d?|100", "is neither 'off' nor a number from 1 to 100")

LIMITS: dict[str, tuple[Check, ...]] = {
    "aws:lb/targetGroup:TargetGroup": (
        attributes, mitigated, encapsulated, checked, thresholds,
        one_of("protocolVersion", "HTTP1", "HTTP2", "GRPC"), one_of("loadBalancingAlgorithmType", *ALGORITHMS),
        one_of("loadBalancingAnomalyMitigation", "on", "off"),
        one_of("loadBalancingCrossZoneEnabled", "true", "false", "use_load_balancer_configuration"),
        form("stickiness.cookieName", r"(?!AWSALB).*", "begins with AWSALB, which the balancer keeps for itself"),
        form("targetGroupHealth.dnsFailover.minimumHealthyTargetsCount", *OFF_OR_COUNT),
        *(form(f"targetGroupHealth.{name}.minimumHealthyTargetsPercentage", *OFF_OR_SHARE) for name in HEALTH),
    ),
}  # fmt: skip
