"""The list of types that take tags is that of pulumi-aws. Write it anew with SNAPSHOT=write when its pin is raised. It cannot
prove that AWS takes a tag."""

import os
import re
from pathlib import Path

import pulumi_aws

from guardrails.checks import tags

LIST = Path(tags.__file__).with_name("taggable_types.txt")
TOKEN = re.compile(r"super\(\w+, __self__\)\.__init__\(\s*'(aws:[^']+)'")
MAP = re.compile(r"^ +tags: pulumi\.Input\[Optional\[Mapping", re.MULTILINE)


def test_every_type_that_takes_tags_is_listed() -> None:
    found = []
    for module in Path(pulumi_aws.__file__).parent.rglob("*.py"):
        text = module.read_text(encoding="utf-8")
        token = TOKEN.search(text)
        if token and MAP.search(text.partition("\nclass _")[0]):
            found.append(token[1])
    listed = "".join(f"{each}\n" for each in sorted(found))
    if os.environ.get("SNAPSHOT") == "write":
        LIST.write_text(listed, encoding="utf-8")
    assert LIST.read_text(encoding="utf-8") == listed
    assert len(found) > 800
