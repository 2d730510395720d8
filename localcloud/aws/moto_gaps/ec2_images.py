"""A gap of moto's EC2: the images that programs look for and moto's list, which ends in 2023, has not.

Names, owners and forms of names are those of the publishers; ids are made of the names and the region, so that they are
the same in every cloud. Amazon's own are in moto.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from moto.ec2.models.amis import Ami, AmiBackend

from localcloud.aws.moto_gaps._patching import replace

CANONICAL, DEBIAN, AMAZON, RED_HAT = "099720109477", "136693071363", "amazon", "309956199498"
WINDOWS, BOTTLEROCKET, AMAZON_LINUX = "801119661308", "092701018921", "137112412989"
ARMS: Final = {"amd64": "x86_64", "arm64": "arm64", "x86_64": "x86_64", "aarch64": "arm64"}
UBUNTU: Final = {
    "focal-20.04": "hvm-ssd", "jammy-22.04": "hvm-ssd", "noble-24.04": "hvm-ssd-gp3", "bionic-18.04": "hvm-ssd",
}  # fmt: skip
"""Release -> the storage in the name of its images."""
WINDOWS_NAMES: Final = tuple(
    f"Windows_Server-{year}-English-{kind}-{what}"
    for year in ("2016", "2019", "2022", "2025")
    for kind in ("Full", "Core")
    for what in ("Base", "ECS_Optimized")
)
BOTTLEROCKETS: Final = ("aws-ecs-2", "aws-ecs-1", "aws-k8s-1.31", "aws-k8s-1.32", "aws-k8s-1.33")
DATES: Final = ("20240601", "20250610")
"""Each image was published twice: `mostRecent` has something to choose."""


@dataclass(frozen=True)
class Image:
    """A published image."""

    name: str
    owner: str
    architecture: str
    published: str
    """Year, month and day."""
    description: str = ""
    root: str = "/dev/sda1"
    platform: str | None = None
    alias: str | None = None

    def identity(self, region: str) -> str:
        """Its id in a region."""
        return "ami-0" + hashlib.sha256(f"{region}/{self.name}".encode()).hexdigest()[:16]


def _canonical(date: str) -> Iterator[Image]:
    for release, storage in UBUNTU.items():
        code, version = release.split("-")
        for arch in ("amd64", "arm64"):
            text = f"Canonical, Ubuntu, {version}, {arch} {code} image"
            for line, what in (("ubuntu", "server"), ("ubuntu-minimal", "minimal")):
                name = f"{line}/images/{storage}/ubuntu-{release}-{arch}-{what}-{date}"
                yield Image(name, CANONICAL, ARMS[arch], date, text)


def _debian(date: str) -> Iterator[Image]:
    for release in ("11", "12"):
        for arch in ("amd64", "arm64"):
            name = f"debian-{release}-{arch}-{date}-1789"
            yield Image(name, DEBIAN, ARMS[arch], date, f"Debian {release} ({date}-1789)", "/dev/xvda")


def _windows(date: str) -> Iterator[Image]:
    for name in WINDOWS_NAMES:
        year, stamp = name.split("-")[1], f"{date[:4]}.{date[4:6]}.{date[6:]}"
        text = f"Microsoft Windows Server {year} Locale English AMI provided by Amazon"
        yield Image(f"{name}-{stamp}", WINDOWS, "x86_64", date, text, "/dev/sda1", "windows", AMAZON)


def _bottlerocket(date: str) -> Iterator[Image]:
    release = "1.20.0-fcf71a47" if date == DATES[0] else "1.40.0-af1ef6a1"
    for variant in BOTTLEROCKETS:
        for arch in ("x86_64", "aarch64"):
            name = f"bottlerocket-{variant}-{arch}-v{release}"
            yield Image(name, BOTTLEROCKET, ARMS[arch], date, name, "/dev/xvda", None, AMAZON)


def _linux(date: str) -> Iterator[Image]:
    for arch in ("x86_64", "arm64"):
        for release in ("8.10.0", "9.4.0", "9.6.0", "10.0.0"):
            name = f"RHEL-{release}_HVM-{date}-{arch}-0-Hourly2-GP3"
            yield Image(name, RED_HAT, arch, date, "Provided by Red Hat, Inc.")
        names = [f"al2023-ami-{what}2023.7.{date}.0-kernel-6.1-{arch}" for what in ("", "minimal-")]
        for name in (*names, f"amzn2-ami-hvm-2.0.{date}.0-{arch}-gp2"):
            yield Image(name, AMAZON_LINUX, arch, date, "Amazon Linux", "/dev/xvda", None, AMAZON)


PUBLISHERS: Final = (_canonical, _debian, _windows, _bottlerocket, _linux)
IMAGES: Final = tuple(image for each in PUBLISHERS for date in DATES for image in each(date))


@replace(AmiBackend)
def _load_amis(original: Any, self: Any) -> None:
    """Add the images that moto's list lacks."""
    original(self)
    for image in IMAGES:
        ami_id = image.identity(self.region_name)
        date = datetime.strptime(image.published, "%Y%m%d").replace(tzinfo=UTC)
        self.amis[ami_id] = Ami(
            self, ami_id, name=image.name, description=image.description, owner_id=image.owner,
            owner_alias=image.alias, public=True, virtualization_type="hvm", architecture=image.architecture,
            creation_date=date, platform=image.platform, image_location=f"{image.alias or image.owner}/{image.name}",
            hypervisor="xen", root_device_type="ebs", root_device_name=image.root, sriov="simple",
        )  # fmt: skip


def newest(prefix: str, architecture: str) -> Image | None:
    """The newest image whose name begins so."""
    mine = [i for i in IMAGES if i.name.startswith(prefix) and i.architecture == architecture]
    return max(mine, key=lambda image: image.published, default=None)
