"""What a stack file demands and allows: tags, counts that scaling owns, alarms at the maximum, ceilings, keys. It cannot
prove that the engine tells the pack what a program ignores and what its provider lays on everything; the engine's ring
does."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import pytest

from guardrails.checks import CHECKS, STACK_CHECKS
from guardrails.stack import Ceilings, Level, StackSaid
from guardrails.stack import said as stack_said
from guardrails.values import UNKNOWN, Declared

SERVICE, TASK, TARGET = (
    "aws:ecs/service:Service",
    "aws:ecs/taskDefinition:TaskDefinition",
    "aws:appautoscaling/target:Target",
)
GROUP, TEMPLATE, POLICY = (
    "aws:autoscaling/group:Group",
    "aws:ec2/launchTemplate:LaunchTemplate",
    "aws:autoscaling/policy:Policy",
)
ALARM, PROVIDER, TABLE = (
    "aws:cloudwatch/metricAlarm:MetricAlarm",
    "aws:ecs/capacityProvider:CapacityProvider",
    "aws:dynamodb/table:Table",
)
TOPIC, LOGS = "aws:sns/topic:Topic", "aws:cloudwatch/logGroup:LogGroup"
TAGGED = StackSaid(required_tags=("stack", "team"))
ALLOWED = StackSaid(ceilings=Ceilings(units=10, task_cpu=1024, task_memory=2048, instance_types=("m7g.*", "c7g.large")))
PROD = dataclasses.replace(ALLOWED, production=True, required_tags=TAGGED.required_tags)


def one(type_: str, **inputs: Any) -> Declared:
    return Declared(type_, "one", inputs, urn="urn:one")


def told(guardrail: str, stack: StackSaid, *resources: Declared) -> list[str]:
    """What a guardrail says of the resources, each beside its name where there are several."""
    for check in CHECKS:
        if check.name == guardrail:
            return [sentence for each in resources for sentence in check.sentences(each, stack)]
    (whole,) = (check for check in STACK_CHECKS if check.name == guardrail)
    return [f"{each.name}: {sentence}" for each, sentence in whole.sentences(resources, stack)]


LACKS = "lacks the tag team: set it in tags, or in the provider's defaultTags"
TAGS: list[tuple[Declared, list[str]]] = [
    (one(TOPIC, tags={"stack": "prod", "team": "shop"}), []),
    (one(TOPIC, tags={"stack": "prod"}), [LACKS]),
    (one(TOPIC, tags={"stack": "prod"}, tagsAll={"team": "shop"}), []),
    (dataclasses.replace(one(TOPIC), provider_tags={"stack": "prod", "team": "shop"}), []),
    (dataclasses.replace(one(TOPIC, tags={"team": "x"}), provider_tags={"stack": "prod"}), []),
    (one(TOPIC), [LACKS.replace("team", "stack, team")]),
    (one(TOPIC, tags={"stack": UNKNOWN, "team": "shop"}), []),
    (one(TOPIC, tags=UNKNOWN), []),
    (dataclasses.replace(one(TOPIC), provider_tags=UNKNOWN), []),
    (one("aws:lb/loadBalancer:LoadBalancer", tags={"stack": "prod"}), [LACKS]),
    (one("aws:alb/loadBalancer:LoadBalancer", tags={"stack": "prod"}), [LACKS]),
    (one("aws:ec2/route:Route"), []),
    (one("random:index/randomId:RandomId"), []),
]


@pytest.mark.parametrize(("resource", "sentences"), TAGS)
def test_everything_that_can_carry_tags_carries_those_that_are_demanded(
    resource: Declared, sentences: list[str]
) -> None:
    assert told("required-tags", TAGGED, resource) == sentences
    assert told("required-tags", StackSaid(), resource) == []


def given(key: str, spread: object = True) -> dict[str, object]:
    return {"key": key, "value": "x", "propagateAtLaunch": spread}


def group(*tags: object, **inputs: Any) -> Declared:
    refers = {"launchTemplate": frozenset({"urn:template"})}
    return Declared(GROUP, "group", {"tags": list(tags), **inputs}, refers, "urn:group")


def template(**launched: tuple[str, ...]) -> Declared:
    specifications = [{"resourceType": kind, "tags": dict.fromkeys(keys, "x")} for kind, keys in launched.items()]
    return Declared(TEMPLATE, "template", {"tagSpecifications": specifications}, urn="urn:template")


BOTH = (given("stack"), given("team"))
APART = Declared(
    "aws:autoscaling/tag:Tag",
    "tag",
    {"tag": given("team")},
    {"autoscalingGroupName": frozenset({"urn:group"})},
    "urn:tag",
)
LAUNCHES: list[tuple[list[Declared], list[str]]] = [
    ([group(*BOTH), template(volume=("stack", "team"))], []),
    ([group(*BOTH)], []),
    ([group(given("stack"), given("team", "false")), template(instance=("team",), volume=("stack", "team"))], []),
    ([group(given("stack")), APART], []),
    ([group(given("stack")), template(instance=("team",), volume=("stack", "team"))], ["group: lacks the tag team: set it in tags, which a provider's defaultTags do not reach"]),
    ([group(given("stack"), given("team", spread=False))], ["group: launches instances without the tag team: set propagateAtLaunch in the group's tags"]),
    ([group(*BOTH), template()], ["group: launches volumes without the tag stack, team: give them in the template's tagSpecifications"]),
    ([group(*BOTH), Declared(TEMPLATE, "template", {"tagSpecifications": UNKNOWN}, urn="urn:template")], []),
    ([group(tags=UNKNOWN)], []),
    ([group(given("stack"), UNKNOWN)], []),
    ([one(SERVICE, propagateTags="SERVICE")], []),
    ([one(SERVICE, propagateTags=UNKNOWN)], []),
    ([one(SERVICE)], ["one: its tasks are started without tags: set propagateTags to SERVICE"]),
    ([one(SERVICE, propagateTags="NONE")], ["one: its tasks are started without tags: set propagateTags to SERVICE"]),
]  # fmt: skip


@pytest.mark.parametrize(("resources", "sentences"), LAUNCHES)
def test_what_is_launched_carries_the_tags_too(resources: list[Declared], sentences: list[str]) -> None:
    assert told("tagged-launches", TAGGED, *resources) == sentences
    assert told("tagged-launches", StackSaid(), *resources) == []


def service(ignores: Sequence[str] = (), **inputs: Any) -> Declared:
    return Declared(SERVICE, "web", inputs, {}, "urn:web", frozenset(ignores))


def scalable(dimension: str = "ecs:service:DesiredCount", of: str = "urn:web", **inputs: Any) -> Declared:
    bounds = {"minCapacity": 2.0, "maxCapacity": 10.0, "scalableDimension": dimension, "resourceId": UNKNOWN}
    return Declared(TARGET, "target", bounds | inputs, {"resourceId": frozenset({of})}, "urn:target")


def fleet(ignores: Sequence[str] = (), **inputs: Any) -> Declared:
    return Declared(GROUP, "fleet", {"minSize": 2.0, "maxSize": 10.0} | inputs, {}, "urn:fleet", frozenset(ignores))


TRACKED = Declared(POLICY, "cpu", {}, {"autoscalingGroupName": frozenset({"urn:fleet"})}, "urn:cpu")
TAKES_BACK = "{} is declared and scaled: each deployment takes it back; add {} to ignoreChanges"


def managed(status: str) -> Declared:
    inputs = {"autoScalingGroupProvider": {"autoScalingGroupArn": UNKNOWN, "managedScaling": {"status": status}}}
    return Declared(
        PROVIDER, "provider", inputs, {"autoScalingGroupProvider": frozenset({"urn:fleet"})}, "urn:provider"
    )


COUNTS: list[tuple[list[Declared], list[str]]] = [
    ([service(desiredCount=3.0), scalable()], ["web: " + TAKES_BACK.format("desiredCount", "desiredCount")]),
    ([service(desiredCount=UNKNOWN), scalable()], ["web: " + TAKES_BACK.format("desiredCount", "desiredCount")]),
    ([service(["desiredCount"], desiredCount=3.0), scalable()], []),
    ([service(["*"], desiredCount=3.0), scalable()], []),
    ([service(), scalable()], []),
    ([service(desiredCount=3.0)], []),
    ([service(desiredCount=3.0), scalable(of="urn:other")], []),
    ([service(name="web", desiredCount=3.0), scalable(of="", resourceId="service/main/web")], ["web: " + TAKES_BACK.format("desiredCount", "desiredCount")]),
    ([service(name="web", desiredCount=3.0), scalable(of="", resourceId="service/main/webs")], []),
    ([Declared(TABLE, "orders", {"name": "orders", "readCapacity": 5.0, "writeCapacity": 5.0}, urn="urn:orders"), scalable("dynamodb:table:ReadCapacityUnits", "urn:orders")], ["orders: " + TAKES_BACK.format("readCapacity", "readCapacity")]),
    ([fleet(desiredCapacity=4.0), TRACKED], ["fleet: " + TAKES_BACK.format("desiredCapacity", "desiredCapacity")]),
    ([fleet(["desiredCapacity"], desiredCapacity=4.0), TRACKED], []),
    ([fleet(desiredCapacity=4.0)], []),
    ([fleet(), TRACKED], []),
    ([fleet(desiredCapacity=4.0), managed("ENABLED")], ["fleet: " + TAKES_BACK.format("desiredCapacity", "desiredCapacity")]),
    ([fleet(desiredCapacity=4.0), managed("DISABLED")], []),
]  # fmt: skip


@pytest.mark.parametrize(("resources", "sentences"), COUNTS)
def test_what_scales_does_not_declare_its_count(resources: list[Declared], sentences: list[str]) -> None:
    assert told("delegated-counts", StackSaid(), *resources) == sentences


def alarm(comparison: str = "GreaterThanOrEqualToThreshold", threshold: object = 10.0, **inputs: Any) -> Declared:
    refers = dict.fromkeys(("dimensions", "metricQueries"), frozenset({"urn:web"}))
    said = {"comparisonOperator": comparison, "threshold": threshold} | inputs
    return Declared(ALARM, "alarm", said, refers, "urn:alarm")


COUNTED: dict[str, Any] = {"metricName": "DesiredTaskCount", "dimensions": {"ServiceName": UNKNOWN}}


def maths(expression: str, **more: str) -> list[dict[str, object]]:
    steps = [{"id": key, "expression": text, "returnData": False} for key, text in more.items()]
    return [
        {"id": "desired", "metric": COUNTED, "returnData": False},
        *steps,
        {"id": "watched", "expression": expression, "returnData": True},
    ]


LESS = "LessThanOrEqualToThreshold"
SAYS_NOTHING = "no alarm tells that it is at its maximum of 10: add one on {}, which fires there"
NOBODY = ["web: " + SAYS_NOTHING.format("DesiredTaskCount")]
ALARMS: list[tuple[list[Declared], list[str]]] = [
    ([], NOBODY),
    ([alarm(**COUNTED)], []),
    ([alarm("GreaterThanThreshold", 9.0, **COUNTED)], []),
    ([alarm("GreaterThanThreshold", 10.0, **COUNTED)], NOBODY),
    ([alarm(threshold=11.0, **COUNTED)], NOBODY),
    ([alarm(threshold=2.0, **COUNTED)], NOBODY),
    ([alarm(LESS, 10.0, **COUNTED)], NOBODY),
    ([alarm(threshold=80.0, metricName="CPUUtilization", dimensions={"ServiceName": UNKNOWN})], NOBODY),
    ([alarm(LESS, 0.0, metricQueries=maths("10 - desired"))], []),
    ([alarm(LESS, 0.0, metricQueries=maths("12 - desired"))], NOBODY),
    ([alarm(threshold=90.0, metricQueries=maths("100 * share", share="FILL(desired, 0) / 10"))], []),
    ([alarm(LESS, 0.0, metricQueries=maths("10 - other"))], NOBODY),
    ([alarm(LESS, 0.0, metricQueries=maths("10 -"))], NOBODY),
    ([alarm(LESS, 0.0, metricQueries=maths("a", a="b", b="a"))], NOBODY),
    ([alarm(LESS, 0.0, metricQueries=UNKNOWN)], []),
    ([dataclasses.replace(alarm(**COUNTED), refers={})], NOBODY),
]  # fmt: skip


@pytest.mark.parametrize(("alarms", "sentences"), ALARMS)
def test_what_is_at_its_maximum_is_told(alarms: list[Declared], sentences: list[str]) -> None:
    assert told("alarm-at-maximum", PROD, service(), scalable(), *alarms) == sentences
    assert told("alarm-at-maximum", StackSaid(), service(), scalable(), *alarms) == []


def test_a_group_is_known_by_its_name_and_what_cannot_scale_needs_no_alarm() -> None:
    named = fleet(name="shop")
    counted: dict[str, Any] = {"metricName": "GroupInServiceInstances", "dimensions": {"AutoScalingGroupName": "shop"}}
    assert told("alarm-at-maximum", PROD, named, TRACKED) == ["fleet: " + SAYS_NOTHING.format("GroupDesiredCapacity")]
    assert told("alarm-at-maximum", PROD, named, TRACKED, alarm(**counted)) == []
    assert told("alarm-at-maximum", PROD, fleet(minSize=10.0), TRACKED) == []
    assert told("alarm-at-maximum", PROD, fleet(maxSize=UNKNOWN), TRACKED) == []
    assert told("alarm-at-maximum", PROD, service(), scalable(minCapacity=10.0)) == []


def above(name: str, value: int, most: int, unit: str, ceiling: str) -> list[str]:
    return [
        f"{name} {value} is above the environment's {most} {unit}: lower it, or raise guardrails.ceilings.{ceiling}"
    ]


def foreign(kind: str) -> list[str]:
    said = f"{kind} is no type of instance that the environment allows (m7g.*, c7g.large): take one, or add it to "
    return [said + "guardrails.ceilings.instance_types"]


BY_ATTRIBUTES = (
    "types of instances are chosen by attributes: name those that the environment allows in allowedInstanceTypes"
)
SIZES: list[tuple[Declared, list[str]]] = [
    (one(TARGET, serviceNamespace="ecs", maxCapacity=10.0), []),
    (one(TARGET, serviceNamespace="ecs", maxCapacity="11"), above("maxCapacity", 11, 10, "units", "units")),
    (one(TARGET, serviceNamespace="dynamodb", maxCapacity=4000.0), []),
    (one(TARGET, serviceNamespace="ecs", maxCapacity=UNKNOWN), []),
    (one("aws:appautoscaling/scheduledAction:ScheduledAction", serviceNamespace="ecs", scalableTargetAction={"maxCapacity": 30.0}), above("scalableTargetAction.maxCapacity", 30, 10, "units", "units")),
    (one(SERVICE, desiredCount=12.0), above("desiredCount", 12, 10, "units", "units")),
    (one(GROUP, maxSize=12.0), above("maxSize", 12, 10, "units", "units")),
    (one("aws:autoscaling/schedule:Schedule", maxSize=-1.0, desiredCapacity=-1.0), []),
    (one("aws:autoscaling/schedule:Schedule", maxSize=40.0), above("maxSize", 40, 10, "units", "units")),
    (one(TASK, cpu="1024", memory="2048"), []),
    (one(TASK, cpu="1 vCPU", memory="2 GB"), []),
    (one(TASK, cpu="2048", memory="2048"), above("cpu", 2048, 1024, "CPU units", "task_cpu")),
    (one(TASK, cpu=".5 vcpu", memory="4GB"), above("memory", 4096, 2048, "MiB", "task_memory")),
    (one(TASK, cpu=UNKNOWN, memory="much"), []),
    (one(TEMPLATE, instanceType="m7g.4xlarge"), []),
    (one(TEMPLATE, instanceType="p5.48xlarge"), foreign("p5.48xlarge")),
    (one(TEMPLATE), []),
    (one(TEMPLATE, instanceRequirements={"vcpuCount": {"min": 2}}), [BY_ATTRIBUTES]),
    (one(TEMPLATE, instanceRequirements={"allowedInstanceTypes": ["m7g.large"]}), []),
    (one("aws:ec2/instance:Instance", instanceType="c7g.xlarge"), foreign("c7g.xlarge")),
    (one(GROUP, mixedInstancesPolicy={"launchTemplate": {"overrides": [{"instanceType": "c7g.large"}, {"instanceType": "x2gd.metal"}]}}), foreign("x2gd.metal")),
]  # fmt: skip


@pytest.mark.parametrize(("resource", "sentences"), SIZES)
def test_bounds_and_sizes_are_within_the_ceilings(resource: Declared, sentences: list[str]) -> None:
    assert told("ceilings", ALLOWED, resource) == sentences
    assert told("ceilings", StackSaid(), resource) == []


KEYLESS = "{} has no key of the environment's own: set {}"
KEYS: list[tuple[Declared, list[str]]] = [
    (one(LOGS, kmsKeyId=UNKNOWN), []),
    (one(LOGS, kmsKeyId="arn:aws:kms:eu-west-1:1:key/x"), []),
    (one(LOGS), [KEYLESS.format("the log group", "kmsKeyId")]),
    (one(TOPIC, kmsMasterKeyId="alias/aws/sns"), [KEYLESS.format("the topic", "kmsMasterKeyId")]),
    (one(TOPIC, kmsMasterKeyId="alias/shop"), []),
    (one(TABLE, serverSideEncryption={"enabled": True}), [KEYLESS.format("the table", "serverSideEncryption.kmsKeyArn")]),
    (one("aws:ecr/repository:Repository"), [KEYLESS.format("the repository", "encryptionConfigurations with encryptionType KMS")]),
    (one("aws:ecr/repository:Repository", encryptionConfigurations=[{"encryptionType": "KMS"}]), []),
    (one("aws:ecr/repository:Repository", encryptionConfigurations=UNKNOWN), []),
]  # fmt: skip


@pytest.mark.parametrize(("resource", "sentences"), KEYS)
def test_in_production_what_holds_data_has_a_key_of_its_own(resource: Declared, sentences: list[str]) -> None:
    assert told("own-keys", PROD, resource) == sentences
    assert told("own-keys", StackSaid(), resource) == []


STACKS = [*LAUNCHES, *COUNTS, *(([service(), scalable(), *alarms], said) for alarms, said in ALARMS)]


def test_every_guardrail_on_a_stack_passes_one_and_stops_another() -> None:
    cases = {"tagged-launches": LAUNCHES, "delegated-counts": COUNTS, "alarm-at-maximum": ALARMS}
    kept_elsewhere = {"listener-ports-only", "redirected-listeners", "blocked-buckets", "private-addresses"}
    assert cases.keys() | kept_elsewhere == {check.name for check in STACK_CHECKS}
    assert [name for name, rows in cases.items() if {bool(said) for _, said in rows} != {True, False}] == []


def test_nothing_is_said_of_a_stack_of_which_nothing_is_known() -> None:
    kinds = (SERVICE, TASK, TARGET, GROUP, TEMPLATE, POLICY, ALARM, PROVIDER, TABLE, TOPIC)
    names = "tags tagsAll tagSpecifications propagateTags resourceId scalableDimension minCapacity maxCapacity minSize "
    names += "maxSize launchTemplate mixedInstancesPolicy instanceType cpu memory serverSideEncryption kmsMasterKeyId"
    unknown = dict.fromkeys(names.split(), UNKNOWN)
    declared = [Declared(kind, kind, unknown, {}, kind, provider_tags=UNKNOWN) for kind in kinds]
    demands = ("required-tags", "tagged-launches", "delegated-counts", "alarm-at-maximum", "ceilings", "own-keys")
    assert {name: told(name, PROD, *declared) for name in demands} == {name: [] for name in demands}


@pytest.mark.parametrize(
    ("production", "severity", "elsewhere", "level"),
    [
        (True, {}, "off", "mandatory"),
        (True, {"x": "advisory"}, "mandatory", "mandatory"),
        (False, {}, "off", "off"),
        (False, {"x": "advisory"}, "off", "advisory"),
        (False, {"x": "mandatory"}, "off", "mandatory"),
        (False, {"x": "advisory"}, "mandatory", "mandatory"),
        (False, {"y": "mandatory"}, "off", "off"),
    ],
)
def test_a_stack_file_can_ask_for_more_and_not_for_less(
    production: bool, severity: dict[str, Level], elsewhere: Level, level: Level
) -> None:
    assert StackSaid(production, severity=severity).level("x", elsewhere) == level


def test_demands_are_read_as_the_configuration_holds_them() -> None:
    told = stack_said(
        {"production": False, "tags": {"team": "shop"}},
        {
            "severity": {"fixed-images": "advisory", "kept-data": "sometimes"},
            "required_tags": ["cost-centre", "team", 3],
            "ceilings": {"units": 12, "task_cpu": "1024", "instance_types": ["m7g.*"]},
        },
    )
    assert told == StackSaid(
        production=False,
        severity={"fixed-images": "advisory"},
        required_tags=("application", "stack", "managed-by", "team", "cost-centre"),
        ceilings=Ceilings(units=12, task_cpu=1024, instance_types=("m7g.*",)),
    )
    assert stack_said(None, {"required_tags": ["owner"]}).required_tags == ("owner",)
    odd: Any
    for odd in (None, [], "x", {"severity": 3, "required_tags": "x", "ceilings": ["units"]}):
        assert stack_said(None, odd) == StackSaid()
