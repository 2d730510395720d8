"""Lambda: who may call a function: permissions and URLs."""

import json
import uuid
from typing import Any

from botocore.exceptions import ClientError

from localcloud.aws.client import Aws, Refused
from localcloud.aws.kind import (
    Calls,
    Kind,
    Properties,
    Props,
    Tags,
    Translation,
    is_gone,
)
from localcloud.aws.kinds.lambda_functions import by_name, name_of


def permit(aws: Aws, props: Props) -> str:
    """One statement of the function's policy; the official provider makes up the id of one that has none."""
    made_up = f"{props.get('statementIdPrefix') or 'terraform-'}{uuid.uuid4().hex[:26]}"
    named = props | {"function": name_of(props["function"]), "statementId": props.get("statementId") or made_up}
    aws("lambda", "add_permission", **PERMISSION.request("add_permission", named))
    return str(named["statementId"])


def policy_of(aws: Aws, props: Props) -> list[Props]:
    """The statements of the function's policy."""
    qualifier = {"Qualifier": props["qualifier"]} if props.get("qualifier") else {}
    try:
        found = aws("lambda", "get_policy", FunctionName=name_of(props["function"]), **qualifier)["Policy"]
    except ClientError as error:
        if not is_gone(error):
            raise
        return []
    statements: list[Props] = json.loads(found)["Statement"]
    return statements


def permission(aws: Aws, statement_id: str, props: Props) -> Props | None:
    """The statement in the words of AddPermission."""
    found = next((one for one in policy_of(aws, props) if one["Sid"] == statement_id), None)
    if found is None:
        return None
    who, conditions = found["Principal"], found.get("Condition", {})
    named = who if isinstance(who, str) else next(iter(who.values()))
    equal = conditions.get("StringEquals", {})
    asked = str(props.get("principal") or "")
    through = conditions.get("Bool", {}).get("lambda:InvokedViaFunctionUrl")
    return {
        "StatementId": statement_id, "Action": found["Action"], "FunctionName": _as_asked(props["function"], found),
        "Principal": asked if asked.isdigit() and named == f"arn:aws:iam::{asked}:root" else named,
        "Qualifier": found["Resource"].split(":")[7] if found["Resource"].count(":") > 6 else None,
        "SourceArn": conditions.get("ArnLike", {}).get("AWS:SourceArn"),
        "SourceAccount": equal.get("AWS:SourceAccount"), "PrincipalOrgID": equal.get("aws:PrincipalOrgID"),
        "EventSourceToken": equal.get("lambda:EventSourceToken"),
        "FunctionUrlAuthType": equal.get("lambda:FunctionUrlAuthType"),
        "InvokedViaFunctionUrl": None if through is None else through == "true",
    }  # fmt: skip


def _as_asked(function: Any, statement: Props) -> str:
    name = name_of(str(statement["Resource"]))
    return str(function) if name_of(str(function)) == name else name


def forbid(aws: Aws, statement_id: str, props: Props) -> None:
    """Take the statement out of the policy."""
    qualifier = {"Qualifier": props["qualifier"]} if props.get("qualifier") else {}
    aws("lambda", "remove_permission", FunctionName=name_of(props["function"]), StatementId=statement_id, **qualifier)


def permission_path(text: str) -> tuple[str, Props]:
    """`function/statement`, or `function:qualifier/statement`."""
    function_name, _, statement = text.rpartition("/")
    name, _, qualifier = name_and_qualifier(function_name)
    return statement, {"function": name, "statementId": statement} | ({"qualifier": qualifier} if qualifier else {})


def name_and_qualifier(text: str) -> tuple[str, str, str]:
    """A function's name or ARN, and what stands behind it."""
    if text.startswith("arn:"):
        parts = text.split(":")
        return ":".join(parts[:7]), ":", parts[7] if len(parts) > 7 else ""
    return text.partition(":")


def create_url(aws: Aws, props: Props) -> str:
    """The URL; its id is the function's name."""
    aws("lambda", "create_function_url_config", **URL.request("create_function_url_config", by_name(props)))
    return name_of(props["functionName"])


def url(aws: Aws, function_name: str, props: Props) -> Props:
    """The function's URL."""
    found = dict(aws("lambda", "get_function_url_config", FunctionName=name_of(function_name)))
    asked = str(props.get("functionName") or "")
    return found | {"FunctionName": asked if name_of(asked) == name_of(function_name) else function_name}


def change_url(aws: Aws, function_name: str, old: Props, new: Props) -> None:
    """Who may call it, and from where."""
    request = URL.request("update_function_url_config", new | {"functionName": name_of(function_name)})
    if old.get("cors") and not new.get("cors"):
        request["Cors"] = {}
    aws("lambda", "update_function_url_config", **request)


PERMISSION = Kind(
    "aws:lambda/permission:Permission",
    Calls(
        "lambda", "add_permission", "", custom_create=permit, read=permission, delete=forbid, import_id=permission_path
    ),
    tags=Tags(on_create=None),
    translation=Translation(rename={"function": "FunctionName", "statementIdPrefix": None}),
    properties=Properties(
        computed={"statementId", "statementIdPrefix"},
        write_only={"statementIdPrefix"},
        force_new={
            "action",
            "function",
            "principal",
            "eventSourceToken",
            "functionUrlAuthType",
            "invokedViaFunctionUrl",
            "principalOrgId",
            "qualifier",
            "sourceAccount",
            "sourceArn",
            "statementId",
            "statementIdPrefix",
        },
    ),
)
URL: Kind = Kind(
    "aws:lambda/functionUrl:FunctionUrl",
    Calls(
        "lambda",
        "create_function_url_config",
        "",
        custom_create=create_url,
        read=url,
        delete=("delete_function_url_config", {"FunctionName": "{id}"}),
        update=change_url,
        import_id=lambda text: (name_of(text), {"functionName": text}),
    ),
    tags=Tags(on_create=None),
    translation=Translation(
        rename={"authorizationType": "AuthType"},
        unserved={"qualifier": "the local cloud gives a URL to the unpublished version only"},
    ),
    properties=Properties(
        delete_before_replace=True,
        force_new={"functionName"},
        defaults={"invokeMode": "BUFFERED", "cors.allowCredentials": False, "cors.maxAge": 0},
        unordered={f"cors.{n}" for n in ("allowHeaders", "allowMethods", "allowOrigins", "exposeHeaders")},
    ),
    outputs={"urlId": lambda aws, i, live, props: live["FunctionUrl"].split("//")[1].split(".")[0]},
)


def get_url(aws: Aws, arguments: Props) -> Props:
    """The URL of a function."""
    found = URL.state(aws, name_of(arguments["functionName"]), {"functionName": arguments["functionName"]})
    if found is None:
        raise Refused(f"no matching Lambda Function URL found: {arguments['functionName']}")
    return {**arguments, **found}


ROWS = (PERMISSION, URL)
INVOKES = {"aws:lambda/getFunctionUrl:getFunctionUrl": get_url}
