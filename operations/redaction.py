"""The one filter through which what a command says of itself goes: remarks, errors, warnings, logs, tracebacks.

Hidden are the values of the environment's own secrets, wherever they stand, and what has the form of a secret. What AWS
or an engine said and an answer quotes is filtered by the same function, since standard output holds answers, whose
words must stay as they are.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TextIO

HIDDEN = "[secret]"
SHORTEST = 8
"""Characters of a variable's value that is hidden: shorter ones are words [own]."""
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_VARIABLE = re.compile(r"SECRET|TOKEN|PASSWORD|PASSWD|PASSPHRASE|CREDENTIAL|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY|_PAT$")
_PLACE = re.compile(r"(?:FILE|PATH|DIR|URL|URI|NAME|PROVIDER)$")
_NAME = (
    r"(?:(?!secretsmanager)[\w.-])*(?!secretsmanager)"
    r"(?:secret|token|passw(?:or)?d|passphrase|signature|credential|authorization|api_?key|access_?key|private_?key)"
    r"[\w.-]*[\"']?"
)
_QUOTED = r"\"(?:[^\"\\]|\\.)+\"|'(?:[^'\\]|\\.)+'"
_MIXED = r"(?=\S*\d|\S*[a-z]\S*[A-Z]|\S*[A-Z]\S*[a-z])[^\s\"',;&]{6,}"
"""What no sentence has behind a colon: six characters or more, with a digit or of both cases."""
_FORMS = re.compile(
    "|".join(
        (
            r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)",
            r"(?<![\w.-])(?i:authorization[\"']?\s*[:=]\s*)[^\r\n]+",
            rf"(?<![\w.-])(?i:{_NAME})\s*=\s*(?:{_QUOTED}|[^\s\"',;&]+)",
            rf"(?<![\w.:-])(?i:{_NAME})\s*:\s*(?:{_QUOTED}|{_MIXED})",
            r"\b(?i:bearer|basic)\s+[\w.+/=~-]{8,}",
            r"(?<=://)[^/\s:@]*:[^/\s@]+(?=@)",
            r"\b(?:AKIA|ASIA|ACCT)[A-Z0-9]{12,}",
            r"\b(?:FwoG|IQoJ|FQoG|AQoD)[A-Za-z0-9/+=]{16,}",
            r"\bpul-[0-9a-f]{40}",
            r"\bgh[pousr]_\w{20,}|\bgithub_pat_\w{20,}|\bglpat-[\w-]{20,}",
            r"\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*",
        )
    ),
    re.DOTALL,
)
"""Private keys; headers that sign a request; what is called a secret, with its value; credentials in an address; keys
and session tokens of AWS (IAM User Guide, unique identifiers), tokens of Pulumi, GitHub and GitLab, JSON Web Tokens."""


def hidden(text: str, environment: Mapping[str, str] | None = None) -> str:
    """A text without secrets."""
    for value in _values(os.environ if environment is None else environment):
        text = text.replace(value, HIDDEN)
    return _FORMS.sub(HIDDEN, text)


def redacted(text: str) -> str:
    """A message of somebody else without secrets, and without what could move a terminal's cursor."""
    return _CONTROL.sub(" ", hidden(text))


def _values(environment: Mapping[str, str]) -> list[str]:
    """The values of variables that are called a secret and no place of one, the longest first."""
    found = {
        value
        for name, value in environment.items()
        if len(value) >= SHORTEST and _VARIABLE.search(name.upper()) and not _PLACE.search(name.upper())
    }
    return sorted(found, key=len, reverse=True)


class Filter:
    """A text stream that writes whole lines without their secrets; a part of a line waits for its end, or for `flush`.

    It has no `buffer`: bytes would go past it.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._waiting = ""

    def write(self, text: str) -> int:
        """As of a text stream."""
        lines, end, rest = (self._waiting + text).rpartition("\n")
        self._waiting = rest
        if end:
            self._stream.write(hidden(lines + end))
        return len(text)

    def flush(self) -> None:
        """As of a text stream."""
        waiting, self._waiting = self._waiting, ""
        if waiting:
            self._stream.write(hidden(waiting))
        self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        """Of the stream itself: whether it is a terminal, its number, its encoding."""
        if name == "buffer":
            raise AttributeError(name)
        if name == "writelines":
            return lambda lines: self.write("".join(lines))
        return getattr(self._stream, name)


@contextmanager
def filtered() -> Iterator[None]:
    """Standard error through the filter, once: `click`, `rich`, `warnings`, `logging` and tracebacks write there."""
    before: Any = sys.stderr
    if isinstance(before, Filter):
        yield
        return
    held: Any = Filter(before)
    sys.stderr = held
    try:
        yield
    finally:
        held.flush()
        sys.stderr = before
