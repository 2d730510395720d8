"""Functions, and what calls them.

Sources: Lambda API reference, CreateFunction, AddPermission, CreateEventSourceMapping, PublishLayerVersion; Lambda
Developer Guide, quotas, environment variables, SnapStart; the official provider's validation.
"""

import re
from collections.abc import Iterator

from localcloud.aws.limits._checks import Check, Fault, Props, alone, each, form, number, within
from localcloud.aws.limits._conditions import arn_of, modelled, sized, told
from localcloud.aws.limits.policies import SERVICE
from localcloud.provider.compare import key

RESERVED = frozenset({
    "_HANDLER", "_X_AMZN_TRACE_ID", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME", "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_LAMBDA_RUNTIME_API", "LAMBDA_TASK_ROOT",
    "LAMBDA_RUNTIME_DIR",
})  # fmt: skip
LARGEST_ENVIRONMENT, MOST_LAYERS, LONGEST_NAME, LARGEST_MEMORY, MOST_FILTERS = 4_096, 5, 64, 10_240, 10
SNAPPED = re.compile(r"java(1[1-9]|[2-9]\d).*|python3\.(1[2-9]|[2-9]\d)|dotnet([89]|\d\d)")
"""Runtimes that SnapStart is for: Java 11, Python 3.12, .NET 8 and later ones."""
SOURCES = ("sqs", "kinesis", "dynamodb", "kafka", "mq", "rds", "docdb")


def environment(props: Props) -> Iterator[Fault]:
    """Variables have names that Lambda has not, and fit into 4 KB."""
    for place, found in each(props, "environment.variables"):
        if not isinstance(found, dict):
            continue
        for name in found:
            if name in RESERVED:
                yield key(place, name), "is a name that Lambda keeps for itself"
        size = sum(len(name) + len(str(value)) for name, value in found.items())
        if size > LARGEST_ENVIRONMENT:
            yield place, f"{size} characters, allowed are {LARGEST_ENVIRONMENT}"


def sizes(props: Props) -> Iterator[Fault]:
    """Numbers and lengths that the model has for other kinds of functions too."""
    memory, name, kept = (
        number(props.get("memorySize")),
        props.get("name"),
        number(props.get("reservedConcurrentExecutions")),
    )
    if memory is not None and memory > LARGEST_MEMORY and not props.get("capacityProviderConfig"):
        yield "memorySize", f"{memory:g} is above the {LARGEST_MEMORY} MB that a function has"
    if isinstance(name, str) and ":" not in name and len(name) > LONGEST_NAME and told(props, "name"):
        yield "name", f"{len(name)} characters, allowed are {LONGEST_NAME}"
    if kept is not None and kept < -1:
        yield "reservedConcurrentExecutions", f"{kept:g} is below 0; -1 takes the limit away"


def joined(props: Props) -> Iterator[Fault]:
    """Settings that are for one another."""
    log = props.get("loggingConfig")
    if isinstance(log, dict) and log.get("logFormat") == "Text":
        for name in ("applicationLogLevel", "systemLogLevel"):
            if log.get(name):
                yield f"loggingConfig.{name}", "is only for 'logFormat': 'JSON'"
    net = props.get("vpcConfig")
    if (
        isinstance(net, dict)
        and told(net, "subnetIds", "securityGroupIds")
        and bool(net.get("subnetIds")) != bool(net.get("securityGroupIds"))
    ):
        missing = "securityGroupIds" if net.get("subnetIds") else "subnetIds"
        yield f"vpcConfig.{missing}", "is empty: give subnets and security groups, or neither"
    snap, runtime = props.get("snapStart"), props.get("runtime")
    wanted = isinstance(snap, dict) and snap.get("applyOn") == "PublishedVersions"
    if wanted and isinstance(runtime, str) and told(props, "runtime") and not SNAPPED.fullmatch(runtime):
        yield "snapStart.applyOn", f"is not for runtime {runtime!r}: Java 11, Python 3.12, .NET 8 and later have it"


def shifted(props: Props) -> Iterator[Fault]:
    """An alias is of a published version, and of one more at most."""
    for place, weights in each(props, "routingConfig.additionalVersionWeights"):
        if not isinstance(weights, dict) or not weights:
            continue
        if props.get("functionVersion") == "$LATEST":
            yield "functionVersion", "'$LATEST' is not for an alias of two versions: publish one"
        if len(weights) > 1:
            yield place, f"{len(weights)} versions, allowed is 1"


def principal(props: Props) -> Iterator[Fault]:
    """Who may call: a service, an account, an ARN."""
    for place, value in each(props, "principal"):
        if isinstance(value, str) and not re.fullmatch(rf"\*|\d{{12}}|arn:.+|{SERVICE.pattern}", value):
            yield place, f"{value!r} is no service such as events.amazonaws.com, no account and no ARN"


def started(props: Props) -> Iterator[Fault]:
    """A moment to start at, where one is asked for; records of an age."""
    at, moment = props.get("startingPosition"), props.get("startingPositionTimestamp")
    if at == "AT_TIMESTAMP" and moment is None:
        yield "startingPositionTimestamp", "missing required property of 'startingPosition': 'AT_TIMESTAMP'"
    if moment is not None and isinstance(at, str) and at != "AT_TIMESTAMP" and told(props, "startingPosition"):
        yield "startingPositionTimestamp", "is only for 'startingPosition': 'AT_TIMESTAMP'"


def standard(path: str) -> Check:
    """No FIFO queue or topic."""
    return form(path, r"(?!arn:[^:]*:(sqs|sns):.*\.fifo$).*", "is first in, first out, to which Lambda does not send")


def code(props: Props) -> Iterator[Fault]:
    """A layer has its files: with it, or in a bucket under a key."""
    if props.get("code") is None and props.get("s3Bucket") is None:
        yield "code", "missing required property: give 'code', or 's3Bucket' with 's3Key'"
    elif props.get("s3Bucket") is not None and props.get("s3Key") is None:
        yield "s3Key", "missing required property beside 's3Bucket'"


CODE = tuple(modelled(name, "lambda", shape) for name, shape in
             (("s3Bucket", "S3Bucket"), ("s3Key", "S3Key"), ("s3ObjectVersion", "S3ObjectVersion")))  # fmt: skip

LIMITS: dict[str, tuple[Check, ...]] = {
    "aws:lambda/function:Function": (
        environment, sizes, joined, sized("layers", 0, MOST_LAYERS, "layers"), *CODE,
        arn_of("deadLetterConfig.targetArn", "sqs", "sns"),
    ),
    "aws:lambda/alias:Alias": (shifted,),
    "aws:lambda/permission:Permission": (principal, alone("statementId", "statementIdPrefix")),
    "aws:lambda/eventSourceMapping:EventSourceMapping": (
        started, arn_of("eventSourceArn", *SOURCES), sized("filterCriteria.filters", 0, MOST_FILTERS, "filters"),
        within("maximumRecordAgeInSeconds", 60, 604_800, "seconds", also=frozenset({-1.0})),
    ),
    "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": tuple(
        standard(f"destinationConfig.{on}.destination") for on in ("onFailure", "onSuccess")
    ),
    "aws:lambda/layerVersion:LayerVersion": (code, *CODE),
}  # fmt: skip
