"""The configuration of a service on the recording monitor, and its values as they are declared.

It cannot prove that Secrets Manager tells versions as they are told here: tests/engine/test_configuration.py has a
stand-in for it.
"""

from __future__ import annotations

import types
from typing import Any

import pulumi
import pytest
from pydantic import ValidationError

from components.configuration import Configuration, ConfigurationArgs, _current
from components.deployed import Deployed
from components.specs.configuration import ConfigurationSpec, SwarmConfiguration, configuration_faults, texts
from components.specs.container import Container
from tests.recording import Registrations, build

ARN = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:web/db-a1b2c3"
OLD, NEW = "0" * 32, "1" * 32


def made(deployed: Deployed | None = None, now: str = NEW, **spec: Any) -> tuple[Registrations, dict[str, Any]]:
    def body() -> None:
        args = ConfigurationArgs(
            ConfigurationSpec.model_validate(spec),
            "/accordion/test/web",
            versions=lambda arn, component: now,
            tags={"team": "shop"},
            deployed=deployed or Deployed(),
        )
        Configuration("web", args)

    built = build(body)
    return built, built.outputs("web")


def test_a_value_is_a_parameter_at_the_path_of_stack_and_service_and_a_variable() -> None:
    built, outputs = made(values={"LOG_LEVEL": "debug", "POOL": 20, "RATIO": 0.5, "FLAG": True})
    parameters = {each.name: each.inputs for each in built.of("aws:ssm/parameter:Parameter")}
    assert {name: (one["name"], one["insecureValue"], one["type"]) for name, one in parameters.items()} == {
        "web-parameter-LOG_LEVEL": ("/accordion/test/web/LOG_LEVEL", "debug", "String"),
        "web-parameter-POOL": ("/accordion/test/web/POOL", "20", "String"),
        "web-parameter-RATIO": ("/accordion/test/web/RATIO", "0.5", "String"),
        "web-parameter-FLAG": ("/accordion/test/web/FLAG", "true", "String"),
    }
    assert parameters["web-parameter-POOL"]["tags"]["team"] == "shop"
    assert outputs["environment"] == {"LOG_LEVEL": "debug", "POOL": "20", "RATIO": "0.5", "FLAG": "true"}


def test_a_secret_is_named_with_the_id_of_its_version_and_its_key() -> None:
    _, outputs = made(secrets={"DB": {"arn": ARN, "key": "password"}, "WHOLE": {"arn": ARN}})
    assert outputs["secrets"] == {"DB": f"{ARN}:password::{NEW}", "WHOLE": f"{ARN}:::{NEW}"}
    assert outputs["versions"] == {"DB": NEW, "WHOLE": NEW}


def test_a_version_that_is_given_is_taken_whatever_is_current() -> None:
    _, outputs = made(secrets={"DB": {"arn": ARN, "version": OLD}})
    assert outputs["secrets"] == {"DB": f"{ARN}:::{OLD}"}


def test_another_version_is_said_with_service_and_key(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(pulumi.log, "info", lambda text, resource: said.append(text))
    before = Deployed({("accordion:index:Configuration", "web"): {"versions": {"DB": OLD}}})
    made(before, secrets={"DB": {"arn": ARN}})
    assert said == [f"web: DB goes from version {OLD} to {NEW}: its tasks are replaced"]
    made(before, now=OLD, secrets={"DB": {"arn": ARN}})
    assert len(said) == 1


def test_a_secret_without_a_value_is_refused_with_what_to_do() -> None:
    pending = types.SimpleNamespace(version_stages=["AWSPENDING"], version_id=OLD)
    with pytest.raises(pulumi.RunError) as refused:
        _current(ARN, [pending])
    assert str(refused.value) == (
        f"the secret {ARN} has no value yet: put one in with `aws secretsmanager put-secret-value`"
    )
    current = types.SimpleNamespace(version_stages=["AWSCURRENT"], version_id=NEW)
    assert _current(ARN, [pending, current]) == NEW


@pytest.mark.parametrize("value", ["", "x" * 4097, None, float("inf"), ["a"], {"a": 1}])
def test_what_no_parameter_holds_is_no_value(value: Any) -> None:
    with pytest.raises(ValidationError):
        ConfigurationSpec(values={"A": value})


@pytest.mark.parametrize(
    ("value", "text"),
    [(True, "true"), (False, "false"), (3, "3"), (-0.25, "-0.25"), (10**17, "1" + "0" * 17), ("true", "true")],
)
def test_a_value_is_the_text_that_json_has_for_it(value: Any, text: str) -> None:
    assert texts({"A": value}) == {"A": text}


@pytest.mark.parametrize("arn", [f"{ARN}:password::", "web/db", ARN.replace("secretsmanager", "ssm")])
def test_a_secret_is_named_by_its_own_arn(arn: str) -> None:
    with pytest.raises(ValidationError):
        ConfigurationSpec.model_validate({"secrets": {"DB": {"arn": arn}}})


@pytest.mark.parametrize(
    ("given", "environment", "told"),
    [
        ({"values": {"A": "x\0y"}}, {}, "configuration.values.A: a text with the sign NUL, at which a variable ends: leave it out"),
        ({}, {"B": "\0"}, "container.environment.B: a text with the sign NUL, at which a variable ends: leave it out"),
        (
            {"values": {"A": "é" * 2049}}, {},
            "configuration.values.A: a text of 4098 bytes, allowed 4096: name a file, or a secret, in its place",
        ),
        (
            {"values": {"A_FILE": "x"}, "secrets": {"A": "a"}}, {},
            "configuration.values.A_FILE: the variable is the path of the secret A: give one of them another name",
        ),
        ({"values": {"A": "é" * 2048, "_FILE": "$x 'y\"\n\u2028"}, "secrets": {"B": "a", "C": "a"}}, {"B": "x"}, None),
    ],
)  # fmt: skip
def test_a_variable_that_would_be_lost_or_cut_is_refused(
    given: dict[str, Any], environment: dict[str, str], told: str | None
) -> None:
    container = Container.model_validate({"environment": environment})
    faults = configuration_faults(SwarmConfiguration.model_validate(given), container)
    assert [f"{fault.key}: {fault.text}" for fault in faults] == ([] if told is None else [told])


def test_on_a_swarm_a_secret_is_a_file_whose_path_is_a_variable() -> None:
    configuration = SwarmConfiguration(values={"POOL": 20}, secrets={"DB_PASSWORD": "db-password"})
    assert configuration.variables == {"POOL": "20", "DB_PASSWORD_FILE": "/run/secrets/db-password"}


def test_a_variable_that_stands_twice_is_refused() -> None:
    container = Container(environment={"A": "1", "B_FILE": "/x"}, secrets={"C": f"{ARN}:key::"})
    on_aws = ConfigurationSpec.model_validate(
        {"values": {"A": 1, "D": 2}, "secrets": {key: {"arn": ARN} for key in "CD"}}
    )
    assert [(fault.key, fault.message) for fault in configuration_faults(on_aws, container)] == [
        ("configuration.values.A", "the variable A stands under `container.environment` too: keep one of them"),
        ("configuration.secrets.C", "the variable C stands under `container.secrets` too: keep one of them"),
        ("configuration.values.D", "the key is a secret too: keep one of them"),
    ]
    on_swarm = SwarmConfiguration(secrets={"A": "a", "B": "b"})
    assert [fault.key for fault in configuration_faults(on_swarm, container)] == ["configuration.secrets.B"]
