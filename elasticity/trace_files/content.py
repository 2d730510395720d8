"""The content of one file, looked at in the ways in which formats are recognised."""

from __future__ import annotations

import functools
import json
import zlib
from collections.abc import Iterator
from itertools import islice
from typing import Any

from elasticity.traces import TraceError

GZIP = b"\x1f\x8b"
_MIB = 1024 * 1024
_HEAD = 64 * 1024
_FIRST_LINES = 25


def unpacked(path: str, content: bytes, maximum: int) -> bytes:
    """The content of a gzip file, several members one after the other included, of at most `most` bytes."""
    parts: list[bytes] = []
    left = maximum
    while content.startswith(GZIP):
        reader = zlib.decompressobj(wbits=31)
        try:
            part = reader.decompress(content, left + 1)
        except zlib.error:
            raise TraceError(f"{path}: is compressed by gzip, and damaged") from None
        left -= len(part)
        if left < 0:
            raise TraceError(f"{path}: holds more than {maximum // _MIB} MiB, the most that is read")
        if not reader.eof:
            raise TraceError(f"{path}: is compressed by gzip, and cut off")
        parts.append(part)
        content = reader.unused_data
    return b"".join(parts)


class Content:
    """Text of a file, its first lines, and the JSON that it is."""

    def __init__(self, path: str, raw: bytes, encoding: str) -> None:
        self.path, self.raw = path, raw.removeprefix(b"\xef\xbb\xbf") if encoding.startswith("utf-8") else raw
        self._encoding = encoding
        self.utf8 = encoding.startswith("utf-8") or raw.isascii()
        """Whether bytes of the file that are ASCII mean themselves."""
        head = self.raw[: _HEAD + 1]
        self.head = (head if len(head) <= _HEAD else head[: head.rfind(b"\n") + 1 or _HEAD]).decode(encoding, "replace")
        """The first lines, whole."""

    @functools.cached_property
    def text(self) -> str:
        """All of it; raises TraceError where it is no such text."""
        try:
            return self.raw.decode(self._encoding)
        except (UnicodeDecodeError, LookupError):
            raise TraceError(f"{self.path}: is not {self._encoding.removesuffix('-sig')} text") from None

    @functools.cached_property
    def first_lines(self) -> list[str]:
        """Lines that are not empty, from the first on."""
        return list(islice((line for line in self.head.splitlines() if line.strip()), _FIRST_LINES))

    @property
    def is_json(self) -> bool:
        """Whether it begins as JSON does."""
        return self.head.lstrip()[:1] in ("{", "[")

    @functools.cached_property
    def first_row(self) -> Any:
        """The JSON of the first line, where each line is a document of its own; else None."""
        if not self.is_json or len(self.first_lines) < 1:
            return None
        try:
            return json.loads(self.first_lines[0])
        except (json.JSONDecodeError, RecursionError):
            return None

    @functools.cached_property
    def document(self) -> Any:
        """The JSON that the whole file is; raises TraceError where it is none."""
        try:
            return json.loads(self.text)
        except json.JSONDecodeError as error:
            raise TraceError(f"{self.path}:{error.lineno}: not JSON: {error.msg}") from None
        except RecursionError:
            raise TraceError(f"{self.path}:1: not a load: lists within lists without end") from None

    def rows(self) -> Iterator[tuple[int, Any]]:
        """Line and JSON of each line that is not empty; raises TraceError where one is none."""
        for number, line in enumerate(self.text.splitlines(), 1):
            if line.strip():
                try:
                    yield number, json.loads(line)
                except (json.JSONDecodeError, RecursionError):
                    raise TraceError(f"{self.path}:{number}: not JSON, as the lines before are") from None
