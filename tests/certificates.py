"""Certificates of an authority, an Engine and its clients, made for a test."""

from __future__ import annotations

import datetime
import ipaddress
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

NOW = datetime.datetime.now(datetime.UTC)
DAY = datetime.timedelta(days=1)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


class Authority:
    """Who signs."""

    def __init__(self, name: str = "authority") -> None:
        self._key, self._name = ec.generate_private_key(ec.SECP256R1()), _name(name)
        begun = x509.CertificateBuilder().subject_name(self._name).issuer_name(self._name)
        self.certificate = (
            begun.public_key(self._key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(NOW - 30 * DAY)
            .not_valid_after(NOW + 30 * DAY)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .sign(self._key, hashes.SHA256())
        )

    def folder(self, folder: Path, *names: str, days: int = 10, trusted: Authority | None = None) -> Path:
        """A folder as DOCKER_CERT_PATH names it: for a server at these names or addresses, for a client without any.

        `days`: until the end, from now; `trusted`: whose ca.pem it has, where that is another.
        """
        folder.mkdir(parents=True)
        key = ec.generate_private_key(ec.SECP256R1())
        use = ExtendedKeyUsageOID.SERVER_AUTH if names else ExtendedKeyUsageOID.CLIENT_AUTH
        begun = (
            x509.CertificateBuilder()
            .subject_name(_name("server" if names else "client"))
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(NOW - 20 * DAY)
            .not_valid_after(NOW + days * DAY)
            .add_extension(x509.ExtendedKeyUsage([use]), critical=False)
        )
        if names:
            begun = begun.add_extension(
                x509.SubjectAlternativeName([_alternative(name) for name in names]), critical=False
            )
        made = begun.sign(self._key, hashes.SHA256())
        pem = serialization.Encoding.PEM
        folder.joinpath("ca.pem").write_bytes((trusted or self).certificate.public_bytes(pem))
        folder.joinpath("cert.pem").write_bytes(made.public_bytes(pem))
        folder.joinpath("key.pem").write_bytes(
            key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        )
        return folder


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
