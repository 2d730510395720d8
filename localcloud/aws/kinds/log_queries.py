"""CloudWatch Logs: saved queries of Logs Insights."""

from localcloud.aws.client import Aws
from localcloud.aws.kind import Calls, Kind, Naming, Properties, Props, Tags, answered

ARN = "arn:aws:logs:{region}:{account}:query-definition:{queryDefinitionId}"


def query(aws: Aws, resource_id: str, props: Props) -> Props | None:
    """The query of this id."""
    found = aws("logs", "describe_query_definitions")["queryDefinitions"]
    return next((dict(one) for one in found if one["queryDefinitionId"] == resource_id), None)


def change(aws: Aws, resource_id: str, old: Props, new: Props) -> None:
    """Save it anew under its id; its name may change."""
    aws("logs", "put_query_definition", **QUERY.request("put_query_definition", new), queryDefinitionId=resource_id)


def by_arn(given: str) -> tuple[str, Props]:
    """What import is given: the ARN, or the id at its end."""
    return given.rpartition(":query-definition:")[2], {}


QUERY = Kind(
    "aws:cloudwatch/queryDefinition:QueryDefinition",
    Calls("logs", "put_query_definition", "queryDefinitionId", read=query, update=change, import_id=by_arn,
          delete=("delete_query_definition", {"queryDefinitionId": "{id}"})),
    naming=Naming("name"), tags=Tags(None), properties=Properties(defaults={"logGroupNames": []}),
    outputs={"queryDefinitionId": answered("queryDefinitionId"), "arn": ARN},
)  # fmt: skip
ROWS = (QUERY,)
