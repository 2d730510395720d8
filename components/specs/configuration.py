"""What a service is configured with in one environment: plain values of a type, and where its secrets stand.

Values of secrets stand nowhere here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Annotated

from pydantic import Field, StrictBool, StrictFloat, StrictInt

from components.specs.container import Container, EnvironmentName, Name
from elasticity.faults import Fault
from elasticity.rules import Model

LONGEST = 4096
"""Bytes of a standard SSM parameter (AWS Systems Manager User Guide, parameter tiers)."""
Text = Annotated[str, Field(min_length=1, max_length=LONGEST)]
Value = StrictBool | StrictInt | Annotated[StrictFloat, Field(allow_inf_nan=False)] | Text
SECRETS = "/run/secrets"
"""Where the Engine mounts secrets."""
FILE_SUFFIX = "_FILE"
"""After the name of a secret, the variable with the path of its file: the convention of Docker's official images."""


class SecretSource(Model):
    """A secret in Secrets Manager, by ARN: never its value."""

    arn: Annotated[str, Field(pattern=r"^arn:[a-z-]+:secretsmanager:[a-z0-9-]+:\d{12}:secret:[A-Za-z0-9/_+=.@-]+$")]
    key: Annotated[str, Field(pattern=r"^[^:\s]+$")] | None = None
    """Of a secret that is a JSON object, the one value of it."""
    version: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{32,64}$")] | None = None
    """Id of the version that tasks get. None: the one that is current when the stack is deployed."""
    kms_key_arn: Annotated[str, Field(pattern=r"^arn:[a-z-]+:kms:[a-z0-9-]+:\d{12}:key/\S+$")] | None = None
    """The key of one's own that encrypts it; None for the one that AWS manages."""

    def at(self, version: str) -> str:
        """What a task definition names: this version, and no other (ECS developer guide, secrets)."""
        return f"{self.arn}:{self.key or ''}::{version}"


class ConfigurationSpec(Model):
    """The configuration of one service on AWS."""

    values: dict[EnvironmentName, Value] = {}
    """By variable: a text, a number, true or false. Each is also an SSM parameter at `/accordion/STACK/SERVICE/KEY`,
    whose history shows who changed it when."""
    secrets: dict[EnvironmentName, SecretSource] = {}
    """By variable: ECS puts the value in when a container starts."""


class SwarmConfiguration(Model):
    """The configuration of one service on a Swarm."""

    values: dict[EnvironmentName, Value] = {}
    """By variable: a text, a number, true or false."""
    secrets: dict[EnvironmentName, Name] = {}
    """By key, the name of one of the stack's secrets; the variable `KEY_FILE` holds the path of its file."""

    @property
    def variables(self) -> dict[str, str]:
        """What the container sees."""
        files = {f"{key}{FILE_SUFFIX}": f"{SECRETS}/{name}" for key, name in self.secrets.items()}
        return {**texts(self.values), **files}


def texts(values: Mapping[str, Value]) -> dict[str, str]:
    """Values as variables hold them: texts as they are, else as JSON has it, such as `true`."""
    return {key: value if isinstance(value, str) else json.dumps(value) for key, value in values.items()}


def configuration_faults(
    configuration: ConfigurationSpec | SwarmConfiguration, container: Container
) -> Iterator[Fault]:
    """Keys that stand twice, of which the container would get one, and texts that no variable holds."""
    yield from _texts_that_no_variable_holds(configuration, container)
    told = {**dict.fromkeys(container.environment, "environment"), **dict.fromkeys(container.secrets, "secrets")}
    suffix = FILE_SUFFIX if isinstance(configuration, SwarmConfiguration) else ""
    variables = [("values", key, key) for key in configuration.values]
    variables += [("secrets", key, key + suffix) for key in configuration.secrets]
    for kind, key, variable in variables:
        if variable in told:
            text = f"the variable {variable} stands under `container.{told[variable]}` too: keep one of them"
            yield Fault(("configuration", kind, key), text)
    for key in configuration.values:
        if key in configuration.secrets:
            yield Fault(("configuration", "values", key), "the key is a secret too: keep one of them")
        elif suffix and key.removesuffix(suffix) in configuration.secrets and key.endswith(suffix):
            text = f"the variable is the path of the secret {key.removesuffix(suffix)}: give one of them another name"
            yield Fault(("configuration", "values", key), text)


def _texts_that_no_variable_holds(
    configuration: ConfigurationSpec | SwarmConfiguration, container: Container
) -> Iterator[Fault]:
    places = [(("configuration", "values", key), value) for key, value in configuration.values.items()]
    places += [(("container", "environment", key), value) for key, value in container.environment.items()]
    for place, value in places:
        if not isinstance(value, str):
            continue
        if "\0" in value:
            yield Fault(place, "a text with the sign NUL, at which a variable ends: leave it out")
        elif place[0] == "configuration" and (size := len(value.encode())) > LONGEST:
            text = f"a text of {size} bytes, allowed {LONGEST}: name a file, or a secret, in its place"
            yield Fault(place, text)
