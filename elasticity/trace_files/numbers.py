"""Numbers as exports write them: grouped thousands, decimal commas, K and M, a unit behind."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Final

from elasticity.trace_files.faults import Faults
from elasticity.trace_files.meaning import UNITS, Per

MISSING = frozenset({"", "-", "null", "none", "nan", "n/a", "na", "no data", "undefined"})
_SCALES: Mapping[str, float] = {"K": 1e3, "k": 1e3, "M": 1e6, "Mil": 1e6, "B": 1e9, "Bil": 1e9, "G": 1e9, "T": 1e12}
_WRITTEN = re.compile(r"([+-]?[\d.,'\u00a0\u202f]*\d)[ \u00a0]*(K|k|M|Mil|B|Bil|G|T)?(?:[ \u00a0]*([^\d\s.,][^\d]*?))?")
_PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_GROUPED = {
    ",": re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?"),
    ".": re.compile(r"[+-]?\d{1,3}(\.\d{3})+(,\d+)?"),
    "'": re.compile(r"[+-]?\d{1,3}(['\u00a0\u202f]\d{3})+([.,]\d+)?"),
}
_COMMA = re.compile(r"[+-]?\d+,\d+")
EXPECTED: Final = "expected a number from 0 up, or nothing where it is missing"


def is_number(cell: str) -> bool:
    """Whether Python reads it as a number, Python's own way to group digits apart."""
    try:
        float(cell)
    except ValueError:
        return False
    return "_" not in cell


class Column:
    """The cells of one column as numbers; what they share (decimal sign, unit) is found from all of them."""

    def __init__(self, name: str, cells: Sequence[str], lines: Sequence[int], *, load: bool, semicolons: bool) -> None:
        self.name = name
        self.per: Per | None = None
        """What the unit behind the numbers says."""
        self.no_load = ""
        """The unit, where it is none of requests."""
        self.rounded = False
        """Whether K or M stand behind numbers."""
        self._cells, self._lines, self._load, self._semicolons = cells, lines, load, semicolons

    def read(self, faults: Faults) -> list[float]:
        """Values, NaN where one is missing; a load has none below 0."""
        values = []
        odd: list[int] = []
        for place, cell in enumerate(self._cells):
            try:
                value = float(cell)
            except ValueError:
                odd.append(place)
                values.append(math.nan)
                continue
            if "_" in cell or math.isinf(value) or (self._load and value < 0):
                faults.add(self._lines[place], self._fault(cell, value if "_" not in cell else None))
            elif self._semicolons and _GROUPED["."].fullmatch(cell.strip()):
                odd.append(place)
            values.append(value)
        written = [(place, self._cells[place].strip()) for place in odd]
        written = [(place, cell) for place, cell in written if cell.lower() not in MISSING]
        if written:
            self._read_written(written, values, faults)
        return values

    def _read_written(self, written: list[tuple[int, str]], values: list[float], faults: Faults) -> None:
        """What Python's own reader does not take."""
        matches = [(place, cell, _WRITTEN.fullmatch(cell)) for place, cell in written]
        digits = [match[1] for _, _, match in matches if match is not None]
        comma = self._comma(digits)
        if comma is None:
            faults.add(self._lines[written[0][0]], f"{self.name}: {_EITHER}")
            return
        units: set[str] = set()
        for place, cell, match in matches:
            value = None if match is None else _value(match[1], comma)
            unit = "" if match is None or match[3] is None else match[3].strip().lower()
            if value is None or match is None or (unit and unit not in UNITS):
                faults.add(self._lines[place], self._fault(cell, None))
                continue
            value *= _SCALES.get(match[2] or "", 1.0)
            self.rounded = self.rounded or match[2] is not None
            units.update({unit} - {""})
            if math.isinf(value) or (self._load and value < 0):
                faults.add(self._lines[place], self._fault(cell, value))
                continue
            values[place] = value
        kinds = {UNITS[unit] for unit in units}
        if len(kinds) > 1:
            faults.add(self._lines[written[0][0]], f"{self.name}: got numbers of several units, expected one unit")
        elif kinds:
            (kind,) = kinds
            self.per, self.no_load = (None, next(iter(units))) if kind == "" else (kind, "")

    def _comma(self, digits: Sequence[str]) -> bool | None:
        """Whether a comma is the decimal sign; None where it could be either."""
        commas = [text for text in digits if "," in text]
        points = [text for text in digits if "." in text]
        grouped = all(_GROUPED[","].fullmatch(text) for text in commas)
        if commas and not grouped:
            return True
        if commas and any("." in text for text in commas):
            return False
        if self._semicolons:
            if commas:  # 1,234 and nothing that tells
                return None if not any("." in text for text in digits) else False
            if points and all(_GROUPED["."].fullmatch(text) for text in points):
                return None if all(text.count(".") == 1 for text in points) else True
        return False

    def _fault(self, cell: str, value: float | None) -> str:
        if value is None and not is_number(cell):
            kind = "text"
        else:
            kind = "a negative number" if float(cell if value is None else value) < 0 else "no finite number"
        return f"{self.name}: got {kind}, {EXPECTED}"


_EITHER = (
    "the numbers can be read two ways, 1.234 or 1,234 as a little more than one or as more than a thousand: "
    "export them without grouping"
)


def _value(text: str, comma: bool) -> float | None:
    """A number whose decimal sign is known; None where it is none."""
    grouped = _GROUPED["." if comma else ","]
    if _GROUPED["'"].fullmatch(text):
        text = re.sub("['\u00a0\u202f]", "", text)
    elif grouped.fullmatch(text):
        text = text.replace("." if comma else ",", "")
    if comma:
        if _COMMA.fullmatch(text):
            text = text.replace(",", ".")
        elif "." in text:
            return None
    return float(text) if _PLAIN.fullmatch(text) else None
