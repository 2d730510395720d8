"""CloudFront: how a distribution is let into a bucket."""

from localcloud.aws.client import Aws
from localcloud.aws.kind import Calls, Kind, Naming, Properties, Props, Tags, Translation


def control(aws: Aws, control_id: str, props: Props) -> Props:
    """The control, and its version."""
    answer = aws("cloudfront", "get_origin_access_control", Id=control_id)
    found: Props = dict(answer["OriginAccessControl"]["OriginAccessControlConfig"])
    return found | {"etag": answer["ETag"]}


def change_control(aws: Aws, control_id: str, old: Props, new: Props) -> None:
    """A control is put again, whole, against the version that is there."""
    version = aws("cloudfront", "get_origin_access_control", Id=control_id)["ETag"]
    request = CONTROL.request("update_origin_access_control", new)
    aws("cloudfront", "update_origin_access_control", Id=control_id, IfMatch=version, **request)


def drop_control(aws: Aws, control_id: str, props: Props) -> None:
    """Delete the version that is there."""
    version = aws("cloudfront", "get_origin_access_control", Id=control_id)["ETag"]
    aws("cloudfront", "delete_origin_access_control", Id=control_id, IfMatch=version)


CONTROL: Kind = Kind(
    "aws:cloudfront/originAccessControl:OriginAccessControl",
    Calls(
        "cloudfront", "create_origin_access_control", "OriginAccessControl.Id", read=control, update=change_control,
        delete=drop_control,
    ),
    naming=Naming("name", longest=64),
    tags=Tags(None),
    translation=Translation(
        encode=lambda props: {"originAccessControlConfig": {"description": "Managed by Pulumi"} | props},
        served={"description", "name", "originAccessControlOriginType", "signingBehavior", "signingProtocol"},
    ),
    properties=Properties(
        force_new={"name"}, defaults={"description": "Managed by Pulumi"}, computed_on_update={"etag"}
    ),
    outputs={"arn": "arn:aws:cloudfront::{account}:origin-access-control/{id}"},
)  # fmt: skip
ROWS = (CONTROL,)
