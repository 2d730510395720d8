"""What Elastic Load Balancing refuses, each beside what it takes: data for test_refusals.py. Sources: the tables of limits."""

from typing import Any

Values = dict[str, Any]

ARN = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer"
NET, GATEWAY = f"{ARN}/net/web/0123456789abcdef", f"{ARN}/gwy/web/0123456789abcdef"
GROUP = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web/0123456789abcdef"
CERTIFICATE = {"certificateArn": "arn:aws:acm:eu-west-1:123456789012:certificate/x"}
HTTPS: Values = {"protocol": "HTTPS", "port": 443} | CERTIFICATE
TLS: Values = {"loadBalancerArn": NET, "protocol": "TLS", "port": 443} | CERTIFICATE
FORWARD = {"type": "forward", "targetGroupArn": GROUP}
REDIRECT = {"type": "redirect", "redirect": {"statusCode": "HTTP_301", "protocol": "HTTPS"}}
TCP: Values = {"loadBalancerArn": NET, "protocol": "TCP"}
LAMBDA: Values = {"targetType": "lambda", "port": None, "protocol": None, "vpcId": None}
GENEVE: Values = {"protocol": "GENEVE", "port": 6081}
ENDPOINT = "https://a.example.com"
NO_HOST = "is no host name with a '.' whose last part begins with a letter"
NO_HEADER = "is no header of at most 40 characters, or it is Host: see 'hostHeader'"
NO_METHOD = "is no method of at most 40 capital letters, '-' and '_'"
ON_NETWORKS = "is for groups of protocol TCP, TLS, UDP, TCP_UDP, QUIC, TCP_QUIC, not HTTP"
ON_APPLICATIONS = "is for groups of protocol HTTP, HTTPS, not TCP"


def when(*conditions: Values) -> Values:
    return {"conditions": list(conditions)}


def hosts(*names: str) -> Values:
    return {"hostHeader": {"values": list(names)}}


def paths(*names: str) -> Values:
    return {"pathPattern": {"values": list(names)}}


def header(name: str) -> Values:
    return {"httpHeader": {"httpHeaderName": name, "values": ["1"]}}


def methods(*names: str) -> Values:
    return {"httpRequestMethod": {"values": list(names)}}


def query(**pair: str) -> Values:
    return {"queryStrings": [pair]}


def oidc(**more: Any) -> Values:
    asked = dict.fromkeys(("authorizationEndpoint", "issuer", "tokenEndpoint", "userInfoEndpoint"), ENDPOINT)
    return {"type": "authenticate-oidc", "authenticateOidc": asked | {"clientId": "a", "clientSecret": "b"} | more}


def checked(**check: Any) -> Values:
    return {"healthCheck": check}


def sticky(kind: str, **more: Any) -> Values:
    return {"stickiness": {"type": kind} | more}


def health(failover: Values, routing: Values | None = None) -> Values:
    return {"targetGroupHealth": {"dnsFailover": failover} | ({"unhealthyStateRouting": routing} if routing else {})}


def mapped(internal: bool | None = None, **address: str) -> Values:
    mapping = {"subnets": None, "loadBalancerType": "network", "subnetMappings": [{"subnetId": "subnet-1"} | address]}
    return mapping | ({} if internal is None else {"internal": internal})


REFUSED: list[tuple[str, Values, list[tuple[str, str]]]] = [
    # conditions
    ("rule", when(), [("conditions", "a rule needs at least one condition")]),
    *(("rule", when(header(name)), [("conditions[0].httpHeader.httpHeaderName", f"{name!r} {NO_HEADER}")]) for name in ("X" * 41, "Host", "HOST", "a b")),
    *(("rule", when(methods(name)), [("conditions[0].httpRequestMethod.values[0]", f"{name!r} {NO_METHOD}")]) for name in ("get", "*", "A" * 41)),
    *(("rule", when(hosts(name)), [("conditions[0].hostHeader.values[0]", f"{name!r} {NO_HOST}")])
      for name in ("localhost", "10.0.0.1", "a_b.example.com", "*", "example.com.")),
    ("rule", when(paths("/a b")), [("conditions[0].pathPattern.values[0]", "'/a b' has a blank, which no path has")]),
    ("rule", when(query(value="")), [("conditions[0].queryStrings[0]", "is empty")]),
    ("rule", when(query(key="k" * 129, value="v")), [("conditions[0].queryStrings[0]", "is longer than 128 characters")]),
    ("rule", when(paths("/a", "/b", "/c"), hosts("a.com", "b.com"), query(value="v")), [("conditions", "6 values of all conditions together, allowed are 5")]),
    ("rule", when({"pathPattern": {"regexValues": list("abcdef")}}), [("conditions", "6 values of all conditions together, allowed are 5")]),
    ("rule", when({"hostHeader": {"regexValues": ["a" * 129]}}), [("conditions[0].hostHeader.regexValues[0]", "is longer than 128 characters")]),
    ("rule", when(paths("/*/*/*"), hosts("*.a.com"), query(key="*", value="??")), [("conditions", "7 wildcards of all conditions together, allowed are 6")]),
    ("rule", when(*(methods("GET") for _ in range(2))), [("conditions", "2 conditions are 'httpRequestMethod', allowed is 1")]),
    ("rule", when({"sourceIp": {"values": ["10.0.0.1"]}}),
     [("conditions[0].sourceIp.values[0]", "'10.0.0.1' has no prefix length; did you mean '10.0.0.1/32'?")]),
    # actions
    ("rule", {"actions": [REDIRECT | {"redirect": {"statusCode": "HTTP_301", "protocol": "HTTPS", "query": "?a=b"}}]},
     [("actions[0].redirect.query", "'?a=b' begins with '?', which is added by itself")]),
    ("rule", {"actions": [oidc(issuer="http://a"), FORWARD]}, [("actions[0].authenticateOidc.issuer", "'http://a' does not begin with https://")]),
    ("rule", {"actions": [oidc(sessionTimeout=604_801), FORWARD]}, [("actions[0].authenticateOidc.sessionTimeout", "604801 is not within 1 to 604800 seconds")]),
    ("rule", {"actions": [oidc(authenticationRequestExtraParams={str(i): "a" for i in range(11)}), FORWARD]},
     [("actions[0].authenticateOidc.authenticationRequestExtraParams", "11 are given, allowed are 10")]),
    # listeners
    ("listener", {"protocol": "TCP"}, [("protocol", "'TCP' is not of this balancer's kind; allowed are HTTP, HTTPS")]),
    ("listener", TCP | {"protocol": "HTTP"}, [("protocol", "'HTTP' is not of this balancer's kind; allowed are TCP, TLS, UDP, TCP_UDP, QUIC, TCP_QUIC")]),
    ("listener", {"loadBalancerArn": GATEWAY, "port": None}, [("protocol", "'HTTP' is not of this balancer's kind; it has none")]),
    ("listener", CERTIFICATE, [("certificateArn", "is for listeners of protocol HTTPS or TLS, not HTTP")]),
    ("listener", CERTIFICATE | {"protocol": None}, [("certificateArn", "is for listeners of protocol HTTPS or TLS, not HTTP")]),
    ("listener", HTTPS | {"alpnPolicy": "HTTP2Only"}, [("alpnPolicy", "is for listeners of protocol TLS, not HTTPS")]),
    ("listener", {"mutualAuthentication": {"mode": "off"}}, [("mutualAuthentication", "is for listeners of protocol HTTPS, not HTTP")]),
    ("listener", HTTPS | {"mutualAuthentication": {"mode": "verify"}},
     [("mutualAuthentication.trustStoreArn", "missing required property of 'mode': 'verify'")]),
    ("listener", HTTPS | {"mutualAuthentication": {"mode": "passthrough", "trustStoreArn": "arn:x"}},
     [("mutualAuthentication.trustStoreArn", "is only for 'mode': 'verify', not 'passthrough'")]),
    ("listener", HTTPS | {"sslPolicy": "TLS-1-2"}, [("sslPolicy", "'TLS-1-2' does not begin with ELBSecurityPolicy-")]),
    ("listener", {"defaultActions": [oidc(), FORWARD]}, [("defaultActions[0].type", "'authenticate-oidc' is for listeners of protocol HTTPS, not HTTP")]),
    ("listener", TCP | {"defaultActions": [REDIRECT]}, [("defaultActions[0].type", "'redirect' is only for an application balancer; allowed is forward")]),
    ("listener", HTTPS | {"defaultActions": [REDIRECT | {"redirect": {"statusCode": "HTTP_301", "protocol": "HTTP"}}]},
     [("defaultActions[0].redirect.protocol", "'HTTP' is not allowed in a listener of protocol HTTPS")]),
    ("listener", TCP | {"tcpIdleTimeoutSeconds": 59}, [("tcpIdleTimeoutSeconds", "59 is not within 60 to 6000 seconds")]),
    # target groups
    ("targets", checked(matcher="299-200"), [("healthCheck.matcher", "'299-200' runs backwards")]),
    ("targets", {"protocolVersion": "GRPC"} | checked(matcher="0-100"), [("healthCheck.matcher", "'0-100' is not within 0 to 99")]),
    ("targets", GENEVE | checked(matcher="200-404", port="80"), [("healthCheck.matcher", "'200-404' is not within 200 to 399")]),
    ("targets", GENEVE | {"port": 80}, [("port", "80 is not 6081, the port of protocol GENEVE")]),
    ("targets", {"protocolVersion": "HTTP3"}, [("protocolVersion", "'HTTP3' is not allowed; allowed are HTTP1, HTTP2, GRPC")]),
    ("targets", LAMBDA | checked(enabled=True, timeout=31), [("healthCheck.timeout", "31 is above the interval of 30 seconds")]),
    ("network targets", {"targetType": "alb"} | checked(protocol="TCP"), [("healthCheck.protocol", "'TCP' is not possible with 'targetType': 'alb'")]),
    ("network targets", {"slowStart": 30}, [("slowStart", ON_APPLICATIONS)]),
    ("network targets", {"loadBalancingAlgorithmType": "round_robin"}, [("loadBalancingAlgorithmType", ON_APPLICATIONS)]),
    ("targets", {"proxyProtocolV2": True}, [("proxyProtocolV2", ON_NETWORKS)]), ("targets", {"connectionTermination": True}, [("connectionTermination", ON_NETWORKS)]),
    *(("targets", {"preserveClientIp": told}, [("preserveClientIp", ON_NETWORKS)]) for told in ("true", "false")),
    ("network targets", {"protocol": "UDP", "preserveClientIp": "false"}, [("preserveClientIp", "'false' is not possible with 'protocol': 'UDP'")]),
    ("targets", {"loadBalancingAlgorithmType": "random"},
     [("loadBalancingAlgorithmType", "'random' is not allowed; allowed are round_robin, least_outstanding_requests, weighted_random")]),
    ("targets", {"loadBalancingAnomalyMitigation": "on"},
     [("loadBalancingAnomalyMitigation", "'on' needs 'loadBalancingAlgorithmType': 'weighted_random', not 'round_robin'")]),
    ("targets", {"loadBalancingCrossZoneEnabled": "yes"},
     [("loadBalancingCrossZoneEnabled", "'yes' is not allowed; allowed are true, false, use_load_balancer_configuration")]),
    ("network targets", sticky("lb_cookie", enabled=False), [("stickiness.type", "'lb_cookie' is not possible with 'protocol': 'TCP'")]),
    ("network targets", {"protocol": "TLS"} | sticky("source_ip"), [("stickiness.enabled", "true is not possible with 'protocol': 'TLS'")]),
    ("targets", {"loadBalancingAlgorithmType": "weighted_random"} | sticky("lb_cookie"),
     [("stickiness.enabled", "true is not possible with 'loadBalancingAlgorithmType': 'weighted_random'")]),
    ("targets", sticky("app_cookie", cookieName="AWSALBTG"), [("stickiness.cookieName", "'AWSALBTG' begins with AWSALB, which the balancer keeps for itself")]),
    ("targets", health({"minimumHealthyTargetsCount": "0"}),
     [("targetGroupHealth.dnsFailover.minimumHealthyTargetsCount", "'0' is neither 'off' nor a number from 1 up")]),
    ("targets", health({"minimumHealthyTargetsPercentage": "101"}),
     [("targetGroupHealth.dnsFailover.minimumHealthyTargetsPercentage", "'101' is neither 'off' nor a number from 1 to 100")]),
    ("targets", health({"minimumHealthyTargetsCount": "1"}, {"minimumHealthyTargetsCount": 3}),
     [("targetGroupHealth.dnsFailover.minimumHealthyTargetsCount", "1 is below the 3 of 'unhealthyStateRouting'")]),
    # balancers
    ("balancer", mapped(True, allocationId="eipalloc-1"), [("subnetMappings[0].allocationId", "is only for 'internal': false")]),
    ("balancer", mapped(privateIpv4Address="10.0.0.9"), [("subnetMappings[0].privateIpv4Address", "is only for 'internal': true")]),
    ("balancer", {"loadBalancerType": "gateway", "internal": True}, [("internal", "is not for a balancer of type gateway")]),
]  # fmt: skip

TAKEN: list[tuple[str, Values]] = [
    ("rule", when(header("X" * 40))), ("rule", when(methods("GET", "M-SEARCH"))), ("rule", when(hosts("*.example.com", "ex?mple.com", "a.b"))),
    ("rule", when(paths("/img/*", "/a$.~'@:+&b"))), ("rule", when(query(value="v"), query(key="k", value="v"))),
    ("rule", when(paths("/a", "/b"), hosts("a.com"), query(value="v"), {"sourceIp": {"values": ["10.0.0.0/8"]}})),
    ("rule", when(paths("/*/*/*"), hosts("*.a.com"), query(key="*", value="?"))), ("rule", when(query(value="\\*\\*\\*\\*\\*\\*\\*"))),
    ("rule", when({"pathPattern": {"regexValues": ["^/a.*.*.*.*.*.*.*$"]}})), ("rule", {"actions": [oidc(sessionTimeout=1), FORWARD]}),
    ("listener", HTTPS), ("listener", {"protocol": None}), ("listener", HTTPS | {"defaultActions": [oidc(), FORWARD]}), ("listener", TLS | {"alpnPolicy": "HTTP2Only"}),
    ("listener", {"loadBalancerArn": GATEWAY, "port": None, "protocol": None}), ("listener", TCP | {"tcpIdleTimeoutSeconds": 60}),
    ("listener", {"defaultActions": [REDIRECT]}), ("listener", HTTPS | {"sslPolicy": "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"}),
    ("listener", HTTPS | {"mutualAuthentication": {"mode": "verify", "trustStoreArn": "arn:x"}}), ("listener", HTTPS | {"mutualAuthentication": {"mode": "passthrough"}}),
    ("targets", GENEVE | checked(matcher="200-399", port="80")), ("targets", {"protocolVersion": "GRPC"} | checked(matcher="0,12", path="/svc/Check")),
    ("targets", LAMBDA | checked(enabled=True, interval=35, timeout=30)), ("targets", LAMBDA | {"slowStart": 30}),
    ("targets", {"slowStart": 30}), ("targets", {"loadBalancingAlgorithmType": "weighted_random", "loadBalancingAnomalyMitigation": "on"}),
    ("network targets", {"slowStart": 0, "proxyProtocolV2": True, "connectionTermination": True, "preserveClientIp": "false"}),
    ("targets", {"proxyProtocolV2": False}), ("network targets", {"protocol": "UDP", "preserveClientIp": "true"}),
    ("network targets", {"protocol": "TLS"} | sticky("source_ip", enabled=False)), ("targets", {"loadBalancingAlgorithmType": "weighted_random"} | sticky("lb_cookie", enabled=False)),
    ("targets", health({"minimumHealthyTargetsCount": "3", "minimumHealthyTargetsPercentage": "off"}, {"minimumHealthyTargetsCount": 3})),
    ("balancer", mapped(allocationId="eipalloc-1")), ("balancer", mapped(True, privateIpv4Address="10.0.0.9")),
]  # fmt: skip
