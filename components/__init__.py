"""How a noun becomes cloud resources: five components, each usable alone in another Pulumi program."""
