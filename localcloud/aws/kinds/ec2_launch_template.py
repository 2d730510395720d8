"""Launch templates: each change is a version of its own."""

from localcloud.aws import shapes
from localcloud.aws.client import Aws
from localcloud.aws.kind import Calls, Kind, Naming, Properties, Props, Tags, Translation
from localcloud.aws.kinds.ec2_calls import ARN, retag
from localcloud.provider import schema

TYPE = "aws:ec2/launchTemplate:LaunchTemplate"
ABOUT_THE_TEMPLATE = {"name", "namePrefix", "description", "defaultVersion", "updateDefaultVersion", "region", "tags"}
OTHER_NAMES = {"securityGroupNames": "SecurityGroups", "vpcSecurityGroupIds": "SecurityGroupIds"}
UNSERVED = {"networkInterfaces.ipv4AddressCount", "networkInterfaces.ipv4Addresses", "secondaryInterfaces"}


def _data() -> dict[str, str | None]:
    """Nearly every input is a member of the template's data, one level deeper."""
    shape = shapes.service("ec2").shape_for("RequestLaunchTemplateData")
    members = {shapes.norm(member): member for member in shape.members}
    inputs = schema.inputs(TYPE).props.keys() - ABOUT_THE_TEMPLATE - UNSERVED
    return {name: f"LaunchTemplateData.{OTHER_NAMES.get(name) or members[shapes.norm(name)]}" for name in inputs}


def create(aws: Aws, props: Props) -> str:
    """The template with its first version."""
    request = ROW.request("create_launch_template", props)
    request.setdefault("LaunchTemplateData", {})
    template = aws("ec2", "create_launch_template", **request)["LaunchTemplate"]
    aws.at_hand[template["LaunchTemplateId"]] = {**template, "LaunchTemplateData": request["LaunchTemplateData"]}
    return str(template["LaunchTemplateId"])


def template(aws: Aws, template_id: str, props: Props) -> Props | None:
    """The template with the data of its latest version."""
    found = aws("ec2", "describe_launch_templates", LaunchTemplateIds=[template_id])["LaunchTemplates"]
    if not found:
        return None
    latest = aws("ec2", "describe_launch_template_versions", LaunchTemplateId=template_id, Versions=["$Latest"])
    version: Props = next(iter(latest["LaunchTemplateVersions"]), {})
    return {**found[0], **{k: version[k] for k in ("LaunchTemplateData", "VersionDescription") if k in version}}


def update(aws: Aws, template_id: str, old: Props, new: Props) -> None:
    """A changed template is a new version, which becomes the default where the program says so."""
    data = ROW.request("create_launch_template_version", {k: v for k, v in new.items() if k not in ("name", "tags")})
    before = ROW.request("create_launch_template_version", {k: v for k, v in old.items() if k not in ("name", "tags")})
    newest = None
    if data != before:
        made = aws(
            "ec2", "create_launch_template_version", **{"LaunchTemplateData": {}} | data, LaunchTemplateId=template_id
        )
        newest = made["LaunchTemplateVersion"]["VersionNumber"]
    default = newest if new.get("updateDefaultVersion") in (True, "true") else None
    if new.get("defaultVersion") and new.get("defaultVersion") != old.get("defaultVersion"):
        default = int(new["defaultVersion"])
    if default:
        aws("ec2", "modify_launch_template", LaunchTemplateId=template_id, DefaultVersion=str(default))


def without_the_template_tags(live: Props) -> Props:
    """moto repeats the template's own tags among those for what it launches; Pulumi has its tags as a map."""
    data = dict(live.get("LaunchTemplateData") or {})
    kept = [s for s in data.get("TagSpecifications") or () if s.get("ResourceType") != "launch-template"]
    return {**live, "LaunchTemplateData": {**data, "TagSpecifications": kept}}


def faults(props: Props) -> list[tuple[str, str]]:
    """The default version follows the latest, or is given."""
    if props.get("updateDefaultVersion") in (True, "true") and "defaultVersion" in props:
        return [("defaultVersion", "conflicts with 'updateDefaultVersion': give one of them")]
    return []


ROW = Kind(
    TYPE,
    Calls(
        "ec2",
        "create_launch_template",
        "LaunchTemplate.LaunchTemplateId",
        custom_create=create,
        read=template,
        delete=("delete_launch_template", {"LaunchTemplateId": "{id}"}),
        update=update,
    ),
    naming=Naming("name", longest=125),
    tags=Tags("launch-template", update=retag),
    translation=Translation(
        rename={
            **_data(),
            "name": "LaunchTemplateName",
            "description": "VersionDescription",
            "defaultVersion": None,
            "updateDefaultVersion": None,
            "networkInterfaces.securityGroups": "Groups",
        },
        unserved=UNSERVED,
        decode=without_the_template_tags,
    ),
    properties=Properties(
        force_new={"name", "namePrefix"},
        computed={"defaultVersion", "metadataOptions"},
        defaults={"updateDefaultVersion": False},
        write_only={"updateDefaultVersion"},
        unordered={
            "vpcSecurityGroupIds",
            "securityGroupNames",
            "networkInterfaces.securityGroups",
            "blockDeviceMappings",
            "tagSpecifications",
        },
        computed_on_update={"latestVersion", "defaultVersion"},
    ),
    validate=faults,
    outputs={
        "arn": ARN + "launch-template/{id}",
        "latestVersion": lambda aws, i, live, props: live["LatestVersionNumber"],
        "defaultVersion": lambda aws, i, live, props: live["DefaultVersionNumber"],
    },
)

ROWS = (ROW,)
