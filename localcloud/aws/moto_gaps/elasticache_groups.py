"""ElastiCache's groups of subnets, of parameters and of users, which moto does not have, change or delete."""

from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.elasticache.exceptions import CacheSubnetGroupNotFound, UserNotFound
from moto.elasticache.models import CacheSubnetGroup, ElastiCacheBackend
from moto.elasticache.responses import ElastiCacheResponse

from localcloud.aws.moto_gaps._patching import Refusal, add, replace
from localcloud.aws.moto_gaps.elasticache import Doc, arn, held, tag, untag

# --- subnets


def _subnets(response: Any) -> Any:
    groups = response.elasticache_backend.cache_subnet_groups
    name = response.params["CacheSubnetGroupName"].lower()
    if name not in groups:
        raise CacheSubnetGroupNotFound(name)
    return groups[name]


@add(ElastiCacheResponse)
def modify_cache_subnet_group(self: Any) -> Any:
    """Other subnets, another description."""
    old, asked, backend = _subnets(self), self.params, self.elasticache_backend
    made = CacheSubnetGroup(
        account_id=backend.account_id, region_name=backend.region_name,
        cache_subnet_group_name=old.cache_subnet_group_name,
        cache_subnet_group_description=asked.get("CacheSubnetGroupDescription") or old.cache_subnet_group_description,
        subnet_ids=asked.get("SubnetIds") or old.subnet_ids, tags=old.tags,
    )  # fmt: skip
    backend.cache_subnet_groups[old.cache_subnet_group_name] = made
    return ActionResult({"CacheSubnetGroup": made})


@add(ElastiCacheResponse)
def delete_cache_subnet_group(self: Any) -> Any:
    """A group that a cluster is in stays."""
    group = _subnets(self)
    name = group.cache_subnet_group_name
    if any(one.get("CacheSubnetGroupName") == name for one in held(self, "cluster").values()):
        raise Refusal("CacheSubnetGroupInUse", f"Cache subnet group {name} is currently in use by a cache cluster.")
    del self.elasticache_backend.cache_subnet_groups[name]
    untag(self, group.arn)
    return EmptyResult()


# --- parameters


@add(ElastiCacheResponse)
def create_cache_parameter_group(self: Any) -> Any:
    """Make a group of parameters."""
    asked, groups = self.params, held(self, "parametergroup")
    name = asked["CacheParameterGroupName"].lower()
    if name in groups:
        raise Refusal("CacheParameterGroupAlreadyExists", f"CacheParameterGroup {name} already exists.")
    groups[name] = {
        "CacheParameterGroupName": name, "CacheParameterGroupFamily": asked["CacheParameterGroupFamily"],
        "Description": asked["Description"], "IsGlobal": False, "ARN": arn(self, "parametergroup", name),
        "Parameters": {},
    }  # fmt: skip
    tag(self, groups[name]["ARN"], asked)
    return ActionResult({"CacheParameterGroup": groups[name]})


def _parameters(response: Any) -> Doc:
    name = response.params["CacheParameterGroupName"].lower()
    if name not in held(response, "parametergroup"):
        raise Refusal("CacheParameterGroupNotFound", f"CacheParameterGroup {name} not found.")
    return held(response, "parametergroup")[name]


@add(ElastiCacheResponse)
def describe_cache_parameter_groups(self: Any) -> Any:
    """One or all."""
    groups = held(self, "parametergroup")
    found = [_parameters(self)] if self.params.get("CacheParameterGroupName") else list(groups.values())
    return ActionResult({"CacheParameterGroups": found})


@add(ElastiCacheResponse)
def describe_cache_parameters(self: Any) -> Any:
    """What somebody set."""
    found = [
        {"ParameterName": name, "ParameterValue": value, "Source": "user", "IsModifiable": True}
        for name, value in _parameters(self)["Parameters"].items()
    ]
    return ActionResult({"Parameters": found})


@add(ElastiCacheResponse)
def modify_cache_parameter_group(self: Any) -> Any:
    """Set parameters."""
    group = _parameters(self)
    for one in self.params["ParameterNameValues"]:
        group["Parameters"][one["ParameterName"]] = one["ParameterValue"]
    return ActionResult({"CacheParameterGroupName": group["CacheParameterGroupName"]})


@add(ElastiCacheResponse)
def reset_cache_parameter_group(self: Any) -> Any:
    """Parameters have their own value again."""
    group = _parameters(self)
    for one in self.params.get("ParameterNameValues") or ():
        group["Parameters"].pop(one["ParameterName"], None)
    if self.params.get("ResetAllParameters"):
        group["Parameters"].clear()
    return ActionResult({"CacheParameterGroupName": group["CacheParameterGroupName"]})


@add(ElastiCacheResponse)
def delete_cache_parameter_group(self: Any) -> Any:
    """A group that a cluster uses stays."""
    group = _parameters(self)
    name = group["CacheParameterGroupName"]
    for one in held(self, "cluster").values():
        if one["CacheParameterGroup"]["CacheParameterGroupName"] == name:
            raise Refusal(
                "InvalidCacheParameterGroupState",
                f"One or more cache clusters are still members of this parameter group {name}, "
                "so the group cannot be deleted.",
            )
    del held(self, "parametergroup")[name]
    untag(self, group["ARN"])
    return EmptyResult()


# --- users


@replace(ElastiCacheBackend)
def delete_user(original: Any, self: Any, user_id: str) -> Any:
    """A user goes at once, unless a group has it."""
    if user_id not in self.users:
        raise UserNotFound(user_id)
    for group in vars(self).get("held", {}).get("usergroup", {}).values():
        if user_id in group["UserIds"]:
            raise Refusal("InvalidUserState", f"User {user_id} is a member of user group {group['UserGroupId']}.")
    user = self.users.pop(user_id)
    self.tagging_service.delete_all_tags_for_resource(user.arn)
    user.status = "deleting"
    return user


@replace(ElastiCacheBackend)
def list_tags_for_resource(original: Any, self: Any, arn: str) -> Any:
    """Groups of parameters and of users have tags too."""
    if arn.split(":")[5] in ("parametergroup", "usergroup"):
        return self.tagging_service.list_tags_for_resource(arn)
    return original(self, arn)


@add(ElastiCacheResponse)
def modify_user(self: Any) -> Any:
    """What a user may do, and by what it is known."""
    asked, users = self.params, self.elasticache_backend.users
    if asked["UserId"] not in users:
        raise UserNotFound(asked["UserId"])
    user, mode = users[asked["UserId"]], asked.get("AuthenticationMode") or {}
    user.access_string = asked.get("AccessString") or user.access_string
    user.engine = (asked.get("Engine") or user.engine).lower()
    passwords = asked.get("Passwords") or mode.get("Passwords")
    if passwords:
        user.passwords, user.no_password_required, user.authentication_type = passwords, False, "password"
    if asked.get("NoPasswordRequired") or mode.get("Type") == "no-password-required":
        user.passwords, user.no_password_required = [], True
    if mode.get("Type") == "iam":
        user.passwords, user.no_password_required, user.authentication_type = [], False, "iam"
    return ActionResult(user)


def _users_fit(response: Any, engine: str, ids: list[str]) -> None:
    users = response.elasticache_backend.users
    for one in ids:
        if one not in users:
            raise UserNotFound(one)
    if engine == "redis" and not any(users[one].name == "default" for one in ids):
        raise Refusal("DefaultUserRequired", "User group needs to contain a user with the user name default.")
    names = [users[one].name for one in ids]
    if len(set(names)) < len(names):
        raise Refusal("DuplicateUserName", "User group cannot contain two users of one name.")


@add(ElastiCacheResponse)
def create_user_group(self: Any) -> Any:
    """Make a group of users that are there."""
    asked, groups = self.params, held(self, "usergroup")
    name = asked["UserGroupId"].lower()
    if name in groups:
        raise Refusal("UserGroupAlreadyExists", f"User group {name} already exists.")
    engine, ids = asked["Engine"].lower(), list(asked.get("UserIds") or ())
    _users_fit(self, engine, ids)
    groups[name] = {
        "UserGroupId": name, "Status": "active", "Engine": engine, "UserIds": ids, "MinimumEngineVersion": "6.0",
        "ARN": arn(self, "usergroup", name),
    }  # fmt: skip
    tag(self, groups[name]["ARN"], asked)
    return ActionResult(groups[name])


def _users(response: Any) -> Doc:
    name = response.params["UserGroupId"].lower()
    if name not in held(response, "usergroup"):
        raise Refusal("UserGroupNotFound", f"UserGroup {name} not found.")
    return held(response, "usergroup")[name]


@add(ElastiCacheResponse)
def describe_user_groups(self: Any) -> Any:
    """One or all."""
    found = [_users(self)] if self.params.get("UserGroupId") else list(held(self, "usergroup").values())
    return ActionResult({"UserGroups": found})


@add(ElastiCacheResponse)
def modify_user_group(self: Any) -> Any:
    """Users come and go."""
    group, asked = _users(self), self.params
    gone = set(asked.get("UserIdsToRemove") or ())
    ids = [one for one in group["UserIds"] if one not in gone] + list(asked.get("UserIdsToAdd") or ())
    _users_fit(self, (asked.get("Engine") or group["Engine"]).lower(), ids)
    group |= {"UserIds": ids, "Engine": (asked.get("Engine") or group["Engine"]).lower()}
    return ActionResult(group)


@add(ElastiCacheResponse)
def delete_user_group(self: Any) -> Any:
    """A group that a replication group has stays."""
    group = _users(self)
    for one in held(self, "replicationgroup").values():
        if group["UserGroupId"] in one["UserGroupIds"]:
            raise Refusal("InvalidUserGroupState", f"User group {group['UserGroupId']} is in use.")
    del held(self, "usergroup")[group["UserGroupId"]]
    untag(self, group["ARN"])
    return ActionResult(group | {"Status": "deleting"})
