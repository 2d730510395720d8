"""A table that breaks no word: its columns share the width by their longest words; where these have no room beside each
other, each row becomes lines."""

from __future__ import annotations

from collections.abc import Iterator

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

_BETWEEN = 2
"""Characters that a column takes beside its text."""


class FittedTable(Table):
    """A table without lines, its title above it, its headings first."""

    def __init__(self, title: str = "") -> None:
        super().__init__(box=None, pad_edge=False)
        self.above = title
        """Markup."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if self.above:
            yield Text.from_markup(self.above, style="table.title")
        widths = self._fitting(options.max_width)
        if widths is None:
            yield from self._as_lines()
            return
        for column, width in zip(self.columns, widths, strict=True):
            column.width, column.no_wrap = width, False  # cells have their room, headings may wrap
        yield from super().__rich_console__(console, options)

    def _cells(self) -> Iterator[list[Text]]:
        """By row, without the headings."""
        for cells in zip(*(column.cells for column in self.columns), strict=True):
            yield [Text.from_markup(str(cell)) for cell in cells]

    def _fitting(self, most: int) -> list[int] | None:
        """Of each column the characters that it gets; None where their longest words have no room."""
        headings = [Text.from_markup(str(column.header)).plain for column in self.columns]
        rows = [[cell.plain for cell in cells] for cells in self._cells()]
        natural, least = [], []
        for place, column in enumerate(self.columns):
            cells = [row[place] for row in rows]
            natural.append(max(map(cell_len, [headings[place], *cells])))
            whole = cells if column.no_wrap else [word for cell in cells for word in cell.split()]
            least.append(max(map(cell_len, [*headings[place].split(), *whole]), default=0))
        room = most - _BETWEEN * len(self.columns)
        if sum(least) > room:
            return None
        widths = natural
        while sum(widths) > room:
            widest = max(range(len(widths)), key=lambda place: (widths[place] - least[place], widths[place]))
            widths[widest] -= 1
        return widths

    def _as_lines(self) -> Iterator[Text | Padding]:
        headings = [Text.from_markup(str(column.header)).plain for column in self.columns]
        for cells in self._cells():
            told = [(heading, cell) for heading, cell in zip(headings, cells, strict=True) if cell.plain]
            for place, (heading, cell) in enumerate(told):
                if not place:
                    yield cell
                    continue
                line = Text(f"{heading}: " if heading else "")
                line.append_text(cell)
                yield Padding(line, (0, 0, 0, 2), expand=False)
