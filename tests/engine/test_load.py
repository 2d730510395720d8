"""A day on the local cloud: what the real engine deployed, a load played on it, and the commands that look at it
afterwards. It cannot prove that AWS would scale so.
"""

import datetime
import json
import re

import pytest

from tests.engine.checkout import Checkout

pytestmark = pytest.mark.engine


def test_a_day_that_was_played_is_told_by_performance_and_differs_in_nothing_for_the_monitor(
    checkout: Checkout,
) -> None:
    checkout.up("dev")
    watch = checkout.client("cloudwatch", "dev")
    (high,) = [one["AlarmName"] for one in watch.describe_alarms()["MetricAlarms"] if "-AlarmHigh-" in one["AlarmName"]]
    watch.put_composite_alarm(AlarmName="somebody-looks", AlarmRule=f'ALARM("{high}") OR FALSE')
    shape = "spike base=4/s peak=45/s at=9h length=30m duration=24h"
    said = checkout("local", "load", "--stack", "dev", "--shape", shape)
    assert "web: 4 to 45 requests/s; desired 1 to 1, most 2; 1 times out, 1 in; 6 changes of its 2 alarms" in said
    period = re.search(r"--start (\S+) --end (\S+)", said)
    assert period is not None
    start, end = (datetime.datetime.fromisoformat(one) for one in period.groups())
    assert end - start == datetime.timedelta(days=1)

    told = checkout(
        "performance", "--local", "--stack", "dev", "--start", period[1], "--end", period[2], "--format", "json"
    )
    document = json.loads(told[told.index("{") :])
    assert (document["answer"], document["unread"]) == ("keeps", [])
    (web,) = document["services"]
    figures = {name: one["value"] for name, one in web["figures"].items()}
    assert figures["requests"] == pytest.approx(4 * 86_400 + 41 * 1_800)
    assert (figures["actions"], figures["scale_outs"], figures["peak_units"]) == (2, 1, 2)
    assert [(one["before"], one["after"]) for one in web["activities"]] == [(1, 2), (2, 1)]

    verdict = checkout("monitor", "--local", "--stack", "dev", "--format", "json")
    found = json.loads(verdict[verdict.index("{") :])
    assert (found["answer"], found["differences"], found["unknown"]) == ("same", [], [])
    checkout.preview("dev", "--expect-no-changes")

    history = watch.describe_alarm_history(AlarmName="somebody-looks", AlarmTypes=["CompositeAlarm"])
    changes = [
        json.loads(one["HistoryData"])
        for one in history["AlarmHistoryItems"]
        if one["HistoryItemType"] == "StateUpdate"
    ]
    states = {(one["oldState"]["stateValue"], one["newState"]["stateValue"]) for one in changes}
    assert states == {("INSUFFICIENT_DATA", "OK"), ("OK", "ALARM"), ("ALARM", "OK")}

    named = checkout.outputs("dev")["services"]["web"]
    resource = f"service/{named['cluster']}/{named['service']}"
    scaling = checkout.client("application-autoscaling", "dev")
    activities = scaling.describe_scaling_activities(ServiceNamespace="ecs", ResourceId=resource)["ScalingActivities"]
    assert [one["Description"] for one in activities] == ["Setting desired count to 1.", "Setting desired count to 2."]
