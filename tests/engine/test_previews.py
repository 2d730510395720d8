"""What the real engine says it would do to a deployed dev stack; cannot prove what AWS would do when it does it."""

import json
import re
from pathlib import Path

import pytest

from tests.engine.checkout import Checkout, summary

pytestmark = pytest.mark.engine

STACKS = ("dev", "fleet", "prod", "staging")
ZONE = ("zones: [eu-central-1a, eu-central-1b]", "zones: [eu-central-1a, eu-central-1b, eu-central-1c]")
BREAKER_OFF = (
    "      rollback_alarms: null",
    "      rollback_alarms: null\n      deployment: { circuit_breaker: false }",
)


@pytest.fixture(scope="module")
def dev(checkout: Checkout) -> Checkout:
    """A checkout with `dev` deployed; the tests only look."""
    checkout.up("dev")
    return checkout


def test_a_raised_bound_changes_the_scalable_target_and_what_draws_it(dev: Checkout) -> None:
    with dev.edited("dev", ("maximum: 2", "maximum: 3")):
        plan = dev.plan("dev")
    assert plan.operations == {"update"}
    assert plan.changed == {"web-scalable-target": ["maxCapacity"], "alarms-dashboard": ["dashboardBody"]}


def test_an_added_zone_grows_the_stack_and_replaces_nothing(dev: Checkout) -> None:
    with dev.edited("dev", ZONE):
        plan = dev.plan("dev")
    assert plan.of("create") == [
        "network-private-eu-central-1c",
        "network-private-eu-central-1c-association",
        "network-private-eu-central-1c-nat",
        "network-private-eu-central-1c-routes",
        "network-public-eu-central-1c",
        "network-public-eu-central-1c-association",
    ]
    assert plan.operations == {"create", "update"}
    assert plan.changed == {
        "balancer-lb": ["subnets"],
        "network-gateway-s3": ["routeTableIds"],
        "web-service": ["networkConfiguration"],
    }


def test_a_new_port_names_the_property_that_forces_the_replacement(dev: Checkout) -> None:
    with dev.edited("dev", ("number: 8080", "number: 9090"), ("port: 8080", "port: 9090")):
        plan = dev.plan("dev")
    assert plan.replaced_for["balancer-web"] == ["port"]


def test_a_typo_in_a_key_is_one_message_with_file_line_and_nearest_key(dev: Checkout) -> None:
    file = (dev.folder / "Pulumi.dev.yaml").read_text()
    line = file[: file.index("maximum: 2")].count("\n") + 1
    with dev.edited("dev", ("maximum: 2", "maxima: 2")):
        said = dev.preview("dev", code=1)
    told = said.partition("Diagnostics:\n")[2].partition("\n\n")[0]
    assert [part.strip() for part in told.splitlines()] == [
        "pulumi:pulumi:Stack (accordion-dev):",
        "error: 1 fault in the settings of stack dev:",
        f"Pulumi.dev.yaml:{line} services.web.elasticity.maxima: unknown key; did you mean `maximum`",
    ]
    assert "Traceback" not in said


@pytest.mark.parametrize("stack", STACKS)
def test_the_guardrails_pass(dev: Checkout, stack: str) -> None:
    said = dev.preview(stack, "--policy-pack", "guardrails")
    # The sign is another one where a property is known only after its resource is made.
    assert re.search(r"^Policies:\n +\S+ accordion-guardrails@", said, re.MULTILINE)
    assert "[mandatory]" not in said


def test_a_guardrail_stops_a_deployment_that_would_not_turn_back(dev: Checkout) -> None:
    with dev.edited("dev", BREAKER_OFF):
        said = dev.preview("dev", "--policy-pack", "guardrails", code=1)
    assert "the deployment circuit breaker is off or does not roll back: set enable and rollback" in said
    assert "[mandatory]" in said


def test_the_guardrails_judge_what_is_deployed_and_any_exported_state(dev: Checkout, tmp_path: Path) -> None:
    pack = ("local", "policy", "analyze", "--policy-pack", "guardrails")
    assert "[mandatory]" not in dev(*pack, "--stack", "dev")
    state = json.loads(dev("local", "stack", "export", "--stack", "dev"))
    rule = next(r for r in state["deployment"]["resources"] if r["urn"].endswith("::balancer-in-tcp-80-everyone"))
    for side in ("inputs", "outputs"):
        rule[side] |= {"fromPort": 22, "toPort": 22}
    (tmp_path / "state.json").write_text(json.dumps(state))
    said = dev(*pack, "--file", str(tmp_path / "state.json"), code=1)
    assert "port 22 is open to the world: only ports of listeners may be (80)" in said


def test_looking_changes_nothing(dev: Checkout) -> None:
    said = dev.up("dev", "--expect-no-changes")
    assert set(summary(said)) == {"unchanged"}
