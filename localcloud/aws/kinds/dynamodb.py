"""DynamoDB: tables."""

from collections.abc import Callable
from typing import Any

from localcloud.aws.client import Aws
from localcloud.aws.kind import Calls, Kind, Naming, OwnCalls, Properties, Props, Tags, Translation, answered
from localcloud.aws.kinds import dynamodb_replicas as replicas
from localcloud.aws.kinds.tagging import retag, tags_of
from localcloud.provider.wire import is_unknown, unknowns

TOKEN = "aws:dynamodb/table:Table"  # noqa: S105 -- a type
TRUE = (True, "true")
ON_DEMAND, PROVISIONED = "PAY_PER_REQUEST", "PROVISIONED"


BLOCKS = (replicas.REPLICAS, replicas.WITNESS)


def _keys(hash_key: Any, range_key: Any) -> list[Props]:
    named = ((hash_key, "HASH"), (range_key, "RANGE"))
    return [{"attributeName": name, "keyType": kind} for name, kind in named if name]


def _throughput(props: Props) -> Props:
    given = {"readCapacityUnits": props.get("readCapacity"), "writeCapacityUnits": props.get("writeCapacity")}
    return {k: v for k, v in given.items() if v is not None}


def _index(index: Props, *, paid_per_request: bool, hash_key: Any = None) -> Props:
    rest = {k: v for k, v in index.items() if k not in INDEX_OWN}
    projection = {k: index[k] for k in ("projectionType", "nonKeyAttributes") if index.get(k)}
    schema = [
        {"attributeName": key["attributeName"], "keyType": key["keyType"]} for key in index.get("keySchemas") or ()
    ]
    found = {**rest, "indexName": index.get("name"), "projection": projection}
    found["keySchema"] = schema or _keys(index.get("hashKey") or hash_key, index.get("rangeKey"))
    if not paid_per_request and _throughput(index):
        found["provisionedThroughput"] = _throughput(index)
    return found


INDEX_OWN = ("name", "hashKey", "rangeKey", "keySchemas", "projectionType", "nonKeyAttributes", "readCapacity",
             "writeCapacity")  # fmt: skip


def packed(props: Props) -> Props:
    """Keys, capacity, streams and indexes as AWS takes them."""
    if "attributes" not in props and "hashKey" not in props:
        return props
    own = ("hashKey", "rangeKey", "readCapacity", "writeCapacity", "streamEnabled", "streamViewType",
           "globalSecondaryIndexes", "localSecondaryIndexes", "serverSideEncryption", *BLOCKS)  # fmt: skip
    found = {k: v for k, v in props.items() if k not in own}
    on_demand = props.get("billingMode") == ON_DEMAND
    found["keySchema"] = _keys(props.get("hashKey"), props.get("rangeKey"))
    found.setdefault("billingMode", PROVISIONED)
    if not on_demand and _throughput(props):
        found["provisionedThroughput"] = _throughput(props)
    if props.get("streamEnabled") in TRUE:
        found["streamSpecification"] = {"streamEnabled": True, "streamViewType": props.get("streamViewType")}
    if encryption := props.get("serverSideEncryption"):
        key = {"kMSMasterKeyId": encryption["kmsKeyArn"], "sSEType": "KMS"} if encryption.get("kmsKeyArn") else {}
        found["sSESpecification"] = {"enabled": encryption.get("enabled"), **key}
    for name, hash_key in (("globalSecondaryIndexes", None), ("localSecondaryIndexes", props.get("hashKey"))):
        if props.get(name):
            found[name] = [
                _index(i, paid_per_request=on_demand or hash_key is not None, hash_key=hash_key) for i in props[name]
            ]
    return found


def _unpacked_index(index: Props) -> Props:
    keys = {key["KeyType"]: key["AttributeName"] for key in reversed(index["KeySchema"])}
    throughput = index.get("ProvisionedThroughput") or {}
    return {
        "name": index["IndexName"], "hashKey": keys["HASH"], "rangeKey": keys.get("RANGE"),
        "keySchemas": [{"attributeName": k["AttributeName"], "keyType": k["KeyType"]} for k in index["KeySchema"]],
        "projectionType": index["Projection"]["ProjectionType"],
        "nonKeyAttributes": index["Projection"].get("NonKeyAttributes"),
        "readCapacity": throughput.get("ReadCapacityUnits") or None,
        "writeCapacity": throughput.get("WriteCapacityUnits") or None,
    }  # fmt: skip


def table(aws: Aws, name: str, props: Props) -> Props | None:
    """The table in the words of the inputs; None while it is being deleted."""
    found = aws("dynamodb", "describe_table", TableName=name)["Table"]
    if found["TableStatus"] == "DELETING":
        return None
    keys = {key["KeyType"]: key["AttributeName"] for key in found["KeySchema"]}
    throughput = found.get("ProvisionedThroughput") or {}
    stream = found.get("StreamSpecification") or {}
    sse = found.get("SSEDescription") or {}
    globally = ("hashKey", "keySchemas", "readCapacity", "writeCapacity")
    local = [{k: v for k, v in _unpacked_index(i).items() if k not in globally}
             for i in found.get("LocalSecondaryIndexes") or ()]  # fmt: skip
    return {
        "name": name, "arn": found["TableArn"], "hashKey": keys["HASH"], "rangeKey": keys.get("RANGE"),
        "attributes": [{"name": a["AttributeName"], "type": a["AttributeType"]} for a in found["AttributeDefinitions"]],
        "billingMode": (found.get("BillingModeSummary") or {}).get("BillingMode") or PROVISIONED,
        "readCapacity": throughput.get("ReadCapacityUnits") or None,
        "writeCapacity": throughput.get("WriteCapacityUnits") or None,
        "streamEnabled": bool(stream.get("StreamEnabled")), "streamViewType": stream.get("StreamViewType"),
        "streamArn": found.get("LatestStreamArn"), "streamLabel": found.get("LatestStreamLabel"),
        "deletionProtectionEnabled": found.get("DeletionProtectionEnabled", False),
        "globalSecondaryIndexes": [_unpacked_index(i) for i in found.get("GlobalSecondaryIndexes") or ()],
        "localSecondaryIndexes": local,
        "serverSideEncryption": {"enabled": True, "kmsKeyArn": sse.get("KMSMasterKeyArn")}
        if sse.get("Status") == "ENABLED" else None,
        **replicas.told(aws, found),
    }  # fmt: skip


def put_ttl(aws: Aws, name: str, value: Props, props: Props) -> None:
    """When items expire."""
    asked = {"AttributeName": value.get("attributeName"), "Enabled": value.get("enabled", True) in TRUE}
    there = aws("dynamodb", "describe_time_to_live", TableName=name)["TimeToLiveDescription"]
    on = there.get("TimeToLiveStatus") == "ENABLED"
    if on != asked["Enabled"] or (on and there.get("AttributeName") != asked["AttributeName"]):
        asked["AttributeName"] = asked["AttributeName"] or there.get("AttributeName") or "ttl"
        aws("dynamodb", "update_time_to_live", TableName=name, TimeToLiveSpecification=asked)


def read_ttl(aws: Aws, name: str, live: Props, props: Props) -> Props | None:
    """When items expire; none where they do not and nothing was said."""
    found = aws("dynamodb", "describe_time_to_live", TableName=name)["TimeToLiveDescription"]
    on = found.get("TimeToLiveStatus") == "ENABLED"
    asked = props.get("ttl") or {}
    if not on:
        return {**asked, "enabled": False} if asked else None
    return {"attributeName": found.get("AttributeName"), "enabled": True}


def put_recovery(aws: Aws, name: str, value: Props, props: Props) -> None:
    """Recovery to any point in time."""
    days = {"RecoveryPeriodInDays": int(value["recoveryPeriodInDays"])} if value.get("recoveryPeriodInDays") else {}
    wanted = {"PointInTimeRecoveryEnabled": value["enabled"] in TRUE, **days}
    aws("dynamodb", "update_continuous_backups", TableName=name, PointInTimeRecoverySpecification=wanted)


def read_recovery(aws: Aws, name: str, live: Props, props: Props) -> Props | None:
    """Whether recovery is on."""
    found = aws("dynamodb", "describe_continuous_backups", TableName=name)["ContinuousBackupsDescription"]
    state = found["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
    asked = props.get("pointInTimeRecovery") or {}
    return {**asked, "enabled": state} if asked or state else None


def update(aws: Aws, name: str, old: Props, new: Props) -> None:
    """One call for what the table is, then one for each index, as AWS wants them apart."""
    changed = ROW.changed(old, new)
    before, after = ROW.request("create_table", old), ROW.request("create_table", new)
    members = {
        "BillingMode": {"billingMode"}, "SSESpecification": {"serverSideEncryption"},
        "DeletionProtectionEnabled": {"deletionProtectionEnabled"},
        "ProvisionedThroughput": {"readCapacity", "writeCapacity", "billingMode"},
        "OnDemandThroughput": {"onDemandThroughput"},
    }  # fmt: skip
    request = {m: after[m] for m, names in members.items() if names & changed and m in after}
    for member, off in (("DeletionProtectionEnabled", False), ("SSESpecification", {"Enabled": False})):
        if members[member] & changed:
            request.setdefault(member, off)
    if {"streamEnabled", "streamViewType"} & changed:
        if before.get("StreamSpecification"):  # AWS changes a stream only by turning it off first
            aws("dynamodb", "update_table", TableName=name, StreamSpecification={"StreamEnabled": False})
        if after.get("StreamSpecification"):
            request["StreamSpecification"] = after["StreamSpecification"]
    if request:
        aws("dynamodb", "update_table", TableName=name, **request)
    _update_indexes(aws, name, before, after)


def _update_indexes(aws: Aws, name: str, before: Props, after: Props) -> None:
    old = {i["IndexName"]: i for i in before.get("GlobalSecondaryIndexes") or ()}
    new = {i["IndexName"]: i for i in after.get("GlobalSecondaryIndexes") or ()}
    for index in old:
        if old[index] != new.get(index):
            gone = {"Delete": {"IndexName": index}}
            aws("dynamodb", "update_table", TableName=name, GlobalSecondaryIndexUpdates=[gone])
    for index, wanted in new.items():
        if old.get(index) != wanted:
            make = {"TableName": name, "AttributeDefinitions": after["AttributeDefinitions"]}
            aws("dynamodb", "update_table", **make, GlobalSecondaryIndexUpdates=[{"Create": wanted}])


UNDEFINED = "all indexes must be of attributes that are defined: {!r} is not"
UNUSED = "all attributes must be indexed: {!r} is in no key; other attributes of items are not declared"


def faults(props: Props) -> list[tuple[str, str]]:
    """What CreateTable and the official provider refuse beyond the request model."""
    found: list[tuple[str, str]] = []
    if not props.get("hashKey"):
        found.append(("hashKey", "missing required property"))
    indexes = [(n, i, x) for n in ("globalSecondaryIndexes", "localSecondaryIndexes")
               for i, x in enumerate(props.get(n) or ()) if isinstance(x, dict)]  # fmt: skip
    named = {props.get("hashKey"), props.get("rangeKey")}
    named |= {x.get(key) for _, _, x in indexes for key in ("hashKey", "rangeKey")}
    named |= {key.get("attributeName") for _, _, x in indexes for key in x.get("keySchemas") or ()}
    defined = {a.get("name") for a in props.get("attributes") or ()}
    undefined, unused = named - {None} - defined, defined - named - {None}
    lists = [props.get(name) for name in ("globalSecondaryIndexes", "localSecondaryIndexes", "attributes")]
    if any(unknowns(value) for value in [*named, *defined, *lists]):
        undefined, unused = set(), set()
    found += [("attributes", UNDEFINED.format(name)) for name in sorted(undefined, key=str)]
    found += [("attributes", UNUSED.format(name)) for name in sorted(unused, key=str)]
    on_demand = props.get("billingMode") == ON_DEMAND
    for name in () if is_unknown(props.get("billingMode")) else ("readCapacity", "writeCapacity"):
        if on_demand and props.get(name):
            found.append((name, "not with 'billingMode': 'PAY_PER_REQUEST'"))
        elif not on_demand and not props.get(name):
            found.append((name, "missing required property of a table that is 'PROVISIONED'; at least 1"))
    if props.get("streamEnabled") in TRUE and not props.get("streamViewType"):
        found.append(("streamViewType", "missing required property, since 'streamEnabled' is true"))
    if props.get("rangeKey") is None and props.get("localSecondaryIndexes"):
        found.append(("localSecondaryIndexes", "only for a table with a 'rangeKey'"))
    for name, i, index in indexes:
        if index.get("projectionType") not in ("ALL", "INCLUDE", "KEYS_ONLY", None):
            at = f"{name}[{i}].projectionType"
            found.append((at, f"{index['projectionType']!r} is not allowed; allowed are ALL, INCLUDE, KEYS_ONLY"))
    return found + replicas.faults(props)


ARN = "arn:aws:dynamodb:{region}:{account}:table/{id}"
TAGS: Callable[..., Any] = tags_of("dynamodb", call="list_tags_of_resource", ResourceArn=ARN)

ROW = Kind(
    TOKEN,
    Calls(
        "dynamodb", "create_table", "{name}", read=table, delete=replicas.drop_table, update=update,
    ),
    naming=Naming("name"), tags=Tags(update=retag("dynamodb", ARN)),
    translation=Translation(
        encode=packed,
        rename={
            "name": "TableName", "attributes": "AttributeDefinitions", "attributes.name": "AttributeName",
            "attributes.type": "AttributeType",
            "hashKey": "hashKey", "rangeKey": "rangeKey", "arn": "arn",
        },
        served={"hashKey", "rangeKey", "readCapacity", "writeCapacity", "streamEnabled", "streamViewType",
              "serverSideEncryption", "globalSecondaryIndexes", "localSecondaryIndexes"},
        unserved={
            "importTable", "replicas.propagateTags", "restoreBackupArn", "restoreDateTime", "restoreSourceName",
            "restoreSourceTableArn", "restoreToLatestTime", "tableClass", "warmThroughput", "onDemandThroughput",
            "globalSecondaryIndexes.warmThroughput", "globalSecondaryIndexes.onDemandThroughput",
        },
    ),
    properties=Properties(
        force_new={"name", "hashKey", "rangeKey", "localSecondaryIndexes"},
        defaults={
            "billingMode": PROVISIONED, "streamEnabled": False, "deletionProtectionEnabled": False,
            "ttl.enabled": True, "ttl": {"enabled": False},
            "pointInTimeRecovery": {"enabled": False}, "globalSecondaryIndexes": [], "replicas": [],
            "replicas.pointInTimeRecovery": False, "replicas.deletionProtectionEnabled": False,
            "replicas.consistencyMode": "EVENTUAL",
        },
        computed={
            "readCapacity", "writeCapacity", "streamViewType", "serverSideEncryption", "serverSideEncryption.kmsKeyArn",
            "pointInTimeRecovery.recoveryPeriodInDays", "globalSecondaryIndexes.hashKey",
            "globalSecondaryIndexes.rangeKey",
            "globalSecondaryIndexes.keySchemas", "globalSecondaryIndexes.readCapacity",
            "globalSecondaryIndexes.writeCapacity",
            *(f"replicas.{name}" for name in ("arn", "streamArn", "streamLabel", "kmsKeyArn")),
        },
        unordered={"attributes", "replicas", "globalSecondaryIndexes", "localSecondaryIndexes"},
        computed_on_update={"streamArn", "streamLabel"},
    ),
    own_calls=OwnCalls(
        put_many=(BLOCKS, replicas.put),
        put={"ttl": put_ttl, "pointInTimeRecovery": put_recovery},
        read={"ttl": read_ttl, "pointInTimeRecovery": read_recovery},
        remove={
            "replicas": replicas.remove,
            "ttl": lambda aws, i, old, props: put_ttl(aws, i, {**old, "enabled": False}, props),
            "pointInTimeRecovery": lambda aws, i, old, props: put_recovery(aws, i, {"enabled": False}, props),
        },
        join={"tags": TAGS},
    ),
    validate=faults,
    outputs={name: answered(name)
             for name in ("name", "arn", "hashKey", "rangeKey", "attributes", "billingMode", "readCapacity",
                          "writeCapacity", "streamEnabled", "streamViewType", "streamArn", "streamLabel",
                          "globalSecondaryIndexes", "localSecondaryIndexes", "serverSideEncryption",
                          "deletionProtectionEnabled", *BLOCKS)},
)  # fmt: skip

ROWS = (ROW,)
