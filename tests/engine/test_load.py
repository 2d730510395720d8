"""A day on the local cloud: what the real engine deployed, a load played on it, and the commands that look at it
afterwards; then, on the same stack, rules read back, a log followed, and a way back under guardrails. It cannot prove that
AWS would scale so, nor that a log is delivered as fast.
"""

import datetime
import json
import re
import signal
import time
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from elasticity.recordings.recording import read_recording
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

    _recorded(checkout, named["service"], period[1], period[2])
    _read_back(checkout, named["service"])
    _followed(checkout, named["log_group"])
    _taken_back(checkout)


def _recorded(checkout: Checkout, service: str, start: str, end: str) -> None:
    """The day of the load, as `record` writes it down from what the local cloud's CloudWatch says."""
    file = Path(checkout.folder, "day.json")
    said = checkout("record", service, "--local", "--start", start, "--end", end, "--output", str(file))
    recorded = read_recording(file)
    file.unlink()
    assert f"{service}: 1,440 minutes from {recorded.start.isoformat()}; datapoints: requests 1,440, cpu 1,440" in said
    assert sum(count or 0.0 for count in recorded.requests) == pytest.approx(4 * 86_400 + 41 * 1_800)
    assert [(one.before, one.after) for one in recorded.activities] == [(1, 2), (2, 1)]
    assert (recorded.rules.minimum, recorded.rules.maximum) == (1, 2)


def _read_back(checkout: Checkout, service: str) -> None:
    """The rules that run, as `read --live` writes them, are those of the stack file."""
    found = YAML(typ="safe").load(checkout("read", "--live", "--local"))["workloads"][service]
    (rule,) = found["elasticity"]["target_tracking"].values()
    assert rule == {"metric": "cpu", "target": 70.0, "scale_in_cooldown": "300s", "scale_out_cooldown": "300s"}
    assert (found["elasticity"]["minimum"], found["elasticity"]["maximum"]) == (1, 2)
    assert (found["platform"], found["spot"], found["cpu"], found["memory"]) == ("ecs_service", 100.0, 256, 512)


def _followed(checkout: Checkout, group: str) -> None:
    """What is said while `logs --follow` runs is told, until somebody ends it."""
    logs = checkout.client("logs", "dev")
    stream = "web/web/0123456789abcdef0123456789abcdef"
    logs.create_log_stream(logGroupName=group, logStreamName=stream)

    def say(message: str) -> None:
        event = {"timestamp": round(time.time() * 1000), "message": message}
        logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=[event])

    say("before it was followed")
    following = checkout.start("logs", "--local", "--follow", "--format", "json")
    assert following.stdout is not None
    told = [json.loads(following.stdout.readline())]
    say("while it was followed")
    told.append(json.loads(following.stdout.readline()))
    following.send_signal(signal.SIGINT)
    rest, _ = following.communicate(timeout=60)
    assert (rest, following.returncode) == ("", 0)
    assert [(one["service"], one["message"]) for one in told] == [
        ("web", "before it was followed"),
        ("web", "while it was followed"),
    ]


def _taken_back(checkout: Checkout) -> None:
    """A way back is held to the guardrails that it is given: what they refuse changes nothing."""
    with checkout.edited("dev", ("ceilings: { units: 4,", "ceilings: { units: 1,")):
        checkout.up("dev")  # no pack is asked, and none refuses it
    with checkout.edited("dev", ("maximum: 2", "maximum: 3")):
        checkout.up("dev")
        back = ("--local", "--stack", "dev", "--yes", "--policy-pack", "guardrails")
        refused = checkout("rollback", "2", *back, code=2)
        assert (
            "maxCapacity 2 is above the environment's 1 units: lower it, or raise guardrails.ceilings.units" in refused
        )
        assert refused.rstrip().endswith("error: the preview failed: nothing was changed")
        assert checkout.resource("dev", "web-scalable-target")["inputs"]["maxCapacity"] == 3
        allowed = checkout("rollback", "1", *back)
    assert "accordion-guardrails@" in allowed
    assert checkout.resource("dev", "web-scalable-target")["inputs"]["maxCapacity"] == 2
