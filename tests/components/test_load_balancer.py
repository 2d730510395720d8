"""Balancers as registrations and their specs.

It cannot prove that a request reaches a target, nor that AWS takes a policy.
"""

from __future__ import annotations

import json
from types import SimpleNamespace

import pulumi
import pulumi_aws
import pytest
from pydantic import ValidationError

from components.deployed import Deployed
from components.load_balancer import LoadBalancer, LoadBalancerArgs
from components.metrics import MetricExpression, MetricReference
from components.specs import (
    AccessLogs,
    BalancedService,
    Cognito,
    ExistingLoadBalancer,
    FixedAnswer,
    HealthCheck,
    Listener,
    LoadBalancerSpec,
    OpenIdConnect,
    Route,
    SignIn,
    Stickiness,
    TestRoute,
)
from elasticity.quantities import Duration
from tests.recording import Registrations, Secret, build

CERTIFICATE = "arn:aws:acm:eu-central-1:123456789012:certificate/1111"
SECOND = "arn:aws:acm:eu-central-1:123456789012:certificate/2222"
HTTPS = Listener(certificate_arns=(CERTIFICATE,))
HTTP = Listener(protocol="http")
SUBNETS = {"eu-central-1b": "subnet-b", "eu-central-1a": "subnet-a"}
SHOP = BalancedService(port=8080, routes={"all": Route(priority=100, paths=("/shop/*",))})
ADMIN = BalancedService(port=9000, routes={"all": Route(priority=50, hosts=("admin.example.com",))})
SUFFIX = "app/web-lb/50dc6c495c0c9188"


def arguments(spec: dict, **more) -> LoadBalancerArgs:
    spec = LoadBalancerSpec(**{"listener": HTTPS, "access_logs": None, **spec})
    return LoadBalancerArgs(spec, **{"vpc_id": "vpc-1", "vpc_cidr": "10.0.0.0/16", "subnet_ids": SUBNETS, **more})


def balancer(*, opts=None, more=None, **spec) -> Registrations:
    return build(lambda: LoadBalancer("web", arguments(spec, **(more or {})), opts))


def web(*rows):
    component = ("accordion:index:LoadBalancer", "web", "")
    return sorted([component, *((f"aws:{kind}", f"web-{role}", "web") for kind, role in map(str.split, rows))])


FRONT = [
    "ec2/securityGroup:SecurityGroup group",
    "vpc/securityGroupIngressRule:SecurityGroupIngressRule in-tcp-443-everyone",
    "vpc/securityGroupIngressRule:SecurityGroupIngressRule in-tcp-80-everyone",
    "lb/loadBalancer:LoadBalancer lb",
    "lb/listener:Listener https",
    "lb/listener:Listener http",
]
SHOP_ROWS = [
    "vpc/securityGroupEgressRule:SecurityGroupEgressRule out-tcp-8080",
    "lb/targetGroup:TargetGroup shop",
    "lb/listenerRule:ListenerRule shop-all",
]
LOGS = [
    "s3/bucket:Bucket logs",
    "s3/bucketPublicAccessBlock:BucketPublicAccessBlock logs-private",
    "s3/bucketOwnershipControls:BucketOwnershipControls logs-owner",
    "s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration logs-encryption",
    "s3/bucketVersioning:BucketVersioning logs-versions",
    "s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration logs-lifecycle",
    "s3/bucketPolicy:BucketPolicy logs-policy",
]
SHAPES = {
    "a balancer without services": ({}, FRONT),
    "one service behind a route": ({"services": {"shop": SHOP}}, [*FRONT, *SHOP_ROWS]),
    "logs by default": ({"access_logs": AccessLogs()}, [*FRONT, *LOGS]),
    "logs to a given bucket": ({"access_logs": AccessLogs(bucket="central-logs")}, FRONT),
    "plain http by saying so": (
        {"listener": HTTP, "services": {"web": BalancedService()}},
        [
            "ec2/securityGroup:SecurityGroup group",
            "vpc/securityGroupIngressRule:SecurityGroupIngressRule in-tcp-80-everyone",
            "vpc/securityGroupEgressRule:SecurityGroupEgressRule out-tcp-80",
            "lb/loadBalancer:LoadBalancer lb",
            "lb/listener:Listener http",
            "lb/targetGroup:TargetGroup web",
        ],
    ),
    "a second target group for gradual deployments": (
        {"services": {"shop": SHOP.model_copy(update={"alternate": True})}},
        [*FRONT, *SHOP_ROWS, "lb/targetGroup:TargetGroup shop-b"],
    ),
    "a route for testers of a new version": (
        {"services": {"shop": SHOP.model_copy(update={"alternate": True, "test_route": TestRoute(priority=5)})}},
        [*FRONT, *SHOP_ROWS, "lb/targetGroup:TargetGroup shop-b", "lb/listenerRule:ListenerRule shop-test"],
    ),
    "certificates beyond the first": (
        {"listener": Listener(certificate_arns=(CERTIFICATE, SECOND))},
        [*FRONT, "lb/listenerCertificate:ListenerCertificate https-certificate-2222"],
    ),
    "a web ACL": (
        {"web_acl_arn": "arn:aws:wafv2:eu-central-1:123456789012:regional/webacl/a/b"},
        [*FRONT, "wafv2/webAclAssociation:WebAclAssociation web-acl"],
    ),
    "a network balancer": (
        {"kind": "network", "listener": Listener(), "services": {"mail": BalancedService(port=25)}},
        [
            "ec2/securityGroup:SecurityGroup group",
            "vpc/securityGroupIngressRule:SecurityGroupIngressRule in-tcp-25-everyone",
            "vpc/securityGroupEgressRule:SecurityGroupEgressRule out-tcp-25",
            "lb/loadBalancer:LoadBalancer lb",
            "lb/listener:Listener mail-listener",
            "lb/targetGroup:TargetGroup mail",
        ],
    ),
}


@pytest.mark.parametrize(("spec", "rows"), SHAPES.values(), ids=SHAPES)
def test_a_balancer_makes_exactly(spec, rows):
    assert balancer(**spec).tree() == web(*rows)


EXISTING = ExistingLoadBalancer(
    arn="arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/old/0123456789abcdef",
    listener_arn="arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener/app/old/0123456789abcdef/aaaa",
    security_group_id="sg-0123",
    dns_name="old.example.com",
    zone_id="Z1",
)


def test_an_existing_balancer_gets_target_groups_and_rules_only():
    built = build(
        lambda: LoadBalancer(
            "web", LoadBalancerArgs(LoadBalancerSpec(existing=EXISTING, services={"shop": SHOP}), vpc_id="vpc-1")
        )
    )
    assert built.tree() == web("lb/targetGroup:TargetGroup shop", "lb/listenerRule:ListenerRule shop-all")
    assert built.one("ListenerRule").inputs["listenerArn"] == EXISTING.listener_arn
    outputs = built.outputs("web")
    assert {key: outputs[key] for key in ("arn_suffix", "account_id", "security_group_id", "dns_name", "url")} == {
        "arn_suffix": "app/old/0123456789abcdef",
        "account_id": "123456789012",
        "security_group_id": "sg-0123",
        "dns_name": "old.example.com",
        "url": "https://old.example.com",
    }
    assert outputs["resource_labels"] == {"shop": "app/old/0123456789abcdef/targetgroup/web-shop/73e2d6bc24d8a067"}


# Nothing open but the listener ports


def openings(built: Registrations, direction: str) -> set[tuple[str, str, int, int]]:
    return {
        (rule.inputs["cidrIpv4"], rule.inputs["ipProtocol"], rule.inputs["fromPort"], rule.inputs["toPort"])
        for rule in built.of(f"SecurityGroup{direction}Rule")
    }


OPEN = {
    "public https": ({}, {("0.0.0.0/0", "tcp", 443, 443), ("0.0.0.0/0", "tcp", 80, 80)}),
    "public https without a redirect": (
        {"listener": Listener(certificate_arns=(CERTIFICATE,), redirect=False, port=8443)},
        {("0.0.0.0/0", "tcp", 8443, 8443)},
    ),
    "internal": (
        {"scheme": "internal"},
        {("10.0.0.0/16", "tcp", 443, 443), ("10.0.0.0/16", "tcp", 80, 80)},
    ),
    "to an office": (
        {"sources": ("203.0.113.0/24",), "listener": HTTP},
        {("203.0.113.0/24", "tcp", 80, 80)},
    ),
    "network, both transports": (
        {
            "kind": "network",
            "listener": Listener(),
            "services": {"dns": BalancedService(port=5353, listener_port=53, listener_protocol="TCP_UDP")},
        },
        {("0.0.0.0/0", "tcp", 53, 53), ("0.0.0.0/0", "udp", 53, 53)},
    ),
}


@pytest.mark.parametrize(("spec", "ports"), OPEN.values(), ids=OPEN)
def test_nothing_is_open_but_the_listener_ports(spec, ports):
    built = balancer(**{"services": {"shop": SHOP}, **spec})
    assert openings(built, "Ingress") == ports
    assert {"ingress", "egress"} & built.one("SecurityGroup").inputs.keys() == set()


def test_a_balancer_reaches_the_ports_of_targets_and_their_health_checks_alone():
    service = SHOP.model_copy(update={"health_check": HealthCheck(port=8081)})
    assert openings(balancer(services={"shop": service, "admin": ADMIN}), "Egress") == {
        ("10.0.0.0/16", "tcp", 8080, 8080),
        ("10.0.0.0/16", "tcp", 8081, 8081),
        ("10.0.0.0/16", "tcp", 9000, 9000),
    }


# Nothing moves


def test_adding_a_service_creates_and_moves_nothing():
    before, after = balancer(services={"shop": SHOP}), balancer(services={"admin": ADMIN, "shop": SHOP})
    changed = before.urns() - before.unchanged(after)
    assert [each.type for each in before.all if each.urn in changed] == ["accordion:index:LoadBalancer"]
    assert sorted(urn.rsplit("::")[-1] for urn in after.urns() - before.urns()) == [
        "web-admin",
        "web-admin-all",
        "web-out-tcp-9000",
    ]


# The details


def test_the_balancer_carries_what_the_spec_says():
    built = balancer(access_logs=AccessLogs(prefix="shop", connections=True), idle_timeout=Duration(30))
    logs = {"enabled": True, "bucket": "web-logs-bucket", "prefix": "shop"}
    assert built.one("aws:lb/loadBalancer:LoadBalancer").inputs == {
        "loadBalancerType": "application",
        "internal": False,
        "subnets": ["subnet-a", "subnet-b"],
        "securityGroups": ["web-group-id"],
        "enableDeletionProtection": True,
        "dropInvalidHeaderFields": True,
        "desyncMitigationMode": "defensive",
        "idleTimeout": 30,
        "preserveHostHeader": False,
        "accessLogs": logs,
        "connectionLogs": logs,
        "tags": {"Name": "web-lb"},
    }


def test_a_network_balancer_carries_none_of_an_application_balancers_settings():
    built = balancer(kind="network", listener=Listener())
    assert built.named("web-lb").inputs == {
        "loadBalancerType": "network",
        "internal": False,
        "subnets": ["subnet-a", "subnet-b"],
        "securityGroups": ["web-group-id"],
        "enableDeletionProtection": True,
        "enableCrossZoneLoadBalancing": True,
        "tags": {"Name": "web-lb"},
    }


def test_https_has_a_policy_by_name_and_answers_404_where_nobody_is_asked():
    """Source: the defaults table, load balancer: ELB.17; unmatched requests get a fixed 404."""
    listener = balancer().named("web-https").inputs
    assert listener == {
        "loadBalancerArn": f"arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/{SUFFIX}",
        "port": 443,
        "protocol": "HTTPS",
        "sslPolicy": "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09",
        "certificateArn": CERTIFICATE,
        "defaultActions": [
            {
                "type": "fixed-response",
                "fixedResponse": {"statusCode": "404", "contentType": "text/plain", "messageBody": "not found"},
            }
        ],
        "tags": {"Name": "web-https"},
    }


def test_going_to_https_changes_the_listener_on_80_in_place():
    """Two listeners on one port are refused by AWS, and the new one would be made before the old one goes."""
    plain, encrypted = balancer(listener=Listener(protocol="http")), balancer()
    assert plain.named("web-http").urn == encrypted.named("web-http").urn
    assert "web-redirect" in encrypted.named("web-http").aliases


def test_a_balancer_of_another_scheme_gets_target_groups_of_its_own():
    """A target group belongs to one balancer, and the new balancer is made before the old one goes."""
    internal, public = (balancer(scheme=scheme, services={"shop": SHOP}) for scheme in ("internal", "public"))
    triggers = [each.named("web-shop").replacement_trigger for each in (internal, public)]
    assert triggers == ["internal", "public"]


def test_everyone_is_one_rule_however_it_is_said():
    """AWS refuses a second rule with the same content, and the new one would be made before the old one goes."""
    silent, said = balancer(), balancer(sources=("0.0.0.0/0",))
    assert silent.urns() == said.urns()


def test_plain_80_redirects_for_good():
    redirect = balancer().named("web-http").inputs
    assert (redirect["port"], redirect["protocol"]) == (80, "HTTP")
    assert redirect["defaultActions"] == [
        {"type": "redirect", "redirect": {"protocol": "HTTPS", "port": "443", "statusCode": "HTTP_301"}}
    ]


def test_the_service_without_routes_takes_what_no_rule_takes():
    built = balancer(services={"shop": SHOP, "site": BalancedService()})
    assert [action["type"] for action in built.named("web-https").inputs["defaultActions"]] == ["forward"]
    assert (
        built.named("web-https")
        .inputs["defaultActions"][0]["targetGroupArn"]
        .endswith(":targetgroup/web-site/73e2d6bc24d8a067")
    )


def test_certificates_of_the_program_come_before_those_of_the_spec():
    made = "arn:aws:acm:eu-central-1:123456789012:certificate/made"
    built = balancer(more={"certificate_arns": {"main": made}})
    assert built.named("web-https").inputs["certificateArn"].endswith("certificate/made")
    assert built.named("web-https-certificate-1111").inputs["certificateArn"] == CERTIFICATE


def test_a_rule_matches_hosts_and_paths_at_its_declared_priority():
    service = BalancedService(routes={"api": Route(priority=7, hosts=("a.example.com",), paths=("/api/*", "/v2/*"))})
    rule = balancer(services={"shop": service}).named("web-shop-api").inputs
    assert rule["priority"] == 7
    assert rule["conditions"] == [
        {"hostHeader": {"values": ["a.example.com"]}},
        {"pathPattern": {"values": ["/api/*", "/v2/*"]}},
    ]


def arn_of(group: str) -> str:
    return f"arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/{group}/73e2d6bc24d8a067"


def test_a_route_may_share_its_requests_by_weight():
    route = Route(priority=100, paths=("/*",), weights={"shop": 90, "next": 10})
    services = {
        "shop": BalancedService(routes={"all": route}),
        "next": BalancedService(routes={"own": Route(priority=5, hosts=("next.example.com",))}),
    }
    assert balancer(services=services).named("web-shop-all").inputs["actions"] == [
        {
            "type": "forward",
            "forward": {
                "targetGroups": [{"arn": arn_of("web-next"), "weight": 10}, {"arn": arn_of("web-shop"), "weight": 90}]
            },
        }
    ]


def test_the_weights_of_a_gradual_deployment_belong_to_ecs():
    built = balancer(services={"shop": SHOP.model_copy(update={"alternate": True})})
    rule = built.named("web-shop-all")
    assert rule.ignore_changes == ("actions",)
    assert rule.inputs["actions"][0]["forward"]["targetGroups"] == [
        {"arn": arn_of("web-shop"), "weight": 100},
        {"arn": arn_of("web-shop-b"), "weight": 0},
    ]
    assert built.outputs("web")["alternate_target_group_arns"] == {"shop": arn_of("web-shop-b")}


def test_a_service_that_has_rolled_until_now_is_given_the_weights_that_ecs_shifts_from_here_on():
    """Left as it is, the state would keep a plain forward, and after a refresh one that leads nowhere."""
    group = "aws:lb/targetGroup:TargetGroup"
    gradual = {"shop": SHOP.model_copy(update={"alternate": True})}
    for before, ignored in (
        ((), ("actions",)),
        (("web-shop",), ()),
        (("web-shop", "web-shop-b"), ("actions",)),
    ):
        deployed = Deployed({(group, name): {"arn": name} for name in before})
        built = balancer(services=gradual, more={"deployed": deployed})
        assert built.named("web-shop-all").ignore_changes == ignored, before


GROUP, ECS_SERVICE = "aws:lb/targetGroup:TargetGroup", "aws:ecs/service:Service"
GRADUAL = {"shop": SHOP.model_copy(update={"alternate": True})}


def state_of(own: str, *, groups: tuple[str, ...] = ("web-shop", "web-shop-b"), shifts: bool = True) -> Deployed:
    """A service that registers with one of the groups, and shifts to the other or rolls."""
    moved = {"advancedConfiguration": {"productionListenerRule": "arn:rule"}} if shifts else {}
    registered = {"loadBalancers": [{"targetGroupArn": own, **moved}], "cluster": "arn:cluster", "name": "shop-1"}
    found = {(GROUP, name): {"arn": name} for name in groups}
    return Deployed({**found, (ECS_SERVICE, "shop-service"): registered})


def live(monkeypatch, weights: dict[str, int], deployments: int = 1) -> list[tuple[str, ...]]:
    """AWS as it answers the program's two questions; returns what was asked."""
    asked: list[tuple[str, ...]] = []
    shares = [SimpleNamespace(arn=arn, weight=weight) for arn, weight in weights.items()]
    action = SimpleNamespace(forwards=[SimpleNamespace(target_groups=shares)])

    def rule(arn, opts):
        asked.append((arn,))
        return SimpleNamespace(actions=[SimpleNamespace(forwards=None), action])

    def service(cluster_arn, service_name, opts):
        asked.append((cluster_arn, service_name))
        return SimpleNamespace(deployments=[None] * deployments)

    monkeypatch.setattr(pulumi_aws.lb, "get_listener_rule", rule)
    monkeypatch.setattr(pulumi_aws.ecs, "get_service", service)
    return asked


def groups_of(built) -> list[str]:
    return [found.name for found in built.of("TargetGroup")]


@pytest.mark.parametrize("serves", ["web-shop", "web-shop-b"])
def test_rolling_again_the_rule_and_the_service_stay_on_the_group_that_serves(monkeypatch, serves):
    asked = live(monkeypatch, {"web-shop": 0, "web-shop-b": 0, serves: 100})
    built = balancer(services={"shop": SHOP}, more={"deployed": state_of("web-shop")})
    assert groups_of(built) == [serves]
    assert built.named("web-shop-all").inputs["actions"] == [{"type": "forward", "targetGroupArn": arn_of(serves)}]
    assert built.named("web-shop-all").ignore_changes == ()
    assert built.outputs("web")["target_group_arns"] == {"shop": arn_of(serves)}
    assert asked == [("arn:rule",), ("arn:cluster", "shop-1")]


@pytest.mark.parametrize(("weights", "deployments"), [((70, 30), 2), ((0, 100), 2), ((70, 30), 1), ((0, 0), 1)])
def test_rolling_again_during_a_release_is_refused(monkeypatch, weights, deployments):
    live(monkeypatch, dict(zip(("web-shop", "web-shop-b"), weights, strict=True)), deployments)
    with pytest.raises(pulumi.RunError) as refused:
        balancer(services={"shop": SHOP}, more={"deployed": state_of("web-shop")})
    assert str(refused.value) == (
        "LoadBalancer web: services.shop: a release of it is under way (weights of its rule: "
        f"{weights[0]} to web-shop, {weights[1]} to web-shop-b), and tasks replaced in place would leave requests to a "
        "group that ECS empties: wait for its end, or end it by `accordion release continue` or `accordion release "
        "rollback`, then set `deployment.strategy: rolling`"
    )


@pytest.mark.parametrize("own", ["web-shop", "web-shop-b"])
def test_a_service_that_rolls_stays_where_it_is_and_nobody_is_asked(own):
    """After a deployment that ended half-way both groups are there still, and the service rolls on its own."""
    for groups in ((own,), ("web-shop", "web-shop-b")):
        deployed = state_of(own, groups=groups, shifts=False)
        assert groups_of(balancer(services={"shop": SHOP}, more={"deployed": deployed})) == [own]


def test_a_service_is_not_named_as_the_group_that_serves_another_since_its_last_release():
    deployed = state_of("web-shop-b", groups=("web-shop-b",), shifts=False)
    with pytest.raises(pulumi.RunError) as refused:
        balancer(services={"shop": SHOP, "shop-b": ADMIN}, more={"deployed": deployed})
    assert str(refused.value) == (
        "LoadBalancer web: services.shop-b: the name is taken by the target group that serves shop since its last "
        "release: choose another"
    )


@pytest.mark.parametrize("first", ["web-shop", "web-shop-b"])
def test_a_service_beside_one_of_its_name_with_b_stays_on_its_own_group(first):
    """In the state either may stand first, as it was made."""
    groups = sorted(["web-shop", "web-shop-b"], key=lambda group: group != first)
    services = {(ECS_SERVICE, f"{one}-service"): {"loadBalancers": [{"targetGroupArn": one}]} for one in groups}
    deployed = Deployed({**{(GROUP, one): {"arn": one} for one in groups}, **services})
    built = balancer(services={"shop": SHOP, "shop-b": ADMIN}, more={"deployed": deployed})
    assert groups_of(built) == ["web-shop", "web-shop-b"]


@pytest.mark.parametrize("own", ["web-shop", "web-shop-b"])
@pytest.mark.parametrize("shifts", [True, False])
def test_shifts_begin_from_the_group_that_serves_and_its_place_is_kept(own, shifts):
    other = {"web-shop": "web-shop-b", "web-shop-b": "web-shop"}[own]
    for groups in ((own,), ("web-shop", "web-shop-b")):
        if shifts and len(groups) == 1:
            continue
        deployed = state_of(own, groups=groups, shifts=shifts)
        built = balancer(services=GRADUAL, more={"deployed": deployed})
        assert built.named("web-shop-all").inputs["actions"][0]["forward"]["targetGroups"] == [
            {"arn": arn_of(own), "weight": 100},
            {"arn": arn_of(other), "weight": 0},
        ]
        assert built.named("web-shop-all").ignore_changes == (("actions",) if shifts else ())
        assert built.outputs("web")["target_group_arns"] == {"shop": arn_of(own)}
        assert built.outputs("web")["alternate_target_group_arns"] == {"shop": arn_of(other)}


def test_a_rule_that_nobody_else_moves_follows_its_declaration():
    assert balancer(services={"shop": SHOP}).named("web-shop-all").ignore_changes == ()


def test_a_target_group_has_the_defaults_of_the_table():
    """Source: the defaults table, load balancer: check 10 s, 2 and 3; deregistration 60 s; least outstanding requests."""
    assert balancer(services={"shop": SHOP}).named("web-shop").inputs == {
        "vpcId": "vpc-1",
        "targetType": "ip",
        "port": 8080,
        "protocol": "HTTP",
        "protocolVersion": "HTTP1",
        "deregistrationDelay": 60,
        "loadBalancingAlgorithmType": "least_outstanding_requests",
        "healthCheck": {
            "enabled": True,
            "protocol": "HTTP",
            "port": "traffic-port",
            "path": "/",
            "matcher": "200",
            "interval": 10,
            "timeout": 5,
            "healthyThreshold": 2,
            "unhealthyThreshold": 3,
        },
        "tags": {"Name": "web-shop"},
    }


def test_slow_start_comes_with_round_robin():
    service = SHOP.model_copy(update={"slow_start": Duration(60)})
    group = balancer(services={"shop": service}).named("web-shop").inputs
    assert (group["slowStart"], group["loadBalancingAlgorithmType"]) == (60, "round_robin")


def test_stickiness_is_a_cookie_on_an_application_balancer_and_the_address_on_a_network_balancer():
    service = BalancedService(stickiness=Stickiness(duration=Duration(3600)))
    assert balancer(services={"shop": service}).named("web-shop").inputs["stickiness"] == {
        "enabled": True,
        "type": "lb_cookie",
        "cookieDuration": 3600,
    }
    network = balancer(kind="network", listener=Listener(), services={"shop": service})
    assert network.named("web-shop").inputs["stickiness"] == {"enabled": True, "type": "source_ip"}


def test_grpc_services_are_healthy_by_grpcs_own_code():
    service = BalancedService(protocol_version="GRPC")
    assert balancer(services={"shop": service}).named("web-shop").inputs["healthCheck"]["matcher"] == "0"


def test_tls_ends_at_a_network_balancer():
    service = BalancedService(port=8080, listener_port=443, listener_protocol="TLS")
    built = balancer(kind="network", services={"shop": service})
    listener = built.named("web-shop-listener").inputs
    assert (listener["port"], listener["protocol"], listener["certificateArn"]) == (443, "TLS", CERTIFICATE)
    assert listener["sslPolicy"] == "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"
    group = built.named("web-shop").inputs
    assert (group["port"], group["protocol"]) == (8080, "TCP")
    assert group["healthCheck"]["protocol"] == "TCP"
    assert "path" not in group["healthCheck"]


def policy(built: Registrations) -> list[dict]:
    return json.loads(built.one("BucketPolicy").inputs["policy"])["Statement"]


TLS_ONLY = {
    "Sid": "TlsOnly",
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Resource": ["arn:aws:s3:::web-logs-bucket", "arn:aws:s3:::web-logs-bucket/*"],
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}


def test_the_log_bucket_of_an_application_balancer_takes_its_accounts_deliveries_alone():
    assert policy(balancer(access_logs=AccessLogs(prefix="shop"))) == [
        {
            "Sid": "LogDelivery",
            "Effect": "Allow",
            "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
            "Action": "s3:PutObject",
            "Resource": "arn:aws:s3:::web-logs-bucket/shop/AWSLogs/123456789012/*",
            "Condition": {
                "ArnLike": {"aws:SourceArn": "arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/*"}
            },
        },
        TLS_ONLY,
    ]


def test_the_log_bucket_of_a_network_balancer_takes_log_delivery_alone():
    looks, writes, tls = policy(balancer(kind="network", listener=Listener(), access_logs=AccessLogs()))
    assert looks["Action"] == "s3:GetBucketAcl"
    assert writes["Principal"] == {"Service": "delivery.logs.amazonaws.com"}
    assert writes["Resource"] == "arn:aws:s3:::web-logs-bucket/AWSLogs/123456789012/*"
    assert writes["Condition"] == {
        "StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control", "aws:SourceAccount": ["123456789012"]}
    }
    assert tls == TLS_ONLY


def test_the_log_bucket_is_private_encrypted_and_emptied_by_age():
    built = balancer(access_logs=AccessLogs(retention=Duration.parse("90d")))
    assert {key: value for key, value in built.one("BucketPublicAccessBlock").inputs.items() if key != "bucket"} == {
        "blockPublicAcls": True,
        "blockPublicPolicy": True,
        "ignorePublicAcls": True,
        "restrictPublicBuckets": True,
    }
    assert built.one("BucketServerSideEncryptionConfiguration").inputs["rules"] == [
        {"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}
    ]
    assert built.one("BucketLifecycleConfiguration").inputs["rules"] == [
        {
            "id": "expire",
            "status": "Enabled",
            "filter": {"prefix": ""},
            "expiration": {"days": 90},
            "noncurrentVersionExpiration": {"noncurrentDays": 30},
            "abortIncompleteMultipartUpload": {"daysAfterInitiation": 7},
        }
    ]
    assert built.one("BucketVersioning").inputs["versioningConfiguration"] == {"status": "Enabled"}
    assert "web-logs-versions" in built.one("BucketLifecycleConfiguration").depends_on
    assert built.one("BucketOwnershipControls").inputs["rule"] == {"objectOwnership": "BucketOwnerEnforced"}
    assert built.one("Bucket").inputs["forceDestroy"] is False


def test_the_balancer_waits_for_the_policy_of_its_log_bucket():
    assert "web-logs-policy" in balancer(access_logs=AccessLogs()).named("web-lb").depends_on


def test_a_target_group_is_handed_out_once_a_rule_leads_there():
    """ECS refuses a target group that no listener leads to."""

    def program():
        web = LoadBalancer("web", arguments({"services": {"shop": SHOP, "site": BalancedService()}}))
        for name in ("shop", "site"):
            pulumi.ComponentResource("test:index:User", name, {"target": web.target_group_arns[name]})

    built = build(program)
    assert "web-shop-all" in built.named("shop").depends_on
    assert "web-https" in built.named("site").depends_on


def test_the_outputs_lead_to_services():
    outputs = balancer(services={"shop": SHOP}, access_logs=AccessLogs()).outputs("web")
    assert {key: value for key, value in outputs.items() if key not in ("metrics", "service_metrics")} == {
        "arn": f"arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/{SUFFIX}",
        "arn_suffix": SUFFIX,
        "account_id": "123456789012",
        "dns_name": "web-lb.elb.amazonaws.com",
        "zone_id": "Z215JYRZR1TBD5",
        "url": "https://web-lb.elb.amazonaws.com",
        "security_group_id": "web-group-id",
        "listener_arns": {"https": "arn:aws:lb:eu-central-1:123456789012:web-https"},
        "rule_arns": {"shop": {"all": "arn:aws:lb:eu-central-1:123456789012:web-shop-all"}},
        "target_group_arns": {"shop": arn_of("web-shop")},
        "alternate_target_group_arns": {},
        "resource_labels": {"shop": f"{SUFFIX}/targetgroup/web-shop/73e2d6bc24d8a067"},
        "log_bucket_name": "web-logs-bucket",
        "load_balancer": "web-lb-id",
    }


def test_the_url_shows_an_unusual_port():
    assert balancer(listener=Listener(protocol="http", port=8080)).outputs("web")["url"] == (
        "http://web-lb.elb.amazonaws.com:8080"
    )


# Metrics


def metrics_of(**spec):
    found = []
    build(lambda: found.append(LoadBalancer("web", arguments(spec))))
    return found[0]


NAMES = {
    "requests": ("AWS/ApplicationELB", "RequestCount", "Sum"),
    "errors": ("AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", "Sum"),
    "unanswered": ("AWS/ApplicationELB", "TargetConnectionErrorCount", "Sum"),
    "latency": ("AWS/ApplicationELB", "TargetResponseTime", "p99"),
    "requests_per_target": ("AWS/ApplicationELB", "RequestCountPerTarget", "Sum"),
    "healthy_hosts": ("AWS/ApplicationELB", "HealthyHostCount", "Minimum"),
    "unhealthy_hosts": ("AWS/ApplicationELB", "UnHealthyHostCount", "Maximum"),
}


def test_a_service_has_the_metrics_of_its_target_group():
    """Source: Application Load Balancer user guide, CloudWatch metrics."""
    found = metrics_of(services={"shop": SHOP}).service_metrics["shop"]
    single = {key: metric for key, metric in found.items() if isinstance(metric, MetricReference)}
    assert {key: (metric.namespace, metric.name, metric.statistic) for key, metric in single.items()} == NAMES
    assert {tuple(metric.dimensions) for metric in single.values()} == {("LoadBalancer", "TargetGroup")}


def test_the_share_of_errors_counts_what_found_no_answer():
    share = metrics_of(services={"shop": SHOP}).service_metrics["shop"]["error_share"]
    assert isinstance(share, MetricExpression)
    assert share.expression == "100 * ((FILL(errors1, 0)) + (FILL(unanswered1, 0))) / requests1"
    assert list(share.metrics) == ["errors1", "unanswered1", "requests1"]


def test_testers_take_the_way_of_everybody_with_a_header_more():
    shop = SHOP.model_copy(update={"alternate": True, "test_route": TestRoute(priority=5, header="x-new", value="yes")})
    built = balancer(services={"shop": shop})
    everybody, testers = built.named("web-shop-all"), built.named("web-shop-test")
    header = {"httpHeader": {"httpHeaderName": "x-new", "values": ["yes"]}}
    assert testers.inputs["conditions"] == [*everybody.inputs["conditions"], header]
    assert testers.inputs["actions"] == everybody.inputs["actions"]
    assert testers.inputs["priority"] == 5
    assert testers.ignore_changes == everybody.ignore_changes == ("actions",)


def test_a_gradual_deployments_metrics_cover_both_target_groups():
    """Source: the defaults table, elasticity rules: under blue/green the sum of both groups."""
    found = metrics_of(services={"shop": SHOP.model_copy(update={"alternate": True})}).service_metrics["shop"]
    assert {key: metric.expression for key, metric in found.items()} == {
        **dict.fromkeys(NAMES, "FILL(m1, 0) + FILL(m2, 0)"),
        "latency": "MAX([m1, m2])",
        "error_share": (
            "100 * ((FILL(errors1, 0) + FILL(errors2, 0)) + (FILL(unanswered1, 0) + FILL(unanswered2, 0))) / "
            "(FILL(requests1, 0) + FILL(requests2, 0))"
        ),
    }


def test_a_balancer_has_metrics_of_its_own():
    application, network = metrics_of().metrics, metrics_of(kind="network", listener=Listener()).metrics
    assert {key: metric.name for key, metric in application.items()} == {
        "requests": "RequestCount",
        "balancer_errors": "HTTPCode_ELB_5XX_Count",
        "target_errors": "HTTPCode_Target_5XX_Count",
        "rejected_connections": "RejectedConnectionCount",
        "active_connections": "ActiveConnectionCount",
        "latency": "TargetResponseTime",
    }
    assert {(metric.namespace, metric.name) for metric in network.values()} == {
        ("AWS/NetworkELB", "ActiveFlowCount"),
        ("AWS/NetworkELB", "NewFlowCount"),
        ("AWS/NetworkELB", "ProcessedBytes"),
        ("AWS/NetworkELB", "TCP_Target_Reset_Count"),
    }


# Options

UNTAGGED = {
    "ListenerCertificate",
    "BucketPolicy",
    "BucketPublicAccessBlock",
    "BucketOwnershipControls",
    "BucketLifecycleConfiguration",
    "BucketServerSideEncryptionConfiguration",
    "BucketVersioning",
    "WebAclAssociation",
}
"""AWS has no tags on them."""


def test_tags_reach_every_child_that_can_carry_them():
    built = balancer(services={"shop": SHOP}, access_logs=AccessLogs(), more={"tags": {"team": "shop"}})
    without = [
        each.name
        for each in built.under("web")
        if each.type.split(":")[-1] not in UNTAGGED and each.inputs.get("tags", {}).get("team") != "shop"
    ]
    assert without == []


def test_protection_of_a_balancer_reaches_every_child():
    built = balancer(services={"shop": SHOP}, opts=pulumi.ResourceOptions(protect=True))
    assert all(each.protect for each in built.all)


# What cannot be

REFUSED = {
    "one zone": (
        {},
        {"subnet_ids": {"eu-central-1a": "subnet-a"}},
        "LoadBalancer web: subnet_ids: application balancers need subnets in 2 zones or more",
    ),
    "no certificate, no subnet": (
        {"listener": Listener()},
        {"subnet_ids": {}},
        (
            "LoadBalancer web: subnet_ids: application balancers need subnets in 2 zones or more\n"
            "LoadBalancer web: listener: no certificate: give `certificate_arns`, or say `protocol: http` for a plain listener"
        ),
    ),
    "TLS without a certificate": (
        {
            "kind": "network",
            "listener": Listener(),
            "services": {"mail": BalancedService(listener_protocol="TLS")},
        },
        {},
        "LoadBalancer web: services.mail.listener_protocol: TLS without a certificate: give `listener.certificate_arns`",
    ),
}


@pytest.mark.parametrize(("spec", "more", "error"), REFUSED.values(), ids=REFUSED)
def test_a_balancer_that_cannot_be_is_refused(spec, more, error):
    with pytest.raises(pulumi.RunError) as refused:
        balancer(more=more, **spec)
    assert str(refused.value) == error


def test_a_target_group_whose_name_would_be_cut_is_refused():
    def program():
        return LoadBalancer("website", arguments({"services": {"a-name-of-20-charact": SHOP}}))

    with pytest.raises(pulumi.RunError) as refused:
        build(program)
    assert str(refused.value) == (
        "LoadBalancer website: the child website-a-name-of-20-charact has 28 characters, allowed are 24: "
        "AWS limits its name to 32 and auto-naming adds 8"
    )


BESIDE = "has no meaning beside `existing`, which is not touched: remove one of them"
# Signing in

POOL = Cognito(
    user_pool_arn="arn:aws:cognito-idp:eu-central-1:123456789012:userpool/eu-central-1_A1b2C3d4e",
    client_id="abc",
    domain="shop",
)
PROVIDER = OpenIdConnect(
    issuer="https://id.example.com",
    authorization_endpoint="https://id.example.com/authorize",
    token_endpoint="https://id.example.com/token",
    user_info_endpoint="https://id.example.com/me",
    client_id="abc",
)


def behind(sign_in: SignIn, **arguments):
    route = Route(priority=10, hosts=("shop.example.com",), sign_in=sign_in)
    spec = LoadBalancerSpec(
        listener=Listener(certificate_arns=(CERTIFICATE,)),
        access_logs=None,
        services={"shop": BalancedService(port=8080, routes={"all": route})},
    )
    args = LoadBalancerArgs(spec, vpc_id="vpc-1", vpc_cidr="10.0.0.0/16", subnet_ids=["a", "b"], **arguments)
    return build(lambda: LoadBalancer("web", args))


def test_a_user_pool_signs_clients_in_before_a_target_sees_them():
    """Source: Application Load Balancer guide, authenticate users."""
    built = behind(SignIn(cognito=POOL, unauthenticated="deny"))
    first, second = built.named("web-shop-all").inputs["actions"]
    assert first == {
        "type": "authenticate-cognito",
        "order": 1,
        "authenticateCognito": {
            "userPoolArn": POOL.user_pool_arn,
            "userPoolClientId": "abc",
            "userPoolDomain": "shop",
            "scope": "openid",
            "sessionTimeout": 604_800,
            "onUnauthenticatedRequest": "deny",
        },
    }
    assert (second["type"], second["order"]) == ("forward", 2)
    assert built.named("web-out-sign-in").inputs["cidrIpv4"] == "0.0.0.0/0"


def test_the_secret_of_an_openid_client_stays_secret():
    built = behind(SignIn(oidc=PROVIDER, scope="openid email"), client_secret="hunter2")
    actions = built.named("web-shop-all").inputs["actions"]
    asked = (actions.value if isinstance(actions, Secret) else actions)[0]["authenticateOidc"]
    assert asked["clientSecret"] == Secret("hunter2")
    assert (asked["issuer"], asked["scope"]) == ("https://id.example.com", "openid email")
    assert "hunter2" not in str(built.named("web").inputs)


def test_an_openid_client_without_its_secret_is_refused():
    with pytest.raises(pulumi.RunError) as refused:
        behind(SignIn(oidc=PROVIDER))
    assert str(refused.value) == "LoadBalancer web: client_secret: is missing; a route signs in by OpenID Connect"


def test_a_sign_in_needs_https_and_one_provider():
    route = Route(priority=10, paths=("/*",), sign_in=SignIn(cognito=POOL))
    with pytest.raises(ValidationError) as refused:
        LoadBalancerSpec(listener=HTTP, services={"shop": BalancedService(routes={"all": route})})
    assert [(error["loc"], error["msg"]) for error in refused.value.errors()] == [
        (
            ("services", "shop", "routes", "all", "sign_in"),
            "works on https only: give the listener a certificate",
        )
    ]
    for providers in ({}, {"cognito": POOL, "oidc": PROVIDER}):
        with pytest.raises(ValidationError, match="give exactly one of `cognito` and `oidc`"):
            SignIn(**providers)


FAULTS = {
    "two services without routes": (
        {"services": {"a": BalancedService(), "b": BalancedService()}},
        {("services", "b", "routes"): "only one service may go without routes, and a does"},
    ),
    "a priority twice": (
        {"services": {"a": SHOP, "b": SHOP}},
        {("services", "b", "routes", "all", "priority"): "100 is taken by services.a.routes.all"},
    ),
    "weights for a stranger": (
        {"services": {"a": BalancedService(routes={"x": Route(priority=1, paths=("/",), weights={"c": 1})})}},
        {("services", "a", "routes", "x", "weights", "c"): "no such service, allowed a"},
    ),
    "weights of nothing": (
        {"services": {"a": BalancedService(routes={"x": Route(priority=1, paths=("/",), weights={"a": 0})})}},
        {("services", "a", "routes", "x", "weights"): "all are 0: give one service a share"},
    ),
    "weights that ECS owns": (
        {
            "services": {
                "a": BalancedService(alternate=True, routes={"x": Route(priority=1, paths=("/",), weights={"a": 1})})
            }
        },
        {
            (
                "services",
                "a",
                "routes",
                "x",
                "weights",
            ): "ECS owns the weights of a service with an alternate target group"
        },
    ),
    "an alternate without a rule": (
        {"services": {"a": BalancedService(alternate=True)}},
        {
            ("services", "a", "routes"): (
                "a service with an alternate target group needs a route: ECS moves its weights"
            )
        },
    ),
    "an alternate behind two rules": (
        {
            "services": {
                "a": BalancedService(
                    alternate=True,
                    routes={"x": Route(priority=1, paths=("/x",)), "y": Route(priority=2, paths=("/y",))},
                )
            }
        },
        {
            ("services", "a", "routes"): "ECS shifts the requests of one rule, the others would lead to tasks that are "
            "gone: keep one route; it may have several hosts and paths"
        },
    ),
    "a test route of one version": (
        {"services": {"a": SHOP.model_copy(update={"test_route": TestRoute(priority=5)})}},
        {
            ("services", "a", "test_route"): "leads to the new version of a release that shifts traffic: with tasks "
            "replaced in place there is none; remove it, or set another `deployment.strategy` than rolling"
        },
    ),
    "a test route behind what it tests": (
        {
            "services": {
                "a": BalancedService(
                    alternate=True,
                    routes={"test": Route(priority=7, paths=("/a", "/b", "/c", "/d", "/e"))},
                    test_route=TestRoute(priority=9),
                ),
                "b": BalancedService(routes={"x": Route(priority=9, paths=("/b",))}),
            }
        },
        {
            ("services", "a", "routes", "test"): "the name is taken by the test route: choose another",
            ("services", "a", "test_route", "priority"): "must be below that of routes.test, 7, which would take every "
            "request first",
            (
                "services",
                "a",
                "test_route",
            ): "the header is a condition too, and routes.test has 5 values already: name fewer",
        },
    ),
    "an alternate's name": (
        {"services": {"a": SHOP.model_copy(update={"alternate": True}), "a-b": ADMIN}},
        {("services", "a-b"): "the name is taken by the alternate target group of a: choose another"},
    ),
    "two rules of one name": (
        {
            "services": {
                "a": BalancedService(routes={"b-c": Route(priority=1, paths=("/",))}),
                "a-b": BalancedService(routes={"c": Route(priority=2, paths=("/",))}),
            }
        },
        {
            ("services", "a-b", "routes", "c"): "makes the same rule a-b-c as services.a.routes.b-c: rename one",
        },
    ),
    "a network balancer with an application's parts": (
        {
            "kind": "network",
            "web_acl_arn": "arn:aws:wafv2:x",
            "access_logs": AccessLogs(connections=True),
            "services": {"a": SHOP},
        },
        {
            ("web_acl_arn",): "a network balancer takes no web ACL: remove it or choose application",
            ("access_logs", "connections"): "a network balancer has no connection log: remove it",
            ("services", "a", "routes"): "works on an application balancer only: remove it",
        },
    ),
    "a port twice": (
        {"kind": "network", "services": {"a": BalancedService(), "b": BalancedService()}},
        {("services", "b", "listener_port"): "80 is taken by service a"},
    ),
    "a network's part on an application balancer": (
        {"services": {"a": BalancedService(listener_port=81)}},
        {("services", "a"): "`listener_port` and `listener_protocol` are for a network balancer: use `routes`"},
    ),
    "existing and more": (
        {"existing": EXISTING, "scheme": "internal", "services": {"a": BalancedService()}},
        {
            ("scheme",): BESIDE,
            ("services", "a", "routes"): "give a route: the existing listener keeps its own default",
        },
    ),
    "a source that is none": (
        {"sources": ("10.0.0.1/8",)},
        {("sources", 0): "not an IPv4 block such as 203.0.113.0/24, with the host bits at zero"},
    ),
    "an endless timeout": ({"idle_timeout": "2h"}, {("idle_timeout",): "got 2h, allowed 1s to 4000s in whole seconds"}),
}


@pytest.mark.parametrize(("spec", "faults"), FAULTS.values(), ids=FAULTS)
def test_a_spec_that_cannot_be_is_refused(spec, faults):
    with pytest.raises(ValidationError) as refused:
        LoadBalancerSpec(**spec)
    assert {error["loc"]: error["msg"] for error in refused.value.errors()} == faults


PART_FAULTS = {
    "a slow check": (lambda: HealthCheck(timeout="10s"), {("timeout",): "must be shorter than `interval`"}),
    "slow start and another algorithm": (
        lambda: BalancedService(slow_start="60s", algorithm="least_outstanding_requests"),
        {("slow_start",): "works with round_robin only: remove `algorithm` or `slow_start`"},
    ),
    "a route to everything": (
        lambda: Route(priority=1),
        {(): "give `hosts` or `paths`; a service without routes takes what no rule takes"},
    ),
    "a crowded route": (
        lambda: Route(priority=1, paths=tuple("abcdef")),
        {(): "got more than 5 hosts and paths together: split them over two routes"},
    ),
    "a redirect to itself": (
        lambda: Listener(port=80),
        {("port",): "80 belongs to the redirect: choose another, or set `redirect` to false"},
    ),
    "logs for hours": (
        lambda: AccessLogs(retention="36h"),
        {("retention",): "got a time that is not in whole days, such as 90d"},
    ),
}


@pytest.mark.parametrize(("make", "faults"), PART_FAULTS.values(), ids=PART_FAULTS)
def test_a_part_that_cannot_be_is_refused(make, faults):
    with pytest.raises(ValidationError) as refused:
        make()
    assert {error["loc"]: error["msg"] for error in refused.value.errors()} == faults


DEFAULTS = {
    "kind": "application",
    "scheme": "public",
    "sources": (),
    "access_logs": AccessLogs(retention=Duration.parse("365d"), connections=False, delete_with_contents=False),
    "deletion_protection": True,
    "drop_invalid_headers": True,
    "desync_mode": "defensive",
    "web_acl_arn": None,
    "default_answer": FixedAnswer(status=404),
}


@pytest.mark.parametrize(("field", "value"), DEFAULTS.items())
def test_a_balancer_defaults_to_production_values(field, value):
    """Source: the defaults table, load balancer: ELB.4, ELB.5, ELB.6, ELB.12, ELB.16."""
    assert getattr(LoadBalancerSpec(), field) == value
