"""A gap of moto's ECR: lifecycle rules that archive images (ECR user guide, lifecycle policy properties)."""

from moto.ecr import policy_validation

policy_validation.VALID_ACTION_PROPERTIES = {*policy_validation.VALID_ACTION_PROPERTIES, "targetStorageClass"}
policy_validation.VALID_ACTION_TYPE_VALUES |= {"transition"}
policy_validation.VALID_SELECTION_PROPERTIES |= {"storageClass"}
policy_validation.VALID_SELECTION_COUNT_TYPE_VALUES |= {"sinceImagePulled", "sinceImageTransitioned"}
