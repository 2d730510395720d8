"""A secret that was planted, in every form in which somebody could read it back, and where it is looked for."""

import base64
import gzip
import hashlib
import html
import io
import json
import tarfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote, quote_plus

from tests.engine.checkout import Checkout


def forms(secret: str) -> dict[str, bytes]:
    """By name: the secret itself, as an address, JSON, HTML and YAML write it, in base 64 and 16, and its hashes,
    which tell whoever guesses that the guess was right."""
    plain = secret.encode()
    found = {
        "plain": plain,
        "URL": quote(secret, safe="").encode(),
        "form": quote_plus(secret).encode(),
        "HTML": html.escape(secret).encode(),
        "Python": repr(secret)[1:-1].encode(),
        "YAML": secret.replace("'", "''").encode(),
        "hexadecimal": plain.hex().encode(),
    }
    for ascii_only in (True, False):
        escaped = secret
        for depth in range(1, 5):  # JSON in JSON, as a journal keeps requests
            escaped = json.dumps(escaped, ensure_ascii=ascii_only)[1:-1]
            found[f"JSON, {depth} deep{', ASCII' * ascii_only}"] = escaped.encode()
    for shift in range(3):  # wherever it begins among others; the letters on either side hold bits of those
        coded = base64.b64encode(b"\0" * shift + plain)
        body = coded[(0, 2, 3)[shift] : len(coded) - (0, 4, 4)[(shift + len(plain)) % 3]]
        found[f"base64, {shift} behind"] = body
        found[f"base64 of addresses, {shift} behind"] = body.translate(bytes.maketrans(b"+/", b"-_"))
    for algorithm in ("md5", "sha1", "sha256", "sha512"):
        for what, content in (
            ("it", plain),
            ("its base64", base64.b64encode(plain)),
            ("its JSON", json.dumps(secret).encode()),
        ):
            digest = hashlib.new(algorithm, content)
            found[f"{algorithm} of {what}"] = digest.hexdigest().encode()
    return found


class Search:
    """What was looked at, by place, and where a secret was found."""

    def __init__(self, *secrets: str) -> None:
        self._forms = {
            f"{number}, {name}": form for number, one in enumerate(secrets) for name, form in forms(one).items()
        }
        self.found: list[str] = []
        """`place: secret and form`."""
        self.places: list[str] = []

    def look(self, place: str, content: str | bytes) -> str:
        """Search a text or bytes, and what is packed in them; returns the text."""
        data = content.encode() if isinstance(content, str) else content
        assert data, f"{place}: nothing to search"
        self.places.append(place)
        for part in _unpacked(data):
            self.found += [f"{place}: {name}" for name, form in self._forms.items() if form in part]
        return content if isinstance(content, str) else ""

    def files(self, place: str, files: Iterable[Path]) -> None:
        """Search files."""
        self.places.append(place)
        for file in files:
            if file.is_file() and not file.is_symlink() and (data := file.read_bytes()):
                self.look(f"{place} {file.name}", data)


def _unpacked(data: bytes) -> Iterator[bytes]:
    """The bytes, and what archives in them hold."""
    yield data
    if data[:2] == b"\x1f\x8b":
        try:
            yield from _unpacked(gzip.decompress(data))
        except (OSError, EOFError, zlib.error):
            return  # begins so by chance
    elif data[257:262] == b"ustar":
        with tarfile.open(fileobj=io.BytesIO(data)) as archive:
            for member in archive:
                if (held := archive.extractfile(member)) is not None:
                    yield from _unpacked(held.read())


LOCAL = ("--local",)
TOLD: tuple[tuple[str, ...], ...] = (
    ("history", *LOCAL, "--format", "json"),
    ("config", "history", *LOCAL, "--format", "json"),
    ("config", "diff", *LOCAL),
    ("monitor", *LOCAL, "--save", "FOLDER/monitor.json"),
    ("performance", *LOCAL, "--format", "json", "--picture", "FOLDER/performance.svg"),
    ("cost", "--format", "json", "--html", "FOLDER/cost.html"),
    ("tasks", *LOCAL, "--format", "json"),
    ("logs", *LOCAL, "--since", "1h", "--format", "json"),
    ("release", "status", *LOCAL),
    ("rollback", *LOCAL, "--preview"),
    ("check", "--format", "sarif", "--output", "FOLDER/check.sarif"),
    ("simulate", "--html", "FOLDER/simulate.html"),
    ("explain",),
    ("local", "stack", "export"),
    ("local", "stack", "output", "--json", "--show-secrets"),
    ("local", "stack", "history", "--json"),
    ("local", "preview", "--json"),
)
"""Commands that tell of a stack; FOLDER is where they write."""


def told(search: Search, checkout: Checkout, stack: str, folder: Path, *others: tuple[str, ...]) -> None:
    """Search all that the commands, and `others`, say and write about a deployed stack."""
    for words in (*TOLD, *others):
        arguments = [word.replace("FOLDER", str(folder)) for word in words]
        place = f"accordion {' '.join(words)}"
        process = checkout.start(*arguments, "--stack", stack)
        said, _ = process.communicate(timeout=240)
        assert process.returncode in (0, 1, 2), said
        search.look(place, said)
    state = json.loads(checkout("local", "stack", "export", "--stack", stack))
    exported = folder / "state.json"
    exported.write_text(json.dumps(state))
    for form in ("svg", "mermaid"):
        search.look(f"accordion graph {form}", checkout("graph", str(exported), "--format", form))
    search.files("written by commands", folder.rglob("*"))


def reviewed(search: Search, checkout: Checkout, stack: str, folder: Path) -> str:
    """Search all that a review of the last change says and writes; returns the comment."""
    comment, found, long = (folder / name for name in ("review.md", "review.sarif", "review-long.md"))
    asked = ("review", "--base", "HEAD", "--stack", stack)
    process = checkout.start(*asked, "--output", str(comment), "--sarif", str(found), "--full", str(long))
    said, _ = process.communicate(timeout=240)
    assert process.returncode in (0, 1), said
    search.look("accordion review", said)
    search.files("a review's comment", (comment, found, long))
    search.files("a review's cloud", Path(checkout.variables["ACCORDION_CACHE_DIR"]).rglob("*"))
    return comment.read_text()
