"""Settings of Hypothesis for this ring: no deadline, since a busy machine would decide what passes."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("accordion", deadline=None)
settings.load_profile("accordion")
