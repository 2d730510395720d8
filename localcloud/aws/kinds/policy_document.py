"""`aws.iam.getPolicyDocument`: a pure function from blocks to the JSON of an IAM policy."""

import hashlib
import json
from typing import Any

from localcloud.aws.client import Aws, Refused
from localcloud.aws.kind import Props

VERSION = "2012-10-17"
_LISTS = {"actions": "Action", "notActions": "NotAction", "resources": "Resource", "notResources": "NotResource"}


def _one_or_all(values: list[Any]) -> Any:
    """A list of one is written as its element, longer ones in falling order, as the official provider writes them."""
    return values[0] if len(values) == 1 else sorted(values, reverse=True)


def _principals(blocks: list[Props]) -> Any:
    if any(block["type"] == "*" and block["identifiers"] == ["*"] for block in blocks):
        return "*"
    merged: dict[str, list[str]] = {}
    for block in blocks:
        merged.setdefault(block["type"], []).extend(block["identifiers"])
    return {kind: _one_or_all(names) for kind, names in sorted(merged.items())}


def _conditions(blocks: list[Props]) -> Props:
    merged: dict[str, dict[str, list[str]]] = {}
    for block in blocks:
        merged.setdefault(block["test"], {}).setdefault(block["variable"], []).extend(block["values"])
    return {
        test: {variable: values[0] if len(values) == 1 else values for variable, values in sorted(variables.items())}
        for test, variables in sorted(merged.items())
    }


def _statement(block: Props) -> Props:
    out: Props = {"Sid": block["sid"]} if block.get("sid") else {}
    out["Effect"] = block.get("effect") or "Allow"
    if out["Effect"] not in ("Allow", "Deny"):
        raise Refused(f"statements.effect: {out['Effect']!r} is not allowed; allowed are Allow, Deny")
    out |= {member: _one_or_all(block[name]) for name, member in _LISTS.items() if block.get(name)}
    for name, member in (("principals", "Principal"), ("notPrincipals", "NotPrincipal")):
        if block.get(name):
            out[member] = _principals(block[name])
    return out | ({"Condition": _conditions(block["conditions"])} if block.get("conditions") else {})


def _merged(documents: list[str], *, override: bool, onto: list[Props]) -> list[Props]:
    """The statements of whole documents; one with a Sid that is there replaces it, or is refused."""
    found = list(onto)
    for document in documents:
        parsed = json.loads(document).get("Statement", [])
        for statement in parsed if isinstance(parsed, list) else [parsed]:
            same = [i for i, other in enumerate(found) if statement.get("Sid") and other.get("Sid") == statement["Sid"]]
            if same and not override:
                raise Refused(f"sourcePolicyDocuments: duplicate Sid {statement['Sid']!r}")
            found = [statement if i in same else other for i, other in enumerate(found)] + ([] if same else [statement])
    return found


def policy_document(aws: Aws, arguments: Props) -> Props:
    """The document of the blocks, with whole documents before and over them."""
    statements = _merged(arguments.get("sourcePolicyDocuments") or [], override=False, onto=[])
    for statement in [_statement(block) for block in arguments.get("statements") or ()]:
        statements = _merged([json.dumps({"Statement": [statement]})], override=True, onto=statements)
    statements = _merged(arguments.get("overridePolicyDocuments") or [], override=True, onto=statements)
    document: Props = {"Version": arguments.get("version") or VERSION}
    document |= {"Id": arguments["policyId"]} if arguments.get("policyId") else {}
    document["Statement"] = statements
    compact = json.dumps(document, separators=(",", ":"))
    return {
        **arguments,
        "id": hashlib.sha256(compact.encode()).hexdigest()[:10],
        "json": json.dumps(document, indent=2),
        "minifiedJson": compact,
    }


INVOKES = {"aws:iam/getPolicyDocument:getPolicyDocument": policy_document}
