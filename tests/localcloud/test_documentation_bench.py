"""The bench over the SDK's own examples: its list of reasons, and how it judges. The examples are run by hand:
`python -m bench.documentation`. Cannot prove that an example goes right."""

from types import SimpleNamespace

import pytest
from pulumi.runtime.proto import provider_pb2, resource_pb2

from bench import documentation
from bench.documentation import KNOWN, REGIONS, RIGHT, STALE, WRONG, Example, Result
from bench.documentation_reasons import ABSENT, KINDS, REASONS, Reason

TOKENS = sorted({name.rsplit(" ", 1)[0] for name in {*REASONS, *REGIONS}})
EXAMPLE = Example("aws:ec2/vpc:Vpc", 7, "")


def test_every_example_with_a_reason_or_a_region_is_in_the_documentation_of_the_installed_sdk():
    found = {example.name for example in documentation.examples(*TOKENS)}
    assert sorted(REASONS.keys() - found) == []
    assert sorted(REGIONS.keys() - found) == []


@pytest.mark.parametrize("name", REASONS)
def test_a_reason_is_of_a_kind_and_names_words_and_particulars(name):
    reason = REASONS[name]
    assert reason.kind in KINDS
    assert len(reason.says) >= 3
    assert reason.why


@pytest.mark.parametrize(
    ("listed", "notes", "verdict"),
    [
        (False, [], RIGHT),
        (False, ["refused"], WRONG),
        (True, ["one thing", "the zone a.b is not there"], KNOWN),
        (True, ["refused for something else"], STALE),
        (True, [], STALE),
    ],
)
def test_an_example_is_right_or_fails_as_its_reason_says(monkeypatch, listed, notes, verdict):
    reasons = {EXAMPLE.name: Reason(ABSENT, "is not there", "the zone a.b")} if listed else {}
    monkeypatch.setattr(documentation, "REASONS", reasons)
    assert Result(EXAMPLE, notes[0] if notes else "", notes).verdict == verdict


@pytest.mark.parametrize(("verdicts", "code"), [([""], 0), (["refused"], 1)])
def test_the_bench_fails_when_an_example_is_neither_right_nor_listed(monkeypatch, capsys, verdicts, code):
    monkeypatch.setattr(documentation, "REASONS", {})
    monkeypatch.setattr(documentation.sys, "argv", ["documentation"])
    found = [Result(EXAMPLE, text, [text] if text else []) for text in verdicts]
    monkeypatch.setattr(documentation, "results", lambda *parts, told: [told(each) or each for each in found])
    assert documentation.main() == code
    assert capsys.readouterr().out.splitlines()[-1] == (
        f"{1 - code} of 1 go right, 0 do not for a reason that is listed, {code} are neither"
    )


def test_a_function_is_answered_in_the_monitors_own_message():
    answer = provider_pb2.InvokeResponse()
    getattr(answer, "return").update({"accountId": "123456789012"})
    stub = SimpleNamespace(Invoke=lambda request: answer)
    asked = resource_pb2.ResourceInvokeRequest(tok="aws:index/getCallerIdentity:getCallerIdentity")
    found = documentation.Monitor(lambda config: stub).Invoke(asked)
    assert (found.unknown, dict(getattr(found, "return"))) == (False, {"accountId": "123456789012"})
