"""Who may speak to a server of the local cloud: who knows the place's token, under a name of this machine.

Servers listen on the loopback address, which every user of the machine and every page in a browser reaches. So a
request says whom it speaks to (`Host`: a page that has had its name point here says its own), comes from no page
(`Origin`), and proves that its sender can read the place's token: by the token itself, or by an AWS signature with the
secret that is derived from it.
"""

import hashlib
import hmac
import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Final

NAMES: Final = ("127.0.0.1", "localhost")
"""The names of this machine under which the servers answer."""

_TOKEN = re.compile(r"[A-Za-z0-9_-]{32,}")
_FITTING = 40  # characters of an AWS secret access key


class BadToken(Exception):  # noqa: N818 - what is wrong with it
    """A token file that holds no whole token."""


def new_token() -> str:
    """A token that nobody guesses: 192 bits."""
    return secrets.token_urlsafe(24)


def read_token(file: Path) -> str:
    """The token in a file.

    Raises: BadToken when the file cannot be read or does not hold a whole one.
    """
    try:
        token = file.read_text().strip()
    except UnicodeDecodeError:
        token = ""
    except OSError as error:
        raise BadToken(f"{file} cannot be read: {os.strerror(error.errno or 0)}") from None
    if not _TOKEN.fullmatch(token):
        raise BadToken(f"{file} holds no whole token")
    return token


def _derived(key: str, what: str) -> str:
    return hmac.new(key.encode(), what.encode(), hashlib.sha512).hexdigest()[:_FITTING]


def secret_access_key(token: str) -> str:
    """The secret that belongs to the access keys `ACCT0000<account>` of a place."""
    return _derived(token, "aws")


def secret_of_key(token: str, access_key_id: str) -> str:
    """The secret of an access key that was made in the cloud: no other key leads to it, and it is not to be guessed."""
    return _derived(token, f"aws:{access_key_id}")


@dataclass(frozen=True)
class Admission:
    """What a server on this port, of the place with this token, asks of a request."""

    port: int
    token: str

    def fault(self, host: str | None, origin: str | None) -> str | None:
        """What is wrong with where a request goes to or comes from; None when nothing is."""
        own = [f"{name}:{self.port}" for name in NAMES]
        if host not in own:
            return f"this server answers {' and '.join(NAMES)} alone, on its own port"
        if origin is not None and origin not in [f"http://{name}" for name in own]:
            return "this server answers no page of another origin"
        return None

    def knows(self, token: str) -> bool:
        """Whether this is the token."""
        return secrets.compare_digest(token.encode(), self.token.encode())
