"""When two policy documents mean the same."""

from typing import Any

from localcloud.provider.wire import number_text


def policy_form(block: dict[str, Any]) -> Any:
    """What two policies that mean the same have in common; None for what is no policy.

    IAM takes a single statement, action or resource for a list of one, and lists of them in any order.
    """
    if "Statement" not in block:
        return None
    statements = block["Statement"] if isinstance(block["Statement"], list) else [block["Statement"]]
    return {**block, "Statement": [_statement(each) for each in statements]}


def _statement(statement: Any) -> Any:
    if not isinstance(statement, dict):
        return statement
    return {k: v if k in {"Effect", "Sid"} else _as_set(v) for k, v in statement.items()}


def _as_set(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _as_set(v) for k, v in value.items()}
    return sorted((number_text(v) for v in (value if isinstance(value, list) else [value])), key=str)
