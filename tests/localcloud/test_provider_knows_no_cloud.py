"""The provider's frame is without a cloud. It cannot prove that it fits every cloud: tests/engine/test_toy_cloud.py has a second."""

import re
from pathlib import Path

import pytest

FRAME = sorted((Path(__file__).parents[2] / "localcloud" / "provider").glob("**/*.py"))


@pytest.mark.parametrize("file", FRAME, ids=lambda file: file.name)
def test_no_file_of_the_frame_names_a_cloud(file: Path) -> None:
    lines = enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
    assert [
        f"{number}: {line}" for number, line in lines if re.search("aws|docker|boto|moto", line, re.IGNORECASE)
    ] == []
