"""One stack file, two readers: what this project and the engine would read differently is refused.

tests/stacks/engine_yaml/cases.json holds what the engine's own loader reads in some thousands of files. It cannot prove
that a later engine reads them alike; `generate` asks it.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from stacks.config import _value
from stacks.engine_reading import DATE, word
from stacks.stack_file import SettingsError, StackFile
from tests.operations.stack_files import stack_file

CASES: list[tuple[str, dict[str, str] | None]] = [
    (text, answer) for text, answer in json.loads((Path(__file__).parent / "engine_yaml" / "cases.json").read_text())
]
NO_SECTION = ("accordion:config:x",)
"""`pulumi config` of old: the engine drops the middle; here it is an unknown section, which is refused later."""


def ours(text: str) -> dict[str, Any] | None:
    """The sections that this project reads; None where it refuses the file."""
    try:
        file = StackFile.parse("Pulumi.test.yaml", text)
    except SettingsError:
        return None
    return None if file.unknown_keys else dict(file.sections)


def typed(value: Any) -> Any:
    """A value that is equal to another only if it is of its kind: 1 and 1.0 are, 1 and true are not."""
    if isinstance(value, dict):
        return {key: typed(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [typed(inner) for inner in value]
    return value if isinstance(value, str) else (isinstance(value, bool) or value is None, value)


def not_finite(value: Any) -> bool:
    if isinstance(value, dict | list):
        return any(map(not_finite, value.values() if isinstance(value, dict) else value))
    return isinstance(value, float) and not math.isfinite(value)


def test_what_is_not_refused_is_read_as_the_engine_reads_it() -> None:
    different = []
    for text, answer in CASES:
        read = ours(text)
        if read is None or "secure:" in text or any(key in text for key in NO_SECTION):
            continue
        if answer is None and not_finite(read):
            continue  # a number that is none: every setting refuses it
        values = {key.removeprefix("accordion:"): _value(value) for key, value in (answer or {}).items()}
        if "accordion:x: '1'" not in text and (answer is None or typed(read) != typed(values)):
            different.append((text, read, answer))
    assert different == []


def test_the_table_is_about_files_that_are_read_and_files_that_are_refused() -> None:
    """Refusing all would pass the test above."""
    read = [text for text, answer in CASES if answer is not None and ours(text) is not None]
    alike = [text for text, answer in CASES if answer is None and ours(text) is None]
    assert len(read) > 1_500
    assert len(alike) > 50


def test_a_word_is_what_the_engine_makes_of_it() -> None:
    start, end = "config:\n  accordion:x:\n    k: ", "\n"
    seen, different = 0, []
    for text, answer in CASES:
        if not text.startswith(start) or answer is None:
            continue
        written = text.removeprefix(start).removesuffix(end)
        if not set(written) <= set("0123456789+-_.eExXoObBaAfFtTuUlLrRsSnNyY~"):
            continue
        said = json.loads(answer["accordion:x"])["k"]
        seen += 1
        said = float(said) if isinstance(said, int) and not -(2**63) <= said <= 2**64 else said
        if not DATE.fullmatch(written) and typed(word(written)) != typed(said):
            different.append((written, word(written), said))
    assert different == []
    assert seen > 800


@pytest.mark.parametrize(
    ("written", "said"),
    {
        "010": "a number with a zero in front, which the engine reads otherwise: write plain digits, or quote it where a text is meant",
        "0o10": None,
        "0X8": "a number of another base than ten, which the engine reads otherwise: write plain digits, or quote it where a text is meant",
        "8": None,
        "+8": None,
        "1_0": None,
        "0_8": None,
        "2026-01-05": "a date or time without quotes, which the engine reads as another text: quote it",
        "2026-01-05T10:00:00Z": "a date or time without quotes, which the engine reads as another text: quote it",
        "99999999999999999999": "a whole number beyond 64 bits, of which the engine keeps the first digits: write a smaller one",
    }.items(),
)
def test_the_fault_says_where_and_what_to_write(tmp_path: Path, written: str, said: str | None) -> None:
    path = stack_file(tmp_path, ("        maximum: 8\n", f"        maximum: {written}\n"))
    unknown_keys = [str(fault) for fault in StackFile.read(path).unknown_keys]
    assert unknown_keys == ([] if said is None else [f"Pulumi.test.yaml:17 services.web.elasticity.maximum: {said}"])


def test_other_projects_keep_their_own_words() -> None:
    assert StackFile.parse("f", "config:\n  aws:x: 010\n  accordion:a: { b: 1 }\n").unknown_keys == ()
