"""What an environment is: a stack whose name begins with PREFIX, and whose state says until when it is there."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from operations.environments.engine import Engine
from operations.failures import CannotRun
from operations.files import is_file, write_atomically
from stacks.aws.settings import EXPIRES_FORM, EXPIRES_TAG, PERSIST_TAG
from stacks.settings import load
from stacks.stack_file import PROJECT

PREFIX = "pr-"
NAME = re.compile(rf"{PREFIX}[a-z0-9]([a-z0-9-]{{0,14}}[a-z0-9])?")
NAME_FORM = f"{PREFIX} and up to 16 small letters, digits and -, as in {PREFIX}12"
_PROVIDER = "pulumi:providers:aws"
_SECTION = f"{PROJECT}:environment"


@dataclass(frozen=True)
class Environment:
    """One environment, as its state has it."""

    stack: str
    resources: int
    """Of the cloud; what only the engine knows is not counted."""
    expires: datetime | None = None
    """None where the state does not say, since `up` was ended before it had made anything, or by whoever made it."""
    persist: bool = False
    region: str | None = None
    accounts: tuple[str, ...] = ()

    def expired(self, now: datetime) -> bool:
        """Whether it may go: its time is over, or it never became one. What has no expiry but resources stays: it is
        somebody's own."""
        if self.persist:
            return False
        return self.expires <= now if self.expires else not self.resources

    def left(self, now: datetime) -> str:
        """How long it is still there, in words."""
        if self.persist:
            return "stays (persist)"
        if self.expires is None:
            return "no expiry" if self.resources else "never deployed"
        seconds = abs((self.expires - now).total_seconds())
        amount = f"{seconds / 86_400:.0f} d" if seconds >= 2 * 86_400 else f"{seconds / 3_600:.0f} h"
        return f"in {amount}" if self.expires > now else f"{amount} ago"


def of_state(stack: str, state: Mapping[str, Any]) -> Environment:
    """An environment from its exported state."""
    resources = (state.get("deployment") or {}).get("resources") or []
    made = sum(1 for one in resources if one.get("custom") and not str(one.get("type")).startswith("pulumi:"))
    provider = next((one.get("inputs") or {} for one in resources if one.get("type") == _PROVIDER), {})
    tags = _structure(_structure(provider.get("defaultTags")).get("tags"))
    return Environment(
        stack,
        made,
        expires=moment_of(str(tags.get(EXPIRES_TAG, ""))),
        persist=tags.get(PERSIST_TAG) == "true",
        region=provider.get("region"),
        accounts=tuple(map(str, _structure(provider.get("allowedAccountIds")))),
    )


def _structure(value: Any) -> Any:
    """Structures of a provider's inputs are stored as JSON in a text, or as they are."""
    return json.loads(value) if isinstance(value, str) and value else value or {}


def moment_of(text: str) -> datetime | None:
    """The moment of an expiry; None for what is none."""
    try:
        return datetime.strptime(text, EXPIRES_FORM).replace(tzinfo=UTC)
    except ValueError:
        return None


def all_of(engine: Engine) -> list[Environment]:
    """Every environment of this project, by name."""
    return [of_state(stack, engine.state(stack)) for stack in sorted(engine.stacks()) if stack.startswith(PREFIX)]


def checked(name: str) -> str:
    """The name, if it is one of an environment; nothing else may ever be taken down from here."""
    if not NAME.fullmatch(name):
        raise CannotRun(f"{name!r} is no name of an environment: {NAME_FORM}")
    return name


def file_of(stack: str) -> Path:
    """Where its settings stand while it is made."""
    return Path(f"Pulumi.{stack}.yaml")


def write_file(stack: str, like: Path, expires: datetime, *, persist: bool) -> None:
    """The stack file of an environment: that of another stack, with an expiry. Raises CannotRun."""
    from ruamel.yaml import YAML

    place = file_of(stack)
    if is_file(place) and not _is_ours(place):
        raise CannotRun(f"{place} is there and has no `environment.expires`: it is not ours to write over")
    settings = load(like)
    if not hasattr(settings, "environment"):
        raise CannotRun(f"{like}: has no `environment` whose expiry could be told")
    if settings.environment.production:
        raise CannotRun(f"{like}: `environment.production` is true, and what ends by itself is no production")
    yaml = YAML()
    yaml.width = 4096
    document = yaml.load(like.read_text(encoding="utf-8"))
    section = document["config"][_SECTION]
    section["expires"] = expires.strftime(EXPIRES_FORM)
    section["persist"] = persist
    text = io.StringIO()
    yaml.dump(document, text)
    write_atomically(place, text.getvalue())


def place_of(like: Path) -> tuple[str | None, tuple[str, ...]]:
    """Region and accounts of a stack file; nothing where there is no such file."""
    if not is_file(like):
        return None, ()
    settings = load(like)
    return settings.region, settings.account_ids


def _is_ours(place: Path) -> bool:
    return bool(re.search(r"^\s+expires: ", place.read_text(encoding="utf-8", errors="replace"), re.MULTILINE))


def forget_file(stack: str) -> None:
    """Take its settings away, where they lie here."""
    place = file_of(stack)
    if is_file(place) and _is_ours(place):
        place.unlink()


def until(now: datetime, lifetime: timedelta) -> datetime:
    """When an environment that is deployed now expires, to the second."""
    return (now + lifetime).replace(microsecond=0)
