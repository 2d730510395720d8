"""Gaps of moto's Certificate Manager: a missing action, and certificates that differ at each replay."""

import functools
from typing import Any

import cryptography.hazmat.primitives.asymmetric.rsa as rsa
import cryptography.x509
from moto.acm.models import AWSCertificateManagerBackend, CertBundle
from moto.acm.responses import AWSCertificateManagerResponse
from moto.moto_api._internal import mock_random

from localcloud.aws.moto_gaps._patching import add, replace

# A certificate shows its serial number; this one is drawn where all of moto's ids are drawn.
cryptography.x509.random_serial_number = lambda: mock_random.getrandbits(159)
# The private key of a certificate that AWS issues is shown to nobody, so that one per process will do (100 ms each).
rsa.generate_private_key = functools.cache(rsa.generate_private_key)


@add(AWSCertificateManagerResponse)
def update_certificate_options(self: Any) -> str:
    """Change a certificate's options."""
    certificate = self.acm_backend.get_certificate(self._get_param("CertificateArn"))
    certificate.cert_options = {**certificate.cert_options, **self._get_param("Options")}
    return ""


@replace(AWSCertificateManagerResponse)
def request_certificate(original: Any, self: Any) -> Any:
    """Hand on how the certificate is validated; moto takes every one for DNS."""
    answer = original(self)
    arn = answer.result["CertificateArn"]
    self.acm_backend.get_certificate(arn).validation_method = self._get_param("ValidationMethod") or "DNS"
    return answer


@replace(CertBundle)
def describe(original: Any, self: Any) -> dict[str, Any]:
    """A certificate validated by e-mail has addresses in place of records."""
    answer: dict[str, Any] = original(self)
    if getattr(self, "validation_method", "DNS") == "EMAIL":
        for option in answer["Certificate"].get("DomainValidationOptions", ()):
            option.pop("ResourceRecord", None)
            option["ValidationMethod"] = "EMAIL"
            option["ValidationEmails"] = [f"{who}@{option['DomainName'].removeprefix('*.')}" for who in VALIDATORS]
    return answer


VALIDATORS = ("admin", "administrator", "hostmaster", "postmaster", "webmaster")
"""Whom ACM writes to (AWS Certificate Manager user guide, e-mail validation)."""


@replace(AWSCertificateManagerBackend)
def delete_certificate(original: Any, self: Any, arn: str) -> None:
    """Remember what was issued and deleted here: a listener must not take it for a certificate made elsewhere."""
    original(self, arn)
    vars(self).setdefault("deleted_here", []).append(arn)
