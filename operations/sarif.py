"""Findings as SARIF 2.1.0, the form that code hosts show on the changed line.

Source: OASIS, Static Analysis Results Interchange Format 2.1.0; GitHub, SARIF support for code scanning.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from elasticity.checks import CODES, Severity
from elasticity.faults import Fault
from stacks import configuration

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
SETTINGS = "settings"
"""Rule of a stack file that cannot be read or breaks its schema."""
REVIEW: Mapping[str, tuple[Severity, str, str]] = MappingProxyType(
    {
        "RV001": ("warning", "a resource is replaced", "what stands in it, or refers to it, goes with the old one"),
        "RV002": ("warning", "a resource is deleted", "what it kept goes with it"),
        "RV003": ("error", "a guardrail no longer holds", "the policy pack would refuse the deployment"),
        "RV004": ("error", "an expectation is broken", "the rules no longer keep what the stack file expects of them"),
        "RV005": ("error", "the program refuses", "the stack could not be deployed as it stands"),
    }
)
"""Codes of `accordion review`, beside those of the linter: severity, title and reason of each."""


def sarif(reports: Sequence[Fault], version: str) -> dict[str, Any]:
    """One run of the linter: every code as a rule, every finding as a result.

    Accepted findings are left out: GitHub opens an alert for a suppressed result too (codeql-action#1230), and closes
    an alert only when its result is gone.
    """
    rules = [_rule(code, about.severity, about.title, about.reason) for code, about in CODES.items()]
    rules += [_rule(code, *about) for code, about in {**configuration.CODES, **REVIEW}.items()]
    rules.append(_rule(SETTINGS, "error", "settings that cannot be", "the program would refuse the stack file"))
    index = {rule["id"]: position for position, rule in enumerate(rules)}
    seen: Counter[tuple[str, ...]] = Counter()
    results = []
    for report in reports:
        if report.accepted is None:
            place = (report.code or SETTINGS, report.file, report.key)
            results.append(_result(report, index[place[0]], _digest(*place, str(seen[place]))))
            seen[place] += 1
    driver = {"name": "accordion", "semanticVersion": version, "rules": rules}
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": driver},
                "columnKind": "utf16CodeUnits",
                "results": results,
            }
        ],
    }


def _rule(identity: str, level: Severity, title: str, reason: str) -> dict[str, Any]:
    return {
        "id": identity,
        "name": "".join(word.capitalize() for word in re.findall("[A-Za-z0-9]+", title)),
        "shortDescription": {"text": title},
        "fullDescription": {"text": reason},
        "help": {"text": f"{title}: {reason}. Examples and cures: {_page(identity)}"},
        "defaultConfiguration": {"level": level},
    }


def _page(identity: str) -> str:
    if identity in configuration.CODES:
        return "docs/guides/configuration.md"
    return "docs/guides/review.md" if identity in REVIEW else "docs/findings.md"


def _result(report: Fault, rule: int, fingerprint: str) -> dict[str, Any]:
    identity = report.code or SETTINGS
    place: dict[str, Any] = {
        "physicalLocation": {
            "artifactLocation": {"uri": _uri(report.file), "uriBaseId": "%SRCROOT%"},
            "region": {"startLine": report.line or 1},
        }
    }
    if report.path:
        place["logicalLocations"] = [{"fullyQualifiedName": report.key, "kind": "member"}]
    return {
        "ruleId": identity,
        "ruleIndex": rule,
        "level": report.severity,
        "message": {"text": report.text},
        "locations": [place],
        # Without line and numbers: a finding stays the same one when the file grows above it.
        "partialFingerprints": {"finding/v1": fingerprint},
    }


def _uri(file: str) -> str:
    """The file from this folder on, where it lies below it: code hosts want that, also of a file named in full."""
    path, here = Path(file), Path.cwd()
    return quote((path.relative_to(here) if path.is_relative_to(here) else path).as_posix())


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]
