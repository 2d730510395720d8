"""Metric math: one datapoint from one datapoint of each metric, by a program in postfix order.

Source: CloudWatch user guide, using metric math. NaN stands for no datapoint.
"""

from __future__ import annotations

import math

from elasticity.autoscaler.layout import (
    CODE_ABSOLUTE,
    CODE_ADD,
    CODE_AND,
    CODE_AT_LEAST,
    CODE_AT_MOST,
    CODE_CEILING,
    CODE_CHOOSE,
    CODE_DIVIDE,
    CODE_EQUAL,
    CODE_FILL,
    CODE_LOGARITHM,
    CODE_MAXIMUM,
    CODE_MINIMUM,
    CODE_MORE,
    CODE_MULTIPLY,
    CODE_NUMBER,
    CODE_OR,
    CODE_POWER,
    CODE_REPEAT,
    CODE_SERIES,
    CODE_SUBTRACT,
    CODE_UNEQUAL,
    Reals,
    State,
    Tables,
    hot,
)

WHOLE = 4_503_599_627_370_496.0
"""2 to the 52: floats from here on are whole numbers."""
LARGEST_EXPONENT = 709.0
"""e to a larger power is no float."""
NO_POINT = math.nan


def divided(left: float, right: float) -> float:
    """Left over right; no datapoint for a division by zero."""
    return NO_POINT if right == 0.0 else left / right


def raised(base: float, exponent: float) -> float:
    """Base to a power; no datapoint where there is no such real number, or none that a float holds."""
    if base == 0.0:
        return NO_POINT if exponent < 0.0 else 1.0 if exponent == 0.0 else 0.0
    if base < 0.0 and abs(exponent) < WHOLE and exponent != math.floor(exponent):
        return NO_POINT
    if exponent * math.log(abs(base)) > LARGEST_EXPONENT:
        return NO_POINT
    return float(base**exponent)


def of_one(operation: int, value: float) -> float:
    """A function of one datapoint; none of none."""
    if value != value:
        return NO_POINT
    if operation == CODE_ABSOLUTE:
        return abs(value)
    if operation == CODE_LOGARITHM:
        return math.log(value) if value > 0.0 else NO_POINT
    if abs(value) >= WHOLE:
        return value
    return float(math.ceil(value)) if operation == CODE_CEILING else float(math.floor(value))


def compared(operation: int, left: float, right: float) -> float:
    """1 where the comparison or the logical operator holds, else 0."""
    holds = left < right
    if operation == CODE_AND:
        holds = left != 0.0 and right != 0.0
    elif operation == CODE_OR:
        holds = left != 0.0 or right != 0.0
    elif operation == CODE_AT_MOST:
        holds = left <= right
    elif operation == CODE_MORE:
        holds = left > right
    elif operation == CODE_AT_LEAST:
        holds = left >= right
    elif operation == CODE_EQUAL:
        holds = left == right
    elif operation == CODE_UNEQUAL:
        holds = left != right
    return 1.0 if holds else 0.0


def of_two(operation: int, both_series: int, left: float, right: float) -> float:
    """An operator on two datapoints. Of two series the missing one counts as 0; beside a number there is none."""
    no_left, no_right = left != left, right != right
    if operation == CODE_FILL:
        return right if no_left else left
    if no_left and no_right:
        return NO_POINT
    if operation in (CODE_MAXIMUM, CODE_MINIMUM):
        if no_left or no_right:
            return right if no_left else left
        return min(left, right) if operation == CODE_MINIMUM else max(left, right)
    if no_left or no_right:
        if not both_series:
            return NO_POINT
        left, right = 0.0 if no_left else left, 0.0 if no_right else right
    if operation == CODE_ADD:
        return left + right
    if operation == CODE_SUBTRACT:
        return left - right
    if operation == CODE_MULTIPLY:
        return left * right
    if operation == CODE_DIVIDE:
        return divided(left, right)
    if operation == CODE_POWER:
        return raised(left, right)
    return compared(operation, left, right)


@hot
def place_of(tables: Tables, signal: int, datapoint: int) -> int:
    """Where in the rings a signal has its datapoint of this number."""
    return tables.signal_ring[signal] + (datapoint & tables.clock_ring_mask[tables.signal_clock[signal]])


def calculated(tables: Tables, state: State, points: Reals, signal: int) -> float:
    """The datapoint of a calculated signal, from those of its metrics that have closed at the same instant."""
    stack, top = state.stack, 0
    for place in range(tables.signal_code_from[signal], tables.signal_code_to[signal]):
        operation, operand = tables.code_operation[place], tables.code_operand[place]
        if operation == CODE_NUMBER:
            stack[top] = tables.code_number[place]
            top += 1
        elif operation == CODE_SERIES:
            newest = state.closed[tables.signal_clock[operand]] - 1
            stack[top] = points[place_of(tables, operand, newest)]
            top += 1
        elif operation == CODE_CHOOSE:
            top -= 2
            condition, chosen, other = stack[top - 1], stack[top], stack[top + 1]
            if condition == condition:
                stack[top - 1] = other if condition == 0.0 else chosen if chosen == chosen else 0.0
        elif operation == CODE_REPEAT:
            if stack[top - 1] == stack[top - 1]:
                state.kept[place] = stack[top - 1]
            else:
                stack[top - 1] = state.kept[place]
        elif operation >= CODE_ADD:
            top -= 1
            stack[top - 1] = of_two(operation, operand, stack[top - 1], stack[top])
        else:
            stack[top - 1] = of_one(operation, stack[top - 1])
    return stack[0] if abs(stack[0]) < math.inf else NO_POINT
