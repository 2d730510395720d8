"""Access keys with secrets that nobody guesses, and the look-up of who holds one.

moto draws a secret from the random numbers that are seeded with a change's number in the journal, so who counts up to
it has it. Here it is derived from the place's token: still the same after a replay.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from moto.iam.models import AccessKey, iam_backends
from moto.sts.models import sts_backends

from localcloud.admission import secret_of_key
from localcloud.aws.moto_gaps._patching import replace

_OF_ACCOUNT = re.compile(r"ACCT0000(\d{12})")
_tokens: list[str] = []


def derive_from(token: str) -> None:
    """From now on, secrets of access keys hang on this token."""
    _tokens[:] = [token]


@replace(AccessKey)
def __init__(original: Any, self: Any, *arguments: Any, **keywords: Any) -> None:  # noqa: N807 - the method's name
    """Make a key, with another secret than the one that moto draws."""
    original(self, *arguments, **keywords)
    if _tokens:
        self.secret_access_key = secret_of_key(_tokens[0], self.access_key_id)


@dataclass(frozen=True)
class Known:
    """An access key that was made in the cloud."""

    active: bool
    session_token: str
    """Empty for the keys of users."""
    expires: datetime | None


def account_named(access_key_id: str) -> str | None:
    """The account that the key itself names; None for keys that were made in the cloud."""
    found = _OF_ACCOUNT.fullmatch(access_key_id)
    return found[1] if found else None


def find(access_key_id: str) -> Known | None:
    """The key of this id, None when there is none or its user or session is gone."""
    for partitions in list(iam_backends.values()):
        for backend in list(partitions.values()):
            key = backend.access_keys.get(access_key_id)
            if key is not None:
                return _of_user(backend, key) if key.user_name else _of_session(access_key_id)
    return None


def _of_user(backend: Any, key: Any) -> Known | None:
    user = backend.users.get(key.user_name)
    held = user is not None and key in user.access_keys  # moto keeps deleted ones in the other list
    return Known(key.status == "Active", "", None) if held else None


def _of_session(access_key_id: str) -> Known | None:
    for partitions in list(sts_backends.values()):
        for backend in list(partitions.values()):
            role = backend.get_assumed_role_from_access_key(access_key_id)
            if role is not None:
                return Known(True, role.session_token, role.expiration.replace(tzinfo=UTC))
    return None
