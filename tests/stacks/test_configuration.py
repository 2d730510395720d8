"""Which keys there are, and what is missing or left over in an environment. It cannot prove that a service reads them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from operations.check import command as check
from stacks.configuration import CODES, judge, keys_beside, keys_of
from stacks.settings import SettingsError, parse
from stacks.stack_file import StackFile
from tests.operations.mutations import mutated

ARN = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:web/db-a1b2c3"
KEYS = """\
services:
  web:
    LOG_LEVEL: { type: text, allowed: [info, debug] }
    POOL: { type: integer, minimum: 1, maximum: 50 }
    RATIO: { type: number }
    FLAG: { type: boolean, optional: true }
    DB_PASSWORD: { type: secret }
  worker:
    QUEUE: { type: text }
"""
RIGHT = "values: { LOG_LEVEL: debug, POOL: 7, RATIO: 1 }"
SECRETS = f"secrets: {{ DB_PASSWORD: {{ arn: '{ARN}' }} }}"
STACK = """\
config:
  accordion:composition: web_service
  accordion:environment: { region: eu-central-1, account_ids: ["123456789012"], production: false }
  accordion:network: { zones: [eu-central-1a, eu-central-1b] }
  accordion:services:
    web:
      container: { image: { repository: docker.io/library/nginx, version: 1.29.1 } }
      cpu: 256
      memory: 512
      count: 1
      configuration:
        VALUES
        SECRETS
"""


def text(values: str = RIGHT, secrets: str = SECRETS) -> str:
    return STACK.replace("VALUES", values).replace("SECRETS", secrets)


def found(values: str = RIGHT, secrets: str = SECRETS, keys: str | None = KEYS) -> list[tuple[str | None, str, str]]:
    written = text(values, secrets)
    file = StackFile.parse("Pulumi.dev.yaml", written)
    known = None if keys is None else keys_of("configuration.yaml", keys)
    told = judge(parse("Pulumi.dev.yaml", written).configured, known, file)
    return [(one.code, one.key.removeprefix("services.web.configuration."), one.message) for one in told]


def test_a_configuration_with_all_its_keys_says_nothing() -> None:
    assert found() == []


@pytest.mark.parametrize(
    ("values", "secrets", "code", "key", "said"),
    [
        (
            "values: { LOG_LEVEL: debug, RATIO: 1 }",
            SECRETS,
            "CF001",
            "values.POOL",
            "web has the key POOL, of type integer, and here it is missing",
        ),
        (
            RIGHT,
            "secrets: {}",
            "CF001",
            "secrets.DB_PASSWORD",
            "web has the key DB_PASSWORD, of type secret, and here it is missing",
        ),
        (
            RIGHT.replace("POOL", "OLD: 1, POOL"),
            SECRETS,
            "CF002",
            "values.OLD",
            "configuration.yaml has no such key of web",
        ),
        (RIGHT.replace("7", "'7'"), SECRETS, "CF003", "values.POOL", "got a text, allowed an integer"),
        (RIGHT.replace("7", "true"), SECRETS, "CF003", "values.POOL", "got true or false, allowed an integer"),
        (RIGHT.replace("7", "51"), SECRETS, "CF003", "values.POOL", "is more than 50"),
        (RIGHT.replace("7", "0"), SECRETS, "CF003", "values.POOL", "is less than 1"),
        (RIGHT.replace("debug", "loud"), SECRETS, "CF003", "values.LOG_LEVEL", "not one of info, debug"),
        (
            RIGHT.replace("POOL", "DB_PASSWORD: planted, POOL"),
            "secrets: {}",
            "CF003",
            "values.DB_PASSWORD",
            "the key is of type secret: it stands under `secrets`",
        ),
    ],
)
def test_what_differs_from_the_keys_is_found_by_key(values: str, secrets: str, code: str, key: str, said: str) -> None:
    assert found(values, secrets) == [(code, key, said)]


def test_without_a_file_of_keys_that_is_said_once() -> None:
    assert found(keys=None) == [
        (
            "CF004",
            "services.web.configuration",
            "there is no configuration.yaml beside it, so that a key that is missing here is not found",
        )
    ]
    assert found("values: {}", "secrets: {}", keys=None) == []


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ("web: {}\n", "k.yaml: expected a map with the key `services`"),
        (
            "services: { web: { A: { type: date } } }\n",
            "k.yaml:1 services.web.A.type: got a text, allowed one of text, integer, number, boolean, secret",
        ),
        (
            "services: { web: { A: { type: text, minimum: 1 } } }\n",
            "k.yaml:1 services.web.A.minimum: is for keys of type integer or number, and this one is text: leave it out",
        ),
        (
            "services: { web: { A: { type: number, allowed: [a] } } }\n",
            "k.yaml:1 services.web.A.allowed: is for keys of type text, and this one is number: leave it out",
        ),
        (
            "services: { web: { A: { type: number, minimum: 2, maximum: 1 } } }\n",
            "k.yaml:1 services.web.A.maximum: is below `minimum`: no number is both",
        ),
    ],
)
def test_a_file_of_keys_that_is_wrong_is_told_by_line(keys: str, said: str) -> None:
    with pytest.raises(SettingsError) as refused:
        keys_of("k.yaml", keys)
    assert str(refused.value) == said


def test_a_mutated_file_of_keys_is_read_or_refused_by_name() -> None:
    told = []
    for seed in range(300):
        try:
            keys_of("k.yaml", mutated(KEYS, seed).decode("utf-8", "replace"))
        except SettingsError as refused:
            told += [str(fault) for fault in refused.faults]
    assert told
    assert [line for line in told if not line.startswith("k.yaml")] == []


def test_check_finds_it_and_sarif_knows_the_codes(tmp_path: Path) -> None:
    stack = tmp_path / "Pulumi.dev.yaml"
    stack.write_text(text("values: { LOG_LEVEL: debug, RATIO: 1, OLD: planted }"))
    assert keys_beside(stack) is None
    (tmp_path / "configuration.yaml").write_text(KEYS)
    answer = CliRunner().invoke(check, [str(stack), "--format", "sarif"], standalone_mode=False)
    (run,) = json.loads(answer.stdout)["runs"]
    assert [one["ruleId"] for one in run["results"]] == ["CF002", "CF001"]
    assert CODES.keys() <= {rule["id"] for rule in run["tool"]["driver"]["rules"]}
    assert "planted" not in answer.stdout
    (tmp_path / "configuration.yaml").write_text("services: 1\n")
    answer = CliRunner().invoke(check, [str(stack)], standalone_mode=False)
    assert answer.stdout.splitlines()[0] == (
        f"{tmp_path}/configuration.yaml:1 services: error: got an integer, allowed a map"
    )


SWARM = """\
config:
  accordion:composition: private_service
  accordion:environment: { production: false }
  accordion:services:
    web:
      container: { image: { repository: shop/web, version: "1" } }
      cpu: 256
      memory: 512
      count: 1
      secrets: [tls-key, word]
"""


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ("", [("CF005", "tls-key"), ("CF005", "word")]),
        ("  accordion:service_secrets: { word: { secure: v1:planted }, tls-key: { secure: v1:planted } }\n", []),
        (
            "  accordion:service_secrets: { word: { secure: v1:planted }, old: { secure: v1:planted } }\n",
            [("CF002", "old"), ("CF005", "tls-key")],
        ),
        ("  accordion:service_secrets: { secure: v1:planted }\n", []),
        ("environment: [shop/prod]\n", []),
    ],
)
def test_a_secret_of_a_swarm_without_a_value_and_a_value_that_nothing_reads_are_found(
    more: str, told: list[tuple[str, str]], tmp_path: Path
) -> None:
    stack = tmp_path / "Pulumi.private.yaml"
    stack.write_text(SWARM + more)
    answer = CliRunner().invoke(check, [str(stack), "--format", "json"], standalone_mode=False)
    assert "planted" not in answer.stdout
    reports = json.loads(answer.stdout)["findings"]
    assert [(one["code"], one["path"]) for one in reports] == [(code, f"service_secrets.{name}") for code, name in told]
