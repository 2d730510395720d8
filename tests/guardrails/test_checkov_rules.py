"""Every rule of checkov on a served type has a guardrail that demands the same, or a reason for having none. It cannot prove
that the kept list is that of today's package, nor that two demands mean the same: `python -m bench checkov` reads the
list again, and runs the rules over what the shipped stacks register."""

from __future__ import annotations

from collections import Counter

import pytest

from bench.checkov import EXCEPTIONS
from bench.checkov_rules import COUNTERPARTS, PAGE, RULES, VERSION, answers, kept, page
from bench.terraform_names import terraform_type
from guardrails.checks import CHECKS, STACK_CHECKS

KEPT = kept()
ON_STACKS = {check.name for check in STACK_CHECKS}
TYPES = {check.name: {terraform_type(token) for token in check.predicates} for check in CHECKS}


@pytest.mark.parametrize("rule", KEPT)
def test_a_rule_of_checkov_has_a_guardrail_or_a_reason(rule: str) -> None:
    found = [(guardrail, reason) for name, guardrail, reason in answers() if name == rule]
    assert len(found) == 1, "say in bench/checkov_rules.py which guardrail demands the same, or why none does"


def test_no_answer_is_given_twice_or_to_a_rule_that_is_not_there() -> None:
    counted = Counter(rule for rule, _, _ in answers())
    assert [rule for rule, count in counted.items() if count > 1] == []
    assert counted.keys() - KEPT.keys() == set()
    assert {each.rule for each in EXCEPTIONS} - KEPT.keys() == set()


@pytest.mark.parametrize("guardrail", COUNTERPARTS)
def test_a_counterpart_is_a_guardrail_on_a_type_of_the_rule(guardrail: str) -> None:
    if guardrail in ON_STACKS:
        return
    for rule in COUNTERPARTS[guardrail].split():
        types = KEPT[rule]["types"]
        of_iam = {"aws_iam_policy"} if types[0].startswith("AWS::IAM::") else set()
        of_ssm = {"aws_ssm_parameter"} if "AWS::SSM::Parameter" in types else set()
        assert TYPES[guardrail] & {*types, *of_iam, *of_ssm}, rule


def test_the_page_is_that_of_the_answers_and_of_the_version_that_is_run() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()
    assert f'"checkov": "{VERSION}"' in RULES.read_text(encoding="utf-8")
