"""Gaps of moto's IAM: the audiences of an OIDC provider, which it takes at the making only; passwords to be changed."""

from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.iam.responses import IamResponse

from localcloud.aws.moto_gaps._patching import add, replace


@add(IamResponse)
def add_client_id_to_open_id_connect_provider(self: Any) -> ActionResult:
    """One audience more; one that is there stays."""
    found, client = _asked(self)
    if client not in found.client_id_list:
        found.client_id_list.append(client)
    return EmptyResult()


@add(IamResponse)
def remove_client_id_from_open_id_connect_provider(self: Any) -> ActionResult:
    """One audience less; one that is not there is no error."""
    found, client = _asked(self)
    if client in found.client_id_list:
        found.client_id_list.remove(client)
    return EmptyResult()


def _asked(response: Any) -> tuple[Any, str]:
    arn = response._get_param("OpenIDConnectProviderArn")
    return response.backend.get_open_id_connect_provider(arn), response._get_param("ClientID")


@replace(IamResponse)
def create_login_profile(original: Any, self: Any) -> Any:
    """Whether the password has to be changed at the first sign-in is kept."""
    answer = original(self)
    user = self.backend.get_user(self._get_param("UserName"))
    user.password_reset_required = bool(self._get_bool_param("PasswordResetRequired"))
    return answer
