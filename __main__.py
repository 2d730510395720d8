"""The program of every stack: settings in, resources by composition, outputs out."""

import pulumi

from stacks import compositions
from stacks.config import settings_of_this_stack
from stacks.deployed import what_is_deployed

outputs = compositions.build(settings_of_this_stack(), what_is_deployed())
for name, value in outputs.exports().items():
    pulumi.export(name, value)
