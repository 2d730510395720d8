"""CloudWatch Logs: log groups, metric filters, resource policies."""

from typing import Any

from localcloud.aws.client import Aws
from localcloud.aws.kind import Calls, Kind, Naming, OwnCalls, Properties, Props, Tags, Translation
from localcloud.aws.kinds.tagging import retag, tags_of

RETENTION_DAYS = (
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
)  # fmt: skip
"""What CloudWatch Logs takes (PutRetentionPolicy); its model in botocore names no values, CloudFormation's does."""

NEVER_EXPIRES = 0

GROUP_ARN = "arn:aws:logs:{region}:{account}:log-group:{id}"


def retain(aws: Aws, name: str, days: Any, props: Props) -> None:
    """Keep events for so many days; 0 keeps them for ever."""
    if int(days) == NEVER_EXPIRES:
        aws("logs", "delete_retention_policy", logGroupName=name)
    else:
        aws("logs", "put_retention_policy", logGroupName=name, retentionInDays=int(days))


def retain_for_ever(aws: Aws, name: str, days: Any, props: Props) -> None:
    """Without a retention, events never expire."""
    aws("logs", "delete_retention_policy", logGroupName=name)


def encrypt(aws: Aws, name: str, key: str, props: Props) -> None:
    """New events are encrypted with the key."""
    aws("logs", "associate_kms_key", logGroupName=name, kmsKeyId=key)


def decrypt(aws: Aws, name: str, key: str, props: Props) -> None:
    """New events are encrypted with the service's own key."""
    aws("logs", "disassociate_kms_key", logGroupName=name)


def group(aws: Aws, resource_id: str, props: Props) -> Props | None:
    """The group of exactly this name: the call finds by prefix."""
    found = aws("logs", "describe_log_groups", logGroupNamePrefix=resource_id)["logGroups"]
    return next((g for g in found if g["logGroupName"] == resource_id), None)


def drop_group(aws: Aws, resource_id: str, props: Props) -> None:
    """Delete the group, unless it is to be kept."""
    if props.get("skipDestroy") not in (True, "true"):
        aws("logs", "delete_log_group", logGroupName=resource_id)


def allowed(props: Props) -> list[tuple[str, str]]:
    """The days that Logs takes."""
    days = props.get("retentionInDays")
    if not isinstance(days, int | float) or days in (NEVER_EXPIRES, *RETENTION_DAYS):
        return []
    listed = ", ".join(map(str, (NEVER_EXPIRES, *RETENTION_DAYS)))
    return [("retentionInDays", f"{days:g} is not allowed; allowed are {listed}")]


def filter_path(text: str) -> tuple[str, Props]:
    """What import of a metric filter is given: `group:filter`."""
    log_group, _, name = text.rpartition(":")
    return name, {"logGroupName": log_group, "name": name}


def metric_filter(aws: Aws, resource_id: str, props: Props) -> Props | None:
    """The filter of exactly this name in its group."""
    where = {"logGroupName": props["logGroupName"], "filterNamePrefix": resource_id}
    found = aws("logs", "describe_metric_filters", **where)["metricFilters"]
    return next((f for f in found if f["filterName"] == resource_id), None)


def policy(aws: Aws, resource_id: str, props: Props) -> Props | None:
    """The policy of this name, or of this resource."""
    found = aws("logs", "describe_resource_policies")["resourcePolicies"]
    return next((p for p in found if resource_id in (p.get("policyName"), p.get("resourceArn"))), None)


def named(props: Props) -> list[tuple[str, str]]:
    """A policy of the account has a name (PutResourcePolicy); one of a resource is not served."""
    return [] if props.get("policyName") else [("policyName", "missing: a policy of the account needs it")]


TRANSFORMATION = "metricTransformation"

ROWS = (
    Kind(
        "aws:cloudwatch/logGroup:LogGroup", Calls("logs", "create_log_group", "{name}", read=group, delete=drop_group),
        naming=Naming("name"), tags=Tags(update=retag("logs", GROUP_ARN)),
        translation=Translation(
            rename={"name": "logGroupName", "skipDestroy": None}, unserved={"deletionProtectionEnabled"},
        ),
        properties=Properties(
            force_new={"name", "namePrefix", "logGroupClass"},
            defaults={"retentionInDays": NEVER_EXPIRES, "logGroupClass": "STANDARD", "skipDestroy": False,
                      "deletionProtectionEnabled": False},
            write_only={"skipDestroy"},
        ),
        own_calls=OwnCalls(
            put={"retentionInDays": retain, "kmsKeyId": encrypt},
            remove={"retentionInDays": retain_for_ever, "kmsKeyId": decrypt},
            join={"tags": tags_of("logs", "tags", resourceArn=GROUP_ARN)},
        ),
        validate=allowed, outputs={"arn": GROUP_ARN},
    ),
    Kind(
        "aws:cloudwatch/logMetricFilter:LogMetricFilter",
        Calls(
            "logs", "put_metric_filter", "{name}", read=metric_filter,
            delete=("delete_metric_filter", {"logGroupName": "{logGroupName}", "filterName": "{id}"}), update="upsert",
            import_id=filter_path,
        ),
        naming=Naming("name"), tags=Tags(None),
        translation=Translation(
            rename={
                "name": "filterName", "pattern": "filterPattern", TRANSFORMATION: "metricTransformations",
                f"{TRANSFORMATION}.name": "metricName", f"{TRANSFORMATION}.namespace": "metricNamespace",
                f"{TRANSFORMATION}.value": "metricValue",
            },
            unserved={"applyOnTransformedLogs"},
        ),
        properties=Properties(
            force_new={"name", "logGroupName"},
            defaults={f"{TRANSFORMATION}.unit": "None", "applyOnTransformedLogs": False},
        ),
    ),
    Kind(
        "aws:cloudwatch/logResourcePolicy:LogResourcePolicy",
        Calls(
            "logs", "put_resource_policy", "{policyName}", read=policy,
            delete=("delete_resource_policy", {"policyName": "{id}"}), update="upsert",
        ),
        tags=Tags(None), translation=Translation(unserved={"resourceArn"}),
        properties=Properties(force_new={"policyName"}), validate=named,
        outputs={"policyScope": lambda aws, i, live, props: "ACCOUNT"},
    ),
    Kind(
        "aws:cloudwatch/logStream:LogStream",
        Calls(
            "logs", "create_log_stream", "{name}",
            read=("describe_log_streams", {"logGroupName": "{logGroupName}", "logStreamNamePrefix": "{id}"},
            "logStreams[0]"),
            delete=("delete_log_stream", {"logGroupName": "{logGroupName}", "logStreamName": "{id}"}),
            import_id=lambda given: (given.split(":", 1)[-1], dict(zip(("logGroupName", "name"), given.split(":", 1),
                                                                     strict=False))),
        ),
        naming=Naming("name"), tags=Tags(None), translation=Translation(rename={"name": "logStreamName"}),
        properties=Properties(force_new={"name", "logGroupName"}),
        outputs={"logGroupName": lambda aws, i, live, props: props.get("logGroupName")},
    ),
)  # fmt: skip
