"""Exceptions to guardrails in stack files. It cannot prove that the pack heeds them; the guardrails' tests do."""

from __future__ import annotations

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from stacks.settings import load
from stacks.stack_file import SettingsError

ROOT = Path(__file__).parents[2]


def stack_file(folder: Path, accept: object) -> Path:
    document = YAML().load((ROOT / "Pulumi.dev.yaml").read_text(encoding="utf-8"))
    document["config"]["accordion:guardrails"] = {"accept": accept}
    with (folder / "Pulumi.dev.yaml").open("w", encoding="utf-8") as file:
        YAML().dump(document, file)
    return folder / "Pulumi.dev.yaml"


def test_an_exception_with_a_reason_is_what_the_guardrails_go_by(tmp_path: Path) -> None:
    judged = load(stack_file(tmp_path, {"kept-data.balancer-lb": "torn down each Friday"})).judged
    assert (judged.production, judged.accepts("kept-data", "balancer-lb")) == (False, True)
    assert not judged.accepts("kept-data", "another")


@pytest.mark.parametrize(
    ("accept", "sentence"),
    [
        ({"keptdata": "a drill"}, "keptdata is no guardrail; did you mean kept-data"),
        ({"": "a drill"}, "nothing is no guardrail; allowed blocked-buckets, bounds, "),
        ({"kept-data.": "a drill"}, "names no resource behind the dot: add one, or leave the dot out"),
        ({"kept-data": ""}, "guardrails.accept.kept-data"),
    ],
)
def test_an_exception_to_nothing_or_without_a_reason_is_refused(tmp_path: Path, accept: object, sentence: str) -> None:
    with pytest.raises(SettingsError) as refused:
        load(stack_file(tmp_path, accept))
    assert sentence in str(refused.value)
