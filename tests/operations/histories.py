"""Histories of stacks, as the engine 3.274.1 lists them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stacks.stack_file import StackFile

ROOT = Path(__file__).parents[2]
ACCOUNT, REGION = "123456789012", "eu-central-1"
ECR = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/shop"
DIGESTS = ["sha256:" + letter * 64 for letter in "abc"]


def sections(digest: str = DIGESTS[0], maximum: int = 2, **of_web: Any) -> dict[str, Any]:
    """The settings of the shipped dev stack with an image by digest."""
    found = json.loads(json.dumps(StackFile.read(ROOT / "Pulumi.dev.yaml").sections))
    web = found["services"]["web"]
    web["container"]["image"] = {"repository": ECR, "digest": digest}
    web["elasticity"]["maximum"] = maximum
    web.update(of_web)
    return dict(found)


def row(place: int, settings: Mapping[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """One update as the engine 3.274.1 writes it: on a bucket with version 0 and git, on a service with a version."""
    config: dict[str, Any] = {"pulumi:disable-default-providers": {"value": '["aws"]', "objectValue": ["aws"]}}
    for key, value in (settings or {}).items():
        structured = {} if isinstance(value, str) else {"objectValue": value}
        text = value if isinstance(value, str) else json.dumps(value)
        config[f"accordion:{key}"] = {"value": text, "secret": False, **structured}
    return {
        "version": 0,
        "kind": "update",
        "startTime": f"2026-11-{place:02}T08:00:00.000Z",
        "endTime": f"2026-11-{place:02}T08:01:30.000Z",
        "message": f"change {place}",
        "environment": {"git.author": "ada", "git.head": str(place % 10) * 40, "git.dirty": "false"},
        "config": config if settings else {},
        "result": "succeeded",
        "resourceChanges": {"update": place, "same": 49},
        **more,
    }


THREE = [sections(), sections(DIGESTS[1], 4), sections(DIGESTS[2], 4)]


def rows(*settings: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Newest first, as the engine lists them."""
    return [row(place, one) for place, one in reversed(list(enumerate(settings, 1)))]
