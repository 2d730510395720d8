"""`make bench`: measure, keep the figures in docs/performance.json, write docs/performance.md from them.

Parts as arguments measure these alone; the others keep their last figures: `python -m bench thousand simulator`.
What takes long is measured only when it is named.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from rich.table import Table

from bench import engine

ROOT = Path(__file__).parents[1]
KEPT, PAGE = ROOT / "docs" / "performance.json", ROOT / "docs" / "performance.md"
Rows = list[list[str]]


@dataclass(frozen=True)
class Part:
    """One thing to measure."""

    title: str
    measure: Callable[[], list[tuple[str, Rows]]]
    """Returns tables: a title, and rows of which the first is the head."""
    takes: str
    """How long it usually takes."""
    named_only: bool = False
    """Whether it is left out unless it is named."""


def _engine(*measures: Callable[[dict[str, Any]], None]) -> Callable[[], list[tuple[str, Rows]]]:
    def measured() -> list[tuple[str, Rows]]:
        figures: dict[str, Any] = {}
        for measure in measures:
            measure(figures)
        rows = [["figure", "measured", "goal"]]
        for name, value in figures.items():
            said = (
                ", ".join(f"{key} {each}" for key, each in value.items()) if isinstance(value, dict) else f"{value:g}"
            )
            rows.append([name, said, engine.GOALS.get(name, "")])
        return [("", rows)]

    return measured


def _rich(tables: Iterable[Table]) -> list[tuple[str, Rows]]:
    found = []
    for table in tables:
        cells = [[str(cell) for cell in column.cells] for column in table.columns]
        head = [str(column.header) for column in table.columns]
        found.append((str(table.title or ""), [head, *map(list, zip(*cells, strict=True))]))
    return found


def _simulator() -> list[tuple[str, Rows]]:
    from bench import simulator

    return _rich(simulator.tables())


def _tuning() -> list[tuple[str, Rows]]:
    from bench import tuning

    figures = tuning.figures()
    return [("", [["figure", "measured"], *([name, str(value)] for name, value in figures.items())])]


def _ensemble() -> list[tuple[str, Rows]]:
    from bench import ensemble

    return ensemble.tables()


def _fleet() -> list[tuple[str, Rows]]:
    from bench import fleet

    return fleet.tables()


def _cluster() -> list[tuple[str, Rows]]:
    from bench import fleet

    return fleet.cluster_tables()


def _fit() -> list[tuple[str, Rows]]:
    from bench import fit

    return fit.tables()


def _documentation() -> list[tuple[str, Rows]]:
    from bench import documentation

    return documentation.tables()


def _checkov() -> list[tuple[str, Rows]]:
    from bench import checkov

    return checkov.tables()


def _prowler() -> list[tuple[str, Rows]]:
    from bench import prowler

    return prowler.tables()


def _drill() -> list[tuple[str, Rows]]:
    from bench import drill

    return drill.tables()


def _teardown() -> list[tuple[str, Rows]]:
    from bench import teardown

    return teardown.tables()


def _soak() -> list[tuple[str, Rows]]:
    with tempfile.TemporaryDirectory() as folder:
        figures = Path(folder, "figures.json")
        options = ["--json", str(figures), *os.environ.get("SOAK", "").split()]
        # A kill that is not clean is a figure, and is told.
        subprocess.run([sys.executable, "-m", "tests.engine.soak", *options], cwd=ROOT, check=False)
        told: dict[str, str] = json.loads(figures.read_text())
    return [("", [["kills", "clean"], *([name, figure] for name, figure in told.items())])]


PARTS = {
    "again": Part("Seconds, an environment that is up", _engine(engine.again), "a minute"),
    "monitor": Part("`accordion monitor` on dev on the local cloud", _engine(engine.monitor), "half a minute"),
    "thousand": Part("A program of 1,001 resources on the local cloud", _engine(engine.thousand), "2 minutes"),
    "kept_steps": Part("Ways to keep states, side by side", _engine(engine.kept_steps), "6 minutes"),
    "per_resource": Part("The provider against a bare boto3 create, in one run", _engine(engine.per_resource), "10 s"),
    "simulator": Part("The simulator", _simulator, "2 minutes"),
    "tuning": Part("Tuning and sweeps", _tuning, "a minute"),
    "ensemble": Part("Bands: runs of an ensemble", _ensemble, "10 s"),
    "fleet": Part("Tuning a fleet", _fleet, "10 minutes", named_only=True),
    "cluster": Part("A fleet on a Dask cluster", _cluster, "a minute", named_only=True),
    "fit": Part("What recordings tell", _fit, "a minute"),
    "documentation": Part("The SDK's own examples of what is served", _documentation, "7 minutes"),
    "checkov": Part("checkov on what the shipped stacks register", _checkov, "5 minutes", named_only=True),
    "prowler": Part("Prowler on what stands on the local cloud", _prowler, "4 minutes", named_only=True),
    "drill": Part("The drill: deploy, break, see it, go back", _drill, "a minute", named_only=True),
    "teardown": Part("Teardowns of environments, killed", _teardown, "10 minutes", named_only=True),
    "soak": Part("Kills at random moments, and the next `up`", _soak, "a quarter of an hour", named_only=True),
    "cold": Part("A fresh clone in an empty home", _engine(engine.cold), "10 minutes"),
}


def machine() -> str:
    """The machine in words."""
    memory = psutil.virtual_memory().total / 2**30
    system = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    return f"{os.cpu_count()} cores, {memory:.0f} GiB of memory, {system}"


def _table(rows: Rows) -> list[str]:
    head, *others = (f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in rows)
    return [head, "|" + " --- |" * len(rows[0]), *others]


def render(kept: dict[str, Any]) -> str:
    """The page.

    A part may hold, beside its `tables`, what was `compared` with another build: measured once, by the way that `how`
    says, and kept when the part is measured again.
    """
    lines = [
        "# Performance",
        "",
        "Written by `make bench`; do not edit. Times depend on the machine and on what else it does: trust ratios",
        "within one table, which were measured in one run, before absolute figures. Seconds are wall time of whole",
        "commands.",
    ]
    for name, part in PARTS.items():
        if name not in kept:
            continue
        lines += ["", f"## {part.title}", "", f"{kept[name]['date']}, {kept[name]['machine']}."]
        for title, rows in kept[name]["tables"]:
            lines += ["", *([f"**{title}**", ""] if title else []), *_table(rows)]
        for each in kept[name].get("compared", []):
            lines += ["", f"**{each['title']}**", "", *textwrap.wrap(each["how"], 118), "", *_table(each["rows"])]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure the parts named, or all, and write the page after each."""
    wanted = sys.argv[1:] or [name for name, part in PARTS.items() if not part.named_only]
    if unknown := [name for name in wanted if name not in PARTS]:
        raise SystemExit(f"bench: no such part: {', '.join(unknown)}; allowed {', '.join(PARTS)}")
    kept: dict[str, Any] = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    for name in wanted:
        print(f"bench: {PARTS[name].title} (usually {PARTS[name].takes})", flush=True)  # noqa: T201 - progress
        tables = PARTS[name].measure()
        kept[name] = kept.get(name, {}) | {"date": time.strftime("%Y-%m-%d"), "machine": machine(), "tables": tables}
        KEPT.write_text(json.dumps(kept, indent=1) + "\n")
        PAGE.write_text(render(kept))
    print(f"bench: written to {PAGE.relative_to(ROOT)}")  # noqa: T201 - the result


if __name__ == "__main__":
    main()
