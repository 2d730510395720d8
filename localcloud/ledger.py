"""A ledger of what the provider makes and deletes, so that orphans of a killed engine or provider can be found.

A creation is written before it begins and again when its id is known; a deletion when it is done. What was created,
not deleted, and stands in no stack's state is an orphan; a creation that began and never ended may be one. The ledger
holds no property of a resource, so no secret. The provider writes it: `localcloud.provider.ledger`, apart since every
command reads and few need gRPC.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

_KEPT = "kept-"
"""Head of the keys of what a provider took over from the ledger of the one before it."""


@dataclass(frozen=True)
class Creation:
    """Something that the provider made, or began to make."""

    urn: str
    id: str | None
    """None when the provider died before it knew."""
    region: str
    """Region of the provider instance that made it; empty when the instance was not configured with one."""
    time: float
    """When it began, in seconds since the epoch."""
    accounts: str = ""
    """The instance's allowed accounts, as JSON; empty when it named none."""
    cloud: str = "aws"
    """The package of the cloud that it stands in; a ledger of before there were several names none."""
    in_work: bool = field(default=False, compare=False)
    """Whether the provider that began it may still end it; one that was started since cannot."""

    @property
    def type(self) -> str:
        """The resource's type token: the last of the types in `urn:pulumi:stack::project::types::name`."""
        return self.urn.split("::")[2].rpartition("$")[2]

    @property
    def stack(self) -> tuple[str, str]:
        """The project and the stack that it was made for."""
        head, project, *_ = self.urn.split("::")
        return project, head.rpartition(":")[2]


def outstanding(lines: Iterable[str]) -> list[Creation]:
    """Creations of a ledger that were not deleted, oldest first; a torn line hides none of the others.

    A creation that failed is none.
    """
    begun: dict[str, Creation] = {}
    made: dict[tuple[str, str], Creation] = {}
    for line in lines:
        try:
            entry = json.loads(line)
            event, key = entry["event"], entry["key"]
        except (ValueError, KeyError, TypeError):
            continue
        if event == "begin":
            alive = not key.startswith(_KEPT)
            begun[key] = Creation(
                entry["urn"],
                None,
                entry.get("region", ""),
                entry["time"],
                entry.get("accounts", ""),
                entry.get("cloud", "aws"),
                alive,
            )
        elif event == "failed":
            begun.pop(key, None)
        elif event == "created" and key in begun:
            creation = replace(begun.pop(key), id=entry["id"], in_work=False)
            made[creation.type, entry["id"]] = creation
        elif event == "deleted":
            made.pop((Creation(entry["urn"], None, "", 0).type, entry["id"]), None)
    return sorted([*made.values(), *begun.values()], key=lambda creation: creation.time)


def read(path: Path) -> list[Creation]:
    """The outstanding creations of a ledger file; none when there is no file."""
    return outstanding(path.read_text().splitlines()) if path.exists() else []


def entries(creations: Iterable[Creation]) -> Iterable[dict[str, Any]]:
    """The lines of a new ledger that tells the same."""
    for number, creation in enumerate(creations):
        key = f"{_KEPT}{number}"
        known = {name: getattr(creation, name) for name in ("urn", "region", "time", "accounts", "cloud")}
        yield {"event": "begin", "key": key, **known}
        if creation.id is not None:
            yield {"event": "created", "key": key, "id": creation.id}
