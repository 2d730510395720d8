"""Exceptions to guardrails in stack files. It cannot prove that the pack heeds them; the guardrails' tests do."""

from __future__ import annotations

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from guardrails.stack import Ceilings
from stacks.settings import load
from stacks.stack_file import SettingsError

ROOT = Path(__file__).parents[2]


def stack_file(folder: Path, **guardrails: object) -> Path:
    document = YAML().load((ROOT / "Pulumi.dev.yaml").read_text(encoding="utf-8"))
    document["config"]["accordion:guardrails"] = guardrails
    with (folder / "Pulumi.dev.yaml").open("w", encoding="utf-8") as file:
        YAML().dump(document, file)
    return folder / "Pulumi.dev.yaml"


def test_an_exception_with_a_reason_is_what_the_guardrails_go_by(tmp_path: Path) -> None:
    judged = load(stack_file(tmp_path, accept={"kept-data.balancer-lb": "torn down each Friday"})).judged
    assert (judged.production, judged.accepts("kept-data", "balancer-lb")) == (False, True)
    assert not judged.accepts("kept-data", "another")


@pytest.mark.parametrize(
    ("accept", "sentence"),
    [
        ({"keptdata": "a drill"}, "keptdata is no guardrail; did you mean kept-data"),
        ({"": "a drill"}, "nothing is no guardrail; allowed alarm-at-maximum, blocked-buckets, "),
        ({"kept-data.": "a drill"}, "names no resource behind the dot: add one, or leave the dot out"),
        ({"kept-data": ""}, "guardrails.accept.kept-data"),
    ],
)
def test_an_exception_to_nothing_or_without_a_reason_is_refused(tmp_path: Path, accept: object, sentence: str) -> None:
    with pytest.raises(SettingsError) as refused:
        load(stack_file(tmp_path, accept=accept))
    assert sentence in str(refused.value)


def test_demands_and_ceilings_are_what_the_guardrails_go_by(tmp_path: Path) -> None:
    ceilings = {"units": 4, "task_cpu": 512, "instance_types": ["t4g.*"]}
    severity = {"fixed-images": "advisory"}
    judged = load(stack_file(tmp_path, severity=severity, required_tags=["data-class"], ceilings=ceilings)).judged
    tags = ("application", "stack", "managed-by", "team", "cost-centre", "data-class")
    assert (judged.required_tags, judged.severity) == (tags, severity)
    assert judged.ceilings == Ceilings(units=4, task_cpu=512, instance_types=("t4g.*",))


@pytest.mark.parametrize(
    ("guardrails", "sentence"),
    [
        ({"severity": {"fixed-image": "advisory"}}, "fixed-image is no guardrail; did you mean fixed-images"),
        ({"severity": {"fixed-images": "off"}}, "guardrails.severity.fixed-images"),
        ({"ceilings": {"units": 0}}, "guardrails.ceilings.units"),
        ({"ceilings": {"instance_types": ["M7g large"]}}, "guardrails.ceilings.instance_types"),
        ({"required_tags": [""]}, "guardrails.required_tags"),
    ],
)
def test_a_demand_that_cannot_hold_is_refused_at_its_place(
    tmp_path: Path, guardrails: dict[str, object], sentence: str
) -> None:
    with pytest.raises(SettingsError) as refused:
        load(stack_file(tmp_path, **guardrails))
    assert sentence in str(refused.value)
