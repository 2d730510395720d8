"""Rules against golden files: every rule kind on every platform that can hold it.

It cannot prove that AWS accepts a resource, only that it is the one that was looked at: each golden file was read by a
person when it was written. After a wanted change: `python -m tests.components.test_scaling` writes them anew.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from components.scaling import (
    BalancedTarget,
    GroupContext,
    Joined,
    ProviderContext,
    Reference,
    ScalingResource,
    ServiceContext,
    translate,
)
from elasticity.rules import Elasticity

GOLDEN = Path(__file__).parent / "golden" / "scaling"

BALANCED = BalancedTarget("app/web/50dc6c49", "targetgroup/web/73e2d6bc")
SECOND = BalancedTarget("app/web/50dc6c49", "targetgroup/admin/9ab01234")
GRADUAL = BalancedTarget("app/web/50dc6c49", "targetgroup/web/73e2d6bc", "targetgroup/web-alt/84f3e7cd")

SERVICE = ServiceContext("main", "web", (BALANCED,))
WORKER = ServiceContext("main", "worker")
GROUP = GroupContext("fleet", (BALANCED,))
PROVIDER = ProviderContext("fleet", "arn:aws:autoscaling:eu-central-1:123456789012:autoScalingGroup:1:fleet")

BOUNDS = {"minimum": 2, "maximum": 12}
QUEUE = {"queue": {"name": "jobs", "time_per_message": "2s"}}
DEPTH = {
    "depth": {"namespace": "Jobs", "name": "Depth", "dimensions": {"Service": "${service}", "Cluster": "${cluster}"}},
    "slow": {"namespace": "Jobs", "name": "Duration", "dimensions": {"Zone": "all"}, "statistic": "p90"},
    "done": {"namespace": "Jobs", "name": "Done", "statistic": "Sum"},
    "twice": {"expression": "depth * 2"},
    "ratio": {"expression": "IF(done > 0, twice / done, twice)"},
}
GROUP_DEPTH = {**DEPTH, "depth": {"namespace": "Jobs", "name": "Depth", "dimensions": {"Group": "${group}"}}}
AGENT = {
    "memory_used": {
        "namespace": "CWAgent",
        "name": "mem_used_percent",
        "dimensions": {"AutoScalingGroupName": "${group}"},
    }
}
RESERVATION = {"used": {"namespace": "AWS/ECS/ManagedScaling", "name": "CapacityProviderReservation"}}
OFFICE = {"cron": "0 8 * * MON-FRI", "time_zone": "Europe/Berlin", "minimum": 6}
STEPS = [{"from": 0, "to": 20, "change": 1}, {"from": 20, "change": 3}]
REQUESTS = {"metric": "requests_per_target", "target": 800}
DELAY = {"metric": "queue_delay", "target": "5m"}


def tracking(**rule: Any) -> dict[str, Any]:
    return {**BOUNDS, "target_tracking": {"rule": rule}}


def stepping(**rule: Any) -> dict[str, Any]:
    return {**BOUNDS, "step_scaling": {"rule": {"steps": STEPS, **rule}}}


def scheduled(**rule: Any) -> dict[str, Any]:
    return {**BOUNDS, "scheduled": {"rule": rule}}


def predictive(**rule: Any) -> dict[str, Any]:
    return {**BOUNDS, "predictive": {"rule": rule}}


CASES: dict[str, tuple[dict[str, Any], Any]] = {
    "service-cpu": (
        tracking(metric="cpu", target=55, scale_in_cooldown="5m", scale_out_cooldown="60s"),
        SERVICE,
    ),
    "service-cpu-plain": (tracking(metric="cpu", target=55), WORKER),
    "service-memory-out-only": (tracking(metric="memory", target=70, scale_in=False), SERVICE),
    "service-requests": (tracking(**REQUESTS), SERVICE),
    "service-requests-blue-green": (tracking(**REQUESTS), ServiceContext("main", "web", (GRADUAL,))),
    "service-requests-two-groups": (tracking(**REQUESTS), ServiceContext("main", "web", (BALANCED, SECOND))),
    "service-response-time": (tracking(metric="response_time", target="250ms"), SERVICE),
    "service-response-time-blue-green": (
        tracking(metric="response_time", target="250ms"),
        ServiceContext("main", "web", (GRADUAL,)),
    ),
    "service-queue": ({**tracking(**DELAY), **QUEUE}, WORKER),
    "service-queue-from-zero": (
        {**tracking(**DELAY), **QUEUE, "minimum": 0, "unit": {"start_up": "90s"}},
        WORKER,
    ),
    "service-queue-zero-at-night": (
        {**tracking(**DELAY), **QUEUE, "scheduled": {"night": {**OFFICE, "minimum": 0}}},
        WORKER,
    ),
    "service-declared": ({**tracking(metric="depth", target=40), "metrics": DEPTH}, WORKER),
    "service-declared-percentile": ({**tracking(metric="slow", target=3), "metrics": DEPTH}, WORKER),
    "service-metric-math": ({**tracking(metric="ratio", target=4.5), "metrics": DEPTH}, WORKER),
    "service-step": (
        stepping(metric="cpu", threshold=60, cooldown="2m", missing_data="notBreaching", datapoints_to_alarm=2),
        SERVICE,
    ),
    "service-step-percent-down": (
        stepping(
            metric="memory",
            threshold=30,
            comparison="LessThanThreshold",
            adjustment="percent",
            minimum_adjustment=2,
            steps=[{"to": 0, "change": -25}],
            evaluation_periods=15,
            period="5m",
            aggregation="Maximum",
        ),
        SERVICE,
    ),
    "service-step-queue": (
        {
            **stepping(
                metric="queue_delay",
                threshold="30s",
                steps=[{"from": "0s", "to": "60s", "change": 1}, {"from": "60s", "change": 3}],
            ),
            **QUEUE,
        },
        WORKER,
    ),
    "service-step-percentile": ({**stepping(metric="slow", threshold=3), "metrics": DEPTH}, WORKER),
    "service-step-metric-math": ({**stepping(metric="ratio", threshold=4), "metrics": DEPTH}, WORKER),
    "service-step-requests-blue-green": (
        stepping(metric="requests_per_target", threshold=900, adjustment="exact", steps=[{"from": 0, "change": 9}]),
        ServiceContext("main", "web", (GRADUAL,)),
    ),
    "service-scheduled": (scheduled(**OFFICE), SERVICE),
    "service-scheduled-six-fields": (
        scheduled(cron="0 8 ? * MON#1 *", time_zone="Europe/Berlin", minimum=0, maximum=20),
        SERVICE,
    ),
    "service-scheduled-at": (
        scheduled(at="2026-12-24T18:00:00", time_zone="Europe/Berlin", maximum=30),
        SERVICE,
    ),
    "service-scheduled-rate": (
        scheduled(
            rate="5 minutes",
            time_zone="UTC",
            maximum=30,
            start="2026-12-01T08:00:00+01:00",
            end="2026-12-31T08:00:00+01:00",
        ),
        SERVICE,
    ),
    "service-predictive-cpu": (predictive(metric="cpu", target=55), SERVICE),
    "service-predictive-requests": (
        predictive(
            metric="requests_per_target",
            target=800,
            mode="forecast_and_scale",
            buffer="10m",
            maximum_breach="increase",
            maximum_buffer=10,
        ),
        SERVICE,
    ),
    "group-cpu": (tracking(metric="cpu", target=55, warm_up="2m"), GROUP),
    "group-cpu-plain": (tracking(metric="cpu", target=55, scale_in=False), GroupContext("fleet")),
    "group-memory-by-agent": ({**tracking(metric="memory_used", target=70), "metrics": AGENT}, GROUP),
    "group-requests": (tracking(**REQUESTS), GROUP),
    "group-requests-two-groups": (tracking(**REQUESTS), GroupContext("fleet", (BALANCED, SECOND))),
    "group-response-time": (tracking(metric="response_time", target="250ms"), GROUP),
    "group-queue-from-zero": ({**tracking(**DELAY), **QUEUE, "minimum": 0}, GroupContext("fleet")),
    "group-declared": ({**tracking(metric="depth", target=40), "metrics": GROUP_DEPTH}, GROUP),
    "group-metric-math": ({**tracking(metric="ratio", target=4.5), "metrics": GROUP_DEPTH}, GROUP),
    "group-step": (stepping(metric="cpu", threshold=60, warm_up="3m"), GROUP),
    "group-step-percent": (
        stepping(metric="cpu", threshold=60, adjustment="percent", minimum_adjustment=1),
        GROUP,
    ),
    "group-scheduled": (scheduled(**OFFICE), GROUP),
    "group-scheduled-weekend": (
        scheduled(
            cron="30 7 1-7 jan,JUL *",
            time_zone="Europe/Berlin",
            maximum=4,
            desired=3,
            start="2026-12-01T08:00:00+01:00",
            end="2026-12-31T08:00:00+01:00",
        ),
        GROUP,
    ),
    "group-scheduled-at": (
        scheduled(at="2026-07-24T18:00:00", time_zone="Europe/Berlin", minimum=0),
        GROUP,
    ),
    "service-cpu-fine": (tracking(metric="cpu", target=50, metric_period="20s"), SERVICE),
    "service-memory-fine": (tracking(metric="memory", target=70, metric_period="20s"), SERVICE),
    "group-cpu-fine": (tracking(metric="cpu", target=50, metric_period="20s"), GROUP),
    "group-predictive-cpu": (predictive(metric="cpu", target=55), GROUP),
    "group-predictive-requests": (
        predictive(metric="requests_per_target", target=800, maximum_breach="increase", maximum_buffer=10),
        GROUP,
    ),
    "provider-bounds": (BOUNDS, PROVIDER),
    "provider-reservation": (
        {**tracking(metric="used", target=80, warm_up="4m"), "metrics": RESERVATION},
        ProviderContext("fleet", PROVIDER.group_arn, managed_draining=False, managed_termination_protection=False),
    ),
    "provider-scheduled": (scheduled(**OFFICE), PROVIDER),
}


def readable(value: Any) -> Any:
    """Planned resources as JSON: joined texts put together, references as `<type of the other> role output`."""
    if isinstance(value, ScalingResource):
        return {"type": value.type, "role": value.role, "inputs": readable(value.inputs)}
    if isinstance(value, Joined):
        return "".join(value.parts)
    if isinstance(value, Reference):
        return f"<{value.type} {value.role} {value.output}>"
    if isinstance(value, dict):
        return {key: readable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [readable(item) for item in value]
    return value


def planned(case: str) -> str:
    rules, context = CASES[case]
    resources = translate(Elasticity.model_validate(rules), context).resources
    return json.dumps([readable(resource) for resource in resources], indent=2, ensure_ascii=False) + "\n"


@pytest.mark.parametrize("case", CASES)
def test_rules_become_the_golden_resources(case):
    assert planned(case) == (GOLDEN / f"{case}.json").read_text(encoding="utf-8")


def test_every_golden_file_has_its_case():
    assert {path.stem for path in GOLDEN.glob("*.json")} == CASES.keys()


def test_no_input_is_none():
    def nothing(value: Any) -> bool:
        if isinstance(value, dict):
            return any(map(nothing, value.values()))
        return any(map(nothing, value)) if isinstance(value, list) else value is None

    assert [case for case in CASES if nothing(json.loads(planned(case)))] == []


def test_no_resource_of_a_queue_rule_is_a_function():
    resources = json.loads(planned("service-queue-from-zero"))
    assert [(each["type"], each["role"]) for each in resources] == [
        ("aws:appautoscaling/target:Target", "scalable-target"),
        ("aws:appautoscaling/policy:Policy", "rule"),
        ("aws:appautoscaling/policy:Policy", "wake"),
        ("aws:cloudwatch/metricAlarm:MetricAlarm", "wake"),
    ]


def test_a_queue_that_never_meets_zero_units_needs_no_wake_step():
    assert "wake" not in planned("service-queue")


def test_a_schedule_that_lowers_the_minimum_to_zero_brings_the_wake_step():
    assert '"role": "wake"' in planned("service-queue-zero-at-night")


if __name__ == "__main__":
    for name in CASES:
        (GOLDEN / f"{name}.json").write_text(planned(name), encoding="utf-8")
    sys.stdout.write(f"{len(CASES)} golden files written\n")
