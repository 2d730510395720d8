"""The kinds of checks that the tables are made of. Paths: `ingress[].protocol` is the protocol of each rule."""

import ipaddress
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from localcloud.provider.wire import is_unknown

Props = dict[str, Any]
Fault = tuple[str, str]
Check = Callable[[Props], Iterable[Fault]]
STAND_IN = re.compile(r"placeholder-[0-9a-f]{12}")
"""What the local cloud puts in the place of a secret that it does not decrypt; the secret's own form is not known."""


def each(value: Any, path: str, at: str = "") -> Iterator[tuple[str, Any]]:
    """(path with indexes, value) of everything known that a path leads to."""
    head, _, rest = path.partition(".")
    name, many = head.removesuffix("[]"), head.endswith("[]")
    if not isinstance(value, dict) or value.get(name) is None or is_unknown(value[name]):
        return
    here = f"{at}.{name}" if at else name
    inner = value[name] if isinstance(value[name], list | tuple) else [value[name]]
    found = [(f"{here}[{i}]", v) for i, v in enumerate(inner)] if many else [(here, value[name])]
    for place, one in found:
        if is_unknown(one) or one is None:
            continue
        if rest:
            yield from each(one, rest, place)
        else:
            yield place, one


def number(value: Any) -> float | None:
    """The value as a number, when it is one or a text of one."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return float(value)
    except ValueError:
        return None


def within(path: str, low: float, high: float, unit: str = "", *, also: frozenset[float] = frozenset()) -> Check:
    """A number between two bounds, both allowed; `also` lists numbers beside them."""
    more = "".join(f" or {value:g}" for value in sorted(also))

    def check(props: Props) -> Iterator[Fault]:
        for place, value in each(props, path):
            found = number(value)
            if found is not None and not low <= found <= high and found not in also:
                yield place, f"{found:g} is not within {low:.10g} to {high:.10g}{f' {unit}' if unit else ''}{more}"

    return check


def at_least(path: str, low: float) -> Check:
    """A number that is not below a bound."""

    def check(props: Props) -> Iterator[Fault]:
        for place, value in each(props, path):
            found = number(value)
            if found is not None and found < low:
                yield place, f"{found:g} is below {low:g}, the least that is allowed"

    return check


def one_of(path: str, *allowed: str, also: str | None = None) -> Check:
    """A text from a list, or one that matches `also`."""
    pattern = re.compile(also) if also else None

    def check(props: Props) -> Iterator[Fault]:
        for place, value in each(props, path):
            if isinstance(value, str) and value not in allowed and not (pattern and pattern.fullmatch(value)):
                yield place, f"{value!r} is not allowed; allowed are {', '.join(allowed)}"

    return check


def form(path: str, pattern: str, why: str) -> Check:
    """A text of a form; `why` completes "'x' ..."."""
    compiled = re.compile(pattern)

    def check(props: Props) -> Iterator[Fault]:
        for place, value in each(props, path):
            if isinstance(value, str) and not (compiled.fullmatch(value) or STAND_IN.fullmatch(value)):
                yield place, f"{value!r} {why}"

    return check


def needed(path: str, why: str = "") -> Check:
    """An input that AWS wants although pulumi-aws does not."""

    def check(props: Props) -> Iterator[Fault]:
        if props.get(path) is None:
            yield path, f"missing required property{f': {why}' if why else ''}"

    return check


def some(*names: str) -> Check:
    """At least one of these inputs; that they conflict is told by the row."""
    listed = ", ".join(repr(name) for name in names)

    def check(props: Props) -> Iterator[Fault]:
        if not any(props.get(name) for name in names):
            yield names[0], f"give one of {listed}"

    return check


def alone(*names: str) -> Check:
    """At most one of these inputs."""

    def check(props: Props) -> Iterator[Fault]:
        given = [name for name in names if props.get(name)]
        if len(given) > 1:
            yield given[1], f"conflicts with {given[0]!r}: give one of them"

    return check


def only_one(*names: str, among: str) -> Check:
    """Exactly one of these members of a block."""
    listed = ", ".join(repr(name) for name in names)

    def check(props: Props) -> Iterator[Fault]:
        for place, value in each(props, among):
            if not isinstance(value, dict):
                continue
            given = [name for name in names if value.get(name) not in (None, "", [], {})]
            if len(given) > 1:
                yield f"{place}.{given[1]}", f"conflicts with {given[0]!r}: give one of {listed}"
            elif not given:
                yield place, f"give exactly one of {listed}"

    return check


def in_order(low: str, high: str) -> Check:
    """The first number is not above the second."""

    def check(props: Props) -> Iterator[Fault]:
        smaller, larger = (next((number(v) for _, v in each(props, path)), None) for path in (low, high))
        if smaller is not None and larger is not None and smaller > larger:
            yield low, f"{smaller:g} is above {high.rpartition('.')[2]} {larger:g}"

    return check


def network(path: str, version: int = 4, *, shortest: int = 0, longest: int = 128) -> Check:
    """An address block without host bits, its prefix between two lengths."""
    kind: Any = ipaddress.IPv4Network if version == 4 else ipaddress.IPv6Network

    def check(props: Props) -> Iterator[Fault]:
        for place, value in each(props, path):
            if not isinstance(value, str):
                continue
            try:
                block = kind(value, strict=False)
            except ValueError:
                yield place, f"{value!r} is not a block of IPv{version} addresses such as {EXAMPLES[version]}"
                continue
            if "/" not in value:
                yield place, f"{value!r} has no prefix length; did you mean '{value}/{block.max_prefixlen}'?"
            elif str(block.network_address) != str(kind(f"{value.partition('/')[0]}").network_address):
                yield place, f"{value!r} has host bits set; did you mean {str(block)!r}?"
            elif not shortest <= block.prefixlen <= longest:
                yield place, f"a /{block.prefixlen} is not within /{shortest} to /{longest}"

    return check


EXAMPLES = {4: "10.0.0.0/16", 6: "2001:db8::/32"}
