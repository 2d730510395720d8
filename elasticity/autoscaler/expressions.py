"""CloudWatch metric math as programs for the kernel: all that gives one datapoint from one datapoint of each metric.

Source: CloudWatch user guide, using metric math. Of two series a missing datapoint counts as 0, a division by zero
gives no datapoint. Precedence is not documented: as in mathematics, `^` from the right and before a minus sign [asm].
"""

from __future__ import annotations

import ast
import dataclasses
import functools
import math
import re
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

from elasticity.autoscaler import layout
from elasticity.autoscaler.formula import of_one, of_two

LONGEST = 2_048
"""Characters of an expression (API MetricDataQuery)."""
SUPPORTED = (
    "numbers, ids of metrics, + - * / ^, comparisons, AND, OR, IF, FILL with a number, a series or REPEAT, ABS, CEIL, "
    "FLOOR, LOG, LOG10, PERIOD, TIME_SERIES, and SUM, AVG, MIN, MAX over a list such as [a, b]"
)


class ExpressionError(ValueError):
    """An expression that cannot be read or is not supported; the message says what is."""


class Instruction(NamedTuple):
    """One operation of a program in postfix order; `name` is the metric that CODE_SERIES reads."""

    operation: int
    operand: int = 0
    number: float = 0.0
    name: str = ""


Program: TypeAlias = tuple[Instruction, ...]


@dataclasses.dataclass(frozen=True)
class _Value:
    """What a part of an expression gives: its program, and whether that is a series or a number."""

    program: Program
    is_series: bool

    @property
    def number(self) -> float:
        return self.program[0].number

    @property
    def depth(self) -> int:
        """Values held at once."""
        held = maximum = 0
        for step in self.program:
            held += _TAKEN_AND_GIVEN.get(step.operation, -1 if step.operation >= layout.CODE_ADD else 0)
            maximum = max(maximum, held)
        return maximum


_TAKEN_AND_GIVEN: Mapping[int, int] = MappingProxyType(
    {layout.CODE_NUMBER: 1, layout.CODE_SERIES: 1, layout.CODE_CHOOSE: -2}
)
_Array: TypeAlias = list[_Value]
_OPERATORS: Mapping[type, int] = MappingProxyType(
    {
        ast.Add: layout.CODE_ADD,
        ast.Sub: layout.CODE_SUBTRACT,
        ast.Mult: layout.CODE_MULTIPLY,
        ast.Div: layout.CODE_DIVIDE,
        ast.Pow: layout.CODE_POWER,
        ast.Lt: layout.CODE_LESS,
        ast.LtE: layout.CODE_AT_MOST,
        ast.Gt: layout.CODE_MORE,
        ast.GtE: layout.CODE_AT_LEAST,
        ast.Eq: layout.CODE_EQUAL,
        ast.NotEq: layout.CODE_UNEQUAL,
        ast.And: layout.CODE_AND,
        ast.Or: layout.CODE_OR,
    }
)
_OF_ONE: Mapping[str, int] = MappingProxyType(
    {"ABS": layout.CODE_ABSOLUTE, "CEIL": layout.CODE_CEILING, "FLOOR": layout.CODE_FLOOR, "LOG": layout.CODE_LOGARITHM}
)
_OVER_LISTS: Mapping[str, int] = MappingProxyType(
    {"SUM": layout.CODE_ADD, "AVG": layout.CODE_ADD, "MIN": layout.CODE_MINIMUM, "MAX": layout.CODE_MAXIMUM}
)
_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)|(?P<metric>[a-z]\w*)|(?P<word>[A-Z][A-Z0-9_]*)"
    r"|(?P<sign>&&|\|\||==|!=|<=|>=|[-+*/^<>()\[\],]))",
    re.ASCII,
)
_SIGNS: Mapping[str, str] = MappingProxyType({"^": "**", "&&": "and", "||": "or", "AND": "and", "OR": "or"})


@functools.lru_cache(maxsize=4_096)
def program_of(expression: str, period: int) -> Program:
    """The program of an expression over series of `period` seconds; raises ExpressionError."""
    if len(expression) > LONGEST:
        raise ExpressionError(f"got {len(expression)} characters, allowed {LONGEST}")
    try:
        tree = ast.parse(_as_python(expression), mode="eval").body
        value = _Reader(period).read(tree)
    except (SyntaxError, RecursionError, MemoryError):
        raise ExpressionError(f"cannot be read, expected {SUPPORTED}") from None
    if isinstance(value, list):
        raise ExpressionError("gives several series, expected one: put SUM, AVG, MIN or MAX around the list")
    if not value.is_series:
        raise ExpressionError("gives a number, expected a series: name a metric")
    if value.depth > layout.DEEPEST:
        raise ExpressionError(f"holds {value.depth} values at once, allowed {layout.DEEPEST}: name parts of it")
    return value.program


def names_in(program: Program) -> tuple[str, ...]:
    """The metrics that a program reads, each once."""
    return tuple(dict.fromkeys(step.name for step in program if step.operation == layout.CODE_SERIES))


def _as_python(expression: str) -> str:
    """The same in Python's words: ids get a sign in front, so that none is a word of Python."""
    parts, place, end = [], 0, len(expression.rstrip())
    while place < end:
        found = _TOKEN.match(expression, place)
        if found is None:
            raise ExpressionError(f"cannot be read at character {place + 1}, expected {SUPPORTED}")
        place = found.end()
        text = found[0].strip()
        if found["number"]:
            text = repr(float(text))
        parts.append(f"_{text}" if found["metric"] else _SIGNS.get(text, text))
    return " ".join(parts)


def _number(value: float) -> _Value:
    return _Value((Instruction(layout.CODE_NUMBER, number=value),), is_series=False)


def _all(values: Sequence[_Value]) -> Program:
    return tuple(step for value in values for step in value.program)


class _Reader:
    """From a parsed expression to a program."""

    def __init__(self, period: int) -> None:
        self.period = period

    def read(self, node: ast.expr) -> _Value | _Array:
        match node:
            case ast.Constant(value=float(value)) if math.isfinite(value):
                return _number(value)
            case ast.Name(id=name) if name.startswith("_"):
                return _Value((Instruction(layout.CODE_SERIES, name=name[1:]),), is_series=True)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return _spread(functools.partial(_two, layout.CODE_SUBTRACT), _number(0.0), self.read(operand))
            case ast.BinOp(left=left, op=sign, right=right) if type(sign) in _OPERATORS:
                return _spread(functools.partial(_two, _OPERATORS[type(sign)]), self.read(left), self.read(right))
            case ast.Compare(left=left, ops=[sign], comparators=[right]) if type(sign) in _OPERATORS:
                return _two(_OPERATORS[type(sign)], self.single(left), self.single(right))
            case ast.BoolOp(op=sign, values=values):
                return functools.reduce(functools.partial(_two, _OPERATORS[type(sign)]), map(self.single, values))
            case ast.List(elts=items) if items:
                return self.array(items)
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
                return self.call(name, arguments)
        raise ExpressionError(f"cannot be read, expected {SUPPORTED}")

    def single(self, node: ast.expr) -> _Value:
        value = self.read(node)
        if isinstance(value, list):
            raise ExpressionError("has a list where one series is expected")
        return value

    def array(self, items: Sequence[ast.expr]) -> _Array:
        values = [self.single(item) for item in items]
        if not all(value.is_series for value in values):
            raise ExpressionError(
                "has a number in a list, which CloudWatch refuses: a list is of series, "
                "and a bound is written IF(a > 1, a, 1)"
            )
        return values

    def call(self, name: str, arguments: Sequence[ast.expr]) -> _Value | _Array:
        maximum = {"IF": 3, "FILL": 2}.get(name, 1)
        minimum = min(maximum, 2)
        if name not in _CALLS:
            raise ExpressionError(f"the simulator does not know {name}, supported are {SUPPORTED}")
        if not minimum <= len(arguments) <= maximum:
            raise ExpressionError(f"{name}: got {len(arguments)} arguments, expected {minimum} to {maximum}")
        return _CALLS[name](self, name, arguments)

    def of_one(self, name: str, arguments: Sequence[ast.expr]) -> _Value | _Array:
        if name == "LOG10":
            logarithm = self.of_one("LOG", arguments)
            return _spread(functools.partial(_two, layout.CODE_DIVIDE), logarithm, _number(math.log(10.0)))
        return _spread(functools.partial(_one, _OF_ONE[name]), self.read(arguments[0]))

    def over_list(self, name: str, arguments: Sequence[ast.expr]) -> _Value:
        values = self.read(arguments[0])
        if isinstance(values, _Value):
            raise ExpressionError(
                f"{name} of one series is a number over all points that an alarm fetches, which AWS advises against "
                f"and the simulator does not know: give a list, such as {name}([a, b])"
            )
        value = functools.reduce(functools.partial(_two, _OVER_LISTS[name]), values)
        return value if name != "AVG" else _two(layout.CODE_DIVIDE, value, _number(float(len(values))))

    def choose(self, _name: str, arguments: Sequence[ast.expr]) -> _Value:
        condition, chosen, *other = map(self.single, arguments)
        values = [condition, chosen, *(other or [_number(math.nan)])]
        if not condition.is_series:
            return values[1] if condition.number else values[2]
        return _Value((*_all(values), Instruction(layout.CODE_CHOOSE)), is_series=True)

    def fill(self, _name: str, arguments: Sequence[ast.expr]) -> _Value:
        value, filler = self.single(arguments[0]), arguments[1]
        if isinstance(filler, ast.Name) and filler.id == "REPEAT":
            return _Value((*value.program, Instruction(layout.CODE_REPEAT)), is_series=value.is_series)
        if isinstance(filler, ast.Name) and filler.id == "LINEAR":
            raise ExpressionError("FILL with LINEAR needs the point after the gap, which an alarm has not: take REPEAT")
        return _two(layout.CODE_FILL, value, self.single(filler))

    def period_of(self, _name: str, arguments: Sequence[ast.expr]) -> _Value:
        value = self.single(arguments[0])
        if len(value.program) != 1 or not value.is_series:
            raise ExpressionError("PERIOD: expected the id of a metric")
        return _number(float(self.period))

    def constant(self, _name: str, arguments: Sequence[ast.expr]) -> _Value:
        value = self.single(arguments[0])
        if value.is_series:
            raise ExpressionError("TIME_SERIES: expected a number")
        return dataclasses.replace(value, is_series=True)


_CALLS: Mapping[str, Callable[[_Reader, str, Sequence[ast.expr]], _Value | _Array]] = MappingProxyType(
    {
        **dict.fromkeys((*_OF_ONE, "LOG10"), _Reader.of_one),
        **dict.fromkeys(_OVER_LISTS, _Reader.over_list),
        "IF": _Reader.choose,
        "FILL": _Reader.fill,
        "PERIOD": _Reader.period_of,
        "TIME_SERIES": _Reader.constant,
    }
)


def _one(operation: int, value: _Value) -> _Value:
    if not value.is_series:
        return _number(of_one(operation, value.number))
    return _Value((*value.program, Instruction(operation)), is_series=True)


def _two(operation: int, left: _Value, right: _Value) -> _Value:
    if not left.is_series and not right.is_series:
        return _number(of_two(operation, 0, left.number, right.number))
    both = int(left.is_series and right.is_series)
    return _Value((*left.program, *right.program, Instruction(operation, both)), is_series=True)


def _spread(function: Callable[..., _Value], *values: _Value | _Array) -> _Value | _Array:
    """A function of single values, of each item where some of them are lists."""
    lengths = {len(value) for value in values if isinstance(value, list)}
    if not lengths:
        return function(*values)
    if len(lengths) > 1:
        raise ExpressionError("combines lists of different lengths")
    (length,) = lengths
    rows = zip(*(value if isinstance(value, list) else [value] * length for value in values), strict=True)
    return [function(*row) for row in rows]
