"""The messages that the troubleshooting page quotes are ours. Cannot prove that the advice helps."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "guides" / "troubleshooting.md").read_text()
SOURCES = "\n".join(
    path.read_text()
    for folder in ("localcloud", "operations", "stacks", ".ci")
    for path in sorted((ROOT / folder).rglob("*"))
    if path.suffix == ".py" or path.parent.name == ".ci"
)
ROWS = [line.strip("|").split(" | ") for line in PAGE.splitlines() if line.startswith("| ") and "---" not in line]
QUOTED = [
    text
    for row in ROWS
    for text in re.findall(r"`([^`]+)`", row[0])
    if re.fullmatch(r"[A-Za-z ;:']+", text) and " " in text
]


@pytest.mark.parametrize("message", QUOTED)
def test_a_quoted_message_is_one_of_ours(message: str) -> None:
    flat = re.sub(r'"\s*\n\s*f?"', "", SOURCES)
    assert message in flat


def test_messages_are_quoted() -> None:
    assert len(QUOTED) >= 8


def test_every_link_leads_somewhere() -> None:
    targets = re.findall(r"\]\(([^)#]+)", PAGE)
    assert [target for target in targets if not (ROOT / "docs" / "guides" / target).exists()] == []
