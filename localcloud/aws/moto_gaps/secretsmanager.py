"""Gaps of moto's Secrets Manager: the type of a secret that a partner rotates, which version is current after the
stage was moved by hand, and the versions of a secret that is not there."""

from typing import Any

from moto.secretsmanager.exceptions import SecretNotFoundException
from moto.secretsmanager.models import FakeSecret, SecretsManagerBackend
from moto.secretsmanager.responses import SecretsManagerResponse

from localcloud.aws.moto_gaps._patching import replace


@replace(SecretsManagerResponse)
def create_secret(original: Any, self: Any) -> Any:
    """Keep the type."""
    answer = original(self)
    if kind := self._get_param("Type"):
        self.backend.secrets[self._get_param("Name")].type = kind
    return answer


@replace(FakeSecret)
def to_dict(original: Any, self: Any) -> Any:
    """Tell the type."""
    kind = getattr(self, "type", None)
    return original(self) | ({"Type": kind} if kind else {})


@replace(SecretsManagerBackend)
def update_secret_version_stage(original: Any, self: Any, **asked: Any) -> Any:
    """The version that gets AWSCURRENT is the one from which the next value takes it; two would have it otherwise."""
    answer = original(self, **asked)
    if asked["version_stage"] == "AWSCURRENT" and asked.get("move_to_version_id"):
        self.secrets[asked["secret_id"]].default_version_id = asked["move_to_version_id"]
    return answer


@replace(SecretsManagerBackend)
def list_secret_version_ids(original: Any, self: Any, secret_id: str) -> Any:
    """ResourceNotFoundException for a secret that is not there."""
    if secret_id not in self.secrets:
        raise SecretNotFoundException
    return original(self, secret_id)
