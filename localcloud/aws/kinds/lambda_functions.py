"""Lambda: functions and their versions, aliases, permissions, sources of events, URLs, layers."""

import json
import uuid
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from localcloud.aws import assets
from localcloud.aws.client import Aws, Refused
from localcloud.aws.kind import (
    Calls,
    Kind,
    Naming,
    OwnCalls,
    Properties,
    Props,
    Tags,
    Translation,
    answered,
    is_gone,
    nothing,
)
from localcloud.aws.kinds.tagging import retag, tags_of

ARN = "arn:aws:lambda:{region}:{account}:function:"
PLACES = {"s3Bucket": "S3Bucket", "s3Key": "S3Key", "s3ObjectVersion": "S3ObjectVersion", "imageUri": "ImageUri"}
CODE = frozenset({"code", "sourceCodeHash", *PLACES})
"""Inputs that say what a function runs."""
LARGEST = 50 * 1024 * 1024
"""Bytes of a package that is sent with the request (Lambda quotas, deployment package)."""
UNRESERVED = -1
"""What the official provider calls a function without a concurrency of its own."""
PROVIDER_ONLY = {
    "publish", "publishTo", "replaceSecurityGroupsOnDestroy", "replacementSecurityGroupIds", "skipDestroy",
    "useResourceTimeoutForPropagation",
}  # fmt: skip


def name_of(function: str) -> str:
    """The name in a name, a partial or a whole ARN, without a qualifier."""
    text = function.partition("function:")[2] if "function:" in function else function
    return text.partition(":")[0]


def invoke_arn(region: str, arn: str, version: str = "2015-03-31", how: str = "invocations") -> str:
    """The address under which API Gateway calls a function."""
    return f"arn:aws:apigateway:{region}:lambda:path/{version}/functions/{arn}/{how}"


def code(aws: Aws, props: Props) -> Props:
    """The code as CreateFunction takes it: a package, an object in a bucket, or an image."""
    if props.get("code") is not None:
        package = assets.archive(props["code"], aws.caller.folder)
        if len(package) > LARGEST:
            raise Refused(
                f"code: a package of {len(package)} bytes is above the {LARGEST} that a request may hold; put it into "
                "a bucket and give s3Bucket and s3Key"
            )
        return {"ZipFile": package}
    return {member: str(props[name]) for name, member in PLACES.items() if props.get(name)}


def placed(props: Props) -> Props:
    """The inputs as the request has them: the places of the code in one structure."""
    found = {k: v for k, v in props.items() if k not in CODE | {"sourceKmsKeyArn"}}
    if inside := {member: props[name] for name, member in PLACES.items() if props.get(name)}:
        found["code"] = inside
    if props.get("sourceKmsKeyArn"):
        found["code"] = found.get("code", {}) | {"SourceKMSKeyArn": props["sourceKmsKeyArn"]}
    return found


def create(aws: Aws, props: Props) -> str:
    """The function, its first version when it is published, and its concurrency."""
    request = FUNCTION.request("create_function", {k: v for k, v in props.items() if k not in CODE})
    request["Code"] = request.get("Code", {}) | code(aws, props)
    if props.get("tags"):
        request["Tags"] = {k: str(v) for k, v in props["tags"].items()}
    aws("lambda", "create_function", **request, Publish=props.get("publish") in (True, "true"))
    reserve(aws, str(props["name"]), props)
    return str(props["name"])


def reserve(aws: Aws, name: str, props: Props) -> None:
    """The concurrency that only this function has; -1 is none."""
    wanted = props.get("reservedConcurrentExecutions")
    if wanted is not None and int(wanted) != UNRESERVED:
        aws("lambda", "put_function_concurrency", FunctionName=name, ReservedConcurrentExecutions=int(wanted))


EMPTY: Props = {
    "DeadLetterConfig": {"TargetArn": ""}, "Environment": {"Variables": {}}, "FileSystemConfigs": [],
    "ImageConfig": {}, "KMSKeyArn": "", "Layers": [], "SnapStart": {"ApplyOn": "None"},
    "VpcConfig": {"SubnetIds": [], "SecurityGroupIds": []},
}  # fmt: skip
"""Member of UpdateFunctionConfiguration -> what takes the setting away."""


def change(aws: Aws, name: str, old: Props, new: Props) -> None:
    """Settings, then code, then concurrency, as the official provider does; a new version of what changed."""
    changed = FUNCTION.changed(old, new)
    settings = changed - CODE - PROVIDER_ONLY - {"reservedConcurrentExecutions", "tags", "architectures"}
    wanted = {k: v for k, v in new.items() if k in settings and v is not None}
    request = FUNCTION.request("update_function_configuration", wanted, FunctionName=name)
    for gone in (k for k in settings if new.get(k) is None):
        member = next((m for m in EMPTY if m.lower().rstrip("s") == gone.lower().rstrip("s")), None)
        if member:
            request[member] = EMPTY[member]
    if len(request) > 1:
        aws("lambda", "update_function_configuration", **request)
    published = new.get("publish") in (True, "true")
    if changed & (CODE | {"architectures"}):
        how = {"Architectures": new["architectures"]} if new.get("architectures") else {}
        aws("lambda", "update_function_code", FunctionName=name, **code(aws, new), **how)
    if "reservedConcurrentExecutions" in changed:
        if new.get("reservedConcurrentExecutions") in (None, UNRESERVED):
            aws("lambda", "delete_function_concurrency", FunctionName=name)
        else:
            reserve(aws, name, new)
    if published and changed - {"tags", "reservedConcurrentExecutions"} - (PROVIDER_ONLY - {"publish"}):
        aws("lambda", "publish_version", FunctionName=name)


def function(aws: Aws, name: str, props: Props) -> Props:
    """The function's settings, its code's place, its tags and its newest version."""
    found = aws("lambda", "get_function", FunctionName=name)
    live: Props = dict(found["Configuration"])
    live["Concurrency"] = found.get("Concurrency", {}).get("ReservedConcurrentExecutions", UNRESERVED)
    live["Tags"] = found.get("Tags", {})
    live["layers"] = [layer["Arn"] for layer in live.get("Layers") or ()]
    live["imageConfig"] = (live.get("ImageConfigResponse") or {}).get("ImageConfig") or None
    live["imageUri"] = found.get("Code", {}).get("ImageUri")
    if (live.get("SnapStart") or {}).get("ApplyOn") == "None":
        del live["SnapStart"]
    versions = aws("lambda", "list_versions_by_function", FunctionName=name)["Versions"]
    numbers = [int(one["Version"]) for one in versions if one["Version"].isdigit()]
    live["newest"] = str(max(numbers)) if numbers and props.get("publish") in (True, "true") else "$LATEST"
    return {k: v for k, v in live.items() if k != "Layers"}


def code_hash(aws: Aws, name: str, live: Props, props: Props) -> str:
    """What the program says, or the package's own; it is compared with what the program says."""
    return str(props.get("sourceCodeHash") or live["CodeSha256"])


def drop(aws: Aws, name: str, props: Props) -> None:
    """The function with all its versions, unless the program keeps it."""
    if props.get("skipDestroy") not in (True, "true"):
        aws("lambda", "delete_function", FunctionName=name)


def fits(props: Props) -> list[tuple[str, str]]:
    """One place of the code, and what hangs on whether it is an image."""
    found = []
    given = [name for name in ("code", "s3Bucket", "imageUri") if props.get(name) is not None]
    if len(given) > 1:
        found.append((given[1], f"conflicts with {given[0]!r}: give one of them"))
    if not given:
        found.append(("code", "missing: give one of 'code', 's3Bucket' with 's3Key', 'imageUri'"))
    if props.get("s3Bucket") is not None and props.get("s3Key") is None:
        found.append(("s3Key", "missing: 's3Bucket' needs it"))
    image = str(props.get("packageType") or "Zip") == "Image"
    if image:
        found += [
            (n, "a function of packageType 'Image' has none") for n in ("handler", "runtime", "layers") if props.get(n)
        ]
        if given and given[0] != "imageUri":
            found.append((given[0], "packageType 'Image' needs 'imageUri'"))
    else:
        found += [(n, "missing: packageType 'Zip' needs it") for n in ("handler", "runtime") if not props.get(n)]
        found += [(n, "needs packageType 'Image'") for n in ("imageUri", "imageConfig") if props.get(n)]
    return found


def qualified(path: str) -> Callable[..., str]:
    """An address of the function's published version."""

    def answer(aws: Aws, name: str, live: Props, props: Props) -> str:
        arn = f"{live['FunctionArn']}:{live['newest']}"
        return invoke_arn(aws.region, arn) if path == "invoke" else arn

    return answer


# --- permissions


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


# --- event source mappings


OTHER_SOURCES = (
    "amazonManagedKafkaEventSourceConfig",
    "documentDbEventSourceConfig",
    "queues",
    "selfManagedEventSource",
    "selfManagedKafkaEventSourceConfig",
    "sourceAccessConfigurations",
    "topics",
)
"""Inputs of a mapping whose source is neither a queue nor a stream of AWS."""


def mapping_source(props: Props) -> list[tuple[str, str]]:
    """A stream is read from somewhere; a queue is not."""
    source, found = str(props.get("eventSourceArn") or ""), []
    if not source:
        return [("eventSourceArn", "missing: the local cloud maps queues, streams of Kinesis and of DynamoDB")]
    service = source.split(":")[2] if source.count(":") >= 2 else ""
    streams = (
        "bisectBatchOnFunctionError", "maximumRecordAgeInSeconds", "maximumRetryAttempts", "parallelizationFactor",
        "startingPosition", "startingPositionTimestamp", "tumblingWindowInSeconds",
    )  # fmt: skip
    if service in ("kinesis", "dynamodb") and not props.get("startingPosition"):
        found.append(("startingPosition", "missing: a stream needs it; allowed are LATEST, TRIM_HORIZON, AT_TIMESTAMP"))
    if service == "dynamodb" and props.get("startingPosition") == "AT_TIMESTAMP":
        found.append(("startingPosition", "'AT_TIMESTAMP' is for streams of Kinesis only"))
    if service == "sqs":
        found += [(n, "is for streams, not for queues") for n in streams if props.get(n) is not None]
        size, window = props.get("batchSize"), props.get("maximumBatchingWindowInSeconds")
        most = 10 if source.endswith(".fifo") else 10_000
        if isinstance(size, int | float) and size > most:
            found.append(("batchSize", f"{size:g} is above {most}, the most for this queue"))
        elif isinstance(size, int | float) and size > 10 and not window:
            found.append(("maximumBatchingWindowInSeconds", f"a batchSize of {size:g}, above 10, needs at least 1"))
        if source.endswith(".fifo") and window:
            found.append(("maximumBatchingWindowInSeconds", "a FIFO queue has none"))
    elif props.get("scalingConfig"):
        found.append(("scalingConfig", "is for queues only"))
    return found


def mapping(aws: Aws, uuid: str, props: Props) -> Props:
    """The mapping, and whether it is on."""
    found = dict(aws("lambda", "get_event_source_mapping", UUID=uuid))
    found["Enabled"] = found["State"] in ("Enabled", "Enabling", "Creating")
    asked = str(props.get("functionName") or "")
    found["FunctionName"] = asked if name_of(asked) == name_of(found["FunctionArn"]) else found["FunctionArn"]
    if not (found.get("FilterCriteria") or {}).get("Filters"):
        found.pop("FilterCriteria", None)
    return found


MAPPING_EMPTY: Props = {
    "DestinationConfig": {"OnFailure": {}}, "FilterCriteria": {"Filters": []}, "FunctionResponseTypes": [],
    "KMSKeyArn": "", "MetricsConfig": {"Metrics": []}, "ProvisionedPollerConfig": {}, "ScalingConfig": {},
}  # fmt: skip


def change_mapping(aws: Aws, uuid: str, old: Props, new: Props) -> None:
    """Send what changed; an empty member takes a setting away."""
    changed = MAPPING.changed(old, new) - {"tags", "useResourceTimeoutForPropagation"}
    request = MAPPING.request("update_event_source_mapping", {k: v for k, v in new.items() if k in changed}, UUID=uuid)
    for gone in (k for k in changed if new.get(k) is None):
        member = next((m for m in MAPPING_EMPTY if m.lower() == gone.lower()), None)
        if member:
            request[member] = MAPPING_EMPTY[member]
    if len(request) > 1:
        aws("lambda", "update_event_source_mapping", **request)


# --- aliases, URLs, layers


def split(text: str, *names: str) -> tuple[str, Props]:
    """`function/name`."""
    parts = text.rsplit("/", len(names) - 1)
    return text, dict(zip(names, parts, strict=False))


def alias(aws: Aws, alias_id: str, props: Props) -> Props:
    """The alias; its id is its ARN."""
    found = dict(aws("lambda", "get_alias", FunctionName=name_of(props["functionName"]), Name=props["name"]))
    if not (found.get("RoutingConfig") or {}).get("AdditionalVersionWeights"):
        found.pop("RoutingConfig", None)
    return found | {"FunctionName": props["functionName"]}


def change_alias(aws: Aws, alias_id: str, old: Props, new: Props) -> None:
    """All members of an alias, weights that are gone as none."""
    weights = (new.get("routingConfig") or {}).get("additionalVersionWeights") or {}
    aws(
        "lambda", "update_alias", FunctionName=name_of(new["functionName"]), Name=new["name"],
        FunctionVersion=new["functionVersion"], Description=new.get("description") or "",
        RoutingConfig={"AdditionalVersionWeights": {k: float(v) for k, v in weights.items()}},
    )  # fmt: skip


def by_name(props: Props) -> Props:
    """The function by its name, whatever it was given by."""
    return props | ({"functionName": name_of(props["functionName"])} if props.get("functionName") else {})


def drop_alias(aws: Aws, alias_id: str, props: Props) -> None:
    """Delete the alias."""
    aws("lambda", "delete_alias", FunctionName=name_of(props["functionName"]), Name=props["name"])


def create_url(aws: Aws, props: Props) -> str:
    """The URL; its id is the function's name."""
    aws("lambda", "create_function_url_config", **URL.request("create_function_url_config", by_name(props)))
    return name_of(props["functionName"])


def alias_path(text: str) -> tuple[str, Props]:
    """`function/alias`."""
    function_name, _, name = text.rpartition("/")
    return text, {"functionName": function_name, "name": name}


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


def publish_layer(aws: Aws, props: Props) -> str:
    """A version of the layer; its id is the version's ARN."""
    request = LAYER.request("publish_layer_version", {k: v for k, v in props.items() if k not in CODE})
    found = aws("lambda", "publish_layer_version", **request, Content=code(aws, props))
    return str(found["LayerVersionArn"])


def layer(aws: Aws, arn: str, props: Props) -> Props:
    """One version of a layer."""
    *_, name, version = arn.split(":")
    found = dict(aws("lambda", "get_layer_version", LayerName=name, VersionNumber=int(version)))
    content = found.pop("Content", {})
    return found | {"LayerName": name, "CodeSha256": content.get("CodeSha256"), "CodeSize": content.get("CodeSize")}


def drop_layer(aws: Aws, arn: str, props: Props) -> None:
    """Delete the version, unless the program keeps it."""
    *_, name, version = arn.split(":")
    if props.get("skipDestroy") not in (True, "true"):
        aws("lambda", "delete_layer_version", LayerName=name, VersionNumber=int(version))


FUNCTION = Kind(
    "aws:lambda/function:Function",
    Calls("lambda", "create_function", "{name}", custom_create=create, read=function, delete=drop, update=change),
    naming=Naming(input="name", longest=64),
    tags=Tags(on_create=None, update=retag("lambda", ARN + "{id}")),
    translation=Translation(
        encode=placed,
        rename={
            "name": "FunctionName",
            "fileSystemConfig": "FileSystemConfigs",
            "reservedConcurrentExecutions": "Concurrency",
            "snapStart.optimizationStatus": "OptimizationStatus",
            "durableConfig.retentionPeriod": "RetentionPeriodInDays",
            "imageConfig.commands": "Command",
            "imageConfig.entryPoints": "EntryPoint",
            "vpcConfig.vpcId": "VpcId",
            "sourceCodeSize": "CodeSize",
            **dict.fromkeys(PROVIDER_ONLY),
        },
        served={*CODE, *PROVIDER_ONLY, "sourceKmsKeyArn"},
        unserved={
            "codeSha256": "give 'sourceCodeHash'",
            "codeSigningConfigArn": "the local cloud checks no signatures",
            "publishTo": "the local cloud publishes numbered versions: 'publish'",
        },
    ),
    properties=Properties(
        force_new={"name", "packageType", "tenancyConfig"},
        defaults={
            "description": "",
            "memorySize": 128,
            "timeout": 3,
            "packageType": "Zip",
            "publish": False,
            "reservedConcurrentExecutions": UNRESERVED,
            "skipDestroy": False,
            "architectures": ["x86_64"],
            "tracingConfig": {"mode": "PassThrough"},
            "ephemeralStorage": {"size": 512},
            "vpcConfig.ipv6AllowedForDualStack": False,
        },
        computed={
            "loggingConfig",
            "sourceCodeHash",
            "vpcConfig.vpcId",
            "snapStart.optimizationStatus",
            "codeSha256",
            "loggingConfig.logGroup",
            "loggingConfig.applicationLogLevel",
            "loggingConfig.systemLogLevel",
        },
        unordered={"vpcConfig.subnetIds", "vpcConfig.securityGroupIds"},
        write_only={*CODE - {"imageUri"}, *PROVIDER_ONLY, "sourceKmsKeyArn"},
        computed_on_update={
            "lastModified",
            "qualifiedArn",
            "qualifiedInvokeArn",
            "version",
            "codeSha256",
            "sourceCodeSize",
            "sourceCodeHash",
        },
    ),
    own_calls=OwnCalls(put={"reservedConcurrentExecutions": nothing}),
    validate=fits,
    outputs={
        "arn": answered("FunctionArn"),
        "version": answered("newest"),
        "sourceCodeHash": code_hash,
        "qualifiedArn": qualified("arn"),
        "qualifiedInvokeArn": qualified("invoke"),
        "invokeArn": lambda aws, i, live, props: invoke_arn(aws.region, live["FunctionArn"]),
        "responseStreamingInvokeArn": lambda aws, i, live, props: invoke_arn(
            aws.region, live["FunctionArn"], "2021-11-15", "response-streaming-invocations"
        ),
    },
)
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
MAPPING = Kind(
    "aws:lambda/eventSourceMapping:EventSourceMapping",
    Calls(
        "lambda",
        "create_event_source_mapping",
        "UUID",
        read=mapping,
        delete=("delete_event_source_mapping", {"UUID": "{id}"}),
        update=change_mapping,
    ),
    tags=Tags(on_create="field", update=retag("lambda", "arn:aws:lambda:{region}:{account}:event-source-mapping:{id}")),
    translation=Translation(
        rename={
            "destinationConfig.onFailure.destinationArn": "Destination",
            "useResourceTimeoutForPropagation": None,
            "arn": "EventSourceMappingArn",
        },
        unserved=dict.fromkeys(OTHER_SOURCES, "the local cloud maps queues, streams of Kinesis and of DynamoDB"),
        served={"useResourceTimeoutForPropagation"},
    ),
    properties=Properties(
        force_new={"eventSourceArn", "startingPosition", "startingPositionTimestamp"},
        write_only={"useResourceTimeoutForPropagation"},
        unordered={"filterCriteria.filters", "functionResponseTypes"},
        defaults={
            "enabled": True,
            "maximumBatchingWindowInSeconds": 0,
            "bisectBatchOnFunctionError": False,
            "tumblingWindowInSeconds": 0,
        },
        computed={"batchSize", "maximumRecordAgeInSeconds", "maximumRetryAttempts", "parallelizationFactor"},
        computed_on_update={"lastModified"},
    ),
    own_calls=OwnCalls(join={"tags": tags_of("lambda", call="list_tags", Resource="{EventSourceMappingArn}")}),
    validate=mapping_source,
)
ALIAS = Kind(
    "aws:lambda/alias:Alias",
    Calls(
        "lambda", "create_alias", "AliasArn", read=alias, delete=drop_alias, update=change_alias, import_id=alias_path
    ),
    naming=Naming(input="name", longest=128),
    tags=Tags(on_create=None),
    translation=Translation(encode=by_name),
    properties=Properties(force_new={"functionName", "name"}, defaults={"description": ""}),
    outputs={
        "id": answered("AliasArn"),
        "arn": answered("AliasArn"),
        "invokeArn": lambda aws, i, live, props: invoke_arn(aws.region, live["AliasArn"]),
    },
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
LAYER = Kind(
    "aws:lambda/layerVersion:LayerVersion",
    Calls(
        "lambda",
        "publish_layer_version",
        "",
        custom_create=publish_layer,
        read=layer,
        delete=drop_layer,
        update=lambda aws, i, old, new: None,
    ),
    tags=Tags(on_create=None),
    translation=Translation(
        encode=lambda props: {k: v for k, v in props.items() if k not in CODE | {"skipDestroy"}},
        served={*CODE - {"imageUri"}, "skipDestroy"},
        rename={"arn": "LayerVersionArn", "sourceCodeSize": "CodeSize"},
    ),
    properties=Properties(
        write_only={*CODE - {"imageUri"}, "skipDestroy"},
        force_new={
            *CODE - {"imageUri"},
            "layerName",
            "compatibleArchitectures",
            "compatibleRuntimes",
            "description",
            "licenseInfo",
        },
        defaults={"skipDestroy": False},
        computed={"sourceCodeHash"},
        unordered={"compatibleArchitectures", "compatibleRuntimes"},
    ),
    outputs={"sourceCodeHash": code_hash},
)

ROWS = (FUNCTION, PERMISSION, MAPPING, ALIAS, URL, LAYER)


def get_function(aws: Aws, arguments: Props) -> Props:
    """A function that is there."""
    name = name_of(arguments["functionName"])
    found = FUNCTION.state(aws.at(thorough=True), name, {"name": name})
    if found is None:
        raise Refused(f"no matching Lambda Function found: {name}")
    return {**arguments, **found, "functionName": arguments["functionName"]}


def get_alias(aws: Aws, arguments: Props) -> Props:
    """An alias that is there."""
    props = {"functionName": arguments["functionName"], "name": arguments["name"]}
    found = ALIAS.state(aws, "", props)
    if found is None:
        raise Refused(f"no matching Lambda Alias found: {arguments['name']}")
    return {**arguments, **found}


def get_url(aws: Aws, arguments: Props) -> Props:
    """The URL of a function."""
    found = URL.state(aws, name_of(arguments["functionName"]), {"functionName": arguments["functionName"]})
    if found is None:
        raise Refused(f"no matching Lambda Function URL found: {arguments['functionName']}")
    return {**arguments, **found}


def invocation(aws: Aws, arguments: Props) -> Props:
    """Functions are never run here."""
    raise Refused("the local cloud runs no function, so that there is no result of an invocation")


INVOKES = {
    "aws:lambda/getFunction:getFunction": get_function,
    "aws:lambda/getAlias:getAlias": get_alias,
    "aws:lambda/getFunctionUrl:getFunctionUrl": get_url,
    "aws:lambda/getInvocation:getInvocation": invocation,
}
