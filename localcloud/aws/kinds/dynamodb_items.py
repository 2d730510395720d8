"""DynamoDB: single items of a table, written as the service's JSON."""

import base64
import json
from collections.abc import Iterator
from typing import Any

from localcloud.aws.client import Aws, Refused
from localcloud.aws.kind import Calls, Kind, Properties, Props, Tags, Translation

BETWEEN = "|"


def read_item(text: str) -> Props:
    """The attributes of an item; binary ones as bytes, which the client wants."""
    try:
        item = json.loads(text)
    except ValueError as error:
        raise ValueError(f"item: is no JSON: {error}") from None
    if not isinstance(item, dict):
        raise ValueError("item: is no JSON object")
    return {name: _in(value) for name, value in item.items()}


def _in(value: Any) -> Any:
    if not isinstance(value, dict) or len(value) != 1:
        raise ValueError(f'item: {json.dumps(value)} is no attribute value such as {{"S": "text"}}')
    ((kind, inner),) = value.items()
    if kind == "B":
        return {kind: base64.b64decode(inner)}
    if kind == "BS":
        return {kind: [base64.b64decode(one) for one in inner]}
    if kind == "M":
        return {kind: {name: _in(one) for name, one in inner.items()}}
    return {kind: [_in(one) for one in inner]} if kind == "L" else value


def _out(value: Any) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, dict):
        return {name: _out(inner) for name, inner in value.items()}
    return [_out(inner) for inner in value] if isinstance(value, list) else value


def _keys(props: Props) -> list[str]:
    return [str(props[name]) for name in ("hashKey", "rangeKey") if props.get(name)]


def _key(props: Props) -> Props:
    item = read_item(props["item"])
    return {name: item[name] for name in _keys(props)}


def _is_whole(props: Props) -> bool:
    """Whether the item can be read and has its keys."""
    try:
        return not set(_keys(props)) - read_item(props["item"]).keys()
    except ValueError:
        return False


def value_of(item: Props, name: str) -> str:
    """The value of a key, whatever its type."""
    return str(_out(next(iter(item[name].values()))))


def id_of(props: Props) -> str:
    """Table, keys and their values, as the official provider joins them."""
    item = read_item(props["item"])
    parts = [str(props["tableName"])]
    for name in _keys(props):
        parts += [name, value_of(item, name)]
    return BETWEEN.join(parts)


def put(aws: Aws, props: Props) -> str:
    """A new item; one that is there already is somebody else's."""
    names = {f"#{place}": name for place, name in enumerate(_keys(props))}
    absent = " AND ".join(f"attribute_not_exists({name})" for name in names)
    aws("dynamodb", "put_item", TableName=props["tableName"], Item=read_item(props["item"]),
        ConditionExpression=absent, ExpressionAttributeNames=names)  # fmt: skip
    return id_of(props)


def item(aws: Aws, resource_id: str, props: Props) -> Props | None:
    """The item of this key."""
    if props.get("item") is None or not _is_whole(props):
        props = _found_by(aws, resource_id)
    found = aws("dynamodb", "get_item", TableName=props["tableName"], Key=_key(props), ConsistentRead=True).get("Item")
    if found is None:
        return None
    shown = {name: props.get(name) for name in ("tableName", "hashKey", "rangeKey")}
    values = dict(zip(("hashKeyValue", "rangeKeyValue"), (value_of(found, k) for k in _keys(props)), strict=False))
    return {**shown, **values, "item": json.dumps(_out(found), sort_keys=True)}


def _found_by(aws: Aws, resource_id: str) -> Props:
    """What an import needs, of an id that it is given."""
    table, *pairs = resource_id.split(BETWEEN)
    if len(pairs) not in (2, 4):
        raise Refused(f"{resource_id!r} is not of the form table|hashKey|value or table|hashKey|value|rangeKey|value")
    described = aws("dynamodb", "describe_table", TableName=table)["Table"]
    kinds = {one["AttributeName"]: one["AttributeType"] for one in described["AttributeDefinitions"]}
    keys = dict(zip(pairs[::2], pairs[1::2], strict=True))
    document = json.dumps({name: {kinds.get(name, "S"): value} for name, value in keys.items()})
    return {"tableName": table, "item": document} | dict(zip(("hashKey", "rangeKey"), keys, strict=False))


def change(aws: Aws, resource_id: str, old: Props, new: Props) -> None:
    """Write it anew; under another key it is another item, and the old one goes."""
    if id_of(old) == id_of(new):
        aws("dynamodb", "put_item", TableName=new["tableName"], Item=read_item(new["item"]))
    else:
        put(aws, new)
        drop(aws, resource_id, old)


def drop(aws: Aws, resource_id: str, props: Props) -> None:
    """Delete it."""
    known = props if props.get("item") is not None else _found_by(aws, resource_id)
    aws("dynamodb", "delete_item", TableName=known["tableName"], Key=_key(known))


def keyed(props: Props) -> Iterator[tuple[str, str]]:
    """An item has its keys."""
    try:
        found = read_item(props["item"]) if isinstance(props.get("item"), str) else None
    except ValueError as error:
        yield "item", str(error).removeprefix("item: ")
        return
    for name in ("hashKey", "rangeKey"):
        key = props.get(name)
        if found is not None and key and key not in found:
            yield "item", f"lacks the key {key!r} that {name} names"


ROWS = (
    Kind(
        "aws:dynamodb/tableItem:TableItem",
        Calls("dynamodb", "put_item", "", custom_create=put, read=item, delete=drop, update=change),
        tags=Tags(None),
        translation=Translation(served={"tableName", "hashKey", "rangeKey", "item"}, encode=lambda props: {
            "TableName": props.get("tableName"), "Item": {}}),
        properties=Properties(force_new={"tableName", "hashKey", "rangeKey"}),
        validate=keyed,
    ),
)  # fmt: skip
