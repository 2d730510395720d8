"""AWS answers, through boto3: pages, retries where AWS asks for them, a limit of time on every request."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Protocol

from operations.live.answers import Items, Unanswered, Why
from operations.live.calls import Call
from operations.redaction import redacted

CONNECT_TIMEOUT, READ_TIMEOUT = 5, 20
"""Seconds that one attempt may take [own]."""
ATTEMPTS = 5
"""Of one request, with boto3's exponential backoff between them (AWS SDKs reference guide, retry behaviour)."""
CONNECTIONS = 16
"""Requests at once to one service [own]."""

_DENIED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError"})
_EXPIRED = frozenset(
    {
        "ExpiredToken",
        "ExpiredTokenException",
        "RequestExpired",
        "InvalidClientTokenId",
        "UnrecognizedClientException",
        "InvalidAccessKeyId",
        "SignatureDoesNotMatch",
        "AuthFailure",
    }
)
_THROTTLED = frozenset(
    {
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "TooManyRequestsException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "SlowDown",
    }
)
_GONE = re.compile(r"NotFound|NoSuch|DoesNotExist|ClusterNotFound|ServiceNotActive")


class Client(Protocol):
    """A client of one service: its operations are its methods, in snake case."""

    def __getattr__(self, operation: str) -> Any:
        """The operation of that name."""


class Factory(Protocol):
    """Makes the client of a service."""

    def __call__(self, service: str) -> Client:
        """The client."""


def clients(region: str | None, *, endpoint: str | None = None, keys: tuple[str, str] | None = None) -> Factory:
    """boto3's clients in a region, None for that of the environment or the profile: of the credentials at hand, or of
    `keys` at `endpoint` for the local cloud."""
    import boto3
    from botocore.config import Config

    past_proxies: dict[str, Any] = {"proxies": {}} if endpoint else {}
    config = Config(
        connect_timeout=CONNECT_TIMEOUT,
        read_timeout=READ_TIMEOUT,
        retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
        max_pool_connections=CONNECTIONS,
        **past_proxies,
    )
    key, secret = keys or (None, None)
    session = boto3.session.Session(key, secret, region_name=region, botocore_session=_bare() if endpoint else None)

    def client(service: str) -> Client:
        made: Any = session.client(service, endpoint_url=endpoint, config=config)  # type: ignore[call-overload]
        return made  # type: ignore[no-any-return]

    return client


def _bare() -> Any:
    """botocore without anything that variables and files say of a real account: a profile that is not there, too."""
    from botocore import configprovider, session

    known = configprovider.BOTOCORE_DEFAUT_SESSION_VARIABLES
    settings = {name: (None, None, default, conversion) for name, (_, _, default, conversion) in known.items()}
    nothing = (
        None,
        None,
        f"{os.devnull}/none",
        None,
    )  # no file can be there, whatever root has put in the place of /dev/null
    files = {"config_file": nothing, "credentials_file": nothing, "profile": (None, None, None, None)}
    return session.Session(session_vars=settings | files)


class Aws:
    """Answers of AWS, or of whatever answers in its place."""

    def __init__(self, factory: Factory) -> None:
        self._factory = factory
        self._clients: dict[str, Client] = {}
        self._lock = threading.Lock()

    def ask(self, call: Call, **parameters: Any) -> Items:
        """All pages of a call; a list longer than a request takes is asked for in parts."""
        if call.batch is None or call.batch[0] not in parameters:
            return self._pages(call, parameters)
        name, size = call.batch
        listed = list(parameters[name])
        return [
            item
            for start in range(0, len(listed), size)
            for item in self._pages(call, {**parameters, name: listed[start : start + size]})
        ]

    def _pages(self, call: Call, parameters: Mapping[str, Any]) -> Items:
        items: Items = []
        token: dict[str, Any] = {}
        seen: set[str] = set()
        while True:
            answer = self._request(call, {**parameters, **token})
            items += call.keep(answer)
            following = answer.get(call.page[1]) if call.page else None
            if not following:
                return items
            if following in seen:
                raise Unanswered(call, "refused", f"{call.service} {call.title} gives the same page again and again")
            seen.add(following)
            token = {call.page[0]: following} if call.page else {}

    def _client(self, service: str) -> Client:
        with self._lock:  # boto3 makes one client at a time; all threads may use it (its documentation)
            if service not in self._clients:
                self._clients[service] = self._factory(service)
            return self._clients[service]

    def _request(self, call: Call, parameters: Mapping[str, Any]) -> dict[str, Any]:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            return dict(getattr(self._client(call.service), call.operation)(**parameters))
        except ClientError as error:
            raise _refused(call, error.response) from None
        except BotoCoreError as error:
            raise _unreached(call, error) from None
        except AttributeError:
            said = f"the installed boto3 does not know {call.service} {call.title}: install a newer one"
            raise Unanswered(call, "refused", said) from None


def _refused(call: Call, response: Mapping[str, Any]) -> Unanswered:
    code = str(response.get("Error", {}).get("Code", ""))
    said = redacted(str(response.get("Error", {}).get("Message", "")))
    what = f"{call.service} {call.title}"
    if code in _DENIED:
        may_not = "do" if call.writes else "read"
        return Unanswered(call, "denied", f"the role may not {may_not} this: it lacks {call.action}")
    if code in _EXPIRED:
        return Unanswered(call, "credentials", f"AWS does not take the credentials ({code}): sign in again")
    if code in _THROTTLED:
        return Unanswered(call, "throttled", f"AWS throttles {what}: {ATTEMPTS} attempts were turned away; try later")
    if _GONE.search(code) or "does not exist" in said or "not found" in said.lower():
        return Unanswered(call, "gone", f"there is none ({code}): {said}")
    return Unanswered(call, "refused", f"{what} was refused ({code}): {said}")


_UNREACHED: Mapping[str, tuple[Why, str]] = MappingProxyType(
    {
        "NoCredentialsError": ("credentials", "there are no AWS credentials here: sign in"),
        "PartialCredentialsError": ("credentials", "the AWS credentials here are not whole: sign in"),
        "CredentialRetrievalError": ("credentials", "the AWS credentials could not be had: sign in again"),
        "TokenRetrievalError": ("credentials", "the token of `aws sso login` is no longer valid: sign in again"),
        "SSOTokenLoadError": ("credentials", "there is no token of `aws sso login`: sign in"),
        "UnauthorizedSSOTokenError": ("credentials", "the token of `aws sso login` is no longer valid: sign in again"),
        "NoRegionError": ("credentials", "there is no region: give --region, or set AWS_REGION"),
        "ProfileNotFound": ("credentials", "the profile that AWS_PROFILE names does not exist"),
        "ConnectTimeoutError": ("unreachable", f"did not take the connection within {CONNECT_TIMEOUT} s"),
        "ReadTimeoutError": ("unreachable", f"did not answer within {READ_TIMEOUT} s"),
        "EndpointConnectionError": ("unreachable", "cannot be reached from here"),
        "ConnectionClosedError": ("unreachable", "closed the connection"),
        "ProxyConnectionError": ("unreachable", "cannot be reached through the proxy"),
        "SSLError": ("unreachable", "does not show a certificate that is trusted here"),
    }
)
"""By the name of botocore's exception: what it means to who reads it."""


def _unreached(call: Call, error: Exception) -> Unanswered:
    for kind in type(error).__mro__:
        if kind.__name__ in _UNREACHED:
            why, said = _UNREACHED[kind.__name__]
            where = "" if why == "credentials" else f"{call.service} "
            return Unanswered(call, why, f"{where}{said}")
    return Unanswered(call, "refused", f"{call.service} {call.title} was not sent: {redacted(str(error))}")
