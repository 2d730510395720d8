"""Checks that the model of AWS gives, and such of two inputs, of ARNs and of JSON in a text."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from localcloud.aws import request_validation, shapes
from localcloud.aws.limits._checks import STAND_IN, Check, Fault, Props, each
from localcloud.provider.wire import is_unknown, known, unknowns

ARN = re.compile(r"arn:[\w-]+:([\w-]*):([\w-]*):([\w-]*):(.+)", re.DOTALL)


def modelled(path: str, service: str, shape: str, rename: Mapping[str, str | None] | None = None) -> Check:
    """The enums, lengths, patterns and ranges of a shape, for an input that a call of its own sends.

    The creating call's shape is held against its inputs by the row; what other calls send is named here.
    """

    def check(props: Props) -> Iterator[Fault]:
        model = shapes.service(service).shape_for(shape)
        for place, value in each(props, path):
            walk = shapes.Walk(service, rename or {})
            try:
                request = walk.to_aws(model, known(value), "", "", "")
            except (KeyError, ValueError, TypeError, AttributeError):
                continue  # of another form, which the schema tells, or built of what is not known yet
            for at, reason in request_validation.faults(model, request):
                inner = walk.trail.get(at, "")
                yield f"{place}{'.' if inner and inner[0] != '[' else ''}{inner}", reason

    return check


def told(props: Props, *names: str) -> bool:
    """Whether all of these inputs, where they are given, are known."""
    return not any(unknowns(props.get(name)) for name in names)


def on(value: Any) -> bool:
    """Whether a boolean is set, in whatever form."""
    return value in (True, "true")


def only_with(name: str, other: str, *values: Any, default: Any = None) -> Check:
    """An input that is for some values of another one."""
    listed = " or ".join("true" if value is True else repr(value) for value in values)

    def check(props: Props) -> Iterator[Fault]:
        given = props.get(name)
        if given in (None, "", False, [], {}) or not told(props, other):
            return
        held = props.get(other, default)
        if held not in values and not (True in values and held == "true"):
            yield name, f"is only for {other!r}: {listed}"

    return check


def needs(name: str, other: str) -> Check:
    """An input that says nothing without another one."""

    def check(props: Props) -> Iterator[Fault]:
        if props.get(name) not in (None, "", False, [], {}) and props.get(other) in (None, "", [], {}):
            yield name, f"needs {other!r} beside it"

    return check


def sized(path: str, low: int, high: int, unit: str = "characters") -> Check:
    """A text or a list of a size."""

    def check(props: Props) -> Iterator[Fault]:
        for place, value in each(props, path):
            if isinstance(value, str | list | tuple) and not low <= len(value) <= high:
                yield place, f"{len(value)} {unit}, allowed are {f'{low} to ' if low else ''}{high}"

    return check


def once(path: str, member: str) -> Check:
    """Each block of a list has its own value of a member."""

    def check(props: Props) -> Iterator[Fault]:
        seen: dict[Any, str] = {}
        for place, value in each(props, f"{path}[].{member}"):
            if isinstance(value, str | int | float) and value in seen:
                yield place, f"{value!r} is that of {seen[value]} already"
            else:
                seen[value if isinstance(value, str | int | float) else place] = place.rpartition(".")[0]

    return check


def arn_of(path: str, *services: str, of: str = "", why: str = "") -> Check:
    """The ARN of a resource of one of these services; of any when none is named. `of`: how its resource part looks."""
    part = re.compile(of, re.DOTALL) if of else None
    wanted = why or f"an ARN{' of ' + ' or '.join(services) if services else ''}"

    def check(props: Props) -> Iterator[Fault]:
        for place, value in each(props, path):
            if not isinstance(value, str) or not value or STAND_IN.fullmatch(value):
                continue
            found = ARN.fullmatch(value)
            fits = found and (not services or found[1] in services) and (not part or part.fullmatch(found[4]))
            if not fits:
                yield place, f"{value!r} is not {wanted}"

    return check


def inside(path: str, *checks: Check, what: str = "an object in JSON") -> Check:
    """The members of an object that an input holds as JSON; the fault names the member in its sentence."""

    def check(props: Props) -> Iterator[Fault]:
        for place, found, wrong in parsed(props, path, what):
            if wrong:
                yield place, wrong
                continue
            for one in checks:
                yield from ((place, f"its {at!r} {why}" if at else why) for at, why in one(found))

    return check


def parsed(props: Props, path: str, what: str = "an object in JSON") -> Iterator[tuple[str, Any, str]]:
    """(place, object, what is wrong) of each text or block that is to be an object in JSON and is known whole."""
    for place, value in each(props, path):
        if unknowns(value) or value == "" or (isinstance(value, str) and STAND_IN.search(value)):
            continue
        try:
            found = json.loads(value) if isinstance(value, str) else value
        except ValueError as error:
            yield place, None, f"is no JSON: {error}"
            continue
        yield place, found, "" if isinstance(found, dict) else f"expected {what}"


def present(*names: str) -> Check:
    """Members that an object has."""

    def check(props: Props) -> Iterator[Fault]:
        yield from ((name, "is missing") for name in names if props.get(name) in (None, ""))

    return check


def required(*names: str, because: str = "") -> Check:
    """Inputs that may not be left out; one that is not known yet is there."""

    def check(props: Props) -> Iterator[Fault]:
        for name in names:
            if props.get(name) in (None, "") and not is_unknown(props.get(name)):
                yield name, f"missing required property{f': {because}' if because else ''}"

    return check
