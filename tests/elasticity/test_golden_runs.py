"""Reports stay as they were, to nine digits: a part of the table of golden runs, each kind of rule, ground and load in
it. It cannot say that a report is right, only that it is the one that was looked at."""

from __future__ import annotations

import json

import pytest

from tests.elasticity.golden_runs import KEPT, cases, digest, run

ALL = list(cases())
KNOWN = json.loads(KEPT.read_text(encoding="utf-8"))


def test_each_run_of_the_table_is_kept() -> None:
    assert {name for name, *_ in ALL} == KNOWN.keys()


@pytest.mark.parametrize(("name", "rules", "load", "conditions"), ALL[::6], ids=[name for name, *_ in ALL[::6]])
def test_a_run_gives_the_report_that_is_kept(name, rules, load, conditions):
    assert digest(run(rules, load, conditions)) == KNOWN[name]
