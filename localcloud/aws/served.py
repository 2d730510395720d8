"""The table of what the local cloud serves, made from the rows: `python -m localcloud.aws.served` writes
docs/served-types.md."""

import sys
from pathlib import Path

from localcloud.aws import unserved
from localcloud.aws.cloud import VERSION
from localcloud.aws.kind import META_ARGUMENTS, Kind
from localcloud.aws.kinds import INVOKES, KINDS
from localcloud.provider import schema

PAGE = Path(__file__).parents[2] / "docs" / "served-types.md"
HEAD = """# What the local cloud serves

Made by `python -m localcloud.aws.served` from the rows in `localcloud/aws/kinds`; do not edit.
A type or property that is not listed here is refused by name when it is previewed; `guides/adding-a-resource-type.md`
says how to add one. **Bold**: a change replaces the resource (`*`: of a part of the property). pulumi-aws {version}.

{types} types, {properties} properties, {functions} functions.
"""


def properties(kind: Kind) -> tuple[list[str], list[str]]:
    """The inputs of a type that are served, and those that are not."""
    inputs = sorted(schema.inputs(kind.token).props.keys() - META_ARGUMENTS)
    return [p for p in inputs if kind.serves(p)], [p for p in inputs if not kind.serves(p)]


def _shown(kind: Kind, prop: str) -> str:
    if prop in kind.properties.force_new:
        return f"**{prop}**"
    return f"{prop}\\*" if any(path.startswith(f"{prop}.") for path in kind.properties.force_new) else prop


def _row(kind: Kind) -> str:
    served, unserved = properties(kind)
    nested = sorted(path for path in kind.translation.unserved if "." in path)
    shown = ", ".join(_shown(kind, p) for p in served)
    return f"| {kind.token.split(':')[-1]} | {shown} | {', '.join([*unserved, *nested]) or 'none'} |"


def page() -> str:
    """The whole page."""
    count = sum(len(properties(kind)[0]) for kind in KINDS.values())
    lines = [HEAD.format(version=VERSION, types=len(KINDS), properties=count, functions=len(INVOKES))]
    modules = sorted({token.split("/")[0].removeprefix("aws:") for token in KINDS})
    for module in modules:
        lines += [f"## {module}\n", "| type | served | refused |", "|---|---|---|"]
        lines += [_row(KINDS[token]) for token in sorted(KINDS) if token.startswith(f"aws:{module}/")]
        lines.append("")
    lines += ["## Types of these services that are refused, and why\n", "| type | why |", "|---|---|"]
    lines += [f"| {token.removeprefix('aws:')} | {why} |" for token, why in sorted(unserved.reasons())]
    lines += ["", "## Functions\n", *(f"- `{token}`" for token in sorted(INVOKES)), ""]
    return "\n".join(lines)


def main() -> int:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")
    sys.stdout.write(f"wrote {PAGE}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
