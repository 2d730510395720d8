"""Lambda: functions, their code and versions, and aliases of these."""

from collections.abc import Callable

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
    nothing,
)
from localcloud.aws.kinds.tagging import retag

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


def alias_path(text: str) -> tuple[str, Props]:
    """`function/alias`."""
    function_name, _, name = text.rpartition("/")
    return text, {"functionName": function_name, "name": name}


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

ROWS = (FUNCTION, ALIAS)


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


def invocation(aws: Aws, arguments: Props) -> Props:
    """Functions are never run here."""
    raise Refused("the local cloud runs no function, so that there is no result of an invocation")


INVOKES = {
    "aws:lambda/getFunction:getFunction": get_function,
    "aws:lambda/getAlias:getAlias": get_alias,
    "aws:lambda/getInvocation:getInvocation": invocation,
}
