"""Ports of a Swarm's one node that a stack wants and a service there has: until that goes, the stack would wait."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from operations.failures import CannotRun
from operations.live.answers import Unanswered
from operations.live.engine import NODES, SERVICES, engine_answers

if TYPE_CHECKING:
    from stacks.compositions import Settings


def taken(settings: Settings | None) -> str:
    """Why a stack cannot be deployed beside what runs; empty where it can, or where the Engine does not tell."""
    wanted = set(getattr(settings, "node_ports", ()))
    if not wanted:
        return ""
    try:
        engine = engine_answers(local=True)
        if len(engine.ask(NODES)) != 1:
            return ""
        found = sorted((port, name) for port, name in _published(engine.ask(SERVICES)) if port in wanted)
    except (CannotRun, Unanswered):
        return ""  # told where it is used
    if not found:
        return ""
    one = len(found) == 1
    held = ", ".join(f"{port} (service {name})" for port, name in found)
    return (
        f"port{'' if one else 's'} {held} of the Engine's node {'is' if one else 'are'} taken, and the base wants "
        f"{'it' if one else 'them'} too: take that stack down (`accordion local destroy --stack NAME`), or give the "
        "review an Engine of its own (DOCKER_HOST)"
    )


def _published(services: Any) -> Iterator[tuple[int, str]]:
    for service in services:
        spec = service["Spec"]
        for port in (spec.get("EndpointSpec") or {}).get("Ports") or ():
            if port.get("PublishedPort"):
                yield int(port["PublishedPort"]), str(spec["Name"])
