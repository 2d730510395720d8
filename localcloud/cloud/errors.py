"""What can go wrong for a user of the local cloud."""


class LocalCloudError(Exception):
    """A command that cannot go on; the message says what is wrong and what to do."""
