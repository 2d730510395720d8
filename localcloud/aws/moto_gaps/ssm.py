"""A gap of moto's SSM: the public parameters in which publishers other than Amazon Linux and ECS keep their images."""

from collections.abc import Iterator
from typing import Any, Final

from moto.core.utils import utcnow
from moto.ssm.models import Parameter, ParameterDict

from localcloud.aws.moto_gaps import ec2_images
from localcloud.aws.moto_gaps._patching import replace

PLACES: Final = tuple(f"/aws/service/{each}/" for each in ("canonical", "debian", "ami-windows-latest", "bottlerocket"))


def _canonical() -> Iterator[tuple[str, str, str]]:
    for release, storage in ec2_images.UBUNTU.items():
        code, version = release.split("-")
        disk = "ebs-gp3" if storage.endswith("gp3") else "ebs-gp2"
        for arch in ("amd64", "arm64"):
            for name in (version, code):
                path = f"canonical/ubuntu/server/{name}/stable/current/{arch}/hvm/{disk}/ami-id"
                yield path, f"ubuntu/images/{storage}/ubuntu-{release}-{arch}-server", arch


def _debian() -> Iterator[tuple[str, str, str]]:
    for number, code in (("11", "bullseye"), ("12", "bookworm")):
        for arch in ("amd64", "arm64"):
            for name in (number, code):
                yield f"debian/release/{name}/latest/{arch}", f"debian-{number}-{arch}", arch


def _windows() -> Iterator[tuple[str, str, str]]:
    for name in ec2_images.WINDOWS_NAMES:
        yield f"ami-windows-latest/{name}", f"{name}-", "x86_64"
        if name.endswith("ECS_Optimized"):
            yield f"ami-windows-latest/{name}/image_id", f"{name}-", "x86_64"


def _bottlerocket() -> Iterator[tuple[str, str, str]]:
    for variant in ec2_images.BOTTLEROCKETS:
        for path, arch in (("x86_64", "x86_64"), ("arm64", "aarch64"), ("aarch64", "aarch64")):
            yield f"bottlerocket/{variant}/{path}/latest/image_id", f"bottlerocket-{variant}-{arch}", arch


def parameters(region: str) -> Iterator[tuple[str, str]]:
    """Name and image of each public parameter."""
    for each in (_canonical, _debian, _windows, _bottlerocket):
        for path, prefix, arch in each():
            if image := ec2_images.newest(prefix, ec2_images.ARMS[arch]):
                yield f"/aws/service/{path}", image.identity(region)


@replace(ParameterDict)
def _check_loading_status(original: Any, self: Any, key: str) -> None:
    """Load them when one is first asked for."""
    original(self, key)
    if str(key or "").startswith(PLACES) and not vars(self).get("images_loaded"):
        self.images_loaded = True
        for name, image in parameters(self.region_name):
            made = Parameter(  # type: ignore[abstract]
                account_id=self.account_id,
                name=name,
                value=image,
                parameter_type="String",
                description="",
                allowed_pattern=None,
                keyid=None,
                last_modified_date=utcnow(),
                version=1,
                data_type="aws:ec2:image",
            )
            dict.setdefault(self, name, []).append(made)
