"""A review with the real engine: the base deployed, the work tree previewed. Cannot prove what AWS would do."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.engine.checkout import Checkout

pytestmark = pytest.mark.engine
_CIDR = ("cidr: 10.16.0.0/16", "cidr: 10.17.0.0/16")
_BALANCER = Path("components", "load_balancer", "load_balancer.py")
_TIMEOUT = "round(spec.idle_timeout)"


@pytest.fixture(scope="module")
def checkout(make: Callable[..., Checkout], tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    return make(ACCORDION_CACHE_DIR=str(tmp_path_factory.mktemp("cache")))


def test_a_review_deploys_the_base_once_says_the_same_twice_and_again_when_what_it_kept_is_damaged(
    checkout: Checkout, tmp_path: Path
) -> None:
    first, second, third, long, found = (tmp_path / name for name in ("1.md", "2.md", "3.md", "long.md", "found.sarif"))
    asked = ("review", "--base", "HEAD", "--stack", "dev")

    with checkout.edited("dev", _CIDR):
        checkout(*asked, "--output", str(first), "--sarif", str(found), "--full", str(long), code=1)
        (mark,) = Path(checkout.variables["ACCORDION_CACHE_DIR"], "reviews").glob("*/deployed/dev")
        deployed = mark.stat().st_mtime_ns
        checkout(*asked, "--output", str(second), code=1)
        assert mark.stat().st_mtime_ns == deployed
        journal = mark.parents[1] / "cloud" / "journal"
        damaged = journal.read_bytes().partition(b"\n")[2]
        journal.write_bytes(b'{"format": 0}\n' + damaged)
        said = checkout(*asked, "--output", str(third), code=1)

    assert first.read_bytes() == second.read_bytes() == third.read_bytes()
    assert "it is deployed anew" in said
    assert mark.stat().st_mtime_ns != deployed
    answer = first.read_text().splitlines()[:15]
    assert answer[0] == "## A person has to look: `dev` 25 replaced"
    assert (
        "- **Replaced** in `dev`: `ec2/vpc` `network-vpc`, forced by `cidrBlock` `10.16.0.0/16` → `10.17.0.0/16`: "
        "everything in it moves; its addresses change"
    ) in answer
    results = json.loads(found.read_text())["runs"][0]["results"]
    assert {one["ruleId"] for one in results} == {"RV001"}
    line = (checkout.folder / "Pulumi.dev.yaml").read_text().splitlines().index("    cidr: 10.16.0.0/16") + 1
    assert {one["locations"][0]["physicalLocation"]["region"]["startLine"] for one in results} == {line}
    assert "known after the deployment" in long.read_text()
    assert checkout.git("status", "--porcelain") == ""


def test_a_change_of_a_component_alone_says_what_it_does_to_a_stack(checkout: Checkout, tmp_path: Path) -> None:
    comment, found = tmp_path / "comment.md", tmp_path / "found.sarif"
    file = checkout.folder / _BALANCER
    before = file.read_text()
    assert before.count(_TIMEOUT) == 1
    file.write_text(before.replace(_TIMEOUT, f"{_TIMEOUT} + 1"))
    try:
        checkout("review", "--base", "HEAD", "--stack", "dev", "--output", str(comment), "--sarif", str(found))
    finally:
        file.write_text(before)

    text = comment.read_text()
    assert text.splitlines()[0] == "## Nothing to say against it: `dev` changes"
    assert "- **Rules and settings**: the same; the program differs" in text.splitlines()[:15]
    assert "| updated | `lb/loadBalancer` `balancer-lb` | `idleTimeout` `60` → `61` |" in text
    assert json.loads(found.read_text())["runs"][0]["results"] == []
