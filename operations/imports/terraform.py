"""Terraform and OpenTofu: what `show -json` writes of a plan or a state, and a state file itself.

Of a plan only what is planned to be there is read. A value that is known after apply alone stays unknown; which policy
an alarm calls, and which target a policy is about, is then found by the references of the configuration, through
variables and outputs of modules. Source: JSON output format of Terraform, format version 1; the resource pages of the
AWS provider.
"""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from operations.failures import CannotRun
from operations.imports import BESIDE, Found, Unknown, as_map, aws, maps

_ROWS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "aws_appautoscaling_target": ("ScalableTargets", {}),
    "aws_appautoscaling_policy": ("ScalingPolicies", {"name": "PolicyName", "arn": "PolicyARN"}),
    "aws_appautoscaling_scheduled_action": ("ScheduledActions", {"name": "ScheduledActionName"}),
    "aws_autoscaling_group": ("AutoScalingGroups", {"name": "AutoScalingGroupName"}),
    "aws_autoscaling_policy": ("ScalingPolicies", {"name": "PolicyName", "arn": "PolicyARN"}),
    "aws_autoscaling_schedule": ("ScheduledUpdateGroupActions", {}),
    "aws_cloudwatch_metric_alarm": ("MetricAlarms", {}),
}
"""Type -> the list of AWS's answers that it belongs to, and attributes that have another name there."""
_NAMES: Mapping[str, str] = {
    "autoscaling_group_name": "AutoScalingGroupName",
    "vpc_zone_identifier": "VPCZoneIdentifier",
    "ok_actions": "OKActions",
    "protect_from_scale_in": "NewInstancesProtectedFromScaleIn",
    "warm_pool": "WarmPoolConfiguration",
}
_LISTS: Mapping[str, str] = {
    "step_adjustment": "StepAdjustments",
    "metric_query": "Metrics",
    "metrics": "Metrics",
    "metric_specification": "MetricSpecifications",
    "dimensions": "Dimensions",
    "override": "Overrides",
    "initial_lifecycle_hook": "LifecycleHookSpecificationList",
}
"""Blocks that may stand more than once -> the member of AWS's; every other block stands once at most."""
_TARGET_GROUPS = ("aws_lb_target_group", "aws_alb_target_group")
_LAUNCHES: Mapping[str, str] = {
    "launch_template": "aws_launch_template",
    "launch_configuration": "aws_launch_configuration",
}
"""Attribute of a group -> the type that says what it starts."""
_BESIDE: Mapping[str, str] = {
    "aws_autoscalingplans_scaling_plan": BESIDE["scaling plan"],
    "aws_autoscaling_lifecycle_hook": BESIDE["lifecycle hook"],
}
_OTHER_PROVIDER = re.compile(r"awscc_(?:applicationautoscaling|autoscaling|autoscalingplans)_")
"""Types of the provider of Cloud Control, which names its attributes otherwise."""
_ZERO_IF_UNSET = ("default_instance_warmup", "estimated_instance_warmup")
"""Attributes that the provider keeps as 0 in a state where nothing has set them."""
_POLICIES = ("aws_appautoscaling_policy", "aws_autoscaling_policy")
_ACTIONS: Mapping[str, str] = {
    "alarm_actions": "AlarmActions",
    "ok_actions": "OKActions",
    "insufficient_data_actions": "InsufficientDataActions",
}
_UNKNOWN = "is known after apply only: plan again once it is applied, or read the state"
_REFERENCE = re.compile(r"([a-z][a-z0-9_]*)\.([A-Za-z0-9_-]+)(\[[^\]]*\])?")
_MODULE = re.compile(r"module\.([A-Za-z0-9_-]+)(\[(?:\"(?:[^\"\\]|\\.)*\"|\d+)\])?")
_OUTPUT = re.compile(r"module\.([A-Za-z0-9_-]+)(?:\[[^\]]*\])?\.([A-Za-z0-9_-]+)(\[[^\]]*\])?")
_WHOLE = re.compile(r"[a-z][a-z0-9_]*\.[A-Za-z0-9_-]+")
"""A resource with all its instances."""
_MOST_FOLLOWED = 200
"""References that are followed for one attribute."""


@dataclasses.dataclass(frozen=True)
class _Resource:
    """One instance of a resource."""

    address: str
    module: str
    """The path of its module with its instances, such as `module.web["a"]`; empty for the root."""
    type: str
    name: str
    index: Any
    """Of `count` or `for_each`; None without."""
    values: dict[str, Any]
    unknown: Any
    is_only: bool = False
    """Whether `count` makes one alone."""

    @property
    def label(self) -> str:
        """A name for people: of module, resource and instance, without what all have."""
        parts = [f"{name}{index}" for name, index in _MODULE.findall(self.module)]
        parts += [] if parts and self.name in ("this", "main", "default") else [self.name]
        parts += [] if self.index is None or self.is_only else [str(self.index)]
        return re.sub(r"[^A-Za-z0-9_.-]+", "-", ".".join(parts)).strip("-")


def is_source(document: Any) -> bool:
    """Whether a document is a plan or a state."""
    if not isinstance(document, dict):
        return False
    shown = "format_version" in document and ("planned_values" in document or "values" in document)
    return shown or ("terraform_version" in document and "serial" in document)


def found(document: Any) -> list[Found]:
    """What scales in a plan or a state; raises CannotRun for a format that is not known."""
    version = str(document.get("format_version", "1")).partition(".")[0]
    if version not in ("0", "1"):
        raise CannotRun(
            f"format_version {document['format_version']} of Terraform's output is not known here: 0 and 1 are"
        )
    root = _Root(document)
    beside = root.beside()
    return [*aws.found(root.rows()), *([Found("terraform", {}, beside)] if beside else [])]


class _Root:
    """The resources of a plan or a state, and the configuration that they come from."""

    def __init__(self, document: dict[str, Any]) -> None:
        listed = list(_resources_of(document))
        times = Counter((one.module, one.type, one.name) for one in listed)
        self._resources = [
            dataclasses.replace(one, is_only=one.index == 0 and times[one.module, one.type, one.name] == 1)
            for one in listed
        ]
        self._configuration = as_map(as_map(document.get("configuration")).get("root_module"))
        self._by_static: dict[tuple[tuple[str, ...], str, str], list[_Resource]] = {}
        for one in self._resources:
            self._by_static.setdefault((_static(one.module), one.type, one.name), []).append(one)
        self._services = self._by("name", "aws_ecs_service")
        self._tasks = self._by("arn", "aws_ecs_task_definition")
        self._groups = self._by("arn", *_TARGET_GROUPS)
        self._launches = self._by("id", *_LAUNCHES.values())

    def _by(self, attribute: str, *kinds: str) -> dict[Any, _Resource]:
        """The resources of some types by an attribute, as far as it is known."""
        named = [(one.values.get(attribute), one) for one in self._resources if one.type in kinds]
        return {value: one for value, one in named if isinstance(value, str)}

    def rows(self) -> dict[str, list[dict[str, Any]]]:
        """All of it as answers of AWS."""
        rows: dict[str, list[dict[str, Any]]] = {key: [] for key in aws.KEYS}
        for one in self._resources:
            if one.type in _ROWS:
                key, names = _ROWS[one.type]
                row = _members(_set(one), one.unknown, names)
                self._complete(one, row)
                rows[key].append(row)
        return rows

    def beside(self) -> list[str]:
        """What changes how something scales and is not read, each with its reason."""
        read = "a type of the provider awscc is not read: read what runs, `--live`, or its template"
        found = [
            (one.address, read if _OTHER_PROVIDER.match(one.type) else _BESIDE.get(one.type)) for one in self._resources
        ]
        told = [f"{address}: {reason}" for address, reason in found if reason is not None]
        return told + [
            f"{one.address}: {attribute} 0 is read as none: a state keeps 0 where nothing has set it"
            for one in self._resources
            if one.type in ("aws_autoscaling_group", "aws_autoscaling_policy")
            and one.values.get("policy_type") != "SimpleScaling"
            for attribute in _ZERO_IF_UNSET
            if one.values.get(attribute) == 0
        ]

    def _complete(self, one: _Resource, row: dict[str, Any]) -> None:
        """Identities that are not known yet, by the references of the configuration."""
        if one.type == "aws_appautoscaling_target":
            row["ResourceId"] = self._identity(one)
            if (service := self._service(one, str(row["ResourceId"]).rpartition("/")[2])) is not None:
                row["TaskDefinition"] = self._task(service)
                row["CapacityProviderStrategy"] = [
                    _members(part, None, {}) for part in maps(service.values.get("capacity_provider_strategy"))
                ]
                row["DeregistrationDelay"] = self._deregistration_delay(service)
        elif one.type == "aws_autoscaling_group":
            row["AutoScalingGroupName"] = self._group(one)
            row["InstanceType"] = self._instance_type(one)
        elif one.type == "aws_cloudwatch_metric_alarm":
            for attribute, member in _ACTIONS.items():
                row[member] = self._called(one, attribute)
            row["Metrics"] = [_query(query) for query in maps(row.get("Metrics"))]
        elif one.type.startswith("aws_appautoscaling"):
            row["ResourceId"] = self._identity(one)
        elif targets := self._followed(one, "autoscaling_group_name", ("aws_autoscaling_group",)):
            row["AutoScalingGroupName"] = self._group(targets[0])
        if one.type in _POLICIES:
            row["PolicyARN"] = _policy_id(one)
            row.setdefault("PolicyName", one.label)
        if not isinstance(row.get("PolicyName", ""), str):
            row["PolicyName"] = one.label

    def _identity(self, one: _Resource) -> str | Unknown:
        """The id of what a scalable target is about, or one that says which it is; of what else is about one that no
        reference leads to, what is not known."""
        known = one.values.get("resource_id")
        if isinstance(known, str) and known:
            return known
        if one.type != "aws_appautoscaling_target":
            targets = self._followed(one, "resource_id", ("aws_appautoscaling_target",))
            if targets:
                return self._identity(targets[0])
        services = self._followed(one, "resource_id", ("aws_ecs_service",))
        if not services and one.type != "aws_appautoscaling_target":
            return Unknown(one.address, _UNKNOWN)
        of = services[0] if services else one
        name = of.values.get("name") if services else None
        return f"{of.address.replace('/', '-')}/{name or of.label}"

    def _instance_type(self, group: _Resource) -> Any:
        """Of the launch template or configuration of a group, where it is among the resources."""
        ids = [one.get("id") for one in maps(group.values.get("launch_template"))]
        named = [one for one in (*ids, group.values.get("launch_configuration")) if isinstance(one, str)]
        known = [self._launches[one] for one in named if one in self._launches]
        for attribute, kind in _LAUNCHES.items():
            known += self._followed(group, attribute, (kind,))
        return known[0].values.get("instance_type") if known else None

    @staticmethod
    def _group(one: _Resource) -> str:
        name = one.values.get("name")
        return name if isinstance(name, str) and name else one.label

    def _called(self, alarm: _Resource, attribute: str) -> list[str]:
        """The policies that an alarm calls, by their id here."""
        listed = alarm.values.get(attribute)
        known = [str(one) for one in listed if isinstance(one, str)] if isinstance(listed, list) else []
        return [*known, *(_policy_id(one) for one in self._followed(alarm, attribute, _POLICIES))]

    def _service(self, target: _Resource, name: str) -> _Resource | None:
        """The service that a target is about, where it is among the resources."""
        return self._services.get(name) or next(iter(self._followed(target, "resource_id", ("aws_ecs_service",))), None)

    def _deregistration_delay(self, service: _Resource) -> Any:
        """Of the first target group of a service, where it is among the resources."""
        known = (
            self._groups.get(str(one.get("target_group_arn"))) for one in maps(service.values.get("load_balancer"))
        )
        group = next((one for one in known if one is not None), None)
        group = group or next(iter(self._followed(service, "load_balancer", _TARGET_GROUPS)), None)
        if group is None:
            return None
        told = group.values.get("deregistration_delay")
        return aws.DEREGISTRATION_DELAY if told in (None, "") else told

    def _task(self, service: _Resource) -> dict[str, Any]:
        """Size of the tasks of a service on Fargate, as far as it is known."""
        task = self._tasks.get(str(service.values.get("task_definition") or ""))
        task = task or next(iter(self._followed(service, "task_definition", ("aws_ecs_task_definition",))), None)
        if task is None or "FARGATE" not in str(task.values.get("requires_compatibilities")):
            return {}
        platform = next(iter(maps(task.values.get("runtime_platform"))), {})
        return {
            "cpu": task.values.get("cpu"),
            "memory": task.values.get("memory"),
            "runtimePlatform": {"cpuArchitecture": platform.get("cpu_architecture")},
        }

    def _followed(self, one: _Resource, attribute: str, types: tuple[str, ...]) -> list[_Resource]:
        """The resources of some types that an attribute refers to, through variables and outputs; of several instances
        those that stand beside the one that refers to them."""
        module = _static(one.module)
        declared = as_map(self._declared(module, one.type, one.name).get("expressions"))
        said = declared.get(attribute)
        expressions = [inner for block in maps(said) for inner in block.values()] if isinstance(said, list) else [said]
        reached: list[_Resource] = []
        waiting = [(module, reference) for one in expressions for reference in _references(as_map(one))]
        seen: set[tuple[tuple[str, ...], str]] = set()
        while waiting and len(seen) < _MOST_FOLLOWED:
            here, reference = waiting.pop(0)
            if (here, reference) in seen:
                continue
            seen.add((here, reference))
            kind, name, index = _parts(reference)
            if kind in types:
                reached += self._beside(one, self._by_static.get((here, kind, name), []), index)
            elif kind == "module":
                waiting += self._through(here, reference)
            else:
                waiting += self._of_variable(here, kind, name)
        unique = {resource.address: resource for resource in reached}
        return list(unique.values())

    def _of_variable(self, module: tuple[str, ...], kind: str, name: str) -> list[tuple[tuple[str, ...], str]]:
        """What a variable of a module refers to."""
        if kind != "var" or not module:
            return []
        call = as_map(as_map(self._module(module[:-1]).get("module_calls")).get(module[-1]))
        return [(module[:-1], one) for one in _references(as_map(as_map(call.get("expressions")).get(name)))]

    def _through(self, module: tuple[str, ...], reference: str) -> list[tuple[tuple[str, ...], str]]:
        """What an output of a module refers to; a key of the output, which has one value for each instance, is one of
        the resource."""
        found = _OUTPUT.match(reference)
        if found is None:
            return []
        name, output, key = found[1], found[2], found[3] or ""
        outputs = as_map(self._module((*module, name)).get("outputs"))
        listed = _references(as_map(as_map(outputs.get(output)).get("expression")))
        keyed = [f"{one}{key}" if _WHOLE.fullmatch(one) else one for one in listed]
        return [((*module, name), one) for one in keyed]

    def _module(self, path: tuple[str, ...]) -> dict[str, Any]:
        module = self._configuration
        for name in path:
            module = as_map(as_map(as_map(module.get("module_calls")).get(name)).get("module"))
        return module

    def _declared(self, module: tuple[str, ...], kind: str, name: str) -> dict[str, Any]:
        for one in maps(self._module(module).get("resources")):
            if one.get("type") == kind and one.get("name") == name and one.get("mode", "managed") == "managed":
                return one
        return {}

    @staticmethod
    def _beside(one: _Resource, instances: list[_Resource], index: str) -> list[_Resource]:
        """Of the instances of a resource those that are meant."""
        if index:
            meant = [other for other in instances if other.address.endswith(index)]
            instances = meant or instances
        for narrower in (
            lambda other: other.module == one.module,
            lambda other: _shared(other.module, one.module),
            lambda other: other.index == one.index,
        ):
            if len(instances) > 1:
                instances = [other for other in instances if narrower(other)] or instances
        return instances if len(instances) == 1 else []


def _set(one: _Resource) -> dict[str, Any]:
    """The values of a resource without those that stand for none."""
    return {key: value for key, value in one.values.items() if key not in _ZERO_IF_UNSET or value != 0}


def _shared(one: str, other: str) -> bool:
    """Whether one module stands within the other."""
    return one.startswith(other) or other.startswith(one)


def _policy_id(policy: _Resource) -> str:
    arn = policy.values.get("arn")
    return arn if isinstance(arn, str) and arn else policy.address


def _references(expression: Mapping[str, Any]) -> list[str]:
    listed = expression.get("references")
    return [one for one in listed if isinstance(one, str)] if isinstance(listed, list) else []


def _parts(reference: str) -> tuple[str, str, str]:
    found = _REFERENCE.match(reference)
    return (found[1], found[2], found[3] or "") if found else ("", "", "")


def _static(module: str) -> tuple[str, ...]:
    """The names of a module's path, without instances."""
    return tuple(name for name, _ in _MODULE.findall(module))


def _resources_of(document: dict[str, Any]) -> Iterator[_Resource]:
    if isinstance(document.get("resources"), list) and "format_version" not in document:
        yield from _of_state_file(document)
        return
    shown = as_map(document.get("planned_values") or document.get("values"))
    changes = {
        str(one.get("address")): as_map(one.get("change")).get("after_unknown")
        for one in maps(document.get("resource_changes"))
    }
    waiting = [as_map(shown.get("root_module"))]
    while waiting:
        module = waiting.pop(0)
        waiting += maps(module.get("child_modules"))
        for one in maps(module.get("resources")):
            if one.get("mode", "managed") == "managed":
                address = str(one.get("address"))
                yield _Resource(
                    address,
                    str(module.get("address", "")),
                    str(one.get("type")),
                    str(one.get("name")),
                    one.get("index"),
                    as_map(one.get("values")),
                    changes.get(address),
                )


def _of_state_file(document: dict[str, Any]) -> Iterator[_Resource]:
    for one in maps(document.get("resources")):
        if one.get("mode", "managed") != "managed":
            continue
        module, kind, name = str(one.get("module", "")), str(one.get("type")), str(one.get("name"))
        for instance in maps(one.get("instances")):
            index = instance.get("index_key")
            shown = "" if index is None else f'["{index}"]' if isinstance(index, str) else f"[{index}]"
            address = f"{module}{'.' if module else ''}{kind}.{name}{shown}"
            yield _Resource(address, module, kind, name, index, as_map(instance.get("attributes")), None)


def _members(values: Any, unknown: Any, names: Mapping[str, str]) -> dict[str, Any]:
    """Attributes in AWS's names; those without a value are left out, those that are not known yet stay Unknown."""
    made: dict[str, Any] = {}
    later = as_map(unknown)
    for key, value in {**dict.fromkeys(later), **as_map(values)}.items():
        member = names.get(key) or _LISTS.get(key) or _NAMES.get(key) or _camel(key)
        if later.get(key) is True:
            made[member] = Unknown(f"${{{key}}}", _UNKNOWN)
        elif (inner := _value(key, value, later.get(key))) is not None:
            made[member] = inner
    return made


def _value(key: str, value: Any, unknown: Any) -> Any:
    if key == "dimensions" and isinstance(value, dict):
        known = {**{name: Unknown(f"${{{name}}}", _UNKNOWN) for name in as_map(unknown)}, **value}
        return [{"Name": name, "Value": inner} for name, inner in known.items()]
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        return value
    beside = unknown if isinstance(unknown, list) else []
    blocks = [_members(one, beside[place] if place < len(beside) else None, {}) for place, one in enumerate(value)]
    return blocks if key in _LISTS else next(iter(blocks), None)


def _camel(key: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in key.split("_"))


def _query(query: dict[str, Any]) -> dict[str, Any]:
    """A query of an alarm, whose metric has its statistic and period inside."""
    metric = as_map(query.get("Metric"))
    if not metric:
        return query
    stat = {"Metric": metric, "Stat": metric.get("Stat", "Average"), "Period": metric.get("Period", 60)}
    return {**query, "MetricStat": stat}
