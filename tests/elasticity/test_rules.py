"""The language of rules: what it accepts, what it refuses and in which words. It does not prove that AWS accepts a
translation."""

from __future__ import annotations

import io
from typing import Any

import pytest
from hypothesis import given
from pydantic import ValidationError
from ruamel.yaml import YAML

from elasticity.rules import Elasticity, Metric, StepScaling
from tests import strategies

SMALL = {"minimum": 1, "maximum": 4}


def faults(content: Any) -> list[str]:
    """Path and text of each fault."""
    with pytest.raises(ValidationError) as refused:
        Elasticity.model_validate(content)
    return [f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in refused.value.errors()]


@given(strategies.elasticities())
def test_a_round_trip_through_yaml_is_exact(rules: Elasticity) -> None:
    yaml, text = YAML(typ="safe"), io.StringIO()
    yaml.dump(rules.model_dump(mode="json", by_alias=True), text)
    again = Elasticity.model_validate(yaml.load(text.getvalue()))
    assert again == rules
    assert again.model_dump(mode="json") == rules.model_dump(mode="json"), "what was written stays as it was written"


def faults_or_nothing(content: Any) -> list[Any]:
    """The faults of `content`, none where it is accepted; any other error is a failure of the test."""
    try:
        Elasticity.model_validate(content)
    except ValidationError as refused:
        return list(refused.errors())
    return []


@given(strategies.nonsense)
def test_nonsense_is_refused_without_a_traceback(content: Any) -> None:
    assert all(fault["msg"] for fault in faults_or_nothing(content))


@given(strategies.nonsense)
def test_nonsense_below_a_rule_is_refused_without_a_traceback(content: Any) -> None:
    for kind in ("target_tracking", "step_scaling", "scheduled", "predictive"):
        found = faults_or_nothing({**SMALL, kind: {"rule": content}})
        assert all(fault["loc"][:2] == (kind, "rule") for fault in found)


CPU = {"metric": "cpu", "target": 50}
STEP = {"metric": "cpu", "threshold": 60, "steps": [{"from": 0, "change": 1}]}
OFFICE = {"cron": "0 8 * * *", "time_zone": "UTC", "minimum": 2}

REFUSED: dict[str, tuple[dict[str, Any], list[str]]] = {
    "an unknown key": ({"target": 5}, ["target: Extra inputs are not permitted"]),
    "a negative count": ({"minimum": -1}, ["minimum: Input should be greater than or equal to 0"]),
    "half a unit": ({"minimum": 1.5}, ["minimum: Input should be a valid integer"]),
    "a percentage above 100": (
        {"target_tracking": {"cpu": {"metric": "cpu", "target": 130}}},
        ["target_tracking.cpu.target: got a percentage above 100, allowed 1 to 100"],
    ),
    "a share instead of a percentage": (
        {"target_tracking": {"cpu": {"metric": "cpu", "target": 0.5}}},
        ["target_tracking.cpu.target: got a percentage below 1, allowed 1 to 100"],
    ),
    "a target of zero": (
        {"target_tracking": {"requests": {"metric": "requests_per_target", "target": 0}}},
        ["target_tracking.requests.target: got 0 or less, allowed above 0"],
    ),
    "a time without its unit": (
        {"target_tracking": {"answer": {"metric": "response_time", "target": 2}}},
        [
            (
                "target_tracking.answer.target: got a plain number for response_time, "
                "expected a duration with its unit, such as 90s, 5m or 2h"
            )
        ],
    ),
    "a time for a plain metric": (
        {"target_tracking": {"cpu": {"metric": "cpu", "target": "50s"}}},
        ["target_tracking.cpu.target: got a duration for cpu, expected a plain number"],
    ),
    "faults of steps, all at once": (
        {"step_scaling": {"s": {**STEP, "threshold": 0, "steps": [{"from": "0s", "to": "5s", "change": 1}]}}},
        [
            "step_scaling.s.threshold: got a percentage below 1, allowed 1 to 100",
            "step_scaling.s.steps.0.from: got a duration for cpu, expected a plain number",
            "step_scaling.s.steps.0.to: got a duration for cpu, expected a plain number",
        ],
    ),
    "no time of a schedule": (
        {"scheduled": {"office": {"time_zone": "UTC", "minimum": 2}}},
        ["scheduled.office: give exactly one of `cron`, `at` and `rate`"],
    ),
    "two times of a schedule": (
        {"scheduled": {"office": {**OFFICE, "rate": "1 hour"}}},
        ["scheduled.office: give exactly one of `cron`, `at` and `rate`"],
    ),
    "a schedule without effect": (
        {"scheduled": {"office": {"cron": "0 8 * * *", "time_zone": "UTC"}}},
        ["scheduled.office: give `minimum`, `maximum` or, for a group, `desired`"],
    ),
    "a time without a zone": (
        {"scheduled": {"office": {**OFFICE, "start": "2026-01-01T00:00:00"}}},
        ["scheduled.office.start: Input should have timezone info"],
    ),
    "a predictive target out of range": (
        {"predictive": {"daily": {"metric": "cpu", "target": 300}}},
        ["predictive.daily.target: got a percentage above 100, allowed 1 to 100"],
    ),
    "one name twice": (
        {"target_tracking": {"cpu": CPU}, "step_scaling": {"cpu": STEP}},
        ["step_scaling.cpu: the name is taken by target_tracking.cpu: rule names are unique across kinds"],
    ),
    "an unknown metric": (
        {"target_tracking": {"cpu": {"metric": "cpus", "target": 5}}, "metrics": {"depth": {"expression": "a"}}},
        [
            (
                "target_tracking.cpu.metric: not a known metric, allowed cpu, memory, requests_per_target, response_time, "
                "queue_delay, depth; or declare it under `metrics`"
            )
        ],
    ),
    "a queue rule without a queue": (
        {"target_tracking": {"jobs": {"metric": "queue_delay", "target": "1m"}}},
        [
            "target_tracking.jobs.metric: queue_delay needs `queue` with `name` and `time_per_message` beside the rules",
        ],
    ),
    "a metric by a taken name": (
        {"metrics": {"cpu": {"expression": "a"}}},
        ["metrics.cpu: the name belongs to a predefined metric: choose another"],
    ),
    "a metric of no form": ({"metrics": {"m": {}}}, ["metrics.m: give either `namespace` and `name`, or `expression`"]),
    "a metric of both forms": (
        {"metrics": {"m": {"name": "Depth", "namespace": "App", "expression": "a"}}},
        ["metrics.m: give either `namespace` and `name`, or `expression`"],
    ),
    "a metric without its namespace": (
        {"metrics": {"m": {"name": "Depth"}}},
        ["metrics.m: `namespace` is missing beside `name`"],
    ),
    "an expression with dimensions": (
        {"metrics": {"m": {"expression": "a", "dimensions": {"a": "b"}}}},
        ["metrics.m: an expression has no `namespace` or `dimensions`: put these on the metrics it names"],
    ),
    "an accepted finding that is none": (
        {"accept": {"E46": "because"}},
        ["accept.E46: not the code of a finding, such as EL046"],
    ),
    "an accepted finding without a reason": (
        {"accept": {"EL046": " "}},
        ["accept.EL046: a finding is accepted with a reason in words"],
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_fault_is_refused_in_these_words(case: str) -> None:
    content, expected = REFUSED[case]
    assert faults({**SMALL, **content}) == expected


def test_a_value_is_never_repeated_in_an_error() -> None:
    with pytest.raises(ValidationError) as refused:
        Elasticity.model_validate({**SMALL, "queue": {"name": "hunter2", "time_per_message": "hunter2"}})
    assert "hunter2" not in str(refused.value)


def test_a_count_from_pulumis_configuration_is_a_whole_number() -> None:
    assert Elasticity.model_validate({"minimum": 2.0, "maximum": 4.0}).minimum == 2


def test_a_finding_is_accepted_with_a_reason() -> None:
    accept = {"EL046": "batch work that may wait", "EL003": "one zone is enough here"}
    assert Elasticity.model_validate({**SMALL, "accept": accept}).accept == accept


def test_initial_capacity_defaults_to_the_minimum() -> None:
    assert Elasticity(minimum=2, maximum=4).at_creation == 2
    assert Elasticity(minimum=2, maximum=4, initial=3).at_creation == 3


def test_bounds_alone_are_no_rules() -> None:
    assert not Elasticity(minimum=2, maximum=2).has_rules
    assert Elasticity.model_validate({**SMALL, "target_tracking": {"cpu": CPU}}).has_rules


def test_a_custom_metric_takes_a_number_or_a_time() -> None:
    content = {
        "metrics": {"lag": {"namespace": "App", "name": "Lag"}},
        "target_tracking": {"lag": {"metric": "lag", "target": "3s"}},
    }
    assert Elasticity.model_validate({**SMALL, **content}).target_tracking["lag"].target == 3
    assert Metric(namespace="App", name="Lag").period == 60


def test_a_step_rule_watches_the_side_of_its_comparison() -> None:
    assert StepScaling.model_validate(STEP).scales_out
    assert not StepScaling.model_validate({**STEP, "comparison": "LessThanThreshold"}).scales_out


def test_rules_are_frozen() -> None:
    rules = Elasticity(minimum=1, maximum=2)
    with pytest.raises(ValidationError, match="Instance is frozen"):
        rules.minimum = 2  # type: ignore[misc]


def test_the_schema_describes_each_property_by_the_docstring_of_its_attribute() -> None:
    definitions = Elasticity.model_json_schema()["$defs"]
    assert definitions["Queue"]["properties"]["time_per_message"]["description"].startswith("Mean time that one unit")
    inherited = "cpu, memory, requests_per_target, response_time, queue_delay, or a key of `metrics`."
    assert definitions["Predictive"]["properties"]["metric"]["description"] == inherited


def test_the_schema_describes_durations_as_text() -> None:
    schema = Elasticity.model_json_schema()
    assert schema["$defs"]["Unit"]["properties"]["start_up"]["anyOf"][0] == {
        "type": "string",
        "pattern": r"^([0-9]{1,12})(ms|s|m|h|d)$",
        "description": "a duration with its unit, such as 90s, 5m or 2h",
    }
