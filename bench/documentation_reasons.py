"""Why some examples of the SDK's documentation cannot go right on any cloud without more than they hold."""

from __future__ import annotations

REASONS: dict[str, str] = {}
