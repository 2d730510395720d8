"""Policy documents as inputs: their text, and what IAM would call malformed."""

import json
from collections.abc import Callable
from typing import Any

from localcloud.aws.kind import Props
from localcloud.aws.limits.policies import policy_faults


def text(document: Any) -> str:
    """A policy as the text that IAM takes."""
    return document if isinstance(document, str) else json.dumps(document)


def sound(*names: str) -> Callable[[Props], list[tuple[str, str]]]:
    """A policy is a JSON object with statements."""

    def check(props: Props) -> list[tuple[str, str]]:
        return [(name, why) for name in names if name in props for why in policy_faults(props[name])]

    return check
