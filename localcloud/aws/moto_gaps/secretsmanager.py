"""A gap of moto's Secrets Manager: the type of a secret that a partner rotates."""

from typing import Any

from moto.secretsmanager.models import FakeSecret
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
