"""Every file that a person names on a command line, mutated: read, or refused in one sentence. The table of readers is held
against the parsers of the commands, so that a new option of a file is tried too. A fixed budget of seeds cannot prove that no
other content does worse: `FUZZ_SEED` and `FUZZ_TIMES` go on elsewhere and for longer."""

from __future__ import annotations

import gzip
import json
import random
from pathlib import Path
from typing import Any

import click
import pytest

from operations import cli
from tests.elasticity.test_trace_formats import READ
from tests.operations.answered import state
from tests.operations.mutations import mutated, seeds
from tests.operations.test_exported_guide import activities
from tests.operations.test_hostile_command_lines import BASES, KNOWN, MANIFEST, ended, found
from tests.operations.test_hostile_command_lines import here as here
from tests.operations.test_monitor import OUTPUTS
from tests.operations.test_read import SOURCES

ROOT = Path(__file__).parents[2]
WRITTEN = {"log", "output", "page", "picture", "save"}
"""Parameters of files that a command writes."""
READERS: dict[tuple[str, str], list[str]] = {
    ("check", "stack_files"): ["check", "FILE"],
    ("cost", "against"): ["cost", "rules.yaml", "--against", "FILE"],
    ("cost", "file"): ["cost", "FILE"],
    ("cost", "prices"): ["cost", "rules.yaml", "--prices", "FILE"],
    ("cost", "state"): ["cost", "rules.yaml", "--state", "FILE"],
    ("exec", "state"): ["exec", "--state", "FILE", "--print"],
    ("explain", "file"): ["explain", "FILE", "--at", "Mon 08:00"],
    ("fit", "file"): ["fit", "FILE"],
    ("graph", "state"): ["graph", "FILE"],
    ("history", "saved"): ["history", "--from", "FILE"],
    ("logs", "state"): ["logs", "--state", "FILE"],
    ("monitor", "file"): ["monitor", "FILE", "--from", "kept.json"],
    ("monitor", "outputs"): ["monitor", "--outputs", "FILE"],
    ("monitor", "saved"): ["monitor", "--from", "FILE"],
    ("monitor", "state"): ["monitor", "--state", "FILE"],
    ("performance", "decided"): [
        "performance",
        "--stack",
        "private",
        "--state",
        "swarm.json",
        "--start",
        "2026-01-05T09:00Z",
        "--end",
        "2026-01-05T12:00Z",
        "--log",
        "FILE",
    ],
    ("performance", "file"): ["performance", "FILE", "--from", "recording.json"],
    ("performance", "prices"): ["performance", "rules.yaml", "--from", "recording.json", "--prices", "FILE"],
    ("performance", "saved"): ["performance", "rules.yaml", "--from", "FILE"],
    ("performance", "state"): ["performance", "rules.yaml", "--state", "FILE"],
    ("read", "files"): ["read", "FILE", *KNOWN],
    ("record", "exported"): ["record", "web", "--exported", "FILE", "--rules", "rules.yaml"],
    ("record", "rules"): ["record", "web", "--exported", "metrics.json", "--rules", "FILE"],
    ("record", "saved"): ["record", "--from", "FILE"],
    ("replay", "file"): ["replay", "FILE", *KNOWN],
    ("replay", "settings"): ["replay", "recording.json", "--settings", "FILE"],
    ("rollback", "saved"): ["rollback", "1", "--from", "FILE", "--output", "then.yaml"],
    ("run", "state"): ["run", "--state", "FILE", "migrate"],
    ("scale", "replay"): ["scale", "--replay", "FILE"],
    ("scale", "settings"): ["scale", "--settings", "FILE", "--hold"],
    ("scale", "state"): ["scale", "--state", "FILE"],
    ("simulate", "against"): ["simulate", "rules.yaml", "--against", "FILE"],
    ("simulate", "file"): ["simulate", "FILE"],
    ("simulate", "prices"): ["simulate", "rules.yaml", "--prices", "FILE"],
    ("simulate", "trace"): ["simulate", "rules.yaml", "--trace", "FILE"],
    ("sweep", "paths"): ["sweep", "FILE", "--workers", "1"],
    ("sweep", "prices"): ["sweep", "rules.yaml", "--workers", "1", "--prices", "FILE"],
    ("tasks", "state"): ["tasks", "--state", "FILE"],
    ("tune", "file"): ["tune", "FILE", "--trials", "2", "--workers", "1"],
    ("tune", "prices"): ["tune", "rules.yaml", "--trials", "2", "--workers", "1", "--prices", "FILE"],
    ("tune", "unseen"): ["tune", "rules.yaml", "--trials", "2", "--workers", "1", "--unseen", "FILE"],
}
"""Command and parameter -> how it reads a file; each has an answer for the file as it is."""
AS_WRITTEN = {
    ("history", "saved"): "history.json",
    ("rollback", "saved"): "history.json",
    ("performance", "decided"): "scale.log",
    ("scale", "replay"): "scale.log",
    ("scale", "settings"): "scale.json",
}
"""Files that lie ready."""
AS_TEXT = {("cost", "against"), ("simulate", "against"), ("tune", "unseen")}
"""Parameters that may name a file, or something else."""


def contents(here: Path, reader: tuple[str, str]) -> list[str]:
    """Files that a reader takes."""
    name = reader[1]
    if reader == ("read", "files"):
        return [MANIFEST, *SOURCES.values()]
    if name in ("trace", "unseen"):
        return [text for text, _, _ in READ.values()]
    if name == "prices":
        return [(ROOT / "elasticity" / "prices" / "us-east-1.toml").read_text(encoding="utf-8")]
    if name == "outputs":
        return [json.dumps(OUTPUTS, indent=1)]
    if reader == ("performance", "state"):
        return [json.dumps(json.loads((here / "scaled.json").read_text()), indent=1)]
    if name == "state":
        return [json.dumps(state(), indent=1)]
    if reader == ("record", "exported"):
        return [
            (here / "metrics.json").read_text(),
            json.dumps(activities(json.loads((here / "recording.json").read_text()))),
        ]
    if reader == ("record", "saved"):
        return [json.dumps(json.loads((here / "account.json").read_text()), indent=1)]
    if reader in (("fit", "file"), ("performance", "saved"), ("replay", "file")):
        return [json.dumps(json.loads((here / "recording.json").read_text()), indent=1)]
    if reader in AS_WRITTEN:
        return [(here / AS_WRITTEN[reader]).read_text()]
    if name == "saved":
        return [(here / "kept.json").read_text()]
    return [(here / "rules.yaml").read_text()]


def other_bytes(content: bytes, rng: random.Random) -> bytes:
    """The content cut short, with a stretch doubled or with other bytes in it, or packed."""
    first, last = sorted((rng.randrange(len(content) + 1), rng.randrange(len(content) + 1)))
    return rng.choice(
        (
            content[:first],
            content[:last] + content[first:],
            content[:first] + rng.randbytes(rng.randrange(1, 9)) + content[first:],
            content.decode("utf-8", "replace").encode("utf-16"),
            gzip.compress(content),
            gzip.compress(content)[: first // 2 + 1],
        )
    )


def test_every_reader_of_a_file_is_in_the_table() -> None:
    named = {
        (name, parameter.name)
        for name in BASES
        for parameter in found(name).params
        if isinstance(parameter.type, click.Path) and parameter.type.file_okay and parameter.name not in WRITTEN
    }
    assert named == set(READERS) - AS_TEXT


@pytest.mark.parametrize("reader", READERS, ids="-".join)
def test_a_mutated_file_is_read_or_told_in_a_sentence(
    here: Path, within_limit: Any, capsys: Any, reader: tuple[str, str]
) -> None:
    known, wrong = contents(here, reader), {}
    for seed in seeds(16):
        rng = random.Random(seed)
        content = mutated(known[seed % len(known)], seed)
        (here / "FILE").write_bytes(content if rng.random() < 0.7 else other_bytes(content, rng))
        within_limit()
        if fault := ended(READERS[reader], capsys):
            wrong[seed] = fault
    assert wrong == {}


@pytest.mark.parametrize("reader", READERS, ids="-".join)
def test_a_file_as_it_should_be_is_read(here: Path, capsys: Any, reader: tuple[str, str]) -> None:
    (here / "FILE").write_text(contents(here, reader)[0])
    assert cli.run(READERS[reader]) in (0, 1)
    assert capsys.readouterr().out
