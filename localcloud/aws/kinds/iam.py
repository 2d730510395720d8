"""Identity: roles, their policies, managed policies, instance profiles."""

from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from localcloud.aws.client import Aws
from localcloud.aws.kind import Calls, Kind, Naming, OwnCalls, Properties, Props, Tags, Translation, is_gone
from localcloud.aws.kinds.policy_text import sound, text

MOST_VERSIONS = 5
"""Versions that a managed policy may have at once (IAM quotas)."""


def retag(noun: str, key: str) -> Callable[..., None]:
    """The tagger of a kind of identity."""

    def put(aws: Aws, resource_id: str, gone: list[str], tags: dict[str, str]) -> None:
        if gone:
            aws("iam", f"untag_{noun}", **{key: resource_id}, TagKeys=gone)
        if tags:
            aws("iam", f"tag_{noun}", **{key: resource_id}, Tags=[{"Key": k, "Value": v} for k, v in tags.items()])

    return put


# -- roles


def attached(aws: Aws, role: str) -> list[str]:
    """The managed policies of a role."""
    found = aws("iam", "list_attached_role_policies", RoleName=role)["AttachedPolicies"]
    return [policy["PolicyArn"] for policy in found]


def attach_all(aws: Aws, role: str, wanted: Any, props: Props) -> None:
    """The role has exactly these managed policies."""
    there = attached(aws, role)
    for arn in set(there) - set(wanted):
        aws("iam", "detach_role_policy", RoleName=role, PolicyArn=arn)
    for arn in [arn for arn in wanted if arn not in there]:
        aws("iam", "attach_role_policy", RoleName=role, PolicyArn=arn)


def inline(aws: Aws, role: str) -> list[str]:
    """The names of a role's inline policies."""
    return list(aws("iam", "list_role_policies", RoleName=role)["PolicyNames"])


def put_inline(aws: Aws, role: str, wanted: Any, props: Props) -> None:
    """The role has exactly these inline policies."""
    names = {policy["name"] for policy in wanted if policy.get("name")}
    for name in set(inline(aws, role)) - names:
        aws("iam", "delete_role_policy", RoleName=role, PolicyName=name)
    for policy in wanted:
        if policy.get("name"):
            aws(
                "iam",
                "put_role_policy",
                RoleName=role,
                PolicyName=policy["name"],
                PolicyDocument=text(policy["policy"]),
            )


def read_attached(aws: Aws, role: str, live: Props, props: Props) -> list[str] | None:
    """The managed policies where the role itself lists them; attachments of their own are not its business."""
    return attached(aws, role) if "managedPolicyArns" in props or not props else None


def read_inline(aws: Aws, role: str, live: Props, props: Props) -> list[Props] | None:
    """The inline policies where the role itself lists them."""
    if props and "inlinePolicies" not in props:
        return None
    found = [aws("iam", "get_role_policy", RoleName=role, PolicyName=name) for name in inline(aws, role)]
    return [{"name": policy["PolicyName"], "policy": text(policy["PolicyDocument"])} for policy in found]


def update_role(aws: Aws, role: str, old: Props, new: Props) -> None:
    """The description and the session's length go by one call, the trust policy by another."""
    if text(old.get("assumeRolePolicy")) != text(new["assumeRolePolicy"]):
        aws("iam", "update_assume_role_policy", RoleName=role, PolicyDocument=text(new["assumeRolePolicy"]))
    length = int(new.get("maxSessionDuration") or 3600)
    aws("iam", "update_role", RoleName=role, Description=new.get("description") or "", MaxSessionDuration=length)
    if new.get("permissionsBoundary") and new["permissionsBoundary"] != old.get("permissionsBoundary"):
        aws("iam", "put_role_permissions_boundary", RoleName=role, PermissionsBoundary=new["permissionsBoundary"])


def drop_role(aws: Aws, role: str, props: Props) -> None:
    """The role leaves its instance profiles; what it lists itself goes with it, all of it when that is forced."""
    for profile in aws("iam", "list_instance_profiles_for_role", RoleName=role)["InstanceProfiles"]:
        name = profile["InstanceProfileName"]
        aws("iam", "remove_role_from_instance_profile", InstanceProfileName=name, RoleName=role)
    if props.get("managedPolicyArns") or props.get("forceDetachPolicies"):
        attach_all(aws, role, [], props)
    if props.get("inlinePolicies") or props.get("forceDetachPolicies"):
        put_inline(aws, role, [], props)
    aws("iam", "delete_role", RoleName=role)


def no_boundary(aws: Aws, role: str, old: Any, props: Props) -> None:
    """The role is bounded no more."""
    aws("iam", "delete_role_permissions_boundary", RoleName=role)


def boundary(aws: Aws, role: str, live: Props, props: Props) -> str | None:
    """The boundary lies in a block."""
    return (live.get("PermissionsBoundary") or {}).get("PermissionsBoundaryArn")


# -- attachments


def attach(aws: Aws, props: Props) -> str:
    """One managed policy for one role."""
    aws("iam", "attach_role_policy", RoleName=props["role"], PolicyArn=props["policyArn"])
    return f"{props['role']}/{props['policyArn']}"


def attachment(aws: Aws, resource_id: str, props: Props) -> Props | None:
    """The attachment, while the role has the policy."""
    there = props["policyArn"] in attached(aws, props["role"])
    return {"RoleName": props["role"], "PolicyArn": props["policyArn"]} if there else None


# -- managed policies


def policy(aws: Aws, arn: str, props: Props) -> Props:
    """The policy with the document of its default version."""
    found = aws("iam", "get_policy", PolicyArn=arn)["Policy"]
    version = aws("iam", "get_policy_version", PolicyArn=arn, VersionId=found["DefaultVersionId"])["PolicyVersion"]
    return {**found, "PolicyDocument": version["Document"]}


def versions(aws: Aws, arn: str) -> list[Props]:
    """The versions that are not the default, oldest first."""
    found = aws("iam", "list_policy_versions", PolicyArn=arn)["Versions"]
    others = [version for version in found if not version["IsDefaultVersion"]]
    return sorted(others, key=lambda version: int(version["VersionId"].removeprefix("v")))


def new_version(aws: Aws, arn: str, old: Props, new: Props) -> None:
    """A changed policy is a new version; the oldest makes room."""
    if text(old.get("policy")) == text(new["policy"]):
        return
    others = versions(aws, arn)
    if len(others) + 1 >= MOST_VERSIONS:
        aws("iam", "delete_policy_version", PolicyArn=arn, VersionId=others[0]["VersionId"])
    aws("iam", "create_policy_version", PolicyArn=arn, PolicyDocument=text(new["policy"]), SetAsDefault=True)


def drop_policy(aws: Aws, arn: str, props: Props) -> None:
    """A policy goes after its older versions."""
    for version in versions(aws, arn):
        aws("iam", "delete_policy_version", PolicyArn=arn, VersionId=version["VersionId"])
    aws("iam", "delete_policy", PolicyArn=arn)


# -- instance profiles


def put_role(aws: Aws, profile: str, role: Any, props: Props) -> None:
    """The profile has this role and no other."""
    found = aws("iam", "get_instance_profile", InstanceProfileName=profile)["InstanceProfile"]["Roles"]
    there = [one["RoleName"] for one in found]
    for old in there:
        if old != role:
            aws("iam", "remove_role_from_instance_profile", InstanceProfileName=profile, RoleName=old)
    if role and role not in there:
        aws("iam", "add_role_to_instance_profile", InstanceProfileName=profile, RoleName=role)


def drop_profile(aws: Aws, profile: str, props: Props) -> None:
    """A profile goes after its role."""
    try:
        put_role(aws, profile, None, props)
    except ClientError as error:
        if not is_gone(error):
            raise
    aws("iam", "delete_instance_profile", InstanceProfileName=profile)


def with_its_role(live: Props) -> Props:
    """A profile has at most one role."""
    return {**live, "Role": next((role["RoleName"] for role in live.get("Roles") or ()), None)}


ROWS = (
    Kind(
        "aws:iam/role:Role",
        Calls(
            "iam",
            "create_role",
            "{name}",
            created="Role",
            read=("get_role", {"RoleName": "{id}"}, "Role"),
            delete=drop_role,
            update=update_role,
        ),
        naming=Naming("name", longest=64),
        tags=Tags(update=retag("role", "RoleName")),
        translation=Translation(
            rename={
                "name": "RoleName",
                "assumeRolePolicy": "AssumeRolePolicyDocument",
                "forceDetachPolicies": None,
                "managedPolicyArns": None,
                "inlinePolicies": None,
                "uniqueId": "RoleId",
            },
        ),
        properties=Properties(
            force_new={"name", "namePrefix", "path"},
            write_only={"forceDetachPolicies"},
            computed={"managedPolicyArns", "inlinePolicies"},
            defaults={"path": "/", "maxSessionDuration": 3600, "forceDetachPolicies": False, "description": ""},
            unordered={"managedPolicyArns", "inlinePolicies"},
        ),
        own_calls=OwnCalls(
            put={"managedPolicyArns": attach_all, "inlinePolicies": put_inline},
            remove={"permissionsBoundary": no_boundary},
            read={"managedPolicyArns": read_attached, "inlinePolicies": read_inline},
        ),
        validate=sound("assumeRolePolicy"),
        outputs={"permissionsBoundary": boundary},
    ),
    Kind(
        "aws:iam/rolePolicy:RolePolicy",
        Calls(
            "iam",
            "put_role_policy",
            "{role}:{name}",
            read=("get_role_policy", {"RoleName": "{role}", "PolicyName": "{name}"}, "@"),
            update="upsert",
            delete=("delete_role_policy", {"RoleName": "{role}", "PolicyName": "{name}"}),
            import_id=lambda given: (given, dict(zip(("role", "name"), given.split(":", 1), strict=False))),
        ),
        naming=Naming("name", longest=128),
        tags=Tags(None),
        translation=Translation(rename={"role": "RoleName", "name": "PolicyName", "policy": "PolicyDocument"}),
        properties=Properties(force_new={"name", "namePrefix", "role"}),
        validate=sound("policy"),
    ),
    Kind(
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        Calls(
            "iam",
            "attach_role_policy",
            "",
            custom_create=attach,
            read=attachment,
            delete=("detach_role_policy", {"RoleName": "{role}", "PolicyArn": "{policyArn}"}),
            import_id=lambda given: (given, dict(zip(("role", "policyArn"), given.split("/", 1), strict=False))),
        ),
        tags=Tags(None),
        translation=Translation(rename={"role": "RoleName"}),
        properties=Properties(force_new={"role", "policyArn"}, delete_before_replace=True),
    ),
    Kind(
        "aws:iam/policy:Policy",
        Calls("iam", "create_policy", "Policy.Arn", read=policy, delete=drop_policy, update=new_version),
        naming=Naming("name", longest=128),
        tags=Tags(update=retag("policy", "PolicyArn")),
        translation=Translation(
            rename={"name": "PolicyName", "policy": "PolicyDocument", "delayAfterPolicyCreationInMs": None},
        ),
        properties=Properties(
            force_new={"name", "namePrefix", "path", "description"},
            defaults={"path": "/", "description": ""},
            write_only={"delayAfterPolicyCreationInMs"},
        ),
        validate=sound("policy"),
    ),
    Kind(
        "aws:iam/instanceProfile:InstanceProfile",
        Calls(
            "iam",
            "create_instance_profile",
            "{name}",
            read=("get_instance_profile", {"InstanceProfileName": "{id}"}, "InstanceProfile"),
            delete=drop_profile,
            update=lambda aws, i, old, new: None,
        ),
        naming=Naming("name", longest=128),
        tags=Tags(update=retag("instance_profile", "InstanceProfileName")),
        translation=Translation(
            decode=with_its_role,
            rename={"name": "InstanceProfileName", "uniqueId": "InstanceProfileId"},
        ),
        properties=Properties(force_new={"name", "namePrefix", "path"}, defaults={"path": "/"}),
        own_calls=OwnCalls(
            put={"role": put_role},
            remove={"role": lambda aws, i, old, props: put_role(aws, i, None, props)},
        ),
    ),
)
