"""Docker on this machine: the types of pulumi-docker against a real Engine, in the place of the official plugin."""
