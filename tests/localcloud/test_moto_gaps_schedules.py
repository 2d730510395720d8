"""Schedules sent straight to the local cloud; that AWS words its refusals so was read elsewhere, not proved here."""

from collections.abc import Callable
from typing import Any

import pytest

from localcloud.aws.limits.cron import APPLICATION, EVENTBRIDGE, UNIX, Service, cron_fault

Scenario = Callable[[Any], tuple[Any, Any]]
SCENARIOS: list[Scenario] = []


def scenario(function: Scenario) -> Scenario:
    """What was observed, and what AWS does; run against moto as it is and with its gaps filled."""
    SCENARIOS.append(function)
    return function


CRON = [
    "0 8 ? * MONDAY-FRIDAY *", "0 8 ? * WEEKDAYS *", "0 8 1 FOO ? *", "0/0 8 * * ? *", "0 8 L-31 * ? *", "0 8 15W,20 * ? *",
    "0 8 ? * 2#6 *", "0 8 ? * 0 *", "0 18-8 * * ? *", "0 8 * * ? 2200", "0 8 1 * MON *", "0 8 ? * ? *", "0 8 * * ?", "",
]  # fmt: skip
RATES = ["rate(0 minutes)", "rate(5 weeks)", "rate(-1 hours)", "rate(minutes)", "rate(1.5 hours)"]
MOMENTS = ["at(2026-02-30T00:00:00)", "at(2026-01-01T00:00)", "at(tomorrow)", "at()"]
SOUND = ["cron(0 8 ? * MON-FRI *)", "cron(0 8 L-30 * ? *)", "rate(1 hour)", "rate(5 minutes)"]


READ = "scalable dimension: dynamodb:table:ReadCapacityUnits"


def codes(aws: Any, put: Callable[[str], Any], texts: list[str]) -> dict[str, str]:
    """Each schedule with the code of its refusal."""
    return {text: aws.refusal(lambda text=text: put(text)).partition(":")[0] for text in texts}


def scheduled(aws: Any) -> Callable[..., Any]:
    """f(schedule, ...) -> a scheduled action of a table that is registered."""
    named = {
        "ServiceNamespace": "dynamodb",
        "ResourceId": f"table/{aws.name()}",
        "ScalableDimension": "dynamodb:table:ReadCapacityUnits",
    }
    aws.scaling.register_scalable_target(**named, MinCapacity=1, MaxCapacity=4)

    def put(text: str, **members: Any) -> Any:
        values = {"ScheduledActionName": "office", "ScalableTargetAction": {"MinCapacity": 2}, **named, **members}
        return aws.scaling.put_scheduled_action(Schedule=text, **values)

    return put


@scenario
def a_scheduled_action_has_a_schedule_that_aws_reads(aws: Any) -> tuple[Any, Any]:
    bad = [*(f"cron({fields})" for fields in CRON), *RATES, *MOMENTS, "office", "every(5 minutes)"]
    good = [*SOUND, "rate(5 minute)", "at(2030-02-28T00:00:00)"]
    found = codes(aws, scheduled(aws), bad + good)
    return found, dict.fromkeys(bad, "ValidationException") | dict.fromkeys(good, "accepted")


@scenario
def what_is_wrong_with_a_scheduled_action_is_named(aws: Any) -> tuple[Any, Any]:
    put = scheduled(aws)
    refused = (
        aws.refusal(lambda: put("cron(0 8 ? * WEEKDAYS *)")),
        aws.refusal(lambda: put(SOUND[0], Timezone="Berlin")),
        aws.refusal(lambda: put(SOUND[0], ScalableTargetAction={})),
        aws.refusal(lambda: put(SOUND[0], ScalableTargetAction={"MinCapacity": 3, "MaxCapacity": 2})),
        aws.refusal(lambda: put(SOUND[0], ResourceId="table/none")),
    )
    return refused, (
        f"ValidationException: Invalid schedule expression. Details: {cron_fault('0 8 ? * WEEKDAYS *', EVENTBRIDGE)}",
        "ValidationException: Invalid timezone. Details: 'Berlin' is no time zone of the IANA database, such as Europe/Berlin",
        "ValidationException: A scalable target action needs a minimum capacity or a maximum capacity",
        "ValidationException: Minimum capacity must be less than or equal to maximum capacity",
        f"ObjectNotFoundException: No scalable target registered for service namespace: dynamodb, resource ID: table/none, {READ}",
    )


@scenario
def an_update_of_a_scheduled_action_may_leave_the_schedule_out(aws: Any) -> tuple[Any, Any]:
    put = scheduled(aws)
    put(SOUND[0])
    named = {
        "ServiceNamespace": "dynamodb",
        "ScalableDimension": "dynamodb:table:ReadCapacityUnits",
        "ScheduledActionName": "office",
    }
    found = aws.scaling.describe_scheduled_actions(ServiceNamespace="dynamodb", ScheduledActionNames=["office"])
    resource = found["ScheduledActions"][-1]["ResourceId"]
    sizes = {"MinCapacity": 3}
    refused = aws.refusal(
        lambda: aws.scaling.put_scheduled_action(ResourceId=resource, ScalableTargetAction=sizes, **named)
    )
    other = {**named, "ScheduledActionName": "another"}
    new = aws.refusal(
        lambda: aws.scaling.put_scheduled_action(ResourceId=resource, ScalableTargetAction=sizes, **other)
    )
    return (refused, new), ("accepted", "ValidationException: Schedule is required for a new scheduled action")


@scenario
def a_rule_has_a_schedule_that_aws_reads(aws: Any) -> tuple[Any, Any]:
    bad = [*(f"cron({fields})" for fields in CRON), *RATES, *MOMENTS, "rate(5 minute)", "rate(1 minutes)", "rate(5minutes)",
           "at(2030-02-28T00:00:00)"]  # fmt: skip
    name = aws.name()
    found = codes(aws, lambda text: aws.events.put_rule(Name=name, ScheduleExpression=text), bad + SOUND)
    return found, dict.fromkeys(bad, "ValidationException") | dict.fromkeys(SOUND, "accepted")


@scenario
def a_schedule_of_the_scheduler_is_one_that_aws_reads(aws: Any) -> tuple[Any, Any]:
    bad = [*(f"cron({fields})" for fields in CRON), *RATES, *MOMENTS]
    good = [*SOUND, "at(2030-02-28T00:00:00)"]
    wanted = {
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "Target": {"Arn": "arn:aws:sqs:eu-west-1:123456789012:q", "RoleArn": "arn:aws:iam::123456789012:role/r"},
    }
    names = {text: aws.name() for text in bad + good}
    made = codes(
        aws, lambda text: aws.scheduler.create_schedule(Name=names[text], ScheduleExpression=text, **wanted), bad + good
    )
    changed = codes(
        aws,
        lambda text: aws.scheduler.update_schedule(Name=names[SOUND[0]], ScheduleExpression=text, **wanted),
        bad + good,
    )
    verdicts = dict.fromkeys(bad, "ValidationException") | dict.fromkeys(good, "accepted")
    zone = aws.refusal(
        lambda: aws.scheduler.create_schedule(
            Name="z", ScheduleExpression=SOUND[0], ScheduleExpressionTimezone="Factory", **wanted
        )
    )
    return (made, changed, zone), (
        verdicts,
        verdicts,
        "ValidationException: Invalid Schedule Expression Timezone Factory.",
    )


def group(aws: Any) -> str:
    name = aws.name()
    aws.ec2.create_launch_template(
        LaunchTemplateName=name, LaunchTemplateData={"ImageId": "ami-12c6146b", "InstanceType": "t3.micro"}
    )
    aws.autoscaling.create_auto_scaling_group(
        AutoScalingGroupName=name,
        MinSize=0,
        MaxSize=4,
        AvailabilityZones=["eu-west-1a"],
        LaunchTemplate={"LaunchTemplateName": name},
    )
    return str(name)


FIVE = [
    "0 8 * * MONDAY-FRIDAY",
    "0/0 8 * * *",
    "0 8 * * 8",
    "0 8 L * *",
    "0 8 ? * 1",
    "0 8 * *",
    "0 8 * * MON-FRI *",
    "@daily",
]


@scenario
def a_groups_schedule_is_one_that_aws_reads(aws: Any) -> tuple[Any, Any]:
    name = group(aws)
    good = ["0 8 * * MON-FRI", "0 8 * * FRI-SUN", "*/5 8 * * 7"]
    put = aws.autoscaling.put_scheduled_update_group_action
    found = codes(
        aws,
        lambda text: put(AutoScalingGroupName=name, ScheduledActionName=text[:9], MinSize=1, Recurrence=text),
        FIVE + good,
    )
    zone = aws.refusal(
        lambda: put(
            AutoScalingGroupName=name,
            ScheduledActionName="zone",
            MinSize=1,
            Recurrence=good[0],
            TimeZone="right/Europe/Berlin",
        )
    )
    return (found, zone.partition(":")[0]), (
        dict.fromkeys(FIVE, "ValidationError") | dict.fromkeys(good, "accepted"),
        "ValidationError",
    )


@scenario
def schedules_in_a_batch_are_refused_one_by_one(aws: Any) -> tuple[Any, Any]:
    name = group(aws)
    actions = [
        {"ScheduledActionName": f"a{place}", "MinSize": 1, "Recurrence": text}
        for place, text in enumerate(["0 8 * * *", "0 8 * * 8", "0 9 * * *"])
    ]
    failed = aws.autoscaling.batch_put_scheduled_update_group_action(
        AutoScalingGroupName=name, ScheduledUpdateGroupActions=actions
    )
    made = aws.autoscaling.describe_scheduled_actions(AutoScalingGroupName=name)["ScheduledUpdateGroupActions"]
    told = [
        (f["ScheduledActionName"], f["ErrorCode"], f["ErrorMessage"])
        for f in failed["FailedScheduledUpdateGroupActions"]
    ]
    why = "Given recurrence string: 0 8 * * 8 is invalid: 8 in '0 8 * * 8' is not within 0 to 7 or SUN to SAT: day of week"
    return (told, sorted(a["ScheduledActionName"] for a in made)), ([("a1", "ValidationError", why)], ["a0", "a2"])


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_the_local_cloud_does_as_aws(scenario: Scenario, filled_aws: Any) -> None:
    observed, expected = scenario(filled_aws)
    assert observed == expected


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_moto_still_needs_the_patch(scenario: Scenario, plain_aws: Any) -> None:
    assert plain_aws.lacks(scenario), "moto does this by itself now: remove the patch"


def test_the_tables_of_this_file_are_what_the_reader_refuses() -> None:
    service: Service = APPLICATION
    assert all(cron_fault(fields, EVENTBRIDGE) for fields in CRON)
    assert all(cron_fault(fields, UNIX) for fields in FIVE)
    assert all(service.fault(text) for text in RATES + MOMENTS)
