"""ECR: repositories, their policies and lifecycle policies."""

import json
from typing import Any

from localcloud.aws import shapes
from localcloud.aws.client import Aws
from localcloud.aws.kind import Calls, Kind, Naming, OwnCalls, Properties, Props, Tags, Translation, answered
from localcloud.aws.kinds.tagging import retag, tags_of

NAMED = {"repositoryNames": ["{id}"]}


def change(aws: Aws, name: str, old: Props, new: Props) -> None:
    """Mutability and scanning have calls of their own."""
    changed = REPOSITORY.changed(old, new)
    if changed & {"imageTagMutability", "imageTagMutabilityExclusionFilters"}:
        asked = {
            k: new[k] for k in ("imageTagMutability", "imageTagMutabilityExclusionFilters") if new.get(k) is not None
        }
        shape = shapes.input_shape("ecr", "put_image_tag_mutability")
        aws("ecr", "put_image_tag_mutability", **{"repositoryName": name} | shapes.to_aws("ecr", shape, asked, {}))
    if "imageScanningConfiguration" in changed:
        scan = (new.get("imageScanningConfiguration") or {}).get("scanOnPush") in (True, "true")
        aws(
            "ecr",
            "put_image_scanning_configuration",
            repositoryName=name,
            imageScanningConfiguration={"scanOnPush": scan},
        )


def drop(aws: Aws, name: str, props: Props) -> None:
    """Delete the repository; one with images only with `forceDelete`."""
    aws("ecr", "delete_repository", repositoryName=name, force=props.get("forceDelete") in (True, "true"))


def document(token: str, put: str, get: str, delete: str, member: str) -> Kind:
    """The row of a resource that is one document of a repository."""

    def make(aws: Aws, props: Props) -> str:
        text = props["policy"] if isinstance(props["policy"], str) else json.dumps(props["policy"])
        aws("ecr", put, **{"repositoryName": props["repository"], member: text})
        return str(props["repository"])

    def change_it(aws: Aws, name: str, old: Props, new: Props) -> None:
        make(aws, new)

    def look(aws: Aws, name: str, props: Props) -> Props:
        found: Props = aws("ecr", get, repositoryName=name)
        return {member: found[member], "repositoryName": found["repositoryName"], "registryId": found["registryId"]}

    return Kind(
        token,
        Calls(
            "ecr", put, "{repository}", custom_create=make, read=look, delete=(delete, {"repositoryName": "{id}"}),
            update=change_it, import_id=lambda name: (name, {"repository": name}),
        ),
        tags=Tags(None), translation=Translation(rename={"repository": "repositoryName", "policy": member}),
        properties=Properties(force_new={"repository"}),
    )  # fmt: skip


def arn(aws: Aws, name: str, live: Props, props: Props) -> Any:
    """The repository's ARN."""
    return live["repositoryArn"]


REPOSITORY = Kind(
    "aws:ecr/repository:Repository",
    Calls(
        "ecr", "create_repository", "{name}", read=("describe_repositories", NAMED, "repositories[0]"), delete=drop,
        update=change,
    ),
    naming=Naming("name"), tags=Tags(update=retag("ecr", "arn:aws:ecr:{region}:{account}:repository/{id}")),
    translation=Translation(
        rename={"name": "repositoryName", "forceDelete": None, "encryptionConfigurations": "encryptionConfiguration"},
    ),
    properties=Properties(
        force_new={"name", "encryptionConfigurations"}, write_only={"forceDelete"},
        defaults={
            "imageTagMutability": "MUTABLE", "forceDelete": False, "imageScanningConfiguration": {"scanOnPush": False},
            "encryptionConfigurations": [{"encryptionType": "AES256"}],
            "encryptionConfigurations.encryptionType": "AES256",
        },
        computed={"encryptionConfigurations.kmsKey"}, unordered={"imageTagMutabilityExclusionFilters"},
    ),
    own_calls=OwnCalls(join={"tags": tags_of("ecr", "tags", resourceArn="{repositoryArn}")}),
    outputs={"arn": arn, "repositoryUrl": answered("repositoryUri"), "registryId": answered("registryId")},
)  # fmt: skip

ROWS = (
    REPOSITORY,
    document(
        "aws:ecr/lifecyclePolicy:LifecyclePolicy", "put_lifecycle_policy", "get_lifecycle_policy",
        "delete_lifecycle_policy",
        "lifecyclePolicyText",
    ),
    document(
        "aws:ecr/repositoryPolicy:RepositoryPolicy", "set_repository_policy", "get_repository_policy",
        "delete_repository_policy",
        "policyText",
    ),
)  # fmt: skip
