"""What should be: the resources that a stack declared when it was last deployed, from its state, or from its outputs.

Only the members that are compared are kept, so that nothing else of a state, secrets above all, can be told or saved.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Collection, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, cast

from pydantic import BaseModel, ConfigDict, ValidationError

from components.specs.delegated import DELEGATED, When
from elasticity.input_files import InputFileError, read_text
from elasticity.quantities import Duration
from operations.engine import Pulumi
from operations.failures import CannotRun, as_cannot_run

if TYPE_CHECKING:
    from stacks.outputs import ServiceOutputs

SERVICE = "aws:ecs/service:Service"
TASK = "aws:ecs/taskDefinition:TaskDefinition"
TARGET = "aws:appautoscaling/target:Target"
SERVICE_POLICY = "aws:appautoscaling/policy:Policy"
SERVICE_SCHEDULE = "aws:appautoscaling/scheduledAction:ScheduledAction"
GROUP = "aws:autoscaling/group:Group"
GROUP_POLICY = "aws:autoscaling/policy:Policy"
GROUP_SCHEDULE = "aws:autoscaling/schedule:Schedule"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
COMPOSITE_ALARM = "aws:cloudwatch/compositeAlarm:CompositeAlarm"
MUTE_RULE = "aws:cloudwatch/alarmMuteRule:AlarmMuteRule"
LISTENER = "aws:lb/listener:Listener"
LISTENER_RULE = "aws:lb/listenerRule:ListenerRule"
LISTENER_CERTIFICATE = "aws:lb/listenerCertificate:ListenerCertificate"
TARGET_GROUP = "aws:lb/targetGroup:TargetGroup"
SECURITY_GROUP = "aws:ec2/securityGroup:SecurityGroup"
DEFAULT_GROUP = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
SUBNET = "aws:ec2/subnet:Subnet"
SWARM_SERVICE = "docker:index/service:Service"
SWARM_NETWORK = "docker:index/network:Network"
ON_SWARM = "Docker Swarm"
"""In the place of a region, of a stack on machines of one's own."""

_RULE = ("securityGroupId", "ipProtocol", "fromPort", "toPort", "cidrIpv4", "cidrIpv6", "prefixListId")
KEPT: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        SERVICE: (
            "cluster",
            "name",
            "taskDefinition",
            "desiredCount",
            "loadBalancers",
            "networkConfiguration",
            "deploymentCircuitBreaker",
            "deploymentConfiguration",
            "deploymentMaximumPercent",
            "deploymentMinimumHealthyPercent",
            "enableExecuteCommand",
            "healthCheckGracePeriodSeconds",
            "availabilityZoneRebalancing",
        ),
        TASK: ("containerDefinitions", "family", "arn"),
        TARGET: ("resourceId", "minCapacity", "maxCapacity", "suspendedState"),
        SERVICE_POLICY: (
            "name",
            "resourceId",
            "policyType",
            "targetTrackingScalingPolicyConfiguration",
            "stepScalingPolicyConfiguration",
            "predictiveScalingPolicyConfiguration",
        ),
        SERVICE_SCHEDULE: (
            "name",
            "resourceId",
            "schedule",
            "timezone",
            "startTime",
            "endTime",
            "scalableTargetAction",
        ),
        GROUP: (
            "name",
            "minSize",
            "maxSize",
            "desiredCapacity",
            "suspendedProcesses",
            "launchTemplate",
            "mixedInstancesPolicy",
            "healthCheckType",
            "healthCheckGracePeriod",
            "defaultInstanceWarmup",
            "targetGroupArns",
        ),
        GROUP_POLICY: (
            "name",
            "autoscalingGroupName",
            "policyType",
            "adjustmentType",
            "stepAdjustments",
            "estimatedInstanceWarmup",
            "targetTrackingConfiguration",
            "predictiveScalingConfiguration",
        ),
        GROUP_SCHEDULE: (
            "scheduledActionName",
            "autoscalingGroupName",
            "recurrence",
            "timeZone",
            "startTime",
            "endTime",
            "minSize",
            "maxSize",
            "desiredCapacity",
        ),
        TEMPLATE: ("latestVersion", "defaultVersion"),
        ALARM: (
            "name",
            "actionsEnabled",
            "alarmActions",
            "okActions",
            "comparisonOperator",
            "datapointsToAlarm",
            "dimensions",
            "evaluationPeriods",
            "metricName",
            "namespace",
            "period",
            "statistic",
            "extendedStatistic",
            "threshold",
            "treatMissingData",
        ),
        COMPOSITE_ALARM: ("alarmName", "actionsEnabled", "alarmActions", "okActions", "alarmRule"),
        MUTE_RULE: ("name",),
        LISTENER: ("port", "protocol", "sslPolicy", "certificateArn", "defaultActions"),
        LISTENER_RULE: ("priority", "conditions", "actions"),
        LISTENER_CERTIFICATE: ("certificateArn",),
        TARGET_GROUP: ("healthCheck", "deregistrationDelay"),
        SECURITY_GROUP: ("name", "ingress", "egress"),
        DEFAULT_GROUP: ("ingress", "egress"),
        INGRESS: (*_RULE, "referencedSecurityGroupId"),
        EGRESS: (*_RULE, "referencedSecurityGroupId"),
        SUBNET: (),
        LOG_GROUP: ("name",),
        SWARM_SERVICE: ("name", "mode", "taskSpec", "updateConfig", "rollbackConfig", "labels"),
        SWARM_NETWORK: ("name",),
    }
)
"""The types that are compared or asked for, each with the properties that are kept."""
_FROM_OUTPUTS = frozenset({"latestVersion", "defaultVersion", "arn"})
_MARKED = "4dabf18193072939515e22adb298388d"
"""The key by which the engine marks what is no plain value, secrets among them."""
HIDDEN = "[secret]"
"""Stands for a value that the state keeps encrypted; it is compared with nothing."""


class _Plain(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Part(_Plain):
    """One declared resource."""

    type: str
    name: str
    """Its logical name."""
    id: str
    urn: str
    component: str
    """Name of the component, outermost, that made it: web, balancer, alarms, network; its own where none did."""
    properties: dict[str, Any]
    """What KEPT names, in camel case."""
    changed: str | None = None
    """When a deployment last wrote it, as the engine writes moments; None where the state does not say."""


class Component(_Plain):
    """What a component of the program was told: the times and rules of one service or group."""

    name: str
    start_up: float | None = None
    """Seconds from a unit's start to its first answer."""
    bounds: dict[str, tuple[int, ...]] = {}
    """`minimum` and `maximum`: as declared, and each that a schedule sets."""
    image_owner: str = "pulumi"
    """`pipeline` where another image than the declared one is no difference."""
    image: str = ""
    """The one that the stack file names; empty where it names none."""
    gradual: bool = False
    """Whether deployments shift traffic between two target groups."""
    bake: float = 0.0
    """Seconds that a deployment waits between shifts and at its end, all together."""


class Declaration(_Plain):
    """A stack as it was last deployed."""

    stack: str
    source: Literal["state", "outputs"]
    region: str
    accounts: tuple[str, ...] = ()
    """Those that the stack may stand in."""
    components: dict[str, Component] = {}
    parts: tuple[Part, ...] = ()
    pending: tuple[str, ...] = ()
    """Resources that an interrupted deployment was at, or that wait to be deleted, by name."""

    @property
    def on_swarm(self) -> bool:
        """Whether a Docker Engine is to be asked, and not AWS."""
        return self.region == ON_SWARM

    def of(self, *types: str) -> list[Part]:
        """The parts of these types."""
        return [part for type_token in types for part in self._by_type.get(type_token, ())]

    @functools.cached_property
    def _by_type(self) -> dict[str, list[Part]]:
        found: dict[str, list[Part]] = {}
        for part in self.parts:
            found.setdefault(part.type, []).append(part)
        return found

    @functools.cached_property
    def by_component(self) -> dict[str, list[Part]]:
        """The parts of each component."""
        found: dict[str, list[Part]] = {}
        for part in self.parts:
            found.setdefault(part.component, []).append(part)
        return found

    def component(self, name: str) -> Component:
        """What the component of that name was told; an empty one where it was told nothing."""
        return self.components.get(name) or Component(name=name)


def delegated(type_token: str, when: Collection[When]) -> frozenset[str]:
    """Properties of a type that something else than the program owns, in camel case: never a difference.

    `when`: what holds for the resource, as in `components.specs.delegated`.
    """
    return frozenset(entry.stored_as for entry in DELEGATED if entry.type == type_token and entry.when in when)


def deployed(stack: str, state: Path | None, *, local: bool) -> Declaration:
    """What a stack declares: a state in a file, that of the cloud on this machine, or that of pulumi's backend. Raises
    CannotRun."""
    if state is not None:
        return from_state(read(state, "a state as `pulumi stack export` writes it"), stack)
    return from_state(on_this_machine(stack) if local else exported(stack), stack)


def on_this_machine(stack: str) -> dict[str, Any]:
    """The state of a stack on the cloud on this machine. Raises CannotRun."""
    from operations.local import cloud_here

    try:
        with as_cannot_run():
            return cloud_here().state(stack)
    except CannotRun as error:
        if "no stack named" not in str(error):
            raise
        said = f"stack {stack} is not on the local cloud: `accordion local up --stack {stack}` deploys it"
        raise CannotRun(said) from None


def exported(stack: str) -> dict[str, Any]:
    """The state of a stack of the project in this folder, from whichever backend pulumi is logged in to.

    Raises CannotRun with pulumi's own words.
    """
    pulumi = Pulumi("install it, name a file with --state or --outputs, or say --local for the cloud on this machine")
    answer = pulumi.ask(["stack", "export", "--stack", stack], f"the state of stack {stack}")
    return parsed(answer, f"what pulumi exported of {stack}")


def read(path: Path, what: str) -> dict[str, Any]:
    """A JSON file that the user names; `what` it should be. Raises CannotRun."""
    try:
        return parsed(read_text(path, maximum=512 << 20), str(path), what)
    except FileNotFoundError:
        raise CannotRun(f"{path}: there is no such file") from None
    except InputFileError as error:
        raise CannotRun(f"{path}: {error}") from None


def parsed(text: str, where: str, what: str = "a state as `pulumi stack export` writes it") -> dict[str, Any]:
    """A JSON object; raises CannotRun."""
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise CannotRun(f"{where}: not {what}: {error}") from None
    if not isinstance(content, dict):
        raise CannotRun(f"{where}: not {what}: it holds no object")
    return content


def from_state(state: Mapping[str, Any], stack: str) -> Declaration:
    """What an exported state declares; raises CannotRun where nothing is deployed, or the form is another."""
    deployment = state.get("deployment")
    resources = deployment.get("resources") if isinstance(deployment, dict) else None
    if not isinstance(deployment, dict) or not isinstance(resources or [], list):
        raise CannotRun(f"the state of {stack} has another form than `pulumi stack export` writes")
    if not resources:
        raise CannotRun(f"stack {stack} is not deployed: its state has no resources")
    try:
        by_urn = {one["urn"]: one for one in resources}
        region, accounts = _provider(resources)
        parts = tuple(_part(one, by_urn) for one in resources if one["type"] in KEPT and not one.get("delete"))
        components = {made.name: made for one in resources if (made := _component(one)) is not None}
        waiting = [one["urn"] for one in resources if one.get("delete")]
        waiting += [one["resource"]["urn"] for one in deployment.get("pending_operations") or []]
        name = by_urn and next(iter(by_urn)).split("::")[0].rpartition(":")[2]
        return Declaration(
            stack=name or stack,
            source="state",
            region=region,
            accounts=accounts,
            components=components,
            parts=parts,
            pending=tuple(sorted({urn.rpartition("::")[2] for urn in waiting})),
        )
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        missing = f": {error}" if str(error) else ""
        raise CannotRun(f"the state of {stack} has another form than `pulumi stack export` writes{missing}") from None


def from_outputs(outputs: Mapping[str, Any], stack: str, bounds: Mapping[str, Component]) -> Declaration:
    """What a file of outputs declares of services and groups, and nothing else; `bounds` from the stack file.

    Raises CannotRun that names what an older version did not export.
    """
    from stacks.outputs import Outputs

    try:
        read_back = Outputs.read(outputs)
    except ValueError as error:
        raise CannotRun(f"the outputs of {stack}: {error}") from None
    except (AttributeError, TypeError) as error:
        missing = str(error).partition(" missing ")[2]
        said = f": missing {missing}" if missing else ""
        raise CannotRun(f"the outputs of {stack} are of another version of this program{said}") from None
    if read_back.region is None:
        raise CannotRun(f"the outputs of {stack} say nothing of its tasks: name its state, --state, or say --local")
    parts: list[Part] = []
    try:
        for name, service in read_back.services.items():
            parts += _service_parts(name, cast("ServiceOutputs", service), bounds)
        for name, group in read_back.groups.items():
            own = {"name": group.group}
            parts += _bounds_parts(GROUP, name, str(group.group), bounds, ("minSize", "maxSize"), own)
        return Declaration(
            stack=stack, source="outputs", region=read_back.region or "", components=dict(bounds), parts=tuple(parts)
        )
    except ValidationError as error:
        raise CannotRun(f"the outputs of {stack} are of another version of this program: {_first(error)}") from None


def _first(error: ValidationError) -> str:
    """The first fault, without what was given."""
    first = error.errors(include_url=False, include_input=False)[0]
    return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"


def _service_parts(name: str, service: ServiceOutputs, bounds: Mapping[str, Component]) -> list[Part]:
    resource = f"service/{service.cluster}/{service.service}"
    known = {"cluster": service.cluster, "name": service.service, "taskDefinition": service.task_definition}
    target = _bounds_parts(TARGET, name, resource, bounds, ("minCapacity", "maxCapacity"), {"resourceId": resource})
    return [_output_part(SERVICE, name, str(service.service), known), *target]


def _output_part(type_token: str, name: str, resource_id: str, properties: dict[str, Any]) -> Part:
    return Part(type=type_token, name=name, id=resource_id, urn="", component=name, properties=properties)


def _bounds_parts(
    type_token: str,
    name: str,
    resource_id: str,
    bounds: Mapping[str, Component],
    members: tuple[str, str],
    own: dict[str, Any],
) -> list[Part]:
    declared = bounds[name].bounds if name in bounds else {}
    values = {
        member: declared[side][0] for member, side in zip(members, ("minimum", "maximum"), strict=True) if declared
    }
    return [_output_part(type_token, name, resource_id, own | values)] if values or type_token == GROUP else []


def _provider(resources: list[dict[str, Any]]) -> tuple[str, tuple[str, ...]]:
    for one in resources:
        if one["type"] == "pulumi:providers:aws" and (inputs := one.get("inputs") or {}).get("region"):
            accounts = inputs.get("allowedAccountIds") or "[]"
            listed = json.loads(accounts) if isinstance(accounts, str) else accounts
            return str(inputs["region"]), tuple(map(str, listed))
    if any(one["type"] == SWARM_SERVICE for one in resources):
        return ON_SWARM, ()
    raise CannotRun("the state has no provider of AWS with a region: nothing of AWS is deployed")


def _part(one: Mapping[str, Any], by_urn: Mapping[str, Mapping[str, Any]]) -> Part:
    inputs, outputs = one.get("inputs") or {}, one.get("outputs") or {}
    kept = {
        name: _open(source[name])
        for name in KEPT[one["type"]]
        for source in ((outputs if name in _FROM_OUTPUTS else inputs),)
        if source.get(name) is not None
    }
    if one["type"] == TASK:
        kept["containerDefinitions"] = _images(kept.get("containerDefinitions"))
    if one["type"] == SWARM_SERVICE:
        kept["taskSpec"] = _of_tasks(kept["taskSpec"])
        kept["labels"] = {one["label"]: one["value"] for one in kept.get("labels") or []}
    top, seen = one, {one["urn"]}
    while (above := by_urn.get(str(top.get("parent")))) and above["type"] != "pulumi:pulumi:Stack":
        if above["urn"] in seen:
            raise ValueError("a resource is its own parent")
        seen.add(above["urn"])
        top = above
    return Part(
        type=one["type"],
        name=one["urn"].rpartition("::")[2],
        id=str(one.get("id") or ""),
        urn=one["urn"],
        component=top["urn"].rpartition("::")[2],
        properties=kept,
        changed=one.get("modified") or one.get("created"),
    )


def _open(value: Any) -> Any:
    """A value with its secrets replaced; the engine marks each by a signature."""
    if isinstance(value, dict):
        if _MARKED in value:
            return HIDDEN
        return {name: _open(one) for name, one in value.items()}
    return [_open(one) for one in value] if isinstance(value, list) else value


def _images(definitions: Any) -> dict[str, str]:
    """Container to image; environment and commands are left behind."""
    if not isinstance(definitions, str) or definitions == HIDDEN:
        return {}
    listed = json.loads(definitions)
    return {str(one["name"]): str(one["image"]) for one in listed if one.get("name") and one.get("image")}


def _of_tasks(spec: Mapping[str, Any]) -> dict[str, Any]:
    """Image, limits and restarts of a Swarm's tasks; environment and commands are left behind."""
    limits = (spec.get("resources") or {}).get("limits") or {}
    return {
        "image": (spec.get("containerSpec") or {}).get("image"),
        "nanoCpus": limits.get("nanoCpus"),
        "memoryBytes": limits.get("memoryBytes"),
        "condition": (spec.get("restartPolicy") or {}).get("condition"),
    }


def _component(one: Mapping[str, Any]) -> Component | None:
    spec = (one.get("inputs") or {}).get("spec")
    if one.get("custom") or not isinstance(spec, dict):
        return None
    return told(one["urn"].rpartition("::")[2], spec)


def told(name: str, spec: Mapping[str, Any]) -> Component:
    """What a component's spec, as it is stored, says of times and bounds."""

    def seconds(value: Any) -> float:
        return float(Duration.parse(str(value))) if value else 0.0

    rules, deployment = spec.get("elasticity") or {}, spec.get("deployment") or {}
    strategy = deployment.get("strategy", "rolling")
    scheduled = list((rules.get("scheduled") or {}).values())
    return Component(
        name=name,
        start_up=seconds((rules.get("unit") or {}).get("start_up")) or None,
        bounds={
            side: (int(rules[side]), *(int(rule[side]) for rule in scheduled if rule.get(side) is not None))
            for side in ("minimum", "maximum")
            if rules.get(side) is not None
        },
        image_owner=str(spec.get("image_owner") or "pulumi"),
        image=_named((spec.get("container") or {}).get("image") or {}),
        gradual=strategy != "rolling",
        bake=sum(_bakes(strategy, deployment, seconds)),
    )


def _named(image: Mapping[str, Any]) -> str:
    """As the task names it: by digest, else by version."""
    if not image:
        return ""
    return (
        f"{image['repository']}@{image['digest']}"
        if image.get("digest")
        else f"{image['repository']}:{image['version']}"
    )


def _bakes(strategy: str, deployment: Mapping[str, Any], seconds: Any) -> list[float]:
    """The waits of a deployment that shifts traffic (Amazon ECS Developer Guide, deployment strategies)."""
    if strategy == "rolling":
        return []
    found = [seconds(deployment.get("bake_time"))]
    if strategy == "canary":
        found.append(seconds(deployment.get("interval")))
    if strategy == "linear":
        steps = -(-100 // max(1.0, float(deployment.get("percent") or 10)))
        found.append((steps - 1) * seconds(deployment.get("interval")))
    found += [seconds(one.get("time_limit")) for one in (deployment.get("approvals") or {}).values()]
    return found


def restored(content: Any, where: str) -> Declaration:
    """A declaration from a file of answers; raises CannotRun."""
    try:
        return Declaration.model_validate(content)
    except ValidationError as error:
        raise CannotRun(f"{where}: not of this version of accordion: declared.{_first(error)}") from None
