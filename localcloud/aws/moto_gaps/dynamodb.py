"""A gap of moto's DynamoDB: encryption that is turned on or off after the table was made."""

from typing import Any

from moto.dynamodb.responses import DynamoHandler

from localcloud.aws.moto_gaps._patching import replace


@replace(DynamoHandler)
def update_table(original: Any, self: Any) -> Any:
    """Keep the encryption that is asked for; moto leaves it out."""
    asked = self.body.get("SSESpecification")
    if asked is not None:
        table = self.dynamodb_backend.get_table(self.body["TableName"])
        key = asked.get("KMSMasterKeyId") or table._get_default_encryption_key(self.current_account, self.region)
        table.sse_specification = {**asked, "KMSMasterKeyId": key}
    return original(self)
