"""Policy documents as inputs: their text, and what IAM would call malformed."""

import json
from collections.abc import Callable
from typing import Any

from localcloud.aws.kind import Props


def text(document: Any) -> str:
    """A policy as the text that IAM takes."""
    return document if isinstance(document, str) else json.dumps(document)


def sound(*names: str) -> Callable[[Props], list[tuple[str, str]]]:
    """A policy is a JSON object with statements."""

    def check(props: Props) -> list[tuple[str, str]]:
        return [(name, why) for name in names if name in props for why in policy_faults(props[name])]

    return check


def policy_faults(policy: Any) -> list[str]:
    """What IAM would call a malformed policy document."""
    if isinstance(policy, str):
        try:
            policy = json.loads(policy)
        except ValueError as error:
            return [f"is no JSON: {error}"]
    if not isinstance(policy, dict) or not (policy.get("Statement") or policy.get("statements")):
        return ["is no policy document: it has no 'Statement'"]
    statements = policy.get("Statement", [])
    listed = statements if isinstance(statements, list) else [statements]
    wrong = [s.get("Effect") for s in listed if isinstance(s, dict) and s.get("Effect") not in ("Allow", "Deny")]
    return [f"a statement's 'Effect' is 'Allow' or 'Deny', got {wrong[0]!r}"] if wrong else []
