"""Lambda: layers, version by version."""

from localcloud.aws.client import Aws
from localcloud.aws.kind import (
    Calls,
    Kind,
    Properties,
    Props,
    Tags,
    Translation,
)
from localcloud.aws.kinds.lambda_functions import CODE, code, code_hash


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
ROWS = (LAYER,)
