"""What the rows of the vectors ask, answered by `step` of the autoscaler: rules, datapoints and counts are set up as a
row describes them, and what is desired afterwards is the answer.

A row is left out with a reason where the question never comes up in a decision.
"""

from __future__ import annotations

import dataclasses
import datetime
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from elasticity.autoscaler import layout
from elasticity.autoscaler.autoscaler import AutoscalerState, Counts, Decision, begin, step
from elasticity.platforms import platform_parameters
from elasticity.rules import Elasticity

START = datetime.datetime(2026, 1, 5, tzinfo=datetime.UTC)
MOST = 100_000
"""The largest maximum that rules may have."""
HIGH, LOW = 3, 15
"""Minutes above a target, and below its low threshold, until a tracking policy runs."""


class NotDecidedError(Exception):
    """No decision can show what the row says; the text is the reason."""


def begun(
    rules: Elasticity, start: datetime.datetime, *, platform: str = "ecs_service", **given: Any
) -> AutoscalerState:
    """A first state whose scale-in goes as far as the formula, which is what the rows are about; managed scaling has a
    documented share of its own."""
    known = platform_parameters(platform)
    if not known.behaviour.by_reservation:
        known = known.with_values(max_scale_in_fraction=1.0)
    return begin(rules, start, platform=platform, parameters=known, **given)


def rules_of(minimum: int | None = None, maximum: int | None = None, **rules: Any) -> Elasticity:
    """Rules on metrics `m0`, `m1`, ... that no unit bounds; without bounds from 0 to more than any row wants."""
    names = [f"m{place}" for place in range(8)]
    return Elasticity.model_validate(
        {
            "minimum": minimum or 0,
            "maximum": MOST if maximum is None else maximum,
            "metrics": {name: {"namespace": "Vectors", "name": name} for name in names},
            **rules,
        }
    )


def fed(state: AutoscalerState, series: Sequence[Mapping[str, float | None]], counts: Counts) -> list[Decision]:
    """The decisions at the end of each minute, after its datapoints; None is a missing one."""
    made = []
    for points in series:
        given = {(name, 60): math.nan if value is None else float(value) for name, value in points.items()}
        made.append(step(state, state.now + 60, given, counts))
        state = made[-1].state
    return made


def first_action(made: Sequence[Decision], before: int) -> int:
    """What is desired after the first decision that changes anything."""
    return next((one.desired for one in made if one.desired != before), before)


def target_tracking_capacity(
    current: int, metric: float | None, target: float, minimum: int | None = None, maximum: int | None = None
) -> int:
    if metric is not None and 0.9 * target <= metric <= target:
        raise NotDecidedError("between low threshold and target no alarm asks")
    if metric is not None and current * metric / target > MOST:
        raise NotDecidedError("more units than any maximum allows")
    rules = rules_of(minimum, maximum, target_tracking={"t": {"metric": "m0", "target": float(target)}})
    state = begun(rules, START, desired=int(current))
    return first_action(fed(state, [{"m0": metric}] * LOW, Counts(int(current))), int(current))


def tracking_scenario(
    platform: str,
    current: int,
    target: float,
    series: Sequence[float | None],
    minimum: int | None = None,
    maximum: int | None = None,
    disable_scale_in: bool = False,
) -> int:
    rule = {"metric": "m0", "target": float(target), "scale_in": not disable_scale_in}
    state = begun(rules_of(minimum, maximum, target_tracking={"t": rule}), START, platform=platform, desired=current)
    return first_action(fed(state, [{"m0": point} for point in series], Counts(current)), current)


def step_rule(policy: Mapping[str, Any], metric: float, name: str = "m0") -> dict[str, Any]:
    """The rule that a metric runs: a policy in AWS has one alarm, so the side of the threshold chooses the steps."""
    comparison = policy.get("comparison")
    out = metric >= policy["threshold"] if comparison is None else comparison.startswith("Greater")
    steps = policy.get("steps") or [*policy.get("out_steps", []), *policy.get("in_steps", [])]
    kinds = {"ChangeInCapacity": "change", "PercentChangeInCapacity": "percent", "ExactCapacity": "exact"}
    return {
        "metric": name,
        "threshold": float(policy["threshold"]),
        "comparison": comparison or ("GreaterThanOrEqualToThreshold" if out else "LessThanOrEqualToThreshold"),
        "evaluation_periods": 1,
        "adjustment": kinds[policy["adjustment_type"]],
        "minimum_adjustment": policy.get("min_adjustment_magnitude") or None,
        "steps": [{"from": one.get("lower"), "to": one.get("upper"), "change": one["change"]} for one in steps],
    }


def runs(policy: Mapping[str, Any], metric: float) -> bool:
    """Whether the policy's alarm is in ALARM at `metric`."""
    comparison = policy.get("comparison")
    if comparison is None:
        return True
    holds = metric > policy["threshold"] if comparison.startswith("Greater") else metric < policy["threshold"]
    return holds or (comparison.endswith("OrEqualToThreshold") and metric == policy["threshold"])


def step_capacity(
    current: int,
    metric: float | None,
    policy: Mapping[str, Any],
    minimum: int | None = None,
    maximum: int | None = None,
) -> int:
    if metric is not None and not runs(policy, metric):
        raise NotDecidedError("the alarm does not fire at this metric")
    rule = step_rule(policy, policy["threshold"] if metric is None else metric)
    state = begun(rules_of(minimum, maximum, step_scaling={"s": rule}), START, desired=current)
    return fed(state, [{"m0": metric}], Counts(current))[-1].desired


def warming_step(
    baseline: int,
    desired: int,
    metric: float,
    policy: Mapping[str, Any],
    minimum: int | None = None,
    maximum: int | None = None,
) -> int:
    rules = rules_of(minimum, maximum, step_scaling={"s": step_rule(policy, metric)})
    state = begun(rules, START, platform="ec2_group", desired=desired)
    return fed(state, [{"m0": metric}], Counts(desired, warming=desired - baseline))[-1].desired


def change(amount: int, name: str, cooldown: str | None = "10m") -> dict[str, Any]:
    """A step rule that adds (above 50) or removes (below 50) so many units at once."""
    side = {"from": 0.0} if amount >= 0 else {"to": 0.0}
    return {
        "metric": name,
        "threshold": 50.0,
        "comparison": "GreaterThanThreshold" if amount >= 0 else "LessThanThreshold",
        "evaluation_periods": 1,
        "steps": [{**side, "change": amount}],
        **({"cooldown": cooldown} if cooldown else {}),
    }


def beyond(amount: int) -> float:
    """A metric at which `change` acts."""
    return 60.0 if amount >= 0 else 40.0


def cooldown_capacity(desired: int, baseline: int, adjustment: int) -> int:
    """On a service whose running cooldown has added the difference, and on a group where so many units warm up."""
    rules = rules_of(
        step_scaling={"before": change(desired - baseline, "m0"), "now": change(adjustment, "m1")},
    )
    service = begun(rules, START, desired=baseline)
    if desired > baseline:
        service = fed(service, [{"m0": 60.0, "m1": 50.0}], Counts(baseline))[-1].state
    after = fed(service, [{"m0": 50.0, "m1": beyond(adjustment)}], Counts(desired))[-1].desired
    alone = rules_of(step_scaling={"now": change(adjustment, "m1", None)})
    group = begun(alone, START, platform="ec2_group", desired=desired)
    counts = Counts(desired, warming=desired - baseline)
    warmed = fed(group, [{"m1": beyond(adjustment)}], counts)[-1].desired
    if warmed != after:
        raise AssertionError(f"a service asks for {after}, a group for {warmed}: one arithmetic")
    return after


def ecs_step(desired: int, running: int, minimum: int, maximum: int, alarm: str, change: int) -> int:
    high = alarm == "high"
    rule = {
        "metric": "m0",
        "threshold": 50.0,
        "comparison": "GreaterThanThreshold" if high else "LessThanThreshold",
        "evaluation_periods": 1,
        "steps": [{"from" if high else "to": 0.0, "change": change}],
    }
    state = begun(rules_of(minimum, maximum, step_scaling={"s": rule}), START, desired=desired)
    return fed(state, [{"m0": 60.0 if high else 40.0}], Counts(running))[-1].desired


def combine(
    platform: str,
    current: int,
    policies: Sequence[Mapping[str, Any]],
    minimum: int | None = None,
    maximum: int | None = None,
) -> int:
    rules: dict[str, dict[str, Any]] = {"target_tracking": {}, "step_scaling": {}}
    points: dict[str, float | None] = {}
    for place, policy in enumerate(policies):
        kind, alarm, capacity = policy["kind"], str(policy.get("alarm") or "ok").lower(), policy.get("capacity")
        name = f"m{place}"
        if kind not in ("target_tracking", "step"):
            raise NotDecidedError(f"`step` knows no {kind} policy")
        if kind == "step":
            if policy.get("scale_in") is False:
                raise NotDecidedError("a step policy has no scale-in to disable")
            side = "GreaterThanThreshold" if alarm == "high" else "LessThanThreshold"
            side_step = {"from": 0.0} if alarm == "high" else {"to": 0.0}
            rules["step_scaling"][f"p{place}"] = {
                "metric": name, "threshold": 50.0, "comparison": side, "evaluation_periods": 15,
                "adjustment": "exact", "steps": [{**side_step, "change": capacity or 0}],
            }  # fmt: skip
            acts = capacity is not None and alarm in ("high", "low")
            points[name] = 50.0 if not acts else 60.0 if alarm == "high" else 40.0
            continue
        rules["target_tracking"][f"p{place}"] = {
            "metric": name, "target": 100.0, "scale_in": policy.get("scale_in") is not False,
        }  # fmt: skip
        points[name] = _metric_for(current, capacity, alarm)
    state = begun(rules_of(minimum, maximum, **rules), START, platform=platform, desired=current)
    return first_action(fed(state, [points] * LOW, Counts(current)), current)


def _metric_for(current: int, capacity: int | None, alarm: str) -> float | None:
    """A metric at which tracking of 100 is in this alarm and computes this capacity."""
    if alarm == "insufficient_data":
        return None
    if alarm == "ok" or capacity is None:
        return 95.0
    metric = 100.0 * (capacity - 0.5) / current if capacity else 0.0
    if alarm == "high" and metric <= 100.0:
        raise NotDecidedError("above its target tracking never computes fewer units")
    if alarm == "low" and metric >= 70.0:
        metric = 100.0 * (capacity - 0.999) / current
        if metric >= 70.0:
            raise NotDecidedError("below its low threshold tracking never computes so many units")
    return metric


def managed_alarm_states(
    platform: str, target: float, series: Sequence[float | None], disable_scale_in: bool = False
) -> dict[str, str | None]:
    rule = {"metric": "m0", "target": float(target), "scale_in": not disable_scale_in}
    state = begun(rules_of(target_tracking={"t": rule}), START, platform=platform, desired=10)
    for decision in fed(state, [{"m0": point} for point in series], Counts(10)):
        state = decision.state
    names = {layout.OK: "OK", layout.ALARM: "ALARM", layout.INSUFFICIENT: "INSUFFICIENT_DATA"}
    states = {row.raises: names[state.kernel.alarm[place]] for place, row in enumerate(state.alarms)}
    return {"high": states[1], "low": states.get(0)}


def gate(platform: str, event: str, running: str | None) -> dict[str, Any]:
    amounts = {"scale_out_alarm": 9, "scale_in_alarm": -2}
    before = {"scale_out_cooldown": 3, "scale_in_cooldown": -3}.get(running or "", 0)
    if platform == "capacity_provider":
        raise NotDecidedError("managed scaling is the plant's")
    if running not in (None, "scale_out_cooldown", "scale_in_cooldown", "deployment", "warm_up"):
        raise NotDecidedError(f"rules know no {running}")
    if event not in ("scheduled_action", *amounts):
        raise NotDecidedError(f"no rule makes a {event}")
    amount = amounts.get(event, 0)
    scheduled = {"at": "2026-01-05T00:02:00", "time_zone": "UTC", "minimum": 50}
    cooldown = "10m" if platform == "ecs_service" else None
    rules = rules_of(
        step_scaling={"before": change(before, "m0", cooldown), "now": change(amount, "m1", cooldown)},
        scheduled={"due": scheduled} if event == "scheduled_action" else {},
    )
    counts = Counts(20, warming=4 if running == "warm_up" else 0, deploying=running == "deployment")
    state = begun(rules, START, platform=platform, desired=20)
    ran = fed(state, [{"m0": beyond(before) if before else 50.0, "m1": 50.0}] * 2, counts)[-1]
    counts = dataclasses.replace(counts, serving=ran.desired)
    now = fed(ran.state, [{"m0": 50.0, "m1": beyond(amount) if amount else 50.0}], counts)[-1]
    allowed, cancels = now.desired != ran.desired, None
    if allowed and event == "scale_out_alarm" and running == "scale_in_cooldown":
        cancels = "scale_in_cooldown" if now.state.kernel.in_until <= now.state.now else None
    return {"allowed": allowed, "cancels": cancels}


def scheduled_action(
    platform: str, minimum: int, maximum: int, desired: int, action: Mapping[str, int | None]
) -> dict[str, int]:
    if not any(value is not None for value in action.values()):
        raise NotDecidedError("a schedule that sets nothing is no rule")
    due = {"at": "2026-01-05T00:01:00", "time_zone": "UTC", **action}
    state = begun(rules_of(minimum, maximum, scheduled={"due": due}), START, platform=platform, desired=desired)
    decision = step(state, 60, {}, Counts(desired))
    return {"minimum": decision.bounds[0], "maximum": decision.bounds[1], "capacity": decision.desired}


def scheduled_end(
    platform: str, before: Mapping[str, int], action: Mapping[str, int | None], end_reached: bool
) -> dict[str, int]:
    end = "2026-01-05T00:05:00Z"
    due = {"cron": "1 0 * * *", "time_zone": "UTC", **action, **({"end": end} if end_reached else {})}
    state = begun(rules_of(before["minimum"], before["maximum"], scheduled={"due": due}), START, platform=platform)
    state = step(state, 60, {}, Counts(before["minimum"])).state
    low, high = step(state, 3_600, {}, Counts(before["minimum"])).bounds
    return {"minimum": low, "maximum": high}


DECIDED: Mapping[str, Callable[..., Any]] = {
    "combine": combine,
    "cooldown_capacity": cooldown_capacity,
    "ecs_step": ecs_step,
    "gate": gate,
    "managed_alarm_states": managed_alarm_states,
    "scheduled_action": scheduled_action,
    "scheduled_end": scheduled_end,
    "step_capacity": step_capacity,
    "target_tracking_capacity": target_tracking_capacity,
    "tracking_scenario": tracking_scenario,
    "warming_step": warming_step,
}
