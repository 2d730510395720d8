"""Systems Manager: parameters. The function that reads one is here too."""

from localcloud.aws.client import Aws
from localcloud.aws.kind import Calls, Kind, Naming, OwnCalls, Properties, Props, Tags, Translation
from localcloud.aws.kinds.tagging import retag, tags_of

SECURE = "SecureString"


def create(aws: Aws, props: Props) -> str:
    """Put the parameter, which must be new unless `overwrite` is on (and then has no tags in the request)."""
    request = PARAMETER.request("put_parameter", props)
    if request.get("Overwrite"):
        request.pop("Tags", None)
    aws("ssm", "put_parameter", **request)
    return str(props["name"])


def change(aws: Aws, resource_id: str, old: Props, new: Props) -> None:
    """Put it again: a new version."""
    if PARAMETER.changed(old, new) - {"tags", "overwrite"}:
        request = PARAMETER.request("put_parameter", new | {"overwrite": True, "tags": None})
        aws("ssm", "put_parameter", **request)


def one_value(props: Props) -> Props:
    """`insecureValue` is the value of a parameter that is no secret."""
    rest = {name: value for name, value in props.items() if name != "insecureValue"}
    return rest | ({"value": props["insecureValue"]} if props.get("insecureValue") is not None else {})


def parameter(aws: Aws, resource_id: str, props: Props) -> Props | None:
    """The parameter's value and description; the value under the name by which the program gives it."""
    found = aws("ssm", "get_parameter", Name=resource_id, WithDecryption=True)["Parameter"]
    filters = [{"Key": "Name", "Option": "Equals", "Values": [resource_id]}]
    told: Props = next(iter(aws("ssm", "describe_parameters", ParameterFilters=filters)["Parameters"]), {})
    value = "insecureValue" if props.get("insecureValue") is not None else "value"
    kept = {k: told[k] for k in ("Description", "KeyId", "AllowedPattern", "Tier", "DataType") if told.get(k)}
    return kept | {value: found["Value"], **{k: found[k] for k in ("Name", "Type", "Version", "ARN")}}


def one_of_two(props: Props) -> list[tuple[str, str]]:
    """A parameter has one value, and a secret one is no open text."""
    given = [name for name in ("value", "insecureValue") if props.get(name) is not None]
    if len(given) == 2:
        return [("insecureValue", "conflicts with 'value': give one of them")]
    if props.get("type") == SECURE and "insecureValue" in given:
        return [("insecureValue", "not with 'type': 'SecureString', whose value is a secret: use 'value'")]
    return []


PARAMETER = Kind(
    "aws:ssm/parameter:Parameter",
    Calls(
        "ssm", "put_parameter", "{name}", custom_create=create, read=parameter,
        delete=("delete_parameter", {"Name": "{id}"}), update=change,
    ),
    naming=Naming("name"),
    tags=Tags(
        update=retag("ssm", tag="add_tags_to_resource", untag="remove_tags_from_resource", ResourceType="Parameter"),
    ),
    translation=Translation(
        encode=one_value, rename={"insecureValue": "insecureValue", "arn": None},
        unserved={"valueWo", "valueWoVersion", "arn"}, served={"insecureValue"},
    ),
    properties=Properties(
        force_new={"name", "dataType"}, defaults={"overwrite": False, "description": ""}, write_only={"overwrite"},
        computed_on_update={"version"}, computed={"keyId", "tier", "dataType"},
    ),
    own_calls=OwnCalls(join={"tags": tags_of("ssm", "TagList", ResourceType="Parameter", ResourceId="{id}")}),
    validate=one_of_two,
    outputs={"arn": lambda aws, i, live, props: live["ARN"], "hasValueWo": lambda aws, i, live, props: False},
)  # fmt: skip

ROWS = (PARAMETER,)
