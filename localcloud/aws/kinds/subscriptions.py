"""Where logs and the outcome of calls go: subscription filters, settings of asynchronous calls, activities."""

from localcloud.aws.client import Aws
from localcloud.aws.kind import Calls, Kind, Naming, OwnCalls, Properties, Props, Tags, Translation
from localcloud.aws.kinds.tagging import retag, tags_of

# --- logs


def subscription(aws: Aws, filter_id: str, props: Props) -> Props | None:
    """The filter of exactly this name: the call finds by prefix."""
    asked = {"logGroupName": props["logGroup"], "filterNamePrefix": props["name"]}
    found = aws("logs", "describe_subscription_filters", **asked)["subscriptionFilters"]
    return next(({k: v for k, v in one.items() if v} | {"filterPattern": one.get("filterPattern") or ""}
                 for one in found if one["filterName"] == props["name"]), None)  # fmt: skip


def of_group(text: str) -> tuple[str, Props]:
    """`group|filter`."""
    group, _, name = text.partition("|")
    return text, {"logGroup": group, "name": name}


OF_FILTER = {"logGroupName": "{logGroup}", "filterName": "{name}"}
SUBSCRIPTION = Kind(
    "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter",
    Calls(
        "logs", "put_subscription_filter", "{logGroup}|{name}", read=subscription, update="upsert",
        delete=("delete_subscription_filter", OF_FILTER), import_id=of_group,
    ),
    naming=Naming("name", longest=512), tags=Tags(None),
    translation=Translation(
        rename={"logGroup": "logGroupName", "name": "filterName"},
        unserved={
            "applyOnTransformedLogs": "the local cloud transforms no logs",
            "emitSystemFields": "the local cloud sends no logs on",
        },
    ),
    properties=Properties(
        force_new={"logGroup", "name"}, defaults={"distribution": "ByLogStream"}, computed={"roleArn"},
        write_only={"distribution"},
    ),
    outputs={"applyOnTransformedLogs": lambda aws, i, live, props: False},
)  # fmt: skip

# --- asynchronous calls

DEFAULTS = {"maximumEventAgeInSeconds": 21_600, "maximumRetryAttempts": 2}


def invocations(aws: Aws, config_id: str, props: Props) -> Props:
    """The settings, under the name that the program gave."""
    found = dict(aws("lambda", "get_function_event_invoke_config", FunctionName=props["functionName"]))
    target = {k: v for k, v in (found.pop("DestinationConfig", None) or {}).items() if v}
    return found | {"functionName": props["functionName"]} | ({"DestinationConfig": target} if target else {})


def put_invocations(aws: Aws, props: Props) -> str:
    """Send all of it, which is what a change is too."""
    whole = DEFAULTS | {k: v for k, v in props.items() if v is not None}
    call = "put_function_event_invoke_config"
    aws("lambda", call, **INVOCATIONS.request(call, whole))
    return str(props["functionName"])


INVOCATIONS: Kind = Kind(
    "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig",
    Calls(
        "lambda", "put_function_event_invoke_config", "{functionName}", custom_create=put_invocations,
        read=invocations, update=lambda aws, i, old, new: put_invocations(aws, new) and None,
        delete=("delete_function_event_invoke_config", {"FunctionName": "{functionName}"}),
        import_id=lambda text: (text, {"functionName": text}),
    ),
    tags=Tags(None),
    properties=Properties(
        force_new={"functionName"}, defaults={"maximumRetryAttempts": 2}, computed={"maximumEventAgeInSeconds"},
    ),
    translation=Translation(unserved={"qualifier": "moto keeps these settings of a function alone, of no version"}),
)  # fmt: skip

# --- activities

ACTIVITY = Kind(
    "aws:sfn/activity:Activity",
    Calls(
        "stepfunctions", "create_activity", "activityArn",
        read=lambda aws, i, props: dict(aws("stepfunctions", "describe_activity", activityArn=i)),
        delete=("delete_activity", {"activityArn": "{id}"}),
    ),
    naming=Naming("name", longest=80), tags=Tags(update=retag("stepfunctions")),
    properties=Properties(
        force_new={"name", "encryptionConfiguration"}, computed={"encryptionConfiguration"},
    ),
    own_calls=OwnCalls(join={"tags": tags_of("stepfunctions", path="tags", resourceArn="{activityArn}")}),
    outputs={
        "arn": "{id}",
        "creationDate": lambda aws, i, live, props: live["creationDate"].strftime("%Y-%m-%dT%H:%M:%SZ"),
    },
)  # fmt: skip

ROWS = (SUBSCRIPTION, INVOCATIONS, ACTIVITY)
