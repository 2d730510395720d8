"""`accordion release`: how far a new version of a service is, and the two answers: go on, or back."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from elasticity.quantities import Duration
from operations.day_to_day.chosen import Running, answered, options, running
from operations.declared import Part
from operations.failures import BROKEN, DONE, CannotRun
from operations.live.answers import moment
from operations.live.day_to_day import CONTINUE_RELEASE, STOP_RELEASE
from operations.monitor.comparison import Stack
from operations.monitor.services import GOING_ON, last_deployment, revisions, version_words
from operations.options import form
from operations.redaction import redacted

_PLAYED = ("metrics", "alarms", "activities", "targets", "services", "groups")
TURNED_BACK = frozenset({"STOPPED", "ROLLBACK_SUCCESSFUL", "ROLLBACK_FAILED"})
"""States of a deployment that did not bring the version it was for (ECS API, ServiceDeployment)."""


@dataclass(frozen=True)
class Release:
    """The last deployment of a service, in words and figures."""

    service: str
    status: str
    """As ECS says it, in lower case; `none` where it knows of no deployment any more."""
    strategy: str
    stage: str | None
    arn: str
    gate: Mapping[str, Any] | None
    """The hook that waits for an answer."""
    expires: datetime.datetime | None
    versions: tuple[Mapping[str, Any], ...]
    """The new one, then those that it replaces: version, running and requested tasks, percent of the requests."""
    reason: str
    now: datetime.datetime

    @property
    def going_on(self) -> bool:
        """Whether it is not over."""
        return self.status.upper() in GOING_ON

    @property
    def turned_back(self) -> bool:
        """Whether it has not brought its version."""
        return self.status.upper() in TURNED_BACK

    @property
    def row(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "service": self.service,
            "status": self.status,
            "strategy": self.strategy,
            "stage": self.stage,
            "waits_until": self.expires.isoformat(timespec="seconds") if self.expires else None,
            "at_limit": str(self.gate.get("timeoutAction", "")).lower() or None if self.gate else None,
            "reason": self.reason or None,
            "versions": list(self.versions),
        }


@click.group()
def command() -> None:
    """How far a new version of a service is, and the two answers: go on, or back.

    \b
        accordion release status      which version gets which part of the requests, what is waited for
        accordion release continue    answers the gate that it waits at
        accordion release rollback    all requests to the version before, at once
        accordion release advance     lets time pass for it on the local cloud
    """


@command.command()
@options("release status")
@form(("text", "json"))
def status(stack: str, service: str | None, state: Path | None, form: str, *, local: bool) -> int:
    """Which version gets which part of the requests, at which stage, and what is waited for; changes nothing.

    Exit code 1 where the last release of a service was turned back.
    """
    found = running(stack, state, local=local)
    parts = found.ecs_services(service)
    with answered("the releases are not known"):
        releases = [release_of(found, part) for part in parts]
    _report(found, releases, form)
    return BROKEN if any(one.turned_back for one in releases) else DONE


@command.command("continue")
@options("release continue")
def go_on(stack: str, service: str | None, state: Path | None, *, local: bool) -> int:
    """Answer the gate that a release waits at: it goes on to its next stage."""
    found, release = _one(stack, service, state, local=local)
    if release.gate is None:
        raise CannotRun(f"{release.service} waits for no answer: {_headline(release)}")
    with answered(f"{release.service} waits on"):
        found.answers.ask(
            CONTINUE_RELEASE,
            serviceDeploymentArn=release.arn,
            hookId=str(release.gate["hookId"]),
            action="CONTINUE",
        )
    return _after(found, release)


@command.command()
@options("release rollback")
def rollback(stack: str, service: str | None, state: Path | None, *, local: bool) -> int:
    """Turn the release under way back: all requests to the version before, at once.

    A release that is over is turned back by `accordion rollback`, which deploys a version of before.
    """
    found, release = _one(stack, service, state, local=local)
    if not release.going_on:
        raise CannotRun(
            f"{release.service}: {_headline(release)}; `accordion rollback` brings a version of before back"
        )
    with answered(f"{release.service} is as it was"):
        if release.gate is not None:
            hook = str(release.gate["hookId"])
            found.answers.ask(CONTINUE_RELEASE, serviceDeploymentArn=release.arn, hookId=hook, action="ROLLBACK")
        else:
            found.answers.ask(STOP_RELEASE, serviceDeploymentArn=release.arn, stopType="ROLLBACK")
    return _after(found, release)


@command.command()
@click.option("--stack", default="dev", show_default=True, help="Name of the stack.")
@click.argument("length", metavar="DURATION")
def advance(stack: str, length: str) -> int:
    """Let time pass for the releases of the local cloud, and for nothing else: `10m` of bake time need no waiting."""
    from localcloud.aws.played import NotPlayed, send
    from operations.live.source import local_place

    try:
        seconds = float(Duration.parse(length))
    except ValueError as error:
        raise click.BadParameter(str(error)) from None
    found = running(stack, None, local=True)
    place = local_place(found.declared.region, found.declared.accounts)
    nothing: dict[str, Any] = {name: [] for name in _PLAYED}
    try:
        played = {"from": 0, "to": 0, **nothing, "passed": seconds}
        send(place.endpoint, place.keys, place.region or "us-east-1", played)
    except NotPlayed as error:
        raise CannotRun(f"no time has passed: {error}") from None
    with answered("the releases are not known"):
        _report(found, [release_of(found, part) for part in found.ecs_services(None)], "text")
    return DONE


def _one(stack: str, service: str | None, state: Path | None, *, local: bool) -> tuple[Running, Release]:
    """The release that is meant: of the one service named, or of the only one that is not over."""
    found = running(stack, state, local=local)
    with answered("the releases are not known"):
        if service is not None:
            return found, release_of(found, found.one(found.ecs_services(service)))
        releases = [release_of(found, part) for part in found.ecs_services(None)]
    under_way = [one for one in releases if one.going_on]
    if len(under_way) > 1:
        raise CannotRun(f"which service? --service, one of {', '.join(one.service for one in under_way)}")
    if not under_way and len(releases) > 1:
        raise CannotRun(f"nothing is being released in stack {found.declared.stack}")
    return found, (under_way or releases)[0]


def _after(found: Running, before: Release) -> int:
    """What has become of it, as it is asked anew."""
    part = found.one(found.ecs_services(before.service))
    with answered("it was answered; what became of it is not known"):
        _report(found, [release_of(found, part)], "text")
    return DONE


def release_of(found: Running, part: Part) -> Release:
    """The last deployment of a service; raises Unanswered."""
    at = datetime.datetime.now(datetime.UTC)
    stack = Stack(found.declared, found.answers, at)
    last = last_deployment(stack, part) or {}
    if not last:
        return Release(part.component, "none", "", None, "", None, None, (), "", at)
    going_on = str(last["status"]) in GOING_ON
    new: Mapping[str, Any] = last.get("targetServiceRevision") or {"arn": last.get("targetServiceRevisionArn", "")}
    old = last.get("sourceServiceRevisions") or []
    sides = [new, *old] if going_on else [new]
    back = str((last.get("rollback") or {}).get("serviceRevisionArn") or "")
    if not going_on and back:
        sides = [new, {"arn": back}]
    known = revisions(stack, [str(one.get("arn") or "") for one in sides])
    gate = next((one for one in last.get("lifecycleHookDetails") or [] if one.get("status") == "AWAITING_ACTION"), None)
    configuration = last.get("deploymentConfiguration") or {}
    return Release(
        part.component,
        str(last["status"]).lower(),
        str(configuration.get("strategy") or "ROLLING").lower(),
        str(last["lifecycleStage"]).lower() if going_on and last.get("lifecycleStage") else None,
        str(last["serviceDeploymentArn"]),
        gate,
        moment(gate.get("expiresAt")) if gate else None,
        tuple(_version(known, one) for one in sides),
        redacted(str((last.get("rollback") or {}).get("reason") or last.get("statusReason") or "").rstrip(".")),
        at,
    )


def _version(known: Mapping[str, Mapping[str, Any]], side: Mapping[str, Any]) -> dict[str, Any]:
    arn = str(side.get("arn") or "")
    return {
        "version": version_words(known.get(arn), arn),
        "running": side.get("runningTaskCount"),
        "requested": side.get("requestedTaskCount"),
        "percent": side.get("requestedProductionTrafficWeight"),
        "test_percent": side.get("requestedTestTrafficWeight"),
    }


def _report(found: Running, releases: list[Release], form: str) -> None:
    if form == "json":
        rows = [one.row for one in releases]
        click.echo(json.dumps({"version": 1, "stack": found.declared.stack, "releases": rows}, indent=2))
        return
    for one in releases:
        click.echo(f"{one.service}: {_headline(one)}")
        marks = ("new", *["before"] * (len(one.versions) - 1)) if one.going_on or one.turned_back else ("serves",)
        for mark, version in zip(marks, one.versions, strict=False):
            click.echo(f"  {mark}: {', '.join(_words(version))}")


def _words(version: Mapping[str, Any]) -> list[str]:
    said = [str(version["version"])]
    if version["percent"] is not None:
        said.append(f"{version['percent']:g} % of the requests")
    if version["running"] is not None:
        said.append(f"{version['running']} of {version['requested']} tasks")
    return said


def _headline(one: Release) -> str:
    """The state in one sentence: what happens, and what is waited for."""
    if one.status == "none":
        return "nothing is being released, and ECS knows of no deployment any more"
    if one.turned_back:
        words = {"rollback_successful": "turned back", "rollback_failed": "the way back failed"}
        return f"{words.get(one.status, 'stopped')}{f': {one.reason}' if one.reason else ''}"
    if not one.going_on:
        return "nothing is being released"
    kind = one.strategy.replace("_", "/") if one.strategy == "blue_green" else one.strategy
    if one.gate is not None:
        left = f", {_length((one.expires - one.now).total_seconds())} left" if one.expires else ""
        until = f" until {one.expires:%Y-%m-%d %H:%MZ}{left}" if one.expires else ""
        then = {"CONTINUE": "then it goes on", "ROLLBACK": "then it is turned back"}
        what = then.get(str(one.gate.get("timeoutAction")), "")
        return (
            f"{kind}, waits at {one.stage}{until}{f', {what}' if what else ''}: "
            "`accordion release continue` or `accordion release rollback`"
        )
    return f"{kind}, {one.status}{f' at {one.stage}' if one.stage else ''}"


def _length(seconds: float) -> str:
    minutes = max(0, round(seconds / 60))
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"
