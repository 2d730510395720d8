"""The whole stack: every check of every component, several at once, to one verdict."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

from operations.declared import GROUP, SERVICE, SWARM_NETWORK, SWARM_SERVICE, Declaration, Part
from operations.failures import CannotRun
from operations.live.answers import Unanswered
from operations.live.aws import CONNECTIONS
from operations.live.calls import IDENTITY
from operations.monitor import groups, services, shared, swarm
from operations.monitor.comparison import Findings, Stack, run, told
from operations.monitor.verdict import Difference, Unknown, Verdict
from operations.terminal import say

PASSING = frozenset({"count", "target_health", "units"})
"""Kinds of differences that pass by themselves within moments, as when a schedule has just raised the minimum."""
CONFIRMED_AFTER = 30.0
"""Seconds between two looks at those: Application Auto Scaling brings a count within new bounds at once, and a target
that ECS replaces is drained [own]."""
_LEFT_OUT = (
    "a file of outputs names services and groups only: policies, schedules, alarms, listeners and security groups were "
    "not compared"
)


def judge(stack: Stack, accepted: Mapping[str, str]) -> Verdict:
    """Compare everything; `accepted`: `component.kind` to the reason in the stack file.

    Raises CannotRun where the credentials are of another account, or there are none.
    """
    check_account(stack)
    names = sorted(stack.declared.by_component)
    with ThreadPoolExecutor(max_workers=CONNECTIONS) as pool:
        found = dict(zip(names, pool.map(lambda name: _one(stack, name), names), strict=True))
    _mute_rules(stack, found)
    differences = [one for findings in found.values() for one in findings.differences]
    unknown = [one for findings in found.values() for one in findings.unknown]
    for name in stack.declared.pending:
        why = "an interrupted deployment was at it, or it still waits to be deleted: deploy again"
        unknown.append(Unknown(component=name, what="resource", why=why))
    return Verdict(
        stack=stack.declared.stack,
        region=stack.declared.region,
        at=stack.now,
        declared_by=stack.declared.source,
        compared=sum(findings.compared for findings in found.values()),
        differences=tuple(with_reasons(differences, accepted)),
        unknown=tuple(dict.fromkeys(unknown)),
        remarks=(
            *(remark for findings in found.values() for remark in findings.remarks),
            *_remarks(stack.declared, differences, accepted),
        ),
    )


def confirmed(look: Callable[[], Verdict], sleep: Callable[[float], None]) -> Verdict:
    """A verdict whose passing differences were there twice: what ECS and the autoscaler are about to change is none."""
    first = look()
    if not any(one.kind in PASSING for one in first.open):
        return first
    say(f"looking again in {CONFIRMED_AFTER:.0f} s: units come and go")
    sleep(CONFIRMED_AFTER)
    second = look()
    before = {(one.key, one.resource, one.what) for one in first.differences}
    kept = [one for one in second.differences if one.kind not in PASSING or (one.key, one.resource, one.what) in before]
    return second.model_copy(update={"differences": tuple(kept)})


def check_account(stack: Stack) -> None:
    """Refuse to look for a stack in an account where it cannot be; raises CannotRun."""
    if stack.declared.on_swarm:
        return  # a Swarm has no accounts
    try:
        told_of = stack.ask(IDENTITY)
    except Unanswered as missing:
        if missing.why in ("credentials", "unreachable", "throttled"):
            raise CannotRun(str(missing)) from None
        return
    wanted, account = stack.declared.accounts, str(told_of[0].get("Account", "")) if told_of else "unknown"
    if wanted and account not in wanted:
        raise CannotRun(
            f"the credentials are of account {account}, and stack {stack.declared.stack} stands in "
            f"{' or '.join(wanted)}: sign in there"
        )


def _one(stack: Stack, name: str) -> Findings:
    findings = Findings(name)
    parts = stack.declared.by_component[name]
    for part in (part for part in parts if part.type == SERVICE):
        if _is_there(stack, part, findings, services.live_service, "service"):
            run(services.CHECKS, stack, part, findings)
    for part in (part for part in parts if part.type == GROUP):
        if _is_there(stack, part, findings, groups.live_group, "group"):
            run(groups.CHECKS, stack, part, findings)
    for part in (part for part in parts if part.type == SWARM_SERVICE):
        if _is_there(stack, part, findings, swarm.live_service, "service"):
            run(swarm.CHECKS, stack, part, findings)
    for part in (part for part in parts if part.type == SWARM_NETWORK):
        _is_there(stack, part, findings, swarm.live_network, "network")
    for title, types, check in shared.OF_A_COMPONENT:
        own = [part for part in parts if part.type in types]
        if own:
            with told(title, findings):
                check(stack, own, findings)
    return findings


def _is_there(stack: Stack, part: Part, findings: Findings, live: Callable[[Stack, Part], object], what: str) -> bool:
    findings.compared += 1
    there: object = None
    with told(what, findings):
        there = live(stack, part)
        if there is None:
            name = str(part.properties.get("name") or part.id)
            findings.add("gone", name, what, "as declared", "deleted", stack.up())
    return there is not None


def _mute_rules(stack: Stack, found: Mapping[str, Findings]) -> None:
    scaling: dict[str, str] = {}
    kinds = ((SERVICE, services.scaling_alarms), (GROUP, groups.scaling_alarms))
    for kind, alarms in kinds:
        for part in stack.declared.of(kind):
            with told("mute rules", found[part.component]):
                scaling |= dict.fromkeys(alarms(stack, part), part.component)
    for_all = Findings("")
    with told("mute rules", for_all):
        shared.check_mute_rules(stack, scaling, found)
    for unknown in for_all.unknown:
        for component in sorted(set(scaling.values())):
            found[component].unknown.append(unknown.model_copy(update={"component": component}))


def with_reasons(differences: list[Difference], accepted: Mapping[str, str]) -> list[Difference]:
    """The differences, those accepted with their reasons."""
    return [one.model_copy(update={"accepted": accepted.get(one.key)}) for one in differences]


def _remarks(declared: Declaration, differences: list[Difference], accepted: Mapping[str, str]) -> list[str]:
    found = {one.key for one in differences}
    said = [f"accepted and not found: {key}; take it out of the stack file" for key in accepted if key not in found]
    if declared.source == "outputs":
        said.append(_LEFT_OUT)
    return said


def now() -> datetime.datetime:
    """The moment of a look."""
    return datetime.datetime.now(datetime.UTC)
