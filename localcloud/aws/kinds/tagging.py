"""Tags where a service keeps them behind calls of their own: how they are set, and how they are read."""

from collections.abc import Callable
from typing import Any

import jmespath

from localcloud.aws import shapes
from localcloud.aws.client import Aws
from localcloud.aws.kind import fill


def retag(
    service: str, subject: str = "{id}", tag: str = "tag_resource", untag: str = "untag_resource", **fixed: Any
) -> Callable[..., None]:
    """The tagger of a row: `subject` is what the call names, a template over `id`, `region` and `account`."""
    shape, gone_shape = shapes.input_shape(service, tag), shapes.input_shape(service, untag)
    holder = _holder(shape)
    names = next(m for m, s in gone_shape.members.items() if s.type_name == "list")
    target = next(m for m in shape.required_members if m != holder and m not in fixed)

    def put(aws: Aws, resource_id: str, gone: list[str], tags: dict[str, str]) -> None:
        who = {target: subject.format(id=resource_id, region=aws.region, account=aws.account)} | fixed
        if gone:
            aws(service, untag, **who, **{names: gone})
        if tags:
            aws(service, tag, **who, **shapes.to_aws(service, shape, {"tags": tags}, {}))

    return put


def tags_of(
    service: str, path: str = "Tags", call: str = "list_tags_for_resource", **arguments: str
) -> Callable[..., Any]:
    """The tags as another call answers them; the arguments are templates over the id, the inputs and the answer."""

    def look(aws: Aws, resource_id: str, live: dict[str, Any], props: dict[str, Any]) -> dict[str, str]:
        known = props | live | {"region": aws.region, "account": aws.account}
        found = jmespath.search(path, aws(service, call, **fill(arguments, resource_id, known))) or {}
        return found if isinstance(found, dict) else {_of(t, "key"): _of(t, "value") for t in found}

    return look


def _of(tag: dict[str, str], name: str) -> str:
    return next(v for k, v in tag.items() if k.lower() == name)


def _holder(shape: Any) -> str:
    return str(next(m for m in shape.members if m.lower() == "tags"))
