"""Gaps of SNS, Cloud Map and metric filters that the rows met; that AWS's own answers are these is not proved here."""

from collections.abc import Callable
from typing import Any

import pytest

Scenario = Callable[[Any], tuple[Any, Any]]
SCENARIOS: list[Scenario] = []


def scenario(function: Scenario) -> Scenario:
    """What was observed, and what AWS does; run against moto as it is and with its gaps filled."""
    SCENARIOS.append(function)
    return function


@scenario
def attributes_of_a_topic_are_answered(aws: Any) -> tuple[Any, Any]:
    asked = {"SignatureVersion": "2", "TracingConfig": "Active", "LambdaSuccessFeedbackSampleRate": "50"}
    arn = aws.sns.create_topic(Name=aws.name(), Attributes=asked)["TopicArn"]
    found = aws.sns.get_topic_attributes(TopicArn=arn)["Attributes"]
    return {name: found.get(name) for name in asked}, asked


@scenario
def a_metric_filter_that_is_put_again_is_replaced(aws: Any) -> tuple[Any, Any]:
    name = aws.name()
    aws.logs.create_log_group(logGroupName=name)
    metric = {"metricName": "m", "metricNamespace": "n", "metricValue": "1"}
    for pattern in ("ERROR", "FATAL"):
        aws.logs.put_metric_filter(
            logGroupName=name, filterName="f", filterPattern=pattern, metricTransformations=[metric]
        )
    found = aws.logs.describe_metric_filters(logGroupName=name)["metricFilters"]
    return [one["filterPattern"] for one in found], ["FATAL"]


def private(aws: Any, name: str) -> dict[str, Any]:
    """A private namespace in a VPC of its own."""
    vpc = aws.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    operation = aws.servicediscovery.create_private_dns_namespace(Name=name, Vpc=vpc)["OperationId"]
    made = aws.servicediscovery.get_operation(OperationId=operation)["Operation"]["Targets"]["NAMESPACE"]
    found = aws.servicediscovery.get_namespace(Id=made)["Namespace"]
    return {"Id": made, "Vpc": vpc, "Zone": found["Properties"]["DnsProperties"]["HostedZoneId"].rpartition("/")[2]}


@scenario
def the_zone_of_a_private_namespace_has_its_name_and_vpc(aws: Any) -> tuple[Any, Any]:
    name = f"{aws.name()}.internal"
    made = private(aws, name)
    zone = aws.route53.get_hosted_zone(Id=made["Zone"])
    networks = [network["VPCId"] for network in zone.get("VPCs", [])]
    return (zone["HostedZone"]["Name"], networks), (f"{name}.", [made["Vpc"]])


@scenario
def the_zone_of_a_private_namespace_goes_with_it(aws: Any) -> tuple[Any, Any]:
    made = private(aws, f"{aws.name()}.internal")
    aws.servicediscovery.delete_namespace(Id=made["Id"])
    zones = [zone["Id"].rpartition("/")[2] for zone in aws.route53.list_hosted_zones()["HostedZones"]]
    return made["Zone"] in zones, False


@scenario
def a_namespace_with_services_is_kept(aws: Any) -> tuple[Any, Any]:
    made = private(aws, f"{aws.name()}.internal")
    aws.servicediscovery.create_service(Name="web", NamespaceId=made["Id"])
    refused = aws.refusal(lambda: aws.servicediscovery.delete_namespace(Id=made["Id"]))
    return refused, f"ResourceInUse: Namespace {made['Id']} has services and cannot be deleted"


@scenario
def an_update_of_an_http_namespace_names_its_operation(aws: Any) -> tuple[Any, Any]:
    operation = aws.servicediscovery.create_http_namespace(Name=aws.name())["OperationId"]
    made = aws.servicediscovery.get_operation(OperationId=operation)["Operation"]["Targets"]["NAMESPACE"]
    answer = aws.servicediscovery.update_http_namespace(Id=made, Namespace={"Description": "d"})
    return "OperationId" in answer, True


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_the_local_cloud_does_as_aws(scenario: Scenario, filled_aws: Any) -> None:
    observed, expected = scenario(filled_aws)
    assert observed == expected


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_moto_still_needs_the_patch(scenario: Scenario, plain_aws: Any) -> None:
    assert plain_aws.lacks(scenario), "moto does this by itself now: remove the patch"
