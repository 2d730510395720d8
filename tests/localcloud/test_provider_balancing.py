"""The rows of load balancing, over gRPC against moto. It cannot prove that AWS itself would answer the same."""

from typing import Any

import pytest

BALANCER, GROUP = "aws:lb/loadBalancer:LoadBalancer", "aws:lb/targetGroup:TargetGroup"
LISTENER, RULE = "aws:lb/listener:Listener", "aws:lb/listenerRule:ListenerRule"


@pytest.fixture
def balancer(provider: Any, gateway: Any, subnets: Any) -> Any:
    return provider.create(BALANCER, {"subnets": [s.id for s in subnets]})


@pytest.fixture
def groups(provider: Any, vpc: Any) -> list[Any]:
    inputs = {"port": 80, "protocol": "HTTP", "targetType": "ip", "vpcId": vpc.id}
    return [provider.create(GROUP, inputs, name) for name in ("blue", "green")]


@pytest.fixture
def certificate(cloud: Any) -> Any:
    return lambda name: cloud("acm").request_certificate(DomainName=name)["CertificateArn"]


def test_an_application_balancer_lives_through_its_life(provider: Any, vpc: Any, subnets: Any) -> None:
    group = provider.create("aws:ec2/securityGroup:SecurityGroup", {"vpcId": vpc.id})
    other = provider.create(
        "aws:ec2/subnet:Subnet", {"vpcId": vpc.id, "cidrBlock": "10.0.9.0/24", "availabilityZone": "eu-west-1c"}
    )
    ids = [s.id for s in subnets]
    made = provider.cycle(
        BALANCER,
        {
            "loadBalancerType": "application", "internal": True, "subnets": ids, "securityGroups": [group.id], "idleTimeout": 30,
            "dropInvalidHeaderFields": True, "desyncMitigationMode": "strictest", "tags": {"a": "b"},
            "accessLogs": {"bucket": "logs", "prefix": "p", "enabled": True},
        },
        {"internal": True, "subnets": [*ids, other.id], "securityGroups": [], "dropInvalidHeaderFields": True, "tags": {"a": "c"}},
    )  # fmt: skip
    assert made.state["idleTimeout"] == 60
    assert made.state["arnSuffix"].startswith("app/thing-")
    assert made.state["internal"] is True
    assert made.state["zoneId"]
    provider.delete(made)
    assert provider.refresh(made) is None


def test_a_network_balancer_and_its_group(provider: Any, vpc: Any, gateway: Any, subnets: Any) -> None:
    ids = [s.id for s in subnets]
    balancer = provider.cycle(
        BALANCER,
        {"loadBalancerType": "network", "subnets": ids},
        {"loadBalancerType": "network", "subnets": ids, "enableCrossZoneLoadBalancing": True},
    )
    assert ":loadbalancer/net/" in balancer.id
    inputs = {"port": 443, "protocol": "TCP", "targetType": "instance", "vpcId": vpc.id}
    group = provider.cycle(GROUP, inputs, inputs | {"preserveClientIp": "true", "deregistrationDelay": 10})
    provider.cycle(
        LISTENER,
        {
            "loadBalancerArn": balancer.id, "port": 443, "protocol": "TCP", "tcpIdleTimeoutSeconds": 100,
            "defaultActions": [{"type": "forward", "targetGroupArn": group.id}],
        },
    )  # fmt: skip


def test_a_target_group_lives_through_its_life(provider: Any, vpc: Any, cloud: Any) -> None:
    inputs = {"port": 80, "protocol": "HTTP", "targetType": "ip", "vpcId": vpc.id}
    check = {"path": "/healthz", "interval": 10, "timeout": 5, "healthyThreshold": 2, "matcher": "200-299"}
    made = provider.cycle(
        GROUP,
        inputs | {"healthCheck": check, "deregistrationDelay": 60, "slowStart": 30, "tags": {"a": "b"}},
        inputs
        | {
            "healthCheck": {"path": "/ready", "interval": 15},
            "loadBalancingAlgorithmType": "least_outstanding_requests",
            "stickiness": {"type": "lb_cookie", "cookieDuration": 100, "enabled": True},
        },
    )
    live = cloud("elbv2").describe_target_groups(TargetGroupArns=[made.id])["TargetGroups"][0]
    assert (live["HealthCheckPath"], live["HealthCheckIntervalSeconds"], live["HealthyThresholdCount"]) == (
        "/ready",
        15,
        3,
    )
    assert made.state["deregistrationDelay"] == 300
    provider.delete(made)
    assert provider.refresh(made) is None


def test_a_change_inside_a_health_check_shows_at_its_leaf(provider: Any, vpc: Any) -> None:
    inputs = {"port": 80, "protocol": "HTTP", "targetType": "ip", "vpcId": vpc.id, "healthCheck": {"path": "/a"}}
    made = provider.create(GROUP, inputs)
    assert provider.diff(made, inputs | {"healthCheck": {"path": "/b"}}).detail == {"healthCheck.path": "UPDATE"}
    assert provider.diff(made, inputs | {"healthCheck": {"path": "/a", "interval": 30}}).detail == {}


def test_drift_inside_a_health_check_shows(provider: Any, vpc: Any, cloud: Any) -> None:
    inputs = {"port": 80, "protocol": "HTTP", "targetType": "ip", "vpcId": vpc.id, "healthCheck": {"path": "/a"}}
    made = provider.create(GROUP, inputs)
    cloud("elbv2").modify_target_group(TargetGroupArn=made.id, HealthCheckPath="/b", HealthCheckIntervalSeconds=77)
    assert provider.refresh(made).inputs["healthCheck"] == {"path": "/b", "interval": 77}


def test_a_listener_lives_through_its_life(provider: Any, balancer: Any, groups: Any, certificate: Any) -> None:
    one, two = certificate("one.example.com"), certificate("two.example.com")
    inputs = {"loadBalancerArn": balancer.id, "port": 443, "protocol": "HTTPS", "certificateArn": one}
    weighted = {
        "targetGroups": [{"arn": groups[0].id, "weight": 9}, {"arn": groups[1].id, "weight": 1}],
        "stickiness": {"enabled": True, "duration": 60},
    }
    made = provider.cycle(
        LISTENER,
        inputs
        | {
            "sslPolicy": "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09",
            "defaultActions": [{"type": "forward", "forward": weighted}],
        },
        inputs
        | {
            "certificateArn": two,
            "defaultActions": [
                {"type": "fixed-response", "fixedResponse": {"contentType": "text/plain", "statusCode": "404"}}
            ],
            "tags": {"a": "b"},
        },
    )
    more = provider.cycle(
        "aws:lb/listenerCertificate:ListenerCertificate", {"listenerArn": made.id, "certificateArn": one}
    )
    for resource in (more, made):
        provider.delete(resource)
        assert provider.refresh(resource) is None


def test_a_redirect_leaves_out_what_it_keeps(provider: Any, balancer: Any) -> None:
    redirect = {"protocol": "HTTPS", "port": "443", "statusCode": "HTTP_301"}
    inputs = {"loadBalancerArn": balancer.id, "port": 80, "protocol": "HTTP"}
    actions = [{"type": "redirect", "redirect": redirect}]
    made = provider.cycle(LISTENER, inputs | {"defaultActions": actions})
    found = provider.diff(made, inputs | {"defaultActions": actions, "port": 81})
    assert (found.detail, found.replaces) == ({"port": "UPDATE"}, [])


def test_a_rule_lives_through_its_life(provider: Any, balancer: Any, groups: Any) -> None:
    forward = [{"type": "forward", "targetGroupArn": groups[0].id}]
    listener = provider.create(
        LISTENER, {"loadBalancerArn": balancer.id, "port": 80, "protocol": "HTTP", "defaultActions": forward}
    )
    made = provider.cycle(
        RULE,
        {
            "listenerArn": listener.id, "priority": 10, "actions": forward, "tags": {"a": "b"},
            "conditions": [{"hostHeader": {"values": ["b.example.com", "a.example.com"]}}, {"pathPattern": {"values": ["/api/*"]}}],
        },
        {
            "listenerArn": listener.id, "priority": 20,
            "actions": [{"type": "redirect", "redirect": {"path": "/new", "statusCode": "HTTP_302"}}],
            "conditions": [
                {"httpHeader": {"httpHeaderName": "X-Test", "values": ["yes"]}},
                {"queryStrings": [{"key": "version", "value": "2"}]},
                {"sourceIp": {"values": ["10.0.0.0/8"]}},
                {"httpRequestMethod": {"values": ["GET"]}},
            ],
        },
    )  # fmt: skip
    last = provider.create(
        RULE, {"listenerArn": listener.id, "actions": forward, "conditions": [{"pathPattern": {"values": ["/x"]}}]}
    )
    assert last.state["priority"] == 21
    assert provider.diff(last, {k: v for k, v in last.inputs.items() if k != "priority"}).detail == {}
    provider.delete(made)
    assert provider.refresh(made) is None


def test_a_target_is_registered_and_taken_out(provider: Any, groups: Any) -> None:
    token = "aws:lb/targetGroupAttachment:TargetGroupAttachment"
    made = provider.create(token, {"targetGroupArn": groups[0].id, "targetId": "10.0.0.9", "port": 8080})
    assert provider.refresh(made).inputs == made.inputs
    provider.delete(made)


def test_a_name_that_the_program_gave_is_deleted_before_it_is_made_again(provider: Any, vpc: Any) -> None:
    inputs = {"port": 80, "protocol": "HTTP", "targetType": "ip", "vpcId": vpc.id}
    named, unnamed = provider.create(GROUP, inputs | {"name": "mine"}), provider.create(GROUP, inputs)
    assert provider.diff(named, inputs | {"name": "mine", "port": 81}).delete_before_replace is True
    assert provider.diff(unnamed, inputs | {"port": 81}).delete_before_replace is False


@pytest.mark.parametrize(
    ("token", "inputs", "failure"),
    [
        (BALANCER, {"subnets": ["s"], "idleTimeout": 9000}, ("idleTimeout", "9000 is not within 1 to 4000 seconds")),
        (
            BALANCER,
            {"subnets": ["s"], "desyncMitigationMode": "defensiv"},
            ("desyncMitigationMode", "'defensiv' is not allowed; allowed are monitor, defensive, strictest"),
        ),
        (
            BALANCER,
            {"subnets": ["s"], "loadBalancerType": "network", "dropInvalidHeaderFields": True},
            ("dropInvalidHeaderFields", "is for application load balancers only"),
        ),
        (BALANCER, {}, ("subnets", "missing required property: give 'subnets' or 'subnetMappings'")),
        (
            GROUP,
            {"port": 99999, "protocol": "HTTP", "vpcId": "vpc-1"},
            ("port", "99999 is above the allowed 65535"),
        ),
        (
            GROUP,
            {"port": 80, "protocol": "HTPP", "vpcId": "vpc-1"},
            (
                "protocol",
                "'HTPP' is not allowed; allowed are HTTP, HTTPS, TCP, TLS, UDP, TCP_UDP, GENEVE, QUIC, TCP_QUIC",
            ),
        ),
        (
            GROUP,
            {"port": 80, "protocol": "HTTP", "vpcId": "vpc-1", "healthCheck": {"interval": 5, "timeout": 5}},
            ("healthCheck.timeout", "5 must be below the interval of 5 seconds"),
        ),
        (
            GROUP,
            {"port": 80, "protocol": "HTTP", "vpcId": "vpc-1", "healthCheck": {"interval": 500}},
            ("healthCheck.interval", "500 is above the allowed 300"),
        ),
        (
            LISTENER,
            {"loadBalancerArn": "a", "protocol": "HTTPS", "port": 443, "defaultActions": [{"type": "forward", "targetGroupArn": "b"}]},
            ("certificateArn", "missing required property for a listener of protocol HTTPS"),
        ),
        (
            LISTENER,
            {"loadBalancerArn": "a", "protocol": "HTTP", "port": 80, "defaultActions": [{"type": "redirect"}]},
            ("defaultActions[0].redirect", "missing required property for an action of type 'redirect'"),
        ),
        (
            LISTENER,
            {
                "loadBalancerArn": "a",
                "protocol": "HTTP",
                "port": 80,
                "defaultActions": [{"type": "redirect", "redirect": {"statusCode": "301"}}],
            },
            ("defaultActions[0].redirect.statusCode", "'301' is not allowed; allowed are HTTP_301, HTTP_302"),
        ),
        (
            RULE,
            {"listenerArn": "a", "priority": 0, "actions": [{"type": "forward", "targetGroupArn": "b"}], "conditions": [{"pathPattern": {"values": ["/"]}}]},
            ("priority", "0 is below the allowed 1"),
        ),
    ],
)  # fmt: skip
def test_what_aws_would_refuse_is_refused_in_the_preview(
    provider: Any, token: str, inputs: dict[str, Any], failure: tuple[str, str]
) -> None:
    assert failure in provider.check(token, inputs)[1]


def test_the_default_network_reaches_the_internet_without_a_gateway_of_the_program(provider: Any) -> None:
    network = provider.invoke("aws:ec2/getVpc:getVpc", {"default": True})["id"]
    own = [{"name": "vpc-id", "values": [network]}]
    subnets = provider.invoke("aws:ec2/getSubnets:getSubnets", {"filters": own})["ids"]
    made = provider.create("aws:lb/loadBalancer:LoadBalancer", {"subnets": subnets})
    assert made.state["vpcId"] == network
    gateway = provider.create("aws:ec2/natGateway:NatGateway", {"vpcId": network, "availabilityMode": "regional"})
    assert gateway.state["vpcId"] == network
