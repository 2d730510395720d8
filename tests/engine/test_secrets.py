"""A secret from the stack file to the state; cannot prove that AWS or a log of it keeps the secret too."""

import pytest

from tests.engine.checkout import Checkout

pytestmark = pytest.mark.engine

ENDPOINT = "https://events.example.com/integration/0123456789abcdef/enqueue"
ELSEWHERE = "\nencryptionsalt: v1:AAAAAAAAAAA=:v1:BBBBBBBBBBBBBBBB:CCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCC==\n"
SECURE = ("config:\n", "config:\n  accordion:pager_endpoint: { secure: v1:abcdefghijkl:0123456789 }\n")


@pytest.fixture(scope="module")
def paged(checkout: Checkout) -> tuple[Checkout, str]:
    """A checkout with `staging` deployed, its pager set as a secret; and all that the commands said."""
    checkout.configure("staging", "pager_endpoint", ENDPOINT, "--secret")
    with checkout.edited("staging", ("tell: notify", "tell: page")):
        said = checkout.preview("staging", "--diff") + checkout.up("staging", "--diff")
        said += checkout("local", "stack", "--stack", "staging")
        said += checkout("local", "stack", "export", "--stack", "staging")
    return checkout, said


def test_the_secret_reaches_the_topic(paged: tuple[Checkout, str]) -> None:
    found = paged[0].client("sns", "staging").list_subscriptions()["Subscriptions"]
    assert ENDPOINT in [subscription["Endpoint"] for subscription in found]


def test_no_command_shows_the_secret(paged: tuple[Checkout, str]) -> None:
    assert ENDPOINT not in paged[1]


def test_a_diff_shows_that_there_is_a_secret(paged: tuple[Checkout, str]) -> None:
    assert '"[secret]"' in paged[1] or ": [secret]" in paged[1]


def test_the_state_does_not_hold_the_secret(paged: tuple[Checkout, str]) -> None:
    kept = sorted(paged[0].place.glob("state.db*"))
    assert any(b"pulumi:pulumi:Stack" in file.read_bytes() for file in kept)
    assert [file.name for file in kept if ENDPOINT.encode() in file.read_bytes()] == []


def test_secrets_of_tasks_are_named_by_arn(paged: tuple[Checkout, str]) -> None:
    arn = "arn:aws:secretsmanager:eu-central-1:210987654321:secret:web/session-key-a1b2c3"
    definition = paged[0].resource("staging", "web-task")["inputs"]["containerDefinitions"]
    assert arn in definition


def test_a_secret_encrypted_elsewhere_is_a_placeholder_and_said_to_be_one(checkout: Checkout) -> None:
    with checkout.edited("prod", SECURE):
        file = checkout.folder / "Pulumi.prod.yaml"
        file.write_text(file.read_text() + ELSEWHERE)
        said = checkout.preview("prod")
    told = [line for line in said.splitlines() if "placeholder" in line]
    assert told == [
        (
            "secrets of Pulumi.prod.yaml are not decrypted here; placeholders stand for accordion:pager_endpoint "
            "(another value: accordion local config set --secret --path 'KEY' VALUE)"
        )
    ]
