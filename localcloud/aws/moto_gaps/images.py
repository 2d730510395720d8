"""Which container images are declared broken: their tasks never start.

A pattern is matched (`fnmatch`, case counts) against the whole image reference and against the reference without its
registry. Without any pattern given, an image is broken whose repository's last part, or whose tag, is exactly `broken`:
`broken`, `broken:1`, `example.com/team/broken@sha256:…` and `web:broken` are, `unbroken`, `broken-link-checker` and
`web:not-broken` are not. A given pattern is added to these.
"""

import re
from fnmatch import fnmatchcase
from typing import Final

_REFERENCE: Final = re.compile(r"(?P<repository>[^@]*?)(?::(?P<tag>[^:/@]+))?(?:@.*)?$")
_patterns: tuple[str, ...] = ()


def declare_broken(patterns: tuple[str, ...]) -> None:
    """Name the patterns of images that are broken besides the one named `broken`."""
    global _patterns
    _patterns = patterns


def is_broken(image: str) -> bool:
    """Whether tasks of an image fail to start."""
    found = _REFERENCE.match(image)
    if found and "broken" in (found["repository"].rpartition("/")[2], found["tag"]):
        return True
    names = {image, image.partition("/")[2]} if "/" in image else {image}
    return any(fnmatchcase(name, pattern) for name in names for pattern in _patterns)
