"""AWS signatures of version 4, read from a WSGI request and calculated anew from it.

As in "Signature Version 4 for API requests" of the IAM user guide: in the `Authorization` header, or in the query of a
presigned address. The signature of S3's chunks is not looked at, that of the request around them is.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import quote, unquote, urlsplit

from botocore.utils import normalize_url_path

Environment = Mapping[str, Any]

ALGORITHM: Final = "AWS4-HMAC-SHA256"
_UNSIGNED: Final = "UNSIGNED-PAYLOAD"
_OWN_NAMES = {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"}  # all other headers: HTTP_...
_KEPT_PATHS = ("s3", "s3express", "s3-outposts", "s3-object-lambda")  # neither normalized nor quoted twice
_TIME = "%Y%m%dT%H%M%SZ"
_DIGEST = re.compile(r"[0-9a-f]{64}")


class Unsigned(Exception):  # noqa: N818 - what it is
    """A request without a signature of version 4; the message says what it has."""


@dataclass(frozen=True)
class Signature:
    """A request's signature and what it says it covers."""

    access_key_id: str
    scope: tuple[str, str, str, str]
    """Date, region, service and `aws4_request`."""
    headers: tuple[str, ...]
    signature: str
    time: str
    token: str
    """The session's token, empty for keys that last."""
    presigned: bool
    expires: int | None
    """Seconds for which a presigned address holds."""

    @property
    def service(self) -> str:
        """The name that the service signs under."""
        return self.scope[2]

    def expired(self, now: datetime) -> bool:
        """Whether a presigned address holds no longer."""
        if self.expires is None:
            return False
        try:
            signed = datetime.strptime(self.time, _TIME).replace(tzinfo=UTC)
        except ValueError:
            return True
        return now > signed + timedelta(seconds=self.expires)

    def fits(self, secret: str, environment: Environment, body: bytes) -> bool:
        """Whether the holder of this secret has signed this very request."""
        if "host" not in self.headers:
            return False
        digest = self._digest(environment, body)
        if digest is None:
            return False
        canonical = self._canonical(environment, digest)
        text = "\n".join([ALGORITHM, self.time, "/".join(self.scope), hashlib.sha256(canonical).hexdigest()])
        key = f"AWS4{secret}".encode()
        for part in (*self.scope, text):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        return hmac.compare_digest(key.hex().encode(), self.signature.encode())

    def _digest(self, environment: Environment, body: bytes) -> str | None:
        """The digest of the body as it is signed; None when it says another one than the body has."""
        found = hashlib.sha256(body).hexdigest()
        said = str(environment.get("HTTP_X_AMZ_CONTENT_SHA256") or "")
        if not said:
            return _UNSIGNED if self.presigned and self.service in _KEPT_PATHS else found
        return None if _DIGEST.fullmatch(said) and said != found else said

    def _canonical(self, environment: Environment, digest: str) -> bytes:
        address = urlsplit(str(environment.get("RAW_URI") or environment["PATH_INFO"]))
        path = address.path or "/"
        if self.service not in _KEPT_PATHS:
            path = quote(normalize_url_path(path), safe="/~")
        pairs = [each.partition("=")[::2] for each in address.query.split("&") if each]
        pairs = [(_quoted(name), _quoted(value)) for name, value in pairs if name != "X-Amz-Signature"]
        lines = [environment["REQUEST_METHOD"], path, "&".join(f"{name}={value}" for name, value in sorted(pairs))]
        lines += [f"{name}:{' '.join(_header(environment, name).split())}" for name in self.headers]
        # A header's bytes come as Latin-1 characters, whatever they were.
        return "\n".join([*lines, "", ";".join(self.headers), digest]).encode("latin-1", "replace")


def _quoted(text: str) -> str:
    return quote(unquote(text), safe="-_.~")


def _header(environment: Environment, name: str) -> str:
    """A header's value as it came; names with underscores are kept apart by moto's request handler."""
    return str(environment.get(_OWN_NAMES.get(name) or f"HTTP_{name.upper().replace('-', '_')}") or "")


def read(environment: Environment) -> Signature:
    """The signature of a request.

    Raises: Unsigned.
    """
    header = str(environment.get("HTTP_AUTHORIZATION") or "")
    if header:
        algorithm, _, rest = header.partition(" ")
        if algorithm != ALGORITHM:
            raise Unsigned(f"it is signed with {algorithm[:40]!r}, and {ALGORITHM} is wanted")
        parts = dict(_pair(part) for part in rest.split(","))
        names = ("Credential", "SignedHeaders", "Signature")
        time = str(environment.get("HTTP_X_AMZ_DATE") or environment.get("HTTP_DATE") or "")
        token, expires = str(environment.get("HTTP_X_AMZ_SECURITY_TOKEN") or ""), None
    else:
        query = urlsplit(str(environment.get("RAW_URI") or "")).query
        parts = {name: unquote(value) for name, value in (_pair(each) for each in query.split("&"))}
        if "X-Amz-Signature" not in parts:
            older = "AWSAccessKeyId" in parts
            raise Unsigned(f"it is signed with version 2, and {ALGORITHM} is wanted" if older else "it is not signed")
        names = ("X-Amz-Credential", "X-Amz-SignedHeaders", "X-Amz-Signature")
        time, token = parts.get("X-Amz-Date", ""), parts.get("X-Amz-Security-Token", "")
        expires = int(said) if (said := parts.get("X-Amz-Expires", "")).isdecimal() else 0
    credential, headers, signature = (parts.get(name, "") for name in names)
    identity, *scope = credential.rsplit("/", 4)
    if not identity or len(scope) != 4 or not headers or not signature:
        raise Unsigned("its signature is not whole")
    date, region, service, end = scope
    covered = tuple(headers.split(";"))
    return Signature(identity, (date, region, service, end), covered, signature, time, token, not header, expires)


def _pair(text: str) -> tuple[str, str]:
    name, _, value = text.strip().partition("=")
    return name, value
