"""Policy documents: what IAM and the services refuse in them (IAM User Guide, grammar of the JSON policy language)."""

import json
import re
from collections.abc import Iterator
from typing import Any

from localcloud.aws.limits._checks import STAND_IN, Check, Fault, Props, each
from localcloud.aws.limits._conditions import sized
from localcloud.provider.wire import is_unknown

VERSIONS = ("2012-10-17", "2008-10-17")
SERVICE = re.compile(r"[a-z0-9.*-]+\.amazonaws\.com(\.cn)?|[a-z0-9-]+\.aws\.internal|[a-z0-9.-]+\.amazon\.com")

ELEMENTS = ("Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition")
EITHER = (("Action", "NotAction"), ("Resource", "NotResource"), ("Principal", "NotPrincipal"))
ACTION = re.compile(r"\*|[A-Za-z0-9-]+:[A-Za-z0-9*?_-]+")
RESOURCE = re.compile(r"\*|arn:.*", re.DOTALL)
WHO = ("AWS", "Service", "Federated", "CanonicalUser", "*")
ACCOUNT = re.compile(r"\*|\d{12}|arn:.+|A[A-Z0-9]{15,}")
"""An account, an ARN, or the id that IAM puts in the place of one that is gone."""
_STRINGS = ("Equals", "NotEquals", "EqualsIgnoreCase", "NotEqualsIgnoreCase", "Like", "NotLike")
_NUMBERS = ("Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals")
OPERATORS = frozenset({
    *(f"String{name}" for name in _STRINGS), *(f"{kind}{name}" for kind in ("Numeric", "Date") for name in _NUMBERS),
    *(f"Arn{name}" for name in ("Equals", "NotEquals", "Like", "NotLike")),
    "Bool", "BinaryEquals", "IpAddress", "NotIpAddress", "Null",
})  # fmt: skip
LARGEST = {
    "policy:Policy": 6_144,
    "rolePolicy:RolePolicy": 10_240,
    "userPolicy:UserPolicy": 2_048,
    "groupPolicy:GroupPolicy": 5_120,
}
"""Characters without white space, by type (IAM quotas)."""


def statements(policy: Any) -> list[dict[str, Any]]:
    """The statements of a document; none of one that cannot be read, which the row itself tells."""
    try:
        found = json.loads(policy) if isinstance(policy, str) else policy
    except ValueError:
        return []
    listed = found.get("Statement") if isinstance(found, dict) else None
    return [s for s in (listed if isinstance(listed, list) else [listed]) if isinstance(s, dict)]


def policy_faults(policy: Any) -> list[str]:
    """What IAM would call a malformed policy document."""
    if isinstance(policy, str):
        try:
            policy = json.loads(policy)
        except ValueError as error:
            return [f"is no JSON: {error}"]
    if not isinstance(policy, dict) or not (policy.get("Statement") or policy.get("statements")):
        return ["is no policy document: it has no 'Statement'"]
    statements = policy.get("Statement", [])
    listed = statements if isinstance(statements, list) else [statements]
    wrong = [s.get("Effect") for s in listed if isinstance(s, dict) and s.get("Effect") not in ("Allow", "Deny")]
    return [f"a statement's 'Effect' is 'Allow' or 'Deny', got {wrong[0]!r}"] if wrong else []


def version(name: str) -> Check:
    """The version of the language, which is no date of one's own."""

    def check(props: Props) -> Iterator[Fault]:
        try:
            found = json.loads(props[name]) if isinstance(props.get(name), str) else props.get(name)
        except ValueError:
            return
        given = found.get("Version") if isinstance(found, dict) else None
        if given is not None and given not in VERSIONS:
            yield name, f"its 'Version' {given!r} is not allowed; allowed are {', '.join(VERSIONS)}"

    return check


def with_principal(name: str) -> Check:
    """A policy of a resource says for whom it is; a service is named by its whole name."""

    def check(props: Props) -> Iterator[Fault]:
        for statement in statements(props.get(name)):
            who = statement.get("Principal", statement.get("NotPrincipal"))
            if who is None:
                yield name, "a statement has no 'Principal'"
            services = who.get("Service") if isinstance(who, dict) else None
            for service in services if isinstance(services, list) else [services]:
                if isinstance(service, str) and not SERVICE.fullmatch(service):
                    yield name, f"its principal {service!r} is no service, such as ecs-tasks.amazonaws.com"

    return check


def without(name: str, *members: str) -> Check:
    """A document may not say this."""

    def check(props: Props) -> Iterator[Fault]:
        for statement in statements(props.get(name)):
            for member in members:
                if member in statement:
                    yield name, f"a statement has a {member!r}, which this kind of policy may not have"

    return check


def own_resources(props: Props) -> Iterator[Fault]:
    """A bucket's policy is about this bucket and its objects."""
    bucket = props.get("bucket")
    for statement in statements(props.get("policy")):
        listed = statement.get("Resource")
        for resource in listed if isinstance(listed, list) else [listed]:
            found = re.fullmatch(r"arn:[\w-]+:s3:::([^/*?]+)(/.*)?", resource) if isinstance(resource, str) else None
            known = isinstance(bucket, str) and not is_unknown(bucket)
            if known and found and found[1] != bucket:
                yield "policy", f"its resource {resource!r} is not of bucket {bucket!r}"


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def grammar(path: str, *needed: str, by_arn: bool = True) -> Check:
    """The words of a statement: its elements, actions, resources, principals and conditions.

    `needed` are elements that each statement has, itself or as its `Not...`; `by_arn`: its resources are ARNs.
    """

    def check(props: Props) -> Iterator[Fault]:
        for place, value in each(props, path):
            for statement in statements(value):
                yield from ((place, why) for why in _words(statement, needed, by_arn))

    return check


def _words(statement: dict[str, Any], needed: tuple[str, ...], by_arn: bool) -> Iterator[str]:
    known = {name.lower(): name for name in ELEMENTS}
    for name in statement:
        if name.lower() not in known:
            yield f"a statement has an element {name!r}; allowed are {', '.join(ELEMENTS)}"
    for one, other in EITHER:
        if one in statement and other in statement:
            yield f"a statement has both {one!r} and {other!r}: give one of them"
        elif one in needed and not statement.get(one) and not statement.get(other):
            yield f"a statement has no {one!r}"
    for action in [*_listed(statement.get("Action")), *_listed(statement.get("NotAction"))]:
        if action is not None and not (isinstance(action, str) and ACTION.fullmatch(action)):
            yield f"its action {action!r} is not such as s3:GetObject: a service, a colon, a name"
    for resource in [*_listed(statement.get("Resource")), *_listed(statement.get("NotResource"))] if by_arn else ():
        if resource is not None and not (
            isinstance(resource, str) and (RESOURCE.fullmatch(resource) or STAND_IN.match(resource))
        ):
            yield f"its resource {resource!r} is neither an ARN nor '*'"
    yield from _principals(statement.get("Principal", statement.get("NotPrincipal")))
    yield from _conditions(statement.get("Condition"))


def _principals(who: Any) -> Iterator[str]:
    if isinstance(who, str) and who != "*":
        yield f'its principal {who!r} has no kind: write {{"Service": ...}} or {{"AWS": ...}}'
    for kind, named in who.items() if isinstance(who, dict) else ():
        if kind not in WHO:
            yield f"its principal is of kind {kind!r}; allowed are {', '.join(WHO[:-1])}"
        for one in _listed(named) if kind == "AWS" else ():
            if isinstance(one, str) and not ACCOUNT.fullmatch(one) and not STAND_IN.match(one):
                yield f"its principal {one!r} is neither an account nor an ARN"


def _conditions(found: Any) -> Iterator[str]:
    if found is not None and not isinstance(found, dict):
        yield "its 'Condition' is no object"
    for operator, keys in found.items() if isinstance(found, dict) else ():
        bare = re.sub(r"(?i)^(forallvalues|foranyvalue):|ifexists$", "", operator)
        if bare.lower() not in {name.lower() for name in OPERATORS}:
            yield f"its condition {operator!r} is no operator such as StringEquals"
        if not isinstance(keys, dict):
            yield f"its condition {operator!r} is no object of keys and values"


def labels(path: str) -> Check:
    """IAM takes letters and digits for the id of a statement, and each once."""

    def check(props: Props) -> Iterator[Fault]:
        for place, value in each(props, path):
            ids = [s["Sid"] for s in statements(value) if isinstance(s.get("Sid"), str) and s["Sid"]]
            for one in dict.fromkeys(ids):
                if not re.fullmatch(r"[A-Za-z0-9]*", one):
                    yield place, f"its 'Sid' {one!r} has characters other than letters and digits"
                if ids.count(one) > 1:
                    yield place, f"{ids.count(one)} of its statements have the 'Sid' {one!r}"

    return check


def trusting(props: Props) -> Iterator[Fault]:
    """A role's trust is about being taken on."""
    for statement in statements(props.get("assumeRolePolicy")):
        for action in _listed(statement.get("Action")):
            if isinstance(action, str) and ACTION.fullmatch(action) and not re.match(r"(?i)sts:|\*", action):
                yield "assumeRolePolicy", f"its action {action!r} is none of sts, such as sts:AssumeRole"


def largest(most: int) -> Check:
    """A policy of a size, white space left out."""

    def check(props: Props) -> Iterator[Fault]:
        for place, value in each(props, "policy"):
            size = len(re.sub(r"\s", "", value if isinstance(value, str) else json.dumps(value)))
            if size > most:
                yield place, f"{size} characters without white space, allowed are {most}"

    return check


def readable(path: str) -> Check:
    """A JSON object with statements."""

    def check(props: Props) -> Iterator[Fault]:
        for place, value in each(props, path):
            yield from (
                (place, why)
                for why in policy_faults(value)
                if not (isinstance(value, str) and (not value or STAND_IN.fullmatch(value)))
            )

    return check


def _of_a_resource(path: str, *needed: str, by_arn: bool = True) -> tuple[Check, ...]:
    return version(path), with_principal(path), grammar(path, *needed, by_arn=by_arn)


IDENTITY = (
    version("policy"), without("policy", "Principal", "NotPrincipal"), labels("policy"),
    grammar("policy", "Action", "Resource"),
)  # fmt: skip
INLINE = "inlinePolicies[].policy"

LIMITS: dict[str, tuple[Check, ...]] = {
    "aws:iam/role:Role": (
        version("assumeRolePolicy"), with_principal("assumeRolePolicy"),
        without("assumeRolePolicy", "Resource", "NotResource"), labels("assumeRolePolicy"),
        grammar("assumeRolePolicy", "Action"), trusting, readable(INLINE), grammar(INLINE, "Action", "Resource"),
        labels(INLINE),
    ),
    **{f"aws:iam/{name}": (*IDENTITY, largest(most)) for name, most in LARGEST.items()},
    "aws:s3/bucketPolicy:BucketPolicy": (*_of_a_resource("policy", "Action", "Resource"), own_resources),
    **dict.fromkeys(("aws:sns/topicPolicy:TopicPolicy", "aws:sqs/queuePolicy:QueuePolicy"),
                    _of_a_resource("policy", "Action")),
    "aws:ecr/repositoryPolicy:RepositoryPolicy": _of_a_resource("policy", "Action"),
    **{token: (readable("policy"), *_of_a_resource("policy", "Action")) for token in (
        "aws:kms/key:Key", "aws:kms/keyPolicy:KeyPolicy", "aws:secretsmanager/secretPolicy:SecretPolicy",
        "aws:secretsmanager/secret:Secret", "aws:ec2/vpcEndpoint:VpcEndpoint", "aws:sns/topic:Topic",
        "aws:sqs/queue:Queue", "aws:efs/fileSystemPolicy:FileSystemPolicy",
    )},
    "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": (
        readable("policyDocument"), *_of_a_resource("policyDocument", "Action"),
        sized("policyDocument", 0, 5_120),
    ),
    **{token: (*_of_a_resource("policy", "Action", by_arn=False),) for token in (
        "aws:apigateway/restApi:RestApi", "aws:apigateway/restApiPolicy:RestApiPolicy",
    )},
}  # fmt: skip
