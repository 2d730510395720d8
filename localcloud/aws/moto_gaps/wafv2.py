"""A gap of moto's WAF: an access list cannot lose its last rule."""

from typing import Any

from moto.wafv2.models import WAFV2Backend

from localcloud.aws.moto_gaps._patching import replace


@replace(WAFV2Backend)
def update_web_acl(original: Any, self: Any, name: str, acl_id: str, *arguments: Any) -> Any:
    """An update is the whole list: no rules means no rules, where moto keeps the old ones."""
    token = original(self, name, acl_id, *arguments)
    if not arguments[1]:
        self.get_web_acl(None, name, acl_id).rules = []
    return token
