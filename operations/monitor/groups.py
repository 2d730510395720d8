"""Auto Scaling groups: what they launch from, how many there are, and the rules that move them."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from operations.declared import GROUP, GROUP_POLICY, GROUP_SCHEDULE, TEMPLATE, Part, delegated
from operations.live.answers import Unanswered
from operations.live.calls import (
    GROUP_ACTIVITIES,
    GROUP_POLICIES,
    GROUP_SCHEDULES,
    GROUPS,
    REFRESHES,
    TEMPLATES,
)
from operations.monitor import rules
from operations.monitor.comparison import Check, Findings, Stack, aws
from operations.monitor.services import between, compare_bound, compare_due, compare_health

REFRESHING = frozenset({"Pending", "InProgress", "Cancelling", "RollbackInProgress", "Baking"})
"""States of an instance refresh that is not over (API_InstanceRefresh)."""
_SERVING = "InService"
_SETTINGS = (
    ("healthCheckType", "HealthCheckType"),
    ("healthCheckGracePeriod", "HealthCheckGracePeriod"),
    ("defaultInstanceWarmup", "DefaultInstanceWarmup"),
)


def _name(part: Part) -> str:
    return str(part.properties.get("name") or part.id)


def live_group(stack: Stack, part: Part) -> dict[str, Any] | None:
    """The group as AWS describes it; None where there is none, or one that is being deleted."""
    every = sorted(_name(one) for one in stack.declared.of(GROUP))
    found = stack.ask(GROUPS, AutoScalingGroupNames=every)
    return next((one for one in found if one["AutoScalingGroupName"] == _name(part) and not one.get("Status")), None)


def _there(stack: Stack, part: Part) -> dict[str, Any]:
    found = live_group(stack, part)
    if found is None:
        raise Unanswered(GROUPS, "gone", "the group is not there")
    return found


def newest_refresh(stack: Stack, part: Part) -> dict[str, Any] | None:
    """The last instance refresh of a group; None where there was none."""
    found = stack.ask(REFRESHES, AutoScalingGroupName=_name(part))
    return min(found, key=lambda one: stack.since(one.get("StartTime")), default=None)


def check_refresh(stack: Stack, part: Part, findings: Findings) -> None:
    """The last instance refresh."""
    _there(stack, part)
    last = newest_refresh(stack, part)
    findings.compared += 1
    if last is None or last["Status"] in ("Successful", "Cancelled"):
        return
    number = f"refresh {last['InstanceRefreshId']}"
    if last["Status"] in REFRESHING:
        done = last.get("PercentageComplete")
        findings.waits_for("instance refresh", f"{number} is {last['Status']}{f', {done} % done' if done else ''}")
        return
    said = [(last.get("RollbackDetails") or {}).get("RollbackReason"), last.get("StatusReason")]
    told = ": ".join([str(last["Status"]), *dict.fromkeys(str(one).rstrip(".") for one in said if one)])
    findings.add("refresh", _name(part), number, "Successful", told, f"see to the reason, then {stack.up()}")


def check_instances(stack: Stack, part: Part, findings: Findings) -> None:
    """What the instances were launched from."""
    group = _there(stack, part)
    last = newest_refresh(stack, part)
    if last is not None and last["Status"] in REFRESHING:
        return  # told by `check_refresh`
    template = _template(part.properties)
    if template is None or stack.declared.source != "state":
        return
    number, version = template
    declared = _declared_version(stack, number, version)
    own = _template(_lowered(group)) or template
    resolved = _live_version(stack, *own)
    if own[0] != number:
        findings.add("instances", _name(part), "launch template", number, own[0], stack.up())
        return
    findings.compare("instances", _name(part), "launch template version", declared, resolved, stack.up())
    serving = [one for one in group.get("Instances") or [] if one.get("LifecycleState") == _SERVING]
    old = [one for one in serving if str((one.get("LaunchTemplate") or {}).get("Version", declared)) != str(declared)]
    findings.compared += len(serving)
    if old:
        versions = sorted({str(one["LaunchTemplate"].get("Version")) for one in old})
        named = ", ".join(str(one["InstanceId"]) for one in old[:3]) + (", ..." if len(old) > 3 else "")
        said = f"version {', '.join(versions)} in {len(old)} of {len(serving)} instances: {named}"
        cure = aws("autoscaling", "start-instance-refresh", "--auto-scaling-group-name", _name(part))
        findings.add("instances", _name(part), "launch template of instances", f"version {declared}", said, cure)


def _template(properties: Mapping[str, Any]) -> tuple[str, str] | None:
    """Id and version of the launch template of a group, in the provider's words."""
    mixed = (properties.get("mixedInstancesPolicy") or {}).get("launchTemplate") or {}
    found = properties.get("launchTemplate") or mixed.get("launchTemplateSpecification") or {}
    number = found.get("launchTemplateId") or found.get("id")
    return (str(number), str(found.get("version") or "$Default")) if number else None


def _lowered(group: Mapping[str, Any]) -> dict[str, Any]:
    def lower(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {name[:1].lower() + name[1:]: lower(one) for name, one in value.items()}
        return value

    return {
        name: lower(group.get(of))
        for name, of in (("launchTemplate", "LaunchTemplate"), ("mixedInstancesPolicy", "MixedInstancesPolicy"))
    }


def _declared_version(stack: Stack, number: str, version: str) -> str:
    if version.isdecimal():
        return version
    member = "latestVersion" if version == "$Latest" else "defaultVersion"
    for part in stack.declared.of(TEMPLATE):
        if part.id == number and part.properties.get(member) is not None:
            return (
                f"{part.properties[member]:g}"
                if isinstance(part.properties[member], float)
                else str(part.properties[member])
            )
    return _live_version(stack, number, version)


def _live_version(stack: Stack, number: str, version: str) -> str:
    if version.isdecimal():
        return version
    found = stack.ask(TEMPLATES, LaunchTemplateIds=[number])
    member = "LatestVersionNumber" if version == "$Latest" else "DefaultVersionNumber"
    return str(found[0][member]) if found else version


def check_bounds(stack: Stack, part: Part, findings: Findings) -> None:
    """Live bounds, suspended processes, and the count within them."""
    group = _there(stack, part)
    component = stack.declared.component(part.component)
    schedules = _schedules(stack, part)
    held = any(one["ProcessName"] == "ScheduledActions" for one in group.get("SuspendedProcesses") or [])
    for side, declared, member in (("minimum", "minSize", "MinSize"), ("maximum", "maxSize", "MaxSize")):
        if part.properties.get(declared) is None:
            continue
        set_by = [value for one in schedules if (value := one.properties.get(declared)) not in (None, rules.UNSET)]
        owned = declared in delegated(GROUP, {side} if set_by else ())  # type: ignore[arg-type]
        scheduled = [*component.bounds.get(side, ()), *set_by] if owned else []
        compare_bound(stack, findings, _name(part), side, part.properties[declared], group[member], scheduled)
        due = rules.due(stack, "ec2_group", schedules, part, side) if owned and not held else None
        compare_due(findings, _name(part), side, group[member], due, functools.partial(_resize, part, declared))
    wanted = set(part.properties.get("suspendedProcesses") or [])
    findings.compared += 1
    for process in sorted({one["ProcessName"] for one in group.get("SuspendedProcesses") or []} - wanted):
        cure = aws(
            "autoscaling", "resume-processes", "--auto-scaling-group-name", _name(part), "--scaling-processes", process
        )
        findings.add("suspended", _name(part), process, False, True, cure, "undeclared")
    findings.compared += 1
    if not group["MinSize"] <= group["DesiredCapacity"] <= group["MaxSize"]:
        within = between(group["MinSize"], group["MaxSize"])
        findings.add("count", _name(part), "desired capacity", within, group["DesiredCapacity"], stack.up())


def _resize(part: Part, bound: str, value: int) -> str:
    option = {"minSize": "--min-size", "maxSize": "--max-size"}[bound]
    return aws("autoscaling", "update-auto-scaling-group", "--auto-scaling-group-name", _name(part), option, str(value))


def check_settings(stack: Stack, part: Part, findings: Findings) -> None:
    """Settings of the group that nothing else owns."""
    group = _there(stack, part)
    for declared, live in _SETTINGS:
        if part.properties.get(declared) is not None:
            findings.compare("setting", _name(part), declared, part.properties[declared], group.get(live), stack.up())


def check_health(stack: Stack, part: Part, findings: Findings) -> None:
    """Targets of every target group that the group is in."""
    group = _there(stack, part)
    last = newest_refresh(stack, part)
    if last is not None and last["Status"] in REFRESHING:
        return
    for arn in sorted({*(group.get("TargetGroupARNs") or ()), *(part.properties.get("targetGroupArns") or ())}):
        compare_health(stack, arn, findings)


def _scaled(stack: Stack, part: Part) -> rules.Scaled:
    name = _name(part)
    live = stack.ask(GROUP_POLICIES, AutoScalingGroupName=name)
    declared = [one for one in stack.declared.of(GROUP_POLICY) if one.properties.get("autoscalingGroupName") == name]

    def delete(policy: str) -> str:
        return aws("autoscaling", "delete-policy", "--auto-scaling-group-name", name, "--policy-name", policy)

    return rules.Scaled("ec2_group", name, declared, live, delete)


def scaling_alarms(stack: Stack, part: Part) -> list[str]:
    """Names of the alarms that scale the group."""
    return rules.names_of_alarms(_scaled(stack, part).live_policies)


def check_policies(stack: Stack, part: Part, findings: Findings) -> None:
    """Scaling policies."""
    if stack.declared.source == "state":
        rules.compare_policies(stack, _scaled(stack, part), findings)


def check_managed_alarms(stack: Stack, part: Part, findings: Findings) -> None:
    """Alarms of target tracking."""
    if stack.declared.source == "state":
        rules.compare_managed_alarms(stack, _scaled(stack, part), findings)


def _schedules(stack: Stack, part: Part) -> list[Part]:
    name = _name(part)
    return [one for one in stack.declared.of(GROUP_SCHEDULE) if one.properties.get("autoscalingGroupName") == name]


def check_schedules(stack: Stack, part: Part, findings: Findings) -> None:
    """Scheduled actions."""
    if stack.declared.source != "state":
        return
    live = stack.ask(GROUP_SCHEDULES, AutoScalingGroupName=_name(part))
    delete = functools.partial(_delete_schedule, _name(part))
    rules.compare_schedules(stack, "ec2_group", _schedules(stack, part), live, findings, delete)


def _delete_schedule(group: str, name: str) -> str:
    words = ("--auto-scaling-group-name", group, "--scheduled-action-name", name)
    return aws("autoscaling", "delete-scheduled-action", *words)


def check_activities(stack: Stack, part: Part, findings: Findings) -> None:
    """Scaling activities of the last day."""
    activities = stack.ask(GROUP_ACTIVITIES, AutoScalingGroupName=_name(part))
    rules.compare_activities(stack, activities, _name(part), findings)


def check_units(stack: Stack, part: Part, findings: Findings) -> None:
    """Whether as many instances serve as are asked for."""
    group = _there(stack, part)
    last = newest_refresh(stack, part)
    if last is not None and last["Status"] in REFRESHING:
        return
    states = [str(one.get("LifecycleState")) for one in group.get("Instances") or []]
    findings.compared += 1
    if any(state != _SERVING for state in states) or len(states) >= group["DesiredCapacity"]:
        return  # some come or go
    activities = stack.ask(GROUP_ACTIVITIES, AutoScalingGroupName=_name(part))
    allowance = (stack.declared.component(part.component).start_up or 300.0) + 60.0
    if min((stack.since(one.get("StartTime")) for one in activities), default=float("inf")) < allowance:
        return
    cure = f"see why: {aws('autoscaling', 'describe-scaling-activities', '--auto-scaling-group-name', _name(part))}"
    said = f"{len(states)} serve and none is being started"
    findings.add("units", _name(part), "instances", group["DesiredCapacity"], said, cure)


def check_stuck(stack: Stack, part: Part, findings: Findings) -> None:
    """Room to act."""
    group = _there(stack, part)
    bounds = group["MinSize"], group["MaxSize"]
    rules.compare_stuck(stack, _scaled(stack, part), part.component, group["DesiredCapacity"], *bounds, findings)


CHECKS: tuple[tuple[str, Check], ...] = (
    ("instance refresh", check_refresh),
    ("settings", check_settings),
    ("instances", check_instances),
    ("number of instances", check_units),
    ("health of targets", check_health),
    ("bounds", check_bounds),
    ("policies", check_policies),
    ("managed alarms", check_managed_alarms),
    ("schedules", check_schedules),
    ("scaling activities", check_activities),
    ("room to act", check_stuck),
)
"""What is compared of a group, by what it is called where it could not be."""
