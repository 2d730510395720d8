"""Gaps of moto's Step Functions: the versions of a machine."""

from typing import Any

from moto.core.responses import ActionResult
from moto.stepfunctions.models import StepFunctionBackend
from moto.stepfunctions.responses import StepFunctionResponse

from localcloud.aws.moto_gaps._patching import add, replace


@add(StepFunctionResponse)
def list_state_machine_versions(self: Any) -> Any:
    """The newest first."""
    machine = self.stepfunction_backend.describe_state_machine(self._get_param("stateMachineArn"))
    versions = [
        {"stateMachineVersionArn": one.arn, "creationDate": one.creation_date}
        for _, one in sorted(getattr(machine, "versions", {}).items(), reverse=True)
    ]
    return ActionResult({"stateMachineVersions": versions})


@replace(StepFunctionBackend)
def delete_state_machine(original: Any, self: Any, arn: str) -> None:
    """Tags go with their machine."""
    original(self, arn)
    self.tagger.delete_all_tags_for_resource(arn)


@replace(StepFunctionBackend)
def delete_activity(original: Any, self: Any, activity_arn: str) -> None:
    """Tags go with their activity."""
    original(self, activity_arn)
    self.tagger.delete_all_tags_for_resource(activity_arn)
