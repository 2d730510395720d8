"""Where recordings come from: files, or CloudWatch for each service and group of a stack."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from elasticity.recordings.recording import Recording, read_recording
from operations.declared import GROUP, TARGET, Declaration
from operations.failures import CannotRun
from operations.live import calls
from operations.live.answers import Remembered
from operations.live.aws import CONNECTIONS
from operations.live.source import answers_of
from operations.monitor.comparison import Stack
from operations.monitor.judge import check_account
from operations.recordings import recorder

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
    the stack file, which is what the stack's own controller calls them. Raises CannotRun."""
    from operations.controller.replay import log_of
    from operations.recordings.decided import recordings

    told, without = recordings(log_of(log), str(log), start, end)
    names = {name: name if name in told or name in without else there for name, there in names.items()}
    found = {name: told[there].model_copy(update={"workload": name}) for name, there in names.items() if there in told}
    unread = {
        name: without.get(there, f"{log} says nothing of {there}") for name, there in names.items() if there not in told
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
