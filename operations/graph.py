"""`accordion graph`: a picture of a stack from its state: components as boxes, what each made, who depends on whom."""

from __future__ import annotations

import html
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from elasticity.input_files import InputFileError, read_bytes
from operations.failures import CannotRun
from operations.files import write_atomically
from operations.options import FILE

LARGEST = 256 << 20
"""Bytes of a state that are read: the state of ten thousand resources takes about thirty million."""

CHARACTER, LINE, PADDING, GAP = 6.6, 17, 12, 70
"""Width of a character, height of a line, inside and between boxes; in pixels at 11 px text."""


@dataclass
class Box:
    """One component, or the resources that belong to none."""

    urn: str
    name: str
    kind: str
    contents: Counter[str] = field(default_factory=Counter)
    """Short type name to how many there are."""
    needs: set[str] = field(default_factory=set)
    """URNs of boxes that it depends on."""

    @property
    def lines(self) -> list[str]:
        """What stands in the box, most frequent types first."""
        ordered = sorted(self.contents.items(), key=lambda entry: (-entry[1], entry[0]))
        return [f"{count} x {kind}" if count > 1 else kind for kind, count in ordered]

    @property
    def width(self) -> float:
        """Pixels."""
        return max(len(text) for text in (f"{self.kind} {self.name}", *self.lines)) * CHARACTER + 2 * PADDING

    @property
    def height(self) -> float:
        """Pixels."""
        return (len(self.lines) + 1) * LINE + 2 * PADDING


def boxes(state: Mapping[str, Any]) -> list[Box]:
    """The components of a `stack export`, with their resources folded in.

    A component inside a component belongs to the outer one; resources outside any component, but for the stack and its
    providers, form boxes of their own.
    """
    resources = {resource["urn"]: resource for resource in state["deployment"].get("resources", ())}
    home: dict[str, str] = {}
    found: dict[str, Box] = {}
    for urn, resource in resources.items():
        if resource["type"].startswith("pulumi:"):
            continue
        top = _outermost(urn, resources)
        home[urn] = top
        box = found.setdefault(top, Box(top, _name(top), _kind(resources[top]["type"])))
        if urn != top or resource.get("custom"):
            box.contents[_kind(resource["type"])] += 1
    for urn, top in home.items():
        needs = {home[other] for other in resources[urn].get("dependencies", ()) if other in home}
        found[top].needs |= needs - {top}
    return sorted(found.values(), key=lambda box: box.name)


def svg(state: Mapping[str, Any], title: str) -> str:
    """The picture as SVG that follows the reader's light or dark scheme."""
    columns = _columns(boxes(state))
    places: dict[str, tuple[float, float, Box]] = {}
    x, bottom = PADDING * 2.0, 0.0
    for column in columns:
        y = 58.0
        for box in column:
            places[box.urn] = (x, y, box)
            y += box.height + GAP / 2
        bottom = max(bottom, y)
        x += max(box.width for box in column) + GAP
    arrows = [_arrow(places[need], place) for place in places.values() for need in sorted(place[2].needs)]
    drawn = [_box(*place) for place in places.values()]
    size = f'viewBox="0 0 {x - GAP + 2 * PADDING:.0f} {bottom - GAP / 2 + 2 * PADDING:.0f}"'
    return "\n".join([_HEAD.format(size=size, title=html.escape(title)), *arrows, *drawn, "</svg>", ""])


def mermaid(state: Mapping[str, Any], title: str) -> str:
    """The picture as a Mermaid flowchart, which code hosts draw in Markdown; source: Mermaid, flowchart syntax."""
    found = boxes(state)
    places = {box.urn: f"box{number}" for number, box in enumerate(found)}
    said = title.translate(_MERMAID_TITLE)
    lines = ["---", f'title: "{said}"', "---", "flowchart LR"]
    for box in found:
        texts = "<br>".join(_mermaid_text(text) for text in [f"{box.kind} {box.name}", *box.lines])
        lines.append(f'    {places[box.urn]}["{texts}"]')
    lines += [f"    {places[need]} --> {places[box.urn]}" for box in found for need in sorted(box.needs)]
    return "\n".join(lines) + "\n"


_MERMAID_TITLE = str.maketrans({'"': "'", "\\": "/", "\n": " "})


def _mermaid_text(text: str) -> str:
    """Text in a box: what Mermaid or HTML would read otherwise is written by its number."""
    return "".join(each if each.isalnum() or each in " -_./" else f"#{ord(each)};" for each in text)


FORMATS = {"svg": svg, "mermaid": mermaid}


def _outermost(urn: str, resources: Mapping[str, Any]) -> str:
    top, seen = urn, {urn}
    while (parent := resources[top].get("parent")) in resources and not resources[parent]["type"].startswith("pulumi:"):
        if parent in seen:
            raise ValueError("a resource is its own parent")
        seen.add(parent)
        top = parent
    return top


def _name(urn: str) -> str:
    return urn.rsplit("::", 1)[1]


def _kind(token: str) -> str:
    return token.rsplit(":", 1)[1]


def _columns(found: list[Box]) -> list[list[Box]]:
    """Boxes by how many steps they are from what needs nothing."""
    depth: dict[str, int] = {}
    by_urn = {box.urn: box for box in found}

    def steps(box: Box) -> int:
        if box.urn not in depth:
            depth[box.urn] = 0  # a circle between components ends here
            depth[box.urn] = 1 + max((steps(by_urn[need]) for need in box.needs), default=-1)
        return depth[box.urn]

    for box in found:
        steps(box)
    return [[box for box in found if depth[box.urn] == level] for level in range(max(depth.values(), default=-1) + 1)]


def _box(x: float, y: float, box: Box) -> str:
    texts = [
        f'<text x="{x + PADDING:.1f}" y="{y + PADDING + LINE * (number + 1) - 5:.1f}"'
        f' class="{"head" if number == 0 else "line"}">{html.escape(text)}</text>'
        for number, text in enumerate([f"{box.kind} {box.name}", *box.lines])
    ]
    rectangle = f'<rect x="{x:.1f}" y="{y:.1f}" width="{box.width:.1f}" height="{box.height:.1f}" rx="6"/>'
    return "\n".join([rectangle, *texts])


def _arrow(source: tuple[float, float, Box], target: tuple[float, float, Box]) -> str:
    left, begin = source[0] + source[2].width, source[1] + PADDING + LINE / 2
    right, end = target[0] - 5, target[1] + PADDING + LINE / 2
    middle = (left + right) / 2
    curve = f"M{left:.1f},{begin:.1f} C{middle:.1f},{begin:.1f} {middle:.1f},{end:.1f} {right:.1f},{end:.1f}"
    return f'<path d="{curve}"/>'


_HEAD = """<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="ui-monospace, Menlo, Consolas, monospace">
<title>{title}</title>
<style>
  text {{ font-size: 11px; fill: #1f2328; }}
  .head {{ font-weight: 700; }}
  .title {{ font-size: 14px; font-weight: 700; }}
  rect {{ fill: #f6f8fa; stroke: #57606a; }}
  .ground {{ fill: #ffffff; stroke: none; }}
  path {{ fill: none; stroke: #8c959f; stroke-width: 1.3; marker-end: url(#tip); }}
  marker path {{ fill: #8c959f; marker-end: none; }}
  @media (prefers-color-scheme: dark) {{
    text {{ fill: #e6edf3; }}
    rect {{ fill: #161b22; stroke: #8b949e; }}
    .ground {{ fill: #0d1117; }}
    path {{ stroke: #6e7681; }}
    marker path {{ fill: #6e7681; }}
  }}
</style>
<defs>
  <marker id="tip" markerWidth="7" markerHeight="7" refX="5" refY="3.5" orient="auto">
    <path d="M0,0 L7,3.5 L0,7 z"/>
  </marker>
</defs>
<rect class="ground" x="0" y="0" width="100%" height="100%"/>
<text x="24" y="34" class="title">{title}</text>"""


@click.command()
@click.argument("state", type=FILE, default="-")
@click.option("--format", "form", type=click.Choice(list(FORMATS)), default="svg", help="Of the picture.")
@click.option("--title", default="", help="Stands above the picture; without it the stack's name.")
@click.option("--output", type=FILE, help="Write it to a file.")
def command(state: Path, form: str, title: str, output: Path | None) -> None:
    """Draw a stack from its state, as `pulumi stack export` prints it.

    \b
        accordion local stack export --stack dev | accordion graph --output dev.svg
    """
    name, content = _read(state)
    try:
        exported = json.loads(content)
        picture = FORMATS[form](exported, title or _stack_of(exported))
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError):
        raise CannotRun(f"{name}: not the state of a stack; give what `pulumi stack export` prints") from None
    if output is None:
        click.echo(picture, nl=False)
    else:
        write_atomically(output, picture)


def _read(state: Path) -> tuple[str, bytes]:
    """What a state is called, and its content."""
    if str(state) != "-":
        try:
            return str(state), read_bytes(state, maximum=LARGEST)
        except FileNotFoundError:
            raise CannotRun(f"{state}: there is no such file") from None
        except InputFileError as error:
            raise CannotRun(f"{state}: {error}, or `-` for standard input") from None
    with click.open_file("-", "rb") as given:
        content = given.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise CannotRun(f"<stdin>: is larger than {LARGEST >> 20} MiB, the most that is read")
    return "<stdin>", content


def _stack_of(state: Mapping[str, Any]) -> str:
    urn = next((resource["urn"] for resource in state["deployment"].get("resources", ())), "urn:pulumi:empty::stack::")
    return f"{urn.split('::')[1]} {urn.split('::')[0].rsplit(':', 1)[1]}"
