"""Rule sets as people write them, judged by a person before the linter saw any of them: public defaults of Copilot,
CDK, Terraform modules and tutorials, and the slips that public repositories show. Each bad one names its danger.

They decide whether the linter tells the truth. They are not changed to please it; a new one is judged first.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

UNIT = {"capacity": "50/s", "start_up": "60s", "service_time": "100ms", "idle_cpu": 5}
QUEUE = {"name": "jobs", "time_per_message": "250ms"}
VISIBLE = {"namespace": "AWS/SQS", "name": "ApproximateNumberOfMessagesVisible", "dimensions": {"QueueName": "jobs"}}
RUNNING = {"namespace": "ECS/ContainerInsights", "name": "RunningTaskCount"}


@dataclasses.dataclass(frozen=True)
class Judged:
    """One rule set with its context."""

    rules: Mapping[str, Any]
    danger: str = ""
    """What happens with it; empty for a sane one."""
    context: Mapping[str, Any] = dataclasses.field(default_factory=dict)


def tracking(metric: str, target: Any, **rest: Any) -> dict[str, Any]:
    return {metric: {"metric": metric, "target": target, **rest}}


def out(change: int = 1, **rest: Any) -> dict[str, Any]:
    return {"metric": "cpu", "threshold": 70, "steps": [{"from": 0, "change": change}], **rest}


def back(change: int = -1, **rest: Any) -> dict[str, Any]:
    return {
        "metric": "cpu", "threshold": 30, "comparison": "LessThanOrEqualToThreshold",
        "steps": [{"to": 0, "change": change}], "evaluation_periods": 15, **rest,
    }  # fmt: skip


GROUP = {"platform": "ec2_group", "health_check": "ELB", "health_check_grace": "5m", "default_warm_up": "120s"}

BAD: Mapping[str, Judged] = {
    "one size": Judged({"minimum": 2, "maximum": 2, "target_tracking": tracking("cpu", 70)}, "no rule can ever act"),
    "one size, steps": Judged(
        {"minimum": 4, "maximum": 4, "step_scaling": {"hot": out(), "cold": back()}}, "no rule can ever act"
    ),
    "peak of 1,000/s on ten units": Judged(
        {"minimum": 2, "maximum": 10, "target_tracking": tracking("cpu", 60)},
        "the peak is beyond all units together",
        {"peak": 1_000},
    ),
    "peak on requests": Judged(
        {"minimum": 2, "maximum": 8, "target_tracking": tracking("requests_per_target", 1_500)},
        "the peak is beyond all units together",
        {"peak": 420},
    ),
    "scale-in disabled": Judged(
        {"minimum": 2, "maximum": 8, "target_tracking": tracking("cpu", 70, scale_in=False)}, "nothing scales in"
    ),
    "two rules, both never in": Judged(
        {
            "minimum": 2,
            "maximum": 8,
            "target_tracking": {
                **tracking("cpu", 70, scale_in=False),
                **tracking("requests_per_target", 1_500, scale_in=False),
            },
        },
        "nothing scales in",
    ),
    "only a step out": Judged({"minimum": 2, "maximum": 8, "step_scaling": {"hot": out(2)}}, "nothing scales in"),
    "only a step in": Judged({"minimum": 2, "maximum": 8, "step_scaling": {"cold": back()}}, "nothing scales out"),
    "busy when idle": Judged(
        {"minimum": 2, "maximum": 20, "target_tracking": tracking("cpu", 50), "unit": {**UNIT, "idle_cpu": 55}},
        "runs to the maximum without load",
    ),
    "target of four percent": Judged(
        {"minimum": 1, "maximum": 4, "target_tracking": tracking("cpu", 4, scale_in=False)},
        "runs to the maximum without load",
    ),
    "memory that never falls": Judged(
        {
            "minimum": 2,
            "maximum": 12,
            "target_tracking": tracking("memory", 70),
            "unit": {**UNIT, "idle_memory": 80, "full_memory": 95},
        },
        "runs to the maximum without load",
    ),
    "faster than the service": Judged(
        {
            "minimum": 2,
            "maximum": 20,
            "target_tracking": tracking("response_time", "40ms"),
            "unit": {**UNIT, "service_time": "50ms"},
        },
        "no number of units reaches the target",
    ),
    "queue shorter than one message": Judged(
        {
            "minimum": 1,
            "maximum": 20,
            "target_tracking": tracking("queue_delay", "100ms"),
            "queue": QUEUE,
            "unit": {"capacity": "4/s", "start_up": "45s"},
        },
        "less than one message per unit is wanted",
    ),
    "ten thousand requests": Judged(
        {"minimum": 2, "maximum": 10, "target_tracking": tracking("requests_per_target", 10_000)},
        "a unit is full before the rule acts",
    ),
    "target of all messages": Judged(
        {"minimum": 1, "maximum": 20, "target_tracking": tracking("visible", 100), "metrics": {"visible": VISIBLE}},
        "more units do not lower the metric in proportion",
    ),
    "target of all requests": Judged(
        {
            "minimum": 2,
            "maximum": 20,
            "target_tracking": tracking("all_requests", 6_000),
            "metrics": {
                "all_requests": {"namespace": "AWS/ApplicationELB", "name": "RequestCount", "statistic": "Sum"}
            },
        },
        "more units do not lower the metric in proportion",
    ),
    "target of the oldest message": Judged(
        {
            "minimum": 1,
            "maximum": 20,
            "target_tracking": tracking("age", 60),
            "metrics": {"age": {**VISIBLE, "name": "ApproximateAgeOfOldestMessage", "statistic": "Maximum"}},
        },
        "more units do not lower the metric in proportion",
    ),
    "target of a sum of queues": Judged(
        {
            "minimum": 1,
            "maximum": 20,
            "target_tracking": tracking("both", 200),
            "metrics": {
                "first": VISIBLE,
                "second": {**VISIBLE, "dimensions": {"QueueName": "mail"}},
                "both": {"expression": "first + second"},
            },
        },
        "more units do not lower the metric in proportion",
    ),
    "half of it at one datapoint": Judged(
        {
            "minimum": 2,
            "maximum": 20,
            "step_scaling": {
                "hot": out(4),
                "cold": back(-50, adjustment="percent", evaluation_periods=1, threshold=45, cooldown="0s"),
            },
        },
        "one quiet minute takes half of the capacity",
    ),
    "five of ten at one datapoint": Judged(
        {
            "minimum": 2,
            "maximum": 10,
            "step_scaling": {"hot": out(2), "cold": back(-5, evaluation_periods=1, threshold=40)},
        },
        "one quiet minute takes half of the capacity",
    ),
    "steps that meet": Judged(
        {
            "minimum": 2,
            "maximum": 10,
            "step_scaling": {
                "hot": out(threshold=50),
                "cold": back(threshold=60, evaluation_periods=3),
            },
        },
        "both alarms hold in turn, for ever",
    ),
    "slow units, no patience": Judged(
        {
            "minimum": 2,
            "maximum": 40,
            "target_tracking": tracking("cpu", 60, scale_out_cooldown="30s", scale_in_cooldown="300s"),
            "unit": {**UNIT, "start_up": "240s"},
        },
        "acts again before new units are seen, and overshoots",
    ),
    "morning without an evening": Judged(
        {
            "minimum": 2,
            "maximum": 20,
            "target_tracking": tracking("cpu", 60),
            "scheduled": {"morning": {"cron": "0 8 * * MON-FRI", "time_zone": "Europe/Berlin", "minimum": 10}},
        },
        "nothing lowers the minimum again",
    ),
    "a gap above the threshold": Judged(
        {
            "minimum": 2,
            "maximum": 10,
            "step_scaling": {
                "hot": {"metric": "cpu", "threshold": 80, "steps": [{"from": 15, "change": 2}]},
                "cold": back(),
            },
        },
        "the alarm fires and no step applies",
    ),
    "cpu that cannot be passed": Judged(
        {"minimum": 2, "maximum": 10, "target_tracking": tracking("cpu", 100)}, "a unit is full before the rule acts"
    ),
}

SANE: Mapping[str, Judged] = {
    "console defaults": Judged({"minimum": 2, "maximum": 10, "target_tracking": tracking("cpu", 70)}),
    "console defaults, written out": Judged(
        {
            "minimum": 2,
            "maximum": 10,
            "target_tracking": tracking("cpu", 70, scale_in_cooldown="300s", scale_out_cooldown="300s"),
        }
    ),
    "terraform module, two metrics": Judged(
        {
            "minimum": 2,
            "maximum": 10,
            "target_tracking": {**tracking("cpu", 75), **tracking("memory", 75)},
            "unit": {**UNIT, "idle_memory": 40, "full_memory": 75},
        }
    ),
    "cdk, cpu and requests": Judged(
        {
            "minimum": 2,
            "maximum": 10,
            "target_tracking": {**tracking("cpu", 50), **tracking("requests_per_target", 1_000)},
        }
    ),
    "requests alone": Judged({"minimum": 2, "maximum": 20, "target_tracking": tracking("requests_per_target", 1_500)}),
    "requests beside cpu, room for the peak": Judged(
        {
            "minimum": 4,
            "maximum": 30,
            "target_tracking": {**tracking("cpu", 60), **tracking("requests_per_target", 1_500)},
        },
        context={"peak": 600},
    ),
    "copilot worker": Judged(
        {
            "minimum": 1,
            "maximum": 50,
            "target_tracking": tracking("queue_delay", "60s"),
            "queue": QUEUE,
            "unit": {"capacity": "4/s", "start_up": "45s"},
        }
    ),
    "worker that sleeps": Judged(
        {
            "minimum": 0,
            "maximum": 10,
            "target_tracking": tracking("queue_delay", "5m"),
            "queue": {**QUEUE, "time_per_message": "10s"},
            "unit": {"capacity": "6/min", "start_up": "60s"},
        }
    ),
    "office hours": Judged(
        {
            "minimum": 2,
            "maximum": 20,
            "target_tracking": tracking("cpu", 60),
            "scheduled": {
                "morning": {"cron": "30 7 * * MON-FRI", "time_zone": "Europe/Berlin", "minimum": 8},
                "evening": {"cron": "0 19 * * MON-FRI", "time_zone": "Europe/Berlin", "minimum": 2},
            },
        }
    ),
    "steps both ways": Judged(
        {
            "minimum": 2,
            "maximum": 12,
            "step_scaling": {
                "hot": out(steps=[{"from": 0, "to": 15, "change": 2}, {"from": 15, "change": 4}]),
                "cold": back(),
            },
        }
    ),
    "percent steps": Judged(
        {
            "minimum": 4,
            "maximum": 40,
            "step_scaling": {
                "hot": out(50, adjustment="percent", threshold=60, minimum_adjustment=2),
                "cold": back(-10, adjustment="percent", threshold=25, minimum_adjustment=1),
            },
        }
    ),
    "tutorial group": Judged({"minimum": 2, "maximum": 3, "target_tracking": tracking("cpu", 40)}, context=GROUP),
    "group on requests": Judged(
        {"minimum": 2, "maximum": 12, "target_tracking": tracking("requests_per_target", 1_200, warm_up="180s")},
        context=GROUP,
    ),
    "group with steps": Judged(
        {"minimum": 3, "maximum": 12, "step_scaling": {"hot": out(2), "cold": back()}}, context={**GROUP, "zones": 3}
    ),
    "memory that follows load": Judged(
        {
            "minimum": 2,
            "maximum": 12,
            "target_tracking": tracking("memory", 70),
            "unit": {**UNIT, "idle_memory": 25, "full_memory": 90},
        }
    ),
    "response time only ever adds": Judged(
        {
            "minimum": 2,
            "maximum": 16,
            "target_tracking": {**tracking("cpu", 60), **tracking("response_time", "500ms", scale_in=False)},
        }
    ),
    "requests add, cpu removes": Judged(
        {
            "minimum": 2,
            "maximum": 16,
            "target_tracking": {**tracking("requests_per_target", 1_800, scale_in=False), **tracking("cpu", 55)},
        }
    ),
    "forecast watched": Judged(
        {
            "minimum": 2,
            "maximum": 16,
            "target_tracking": tracking("cpu", 60),
            "predictive": {"ahead": {"metric": "cpu", "target": 60}},
        }
    ),
    "backlog per task by metric math": Judged(
        {
            "minimum": 1,
            "maximum": 20,
            "target_tracking": tracking("each", 100),
            "metrics": {
                "visible": VISIBLE,
                "running": RUNNING,
                "each": {"expression": "visible / IF(running > 0, running, 1)"},
            },
            "unit": {"capacity": "4/s", "start_up": "45s"},
        }
    ),
    "connections of a task": Judged(
        {
            "minimum": 2,
            "maximum": 20,
            "target_tracking": tracking("connections", 200),
            "metrics": {"connections": {"namespace": "Shop", "name": "ConnectionsPerTask"}},
        }
    ),
    "cdk queue processing": Judged(
        {
            "minimum": 1,
            "maximum": 10,
            "target_tracking": tracking("cpu", 50),
            "step_scaling": {
                "more": {
                    "metric": "visible",
                    "threshold": 100,
                    "evaluation_periods": 1,
                    "steps": [{"from": 0, "to": 400, "change": 1}, {"from": 400, "change": 5}],
                },
                "fewer": {
                    "metric": "visible",
                    "threshold": 0,
                    "comparison": "LessThanOrEqualToThreshold",
                    "evaluation_periods": 1,
                    "steps": [{"to": 0, "change": -1}],
                },
            },
            "metrics": {"visible": VISIBLE},
            "queue": QUEUE,
            "unit": {"capacity": "4/s", "start_up": "45s"},
        }
    ),
    "no rules, one size": Judged({"minimum": 3, "maximum": 3}),
    "room for the peak": Judged(
        {"minimum": 3, "maximum": 20, "target_tracking": tracking("cpu", 50)}, context={"peak": 400, "zones": 3}
    ),
    "one person's": Judged(
        {"minimum": 1, "maximum": 4, "target_tracking": tracking("cpu", 75)}, context={"environment": "development"}
    ),
}
