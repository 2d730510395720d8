"""The table of what is served of pulumi-docker, made from its types: `python -m localcloud.docker.served` writes
docs/served-docker-types.md."""

import sys
from pathlib import Path

from localcloud.docker.cloud import VERSION, DockerCloud
from localcloud.docker.kind import Kind

PAGE = Path(__file__).parents[2] / "docs" / "served-docker-types.md"
HEAD = f"""# What the local cloud serves of Docker

Made by `python -m localcloud.docker.served` from the types in `localcloud/docker`; do not edit.
A type or property that is not listed here is refused by name when it is previewed; [pulumi-docker on the local
cloud](guides/docker.md) says how they behave. **Bold**: a change replaces the resource (`*`: of a part of the
property). pulumi-docker {VERSION}.

"""


def _shown(kind: Kind, prop: str) -> str:
    forces = kind.properties.force_new
    if prop in forces:
        return f"**{prop}**"
    return f"{prop}\\*" if any(path.startswith(f"{prop}.") for path in forces) else prop


def _row(kind: Kind) -> str:
    served = [_shown(kind, prop) for prop in sorted(kind.input_schema.props) if prop not in kind.unserved]
    refused = [f"{path} ({why})" for path, why in sorted(kind.unserved.items())]
    return f"| {kind.token.rpartition(':')[2]} | {', '.join(served)} | {'; '.join(refused) or 'none'} |"


def page() -> str:
    """The whole page."""
    cloud = DockerCloud(None)
    rows = [_row(kind) for _, kind in sorted(cloud.resources.items())]
    refused = [f"| {token.rpartition(':')[2]} | {why} |" for token, why in sorted(cloud.reasons.items())]
    functions = [f"- `{token}`" for token in sorted(cloud.functions)]
    lines = ["| type | served | refused |", "|---|---|---|", *rows, "", "## Types that are refused, and why", ""]
    return HEAD + "\n".join([*lines, "| type | why |", "|---|---|", *refused, "", "## Functions", "", *functions, ""])


def main() -> int:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")
    sys.stdout.write(f"wrote {PAGE}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
