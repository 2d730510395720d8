"""Instance refreshes of Auto Scaling groups, which moto does not have: batch after batch, each as long as the warm-up.

What a refresh has done follows from its start and the clock alone. Whoever asks next brings it up to date, each batch
at its own moment and with random numbers that hang on refresh and batch: a replay of the journal, which holds no reads,
makes the same instances. A new instance is in service at once, so a batch is never missed in the count; the healthy
percentages say how many are replaced at a time.

A checkpoint ends a batch and is waited at, the bake time is waited at the end, and an alarm of the specification ends
the refresh at the moment of its alarm state, or turns it back.

Sources: API InstanceRefresh, RefreshPreferences, RollbackDetails, AlarmSpecification; EC2UG instance-refresh-overview,
asg-adding-checkpoints-instance-refresh. The waiting for protected or standby instances has no effect here.
"""

import itertools
import math
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from moto.autoscaling.models import AutoScalingBackend as Backend
from moto.autoscaling.models import autoscaling_backends
from moto.autoscaling.responses import AutoScalingResponse as Response
from moto.cloudwatch.models import cloudwatch_backends
from moto.core.responses import ActionResult
from moto.moto_api._internal import mock_random

from localcloud.aws.moto_gaps import clock
from localcloud.aws.moto_gaps._patching import Refusal, add
from localcloud.aws.moto_gaps.autoscaling import group_of, launches_from
from localcloud.aws.moto_gaps.seeded import random_of

MINIMUM_HEALTHY: Final = 90
"""Percent, where neither the refresh nor the group's maintenance policy says it (API RefreshPreferences)."""
LAUNCH: Final = (
    "launch_config",
    "launch_configuration_name",
    "launch_template_version",
    "provided_launch_template_version",
    "ec2_launch_template",
    "mixed_instances_policy",
)
"""Attributes of moto's group that say what it launches."""
ACTIVE: Final = ("InProgress", "Baking", "RollbackInProgress")
CHECKPOINT_DELAY: Final = 3_600.0
"""Seconds at each checkpoint, where the refresh does not say it (API RefreshPreferences)."""


@dataclass
class Refresh:
    """One refresh of a group; a rollback goes on in the same one."""

    id: str
    strategy: str
    preferences: dict[str, Any]
    configuration: dict[str, Any] | None
    started: float
    """Seconds since 1970."""
    batches: list[list[str]]
    """Ids of the instances that are replaced at a time."""
    pauses: list[float]
    """Seconds to wait after each batch: at checkpoints."""
    total: int
    """Instances that the refresh is about; with a last checkpoint below 100 % some of them stay."""
    warm_up: float
    launch: dict[str, Any]
    """What the new instances are launched from: attributes of moto's group."""
    status: str = "InProgress"
    ended: float | None = None
    begun: int = 0
    """Batches whose instances have been replaced."""
    made: list[list[str]] = field(default_factory=list)
    """Ids of the new instances, by batch."""
    rollback: dict[str, Any] | None = None
    counted: int = 0
    """Instances updated when the rollback began; without one, they follow from the clock."""
    phase: float = 0.0
    """When the batches at hand began: of the refresh, or of its rollback."""
    bake: float = 0.0
    """Seconds to wait when all is replaced."""
    alarms: tuple[str, ...] = ()
    """Alarms that end the refresh."""
    reason: str | None = None

    def begins(self, batch: int) -> float:
        """When a batch begins: after the warm-ups and checkpoints before it."""
        return self.phase + batch * self.warm_up + sum(self.pauses[:batch])

    def complete(self, moment: float) -> int:
        """Batches whose warm-up has passed."""
        ready = (self.begins(batch) + self.warm_up <= moment for batch in range(len(self.batches)))
        return sum(itertools.takewhile(bool, ready))

    @property
    def end(self) -> float:
        """When all that is to be waited for has passed."""
        return self.begins(len(self.batches)) + (0.0 if self.rollback else self.bake)

    def answer(self, group_name: str, moment: float) -> dict[str, Any]:
        """As DescribeInstanceRefreshes shows it."""
        there = self.complete(self.ended or moment)
        moved = sum(len(batch) for batch in self.batches[:there])
        if self.rollback is None:
            total, updated = self.total, moved
        else:
            total, updated = self.rollback["of"], max(0, self.counted - moved)
        shown = {
            "InstanceRefreshId": self.id,
            "AutoScalingGroupName": group_name,
            "Status": self.status,
            "StatusReason": self.reason,
            "StartTime": _time(self.started),
            "EndTime": None if self.ended is None else _time(self.ended),
            "PercentageComplete": 100 * updated // total if total else 100,
            "InstancesToUpdate": total - updated if self.rollback is None else total - self.counted,
            "Strategy": self.strategy,
            "Preferences": self.preferences,
            "DesiredConfiguration": self.configuration,
        }
        return shown if self.rollback is None else {**shown, "RollbackDetails": self.rollback["details"]}


def _time(moment: float) -> datetime:
    return datetime.fromtimestamp(moment, UTC)


def _refreshes(group: Any) -> list[Refresh]:
    found: list[Refresh] = vars(group).setdefault("instance_refreshes", [])
    return found


def _active(group: Any) -> Refresh:
    for refresh in _refreshes(group)[:1]:
        if refresh.status in ACTIVE:
            return refresh
    raise Refusal(
        "ActiveInstanceRefreshNotFound",
        f"No in progress or pending Instance Refresh found for Auto Scaling group {group.name}",
    )


_backend_of: Any = vars(Response)["autoscaling_backend"].fget


def _up_to_date(self: Any) -> Any:
    """The backend, its refreshes brought to the present: each action of the service begins here."""
    backend = _backend_of(self)
    _advance_all(backend)
    return backend


def bring_up_to_date() -> None:
    """Bring the refreshes of all groups to the present: before a change of any service, which may be about an instance
    that only reads have shown, and reads are not replayed."""
    for account in autoscaling_backends.values():
        for backend in account.values():
            _advance_all(backend)


def _advance_all(backend: Any) -> None:
    for group in list(backend.autoscaling_groups.values()):
        for refresh in _refreshes(group)[:1]:
            if refresh.status in ACTIVE:
                _advance(backend, group, refresh)


setattr(Response, "autoscaling_backend", property(_up_to_date))  # noqa: B010 - a property cannot be assigned for mypy


def _advance(backend: Any, group: Any, refresh: Refresh) -> None:
    now = clock.seconds()
    alarm = _alarm(backend, refresh, now) if refresh.rollback is None else None
    if alarm and alarm[1] < refresh.end:
        now = max(alarm[1], refresh.started)
        _replace_until(backend, group, refresh, now)
        if refresh.preferences.get("AutoRollback") and _can_be_undone(group, refresh):
            _turn_back(group, refresh, now, f"CloudWatch alarm {alarm[0]} is in ALARM state")
            now = clock.seconds()
        else:
            refresh.status, refresh.ended = "Failed", now
            refresh.reason = f"CloudWatch alarm {alarm[0]} is in ALARM state"
            return
    _replace_until(backend, group, refresh, now)
    if now >= refresh.end:
        refresh.ended = refresh.end
        if refresh.rollback is None:
            vars(group).update(refresh.launch)
        refresh.status = "Successful" if refresh.rollback is None else "RollbackSuccessful"
    elif refresh.rollback is None and refresh.complete(now) == len(refresh.batches):
        refresh.status = "Baking"


def _replace_until(backend: Any, group: Any, refresh: Refresh, now: float) -> None:
    phase = "InProgress" if refresh.rollback is None else "RollbackInProgress"
    while refresh.begun < len(refresh.batches) and refresh.begins(refresh.begun) <= now:
        moment = refresh.begins(refresh.begun)
        with clock.standing_at(moment), random_of(f"{refresh.id}/{phase}/{refresh.begun}"):
            refresh.made.append(backend.replace_instances(group, refresh.batches[refresh.begun], refresh.launch))
        refresh.begun += 1


def _alarm(backend: Any, refresh: Refresh, now: float) -> tuple[str, float] | None:
    """The first alarm of the specification that is in ALARM, and since when."""
    known = cloudwatch_backends[backend.account_id][backend.region_name].alarms
    found = [
        (known[name].state_updated_timestamp.replace(tzinfo=UTC).timestamp(), name)
        for name in refresh.alarms
        if name in known and known[name].state_value == "ALARM"
    ]
    return next(((name, since) for since, name in sorted(found) if since <= now), None)


@add(Backend)
def replace_instances(self: Any, group: Any, ids: list[str], launch: dict[str, Any]) -> list[str]:
    """Put new instances, launched from `launch`, in the place of those of `ids` that are still there."""
    old = [state.instance.id for state in group.instance_states if state.instance.id in ids]
    if not old:
        return []
    stayed = {state.instance.id for state in group.instance_states} - set(old)
    before = {name: vars(group).get(name) for name in LAUNCH}
    self.ec2_backend.terminate_instances(old)
    self.elbv2_backend.notify_terminate_instances(old)
    group.instance_states = [state for state in group.instance_states if state.instance.id in stayed]
    vars(group).update(launch)
    try:
        group.replace_autoscaling_group_instances(len(old), group.get_propagated_tags())
    finally:
        vars(group).update(before)
    self.update_attached_elbs(group.name)
    self.update_attached_target_groups(group.name)
    return [state.instance.id for state in group.instance_states if state.instance.id not in stayed]


@add(Response)
def start_instance_refresh(self: Any) -> ActionResult:
    """Begin a refresh; its first batch is replaced at once. By SkipMatching instances stay that do not differ."""
    group, parameters = group_of(self), self._get_params()
    if any(refresh.status in ACTIVE for refresh in _refreshes(group)):
        raise Refusal(
            "InstanceRefreshInProgress",
            "An Instance Refresh is already in progress and blocks the execution of this Instance Refresh.",
        )
    preferences = parameters.get("Preferences", {})
    configuration = parameters.get("DesiredConfiguration")
    launch = _launch(group, configuration or {})
    wanted = _launches_with(group, launch)
    skip = bool(preferences.get("SkipMatching"))
    old = [
        state.instance.id
        for state in group.instance_states
        if not (skip and getattr(state, "launched_from", None) == wanted)
    ]
    now = clock.seconds()
    batches, pauses = _batches(old, _at_a_time(group, preferences), preferences)
    refresh = Refresh(
        str(mock_random.uuid4()),
        parameters.get("Strategy", "Rolling"),
        preferences,
        configuration,
        now,
        batches,
        pauses,
        len(old),
        _warm_up(group, preferences),
        launch,
        phase=now,
        bake=float(preferences.get("BakeTime") or 0),
        alarms=tuple((preferences.get("AlarmSpecification") or {}).get("Alarms") or ()),
    )
    _refreshes(group).insert(0, refresh)
    _advance(self.autoscaling_backend, group, refresh)
    return ActionResult({"InstanceRefreshId": refresh.id})


def _batches(old: list[str], many: int, preferences: dict[str, Any]) -> tuple[list[list[str]], list[float]]:
    """What is replaced at a time, and how long each is waited after: a checkpoint ends a batch."""
    percents = [int(each) for each in preferences.get("CheckpointPercentages") or ()]
    delay = preferences.get("CheckpointDelay")
    if delay is not None and not percents:
        raise Refusal("ValidationError", "CheckpointDelay can only be specified with CheckpointPercentages")
    if percents != sorted(set(percents)) or any(not 1 <= each <= 100 for each in percents):
        raise Refusal("ValidationError", "CheckpointPercentages must be unique numbers of 1 to 100 in ascending order")
    marks = [math.ceil(len(old) * each / 100) for each in percents] or [len(old)]
    wait = CHECKPOINT_DELAY if delay is None else float(delay)
    batches: list[list[str]] = []
    pauses: list[float] = []
    at = 0
    for mark in marks:
        while at < mark:
            batches.append(old[at : min(at + many, mark)])
            at += len(batches[-1])
            pauses.append(wait if at == mark < marks[-1] else 0.0)
    return batches, pauses


def _launch(group: Any, configuration: dict[str, Any]) -> dict[str, Any]:
    """What the group launches, with a desired configuration over it."""
    before = {name: vars(group).get(name) for name in LAUNCH}
    template, policy = configuration.get("LaunchTemplate"), configuration.get("MixedInstancesPolicy")
    if not template and not policy:
        return before
    try:
        group._set_launch_configuration("", template, policy)
        return {name: vars(group).get(name) for name in LAUNCH} | ({"mixed_instances_policy": policy} if policy else {})
    finally:
        vars(group).update(before)


def _launches_with(group: Any, launch: dict[str, Any]) -> tuple[str, str]:
    before = {name: vars(group).get(name) for name in LAUNCH}
    vars(group).update(launch)
    try:
        return launches_from(group)
    finally:
        vars(group).update(before)


def _at_a_time(group: Any, preferences: dict[str, Any]) -> int:
    """Instances replaced at a time: what may be missing of the desired ones, and what may be above them; one at
    least."""
    policy = getattr(group, "InstanceMaintenancePolicy", None) or {}

    def percent(name: str, otherwise: int) -> int:
        asked = preferences.get(name, policy.get(name, otherwise))
        return otherwise if int(asked) < 0 else int(asked)

    desired = len(group.instance_states)
    missing = desired - math.ceil(desired * percent("MinHealthyPercentage", MINIMUM_HEALTHY) / 100)
    above = math.floor(desired * percent("MaxHealthyPercentage", 100) / 100) - desired
    return max(1, missing + above)


def _warm_up(group: Any, preferences: dict[str, Any]) -> float:
    """Of the refresh, of the group, or its grace period."""
    asked = preferences.get("InstanceWarmup", getattr(group, "DefaultInstanceWarmup", None))
    return float(group.health_check_grace_period or 0) if asked is None or int(asked) < 0 else float(asked)


@add(Response)
def describe_instance_refreshes(self: Any) -> ActionResult:
    """A group's refreshes, newest first."""
    ids, group = self._get_param("InstanceRefreshIds", []), group_of(self)
    now = clock.seconds()
    found = [one.answer(group.name, now) for one in _refreshes(group) if not ids or one.id in ids]
    return ActionResult({"InstanceRefreshes": found})


@add(Response)
def cancel_instance_refresh(self: Any) -> ActionResult:
    """End the refresh, or the rollback, in progress; what has been replaced stays so."""
    refresh = _active(group_of(self))
    refresh.status, refresh.ended = "Cancelled", clock.seconds()
    return ActionResult({"InstanceRefreshId": refresh.id})


@add(Response)
def rollback_instance_refresh(self: Any) -> ActionResult:
    """Replace what the refresh in progress has replaced, from what the group launched before it."""
    group = group_of(self)
    refresh = _active(group)
    if refresh.status == "RollbackInProgress" or not _can_be_undone(group, refresh):
        raise Refusal("IrreversibleInstanceRefresh", _IRREVERSIBLE)
    _turn_back(group, refresh, clock.seconds(), "Manual rollback")
    _advance(self.autoscaling_backend, group, refresh)
    return ActionResult({"InstanceRefreshId": refresh.id})


def _turn_back(group: Any, refresh: Refresh, now: float, reason: str) -> None:
    """From now on, replace what has been replaced."""
    shown = refresh.answer(group.name, now)
    details = {
        "RollbackReason": reason,
        "RollbackStartTime": _time(now),
        "PercentageCompleteOnRollback": shown["PercentageComplete"],
        "InstancesToUpdateOnRollback": shown["InstancesToUpdate"],
    }
    refresh.rollback = {"of": refresh.total, "details": details}
    refresh.counted = refresh.total - shown["InstancesToUpdate"]
    refresh.batches = [batch for batch in refresh.made if batch]
    refresh.pauses = [0.0] * len(refresh.batches)
    refresh.launch = {name: vars(group).get(name) for name in LAUNCH}
    refresh.status, refresh.begun, refresh.made, refresh.phase = "RollbackInProgress", 0, [], now


_IRREVERSIBLE: Final = (
    "The Instance Refresh cannot be rolled back: it needs a desired configuration, and launch templates of a numbered "
    "version"
)


def _can_be_undone(group: Any, refresh: Refresh) -> bool:
    """A desired configuration, and no version that moves (API RollbackInstanceRefresh)."""
    return bool(refresh.configuration) and group.launch_template_version not in ("$Latest", "$Default")
