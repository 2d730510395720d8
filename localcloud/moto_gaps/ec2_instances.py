"""Gaps of moto's EC2 instances: references that AWS refuses, and user data that is changed later."""

import re
from typing import Any, Final

from moto.core.types import Base64EncodedString
from moto.ec2.models import EC2Backend
from moto.ec2.responses import instances

from localcloud.moto_gaps._patching import Refusal, replace

IMAGE_ID: Final = re.compile(r"ami-[0-9a-f]{8}([0-9a-f]{9})?")
"""The form of an image's id. Whether an image exists is not refused: a program names images of AWS that nobody has
here."""


@replace(EC2Backend)
def run_instances(original: Any, self: Any, image_id: str, count: int, *arguments: Any, **keywords: Any) -> Any:
    """Refuse an image id of the wrong form and a key pair that does not exist; moto takes both."""
    if image_id and not IMAGE_ID.fullmatch(image_id):
        raise Refusal("InvalidAMIID.Malformed", f'Invalid id: "{image_id}"')
    key = keywords.get("key_name")
    if key and key not in self.key_pairs:
        raise Refusal("InvalidKeyPair.NotFound", f"The key pair '{key}' does not exist")
    return original(self, image_id, count, *arguments, **keywords)


@replace(instances)
def parse_user_data(original: Any, value: Any) -> Any:
    """What ModifyInstanceAttribute brings is decoded already, which moto does not expect."""
    return Base64EncodedString.from_raw_bytes(value) if isinstance(value, bytes) else original(value)
