"""Gaps of moto's CloudWatch Logs: a group's class and key, days that AWS does not have, saved queries."""

import json
from typing import Any, Final

from moto.logs.metric_filters import MetricFilters
from moto.logs.models import LogGroup, LogsBackend
from moto.logs.responses import LogsResponse
from moto.moto_api._internal import mock_random

from localcloud.aws.moto_gaps import clock
from localcloud.aws.moto_gaps._patching import Refusal, add, replace

RETENTION_DAYS: Final = frozenset(
    (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653)
)
"""https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html"""


@replace(LogsResponse)
def create_log_group(original: Any, self: Any) -> Any:
    """Keep the group's class."""
    answer = original(self)
    self.logs_backend.groups[self._get_param("logGroupName")].log_group_class = (
        self._get_param("logGroupClass") or "STANDARD"
    )
    return answer


@replace(LogGroup)
def to_describe_dict(original: Any, self: Any) -> dict[str, Any]:
    """Show the group's class."""
    return {**original(self), "logGroupClass": getattr(self, "log_group_class", "STANDARD")}


@replace(LogsResponse)
def put_retention_policy(original: Any, self: Any) -> Any:
    """Refuse a number of days that AWS does not offer."""
    days = self._get_param("retentionInDays")
    if days not in RETENTION_DAYS:
        allowed = ", ".join(map(str, sorted(RETENTION_DAYS)))
        raise Refusal(
            "InvalidParameterException",
            f"1 validation error detected: Value '{days}' at 'retentionInDays' failed to satisfy constraint: "
            f"Member must satisfy enum value set: [{allowed}]",
        )
    return original(self)


@replace(MetricFilters)
def add_filter(
    original: Any, self: Any, filter_name: str, filter_pattern: str, log_group_name: str, *more: Any
) -> None:
    """Putting a filter again replaces it; moto keeps both."""
    same = {"filterName": filter_name, "logGroupName": log_group_name}
    self.metric_filters = [f for f in self.metric_filters if not same.items() <= f.items()]
    original(self, filter_name, filter_pattern, log_group_name, *more)


@add(LogsResponse)
def associate_kms_key(self: Any) -> str:
    """Encrypt a group's new events."""
    _group(self).kms_key_id = self._get_param("kmsKeyId")
    return ""


@add(LogsResponse)
def disassociate_kms_key(self: Any) -> str:
    """Encrypt a group's new events no more."""
    _group(self).kms_key_id = None
    return ""


def _group(response: Any) -> Any:
    group = response.logs_backend.groups.get(response._get_param("logGroupName"))
    if not group:
        raise Refusal("ResourceNotFoundException", "The specified log group does not exist.")
    return group


@replace(LogsBackend)
def delete_log_group(original: Any, self: Any, log_group_name: str) -> None:
    """Tags go with their group; moto gives them to the next one of its name."""
    group = self.groups.get(log_group_name)
    original(self, log_group_name)
    self.tagger.delete_all_tags_for_resource(group.arn)


# -- saved queries, which moto does not have


def _queries(response: Any) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = vars(response.logs_backend).setdefault("query_definitions", {})
    return found


@add(LogsResponse)
def put_query_definition(self: Any) -> str:
    """Keep a query, under a new id or the one that is named."""
    known = self._get_param("queryDefinitionId")
    if known and known not in _queries(self):
        raise Refusal("ResourceNotFoundException", f"The specified query definition does not exist: {known}")
    made = known or str(mock_random.uuid4())
    members = ("name", "queryString", "logGroupNames", "queryLanguage", "parameters")
    kept = {name: self._get_param(name) for name in members if self._get_param(name) is not None}
    kept.setdefault("queryLanguage", "CWLI")
    moment = int(clock.seconds() * 1000)
    _queries(self)[made] = {"logGroupNames": [], **kept, "queryDefinitionId": made, "lastModified": moment}
    return json.dumps({"queryDefinitionId": made})


@add(LogsResponse)
def describe_query_definitions(self: Any) -> str:
    """The queries whose names begin so."""
    head = self._get_param("queryDefinitionNamePrefix") or ""
    return json.dumps({"queryDefinitions": [q for q in _queries(self).values() if q["name"].startswith(head)]})


@add(LogsResponse)
def delete_query_definition(self: Any) -> str:
    """Forget a query."""
    if _queries(self).pop(self._get_param("queryDefinitionId"), None) is None:
        raise Refusal("ResourceNotFoundException", "The specified query definition does not exist")
    return json.dumps({"success": True})
