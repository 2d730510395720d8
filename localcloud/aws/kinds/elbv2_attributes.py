"""What load balancers, target groups and listeners keep as key/value attributes, set and read with one call each."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from localcloud.aws.client import Aws
from localcloud.aws.kind import Part, Props
from localcloud.provider.wire import number_text

BALANCER: dict[str, str] = {
    "idleTimeout": "idle_timeout.timeout_seconds",
    "enableDeletionProtection": "deletion_protection.enabled",
    "enableHttp2": "routing.http2.enabled",
    "dropInvalidHeaderFields": "routing.http.drop_invalid_header_fields.enabled",
    "desyncMitigationMode": "routing.http.desync_mitigation_mode",
    "enableCrossZoneLoadBalancing": "load_balancing.cross_zone.enabled",
    "clientKeepAlive": "client_keep_alive.seconds",
    "preserveHostHeader": "routing.http.preserve_host_header.enabled",
    "xffHeaderProcessingMode": "routing.http.xff_header_processing.mode",
    "enableXffClientPort": "routing.http.xff_client_port.enabled",
    "enableWafFailOpen": "waf.fail_open.enabled",
    "enableTlsVersionAndCipherSuiteHeaders": "routing.http.x_amzn_tls_version_and_cipher_suite.enabled",
    "enableZonalShift": "zonal_shift.config.enabled",
    "dnsRecordClientRoutingPolicy": "dns_record.client_routing_policy",
    "accessLogs.enabled": "access_logs.s3.enabled",
    "accessLogs.bucket": "access_logs.s3.bucket",
    "accessLogs.prefix": "access_logs.s3.prefix",
    "connectionLogs.enabled": "connection_logs.s3.enabled",
    "connectionLogs.bucket": "connection_logs.s3.bucket",
    "connectionLogs.prefix": "connection_logs.s3.prefix",
}
LEAST = "minimum_healthy_targets"
TARGETS: dict[str, str] = {
    "deregistrationDelay": "deregistration_delay.timeout_seconds",
    "slowStart": "slow_start.duration_seconds",
    "loadBalancingAlgorithmType": "load_balancing.algorithm.type",
    "loadBalancingAnomalyMitigation": "load_balancing.algorithm.anomaly_mitigation",
    "loadBalancingCrossZoneEnabled": "load_balancing.cross_zone.enabled",
    "preserveClientIp": "preserve_client_ip.enabled",
    "proxyProtocolV2": "proxy_protocol_v2.enabled",
    "connectionTermination": "deregistration_delay.connection_termination.enabled",
    "stickiness.enabled": "stickiness.enabled",
    "stickiness.type": "stickiness.type",
    "stickiness.cookieName": "stickiness.app_cookie.cookie_name",
    "stickiness.cookieDuration": "stickiness.lb_cookie.duration_seconds",
    **{
        f"targetGroupHealth.{ours}.minimumHealthyTargets{what}": f"target_group_health.{theirs}.{LEAST}.{what.lower()}"
        for ours, theirs in (("dnsFailover", "dns_failover"), ("unhealthyStateRouting", "unhealthy_state_routing"))
        for what in ("Count", "Percentage")
    },
}
_HEADERS = {
    "request": (
        "XAmznMtlsClientcertSerialNumber",
        "XAmznMtlsClientcertIssuer",
        "XAmznMtlsClientcertSubject",
        "XAmznMtlsClientcertValidity",
        "XAmznMtlsClientcertLeaf",
        "XAmznMtlsClientcert",
        "XAmznTlsVersion",
        "XAmznTlsCipherSuite",
    ),
    "response": (
        "AccessControlAllowCredentials",
        "AccessControlAllowHeaders",
        "AccessControlAllowMethods",
        "AccessControlAllowOrigin",
        "AccessControlExposeHeaders",
        "AccessControlMaxAge",
        "ContentSecurityPolicy",
        "StrictTransportSecurity",
        "XContentTypeOptions",
        "XFrameOptions",
    ),
}


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower()


LISTENER: dict[str, str] = {
    "tcpIdleTimeoutSeconds": "tcp.idle_timeout.seconds",
    "routingHttpResponseServerEnabled": "routing.http.response.server.enabled",
    **{
        f"routingHttp{way.title()}{header}Header{what}": f"routing.http.{way}.{_snake(header)}.header_{what.lower()}"
        for way, what in (("request", "Name"), ("response", "Value"))
        for header in _HEADERS[way]
    },
}


def tops(names: Mapping[str, str]) -> frozenset[str]:
    """The inputs of the top level in a table of attributes."""
    return frozenset(path.split(".")[0] for path in names)


def put(kind: str, key: str, names: Mapping[str, str]) -> Part:
    """One call that sets the attributes of the inputs given."""

    def send(aws: Aws, arn: str, values: Props, props: Props) -> None:
        pairs = [{"Key": attribute, "Value": text} for attribute, text in _pairs(values, names).items()]
        if pairs:
            aws("elbv2", f"modify_{kind}_attributes", **{key: arn}, Attributes=pairs)

    return send


def _pairs(values: Props, names: Mapping[str, str]) -> dict[str, str]:
    found = {}
    for path, attribute in names.items():
        value: Any = values
        for step in path.split("."):
            value = value.get(step) if isinstance(value, dict) else None
        if value is not None:
            found[_of_cookie(values, attribute)] = number_text(value)
    for block in ("accessLogs", "connectionLogs"):
        if block in values and not values[block].get("bucket"):
            found = {
                k: v
                for k, v in found.items()
                if not k.startswith(names[f"{block}.bucket"].rsplit(".", 1)[0]) or v == "false"
            }
    return found


def _of_cookie(values: Props, attribute: str) -> str:
    """An application's own cookie has its duration under another name."""
    own = (values.get("stickiness") or {}).get("type") == "app_cookie"
    return attribute.replace("lb_cookie", "app_cookie") if own else attribute


def read(kind: str, key: str, names: Mapping[str, str]) -> Callable[..., Props]:
    """The inputs that the attributes say, with one call."""

    def found(aws: Aws, arn: str, live: Props, props: Props) -> Props:
        answer = aws("elbv2", f"describe_{kind}_attributes", **{key: arn})["Attributes"]
        there = {pair["Key"]: pair.get("Value", "") for pair in answer}
        own = there.get("stickiness.type") == "app_cookie"
        values: Props = {}
        for path, attribute in names.items():
            text = there.get(attribute.replace("lb_cookie", "app_cookie") if own else attribute)
            if text is not None and text != "":
                _set(values, path.split("."), _typed(text))
        for block in ("accessLogs", "connectionLogs"):
            if block in values and not values[block].get("enabled") and block not in props:
                del values[block]
        if not values.get("stickiness", {}).get("enabled") and "stickiness" not in props:
            values.pop("stickiness", None)
        return values

    return found


def _set(values: Props, steps: list[str], value: Any) -> None:
    for step in steps[:-1]:
        values = values.setdefault(step, {})
    values[steps[-1]] = value


def _typed(text: str) -> Any:
    if text in ("true", "false"):
        return text == "true"
    return int(text) if text.isdigit() else text
