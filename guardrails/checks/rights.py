"""Who may do what: policies of identities, of resources, trust in roles, AWS's own policies."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from guardrails.checks.check import Check, Inputs, Predicate
from guardrails.documents import is_any_arn, opens_to_anyone, overreach
from guardrails.values import UNKNOWN, at, every, maps, text

WIDE_POLICIES = re.compile(
    r"(AdministratorAccess.*|PowerUserAccess|\w*FullAccess(_v\d)?|SystemAdministrator|DatabaseAdministrator|NetworkAdministrator)$"
)
"""AWS's own policies that allow everything, or everything of a service. Source: AWS Managed Policy Reference Guide."""
IDENTITY_POLICIES = {
    "aws:iam/rolePolicy:RolePolicy": "policy",
    "aws:iam/policy:Policy": "policy",
    "aws:iam/userPolicy:UserPolicy": "policy",
    "aws:iam/groupPolicy:GroupPolicy": "policy",
    "aws:ssoadmin/permissionSetInlinePolicy:PermissionSetInlinePolicy": "inlinePolicy",
}
"""Type -> the input that holds an identity's policy."""
RESOURCE_POLICIES = {
    "aws:sqs/queuePolicy:QueuePolicy": "policy",
    "aws:sqs/queue:Queue": "policy",
    "aws:sns/topicPolicy:TopicPolicy": "policy",
    "aws:sns/topic:Topic": "policy",
    "aws:s3/bucketPolicy:BucketPolicy": "policy",
    "aws:s3/bucket:Bucket": "policy",
    "aws:kms/key:Key": "policy",
    "aws:kms/keyPolicy:KeyPolicy": "policy",
    "aws:ecr/repositoryPolicy:RepositoryPolicy": "policy",
    "aws:ecr/registryPolicy:RegistryPolicy": "policy",
    "aws:secretsmanager/secretPolicy:SecretPolicy": "policy",
    "aws:secretsmanager/secret:Secret": "policy",
    "aws:cloudwatch/eventBusPolicy:EventBusPolicy": "policy",
    "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": "policyDocument",
    "aws:dynamodb/resourcePolicy:ResourcePolicy": "policy",
    "aws:kinesis/resourcePolicy:ResourcePolicy": "policy",
    "aws:efs/fileSystemPolicy:FileSystemPolicy": "policy",
    "aws:backup/vaultPolicy:VaultPolicy": "policy",
    "aws:opensearch/domainPolicy:DomainPolicy": "accessPolicies",
    "aws:opensearch/domain:Domain": "accessPolicies",
    "aws:elasticsearch/domain:Domain": "accessPolicies",
    "aws:elasticsearch/domainPolicy:DomainPolicy": "accessPolicies",
    "aws:acmpca/policy:Policy": "policy",
    "aws:cloudwatch/logDestinationPolicy:LogDestinationPolicy": "accessPolicy",
    "aws:codeartifact/domainPermissions:DomainPermissions": "policyDocument",
    "aws:codeartifact/repositoryPermissionsPolicy:RepositoryPermissionsPolicy": "policyDocument",
    "aws:codebuild/resourcePolicy:ResourcePolicy": "policy",
    "aws:glacier/vault:Vault": "accessPolicy",
    "aws:glue/resourcePolicy:ResourcePolicy": "policy",
    "aws:kms/externalKey:ExternalKey": "policy",
    "aws:kms/replicaKey:ReplicaKey": "policy",
    "aws:kms/replicaExternalKey:ReplicaExternalKey": "policy",
    "aws:lambda/resourcePolicy:ResourcePolicy": "policy",
    "aws:msk/clusterPolicy:ClusterPolicy": "policy",
    "aws:redshift/resourcePolicy:ResourcePolicy": "policy",
    "aws:s3/accessPoint:AccessPoint": "policy",
    "aws:s3control/accessPointPolicy:AccessPointPolicy": "policy",
    "aws:s3tables/tableBucketPolicy:TableBucketPolicy": "resourcePolicy",
    "aws:schemas/registryPolicy:RegistryPolicy": "policy",
    "aws:ses/identityPolicy:IdentityPolicy": "policy",
    "aws:sesv2/emailIdentityPolicy:EmailIdentityPolicy": "policy",
    "aws:vpclattice/authPolicy:AuthPolicy": "policy",
    "aws:vpclattice/resourcePolicy:ResourcePolicy": "policy",
    "aws:iam/role:Role": "assumeRolePolicy",
}
"""Type -> the input that says who may use the resource; a role's trust is one."""


def _document(name: str, predicate: Callable[[Any], Iterator[str]]) -> Predicate:
    return lambda inputs: predicate(inputs.get(name))


def roles_name_their_rights(role: Inputs) -> Iterator[str]:
    """Policies that are written into a role."""
    for inline in maps(every(role, "inlinePolicies")):
        yield from overreach(inline.get("policy"))


def _wide(arn: Any) -> Iterator[str]:
    name = text(arn).rsplit("/", 1)[-1]
    if text(arn).startswith("arn:aws") and ":aws:policy/" in text(arn) and WIDE_POLICIES.fullmatch(name):
        yield f"a role gets {name}: attach a policy that names what is needed"


def nobody_administers(attachment: Inputs) -> Iterator[str]:
    """AWS's policies that allow nearly everything are for people."""
    yield from _wide(attachment.get("policyArn"))


def roles_carry_no_wide_policy(role: Inputs) -> Iterator[str]:
    """Policies of AWS that are named within a role, or by a list of a role's only policies."""
    for arn in (*every(role, "managedPolicyArns"), *every(role, "policyArns")):
        yield from _wide(arn)


def permissions_name_their_principal(permission: Inputs) -> Iterator[str]:
    """A function that a service may call names whose."""
    arn = permission.get("sourceArn")
    named = arn is UNKNOWN or (text(arn) and not is_any_arn(text(arn)))
    if text(permission.get("principal")).strip() == "*" and not (
        named or permission.get("principalOrgId") or permission.get("sourceAccount")
    ):
        yield "anyone may call the function: name the principal, or give a sourceArn"


def shares_name_whose(organization: str) -> Predicate:
    """A layer or an event bus that is shared with an organization, or with named accounts."""

    def check(inputs: Inputs) -> Iterator[str]:
        if text(inputs.get("principal")).strip() == "*" and not inputs.get(organization):
            yield f"anyone may use it: name the principal, or give {organization}"

    return check


def urls_ask_who_calls(url: Inputs) -> Iterator[str]:
    """The address of a function is open to the internet."""
    if at(url, "authorizationType") == "NONE":
        yield "anyone may call the function by its address: set authorizationType to AWS_IAM"


CHECKS = (
    Check(
        "least-rights",
        "Policies name their rights.",
        "Whoever takes over the process has every right that it was given.",
        {kind: _document(name, overreach) for kind, name in IDENTITY_POLICIES.items()}
        | {"aws:iam/role:Role": roles_name_their_rights},
    ),
    Check(
        "no-administrators",
        "No role may do nearly everything.",
        "Whoever takes over one process has the account.",
        dict.fromkeys(
            (
                "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
                "aws:iam/userPolicyAttachment:UserPolicyAttachment",
                "aws:iam/groupPolicyAttachment:GroupPolicyAttachment",
                "aws:iam/policyAttachment:PolicyAttachment",
            ),
            nobody_administers,
        )
        | dict.fromkeys(
            (
                "aws:iam/role:Role",
                "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive",
            ),
            roles_carry_no_wide_policy,
        ),
    ),
    Check(
        "named-principals",
        "Nothing is open to anyone.",
        "Any account, or anyone at all, could use it.",
        {kind: _document(name, opens_to_anyone) for kind, name in RESOURCE_POLICIES.items()}
        | {
            "aws:lambda/permission:Permission": permissions_name_their_principal,
            "aws:lambda/functionUrl:FunctionUrl": urls_ask_who_calls,
            "aws:lambda/layerVersionPermission:LayerVersionPermission": shares_name_whose("organizationId"),
            "aws:cloudwatch/eventPermission:EventPermission": shares_name_whose("condition"),
        },
    ),
)
