"""The parts of inputs, and inputs with another part: what laws over inputs are told with."""

from collections.abc import Iterator
from typing import Any


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths of everything in inputs, blocks and lists included."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, one in inner:
        yield (*path, name)
        yield from places(one, (*path, name))


def replaced(value: Any, path: tuple[Any, ...], by: Any) -> Any:
    head, *rest = path
    new = by if not rest else replaced(value[head], tuple(rest), by)
    if isinstance(value, list):
        return [new if i == head else one for i, one in enumerate(value)]
    return {name: new if name == head else one for name, one in value.items()}
