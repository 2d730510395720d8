"""The updates of a stack, as its backend keeps them: who, when, of which commit, with which settings.

`pulumi stack history --json` is the same on every backend but for two things: only the service's protocol numbers
updates, so those of a bucket are counted from the oldest, and git is asked only where the engine works in a work tree.
"""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from operations.engine import Engine
from operations.failures import CannotRun
from stacks.compositions import Settings
from stacks.settings import SECRET_KEYS, validate
from stacks.stack_file import PROJECT, StackFile

PAGE, PAGES = 100, 100
"""Updates that are asked for at once, and how often at most [own]."""
FORM = "what `pulumi stack history --json` writes"
_OF_ENGINE = "pulumi:"
"""Keys of Pulumi.yaml, which every command finds there."""
_BACK = re.compile(r"rollback to version (?P<version>\d+) of (?P<began>\S+)")


@dataclass(frozen=True)
class Update:
    """One update of a stack."""

    version: int
    kind: str
    """`update`, `refresh`, `destroy`, `import` and the like, as the engine calls them."""
    result: str
    """`succeeded`, `failed` or `in-progress`."""
    began: datetime.datetime
    ended: datetime.datetime | None
    message: str
    author: str = ""
    """Of the commit; empty where the engine was not asked inside a work tree."""
    commit: str = ""
    dirty: bool = False
    """Whether something was not committed."""
    pipeline: str = ""
    """The build that ran it, where it was one."""
    resources: Mapping[str, int] = field(default_factory=dict)
    """How many, by what was done to them."""
    config: Mapping[str, Any] = field(default_factory=dict)
    """By full key, without secrets and without the engine's own."""
    secrets: frozenset[str] = frozenset()
    """Full keys whose values are not kept here."""

    @property
    def sections(self) -> Mapping[str, Any]:
        """The settings, as a stack file has them."""
        prefix = f"{PROJECT}:"
        return {key.removeprefix(prefix): value for key, value in self.config.items() if key.startswith(prefix)}

    @property
    def is_version(self) -> bool:
        """Whether it declared settings, and so can be gone back to once it has succeeded."""
        return self.kind == "update" and bool(self.sections)

    @property
    def goes_back_to(self) -> tuple[int, str] | None:
        """Version and beginning of the update whose settings it brought back; None for another one."""
        found = _BACK.match(self.message)
        return (int(found["version"]), found["began"]) if found else None

    @property
    def moment(self) -> str:
        """When it began, as the message of a way back has it."""
        return self.began.strftime("%Y-%m-%dT%H:%M:%SZ")

    def settings(self) -> Settings:
        """As the program reads them; raises SettingsError where they are of another one."""
        return validate(StackFile(f"version {self.version}", {}), dict(self.sections))


def message_of(target: Update) -> str:
    """What the row of a way back says; `Update.goes_back_to` reads it."""
    return f"rollback to version {target.version} of {target.moment}"


def history(engine: Engine, stack: str) -> list[Update]:
    """Every update, newest first; raises CannotRun."""
    rows: list[Any] = []
    what = f"the history of stack {stack}"
    for page in range(1, PAGES + 1):
        words = ["stack", "history", "--json", "--full-dates", "--stack", stack]
        found = listed(engine.ask([*words, "--page-size", str(PAGE), "--page", str(page)], what), what)
        rows += found
        if len(found) < PAGE:
            break
    return updates(rows, what)


def listed(text: str, where: str) -> list[Any]:
    """The rows of one page; raises CannotRun."""
    try:
        content = json.loads(text or "[]")
    except (ValueError, RecursionError) as error:
        raise CannotRun(f"{where}: not {FORM}: {error}") from None
    if not isinstance(content, list):
        raise CannotRun(f"{where}: not {FORM}: it holds no list")
    return content


def updates(rows: Sequence[Any], where: str) -> list[Update]:
    """The updates of all rows, newest first; raises CannotRun."""
    try:
        return [_update(row, len(rows) - place) for place, row in enumerate(rows)]
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise CannotRun(f"{where}: not {FORM} ({type(error).__name__}: {error})") from None


def _update(row: Mapping[str, Any], place: int) -> Update:
    environment, config = dict(row.get("environment") or {}), dict(row.get("config") or {})
    secret = {key for key, one in config.items() if one.get("secret") or _name(key) in SECRET_KEYS}
    plain = {key: _value(one) for key, one in config.items() if key not in secret and not key.startswith(_OF_ENGINE)}
    ended = row.get("endTime")
    return Update(
        version=int(row.get("version") or place),
        kind=str(row["kind"]),
        result=str(row["result"]),
        began=_time(row["startTime"]),
        ended=_time(ended) if ended else None,
        message=str(row.get("message") or ""),
        author=str(environment.get("git.author") or ""),
        commit=str(environment.get("git.head") or ""),
        dirty=environment.get("git.dirty") == "true",
        pipeline=" ".join(str(environment[key]) for key in ("ci.system", "ci.build.id") if environment.get(key)),
        resources={str(kind): int(count) for kind, count in (row.get("resourceChanges") or {}).items()},
        config=plain,
        secrets=frozenset(secret),
    )


def _name(key: str) -> str:
    return key.rpartition(":")[2]


def _value(one: Mapping[str, Any]) -> Any:
    return one["objectValue"] if "objectValue" in one else one.get("value")


def _time(text: str) -> datetime.datetime:
    found = datetime.datetime.fromisoformat(text)
    return found.astimezone(datetime.UTC) if found.tzinfo else found.replace(tzinfo=datetime.UTC)


def deployed(found: Iterable[Update], stack: str) -> Update:
    """The update whose settings hold now; raises CannotRun where none does."""
    for update in found:
        if update.kind == "destroy" and update.result == "succeeded":
            said = f"stack {stack} was destroyed by update {update.version}, {update.moment}"
            raise CannotRun(f"{said}: name the version to deploy again")
        if update.is_version:
            return update
    raise CannotRun(f"stack {stack} has no update with settings in its history: it was not deployed by this program")


def target(found: Sequence[Update], stack: str, version: int | None) -> Update:
    """The update to go back to: that version, or the newest before the one that holds with other settings.

    What was gone back from is passed over, so that going back twice leads further back. Raises CannotRun that says
    which versions there are.
    """
    if version is not None:
        return _named(found, stack, version)
    now = deployed(found, stack)
    here, seen = now, set[int]()
    while (back := here.goes_back_to) and here.version not in seen:
        seen.add(here.version)
        source = next((one for one in found if one.is_version and _is(one, back)), None)
        if source is None:
            break
        here = source
    for one in found:
        if one.version < here.version and _can_be_gone_to(one) and essence(one.sections) != essence(now.sections):
            return one
    raise CannotRun(f"stack {stack} has no version before {now.version} that succeeded with other settings")


def _is(update: Update, back: tuple[int, str]) -> bool:
    return update.moment == back[1] or (update.version == back[0] and not update.moment)


def _can_be_gone_to(update: Update) -> bool:
    return update.is_version and update.result == "succeeded"


def _named(found: Sequence[Update], stack: str, version: int) -> Update:
    update = next((one for one in found if one.version == version), None)
    versions = [str(one.version) for one in found if _can_be_gone_to(one)]
    shown = ", ".join(versions[:10]) + (f" and {len(versions) - 10} more" if len(versions) > 10 else "")
    there = f"there are {shown}" if versions else "there is none to go back to"
    if update is None:
        raise CannotRun(f"stack {stack} has no version {version}: {there}")
    if not update.is_version:
        what = "has no settings of this program" if update.kind == "update" else f"is of kind {update.kind}"
        raise CannotRun(f"update {version} of stack {stack} {what}: {there}")
    if update.result != "succeeded":
        raise CannotRun(f"version {version} of stack {stack} never stood whole ({update.result}): {there}")
    return update


def essence(sections: Mapping[str, Any]) -> dict[str, Any]:
    """Settings without the loads and expectations of workloads, of which nothing is deployed."""
    return {
        name: {one: _without_loads(of) for one, of in section.items()} if isinstance(section, Mapping) else section
        for name, section in sections.items()
    }


def _without_loads(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    return {key: of for key, of in value.items() if key != "simulation"}
