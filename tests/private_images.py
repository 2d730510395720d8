"""The image of HAProxy for private stacks, of what this machine has: no hub is asked."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import tarfile
from pathlib import Path

from tests.swarm import client

SEARCHED = "/usr/sbin:/usr/local/sbin"


def missing() -> str | None:
    """Why the image cannot be made here; None where it can."""
    return None if shutil.which("haproxy", path=SEARCHED) else "no haproxy on this machine: apt-get install haproxy"


def haproxy(repository: str, tag: str) -> str:
    """HAProxy of this machine with the libraries that it is linked with, and nothing else. Returns the image's name."""
    program = Path(shutil.which("haproxy", path=SEARCHED) or "")
    linked = subprocess.run(["ldd", program], check=True, capture_output=True, text=True).stdout
    libraries = [Path(path) for path in re.findall(r"(/\S+) \(0x", linked)]
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for path in (program, *libraries):
            archive.add(path.resolve(), str(path).lstrip("/"))
    client().import_image_from_data(packed.getvalue(), repository=repository, tag=tag, changes=['CMD ["haproxy"]'])
    return f"{repository}:{tag}"
