"""Gaps of moto's core: ids that depend on the order of reads, failures without an AWS error, slow look-ups.

The look-ups took half of each call and most of the first one: 404 changes were replayed in 5.5 s with them, and in
1.6 s without (2 cores, other work on them).
"""

import functools
import importlib
import traceback
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError
from moto.core.base_backend import AccountSpecificBackend
from moto.core.loaders import create_loader
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.core.responses import ActionResult, BaseResponse
from moto.iam.models import iam_backends
from werkzeug.exceptions import HTTPException

from localcloud.aws import moto_gaps
from localcloud.aws.moto_gaps import access_keys
from localcloud.aws.moto_gaps._patching import Refusal, replace
from localcloud.aws.moto_gaps.seeded import random_of

# moto lists the methods of a response class with `inspect` on each request (0.5 to 2 ms for EC2); they do not change.
_responses: Any = importlib.import_module("moto.core.responses")
_responses.method_names_from_class = functools.cache(_responses.method_names_from_class)

# moto lists its own folders on each request.
_backends: Any = importlib.import_module("moto.backends")
_MODULES = frozenset(_backends.list_of_moto_modules())
_backends.list_of_moto_modules = lambda: _MODULES

# Each botocore session, of which moto makes several, parses the service models anew (0.3 s for EC2).
_LOADER = create_loader()
for _module in ("botocore.session", "moto.core.utils"):
    vars(importlib.import_module(_module))["create_loader"] = lambda *_paths: _LOADER


@replace(importlib.import_module("moto.iam.models"))
def get_account_id_from(_original: Any, access_key: str) -> str:
    """The account of an access key: the number in it where it names one, else looked for where keys are.

    moto loads the policies of six partitions to look. Keys that name an account let one server hold several.
    """
    if named := access_keys.account_named(access_key):
        return named
    for account, partitions in list(iam_backends.items()):
        if any(access_key in backend.access_keys for backend in list(partitions.values())):
            return str(account)
    return str(DEFAULT_ACCOUNT_ID)


@replace(AccountSpecificBackend)
def __getitem__(original: Any, self: Any, region: str) -> Any:  # noqa: N807 - the method's name
    """Make what a service has from the start (default VPC, its subnets) with ids that depend on its name alone.

    Its gaps are filled before: a balancer's subnets make the EC2 of a region before any request has asked for it.
    """
    if region in self.keys():
        return original(self, region)
    moto_gaps.apply(self.backend.__module__.split(".")[1])
    with random_of(f"{self.service_name}/{self.account_id}/{region}"):
        return original(self, region)


@replace(BaseResponse)
def call_action(original: Any, self: Any) -> Any:
    """Answer an action that moto lacks, or fails in, with an AWS error in place of a page of HTML that is retried."""
    try:
        return original(self)
    except (HTTPException, ClientError):
        raise
    except NotImplementedError as error:
        refusal = Refusal("NotImplemented", f"the local cloud does not serve {_operation(self)} ({error})")
    except Exception as error:  # noqa: BLE001 - whatever moto trips over
        place = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(place.filename).parent.name}/{Path(place.filename).name}:{place.lineno}"
        failure = f"{type(error).__name__}: {error}"
        refusal = Refusal("InternalFailure", f"the local cloud failed in {_operation(self)} ({failure}, {where})")
    status, headers, body = self.serialized(ActionResult(refusal))
    return status, {**headers, "status": str(status)}, body


def _operation(response: Any) -> str:
    return f"{response.boto3_service_name}:{response._get_action()}"
