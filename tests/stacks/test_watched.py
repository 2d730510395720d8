"""The alarms that the settings tell are those that the program registers, whatever the settings say. It cannot prove how
CloudWatch counts metrics of an alarm on a bill: both sides go by its pricing page."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import pytest
from ruamel.yaml import YAML

from elasticity.pricing import read_prices
from operations.cost.charges import charged
from stacks import compositions
from stacks.aws.settings import OF_A_CLUSTER, OF_A_SERVICE, AwsSettings
from stacks.aws.watched import AlarmMetrics, alarm_metrics
from stacks.settings import load
from tests.recording import build

ROOT = Path(__file__).parents[2]
ALARMS = {"aws:cloudwatch/metricAlarm:MetricAlarm", "aws:cloudwatch/compositeAlarm:CompositeAlarm"}
ONE_USD = read_prices(
    "[cloudwatch_alarm]\nmonth = 1\nhigh_resolution_month = 1000\ncomposite_month = 1000000\n", "by digits"
)
"""Tells from a sum how many metrics, fine metrics and composites are in it."""
NETWORK = {"port": 80, "listener_port": 80}
Change = Mapping[str, Any]
QUEUE = {"minimum": 0, "maximum": 4, "queue": {"name": "work", "time_per_message": "1s"}, "target_tracking": {}}
VARIATIONS: Mapping[str, tuple[str, Change]] = {
    "as it is shipped": ("prod", {}),
    "alarms that record": ("prod", {"alarms": {"tell": "record"}}),
    "alarms that notify": ("prod", {"alarms": {"tell": "notify"}}),
    "pages during deployments too": ("prod", {"alarms": {"suppression": None}}),
    "no bands": ("prod", {"alarms": {"anomaly_bands": "off"}}),
    "no Container Insights": ("prod", {"services": {"web": {"container_insights": False}}}),
    "no roll-back": ("prod", {"services": {"web": {"rollback_alarms": None}}}),
    "finer than a minute": ("prod", {"services": {"web": {"alarms": {"cpu": {"period": "10s"}}}}}),
    "no alarms of its own": (
        "prod",
        {"services": {"web": {"alarms": dict.fromkeys(("cpu", "memory", "below_desired", "deployment_failed"))}}},
    ),
    "lines of a log": ("prod", {"services": {"web": {"log_alarms": {"panic": {"pattern": "panic"}}}}}),
    "a fixed number of tasks": ("dev", {"services": {"web": {"elasticity": None, "count": 2, "simulation": None}}}),
    "two target groups": (
        "prod",
        {"services": {"api": {"deployment": {"strategy": "blue_green"}}}},
    ),
    "a queue in place of a balancer": (
        "staging",
        {"services": {"web": {"traffic": None, "elasticity": QUEUE, "simulation": None, "rollback_alarms": None}}},
    ),
    "a network balancer": (
        "fleet",
        {"load_balancer": {"kind": "network", "listener": None}, "groups": {"shop": {"traffic": NETWORK}}},
    ),
    "a group as it is shipped": ("fleet", {}),
    "a group without a refresh": ("fleet", {"groups": {"shop": {"refresh": None}}}),
}


def _laid(under: Any, over: Any) -> Any:
    if not isinstance(under, dict) or not isinstance(over, dict):
        return over
    merged = {**under, **{key: _laid(under.get(key), value) for key, value in over.items()}}
    return {key: value for key, value in merged.items() if not (key in over and over[key] is None and key in OPTIONAL)}


OPTIONAL = ("traffic", "elasticity", "simulation", "listener")
"""Keys that None takes out of the file; elsewhere it says `null`."""


def varied(folder: Path, stack: str, change: Change) -> AwsSettings:
    document = YAML(typ="safe").load((ROOT / f"Pulumi.{stack}.yaml").read_text())
    for section, over in change.items():
        key = f"accordion:{section}"
        document["config"][key] = _laid(document["config"].get(key, {}), over)
    file = folder / f"Pulumi.{stack}.yaml"
    file.write_text(json.dumps(document))
    return cast("AwsSettings", load(file))


@pytest.mark.parametrize("variation", VARIATIONS)
def test_the_alarms_told_from_settings_are_those_that_are_registered(variation: str, tmp_path: Path) -> None:
    stack, change = VARIATIONS[variation]
    settings = varied(tmp_path, stack, change)
    registered = build(lambda: compositions.build(settings).exports(), stack=stack)
    alarms = [(each.type, each.inputs) for each in registered if each.type in ALARMS]
    whole = round(sum(amount for _, amount in charged(alarms, ONE_USD).monthly))
    assert alarm_metrics(settings) == AlarmMetrics(whole % 1000, whole // 1000 % 1000, whole // 1_000_000)


@pytest.mark.parametrize(
    ("stack", "metrics"),
    [("dev", 0), ("staging", OF_A_SERVICE + OF_A_CLUSTER), ("prod", 2 * (OF_A_SERVICE + OF_A_CLUSTER)), ("fleet", 0)],
)
def test_container_insights_are_counted_for_each_service_and_cluster(stack: str, metrics: int) -> None:
    settings = cast("AwsSettings", load(ROOT / f"Pulumi.{stack}.yaml"))
    assert sum(declared.insights_metrics for declared in settings.declared.values()) == metrics
