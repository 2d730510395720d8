"""Policies, the alarms that AWS manages for them, schedules, activities: the same for services and groups."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from elasticity.platforms import platform_parameters
from elasticity.schedules import occurrences
from operations.declared import Part
from operations.live.answers import Items, moment
from operations.live.calls import ALARMS
from operations.monitor.comparison import PULUMI, Findings, Stack, camel, same

DAY = 86_400.0
STUCK = 900.0
"""Seconds at a bound, in alarm, until that is told: 15 minutes, as the alarm at maximum (docs/decisions/0013)."""
LOWEST_LOW = 0.5
"""Of the target: below it a low alarm's threshold is taken as edited. AWS documents no factor, only "usually more than
10 % lower" (AASUG), and published alarms have 0.9 and 0.7; so each between is right [own]."""
FAILED = frozenset({"Failed", "Unfulfilled", "Cancelled"})
"""States of an activity that did not do what it was for (API reference of both services)."""
MOVED_WITHIN = 600.0
"""Seconds within which a schedule that is due has moved its bound: AWS starts it "within minutes" (AASUG) [own]."""
_TRACKING = "TargetTrackingScaling"
_RENAMED: Mapping[str, str] = MappingProxyType(
    {"metricDimensions": "dimensions", "metricSpecification": "metricSpecifications"}
)
"""Members that the provider names otherwise than AWS."""


@dataclasses.dataclass(frozen=True)
class Scaled:
    """What scales, and how AWS's own commands name it."""

    platform: str
    """Of `elasticity.platforms`."""
    resource: str
    policies: Sequence[Part]
    """Declared ones."""
    live_policies: Items
    delete_policy: Callable[[str], str]
    """The command that deletes the policy of that name."""


def names_of_alarms(policies: Items) -> list[str]:
    """Those that the live policies act on."""
    return sorted({alarm["AlarmName"] for policy in policies for alarm in policy.get("Alarms") or []})


def alarms_by_name(stack: Stack, names: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Live alarms; what is not there is missing."""
    found = stack.ask(ALARMS, AlarmNames=list(names)) if names else []
    return {alarm["AlarmName"]: alarm for alarm in found}


def compare_policies(stack: Stack, scaled: Scaled, findings: Findings) -> None:
    """Declared policies against the live ones, and the other way round."""
    live = {policy["PolicyName"]: policy for policy in scaled.live_policies}
    for part in scaled.policies:
        name = part.properties.get("name") or part.id
        there = live.pop(name, None)
        if there is None:
            findings.add("policy", name, "policy", "as declared", "deleted", stack.anew(part))
            continue
        running = camel({**there, "Alarms": None})
        declared = {of: value for of, value in part.properties.items() if of not in ("name", "resourceId")}
        declared.pop("autoscalingGroupName", None)
        findings.compared += 1
        for path, wanted, has in differing(_as_aws(declared), running):
            findings.add("policy", name, path.rpartition(".")[2], wanted, has, stack.up())
        if there.get("Enabled") is False:
            findings.add("suspended", name, "enabled", True, False, stack.up(), "undeclared")
    for name in live:
        kind = live[name]["PolicyType"]
        findings.add("policy", name, "policy", None, kind, scaled.delete_policy(name), "added")


def compare_managed_alarms(stack: Stack, scaled: Scaled, findings: Findings) -> None:
    """The alarms of target tracking against what AWS makes them: nobody is to edit or delete them."""
    alarms = alarms_by_name(stack, names_of_alarms(scaled.live_policies))
    declared = {part.properties.get("name") or part.id: part for part in scaled.policies}
    for policy in scaled.live_policies:
        name = policy["PolicyName"]
        if policy["PolicyType"] != _TRACKING or name not in declared:
            continue
        cure = stack.anew(declared[name])
        configuration = (
            policy.get("TargetTrackingScalingPolicyConfiguration") or policy.get("TargetTrackingConfiguration") or {}
        )
        named = [alarm["AlarmName"] for alarm in policy.get("Alarms") or []]
        for missing in sorted(set(named) - alarms.keys()):
            findings.add("managed_alarm", missing, "alarm", f"managed by {name}", "deleted", cure)
        wanted = 1 if configuration.get("DisableScaleIn") else 2
        if len(named) < wanted:
            findings.add("managed_alarm", name, "alarms", wanted, len(named), cure)
        for alarm in (alarms[each] for each in named if each in alarms):
            _compare_managed(alarm, configuration, policy, scaled.platform, findings, cure)


def _compare_managed(
    alarm: Mapping[str, Any],
    configuration: Mapping[str, Any],
    policy: Mapping[str, Any],
    platform: str,
    findings: Findings,
    cure: str,
) -> None:
    parameters = platform_parameters(platform)
    high = str(alarm.get("ComparisonOperator", "")).startswith("Greater")
    target = float(configuration["TargetValue"])
    periods = parameters.high_evaluation_periods if high else parameters.low_evaluation_periods
    name, period = alarm["AlarmName"], alarm.get("Period") or 60
    findings.compare("managed_alarm", name, "actions", True, alarm.get("ActionsEnabled", True), cure)
    acts = any(str(action).startswith(policy["PolicyARN"]) for action in alarm.get("AlarmActions") or [])
    findings.compare("managed_alarm", name, f"acts on {policy['PolicyName']}", True, acts, cure)
    threshold = float(alarm.get("Threshold", target))
    if high:
        findings.compare("managed_alarm", name, "threshold", target, threshold, cure)
    elif not target * LOWEST_LOW <= threshold < target:
        findings.add("managed_alarm", name, "threshold", f"below {target:g}", threshold, cure)
    if period >= 60:
        findings.compare("managed_alarm", name, "periods", periods, alarm.get("EvaluationPeriods"), cure)


@dataclasses.dataclass(frozen=True)
class ScheduleMembers:
    """How one service of AWS writes schedules: each member among the provider's properties, and in AWS's answer."""

    dialect: str
    """Of its schedules, as `elasticity.cron` names it."""
    name: tuple[str, str]
    members: Mapping[str, tuple[str, str]]

    def of(self, schedule: Mapping[str, Any], side: int) -> dict[str, Any]:
        """The members of one schedule: those declared (0) or those that AWS answers (1)."""
        found = {member: _at(schedule, paths[side]) for member, paths in self.members.items()}
        return {**found, "timezone": found["timezone"] or "UTC"}


SCHEDULES: Mapping[str, ScheduleMembers] = MappingProxyType(
    {
        "ecs_service": ScheduleMembers(
            "application",
            ("name", "ScheduledActionName"),
            {
                "schedule": ("schedule", "Schedule"),
                "timezone": ("timezone", "Timezone"),
                "minimum": ("scalableTargetAction.minCapacity", "ScalableTargetAction.MinCapacity"),
                "maximum": ("scalableTargetAction.maxCapacity", "ScalableTargetAction.MaxCapacity"),
            },
        ),
        "ec2_group": ScheduleMembers(
            "ec2",
            ("scheduledActionName", "ScheduledActionName"),
            {
                "schedule": ("recurrence", "Recurrence"),
                "timezone": ("timeZone", "TimeZone"),
                "minimum": ("minSize", "MinSize"),
                "maximum": ("maxSize", "MaxSize"),
                "desired": ("desiredCapacity", "DesiredCapacity"),
            },
        ),
    }
)
"""By platform."""
UNSET = -1
"""How the provider writes a bound that a schedule of a group leaves alone."""


def _at(value: Any, path: str) -> Any:
    for key in path.split("."):
        value = (value or {}).get(key)
    return None if value == UNSET else value


def compare_schedules(
    stack: Stack, platform: str, declared: Sequence[Part], live: Items, findings: Findings, delete: Callable[[str], str]
) -> None:
    """Declared schedules against the live ones, and the other way round."""
    form = SCHEDULES[platform]
    parts = {str(part.properties[form.name[0]]): part for part in declared}
    running = {str(one[form.name[1]]): form.of(one, 1) for one in live}
    for name, part in parts.items():
        if name not in running:
            findings.add("schedule", name, "schedule", "as declared", "deleted", stack.anew(part))
            continue
        for member, value in form.of(part.properties, 0).items():
            findings.compare("schedule", name, member, value, running[name][member], stack.up())
    for name in running.keys() - parts.keys():
        findings.add("schedule", name, "schedule", None, running[name], delete(name), "added")


@dataclasses.dataclass(frozen=True)
class Due:
    """The occurrence of a schedule that set a bound last."""

    values: frozenset[int]
    """More than one where several schedules have the same moment."""
    name: str
    since: datetime.datetime

    def __str__(self) -> str:
        values = " or ".join(map(str, sorted(self.values)))
        return f"{values}, by schedule {self.name} since {self.since:%Y-%m-%d %H:%M} UTC"


def due(stack: Stack, platform: str, schedules: Sequence[Part], owner: Part, side: str) -> Due | None:
    """What the schedules of a bound have made of it; `owner`: what has the bound.

    None where that is not known: nothing is due since the deployment that wrote one of them (it leaves what was in
    force), a schedule is only just due, or counts from a moment that AWS alone knows (`rate`); and on the cloud on this
    machine, where the clock moves no bound.
    """
    form = SCHEDULES[platform]
    setting = [(part, members) for part in schedules if (members := form.of(part.properties, 0))[side] is not None]
    written = [moment(part.changed) for part in (owner, *(part for part, _ in setting))]
    known = [one for one in written if one is not None]
    if stack.engine != PULUMI or not setting or len(known) < len(written):
        return None
    times = [_last_time(form.dialect, part, members, max(known), stack.now) for part, members in setting]
    last = max((time for time in times if time is not None), default=_NEVER)
    if last == _NEVER or None in times or (stack.now - last).total_seconds() < MOVED_WITHIN:
        return None
    fitting = [one for one, time in zip(setting, times, strict=True) if time == last]
    values = frozenset(int(float(members[side])) for _, members in fitting)
    return Due(values, ", ".join(sorted(str(part.properties[form.name[0]]) for part, _ in fitting)), last)


_NEVER = datetime.datetime.min.replace(tzinfo=datetime.UTC)
_LOOKS_BACK = (1, 8, 40, 400)
"""Days, ever further, so that a schedule of every minute is not walked through for a year."""


def _last_time(
    dialect: str, part: Part, members: Mapping[str, Any], begin: datetime.datetime, now: datetime.datetime
) -> datetime.datetime | None:
    """When a schedule fired last after `begin`: a moment long past where it did not, None where nobody knows."""
    expression = str(members["schedule"] or "")
    kind = next((kind for kind in ("at", "rate") if expression.startswith(f"{kind}(")), dialect)
    starts, ends = moment(part.properties.get("startTime")), moment(part.properties.get("endTime"))
    if kind == "rate" or not expression:
        return None
    begin, end = max(begin, starts or begin), min(now, ends or now)
    for days in _LOOKS_BACK:
        first = max(begin, end - datetime.timedelta(days=days))
        try:
            times = occurrences(expression, str(members["timezone"]), first, end, kind) if first < end else []
        except ValueError:
            return None
        if times or first == begin:
            return times[-1] if times else _NEVER
    return _NEVER


def compare_activities(stack: Stack, activities: Items, resource: str, findings: Findings) -> None:
    """Failed ones of the last day, each reason once: the newest."""
    findings.compared += 1
    failed: dict[str, tuple[float, dict[str, Any], int]] = {}
    for activity in activities:
        age = stack.since(activity.get("StartTime"))
        if activity.get("StatusCode") not in FAILED or age > DAY:
            continue
        reason = str(activity.get("StatusMessage") or activity.get("StatusCode"))
        newest, known, count = failed.get(reason, (age, activity, 0))
        failed[reason] = (age, activity, count + 1) if age <= newest else (newest, known, count + 1)
    for reason, (age, activity, count) in failed.items():
        told = f"{activity.get('Description') or 'scaling'}: {reason}"
        running = f"failed {count} times, last {_ago(age)}: {told}" if count > 1 else f"failed {_ago(age)}: {told}"
        findings.add("activity", resource, "scaling activity", "successful", running, f"see to the reason: {reason}")


def _ago(seconds: float) -> str:
    return f"{seconds / 3600:.0f} h ago" if seconds >= 5400 else f"{max(0.0, seconds) / 60:.0f} min ago"


def compare_stuck(
    stack: Stack, scaled: Scaled, component: str, desired: int, minimum: int, maximum: int, findings: Findings
) -> None:
    """A rule in alarm that cannot act: at the maximum for want of room, at the minimum although it asks for more."""
    findings.compared += 1
    if desired not in (minimum, maximum):
        return
    alarms = alarms_by_name(stack, names_of_alarms(scaled.live_policies))
    for alarm in (alarms[name] for name in _outward(scaled.live_policies, alarms)):
        age = stack.since(alarm.get("StateUpdatedTimestamp"))
        if alarm.get("StateValue") != "ALARM" or age < STUCK:
            continue
        bound, cure = (
            (f"maximum {maximum}", f"raise {component}.elasticity.maximum in the stack file, then {stack.up()}")
            if desired == maximum
            else (f"minimum {minimum}", "look at the scaling activities: something keeps the rule from acting")
        )
        said = f"{desired}, at the {bound}, while {alarm['AlarmName']} is in ALARM for {age / 60:.0f} min"
        findings.add("stuck", scaled.resource, "desired count", "room to act", said, cure)
        return


def _outward(policies: Items, alarms: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Alarms that ask for more units."""
    for policy in policies:
        named = [alarm["AlarmName"] for alarm in policy.get("Alarms") or [] if alarm["AlarmName"] in alarms]
        if policy["PolicyType"] == _TRACKING:
            yield from (name for name in named if str(alarms[name]["ComparisonOperator"]).startswith("Greater"))
            continue
        steps = (policy.get("StepScalingPolicyConfiguration") or policy).get("StepAdjustments") or []
        if any(step.get("ScalingAdjustment", 0) > 0 for step in steps):
            yield from named


def differing(declared: Any, running: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Where what is declared runs otherwise: path, declared, running. What only runs is AWS's own default."""
    if isinstance(declared, Mapping) and isinstance(running, (Mapping, type(None))):
        for name, value in declared.items():
            yield from differing(value, (running or {}).get(name), f"{path}.{name}" if path else name)
    elif _things(declared) and _things(running) and len(declared) == len(running):
        for wanted, has in zip(_sorted(declared), _sorted(running), strict=True):
            yield from differing(wanted, has, path)
    elif not same(declared, running):
        yield path, declared, running


def _things(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, Mapping) for one in value)


def _sorted(things: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    def key(one: Mapping[str, Any]) -> str:
        named = one.get("id") or one.get("name")
        if named:
            return str(named)
        bound = one.get("metricIntervalLowerBound")
        return f"{float(bound) if bound not in (None, '') else -1e18:+030.9f}" if "scalingAdjustment" in one else ""

    return sorted(things, key=key)


def _as_aws(declared: Any) -> Any:
    if isinstance(declared, Mapping):
        found = {_RENAMED.get(name, name): _as_aws(value) for name, value in declared.items()}
        one = found.get("metricSpecifications")
        return found | {"metricSpecifications": [one]} if isinstance(one, Mapping) else found
    return [_as_aws(one) for one in declared] if isinstance(declared, list) else declared
