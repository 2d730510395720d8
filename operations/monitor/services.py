"""Container services: what was deployed, what runs of it, and the rules that move it."""

from __future__ import annotations

import datetime
import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from components.specs.delegated import When
from operations.declared import SERVICE, SERVICE_POLICY, SERVICE_SCHEDULE, TARGET, TASK, Part, delegated
from operations.live.answers import Items, Unanswered, moment
from operations.live.calls import (
    DEPLOYMENT_DETAILS,
    REVISIONS,
    SCALABLE_TARGETS,
    SCALING_ACTIVITIES,
    SCALING_POLICIES,
    SCHEDULED_ACTIONS,
    SERVICE_DEPLOYMENTS,
    SERVICES,
    TARGET_HEALTH,
    TASK_ARNS,
    TASKS,
)
from operations.monitor import rules
from operations.monitor.comparison import Check, Findings, Stack, aws

_DIMENSION = "ecs:service:DesiredCount"
GOING_ON = frozenset({"PENDING", "IN_PROGRESS", "STOP_REQUESTED", "ROLLBACK_REQUESTED", "ROLLBACK_IN_PROGRESS"})
"""States of a service deployment that is not over (API_ServiceDeployment)."""
_SETTLING = 60.0
"""Seconds beyond the start-up that a task may take to be placed [own]."""
_START_UP = 300.0
"""Seconds of a start-up that nobody declared [own]."""
_SETTINGS: tuple[tuple[str, str], ...] = (
    ("deploymentCircuitBreaker.enable", "deploymentConfiguration.deploymentCircuitBreaker.enable"),
    ("deploymentCircuitBreaker.rollback", "deploymentConfiguration.deploymentCircuitBreaker.rollback"),
    ("deploymentMaximumPercent", "deploymentConfiguration.maximumPercent"),
    ("deploymentMinimumHealthyPercent", "deploymentConfiguration.minimumHealthyPercent"),
    ("deploymentConfiguration.strategy", "deploymentConfiguration.strategy"),
    ("enableExecuteCommand", "enableExecuteCommand"),
    ("healthCheckGracePeriodSeconds", "healthCheckGracePeriodSeconds"),
    ("availabilityZoneRebalancing", "availabilityZoneRebalancing"),
)
"""Declared properties, and where AWS shows them."""


def live_service(stack: Stack, part: Part) -> dict[str, Any] | None:
    """The service as AWS describes it; None where there is none, or one that is being deleted."""
    try:
        found = stack.ask(SERVICES, cluster=_cluster(part), services=[part.properties["name"]])
    except Unanswered as missing:
        if missing.why == "gone":
            return None
        raise
    return next((one for one in found if one.get("status") == "ACTIVE"), None)


def _cluster(part: Part) -> str:
    return str(part.properties["cluster"]).rpartition("/")[2]


def resource_id(part: Part) -> str:
    """How Application Auto Scaling names the service."""
    return f"service/{_cluster(part)}/{part.properties['name']}"


def _there(stack: Stack, part: Part) -> dict[str, Any]:
    found = live_service(stack, part)
    if found is None:
        raise Unanswered(SERVICES, "gone", "the service is not there")
    return found


def last_deployment(stack: Stack, part: Part) -> dict[str, Any] | None:
    """The newest service deployment with its details; None where AWS keeps none any more."""
    listed = stack.ask(SERVICE_DEPLOYMENTS, cluster=_cluster(part), service=part.properties["name"])
    if not listed:
        return None
    newest = max(
        listed, key=lambda one: moment(one.get("createdAt")) or datetime.datetime.min.replace(tzinfo=datetime.UTC)
    )
    details = stack.ask(DEPLOYMENT_DETAILS, serviceDeploymentArns=[newest["serviceDeploymentArn"]])
    return newest | (details[0] if details else {})


def revisions(stack: Stack, arns: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Service revisions by ARN."""
    wanted = sorted({arn for arn in arns if arn})
    found = stack.ask(REVISIONS, serviceRevisionArns=wanted) if wanted else []
    return {one["serviceRevisionArn"]: one for one in found}


def older_running(service: Mapping[str, Any]) -> Items:
    """Deployments of a service that are over and still have tasks."""
    every = service.get("deployments") or []
    return [one for one in every if one.get("status") == "ACTIVE" and one.get("runningCount")]


def version_words(revision: Mapping[str, Any] | None, arn: str) -> str:
    """A revision in words: its task definition, its images, its own number."""
    number = f"revision {arn.rpartition('/')[2]}"
    if revision is None:
        return number
    images = ", ".join(str(one.get("image")) for one in revision.get("containerImages") or [])
    family = str(revision.get("taskDefinition", "")).rpartition("/")[2]
    return f"{family} ({images}), {number}" if images else f"{family}, {number}"


def check_deployment(stack: Stack, part: Part, findings: Findings) -> None:
    """The deployment by its own id: after a rollback the task definition may be the declared one."""
    service, name = _there(stack, part), part.properties["name"]
    last = last_deployment(stack, part)
    status = str(last["status"]) if last else ""
    if last and status in GOING_ON:
        stage = f", at {last['lifecycleStage']}" if last.get("lifecycleStage") else ""
        findings.waits_for("deployment", f"deployment {_number(last)} is {status}{stage}{_asked(stack, last)}")
        return
    wanted = _wanted(stack, part)
    if last and status != "SUCCESSFUL":
        _report_rollback(stack, part, last, str(service["taskDefinition"]), findings)
        return
    findings.compared += 1
    deployments: Items = service.get("deployments") or []
    primary: Mapping[str, Any] = next((one for one in deployments if one.get("status") == "PRIMARY"), {})
    if not last and primary.get("rolloutState") == "FAILED":
        reason = primary.get("rolloutStateReason") or "FAILED"
        findings.add("deployment", name, "rollout", "COMPLETED", reason, stack.up())
        return
    if not last and primary.get("rolloutState") == "IN_PROGRESS":
        findings.waits_for("deployment", f"deployment {primary.get('id')} is IN_PROGRESS")
        return
    older = older_running(service)
    if older:
        count = sum(one["runningCount"] for one in older)
        findings.waits_for("deployment", f"it has succeeded, and {count} tasks of the version before still run")
    if wanted:
        running = str(service["taskDefinition"])
        both = (wanted.rpartition("/")[2], running.rpartition("/")[2])
        if both[0] != both[1]:
            told = _definition_words(stack, wanted), _revision_of(stack, last, running)
            if "taskDefinition" in delegated(SERVICE, _owners(stack, part)):
                findings.compared += 1
                said = f"a pipeline owns the image: {told[1]} runs, {told[0]} is declared"
                findings.remarks.append(f"{part.component}: {said}")
                return
            findings.add(
                "version",
                name,
                "task definition",
                *told,
                stack.up(),
            )
        else:
            findings.compared += 1


def _report_rollback(stack: Stack, part: Part, last: Mapping[str, Any], running: str, findings: Findings) -> None:
    target = str((last.get("targetServiceRevision") or {}).get("arn") or last.get("targetServiceRevisionArn") or "")
    rollback = last.get("rollback") or {}
    now = str(rollback.get("serviceRevisionArn") or "")
    known = revisions(stack, [target, now])
    what = {"ROLLBACK_SUCCESSFUL": "rolled back to", "ROLLBACK_FAILED": "rollback failed, back to"}
    verb = what.get(str(last["status"]), f"{last['status']}, runs")
    reason = str(rollback.get("reason") or last.get("statusReason") or "").rstrip(".")
    running_words = version_words(known.get(now), now) if now else running.rpartition("/")[2]
    same = " (the same task definition)" if now and _family(known, now) == _family(known, target) else ""
    told = f"{verb} {running_words}{same}{f': {reason}' if reason else ''}"
    cure = f"mend the version, then {stack.up()}; or {stack.rollback()}"
    findings.add(
        "deployment",
        str(part.properties["name"]),
        f"deployment {_number(last)}",
        version_words(known.get(target), target),
        told,
        cure,
    )


def _wanted(stack: Stack, part: Part) -> str:
    """The task definition that the service is to run. Where a pipeline says which, the one that the program wrote last:
    what the state has of the service is what a refresh found."""
    if _owners(stack, part):
        for one in stack.declared.of(TASK):
            if one.component == part.component:
                return str(one.properties.get("arn") or one.id)
    return str(part.properties.get("taskDefinition", ""))


def _owners(stack: Stack, part: Part) -> set[When]:
    """Who else than the program says what a service is."""
    return {"pipeline"} if stack.declared.component(part.component).image_owner == "pipeline" else set()


def _family(known: Mapping[str, Mapping[str, Any]], arn: str) -> str:
    return str(known.get(arn, {}).get("taskDefinition", arn))


def _asked(stack: Stack, last: Mapping[str, Any]) -> str:
    """What a release waits for, where that is an answer."""
    gates = last.get("lifecycleHookDetails") or []
    gate = next((one for one in gates if one.get("status") == "AWAITING_ACTION"), None)
    if gate is None:
        return ""
    expires = moment(gate.get("expiresAt"))
    until = f" until {expires:%Y-%m-%d %H:%MZ}" if expires else ""
    return f", for an answer{until}: {stack.accordion('release', 'continue')}, or rollback in place of continue"


def _number(deployment: Mapping[str, Any]) -> str:
    return str(deployment["serviceDeploymentArn"]).rpartition("/")[2]


def _definition_words(stack: Stack, arn: str) -> str:
    images = ", ".join(_declared_images(stack, arn).values())
    name = arn.rpartition("/")[2]
    return f"{name} ({images})" if images else name


def _revision_of(stack: Stack, last: Mapping[str, Any] | None, running: str) -> str:
    arn = str((last or {}).get("targetServiceRevisionArn") or "")
    known = revisions(stack, [arn]).get(arn)
    if known and known.get("taskDefinition") == running:
        return version_words(known, arn)
    return running.rpartition("/")[2]


def _declared_images(stack: Stack, definition: str) -> dict[str, str]:
    for part in stack.declared.of(TASK):
        own = str(part.properties.get("arn") or part.id)
        if own == definition or (
            definition.startswith(own.partition(":task-definition/")[0])
            and (own.rpartition("/")[2] == definition.rpartition("/")[2])
        ):
            return dict(part.properties.get("containerDefinitions") or {})
    return {}


def check_tasks(stack: Stack, part: Part, findings: Findings) -> None:
    """The images of running tasks, by digest, and whether as many run as are asked for."""
    service, name = _there(stack, part), str(part.properties["name"])
    last = last_deployment(stack, part)
    if last and str(last["status"]) in GOING_ON:
        return  # told by `check_deployment`
    pages = stack.ask(TASK_ARNS, cluster=_cluster(part), serviceName=name)
    arns = sorted(arn for page in pages for arn in page.get("taskArns", ()))
    tasks = stack.ask(TASKS, cluster=_cluster(part), tasks=arns) if arns else []
    running = [task for task in tasks if task.get("lastStatus") == "RUNNING"]
    of_pipeline = "taskDefinition" in delegated(SERVICE, _owners(stack, part))
    declared = None if of_pipeline else part.properties.get("taskDefinition")
    wanted = str(declared or service["taskDefinition"])
    images = _declared_images(stack, wanted)
    if last and str(last["status"]) == "SUCCESSFUL":
        arn = str(last["targetServiceRevisionArn"])
        known = revisions(stack, [arn]).get(arn, {}).get("containerImages") or []
    else:
        known = []
    resolved = {one["containerName"]: one.get("imageDigest") for one in known}
    _compare_images(
        stack, name, [task for task in running if task.get("taskDefinitionArn") == wanted], images, resolved, findings
    )
    _compare_units(stack, part, service, running, findings)


def _compare_images(
    stack: Stack,
    name: str,
    tasks: Items,
    images: Mapping[str, str],
    resolved: Mapping[str, str | None],
    findings: Findings,
) -> None:
    other: dict[tuple[str, str, str], int] = {}
    for container in (container for task in tasks for container in task.get("containers") or []):
        declared = images.get(container.get("name", ""))
        if declared is None:
            continue
        findings.compared += 1
        digest = container.get("imageDigest")
        named = declared.partition("@")[2] or resolved.get(container["name"])
        running = container.get("image", "")
        if running != declared or (digest and named and digest != named):
            shown = running if running != declared else f"{declared.partition('@')[0]}@{digest}"
            wanted = declared if "@" in declared or not named or running != declared else f"{declared}@{named}"
            other[(container["name"], wanted, shown)] = other.get((container["name"], wanted, shown), 0) + 1
    for (container, wanted, shown), count in other.items():
        said = f"{shown} in {count} of {len(tasks)} tasks"
        cure = stack.up()
        findings.add("image", name, f"image of {container}", wanted, said, cure)


def _compare_units(stack: Stack, part: Part, service: Mapping[str, Any], running: Items, findings: Findings) -> None:
    findings.compared += 1
    short = service["desiredCount"] - service["runningCount"]
    if short <= 0 or service.get("pendingCount"):
        return
    allowance = (stack.declared.component(part.component).start_up or _START_UP) + _SETTLING
    newest = [stack.since(task.get("startedAt")) for task in running]
    newest += [stack.since(one.get("updatedAt") or one.get("createdAt")) for one in service.get("deployments") or []]
    newest += [stack.since(one.get("StartTime")) for one in _activities(stack, part)] if _target(stack, part) else []
    if min(newest, default=float("inf")) < allowance:
        return  # they are being started
    said = f"{service['runningCount']} run and none is being started"
    events = aws("ecs", "describe-services", "--cluster", _cluster(part), "--services", service["serviceName"])
    findings.add(
        "units",
        service["serviceName"],
        "running count",
        service["desiredCount"],
        said,
        f"see why: {events} --query services[0].events[:5]",
    )


def check_settings(stack: Stack, part: Part, findings: Findings) -> None:
    """Settings of the service that nothing else owns."""
    service, name = _there(stack, part), str(part.properties["name"])
    for declared, live in _SETTINGS:
        if (wanted := _inside(part.properties, declared)) is not None:
            findings.compare("setting", name, declared, wanted, _inside(service, live), stack.up())
    placed = part.properties.get("networkConfiguration") or {}
    vpc = _inside(service, "networkConfiguration.awsvpcConfiguration") or {}
    for member in ("subnets", "securityGroups"):
        if placed.get(member):
            findings.compare("setting", name, member, sorted(placed[member]), sorted(vpc.get(member) or []), stack.up())
    if "assignPublicIp" in placed:
        findings.compare(
            "setting",
            name,
            "assignPublicIp",
            placed["assignPublicIp"],
            vpc.get("assignPublicIp") == "ENABLED",
            stack.up(),
        )


def _inside(value: Any, path: str) -> Any:
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def check_health(stack: Stack, part: Part, findings: Findings) -> None:
    """Targets of every target group that the service is in."""
    service = _there(stack, part)
    last = last_deployment(stack, part)
    if last and str(last["status"]) in GOING_ON:
        return
    groups = {
        group
        for balancer in service.get("loadBalancers") or []
        for group in (
            balancer.get("targetGroupArn"),
            (balancer.get("advancedConfiguration") or {}).get("alternateTargetGroupArn"),
        )
        if group
    }
    for group in sorted(groups):
        compare_health(stack, group, findings)


def compare_health(stack: Stack, group: str, findings: Findings) -> None:
    """The targets of one group; those that come or go are neither."""
    targets = stack.ask(TARGET_HEALTH, TargetGroupArn=group)
    findings.compared += 1
    sick = [one for one in targets if (one.get("TargetHealth") or {}).get("State") in ("unhealthy", "unavailable")]
    if sick:
        reasons = sorted({str(one["TargetHealth"].get("Reason") or one["TargetHealth"]["State"]) for one in sick})
        said = f"{len(sick)} of {len(targets)} unhealthy: {', '.join(reasons)}"
        cure = f"look at each: {aws('elbv2', 'describe-target-health', '--target-group-arn', group)}"
        findings.add("target_health", group.rpartition(":")[2], "targets", "healthy", said, cure)


def _target(stack: Stack, part: Part) -> Part | None:
    wanted = resource_id(part)
    return next((one for one in stack.declared.of(TARGET) if one.properties.get("resourceId") == wanted), None)


def _live_target(stack: Stack, part: Part) -> dict[str, Any] | None:
    every = sorted(str(one.properties["resourceId"]) for one in stack.declared.of(TARGET))
    found = stack.ask(SCALABLE_TARGETS, ServiceNamespace="ecs", ResourceIds=every, ScalableDimension=_DIMENSION)
    return next((one for one in found if one["ResourceId"] == resource_id(part)), None)


def check_bounds(stack: Stack, part: Part, findings: Findings) -> None:
    """Live bounds, suspended scaling, and the count within them."""
    service, target = _there(stack, part), _target(stack, part)
    name, desired = str(part.properties["name"]), service["desiredCount"]
    if target is None:
        if part.properties.get("desiredCount") is not None:
            findings.compare("count", name, "desired count", part.properties["desiredCount"], desired, stack.up())
        return
    live = _live_target(stack, part)
    if live is None:
        findings.add("gone", resource_id(part), "scalable target", "registered", "not registered", stack.anew(target))
        return
    schedules = [
        one for one in stack.declared.of(SERVICE_SCHEDULE) if one.properties.get("resourceId") == resource_id(part)
    ]
    component = stack.declared.component(part.component)
    held = (live.get("SuspendedState") or {}).get("ScheduledScalingSuspended")
    for side, declared, member in (
        ("minimum", "minCapacity", "MinCapacity"),
        ("maximum", "maxCapacity", "MaxCapacity"),
    ):
        set_by = [
            action[declared]
            for one in schedules
            if (action := one.properties.get("scalableTargetAction") or {}).get(declared) is not None
        ]
        owned = declared in delegated(TARGET, {side} if set_by else ())  # type: ignore[arg-type]
        compare_bound(
            stack,
            findings,
            name,
            side,
            target.properties.get(declared),
            live[member],
            [*component.bounds.get(side, ()), *set_by] if owned else [],
        )
        due = rules.due(stack, "ecs_service", schedules, target, side) if owned and not held else None
        compare_due(findings, name, side, live[member], due, functools.partial(_set_bound, part, live, member))
    for process, suspended in (live.get("SuspendedState") or {}).items():
        wanted = bool((target.properties.get("suspendedState") or {}).get(process[:1].lower() + process[1:]))
        findings.compared += 1
        if suspended and not wanted:
            findings.add("suspended", resource_id(part), process, False, True, _resume(part), "undeclared")
    findings.compared += 1
    if not live["MinCapacity"] <= desired <= live["MaxCapacity"]:
        within = between(live["MinCapacity"], live["MaxCapacity"])
        findings.add(
            "count", name, "desired count", within, desired, _register(part, live["MinCapacity"], live["MaxCapacity"])
        )


def between(minimum: int, maximum: int) -> str:
    """Live bounds in words."""
    return f"{minimum} to {maximum}" if minimum != maximum else str(minimum)


def compare_bound(
    stack: Stack, findings: Findings, resource: str, side: str, declared: Any, live: Any, scheduled: Sequence[Any]
) -> None:
    """A live bound against the declared one, and against each that a schedule may have set."""
    findings.compared += 1
    allowed = sorted({int(float(value)) for value in (declared, *scheduled) if value is not None})
    if live in allowed:
        return
    said = (
        f"{allowed[0]}" if len(allowed) == 1 else f"{', '.join(map(str, allowed[:-1]))} or {allowed[-1]}, by schedule"
    )
    findings.add("bounds", resource, side, said, live, stack.up())


def compare_due(
    findings: Findings, resource: str, side: str, live: Any, due: rules.Due | None, cure: Callable[[int], str]
) -> None:
    """A live bound against what the last schedule that is due makes of it; `cure(value)` sets it."""
    if due is None:
        return
    findings.compared += 1
    if live not in due.values and not any(one.kind == "bounds" and one.what == side for one in findings.differences):
        findings.add("bounds", resource, side, due, live, cure(min(due.values)))


def _set_bound(part: Part, live: Mapping[str, Any], member: str, value: int) -> str:
    bounds = {**live, member: value}
    return _register(part, bounds["MinCapacity"], bounds["MaxCapacity"])


def _register(part: Part, minimum: int, maximum: int) -> str:
    return aws(
        "application-autoscaling", "register-scalable-target", "--service-namespace", "ecs", "--scalable-dimension",
        _DIMENSION, "--resource-id", resource_id(part), "--min-capacity", str(minimum), "--max-capacity", str(maximum),
    )  # fmt: skip


def _resume(part: Part) -> str:
    state = "DynamicScalingInSuspended=false,DynamicScalingOutSuspended=false,ScheduledScalingSuspended=false"
    return aws(
        "application-autoscaling", "register-scalable-target", "--service-namespace", "ecs", "--scalable-dimension",
        _DIMENSION, "--resource-id", resource_id(part), "--suspended-state", state,
    )  # fmt: skip


def _delete(part: Part, command: str, flag: str, name: str) -> str:
    return aws(
        "application-autoscaling", command, "--service-namespace", "ecs", "--scalable-dimension", _DIMENSION,
        "--resource-id", resource_id(part), flag, name,
    )  # fmt: skip


def _scaled(stack: Stack, part: Part) -> rules.Scaled:
    wanted = resource_id(part)
    live = stack.ask(SCALING_POLICIES, ServiceNamespace="ecs", ResourceId=wanted, ScalableDimension=_DIMENSION)
    declared = [one for one in stack.declared.of(SERVICE_POLICY) if one.properties.get("resourceId") == wanted]
    delete = functools.partial(_delete, part, "delete-scaling-policy", "--policy-name")
    return rules.Scaled("ecs_service", wanted, declared, live, delete)


def scaling_alarms(stack: Stack, part: Part) -> list[str]:
    """Names of the alarms that scale the service."""
    return rules.names_of_alarms(_scaled(stack, part).live_policies) if _target(stack, part) else []


def check_policies(stack: Stack, part: Part, findings: Findings) -> None:
    """Scaling policies."""
    if stack.declared.source == "state":
        rules.compare_policies(stack, _scaled(stack, part), findings)


def check_managed_alarms(stack: Stack, part: Part, findings: Findings) -> None:
    """Alarms of target tracking."""
    if stack.declared.source == "state" and _target(stack, part):
        rules.compare_managed_alarms(stack, _scaled(stack, part), findings)


def check_schedules(stack: Stack, part: Part, findings: Findings) -> None:
    """Scheduled actions."""
    if stack.declared.source != "state":
        return
    wanted = resource_id(part)
    live = stack.ask(SCHEDULED_ACTIONS, ServiceNamespace="ecs", ResourceId=wanted, ScalableDimension=_DIMENSION)
    declared = [one for one in stack.declared.of(SERVICE_SCHEDULE) if one.properties.get("resourceId") == wanted]
    delete = functools.partial(_delete, part, "delete-scheduled-action", "--scheduled-action-name")
    rules.compare_schedules(stack, "ecs_service", declared, live, findings, delete)


def _activities(stack: Stack, part: Part) -> Items:
    return stack.ask(
        SCALING_ACTIVITIES, ServiceNamespace="ecs", ResourceId=resource_id(part), ScalableDimension=_DIMENSION
    )


def check_activities(stack: Stack, part: Part, findings: Findings) -> None:
    """Scaling activities of the last day."""
    if _target(stack, part):
        rules.compare_activities(stack, _activities(stack, part), resource_id(part), findings)


def check_stuck(stack: Stack, part: Part, findings: Findings) -> None:
    """Room to act."""
    live = _live_target(stack, part) if _target(stack, part) else None
    if live is None:
        return
    service = _there(stack, part)
    bounds = live["MinCapacity"], live["MaxCapacity"]
    rules.compare_stuck(stack, _scaled(stack, part), part.component, service["desiredCount"], *bounds, findings)


CHECKS: tuple[tuple[str, Check], ...] = (
    ("deployment", check_deployment),
    ("settings", check_settings),
    ("tasks and their images", check_tasks),
    ("health of targets", check_health),
    ("bounds", check_bounds),
    ("policies", check_policies),
    ("managed alarms", check_managed_alarms),
    ("schedules", check_schedules),
    ("scaling activities", check_activities),
    ("room to act", check_stuck),
)
"""What is compared of a service, by what it is called where it could not be."""
