"""Templates of CloudFormation, and of the CDK, which makes them: scalable targets, policies, groups, schedules, alarms.

What a template computes is computed here as far as it holds it: parameters with their defaults, mappings, conditions,
references. Nothing is fetched and no file is read: macros, includes, nested stacks, imports and what AWS fills in stay
unknown, and are told. Source: CloudFormation user guide, template anatomy, intrinsic functions, resource types.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from operations.failures import CannotRun
from operations.imports import BESIDE, Found, Unknown, as_list, as_map, aws, maps

_ROWS: Mapping[str, tuple[str, str, str]] = {
    "AWS::ApplicationAutoScaling::ScalableTarget": ("ScalableTargets", "", ""),
    "AWS::ApplicationAutoScaling::ScalingPolicy": ("ScalingPolicies", "PolicyName", "PolicyARN"),
    "AWS::AutoScaling::AutoScalingGroup": ("AutoScalingGroups", "AutoScalingGroupName", ""),
    "AWS::AutoScaling::ScalingPolicy": ("ScalingPolicies", "PolicyName", "PolicyARN"),
    "AWS::AutoScaling::ScheduledAction": ("ScheduledUpdateGroupActions", "ScheduledActionName", ""),
    "AWS::CloudWatch::Alarm": ("MetricAlarms", "AlarmName", ""),
}
"""Type -> the list of AWS's answers that it belongs to, the member of its name there, that of what alarms call it."""
_NAMED: Mapping[str, str] = {
    "AWS::ECS::Cluster": "ClusterName",
    "AWS::ECS::Service": "ServiceName",
    "AWS::AutoScaling::AutoScalingGroup": "AutoScalingGroupName",
    "AWS::SQS::Queue": "QueueName",
}
"""Type -> the property that names it; where it is left out AWS makes a name of the logical id."""
_ELSEWHERE: Mapping[str, str] = {
    "AWS::CloudFormation::Stack": "a nested stack: read its template too",
    "AWS::CloudFormation::Macro": "a macro runs in AWS: what it makes is not read",
    "AWS::AutoScalingPlans::ScalingPlan": BESIDE["scaling plan"],
    "AWS::AutoScaling::LifecycleHook": BESIDE["lifecycle hook"],
    "AWS::AutoScaling::WarmPool": BESIDE["warm pool"],
}
_TARGET_GROUP = "AWS::ElasticLoadBalancingV2::TargetGroup"
_LONGEST_TEXT = 4096
"""Characters of a text with its references written out; a resource's id in AWS has at most 2,048."""
_MOST_OPEN = 20
"""Names and conditions that are worked out for one another; what lies deeper is not followed."""
_NOTHING = object()
"""What AWS::NoValue stands for."""
_IN_TEXT = re.compile(r"\$\{([^}]*)\}")


def is_source(document: Any) -> bool:
    """Whether a document is a template."""
    resources = as_map(document).get("Resources")
    return isinstance(resources, dict) and any(
        isinstance(one, dict) and isinstance(one.get("Type"), str) and "::" in one["Type"] for one in resources.values()
    )


def found(document: Any, given: Mapping[str, str] | None = None) -> list[Found]:
    """What scales in a template; `given`: parameters by name, over their defaults.

    Raises CannotRun for a parameter that the template does not have.
    """
    template = _Template(as_map(document), given or {})
    rows, unassigned = template.rows()
    return [*aws.found(rows), *([unassigned] if unassigned.left_out else [])]


class _Template:
    """A template that answers what its expressions are worth."""

    def __init__(self, document: dict[str, Any], given: Mapping[str, str]) -> None:
        self._document = document
        self._resources = {name: as_map(one) for name, one in as_map(document.get("Resources")).items()}
        self._parameters = {name: as_map(one) for name, one in as_map(document.get("Parameters")).items()}
        self._conditions = as_map(document.get("Conditions"))
        self._given = given
        self._names: dict[str, str] = {}
        self._held: dict[str, bool | None] = {}
        self._open: set[str] = set()
        """What is being worked out: a name that needs itself is not followed."""
        unknown = [name for name in given if name not in self._parameters]
        if unknown:
            known = ", ".join(self._parameters) or "none"
            raise CannotRun(f"--parameter {', '.join(unknown)}: not a parameter of the template, which has {known}")

    def rows(self) -> tuple[dict[str, list[dict[str, Any]]], Found]:
        """The template as answers of AWS, and what of it belongs to no service or group."""
        rows: dict[str, list[dict[str, Any]]] = {key: [] for key in aws.KEYS}
        unassigned = Found("template", {})
        if self._document.get("Transform"):
            unassigned.left_out.append("Transform: macros run in AWS: what they make is not read")
        for logical, resource in self._resources.items():
            kind = str(resource.get("Type"))
            if logical.startswith("Fn::"):
                unassigned.left_out.append(f"{logical}: runs in AWS: what it makes is not read")
            elif kind in _ELSEWHERE:
                unassigned.left_out.append(f"{logical}: {_ELSEWHERE[kind]}")
            elif kind in _ROWS and (made := self._made(resource)) is not False:
                key, label, arn = _ROWS[kind]
                row = as_map(self.value(resource.get("Properties")))
                row.update({label: row.get(label) or self._name(logical)} if label else {})
                row.update({arn: logical} if arn else {})
                if made is None:
                    unassigned.left_out.append(f"{logical}: made only if {resource['Condition']}, taken as made")
                self._complete(kind, logical, row)
                rows[key].append(row)
                rows["ScheduledActions"] += self._inner_schedules(row)
        return rows, unassigned

    def _complete(self, kind: str, logical: str, row: dict[str, Any]) -> None:
        """What a row has in AWS's answers and a template says elsewhere."""
        if kind.endswith("::ScalableTarget"):
            row["ResourceId"] = str(row.get("ResourceId") or logical)
            service = self._service(row["ResourceId"].rpartition("/")[2])
            row["TaskDefinition"] = self._task(service)
            row["CapacityProviderStrategy"] = self.value(service.get("CapacityProviderStrategy"))
            row["DeregistrationDelay"] = self._deregistration_delay(service)
        elif kind == "AWS::ApplicationAutoScaling::ScalingPolicy":
            target = as_map(as_map(self._resources.get(str(row.get("ScalingTargetId")))).get("Properties"))
            if target:
                row["ResourceId"] = str(self.value(target.get("ResourceId")) or row["ScalingTargetId"])
        elif kind == "AWS::AutoScaling::AutoScalingGroup":
            template = as_map(row.get("LaunchTemplate")).get("LaunchTemplateId") or row.get("LaunchConfigurationName")
            properties = as_map(as_map(self._resources.get(str(template))).get("Properties"))
            data = as_map(properties.get("LaunchTemplateData")) or properties
            row["InstanceType"] = self.value(data.get("InstanceType"))

    def _service(self, name: str) -> dict[str, Any]:
        """The properties of a service, as far as the template has it."""
        for logical, resource in self._resources.items():
            if resource.get("Type") == "AWS::ECS::Service" and self._name(logical) == name:
                return as_map(resource.get("Properties"))
        return {}

    def _task(self, service: dict[str, Any]) -> dict[str, Any]:
        """Size of the tasks of a service on Fargate, as far as the template has it."""
        chosen = self.value(service.get("TaskDefinition"))
        task = as_map(as_map(self._resources.get(str(chosen))).get("Properties"))
        if "FARGATE" not in str(self.value(task.get("RequiresCompatibilities"))):
            return {}
        platform = as_map(self.value(task.get("RuntimePlatform")))
        return {
            "cpu": self.value(task.get("Cpu")),
            "memory": self.value(task.get("Memory")),
            "runtimePlatform": {"cpuArchitecture": platform.get("CpuArchitecture")},
        }

    def _deregistration_delay(self, service: dict[str, Any]) -> Any:
        """Of the first target group of a service, where it stands in the template; AWS's default where it says none."""
        for balancer in maps(self.value(service.get("LoadBalancers"))):
            resource = as_map(self._resources.get(str(balancer.get("TargetGroupArn"))))
            if resource.get("Type") == _TARGET_GROUP:
                attributes = maps(self.value(as_map(resource.get("Properties")).get("TargetGroupAttributes")))
                told = {str(one.get("Key")): one.get("Value") for one in attributes}
                return told.get("deregistration_delay.timeout_seconds", aws.DEREGISTRATION_DELAY)
        return None

    @staticmethod
    def _inner_schedules(row: dict[str, Any]) -> list[dict[str, Any]]:
        return [{**one, "ResourceId": row.get("ResourceId")} for one in maps(row.get("ScheduledActions"))]

    def _name(self, logical: str) -> str:
        """The name that a resource is given, or one that says which it is."""
        if logical not in self._names:
            resource = self._resources.get(logical, {})
            named = _NAMED.get(str(resource.get("Type")))
            chosen: Any = None
            if named and logical not in self._open and len(self._open) < _MOST_OPEN:
                self._open.add(logical)
                chosen = self.value(as_map(resource.get("Properties")).get(named))
                self._open.discard(logical)
            path = str(as_map(resource.get("Metadata")).get("aws:cdk:path", "")).split("/")
            readable = "-".join(path[1:-1]) if named and len(path) > 2 else logical
            self._names[logical] = chosen if isinstance(chosen, str) and chosen else readable
        return self._names[logical]

    def _made(self, resource: dict[str, Any]) -> bool | None:
        """Whether a resource is made; None where that cannot be told."""
        return True if "Condition" not in resource else self.holds({"Condition": resource["Condition"]})

    def value(self, expression: Any) -> Any:
        """What an expression is worth: plain values with Unknown in place of what the template does not hold."""
        found = self._value(expression)
        return None if found is _NOTHING else found

    def _value(self, expression: Any) -> Any:
        if isinstance(expression, list):
            return [one for one in map(self._value, expression) if one is not _NOTHING]
        if isinstance(expression, str) and expression.startswith("{{resolve:"):
            return Unknown(expression[:_LONGEST_TEXT], "a dynamic reference, which AWS resolves")
        if not isinstance(expression, dict):
            return expression
        if len(expression) == 1:
            name, argument = next(iter(expression.items()))
            if name in _FUNCTIONS:
                return _FUNCTIONS[name](self, argument)
            if name.startswith("Fn::"):
                return Unknown(f"${{{name}}}", f"{name} runs in AWS")
        made = {key: self._value(inner) for key, inner in expression.items()}
        return {key: inner for key, inner in made.items() if inner is not _NOTHING}

    def reference(self, argument: Any) -> Any:
        """`Ref`."""
        name = str(argument)
        if name == "AWS::NoValue":
            return _NOTHING
        if name.startswith("AWS::"):
            return Unknown(f"${{{name}}}", f"{name} is known in AWS only")
        if name in self._parameters:
            return self._parameter(name)
        if name in self._resources:
            return self._name(name)
        return Unknown(f"${{{name}}}", f"the template has neither a parameter nor a resource {name}")

    def _parameter(self, name: str) -> Any:
        declared = self._parameters[name]
        kind = str(declared.get("Type"))
        value = self._given.get(name, None if kind.startswith("AWS::SSM::") else declared.get("Default"))
        if value is None:
            return Unknown(
                f"${{{name}}}", f"the template has no value of its parameter {name}; give --parameter {name}=..."
            )
        return str(value).split(",") if kind == "CommaDelimitedList" or kind.startswith("List<") else value

    def attribute(self, argument: Any) -> Any:
        """`Fn::GetAtt`."""
        parts = argument.split(".", 1) if isinstance(argument, str) else argument
        if not isinstance(parts, list) or not parts:
            return Unknown("${}", "Fn::GetAtt without a resource")
        logical, attribute = str(parts[0]), str(parts[1]) if len(parts) > 1 else ""
        kind = str(self._resources.get(logical, {}).get("Type"))
        if _ROWS.get(kind, ("", "", ""))[2]:
            return logical
        if kind in _NAMED and attribute in ("Name", _NAMED[kind]):
            return self._name(logical)
        return Unknown(f"${{{logical}.{attribute}}}", f"{attribute} of {logical} is known when it has been made")

    def substituted(self, argument: Any) -> Any:
        """`Fn::Sub`."""
        text, own = (argument[0], as_map(argument[1])) if _pair(argument) else (argument, {})
        values = {name: self._value(inner) for name, inner in own.items()}
        unknown: list[Unknown] = []

        def one(match: re.Match[str]) -> str:
            name = match[1].strip()
            if name.startswith("!"):
                return f"${{{name[1:]}}}"
            if name not in values:
                values[name] = self.attribute(name) if "." in name else self.reference(name)
            unknown.extend([values[name]] if isinstance(values[name], Unknown) else [])
            return _text(values[name])

        return _bounded(_IN_TEXT.sub(one, str(text)), unknown)

    def joined(self, argument: Any) -> Any:
        """`Fn::Join`."""
        if not _pair(argument):
            return Unknown("${Fn::Join}", "Fn::Join without two parts")
        parts = self._value(argument[1])
        if isinstance(parts, Unknown) or not isinstance(parts, list):
            return parts if isinstance(parts, Unknown) else Unknown("${Fn::Join}", "Fn::Join of no list")
        return _bounded(str(argument[0]).join(map(_text, parts)), [one for one in parts if isinstance(one, Unknown)])

    def selected(self, argument: Any) -> Any:
        """`Fn::Select`."""
        chosen = self._value(argument)
        if isinstance(chosen, list) and len(chosen) == 2 and isinstance(chosen[1], list):
            place = str(chosen[0])
            if place.isdecimal() and len(place) < 6 and int(place) < len(chosen[1]):
                return chosen[1][int(place)]
        return Unknown("${Fn::Select}", "Fn::Select of a list that the template does not hold")

    def split(self, argument: Any) -> Any:
        """`Fn::Split`."""
        chosen = self._value(argument)
        if isinstance(chosen, list) and len(chosen) == 2 and all(isinstance(one, str) and one for one in chosen):
            return chosen[1].split(chosen[0])
        return Unknown("${Fn::Split}", "Fn::Split of a text that the template does not hold")

    def mapped(self, argument: Any) -> Any:
        """`Fn::FindInMap`."""
        keys = as_list(self._value(argument))
        found: Any = self._document.get("Mappings")
        for key in keys[:3]:
            found = as_map(found).get(str(key))
        if isinstance(found, str | int | float | list) and len(keys) >= 3:
            return found
        return Unknown("${Fn::FindInMap}", "Fn::FindInMap by a key that the template does not hold")

    def chosen(self, argument: Any) -> Any:
        """`Fn::If`."""
        if not isinstance(argument, list) or len(argument) != 3:
            return Unknown("${Fn::If}", "Fn::If without three parts")
        holds = self.holds({"Condition": argument[0]})
        if holds is None:
            return Unknown(f"${{{argument[0]}}}", f"condition {argument[0]} cannot be told from the template")
        return self._value(argument[1 if holds else 2])

    def holds(self, condition: Any) -> bool | None:
        """Whether a condition holds; None where that cannot be told."""
        name, argument = next(iter(as_map(condition).items()), ("", None))
        if name == "Condition":
            return self._declared(argument) if isinstance(argument, str) else None
        if name == "Fn::Equals" and _pair(argument):
            both = [self._value(one) for one in as_list(argument)]
            return None if any(isinstance(one, Unknown) for one in both) else _text(both[0]) == _text(both[1])
        parts = [self.holds(one) for one in as_list(argument)]
        if name == "Fn::Not" and len(parts) == 1:
            return None if parts[0] is None else not parts[0]
        decisive = {"Fn::And": False, "Fn::Or": True}.get(name)
        if decisive is None or not parts:
            return None
        return decisive if decisive in parts else None if None in parts else not decisive

    def _declared(self, condition: str) -> bool | None:
        if condition not in self._held:
            self._held[condition] = None  # one that needs itself cannot be told
            if len(self._open) < _MOST_OPEN:
                self._open.add(f"condition {condition}")
                self._held[condition] = self.holds(self._conditions.get(condition))
                self._open.discard(f"condition {condition}")
        return self._held[condition]


def _pair(argument: Any) -> bool:
    return isinstance(argument, list) and len(argument) == 2


def _text(value: Any) -> str:
    """A value within a text, as CloudFormation writes it."""
    return str(value).lower() if isinstance(value, bool) else "" if value in (None, _NOTHING) else str(value)


def _bounded(text: str, unknown: list[Unknown]) -> Any:
    if len(text) > _LONGEST_TEXT:
        return Unknown(text[:80], f"a text of more than {_LONGEST_TEXT:,} characters with its references written out")
    return Unknown(text, unknown[0].why) if unknown else text


_FUNCTIONS: Mapping[str, Callable[[_Template, Any], Any]] = {
    "Ref": _Template.reference,
    "Fn::GetAtt": _Template.attribute,
    "Fn::Sub": _Template.substituted,
    "Fn::Join": _Template.joined,
    "Fn::Select": _Template.selected,
    "Fn::Split": _Template.split,
    "Fn::FindInMap": _Template.mapped,
    "Fn::If": _Template.chosen,
}
