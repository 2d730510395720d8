"""Gaps of moto's Lambda: settings that it drops, names that are taken, permissions, URLs.

Functions are kept and never run: an invocation, by whatever it comes, answers without a container.
"""

import json
from collections.abc import Callable
from typing import Any

from moto.awslambda.exceptions import InvalidParameterValueException
from moto.awslambda.models import (
    EventSourceMapping,
    FunctionUrlConfig,
    ImageConfig,
    LambdaBackend,
    LambdaFunction,
    LambdaStorage,
)
from moto.awslambda.policy import Policy
from moto.core.models import default_user_config  # type: ignore[attr-defined]
from moto.ec2.models import ec2_backends
from moto.iam.models import iam_backends
from moto.moto_api._internal import mock_random

from localcloud.aws.moto_gaps._patching import Refusal, replace

default_user_config.setdefault("lambda", {})["use_docker"] = False

KEPT = (
    "CapacityProviderConfig", "DeadLetterConfig", "DurableConfig", "FileSystemConfigs", "LoggingConfig", "SnapStart",
    "TenancyConfig",
)  # fmt: skip
"""Members of CreateFunction that moto forgets."""
CHANGED: dict[str, Callable[[Any, Any], None]] = {
    "EphemeralStorage": lambda function, value: setattr(function, "ephemeral_storage", value["Size"]),
    "ImageConfig": lambda function, value: setattr(function, "image_config", ImageConfig(value)),
    "KMSKeyArn": lambda function, value: setattr(function, "kms_key_arn", value or None),
    "TracingConfig": lambda function, value: setattr(function, "tracing_config", value),
}
"""Members of UpdateFunctionConfiguration that moto forgets, although it has them of CreateFunction."""


def _conflict(message: str) -> Refusal:
    return Refusal("ResourceConflictException", message)


@replace(LambdaBackend)
def create_function(original: Any, self: Any, spec: dict[str, Any]) -> Any:
    """All settings are kept, in the version that is published too."""
    _check_one_network(self.account_id, self.region_name, spec)
    found = original(self, spec)
    kept = {name: spec[name] for name in KEPT if spec.get(name) not in (None, {}, [])}
    for function in {id(f): f for f in (found, *_all(self, spec["FunctionName"]))}.values():
        function.kept = dict(kept)
    return found


def _all(backend: Any, name: str) -> list[Any]:
    held = backend._lambdas._functions[name]
    return [held["latest"], *held["versions"]]


@replace(LambdaStorage)
def put_function(original: Any, self: Any, fn: Any) -> None:
    """Lambda takes a role only if the role trusts it."""
    for role in iam_backends[self.account_id][self.partition].get_roles():
        if role.arn == fn.role and not _trusted(role.assume_role_policy_document):
            raise InvalidParameterValueException("The role defined for the function cannot be assumed by Lambda.")
    original(self, fn)


def _trusted(document: str) -> bool:
    statements = json.loads(document).get("Statement", [])
    for one in statements if isinstance(statements, list) else [statements]:
        principal = one.get("Principal", {})
        named = principal.get("Service", []) if isinstance(principal, dict) else []
        named = [named] if isinstance(named, str) else named
        if one.get("Effect") == "Allow" and any(n in ("lambda.amazonaws.com", "*") for n in named):
            return True
    return False


@replace(LambdaFunction)
def get_configuration(original: Any, self: Any, on_create: bool = False) -> dict[str, Any]:
    """What moto forgot; by default a function logs as text into a group of its name."""
    kept = vars(self).get("kept", {})
    logging = {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{self.function_name}"} | kept.get("LoggingConfig", {})
    found: dict[str, Any] = original(self, on_create) | {k: v for k, v in kept.items() if k != "SnapStart"}
    if applied := kept.get("SnapStart"):
        found["SnapStart"] = {"OptimizationStatus": "Off"} | applied
    return found | {"LoggingConfig": logging}


@replace(LambdaFunction)
def update_configuration(original: Any, self: Any, config_updates: dict[str, Any]) -> dict[str, Any]:
    """All members change what is there; an empty one takes a setting away."""
    _check_one_network(self.account_id, self.region, config_updates)
    kept = dict(vars(self).get("kept", {}))
    for name in KEPT:
        if name in config_updates:
            kept[name] = config_updates[name]
            empty = config_updates[name] in ({}, []) or config_updates[name] == {"TargetArn": ""}
            if empty:
                del kept[name]
    self.kept = kept
    for name, change in CHANGED.items():
        if name in config_updates:
            change(self, config_updates[name])
    if "Environment" in config_updates:
        config_updates["Environment"] = {"Variables": {}} | config_updates["Environment"]
    original(self, config_updates)
    changed: dict[str, Any] = self.get_configuration()
    return changed


@replace(LambdaFunction)
def update_function_code(original: Any, self: Any, updated_spec: dict[str, Any]) -> dict[str, Any]:
    """The processor changes with the code."""
    if updated_spec.get("Architectures"):
        self.architectures = updated_spec["Architectures"]
    found: dict[str, Any] = original(self, updated_spec)
    return found | {"Architectures": self.architectures}


def _check_one_network(account: str, region: str, spec: dict[str, Any]) -> None:
    """Refuse subnets and security groups that are not of one network."""
    asked, ec2 = spec.get("VpcConfig") or {}, ec2_backends[account][region]
    subnets: list[Any] = [ec2.get_subnet(each) for each in asked.get("SubnetIds") or ()]
    groups: list[Any] = [ec2.get_security_group_from_id(each) for each in asked.get("SecurityGroupIds") or ()]
    if subnets and len({each.vpc_id for each in (*subnets, *filter(None, groups))}) > 1:
        raise InvalidParameterValueException("The subnets and security groups must be in the same VPC.")


def _vpc_config(self: Any) -> dict[str, Any] | None:
    """The network is that of the subnets; without subnets the function has left it."""
    asked = self._vpc_config
    if not asked or not asked.get("SubnetIds"):
        return None
    subnet = ec2_backends[self.account_id][self.region].get_subnet(asked["SubnetIds"][0])
    return {"SecurityGroupIds": [], "Ipv6AllowedForDualStack": False, **asked, "VpcId": subnet.vpc_id}


LambdaFunction.vpc_config = property(_vpc_config)  # type: ignore[method-assign, assignment]


@replace(Policy)
def add_statement(original: Any, self: Any, raw: str, qualifier: str | None = None) -> tuple[Any, str]:
    """A statement's id is taken once, and its conditions stand beside each other."""
    asked = json.loads(raw)
    sid = asked.get("StatementId") or str(mock_random.uuid4())
    if any(statement["Sid"] == sid for statement in self.statements):
        raise _conflict(
            f"The statement id ({sid}) provided already exists. "
            "Please provide a new statement id, or remove the existing statement."
        )
    arn = ":".join(self.parent.function_arn.split(":")[:7]) if hasattr(self.parent, "function_arn") else self.parent.arn
    statement = {
        "Sid": sid, "Effect": "Allow", "Principal": _principal(asked["Principal"]), "Action": asked["Action"],
        "Resource": f"{arn}:{qualifier}" if qualifier else arn,
    }  # fmt: skip
    if conditions := _conditions(asked):
        statement["Condition"] = conditions
    self.statements.append(statement)
    self.revision = str(mock_random.uuid4())
    return statement, self.revision


def _principal(named: str) -> Any:
    if named == "*":
        return named
    if named.endswith((".amazonaws.com", ".amazon.com")):
        return {"Service": named}
    return {"AWS": f"arn:aws:iam::{named}:root" if named.isdigit() else named}


def _conditions(asked: dict[str, Any]) -> dict[str, Any]:
    equal = {
        "AWS:SourceAccount": asked.get("SourceAccount"), "aws:PrincipalOrgID": asked.get("PrincipalOrgID"),
        "lambda:EventSourceToken": asked.get("EventSourceToken"),
        "lambda:FunctionUrlAuthType": asked.get("FunctionUrlAuthType"),
    }  # fmt: skip
    through = asked.get("InvokedViaFunctionUrl")
    found = {
        "StringEquals": {k: v for k, v in equal.items() if v},
        "ArnLike": {"AWS:SourceArn": asked["SourceArn"]} if asked.get("SourceArn") else {},
        "Bool": {} if through is None else {"lambda:InvokedViaFunctionUrl": "true" if through else "false"},
    }
    return {operator: values for operator, values in found.items() if values}


@replace(LambdaFunction)
def create_url_config(original: Any, self: Any, config: dict[str, Any]) -> Any:
    """A function has one URL."""
    if self.url_config:
        raise _conflict(
            f"Failed to create function url config for [functionArn = {self.function_arn}]. Error message: "
            f"FunctionUrlConfig exists for this Lambda function"
        )
    return original(self, config)


@replace(FunctionUrlConfig)
def to_dict(original: Any, self: Any) -> dict[str, Any]:
    """The address ends in a slash, and a mode is written in capitals."""
    found: dict[str, Any] = original(self)
    mode = self.config.get("InvokeMode") or "BUFFERED"
    return found | {"FunctionUrl": f"{self.url.rstrip('/')}/", "InvokeMode": mode}


@replace(FunctionUrlConfig, "update")
def update_url(original: Any, self: Any, new_config: dict[str, Any]) -> None:
    """An empty block takes the rules for other origins away; the mode changes too."""
    original(self, new_config)
    if "Cors" in new_config:
        self.config["Cors"] = new_config["Cors"] or None
    if new_config.get("InvokeMode"):
        self.config["InvokeMode"] = new_config["InvokeMode"]


@replace(EventSourceMapping, "get_configuration")
def mapping(original: Any, self: Any) -> dict[str, Any]:
    """What AWS fills in, by the kind of source."""
    found: dict[str, Any] = original(self)
    streams = {
        "BisectBatchOnFunctionError": False, "MaximumRecordAgeInSeconds": -1, "MaximumRetryAttempts": -1,
        "ParallelizationFactor": 1, "TumblingWindowInSeconds": 0,
    }  # fmt: skip
    filled = {"MaximumBatchingWindowInSeconds": 0, "StateTransitionReason": "USER_INITIATED"}
    if not self.event_source_arn.split(":")[2].startswith("sqs"):
        filled |= streams | {"LastProcessingResult": "No records processed"}
    return {**filled, **{k: v for k, v in found.items() if k != "StateTransitionReason"}}


@replace(LambdaBackend)
def put_function_event_invoke_config(original: Any, self: Any, function_name: str, config: dict[str, Any]) -> Any:
    """Settings that are put again are in the place of the former ones."""
    held = self.get_function(function_name).event_invoke_config
    answer, made = original(self, function_name, config), held.pop()
    held[:] = [made]
    return answer
