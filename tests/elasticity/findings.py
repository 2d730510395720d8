"""Rules and findings as the tests of the linter write them."""

from __future__ import annotations

from typing import Any

from elasticity.checks import LintContext, check
from elasticity.rules import Elasticity

CPU: dict[str, Any] = {"metric": "cpu", "target": 60, "scale_out_cooldown": "60s"}


def rules(**content: Any) -> Elasticity:
    """Two to ten units on cpu, but for what is said."""
    return Elasticity.model_validate({"minimum": 2, "maximum": 10, "target_tracking": {"cpu": CPU}, **content})


def found(content: Elasticity, code: str, **context: Any) -> list[str]:
    """Path, severity and message of each finding of one code."""
    return [
        f"{'.'.join(map(str, one.path))} {one.severity}: {one.message}"
        for one in check(content, LintContext.model_validate(context))
        if one.code == code
    ]


def cure_of(content: Elasticity, code: str, **context: Any) -> list[str]:
    """The cures of one code."""
    return [one.cure for one in check(content, LintContext.model_validate(context)) if one.code == code]
