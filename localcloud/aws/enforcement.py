"""Who may do what: with `ACCORDION_IAM_ROLE=NAME`, requests are held to policies before they are handled.

Keys of an account then act as its role of that name; keys of a user, and of a session of another role, are held to that
one's own policies. moto collects the policies and evaluates them. Its own switch (INITIAL_NO_AUTH_ACTION_COUNT) stays
off: it names actions by what a service signs with (`monitoring:PutMetricAlarm`, which no policy allows), counts
requests from the start, of which a replay has other ones, and asks for no right beside an operation's own.

An action is named as `localcloud.aws.rights` names it, and each right that AWS asks for beside it is asked for too,
whether this very request needs it or not (tags, a role that is handed over): never less than AWS asks for.

What is not enforced, since moto has it not, or no request says it:
- resources but roles, policies, buckets and KMS keys: any other request is held to `Resource: "*"`;
- conditions on anything but `iam:PermissionsBoundary` and `iam:PassedToService`: a statement with another one counts as
  one that does not hold;
- policies of resources (buckets, keys), service control policies, policies of sessions.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl

from localcloud.aws import played, rights, signatures

if TYPE_CHECKING:
    from localcloud.aws.journal import Recorder
    from localcloud.aws.journal_file import Environment

VARIABLE: Final = "ACCORDION_IAM_ROLE"
ALWAYS: Final = frozenset({"sts:GetCallerIdentity"})
"""What nobody can be refused (STS API reference)."""
_REFUSED: Final = {"ec2": "UnauthorizedOperation"}
"""A service's code for what a caller may not do, where it is not AccessDenied."""
_BOUNDARY, _PASSED_TO = "iam:permissionsboundary", "iam:passedtoservice"


class Denied(Exception):  # noqa: N818 - an answer
    """The caller may not do this; with AWS's code and sentence."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Right:
    """One right that a request needs."""

    action: str
    resource: str = "*"
    said: Mapping[str, str] = field(default_factory=dict)
    """Values of condition keys, by the key in small letters."""


@dataclass(frozen=True)
class Caller:
    """Whose policies count."""

    arn: str
    documents: tuple[str, ...]
    boundary: str | None = None
    """The document at which the rights end."""

    def may(self, right: Right) -> bool:
        """Whether the policies allow it, none of them denies it, and it lies within the boundary."""
        walls = [self.documents] if self.boundary is None else [self.documents, (self.boundary,)]
        return all(_allowed(documents, right) for documents in walls)


def _allowed(documents: tuple[str, ...], right: Right) -> bool:
    from moto.iam.access_control import IAMPolicy, PermissionResult

    from localcloud.aws.moto_gaps import access_control  # noqa: F401 - fills the gaps of the evaluation

    found = [IAMPolicy(one).is_action_permitted(right.action, right.resource, None, right.said) for one in documents]  # type: ignore[arg-type]
    return PermissionResult.DENIED not in found and PermissionResult.PERMITTED in found


def rights_of(account: str, environment: Mapping[str, Any], body: bytes, boundaries: Mapping[str, str]) -> list[Right]:
    """What a request needs; `boundaries` are those of the account's roles, by name.

    Raises ValueError for a request of no operation that botocore knows.
    """
    action = rights.action_of(environment, body)
    asked = _parameters(environment, body)
    own = Right(action, _resource(account, action, environment, asked), dict(_conditions(action, asked, boundaries)))
    return [own, *(Right(each, "*", said) for each, said in rights.beside(action))]


def _parameters(environment: Mapping[str, Any], body: bytes) -> Mapping[str, Any]:
    if "json" in str(environment.get("CONTENT_TYPE") or ""):
        found = json.loads(body or b"{}")
        return found if isinstance(found, dict) else {}
    return dict(parse_qsl(body.decode("utf-8", "replace"))) if str(environment["PATH_INFO"]) == "/" else {}


def _resource(account: str, action: str, environment: Mapping[str, Any], asked: Mapping[str, Any]) -> str:
    service = action.partition(":")[0]
    if service == "s3":
        path = str(environment["PATH_INFO"]).strip("/")
        return f"arn:aws:s3:::{path}" if path else "*"
    if service == "iam" and (role := asked.get("RoleName")):
        return f"arn:aws:iam::{account}:role/{role}"
    if service == "iam" and (policy := asked.get("PolicyArn")):
        return str(policy)
    if service == "kms" and (key := asked.get("KeyId")):
        region = signatures.read(environment).scope[1]
        return key if str(key).startswith("arn:") else f"arn:aws:kms:{region}:{account}:key/{key}"
    return "*"


def _conditions(action: str, asked: Mapping[str, Any], boundaries: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    if not action.startswith("iam:"):
        return
    boundary = asked.get("PermissionsBoundary") or boundaries.get(str(asked.get("RoleName")))
    if boundary:
        yield _BOUNDARY, str(boundary)


class Enforced:
    """WSGI middleware in front of the journal: what is refused is not written."""

    def __init__(self, recorder: Recorder, role: str) -> None:
        self._recorder, self._role = recorder, role

    def __call__(self, environment: Environment, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request; raises Denied."""
        if not str(environment["PATH_INFO"]).startswith(("/moto-api", played.PATH)):
            body = environment["wsgi.input"].read()
            environment["wsgi.input"] = io.BytesIO(body)
            with self._recorder.still():
                self._check(environment, body)
        return self._recorder(environment, start_response)

    def _check(self, environment: Mapping[str, Any], body: bytes) -> None:
        from moto.iam import models

        from localcloud.aws.moto_gaps import access_keys

        signature = signatures.read(environment)
        named = access_keys.account_named(signature.access_key_id)
        account = named or models.get_account_id_from(signature.access_key_id)
        backend = models.iam_backends[account]["aws"]
        caller = self._caller(backend, account, signature.access_key_id)
        boundaries = {role.name: role.permissions_boundary_arn for role in backend.roles.values()}
        try:
            needed = rights_of(account, environment, body, {k: v for k, v in boundaries.items() if v})
        except ValueError as error:
            raise Denied("AccessDenied", f"which action this is cannot be told: {error}") from None
        for right in needed:
            if right.action not in ALWAYS and not caller.may(right):
                code = _REFUSED.get(right.action.partition(":")[0], "AccessDenied")
                on = "" if right.resource == "*" else f" on resource: {right.resource}"
                raise Denied(code, f"User: {caller.arn} is not authorized to perform: {right.action}{on}")

    def _caller(self, backend: Any, account: str, key: str) -> Caller:
        from moto.sts.models import sts_backends

        from localcloud.aws.moto_gaps import access_keys

        if access_keys.account_named(key):
            return _role(backend, account, self._role)
        session = sts_backends[account]["aws"].get_assumed_role_from_access_key(key)
        if session is not None:
            return _role(backend, account, session.role_arn.rpartition("/")[2])
        return _user(backend, account, key)


def _role(backend: Any, account: str, name: str) -> Caller:
    role = next((each for each in backend.roles.values() if each.name == name), None)
    if role is None:
        raise Denied("AccessDenied", f"the account {account} has no role {name}, which {VARIABLE} names")
    inline = [backend.get_role_policy(name, policy)[1] for policy in backend.list_role_policies(name)]
    attached = [_default(policy) for policy in role.managed_policies.values()]
    boundary = backend.managed_policies.get(role.permissions_boundary_arn) if role.permissions_boundary_arn else None
    bounded = _default(boundary) if boundary is not None else None
    return Caller(f"arn:aws:sts::{account}:assumed-role/{name}/accordion", (*inline, *attached), bounded)


def _user(backend: Any, account: str, key: str) -> Caller:
    from moto.iam.access_control import IAMUserAccessKey

    user = IAMUserAccessKey(account, "aws", key, {})
    found = [
        _default(each) if hasattr(each, "versions") else each["policy_document"] for each in user.collect_policies()
    ]
    return Caller(user.arn, tuple(found))


def _default(policy: Any) -> str:
    return str(next(version.document for version in policy.versions if version.is_default))
