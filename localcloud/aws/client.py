"""boto3 against the local cloud, and nothing but the local cloud; what it refuses becomes a sentence."""

import contextvars
import functools
import hashlib
import ipaddress
import json
import os
import socket
import threading
import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from botocore.config import Config
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    HTTPClientError,
    ParamValidationError,
)
from botocore.exceptions import (
    ConnectionError as NotConnected,
)
from botocore.parsers import ResponseParserError

from localcloud.aws import request_validation, shapes
from localcloud.aws.running import NO_FILE
from localcloud.ledger import WORK
from localcloud.provider import resource
from localcloud.provider.resource import Caller, Refused

__all__ = ["ACCOUNT", "Aws", "Refused", "explain", "forget_real_credentials", "loopback", "sentence"]

ACCOUNT = "123456789012"
"""The account of a provider that allows none in particular."""
NO_SECRET = "none"  # noqa: S105 -- a client with it is refused
_SERVER_FAULT = 500
_CALL: contextvars.ContextVar[str | None] = contextvars.ContextVar("call", default=None)
"""The name of the call that is being made."""
_WITHOUT_BODY = (204, 304)
_LOOK = 1.0  # seconds for a connection to this machine
_CONNECT, _READ = 5, 60  # seconds of one request there: a server that has died, one whose machine is busy
CHANGE = "x-accordion-change"
"""The header of an answer with the number that the journal gave to what was changed."""
_NOT_KEPT = "507"
"""The code that botocore makes of the journal's status for a change that it could not write."""


def loopback(endpoint: str) -> str:
    """The endpoint, when it is on this machine; raises ValueError when it is not."""
    host = urlsplit(endpoint).hostname or ""
    try:
        inside = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        inside = False
    if not inside or urlsplit(endpoint).scheme != "http":
        raise ValueError(
            f"the endpoint must be http on a loopback address such as http://127.0.0.1:4566, got {endpoint!r}"
        )
    return endpoint


def forget_real_credentials() -> None:
    """Take every AWS setting of the shell and of the home directory away from this process."""
    for name in [name for name in os.environ if name.startswith(("AWS_", "BOTO"))]:
        del os.environ[name]
    os.environ["AWS_CONFIG_FILE"] = os.environ["AWS_SHARED_CREDENTIALS_FILE"] = NO_FILE
    os.environ["AWS_EC2_METADATA_DISABLED"] = "true"


class _Clients:
    """One client per service, region and account, made once: it is neither quick nor safe in several threads."""

    def __init__(self, endpoint: str, secret: str) -> None:
        self._endpoint, self._secret = loopback(endpoint), secret
        self._lock = threading.Lock()
        self._made: dict[tuple[str, str, str], Any] = {}

    def get(self, service: str, region: str, account: str) -> Any:
        key = (service, region, account)
        found = self._made.get(key)
        if found is None:
            with self._lock:
                found = self._made.get(key) or self._make(*key)
                self._made[key] = found
        return found

    def _make(self, service: str, region: str, account: str) -> Any:
        config = Config(
            connect_timeout=_CONNECT,
            read_timeout=_READ,
            max_pool_connections=32,
            retries={"mode": "standard", "total_max_attempts": 3},
            s3={"addressing_style": "path"},
            proxies={},
            parameter_validation=True,
        )
        client = shapes.session().create_client(
            service,
            region_name=region,
            endpoint_url=self._endpoint,
            aws_access_key_id=f"ACCT0000{account}",  # the form in which the local cloud takes a key for an account
            aws_secret_access_key=self._secret,
            config=config,
        )
        client.meta.events.register("before-call", _name_call)
        client.meta.events.register("before-parse", functools.partial(_refuse_half, self._endpoint))
        return client


def _name_call(context: dict[str, Any], **_: Any) -> None:
    """Give a call of a creation the name that it has whenever that creation is made again."""
    if name := _CALL.get():
        context.setdefault("retries", {})["invocation-id"] = name


def _refuse_half(endpoint: str, operation_model: Any, response_dict: Mapping[str, Any], **_: Any) -> None:
    """Refuse an answer that broke off: botocore takes one without body, or without its last headers, for an empty one.

    The stand-in tells the length of each, see `localcloud.aws.journal.Recorder`.
    """
    length, body = response_dict["headers"].get("Content-Length"), response_dict["body"]
    if length is None:
        whole = response_dict["status_code"] in _WITHOUT_BODY
    else:
        without = operation_model.http.get("method") == "HEAD" or not isinstance(body, bytes)
        whole = length.isdigit() and (without or len(body) == int(length))
    if not whole:
        raise ConnectionClosedError(endpoint_url=endpoint)


def _named(service: str, call: str, request: dict[str, Any]) -> str | None:
    work = WORK.get()
    if work is None or not work.key:
        return None
    asked = json.dumps([service, call, request], sort_keys=True, default=repr)
    return work.name(hashlib.sha256(asked.encode()).hexdigest()[:16])


class Aws:
    """The local cloud as one provider instance sees it: an account, a region and default tags.

    Calling it makes a boto3 call: `aws("ec2", "create_vpc", CidrBlock="10.0.0.0/16")`. Each request is held against
    AWS's own model first. Raises Refused, and botocore's ClientError for what the service itself refuses.
    """

    def __init__(
        self,
        endpoint: str,
        region: str = "us-east-1",
        default_tags: Mapping[str, str] | None = None,
        clients: _Clients | None = None,
        account: str = ACCOUNT,
        secret: str = NO_SECRET,
    ) -> None:
        self.endpoint, self.region, self.account = endpoint, region, account
        self.default_tags = dict(default_tags or {})
        self.thorough = False
        """Whether to ask for what takes calls of its own: a refresh does, a creation knows what it has just written."""
        self.caller = Caller()
        """Who asked, while a call lasts."""
        self.at_hand: dict[str, Any] = {}
        """Id -> answer that describes a resource and need not be asked for again."""
        self._clients = clients or _Clients(endpoint, secret)

    def at(
        self,
        region: str | None = None,
        default_tags: Mapping[str, str] | None = None,
        *,
        thorough: bool = False,
        account: str | None = None,
        caller: Caller | None = None,
    ) -> "Aws":
        """The same cloud, for one request: in this region and account, or in the instance's own."""
        tags = self.default_tags if default_tags is None else default_tags
        other = Aws(self.endpoint, region or self.region, tags, self._clients, account or self.account)
        other.thorough, other.caller = thorough, caller or self.caller
        return other

    def client(self, service: str) -> Any:
        """The boto3 client of a service."""
        return self._clients.get(service, self.region, self.account)

    def __call__(self, service: str, call: str, /, **request: Any) -> dict[str, Any]:
        """Make one call; the answer is boto3's."""
        request_validation.refuse(service, call, request)
        named = _CALL.set(_named(service, call, request))
        try:
            answer: dict[str, Any] = getattr(self.client(service), call)(**request)
        except ResponseParserError as error:
            if not self._answers():
                raise self._no_answer() from error  # it died in the middle of this one
            raise Refused(f"the local cloud has no such action: {service}:{shapes.operation(service, call)}") from error
        except ClientError as error:
            if _is_missing_action(error):
                what = f"{service}:{shapes.operation(service, call)}"
                raise Refused(f"the local cloud has no such action: {what}") from error
            raise
        except (NotConnected, HTTPClientError) as error:
            raise self._no_answer() from error
        except ParamValidationError as error:
            told = " ".join(str(error).split())
            raise Refused(
                f"{shapes.operation(service, call)}: {told.removeprefix('Parameter validation failed: ')}"
            ) from error
        finally:
            _CALL.reset(named)
        number = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get(CHANGE)
        if number and (work := WORK.get()):
            work.changes.append(int(number))
        return answer

    def _no_answer(self) -> Refused:
        if work := WORK.get():
            work.unanswered = True
        return Refused(f"the local cloud does not answer at {self.endpoint}; start it with `accordion local start`")

    def _answers(self) -> bool:
        url = urlsplit(self.endpoint)
        try:
            socket.create_connection((url.hostname, url.port), timeout=_LOOK).close()
        except OSError:
            return False
        return True

    @staticmethod
    def unique() -> str:
        """A word that AWS wants to be new with each creation: the same when that creation is made again."""
        work = WORK.get()
        return work.key if work and work.key else uuid.uuid4().hex


def _is_missing_action(error: ClientError) -> bool:
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    code = str(error.response.get("Error", {}).get("Code", ""))
    if code == "NotImplemented":
        return True
    return (status == _SERVER_FAULT and code in ("500", "")) or status == 501


def explain(error: BaseException) -> str | None:
    """What AWS refuses; None for an error that is none of AWS's."""
    if not isinstance(error, ClientError):
        return None
    told = error.response.get("Error", {})
    if str(told.get("Code")) == _NOT_KEPT:
        return (
            f"{error.operation_name} changed nothing: the local cloud cannot write its journal, as on a full disk; "
            "make room and run the command again"
        )
    return f"{error.operation_name} was refused: {told.get('Code')}: {told.get('Message') or 'no reason given'}"


def sentence(error: BaseException) -> str:
    """What went wrong, without a traceback."""
    return resource.sentence(error, explain)
