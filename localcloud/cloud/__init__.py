"""A cloud on this machine for each Pulumi project: start, stop, status, reset, and any pulumi command against it.

    cloud = LocalCloud.of(Path.cwd())
    cloud.run(["up", "--yes"])

The engine works on a shadow of the project (`shadow`), in an environment with no
real account (`environment`), against a provider and a stand-in for AWS that belong to this project alone (`lifecycle`).
"""

from localcloud.cloud.errors import LocalCloudError
from localcloud.cloud.session import LocalCloud, Status

__all__ = ["LocalCloud", "LocalCloudError", "Status"]
