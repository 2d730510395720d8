"""Balancers on the local cloud; that AWS's own words are these is not proved here."""

from collections.abc import Callable
from typing import Any

import pytest

Scenario = Callable[[Any], tuple[Any, Any]]
SCENARIOS: list[Scenario] = []


def scenario(function: Scenario) -> Scenario:
    """What was observed, and what AWS does; run against moto as it is and with its gaps filled."""
    SCENARIOS.append(function)
    return function


UUID = "0d9a6c1e-6b1c-4c0e-9d6e-2f6b8a6f5a11"
REGION_WIDE = "arn:aws:acm:eu-west-1:123456789012:certificate/{}"


def balancer(aws: Any, **members: Any) -> dict[str, Any]:
    _, subnets = aws.network()
    made = aws.elbv2.create_load_balancer(Name=aws.name(), **{"Subnets": subnets, **members})["LoadBalancers"][0]
    return dict(made)


def listener(aws: Any, arn: str, **members: Any) -> dict[str, Any]:
    answer = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}
    values = {"LoadBalancerArn": arn, "Protocol": "HTTP", "Port": 80, "DefaultActions": [answer], **members}
    return dict(aws.elbv2.create_listener(**values)["Listeners"][0])


def certificate(aws: Any) -> str:
    return str(aws.acm.request_certificate(DomainName="example.com")["CertificateArn"])


@scenario
def a_protected_balancer_cannot_be_deleted(aws: Any) -> tuple[Any, Any]:
    arn = balancer(aws)["LoadBalancerArn"]
    attribute = {"Key": "deletion_protection.enabled", "Value": "true"}
    aws.elbv2.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=[attribute])
    return aws.refusal(lambda: aws.elbv2.delete_load_balancer(LoadBalancerArn=arn)), (
        f"OperationNotPermitted: Load balancer '{arn}' cannot be deleted because deletion protection is enabled"
    )


@scenario
def the_arn_of_a_network_balancer_names_its_kind_and_keeps_its_tags(aws: Any) -> tuple[Any, Any]:
    arn = balancer(aws, Type="network", Tags=[{"Key": "team", "Value": "shop"}])["LoadBalancerArn"]
    tags = aws.elbv2.describe_tags(ResourceArns=[arn])["TagDescriptions"][0]["Tags"]
    return (":loadbalancer/net/" in arn, tags), (True, [{"Key": "team", "Value": "shop"}])


@scenario
def an_application_balancer_needs_two_zones(aws: Any) -> tuple[Any, Any]:
    _, subnets = aws.network()
    return aws.refusal(lambda: aws.elbv2.create_load_balancer(Name=aws.name(), Subnets=subnets[:1])), (
        "ValidationError: At least two subnets in two different Availability Zones must be specified"
    )


@scenario
def a_balancers_groups_are_of_its_network(aws: Any) -> tuple[Any, Any]:
    vpc = aws.ec2.create_vpc(CidrBlock="10.7.0.0/16")["Vpc"]["VpcId"]
    far = aws.ec2.create_security_group(GroupName=aws.name(), Description="x", VpcId=vpc)["GroupId"]
    return aws.refusal(lambda: balancer(aws, SecurityGroups=[far])), (
        f"InvalidConfigurationRequest: One or more security groups are invalid: {far} is not in the network of the subnets"
    )


@scenario
def a_balancer_has_one_subnet_per_zone(aws: Any) -> tuple[Any, Any]:
    vpc, subnets = aws.network()
    third = aws.ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.9.0/24", AvailabilityZone="eu-west-1a")["Subnet"]
    ids = [*subnets, third["SubnetId"]]
    return aws.refusal(lambda: aws.elbv2.create_load_balancer(Name=aws.name(), Subnets=ids)), (
        "InvalidConfigurationRequest: A load balancer cannot be attached to multiple subnets in the same "
        "Availability Zone"
    )


@scenario
def an_unknown_security_group_is_refused(aws: Any) -> tuple[Any, Any]:
    return aws.refusal(lambda: balancer(aws, SecurityGroups=["sg-0123456789abcdef0"])), (
        "InvalidSecurityGroup: One or more security groups are invalid: sg-0123456789abcdef0 does not exist"
    )


@scenario
def a_balancer_without_groups_has_the_default_group(aws: Any) -> tuple[Any, Any]:
    made = balancer(aws)
    wanted = [{"Name": "vpc-id", "Values": [made["VpcId"]]}, {"Name": "group-name", "Values": ["default"]}]
    default = aws.ec2.describe_security_groups(Filters=wanted)["SecurityGroups"][0]["GroupId"]
    return made["SecurityGroups"], [default]


@scenario
def a_name_is_given_to_one_balancer(aws: Any) -> tuple[Any, Any]:
    name = balancer(aws)["LoadBalancerName"]
    _, subnets = aws.network()
    return aws.refusal(lambda: aws.elbv2.create_load_balancer(Name=name, Subnets=subnets)), (
        f"DuplicateLoadBalancerName: A load balancer with the same name '{name}' exists, but with different settings"
    )


@scenario
def a_port_has_one_listener(aws: Any) -> tuple[Any, Any]:
    arn = balancer(aws)["LoadBalancerArn"]
    listener(aws, arn)
    return aws.refusal(lambda: listener(aws, arn)), (
        f"DuplicateListener: A listener already exists on this port for this load balancer '{arn}'"
    )


@scenario
def a_listener_cannot_move_to_a_taken_port(aws: Any) -> tuple[Any, Any]:
    arn = balancer(aws)["LoadBalancerArn"]
    listener(aws, arn)
    second = listener(aws, arn, Port=81)["ListenerArn"]
    return aws.refusal(lambda: aws.elbv2.modify_listener(ListenerArn=second, Port=80)), (
        f"DuplicateListener: A listener already exists on this port for this load balancer '{arn}'"
    )


@scenario
def https_needs_a_certificate(aws: Any) -> tuple[Any, Any]:
    arn = balancer(aws)["LoadBalancerArn"]
    refused = aws.refusal(lambda: listener(aws, arn, Protocol="HTTPS", Port=443))
    return refused, "ValidationError: A certificate must be specified for secure listeners"


@scenario
def https_needs_a_certificate_of_its_region(aws: Any) -> tuple[Any, Any]:
    arn, elsewhere = balancer(aws)["LoadBalancerArn"], REGION_WIDE.replace("eu-west-1", "us-east-1").format(UUID)
    certificates = [{"CertificateArn": elsewhere}]
    refused = aws.refusal(lambda: listener(aws, arn, Protocol="HTTPS", Port=443, Certificates=certificates))
    return refused, f"CertificateNotFound: Certificate '{elsewhere}' not found"


@scenario
def https_needs_a_certificate_that_was_not_deleted(aws: Any) -> tuple[Any, Any]:
    arn, gone = balancer(aws)["LoadBalancerArn"], certificate(aws)
    aws.acm.delete_certificate(CertificateArn=gone)
    certificates = [{"CertificateArn": gone}]
    refused = aws.refusal(lambda: listener(aws, arn, Protocol="HTTPS", Port=443, Certificates=certificates))
    return refused, f"CertificateNotFound: Certificate '{gone}' not found"


@scenario
def a_made_up_tls_policy_is_refused(aws: Any) -> tuple[Any, Any]:
    arn, certificates = balancer(aws)["LoadBalancerArn"], [{"CertificateArn": certificate(aws)}]
    members = {"Protocol": "HTTPS", "Port": 443, "Certificates": certificates, "SslPolicy": "ELBSecurityPolicy-Best"}
    refused = aws.refusal(lambda: listener(aws, arn, **members))
    return refused, "SSLPolicyNotFound: SSL policy 'ELBSecurityPolicy-Best' not found"


@scenario
def http_has_no_tls_policy(aws: Any) -> tuple[Any, Any]:
    return "SslPolicy" in listener(aws, balancer(aws)["LoadBalancerArn"]), False


@scenario
def a_default_rule_has_the_id_of_its_listener(aws: Any) -> tuple[Any, Any]:
    made = listener(aws, balancer(aws)["LoadBalancerArn"])["ListenerArn"]
    rule = aws.elbv2.describe_rules(ListenerArn=made)["Rules"][0]["RuleArn"]
    prefix, _, number = made.replace(":listener/", ":listener-rule/").rpartition("/")
    return rule, f"{prefix}/{number}/{number}"


@pytest.mark.parametrize(
    "policy",
    ["ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09", "ELBSecurityPolicy-TLS13-1-2-2021-06", "ELBSecurityPolicy-2016-08"],
)
def test_a_tls_policy_of_aws_is_accepted_and_kept(policy: str, filled_aws: Any) -> None:
    arn, certificates = balancer(filled_aws)["LoadBalancerArn"], [{"CertificateArn": certificate(filled_aws)}]
    made = listener(filled_aws, arn, Protocol="HTTPS", Port=443, Certificates=certificates, SslPolicy=policy)
    assert made["SslPolicy"] == policy


def test_a_target_group_in_use_cannot_be_deleted(filled_aws: Any) -> None:
    made = balancer(filled_aws)
    group = filled_aws.elbv2.create_target_group(
        Name=filled_aws.name(), Protocol="HTTP", Port=80, VpcId=made["VpcId"], TargetType="ip"
    )["TargetGroups"][0]["TargetGroupArn"]
    forward = [{"Type": "forward", "TargetGroupArn": group}]
    listener(filled_aws, made["LoadBalancerArn"], DefaultActions=forward)
    assert filled_aws.refusal(lambda: filled_aws.elbv2.delete_target_group(TargetGroupArn=group)) == (
        f"ResourceInUse: The target group '{group}' is currently in use by a listener or a rule"
    )


def test_a_certificate_named_by_hand_is_taken_as_made_elsewhere(filled_aws: Any) -> None:
    arn = balancer(filled_aws)["LoadBalancerArn"]
    given = [{"CertificateArn": REGION_WIDE.format(UUID)}]
    made = listener(filled_aws, arn, Protocol="HTTPS", Port=443, Certificates=given)
    assert made["Certificates"] == given


def test_a_network_balancer_may_stand_in_one_zone_and_listens_with_tls(filled_aws: Any) -> None:
    _, subnets = filled_aws.network()
    made = balancer(filled_aws, Subnets=subnets[:1], Type="network")
    certificates = [{"CertificateArn": certificate(filled_aws)}]
    vpc = made["VpcId"]
    group = filled_aws.elbv2.create_target_group(Name=filled_aws.name(), Protocol="TCP", Port=80, VpcId=vpc)
    forward = [{"Type": "forward", "TargetGroupArn": group["TargetGroups"][0]["TargetGroupArn"]}]
    found = listener(
        filled_aws,
        made["LoadBalancerArn"],
        Protocol="TLS",
        Port=443,
        Certificates=certificates,
        DefaultActions=forward,
    )
    assert found["SslPolicy"] == "ELBSecurityPolicy-2016-08"


def target_group(aws: Any, vpc: str, protocol: str = "HTTP") -> str:
    made = aws.elbv2.create_target_group(Name=aws.name(), Protocol=protocol, Port=80, VpcId=vpc, TargetType="ip")
    return str(made["TargetGroups"][0]["TargetGroupArn"])


def balancer_in(aws: Any, subnets: list[str], **more: Any) -> str:
    made = aws.elbv2.create_load_balancer(Name=aws.name(), Subnets=subnets, **more)
    return str(made["LoadBalancers"][0]["LoadBalancerArn"])


def forwarding(aws: Any, balancer: str, group: str, protocol: str = "HTTP", port: int = 80) -> Any:
    action = {"Type": "forward", "TargetGroupArn": group}
    return aws.elbv2.create_listener(LoadBalancerArn=balancer, Protocol=protocol, Port=port, DefaultActions=[action])


@scenario
def a_balancer_stands_in_one_network(aws: Any) -> tuple[Any, Any]:
    (one, here), (other, there) = aws.network(), aws.network()
    told = f"InvalidConfigurationRequest: All subnets must belong to the same VPC: '{', '.join(sorted((one, other)))}'"
    mine = balancer_in(aws, here)
    return [
        aws.refusal(lambda: balancer_in(aws, [here[0], there[1]])),
        aws.refusal(lambda: aws.elbv2.set_subnets(LoadBalancerArn=mine, Subnets=there)),
    ], [told, told]


@scenario
def an_open_balancer_needs_an_internet_gateway(aws: Any) -> tuple[Any, Any]:
    vpc, subnets = aws.network(open_to_the_world=False)
    return [
        aws.refusal(lambda: balancer_in(aws, subnets)),
        aws.refusal(lambda: balancer_in(aws, subnets, Scheme="internal")),
    ], [f"InvalidSubnet: VPC {vpc} has no internet gateway", "accepted"]


@scenario
def a_target_group_is_of_one_balancer(aws: Any) -> tuple[Any, Any]:
    vpc, subnets = aws.network()
    group, first, second = target_group(aws, vpc), balancer_in(aws, subnets), balancer_in(aws, subnets)
    listener = forwarding(aws, first, group)["Listeners"][0]["ListenerArn"]
    again = aws.refusal(lambda: forwarding(aws, first, group, port=81))
    refused = aws.refusal(lambda: forwarding(aws, second, group))
    aws.elbv2.delete_listener(ListenerArn=listener)
    for other in aws.elbv2.describe_listeners(LoadBalancerArn=first)["Listeners"]:
        aws.elbv2.delete_listener(ListenerArn=other["ListenerArn"])
    told = f"TargetGroupAssociationLimit: The following target groups cannot be associated with more than one load balancer: {group}"
    return [again, refused, aws.refusal(lambda: forwarding(aws, second, group))], ["accepted", told, "accepted"]


@scenario
def a_rule_forwards_to_no_group_of_another_balancer(aws: Any) -> tuple[Any, Any]:
    vpc, subnets = aws.network()
    taken, own = target_group(aws, vpc), target_group(aws, vpc)
    forwarding(aws, balancer_in(aws, subnets), taken)
    listener = forwarding(aws, balancer_in(aws, subnets), own)["Listeners"][0]["ListenerArn"]
    rule = {
        "ListenerArn": listener, "Priority": 1, "Conditions": [{"Field": "path-pattern", "Values": ["/a"]}],
        "Actions": [{"Type": "forward", "TargetGroupArn": taken}],
    }  # fmt: skip
    told = f"TargetGroupAssociationLimit: The following target groups cannot be associated with more than one load balancer: {taken}"
    return aws.refusal(lambda: aws.elbv2.create_rule(**rule)), told


@scenario
def an_application_balancer_forwards_to_groups_of_http_only(aws: Any) -> tuple[Any, Any]:
    vpc, subnets = aws.network()
    tcp, http, application = target_group(aws, vpc, "TCP"), target_group(aws, vpc), balancer_in(aws, subnets)
    network = balancer_in(aws, subnets, Type="network")
    told = "InvalidConfigurationRequest: Target group '{}' has the protocol {}, which is not supported with a load balancer of type {}"
    return [
        aws.refusal(lambda: forwarding(aws, application, tcp)),
        aws.refusal(lambda: forwarding(aws, network, http, "TCP")),
        aws.refusal(lambda: forwarding(aws, network, tcp, "UDP")),
        aws.refusal(lambda: forwarding(aws, network, tcp, "TCP")),
    ], [
        told.format(tcp, "TCP", "application"),
        told.format(http, "HTTP", "network"),
        "InvalidConfigurationRequest: Listener protocol 'UDP' is not supported with a target group with the protocol 'TCP'",
        "accepted",
    ]


@scenario
def a_target_group_is_of_the_balancers_network(aws: Any) -> tuple[Any, Any]:
    (_, subnets), (other, _) = aws.network(), aws.network()
    group, balancer = target_group(aws, other), balancer_in(aws, subnets)
    told = f"InvalidConfigurationRequest: The following target groups are in a different VPC than load balancer '{balancer}': {group}"
    return aws.refusal(lambda: forwarding(aws, balancer, group)), told


@scenario
def a_target_that_no_listener_sends_to_is_unused(aws: Any) -> tuple[Any, Any]:
    vpc, subnets = aws.network()
    group = target_group(aws, vpc)
    aws.elbv2.register_targets(TargetGroupArn=group, Targets=[{"Id": "10.0.0.9", "Port": 80}])

    def health() -> tuple[Any, Any]:
        found = aws.elbv2.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"][0]["TargetHealth"]
        return found["State"], found.get("Reason")

    before = health()
    forwarding(aws, balancer_in(aws, subnets), group)
    return (before, health()), (("unused", "Target.NotInUse"), ("healthy", None))


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_the_local_cloud_does_as_aws(scenario: Scenario, filled_aws: Any) -> None:
    observed, expected = scenario(filled_aws)
    assert observed == expected


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_moto_still_needs_the_patch(scenario: Scenario, plain_aws: Any) -> None:
    assert plain_aws.lacks(scenario), "moto does this by itself now: remove the patch"
