"""Changes of a deployed dev stack with the real engine; cannot prove that AWS would take each of them as moto does."""

import re
from collections.abc import Iterator

import pytest

from tests.engine.checkout import Checkout, summary

pytestmark = pytest.mark.engine

PORTS = (("number: 8080", "number: 9090"), ("port: 8080", "port: 9090"))
OWN_COUNT = re.compile(r" {6}elasticity:\n(?: {8}.*\n)+ {6}simulation:\n(?: {8}.*\n)+")


@pytest.fixture(scope="module")
def deployed(checkout: Checkout) -> Checkout:
    """A checkout with `dev` deployed."""
    checkout.up("dev")
    return checkout


@pytest.fixture
def dev(deployed: Checkout) -> Iterator[Checkout]:
    """The same for a test that changes it: put back afterwards."""
    yield deployed
    deployed.up("dev")


def service(dev: Checkout) -> dict[str, str]:
    """The names of the service, as the stack's outputs have them."""
    found: dict[str, str] = dev.outputs("dev")["services"]["web"]
    return found


def desired(dev: Checkout) -> int:
    named = service(dev)
    found = dev.client("ecs", "dev").describe_services(cluster=named["cluster"], services=[named["service"]])
    return int(found["services"][0]["desiredCount"])


def test_a_raised_bound_is_applied_in_place(dev: Checkout) -> None:
    with dev.edited("dev", ("maximum: 2", "maximum: 3")):
        said = dev.up("dev")
    assert summary(said)["updated"] == 3, "the target, the dashboard and the component that holds the target"
    named = service(dev)
    found = dev.client("application-autoscaling", "dev").describe_scalable_targets(
        ServiceNamespace="ecs", ResourceIds=[f"service/{named['cluster']}/{named['service']}"]
    )["ScalableTargets"]
    assert [(target["MinCapacity"], target["MaxCapacity"]) for target in found] == [(1, 3)]


def test_a_renamed_rule_stays_the_policy_that_aws_takes_once_only(dev: Checkout) -> None:
    before = dev.resource("dev", "web-cpu")["id"]
    with dev.edited("dev", ("cpu: { metric: cpu", "load: { metric: cpu")):
        dev.up("dev")
        assert dev.resource("dev", "web-load")["id"] == before
        dev.preview("dev", "--expect-no-changes")


def test_a_new_port_replaces_in_an_order_that_aws_takes(dev: Checkout) -> None:
    before = dev.resource("dev", "balancer-web")["id"]
    with dev.edited("dev", *PORTS):
        said = dev.up("dev")
    assert summary(said)["replaced"] == 2, said
    order = [said.index(text) for text in ("balancer-web created replacement", "balancer-web deleted original")]
    assert order == sorted(order)
    groups = dev.client("elbv2", "dev").describe_target_groups()["TargetGroups"]
    assert [(group["Port"], group["TargetGroupArn"] == before) for group in groups] == [(9090, False)]


@pytest.mark.parametrize("options", [(), ("--refresh",)], ids=["up", "up --refresh"])
def test_a_count_changed_behind_its_back_belongs_to_the_autoscaler(
    deployed: Checkout, options: tuple[str, ...]
) -> None:
    named, other = service(deployed), desired(deployed) + 1
    deployed.client("ecs", "dev").update_service(cluster=named["cluster"], service=named["service"], desiredCount=other)
    deployed.up("dev", *options)
    assert desired(deployed) == other


@pytest.fixture(scope="module")
def fleet(checkout: Checkout) -> Checkout:
    """The same checkout with `fleet` deployed."""
    checkout.up("fleet")
    return checkout


@pytest.mark.parametrize("options", [(), ("--refresh",)], ids=["up", "up --refresh"])
def test_a_capacity_changed_behind_its_back_belongs_to_the_autoscaler(
    fleet: Checkout, options: tuple[str, ...]
) -> None:
    name, scaling = fleet.outputs("fleet")["groups"]["shop"]["group"], fleet.client("autoscaling", "fleet")

    def capacity() -> int:
        (found,) = scaling.describe_auto_scaling_groups(AutoScalingGroupNames=[name])["AutoScalingGroups"]
        return int(found["DesiredCapacity"])

    other = capacity() + 1
    scaling.set_desired_capacity(AutoScalingGroupName=name, DesiredCapacity=other)
    fleet.up("fleet", *options)
    assert capacity() == other


def test_a_fixed_count_is_put_back(dev: Checkout) -> None:
    text = (dev.folder / "Pulumi.dev.yaml").read_text()
    (rules,) = OWN_COUNT.findall(text)
    with dev.edited("dev", (rules, "      count: 1\n")):
        dev.up("dev")
        named = service(dev)
        dev.client("ecs", "dev").update_service(cluster=named["cluster"], service=named["service"], desiredCount=2)
        said = dev.up("dev", "--refresh")
    assert "~  aws:ecs:Service web-service updated" in said
    assert desired(dev) == 1


def test_drift_is_seen_by_refresh_and_repaired_by_up(deployed: Checkout) -> None:
    alarm = deployed.resource("dev", "alarms-web-errors")["outputs"]
    cloudwatch, scaling, ec2 = (
        deployed.client(name, "dev") for name in ("cloudwatch", "application-autoscaling", "ec2")
    )
    (metric,) = cloudwatch.describe_alarms(AlarmNames=[alarm["name"]])["MetricAlarms"]
    allowed = {"AlarmName", "Threshold", "ComparisonOperator", "EvaluationPeriods", "TreatMissingData", "Metrics",
               "MetricName", "Namespace", "Dimensions", "Period", "Statistic", "ExtendedStatistic", "DatapointsToAlarm",
               "AlarmDescription", "ActionsEnabled", "AlarmActions", "OKActions"}  # fmt: skip
    kept = {name: value for name, value in metric.items() if name in allowed}
    cloudwatch.put_metric_alarm(**kept | {"Threshold": metric["Threshold"] + 1})
    (policy,) = scaling.describe_scaling_policies(ServiceNamespace="ecs")["ScalingPolicies"]
    tracking = policy["TargetTrackingScalingPolicyConfiguration"]
    scaling.put_scaling_policy(
        **{name: policy[name] for name in ("PolicyName", "ServiceNamespace", "ResourceId", "ScalableDimension")},
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration=tracking | {"TargetValue": 20.0},
    )
    (rule,) = [
        each["id"] for each in deployed.exported("dev")
        if each["type"].endswith("SecurityGroupIngressRule") and each["inputs"].get("cidrIpv4") == "0.0.0.0/0"
    ]  # fmt: skip
    group = deployed.resource("dev", "balancer-group")["id"]
    opened = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIpv4": "0.0.0.0/0"}
    ec2.modify_security_group_rules(
        GroupId=group, SecurityGroupRules=[{"SecurityGroupRuleId": rule, "SecurityGroupRule": opened}]
    )
    refreshed = deployed.refresh("dev")
    repaired = deployed.up("dev")
    changed = {
        "alarms-web-errors": "~threshold",
        "web-cpu": "~targetTrackingScalingPolicyConfiguration",
    }
    for name, property_ in changed.items():
        assert re.search(rf"{name} updated .*diff: {property_}", refreshed), refreshed
        assert re.search(rf"{name} updated .*diff: {property_}", repaired), repaired
    assert summary(refreshed)["updated"] == summary(repaired)["updated"] == 3
    (again,) = cloudwatch.describe_alarms(AlarmNames=[alarm["name"]])["MetricAlarms"]
    assert again["Threshold"] == metric["Threshold"]
    (found,) = ec2.describe_security_group_rules(SecurityGroupRuleIds=[rule])["SecurityGroupRules"]
    assert (found["FromPort"], found["ToPort"]) == (80, 80)


def test_what_is_gone_is_made_again(deployed: Checkout) -> None:
    name = service(deployed)["log_group"]
    logs = deployed.client("logs", "dev")
    logs.delete_log_group(logGroupName=name)
    assert "- 1 deleted" in deployed.refresh("dev")
    deployed.up("dev")
    assert [group["logGroupName"] for group in logs.describe_log_groups()["logGroups"]] == [
        service(deployed)["log_group"]
    ]
