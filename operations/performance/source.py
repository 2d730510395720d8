"""Where recordings come from: files, CloudWatch for each service and group of a stack, the controller of a Swarm."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from elasticity.recordings.recording import Recording, read_recording
from operations.declared import GROUP, TARGET, Declaration
from operations.failures import CannotRun
from operations.live import calls
from operations.live.answers import Remembered, Unanswered
from operations.live.aws import CONNECTIONS
from operations.live.day_to_day import LOG_EVENTS
from operations.live.engine import engine_answers
from operations.live.source import answers_of
from operations.monitor.comparison import Stack
from operations.monitor.judge import check_account
from operations.recordings import recorder

if TYPE_CHECKING:
    from operations.controller.stack import StackOnSwarm

CALLS = (calls.IDENTITY, *recorder.CALLS)
"""What is asked; all of them read."""


@dataclasses.dataclass(frozen=True)
class Source:
    """Recordings by the name under which a stack file may know them, and what was not read."""

    title: str
    recordings: Mapping[str, Recording]
    unread: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """Services and groups that could not be read, each with the reason."""
    requests: int = 0


def from_files(paths: Sequence[Path]) -> Source:
    """Files that `accordion record` wrote; raises RecordingError, and CannotRun for two of one service."""
    found: dict[str, Recording] = {}
    for path in paths:
        recording = read_recording(path)
        if recording.workload in found:
            raise CannotRun(f"{path}: {recording.workload} stands in another file too: give each service once")
        found[recording.workload] = recording
    return Source(", ".join(path.name for path in paths), found)


def from_log(
    log: Path, names: Mapping[str, str], stack: str, start: datetime.datetime, end: datetime.datetime
) -> Source:
    """What a controller's log says of the services of a stack on Docker Swarm; `names`: theirs in the Swarm, by name in
    the stack file. Raises CannotRun."""
    from operations.controller.replay import log_of

    return _from_lines(log_of(log), str(log), names, stack, start, end)


def from_controller(
    deployed: StackOnSwarm, stack: str, start: datetime.datetime, end: datetime.datetime, *, local: bool
) -> Source:
    """The same, of what the tasks of the stack's own controller have written, as far as its nodes keep it. Raises
    CannotRun."""
    if deployed.outputs.controller is None:
        raise CannotRun(
            f"{deployed.file} is on Docker Swarm, which keeps no metrics, and has no `controller`: `--log FILE` is "
            "what `accordion scale` has written"
        )
    from operations.controller.replay import lines_of

    names, service = deployed.names, str(deployed.outputs.controller)
    try:
        # From the beginning: the rules stand in the line that a controller begins with.
        answers = engine_answers(local=local).ask(LOG_EVENTS, logGroupName=service, startTime=0)
    except Unanswered as why:
        raise CannotRun(f"what the controller {service} has written is not known: {why}") from None
    events = sorted((event for answer in answers for event in answer["events"]), key=lambda event: event["timestamp"])
    written = "".join(f"{event['message']}\n" for event in events if event["message"].startswith("{"))
    return _from_lines(lines_of(written, service), service, names, stack, start, end)


def _from_lines(
    lines: Iterator[Mapping[str, Any]],
    where: str,
    names: Mapping[str, str],
    stack: str,
    start: datetime.datetime,
    end: datetime.datetime,
) -> Source:
    from operations.recordings.decided import recordings

    told, without = recordings(lines, where, start, end)
    # The stack's own controller calls services by their names in the stack file.
    names = {name: name if name in told or name in without else there for name, there in names.items()}
    found = {name: told[there].model_copy(update={"workload": name}) for name, there in names.items() if there in told}
    unread = {
        name: without.get(there, f"{where} says nothing of {there}")
        for name, there in names.items()
        if there not in told
    }
    return Source(f"{stack}, Docker Swarm", found, unread)


def from_aws(
    declaration: Declaration,
    start: datetime.datetime,
    end: datetime.datetime,
    service: str | None,
    *,
    local: bool,
) -> Source:
    """What CloudWatch and the scaling services recorded of every service and group that scales, or of the one that is
    asked for. Raises CannotRun where AWS cannot be asked, or nothing scales."""
    source = Remembered(answers_of(declaration.region, local=local, accounts=declaration.accounts))
    check_account(Stack(declaration, source, end, "accordion local" if local else "pulumi"))
    scaled = scaled_parts(declaration)
    if service is not None and service not in scaled:
        there = ", ".join(scaled) or "none"
        raise CannotRun(f"--service {service}: does not scale in {declaration.stack}; what scales is {there}")
    found: dict[str, Recording] = {}
    unread: dict[str, str] = {}
    asked = {name: identity for name, identity in scaled.items() if service in (None, name)}

    def one(identity: str) -> Recording | CannotRun:
        try:
            return recorder.record(source, identity, start, end)
        except CannotRun as why:
            return why

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        for (name, identity), answer in zip(asked.items(), pool.map(one, asked.values()), strict=True):
            if isinstance(answer, CannotRun):
                unread[name] = str(answer).removeprefix(f"{identity}: ")
            else:
                found[name] = answer.model_copy(update={"workload": name})
    if not scaled:
        raise CannotRun(f"nothing scales in {declaration.stack}: no service or group has rules")
    title = f"{declaration.stack}, {declaration.region}"
    return Source(title, found, unread, sum(source.calls.values()))


def scaled_parts(declaration: Declaration) -> dict[str, str]:
    """By component: `cluster/name` of a service, or the name of a group."""
    found = {
        part.component: str(part.properties.get("resourceId") or part.id).removeprefix("service/")
        for part in declaration.of(TARGET)
    }
    return found | {part.component: str(part.properties.get("name") or part.id) for part in declaration.of(GROUP)}
