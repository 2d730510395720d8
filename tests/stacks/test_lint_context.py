"""What the linter is told of a stack file, and where that is written. It cannot prove that AWS agrees with a derived
value."""

from __future__ import annotations

from typing import Any

import pytest

from elasticity.checks import LintContext
from elasticity.quantities import Duration
from stacks.compositions import Settings
from stacks.instance_fleet.settings import Group
from stacks.instance_fleet.workloads import GroupWorkload
from stacks.settings import validate
from stacks.stack_file import StackFile
from stacks.web_service.settings import Service
from stacks.web_service.workloads import ServiceWorkload
from stacks.workloads import scaled, workloads_of

RULES: dict[str, Any] = {"minimum": 2, "maximum": 10, "target_tracking": {"cpu": {"metric": "cpu", "target": 60}}}
CONTAINER = {"image": {"repository": "docker.io/library/x", "version": "1"}, "ports": {"http": {"number": 80}}}
NETWORK: dict[str, Any] = {"zones": ["eu-west-1a", "eu-west-1b"], "cidr": "10.0.0.0/22"}
HTTP = {"listener": {"protocol": "http"}}


def settings(composition: str, members: dict[str, Any], **more: Any) -> Settings:
    section = "services" if composition == "web_service" else "groups"
    environment = {"region": "eu-west-1", "account_ids": ["123456789012"], **more.pop("environment", {})}
    content = {
        "composition": composition,
        "environment": environment,
        "network": NETWORK,
        "load_balancer": HTTP,
        section: members,
        **more,
    }
    return validate(StackFile("Pulumi.test.yaml", content))


def service(**more: Any) -> dict[str, Any]:
    return {"container": CONTAINER, "elasticity": RULES, **more}


def group(**more: Any) -> dict[str, Any]:
    return {"instance_types": ["m7i.large"], "elasticity": RULES, **more}


def context(composition: str, member: dict[str, Any], **more: Any) -> LintContext:
    return scaled(settings(composition, {"web": member}, **more))["web"].lint_context()


def test_a_service_is_described_by_its_settings() -> None:
    member = service(
        capacity={"base": 1, "on_demand_weight": 1, "spot_weight": 3},
        traffic={"port": 80, "deregistration_delay": "45s", "slow_start": "30s"},
    )
    assert context("web_service", member) == LintContext(
        platform="ecs_service",
        environment="production",
        zones=2,
        free_addresses=2 * 59,
        fine_metrics=False,
        objectives={"cpu": 85.0, "memory": 85.0, "response_time": Duration(1), "queue_delay": Duration(900)},
        deployment="rolling",
        minimum_percent=100,
        maximum_percent=200,
        zone_rebalancing=True,
        strategy_given=True,
        on_demand_base=1,
        spot_share=75,
        health_check_grace=Duration(60),
        deregistration_delay=Duration(45),
        slow_start=Duration(30),
        stop_timeout=Duration(30),
        unit_cpu=0.5,
        unit_memory=1024,
    )


def test_a_worker_has_no_balancer_to_wait_for() -> None:
    worker = context("web_service", service())
    assert (worker.deregistration_delay, worker.slow_start, worker.health_check_grace) == (None, None, None)


def test_a_group_is_described_by_its_settings() -> None:
    member = group(
        purchase={"on_demand_base": 1, "spot": 50}, start_up="90s", detailed_monitoring=False, traffic={"port": 80}
    )
    assert context("instance_fleet", member) == LintContext(
        platform="ec2_group",
        environment="production",
        zones=2,
        free_addresses=2 * 59,
        fine_metrics=False,
        objectives={"cpu": 85.0, "response_time": Duration(1), "queue_delay": Duration(900)},
        on_demand_base=1,
        spot_share=50,
        health_check="ELB",
        health_check_grace=Duration(90),
        default_warm_up=Duration(90),
        detailed_monitoring=False,
        deregistration_delay=Duration(60),
    )


def test_a_group_of_fixed_size_is_a_workload_whose_bounds_are_its_size() -> None:
    fixed = {"instance_types": ["m7i.large"], "count": 2}
    both = settings("instance_fleet", {"fixed": fixed, "moving": group()})
    assert (list(scaled(both)), list(workloads_of(both))) == (["moving"], ["fixed", "moving"])
    still = workloads_of(both)["fixed"]
    assert (still.elasticity, still.rules.minimum, still.rules.maximum) == (None, 2, 2)


def test_a_group_under_a_capacity_provider_is_one() -> None:
    provider = context("instance_fleet", group(elasticity={"minimum": 0, "maximum": 4}, capacity_provider={}))
    assert provider.platform == "capacity_provider"
    assert (provider.managed_termination_protection, provider.scale_in_protection) == (True, True)
    assert provider.health_check == "EC2"


@pytest.mark.parametrize(
    ("production", "tell", "expected"),
    [
        (True, "record", "production"),
        (False, "record", "development"),
        (False, "notify", "staging"),
        (False, "page", "staging"),
    ],
)
def test_an_environment_without_users_where_nobody_is_told_is_development(
    production: bool, tell: str, expected: str
) -> None:
    here = context("web_service", service(), environment={"production": production}, alarms={"tell": tell})
    assert here.environment == expected


def test_addresses_are_shared_with_the_others_of_the_stack() -> None:
    members = {"web": service(), "api": service(), "batch": {"container": CONTAINER, "count": 3}}
    free = [one.lint_context().free_addresses for one in scaled(settings("web_service", members)).values()]
    assert free == [2 * 59 - 10 - 3, 2 * 59 - 10 - 3], (
        "a service of fixed size takes addresses, and has no rules to check"
    )


EXISTING = {
    "vpc_id": "vpc-1",
    "cidr": "10.0.0.0/16",
    "private_subnets": {"eu-west-1a": "subnet-1"},
    "public_subnets": {"eu-west-1a": "subnet-2", "eu-west-1b": "subnet-3"},
}


def test_addresses_of_a_network_made_elsewhere_are_unknown() -> None:
    here = context("web_service", service(), network={"existing": EXISTING})
    assert (here.free_addresses, here.zones) == (None, 1)
    public = {key: value for key, value in EXISTING.items() if key != "private_subnets"}
    assert context("web_service", service(), network={"existing": public}).zones == 2


def test_addresses_are_unknown_without_a_private_tier() -> None:
    here = context("web_service", service(), network={**NETWORK, "tiers": ["public"], "nat": "none"})
    assert here.free_addresses is None


def test_an_alarm_that_is_off_or_looks_down_promises_nothing() -> None:
    alarms = {"cpu": None, "memory": {"threshold": 20, "comparison": "LessThanThreshold"}}
    assert context("web_service", service(alarms=alarms)).objectives.keys() == {"response_time", "queue_delay"}


def test_a_finding_is_written_below_its_service_or_group() -> None:
    one = scaled(settings("web_service", {"web": service()}))["web"]
    assert one.written(("minimum",)) == ("services", "web", "elasticity", "minimum")
    assert one.written(("context", "stop_timeout")) == ("services", "web", "container", "stop_timeout")
    assert one.written(("context", "simple_scaling")) == ("services", "web"), "what no stack file can say"


def test_the_peak_is_the_highest_rate_that_a_load_draws() -> None:
    loads = {
        "campaign": {"spike": {"base": "10/s", "peak": "120/min"}, "scale": 2},
        "falling": {"ramp": {"before": "15/s", "after": "1/s"}},
        "recorded": {"trace": {"file": "week.csv"}},
    }
    assert context("web_service", service(simulation={"loads": loads})).peak == 20
    recorded = {"loads": {"recorded": loads["recorded"]}}
    assert context("web_service", service(simulation=recorded)).peak is None
    assert context("web_service", service(simulation={"loads": {"none": {"steady": {"rate": "0/s"}}}})).peak is None


@pytest.mark.parametrize(
    ("expectations", "cap"),
    [
        (["cost_per_month < 400", "cost_per_month <= 300 USD", "overload_minutes < 5"], 300),
        (["cost_per_month > 300", "cost_per_month < 0"], None),
        ([], None),
    ],
)
def test_an_expectation_on_the_cost_caps_it(expectations: list[str], cap: float | None) -> None:
    simulation = {"loads": {"day": {"steady": {"rate": "1/s"}}}, "expectations": expectations}
    assert context("web_service", service(simulation=simulation)).cost_cap == cap


@pytest.mark.parametrize(("workload", "model"), [(ServiceWorkload, Service), (GroupWorkload, Group)])
def test_every_place_in_the_table_is_one_of_the_settings(workload: Any, model: Any) -> None:
    for field, path in workload.settings_of_context.items():
        assert field in LintContext.model_fields
        assert path[0] in model.model_fields, field
