"""Identity: who is in which group, policies for many at once, and what an account has once."""

import hashlib
import string

from localcloud.aws.client import Aws
from localcloud.aws.kind import Calls, Kind, Naming, OwnCalls, Properties, Props, Tags, Translation, answered
from localcloud.aws.kinds.iam import retag

# --- members of groups


def members(aws: Aws, group: str) -> list[str]:
    """The users of a group."""
    return [one["UserName"] for one in aws("iam", "get_group", GroupName=group)["Users"]]


def bring(aws: Aws, calls: tuple[str, str], fixed: Props, member: str, held: list[str], wanted: list[str]) -> None:
    """Add what is wanted and not there, and take away what is there and not wanted."""
    for name in wanted:
        if name not in held:
            aws("iam", calls[0], **fixed, **{member: name})
    for name in held:
        if name not in wanted:
            aws("iam", calls[1], **fixed, **{member: name})


IN_AND_OUT = ("add_user_to_group", "remove_user_from_group")


def fill_group(aws: Aws, props: Props) -> str:
    """Put the users into the group."""
    bring(aws, IN_AND_OUT, {"GroupName": props["group"]}, "UserName", [], list(props["users"]))
    return str(props["name"])


GROUP_MEMBERSHIP = Kind(
    "aws:iam/groupMembership:GroupMembership",
    Calls(
        "iam", "add_user_to_group", "{name}", custom_create=fill_group,
        read=lambda aws, i, props: {"group": props["group"], "users": members(aws, props["group"])},
        update=lambda aws, i, old, new: bring(
            aws, IN_AND_OUT, {"GroupName": new["group"]}, "UserName", members(aws, new["group"]), list(new["users"])
        ),
        delete=lambda aws, i, props: bring(
            aws, IN_AND_OUT, {"GroupName": props["group"]}, "UserName",
            [name for name in members(aws, props["group"]) if name in props["users"]], [],
        ),
    ),
    naming=Naming("name"), tags=Tags(None),
    translation=Translation(rename=dict.fromkeys(("group", "users", "name")), served={"group", "users", "name"}),
    properties=Properties(force_new={"group", "name"}, unordered={"users"}),
    outputs={"group": answered("group"), "users": answered("users"), "name": "{id}"},
)  # fmt: skip


def groups_of(aws: Aws, user: str) -> list[str]:
    """The groups that a user is in."""
    return [one["GroupName"] for one in aws("iam", "list_groups_for_user", UserName=user)["Groups"]]


def join_groups(aws: Aws, props: Props) -> str:
    """Put the user into the groups."""
    bring(aws, IN_AND_OUT, {"UserName": props["user"]}, "GroupName", [], list(props["groups"]))
    return "/".join([props["user"], *sorted(props["groups"])])


def of_user(text: str) -> tuple[str, Props]:
    """`user/group/group`."""
    user, *groups = text.split("/")
    return text, {"user": user, "groups": groups}


def membership(aws: Aws, membership_id: str, props: Props) -> Props | None:
    """Of the user's groups those that the program names: others may be of somebody else."""
    found = [name for name in groups_of(aws, props["user"]) if name in props["groups"]]
    return {"user": props["user"], "groups": found} if found else None


def change_groups(aws: Aws, old: Props, new: Props) -> None:
    """Bring the user out of the old groups into the new ones; those of somebody else stay."""
    held = [name for name in groups_of(aws, new["user"]) if name in {*old["groups"], *new["groups"]}]
    bring(aws, IN_AND_OUT, {"UserName": new["user"]}, "GroupName", held, list(new["groups"]))


USER_MEMBERSHIP = Kind(
    "aws:iam/userGroupMembership:UserGroupMembership",
    Calls(
        "iam", "add_user_to_group", "{user}", custom_create=join_groups, read=membership,
        update=lambda aws, i, old, new: change_groups(aws, old, new),
        delete=lambda aws, i, props: change_groups(aws, props, props | {"groups": []}),
        import_id=of_user,
    ),
    tags=Tags(None),
    translation=Translation(rename=dict.fromkeys(("user", "groups")), served={"user", "groups"}),
    properties=Properties(force_new={"user"}, unordered={"groups"}),
    outputs={"user": answered("user"), "groups": answered("groups")},
)  # fmt: skip

# --- one policy for many

WHO = {"users": ("user", "UserName"), "groups": ("group", "GroupName"), "roles": ("role", "RoleName")}


def holders(aws: Aws, arn: str) -> Props:
    """Whom a policy is attached to."""
    found = aws("iam", "list_entities_for_policy", PolicyArn=arn)
    return {
        name: [one[member] for one in found.get(f"Policy{name.title()}") or ()] for name, (_, member) in WHO.items()
    }


def attach(aws: Aws, old: Props, new: Props) -> str:
    """Bring whom a policy is attached to from the old inputs to the new ones."""
    live = holders(aws, new["policyArn"])
    for name, (noun, member) in WHO.items():
        calls = f"attach_{noun}_policy", f"detach_{noun}_policy"
        held = [one for one in live[name] if one in {*(old.get(name) or ()), *(new.get(name) or ())}]
        bring(aws, calls, {"PolicyArn": new["policyArn"]}, member, held, list(new.get(name) or ()))
    return str(new["name"])


def attached(aws: Aws, name: str, props: Props) -> Props | None:
    """The policy with everybody that has it: this resource claims them all."""
    found = holders(aws, props["policyArn"])
    return found | {"policyArn": props["policyArn"]} if any(found.values()) else None


POLICY_ATTACHMENT = Kind(
    "aws:iam/policyAttachment:PolicyAttachment",
    Calls(
        "iam", "attach_role_policy", "{name}", custom_create=lambda aws, props: attach(aws, {}, props), read=attached,
        update=lambda aws, i, old, new: attach(aws, old, new),
        delete=lambda aws, i, props: attach(aws, props, {k: v for k, v in props.items() if k not in WHO}),
    ),
    naming=Naming("name"), tags=Tags(None),
    translation=Translation(
        rename=dict.fromkeys(("name", "policyArn", *WHO)), served={"name", "policyArn", *WHO}
    ),
    properties=Properties(force_new={"name", "policyArn"}, unordered={*WHO}, defaults={name: [] for name in WHO}),
    outputs={"name": "{id}", "policyArn": answered("policyArn"), **{name: answered(name) for name in WHO}},
    validate=lambda props: [] if any(props.get(name) for name in WHO) else [
        ("roles", "missing: give one of 'users', 'roles', 'groups'")
    ],
)  # fmt: skip

# --- of an account, once


def alias(aws: Aws, name: str, props: Props) -> Props | None:
    """The alias, if it is the account's."""
    return {"accountAlias": name} if name in aws("iam", "list_account_aliases")["AccountAliases"] else None


ALIAS = Kind(
    "aws:iam/accountAlias:AccountAlias",
    Calls(
        "iam", "create_account_alias", "{accountAlias}", read=alias,
        delete=("delete_account_alias", {"AccountAlias": "{id}"}),
    ),
    tags=Tags(None), properties=Properties(force_new={"accountAlias"}, delete_before_replace=True),
)  # fmt: skip


def password_policy(aws: Aws, policy_id: str, props: Props) -> Props:
    """What passwords have to be like."""
    return dict(aws("iam", "get_account_password_policy")["PasswordPolicy"])


def set_password_policy(aws: Aws, props: Props) -> str:
    """Send all of it, which is what a change is too."""
    aws("iam", "update_account_password_policy", **PASSWORD_POLICY.request("update_account_password_policy", props))
    return "iam-account-password-policy"


PASSWORD_POLICY: Kind = Kind(
    "aws:iam/accountPasswordPolicy:AccountPasswordPolicy",
    Calls(
        "iam", "update_account_password_policy", "iam-account-password-policy", custom_create=set_password_policy,
        read=password_policy, update=lambda aws, i, old, new: set_password_policy(aws, new),
        delete=("delete_account_password_policy", {}),
    ),
    tags=Tags(None),
    translation=Translation(encode=lambda props: {"allowUsersToChangePassword": True} | props),
    properties=Properties(
        defaults={"minimumPasswordLength": 6, "allowUsersToChangePassword": True},
        computed={
            "hardExpiry", "maxPasswordAge", "passwordReusePrevention", "requireLowercaseCharacters", "requireNumbers",
            "requireSymbols", "requireUppercaseCharacters",
        },
        computed_on_update={"expirePasswords"},
    ),
)  # fmt: skip

# --- roles of services


def service_role(aws: Aws, arn: str, props: Props) -> Props:
    """The role, with what its name is made of."""
    found = dict(aws("iam", "get_role", RoleName=arn.rpartition("/")[2])["Role"])
    service = str(found["Path"]).removeprefix("/aws-service-role/").rstrip("/")
    _, _, suffix = str(found["RoleName"]).partition("_")
    return found | {"AWSServiceName": service} | ({"CustomSuffix": suffix} if suffix else {})


SERVICE_ROLE = Kind(
    "aws:iam/serviceLinkedRole:ServiceLinkedRole",
    Calls(
        "iam", "create_service_linked_role", "Role.Arn", read=service_role,
        delete=lambda aws, i, props: aws("iam", "delete_service_linked_role", RoleName=i.rpartition("/")[2]),
    ),
    tags=Tags(None, update=lambda aws, i, gone, tags: retag("role", "RoleName")(aws, i.rpartition("/")[2], gone, tags)),
    translation=Translation(rename={"name": "RoleName", "uniqueId": "RoleId", "awsServiceName": "AWSServiceName"}),
    properties=Properties(force_new={"awsServiceName", "customSuffix"}, defaults={"description": ""}),
    own_calls=OwnCalls(update={"description": lambda aws, i, value, props: aws(
        "iam", "update_role", RoleName=i.rpartition("/")[2], Description=value
    )}),
    outputs={"createDate": lambda aws, i, live, props: live["CreateDate"].strftime("%Y-%m-%dT%H:%M:%SZ")},
)  # fmt: skip

# --- how people sign in


def profile(aws: Aws, user: str, props: Props) -> Props:
    """The profile; its password is told once."""
    return dict(aws("iam", "get_login_profile", UserName=user)["LoginProfile"])


def sign_in(aws: Aws, props: Props) -> str:
    """Lets a user sign in with a password that is told once."""
    chosen = new_password(aws.unique(), int(props.get("passwordLength") or 20))
    asked = {"UserName": props["user"], "Password": chosen}
    made = aws("iam", "create_login_profile", **asked, PasswordResetRequired=bool(props.get("passwordResetRequired")))
    aws.at_hand[props["user"]] = made["LoginProfile"] | {"Password": chosen}
    return str(props["user"])


def new_password(word: str, length: int) -> str:
    """Letters, digits and signs, one of each at least, that follow from a word: a creation made again asks the same."""
    kinds = string.ascii_lowercase, string.ascii_uppercase, string.digits, "!@#$%^&*()_+-=[]{}|'"
    drawn = hashlib.shake_256(word.encode()).digest(2 * length)
    signs = []
    for number, (place, sign) in enumerate(zip(drawn[:length], drawn[length:], strict=True)):
        kind = kinds[number] if number < len(kinds) else "".join(kinds)
        signs.append((place, kind[sign % len(kind)]))
    return "".join(sign for _, sign in sorted(signs))


NO_PGP = "nothing is encrypted for a PGP key here: leave it out and take 'password', which is a secret of the stack"
LOGIN = Kind(
    "aws:iam/userLoginProfile:UserLoginProfile",
    Calls(
        "iam", "create_login_profile", "{user}", custom_create=sign_in, read=profile,
        delete=("delete_login_profile", {"UserName": "{id}"}),
        import_id=lambda text: (text, {"user": text}),
    ),
    tags=Tags(None),
    translation=Translation(
        rename={"user": "UserName", "passwordLength": None}, served={"passwordLength"}, unserved={"pgpKey": NO_PGP}
    ),
    properties=Properties(
        force_new={"user", "passwordLength", "passwordResetRequired"}, computed={"passwordResetRequired"},
        computed_once={"password"}, defaults={"passwordLength": 20}, write_only={"passwordLength"},
    ),
    validate=lambda props: [] if not isinstance(props.get("passwordLength"), int | float)
    or 5 <= props["passwordLength"] <= 128 else [
        ("passwordLength", f"{props['passwordLength']} is not within 5 to 128")
    ],
)  # fmt: skip

ROWS = (
    GROUP_MEMBERSHIP, USER_MEMBERSHIP, POLICY_ATTACHMENT, ALIAS, PASSWORD_POLICY, SERVICE_ROLE, LOGIN,
)  # fmt: skip
