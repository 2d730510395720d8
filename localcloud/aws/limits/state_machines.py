"""Definitions of state machines.

Sources: Amazon States Language, states and transitions; Step Functions Developer Guide, quotas and logging; what
ValidateStateMachineDefinition tells.
"""

from collections.abc import Iterator
from typing import Any

from localcloud.aws.limits._checks import Check, Fault, Props, form, number
from localcloud.aws.limits._conditions import arn_of, parsed

KINDS = ("Task", "Pass", "Choice", "Wait", "Succeed", "Fail", "Parallel", "Map")
LAST = ("Succeed", "Fail")
WAITS = ("Seconds", "Timestamp", "SecondsPath", "TimestampPath")
LONGEST = 80


def definition(props: Props) -> Iterator[Fault]:
    """States that begin somewhere, lead to one another and end."""
    for place, found, wrong in parsed(props, "definition"):
        yield from ((place, why) for why in ([wrong] if wrong else machine(found, "it")))


def machine(found: Props, where: str) -> Iterator[str]:
    """What is wrong with the states of a machine, or of a branch of one."""
    states, start = found.get("States"), found.get("StartAt")
    if not isinstance(states, dict) or not states:
        yield f"{where} has no 'States'"
        return
    if start not in states:
        yield (
            f"{where} begins 'StartAt' {start!r}, which is none of its states" if start else f"{where} has no 'StartAt'"
        )
    reached = {start}
    for name, state in states.items():
        if not isinstance(state, dict):
            yield f"its state {name!r} is no object"
            continue
        if len(name) > LONGEST:
            yield f"its state {name[:20]!r}... has a name of {len(name)} characters, allowed are {LONGEST}"
        reached |= set(_leads_to(state))
        yield from (f"its state {name!r} {why}" for why in _state(state, states))
    for name in states:
        if name not in reached:
            yield f"its state {name!r} is reached by none"


def _leads_to(state: Props) -> Iterator[Any]:
    yield from (state[name] for name in ("Next", "Default") if state.get(name))
    for name in ("Choices", "Catch"):
        listed = state.get(name)
        yield from (
            one["Next"]
            for one in (listed if isinstance(listed, list) else ())
            if isinstance(one, dict) and one.get("Next")
        )


def _state(state: Props, states: Props) -> Iterator[str]:
    kind = state.get("Type")
    if kind not in KINDS:
        yield f"is of 'Type' {kind!r}; allowed are {', '.join(KINDS)}"
        return
    for target in _leads_to(state):
        if target not in states:
            yield f"leads to {target!r}, which is none of the states beside it"
    ends = [name for name in ("Next", "End") if state.get(name)]
    if kind in LAST or kind == "Choice":
        yield from (f"is a {kind}, which has no {name!r}" for name in ends)
    elif len(ends) != 1:
        yield "has both 'Next' and 'End': give one of them" if ends else "has neither 'Next' nor 'End': true"
    if kind == "Choice" and not state.get("Choices"):
        yield "is a Choice without 'Choices'"
    if kind == "Task" and not state.get("Resource"):
        yield "is a Task without a 'Resource'"
    if kind == "Wait" and len([name for name in WAITS if name in state]) != 1:
        yield f"is a Wait and needs one of {', '.join(WAITS)}"
    for name in ("TimeoutSeconds", "HeartbeatSeconds"):
        if kind in ("Task", "Map", "Parallel") and (value := number(state.get(name))) is not None and value <= 0:
            yield f"has {name!r} {value:g}, which is not above 0"
    yield from _inner(kind, state)


def _inner(kind: str, state: Props) -> Iterator[str]:
    if kind == "Parallel":
        branches = state.get("Branches")
        if not isinstance(branches, list) or not branches:
            yield "is a Parallel without 'Branches'"
        for branch in branches if isinstance(branches, list) else ():
            yield from (
                f"in a branch: {why}"
                for why in (machine(branch, "it") if isinstance(branch, dict) else ["is no object"])
            )
    if kind == "Map":
        within = state.get("ItemProcessor") or state.get("Iterator")
        if not isinstance(within, dict):
            yield "is a Map without an 'ItemProcessor'"
        else:
            yield from (f"in its items: {why}" for why in machine(within, "it"))


def logged(props: Props) -> Iterator[Fault]:
    """A log has a group, named by its ARN with the star of its streams."""
    found = props.get("loggingConfiguration")
    if not isinstance(found, dict) or found.get("level") in (None, "OFF"):
        return
    if found.get("logDestination") is None:
        yield "loggingConfiguration.logDestination", "missing required property of a level that logs"
    yield from arn_of("loggingConfiguration.logDestination", "logs", of=r"log-group:.+:\*",
                      why="the ARN of a log group with ':*' at its end")(props)  # fmt: skip


LIMITS: dict[str, tuple[Check, ...]] = {
    "aws:sfn/stateMachine:StateMachine": (
        definition, logged, arn_of("roleArn", "iam"),
        form("name", r"[A-Za-z0-9_-]{1,80}", "is no name of at most 80 letters, digits, hyphens and underscores"),
    ),
}  # fmt: skip
