"""The image of HAProxy for private stacks, of what this machine has: no hub is asked.

`python -m tests.private_images` puts the images that Pulumi.private.yaml names on the Engine: `make private-images`.
"""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import tarfile
from pathlib import Path

from tests import swarm
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


if __name__ == "__main__":
    if why := swarm.missing() or missing():
        raise SystemExit(f"private-images: {why}")
    for image in (swarm.build("accordion/example-app", "1.0.0"), haproxy("accordion/haproxy", "2.6.12")):
        print(f"private-images: {image}")  # noqa: T201 -- what a person asked for
