"""The program of every stack: settings in, resources by composition, outputs out."""

import pulumi

from stacks import compositions
from stacks.config import settings_of_this_stack

outputs = compositions.build(settings_of_this_stack())
for name, value in outputs.exports().items():
    pulumi.export(name, value)
