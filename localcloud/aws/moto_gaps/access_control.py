"""Gaps of moto's evaluation of IAM policies: conditions, and patterns of names.

moto takes a statement whose condition does not hold for a refusal, and a condition on what the request does not say for
one that holds. On AWS such a statement says nothing. Its patterns know no `?`, take `.` for any character and are made
anew for each question, which a policy of two thousand patterns makes slow. Source: IAM user guide, policy evaluation
logic; IAM JSON policy elements, condition operators, Action.
"""

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final

from moto.iam.access_control import IAMPolicyStatement, PermissionResult

from localcloud.aws.moto_gaps._patching import replace

Said = Mapping[str, str]
"""What is known of a request, by condition key in small letters."""


@cache
def _pattern(pattern: str) -> re.Pattern[str]:
    parts = {"*": ".*", "?": "."}
    return re.compile("".join(parts.get(each) or re.escape(each) for each in pattern), re.IGNORECASE | re.DOTALL)


def _like(wanted: str, said: str) -> bool:
    return _pattern(wanted).fullmatch(said) is not None


OPERATORS: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "StringEquals": lambda wanted, said: wanted == said,
    "StringLike": _like,
    "ArnEquals": _like,
    "ArnLike": _like,
    "Bool": lambda wanted, said: wanted.lower() == said.lower(),
}
"""Operators that need one of the wanted values to fit."""


def holds(conditions: Mapping[str, Mapping[str, Any]], said: Said) -> bool:
    """Whether all of a statement's conditions hold; a key that the request does not say fits no value.

    Raises NotImplementedError for an operator that is not in the table: nothing is allowed, or refused, by a guess.
    """
    return all(
        _one_holds(operator, wanted if isinstance(wanted, list) else [wanted], said.get(key.lower()))
        for operator, keys in conditions.items()
        for key, wanted in keys.items()
    )


def _one_holds(operator: str, wanted: list[Any], said: str | None) -> bool:
    plain = operator.replace("Not", "", 1)
    if plain not in OPERATORS:
        raise NotImplementedError(f"the condition operator {operator} is not evaluated on this local cloud")
    fits = said is not None and any(OPERATORS[plain](str(one), said) for one in wanted)
    return fits if plain == operator else not fits


@replace(IAMPolicyStatement)
def is_action_permitted(
    original: Any, self: Any, action: str, resource: str = "*", principal: str | None = None, said: Said | None = None
) -> Any:
    """What a statement says: nothing at all where its condition does not hold. Trust in roles stays moto's."""
    conditions = self._statement.get("Condition")
    if conditions is None or principal is not None:
        return original(self, action, resource, principal, said)
    without = {name: value for name, value in self._statement.items() if name != "Condition"}
    found = original(IAMPolicyStatement(without), action, resource, None, None)
    if found is PermissionResult.NEUTRAL or holds(conditions, said or {}):
        return found
    return PermissionResult.NEUTRAL


@replace(IAMPolicyStatement)
def _match(_original: Any, _self: Any, pattern: str, value: str) -> re.Match[str] | None:
    """A pattern of an action or a resource, with both of IAM's wildcards; case counts in neither."""
    return _pattern(pattern).fullmatch(value)
