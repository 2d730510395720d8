"""API Gateway for REST: certificates by which a back end knows it, and the documentation of an API."""

from localcloud.aws.kind import Calls, Kind, OwnCalls, Properties, Tags, Translation
from localcloud.aws.kinds.apigateway_calls import ARN, SERVICE, by_path, patches, reads
from localcloud.aws.kinds.tagging import retag

CERTIFICATE: Kind = Kind(
    "aws:apigateway/clientCertificate:ClientCertificate",
    Calls(
        SERVICE, "generate_client_certificate", "clientCertificateId",
        read=reads("get_client_certificate", clientCertificateId="{id}"),
        delete=("delete_client_certificate", {"clientCertificateId": "{id}"}),
        update=patches(lambda: CERTIFICATE, "update_client_certificate", clientCertificateId="{id}"),
    ),
    tags=Tags(update=retag(SERVICE, ARN + "/clientcertificates/{id}")),
    properties=Properties(defaults={"description": ""}),
    outputs={"arn": ARN + "/clientcertificates/{id}"},
)  # fmt: skip
PART: Kind = Kind(
    "aws:apigateway/documentationPart:DocumentationPart",
    Calls(
        SERVICE, "create_documentation_part", "id",
        read=lambda aws, i, props: reads(
            "get_documentation_part", restApiId="{restApiId}", documentationPartId="{id}"
        )(aws, i.rpartition("/")[2], props),
        custom_create=lambda aws, props: "{}/{}".format(
            props["restApiId"],
            aws(SERVICE, "create_documentation_part", **PART.request("create_documentation_part", props))["id"],
        ),
        delete=lambda aws, i, props: aws(
            SERVICE, "delete_documentation_part", restApiId=props["restApiId"], documentationPartId=i.rpartition("/")[2]
        ),
        import_id=lambda text: (text, {"restApiId": text.partition("/")[0]}),
    ),
    tags=Tags(None),
    properties=Properties(force_new={"restApiId", "location"}),
    own_calls=OwnCalls(update={"properties": lambda aws, i, value, props: aws(
        SERVICE, "update_documentation_part", restApiId=props["restApiId"], documentationPartId=i.rpartition("/")[2],
        patchOperations=[{"op": "replace", "path": "/properties", "value": value}],
    )}),
    outputs={"documentationPartId": lambda aws, i, live, props: i.rpartition("/")[2]},
)  # fmt: skip
OF_VERSION = {"restApiId": "{restApiId}", "documentationVersion": "{version}"}
VERSION: Kind = Kind(
    "aws:apigateway/documentationVersion:DocumentationVersion",
    Calls(
        SERVICE, "create_documentation_version", "{restApiId}/{version}",
        read=reads("get_documentation_version", **OF_VERSION), delete=("delete_documentation_version", OF_VERSION),
        update=patches(lambda: VERSION, "update_documentation_version", **OF_VERSION),
        import_id=by_path("{restApiId}/{version}", "restApiId", "version"),
    ),
    tags=Tags(None),
    translation=Translation(rename={"version": "documentationVersion"}),
    properties=Properties(force_new={"restApiId", "version"}, defaults={"description": ""}),
)  # fmt: skip

ROWS = (CERTIFICATE, PART, VERSION)
