"""What AWS charges for each type of resource. It cannot prove that a type which costs nothing today costs nothing
tomorrow, nor that a figure is today's."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from elasticity.pricing import MONTH_HOURS, FargateTask, Instance, read_prices, shipped_prices
from guardrails.checks import canonical
from localcloud.aws.kinds import KINDS as SERVED
from operations.cli import run
from operations.cost.charges import KINDS, charged, kind_of
from tests.operations.stack_files import stack_file
from tests.stacks.test_compositions import SHIPPED, built

EAST = shipped_prices()
ALB = "aws:lb/loadBalancer:LoadBalancer"


@pytest.mark.parametrize("token", sorted(SERVED))
def test_every_type_that_is_served_is_priced_or_listed(token: str) -> None:
    assert kind_of(token) is not None, "add what it costs to operations/cost/charges.py"


def test_no_row_is_for_a_type_that_nobody_serves() -> None:
    served = {canonical(token) for token in SERVED}
    modules = {(token.split(":")[1].split("/")[0], token.rpartition(":")[2]) for token in served}
    assert {tuple(name.split(":")) for name in KINDS} - modules == set()


@pytest.mark.parametrize("stack", SHIPPED)
def test_every_resource_of_a_shipped_stack_is_known(stack: str) -> None:
    found = charged([(each.type, each.inputs) for each in built(stack) if each.type.startswith("aws:")], EAST)
    assert not [line for line in found.unpriced if "not known" in line]


def month(token: str, inputs: dict[str, Any]) -> float:
    """What one resource costs a month in us-east-1, to the cent."""
    found = charged([(token, inputs)], EAST)
    return round(sum(amount for _, amount in found.monthly), 2)


METRIC = {"id": "m", "metric": {"metricName": "A", "period": 60}}
# Infracost's golden files, of the same unit prices (anchors of 2026-08-21).
GOLDEN: tuple[tuple[str, dict[str, Any], float], ...] = (
    (ALB, {}, 16.43),
    (ALB, {"loadBalancerType": "network"}, 16.43),
    ("aws:ec2/natGateway:NatGateway", {}, 32.85),
    ("aws:ec2/vpcEndpoint:VpcEndpoint", {"vpcEndpointType": "Interface"}, 7.30),
    ("aws:ec2/vpcEndpoint:VpcEndpoint", {"vpcEndpointType": "Interface", "subnetIds": ["a", "b"]}, 14.60),
    ("aws:ec2/vpcEndpoint:VpcEndpoint", {}, 0.0),
    ("aws:cloudwatch/metricAlarm:MetricAlarm", {"period": 60}, 0.10),
    ("aws:cloudwatch/metricAlarm:MetricAlarm", {"period": 10}, 0.30),
    (
        "aws:cloudwatch/metricAlarm:MetricAlarm",
        {"metricQueries": [METRIC, {"id": "e", "expression": "ANOMALY_DETECTION_BAND(m)"}]},
        0.30,
    ),
    ("aws:cloudwatch/metricAlarm:MetricAlarm", {"metricQueries": [METRIC, METRIC, {"expression": "m/n"}]}, 0.20),
    ("aws:cloudwatch/compositeAlarm:CompositeAlarm", {}, 0.50),
    ("aws:cloudwatch/dashboard:Dashboard", {}, 3.00),
    ("aws:kms/key:Key", {}, 1.00),
    ("aws:secretsmanager/secret:Secret", {}, 0.40),
    ("aws:wafv2/webAcl:WebAcl", {"rules": [{}, {}]}, 7.00),
    ("aws:ebs/volume:Volume", {"type": "gp3", "size": 10}, 0.80),
    ("aws:ec2/instance:Instance", {"instanceType": "t3.medium"}, 30.37),
    ("aws:ec2/instance:Instance", {"instanceType": "t3.medium", "monitoring": True}, 32.47),
)


@pytest.mark.parametrize(("token", "inputs", "expected"), GOLDEN)
def test_the_published_figures_of_infracost_to_the_cent(token: str, inputs: dict[str, Any], expected: float) -> None:
    assert month(token, inputs) == expected


def test_the_published_figures_of_units_and_use_to_the_cent() -> None:
    one_vcpu, two_gb = FargateTask(1, 0).hourly(EAST), FargateTask(0, 2).hourly(EAST)
    assert (round(one_vcpu * MONTH_HOURS, 2), round(two_gb * MONTH_HOURS, 2)) == (29.55, 6.49)
    assert round(Instance("t3.medium").hourly(EAST) * MONTH_HOURS, 2) == 30.37
    assert [round((EAST.figure(item, "lcu_hour") or 0) * MONTH_HOURS, 2) for item in ("alb", "nlb")] == [5.84, 4.38]
    rates = {
        ("nat_gateway", "gb"): 0.045,
        ("vpc_endpoint", "gb"): 0.01,
        ("logs", "gb"): 0.50,
        ("ecr", "gb_month"): 0.10,
    }
    rates |= {("logs", "gb_month"): 0.03, ("logs", "scanned_gb"): 0.005, ("waf", "million_requests"): 0.60}
    assert {place: EAST.figure(*place) for place in rates} == rates


def test_a_lookalike_without_a_figure_is_listed_and_never_zero() -> None:
    found = charged(
        [
            ("aws:ec2/instance:Instance", {"instanceType": "z9.huge"}),
            ("aws:ec2/instance:Instance", {"instanceType": "z9.huge"}),
            ("aws:ebs/volume:Volume", {"type": "io2", "size": 5}),
            ("aws:rds/instance:Instance", {"instanceClass": "db.t4g.micro"}),
            ("aws:quantum/computer:Computer", {}),
        ],
        EAST,
    )
    assert found.monthly == ()
    assert found.unpriced[:4] == (
        "2 x instance: z9.huge in us-east-1",
        "volume: io2 in us-east-1",
        "database: rds db.t4g.micro in us-east-1",
        "of a type that is not known here: aws:quantum/computer:Computer",
    )


def test_other_names_of_a_type_cost_the_same() -> None:
    assert kind_of("aws:alb/loadBalancer:LoadBalancer") is kind_of(ALB)
    assert kind_of("aws:s3/bucketV2:BucketV2") is kind_of("aws:s3/bucket:Bucket")


def state_of(tmp_path: Path, *resources: tuple[str, dict[str, Any]]) -> Path:
    """A state as `pulumi stack export` prints it."""
    listed = [
        {"urn": f"urn:pulumi:dev::accordion::{token}::{number}", "type": token, "custom": True, "inputs": inputs}
        for number, (token, inputs) in enumerate(resources)
    ]
    component = {"urn": "urn:pulumi:dev::accordion::accordion:index:Network::n", "type": "accordion:index:Network"}
    path = tmp_path / "state.json"
    path.write_text(json.dumps({"version": 3, "deployment": {"resources": [component, *listed]}}), encoding="utf-8")
    return path


def test_a_state_prices_what_stands_around_the_units(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    nat = "aws:ec2/natGateway:NatGateway"
    alarm = "aws:cloudwatch/metricAlarm:MetricAlarm"
    state = state_of(tmp_path, (nat, {}), (nat, {}), (alarm, {"period": 60}), ("aws:s3/bucket:Bucket", {}))
    assert run(["cost", str(stack_file(tmp_path)), "--state", str(state), "--format", "json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert dict(answer["fixed"]) == pytest.approx({"2 NAT gateways": 65.70, "1 alarm": 0.10})
    assert "objects kept and requests for them" in answer["unpriced"]
    assert not any("network" in line.lower() for line in answer["unpriced"])


@pytest.mark.parametrize("content", ["{}", "[]", "no", '{"deployment": {"resources": [1]}}'])
def test_what_is_no_state_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str) -> None:
    state = tmp_path / "state.json"
    state.write_text(content, encoding="utf-8")
    assert run(["cost", str(stack_file(tmp_path)), "--state", str(state)]) == 2
    assert "not the state of a stack" in capsys.readouterr().err


@pytest.mark.parametrize("stack", SHIPPED)
def test_the_bill_of_a_stack_file_counts_what_the_program_registers(stack: str) -> None:
    """The parts that the bill tells from the settings alone are those that are registered, at the same price."""
    from stacks.settings import load
    from stacks.workloads import shared_costs

    flat = "".join(
        f"[{item}]\nhour = 1\nmonth = 1\n" for item in ("alb", "nlb", "nat_gateway", "vpc_endpoint", "dashboard")
    )
    flat += "[cloudwatch_alarm]\nmonth = 1\nhigh_resolution_month = 7\ncomposite_month = 5\n"
    table = read_prices(flat + "[public_ipv4]\nhour = 0\n[kms_key]\nmonth = 0\n", "flat")
    parts = {
        "aws:ec2/natGateway:NatGateway",
        ALB,
        "aws:ec2/vpcEndpoint:VpcEndpoint",
        "aws:cloudwatch/dashboard:Dashboard",
        "aws:cloudwatch/metricAlarm:MetricAlarm",
        "aws:cloudwatch/compositeAlarm:CompositeAlarm",
    }
    there = [(each.type, each.inputs) for each in built(stack) if canonical(each.type) in parts]
    registered = sum(amount for _, amount in charged(there, table).monthly)
    told = shared_costs(load(SHIPPED[stack]), table)
    assert sum(amount for _, amount in told.monthly) == pytest.approx(registered)
    assert Counter(token for token, _ in there)
