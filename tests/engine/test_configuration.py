"""The configuration of a service with the engine and the stand-in for AWS: its history, and a planted secret that is
found nowhere but in Secrets Manager itself.

Cannot prove that AWS or a log of it keeps the secret too, nor that ECS puts the version in that the task names.
"""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.engine.checkout import Checkout
from tests.engine.processes import Seen

pytestmark = [pytest.mark.engine, pytest.mark.timeout(600)]

PLANTED = ("planted-7f3a-first", "planted-7f3a-second")
KEYS = "services: { web: { POOL: { type: integer, maximum: 50 }, DB_PASSWORD: { type: secret } } }\n"
SECRETS_MANAGER = {"journal"}
"""The file from which the stand-in for AWS is made again, Secrets Manager with its secrets among it."""
PLACE = "        environment: { LOG_LEVEL: debug }\n"


def declared(arn: str, pool: int = 7) -> tuple[str, str]:
    """The change of the stack file that declares a configuration."""
    secret = f'DB_PASSWORD: {{ arn: "{arn}", key: password }}'
    return PLACE, f"{PLACE}      configuration: {{ values: {{ POOL: {pool} }}, secrets: {{ {secret} }} }}\n"


class Configured:
    """The stack `dev` with a configuration, and all that was said and kept of it."""

    def __init__(self, checkout: Checkout) -> None:
        self.checkout, self.said = checkout, ""
        checkout.preview("dev")
        self.secrets = checkout.client("secretsmanager", "dev")
        made = self.secrets.create_secret(Name="web/db", SecretString=json.dumps({"password": PLANTED[0]}))
        self.arn: str = made["ARN"]
        self.versions = [made["VersionId"]]

    @contextmanager
    def declared(self, pool: int = 7) -> Iterator[None]:
        keys = self.checkout.folder / "configuration.yaml"
        before = keys.read_text()
        keys.write_text(KEYS)
        try:
            with self.checkout.edited("dev", declared(self.arn, pool)):
                yield
        finally:
            keys.write_text(before)

    @contextmanager
    def declared_now(self, pool: int) -> Iterator[None]:
        """Another value, while there is one already."""
        with self.checkout.edited("dev", ("POOL: 7", f"POOL: {pool}")):
            yield

    def rotate(self, password: str) -> None:
        made = self.secrets.put_secret_value(SecretId=self.arn, SecretString=json.dumps({"password": password}))
        self.versions.append(made["VersionId"])

    def keep(self, said: str) -> str:
        self.said += said
        return said

    @property
    def container(self) -> dict[str, Any]:
        """The main container of what the service runs."""
        ecs = self.checkout.client("ecs", "dev")
        of = self.checkout.outputs("dev")["services"]["web"]
        (service,) = ecs.describe_services(cluster=of["cluster"], services=[of["service"]])["services"]
        definition = ecs.describe_task_definition(taskDefinition=service["taskDefinition"])["taskDefinition"]
        found: dict[str, Any] = definition["containerDefinitions"][0]
        return found


@pytest.fixture(scope="module")
def configured(make: Callable[..., Checkout]) -> Iterator[Configured]:
    made = Configured(make())
    yield made
    made.checkout.destroy("dev")


def test_a_planted_secret_is_found_nowhere_and_a_new_version_rolls_the_service_by_its_id(
    configured: Configured,
) -> None:
    checkout = configured.checkout
    configured.rotate(PLANTED[0])
    with Seen() as processes:
        with configured.declared():
            configured.keep(checkout.preview("dev", "--diff"))
            configured.keep(checkout.up("dev", "--diff"))
            first, second = configured.container, None
            assert first["secrets"] == [
                {"name": "DB_PASSWORD", "valueFrom": f"{configured.arn}:password::{configured.versions[-1]}"}
            ]
            assert {"name": "POOL", "value": "7"} in first["environment"]
            configured.keep(checkout.up("dev", "--expect-no-changes"))
            configured.rotate(PLANTED[1])
            told = configured.keep(checkout.preview("dev"))
            was, now = configured.versions[-2:]
            assert f"web: DB_PASSWORD goes from version {was} to {now}: its tasks are replaced" in told
            configured.keep(checkout.up("dev", "--diff"))
            second = configured.container
            assert second["secrets"][0]["valueFrom"] == f"{configured.arn}:password::{now}"
        for words in (["stack", "export"], ["stack", "output", "--json", "--show-secrets"], ["stack", "history"]):
            configured.keep(checkout("local", *words, "--stack", "dev"))
    assert sum("operations.cli" in line for line in processes.lines) > 0
    configured.keep("\n".join(processes.lines))
    configured.keep(json.dumps([first, second]))
    of_the_cloud = {file for file in checkout.place.rglob("*") if file.is_file()}
    kept = {file for file in of_the_cloud if any(word.encode() in file.read_bytes() for word in PLANTED)}
    assert [word for word in PLANTED if word in configured.said] == []
    assert {str(file.relative_to(checkout.place)) for file in kept} == SECRETS_MANAGER
    shown = [file for file in checkout.folder.rglob("*") if file.is_file() and not file.is_symlink()]
    assert [file for file in shown if any(word.encode() in file.read_bytes() for word in PLANTED)] == []


def test_an_older_version_is_told_compared_and_brought_back(configured: Configured) -> None:
    checkout = configured.checkout
    configured.rotate(PLANTED[1])
    first, second = configured.versions[-2:]
    options = ("--stack", "dev", "--local")
    with configured.declared(pool=51):
        refused = checkout.preview("dev", code=1)
        assert re.search(r"services\.web\.configuration\.values\.POOL: is more than 50", refused), refused
    with configured.declared():
        checkout.up("dev")
        with configured.declared_now(20):
            checkout.up("dev")
            history = json.loads(checkout("config", "history", *options, "--format", "json"))
            pool, password = history["keys"]
            assert [(one["id"], one["value"], one["current"]) for one in pool["versions"]] == [
                ("2", "20", True),
                ("1", "7", False),
            ]
            told = {one["id"]: (one["value"], one["current"]) for one in password["versions"]}
            assert told == {version: (None, version == second) for version in configured.versions}
            assert checkout("config", "diff", *options) == "dev and what is there: 0 differences\n"
            said = checkout("config", "diff", "web.POOL", "1", "2", *options, code=1)
            assert said.startswith("web.POOL in dev: 1 difference\n  7 (")
            # A value comes back in the stack file.
            file = checkout.folder / "Pulumi.dev.yaml"
            before = file.read_text()
            said = checkout("config", "restore", "web.POOL", "1", *options, "--preview")
            assert said.startswith("web.POOL becomes that of version 1, ")
            assert ": 20 -> 7\n  rolled: web, whose tasks are replaced\n" in said
            assert said.endswith("nothing was changed: this was the preview\n")
            assert file.read_text() == before
            checkout("config", "restore", "web.POOL", "1", *options, "--yes")
            assert file.read_text() == before.replace("POOL: 20", "POOL: 7")
            assert {"name": "POOL", "value": "7"} in configured.container["environment"]
            # A secret becomes current again in Secrets Manager; the stack file stays as it is.
            said = checkout("config", "restore", "web.DB_PASSWORD", first[:8], *options, "--yes")
            assert f"web: DB_PASSWORD goes from version {second} to {first}: its tasks are replaced" in said
            assert configured.container["secrets"][0]["valueFrom"] == f"{configured.arn}:password::{first}"
            current = configured.secrets.describe_secret(SecretId=configured.arn)["VersionIdsToStages"][first]
            assert "AWSCURRENT" in current
            assert [word for word in PLANTED if word in said] == []
            checkout.up("dev", "--expect-no-changes")
            file.write_text(before)
