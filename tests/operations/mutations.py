"""Mutations of files and of command lines, by seed: what a slip of the hand, a broken tool or an ill will may write."""

from __future__ import annotations

import os
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import click

SCALARS = (
    "", "null", "~", "true", "no", "0", "-1", "010", "0o17", "0x10", "1_000", "1e309", ".inf", "-.inf", ".nan", "1.5",
    "99999999999999999999", "9" * 400, "12:30:45", "2026-01-05", "2026-02-30", '"\\u0000"', "'x'", "x" * 5_000, "é", "\t",
    "[]", "{}", "[[]]", "{ a: 1 }", "[1, 2, 3]", "*a", "&a [*a]", "!!binary aGk=", "!name x", "<<", "? x", "|", "- 1", "a: b: c",
    "%", "@", "`", "1/s", "1e30/s", "1e-9/s", "5000000000m", "1ns", "0s", "-5m", "100000000000d", "cpu", "*", "../../x",
    "0 0 30 2 *", "* * * * *", "*/0 * * * *", "60 24 32 13 8", "Mars/Base", "Europe/Berlin", "${x}", "[" * 3_000, "{ a: " * 3_000,
)  # fmt: skip
NUMBERS = (
    "0",
    "1",
    "2",
    "7",
    "100",
    "10000",
    "1000000",
    "1000000000",
    "2147483647",
    "0.001",
    "1e9",
    "1.5",
    "-1",
    "007",
)
SIGNS = "{}[]:,&*!|>'\"%@`#-\x00\x07\u2028\ufeff"
_NUMBER = re.compile(r"(?<![\w.\"])\d+(?:\.\d+)?(?![\w.\"]*:)")


def seeds(count: int, first: int = 0) -> range:
    """The seeds of a part of a fuzz; `FUZZ_SEED` begins elsewhere and `FUZZ_TIMES` goes on longer, outside CI."""
    begin = first + int(os.environ.get("FUZZ_SEED", "0"))
    return range(begin, begin + count * int(os.environ.get("FUZZ_TIMES", "1")))


def _value(rng: random.Random, line: str) -> str:
    head = line.split(":", 1)[0] if rng.random() < 0.5 else line.rsplit(":", 1)[0]
    return f"{head}: {rng.choice(SCALARS)}" if ":" in line else rng.choice(SCALARS)


def _number(rng: random.Random, line: str) -> str:
    found = list(_NUMBER.finditer(line))
    if not found:
        return line
    chosen = rng.choice(found)
    return line[: chosen.start()] + rng.choice(NUMBERS) + line[chosen.end() :]


def _sign(rng: random.Random, line: str) -> str:
    place = rng.randrange(len(line) + 1)
    return line[:place] + rng.choice(SIGNS) + line[place:]


def _cut(rng: random.Random, line: str) -> str:
    first, last = sorted((rng.randrange(len(line) + 1), rng.randrange(len(line) + 1)))
    return line[:first] + line[last:]


def _indent(rng: random.Random, line: str) -> str:
    return rng.choice((line[1:], line.lstrip(), f"  {line}", f"\t{line}"))


def _nothing(rng: random.Random, line: str) -> str:
    return ""


def _twice(rng: random.Random, line: str) -> str:
    return f"{line}\n{line}"


_OF_A_LINE: tuple[Callable[[random.Random, str], str], ...] = (
    _value, _value, _number, _number, _number, _sign, _cut, _indent, _nothing, _twice,
)  # fmt: skip


def mutated(text: str, seed: int) -> bytes:
    """The text with one to three of its lines changed, or torn off within a character."""
    rng = random.Random(seed)
    lines = text.split("\n")
    for _ in range(rng.choice((1, 1, 2, 3))):
        place = rng.randrange(len(lines))
        lines[place] = rng.choice(_OF_A_LINE)(rng, lines[place])
    content = "\n".join(lines).encode("utf-8", "surrogatepass")
    if rng.random() < 0.03:
        content = content[: rng.randrange(len(content) + 1)] + bytes([rng.randrange(256)])
    return content


WORDS = ("", "-", "--", "x", "no-such", "0", "-1", "1e309", "nan", "9" * 30, "x" * 3_000, "é", "a/b", "..", ".", "a=b", "a < b", "a < 1", "Mon 08:00", "2026-02-30", "[", "\n", "%s", "$(true)", "overload_minutes < 5", "HEAD~1", "--help-me", "Pulumi.dev.yaml", "dev")  # fmt: skip


def _word(rng: random.Random, parameter: click.Parameter) -> str:
    kind = parameter.type
    if isinstance(kind, click.Choice) and rng.random() < 0.5:
        return str(rng.choice(list(kind.choices)))
    return rng.choice(WORDS)


def command_line(name: str, command: click.Command, seed: int) -> list[str]:
    """A call of the command: its options, known and unknown, each with a word that fits or does not."""
    rng = random.Random(seed)
    line = [name]
    options = [parameter for parameter in command.params if isinstance(parameter, click.Option)]
    for option in rng.sample(options, min(len(options), rng.choice((0, 1, 1, 2, 3)))):
        if "output" in option.opts[0] or "picture" in option.opts[0]:
            line += [option.opts[0], "made/out.file" if rng.random() < 0.5 else "out.file"]
        else:
            line += [option.opts[0]] if option.is_flag else [option.opts[0], _word(rng, option)]
    if rng.random() < 0.7 and "--stack" not in line and any("--stack" in option.opts for option in options):
        line += ["--stack", "dev"]
    for argument in command.params:
        if isinstance(argument, click.Argument) and rng.random() < 0.6:
            line.append(rng.choice((*WORDS, "Pulumi.dev.yaml", "Pulumi.dev.yaml")))
    return line


def stack_files(root: Path) -> Iterator[tuple[str, str]]:
    """Name and text of the shipped stack files."""
    for path in sorted(root.glob("Pulumi.*.yaml")):
        yield path.name, path.read_text(encoding="utf-8")
