"""Whether the linter tells the truth, by rule sets that people judged before it saw them: at most one in twenty missed,
at most one in twenty flagged for nothing. It cannot say how it does on what nobody thought of."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from elasticity.checks import Finding, LintContext, check
from elasticity.rules import Elasticity
from tests.elasticity.judged_rules import BAD, SANE, UNIT, Judged

NAMED: Mapping[str, frozenset[str]] = {
    "no rule can ever act": frozenset({"EL004"}),
    "the peak is beyond all units together": frozenset({"EL005"}),
    "nothing scales in": frozenset({"EL006"}),
    "nothing scales out": frozenset({"EL007"}),
    "runs to the maximum without load": frozenset({"EL015"}),
    "no number of units reaches the target": frozenset({"EL016"}),
    "less than one message per unit is wanted": frozenset({"EL017"}),
    "a unit is full before the rule acts": frozenset({"EL010", "EL018"}),
    "more units do not lower the metric in proportion": frozenset({"EL024"}),
    "one quiet minute takes half of the capacity": frozenset({"EL048"}),
    "both alarms hold in turn, for ever": frozenset({"EL012"}),
    "acts again before new units are seen, and overshoots": frozenset({"EL030"}),
    "nothing lowers the minimum again": frozenset({"EL056"}),
    "the alarm fires and no step applies": frozenset({"EL013"}),
}
"""By danger: the codes that name it; any other finding on the rules does not count."""
OF_TWENTY = 1


def findings(judged: Judged) -> list[Finding]:
    rules = Elasticity.model_validate({"unit": UNIT, **judged.rules})
    return check(rules, LintContext.model_validate(dict(judged.context)))


def test_each_set_holds_twenty_of_different_dangers() -> None:
    assert len(BAD) >= 20
    assert len(SANE) >= 20
    assert {judged.danger for judged in BAD.values()} == NAMED.keys()
    assert not any(judged.danger for judged in SANE.values())


def test_at_most_one_of_twenty_dangers_is_missed() -> None:
    missed = [name for name, judged in BAD.items() if not NAMED[judged.danger] & {one.code for one in findings(judged)}]
    assert len(missed) <= len(BAD) * OF_TWENTY // 20, missed


def test_at_most_one_of_twenty_sane_rule_sets_is_flagged() -> None:
    flagged = {
        name: [f"{one.code} {one.message}" for one in findings(judged) if one.severity != "note"]
        for name, judged in SANE.items()
    }
    flagged = {name: told for name, told in flagged.items() if told}
    assert len(flagged) <= len(SANE) * OF_TWENTY // 20, flagged


@pytest.mark.parametrize("name", [name for name, judged in BAD.items() if NAMED[judged.danger] <= {"EL015", "EL016"}])
def test_what_runs_away_by_itself_is_an_error(name: str) -> None:
    assert any(one.severity == "error" for one in findings(BAD[name]))
