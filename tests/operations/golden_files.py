"""Comparison with golden files. A changed text is looked at, then written anew with GOLDEN=write."""

import os
from pathlib import Path

FOLDER = Path(__file__).parent / "golden"


def matches(name: str, text: str) -> None:
    """Assert that `text` is that of the golden file."""
    path = FOLDER / name
    if os.environ.get("GOLDEN") == "write":
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")
