"""The configuration of a service with the engine and the stand-in for AWS: its history, and a planted secret that is
found nowhere but in Secrets Manager itself.

Cannot prove that AWS or a log of it keeps the secret too, nor that ECS puts the version in that the task names.
"""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.engine import planted
from tests.engine.checkout import Checkout
from tests.engine.processes import Seen

pytestmark = [pytest.mark.engine, pytest.mark.timeout(1200)]

PLANTED = ("""planted-7f3a-first "a" <é> $&+/'b' word""", """planted-7f3a-second "a" <é> $&+/'b' word""")
"""With what each way of writing writes in its own way."""
KEYS = "services: { web: { POOL: { type: integer, maximum: 50 }, DB_PASSWORD: { type: secret } } }\n"
PLACE = "        environment: { LOG_LEVEL: debug }\n"


def declared(arn: str, pool: int = 7) -> tuple[str, str]:
    """The change of the stack file that declares a configuration."""
    secret = f'DB_PASSWORD: {{ arn: "{arn}", key: password }}'
    return PLACE, f"{PLACE}      configuration: {{ values: {{ POOL: {pool} }}, secrets: {{ {secret} }} }}\n"


class Configured:
    """The stack `dev` with a configuration, and all that was said and kept of it."""

    def __init__(self, checkout: Checkout) -> None:
        self.checkout, self.search = checkout, planted.Search(*PLANTED)
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
def configured(make: Callable[..., Checkout], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Configured]:
    made = Configured(make(**{name: str(tmp_path_factory.mktemp("of")) for name in ("TMPDIR", "ACCORDION_CACHE_DIR")}))
    yield made
    made.checkout.destroy("dev")


def test_a_planted_secret_is_found_nowhere_and_a_new_version_rolls_the_service_by_its_id(
    configured: Configured, tmp_path: Path
) -> None:
    checkout = configured.checkout
    configured.rotate(PLANTED[0])
    search = configured.search
    with configured.declared():
        with Seen() as processes:
            search.look("preview --diff", checkout.preview("dev", "--diff"))
            search.look("up --diff", checkout.up("dev", "--diff"))
            first = configured.container
            assert first["secrets"] == [
                {"name": "DB_PASSWORD", "valueFrom": f"{configured.arn}:password::{configured.versions[-1]}"}
            ]
            assert {"name": "POOL", "value": "7"} in first["environment"]
            checkout.up("dev", "--expect-no-changes")
            configured.rotate(PLANTED[1])
            told = search.look("preview", checkout.preview("dev"))
            was, now = configured.versions[-2:]
            assert f"web: DB_PASSWORD goes from version {was} to {now}: its tasks are replaced" in told
            search.look("up --diff", checkout.up("dev", "--diff"))
            second = configured.container
            assert second["secrets"][0]["valueFrom"] == f"{configured.arn}:password::{now}"
        assert any("operations.cli" in line for line in processes.lines)
        search.look("command lines of processes", "\n".join(processes.lines))
        search.look("variables of processes", "\n".join(processes.variables))
        search.look("task definitions", json.dumps([first, second]))
        planted.told(search, checkout, "dev", tmp_path)
        # The cloud of a review has no such secret: a version stands for it.
        comment = planted.reviewed(search, checkout, "dev", tmp_path)
        assert comment.startswith("## Nothing to say against it: `dev` changes"), comment
    assert search.found == []
    # The file from which the stand-in for AWS is made again has its Secrets Manager; nothing else does.
    search.files("the local cloud", checkout.place.rglob("*"))
    assert {place.partition(":")[0] for place in search.found} == {"the local cloud journal"}
    search.found.clear()
    search.files("the project", checkout.folder.rglob("*"))
    search.files("the folder of temporary files", Path(checkout.variables["TMPDIR"]).rglob("*"))
    assert search.found == []


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
            configured.search.look("config restore", said)
            assert configured.search.found == []
            checkout.up("dev", "--expect-no-changes")
            file.write_text(before)


ROUTE = (
    "        port: 8080\n",
    "        port: 8080\n        routes: { all: { priority: 10, paths: ['/*'] } }\n        test_route: { priority: 5 }\n",
)
GATED = (
    "      rollback_alarms: null\n",
    (
        "      rollback_alarms: null\n"
        "      deployment:\n"
        "        { strategy: blue_green, bake_time: 10m, approvals: { look: { stage: post_test_traffic_shift } } }\n"
    ),
)


def test_rotated_while_a_release_waits_at_its_gate_the_next_deployment_takes_over_with_the_newest(
    configured: Configured,
) -> None:
    checkout = configured.checkout

    def status(code: int = 0) -> dict[str, Any]:
        said = checkout("release", "status", "--local", "--format", "json", code=code)
        (found,) = json.loads(said[said.index("{") :])["releases"]
        return dict(found)

    def named() -> str:
        """The version that the declared task definition names."""
        at: str = configured.container["secrets"][0]["valueFrom"]
        return at.rpartition(":")[2]

    configured.rotate("first")
    with configured.declared(), checkout.edited("dev", ROUTE, GATED):
        checkout.up("dev")
        if status()["status"] == "in_progress":  # another test of this module has deployed it before
            checkout("release", "continue", "--local")
            checkout("release", "advance", "11m")
        served = named()
        configured.rotate("second")
        checkout.up("dev")
        waits = status()
        assert (waits["status"], waits["stage"]) == ("in_progress", "post_test_traffic_shift")
        configured.rotate("third")
        was, now = configured.versions[-2:]
        told = checkout.preview("dev")
        assert f"web: DB_PASSWORD goes from version {was} to {now}: its tasks are replaced" in told
        checkout.up("dev")
        taken_over = status()
        assert (taken_over["status"], taken_over["stage"]) == ("in_progress", "post_test_traffic_shift")
        new, before = (one["version"] for one in taken_over["versions"])
        assert (new != waits["versions"][0]["version"], before) == (True, waits["versions"][1]["version"])
        waiting = checkout("monitor", "--local", "--stack", "dev", code=2)
        assert "\n0 differences, " in waiting
        assert "accordion release continue --local --stack dev" in waiting
        checkout("release", "continue", "--local")
        assert "web: nothing is being released\n" in checkout("release", "advance", "11m")
        assert (named(), served) == (now, configured.versions[-3])
        checkout.preview("dev", "--refresh", "--expect-no-changes")
        checkout("monitor", "--local", "--stack", "dev")
