"""Policy documents of IAM as sets of actions and of principals, however they are written. Source: IAM User Guide,
policy elements reference."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from guardrails.addresses import is_world
from guardrails.values import UNKNOWN, at, document, maps, several, text

READING = re.compile(r"(Get|List|Describe|BatchGet|Head|Query|Scan|Search|Lookup|View)[A-Za-z0-9]*\*", re.IGNORECASE)
"""Patterns of actions that only read."""
ESCALATING = (
    "iam:PassRole", "iam:CreateAccessKey", "iam:PutRolePolicy", "iam:AttachRolePolicy", "iam:UpdateAssumeRolePolicy",
    "iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion", "iam:PutUserPolicy", "iam:AttachUserPolicy",
    "iam:CreateLoginProfile", "iam:UpdateLoginProfile", "sts:AssumeRole", "secretsmanager:GetSecretValue",
    "ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath", "kms:Decrypt", "lambda:UpdateFunctionCode",
    "s3:DeleteBucketPolicy", "s3:PutBucketPolicy", "s3:PutBucketAcl", "iam:AddUserToGroup", "iam:AttachGroupPolicy",
    "iam:PutGroupPolicy", "lambda:UpdateFunctionConfiguration", "lambda:AddPermission", "kms:CreateGrant",
    "kms:PutKeyPolicy",
    "secretsmanager:BatchGetSecretValue", "ssm:GetParameterHistory", "ssm:SendCommand", "ssm:StartSession",
    "ecs:ExecuteCommand",
)  # fmt: skip
"""Actions that on every resource give another's rights or every secret. Source: IAM User Guide, security best
practices; what IAM Access Analyzer's custom policy checks take for critical."""
_RESTRICTING = frozenset(
    f"aws:{key}".lower()
    for key in (
        "SourceArn", "SourceAccount", "SourceOwner", "SourceOrgID", "SourceOrgPaths", "SourceVpc", "SourceVpce",
        "PrincipalOrgID", "PrincipalOrgPaths", "PrincipalAccount", "PrincipalArn", "userId",
    )
) | {"kms:calleraccount", "s3:dataaccesspointaccount"}  # fmt: skip
"""Condition keys that name who asks. Source: IAM User Guide, global condition context keys; S3 User Guide, the meaning
of public. Not `aws:username`, which every account may give, nor `sts:ExternalId`, which is no secret."""
_OF_ALL = {
    "iam": ("role", "user", "group", "policy"),
    "kms": ("key", "alias"),
    "lambda": ("function",),
    "secretsmanager": ("secret",),
    "ssm": ("parameter", "document", "managed-instance"),
    "ecs": ("task", "service"),
    "ec2": ("instance",),
}
"""Service -> the kinds of resource of its ARNs: wildcards alone behind a kind mean all of an account."""
_SHARED_AUDIENCES = (
    "token.actions.githubusercontent.com", "gitlab.com", "app.terraform.io", "agent.buildkite.com", "oidc.vercel.com",
)  # fmt: skip
"""Providers whose audience every customer of theirs may have. Source: their own guides to OIDC with AWS."""
_PLAIN_OPERATORS = frozenset(
    ("stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike", "ipaddress")
)


def statements(policy: Any) -> Iterator[Mapping[str, Any]]:
    """The statements that allow something; none where the document is not known."""
    given = at(document(policy), "Statement")
    yield from (each for each in maps(several(given)) if each.get("Effect") == "Allow")


def overreach(policy: Any) -> Iterator[str]:
    """What an identity's policy allows beyond named rights."""
    for statement in statements(policy):
        if statement.get("NotAction") is not None:
            yield "a statement allows every action but some (NotAction): name the actions that are needed"
        if statement.get("NotResource") is not None:
            yield "a statement allows every resource but some (NotResource): name the resources"
        anywhere = any(_is_everything(each) for each in several(statement.get("Resource")))
        for action in map(text, several(statement.get("Action"))):
            yield from _too_wide(action, everywhere=anywhere and not _narrows(statement.get("Condition")))


def _too_wide(action: str, *, everywhere: bool) -> Iterator[str]:
    service, colon, name = action.partition(":")
    if set(action) <= {"*", "?", ":"} and "*" in action:
        yield "a statement allows every action: name the actions that are needed"
    elif set("*?") & set(service):
        yield f"a statement allows actions of every service that matches {service}: name the actions that are needed"
    elif colon and name and not name.strip("*?"):
        yield f"a statement allows all of {service}: name the actions that are needed"
    elif set("*?") & set(name) and not READING.fullmatch(name):
        yield f"a statement allows {action}, whatever that comes to: name the actions that are needed"
    elif everywhere and (granted := next((each for each in ESCALATING if matches(action, each)), None)):
        yield f"a statement allows {granted} on every resource: name the resources, or give a condition"


def matches(pattern: str, action: str) -> bool:
    """Whether a pattern of actions covers an action; case does not matter to IAM."""
    parts = (".*" if sign == "*" else "." if sign == "?" else re.escape(sign) for sign in pattern)
    return re.fullmatch("".join(parts), action, re.IGNORECASE) is not None


def _is_everything(resource: Any) -> bool:
    """Whether a pattern covers every resource, or every one of a kind: `*`, `arn:aws:iam::123456789012:role/*`."""
    if not isinstance(resource, str):
        return False
    parts = resource.split(":", 5)
    if parts[0] != "arn" or len(parts) < 6:
        return not resource.replace("arn:aws", "").strip("*:/?")
    kind, _, rest = parts[5].replace(":", "/").partition("/")
    if kind in _OF_ALL.get(parts[2], ()):
        return "*" in rest and not rest.strip("*?/")
    return "*" in parts[5] and not parts[5].strip("*?/:")


def _narrows(condition: Any) -> bool:
    """Whether a condition narrows what an identity's right is on, and not only how or from where it is used."""
    if condition is UNKNOWN:
        return True
    return any(
        operator.removeprefix("foranyvalue:") in _PLAIN_OPERATORS
        and (not key.startswith("aws:") or key.startswith(("aws:resource", "aws:calledvia")))
        and not any(_is_any_value(value) for value in values)
        for operator, key, values in _conditions(condition)
    )


def opens_to_anyone(policy: Any) -> Iterator[str]:
    """What a resource's policy, or a role's trust, allows to whom nobody named."""
    for statement in statements(policy):
        if _restricted(statement.get("Condition")):
            continue
        if statement.get("NotPrincipal") is not None:
            yield "a statement allows everyone but some (NotPrincipal): name who may"
        principal = statement.get("Principal")
        if _is_anyone(principal):
            yield "a statement allows anyone: name who may, or give a condition such as aws:SourceArn"
        elif at(principal, "Federated") and not _names_subject(statement.get("Condition")):
            yield "a statement trusts everyone whom the provider knows: give a condition on the subject or audience"


def _is_anyone(principal: Any) -> bool:
    if isinstance(principal, Mapping):
        return any(_is_anyone(each) for kind in principal.values() for each in several(kind))
    if not isinstance(principal, str):
        return False
    parts = principal.split(":")
    return not principal.strip("*?") or (parts[0] == "arn" and len(parts) > 4 and "*" in parts[4])


def _conditions(condition: Any) -> Iterator[tuple[str, str, tuple[Any, ...]]]:
    """(operator, key, values), operator and key in lower case."""
    for operator, keys in condition.items() if isinstance(condition, Mapping) else ():
        for key, values in keys.items() if isinstance(keys, Mapping) else ():
            yield str(operator).lower(), str(key).lower(), several(values)


def _restricted(condition: Any) -> bool:
    """Whether a condition lets only some in; an operator that passes where its key is missing does not."""
    if condition is UNKNOWN:
        return True
    for operator, key, values in _conditions(condition):
        plain = operator.removeprefix("foranyvalue:")
        if plain not in _PLAIN_OPERATORS:
            continue
        if key in ("aws:sourceip", "aws:vpcsourceip"):
            if not is_world(map(text, values)):
                return True
        elif key in _RESTRICTING and values and not any(_names_nobody(key, value) for value in values):
            return True
    return False


def _names_nobody(key: str, value: Any) -> bool:
    """Whether a value of a condition lets in more than one can name: accounts and organisations are named whole."""
    if not isinstance(value, str):
        return False
    if key.endswith("arn"):
        return is_any_arn(value)
    if key.endswith("orgpaths"):
        return bool(set("*?") & set(value.partition("/")[0]))
    return bool(set("*?") & set(value.partition(":")[0])) if key == "aws:userid" else bool(set("*?") & set(value))


def is_any_arn(value: str) -> bool:
    """Whether an ARN with wildcards is one that anybody may have: of any account, or without account and name."""
    parts = value.split(":", 5)
    if len(parts) < 6 or parts[0] != "arn":
        return "*" in value or not value.strip("?")
    if set("*?") & set(parts[4]):
        return True
    return not parts[4] and not re.sub(r"^[*?/:]+", "", parts[5])


def _is_any_value(value: Any) -> bool:
    if not isinstance(value, str):
        return False
    parts = value.split(":", 5)
    if len(parts) == 6 and parts[0] == "arn":  # an ARN without account and without resource names nobody
        return not parts[4].strip("*?") and not parts[5].strip("*?/:") and parts[2] != "s3"
    return not value.strip("*?:/")


def _names_subject(condition: Any) -> bool:
    """Whether a condition on a federated principal names a subject, an audience alone being enough for a provider whose
    audiences are one's own (Cognito, SAML)."""
    if condition is UNKNOWN:
        return True
    for operator, key, values in _conditions(condition):
        plain = operator.removeprefix("foranyvalue:")
        subject = key.endswith((":sub", ":aud", ":amr")) and not (
            key.startswith(_SHARED_AUDIENCES) and key.endswith(":aud")
        )
        if plain in _PLAIN_OPERATORS and subject and not any(_opens_subject(value) for value in values):
            return True
    return False


def _opens_subject(value: Any) -> bool:
    if not isinstance(value, str):
        return False
    owner = re.fullmatch(r"(?:repo|project_path|organization):([^/:]*)(.*)", value, re.DOTALL)
    return bool(set("*?") & set(owner[1])) if owner else value[:1] in ("", "*", "?")
