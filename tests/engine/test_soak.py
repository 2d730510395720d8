"""A short soak of fixed kills: `make soak` runs sixty of them. It cannot prove what another moment would have left."""

import pytest

from tests.engine.soak import _named, plan, soak

pytestmark = [pytest.mark.engine, pytest.mark.long]
SEED = 335


def test_the_kills_that_are_planned_meet_each_victim_in_each_command_equally_often() -> None:
    planned = plan(4 * 7 * 3, SEED, ["many", "dev"])
    met = [(kill.command, kill.victim) for kill in planned]
    assert {met.count(each) for each in met} == {3}
    assert len(set(met)) == 4 * 7
    assert [kill.program for kill in planned].count("dev") == 4 * 7
    assert plan(60, SEED, ["many", "dev"]) == plan(60, SEED, ["many", "dev"])


def test_what_a_destroy_had_begun_to_delete_may_be_made_anew_and_nothing_else() -> None:
    urns = [f"urn:pulumi:dev::demo::aws:ssm/parameter:Parameter::{name}" for name in ("first", "first-two", "second")]
    said = " -  aws:ssm:Parameter first deleting (0s)\n -  aws:ssm:Parameter third deleted (0.1s)\n"
    assert _named(urns, said, "deleting") == {urns[0]}
    assert _named(urns, said, "replac") == set()
    assert _named(urns, " ++ aws:ssm:Parameter second creating replacement (0s)", "creating replacement") == {urns[2]}


@pytest.mark.timeout(1200)
def test_a_few_kills_at_random_moments_leave_nothing_behind() -> None:
    said: list[str] = []
    outcome = soak(2, SEED, ["many"], said.append)
    assert outcome.findings == [], "\n".join(said)
    assert outcome.figures["clean of all"] == "2 of 2"
