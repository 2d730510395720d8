"""Encryption of secrets for stacks that name no provider of their own (`pulumi stack init` in an exported shell).

Stacks that the local cloud makes use the engine's passphrase provider, and their secrets never come here.
"""

import base64
import binascii
import hashlib
import os

_NONCE = 12  # bytes, of AES-GCM
_MARK = b"accordion:1:"


class NotSealedHere(Exception):  # noqa: N818 - an answer
    """A ciphertext of another place, or a damaged one."""


def key_of(token: str) -> bytes:
    """The key that goes with a place's token."""
    return hashlib.sha256(b"state secrets:" + token.encode()).digest()


class Vault:
    """AES-256-GCM with one key; values are base64, as in the protocol."""

    def __init__(self, key: bytes) -> None:
        """With a key of 32 bytes."""
        self._key = key

    def seal(self, plain: str) -> str:
        """Encrypt."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # seldom needed

        nonce = os.urandom(_NONCE)
        return base64.b64encode(
            _MARK + nonce + AESGCM(self._key).encrypt(nonce, base64.b64decode(plain), _MARK)
        ).decode()

    def open(self, sealed: str) -> str:
        """Decrypt.

        Raises: NotSealedHere.
        """
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        try:
            raw = base64.b64decode(sealed, validate=True)
            if not raw.startswith(_MARK):
                raise NotSealedHere("this secret was not encrypted by this local cloud")
            nonce, data = raw[len(_MARK) :][:_NONCE], raw[len(_MARK) + _NONCE :]
            return base64.b64encode(AESGCM(self._key).decrypt(nonce, data, _MARK)).decode()
        except (InvalidTag, binascii.Error, ValueError):
            raise NotSealedHere("this secret was not encrypted by this local cloud, or it is damaged") from None
