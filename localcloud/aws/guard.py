"""The door of the stand-in for AWS: it answers what this cloud's own keys have signed, and nothing else.

Keys of this cloud: `ACCT0000<account>` for any account, with the secret that is derived from the place's token; the
access keys of IAM users made here, while they are active; the sessions of roles assumed here, until they expire or the
server ends. A request without a signature is refused, also where AWS takes one (public objects, web identities). moto's
own routes (`/moto-api`) are for who sends the token itself.
"""

import io
import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any, Final
from xml.sax.saxutils import escape

from localcloud.admission import Admission, secret_access_key, secret_of_key
from localcloud.aws import signatures
from localcloud.aws.enforcement import Denied
from localcloud.aws.journal import Answer
from localcloud.aws.journal_file import Environment
from localcloud.idle import Idle

_BODY_LIMIT: Final = 400 * 1024 * 1024  # bytes of a request
_LENGTH_DIGITS: Final = 16  # of a body's length; Python reads no number of thousands
_WAY: Final = 'in a shell: eval "$(accordion local env)"'
_ADMINISTRATION: Final = ("/moto-api", "/favicon.ico")
_XML: Final = frozenset({"s3", "s3express", "route53", "cloudfront"})
"""Services, by signing name, whose answers are XML though their requests are not forms."""


class Refused(Exception):  # noqa: N818 - an answer
    """A request that is not let in."""

    def __init__(self, code: str, message: str, status: str = "403 Forbidden") -> None:
        """With AWS's code for it and the sentence that its clients show."""
        super().__init__(message)
        self.code, self.status = code, status


class Guard:
    """WSGI middleware in front of the journal."""

    def __init__(self, application: Callable[..., Iterable[bytes]], admission: Admission, idle: Idle) -> None:
        self._application = application
        self._admission = admission
        self._idle = idle

    def __call__(self, environment: Environment, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request, or refuse it."""
        try:
            self._check(environment)
        except Refused as refused:
            status, headers, content = _answer(environment, refused)
            start_response(status, headers)
            return [content]
        with self._idle.busy():  # the journal answers with the whole content
            try:
                return self._application(environment, start_response)
            except Denied as denied:
                status, headers, content = _answer(environment, Refused(denied.code, str(denied)))
                start_response(status, headers)
                return [content]

    def _check(self, environment: Environment) -> None:
        fault = self._admission.fault(environment.get("HTTP_HOST"), environment.get("HTTP_ORIGIN"))
        if fault:
            raise Refused("AccessDenied", fault)
        if str(environment["PATH_INFO"]).startswith(_ADMINISTRATION):
            kind, _, token = str(environment.get("HTTP_AUTHORIZATION") or "").partition(" ")
            if kind != "token" or not self._admission.knows(token):
                raise Refused("AccessDenied", "the administration of this local cloud is for its own processes")
            return
        try:
            signature = signatures.read(environment)
        except signatures.Unsigned as error:
            raise Refused(
                "MissingAuthenticationToken", f"this local cloud answers signed requests alone, and {error}; {_WAY}"
            ) from None
        secret = self._secret(signature)
        if not signature.fits(secret, environment, _kept_body(environment)):
            raise Refused(
                "SignatureDoesNotMatch",
                f"the request is not signed with the secret of {signature.access_key_id} on this local cloud; {_WAY}",
            )
        if signature.expired(datetime.now(UTC)):
            raise Refused("AccessDenied", "the presigned address has expired")

    def _secret(self, signature: signatures.Signature) -> str:
        from localcloud.aws.moto_gaps import access_keys

        identity = signature.access_key_id
        if access_keys.account_named(identity):
            return secret_access_key(self._admission.token)
        known = access_keys.find(identity)
        if known is None:
            raise Refused(
                "InvalidClientTokenId",
                f"{identity} is no access key of this local cloud, or the session that it belongs to ended with the "
                f"server; {_WAY}",
            )
        if not known.active:
            raise Refused("InvalidClientTokenId", f"the access key {identity} is not active")
        if known.session_token != signature.token:
            raise Refused("InvalidClientTokenId", f"the session token is not the one that goes with {identity}")
        if known.expires and known.expires < datetime.now(UTC):
            raise Refused("ExpiredToken", f"the session of {identity} has expired; assume the role again")
        return secret_of_key(self._admission.token, identity)


def _kept_body(environment: Environment) -> bytes:
    """The request's body, which whoever is behind the door reads again."""
    source = environment["wsgi.input"]
    whole = bool(environment.pop("wsgi.input_terminated", False))
    said = str(environment.get("CONTENT_LENGTH") or "0")
    length = int(said[:_LENGTH_DIGITS]) if said.isdecimal() else 0
    body = b"" if length > _BODY_LIMIT else bytes(source.read(_BODY_LIMIT + 1 if whole else length))
    if length > _BODY_LIMIT or len(body) > _BODY_LIMIT:
        text = f"a body of at most {_BODY_LIMIT} bytes is taken"
        raise Refused("EntityTooLarge", text, "413 Content Too Large")
    environment["wsgi.input"], environment["CONTENT_LENGTH"] = io.BytesIO(body), str(len(body))
    return body


def _answer(environment: Environment, refused: Refused) -> Answer:
    """The refusal in the protocol of the request, so that the client shows its sentence."""
    kind, text = str(environment.get("CONTENT_TYPE") or ""), str(refused)
    service = _service(environment)
    if environment.get("HTTP_SMITHY_PROTOCOL") == "rpc-v2-cbor":
        content, kind = _cbor({"__type": refused.code, "message": text}), "application/cbor"
    elif service in _XML or (kind.startswith("application/x-www-form-urlencoded") and service != ""):
        inner = f"<Error><Code>{refused.code}</Code><Message>{escape(text)}</Message></Error>"
        wrapped = {"ec2": f"<Response><Errors>{inner}</Errors></Response>", "s3": inner}
        content = wrapped.get(service, f"<ErrorResponse>{inner}</ErrorResponse>").encode()
        kind = "text/xml"
    else:
        content = json.dumps({"__type": refused.code, "message": text}).encode()
        kind = "application/json"
    headers = [("Content-Type", kind), ("Content-Length", str(len(content))), ("x-amzn-ErrorType", refused.code)]
    return refused.status, headers, b"" if environment["REQUEST_METHOD"] == "HEAD" else content


def _service(environment: Environment) -> str:
    try:
        return signatures.read(environment).service
    except signatures.Unsigned:
        return ""


def _cbor(fields: dict[str, str]) -> bytes:
    """A map of texts of less than 65,536 bytes, as in RFC 8949."""
    texts = [text.encode() for pair in fields.items() for text in pair]
    return bytes([0xA0 + len(fields)]) + b"".join(b"\x79" + len(text).to_bytes(2) + text for text in texts)
