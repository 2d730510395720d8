"""What a platform cannot hold, each refusal in full: the place, the reason, the cure.

It cannot prove that AWS would refuse the same: that was read in AWS's documentation.
"""

from __future__ import annotations

import pytest

from components.scaling import BalancedTarget, GroupContext, RefusedRulesError, ServiceContext, refusals_of, translate
from elasticity.checks import check
from elasticity.rules import Elasticity
from tests.components.test_scaling import (
    BALANCED,
    BOUNDS,
    GROUP,
    PROVIDER,
    QUEUE,
    SECOND,
    SERVICE,
    STEPS,
    WORKER,
    predictive,
    scheduled,
    stepping,
    tracking,
)

NO_INSIGHTS = ServiceContext("main", "worker", container_insights=False)
FLEET = GroupContext("fleet")
TWO_GROUPS = ServiceContext("main", "web", (BALANCED, SECOND))
BLUE_GREEN = ServiceContext("main", "web", (BalancedTarget("app/web/1", "targetgroup/a/1", "targetgroup/b/2"),))
OF_TEN = {f"m{index}": {"namespace": "Jobs", "name": f"N{index}"} for index in range(1, 11)}
SLOW = {"slow": {"namespace": "Jobs", "name": "Depth", "period": "5m"}}

FIGHTS = "ECS sizes this group by the tasks that want to run, and a policy of its own would fight that (EL043)"
MOVE = "move the rule to the services that run on it: the group follows their tasks"
FIVE = "write minute hour day-of-month month day-of-week, such as `0 8 * * MON-FRI`"
NO_WARM_UP = "an ECS service has cooldowns, no warm-up: a task counts as soon as it runs"
NO_COOLDOWN = (
    "an Auto Scaling group waits for its instances to warm up, not for a cooldown; "
    "give `warm_up`, or leave both out for the group's default warm-up"
)

REFUSED = {
    "a warm-up of a service's tracking rule": (
        tracking(metric="cpu", target=50, warm_up="1m"),
        SERVICE,
        f"target_tracking.rule.warm_up: {NO_WARM_UP}; give `scale_out_cooldown` instead",
    ),
    "a warm-up of a service's step rule": (
        stepping(metric="cpu", threshold=50, warm_up="1m"),
        SERVICE,
        f"step_scaling.rule.warm_up: {NO_WARM_UP}; give `cooldown` instead",
    ),
    "a scale-in cooldown of a group": (
        tracking(metric="cpu", target=50, scale_in_cooldown="1m"),
        GROUP,
        f"target_tracking.rule.scale_in_cooldown: {NO_COOLDOWN}",
    ),
    "a scale-out cooldown of a group": (
        tracking(metric="cpu", target=50, scale_out_cooldown="1m"),
        GROUP,
        f"target_tracking.rule.scale_out_cooldown: {NO_COOLDOWN}",
    ),
    "a cooldown of a group's step rule": (
        stepping(metric="cpu", threshold=50, cooldown="1m"),
        GROUP,
        f"step_scaling.rule.cooldown: {NO_COOLDOWN}",
    ),
    "requests of a service without a balancer": (
        tracking(metric="requests_per_target", target=50),
        WORKER,
        (
            "target_tracking.rule.metric: requests_per_target is measured by a balancer, and none is in front of this "
            "service; attach a target group, or scale on cpu or queue_delay"
        ),
    ),
    "response time of a group without a balancer": (
        tracking(metric="response_time", target="1s"),
        FLEET,
        (
            "target_tracking.rule.metric: response_time is measured by a balancer, and none is in front of this "
            "group; attach a target group, or scale on cpu or queue_delay"
        ),
    ),
    "memory of a group": (
        tracking(metric="memory", target=50),
        GROUP,
        (
            "target_tracking.rule.metric: EC2 publishes no memory metric: only the CloudWatch agent inside the instances "
            "does; install the agent and declare what it sends under `metrics`: namespace CWAgent, name mem_used_percent, "
            "dimensions AutoScalingGroupName: ${group}"
        ),
    ),
    "a queue rule without the running count": (
        {**tracking(metric="queue_delay", target="5m"), **QUEUE},
        NO_INSIGHTS,
        (
            "target_tracking.rule.metric: the backlog per task needs RunningTaskCount, which only Container Insights "
            "publishes; set `container_insights: true`"
        ),
    ),
    "a rule with the wake step's name": (
        {
            **BOUNDS,
            "minimum": 0,
            **QUEUE,
            "target_tracking": {"wake": {"metric": "queue_delay", "target": "5m"}},
        },
        WORKER,
        (
            "target_tracking.wake: the name `wake` belongs to the step from zero to one that queue rules bring along; "
            "choose another name"
        ),
    ),
    "a schedule's desired count on a service": (
        scheduled(cron="0 8 * * *", time_zone="UTC", desired=3),
        SERVICE,
        (
            "scheduled.rule.desired: a service's schedule sets bounds, not a count; "
            "give `minimum` and `maximum`, the rules move the count between them"
        ),
    ),
    "two restricted day fields on a service": (
        scheduled(cron="0 8 1 * MON", time_zone="UTC", minimum=3),
        SERVICE,
        (
            "scheduled.rule.cron: day-of-month and day-of-week: days of either match, which six fields cannot hold; "
            "write one schedule for each, `0 8 1 * *` and `0 8 * * MON`"
        ),
    ),
    "six fields without a question mark": (
        scheduled(cron="0 8 * * MON *", time_zone="UTC", minimum=3),
        SERVICE,
        "scheduled.rule.cron: day-of-month and day-of-week: neither is `?`, exactly one of them must be; " + FIVE,
    ),
    "six fields on a group": (
        scheduled(cron="0 8 ? * MON *", time_zone="UTC", minimum=3),
        GROUP,
        "scheduled.rule.cron: an Auto Scaling group takes five cron fields, six are for services; "
        + FIVE
        + "; a year is said by `start` and `end`",
    ),
    "a cron that is none": (
        scheduled(cron="0 25 * * *", time_zone="UTC", minimum=3),
        GROUP,
        "scheduled.rule.cron: hour: got 25, allowed 0-23; " + FIVE,
    ),
    "a rate on a group": (
        scheduled(rate="1 hour", time_zone="UTC", minimum=3),
        GROUP,
        "scheduled.rule.rate: an Auto Scaling group has no rates; write `cron`, such as `0 * * * *` for every hour",
    ),
    "a rate that is none": (
        scheduled(rate="1 hours", time_zone="UTC", minimum=3),
        SERVICE,
        "scheduled.rule.rate: not a rate; write a number and its unit, such as `1 hour` or `5 minutes`",
    ),
    "a time that is none": (
        scheduled(at="2026-02-30T08:00:00", time_zone="UTC", minimum=3),
        SERVICE,
        "scheduled.rule.at: not a time; write a local time as 2026-12-24T18:00:00",
    ),
    "one time with a start on a group": (
        scheduled(at="2026-02-20T08:00:00", time_zone="UTC", minimum=3, start="2026-01-01T00:00:00Z"),
        GROUP,
        "scheduled.rule.start: `at` happens once and has neither start nor end; remove it, or write `cron`",
    ),
    "a forecast of requests without a balancer": (
        predictive(metric="requests_per_target", target=50),
        WORKER,
        (
            "predictive.rule.metric: requests_per_target is measured by a balancer, and none is in front of this service; "
            "forecast on cpu"
        ),
    ),
    "a forecast of requests over two groups": (
        predictive(metric="requests_per_target", target=50),
        TWO_GROUPS,
        (
            "predictive.rule.metric: AWS forecasts the requests of one target group, and this service has several; "
            "forecast on cpu"
        ),
    ),
    "a forecast of requests under blue/green": (
        predictive(metric="requests_per_target", target=50),
        BLUE_GREEN,
        (
            "predictive.rule.metric: AWS forecasts the requests of one target group, and this service has several; "
            "forecast on cpu"
        ),
    ),
    "a forecast of requests of a group without a balancer": (
        predictive(metric="requests_per_target", target=50),
        FLEET,
        (
            "predictive.rule.metric: requests_per_target is measured by a balancer, and none is in front of this group; "
            "forecast on cpu"
        ),
    ),
    "a buffer above an honoured maximum": (
        predictive(metric="cpu", target=50, maximum_buffer=5),
        SERVICE,
        (
            "predictive.rule.maximum_buffer: the maximum is honoured, nothing rises above it; "
            "remove it, or set `maximum_breach: increase`"
        ),
    ),
    "a maximum that may rise by nobody knows how much": (
        predictive(metric="cpu", target=50, maximum_breach="increase"),
        SERVICE,
        (
            "predictive.rule.maximum_buffer: AWS wants to know how far above a forecast the maximum may rise; "
            "give a percentage, 0 for none"
        ),
    ),
    "the same on a group": (
        predictive(metric="cpu", target=50, maximum_breach="increase"),
        GROUP,
        (
            "predictive.rule.maximum_buffer: AWS wants to know how far above a forecast the maximum may rise; "
            "give a percentage, 0 for none"
        ),
    ),
    "a smallest size of a change in units": (
        stepping(metric="cpu", threshold=50, minimum_adjustment=2),
        GROUP,
        (
            "step_scaling.rule.minimum_adjustment: AWS knows a smallest size for percent changes only, the adjustment is "
            "`change`; remove it, or write the steps in percent with `adjustment: percent`"
        ),
    ),
    "a tracked metric of five minutes on a service": (
        {**tracking(metric="slow", target=50), "metrics": SLOW},
        SERVICE,
        (
            "target_tracking.rule.metric: target tracking of a service looks at its metrics each 60 s; "
            "set `period: 60s` in metrics.slow, or write a step rule"
        ),
    ),
    "a tracked metric of five minutes on a group": (
        {**tracking(metric="slow", target=50), "metrics": SLOW},
        GROUP,
        (
            "target_tracking.rule.metric: target tracking of a group takes periods of 10, 30 or 60 s; "
            "set `period: 60s` in metrics.slow, or write a step rule"
        ),
    ),
    "an expression over an unknown metric": (
        {
            **tracking(metric="ratio", target=50),
            "metrics": {"ratio": {"expression": "done / 'text' + other"}, "done": {"namespace": "J", "name": "D"}},
        },
        SERVICE,
        "metrics.ratio.expression: `other` is not under `metrics`; declare it there, or name one of ratio, done",
    ),
    "an expression that needs itself": (
        {
            **tracking(metric="a", target=50),
            "metrics": {"a": {"expression": "b + d"}, "b": {"expression": "a"}, "d": {"namespace": "J", "name": "D"}},
        },
        SERVICE,
        "metrics.a.expression: the expression needs itself; break the circle",
    ),
    "an expression without a metric": (
        {**tracking(metric="a", target=50), "metrics": {"a": {"expression": "TIME_SERIES(1)"}}},
        SERVICE,
        "target_tracking.rule.metric: a names no metric; name at least one under `metrics` in its expression",
    ),
    "more metrics than AWS holds": (
        {
            **tracking(metric="all", target=50),
            "metrics": {**OF_TEN, "all": {"expression": f"SUM([{', '.join(OF_TEN)}])"}},
        },
        SERVICE,
        (
            "target_tracking.rule.metric: all takes 11 metrics and expressions, AWS holds 10; "
            "publish a metric of your own that combines some of them"
        ),
    ),
    "a placeholder that stands for nothing": (
        {
            **tracking(metric="a", target=50),
            "metrics": {"a": {"namespace": "J", "name": "D", "dimensions": {"Group": "${group}"}}},
        },
        WORKER,
        (
            "metrics.a.dimensions.Group: ${group} stands for nothing here; "
            "allowed ${cluster}, ${service}, or write the value"
        ),
    ),
    "cpu on a capacity provider": (
        tracking(metric="cpu", target=50),
        PROVIDER,
        (
            f"target_tracking.rule: {FIGHTS}; {MOVE}; "
            "the group itself can only track CapacityProviderReservation of AWS/ECS/ManagedScaling"
        ),
    ),
    "steps on a capacity provider": (
        stepping(metric="cpu", threshold=50),
        PROVIDER,
        f"step_scaling.rule: {FIGHTS}; {MOVE}",
    ),
    "a forecast on a capacity provider": (
        predictive(metric="cpu", target=50),
        PROVIDER,
        f"predictive.rule: {FIGHTS}; {MOVE}",
    ),
    "a desired size on a capacity provider": (
        scheduled(cron="0 8 * * *", time_zone="UTC", desired=3),
        PROVIDER,
        f"scheduled.rule.desired: {FIGHTS}; give `minimum` and `maximum` instead",
    ),
}
RESERVATION = {"used": {"namespace": "AWS/ECS/ManagedScaling", "name": "CapacityProviderReservation"}}
REFUSED |= {
    "a cooldown of managed scaling": (
        {**tracking(metric="used", target=80, scale_in_cooldown="1m"), "metrics": RESERVATION},
        PROVIDER,
        (
            "target_tracking.rule.scale_in_cooldown: managed scaling waits for instances to warm up, not for a cooldown; "
            "give `warm_up` instead"
        ),
    ),
    "managed scaling that never scales in": (
        {**tracking(metric="used", target=80, scale_in=False), "metrics": RESERVATION},
        PROVIDER,
        (
            "target_tracking.rule.scale_in: managed scaling always scales in, instances without tasks only; "
            "raise `minimum` to keep instances"
        ),
    ),
    "a target capacity above 100": (
        {**tracking(metric="used", target=110), "metrics": RESERVATION},
        PROVIDER,
        "target_tracking.rule.target: a target capacity is whole percent; allowed 1 to 100",
    ),
    "bounds out of order": (
        {**tracking(metric="cpu", target=50), "minimum": 9, "maximum": 2},
        SERVICE,
        "minimum: minimum 9 is above maximum 2; swap the two, or raise the maximum (EL001)",
    ),
    "steps with a gap": (
        {
            **BOUNDS,
            "step_scaling": {
                "rule": {
                    "metric": "cpu",
                    "threshold": 50,
                    "steps": [{"from": 0, "to": 10, "change": 1}, {"from": 20, "change": 3}],
                }
            },
        },
        SERVICE,
        (
            "step_scaling.rule.steps: there is a gap between steps; "
            "let each step begin where the one before ends, and leave the outermost end open (EL013)"
        ),
    ),
    "a schedule that breaks the bounds": (
        {**BOUNDS, "scheduled": {"rule": {"cron": "0 8 * * *", "time_zone": "UTC", "minimum": 99}}},
        GROUP,
        (
            "scheduled.rule.minimum: minimum 99 is above base maximum 12; "
            "set both bounds in this schedule, the minimum the lower one (EL050)"
        ),
    ),
    "a time zone that does not exist": (
        {**BOUNDS, "scheduled": {"rule": {"cron": "0 8 * * *", "time_zone": "Europe/Belrin", "minimum": 2}}},
        SERVICE,
        "scheduled.rule.time_zone: not a known time zone; did you mean Europe/Berlin",
    ),
    "two target capacities": (
        {
            **BOUNDS,
            "target_tracking": {"a": {"metric": "used", "target": 80}, "b": {"metric": "used", "target": 90}},
            "metrics": RESERVATION,
        },
        PROVIDER,
        "target_tracking.b: a capacity provider has one target capacity; keep one rule on the reservation",
    ),
}


@pytest.mark.parametrize(("rules", "context", "text"), REFUSED.values(), ids=REFUSED.keys())
def test_what_a_platform_cannot_hold_is_refused_with_reason_and_cure(rules, context, text):
    assert [str(refusal) for refusal in refusals_of(Elasticity.model_validate(rules), context)] == [text]


def test_everything_is_refused_at_once():
    rules = Elasticity.model_validate(
        {
            **BOUNDS,
            "target_tracking": {"cpu": {"metric": "cpu", "target": 50, "scale_in_cooldown": "1m"}},
            "step_scaling": {"memory": {"metric": "memory", "threshold": 50, "steps": STEPS}},
            "scheduled": {"hourly": {"rate": "1 hour", "time_zone": "UTC", "minimum": 3}},
        }
    )
    with pytest.raises(RefusedRulesError) as raised:
        translate(rules, GROUP)
    assert [refusal.key for refusal in raised.value.refusals] == [
        "target_tracking.cpu.scale_in_cooldown",
        "step_scaling.memory.metric",
        "scheduled.hourly.rate",
    ]
    assert str(raised.value).count("\n") == 2


def test_a_metric_that_two_rules_share_is_refused_once():
    rule = {"metric": "a", "target": 50}
    rules = Elasticity.model_validate(
        {**BOUNDS, "target_tracking": {"x": rule, "y": rule}, "metrics": {"a": {"expression": "b"}}}
    )
    assert len([one for one in refusals_of(rules, WORKER) if one.key == "metrics.a.expression"]) == 1


def test_what_aws_refuses_everywhere_stands_where_the_linter_finds_it():
    gap = [{"from": 50, "to": 60, "change": 1}, {"from": 70, "change": 2}]
    rules = Elasticity.model_validate(
        {**BOUNDS, "step_scaling": {"memory": {"metric": "memory", "threshold": 50, "steps": gap}}}
    )
    found = [one for one in check(rules) if one.code == "EL013"]
    (refused,) = refusals_of(rules, SERVICE)
    assert (refused.path, refused.message) == (found[0].path, found[0].message)
    assert (refused.key, refused.code) == ("step_scaling.memory.steps", None)
    assert refused.cure == f"{found[0].cure} (EL013)"
