"""What of a folder an image is built from: one list of files, for the archive that is sent and for its digest.

It follows the docker command: `.dockerignore`, the Dockerfile that is always sent, links as links. What two machines
would tell apart without meaning it is left out: times, owners, rights beyond the executable bit, empty folders (git
keeps none).
"""

from image_context.context import MOST_BYTES, MOST_FILES, Context, ContextError

__all__ = ["MOST_BYTES", "MOST_FILES", "Context", "ContextError"]
