"""What scales on the local cloud, as it stands there now: rules, alarms, what is muted and what is suspended."""

from __future__ import annotations

import dataclasses
import datetime
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from elasticity.rules import Elasticity
from operations.failures import CannotRun
from operations.imports import as_map, maps, running
from operations.live import calls
from operations.live.answers import Answers, Items
from operations.recordings.recorder import CALLS as RECORDED
from operations.recordings.recorder import Subject, subject_of

if TYPE_CHECKING:
    from elasticity.alarms import Alarm
    from elasticity.simulator import Held
    from elasticity.simulator.held import Direction
    from stacks.workloads import Workload

MUTE_RULE = dataclasses.replace(calls.MUTE_RULE, kept=("Name", "MuteTargets", "Rule", "StartDate", "ExpireDate"))
"""A mute rule with its times."""
CLUSTERS = calls.Call("ecs", "describe_clusters", "clusters", ("clusterName", "settings"), batch=("clusters", 100))
CALLS = (*RECORDED, calls.MUTE_RULES, MUTE_RULE, CLUSTERS)
"""What is asked; all of them read."""
_SUSPENDED: Mapping[str, tuple[Direction, ...]] = {
    "DynamicScalingOutSuspended": ("out",),
    "DynamicScalingInSuspended": ("in",),
    "AlarmNotification": ("out", "in"),
}
"""By member of a target's SuspendedState, or process of a group: in which directions no policy acts."""
_SCHEDULES = ("ScheduledScalingSuspended", "ScheduledActions")
_UNITS = ("Launch", "Terminate")
"""Processes of a group without which its instances neither come nor go."""
_DAY = 86_400


@dataclasses.dataclass(frozen=True)
class Policy:
    """A policy there, by the rule that it is here."""

    label: str
    """Its name there."""
    alarms: Mapping[str, str]
    """By the ending of an alarm's name in a run, `AlarmHigh`, `AlarmLow` or `Alarm`, its name there."""


@dataclasses.dataclass(frozen=True)
class Scaled:
    """One service or group, ready to be played."""

    name: str
    """In the stack."""
    subject: Subject
    rules: Elasticity
    """As they stand there, with what the stack file knows of a unit."""
    workload: Workload
    policies: Mapping[str, Policy]
    """By the name of the rule."""
    suspended: frozenset[Direction]
    muted: Mapping[str, str]
    """By the name of an alarm whose actions never run, why."""
    edited: Mapping[str, Alarm]
    """By the name of an alarm of target tracking in a run, as it stands where somebody has edited it."""
    collected: frozenset[str]
    """What is counted beside the units' own metrics: `insights` of a cluster, metrics of a group."""
    notes: tuple[str, ...]

    @property
    def alarms(self) -> dict[str, str]:
        """By the name of an alarm in a run, its name there."""
        return {
            f"{rule}-{ending}": name for rule, policy in self.policies.items() for ending, name in policy.alarms.items()
        }

    def held(self, mutes: Sequence[Mute], start: datetime.datetime, seconds: int) -> Held:
        """What keeps its alarms and policies from acting in a run from `start` on."""
        from elasticity.simulator import Held

        spans: dict[str, list[tuple[float, float]]] = {}
        for alarm, there in self.alarms.items():
            found = [(0.0, float(seconds))] if there in self.muted else []
            found += [span for mute in mutes if there in mute.alarms for span in mute.within(start, seconds)]
            if found:
                spans[alarm] = sorted(found)
        return Held(self.suspended, spans, self.edited)


@dataclasses.dataclass(frozen=True)
class Mute:
    """A mute rule, and when it silences."""

    name: str
    alarms: frozenset[str]
    expression: str
    """`cron(...)` of five fields, or `at(...)`."""
    zone: str
    lasts: datetime.timedelta
    begins: datetime.datetime | None
    expires: datetime.datetime | None

    def within(self, start: datetime.datetime, seconds: int) -> list[tuple[float, float]]:
        """The windows that touch a time, in seconds from its start, in order."""
        from localcloud.aws.limits.cron import last_before

        end = start + datetime.timedelta(seconds=seconds)
        found, moment = [], end
        while moment > start - self.lasts:
            came = last_before(self.expression, self.zone, moment, moment - (start - self.lasts))
            if came is None:
                break
            until = came + self.lasts if self.expires is None else min(came + self.lasts, self.expires)
            if until > start and came < end and (self.begins is None or came >= self.begins) and until > came:
                found.append(((came - start).total_seconds(), (until - start).total_seconds()))
            moment = came - datetime.timedelta(seconds=1)
        return found[::-1]


def mutes_of(source: Answers) -> list[Mute]:
    """Every mute rule of the account."""
    from localcloud.aws.limits.durations import duration

    found = []
    for summary in source.ask(calls.MUTE_RULES):
        name = str(summary.get("AlarmMuteRuleArn", "")).rpartition(":")[2]
        for rule in source.ask(MUTE_RULE, AlarmMuteRuleName=name):
            schedule = as_map(as_map(rule.get("Rule")).get("Schedule"))
            lasts = duration(str(schedule.get("Duration", "")))
            names = as_map(rule.get("MuteTargets")).get("AlarmNames") or ()
            if lasts is not None and schedule.get("Expression"):
                found.append(
                    Mute(
                        name,
                        frozenset(map(str, names)),
                        str(schedule["Expression"]),
                        str(schedule.get("Timezone") or "UTC"),
                        lasts,
                        rule.get("StartDate"),
                        rule.get("ExpireDate"),
                    )
                )
    return found


def scaled_of(source: Answers, name: str, identity: str, workload: Workload) -> Scaled:
    """The service or group `identity` (`cluster/service`, or a group's name) of a stack; raises CannotRun."""
    subject, missing = subject_of(source, identity)
    answers = running.Account(source, [identity]).answers()
    rows = [*maps(answers["ScalableTargets"]), *maps(answers["AutoScalingGroups"])]
    stopped = {key for key, value in as_map(rows[0].get("SuspendedState")).items() if value is True}
    stopped |= {str(one.get("ProcessName")) for one in maps(rows[0].get("SuspendedProcesses"))}
    if units := sorted(stopped & {*_UNITS}):
        raise CannotRun(
            f"{name}: {' and '.join(units)} is suspended on {subject.identity}, and without it no instance comes or "
            f"goes: `aws autoscaling resume-processes --auto-scaling-group-name {subject.identity} "
            f"--scaling-processes {' '.join(units)}`, then play again"
        )
    policies = _policies(subject, maps(answers["ScalingPolicies"]))
    alarms = _alarms(source, [there for policy in policies.values() for there in policy.alarms.values()])
    muted = _silent(policies, alarms)
    rules = _rules(name, subject, workload, without_schedules=bool(stopped & {*_SCHEDULES}))
    edited, remarks = _edited(rules, policies, alarms, workload.simulated_on)
    notes = [*missing, *(f"not played: {line}" for line in subject.found.left_out if "SuspendedState" not in line)]
    notes += [f"{alarm}: {why}" for alarm, why in muted.items()]
    notes += remarks
    notes += [f"suspended: {one}" for one in sorted(stopped & {*_SUSPENDED, *_SCHEDULES})]
    return Scaled(
        name=name,
        subject=subject,
        rules=rules,
        workload=workload,
        policies=policies,
        suspended=frozenset(one for key in stopped for one in _SUSPENDED.get(key, ())),
        muted=muted,
        edited=edited,
        collected=_collected(source, subject),
        notes=tuple(notes),
    )


def _rules(name: str, subject: Subject, workload: Workload, *, without_schedules: bool) -> Elasticity:
    found = dict(subject.found.settings["elasticity"])
    if without_schedules:
        found.pop("scheduled", None)
    try:
        there = Elasticity.model_validate(found)
    except ValidationError as error:
        lines = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors(include_url=False)]
        raise CannotRun(f"{name}: what stands in the local cloud are no rules:\n" + "\n".join(lines)) from None
    initial = workload.rules.initial
    if initial is not None:
        initial = max(there.minimum, min(there.maximum, initial))
    return there.model_copy(update={"unit": workload.rules.unit, "initial": initial})


def _policies(subject: Subject, rows: Items) -> dict[str, Policy]:
    found: dict[str, Policy] = {}
    for row in rows:
        label = str(row.get("PolicyName"))
        alarms = [str(one.get("AlarmName")) for one in maps(row.get("Alarms"))]
        if label in subject.found.callers:
            found |= {rule: Policy(label, {"Alarm": name}) for rule, name in subject.found.callers[label].items()}
        elif label in subject.found.rule_of:
            sides = {side: name for side in ("AlarmHigh", "AlarmLow") for name in alarms if f"-{side}-" in name}
            found[subject.found.rule_of[label]] = Policy(label, sides)
    return found


def _alarms(source: Answers, names: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The alarms among `names` that are there."""
    found = source.ask(calls.ALARMS, AlarmNames=list(names)) if names else []
    return {str(one.get("AlarmName")): one for one in found}


def _silent(policies: Mapping[str, Policy], there: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """The alarms of policies whose actions never run, and why."""
    names = [name for policy in policies.values() for name in policy.alarms.values()]
    found = {name: "the alarm was deleted: its policy is not called" for name in names if name not in there}
    off = "its actions are switched off: its policy is not called"
    return found | {name: off for name, one in there.items() if one.get("ActionsEnabled") is False}


def _edited(
    rules: Elasticity, policies: Mapping[str, Policy], there: Mapping[str, Mapping[str, Any]], platform: str
) -> tuple[dict[str, Alarm], list[str]]:
    """The alarms of target tracking that stand otherwise than AWS makes them, and what is said of each."""
    from elasticity.alarms import managed_alarms

    found: dict[str, Alarm] = {}
    remarks = []
    for rule, policy in policies.items():
        tracking = rules.target_tracking.get(rule)
        if tracking is None:
            continue
        pair = managed_alarms(platform, float(tracking.target), disable_scale_in=not tracking.scale_in)
        rows = {side: there[name] for side, name in policy.alarms.items() if name in there}
        for side, made in (("AlarmHigh", pair.high), ("AlarmLow", pair.low)):
            if made is None or side not in rows:
                continue
            stands = _as_it_stands(rows[side], made)
            if stands != made:
                found[f"{rule}-{side}"] = stands
                remarks.append(
                    f"{policy.alarms[side]}: edited: {_words(stands)}; made as {_words(made)}; played as it stands"
                )
        looked_at = {tuple(str(row.get(member)) for member in _LOOKED_AT) for row in rows.values()}
        if len(looked_at) > 1:
            remarks.append(
                f"{policy.label}: its alarms look at different metrics: both are played on that of the policy"
            )
    return found, remarks


_LOOKED_AT = ("Namespace", "MetricName", "Statistic", "Dimensions", "Metrics")


def _as_it_stands(row: Mapping[str, Any], made: Alarm) -> Alarm:
    """An alarm there, in whose place AWS made `made`; a threshold that differs in rounding alone is the same."""
    threshold = float(row.get("Threshold", made.threshold))
    periods = int(row.get("EvaluationPeriods") or made.evaluation_periods)
    return dataclasses.replace(
        made,
        threshold=made.threshold if math.isclose(threshold, made.threshold, rel_tol=1e-9) else threshold,
        comparison=row.get("ComparisonOperator", made.comparison),
        evaluation_periods=periods,
        datapoints_to_alarm=int(row.get("DatapointsToAlarm") or periods),
        period=int(row.get("Period") or made.period),
        missing=row.get("TreatMissingData") or "missing",
    )


def _words(alarm: Alarm) -> str:
    return (
        f"{alarm.comparison} {alarm.threshold:g}, {alarm.datapoints_to_alarm} of {alarm.evaluation_periods} periods of "
        f"{alarm.period} s"
    )


def _collected(source: Answers, subject: Subject) -> frozenset[str]:
    if subject.of_instances:
        return frozenset({"group"})
    _, cluster, _ = subject.identity.split("/")
    (found,) = source.ask(CLUSTERS, clusters=[cluster], include=["SETTINGS"]) or [{}]
    on = [one for one in maps(found.get("settings")) if one.get("name") == "containerInsights"]
    return frozenset({"insights"} if on and on[0].get("value") in ("enabled", "enhanced") else ())
