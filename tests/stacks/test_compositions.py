"""Every shipped stack is built on the recording monitor. It cannot prove that the engine or AWS accepts what is built."""

import json
import os
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from components.specs.swarm_service import DECLARED
from guardrails.checks import CHECKS, STACK_CHECKS, Check, StackCheck
from guardrails.stack import COMMON_TAGS
from guardrails.values import Declared
from localcloud.aws import limits
from stacks import compositions
from stacks.compositions import Settings
from stacks.outputs import Outputs
from stacks.packages import packages_of
from stacks.settings import load
from stacks.web_service.settings import Service
from tests.recording import Registrations, Secret, build

ROOT = Path(__file__).parents[2]
EVERY = {path.name.split(".")[1]: path for path in sorted(ROOT.glob("Pulumi.*.yaml"))}
SHIPPED = {stack: path for stack, path in EVERY.items() if packages_of(path) == ("aws",)}
"""Those on AWS."""
SNAPSHOTS = Path(__file__).parent / "urns"


@cache
def built(stack: str) -> Registrations:
    settings = load(EVERY[stack])
    return build(lambda: compositions.build(settings).exports(), stack=stack)


def settings_of(stack: str) -> Settings:
    return load(EVERY[stack])


@pytest.mark.parametrize("stack", EVERY)
def test_no_urn_changes_without_a_word(stack: str) -> None:
    """A changed URN is a replacement in somebody's stack: add an alias, then write the snapshot anew with SNAPSHOT=write."""
    urns, snapshot = "\n".join(sorted(built(stack).urns())) + "\n", SNAPSHOTS / f"{stack}.txt"
    if os.environ.get("SNAPSHOT") == "write":
        snapshot.write_text(urns, encoding="utf-8")
    assert urns == snapshot.read_text(encoding="utf-8")


@pytest.mark.parametrize("stack", SHIPPED)
def test_every_resource_names_the_one_provider(stack: str) -> None:
    provider = built(stack).one("pulumi:providers:aws").urn
    strays = [each.name for each in built(stack) if each.custom and not each.provider.startswith(provider)]
    assert [name for name in strays if name != "aws"] == []


def tags_of_all(registered: Registrations) -> dict[str, str]:
    """The provider's default tags; on a Swarm, whose provider has none, the labels of all that can have some."""
    if providers := registered.of("pulumi:providers:aws"):
        found: dict[str, str] = json.loads(providers[0].inputs["defaultTags"])["tags"]
        return found
    (labels,) = {
        tuple((label["label"], label["value"]) for label in each.inputs["labels"] if label["label"] != DECLARED)
        for each in registered
        if each.custom
    }
    return dict(labels)


@pytest.mark.parametrize("stack", EVERY)
def test_the_guardrails_have_nothing_to_say(stack: str) -> None:
    registered, judged = built(stack), settings_of(stack).judged
    urns = {each.name: each.urn for each in registered}
    tags = tags_of_all(registered)
    # The recorder knows on what a resource depends, not by which input.
    declared = [
        Declared(
            each.type,
            each.name,
            each.inputs,
            dict.fromkeys(each.inputs, frozenset(urns[name] for name in each.depends_on)),
            each.urn,
            frozenset(each.ignore_changes),
            tags,
        )
        for each in registered
    ]
    said: list[tuple[Check | StackCheck, str]]
    said = [(check, each.name) for check in CHECKS for each in declared for _ in check.sentences(each, judged)]
    said += [(check, each.name) for check in STACK_CHECKS for each, _ in check.sentences(declared, judged)]
    told = [(check.level(judged), check.name, name) for check, name in said]
    assert told == ([("advisory", "fixed-images", "web-task")] if stack == "staging" else [])
    assert set(COMMON_TAGS) == tags.keys() - settings_of(stack).environment.tags.keys()


MADE_UP = (
    (re.compile(r"^[\w-]+-group-id$"), "sg-0123"),
    (re.compile(r"^arn:aws:cloudwatch:([\w-]+:\d+:)([\w-]+-(?:logs|log-group))$"), r"arn:aws:logs:\1log-group:\2"),
)
"""Ids and ARNs as the recording monitor answers them, and in AWS's form."""


def _in_the_forms_of_aws(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _in_the_forms_of_aws(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_in_the_forms_of_aws(each) for each in value]
    if isinstance(value, str):
        for made_up, form in MADE_UP:
            value = made_up.sub(form, value)
    return value


@pytest.mark.parametrize("stack", SHIPPED)
def test_the_tables_of_what_aws_refuses_have_nothing_to_say(stack: str) -> None:
    said = [
        (each.name, *fault)
        for each in built(stack)
        if each.type != "aws:s3/bucketPolicy:BucketPolicy"  # here an id is not the bucket's name, as it is on AWS
        for fault in limits.faults(each.type, _in_the_forms_of_aws(each.inputs))
        if not isinstance(each.inputs.get(fault[0].partition(".")[0]), Secret)
    ]
    assert said == []


@pytest.mark.parametrize("stack", SHIPPED)
def test_nothing_is_open_to_the_world_but_the_listener_ports(stack: str) -> None:
    open_ports = {
        rule.inputs["fromPort"]
        for rule in built(stack).of("SecurityGroupIngressRule")
        if rule.inputs.get("cidrIpv4") == "0.0.0.0/0"
    }
    listener = settings_of(stack).load_balancer.listener
    assert open_ports == ({80, 443} if listener.protocol == "https" else {80})


@pytest.mark.parametrize("stack", EVERY)
def test_outputs_read_back_are_what_was_exported(stack: str) -> None:
    exported = built(stack).result
    assert Outputs.read(exported).exports() == exported


def test_outputs_that_are_missing_are_named() -> None:
    with pytest.raises(
        ValueError, match=r"^the stack has no output region, network: it is not deployed, or not with this program$"
    ):
        Outputs.read({"composition": "web_service"})


@pytest.mark.parametrize("stack", ["dev", "staging", "prod"])
def test_a_scaled_service_keeps_its_count_on_update(stack: str) -> None:
    services = built(stack).of("aws:ecs/service:Service")
    assert {service.ignore_changes for service in services} == {("desiredCount",)}


def test_a_service_of_fixed_size_follows_its_declaration() -> None:
    settings = settings_of("dev")
    fixed = settings.services["web"].model_copy(update={"elasticity": None, "count": 2})
    registrations = build(
        lambda: compositions.build(settings.model_copy(update={"services": {"web": fixed}})).exports()
    )
    service = registrations.one("aws:ecs/service:Service")
    assert (service.inputs["desiredCount"], service.ignore_changes) == (2, ())


def test_a_service_on_instances_runs_in_the_cluster_that_has_them() -> None:
    settings = settings_of("dev")
    described = settings.services["web"].model_dump(exclude_unset=True) | {
        "capacity": {"kind": "ec2"},
        "cluster": {"arn": "arn:aws:ecs:eu-central-1:123456789012:cluster/shared", "capacity_provider": "hosts"},
    }
    service = Service.model_validate(described)
    registrations = build(
        lambda: compositions.build(settings.model_copy(update={"services": {"web": service}})).exports()
    )
    made = registrations.one("aws:ecs/service:Service").inputs
    assert made["cluster"] == "arn:aws:ecs:eu-central-1:123456789012:cluster/shared"
    assert [each["capacityProvider"] for each in made["capacityProviderStrategies"]] == ["hosts"]
    assert registrations.of("aws:ecs/cluster:Cluster") == []
    target = registrations.one("aws:appautoscaling/target:Target").inputs
    assert target["resourceId"].startswith("service/shared/")


def test_production_is_protected_and_development_can_be_taken_down() -> None:
    assert built("prod").one("aws:lb/loadBalancer:LoadBalancer").inputs["enableDeletionProtection"] is True
    assert built("dev").one("aws:lb/loadBalancer:LoadBalancer").inputs["enableDeletionProtection"] is False


def test_production_has_a_nat_gateway_in_each_zone_and_development_one() -> None:
    assert (len(built("prod").of("NatGateway")), len(built("dev").of("NatGateway"))) == (3, 1)


def test_alarms_that_turn_a_deployment_back_are_made_before_the_service_and_named_in_it() -> None:
    alarms = built("prod").named("web-service").inputs["alarms"]
    made = {each.name for each in built("prod").under("rollback")}
    assert alarms["enable"] is True
    assert alarms["rollback"] is True
    assert {"rollback-web-errors", "rollback-web-latency"} <= made


def test_alarms_fail_the_refresh_of_a_group_and_are_made_before_it() -> None:
    group = built("fleet").one("aws:autoscaling/group:Group").inputs
    alarms = group["instanceRefresh"]["preferences"]["alarmSpecification"]["alarms"]
    assert alarms == ["rollback-shop-errors-1a2b3c4", "rollback-shop-latency-1a2b3c4"]


def test_a_group_that_is_not_refreshed_has_no_alarms_for_it() -> None:
    settings = settings_of("fleet")
    still = settings.groups["shop"].model_copy(update={"refresh": None})
    registrations = build(lambda: compositions.build(settings.model_copy(update={"groups": {"shop": still}})).exports())
    assert "rollback" not in registrations.names()


def test_instances_and_volumes_carry_the_tags_of_everything_else() -> None:
    """The provider's default tags do not reach what a group launches."""
    everywhere = built("fleet").one("pulumi:providers:aws").inputs["defaultTags"]
    everywhere = (json.loads(everywhere) if isinstance(everywhere, str) else everywhere)["tags"]
    launched = {"Name": "shop", **everywhere}
    template = built("fleet").one("LaunchTemplate").inputs["tagSpecifications"]
    assert [each["tags"] for each in template] == [launched, launched]
    group = built("fleet").one("aws:autoscaling/group:Group").inputs["tags"]
    assert {tag["key"]: tag["value"] for tag in group} == launched
    assert everywhere.keys() >= {"application", "stack", "managed-by", "team"}


def test_only_production_and_the_fleet_page() -> None:
    assert {stack for stack in SHIPPED if built(stack).of("CompositeAlarm")} == {"prod", "fleet"}
