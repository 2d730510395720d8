"""Scaling activities that a played load has made, of both scaling services: kept with their backends, told in pages."""

from datetime import UTC, datetime
from typing import Any, Final

from localcloud.aws.moto_gaps._patching import Refusal

_PAGE: Final = 100
"""Activities, or items of a history, in an answer: the most that the services give (API references)."""


def moment(seconds: float) -> datetime:
    """A time in UTC."""
    return datetime.fromtimestamp(seconds, UTC)


def keep(backend: Any, resource: str, items: list[dict[str, Any]], begin: float, end: float) -> None:
    """Keep activities of a target or group in place of those from `begin` until `end`."""
    known: dict[str, list[dict[str, Any]]] = vars(backend).setdefault("played_activities", {})
    others = [row for row in known.get(resource, ()) if not begin <= row["StartTime"] < end]
    known[resource] = [*others, *items]


def of(backend: Any, resource: str | None) -> list[dict[str, Any]]:
    """Activities of a target or group, or of all, newest first."""
    known: dict[str, list[dict[str, Any]]] = vars(backend).get("played_activities", {})
    rows = [row for key, rows in known.items() if resource in (None, key) for row in rows]
    return sorted(rows, key=lambda row: float(row["StartTime"]), reverse=True)


def page(rows: list[Any], token: str | None, most: Any) -> tuple[list[Any], str | None]:
    """The rows that a token leads to, and the token of those after them."""
    if token and not token.isdecimal():
        raise Refusal("InvalidNextToken", f"the token {token[:40]!r} is none of an earlier answer")
    begin, size = int(token or 0), min(_PAGE, int(most or _PAGE))
    following = begin + size
    return rows[begin:following], str(following) if following < len(rows) else None
